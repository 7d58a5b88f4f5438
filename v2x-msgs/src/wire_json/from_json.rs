//! Wire-level JSON to generated types.

use asn1rs::prelude::{Null, Readable, ReadableType};
use asn1rs::syn::{
    Reader as Asn1Reader, bitstring, boolean, choice, default, enumerated, ia5string, null, numbers, numericstring,
    octetstring, printablestring, sequence, sequenceof, set, setof, utf8string, visiblestring,
};
use serde_json::{Map, Value};

use crate::json::JsonError;
use crate::wire::Names;

/// Reads generated types from JSON.
pub(super) struct JsonReader<'a> {
    /// The value that is read next, when no SEQUENCE is being read.
    current: &'a Value,
    scope: Option<Fields<'a>>,
    names: &'static Names,
}

/// A SEQUENCE that is being read.
#[derive(Copy, Clone)]
struct Fields<'a> {
    parts: &'static [&'static str],
    next: usize,
    object: &'a Map<String, Value>,
}

impl<'a> JsonReader<'a> {
    /// The generated value of some JSON.
    pub(super) fn value<T: Readable>(value: &'a Value, names: &'static Names) -> Result<T, JsonError> {
        T::read(&mut JsonReader { current: value, scope: None, names })
    }

    /// A value at its place: as a component of the SEQUENCE being read, or on its own. `None`: absent.
    fn component<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, JsonError>,
    ) -> Result<Result<T, &'static str>, JsonError> {
        let Some(mut fields) = self.scope.take() else { return read(self).map(Ok) };
        let name = fields.parts.get(fields.next).copied().unwrap_or_default();
        fields.next += 1;
        let value = match fields.object.get(name) {
            Some(value) => {
                self.current = value;
                Ok(read(self).map_err(|e| e.under(name))?)
            }
            None => Err(name),
        };
        self.scope = Some(fields);
        Ok(value)
    }

    fn required<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, JsonError>) -> Result<T, JsonError> {
        self.component(read)?.map_err(|name| JsonError::new("it is missing").under(name))
    }

    fn sequence<T>(
        &mut self,
        type_name: &'static str,
        field_count: u64,
        read: impl Fn(&mut Self) -> Result<T, JsonError>,
    ) -> Result<T, JsonError> {
        let parts = self.names.parts_of(type_name);
        if parts.is_empty() && field_count == 1 {
            // A type that only wraps another is the value itself.
            return self.required(read);
        }
        self.required(|r| {
            r.scope = Some(Fields { parts, next: 0, object: r.object(parts)? });
            let value = read(r)?;
            r.scope = None;
            Ok(value)
        })
    }

    /// The current value as an object that has no other keys than these.
    fn object(&self, names: &[&str]) -> Result<&'a Map<String, Value>, JsonError> {
        let object = self.current.as_object().ok_or_else(|| self.unlike("an object"))?;
        match object.keys().find(|key| !names.contains(&key.as_str())) {
            Some(key) => Err(JsonError::new(format!("no such field; there are {}", names.join(", "))).under(key)),
            None => Ok(object),
        }
    }

    fn unlike(&self, expected: &str) -> JsonError {
        let found = match self.current {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        JsonError::new(format!("{expected} is expected, {found} was found"))
    }

    fn text(&self) -> Result<&'a str, JsonError> {
        self.current.as_str().ok_or_else(|| self.unlike("a text"))
    }

    fn list<T: ReadableType>(&mut self) -> Result<Vec<T::Type>, JsonError> {
        self.required(|r| {
            let items = r.current.as_array().ok_or_else(|| r.unlike("a list"))?;
            let mut list = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                r.current = item;
                list.push(T::read_value(r).map_err(|e| e.under(&format!("[{index}]")))?);
            }
            Ok(list)
        })
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.required(|r| Ok(r.text()?.to_owned()))
    }

    fn bits(&self) -> Result<(Vec<u8>, u64), JsonError> {
        let value = self.object(&["bits"])?.get("bits").and_then(Value::as_str);
        let text = value.ok_or_else(|| self.unlike("{\"bits\": \"0101…\"}"))?;
        let mut octets = vec![0_u8; text.len().div_ceil(8)];
        for (bit, digit) in text.bytes().enumerate() {
            match (digit, octets.get_mut(bit / 8)) {
                (b'1', Some(octet)) => *octet |= 0x80 >> (bit % 8),
                (b'0', _) => {}
                _ => return Err(JsonError::new("bits are written as 0 and 1").under("bits")),
            }
        }
        Ok((octets, text.len() as u64))
    }

    fn octets(&self) -> Result<Vec<u8>, JsonError> {
        let value = self.object(&["hex"])?.get("hex").and_then(Value::as_str);
        let text = value.ok_or_else(|| self.unlike("{\"hex\": \"00ff…\"}"))?;
        crate::hex::from_hex(text).map_err(|e| JsonError::new(e.to_string()).under("hex"))
    }
}

