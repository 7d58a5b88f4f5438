//! Bits of a received message, most significant first.

use std::borrow::Cow;

use super::fault::{Fault, ReadFault, Unreadable};
use super::ones;

/// A place in a bit string, and where it ends for now (an open type ends earlier than the message).
#[derive(Copy, Clone, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
    /// Where the message or the innermost open type begins, while nothing of it has been read.
    begin: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Cursor<'a> {
        Cursor { bytes, at: 0, begin: 0, end: bytes.len().saturating_mul(8) }
    }

    pub(crate) fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    #[cold]
    #[inline(never)]
    fn truncated(&self) -> ReadFault {
        Fault::new(self.end, Unreadable::Truncated)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn fault(&self, kind: Unreadable) -> ReadFault {
        Fault::new(self.at, kind)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn malformed(&self, what: impl Into<Cow<'static, str>>) -> ReadFault {
        Fault::new(self.at, Unreadable::Malformed(what.into()))
    }

    /// The next `bits` bits, at most 64, as a number.
    #[inline]
    pub(crate) fn take(&mut self, bits: u32) -> Result<u64, ReadFault> {
        let at = self.at;
        // A slice has at most isize::MAX octets, but its bits may be more than a usize: `end` is never beyond.
        let after = at.saturating_add(bits as usize);
        if after > self.end {
            return Err(self.truncated());
        }
        self.at = after;
        Ok(self.window(at, bits))
    }

    /// So many bits from a place; those beyond the bytes are zero.
    #[inline]
    fn window(&self, at: usize, bits: u32) -> u64 {
        match self.bytes.get(at / 8..).and_then(|rest| rest.first_chunk::<8>()) {
            // 57 bits are in 8 octets wherever they begin.
            Some(eight) if bits <= 57 => {
                let aligned = u64::from_be_bytes(*eight).wrapping_shl((at % 8) as u32);
                aligned.checked_shr(64_u32.saturating_sub(bits)).unwrap_or(0)
            }
            _ => self.wide_window(at, bits),
        }
    }

    /// As [`Cursor::window`], for up to 64 bits and near the end of the bytes.
    #[cold]
    #[inline(never)]
    fn wide_window(&self, at: usize, bits: u32) -> u64 {
        let rest = self.bytes.get(at / 8..).unwrap_or_default();
        let octets = rest.iter().copied().chain(std::iter::repeat(0)).take(9);
        let nine = octets.fold(0_u128, |wide, octet| wide << 8 | u128::from(octet));
        let behind = 72_u32.saturating_sub((at % 8) as u32).saturating_sub(bits);
        nine.wrapping_shr(behind) as u64 & ones(bits)
    }

    /// One bit at an absolute place that was passed already.
    pub(crate) fn bit_at(&self, place: usize) -> bool {
        self.window(place, 1) == 1
    }

    /// Passes over bits.
    #[inline]
    pub(crate) fn skip(&mut self, bits: usize) -> Result<(), ReadFault> {
        if self.left() < bits {
            return Err(self.truncated());
        }
        self.at = self.at.saturating_add(bits);
        Ok(())
    }

    /// Octets, appended to `to`.
    pub(crate) fn octets(&mut self, count: usize, to: &mut Vec<u8>) -> Result<(), ReadFault> {
        if self.left() / 8 < count {
            return Err(self.truncated());
        }
        if self.at.is_multiple_of(8) {
            let octets = self.bytes.get(self.at / 8..).unwrap_or_default();
            to.extend_from_slice(octets.get(..count).unwrap_or_default());
            return self.skip(count.saturating_mul(8));
        }
        to.reserve_exact(count);
        for _ in 0..count / 4 {
            to.extend_from_slice(&(self.take(32)? as u32).to_be_bytes());
        }
        for _ in 0..count % 4 {
            to.push(self.take(8)? as u8);
        }
        Ok(())
    }

    /// Ends the readable bits `bits` further on, and gives the end that held before.
    pub(crate) fn narrow(&mut self, bits: usize) -> Result<usize, ReadFault> {
        if self.left() < bits {
            return Err(self.truncated());
        }
        self.begin = self.at;
        Ok(std::mem::replace(&mut self.end, self.at.saturating_add(bits)))
    }

    /// Passes what is left inside the narrowed part, which must be less than one octet of zero bits, and widens again.
    pub(crate) fn widen(&mut self, end: usize) -> Result<(), ReadFault> {
        self.only_padding_left()?;
        self.at = self.end;
        self.end = end;
        Ok(())
    }

    /// Whether less than one octet is left and all its bits are zero. What has no bits at all is one whole octet of them
    /// (X.691, 11.1.3).
    pub(crate) fn only_padding_left(&self) -> Result<(), ReadFault> {
        let left = self.left();
        let most = if self.at == self.begin { 8 } else { 7 };
        match left {
            0 if self.at == self.begin => Err(self.truncated()),
            _ if left > most => Err(self.fault(Unreadable::LeftOver(left))),
            _ if self.window(self.at, left as u32) != 0 => {
                Err(self.malformed("the padding bits at the end are not zero"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used)]
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
        assert!(Cursor::clone(&cursor).take(5).is_err());
        cursor.widen(end).unwrap();
        assert_eq!(cursor.take(8).unwrap(), 0xff);
    }

    #[test]
    fn what_has_no_bits_is_one_octet_of_zeros() {
        for (bytes, is_nothing) in [(&[0_u8][..], true), (&[1], false), (&[0, 0], false), (&[], false)] {
            assert_eq!(Cursor::new(bytes).only_padding_left().is_ok(), is_nothing);
        }
        let mut cursor = Cursor::new(&[0xff, 0, 0xff]);
        cursor.take(8).unwrap();
        let end = cursor.narrow(8).unwrap();
        cursor.widen(end).unwrap();
        assert_eq!(cursor.take(8).unwrap(), 0xff);
        assert!(cursor.only_padding_left().is_ok());
    }
}
