//! Following a lane along a road: through its sections, as points close enough to draw it.

use nalgebra::Vector3;

use super::REACH_M;
use super::road::{End, Road};
use crate::site_map::LaneKind;
use crate::site_map::thin::thinned;

/// Distance between samples, metres.
const STEP_M: f64 = 1.0;
/// Samples that lie this near to the line between others are left out, metres.
const SHAPE_M: f64 = 0.01;
/// Samples nearer than this are one, metres.
const SAME_M: f64 = 1e-6;
/// A lane narrower than this has not begun yet, metres.
const NARROW_M: f64 = 1.0;

/// A lane drawn in the direction of travel.
pub struct Drawn {
    /// Who uses it.
    pub kind: LaneKind,
    /// Width at the crossing, metres.
    pub width_m: f64,
    /// Centre line.
    pub line: Vec<Vector3<f64>>,
}

/// A lane from the far side to an end of its road (`inbound`), or from the end away.
pub fn lane_towards(road: &Road, end: End, lane: i32, kind: LaneKind, inbound: bool) -> Option<Drawn> {
    // Walk away from the end, so that a lane that begins on the way is drawn as far as it goes.
    let mut line = Vec::new();
    let mut width_m = None;
    let mut run = 0.0;
    let (mut section, mut lane) = (road.section_at(end), lane);
    'road: loop {
        let (from, to) = road.span(section);
        for s in samples(road, from, to, end == End::Finish) {
            let Some((point, width)) = road.lane_at(section, lane, s) else { break 'road };
            let width_m = width_m.get_or_insert(width);
            run += line.last().map_or(0.0, |last: &Vector3<f64>| (point - last).norm());
            if run > REACH_M || (width < NARROW_M && *width_m >= NARROW_M) {
                break 'road;
            }
            line.push(point);
        }
        let drawn = &road.sections.get(section)?.lanes[&lane];
        let (next, link) = if end == End::Finish {
            (section.checked_sub(1), drawn.predecessor)
        } else {
            (Some(section + 1).filter(|n| *n < road.sections.len()), drawn.successor)
        };
        let Some(next) = next else { break };
        let link = link.unwrap_or(lane);
        if road.sections[next].lanes.get(&link).is_none_or(|onward| onward.kind.is_none()) {
            break;
        }
        (section, lane) = (next, link);
    }
    if inbound {
        line.reverse();
    }
    let line = thinned(&line, SHAPE_M);
    let width_m = width_m?.max(0.5);
    (line.len() >= 2).then_some(Drawn { kind, width_m, line })
}

/// A lane of a connecting road from the end where it is entered to the other; and the lane's number there.
pub fn path_through(road: &Road, entry: End, lane: i32) -> Option<(Vec<Vector3<f64>>, i32)> {
    let mut line = Vec::new();
    let forward = entry == End::Start;
    let (mut section, mut lane) = (road.section_at(entry), lane);
    loop {
        let (from, to) = road.span(section);
        for s in samples(road, from, to, !forward) {
            line.push(road.lane_at(section, lane, s)?.0);
        }
        let drawn = road.sections[section].lanes.get(&lane)?;
        let next =
            if forward { Some(section + 1).filter(|n| *n < road.sections.len()) } else { section.checked_sub(1) };
        let Some(next) = next else { break };
        lane = if forward { drawn.successor } else { drawn.predecessor }.unwrap_or(lane);
        section = next;
    }
    let line = thinned(&line, SHAPE_M);
    (line.len() >= 2).then_some((line, lane))
}

/// The lane of the next road that a lane of a connecting road leads onto.
pub fn forth_through(road: &Road, exit: End, lane: i32) -> i32 {
    let at = road.sections.get(road.section_at(exit)).and_then(|section| section.lanes.get(&lane));
    let link = at.and_then(|l| if exit == End::Finish { l.successor } else { l.predecessor });
    link.unwrap_or(lane)
}

/// A road without what lies outside `from..to`.
pub fn cut(road: &Road, from: f64, to: f64) -> Road {
    let mut half = road.clone();
    half.length = to;
    let first = half.sections.partition_point(|section| section.s <= from).saturating_sub(1);
    half.sections.drain(..first);
    half.sections.retain(|section| section.s < to);
    half.start = from;
    half
}

/// Points along a span, both ends and the corners of the reference line in, near enough for any bend of a road.
fn samples(road: &Road, from: f64, to: f64, backward: bool) -> Vec<f64> {
    let steps = ((to - from) / STEP_M).ceil().clamp(1.0, 100_000.0) as usize;
    let even = (0..=steps).map(|i| from + (to - from) * (i as f64 / steps as f64));
    let mut all: Vec<f64> =
        even.chain(road.pieces.iter().map(|piece| piece.s).filter(|s| *s > from && *s < to)).collect();
    all.sort_by(f64::total_cmp);
    all.dedup_by(|b, a| *b - *a < SAME_M);
    if backward {
        all.reverse();
    }
    all
}
