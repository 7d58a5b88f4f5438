//! WSMP, the network layer of North American V2X (IEEE 1609.3, protocol version 3), EtherType 0x88DC.
//!
//! | octets | what |
//! |---|---|
//! | 1 | subtype in bits 7..4 (0), extension bit 3, version in bits 2..0 (3) |
//! | … | with the extension bit: number of elements, then each as number, length, octets |
//! | 1 | how the addressing goes on (TPID): 0, a provider service identifier alone |
//! | 1..4 | provider service identifier, p-encoded |
//! | 1..2 | length of the data |
//! | … | data: a secured message, or the message frame itself |

use super::aid::Aid;
use super::element::{self, Counting, Element};
use super::octets::Octets;
use super::{Layer, NetError};

/// EtherType of WSMP.
pub const ETHER_TYPE: u16 = 0x88dc;
/// IEEE 1609.3: default of the longest WAVE short message, octets.
pub const MOST_DATA: usize = 1400;
/// The length field holds 14 bits.
const LENGTH_FIELD: usize = 0x3fff;

const VERSION: u8 = 3;
const EXTENDED: u8 = 0x08;

/// A WAVE short message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wsm<'a> {
    /// Extension elements of the header: transmit power, channel, data rate.
    pub elements: Vec<Element<'a>>,
    /// For whom the data is (PSID).
    pub psid: Aid,
    /// A secured message, or the message frame itself.
    pub data: &'a [u8],
}

