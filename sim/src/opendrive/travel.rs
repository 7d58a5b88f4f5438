//! Driving on along a lane: over lane sections, road links and junctions.

use super::pose::wrap;
use super::road::End;
use super::wiring::{Onward, Stretch};
use super::{LanePosition, Network, RoadIndex, RouteLeg};

/// How to go on where a junction offers several ways.
#[derive(Clone, Copy, Default)]
pub enum Choice<'a> {
    /// The way whose end points most straight ahead; the first of equals.
    #[default]
    Straightest,
    /// The way whose end points nearest to this angle to the left of straight ahead, radians (esmini's selector angle).
    Angle(f64),
    /// The way that a route takes where it first leaves the road one comes from (give what is left of a route that passes a
    /// road twice); where it says nothing, the straightest.
    Route(&'a [RouteLeg]),
    /// The caller picks: the number of a way in [`Fork::ways`]; a number that is not there ends the journey.
    Pick(&'a dyn Fn(&Fork) -> usize),
}

/// A place where several ways go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Fork {
    /// Id of the junction.
    pub junction: String,
    /// The end of the lane that leads to it.
    pub from: LanePosition,
    /// The ways, in order of the file.
    pub ways: Vec<Way>,
}

/// One way on.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Way {
    /// The connecting road.
    pub road: RoadIndex,
    /// Its lane.
    pub lane: i32,
    /// It is entered at its start and driven in direction of its `s`.
    pub forward: bool,
    /// How far its end points to the left of straight ahead, radians in (-π, π].
    pub turn: f64,
}

/// Why a journey ended early.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The road ends, or nothing is joined to it.
    EndOfRoad,
    /// The lane ends, or leads nowhere.
    EndOfLane,
    /// The position is on no lane of the network.
    NoLane,
    /// More ends of lane sections or roads than [`Network::LINKS`] in one call.
    TooFar,
}

/// Where a journey ended.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Advance {
    /// There; at the last place that could be reached when it halted early.
    pub at: LanePosition,
    /// The direction of travel against `s` has changed: `s` of the road reached runs against the journey if the old one ran
    /// with it and the other way round. Add π to a heading relative to the road.
    pub reversed: bool,
    /// A junction was entered, and several ways went on.
    pub chose: bool,
    /// The lane ended without being linked, or narrowed to nothing: the journey went on in the middle of the nearest one.
    pub swerved: bool,
    /// Metres along the reference lines that are left.
    pub left: f64,
    /// Why it ended early.
    pub halt: Option<Halt>,
}

/// A lane narrower than this is none, metres.
const NARROW_M: f64 = 1e-6;

/// A journey under way.
struct Journey {
    at: Stretch,
    s: f64,
    offset: f64,
    left: f64,
    began_forward: bool,
    chose: bool,
    swerved: bool,
}

impl Journey {
    fn done(&self, halt: Option<Halt>) -> Advance {
        Advance {
            at: LanePosition { road: self.at.road, lane: self.at.lane, s: self.s, offset: self.offset },
            reversed: self.at.forward != self.began_forward,
            chose: self.chose,
            swerved: self.swerved,
            left: self.left,
            halt,
        }
    }
}

impl Network {
    /// Ends of lane sections and roads that one call passes at most.
    pub const LINKS: usize = 1000;

    /// Drives `ds` metres along the reference line of the roads, keeping lane and offset: with `s` when positive, against it
    /// when negative. Lanes are followed by their links; without one, from section to section by their number, and onto a
    /// linked road to the nearest lane (as esmini does).
    #[must_use]
    pub fn advance(&self, from: LanePosition, ds: f64, choice: &Choice<'_>) -> Advance {
        let nowhere = Advance {
            at: from,
            reversed: false,
            chose: false,
            swerved: false,
            left: ds.abs(),
            halt: Some(Halt::NoLane),
        };
        let Some(road) = self.roads.get(from.road).filter(|_| ds.is_finite() && from.s.is_finite()) else {
            return nowhere;
        };
        let (s, forward) = (from.s.clamp(0.0, road.length), ds >= 0.0);
        let section = road.section_at(s);
        if from.lane != 0 && road.sections[section].lane(from.lane).is_none() {
            return nowhere;
        }
        let at = Stretch { road: from.road, section, lane: from.lane, forward };
        let mut journey = Journey {
            at,
            s,
            offset: from.offset,
            left: ds.abs(),
            began_forward: forward,
            chose: false,
            swerved: false,
        };
        for _ in 0..Self::LINKS {
            if self.finish_here(&mut journey) {
                self.leave_narrow(&mut journey);
                return journey.done(None);
            }
            if let Err(halt) = self.cross(&mut journey, choice) {
                return journey.done(Some(halt));
            }
        }
        journey.done(Some(Halt::TooFar))
    }

