//! The MAP as Chinese platforms exchange it as JSON: T/CSAE 53-2020 with its own field names and raw whole numbers, in the
//! form that XML encoding rules give when they are turned into JSON. Followed exactly, as in the public map files of OpenV2X:
//!
//! * the message alone, without a frame: `{"msgCnt": "1", "nodes": {"Node": [ … ]}}`;
//! * a list is an object with one member, named after its elements (`Node`, `Link`, `Lane`, `Connection`, `Movement`,
//!   `RoadPoint`, `RegulatorySpeedLimit`); a single element may stand without the brackets;
//! * every number is a string of digits; a bit string is a string of `0` and `1`; an enumerator is `{"vehicleMaxSpeed": null}`;
//!   a choice is an object with one member, named after the alternative.
//!
//! On reading, plain numbers and enumerators as plain strings are taken too. Comments are not JSON and are refused.

use serde_json::{Map as Object, Value};
use thiserror::Error;

use crate::error::DecodeError;
use crate::json::JsonError;
use crate::model::{Map, Message};
use crate::wire_json::WireJsonError;
use crate::{Profile, decode, encode, error::EncodeError, wire_json};

/// Lists of the MAP, and the type of their elements.
const LISTS: [(&str, &str); 7] = [
    ("nodes", "Node"),
    ("inLinks", "Link"),
    ("lanes", "Lane"),
    ("connectsTo", "Connection"),
    ("movements", "Movement"),
    ("points", "RoadPoint"),
    ("speedLimits", "RegulatorySpeedLimit"),
];
/// Choices of the MAP.
const CHOICES: [&str; 3] = ["offsetLL", "offsetV", "laneType"];
/// Bit strings of the MAP, beside the alternatives of `laneType`.
const BITS: [&str; 3] = ["shareWith", "maneuvers", "maneuver"];
/// Levels of a MAP; deeper JSON is none.
const DEPTH: usize = 24;

/// Why platform JSON is no map, or a map no platform JSON.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PlatformError {
    /// It does not have the form.
    #[error(transparent)]
    Form(#[from] JsonError),
    /// A value does not fit T/CSAE 53-2020.
    #[error(transparent)]
    Wire(#[from] WireJsonError),
    /// A value of the map does not fit the wire.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// What was read is no sensible map.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// The JSON of a map.
///
/// # Errors
/// When the map does not fit T/CSAE 53-2020; the error names the field.
pub fn from_map(map: &Map) -> Result<Value, PlatformError> {
    let octets = encode(&Message::Map(map.clone()), Profile::Csae53_2020)?;
    let frame = wire_json::decode(&octets, Profile::Csae53_2020)?;
    Ok(out("map", frame.get("value").unwrap_or(&Value::Null)))
}

/// The map of some JSON.
///
/// # Errors
/// When it does not have the form, or a value does not fit T/CSAE 53-2020; the error has the way to it.
pub fn to_map(value: &Value) -> Result<Map, PlatformError> {
    let body = into("map", value, 0)?;
    let frame = serde_json::json!({ "choice": "mapFrame", "value": body });
    let octets = wire_json::encode(&frame, Profile::Csae53_2020)?;
    match decode(&octets, Profile::Csae53_2020)? {
        Message::Map(map) => Ok(map),
        _ => Err(JsonError::new("it is no MAP").into()),
    }
}

fn out(key: &str, value: &Value) -> Value {
    let one = |name: &str, value: Value| Value::Object(Object::from_iter([(name.to_owned(), value)]));
    match value {
        Value::Array(items) => {
            let element = LISTS.iter().find(|(list, _)| *list == key).map_or("Item", |(_, element)| element);
            one(element, items.iter().map(|item| out(element, item)).collect())
        }
        Value::Object(parts) => match (parts.get("bits"), parts.get("choice"), parts.get("value")) {
            (Some(bits), _, _) => bits.clone(),
            (_, Some(Value::String(choice)), Some(value)) => one(choice, out(choice, value)),
            _ => Value::Object(parts.iter().map(|(name, part)| (name.clone(), out(name, part))).collect()),
        },
        Value::String(text) if key == "type" => one(text, Value::Null),
        Value::Number(number) => Value::String(number.to_string()),
        other => other.clone(),
    }
}

fn into(key: &str, value: &Value, depth: usize) -> Result<Value, JsonError> {
    let wrong = |what: &str| Err(JsonError::new(what).under(key));
    if depth > DEPTH {
        return wrong("it is nested too deep for a map");
    }
    if let Some((_, element)) = LISTS.iter().find(|(list, _)| *list == key) {
        let items = value.as_object().and_then(|object| object.get(*element)).unwrap_or(value);
        let items = items.as_array().map_or_else(|| std::slice::from_ref(items), Vec::as_slice);
        let item = |(i, item)| into(element, item, depth + 1).map_err(|e| e.under(&format!("{key}[{i}]")));
        return items.iter().enumerate().map(item).collect();
    }
    if CHOICES.contains(&key) {
        let Some((choice, inner)) = only(value) else {
            return wrong("expected an object with one member, the alternative");
        };
        let inner = if key == "laneType" { bits(choice, inner)? } else { into(choice, inner, depth + 1)? };
        return Ok(serde_json::json!({ "choice": choice, "value": inner }));
    }
    if BITS.contains(&key) {
        return bits(key, value);
    }
    match value {
        Value::Object(parts) if key == "type" => match only(value) {
            Some((name, _)) => Ok(Value::String(name.to_owned())),
            None => wrong(&format!("expected one enumerator, found {}", parts.len())),
        },
        Value::Object(parts) => {
            let part = |(name, part): (&String, &Value)| Ok((name.clone(), into(name, part, depth + 1)?));
            parts
                .iter()
                .map(part)
                .collect::<Result<Object<_, _>, JsonError>>()
                .map(Value::Object)
                .map_err(|e| e.under(key))
        }
        Value::String(_) if key == "name" || key == "type" => Ok(value.clone()),
        Value::String(digits) => match digits.trim().parse::<i64>() {
            Ok(number) => Ok(number.into()),
            Err(_) => wrong("expected a whole number"),
        },
        Value::Number(_) => Ok(value.clone()),
        _ => wrong("expected an object, a number or text"),
    }
}

/// The only member of an object.
fn only(value: &Value) -> Option<(&str, &Value)> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.iter().next().map(|(name, inner)| (name.as_str(), inner))
}

fn bits(key: &str, value: &Value) -> Result<Value, JsonError> {
    match value.as_str() {
        Some(text) if text.bytes().all(|b| b == b'0' || b == b'1') => Ok(serde_json::json!({ "bits": text })),
        _ => Err(JsonError::new("expected a string of 0 and 1").under(key)),
    }
}
