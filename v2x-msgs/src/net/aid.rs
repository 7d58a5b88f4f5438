//! Application identifiers: who on the receiving side a frame is for (AID in YD/T 3707-2020, PSID in IEEE 1609), their
//! p-encoding, the table of the known ones, and the filter of a receiver.
//!
//! **The trap.** Configurations of North American radios write `0x8002` for SPAT and MAP. That is not the identifier but
//! its two p-encoded octets; the identifier is 130. In headers of IEEE 1609.2 and in YD/T 3707 tables stands the
//! identifier. So here a number is always the identifier, and p-encoded octets are written behind `0p`:
//!
//! ```
//! use v2x_msgs::net::aid::Aid;
//! let map: Aid = "0p8002".parse()?;
//! assert_eq!((map.value(), map.to_string().as_str()), (130, "130 (0p8002)"));
//! assert_ne!(map, "0x8002".parse()?);
//! # Ok::<(), v2x_msgs::net::NetError>(())
//! ```

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::octets::Octets;
use super::{Layer, NetError};
use crate::MessageKind;

/// An application identifier (AID, PSID, ITS-AID: one number space).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Aid(u32);

/// First value, prefix and value bits of the four forms (IEEE 1609.12, p-encoding).
const FORMS: [(u32, u32, u32); 4] =
    [(0, 0, 7), (0x80, 0x8000, 14), (0x4080, 0xc0_0000, 21), (0x20_4080, 0xe000_0000, 28)];

impl Aid {
    /// The largest identifier.
    pub const MOST: u32 = 0x1020_407f;

    /// An identifier by its number.
    ///
    /// # Errors
    /// When it is larger than [`Aid::MOST`].
    pub fn new(value: u32) -> Result<Aid, NetError> {
        if value > Aid::MOST { Err(NetError::AidTooLarge(value)) } else { Ok(Aid(value)) }
    }

    /// Its number.
    #[must_use]
    pub fn value(self) -> u32 {
        self.0
    }

    /// Its p-encoded octets as one number, most significant first, and how many octets they are.
    #[must_use]
    pub fn p_encoded(self) -> (u32, usize) {
        let more = FORMS.iter().rposition(|(first, ..)| self.0 >= *first).unwrap_or(0);
        let (first, prefix, _) = FORMS[more];
        (prefix | (self.0 - first), more + 1)
    }

    /// The identifier of p-encoded octets, written as one number: `0x8002` gives 130.
    ///
    /// # Errors
    /// When no identifier has these octets.
    pub fn from_p_encoded(octets: u32) -> Result<Aid, NetError> {
        let whole = octets.to_be_bytes();
        let begin = whole.iter().position(|octet| *octet != 0).unwrap_or(3);
        let mut reader = Octets::new(Layer::Aid, whole.get(begin..).unwrap_or_default());
        let aid = Aid::read(&mut reader)?;
        match reader.rest() {
            [] => Ok(aid),
            rest => {
                let what = format!("{} octets too many behind the identifier", rest.len());
                Err(reader.malformed(reader.at(), "application identifier", what))
            }
        }
    }

    /// Reads p-encoded octets.
    pub(super) fn read(octets: &mut Octets<'_>) -> Result<Aid, NetError> {
        const FIELD: &str = "application identifier";
        let begin = octets.at();
        let first = octets.octet(FIELD)?;
        let more = first.leading_ones() as usize;
        let Some((least, _, bits)) = FORMS.get(more) else {
            return Err(octets.malformed(begin, FIELD, format!("no p-encoding begins with {first:#04x}")));
        };
        let number = u32::from(first) << (8 * more) | octets.number(more, FIELD)? as u32;
        Ok(Aid((number & ((1 << bits) - 1)) + least))
    }

    /// Writes p-encoded octets.
    pub(super) fn write(self, frame: &mut Vec<u8>) {
        let (number, octets) = self.p_encoded();
        frame.extend_from_slice(number.to_be_bytes().get(4 - octets..).unwrap_or_default());
    }
}

impl fmt::Display for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, octets) = self.p_encoded();
        write!(f, "{} (0p{number:0digits$X})", self.0, digits = 2 * octets)
    }
}

impl FromStr for Aid {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Aid, NetError> {
        let not_one = || NetError::NotAnAid(text.chars().take(40).collect());
        let number = |digits: &str, radix| u32::from_str_radix(digits, radix).map_err(|_| not_one());
        match text.get(..2) {
            Some("0p" | "0P") => Aid::from_p_encoded(number(&text[2..], 16)?),
            Some("0x" | "0X") => Aid::new(number(&text[2..], 16)?),
            _ => Aid::new(number(text, 10)?),
        }
    }
}

/// A network layer that carries identifiers.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Network {
    /// Chinese LTE-V2X: DSMP.
    Dsmp,
    /// North America: WSMP.
    Wsmp,
}

