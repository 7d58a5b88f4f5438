//! Bare UPER bytes, one message a datagram: the simplest hand-over to a radio on the local network, and what the vehicle
//! side of a test listens to.

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use crate::limits;
use crate::radio::{Limits, Radio, RadioError, RadioFrame, fits};

/// A radio behind UDP.
#[derive(Debug)]
pub struct Udp {
    pipe: Pipe,
}

impl Udp {
    /// Sends to `to`, hears at `listen`.
    ///
    /// # Errors
    /// When an address cannot be had.
    pub fn open(to: SocketAddr, listen: Option<SocketAddr>) -> Result<Self, RadioError> {
        Ok(Self { pipe: Pipe::open(to, listen, limits::HEARD_BYTES)? })
    }

    /// Where it hears.
    #[must_use]
    pub fn listens_at(&self) -> Option<SocketAddr> {
        self.pipe.listens_at()
    }
}

impl Radio for Udp {
    fn send(&mut self, frame: &RadioFrame) -> Result<(), RadioError> {
        fits(frame, self.limits())?;
        self.pipe.send(&frame.bytes)
    }

    fn receive(&mut self) -> Result<Option<Vec<u8>>, RadioError> {
        Ok(self.pipe.receive()?.map(<[u8]>::to_vec))
    }

    fn limits(&self) -> Limits {
        Limits { max_payload: limits::HEARD_BYTES }
    }

    fn ear(&self) -> Option<UdpSocket> {
        self.pipe.ear()
    }

    fn health(&self) -> Option<String> {
        self.pipe.health()
    }
}

/// Datagrams out and in, never waiting.
#[derive(Debug)]
pub(super) struct Pipe {
    to: SocketAddr,
    out: UdpSocket,
    listen: Option<UdpSocket>,
    refused: bool,
    buffer: Vec<u8>,
}

impl Pipe {
    /// `largest`: bytes of the largest datagram taken in; a longer one is cut to one byte more, so that it can be told.
    pub(super) fn open(to: SocketAddr, listen: Option<SocketAddr>, largest: usize) -> Result<Self, RadioError> {
        let any: SocketAddr =
            if to.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
        let out = UdpSocket::bind(any)?;
        out.set_nonblocking(true)?;
        out.set_broadcast(true)?;
        // Connected, so that the kernel tells when nobody listens at the other end.
        out.connect(to)?;
        let listen = listen.map(UdpSocket::bind).transpose()?;
        if let Some(listen) = &listen {
            listen.set_nonblocking(true)?;
        }
        Ok(Self { to, out, listen, refused: false, buffer: vec![0; largest + 1] })
    }

    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), RadioError> {
        let answer = self.out.send(bytes);
        self.refused = matches!(&answer, Err(e) if e.kind() == ErrorKind::ConnectionRefused);
        // A refusal belongs to an earlier datagram and keeps this one back: send it once more.
        let sent = if self.refused { self.out.send(bytes)? } else { answer? };
        if sent == bytes.len() { Ok(()) } else { Err(Error::from(ErrorKind::WriteZero).into()) }
    }

    pub(super) fn receive(&mut self) -> Result<Option<&[u8]>, RadioError> {
        let Some(listen) = &self.listen else { return Ok(None) };
        match listen.recv(&mut self.buffer) {
            Ok(length) => Ok(Some(&self.buffer[..length])),
            Err(e) if e.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    pub(super) fn listens_at(&self) -> Option<SocketAddr> {
        self.listen.as_ref()?.local_addr().ok()
    }

    pub(super) fn ear(&self) -> Option<UdpSocket> {
        self.listen.as_ref()?.try_clone().ok()
    }

    pub(super) fn health(&self) -> Option<String> {
        self.refused.then(|| format!("nobody listens at {}", self.to))
    }
}

#[cfg(test)]
mod tests {
    use v2x_msgs::MessageKind;

    use super::*;

    fn frame(bytes: Vec<u8>) -> RadioFrame {
        RadioFrame { kind: MessageKind::Rsm, bytes, tov: None }
    }

    fn antenna() -> UdpSocket {
        UdpSocket::bind("127.0.0.1:0").expect("a free port")
    }

    #[test]
    fn a_message_is_one_datagram_of_the_same_bytes() {
        let antenna = antenna();
        let mut radio = Udp::open(antenna.local_addr().unwrap(), None).unwrap();
        radio.send(&frame(vec![7; 300])).unwrap();
        let mut buffer = [0; 2048];
        let length = antenna.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], &[7; 300]);
    }

    #[test]
    fn what_is_heard_is_handed_on_and_nothing_waits() {
        let mut radio = Udp::open("127.0.0.1:9".parse().unwrap(), Some("127.0.0.1:0".parse().unwrap())).unwrap();
        assert_eq!(radio.receive().unwrap(), None);
        let vehicle = antenna();
        vehicle.send_to(&[1, 2, 3], radio.listens_at().unwrap()).unwrap();
        vehicle.send_to(&[9; 5000], radio.listens_at().unwrap()).unwrap();
        assert_eq!(radio.receive().unwrap(), Some(vec![1, 2, 3]));
        let long = radio.receive().unwrap().expect("the long one, cut");
        assert_eq!(long.len(), limits::HEARD_BYTES + 1, "too long shows as too long");
    }

    #[test]
    fn a_message_that_is_too_long_is_refused_with_a_remedy() {
        let mut radio = Udp::open("127.0.0.1:9".parse().unwrap(), None).unwrap();
        let error = radio.send(&frame(vec![0; 3000])).unwrap_err();
        assert!(error.to_string().contains("3000 bytes") && error.to_string().contains("2048"), "{error}");
    }

    #[test]
    fn a_dead_receiver_is_noticed_and_a_new_one_misses_nothing() {
        let antenna = antenna();
        let address = antenna.local_addr().unwrap();
        drop(antenna);
        let mut radio = Udp::open(address, None).unwrap();
        for _ in 0..100 {
            radio.send(&frame(vec![1])).unwrap();
        }
        assert!(radio.health().expect("refused").contains(&address.to_string()));
        let antenna = UdpSocket::bind(address).unwrap();
        radio.send(&frame(vec![2])).unwrap();
        let mut buffer = [0; 16];
        assert_eq!(antenna.recv(&mut buffer).unwrap(), 1);
        assert_eq!(buffer[0], 2);
        radio.send(&frame(vec![3])).unwrap();
        assert_eq!(radio.health(), None, "well again");
    }
}
