//! The envelope of IEEE 1609.2 (`Ieee1609Dot2Data`, COER), as far as it takes to reach the message inside. YD/T 3957-2021
//! writes the same fields.
//!
//! Nothing is verified here: a message from a signed envelope is *signed, not verified*, and whoever acts on it must know.

use std::fmt;

use super::aid::Aid;
use super::octets::Octets;
use super::{Layer, NetError};

/// `protocolVersion`.
const VERSION: u8 = 3;
/// Alternatives of `Ieee1609Dot2Content`, as COER tags.
const UNSECURED: u8 = 0x80;
const SIGNED: u8 = 0x81;
const ENCRYPTED: u8 = 0x82;
/// Envelopes in envelopes that are opened; real ones have two.
const DEPTH: usize = 4;

/// How a message was protected.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    Unsecured,
    /// Signed. The signature was **not** looked at.
    Signed {
        /// For which application the signature holds.
        psid: Aid,
        /// When it was signed, TAI microseconds since 2004-01-01.
        generation_time_us: Option<u64>,
    },
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Protection::Unsecured => f.write_str("unsecured"),
            Protection::Signed { psid, .. } => write!(f, "signed for {psid}, not verified"),
        }
    }
}

/// What is in an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened<'a> {
    /// How it was protected.
    pub protection: Protection,
    /// The message frame.
    pub payload: &'a [u8],
}

/// Whether octets look like an envelope. Of T/CSAE 53 messages a few do too: let [`open`] decide.
#[must_use]
pub fn is_likely(octets: &[u8]) -> bool {
    matches!(octets, [VERSION, UNSECURED..=0x83, ..])
}

/// Opens an envelope. Octets behind an unsecured one are an error; behind the signed part lie signer and signature,
/// which are not looked at.
///
/// # Errors
/// When it is truncated or malformed, of another version, encrypted, or carries a hash instead of the data.
pub fn open(envelope: &[u8]) -> Result<Opened<'_>, NetError> {
    let mut octets = Octets::new(Layer::Spdu, envelope);
    let opened = open_at(&mut octets, DEPTH)?;
    match (opened.protection, octets.rest().len()) {
        (Protection::Unsecured, behind @ 1..) => {
            Err(octets.malformed(octets.at(), "unsecuredData", format!("{behind} octets behind it")))
        }
        _ => Ok(opened),
    }
}

fn open_at<'a>(octets: &mut Octets<'a>, depth: usize) -> Result<Opened<'a>, NetError> {
    let begin = octets.at();
    let version = octets.octet("protocolVersion")?;
    if version != VERSION {
        return Err(octets.malformed(begin, "protocolVersion", format!("{version}, only {VERSION} is known")));
    }
    let begin = octets.at();
    match octets.octet("content")? {
        UNSECURED => {
            let length = length(octets, "unsecuredData")?;
            Ok(Opened { protection: Protection::Unsecured, payload: octets.take(length, "unsecuredData")? })
        }
        SIGNED if depth > 0 => signed(octets, depth - 1),
        SIGNED => Err(octets.malformed(begin, "content", format!("more than {DEPTH} envelopes in each other"))),
        ENCRYPTED => Err(octets.malformed(begin, "content", "encrypted: only the addressee can read it")),
        other => Err(octets.malformed(begin, "content", format!("alternative {other:#04x}, expected 0x80 or 0x81"))),
    }
}

/// `SignedData`: hashId, then tbsData with the payload and its header.
fn signed<'a>(octets: &mut Octets<'a>, depth: usize) -> Result<Opened<'a>, NetError> {
    octets.octet("hashId")?;
    let begin = octets.at();
    // Preamble of SignedDataPayload: extension, data, extDataHash.
    let preamble = octets.octet("payload")?;
    if preamble & 0x40 == 0 {
        return Err(octets.malformed(begin, "payload", "a hash alone, the data itself is elsewhere"));
    }
    let inner = open_at(octets, depth)?;
    if preamble & 0x20 != 0 {
        // HashedData, one alternative: tag, then 32 octets of SHA-256 (48 of SHA-384).
        let tag = octets.octet("extDataHash")?;
        octets.take(if tag == 0x81 { 48 } else { 32 }, "extDataHash")?;
    }
    if preamble & 0x80 != 0 {
        additions(octets)?;
    }
    let (psid, generation_time_us) = header(octets)?;
    Ok(Opened { protection: Protection::Signed { psid, generation_time_us }, payload: inner.payload })
}

/// Extension additions of a COER sequence: a bit string of presence, then an open type each.
fn additions(octets: &mut Octets<'_>) -> Result<(), NetError> {
    let length = length(octets, "extension additions")?;
    let map = octets.take(length, "extension additions")?;
    let present: u32 = map.get(1..).unwrap_or_default().iter().map(|octet| octet.count_ones()).sum();
    for _ in 0..present {
        let length = self::length(octets, "extension addition")?;
        octets.take(length, "extension addition")?;
    }
    Ok(())
}