/// One known application.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// In which network.
    pub network: Network,
    /// Its identifier.
    pub aid: u32,
    /// The messages it carries, as [`MessageKind::name`] writes them.
    pub messages: &'static [&'static str],
    /// What of them.
    pub what: &'static str,
    /// Priority 0 to 255, 255 the most urgent; none where no public table has it.
    pub priority: Option<u8>,
    /// Period, or the longest allowed, milliseconds.
    pub period_ms: Option<u32>,
    /// Destination layer-2 identifier of PC5.
    pub destination: Option<u32>,
}

impl Application {
    /// Its identifier.
    ///
    /// # Errors
    /// Never for one of [`APPLICATIONS`].
    pub fn aid(&self) -> Result<Aid, NetError> {
        Aid::new(self.aid)
    }
}

/// YD/T 3707-2020 and its conformance tests YD/T 3708-2020. Messages of the second stage (T/CSAE 157) have no public
/// list: a site that uses them agrees on identifiers.
const fn dsmp(
    aid: u32,
    messages: &'static [&'static str],
    what: &'static str,
    priority: u8,
    period_ms: u32,
    destination: u32,
) -> Application {
    Application {
        network: Network::Dsmp,
        aid,
        messages,
        what,
        priority: Some(priority),
        period_ms: Some(period_ms),
        destination: Some(destination),
    }
}

/// IEEE 1609.12 and the tables of `usdot-fhwa-OPS/V2X-Hub` and Wireshark; priorities are a matter of the deployment.
const fn wsmp(aid: u32, messages: &'static [&'static str], what: &'static str) -> Application {
    Application { network: Network::Wsmp, aid, messages, what, priority: None, period_ms: None, destination: None }
}

/// Every known application. The first of a message is the usual one.
pub const APPLICATIONS: &[Application] = &[
    dsmp(111, &["bsm"], "vehicle, regular", 112, 100, 0x01),
    dsmp(112, &["bsm"], "vehicle, event", 208, 100, 0x02),
    dsmp(113, &["bsm"], "emergency vehicle, regular", 112, 100, 0x03),
    dsmp(114, &["bsm"], "emergency vehicle, event", 208, 100, 0x04),
    dsmp(3618, &["map"], "map", 16, 1000, 0x06),
    dsmp(3619, &["spat"], "signal phase and timing", 176, 500, 0x07),
    dsmp(3622, &["rsi"], "dynamic", 112, 100, 0x0a),
    dsmp(3621, &["rsi"], "semi-static", 80, 500, 0x09),
    dsmp(3620, &["rsi"], "static", 48, 1000, 0x08),
    dsmp(3623, &["rsm"], "road users seen by the unit", 208, 100, 0x0b),
    wsmp(0x20, &["bsm"], "vehicle to vehicle safety"),
    wsmp(0x27, &["psm"], "vulnerable road users"),
    wsmp(130, &["spat", "map"], "intersection safety"),
    wsmp(131, &["tim"], "traveller information"),
    wsmp(144, &["sdsm"], "sensor data sharing"),
    wsmp(0x20_4097, &["map"], "map"),
];

/// The usual application of a message.
#[must_use]
pub fn application(network: Network, kind: MessageKind) -> Option<&'static Application> {
    APPLICATIONS.iter().find(|a| a.network == network && a.messages.contains(&kind.name()))
}

/// What an identifier is used for.
#[must_use]
pub fn known(network: Network, aid: Aid) -> Option<&'static Application> {
    APPLICATIONS.iter().find(|a| a.network == network && a.aid == aid.value())
}

/// The packet priority of PC5 (PPPP, 1 the most urgent to 8) for a priority of 0 to 255 (YD/T 3707-2020).
///
/// ```
/// use v2x_msgs::net::aid::{pppp, priority};
/// assert_eq!((pppp(208), pppp(16), priority(2)), (2, 8, 223));
/// ```
#[must_use]
pub fn pppp(priority: u8) -> u8 {
    8 - (priority >> 5)
}

/// The highest priority 0 to 255 that gives a packet priority of PC5, for what was received with one.
#[must_use]
pub fn priority(pppp: u8) -> u8 {
    u8::MAX - 32 * (pppp.clamp(1, 8) - 1)
}

/// The identifiers that a receiver has asked for. Whatever else comes is never delivered (YD/T 3708-2020 tests it).
///
/// ```
/// use v2x_msgs::net::aid::{Aid, Registered};
/// let ears = Registered::of([Aid::new(111)?, Aid::new(112)?]);
/// assert!(ears.delivers(Aid::new(111)?) && !ears.delivers(Aid::new(3623)?));
/// # Ok::<(), v2x_msgs::net::NetError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registered(BTreeSet<Aid>);

impl Registered {
    /// These.
    pub fn of(aids: impl IntoIterator<Item = Aid>) -> Registered {
        Registered(aids.into_iter().collect())
    }

    /// Every known application of a network.
    #[must_use]
    pub fn every(network: Network) -> Registered {
        Registered(APPLICATIONS.iter().filter(|a| a.network == network).map(|a| Aid(a.aid)).collect())
    }

