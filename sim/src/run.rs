//! A run in virtual time: the world, its units and the air between them, one fixed step after the other.
//!
//! Units do not touch each other within a step, so they may run on several threads; what they say is taken in the order of
//! the units. So the number of threads changes nothing: same seed, same bytes.

mod speech;

use std::io::Write;
use std::time::Duration;

use calibration::Timestamp;
use calibration::geodesy::EnuFrame;
use rsu::station::{Input, Output};

use crate::actor::Body;
use crate::air::{Air, liveliness};
use crate::chronicle::{Chronicle, Part};
use crate::guide;
use crate::judge::Judge;
use crate::obu::Obu;
use crate::player::Film;
use crate::recorder::{Recorded, Recorder};
use crate::scenario::{Fault, FaultKind, Loaded};
use crate::signals::Signals;
use crate::stage::{Stage, StageError};
use crate::unit::{Step, Unit};
use crate::world::World;

/// Step of a run.
pub const STEP: Duration = Duration::from_millis(20);

/// A unit that was just switched on knows no free bays, seconds.
const SETTLES_S: f64 = 2.0;

/// How to run a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Overrides the scenario's seed.
    pub seed: Option<u64>,
    /// Threads for the units.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: None, threads: 1 }
    }
}

/// A run that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The scenario cannot be made ready.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The message file cannot be written.
    #[error("the messages cannot be written: {0}")]
    Messages(#[from] std::io::Error),
    /// A file of the record cannot be written.
    #[error("the record cannot be written: {0}; is there room on the disk?")]
    Record(std::io::Error),
}

/// What a run leaves behind.
#[derive(Debug)]
pub struct Done {
    /// The seed it ran with.
    pub seed: u64,
    /// The judge with all figures.
    pub judge: Judge,
    /// The world as it was at the end.
    pub world: World,
    /// Vehicles with an on-board unit.
    pub obus: Vec<Obu>,
    /// Messages sent by all units.
    pub messages: u64,
    /// FNV-1a over all messages with their moments: two runs with one hash said the same.
    pub hash: u64,
    /// Messages that faults lost, delayed or doubled.
    pub hurt: u64,
    /// The record of the true states, when one was kept.
    pub recorded: Option<Recorded>,
    /// The film, when one was asked for.
    pub film: Option<Film>,
    /// What happened.
    pub chronicle: Chronicle,
    /// Acts and events of the storyboard that took part, with their times.
    pub storyboard: Vec<Part>,
}

/// A run under way.
pub struct Run<'a> {
    world: World,
    signals: Signals,
    frame: EnuFrame,
    units: Vec<Unit>,
    obus: Vec<Obu>,
    air: Air,
    next_told: Timestamp,
    bays: Vec<guide::Spot>,
    next_guided: Timestamp,
    judge: Judge,
    start: Timestamp,
    end: Timestamp,
    threads: usize,
    seed: u64,
    log: Option<&'a mut dyn Write>,
    messages: u64,
    hash: u64,
    recorder: Option<Recorder>,
    film: Option<Film>,
    chronicle: Chronicle,
    collisions: usize,
}

