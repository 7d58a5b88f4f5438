//! Bits to wire-level JSON, along the shapes of a schema.

use serde_json::{Map, Value, json};

use super::identifier;
use crate::hex::to_hex;
use crate::shape::{Component, Schema, Shape};
use crate::uper::{Cursor, ELEMENTS, Fault, Kind, MESSAGE_BYTES, Part, Size, Span, path_text, stand_in, width};

/// Open types within open types that are gone into; the deepest of the standards are three.
const OPEN_DEPTH: usize = 8;

/// Reads values of any type of a schema.
pub(super) struct Decoder<'a> {
    pub(super) bits: Cursor<'a>,
    schema: &'static Schema,
    elements_left: usize,
    open_depth: usize,
    trace: Option<Trace>,
}

/// The fields passed so far.
#[derive(Default)]
struct Trace {
    path: Vec<Part>,
    spans: Vec<Span>,
}

impl<'a> Decoder<'a> {
    fn new(bytes: &'a [u8], schema: &'static Schema) -> Decoder<'a> {
        Decoder { bits: Cursor::new(bytes), schema, elements_left: ELEMENTS, open_depth: 0, trace: None }
    }

    /// One whole value: what is left over must be less than an octet of zero bits.
    pub(super) fn whole(bytes: &'a [u8], schema: &'static Schema, shape: &'static Shape) -> Result<Value, Fault> {
        Decoder::new(bytes, schema).everything(shape)
    }

    /// Where every field lies, in the order of the first bits, outer before inner.
    pub(super) fn spans(bytes: &'a [u8], schema: &'static Schema, shape: &'static Shape) -> Result<Vec<Span>, Fault> {
        let mut decoder = Decoder { trace: Some(Trace::default()), ..Decoder::new(bytes, schema) };
        decoder.everything(shape)?;
        Ok(decoder.trace.map(|trace| trace.spans).unwrap_or_default())
    }

    fn everything(&mut self, shape: &'static Shape) -> Result<Value, Fault> {
        if self.bits.left() / 8 > MESSAGE_BYTES {
            return Err(self.bits.malformed(format!("a message has at most {MESSAGE_BYTES} octets")));
        }
        let value = self.value(shape)?;
        self.bits.only_padding_left()?;
        Ok(value)
    }

    /// A part of a value: notes its place when asked to, and names it when it fails.
    fn part(&mut self, part: Part, read: impl FnOnce(&mut Self) -> Result<Value, Fault>) -> Result<Value, Fault> {
        let bit = self.bits.at;
        let index = self.trace.as_mut().map(|trace| {
            trace.path.push(part);
            let path = path_text(trace.path.iter());
            trace.spans.push(Span { path, bit, bits: 0, value: None });
            trace.spans.len() - 1
        });
        let result = read(self).map_err(|fault| fault.inside(Some(part)));
        let end = self.bits.at;
        if let (Some(trace), Some(index)) = (self.trace.as_mut(), index) {
            trace.path.pop();
            let has_parts = trace.spans.len() > index + 1;
            if let Some(span) = trace.spans.get_mut(index) {
                span.bits = end - span.bit;
                span.value = result.as_ref().ok().filter(|_| !has_parts).and_then(text_of);
            }
        }
        result
    }

    fn value(&mut self, shape: &'static Shape) -> Result<Value, Fault> {
        match shape {
            Shape::Reference(_) => self.value(self.schema.resolve(shape)),
            Shape::Boolean => Ok(json!(self.bits.take(1)? == 1)),
            Shape::Null => Ok(Value::Null),
            Shape::Integer { least, most, extensible } => Ok(json!(self.integer(*least, *most, *extensible)?)),
            Shape::Enumerated { names, root, extensible } => self.enumerator(names, *root as u64, *extensible),
            Shape::Bits { size, .. } => self.bit_string(*size),
            Shape::Octets { size } => Ok(json!({ "hex": to_hex(&self.octet_string(*size)?) })),
            Shape::Ascii { size } => self.text(*size),
            Shape::Identifier { relative } => {
                let octets = self.octet_string(Size::new(None, None, false))?;
                Ok(identifier::to_json(&octets, *relative))
            }
            Shape::List { of, size } => self.list(of, *size),
            Shape::Sequence { parts, root, extensible } => self.sequence(parts, *root, *extensible),
            Shape::Choice { parts, root, extensible } => self.alternative(parts, *root as u64, *extensible),
            // Only inside a SEQUENCE, which knows the selector.
            Shape::Open { .. } => self.unknown_content(),
        }
    }

    fn sequence(&mut self, parts: &'static [Component], root: usize, extensible: bool) -> Result<Value, Fault> {
        let extended = extensible && self.bits.take(1)? == 1;
        let mut presence = self.bits.at;
        self.bits.skip(parts.iter().take(root).filter(|part| part.optional).count())?;
        let mut object = Map::new();
        for part in parts.iter().take(root) {
            let present = !part.optional || self.bits.bit_at(presence);
            presence += usize::from(part.optional);
            if present {
                self.component(&mut object, part, |d, number| d.content(part, number))?;
            }
        }
        if extended {
            self.additions(&mut object, parts.get(root..).unwrap_or_default())?;
        }
        Ok(Value::Object(object))
    }

    /// A component that is there. One that is optional and of a newer edition counts as absent.
    fn component(
        &mut self,
        object: &mut Map<String, Value>,
        part: &'static Component,
        read: impl FnOnce(&mut Self, Option<i64>) -> Result<Value, Fault>,
    ) -> Result<(), Fault> {
        let number = match part.shape {
            Shape::Open { selector, .. } => object.get(selector).and_then(Value::as_i64),
            _ => None,
        };
        let mut of_newer_edition = false;
        let value = self.part(Part::Name(part.name), |d| match read(d, number) {
            Err(fault) if part.optional && fault.is_unknown_itself() => {
                of_newer_edition = true;
                Ok(Value::Null)
            }
            other => other,
        })?;
        if !of_newer_edition {
            object.insert(part.name.to_owned(), value);
        }
        Ok(())
    }

    fn content(&mut self, part: &'static Component, number: Option<i64>) -> Result<Value, Fault> {
        match part.shape {
            Shape::Open { container, .. } => self.open_type(container, number),
            _ => self.value(&part.shape),
        }
    }

    /// Extension additions: those that are known, inside their own length; the others are passed over (X.691, 19.7).
    fn additions(&mut self, object: &mut Map<String, Value>, known: &'static [Component]) -> Result<(), Fault> {
        let sent = if self.bits.take(1)? == 0 { self.bits.take(6)? + 1 } else { self.single_length()? };
        let presence = self.bits.at;
        self.bits.skip(sent as usize)?;
        for index in 0..sent as usize {
            if !self.bits.bit_at(presence + index) {
                continue;
            }
            match known.get(index) {
                Some(part) => self.component(object, part, |d, number| d.open(|d| d.content(part, number)))?,
                None => self.unknown_addition(index)?,
            }
        }
        Ok(())
    }

    /// An addition that is not known: passed over; where fields are noted, with its octets.
    fn unknown_addition(&mut self, index: usize) -> Result<(), Fault> {
        let part = Part::Addition(index);
        if self.trace.is_none() {
            return self.skip_open().map_err(|fault| fault.inside(Some(part)));
        }
        let octets = |d: &mut Self| d.octet_string(Size::new(None, None, false));
        self.part(part, |d| Ok(json!({ "hex": to_hex(&octets(d)?) }))).map(drop)
    }

    fn alternative(&mut self, parts: &'static [Component], root: u64, extensible: bool) -> Result<Value, Fault> {
        let (index, added) = self.index(root, extensible)?;
        let at = self.bits.at;
        match parts.get(index as usize).filter(|_| added || index < root) {
            Some(part) => {
                let value = self.part(Part::Name(part.name), |d| {
                    if added { d.open(|d| d.value(&part.shape)) } else { d.value(&part.shape) }
                })?;
                Ok(json!({ "choice": part.name, "value": value }))
            }
            None if added => {
                self.skip_open()?;
                Err(Fault::new(at, Kind::Unknown(index)))
            }
            None => Err(self.bits.malformed(format!("alternative {index}; there are {root}"))),
        }
    }

    fn enumerator(&mut self, names: &'static [&'static str], root: u64, extensible: bool) -> Result<Value, Fault> {
        let (index, added) = self.index(root, extensible)?;
        match names.get(index as usize).filter(|_| added || index < root) {
            Some(name) => Ok(json!(name)),
            None if added => match stand_in(names).and_then(|at| names.get(at)) {
                Some(name) => Ok(json!(name)),
                None => Err(Fault::new(self.bits.at, Kind::Unknown(index))),
            },
            None => Err(self.bits.malformed(format!("value {index}; there are {root}"))),
        }
    }

    /// Number of an enumerator or alternative, and whether it lies behind the extension marker.
    fn index(&mut self, root: u64, extensible: bool) -> Result<(u64, bool), Fault> {
        if extensible && self.bits.take(1)? == 1 {
            return Ok((self.normally_small()?.saturating_add(root), true));
        }
        Ok((self.bits.take(width(root.saturating_sub(1)))?, false))
    }

    fn list(&mut self, of: &'static Shape, size: Size) -> Result<Value, Fault> {
        let mut list = Vec::new();
        self.sized(size, |d, count| {
            d.elements_left = match d.elements_left.checked_sub(count as usize) {
                Some(left) => left,
                None => return Err(d.bits.malformed(format!("more than {ELEMENTS} list elements in one message"))),
            };
            for _ in 0..count {
                let index = list.len();
                list.push(d.part(Part::Index(index), |d| d.value(of))?);
            }
            Ok(())
        })?;
        Ok(Value::Array(list))
    }

    fn bit_string(&mut self, size: Size) -> Result<Value, Fault> {
        let mut digits = String::new();
        self.sized(size, |d, count| {
            for _ in 0..count {
                digits.push(if d.bits.take(1)? == 1 { '1' } else { '0' });
            }
            Ok(())
        })?;
        Ok(json!({ "bits": digits }))
    }

    fn octet_string(&mut self, size: Size) -> Result<Vec<u8>, Fault> {
        let mut octets = Vec::new();
        self.sized(size, |d, count| d.bits.octets(count as usize, &mut octets))?;
        Ok(octets)
    }

    fn text(&mut self, size: Size) -> Result<Value, Fault> {
        let mut text = String::new();
        self.sized(size, |d, count| {
            for _ in 0..count {
                text.push(char::from(d.bits.take(7)? as u8));
            }
            Ok(())
        })?;
        Ok(Value::String(text))
    }

    /// What an open type holds, as far as it is known.
    fn open_type(&mut self, container: usize, number: Option<i64>) -> Result<Value, Fault> {
        let Some(content) = number.and_then(|number| self.schema.content(container, number)) else {
            return self.unknown_content();
        };
        if self.open_depth >= OPEN_DEPTH {
            return Err(self.bits.malformed(format!("more than {OPEN_DEPTH} open types within one another")));
        }
        self.open_depth += 1;
        let value = self.part(Part::Name(content.name), |d| d.open(|d| d.value(&content.shape)))?;
        self.open_depth -= 1;
        Ok(json!({ "choice": content.name, "value": value }))
    }

    fn unknown_content(&mut self) -> Result<Value, Fault> {
        let octets = self.octet_string(Size::new(None, None, false))?;
        Ok(json!({ "choice": super::UNKNOWN, "value": { "hex": to_hex(&octets) } }))
    }

    /// A value in an open type: it ends where its length says, whatever is in it.
    fn open(&mut self, read: impl FnOnce(&mut Self) -> Result<Value, Fault>) -> Result<Value, Fault> {
        let octets = self.single_length()?;
        let end = self.bits.narrow((octets as usize).saturating_mul(8))?;
        let value = read(self)?;
        self.bits.widen(end)?;
        Ok(value)
    }

    fn skip_open(&mut self) -> Result<(), Fault> {
        self.fragments(|d, octets| d.bits.skip((octets as usize).saturating_mul(8)))
    }
}

/// A value without parts as text.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Object(object) => {
            let text = object.get("bits").or_else(|| object.get("hex")).or_else(|| object.get("value")?.get("hex"));
            text.and_then(Value::as_str).map(str::to_owned)
        }
        Value::Array(list) if !list.is_empty() => Some(Value::Array(list.clone()).to_string()),
        Value::Array(_) | Value::Null => None,
    }
}
