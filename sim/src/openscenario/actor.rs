//! An entity while the scenario runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use nalgebra::Point2;

use super::driver::Driver;
use super::entity::Entity;
use super::place::{Course, Place};
use super::reader::EntityId;
use super::run::Ruled;
use super::track::Track;
use crate::footprint::Footprint;

/// Slower is standing, m/s.
const STANDING: f64 = 1e-3;

/// A trajectory that is followed, and where.
#[derive(Clone, Debug)]
pub struct OnTrack {
    /// The trajectory.
    pub track: Arc<Track>,
    /// Metres along it.
    pub s: f64,
}

/// An entity that takes part.
#[derive(Clone, Debug)]
pub struct Actor {
    /// What it is, and its name.
    pub entity: Entity,
    /// It is there: not before `AddEntityAction`, not after `DeleteEntityAction`.
    pub active: bool,
    /// Where it is.
    pub place: Place,
    /// Speed in its direction, m/s; negative backwards.
    pub speed: f64,
    /// Velocity of the origin, m/s, world.
    pub velocity: [f64; 3],
    /// Acceleration of the origin, m/s², world.
    pub acceleration: [f64; 3],
    /// Turn rate, rad/s.
    pub yaw_rate: f64,
    /// Metres since the start.
    pub odometer: f64,
    /// The route that it follows.
    pub course: Option<Arc<Course>>,
    /// It takes any way at junctions.
    pub wanders: bool,
    /// The angle to the left of straight ahead of the way that it takes at the next junction, radians; drawn anew behind it.
    pub bound_for: Option<f64>,
    /// Its controllers, the one assigned last at the end.
    pub drivers: Vec<Driver>,
    /// Which traffic action has made it.
    pub made_by: Option<usize>,
    /// The trajectory that it follows.
    pub on_track: Option<OnTrack>,
    /// Pulls this one.
    pub trailer: Option<EntityId>,
    /// Is pulled by this one.
    pub towed_by: Option<EntityId>,
    /// An action has moved it in this step already.
    pub moved: bool,
    /// It was put elsewhere in this step.
    pub teleported: bool,
    /// Touches these.
    pub touches: BTreeSet<EntityId>,
    /// At the end of a road since.
    pub end_of_road_since: Option<f64>,
    /// Beside the road since.
    pub offroad_since: Option<f64>,
    /// Standing since.
    pub standing_since: Option<f64>,
    /// Seen by (graphics, sensors, traffic).
    pub visible: [bool; 3],
    old: Old,
}

/// State at the end of the step before.
#[derive(Copy, Clone, Debug, Default)]
struct Old {
    at: [f64; 3],
    yaw: f64,
    velocity: [f64; 3],
}

impl Actor {
    /// An entity before the scenario starts.
    #[must_use]
    pub fn new(entity: &Entity) -> Self {
        Self {
            entity: entity.clone(),
            active: true,
            place: Place::default(),
            speed: 0.0,
            velocity: [0.0; 3],
            acceleration: [0.0; 3],
            yaw_rate: 0.0,
            odometer: 0.0,
            course: None,
            wanders: false,
            bound_for: None,
            drivers: entity.controllers.iter().map(Driver::new).collect(),
            made_by: None,
            on_track: None,
            trailer: None,
            towed_by: None,
            moved: false,
            teleported: false,
            touches: BTreeSet::new(),
            end_of_road_since: None,
            offroad_since: None,
            standing_since: None,
            visible: [true; 3],
            old: Old::default(),
        }
    }

    /// What its box covers on the ground.
    #[must_use]
    pub fn footprint(&self) -> Footprint {
        let (bounds, pose) = (self.entity.object.bounds, &self.place.pose);
        let mut footprint = Footprint::new(Point2::new(pose.x, pose.y), pose.yaw, bounds.size[0], bounds.size[1]);
        footprint.centre += footprint.way * bounds.center[0] + footprint.left() * bounds.center[1];
        footprint
    }

    /// From the origin to the front of its box, metres.
    #[must_use]
    pub fn front(&self) -> f64 {
        let bounds = self.entity.object.bounds;
        0.5 * bounds.size[0] + bounds.center[0]
    }

    /// From the origin back to the rear of its box, metres.
    #[must_use]
    pub fn rear(&self) -> f64 {
        let bounds = self.entity.object.bounds;
        0.5 * bounds.size[0] - bounds.center[0]
    }

    /// A controller that overrides actions rules over some of this.
    #[must_use]
    pub fn overridden(&self, ruled: Ruled) -> bool {
        self.drivers.iter().any(|d| d.overrides && d.active.clashes(ruled))
    }

    /// Velocity along its own axes: forward, left.
    #[must_use]
    pub fn local(&self, v: [f64; 3]) -> [f64; 2] {
        turned(v, self.place.pose.yaw)
    }

    /// Velocity along the road and across it.
    #[must_use]
    pub fn along_road(&self) -> [f64; 2] {
        turned(self.velocity, self.place.road.yaw)
    }

    /// Learns velocity and acceleration from how it has moved; with `dt` 0 from its heading.
    pub fn settle(&mut self, dt: f64) {
        let pose = self.place.pose;
        let at = [pose.x, pose.y, pose.z];
        let by_heading = [self.speed * pose.yaw.cos(), self.speed * pose.yaw.sin(), 0.0];
        if dt > 0.0 {
            let moved: [f64; 3] = std::array::from_fn(|i| at[i] - self.old.at[i]);
            self.velocity = if self.teleported { by_heading } else { moved.map(|d| d / dt) };
            self.acceleration = std::array::from_fn(|i| (self.velocity[i] - self.old.velocity[i]) / dt);
            // Who is put somewhere has not turned on the way there.
            let turned = if self.teleported { 0.0 } else { crate::opendrive::wrap(pose.yaw - self.old.yaw) };
            self.yaw_rate = turned / dt;
            if !self.teleported {
                self.odometer += moved[0].hypot(moved[1]);
            }
        } else {
            self.velocity = by_heading;
        }
        self.old = Old { at, yaw: pose.yaw, velocity: self.velocity };
        self.moved = false;
        self.teleported = false;
    }

    /// Notes since when it stands, is at the end of a road, or beside it.
    pub fn note(&mut self, now: f64, offroad: bool) {
        let since = |was: Option<f64>, is: bool| if is { was.or(Some(now)) } else { None };
        self.standing_since = since(self.standing_since, self.speed.abs() < STANDING);
        self.offroad_since = since(self.offroad_since, offroad);
        self.end_of_road_since = since(self.end_of_road_since, self.place.halted);
    }
}

fn turned([x, y, _]: [f64; 3], yaw: f64) -> [f64; 2] {
    let (sin, cos) = yaw.sin_cos();
    [cos * x + sin * y, cos * y - sin * x]
}
