//! VIR, vehicle intention and request: what a vehicle means to do, and what it asks for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::bsm::DateTime;
use super::flags::{DriveBehavior, ParkingRequest, ParkingType};
use super::identity::{NodeId, StationId};
use super::place::Position;
use super::planning::PlannedPoint;
use super::rsi::ReferencePath;
use super::vehicle::VehicleClass;

/// Vehicle intention and request (T/CSAE 157, MSG_VIR, with DF_IARData).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Vir {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// The vehicle.
    pub id: StationId,
    /// Milliseconds in the UTC minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sec_mark_ms: Option<u16>,
    /// Reference position: places are sent as offsets from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ref_pos: Option<Position>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_pos: Option<PlannedPoint>,
    /// Where it means to go, up to 100 points; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path_planning: Vec<PlannedPoint>,
    /// What it is doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_behavior: Option<BTreeSet<DriveBehavior>>,
    /// What it asks for, at most 8; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<DriveRequest>,
}

/// One request (DF_DriveRequest).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DriveRequest {
    /// Its number at this vehicle.
    pub req_id: u8,
    /// How far it is.
    pub status: RequestStatus,
    /// Priority, 0 (lowest) .. 7. Above: refused. (The top three bits of one octet.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// The vehicle that is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_veh: Option<StationId>,
    /// The unit that is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_rsu: Option<StationId>,
    /// What is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<RequestInfo>,
    /// For how long it holds, seconds, 0.01..655.34. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life_time_s: Option<f64>,
}

/// How far a request is (DE_ReqStatus).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RequestStatus {
    /// Not known.
    #[default]
    Unknown,
    /// Asked.
    Request,
    /// Confirmed.
    Confirmed,
    /// Taken back.
    Cancel,
    /// Done.
    Complete,
}

/// What a vehicle asks for (DF_ReqInfo).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RequestInfo {
    /// To change lanes.
    LaneChange(LaneChange),
    /// A free lane.
    ClearTheWay(Box<ClearTheWay>),
    /// A green light.
    SignalPriority(SignalPriority),
    /// What sensors see.
    SensorSharing(SensorRequest),
    /// A place to park.
    Parking(ParkingAreaRequest),
}

/// To change lanes (DF_Req_LaneChange).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LaneChange {
    /// Where the link comes from.
    pub upstream_node: NodeId,
    /// Where the link leads.
    pub downstream_node: NodeId,
    /// The lane to change to.
    pub target_lane: u8,
}

/// A free lane (DF_Req_ClearTheWay).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClearTheWay {
    /// Where the link comes from.
    pub upstream_node: NodeId,
    /// Where the link leads.
    pub downstream_node: NodeId,
    /// The lane to clear.
    pub target_lane: u8,
    /// Which part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub related_path: Option<ReferencePath>,
    /// From when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin: Option<DateTime>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<DateTime>,
}

/// A green light (DF_Req_SignalPriority).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignalPriority {
    /// At which crossing.
    pub intersection_id: NodeId,
    /// For which way over it.
    pub required_movement: RequiredMovement,
    /// When it will be there, seconds from now, 0.01..655.34. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_arrival_time_s: Option<f64>,
    /// How far away it is, metres, up to 1000, steps of 0.1 (the step is unverified). Above: saturates; negative:
    /// refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_to_intersection_m: Option<f64>,
}

/// A way over a crossing (DF_MovementEx).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RequiredMovement {
    /// Next node.
    pub remote_intersection: NodeId,
    /// Signal group that rules it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase_id: Option<u8>,
    /// How it turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn_direction: Option<Turn>,
}

/// A turn (DE_Maneuver).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Straight on.
    Straight,
    /// To the left.
    LeftTurn,
    /// To the right.
    RightTurn,
    /// Back.
    UTurn,
}

/// What sensors see (DF_Req_SensorSharing).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SensorRequest {
    /// Where, 1..8 paths; else refused.
    pub detect_area: Vec<ReferencePath>,
}

/// A place to park (DF_Req_ParkingArea).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ParkingAreaRequest {
    /// What the vehicle is.
    pub vehicle_class: VehicleClass,
    /// What it wants there.
    pub request: BTreeSet<ParkingRequest>,
    /// On what kind of place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parking_type: Option<BTreeSet<ParkingType>>,
    /// On which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_slot: Option<u16>,
}