    /// Drives `distance` metres on the lane itself: as [`Network::advance`], with the step along the reference line scaled by
    /// `1 / (1 - t·curvature)` at the start of the step, as esmini does.
    #[must_use]
    pub fn advance_distance(&self, from: LanePosition, distance: f64, choice: &Choice<'_>) -> Advance {
        self.advance(from, distance * self.s_per_metre(&from), choice)
    }

    /// Metres along the reference line for a metre driven at a place: `1 / (1 - t·curvature)`; 1 where that is nothing or
    /// negative (inside of a bend tighter than the offset).
    #[must_use]
    pub fn s_per_metre(&self, at: &LanePosition) -> f64 {
        let Some(place) = self.road_position(at) else { return 1.0 };
        let scale = 1.0 - place.t * self.roads[at.road].curvature(place.s);
        if scale > NARROW_M { 1.0 / scale } else { 1.0 }
    }

    /// Goes to the end of the journey, or to the end of the section.
    fn finish_here(&self, journey: &mut Journey) -> bool {
        let road = &self.roads[journey.at.road];
        let section = &road.sections[journey.at.section];
        let last = journey.at.section + 1 == road.sections.len();
        let (gap, end) = if journey.at.forward {
            (section.end - journey.s, section.end)
        } else {
            (journey.s - section.s, section.s.max(0.0))
        };
        // A place where two sections meet belongs to the later one.
        let here = if journey.at.forward && !last { journey.left < gap } else { journey.left <= gap };
        if here {
            journey.s += if journey.at.forward { journey.left } else { -journey.left };
            journey.left = 0.0;
        } else {
            journey.left -= gap.max(0.0);
            journey.s = if last && journey.at.forward { road.length } else { end };
        }
        here
    }

    /// Goes on to the next section or road.
    fn cross(&self, journey: &mut Journey, choice: &Choice<'_>) -> Result<(), Halt> {
        let at = journey.at;
        let next = if at.lane == 0 { self.along_the_middle(at) } else { self.onward(at) };
        let next = match next {
            Onward::One(next) => next,
            Onward::Several(junction, ways) => {
                journey.chose = true;
                self.choose(junction, journey, &ways, choice).ok_or(Halt::EndOfLane)?
            }
            Onward::Unlinked(next) if at.lane == 0 => next,
            Onward::Unlinked(next) => return self.swerve(journey, next),
            Onward::Nothing => {
                let road = &self.roads[at.road];
                let end = if at.forward { End::Finish } else { End::Start };
                let leads_on = road.joined[end as usize].is_some();
                return Err(if leads_on { Halt::EndOfLane } else { Halt::EndOfRoad });
            }
        };
        self.enter(journey, next);
        Ok(())
    }

    fn enter(&self, journey: &mut Journey, next: Stretch) {
        if next.forward != journey.at.forward {
            journey.offset = -journey.offset;
        }
        let road = &self.roads[next.road];
        // A road that is joined to itself is entered anew, too.
        let (before, after) = if next.forward { (journey.at, next) } else { (next, journey.at) };
        let next_section = before.section + 1 == after.section;
        if next.road != journey.at.road || next.forward != journey.at.forward || !next_section {
            journey.s = if next.forward { 0.0 } else { road.length };
        }
        journey.at = next;
    }

    /// Lane 0 has no links; it goes on where the road does.
    fn along_the_middle(&self, at: Stretch) -> Onward {
        let beside = [-1, 1].into_iter().map(|lane| self.onward(Stretch { lane, ..at }));
        let next = beside.into_iter().find(|next| *next != Onward::Nothing).unwrap_or(Onward::Nothing);
        match next {
            Onward::One(next) | Onward::Unlinked(next) => Onward::One(Stretch { lane: 0, ..next }),
            Onward::Several(junction, ways) => {
                Onward::Several(junction, ways.into_iter().map(|way| Stretch { lane: 0, ..way }).collect())
            }
            Onward::Nothing => Onward::Nothing,
        }
    }

    pub(super) fn onward(&self, at: Stretch) -> Onward {
        self.wiring.onward(&self.roads, &self.junctions, at)
    }

