//! All road users one unit follows, fed by many sensors in any order.
//!
//! The tracker keeps what it believed after each frame of the last `reorder_ms`. A frame that comes late is put where it
//! belongs: the belief before it is taken up again, and it and all newer frames are applied in order of time. So the
//! tracks do not depend on which sensor's network or network cable is slower.
//!
//! ```
//! use calibration::Timestamp;
//! use perception::{SensorId, Tracker, TrackerConfig, UnitId};
//! let mut tracker = Tracker::new(UnitId("x01".into()), TrackerConfig::default());
//! let now = Timestamp::from_millis(1_000);
//! tracker.update(now, now, &SensorId("cam".into()), &[])?;
//! assert!(tracker.tracks_at(now).is_empty());
//! # Ok::<(), perception::DropReason>(())
//! ```

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use calibration::Timestamp;

use crate::free_space::PlacedFreeSpace;
use crate::fuse::{Outcome, Step, is_alive, is_hidden};
use crate::object::{Class, Placed, SensorId, Track, TrackKey, UnitId};
use crate::target::{Look, Seen, Target};

/// Targets alive at once; above it the weakest are dropped and counted.
pub const TRACKS: usize = 1024;
/// Detections of one frame; a frame with more is refused.
pub const DETECTIONS: usize = 512;
/// Sensors one tracker knows; frames of further ones are refused.
pub const SENSORS: usize = 64;
/// Frames kept for late ones to be put before; the oldest go first.
const HISTORY: usize = 64;
/// Targets in all kept beliefs together (about 12 MB); the oldest beliefs go first.
const HISTORY_TARGETS: usize = 16 * TRACKS;
/// Happenings not yet fetched; the oldest go first.
const HAPPENINGS: usize = 4096;
/// Clocks of sensors may be this much ahead of the unit's.
const AHEAD_MS: f64 = 20.0;

/// What a tracker may be told by its owner. Every field has a sensible default.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackerConfig {
    /// Measurements before a track is confirmed.
    pub confirm_hits: u32,
    /// A track not measured for this long ends for the outside.
    pub coast_ms: u32,
    /// A confirmed track that ended is kept for so long after, to get its key back when it comes out from behind something.
    pub hidden_ms: u32,
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
            hidden_ms: 2_000,
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

/// A frame that was applied, and what was believed after it.
#[derive(Clone, Debug)]
struct Applied {
    frame: Seeing,
    after: Vec<Target>,
}

/// One checked frame.
#[derive(Clone, Debug)]
struct Seeing {
    look: Look,
    seen: Vec<Seen>,
    space: Option<Arc<PlacedFreeSpace>>,
}

/// All road users one unit follows.
#[derive(Clone, Debug)]
pub struct Tracker {
    unit: UnitId,
    config: TrackerConfig,
    sensors: Vec<SensorId>,
    targets: Vec<Target>,
    /// Belief before the oldest frame of `history`, and when its newest frame was.
    before: Vec<Target>,
    before_tov: Option<Timestamp>,
    history: VecDeque<Applied>,
    next_frame: u64,
    next_id: u64,
    /// Keys of targets that carry a neighbour's.
    adopted: BTreeMap<u64, TrackKey>,
    /// Confirmed targets the outside was told of, with the key it knows.
    announced: BTreeMap<u64, TrackKey>,
    happenings: VecDeque<Happening>,
    refused: u64,
}

impl Tracker {
    /// A tracker that has seen nothing.
    #[must_use]
    pub fn new(unit: UnitId, config: TrackerConfig) -> Self {
        Self {
            unit,
            config,
            sensors: Vec::new(),
            targets: Vec::new(),
            before: Vec::new(),
            before_tov: None,
            history: VecDeque::new(),
            next_frame: 1,
            next_id: 1,
            adopted: BTreeMap::new(),
            announced: BTreeMap::new(),
            happenings: VecDeque::new(),
            refused: 0,
        }
    }

