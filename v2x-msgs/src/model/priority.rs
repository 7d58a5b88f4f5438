//! Priority at signals in SAE J2735: SRM, by which a vehicle asks, and SSM, by which the unit answers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::flags::TransitStatus;
use super::identity::{NodeId, StationId};
use super::place::Position;
use super::vehicle::Transmission;

/// Signal request (SAE J2735, MSG_SignalRequestMessage).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Srm {
    /// Message count of this sender, 0..127; 0 also when it says none. Above: refused.
    pub msg_cnt: u8,
    /// Minutes since 1 January 00:00 UTC, 0..527039. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moy: Option<u32>,
    /// Milliseconds in the UTC minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sec_mark_ms: Option<u16>,
    /// What it asks for, at most 32; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<SignalRequest>,
    /// Who asks.
    #[serde(default)]
    pub requestor: Requestor,
}

/// One request (DF_SignalRequestPackage with DF_SignalRequest).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignalRequest {
    /// At which crossing.
    pub intersection_id: NodeId,
    /// Its number at this vehicle.
    pub request_id: u8,
    /// New, changed or taken back.
    pub request_type: PriorityRequestType,
    /// Where it comes from.
    pub inbound: AccessPoint,
    /// Where it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound: Option<AccessPoint>,
    /// When it will be there: minutes since 1 January 00:00 UTC, 0..527039. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minute: Option<u32>,
    /// And milliseconds in that minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_ms: Option<u16>,
    /// For how long, seconds, up to 65.534, steps of 0.001. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
}

/// What a request is (DE_PriorityRequestType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PriorityRequestType {
    /// Reserved value 0.
    #[default]
    Reserved,
    /// A new one.
    Request,
    /// Changes one.
    Update,
    /// Takes one back.
    Cancellation,
}

/// Where one enters or leaves a crossing (DF_IntersectionAccessPoint).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccessPoint {
    /// A lane; 0: not known.
    Lane(u8),
    /// An approach, 0..15. Above: refused.
    Approach(u8),
    /// A connection.
    Connection(u8),
}

impl Default for AccessPoint {
    fn default() -> AccessPoint {
        AccessPoint::Lane(0)
    }
}

/// Who asks (DF_VehicleID).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RequestorId {
    /// Its temporary id, as in its BSM; four octets are sent.
    Entity(StationId),
    /// A number that stays.
    Station(u32),
}

impl Default for RequestorId {
    fn default() -> RequestorId {
        RequestorId::Station(0)
    }
}

/// Who asks (DF_RequestorDescription).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Requestor {
    /// Its id.
    pub id: RequestorId,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RequestorKind>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<RequestorPosition>,
    /// Its name; ASCII, 1..63 characters; else refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Name of its route, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route_name: Option<String>,
    /// What a bus or tram is doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transit_status: Option<BTreeSet<TransitStatus>>,
    /// How full it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupancy: Option<Occupancy>,
    /// How late it is, seconds, steps of 10; early: negative. Saturates at −1210 and 1210, "more than 20 minutes".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_s: Option<f64>,
}

/// What somebody who asks is (DF_RequestorType).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestorKind {
    /// Role.
    #[serde(default)]
    pub role: VehicleRole,
    /// Number of a finer role, 1..15; else refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subrole: Option<u8>,
    /// Importance, 1 (lowest) .. 15; else refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<u8>,
    /// Kind of vehicle of ISO 3833, 0..100. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iso3833: Option<u8>,
    /// Kind of vehicle of the HPMS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hpms: Option<HpmsType>,
}

/// Where somebody who asks is (DF_RequestorPositionVector).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestorPosition {
    /// Place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos: Option<Position>,
    /// Heading, degrees clockwise from true north, steps of 0.0125. Taken modulo 360.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f64>,
    /// Gear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transmission: Option<Transmission>,
    /// Speed, m/s, 0..163.80, steps of 0.02. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f64>,
}

