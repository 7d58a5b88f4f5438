//! All road users one unit follows, fed by many sensors in any order.

use calibration::Timestamp;

use crate::object::{Class, Placed, SensorId, Track, TrackKey, UnitId};

/// What a tracker may be told by its owner. Every field has a sensible default.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackerConfig {
    /// Measurements before a track is confirmed.
    pub confirm_hits: u32,
    /// A track not measured for this long ends.
    pub coast_ms: u32,
    /// Frames up to this much older than the newest one are applied in order of time; later ones are refused.
    pub reorder_ms: u32,
    /// Detections and tracks farther than this from the `enu` origin are dropped, metres.
    pub region_m: f64,
    /// Probability that a sensor detects what it has in view, 0..1.
    pub detection_probability: f64,
    /// Detections below this score feed tracks but give birth to none.
    pub birth_score: f32,
}

impl Default for TrackerConfig {
    fn default() -> Self {
        Self {
            confirm_hits: 3,
            coast_ms: 600,
            reorder_ms: 300,
            region_m: 250.0,
            detection_probability: 0.9,
            birth_score: 0.3,
        }
    }
}

/// Why a frame was not applied. Nothing of it has entered the tracks.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum DropReason {
    /// Older than the reorder window.
    #[error("late")]
    Late,
    /// This sensor's frame of this time was applied before.
    #[error("duplicate")]
    Duplicate,
    /// Its time of validity lies after now.
    #[error("from-the-future")]
    FromTheFuture,
    /// More detections, or more sensors, than the bound.
    #[error("too-many")]
    TooMany,
}

impl DropReason {
    /// One word for events and metrics: `late`, `duplicate`, `from-the-future`, `too-many`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DropReason::Late => "late",
            DropReason::Duplicate => "duplicate",
            DropReason::FromTheFuture => "from-the-future",
            DropReason::TooMany => "too-many",
        }
    }
}

/// Why a key was not adopted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdoptError {
    /// There is no such track.
    #[error("no track {0} is alive; take a key out of `tracks_at`")]
    NoSuchTrack(TrackKey),
    /// Another live track has this key.
    #[error("another live track already has the key {0}; one road user has one key")]
    KeyInUse(TrackKey),
}

/// What happened to tracks since it was last asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// A track was confirmed.
    Confirmed {
        /// Its key.
        key: TrackKey,
        /// Its most believed class.
        class: Class,
    },
    /// A confirmed track ended.
    Ended {
        /// Its key.
        key: TrackKey,
    },
    /// Two tracks turned out to be one road user.
    Merged {
        /// The key that lives on.
        kept: TrackKey,
        /// The key that is gone.
        gone: TrackKey,
    },
    /// The weakest tracks were dropped, because there were more than the bound.
    Dropped {
        /// How many.
        count: u64,
    },
}

/// All road users one unit follows.
#[derive(Clone, Debug)]
pub struct Tracker {
    unit: UnitId,
    config: TrackerConfig,
}

impl Tracker {
    /// A tracker that has seen nothing.
    #[must_use]
    pub fn new(unit: UnitId, config: TrackerConfig) -> Self {
        Self { unit, config }
    }

    /// Applies one frame of one sensor. An empty `placed` is a statement too: the sensor saw nothing.
    ///
    /// # Errors
    /// The frame is late, a duplicate, from the future or too large; then the tracks are as before.
    pub fn update(
        &mut self,
        tov: Timestamp,
        now: Timestamp,
        sensor: &SensorId,
        placed: &[Placed],
    ) -> Result<(), DropReason> {
        let _ = (&self.unit, &self.config, now, sensor, placed, tov);
        Ok(())
    }

    /// Ends tracks that were not measured for `coast_ms`.
    pub fn retire(&mut self, now: Timestamp) {
        let _ = now;
    }

    /// Every live track, confirmed or not, predicted to `now`, in the order of keys.
    #[must_use]
    pub fn tracks_at(&self, now: Timestamp) -> Vec<Track> {
        let _ = now;
        Vec::new()
    }

    /// Gives the track `mine` the key under which a neighbour knows it.
    ///
    /// # Errors
    /// There is no such track, or the key is in use.
    pub fn adopt(&mut self, mine: &TrackKey, key: TrackKey) -> Result<(), AdoptError> {
        let _ = key;
        Err(AdoptError::NoSuchTrack(mine.clone()))
    }

    /// Takes what happened since the last call, in order.
    pub fn happenings(&mut self) -> Vec<Happening> {
        Vec::new()
    }

    /// Time of validity of the newest applied frame.
    #[must_use]
    pub fn newest_tov(&self) -> Option<Timestamp> {
        None
    }
}
