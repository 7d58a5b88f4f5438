//! What a datagram or a frame of a network layer carries: through the headers and envelopes to the message frame, with the
//! way that led there.

use std::borrow::Cow;
use std::fmt;

use super::NetError;
use super::aid::{Aid, Network};
use super::dsmp::{self, Dsm};
use super::forward::Block;
use super::spdu::{self, Protection};
use super::wsmp::{self, Wsm};

/// Octets that radios put in front of what they forward, at most.
const VENDOR_HEADER: usize = 64;

/// One step on the way to a message, outermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A dedicated short message for an application.
    Dsmp(Aid),
    /// A WAVE short message for an application.
    Wsmp(Aid),
    /// A text block for a radio.
    Forward {
        /// Its `Type`.
        kind: String,
        /// Its `PSID`.
        psid: Aid,
    },
    /// A header that is not known, of so many octets.
    Unknown(usize),
    /// An envelope of IEEE 1609.2.
    Envelope(Protection),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Dsmp(aid) => write!(f, "DSMP for {aid}"),
            Step::Wsmp(psid) => write!(f, "WSMP for {psid}"),
            Step::Forward { kind, psid } => write!(f, "immediate forward of {kind} for {psid}"),
            Step::Unknown(octets) => write!(f, "{octets} octets of an unknown header"),
            Step::Envelope(protection) => write!(f, "IEEE 1609.2, {protection}"),
        }
    }
}

/// What was found in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried<'a> {
    /// How it was reached; empty when it is all there is.
    pub steps: Vec<Step>,
    /// The message frame.
    pub payload: Cow<'a, [u8]>,
}

impl<'a> Carried<'a> {
    fn behind(step: Step, data: Cow<'a, [u8]>) -> Carried<'a> {
        let mut steps = vec![step];
        if !spdu::is_likely(&data) {
            return Carried { steps, payload: data };
        }
        // A message of T/CSAE 53 may begin like an envelope: only what opens is one.
        let payload = match data {
            Cow::Borrowed(data) => spdu::open(data).map(|o| (o.protection, Cow::Borrowed(o.payload))),
            Cow::Owned(ref data) => spdu::open(data).map(|o| (o.protection, Cow::Owned(o.payload.to_vec()))),
        };
        match payload {
            Ok((protection, payload)) => {
                steps.push(Step::Envelope(protection));
                Carried { steps, payload }
            }
            Err(_) => Carried { steps, payload: data },
        }
    }

    /// The network that it went over, when a header or envelope tells: the message set goes with it.
    #[must_use]
    pub fn network(&self) -> Option<Network> {
        self.steps.iter().find_map(|step| match step {
            Step::Dsmp(_) => Some(Network::Dsmp),
            Step::Wsmp(_) => Some(Network::Wsmp),
            _ => None,
        })
    }

    /// For which application it is, when a header tells.
    #[must_use]
    pub fn application(&self) -> Option<Aid> {
        self.steps.iter().find_map(|step| match step {
            Step::Dsmp(aid) | Step::Wsmp(aid) | Step::Forward { psid: aid, .. } => Some(*aid),
            _ => None,
        })
    }
}

/// What a DSMP frame carries.
///
/// # Errors
/// As [`Dsm::decode`].
pub fn of_dsmp(frame: &[u8]) -> Result<Carried<'_>, NetError> {
    let dsm = Dsm::decode(frame, dsmp::MOST_DATA)?;
    Ok(Carried::behind(Step::Dsmp(dsm.aid), Cow::Borrowed(dsm.data)))
}

/// What a WSMP frame carries. Links with a least length fill up behind it: that is not looked at.
///
/// # Errors
/// As [`Wsm::decode_first`].
pub fn of_wsmp(frame: &[u8]) -> Result<Carried<'_>, NetError> {
    let (wsm, _) = Wsm::decode_first(frame, wsmp::MOST_DATA)?;
    Ok(Carried::behind(Step::Wsmp(wsm.psid), Cow::Borrowed(wsm.data)))
}

/// What a datagram carries, when it has a header that is known and holds to its last octet: a text block, DSMP, WSMP, or
/// an envelope. `None`: none of them, so a message itself or nothing of ours.
#[must_use]
pub fn of_datagram(datagram: &[u8]) -> Option<Carried<'_>> {
    if datagram.starts_with(b"Version=") {
        let block = Block::parse(datagram).ok()?;
        return Some(Carried::behind(Step::Forward { kind: block.kind, psid: block.psid }, Cow::Owned(block.payload)));
    }
    if let Ok(carried) = of_dsmp(datagram) {
        return Some(carried);
    }
    if let Ok(wsm) = Wsm::decode(datagram, wsmp::MOST_DATA) {
        return Some(Carried::behind(Step::Wsmp(wsm.psid), Cow::Borrowed(wsm.data)));
    }
    let opened = spdu::is_likely(datagram).then(|| spdu::open(datagram).ok())??;
    Some(Carried { steps: vec![Step::Envelope(opened.protection)], payload: Cow::Borrowed(opened.payload) })
}

