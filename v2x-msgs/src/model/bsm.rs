//! BSM, the basic safety message: what a vehicle says of itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::flags::{ExteriorLight, GnssStatus, VehicleEvent, Wheel};
use super::identity::StationId;
use super::place::{Position, PositionAccuracy, PositionConfidence};
use super::vehicle::{MotionConfidence, SwitchState, Transmission, VehicleClass, VehicleSize};

/// Basic safety message (MSG_BasicSafetyMessage).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bsm {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// Temporary id.
    pub id: StationId,
    /// Moment for which the state holds: milliseconds in the UTC minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sec_mark_ms: Option<u16>,
    /// How sure the time is, seconds; the next coarser step of the wire is sent, coarser than 100 s: not available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_confidence_s: Option<f64>,
    /// Latitude, degrees. Out of range: refused. Latitude and longitude are both there or both `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat_deg: Option<f64>,
    /// Longitude, degrees. Out of range: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon_deg: Option<f64>,
    /// Height above the ellipsoid, metres. Saturates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elevation_m: Option<f64>,
    /// Error ellipse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos_accuracy: Option<PositionAccuracy>,
    /// How sure the position is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos_confidence: Option<PositionConfidence>,
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
    #[serde(default)]
    pub accel_set: Acceleration,
    /// Brakes.
    #[serde(default)]
    pub brakes: Brakes,
    /// Size.
    #[serde(default)]
    pub size: VehicleSize,
    /// Class.
    #[serde(default)]
    pub vehicle_class: VehicleClass,
    /// Events, path, lights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety_ext: Option<SafetyExt>,
    /// For emergency vehicles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency_ext: Option<EmergencyExt>,
}

impl Bsm {
    /// Where the vehicle is.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        Some(Position { lat_deg: self.lat_deg?, lon_deg: self.lon_deg?, elevation_m: self.elevation_m })
    }

    /// The same vehicle at a place.
    #[must_use]
    pub fn at(self, place: Position) -> Bsm {
        Bsm { lat_deg: Some(place.lat_deg), lon_deg: Some(place.lon_deg), elevation_m: place.elevation_m, ..self }
    }
}

/// Acceleration along the vehicle's axes (DF_AccelerationSet4Way). All saturate.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Acceleration {
    /// Forward, m/s², ±20, steps of 0.01.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_mps2: Option<f64>,
    /// To the right, m/s², ±20, steps of 0.01.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat_mps2: Option<f64>,
    /// Vertical, m/s², ±2.52 g, steps of 0.02 g.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vert_mps2: Option<f64>,
    /// Turn rate, degrees per second, clockwise positive, ±327.67, steps of 0.01. The wire has no value for "not
    /// available": 0 is none known and none there.
    #[serde(default)]
    pub yaw_dps: f64,
}

/// Brakes and driving aids (DF_BrakeSystemStatus).
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Brakes {
    /// Brake pedal: off or on; `engaged` is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brake_pedal: Option<SwitchState>,
    /// Wheels that are braked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wheel_brakes: Option<BTreeSet<Wheel>>,
    /// Traction control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traction: Option<SwitchState>,
    /// Anti-lock brakes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abs: Option<SwitchState>,
    /// Stability control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scs: Option<SwitchState>,
    /// Brake boost: off or on; `engaged` is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brake_boost: Option<SwitchState>,
    /// Auxiliary brakes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aux_brakes: Option<SwitchState>,
}

/// Events, path and lights (DF_VehicleSafetyExtensions).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SafetyExt {
    /// Events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<BTreeSet<VehicleEvent>>,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_history: Option<PathHistory>,
    /// Where it will go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_prediction: Option<PathPrediction>,
    /// Lights that are on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lights: Option<BTreeSet<ExteriorLight>>,
}

/// Where a vehicle came from (DF_PathHistory).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PathHistory {
    /// Start: the points are sent as offsets from it, or from the BSM's own position without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_position: Option<FullPosition>,
    /// State of the satellite receiver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curr_gnss_status: Option<BTreeSet<GnssStatus>>,
    /// Points, newest first, 1..23; else refused.
    pub crumb_data: Vec<PathHistoryPoint>,
}

/// One point of a path (DF_PathHistoryPoint).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PathHistoryPoint {
    /// Where.
    pub pos: Position,
    /// How long before the message's time, seconds, 0.01..655.34. Saturates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_offset_s: Option<f64>,
    /// Speed there, m/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f64>,
    /// How sure the place is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos_confidence: Option<PositionConfidence>,
    /// Heading there, degrees clockwise from north, steps of 1.5. Taken modulo 360.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f64>,
}

/// Position and motion at one moment (DF_FullPositionVector).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FullPosition {
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc_time: Option<DateTime>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos: Option<Position>,
    /// Heading, degrees clockwise from true north. Taken modulo 360.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f64>,
    /// Gear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transmission: Option<Transmission>,
    /// Speed, m/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f64>,
    /// Error ellipse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos_accuracy: Option<PositionAccuracy>,
    /// How sure the position is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos_confidence: Option<PositionConfidence>,
    /// How sure the time is, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_confidence_s: Option<f64>,
    /// How sure speed and heading are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motion_cfd: Option<MotionConfidence>,
}

/// Date and time of day (DF_DDateTime). Each part out of the wire's range is refused.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DateTime {
    /// Year, 0..4095.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Month, 1..12 (0: not known).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<u8>,
    /// Day, 1..31 (0: not known).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u8>,
    /// Hour, 0..24.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour: Option<u8>,
    /// Minute, 0..60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minute: Option<u8>,
    /// Milliseconds in the minute, 0..60999.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_ms: Option<u16>,
    /// Offset of local time from UTC, minutes, −720..721.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_min: Option<i16>,
}

/// Where a vehicle will go (DF_PathPrediction).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PathPrediction {
    /// Radius of the curve, metres, right positive, ±3276.6, steps of 0.1; larger: straight. `None`: straight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub radius_of_curve_m: Option<f64>,
    /// How sure it is, 0..1, steps of 0.005. Out of range: refused.
    pub confidence: f64,
}

/// For emergency vehicles (DF_VehicleEmergencyExtensions).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EmergencyExt {
    /// What it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_type: Option<ResponseType>,
    /// Siren.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub siren_use: Option<SirenUse>,
    /// Light bar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lights_use: Option<LightbarUse>,
}

/// What an emergency vehicle is on (DE_ResponseType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// Not in use or not equipped.
    NotInUseOrNotEquipped,
    /// Emergency.
    Emergency,
    /// No emergency.
    NonEmergency,
    /// Pursuit.
    Pursuit,
    /// Stands.
    Stationary,
    /// Moves slowly.
    SlowMoving,
    /// Stops and goes.
    StopAndGoMovement,
}

/// Siren (DE_SirenInUse).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SirenUse {
    /// Silent.
    NotInUse,
    /// Sounds.
    InUse,
    /// Reserved value 3.
    Reserved,
}

/// Light bar (DE_LightbarInUse).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LightbarUse {
    /// Dark.
    NotInUse,
    /// On.
    InUse,
    /// Yellow caution lights.
    YellowCautionLights,
    /// School bus lights.
    SchoolBusLights,
    /// Arrow signs.
    ArrowSignsActive,
    /// Slow moving vehicle.
    SlowMovingVehicle,
    /// Stops often.
    FreqStops,
}
