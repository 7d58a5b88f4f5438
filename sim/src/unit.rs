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
/// Numbers from here on are of things that are not there.
const GHOST: ActorId = ActorId::MAX - 10_000;

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
        self.faults.iter().filter(move |f| f.kind == kind && f.begins(start) < to && f.ends(start) > from)
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
            self.eyes.look(&[], &[], from, to, |_| true);
            self.eyes.arrived(to.offset_secs(10.0));
            self.next_clock = to;
            return step;
        }
        self.happen(from, to);
        self.look(bodies, from, to, &mut step);
        let skew_s = self.skew_s(from);
        let station = self.station.get_or_insert_with(|| Station::new(self.setup.clone(), from.offset_secs(skew_s)));
        loop {
            let due = station.next_due().offset_secs(-skew_s).max(from);
            let (at, input) = match self.inbox.front() {
                Some((at, _)) if *at < to && *at <= due => match self.inbox.pop_front() {
                    Some(next) => next,
                    None => break,
                },
                _ if due < to => (due, Input::Tick),
                _ => break,
            };
            station.handle(at.max(from).offset_secs(skew_s), input);
            while let Some(output) = station.poll() {
                step.said.push((at.max(from), judged(output, skew_s)));
            }
        }
        step
    }

    /// How far the unit's clock is ahead at `now`, seconds.
    #[must_use]
    pub fn skew_s(&self, now: Timestamp) -> f64 {
        let mut skew_s = 0.0;
        for fault in self.faults.iter().filter(|f| f.begins(self.start) <= now) {
            // A clock that has drifted keeps what it is off until it is set right, which is when the fault ends.
            let on = fault.is_on(self.start, now);
            skew_s += match fault.kind {
                FaultKind::ClockStep if on => fault.offset_ms.unwrap_or(0.0) * 1e-3,
                FaultKind::ClockDrift if on => {
                    fault.ppm.unwrap_or(0.0) * 1e-6 * now.seconds_since(fault.begins(self.start))
                }
                _ => 0.0,
            };
        }
        skew_s
    }

    /// How far its time source says the clock is ahead, seconds.
    fn told_skew_s(&self, now: Timestamp) -> f64 {
        let hidden = self.faults.iter().any(|f| !f.told && f.is_on(self.start, now));
        if hidden { 0.0 } else { self.skew_s(now) }
    }

    fn look(&mut self, bodies: &[Body], from: Timestamp, to: Timestamp, step: &mut Step) {
        let start = self.start;
        let dead = [FaultKind::SensorFrozen, FaultKind::SensorSilent];
        let blind: Vec<_> = (self.faults.iter())
            .filter(|f| dead.contains(&f.kind) && f.begins(start) < to && f.ends(start) > from)
            .filter_map(|f| f.sensor.clone())
            .collect();
        let ghosts = self.ghosts(from);
        self.eyes.look(bodies, &ghosts, from, to, |id| blind.contains(&id.0));
        for mut frame in self.eyes.arrived(to) {
            let tov = frame.detections.tov;
            step.visible.extend(frame.visible.iter().filter(|a| **a < GHOST).map(|&actor| (tov, actor)));
            // The unit's own clock stamps its frames.
            frame.detections.tov = tov.offset_secs(self.skew_s(tov));
            // What a frozen sensor had on the way is lost with it.
            if !blind.contains(&frame.detections.sensor.0) {
                self.hand(frame.arrives.max(from), Input::Detections(frame.detections));
            }
        }
    }

    /// What is not there and yet seen at `now`, with the sensor that sees it.
    fn ghosts(&self, now: Timestamp) -> Vec<(String, Body)> {
        let here = self.faults.iter().filter(|f| f.kind == FaultKind::GhostObjects && f.is_on(self.start, now));
        let mut ghosts = Vec::new();
        for fault in here {
            let Some(sensor) = &fault.sensor else { continue };
            let yaw = std::f64::consts::FRAC_PI_2 - fault.heading_deg.to_radians();
            let velocity = nalgebra::Vector2::new(yaw.cos(), yaw.sin()) * fault.speed_mps;
            let moved = velocity * now.seconds_since(fault.begins(self.start));
            let kind = fault.object.unwrap_or(crate::actor::Kind::Car);
            for [x, y] in &fault.at {
                let body = Body {
                    id: GHOST + ghosts.len() as ActorId,
                    kind,
                    size: kind.size(),
                    position: Vector3::new(x + moved.x, y + moved.y, 0.0),
                    yaw,
                    velocity,
                    yaw_rate: 0.0,
                };
                ghosts.push((sensor.clone(), body));
            }
        }
        ghosts
    }

    /// The clock and what the sources say about themselves.
    fn happen(&mut self, from: Timestamp, to: Timestamp) {
        let start = self.start;
        let clock_lost = self.broken(FaultKind::ClockLost, from, to).next().is_some();
        let mut inputs = Vec::new();
        for fault in &self.faults {
            let (begin, end) = (fault.begins(start), fault.ends(start));
            let within = |t: Timestamp| from <= t && t < to;
            if fault.kind == FaultKind::ClockLost && (within(begin) || within(end)) {
                let at = if within(begin) { begin } else { end };
                inputs.push((at, clock(end > at, self.told_skew_s(at))));
            }
            // A time source notices a jump at once.
            let clock_moves = matches!(fault.kind, FaultKind::ClockStep | FaultKind::ClockDrift);
            if clock_moves && (within(begin) || within(end)) {
                let at = if within(begin) { begin } else { end };
                inputs.push((at, clock(clock_lost, self.told_skew_s(at))));
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
            let at = self.next_clock.max(from);
            inputs.push((at, clock(clock_lost, self.told_skew_s(at))));
            self.next_clock = self.next_clock.max(from).offset_secs(CLOCK_S);
        }
        for (at, input) in inputs {
            self.hand(at, input);
        }
    }
}

fn clock(lost: bool, offset_s: f64) -> Input {
    Input::Clock(ClockState { synchronised: !lost, offset_ms: offset_s * 1e3 })
}

/// What a unit with this clock said, in true time for the judge.
fn judged(output: Output, skew_s: f64) -> Output {
    match output {
        Output::Send(mut frame) => {
            frame.tov = frame.tov.map(|tov| tov.offset_secs(-skew_s));
            Output::Send(frame)
        }
        other => other,
    }
}
