//! How good tracks are against the truth: GOSPA for one moment, CLEAR-MOT and ID measures over a run.

use std::collections::BTreeMap;

use nalgebra::Vector2;

use crate::associate::{Pair, assign};
use crate::object::TrackKey;

/// A track farther than this from a road user is not its track, metres.
pub const GATE_M: f64 = 1.5;

/// GOSPA with α = 2 and its parts (Rahmathullah, García-Fernández, Svensson, *Generalized optimal sub-pattern assignment
/// metric*, 2017, eq. 1 and proposition 1): `total^p = localisation + missed + false_tracks`.
#[derive(Copy, Clone, Debug, PartialEq, Default, serde::Serialize)]
pub struct Gospa {
    /// The metric, metres.
    pub total: f64,
    /// Part of `total^p` from distances of matched pairs, m^p.
    pub localisation: f64,
    /// Part of `total^p` from missed road users: `c^p / 2` each.
    pub missed: f64,
    /// Part of `total^p` from false tracks: `c^p / 2` each.
    pub false_tracks: f64,
}

/// GOSPA between `truth` and `tracks` with cut-off `c` metres and order `p ≥ 1`.
///
/// ```
/// use nalgebra::Vector2;
/// use perception::score::gospa;
/// let truth = [Vector2::new(0.0, 0.0), Vector2::new(50.0, 0.0)];
/// let tracks = [Vector2::new(0.3, 0.0)];
/// let score = gospa(&truth, &tracks, 2.0, 2.0);
/// assert!((score.localisation - 0.09).abs() < 1e-12);
/// assert_eq!(score.missed, 2.0); // c² / 2
/// ```
#[must_use]
pub fn gospa(truth: &[Vector2<f64>], tracks: &[Vector2<f64>], c: f64, p: f64) -> Gospa {
    let cut = c.powf(p);
    // Leaving both sides of a pair alone costs c^p / α twice, which is c^p for α = 2.
    let pairs = near_pairs(truth.iter(), tracks.iter(), c, |distance| distance.powf(p));
    let chosen = assign(truth.len(), tracks.len(), &pairs, cut);
    let localisation = chosen.iter().map(|&(i, j)| (truth[i] - tracks[j]).norm().powf(p)).sum();
    let missed = 0.5 * cut * (truth.len() - chosen.len()) as f64;
    let false_tracks = 0.5 * cut * (tracks.len() - chosen.len()) as f64;
    let sum: f64 = localisation + missed + false_tracks;
    Gospa { total: sum.powf(1.0 / p), localisation, missed, false_tracks }
}

/// Pairs closer than `gate` with a cost made of their distance.
fn near_pairs<'a>(
    rows: impl Iterator<Item = &'a Vector2<f64>>,
    columns: impl Iterator<Item = &'a Vector2<f64>> + Clone,
    gate: f64,
    cost: impl Fn(f64) -> f64,
) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (i, a) in rows.enumerate() {
        for (j, b) in columns.clone().enumerate() {
            let distance = (a - b).norm();
            if distance < gate {
                pairs.push((i, j, cost(distance)));
            }
        }
    }
    pairs
}

/// Counts over a run: CLEAR-MOT (Bernardin and Stiefelhagen, *Evaluating multiple object tracking performance*, 2008) and
/// ID measures (Ristani et al., *Performance measures and a data set for multi-target, multi-camera tracking*, 2016), both
/// with a gate of [`GATE_M`].
#[derive(Clone, Debug, Default)]
pub struct MotScore {
    /// The key each road user had last.
    last: BTreeMap<u64, TrackKey>,
    /// Moments in which a road user and a key were within the gate of each other.
    together: BTreeMap<(u64, TrackKey), u64>,
    distance_sum: f64,
    track_points: u64,
    counts: MotSummary,
}

