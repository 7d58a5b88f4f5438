//! The lanes as lines: for the page, for reports, for whoever wants no formulas.

use super::wiring::Stretch;
use super::{LaneKind, Network, RoadIndex};

/// Longest piece of a line, metres.
const PIECE_M: f64 = 50.0;
/// A piece is halved this often at most.
const HALVES: u32 = 12;

/// A lane of one lane section, drawn.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct LaneLine {
    /// The road.
    pub road: RoadIndex,
    /// The lane.
    pub lane: i32,
    /// What it is for.
    pub kind: LaneKind,
    /// Its middle in direction of traffic: x, y, z in metres.
    pub middle: Vec<[f64; 3]>,
    /// Its left edge, seen in direction of traffic.
    pub left: Vec<[f64; 3]>,
    /// Its right edge.
    pub right: Vec<[f64; 3]>,
}

impl Network {
    /// All lanes as lines that lie within `tolerance` metres of the lanes (at least 1 mm).
    #[must_use]
    pub fn lane_lines(&self, tolerance: f64) -> Vec<LaneLine> {
        let tolerance = tolerance.max(1e-3);
        let mut out = Vec::new();
        for (number, road) in self.roads.iter().enumerate() {
            for (section, drawn) in road.sections.iter().enumerate() {
                for lane in drawn.lanes() {
                    let at = Stretch { road: number, section, lane: lane.id, forward: road.runs_forward(lane.id) };
                    // Right lanes have their inner edge on the left where they run along s.
                    let [inner, outer] = [0.0, 1.0].map(|share| self.line(at, share, tolerance));
                    let (left, right) = if (lane.id < 0) == at.forward { (inner, outer) } else { (outer, inner) };
                    let middle = self.line(at, 0.5, tolerance);
                    out.push(LaneLine { road: number, lane: lane.id, kind: lane.kind, middle, left, right });
                }
            }
        }
        out
    }

    /// A line along a lane, at a share of its width from its inner edge.
    fn line(&self, at: Stretch, share: f64, tolerance: f64) -> Vec<[f64; 3]> {
        let section = &self.roads[at.road].sections[at.section];
        let length = (section.end - section.s).max(0.0);
        let count = (length / PIECE_M).ceil().clamp(1.0, 10_000.0);
        let s = |i: f64| section.s + length * if at.forward { i / count } else { 1.0 - i / count };
        let mut line = vec![self.across(at, share, s(0.0))];
        for i in 0..count as usize {
            let ends = [s(i as f64), s(i as f64 + 1.0)];
            self.refine(at, share, ends, tolerance, HALVES, &mut line);
        }
        line
    }

    /// Adds the points after the first end, up to and with the second.
    fn refine(&self, at: Stretch, share: f64, ends: [f64; 2], tolerance: f64, halves: u32, line: &mut Vec<[f64; 3]>) {
        let [a, b] = ends;
        let (from, to) = (self.across(at, share, a), self.across(at, share, b));
        // Two places inside, so that a curve and its mirror image do not pass for straight.
        let off = [0.25, 0.5, 0.75].map(|part| {
            let there = self.across(at, share, a + (b - a) * part);
            let chord = [0, 1, 2].map(|axis| from[axis] + (to[axis] - from[axis]) * part - there[axis]);
            chord.iter().map(|d| d * d).sum::<f64>().sqrt()
        });
        if halves > 0 && off.iter().any(|off| *off > tolerance) {
            let middle = f64::midpoint(a, b);
            self.refine(at, share, [a, middle], tolerance, halves - 1, line);
            self.refine(at, share, [middle, b], tolerance, halves - 1, line);
        } else {
            line.push(to);
        }
    }

    fn across(&self, at: Stretch, share: f64, s: f64) -> [f64; 3] {
        let road = &self.roads[at.road];
        let [inner, outer] = road.sections[at.section].edges(at.lane, s).unwrap_or_default();
        let out = inner.at + (outer.at - inner.at) * share;
        let pose = road.pose(s, road.lane_offset.at(s) + out * f64::from(at.lane.signum()), at.lane);
        [pose.x, pose.y, pose.z]
    }
}

#[cfg(test)]
mod tests {
    use super::super::esmini::maps;
    use super::super::sketch::crossing;

    #[test]
    fn lanes_run_with_traffic_and_their_left_edge_is_left() {
        let network = crossing();
        for line in network.lane_lines(0.02) {
            let [a, b] = [line.middle[0], line.middle[1]];
            let ahead = [b[0] - a[0], b[1] - a[1]];
            let left = [line.left[0][0] - a[0], line.left[0][1] - a[1]];
            assert!(ahead[0] * left[1] - ahead[1] * left[0] > 0.0, "{line:?}");
            let forward = network.runs_forward(line.road, line.lane);
            let s = network.locate_on(line.road, 50.0, [a[0], a[1]]).unwrap().road.s;
            assert!((s < 1e-6) == forward, "{line:?}");
        }
    }

    #[test]
    fn straight_lanes_are_short_lines_and_bends_keep_to_the_tolerance() {
        for (name, network) in maps() {
            for line in network.lane_lines(0.05) {
                for two in line.middle.windows(2) {
                    let middle = [0, 1].map(|axis| f64::midpoint(two[0][axis], two[1][axis]));
                    let guess = network.locate(middle[0], middle[1], None).unwrap().road;
                    let guess = if guess.road == line.road { guess.s } else { continue };
                    let found = network.locate_on(line.road, guess, middle).unwrap();
                    let at = super::super::LanePosition { lane: line.lane, offset: 0.0, ..found.lane };
                    let Some(lane) =
                        network.road_position(&at).filter(|_| network.lanes(at.road, at.s).contains(&at.lane))
                    else {
                        continue;
                    };
                    assert!((lane.t - found.road.t).abs() < 0.1, "{name} {:?}", (line.road, line.lane, two));
                }
            }
        }
        let straight = crossing().lane_lines(0.05);
        assert!(straight.iter().filter(|line| line.road == 0).all(|line| line.middle.len() == 3));
    }
}
