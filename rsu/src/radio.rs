//! What goes to and comes from an antenna. The [`Radio`] trait is the third seam; drivers live below this module.

use calibration::Timestamp;
use serde::{Deserialize, Serialize};
use v2x_msgs::MessageKind;

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
}
