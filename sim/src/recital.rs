//! A recital: an OpenSCENARIO file played without any unit, recorded and judged like any other run.
//!
//! ```text
//! openscenario::Engine ─ bodies ─▶ Recorder (metrics, traces, worst moment, files)
//!          └ log ─▶ Telling ─▶ Chronicle (report, player, events)
//! ```

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use crate::actor::{ActorId, Body};
use crate::chronicle::{Chronicle, Part, Telling};
use crate::openscenario::{Engine, Event, EventKind, Options, Scenario, csv};
use crate::player::Film;
use crate::recorder::{Recorded, Recorder};
use crate::run::RunError;
use crate::scenario::{Loaded, noon};
use crate::stage::{StageError, check_cast};
use crate::sweep::row;
use crate::verdict::{self, Verdict};

/// Step when nobody asks for another, seconds.
pub const DT_S: f64 = 0.05;
/// Ends of a run in the words of its verdict.
const RUNS_OUT: &str = "the storyboard runs to its end";

/// How long a recital lasts when its storyboard does not end before.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Until {
    /// So many simulated seconds, as somebody asked: then it is over, and that is right.
    Asked(f64),
    /// So many at most: a storyboard that still runs then has failed.
    AtMost(f64),
}

impl Until {
    fn seconds(self) -> f64 {
        match self {
            Until::Asked(s) | Until::AtMost(s) => s,
        }
    }
}

/// A recital under way.
pub struct Recital<'a> {
    engine: Engine,
    dt: f64,
    seed: u64,
    until: Until,
    recorder: Recorder,
    chronicle: Chronicle,
    telling: Telling,
    names: BTreeMap<ActorId, Arc<str>>,
    /// The last number of those whom the file itself names.
    cast: ActorId,
    heard: usize,
    hash: u64,
    rows: Option<&'a mut dyn Write>,
    film: Option<Film>,
    is_done: bool,
    measures: bool,
}

/// What a recital leaves behind.
#[derive(Debug)]
pub struct Recited {
    /// Seed.
    pub seed: u64,
    /// Simulated seconds.
    pub for_s: f64,
    /// Step, seconds.
    pub dt: f64,
    /// How long it was to last.
    pub until: Until,
    /// The storyboard came to its end.
    pub is_over: bool,
    /// Road users of the file.
    pub entities: usize,
    /// Contacts that began.
    pub collisions: u64,
    /// The engine's log.
    pub events: Vec<Event>,
    /// What happened, for people.
    pub chronicle: Chronicle,
    /// Acts and events with their times.
    pub storyboard: Vec<Part>,
    /// The record of the true states.
    pub recorded: Recorded,
    /// FNV-1a over all rows of the trajectory file: two runs with one hash went the same way.
    pub hash: u64,
    /// The film, when one was asked for.
    pub film: Option<Film>,
}

impl<'a> Recital<'a> {
    /// A recital of `scenario` at time 0; `rows` takes the trajectory as CSV.
    ///
    /// # Errors
    /// When the trajectory cannot be written.
    pub fn new(
        scenario: &Scenario,
        (dt, seed, until): (f64, u64, Until),
        recorder: Recorder,
        rows: Option<&'a mut dyn Write>,
    ) -> io::Result<Self> {
        let names = scenario.entities.iter().zip(1..).map(|(e, id)| (id, e.name.as_str().into())).collect();
        let engine = Engine::new(scenario, Options { dt, seed, longest_s: until.seconds() });
        let mut recital = Self {
            engine,
            dt,
            seed,
            until,
            recorder,
            chronicle: Chronicle::default(),
            telling: Telling::new(&scenario.storyboard),
            names,
            cast: scenario.entities.len() as ActorId,
            heard: 0,
            hash: 0xcbf2_9ce4_8422_2325,
            rows,
            film: None,
            is_done: false,
            measures: true,
        };
        recital.put(csv::TRAJECTORY)?;
        Ok(recital)
    }

    /// Films it from here on, for the player. Nothing else changes.
    pub fn film(&mut self, scenario: &Scenario, title: &str) {
        let first = self.engine.entities();
        self.film = Some(Film::of_storyboard((&scenario.name, title), &scenario.network, &first, self.seed, noon()));
    }

    /// Keeps a record of the true states, with figures over all pairs (the default), or none: then it is faster.
    pub fn measures(&mut self, yes: bool) {
        self.measures = yes;
    }

