//! Object identifiers (X.690, 8.19 and 8.20), in JSON as the list of their numbers: `[1, 0, 19021, 1]`.

use serde_json::{Value, json};

use crate::hex::to_hex;

/// The numbers in some octets; the octets themselves as `{"hex": …}` when they are no identifier.
pub(super) fn to_json(octets: &[u8], relative: bool) -> Value {
    match numbers(octets, relative).filter(|numbers| self::octets(numbers, relative).as_deref() == Some(octets)) {
        Some(numbers) => json!(numbers),
        None => json!({ "hex": to_hex(octets) }),
    }
}

/// The octets of some numbers; none when they are no identifier.
pub(super) fn octets(numbers: &[u64], relative: bool) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let rest = match (relative, numbers) {
        (true, [_, ..]) => numbers,
        (false, [root @ 0..=2, second, rest @ ..]) if *root == 2 || *second < 40 => {
            put(&mut octets, root.checked_mul(40)?.checked_add(*second)?);
            rest
        }
        _ => return None,
    };
    rest.iter().for_each(|number| put(&mut octets, *number));
    Some(octets)
}

/// Seven bits an octet, the first bit says that more follow.
fn put(octets: &mut Vec<u8>, number: u64) {
    let groups = (u64::BITS - number.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let more = if group > 0 { 0x80 } else { 0 };
        octets.push((number >> (7 * group)) as u8 & 0x7f | more);
    }
}

fn numbers(octets: &[u8], relative: bool) -> Option<Vec<u64>> {
    let mut numbers = Vec::new();
    let mut number: u64 = 0;
    for octet in octets {
        number = number.checked_mul(128)?.checked_add(u64::from(octet & 0x7f))?;
        if octet & 0x80 == 0 {
            numbers.push(number);
            number = 0;
        }
    }
    if relative {
        return Some(numbers);
    }
    let first = *numbers.first()?;
    let root = (first / 40).min(2);
    numbers.splice(0..1, [root, first - root * 40]);
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_and_numbers_are_each_others() {
        for (octets, relative, value) in [
            (&[0x28, 0x81, 0x94, 0x4d, 0x01][..], false, json!([1, 0, 19021, 1])),
            (&[0x88, 0x37, 0x03], false, json!([2, 999, 3])),
            (&[0x05, 0x81, 0x00], true, json!([5, 128])),
        ] {
            assert_eq!(to_json(octets, relative), value);
            let numbers: Vec<u64> = serde_json::from_value(value).unwrap();
            assert_eq!(self::octets(&numbers, relative).as_deref(), Some(octets));
        }
    }

    #[test]
    fn octets_that_are_no_identifier_stay_octets() {
        for octets in [&[][..], &[0x80, 0x01], &[0x28, 0x81], &[0xff; 12]] {
            assert_eq!(to_json(octets, false), json!({ "hex": to_hex(octets) }));
        }
    }

    #[test]
    fn numbers_that_no_identifier_has_are_refused() {
        for numbers in [&[][..], &[1], &[3, 1], &[0, 40], &[2, u64::MAX]] {
            assert_eq!(octets(numbers, false), None);
        }
        assert_eq!(octets(&[], true), None);
    }
}
