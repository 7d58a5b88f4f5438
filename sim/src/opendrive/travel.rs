//! Driving on along a lane: over lane sections, road links and junctions.

use super::{LanePosition, Network, RoadIndex, RouteLeg};

/// How to go on where a junction offers several ways.
#[derive(Clone, Copy, Default)]
pub enum Choice<'a> {
    /// The way whose end points most straight ahead; the first of equals.
    #[default]
    Straightest,
    /// The way whose end points nearest to this angle to the left of straight ahead, radians (esmini's selector angle).
    Angle(f64),
    /// The way that a route takes; where it says nothing, the straightest.
    Route(&'a [RouteLeg]),
    /// The caller picks: the number of a way in [`Fork::ways`]; a number that is not there ends the journey.
    Pick(&'a dyn Fn(&Fork) -> usize),
}

/// A place where several ways go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Fork {
    /// The junction.
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
    /// More ends of lanes, sections or roads than [`LINKS`](Network::LINKS) in one call.
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
    /// Metres along the reference lines that are left.
    pub left: f64,
    /// Why it ended early.
    pub halt: Option<Halt>,
}

impl Network {
    /// Ends of lane sections and roads that one call passes at most.
    pub const LINKS: usize = 1000;

    /// Drives `ds` metres along the reference line of the roads, keeping lane and offset: with `s` when positive, against it
    /// when negative.
    #[must_use]
    pub fn advance(&self, from: LanePosition, ds: f64, _choice: &Choice<'_>) -> Advance {
        Advance { at: from, reversed: false, chose: false, left: ds, halt: Some(Halt::NoLane) }
    }

    /// Drives `distance` metres on the lane itself: as [`Network::advance`], with the step along the reference line scaled by
    /// `1 / (1 - t·curvature)` at the start of the step, as esmini does.
    #[must_use]
    pub fn advance_distance(&self, from: LanePosition, distance: f64, choice: &Choice<'_>) -> Advance {
        self.advance(from, distance, choice)
    }
}
