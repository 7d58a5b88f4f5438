//! Ways from lane to lane.

use super::{LanePosition, Network, RoadIndex};

/// A stretch of one lane that a route follows.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct RouteLeg {
    /// The road.
    pub road: RoadIndex,
    /// The lane, in the lane section of this stretch.
    pub lane: i32,
    /// Where it is entered, metres along the road.
    pub from: f64,
    /// Where it is left, metres along the road; less than `from` when driven against `s`.
    pub to: f64,
    /// Reached by changing lanes from the leg before, not by driving on.
    pub changed_lane: bool,
}

impl Network {
    /// The shortest way in direction of traffic, lane changes at a cost; `None`: there is none.
    #[must_use]
    pub fn route(&self, _from: LanePosition, _to: LanePosition) -> Option<Vec<RouteLeg>> {
        None
    }

    /// How far `to` lies ahead of `from` along the roads, metres: positive in direction of `s` of `from`'s road, negative
    /// against it; the shorter of both ways. `None`: not found within `bound` metres.
    #[must_use]
    pub fn distance(&self, _from: LanePosition, _to: LanePosition, _bound: f64) -> Option<f64> {
        None
    }
}
