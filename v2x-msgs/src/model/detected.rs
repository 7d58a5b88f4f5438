//! What more is known of a road user that was seen: size, attitude, what a person is, where it may go.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::flags::{Assistance, DeviceUse, DriveBehavior, ExteriorLight, WorkActivity};
use super::planning::PlannedPoint;
use super::psm::{Attachment, ClusterSize, PersonType, Propulsion, WorkerType};

/// One way that a road user may go (DF_Planning).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Planning {
    /// For how long it is planned, seconds, up to 60, steps of 0.1 (the step is unverified). Above: saturates;
    /// negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    /// How sure it is, 0..1, steps of 0.005. Out of range: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// What it will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driving_behavior: Option<BTreeSet<DriveBehavior>>,
    /// Where it will go, up to 100 points; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path_planning: Vec<PlannedPoint>,
}

/// Size of a thing (DF_ObjectSize).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ObjectSize {
    /// Width, metres, up to 102.3, steps of 0.1. Above: saturates; negative: refused.
    pub width_m: f64,
    /// Length, likewise.
    pub length_m: f64,
    /// Height, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_m: Option<f64>,
}

/// How sure a size is (DF_ObjectSizeConfidence). Each is the next coarser of 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1,
/// 0.05, 0.02 and 0.01 m; coarser than the coarsest: not available.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SizeConfidence {
    /// Width, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width_m: Option<f64>,
    /// Length, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_m: Option<f64>,
    /// Height, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_m: Option<f64>,
}

/// More of a road user, by what it is (DF_DetectedPTCData, type-relatedExt).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DetectedExtension {
    /// A motor vehicle.
    Motor(MotorExtension),
    /// A person.
    NonMotor(NonMotor),
}

/// More of a motor vehicle (DF_MotorDataExtension).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MotorExtension {
    /// Lights that are on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lights: Option<BTreeSet<ExteriorLight>>,
    /// How it lies in space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attitude: Option<Attitude>,
    /// How sure that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attitude_confidence: Option<AttitudeConfidence>,
    /// How it turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub angular_velocity: Option<AngularVelocity>,
    /// How sure that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub angular_velocity_confidence: Option<AngularVelocityConfidence>,
}

/// How a vehicle lies in space (DF_Attitude), degrees, steps of 0.0125. All saturate.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Attitude {
    /// Pitch, ±90.
    pub pitch_deg: f64,
    /// Roll, ±90.
    pub roll_deg: f64,
    /// Yaw, ±180.
    pub yaw_deg: f64,
}

/// How sure an attitude is (DF_AttitudeConfidence), degrees; the next coarser step of the wire is sent.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AttitudeConfidence {
    /// Pitch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pitch_deg: Option<f64>,
    /// Roll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roll_deg: Option<f64>,
    /// Yaw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yaw_deg: Option<f64>,
}

/// How a vehicle turns (DF_AngularVelocity), degrees per second, ±327.67, steps of 0.01. All saturate.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AngularVelocity {
    /// Pitch.
    pub pitch_dps: f64,
    /// Roll.
    pub roll_dps: f64,
    /// Yaw.
    pub yaw_dps: f64,
}

/// How sure that is (DF_AngularVelocityConfidence), degrees per second; the next coarser step of the wire is sent.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AngularVelocityConfidence {
    /// Pitch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pitch_dps: Option<f64>,
    /// Roll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roll_dps: Option<f64>,
    /// Yaw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yaw_dps: Option<f64>,
}

/// What a person is, has and does (DF_Non_motorDataExtension with DF_Non_motorData). PSM says the same of the sender.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NonMotor {
    /// How far it all reaches around, metres, up to 20, steps of 0.1 (the step is unverified). Above: saturates;
    /// negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overall_radius_m: Option<f64>,
    /// What the person is.
    #[serde(default)]
    pub basic_type: PersonType,
    /// What moves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub propulsion: Option<Propulsion>,
    /// How many go together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_size: Option<ClusterSize>,
    /// What it pushes, pulls or leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Attachment>,
    /// What it does with its device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_state: Option<BTreeSet<DeviceUse>>,
    /// With what it needs help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assist_type: Option<BTreeSet<Assistance>>,
    /// As what it works on the road.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker_type: Option<WorkerType>,
    /// At what it works there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity_type: Option<BTreeSet<WorkActivity>>,
    /// It asks to cross. One word for this and the next: who crosses asks no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross_request: Option<bool>,
    /// It is crossing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross_state: Option<bool>,
}