impl<'a> Wsm<'a> {
    /// One without extension elements.
    #[must_use]
    pub fn new(psid: Aid, data: &'a [u8]) -> Wsm<'a> {
        Wsm { elements: Vec::new(), psid, data }
    }

    /// Reads a whole frame. `most`: octets of data that are taken, usually [`MOST_DATA`].
    ///
    /// # Errors
    /// When the frame is truncated, of another version or subtype, too long, or followed by more octets.
    pub fn decode(frame: &'a [u8], most: usize) -> Result<Wsm<'a>, NetError> {
        let (wsm, rest) = Wsm::decode_first(frame, most)?;
        if rest.is_empty() {
            return Ok(wsm);
        }
        let what = format!("{} octets behind the {} of the data", rest.len(), wsm.data.len());
        Err(NetError::Malformed { layer: Layer::Wsmp, octet: frame.len() - rest.len(), field: "data", what })
    }

    /// Reads a frame, and gives the octets behind it: links with a least length fill up.
    ///
    /// # Errors
    /// As [`Wsm::decode`], except for the octets behind.
    pub fn decode_first(frame: &'a [u8], most: usize) -> Result<(Wsm<'a>, &'a [u8]), NetError> {
        let mut octets = Octets::new(Layer::Wsmp, frame);
        let header = octets.octet("version")?;
        if header & 0x07 != VERSION {
            return Err(octets.malformed(0, "version", format!("{}, only {VERSION} is known", header & 0x07)));
        }
        if header >> 4 != 0 {
            return Err(octets.malformed(0, "subtype", format!("{}, only 0 (no networking) is known", header >> 4)));
        }
        let elements = if header & EXTENDED != 0 { element::read(&mut octets, Counting::Length)? } else { Vec::new() };
        let at = octets.at();
        let addressing = octets.octet("TPID")?;
        if addressing != 0 {
            return Err(octets.malformed(at, "TPID", format!("{addressing}, only 0 (PSID alone) is known")));
        }
        let psid = Aid::read(&mut octets)?;
        let length = octets.length("length")?;
        if length > most {
            return Err(NetError::TooLong { layer: Layer::Wsmp, length, most });
        }
        let data = octets.take(length, "data")?;
        Ok((Wsm { elements, psid, data }, octets.rest()))
    }

    /// The frame. `most`: octets of data that a frame takes, usually [`MOST_DATA`].
    ///
    /// # Errors
    /// When the data is longer, or the header cannot hold the elements.
    pub fn encode(&self, most: usize) -> Result<Vec<u8>, NetError> {
        let most = most.min(LENGTH_FIELD);
        if self.data.len() > most {
            return Err(NetError::TooLong { layer: Layer::Wsmp, length: self.data.len(), most });
        }
        let mut frame = Vec::with_capacity(self.data.len() + 16);
        if self.elements.is_empty() {
            frame.push(VERSION);
        } else {
            frame.push(VERSION | EXTENDED);
            element::write(Layer::Wsmp, &self.elements, Counting::Length, &mut frame)?;
        }
        frame.push(0);
        self.psid.write(&mut frame);
        element::write_length(self.data.len(), &mut frame);
        frame.extend_from_slice(self.data);
        Ok(frame)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_header_of_a_real_frame_is_read_and_written_alike() {
        let header = [0x0b, 0x03, 0x04, 0x01, 0x93, 0x0f, 0x01, 0xb4, 0x10, 0x01, 0x0c, 0x00, 0x80, 0x02, 0x81, 0x85];
        let frame = [&header[..], &[0x5a; 389]].concat();
        let wsm = Wsm::decode(&frame, MOST_DATA).unwrap();
        assert_eq!((wsm.psid.value(), wsm.data.len()), (130, 389));
        let elements: Vec<(u8, &[u8])> = wsm.elements.iter().map(|e| (e.id, e.value)).collect();
        assert_eq!(elements, [(4, &[0x93][..]), (15, &[0xb4]), (16, &[0x0c])]);
        assert_eq!(wsm.encode(MOST_DATA).unwrap(), frame);
        let bsm = [&[0x03, 0x00, 0x20, 0x80, 0xbc][..], &[1; 188]].concat();
        assert_eq!(Wsm::decode(&bsm, MOST_DATA).unwrap().psid.value(), 0x20);
        assert_eq!(Wsm::new(Aid::new(0x20).unwrap(), &[1; 188]).encode(MOST_DATA).unwrap(), bsm);
    }

    #[test]
    fn what_is_no_frame_is_refused_with_its_octet() {
        for (frame, words) in [
            (&[][..], "octet 0, inside version"),
            (&[0x02, 0, 0x20, 0], "octet 0, version: 2, only 3"),
            (&[0x13, 0, 0x20, 0], "octet 0, subtype: 1, only 0"),
            (&[0x03, 1, 0x20, 0], "octet 1, TPID: 1, only 0"),
            (&[0x03, 0, 0x20, 0xc0], "octet 3, length: a length begins with"),
            (&[0x03, 0, 0x20, 2, 1], "octet 5, inside data"),
            (&[0x03, 0, 0x20, 0, 1], "octet 4, data: 1 octets behind"),
            (&[0x0b, 0xbf, 0xff, 4], "octet 4, inside extension element length"),
            (&[0x03, 0, 0x20, 0xbf, 0xff], "16383 octets of data, a frame takes at most 1400"),
        ] {
            let error = Wsm::decode(frame, MOST_DATA).unwrap_err().to_string();
            assert!(error.contains(words), "{frame:x?}: {error}");
        }
        assert!(Wsm::new(Aid::new(0x20).unwrap(), &[0; 1401]).encode(MOST_DATA).is_err());
        assert!(Wsm::new(Aid::new(0x20).unwrap(), &[0; 20_000]).encode(usize::MAX).is_err());
    }

    proptest! {
        #[test]
        fn every_frame_comes_back(
            psid in 0..=Aid::MOST,
            data in prop::collection::vec(any::<u8>(), 0..1400),
            elements in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..200)), 0..4),
        ) {
            let elements = elements.iter().map(|(id, value)| Element { id: *id, value }).collect();
            let wsm = Wsm { elements, psid: Aid::new(psid).unwrap(), data: &data };
            let frame = wsm.encode(MOST_DATA).unwrap();
            prop_assert_eq!(Wsm::decode(&frame, MOST_DATA).unwrap(), wsm);
            for length in 0..frame.len().min(40) {
                prop_assert!(Wsm::decode(&frame[..length], MOST_DATA).is_err());
            }
        }

        #[test]
        fn no_octets_make_it_panic_and_what_is_read_means_the_same_again(
            mut octets in prop::collection::vec(any::<u8>(), 0..80)
        ) {
            if let Some(first) = octets.first_mut() { *first = VERSION | *first & EXTENDED }
            if let Ok((wsm, _)) = Wsm::decode_first(&octets, MOST_DATA) {
                let again = wsm.encode(MOST_DATA).unwrap();
                prop_assert_eq!(Wsm::decode(&again, MOST_DATA).unwrap(), wsm);
            }
        }
    }
}
