//! Polylines of lanes: where a place along them is, and which way it looks.

use nalgebra::Point2;

/// A polyline with the length along it at every point, metres.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    points: Vec<Point2<f64>>,
    along: Vec<f64>,
}

impl Shape {
    /// A shape through `points`; equal neighbours count once.
    #[must_use]
    pub fn new(points: impl IntoIterator<Item = Point2<f64>>) -> Self {
        let mut shape = Self::default();
        for point in points {
            let step = shape.points.last().map_or(0.0, |last| (point - last).norm());
            if shape.points.is_empty() || step > 1e-9 {
                shape.along.push(shape.length() + step);
                shape.points.push(point);
            }
        }
        shape
    }

    /// Points of the polyline.
    #[must_use]
    pub fn points(&self) -> &[Point2<f64>] {
        &self.points
    }

    /// Length, metres.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.along.last().copied().unwrap_or(0.0)
    }

    /// Place `along` metres from the start and direction there, radians counter-clockwise from east; goes straight on
    /// beyond both ends.
    #[must_use]
    pub fn at(&self, along: f64) -> (Point2<f64>, f64) {
        let [_, .., _] = self.points.as_slice() else {
            return (self.points.first().copied().unwrap_or_else(Point2::origin), 0.0);
        };
        let i = self.along.partition_point(|&s| s <= along).clamp(1, self.points.len() - 1);
        let (a, b) = (self.points[i - 1], self.points[i]);
        let way = (b - a) / (self.along[i] - self.along[i - 1]);
        (a + way * (along - self.along[i - 1]), way.y.atan2(way.x))
    }

    /// Place `along` metres from the start.
    #[must_use]
    pub fn point(&self, along: f64) -> Point2<f64> {
        let [_, .., _] = self.points.as_slice() else { return self.at(along).0 };
        let i = self.along.partition_point(|&s| s <= along).clamp(1, self.points.len() - 1);
        let (a, b) = (self.points[i - 1], self.points[i]);
        a + (b - a) * ((along - self.along[i - 1]) / (self.along[i] - self.along[i - 1]))
    }

    /// Nearest place on the polyline: how far along it is, and how far away.
    #[must_use]
    pub fn nearest(&self, point: Point2<f64>) -> (f64, f64) {
        let mut best = (0.0, f64::INFINITY);
        for (i, pair) in self.points.windows(2).enumerate() {
            let way = pair[1] - pair[0];
            let t = ((point - pair[0]).dot(&way) / way.norm_squared()).clamp(0.0, 1.0);
            let distance = (point - (pair[0] + way * t)).norm();
            if distance < best.1 {
                best = (self.along[i] + t * way.norm(), distance);
            }
        }
        best
    }

    /// One shape after the other.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        Self::new(self.points.iter().chain(&next.points).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lie_on_the_polyline_and_straight_on_beyond_it() {
        let bend = Shape::new([(0.0, 0.0), (10.0, 0.0), (10.0, 0.0), (10.0, 5.0)].map(|(x, y)| Point2::new(x, y)));
        assert!((bend.length() - 15.0).abs() < 1e-12);
        assert_eq!(bend.at(4.0), (Point2::new(4.0, 0.0), 0.0));
        let (place, yaw) = bend.at(12.0);
        assert!((place - Point2::new(10.0, 2.0)).norm() < 1e-12);
        assert!((yaw - std::f64::consts::FRAC_PI_2).abs() < 1e-12);
        assert!((bend.at(-3.0).0 - Point2::new(-3.0, 0.0)).norm() < 1e-12);
        assert!((bend.at(17.0).0 - Point2::new(10.0, 7.0)).norm() < 1e-12);
        let (along, away) = bend.nearest(Point2::new(12.0, 1.0));
        assert!((along - 11.0).abs() < 1e-12 && (away - 2.0).abs() < 1e-12);
    }
}
