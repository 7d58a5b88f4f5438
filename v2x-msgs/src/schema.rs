//! JSON Schema (draft 2020-12) of the wire-level JSON, one document for each profile: a message is at the top, and every
//! type has a place of its own, `#/$defs/BasicSafetyMessage`. Made of the same tables as the codec. With the feature
//! `schema` that of the messages in SI units too, made of their Rust types.
//!
//! ```
//! use v2x_msgs::{Profile, schema};
//! let document = schema::wire(Profile::J2735_2024);
//! assert_eq!(document["$ref"], "#/$defs/MessageFrame");
//! assert_eq!(document["$defs"]["Heading"]["maximum"], 28_800);
//! ```

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::Profile;
use crate::shape::{Component, Schema, Shape};
use crate::uper::Size;
use crate::wire_json::FRAME;

/// Longest count that a pattern spells out; beyond, only the characters are said.
const PATTERN_COUNT: u64 = 1_000;

/// The schema of whole messages of a profile.
#[must_use]
pub fn wire(profile: Profile) -> Value {
    let schema = Schema::of(profile);
    let mut waiting: Vec<usize> = schema.types.iter().position(|named| named.name == FRAME).into_iter().collect();
    let mut seen = BTreeSet::new();
    let mut definitions = Map::new();
    while let Some(at) = waiting.pop() {
        if let (true, Some(named)) = (seen.insert(at), schema.types.get(at)) {
            let mut writer = Definitions { schema, used: Vec::new() };
            definitions.insert(named.name.to_owned(), writer.shape(&named.shape));
            waiting.append(&mut writer.used);
        }
    }
    // In the order of the names, whatever the order of the visits.
    let mut ordered: Vec<(String, Value)> = definitions.into_iter().collect();
    ordered.sort_by(|(a, _), (b, _)| a.cmp(b));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("{profile}, a message as wire-level JSON"),
        "$ref": format!("#/$defs/{FRAME}"),
        "$defs": Map::from_iter(ordered),
    })
}

/// The schema of the messages in SI units, the form of [`crate::json`]: one alternative for each kind, told apart by
/// `"schema"`.
#[cfg(feature = "schema")]
#[must_use]
pub fn si() -> Value {
    let mut types = schemars::generate::SchemaSettings::draft2020_12().into_generator();
    let messages: Vec<Value> = crate::MessageKind::ALL
        .into_iter()
        .map(|kind| {
            let mut message = kind.fields_schema(&mut types).to_value();
            message["properties"]["schema"] = json!({ "const": crate::json::schema(kind) });
            if let Some(required) = message["required"].as_array_mut() {
                required.push(json!("schema"));
            }
            message
        })
        .collect();
    let mut whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "a message in SI units",
        "oneOf": messages,
        "$defs": types.take_definitions(true),
    });
    limit_of_32_bits(&mut whole);
    whole
}

/// `schemars` says the limits of integers of up to 16 bits, and that of 32 bits in words only.
#[cfg(feature = "schema")]
fn limit_of_32_bits(value: &mut Value) {
    if value.get("format").is_some_and(|format| format == "uint32") {
        value["maximum"] = json!(u32::MAX);
    }
    match value {
        Value::Object(parts) => parts.values_mut().for_each(limit_of_32_bits),
        Value::Array(items) => items.iter_mut().for_each(limit_of_32_bits),
        _ => {}
    }
}

struct Definitions {
    schema: &'static Schema,
    /// Places of the types that were referred to.
    used: Vec<usize>,
}

impl Definitions {
    fn shape(&mut self, shape: &'static Shape) -> Value {
        match shape {
            Shape::Boolean => json!({ "type": "boolean" }),
            Shape::Null => json!({ "type": "null" }),
            Shape::Integer { least: Some(least), most: Some(most), extensible: false } => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Shape::Integer { .. } => json!({ "type": "integer" }),
            Shape::Enumerated { names, .. } => json!({ "enum": names }),
            Shape::Bits { names, size } => bits(names, *size),
            Shape::Octets { size } => octets(*size),
            Shape::Ascii { size } => {
                let mut text = json!({ "type": "string", "pattern": "^[\\x00-\\x7f]*$" });
                limit(&mut text, "minLength", "maxLength", *size);
                text
            }
            Shape::Identifier { relative } => {
                json!({ "anyOf": [numbers(*relative), octets(Size::new(None, None, false))] })
            }
            Shape::List { of, size } => {
                let mut list = json!({ "type": "array", "items": self.shape(of) });
                limit(&mut list, "minItems", "maxItems", *size);
                list
            }
            Shape::Sequence { parts, root, .. } => self.sequence(parts, *root),
            Shape::Choice { parts, .. } => {
                let ways: Vec<Value> =
                    parts.iter().map(|part| choice(&json!({ "const": part.name }), &self.shape(&part.shape))).collect();
                json!({ "oneOf": ways })
            }
            Shape::Reference(at) => self.reference(*at),
            Shape::Open { .. } => choice(&json!({ "type": "string" }), &json!(true)),
        }
    }

