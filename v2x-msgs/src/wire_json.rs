//! Messages as JSON on the level of the wire: the standard's own field names and raw numbers, nothing added, nothing
//! left out. A choice is `{"choice": …, "value": …}`, a bit string `{"bits": "0110…"}`, an octet string
//! `{"hex": "00ff…"}`, an object identifier a list of numbers, an enumerator its name.
//!
//! An open type, whose content a number beside it tells, is a choice too: `{"choice": "BasicSafetyMessage", "value": …}`.
//! Where the number is not known, the octets are kept under a name that begins with `_unk_`, and are written again as they
//! were. What a newer edition added is passed over inside its own length; an unknown enumerator becomes `unknown` or
//! `unavailable` where the type has that, else an optional field is left out, else the message is refused.
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

mod decode;
pub(crate) mod edition;
mod encode;
mod identifier;
mod lengths;
mod messages;
mod sample;

use serde_json::Value;
use thiserror::Error;

use crate::Profile;
use crate::error::{DecodeError, EncodeError};
use crate::json::JsonError;
use crate::shape::{Schema, Shape};

pub use crate::uper::Span;
pub use messages::{MessageType, messages};

/// The type that whole messages are of, in every profile.
pub const FRAME: &str = "MessageFrame";

/// Times that a sample is drawn again; one in a hundred of YD/T 3709 is.
const REDRAWS: u32 = 16;

/// Names of contents of open types that are not known begin so.
pub const UNKNOWN_PREFIX: &str = "_unk_";
/// The name that such a content gets.
const UNKNOWN: &str = "_unk_004";

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

impl WireJsonError {
    /// The same error, seen from one level further out.
    fn under(self, parent: &str) -> WireJsonError {
        match self {
            WireJsonError::Json(error) => WireJsonError::Json(error.under(parent)),
            WireJsonError::Encode(error) => WireJsonError::Encode(error.under(parent)),
        }
    }
}

/// A type of a message set that the octets of a message part can be of, such as `VehicleSafetyExtensions`.
#[derive(Copy, Clone, Debug)]
pub struct WireType {
    schema: &'static Schema,
    shape: &'static Shape,
}

impl WireType {
    /// A type by the name that the standard gives it; none when the profile has no such type.
    #[must_use]
    pub fn named(name: &str, profile: Profile) -> Option<WireType> {
        let schema = Schema::of(profile);
        Some(WireType { schema, shape: &schema.named(name)?.shape })
    }

    /// The names of all types of a profile, in their order.
    pub fn names(profile: Profile) -> impl Iterator<Item = &'static str> {
        Schema::of(profile).types.iter().map(|named| named.name)
    }

    fn frame(profile: Profile) -> WireType {
        // Every schema has one: build.rs and the tests of `shape` see to that.
        WireType::named(FRAME, profile).unwrap_or(WireType { schema: Schema::of(profile), shape: &Shape::Null })
    }

    /// The fields in some bytes, which must be those of one value and no more.
    ///
    /// # Errors
    /// As [`crate::decode`].
    pub fn decode(self, bytes: &[u8]) -> Result<Value, DecodeError> {
        Ok(decode::Decoder::whole(bytes, self.schema, self.shape)?)
    }

    /// The bytes of some fields.
    ///
    /// # Errors
    /// When a field is missing, unknown, of another form or out of range; the error has the way to it.
    pub fn encode(self, value: &Value) -> Result<Vec<u8>, WireJsonError> {
        encode::Encoder::whole(value, self.schema, self.shape)
    }

    /// Where every field lies in the bits, outer before inner, with the raw value of those that have no parts.
    ///
    /// # Errors
    /// As [`crate::decode`].
    pub fn spans(self, bytes: &[u8]) -> Result<Vec<Span>, DecodeError> {
        Ok(decode::Decoder::spans(bytes, self.schema, self.shape)?)
    }

    /// A random valid value. `draw` gives random numbers; equal ones give equal values.
    pub fn sample(self, draw: &mut dyn FnMut() -> u64) -> Value {
        sample::Sampler::whole(draw, self.schema, self.shape)
    }
}

/// The fields in bytes that came from the air. A MAP, an RSI with paths or a BSM with the start
/// of its path that is another one of another Chinese edition as well is refused.
///
/// # Errors
/// As [`crate::decode`].
pub fn decode(bytes: &[u8], profile: Profile) -> Result<Value, DecodeError> {
    let value = WireType::frame(profile).decode(bytes)?;
    if edition::differs_on_the_wire(&value) {
        edition::only_of(bytes, profile)?;
    }
    Ok(value)
}

/// The bytes of some fields.
///
/// # Errors
/// When a field is missing, unknown, of another form or out of range; the error has the way to it.
pub fn encode(value: &Value, profile: Profile) -> Result<Vec<u8>, WireJsonError> {
    let bytes = WireType::frame(profile).encode(value)?;
    if edition::differs_on_the_wire(value) {
        edition::made_only_of(&bytes, profile)?;
    }
    Ok(bytes)
}

/// Where every field lies in the bits of a message, outer before inner, with the raw value of those that have no parts.
/// Extension additions that are not known are among them, as `_unk_0`, `_unk_1`, … with their octets. Whoever forwards a
/// message sends the bytes that came: JSON does not hold what it does not know.
///
/// # Errors
/// As [`crate::decode`].
pub fn spans(bytes: &[u8], profile: Profile) -> Result<Vec<Span>, DecodeError> {
    WireType::frame(profile).spans(bytes)
}

/// A random valid message, for tests of whoever receives messages. `draw` gives random numbers; equal ones give equal
/// messages. Ends of ranges come up often, lists are mostly short, optional fields are there every other time.
pub fn sample(profile: Profile, draw: &mut dyn FnMut() -> u64) -> Value {
    let mut value = WireType::frame(profile).sample(draw);
    for _ in 0..REDRAWS {
        // A MAP that another edition would take for one of its own is no valid message.
        if !matches!(encode(&value, profile), Err(WireJsonError::Encode(EncodeError::Ambiguous { .. }))) {
            break;
        }
        value = WireType::frame(profile).sample(draw);
    }
    value
}
