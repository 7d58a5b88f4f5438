//! Flags of signal controllers.

use serde::{Deserialize, Serialize};

use super::Flag;

/// How a signal controller works (DE_IntersectionStatusObject).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum IntersectionStatus {
    /// By hand.
    ManualControlIsEnabled,
    /// Its time stands.
    StopTimeIsActivated,
    /// Flashes after a failure.
    FailureFlash,
    /// Pre-empted.
    PreemptIsActive,
    /// Gives priority.
    SignalPriorityIsActive,
    /// Fixed times.
    FixedTimeOperation,
    /// Follows the traffic.
    TrafficDependentOperation,
    /// Stands by.
    StandbyOperation,
    /// Failed.
    FailureMode,
    /// Off.
    Off,
    /// The MAP was changed lately.
    RecentMapMessageUpdate,
    /// Lane numbers of the MAP were changed lately.
    RecentChangeInMapAssignedLanesIdsUsed,
    /// There is no valid MAP.
    NoValidMapIsAvailableAtThisTime,
    /// There is no valid SPAT.
    NoValidSpatIsAvailableAtThisTime,
}

impl Flag for IntersectionStatus {
    const ALL: &'static [IntersectionStatus] = &[
        IntersectionStatus::ManualControlIsEnabled,
        IntersectionStatus::StopTimeIsActivated,
        IntersectionStatus::FailureFlash,
        IntersectionStatus::PreemptIsActive,
        IntersectionStatus::SignalPriorityIsActive,
        IntersectionStatus::FixedTimeOperation,
        IntersectionStatus::TrafficDependentOperation,
        IntersectionStatus::StandbyOperation,
        IntersectionStatus::FailureMode,
        IntersectionStatus::Off,
        IntersectionStatus::RecentMapMessageUpdate,
        IntersectionStatus::RecentChangeInMapAssignedLanesIdsUsed,
        IntersectionStatus::NoValidMapIsAvailableAtThisTime,
        IntersectionStatus::NoValidSpatIsAvailableAtThisTime,
    ];
    const BITS: u64 = 16;
}