fn no_such(what: &str, names: &[&str]) -> JsonError {
    JsonError::new(format!("no such value '{what}'; there are {}", names.join(", ")))
}

impl Asn1Reader for JsonReader<'_> {
    type Error = JsonError;

    fn read_sequence<C: sequence::Constraint, S: Sized, F: Fn(&mut Self) -> Result<S, JsonError>>(
        &mut self,
        f: F,
    ) -> Result<S, JsonError> {
        self.sequence(C::NAME, C::FIELD_COUNT, f)
    }

    fn read_sequence_of<C: sequenceof::Constraint, T: ReadableType>(&mut self) -> Result<Vec<T::Type>, JsonError> {
        self.list::<T>()
    }

    fn read_set<C: set::Constraint, S: Sized, F: Fn(&mut Self) -> Result<S, JsonError>>(
        &mut self,
        f: F,
    ) -> Result<S, JsonError> {
        self.sequence(C::NAME, C::FIELD_COUNT, f)
    }

    fn read_set_of<C: setof::Constraint, T: ReadableType>(&mut self) -> Result<Vec<T::Type>, JsonError> {
        self.list::<T>()
    }

    fn read_enumerated<C: enumerated::Constraint>(&mut self) -> Result<C, JsonError> {
        self.required(|r| {
            let (text, names) = (r.text()?, r.names.parts_of(C::NAME));
            let index = names.iter().position(|name| *name == text);
            index.and_then(|index| C::from_choice_index(index as u64)).ok_or_else(|| no_such(text, names))
        })
    }

    fn read_choice<C: choice::Constraint>(&mut self) -> Result<C, JsonError> {
        self.required(|r| {
            let object = r.object(&["choice", "value"])?;
            let names = r.names.parts_of(C::NAME);
            let chosen = object.get("choice").and_then(Value::as_str).unwrap_or_default();
            let index = names.iter().position(|name| *name == chosen).ok_or_else(|| no_such(chosen, names))?;
            r.current = object.get("value").ok_or_else(|| JsonError::new("it is missing").under("value"))?;
            let value = C::read_content(index as u64, r).map_err(|e| e.under("value"))?;
            value.ok_or_else(|| no_such(chosen, names))
        })
    }

    fn read_opt<T: ReadableType>(&mut self) -> Result<Option<T::Type>, JsonError> {
        Ok(self.component(T::read_value)?.ok())
    }

    fn read_default<C: default::Constraint<Owned = T::Type>, T: ReadableType>(&mut self) -> Result<T::Type, JsonError> {
        Ok(self.component(T::read_value)?.unwrap_or_else(|_| C::DEFAULT_VALUE.to_owned()))
    }

    fn read_number<T: numbers::Number, C: numbers::Constraint<T>>(&mut self) -> Result<T, JsonError> {
        self.required(|r| {
            let number = r.current.as_i64().ok_or_else(|| r.unlike("a whole number"))?;
            let in_range = C::MIN.is_none_or(|least| number >= least) && C::MAX.is_none_or(|most| number <= most);
            let value = T::from_i64(number);
            if value.to_i64() != number || !(in_range || C::EXTENSIBLE) {
                let (least, most) = (C::MIN.unwrap_or(i64::MIN), C::MAX.unwrap_or(i64::MAX));
                return Err(JsonError::new(format!("{number} is out of range, {least} to {most} is allowed")));
            }
            Ok(value)
        })
    }

    fn read_utf8string<C: utf8string::Constraint>(&mut self) -> Result<String, JsonError> {
        self.string()
    }

    fn read_ia5string<C: ia5string::Constraint>(&mut self) -> Result<String, JsonError> {
        self.string()
    }

    fn read_numeric_string<C: numericstring::Constraint>(&mut self) -> Result<String, JsonError> {
        self.string()
    }

    fn read_visible_string<C: visiblestring::Constraint>(&mut self) -> Result<String, JsonError> {
        self.string()
    }

    fn read_printable_string<C: printablestring::Constraint>(&mut self) -> Result<String, JsonError> {
        self.string()
    }

    fn read_octet_string<C: octetstring::Constraint>(&mut self) -> Result<Vec<u8>, JsonError> {
        self.required(|r| r.octets())
    }

    fn read_bit_string<C: bitstring::Constraint>(&mut self) -> Result<(Vec<u8>, u64), JsonError> {
        self.required(|r| r.bits())
    }

    fn read_boolean<C: boolean::Constraint>(&mut self) -> Result<bool, JsonError> {
        self.required(|r| r.current.as_bool().ok_or_else(|| r.unlike("true or false")))
    }

    fn read_null<C: null::Constraint>(&mut self) -> Result<Null, JsonError> {
        self.required(|r| r.current.as_null().map(|()| Null).ok_or_else(|| r.unlike("null")))
    }
}
