//! What the unit believes at one moment: the one picture that services, page, recording and tests look at.

use calibration::Timestamp;
use perception::{SensorId, Track, UnitId};
use serde::{Deserialize, Serialize};

use crate::event::{Unfit, Warning};

/// The unit's belief at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct World {
    /// The moment for which the states hold.
    pub at: Timestamp,
    /// Time of validity of the newest sensor frame in it.
    pub tov: Option<Timestamp>,
    /// Confirmed tracks, predicted to `at`, in the order of their keys.
    pub tracks: Vec<Track>,
    /// Signal groups.
    pub signals: Vec<SignalGroup>,
    /// Active warnings.
    pub warnings: Vec<Warning>,
    /// Why the unit is silent; empty when it speaks.
    pub unfit: Vec<Unfit>,
    /// Sensors as the station sees them.
    pub sensors: Vec<SensorState>,
    /// Neighbours that are alive.
    pub neighbours: Vec<UnitId>,
}

/// One sensor as the station sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SensorState {
    /// Which.
    pub id: SensorId,
    /// Time of validity of its last frame.
    pub last_tov: Option<Timestamp>,
    /// Frames per second over the last seconds.
    pub rate_hz: f64,
    /// Last frame's age when it reached the station, ms.
    pub age_ms: Option<f64>,
    /// `None`: fine. Else what is wrong, in words.
    pub fault: Option<String>,
}

/// State of one signal group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalGroup {
    /// Signal group (phase id).
    pub id: u8,
    /// What it shows.
    pub light: Light,
    /// When it will change, if known.
    pub until: Option<Timestamp>,
    /// What comes next and how long each lasts, seconds.
    pub next: Vec<(Light, f64)>,
}

/// What a signal group shows.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Not known.
    Unknown,
    /// Dark.
    Dark,
    /// Red.
    Red,
    /// Red, flashing.
    FlashingRed,
    /// Green that yields to others.
    PermissiveGreen,
    /// Green with no conflict.
    ProtectedGreen,
    /// Green, flashing.
    FlashingGreen,
    /// Yellow.
    Yellow,
    /// Yellow, flashing.
    FlashingYellow,
}

impl World {
    /// Nothing known yet.
    #[must_use]
    pub fn empty(at: Timestamp) -> Self {
        Self {
            at,
            tov: None,
            tracks: Vec::new(),
            signals: Vec::new(),
            warnings: Vec::new(),
            unfit: Vec::new(),
            sensors: Vec::new(),
            neighbours: Vec::new(),
        }
    }

    /// Age of the newest measurement, `tov` to now, ms.
    #[must_use]
    pub fn age_ms(&self) -> Option<f64> {
        self.tov.map(|tov| self.at.millis_since(tov))
    }

    /// What a signal group shows; unknown when nobody says.
    #[must_use]
    pub fn light(&self, group: u8) -> Light {
        self.signals.iter().find(|s| s.id == group).map_or(Light::Unknown, |s| s.light)
    }
}

impl Light {
    /// Somebody may go.
    #[must_use]
    pub fn is_green(self) -> bool {
        matches!(self, Light::PermissiveGreen | Light::ProtectedGreen | Light::FlashingGreen)
    }
}
