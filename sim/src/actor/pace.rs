//! How fast somebody goes along a drawn path: smoothly, with stops at exact places, gates to wait at, changes at given
//! moments, and slower in bends and behind others.

use serde::Deserialize;

/// A stop at a place: a dock, a gate, a bus stop.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// Metres along the path of the middle of the vehicle.
    pub at_m: f64,
    /// How long it stands there, seconds.
    #[serde(default)]
    pub for_s: f64,
    /// It goes on when this gate lets it through; without a stop when the gate has done so before.
    #[serde(default)]
    pub gate: Option<String>,
}

impl Stop {
    /// A stop for so many seconds.
    #[must_use]
    pub fn at(at_m: f64, for_s: f64) -> Self {
        Self { at_m, for_s, gate: None }
    }
}

/// From a moment on another speed is wanted.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Seconds after the road user set off.
    pub at_s: f64,
    /// Speed wanted, m/s.
    pub speed_mps: f64,
    /// How hard it changes, m/s²; none: as usual.
    #[serde(default)]
    pub accel_mps2: Option<f64>,
}

/// Speed of the last metre before a stop when drive and brakes answer late, m/s.
const CREEP_MPS: f64 = 0.3;
/// So near it has arrived, metres; a vehicle whose drive answers at once comes nearer.
const ARRIVED_M: f64 = 0.01;
/// See [`ARRIVED_M`].
const AT_ONCE_M: f64 = 1e-3;
/// Below it the holding brake takes hold, m/s.
const HOLD_MPS: f64 = 0.02;

/// What limits the speed at the moment.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Limits {
    /// Way that is free of others, metres.
    pub clear_m: f64,
    /// Speed for the bends to come, m/s.
    pub bend_mps: f64,
}

/// Nothing does.
pub const FREE: Limits = Limits { clear_m: f64::INFINITY, bend_mps: f64::INFINITY };

/// Speed along a path.
#[derive(Clone, Debug)]
pub struct Pace {
    stops: Vec<Stop>,
    changes: Vec<Change>,
    wanted_mps: f64,
    accel_mps2: f64,
    usual_mps2: f64,
    /// Lag of drive and brakes, seconds.
    lag_s: f64,
    speed_mps: f64,
    /// Speed that the drive is told, m/s.
    command_mps: f64,
    going_s: f64,
    /// Stands at the next stop, for so long already.
    standing_s: Option<f64>,
    /// Gates that have let it through.
    passed: Vec<String>,
}

impl Pace {
    /// Sets off at once with `speed_mps`, changes speed by `accel_mps2`; the lists are in the order of the way.
    #[must_use]
    pub fn new(speed_mps: f64, accel_mps2: f64, mut stops: Vec<Stop>, mut changes: Vec<Change>) -> Self {
        stops.sort_by(|a, b| a.at_m.total_cmp(&b.at_m));
        changes.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        Self {
            stops,
            changes,
            wanted_mps: speed_mps,
            accel_mps2,
            usual_mps2: accel_mps2,
            lag_s: 0.0,
            speed_mps,
            command_mps: speed_mps,
            going_s: 0.0,
            standing_s: None,
            passed: Vec::new(),
        }
    }

    /// The same with drive and brakes that answer so late.
    #[must_use]
    pub fn late(self, lag_s: f64) -> Self {
        Self { lag_s, ..self }
    }

    /// Speed now, m/s.
    #[must_use]
    pub fn speed_mps(&self) -> f64 {
        self.speed_mps
    }

    /// How hard it brakes before a stop, m/s².
    #[must_use]
    pub fn usual_mps2(&self) -> f64 {
        self.usual_mps2
    }

    /// One more stop.
    pub fn add(&mut self, stop: Stop) {
        let place = self.stops.partition_point(|s| s.at_m <= stop.at_m);
        self.stops.insert(place, stop);
    }

    /// Stops to come.
    #[must_use]
    pub fn has_stops(&self) -> bool {
        !self.stops.is_empty()
    }

    /// The stop at which it stands.
    #[must_use]
    pub fn stands_at(&self) -> Option<&Stop> {
        self.standing_s.and(self.stops.first())
    }

    /// A gate lets it through.
    pub fn let_through(&mut self, gate: &str) {
        self.passed.push(gate.to_owned());
    }