impl MotScore {
    /// Judges one moment: road users with a number and a place, tracks with a key and a place, both in `enu`.
    pub fn step(&mut self, truth: &[(u64, Vector2<f64>)], tracks: &[(TrackKey, Vector2<f64>)]) {
        let matched = self.match_moment(truth, tracks);
        for &(i, j) in &matched {
            let (road_user, key) = (truth[i].0, &tracks[j].0);
            self.distance_sum += (truth[i].1 - tracks[j].1).norm();
            match self.last.insert(road_user, key.clone()) {
                Some(before) if before != *key => self.counts.switches += 1,
                _ => {}
            }
        }
        for (road_user, place) in truth {
            for (key, _) in tracks.iter().filter(|(_, at)| (at - place).norm() < GATE_M) {
                *self.together.entry((*road_user, key.clone())).or_default() += 1;
            }
        }
        self.counts.truths += truth.len() as u64;
        self.counts.matches += matched.len() as u64;
        self.counts.misses += (truth.len() - matched.len()) as u64;
        self.counts.false_tracks += (tracks.len() - matched.len()) as u64;
        self.track_points += tracks.len() as u64;
    }

    /// Who is whose track now. A pair of the moment before stays one while it is within the gate (CLEAR-MOT, step 1).
    fn match_moment(&self, truth: &[(u64, Vector2<f64>)], tracks: &[(TrackKey, Vector2<f64>)]) -> Vec<(usize, usize)> {
        let places = |list: &[(TrackKey, Vector2<f64>)]| list.iter().map(|one| one.1).collect::<Vec<_>>();
        let truth_places: Vec<_> = truth.iter().map(|one| one.1).collect();
        let mut pairs = near_pairs(truth_places.iter(), places(tracks).iter(), GATE_M, |distance| distance);
        for (i, j, cost) in &mut pairs {
            if self.last.get(&truth[*i].0) == Some(&tracks[*j].0) {
                // Cheaper than any number of other pairs.
                *cost -= 1e6;
            }
        }
        assign(truth.len(), tracks.len(), &pairs, GATE_M)
    }

    /// The verdict so far.
    #[must_use]
    pub fn summary(&self) -> MotSummary {
        let counts = self.counts;
        let wrong = (counts.misses + counts.false_tracks + counts.switches) as f64;
        let (truths, points) = (counts.truths as f64, self.track_points as f64);
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 1.0 };
        MotSummary {
            mota: if counts.truths > 0 { 1.0 - wrong / truths } else { f64::from(u8::from(wrong == 0.0)) },
            motp_m: if counts.matches > 0 { self.distance_sum / counts.matches as f64 } else { 0.0 },
            idf1: share(2.0 * self.id_true_positives() as f64, truths + points),
            ..counts
        }
    }

    /// IDTP: moments in which every road user has the one key that was given to it over the whole run, with the best
    /// one-to-one giving of keys (Ristani et al., eq. 5-8).
    fn id_true_positives(&self) -> u64 {
        let mut road_users: Vec<u64> = self.together.keys().map(|one| one.0).collect();
        road_users.dedup();
        let mut keys: Vec<&TrackKey> = self.together.keys().map(|one| &one.1).collect();
        keys.sort_unstable();
        keys.dedup();
        let pairs: Vec<Pair> = self
            .together
            .iter()
            .filter_map(|((road_user, key), count)| {
                let row = road_users.binary_search(road_user).ok()?;
                Some((row, keys.binary_search(&key).ok()?, -(*count as f64)))
            })
            .collect();
        assign(road_users.len(), keys.len(), &pairs, 0.0)
            .into_iter()
            .filter_map(|(row, column)| self.together.get(&(road_users[row], keys[column].clone())))
            .sum()
    }
}

