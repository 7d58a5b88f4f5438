//! RTCM corrections of SAE J2735 between model and wire. The edition is one for all messages and says only 2 or 3; the number
//! of a message's kind stands in its octets alone.

use super::frame::to_count;
use super::path::{from_full, to_full};
use super::time::{from_minute, to_minute};
use crate::csae::named::{from_bits, to_bits};
use crate::csae::part;
use crate::csae::quantity::Steps;
use crate::error::EncodeError;
use crate::model::{Rtcm, RtcmHeader, RtcmMessage, RtcmRevision};
use crate::wire::j2735 as wire;

/// Offset-B12, -B09 and -B10: 0.01 m; the least number of each is "not available".
const FORWARD: Steps = Steps::new(100.0, -2_047, 2_047);
const RIGHT: Steps = Steps::new(100.0, -255, 255);
const UP: Steps = Steps::new(100.0, -511, 511);

pub(super) fn to_wire(rtcm: &Rtcm) -> Result<wire::RtcMcorrections, EncodeError> {
    let messages = rtcm.corrections.iter().map(|message| wire::RtcMmessage(message.payload.clone())).collect();
    Ok(wire::RtcMcorrections {
        msg_cnt: to_count(rtcm.msg_cnt)?,
        rev: to_revision(&rtcm.corrections),
        time_stamp: to_minute("moy", rtcm.moy)?,
        anchor_point: part("anchor", rtcm.anchor.as_ref(), to_full)?,
        rtcm_header: part("header", rtcm.header.as_ref(), to_header)?,
        msgs: wire::RtcMmessageList(messages),
        regional: None,
    })
}

pub(super) fn from_wire(rtcm: &wire::RtcMcorrections) -> Rtcm {
    let revision = match rtcm.rev {
        wire::RtcmRevision::Unknown => None,
        wire::RtcmRevision::RtcmRev2 => Some(RtcmRevision::Rev2X),
        wire::RtcmRevision::RtcmRev3 => Some(RtcmRevision::Rev3_0),
        wire::RtcmRevision::Reserved => Some(RtcmRevision::Reserved),
    };
    let message = |octets: &wire::RtcMmessage| RtcmMessage { revision, rtcm_id: None, payload: octets.0.clone() };
    Rtcm {
        msg_cnt: rtcm.msg_cnt.0,
        moy: from_minute(rtcm.time_stamp.as_ref()),
        anchor: rtcm.anchor_point.as_ref().map(from_full),
        header: rtcm.rtcm_header.as_ref().map(from_header),
        corrections: rtcm.msgs.0.iter().map(message).collect(),
    }
}

/// The one edition that all messages are of.
fn to_revision(messages: &[RtcmMessage]) -> wire::RtcmRevision {
    use RtcmRevision as R;
    let edition = |message: &RtcmMessage| match message.revision {
        Some(R::Rev2X | R::Rev2_0 | R::Rev2_1 | R::Rev2_3) => wire::RtcmRevision::RtcmRev2,
        Some(R::Rev3_0 | R::Rev3_1 | R::Rev3_2) => wire::RtcmRevision::RtcmRev3,
        Some(R::Reserved) => wire::RtcmRevision::Reserved,
        _ => wire::RtcmRevision::Unknown,
    };
    let first = messages.first().map(edition).unwrap_or_default();
    if messages.iter().all(|message| edition(message) == first) { first } else { wire::RtcmRevision::Unknown }
}

fn to_header(header: &RtcmHeader) -> Result<wire::RtcMheader, EncodeError> {
    let axis = |field, steps: Steps, m: Option<f64>| m.map_or(Ok(steps.least - 1), |m| steps.saturate(field, m));
    Ok(wire::RtcMheader {
        status: wire::GnsSstatus(to_bits(&header.status)),
        offset_set: wire::AntennaOffsetSet {
            ant_offset_x: wire::OffsetB12(axis("antenna_x_m", FORWARD, header.antenna_x_m)? as i16),
            ant_offset_y: wire::OffsetB09(axis("antenna_y_m", RIGHT, header.antenna_y_m)? as i16),
            ant_offset_z: wire::OffsetB10(axis("antenna_z_m", UP, header.antenna_z_m)? as i16),
        },
    })
}

fn from_header(header: &wire::RtcMheader) -> RtcmHeader {
    let set = &header.offset_set;
    RtcmHeader {
        status: from_bits(&header.status.0),
        antenna_x_m: FORWARD.known(i64::from(set.ant_offset_x.0)),
        antenna_y_m: RIGHT.known(i64::from(set.ant_offset_y.0)),
        antenna_z_m: UP.known(i64::from(set.ant_offset_z.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(revisions: &[Option<RtcmRevision>]) -> wire::RtcmRevision {
        let message = |revision: &Option<RtcmRevision>| RtcmMessage { revision: *revision, ..RtcmMessage::default() };
        to_revision(&revisions.iter().map(message).collect::<Vec<_>>())
    }

    #[test]
    fn the_edition_is_said_when_all_messages_agree() {
        let (two, three) = (Some(RtcmRevision::Rev2_3), Some(RtcmRevision::Rev3_1));
        assert_eq!(sent(&[three, Some(RtcmRevision::Rev3_2)]), wire::RtcmRevision::RtcmRev3);
        assert_eq!(sent(&[two]), wire::RtcmRevision::RtcmRev2);
        assert_eq!(sent(&[two, three]), wire::RtcmRevision::Unknown);
        assert_eq!(sent(&[three, None]), wire::RtcmRevision::Unknown);
        assert_eq!(sent(&[]), wire::RtcmRevision::Unknown);
    }

    #[test]
    fn an_antenna_that_nobody_measured_is_not_at_the_reference_point() {
        let header = RtcmHeader { antenna_x_m: Some(99.0), antenna_y_m: Some(-0.25), ..RtcmHeader::default() };
        let wire = to_header(&header).unwrap();
        let set = &wire.offset_set;
        assert_eq!((set.ant_offset_x.0, set.ant_offset_y.0, set.ant_offset_z.0), (2_047, -25, -512));
        let back = from_header(&wire);
        assert_eq!((back.antenna_x_m, back.antenna_y_m, back.antenna_z_m), (Some(20.47), Some(-0.25), None));
    }
}
