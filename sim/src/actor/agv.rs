//! A yard vehicle that drives itself along a path: it stops at gates until they open, and at docks to the centimetre.

use nalgebra::{Point2, Vector2, Vector3};
use perception::Size;

use super::{ActorId, Body, Kind};
use crate::microsim::shape::Shape;

/// What a stop is for.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Stop {
    /// Waits until the gate of this number opens.
    Gate(u32),
    /// Stands for so long, seconds.
    Dock(f64),
}

/// How it drives.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Settings {
    /// Speed on straight ways, m/s.
    pub speed_mps: f64,
    /// Speed of the last metre before a stop, m/s.
    pub creep_mps: f64,
    /// Acceleration and braking, m/s².
    pub accel: f64,
    /// Sideways acceleration in bends, m/s².
    pub across: f64,
    /// Lag of drive and brakes, seconds.
    pub lag_s: f64,
    /// Size.
    pub size: Size,
}

impl Default for Settings {
    fn default() -> Self {
        Self { speed_mps: 5.0, creep_mps: 0.3, accel: 0.6, across: 0.8, lag_s: 0.15, size: Kind::Agv.size() }
    }
}

/// Within so many metres it counts as arrived.
const ARRIVED_M: f64 = 0.01;
/// How far ahead bends are seen, metres.
const LOOK_M: f64 = 25.0;

/// A yard vehicle on its path.
#[derive(Clone, Debug)]
pub struct Agv {
    settings: Settings,
    path: Shape,
    stops: Vec<(f64, Stop)>,
    next: usize,
    /// Middle of the vehicle along the path, metres.
    at_m: f64,
    speed_mps: f64,
    /// Speed that the drive is told, m/s.
    command_mps: f64,
    stood_s: f64,
}

impl Agv {
    /// A vehicle whose middle is at the start of `path`, with stops (metres along the path) in their order.
    #[must_use]
    pub fn new(path: Shape, mut stops: Vec<(f64, Stop)>, settings: Settings) -> Self {
        stops.sort_by(|a, b| a.0.total_cmp(&b.0));
        stops.retain(|(at, _)| *at >= 0.0 && *at <= path.length());
        Self { settings, path, stops, next: 0, at_m: 0.0, speed_mps: 0.0, command_mps: 0.0, stood_s: 0.0 }
    }

    /// Along the path, metres.
    #[must_use]
    pub fn at_m(&self) -> f64 {
        self.at_m
    }

    /// Speed, m/s.
    #[must_use]
    pub fn speed_mps(&self) -> f64 {
        self.speed_mps
    }

    /// The stop at which it stands, if it does.
    #[must_use]
    pub fn stands_at(&self) -> Option<Stop> {
        let (at, stop) = *self.stops.get(self.next)?;
        (self.speed_mps < 0.005 && at - self.at_m < 3.0 * ARRIVED_M).then_some(stop)
    }

