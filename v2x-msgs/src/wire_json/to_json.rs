//! Generated types to wire-level JSON.

use std::convert::Infallible;

use asn1rs::prelude::{Null, Writable, WritableType};
use asn1rs::syn::{
    Writer as Asn1Writer, bitstring, boolean, choice, default, enumerated, ia5string, null, numbers, numericstring,
    octetstring, printablestring, sequence, sequenceof, set, setof, utf8string, visiblestring,
};
use serde_json::{Map, Value, json};

use crate::wire::Names;

/// Writes generated types as JSON.
pub(super) struct JsonWriter {
    /// What was written last.
    written: Value,
    scope: Option<Fields>,
    names: &'static Names,
}

/// A SEQUENCE that is being written.
struct Fields {
    parts: &'static [&'static str],
    next: usize,
    object: Map<String, Value>,
}

impl JsonWriter {
    /// The JSON of a generated value.
    pub(super) fn value<T: Writable>(value: &T, names: &'static Names) -> Value {
        let mut writer = JsonWriter { written: Value::Null, scope: None, names };
        match value.write(&mut writer) {
            Ok(()) => writer.written,
            Err(never) => match never {},
        }
    }

    fn component(&mut self, write: Option<impl FnOnce(&mut Self) -> Result<(), Infallible>>) -> Result<(), Infallible> {
        let Some(mut fields) = self.scope.take() else {
            return write.map_or(Ok(()), |write| write(self));
        };
        let name = fields.parts.get(fields.next).copied();
        fields.next += 1;
        if let Some(write) = write {
            write(self)?;
            if let Some(name) = name {
                fields.object.insert(name.to_owned(), self.written.take());
            }
        }
        self.scope = Some(fields);
        Ok(())
    }

    fn put(&mut self, value: Value) -> Result<(), Infallible> {
        self.component(Some(|w: &mut Self| {
            w.written = value;
            Ok(())
        }))
    }

    fn sequence(
        &mut self,
        type_name: &'static str,
        field_count: u64,
        write: impl Fn(&mut Self) -> Result<(), Infallible>,
    ) -> Result<(), Infallible> {
        let parts = self.names.parts_of(type_name);
        if parts.is_empty() && field_count == 1 {
            // A type that only wraps another is the value itself.
            return self.component(Some(write));
        }
        self.component(Some(|w: &mut Self| {
            w.scope = Some(Fields { parts, next: 0, object: Map::new() });
            write(w)?;
            w.written = Value::Object(w.scope.take().map(|fields| fields.object).unwrap_or_default());
            Ok(())
        }))
    }

    fn list<T: WritableType>(&mut self, slice: &[T::Type]) -> Result<(), Infallible> {
        self.component(Some(|w: &mut Self| {
            let mut list = Vec::with_capacity(slice.len());
            for item in slice {
                T::write_value(w, item)?;
                list.push(w.written.take());
            }
            w.written = Value::Array(list);
            Ok(())
        }))
    }
}

impl Asn1Writer for JsonWriter {
    type Error = Infallible;

    fn write_sequence<C: sequence::Constraint, F: Fn(&mut Self) -> Result<(), Infallible>>(
        &mut self,
        f: F,
    ) -> Result<(), Infallible> {
        self.sequence(C::NAME, C::FIELD_COUNT, f)
    }

    fn write_sequence_of<C: sequenceof::Constraint, T: WritableType>(
        &mut self,
        slice: &[T::Type],
    ) -> Result<(), Infallible> {
        self.list::<T>(slice)
    }

    fn write_set<C: set::Constraint, F: Fn(&mut Self) -> Result<(), Infallible>>(
        &mut self,
        f: F,
    ) -> Result<(), Infallible> {
        self.sequence(C::NAME, C::FIELD_COUNT, f)
    }

    fn write_set_of<C: setof::Constraint, T: WritableType>(&mut self, slice: &[T::Type]) -> Result<(), Infallible> {
        self.list::<T>(slice)
    }

    fn write_enumerated<C: enumerated::Constraint>(&mut self, enumerated: &C) -> Result<(), Infallible> {
        let index = enumerated.to_choice_index();
        self.put(self.names.part_of(C::NAME, index).map_or_else(|| json!(index), |name| json!(name)))
    }

    fn write_choice<C: choice::Constraint>(&mut self, choice: &C) -> Result<(), Infallible> {
        let name = self.names.part_of(C::NAME, choice.to_choice_index()).unwrap_or_default();
        self.component(Some(|w: &mut Self| {
            choice.write_content(w)?;
            w.written = json!({ "choice": name, "value": w.written.take() });
            Ok(())
        }))
    }

    fn write_opt<T: WritableType>(&mut self, value: Option<&T::Type>) -> Result<(), Infallible> {
        self.component(value.map(|value| |w: &mut Self| T::write_value(w, value)))
    }

    fn write_default<C: default::Constraint<Owned = T::Type>, T: WritableType>(
        &mut self,
        value: &T::Type,
    ) -> Result<(), Infallible> {
        self.component(Some(|w: &mut Self| T::write_value(w, value)))
    }

    fn write_number<T: numbers::Number, C: numbers::Constraint<T>>(&mut self, value: T) -> Result<(), Infallible> {
        self.put(json!(value.to_i64()))
    }

    fn write_utf8string<C: utf8string::Constraint>(&mut self, value: &str) -> Result<(), Infallible> {
        self.put(json!(value))
    }

    fn write_ia5string<C: ia5string::Constraint>(&mut self, value: &str) -> Result<(), Infallible> {
        self.put(json!(value))
    }

    fn write_numeric_string<C: numericstring::Constraint>(&mut self, value: &str) -> Result<(), Infallible> {
        self.put(json!(value))
    }

    fn write_visible_string<C: visiblestring::Constraint>(&mut self, value: &str) -> Result<(), Infallible> {
        self.put(json!(value))
    }

    fn write_printable_string<C: printablestring::Constraint>(&mut self, value: &str) -> Result<(), Infallible> {
        self.put(json!(value))
    }

    fn write_octet_string<C: octetstring::Constraint>(&mut self, value: &[u8]) -> Result<(), Infallible> {
        self.put(json!({ "hex": crate::hex::to_hex(value) }))
    }

    fn write_bit_string<C: bitstring::Constraint>(&mut self, value: &[u8], bit_len: u64) -> Result<(), Infallible> {
        let set = |bit: u64| value.get((bit / 8) as usize).is_some_and(|octet| octet & (0x80 >> (bit % 8)) != 0);
        let bits: String = (0..bit_len).map(|bit| if set(bit) { '1' } else { '0' }).collect();
        self.put(json!({ "bits": bits }))
    }

    fn write_boolean<C: boolean::Constraint>(&mut self, value: bool) -> Result<(), Infallible> {
        self.put(json!(value))
    }

    fn write_null<C: null::Constraint>(&mut self, _value: &Null) -> Result<(), Infallible> {
        self.put(Value::Null)
    }
}
