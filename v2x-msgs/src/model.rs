//! Road messages as values: SI units, degrees for latitude, longitude and every angle, `None` for "not available".
//!
//! Names are the standard's names in snake case, with the unit at the end where the type does not say it. Positions are
//! absolute here; the offsets from a reference position exist on the wire only. What does not fit the wire is either
//! held at the nearest value that does ("saturates") or refused with an error that names the field; each field says
//! which. Numbers that are not finite are always refused.

pub mod alert;
pub mod bsm;
pub mod coordination;
pub mod detected;
pub mod flags;
pub mod identity;
pub mod intention;
pub mod itis;
pub mod map;
pub mod parking;
pub mod place;
pub mod planning;
pub mod platoon;
pub mod priority;
pub mod psm;
pub mod region;
pub mod road_safety;
pub mod rsi;
pub mod rsm;
pub mod rtcm;
pub mod sharing;
pub mod spat;
pub mod vehicle;

pub use alert::{Csr, EmergencyDetails, Eva, Extent, Ica, MultiVehicle, RequestedItem, RoadAlert};
pub use bsm::{
    Acceleration, Brakes, Bsm, DateTime, EmergencyExt, FullPosition, LightbarUse, PathHistory, PathHistoryPoint,
    PathPrediction, ResponseType, SafetyExt, SirenUse,
};
pub use coordination::{DriveSuggestion, LaneCoordination, Rsc, VehicleCoordination};
pub use detected::{
    AngularVelocity, AngularVelocityConfidence, Attitude, AttitudeConfidence, DetectedExtension, MotorExtension,
    NonMotor, ObjectSize, Planning, SizeConfidence,
};
pub use identity::{Description, NodeId, StationId};
pub use intention::{
    ClearTheWay, DriveRequest, LaneChange, ParkingAreaRequest, RequestInfo, RequestStatus, RequiredMovement,
    SensorRequest, SignalPriority, Turn, Vir,
};
pub use itis::Itis;
pub use map::{
    ConnectingLane, Connection, Lane, LaneAttributes, LaneType, Link, Map, Movement, Node, SpeedLimit, SpeedLimitType,
};
pub use parking::{
    AvpType, Pam, ParkingDrive, ParkingGuide, ParkingLot, ParkingNode, ParkingSlot, SlotAngle, SlotLock, SlotPosition,
    SlotStatus,
};
pub use place::{Position, PositionAccuracy, PositionConfidence};
pub use planning::{AccelerationConfidence, PlannedPoint};
pub use platoon::{Clpmm, PlatoonMembers, PlatoonRole, PlatoonStatus};
pub use priority::{
    AccessPoint, CrossingStatus, HpmsType, Occupancy, PriorityRequestType, PriorityStatus, RequestState, Requester,
    Requestor, RequestorId, RequestorKind, RequestorPosition, SignalRequest, SignalStatus, Srm, VehicleRole,
};
pub use psm::{
    AnimalPropulsion, Attachment, ClusterSize, HumanPropulsion, MotorPropulsion, PersonType, Propulsion, Psm,
    WorkerType,
};
pub use region::{
    ReferencePointType, RegionArea, RegionCircle, RegionOffset, RegionPath, RegionPoint, RegionPolygon, RoadRegion,
};
pub use road_safety::{
    Curve, DynamicInfo, Incident, InfoPriority, LaneClosure, LaneState, Obstruction, Recurrence, ReducedSpeed,
    RoadAuthority, RoadContent, RoadSafety, Situation, Weekday,
};
pub use rsi::{EventSource, ReferenceLink, ReferencePath, Rsi, Rte, Rts, TimeDetails};
pub use rsm::{Participant, ParticipantType, Rsm, Source};
pub use rtcm::{Rtcm, RtcmHeader, RtcmMessage, RtcmRevision};
pub use sharing::{DetectedParticipant, DetectedType, EquipmentType, Obstacle, ObstacleType, Ssm};
pub use spat::{Counting, IntersectionState, Light, Phase, PhaseState, Spat, Timing, UtcTiming};
pub use vehicle::{MotionConfidence, SwitchState, Transmission, VehicleClass, VehicleSize};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json::JsonError;

