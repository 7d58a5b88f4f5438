//! LateralDistanceAction: beside another entity.

use super::sign;
use crate::opendrive::LanePosition;
use crate::openscenario::action::{Gap, Side};
use crate::openscenario::reader::EntityId;
use crate::openscenario::word::{Frame, SMALL};
use crate::openscenario::world::World;

/// Near enough, metres.
const THERE_M: f64 = 0.01;
/// Share of the acceleration limit that makes the spring, 1/m.
const SPRING: f64 = 0.4;

/// A distance across the way being kept.
#[derive(Clone, Debug)]
pub struct SidewaysRun {
    gap: Gap,
    /// Metres to the left of the other, between origins.
    wanted: f64,
    velocity: f64,
    acceleration: f64,
}

impl SidewaysRun {
    pub(super) fn start(gap: Gap, who: EntityId, world: &mut World) -> Self {
        let width = |id: EntityId| world.actors[id].entity.object.bounds.size[1];
        let room = if gap.freespace { 0.5 * (width(who) + width(gap.entity)) } else { 0.0 };
        let left = match gap.side {
            Side::LeadingOrRight => -1.0,
            _ => 1.0,
        };
        Self { gap, wanted: left * (gap.value.abs() + room), velocity: 0.0, acceleration: 0.0 }
    }

    /// How far it must still move, to the left of its own direction.
    fn off(&self, who: EntityId, world: &World) -> Option<f64> {
        let (me, other) = (&world.actors[who].place, &world.actors[self.gap.entity].place);
        if matches!(self.gap.frame, Frame::Entity | Frame::World) {
            let left = other.local(me.pose.x, me.pose.y)[1];
            return Some(self.wanted - left);
        }
        let delta = world.delta(me, other)?;
        // `dt` is along `s`: left of the other is more `t` where it looks along `s`, less where it does not.
        let looks = if other.forward() { 1.0 } else { -1.0 };
        let off = delta.dt + looks * self.wanted;
        Some(if me.forward() { off } else { -off })
    }

    pub(super) fn step(&mut self, who: EntityId, world: &mut World) -> bool {
        let Some(off) = self.off(who, world) else { return true };
        let dt = world.dt;
        if dt < SMALL {
            return false;
        }
        let limits = self.gap.constraints;
        let speed = world.actors[who].speed;
        let room = (limits.max_speed.min(speed.abs()) - SMALL).max(0.0);
        let across = if limits.max_acceleration.is_infinite() {
            if limits.max_speed.is_infinite() { off } else { off.clamp(-room * dt, room * dt) }
        } else {
            let spring = SPRING * limits.max_acceleration;
            let a = off * spring - self.velocity * 2.0 * spring.sqrt();
            let change =
                (a - self.acceleration).clamp(-limits.max_acceleration_rate * dt, limits.max_acceleration_rate * dt);
            self.acceleration = (self.acceleration + change).clamp(-limits.max_acceleration, limits.max_acceleration);
            self.velocity = (self.velocity + self.acceleration * dt).clamp(-room, room);
            self.velocity * dt
        };
        self.slide(who, world, across, speed * dt);
        !self.gap.continuous && (off - across).abs() < THERE_M
    }

    /// Moves to the left and on; the whole way is as long as the speed allows.
    fn slide(&self, who: EntityId, world: &mut World, across: f64, step: f64) {
        let forward = sign(step) * (step * step - across * across).max(0.0).sqrt();
        let net = world.net.clone();
        let from = world.actors[who].place.pose;
        world.drive(who, forward, true);
        let place = &mut world.actors[who].place;
        let side = if place.forward() { across } else { -across };
        match place.lane {
            Some(lane) => place.set_lane(&net, LanePosition { offset: lane.offset + side, ..lane }),
            None => {
                let (sin, cos) = place.pose.yaw.sin_cos();
                let (x, y) = (place.pose.x - sin * across, place.pose.y + cos * across);
                let yaw = place.pose.yaw;
                place.set_world(&net, x, y, yaw);
            }
        }
        let (dx, dy) = (place.pose.x - from.x, place.pose.y - from.y);
        if dx.hypot(dy) > SMALL && step > 0.0 && across.abs() < step {
            place.turn_to(dy.atan2(dx));
        }
        world.actors[who].moved = true;
    }
}
