//! Generated types to bits.

mod primitive;

use std::mem::replace;

use asn1rs::prelude::{Null, Writable, WritableType};
use asn1rs::syn::{
    Writer as Asn1Writer, bitstring, boolean, choice, default, enumerated, ia5string, null, numbers, numericstring,
    octetstring, printablestring, sequence, sequenceof, set, setof, utf8string, visiblestring,
};

use super::fault::{Fault, Unwritable, WriteFault};
use super::scope::{Additions, Layout, Scope};
use super::sink::Sink;
use super::text::{ASCII, NUMERIC};
use super::{ELEMENTS, Part, Size, octets_of, width};
use crate::error::EncodeError;
use crate::wire::Names;

/// Writes generated types as bytes.
pub(crate) struct Writer {
    sink: Sink,
    scope: Scope,
    /// Contents of the extension additions of the SEQUENCEs that are being written; they follow the root.
    contents: Vec<Vec<u8>>,
    elements_left: usize,
    names: &'static Names,
}

/// What to do behind an extension addition.
struct Opened {
    plain: u64,
    /// Where the addition is to go.
    outer: Sink,
}

impl Writer {
    /// The bytes of one whole message.
    pub(crate) fn message<T: Writable>(value: &T, names: &'static Names) -> Result<Vec<u8>, EncodeError> {
        let sink = Sink::with_room();
        let mut writer = Writer { sink, scope: Scope::OUTSIDE, contents: Vec::new(), elements_left: ELEMENTS, names };
        value.write(&mut writer)?;
        Ok(writer.sink.into_octets())
    }

    #[cold]
    #[inline(never)]
    fn fault(&self, kind: Unwritable) -> WriteFault {
        Fault::new(self.sink.len(), kind)
    }

    /// The fault of a component or alternative, seen from its type.
    #[cold]
    #[inline(never)]
    fn inside(&self, fault: WriteFault, type_name: &str, index: u64) -> WriteFault {
        fault.inside(self.names.part_of(type_name, index).map(Part::Name))
    }

    /// A value: the next component of the SEQUENCE, or one on its own.
    #[inline]
    fn required(&mut self, write: impl FnOnce(&mut Self) -> Result<(), WriteFault>) -> Result<(), WriteFault> {
        if !self.scope.is_special() {
            self.scope.advance();
            return write(self);
        }
        let opened = self.open();
        self.scope.advance();
        write(self)?;
        self.close(opened);
        Ok(())
    }

    /// The next component of the SEQUENCE, which may be absent.
    #[inline]
    fn optional<T: WritableType>(&mut self, value: Option<&T::Type>) -> Result<(), WriteFault> {
        let Some(value) = value else {
            self.absent();
            return Ok(());
        };
        if self.scope.is_special() {
            let opened = self.open();
            T::write_value(self, value)?;
            self.close(opened);
            return Ok(());
        }
        self.scope.put_presence(true);
        // The value itself passes on to the next component.
        T::write_value(self, value)
    }

    #[inline]
    fn absent(&mut self) {
        if !self.scope.is_special() {
            self.scope.put_presence(false);
        } else if let Additions::Written { presence } = &mut self.scope.additions {
            *presence = presence.wrapping_shl(1);
        }
        self.scope.advance();
    }

    /// An extension addition begins: its octets go aside until the root is complete.
    #[cold]
    #[inline(never)]
    fn open(&mut self) -> Opened {
        let before = match self.scope.additions {
            Additions::Written { presence } => presence,
            _ => 0,
        };
        self.scope.additions = Additions::Written { presence: before.wrapping_shl(1) | 1 };
        Opened { plain: replace(&mut self.scope.plain, u64::MAX), outer: std::mem::take(&mut self.sink) }
    }

    #[cold]
    #[inline(never)]
    fn close(&mut self, opened: Opened) {
        self.scope.plain = opened.plain;
        let content = replace(&mut self.sink, opened.outer);
        self.contents.push(content.into_octets());
    }

