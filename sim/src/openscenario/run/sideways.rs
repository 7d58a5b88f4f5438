//! LateralDistanceAction: beside another entity.

use std::f64::consts::PI;

use super::sign;
use crate::opendrive::{LanePosition, wrap};
use crate::openscenario::action::{Gap, Side};
use crate::openscenario::reader::EntityId;
use crate::openscenario::word::{Frame, SMALL};
use crate::openscenario::world::World;

/// Near enough, metres.
const THERE_M: f64 = 0.01;
/// Share of the acceleration limit that makes the spring, 1/m.
const SPRING: f64 = 0.4;

/// Sideways acceleration at most where more is allowed, m/s².
const STRONGEST: f64 = 1000.0;
/// Nobody turns tighter, metres.
const TIGHTEST_M: f64 = 0.5;

/// A distance across the way being kept.
#[derive(Clone, Debug)]
pub struct SidewaysRun {
    gap: Gap,
    /// Metres to the left of the other, between origins.
    wanted: f64,
    velocity: f64,
    acceleration: f64,
    /// The first step only looks.
    looked: bool,
    /// Where the step before has left it.
    from: [f64; 2],
}

impl SidewaysRun {
    pub(super) fn start(gap: Gap, who: EntityId, world: &mut World) -> Self {
        let width = |id: EntityId| world.actors[id].entity.object.bounds.size[1];
        let room = if gap.freespace { 0.5 * (width(who) + width(gap.entity)) } else { 0.0 };
        let left = match gap.side {
            Side::LeadingOrRight => -1.0,
            _ => 1.0,
        };
        Self {
            gap,
            wanted: left * (gap.value.abs() + room),
            velocity: 0.0,
            acceleration: 0.0,
            looked: false,
            from: [0.0; 2],
        }
    }

    /// How far it must still move, to the left of its own direction.
    fn off(&self, who: EntityId, world: &World) -> Option<f64> {
        let (me, other) = (&world.actors[who].place, &world.actors[self.gap.entity].place);
        if matches!(self.gap.frame, Frame::Entity | Frame::World) {
            let left = other.local(me.pose.x, me.pose.y)[1];
            return Some(self.wanted - left);
        }
        // As it lies seen from the other; `dt` is along the road, to its left.
        let delta = world.delta(other, me)?;
        let off = if me.forward() == delta.same_way { self.wanted - delta.dt } else { -self.wanted - delta.dt };
        Some(if me.forward() { off } else { -off })
    }

    pub(super) fn step(&mut self, who: EntityId, world: &mut World) -> bool {
        let dt = world.dt;
        if matches!(self.gap.frame, Frame::Entity | Frame::World) && world.actors[who].speed > 0.0 {
            if dt > SMALL {
                self.steer(who, world);
            }
            return false;
        }
        let Some(off) = self.off(who, world) else { return true };
        if dt < SMALL {
            return false;
        }
        if !std::mem::replace(&mut self.looked, true) {
            let pose = world.actors[who].place.pose;
            self.from = [pose.x, pose.y];
            return false;
        }
        let limits = self.gap.constraints;
        let speed = world.actors[who].speed;
        let room = (limits.max_speed.min(speed.abs()) - SMALL).max(0.0);
        let mut done = off.abs() < THERE_M;
        let across = if limits.max_acceleration.is_infinite() {
            let across = if limits.max_speed.is_infinite() { off } else { off.clamp(-room * dt, room * dt) };
            done |= !limits.max_speed.is_infinite() && (across - off).abs() < SMALL;
            across
        } else {
            let spring = SPRING * limits.max_acceleration;
            let a = off * spring - (self.velocity - self.drift(who, world)) * 2.0 * spring.sqrt();
            let change =
                (a - self.acceleration).clamp(-limits.max_acceleration_rate * dt, limits.max_acceleration_rate * dt);
            self.acceleration = (self.acceleration + change).clamp(-limits.max_acceleration, limits.max_acceleration);
            self.velocity = (self.velocity + self.acceleration * dt).clamp(-room, room);
            self.velocity * dt
        };
        self.slide(who, world, across, speed * dt);
        !self.gap.continuous && done
    }

