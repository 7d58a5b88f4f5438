//! Random valid messages, for tests: a "reader" that draws every value instead of reading it.

use asn1rs::prelude::{Null, Readable, ReadableType};
use asn1rs::syn::{
    Reader as Asn1Reader, bitstring, boolean, choice, default, enumerated, ia5string, null, numbers, numericstring,
    octetstring, printablestring, sequence, sequenceof, set, setof, utf8string, visiblestring,
};

use crate::uper::Size;

/// List elements beyond what the type demands, all lists together.
const SPARE_ELEMENTS: u64 = 60;

/// Draws generated types.
pub(super) struct Sampler<'a> {
    draw: &'a mut dyn FnMut() -> u64,
    spare: u64,
}

/// A generated type cannot be drawn; no type of ours is like that.
#[derive(Debug)]
pub(super) struct Undrawable;

impl<'a> Sampler<'a> {
    /// A random value.
    pub(super) fn value<T: Readable>(draw: &'a mut dyn FnMut() -> u64) -> Result<T, Undrawable> {
        T::read(&mut Sampler { draw, spare: SPARE_ELEMENTS })
    }

    fn below(&mut self, most: u64) -> u64 {
        (self.draw)() % most.max(1)
    }

    /// One time in `n`.
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn length(&mut self, size: Size) -> u64 {
        let room = size.most.map_or(u64::MAX, |most| most.saturating_sub(size.least));
        size.least + self.below(room.min(40).saturating_add(1))
    }

    fn list<T: ReadableType>(&mut self, size: Size) -> Result<Vec<T::Type>, Undrawable> {
        let room = size.most.map_or(u64::MAX, |most| most.saturating_sub(size.least)).min(self.spare);
        let longest = if self.one_in(4) { room } else { room.min(2) };
        let more = self.below(longest.saturating_add(1));
        self.spare -= more;
        (0..size.least + more).map(|_| T::read_value(self)).collect()
    }

    fn text(&mut self, size: Size, alphabet: &[u8]) -> String {
        let length = self.length(size);
        (0..length)
            .filter_map(|_| alphabet.get(self.below(alphabet.len() as u64) as usize))
            .map(|b| char::from(*b))
            .collect()
    }

    fn octets(&mut self, length: u64) -> Vec<u8> {
        (0..length).map(|_| (self.draw)() as u8).collect()
    }
}

const GRAPHIC: &[u8] =
    b" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
const PRINTABLE: &[u8] = b" '()+,-./0123456789:=?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Asn1Reader for Sampler<'_> {
    type Error = Undrawable;

    fn read_sequence<C: sequence::Constraint, S: Sized, F: Fn(&mut Self) -> Result<S, Undrawable>>(
        &mut self,
        f: F,
    ) -> Result<S, Undrawable> {
        f(self)
    }

    fn read_sequence_of<C: sequenceof::Constraint, T: ReadableType>(&mut self) -> Result<Vec<T::Type>, Undrawable> {
        self.list::<T>(Size::new(C::MIN, C::MAX, C::EXTENSIBLE))
    }

    fn read_set<C: set::Constraint, S: Sized, F: Fn(&mut Self) -> Result<S, Undrawable>>(
        &mut self,
        f: F,
    ) -> Result<S, Undrawable> {
        f(self)
    }

    fn read_set_of<C: setof::Constraint, T: ReadableType>(&mut self) -> Result<Vec<T::Type>, Undrawable> {
        self.list::<T>(Size::new(C::MIN, C::MAX, C::EXTENSIBLE))
    }

    fn read_enumerated<C: enumerated::Constraint>(&mut self) -> Result<C, Undrawable> {
        C::from_choice_index(self.below(C::VARIANT_COUNT)).ok_or(Undrawable)
    }

    fn read_choice<C: choice::Constraint>(&mut self) -> Result<C, Undrawable> {
        C::read_content(self.below(C::VARIANT_COUNT), self)?.ok_or(Undrawable)
    }

    fn read_opt<T: ReadableType>(&mut self) -> Result<Option<T::Type>, Undrawable> {
        if self.one_in(2) { T::read_value(self).map(Some) } else { Ok(None) }
    }

    fn read_default<C: default::Constraint<Owned = T::Type>, T: ReadableType>(
        &mut self,
    ) -> Result<T::Type, Undrawable> {
        if self.one_in(2) { T::read_value(self) } else { Ok(C::DEFAULT_VALUE.to_owned()) }
    }

    /// The ends of the range come up often.
    fn read_number<T: numbers::Number, C: numbers::Constraint<T>>(&mut self) -> Result<T, Undrawable> {
        let (least, most) = (C::MIN.unwrap_or(i64::MIN), C::MAX.unwrap_or(i64::MAX));
        let drawn = match self.below(8) {
            0 => least,
            1 => most,
            _ => least.wrapping_add_unsigned(self.below(most.abs_diff(least).saturating_add(1))),
        };
        Ok(T::from_i64(drawn))
    }

    fn read_utf8string<C: utf8string::Constraint>(&mut self) -> Result<String, Undrawable> {
        Ok(self.text(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), GRAPHIC))
    }

    fn read_ia5string<C: ia5string::Constraint>(&mut self) -> Result<String, Undrawable> {
        Ok(self.text(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), GRAPHIC))
    }

    fn read_numeric_string<C: numericstring::Constraint>(&mut self) -> Result<String, Undrawable> {
        Ok(self.text(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), b" 0123456789"))
    }

    fn read_visible_string<C: visiblestring::Constraint>(&mut self) -> Result<String, Undrawable> {
        Ok(self.text(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), GRAPHIC))
    }

    fn read_printable_string<C: printablestring::Constraint>(&mut self) -> Result<String, Undrawable> {
        Ok(self.text(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), PRINTABLE))
    }

    fn read_octet_string<C: octetstring::Constraint>(&mut self) -> Result<Vec<u8>, Undrawable> {
        let length = self.length(Size::new(C::MIN, C::MAX, C::EXTENSIBLE));
        Ok(self.octets(length))
    }

    /// Where the size is extensible, a longer one comes up now and then.
    fn read_bit_string<C: bitstring::Constraint>(&mut self) -> Result<(Vec<u8>, u64), Undrawable> {
        let mut bits = self.length(Size::new(C::MIN, C::MAX, C::EXTENSIBLE));
        if C::EXTENSIBLE && self.one_in(8) {
            bits += 1 + self.below(9);
        }
        let mut octets = self.octets(bits.div_ceil(8));
        if let Some(last) = octets.last_mut().filter(|_| !bits.is_multiple_of(8)) {
            *last &= 0xff << (8 - bits % 8);
        }
        Ok((octets, bits))
    }

    fn read_boolean<C: boolean::Constraint>(&mut self) -> Result<bool, Undrawable> {
        Ok(self.one_in(2))
    }

    fn read_null<C: null::Constraint>(&mut self) -> Result<Null, Undrawable> {
        Ok(Null)
    }
}
