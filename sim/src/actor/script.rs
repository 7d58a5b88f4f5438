//! Actors that follow a drawn path: at one speed whatever happens, or at a pace with stops, gates and changes, and, if they
//! heed others, behind whoever is in their way.

use nalgebra::{Point2, Vector2, Vector3};
use perception::Size;

use super::ahead::Swept;
use super::pace::{FREE, Limits, Stop};
use super::{ActorId, Body, Kind, Pace};
use crate::road::{Line, wrap};
use crate::scene::Scene;

/// Both axles are on the path, so far from the middle as a share of the length.
const AXLE: f64 = 0.3;
/// How far ahead bends are seen, metres.
const LOOK_M: f64 = 25.0;
/// Gap to whoever stands ahead, metres.
const STANDING_M: f64 = 2.5;
/// Time gap to whoever drives ahead, seconds.
const HEADWAY_S: f64 = 1.2;

/// A drawn path, or a place to stand.
#[derive(Clone, Debug)]
pub struct Script {
    /// The path; none: it stands.
    path: Option<Line>,
    /// Where it stands, and in which direction.
    stands: (Point2<f64>, f64),
    /// Seconds until it sets off.
    wait_s: f64,
    speed_mps: f64,
    /// Changes the speed; none: always the same.
    pace: Option<Pace>,
    at_m: f64,
    /// Leaves the road at the end of the path.
    leaves: bool,
    /// Brakes for whoever is in its way.
    heeds: bool,
    /// Sideways acceleration that it likes in bends, m/s².
    across_mps2: f64,
    moving: bool,
    yaw_rate: f64,
    size: Size,
}

impl Script {
    /// Follows `path` from `wait_s` seconds from now on; stays at its end.
    #[must_use]
    pub fn along(path: Line, speed_mps: f64, wait_s: f64, size: Size) -> Self {
        let start = path.at(0.0);
        Self {
            path: Some(path),
            speed_mps,
            wait_s,
            moving: wait_s <= 0.0,
            ..Self::parked(start.position, start.yaw, size)
        }
    }

    /// Stands at `place`.
    #[must_use]
    pub fn parked(place: Point2<f64>, yaw: f64, size: Size) -> Self {
        Self {
            path: None,
            stands: (place, yaw),
            wait_s: 0.0,
            speed_mps: 0.0,
            pace: None,
            at_m: 0.0,
            leaves: false,
            heeds: false,
            across_mps2: f64::INFINITY,
            moving: false,
            yaw_rate: 0.0,
            size,
        }
    }

    /// The same with stops and changes of speed.
    #[must_use]
    pub fn at_pace(self, pace: Pace) -> Self {
        Self { pace: Some(pace), ..self }
    }

    /// The same, but gone once it is at the end of its path.
    #[must_use]
    pub fn leaving(self) -> Self {
        Self { leaves: true, ..self }
    }

    /// The same, but it brakes for others, and before bends so that it feels no more than this sideways, m/s².
    #[must_use]
    pub fn heeding(self, across_mps2: f64) -> Self {
        Self { heeds: true, across_mps2, ..self }
    }

    /// It has left the road.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let ended = self.path.as_ref().is_some_and(|path| self.at_m >= path.length() - 1e-3);
        self.leaves && ended && !self.pace.as_ref().is_some_and(Pace::has_stops)
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> Option<&Line> {
        self.path.as_ref()
    }

    /// How far along the path its middle is, metres.
    #[must_use]
    pub fn at_m(&self) -> f64 {
        self.at_m
    }

    /// The stop at which it stands.
    #[must_use]
    pub fn stands_at(&self) -> Option<&Stop> {
        self.pace.as_ref()?.stands_at()
    }

    /// One more stop.
    pub fn add_stop(&mut self, stop: Stop) {
        if let Some(pace) = &mut self.pace {
            pace.add(stop);
        }
    }

    /// A gate lets it through.
    pub fn let_through(&mut self, gate: &str) {
        if let Some(pace) = &mut self.pace {
            pace.let_through(gate);
        }
    }

    /// Its path goes on along `line`; how long it is now, metres.
    pub fn go_on(&mut self, line: &[Point2<f64>]) -> f64 {
        let Some(path) = &mut self.path else { return 0.0 };
        if let Some(more) = Line::new(path.points().last().into_iter().chain(line).copied()) {
            path.append(&more);
        }
        path.length()
    }

    /// The true state.
    #[must_use]
    pub fn body(&self, id: ActorId, kind: Kind) -> Body {
        let (place, yaw) = self.stands;
        let speed = if self.moving { self.speed_mps } else { 0.0 };
        Body {
            id,
            kind,
            size: self.size,
            position: Vector3::new(place.x, place.y, 0.0),
            yaw,
            velocity: Vector2::new(yaw.cos(), yaw.sin()) * speed,
            yaw_rate: if self.moving { self.yaw_rate } else { 0.0 },
        }
    }

    /// Moves on by `dt` seconds.
    pub fn advance(&mut self, me: ActorId, kind: Kind, scene: &Scene<'_>, dt: f64) {
        self.wait_s -= dt;
        let limits = if self.heeds { self.limits(me, scene) } else { FREE };
        let Some(path) = &self.path else { return };
        self.moving = self.wait_s <= 1e-9 && self.at_m < path.length();
        if self.moving {
            if let Some(pace) = &mut self.pace {
                self.at_m += pace.advance(self.at_m, path.length(), limits, dt);
                self.speed_mps = pace.speed_mps();
            } else {
                self.at_m += self.speed_mps * dt;
            }
            self.at_m = self.at_m.min(path.length());
            let before = self.stands.1;
            self.stands = stands(path, self.at_m, self.size.length_m, kind);
            // Turns of a drawn line come in jumps; a vehicle does not.
            self.yaw_rate += (wrap(self.stands.1 - before) / dt - self.yaw_rate) * (dt / 0.3).min(1.0);
        }
    }

