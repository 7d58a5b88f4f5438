//! Fewer points for the same line.

use nalgebra::Vector3;

/// Drops the points that lie within `tolerance` metres of the line between those kept (Douglas and Peucker). First and last
/// stay.
#[must_use]
pub fn thinned(line: &[Vector3<f64>], tolerance: f64) -> Vec<Vector3<f64>> {
    if line.len() < 3 {
        return line.to_vec();
    }
    let mut keep = vec![false; line.len()];
    let mut open = vec![(0, line.len() - 1)];
    while let Some((from, to)) = open.pop() {
        (keep[from], keep[to]) = (true, true);
        let distances = (from + 1..to).map(|i| (i, distance(line[i], line[from], line[to])));
        if let Some((far, d)) = distances.max_by(|a, b| a.1.total_cmp(&b.1))
            && d > tolerance
        {
            open.extend([(from, far), (far, to)]);
        }
    }
    line.iter().zip(keep).filter(|(_, keep)| *keep).map(|(p, _)| *p).collect()
}

/// Distance of a point from a stretch, metres.
fn distance(p: Vector3<f64>, a: Vector3<f64>, b: Vector3<f64>) -> f64 {
    let step = b - a;
    let length2 = step.norm_squared();
    let t = if length2 > 0.0 { (step.dot(&(p - a)) / length2).clamp(0.0, 1.0) } else { 0.0 };
    (p - (a + step * t)).norm()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thinned_arc_keeps_its_ends_and_its_shape() {
        let line: Vec<Vector3<f64>> = (0..2000)
            .map(|i| {
                let a = f64::from(i) * 0.0006;
                Vector3::new(100.0 * a.cos(), 100.0 * a.sin(), 0.0)
            })
            .collect();
        let kept = thinned(&line, 0.05);
        assert!(kept.len() < 64, "{}", kept.len());
        assert_eq!((kept[0], kept[kept.len() - 1]), (line[0], line[1999]));
        for p in &line {
            let nearest = kept.windows(2).map(|w| distance(*p, w[0], w[1])).fold(f64::INFINITY, f64::min);
            assert!(nearest <= 0.05 + 1e-9, "{nearest}");
        }
    }
}
