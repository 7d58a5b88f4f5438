//! A second opinion on the bytes of messages: `rasn`, with types that another compiler made of the same schema text. It
//! shares no line of code with ours.

use rasn::{jer, uper};
use serde_json::Value;
use v2x_msgs::{Profile, wire_json};

/// What `rasn-compiler` made of `v2x-msgs/asn1/csae53_2020.asn`.
#[allow(missing_docs, dead_code, unused_imports, non_camel_case_types, non_snake_case, clippy::all, clippy::pedantic)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/csae53_oracle.rs"));
}

use generated::csae53::MessageFrame;

/// The fields that `rasn` reads in some bytes, as JSON by ITU-T X.697.
///
/// # Errors
/// When it refuses them, in its words.
pub fn fields(bytes: &[u8]) -> Result<Value, String> {
    let frame: MessageFrame = uper::decode(bytes).map_err(|e| e.to_string())?;
    let text = jer::encode(&frame).map_err(|e| e.to_string())?;
    serde_json::from_str(&text).map_err(|e| e.to_string())
}

/// The bytes that `rasn` makes of what it read in some bytes.
///
/// # Errors
/// When it refuses them, in its words.
pub fn again(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let frame: MessageFrame = uper::decode(bytes).map_err(|e| e.to_string())?;
    uper::encode(&frame).map_err(|e| e.to_string())
}

/// Whether both codecs read the same values in these bytes and make the same bytes of them; our reading of them when so.
///
/// # Errors
/// A sentence that says where they part.
pub fn agrees(bytes: &[u8]) -> Result<Value, String> {
    let ours = wire_json::decode(bytes, Profile::Csae53_2020).map_err(|e| format!("we refuse it: {e}"))?;
    let theirs = fields(bytes).map_err(|e| format!("rasn refuses it: {e}"))?;
    same(&ours, &theirs, "")?;
    let our_bytes = wire_json::encode(&ours, Profile::Csae53_2020).map_err(|e| format!("we cannot make it: {e}"))?;
    let their_bytes = again(bytes).map_err(|e| format!("rasn cannot make it: {e}"))?;
    if our_bytes == their_bytes { Ok(ours) } else { Err(format!("we make {our_bytes:02x?}, rasn {their_bytes:02x?}")) }
}

/// Compares our wire-level JSON with JSON by X.697, where a choice is `{"name": value}`, an octet string is hexadecimal
/// digits, and a bit string is hexadecimal digits, with a length where that is not fixed.
///
/// # Errors
/// A sentence with the first difference and the way to it.
pub fn same(ours: &Value, theirs: &Value, path: &str) -> Result<(), String> {
    let part = || Err(format!("{path}: we read {ours}, rasn {theirs}"));
    if let (Some(choice), Some(value)) = (ours["choice"].as_str(), ours.get("value")) {
        return match theirs.as_object() {
            Some(one) if one.len() == 1 && one.contains_key(choice) => {
                same(value, &theirs[choice], &format!("{path}.{choice}"))
            }
            _ => part(),
        };
    }
    if let Some(bits) = ours["bits"].as_str() {
        let (digits, length) = match theirs {
            Value::String(digits) => (digits.as_str(), bits.len()),
            other => (other["value"].as_str().unwrap_or(""), other["length"].as_u64().unwrap_or(0) as usize),
        };
        let read: String = digits.chars().filter_map(|c| c.to_digit(16)).map(|d| format!("{d:04b}")).collect();
        return if length == bits.len() && read.get(..length) == Some(bits) { Ok(()) } else { part() };
    }
    if let Some(digits) = ours["hex"].as_str() {
        return if theirs.as_str().is_some_and(|t| t.eq_ignore_ascii_case(digits)) { Ok(()) } else { part() };
    }
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => a
            .iter()
            .try_for_each(|(key, value)| same(value, b.get(key).unwrap_or(&Value::Null), &format!("{path}.{key}"))),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().try_for_each(|(i, (x, y))| same(x, y, &format!("{path}[{i}]")))
        }
        (a, b) if a == b => Ok(()),
        _ => part(),
    }
}
