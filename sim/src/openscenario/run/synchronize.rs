//! SynchronizeAction: arrive when the master arrives, with a final speed and a steady stretch if asked for.
//!
//! With a final speed the way is driven with one constant acceleration where that fits, else with two (first faster, then
//! slower, or the other way round), else with a stop in between.

use super::sign;
use crate::openscenario::action::{FinalSpeed, FinalTarget, Private, Steady};
use crate::openscenario::place::{Place, is_forward};
use crate::openscenario::position::Position;
use crate::openscenario::reader::EntityId;
use crate::openscenario::word::SMALL;
use crate::openscenario::world::World;

/// Farther is never.
const NEVER: f64 = 1e10;
/// Braking when there is no other way, m/s².
const HARD: f64 = 8.0;
/// Near enough to the line of one constant acceleration, m/s.
const ON_LINE: f64 = 0.1;

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Mode {
    Fresh,
    /// Two accelerations; the first one is upward.
    Bent(bool),
    /// One constant acceleration.
    Line,
    StopNow,
    Stopped,
    /// The master stands.
    Waiting,
    Steady,
}

/// A synchronisation under way.
#[derive(Clone, Debug)]
pub struct SynchronizeRun {
    master: EntityId,
    master_at: Position,
    at: Position,
    tolerances: [f64; 2],
    final_speed: Option<FinalSpeed>,
    mode: Mode,
    last: [f64; 2],
    targets: Option<[Place; 2]>,
}

impl SynchronizeRun {
    pub(super) fn start(action: &Private, who: EntityId, world: &mut World) -> Option<Self> {
        let Private::Synchronize { master, master_at, at, master_tolerance, tolerance, final_speed } = action else {
            return None;
        };
        let targets = [world.resolve(master_at, Some(*master))?, world.resolve(at, Some(who))?];
        Some(Self {
            master: *master,
            master_at: (**master_at).clone(),
            at: (**at).clone(),
            tolerances: [*master_tolerance, *tolerance],
            final_speed: *final_speed,
            mode: Mode::Fresh,
            last: [f64::INFINITY; 2],
            targets: Some(targets),
        })
    }

    /// Distance of an entity to its target along its trajectory, else along the road, else as the crow flies.
    fn distance(&self, who: EntityId, target: &Place, position: &Position, world: &World) -> f64 {
        let actor = &world.actors[who];
        if let Some(on) = &actor.on_track {
            let s = match position {
                Position::Trajectory { trajectory, s, .. } if trajectory.name == on.track.name => *s,
                _ => on.track.nearest(target.pose.x, target.pose.y).0,
            };
            // Ahead is where it drives to: a body that looks against the course has it behind.
            let along = on.track.at(on.s).along;
            return if is_forward(actor.place.pose.yaw - along) { s - on.s } else { on.s - s };
        }
        if let Some(delta) = world.delta(&actor.place, target) {
            return delta.ds;
        }
        let [ahead, left] = actor.place.local(target.pose.x, target.pose.y);
        sign(ahead) * ahead.hypot(left)
    }

    fn final_value(&self, world: &World) -> Option<f64> {
        Some(match self.final_speed?.target {
            FinalTarget::Absolute(speed) => speed,
            FinalTarget::Relative { value, factor: true } => world.actors[self.master].speed * value,
            FinalTarget::Relative { value, factor: false } => world.actors[self.master].speed + value,
        })
    }

    pub(super) fn step(&mut self, who: EntityId, world: &mut World) -> bool {
        let Some(targets) = self.targets.clone() else { return true };
        let signed = self.distance(self.master, &targets[0], &self.master_at, world);
        let mut rest = [signed.abs(), self.distance(who, &targets[1], &self.at, world).abs()];
        let arrived = (0..2).any(|i| rest[i] < self.tolerances[i] + SMALL || rest[i] > self.last[i]);
        self.last = rest;
        for (r, tolerance) in rest.iter_mut().zip(self.tolerances) {
            *r = (*r - tolerance).max(SMALL);
        }
        let master = &world.actors[self.master];
        // The part along the road counts.
        let pace = if master.place.lane.is_some() { master.along_road()[0].abs() } else { master.speed.abs() };
        let pace = sign(master.speed) * sign(signed) * pace;
        let mut left = NEVER;
        let mut done = arrived;
        if pace > SMALL {
            left = rest[0] / pace;
            done |= left < world.dt;
        } else if self.mode != Mode::Waiting {
            self.mode = Mode::Waiting;
            world.actors[who].speed = 0.0;
        }
        let wanted = self.final_value(world);
        if done {
            if let Some(speed) = wanted {
                world.actors[who].speed = speed;
            }
            return true;
        }
        match wanted {
            Some(speed) => self.pace_to(who, world, speed, left, rest[1]),
            None if pace > SMALL => {
                // Without a final speed: one constant acceleration from now to the end.
                let now = world.actors[who].speed;
                let last = 2.0 * rest[1] / left - now;
                world.actors[who].speed += (last - now) / left * world.dt;
            }
            None => {}
        }
        false
    }

