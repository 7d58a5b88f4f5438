//! MAP: nodes, the roads that lead into them, lanes, and where one may go at their ends.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::flags::{
    BarrierAttribute, BikeLaneAttribute, CrosswalkAttribute, LaneSharing, Maneuver, ParkingAttribute,
    SidewalkAttribute, StripingAttribute, TrackedVehicleAttribute, VehicleLaneAttribute,
};
use super::identity::NodeId;
use super::place::Position;

/// Map (MSG_MAP).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// Minutes since 1 January 00:00 UTC, 0..527039 (DE_MinuteOfTheYear). Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_stamp_min: Option<u32>,
    /// Nodes, 1..63; else refused.
    pub nodes: Vec<Node>,
}

/// A crossing or another node of the road network (DF_Node).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// For people; ASCII, 1..63 characters; else refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its number.
    pub id: NodeId,
    /// Reference position: points of its links are sent as offsets from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ref_pos: Option<Position>,
    /// Roads that lead into it, at most 32; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_links: Vec<Link>,
}

/// A directed road from another node to this one (DF_Link).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// For people; ASCII, 1..63 characters; else refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it comes from.
    pub upstream_node_id: NodeId,
    /// Speed limits, at most 9; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speed_limits: Vec<SpeedLimit>,
    /// Width, metres, up to 327.67, steps of 0.01. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_width_m: Option<f64>,
    /// Centre line in the direction of travel, none or 2..31 points; else refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<Position>,
    /// Where one may go at its end, at most 32; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub movements: Vec<Movement>,
    /// Lanes, 1..32; else refused.
    pub lanes: Vec<Lane>,
}

/// A way from a link to the next node (DF_Movement).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Movement {
    /// Next node.
    pub remote_intersection: NodeId,
    /// Signal group that rules it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase_id: Option<u8>,
}

/// A lane (DF_Lane).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Number in the link, from the left, from 1; 0: not known; 255: reserved.
    pub lane_id: u8,
    /// Width, metres, up to 327.67, steps of 0.01. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane_width_m: Option<f64>,
    /// Who may use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane_attributes: Option<LaneAttributes>,
    /// Turns allowed at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maneuvers: Option<BTreeSet<Maneuver>>,
    /// Where it leads, at most 16; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connects_to: Vec<Connection>,
    /// Speed limits, at most 9; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speed_limits: Vec<SpeedLimit>,
    /// Centre line in the direction of travel, none or 2..31 points; else refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<Position>,
}

/// Where a lane leads (DF_Connection).
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Next node.
    pub remote_intersection: NodeId,
    /// Lane of the link behind the crossing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connecting_lane: Option<ConnectingLane>,
    /// Signal group that rules it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase_id: Option<u8>,
}

/// A lane behind the crossing (DF_ConnectingLane).
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConnectingLane {
    /// Its number.
    pub lane: u8,
    /// Turn that leads there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maneuver: Option<BTreeSet<Maneuver>>,
}

/// Who may use a lane, and what it is (DF_LaneAttributes).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LaneAttributes {
    /// Who shares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_with: Option<BTreeSet<LaneSharing>>,
    /// What it is.
    pub lane_type: LaneType,
}

/// What a lane is (DE_LaneTypeAttributes).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LaneType {
    /// For motor vehicles.
    Vehicle(BTreeSet<VehicleLaneAttribute>),
    /// Pedestrian crossing.
    Crosswalk(BTreeSet<CrosswalkAttribute>),
    /// For cycles.
    BikeLane(BTreeSet<BikeLaneAttribute>),
    /// For people on foot.
    Sidewalk(BTreeSet<SidewalkAttribute>),
    /// Median or barrier.
    Median(BTreeSet<BarrierAttribute>),
    /// Markings only.
    Striping(BTreeSet<StripingAttribute>),
    /// For vehicles on rails.
    TrackedVehicle(BTreeSet<TrackedVehicleAttribute>),
    /// Parking.
    Parking(BTreeSet<ParkingAttribute>),
}

/// A speed limit (DF_RegulatorySpeedLimit).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SpeedLimit {
    /// For whom.
    #[serde(rename = "type")]
    pub kind: SpeedLimitType,
    /// Speed, m/s, steps of 0.02. Above 163.80: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f64>,
}

/// For whom and when a speed limit holds (DE_SpeedLimitType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SpeedLimitType {
    /// Not known.
    #[default]
    Unknown,
    /// In a school zone.
    MaxSpeedInSchoolZone,
    /// In a school zone when children are there.
    MaxSpeedInSchoolZoneWhenChildrenArePresent,
    /// At road works.
    MaxSpeedInConstructionZone,
    /// Vehicles, at least.
    VehicleMinSpeed,
    /// Vehicles, at most.
    VehicleMaxSpeed,
    /// Vehicles at night, at most.
    VehicleNightMaxSpeed,
    /// Trucks, at least.
    TruckMinSpeed,
    /// Trucks, at most.
    TruckMaxSpeed,
    /// Trucks at night, at most.
    TruckNightMaxSpeed,
    /// Vehicles with trailers, at least.
    VehiclesWithTrailersMinSpeed,
    /// Vehicles with trailers, at most.
    VehiclesWithTrailersMaxSpeed,
    /// Vehicles with trailers at night, at most.
    VehiclesWithTrailersNightMaxSpeed,
}
