//! Drivers: the intelligent driver model (Treiber, Hennecke, Helbing 2000) on a route, with stop lines, right of way and
//! crosswalks.
//!
//! A driver *commits* to a crossing while stopping is still comfortable. Two vehicles never hold a claim on conflicting
//! ways at once, so the crossing itself is free of collisions; who waits follows the rules of the road.

use std::sync::Arc;

use nalgebra::{Point2, Vector2, Vector3};
use perception::Size;
use rsu::site_map::Turn;
use rsu::world::Light;

use super::{ActorId, Body, Kind};
use crate::road::route::WalkMark;
use crate::road::{Beside, Mark, Road, Route, WayId, wrap};
use crate::scene::{Approach, Claim, Passing, Scene};

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
}

impl Driver {
    /// A driver whose front is at `front_m`.
    #[must_use]
    pub fn new(route: Arc<Route>, style: Style, size: Size, front_m: f64, speed_mps: f64) -> Self {
        let next_stop = route.stops.iter().take_while(|stop| stop.end_m + size.length_m < front_m).count();
        let walk_committed = vec![false; route.walks.len()];
        let sweep = |mark: &WalkMark| {
            let radius = route.line.tightest_radius(mark.from_m - 6.0, mark.to_m + size.length_m);
            ((0.6 * size.length_m).powi(2) / (8.0 * radius)).min(3.0)
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
        }
    }

