//! Lengths and numbers in the bits (X.691, clauses 11 and 13), for values whose limits stand in a table.

use super::decode::Decoder;
use crate::uper::{Fault, Size, width};

impl Decoder<'_> {
    /// A length determinant without limits (11.9.3.5 to 11.9.3.8): the count, and whether more fragments follow.
    fn length(&mut self) -> Result<(u64, bool), Fault> {
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

    /// Calls `read` with the length of every fragment.
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
                self.fragments(|d, count| {
                    total = total.saturating_add(count);
                    read(d, count)
                })?;
                if beyond_root || size.holds(total) {
                    Ok(())
                } else {
                    Err(self.bits.malformed(format!("length {total} is not allowed here")))
                }
            }
        }
    }

    /// A normally small number (11.6).
    pub(super) fn normally_small(&mut self) -> Result<u64, Fault> {
        if self.bits.take(1)? == 0 {
            return self.bits.take(6);
        }
        match self.single_length()? {
            octets @ 1..=8 => self.bits.take(octets as u32 * 8),
            octets => Err(self.bits.malformed(format!("a number of {octets} octets"))),
        }
    }

    pub(super) fn integer(&mut self, least: Option<i64>, most: Option<i64>, extensible: bool) -> Result<i64, Fault> {
        if extensible && self.bits.take(1)? == 1 {
            return self.signed();
        }
        let (Some(least), Some(most)) = (least, most) else { return self.signed() };
        let offset = self.bits.take(width(most.abs_diff(least)))?;
        if offset > most.abs_diff(least) {
            return Err(self.bits.malformed(format!("beyond the range {least}..{most}")));
        }
        Ok(least.wrapping_add_unsigned(offset))
    }

    fn signed(&mut self) -> Result<i64, Fault> {
        match self.single_length()? {
            octets @ 1..=8 => {
                let bits = octets as u32 * 8;
                Ok((self.bits.take(bits)? << (64 - bits)) as i64 >> (64 - bits))
            }
            octets => Err(self.bits.malformed(format!("a number of {octets} octets"))),
        }
    }
}
