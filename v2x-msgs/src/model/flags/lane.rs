//! Flags of lanes.

use serde::{Deserialize, Serialize};

use super::Flag;

/// A turn that is allowed, or a rule for it (DE_AllowedManeuvers).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Maneuver {
    /// Straight on.
    Straight,
    /// Left.
    Left,
    /// Right.
    Right,
    /// U-turn.
    UTurn,
    /// Left on red.
    LeftTurnOnRed,
    /// Right on red.
    RightTurnOnRed,
    /// Change of lane.
    LaneChange,
    /// No stopping.
    NoStopping,
    /// Must yield.
    YieldAlwaysRequired,
    /// Halt, then go.
    GoWithHalt,
    /// With caution.
    Caution,
    /// Reserved bit 11.
    Reserved1,
}

impl Flag for Maneuver {
    const ALL: &'static [Maneuver] = &[
        Maneuver::Straight,
        Maneuver::Left,
        Maneuver::Right,
        Maneuver::UTurn,
        Maneuver::LeftTurnOnRed,
        Maneuver::RightTurnOnRed,
        Maneuver::LaneChange,
        Maneuver::NoStopping,
        Maneuver::YieldAlwaysRequired,
        Maneuver::GoWithHalt,
        Maneuver::Caution,
        Maneuver::Reserved1,
    ];
    const BITS: u64 = 12;
}

/// Who shares a lane (DE_LaneSharing).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LaneSharing {
    /// Another lane's description overlaps.
    OverlappingLaneDescriptionProvided,
    /// Several lanes described as one.
    MultipleLanesTreatedAsOneLane,
    /// Other traffic without motor.
    OtherNonMotorizedTrafficTypes,
    /// Cars and the like.
    IndividualMotorizedVehicleTraffic,
    /// Buses.
    BusVehicleTraffic,
    /// Taxis.
    TaxiVehicleTraffic,
    /// People on foot (bit 6).
    PedestriansTraffic,
    /// Cyclists.
    CyclistVehicleTraffic,
    /// Vehicles on rails.
    TrackedVehicleTraffic,
    /// People on foot (bit 9).
    PedestrianTraffic,
}

impl Flag for LaneSharing {
    const ALL: &'static [LaneSharing] = &[
        LaneSharing::OverlappingLaneDescriptionProvided,
        LaneSharing::MultipleLanesTreatedAsOneLane,
        LaneSharing::OtherNonMotorizedTrafficTypes,
        LaneSharing::IndividualMotorizedVehicleTraffic,
        LaneSharing::BusVehicleTraffic,
        LaneSharing::TaxiVehicleTraffic,
        LaneSharing::PedestriansTraffic,
        LaneSharing::CyclistVehicleTraffic,
        LaneSharing::TrackedVehicleTraffic,
        LaneSharing::PedestrianTraffic,
    ];
    const BITS: u64 = 10;
}

/// Attribute of a vehicle lane (DE_LaneAttributes-Vehicle).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VehicleLaneAttribute {
    /// Its permission may be revoked.
    Revocable,
    /// On a bridge.
    FlyOver,
    /// Only with several people in the car.
    HovOnly,
    /// Buses only.
    RestrictedToBusUse,
    /// Taxis only.
    RestrictedToTaxiUse,
    /// Not for the public.
    RestrictedFromPublicUse,
    /// Covered by an infrared beacon.
    HasIrBeaconCoverage,
    /// On request.
    PermissionOnRequest,
}

impl Flag for VehicleLaneAttribute {
    const ALL: &'static [VehicleLaneAttribute] = &[
        VehicleLaneAttribute::Revocable,
        VehicleLaneAttribute::FlyOver,
        VehicleLaneAttribute::HovOnly,
        VehicleLaneAttribute::RestrictedToBusUse,
        VehicleLaneAttribute::RestrictedToTaxiUse,
        VehicleLaneAttribute::RestrictedFromPublicUse,
        VehicleLaneAttribute::HasIrBeaconCoverage,
        VehicleLaneAttribute::PermissionOnRequest,
    ];
    const BITS: u64 = 8;
}

/// Attribute of a pedestrian crossing (DE_LaneAttributes-Crosswalk).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CrosswalkAttribute {
    /// Its permission may be revoked.
    Revocable,
    /// Cycling allowed.
    BicycleUseAllowed,
    /// On a bridge.
    FlyOver,
    /// Fixed cycle time.
    FixedCycleTime,
    /// Cycle time by direction.
    BiDirectionalCycleTimes,
    /// Has a button.
    HasPushToWalkButton,
    /// Has sound.
    AudioSupport,
    /// Request by radio.
    RfSignalRequestPresent,
    /// Parts without signal.
    UnsignalizedSegmentsPresent,
}

impl Flag for CrosswalkAttribute {
    const ALL: &'static [CrosswalkAttribute] = &[
        CrosswalkAttribute::Revocable,
        CrosswalkAttribute::BicycleUseAllowed,
        CrosswalkAttribute::FlyOver,
        CrosswalkAttribute::FixedCycleTime,
        CrosswalkAttribute::BiDirectionalCycleTimes,
        CrosswalkAttribute::HasPushToWalkButton,
        CrosswalkAttribute::AudioSupport,
        CrosswalkAttribute::RfSignalRequestPresent,
        CrosswalkAttribute::UnsignalizedSegmentsPresent,
    ];
    const BITS: u64 = 16;
}

