//! Drivers: the intelligent driver model (Treiber, Hennecke, Helbing 2000) on a route, with stop lines, right of way and
//! crosswalks.
//!
//! A driver *commits* to a crossing while stopping is still comfortable. Two vehicles never hold a claim on conflicting
//! ways at once, so the crossing itself is free of collisions; who waits follows the rules of the road.

mod siren;
mod walks;

use std::sync::Arc;

use nalgebra::{Point2, Vector2, Vector3};
use perception::Size;
use rsu::site_map::Turn;
use rsu::world::Light;

pub use siren::Siren;

use super::ahead::Swept;
use super::{ActorId, Body, Kind};
use crate::road::route::WalkMark;
use crate::road::{Mark, Route, WayId, wrap};
use crate::scene::{Approach, Claim, Scene};

/// How somebody drives.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Style {
    /// Speed wanted, as a share of the limit.
    pub speed_share: f64,
    /// Top speed of the vehicle, m/s.
    pub top_mps: f64,
    /// Largest acceleration, m/s².
    pub accel_mps2: f64,
    /// Comfortable braking, m/s².
    pub brake_mps2: f64,
    /// Time gap, seconds.
    pub headway_s: f64,
    /// Gap when standing, metres.
    pub standing_m: f64,
}

impl Style {
    /// The usual style of a kind.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        let (top_mps, accel_mps2, headway_s) = match kind {
            Kind::Truck | Kind::Bus => (22.0, 0.9, 1.7),
            Kind::Agv => (6.0, 0.5, 2.0),
            Kind::Bicycle => (5.0, 0.8, 1.0),
            _ => (33.0, 1.6, 1.3),
        };
        Self { speed_share: 1.0, top_mps, accel_mps2, brake_mps2: 2.2, headway_s, standing_m: 2.0 }
    }
}

/// Hardest braking, m/s².
const EMERGENCY_MPS2: f64 = 8.0;
/// Braking at which a driver would rather go on than stop, m/s².
const DECIDE_MPS2: f64 = 2.0;

/// Room that is left on both sides in a corridor, metres.
const SQUEEZE_M: f64 = 0.15;
/// A red light is passed no faster with a siren, m/s.
const RED_MPS: f64 = 6.0;

/// How far a body of this length cuts a corner of this radius, metres.
fn sweep_m(length_m: f64, radius_m: f64) -> f64 {
    ((0.6 * length_m).powi(2) / (8.0 * radius_m)).min(3.0)
}

/// A danger that a driver was warned of.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Danger {
    /// Where, in the scenario's frame.
    pub place: Point2<f64>,
    /// It matters this far to the side of one's way, metres.
    pub reach_m: f64,
}

/// A driver on a route.
#[derive(Clone, Debug)]
pub struct Driver {
    /// The way it drives.
    pub route: Arc<Route>,
    /// How.
    pub style: Style,
    /// Front bumper, metres along the route.
    pub front_m: f64,
    /// Speed, m/s.
    pub speed_mps: f64,
    /// Length and width of the vehicle.
    pub size: Size,
    /// Index in [`Route::stops`] of the crossing ahead or under the wheels.
    next_stop: usize,
    committed: bool,
    /// The signal ahead lets one go.
    open: bool,
    /// For each of [`Route::walks`]: it will not stop before it any more.
    walk_committed: Vec<bool>,
    /// For each of [`Route::walks`]: how far the body cuts the corner there, metres.
    walk_sweep: Vec<f64>,
    /// A hazard that the driver was warned of: metres along the route.
    hazard_m: Option<f64>,
    yaw_rate: f64,
    /// Length of what it tows, drawbar included, metres.
    pub towed_m: f64,
    /// To the left of the route, metres: it makes way, or drives through the corridor that others make.
    pub left_m: f64,
    /// Has siren and lights on: others make way, and it may pass a red light when nobody comes.
    pub siren: bool,
    /// While it makes way: where to, metres to the left of the route.
    aside_m: Option<f64>,
    /// Does not look at the road; only its on-board unit can make it look up.
    pub distracted: bool,
    /// The on-board unit advises this speed to arrive on green, m/s.
    pub advised_mps: Option<f64>,
}

