//! T/CSAE 157-2020: the messages of Day I as in T/CSAE 53-2020, and those of Day II in the extension of the frame.

use crate::csae::quantity::Steps;
use crate::error::{DecodeError, EncodeError};
use crate::model::Message;
use crate::uper::{Reader, Writer};
use crate::wire::CSAE157;
pub(super) use crate::wire::csae157 as wire;

pub(crate) use mapping::frame::{from_wire, to_wire};

// A file once for each edition is what is wanted here: the types differ, their use does not.
#[allow(clippy::duplicate_mod)]
#[path = "mapping.rs"]
mod mapping;

// The messages of Day II, in this edition only.
#[path = "planning.rs"]
mod planning;
#[path = "psm.rs"]
mod psm;

/// Which edition it is.
const PROFILE: crate::Profile = crate::Profile::Csae157_2020;
/// Last value of DE_DHour.
const LAST_HOUR: u8 = 24;
/// DE_DTimeOffset, minutes.
const OFFSET_MIN: Steps = Steps::new(1.0, -720, 721);

/// Width of a link, which may be left out.
#[allow(clippy::unnecessary_wraps)]
fn to_link_width(width: Option<wire::LaneWidth>) -> Result<Option<wire::LaneWidth>, EncodeError> {
    Ok(width)
}

fn link_width(link: &wire::Link) -> Option<&wire::LaneWidth> {
    link.link_width.as_ref()
}

/// A full position says how sure it is in both ways.
#[allow(clippy::unnecessary_wraps)]
fn put_accuracy(
    full: &mut wire::FullPositionVector,
    ellipse: Option<wire::PositionalAccuracy>,
    steps: Option<wire::PositionConfidenceSet>,
) -> Result<(), EncodeError> {
    full.pos_accuracy = ellipse;
    full.pos_conficence = steps;
    Ok(())
}

fn accuracy(
    full: &wire::FullPositionVector,
) -> (Option<&wire::PositionalAccuracy>, Option<&wire::PositionConfidenceSet>) {
    (full.pos_accuracy.as_ref(), full.pos_conficence.as_ref())
}

/// Numbers of the messages of Day II (DE_ExtMsgID).
mod id {
    pub(super) const PSM: u16 = 15;
}

fn to_extension(message: &Message) -> Result<wire::MessageFrame, EncodeError> {
    let (id, value) = match message {
        Message::Psm(psm) => (id::PSM, Writer::message(&psm::to_wire(psm)?, &CSAE157)?),
        other => return Err(crate::csae::not_in(PROFILE, other)),
    };
    Ok(wire::MessageFrame::MsgFrameExt(wire::MessageFrameExt { message_id: wire::ExtMsgId(id), value }))
}

fn from_extension(frame: &wire::MessageFrame) -> Result<Message, DecodeError> {
    let wire::MessageFrame::MsgFrameExt(ext) = frame else { return Err(DecodeError::Unsupported { id: 5 }) };
    let octets = ext.value.as_slice();
    Ok(match ext.message_id.0 {
        id::PSM => Message::Psm(psm::from_wire(&Reader::message(octets, &CSAE157)?)?),
        other => return Err(DecodeError::Unsupported { id: u64::from(other) }),
    })
}
