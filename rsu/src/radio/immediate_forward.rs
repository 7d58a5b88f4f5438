//! RSU 4.1 "immediate forward": text blocks ([`Block`]) over UDP, as roadside radios take them on port 1516. Application
//! identifiers and priorities are those of YD/T 3707-2020 for the messages of T/CSAE 53.

use std::net::{SocketAddr, UdpSocket};

use v2x_msgs::MessageKind;
use v2x_msgs::net::dsmp::MOST_DATA;
use v2x_msgs::net::forward::Block;

use crate::limits;
use crate::radio::dsmp::application;
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
        self.pipe.send(text(frame.kind, &frame.bytes)?.as_bytes())
    }

    fn receive(&mut self) -> Result<Option<Vec<u8>>, RadioError> {
        // What is not the text is handed on as it is: the decoder refuses and counts it like any garbage from the air.
        Ok(self
            .pipe
            .receive()?
            .map(|datagram| Block::parse(datagram).map_or_else(|_| datagram.to_vec(), |b| b.payload)))
    }

    fn limits(&self) -> Limits {
        Limits { max_payload: MOST_DATA }
    }

    fn ear(&self) -> Option<UdpSocket> {
        self.pipe.ear()
    }

    fn health(&self) -> Option<String> {
        self.pipe.health()
    }
}

/// The text block of one message, with the application identifier and priority of YD/T 3707-2020.
///
/// # Errors
/// When the network layer has no application for the message.
///
/// ```
/// use rsu::radio::immediate_forward::text;
/// use v2x_msgs::MessageKind;
/// use v2x_msgs::net::forward::Block;
/// let block = text(MessageKind::Rsm, &[0x08, 0xff]).unwrap();
/// assert!(block.contains("Type=RSM\nPSID=0x8DA7\n") && block.ends_with("Payload=08ff\n"));
/// assert_eq!(Block::parse(block.as_bytes()).unwrap().payload, [0x08, 0xff]);
/// ```
pub fn text(kind: MessageKind, bytes: &[u8]) -> Result<String, RadioError> {
    let application = application(kind)?;
    let block = Block {
        kind: kind.name().to_uppercase(),
        psid: application.aid().map_err(|e| RadioError::Frame(e.to_string()))?,
        // RSU 4.1 knows eight priorities, the highest 7.
        priority: application.priority.unwrap_or_default() >> 5,
        signature: false,
        payload: bytes.to_vec(),
    };
    Ok(block.text())
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
            let block = text(kind, &[1]).unwrap();
            assert!(block.contains(&format!("\nPSID={psid}\n")), "{block}");
        }
    }

    #[test]
    fn garbage_from_the_air_is_handed_on_to_be_judged() {
        let mut radio =
            ImmediateForward::open("127.0.0.1:9".parse().unwrap(), Some("127.0.0.1:0".parse().unwrap())).unwrap();
        let vehicle = UdpSocket::bind("127.0.0.1:0").unwrap();
        vehicle.send_to(&[0xde, 0xad], radio.listens_at().unwrap()).unwrap();
        vehicle.send_to(text(MessageKind::Bsm, &[1, 2]).unwrap().as_bytes(), radio.listens_at().unwrap()).unwrap();
        assert_eq!(radio.receive().unwrap(), Some(vec![0xde, 0xad]));
        assert_eq!(radio.receive().unwrap(), Some(vec![1, 2]));
        assert_eq!(radio.receive().unwrap(), None);
    }

    proptest! {
        #[test]
        fn every_message_parses_back(bytes in prop::collection::vec(any::<u8>(), 0..1400), kind in prop::sample::select(vec![MessageKind::Bsm, MessageKind::Map, MessageKind::Rsm, MessageKind::Spat, MessageKind::Rsi])) {
            let block = Block::parse(text(kind, &bytes).unwrap().as_bytes()).unwrap();
            prop_assert_eq!(block.payload, bytes);
            prop_assert_eq!(block.kind, kind.name().to_uppercase());
        }
    }
}