    /// Goes on in the middle of the nearest lane of the same direction.
    fn swerve(&self, journey: &mut Journey, next: Stretch) -> Result<(), Halt> {
        let at = journey.at;
        let (s, old) = (journey.s, &self.roads[at.road]);
        let (middle, _) = old.middle(at.section, at.lane, s).ok_or(Halt::NoLane)?;
        let turned = next.forward != at.forward;
        let t = if turned { -(middle + journey.offset) } else { middle + journey.offset };
        let road = &self.roads[next.road];
        let section = &road.sections[next.section];
        let s = if next.forward { section.s } else { section.end };
        let with_traffic = old.runs_forward(at.lane) == at.forward;
        let across = t - road.lane_offset.at(s);
        let kind = old.sections[at.section].lane(at.lane).map(|lane| lane.kind);
        let found = section.pick(across, s, |lane| {
            let same = kind.is_none_or(|kind| kind == lane.kind || (kind.is_driven() && lane.kind.is_driven()));
            same && (road.runs_forward(lane.id) == next.forward) == with_traffic
        });
        let (lane, _) = found.ok_or(Halt::EndOfLane)?;
        self.enter(journey, Stretch { lane, ..next });
        (journey.offset, journey.swerved) = (0.0, true);
        Ok(())
    }

    /// Moves over to the nearest lane of the same side where the lane has narrowed to nothing.
    fn leave_narrow(&self, journey: &mut Journey) {
        let Stretch { road, section, lane, .. } = journey.at;
        let (road, s) = (&self.roads[road], journey.s);
        let Some([inner, outer]) = road.sections[section].edges(lane, s).filter(|_| lane != 0) else { return };
        if outer.at - inner.at >= NARROW_M {
            return;
        }
        let across = inner.at * f64::from(lane.signum()) + journey.offset;
        let same_side = |other: &super::lane::Lane| other.id.signum() == lane.signum() && other.kind.is_driven();
        if let Some((lane, _)) = road.sections[section].pick(across, s, same_side) {
            journey.at.lane = lane;
            (journey.offset, journey.swerved) = (0.0, true);
        }
    }

    fn choose(&self, junction: usize, journey: &Journey, ways: &[Stretch], choice: &Choice<'_>) -> Option<Stretch> {
        let turns = || ways.iter().map(|way| self.turn(journey.at, *way));
        let nearest = |angle: f64| {
            let off = turns().map(|turn| wrap(turn - angle).abs());
            off.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).map(|(number, _)| number)
        };
        let number = match choice {
            Choice::Straightest => nearest(0.0)?,
            Choice::Angle(angle) => nearest(*angle)?,
            Choice::Route(legs) => on_route(legs, journey.at.road, ways).or_else(|| nearest(0.0))?,
            Choice::Pick(pick) => {
                let shown = ways.iter().zip(turns()).map(|(way, turn)| Way {
                    road: way.road,
                    lane: way.lane,
                    forward: way.forward,
                    turn,
                });
                pick(&Fork {
                    junction: self.junctions[junction].id.clone(),
                    from: journey.done(None).at,
                    ways: shown.collect(),
                })
            }
        };
        ways.get(number).copied()
    }

    /// How far the far end of a way points to the left of the direction in which one comes.
    fn turn(&self, from: Stretch, way: Stretch) -> f64 {
        let heading = |at: Stretch, end: bool| {
            let road = &self.roads[at.road];
            let pose = road.line(if at.forward == end { road.length } else { 0.0 });
            if at.forward { pose.heading } else { pose.heading + std::f64::consts::PI }
        };
        wrap(heading(way, true) - heading(from, true))
    }
}

/// The way that a route takes: after the first legs on the road one comes from, the same lane if it can be.
fn on_route(legs: &[RouteLeg], from: RoadIndex, ways: &[Stretch]) -> Option<usize> {
    let reached = legs.iter().position(|leg| leg.road == from).unwrap_or(0);
    let after = reached + legs[reached..].iter().take_while(|leg| leg.road == from).count();
    let next = legs.get(after)?.road;
    let lanes: Vec<i32> = legs[after..].iter().take_while(|leg| leg.road == next).map(|leg| leg.lane).collect();
    let same = ways.iter().position(|way| way.road == next && lanes.contains(&way.lane));
    same.or_else(|| ways.iter().position(|way| way.road == next))
}

#[cfg(test)]
mod tests {
    use super::super::sketch::{Sketch, crossing, lane, network, section};
    use super::*;

    fn at(network: &Network, road: &str, lane: i32, s: f64) -> LanePosition {
        LanePosition { road: network.road_index(road).unwrap(), lane, s, offset: 0.5 }
    }

