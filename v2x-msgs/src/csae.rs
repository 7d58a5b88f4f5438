//! How each message of the model lies in the generated types of the Chinese message sets. One file a message; what they
//! share is in [`quantity`] (numbers with a unit), [`confidence`] (ladders of accuracy), [`named`] (enumerations and bit
//! strings) and `place` (positions and offsets).
//!
//! The three editions have the same messages in types of their own. So the mapping (`mapping` and the files that it lists)
//! is compiled once for each edition, and what differs is behind the few functions in the file of the edition.

pub(crate) mod confidence;
pub(crate) mod csae157;
pub(crate) mod csae53;
pub(crate) mod named;
pub(crate) mod quantity;
pub(crate) mod ydt3709;

use crate::Profile;
use crate::error::{DecodeError, EncodeError};
use crate::model::Message;

/// A profile has no such message.
pub(crate) fn not_in(profile: Profile, message: &Message) -> EncodeError {
    EncodeError::NotInProfile { field: message.kind().name().to_owned(), profile: profile.name() }
}

/// The elements of a list, each turned, with its number in an error.
pub(crate) fn each<A, B>(
    field: &'static str,
    list: &[A],
    turn: impl Fn(&A) -> Result<B, EncodeError>,
) -> Result<Vec<B>, EncodeError> {
    list.iter().enumerate().map(|(i, item)| turn(item).map_err(|e| e.under(&format!("{field}[{i}]")))).collect()
}

/// As [`each`], for an OPTIONAL list: an empty one is absent.
pub(crate) fn each_or_none<A, B>(
    field: &'static str,
    list: &[A],
    turn: impl Fn(&A) -> Result<B, EncodeError>,
) -> Result<Option<Vec<B>>, EncodeError> {
    if list.is_empty() { Ok(None) } else { each(field, list, turn).map(Some) }
}

/// An optional part, turned, with its name in an error.
pub(crate) fn part<A, B>(
    field: &'static str,
    value: Option<&A>,
    turn: impl FnOnce(&A) -> Result<B, EncodeError>,
) -> Result<Option<B>, EncodeError> {
    value.map(turn).transpose().map_err(|e| e.under(field))
}

/// The elements of a list off the wire, each turned, with its number in an error.
pub(crate) fn list<A, B>(
    field: &'static str,
    list: impl IntoIterator<Item = A>,
    turn: impl Fn(A) -> Result<B, DecodeError>,
) -> Result<Vec<B>, DecodeError> {
    list.into_iter().enumerate().map(|(i, item)| turn(item).map_err(|e| e.under(&format!("{field}[{i}]")))).collect()
}
