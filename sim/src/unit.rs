//! One roadside unit in virtual time: the deployed station, its simulated sensors, and what breaks.

use std::collections::VecDeque;

use calibration::Timestamp;
use nalgebra::{Isometry3, Vector3};
use rsu::station::{ClockState, Input, Output, Setup, Station};

use crate::actor::{ActorId, Body};
use crate::eyes::Eyes;
use crate::scenario::{Fault, FaultKind};

/// Inputs from outside that wait; more are lost, the oldest first.
const INBOX: usize = 2048;
/// The clock is spoken of this often.
const CLOCK_S: f64 = 1.0;
/// Height of a unit's antenna, metres.
const MAST_M: f64 = 6.0;

/// One unit.
#[derive(Debug)]
pub struct Unit {
    /// Its name.
    pub name: String,
    /// Configuration, map and calibration.
    pub setup: Setup,
    station: Option<Station>,
    eyes: Eyes,
    faults: Vec<Fault>,
    start: Timestamp,
    inbox: VecDeque<(Timestamp, Input)>,
    next_clock: Timestamp,
    /// From the unit's frame to the scenario's.
    pub world_from_unit: Isometry3<f64>,
}

/// What a unit did in one step.
#[derive(Debug, Default)]
pub struct Step {
    /// What it said, in order, each with its moment.
    pub said: Vec<(Timestamp, Output)>,
    /// Who could be seen by a sensor, and when.
    pub visible: Vec<(Timestamp, ActorId)>,
    /// Inputs that found no room.
    pub dropped: u64,
}

impl Unit {
    /// A unit that is switched on at `start`.
    #[must_use]
    pub fn new(
        setup: Setup,
        eyes: Eyes,
        faults: Vec<Fault>,
        world_from_unit: Isometry3<f64>,
        start: Timestamp,
    ) -> Self {
        let station = Some(Station::new(setup.clone(), start));
        let name = setup.config.site.id.to_string();
        Self { name, setup, station, eyes, faults, start, inbox: VecDeque::new(), next_clock: start, world_from_unit }
    }

    /// The station; none while the unit has no power.
    #[must_use]
    pub fn station(&self) -> Option<&Station> {
        self.station.as_ref()
    }

    /// What breaks, and when.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Where its antenna is, in the scenario's frame.
    #[must_use]
    pub fn antenna(&self) -> Vector3<f64> {
        let masts: Vec<_> = self.setup.rig.sensors.values().map(|m| m.position().xy()).collect();
        let middle = masts.iter().sum::<nalgebra::Vector2<f64>>() / masts.len().max(1) as f64;
        self.world_from_unit.transform_point(&nalgebra::Point3::new(middle.x, middle.y, MAST_M)).coords
    }

    /// Hands it something from outside, at `at`.
    pub fn hand(&mut self, at: Timestamp, input: Input) {
        let place = self.inbox.partition_point(|(t, _)| *t <= at);
        self.inbox.insert(place, (at, input));
    }

    /// Is this fault there between `from` and `to`?
    fn broken(&self, kind: FaultKind, from: Timestamp, to: Timestamp) -> impl Iterator<Item = &Fault> {
        let start = self.start;
        self.faults.iter().filter(move |f| f.kind == kind && begins(f, start) < to && ends(f, start) > from)
    }

    /// Turns the unit from `from` to `to`. `bodies` are the true states at `from`.
    pub fn step(&mut self, bodies: &[Body], from: Timestamp, to: Timestamp) -> Step {
        let mut step = Step::default();
        let excess = self.inbox.len().saturating_sub(INBOX);
        self.inbox.drain(..excess);
        step.dropped = excess as u64;
        if self.broken(FaultKind::UnitKilled, from, to).next().is_some() {
            self.station = None;
            self.inbox.clear();
            self.eyes.look(&[], from, to, |_| true);
            self.eyes.arrived(to.offset_secs(10.0));
            self.next_clock = to;
            return step;
        }
        self.happen(from, to);
        self.look(bodies, from, to, &mut step);
        let station = self.station.get_or_insert_with(|| Station::new(self.setup.clone(), from));
        loop {
            let due = station.next_due().max(from);
            let (at, input) = match self.inbox.front() {
                Some((at, _)) if *at < to && *at <= due => match self.inbox.pop_front() {
                    Some(next) => next,
                    None => break,
                },
                _ if due < to => (due, Input::Tick),
                _ => break,
            };
            station.handle(at.max(from), input);
            while let Some(output) = station.poll() {
                step.said.push((at.max(from), output));
            }
        }
        step
    }

    fn look(&mut self, bodies: &[Body], from: Timestamp, to: Timestamp, step: &mut Step) {
        let start = self.start;
        let dead = [FaultKind::SensorFrozen, FaultKind::SensorSilent];
        let blind: Vec<_> = (self.faults.iter())
            .filter(|f| dead.contains(&f.kind) && begins(f, start) < to && ends(f, start) > from)
            .filter_map(|f| f.sensor.clone())
            .collect();
        self.eyes.look(bodies, from, to, |id| blind.contains(&id.0));
        for frame in self.eyes.arrived(to) {
            let tov = frame.detections.tov;
            step.visible.extend(frame.visible.iter().map(|&actor| (tov, actor)));
            // What a frozen sensor had on the way is lost with it.
            if !blind.contains(&frame.detections.sensor.0) {
                self.hand(frame.arrives.max(from), Input::Detections(frame.detections));
            }
        }
    }

    /// The clock and what the sources say about themselves.
    fn happen(&mut self, from: Timestamp, to: Timestamp) {
        let start = self.start;
        let clock_lost = self.broken(FaultKind::ClockLost, from, to).next().is_some();
        let mut inputs = Vec::new();
        for fault in &self.faults {
            let (begin, end) = (begins(fault, start), ends(fault, start));
            let within = |t: Timestamp| from <= t && t < to;
            if fault.kind == FaultKind::ClockLost && (within(begin) || within(end)) {
                let at = if within(begin) { begin } else { end };
                inputs.push((at, clock(end > at)));
            }
            if let (FaultKind::SensorFrozen, Some(sensor)) = (fault.kind, &fault.sensor) {
                let sensor = perception::SensorId(sensor.clone());
                if within(begin) {
                    let fault = Some("the picture stands still".to_owned());
                    inputs.push((begin, Input::Sensor { sensor, fault }));
                } else if within(end) {
                    inputs.push((end, Input::Sensor { sensor, fault: None }));
                }
            }
        }
        if self.next_clock < to {
            inputs.push((self.next_clock.max(from), clock(clock_lost)));
            self.next_clock = self.next_clock.max(from).offset_secs(CLOCK_S);
        }
        for (at, input) in inputs {
            self.hand(at, input);
        }
    }
}

fn clock(lost: bool) -> Input {
    Input::Clock(ClockState { synchronised: !lost, offset_ms: 0.0 })
}

/// When a fault begins.
#[must_use]
pub fn begins(fault: &Fault, start: Timestamp) -> Timestamp {
    start.offset_secs(fault.at_s)
}

/// When a fault ends.
#[must_use]
pub fn ends(fault: &Fault, start: Timestamp) -> Timestamp {
    fault.for_s.map_or(Timestamp::from_nanos(i64::MAX), |for_s| start.offset_secs(fault.at_s + for_s))
}
