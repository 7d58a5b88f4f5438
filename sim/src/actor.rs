//! Road users: what they are, the box they fill, and the minds that move them.

pub mod ahead;
pub mod driver;
pub mod follower;
pub mod pace;
pub mod parker;
pub mod parking;
pub mod platoon;
pub mod script;
pub mod trailer;
pub mod walker;

use nalgebra::{Point2, Vector2, Vector3};
use perception::{Class, Size};
use serde::{Deserialize, Serialize};

use crate::footprint::Footprint;

pub use driver::Driver;
pub use follower::Follower;
pub use pace::Pace;
pub use parker::Parker;
pub use script::Script;
pub use trailer::Towed;
pub use walker::Walker;

/// Running number of an actor in one run, from 1.
pub type ActorId = u32;

/// Added to the number of a vehicle: its trailer, a body of its own.
pub const TRAILER: ActorId = 1 << 31;

/// Tractor and trailer: two bodies that belong together.
#[must_use]
pub fn is_one_vehicle(a: ActorId, b: ActorId) -> bool {
    a ^ b == TRAILER
}

/// Kind of a simulated road user.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Passenger car.
    Car,
    /// Delivery van: high enough to hide people.
    Van,
    /// Rigid or container truck.
    Truck,
    /// Bus.
    Bus,
    /// Motorcycle.
    Motorcycle,
    /// Bicycle with its rider.
    Bicycle,
    /// Grown-up on foot.
    Pedestrian,
    /// Child on foot.
    Child,
    /// Automated guided vehicle of a yard, with a container.
    Agv,
    /// Leg of a gantry crane on its rail or wheels.
    Crane,
}

impl Kind {
    /// Length, width and height of a usual one.
    #[must_use]
    pub fn size(self) -> Size {
        let (length_m, width_m, height_m) = match self {
            Kind::Car => (4.6, 1.8, 1.5),
            Kind::Van => (5.6, 2.0, 2.5),
            Kind::Truck => (12.0, 2.5, 3.6),
            Kind::Bus => (12.0, 2.55, 3.1),
            Kind::Motorcycle => (2.1, 0.8, 1.5),
            Kind::Bicycle => (1.8, 0.6, 1.7),
            Kind::Pedestrian => (0.5, 0.6, 1.72),
            Kind::Child => (0.4, 0.5, 1.2),
            Kind::Agv => (14.8, 3.0, 4.2),
            Kind::Crane => (9.0, 1.2, 18.0),
        };
        Size { length_m, width_m, height_m }
    }

    /// What a perfect detector would call it.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Kind::Car | Kind::Van => Class::Car,
            Kind::Truck | Kind::Agv => Class::Truck,
            Kind::Bus => Class::Bus,
            Kind::Motorcycle => Class::Motorcycle,
            Kind::Bicycle => Class::Bicycle,
            Kind::Pedestrian | Kind::Child => Class::Pedestrian,
            Kind::Crane => Class::Unknown,
        }
    }

    /// Goes on foot.
    #[must_use]
    pub fn walks(self) -> bool {
        self.class() == Class::Pedestrian
    }
}

/// The true state of one road user at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Number.
    pub id: ActorId,
    /// Kind.
    pub kind: Kind,
    /// Size.
    pub size: Size,
    /// Centre of the footprint, on the ground, `enu` of the scenario, metres.
    pub position: Vector3<f64>,
    /// Direction of the body, radians, 0 = east, counter-clockwise.
    pub yaw: f64,
    /// Velocity over ground (east, north), m/s.
    pub velocity: Vector2<f64>,
    /// Turn rate, rad/s, counter-clockwise.
    pub yaw_rate: f64,
}

impl Body {
    /// The same body `secs` later (or earlier), at constant velocity.
    #[must_use]
    pub fn after(&self, secs: f64) -> Self {
        let mut later = self.clone();
        later.position += Vector3::new(self.velocity.x, self.velocity.y, 0.0) * secs;
        later.yaw += self.yaw_rate * secs;
        later
    }

    /// Where it stands, as a point on the plane.
    #[must_use]
    pub fn place(&self) -> Point2<f64> {
        Point2::new(self.position.x, self.position.y)
    }

    /// The four corners of the footprint, counter-clockwise from the front left.
    #[must_use]
    pub fn corners(&self) -> [Point2<f64>; 4] {
        self.footprint().corners()
    }

    /// Points round the footprint, at most 2.5 m apart.
    #[must_use]
    pub fn outline(&self) -> Vec<Point2<f64>> {
        let (l, w) = (0.5 * self.size.length_m, 0.5 * self.size.width_m);
        let pieces = (self.size.length_m / 2.5).ceil().max(1.0);
        let mut points = Vec::with_capacity(2 * pieces as usize + 4);
        let point = self.points();
        let mut x = 0.0;
        while x <= pieces {
            let along = -l + 2.0 * l * x / pieces;
            points.push(point(along, w));
            points.push(point(along, -w));
            x += 1.0;
        }
        points.push(point(l, 0.0));
        points.push(point(-l, 0.0));
        points
    }

    /// From metres forward and to the left of the middle to a place.
    fn points(&self) -> impl Fn(f64, f64) -> Point2<f64> {
        let (sin, cos) = self.yaw.sin_cos();
        let middle = self.place();
        move |forward, left| Point2::new(middle.x + cos * forward - sin * left, middle.y + sin * forward + cos * left)
    }

    /// Radius of the circle round the footprint, metres.
    #[must_use]
    pub fn radius(&self) -> f64 {
        0.5 * Vector2::new(self.size.length_m, self.size.width_m).norm()
    }

    /// What it covers on the ground.
    #[must_use]
    pub fn footprint(&self) -> Footprint {
        Footprint::new(self.place(), self.yaw, self.size.length_m, self.size.width_m)
    }

    /// The two footprints overlap.
    #[must_use]
    pub fn touches(&self, other: &Self) -> bool {
        self.footprint().touches(&other.footprint())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn body(id: ActorId, kind: Kind, east: f64, north: f64, yaw: f64) -> Body {
        Body {
            id,
            kind,
            size: kind.size(),
            position: Vector3::new(east, north, 0.0),
            yaw,
            velocity: Vector2::zeros(),
            yaw_rate: 0.0,
        }
    }

    #[test]
    fn footprints_touch_only_when_they_overlap() {
        let car = body(1, Kind::Car, 0.0, 0.0, 0.0);
        assert!(car.touches(&body(2, Kind::Car, 4.5, 0.0, 0.0)));
        assert!(!car.touches(&body(2, Kind::Car, 4.7, 0.0, 0.0)));
        assert!(!car.touches(&body(2, Kind::Car, 0.0, 1.9, 0.0)));
        assert!(
            !car.touches(&body(2, Kind::Car, 4.2, 2.6, std::f64::consts::FRAC_PI_4)),
            "circles overlap, boxes do not"
        );
    }

    #[test]
    fn an_outline_leaves_no_hole_for_a_person() {
        let truck = body(1, Kind::Truck, 0.0, 0.0, 0.3);
        let points = truck.outline();
        for corner in truck.corners() {
            assert!(points.iter().any(|p| (p - corner).norm() < 1e-9));
        }
        assert!(points.len() >= 12);
    }
}
