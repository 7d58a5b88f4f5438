//! Lanes and what they are for.

/// What a lane is for (ASAM OpenDRIVE 1.8, e_laneType; older names are folded in).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LaneKind {
    /// Motor vehicles.
    Driving,
    /// Entry of a motorway.
    Entry,
    /// Exit of a motorway.
    Exit,
    /// Ramp onto a motorway.
    OnRamp,
    /// Ramp off a motorway.
    OffRamp,
    /// Ramp between motorways.
    ConnectingRamp,
    /// Turn lane beside a crossing.
    SlipLane,
    /// Driven in both directions.
    Bidirectional,
    /// Buses.
    Bus,
    /// Taxis.
    Taxi,
    /// High-occupancy vehicles.
    Hov,
    /// Bicycles.
    Biking,
    /// People on foot.
    Walking,
    /// Parking.
    Parking,
    /// Hard shoulder.
    Shoulder,
    /// Emergency stop lane.
    Stop,
    /// Border, not to be driven.
    Border,
    /// Kerb.
    Curb,
    /// Between carriageways.
    Median,
    /// Traffic island, restricted area.
    Restricted,
    /// Road works.
    RoadWorks,
    /// Trams.
    Tram,
    /// Trains.
    Rail,
    /// Something of its own (`special1`, `special2`, `special3`, `shared`).
    Special,
    /// Nothing.
    None,
}

impl LaneKind {
    /// Motor vehicles may drive there.
    #[must_use]
    pub fn is_driven(self) -> bool {
        use LaneKind::*;
        matches!(
            self,
            Driving | Entry | Exit | OnRamp | OffRamp | ConnectingRamp | SlipLane | Bidirectional | Bus | Taxi | Hov
        )
    }
}
