//! Who touches whom: oriented boxes, found with a grid so that thousands cost little.

use std::collections::BTreeMap;

use nalgebra::Vector2;

use super::actor::Actor;
use super::reader::EntityId;

/// Entities on another level do not touch, metres.
const LEVEL_M: f64 = 2.5;
/// Side of a cell at least, metres.
const CELL_M: f64 = 10.0;

/// All pairs of active entities whose boxes overlap, lower number first.
#[must_use]
pub fn pairs(actors: &[Actor]) -> Vec<(EntityId, EntityId)> {
    let boxes: Vec<_> = actors.iter().map(Actor::footprint).collect();
    let largest = actors.iter().map(|a| a.entity.object.bounds.size[0].max(a.entity.object.bounds.size[1]));
    // One huge thing must not make every cell huge: it is put into all cells that it covers.
    let cell = CELL_M.max(largest.fold(0.0, f64::max).min(30.0));
    let mut grid: BTreeMap<(i64, i64), Vec<EntityId>> = BTreeMap::new();
    for id in (0..actors.len()).filter(|&id| actors[id].active) {
        let span = |axis: Vector2<f64>| {
            let (middle, reach) = (boxes[id].centre.coords.dot(&axis), boxes[id].reach(&axis));
            (((middle - reach) / cell).floor() as i64, ((middle + reach) / cell).floor() as i64)
        };
        let ((x0, x1), (y0, y1)) = (span(Vector2::x()), span(Vector2::y()));
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
        level && !coupled && boxes[a].touches(&boxes[b])
    });
    pairs
}