    /// How fast the other moves sideways, to the left of the own direction, m/s.
    fn drift(&self, who: EntityId, world: &World) -> f64 {
        let other = &world.actors[self.gap.entity];
        let left = other.local(other.velocity)[1];
        if other.place.forward() == world.actors[who].place.forward() { left } else { -left }
    }

    /// Towards the line beside the other, turning no tighter than the acceleration allows (the law of esmini in the frame of
    /// the entity): straight at it from afar, from a turning radius on bending into its direction.
    fn steer(&self, who: EntityId, world: &mut World) {
        let other = world.actors[self.gap.entity].place.pose;
        let (pose, speed) = (world.actors[who].place.pose, world.actors[who].speed);
        let step = speed * world.dt;
        let (sin, cos) = other.yaw.sin_cos();
        let aim = [other.x - sin * self.wanted, other.y + cos * self.wanted];
        let along = (pose.x - aim[0]) * cos + (pose.y - aim[1]) * sin;
        let delta = [aim[0] + along * cos - pose.x, aim[1] + along * sin - pose.y];
        let away = delta[0].hypot(delta[1]);
        let most = self.gap.constraints.max_acceleration;
        let (x, y, yaw) = if most.is_infinite() {
            let rest = (step - away).max(0.0);
            (pose.x + delta[0] + rest * cos, pose.y + delta[1] + rest * sin, other.yaw)
        } else if away < SMALL {
            (pose.x + step * cos, pose.y + step * sin, other.yaw)
        } else {
            let radius = (1.5 * speed * speed / most.min(STRONGEST)).max(TIGHTEST_M);
            let turn = (1.5 * step / radius).min(PI - SMALL);
            let to_aim = wrap(delta[1].atan2(delta[0]) - pose.yaw);
            let yaw = if away < 0.5 * step - SMALL && 0.5 * step > radius - SMALL {
                let on = (step * step - away * away).sqrt();
                (delta[1] + on * sin).atan2(delta[0] + on * cos)
            } else if away > radius - SMALL {
                pose.yaw + to_aim.clamp(-turn, turn)
            } else {
                let piece = step / radius;
                let angle = (1.0 - away / radius).acos().max(0.5 * piece);
                let w = (2.0 * angle - 0.5 * piece) / PI;
                let w = 3.0 * w * w - 2.0 * w * w * w;
                pose.yaw + (w * to_aim + (1.0 - w) * wrap(other.yaw - pose.yaw)).clamp(-turn, turn)
            };
            (pose.x + step * yaw.cos(), pose.y + step * yaw.sin(), yaw)
        };
        let net = world.net.clone();
        world.actors[who].place.set_world(&net, x, y, yaw);
        world.actors[who].moved = true;
    }

    /// Moves to the left and on; the whole way is as long as the speed allows.
    fn slide(&mut self, who: EntityId, world: &mut World, across: f64, step: f64) {
        let at_once =
            self.gap.constraints.max_acceleration.is_infinite() && self.gap.constraints.max_speed.is_infinite();
        let net = world.net.clone();
        let from = std::mem::replace(&mut self.from, [0.0; 2]);
        if !at_once {
            world.drive(who, sign(step) * (step * step - across * across).max(0.0).sqrt(), true);
        }
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
        let (dx, dy) = (place.pose.x - from[0], place.pose.y - from[1]);
        if dx.hypot(dy) > SMALL && step > 0.0 {
            place.turn_to(dy.atan2(dx));
        }
        self.from = [place.pose.x, place.pose.y];
        // What is moved at once only sideways drives on by itself.
        world.actors[who].moved = !at_once;
    }
}
