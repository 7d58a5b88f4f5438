//! Whether two codecs read the same in the same bytes.

use serde_json::Value;

use crate::reading_of;

/// Whether `rasn` reads the values of `ours` in these bytes of the type `name`.
///
/// # Errors
/// A sentence that says where the two part.
pub fn reads(profile: &str, name: &str, bytes: &[u8], ours: &Value) -> Result<(), String> {
    let reading = reading_of(profile, name).ok_or_else(|| format!("rasn has no {name}"))?;
    let theirs = (reading.fields)(bytes).map_err(|e| format!("rasn refuses the {name}: {e}"))?;
    same(ours, &theirs, profile, "")
}

/// Whether `rasn` reads the values of `ours` in these bytes of the type `name`, and makes the same bytes of what it reads;
/// the same for the content of every open type.
///
/// # Errors
/// A sentence that says where the two part.
pub fn agrees(profile: &str, name: &str, bytes: &[u8], ours: &Value) -> Result<(), String> {
    reads(profile, name, bytes, ours)?;
    let reading = reading_of(profile, name).ok_or_else(|| format!("rasn has no {name}"))?;
    let again = (reading.again)(bytes).map_err(|e| format!("rasn cannot make the {name}: {e}"))?;
    if again == bytes { Ok(()) } else { Err(format!("we make {bytes:02x?}, rasn {again:02x?}")) }
}

/// Compares our wire-level JSON with JSON by X.697, where a choice is `{"name": value}`, an octet string is hexadecimal
/// digits, and a bit string is hexadecimal digits, with a length where that is not fixed. An open type is octets for
/// `rasn`: it reads them as what we say they are.
///
/// # Errors
/// A sentence with the first difference and the way to it.
pub fn same(ours: &Value, theirs: &Value, profile: &str, path: &str) -> Result<(), String> {
    let part = || Err(format!("{path}: we read {ours}, rasn {theirs}"));
    if let (Some(choice), Some(value)) = (ours["choice"].as_str(), ours.get("value")) {
        return match theirs {
            Value::String(digits) if choice.starts_with("_unk_") => {
                if value["hex"].as_str().is_some_and(|ours| ours.eq_ignore_ascii_case(digits)) {
                    Ok(())
                } else {
                    part()
                }
            }
            Value::String(digits) => {
                agrees(profile, choice, &octets(digits), value).map_err(|e| format!("{path}.{choice}: {e}"))
            }
            Value::Object(one) if one.len() == 1 && one.contains_key(choice) => {
                same(value, &theirs[choice], profile, &format!("{path}.{choice}"))
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
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => a.iter().try_for_each(|(key, value)| {
            same(value, b.get(key).unwrap_or(&Value::Null), profile, &format!("{path}.{key}"))
        }),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().try_for_each(|(i, (x, y))| same(x, y, profile, &format!("{path}[{i}]")))
        }
        // Our schemas write an object identifier as the octets that it is.
        (Value::Array(numbers), Value::String(digits)) => {
            let octets = octets(digits);
            if [identifier(numbers, true), identifier(numbers, false)].contains(&octets) { Ok(()) } else { part() }
        }
        (a, b) if a == b => Ok(()),
        _ => part(),
    }
}

fn octets(digits: &str) -> Vec<u8> {
    let values: Vec<u8> = digits.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    values.chunks(2).map(|two| two.iter().fold(0, |octet, digit| octet << 4 | digit)).collect()
}

/// The octets of an object identifier (X.690, 8.19), written from its text and not from our codec.
fn identifier(numbers: &[Value], relative: bool) -> Vec<u8> {
    let mut arcs: Vec<u128> = numbers.iter().filter_map(Value::as_u64).map(u128::from).collect();
    if let (false, [root, second, ..]) = (relative, arcs.as_slice()) {
        let first = 40 * root + second;
        arcs.splice(0..2, [first]);
    }
    arcs.into_iter()
        .flat_map(|mut arc| {
            let mut groups = vec![(arc % 128) as u8];
            while arc >= 128 {
                arc /= 128;
                groups.push((arc % 128) as u8 | 0x80);
            }
            groups.reverse();
            groups
        })
        .collect()
}
