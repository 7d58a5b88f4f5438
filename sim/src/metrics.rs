//! Figures of merit over the true states of everybody: how near they came, how much time was left, who lost time.
//!
//! [`Metrics::step`] takes one moment after the other and keeps, in bounded memory, the worst of every pair and the journeys
//! of all. The formulas are plain functions in the files of this folder, one family each; defaults are those of SUMO's SSM
//! device. What a *unit* knows is judged in [`crate::judge`], not here: these figures need no unit at all.

pub mod conflict;
pub mod cut_in;
pub mod encroachment;
pub mod follow;
pub mod pair;
pub mod platoon;
pub mod stand;
pub mod trip;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::actor::{ActorId, Body, is_one_vehicle};
use crate::scene::Grid;
use encroachment::Encroachment;
pub use pair::{Extreme, Pair};
use platoon::Speeds;
use trip::Trips;

/// Time to collision below which a pair counts as exposed, seconds (SUMO's SSM device).
pub const TTC_S: f64 = 3.0;
/// Deceleration from which a pair counts as critical, m/s² (SUMO's SSM device).
pub const DRAC_MPS2: f64 = 3.0;
/// The same with the driver's reaction, m/s² (SUMO's SSM device).
pub const MDRAC_MPS2: f64 = 3.4;
/// Post-encroachment time below which a pair counts as critical, seconds (SUMO's SSM device).
pub const PET_S: f64 = 2.0;
/// Time gap below which a follower counts as too near, seconds (SUMO's SSM device).
pub const TIME_GAP_S: f64 = 0.5;

/// Pairs farther apart than this are not looked at, metres.
const REACH_M: f64 = 100.0;
/// Times to collision beyond this are not kept, seconds.
const HORIZON_S: f64 = 10.0;
/// Pairs that never came nearer than this, and had no conflict, are not kept, metres.
const NEAR_M: f64 = 20.0;
/// So much nearer than at constant velocity two may come between two looks, metres: both brake or turn with 10 m/s² and
/// more at most.
const CLOSE_M: f64 = 0.2;
/// Pairs kept; more are counted.
const PAIRS: usize = 50_000;
/// Names kept.
const NAMES: usize = 100_000;
/// Between two looks at all pairs, seconds.
pub const EVERY_S: f64 = 0.1;

/// The lane that a cut-in intrudes into, metres.
pub const LANE_M: f64 = 3.5;

/// Everything measured so far.
#[derive(Debug, Default)]
pub struct Metrics {
    next_s: f64,
    last_s: Option<f64>,
    names: BTreeMap<ActorId, Arc<str>>,
    by_name: BTreeMap<Arc<str>, ActorId>,
    cast: BTreeSet<ActorId>,
    pairs: BTreeMap<(ActorId, ActorId), Pair>,
    /// Pairs that the last full look took.
    looked: Vec<(ActorId, ActorId)>,
    /// Of these, those that could touch before the next one.
    close: Vec<(ActorId, ActorId)>,
    encroachment: Encroachment,
    /// Journeys.
    pub trips: Trips,
    /// Speeds of those with a name of their own.
    pub speeds: Speeds,
    /// Where those with a name of their own stood.
    pub stands: stand::Stands,
    /// Pairs that found no room.
    pub not_kept: u64,
    /// Moments looked at.
    pub moments: u64,
}

impl Metrics {
    /// Gives a road user its name. The speeds of those that the scenario itself names (`cast`) are kept.
    pub fn call(&mut self, id: ActorId, name: &str, cast: bool) {
        if self.names.len() < NAMES && !self.names.contains_key(&id) {
            let name: Arc<str> = name.into();
            self.names.insert(id, name.clone());
            self.by_name.insert(name, id);
            if cast {
                self.cast.insert(id);
            }
        }
    }

    /// Nobody with this number has a name yet.
    #[must_use]
    pub fn is_new(&self, id: ActorId) -> bool {
        !self.names.contains_key(&id)
    }

    /// The scenario itself names this road user.
    #[must_use]
    pub fn is_cast(&self, id: ActorId) -> bool {
        self.cast.contains(&id)
    }

    /// The name of a road user.
    #[must_use]
    pub fn name(&self, id: ActorId) -> String {
        self.names.get(&id).map_or_else(|| format!("road user {id}"), ToString::to_string)
    }

