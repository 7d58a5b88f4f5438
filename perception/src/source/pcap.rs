//! Packet captures (pcap and pcapng): UDP payloads with their capture time, and the lidar sweeps in them.

use std::fs::File;
use std::path::{Path, PathBuf};

use calibration::Timestamp;
use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{Block, Linktype, PcapBlockOwned, PcapError, create_reader};

use super::lidar_udp::Assembler;
use super::{Opening, Source, SourceError};
use crate::frame::Frame;

/// The largest packet that is read: more than any link carries.
const BUFFER: usize = 1 << 20;

/// UDP payloads of a capture.
pub(super) struct Payloads {
    reader: Box<dyn PcapReaderIterator + Send>,
    path: PathBuf,
    nanoseconds: bool,
    /// Link type, ticks a second and offset in seconds of each interface.
    interfaces: Vec<(Linktype, u64, i64)>,
    /// Bytes at the front of the reader's buffer that were used.
    used: usize,
    /// Packets that are no UDP, or broken.
    pub other: u64,
    ended: bool,
}

impl Payloads {
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        let file = File::open(path).map_err(|e| SourceError::unreadable(path, e))?;
        let reader = create_reader(BUFFER, file).map_err(|e| SourceError::unreadable(path, reason(&e)))?;
        Ok(Self {
            reader,
            path: path.to_owned(),
            nanoseconds: false,
            interfaces: Vec::new(),
            used: 0,
            other: 0,
            ended: false,
        })
    }

    /// Calls `take` with the next UDP payload; `None` at the end.
    pub(super) fn next<T>(&mut self, take: impl FnOnce(Timestamp, &[u8]) -> T) -> Result<Option<T>, SourceError> {
        loop {
            if self.ended {
                return Ok(None);
            }
            self.reader.consume(std::mem::take(&mut self.used));
            let failure = match self.reader.next() {
                Ok((used, block)) => {
                    self.used = used;
                    let Some((link, at, data)) = packet(block, &mut self.interfaces, &mut self.nanoseconds) else {
                        continue;
                    };
                    match udp_payload(link, data) {
                        Some(payload) => return Ok(Some(take(at, payload))),
                        None => self.other += 1,
                    }
                    continue;
                }
                Err(PcapError::Eof) => None,
                Err(e) => Some((matches!(e, PcapError::Incomplete(_)), reason(&e))),
            };
            match failure {
                None => self.ended = true,
                Some((true, _)) if !self.reader.reader_exhausted() => {
                    let refilled = self.reader.refill().map_err(|e| reason(&e));
                    refilled.map_err(|why| self.broken(why))?;
                }
                Some((_, why)) => return Err(self.broken(why)),
            }
        }
    }

    fn broken(&mut self, why: String) -> SourceError {
        self.ended = true;
        SourceError::unreadable(&self.path, why)
    }
}

fn reason<I: AsRef<[u8]>>(error: &PcapError<I>) -> String {
    match error {
        PcapError::Eof => "the file is empty".to_owned(),
        PcapError::HeaderNotRecognized => "not a packet capture (pcap or pcapng)".to_owned(),
        PcapError::BufferTooSmall => format!("a packet of more than {BUFFER} bytes"),
        PcapError::UnexpectedEof | PcapError::Incomplete(_) => "the file ends inside a packet".to_owned(),
        PcapError::ReadError => "the file cannot be read".to_owned(),
        PcapError::NomError(..) | PcapError::OwnedNomError(..) => "the capture is damaged".to_owned(),
    }
}

/// The packet in a block, if it is one.
fn packet<'a>(
    block: PcapBlockOwned<'a>,
    interfaces: &mut Vec<(Linktype, u64, i64)>,
    nanoseconds: &mut bool,
) -> Option<(Linktype, Timestamp, &'a [u8])> {
    match block {
        PcapBlockOwned::LegacyHeader(header) => {
            *nanoseconds = header.is_nanosecond_precision();
            interfaces.push((header.network, 1, 0));
            None
        }
        PcapBlockOwned::Legacy(p) => {
            let (link, ..) = *interfaces.first()?;
            let nanos = i64::from(p.ts_usec) * if *nanoseconds { 1 } else { 1000 };
            Some((link, Timestamp::from_nanos(i64::from(p.ts_sec) * 1_000_000_000 + nanos), p.data))
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => {
            interfaces.clear();
            None
        }
        PcapBlockOwned::NG(Block::InterfaceDescription(i)) => {
            interfaces.push((i.linktype, i.ts_resolution().unwrap_or(1_000_000).max(1), i.ts_offset()));
            None
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(p)) => {
            let &(link, ticks, offset) = interfaces.get(usize::try_from(p.if_id).ok()?)?;
            let stamp = u128::from(p.ts_high) << 32 | u128::from(p.ts_low);
            let nanos = i64::try_from(stamp * 1_000_000_000 / u128::from(ticks)).ok()?;
            let at = Timestamp::from_nanos(nanos.saturating_add(offset.saturating_mul(1_000_000_000)));
            Some((link, at, p.data.get(..usize::try_from(p.caplen).ok()?)?))
        }
        PcapBlockOwned::NG(_) => None,
    }
}

/// The payload of a whole, unfragmented UDP datagram.
fn udp_payload(link: Linktype, data: &[u8]) -> Option<&[u8]> {
    let sliced = match link {
        Linktype::ETHERNET => SlicedPacket::from_ethernet(data),
        Linktype::LINUX_SLL => SlicedPacket::from_linux_sll(data),
        Linktype::RAW | Linktype::IPV4 | Linktype::IPV6 => SlicedPacket::from_ip(data),
        _ => return None,
    }
    .ok()?;
    let fragment = match &sliced.net {
        Some(NetSlice::Ipv4(v4)) => v4.header().is_fragmenting_payload(),
        Some(NetSlice::Ipv6(v6)) => v6.is_payload_fragmented(),
        _ => return None,
    };
    match sliced.transport {
        Some(TransportSlice::Udp(udp)) if !fragment => Some(udp.payload()),
        _ => None,
    }
}

/// Sweeps of a lidar in a capture.
pub(super) struct Capture {
    payloads: Payloads,
    assembler: Assembler,
    path: PathBuf,
    ended: bool,
}

impl Capture {
    pub(super) fn open(path: &Path, model: &str, opening: &Opening) -> Result<Self, SourceError> {
        let assembler = Assembler::new(model, opening)?;
        Ok(Self { payloads: Payloads::open(path)?, assembler, path: path.to_owned(), ended: false })
    }

    /// The last turn, if whole; a capture without a single packet of this lidar is an error.
    fn last(&mut self) -> Result<Option<Frame>, SourceError> {
        if self.assembler.good_packets() == 0 {
            let other = self.assembler.bad_packets() + self.payloads.other;
            let why = format!("no packet of this lidar in it ({other} of another kind)");
            return Err(SourceError::unreadable(&self.path, why));
        }
        Ok(self.assembler.last())
    }
}

impl Source for Capture {
    fn next(&mut self) -> Result<Option<Frame>, SourceError> {
        loop {
            let assembler = &mut self.assembler;
            match self.payloads.next(|at, payload| assembler.push(payload, at))? {
                Some(Some(frame)) => return Ok(Some(frame)),
                Some(None) => {}
                None if self.ended => return Ok(None),
                None => {
                    self.ended = true;
                    return self.last();
                }
            }
        }
    }

    fn health(&self) -> Option<String> {
        let bad = self.assembler.bad_packets() + self.payloads.other;
        (bad > 0).then(|| format!("{bad} packets of another kind were dropped"))
    }
}
