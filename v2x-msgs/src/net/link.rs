//! From a captured frame of a link to what a network layer or a UDP datagram in it carries.

use std::borrow::Cow;
use std::net::SocketAddr;

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};
use thiserror::Error;

use super::NetError;
use super::capture::Frame;
use super::carried::{self, Carried};
use super::dsmp;
use super::wsmp;

/// What a captured frame holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A frame of a network layer for vehicles, or a datagram with one in it.
    Carried(Carried<'a>),
    /// A UDP datagram without a header of ours: a message itself, or nothing of ours.
    Datagram {
        /// From where.
        from: SocketAddr,
        /// To where.
        to: SocketAddr,
        /// Its octets.
        octets: &'a [u8],
    },
}

/// Why a captured frame has no message for us.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotOurs {
    /// A link that is not known here.
    #[error("a link that is not known here (LINKTYPE {0})")]
    Link(i32),
    /// Another protocol above the link.
    #[error("EtherType {0:#06x}")]
    EtherType(u16),
    /// IP, but no UDP.
    #[error("IP without UDP")]
    NoUdp,
    /// A fragment of a datagram.
    #[error("a fragment of a datagram")]
    Fragment,
    /// No data frame of IEEE 802.11, or an encrypted one.
    #[error("IEEE 802.11 without open data")]
    NoData,
    /// Cut short, by the capture or on the way.
    #[error("cut short")]
    Cut,
    /// Ours by its header, and broken.
    #[error("{0}")]
    Broken(NetError),
}

impl NotOurs {
    /// Whether the frame is for vehicles but cannot be read, so that its message is lost.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        matches!(self, NotOurs::Broken(_))
    }
}

impl From<NetError> for NotOurs {
    fn from(error: NetError) -> NotOurs {
        NotOurs::Broken(error)
    }
}

/// What a captured frame holds. Links: Ethernet with VLAN, Linux "cooked", raw IP, IEEE 802.11 with and without radio
/// header, and the user-defined ones, which are taken as PC5 non-IP units.
///
/// # Errors
/// When it is not for vehicles, or broken.
pub fn found(frame: &Frame) -> Result<Found<'_>, NotOurs> {
    let octets = frame.octets.as_slice();
    match frame.link {
        1 => ethernet(octets),
        105 => wlan(octets),
        127 => {
            let length = octets.get(2..4).ok_or(NotOurs::Cut)?;
            wlan(octets.get(usize::from(u16::from_le_bytes([length[0], length[1]]))..).ok_or(NotOurs::Cut)?)
        }
        113 => above(number(octets, 14)?, octets.get(16..).ok_or(NotOurs::Cut)?),
        276 => above(number(octets, 0)?, octets.get(20..).ok_or(NotOurs::Cut)?),
        101 | 228 | 229 => ip(LaxSlicedPacket::from_ip(octets).map_err(|_| NotOurs::Cut)?),
        147..=162 => unit(octets),
        link => Err(NotOurs::Link(link)),
    }
}

/// Two octets as a number, most significant first.
fn number(octets: &[u8], at: usize) -> Result<u16, NotOurs> {
    let two = octets.get(at..).and_then(|rest| rest.first_chunk::<2>()).ok_or(NotOurs::Cut)?;
    Ok(u16::from_be_bytes(*two))
}

fn ethernet(octets: &[u8]) -> Result<Found<'_>, NotOurs> {
    const VLAN: [u16; 3] = [0x8100, 0x88a8, 0x9100];
    let mut at = 12;
    while VLAN.contains(&number(octets, at)?) {
        at += 4;
    }
    above(number(octets, at)?, octets.get(at + 2..).ok_or(NotOurs::Cut)?)
}

