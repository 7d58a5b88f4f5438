//! The frame: which message it is. Its content is an open type, encoded and decoded here by the message's number.

use super::{bsm, map, psm, sdsm, spat, tim};
use asn1rs::prelude::{Readable, Writable};

use crate::csae::quantity::at_most;
use crate::error::{DecodeError, EncodeError};
use crate::model::{Message, StationId};
use crate::uper::{Reader, Writer};
use crate::wire::{J2735, j2735 as wire};

/// Message numbers (DSRCmsgID).
pub(crate) mod id {
    pub(crate) const MAP: u16 = 18;
    pub(crate) const SPAT: u16 = 19;
    pub(crate) const BSM: u16 = 20;
    pub(crate) const RSA: u16 = 27;
    pub(crate) const TIM: u16 = 31;
    pub(crate) const PSM: u16 = 32;
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
    };
    Ok(wire::MessageFrame { message_id, value })
}

/// The message of a generated value.
pub(crate) fn from_wire(frame: &wire::MessageFrame) -> Result<Message, DecodeError> {
    let octets = frame.value.as_slice();
    Ok(match frame.message_id {
        id::BSM => Message::Bsm(bsm::from_wire(&open(octets)?)?),
        id::MAP => Message::Map(map::from_wire(&open(octets)?)?),
        id::SDSM => Message::Rsm(sdsm::from_wire(&open(octets)?)?),
        id::SPAT => Message::Spat(spat::from_wire(&open(octets)?)),
        id::TIM => Message::Rsi(tim::from_wire(&open(octets)?)?),
        id::RSA => Message::Rsi(tim::from_alert(&open(octets)?)),
        id::PSM => Message::Psm(psm::from_wire(&open(octets)?)?),
        other => return Err(DecodeError::Unsupported { id: u64::from(other) }),
    })
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
