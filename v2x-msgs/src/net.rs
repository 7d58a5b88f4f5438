//! The layers between a radio and a message: DSMP of YD/T 3707-2020 ([`dsmp`]), WSMP of IEEE 1609.3 ([`wsmp`]), the
//! application identifiers that both use ([`aid`]), the envelope of IEEE 1609.2 ([`spdu`]), and the text blocks of RSU 4.1
//! ([`forward`]). Headers are read and written octet by octet; an error says at which octet, in which field, of which
//! layer. [`carried`] goes through all of them to the message; with the feature `capture` also from the frames of packet
//! captures.
//!
//! ```
//! use v2x_msgs::net::{aid::Aid, dsmp::Dsm};
//! let frame = Dsm::new(Aid::new(3623)?, &[0x24; 300]).encode(1400)?;
//! assert_eq!(frame[..6], [0x04, 0x00, 0x8d, 0xa7, 0x01, 0x2c]);
//! assert_eq!(Dsm::decode(&frame, 1400)?.aid.value(), 3623);
//! # Ok::<(), v2x_msgs::net::NetError>(())
//! ```

pub mod aid;
#[cfg(feature = "capture")]
pub mod capture;
pub mod carried;
pub mod dsmp;
mod element;
pub mod forward;
#[cfg(feature = "capture")]
pub mod link;
mod octets;
pub mod spdu;
pub mod wsmp;

use std::fmt;

use thiserror::Error;

pub use element::Element;

/// Whose header it is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Layer {
    /// YD/T 3707-2020, dedicated short message.
    Dsmp,
    /// IEEE 1609.3, WAVE short message.
    Wsmp,
    /// IEEE 1609.2, secured data.
    Spdu,
    /// An application identifier on its own.
    Aid,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Layer::Dsmp => "DSMP",
            Layer::Wsmp => "WSMP",
            Layer::Spdu => "IEEE 1609.2",
            Layer::Aid => "application identifier",
        })
    }
}

/// Why octets are no frame of a layer, or cannot become one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NetError {
    /// The octets end inside the frame.
    #[error("{layer}: truncated, the octets end at octet {octet}, inside {field}")]
    Truncated {
        /// The layer.
        layer: Layer,
        /// Where the missing octets would begin, counted from 0.
        octet: usize,
        /// The field.
        field: &'static str,
    },
    /// A field says what it must not.
    #[error("{layer}: malformed at octet {octet}, {field}: {what}")]
    Malformed {
        /// The layer.
        layer: Layer,
        /// Where the field begins, counted from 0.
        octet: usize,
        /// The field.
        field: &'static str,
        /// What is wrong, and what was expected.
        what: String,
    },
    /// More data than a frame takes.
    #[error("{layer}: {length} octets of data, a frame takes at most {most}; split the message or send less in it")]
    TooLong {
        /// The layer.
        layer: Layer,
        /// Octets of data.
        length: usize,
        /// As many fit.
        most: usize,
    },
    /// An application identifier that the p-encoding cannot hold.
    #[error("application identifier {0} is too large, the p-encoding ends at 270549119 (0pEFFFFFFF)")]
    AidTooLarge(u32),
    /// A text that is no application identifier.
    #[error(
        "'{0}' is no application identifier; write the number (130 or 0x82), or its p-encoded octets behind 0p (0p8002)"
    )]
    NotAnAid(String),
    /// More elements than the header can count, or one with more octets than it can say.
    #[error("{layer}: {what}")]
    Elements {
        /// The layer.
        layer: Layer,
        /// What is too much.
        what: String,
    },
}
