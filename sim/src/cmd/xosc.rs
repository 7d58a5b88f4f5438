//! Runs OpenSCENARIO files for `rsu-sim run`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::record::Files;
use super::run::create;
use crate::openscenario::{Complaint, Distribution, Engine, EventKind, Options, Scenario, csv, distribution, xml};
use crate::scenario::noon;
use crate::sweep::row;

/// What to write and with which values to run.
pub(super) struct Wish<'a> {
    pub dt: f64,
    pub longest_s: f64,
    pub seed: u64,
    pub values: &'a [String],
    pub trajectory: Option<&'a Path>,
    pub events: Option<&'a Path>,
    pub files: &'a Files,
    /// Figures over all pairs are wanted, or files of the true states.
    pub measures: bool,
}

/// One run that came to its end.
#[derive(Serialize)]
pub(super) struct Played {
    pub scenario: String,
    pub seed: u64,
    pub simulated_s: f64,
    pub entities: usize,
    pub events: usize,
    pub collisions: Vec<String>,
    /// FNV-1a over all rows: two runs with one hash went the same way.
    pub trajectory_fnv1a: String,
    pub values: BTreeMap<String, String>,
    /// The worst of all pairs, as in a row of a sweep.
    pub figures: BTreeMap<String, f64>,
}

impl Played {
    pub(super) fn told(&self, took_s: f64) -> String {
        let speed = self.simulated_s / took_s.max(1e-3);
        let mut text = format!(
            "{}  seed {}   {:.2} s simulated in {took_s:.2} s   {speed:.0}x   {} entities, {} events, trajectory {}",
            self.scenario, self.seed, self.simulated_s, self.entities, self.events, self.trajectory_fnv1a
        );
        for collision in &self.collisions {
            text += &format!("\n  collision  {collision}");
        }
        text
    }
}

/// Runs a file: a scenario once, a parameter distribution once for every combination.
pub(super) fn play(path: &Path, wish: &Wish<'_>) -> anyhow::Result<Vec<Played>> {
    let root = xml::read(path).map_err(|c| refused(&[c]))?;
    let given = wish.values.iter().map(|text| pair(text)).collect::<anyhow::Result<BTreeMap<_, _>>>()?;
    if !distribution::is_distribution(&root) {
        return Ok(vec![once(path, &given, None, wish)?]);
    }
    let drawn = Distribution::read(path, wish.seed).map_err(|c| refused(&c))?;
    let mut played = Vec::new();
    for (i, run) in drawn.runs.iter().enumerate() {
        let mut values = given.clone();
        values.extend(run.clone());
        played.push(once(&drawn.scenario, &values, Some(i), wish)?);
    }
    Ok(played)
}

fn pair(text: &str) -> anyhow::Result<(String, String)> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(rsu::cmd::Exit::new(rsu::cmd::USAGE, format!("`{text}` is no value"))
            .help("write --value NAME=VALUE")
            .into());
    };
    Ok((name.trim_start_matches('$').into(), value.into()))
}

fn refused(complaints: &[Complaint]) -> anyhow::Error {
    let lines: Vec<_> = complaints.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("the scenario is refused:\n  {}", lines.join("\n  "))
}

fn once(
    path: &Path,
    values: &BTreeMap<String, String>,
    case: Option<usize>,
    wish: &Wish<'_>,
) -> anyhow::Result<Played> {
    let scenario = Scenario::read_with(path, values).map_err(|c| refused(&c))?;
    let options = Options { dt: wish.dt, seed: wish.seed, longest_s: wish.longest_s };
    let mut engine = Engine::new(&scenario, options);
    let mut file = wish.trajectory.map(|p| create(&numbered(p, case)).map(std::io::BufWriter::new)).transpose()?;
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut put = |rows: &str| -> std::io::Result<()> {
        hash = rows.bytes().fold(hash, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        file.as_mut().map_or(Ok(()), |f| f.write_all(rows.as_bytes()))
    };
    let mut recorder = wish.files.of_case(case).recorder(&scenario.name, wish.seed, noon(), None)?;
    let mut keep = |engine: &Engine| {
        if !wish.measures {
            return Ok(());
        }
        let bodies = engine.entities();
        let name_of = |id: u32| (scenario.entities[id as usize - 1].name.clone(), true);
        recorder.moment(engine.time(), &bodies, &name_of)
    };
    put(csv::TRAJECTORY)?;
    put(&csv::rows(&engine))?;
    keep(&engine)?;
    while engine.step() {
        put(&csv::rows(&engine))?;
        keep(&engine)?;
    }
    let recorded = recorder.finish()?;
    if let Some(f) = file.as_mut() {
        f.flush()?;
    }
    if let Some(path) = wish.events {
        let rows: String = engine.events().iter().map(csv::row).collect();
        create(&numbered(path, case))?.write_all(format!("{}{rows}", csv::EVENTS).as_bytes())?;
    }
    let begun = engine.events().iter().filter(|e| e.kind == EventKind::Collision && e.detail == "begin");
    Ok(Played {
        scenario: scenario.name.clone(),
        seed: wish.seed,
        simulated_s: engine.time(),
        entities: scenario.entities.len(),
        events: engine.events().len(),
        collisions: begun.map(|e| format!("{:.2} s  {}", e.t, e.element)).collect(),
        trajectory_fnv1a: format!("{hash:016x}"),
        values: values.clone(),
        figures: if wish.measures { row::worst(&recorded.metrics) } else { BTreeMap::new() },
    })
}

/// `out.csv` of case 3 is `out.3.csv`.
pub(super) fn numbered(path: &Path, case: Option<usize>) -> PathBuf {
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