    fn reference(&mut self, at: usize) -> Value {
        self.used.push(at);
        let name = self.schema.types.get(at).map_or("", |named| named.name);
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn sequence(&mut self, parts: &'static [Component], root: usize) -> Value {
        let properties: Map<String, Value> =
            parts.iter().map(|part| (part.name.to_owned(), self.shape(&part.shape))).collect();
        let required: Vec<&str> = parts.iter().take(root).filter(|part| !part.optional).map(|part| part.name).collect();
        let mut object = json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": false,
        });
        for part in parts {
            if let Shape::Open { container, selector } = part.shape {
                object["allOf"] = self.contents(container, selector, part.name);
            }
        }
        object
    }

    /// Which number goes with which content of an open type.
    fn contents(&mut self, container: usize, selector: &str, open: &str) -> Value {
        let schema = self.schema;
        let mut rules = Vec::new();
        let mut known = Vec::new();
        for row in schema.opens.iter().filter(|row| row.container == container) {
            let name = schema.types.get(row.content).map_or("", |named| named.name);
            let content = choice(&json!({ "const": name }), &self.reference(row.content));
            rules.push(json!({
                "if": { "properties": { selector: { "const": row.number } } },
                "then": { "properties": { open: content } },
            }));
            known.push(row.number);
        }
        let unknown = choice(&json!({ "type": "string", "pattern": "^_unk_" }), &octets(Size::new(None, None, false)));
        rules.push(json!({
            "if": { "properties": { selector: { "not": { "enum": known } } } },
            "then": { "properties": { open: unknown } },
        }));
        Value::Array(rules)
    }
}

/// `{"choice": …, "value": …}`.
fn choice(name: &Value, value: &Value) -> Value {
    json!({
        "type": "object",
        "properties": { "choice": name, "value": value },
        "required": ["choice", "value"],
        "additionalProperties": false,
    })
}

/// The numbers of an object identifier; the first two of one that is not relative share an octet (X.690, 8.19.4).
fn numbers(relative: bool) -> Value {
    let mut list = json!({ "type": "array", "items": { "type": "integer", "minimum": 0, "maximum": u64::MAX } });
    if relative {
        list["minItems"] = json!(1);
    } else {
        list["minItems"] = json!(2);
        list["anyOf"] = json!([
            { "prefixItems": [{ "enum": [0, 1] }, { "maximum": 39 }] },
            { "prefixItems": [{ "const": 2 }, { "maximum": u64::MAX - 80 }] },
        ]);
    }
    list
}

fn wrapped(key: &str, pattern: &str) -> Value {
    json!({
        "type": "object",
        "properties": { key: { "type": "string", "pattern": pattern } },
        "required": [key],
        "additionalProperties": false,
    })
}

fn bits(names: &[(&str, u64)], size: Size) -> Value {
    let mut object = wrapped("bits", &format!("^[01]{}$", times(size)));
    if !names.is_empty() {
        let named: Vec<String> = names.iter().map(|(name, bit)| format!("{bit}: {name}")).collect();
        object["description"] = json!(format!("Bits, the first one first. {}", named.join(", ")));
    }
    object
}

fn octets(size: Size) -> Value {
    wrapped("hex", &format!("^([0-9a-fA-F]{{2}}){}$", times(size)))
}

/// How often, as a regular expression says it.
fn times(size: Size) -> String {
    match size.most {
        Some(most) if !size.extensible && most <= PATTERN_COUNT => format!("{{{},{most}}}", size.least),
        _ => "*".to_owned(),
    }
}

/// Limits of a length, unless it is extensible: then any is allowed.
fn limit(of: &mut Value, least: &str, most: &str, size: Size) {
    if size.extensible {
        return;
    }
    of[least] = json!(size.least);
    if let Some(longest) = size.most {
        of[most] = json!(longest);
    }
}