    /// Metres gone in the next `dt` seconds by somebody who is `at_m` along a path that ends at `end_m`.
    pub fn advance(&mut self, at_m: f64, end_m: f64, limits: Limits, dt: f64) -> f64 {
        self.going_s += dt;
        while let Some(change) = self.changes.first().filter(|c| c.at_s <= self.going_s + 1e-9) {
            self.wanted_mps = change.speed_mps;
            self.accel_mps2 = change.accel_mps2.unwrap_or(self.usual_mps2);
            self.changes.remove(0);
        }
        if let Some(stood_s) = self.standing_s {
            let stood_s = stood_s + dt;
            let done = self.stops.first().is_none_or(|stop| stood_s >= stop.for_s - 1e-9 && self.may_pass(stop));
            self.standing_s = (!done).then_some(stood_s);
            if done && !self.stops.is_empty() {
                self.stops.remove(0);
            }
            return 0.0;
        }
        // A gate that is open already is passed without a stop.
        while self.stops.first().is_some_and(|s| s.gate.is_some() && s.for_s == 0.0 && self.may_pass(s)) {
            self.stops.remove(0);
        }
        let to_m = self.stops.first().map_or(end_m, |stop| stop.at_m.min(end_m));
        let left_m = (to_m - at_m).max(0.0);
        let gone_m = self.drive(left_m.min(limits.clear_m.max(0.0)), limits.bend_mps, dt);
        let near_m = if self.lag_s > 0.0 { ARRIVED_M } else { AT_ONCE_M };
        if left_m <= near_m && self.speed_mps == 0.0 {
            self.standing_s = (!self.stops.is_empty()).then_some(0.0);
        }
        gone_m
    }

    fn may_pass(&self, stop: &Stop) -> bool {
        stop.gate.as_ref().is_none_or(|gate| self.passed.contains(gate))
    }