/// The first fields of `HeaderInfo`.
fn header(octets: &mut Octets<'_>) -> Result<(Aid, Option<u64>), NetError> {
    let preamble = octets.octet("headerInfo")?;
    let begin = octets.at();
    let length = length(octets, "psid")?;
    if !(1..=4).contains(&length) {
        return Err(octets.malformed(begin, "psid", format!("{length} octets, expected 1 to 4")));
    }
    let number = octets.number(length, "psid")? as u32;
    let psid = Aid::new(number).map_err(|e| octets.malformed(begin, "psid", e.to_string()))?;
    let time = if preamble & 0x40 != 0 { Some(octets.number(8, "generationTime")?) } else { None };
    Ok((psid, time))
}

/// A COER length: one octet below 128, else the number of octets that hold it.
fn length(octets: &mut Octets<'_>, field: &'static str) -> Result<usize, NetError> {
    let begin = octets.at();
    let first = octets.octet(field)?;
    match first {
        0..=0x7f => Ok(usize::from(first)),
        0x81..=0x84 => Ok(octets.number(usize::from(first & 0x7f), field)? as usize),
        _ => Err(octets.malformed(begin, field, format!("no length begins with {first:#04x}"))),
    }
}

/// An unsecured envelope around a message frame.
#[must_use]
pub fn unsecured(payload: &[u8]) -> Vec<u8> {
    let mut envelope = vec![VERSION, UNSECURED];
    let length = payload.len().to_be_bytes();
    match payload.len() {
        short @ 0..=0x7f => envelope.push(short as u8),
        long => {
            let zeros = (long.leading_zeros() / 8) as usize;
            let octets = length.get(zeros..).unwrap_or_default();
            envelope.push(0x80 | octets.len() as u8);
            envelope.extend_from_slice(octets);
        }
    }
    envelope.extend_from_slice(payload);
    envelope
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_unsecured_envelope_is_opened() {
        let opened = open(&[3, 0x80, 3, 0, 0x14, 9]).unwrap();
        assert_eq!((opened.protection, opened.payload), (Protection::Unsecured, &[0, 0x14, 9][..]));
        assert!(open(&[3, 0x80, 3, 0, 0x14, 9, 1]).unwrap_err().to_string().contains("1 octets behind"));
    }

    #[test]
    fn a_signed_envelope_is_opened_and_said_to_be_not_verified() {
        let time = [0x00, 0x02, 0x43, 0xbe, 0x48, 0x17, 0x31, 0xb5];
        let envelope = [&[3, 0x81, 0, 0x40, 3, 0x80, 2, 7, 8, 0x40, 1, 0x82][..], &time, &[0x80; 70]].concat();
        let opened = open(&envelope).unwrap();
        assert_eq!(opened.payload, [7, 8]);
        assert_eq!(opened.protection.to_string(), "signed for 130 (0p8002), not verified");
        let Protection::Signed { generation_time_us: Some(us), .. } = opened.protection else { panic!() };
        assert_eq!(us, 0x0002_43be_4817_31b5);
    }

    #[test]
    fn what_cannot_be_opened_is_refused_with_octet_and_field() {
        let nested = [3, 0x81, 0, 0x40].repeat(DEPTH + 1);
        for (envelope, words) in [
            (&[][..], "octet 0, inside protocolVersion"),
            (&[2, 0x80, 0], "octet 0, protocolVersion: 2, only 3"),
            (&[3, 0x82, 0], "octet 1, content: encrypted"),
            (&[3, 0x84, 0], "octet 1, content: alternative 0x84"),
            (&[3, 0x80, 0x80], "octet 2, unsecuredData: no length"),
            (&[3, 0x80, 0x84, 0xff, 0xff, 0xff, 0xff], "octet 7, inside unsecuredData"),
            (&[3, 0x81, 0, 0x20, 0x80], "octet 3, payload: a hash alone"),
            (&[3, 0x81, 0, 0x40, 3, 0x80, 1, 7, 0, 0], "octet 9, psid: 0 octets"),
            (&[3, 0x81, 0, 0x40, 3, 0x80, 1, 7, 0x40, 1, 0x20, 0], "octet 12, inside generationTime"),
            (&nested, "envelopes in each other"),
        ] {
            let error = open(envelope).unwrap_err().to_string();
            assert!(error.contains(words), "{envelope:x?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn every_payload_comes_back(payload in prop::collection::vec(any::<u8>(), 0..400)) {
            let envelope = unsecured(&payload);
            prop_assert!(is_likely(&envelope));
            prop_assert_eq!(open(&envelope).unwrap().payload, &payload[..]);
            prop_assert!(open(&envelope[..envelope.len() - 1]).is_err());
        }

        #[test]
        fn no_octets_make_it_panic(mut octets in prop::collection::vec(any::<u8>(), 0..60), signed: bool) {
            if octets.len() > 3 {
                octets[0] = VERSION;
                octets[1] = if signed { SIGNED } else { UNSECURED };
                octets[3] |= 0x40;
            }
            let _ = open(&octets);
        }
    }
}
