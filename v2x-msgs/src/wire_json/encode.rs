//! Wire-level JSON to bits, along the shapes of a schema.

use serde_json::{Map, Value};

use super::{UNKNOWN_PREFIX, WireJsonError, identifier};
use crate::error::EncodeError;
use crate::hex::from_hex;
use crate::json::JsonError;
use crate::shape::{Component, Schema, Shape};
use crate::uper::{ELEMENTS, MESSAGE_BYTES, Sink, Size, width};

/// Writes values of any type of a schema.
pub(super) struct Encoder {
    sink: Sink,
    schema: &'static Schema,
    elements_left: usize,
}

type Done = Result<(), WireJsonError>;

impl Encoder {
    /// The bytes of one whole value.
    pub(super) fn whole(
        value: &Value,
        schema: &'static Schema,
        shape: &'static Shape,
    ) -> Result<Vec<u8>, WireJsonError> {
        let mut encoder = Encoder { sink: Sink::default(), schema, elements_left: ELEMENTS };
        encoder.value(shape, value)?;
        let octets = encoder.sink.into_octets();
        if octets.len() > MESSAGE_BYTES {
            return Err(JsonError::new(format!("a message has at most {MESSAGE_BYTES} octets")).into());
        }
        Ok(octets)
    }

    fn value(&mut self, shape: &'static Shape, value: &Value) -> Done {
        match shape {
            Shape::Reference(_) => self.value(self.schema.resolve(shape), value),
            Shape::Boolean => {
                let flag = value.as_bool().ok_or_else(|| unlike(value, "true or false"))?;
                self.sink.put(u64::from(flag), 1);
                Ok(())
            }
            Shape::Null => value.as_null().ok_or_else(|| unlike(value, "null")),
            Shape::Integer { least, most, extensible } => self.integer(value, *least, *most, *extensible),
            Shape::Enumerated { names, root, extensible } => {
                let text = text(value)?;
                let index = names.iter().position(|name| *name == text).ok_or_else(|| no_such(text, names))?;
                self.index(index as u64, *root as u64, *extensible);
                Ok(())
            }
            Shape::Bits { size, .. } => self.bit_string(value, *size),
            Shape::Octets { size } => self.octet_string(&octets(value)?, *size),
            Shape::Ascii { size } => self.text(value, *size),
            Shape::Identifier { relative } => {
                let octets = identifier_octets(value, *relative)?;
                self.octet_string(&octets, Size::new(None, None, false))
            }
            Shape::List { of, size } => self.list(value, of, *size),
            Shape::Sequence { parts, root, extensible } => self.sequence(value, parts, *root, *extensible),
            Shape::Choice { parts, root, extensible } => self.alternative(value, parts, *root, *extensible),
            Shape::Open { .. } => self.unknown_content(value),
        }
    }

    fn sequence(&mut self, value: &Value, parts: &'static [Component], root: usize, extensible: bool) -> Done {
        let object = object(value, parts.iter().map(|part| part.name))?;
        let (root, additions) = parts.split_at_checked(root).unwrap_or_default();
        let extended = additions.iter().any(|part| object.contains_key(part.name));
        if extensible {
            self.sink.put(u64::from(extended), 1);
        }
        for part in root.iter().filter(|part| part.optional) {
            self.sink.put(u64::from(object.contains_key(part.name)), 1);
        }
        for part in root {
            match object.get(part.name) {
                Some(value) => self.component(object, part, value)?,
                None if part.optional => {}
                None => return Err(JsonError::new("it is missing").under(part.name).into()),
            }
        }
        if extended { self.additions(object, additions) } else { Ok(()) }
    }

    fn component(&mut self, object: &Map<String, Value>, part: &'static Component, value: &Value) -> Done {
        let done = match part.shape {
            Shape::Open { container, selector } => {
                let number = object.get(selector).and_then(Value::as_i64);
                self.open_type(container, number, value)
            }
            _ => self.value(&part.shape, value),
        };
        done.map_err(|e| e.under(part.name))
    }

    /// Presence bits and contents of the extension additions (X.691, 19.7 to 19.9).
    fn additions(&mut self, object: &Map<String, Value>, additions: &'static [Component]) -> Done {
        // No type of these standards has more than 64 additions.
        self.sink.put(additions.len() as u64 - 1, 7);
        for part in additions {
            self.sink.put(u64::from(object.contains_key(part.name)), 1);
        }
        for part in additions {
            if let Some(value) = object.get(part.name) {
                let content = self.aside(|e| e.component(object, part, value))?;
                self.octets(&content);
            }
        }
        Ok(())
    }