impl Driver {
    /// A driver whose front is at `front_m`.
    #[must_use]
    pub fn new(route: Arc<Route>, style: Style, size: Size, front_m: f64, speed_mps: f64) -> Self {
        let next_stop = route.stops.iter().take_while(|stop| stop.end_m + size.length_m < front_m).count();
        let walk_committed = vec![false; route.walks.len()];
        let sweep = |mark: &WalkMark| {
            let radius = route.line.tightest_radius(mark.from_m - 6.0, mark.to_m + size.length_m);
            sweep_m(size.length_m, radius)
        };
        let walk_sweep = route.walks.iter().map(sweep).collect();
        Self {
            route,
            style,
            front_m,
            speed_mps,
            size,
            next_stop,
            committed: false,
            open: false,
            walk_committed,
            walk_sweep,
            hazard_m: None,
            yaw_rate: 0.0,
            towed_m: 0.0,
            left_m: 0.0,
            siren: false,
            aside_m: None,
            distracted: false,
            advised_mps: None,
        }
    }

    /// The same with a trailer: so many metres behind its rear.
    #[must_use]
    pub fn towing(mut self, towed_m: f64) -> Self {
        self.towed_m = towed_m;
        let length = self.length_m();
        let sweep = |mark: &WalkMark| {
            let radius = self.route.line.tightest_radius(mark.from_m - 6.0, mark.to_m + length);
            sweep_m(length, radius)
        };
        self.walk_sweep = self.route.walks.iter().map(sweep).collect();
        self
    }

    /// With what it tows, metres.
    fn length_m(&self) -> f64 {
        self.size.length_m + self.towed_m
    }

    fn rear_m(&self) -> f64 {
        self.front_m - self.length_m()
    }

