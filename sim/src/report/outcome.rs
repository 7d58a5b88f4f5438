//! A run, judged: what is told on the terminal, in JSON and on the page.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ground::Ground;
use super::page;
use crate::chronicle::{Mark, MarkKind, Part};
use crate::judge::Judge;
use crate::openscenario::Scenario;
use crate::recital::Recited;
use crate::recorder::Recorded;
use crate::run::Done;
use crate::scenario::Loaded;
use crate::sweep::row;
use crate::verdict::Verdict;

/// Collisions told one by one.
const TOLD: usize = 20;

/// A run, judged.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// Name of the scenario.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// Seed.
    pub seed: u64,
    /// Simulated seconds.
    pub for_s: f64,
    /// Every expectation holds.
    pub pass: bool,
    /// Every expectation.
    pub verdicts: Vec<Verdict>,
    /// The one command that repeats it.
    pub repeat: String,
    /// Messages of all units.
    pub messages: u64,
    /// Hash over them, hexadecimal.
    pub messages_fnv1a: String,
    /// Measured figures by name, as in a row of a sweep.
    pub figures: BTreeMap<String, f64>,
    /// Collisions in words: the first ones.
    pub collisions: Vec<String>,
    /// An OpenSCENARIO file that ran without units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub openscenario: Option<Played>,
    /// The page.
    #[serde(skip)]
    pub html: String,
}

/// What is told of an OpenSCENARIO file that ran without units.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Played {
    /// Step, seconds.
    pub dt_s: f64,
    /// Road users of the file.
    pub entities: usize,
    /// Lines of the engine's log.
    pub events: usize,
    /// FNV-1a over all rows of the trajectory: two runs with one hash went the same way.
    pub trajectory_fnv1a: String,
    /// Values given to its parameters.
    pub values: BTreeMap<String, String>,
    /// Acts and events with their times.
    pub storyboard: Vec<Part>,
}

/// What a page is drawn from.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The road.
    pub ground: Ground,
    /// The record of the true states, when one was kept.
    pub recorded: Option<&'a Recorded>,
    /// What the judge of units kept, when there were units.
    pub judge: Option<&'a Judge>,
    /// What happened.
    pub marks: &'a [Mark],
    /// Things that happened beyond the list.
    pub lost: u64,
    /// Acts and events of a storyboard.
    pub storyboard: &'a [Part],
}

impl<'a> Evidence<'a> {
    /// Of a run with units.
    #[must_use]
    pub fn of(done: &'a Done) -> Self {
        Self {
            ground: Ground::from(&done.world.road),
            recorded: done.recorded.as_ref(),
            judge: Some(&done.judge),
            marks: done.chronicle.marks(),
            lost: done.chronicle.lost,
            storyboard: &done.storyboard,
        }
    }

    /// Of an OpenSCENARIO file without units.
    #[must_use]
    pub fn of_recital(scenario: &Scenario, recited: &'a Recited) -> Self {
        Self {
            ground: Ground::from(&*scenario.network),
            recorded: Some(&recited.recorded),
            judge: None,
            marks: recited.chronicle.marks(),
            lost: recited.chronicle.lost,
            storyboard: &recited.storyboard,
        }
    }
}

/// The collisions of a run in words, the first ones.
fn hits(marks: &[Mark]) -> Vec<String> {
    let hits = marks.iter().filter(|m| m.kind == MarkKind::Collision);
    hits.take(TOLD).map(|m| format!("{:.2} s  {}", m.at_s, m.text)).collect()
}

impl Outcome {
    /// Sums up a run of the scenario that `repeat` makes again.
    #[must_use]
    pub fn new(loaded: &Loaded, repeat: String, done: &Done, verdicts: Vec<Verdict>) -> Self {
        let mut outcome = Self {
            scenario: loaded.name.clone(),
            title: loaded.scenario.title.clone(),
            seed: done.seed,
            for_s: *loaded.scenario.for_s.as_ref(),
            pass: verdicts.iter().all(|v| v.pass),
            verdicts,
            repeat,
            messages: done.messages,
            messages_fnv1a: format!("{:016x}", done.hash),
            figures: row::figures(done),
            collisions: hits(done.chronicle.marks()),
            openscenario: None,
            html: String::new(),
        };
        outcome.html = page::page(&outcome, &Evidence::of(done));
        outcome
    }

    /// Sums up an OpenSCENARIO file that ran without units.
    #[must_use]
    pub fn of_recital(
        scenario: &Scenario,
        title: &str,
        repeat: String,
        values: BTreeMap<String, String>,
        recited: &Recited,
        verdicts: Vec<Verdict>,
    ) -> Self {
        let mut outcome = Self {
            scenario: scenario.name.clone(),
            title: title.to_owned(),
            seed: recited.seed,
            for_s: recited.for_s,
            pass: verdicts.iter().all(|v| v.pass),
            verdicts,
            repeat,
            messages: 0,
            messages_fnv1a: String::new(),
            figures: recited.figures(),
            collisions: hits(recited.chronicle.marks()),
            openscenario: Some(Played {
                dt_s: recited.dt,
                entities: recited.entities,
                events: recited.events.len(),
                trajectory_fnv1a: format!("{:016x}", recited.hash),
                values,
                storyboard: recited.storyboard.clone(),
            }),
            html: String::new(),
        };
        outcome.html = page::page(&outcome, &Evidence::of_recital(scenario, recited));
        outcome
    }
}