    fn alternative(&mut self, value: &Value, parts: &'static [Component], root: usize, extensible: bool) -> Done {
        let (chosen, value) = choice(value)?;
        let Some((index, part)) = parts.iter().enumerate().find(|(_, part)| part.name == chosen) else {
            return Err(no_such(chosen, &parts.iter().map(|part| part.name).collect::<Vec<_>>()));
        };
        self.index(index as u64, root as u64, extensible);
        let done = if index >= root {
            self.aside(|e| e.value(&part.shape, value)).map(|content| self.octets(&content))
        } else {
            self.value(&part.shape, value)
        };
        done.map_err(|e| e.under("value"))
    }

    /// The content of an open type. What the selector's number is known to hold cannot be given as octets: then others
    /// might be unable to read what is written.
    fn open_type(&mut self, container: usize, number: Option<i64>, value: &Value) -> Done {
        let Some(content) = number.and_then(|number| self.schema.content(container, number)) else {
            return self.unknown_content(value);
        };
        let (chosen, value) = choice(value)?;
        if chosen != content.name {
            let what = format!("'{chosen}' does not belong to the number beside it, {} does", content.name);
            return Err(JsonError::new(what).under("choice").into());
        }
        let octets = self.aside(|e| e.value(&content.shape, value)).map_err(|e| e.under("value"))?;
        self.octets(&octets);
        Ok(())
    }

    fn unknown_content(&mut self, value: &Value) -> Done {
        let (chosen, value) = choice(value)?;
        if !chosen.starts_with(UNKNOWN_PREFIX) {
            let what = format!(
                "the number beside it is not known, so '{chosen}' cannot be made; give {UNKNOWN_PREFIX}… and octets"
            );
            return Err(JsonError::new(what).under("choice").into());
        }
        let content = octets(value).map_err(|e| e.under("value"))?;
        self.octets(&content);
        Ok(())
    }

    /// What `write` writes, as octets of its own: the content of an open type.
    fn aside(&mut self, write: impl FnOnce(&mut Self) -> Done) -> Result<Vec<u8>, WireJsonError> {
        let outer = std::mem::take(&mut self.sink);
        let result = write(self);
        let inner = std::mem::replace(&mut self.sink, outer);
        result.map(|()| inner.into_octets())
    }

    fn list(&mut self, value: &Value, of: &'static Shape, size: Size) -> Done {
        let items = value.as_array().ok_or_else(|| unlike(value, "a list"))?;
        let left = self.elements_left.checked_sub(items.len());
        self.elements_left = left.ok_or_else(|| count(items.len(), size.least, self.elements_left as u64))?;
        self.sized(size, items.len(), |e, from, count| {
            for (index, item) in items.iter().enumerate().skip(from).take(count) {
                e.value(of, item).map_err(|error| error.under(&format!("[{index}]")))?;
            }
            Ok(())
        })
    }

    fn bit_string(&mut self, value: &Value, size: Size) -> Done {
        let digits = object(value, ["bits"].into_iter())?.get("bits").and_then(Value::as_str);
        let digits = digits.ok_or_else(|| unlike(value, "{\"bits\": \"0101…\"}"))?.as_bytes();
        if !digits.iter().all(|digit| matches!(digit, b'0' | b'1')) {
            return Err(JsonError::new("bits are written as 0 and 1").under("bits").into());
        }
        self.sized(size, digits.len(), |e, from, count| {
            digits.iter().skip(from).take(count).for_each(|digit| e.sink.put(u64::from(*digit == b'1'), 1));
            Ok(())
        })
    }

    fn text(&mut self, value: &Value, size: Size) -> Done {
        let text = text(value)?;
        if !text.is_ascii() {
            return Err(EncodeError::NotAscii { field: String::new() }.into());
        }
        self.sized(size, text.len(), |e, from, count| {
            text.bytes().skip(from).take(count).for_each(|letter| e.sink.put(u64::from(letter), 7));
            Ok(())
        })
    }

    fn octet_string(&mut self, octets: &[u8], size: Size) -> Done {
        self.sized(size, octets.len(), |e, from, count| {
            e.sink.put_octets(octets.get(from..from + count).unwrap_or_default());
            Ok(())
        })
    }

    /// Length and octets without limits.
    fn octets(&mut self, octets: &[u8]) {
        self.octet_string(octets, Size::new(None, None, false)).unwrap_or_default();
    }

    /// The items of a list or string: its length, then `write` from an item on, for so many items.
    fn sized(&mut self, size: Size, items: usize, mut write: impl FnMut(&mut Self, usize, usize) -> Done) -> Done {
        let in_root = size.holds(items as u64);
        if size.extensible {
            self.sink.put(u64::from(!in_root), 1);
        } else if !in_root {
            return Err(count(items, size.least, size.most.unwrap_or(u64::MAX)));
        }
        match size.most {
            Some(most) if in_root && most < 65_536 => {
                self.sink.put(items as u64 - size.least, width(most.saturating_sub(size.least)));
                write(self, 0, items)
            }
            _ => self.fragments(items, write),
        }
    }

