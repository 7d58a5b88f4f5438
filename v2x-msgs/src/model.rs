//! Road messages as values: SI units, degrees for latitude, longitude and every angle, `None` for "not available".
//!
//! Names are the standard's names in snake case, with the unit at the end where the type does not say it. Positions are
//! absolute here; the offsets from a reference position exist on the wire only. What does not fit the wire is either
//! held at the nearest value that does ("saturates") or refused with an error that names the field; each field says
//! which. Numbers that are not finite are always refused.

pub mod bsm;
pub mod flags;
pub mod identity;
pub mod itis;
pub mod map;
pub mod place;
pub mod psm;
pub mod rsi;
pub mod rsm;
pub mod spat;
pub mod vehicle;

pub use bsm::{
    Acceleration, Brakes, Bsm, DateTime, EmergencyExt, FullPosition, LightbarUse, PathHistory, PathHistoryPoint,
    PathPrediction, ResponseType, SafetyExt, SirenUse,
};
pub use identity::{Description, NodeId, StationId};
pub use itis::Itis;
pub use map::{
    ConnectingLane, Connection, Lane, LaneAttributes, LaneType, Link, Map, Movement, Node, SpeedLimit, SpeedLimitType,
};
pub use place::{Position, PositionAccuracy, PositionConfidence};
pub use psm::{
    AnimalPropulsion, Attachment, ClusterSize, HumanPropulsion, MotorPropulsion, PersonType, Propulsion, Psm,
};
pub use rsi::{EventSource, ReferenceLink, ReferencePath, Rsi, Rte, Rts, TimeDetails};
pub use rsm::{Participant, ParticipantType, Rsm, Source};
pub use spat::{Counting, IntersectionState, Light, Phase, PhaseState, Spat, Timing, UtcTiming};
pub use vehicle::{MotionConfidence, SwitchState, Transmission, VehicleClass, VehicleSize};

use serde::{Deserialize, Serialize};

use crate::MessageKind;

/// One road message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(clippy::large_enum_variant)] // one message at a time; a box would only make building it clumsy
pub enum Message {
    /// Basic safety message.
    Bsm(Bsm),
    /// Map.
    Map(Map),
    /// Roadside safety message.
    Rsm(Rsm),
    /// Signal phase and timing.
    Spat(Spat),
    /// Roadside information.
    Rsi(Rsi),
    /// Personal safety message.
    Psm(Psm),
}

impl Message {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        match self {
            Message::Bsm(_) => MessageKind::Bsm,
            Message::Map(_) => MessageKind::Map,
            Message::Rsm(_) => MessageKind::Rsm,
            Message::Spat(_) => MessageKind::Spat,
            Message::Rsi(_) => MessageKind::Rsi,
            Message::Psm(_) => MessageKind::Psm,
        }
    }

    /// The sender's message count.
    #[must_use]
    pub fn msg_cnt(&self) -> u8 {
        match self {
            Message::Bsm(m) => m.msg_cnt,
            Message::Map(m) => m.msg_cnt,
            Message::Rsm(m) => m.msg_cnt,
            Message::Spat(m) => m.msg_cnt,
            Message::Rsi(m) => m.msg_cnt,
            Message::Psm(m) => m.msg_cnt,
        }
    }
}
