//! The plan of a sweep: which scenario, what is varied, how often.
//!
//! ```toml
//! scenario = "pedestrian_occluded"
//! runs = 50                                  # draws for each point of the grid
//!
//! [vary]
//! channel.loss = [0.0, 0.2, 0.4]             # a grid
//! actor.ego.speed_mps = "8.3..22.2"          # drawn evenly in a range
//! actor.child.start_s = "5.5..6.5 / 5"       # a grid of five points
//!
//! [report.lead_time]
//! x = "channel.loss"
//! y = "lead_s"
//! group = "actor.ego.speed_mps"
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::openscenario::limits::LONGEST_S;
use crate::random::Luck;
use crate::scenario::{Loaded, Refused, find};

/// Runs of one plan at most.
pub const RUNS: u64 = 10_000_000;
/// Points of one grid, and figures varied, at most.
const POINTS: usize = 10_000;
const FIGURES: usize = 32;

/// A plan that cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The file cannot be read.
    #[error("{path}: {why}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A key that does not lead anywhere.
    #[error("{path}: `{key}` leads to nothing in the scenario: {why}", path = path.display())]
    Key {
        /// The plan.
        path: PathBuf,
        /// The key.
        key: String,
        /// Where it ends.
        why: String,
    },
    /// The scenario is refused.
    #[error("{0}")]
    Scenario(#[from] Refused),
}

/// As written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    scenario: String,
    #[serde(default = "one")]
    runs: u64,
    #[serde(default = "one")]
    seed: u64,
    #[serde(default)]
    for_s: Option<f64>,
    #[serde(default)]
    vary: Table,
    #[serde(default)]
    report: BTreeMap<String, Plot>,
}

fn one() -> u64 {
    1
}

/// A plot of the report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plot {
    /// Column along the bottom: a varied figure.
    pub x: String,
    /// Column up the side: a measured figure.
    pub y: String,
    /// Column of the curves and of the heat map's rows: a varied figure.
    #[serde(default)]
    pub group: Option<String>,
}

/// What one figure takes.
#[derive(Clone, Debug, PartialEq)]
enum Span {
    Grid(Vec<Value>),
    Even([f64; 2]),
}

/// A plan, read and checked.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The plan file.
    pub path: PathBuf,
    /// Its text, and that of the scenario: two sweeps with the same are the same.
    pub text: [String; 2],
    /// Runs in all.
    pub total: u64,
    /// Plots of the report by their names.
    pub plots: BTreeMap<String, Plot>,
    scenario: PathBuf,
    table: Table,
    draws: u64,
    seed: u64,
    vary: Vec<(String, Span)>,
}

/// What is varied in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Seed of the run.
    pub seed: u64,
    /// Each figure by its key.
    pub figures: BTreeMap<String, Value>,
}

impl Plan {
    /// Reads a plan; the scenario is found beside it or by its name.
    ///
    /// # Errors
    /// What is wrong, with file and remedy.
    pub fn read(path: &Path) -> Result<Self, PlanError> {
        let bad = |why: String| PlanError::Read { path: path.to_owned(), why };
        let text = std::fs::read_to_string(path).map_err(|e| bad(format!("it cannot be read: {e}")))?;
        let written: Written = toml::from_str(&text).map_err(|e| {
            bad(format!(
                "{e}\nA plan has scenario, runs, seed, for_s, [vary] and [report.NAME]; docs/sweeps.md shows one"
            ))
        })?;
        let beside = path.parent().unwrap_or(Path::new(".")).join(&written.scenario);
        let scenario = match beside.is_file() {
            // An OpenSCENARIO file is swept with its side file, if there is one.
            true if is_xosc(&beside) && beside.with_extension("toml").is_file() => beside.with_extension("toml"),
            true => beside,
            false => find::find(&written.scenario)?,
        };
        let scenario_text = match is_xosc(&scenario) {
            true => alone(&scenario),
            false => std::fs::read_to_string(&scenario).map_err(|e| bad(e.to_string()))?,
        };
        // The scenario has to be good as it is: what is wrong with it is told with its line.
        Loaded::parse(&scenario, &scenario_text)?;
        let mut table: Table = toml::from_str(&scenario_text).map_err(|e| bad(e.to_string()))?;
        if let Some(for_s) = written.for_s {
            table.insert("for_s".into(), Value::Float(for_s));
        }
        let mut leaves = Vec::new();
        flatten("", &written.vary, &mut leaves);
        let spans = leaves
            .into_iter()
            .map(|(key, value)| Ok((key.clone(), span(&value).map_err(|w| bad(format!("`{key}` {w}")))?)));
        let vary: Vec<(String, Span)> = spans.collect::<Result<_, PlanError>>()?;
        if vary.len() > FIGURES {
            return Err(bad(format!("{} figures are varied, at most {FIGURES} can be", vary.len())));
        }
        let points = vary.iter().try_fold(1_u64, |n, (_, span)| match span {
            Span::Grid(values) => n.checked_mul(values.len() as u64),
            Span::Even(_) => Some(n),
        });
        let total = points.and_then(|n| n.checked_mul(written.runs)).filter(|n| (1..=RUNS).contains(n));
        let total =
            total.ok_or_else(|| bad(format!("it asks for no run, or for more than {RUNS}; correct runs and grids")))?;
        let plan = Self {
            path: path.to_owned(),
            text: [text, scenario_text],
            total,
            plots: written.report,
            scenario,
            table,
            draws: written.runs,
            seed: written.seed,
            vary,
        };
        // A key that leads nowhere, or a value that the scenario refuses, is told before the first run.
        for run in [0, plan.total - 1] {
            plan.scenario_at(&plan.point(run))?;
        }
        Ok(plan)
    }

