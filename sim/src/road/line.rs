//! A drawn line with arc length: lane centre lines, ways through a crossing, and the paths actors follow.

use nalgebra::{Point2, Vector2};

/// A polyline in `enu`, measured along itself in metres.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    points: Vec<Point2<f64>>,
    /// Arc length at each point.
    along: Vec<f64>,
    /// Of the stretch that ends at each point but the first: its direction, as a unit vector and an angle.
    ways: Vec<(Vector2<f64>, f64)>,
}

/// A place on a line.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Spot {
    /// Where, `enu`, metres.
    pub position: Point2<f64>,
    /// Direction of the line there, radians, 0 = east, counter-clockwise.
    pub yaw: f64,
}

/// Where a point lies as seen from a line.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Beside {
    /// Arc length of the nearest place, metres.
    pub along_m: f64,
    /// Signed distance from it, left is positive, metres.
    pub left_m: f64,
}

impl Line {
    /// A line through `points`; points closer than a millimetre to the one before are left out. `None` when fewer than
    /// two are left or one is not finite.
    #[must_use]
    pub fn new(points: impl IntoIterator<Item = Point2<f64>>) -> Option<Self> {
        let mut line = Self { points: Vec::new(), along: Vec::new(), ways: Vec::new() };
        for point in points {
            if !(point.x.is_finite() && point.y.is_finite()) {
                return None;
            }
            line.push(point);
        }
        (line.points.len() >= 2).then_some(line)
    }

    /// A line through `[east, north, …]` waypoints.
    #[must_use]
    pub fn from_waypoints(waypoints: &[Vec<f64>]) -> Option<Self> {
        if waypoints.iter().any(|w| w.len() < 2) {
            return None;
        }
        Self::new(waypoints.iter().map(|w| Point2::new(w[0], w[1])))
    }

    /// A smooth curve (cubic Bezier) from one spot to another, leaving and arriving in their directions.
    #[must_use]
    pub fn smooth(from: Spot, to: Spot) -> Option<Self> {
        let reach = 0.45 * (to.position - from.position).norm();
        let lead = |spot: Spot, sign: f64| spot.position + sign * reach * Vector2::new(spot.yaw.cos(), spot.yaw.sin());
        let (a, b) = (lead(from, 1.0), lead(to, -1.0));
        Self::new((0..=12).map(|i| {
            let t = f64::from(i) / 12.0;
            let s = 1.0 - t;
            Point2::from(
                from.position.coords * s * s * s
                    + a.coords * 3.0 * s * s * t
                    + b.coords * 3.0 * s * t * t
                    + to.position.coords * t * t * t,
            )
        }))
    }

    fn push(&mut self, point: Point2<f64>) {
        let Some(last) = self.points.last() else {
            self.points.push(point);
            self.along.push(0.0);
            return;
        };
        let (way, step) = (point - last, (point - last).norm());
        if step > 1e-3 {
            self.along.push(self.length() + step);
            self.ways.push((way / step, way.y.atan2(way.x)));
            self.points.push(point);
        }
    }

    /// Adds the other line at the end.
    pub fn append(&mut self, other: &Self) {
        for &point in &other.points {
            self.push(point);
        }
    }

    /// Length, metres.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.along.last().copied().unwrap_or(0.0)
    }

    /// The points.
    #[must_use]
    pub fn points(&self) -> &[Point2<f64>] {
        &self.points
    }

    /// The place `along_m` from the start; before the start and beyond the end the line goes straight on.
    #[must_use]
    pub fn at(&self, along_m: f64) -> Spot {
        let i = self.along.partition_point(|&a| a <= along_m).clamp(1, self.points.len() - 1);
        let (way, yaw) = self.ways[i - 1];
        Spot { position: self.points[i - 1] + way * (along_m - self.along[i - 1]), yaw }
    }

    /// The end.
    #[must_use]
    pub fn end(&self) -> Spot {
        self.at(self.length())
    }

    /// Where `point` lies, looking only at the stretch from `from_m` to `to_m`.
    #[must_use]
    pub fn beside(&self, point: Point2<f64>, from_m: f64, to_m: f64) -> Beside {
        let first = self.along.partition_point(|&a| a <= from_m).clamp(1, self.points.len() - 1);
        let last = self.along.partition_point(|&a| a < to_m).clamp(first, self.points.len() - 1);
        let mut best: Option<(f64, Beside)> = None;
        for i in first..=last {
            let length = self.along[i] - self.along[i - 1];
            let (way, _) = self.ways[i - 1];
            let rel = point - self.points[i - 1];
            // The first and the last stretch go on straight, so that what is behind or beyond is not pulled in.
            let low = if i == 1 { f64::NEG_INFINITY } else { 0.0 };
            let high = if i == self.points.len() - 1 { f64::INFINITY } else { length };
            let t = rel.dot(&way).clamp(low, high);
            let off = rel - way * t;
            let distance = off.norm_squared();
            if best.is_none_or(|(d, _)| distance < d) {
                let left = way.x * rel.y - way.y * rel.x;
                let left_m = distance.sqrt().copysign(left);
                best = Some((distance, Beside { along_m: self.along[i - 1] + t, left_m }));
            }
        }
        best.map_or(Beside { along_m: 0.0, left_m: f64::INFINITY }, |(_, b)| b)
    }

    /// Where `point` lies, looking at the whole line.
    #[must_use]
    pub fn beside_all(&self, point: Point2<f64>) -> Beside {
        self.beside(point, f64::NEG_INFINITY, f64::INFINITY)
    }

    /// Radius of the tightest turn between `from_m` and `to_m`, metres; straight: infinite.
    #[must_use]
    pub fn tightest_radius(&self, from_m: f64, to_m: f64) -> f64 {
        let step = 2.0;
        let mut tightest = f64::INFINITY;
        let mut s = from_m;
        while s + step <= to_m {
            let turn = wrap(self.at(s + step).yaw - self.at(s).yaw).abs();
            if turn > 1e-3 {
                tightest = f64::min(tightest, step / turn);
            }
            s += step / 2.0;
        }
        tightest
    }

    /// The first place where `other` crosses this line: arc lengths on this line and on the other.
    #[must_use]
    pub fn crossing(&self, other: &Self) -> Option<(f64, f64)> {
        for (i, a) in self.points.windows(2).enumerate() {
            for (j, b) in other.points.windows(2).enumerate() {
                if let Some((t, u)) = cross(a[0], a[1], b[0], b[1]) {
                    let mine = self.along[i] + t * (self.along[i + 1] - self.along[i]);
                    return Some((mine, other.along[j] + u * (other.along[j + 1] - other.along[j])));
                }
            }
        }
        None
    }
}

