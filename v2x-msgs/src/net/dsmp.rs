//! DSMP, the network layer of Chinese LTE-V2X (YD/T 3707-2020): what is handed to the radio as a PC5 non-IP unit.
//!
//! | octets | what |
//! |---|---|
//! | 1 | protocol type of the adaptation layer: 4 |
//! | 1 | version in bits 7..5 (0), extension bit 4, reserved bits 3..0 |
//! | … | with the extension bit: number of elements, then each as number, length, octets |
//! | 1..4 | application identifier, p-encoded |
//! | 2 | length of the data, big-endian |
//! | … | data: a secured message, or the message frame itself |
//!
//! Octets behind the data, a length that promises more than there is, and data beyond the limit are errors, both ways.
//! Reserved bits are sent as 0 and not looked at, so that a later edition may use them.

use super::aid::Aid;
use super::element::{self, Counting, Element};
use super::octets::Octets;
use super::{Layer, NetError};

/// Protocol type of the adaptation layer: DSMP. The same value as the non-IP type "CCSA" of 3GPP TS 24.386.
pub const PROTOCOL_TYPE: u8 = 4;
/// YD/T 3707-2020: default of the longest data of a dedicated short message, octets.
pub const MOST_DATA: usize = 1400;

const VERSION: u8 = 0;
const EXTENDED: u8 = 0x10;

/// A dedicated short message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dsm<'a> {
    /// Extension elements of the header.
    pub elements: Vec<Element<'a>>,
    /// For whom the data is.
    pub aid: Aid,
    /// A secured message, or the message frame itself.
    pub data: &'a [u8],
}

