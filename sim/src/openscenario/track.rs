//! Trajectories laid out in the world: points with their distance, time and heading, and where one is on them.

use super::nurbs::{self, Control};
use super::trajectory::{Clothoid, Shape, Trajectory};
use super::word::{Following, SMALL};
use crate::opendrive::wrap;

/// Distance between points of a curve, metres.
const CURVE_STEP_M: f64 = 0.1;
/// Corners of a polyline are turned within so many metres on either side.
const CORNER_M: f64 = 2.0;

/// A point on a laid-out trajectory.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Point {
    /// Metres along it.
    pub s: f64,
    /// Metres.
    pub x: f64,
    /// Metres.
    pub y: f64,
    /// Height, where the trajectory gives it.
    pub z: Option<f64>,
    /// Height of this point, given or of the road.
    pub height: f64,
    /// Metres up for each metre on, where heights are given.
    pub slope: f64,
    /// Heading of a body there, radians.
    pub yaw: f64,
    /// The heading was given, not taken from the course.
    pub explicit: bool,
    /// Direction of the course, radians.
    pub along: f64,
    /// Seconds.
    pub time: f64,
    /// Speed when it leaves this point, m/s.
    pub speed: f64,
    /// Acceleration until the next point, m/s².
    pub acceleration: f64,
}

/// A trajectory laid out.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// Its points.
    pub points: Vec<Point>,
    /// Its name.
    pub name: String,
    /// Begins again at its end.
    pub closed: bool,
    corners: Corners,
}

/// How headings change between points.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Corners {
    /// Over the whole piece.
    Piece,
    /// Near the corners.
    Corner,
}

/// A resolved position: where it is, its height and heading if given, its heading else.
pub type Resolved = ([f64; 3], Option<f64>, Option<f64>, f64);

impl Track {
    /// Lays a trajectory out; `resolve` turns its positions into points of the world (x, y; height; heading if given; heading
    /// else), `here` is where the entity is. `None`: a position leads nowhere.
    pub fn lay(
        trajectory: &Trajectory,
        following: Following,
        speed: f64,
        here: Resolved,
        resolve: &mut dyn FnMut(&super::position::Position) -> Option<Resolved>,
    ) -> Option<Self> {
        let (mut points, corners) = match &trajectory.shape {
            Shape::Polyline(vertices) => {
                let mut points = Vec::with_capacity(vertices.len());
                for vertex in vertices {
                    points.push(point(resolve(&vertex.position)?, vertex.time));
                }
                let corners = if following == Following::Follow { Corners::Piece } else { Corners::Corner };
                (points, corners)
            }
            Shape::Clothoid(clothoid) => (spline(std::slice::from_ref(clothoid), None, here, resolve)?, Corners::Piece),
            Shape::Spline(pieces, end) => (thinned(&spline(pieces, *end, here, resolve)?), Corners::Piece),
            Shape::Nurbs { order, points, knots } => {
                let mut control = Vec::with_capacity(points.len());
                for p in points {
                    let (at, z, ..) = resolve(&p.position)?;
                    control.push(Control { at: [at[0], at[1]], z, weight: p.weight, time: p.time });
                }
                (nurbs::points(*order, &control, knots), Corners::Piece)
            }
        };
        let mut following = following;
        if matches!(trajectory.shape, Shape::Polyline(_)) {
            measure(&mut points);
        } else {
            // Curves have their times at every point: nothing is left to a driver.
            following = Following::Position;
        }
        time(&mut points, following, speed);
        Some(Self { points, name: trajectory.name.clone(), closed: trajectory.closed, corners })
    }

