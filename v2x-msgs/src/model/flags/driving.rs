//! Flags of driving and coordination (T/CSAE 157).

use serde::{Deserialize, Serialize};

use super::Flag;

/// What a vehicle does, means to do or should do (DE_DriveBehavior).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DriveBehavior {
    /// Goes straight on.
    GoStraightForward,
    /// Changes to the left lane.
    LaneChangingToLeft,
    /// Changes to the right lane.
    LaneChangingToRight,
    /// Enters over a ramp.
    RampIn,
    /// Leaves over a ramp.
    RampOut,
    /// Goes straight over a crossing.
    IntersectionStraightThrough,
    /// Turns left at a crossing.
    IntersectionTurnLeft,
    /// Turns right at a crossing.
    IntersectionTurnRight,
    /// Turns back at a crossing.
    IntersectionUTurn,
    /// Stops and goes.
    StopAndGo,
    /// Stops.
    Stop,
    /// Slows down.
    SlowDown,
    /// Speeds up.
    SpeedUp,
    /// Parks.
    Parking,
}

impl Flag for DriveBehavior {
    const ALL: &'static [DriveBehavior] = &[
        DriveBehavior::GoStraightForward,
        DriveBehavior::LaneChangingToLeft,
        DriveBehavior::LaneChangingToRight,
        DriveBehavior::RampIn,
        DriveBehavior::RampOut,
        DriveBehavior::IntersectionStraightThrough,
        DriveBehavior::IntersectionTurnLeft,
        DriveBehavior::IntersectionTurnRight,
        DriveBehavior::IntersectionUTurn,
        DriveBehavior::StopAndGo,
        DriveBehavior::Stop,
        DriveBehavior::SlowDown,
        DriveBehavior::SpeedUp,
        DriveBehavior::Parking,
    ];
    const BITS: u64 = 14;
}

/// What a coordination is about (DE_CoordinationInfo).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CoordinationInfo {
    /// Changing lanes together.
    CooperativeLaneChanging,
    /// Merging together.
    CooperativeVehMerging,
    /// Changing lanes at a crossing.
    LaneChangingAtIntersection,
    /// Passing a crossing without signals.
    NoSignalIntersectionPassing,
    /// Lanes that change their use.
    DynamicLaneManagement,
    /// A lane is kept free.
    LaneReservation,
    /// A lane is restricted.
    LaneRestriction,
    /// Priority at signals.
    SignalPriority,
}

impl Flag for CoordinationInfo {
    const ALL: &'static [CoordinationInfo] = &[
        CoordinationInfo::CooperativeLaneChanging,
        CoordinationInfo::CooperativeVehMerging,
        CoordinationInfo::LaneChangingAtIntersection,
        CoordinationInfo::NoSignalIntersectionPassing,
        CoordinationInfo::DynamicLaneManagement,
        CoordinationInfo::LaneReservation,
        CoordinationInfo::LaneRestriction,
        CoordinationInfo::SignalPriority,
    ];
    const BITS: u64 = 8;
}
