//! RSC, roadside coordination: what a unit suggests to vehicles and says of lanes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::bsm::DateTime;
use super::flags::{CoordinationInfo, DriveBehavior};
use super::identity::{Description, StationId};
use super::place::Position;
use super::planning::PlannedPoint;
use super::rsi::{ReferenceLink, ReferencePath};

/// Roadside coordination (T/CSAE 157, MSG_RSC).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rsc {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// The unit.
    pub id: StationId,
    /// Milliseconds in the UTC minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sec_mark_ms: Option<u16>,
    /// Reference position: places are sent as offsets from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ref_pos: Option<Position>,
    /// What it suggests to single vehicles, at most 16; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coordinates: Vec<VehicleCoordination>,
    /// What holds for lanes, at most 8; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lane_coordinates: Vec<LaneCoordination>,
}

/// What is suggested to one vehicle (DF_VehicleCoordination).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VehicleCoordination {
    /// The vehicle.
    pub veh_id: StationId,
    /// How to drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drive_suggestion: Option<DriveSuggestion>,
    /// Where to drive, up to 100 points; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path_guidance: Vec<PlannedPoint>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<BTreeSet<CoordinationInfo>>,
}

/// How somebody should drive (DF_DriveSuggestion).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DriveSuggestion {
    /// What to do.
    pub suggestion: BTreeSet<DriveBehavior>,
    /// For how long it holds, seconds, 0.01..655.34. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life_time_s: Option<f64>,
    /// On which link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub related_link: Option<ReferenceLink>,
    /// On which path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub related_path: Option<ReferencePath>,
}

/// What holds for lanes (DF_LaneCoordination).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LaneCoordination {
    /// Which lanes of which link.
    pub target_lane: ReferenceLink,
    /// Which part of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub related_path: Option<ReferencePath>,
    /// From when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin: Option<DateTime>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<DateTime>,
    /// Speed to drive there, m/s, 0..163.80, steps of 0.02. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommended_speed_mps: Option<f64>,
    /// What to do there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommended_behavior: Option<BTreeSet<DriveBehavior>>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<BTreeSet<CoordinationInfo>>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
}
