//! Verdicts and figures of two sets of runs, as `rsu-sim run --json` prints them and `--report` keeps them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::table::Tolerance;
use super::{ResultError, text};

/// One run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Run {
    scenario: String,
    seed: u64,
    pass: bool,
    verdicts: Vec<Held>,
    #[serde(default)]
    figures: BTreeMap<String, f64>,
    #[serde(default)]
    messages_fnv1a: String,
    #[serde(default)]
    openscenario: Option<Played>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Held {
    that: String,
    pass: bool,
    measured: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Played {
    trajectory_fnv1a: String,
}

#[derive(Deserialize)]
struct Document {
    scenarios: Vec<Run>,
}

/// Runs by scenario and number among those of its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcomes(BTreeMap<(String, usize), Run>);

/// One difference between two sets of runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Turn {
    /// A run that is in one set only.
    Missing {
        /// Scenario.
        scenario: String,
        /// It is in the first set.
        before: bool,
    },
    /// An expectation that held and holds no more, or the other way round, or is in one set only.
    Verdict {
        /// Scenario.
        scenario: String,
        /// The expectation.
        that: String,
        /// It held; none: it was not there.
        before: Option<bool>,
        /// It holds; none: it is not there.
        after: Option<bool>,
        /// What was measured now, else before.
        measured: String,
    },
    /// A figure that moved beyond the tolerance.
    Figure {
        /// Scenario.
        scenario: String,
        /// Which.
        name: String,
        /// Value in the first set.
        before: Option<f64>,
        /// Value in the second.
        after: Option<f64>,
    },
    /// Other bytes on air, or another trajectory.
    Bits {
        /// Scenario.
        scenario: String,
        /// What differs.
        what: &'static str,
    },
}

/// Two sets compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Turns {
    /// Runs in both.
    pub runs: usize,
    /// Differences: verdicts before figures before bits.
    pub turns: Vec<Turn>,
}

impl Turns {
    /// Nothing changed beyond the tolerance.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.turns.is_empty()
    }
}

impl Outcomes {
    /// The output of `run --json`, or one report.
    ///
    /// # Errors
    /// In words, when it is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        let all = match serde_json::from_str::<Document>(text) {
            Ok(document) => document.scenarios,
            Err(_) => vec![serde_json::from_str::<Run>(text).map_err(|e| format!("holds no verdicts of runs: {e}"))?],
        };
        Ok(Self::of(all))
    }

    /// All `report.json` in a folder of `--report`.
    ///
    /// # Errors
    /// When one cannot be read, or there is none.
    pub fn of_folder(folder: &Path) -> Result<Self, ResultError> {
        let bad = |e: std::io::Error| ResultError::Read { path: folder.to_owned(), why: e.to_string() };
        let entries: Result<Vec<_>, _> = std::fs::read_dir(folder).map_err(bad)?.collect();
        let mut files: Vec<_> = entries.map_err(bad)?.into_iter().map(|e| e.path().join("report.json")).collect();
        files.push(folder.join("report.json"));
        files.retain(|file| file.is_file());
        files.sort();
        let mut all = Vec::new();
        for file in files {
            let run = serde_json::from_str::<Run>(&text(&file)?);
            all.push(run.map_err(|e| ResultError::Unknown { path: file, why: format!("holds no verdicts: {e}") })?);
        }
        if all.is_empty() {
            return Err(ResultError::Unknown {
                path: folder.to_owned(),
                why: "holds neither results.parquet nor report.json".into(),
            });
        }
        Ok(Self::of(all))
    }

    fn of(runs: Vec<Run>) -> Self {
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        let keyed = runs.into_iter().map(|run| {
            let number = numbers.entry(run.scenario.clone()).or_default();
            *number += 1;
            ((run.scenario.clone(), *number - 1), run)
        });
        Self(keyed.collect())
    }

    /// Compares two sets; figures may differ by the tolerance, and with one other bits are no change by themselves.
    #[must_use]
    pub fn compare(&self, after: &Self, tolerance: Tolerance) -> Turns {
        let mut turns = Turns::default();
        let (mut figures, mut bits) = (Vec::new(), Vec::new());
        for (key, old) in &self.0 {
            let Some(new) = after.0.get(key) else {
                turns.turns.push(Turn::Missing { scenario: key.0.clone(), before: true });
                continue;
            };
            turns.runs += 1;
            compare_verdicts(&mut turns.turns, old, new);
            compare_figures(&mut figures, old, new, tolerance);
            if tolerance == Tolerance::NONE {
                let way = |run: &Run| run.openscenario.as_ref().map(|p| p.trajectory_fnv1a.clone());
                let changed = [
                    (old.seed != new.seed, "seed"),
                    (old.messages_fnv1a != new.messages_fnv1a, "messages"),
                    (way(old) != way(new), "trajectory"),
                ];
                let what = changed.into_iter().filter(|(changed, _)| *changed);
                bits.extend(what.map(|(_, what)| Turn::Bits { scenario: key.0.clone(), what }));
            }
        }
        let new = after.0.keys().filter(|key| !self.0.contains_key(*key));
        turns.turns.extend(new.map(|key| Turn::Missing { scenario: key.0.clone(), before: false }));
        turns.turns.extend(figures);
        turns.turns.extend(bits);
        turns
    }
}

