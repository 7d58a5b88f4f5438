//! A second opinion on the bytes of messages: `rasn`, with types that another compiler made of the same schema texts. It
//! shares no line of code with ours. Nothing here knows `v2x-msgs`, so that it is compiled once and for all.

mod compare;

pub use compare::{agrees, reads, same};

use rasn::{jer, uper};
use serde_json::Value;

macro_rules! schema {
    ($module:ident, $file:literal) => {
        #[allow(missing_docs, dead_code, unused_imports, non_camel_case_types, non_snake_case, non_upper_case_globals)]
        #[allow(clippy::all, clippy::pedantic)]
        mod $module {
            include!(concat!(env!("OUT_DIR"), "/", $file));
        }
    };
}
schema!(csae53, "csae53.rs");
schema!(ydt3709, "ydt3709.rs");
schema!(csae157, "csae157.rs");
schema!(j2735, "j2735.rs");

/// What `rasn` makes of bytes of one type.
#[derive(Copy, Clone, Debug)]
pub struct Reading {
    /// The fields, as JSON by ITU-T X.697; its refusal in its words.
    pub fields: fn(&[u8]) -> Result<Value, String>,
    /// The bytes that it makes of what it read.
    pub again: fn(&[u8]) -> Result<Vec<u8>, String>,
}

/// How `rasn` reads a type of a profile; none for types that neither a message nor an open type is of.
#[must_use]
pub fn reading_of(profile: &str, name: &str) -> Option<Reading> {
    match profile {
        "csae53-2020" => include!(concat!(env!("OUT_DIR"), "/csae53_readings.rs")),
        "ydt3709-2020" => include!(concat!(env!("OUT_DIR"), "/ydt3709_readings.rs")),
        "csae157-2020" => include!(concat!(env!("OUT_DIR"), "/csae157_readings.rs")),
        "j2735-2024" => include!(concat!(env!("OUT_DIR"), "/j2735_readings.rs")),
        _ => None,
    }
}

fn reading<T: rasn::Decode + rasn::Encode>() -> Reading {
    Reading { fields: fields::<T>, again: again::<T> }
}

fn fields<T: rasn::Decode + rasn::Encode>(bytes: &[u8]) -> Result<Value, String> {
    let value: T = uper::decode(bytes).map_err(|e| e.to_string())?;
    let text = jer::encode(&value).map_err(|e| e.to_string())?;
    serde_json::from_str(&text).map_err(|e| e.to_string())
}

fn again<T: rasn::Decode + rasn::Encode>(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let value: T = uper::decode(bytes).map_err(|e| e.to_string())?;
    uper::encode(&value).map_err(|e| e.to_string())
}
