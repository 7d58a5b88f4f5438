//! Where the ways through a junction meet: for every pair of links the stretch of each that the other's traffic fills.

use super::network::{LinkId, Network};
use super::shape::Shape;

/// Free space between two vehicles that pass each other in a junction, metres, on top of half their lanes.
const CLEARANCE_M: f64 = 0.3;
/// Width that counts of a vehicle in a junction, metres.
const VEHICLE_WIDTH_M: f64 = 2.2;
/// Step at which links are walked, metres.
const STEP_M: f64 = 0.5;

/// Another link that meets one's own.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The other link.
    pub link: LinkId,
    /// Stretch of one's own link, metres from its start.
    pub mine: [f64; 2],
    /// Stretch of the other link.
    pub theirs: [f64; 2],
    /// One gives way to the other's traffic.
    pub yields: bool,
    /// Both leave the same lane: the other's traffic is ahead or behind, never across.
    pub diverges: bool,
}

/// Finds where the links meet and writes it to them. `pairs` are links of one junction, and who of them gives way: `[a, b]`
/// with `true` means that the first waits for the second.
pub fn find(network: &mut Network, pairs: impl IntoIterator<Item = ([LinkId; 2], [bool; 2])>) {
    for ([a, b], yields) in pairs {
        let (shape_a, shape_b) = (network.link_shape(a), network.link_shape(b));
        let Some((mine, theirs)) = stretch(&shape_a, &shape_b) else { continue };
        let scale = |link: LinkId, shape: &Shape, [low, high]: [f64; 2]| {
            let length = network.links[link as usize].length;
            let factor = if shape.length() > 0.0 && length > 0.0 { length / shape.length() } else { 1.0 };
            [low * factor, high * factor]
        };
        let (mine, theirs) = (scale(a, &shape_a, mine), scale(b, &shape_b, theirs));
        let diverges = network.links[a as usize].from == network.links[b as usize].from;
        let yields = if diverges { [false; 2] } else { yields };
        network.links[a as usize].conflicts.push(Conflict { link: b, mine, theirs, yields: yields[0], diverges });
        network.links[b as usize].conflicts.push(Conflict {
            link: a,
            mine: theirs,
            theirs: mine,
            yields: yields[1],
            diverges,
        });
    }
}

/// The stretches of `a` and of `b` on which vehicles of both would overlap.
fn stretch(a: &Shape, b: &Shape) -> Option<([f64; 2], [f64; 2])> {
    let reach = VEHICLE_WIDTH_M + CLEARANCE_M;
    let near = |of: &Shape, to: &Shape| {
        let steps = (of.length() / STEP_M).ceil().max(1.0) as usize;
        let close =
            (0..=steps).map(|i| of.length() * i as f64 / steps as f64).filter(|&s| to.nearest(of.at(s).0).1 < reach);
        close.fold(None, |range: Option<[f64; 2]>, s| Some(range.map_or([s, s], |[low, _]| [low, s])))
    };
    Some((near(a, b)?, near(b, a)?))
}

#[cfg(test)]
mod tests {
    use nalgebra::Point2;

    use super::*;

    fn line(from: (f64, f64), to: (f64, f64)) -> Shape {
        Shape::new([Point2::new(from.0, from.1), Point2::new(to.0, to.1)])
    }

    #[test]
    fn crossing_ways_meet_around_their_crossing_and_parallel_ones_never() {
        let east = line((0.0, 0.0), (20.0, 0.0));
        let ([a, b], [c, d]) = stretch(&east, &line((12.0, -10.0), (12.0, 10.0))).unwrap();
        assert!((9.0..10.1).contains(&a) && (14.0..15.0).contains(&b), "{a} {b}");
        assert!((7.0..8.1).contains(&c) && (12.0..13.0).contains(&d), "{c} {d}");
        assert_eq!(stretch(&east, &line((0.0, 3.2), (20.0, 3.2))), None);
    }
}
