//! The frame: which message it is.

use super::{bsm, map, rsi, rsm, spat};
use super::{from_extension, to_extension, wire};
use crate::error::{DecodeError, EncodeError};
use crate::model::{Message, StationId};

/// The generated value of a message.
pub(crate) fn to_wire(message: &Message) -> Result<wire::MessageFrame, EncodeError> {
    Ok(match message {
        Message::Bsm(bsm) => wire::MessageFrame::BsmFrame(bsm::to_wire(bsm)?),
        Message::Map(map) => wire::MessageFrame::MapFrame(map::to_wire(map)?),
        Message::Rsm(rsm) => wire::MessageFrame::RsmFrame(rsm::to_wire(rsm)?),
        Message::Spat(spat) => wire::MessageFrame::SpatFrame(spat::to_wire(spat)?),
        Message::Rsi(rsi) => wire::MessageFrame::RsiFrame(rsi::to_wire(rsi)?),
        other => to_extension(other)?,
    })
}

/// The message of a generated value.
pub(crate) fn from_wire(frame: &wire::MessageFrame) -> Result<Message, DecodeError> {
    Ok(match frame {
        wire::MessageFrame::BsmFrame(bsm) => Message::Bsm(bsm::from_wire(bsm)?),
        wire::MessageFrame::MapFrame(map) => Message::Map(map::from_wire(map)?),
        wire::MessageFrame::RsmFrame(rsm) => Message::Rsm(rsm::from_wire(rsm)?),
        wire::MessageFrame::SpatFrame(spat) => Message::Spat(spat::from_wire(spat)),
        wire::MessageFrame::RsiFrame(rsi) => Message::Rsi(rsi::from_wire(rsi)?),
        #[allow(unreachable_patterns)] // Day II has more
        other => from_extension(other)?,
    })
}

/// DE_MsgCount.
pub(crate) fn to_count(msg_cnt: u8) -> Result<wire::MsgCount, EncodeError> {
    crate::csae::quantity::at_most("msg_cnt", msg_cnt, 127).map(wire::MsgCount)
}

/// An id of 8 octets; the reader has seen to their number.
pub(crate) fn from_id(octets: &[u8]) -> StationId {
    StationId(<[u8; 8]>::try_from(octets).unwrap_or_default())
}
