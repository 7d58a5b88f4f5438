//! The files of a run's record, as `run` is asked for them; scenarios of both kinds write the same.

use std::path::PathBuf;

use calibration::Timestamp;

use super::xosc::numbered;
use crate::output::{foxglove::Scenes, osi::Trace, steps::Steps};
use crate::recorder::Recorder;

/// Files of the true states.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Files {
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
    /// Some file is asked for.
    pub(super) fn any(&self) -> bool {
        self.parquet.is_some() || self.osi.is_some() || self.mcap.is_some()
    }

    /// The files of one case of several: numbered, as its tables are.
    pub(super) fn of_case(&self, case: Option<usize>) -> Self {
        Self {
            parquet: self.parquet.as_ref().map(|p| numbered(p, case)),
            osi: self.osi.clone(),
            mcap: self.mcap.as_ref().map(|p| numbered(p, case)),
        }
    }

    /// A record of the run `name` that writes them. Its clock starts at `start`; `origin` is where the frame of the world
    /// touches the earth, degrees, if it does.
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
}