/// Everything that holds for every message is made of one list: name, value, name in keys and files.
macro_rules! registry {
    ($($(#[$doc:meta])* $kind:ident($value:ty) = $name:literal,)*) => {
        /// One road message.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[allow(clippy::large_enum_variant)] // one message at a time; a box would only make building it clumsy
        pub enum Message {
            $($(#[$doc])* #[serde(rename = $name)] $kind($value),)*
        }

        /// The messages that the model knows.
        #[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum MessageKind {
            $($(#[$doc])* #[serde(rename = $name)] $kind,)*
        }

        impl MessageKind {
            /// Every kind.
            pub const ALL: [MessageKind; [$($name),*].len()] = [$(MessageKind::$kind),*];

            /// Lower-case name, as in keys, files and metrics.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(MessageKind::$kind => $name,)* }
            }

            /// JSON Schema of the fields of this kind of message.
            #[cfg(feature = "schema")]
            pub(crate) fn fields_schema(self, types: &mut schemars::SchemaGenerator) -> schemars::Schema {
                match self { $(MessageKind::$kind => <$value as schemars::JsonSchema>::json_schema(types),)* }
            }
        }

        impl Message {
            /// Which kind it is.
            #[must_use]
            pub fn kind(&self) -> MessageKind {
                match self { $(Message::$kind(_) => MessageKind::$kind,)* }
            }

            /// The sender's message count.
            #[must_use]
            pub fn msg_cnt(&self) -> u8 {
                match self { $(Message::$kind(m) => m.msg_cnt,)* }
            }

            /// Its fields as JSON.
            pub(crate) fn to_fields(&self) -> serde_json::Result<Value> {
                match self { $(Message::$kind(m) => serde_json::to_value(m),)* }
            }

            /// The message of a kind with some fields.
            pub(crate) fn from_fields(kind: MessageKind, fields: Value) -> Result<Message, JsonError> {
                Ok(match kind { $(MessageKind::$kind => Message::$kind(crate::json::parsed(fields)?),)* })
            }
        }
    };
}

registry! {
    /// Basic safety message: what a vehicle says of itself.
    Bsm(Bsm) = "bsm",
    /// Map.
    Map(Map) = "map",
    /// Roadside safety message: road users seen by a unit.
    Rsm(Rsm) = "rsm",
    /// Signal phase and timing.
    Spat(Spat) = "spat",
    /// Roadside information: events and signs.
    Rsi(Rsi) = "rsi",
    /// Personal safety message of a person on the road.
    Psm(Psm) = "psm",
    /// Corrections of satellite navigation.
    Rtcm(Rtcm) = "rtcm",
    /// Roadside coordination: what a unit suggests to vehicles (T/CSAE 157).
    Rsc(Rsc) = "rsc",
    /// Sensor sharing message: what somebody's sensors see (T/CSAE 157).
    Ssm(Ssm) = "ssm",
    /// Vehicle intention and request (T/CSAE 157).
    Vir(Vir) = "vir",
    /// Map of a parking area (T/CSAE 157).
    Pam(Pam) = "pam",
    /// Platooning message (T/CSAE 157).
    Clpmm(Clpmm) = "clpmm",
    /// Signal request (SAE J2735).
    Srm(Srm) = "srm",
    /// Signal status, the answer to it, which SAE J2735 calls SSM.
    SignalStatus(SignalStatus) = "signal_status",
    /// Road safety message (SAE J2945/4), which that standard calls RSM.
    RoadSafety(RoadSafety) = "road_safety",
    /// Emergency vehicle alert (SAE J2735).
    Eva(Eva) = "eva",
    /// Intersection collision alert (SAE J2735).
    Ica(Ica) = "ica",
    /// Common safety request (SAE J2735).
    Csr(Csr) = "csr",
}
