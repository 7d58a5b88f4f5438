//! Generated types to bits.

use asn1rs::prelude::{Null, Writable, WritableType};
use asn1rs::syn::{
    Writer as Asn1Writer, bitstring, boolean, choice, default, enumerated, ia5string, null, numbers, numericstring,
    octetstring, printablestring, sequence, sequenceof, set, setof, utf8string, visiblestring,
};

use super::sink::Sink;
use super::{ELEMENTS, Part, Size, path_text, width};
use crate::error::EncodeError;
use crate::wire::Names;

/// Writes generated types as bytes.
pub(crate) struct Writer {
    sink: Sink,
    /// The SEQUENCE whose components are being written; none inside a component.
    scope: Option<Fields>,
    elements_left: usize,
    names: &'static Names,
}

/// A SEQUENCE that is being written.
struct Fields {
    type_name: &'static str,
    next: u64,
    root: u64,
    optional_at: usize,
    /// Contents of the extension additions so far; they follow the root.
    additions: Vec<Option<Vec<u8>>>,
}

impl Writer {
    /// The bytes of one whole message.
    pub(crate) fn message<T: Writable>(value: &T, names: &'static Names) -> Result<Vec<u8>, EncodeError> {
        let mut writer = Writer { sink: Sink::default(), scope: None, elements_left: ELEMENTS, names };
        value.write(&mut writer)?;
        Ok(writer.sink.into_octets())
    }

    /// A value at its place: as a component of the SEQUENCE being written, or on its own. `None`: absent.
    #[inline]
    fn component(
        &mut self,
        optional: bool,
        write: Option<impl FnOnce(&mut Self) -> Result<(), EncodeError>>,
    ) -> Result<(), EncodeError> {
        let Some(mut fields) = self.scope.take() else {
            return write.map_or(Ok(()), |write| write(self));
        };
        let index = fields.next;
        fields.next += 1;
        let result = if index >= fields.root {
            self.addition(&mut fields, write)
        } else {
            if optional && write.is_some() {
                self.sink.set(fields.optional_at);
            }
            fields.optional_at += usize::from(optional);
            write.map_or(Ok(()), |write| write(self))
        };
        let type_name = fields.type_name;
        self.scope = Some(fields);
        let names = self.names;
        result.map_err(|e| named(e, names.part_of(type_name, index).map(Part::Name)))
    }

    fn required(&mut self, write: impl FnOnce(&mut Self) -> Result<(), EncodeError>) -> Result<(), EncodeError> {
        self.component(false, Some(write))
    }

    fn addition(
        &mut self,
        fields: &mut Fields,
        write: Option<impl FnOnce(&mut Self) -> Result<(), EncodeError>>,
    ) -> Result<(), EncodeError> {
        let content = write.map(|write| self.aside(write)).transpose()?;
        fields.additions.push(content);
        Ok(())
    }

    /// What `write` writes, as octets of its own: the content of an open type.
    fn aside(&mut self, write: impl FnOnce(&mut Self) -> Result<(), EncodeError>) -> Result<Vec<u8>, EncodeError> {
        let outer = std::mem::take(&mut self.sink);
        let result = write(self);
        let inner = std::mem::replace(&mut self.sink, outer);
        result.map(|()| inner.into_octets())
    }