    /// The road user with this name.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<ActorId> {
        self.by_name.get(name).copied()
    }

    /// Pairs that came near, in the order of their numbers.
    #[must_use]
    pub fn pairs(&self) -> &BTreeMap<(ActorId, ActorId), Pair> {
        &self.pairs
    }

    /// Pairs that the last full look took.
    pub fn looked(&self) -> impl Iterator<Item = ((ActorId, ActorId), &Pair)> {
        self.looked.iter().filter_map(|key| Some((*key, self.pairs.get(key)?)))
    }

    /// Takes the true states at `now_s` seconds after the start. Contacts are found at every step, the rest each
    /// [`EVERY_S`]. `true`: all pairs were looked at.
    pub fn step(&mut self, now_s: f64, bodies: &[Body]) -> bool {
        let due = now_s + 1e-9 >= self.next_s;
        if !due {
            self.contacts(now_s, bodies);
            return false;
        }
        let grid = Grid::new(bodies);
        self.next_s = now_s + EVERY_S - 1e-9;
        let dt = self.last_s.map_or(0.0, |last| now_s - last);
        self.last_s = Some(now_s);
        self.moments += 1;
        self.looked.clear();
        self.close.clear();
        self.trips.step(now_s, bodies);
        for (i, a) in bodies.iter().enumerate() {
            for j in grid.near(a.place(), REACH_M).filter(|&j| j > i) {
                self.look(now_s, dt, a, &bodies[j]);
            }
            if self.cast.contains(&a.id) {
                self.speeds.add(a);
                self.stands.add(a);
            }
        }
        let mut found = Vec::new();
        self.encroachment.step(now_s, bodies, |e| found.push(e));
        for e in found.into_iter().filter(|e| !is_one_vehicle(e.first, e.second)) {
            if let Some(pair) = self.pair(e.first, e.second) {
                pair.pet_s.lower(e.pet_s, now_s);
            }
        }
        true
    }

    /// Touching pairs between two full looks: a contact may last shorter than [`EVERY_S`]. Only those that could touch until
    /// the next look are looked at.
    fn contacts(&mut self, now_s: f64, bodies: &[Body]) {
        for key in std::mem::take(&mut self.close) {
            let find = |id| bodies.iter().find(|b| b.id == id);
            if let (Some(a), Some(b)) = (find(key.0), find(key.1)) {
                if let Some(pair) = self.pair(a.id, b.id) {
                    pair.contact(now_s, a.touches(b), a, b);
                }
                self.close.push(key);
            }
        }
    }

    fn look(&mut self, now_s: f64, dt: f64, a: &Body, b: &Body) {
        // People on foot walk through each other: a crowd is no conflict. Nor is a trailer behind its tractor.
        if (a.kind.walks() && b.kind.walks()) || is_one_vehicle(a.id, b.id) {
            return;
        }
        let (off, closing) = (b.place() - a.place(), b.velocity - a.velocity);
        let reach = a.radius() + b.radius();
        let relative = closing.norm();
        // The circles round the boxes never meet within the horizon, and are far apart now: nothing to measure.
        let nearest_s = (-off.dot(&closing) / closing.norm_squared().max(1e-12)).clamp(0.0, HORIZON_S);
        if off.norm() - reach > NEAR_M && (off + closing * nearest_s).norm() > reach {
            return;
        }
        let known = self.pairs.contains_key(&key(a, b));
        let seen = pair::Seen::of(now_s, dt, a, b, HORIZON_S);
        if !known && seen.distance_m >= NEAR_M && seen.ttc_2d_s.is_none() {
            return;
        }
        let Some(pair) = self.pair(a.id, b.id) else { return };
        pair.step(&seen, a, b);
        self.looked.push(key(a, b));
        if seen.distance_m <= relative * EVERY_S + CLOSE_M {
            self.close.push(key(a, b));
        }
    }

    fn pair(&mut self, a: ActorId, b: ActorId) -> Option<&mut Pair> {
        let key = (a.min(b), a.max(b));
        if self.pairs.len() >= PAIRS && !self.pairs.contains_key(&key) {
            self.not_kept += 1;
            return None;
        }
        Some(self.pairs.entry(key).or_default())
    }

    /// Pairs of `actor` (none: of anybody) with `with` (none: with anybody), each with the names of its two.
    pub fn pairs_of<'a>(
        &'a self,
        actor: Option<&'a str>,
        with: Option<&'a str>,
    ) -> impl Iterator<Item = ([String; 2], &'a Pair)> {
        self.pairs.iter().filter_map(move |((a, b), pair)| {
            let names = [self.name(*a), self.name(*b)];
            let has = |who: Option<&str>| who.is_none_or(|who| names.iter().any(|n| n == who));
            (has(actor) && has(with)).then_some((names, pair))
        })
    }

    /// The smallest (`least`) or largest figure over pairs, with its moment and the two.
    #[must_use]
    pub fn extreme(
        &self,
        actor: Option<&str>,
        with: Option<&str>,
        least: bool,
        figure: impl Fn(&Pair) -> Extreme,
    ) -> Option<(f64, f64, [String; 2])> {
        let figures = self.pairs_of(actor, with).filter_map(|(names, pair)| {
            let (value, at_s) = figure(pair).found()?;
            Some((value, at_s, names))
        });
        figures.min_by(|a, b| {
            let order = if least { a.0.total_cmp(&b.0) } else { b.0.total_cmp(&a.0) };
            order.then(a.1.total_cmp(&b.1))
        })
    }
}

