//! RSU 4.1 "immediate forward": a text block with the bytes in hex over UDP, as `usdot-fhwa-OPS/V2X-Hub` sends it
//! (ImmediateForwardPlugin) and roadside radios take it on port 1516. Application ids and priorities are those of
//! YD/T 3707-2020 for the messages of T/CSAE 53.

use std::fmt::Write;
use std::net::{SocketAddr, UdpSocket};

use v2x_msgs::MessageKind;

use crate::limits;
use crate::radio::udp::Pipe;
use crate::radio::{Limits, Radio, RadioError, RadioFrame, fits};

/// A radio that takes immediate-forward text.
#[derive(Debug)]
pub struct ImmediateForward {
    pipe: Pipe,
}

impl ImmediateForward {
    /// Sends to `to`, hears the same text at `listen`.
    ///
    /// # Errors
    /// When an address cannot be had.
    pub fn open(to: SocketAddr, listen: Option<SocketAddr>) -> Result<Self, RadioError> {
        Ok(Self { pipe: Pipe::open(to, listen, limits::RADIO_TEXT_BYTES)? })
    }

    /// Where it hears.
    #[must_use]
    pub fn listens_at(&self) -> Option<SocketAddr> {
        self.pipe.listens_at()
    }
}

impl Radio for ImmediateForward {
    fn send(&mut self, frame: &RadioFrame) -> Result<(), RadioError> {
        fits(frame, self.limits())?;
        self.pipe.send(text(frame.kind, &frame.bytes).as_bytes())
    }

    fn receive(&mut self) -> Result<Option<Vec<u8>>, RadioError> {
        // What is not the text is handed on as it is: the decoder refuses and counts it like any garbage from the air.
        Ok(self.pipe.receive()?.map(|datagram| parse(datagram).map_or_else(|_| datagram.to_vec(), |b| b.payload)))
    }

    fn limits(&self) -> Limits {
        // YD/T 3707-2020: the MIB's default for the longest DSM.
        Limits { max_payload: 1400 }
    }

    fn ear(&self) -> Option<UdpSocket> {
        self.pipe.ear()
    }

    fn health(&self) -> Option<String> {
        self.pipe.health()
    }
}

/// Application id (AID) and priority 0..255 of a message, YD/T 3707-2020.
#[must_use]
pub fn application(kind: MessageKind) -> (u16, u8) {
    match kind {
        MessageKind::Bsm => (111, 112),
        MessageKind::Map => (3618, 16),
        MessageKind::Spat => (3619, 176),
        // Events of the moment: "RSI dynamic".
        MessageKind::Rsi => (3622, 112),
        MessageKind::Rsm => (3623, 208),
    }
}

/// The p-encoding of an id below 0x4080 (IEEE 1609.12), as configuration files of such radios write it.
fn p_encoded(id: u16) -> u16 {
    if id < 0x80 { id } else { id + 0x7F80 }
}

/// The text block of one message.
///
/// ```
/// use rsu::radio::immediate_forward::{parse, text};
/// use v2x_msgs::MessageKind;
/// let block = text(MessageKind::Rsm, &[0x08, 0xff]);
/// assert!(block.contains("Type=RSM\nPSID=0x8DA7\n") && block.ends_with("Payload=08ff\n"));
/// assert_eq!(parse(block.as_bytes()).unwrap().payload, [0x08, 0xff]);
/// ```
#[must_use]
pub fn text(kind: MessageKind, bytes: &[u8]) -> String {
    let (aid, priority) = application(kind);
    let psid = p_encoded(aid);
    let mut block = format!(
        "Version=0.7\nType={}\nPSID=0x{psid:0digits$X}\nPriority={}\nTxMode=CONT\nTxChannel=183\nTxInterval=0\n\
         DeliveryStart=\nDeliveryStop=\nSignature=False\nEncryption=False\nPayload=",
        kind.name().to_uppercase(),
        // RSU 4.1 knows eight priorities, the highest 7.
        priority >> 5,
        digits = if psid < 0x80 { 2 } else { 4 },
    );
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(block, "{byte:02x}");
    }
    block.push('\n');
    block
}

/// What a text block says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// `Type`, upper case.
    pub kind: String,
    /// `PSID`, p-encoded as written.
    pub psid: u32,
    /// `Payload`.
    pub payload: Vec<u8>,
}

