//! From the world to the road.

use super::road::Road;
use super::{LanePosition, Network, RoadIndex, RoadPosition};

/// Where on the road a point of the world is.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Located {
    /// In road coordinates.
    pub road: RoadPosition,
    /// In lane coordinates; the nearest lane when the point is beside the road.
    pub lane: LanePosition,
    /// How far the point lies outside of the road's lanes, metres; 0 on them.
    pub distance: f64,
}

/// Two places are equally far from a road when they differ by less, metres.
const SAME_M: f64 = 1e-6;
/// Pieces of a reference line may leave gaps, and overlap at kinks, this wide, metres; points there are on the road.
const KINK_M: f64 = 0.02;
/// The foot of the perpendicular is found when a step is shorter, metres.
const SETTLED_M: f64 = 1e-6;
/// Steps of the search for the foot of the perpendicular.
const STEPS: usize = 24;

impl Network {
    /// The place on the road of a point of the world, metres: the nearest road. Where several lie on each other (in
    /// junctions) the road of the hint, else the one in the middle of whose lane the point lies most nearly.
    ///
    /// The hint (where it was before) also makes it faster: the road is asked first, and not left while the point is on it.
    #[must_use]
    pub fn locate(&self, x: f64, y: f64, hint: Option<RoadPosition>) -> Option<Located> {
        if !(x.is_finite() && y.is_finite()) {
            return None;
        }
        let hinted = hint.and_then(|hint| self.locate_on(hint.road, hint.s, [x, y]));
        if hinted.is_some_and(|hinted| hinted.distance == 0.0) {
            return hinted;
        }
        let mut best = hinted;
        self.index.search([x, y], |road, s| {
            if let Some(found) = self.locate_on(road, s, [x, y])
                && best.is_none_or(|best| is_nearer(&found, &best, hint))
            {
                best = Some(found);
            }
            best.map_or(f64::INFINITY, |best| best.distance + SAME_M)
        });
        best
    }

    /// All roads on whose lanes a point of the world lies, one place for each, by number of road.
    #[must_use]
    pub fn locate_all(&self, x: f64, y: f64) -> Vec<Located> {
        let mut all: Vec<Located> = Vec::new();
        if !(x.is_finite() && y.is_finite()) {
            return all;
        }
        self.index.search([x, y], |road, s| {
            if let Some(found) = self.locate_on(road, s, [x, y]).filter(|found| found.distance == 0.0) {
                match all.iter_mut().find(|known| known.road.road == found.road.road) {
                    Some(known) if is_nearer(&found, known, None) => *known = found,
                    Some(_) => {}
                    None => all.push(found),
                }
            }
            SAME_M
        });
        all.sort_by_key(|found| found.road.road);
        all
    }

    /// The place on one road that is nearest to a point of the world, searched from `guess` (an `s`) on; the point may lie
    /// beside the road's lanes. `None`: no such road.
    #[must_use]
    pub fn locate_on(&self, road: RoadIndex, guess: f64, at: [f64; 2]) -> Option<Located> {
        let number = road;
        let road = self.roads.get(number)?;
        let (s, t, miss) = road.foot(guess, at);
        let section = road.section(s);
        let across = t - road.lane_offset.at(s);
        let [left, right] = section.reach(s);
        let beside = (across - left).max(-right - across).max(0.0);
        let (lane, offset) = section.lane_at(across, s);
        let distance = if miss < KINK_M && beside < 1e-9 { 0.0 } else { miss.hypot(beside) };
        distance.is_finite().then_some(Located {
            road: RoadPosition { road: number, s, t },
            lane: LanePosition { road: number, lane, s, offset },
            distance,
        })
    }
}

fn is_nearer(found: &Located, best: &Located, hint: Option<RoadPosition>) -> bool {
    if (found.distance - best.distance).abs() > SAME_M {
        return found.distance < best.distance;
    }
    let hinted = |located: &Located| hint.is_some_and(|hint| hint.road == located.road.road);
    let off = |located: &Located| if located.lane.lane == 0 { f64::INFINITY } else { located.lane.offset.abs() };
    let order = hinted(best).cmp(&hinted(found)).then(off(found).total_cmp(&off(best)));
    order.then(found.road.road.cmp(&best.road.road)).is_lt()
}

impl Road {
    /// `s` and `t` of a point of the world, and what is left along the road where it lies beyond an end (or in a kink):
    /// Newton's method on the foot of the perpendicular, with banking, pitch and heights of the surface undone.
    fn foot(&self, guess: f64, at: [f64; 2]) -> (f64, f64, f64) {
        let mut s = guess.clamp(0.0, self.length);
        let (mut t, mut miss) = (0.0, 0.0);
        for step in 0..STEPS {
            let (line, curvature) = self.line_and_curvature(s);
            let (sin, cos) = line.heading.sin_cos();
            let (dx, dy) = (at[0] - line.at.x, at[1] - line.at.y);
            let before = t;
            let (mut along, mut left) = (dx * cos + dy * sin, dy * cos - dx * sin);
            let roll = self.lateral.superelevation.at(s);
            let up = if self.relief { self.height(s, self.lane_under(s, t), t) } else { 0.0 };
            if roll != 0.0 || up != 0.0 {
                let pitch = -self.elevation.slope(s).atan();
                left += up * roll.sin();
                t = left / roll.cos();
                along -= pitch.sin() * (t * roll.sin() + up * roll.cos());
            } else {
                t = left;
            }
            miss = along.abs();
            // Metres of the reference line for a metre at t; where the point lies beyond the centre of a bend the foot is
            // approached in small steps, and at a kink in smaller and smaller ones.
            let scale = (1.0 - curvature * left).max(0.2);
            let damped = if step < STEPS / 2 { 1.0 } else { 0.5 };
            let next = (s + along / scale * damped).clamp(0.0, self.length);
            let moved = (next - s).abs();
            s = next;
            // On a flat road the error after a step is the square of the step; otherwise what is left shrinks evenly.
            let flat = !self.relief && roll == 0.0;
            if if flat { moved < SETTLED_M } else { moved.max((t - before).abs()) < 1e-11 } {
                break;
            }
        }
        (s, t, miss)
    }

    fn lane_under(&self, s: f64, t: f64) -> i32 {
        self.section(s).lane_at(t - self.lane_offset.at(s), s).0
    }
}
