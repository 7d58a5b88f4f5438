//! One frame of one sensor brought into all targets: predict, gate, assign, correct, give birth, merge.
//!
//! Sensors are fused on the level of measurements, one frame after the other in order of time, each with its own
//! covariance. So a road user that a camera and a lidar see has one state from both, and a sensor that goes blind simply
//! stops contributing.

use std::collections::BTreeSet;

use calibration::Timestamp;

use crate::associate::{Pair, assign};
use crate::free_space::PlacedFreeSpace;
use crate::gaussian::Gaussian2;
use crate::object::Class;
use crate::target::{Look, Seen, Target};
use crate::tracker::{TRACKS, TrackerConfig};

/// Squared Mahalanobis distance of the gate: 99.9 % of true pairs (χ² with two degrees of freedom).
const GATE: f64 = 13.8;
/// Cost of leaving a target and a detection alone, on the scale `d² + ln |S| − 2 ln fit` (S in m²): `2 ln (P_D / (2π λ))`
/// with λ = 1.3e-4 false or new detections per m².
const UNMATCHED: f64 = 14.0;
/// Systematic error between two sensors, m²: calibration, and which part of a body a sensor means by its centre.
const BIAS_VARIANCE: f64 = 0.25 * 0.25;
/// The same along a body, as part of its length.
const BIAS_OF_LENGTH: f64 = 0.05;
/// A tentative target below this existence is given up.
const GIVE_UP: f64 = 0.05;

/// The gate for a detection on the body of a target that nothing else fits: sensors that claim too much are common, and
/// one more road user in the same place is not.
const FAR_GATE: f64 = 9.0 * GATE;

/// A target and the detection that belongs to it.
struct Match {
    target: usize,
    detection: usize,
    /// Squared Mahalanobis distance and log-determinant of its covariance.
    distance: (f64, f64),
}

/// How far outside a body a detection may be and still be of it, m.
fn margin(target: &Target) -> f64 {
    if target.class().is_vru() { 0.3 } else { 0.8 }
}

/// What one frame brought about beside better states.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// Identities that turned out to be one: kept, gone.
    pub merged: Vec<(u64, u64)>,
    /// Targets dropped because there were too many.
    pub dropped: u64,
}

/// Everything a frame needs beside the targets.
pub(crate) struct Step<'a> {
    pub config: &'a TrackerConfig,
    pub look: Look,
    pub seen: &'a [Seen],
    /// Where the frame shows bare ground.
    pub space: Option<&'a PlacedFreeSpace>,
    /// The next identity to give away.
    pub next_id: &'a mut u64,
    /// Identities that carry a neighbour's key and therefore outlive a merge.
    pub adopted: &'a dyn Fn(u64) -> bool,
    /// Numbers of this unit that came back as a neighbour's key, from before a restart; never given away again.
    pub reserved: &'a BTreeSet<u64>,
}

