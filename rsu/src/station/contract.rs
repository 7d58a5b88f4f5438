//! What a station is made of, what it eats and what it yields.

use calibration::Timestamp;
use calibration::rig::Rig;
use perception::{Detections, SensorId, Track, UnitId};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::event::Stamp;
use crate::radio::RadioFrame;
use crate::site_map::SiteMap;
use crate::world::SignalGroup;

/// All that makes a unit, as pure values. [`crate::config::load()`] reads it from files; a test may write it down.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The configuration; the paths in it lead from the working directory.
    pub config: Config,
    /// The crossing, when `[site] map` names one.
    pub map: Option<SiteMap>,
    /// Every calibrated sensor.
    pub rig: Rig,
}

/// What comes in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// A detector has looked at one frame.
    Detections(Detections),
    /// A source says how it is: `None` fine, else what is wrong (frozen picture, no packets, …).
    Sensor {
        /// Which.
        sensor: SensorId,
        /// What is wrong.
        fault: Option<String>,
    },
    /// How good the unit's clock is. To be said once a second: a unit that hears nothing about its clock for
    /// [`crate::health::CLOCK_FRESH_S`] is silent.
    Clock(ClockState),
    /// A signal controller spoke (overrides the plan while fresh).
    Signal(SignalState),
    /// Bytes heard on air.
    Received(Vec<u8>),
    /// What a neighbour knows near the common border.
    Neighbour(BorderTracks),
    /// A neighbour's liveliness token came or went.
    NeighbourAlive {
        /// Which.
        unit: UnitId,
        /// There or gone.
        alive: bool,
    },
    /// Time has passed.
    Tick,
}

/// What goes out.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// To the antenna and to zenoh.
    Send(RadioFrame),
    /// To the neighbours.
    Share(BorderTracks),
    /// To log, metrics, recording and page.
    Event(Stamp),
}

/// How good the unit's clock is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClockState {
    /// Synchronised to its source.
    pub synchronised: bool,
    /// Estimated offset from UTC, ms.
    pub offset_ms: f64,
}

/// What a signal controller said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalState {
    /// When it held.
    pub tov: Timestamp,
    /// All groups.
    pub groups: Vec<SignalGroup>,
}

/// What a unit knows near a border. Positions are WGS-84 (degrees at this edge only), so that units need not share an
/// `enu` origin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BorderTracks {
    /// Who says so.
    pub unit: UnitId,
    /// The sender's `enu` origin: latitude and longitude in degrees, height in metres.
    pub origin: [f64; 3],
    /// Tracks in the sender's `enu`, states at their `at`.
    pub tracks: Vec<Track>,
}