    /// Simulated seconds.
    #[must_use]
    pub fn simulated_s(&self) -> f64 {
        self.engine.time()
    }

    /// Makes one step; `false`: it is over.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn step(&mut self) -> io::Result<bool> {
        if self.is_done {
            return Ok(false);
        }
        self.keep()?;
        self.is_done = !self.engine.step();
        if self.is_done {
            // The end moves nobody, but it is told.
            self.listen(&self.engine.entities());
        }
        Ok(!self.is_done)
    }

    /// Plays it to the end.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(mut self) -> io::Result<Recited> {
        while self.step()? {}
        if let Some(rows) = self.rows.as_mut() {
            rows.flush()?;
        }
        let Self { engine, recorder, chronicle, telling, mut film, .. } = self;
        if let Some(film) = &mut film {
            film.marks = chronicle.marks().to_vec();
        }
        let begun = |e: &&Event| e.kind == EventKind::Collision && e.detail == "begin";
        Ok(Recited {
            seed: self.seed,
            for_s: engine.time(),
            dt: self.dt,
            until: self.until,
            is_over: telling.is_over(),
            entities: self.names.len(),
            collisions: engine.events().iter().filter(begun).count() as u64,
            events: engine.events().to_vec(),
            chronicle,
            storyboard: telling.parts().to_vec(),
            recorded: recorder.finish()?,
            hash: self.hash,
            film,
        })
    }

    /// This moment goes to the files, the record and the film.
    fn keep(&mut self) -> io::Result<()> {
        // Traffic actions make road users while it runs.
        let made = self.engine.actors().iter().zip(1..).skip(self.names.len());
        self.names.extend(made.map(|(actor, id)| (id, actor.entity.name.as_str().into())));
        let rows = csv::rows(&self.engine);
        self.put(&rows)?;
        let bodies = self.engine.entities();
        self.listen(&bodies);
        let (names, cast, t_s) = (&self.names, self.cast, self.engine.time());
        let name_of = |id: ActorId| (names.get(&id).map_or_else(String::new, ToString::to_string), id <= cast);
        if self.measures {
            self.recorder.moment(t_s, &bodies, &name_of)?;
        }
        if let Some(film) = &mut self.film {
            film.watch_truth(&bodies, names, noon().offset_secs(t_s));
        }
        Ok(())
    }

    /// What the engine's log has new goes on the list of what happened.
    fn listen(&mut self, bodies: &[Body]) {
        let events = self.engine.events();
        self.telling.follow(events, 0.0, &mut self.chronicle);
        for hit in events.get(self.heard..).unwrap_or_default().iter().filter(|e| e.kind == EventKind::Collision) {
            let Some((a, b)) = hit.element.split_once('|').filter(|_| hit.detail == "begin") else { continue };
            let velocity = |name: &str| {
                let id = self.names.iter().find(|(_, n)| &***n == name).map(|(id, _)| *id);
                bodies.iter().find(|body| Some(body.id) == id).map(|body| body.velocity).unwrap_or_default()
            };
            self.chronicle.hit(hit.t, [a, b], (velocity(a) - velocity(b)).norm());
        }
        self.heard = events.len();
    }

    fn put(&mut self, rows: &str) -> io::Result<()> {
        self.hash = rows.bytes().fold(self.hash, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        self.rows.as_mut().map_or(Ok(()), |file| file.write_all(rows.as_bytes()))
    }
}

/// Names of everybody in the file.
#[must_use]
pub fn names(scenario: &Scenario) -> Vec<&str> {
    scenario.entities.iter().map(|e| e.name.as_str()).collect()
}

/// Plays the OpenSCENARIO file of a side file without units to its end, and judges it.
///
/// # Errors
/// When the file is refused, or an expectation speaks of what is not in it.
pub fn recite(side: &Loaded, seed: u64) -> Result<(Scenario, Recited, Vec<Verdict>), RunError> {
    let story = side.scenario.openscenario.as_ref().ok_or(StageError::NoUnit)?;
    let path = side.file(story.file.as_ref());
    let scenario = Scenario::read_with(&path, &story.values()).map_err(StageError::Openscenario)?;
    check_cast(side, &names(&scenario), Telling::new(&scenario.storyboard).parts())?;
    let until = Until::Asked(*side.scenario.for_s.as_ref());
    let recital = Recital::new(&scenario, (DT_S, seed, until), Recorder::default(), None).map_err(RunError::Record)?;
    let recited = recital.finish().map_err(RunError::Record)?;
    let verdicts = recited.judged(side);
    Ok((scenario, recited, verdicts))
}

