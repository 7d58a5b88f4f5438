//! Boxes as a network gives them, and the suppression of doubles.

/// One box of a network.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// The network's class.
    pub class: usize,
    /// 0..1.
    pub score: f32,
    /// x1, y1, x2, y2.
    pub corners: [f32; 4],
}

/// Intersection over union of two boxes.
pub(super) fn iou(a: &[f32; 4], b: &[f32; 4]) -> f32 {
    let w = (a[2].min(b[2]) - a[0].max(b[0])).max(0.0);
    let h = (a[3].min(b[3]) - a[1].max(b[1])).max(0.0);
    let area = |c: &[f32; 4]| (c[2] - c[0]).max(0.0) * (c[3] - c[1]).max(0.0);
    let union = area(a) + area(b) - w * h;
    if union > 0.0 { w * h / union } else { 0.0 }
}

/// Keeps the strongest boxes, at most `most`; of two of one class that overlap more than `limit` only the stronger.
/// Boxes that are not finite or have no area are dropped.
pub(super) fn suppress(mut found: Vec<Found>, limit: f32, most: usize) -> Vec<Found> {
    found.retain(|f| {
        f.corners.iter().all(|c| c.is_finite()) && f.corners[2] > f.corners[0] && f.corners[3] > f.corners[1]
    });
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Found> = Vec::new();
    for f in found {
        if kept.len() == most {
            break;
        }
        if !kept.iter().any(|k| k.class == f.class && iou(&k.corners, &f.corners) > limit) {
            kept.push(f);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(class: usize, score: f32, corners: [f32; 4]) -> Found {
        Found { class, score, corners }
    }

    #[test]
    fn the_weaker_of_two_overlapping_boxes_of_one_class_goes() {
        let a = found(2, 0.6, [0.0, 0.0, 10.0, 10.0]);
        let b = found(2, 0.9, [1.0, 0.0, 11.0, 10.0]);
        let other_class = found(7, 0.5, [1.0, 0.0, 11.0, 10.0]);
        let aside = found(2, 0.4, [20.0, 0.0, 30.0, 10.0]);
        assert_eq!(suppress(vec![a, b, other_class, aside], 0.45, 100), vec![b, other_class, aside]);
    }

    #[test]
    fn boxes_without_area_or_not_finite_are_dropped_and_the_number_is_bounded() {
        let bad = found(2, 0.9, [f32::NAN, 0.0, 1.0, 1.0]);
        let flat = found(2, 0.9, [5.0, 0.0, 5.0, 1.0]);
        assert!(suppress(vec![bad, flat], 0.5, 100).is_empty());
        let many = (0..50).map(|i| found(2, 0.5, [i as f32 * 10.0, 0.0, i as f32 * 10.0 + 5.0, 5.0])).collect();
        assert_eq!(suppress(many, 0.5, 7).len(), 7);
    }

    #[test]
    fn the_overlap_of_equal_boxes_is_one() {
        assert!((iou(&[0.0, 0.0, 2.0, 2.0], &[0.0, 0.0, 2.0, 2.0]) - 1.0).abs() < 1e-6);
        assert!((iou(&[0.0, 0.0, 2.0, 2.0], &[1.0, 0.0, 3.0, 2.0]) - 1.0 / 3.0).abs() < 1e-6);
    }
}