    /// Applies one frame of one sensor. An empty `placed` is a statement too: the sensor saw nothing. Detections with
    /// numbers that are not finite, or outside the region, are left out and counted.
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
        self.update_with_free_space(tov, now, sensor, placed, None)
    }

    /// As [`Tracker::update`], for a sensor that also tells where bare ground is: what another sensor alone sees there is
    /// not confirmed, and unmade if it was.
    ///
    /// # Errors
    /// As [`Tracker::update`].
    pub fn update_with_free_space(
        &mut self,
        tov: Timestamp,
        now: Timestamp,
        sensor: &SensorId,
        placed: &[Placed],
        space: Option<PlacedFreeSpace>,
    ) -> Result<(), DropReason> {
        let sensor = self.admit(tov, now, sensor, placed.len())?;
        let seen: Vec<Seen> = placed.iter().filter_map(|one| Seen::check(one, self.config.region_m)).collect();
        self.refused += (placed.len() - seen.len()) as u64;
        let detection_probability = self.config.detection_probability.clamp(0.01, 0.99);
        let look = Look { sensor, frame: self.next_frame, tov, detection_probability };
        self.next_frame += 1;

        let alive_before: BTreeSet<u64> = self.targets.iter().map(|target| target.id).collect();
        // Frames of one time are applied in the order of their arrival.
        let place = self.history.partition_point(|applied| applied.frame.look.tov <= tov);
        let frame = Seeing { look, seen, space: space.map(Arc::new) };
        let outcome =
            if place == self.history.len() { self.apply(frame) } else { self.apply_in_the_past(place, frame, now) };
        self.forget_old_frames();
        self.report(now, &outcome, &alive_before);
        Ok(())
    }

    /// Whether a frame may be applied, and the number of its sensor.
    fn admit(
        &mut self,
        tov: Timestamp,
        now: Timestamp,
        sensor: &SensorId,
        detections: usize,
    ) -> Result<u8, DropReason> {
        if tov.millis_since(now) > AHEAD_MS {
            return Err(DropReason::FromTheFuture);
        }
        if detections > DETECTIONS {
            return Err(DropReason::TooMany);
        }
        let known = self.sensors.iter().position(|one| one == sensor);
        if let Some(number) = known
            && self
                .history
                .iter()
                .any(|applied| usize::from(applied.frame.look.sensor) == number && applied.frame.look.tov == tov)
        {
            return Err(DropReason::Duplicate);
        }
        let behind_newest = self.newest_tov().map_or(0.0, |newest| newest.millis_since(tov));
        let reorder_ms = f64::from(self.config.reorder_ms);
        // What is older than any track may be unseen can keep no track alive.
        let too_old = now.millis_since(tov) > reorder_ms + f64::from(self.config.coast_ms);
        if behind_newest > reorder_ms || self.before_tov.is_some_and(|before| tov < before) || too_old {
            return Err(DropReason::Late);
        }
        match known {
            Some(number) => Ok(number as u8),
            None if self.sensors.len() >= SENSORS => Err(DropReason::TooMany),
            None => {
                self.sensors.push(sensor.clone());
                Ok((self.sensors.len() - 1) as u8)
            }
        }
    }

    /// Applies a frame on top of the current belief and remembers it.
    fn apply(&mut self, frame: Seeing) -> Outcome {
        let adopted = &self.adopted;
        let own = adopted.values().filter(|key| key.unit == self.unit);
        let reserved: BTreeSet<u64> = own.map(|key| key.serial).collect();
        let step = Step {
            config: &self.config,
            look: frame.look,
            seen: &frame.seen,
            space: frame.space.as_deref(),
            next_id: &mut self.next_id,
            adopted: &|id| adopted.contains_key(&id),
            reserved: &reserved,
        };
        let outcome = step.apply(&mut self.targets);
        self.history.push_back(Applied { frame, after: self.targets.clone() });
        outcome
    }

    /// Goes back to the belief before `place` in the history, applies the frame there and every newer one again.
    fn apply_in_the_past(&mut self, place: usize, frame: Seeing, now: Timestamp) -> Outcome {
        let newer = self.history.split_off(place);
        let first_new_id = self.next_id;
        let before = self.history.back().map_or(&self.before, |applied| &applied.after).clone();
        let old = std::mem::replace(&mut self.targets, before);
        let mut all = self.apply(frame);
        for applied in newer {
            let outcome = self.apply(applied.frame);
            all.merged.extend(outcome.merged);
            all.dropped += outcome.dropped;
        }
        self.keep_identities(&old, first_new_id, place);
        self.targets.retain(|target| is_alive(target, now, &self.config));
        all
    }

    /// After frames were applied again, a target born this time may be one that had an identity before: the one that was
    /// last measured by the same detection. It gets that identity back.
    fn keep_identities(&mut self, old: &[Target], first_new_id: u64, place: usize) {
        let known = |tracker: &Self, id: u64| {
            let in_history = |applied: &Applied| applied.after.iter().any(|target| target.id == id);
            tracker.history.iter().skip(place).any(in_history)
        };
        let mut names = BTreeMap::new();
        for lost in old.iter().filter(|lost| !self.targets.iter().any(|target| target.id == lost.id)) {
            let heir = self.targets.iter().find(|t| t.id >= first_new_id && t.last_hit == lost.last_hit);
            if let Some(heir) = heir
                && !known(self, lost.id)
            {
                names.insert(heir.id, lost.id);
            }
        }
        if names.is_empty() {
            return;
        }
        let rename = |targets: &mut Vec<Target>| {
            for target in targets.iter_mut() {
                target.id = names.get(&target.id).copied().unwrap_or(target.id);
            }
            targets.sort_by_key(|target| target.id);
        };
        rename(&mut self.targets);
        self.history.iter_mut().skip(place).for_each(|applied| rename(&mut applied.after));
    }

    /// Lets go of frames older than the reorder window or above the bounds.
    fn forget_old_frames(&mut self) {
        let Some(newest) = self.newest_tov() else { return };
        let mut kept: usize = self.history.iter().map(|applied| applied.after.len()).sum();
        while let Some(oldest) = self.history.front() {
            let too_old = newest.millis_since(oldest.frame.look.tov) > f64::from(self.config.reorder_ms);
            if !too_old && self.history.len() <= HISTORY && kept <= HISTORY_TARGETS {
                break;
            }
            kept -= oldest.after.len();
            self.before_tov = Some(oldest.frame.look.tov);
            if let Some(oldest) = self.history.pop_front() {
                self.before = oldest.after;
            }
        }
    }

    /// Ends tracks that were not measured for `coast_ms`, and forgets those that were not for `hidden_ms` more.
    pub fn retire(&mut self, now: Timestamp) {
        self.targets.retain(|target| is_alive(target, now, &self.config));
        self.report(now, &Outcome::default(), &BTreeSet::new());
    }

    /// Tells what changed for the outside, and forgets names of those that are gone.
    fn report(&mut self, now: Timestamp, outcome: &Outcome, alive_before: &BTreeSet<u64>) {
        for (kept, gone) in &outcome.merged {
            let is_news = alive_before.contains(gone) && !self.targets.iter().any(|target| target.id == *gone);
            if is_news && self.targets.iter().any(|target| target.id == *kept) {
                self.tell(Happening::Merged { kept: self.key_of(*kept), gone: self.key_of(*gone) });
            }
        }
        let alive: BTreeSet<u64> = self.targets.iter().map(|target| target.id).collect();
        let is_shown = |target: &&Target| target.confirmed && !is_hidden(target, now, &self.config);
        let shown: BTreeSet<u64> = self.targets.iter().filter(is_shown).map(|target| target.id).collect();
        let ended: Vec<u64> = self.announced.keys().copied().filter(|id| !shown.contains(id)).collect();
        for id in ended {
            if let Some(key) = self.announced.remove(&id) {
                self.tell(Happening::Ended { key });
            }
        }
        self.adopted.retain(|id, _| alive.contains(id));
        let news = self.targets.iter().filter(|t| shown.contains(&t.id) && !self.announced.contains_key(&t.id));
        for (id, class) in news.map(|t| (t.id, t.class())).collect::<Vec<_>>() {
            let key = self.key_of(id);
            self.announced.insert(id, key.clone());
            self.tell(Happening::Confirmed { key, class });
        }
        if outcome.dropped > 0 {
            self.tell(Happening::Dropped { count: outcome.dropped });
        }
    }

    fn tell(&mut self, happening: Happening) {
        if self.happenings.len() >= HAPPENINGS {
            self.happenings.pop_front();
        }
        self.happenings.push_back(happening);
    }

    fn key_of(&self, id: u64) -> TrackKey {
        match self.adopted.get(&id) {
            Some(key) => key.clone(),
            None => TrackKey { unit: self.unit.clone(), serial: id },
        }
    }

    /// Every live track that is not hidden, confirmed or not, predicted to `now`, in the order of keys.
    #[must_use]
    pub fn tracks_at(&self, now: Timestamp) -> Vec<Track> {
        let mut tracks: Vec<Track> = self
            .targets
            .iter()
            .filter(|target| !is_hidden(target, now, &self.config))
            .map(|target| {
                let mut target = target.clone();
                target.predict(now);
                target.to_track(self.key_of(target.id))
            })
            .collect();
        tracks.sort_by(|a, b| a.key.cmp(&b.key));
        tracks
    }

    /// Gives the track `mine` the key under which a neighbour knows it.
    ///
    /// # Errors
    /// There is no such track, or the key is in use.
    pub fn adopt(&mut self, mine: &TrackKey, key: TrackKey) -> Result<(), AdoptError> {
        let id = |key: &TrackKey| self.targets.iter().map(|target| target.id).find(|&id| self.key_of(id) == *key);
        let Some(own) = id(mine) else { return Err(AdoptError::NoSuchTrack(mine.clone())) };
        if *mine == key {
            return Ok(());
        }
        if id(&key).is_some() {
            return Err(AdoptError::KeyInUse(key));
        }
        if let Some(known) = self.announced.get_mut(&own) {
            *known = key.clone();
        }
        self.adopted.insert(own, key);
        Ok(())
    }

    /// Takes what happened since the last call, in order.
    pub fn happenings(&mut self) -> Vec<Happening> {
        self.happenings.drain(..).collect()
    }

    /// Time of validity of the newest applied frame.
    #[must_use]
    pub fn newest_tov(&self) -> Option<Timestamp> {
        self.history.back().map(|applied| applied.frame.look.tov).or(self.before_tov)
    }

    /// Detections left out so far, because a number was not finite or made no sense, or the place is outside the region.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }
}

#[cfg(test)]
mod accuracy;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod unseen;