/// Role of a vehicle (DE_BasicVehicleRole).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VehicleRole {
    /// A car like others.
    BasicVehicle,
    /// Public transport.
    PublicTransport,
    /// Special transport.
    SpecialTransport,
    /// Dangerous goods.
    DangerousGoods,
    /// Road works.
    RoadWork,
    /// Breakdown service.
    RoadRescue,
    /// Emergency vehicle.
    Emergency,
    /// Safety car.
    SafetyCar,
    /// Not known.
    #[default]
    NoneUnknown,
    /// Truck.
    Truck,
    /// Motorcycle.
    Motorcycle,
    /// At the roadside.
    RoadSideSource,
    /// Police.
    Police,
    /// Fire service.
    Fire,
    /// Ambulance.
    Ambulance,
    /// Department of transportation.
    Dot,
    /// Bus or tram.
    Transit,
    /// Slow vehicle.
    SlowMoving,
    /// Stops and goes.
    StopNgo,
    /// Cyclist.
    Cyclist,
    /// On foot.
    Pedestrian,
    /// Without a motor.
    NonMotorized,
    /// Military.
    Military,
}

/// Kind of vehicle of the Highway Performance Monitoring System (DE_VehicleType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HpmsType {
    /// None.
    None,
    /// Not known.
    Unknown,
    /// Special.
    Special,
    /// Motorcycle.
    Moto,
    /// Car.
    Car,
    /// Other with two axles and four wheels.
    CarOther,
    /// Bus.
    Bus,
    /// Two axles, six wheels.
    AxleCnt2,
    /// Three axles.
    AxleCnt3,
    /// Four axles or more.
    AxleCnt4,
    /// Four axles or fewer, one trailer.
    AxleCnt4Trailer,
    /// Five axles, one trailer.
    AxleCnt5Trailer,
    /// Six axles or more, one trailer.
    AxleCnt6Trailer,
    /// Five axles or fewer, several trailers.
    AxleCnt5MultiTrailer,
    /// Six axles, several trailers.
    AxleCnt6MultiTrailer,
    /// Seven axles or more, several trailers.
    AxleCnt7MultiTrailer,
}

/// How full a bus or tram is (DE_TransitVehicleOccupancy).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Occupancy {
    /// Empty.
    Empty,
    /// Almost empty.
    VeryLow,
    /// A few people.
    Low,
    /// Half full.
    Med,
    /// Many people.
    High,
    /// Almost full.
    NearlyFull,
    /// Full.
    Full,
}

/// What became of requests (SAE J2735, MSG_SignalStatusMessage).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignalStatus {
    /// Message count of this sender, 0..127; 0 also when it says none. Above: refused.
    pub msg_cnt: u8,
    /// Minutes since 1 January 00:00 UTC, 0..527039. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moy: Option<u32>,
    /// Milliseconds in the UTC minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sec_mark_ms: Option<u16>,
    /// Crossings, 1..32; else refused.
    pub status: Vec<CrossingStatus>,
}

/// What became of the requests at one crossing (DF_SignalStatus).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CrossingStatus {
    /// Count of changes, 0..127. Above: refused.
    pub sequence: u8,
    /// The crossing.
    pub intersection_id: NodeId,
    /// Requests, 1..32; else refused.
    pub requests: Vec<RequestState>,
}

/// What became of one request (DF_SignalStatusPackage).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestState {
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<Requester>,
    /// Where it comes from.
    pub inbound: AccessPoint,
    /// Where it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound: Option<AccessPoint>,
    /// When it is served: minutes since 1 January 00:00 UTC, 0..527039. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minute: Option<u32>,
    /// And milliseconds in that minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_ms: Option<u16>,
    /// For how long, seconds, up to 65.534, steps of 0.001. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    /// What became of it.
    pub status: PriorityStatus,
}

/// Whose request it is (DF_SignalRequesterInfo).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Requester {
    /// Who asked.
    pub id: RequestorId,
    /// Number of the request.
    pub request_id: u8,
    /// Message count of its SRM, 0..127. Above: refused.
    pub sequence: u8,
    /// Its role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<VehicleRole>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RequestorKind>,
}

/// What became of a request (DE_PrioritizationResponseStatus).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PriorityStatus {
    /// Not known.
    #[default]
    Unknown,
    /// Received.
    Requested,
    /// Looked at.
    Processing,
    /// Other traffic comes first.
    WatchOtherTraffic,
    /// Granted.
    Granted,
    /// Refused.
    Rejected,
    /// Ended, since it took too long.
    MaxPresence,
    /// Not so soon again.
    ReserviceLocked,
}
