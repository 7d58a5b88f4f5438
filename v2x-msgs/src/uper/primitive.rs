//! The primitive encodings: lengths, numbers, strings (X.691, clauses 11 to 17 and 30).

use asn1rs::syn::numbers;

use super::cursor::Fault;
use super::reader::Reader;
use super::{Size, width};

impl Reader<'_> {
    /// A length determinant without limits (X.691, 11.9.3.5 to 11.9.3.8): the count, and whether more fragments follow.
    pub(super) fn length(&mut self) -> Result<(u64, bool), Fault> {
        if self.bits.take(1)? == 0 {
            return Ok((self.bits.take(7)?, false));
        }
        if self.bits.take(1)? == 0 {
            return Ok((self.bits.take(14)?, false));
        }
        match self.bits.take(6)? {
            blocks @ 1..=4 => Ok((blocks * 16_384, true)),
            blocks => Err(self.bits.malformed(format!("a fragment of {blocks} blocks; 1 to 4 are allowed"))),
        }
    }

    /// A length determinant of something that is never sent in fragments.
    pub(super) fn single_length(&mut self) -> Result<u64, Fault> {
        match self.length()? {
            (count, false) => Ok(count),
            (_, true) => Err(self.bits.malformed("longer than 16383, which no part of these messages is")),
        }
    }

    pub(super) fn fragments(&mut self, mut read: impl FnMut(&mut Self, u64) -> Result<(), Fault>) -> Result<(), Fault> {
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
        mut read: impl FnMut(&mut Self, u64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let beyond_root = size.extensible && self.bits.take(1)? == 1;
        match size.most {
            Some(most) if !beyond_root && most < 65_536 => {
                let count = size.least + self.bits.take(width(most.saturating_sub(size.least)))?;
                if count > most {
                    return Err(self.bits.malformed(format!("length {count}, at most {most} are allowed")));
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
                    Ok(())
                } else {
                    Err(self.bits.malformed(format!("length {total} is not allowed here")))
                }
            }
        }
    }

    /// Characters of a fixed number of bits (X.691, 30.5).
    pub(super) fn characters(
        &mut self,
        size: Size,
        bits: u32,
        character: fn(u64) -> Option<char>,
    ) -> Result<String, Fault> {
        self.required(|r| {
            let mut text = String::new();
            r.sized(size, |r, count| {
                for _ in 0..count {
                    let code = r.bits.take(bits)?;
                    let Some(c) = character(code) else {
                        return Err(r.bits.malformed(format!("character {code} is not in the alphabet")));
                    };
                    text.push(c);
                }
                Ok(())
            })?;
            r.note(|| text.clone());
            Ok(text)
        })
    }

    /// A normally small number (X.691, 11.6).
    pub(super) fn normally_small(&mut self) -> Result<u64, Fault> {
        if self.bits.take(1)? == 0 { self.bits.take(6) } else { self.unsigned() }
    }

    /// A number of as many octets as its length says, without sign.
    pub(super) fn unsigned(&mut self) -> Result<u64, Fault> {
        match self.single_length()? {
            octets @ 1..=8 => self.bits.take(octets as u32 * 8),
            octets => Err(self.bits.malformed(format!("a number of {octets} octets"))),
        }
    }

    pub(super) fn signed(&mut self) -> Result<i64, Fault> {
        match self.single_length()? {
            octets @ 1..=8 => {
                let bits = octets as u32 * 8;
                Ok((self.bits.take(bits)? << (64 - bits)) as i64 >> (64 - bits))
            }
            octets => Err(self.bits.malformed(format!("a number of {octets} octets"))),
        }
    }

    #[inline]
    pub(super) fn integer<T: numbers::Number, C: numbers::Constraint<T>>(&mut self) -> Result<i64, Fault> {
        if C::EXTENSIBLE && self.bits.take(1)? == 1 {
            return self.signed();
        }
        match (C::MIN, C::MAX) {
            (Some(least), Some(most)) => {
                let offset = self.bits.take(width(most.abs_diff(least)))?;
                if offset > most.abs_diff(least) {
                    return Err(self.bits.malformed(format!("beyond the range {least}..{most}")));
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

    pub(super) fn bit_string(&mut self, size: Size) -> Result<(Vec<u8>, u64), Fault> {
        self.required(|r| {
            let mut octets = Vec::new();
            let mut total: u64 = 0;
            r.sized(size, |r, count| {
                // Fragments are whole octets, all but the last.
                r.bits.octets((count / 8) as usize, &mut octets)?;
                let rest = (count % 8) as u32;
                if rest > 0 {
                    octets.push((r.bits.take(rest)? << (8 - rest)) as u8);
                }
                total = total.saturating_add(count);
                Ok(())
            })?;
            r.note(|| (0..total).map(|bit| if is_set(&octets, bit) { '1' } else { '0' }).collect());
            Ok((octets, total))
        })
    }

    pub(super) fn octet_string(&mut self, size: Size) -> Result<Vec<u8>, Fault> {
        self.required(|r| {
            let mut octets = Vec::new();
            r.sized(size, |r, count| r.bits.octets(count as usize, &mut octets))?;
            r.note(|| crate::hex::to_hex(&octets));
            Ok(octets)
        })
    }
}

fn is_set(octets: &[u8], bit: u64) -> bool {
    octets.get((bit / 8) as usize).is_some_and(|octet| octet & (0x80 >> (bit % 8)) != 0)
}

/// 7-bit characters stand for themselves.
pub(super) fn ascii(code: u64) -> Option<char> {
    u8::try_from(code).ok().filter(u8::is_ascii).map(char::from)
}

/// NumericString: its characters are numbered in their order.
pub(super) fn numeric(code: u64) -> Option<char> {
    " 0123456789".chars().nth(usize::try_from(code).ok()?)
}