    /// One step towards a final speed `v1` in `t` seconds over `s` metres.
    fn pace_to(&mut self, who: EntityId, world: &mut World, v1: f64, mut t: f64, mut s: f64) {
        if let (Some(steady), true) = (self.final_speed.and_then(|f| f.steady), self.mode != Mode::Steady) {
            let stretch = match steady {
                Steady::Distance(d) => d,
                Steady::Time(time) => time * v1,
            };
            let lasts = if v1.abs() > SMALL { stretch / v1 } else { 0.0 };
            if s - stretch < SMALL || t - lasts < SMALL {
                self.mode = Mode::Steady;
            } else {
                s -= stretch;
                t -= lasts;
            }
        }
        let dt = world.dt;
        let actor = &mut world.actors[who];
        match self.mode {
            Mode::Steady => {
                actor.speed = v1;
                return;
            }
            Mode::Waiting if t >= NEVER => return,
            Mode::Waiting => self.mode = Mode::Fresh,
            Mode::StopNow => {
                actor.speed -= HARD * dt;
                if actor.speed < 0.0 {
                    actor.speed = 0.0;
                    self.mode = Mode::Waiting;
                }
                return;
            }
            Mode::Stopped if v1.abs() < SMALL || t >= 2.0 * s / v1 => {
                actor.speed = 0.0;
                return;
            }
            Mode::Stopped => self.mode = Mode::Line,
            _ => {}
        }
        if self.mode == Mode::Line {
            let on_line = if t < 1e-3 || s < 1e-3 { 0.0 } else { 2.0 * s / t - v1.max(0.0) };
            actor.speed = if t > NEVER - 1.0 { 0.0 } else { on_line.max(0.0) };
            return;
        }
        if matches!(self.mode, Mode::Bent(_)) && t < NEVER && (actor.speed - (2.0 * s / t - v1)).abs() < ON_LINE {
            self.mode = Mode::Line;
            return;
        }
        if self.mode == Mode::Fresh {
            self.mode = Mode::Bent((v1 + actor.speed) / 2.0 < s / t);
        }
        let v0 = if actor.place.lane.is_some() { sign(actor.speed) * actor.along_road()[0].abs() } else { actor.speed };
        let (mut a, apex) = bend(s, t, v0, v1);
        if self.mode == Mode::Bent(false) && a > 0.0 || self.mode == Mode::Bent(true) && a < 0.0 {
            self.mode = Mode::Line;
            a = 0.0;
        }
        if matches!(self.mode, Mode::Bent(_)) && apex < 0.0 {
            // It would have to go back: stop and wait instead.
            let t1 = 2.0 * v0 * s / (v0 * v0 + v1 * v1);
            a = if t1.abs() > SMALL { -v0 / t1 } else { 0.0 };
            if t1 * v0 > s {
                a = -HARD;
                self.mode = Mode::StopNow;
            }
            if v0 + a * dt < 0.0 {
                actor.speed = 0.0;
                self.mode = Mode::Stopped;
                return;
            }
        }
        actor.speed += a * dt;
    }
}

/// Two equal and opposite accelerations from `v0` to `v1` over `s` metres in `t` seconds: the first of them, and the speed
/// between them.
fn bend(s: f64, t: f64, v0: f64, v1: f64) -> (f64, f64) {
    if (v1 - v0).abs() < SMALL {
        let apex = 2.0 * s / t - v0;
        return ((apex - v0) / (t / 2.0), apex);
    }
    // From s = (v0 + vx) x / 2 + (vx + v1) (t - x) / 2 and equal slopes (vx - v0) / x = (vx - v1) / (t - x).
    let root = (2.0 * (2.0 * s * s - 2.0 * (v1 + v0) * t * s + (v1 * v1 + v0 * v0) * t * t)).max(0.0).sqrt();
    for sign in [1.0, -1.0] {
        let x = -(sign * root + 2.0 * s - 2.0 * v1 * t) / (2.0 * (v1 - v0));
        if x > 0.0 && x < t {
            let apex = (2.0 * s - sign * root) / (2.0 * t);
            return ((apex - v0) / x, apex);
        }
    }
    (0.0, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_accelerations_cover_the_way_in_time() {
        for (s, t, v0, v1) in [(100.0, 10.0, 5.0, 8.0), (60.0, 10.0, 8.0, 5.0), (100.0, 10.0, 6.0, 6.0)] {
            let (a, apex) = bend(s, t, v0, v1);
            let x = (apex - v0) / a;
            let covered = 0.5 * (v0 + apex) * x + 0.5 * (apex + v1) * (t - x);
            assert!((covered - s).abs() < 1e-9 && x > 0.0 && x < t, "{s} {t} {v0} {v1}: {a} {apex} {covered}");
        }
    }
}
