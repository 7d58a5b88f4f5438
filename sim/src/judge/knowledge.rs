//! What is known of whom, and when: from plain view to a track, and from there to a vehicle that was told.

use std::collections::BTreeMap;

use calibration::Timestamp;
use nalgebra::Point2;

use super::GATE_M;
use crate::actor::{ActorId, Body};
use crate::figures::Histogram;
use crate::obu::Told;

/// Road users whose first sight is kept.
const SIGHTS: usize = 20_000;
/// A vehicle has to know of those within this distance, metres.
pub const AROUND_M: f64 = 100.0;
/// Ages of information are counted up to here, ms; who is not known at all counts as this old.
const OLDEST_MS: f64 = 5000.0;

/// First sights: when somebody came into plain view, and when it was first tracked.
#[derive(Clone, Debug, Default)]
pub struct Sights(BTreeMap<ActorId, Sight>);

#[derive(Clone, Debug)]
struct Sight {
    since: Timestamp,
    detected_s: Option<f64>,
    /// In view for long enough that it had to be tracked.
    due: bool,
    name: Option<String>,
}

impl Sights {
    /// Somebody is in plain view at `now`; `due`: and has been for a while.
    pub fn see(&mut self, who: ActorId, name: Option<&String>, now: Timestamp, due: bool) {
        if self.0.len() >= SIGHTS && !self.0.contains_key(&who) {
            return;
        }
        let new = || Sight { since: now, detected_s: None, due: false, name: name.cloned() };
        let sight = self.0.entry(who).or_insert_with(new);
        sight.due |= due;
    }

    /// Somebody is tracked at `now`.
    pub fn track(&mut self, who: ActorId, now: Timestamp) {
        if let Some(sight) = self.0.get_mut(&who) {
            sight.detected_s.get_or_insert(now.seconds_since(sight.since).max(0.0));
        }
    }

    /// Seconds from plain view to a track, for each who was tracked or had to be; infinite for those who never were.
    #[must_use]
    pub fn delays(&self, name: Option<&str>) -> Vec<f64> {
        let mine = self.0.values().filter(|s| name.is_none_or(|n| s.name.as_deref() == Some(n)));
        let mut delays: Vec<f64> =
            mine.filter(|s| s.due || s.detected_s.is_some()).map(|s| s.detected_s.unwrap_or(f64::INFINITY)).collect();
        delays.sort_by(f64::total_cmp);
        delays
    }

    /// Seconds that `percent` of those who had to be tracked did not exceed; infinite when too many never were.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        nearest_rank(&self.delays(None), percent)
    }
}

/// The value of sorted ones that `percent` of them do not exceed (nearest rank); none without values.
#[must_use]
pub fn nearest_rank(sorted: &[f64], percent: f64) -> Option<f64> {
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied()
}

/// What one vehicle knows of those around it.
#[derive(Clone, Debug)]
pub struct VehicleRecord {
    /// Age of what it was told about each road user around it at each moment, ms.
    pub ages: Histogram,
    /// Moments and road users of whom it knew nothing; they count in `ages` as the oldest.
    pub unknown: u64,
}

impl Default for VehicleRecord {
    fn default() -> Self {
        Self { ages: Histogram::new(5.0, OLDEST_MS), unknown: 0 }
    }
}

impl VehicleRecord {
    /// Compares what a vehicle was told with those around it at `now`.
    pub fn compare<'a>(&mut self, told: impl Iterator<Item = &'a Told> + Clone, around: &[&Body], now: Timestamp) {
        for body in around {
            let age = told
                .clone()
                .filter(|t| now >= t.at)
                .filter(|t| (carried(t, now) - body.place()).norm() < GATE_M)
                .map(|t| now.millis_since(t.at))
                .min_by(f64::total_cmp);
            self.unknown += u64::from(age.is_none());
            self.ages.add(age.unwrap_or(OLDEST_MS));
        }
    }

    /// Share of moments and road users of whom it was told something at most this old, 0..1; none without any.
    #[must_use]
    pub fn known_within(&self, ms: f64) -> Option<f64> {
        let total = self.ages.total();
        (total > 0).then(|| 1.0 - self.ages.above(ms) as f64 / total as f64)
    }
}

fn carried(told: &Told, now: Timestamp) -> Point2<f64> {
    told.place + told.velocity * now.seconds_since(told.at)
}

#[cfg(test)]
mod tests {
    use nalgebra::Vector2;

    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    fn ms(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn time_to_detection_is_from_plain_view_to_the_track() {
        let mut sights = Sights::default();
        let child = "child".to_owned();
        sights.see(1, Some(&child), ms(1000), false);
        sights.see(1, Some(&child), ms(1100), false);
        sights.track(1, ms(1400));
        sights.track(1, ms(1500));
        sights.see(2, None, ms(1000), true);
        sights.see(3, None, ms(1000), false);
        assert_eq!(sights.delays(Some("child")), [0.4]);
        assert_eq!(sights.delays(None), [0.4, f64::INFINITY], "3 was only glimpsed, 2 never tracked");
        assert_eq!((sights.percentile(50.0), sights.percentile(95.0)), (Some(0.4), Some(f64::INFINITY)));
        assert_eq!(Sights::default().percentile(50.0), None);
    }

    #[test]
    fn what_is_known_has_the_age_of_the_newest_word_about_it() {
        let car = body(1, Kind::Car, 10.0, 0.0, 0.0);
        let child = body(2, Kind::Child, 0.0, 50.0, 0.0);
        let told = |x: f64, at| Told { place: Point2::new(x, 0.0), velocity: Vector2::new(10.0, 0.0), at: ms(at) };
        let mut record = VehicleRecord::default();
        // At 1000 ms: said 200 ms ago to be at 8 m with 10 m/s, and 700 ms ago at 3 m; nothing about the child.
        record.compare([told(8.0, 800), told(3.0, 300)].iter(), &[&car, &child], ms(1000));
        assert_eq!((record.ages.total(), record.unknown), (2, 1));
        assert!((record.ages.percentile(50.0).unwrap() - 205.0).abs() < 1e-9);
        assert_eq!(record.known_within(300.0), Some(0.5));
        assert_eq!(record.known_within(100.0), Some(0.0));
        assert_eq!(VehicleRecord::default().known_within(1.0), None);
    }
}