/// IEEE 802.11: a data frame, with its address fields and what follows them, then LLC or directly an EtherType.
fn wlan(octets: &[u8]) -> Result<Found<'_>, NotOurs> {
    let [control, flags, ..] = octets else { return Err(NotOurs::Cut) };
    let is_data = control & 0x0c == 0x08 && control & 0x40 == 0;
    if !is_data || flags & 0x40 != 0 {
        return Err(NotOurs::NoData);
    }
    let four_addresses = if flags & 0x03 == 0x03 { 6 } else { 0 };
    let quality = if control & 0x80 != 0 { 2 } else { 0 };
    let throughput = if quality > 0 && flags & 0x80 != 0 { 4 } else { 0 };
    let body = octets.get(24 + four_addresses + quality + throughput..).ok_or(NotOurs::Cut)?;
    match body {
        [0xaa, 0xaa, 0x03, _, _, _, rest @ ..] => above(number(rest, 0)?, rest.get(2..).ok_or(NotOurs::Cut)?),
        // Outside the context of a basic service set, EtherType protocol discrimination has no LLC.
        _ => above(number(body, 0)?, body.get(2..).ok_or(NotOurs::Cut)?),
    }
}

fn above(ether_type: u16, octets: &[u8]) -> Result<Found<'_>, NotOurs> {
    match ether_type {
        wsmp::ETHER_TYPE => Ok(Found::Carried(carried::of_wsmp(octets)?)),
        0x0800 | 0x86dd => ip(LaxSlicedPacket::from_ether_type(EtherType(ether_type), octets)),
        other => Err(NotOurs::EtherType(other)),
    }
}

fn ip(sliced: LaxSlicedPacket<'_>) -> Result<Found<'_>, NotOurs> {
    let (from, to, fragmented) = match &sliced.net {
        Some(LaxNetSlice::Ipv4(v4)) => {
            let header = v4.header();
            (header.source_addr().into(), header.destination_addr().into(), header.is_fragmenting_payload())
        }
        Some(LaxNetSlice::Ipv6(v6)) => {
            let header = v6.header();
            (header.source_addr().into(), header.destination_addr().into(), v6.is_payload_fragmented())
        }
        _ => return Err(NotOurs::Cut),
    };
    if fragmented {
        return Err(NotOurs::Fragment);
    }
    let Some(TransportSlice::Udp(udp)) = sliced.transport else { return Err(NotOurs::NoUdp) };
    let octets = udp.payload();
    if octets.len() + 8 < usize::from(udp.length()) {
        return Err(NotOurs::Cut);
    }
    if let Some(carried) = carried::of_datagram(octets) {
        return Ok(Found::Carried(carried));
    }
    let (from, to) = (SocketAddr::new(from, udp.source_port()), SocketAddr::new(to, udp.destination_port()));
    Ok(Found::Datagram { from, to, octets })
}

/// A PC5 non-IP unit: the protocol type of the adaptation layer tells DSMP from WSMP.
fn unit(octets: &[u8]) -> Result<Found<'_>, NotOurs> {
    match octets {
        [dsmp::PROTOCOL_TYPE, ..] => Ok(Found::Carried(carried::of_dsmp(octets)?)),
        // 1: IEEE 1609, in front of the WSMP header.
        [1, rest @ ..] => Ok(Found::Carried(carried::of_wsmp(rest)?)),
        _ => match carried::of_datagram(octets) {
            Some(carried) => Ok(Found::Carried(carried)),
            None => Ok(Found::Carried(Carried { steps: Vec::new(), payload: Cow::Borrowed(octets) })),
        },
    }
}

#[cfg(test)]
mod tests {
    use etherparse::PacketBuilder;
    use proptest::prelude::*;

    use super::super::aid::Aid;
    use super::super::dsmp::Dsm;
    use super::super::wsmp::Wsm;
    use super::*;

    fn frame(link: i32, octets: Vec<u8>) -> Frame {
        Frame { number: 1, nanos: None, link, length: octets.len(), octets }
    }

    fn wsm() -> Vec<u8> {
        Wsm::new(Aid::new(130).unwrap(), &[5; 30]).encode(1400).unwrap()
    }

    fn payload(frame: &Frame) -> Vec<u8> {
        match found(frame).unwrap() {
            Found::Carried(carried) => carried.payload.into_owned(),
            Found::Datagram { octets, .. } => octets.to_vec(),
        }
    }

