//! T/CSAE 157-2020: the messages of Day I as in T/CSAE 53-2020, and those of Day II in the extension of the frame.

use asn1rs::prelude::{Readable, Writable};

use crate::error::{DecodeError, EncodeError, length_bits};
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
#[path = "coordination.rs"]
mod coordination;
#[path = "detected.rs"]
mod detected;
#[path = "intention.rs"]
mod intention;
#[path = "parking.rs"]
mod parking;
#[path = "person.rs"]
mod person;
#[path = "planning.rs"]
mod planning;
#[path = "platoon.rs"]
mod platoon;
#[allow(clippy::duplicate_mod)]
#[path = "propulsion.rs"]
mod propulsion;
#[path = "psm.rs"]
mod psm;
#[path = "rtcm.rs"]
mod rtcm;
#[path = "sharing.rs"]
mod sharing;

/// Which edition it is.
const PROFILE: crate::Profile = crate::Profile::Csae157_2020;
/// Numbers of the messages of Day II (DE_ExtMsgID).
mod id {
    pub(super) const RTCM: u16 = 10;
    pub(super) const RSC: u16 = 11;
    pub(super) const SSM: u16 = 12;
    pub(super) const VIR: u16 = 13;
    pub(super) const PAM: u16 = 14;
    pub(super) const PSM: u16 = 15;
    pub(super) const CLPMM: u16 = 16;
}

fn to_extension(message: &Message) -> Result<wire::MessageFrame, EncodeError> {
    let (id, value) = match message {
        Message::Rtcm(rtcm) => (id::RTCM, close(&rtcm::to_wire(rtcm)?)?),
        Message::Rsc(rsc) => (id::RSC, close(&coordination::to_wire(rsc)?)?),
        Message::Ssm(ssm) => (id::SSM, close(&sharing::to_wire(ssm)?)?),
        Message::Vir(vir) => (id::VIR, close(&intention::to_wire(vir)?)?),
        Message::Pam(pam) => (id::PAM, close(&parking::to_wire(pam)?)?),
        Message::Psm(psm) => (id::PSM, close(&psm::to_wire(psm)?)?),
        Message::Clpmm(platoon) => (id::CLPMM, close(&platoon::to_wire(platoon)?)?),
        other => return Err(crate::csae::not_in(PROFILE, other)),
    };
    Ok(wire::MessageFrame::MsgFrameExt(wire::MessageFrameExt { message_id: wire::ExtMsgId(id), value }))
}

fn from_extension(frame: &wire::MessageFrame) -> Result<Message, DecodeError> {
    let wire::MessageFrame::MsgFrameExt(ext) = frame else { return Err(DecodeError::Unsupported { id: 5 }) };
    let octets = ext.value.as_slice();
    Ok(match ext.message_id.0 {
        id::RTCM => Message::Rtcm(rtcm::from_wire(&open(octets)?)),
        id::RSC => Message::Rsc(coordination::from_wire(&open(octets)?)?),
        id::SSM => Message::Ssm(sharing::from_wire(&open(octets)?)?),
        id::VIR => Message::Vir(intention::from_wire(&open(octets)?)?),
        id::PAM => Message::Pam(parking::from_wire(&open(octets)?)?),
        id::PSM => Message::Psm(psm::from_wire(&open(octets)?)?),
        id::CLPMM => Message::Clpmm(platoon::from_wire(&open(octets)?)),
        other => return Err(DecodeError::Unsupported { id: u64::from(other) }),
    })
}

/// The message in the extension of the frame: its errors name the bit of the frame. In front are 8 bits of alternative, the
/// length of the extension, its extension bit, 15 bits of number, and the length.
fn open<T: Readable>(octets: &[u8]) -> Result<T, DecodeError> {
    let own = 16 + length_bits(octets.len());
    let from = 8 + length_bits(own / 8 + octets.len()) + own;
    Reader::message(octets, &CSAE157).map_err(|e| e.within("msgFrameExt.value", from))
}

/// A value as the content of the extension of the frame.
fn close<T: Writable>(value: &T) -> Result<Vec<u8>, EncodeError> {
    Writer::message(value, &CSAE157)
}

#[cfg(test)]
mod tests {
    use crate::hex::from_hex;
    use crate::{Profile, decode, wire_json};

    /// The bit and the field are those of the whole message, as along the shapes.
    #[test]
    fn an_error_inside_the_extension_names_the_bit_and_the_field_of_the_frame() {
        let mut octets = from_hex(include_str!("../../golden/csae157/clpmm_leader.hex").trim()).unwrap();
        // Role, of which there are 4, bits 265 to 267: 7 is one of a newer edition.
        octets[33] |= 0x40;
        let error = decode(&octets, Profile::Csae157_2020).unwrap_err().to_string();
        assert!(error.contains("msgFrameExt.value.role"), "{error}");
        let along_the_shapes = wire_json::decode(&octets, Profile::Csae157_2020).unwrap_err().to_string();
        let bit = |text: &str| text.split("at bit ").nth(1).and_then(|rest| rest.split(',').next()).map(str::to_owned);
        assert!(bit(&error).is_some());
        assert_eq!(bit(&error), bit(&along_the_shapes), "{error}; {along_the_shapes}");
    }
}
