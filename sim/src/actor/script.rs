//! Actors that follow a drawn path at a given speed, whatever happens.

use nalgebra::{Point2, Vector2, Vector3};
use perception::Size;

use super::{ActorId, Body, Kind};
use crate::road::Line;

/// A drawn path, or a place to stand.
#[derive(Clone, Debug)]
pub struct Script {
    /// The path; none: it stands.
    path: Option<Line>,
    /// Where it stands, and in which direction.
    stands: (Point2<f64>, f64),
    /// Seconds until it sets off.
    wait_s: f64,
    speed_mps: f64,
    at_m: f64,
    moving: bool,
    size: Size,
}

impl Script {
    /// Follows `path` from `wait_s` seconds from now on; stays at its end.
    #[must_use]
    pub fn along(path: Line, speed_mps: f64, wait_s: f64, size: Size) -> Self {
        let start = path.at(0.0);
        Self {
            path: Some(path),
            stands: (start.position, start.yaw),
            wait_s,
            speed_mps,
            at_m: 0.0,
            moving: false,
            size,
        }
    }

    /// Stands at `place`.
    #[must_use]
    pub fn parked(place: Point2<f64>, yaw: f64, size: Size) -> Self {
        Self { path: None, stands: (place, yaw), wait_s: 0.0, speed_mps: 0.0, at_m: 0.0, moving: false, size }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> Option<&Line> {
        self.path.as_ref()
    }

    /// The true state.
    #[must_use]
    pub fn body(&self, id: ActorId, kind: Kind) -> Body {
        let (place, yaw) = self.stands;
        let speed = if self.moving { self.speed_mps } else { 0.0 };
        Body {
            id,
            kind,
            size: self.size,
            position: Vector3::new(place.x, place.y, 0.0),
            yaw,
            velocity: Vector2::new(yaw.cos(), yaw.sin()) * speed,
            yaw_rate: 0.0,
        }
    }

    /// Moves on by `dt` seconds.
    pub fn advance(&mut self, dt: f64) {
        self.wait_s -= dt;
        let Some(path) = &self.path else { return };
        self.moving = self.wait_s <= 1e-9 && self.at_m < path.length();
        if self.moving {
            self.at_m = (self.at_m + self.speed_mps * dt).min(path.length());
            let spot = path.at(self.at_m);
            self.stands = (spot.position, spot.yaw);
        }
    }
}
