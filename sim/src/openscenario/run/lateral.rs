//! LaneChangeAction and LaneOffsetAction: a transition of the lateral offset while the entity drives on.

use std::f64::consts::{FRAC_PI_2, PI};

use super::sign;
use crate::opendrive::LanePosition;
use crate::openscenario::action::Dynamics;
use crate::openscenario::place::snap;
use crate::openscenario::reader::EntityId;
use crate::openscenario::transition::Transition;
use crate::openscenario::word::{Dimension, SMALL, Shape};
use crate::openscenario::world::{World, beside};

/// A lane change under way. Offsets are counted away from the reference line, so that they keep their meaning where the next
/// road runs the other way.
#[derive(Clone, Debug)]
pub struct LaneChangeRun {
    transition: Transition,
    /// On the target lane.
    on: LanePosition,
    heading: f64,
}

impl LaneChangeRun {
    pub(super) fn start(
        dynamics: Dynamics,
        relative_to: Option<EntityId>,
        lane: i32,
        offset: f64,
        who: EntityId,
        world: &mut World,
    ) -> Option<Self> {
        let lane = match relative_to {
            None => lane,
            Some(other) => {
                let other = &world.actors[other].place;
                beside(other.lane?.lane, if other.forward() { lane } else { -lane })
            }
        };
        let net = world.net.clone();
        let place = &mut world.actors[who].place;
        place.turn_from_driving(0.0);
        let here = place.lane?;
        let middle = net.road_position(&LanePosition { lane, offset: 0.0, ..here });
        let Some(middle) = middle else {
            let (time, name) = (world.time, world.actors[who].entity.name.clone());
            let what = format!("lane change to lane {lane}, which is not there: it stays on its lane");
            world.log.put(time, crate::openscenario::event::EventKind::Note, name, what);
            return None;
        };
        let on = LanePosition { lane, offset: place.t - middle.t, ..here };
        let side = sign(f64::from(lane));
        let transition = Transition::new(dynamics, side * on.offset, side * offset);
        Some(Self { transition, on, heading: 0.0 })
    }

    pub(super) fn step(&mut self, who: EntityId, world: &mut World) -> bool {
        let dt = world.dt;
        world.actors[who].moved = true;
        let speed = world.actors[who].speed;
        if speed.abs() < SMALL {
            return false;
        }
        let t = &mut self.transition;
        let slope = t.slope();
        let step = speed.abs() * dt;
        let mut forward;
        let offset;
        if t.dimension == Dimension::Distance {
            forward = (step * step / (1.0 + slope * slope)).sqrt();
            t.step(forward);
            offset = t.value();
            self.heading = slope.atan();
        } else {
            let across = dt * slope.abs();
            forward = (step * step - across.min(step).powi(2)).max(0.0).sqrt();
            if across < step + SMALL {
                t.step(dt);
                offset = t.value();
                self.heading = (sign(speed) * sign(slope) * across).atan2(forward);
            } else {
                // Faster to the side than it drives: all of the way goes to the side.
                t.step(step * t.range / (t.target - t.start).abs().max(SMALL));
                offset = t.value_as(Shape::Linear);
                self.heading = sign(speed) * sign(slope) * (FRAC_PI_2 - SMALL);
            }
        }
        if t.is_step() {
            forward = step;
        }
        let done = t.done > t.range - SMALL
            || (offset - t.target).abs() < SMALL
            || t.done > 0.0 && sign(offset - t.target) != sign(t.start - t.target);
        self.drive(who, world, offset, sign(speed) * forward, done)
    }

    /// Moves to the new offset and on.
    fn drive(&mut self, who: EntityId, world: &mut World, offset: f64, forward: f64, done: bool) -> bool {
        let net = world.net.clone();
        let place = &mut world.actors[who].place;
        place.set_lane(&net, LanePosition { offset: offset * sign(f64::from(self.on.lane)), ..self.on });
        let along = place.along_reference(forward);
        world.drive(who, along, false);
        let place = &mut world.actors[who].place;
        let Some(on) = place.lane else { return true };
        self.on = on;
        if done {
            place.turn_from_driving(0.0);
        } else {
            let angle = sign(f64::from(on.lane)) * self.heading;
            place.turn(if place.forward() { angle } else { PI - angle });
        }
        // The lane it is really on, for everybody who asks.
        if let Some((lane, offset)) = snap(&net, on.road, on.s, place.t, place.walks) {
            place.lane = Some(LanePosition { lane, offset, ..on });
        }
        done || place.halted
    }
}

/// A change of the offset in the lane under way.
#[derive(Clone, Debug)]
pub struct LaneOffsetRun {
    transition: Transition,
    continuous: bool,
}

impl LaneOffsetRun {
    pub(super) fn start(
        (shape, max_acceleration): (Shape, f64),
        (relative_to, value): (Option<EntityId>, f64),
        continuous: bool,
        who: EntityId,
        world: &mut World,
    ) -> Option<Self> {
        let place = &world.actors[who].place;
        let here = place.lane?;
        let side = sign(f64::from(here.lane));
        let target = match relative_to {
            None => value,
            Some(other) => {
                let other = &world.actors[other].place;
                let t = other.t + if other.forward() { value } else { -value };
                t - (place.t - here.offset)
            }
        };
        let dynamics = Dynamics { shape, dimension: Dimension::Time, value: 0.0 };
        let mut transition = Transition::new(dynamics, side * here.offset, side * target);
        if max_acceleration.is_finite() && max_acceleration > 0.0 {
            transition.range = transition.range_of_bend(max_acceleration);
        }
        // An offset of its own lane is kept by the default controller once it is reached; only one that is counted from
        // somebody else has something left to do.
        Some(Self { transition, continuous: continuous && relative_to.is_some() })
    }

    pub(super) fn step(&mut self, who: EntityId, world: &mut World) -> bool {
        let (dt, net) = (world.dt, world.net.clone());
        let actor = &mut world.actors[who];
        let Some(here) = actor.place.lane else { return true };
        let t = &self.transition;
        let offset = t.value();
        let done = t.done > t.range - SMALL
            || (offset - t.target).abs() < SMALL
            || t.done > 0.0 && sign(offset - t.target) != sign(t.start - t.target);
        let side = sign(f64::from(here.lane));
        let value = if done { t.target } else { offset };
        actor.place.set_lane(&net, LanePosition { offset: side * value, ..here });
        if done {
            actor.place.turn_from_driving(0.0);
        } else {
            let slope = t.slope();
            let speed = if actor.speed.abs() < SMALL { SMALL } else { actor.speed };
            let angle = side * (slope / speed).atan();
            actor.place.turn(if actor.place.forward() { angle } else { PI - angle });
        }
        self.transition.step(dt);
        done && !self.continuous
    }
}
