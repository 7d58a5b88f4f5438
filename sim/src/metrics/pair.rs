//! The worst of one pair of road users.

use serde::Serialize;

use super::conflict::{distance_m, ttc_2d_s};
use super::cut_in::CutIn;
use super::follow::{Following, REACTION_S};
use super::{LANE_M, TTC_S};
use crate::actor::{ActorId, Body};

/// Collisions kept of one pair.
const COLLISIONS: usize = 16;

/// The worst value of a figure, and when it was.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Extreme(Option<(f64, f64)>);

impl Extreme {
    /// Keeps the smaller value.
    pub fn lower(&mut self, value: f64, at_s: f64) {
        if self.0.is_none_or(|(v, _)| value < v) {
            self.0 = Some((value, at_s));
        }
    }

    /// Keeps the larger value.
    pub fn raise(&mut self, value: f64, at_s: f64) {
        if self.0.is_none_or(|(v, _)| value > v) {
            self.0 = Some((value, at_s));
        }
    }

    /// Value and seconds after the start; none: never measured.
    #[must_use]
    pub fn found(self) -> Option<(f64, f64)> {
        self.0
    }

    /// The value.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        self.0.map(|(value, _)| value)
    }
}

/// Two touched.
#[derive(Copy, Clone, Debug, PartialEq, Serialize)]
pub struct Contact {
    /// Seconds after the start.
    pub at_s: f64,
    /// Speed of one as seen from the other, m/s.
    pub relative_mps: f64,
}

/// A pair at one moment.
#[derive(Copy, Clone, Debug)]
pub struct Seen {
    at_s: f64,
    dt: f64,
    follow: Option<Following>,
    /// Between the footprints.
    pub distance_m: f64,
    /// Time to contact, when within the horizon.
    pub ttc_2d_s: Option<f64>,
}

impl Seen {
    /// `a` and `b` at `at_s`, `dt` seconds after they were last looked at.
    #[must_use]
    pub fn of(at_s: f64, dt: f64, a: &Body, b: &Body, horizon_s: f64) -> Self {
        Self {
            at_s,
            dt,
            follow: Following::of(a, b).or_else(|| Following::of(b, a)),
            distance_m: distance_m(a, b),
            ttc_2d_s: ttc_2d_s(a, b).filter(|s| *s <= horizon_s),
        }
    }
}

/// The worst of one pair so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pair {
    /// Shortest distance between the footprints, metres.
    pub distance_m: Extreme,
    /// Smallest time to collision behind each other, seconds.
    pub ttc_s: Extreme,
    /// Smallest time to contact on the plane, seconds.
    pub ttc_2d_s: Extreme,
    /// Time with a [`Self::ttc_2d_s`] below [`TTC_S`], seconds (time-exposed TTC, Minderhoud 2001).
    pub exposed_s: f64,
    /// Smallest time headway, seconds.
    pub thw_s: Extreme,
    /// Smallest time gap, seconds.
    pub time_gap_s: Extreme,
    /// Largest deceleration needed, m/s².
    pub drac_mps2: Extreme,
    /// The same with the driver's reaction, m/s².
    pub mdrac_mps2: Extreme,
    /// Smallest post-encroachment time, seconds.
    pub pet_s: Extreme,
    /// Contacts, the first ones.
    pub collisions: Vec<Contact>,
    /// The one with the larger number cut in before the other, and the other way round.
    pub cut_ins: [Option<(ActorId, CutIn)>; 2],
    touching: bool,
    inside: [bool; 2],
    looks: u32,
}

impl Pair {
    /// They touch now.
    #[must_use]
    pub fn touches(&self) -> bool {
        self.touching
    }

    /// Takes one moment.
    pub fn step(&mut self, seen: &Seen, a: &Body, b: &Body) {
        let at_s = seen.at_s;
        self.distance_m.lower(seen.distance_m, at_s);
        if let Some(ttc) = seen.ttc_2d_s {
            self.ttc_2d_s.lower(ttc, at_s);
            if ttc < TTC_S && self.looks > 0 {
                self.exposed_s += seen.dt;
            }
        }
        if let Some(follow) = &seen.follow {
            follow.ttc_s().into_iter().for_each(|ttc| self.ttc_s.lower(ttc, at_s));
            follow.thw_s().into_iter().for_each(|thw| self.thw_s.lower(thw, at_s));
            follow.time_gap_s().into_iter().for_each(|gap| self.time_gap_s.lower(gap, at_s));
            self.drac_mps2.raise(follow.drac_mps2(), at_s);
            self.mdrac_mps2.raise(follow.mdrac_mps2(REACTION_S), at_s);
        }
        for (i, (ego, other)) in [(a, b), (b, a)].into_iter().enumerate() {
            let cut = CutIn::begins(at_s, ego, other, LANE_M);
            // Who was there from the first look on did not cut in.
            if !self.inside[i] && self.looks > 0 && self.cut_ins[i].is_none() {
                self.cut_ins[i] = cut.map(|cut| (other.id, cut));
            }
            self.inside[i] = cut.is_some();
        }
        self.looks = self.looks.saturating_add(1);
        self.contact(at_s, seen.distance_m == 0.0, a, b);
    }

    /// Takes whether they touch.
    pub fn contact(&mut self, at_s: f64, touches: bool, a: &Body, b: &Body) {
        if touches {
            self.distance_m.lower(0.0, at_s);
            self.ttc_2d_s.lower(0.0, at_s);
        }
        if touches && !self.touching && self.collisions.len() < COLLISIONS {
            self.collisions.push(Contact { at_s, relative_mps: (a.velocity - b.velocity).norm() });
        }
        self.touching = touches;
    }

    /// How `who` cut in before the other, if it did.
    #[must_use]
    pub fn cut_in_by(&self, who: ActorId) -> Option<&CutIn> {
        self.cut_ins.iter().flatten().find(|(id, _)| *id == who).map(|(_, cut)| cut)
    }
}
