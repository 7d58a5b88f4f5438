//! The 16-bit participant number of each track: unique, the same while the track lives, and not given to another soon.

use std::collections::{BTreeMap, BTreeSet};

use calibration::Timestamp;
use perception::TrackKey;

use crate::limits;

/// A number rests this long after its track was last spoken of, seconds.
pub const REST_S: f64 = 30.0;

/// Which track has which number.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    by_key: BTreeMap<TrackKey, (u16, Timestamp)>,
    taken: BTreeSet<u16>,
    last: u16,
}

impl Numbers {
    /// The number of a track that is spoken of at `now`.
    pub fn of(&mut self, key: &TrackKey, now: Timestamp) -> u16 {
        if let Some((number, spoken)) = self.by_key.get_mut(key) {
            *spoken = now;
            return *number;
        }
        if self.by_key.len() >= limits::PARTICIPANT_NUMBERS {
            let oldest = self.by_key.iter().min_by_key(|(_, (_, spoken))| *spoken).map(|(key, _)| key.clone());
            oldest.iter().for_each(|key| self.free(key));
        }
        let number = self.next();
        self.taken.insert(number);
        self.by_key.insert(key.clone(), (number, now));
        number
    }

    /// The track has a new key and keeps its number.
    pub fn rename(&mut self, was: &TrackKey, key: &TrackKey) {
        if let Some(entry) = self.by_key.remove(was) {
            self.free(key);
            self.by_key.insert(key.clone(), entry);
        }
    }

    /// Gives free what has rested long enough.
    pub fn retire(&mut self, now: Timestamp) {
        let rested = |spoken: &Timestamp| now.seconds_since(*spoken) > REST_S;
        let gone: Vec<_> =
            self.by_key.iter().filter(|(_, (_, spoken))| rested(spoken)).map(|(k, _)| k.clone()).collect();
        gone.iter().for_each(|key| self.free(key));
    }

    /// Forgets all tracks, but not which number was the last.
    pub fn forget(&mut self) {
        self.by_key.clear();
        self.taken.clear();
    }

    fn free(&mut self, key: &TrackKey) {
        if let Some((number, _)) = self.by_key.remove(key) {
            self.taken.remove(&number);
        }
    }

    /// Numbers go round from 1 to 65535 (0 is the unit itself), so that a free one is used again as late as can be.
    fn next(&mut self) -> u16 {
        loop {
            self.last = self.last.checked_add(1).unwrap_or(1);
            // Ends: fewer numbers are taken than there are, see the bound.
            if !self.taken.contains(&self.last) {
                return self.last;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use perception::UnitId;

    use super::*;

    fn key(serial: u64) -> TrackKey {
        TrackKey { unit: UnitId("x01".into()), serial }
    }

    fn s(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    #[test]
    fn a_number_is_unique_stays_and_rests() {
        let mut numbers = Numbers::default();
        let first = numbers.of(&key(1), s(0));
        assert_eq!((first, numbers.of(&key(2), s(0))), (1, 2));
        assert_eq!(numbers.of(&key(1), s(20)), first);
        numbers.retire(s(40));
        assert_eq!(numbers.of(&key(1), s(40)), first, "spoken of 20 s ago");
        numbers.retire(s(100));
        assert_eq!(numbers.of(&key(1), s(100)), 3, "rested, and its number is not used again soon");
    }

    #[test]
    fn a_track_that_takes_over_a_key_keeps_its_number() {
        let mut numbers = Numbers::default();
        let number = numbers.of(&key(7), s(0));
        let other = TrackKey { unit: UnitId("x02".into()), serial: 1 };
        numbers.rename(&key(7), &other);
        assert_eq!(numbers.of(&other, s(1)), number);
        assert_ne!(numbers.of(&key(7), s(1)), number);
    }

    #[test]
    fn numbers_go_round_without_zero_and_stay_bounded() {
        let mut numbers = Numbers::default();
        for serial in 0..200_000 {
            let now = s(serial as i64 / 100);
            assert_ne!(numbers.of(&key(serial), now), 0);
            numbers.retire(now);
            assert!(numbers.by_key.len() <= limits::PARTICIPANT_NUMBERS);
            assert_eq!(numbers.by_key.len(), numbers.taken.len());
        }
    }
}
