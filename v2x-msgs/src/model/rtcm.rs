//! RTCM: corrections for receivers of satellite navigation, passed on as they come.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::bsm::FullPosition;
use super::flags::GnssStatus;

/// Corrections of satellite navigation (T/CSAE 157 and SAE J2735, MSG_RTCMcorrections).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rtcm {
    /// Message count of this sender, 0..127. Above: refused.
    pub msg_cnt: u8,
    /// Minutes since 1 January 00:00 UTC, 0..527039 (SAE J2735 only). Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moy: Option<u32>,
    /// Place that the corrections are for (SAE J2735 only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<FullPosition>,
    /// The station that they come from (SAE J2735 only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<RtcmHeader>,
    /// Messages of RTCM, 1..5; else refused.
    pub corrections: Vec<RtcmMessage>,
}

/// A reference station (DF_RTCMheader).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RtcmHeader {
    /// State of its receiver.
    pub status: BTreeSet<GnssStatus>,
    /// Antenna from the reference point, forward, metres, ±20.47, steps of 0.01. Saturates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub antenna_x_m: Option<f64>,
    /// The same to the right, ±2.55. Saturates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub antenna_y_m: Option<f64>,
    /// The same upwards, ±5.11. Saturates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub antenna_z_m: Option<f64>,
}

/// One message of RTCM.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RtcmMessage {
    /// Its edition. SAE J2735 has one for all: it is sent when they agree, and 2 or 3 is all that is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<RtcmRevision>,
    /// Number of its kind, 0..32767 (T/CSAE 157 only). Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rtcm_id: Option<u16>,
    /// Its octets, 1..2047 (1..1023 in SAE J2735), in JSON as hexadecimal digits; else refused.
    #[serde(with = "crate::hex::as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = "^((\\s*[0-9a-fA-F]){2})*\\s*$")))]
    pub payload: Vec<u8>,
}

/// Edition of corrections (DE_RTCM_Revision).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RtcmRevision {
    /// Not known.
    Unknown,
    /// Reserved value 1.
    Reserved,
    /// CMR.
    Cmr,
    /// CMR+.
    CmrPlus,
    /// SAPOS.
    Sapos,
    /// SAPOS, advanced.
    SaposAdv,
    /// RTCA.
    Rtca,
    /// Raw measurements.
    Raw,
    /// RINEX.
    Rinex,
    /// SP3.
    Sp3,
    /// BINEX.
    Binex,
    /// RTCM 2, whichever.
    Rev2X,
    /// RTCM 2.0.
    Rev2_0,
    /// RTCM 2.1.
    Rev2_1,
    /// RTCM 2.3.
    Rev2_3,
    /// RTCM 3.0, and RTCM 3 of SAE J2735, whichever.
    Rev3_0,
    /// RTCM 3.1.
    Rev3_1,
    /// RTCM 3.2.
    Rev3_2,
}
