//! Messages as JSON on the level of the wire: the standard's own field names and raw numbers, nothing added, nothing
//! left out. A choice is `{"choice": …, "value": …}`, a bit string `{"bits": "0110…"}`, an octet string
//! `{"hex": "00ff…"}`, an enumerator its name.
//!
//! The same generated code that makes UPER makes this: only what is behind asn1rs's traits differs.
//!
//! ```
//! use v2x_msgs::{Profile, hex, wire_json};
//! let bytes = hex::from_hex("44d8815db93d34cfe14a9dcec2a2b5f664914e80a0")?;
//! let value = wire_json::decode(&bytes, Profile::Csae53_2020)?;
//! assert_eq!(value["choice"], "rsiFrame");
//! assert_eq!(value["value"]["refPos"]["lat"], -546_257_229);
//! assert_eq!(wire_json::encode(&value, Profile::Csae53_2020)?, bytes);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod from_json;
mod sample;
mod to_json;

use serde_json::Value;
use thiserror::Error;

use crate::error::{DecodeError, EncodeError};
use crate::json::JsonError;
use crate::wire::CSAE53;
use crate::wire::csae53::MessageFrame;
use crate::{Profile, uper};

pub use crate::uper::Span;

/// Why wire-level JSON is no message.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum WireJsonError {
    /// The JSON does not have the form of the message.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The values do not fit the wire.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// The fields in bytes that came from the air.
///
/// # Errors
/// As [`crate::decode`].
pub fn decode(bytes: &[u8], profile: Profile) -> Result<Value, DecodeError> {
    let Profile::Csae53_2020 = profile;
    let frame = uper::Reader::message::<MessageFrame>(bytes, &CSAE53)?;
    Ok(to_json::JsonWriter::value(&frame, &CSAE53))
}

/// The bytes of some fields.
///
/// # Errors
/// When a field is missing, unknown, of another form or out of range; the error has the way to it.
pub fn encode(value: &Value, profile: Profile) -> Result<Vec<u8>, WireJsonError> {
    let Profile::Csae53_2020 = profile;
    let frame: MessageFrame = from_json::JsonReader::value(value, &CSAE53)?;
    Ok(uper::Writer::message(&frame, &CSAE53)?)
}

/// Where every field lies in the bits of a message, outer before inner, with the raw value of those that have no parts.
///
/// # Errors
/// As [`crate::decode`].
pub fn spans(bytes: &[u8], profile: Profile) -> Result<Vec<Span>, DecodeError> {
    let Profile::Csae53_2020 = profile;
    Ok(uper::Reader::spans::<MessageFrame>(bytes, &CSAE53)?)
}

/// A random valid message, for tests of whoever receives messages. `draw` gives random numbers; equal ones give equal
/// messages. Ends of ranges come up often, lists are mostly short, optional fields are there every other time.
pub fn sample(profile: Profile, draw: &mut dyn FnMut() -> u64) -> Value {
    let Profile::Csae53_2020 = profile;
    match sample::Sampler::value::<MessageFrame>(draw) {
        Ok(frame) => to_json::JsonWriter::value(&frame, &CSAE53),
        Err(sample::Undrawable) => Value::Null,
    }
}
