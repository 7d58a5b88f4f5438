//! RTCM corrections of T/CSAE 157 between model and wire. Minute, anchor and header are of SAE J2735: left out here.

use super::mapping::frame::to_count;
use super::wire;
use crate::csae::each;
use crate::csae::named::{from_enumerated, to_optional};
use crate::csae::quantity::at_most;
use crate::error::EncodeError;
use crate::model::{Rtcm, RtcmMessage};

pub(super) fn to_wire(rtcm: &Rtcm) -> Result<wire::RtcMcorrections, EncodeError> {
    Ok(wire::RtcMcorrections {
        msg_cnt: to_count(rtcm.msg_cnt)?,
        corrections: each("corrections", &rtcm.corrections, to_message)?,
    })
}

pub(super) fn from_wire(rtcm: &wire::RtcMcorrections) -> Rtcm {
    let corrections = rtcm.corrections.iter().map(from_message).collect();
    Rtcm { msg_cnt: rtcm.msg_cnt.0, corrections, ..Rtcm::default() }
}

fn to_message(message: &RtcmMessage) -> Result<wire::RtcMmsg, EncodeError> {
    Ok(wire::RtcMmsg {
        rev: to_optional("revision", message.revision)?,
        rtcm_id: message.rtcm_id.map(|id| at_most("rtcm_id", id, 32_767).map(wire::RtcmId)).transpose()?,
        payload: wire::RtcmPayload(message.payload.clone()),
    })
}

fn from_message(message: &wire::RtcMmsg) -> RtcmMessage {
    RtcmMessage {
        revision: message.rev.as_ref().and_then(from_enumerated),
        rtcm_id: message.rtcm_id.as_ref().map(|id| id.0),
        payload: message.payload.0.clone(),
    }
}