    /// Name of the plan file.
    #[must_use]
    pub fn file_name(&self) -> String {
        self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// Keys that are varied, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.vary.iter().map(|(key, _)| key.as_str())
    }

    /// FNV-1a over plan and scenario: rows of the same plan have the same.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let bytes = self.text.iter().flat_map(|t| t.bytes().chain([0]));
        format!(
            "{:016x}",
            bytes.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
        )
    }

    /// What is varied in one run. It depends on the plan and the number alone.
    #[must_use]
    pub fn point(&self, run: u64) -> Point {
        let mut luck = Luck::new(self.seed, &format!("run {run}"));
        let mut cell = run / self.draws;
        let mut figures = BTreeMap::new();
        for (key, span) in &self.vary {
            let value = match span {
                Span::Grid(values) => {
                    let at = cell % values.len() as u64;
                    cell /= values.len() as u64;
                    values[at as usize].clone()
                }
                Span::Even([low, high]) => Value::Float(luck.between(*low, *high)),
            };
            figures.insert(key.clone(), value);
        }
        // TOML holds signed numbers, and people type seeds: short ones.
        let seed = luck.between(1.0, 2_147_483_647.0) as u64;
        Point { seed, figures }
    }

    /// The scenario of one run.
    ///
    /// # Errors
    /// When a key leads nowhere, or the scenario refuses a value.
    pub fn scenario_at(&self, point: &Point) -> Result<Loaded, PlanError> {
        let mut table = self.table.clone();
        for (key, value) in &point.figures {
            set(&mut table, key, value.clone()).map_err(|why| PlanError::Key {
                path: self.path.clone(),
                key: key.clone(),
                why,
            })?;
        }
        let text =
            toml::to_string(&table).map_err(|e| PlanError::Read { path: self.path.clone(), why: e.to_string() })?;
        Ok(Loaded::parse(&self.scenario, &text)?)
    }
}

fn is_xosc(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("xosc"))
}

/// The side file of an OpenSCENARIO file that has none: its storyboard has to come to its end.
fn alone(path: &Path) -> String {
    let word = |text: Option<&std::ffi::OsStr>| Value::String(text.unwrap_or_default().to_string_lossy().into_owned());
    format!(
        "title = {}\nfor_s = {LONGEST_S:?}\n[openscenario]\nfile = {}\n[[expect]]\n\
         that = \"the storyboard runs to its end\"\nstoryboard = {{}}\n",
        word(path.file_stem()),
        word(path.file_name())
    )
}

/// The plots in the text of a plan.
#[must_use]
pub fn plots(text: &str) -> BTreeMap<String, Plot> {
    toml::from_str::<Written>(text).map(|written| written.report).unwrap_or_default()
}

/// Tables within tables as dotted keys.
fn flatten(before: &str, table: &Table, leaves: &mut Vec<(String, Value)>) {
    for (key, value) in table {
        let key = if before.is_empty() { key.clone() } else { format!("{before}.{key}") };
        match value {
            Value::Table(inner) => flatten(&key, inner, leaves),
            value => leaves.push((key, value.clone())),
        }
    }
}

/// `"a..b"`: drawn evenly; `"a..b / n"`: n points with both ends; a list: its values.
fn span(value: &Value) -> Result<Span, String> {
    let help = "is no span; write \"8.3..22.2\", \"0..0.4 / 5\" or a list of values";
    match value {
        Value::Array(values) if (1..=POINTS).contains(&values.len()) => Ok(Span::Grid(values.clone())),
        Value::String(text) => {
            let (range, count) = match text.split_once('/') {
                Some((range, count)) => (range, Some(count.trim().parse::<usize>().map_err(|_| help)?)),
                None => (text.as_str(), None),
            };
            let (low, high) = range.split_once("..").ok_or(help)?;
            let (low, high): (f64, f64) =
                (low.trim().parse().map_err(|_| help)?, high.trim().parse().map_err(|_| help)?);
            if !(low.is_finite() && high.is_finite() && low <= high) {
                return Err(help.into());
            }
            match count {
                None => Ok(Span::Even([low, high])),
                Some(n) if (2..=POINTS).contains(&n) => {
                    let step = (high - low) / (n - 1) as f64;
                    Ok(Span::Grid((0..n).map(|i| Value::Float(low + step * i as f64)).collect()))
                }
                Some(_) => Err("needs 2 to 10000 points".into()),
            }
        }
        Value::Float(_) | Value::Integer(_) | Value::Boolean(_) => Ok(Span::Grid(vec![value.clone()])),
        _ => Err(help.into()),
    }
}