    /// Its length, metres.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.points.last().map_or(0.0, |p| p.s)
    }

    /// Time of its first point.
    #[must_use]
    pub fn start_time(&self) -> f64 {
        self.points.first().map_or(0.0, |p| p.time)
    }

    /// Time of its last point.
    #[must_use]
    pub fn end_time(&self) -> f64 {
        self.points.last().map_or(0.0, |p| p.time)
    }

    /// Metres along it at a time.
    #[must_use]
    pub fn s_at(&self, time: f64) -> f64 {
        if time > self.end_time() {
            return self.length();
        }
        let i = self.points.partition_point(|p| p.time < time).clamp(1, self.points.len()) - 1;
        let p = &self.points[i];
        let mut dt = (time - p.time).max(0.0);
        if p.acceleration < 0.0 {
            dt = dt.min(-p.speed / p.acceleration);
        }
        p.s + p.speed * dt + 0.5 * p.acceleration * dt * dt
    }

    /// The point so many metres along it.
    #[must_use]
    pub fn at(&self, s: f64) -> Point {
        let around = self.closed && self.length() > SMALL && !(0.0..=self.length()).contains(&s);
        let s = if around { s.rem_euclid(self.length()) } else { s };
        let last = self.points.len() - 1;
        if s > self.length() - SMALL {
            return self.points[last];
        }
        let i = self.points.partition_point(|p| p.s < s - SMALL).clamp(1, last.max(1)) - 1;
        let (a, b) = (&self.points[i], &self.points[(i + 1).min(last)]);
        let length = (b.s - a.s).max(SMALL);
        let local = (s - a.s).clamp(0.0, length);
        let f = local / length;
        let mix = |p: f64, q: f64| (1.0 - f) * p + f * q;
        Point {
            s: mix(a.s, b.s),
            x: mix(a.x, b.x),
            y: mix(a.y, b.y),
            // From a place on the road to one with a height it rises evenly, and the other way round.
            z: a.z.or(b.z).map(|_| mix(a.height, b.height)),
            height: mix(a.height, b.height),
            slope: (b.height - a.height) / length,
            yaw: self.heading(i, local, length),
            explicit: a.explicit,
            along: a.along,
            time: mix(a.time, b.time),
            speed: mix(a.speed, b.speed),
            acceleration: a.acceleration,
        }
    }

    fn heading(&self, i: usize, local: f64, length: f64) -> f64 {
        let (here, next) = (self.points[i].yaw, self.points[i + 1].yaw);
        if self.corners == Corners::Piece {
            return wrap(here + local / length * wrap(next - here));
        }
        let radius = CORNER_M.min(0.5 * length);
        if local < radius {
            let Some(before) = i.checked_sub(1).map(|j| self.points[j].yaw) else { return here };
            return wrap(before + (radius + local) / (2.0 * radius) * wrap(here - before));
        }
        if local > length - radius {
            let left = length - local;
            let f = if i + 2 < self.points.len() { (radius + left) / (2.0 * radius) } else { left / radius };
            return wrap(here + (1.0 - f) * wrap(next - here));
        }
        here
    }

    /// Metres along it of the point nearest to a place, and how far to the left of it the place is.
    #[must_use]
    pub fn nearest(&self, x: f64, y: f64) -> (f64, f64) {
        let mut best = (f64::INFINITY, 0.0, 0.0);
        for w in self.points.windows(2) {
            let (dx, dy) = (w[1].x - w[0].x, w[1].y - w[0].y);
            let squared = dx * dx + dy * dy;
            let f =
                if squared > 0.0 { (((x - w[0].x) * dx + (y - w[0].y) * dy) / squared).clamp(0.0, 1.0) } else { 0.0 };
            let (px, py) = (x - w[0].x - f * dx, y - w[0].y - f * dy);
            let distance = px.hypot(py);
            if distance < best.0 {
                let left = if dx * py - dy * px < 0.0 { -distance } else { distance };
                best = (distance, w[0].s + f * (w[1].s - w[0].s), left);
            }
        }
        (best.1, best.2)
    }
}

fn point((at, z, given, _): Resolved, time: Option<f64>) -> Point {
    Point {
        s: 0.0,
        x: at[0],
        y: at[1],
        z,
        height: z.unwrap_or(at[2]),
        slope: 0.0,
        yaw: given.unwrap_or(0.0),
        explicit: given.is_some(),
        along: 0.0,
        time: time.unwrap_or(0.0),
        speed: 0.0,
        acceleration: 0.0,
    }
}

