//! Bits to generated types.

use asn1rs::prelude::{Null, Readable, ReadableType};
use asn1rs::syn::{
    Reader as Asn1Reader, bitstring, boolean, choice, default, enumerated, ia5string, null, numbers, numericstring,
    octetstring, printablestring, sequence, sequenceof, set, setof, utf8string, visiblestring,
};

use super::cursor::{Cursor, Fault, Kind};
use super::fields::Fields;
use super::primitive::{ascii, numeric};
use super::{ELEMENTS, MESSAGE_BYTES, Part, Size, path_text, width};
use crate::wire::Names;

/// Reads generated types from bytes.
pub(crate) struct Reader<'a> {
    pub(super) bits: Cursor<'a>,
    /// The SEQUENCE whose components are being read; none inside a component.
    scope: Option<Fields>,
    elements_left: usize,
    trace: Option<Trace>,
    names: &'static Names,
}

/// Where one field lies in the bits of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The way to it.
    pub path: String,
    /// First bit.
    pub bit: usize,
    /// Number of bits.
    pub bits: usize,
    /// Its value, when it has no parts.
    pub value: Option<String>,
}

#[derive(Default)]
struct Trace {
    path: Vec<Part>,
    spans: Vec<Span>,
    value: Option<String>,
}

impl<'a> Reader<'a> {
    /// A reader at the first bit.
    pub(crate) fn new(bytes: &'a [u8], names: &'static Names) -> Reader<'a> {
        Reader { bits: Cursor::new(bytes), scope: None, elements_left: ELEMENTS, trace: None, names }
    }

    /// One whole message: what is left over must be less than an octet of zero bits.
    pub(crate) fn message<T: Readable>(bytes: &[u8], names: &'static Names) -> Result<T, Fault> {
        let mut reader = Reader::new(bytes, names);
        reader.whole::<T>()
    }

    // Superseded by the spans of `wire_json`, which go into open types too; tracing can leave this reader.
    #[allow(dead_code)]
    /// Where every field of one whole message lies, in the order of their first bits, outer before inner.
    pub(crate) fn spans<T: Readable>(bytes: &[u8], names: &'static Names) -> Result<Vec<Span>, Fault> {
        let mut reader = Reader { trace: Some(Trace::default()), ..Reader::new(bytes, names) };
        reader.whole::<T>()?;
        Ok(reader.trace.map(|t| t.spans).unwrap_or_default())
    }

    fn whole<T: Readable>(&mut self) -> Result<T, Fault> {
        if self.bits.left() / 8 > MESSAGE_BYTES {
            return Err(self.bits.malformed(format!("a message has at most {MESSAGE_BYTES} octets")));
        }
        let message = T::read(self)?;
        self.bits.only_padding_left()?;
        Ok(message)
    }

    /// A part of a value: notes its place when asked to, and names it when it fails.
    #[inline]
    fn part<T>(
        &mut self,
        part: impl Fn() -> Option<Part>,
        read: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if self.trace.is_none() {
            return read(self).map_err(|fault| fault.inside(part()));
        }
        let span = self.enter(&part);
        let result = read(self).map_err(|fault| fault.inside(part()));
        self.leave(span);
        result
    }

    fn enter(&mut self, part: impl Fn() -> Option<Part>) -> Option<usize> {
        let bit = self.bits.at;
        let trace = self.trace.as_mut()?;
        trace.path.push(part()?);
        trace.spans.push(Span { path: path_text(trace.path.iter()), bit, bits: 0, value: None });
        Some(trace.spans.len() - 1)
    }

    fn leave(&mut self, span: Option<usize>) {
        let at = self.bits.at;
        if let (Some(trace), Some(index)) = (self.trace.as_mut(), span) {
            trace.path.pop();
            let value = trace.value.take();
            if let Some(span) = trace.spans.get_mut(index) {
                span.bits = at - span.bit;
                span.value = value;
            }
        }
    }

    /// Notes a value without parts, when asked to.
    #[inline]
    pub(super) fn note(&mut self, value: impl FnOnce() -> String) {
        if let Some(trace) = self.trace.as_mut() {
            trace.value = Some(value());
        }
    }

    /// A value at its place: as a component of the SEQUENCE being read, or on its own. `None`: absent.
    #[inline]
    pub(super) fn component<T>(
        &mut self,
        optional: bool,
        read: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let Some(mut fields) = self.scope.take() else { return read(self).map(Some) };
        let index = fields.next;
        fields.next += 1;
        let (names, type_name) = (self.names, fields.type_name);
        let part = || names.part_of(type_name, index).map(Part::Name);
        let value = if index >= fields.root {
            let (value, additions) = self.addition(&fields, index - fields.root, part, read)?;
            fields.additions = additions;
            value
        } else if optional {
            let present = self.bits.bit_at(fields.optional_at);
            fields.optional_at += 1;
            if present { Some(self.part(part, read)?) } else { None }
        } else {
            Some(self.part(part, read)?)
        };
        self.scope = Some(fields);
        Ok(value)
    }

    /// A component that must be there.
    #[inline]
    pub(super) fn required<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        match self.component(false, read)? {
            Some(value) => Ok(value),
            None => Err(self.bits.malformed("a mandatory extension addition is absent")),
        }
    }

    #[allow(clippy::type_complexity)]
    fn addition<T>(
        &mut self,
        fields: &Fields,
        index: u64,
        part: impl Fn() -> Option<Part>,
        read: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<(Option<T>, Option<(usize, u64)>), Fault> {
        if !fields.extended {
            return Ok((None, None));
        }
        let (place, sent) = self.additions(fields)?;
        let present = index < sent && self.bits.bit_at(place + index as usize);
        let value = if present { Some(self.part(part, |r| r.open(read))?) } else { None };
        Ok((value, Some((place, sent))))
    }

    /// Place and number of the presence bits of the additions.
    fn additions(&mut self, fields: &Fields) -> Result<(usize, u64), Fault> {
        if let Some(header) = fields.additions {
            return Ok(header);
        }
        // X.691, 19.8: a normally small length, of which there is at least one.
        let sent = if self.bits.take(1)? == 0 { self.bits.take(6)? + 1 } else { self.single_length()? };
        let place = self.bits.at;
        self.bits.skip(sent as usize)?;
        Ok((place, sent))
    }

    #[inline]
    fn sequence<T>(
        &mut self,
        type_name: &'static str,
        optional_fields: u64,
        field_count: u64,
        extended_after: Option<u64>,
        read: impl Fn(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.required(|r| {
            if field_count == 1 && optional_fields == 0 && extended_after.is_none() {
                // A type that only wraps another: no bits of its own.
                let names = r.names;
                return r.part(|| names.part_of(type_name, 0).map(Part::Name), read);
            }
            let extended = extended_after.is_some() && r.bits.take(1)? == 1;
            let optional_at = r.bits.at;
            r.bits.skip(optional_fields as usize)?;
            let root = extended_after.map_or(field_count, |last| last + 1);
            r.scope = Some(Fields { type_name, next: 0, root, optional_at, extended, additions: None });
            let value = read(r)?;
            match r.scope.take() {
                Some(fields) if extended => r.skip_unknown_additions(&fields)?,
                _ => {}
            }
            Ok(value)
        })
    }

    fn skip_unknown_additions(&mut self, fields: &Fields) -> Result<(), Fault> {
        let (place, sent) = self.additions(fields)?;
        for index in fields.next.saturating_sub(fields.root)..sent {
            if self.bits.bit_at(place + index as usize) {
                self.skip_open()?;
            }
        }
        Ok(())
    }

    /// A value in an open type: it ends where its length says, whatever is in it.
    fn open<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let octets = self.single_length()?;
        let end = self.bits.narrow((octets as usize).saturating_mul(8))?;
        let value = read(self)?;
        self.bits.widen(end)?;
        Ok(value)
    }

    fn skip_open(&mut self) -> Result<(), Fault> {
        self.fragments(|r, octets| r.bits.skip((octets as usize).saturating_mul(8)))
    }

    #[inline]
    fn list<T: ReadableType>(&mut self, size: Size) -> Result<Vec<T::Type>, Fault> {
        self.required(|r| {
            let mut list = Vec::new();
            r.sized(size, |r, count| {
                let count = count as usize;
                r.elements_left = match r.elements_left.checked_sub(count) {
                    Some(left) => left,
                    None => return Err(r.bits.malformed(format!("more than {ELEMENTS} list elements in one message"))),
                };
                list.reserve(count.min(r.bits.left()));
                for _ in 0..count {
                    let index = list.len();
                    let element = r.part(|| Some(Part::Index(index)), T::read_value)?;
                    list.push(element);
                }
                Ok(())
            })?;
            Ok(list)
        })
    }

    #[inline]
    fn enumerator<C: enumerated::Constraint>(&mut self) -> Result<C, Fault> {
        let (index, added) = if C::EXTENSIBLE && self.bits.take(1)? == 1 {
            (self.normally_small()?.saturating_add(C::STD_VARIANT_COUNT), true)
        } else {
            (self.bits.take(width(C::STD_VARIANT_COUNT.saturating_sub(1)))?, false)
        };
        let names = self.names;
        self.note(|| names.part_of(C::NAME, index).map_or_else(|| index.to_string(), str::to_owned));
        let known = if added || index < C::STD_VARIANT_COUNT { C::from_choice_index(index) } else { None };
        match known {
            Some(value) => Ok(value),
            None if added => match (names.part_of(C::NAME, 0), C::from_choice_index(0)) {
                (Some("unknown" | "unavailable"), Some(unknown)) => Ok(unknown),
                _ => Err(Fault::new(self.bits.at, Kind::Unknown(index))),
            },
            None => Err(self.bits.malformed(format!("value {index}; there are {}", C::STD_VARIANT_COUNT))),
        }
    }

    fn alternative<C: choice::Constraint>(&mut self) -> Result<C, Fault> {
        let added = C::EXTENSIBLE && self.bits.take(1)? == 1;
        let index = if added {
            self.normally_small()?.saturating_add(C::STD_VARIANT_COUNT)
        } else {
            self.bits.take(width(C::STD_VARIANT_COUNT.saturating_sub(1)))?
        };
        let names = self.names;
        let part = || names.part_of(C::NAME, index).map(Part::Name);
        let value = match (added, index < if added { C::VARIANT_COUNT } else { C::STD_VARIANT_COUNT }) {
            (true, true) => self.part(part, |r| r.open(|r| C::read_content(index, r)))?,
            (false, true) => self.part(part, |r| C::read_content(index, r))?,
            (true, false) => {
                let at = self.bits.at;
                self.skip_open()?;
                return Err(Fault::new(at, Kind::Unknown(index)));
            }
            (false, false) => None,
        };
        value.ok_or_else(|| self.bits.malformed(format!("alternative {index}; there are {}", C::STD_VARIANT_COUNT)))
    }
}

