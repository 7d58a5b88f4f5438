//! Road messages as honest Rust values, to and from UPER bytes and JSON.
//!
//! [`model`] holds the messages in SI units; [`encode`] and [`decode`] take them to and from the bytes that go on air;
//! [`json`] is their SI form for people and programs, [`wire_json`] the standard's own fields and raw numbers.
//!
//! ```
//! use v2x_msgs::{Profile, decode, encode, model::{Message, Participant, ParticipantType, Position, Rsm, StationId}};
//!
//! let here = Position::new(31.284156, 121.503210);
//! let car = Participant { ptc_type: ParticipantType::Motor, ptc_id: 17, speed_mps: Some(11.8), ..Participant::default() };
//! let id = StationId::from_name("x01").expect("a short ASCII name");
//! let rsm = Message::Rsm(Rsm { msg_cnt: 4, id, ref_pos: Some(here), participants: vec![car.at(here)], ..Rsm::default() });
//!
//! let bytes = encode(&rsm, Profile::Csae53_2020)?;
//! assert_eq!(decode(&bytes, Profile::Csae53_2020)?, rsm);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "capi")]
pub mod capi;
mod csae;
pub mod detect;
pub mod error;
pub mod hex;
pub mod json;
pub mod map;
pub mod model;
pub mod net;
#[cfg(feature = "probe")]
#[doc(hidden)]
pub mod probe;
mod sae;
pub mod schema;
mod shape;
pub mod split;
pub mod time;
pub mod units;
mod uper;
mod wire;
pub mod wire_json;

pub use error::{DecodeError, EncodeError};
pub use model::{Message, MessageKind};

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Edition of a message set. It decides every bit on the wire.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Profile {
    /// T/CSAE 53-2020.
    #[default]
    #[serde(rename = "csae53-2020")]
    Csae53_2020,
    /// YD/T 3709-2020: as T/CSAE 53-2020, but seven types differ on the wire, among them every list of map nodes.
    #[serde(rename = "ydt3709-2020")]
    Ydt3709_2020,
    /// T/CSAE 157-2020 (Day II) on top of T/CSAE 53-2020. Experimental but for the frame and CLPMM.
    #[serde(rename = "csae157-2020")]
    Csae157_2020,
    /// SAE J2735 of 2024-09, which reads every edition since 2016, with SAE J3224 (SDSM) and SAE J2945/4 (RSM).
    #[serde(rename = "j2735-2024", alias = "j3224", alias = "j2945-4")]
    J2735_2024,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Profile; 4] =
        [Profile::Csae53_2020, Profile::Ydt3709_2020, Profile::Csae157_2020, Profile::J2735_2024];

    /// Name, as in configuration and commands.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Profile::Csae53_2020 => "csae53-2020",
            Profile::Ydt3709_2020 => "ydt3709-2020",
            Profile::Csae157_2020 => "csae157-2020",
            Profile::J2735_2024 => "j2735-2024",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Profile, String> {
        let names = || Profile::ALL.map(Profile::name).join(", ");
        match text {
            // Both are messages of the J2735 frame.
            "j3224" | "j2945-4" => Ok(Profile::J2735_2024),
            _ => Profile::ALL
                .into_iter()
                .find(|p| p.name() == text)
                .ok_or_else(|| format!("no profile '{text}'; there are {}", names())),
        }
    }
}

/// The bytes of a message (UPER, with its frame).
///
/// # Errors
/// When a value does not fit the wire; the error names the field.
pub fn encode(message: &Message, profile: Profile) -> Result<Vec<u8>, EncodeError> {
    let bytes = match profile {
        Profile::Csae53_2020 => uper::Writer::message(&csae::csae53::to_wire(message)?, &wire::CSAE53),
        Profile::Ydt3709_2020 => uper::Writer::message(&csae::ydt3709::to_wire(message)?, &wire::YDT3709),
        Profile::Csae157_2020 => uper::Writer::message(&csae::csae157::to_wire(message)?, &wire::CSAE157),
        Profile::J2735_2024 => uper::Writer::message(&sae::to_wire(message)?, &wire::J2735),
    }?;
    if wire_json::edition::differs(message) {
        wire_json::edition::made_only_of(&bytes, profile)?;
    }
    Ok(bytes)
}

/// The message in bytes that came from the air. A MAP, an RSI with paths or a BSM with the start
/// of its path that is another one of another Chinese edition as well is refused.
///
/// # Errors
/// When the bytes are truncated, malformed, of an unsupported kind, or more than the message.
pub fn decode(bytes: &[u8], profile: Profile) -> Result<Message, DecodeError> {
    let message = match profile {
        Profile::Csae53_2020 => csae::csae53::from_wire(&uper::Reader::message(bytes, &wire::CSAE53)?),
        Profile::Ydt3709_2020 => csae::ydt3709::from_wire(&uper::Reader::message(bytes, &wire::YDT3709)?),
        Profile::Csae157_2020 => csae::csae157::from_wire(&uper::Reader::message(bytes, &wire::CSAE157)?),
        Profile::J2735_2024 => sae::from_wire(&uper::Reader::message(bytes, &wire::J2735)?),
    }?;
    if wire_json::edition::differs(&message) {
        wire_json::edition::only_of(bytes, profile)?;
    }
    Ok(message)
}
