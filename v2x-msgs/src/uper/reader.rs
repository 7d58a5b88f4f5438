//! Bits to generated types.

mod primitive;

use std::mem::replace;

use asn1rs::prelude::{Null, Readable, ReadableType};
use asn1rs::syn::{
    Reader as Asn1Reader, bitstring, boolean, choice, default, enumerated, ia5string, null, numbers, numericstring,
    octetstring, printablestring, sequence, sequenceof, set, setof, utf8string, visiblestring,
};

use super::cursor::Cursor;
use super::fault::{ReadFault, Unreadable};
use super::newer::stand_in;
use super::scope::{Additions, Layout, Scope};
use super::text::{ASCII, NUMERIC};
use super::{ELEMENTS, MESSAGE_BYTES, Part, Size, octets_of, width};
use crate::error::DecodeError;
use crate::wire::Names;

/// Reads generated types from bytes.
pub(crate) struct Reader<'a> {
    bits: Cursor<'a>,
    scope: Scope,
    elements_left: usize,
    names: &'static Names,
}

/// What to undo behind a component that needed more than to be read.
struct Opened {
    plain: u64,
    /// Where the bits ended before this open type.
    end: usize,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], names: &'static Names) -> Reader<'a> {
        Reader { bits: Cursor::new(bytes), scope: Scope::OUTSIDE, elements_left: ELEMENTS, names }
    }

    /// One whole message: what is left over must be less than an octet of zero bits.
    pub(crate) fn message<T: Readable>(bytes: &'a [u8], names: &'static Names) -> Result<T, DecodeError> {
        Ok(Reader::new(bytes, names).whole::<T>()?)
    }

    // Superseded by the spans of `wire_json`, which go into open types too; tracing can leave this reader.
    #[allow(dead_code)]
    fn whole<T: Readable>(&mut self) -> Result<T, ReadFault> {
        if self.bits.left() / 8 > MESSAGE_BYTES {
            return Err(self.bits.fault(Unreadable::TooLong));
        }
        let message = T::read(self)?;
        self.bits.only_padding_left()?;
        Ok(message)
    }

    /// The fault of a component, alternative or enumerator, seen from its type.
    #[cold]
    #[inline(never)]
    fn inside(&self, fault: ReadFault, type_name: &str, index: u64) -> ReadFault {
        fault.inside(self.names.part_of(type_name, index).map(Part::Name))
    }

    /// A value that must be there: the next component of the SEQUENCE, or one on its own.
    #[inline]
    fn required<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, ReadFault>) -> Result<T, ReadFault> {
        if !self.scope.is_special() {
            self.scope.advance();
            return read(self);
        }
        let Some(opened) = self.open()? else {
            return Err(self.bits.malformed("a mandatory extension addition is absent"));
        };
        self.scope.advance();
        let value = read(self)?;
        self.close(&opened)?;
        Ok(value)
    }

    /// The next component of the SEQUENCE, which may be absent.
    #[inline]
    fn optional<T: ReadableType>(&mut self) -> Result<Option<T::Type>, ReadFault> {
        let opened = if self.scope.is_special() {
            match self.open()? {
                Some(opened) => Some(opened),
                None => return Ok(None),
            }
        } else if self.scope.take_presence() {
            None
        } else {
            self.scope.advance();
            return Ok(None);
        };
        // The value itself passes on to the next component.
        let value = match T::read_value(self) {
            Ok(value) => Some(value),
            Err(fault) if fault.is_unknown_itself() => None,
            Err(fault) => return Err(fault),
        };
        if let Some(opened) = opened {
            self.close(&opened)?;
        }
        Ok(value)
    }

    /// Whether an extension addition is there; its open type is entered. An absent one is passed.
    #[cold]
    #[inline(never)]
    fn open(&mut self) -> Result<Option<Opened>, ReadFault> {
        let Scope { next, root, plain, .. } = self.scope;
        self.scope.advance();
        if !self.is_added(next.saturating_sub(root))? {
            return Ok(None);
        }
        let end = self.enter()?;
        // The value comes next, and is nothing special any more.
        self.scope.next = next;
        self.scope.plain = u64::MAX;
        Ok(Some(Opened { plain, end }))
    }

    #[cold]
    #[inline(never)]
    fn close(&mut self, opened: &Opened) -> Result<(), ReadFault> {
        self.scope.plain = opened.plain;
        self.bits.widen(opened.end)
    }

    /// Ends the bits where those of an open type end; the end that held before.
    fn enter(&mut self) -> Result<usize, ReadFault> {
        let octets = self.single_length()?;
        self.bits.narrow(octets_of(octets).saturating_mul(8))
    }

    /// Whether an extension addition is there.
    fn is_added(&mut self, number: u64) -> Result<bool, ReadFault> {
        let (place, count) = self.additions()?;
        Ok(number < count && self.bits.bit_at(place.saturating_add(octets_of(number))))
    }

    /// Place and number of the presence bits of the additions.
    fn additions(&mut self) -> Result<(usize, u64), ReadFault> {
        match self.scope.additions {
            Additions::Sent { place, count } => Ok((place, count)),
            Additions::Ahead => {
                // X.691, 19.8: a normally small length, of which there is at least one.
                let count = match self.bits.take(1)? {
                    0 => self.bits.take(6)?.saturating_add(1),
                    _ => self.single_length()?,
                };
                let place = self.bits.at;
                self.bits.skip(octets_of(count))?;
                self.scope.additions = Additions::Sent { place, count };
                Ok((place, count))
            }
            Additions::None | Additions::Written { .. } => Ok((0, 0)),
        }
    }

    #[inline]
    fn sequence<T>(
        &mut self,
        layout: &'static Layout,
        read: impl Fn(&mut Self) -> Result<T, ReadFault>,
    ) -> Result<T, ReadFault> {
        if layout.is_bare() {
            return read(self).map_err(|fault| self.inside(fault, layout.type_name, 0));
        }
        self.required(|r| {
            let header = r.bits.take(layout.header())?;
            let extended = layout.extensible && header.wrapping_shr(layout.optional) == 1;
            let inner = Scope {
                next: 0,
                plain: layout.root,
                root: layout.root,
                presence: header.checked_shl(64_u32.saturating_sub(layout.optional)).unwrap_or(0),
                additions: if extended { Additions::Ahead } else { Additions::None },
            };
            let outer = replace(&mut r.scope, inner);
            let value = match read(r) {
                Ok(value) => value,
                Err(fault) => {
                    let failed = replace(&mut r.scope, outer);
                    return Err(r.inside(fault, layout.type_name, failed.last()));
                }
            };
            if extended {
                r.skip_unknown_additions()?;
            }
            r.scope = outer;
            Ok(value)
        })
    }

    #[cold]
    #[inline(never)]
    fn skip_unknown_additions(&mut self) -> Result<(), ReadFault> {
        let known = self.scope.next.saturating_sub(self.scope.root);
        let (_, sent) = self.additions()?;
        for number in known..sent {
            if self.is_added(number)? {
                self.skip_open()?;
            }
        }
        Ok(())
    }

    fn skip_open(&mut self) -> Result<(), ReadFault> {
        self.fragments(|r, octets| r.bits.skip(octets_of(octets).saturating_mul(8)))
    }

    /// Reads what is no component of the SEQUENCE around it.
    #[inline]
    fn apart<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, ReadFault>) -> Result<T, ReadFault> {
        let outer = replace(&mut self.scope, Scope::OUTSIDE);
        let value = read(self);
        self.scope = outer;
        value
    }

    #[inline]
    fn list<T: ReadableType>(&mut self, size: Size) -> Result<Vec<T::Type>, ReadFault> {
        self.required(|r| {
            let mut list = Vec::new();
            let read = r.apart(|r| r.sized(size, |r, count| r.elements::<T>(octets_of(count), &mut list)));
            match read {
                Ok(()) => Ok(list),
                Err(fault) => Err(fault),
            }
        })
    }

    #[inline]
    fn elements<T: ReadableType>(&mut self, count: usize, list: &mut Vec<T::Type>) -> Result<(), ReadFault> {
        match self.elements_left.checked_sub(count) {
            Some(left) => self.elements_left = left,
            None => return Err(self.bits.fault(Unreadable::Elements)),
        }
        list.reserve_exact(count.min(self.bits.left()));
        for _ in 0..count {
            match T::read_value(self) {
                Ok(element) => list.push(element),
                Err(fault) => return Err(fault.inside(Some(Part::Index(list.len())))),
            }
        }
        Ok(())
    }

    /// Extension bit and index of an enumerator or alternative; whether it is an addition.
    #[inline]
    fn index(&mut self, extensible: bool, root: u64) -> Result<(u64, bool), ReadFault> {
        if extensible && self.bits.take(1)? == 1 {
            return Ok((self.normally_small()?.saturating_add(root), true));
        }
        let index = self.bits.take(width(root.saturating_sub(1)))?;
        if index < root { Ok((index, false)) } else { Err(self.bits.fault(Unreadable::NoSuch { index, count: root })) }
    }

    #[inline]
    fn enumerator<C: enumerated::Constraint>(&mut self) -> Result<C, ReadFault> {
        let (index, added) = self.index(C::EXTENSIBLE, C::STD_VARIANT_COUNT)?;
        match C::from_choice_index(index) {
            Some(value) => Ok(value),
            None if added => self.newer(index),
            None => Err(self.bits.fault(Unreadable::NoSuch { index, count: C::STD_VARIANT_COUNT })),
        }
    }

    /// What an enumerator of a newer edition is read as.
    #[cold]
    #[inline(never)]
    fn newer<C: enumerated::Constraint>(&self, index: u64) -> Result<C, ReadFault> {
        let stand_in = stand_in(self.names.parts_of(C::NAME)).and_then(|at| C::from_choice_index(at as u64));
        stand_in.ok_or_else(|| self.bits.fault(Unreadable::Unknown(index)))
    }

    #[inline]
    fn alternative<C: choice::Constraint>(&mut self) -> Result<C, ReadFault> {
        let (index, added) = self.index(C::EXTENSIBLE, C::STD_VARIANT_COUNT)?;
        if index >= C::VARIANT_COUNT {
            let newer = self.bits.fault(Unreadable::Unknown(index));
            self.skip_open()?;
            return Err(newer);
        }
        let read = self.apart(|r| {
            if !added {
                return C::read_content(index, r);
            }
            let end = r.enter()?;
            let value = C::read_content(index, r)?;
            r.bits.widen(end)?;
            Ok(value)
        });
        match read {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(self.bits.fault(Unreadable::NoSuch { index, count: C::VARIANT_COUNT })),
            Err(fault) => Err(self.inside(fault, C::NAME, index)),
        }
    }
}