/// Why a datagram is no text block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not text.
    #[error("not a text block: the datagram is not ASCII")]
    NotText,
    /// A line is missing.
    #[error("no line `{0}=…` in the text block")]
    Missing(&'static str),
    /// A value cannot be read.
    #[error("`{0}=` has a value that is no hexadecimal number")]
    NotHex(&'static str),
}

/// Reads a text block; unknown lines are skipped.
///
/// # Errors
/// What is wrong with it.
pub fn parse(datagram: &[u8]) -> Result<Block, ParseError> {
    let text = std::str::from_utf8(datagram).ok().filter(|t| t.is_ascii()).ok_or(ParseError::NotText)?;
    let line = |name: &'static str| {
        let mut values = text.lines().filter_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix('='));
        values.next().ok_or(ParseError::Missing(name))
    };
    let psid = line("PSID")?;
    let digits = psid.strip_prefix("0x").or(psid.strip_prefix("0X")).unwrap_or(psid);
    Ok(Block {
        kind: line("Type")?.to_uppercase(),
        psid: u32::from_str_radix(digits, 16).map_err(|_| ParseError::NotHex("PSID"))?,
        payload: unhex(line("Payload")?).ok_or(ParseError::NotHex("Payload"))?,
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some((digit(pair[0])? << 4 | digit(*pair.get(1)?)?) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_application_ids_are_p_encoded_as_the_standard_prints_them() {
        let printed = [
            (MessageKind::Map, "0x8DA2"),
            (MessageKind::Spat, "0x8DA3"),
            (MessageKind::Rsi, "0x8DA6"),
            (MessageKind::Rsm, "0x8DA7"),
            (MessageKind::Bsm, "0x6F"),
        ];
        for (kind, psid) in printed {
            assert!(text(kind, &[1]).contains(&format!("\nPSID={psid}\n")), "{}", text(kind, &[1]));
        }
    }

    #[test]
    fn a_block_of_v2x_hub_is_read() {
        let block = b"Version=0.7\nType=SPAT\nPSID=0x8002\nPriority=7\nTxMode=CONT\nTxChannel=183\nTxInterval=0\nDeliveryStart=\nDeliveryStop=\nSignature=True\nEncryption=False\nPayload=0013Ab\n";
        let block = parse(block).unwrap();
        assert_eq!((block.kind.as_str(), block.psid, block.payload), ("SPAT", 0x8002, vec![0x00, 0x13, 0xab]));
        assert_eq!(parse(b"Type=RSM\r\nPSID=0x8DA7\r\nPayload=08\r\n").unwrap().payload, [8]);
    }

    #[test]
    fn what_is_no_block_is_refused_with_the_reason() {
        assert_eq!(parse(&[0xff, 0x00]), Err(ParseError::NotText));
        assert_eq!(parse(b"Type=RSM\nPSID=0x8DA7\n"), Err(ParseError::Missing("Payload")));
        assert_eq!(parse(b"Type=RSM\nPSID=0x8DA7\nPayload=123"), Err(ParseError::NotHex("Payload")));
        assert_eq!(parse(b"Type=RSM\nPSID=many\nPayload=12"), Err(ParseError::NotHex("PSID")));
    }

    #[test]
    fn garbage_from_the_air_is_handed_on_to_be_judged() {
        let mut radio =
            ImmediateForward::open("127.0.0.1:9".parse().unwrap(), Some("127.0.0.1:0".parse().unwrap())).unwrap();
        let vehicle = UdpSocket::bind("127.0.0.1:0").unwrap();
        vehicle.send_to(&[0xde, 0xad], radio.listens_at().unwrap()).unwrap();
        vehicle.send_to(text(MessageKind::Bsm, &[1, 2]).as_bytes(), radio.listens_at().unwrap()).unwrap();
        assert_eq!(radio.receive().unwrap(), Some(vec![0xde, 0xad]));
        assert_eq!(radio.receive().unwrap(), Some(vec![1, 2]));
        assert_eq!(radio.receive().unwrap(), None);
    }

    proptest! {
        #[test]
        fn every_message_parses_back(bytes in prop::collection::vec(any::<u8>(), 0..1400), kind in 0..5_usize) {
            let kind = MessageKind::ALL[kind];
            let block = parse(text(kind, &bytes).as_bytes()).unwrap();
            prop_assert_eq!(block.payload, bytes);
            prop_assert_eq!(block.kind, kind.name().to_uppercase());
        }

        #[test]
        fn no_datagram_makes_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes);
        }
    }
}
