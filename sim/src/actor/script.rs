//! Actors that follow a drawn path, whatever happens: at one speed, or at a pace with stops and changes.

use nalgebra::{Point2, Vector2, Vector3};
use perception::Size;

use super::{ActorId, Body, Kind, Pace};
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
    /// Changes the speed; none: always the same.
    pace: Option<Pace>,
    at_m: f64,
    /// Leaves the road at the end of the path.
    leaves: bool,
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
            pace: None,
            at_m: 0.0,
            leaves: false,
            moving: wait_s <= 0.0,
            size,
        }
    }

    /// Stands at `place`.
    #[must_use]
    pub fn parked(place: Point2<f64>, yaw: f64, size: Size) -> Self {
        Self {
            path: None,
            stands: (place, yaw),
            wait_s: 0.0,
            speed_mps: 0.0,
            pace: None,
            at_m: 0.0,
            leaves: false,
            moving: false,
            size,
        }
    }

    /// The same with stops and changes of speed.
    #[must_use]
    pub fn at_pace(self, pace: Pace) -> Self {
        Self { pace: Some(pace), ..self }
    }

    /// The same, but gone once it is at the end of its path.
    #[must_use]
    pub fn leaving(self) -> Self {
        Self { leaves: true, ..self }
    }

    /// It has left the road.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.leaves && self.path.as_ref().is_some_and(|path| self.at_m >= path.length() - 1e-3)
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
            if let Some(pace) = &mut self.pace {
                self.at_m += pace.advance(self.at_m, path.length(), dt);
                self.speed_mps = pace.speed_mps();
            } else {
                self.at_m += self.speed_mps * dt;
            }
            self.at_m = self.at_m.min(path.length());
            let spot = path.at(self.at_m);
            self.stands = (spot.position, spot.yaw);
        }
    }
}