    /// The route is driven to its end.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.front_m >= self.route.line.length()
    }

    /// The true state.
    #[must_use]
    pub fn body(&self, id: ActorId, kind: Kind) -> Body {
        // Both axles are on the path; the body overhangs them.
        let length = self.size.length_m;
        let axle = |share: f64| self.route.line.at(self.front_m - share * length).position;
        let (front, rear) = (axle(0.2), axle(0.87));
        let yaw = (front.y - rear.y).atan2(front.x - rear.x);
        let aside = Vector2::new(-yaw.sin(), yaw.cos()) * self.left_m;
        let centre = front + (rear - front) * ((0.5 - 0.2) / (0.87 - 0.2)) + aside;
        let course = self.route.line.at(self.front_m - 0.5 * self.size.length_m).yaw;
        Body {
            id,
            kind,
            size: self.size,
            position: Vector3::new(centre.x, centre.y, 0.0),
            yaw,
            velocity: Vector2::new(course.cos(), course.sin()) * self.speed_mps,
            yaw_rate: self.yaw_rate,
        }
    }

    fn stop(&self) -> Option<&Mark> {
        self.route.stops.get(self.next_stop)
    }

    /// The claim of a driver that is in a crossing or has decided to enter it.
    #[must_use]
    pub fn claim(&self, actor: ActorId) -> Option<Claim> {
        let stop = self.stop()?;
        self.committed.then(|| Claim { actor, way: stop.way, rear_m: self.rear_m() - stop.at_m })
    }

    /// The approach of a driver that could enter a crossing but has not decided yet.
    #[must_use]
    pub fn approach(&self, actor: ActorId, light: Light) -> Option<Approach> {
        let stop = self.stop()?;
        let distance_m = stop.at_m - self.front_m;
        (!self.committed && may_go(light) && distance_m > -1.0 && distance_m < 80.0).then_some(Approach {
            actor,
            way: stop.way,
            distance_m,
            speed_mps: self.speed_mps,
        })
    }

    /// Way of the crossing ahead.
    #[must_use]
    pub fn next_way(&self) -> Option<WayId> {
        self.stop().map(|stop| stop.way)
    }

    /// Somebody warned the driver of dangers; the nearest one ahead, near the route, matters.
    pub fn warn(&mut self, dangers: &[Danger]) {
        let ahead = dangers.iter().filter_map(|danger| {
            let beside = self.route.line.beside(danger.place, self.front_m, self.front_m + 150.0);
            (beside.left_m.abs() < danger.reach_m && beside.along_m > self.front_m).then_some(beside.along_m)
        });
        self.hazard_m = ahead.min_by(f64::total_cmp);
    }

    /// Decides whether to enter the crossing ahead and the crosswalks ahead.
    pub fn decide(&mut self, me: ActorId, scene: &mut Scene<'_>) {
        self.decide_walks(scene);
        let Some(&stop) = self.stop() else { return };
        let distance = stop.at_m - self.front_m;
        let light = scene.light(scene.road.ways[stop.way].group);
        let red = !may_go(light);
        self.open = !red || self.distracted;
        let goes = self.open || (self.siren && self.speed_mps <= RED_MPS);
        if self.committed {
            let can_still_stop = distance > self.speed_mps.powi(2) / (2.0 * 3.0) + 0.5;
            if can_still_stop && !goes {
                self.committed = false;
                scene.claims.retain(|claim| claim.actor != me);
            }
            return;
        }
        if distance <= self.decide_at() && goes && self.way_is_free(me, &stop, distance, red, scene) {
            self.committed = true;
            scene.approaches.retain(|approach| approach.actor != me);
            scene.claims.push(Claim { actor: me, way: stop.way, rear_m: self.rear_m() - stop.at_m });
        }
    }

    /// Nobody holds a conflicting way, and nobody comes who goes first; against a red light everybody goes first.
    fn way_is_free(&self, me: ActorId, stop: &Mark, distance: f64, red: bool, scene: &Scene<'_>) -> bool {
        if self.distracted {
            return true;
        }
        let way = &scene.road.ways[stop.way];
        for conflict in &way.conflicts {
            let taken = |c: &Claim| c.actor != me && c.way == conflict.other && c.rear_m < conflict.theirs.1 + 1.0;
            if scene.claims.iter().any(taken) {
                return false;
            }
            let clear_s = self.seconds_to(distance + conflict.mine.1 + self.length_m());
            let comes = |a: &Approach| {
                a.way == conflict.other && (a.distance_m + conflict.theirs.0) / a.speed_mps.max(3.0) < clear_s + 1.0
            };
            if (red || goes_first(scene, conflict.other, stop.way)) && scene.approaches.iter().any(comes) {
                return false;
            }
        }
        self.exit_has_room(me, stop, scene)
    }

    /// Nobody stands just behind the crossing, so that one does not block it.
    fn exit_has_room(&self, me: ActorId, stop: &Mark, scene: &Scene<'_>) -> bool {
        let end = self.route.line.at(stop.end_m).position;
        let needed = stop.end_m + self.length_m() + self.style.standing_m + 1.0;
        !scene.grid.near(end, 30.0).any(|i| {
            let other = &scene.bodies[i];
            if other.id == me || other.velocity.norm() > 1.5 {
                return false;
            }
            let beside = self.route.line.beside(other.place(), stop.end_m - 5.0, needed + 10.0);
            let rear = beside.along_m - 0.5 * other.size.length_m;
            beside.left_m.abs() < 1.5 && rear < needed && beside.along_m > stop.end_m - 5.0
        })
    }

    fn seconds_to(&self, distance_m: f64) -> f64 {
        let a = 0.8 * self.style.accel_mps2;
        ((self.speed_mps.powi(2) + 2.0 * a * distance_m.max(0.0)).sqrt() - self.speed_mps) / a
    }

    /// Acceleration of this step, m/s².
    #[must_use]
    pub fn acceleration(&self, me: ActorId, scene: &Scene<'_>) -> f64 {
        let limit = self.route.limit_at(self.front_m, self.style.brake_mps2);
        let mut wanted = (limit * self.style.speed_share).min(self.style.top_mps);
        wanted = wanted.min(self.advised_mps.unwrap_or(f64::INFINITY));
        wanted = wanted.min(self.limit_aside());
        let wanted = wanted.max(0.1);
        let free = if self.speed_mps <= wanted {
            self.style.accel_mps2 * (1.0 - (self.speed_mps / wanted).powi(4))
        } else {
            (-self.style.brake_mps2).max(-(self.speed_mps - wanted) / 0.3)
        };
        let mut a = free;
        // Who does not look at the road sees nobody there either.
        if let Some((gap, speed)) = self.leader(me, scene).filter(|_| !self.distracted) {
            a = a.min(self.follow(free, gap, speed, self.style.standing_m));
        }
        for distance in self.stop_points() {
            a = a.min(self.follow(free, distance, 0.0, 0.6));
        }
        if let Some(hazard) = self.hazard_m {
            a = a.min(self.follow(free, hazard - self.front_m, 0.0, 6.0));
        }
        a.max(-EMERGENCY_MPS2)
    }

    /// IDM interaction with something ahead.
    fn follow(&self, free: f64, gap: f64, speed: f64, standing: f64) -> f64 {
        let s = &self.style;
        let closing = self.speed_mps - speed;
        let dynamic =
            self.speed_mps * s.headway_s + self.speed_mps * closing / (2.0 * (s.accel_mps2 * s.brake_mps2).sqrt());
        let wanted = standing + dynamic.max(0.0);
        free.min(s.accel_mps2) - s.accel_mps2 * (wanted / gap.max(0.1)).powi(2)
    }

    /// From here on one must know whether one goes on, metres before the line.
    fn decide_at(&self) -> f64 {
        self.speed_mps.powi(2) / (2.0 * DECIDE_MPS2) + self.speed_mps + 3.0
    }

    /// Distances to the stop line and the crosswalks before which one must stop.
    fn stop_points(&self) -> impl Iterator<Item = f64> + '_ {
        let line = self.stop().filter(|_| !self.committed).map(|stop| stop.at_m - self.front_m);
        // While the signal is open the decision is still to come: only where it is due does the line count.
        let due = if self.open { self.decide_at() } else { 120.0 };
        let line = line.filter(move |&d| d > -2.0 && d < due);
        let near = self.decide_at();
        let walks = self.route.walks.iter().zip(&self.walk_committed).filter(|(_, committed)| !**committed);
        // The front corner of a long vehicle in a turn reaches farther than its path.
        let margin = 0.5 + 0.15 * (self.size.length_m - 5.0).max(0.0);
        let walks = walks.map(move |(mark, _)| mark.from_m - margin - self.front_m);
        line.into_iter().chain(walks.filter(move |&d| d > -margin && d < near))
    }

    /// The nearest thing in the swept path ahead: gap and its speed along the path.
    fn leader(&self, me: ActorId, scene: &Scene<'_>) -> Option<(f64, f64)> {
        let swept = Swept {
            line: &self.route.line,
            rear_m: self.rear_m(),
            front_m: self.front_m,
            left_m: self.left_m,
            half_m: 0.5 * self.size.width_m + if self.left_m == 0.0 { 0.3 } else { SQUEEZE_M },
        };
        swept.nearest(me, 12.0 + 4.0 * self.speed_mps, scene)
    }

    /// Moves on by `dt` seconds.
    pub fn advance(&mut self, accel: f64, dt: f64) {
        let before = self.route.line.at(self.front_m - 0.5 * self.size.length_m).yaw;
        let speed = (self.speed_mps + accel * dt).max(0.0);
        self.front_m += 0.5 * (self.speed_mps + speed) * dt;
        self.speed_mps = speed;
        self.drift(dt);
        let after = self.route.line.at(self.front_m - 0.5 * self.size.length_m).yaw;
        // Turns of a drawn line come in jumps; a vehicle does not.
        self.yaw_rate += (wrap(after - before) / dt - self.yaw_rate) * (dt / 0.3).min(1.0);
        if self.stop().is_some_and(|stop| self.rear_m() > stop.end_m) {
            self.next_stop += 1;
            self.committed = false;
        }
    }
}

/// One may pass a stop line. No signal, or none that is known, means the rules of the road alone.
#[must_use]
pub fn may_go(light: Light) -> bool {
    !matches!(light, Light::Red | Light::FlashingRed | Light::Yellow)
}

/// `a` has the right of way over `b`.
fn goes_first(scene: &Scene<'_>, a: WayId, b: WayId) -> bool {
    let rank = |way: WayId| match scene.road.ways[way].turn {
        Turn::Straight => 3,
        Turn::Right => 2,
        Turn::Left => 1,
        Turn::UTurn => 0,
    };
    rank(a) > rank(b) || (rank(a) == rank(b) && a < b)
}
