//! Traffic that the engine makes: follows the one ahead by the car-following models of the traffic simulation.

use crate::microsim::following::{self, Now};
use crate::microsim::style::{Class, Style};
use crate::openscenario::entity::Object;
use crate::openscenario::neighbour::Neighbours;
use crate::openscenario::place::is_forward;
use crate::openscenario::reader::EntityId;
use crate::openscenario::world::World;

/// Looks ahead at least so far, metres.
const LOOK_M: f64 = 60.0;
/// Speed where no limit is known, m/s.
pub const USUAL_MPS: f64 = 50.0 / 3.6;

/// A driver of traffic.
#[derive(Clone, Debug)]
pub struct Follower {
    style: Style,
    /// Wanted speed, m/s; the limit of the lane where none is given.
    wanted: Option<f64>,
}

impl Follower {
    /// A driver of such a vehicle; `wanted`: m/s, else the speed limit.
    #[must_use]
    pub fn new(object: &Object, wanted: Option<f64>) -> Self {
        let mut style = Style::of(class(&object.category));
        let performance = object.performance;
        style.accel = style.accel.min(performance.max_acceleration);
        style.emergency_decel = style.emergency_decel.min(performance.max_deceleration);
        style.decel = style.decel.min(style.emergency_decel);
        style.max_speed_mps = style.max_speed_mps.min(performance.max_speed);
        Self { style, wanted }
    }

    /// Speed that it wants where it is, m/s.
    #[must_use]
    pub fn wanted(&self, who: EntityId, world: &World) -> f64 {
        let lane = world.actors[who].place.lane;
        let limit = lane.and_then(|l| world.net.speed_limit(l.road, l.lane, l.s));
        self.wanted.or(limit).unwrap_or(USUAL_MPS).min(self.style.max_speed_mps)
    }

    /// Chooses the speed of the next step.
    pub fn step(&self, who: EntityId, near: &Neighbours, world: &mut World) {
        if world.dt <= 0.0 {
            return;
        }
        let speed = world.actors[who].speed.max(0.0);
        let now = Now { speed, wanted: self.wanted(who, world), dt: world.dt, chance: 0.0 };
        let next = match self.ahead(who, near, world) {
            Some((gap, ahead)) => following::follow(&self.style, now, gap, ahead),
            None => following::free(&self.style, now),
        };
        world.actors[who].speed = next;
    }

    /// Free distance to the next one on its way and its speed in the own direction.
    fn ahead(&self, who: EntityId, near: &Neighbours, world: &World) -> Option<(f64, f64)> {
        let me = &world.actors[who];
        let look = LOOK_M.max(me.speed * me.speed / self.style.decel);
        let found = near.ahead(&world.net, &me.place, &world.way(who), look);
        let gaps = found.iter().filter(|a| a.id != who && a.ds > 0.0).map(|a| {
            let other = &world.actors[a.id];
            let same_way = is_forward(me.place.pose.yaw - other.place.pose.yaw);
            let gap = a.ds - me.front() - if same_way { other.rear() } else { other.front() };
            (gap, if same_way { other.speed.max(0.0) } else { 0.0 })
        });
        // Bodies beside each other in neighbouring lanes are no queue.
        gaps.filter(|(gap, _)| *gap > -me.front()).min_by(|a, b| a.0.total_cmp(&b.0))
    }
}

/// The class of the traffic simulation that drives like a category of the standard.
#[must_use]
pub fn class(category: &str) -> Class {
    match category {
        "truck" => Class::Truck,
        "semitrailer" | "trailer" => Class::Trailer,
        "bus" | "tram" | "train" => Class::Bus,
        "motorbike" => Class::Motorcycle,
        "bicycle" => Class::Bicycle,
        _ => Class::Car,
    }
}
