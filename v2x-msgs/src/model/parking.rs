//! PAM, the map of a parking area: its nodes, the drives between them, the places to park.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::flags::{ParkingNodeAttribute, ParkingType};
use super::identity::StationId;
use super::place::Position;

/// Map of a parking area (T/CSAE 157, MSG_PAM).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Pam {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// Minutes since 1 January 00:00 UTC, 0..527039. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_stamp_min: Option<u32>,
    /// The car park.
    #[serde(default)]
    pub lot: ParkingLot,
    /// Nodes, 1..63; else refused.
    pub nodes: Vec<ParkingNode>,
    /// Ways for single vehicles, at most 16; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guidance: Vec<ParkingGuide>,
}

/// A car park (DF_ParkingLotInfo).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ParkingLot {
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u16>,
    /// For people; ASCII, 1..63 characters; else refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many places it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u16>,
    /// How many floors it has, 0..256. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layers: Option<u16>,
    /// What it offers to cars that park themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avp_type: Option<AvpType>,
}

/// Level of automated valet parking (DE_AVPType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AvpType {
    /// Level 0.
    P0,
    /// Level 1.
    P1,
    /// Level 2.
    P2,
    /// Level 3.
    P3,
    /// Level 4.
    P4,
    /// Level 5.
    P5,
}

/// A node of a car park (DF_PAMNode).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ParkingNode {
    /// Its number.
    pub id: u16,
    /// Reference position: places of its drives are sent as offsets from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ref_pos: Option<Position>,
    /// Floor, −128..128; else refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<i16>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<BTreeSet<ParkingNodeAttribute>>,
    /// Drives that lead into it, at most 63; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_drives: Vec<ParkingDrive>,
}

/// A drive between two nodes (DF_PAMDrive).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ParkingDrive {
    /// Where it comes from.
    pub upstream_node_id: u16,
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drive_id: Option<u8>,
    /// Whether its two directions are apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_way_separation: Option<bool>,
    /// Speed limit, m/s, 0..163.80, steps of 0.02. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_limit_mps: Option<f64>,
    /// Headroom, metres, up to 10, steps of 0.1 (the step is unverified). Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_limit_m: Option<f64>,
    /// Width, metres, up to 327.67, steps of 0.01. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width_m: Option<f64>,
    /// How many lanes it has, 0..100. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane_num: Option<u8>,
    /// Centre line in the direction of travel, none or 2..31 points; else refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<Position>,
    /// Nodes where one may go at its end, at most 32; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub movements: Vec<u16>,
    /// Places to park along it, at most 256; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<ParkingSlot>,
}

/// A place to park (DF_ParkingSlot).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ParkingSlot {
    /// Its number.
    pub id: u16,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<SlotPosition>,
    /// What is written there; ASCII, 1..63 characters; else refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign: Option<String>,
    /// What kind it is.
    pub parking_type: BTreeSet<ParkingType>,
    /// Whether it is free.
    #[serde(default)]
    pub status: SlotStatus,
    /// How it lies to the drive.
    #[serde(default)]
    pub theta: SlotAngle,
    /// Whether it is locked.
    #[serde(default)]
    pub lock: SlotLock,
}

/// Three corners of a place to park (DF_ParkingSlotPosition).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SlotPosition {
    /// Far left.
    pub top_left: Position,
    /// Far right.
    pub top_right: Position,
    /// Near left.
    pub bottom_left: Position,
}

/// Whether a place to park is free (DE_SlotStatus).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SlotStatus {
    /// Not known.
    #[default]
    Unknown,
    /// Free.
    Available,
    /// Taken.
    Occupied,
    /// Reserved for somebody.
    Reserved,
}

/// How a place to park lies to the drive (DE_ParkingSpaceTheta).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SlotAngle {
    /// Not known.
    #[default]
    Unknown,
    /// Across.
    Vertical,
    /// Along.
    Side,
    /// Aslant.
    Oblique,
}

/// Whether a place to park is locked (DE_ParkingLock).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SlotLock {
    /// Not known.
    #[default]
    Unknown,
    /// Has no lock.
    Nolock,
    /// Locked.
    Locked,
    /// Not locked.
    Unlocked,
}

/// The way of one vehicle (DF_ParkingGuide).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ParkingGuide {
    /// The vehicle.
    pub veh_id: StationId,
    /// Nodes on its way, 1..32; else refused.
    pub drive_path: Vec<u16>,
    /// Where to park.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_slot: Option<u16>,
}
