//! The status document: the same on zenoh, at `/api/status` and in `rsu status`. It answers "is the unit fit to speak, and
//! if not, why?" first.

use std::collections::BTreeMap;

use calibration::Timestamp;
use serde::{Deserialize, Serialize};

use crate::event::Unfit;
use crate::shell::age::AgeSummary;
use crate::station::ClockState;
use crate::world::SensorState;

/// Name and version of the document.
pub const SCHEMA: &str = "rsu.status/1";

/// How one unit is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// `rsu.status/1`.
    pub schema: String,
    /// The moment of the status.
    pub at: Timestamp,
    /// Time of validity of the newest sensor frame in the world.
    pub tov: Option<Timestamp>,
    /// The unit.
    pub unit: String,
    /// Its name for people.
    pub name: String,
    /// Its corridor.
    pub corridor: String,
    /// Version of the program.
    pub version: String,
    /// Message dialect.
    pub dialect: String,
    /// Seconds since the start.
    pub up_s: f64,
    /// It speaks.
    pub fit: bool,
    /// Why it is silent; empty when it speaks.
    pub reasons: Vec<Unfit>,
    /// The sensors as the station sees them.
    pub sensors: Vec<SensorState>,
    /// The clock.
    pub clock: ClockStatus,
    /// What is on the road.
    pub world: WorldStatus,
    /// What is said and heard.
    pub air: AirStatus,
    /// Photon to antenna.
    pub age: AgeStatus,
    /// The radios.
    pub radios: Vec<RadioStatus>,
    /// zenoh and the neighbours.
    pub link: LinkStatus,
    /// The recording, when there is one.
    pub recording: Option<RecordingStatus>,
    /// Everything that is wrong, worst first, in words.
    pub problems: Vec<String>,
}

/// The clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClockStatus {
    /// As configured: `system`, `ntp`, `ptp`, `gnss-pps`.
    pub source: String,
    /// What it is; `None` before the first look.
    pub state: Option<ClockState>,
}

/// What is on the road.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WorldStatus {
    /// Tracks by class.
    pub tracks: BTreeMap<String, usize>,
    /// Active warnings.
    pub warnings: usize,
}

/// What is said and heard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AirStatus {
    /// Sent, by message type.
    pub sent: BTreeMap<String, Tally>,
    /// Heard and understood, by message type.
    pub heard: BTreeMap<String, Tally>,
    /// Heard and refused, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Dropped because a queue was full, by queue.
    pub dropped: BTreeMap<String, u64>,
}

/// Count and rate of one kind of message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Since the start.
    pub count: u64,
    /// Bytes since the start.
    pub bytes: u64,
    /// Per second, over the last seconds.
    pub per_s: f64,
    /// The last one.
    pub last: Option<Timestamp>,
}

/// Photon to antenna.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgeStatus {
    /// All messages that rest on a measurement.
    pub all: AgeSummary,
    /// By message type.
    pub by_type: BTreeMap<String, AgeSummary>,
    /// What it may be.
    pub budget_ms: f64,
}

/// One radio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RadioStatus {
    /// Name.
    pub id: String,
    /// Where it is.
    pub address: String,
    /// Where what it hears comes in.
    pub listen: Option<String>,
    /// Messages handed to it.
    pub sent: u64,
    /// Messages it did not take.
    pub failed: u64,
    /// What is wrong; `None`: fine.
    pub fault: Option<String>,
}

/// zenoh and the neighbours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LinkStatus {
    /// As configured: `peer`, `client`, `off`.
    pub mode: String,
    /// A session is open.
    pub open: bool,
    /// What is wrong; `None`: fine.
    pub fault: Option<String>,
    /// Neighbours that are alive.
    pub neighbours: Vec<String>,
}

/// The recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordingStatus {
    /// The file.
    pub file: String,
    /// Bytes written.
    pub bytes: u64,
    /// What is wrong; `None`: fine.
    pub fault: Option<String>,
}

impl Status {
    /// Everything that is wrong, what silences the unit first.
    #[must_use]
    pub fn find_problems(&self) -> Vec<String> {
        let silencing = self.reasons.iter().map(|reason| format!("silent: {reason}"));
        let sensors = self.sensors.iter().filter_map(|s| s.fault.as_ref().map(|fault| format!("{}: {fault}", s.id)));
        let radios =
            self.radios.iter().filter_map(|r| r.fault.as_ref().map(|fault| format!("radio {}: {fault}", r.id)));
        let link = self.link.fault.iter().map(|fault| format!("corridor link: {fault}"));
        let recording =
            self.recording.iter().filter_map(|r| r.fault.as_ref().map(|fault| format!("recording: {fault}")));
        silencing.chain(sensors).chain(radios).chain(link).chain(recording).collect()
    }
}
