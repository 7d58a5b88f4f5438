//! Lines of points as roads see them: stations along one line, and where other lines pass them.

use nalgebra::{Vector2, Vector3};

use crate::site_map::Waypoint;

/// A vertex of a line: where it is along it, and the heading of the piece that begins there (that ends, at the last one).
pub(super) struct Station {
    pub s: f64,
    pub at: Vector2<f64>,
    pub heading: f64,
}

pub(super) fn stations(line: &[Waypoint]) -> Vec<Station> {
    let mut s = 0.0;
    let mut out: Vec<Station> = Vec::with_capacity(line.len());
    for (i, point) in line.iter().enumerate() {
        let onward = line.get(i + 1).map(|next| (next[1] - point[1]).atan2(next[0] - point[0]));
        let heading = onward.or(out.last().map(|last| last.heading)).unwrap_or_default();
        out.push(Station { s, at: Vector2::new(point[0], point[1]), heading });
        s += line.get(i + 1).map_or(0.0, |next| distance(point, next));
    }
    out
}

/// How far left of a station another line passes; beyond its ends it is taken as going straight on.
pub(super) fn offset(from: &Station, line: &[Waypoint]) -> f64 {
    let (along, left) =
        (Vector2::new(from.heading.cos(), from.heading.sin()), Vector2::new(-from.heading.sin(), from.heading.cos()));
    let local: Vec<[f64; 2]> =
        line.iter().map(|p| Vector2::new(p[0], p[1]) - from.at).map(|p| [p.dot(&along), p.dot(&left)]).collect();
    let crosses = |two: &&[[f64; 2]]| two[0][0] <= 0.0 && two[1][0] >= 0.0;
    let found = local.windows(2).find(crosses);
    let behind = local.first().is_some_and(|first| first[0] > 0.0);
    let two = match (found, local.len()) {
        (_, 0 | 1) => return 0.0,
        (Some(two), _) => two,
        (None, _) if behind => &local[..2],
        (None, count) => &local[count - 2..],
    };
    let run = two[1][0] - two[0][0];
    if run.abs() < 1e-9 { two[0][1] } else { two[0][1] - two[0][0] * (two[1][1] - two[0][1]) / run }
}

pub(super) fn distance(a: &Waypoint, b: &Waypoint) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

pub(super) fn height(point: &Waypoint) -> f64 {
    point.get(2).copied().unwrap_or(0.0)
}

pub(super) fn length(line: &[Waypoint]) -> f64 {
    line.windows(2).map(|two| distance(&two[0], &two[1])).sum()
}

/// A point of a map: flat ground has no height.
pub(super) fn waypoint(p: &Vector3<f64>) -> Waypoint {
    let z = (p.z * 1000.0).round() / 1000.0;
    if z == 0.0 { vec![p.x, p.y] } else { vec![p.x, p.y, z] }
}
