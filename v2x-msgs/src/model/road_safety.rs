//! Road safety message of SAE J2945/4: what happens on the road ahead, where, from when to when. (The RSM of T/CSAE 53 is another
//! message: [`super::rsm`].)

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::bsm::DateTime;
use super::identity::StationId;
use super::map::SpeedLimit;
use super::place::Position;
use super::region::RoadRegion;

/// Road safety message (SAE J2945/4, MSG_RoadSafetyMessage). Links to other messages, and what the road's surface is
/// like, are left out.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoadSafety {
    /// Count of changes of the event (eventUpdate), 0..127. Above: refused.
    pub msg_cnt: u8,
    /// Who says so.
    #[serde(default)]
    pub authority: RoadAuthority,
    /// Number of the event; four octets are sent.
    pub event_id: StationId,
    /// The event is over.
    pub cancelled: bool,
    /// From when.
    #[serde(default)]
    pub start: DateTime,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<DateTime>,
    /// At what hours and on what days, usually at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recurrence: Vec<Recurrence>,
    /// Group of ITIS phrases.
    pub cause_code: u8,
    /// Phrase of ITIS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_cause_code: Option<u16>,
    /// For whom, phrases of ITIS, 9217..9251; else refused. Usually at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_vehicles: Vec<u16>,
    /// Where, 1..4; else refused.
    pub regions: Vec<RoadRegion>,
    /// What, 1..4; else refused.
    pub content: Vec<RoadContent>,
}

/// Who says something of the road (DF_RoadAuthorityID): the octets of an object identifier, in JSON as hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoadAuthority {
    /// From the root.
    Full(
        #[serde(with = "crate::hex::as_text")]
        #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = "^((\\s*[0-9a-fA-F]){2})*\\s*$")))]
        Vec<u8>,
    ),
    /// From the arc of the road authorities.
    Relative(
        #[serde(with = "crate::hex::as_text")]
        #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = "^((\\s*[0-9a-fA-F]){2})*\\s*$")))]
        Vec<u8>,
    ),
}

impl Default for RoadAuthority {
    fn default() -> RoadAuthority {
        RoadAuthority::Relative(Vec::new())
    }
}

/// When an event holds again and again (DF_EventRecurrence).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recurrence {
    /// First day, hour of each day, or both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<DateTime>,
    /// Last day, hour of each day, or both; the offset from UTC is that of the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<DateTime>,
    /// On which days.
    pub days: BTreeSet<Weekday>,
    /// It does not hold then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusion: Option<bool>,
}

/// A day of the week.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// What happens on the road (DF_ContentContainer).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoadContent {
    /// A lower speed limit.
    ReducedSpeed(ReducedSpeed),
    /// Closed lanes.
    LaneClosure(LaneClosure),
    /// A curve.
    Curve(Curve),
    /// Words of a sign.
    DynamicInfo(DynamicInfo),
    /// An incident.
    Incident(Incident),
    /// What else to look out for.
    Situation(Situation),
}

/// A lower speed limit (DF_ReducedSpeedZoneContainer).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReducedSpeed {
    /// The limit.
    pub speed_limit: SpeedLimit,
    /// Where.
    pub region: RoadRegion,
}

/// Closed lanes (DF_LaneClosureContainer).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LaneClosure {
    /// Lanes, usually at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lanes: Vec<LaneState>,
    /// Which ones changes with time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub varies: Option<bool>,
    /// Where.
    pub region: RoadRegion,
}

/// Whether a lane is closed (DF_LaneInfo).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LaneState {
    /// Number of the lane, 1..32; else refused.
    pub position: u8,
    /// It is closed.
    pub closed: bool,
    /// How far ahead it ends, metres, up to 32767, steps of 1. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_offset_m: Option<f64>,
}

/// A curve (DF_CurveContainer).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// Speed to drive at most, m/s, up to 49.9, steps of 0.1. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisory_speed_mps: Option<f64>,
    /// Smallest radius, metres, up to 6553.5, steps of 0.1. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_radius_m: Option<f64>,
    /// Bank, −512..512, in steps of the wire, which no public source tells. Beyond: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_angle_steps: Option<i16>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<RoadRegion>,
}

/// Words of a sign (DF_DynamicInfoContainer).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DynamicInfo {
    /// How important they are.
    #[serde(default)]
    pub priority: InfoPriority,
    /// Lines of ASCII text, 1..12 of 1..20 characters; else refused.
    pub lines: Vec<String>,
    /// Where.
    pub region: RoadRegion,
}

/// How important the words of a sign are.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum InfoPriority {
    /// Low.
    #[default]
    LowPriority,
    /// Medium.
    MediumPriority,
    /// High.
    HighPriority,
    /// Critical.
    Critical,
}

/// An incident (DF_IncidentsContainer).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Who is there, phrases of ITIS, 9729..9742, at most 5; else refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub responders: Vec<u16>,
    /// Where.
    pub region: RoadRegion,
}

/// What else to look out for (DF_SituationalContainer).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Situation {
    /// Something on the road.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obstruction: Option<Obstruction>,
    /// How far one sees, metres, up to 100000, steps of 0.1. Above: saturates; negative: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility_m: Option<f64>,
    /// People are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_present: Option<bool>,
    /// Traffic is not as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anomalous_traffic: Option<bool>,
    /// Where.
    pub region: RoadRegion,
}

/// Something on the road (DF_Obstructions).
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Obstruction {
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos: Option<Position>,
    /// What, phrase of ITIS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<u16>,
}
