//! Bits of a received message, most significant first, and what may be wrong with them.

use super::{Part, path_text};
use crate::error::DecodeError;

/// Why bits could not be read. Small, so that the good path stays fast.
#[derive(Debug)]
pub(crate) struct Fault(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    bit: usize,
    /// Innermost first.
    path: Vec<Part>,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// The bits end here.
    Truncated,
    /// An enumerator or alternative of a newer edition; the bits of it have been read.
    Unknown(u64),
    /// Something that no edition allows.
    Malformed(String),
}

impl Fault {
    pub(crate) fn new(bit: usize, kind: Kind) -> Fault {
        Fault(Box::new(Inner { kind, bit, path: Vec::new() }))
    }

    /// The same fault, seen from one level further out.
    pub(crate) fn inside(mut self, part: Option<Part>) -> Fault {
        self.0.path.extend(part);
        self
    }

    /// Whether this very value, and not a part of it, is of a newer edition.
    pub(crate) fn is_unknown_itself(&self) -> bool {
        matches!(self.0.kind, Kind::Unknown(_)) && self.0.path.is_empty()
    }
}

impl From<Fault> for DecodeError {
    fn from(fault: Fault) -> DecodeError {
        let Inner { kind, bit, path } = *fault.0;
        let at_top = path.is_empty();
        let field = if at_top { "the message".to_owned() } else { path_text(path.iter().rev()) };
        match kind {
            Kind::Truncated => DecodeError::Truncated { bit, field },
            Kind::Unknown(id) if at_top => DecodeError::Unsupported { id },
            Kind::Unknown(id) => {
                DecodeError::Malformed { bit, field, what: format!("value {id} is not one of this profile") }
            }
            Kind::Malformed(what) => DecodeError::Malformed { bit, field, what },
        }
    }
}

/// A place in a bit string, and where it ends for now (an open type ends earlier than the message).
#[derive(Copy, Clone, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Cursor<'a> {
        Cursor { bytes, at: 0, end: bytes.len().saturating_mul(8) }
    }

    pub(crate) fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    pub(crate) fn truncated(&self) -> Fault {
        Fault::new(self.end, Kind::Truncated)
    }

    pub(crate) fn malformed(&self, what: impl Into<String>) -> Fault {
        Fault::new(self.at, Kind::Malformed(what.into()))
    }

    /// The next `bits` bits, at most 64, as a number.
    #[inline]
    pub(crate) fn take(&mut self, bits: u32) -> Result<u64, Fault> {
        if bits == 0 {
            return Ok(0);
        }
        if self.left() < bits as usize {
            return Err(self.truncated());
        }
        let value = self.peek(bits);
        self.at += bits as usize;
        Ok(value)
    }

    /// The next 1..=64 bits, which are there.
    #[inline]
    fn peek(&self, bits: u32) -> u64 {
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        let shift = (self.at % 8) as u32;
        let window = match rest.first_chunk::<8>() {
            Some(eight) => u64::from_be_bytes(*eight),
            None => rest.iter().zip([56, 48, 40, 32, 24, 16, 8, 0]).map(|(b, up)| u64::from(*b) << up).sum(),
        };
        let value = (window << shift) >> (64 - bits);
        match (bits + shift).checked_sub(64) {
            None | Some(0) => value,
            Some(more) => value | u64::from(rest.get(8).copied().unwrap_or(0) >> (8 - more)),
        }
    }

    /// One bit at an absolute place that was passed already.
    #[inline]
    pub(crate) fn bit_at(&self, place: usize) -> bool {
        self.bytes.get(place / 8).is_some_and(|octet| octet & (0x80 >> (place % 8)) != 0)
    }

    /// Passes over bits.
    pub(crate) fn skip(&mut self, bits: usize) -> Result<(), Fault> {
        if self.left() < bits {
            return Err(self.truncated());
        }
        self.at += bits;
        Ok(())
    }

    /// Octets, appended to `to`.
    pub(crate) fn octets(&mut self, count: usize, to: &mut Vec<u8>) -> Result<(), Fault> {
        if self.left() / 8 < count {
            return Err(self.truncated());
        }
        to.reserve(count);
        for _ in 0..count {
            to.push(self.take(8)? as u8);
        }
        Ok(())
    }

    /// Ends the readable bits `bits` further on, and gives the end that held before.
    pub(crate) fn narrow(&mut self, bits: usize) -> Result<usize, Fault> {
        if self.left() < bits {
            return Err(self.truncated());
        }
        Ok(std::mem::replace(&mut self.end, self.at + bits))
    }

    /// Passes what is left inside the narrowed part, which must be less than one octet of zero bits, and widens again.
    pub(crate) fn widen(&mut self, end: usize) -> Result<(), Fault> {
        self.only_padding_left()?;
        self.at = self.end;
        self.end = end;
        Ok(())
    }

    /// Whether less than one octet is left and all its bits are zero.
    pub(crate) fn only_padding_left(&mut self) -> Result<(), Fault> {
        let left = self.left();
        if left >= 8 {
            return Err(
                self.malformed(format!("{left} bits are left over: longer than its content, or of another profile"))
            );
        }
        let padding = Cursor::take(&mut self.clone(), left as u32)?;
        if padding == 0 { Ok(()) } else { Err(self.malformed("the padding bits at the end are not zero")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_cut_of_the_bits_gives_the_same_bits() {
        let bytes: Vec<u8> = (0..20_u32).map(|i| (i * 73 % 251) as u8).collect();
        let bit = |at: usize| u64::from(bytes[at / 8] >> (7 - at % 8) & 1);
        for from in 0..80 {
            for bits in 1..=64_u32 {
                let mut cursor = Cursor::new(&bytes);
                cursor.skip(from).unwrap();
                let expected = (from..from + bits as usize).fold(0, |value, at| value << 1 | bit(at));
                assert_eq!(cursor.take(bits).unwrap(), expected, "{bits} bits from {from}");
                assert_eq!(cursor.at, from + bits as usize);
            }
        }
    }

    #[test]
    fn the_last_bits_can_be_read_and_not_one_more() {
        let mut cursor = Cursor::new(&[0xff, 0x01]);
        assert_eq!(cursor.take(9).unwrap(), 0x1fe);
        assert_eq!(cursor.take(7).unwrap(), 1);
        assert_eq!(cursor.take(0).unwrap(), 0);
        assert!(cursor.take(1).is_err());
        assert!(Cursor::new(&[]).take(1).is_err());
        assert!(cursor.skip(usize::MAX).is_err());
        assert!(cursor.octets(usize::MAX, &mut Vec::new()).is_err());
    }

    #[test]
    fn a_narrowed_part_cannot_be_read_past_its_end() {
        let mut cursor = Cursor::new(&[0xab, 0xc0, 0xff]);
        let end = cursor.narrow(16).unwrap();
        assert_eq!(cursor.take(12).unwrap(), 0xabc);
        assert!(cursor.clone().take(5).is_err());
        cursor.widen(end).unwrap();
        assert_eq!(cursor.take(8).unwrap(), 0xff);
    }
}
