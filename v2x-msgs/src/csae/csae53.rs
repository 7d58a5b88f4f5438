//! T/CSAE 53-2020.

use crate::csae::quantity::Steps;
use crate::error::{DecodeError, EncodeError};
use crate::model::Message;
pub(super) use crate::wire::csae53 as wire;

pub(crate) use mapping::frame::{from_wire, to_wire};

// A file once for each edition is what is wanted here: the types differ, their use does not.
#[allow(clippy::duplicate_mod)]
#[path = "mapping.rs"]
mod mapping;

/// Which edition it is.
const PROFILE: crate::Profile = crate::Profile::Csae53_2020;
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

/// There are no other messages.
fn to_extension(message: &Message) -> Result<wire::MessageFrame, EncodeError> {
    Err(crate::csae::not_in(PROFILE, message))
}

/// As on the way out.
fn from_extension(_: &wire::MessageFrame) -> Result<Message, DecodeError> {
    Err(DecodeError::Unsupported { id: 5 })
}