impl Asn1Reader for Reader<'_> {
    type Error = ReadFault;

    #[inline]
    fn read_sequence<C: sequence::Constraint, S: Sized, F: Fn(&mut Self) -> Result<S, ReadFault>>(
        &mut self,
        f: F,
    ) -> Result<S, ReadFault> {
        let layout = const { &Layout::new(C::NAME, C::STD_OPTIONAL_FIELDS, C::FIELD_COUNT, C::EXTENDED_AFTER_FIELD) };
        self.sequence(layout, f)
    }

    fn read_sequence_of<C: sequenceof::Constraint, T: ReadableType>(&mut self) -> Result<Vec<T::Type>, ReadFault> {
        self.list::<T>(Size::new(C::MIN, C::MAX, C::EXTENSIBLE))
    }

    fn read_set<C: set::Constraint, S: Sized, F: Fn(&mut Self) -> Result<S, ReadFault>>(
        &mut self,
        f: F,
    ) -> Result<S, ReadFault> {
        let layout = const { &Layout::new(C::NAME, C::STD_OPTIONAL_FIELDS, C::FIELD_COUNT, C::EXTENDED_AFTER_FIELD) };
        self.sequence(layout, f)
    }

    fn read_set_of<C: setof::Constraint, T: ReadableType>(&mut self) -> Result<Vec<T::Type>, ReadFault> {
        self.list::<T>(Size::new(C::MIN, C::MAX, C::EXTENSIBLE))
    }

    #[inline]
    fn read_enumerated<C: enumerated::Constraint>(&mut self) -> Result<C, ReadFault> {
        self.required(Reader::enumerator::<C>)
    }

    fn read_choice<C: choice::Constraint>(&mut self) -> Result<C, ReadFault> {
        self.required(Reader::alternative::<C>)
    }

    #[inline]
    fn read_opt<T: ReadableType>(&mut self) -> Result<Option<T::Type>, ReadFault> {
        self.optional::<T>()
    }

    #[inline]
    fn read_default<C: default::Constraint<Owned = T::Type>, T: ReadableType>(&mut self) -> Result<T::Type, ReadFault> {
        Ok(self.optional::<T>()?.unwrap_or_else(|| C::DEFAULT_VALUE.to_owned()))
    }

    #[inline]
    fn read_number<T: numbers::Number, C: numbers::Constraint<T>>(&mut self) -> Result<T, ReadFault> {
        self.required(|r| {
            let value = r.integer::<T, C>()?;
            let fitting = T::from_i64(value);
            if fitting.to_i64() != value {
                return Err(r.bits.fault(Unreadable::TooWide(value)));
            }
            Ok(fitting)
        })
    }

    fn read_utf8string<C: utf8string::Constraint>(&mut self) -> Result<String, ReadFault> {
        self.utf8()
    }

    fn read_ia5string<C: ia5string::Constraint>(&mut self) -> Result<String, ReadFault> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), &ASCII)
    }

    fn read_numeric_string<C: numericstring::Constraint>(&mut self) -> Result<String, ReadFault> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), &NUMERIC)
    }

    fn read_visible_string<C: visiblestring::Constraint>(&mut self) -> Result<String, ReadFault> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), &ASCII)
    }

    fn read_printable_string<C: printablestring::Constraint>(&mut self) -> Result<String, ReadFault> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), &ASCII)
    }

    fn read_octet_string<C: octetstring::Constraint>(&mut self) -> Result<Vec<u8>, ReadFault> {
        self.octet_string(Size::new(C::MIN, C::MAX, C::EXTENSIBLE))
    }

    fn read_bit_string<C: bitstring::Constraint>(&mut self) -> Result<(Vec<u8>, u64), ReadFault> {
        self.bit_string(Size::new(C::MIN, C::MAX, C::EXTENSIBLE))
    }

    fn read_boolean<C: boolean::Constraint>(&mut self) -> Result<bool, ReadFault> {
        self.required(|r| {
            let value = r.bits.take(1)? == 1;
            Ok(value)
        })
    }

    fn read_null<C: null::Constraint>(&mut self) -> Result<Null, ReadFault> {
        self.required(|_| Ok(Null))
    }
}
