//! Packet captures (pcap and pcapng): frame after frame, with its time and link, in bounded memory.

use std::io::Read;

use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{Block, PcapBlockOwned, PcapError, create_reader};
use thiserror::Error;

/// The largest block that is read, octets: more than any link carries.
pub const MOST_BLOCK: usize = 1 << 20;
/// Interfaces of a capture that are remembered.
const INTERFACES: usize = 1024;

/// Why a capture cannot be read, or not further.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CaptureError {
    /// Neither pcap nor pcapng.
    #[error("not a packet capture (pcap or pcapng)")]
    NotOne,
    /// No octet at all.
    #[error("the file is empty")]
    Empty,
    /// The end came too early.
    #[error("the file ends inside frame {frame}")]
    Truncated {
        /// Number of the frame, from 1.
        frame: u64,
    },
    /// A block is larger than any frame.
    #[error("frame {frame} has a block of more than {MOST_BLOCK} octets")]
    TooLarge {
        /// Number of the frame, from 1.
        frame: u64,
    },
    /// The blocks make no sense.
    #[error("the capture is damaged at frame {frame}")]
    Damaged {
        /// Number of the frame, from 1.
        frame: u64,
    },
    /// The file or pipe failed.
    #[error("the file cannot be read")]
    Io,
}

/// One captured frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its number in the capture, from 1, as other tools count.
    pub number: u64,
    /// When it was captured, nanoseconds since 1970-01-01 UTC; none where the capture does not say.
    pub nanos: Option<i64>,
    /// LINKTYPE of the capture: 1 Ethernet, 105 IEEE 802.11, …
    pub link: i32,
    /// Its octets as far as they were kept.
    pub octets: Vec<u8>,
    /// Octets on the wire; more than are here when the capture cut it.
    pub length: usize,
}

#[derive(Copy, Clone)]
struct Interface {
    link: i32,
    ticks: u64,
    offset_s: i64,
}

/// A capture being read. An iterator of frames that ends after the first error.
pub struct Capture<'r> {
    reader: Box<dyn PcapReaderIterator + Send + 'r>,
    interfaces: Vec<Interface>,
    frames: u64,
    ended: bool,
}

impl<'r> Capture<'r> {
    /// Opens a capture.
    ///
    /// # Errors
    /// When it begins like none.
    pub fn open(source: impl Read + Send + 'r) -> Result<Capture<'r>, CaptureError> {
        let reader = create_reader(MOST_BLOCK, source).map_err(|e| match e {
            PcapError::Eof => CaptureError::Empty,
            PcapError::ReadError => CaptureError::Io,
            PcapError::Incomplete(_) | PcapError::UnexpectedEof => CaptureError::Truncated { frame: 1 },
            _ => CaptureError::NotOne,
        })?;
        Ok(Capture { reader, interfaces: Vec::new(), frames: 0, ended: false })
    }

    /// Whether octets begin like a capture.
    #[must_use]
    pub fn is_likely(octets: &[u8]) -> bool {
        const MAGIC: [[u8; 4]; 5] = [
            [0xd4, 0xc3, 0xb2, 0xa1],
            [0xa1, 0xb2, 0xc3, 0xd4],
            [0x4d, 0x3c, 0xb2, 0xa1],
            [0xa1, 0xb2, 0x3c, 0x4d],
            [0x0a, 0x0d, 0x0d, 0x0a],
        ];
        octets.first_chunk::<4>().is_some_and(|begin| MAGIC.contains(begin))
    }

    fn step(&mut self) -> Result<Option<Frame>, CaptureError> {
        let frame = self.frames + 1;
        loop {
            let failure = match self.reader.next() {
                Ok((used, block)) => {
                    let found = frame_of(&block, &mut self.interfaces, frame);
                    self.reader.consume(used);
                    match found {
                        Some(found) => {
                            self.frames = frame;
                            return Ok(Some(found));
                        }
                        None => continue,
                    }
                }
                Err(PcapError::Eof) => return Ok(None),
                Err(PcapError::Incomplete(_)) => CaptureError::Truncated { frame },
                Err(PcapError::UnexpectedEof) => return Err(CaptureError::Truncated { frame }),
                Err(PcapError::BufferTooSmall) => return Err(CaptureError::TooLarge { frame }),
                Err(PcapError::ReadError) => return Err(CaptureError::Io),
                Err(_) => return Err(CaptureError::Damaged { frame }),
            };
            if self.reader.reader_exhausted() {
                return Err(failure);
            }
            self.reader.refill().map_err(|e| match e {
                PcapError::ReadError => CaptureError::Io,
                _ => failure,
            })?;
        }
    }
}

impl Iterator for Capture<'_> {
    type Item = Result<Frame, CaptureError>;

