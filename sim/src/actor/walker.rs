//! People on foot at a crosswalk: they wait for green, look before they step out, and stop for whoever cannot stop.

use nalgebra::{Vector2, Vector3};
use rsu::world::Light;

use super::{ActorId, Body, Kind};
use crate::road::{Line, Walk, WalkId};
use crate::scene::{OnWalk, Passing, Scene};

/// How far beyond the kerbs people appear and vanish, metres.
const APRON_M: f64 = 6.0;

/// Somebody who crosses at a crosswalk.
#[derive(Clone, Debug)]
pub struct Walker {
    walk: WalkId,
    /// From apron to apron, in the direction in which this person walks.
    line: Line,
    /// Length of the crosswalk itself.
    length_m: f64,
    /// Walks against the direction in which the crosswalk is drawn.
    back: bool,
    at_m: f64,
    /// Pace, m/s.
    pace_mps: f64,
    speed_mps: f64,
    /// Offset to the right of the centre line, metres.
    right_m: f64,
}

impl Walker {
    /// Somebody who appears before a crosswalk.
    #[must_use]
    pub fn new(id: WalkId, walk: &Walk, back: bool, pace_mps: f64, right_m: f64) -> Option<Self> {
        let length_m = walk.line.length();
        let (from, to) = (walk.line.at(-APRON_M).position, walk.line.at(length_m + APRON_M).position);
        let line = if back { Line::new([to, from]) } else { Line::new([from, to]) }?;
        Some(Self { walk: id, line, length_m, back, at_m: 0.0, pace_mps, speed_mps: pace_mps, right_m })
    }

    /// Its crosswalk.
    #[must_use]
    pub fn walk(&self) -> WalkId {
        self.walk
    }

    /// Arrived on the other side.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.at_m >= self.line.length()
    }

    /// The true state.
    #[must_use]
    pub fn body(&self, id: ActorId, kind: Kind) -> Body {
        let spot = self.line.at(self.at_m);
        let way = Vector2::new(spot.yaw.cos(), spot.yaw.sin());
        let place = spot.position + Vector2::new(way.y, -way.x) * self.right_m;
        Body {
            id,
            kind,
            size: kind.size(),
            position: Vector3::new(place.x, place.y, 0.0),
            yaw: spot.yaw,
            velocity: way * self.speed_mps,
            yaw_rate: 0.0,
        }
    }

    /// Metres since the kerb.
    fn since_kerb(&self) -> f64 {
        self.at_m - APRON_M
    }

    /// Where on the crosswalk's own line something is that lies `since_kerb` ahead of this person's kerb.
    fn on_line(&self, since_kerb: f64) -> f64 {
        if self.back { self.length_m - since_kerb } else { since_kerb }
    }

    /// This person as drivers see them; nobody while off the road.
    #[must_use]
    pub fn on_walk(&self) -> Option<OnWalk> {
        let at = self.since_kerb();
        (at > -0.3 && at < self.length_m + 0.3).then(|| OnWalk {
            walk: self.walk,
            at_m: self.on_line(at),
            speed_mps: if self.back { -self.pace_mps } else { self.pace_mps },
        })
    }

    /// Moves on by `dt` seconds.
    pub fn advance(&mut self, group: Option<u8>, scene: &Scene<'_>, dt: f64) {
        self.speed_mps = if self.may_step(group, scene) { self.pace_mps } else { 0.0 };
        if self.treads_on_heels(scene) {
            self.speed_mps = 0.0;
        }
        if let Some(left_m) = self.bumps_into(scene) {
            // Round a vehicle that stands in the way, on the side where less of it is.
            self.speed_mps = 0.0;
            self.right_m += (if left_m > 0.0 { 0.5 } else { -0.5 }) * dt;
        }
        self.at_m += self.speed_mps * dt;
    }

    /// Somebody who goes the same way is right ahead.
    fn treads_on_heels(&self, scene: &Scene<'_>) -> bool {
        let me = self.body(0, Kind::Pedestrian);
        let ahead = Vector2::new(me.yaw.cos(), me.yaw.sin());
        let near = scene.grid.near(me.place(), 1.0).map(|i| &scene.bodies[i]);
        near.filter(|other| other.kind.walks() && crate::road::wrap(other.yaw - me.yaw).abs() < 1.0).any(|other| {
            let off = other.place() - me.place();
            (0.05..0.9).contains(&off.dot(&ahead)) && ahead.perp(&off).abs() < 0.5
        })
    }

    /// A vehicle right before one's feet: how far its middle is to the left.
    fn bumps_into(&self, scene: &Scene<'_>) -> Option<f64> {
        let mut next = self.body(0, Kind::Pedestrian).after(0.0);
        let ahead = Vector2::new(next.yaw.cos(), next.yaw.sin());
        next.position += Vector3::new(ahead.x, ahead.y, 0.0) * 0.4;
        let hit = scene.grid.near(next.place(), 9.0).map(|i| &scene.bodies[i]);
        let hit = hit.filter(|other| !other.kind.walks()).find(|other| next.touches(other))?;
        let off = hit.place() - next.place();
        Some(ahead.x * off.y - ahead.y * off.x)
    }

    fn may_step(&self, group: Option<u8>, scene: &Scene<'_>) -> bool {
        let at = self.since_kerb();
        let at_kerb = (-0.6..-0.3).contains(&at);
        if at_kerb && !self.has_green(group, scene) {
            return false;
        }
        if !(-0.6..self.length_m).contains(&at) {
            return true;
        }
        !scene.passing.iter().any(|vehicle| vehicle.walk == self.walk && self.gives_way_to(at, vehicle))
    }

    fn has_green(&self, group: Option<u8>, scene: &Scene<'_>) -> bool {
        let Some(shown) = group.and_then(|g| scene.lights.get(&g)) else { return true };
        let (light, until) = shown;
        let needed_s = 0.5 * self.length_m / self.pace_mps;
        matches!(light, Light::PermissiveGreen | Light::ProtectedGreen)
            && until.is_none_or(|until| until.seconds_since(scene.now) > needed_s)
    }

    /// The next pace would lead into the band of a vehicle that is there or will not stop any more.
    fn gives_way_to(&self, at: f64, vehicle: &Passing) -> bool {
        let (a, b) = (self.on_line(vehicle.band_m.0), self.on_line(vehicle.band_m.1));
        // `on_line` is its own inverse: the band in metres since this person's kerb.
        let (near, far) = (a.min(b), a.max(b));
        let ahead = at < near && at + 1.0 > near;
        let seconds = vehicle.distance_m / vehicle.speed_mps.max(0.1);
        let clear_s = (far - at) / self.pace_mps;
        ahead && (vehicle.distance_m < 0.5 || (vehicle.committed && seconds < clear_s + 1.0))
    }
}