    #[inline]
    fn sequence(
        &mut self,
        layout: &'static Layout,
        write: impl Fn(&mut Self) -> Result<(), WriteFault>,
    ) -> Result<(), WriteFault> {
        if layout.is_bare() {
            return write(self).map_err(|fault| self.inside(fault, layout.type_name, 0));
        }
        self.required(|w| {
            let header = w.sink.len();
            w.sink.put(0, layout.header());
            let inner =
                Scope { next: 0, plain: layout.root, root: layout.root, presence: 0, additions: Additions::None };
            let outer = replace(&mut w.scope, inner);
            let contents = w.contents.len();
            let written = write(w);
            let inner = replace(&mut w.scope, outer);
            if let Err(fault) = written {
                return Err(w.inside(fault, layout.type_name, inner.last()));
            }
            let extended = layout.extensible && inner.additions != Additions::None;
            if layout.header() > 0 {
                let bits = inner.presence | u64::from(extended).wrapping_shl(layout.optional);
                w.sink.set(header, layout.header(), bits);
            }
            if extended {
                w.additions(&inner, contents);
            }
            Ok(())
        })
    }

    /// Presence bits and contents of the extension additions (X.691, 19.7 to 19.9); `from`: the first of the contents.
    #[cold]
    #[inline(never)]
    fn additions(&mut self, scope: &Scope, from: usize) {
        let Additions::Written { presence } = scope.additions else { return };
        let count = scope.next.saturating_sub(scope.root);
        self.sink.put(count.saturating_sub(1), 7);
        self.sink.put(presence, count as u32);
        for content in self.contents.split_off(from) {
            self.octets(&content);
        }
    }

    /// Writes what is no component of the SEQUENCE around it.
    #[inline]
    fn apart(&mut self, write: impl FnOnce(&mut Self) -> Result<(), WriteFault>) -> Result<(), WriteFault> {
        let outer = replace(&mut self.scope, Scope::OUTSIDE);
        let written = write(self);
        self.scope = outer;
        written
    }

    #[inline]
    fn list<T: WritableType>(&mut self, size: Size, list: &[T::Type]) -> Result<(), WriteFault> {
        self.required(|w| {
            let count = list.len() as u64;
            match w.elements_left.checked_sub(list.len()) {
                Some(left) => w.elements_left = left,
                None => {
                    let most = w.elements_left as u64;
                    return Err(w.fault(Unwritable::Count { count, least: size.least, most }));
                }
            }
            let whole = w.size(size, count)?;
            w.apart(|w| if whole { w.elements::<T>(list, 0) } else { w.fragments_of::<T>(list) })
        })
    }

    #[inline]
    fn elements<T: WritableType>(&mut self, list: &[T::Type], from: usize) -> Result<(), WriteFault> {
        for (index, element) in list.iter().enumerate() {
            if let Err(fault) = T::write_value(self, element) {
                return Err(fault.inside(Some(Part::Index(from.saturating_add(index)))));
            }
        }
        Ok(())
    }

    /// A list whose length is beyond its limits, or that has none.
    #[cold]
    #[inline(never)]
    fn fragments_of<T: WritableType>(&mut self, list: &[T::Type]) -> Result<(), WriteFault> {
        let mut result = Ok(());
        self.fragments(list.len() as u64, |w, from, count| {
            let (from, count) = (octets_of(from), octets_of(count));
            let elements = list.get(from..).and_then(|rest| rest.get(..count)).unwrap_or_default();
            if result.is_ok() {
                result = w.elements::<T>(elements, from);
            }
        });
        result
    }

    /// Extension bit and index of an enumerator or alternative; whether it is an addition.
    #[inline]
    fn index(&mut self, index: u64, extensible: bool, root: u64) -> bool {
        let added = index >= root;
        if added {
            self.sink.put(1, 1);
            self.normally_small(index.saturating_sub(root));
        } else {
            self.sink.put(index, width(root.saturating_sub(1)).saturating_add(u32::from(extensible)));
        }
        added
    }

    #[inline]
    fn alternative<C: choice::Constraint>(&mut self, choice: &C) -> Result<(), WriteFault> {
        let index = choice.to_choice_index();
        let written = if self.index(index, C::EXTENSIBLE, C::STD_VARIANT_COUNT) {
            let outer = std::mem::take(&mut self.sink);
            let written = self.apart(|w| choice.write_content(w));
            let content = replace(&mut self.sink, outer).into_octets();
            self.octets(&content);
            written
        } else {
            self.apart(|w| choice.write_content(w))
        };
        written.map_err(|fault| self.inside(fault, C::NAME, index))
    }
}