impl<'a> Run<'a> {
    /// A run of `loaded`; what is sent goes to `log` as JSON lines.
    ///
    /// # Errors
    /// When the scenario cannot be made ready.
    pub fn new(loaded: &Loaded, options: &Options, log: Option<&'a mut dyn Write>) -> Result<Self, RunError> {
        let scenario = &loaded.scenario;
        let seed = options.seed.unwrap_or(scenario.seed);
        let start = scenario.start;
        let Stage { world, signals, frame, units, .. } = Stage::set(loaded, seed, start)?;
        let units: Vec<_> = units
            .into_iter()
            .map(|unit| {
                let name = unit.setup.config.site.id.0.clone();
                let faults = scenario.fault.iter().map(|f| f.as_ref()).filter(|f| f.is_of(&name)).cloned().collect();
                let world_from_unit = frame.self_from(&unit.setup.rig.frame);
                Unit::new(unit.setup, unit.eyes, faults, world_from_unit, start)
            })
            .collect();
        let judge = Judge::new(scenario, &units, frame, start);
        let mut run = Self {
            world,
            signals,
            frame,
            units,
            obus: Vec::new(),
            air: Air::new(scenario, seed, start),
            next_told: start,
            bays: guide::spots(scenario),
            // What a unit has seen for some seconds it knows.
            next_guided: start.offset_secs(SETTLES_S),
            judge,
            start,
            end: start.offset_secs(*scenario.for_s.as_ref()),
            threads: options.threads.max(1),
            seed,
            log,
            messages: 0,
            hash: 0xcbf2_9ce4_8422_2325,
            recorder: scenario.expect.iter().any(|e| e.as_ref().needs_record()).then(Recorder::default),
            film: None,
            chronicle: Chronicle::of_faults(scenario.fault.iter().map(AsRef::as_ref)),
            collisions: 0,
        };
        run.meet();
        Ok(run)
    }

    /// Every unit hears that its neighbours are there, and when they go and come back.
    fn meet(&mut self) {
        for i in 0..self.units.len() {
            let unit = &self.units[i];
            let id = unit.setup.config.site.id.clone();
            let lease_s = f64::from(unit.setup.config.corridor_link.lease_ms) * 1e-3;
            let news = liveliness(unit.faults(), &id.0, lease_s, self.start);
            // A unit whose own link is cut misses everybody else.
            let cut: Vec<Fault> = unit.faults().iter().filter(|f| f.kind == FaultKind::LinkCut).cloned().collect();
            let lonely = liveliness(&cut, &id.0, lease_s, self.start);
            for other in (0..self.units.len()).filter(|&j| j != i) {
                for &(at, alive) in &news {
                    self.units[other].hand(at, Input::NeighbourAlive { unit: id.clone(), alive });
                }
                let them = self.units[other].setup.config.site.id.clone();
                for &(at, alive) in &lonely[1..] {
                    self.units[i].hand(at, Input::NeighbourAlive { unit: them.clone(), alive });
                }
            }
        }
    }

    /// Keeps a record of the true states from here on.
    pub fn record(&mut self, recorder: Recorder) {
        self.recorder = Some(recorder);
    }

    /// Where the frame of the world touches the earth: latitude and longitude, degrees.
    #[must_use]
    pub fn origin(&self) -> [f64; 2] {
        let origin = self.frame.origin();
        [origin.lat_deg, origin.lon_deg]
    }

    /// Films the run from here on, for the player; `loaded` is what it runs. Nothing else changes.
    pub fn film(&mut self, loaded: &Loaded) {
        self.film = Some(Film::new(loaded, &self.units, self.seed, self.start));
    }

    /// Share of the run that is done, 0..1.
    #[must_use]
    pub fn progress(&self) -> f64 {
        self.world.now().seconds_since(self.start) / self.end.seconds_since(self.start)
    }

    /// Seconds simulated so far.
    #[must_use]
    pub fn simulated_s(&self) -> f64 {
        self.world.now().seconds_since(self.start)
    }

    /// Road users now.
    #[must_use]
    pub fn road_users(&self) -> usize {
        self.world.bodies().len()
    }

    /// Tracks of all units now.
    #[must_use]
    pub fn tracks(&self) -> usize {
        self.units.iter().filter_map(Unit::station).map(|s| s.world().tracks.len()).sum()
    }