/// Where a message may begin behind a header that is not known: at an envelope of IEEE 1609.2, or at a message frame of
/// SAE J2735, which tells its own length. Whoever can decode says which of them is one. Radios that forward what they
/// heard put such headers in front, and trailers behind.
pub fn behind_unknown(datagram: &[u8]) -> impl Iterator<Item = Carried<'_>> {
    let most = datagram.len().min(VENDOR_HEADER);
    (1..most).filter_map(|header| {
        let rest = datagram.get(header..)?;
        if spdu::is_likely(rest)
            && let Ok(opened) = spdu::open(rest)
            && opened.payload.len() > 2
        {
            let steps = vec![Step::Unknown(header), Step::Envelope(opened.protection)];
            return Some(Carried { steps, payload: Cow::Borrowed(opened.payload) });
        }
        let payload = rest.get(..sae_frame_length(rest)?)?;
        Some(Carried { steps: vec![Step::Unknown(header)], payload: Cow::Borrowed(payload) })
    })
}

/// Octets of a message frame of SAE J2735: a number of 18 to 43, the length of the message, the message.
fn sae_frame_length(octets: &[u8]) -> Option<usize> {
    match octets {
        [0, 18..=43, length @ 8..=0x7f, ..] => Some(3 + usize::from(*length)),
        [0, 18..=43, high @ 0x80..=0xbf, low, ..] => Some(4 + (usize::from(high & 0x3f) << 8 | usize::from(*low))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn aid(value: u32) -> Aid {
        Aid::new(value).unwrap()
    }

    #[test]
    fn each_network_layer_is_told_from_the_others_by_its_own_header() {
        let message = [0x24, 0x01, 0x02, 0x03];
        let dsm = Dsm::new(aid(3623), &message).encode(1400).unwrap();
        let carried = of_datagram(&dsm).unwrap();
        assert_eq!((carried.network(), &*carried.payload), (Some(Network::Dsmp), &message[..]));
        let secured = spdu::unsecured(&message);
        let wsm = Wsm::new(aid(130), &secured).encode(1400).unwrap();
        let carried = of_datagram(&wsm).unwrap();
        assert_eq!(carried.steps, [Step::Wsmp(aid(130)), Step::Envelope(Protection::Unsecured)]);
        assert_eq!((carried.application(), &*carried.payload), (Some(aid(130)), &message[..]));
        let block = Block { kind: "RSM".into(), psid: aid(3623), priority: 6, signature: false, payload: secured };
        let text = block.text();
        let carried = of_datagram(text.as_bytes()).unwrap();
        assert_eq!(carried.steps[0].to_string(), "immediate forward of RSM for 3623 (0p8DA7)");
        assert_eq!((carried.steps.len(), &*carried.payload), (2, &message[..]));
        assert_eq!(of_datagram(&message), None);
    }

    #[test]
    fn padding_of_the_link_is_left_behind() {
        let mut frame = Wsm::new(aid(32), &[9; 8]).encode(1400).unwrap();
        frame.resize(46, 0);
        assert_eq!(&*of_wsmp(&frame).unwrap().payload, &[9; 8]);
        assert_eq!(of_datagram(&frame), None, "a datagram has no padding");
    }

    #[test]
    fn a_message_behind_an_unknown_header_is_offered() {
        let frame = [&[0, 31, 12][..], &[5; 12]].concat();
        let datagram = [&[1, 0x1d][..], &frame, &[7; 9]].concat();
        let offered: Vec<Carried> = behind_unknown(&datagram).collect();
        assert_eq!((offered[0].steps[0].clone(), &*offered[0].payload), (Step::Unknown(2), &frame[..]));
        let secured = [&[0; 26][..], &spdu::unsecured(&frame)].concat();
        assert!(
            behind_unknown(&secured).any(|carried| carried.steps[0] == Step::Unknown(26) && *carried.payload == frame)
        );
    }

    proptest! {
        #[test]
        fn no_datagram_makes_it_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = of_datagram(&octets);
            let _ = (of_dsmp(&octets), of_wsmp(&octets));
            prop_assert!(behind_unknown(&octets).count() < 64);
        }
    }
}
