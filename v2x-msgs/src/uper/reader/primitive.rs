//! The primitive encodings, read: lengths, numbers, strings (X.691, clauses 11 to 17 and 30).

use asn1rs::syn::numbers;

use super::Reader;
use crate::uper::fault::{ReadFault, Unreadable};
use crate::uper::text::Alphabet;
use crate::uper::{FRAGMENT, LENGTH_LIMIT, Size, octets_of, width};

impl Reader<'_> {
    /// A length determinant without limits (X.691, 11.9.3.5 to 11.9.3.8): the count, and whether more fragments follow.
    pub(super) fn length(&mut self) -> Result<(u64, bool), ReadFault> {
        if self.bits.take(1)? == 0 {
            return Ok((self.bits.take(7)?, false));
        }
        if self.bits.take(1)? == 0 {
            return Ok((self.bits.take(14)?, false));
        }
        match self.bits.take(6)? {
            blocks @ 1..=4 => Ok((blocks.saturating_mul(FRAGMENT), true)),
            _ => Err(self.bits.malformed("a fragment has 1 to 4 blocks")),
        }
    }

    /// A length determinant of something that is never sent in fragments.
    pub(super) fn single_length(&mut self) -> Result<u64, ReadFault> {
        match self.length()? {
            (count, false) => Ok(count),
            (_, true) => Err(self.bits.malformed("longer than 16383, which no part of these messages is")),
        }
    }

    pub(super) fn fragments(
        &mut self,
        mut read: impl FnMut(&mut Self, u64) -> Result<(), ReadFault>,
    ) -> Result<(), ReadFault> {
        loop {
            let (count, more) = self.length()?;
            read(self, count)?;
            if !more {
                return Ok(());
            }
        }
    }

    /// The items of a list or string: its length, then what `read` makes of so many items, once for every fragment.
    #[inline]
    pub(super) fn sized(
        &mut self,
        size: Size,
        mut read: impl FnMut(&mut Self, u64) -> Result<(), ReadFault>,
    ) -> Result<(), ReadFault> {
        let beyond_root = size.extensible && self.bits.take(1)? == 1;
        match size.most {
            Some(most) if !beyond_root && most < LENGTH_LIMIT => {
                let room = most.saturating_sub(size.least);
                let more = self.bits.take(width(room))?;
                let count = size.least.saturating_add(more);
                if more > room {
                    return Err(self.bits.fault(Unreadable::Length { length: count, least: size.least, most }));
                }
                read(self, count)
            }
            _ => {
                let mut total: u64 = 0;
                self.fragments(|r, count| {
                    total = total.saturating_add(count);
                    read(r, count)
                })?;
                if beyond_root || size.holds(total) {
                    return Ok(());
                }
                let most = size.most.unwrap_or(u64::MAX);
                Err(self.bits.fault(Unreadable::Length { length: total, least: size.least, most }))
            }
        }
    }

    /// Characters of a fixed number of bits (X.691, 30.5).
    pub(super) fn characters(&mut self, size: Size, alphabet: &Alphabet) -> Result<String, ReadFault> {
        self.required(|r| {
            let mut text = String::new();
            r.sized(size, |r, count| {
                text.reserve(octets_of(count).min(r.bits.left()));
                for _ in 0..count {
                    let code = r.bits.take(alphabet.bits)?;
                    let Some(c) = (alphabet.character)(code) else {
                        return Err(r.bits.fault(Unreadable::Character(code)));
                    };
                    text.push(c);
                }
                Ok(())
            })?;
            Ok(text)
        })
    }

    /// A normally small number (X.691, 11.6).
    pub(super) fn normally_small(&mut self) -> Result<u64, ReadFault> {
        if self.bits.take(1)? == 0 { self.bits.take(6) } else { self.unsigned() }
    }

    /// The octets of a number whose length says how many: its bits, and how many they are.
    fn number(&mut self) -> Result<(u64, u32), ReadFault> {
        match self.single_length()? {
            octets @ 1..=8 => {
                let bits = (octets as u32).saturating_mul(8);
                Ok((self.bits.take(bits)?, bits))
            }
            _ => Err(self.bits.malformed("a number has 1 to 8 octets")),
        }
    }

    /// A number of as many octets as its length says, without sign.
    pub(super) fn unsigned(&mut self) -> Result<u64, ReadFault> {
        self.number().map(|(value, _)| value)
    }

    pub(super) fn signed(&mut self) -> Result<i64, ReadFault> {
        let (value, bits) = self.number()?;
        let above = 64_u32.saturating_sub(bits);
        Ok(value.wrapping_shl(above).cast_signed().wrapping_shr(above))
    }

    #[inline]
    pub(super) fn integer<T: numbers::Number, C: numbers::Constraint<T>>(&mut self) -> Result<i64, ReadFault> {
        if C::EXTENSIBLE && self.bits.take(1)? == 1 {
            return self.signed();
        }
        match (C::MIN, C::MAX) {
            (Some(least), Some(most)) => {
                let offset = self.bits.take(width(most.abs_diff(least)))?;
                if offset > most.abs_diff(least) {
                    return Err(self.bits.fault(Unreadable::Beyond { least, most }));
                }
                Ok(least.wrapping_add_unsigned(offset))
            }
            (Some(least), None) => {
                let offset = self.unsigned()?;
                least.checked_add_unsigned(offset).ok_or_else(|| self.bits.malformed("a number beyond 63 bits"))
            }
            _ => self.signed(),
        }
    }

    pub(super) fn bit_string(&mut self, size: Size) -> Result<(Vec<u8>, u64), ReadFault> {
        self.required(|r| {
            let mut octets = Vec::new();
            let mut total: u64 = 0;
            r.sized(size, |r, count| {
                // Fragments are whole octets, all but the last.
                let rest = (count % 8) as u32;
                octets.reserve_exact(octets_of(count.div_ceil(8)).min(r.bits.left()));
                r.bits.octets(octets_of(count / 8), &mut octets)?;
                if rest > 0 {
                    octets.push(r.bits.take(rest)?.wrapping_shl(8_u32.saturating_sub(rest)) as u8);
                }
                total = total.saturating_add(count);
                Ok(())
            })?;
            Ok((octets, total))
        })
    }

    pub(super) fn octet_string(&mut self, size: Size) -> Result<Vec<u8>, ReadFault> {
        self.required(|r| {
            let mut octets = Vec::new();
            r.sized(size, |r, count| r.bits.octets(octets_of(count), &mut octets))?;
            Ok(octets)
        })
    }

    pub(super) fn utf8(&mut self) -> Result<String, ReadFault> {
        self.required(|r| {
            let mut octets = Vec::new();
            r.fragments(|r, count| r.bits.octets(octets_of(count), &mut octets))?;
            let text = String::from_utf8(octets).map_err(|_| r.bits.malformed("not UTF-8"))?;
            Ok(text)
        })
    }
}