    #[inline]
    fn sequence(
        &mut self,
        type_name: &'static str,
        optional_fields: u64,
        field_count: u64,
        extended_after: Option<u64>,
        write: impl Fn(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.required(|w| {
            if field_count == 1 && optional_fields == 0 && extended_after.is_none() {
                // A type that only wraps another: no bits of its own.
                let names = w.names;
                return write(w).map_err(|e| named(e, names.part_of(type_name, 0).map(Part::Name)));
            }
            let extension_bit = w.sink.len();
            if extended_after.is_some() {
                w.sink.put(0, 1);
            }
            let optional_at = w.sink.len();
            for _ in 0..optional_fields {
                w.sink.put(0, 1);
            }
            let root = extended_after.map_or(field_count, |last| last + 1);
            w.scope = Some(Fields { type_name, next: 0, root, optional_at, additions: Vec::new() });
            write(w)?;
            let additions = w.scope.take().map(|fields| fields.additions).unwrap_or_default();
            if additions.iter().any(Option::is_some) {
                w.sink.set(extension_bit);
                w.additions(&additions);
            }
            Ok(())
        })
    }

    /// Presence bits and contents of the extension additions (X.691, 19.7 to 19.9).
    fn additions(&mut self, additions: &[Option<Vec<u8>>]) {
        let count = additions.len() as u64;
        if count <= 64 {
            self.sink.put(count - 1, 7);
        } else {
            self.sink.put(1, 1);
            self.length(count);
        }
        additions.iter().for_each(|content| self.sink.put(u64::from(content.is_some()), 1));
        for content in additions.iter().flatten() {
            self.octets(content);
        }
    }

    /// A length determinant without limits, below 16384 (X.691, 11.9.3.6 and 11.9.3.7).
    fn length(&mut self, count: u64) {
        if count < 128 { self.sink.put(count, 8) } else { self.sink.put(0x8000 | count, 16) }
    }

    /// Length and octets, in fragments when there are many (X.691, 11.9.3.8).
    fn octets(&mut self, octets: &[u8]) {
        self.fragments(octets.len() as u64, |w, from, count| {
            let piece = octets.get(from as usize..(from + count) as usize).unwrap_or_default();
            w.sink.put_octets(piece);
            Ok(())
        })
        .unwrap_or_default();
    }

    fn fragments(
        &mut self,
        count: u64,
        mut write: impl FnMut(&mut Self, u64, u64) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let mut from = 0;
        while count - from >= 16_384 {
            let blocks = ((count - from) / 16_384).min(4);
            self.sink.put(0xc0 | blocks, 8);
            write(self, from, blocks * 16_384)?;
            from += blocks * 16_384;
        }
        self.length(count - from);
        write(self, from, count - from)
    }

    /// The items of a list or string: its length, then `write` from an item on, for so many items.
    #[inline]
    fn sized(
        &mut self,
        size: Size,
        count: u64,
        mut write: impl FnMut(&mut Self, u64, u64) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let in_root = size.holds(count);
        if size.extensible {
            self.sink.put(u64::from(!in_root), 1);
        } else if !in_root {
            let most = size.most.unwrap_or(u64::MAX);
            return Err(EncodeError::Count { field: String::new(), count: count as usize, least: size.least, most });
        }
        match size.most {
            Some(most) if in_root && most < 65_536 => {
                self.sink.put(count - size.least, width(most.saturating_sub(size.least)));
                write(self, 0, count)
            }
            _ => self.fragments(count, write),
        }
    }

    #[inline]
    fn list<T: WritableType>(&mut self, size: Size, list: &[T::Type]) -> Result<(), EncodeError> {
        self.required(|w| {
            let Some(left) = w.elements_left.checked_sub(list.len()) else {
                return Err(EncodeError::Count {
                    field: String::new(),
                    count: list.len(),
                    least: size.least,
                    most: w.elements_left as u64,
                });
            };
            w.elements_left = left;
            w.sized(size, list.len() as u64, |w, from, count| {
                let elements = list.iter().enumerate().skip(from as usize).take(count as usize);
                for (index, element) in elements {
                    T::write_value(w, element).map_err(|e| named(e, Some(Part::Index(index))))?;
                }
                Ok(())
            })
        })
    }

    fn characters(
        &mut self,
        size: Size,
        bits: u32,
        text: &str,
        code: fn(char) -> Option<u64>,
    ) -> Result<(), EncodeError> {
        self.required(|w| {
            let codes: Option<Vec<u64>> = text.chars().map(code).collect();
            let codes = codes.ok_or(EncodeError::NotAscii { field: String::new() })?;
            w.sized(size, codes.len() as u64, |w, from, count| {
                codes.iter().skip(from as usize).take(count as usize).for_each(|code| w.sink.put(*code, bits));
                Ok(())
            })
        })
    }

    /// A normally small number (X.691, 11.6).
    fn normally_small(&mut self, value: u64) {
        if value < 64 {
            self.sink.put(value, 7);
        } else {
            self.sink.put(1, 1);
            self.unsigned(value);
        }
    }

    fn unsigned(&mut self, value: u64) {
        let octets = width(value).div_ceil(8).max(1);
        self.length(u64::from(octets));
        self.sink.put(value, octets * 8);
    }

    fn signed(&mut self, value: i64) {
        let bits = u64::BITS + 1 - if value < 0 { value.leading_ones() } else { value.leading_zeros() };
        let octets = bits.div_ceil(8);
        self.length(u64::from(octets));
        self.sink.put(value as u64, octets * 8);
    }

    #[inline]
    fn integer<T: numbers::Number, C: numbers::Constraint<T>>(&mut self, value: i64) -> Result<(), EncodeError> {
        let in_root = C::MIN.is_none_or(|least| value >= least) && C::MAX.is_none_or(|most| value <= most);
        if C::EXTENSIBLE {
            self.sink.put(u64::from(!in_root), 1);
        } else if !in_root {
            let bound = |limit: Option<i64>| limit.map_or_else(String::new, |limit| limit.to_string());
            return Err(EncodeError::OutOfRange {
                field: String::new(),
                value: value.to_string(),
                allowed: format!("{}..{}", bound(C::MIN), bound(C::MAX)),
            });
        }
        match (C::MIN, C::MAX) {
            (Some(least), Some(most)) if in_root => self.sink.put(value.abs_diff(least), width(most.abs_diff(least))),
            (Some(least), None) if in_root => self.unsigned(value.abs_diff(least)),
            _ => self.signed(value),
        }
        Ok(())
    }

    /// Extension bit and index of an enumerator or alternative; whether it is an addition.
    fn index(&mut self, index: u64, extensible: bool, root: u64) -> bool {
        let added = index >= root;
        if extensible {
            self.sink.put(u64::from(added), 1);
        }
        if added {
            self.normally_small(index - root)
        } else {
            self.sink.put(index, width(root.saturating_sub(1)))
        }
        added
    }

    fn bit_string(&mut self, size: Size, octets: &[u8], bits: u64) -> Result<(), EncodeError> {
        self.required(|w| {
            w.sized(size, bits, |w, from, count| {
                for bit in from..from + count {
                    let set = octets.get((bit / 8) as usize).is_some_and(|octet| octet & (0x80 >> (bit % 8)) != 0);
                    w.sink.put(u64::from(set), 1);
                }
                Ok(())
            })
        })
    }
}

fn named(error: EncodeError, part: Option<Part>) -> EncodeError {
    match part {
        Some(part) => error.under(&path_text([part].iter())),
        None => error,
    }
}

fn ascii(character: char) -> Option<u64> {
    character.is_ascii().then_some(u64::from(u32::from(character)))
}

fn numeric(character: char) -> Option<u64> {
    " 0123456789".chars().position(|c| c == character).map(|at| at as u64)
}

impl Asn1Writer for Writer {
    type Error = EncodeError;