impl<'a> Dsm<'a> {
    /// One without extension elements.
    #[must_use]
    pub fn new(aid: Aid, data: &'a [u8]) -> Dsm<'a> {
        Dsm { elements: Vec::new(), aid, data }
    }

    /// Reads a whole frame. `most`: octets of data that are taken, usually [`MOST_DATA`].
    ///
    /// # Errors
    /// When the frame is truncated, of another protocol or version, too long, or followed by more octets.
    pub fn decode(frame: &'a [u8], most: usize) -> Result<Dsm<'a>, NetError> {
        let (dsm, rest) = Dsm::decode_first(frame, most)?;
        if rest.is_empty() {
            return Ok(dsm);
        }
        let what = format!("{} octets behind the {} of the data", rest.len(), dsm.data.len());
        Err(NetError::Malformed { layer: Layer::Dsmp, octet: frame.len() - rest.len(), field: "data", what })
    }

    /// Reads a frame, and gives the octets behind it: links with a least length fill up.
    ///
    /// # Errors
    /// As [`Dsm::decode`], except for the octets behind.
    pub fn decode_first(frame: &'a [u8], most: usize) -> Result<(Dsm<'a>, &'a [u8]), NetError> {
        let mut octets = Octets::new(Layer::Dsmp, frame);
        let protocol = octets.octet("protocol type")?;
        if protocol != PROTOCOL_TYPE {
            return Err(octets.malformed(0, "protocol type", format!("{protocol}, DSMP is {PROTOCOL_TYPE}")));
        }
        let header = octets.octet("version")?;
        if header >> 5 != VERSION {
            return Err(octets.malformed(1, "version", format!("{}, only {VERSION} is known", header >> 5)));
        }
        let elements = if header & EXTENDED != 0 { element::read(&mut octets, Counting::Octet)? } else { Vec::new() };
        let aid = Aid::read(&mut octets)?;
        // Unsigned, and of the data alone: a known stack reads it signed and takes one octet beyond the end.
        let length = octets.number(2, "length")? as usize;
        if length > most {
            return Err(NetError::TooLong { layer: Layer::Dsmp, length, most });
        }
        let data = octets.take(length, "data")?;
        Ok((Dsm { elements, aid, data }, octets.rest()))
    }

    /// The frame. `most`: octets of data that a frame takes, usually [`MOST_DATA`].
    ///
    /// # Errors
    /// When the data is longer, or the header cannot hold the elements.
    pub fn encode(&self, most: usize) -> Result<Vec<u8>, NetError> {
        // The field holds 16 bits, whatever the limit is.
        let most = most.min(usize::from(u16::MAX));
        if self.data.len() > most {
            return Err(NetError::TooLong { layer: Layer::Dsmp, length: self.data.len(), most });
        }
        let mut frame = Vec::with_capacity(self.data.len() + 16);
        frame.push(PROTOCOL_TYPE);
        if self.elements.is_empty() {
            frame.push(VERSION << 5);
        } else {
            frame.push(VERSION << 5 | EXTENDED);
            element::write(Layer::Dsmp, &self.elements, Counting::Octet, &mut frame)?;
        }
        self.aid.write(&mut frame);
        frame.extend_from_slice(&(self.data.len() as u16).to_be_bytes());
        frame.extend_from_slice(self.data);
        Ok(frame)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rsm(data: &[u8]) -> Dsm<'_> {
        Dsm::new(Aid::new(3623).unwrap(), data)
    }

    #[test]
    fn the_header_of_an_rsm_is_that_of_the_standard() {
        let frame = rsm(&[0xaa; 300]).encode(MOST_DATA).unwrap();
        assert_eq!(frame[..6], [0x04, 0x00, 0x8d, 0xa7, 0x01, 0x2c]);
        assert_eq!(frame.len(), 306);
        assert_eq!(Dsm::decode(&frame, MOST_DATA).unwrap(), rsm(&[0xaa; 300]));
        let bsm = Dsm::decode(&[4, 0, 0x6f, 0, 2, 1, 2], MOST_DATA).unwrap();
        assert_eq!((bsm.aid.value(), bsm.data), (111, &[1, 2][..]));
    }

    #[test]
    fn a_length_of_one_octet_too_many_is_refused() {
        let mut frame = rsm(&[7; 10]).encode(MOST_DATA).unwrap();
        frame[5] += 1;
        let error = Dsm::decode(&frame, MOST_DATA).unwrap_err();
        assert_eq!(error, NetError::Truncated { layer: Layer::Dsmp, octet: 16, field: "data" });
        frame[5] -= 2;
        assert!(Dsm::decode(&frame, MOST_DATA).unwrap_err().to_string().contains("octet 15, data: 1 octets behind"));
    }

    #[test]
    fn a_length_with_its_top_bit_set_is_large_and_not_negative() {
        let frame = [&[4, 0, 0x6f, 0xff, 0xff][..], &[0; 64]].concat();
        let error = Dsm::decode(&frame, MOST_DATA).unwrap_err();
        assert_eq!(error, NetError::TooLong { layer: Layer::Dsmp, length: 65535, most: 1400 });
        assert!(matches!(Dsm::decode(&frame, usize::MAX), Err(NetError::Truncated { field: "data", .. })));
    }

    #[test]
    fn more_data_than_the_limit_is_refused_on_sending_and_on_receiving() {
        assert!(rsm(&[0; 1400]).encode(MOST_DATA).is_ok());
        let error = rsm(&[0; 1401]).encode(MOST_DATA).unwrap_err();
        assert!(error.to_string().contains("1401 octets of data, a frame takes at most 1400"), "{error}");
        let frame = rsm(&[0; 1401]).encode(2000).unwrap();
        assert!(matches!(Dsm::decode(&frame, MOST_DATA), Err(NetError::TooLong { length: 1401, .. })));
        assert!(rsm(&[0; 70_000]).encode(usize::MAX).is_err());
    }

    #[test]
    fn other_protocols_and_versions_are_refused_with_their_octet() {
        for (frame, words) in [
            (&[1, 0, 0x6f, 0, 0][..], "octet 0, protocol type: 1, DSMP is 4"),
            (&[4, 0x20, 0x6f, 0, 0], "octet 1, version: 1, only 0"),
            (&[4, 0, 0xf0, 0, 0], "octet 2, application identifier"),
            (&[4, 0x10, 2, 4, 1, 9, 5], "octet 7, inside extension element length"),
            (&[4, 0, 0x8d], "octet 3, inside application identifier"),
        ] {
            let error = Dsm::decode(frame, MOST_DATA).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        assert!(Dsm::decode(&[4, 0x0f, 0x6f, 0, 0], MOST_DATA).is_ok(), "reserved bits are not looked at");
    }

    proptest! {
        #[test]
        fn every_frame_comes_back(
            aid in 0..=Aid::MOST,
            data in prop::collection::vec(any::<u8>(), 0..1400),
            elements in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..20)), 0..4),
        ) {
            let elements = elements.iter().map(|(id, value)| Element { id: *id, value }).collect();
            let dsm = Dsm { elements, aid: Aid::new(aid).unwrap(), data: &data };
            let frame = dsm.encode(MOST_DATA).unwrap();
            prop_assert_eq!(Dsm::decode(&frame, MOST_DATA).unwrap(), dsm);
            for length in 0..frame.len().min(40) {
                prop_assert!(Dsm::decode(&frame[..length], MOST_DATA).is_err());
            }
        }

        #[test]
        fn no_octets_make_it_panic_and_what_is_read_is_written_alike(mut octets in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(first) = octets.first_mut() { *first = PROTOCOL_TYPE }
            if let Some(second) = octets.get_mut(1) { *second &= 0x10 }
            if let Ok((dsm, rest)) = Dsm::decode_first(&octets, MOST_DATA) {
                let again = dsm.encode(MOST_DATA).unwrap();
                let header = &octets[..octets.len() - rest.len()];
                // An extension bit without elements is the one form that is not kept.
                prop_assert!(again == header || (dsm.elements.is_empty() && octets[1] == 0x10));
            }
        }
    }
}