    /// It has reached the end of its path.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.next == self.stops.len() && self.path.length() - self.at_m < 3.0 * ARRIVED_M
    }

    /// One step of `dt` seconds; `open` tells whether a gate is open, `clear_m` how much way is free of others.
    pub fn step(&mut self, open: impl Fn(u32) -> bool, clear_m: f64, dt: f64) {
        if let Some(stop) = self.stands_at() {
            self.stood_s += dt;
            let goes = match stop {
                Stop::Gate(gate) => open(gate),
                Stop::Dock(seconds) => self.stood_s >= seconds,
            };
            if goes {
                self.next += 1;
                self.stood_s = 0.0;
            }
        }
        // An open gate is passed without a stop.
        while let Some((_, Stop::Gate(gate))) = self.stops.get(self.next).copied()
            && open(gate)
        {
            self.next += 1;
        }
        let end = self.stops.get(self.next).map_or(self.path.length(), |(at, _)| *at);
        let wanted = self.wanted((end - self.at_m).min(clear_m));
        let step = self.settings.accel * dt;
        self.command_mps = wanted.clamp(self.command_mps - 2.0 * step, self.command_mps + step).max(0.0);
        let before = self.speed_mps;
        self.speed_mps += (self.command_mps - before) * (1.0 - (-dt / self.settings.lag_s).exp());
        if wanted == 0.0 && self.speed_mps < 0.02 {
            // The holding brake.
            (self.speed_mps, self.command_mps) = (0.0, 0.0);
        }
        self.at_m += 0.5 * (before + self.speed_mps) * dt;
    }

    /// Speed that suits `distance` metres of free way and the bends to come.
    fn wanted(&self, distance: f64) -> f64 {
        let s = &self.settings;
        if distance <= ARRIVED_M {
            return 0.0;
        }
        // The way that the lag eats is not there for braking; the last metre is crept.
        let usable = (distance - s.lag_s * self.speed_mps).max(0.0);
        let to_stop = (2.0 * 0.8 * s.accel * (usable - 1.0).max(0.0) + s.creep_mps * s.creep_mps).sqrt();
        // At the very end the speed goes down with the distance: half a second of way is left at any time.
        let last = 2.0 * usable;
        let bends = (0..=10).map(|i| {
            let ahead = LOOK_M * f64::from(i) / 10.0;
            let curvature = self.curvature(self.at_m + ahead);
            let limit = (s.across / curvature.max(1e-6)).sqrt();
            (limit * limit + 2.0 * 0.8 * s.accel * ahead).sqrt()
        });
        bends.fold(s.speed_mps.min(to_stop).min(last), f64::min)
    }

    fn curvature(&self, at: f64) -> f64 {
        let (before, after) = (self.path.at(at - 1.5).1, self.path.at(at + 1.5).1);
        (after - before).sin().atan2((after - before).cos()).abs() / 3.0
    }

    /// The true state.
    #[must_use]
    pub fn body(&self, id: ActorId) -> Body {
        let half = 0.3 * self.settings.size.length_m;
        // Both axle groups are on the path.
        let (front, rear) = (self.path.point(self.at_m + half), self.path.point(self.at_m - half));
        let way = (front - rear).try_normalize(1e-9).unwrap_or_else(Vector2::x);
        let centre: Point2<f64> = nalgebra::center(&front, &rear);
        Body {
            id,
            kind: Kind::Agv,
            size: self.settings.size,
            position: Vector3::new(centre.x, centre.y, 0.0),
            yaw: way.y.atan2(way.x),
            velocity: way * self.speed_mps,
            yaw_rate: self.speed_mps * self.curvature(self.at_m),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yard() -> Shape {
        let bend = (0..=20).map(|i| {
            let a = std::f64::consts::FRAC_PI_2 * f64::from(i) / 20.0;
            Point2::new(60.0 + 12.0 * a.sin(), 12.0 * (1.0 - a.cos()))
        });
        Shape::new(std::iter::once(Point2::origin()).chain(bend).chain([Point2::new(72.0, 80.0)]))
    }

    #[test]
    fn it_stops_within_three_centimetres_at_every_step_size() {
        for dt in [0.01, 0.02, 0.05, 0.1] {
            for dock in [37.0, 71.3, 120.55] {
                let mut agv = Agv::new(yard(), vec![(dock, Stop::Dock(5.0))], Settings::default());
                let mut time = 0.0;
                while agv.stands_at().is_none() {
                    agv.step(|_| true, f64::INFINITY, dt);
                    time += dt;
                    assert!(time < 120.0, "{dt} {dock}: {} m at {} m/s", agv.at_m(), agv.speed_mps());
                }
                for _ in 0..20 {
                    agv.step(|_| true, f64::INFINITY, dt);
                }
                assert!((agv.at_m() - dock).abs() <= 0.03, "{dt} {dock}: {}", agv.at_m());
            }
        }
    }

    #[test]
    fn it_waits_at_a_closed_gate_passes_an_open_one_and_leaves_the_dock_in_time() {
        let stops = vec![(30.0, Stop::Gate(1)), (50.0, Stop::Gate(2)), (100.0, Stop::Dock(10.0))];
        let mut agv = Agv::new(yard(), stops, Settings::default());
        let (mut at_gate, mut at_dock, mut time) = (0.0, 0.0, 0.0);
        let dt = 0.05;
        let mut slowest: f64 = 9.0;
        while !agv.is_done() {
            agv.step(|gate| gate == 2 || time > 40.0, f64::INFINITY, dt);
            time += dt;
            match agv.stands_at() {
                Some(Stop::Gate(1)) => at_gate += dt,
                Some(Stop::Gate(_)) => panic!("it stands at an open gate"),
                Some(Stop::Dock(_)) => at_dock += dt,
                None => {}
            }
            if (49.0..51.0).contains(&agv.at_m()) {
                slowest = slowest.min(agv.speed_mps());
            }
            assert!(time < 300.0, "{}", agv.at_m());
        }
        assert!(at_gate > 15.0 && (9.5..11.0).contains(&at_dock), "{at_gate} {at_dock}");
        assert!(slowest > 2.0, "{slowest}");
        assert!((agv.at_m() - yard().length()).abs() < 0.03);
    }

    #[test]
    fn it_keeps_its_distance_and_slows_down_for_the_bend() {
        let mut agv = Agv::new(yard(), Vec::new(), Settings::default());
        for _ in 0..2000 {
            agv.step(|_| true, (48.0 - agv.at_m()).max(0.0), 0.05);
        }
        assert!((47.9..48.0).contains(&agv.at_m()) && agv.speed_mps() == 0.0, "{}", agv.at_m());
        let mut fastest: f64 = 0.0;
        while !agv.is_done() {
            agv.step(|_| true, f64::INFINITY, 0.05);
            if (62.0..76.0).contains(&agv.at_m()) {
                fastest = fastest.max(agv.speed_mps());
            }
        }
        // sqrt(0.8 m/s² * 12 m), and what the lag and the corners of the drawn bend add.
        assert!((2.0..3.5).contains(&fastest), "{fastest}");
    }
}