impl Asn1Writer for Writer {
    type Error = WriteFault;

    #[inline]
    fn write_sequence<C: sequence::Constraint, F: Fn(&mut Self) -> Result<(), WriteFault>>(
        &mut self,
        f: F,
    ) -> Result<(), WriteFault> {
        let layout = const { &Layout::new(C::NAME, C::STD_OPTIONAL_FIELDS, C::FIELD_COUNT, C::EXTENDED_AFTER_FIELD) };
        self.sequence(layout, f)
    }

    fn write_sequence_of<C: sequenceof::Constraint, T: WritableType>(
        &mut self,
        slice: &[T::Type],
    ) -> Result<(), WriteFault> {
        self.list::<T>(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), slice)
    }

    fn write_set<C: set::Constraint, F: Fn(&mut Self) -> Result<(), WriteFault>>(
        &mut self,
        f: F,
    ) -> Result<(), WriteFault> {
        let layout = const { &Layout::new(C::NAME, C::STD_OPTIONAL_FIELDS, C::FIELD_COUNT, C::EXTENDED_AFTER_FIELD) };
        self.sequence(layout, f)
    }

    fn write_set_of<C: setof::Constraint, T: WritableType>(&mut self, slice: &[T::Type]) -> Result<(), WriteFault> {
        self.list::<T>(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), slice)
    }

    fn write_enumerated<C: enumerated::Constraint>(&mut self, enumerated: &C) -> Result<(), WriteFault> {
        let index = enumerated.to_choice_index();
        self.required(|w| {
            w.index(index, C::EXTENSIBLE, C::STD_VARIANT_COUNT);
            Ok(())
        })
    }

    fn write_choice<C: choice::Constraint>(&mut self, choice: &C) -> Result<(), WriteFault> {
        self.required(|w| w.alternative(choice))
    }

    #[inline]
    fn write_opt<T: WritableType>(&mut self, value: Option<&T::Type>) -> Result<(), WriteFault> {
        self.optional::<T>(value)
    }

    #[inline]
    fn write_default<C: default::Constraint<Owned = T::Type>, T: WritableType>(
        &mut self,
        value: &T::Type,
    ) -> Result<(), WriteFault> {
        self.optional::<T>((C::DEFAULT_VALUE != value).then_some(value))
    }

    #[inline]
    fn write_number<T: numbers::Number, C: numbers::Constraint<T>>(&mut self, value: T) -> Result<(), WriteFault> {
        self.required(|w| w.integer::<T, C>(value.to_i64()))
    }

    fn write_utf8string<C: utf8string::Constraint>(&mut self, value: &str) -> Result<(), WriteFault> {
        self.required(|w| {
            w.octets(value.as_bytes());
            Ok(())
        })
    }

    fn write_ia5string<C: ia5string::Constraint>(&mut self, value: &str) -> Result<(), WriteFault> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), &ASCII, value)
    }

    fn write_numeric_string<C: numericstring::Constraint>(&mut self, value: &str) -> Result<(), WriteFault> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), &NUMERIC, value)
    }

    fn write_visible_string<C: visiblestring::Constraint>(&mut self, value: &str) -> Result<(), WriteFault> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), &ASCII, value)
    }

    fn write_printable_string<C: printablestring::Constraint>(&mut self, value: &str) -> Result<(), WriteFault> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), &ASCII, value)
    }

    fn write_octet_string<C: octetstring::Constraint>(&mut self, value: &[u8]) -> Result<(), WriteFault> {
        self.required(|w| {
            w.sized(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), value.len() as u64, |w, from, count| {
                w.piece(value, from, count);
            })
        })
    }

    fn write_bit_string<C: bitstring::Constraint>(&mut self, value: &[u8], bit_len: u64) -> Result<(), WriteFault> {
        self.bit_string(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), value, bit_len)
    }

    fn write_boolean<C: boolean::Constraint>(&mut self, value: bool) -> Result<(), WriteFault> {
        self.required(|w| {
            w.sink.put(u64::from(value), 1);
            Ok(())
        })
    }

    fn write_null<C: null::Constraint>(&mut self, _value: &Null) -> Result<(), WriteFault> {
        self.required(|_| Ok(()))
    }
}
