//! SSM, the sensor sharing message: what somebody's sensors see, road users and other things.

use serde::{Deserialize, Serialize};

use super::bsm::{Acceleration, PathHistory};
use super::detected::{DetectedExtension, ObjectSize, Planning, SizeConfidence};
use super::identity::StationId;
use super::place::{Position, PositionConfidence};
use super::planning::AccelerationConfidence;
use super::rsi::Rte;
use super::rsm::{Participant, Source};

/// Sensor sharing message (T/CSAE 157, MSG_SSM).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ssm {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// Who speaks.
    pub id: StationId,
    /// What it is.
    #[serde(default)]
    pub equipment_type: EquipmentType,
    /// Milliseconds in the UTC minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sec_mark_ms: Option<u16>,
    /// Place of the sensors: others are sent as offsets from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensor_pos: Option<Position>,
    /// What the sensors cover, at most 8 polygons of 4..32 corners; else refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub detected_region: Vec<Vec<Position>>,
    /// Road users, at most 512; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<DetectedParticipant>,
    /// Other things, at most 64; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<Obstacle>,
    /// Events, at most 8; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rtes: Vec<Rte>,
}

/// What shares (DE_EquipmentType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EquipmentType {
    /// Not known.
    #[default]
    Unknown,
    /// A roadside unit.
    Rsu,
    /// A vehicle.
    Obu,
    /// A person.
    Vru,
}

/// A road user that was seen (DF_DetectedPTCData).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DetectedParticipant {
    /// As RSM has it.
    pub ptc: Participant,
    /// How sure its size is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_confidence: Option<SizeConfidence>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detected_type: Option<DetectedType>,
    /// How sure that is, 0..1, steps of 0.005. Out of range: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_confidence: Option<f64>,
    /// How sure its acceleration is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accel_confidence: Option<AccelerationConfidence>,
    /// For how long its state has been so, seconds, 0.01..655.34. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_duration_s: Option<f64>,
    /// Where it was; points are sent as offsets from its own position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_history: Option<PathHistory>,
    /// Where it may go, at most 8 ways; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub planning: Vec<Planning>,
    /// For how long it has been seen, seconds, 1..65535 (the step is unverified). 0: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_s: Option<u16>,
    /// Its outline, none or 4..32 corners; else refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub polygon: Vec<Position>,
    /// More, by what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<DetectedExtension>,
}

/// What a road user is (DE_DetectedPTCType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DetectedType {
    /// Not known.
    #[default]
    Unknown,
    /// Something that can move.
    UnknownMovable,
    /// Something that cannot.
    UnknownUnmovable,
    /// Car.
    Car,
    /// Van.
    Van,
    /// Truck.
    Truck,
    /// Bus.
    Bus,
    /// Cyclist.
    Cyclist,
    /// Motorcyclist.
    Motorcyclist,
    /// On three wheels.
    Tricyclist,
    /// On foot.
    Pedestrian,
}

/// A thing that was seen (DF_DetectedObstacleData).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Obstacle {
    /// What it is.
    #[serde(default)]
    pub obs_type: ObstacleType,
    /// How sure that is, 0..1, steps of 0.005. Out of range: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_confidence: Option<f64>,
    /// Number at this sender.
    pub obs_id: u16,
    /// What saw it.
    #[serde(default)]
    pub source: Source,
    /// Moment for which the state holds: milliseconds in the UTC minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sec_mark_ms: Option<u16>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos: Option<Position>,
    /// How sure that is.
    #[serde(default)]
    pub pos_confidence: PositionConfidence,
    /// Speed, m/s, 0..163.80, steps of 0.02. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f64>,
    /// How sure the speed is, m/s; the next coarser step of the wire is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_confidence_mps: Option<f64>,
    /// Heading, degrees clockwise from true north, steps of 0.0125. Taken modulo 360.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f64>,
    /// How sure the heading is, degrees; the next coarser step of the wire is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_confidence_deg: Option<f64>,
    /// Speed upwards, as the other one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vertical_speed_mps: Option<f64>,
    /// How sure that is, m/s; the next coarser step of the wire is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vertical_speed_confidence_mps: Option<f64>,
    /// Acceleration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accel_set: Option<Acceleration>,
    /// Size.
    #[serde(default)]
    pub size: ObjectSize,
    /// How sure the size is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_confidence: Option<SizeConfidence>,
    /// For how long it has been seen, seconds, 1..65535 (the step is unverified). 0: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_s: Option<u16>,
    /// Its outline, none or 4..32 corners; else refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub polygon: Vec<Position>,
}

/// What a thing is (DE_ObstacleType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ObstacleType {
    /// Not known.
    #[default]
    Unknown,
    /// Fallen rock.
    Rockfall,
    /// Landslide.
    Landslide,
    /// Animal.
    AnimalIntrusion,
    /// Spilt liquid.
    LiquidSpill,
    /// Lost goods.
    GoodsScattered,
    /// Traffic cone.
    Trafficcone,
    /// Warning triangle.
    SafetyTriangle,
    /// Road block.
    TrafficRoadblock,
    /// Open manhole.
    InspectionShaftWithoutCover,
    /// Fragments.
    UnknownFragments,
    /// Something hard.
    UnknownHardObject,
    /// Something soft.
    UnknownSoftObject,
}