    /// Drives on with so much way before it; metres gone.
    fn drive(&mut self, left_m: f64, bend_mps: f64, dt: f64) -> f64 {
        let brake = self.usual_mps2;
        let step = self.accel_mps2 * dt;
        let wanted = self.wanted_mps.min(bend_mps);
        if self.lag_s <= 0.0 {
            // The speed from which braking at the usual rate ends exactly there, at the end of this step
            // (v' dt + v'² / 2b = left).
            let most = (brake * brake * dt * dt + 2.0 * brake * left_m).sqrt() - brake * dt;
            let free = wanted.clamp(self.speed_mps - step, self.speed_mps + step);
            self.speed_mps = free.min(most).max(0.0);
            // The last millimetre: it would be crept for ever.
            if left_m <= AT_ONCE_M && self.speed_mps < 0.05 {
                self.speed_mps = 0.0;
                return left_m;
            }
            return (self.speed_mps * dt).min(left_m);
        }
        // The way that the lag eats is not there for braking; the last metre is crept, and at the very end the speed goes
        // down with the distance: half a second of way is left at any time.
        let usable = (left_m - self.lag_s * self.speed_mps).max(0.0);
        let to_stop = (2.0 * 0.8 * brake * (usable - 1.0).max(0.0) + CREEP_MPS * CREEP_MPS).sqrt();
        let goal = if left_m <= ARRIVED_M { 0.0 } else { wanted.min(to_stop).min(2.0 * usable) };
        self.command_mps = goal.clamp(self.command_mps - 2.0 * step, self.command_mps + step).max(0.0);
        let before = self.speed_mps;
        self.speed_mps += (self.command_mps - before) * (1.0 - (-dt / self.lag_s).exp());
        if goal == 0.0 && self.speed_mps < HOLD_MPS {
            (self.speed_mps, self.command_mps) = (0.0, 0.0);
        }
        0.5 * (before + self.speed_mps) * dt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DT: f64 = 0.02;

    fn drive(pace: &mut Pace, end_m: f64, for_s: f64) -> Vec<(f64, f64, f64)> {
        let (mut at_m, mut path) = (0.0, Vec::new());
        for i in 0..(for_s / DT) as usize {
            at_m += pace.advance(at_m, end_m, FREE, DT);
            path.push((i as f64 * DT, at_m, pace.speed_mps()));
        }
        path
    }

    #[test]
    fn it_stops_within_a_millimetre_and_goes_on_after_its_time() {
        let path = drive(&mut Pace::new(4.0, 0.5, vec![Stop::at(40.0, 5.0)], Vec::new()), 100.0, 80.0);
        let standing: Vec<_> = path.iter().filter(|p| p.2 == 0.0 && p.1 < 50.0).collect();
        assert!(standing.iter().all(|p| (p.1 - 40.0).abs() < 1e-3), "{:?}", standing.first());
        let stood_s = standing.len() as f64 * DT;
        assert!((stood_s - 5.0).abs() < 0.1, "{stood_s}");
        let harsh = path.windows(2).map(|w| (w[1].2 - w[0].2) / DT).fold(0.0_f64, |a, b| a.max(b.abs()));
        assert!(harsh < 2.6, "brakes and speeds up gently but for the last step: {harsh}");
        assert!((path.last().unwrap().1 - 100.0).abs() < 1e-3, "and stops at the end of its path");
    }

    #[test]
    fn a_change_of_speed_takes_the_acceleration_it_names() {
        let change = Change { at_s: 2.0, speed_mps: 0.0, accel_mps2: Some(6.0) };
        let path = drive(&mut Pace::new(12.0, 1.0, Vec::new(), vec![change]), 1000.0, 6.0);
        // 99 steps at 12 m/s are 23.76 m; then 100 steps, each 0.12 m/s slower: 24 m - 0.0024 m · (1 + … + 100) = 11.88 m.
        assert!((path.last().unwrap().1 - 35.64).abs() < 0.01, "{:?}", path.last());
        assert_eq!(path.last().unwrap().2, 0.0);
    }

    #[test]
    fn a_drive_that_answers_late_stops_within_three_centimetres_at_every_step_size() {
        for dt in [0.01, 0.02, 0.05, 0.1] {
            for dock in [37.0, 71.3, 120.55] {
                let mut pace = Pace::new(5.0, 0.6, vec![Stop::at(dock, 5.0)], Vec::new()).late(0.15);
                let (mut at_m, mut time) = (0.0, 0.0);
                while pace.stands_at().is_none() {
                    at_m += pace.advance(at_m, 200.0, FREE, dt);
                    time += dt;
                    assert!(time < 120.0, "{dt} {dock}: {at_m} m at {} m/s", pace.speed_mps());
                }
                assert!((at_m - dock).abs() <= 0.03, "{dt} {dock}: {at_m}");
            }
        }
    }

    #[test]
    fn it_waits_at_a_gate_until_it_is_let_through_and_passes_an_open_one() {
        for lag_s in [0.0, 0.15] {
            let gate = |at_m: f64, name: &str| Stop { gate: Some(name.into()), ..Stop::at(at_m, 0.0) };
            let stops = vec![gate(30.0, "in"), gate(50.0, "middle"), Stop::at(100.0, 10.0)];
            let mut pace = Pace::new(5.0, 0.6, stops, Vec::new()).late(lag_s);
            pace.let_through("middle");
            let (mut at_m, mut time, mut slowest) = (0.0, 0.0, 9.0_f64);
            while at_m < 150.0 {
                at_m += pace.advance(at_m, 151.0, FREE, 0.05);
                time += 0.05;
                if time > 40.0 && pace.stands_at().is_some_and(|s| s.gate.is_some()) {
                    pace.let_through("in");
                }
                assert!(time > 40.0 || at_m < 30.02, "{at_m}");
                if (45.0..55.0).contains(&at_m) {
                    slowest = slowest.min(pace.speed_mps());
                }
                assert!(time < 200.0, "{at_m}");
            }
            assert!(slowest > 2.0, "it does not slow down for an open gate: {slowest}");
            assert!(time > 80.0, "it stood at the gate and at the dock: {time}");
        }
    }

    #[test]
    fn it_keeps_away_from_what_is_in_its_way_and_slows_down_for_bends() {
        for lag_s in [0.0, 0.15] {
            let mut pace = Pace::new(5.0, 0.6, Vec::new(), Vec::new()).late(lag_s);
            let mut at_m = 0.0;
            for _ in 0..2000 {
                let limits = Limits { clear_m: 48.0 - at_m, ..FREE };
                at_m += pace.advance(at_m, 200.0, limits, 0.05);
            }
            assert!((47.9..48.01).contains(&at_m) && pace.speed_mps() == 0.0, "{at_m}");
            for _ in 0..200 {
                at_m += pace.advance(at_m, 200.0, Limits { bend_mps: 2.0, ..FREE }, 0.05);
            }
            assert!((1.9..2.01).contains(&pace.speed_mps()), "{}", pace.speed_mps());
        }
    }
}
