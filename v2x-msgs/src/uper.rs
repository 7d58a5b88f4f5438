//! Unaligned packed encoding rules (UPER, ITU-T X.691) for the generated types, on asn1rs's public `Reader` and `Writer`
//! traits.
//!
//! asn1rs's own UPER runtime serves neither a receiver nor a sender on air: it does not skip extension additions that it
//! does not know, checks no range on decoding, does not hold an inner value inside its open type, and panics on some
//! inputs. Here: every range and size is checked both ways, open types are bounded, unknown additions are skipped,
//! elements are counted against a budget, an error says at which bit and in which field, and nothing panics.
//!
//! A value that a newer edition added to an extensible type is handled by its place: an unknown enumerator becomes
//! `unknown` or `unavailable` where the type has that, else an absent field where the field is optional, else an error; an
//! unknown alternative makes an optional field absent, else it is an error.

mod cursor;
mod fields;
mod primitive;
mod reader;
mod sink;
mod writer;

pub(crate) use reader::Reader;
pub use reader::Span;
pub(crate) use writer::Writer;

/// Longest message that is read or written, octets. Radios carry about 1400.
pub(crate) const MESSAGE_BYTES: usize = 1 << 20;
/// List elements in one message, all lists together.
pub(crate) const ELEMENTS: usize = 1 << 16;

/// One step of the way to a field.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A component or an alternative.
    Name(&'static str),
    /// An element of a list, from 0.
    Index(usize),
}

/// The way to a field as text: `participants[3].speed`.
pub(crate) fn path_text<'a>(parts: impl Iterator<Item = &'a Part>) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Name(name) if text.is_empty() => text.push_str(name),
            Part::Name(name) => {
                text.push('.');
                text.push_str(name);
            }
            Part::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// Size limits of a list, string or bit string.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Size {
    pub least: u64,
    pub most: Option<u64>,
    pub extensible: bool,
}

impl Size {
    pub(crate) const fn new(least: Option<u64>, most: Option<u64>, extensible: bool) -> Size {
        let least = match least {
            Some(least) => least,
            None => 0,
        };
        Size { least, most, extensible }
    }

    /// Whether a length is inside the root.
    pub(crate) fn holds(&self, length: u64) -> bool {
        length >= self.least && self.most.is_none_or(|most| length <= most)
    }
}

/// Bits for the values 0..=`most`.
pub(crate) const fn width(most: u64) -> u32 {
    u64::BITS - most.leading_zeros()
}
