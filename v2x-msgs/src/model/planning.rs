//! Where somebody means to go (T/CSAE 157, DF_PathPlanning).

use serde::{Deserialize, Serialize};

use super::bsm::Acceleration;
use super::place::{Position, PositionConfidence};
use super::rsi::ReferenceLink;

/// A point of a planned path (DF_PathPlanningPoint).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlannedPoint {
    /// On which link of the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos_in_map: Option<ReferenceLink>,
    /// Where.
    pub pos: Position,
    /// How sure that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos_confidence: Option<PositionConfidence>,
    /// Speed there, m/s, 0..163.80, steps of 0.02. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f64>,
    /// How sure the speed is, m/s; the next coarser step of the wire is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_confidence_mps: Option<f64>,
    /// Heading there, degrees clockwise from true north, steps of 0.0125. Taken modulo 360.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f64>,
    /// How sure the heading is, degrees; the next coarser step of the wire is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_confidence_deg: Option<f64>,
    /// Acceleration there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accel_set: Option<Acceleration>,
    /// How sure the acceleration is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accel_confidence: Option<AccelerationConfidence>,
    /// When it will be there, seconds from now, 0.01..655.34. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_time_s: Option<f64>,
    /// How sure the time is, 0..1, steps of 0.005. Out of range: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_confidence: Option<f64>,
}

/// How sure an acceleration is (DF_AccSet4WayConfidence). Each is the next coarser of 100, 10, 5, 1, 0.1, 0.05, 0.01;
/// coarser than the coarsest: not available.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccelerationConfidence {
    /// Along, m/s².
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_mps2: Option<f64>,
    /// Across, m/s².
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat_mps2: Option<f64>,
    /// Upwards, m/s².
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vert_mps2: Option<f64>,
    /// Yaw rate, degrees per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yaw_dps: Option<f64>,
}
