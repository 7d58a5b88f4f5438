//! Where roads that are linked do not meet: faults of a map that make cars jump.

use super::pose::wrap;
use super::wiring::{Onward, Stretch};
use super::{Network, Pose, RoadIndex};

/// Lanes narrower than this are left out, metres.
const NARROW_M: f64 = 0.1;

/// A jump where a lane goes on, or where the reference line goes on to its next piece.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Gap {
    /// Id of the road that is left.
    pub from: String,
    /// Its lane; 0 for the reference line.
    pub lane: i32,
    /// Where, metres along that road.
    pub s: f64,
    /// Id of the road that is entered.
    pub to: String,
    /// Its lane.
    pub to_lane: i32,
    /// How far the places lie apart, metres.
    pub distance: f64,
    /// How much the direction changes, radians.
    pub turn: f64,
}

impl Network {
    /// All places where the middle of a lane, or the reference line of a road, jumps by more than `distance` metres or turns
    /// by more than `turn` radians.
    #[must_use]
    pub fn gaps(&self, distance: f64, turn: f64) -> Vec<Gap> {
        let mut out = Vec::new();
        for (number, road) in self.roads.iter().enumerate() {
            self.line_gaps(number, &mut out);
            for (section, drawn) in road.sections.iter().enumerate() {
                for lane in drawn.lanes() {
                    let at = Stretch { road: number, section, lane: lane.id, forward: road.runs_forward(lane.id) };
                    match self.onward(at) {
                        Onward::One(next) => out.extend(self.gap(at, next)),
                        Onward::Several(_, ways) => out.extend(ways.into_iter().filter_map(|way| self.gap(at, way))),
                        Onward::Unlinked(_) | Onward::Nothing => {}
                    }
                }
            }
        }
        out.retain(|gap| gap.distance > distance || gap.turn.abs() > turn);
        out
    }

    fn line_gaps(&self, number: RoadIndex, out: &mut Vec<Gap>) {
        let road = &self.roads[number];
        for two in road.pieces().windows(2) {
            let (end, start) = (two[0].at(two[0].length), two[1].start);
            out.push(Gap {
                from: road.id.clone(),
                lane: 0,
                s: two[1].s,
                to: road.id.clone(),
                to_lane: 0,
                distance: (start.at - end.at).norm(),
                turn: wrap(start.heading - end.heading),
            });
        }
    }

    fn gap(&self, from: Stretch, to: Stretch) -> Option<Gap> {
        let ((a, s), (b, _)) = (self.end_of(from, true)?, self.end_of(to, false)?);
        let distance = (b.x - a.x).hypot(b.y - a.y).hypot(b.z - a.z);
        let heading = |pose: Pose, at: Stretch| if at.forward { pose.yaw } else { pose.yaw + std::f64::consts::PI };
        Some(Gap {
            from: self.roads[from.road].id.clone(),
            lane: from.lane,
            s,
            to: self.roads[to.road].id.clone(),
            to_lane: to.lane,
            distance,
            turn: wrap(heading(b, to) - heading(a, from)),
        })
    }

    /// Where a stretch is left or entered; `None` where it has no width there.
    fn end_of(&self, at: Stretch, left: bool) -> Option<(Pose, f64)> {
        let road = &self.roads[at.road];
        let section = &road.sections[at.section];
        let s = if at.forward == left { section.end } else { section.s };
        let [inner, outer] = section.edges(at.lane, s)?;
        let (t, slope) = road.middle(at.section, at.lane, s)?;
        let wide = outer.at - inner.at > NARROW_M;
        wide.then(|| (road.pose(s, t, at.lane).turned(slope.atan(), 0.0, 0.0), s))
    }
}