    /// Messages sent so far.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// Makes one step; `false`: the run is over.
    ///
    /// # Errors
    /// When the message file cannot be written.
    pub fn step(&mut self) -> Result<bool, RunError> {
        let from = self.world.now();
        if from >= self.end {
            return Ok(false);
        }
        let to = from + STEP;
        self.keep()?;
        self.equip(from);
        if let Some(film) = &mut self.film {
            film.watch(&self.units, &self.world, from);
        }
        self.judge.watch_road(&self.world);
        self.air.watch(self.world.bodies());
        self.signals.step(from);
        self.tell_signals(from, to);
        let lights = self.signals.at(from);
        let steps = turn(&mut self.units, self.world.bodies(), from, to, self.threads);
        for (index, step) in steps.into_iter().enumerate() {
            self.judge.hear(index, &step, from, &lights);
            if let Some(film) = &mut self.film {
                film.hear(index, &step);
            }
            for (at, output) in step.said {
                match output {
                    Output::Send(frame) => self.broadcast(index, at, frame, to)?,
                    Output::Share(border) => self.share(index, at, &border, to),
                    Output::Event(stamp) => {
                        let at_s = at.seconds_since(self.start);
                        self.chronicle.heard(at_s, &self.units[index].name, &stamp.event);
                    }
                }
            }
        }
        self.drive(from, to);
        self.guide(from);
        self.deceive(to);
        self.world.step(STEP.as_secs_f64(), &lights);
        // A float step would drift away from the units' time.
        self.world.set_now(to);
        self.note_road();
        self.judge.listen(&self.obus, &self.units, &self.world);
        self.judge.sample(&self.units, &self.obus, &self.world);
        Ok(true)
    }

    /// Runs to the end.
    ///
    /// # Errors
    /// When the message file cannot be written.
    pub fn finish(mut self) -> Result<Done, RunError> {
        while self.step()? {}
        self.keep()?;
        if let Some(log) = self.log.as_mut() {
            log.flush()?;
        }
        let Self { seed, judge, world, obus, messages, hash, recorder, air, mut film, chronicle, .. } = self;
        if let Some(film) = &mut film {
            film.marks = chronicle.marks().to_vec();
        }
        let storyboard = world.storyboard().to_vec();
        let recorded = recorder.map(Recorder::finish).transpose().map_err(RunError::Record)?;
        let hurt = air.hurt();
        Ok(Done { seed, judge, world, obus, messages, hash, hurt, recorded, film, chronicle, storyboard })
    }

    /// Collisions and what the storyboard does go on the list of what happened.
    fn note_road(&mut self) {
        for hit in self.world.collisions().iter().skip(self.collisions) {
            let [a, b] = &hit.names;
            self.chronicle.hit(hit.at.seconds_since(self.start), [a, b], hit.relative_mps);
        }
        self.collisions = self.world.collisions().len();
        self.world.follow_story(&mut self.chronicle);
    }

    /// The true states of this moment go on record.
    fn keep(&mut self) -> Result<(), RunError> {
        let Some(recorder) = &mut self.recorder else { return Ok(()) };
        let world = &self.world;
        let name_of = |id| (world.name_of(id), world.actors().iter().any(|a| a.id == id && a.name.is_some()));
        recorder.moment(world.now().seconds_since(self.start), world.bodies(), &name_of).map_err(RunError::Record)
    }

    /// Gives vehicles that just came in their on-board unit, and takes it from those that left.
    fn equip(&mut self, now: Timestamp) {
        for actor in self.world.actors().iter().filter(|a| a.obu) {
            if !self.obus.iter().any(|o| o.actor == actor.id) {
                let name = actor.name.clone().unwrap_or_else(|| "vehicle".into());
                self.obus.push(Obu::new(actor.id, name, actor.reaction_s, now).asking(actor.asks, actor.advice));
            }
        }
    }
}

/// Turns every unit by one step, on so many threads; the answers are in the order of the units.
fn turn(units: &mut [Unit], bodies: &[Body], from: Timestamp, to: Timestamp, threads: usize) -> Vec<Step> {
    if threads <= 1 || units.len() <= 1 {
        return units.iter_mut().map(|unit| unit.step(bodies, from, to)).collect();
    }
    let share = units.len().div_ceil(threads);
    std::thread::scope(|scope| {
        let work: Vec<_> = units
            .chunks_mut(share)
            .map(|part| {
                scope.spawn(move || part.iter_mut().map(|unit| unit.step(bodies, from, to)).collect::<Vec<_>>())
            })
            .collect();
        work.into_iter()
            .flat_map(|thread| match thread.join() {
                Ok(steps) => steps,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}
