//! The files of a run's record, as `run` is asked for them; scenarios of both kinds write the same.

use std::path::{Path, PathBuf};

use calibration::Timestamp;

use crate::output::{foxglove::Scenes, osi::Trace, steps::Steps, trajectory::Trajectory};
use crate::recorder::Recorder;

/// Files of the true states.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Files {
    /// Write where everybody is, as CSV
    #[arg(long, value_name = "CSV")]
    pub trajectory: Option<PathBuf>,
    /// Write what happens, as CSV
    #[arg(long, value_name = "CSV")]
    pub events: Option<PathBuf>,
    /// Write the true state of everybody at every step as Parquet
    #[arg(long, value_name = "FILE")]
    pub parquet: Option<PathBuf>,
    /// Write an ASAM OSI ground truth trace into this folder
    #[arg(long, value_name = "DIR")]
    pub osi: Option<PathBuf>,
    /// Write the true states as MCAP for Foxglove
    #[arg(long, value_name = "FILE")]
    pub mcap: Option<PathBuf>,
}

impl Files {
    /// Some file of all states is asked for.
    pub(super) fn any(&self) -> bool {
        self.parquet.is_some() || self.osi.is_some() || self.mcap.is_some()
    }

    /// An option whose file holds one run only.
    pub(super) fn of_one_run(&self) -> Option<&'static str> {
        let all = [
            (self.trajectory.is_some(), "--trajectory"),
            (self.events.is_some(), "--events"),
            (self.parquet.is_some(), "--parquet"),
            (self.mcap.is_some(), "--mcap"),
        ];
        all.into_iter().find(|(given, _)| *given).map(|(_, name)| name)
    }

    /// The files of one case of several: numbered, as its tables are.
    pub(super) fn of_case(&self, case: Option<usize>) -> Self {
        let of = |path: &Option<PathBuf>| path.as_ref().map(|p| numbered(p, case));
        Self {
            trajectory: of(&self.trajectory),
            events: of(&self.events),
            parquet: of(&self.parquet),
            osi: self.osi.clone(),
            mcap: of(&self.mcap),
        }
    }

    /// A record of the run `name` that writes them, the CSV files left out. Its clock starts at `start`; `origin` is where the
    /// frame of the world touches the earth, degrees, if it does.
    pub(super) fn recorder(
        &self,
        name: &str,
        seed: u64,
        start: Timestamp,
        origin: Option<[f64; 2]>,
    ) -> anyhow::Result<Recorder> {
        let mut recorder = Recorder::default();
        if let Some(path) = &self.parquet {
            let notes =
                [("schema", "rsu-sim.steps/1".to_owned()), ("scenario", name.to_owned()), ("seed", seed.to_string())];
            let notes = notes.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
            recorder.add(Box::new(Steps::create(path, notes)?));
        }
        if let Some(folder) = &self.osi {
            recorder.add(Box::new(Trace::create(folder, name, start, origin)?));
        }
        if let Some(path) = &self.mcap {
            recorder.add(Box::new(Scenes::create(path, start)?));
        }
        Ok(recorder)
    }

    /// The same with the trajectory of a run with units.
    pub(super) fn recorder_with_rows(
        &self,
        name: &str,
        seed: u64,
        start: Timestamp,
        origin: [f64; 2],
    ) -> anyhow::Result<Recorder> {
        let mut recorder = self.recorder(name, seed, start, Some(origin))?;
        if let Some(path) = &self.trajectory {
            recorder.add(Box::new(Trajectory::create(path)?));
        }
        Ok(recorder)
    }
}

/// `out.csv` of case 3 is `out.3.csv`.
fn numbered(path: &Path, case: Option<usize>) -> PathBuf {
    let Some(case) = case else { return path.to_owned() };
    let ending = path.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
    path.with_extension("").with_extension(format!("{case}{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_distribution_are_numbered() {
        assert_eq!(numbered(Path::new("a/out.csv"), Some(3)), PathBuf::from("a/out.3.csv"));
        assert_eq!(numbered(Path::new("out.csv"), None), PathBuf::from("out.csv"));
    }
}
