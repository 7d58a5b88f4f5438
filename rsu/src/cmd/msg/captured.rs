//! The messages in a packet capture: each frame is taken apart down to the message; what is not ours is counted by kind.

use std::collections::BTreeMap;

use calibration::Timestamp;
use v2x_msgs::Profile;
use v2x_msgs::net::aid::Network;
use v2x_msgs::net::capture::{Capture, Frame};
use v2x_msgs::net::carried::{self, Carried};
use v2x_msgs::net::link::{self, Found as Held, NotOurs};
use v2x_msgs::net::{NetError, dsmp};
use v2x_msgs::wire_json;

use super::input::Found;
use crate::limits::WORDS;

/// Where a message was in a capture, and through which layers it was reached.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    /// Number of the frame, from 1; none for a line of digits.
    pub frame: Option<u64>,
    /// When it was captured.
    pub time: Option<Timestamp>,
    /// The layers, outermost first.
    pub via: Vec<String>,
    /// The network that carried it, when a layer tells.
    pub network: Option<Network>,
}

impl Place {
    fn new(frame: Option<&Frame>, carried: &Carried<'_>) -> Place {
        Place {
            frame: frame.map(|f| f.number),
            time: frame.and_then(|f| f.nanos).map(Timestamp::from_nanos),
            via: carried.steps.iter().map(ToString::to_string).collect(),
            network: carried.network(),
        }
    }
}

/// The messages of a capture.
pub(super) struct Captured {
    capture: Capture<'static>,
    name: String,
    frames: u64,
    /// Frames that are not ours, by kind.
    others: BTreeMap<String, u64>,
}

impl Captured {
    pub(super) fn new(capture: Capture<'static>, name: String) -> Captured {
        Captured { capture, name, frames: 0, others: BTreeMap::new() }
    }

    /// Frames read, and what was not ours: `14 frames; not ours: 3 EtherType 0x0806, 1 IP without UDP`.
    pub(super) fn tally(&self) -> String {
        let kinds: Vec<String> = self.others.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let others = if kinds.is_empty() { String::new() } else { format!("; not ours: {}", kinds.join(", ")) };
        format!("{} frame{}{others}", self.frames, if self.frames == 1 { "" } else { "s" })
    }

    fn count(&mut self, kind: String) {
        let known = self.others.contains_key(&kind) || self.others.len() < WORDS;
        *self.others.entry(if known { kind } else { "others".to_owned() }).or_default() += 1;
    }

    /// The next frame with a message in it.
    pub(super) fn next(&mut self) -> Option<anyhow::Result<Found>> {
        loop {
            let frame = match self.capture.next()? {
                Ok(frame) => frame,
                Err(error) => return Some(Err(anyhow::Error::new(error).context(self.name.clone()))),
            };
            self.frames += 1;
            let place = format!("{}, frame {}", self.name, frame.number);
            let (octets, captured) = match link::found(&frame) {
                Ok(Held::Carried(carried)) => (Ok(carried.payload.to_vec()), Some(Place::new(Some(&frame), &carried))),
                Ok(Held::Datagram { octets, .. }) => match in_datagram(octets) {
                    Some(carried) => (Ok(carried.payload.to_vec()), Some(Place::new(Some(&frame), &carried))),
                    None => {
                        self.count("UDP datagrams without a message".to_owned());
                        continue;
                    }
                },
                Err(NotOurs::Broken(error)) => (Err(error.into()), None),
                Err(other) => {
                    self.count(other.to_string());
                    continue;
                }
            };
            return Some(Ok(Found { octets, place, captured }));
        }
    }
}

/// The message in a datagram that has no header of ours: the datagram itself, or behind a header that is not known.
fn in_datagram(datagram: &[u8]) -> Option<Carried<'_>> {
    let reads = |octets: &[u8], profile: Profile| wire_json::decode(octets, profile).is_ok();
    if Profile::ALL.into_iter().any(|profile| reads(datagram, profile)) {
        return Some(Carried { steps: Vec::new(), payload: datagram.into() });
    }
    behind_header(datagram)
}

/// The message of SAE J2735 behind a header that is not known, if one reads well.
fn behind_header(datagram: &[u8]) -> Option<Carried<'_>> {
    let sae: Vec<Profile> = Profile::ALL.into_iter().filter(|p| p.name().starts_with("j2735")).collect();
    carried::behind_unknown(datagram)
        .find(|c| sae.iter().any(|profile| wire_json::decode(&c.payload, *profile).is_ok()))
}

/// What digits hold that are a frame or a datagram around a message (`--framed`).
///
/// # Errors
/// When they begin like a frame and are none. What begins like nothing known is handed on as it is.
pub(super) fn unframed(octets: &[u8]) -> Result<(Vec<u8>, Place), NetError> {
    let carried = match carried::of_datagram(octets).or_else(|| in_datagram(octets)) {
        Some(carried) => carried,
        None if octets.first() == Some(&dsmp::PROTOCOL_TYPE) => carried::of_dsmp(octets)?,
        None if octets.first().is_some_and(|first| matches!(first, 0x03 | 0x0b)) => carried::of_wsmp(octets)?,
        None => Carried { steps: Vec::new(), payload: octets.into() },
    };
    Ok((carried.payload.to_vec(), Place::new(None, &carried)))
}