/// CLEAR-MOT and ID measures of a run.
#[derive(Copy, Clone, Debug, PartialEq, Default, serde::Serialize)]
pub struct MotSummary {
    /// Road users in all judged moments.
    pub truths: u64,
    /// Matched pairs.
    pub matches: u64,
    /// Road users without a track.
    pub misses: u64,
    /// Tracks without a road user.
    pub false_tracks: u64,
    /// Times a road user's key changed.
    pub switches: u64,
    /// `1 − (misses + false + switches) / truths`.
    pub mota: f64,
    /// Mean distance of matched pairs, metres.
    pub motp_m: f64,
    /// `2 IDTP / (truths + track points)`.
    pub idf1: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::UnitId;

    fn at(x: f64) -> Vector2<f64> {
        Vector2::new(x, 0.0)
    }

    fn key(serial: u64) -> TrackKey {
        TrackKey { unit: UnitId("x01".into()), serial }
    }

    #[test]
    fn gospa_splits_into_its_parts() {
        let score = gospa(&[at(0.0), at(10.0)], &[at(0.6), at(30.0), at(31.0)], 2.0, 2.0);
        assert!((score.localisation - 0.36).abs() < 1e-12);
        assert!((score.missed - 2.0).abs() < 1e-12 && (score.false_tracks - 4.0).abs() < 1e-12);
        assert!((score.total - 6.36_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn gospa_is_a_metric_on_examples() {
        let sets = [vec![], vec![at(0.0)], vec![at(0.5), at(4.0)], vec![at(3.0), at(4.5), at(9.0)]];
        let d = |a: usize, b: usize| gospa(&sets[a], &sets[b], 2.0, 1.0).total;
        for a in 0..4 {
            assert!(d(a, a).abs() < 1e-12);
            for b in 0..4 {
                assert!((d(a, b) - d(b, a)).abs() < 1e-12);
                for c in 0..4 {
                    assert!(d(a, b) <= d(a, c) + d(c, b) + 1e-12, "{a} {b} {c}");
                }
            }
        }
    }

    #[test]
    fn a_perfect_run_scores_one() {
        let mut score = MotScore::default();
        for i in 0..10 {
            let x = f64::from(i);
            score.step(&[(1, at(x)), (2, at(x + 20.0))], &[(key(7), at(x)), (key(8), at(x + 20.0))]);
        }
        let s = score.summary();
        assert_eq!((s.misses, s.false_tracks, s.switches), (0, 0, 0));
        assert!((s.mota - 1.0).abs() < 1e-12 && (s.idf1 - 1.0).abs() < 1e-12 && s.motp_m < 1e-12);
    }

    #[test]
    fn a_changed_key_costs_one_switch_and_half_of_idf1() {
        let mut score = MotScore::default();
        for i in 0..10 {
            score.step(&[(1, at(0.0))], &[(key(if i < 5 { 1 } else { 2 }), at(0.1))]);
        }
        let s = score.summary();
        assert_eq!(s.switches, 1);
        assert!((s.mota - 0.9).abs() < 1e-12 && (s.idf1 - 0.5).abs() < 1e-12);
    }

    #[test]
    fn misses_and_false_tracks_are_counted_with_the_gate() {
        let mut score = MotScore::default();
        score.step(&[(1, at(0.0)), (2, at(10.0))], &[(key(1), at(1.6)), (key(2), at(10.0)), (key(3), at(10.5))]);
        let s = score.summary();
        assert_eq!((s.matches, s.misses, s.false_tracks), (1, 1, 2));
    }

    #[test]
    fn the_pair_of_the_moment_before_stays_a_pair() {
        let mut score = MotScore::default();
        score.step(&[(1, at(0.0))], &[(key(1), at(0.5))]);
        // Another track is nearer now, but the known one is within the gate.
        score.step(&[(1, at(0.0))], &[(key(1), at(0.9)), (key(2), at(0.1))]);
        assert_eq!(score.summary().switches, 0);
    }

    #[test]
    fn nothing_to_see_and_nothing_seen_is_right() {
        let mut score = MotScore::default();
        score.step(&[], &[]);
        assert!((score.summary().mota - 1.0).abs() < 1e-12 && (score.summary().idf1 - 1.0).abs() < 1e-12);
    }
}
