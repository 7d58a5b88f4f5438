//! The rectangle that a body covers on the ground: who touches whom, and how far apart two are.

use nalgebra::{Point2, Vector2};

/// A rectangle in `enu`.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Footprint {
    /// Middle.
    pub centre: Point2<f64>,
    /// Unit vector forward.
    pub way: Vector2<f64>,
    /// Half the length and half the width, metres.
    pub half: [f64; 2],
}

impl Footprint {
    /// A rectangle of this length and width, metres, turned to `yaw`, radians from east, counter-clockwise.
    #[must_use]
    pub fn new(centre: Point2<f64>, yaw: f64, length_m: f64, width_m: f64) -> Self {
        let (sin, cos) = yaw.sin_cos();
        Self { centre, way: Vector2::new(cos, sin), half: [0.5 * length_m, 0.5 * width_m] }
    }

    /// Unit vector to the left.
    #[must_use]
    pub fn left(&self) -> Vector2<f64> {
        Vector2::new(-self.way.y, self.way.x)
    }

    /// The four corners, counter-clockwise from the front left.
    #[must_use]
    pub fn corners(&self) -> [Point2<f64>; 4] {
        let [l, w] = self.half;
        [(l, w), (-l, w), (-l, -w), (l, -w)].map(|(ahead, left)| self.centre + self.way * ahead + self.left() * left)
    }

    /// Half the extent along a unit vector, metres.
    #[must_use]
    pub fn reach(&self, axis: &Vector2<f64>) -> f64 {
        self.half[0] * self.way.dot(axis).abs() + self.half[1] * self.left().dot(axis).abs()
    }

    /// The two overlap (separating axis theorem); touching edges do not.
    #[must_use]
    pub fn touches(&self, other: &Self) -> bool {
        let off = other.centre - self.centre;
        let reach = self.half[0] + self.half[1] + other.half[0] + other.half[1];
        if off.norm_squared() > reach * reach {
            return false;
        }
        let (cos, sin) = (self.way.dot(&other.way).abs(), self.way.perp(&other.way).abs());
        let apart = |mine: &Self, theirs: &Self| {
            let along = mine.half[0] + theirs.half[0] * cos + theirs.half[1] * sin;
            let across = mine.half[1] + theirs.half[0] * sin + theirs.half[1] * cos;
            mine.way.dot(&off).abs() >= along || mine.way.perp(&off).abs() >= across
        };
        !apart(self, other) && !apart(other, self)
    }

    /// Distance of a place from the rectangle, metres; 0 inside.
    #[must_use]
    pub fn distance_to(&self, place: &Point2<f64>) -> f64 {
        let off = place - self.centre;
        let beyond = |along: f64, half: f64| (along.abs() - half).max(0.0);
        beyond(off.dot(&self.way), self.half[0]).hypot(beyond(off.dot(&self.left()), self.half[1]))
    }

    /// Shortest distance between the two, metres; 0 when they overlap. Of two rectangles that do not overlap the nearest
    /// points include a corner of one.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f64 {
        if self.touches(other) {
            return 0.0;
        }
        let from = |a: &Self, b: &Self| a.corners().iter().map(|c| b.distance_to(c)).fold(f64::INFINITY, f64::min);
        from(self, other).min(from(other, self))
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::FRAC_PI_4;

    use super::*;

    fn square(x: f64, y: f64, turned: f64) -> Footprint {
        Footprint::new(Point2::new(x, y), turned, 2.0, 2.0)
    }

    #[test]
    fn rectangles_touch_only_when_they_overlap() {
        assert!(square(0.0, 0.0, 0.0).touches(&square(1.9, 0.0, 0.0)));
        assert!(!square(0.0, 0.0, 0.0).touches(&square(2.1, 0.0, 0.0)));
        // A diamond of half diagonal 1.41 beside the corner of a square.
        assert!(square(0.0, 0.0, 0.0).touches(&square(1.6, 1.6, FRAC_PI_4)));
        assert!(!square(0.0, 0.0, 0.0).touches(&square(1.8, 1.8, FRAC_PI_4)));
        assert!(!square(0.0, 0.0, 0.0).touches(&square(2.0, 0.0, 0.0)), "edge on edge");
    }

    #[test]
    fn the_test_by_extents_agrees_with_the_one_by_corners() {
        let mut luck = crate::random::Luck::new(4, "boxes");
        let mut overlaps = 0;
        for i in 0..4000 {
            let mut any = |reach: f64| {
                let (x, y) = (luck.between(-reach, reach), luck.between(-reach, reach));
                Footprint::new(
                    Point2::new(x, y),
                    luck.between(-4.0, 4.0),
                    luck.between(0.5, 9.0),
                    luck.between(0.5, 3.0),
                )
            };
            let (a, b) = (any(1.0), any(7.0));
            // Separating axes, by the spans of the corners along them.
            let apart = [a.way, a.left(), b.way, b.left()].into_iter().any(|axis| {
                let span = |f: &Footprint| {
                    let along = f.corners().map(|c| c.coords.dot(&axis));
                    (along.into_iter().fold(f64::MAX, f64::min), along.into_iter().fold(f64::MIN, f64::max))
                };
                let ((a_low, a_high), (b_low, b_high)) = (span(&a), span(&b));
                a_high < b_low || b_high < a_low
            });
            assert_eq!(a.touches(&b), !apart, "{i}: {a:?} {b:?}");
            assert_eq!(a.distance(&b) == 0.0, !apart, "{i}: {a:?} {b:?}");
            overlaps += i32::from(!apart);
        }
        assert!((400..3600).contains(&overlaps), "{overlaps}");
    }

    #[test]
    fn distances_are_those_of_the_nearest_points() {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(near(square(0.0, 0.0, 0.0).distance(&square(5.0, 0.5, 0.0)), 3.0));
        assert!(near(square(0.0, 0.0, 0.0).distance(&square(5.0, 6.0, 0.0)), 5.0));
        assert!(near(square(0.0, 0.0, 0.0).distance(&square(4.0, 0.0, FRAC_PI_4)), 3.0 - 2.0_f64.sqrt()));
        assert_eq!(square(0.0, 0.0, 0.3).distance(&square(0.5, 0.0, 0.9)), 0.0);
        assert_eq!(square(0.0, 0.0, 0.0).distance_to(&Point2::new(0.5, -0.9)), 0.0);
        assert!(near(square(0.0, 0.0, 0.0).distance_to(&Point2::new(4.0, -5.0)), 5.0));
    }
}
