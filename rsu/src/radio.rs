//! What goes to and comes from an antenna. The [`Radio`] trait is the third seam; drivers live below this module.

pub mod dsmp;
pub mod fault_injector;
pub mod immediate_forward;
pub mod tracer;
pub mod udp;

use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};

use calibration::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use v2x_msgs::{MessageKind, Profile};

use crate::config::{self, RadioKind};

/// One message as it goes on air, or as it came from there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RadioFrame {
    /// Which message, as far as known without decoding.
    pub kind: MessageKind,
    /// UPER bytes of the message frame.
    pub bytes: Vec<u8>,
    /// Time of validity of the newest measurement the message rests on; `None` for a static message (MAP).
    pub tov: Option<Timestamp>,
}

/// What a radio can do.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest message, bytes.
    pub max_payload: usize,
}

/// Why a frame did not go out or come in.
#[derive(Debug, thiserror::Error)]
pub enum RadioError {
    /// The frame is larger than the radio takes.
    #[error(
        "message of {size} bytes is larger than the {max} the radio takes; lower the number of participants a message"
    )]
    TooLong {
        /// Its size.
        size: usize,
        /// The radio's limit.
        max: usize,
    },
    /// The network layer has no application for the message, or refuses it.
    #[error("{0}")]
    Frame(String),
    /// The address leads nowhere.
    #[error("`{address}` is not an address that can be reached ({why}); write it as `host:port`")]
    Address {
        /// As configured.
        address: String,
        /// What is wrong.
        why: String,
    },
    /// The socket refused.
    #[error("radio socket: {0}")]
    Io(#[from] std::io::Error),
}

/// An antenna: real, bridged, or simulated. All calls return at once.
pub trait Radio: Send {
    /// Hands one message to the antenna.
    ///
    /// # Errors
    /// When the frame is too long or the socket refuses; the caller counts it and goes on.
    fn send(&mut self, frame: &RadioFrame) -> Result<(), RadioError>;
    /// Takes the next message heard, if one is there.
    ///
    /// # Errors
    /// When the socket fails. Garbage from the air is not an error: it is handed on and judged by the decoder.
    fn receive(&mut self) -> Result<Option<Vec<u8>>, RadioError>;
    /// What the radio can do.
    fn limits(&self) -> Limits;
    /// A second handle of the socket that becomes readable when something is heard; `None` for a radio that only sends.
    fn ear(&self) -> Option<UdpSocket> {
        None
    }
    /// What is wrong with the radio in spite of taking messages (nobody listens, …); `None` when it is well.
    fn health(&self) -> Option<String> {
        None
    }
}

impl<R: Radio + ?Sized> Radio for Box<R> {
    fn send(&mut self, frame: &RadioFrame) -> Result<(), RadioError> {
        (**self).send(frame)
    }

    fn receive(&mut self) -> Result<Option<Vec<u8>>, RadioError> {
        (**self).receive()
    }

    fn limits(&self) -> Limits {
        (**self).limits()
    }

    fn ear(&self) -> Option<UdpSocket> {
        (**self).ear()
    }

    fn health(&self) -> Option<String> {
        (**self).health()
    }
}

/// Opens a radio as configured. Names are looked up, so this may take a while.
///
/// # Errors
/// An address leads nowhere, or is taken.
pub fn open(radio: &config::Radio, profile: Profile) -> Result<Box<dyn Radio>, RadioError> {
    let to = resolve(&radio.address)?;
    let listen = radio.listen.as_deref().map(resolve).transpose()?;
    Ok(match radio.kind {
        RadioKind::Udp => Box::new(udp::Udp::open(to, listen)?),
        RadioKind::Dsmp => Box::new(dsmp::Dsmp::open(to, listen)?),
        RadioKind::ImmediateForward => Box::new(immediate_forward::ImmediateForward::open(to, listen, profile)?),
    })
}

fn resolve(address: &str) -> Result<SocketAddr, RadioError> {
    let lost = |why: String| RadioError::Address { address: address.to_owned(), why };
    let mut found = address.to_socket_addrs().map_err(|e| lost(e.to_string()))?;
    found.next().ok_or_else(|| lost("no such host".to_owned()))
}

/// The message in SI units as JSON, with its type, its size and the `tov` it rests on.
#[must_use]
pub fn json_twin(frame: &RadioFrame, profile: Profile) -> Map<String, Value> {
    let decoded = v2x_msgs::decode(&frame.bytes, profile).map_err(|e| e.to_string());
    let json = decoded.and_then(|message| v2x_msgs::json::to_json(&message).map_err(|e| e.to_string()));
    let mut fields = match json {
        Ok(Value::Object(fields)) => fields,
        Ok(other) => Map::from_iter([("value".to_owned(), other)]),
        Err(error) => Map::from_iter([("error".to_owned(), Value::String(error))]),
    };
    fields.insert("type".to_owned(), json!(frame.kind.name()));
    fields.insert("bytes".to_owned(), json!(frame.bytes.len()));
    fields.insert("tov".to_owned(), json!(frame.tov));
    fields
}

/// Refuses what the radio does not take.
fn fits(frame: &RadioFrame, limits: Limits) -> Result<(), RadioError> {
    if frame.bytes.len() > limits.max_payload {
        return Err(RadioError::TooLong { size: frame.bytes.len(), max: limits.max_payload });
    }
    Ok(())
}
