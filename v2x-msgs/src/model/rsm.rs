//! RSM, the roadside safety message: the road users that a unit sees.

use serde::{Deserialize, Serialize};

use super::bsm::{Acceleration, DateTime};
use super::identity::StationId;
use super::place::{Position, PositionConfidence};
use super::vehicle::{MotionConfidence, Transmission, VehicleClass, VehicleSize};

/// Roadside safety message (MSG_RoadsideSafetyMessage).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rsm {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// The unit.
    pub id: StationId,
    /// When it was made, UTC. T/CSAE 53 leaves it out; SAE J3224 sends it, and `None` as the second of the first participant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc_time: Option<DateTime>,
    /// Reference position: participants are sent as offsets from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ref_pos: Option<Position>,
    /// Road users, 1..16 of them; else refused. Longer lists: [`crate::split::rsm`].
    pub participants: Vec<Participant>,
}

/// One road user (DF_ParticipantData).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Participant {
    /// What it is.
    pub ptc_type: ParticipantType,
    /// Number at this unit: 0 is the unit itself; every other stays with the road user while it is tracked.
    pub ptc_id: u16,
    /// Who saw it.
    pub source: Source,
    /// Its own temporary id, when it is known from its BSM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<StationId>,
    /// Moment for which the state holds: milliseconds in the UTC minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sec_mark_ms: Option<u16>,
    /// Latitude, degrees. Out of range: refused. Latitude and longitude are both there or both `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat_deg: Option<f64>,
    /// Longitude, degrees. Out of range: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon_deg: Option<f64>,
    /// Height above the ellipsoid, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elevation_m: Option<f64>,
    /// How sure the position is.
    #[serde(default)]
    pub pos_confidence: PositionConfidence,
    /// Gear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transmission: Option<Transmission>,
    /// Speed, m/s, 0..163.80, steps of 0.02. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f64>,
    /// Heading, degrees clockwise from true north, steps of 0.0125. Taken modulo 360.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f64>,
    /// Steering wheel angle, degrees, right positive, steps of 1.5. Saturates at −189 and 189.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub angle_deg: Option<f64>,
    /// How sure speed and heading are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motion_cfd: Option<MotionConfidence>,
    /// Acceleration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accel_set: Option<Acceleration>,
    /// Size.
    #[serde(default)]
    pub size: VehicleSize,
    /// Class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle_class: Option<VehicleClass>,
}

impl Participant {
    /// Number of the unit itself.
    pub const SELF_ID: u16 = 0;

    /// Where it is.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        Some(Position { lat_deg: self.lat_deg?, lon_deg: self.lon_deg?, elevation_m: self.elevation_m })
    }

    /// The same road user at a place.
    #[must_use]
    pub fn at(self, place: Position) -> Participant {
        Participant {
            lat_deg: Some(place.lat_deg),
            lon_deg: Some(place.lon_deg),
            elevation_m: place.elevation_m,
            ..self
        }
    }
}

/// Kind of road user (DE_ParticipantType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ParticipantType {
    /// Not known.
    #[default]
    Unknown,
    /// Motor vehicle.
    Motor,
    /// Cycle and the like.
    NonMotor,
    /// Person on foot.
    Pedestrian,
    /// Roadside unit.
    Rsu,
}

/// Who saw a road user (DE_SourceType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Not known.
    #[default]
    Unknown,
    /// The unit, about itself.
    Selfinfo,
    /// A message of the road user.
    V2x,
    /// Camera.
    Video,
    /// Radar.
    MicrowaveRadar,
    /// Induction loop.
    Loop,
    /// Lidar.
    Lidar,
    /// Several sensors together.
    Integrated,
}