/// Distances and directions of a polyline; a corner looks to the next one.
fn measure(points: &mut [Point]) {
    let mut along = None;
    for i in 1..points.len() {
        let (dx, dy) = (points[i].x - points[i - 1].x, points[i].y - points[i - 1].y);
        points[i].s = points[i - 1].s + dx.hypot(dy);
        if along.is_none() && dx.hypot(dy) > SMALL {
            along = Some(dy.atan2(dx));
        }
    }
    let mut along = along.unwrap_or(points.first().map_or(0.0, |p| p.yaw));
    for i in 0..points.len() {
        if i + 1 < points.len() {
            let (dx, dy) = (points[i + 1].x - points[i].x, points[i + 1].y - points[i].y);
            if dx.hypot(dy) > SMALL {
                along = dy.atan2(dx);
            }
        }
        points[i].along = along;
        if !points[i].explicit {
            points[i].yaw = along;
        }
    }
}

/// Speeds between points with times: constant on each piece, or with constant acceleration from the speed before.
fn time(points: &mut [Point], following: Following, mut speed: f64) {
    for i in 0..points.len().saturating_sub(1) {
        let (ds, dt) = (points[i + 1].s - points[i].s, points[i + 1].time - points[i].time);
        if following == Following::Position {
            points[i].speed = if dt > SMALL { ds / dt } else { 0.0 };
            points[i + 1].speed = points[i].speed;
            continue;
        }
        points[i].speed = speed;
        if ds < SMALL || dt < SMALL {
            speed = 0.0;
            continue;
        }
        let mut a = 2.0 * (ds - speed * dt) / (dt * dt);
        if speed + a * dt < 0.0 {
            // It stops before: arrives early and waits.
            a = -speed * speed / (2.0 * ds);
            speed = 0.0;
        } else {
            speed += a * dt;
        }
        points[i].acceleration = a;
        points[i + 1].speed = speed;
    }
}

fn spline(
    pieces: &[Clothoid],
    end: Option<f64>,
    here: Resolved,
    resolve: &mut dyn FnMut(&super::position::Position) -> Option<Resolved>,
) -> Option<Vec<Point>> {
    let mut points: Vec<Point> = Vec::new();
    let (mut at, mut yaw, mut s) = ([here.0[0], here.0[1]], here.3, 0.0);
    for (i, piece) in pieces.iter().enumerate() {
        if let Some(start) = &piece.start {
            let (place, _, given, natural) = resolve(start)?;
            (at, yaw) = ([place[0], place[1]], given.unwrap_or(natural));
        }
        yaw += piece.turn;
        let steps = (piece.length / CURVE_STEP_M).ceil().clamp(1.0, super::limits::TRAJECTORY_POINTS as f64) as usize;
        let from = piece.start_time.unwrap_or(0.0);
        let to = piece.stop_time.or_else(|| pieces.get(i + 1).map_or(end, |next| next.start_time)).unwrap_or(from);
        let h = piece.length / steps as f64;
        for k in 0..=steps {
            let l = h * k as f64;
            let heading = yaw + piece.curvature * l + 0.5 * piece.curvature_prime * l * l;
            if k > 0 {
                let m = l - 0.5 * h;
                // Simpson's rule with the middle of the step: error of fifth order in the step.
                let middle = yaw + piece.curvature * m + 0.5 * piece.curvature_prime * m * m;
                let l0 = l - h;
                let first = yaw + piece.curvature * l0 + 0.5 * piece.curvature_prime * l0 * l0;
                at[0] += h / 6.0 * (first.cos() + 4.0 * middle.cos() + heading.cos());
                at[1] += h / 6.0 * (first.sin() + 4.0 * middle.sin() + heading.sin());
            } else if i > 0 {
                // The first point of a piece is the last of the one before, with the new heading.
                points.pop();
            }
            let time = from + (to - from) * k as f64 / steps as f64;
            let mut p = point(([at[0], at[1], 0.0], None, None, 0.0), Some(time));
            (p.s, p.yaw, p.along) = (s + l, wrap(heading), wrap(heading));
            points.push(p);
        }
        s += piece.length;
        yaw += piece.curvature * piece.length + 0.5 * piece.curvature_prime * piece.length * piece.length;
    }
    Some(points)
}

