//! The frame: which message it is. Its content is an open type, encoded and decoded here by the message's number.

use super::{alert, bsm, map, priority, psm, road_safety, rtcm, sdsm, spat, tim};
use asn1rs::prelude::{Readable, Writable};

use crate::csae::quantity::at_most;
use crate::error::{DecodeError, EncodeError, length_bits};
use crate::model::{Message, StationId};
use crate::uper::{Reader, Writer};
use crate::wire::{J2735, j2735 as wire};

/// Message numbers (DSRCmsgID).
pub(crate) mod id {
    pub(crate) const MAP: u16 = 18;
    pub(crate) const SPAT: u16 = 19;
    pub(crate) const BSM: u16 = 20;
    pub(crate) const CSR: u16 = 21;
    pub(crate) const EVA: u16 = 22;
    pub(crate) const ICA: u16 = 23;
    pub(crate) const RSA: u16 = 27;
    pub(crate) const RTCM: u16 = 28;
    pub(crate) const SRM: u16 = 29;
    pub(crate) const SSM: u16 = 30;
    pub(crate) const TIM: u16 = 31;
    pub(crate) const PSM: u16 = 32;
    pub(crate) const ROAD_SAFETY: u16 = 33;
    pub(crate) const SDSM: u16 = 41;
}

/// The generated value of a message.
pub(crate) fn to_wire(message: &Message) -> Result<wire::MessageFrame, EncodeError> {
    let (message_id, value) = match message {
        Message::Bsm(bsm) => (id::BSM, close(&bsm::to_wire(bsm)?)?),
        Message::Map(map) => (id::MAP, close(&map::to_wire(map)?)?),
        Message::Rsm(rsm) => (id::SDSM, close(&sdsm::to_wire(rsm)?)?),
        Message::Spat(spat) => (id::SPAT, close(&spat::to_wire(spat)?)?),
        Message::Rsi(rsi) => (id::TIM, close(&tim::to_wire(rsi)?)?),
        Message::Psm(psm) => (id::PSM, close(&psm::to_wire(psm)?)?),
        Message::Rtcm(rtcm) => (id::RTCM, close(&rtcm::to_wire(rtcm)?)?),
        Message::Srm(srm) => (id::SRM, close(&priority::to_request(srm)?)?),
        Message::SignalStatus(ssm) => (id::SSM, close(&priority::to_status(ssm)?)?),
        Message::Eva(eva) => (id::EVA, close(&alert::to_emergency(eva)?)?),
        Message::Ica(ica) => (id::ICA, close(&alert::to_collision(ica)?)?),
        Message::RoadSafety(rsm) => (id::ROAD_SAFETY, close(&road_safety::to_wire(rsm)?)?),
        Message::Csr(csr) => (id::CSR, close(&alert::to_common(csr)?)?),
        other => return Err(crate::csae::not_in(crate::Profile::J2735_2024, other)),
    };
    Ok(wire::MessageFrame { message_id, value })
}

/// The message of a generated value.
pub(crate) fn from_wire(frame: &wire::MessageFrame) -> Result<Message, DecodeError> {
    let octets = frame.value.as_slice();
    Ok(match frame.message_id {
        id::BSM => Message::Bsm(bsm::from_wire(&content(octets)?)?),
        id::MAP => Message::Map(map::from_wire(&content(octets)?)?),
        id::SDSM => Message::Rsm(sdsm::from_wire(&content(octets)?)?),
        id::SPAT => Message::Spat(spat::from_wire(&content(octets)?)),
        id::TIM => Message::Rsi(tim::from_wire(&content(octets)?)?),
        id::RSA => Message::Rsi(tim::from_alert(&content(octets)?)),
        id::PSM => Message::Psm(psm::from_wire(&content(octets)?)?),
        id::RTCM => Message::Rtcm(rtcm::from_wire(&content(octets)?)),
        id::SRM => Message::Srm(priority::from_request(&content(octets)?)),
        id::SSM => Message::SignalStatus(priority::from_status(&content(octets)?)),
        id::EVA => Message::Eva(alert::from_emergency(&content(octets)?)),
        id::ICA => Message::Ica(alert::from_collision(&content(octets)?)?),
        id::ROAD_SAFETY => Message::RoadSafety(road_safety::from_wire(&content(octets)?)?),
        id::CSR => Message::Csr(alert::from_common(&content(octets)?)),
        other => return Err(DecodeError::Unsupported { id: u64::from(other) }),
    })
}

/// The message in the frame: its errors name the bit of the frame. In front are the extension bit, 15 bits of number, and
/// the length.
fn content<T: Readable>(octets: &[u8]) -> Result<T, DecodeError> {
    open(octets).map_err(|e| e.within("value", 16 + length_bits(octets.len())))
}

/// The content of an open type.
pub(super) fn open<T: Readable>(octets: &[u8]) -> Result<T, DecodeError> {
    Reader::message(octets, &J2735)
}

/// A value as the content of an open type.
pub(super) fn close<T: Writable>(value: &T) -> Result<Vec<u8>, EncodeError> {
    Writer::message(value, &J2735)
}

/// DE_MsgCount.
pub(super) fn to_count(msg_cnt: u8) -> Result<wire::MsgCount, EncodeError> {
    at_most("msg_cnt", msg_cnt, 127).map(wire::MsgCount)
}

/// TemporaryID of an 8-octet id: its first four octets when the others are zero, as they are after
/// [`from_temporary`] and in short names of units; else the two halves XORed, so that all eight tell senders apart.
pub(super) fn to_temporary(id: &StationId) -> wire::TemporaryId {
    let [a, b, c, d, e, f, g, h] = id.0;
    wire::TemporaryId(vec![a ^ e, b ^ f, c ^ g, d ^ h])
}

/// The id of four octets: they come first, zeros fill it up.
pub(super) fn from_temporary(id: &wire::TemporaryId) -> StationId {
    let mut octets = [0; 8];
    octets.iter_mut().zip(&id.0).for_each(|(to, from)| *to = *from);
    StationId(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_octets_of_an_id_come_back_and_eight_are_folded() {
        let short = StationId::from_name("x01").unwrap();
        assert_eq!(to_temporary(&short).0, b"x01\0");
        assert_eq!(from_temporary(&to_temporary(&short)), short);
        let (one, two) = (StationId::from_name("crossng1").unwrap(), StationId::from_name("crossng2").unwrap());
        assert_ne!(to_temporary(&one), to_temporary(&two));
    }
}
