//! LongitudinalDistanceAction: a gap kept like a damped spring, within limits of acceleration and jerk.

use crate::openscenario::action::{Gap, Side};
use crate::openscenario::condition::Ruler;
use crate::openscenario::reader::EntityId;
use crate::openscenario::word::Measure;
use crate::openscenario::world::World;

/// Near enough, metres.
const THERE_M: f64 = 0.1;
/// Share of the acceleration limit that makes the spring, 1/m.
const SPRING: f64 = 0.4;

/// A distance being kept.
#[derive(Clone, Debug)]
pub struct DistanceRun {
    gap: Gap,
    ahead: bool,
    acceleration: f64,
}

impl DistanceRun {
    pub(super) fn start(gap: Gap, who: EntityId, world: &mut World) -> Self {
        let ahead = match gap.side {
            Side::TrailingOrLeft => false,
            Side::LeadingOrRight => true,
            Side::Any => Self::distance(&gap, who, world).is_some_and(|d| d < 0.0),
        };
        Self { gap, ahead, acceleration: 0.0 }
    }

    fn distance(gap: &Gap, who: EntityId, world: &World) -> Option<f64> {
        // Between boxes the gap is measured along the entity itself.
        let frame = if gap.freespace { super::super::word::Frame::Entity } else { gap.frame };
        world.distance(who, gap.entity, Ruler { frame, measure: Measure::Longitudinal, freespace: gap.freespace })
    }

    pub(super) fn step(&mut self, who: EntityId, world: &mut World) -> bool {
        let Some(distance) = Self::distance(&self.gap, who, world) else { return false };
        let (dt, other) = (world.dt, world.actors[self.gap.entity].speed);
        let wanted = if self.gap.is_time { other.abs() * self.gap.value } else { self.gap.value }.abs();
        let off = distance - if self.ahead { -wanted } else { wanted };
        let done = !self.gap.continuous && off.abs() < THERE_M;
        let limits = self.gap.constraints;
        if limits.max_acceleration.is_infinite() && limits.max_deceleration.is_infinite() {
            world.drive(who, off, false);
            world.actors[who].speed = other;
            return done;
        }
        let actor = &mut world.actors[who];
        let performance = actor.entity.object.performance;
        let most = limits.max_acceleration.min(performance.max_acceleration).min(1e6);
        let least = limits.max_deceleration.min(performance.max_deceleration).min(1e6);
        let spring = SPRING * if off < 0.0 { most } else { least };
        // Critically damped.
        let mut a = off * spring - (actor.speed - other) * 2.0 * spring.sqrt();
        a = a.clamp(-least, most);
        a = if a < 0.0 {
            if a < self.acceleration { a.max(self.acceleration - limits.max_deceleration_rate * dt) } else { a }
        } else if a > self.acceleration {
            a.min(self.acceleration + limits.max_acceleration_rate * dt)
        } else {
            a
        };
        if a.is_finite() {
            self.acceleration = a;
        }
        actor.speed = (actor.speed + self.acceleration * dt).clamp(-limits.max_speed, limits.max_speed);
        done
    }
}