    fn rear_m(&self) -> f64 {
        self.front_m - self.size.length_m
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
        let centre = front + (rear - front) * ((0.5 - 0.2) / (0.87 - 0.2));
        let yaw = (front.y - rear.y).atan2(front.x - rear.x);
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

    /// The vehicle as people at the crosswalks near it see it.
    pub fn passing<'a>(&'a self, road: &'a Road) -> impl Iterator<Item = Passing> + 'a {
        let walks = self.route.walks.iter().zip(&self.walk_committed).zip(&self.walk_sweep);
        walks.filter_map(move |((mark, &committed), sweep)| {
            let half = 0.5 * self.size.width_m + 0.6 + sweep;
            let distance_m = mark.from_m - self.front_m;
            if distance_m > 60.0 || self.rear_m() > mark.to_m {
                return None;
            }
            let mut band_m = (mark.across_m - half, mark.across_m + half);
            if distance_m < 1.0 {
                // A long vehicle in a turn cuts the corner: its body, not its path, is in the way.
                let walk = &road.walks[mark.walk];
                for point in self.body(0, Kind::Car).outline() {
                    let beside = walk.line.beside_all(point);
                    if beside.left_m.abs() < 0.5 * walk.width_m + 1.0 {
                        band_m = (band_m.0.min(beside.along_m - 0.6), band_m.1.max(beside.along_m + 0.6));
                    }
                }
            }
            Some(Passing { walk: mark.walk, band_m, distance_m, speed_mps: self.speed_mps, committed })
        })
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
        self.open = may_go(light);
        if self.committed {
            let can_still_stop = distance > self.speed_mps.powi(2) / (2.0 * 3.0) + 0.5;
            if can_still_stop && !may_go(light) {
                self.committed = false;
                scene.claims.retain(|claim| claim.actor != me);
            }
            return;
        }
        if distance <= self.decide_at() && may_go(light) && self.way_is_free(me, &stop, distance, scene) {
            self.committed = true;
            scene.approaches.retain(|approach| approach.actor != me);
            scene.claims.push(Claim { actor: me, way: stop.way, rear_m: self.rear_m() - stop.at_m });
        }
    }

    fn way_is_free(&self, me: ActorId, stop: &Mark, distance: f64, scene: &Scene<'_>) -> bool {
        let way = &scene.road.ways[stop.way];
        for conflict in &way.conflicts {
            let taken = |c: &Claim| c.actor != me && c.way == conflict.other && c.rear_m < conflict.theirs.1 + 1.0;
            if scene.claims.iter().any(taken) {
                return false;
            }
            let clear_s = self.seconds_to(distance + conflict.mine.1 + self.size.length_m);
            let comes = |a: &Approach| {
                a.way == conflict.other && (a.distance_m + conflict.theirs.0) / a.speed_mps.max(3.0) < clear_s + 1.0
            };
            if goes_first(scene, conflict.other, stop.way) && scene.approaches.iter().any(comes) {
                return false;
            }
        }
        self.exit_has_room(me, stop, scene)
    }

    /// Nobody stands just behind the crossing, so that one does not block it.
    fn exit_has_room(&self, me: ActorId, stop: &Mark, scene: &Scene<'_>) -> bool {
        let end = self.route.line.at(stop.end_m).position;
        let needed = stop.end_m + self.size.length_m + self.style.standing_m + 1.0;
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

    fn decide_walks(&mut self, scene: &Scene<'_>) {
        for (i, mark) in self.route.walks.iter().enumerate() {
            let distance = mark.from_m - self.front_m;
            if self.rear_m() > mark.to_m || distance > 60.0 {
                continue;
            }
            let clear_s = self.seconds_to(mark.to_m + self.size.length_m - self.front_m);
            let half = 0.5 * self.size.width_m + 0.9 + self.walk_sweep[i];
            let somebody = scene.on_walk.iter().filter(|p| p.walk == mark.walk).any(|p| {
                let gap = mark.across_m - p.at_m;
                gap.abs() < half || (gap * p.speed_mps > 0.0 && (gap.abs() - half) / p.speed_mps.abs() < clear_s + 0.5)
            });
            if somebody {
                self.walk_committed[i] &= distance < self.speed_mps.powi(2) / (2.0 * 3.5);
            } else if distance < self.decide_at() {
                self.walk_committed[i] = true;
            }
        }
    }

    /// Acceleration of this step, m/s².
    #[must_use]
    pub fn acceleration(&self, me: ActorId, scene: &Scene<'_>) -> f64 {
        let limit = self.route.limit_at(self.front_m, self.style.brake_mps2);
        let wanted = (limit * self.style.speed_share).min(self.style.top_mps).max(0.1);
        let free = if self.speed_mps <= wanted {
            self.style.accel_mps2 * (1.0 - (self.speed_mps / wanted).powi(4))
        } else {
            (-self.style.brake_mps2).max(-(self.speed_mps - wanted) / 0.3)
        };
        let mut a = free;
        if let Some((gap, speed)) = self.leader(me, scene) {
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
        let look = 12.0 + 4.0 * self.speed_mps;
        let band = 0.5 * self.size.width_m + 0.3;
        let (from, to) = (self.rear_m(), self.front_m + look);
        let here = self.route.line.at(self.front_m + 0.5 * look).position;
        let mut nearest: Option<(f64, f64)> = None;
        for i in scene.grid.near(here, 0.5 * look + 10.0) {
            let other = &scene.bodies[i];
            let reach = other.radius();
            // A route bends: nothing on it lies farther from its middle than half its length and a little.
            let far = 0.5 * look + reach + band + 1.0;
            if other.id == me || (other.place() - here).norm_squared() > far * far {
                continue;
            }
            let centre = self.route.line.beside(other.place(), from, to);
            if centre.left_m.abs() > band + reach
                || centre.along_m + reach < self.front_m
                || centre.along_m - reach > to
            {
                continue;
            }
            let ahead = self.gap_to(other, centre, band, from, to);
            let Some(gap) = ahead else { continue };
            let yaw = self.route.line.at(self.front_m + gap.max(0.0)).yaw;
            let speed = other.velocity.dot(&Vector2::new(yaw.cos(), yaw.sin()));
            if nearest.is_none_or(|(g, _)| gap < g) {
                nearest = Some((gap, speed));
            }
        }
        nearest
    }

    /// Gap to a body whose centre lies at `centre` beside the route; none when it leaves the band free.
    fn gap_to(&self, other: &Body, centre: Beside, band: f64, from: f64, to: f64) -> Option<f64> {
        let course = self.route.line.at(centre.along_m).yaw;
        if centre.left_m.abs() < band && wrap(other.yaw - course).abs() < 0.1 {
            let gap = centre.along_m - 0.5 * other.size.length_m - self.front_m;
            return (gap > -0.5 * other.size.length_m).then_some(gap);
        }
        let ahead = other.outline().into_iter().filter_map(|p| {
            let beside = self.route.line.beside(p, from, to);
            let gap = beside.along_m - self.front_m;
            (beside.left_m.abs() < band && gap > -0.3).then_some(gap)
        });
        ahead.min_by(f64::total_cmp)
    }

    /// Moves on by `dt` seconds.
    pub fn advance(&mut self, accel: f64, dt: f64) {
        let before = self.route.line.at(self.front_m - 0.5 * self.size.length_m).yaw;
        let speed = (self.speed_mps + accel * dt).max(0.0);
        self.front_m += 0.5 * (self.speed_mps + speed) * dt;
        self.speed_mps = speed;
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
