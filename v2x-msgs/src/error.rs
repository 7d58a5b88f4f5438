//! What can be wrong with a message: on its way to bytes, and on its way from bytes.

use thiserror::Error;

use crate::Profile;

/// Why a message cannot be encoded.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum EncodeError {
    /// A value does not fit the wire and saturating it would be a lie.
    #[error("{field}: {value} is out of range, the wire holds {allowed}; correct the value or leave it out")]
    OutOfRange {
        /// The field, with the way to it.
        field: String,
        /// The value.
        value: String,
        /// What fits.
        allowed: String,
    },
    /// A number is NaN or infinite.
    #[error("{field}: the number is not finite; leave the field out when the value is not known")]
    NotFinite {
        /// The field, with the way to it.
        field: String,
    },
    /// A list or text has a length that the wire does not hold.
    #[error("{field}: {count} of them, the wire holds {least} to {most}; split the message or drop some")]
    Count {
        /// The field, with the way to it.
        field: String,
        /// How many there are.
        count: usize,
        /// At least.
        least: u64,
        /// At most.
        most: u64,
    },
    /// A text has characters that the wire does not hold.
    #[error("{field}: only ASCII text fits; write it without other characters, or as GB 2312 octets")]
    NotAscii {
        /// The field, with the way to it.
        field: String,
    },
    /// The bytes would be a message of another profile as well, with another meaning.
    #[error(
        "{field}: a receiver could take the bytes for a message of {other}; give the nodes or points another order"
    )]
    Ambiguous {
        /// The message.
        field: String,
        /// The other profile.
        other: &'static str,
    },
    /// The message set has no such message or field.
    #[error("{field}: {profile} has no place for it; leave it out or choose another profile")]
    NotInProfile {
        /// The message or field, with the way to it.
        field: String,
        /// Name of the profile.
        profile: &'static str,
    },
}

impl EncodeError {
    /// A value that the wire needs is not there.
    pub(crate) fn missing(field: &str, allowed: &str) -> EncodeError {
        EncodeError::out_of_range(field, "nothing", allowed)
    }

    /// A value that the wire does not hold.
    pub(crate) fn out_of_range(field: &str, value: impl std::fmt::Display, allowed: &str) -> EncodeError {
        EncodeError::OutOfRange { field: field.to_owned(), value: value.to_string(), allowed: allowed.to_owned() }
    }

    /// The same error with the way to its field made longer at the front.
    #[must_use]
    pub(crate) fn under(mut self, parent: &str) -> EncodeError {
        let (EncodeError::OutOfRange { field, .. }
        | EncodeError::NotFinite { field }
        | EncodeError::Count { field, .. }
        | EncodeError::NotAscii { field }
        | EncodeError::Ambiguous { field, .. }
        | EncodeError::NotInProfile { field, .. }) = &mut self;
        *field = joined(parent, field);
        self
    }
}

/// Why bytes are no message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The bytes end inside the message.
    #[error("truncated: the bytes end at bit {bit}, inside {field}")]
    Truncated {
        /// Where the missing bits would begin, counted from 0.
        bit: usize,
        /// What was being read.
        field: String,
    },
    /// The bits have no meaning in this profile.
    #[error("malformed at bit {bit}, {field}: {what}")]
    Malformed {
        /// Where, counted from 0.
        bit: usize,
        /// What was being read.
        field: String,
        /// What is wrong.
        what: String,
    },
    /// A message of a kind that this profile does not know.
    #[error("unsupported: message number {id} has no values in SI units; read it as wire-level JSON")]
    Unsupported {
        /// Its number.
        id: u64,
    },
    /// The bits read well, but no place or time can have these values.
    #[error("malformed, {field}: {what}")]
    Implausible {
        /// The field, with the way to it.
        field: String,
        /// What is wrong.
        what: String,
    },
    /// The bits are a message of another edition as well, with another meaning, and nothing tells which one is meant.
    #[error("ambiguous, {field}: the bits are a {kind} of {other} too, and nothing says that {profile} is meant")]
    Ambiguous {
        /// The message.
        field: String,
        /// What the other edition reads.
        kind: String,
        /// The other edition.
        other: Profile,
        /// The edition that was asked for.
        profile: Profile,
    },
}

impl DecodeError {
    /// The same error with the way to its field made longer at the front.
    #[must_use]
    pub(crate) fn under(mut self, parent: &str) -> DecodeError {
        if let DecodeError::Implausible { field, .. } = &mut self {
            *field = joined(parent, field);
        }
        self
    }

    /// The same error, seen from a message that holds the octets in its field `parent`, from bit `from` on.
    #[must_use]
    pub(crate) fn within(self, parent: &str, from: usize) -> DecodeError {
        let inside = |field: String| if field == "the message" { parent.to_owned() } else { joined(parent, &field) };
        match self {
            DecodeError::Truncated { bit, field } => {
                DecodeError::Truncated { bit: bit.saturating_add(from), field: inside(field) }
            }
            DecodeError::Malformed { bit, field, what } => {
                DecodeError::Malformed { bit: bit.saturating_add(from), field: inside(field), what }
            }
            other => other,
        }
    }

    /// One word for counters: `truncated`, `malformed`, `ambiguous`, `unsupported`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            DecodeError::Truncated { .. } => "truncated",
            DecodeError::Malformed { .. } | DecodeError::Implausible { .. } => "malformed",
            DecodeError::Ambiguous { .. } => "ambiguous",
            DecodeError::Unsupported { .. } => "unsupported",
        }
    }
}

/// Bits of the length in front of the octets of an open type (X.691, 11.9.3.6 and 11.9.3.7). Longer ones, which go in
/// fragments, no radio carries: the bit named is that of the first fragment.
pub(crate) fn length_bits(octets: usize) -> usize {
    if octets < 128 { 8 } else { 16 }
}

fn joined(parent: &str, field: &str) -> String {
    let dot = if field.is_empty() || field.starts_with('[') { "" } else { "." };
    format!("{parent}{dot}{field}")
}
