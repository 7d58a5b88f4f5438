//! The primitive encodings, written: lengths, numbers, strings (X.691, clauses 11 to 17 and 30).

use asn1rs::syn::numbers;

use super::Writer;
use crate::uper::fault::{Unwritable, WriteFault};
use crate::uper::text::Alphabet;
use crate::uper::{FRAGMENT, LENGTH_LIMIT, Size, octets_of, width};

impl Writer {
    /// A length determinant without limits, below 16384 (X.691, 11.9.3.6 and 11.9.3.7).
    pub(super) fn length(&mut self, count: u64) {
        if count < 128 { self.sink.put(count, 8) } else { self.sink.put(0x8000 | count, 16) }
    }

    /// Length and octets, in fragments when there are many (X.691, 11.9.3.8).
    pub(super) fn octets(&mut self, octets: &[u8]) {
        self.fragments(octets.len() as u64, |w, from, count| w.piece(octets, from, count));
    }

    pub(super) fn piece(&mut self, octets: &[u8], from: u64, count: u64) {
        let rest = octets.get(octets_of(from)..).unwrap_or_default();
        self.sink.put_octets(rest.get(..octets_of(count)).unwrap_or_default());
    }

    pub(super) fn fragments(&mut self, count: u64, mut write: impl FnMut(&mut Self, u64, u64)) {
        let mut from = 0;
        let mut left = count;
        while left >= FRAGMENT {
            let blocks = (left / FRAGMENT).min(4);
            let items = blocks.saturating_mul(FRAGMENT);
            self.sink.put(0xc0 | blocks, 8);
            write(self, from, items);
            from = from.saturating_add(items);
            left = left.saturating_sub(items);
        }
        self.length(left);
        write(self, from, left);
    }

    /// The length of a list or string, where it is one number; else how its items must go: in fragments.
    #[inline]
    pub(super) fn size(&mut self, size: Size, count: u64) -> Result<bool, WriteFault> {
        let in_root = size.holds(count);
        if size.extensible {
            self.sink.put(u64::from(!in_root), 1);
        } else if !in_root {
            let most = size.most.unwrap_or(u64::MAX);
            return Err(self.fault(Unwritable::Count { count, least: size.least, most }));
        }
        match size.most {
            Some(most) if in_root && most < LENGTH_LIMIT => {
                self.sink.put(count.wrapping_sub(size.least), width(most.saturating_sub(size.least)));
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// The items of a string: its length, then `write` from an item on, for so many items.
    #[inline]
    pub(super) fn sized(
        &mut self,
        size: Size,
        count: u64,
        mut write: impl FnMut(&mut Self, u64, u64),
    ) -> Result<(), WriteFault> {
        if self.size(size, count)? {
            write(self, 0, count);
        } else {
            self.fragments(count, write);
        }
        Ok(())
    }

    pub(super) fn characters(&mut self, size: Size, alphabet: &Alphabet, text: &str) -> Result<(), WriteFault> {
        self.required(|w| {
            if !text.chars().all(|c| (alphabet.code)(c).is_some()) {
                return Err(w.fault(Unwritable::NotAscii));
            }
            // Every character is one octet, as only ASCII is left.
            w.sized(size, text.len() as u64, |w, from, count| {
                let characters = text.chars().skip(octets_of(from)).take(octets_of(count));
                characters.filter_map(alphabet.code).for_each(|code| w.sink.put(code, alphabet.bits));
            })
        })
    }

    /// A normally small number (X.691, 11.6).
    pub(super) fn normally_small(&mut self, value: u64) {
        if value < 64 {
            self.sink.put(value, 7);
        } else {
            self.sink.put(1, 1);
            self.unsigned(value);
        }
    }

    pub(super) fn unsigned(&mut self, value: u64) {
        let octets = width(value).div_ceil(8).max(1);
        self.length(u64::from(octets));
        self.sink.put(value, octets.saturating_mul(8));
    }

    pub(super) fn signed(&mut self, value: i64) {
        let same = if value < 0 { value.leading_ones() } else { value.leading_zeros() };
        let octets = 65_u32.saturating_sub(same).div_ceil(8);
        self.length(u64::from(octets));
        self.sink.put(value.cast_unsigned(), octets.saturating_mul(8));
    }

    #[inline]
    pub(super) fn integer<T: numbers::Number, C: numbers::Constraint<T>>(
        &mut self,
        value: i64,
    ) -> Result<(), WriteFault> {
        let in_root = C::MIN.is_none_or(|least| value >= least) && C::MAX.is_none_or(|most| value <= most);
        if C::EXTENSIBLE {
            self.sink.put(u64::from(!in_root), 1);
        } else if !in_root {
            return Err(self.fault(Unwritable::OutOfRange { value, least: C::MIN, most: C::MAX }));
        }
        match (C::MIN, C::MAX) {
            (Some(least), Some(most)) if in_root => self.sink.put(value.abs_diff(least), width(most.abs_diff(least))),
            (Some(least), None) if in_root => self.unsigned(value.abs_diff(least)),
            _ => self.signed(value),
        }
        Ok(())
    }

    pub(super) fn bit_string(&mut self, size: Size, octets: &[u8], bits: u64) -> Result<(), WriteFault> {
        self.required(|w| {
            w.sized(size, bits, |w, from, count| {
                // Fragments are whole octets, all but the last.
                w.piece(octets, from / 8, count / 8);
                let rest = (count % 8) as u32;
                let last = from.saturating_add(count) / 8;
                let last = octets.get(octets_of(last)).copied().unwrap_or(0);
                w.sink.put(u64::from(last).wrapping_shr(8_u32.saturating_sub(rest)), rest);
            })
        })
    }
}
