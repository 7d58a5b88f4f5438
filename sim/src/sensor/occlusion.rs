//! Who hides whom: rays from the sensor to points of a body, against the boxes of all others.

use nalgebra::{Point3, Vector2, Vector3};

use crate::actor::Body;

/// A body as seen from one place: its bearing and distance, so that most others are ruled out at once.
#[derive(Clone, Debug)]
struct Bearing {
    nearest_m: f64,
    middle: f64,
    half: f64,
}

/// All bodies as seen from one place.
#[derive(Debug)]
pub struct Outlook<'a> {
    eye: Point3<f64>,
    bodies: &'a [Body],
    bearings: Vec<Bearing>,
}

impl<'a> Outlook<'a> {
    /// The view from `eye`.
    #[must_use]
    pub fn new(eye: Point3<f64>, bodies: &'a [Body]) -> Self {
        let bearing = |body: &Body| {
            let off = Vector2::new(body.position.x - eye.x, body.position.y - eye.y);
            let distance = off.norm();
            let half = if distance > body.radius() { (body.radius() / distance).asin() } else { std::f64::consts::PI };
            Bearing { nearest_m: distance - body.radius(), middle: off.y.atan2(off.x), half }
        };
        Self { eye, bodies, bearings: bodies.iter().map(bearing).collect() }
    }

    /// The points of body `i` that nothing hides, and how many were looked at.
    #[must_use]
    pub fn visible(&self, i: usize) -> (Vec<Point3<f64>>, usize) {
        let me = &self.bearings[i];
        let far = me.nearest_m + 2.0 * self.bodies[i].radius();
        let before: Vec<_> = (0..self.bodies.len())
            .filter(|&j| j != i && self.bearings[j].nearest_m < far)
            .filter(|&j| crate::road::wrap(self.bearings[j].middle - me.middle).abs() < self.bearings[j].half + me.half)
            .map(|j| Blocker::new(&self.bodies[j], &self.eye))
            .collect();
        let mut points = samples(&self.bodies[i]);
        let all = points.len();
        points.retain(|point| !before.iter().any(|blocker| blocker.hides(point)));
        (points, all)
    }
}

/// Points just inside the surface of a body's box.
fn samples(body: &Body) -> Vec<Point3<f64>> {
    let size = &body.size;
    let along = (size.length_m / 1.5).ceil().clamp(1.0, 8.0) as i32;
    let up = (size.height_m / 0.45).ceil().clamp(2.0, 6.0) as i32;
    let (sin, cos) = body.yaw.sin_cos();
    let mut points = Vec::new();
    for i in 0..=along {
        for side in [-0.45, 0.45] {
            for k in 0..=up {
                let x = size.length_m * (0.9 * f64::from(i) / f64::from(along) - 0.45);
                let y = size.width_m * side;
                let z = size.height_m * (0.05 + 0.9 * f64::from(k) / f64::from(up));
                points.push(Point3::from(body.position + Vector3::new(cos * x - sin * y, sin * x + cos * y, z)));
            }
        }
    }
    points
}

/// A box in the way of the rays from one eye, in the box's own frame.
#[derive(Debug)]
struct Blocker {
    middle: Vector3<f64>,
    sin: f64,
    cos: f64,
    half: Vector3<f64>,
    eye: Vector3<f64>,
}

impl Blocker {
    fn new(body: &Body, eye: &Point3<f64>) -> Self {
        let half = 0.5 * Vector3::new(body.size.length_m, body.size.width_m, body.size.height_m);
        let (sin, cos) = body.yaw.sin_cos();
        let middle = body.position + Vector3::new(0.0, 0.0, half.z);
        let mut blocker = Self { middle, sin, cos, half, eye: Vector3::zeros() };
        blocker.eye = blocker.local(eye);
        blocker
    }

    fn local(&self, point: &Point3<f64>) -> Vector3<f64> {
        let d = point.coords - self.middle;
        Vector3::new(self.cos * d.x + self.sin * d.y, -self.sin * d.x + self.cos * d.y, d.z)
    }

    /// The ray from the eye to `point` passes through the box (slab test).
    fn hides(&self, point: &Point3<f64>) -> bool {
        let way = self.local(point) - self.eye;
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        for axis in 0..3 {
            if way[axis].abs() < 1e-12 {
                if self.eye[axis].abs() > self.half[axis] {
                    return false;
                }
                continue;
            }
            let a = (-self.half[axis] - self.eye[axis]) / way[axis];
            let b = (self.half[axis] - self.eye[axis]) / way[axis];
            enter = enter.max(a.min(b));
            leave = leave.min(a.max(b));
            if enter >= leave {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    #[test]
    fn a_truck_hides_a_car_from_a_low_eye_and_less_from_a_high_one() {
        let bodies = [body(1, Kind::Truck, 20.0, 0.0, std::f64::consts::FRAC_PI_2), body(2, Kind::Car, 29.0, 0.0, 0.0)];
        let share = |height: f64| {
            let (points, all) = Outlook::new(Point3::new(0.0, 0.0, height), &bodies).visible(1);
            points.len() as f64 / all as f64
        };
        assert_eq!(share(1.5), 0.0);
        assert!(share(14.0) > 0.6, "{}", share(14.0));
        assert!(share(6.0) < share(14.0));
    }

    #[test]
    fn bodies_aside_or_behind_hide_nothing() {
        let bodies = [
            body(1, Kind::Truck, 40.0, 0.0, 0.0),
            body(2, Kind::Car, 26.0, 0.0, 0.0),
            body(3, Kind::Bus, -20.0, 0.0, 0.0),
        ];
        let (points, all) = Outlook::new(Point3::new(0.0, 0.0, 5.0), &bodies).visible(1);
        assert_eq!(points.len(), all);
    }
}
