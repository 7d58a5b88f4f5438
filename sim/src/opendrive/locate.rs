//! From the world to the road.

use super::{LanePosition, Network, RoadPosition};

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

impl Network {
    /// The place on the road of a point of the world, metres; with a hint (where it was before) that road is preferred where
    /// roads overlap.
    #[must_use]
    pub fn locate(&self, _x: f64, _y: f64, _hint: Option<RoadPosition>) -> Option<Located> {
        None
    }
}
