//! RSU 4.1 "immediate forward": text blocks ([`Block`]) over UDP, as roadside radios take them on port 1516. Application
//! identifiers and priorities are those of YD/T 3707-2020 for the Chinese message sets, and those of IEEE 1609.12 for SAE J2735.

use std::net::{SocketAddr, UdpSocket};

use v2x_msgs::net::aid::{APPLICATIONS, Application, Network};
use v2x_msgs::net::dsmp::MOST_DATA;
use v2x_msgs::net::forward::Block;
use v2x_msgs::{MessageKind, Profile};

use crate::limits;
use crate::radio::dsmp::application;
use crate::radio::udp::Pipe;
use crate::radio::{Limits, Radio, RadioError, RadioFrame, fits};

/// A radio that takes immediate-forward text.
#[derive(Debug)]
pub struct ImmediateForward {
    pipe: Pipe,
    profile: Profile,
}

impl ImmediateForward {
    /// Sends messages of one set to `to`, hears the same text at `listen`.
    ///
    /// # Errors
    /// When an address cannot be had.
    pub fn open(to: SocketAddr, listen: Option<SocketAddr>, profile: Profile) -> Result<Self, RadioError> {
        Ok(Self { pipe: Pipe::open(to, listen, limits::RADIO_TEXT_BYTES)?, profile })
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
        self.pipe.send(text(frame.kind, &frame.bytes, self.profile)?.as_bytes())
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

/// The text block of one message. SAE J2735 has no priorities: there it is the lowest, for the radio to raise.
///
/// # Errors
/// When the network layer has no application for the message.
///
/// ```
/// use rsu::radio::immediate_forward::text;
/// use v2x_msgs::{MessageKind, Profile};
/// use v2x_msgs::net::forward::Block;
/// let block = text(MessageKind::Rsm, &[0x08, 0xff], Profile::Csae53_2020).unwrap();
/// assert!(block.contains("Type=RSM\nPSID=0x8DA7\n") && block.ends_with("Payload=08ff\n"));
/// assert_eq!(Block::parse(block.as_bytes()).unwrap().payload, [0x08, 0xff]);
/// ```
pub fn text(kind: MessageKind, bytes: &[u8], profile: Profile) -> Result<String, RadioError> {
    let (name, application) = match profile {
        Profile::J2735_2024 => sae(kind)?,
        _ => (kind.name(), application(kind)?),
    };
    let block = Block {
        kind: name.to_uppercase(),
        psid: application.aid().map_err(|e| RadioError::Frame(e.to_string()))?,
        // RSU 4.1 knows eight priorities, the highest 7.
        priority: application.priority.unwrap_or_default() >> 5,
        signature: false,
        payload: bytes.to_vec(),
    };
    Ok(block.text())
}

/// What a message is called in SAE J2735 and J3224, and what IEEE 1609.12 has for it.
fn sae(kind: MessageKind) -> Result<(&'static str, &'static Application), RadioError> {
    let name = match kind {
        MessageKind::Rsm => "sdsm",
        MessageKind::Rsi => "tim",
        same => same.name(),
    };
    let of = |a: &&Application| a.network == Network::Wsmp && a.messages.contains(&name);
    let none = || RadioError::Frame(format!("IEEE 1609.12 has no application identifier for {name}"));
    APPLICATIONS.iter().find(of).map(|application| (name, application)).ok_or_else(none)
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
            let block = text(kind, &[1], Profile::default()).unwrap();
            assert!(block.contains(&format!("\nPSID={psid}\n")), "{block}");
        }
    }

    #[test]
    fn north_american_messages_have_their_own_names_and_applications() {
        let printed = [
            (MessageKind::Map, "MAP", "0x8002"),
            (MessageKind::Spat, "SPAT", "0x8002"),
            (MessageKind::Rsi, "TIM", "0x8003"),
            (MessageKind::Rsm, "SDSM", "0x8010"),
        ];
        for (kind, name, psid) in printed {
            let block = text(kind, &[1], Profile::J2735_2024).unwrap();
            assert!(block.contains(&format!("Type={name}\nPSID={psid}\n")), "{block}");
        }
    }

    #[test]
    fn garbage_from_the_air_is_handed_on_to_be_judged() {
        let mut radio = ImmediateForward::open(
            "127.0.0.1:9".parse().unwrap(),
            Some("127.0.0.1:0".parse().unwrap()),
            Profile::default(),
        )
        .unwrap();
        let vehicle = UdpSocket::bind("127.0.0.1:0").unwrap();
        vehicle.send_to(&[0xde, 0xad], radio.listens_at().unwrap()).unwrap();
        vehicle
            .send_to(
                text(MessageKind::Bsm, &[1, 2], Profile::default()).unwrap().as_bytes(),
                radio.listens_at().unwrap(),
            )
            .unwrap();
        assert_eq!(radio.receive().unwrap(), Some(vec![0xde, 0xad]));
        assert_eq!(radio.receive().unwrap(), Some(vec![1, 2]));
        assert_eq!(radio.receive().unwrap(), None);
    }

    proptest! {
        #[test]
        fn every_message_parses_back(bytes in prop::collection::vec(any::<u8>(), 0..1400), kind in prop::sample::select(vec![MessageKind::Bsm, MessageKind::Map, MessageKind::Rsm, MessageKind::Spat, MessageKind::Rsi])) {
            let block = Block::parse(text(kind, &bytes, Profile::default()).unwrap().as_bytes()).unwrap();
            prop_assert_eq!(block.payload, bytes);
            prop_assert_eq!(block.kind, kind.name().to_uppercase());
        }
    }
}