    /// Whether a frame for this identifier is delivered.
    #[must_use]
    pub fn delivers(&self, aid: Aid) -> bool {
        self.0.contains(&aid)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn octets(value: u32) -> Vec<u8> {
        let mut frame = Vec::new();
        Aid::new(value).unwrap().write(&mut frame);
        frame
    }

    #[test]
    fn the_forms_begin_and_end_where_the_standard_says() {
        for (value, expected) in [
            (0, &[0x00][..]),
            (0x7f, &[0x7f]),
            (0x80, &[0x80, 0x00]),
            (130, &[0x80, 0x02]),
            (3623, &[0x8d, 0xa7]),
            (0x407f, &[0xbf, 0xff]),
            (0x4080, &[0xc0, 0x00, 0x00]),
            (0x20_407f, &[0xdf, 0xff, 0xff]),
            (0x20_4080, &[0xe0, 0x00, 0x00, 0x00]),
            (0x20_4097, &[0xe0, 0x00, 0x00, 0x17]),
            (Aid::MOST, &[0xef, 0xff, 0xff, 0xff]),
        ] {
            assert_eq!(octets(value), expected, "{value:#x}");
        }
        assert_eq!(Aid::new(Aid::MOST + 1), Err(NetError::AidTooLarge(0x1020_4080)));
    }

    #[test]
    fn p_encoded_octets_are_not_mistaken_for_the_number() {
        for (written, value) in [("0p8002", 130), ("0p8003", 131), ("0p8010", 144), ("0pBFEE", 16494), ("0p20", 32)] {
            assert_eq!(written.parse::<Aid>().unwrap().value(), value);
        }
        assert_eq!("0x8002".parse::<Aid>().unwrap().value(), 0x8002);
        assert_eq!("130".parse::<Aid>().unwrap().to_string(), "130 (0p8002)");
        for wrong in ["", "0p", "0pF0", "0p800200", "0p80", "130 ", "-1", "0x1020408000", "0p1ffffffff"] {
            assert!(wrong.parse::<Aid>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_table_names_each_application_once_and_the_usual_one_first() {
        for (i, a) in APPLICATIONS.iter().enumerate() {
            assert!(!APPLICATIONS[..i].iter().any(|b| (b.network, b.aid) == (a.network, a.aid)), "{a:?}");
            assert!(Aid::new(a.aid).is_ok() && !a.messages.is_empty());
            assert!(a.period_ms.is_none_or(|ms| ms % 100 == 0), "periods are multiples of 100 ms: {a:?}");
        }
        let usual = |kind| application(Network::Dsmp, kind).map(|a| (a.aid, a.priority.map(pppp)));
        assert_eq!(usual(MessageKind::Bsm), Some((111, Some(5))));
        assert_eq!(usual(MessageKind::Map), Some((3618, Some(8))));
        assert_eq!(usual(MessageKind::Spat), Some((3619, Some(3))));
        assert_eq!(usual(MessageKind::Rsi), Some((3622, Some(5))));
        assert_eq!(usual(MessageKind::Rsm), Some((3623, Some(2))));
        assert_eq!(known(Network::Wsmp, Aid(130)).map(|a| a.messages), Some(&["spat", "map"][..]));
        assert_eq!(known(Network::Dsmp, Aid(130)), None);
    }

    #[test]
    fn priorities_of_both_scales_meet() {
        assert_eq!([255, 224, 223, 192, 64, 32, 31, 0].map(pppp), [1, 1, 2, 2, 6, 7, 8, 8]);
        assert_eq!([1, 2, 7, 8].map(priority), [255, 223, 63, 31]);
        assert!((1..=8).all(|p| pppp(priority(p)) == p));
    }

    #[test]
    fn what_nobody_registered_is_not_delivered() {
        let ears = Registered::every(Network::Dsmp);
        assert!(ears.delivers(Aid(3623)) && !ears.delivers(Aid(130)) && !ears.delivers(Aid(135)));
        assert!(!Registered::default().delivers(Aid(111)));
    }

    proptest! {
        #[test]
        fn every_identifier_comes_back_in_every_form(value in 0..=Aid::MOST) {
            let aid = Aid::new(value).unwrap();
            prop_assert_eq!(Aid::from_p_encoded(aid.p_encoded().0).unwrap(), aid);
            let written = octets(value);
            prop_assert_eq!(Aid::read(&mut Octets::new(Layer::Aid, &written)).unwrap(), aid);
            let text = aid.to_string();
            prop_assert_eq!(text.split(' ').next().unwrap().parse::<Aid>().unwrap(), aid);
            let behind = text.split(['(', ')']).nth(1).unwrap();
            prop_assert_eq!(behind.parse::<Aid>().unwrap(), aid);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,12}|0[px][0-9a-f]{0,9}") {
            let _ = text.parse::<Aid>();
        }
    }
}
