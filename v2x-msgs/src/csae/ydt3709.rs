//! YD/T 3709-2020: where its seven types ask for something else than T/CSAE 53-2020. The lengths of lists are the writer's
//! business.

use crate::csae::quantity::Steps;
use crate::error::{DecodeError, EncodeError};
use crate::model::Message;
pub(super) use crate::wire::ydt3709 as wire;

pub(crate) use mapping::frame::{from_wire, to_wire};

// A file once for each edition is what is wanted here: the types differ, their use does not.
#[allow(clippy::duplicate_mod)]
#[path = "mapping.rs"]
mod mapping;

/// Which edition it is.
const PROFILE: crate::Profile = crate::Profile::Ydt3709_2020;
/// Last value of DE_DHour.
const LAST_HOUR: u8 = 31;
/// DE_DTimeOffset, minutes.
const OFFSET_MIN: Steps = Steps::new(1.0, -840, 840);

/// Width of a link, which is mandatory.
fn to_link_width(width: Option<wire::LaneWidth>) -> Result<wire::LaneWidth, EncodeError> {
    width.ok_or_else(|| EncodeError::OutOfRange {
        field: "link_width_m".to_owned(),
        value: "nothing".to_owned(),
        allowed: "a width: this profile has no link without".to_owned(),
    })
}

#[allow(clippy::unnecessary_wraps)]
fn link_width(link: &wire::Link) -> Option<&wire::LaneWidth> {
    Some(&link.link_width)
}

/// A full position says how sure it is in steps only; there is no place for an ellipse.
fn put_accuracy(
    full: &mut wire::FullPositionVector,
    ellipse: Option<wire::PositionalAccuracy>,
    steps: Option<wire::PositionConfidenceSet>,
) -> Result<(), EncodeError> {
    if ellipse.is_some() {
        let profile = crate::Profile::Ydt3709_2020.name();
        return Err(EncodeError::NotInProfile { field: "pos_accuracy".to_owned(), profile });
    }
    full.pos_accuracy = steps;
    Ok(())
}

fn accuracy(
    full: &wire::FullPositionVector,
) -> (Option<&wire::PositionalAccuracy>, Option<&wire::PositionConfidenceSet>) {
    (None, full.pos_accuracy.as_ref())
}

/// There are no other messages.
fn to_extension(message: &Message) -> Result<wire::MessageFrame, EncodeError> {
    Err(crate::csae::not_in(PROFILE, message))
}

/// As on the way out.
fn from_extension(_: &wire::MessageFrame) -> Result<Message, DecodeError> {
    Err(DecodeError::Unsupported { id: 5 })
}
