//! Who touches whom: oriented boxes, found with a grid so that thousands cost little.

use std::collections::BTreeMap;

use super::actor::Actor;
use super::reader::EntityId;

/// Entities on another level do not touch, metres.
const LEVEL_M: f64 = 2.5;
/// Side of a cell at least, metres.
const CELL_M: f64 = 10.0;

/// All pairs of active entities whose boxes overlap, lower number first.
#[must_use]
pub fn pairs(actors: &[Actor]) -> Vec<(EntityId, EntityId)> {
    let boxes: Vec<_> = actors.iter().map(Actor::corners).collect();
    let largest = actors.iter().map(|a| a.entity.object.bounds.size[0].max(a.entity.object.bounds.size[1]));
    // One huge thing must not make every cell huge: it is put into all cells that it covers.
    let cell = CELL_M.max(largest.fold(0.0, f64::max).min(30.0));
    let mut grid: BTreeMap<(i64, i64), Vec<EntityId>> = BTreeMap::new();
    for id in (0..actors.len()).filter(|&id| actors[id].active) {
        let span = |axis: usize| {
            let values = boxes[id].map(|c| c[axis]);
            let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
            ((low / cell).floor() as i64, (high / cell).floor() as i64)
        };
        let ((x0, x1), (y0, y1)) = (span(0), span(1));
        for x in x0..=x1.min(x0 + 200) {
            for y in y0..=y1.min(y0 + 200) {
                grid.entry((x, y)).or_default().push(id);
            }
        }
    }
    let mut pairs: Vec<_> = grid
        .values()
        .flat_map(|here| here.iter().enumerate().flat_map(|(i, &a)| here[i + 1..].iter().map(move |&b| (a, b))))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.retain(|&(a, b)| {
        let level = (actors[a].place.pose.z - actors[b].place.pose.z).abs() <= LEVEL_M;
        let coupled = actors[a].trailer == Some(b) || actors[b].trailer == Some(a);
        level && !coupled && overlap(&boxes[a], &boxes[b])
    });
    pairs
}

/// Two boxes overlap (separating axes).
#[must_use]
pub fn overlap(a: &[[f64; 2]; 4], b: &[[f64; 2]; 4]) -> bool {
    let apart = |from: [f64; 2], to: [f64; 2]| {
        let axis = [to[0] - from[0], to[1] - from[1]];
        let span = |corners: &[[f64; 2]; 4]| {
            corners
                .iter()
                .map(|c| c[0] * axis[0] + c[1] * axis[1])
                .fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)))
        };
        let ((a_low, a_high), (b_low, b_high)) = (span(a), span(b));
        a_high < b_low || b_high < a_low
    };
    ![(a[0], a[1]), (a[1], a[2]), (b[0], b[1]), (b[1], b[2])].into_iter().any(|(p, q)| apart(p, q))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_overlap_only_when_they_do() {
        let square = |x: f64, y: f64, r: f64| [[x + r, y + r], [x - r, y + r], [x - r, y - r], [x + r, y - r]];
        let diamond = |x: f64, y: f64, r: f64| [[x + r, y], [x, y + r], [x - r, y], [x, y - r]];
        assert!(overlap(&square(0.0, 0.0, 1.0), &square(1.9, 0.0, 1.0)));
        assert!(!overlap(&square(0.0, 0.0, 1.0), &square(2.1, 0.0, 1.0)));
        assert!(!overlap(&square(0.0, 0.0, 1.0), &diamond(1.9, 1.9, 1.5)));
        assert!(overlap(&square(0.0, 0.0, 1.0), &diamond(1.5, 1.5, 1.5)));
    }
}
