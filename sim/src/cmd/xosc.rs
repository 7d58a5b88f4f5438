//! Runs OpenSCENARIO files without units for `rsu-sim run` and `play`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::asked::Story;
use super::record::Files;
use super::run::create;
use crate::chronicle::Telling;
use crate::cli::Global;
use crate::openscenario::{Complaint, Distribution, Scenario, csv, distribution, xml};
use crate::player::Film;
use crate::recital::{Recital, names};
use crate::recorder::Recorder;
use crate::report::Outcome;
use crate::scenario::{Loaded, noon};
use crate::stage::check_cast;

/// What to run, how, and what to write.
pub(super) struct Wish<'a> {
    /// As it was asked for.
    pub asked: &'a str,
    pub story: &'a Story,
    /// Expectations, seed and time.
    pub side: Option<&'a Loaded>,
    pub seed: Option<u64>,
    pub files: &'a Files,
    /// Figures over all pairs are wanted.
    pub measures: bool,
    pub global: &'a Global,
}

/// One run of a file: with values for its parameters, and its number among those of a distribution.
struct Case {
    scenario: Scenario,
    values: BTreeMap<String, String>,
    number: Option<usize>,
}

/// Runs a file, a scenario once, a parameter distribution once for every combination, and hands over each outcome.
pub(super) fn play(
    path: &Path,
    wish: &Wish<'_>,
    mut done: impl FnMut(Outcome) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut told = BTreeSet::new();
    for (number, values, file) in cases(path, wish)? {
        let case = Case { scenario: read(&file, &values)?, values, number };
        // What is played otherwise than its author meant is said before it is played.
        for deviation in case.scenario.deviations.iter().map(ToString::to_string) {
            if told.insert(deviation.clone()) {
                super::note(wish.global, format_args!("otherwise  {deviation}"));
            }
        }
        done(once(path, &case, wish)?)?;
    }
    Ok(())
}

/// Films one run of a file.
pub(super) fn film(path: &Path, wish: &Wish<'_>) -> anyhow::Result<Film> {
    let all = cases(path, wish)?;
    let [(number, values, file)] = all.as_slice() else {
        anyhow::bail!("{} is a distribution of {} runs; choose one with --case", path.display(), all.len());
    };
    let case = Case { scenario: read(file, values)?, values: values.clone(), number: *number };
    let mut recital = wish.recital(&case, Recorder::default(), None)?;
    recital.film(&case.scenario, &title(&case.scenario, wish.side));
    recital.finish()?.film.ok_or_else(|| anyhow::anyhow!("the run was not filmed"))
}

type Planned = (Option<usize>, BTreeMap<String, String>, PathBuf);

/// Every run of a file: its number, its values, and the scenario file.
fn cases(path: &Path, wish: &Wish<'_>) -> anyhow::Result<Vec<Planned>> {
    let root = xml::read(path).map_err(|c| refused(&[c]))?;
    let mut given = wish.side.and_then(|s| s.scenario.openscenario.as_ref()).map(|o| o.values()).unwrap_or_default();
    given.extend(wish.story.given()?);
    if !distribution::is_distribution(&root) {
        anyhow::ensure!(wish.story.case.is_none(), "--case is for parameter distributions; {} is none", path.display());
        return Ok(vec![(None, given, path.to_owned())]);
    }
    let drawn = Distribution::read(path, wish.seed()).map_err(|c| refused(&c))?;
    if let Some(case) = wish.story.case.filter(|case| *case >= drawn.runs.len()) {
        anyhow::bail!(
            "there is no run {case}; {} has runs 0 to {}",
            path.display(),
            drawn.runs.len().saturating_sub(1)
        );
    }
    let all = drawn.runs.iter().enumerate().filter(|(i, _)| wish.story.case.is_none_or(|case| case == *i));
    let merged = |run: &BTreeMap<String, String>| {
        let mut values = given.clone();
        values.extend(run.clone());
        values
    };
    Ok(all.map(|(i, run)| (Some(i), merged(run), drawn.scenario.clone())).collect())
}

fn read(path: &Path, values: &BTreeMap<String, String>) -> anyhow::Result<Scenario> {
    Scenario::read_with(path, values).map_err(|c| refused(&c))
}

fn refused(complaints: &[Complaint]) -> anyhow::Error {
    let lines: Vec<_> = complaints.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("the scenario is refused:\n  {}", lines.join("\n  "))
}

fn title(scenario: &Scenario, side: Option<&Loaded>) -> String {
    side.map_or_else(|| scenario.description.clone(), |side| side.scenario.title.clone())
}

impl Wish<'_> {
    fn seed(&self) -> u64 {
        self.seed.or(self.side.map(|side| side.scenario.seed)).unwrap_or(1)
    }

    fn recital<'a>(
        &self,
        case: &Case,
        recorder: Recorder,
        rows: Option<&'a mut dyn Write>,
    ) -> anyhow::Result<Recital<'a>> {
        if let Some(side) = self.side {
            check_cast(side, &names(&case.scenario), Telling::new(&case.scenario.storyboard).parts())?;
        }
        let how = (self.story.dt_s(), self.seed(), self.story.until(self.side));
        let mut recital = Recital::new(&case.scenario, how, recorder, rows)?;
        recital.measures(self.measures);
        Ok(recital)
    }
}

fn once(path: &Path, case: &Case, wish: &Wish<'_>) -> anyhow::Result<Outcome> {
    let files = wish.files.of_case(case.number);
    let mut scenario_name = case.scenario.name.clone();
    if let Some(number) = case.number {
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        scenario_name = format!("{stem}.{number}");
    }
    let recorder = files.recorder(&scenario_name, wish.seed(), noon(), None)?;
    let mut rows = files.trajectory.as_deref().map(|p| create(p).map(std::io::BufWriter::new)).transpose()?;
    let rows = rows.as_mut().map(|file| file as &mut dyn Write);
    let recited = wish.recital(case, recorder, rows)?.finish()?;
    if let Some(path) = &files.events {
        let rows: String = recited.events.iter().map(csv::row).collect();
        create(path)?.write_all(format!("{}{rows}", csv::EVENTS).as_bytes())?;
    }
    let verdicts = wish.side.map_or_else(|| vec![recited.verdict()], |side| recited.judged(side));
    let named = Scenario { name: scenario_name, ..case.scenario.clone() };
    let repeat = wish.story.repeat(wish.asked, recited.seed, case.number);
    Ok(Outcome::of_recital(&named, &title(&named, wish.side), repeat, case.values.clone(), &recited, verdicts))
}