/// A spline as esmini drives it: points at every whole metre, the last of them at its end.
fn thinned(points: &[Point]) -> Vec<Point> {
    let metres = points.last().map_or(0, |p| p.s.floor() as usize);
    if metres < 2 {
        return points.to_vec();
    }
    let mut thin: Vec<Point> = Vec::with_capacity(metres + 1);
    for metre in 0..metres {
        let s = metre as f64;
        let i = points.partition_point(|p| p.s < s).clamp(1, points.len() - 1);
        let (a, b) = (&points[i - 1], &points[i]);
        let f = ((s - a.s) / (b.s - a.s).max(SMALL)).clamp(0.0, 1.0);
        let mix = |p: f64, q: f64| p + f * (q - p);
        let yaw = wrap(a.yaw + f * wrap(b.yaw - a.yaw));
        thin.push(Point { s, x: mix(a.x, b.x), y: mix(a.y, b.y), yaw, along: yaw, time: mix(a.time, b.time), ..*a });
    }
    let end = points.last().copied().unwrap_or_default();
    // What is left of the last metre is waited for at the end.
    let time = thin.last().map_or(0.0, |p| p.time);
    let share = 1.0 / (end.s - (metres - 1) as f64);
    thin.push(Point { s: metres as f64, time: time + share * (end.time - time), ..end });
    if end.s - metres as f64 > SMALL {
        thin.push(end);
    }
    thin
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openscenario::position::{Orientation, Position};
    use crate::openscenario::trajectory::Vertex;

    fn lay(shape: Shape, following: Following, speed: f64) -> Track {
        let trajectory = Trajectory { name: "t".into(), closed: false, shape };
        let mut resolve = |p: &Position| match p {
            Position::World { x, y, z, orientation } => Some(([*x, *y, 0.0], *z, orientation.h, 0.0)),
            _ => None,
        };
        Track::lay(&trajectory, following, speed, ([0.0; 3], None, None, 0.0), &mut resolve).unwrap()
    }

    fn world(x: f64, y: f64) -> Position {
        Position::World { x, y, z: None, orientation: Orientation::default() }
    }

    fn corner() -> Shape {
        let vertex = |x, y, time| Vertex { position: world(x, y), time: Some(time) };
        Shape::Polyline(vec![vertex(0.0, 0.0, 0.0), vertex(10.0, 0.0, 1.0), vertex(10.0, 20.0, 3.0)])
    }

    #[test]
    fn a_polyline_turns_at_its_corners() {
        let track = lay(corner(), Following::Position, 0.0);
        assert!((track.length() - 30.0).abs() < 1e-12);
        let p = track.at(15.0);
        assert!((p.x - 10.0).abs() < 1e-12 && (p.y - 5.0).abs() < 1e-12);
        assert!((track.at(10.0).yaw - std::f64::consts::FRAC_PI_4).abs() < 1e-6);
        assert!((track.at(5.0).yaw).abs() < 1e-12 && (track.s_at(2.0) - 20.0).abs() < 1e-12);
        assert_eq!(track.nearest(12.0, 6.0), (16.0, -2.0));
    }

    #[test]
    fn following_accelerates_evenly_between_times() {
        // From standing, 10 m in 1 s: a = 20 m/s², 20 m/s at the corner; then 20 m in 2 s: braking at 10 m/s².
        let track = lay(corner(), Following::Follow, 0.0);
        assert!((track.s_at(0.5) - 2.5).abs() < 1e-12, "{}", track.s_at(0.5));
        assert!((track.s_at(2.0) - 25.0).abs() < 1e-12, "{}", track.s_at(2.0));
    }

    #[test]
    fn a_clothoid_without_change_of_curvature_is_an_arc() {
        let arc = Clothoid {
            start: Some(world(0.0, 0.0)),
            curvature: 0.1,
            curvature_prime: 0.0,
            length: 10.0 * std::f64::consts::FRAC_PI_2,
            turn: 0.0,
            start_time: None,
            stop_time: None,
        };
        let end = lay(Shape::Clothoid(arc), Following::Position, 0.0).points.pop().unwrap();
        assert!((end.x - 10.0).abs() < 1e-9 && (end.y - 10.0).abs() < 1e-9, "{end:?}");
        assert!((end.yaw - std::f64::consts::FRAC_PI_2).abs() < 1e-12);
    }
}