fn compare_verdicts(turns: &mut Vec<Turn>, old: &Run, new: &Run) {
    let find =
        |run: &'_ Run, that: &str| run.verdicts.iter().find(|v| v.that == that).map(|v| (v.pass, v.measured.clone()));
    for held in &old.verdicts {
        let now = find(new, &held.that);
        if now.as_ref().map(|(pass, _)| *pass) != Some(held.pass) {
            turns.push(Turn::Verdict {
                scenario: old.scenario.clone(),
                that: held.that.clone(),
                before: Some(held.pass),
                after: now.as_ref().map(|(pass, _)| *pass),
                measured: now.map_or_else(|| held.measured.clone(), |(_, measured)| measured),
            });
        }
    }
    for held in new.verdicts.iter().filter(|v| find(old, &v.that).is_none()) {
        turns.push(Turn::Verdict {
            scenario: new.scenario.clone(),
            that: held.that.clone(),
            before: None,
            after: Some(held.pass),
            measured: held.measured.clone(),
        });
    }
}

fn compare_figures(turns: &mut Vec<Turn>, old: &Run, new: &Run, tolerance: Tolerance) {
    let names: std::collections::BTreeSet<_> = old.figures.keys().chain(new.figures.keys()).collect();
    for name in names {
        let (before, after) = (old.figures.get(name).copied(), new.figures.get(name).copied());
        let same = match (before, after) {
            (Some(a), Some(b)) => tolerance.allows(a, b),
            (a, b) => a == b,
        };
        if !same {
            turns.push(Turn::Figure { scenario: old.scenario.clone(), name: name.clone(), before, after });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pass: bool, lead_s: f64, hash: &str) -> Outcomes {
        let run = format!(
            r#"{{"scenario":"s","title":"t","seed":1,"pass":{pass},"figures":{{"lead_s":{lead_s}}},"messages_fnv1a":"{hash}",
               "verdicts":[{{"that":"it warns","pass":{pass},"measured":"{lead_s} s"}}]}}"#
        );
        assert_eq!(Outcomes::parse(&run).unwrap(), Outcomes::parse(&format!("{{\"scenarios\":[{run}]}}")).unwrap());
        Outcomes::parse(&run).unwrap()
    }

    #[test]
    fn verdicts_figures_and_bits_that_changed_are_told() {
        let before = of(true, 2.0, "a");
        assert!(before.compare(&before, Tolerance::NONE).is_same());
        let turns = before.compare(&of(false, 1.0, "b"), Tolerance::NONE).turns;
        assert!(matches!(&turns[0], Turn::Verdict { before: Some(true), after: Some(false), .. }), "{turns:?}");
        assert!(matches!(&turns[1], Turn::Figure { name, .. } if name == "lead_s"), "{turns:?}");
        assert_eq!(turns[2], Turn::Bits { scenario: "s".into(), what: "messages" });
        let loose = Tolerance { absolute: 0.1, relative: 0.0 };
        assert!(before.compare(&of(true, 2.05, "b"), loose).is_same(), "other bits within a tolerance are no change");
        let none = before.compare(&Outcomes::default(), loose);
        assert_eq!(none.turns, [Turn::Missing { scenario: "s".into(), before: true }]);
    }
}
