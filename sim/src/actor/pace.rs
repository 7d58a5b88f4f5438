//! How fast somebody goes along a drawn path: smoothly, with stops at exact places and changes at given moments.

use serde::Deserialize;

/// A stop at a place: a dock, a gate, a bus stop.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// Metres along the path of the middle of the vehicle.
    pub at_m: f64,
    /// How long it stands there, seconds.
    pub for_s: f64,
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

/// Speed along a path.
#[derive(Clone, Debug)]
pub struct Pace {
    stops: Vec<Stop>,
    changes: Vec<Change>,
    wanted_mps: f64,
    accel_mps2: f64,
    usual_mps2: f64,
    speed_mps: f64,
    going_s: f64,
    /// Stands at the next stop, for so long yet.
    standing_s: Option<f64>,
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
            speed_mps,
            going_s: 0.0,
            standing_s: None,
        }
    }

    /// Speed now, m/s.
    #[must_use]
    pub fn speed_mps(&self) -> f64 {
        self.speed_mps
    }

    /// Metres gone in the next `dt` seconds by somebody who is `at_m` along a path that ends at `end_m`.
    pub fn advance(&mut self, at_m: f64, end_m: f64, dt: f64) -> f64 {
        self.going_s += dt;
        while let Some(change) = self.changes.first().filter(|c| c.at_s <= self.going_s + 1e-9) {
            self.wanted_mps = change.speed_mps;
            self.accel_mps2 = change.accel_mps2.unwrap_or(self.usual_mps2);
            self.changes.remove(0);
        }
        if let Some(left_s) = self.standing_s {
            let left_s = left_s - dt;
            self.standing_s = (left_s > 1e-9).then_some(left_s);
            if self.standing_s.is_none() {
                self.stops.remove(0);
            }
            return 0.0;
        }
        let to_m = self.stops.first().map_or(end_m, |stop| stop.at_m.min(end_m));
        let left_m = (to_m - at_m).max(0.0);
        // The speed from which braking at the usual rate ends exactly there, at the end of this step (v' dt + v'² / 2b = left).
        let brake = self.usual_mps2;
        let most = (brake * brake * dt * dt + 2.0 * brake * left_m).sqrt() - brake * dt;
        let step = self.accel_mps2 * dt;
        let free = self.wanted_mps.clamp(self.speed_mps - step, self.speed_mps + step);
        self.speed_mps = free.min(most).max(0.0);
        // The last millimetre: it would be crept for ever.
        if left_m <= 1e-3 && self.speed_mps < 0.05 {
            self.speed_mps = 0.0;
            self.standing_s = self.stops.first().map(|stop| stop.for_s);
            return left_m;
        }
        (self.speed_mps * dt).min(left_m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DT: f64 = 0.02;

    fn drive(pace: &mut Pace, end_m: f64, for_s: f64) -> Vec<(f64, f64, f64)> {
        let (mut at_m, mut path) = (0.0, Vec::new());
        for i in 0..(for_s / DT) as usize {
            at_m += pace.advance(at_m, end_m, DT);
            path.push((i as f64 * DT, at_m, pace.speed_mps()));
        }
        path
    }

    #[test]
    fn it_stops_within_a_millimetre_and_goes_on_after_its_time() {
        let stop = Stop { at_m: 40.0, for_s: 5.0 };
        let path = drive(&mut Pace::new(4.0, 0.5, vec![stop], Vec::new()), 100.0, 80.0);
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
}
