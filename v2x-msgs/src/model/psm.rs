//! PSM, the personal safety message: what a person on foot, on a cycle or at work on the road says of itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::bsm::{Acceleration, PathHistory, PathPrediction};
use super::flags::{Assistance, DeviceUse, WorkActivity};
use super::identity::StationId;
use super::place::{Position, PositionAccuracy};
use super::planning::PlannedPoint;

/// Personal safety message (SAE J2735, MSG_PersonalSafetyMessage; T/CSAE 157, MSG_PSM).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Psm {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// Who speaks.
    pub id: StationId,
    /// What the person is.
    #[serde(default)]
    pub basic_type: PersonType,
    /// Milliseconds in the UTC minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sec_mark_ms: Option<u16>,
    /// How sure the time is, seconds; the next coarser step of the wire is sent (T/CSAE 157 only).
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
    /// Speed, m/s, 0..163.80, steps of 0.02. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f64>,
    /// Heading, degrees clockwise from true north, steps of 0.0125. Taken modulo 360.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f64>,
    /// Acceleration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accel_set: Option<Acceleration>,
    /// Where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_history: Option<PathHistory>,
    /// Where it will be (SAE J2735 only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_prediction: Option<PathPrediction>,
    /// What moves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub propulsion: Option<Propulsion>,
    /// How many go together, when it speaks for a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_size: Option<ClusterSize>,
    /// How far around the group reaches, metres, up to 100, steps of 1. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_radius_m: Option<f64>,
    /// What it pushes, pulls or leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Attachment>,
    /// How far that reaches, metres, up to 20, steps of 0.1. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment_radius_m: Option<f64>,
    /// How far it all reaches around, metres, up to 20, steps of 0.1 (T/CSAE 157 only; the step is unverified). Above:
    /// saturates; negative: refused. `None`: the larger one of the two radii above is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overall_radius_m: Option<f64>,
    /// Where it means to go, up to 100 points (T/CSAE 157 only). More: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path_planning: Vec<PlannedPoint>,
    /// What it does with its device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_state: Option<BTreeSet<DeviceUse>>,
    /// With what it needs help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assist_type: Option<BTreeSet<Assistance>>,
    /// As what it works on the road. SAE J2735 says it in other words; two of these are never one there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker_type: Option<WorkerType>,
    /// At what it works there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity_type: Option<BTreeSet<WorkActivity>>,
    /// It asks to cross. T/CSAE 157 has one word for this and the next: who crosses asks no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross_request: Option<bool>,
    /// It is crossing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross_state: Option<bool>,
}

impl Psm {
    /// Where it is.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        Some(Position { lat_deg: self.lat_deg?, lon_deg: self.lon_deg?, elevation_m: self.elevation_m })
    }
}

/// What a person is (DE_PersonalDeviceUserType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PersonType {
    /// Not known.
    #[default]
    Unavailable,
    /// On foot.
    Pedestrian,
    /// On a cycle.
    Pedalcyclist,
    /// At work: police, fire service, road works.
    RoadWorker,
    /// An animal.
    Animal,
}

/// What moves a person (DF_PropelledInformation).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Propulsion {
    /// Human power.
    Human(HumanPropulsion),
    /// An animal.
    Animal(AnimalPropulsion),
    /// A motor.
    Motor(MotorPropulsion),
}

/// How human power moves it (DE_HumanPropelledType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HumanPropulsion {
    /// Not known.
    #[default]
    Unavailable,
    /// In another way.
    OtherTypes,
    /// On foot.
    OnFoot,
    /// Skateboard.
    Skateboard,
    /// Push scooter.
    PushOrKickScooter,
    /// Wheelchair.
    Wheelchair,
}

/// How an animal moves it (DE_AnimalPropelledType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnimalPropulsion {
    /// Not known.
    #[default]
    Unavailable,
    /// In another way.
    OtherTypes,
    /// It carries it.
    AnimalMounted,
    /// It draws a carriage.
    AnimalDrawnCarriage,
}

/// How a motor moves it (DE_MotorizedPropelledType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MotorPropulsion {
    /// Not known.
    #[default]
    Unavailable,
    /// In another way.
    OtherTypes,
    /// Wheelchair.
    WheelChair,
    /// Cycle with a motor.
    Bicycle,
    /// Scooter.
    Scooter,
    /// Self-balancing device.
    SelfBalancingDevice,
}

/// How many go together (DE_NumberOfParticipantsInCluster).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClusterSize {
    /// Not known.
    #[default]
    Unavailable,
    /// 2 to 5.
    Small,
    /// 6 to 10.
    Medium,
    /// More.
    Large,
}

/// What a person pushes, pulls or leads (DE_Attachment).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Attachment {
    /// Not known.
    #[default]
    Unavailable,
    /// Stroller.
    Stroller,
    /// Cycle trailer.
    BicycleTrailer,
    /// Cart.
    Cart,
    /// Wheelchair.
    Wheelchair,
    /// Another walking aid.
    OtherWalkAssistAttachments,
    /// Pet.
    Pet,
}

/// As what somebody works on the road (DE_RoadWorkerType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WorkerType {
    /// Traffic police.
    TrafficPolice,
    /// Builds.
    ConstructionPersonnel,
    /// Police.
    PoliceOfficers,
    /// Controls the traffic.
    TrafficControlPersons,
    /// Guards a railway crossing.
    RailroadCrossingGuards,
    /// Emergency services.
    EmergencyOrganizationPersonnel,
}
