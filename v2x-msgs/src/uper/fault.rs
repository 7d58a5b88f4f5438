//! What is wrong with bits or with a value, on its way out to the caller.
//!
//! A fault is one pointer, so that the good path keeps its results in registers; all that makes one is out of line.

use std::borrow::Cow;

use super::{ELEMENTS, MESSAGE_BYTES, Part, path_text};
use crate::error::{DecodeError, EncodeError};

/// Something wrong, the bit at which it was found, and the way to its field.
#[derive(Debug)]
pub(crate) struct Fault<K>(Box<Inner<K>>);

/// Why bits could not be read.
pub(crate) type ReadFault = Fault<Unreadable>;
/// Why a value could not be written.
pub(crate) type WriteFault = Fault<Unwritable>;

#[derive(Debug)]
struct Inner<K> {
    kind: K,
    bit: usize,
    /// Innermost first.
    path: Vec<Part>,
}

/// What may be wrong with bits.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The bits end here.
    Truncated,
    /// An enumerator or alternative of a newer edition; the bits of it have been read.
    Unknown(u64),
    /// A number above its range.
    Beyond { least: i64, most: i64 },
    /// A number that does not fit what keeps it.
    TooWide(i64),
    /// A length outside of its limits.
    Length { length: u64, least: u64, most: u64 },
    /// An enumerator or alternative that is not there.
    NoSuch { index: u64, count: u64 },
    /// A character outside of its alphabet.
    Character(u64),
    /// Bits behind the content.
    LeftOver(usize),
    /// More list elements than a message may have.
    Elements,
    /// More octets than a message may have.
    TooLong,
    /// Anything else that no edition allows.
    Malformed(Cow<'static, str>),
}

/// What may be wrong with a value.
#[derive(Debug)]
pub(crate) enum Unwritable {
    /// A number outside of its range.
    OutOfRange { value: i64, least: Option<i64>, most: Option<i64> },
    /// A list or text with a length that the wire does not hold.
    Count { count: u64, least: u64, most: u64 },
    /// A text with characters that the wire does not hold.
    NotAscii,
}

impl<K> Fault<K> {
    #[cold]
    #[inline(never)]
    pub(crate) fn new(bit: usize, kind: K) -> Fault<K> {
        Fault(Box::new(Inner { kind, bit, path: Vec::new() }))
    }

    /// The same fault, seen from one level further out.
    #[cold]
    #[inline(never)]
    pub(crate) fn inside(mut self, part: Option<Part>) -> Fault<K> {
        self.0.path.extend(part);
        self
    }
}

impl ReadFault {
    /// Whether this very value, and not a part of it, is of a newer edition.
    #[cold]
    pub(crate) fn is_unknown_itself(&self) -> bool {
        matches!(self.0.kind, Unreadable::Unknown(_)) && self.0.path.is_empty()
    }
}

impl From<ReadFault> for DecodeError {
    fn from(fault: ReadFault) -> DecodeError {
        let Inner { kind, bit, path } = *fault.0;
        let at_top = path.is_empty();
        let field = if at_top { "the message".to_owned() } else { path_text(path.iter().rev()) };
        let what = match kind {
            Unreadable::Truncated => return DecodeError::Truncated { bit, field },
            Unreadable::Unknown(id) if at_top => return DecodeError::Unsupported { id },
            Unreadable::Unknown(id) => format!("value {id} is not one of this profile"),
            Unreadable::Beyond { least, most } => format!("beyond the range {least}..{most}"),
            Unreadable::TooWide(value) => format!("{value} is beyond what is kept"),
            Unreadable::Length { length, least, most: u64::MAX } => {
                format!("length {length}, at least {least} are needed")
            }
            Unreadable::Length { length, least, most } => format!("length {length}, {least} to {most} are allowed"),
            Unreadable::NoSuch { index, count } => format!("value {index}; there are {count}, from 0"),
            Unreadable::Character(code) => format!("character {code} is not in the alphabet"),
            Unreadable::LeftOver(bits) => {
                format!("{bits} bits are left over: longer than its content, or of another profile")
            }
            Unreadable::Elements => format!("more than {ELEMENTS} list elements in one message"),
            Unreadable::TooLong => format!("a message has at most {MESSAGE_BYTES} octets"),
            Unreadable::Malformed(what) => what.into_owned(),
        };
        DecodeError::Malformed { bit, field, what }
    }
}

impl From<WriteFault> for EncodeError {
    /// The bit stays behind: whoever has a value and no bytes cannot look there.
    fn from(fault: WriteFault) -> EncodeError {
        let Inner { kind, bit: _, path } = *fault.0;
        let field = path_text(path.iter().rev());
        match kind {
            Unwritable::OutOfRange { value, least, most } => {
                let bound = |limit: Option<i64>| limit.map_or_else(String::new, |limit| limit.to_string());
                let allowed = format!("{}..{}", bound(least), bound(most));
                EncodeError::OutOfRange { field, value: value.to_string(), allowed }
            }
            Unwritable::Count { count, least, most } => {
                EncodeError::Count { field, count: usize::try_from(count).unwrap_or(usize::MAX), least, most }
            }
            Unwritable::NotAscii => EncodeError::NotAscii { field },
        }
    }
}