    #[inline]
    fn write_sequence<C: sequence::Constraint, F: Fn(&mut Self) -> Result<(), EncodeError>>(
        &mut self,
        f: F,
    ) -> Result<(), EncodeError> {
        self.sequence(C::NAME, C::STD_OPTIONAL_FIELDS, C::FIELD_COUNT, C::EXTENDED_AFTER_FIELD, f)
    }

    fn write_sequence_of<C: sequenceof::Constraint, T: WritableType>(
        &mut self,
        slice: &[T::Type],
    ) -> Result<(), EncodeError> {
        self.list::<T>(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), slice)
    }

    fn write_set<C: set::Constraint, F: Fn(&mut Self) -> Result<(), EncodeError>>(
        &mut self,
        f: F,
    ) -> Result<(), EncodeError> {
        self.sequence(C::NAME, C::STD_OPTIONAL_FIELDS, C::FIELD_COUNT, C::EXTENDED_AFTER_FIELD, f)
    }

    fn write_set_of<C: setof::Constraint, T: WritableType>(&mut self, slice: &[T::Type]) -> Result<(), EncodeError> {
        self.list::<T>(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), slice)
    }

    fn write_enumerated<C: enumerated::Constraint>(&mut self, enumerated: &C) -> Result<(), EncodeError> {
        let index = enumerated.to_choice_index();
        self.required(|w| {
            w.index(index, C::EXTENSIBLE, C::STD_VARIANT_COUNT);
            Ok(())
        })
    }

    fn write_choice<C: choice::Constraint>(&mut self, choice: &C) -> Result<(), EncodeError> {
        let index = choice.to_choice_index();
        self.required(|w| {
            let result = if w.index(index, C::EXTENSIBLE, C::STD_VARIANT_COUNT) {
                w.aside(|w| choice.write_content(w)).map(|content| w.octets(&content))
            } else {
                choice.write_content(w)
            };
            let names = w.names;
            result.map_err(|e| named(e, names.part_of(C::NAME, index).map(Part::Name)))
        })
    }

    #[inline]
    fn write_opt<T: WritableType>(&mut self, value: Option<&T::Type>) -> Result<(), EncodeError> {
        self.component(true, value.map(|value| |w: &mut Self| T::write_value(w, value)))
    }

    fn write_default<C: default::Constraint<Owned = T::Type>, T: WritableType>(
        &mut self,
        value: &T::Type,
    ) -> Result<(), EncodeError> {
        let other = (C::DEFAULT_VALUE != value).then_some(value);
        self.component(true, other.map(|value| |w: &mut Self| T::write_value(w, value)))
    }

    #[inline]
    fn write_number<T: numbers::Number, C: numbers::Constraint<T>>(&mut self, value: T) -> Result<(), EncodeError> {
        self.required(|w| w.integer::<T, C>(value.to_i64()))
    }

    fn write_utf8string<C: utf8string::Constraint>(&mut self, value: &str) -> Result<(), EncodeError> {
        self.required(|w| {
            w.octets(value.as_bytes());
            Ok(())
        })
    }

    fn write_ia5string<C: ia5string::Constraint>(&mut self, value: &str) -> Result<(), EncodeError> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), 7, value, ascii)
    }

    fn write_numeric_string<C: numericstring::Constraint>(&mut self, value: &str) -> Result<(), EncodeError> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), 4, value, numeric)
    }

    fn write_visible_string<C: visiblestring::Constraint>(&mut self, value: &str) -> Result<(), EncodeError> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), 7, value, ascii)
    }

    fn write_printable_string<C: printablestring::Constraint>(&mut self, value: &str) -> Result<(), EncodeError> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), 7, value, ascii)
    }

    fn write_octet_string<C: octetstring::Constraint>(&mut self, value: &[u8]) -> Result<(), EncodeError> {
        self.required(|w| {
            w.sized(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), value.len() as u64, |w, from, count| {
                w.sink.put_octets(value.get(from as usize..(from + count) as usize).unwrap_or_default());
                Ok(())
            })
        })
    }

    fn write_bit_string<C: bitstring::Constraint>(&mut self, value: &[u8], bit_len: u64) -> Result<(), EncodeError> {
        self.bit_string(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), value, bit_len)
    }

    fn write_boolean<C: boolean::Constraint>(&mut self, value: bool) -> Result<(), EncodeError> {
        self.required(|w| {
            w.sink.put(u64::from(value), 1);
            Ok(())
        })
    }

    fn write_null<C: null::Constraint>(&mut self, _value: &Null) -> Result<(), EncodeError> {
        self.required(|_| Ok(()))
    }
}
