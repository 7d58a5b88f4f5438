//! T/CSAE 53-2020.

use crate::error::{DecodeError, EncodeError};
use crate::model::Message;
pub(super) use crate::wire::csae53 as wire;

pub(crate) use mapping::frame::{from_wire, to_wire};

// A file once for each edition is what is wanted here: the types differ, their use does not.
#[allow(clippy::duplicate_mod)]
#[path = "mapping.rs"]
mod mapping;
#[allow(clippy::duplicate_mod)]
#[path = "since53.rs"]
mod since53;

use since53::{LAST_HOUR, OFFSET_MIN, accuracy, link_width, put_accuracy, to_link_width};

/// Which edition it is.
const PROFILE: crate::Profile = crate::Profile::Csae53_2020;
/// There are no other messages.
fn to_extension(message: &Message) -> Result<wire::MessageFrame, EncodeError> {
    Err(crate::csae::not_in(PROFILE, message))
}

/// As on the way out.
fn from_extension(_: &wire::MessageFrame) -> Result<Message, DecodeError> {
    Err(DecodeError::Unsupported { id: 5 })
}