/// Attribute of a cycle lane (DE_LaneAttributes-Bike).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BikeLaneAttribute {
    /// Its permission may be revoked.
    Revocable,
    /// Walking allowed.
    PedestrianUseAllowed,
    /// On a bridge.
    FlyOver,
    /// Fixed cycle time.
    FixedCycleTime,
    /// Cycle time by direction.
    BiDirectionalCycleTimes,
    /// Behind a barrier.
    IsolatedByBarrier,
    /// Parts without signal.
    UnsignalizedSegmentsPresent,
}

impl Flag for BikeLaneAttribute {
    const ALL: &'static [BikeLaneAttribute] = &[
        BikeLaneAttribute::Revocable,
        BikeLaneAttribute::PedestrianUseAllowed,
        BikeLaneAttribute::FlyOver,
        BikeLaneAttribute::FixedCycleTime,
        BikeLaneAttribute::BiDirectionalCycleTimes,
        BikeLaneAttribute::IsolatedByBarrier,
        BikeLaneAttribute::UnsignalizedSegmentsPresent,
    ];
    const BITS: u64 = 16;
}

/// Attribute of a sidewalk (DE_LaneAttributes-Sidewalk).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SidewalkAttribute {
    /// Its permission may be revoked.
    Revocable,
    /// Cycling allowed.
    BicycleUseAllowed,
    /// On a bridge.
    FlyOver,
    /// Cycles must be pushed.
    WalkBikes,
}

impl Flag for SidewalkAttribute {
    const ALL: &'static [SidewalkAttribute] = &[
        SidewalkAttribute::Revocable,
        SidewalkAttribute::BicycleUseAllowed,
        SidewalkAttribute::FlyOver,
        SidewalkAttribute::WalkBikes,
    ];
    const BITS: u64 = 16;
}

/// Attribute of a median or barrier (DE_LaneAttributes-Barrier).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BarrierAttribute {
    /// May be revoked.
    Revocable,
    /// Median.
    Median,
    /// White hatching.
    WhiteLineHashing,
    /// Line.
    StripedLines,
    /// Double line.
    DoubleStripedLines,
    /// Cones.
    TrafficCones,
    /// Barrier of road works.
    ConstructionBarrier,
    /// Channels.
    TrafficChannels,
    /// Low kerb.
    LowCurbs,
    /// High kerb.
    HighCurbs,
}

impl Flag for BarrierAttribute {
    const ALL: &'static [BarrierAttribute] = &[
        BarrierAttribute::Revocable,
        BarrierAttribute::Median,
        BarrierAttribute::WhiteLineHashing,
        BarrierAttribute::StripedLines,
        BarrierAttribute::DoubleStripedLines,
        BarrierAttribute::TrafficCones,
        BarrierAttribute::ConstructionBarrier,
        BarrierAttribute::TrafficChannels,
        BarrierAttribute::LowCurbs,
        BarrierAttribute::HighCurbs,
    ];
    const BITS: u64 = 16;
}

/// Attribute of markings (DE_LaneAttributes-Striping).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StripingAttribute {
    /// May be revoked.
    Revocable,
    /// Drawn on the left.
    DrawOnLeft,
    /// Drawn on the right.
    DrawOnRight,
    /// Leads to lanes on the left.
    ToConnectingLanesLeft,
    /// Leads to lanes on the right.
    ToConnectingLanesRight,
    /// Leads to lanes ahead.
    ToConnectingLanesAhead,
}

impl Flag for StripingAttribute {
    const ALL: &'static [StripingAttribute] = &[
        StripingAttribute::Revocable,
        StripingAttribute::DrawOnLeft,
        StripingAttribute::DrawOnRight,
        StripingAttribute::ToConnectingLanesLeft,
        StripingAttribute::ToConnectingLanesRight,
        StripingAttribute::ToConnectingLanesAhead,
    ];
    const BITS: u64 = 16;
}

/// Attribute of rails (DE_LaneAttributes-TrackedVehicle).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrackedVehicleAttribute {
    /// May be revoked.
    Revocable,
    /// Commuter rail.
    CommuterRailRoadTrack,
    /// Light rail.
    LightRailRoadTrack,
    /// Heavy rail.
    HeavyRailRoadTrack,
    /// Other rails.
    OtherRailType,
}

impl Flag for TrackedVehicleAttribute {
    const ALL: &'static [TrackedVehicleAttribute] = &[
        TrackedVehicleAttribute::Revocable,
        TrackedVehicleAttribute::CommuterRailRoadTrack,
        TrackedVehicleAttribute::LightRailRoadTrack,
        TrackedVehicleAttribute::HeavyRailRoadTrack,
        TrackedVehicleAttribute::OtherRailType,
    ];
    const BITS: u64 = 16;
}

/// Attribute of parking (DE_LaneAttributes-Parking).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ParkingAttribute {
    /// Its permission may be revoked.
    Revocable,
    /// Parallel to the road.
    ParallelParkingInUse,
    /// Head in.
    HeadInParkingInUse,
    /// No parking.
    DoNotParkZone,
    /// For buses.
    ParkingForBusUse,
    /// For taxis.
    ParkingForTaxiUse,
    /// Not for the public.
    NoPublicParkingUse,
}

impl Flag for ParkingAttribute {
    const ALL: &'static [ParkingAttribute] = &[
        ParkingAttribute::Revocable,
        ParkingAttribute::ParallelParkingInUse,
        ParkingAttribute::HeadInParkingInUse,
        ParkingAttribute::DoNotParkZone,
        ParkingAttribute::ParkingForBusUse,
        ParkingAttribute::ParkingForTaxiUse,
        ParkingAttribute::NoPublicParkingUse,
    ];
    const BITS: u64 = 16;
}