fn key(a: &Body, b: &Body) -> (ActorId, ActorId) {
    (a.id.min(b.id), a.id.max(b.id))
}

#[cfg(test)]
mod tests {
    use nalgebra::Vector2;

    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    /// `ego` at 20 m/s behind `lead` at 10 m/s, bumpers 30 m apart at the start, until `until_s`.
    fn approach(until_s: f64) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.call(1, "ego", true);
        metrics.call(2, "lead", true);
        let mut i = 0;
        while f64::from(i) * 0.02 <= until_s + 1e-9 {
            let t = f64::from(i) * 0.02;
            let mut ego = body(1, Kind::Car, 20.0 * t, 0.0, 0.0);
            let mut lead = body(2, Kind::Car, 34.6 + 10.0 * t, 0.0, 0.0);
            (ego.velocity, lead.velocity) = (Vector2::new(20.0, 0.0), Vector2::new(10.0, 0.0));
            metrics.step(t, &[ego, lead]);
            i += 1;
        }
        metrics
    }

    fn least(m: &Metrics, figure: impl Fn(&Pair) -> Extreme) -> f64 {
        m.extreme(Some("ego"), Some("lead"), true, figure).unwrap().0
    }

    #[test]
    fn the_worst_of_an_approach_is_that_computed_by_hand() {
        // After 2 s the gap is 10 m: TTC 1 s, gap 10 m, DRAC 5 m/s², time headway 14.6/20 = 0.73 s, exposed for 2 s.
        let m = approach(2.0);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} is not {b}");
        near(least(&m, |p| p.ttc_s), 1.0);
        near(least(&m, |p| p.ttc_2d_s), 1.0);
        near(least(&m, |p| p.distance_m), 10.0);
        near(least(&m, |p| p.thw_s), 0.73);
        near(least(&m, |p| p.time_gap_s), 0.5);
        near(m.extreme(None, None, false, |p| p.drac_mps2).unwrap().0, 5.0);
        let (_, pair) = m.pairs_of(Some("ego"), None).next().unwrap();
        // The first look, at exactly 3.0 s, is not below it, and a look counts the time before it.
        near(pair.exposed_s, 2.0);
        assert!(pair.collisions.is_empty());
        // 0.9 s TTC is less than 1 s of reaction: too late.
        let m = approach(2.1);
        assert_eq!(m.extreme(None, None, false, |p| p.mdrac_mps2).unwrap().0, f64::INFINITY);
    }

    #[test]
    fn a_collision_has_its_moment_and_its_speed() {
        let m = approach(4.0);
        let (names, pair) = m.pairs_of(None, None).next().unwrap();
        assert_eq!(names, ["ego", "lead"]);
        assert_eq!(pair.collisions.len(), 1, "one contact is one collision: {:?}", pair.collisions);
        let hit = pair.collisions[0];
        assert!((hit.at_s - 3.0).abs() < 0.021 && (hit.relative_mps - 10.0).abs() < 1e-9, "{hit:?}");
        assert_eq!(least(&m, |p| p.distance_m), 0.0);
    }

    #[test]
    fn who_never_came_near_is_not_kept() {
        let mut metrics = Metrics::default();
        metrics.step(0.0, &[body(1, Kind::Car, 0.0, 0.0, 0.0), body(2, Kind::Car, 0.0, 60.0, 0.0)]);
        assert!(metrics.pairs().is_empty());
        metrics.step(0.1, &[body(1, Kind::Child, 0.0, 0.0, 0.0), body(2, Kind::Child, 0.0, 0.1, 0.0)]);
        assert!(metrics.pairs().is_empty(), "a crowd is no conflict");
        assert_eq!(metrics.name(7), "road user 7");
    }
}