    fn udp(data: &[u8]) -> Vec<u8> {
        let mut packet = Vec::new();
        let builder = PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).udp(5000, 1516);
        builder.write(&mut packet, data).unwrap();
        packet
    }

    #[test]
    fn a_message_is_reached_over_every_link() {
        let ethernet = [&[0xff; 12][..], &[0x88, 0xdc], &wsm()].concat();
        let tagged = [&[0xff; 12][..], &[0x81, 0, 0, 5, 0x88, 0xdc], &wsm()].concat();
        let llc = [&[0x88, 0][..], &[0; 24], &[0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0xdc], &wsm()].concat();
        let direct = [&[0x08, 0][..], &[0; 22], &[0x88, 0xdc], &wsm()].concat();
        let radio = [&[0, 0, 12, 0][..], &[0; 8], &llc].concat();
        let cooked = [&[0; 14][..], &[0x88, 0xdc], &wsm()].concat();
        let cooked_2 = [&[0x88, 0xdc][..], &[0; 18], &wsm()].concat();
        let non_ip = [&[1][..], &wsm()].concat();
        for (link, octets) in [
            (1, ethernet),
            (1, tagged),
            (105, llc),
            (105, direct),
            (127, radio),
            (113, cooked),
            (276, cooked_2),
            (147, non_ip),
            (1, udp(&wsm())),
            (101, udp(&wsm())[14..].to_vec()),
        ] {
            assert_eq!(payload(&frame(link, octets.clone())), [5; 30], "link {link}, {octets:x?}");
        }
        let dsm = Dsm::new(Aid::new(3623).unwrap(), &[5; 30]).encode(1400).unwrap();
        assert_eq!(payload(&frame(147, dsm)), [5; 30]);
    }

    #[test]
    fn a_bare_datagram_is_handed_on_with_its_addresses() {
        let captured = frame(1, udp(&[0x24, 1, 2]));
        let Found::Datagram { from, to, octets } = found(&captured).unwrap() else { panic!("a datagram") };
        assert_eq!((from.to_string(), to.to_string()), ("10.0.0.1:5000".to_owned(), "10.0.0.2:1516".to_owned()));
        assert_eq!(octets, [0x24, 1, 2]);
    }

    #[test]
    fn what_is_not_ours_is_told_by_kind() {
        let arp = [&[0xff; 12][..], &[0x08, 0x06], &[0; 28]].concat();
        assert_eq!(found(&frame(1, arp)), Err(NotOurs::EtherType(0x0806)));
        assert_eq!(found(&frame(1, vec![1; 5])), Err(NotOurs::Cut));
        assert_eq!(found(&frame(105, [&[0x80, 0][..], &[0; 40]].concat())), Err(NotOurs::NoData));
        assert_eq!(found(&frame(192, vec![0; 40])), Err(NotOurs::Link(192)));
        let mut cut = udp(&[7; 100]);
        cut.truncate(80);
        assert_eq!(found(&frame(1, cut)), Err(NotOurs::Cut));
        let mut tcp = Vec::new();
        let builder = PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).tcp(1, 2, 3, 4);
        builder.write(&mut tcp, &[]).unwrap();
        assert_eq!(found(&frame(1, tcp)), Err(NotOurs::NoUdp));
        let broken = [&[0xff; 12][..], &[0x88, 0xdc], &wsm()[..20]].concat();
        assert!(found(&frame(1, broken)).unwrap_err().is_broken());
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(
            link in prop::sample::select(vec![1, 101, 105, 113, 127, 147, 228, 276, 9]),
            mut octets in prop::collection::vec(any::<u8>(), 0..120),
            ether_type in prop::sample::select(vec![0x88dc_u16, 0x0800, 0x86dd, 0x8100]),
        ) {
            if link == 1 && octets.len() > 14 { octets[12..14].copy_from_slice(&ether_type.to_be_bytes()) }
            let _ = found(&frame(link, octets));
        }
    }
}
