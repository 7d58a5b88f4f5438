//! Alerts of SAE J2735: EVA, of emergency vehicles; ICA, of a collision to come at a crossing; CSR, by which somebody asks
//! for more of what others know.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::bsm::{Bsm, FullPosition, LightbarUse, PathHistory, PathPrediction, ResponseType, SirenUse};
use super::flags::{PrivilegedEvent, VehicleEvent};
use super::identity::{NodeId, StationId};
use super::priority::{AccessPoint, HpmsType};

/// Emergency vehicle alert (SAE J2735, MSG_EmergencyVehicleAlert).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Eva {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// Minutes since 1 January 00:00 UTC, 0..527039. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moy: Option<u32>,
    /// Who speaks; four octets are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<StationId>,
    /// What it says of the road.
    pub alert: RoadAlert,
    /// What it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_type: Option<ResponseType>,
    /// What it has on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<EmergencyDetails>,
    /// Mass, kilograms, steps of 50 to 4000, of 500 to 64000, of 2000 to 170000. Above: sent as "more" and received as
    /// 172000; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mass_kg: Option<f64>,
    /// Kind of vehicle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic_type: Option<HpmsType>,
    /// Kind of vehicle, phrase of ITIS, 9217..9251; else refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle_group: Option<u16>,
    /// What it brings, phrase of ITIS, one of the list 9985..10114 of the standard; else refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_equipment: Option<u16>,
    /// Who comes, phrase of ITIS, 9729..9742; else refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responder_group: Option<u16>,
}

/// What an alert says of the road (MSG_RoadSideAlert, without its count). Alone it is an RSI with one event.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoadAlert {
    /// Minutes since 1 January 00:00 UTC, 0..527039. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moy: Option<u32>,
    /// What happened, phrase of ITIS.
    pub type_event: u16,
    /// More phrases, at most 8; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub description: Vec<u16>,
    /// Priority, 0 (lowest) .. 7. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// For which headings, sixteenths of a turn from north clockwise, 0..15. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_slices: Option<BTreeSet<u8>>,
    /// How far around.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extent: Option<Extent>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<FullPosition>,
    /// Number of a message that says more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub further_info_id: Option<u16>,
}

/// How far around an alert holds (DE_Extent).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Here only.
    UseInstantlyOnly,
    /// 3 m.
    UseFor3meters,
    /// 10 m.
    UseFor10meters,
    /// 50 m.
    UseFor50meters,
    /// 100 m.
    UseFor100meters,
    /// 500 m.
    UseFor500meters,
    /// 1 km.
    UseFor1000meters,
    /// 5 km.
    UseFor5000meters,
    /// 10 km.
    UseFor10000meters,
    /// 50 km.
    UseFor50000meters,
    /// 100 km.
    UseFor100000meters,
    /// 500 km.
    UseFor500000meters,
    /// 1000 km.
    UseFor1000000meters,
    /// 5000 km.
    UseFor5000000meters,
    /// 10000 km.
    UseFor10000000meters,
    /// Everywhere.
    Forever,
}

/// What an emergency vehicle has on (DF_EmergencyDetails).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EmergencyDetails {
    /// Siren.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub siren_use: Option<SirenUse>,
    /// Light bar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lights_use: Option<LightbarUse>,
    /// Whether others come with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi: Option<MultiVehicle>,
    /// Lights and sounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<BTreeSet<PrivilegedEvent>>,
    /// What it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_type: Option<ResponseType>,
}

/// Whether several vehicles come (DE_MultiVehicleResponse).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MultiVehicle {
    /// One.
    SingleVehicle,
    /// Several.
    MultiVehicle,
    /// Reserved value 3.
    Reserved,
}

/// Intersection collision alert (SAE J2735, MSG_IntersectionCollisionAlert).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ica {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// Who speaks; four octets are sent.
    pub id: StationId,
    /// Minutes since 1 January 00:00 UTC, 0..527039. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moy: Option<u32>,
    /// The vehicle that it is about, as the first part of its BSM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_one: Option<Box<Bsm>>,
    /// Where that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathHistory>,
    /// Where that will be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_prediction: Option<PathPrediction>,
    /// The crossing.
    pub intersection_id: NodeId,
    /// Where it comes to the crossing: lane or approach; a connection is refused.
    pub lane: AccessPoint,
    /// What happens to the vehicle.
    pub events: BTreeSet<VehicleEvent>,
}

/// Common safety request (SAE J2735, MSG_CommonSafetyRequest).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Csr {
    /// Message count of this sender, 0..127; 0 also when it says none. Above: refused.
    pub msg_cnt: u8,
    /// Minutes since 1 January 00:00 UTC, 0..527039. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moy: Option<u32>,
    /// Who is asked; four octets are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<StationId>,
    /// What to send, 1..32; else refused.
    pub requests: Vec<RequestedItem>,
}

/// A part of a message (DE_RequestedItem), named by letters in the standard.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RequestedItem {
    /// Reserved value 0.
    Reserved,
    /// Item A.
    A,
    /// Item B.
    B,
    /// Item C.
    C,
    /// Item D.
    D,
    /// Item E.
    E,
    /// Item F.
    F,
    /// Item G.
    G,
    /// Item I.
    I,
    /// Item J.
    J,
    /// Item K.
    K,
    /// Item L.
    L,
    /// Item M.
    M,
    /// Item N.
    N,
    /// Item O.
    O,
    /// Item P.
    P,
    /// Item Q.
    Q,
}
