//! SpeedAction: a transition of the speed within what the vehicle can do.

use super::{bounded, sign};
use crate::openscenario::action::{Dynamics, SpeedTarget};
use crate::openscenario::reader::EntityId;
use crate::openscenario::transition::Transition;
use crate::openscenario::word::{Dimension, SMALL};
use crate::openscenario::world::World;

/// A change of speed under way.
#[derive(Clone, Debug)]
pub struct SpeedRun {
    transition: Transition,
    dynamics: Dynamics,
    target: SpeedTarget,
}

/// The speed that is aimed at now.
fn aim(target: SpeedTarget, world: &World) -> f64 {
    match target {
        SpeedTarget::Absolute(speed) => speed,
        SpeedTarget::Relative { entity, value, factor, .. } => {
            let speed = world.actors[entity].speed;
            if factor { speed * value } else { speed + value }
        }
    }
}

/// Seconds in which an even change of speed covers a distance.
fn seconds_for(distance: f64, from: f64, to: f64) -> f64 {
    if (to - from).abs() < SMALL {
        return 0.0;
    }
    if from.abs() > SMALL && to.abs() > SMALL && sign(from) != sign(to) {
        // Through standing: both parts share the distance as the squares of their speeds.
        let first = distance * from * from / (from * from + to * to);
        return 2.0 * first / from.abs() + 2.0 * (distance - first) / to.abs();
    }
    2.0 * distance / (from + to).abs()
}

impl SpeedRun {
    pub(super) fn start(mut dynamics: Dynamics, target: SpeedTarget, who: EntityId, world: &mut World) -> Self {
        let actor = &world.actors[who];
        let performance = actor.entity.object.performance;
        let start = actor.speed;
        let aimed = aim(target, world);
        if dynamics.dimension == Dimension::Distance {
            dynamics = Dynamics {
                dimension: Dimension::Time,
                value: seconds_for(dynamics.value.abs(), start, aimed),
                ..dynamics
            };
        }
        let mut transition = Transition::new(dynamics, start, bounded(aimed, performance.max_speed));
        let up = transition.target > transition.start;
        transition.limit_slope(if up { performance.max_acceleration } else { performance.max_deceleration });
        world.actors[who].speed = transition.value();
        Self { transition, dynamics, target }
    }

    pub(super) fn step(&mut self, who: EntityId, world: &mut World) -> bool {
        let aimed = aim(self.target, world);
        let dt = world.dt;
        let actor = &mut world.actors[who];
        let performance = actor.entity.object.performance;
        let goal = bounded(aimed, performance.max_speed);
        if matches!(self.target, SpeedTarget::Relative { .. }) {
            self.transition.target = goal;
            if self.dynamics.dimension == Dimension::Rate {
                self.transition.range = self.transition.range_of_slope(self.dynamics.value.abs());
            }
        }
        let (most, least) = (performance.max_acceleration, -performance.max_deceleration);
        let rate = |to: f64| if dt > SMALL { (to - actor.speed) / dt } else { 0.0 };
        let mut speed;
        if self.transition.range > 0.0 && self.transition.is_done() {
            // The shape is over; a moving target is followed as well as the vehicle can.
            speed = bounded(actor.speed + rate(aimed).clamp(least, most) * dt, performance.max_speed);
        } else {
            self.transition.step(dt);
            speed = self.transition.value();
            let needed = rate(speed);
            if needed > most + SMALL || needed < least - SMALL {
                speed = bounded(actor.speed + needed.clamp(least, most) * dt, performance.max_speed);
                let made = (speed - actor.speed) / needed;
                self.transition.step(-(dt - made));
            }
        }
        let reached = self.transition.is_done() && (speed - self.transition.target).abs() < SMALL;
        if reached {
            speed = goal;
        }
        actor.speed = speed;
        reached && !matches!(self.target, SpeedTarget::Relative { continuous: true, .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_covered_at_the_mean_speed() {
        assert!((seconds_for(50.0, 10.0, 0.0) - 10.0).abs() < 1e-12);
        assert!((seconds_for(50.0, 10.0, 15.0) - 4.0).abs() < 1e-12);
        // 10 to -10: 25 m at 5 m/s mean each way.
        assert!((seconds_for(50.0, 10.0, -10.0) - 10.0).abs() < 1e-12);
        assert!(seconds_for(50.0, 10.0, 10.0).abs() < 1e-12);
    }
}