    /// A length without limits, in fragments when there are many items (X.691, 11.9.3.8).
    fn fragments(&mut self, items: usize, mut write: impl FnMut(&mut Self, usize, usize) -> Done) -> Done {
        let mut from = 0;
        while items - from >= 16_384 {
            let blocks = ((items - from) / 16_384).min(4);
            self.sink.put(0xc0 | blocks as u64, 8);
            write(self, from, blocks * 16_384)?;
            from += blocks * 16_384;
        }
        self.length(items - from);
        write(self, from, items - from)
    }

    /// A length below 16384.
    fn length(&mut self, count: usize) {
        if count < 128 { self.sink.put(count as u64, 8) } else { self.sink.put(0x8000 | count as u64, 16) }
    }

    fn integer(&mut self, value: &Value, least: Option<i64>, most: Option<i64>, extensible: bool) -> Done {
        let number = value.as_i64().ok_or_else(|| unlike(value, "a whole number"))?;
        let in_root = least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most);
        if extensible {
            self.sink.put(u64::from(!in_root), 1);
        } else if !in_root {
            let (least, most) = (least.unwrap_or(i64::MIN), most.unwrap_or(i64::MAX));
            let what = format!("{number} is out of range, {least} to {most} is allowed");
            return Err(JsonError::new(what).into());
        }
        match (least, most) {
            (Some(least), Some(most)) if in_root => {
                self.sink.put(number.abs_diff(least), width(most.abs_diff(least)));
            }
            _ => {
                let bits = u64::BITS + 1 - if number < 0 { number.leading_ones() } else { number.leading_zeros() };
                let octets = bits.div_ceil(8);
                self.length(octets as usize);
                self.sink.put(number.cast_unsigned(), octets * 8);
            }
        }
        Ok(())
    }

    /// Extension bit and index of an enumerator or alternative.
    fn index(&mut self, index: u64, root: u64, extensible: bool) {
        let added = index.checked_sub(root);
        if extensible {
            self.sink.put(u64::from(added.is_some()), 1);
        }
        match added {
            // No type of these standards has more than 64 additions.
            Some(added) => self.sink.put(added, 7),
            None => self.sink.put(index, width(root.saturating_sub(1))),
        }
    }
}

fn unlike(value: &Value, expected: &str) -> WireJsonError {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    JsonError::new(format!("{expected} is expected, {found} was found")).into()
}

fn no_such(what: &str, names: &[&str]) -> WireJsonError {
    JsonError::new(format!("no such value '{what}'; there are {}", names.join(", "))).into()
}

fn count(count: usize, least: u64, most: u64) -> WireJsonError {
    EncodeError::Count { field: String::new(), count, least, most }.into()
}

fn text(value: &Value) -> Result<&str, WireJsonError> {
    value.as_str().ok_or_else(|| unlike(value, "a text"))
}

/// A value as an object that has no other keys than these.
fn object(
    value: &Value,
    names: impl Iterator<Item = &'static str> + Clone,
) -> Result<&Map<String, Value>, WireJsonError> {
    let object = value.as_object().ok_or_else(|| unlike(value, "an object"))?;
    match object.keys().find(|key| !names.clone().any(|name| name == *key)) {
        Some(key) => {
            let names: Vec<&str> = names.collect();
            Err(JsonError::new(format!("no such field; there are {}", names.join(", "))).under(key).into())
        }
        None => Ok(object),
    }
}

/// Name and value of `{"choice": …, "value": …}`.
fn choice(value: &Value) -> Result<(&str, &Value), WireJsonError> {
    let object = object(value, ["choice", "value"].into_iter())?;
    let missing = |name: &str| WireJsonError::from(JsonError::new("it is missing").under(name));
    let name = object.get("choice").ok_or_else(|| missing("choice"))?;
    let name = text(name).map_err(|e| e.under("choice"))?;
    Ok((name, object.get("value").ok_or_else(|| missing("value"))?))
}

fn octets(value: &Value) -> Result<Vec<u8>, WireJsonError> {
    let digits = object(value, ["hex"].into_iter())?.get("hex").and_then(Value::as_str);
    let digits = digits.ok_or_else(|| unlike(value, "{\"hex\": \"00ff…\"}"))?;
    from_hex(digits).map_err(|e| JsonError::new(e.to_string()).under("hex").into())
}

fn identifier_octets(value: &Value, relative: bool) -> Result<Vec<u8>, WireJsonError> {
    let Some(list) = value.as_array() else { return octets(value) };
    let numbers: Option<Vec<u64>> = list.iter().map(Value::as_u64).collect();
    let octets = numbers.and_then(|numbers| identifier::octets(&numbers, relative));
    octets.ok_or_else(|| JsonError::new("these numbers are no object identifier").into())
}
