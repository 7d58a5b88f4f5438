//! Which track is of which road user: nearest pairs first, within a gate.

use std::collections::BTreeMap;

use nalgebra::Point2;

use crate::actor::Body;

/// For each road user with a track, the number of that track. Nearest pairs first; none farther than `gate_m`.
#[must_use]
pub fn matched(truth: &[Body], tracks: &[Point2<f64>], gate_m: f64) -> BTreeMap<usize, usize> {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (i, body) in truth.iter().enumerate() {
        for (j, track) in tracks.iter().enumerate() {
            let distance = (body.place() - track).norm_squared();
            if distance < gate_m * gate_m {
                pairs.push((distance, i, j));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut taken = vec![false; tracks.len()];
    let mut found = BTreeMap::new();
    for (_, i, j) in pairs {
        if !taken[j] && !found.contains_key(&i) {
            taken[j] = true;
            found.insert(i, j);
        }
    }
    found
}

/// Distance from a place to a body's footprint, metres; 0 inside.
#[must_use]
pub fn distance_to(body: &Body, place: Point2<f64>) -> f64 {
    body.footprint().distance_to(&place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    #[test]
    fn nearest_pairs_are_matched_and_far_ones_are_not() {
        let truth = [body(1, Kind::Car, 0.0, 0.0, 0.0), body(2, Kind::Car, 3.0, 0.0, 0.0)];
        let tracks = [Point2::new(2.8, 0.0), Point2::new(1.4, 0.0), Point2::new(50.0, 0.0)];
        let found = matched(&truth, &tracks, 4.0);
        assert_eq!(found, BTreeMap::from([(0, 1), (1, 0)]));
    }

    #[test]
    fn the_distance_is_that_to_the_box() {
        let truck = body(1, Kind::Truck, 0.0, 0.0, std::f64::consts::FRAC_PI_2);
        assert_eq!(distance_to(&truck, Point2::new(0.5, 5.0)), 0.0);
        assert!((distance_to(&truck, Point2::new(0.0, 8.0)) - 2.0).abs() < 1e-9);
        assert!((distance_to(&truck, Point2::new(4.25, 10.0)) - 5.0).abs() < 1e-9);
    }
}
