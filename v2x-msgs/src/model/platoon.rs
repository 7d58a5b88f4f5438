//! CLPMM, the platooning message: who leads, who follows, who comes and goes.

use serde::{Deserialize, Serialize};

use super::identity::StationId;

/// Platooning message (T/CSAE 157, MSG_CLPMM).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Clpmm {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// Who speaks.
    pub id: StationId,
    /// Milliseconds in the UTC minute, 0..60999. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sec_mark_ms: Option<u16>,
    /// Number of the platoon, 17 octets, in JSON as hexadecimal digits; another number of octets: refused.
    #[serde(with = "crate::hex::as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = "^((\\s*[0-9a-fA-F]){2})*\\s*$")))]
    pub pid: Vec<u8>,
    /// What the sender is in it.
    pub role: PlatoonRole,
    /// What the sender does.
    pub status: PlatoonStatus,
    /// What the leader says of the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leading_ext: Option<PlatoonMembers>,
}

/// Who belongs to a platoon (DF_MemberManagement).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlatoonMembers {
    /// Members, in the order of driving, 1..32; else refused.
    pub member_list: Vec<StationId>,
    /// Those who are joining, at most 32; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joining_list: Vec<StationId>,
    /// Those who are leaving, at most 32; more: refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaving_list: Vec<StationId>,
    /// How many there may be, 1..32; else refused.
    pub capacity: u8,
    /// Whether others may join.
    pub open_to_join: bool,
}

/// What a vehicle is in a platoon (DE_RoleInPlatooning).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlatoonRole {
    /// Drives in front.
    Leader,
    /// Drives behind another member.
    Follower,
    /// Drives last.
    Tail,
    /// Belongs to none.
    #[default]
    FreeVehicle,
}

/// What a vehicle does in a platoon (DE_StatusInPlatooning).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlatoonStatus {
    /// Drives by itself.
    #[default]
    Navigating,
    /// The platoon is being given up.
    BeginToDismiss,
    /// Asks to join.
    AskForJoining,
    /// Joins.
    Joining,
    /// Follows.
    Following,
    /// Asks to leave.
    AskForLeaving,
    /// Leaves.
    Leaving,
}