impl Step<'_> {
    /// Applies the frame. Targets are in the order of their identity before and after.
    pub fn apply(mut self, targets: &mut Vec<Target>) -> Outcome {
        for target in targets.iter_mut() {
            target.predict(self.look.tov);
        }
        targets.retain(|target| is_alive(target, self.look.tov, self.config));
        let matches = self.assign(targets);
        let used = self.correct(targets, &matches);
        self.give_birth(targets, &used);
        targets.retain(|target| is_alive(target, self.look.tov, self.config));
        let mut outcome = Outcome { merged: self.merge(targets), dropped: 0 };
        outcome.dropped = bound(targets);
        outcome
    }

    /// Pairs of target and detection that belong together, in the order of targets: first those inside the gate, then,
    /// among what is left, detections on the body of a target.
    fn assign(&self, targets: &[Target]) -> Vec<Match> {
        let all = |many: usize| (0..many).collect::<Vec<usize>>();
        let near = self.pairs(targets, GATE, &all(targets.len()), &all(self.seen.len()));
        let mut matches = self.choose(targets.len(), near);
        let (mut taken, mut used) = (vec![false; targets.len()], vec![false; self.seen.len()]);
        for found in &matches {
            taken[found.target] = true;
            used[found.detection] = true;
        }
        let free = |flags: &[bool]| (0..flags.len()).filter(|&i| !flags[i]).collect::<Vec<usize>>();
        // Where a hidden one is, is a guess: nothing lies on its body.
        let mut rows = free(&taken);
        rows.retain(|&row| !is_hidden(&targets[row], self.look.tov, self.config));
        let mut left = self.pairs(targets, FAR_GATE, &rows, &free(&used));
        left.retain(|((row, column, _), _)| {
            let target = &targets[*row];
            target.covers(&self.seen[*column].place.mean, margin(target))
        });
        matches.extend(self.choose(targets.len(), left));
        matches.sort_unstable_by_key(|found| found.target);
        matches
    }

    /// Possible pairs of `rows` (targets) and `columns` (detections) within `gate`, with their cost and distance.
    fn pairs(&self, targets: &[Target], gate: f64, rows: &[usize], columns: &[usize]) -> Vec<(Pair, (f64, f64))> {
        let mut pairs = Vec::new();
        // The few numbers that rule out nearly every pair, side by side in memory.
        let points: Vec<[f64; 4]> = columns
            .iter()
            .map(|&column| {
                let Gaussian2 { mean, covariance } = &self.seen[column].place;
                [mean.x, mean.y, covariance[(0, 0)], covariance[(1, 1)]]
            })
            .collect();
        for &row in rows {
            let target = &targets[row];
            let place = target.filter.place();
            let p = target.filter.covariance();
            let along = BIAS_OF_LENGTH * target.size().length_m;
            let extra = BIAS_VARIANCE + along * along;
            let noise = target.noise_of(self.look.sensor);
            let (base_x, base_y) = (p[(0, 0)] + extra, p[(1, 1)] + extra);
            for (&column, &[x, y, r_xx, r_yy]) in columns.iter().zip(&points) {
                // d² is at least the distance along one axis alone: nearly every pair ends here.
                let (dx, dy) = (x - place.x, y - place.y);
                if dx * dx > gate * (base_x + r_xx * noise) || dy * dy > gate * (base_y + r_yy * noise) {
                    continue;
                }
                let seen = &self.seen[column];
                let widened = Gaussian2 { covariance: seen.place.covariance * noise, ..seen.place };
                let (squared, log_determinant) = target.filter.distance(&widened, extra);
                if squared > gate {
                    continue;
                }
                let mut cost = squared * GATE / gate + log_determinant - 2.0 * target.belief.fit(seen.class);
                if let Some(velocity) = &seen.velocity {
                    cost += target.filter.velocity_distance(velocity).0.min(GATE);
                }
                pairs.push(((row, column, cost), (squared, log_determinant)));
            }
        }
        pairs
    }

    /// The cheapest of the possible pairs.
    fn choose(&self, targets: usize, pairs: Vec<(Pair, (f64, f64))>) -> Vec<Match> {
        let (costs, distances): (Vec<Pair>, Vec<(f64, f64)>) = pairs.into_iter().unzip();
        assign(targets, self.seen.len(), &costs, UNMATCHED)
            .into_iter()
            .filter_map(|(target, detection)| {
                // Pairs were made row by row, so they are in order.
                let found = costs.binary_search_by_key(&(target, detection), |pair| (pair.0, pair.1)).ok()?;
                Some(Match { target, detection, distance: distances[found] })
            })
            .collect()
    }

    /// Corrects what was seen, notes what was missed. Returns which detections were used.
    fn correct(&self, targets: &mut [Target], matches: &[Match]) -> Vec<bool> {
        let mut used = vec![false; self.seen.len()];
        let mut matches = matches.iter().peekable();
        for (row, target) in targets.iter_mut().enumerate() {
            let Some(found) = matches.next_if(|found| found.target == row) else {
                target.miss(&self.look);
                if let Some(space) = self.space {
                    target.weigh_free_space(space);
                }
                continue;
            };
            let (column, squared) = (found.detection, found.distance.0);
            used[column] = true;
            if squared <= GATE {
                target.hit(&self.seen[column], column, &self.look, found.distance);
            } else {
                // Farther than the sensor's own covariance allows: believe it less, so that it counts as two sigma.
                let mut humbler = self.seen[column].clone();
                humbler.place.covariance *= squared / 4.0;
                target.hit(&humbler, column, &self.look, found.distance);
            }
            if target.hits >= self.config.confirm_hits && target.existence >= 0.5 && target.is_undenied() {
                target.confirmed = true;
            }
        }
        used
    }

    /// Makes a target of every detection that belongs to nobody.
    fn give_birth(&mut self, targets: &mut Vec<Target>, used: &[bool]) {
        let known = targets.len();
        for (column, seen) in self.seen.iter().enumerate() {
            if used[column] || seen.score < self.config.birth_score {
                continue;
            }
            if targets[..known].iter().any(|target| self.is_part_of(seen, target)) {
                continue;
            }
            while self.reserved.contains(self.next_id) {
                *self.next_id += 1;
            }
            let mut target = Target::new(*self.next_id, seen, column, &self.look);
            target.confirmed = self.config.confirm_hits <= 1;
            *self.next_id += 1;
            targets.push(target);
        }
    }

    /// The detection is a second one of a body that this frame has already shown: a truck in two pieces, a rider beside
    /// his bicycle.
    fn is_part_of(&self, seen: &Seen, target: &Target) -> bool {
        if target.last_hit.0 != self.look.frame || (target.filter.place() - seen.place.mean).amax() > 16.0 {
            return false;
        }
        let bike = matches!(target.class(), Class::Bicycle | Class::Motorcycle);
        let (on_foot, in_a_body) = (seen.class == Class::Pedestrian, !target.class().is_vru());
        match (on_foot, bike) {
            (true, true) => target.covers(&seen.place.mean, 0.1),
            (true, false) => false,
            (false, _) => (in_a_body || bike) && target.covers(&seen.place.mean, -0.1),
        }
    }

    /// Joins targets that are one road user. Returns (kept, gone).
    fn merge(&self, targets: &mut Vec<Target>) -> Vec<(u64, u64)> {
        let mut order: Vec<usize> = (0..targets.len()).collect();
        let east = |i: usize, targets: &[Target]| targets[i].filter.place().x;
        order.sort_by(|&a, &b| east(a, targets).total_cmp(&east(b, targets)).then(a.cmp(&b)));
        let mut gone = vec![false; targets.len()];
        let mut merged = Vec::new();
        for (position, &a) in order.iter().enumerate() {
            for &b in &order[position + 1..] {
                if east(b, targets) - east(a, targets) > MERGE_REACH_M || gone[a] {
                    break;
                }
                if gone[b] || !self.may_merge(&targets[a], &targets[b]) || !are_one(&targets[a], &targets[b]) {
                    continue;
                }
                let (keep, drop) = if self.outlives(&targets[a], &targets[b]) { (a, b) } else { (b, a) };
                let other = targets[drop].clone();
                targets[keep].absorb(other);
                merged.push((targets[keep].id, targets[drop].id));
                gone[drop] = true;
            }
        }
        let mut index = 0;
        targets.retain(|_| {
            index += 1;
            !gone[index - 1]
        });
        merged
    }

    /// One that is hidden does not swallow one that is shown, only a new one.
    fn may_merge(&self, a: &Target, b: &Target) -> bool {
        let hidden = |target: &Target| is_hidden(target, self.look.tov, self.config);
        !(a.confirmed && b.confirmed && (hidden(a) || hidden(b)))
    }

    /// Which identity lives on: the one a neighbour knows, else the confirmed one, else the older one.
    fn outlives(&self, a: &Target, b: &Target) -> bool {
        let rank = |target: &Target| (!(self.adopted)(target.id), !target.confirmed, target.born, target.id);
        rank(a) < rank(b)
    }
}