    fn next(&mut self) -> Option<Result<Frame, CaptureError>> {
        if self.ended {
            return None;
        }
        let step = self.step();
        self.ended = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}

/// The frame in a block, if it is one.
fn frame_of(block: &PcapBlockOwned<'_>, interfaces: &mut Vec<Interface>, number: u64) -> Option<Frame> {
    let frame = |nanos, interface: &Interface, octets: &[u8], length: u32| Frame {
        number,
        nanos,
        link: interface.link,
        octets: octets.to_vec(),
        length: length as usize,
    };
    match block {
        PcapBlockOwned::LegacyHeader(header) => {
            let ticks = if header.is_nanosecond_precision() { 1_000_000_000 } else { 1_000_000 };
            *interfaces = vec![Interface { link: header.network.0, ticks, offset_s: 0 }];
            None
        }
        PcapBlockOwned::Legacy(p) => {
            let interface = interfaces.first()?;
            let ticks = u128::from(p.ts_sec) * u128::from(interface.ticks) + u128::from(p.ts_usec);
            Some(frame(nanos(ticks, interface), interface, p.data, p.origlen))
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => {
            interfaces.clear();
            None
        }
        PcapBlockOwned::NG(Block::InterfaceDescription(i)) => {
            if interfaces.len() < INTERFACES {
                let ticks = i.ts_resolution().unwrap_or(1_000_000).max(1);
                interfaces.push(Interface { link: i.linktype.0, ticks, offset_s: i.ts_offset() });
            }
            None
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(p)) => {
            let interface = interfaces.get(usize::try_from(p.if_id).ok()?)?;
            let ticks = u128::from(p.ts_high) << 32 | u128::from(p.ts_low);
            let octets = p.data.get(..(p.caplen as usize).min(p.data.len()))?;
            Some(frame(nanos(ticks, interface), interface, octets, p.origlen))
        }
        PcapBlockOwned::NG(Block::SimplePacket(p)) => {
            let octets = p.data.get(..(p.origlen as usize).min(p.data.len()))?;
            Some(frame(None, interfaces.first()?, octets, p.origlen))
        }
        PcapBlockOwned::NG(_) => None,
    }
}

fn nanos(ticks: u128, interface: &Interface) -> Option<i64> {
    let nanos = i64::try_from(ticks.checked_mul(1_000_000_000)? / u128::from(interface.ticks)).ok()?;
    nanos.checked_add(interface.offset_s.checked_mul(1_000_000_000)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A capture of nanosecond pcap with one frame for each of `frames`.
    fn pcap(link: u32, frames: &[&[u8]]) -> Vec<u8> {
        let mut file = [0xa1b2_3c4d_u32, 0x0004_0002, 0, 0, 65535, link].map(u32::to_le_bytes).concat();
        for (second, frame) in frames.iter().enumerate() {
            let length = frame.len() as u32;
            file.extend([second as u32, 5, length, length].map(u32::to_le_bytes).concat());
            file.extend_from_slice(frame);
        }
        file
    }

    fn pcapng(frame: &[u8]) -> Vec<u8> {
        let mut file = [0x0a0d_0d0a_u32, 28, 0x1a2b_3c4d, 1, u32::MAX, u32::MAX, 28].map(u32::to_le_bytes).concat();
        file.extend([1_u32, 20, 1, 65535, 20].map(u32::to_le_bytes).concat());
        let (kept, padding) = (frame.len() as u32, (4 - frame.len() % 4) % 4);
        let total = 32 + kept + padding as u32;
        file.extend([6, total, 0, 0, 2_500_000, kept, kept].map(u32::to_le_bytes).concat());
        file.extend_from_slice(frame);
        file.extend_from_slice(&vec![0; padding]);
        file.extend(total.to_le_bytes());
        file
    }

    #[test]
    fn frames_come_with_number_time_and_link() {
        let file = pcap(105, &[&[1, 2], &[3; 1500]]);
        assert!(Capture::is_likely(&file));
        let frames: Vec<Frame> = Capture::open(&file[..]).unwrap().map(|f| f.unwrap()).collect();
        assert_eq!((frames[0].number, frames[0].nanos, frames[0].link), (1, Some(5), 105));
        assert_eq!((frames[1].nanos, frames[1].octets.len()), (Some(1_000_000_005), 1500));
        let file = pcapng(&[7; 5]);
        let frames: Vec<Frame> = Capture::open(&file[..]).unwrap().map(|f| f.unwrap()).collect();
        assert_eq!(
            (frames[0].nanos, frames[0].link, frames[0].octets.as_slice()),
            (Some(2_500_000_000), 1, &[7; 5][..])
        );
    }

    #[test]
    fn a_capture_that_ends_early_says_in_which_frame_and_keeps_the_others() {
        let file = pcap(1, &[&[1; 20], &[2; 20]]);
        let found: Vec<_> = Capture::open(&file[..file.len() - 3]).unwrap().collect();
        assert_eq!(found.len(), 2);
        assert!(found[0].is_ok());
        assert_eq!(found[1], Err(CaptureError::Truncated { frame: 2 }));
        assert_eq!(Capture::open(&b"plain text, no capture at all"[..]).err(), Some(CaptureError::NotOne));
        assert_eq!(Capture::open(&[][..]).err(), Some(CaptureError::Empty));
    }

    #[test]
    fn a_length_that_promises_gigabytes_is_refused() {
        let mut file = pcap(1, &[&[1; 20]]);
        file[32..40].copy_from_slice(&[0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f]);
        let last = Capture::open(&file[..]).unwrap().last();
        assert!(matches!(last, Some(Err(_))), "{last:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_damage_makes_it_panic_or_run_for_ever(
            which in any::<bool>(),
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        ) {
            let mut file = if which { pcapng(&[9; 40]) } else { pcap(1, &[&[1; 60], &[2; 80]]) };
            for (at, octet) in flips { let at = at.index(file.len()); file[at] = octet; }
            if let Ok(capture) = Capture::open(&file[..]) { prop_assert!(capture.take(1000).count() < 1000) }
        }
    }
}