impl Recited {
    /// What a side file expects.
    #[must_use]
    pub fn judged(&self, side: &Loaded) -> Vec<Verdict> {
        let expects = side.scenario.expect.iter().map(AsRef::as_ref);
        verdict::on_record(expects, &self.recorded.metrics, &self.storyboard)
    }

    /// Figures as in a row of a sweep.
    #[must_use]
    pub fn figures(&self) -> BTreeMap<String, f64> {
        let mut figures = row::worst(&self.recorded.metrics);
        figures.insert("collisions".to_owned(), self.collisions as f64);
        figures.insert("road_users".to_owned(), self.entities as f64);
        figures
    }

    /// What is expected of a storyboard of which nobody expects anything else: that it comes to its end.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let for_s = self.for_s;
        let (that, pass, measured) = match (self.is_over, self.until) {
            (true, _) => (RUNS_OUT.to_owned(), true, format!("ended at {for_s:.2} s")),
            (false, Until::Asked(s)) => {
                (format!("the storyboard runs for the {s} s asked"), true, format!("still ran at {for_s:.2} s"))
            }
            (false, Until::AtMost(s)) => {
                let why = format!("still ran after {s} s; give its StopTrigger a condition that comes, or say --for");
                (RUNS_OUT.to_owned(), false, why)
            }
        };
        Verdict { that, pass, measured }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn recite(until: Until) -> Recited {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/xosc/speeds.xosc");
        let scenario = Scenario::read(&path).unwrap();
        let mut recital = Recital::new(&scenario, (0.05, 1, until), Recorder::default(), None).unwrap();
        recital.film(&scenario, "speeds");
        recital.finish().unwrap()
    }

    #[test]
    fn a_storyboard_is_judged_by_how_it_ends() {
        let whole = recite(Until::AtMost(3600.0));
        assert!(whole.is_over && whole.verdict().pass, "{:?}", whole.verdict());
        let cut = whole.for_s / 2.0;
        let asked = recite(Until::Asked(cut));
        assert!(!asked.is_over && asked.verdict().pass, "{:?}", asked.verdict());
        assert!((asked.for_s - cut).abs() < 0.051, "{} {cut}", asked.for_s);
        let late = recite(Until::AtMost(cut));
        assert!(!late.verdict().pass && late.verdict().measured.contains("--for"), "{:?}", late.verdict());
    }

    #[test]
    fn traffic_that_it_makes_appears_without_a_jolt_and_leaves_no_trace_of_its_own() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/xosc/swarm.xosc");
        let scenario = Scenario::read(&path).unwrap();
        let how = (0.05, 1, Until::AtMost(3600.0));
        let swarm = Recital::new(&scenario, how, Recorder::default(), None).unwrap().finish().unwrap();
        assert!(swarm.entities > scenario.entities.len() + 10, "{} road users", swarm.entities);
        assert_eq!(swarm.recorded.traces.all().count(), scenario.entities.len());
        let worst = swarm.recorded.metrics.extreme(None, None, true, |p| p.ttc_2d_s);
        assert!(worst.as_ref().is_none_or(|(s, ..)| *s > 1.0), "everybody drives along the road: {worst:?}");
    }

    #[test]
    fn it_leaves_a_record_a_film_and_a_list_of_what_happened() {
        let whole = recite(Until::AtMost(3600.0));
        let film = whole.film.as_ref().unwrap();
        assert!((film.length_s() - whole.for_s).abs() < 0.11, "{} {}", film.length_s(), whole.for_s);
        assert_eq!(film.marks, whole.chronicle.marks());
        assert!(whole.chronicle.marks().iter().any(|m| m.text.ends_with("begins")), "{:?}", whole.chronicle.marks());
        let traces: Vec<_> = whole.recorded.traces.all().collect();
        assert_eq!(traces.len(), whole.entities);
        assert!(traces.iter().all(|(_, t)| (t[t.len() - 1].at_s - whole.for_s).abs() < 0.11));
        assert_eq!(whole.hash, recite(Until::AtMost(3600.0)).hash);
    }
}
