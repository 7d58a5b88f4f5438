//! Rational B-splines (Piegl and Tiller, "The NURBS Book", algorithms A2.2 and A4.1).

use super::track::Point;
use super::word::SMALL;

/// Points per knot span.
const PIECES: usize = 200;
/// Step along the control polygon by which the places are found where control points pull most, metres.
const STEP_M: f64 = 1.0;
/// How far ahead of each step the pull is looked at, in the parameter.
const AHEAD: f64 = 0.001;

/// A control point.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Control {
    /// Where.
    pub at: [f64; 2],
    /// How high, if that is given.
    pub z: Option<f64>,
    /// How much it pulls.
    pub weight: f64,
    /// When, if that is given.
    pub time: Option<f64>,
}

/// The curve as points. The time of a control point is that of the place where it pulls most; between such places time runs
/// evenly with the parameter.
#[must_use]
pub fn points(order: usize, control: &[Control], knots: &[f64]) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut parameters = Vec::new();
    let high = control.iter().all(|c| c.z.is_some());
    let pieces = PIECES.min(super::limits::TRAJECTORY_POINTS / control.len().max(1)).max(2);
    for span in order - 1..control.len() {
        let (from, to) = (knots[span], knots[span + 1]);
        if to - from < 1e-12 {
            continue;
        }
        for k in usize::from(!points.is_empty())..=pieces {
            let u = from + (to - from) * k as f64 / pieces as f64;
            let first = span + 1 - order;
            let pull: Vec<_> =
                basis(order, knots, span, u).iter().zip(&control[first..]).map(|(n, c)| n * c.weight).collect();
            let sum: f64 = pull.iter().sum();
            let mut at = [0.0; 3];
            for (j, n) in pull.iter().enumerate() {
                let (share, c) = (n / sum, &control[first + j]);
                at = [at[0] + share * c.at[0], at[1] + share * c.at[1], at[2] + share * c.z.unwrap_or(0.0)];
            }
            let s = points.last().map_or(0.0, |p| p.s + (at[0] - p.x).hypot(at[1] - p.y));
            parameters.push(u);
            points.push(Point { s, x: at[0], y: at[1], z: high.then_some(at[2]), height: at[2], ..Point::default() });
        }
    }
    if let Some(times) = control.iter().map(|c| c.time).collect::<Option<Vec<_>>>() {
        let (mut j, peaks) = (0, peaks(order, control, knots));
        for (point, u) in points.iter_mut().zip(parameters) {
            while j + 2 < control.len() && u >= peaks[j + 1] {
                j += 1;
            }
            let (from, to) = (peaks[j], peaks[j + 1]);
            let share = if to - from > 1e-12 { (u - from) / (to - from) } else { 0.0 };
            point.time = times[j] + share * (times[j + 1] - times[j]);
        }
    }
    look_along(&mut points);
    points
}

/// Where each control point pulls most, found as esmini does: the parameter goes in steps of 1 m of the control polygon.
fn peaks(order: usize, control: &[Control], knots: &[f64]) -> Vec<f64> {
    let length: f64 = control.windows(2).map(|w| (w[1].at[0] - w[0].at[0]).hypot(w[1].at[1] - w[0].at[1])).sum();
    let steps = (1.0 + length / STEP_M).floor().min(super::limits::TRAJECTORY_POINTS as f64) as usize;
    let (first, last) = (knots[order - 1], knots[control.len()]);
    let step = (last - first) / steps as f64;
    let mut best = vec![(0.0, first); control.len()];
    for i in 0..=steps {
        let u = first + step * i as f64;
        // Looked at a little ahead, at the end a little behind.
        let ahead = step.min(AHEAD);
        let at = if i < steps { u + ahead } else { u - ahead }.clamp(first, last - SMALL);
        let span = knots[..=control.len()].partition_point(|k| *k <= at).clamp(order, control.len()) - 1;
        for (j, n) in basis(order, knots, span, at).into_iter().enumerate() {
            let best = &mut best[span + 1 - order + j];
            if n > best.0 {
                *best = (n, u);
            }
        }
    }
    let mut peaks: Vec<_> = best.into_iter().map(|(_, u)| u).collect();
    // The ends are the ends.
    if let [start, .., end] = &mut peaks[..] {
        (*start, *end) = (first, last);
    }
    peaks
}

/// Directions by the neighbours on both sides.
fn look_along(points: &mut [Point]) {
    let last = points.len().saturating_sub(1);
    for i in 0..points.len() {
        let (a, b) = (points[i.saturating_sub(1)], points[(i + 1).min(last)]);
        if (b.x - a.x).hypot(b.y - a.y) > SMALL {
            points[i].along = (b.y - a.y).atan2(b.x - a.x);
        } else if i > 0 {
            points[i].along = points[i - 1].along;
        }
        points[i].yaw = points[i].along;
    }
}

/// The basis functions that are not 0 in a knot span.
fn basis(order: usize, knots: &[f64], span: usize, u: f64) -> Vec<f64> {
    let mut n = vec![1.0];
    for degree in 1..order {
        let mut next = vec![0.0; degree + 1];
        for (r, value) in n.iter().enumerate() {
            let (right, left) = (knots[span + r + 1], knots[span + r + 1 - degree]);
            let share = if right > left { value / (right - left) } else { 0.0 };
            next[r] += (right - u) * share;
            next[r + 1] += (u - left) * share;
        }
        n = next;
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(at: [f64; 2], weight: f64, time: f64) -> Control {
        Control { at, z: None, weight, time: Some(time) }
    }

    #[test]
    fn a_quarter_circle_is_exact() {
        // The textbook rational quadratic: weights 1, cos 45°, 1.
        let w = std::f64::consts::FRAC_1_SQRT_2;
        let r = 500.0;
        let control = [control([r, 0.0], 1.0, 0.0), control([r, r], w, 1.0), control([0.0, r], 1.0, 4.0)];
        let points = points(3, &control, &[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
        assert!(points.iter().all(|p| (p.x.hypot(p.y) - r).abs() < 1e-9));
        assert!((points.last().unwrap().s - r * std::f64::consts::FRAC_PI_2).abs() < 1e-4 * r);
        assert!((points.last().unwrap().time - 4.0).abs() < 1e-12);
        // The middle control point pulls most in the middle; it is found to a metre of 1000.
        let middle = points[points.len() / 2];
        assert!((middle.time - 1.0).abs() < 1e-2 && (middle.x - r * w).abs() < 1e-9, "{middle:?}");
    }

    #[test]
    fn the_basis_adds_up_to_one_over_every_span() {
        let knots = [0.0, 0.0, 0.0, 0.0, 1.0, 2.5, 3.0, 3.0, 3.0, 3.0];
        for (span, u) in [(3, 0.3), (4, 1.0), (4, 2.2), (5, 2.75)] {
            let sum: f64 = basis(4, &knots, span, u).iter().sum();
            assert!((sum - 1.0).abs() < 1e-12, "{sum} at {u}");
        }
    }
}
