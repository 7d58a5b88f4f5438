//! Octets as hexadecimal digits.

use thiserror::Error;

/// Why a text is not hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HexError {
    /// A character is no hexadecimal digit.
    #[error("'{found}' at character {at} is not a hexadecimal digit")]
    Digit {
        /// Character number, from 1.
        at: usize,
        /// The character.
        found: char,
    },
    /// Half an octet is left over.
    #[error("{digits} hexadecimal digits: two make an octet, one is missing")]
    Odd {
        /// Digits found.
        digits: usize,
    },
}

/// Octets from hexadecimal digits; white space between them is skipped.
///
/// # Errors
/// When something else than digits and white space is in it, or the number of digits is odd.
///
/// ```
/// assert_eq!(v2x_msgs::hex::from_hex("0a FF").unwrap(), [0x0a, 0xff]);
/// assert!(v2x_msgs::hex::from_hex("0a f").is_err());
/// ```
pub fn from_hex(text: &str) -> Result<Vec<u8>, HexError> {
    let mut octets = Vec::with_capacity(text.len() / 2);
    let mut high: Option<u8> = None;
    let mut digits = 0;
    for (at, found) in text.chars().enumerate().filter(|(_, c)| !c.is_whitespace()) {
        let digit = found.to_digit(16).ok_or(HexError::Digit { at: at + 1, found })? as u8;
        digits += 1;
        match high.take() {
            Some(high) => octets.push(high << 4 | digit),
            None => high = Some(digit),
        }
    }
    if high.is_some() { Err(HexError::Odd { digits }) } else { Ok(octets) }
}

/// Octets as lower-case hexadecimal digits.
#[must_use]
pub fn to_hex(octets: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    octets.iter().flat_map(|o| [DIGITS[usize::from(o >> 4)], DIGITS[usize::from(o & 15)]]).collect()
}

/// Serde form of octets: a text of hexadecimal digits.
pub(crate) mod as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(octets: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::to_hex(octets))
    }

    pub fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Vec<u8>, D::Error> {
        super::from_hex(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_goes_there_and_back() {
        let octets: Vec<u8> = (0..=255).collect();
        assert_eq!(from_hex(&to_hex(&octets)), Ok(octets));
    }

    #[test]
    fn a_wrong_digit_is_named_with_its_place() {
        assert_eq!(from_hex("00 1g"), Err(HexError::Digit { at: 5, found: 'g' }));
        assert_eq!(from_hex("001"), Err(HexError::Odd { digits: 3 }));
    }
}
