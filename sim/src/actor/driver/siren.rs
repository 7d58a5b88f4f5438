//! Sirens: who hears one from behind draws aside and slows down; who has one drives between the leftmost lane and the next,
//! through the corridor that the others make (StVO § 11, the same in the road traffic law of China, article 53).

use nalgebra::{Point2, Vector2, Vector3};
use rsu::site_map::LaneKind;

use super::{Driver, SQUEEZE_M, Scene};
use crate::actor::ahead::Swept;
use crate::actor::{ActorId, Body, Kind, is_one_vehicle};

/// Vehicles so far ahead make way, metres.
const HEARD_M: f64 = 80.0;
/// They do so until it is this far past, metres.
const PAST_M: f64 = 8.0;
/// It comes on the own road when it is so far to the side at most, metres.
const BESIDE_M: f64 = 7.0;
/// Sideways speed, m/s; who stands needs little steps to and fro.
const ASIDE_MPS: f64 = 0.9;
/// See [`ASIDE_MPS`].
const STANDING_MPS: f64 = 0.15;
/// Speed of who makes way, m/s.
const MAKES_WAY_MPS: f64 = 4.0;
/// Speed in the corridor, m/s.
const CORRIDOR_MPS: f64 = 8.0;
/// Traffic ahead slower than this is a jam to who has a siren, m/s.
const JAM_MPS: f64 = 8.0;
/// So near ahead, metres.
const JAM_M: f64 = 40.0;
/// On the right there is the kerb's edge or a painted strip to use, metres.
const SHOULDER_M: f64 = 0.5;

/// An emergency vehicle that is heard.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Siren {
    /// Who.
    pub actor: ActorId,
    /// Where.
    pub place: Point2<f64>,
    /// Direction in which it drives, a unit vector.
    pub way: Vector2<f64>,
}

impl Siren {
    /// The siren of a vehicle.
    #[must_use]
    pub fn of(body: &Body) -> Self {
        Self { actor: body.id, place: body.place(), way: Vector2::new(body.yaw.cos(), body.yaw.sin()) }
    }

    /// It comes from behind `body`, on the same road.
    fn is_behind(&self, body: &Body) -> bool {
        let way = Vector2::new(body.yaw.cos(), body.yaw.sin());
        let off = body.place() - self.place;
        let ahead = off.dot(&self.way);
        way.dot(&self.way) > 0.8
            && self.way.perp(&off).abs() < BESIDE_M
            && (-PAST_M - 0.5 * body.size.length_m..HEARD_M).contains(&ahead)
    }
}

impl Driver {
    /// Draws aside for `sirens`, or, with one of its own, steers for the corridor.
    pub fn make_way(&mut self, me: ActorId, sirens: &[Siren], scene: &Scene<'_>) {
        self.aside_m = if self.siren {
            self.corridor(me, scene)
        } else {
            let body = self.body(me, Kind::Car);
            let heard = sirens.iter().any(|s| s.actor != me && s.is_behind(&body));
            (heard && !self.is_in_crossing()).then(|| self.aside(&body, scene))
        };
    }

    fn is_in_crossing(&self) -> bool {
        self.route.stops.iter().any(|stop| self.front_m > stop.at_m && self.rear_m() < stop.end_m)
    }

    /// Width of the lane under the front, its number among those of its link from the left, and how many they are.
    fn lane(&self, scene: &Scene<'_>) -> Option<(f64, usize, usize)> {
        // In a crossing it is still beside those of the lane that it comes from.
        let (id, ..) = *self.route.lanes.iter().rev().find(|(_, from, _)| *from <= self.front_m)?;
        let lane = scene.road.lanes.get(id)?;
        let mut beside = scene.road.lanes_of(&lane.link, LaneKind::Vehicle);
        beside.sort_by_key(|&other| scene.road.lanes[other].id);
        Some((lane.width_m, beside.iter().position(|&other| other == id)?, beside.len()))
    }

    /// Where to, metres to the left: the leftmost of several lanes to the left, the others to the right.
    fn aside(&self, body: &Body, scene: &Scene<'_>) -> f64 {
        let (width_m, number, count) = self.lane(scene).unwrap_or((3.5, 1, 1));
        let room_m = (0.5 * (width_m - self.size.width_m)).max(0.0);
        let goal = if count > 1 && number == 0 { room_m } else { -room_m - SHOULDER_M };
        // Whoever is there already (a cyclist, a parked car) keeps the place.
        let mut there = body.clone();
        let left = Vector2::new(-body.yaw.sin(), body.yaw.cos()) * (goal - self.left_m + 0.3 * goal.signum());
        there.position += Vector3::new(left.x, left.y, 0.0);
        let taken = scene.grid.near(body.place(), 15.0).map(|i| &scene.bodies[i]).any(|other| {
            other.id != body.id && !is_one_vehicle(other.id, body.id) && !other.touches(body) && other.touches(&there)
        });
        if taken { self.left_m } else { goal }
    }

    /// Between the leftmost lane and the next while there is a jam ahead.
    fn corridor(&self, me: ActorId, scene: &Scene<'_>) -> Option<f64> {
        let (width_m, number, count) = self.lane(scene)?;
        let half_m = 0.5 * self.size.width_m + 0.3;
        let swept = Swept {
            line: &self.route.line,
            rear_m: self.rear_m(),
            front_m: self.front_m - self.size.length_m,
            left_m: 0.0,
            half_m,
        };
        let jam = swept.nearest(me, self.size.length_m + JAM_M, scene).is_some_and(|(_, speed)| speed < JAM_MPS);
        let goal = if number == 0 { -0.5 * width_m } else { 0.5 * width_m };
        (jam && count > 1 && number < 2).then_some(goal)
    }

    /// Highest speed while it makes way or is beside its lane, m/s.
    pub(super) fn limit_aside(&self) -> f64 {
        match (self.siren, self.aside_m) {
            (true, Some(_)) => CORRIDOR_MPS,
            (true, None) if self.left_m.abs() > SQUEEZE_M => CORRIDOR_MPS,
            (false, Some(_)) => MAKES_WAY_MPS,
            _ => f64::INFINITY,
        }
    }

    /// Moves sideways for `dt` seconds.
    pub(super) fn drift(&mut self, dt: f64) {
        let goal = self.aside_m.unwrap_or(0.0);
        let step = ASIDE_MPS.min(0.5 * self.speed_mps + STANDING_MPS) * dt;
        self.left_m += (goal - self.left_m).clamp(-step, step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::tests::body;

    #[test]
    fn a_siren_matters_to_those_ahead_of_it_on_the_same_road() {
        let siren = Siren::of(&body(1, Kind::Van, 0.0, 0.0, 0.0));
        let heard = |x: f64, y: f64, yaw: f64| siren.is_behind(&body(2, Kind::Car, x, y, yaw));
        assert!(heard(50.0, 3.5, 0.0) && heard(5.0, -3.5, 0.1) && heard(-5.0, 0.0, 0.0));
        assert!(!heard(90.0, 0.0, 0.0), "too far ahead");
        assert!(!heard(-15.0, 0.0, 0.0), "it has passed");
        assert!(!heard(50.0, 10.0, 0.0), "another road");
        assert!(!heard(50.0, -3.5, std::f64::consts::PI), "oncoming");
    }
}