fn cross(a0: Point2<f64>, a1: Point2<f64>, b0: Point2<f64>, b1: Point2<f64>) -> Option<(f64, f64)> {
    let (da, db, off) = (a1 - a0, b1 - b0, b0 - a0);
    let det = da.x * db.y - da.y * db.x;
    if det.abs() < 1e-12 {
        return None;
    }
    let t = (off.x * db.y - off.y * db.x) / det;
    let u = (off.x * da.y - off.y * da.x) / det;
    ((0.0..=1.0).contains(&t) && (0.0..=1.0).contains(&u)).then_some((t, u))
}

/// An angle between -π and π.
#[must_use]
pub fn wrap(angle: f64) -> f64 {
    (angle + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU) - std::f64::consts::PI
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corner() -> Line {
        Line::from_waypoints(&[vec![0.0, 0.0], vec![10.0, 0.0], vec![10.0, 10.0]]).unwrap()
    }

    #[test]
    fn a_line_is_measured_along_itself_and_goes_straight_on_beyond_its_ends() {
        let line = corner();
        assert_eq!(line.length(), 20.0);
        assert_eq!(line.at(12.0).position, Point2::new(10.0, 2.0));
        assert_eq!(line.at(-3.0).position, Point2::new(-3.0, 0.0));
        assert_eq!(line.at(23.0).position, Point2::new(10.0, 13.0));
        assert!((line.at(15.0).yaw - std::f64::consts::FRAC_PI_2).abs() < 1e-12);
    }

    #[test]
    fn a_point_beside_the_line_has_a_signed_distance() {
        let line = corner();
        assert_eq!(line.beside_all(Point2::new(5.0, 2.0)), Beside { along_m: 5.0, left_m: 2.0 });
        assert_eq!(line.beside_all(Point2::new(12.0, 5.0)), Beside { along_m: 15.0, left_m: -2.0 });
        let near_end = line.beside(Point2::new(1.0, 0.5), 12.0, 20.0);
        assert!(near_end.along_m >= 10.0, "only the stretch asked for is looked at: {near_end:?}");
    }

    #[test]
    fn lines_that_cross_say_where() {
        let other = Line::from_waypoints(&[vec![5.0, -4.0], vec![5.0, 4.0]]).unwrap();
        assert_eq!(corner().crossing(&other), Some((5.0, 4.0)));
        let away = Line::from_waypoints(&[vec![50.0, -4.0], vec![50.0, 4.0]]).unwrap();
        assert_eq!(corner().crossing(&away), None);
    }

    #[test]
    fn a_smooth_curve_leaves_and_arrives_in_the_given_directions() {
        let from = Spot { position: Point2::origin(), yaw: 0.0 };
        let to = Spot { position: Point2::new(10.0, 10.0), yaw: std::f64::consts::FRAC_PI_2 };
        let line = Line::smooth(from, to).unwrap();
        assert!(line.at(0.1).yaw.abs() < 0.15);
        assert!((line.end().yaw - to.yaw).abs() < 0.15);
        assert!(line.tightest_radius(0.0, line.length()) > 5.0);
    }

    #[test]
    fn too_few_or_not_finite_points_make_no_line() {
        assert!(Line::from_waypoints(&[vec![0.0, 0.0]]).is_none());
        assert!(Line::from_waypoints(&[vec![0.0, 0.0], vec![0.0, 0.0]]).is_none());
        assert!(Line::from_waypoints(&[vec![0.0, 0.0], vec![f64::NAN, 0.0]]).is_none());
        assert!(Line::from_waypoints(&[vec![0.0], vec![1.0, 0.0]]).is_none());
    }
}
