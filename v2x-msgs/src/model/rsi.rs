//! RSI, roadside information: events on the road, and signs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::identity::{Description, NodeId, StationId};
use super::itis::Itis;
use super::place::Position;

/// Roadside information (MSG_RoadSideInformation).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rsi {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// Minutes since 1 January 00:00 UTC, 0..527039. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moy: Option<u32>,
    /// The unit.
    pub id: StationId,
    /// Reference position: places are sent as offsets from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ref_pos: Option<Position>,
    /// Events, at most 8; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rtes: Vec<Rte>,
    /// Signs, at most 16; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rtss: Vec<Rts>,
}

/// A traffic event (DF_RTEData).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rte {
    /// Its number at this unit.
    pub rte_id: u8,
    /// Kind of event, code of GB/T 29100.
    pub event_type: u16,
    /// Who says so.
    pub event_source: EventSource,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_pos: Option<Position>,
    /// How far around, metres, up to 6553.5, steps of 0.1. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_radius_m: Option<f64>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// When it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_details: Option<TimeDetails>,
    /// Priority, 0 (lowest) .. 7. Above: refused. (DE_RSIPriority: the top three bits of one octet.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Paths that it concerns, at most 8; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_paths: Vec<ReferencePath>,
    /// Links that it concerns, at most 16; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_links: Vec<ReferenceLink>,
    /// How sure it is, 0..1, steps of 0.005. Out of range: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_confidence: Option<f64>,
    /// What it says in phrases of SAE J2540 (SAE J2735 only). None: the event's own phrase and its description are sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub itis: Vec<Itis>,
}

/// A traffic sign (DF_RTSData).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rts {
    /// Its number at this unit.
    pub rts_id: u8,
    /// Kind of sign, code of GB 5768.2; 0: text only.
    pub sign_type: u16,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_pos: Option<Position>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// When it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_details: Option<TimeDetails>,
    /// Priority, 0 (lowest) .. 7. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Paths that it concerns, at most 8; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_paths: Vec<ReferencePath>,
    /// Links that it concerns, at most 16; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_links: Vec<ReferenceLink>,
    /// What it says in phrases of SAE J2540 (SAE J2735 only). None: the description is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub itis: Vec<Itis>,
}

/// Who reports an event (DE_EventSource).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventSource {
    /// Not known.
    #[default]
    Unknown,
    /// Police.
    Police,
    /// Government.
    Government,
    /// Weather service.
    Meteorological,
    /// Internet service.
    Internet,
    /// Seen by the unit's sensors.
    Detection,
}

/// When an event or sign holds (DF_RSITimeDetails).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TimeDetails {
    /// From: minutes since 1 January 00:00 UTC, 0..527039. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time_min: Option<u32>,
    /// Until, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time_min: Option<u32>,
    /// How sure the end is, seconds; the next coarser step of the wire is sent, coarser than 100 s: not available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time_confidence_s: Option<f64>,
}

/// A path on the road (DF_ReferencePath).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReferencePath {
    /// Its points in the direction of travel, 1..32; else refused.
    pub active_path: Vec<Position>,
    /// How far to both sides, metres, up to 6553.5, steps of 0.1. Above: saturates; negative: refused.
    pub path_radius_m: f64,
}

/// A link of the MAP (DF_ReferenceLink).
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReferenceLink {
    /// Where it comes from.
    pub upstream_node_id: NodeId,
    /// Where it leads.
    pub downstream_node_id: NodeId,
    /// Its lanes, 1..15; else refused. `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_lanes: Option<BTreeSet<u8>>,
}