impl Asn1Reader for Reader<'_> {
    type Error = Fault;

    #[inline]
    fn read_sequence<C: sequence::Constraint, S: Sized, F: Fn(&mut Self) -> Result<S, Fault>>(
        &mut self,
        f: F,
    ) -> Result<S, Fault> {
        self.sequence(C::NAME, C::STD_OPTIONAL_FIELDS, C::FIELD_COUNT, C::EXTENDED_AFTER_FIELD, f)
    }

    fn read_sequence_of<C: sequenceof::Constraint, T: ReadableType>(&mut self) -> Result<Vec<T::Type>, Fault> {
        self.list::<T>(Size::new(C::MIN, C::MAX, C::EXTENSIBLE))
    }

    fn read_set<C: set::Constraint, S: Sized, F: Fn(&mut Self) -> Result<S, Fault>>(
        &mut self,
        f: F,
    ) -> Result<S, Fault> {
        self.sequence(C::NAME, C::STD_OPTIONAL_FIELDS, C::FIELD_COUNT, C::EXTENDED_AFTER_FIELD, f)
    }

    fn read_set_of<C: setof::Constraint, T: ReadableType>(&mut self) -> Result<Vec<T::Type>, Fault> {
        self.list::<T>(Size::new(C::MIN, C::MAX, C::EXTENSIBLE))
    }

    #[inline]
    fn read_enumerated<C: enumerated::Constraint>(&mut self) -> Result<C, Fault> {
        self.required(Reader::enumerator::<C>)
    }

    fn read_choice<C: choice::Constraint>(&mut self) -> Result<C, Fault> {
        self.required(Reader::alternative::<C>)
    }

    #[inline]
    fn read_opt<T: ReadableType>(&mut self) -> Result<Option<T::Type>, Fault> {
        let value = self.component(true, |r| match T::read_value(r) {
            Ok(value) => Ok(Some(value)),
            Err(fault) if fault.is_unknown_itself() => Ok(None),
            Err(fault) => Err(fault),
        })?;
        Ok(value.flatten())
    }

    fn read_default<C: default::Constraint<Owned = T::Type>, T: ReadableType>(&mut self) -> Result<T::Type, Fault> {
        let value = self.component(true, T::read_value)?;
        Ok(value.unwrap_or_else(|| C::DEFAULT_VALUE.to_owned()))
    }

    #[inline]
    fn read_number<T: numbers::Number, C: numbers::Constraint<T>>(&mut self) -> Result<T, Fault> {
        self.required(|r| {
            let value = r.integer::<T, C>()?;
            let fitting = T::from_i64(value);
            if fitting.to_i64() != value {
                return Err(r.bits.malformed(format!("{value} is beyond what is kept")));
            }
            r.note(|| value.to_string());
            Ok(fitting)
        })
    }

    fn read_utf8string<C: utf8string::Constraint>(&mut self) -> Result<String, Fault> {
        self.required(|r| {
            let mut octets = Vec::new();
            r.fragments(|r, count| r.bits.octets(count as usize, &mut octets))?;
            let text = String::from_utf8(octets).map_err(|_| r.bits.malformed("not UTF-8"))?;
            r.note(|| text.clone());
            Ok(text)
        })
    }

    fn read_ia5string<C: ia5string::Constraint>(&mut self) -> Result<String, Fault> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), 7, ascii)
    }

    fn read_numeric_string<C: numericstring::Constraint>(&mut self) -> Result<String, Fault> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), 4, numeric)
    }

    fn read_visible_string<C: visiblestring::Constraint>(&mut self) -> Result<String, Fault> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), 7, ascii)
    }

    fn read_printable_string<C: printablestring::Constraint>(&mut self) -> Result<String, Fault> {
        self.characters(Size::new(C::MIN, C::MAX, C::EXTENSIBLE), 7, ascii)
    }

    fn read_octet_string<C: octetstring::Constraint>(&mut self) -> Result<Vec<u8>, Fault> {
        self.octet_string(Size::new(C::MIN, C::MAX, C::EXTENSIBLE))
    }

    fn read_bit_string<C: bitstring::Constraint>(&mut self) -> Result<(Vec<u8>, u64), Fault> {
        self.bit_string(Size::new(C::MIN, C::MAX, C::EXTENSIBLE))
    }

    fn read_boolean<C: boolean::Constraint>(&mut self) -> Result<bool, Fault> {
        self.required(|r| {
            let value = r.bits.take(1)? == 1;
            r.note(|| value.to_string());
            Ok(value)
        })
    }

    fn read_null<C: null::Constraint>(&mut self) -> Result<Null, Fault> {
        self.required(|_| Ok(Null))
    }
}