    #[test]
    fn a_crossing_is_passed_straight_by_angle_by_route_or_as_the_caller_likes() {
        let network = crossing();
        let from = at(&network, "in", -1, 95.0);
        let drive = |choice: &Choice<'_>| network.advance(from, 40.0, choice);
        let straight = drive(&Choice::Straightest);
        assert!(straight.chose && !straight.reversed && straight.halt.is_none());
        assert_eq!(straight.at, at(&network, "east", -1, 15.0));
        let left = drive(&Choice::Angle(1.2));
        assert_eq!((left.at.road, left.at.lane), (network.road_index("north").unwrap(), -1));
        // The road to the south was drawn against us: its left lane, its s falls, and left is right.
        let right = drive(&Choice::Angle(-1.2));
        let want = at(&network, "south", 1, 100.0 - (35.0 - std::f64::consts::FRAC_PI_2 * 10.0));
        assert!(right.reversed && right.at.offset == -0.5 && right.at.lane == 1 && (right.at.s - want.s).abs() < 1e-9);
        let legs = network.route(from, at(&network, "south", 1, 50.0)).unwrap();
        assert_eq!(drive(&Choice::Route(&legs)).at, right.at);
        let pick = |fork: &Fork| {
            assert_eq!((fork.junction.as_str(), fork.ways.len(), fork.from.s), ("5", 3, 100.0));
            assert!((fork.ways[0].turn - std::f64::consts::FRAC_PI_2).abs() < 1e-9);
            2
        };
        assert_eq!(drive(&Choice::Pick(&pick)).at, right.at);
        assert_eq!(drive(&Choice::Pick(&|_| 7)).halt, Some(Halt::EndOfLane));
    }

    #[test]
    fn a_step_through_a_junction_has_the_same_length_in_the_world() {
        let network = crossing();
        let from = LanePosition { offset: 1.75, ..at(&network, "in", -1, 95.0) };
        let mut last = network.pose_at_lane(&from).unwrap();
        let (mut here, mut sign) = (from, 1.0);
        for _ in 0..300 {
            let next = network.advance(here, 0.1 * sign, &Choice::Angle(-1.5));
            sign *= if next.reversed { -1.0 } else { 1.0 };
            let pose = network.pose_at_lane(&next.at).unwrap();
            assert!(((pose.x - last.x).hypot(pose.y - last.y) - 0.1).abs() < 1e-4, "{next:?}");
            (here, last) = (next.at, pose);
        }
        assert_eq!((network.road_id(here.road), sign), (Some("south"), -1.0));
    }

    #[test]
    fn lanes_are_followed_over_sections_and_the_end_of_the_road_is_told() {
        let lanes = section(0.0, "", &lane(-1, None, Some(-2)))
            + &section(40.0, "", &(lane(-1, None, Some(-1)) + &lane(-2, Some(-1), None)))
            + &section(80.0, "", &lane(-1, Some(-1), None));
        let network = network(&[Sketch { lanes, ..Sketch::default() }], "");
        let from = at(&network, "1", -1, 10.0);
        let go = |from, ds| network.advance(from, ds, &Choice::Straightest);
        assert_eq!(go(from, 30.0).at, at(&network, "1", -2, 40.0));
        // Lane -2 ends: over to the nearest one.
        let swerved = go(from, 75.0);
        assert!(swerved.swerved && swerved.at.lane == -1 && swerved.at.offset == 0.0, "{swerved:?}");
        let back = go(at(&network, "1", -2, 50.0), -45.0);
        assert_eq!(back.at, at(&network, "1", -1, 5.0));
        let end = go(from, 500.0);
        assert_eq!((end.halt, end.at.s, end.left), (Some(Halt::EndOfRoad), 100.0, 410.0));
        let nowhere = LanePosition { lane: 9, ..from };
        assert_eq!((go(nowhere, 5.0).halt, go(from, f64::NAN).halt), (Some(Halt::NoLane), Some(Halt::NoLane)));
    }

    #[test]
    fn a_lane_that_narrows_to_nothing_is_left() {
        let narrowing = "<lane id='-2' type='driving'><width sOffset='0' a='3' b='-0.1' c='0' d='0'/></lane>";
        let lanes = section(0.0, "", &(lane(-1, None, None) + narrowing));
        let network = network(&[Sketch { lanes, ..Sketch::default() }], "");
        let there = network.advance(at(&network, "1", -2, 10.0), 25.0, &Choice::Straightest);
        assert!(there.swerved && there.at.lane == -1 && there.at.s == 35.0, "{there:?}");
    }
}
