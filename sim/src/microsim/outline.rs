//! Where vehicles of the traffic are in the world: their boxes, tractor and trailer apart, and their bodies.

use nalgebra::{Point2, Vector2, Vector3};
use perception::Size;

use super::collide::Outline;
use super::network::{LaneId, NONE};
use super::style::Style;
use super::traffic::Traffic;
use super::vehicle::Vehicle;
use crate::actor::Body;
use crate::footprint::Footprint;

/// Added to the number of a vehicle: its trailer.
pub const TRAILER: u32 = 1 << 31;

impl Traffic {
    /// Middle of the front bumper, and the direction from the rear to it as a unit vector: what SUMO calls position and
    /// angle (`MSVehicle`: the angle is that of the line between rear and front, not that of the lane).
    #[must_use]
    pub fn front(&self, v: &Vehicle) -> (Point2<f64>, Vector2<f64>) {
        let (front, back) = (self.place_behind(v, 0.0), self.place_behind(v, v.length));
        let way = (front - back).try_normalize(1e-9).unwrap_or_else(|| {
            let yaw = self.network.lanes[v.lane as usize].shape.at(0.0).1;
            Vector2::new(yaw.cos(), yaw.sin())
        });
        (front + Vector2::new(-way.y, way.x) * v.left, way)
    }

    /// The place on the vehicle's way so far behind its front, on the lanes over which it came.
    fn place_behind(&self, v: &Vehicle, back: f64) -> Point2<f64> {
        let mut lane = v.lane;
        let mut pos = v.pos - back;
        while pos < 0.0 {
            let Some(before) = self.lane_before(v, lane) else { break };
            lane = before;
            pos += self.network.lanes[lane as usize].length;
        }
        let lane = &self.network.lanes[lane as usize];
        lane.shape.point(lane.along_shape(pos))
    }

    fn lane_before(&self, v: &Vehicle, lane: LaneId) -> Option<LaneId> {
        let link = self.network.links.get(v.came_by as usize)?;
        let [first, second] = link.inner;
        let before = match lane {
            lane if lane == link.to => [second, first, link.from].into_iter().find(|&l| l != NONE)?,
            lane if lane == second && second != NONE => first,
            lane if lane == first && first != NONE => link.from,
            _ => return None,
        };
        Some(before)
    }

    /// The boxes that a vehicle fills: one, or tractor and trailer.
    pub(super) fn outlines(&self, v: &Vehicle, mut each: impl FnMut(Outline)) {
        let style = self.style(v);
        let (front, way) = self.front(v);
        let half_width = 0.5 * style.size.width_m;
        let nose = v.length - style.trailer_m;
        let velocity = way * v.speed;
        let mut tell = |id: u32, front: Point2<f64>, way: Vector2<f64>, length: f64| {
            let centre = front - way * (0.5 * length);
            each(Outline { id, footprint: Footprint { centre, way, half: [0.5 * length, half_width] }, velocity });
        };
        tell(v.id, front, way, nose);
        if style.trailer_m > 0.0 {
            let hitch = front - way * nose;
            let lane_left = Vector2::new(-way.y, way.x) * v.left;
            let tail = self.place_behind(v, v.length) + lane_left;
            let along = (hitch - tail).try_normalize(1e-9).unwrap_or(way);
            tell(v.id | TRAILER, hitch, along, style.trailer_m);
        }
    }

    /// Adds the bodies of all vehicles to `out`; a trailer has the number of its tractor plus [`TRAILER`].
    pub fn bodies(&self, out: &mut Vec<Body>) {
        for v in self.vehicles() {
            let style = self.style(v);
            self.outlines(v, |outline| out.push(body(&outline, style)));
        }
    }

    /// Who touches whom; the number of new contacts.
    pub(super) fn find_collisions(&mut self) -> u64 {
        let mut contacts = std::mem::take(&mut self.contacts);
        contacts.clear();
        for v in self.vehicles.iter().filter(|v| v.here) {
            self.outlines(v, |outline| contacts.add(outline));
        }
        let new = contacts.find(|a, b| (a ^ b) == TRAILER);
        self.contacts = contacts;
        new
    }
}

fn body(outline: &Outline, style: &Style) -> Body {
    let Footprint { centre, way, half: [half_length, half_width] } = outline.footprint;
    let size = Size { length_m: 2.0 * half_length, width_m: 2.0 * half_width, height_m: style.size.height_m };
    Body {
        id: outline.id,
        kind: style.class.kind(),
        size,
        position: Vector3::new(centre.x, centre.y, 0.0),
        yaw: way.y.atan2(way.x),
        velocity: outline.velocity,
        yaw_rate: 0.0,
    }
}
