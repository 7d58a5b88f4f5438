//! Rational B-splines, by de Boor's recursion.

use super::track::Point;
use super::word::SMALL;

/// Points per knot span.
const PIECES: usize = 200;

/// A control point: place, weight, time.
pub type Control = ([f64; 2], f64, Option<f64>);

/// The curve as points; times of control points are carried along like coordinates.
#[must_use]
pub fn points(order: usize, control: &[Control], knots: &[f64]) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let timed = control.iter().all(|c| c.2.is_some());
    for span in order - 1..control.len() {
        let (from, to) = (knots[span], knots[span + 1]);
        if to - from < 1e-12 {
            continue;
        }
        let first = usize::from(!points.is_empty());
        let pieces = PIECES.min(super::limits::TRAJECTORY_POINTS / control.len().max(1)).max(2);
        for k in first..=pieces {
            let u = from + (to - from) * k as f64 / pieces as f64;
            let [x, y, time] = evaluate(order, control, knots, span, u);
            let s = points.last().map_or(0.0, |p| p.s + (x - p.x).hypot(y - p.y));
            points.push(Point {
                s,
                x,
                y,
                z: None,
                yaw: 0.0,
                explicit: false,
                along: 0.0,
                time: if timed { time } else { 0.0 },
                speed: 0.0,
                acceleration: 0.0,
            });
        }
    }
    let last = points.len().saturating_sub(1);
    for i in 0..points.len() {
        // The tangent by the neighbours on both sides.
        let (a, b) = (points[i.saturating_sub(1)], points[(i + 1).min(last)]);
        if (b.x - a.x).hypot(b.y - a.y) > SMALL {
            points[i].along = (b.y - a.y).atan2(b.x - a.x);
        } else if i > 0 {
            points[i].along = points[i - 1].along;
        }
        points[i].yaw = points[i].along;
    }
    points
}

/// x, y and time at `u` in a knot span.
fn evaluate(order: usize, control: &[Control], knots: &[f64], span: usize, u: f64) -> [f64; 3] {
    let degree = order - 1;
    // Homogeneous coordinates: weighted place and time, and the weight.
    let mut d: Vec<[f64; 4]> = (0..order)
        .map(|j| {
            let ([x, y], w, time) = control[j + span - degree];
            [x * w, y * w, time.unwrap_or(0.0) * w, w]
        })
        .collect();
    for r in 1..=degree {
        for j in (r..=degree).rev() {
            let (low, high) = (knots[j + span - degree], knots[j + 1 + span - r]);
            let a = if high > low { (u - low) / (high - low) } else { 0.0 };
            d[j] = std::array::from_fn(|c| (1.0 - a) * d[j - 1][c] + a * d[j][c]);
        }
    }
    let [x, y, time, w] = d[degree];
    [x / w, y / w, time / w]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_circle_is_exact() {
        // The textbook rational quadratic: weights 1, cos 45°, 1.
        let w = std::f64::consts::FRAC_1_SQRT_2;
        let control = [([1.0, 0.0], 1.0, Some(0.0)), ([1.0, 1.0], w, Some(1.0)), ([0.0, 1.0], 1.0, Some(2.0))];
        let points = points(3, &control, &[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
        assert!(points.iter().all(|p| (p.x.hypot(p.y) - 1.0).abs() < 1e-12));
        assert!((points.last().unwrap().s - std::f64::consts::FRAC_PI_2).abs() < 1e-4);
        assert!((points.last().unwrap().time - 2.0).abs() < 1e-12);
    }
}