/// Puts a value where a dotted key leads. In a list of tables a step is an `id`, a `kind`, the stem of a `config`, or a
/// number from 0.
fn set(table: &mut Table, key: &str, value: Value) -> Result<(), String> {
    let Some((first, rest)) = key.split_once('.') else {
        table.insert(key.to_owned(), value);
        return Ok(());
    };
    let next = table.entry(first.to_owned()).or_insert_with(|| Value::Table(Table::new()));
    match next {
        Value::Table(inner) => set(inner, rest, value),
        Value::Array(list) => {
            let (who, rest) =
                rest.split_once('.').ok_or_else(|| format!("`{first}` is a list; say which, and what of it"))?;
            let number = who.parse::<usize>().ok();
            let named = |v: &Value| {
                let text = |k: &str| v.get(k).and_then(Value::as_str);
                let stem = text("config").and_then(|c| Path::new(c).file_stem()).and_then(|s| s.to_str());
                text("id") == Some(who) || text("kind") == Some(who) || stem == Some(who)
            };
            let at = list.iter().position(named).or(number).filter(|i| *i < list.len());
            let at = at.ok_or_else(|| {
                format!("`{first}` has no `{who}`; name an id, a kind, a unit's file or a number from 0")
            })?;
            match &mut list[at] {
                Value::Table(inner) => set(inner, rest, value),
                _ => Err(format!("`{first}.{who}` is no table")),
            }
        }
        _ => Err(format!("`{first}` is a value, nothing is below it")),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn plan(folder: &Path, text: &str) -> Result<Plan, PlanError> {
        let path = folder.join("plan.toml");
        std::fs::write(&path, text).unwrap();
        Plan::read(&path)
    }

    const TEXT: &str = "scenario = \"pedestrian_occluded\"\nruns = 10\n[vary]\nchannel.loss = [0.0, 0.2, 0.4]\n\
                        actor.ego.speed_mps = \"8.3..22.2\"\nactor.child.start_s = \"5.5..6.5 / 5\"\nunit.x01.camera.miss = [0.1]\n";

    #[test]
    fn a_plan_is_a_grid_with_draws() {
        let folder = tempfile::tempdir().unwrap();
        let plan = plan(folder.path(), TEXT).unwrap();
        assert_eq!(plan.total, 150);
        let loss = |run| plan.point(run).figures["channel.loss"].as_float().unwrap();
        let losses: std::collections::BTreeSet<_> = (0..150).map(|r| (loss(r) * 10.0) as i64).collect();
        assert_eq!(losses.len(), 3);
        for run in 0..150 {
            let speed = plan.point(run).figures["actor.ego.speed_mps"].as_float().unwrap();
            assert!((8.3..22.2).contains(&speed));
            assert_eq!(plan.point(run), plan.point(run));
        }
        assert_ne!(plan.point(1).seed, plan.point(2).seed);
        let loaded = plan.scenario_at(&plan.point(149)).unwrap();
        assert_eq!(loaded.scenario.channel.loss, 0.4);
        assert_eq!(loaded.scenario.unit[0].camera.miss, Some(0.1));
        let child = loaded.scenario.actor.iter().find(|a| a.as_ref().id == "child").unwrap();
        assert_eq!(child.as_ref().start_s, 6.5);
    }

    #[test]
    fn a_bad_plan_is_refused_before_the_first_run() {
        let folder = tempfile::tempdir().unwrap();
        for (from, to, word) in [
            ("pedestrian_occluded", "nobody_there", "no scenario"),
            ("runs = 10", "runs = 0", "no run"),
            ("runs = 10", "rums = 10", "unknown field"),
            ("channel.loss = [0.0, 0.2, 0.4]", "channel.loss = [0.0, 7.0]", "channel.loss"),
            ("channel.loss =", "chanel.loss =", "chanel"),
            ("actor.ego.speed_mps", "actor.nobody.speed_mps", "no `nobody`"),
            ("\"8.3..22.2\"", "\"8.3 to 22.2\"", "is no span"),
            ("\"8.3..22.2\"", "\"22..8\"", "is no span"),
            ("/ 5", "/ 1", "2 to 10000"),
            ("actor.ego.speed_mps", "for_s.x", "nothing is below"),
        ] {
            assert!(TEXT.contains(from), "{from}");
            let error = plan(folder.path(), &TEXT.replace(from, to)).expect_err(to).to_string();
            assert!(error.contains(word), "{to}: {error}");
        }
    }
}
