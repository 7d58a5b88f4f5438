//! DSMP frames (YD/T 3707-2020), one a UDP datagram: what a PC5 radio takes as a non-IP unit, so that a shim with a socket
//! on each side is all that is between. Frames for applications that nobody registered are not delivered.

use std::net::{SocketAddr, UdpSocket};

use v2x_msgs::MessageKind;
use v2x_msgs::net::aid::{self, Application, Network, Registered};
use v2x_msgs::net::carried;
use v2x_msgs::net::dsmp::{Dsm, MOST_DATA};

use crate::limits;
use crate::radio::udp::Pipe;
use crate::radio::{Limits, Radio, RadioError, RadioFrame, fits};

/// A PC5 radio behind UDP.
#[derive(Debug)]
pub struct Dsmp {
    pipe: Pipe,
    registered: Registered,
}

impl Dsmp {
    /// Sends to `to`, hears at `listen`.
    ///
    /// # Errors
    /// When an address cannot be had.
    pub fn open(to: SocketAddr, listen: Option<SocketAddr>) -> Result<Self, RadioError> {
        let registered = Registered::every(Network::Dsmp);
        Ok(Self { pipe: Pipe::open(to, listen, limits::HEARD_BYTES)?, registered })
    }

    /// Where it hears.
    #[must_use]
    pub fn listens_at(&self) -> Option<SocketAddr> {
        self.pipe.listens_at()
    }
}

/// What YD/T 3707-2020 has for a message.
///
/// # Errors
/// When it has nothing.
pub(super) fn application(kind: MessageKind) -> Result<&'static Application, RadioError> {
    let none = || RadioError::Frame(format!("YD/T 3707 has no application identifier for {}", kind.name()));
    aid::application(Network::Dsmp, kind).ok_or_else(none)
}

impl Radio for Dsmp {
    fn send(&mut self, frame: &RadioFrame) -> Result<(), RadioError> {
        fits(frame, self.limits())?;
        let refused = |e: v2x_msgs::net::NetError| RadioError::Frame(e.to_string());
        let aid = application(frame.kind)?.aid().map_err(refused)?;
        let dsm = Dsm::new(aid, &frame.bytes).encode(MOST_DATA).map_err(refused)?;
        self.pipe.send(&dsm)
    }

    fn receive(&mut self) -> Result<Option<Vec<u8>>, RadioError> {
        for _ in 0..limits::HEARD_AT_ONCE {
            let Some(datagram) = self.pipe.receive()? else { return Ok(None) };
            match carried::of_dsmp(datagram) {
                Ok(carried) if carried.application().is_some_and(|aid| !self.registered.delivers(aid)) => {}
                Ok(carried) => return Ok(Some(carried.payload.into_owned())),
                // Handed on as it is: the decoder refuses and counts it like any garbage from the air.
                Err(_) => return Ok(Some(datagram.to_vec())),
            }
        }
        // A flood for others: an empty message is refused and counted, and the rest gets its turn.
        Ok(Some(Vec::new()))
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

#[cfg(test)]
mod tests {
    use v2x_msgs::net::aid::Aid;

    use super::*;

    fn radio(to: SocketAddr) -> Dsmp {
        Dsmp::open(to, Some("127.0.0.1:0".parse().unwrap())).unwrap()
    }

    #[test]
    fn a_message_goes_out_in_the_frame_of_its_application() {
        let antenna = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut radio = radio(antenna.local_addr().unwrap());
        radio.send(&RadioFrame { kind: MessageKind::Rsm, bytes: vec![7; 300], tov: None }).unwrap();
        let mut buffer = [0; 2048];
        let length = antenna.recv(&mut buffer).unwrap();
        assert_eq!(buffer[..6], [0x04, 0x00, 0x8d, 0xa7, 0x01, 0x2c]);
        assert_eq!(&buffer[6..length], &[7; 300]);
        let long = RadioFrame { kind: MessageKind::Map, bytes: vec![0; 1401], tov: None };
        assert!(matches!(radio.send(&long), Err(RadioError::TooLong { size: 1401, max: 1400 })));
    }

    #[test]
    fn only_frames_for_registered_applications_are_delivered() {
        let mut radio = radio("127.0.0.1:9".parse().unwrap());
        let vehicle = UdpSocket::bind("127.0.0.1:0").unwrap();
        let heard_at = radio.listens_at().unwrap();
        for (aid, data) in [(135, [1; 3]), (3623, [2; 3]), (130, [3; 3]), (111, [4; 3])] {
            let frame = Dsm::new(Aid::new(aid).unwrap(), &data).encode(MOST_DATA).unwrap();
            vehicle.send_to(&frame, heard_at).unwrap();
        }
        vehicle.send_to(&[4, 0, 0x6f, 0xff, 0xff], heard_at).unwrap();
        assert_eq!(radio.receive().unwrap(), Some(vec![2; 3]));
        assert_eq!(radio.receive().unwrap(), Some(vec![4; 3]));
        assert_eq!(radio.receive().unwrap(), Some(vec![4, 0, 0x6f, 0xff, 0xff]), "judged by the decoder");
        assert_eq!(radio.receive().unwrap(), None);
    }
}
