//! SPAT: what each signal group shows now, and what it will show.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::flags::IntersectionStatus;
use super::identity::NodeId;

/// Signal phase and timing (MSG_SPAT).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Spat {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// Minutes since 1 January 00:00 UTC, 0..527039. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moy: Option<u32>,
    /// Milliseconds in the UTC minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_stamp_ms: Option<u16>,
    /// For people; ASCII, 1..63 characters; else refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Crossings, 1..32; else refused.
    pub intersections: Vec<IntersectionState>,
}

/// Signals of one crossing (DF_IntersectionState).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IntersectionState {
    /// The crossing's node in the MAP.
    pub intersection_id: NodeId,
    /// How the controller works.
    #[serde(default)]
    pub status: BTreeSet<IntersectionStatus>,
    /// Minutes since 1 January 00:00 UTC, 0..527039. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moy: Option<u32>,
    /// Milliseconds in the UTC minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_stamp_ms: Option<u16>,
    /// How sure the time is, seconds; the next coarser step of the wire is sent, coarser than 100 s: not available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_confidence_s: Option<f64>,
    /// Signal groups, 1..16; else refused.
    pub phases: Vec<Phase>,
}

/// One signal group (DF_Phase).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its number, the MAP's `phase_id`; 0: none.
    pub id: u8,
    /// What it shows now, first, and the coming states in their order; 1..16, else refused.
    pub phase_states: Vec<PhaseState>,
}

/// One state of a signal group (DF_PhaseState).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PhaseState {
    /// What it shows.
    pub light: Light,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<Timing>,
}

/// What a signal group shows (DE_LightState).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Not known.
    #[default]
    Unavailable,
    /// Dark.
    Dark,
    /// Red, flashing.
    FlashingRed,
    /// Red.
    Red,
    /// Green, flashing.
    FlashingGreen,
    /// Green that yields to others.
    PermissiveGreen,
    /// Green with no conflict.
    ProtectedGreen,
    /// Yellow.
    Yellow,
    /// Yellow, flashing.
    FlashingYellow,
    /// Red and yellow: green comes. T/CSAE 53 has no value for it; red is sent there.
    RedYellow,
    /// Yellow after a green that yields to others. T/CSAE 53 has no value for it; yellow is sent there.
    PermissiveYellow,
}

/// When a state begins and ends (DF_TimeChangeDetails).
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// Counted from the message's time.
    Counting(Counting),
    /// Marks in the UTC hour.
    UtcTiming(UtcTiming),
}

/// Times counted from the message's time, seconds, steps of 0.1 (DF_TimeCountingDown). Beyond an hour: saturates at
/// 3600; negative: refused.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Counting {
    /// Until it begins; 0: it shows now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time_s: Option<f64>,
    /// Until its end, at the earliest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_end_time_s: Option<f64>,
    /// Until its end, at the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_end_time_s: Option<f64>,
    /// Until its end, most likely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likely_end_time_s: Option<f64>,
    /// How sure the likely end is, 0..1, steps of 0.005. Out of range: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_confidence: Option<f64>,
    /// Until it begins the next time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_time_s: Option<f64>,
    /// How long it then lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_duration_s: Option<f64>,
}

/// Marks in the UTC hour, seconds, steps of 0.1 (DF_UTCTiming). 3600: in a later hour. Above: saturates there;
/// negative: refused.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UtcTiming {
    /// Begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_utc_time_s: Option<f64>,
    /// Earliest end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_end_utc_time_s: Option<f64>,
    /// Latest end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_end_utc_time_s: Option<f64>,
    /// Most likely end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likely_end_utc_time_s: Option<f64>,
    /// How sure the likely end is, 0..1, steps of 0.005. Out of range: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_confidence: Option<f64>,
    /// Next begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_utc_time_s: Option<f64>,
    /// Next end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_end_utc_time_s: Option<f64>,
}
