//! Everything that can happen, in one enum. Log, metrics, recording, page and tests all read it.

use calibration::Timestamp;
use perception::{Class, SensorId, TrackKey, UnitId};
use serde::{Deserialize, Serialize};
use v2x_msgs::MessageKind;

/// Something that happened, with its moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    /// When, in the unit's time.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The unit became fit or unfit to speak.
    Fitness {
        /// Why it is silent; empty when it speaks.
        reasons: Vec<Unfit>,
    },
    /// A track was confirmed.
    TrackConfirmed {
        /// Its key.
        key: TrackKey,
        /// Its class.
        class: Class,
    },
    /// A confirmed track ended.
    TrackEnded {
        /// Its key.
        key: TrackKey,
    },
    /// A track took over the key under which a neighbour knew it.
    HandedOver {
        /// The key it has now.
        key: TrackKey,
        /// The neighbour that knew it.
        from: UnitId,
        /// The key it had before.
        was: TrackKey,
    },
    /// A message was made.
    Sent {
        /// Which.
        kind: MessageKind,
        /// Its size.
        bytes: usize,
        /// Participants, signal groups or warnings in it.
        items: usize,
        /// Age of the newest measurement in it, `tov` to now, ms.
        age_ms: Option<f64>,
    },
    /// A message was heard and understood.
    Heard {
        /// Which.
        kind: MessageKind,
    },
    /// Something was heard (on air, from a neighbour, from a signal controller) and refused.
    Rejected {
        /// Why: `truncated`, `malformed`, `ambiguous`, `unsupported`, `too-long`, `stale`, `from-the-future`, `conflicting-greens`.
        reason: String,
    },
    /// A warning began.
    WarningRaised {
        /// Warning.
        warning: Warning,
    },
    /// A warning ended.
    WarningCleared {
        /// Its number.
        id: u32,
    },
    /// A neighbour came up.
    NeighbourUp {
        /// Which.
        unit: UnitId,
    },
    /// A neighbour was lost.
    NeighbourLost {
        /// Which.
        unit: UnitId,
    },
    /// A sensor's frame came too late, or twice, and was dropped.
    FrameDropped {
        /// Which sensor.
        sensor: SensorId,
        /// Why: `late`, `duplicate`, `from-the-future`, `unknown-sensor`, `no-calibration`, `too-many`.
        reason: String,
    },
    /// A radio failed, or is well again.
    Radio {
        /// Which.
        radio: String,
        /// What is wrong; `None`: well again.
        fault: Option<String>,
    },
    /// The link to the corridor (zenoh) failed, or is well again.
    Link {
        /// What is wrong; `None`: well again.
        fault: Option<String>,
    },
    /// The recording failed or ended early.
    Recording {
        /// What is wrong.
        fault: String,
    },
    /// A message could not be encoded and was not sent.
    NotEncoded {
        /// Which.
        kind: MessageKind,
        /// What did not fit the wire.
        reason: String,
    },
    /// The unit's clock was set back; tracks, neighbours and warnings were forgotten.
    ClockSetBack {
        /// By how much, seconds.
        seconds: f64,
    },
    /// A bounded queue or list overflowed; the oldest were dropped.
    Dropped {
        /// Which queue, as named in `limits.rs`.
        queue: String,
        /// How many.
        count: u64,
    },
}

/// Why a unit must be silent. The same words in status, page, metrics and log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Unfit {
    /// The clock is lost, unsynchronised or off.
    Clock {
        /// In words.
        detail: String,
    },
    /// A sensor has no calibration: where it looks is unknown.
    Pose {
        /// Which sensor.
        sensor: SensorId,
        /// In words.
        detail: String,
    },
    /// No sensor gives fresh frames.
    Sensors {
        /// In words.
        detail: String,
    },
    /// The configuration is refused (safe mode).
    Config {
        /// In words.
        detail: String,
    },
}

impl Unfit {
    /// One word for metrics and lists: `clock`, `pose`, `sensors`, `config`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Unfit::Clock { .. } => "clock",
            Unfit::Pose { .. } => "pose",
            Unfit::Sensors { .. } => "sensors",
            Unfit::Config { .. } => "config",
        }
    }
}

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unfit::Pose { sensor, detail } => write!(f, "pose: {sensor}: {detail}"),
            Unfit::Clock { detail } | Unfit::Sensors { detail } | Unfit::Config { detail } => {
                write!(f, "{}: {detail}", self.word())
            }
        }
    }
}

/// A warning about one road user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// Number at this unit, from 1.
    pub id: u32,
    /// Kind.
    pub kind: WarningKind,
    /// The road user.
    pub key: TrackKey,
    /// Where, `enu`, metres.
    pub position: [f64; 2],
    /// Since when.
    pub since: Timestamp,
    /// Lane, as `link/lane`, when on one.
    pub lane: Option<String>,
}

/// Kinds of warning.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarningKind {
    /// A person on the carriageway.
    PedestrianOnRoad,
    /// A vehicle that stands where it should not.
    StoppedVehicle,
    /// A vehicle against the direction of its lane.
    WrongWay,
}
