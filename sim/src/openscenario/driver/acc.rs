//! Adaptive cruise control, with the names, defaults and control law of esmini's `ACCController`, so that its scenarios go
//! the same way here: the acceleration is weighed between the error of distance and the differences of speed to the one
//! ahead and to the set speed. esmini's `ALKSController` is the same law.

use crate::openscenario::entity::Controller;
use crate::openscenario::measure;
use crate::openscenario::neighbour::Neighbours;
use crate::openscenario::place::is_forward;
use crate::openscenario::reader::EntityId;
use crate::openscenario::word::Measure;
use crate::openscenario::world::World;

/// Distance kept at standstill, metres.
const STANDING_M: f64 = 3.0;
/// Nearer than this it stands, metres.
const STOP_M: f64 = 1.0;
/// Looks ahead at least so far, metres.
const LOOK_M: f64 = 50.0;
/// Share of its acceleration that it uses on a free lane.
const FREE_SHARE: f64 = 0.7;
/// Acceleration for an error of the whole distance, m/s².
const DISTANCE_GAIN: f64 = 2.5;
/// Somebody whose side is nearer than this to the left, and to the right, counts when just before it, metres.
const BESIDE_M: [f64; 2] = [0.2, 0.5];
/// A change of speed by others that is noticed, m/s.
const NOTICED_MPS: f64 = 1e-3;
/// Vehicles without limits of their own, m/s².
const STRONGEST: f64 = 100.0;
/// Nobody is longer than this from its origin to its end, metres.
const LONGEST_M: f64 = 30.0;

/// An adaptive cruise control.
#[derive(Clone, Debug)]
pub struct Acc {
    time_gap_s: f64,
    set_speed: f64,
    given: bool,
    lateral_m: f64,
    speed: f64,
    watches_only: bool,
}

impl Acc {
    /// With the properties `timeGap`, `setSpeed`, `lateralDist` and `virtual`.
    #[must_use]
    pub fn new(controller: &Controller) -> Self {
        let number = |name: &str| controller.properties.get(name).and_then(|v| v.trim().parse::<f64>().ok());
        let number = |name| number(name).filter(|v| v.is_finite());
        Self {
            time_gap_s: number("timeGap").unwrap_or(1.5),
            set_speed: number("setSpeed").unwrap_or(0.0),
            given: controller.properties.contains_key("setSpeed"),
            lateral_m: number("lateralDist").unwrap_or(5.0),
            speed: 0.0,
            watches_only: controller.properties.get("virtual").is_some_and(|v| v == "true"),
        }
    }

    /// Takes over at this speed, m/s.
    pub fn activate(&mut self, speed: f64, overrides: bool) {
        self.speed = speed;
        if !overrides || !self.given {
            self.set_speed = speed;
        }
    }

    /// Chooses the speed of the next step.
    pub fn step(&mut self, who: EntityId, near: &Neighbours, world: &mut World) {
        let now = world.actors[who].speed;
        if self.watches_only {
            self.speed = now;
            return;
        }
        if (now - self.speed).abs() > NOTICED_MPS {
            // Somebody else has set a speed: that is the one wanted.
            self.set_speed = now;
        }
        let performance = world.actors[who].entity.object.performance;
        let most = performance.max_acceleration.min(STRONGEST);
        let brake = performance.max_deceleration.min(STRONGEST);
        match self.ahead(who, near, world, brake) {
            Some((gap, _)) if gap < STOP_M => self.speed = 0.0,
            Some((gap, other)) => {
                let wanted = STANDING_M + self.time_gap_s * self.speed.max(other).abs();
                let error = ((gap - wanted) / wanted).min(1.0);
                let (to_other, to_set) = (self.speed - self.set_speed.min(other), self.speed - self.set_speed);
                let a = DISTANCE_GAIN * error - error * to_set - (1.0 - error) * to_other;
                self.speed += a.clamp(-brake, most) * world.dt;
                self.speed = self.speed.max(0.0).min(self.set_speed);
            }
            None => {
                let a = (self.set_speed - self.speed) * FREE_SHARE * most;
                let next = self.speed + a.clamp(-brake, FREE_SHARE * most) * world.dt;
                let passed = (next - self.set_speed).abs() > (self.speed - self.set_speed).abs();
                self.speed = if passed { self.set_speed } else { next };
            }
        }
        world.actors[who].speed = self.speed;
    }

    /// Free distance to the one that counts, metres, and its speed.
    fn ahead(&self, who: EntityId, near: &Neighbours, world: &World, brake: f64) -> Option<(f64, f64)> {
        let me = &world.actors[who];
        let look = LOOK_M.max(2.0 * STANDING_M + self.speed * self.speed / brake);
        let on_lane = near.ahead(&world.net, &me.place, &world.way(who), look);
        let mut candidates: Vec<_> =
            on_lane.iter().filter(|a| a.main && a.id != who).map(|a| (a.id, Some(a.ds))).collect();
        let beside = STOP_M + LONGEST_M + me.front() + 0.5 * self.speed.max(0.0);
        let around = near.around(me.place.pose.x, me.place.pose.y, beside);
        let known = candidates.len();
        candidates.extend(around.into_iter().filter(|id| *id != who).map(|id| (id, None)));
        for i in (known..candidates.len()).rev() {
            if candidates[..known].iter().any(|(id, _)| *id == candidates[i].0) {
                candidates.swap_remove(i);
            }
        }
        // In the order of the file: of those just before it the last one counts.
        candidates.sort_unstable_by_key(|(id, _)| *id);
        let mut best: Option<(f64, EntityId)> = None;
        for (id, ds) in candidates {
            let other = &world.actors[id];
            let same_way = is_forward(me.place.pose.yaw - other.place.pose.yaw);
            let gap = ds.map(|ds| ds - me.front() - if same_way { other.rear() } else { other.front() });
            let across = (other.place.t - me.place.t).abs();
            if let Some(gap) = gap.filter(|g| *g > 0.0 && across < self.lateral_m)
                && best.is_none_or(|(b, _)| gap < b)
            {
                best = Some((gap, id));
            }
            if best.is_none_or(|(_, b)| b != id) {
                let there = other.footprint();
                let (x, y) =
                    (measure::free(me, &there, Measure::Longitudinal), measure::free(me, &there, Measure::Lateral));
                let length = other.entity.object.bounds.size[0];
                let close = STOP_M + length + 0.5 * (self.speed - other.speed).max(0.0);
                if x > 0.0 && x < close && y < BESIDE_M[0] && y > -BESIDE_M[1] {
                    best = Some((x, id));
                }
            }
        }
        best.map(|(gap, id)| (gap, world.actors[id].speed))
    }
}
