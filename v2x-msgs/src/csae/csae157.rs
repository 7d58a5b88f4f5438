//! T/CSAE 157-2020: the messages of Day I as in T/CSAE 53-2020, and those of Day II in the extension of the frame.

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
#[allow(clippy::duplicate_mod)]
#[path = "since53.rs"]
mod since53;

use since53::{LAST_HOUR, OFFSET_MIN, accuracy, link_width, put_accuracy, to_link_width};

// The messages of Day II, in this edition only.
#[path = "planning.rs"]
mod planning;
#[allow(clippy::duplicate_mod)]
#[path = "propulsion.rs"]
mod propulsion;
#[path = "psm.rs"]
mod psm;

/// Which edition it is.
const PROFILE: crate::Profile = crate::Profile::Csae157_2020;
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