/// Two targets farther apart than this are never one, m.
const MERGE_REACH_M: f64 = 5.0;

/// Nearer to each other than two bodies can be, moving alike, of alike class, and never seen side by side by one sensor.
fn are_one(a: &Target, b: &Target) -> bool {
    let gap = a.filter.place() - b.filter.place();
    let (size_a, size_b) = (a.size(), b.size());
    let room = if a.class().is_vru() && b.class().is_vru() {
        0.7
    } else {
        (0.35 * size_a.length_m.min(size_b.length_m)).clamp(0.8, MERGE_REACH_M)
    };
    if gap.norm() > room || a.belief.overlap(&b.belief) < 0.3 || a.seen_beside(b) {
        return false;
    }
    let sum = a.filter.covariance() + b.filter.covariance();
    let extra = BIAS_VARIANCE + (BIAS_OF_LENGTH * size_a.length_m).powi(2);
    let near = |gap: nalgebra::Vector2<f64>, first: usize, extra: f64| {
        let s = sum.fixed_view::<2, 2>(first, first) + nalgebra::Matrix2::identity() * extra;
        s.try_inverse().is_some_and(|inverse| gap.dot(&(inverse * gap)) < GATE)
    };
    near(gap, 0, extra) && near(a.filter.velocity() - b.filter.velocity(), 2, 0.25)
}

/// Whether a target is to be kept at `now`. A confirmed one is kept for a while after it is no longer shown.
pub(crate) fn is_alive(target: &Target, now: Timestamp, config: &TrackerConfig) -> bool {
    let kept_ms = config.coast_ms.saturating_add(if target.confirmed { config.hidden_ms } else { 0 });
    now.millis_since(target.last_seen) <= f64::from(kept_ms)
        && (target.confirmed || target.existence >= GIVE_UP)
        && target.filter.place().norm() <= config.region_m
}

/// Not measured for so long that it is not shown, but kept to be recognised when it comes out again.
pub(crate) fn is_hidden(target: &Target, now: Timestamp, config: &TrackerConfig) -> bool {
    now.millis_since(target.last_seen) > f64::from(config.coast_ms)
}

/// Drops the weakest above the bound. Returns how many.
fn bound(targets: &mut Vec<Target>) -> u64 {
    let excess = targets.len().saturating_sub(TRACKS);
    if excess == 0 {
        return 0;
    }
    let rank = |target: &Target| (target.confirmed, target.existence, std::cmp::Reverse(target.id));
    let mut order: Vec<usize> = (0..targets.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (rank(&targets[a]), rank(&targets[b]));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2))
    });
    let mut weak = vec![false; targets.len()];
    for &i in &order[..excess] {
        weak[i] = true;
    }
    let mut index = 0;
    targets.retain(|_| {
        index += 1;
        !weak[index - 1]
    });
    excess as u64
}