    /// What others and bends leave.
    fn limits(&self, me: ActorId, scene: &Scene<'_>) -> Limits {
        let (Some(line), Some(pace)) = (&self.path, &self.pace) else { return FREE };
        let half = 0.5 * self.size.length_m;
        let swept = Swept {
            line,
            rear_m: self.at_m - half,
            front_m: self.at_m + half,
            left_m: 0.0,
            half_m: 0.5 * self.size.width_m + 0.3,
        };
        let clear = swept.nearest(me, 12.0 + 4.0 * self.speed_mps, scene).map_or(f64::INFINITY, |(gap, speed)| {
            // Behind somebody who drives there is as much way as that one needs to stop.
            let speed = speed.max(0.0);
            gap - STANDING_M - HEADWAY_S * speed.min(self.speed_mps) + speed * speed / (2.0 * pace.usual_mps2())
        });
        Limits { clear_m: clear.max(0.0), bend_mps: self.bend_mps(line, pace.usual_mps2()) }
    }

    fn bend_mps(&self, line: &Line, brake_mps2: f64) -> f64 {
        let limit = |i: u32| {
            let ahead = LOOK_M * f64::from(i) / 10.0;
            let (before, after) = (line.at(self.at_m + ahead - 1.5).yaw, line.at(self.at_m + ahead + 1.5).yaw);
            let curvature = wrap(after - before).abs() / 3.0;
            (self.across_mps2 / curvature.max(1e-6) + 2.0 * 0.8 * brake_mps2 * ahead).sqrt()
        };
        (0..=10).map(limit).fold(f64::INFINITY, f64::min)
    }
}

/// Where somebody is whose middle is `at_m` along a path: vehicles have both axles on it.
fn stands(path: &Line, at_m: f64, length_m: f64, kind: Kind) -> (Point2<f64>, f64) {
    let spot = path.at(at_m);
    if kind.walks() {
        return (spot.position, spot.yaw);
    }
    let (front, rear) = (path.at(at_m + AXLE * length_m).position, path.at(at_m - AXLE * length_m).position);
    let way = front - rear;
    // On a way that turns back on itself the axles say nothing.
    if way.norm() < AXLE * length_m {
        return (spot.position, spot.yaw);
    }
    (nalgebra::center(&front, &rear), way.y.atan2(way.x))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use calibration::Timestamp;

    use super::*;
    use crate::actor::tests::body;
    use crate::road::tests::four_arm;
    use crate::scene::Grid;

    fn drive(script: &mut Script, bodies: &[Body], steps: usize) -> f64 {
        let (road, lights) = (four_arm(), BTreeMap::new());
        let mut fastest: f64 = 0.0;
        for _ in 0..steps {
            let scene = Scene {
                now: Timestamp::from_millis(0),
                road: &road,
                bodies,
                grid: Grid::new(bodies),
                lights: &lights,
                claims: Vec::new(),
                approaches: Vec::new(),
                on_walk: Vec::new(),
                passing: Vec::new(),
            };
            script.advance(1, Kind::Agv, &scene, 0.05);
            if (62.0..76.0).contains(&script.at_m()) {
                fastest = fastest.max(script.body(1, Kind::Agv).velocity.norm());
            }
        }
        fastest
    }

    fn bend() -> Line {
        let arc = (0..=20).map(|i| {
            let a = std::f64::consts::FRAC_PI_2 * f64::from(i) / 20.0;
            Point2::new(60.0 + 12.0 * a.sin(), 12.0 * (1.0 - a.cos()))
        });
        Line::new(std::iter::once(Point2::origin()).chain(arc).chain([Point2::new(72.0, 80.0)])).unwrap()
    }

    fn agv() -> Script {
        let pace = Pace::new(5.0, 0.6, Vec::new(), Vec::new()).late(0.15);
        Script::along(bend(), 5.0, 0.0, Kind::Agv.size()).at_pace(pace).heeding(0.8)
    }

    #[test]
    fn it_waits_behind_who_stands_in_its_way_and_slows_down_for_the_bend() {
        let mut script = agv();
        let truck = body(2, Kind::Truck, 50.0, 0.0, 0.0);
        drive(&mut script, std::slice::from_ref(&truck), 1500);
        // Half a truck, half an AGV and the gap: 50 - 6 - 7.4 - 2.5.
        assert!((script.at_m() - 34.1).abs() < 0.1, "{}", script.at_m());
        let fastest = drive(&mut script, &[], 600);
        // sqrt(0.8 m/s² · 12 m), and what the lag and the corners of the drawn bend add.
        assert!((2.0..3.5).contains(&fastest), "{fastest}");
    }

    #[test]
    fn in_a_bend_both_axles_are_on_the_path() {
        let mut script = agv();
        while script.at_m() < 69.0 {
            drive(&mut script, &[], 1);
        }
        let body = script.body(1, Kind::Agv);
        let way = Vector2::new(body.yaw.cos(), body.yaw.sin()) * (0.3 * body.size.length_m);
        for axle in [body.place() + way, body.place() - way] {
            assert!(bend().beside_all(axle).left_m.abs() < 0.25, "{axle}");
        }
        assert!(bend().beside_all(body.place()).left_m > 0.3, "the middle runs inside the bend");
    }
}
