//! What the judge keeps of each unit and road user.

use std::collections::{BTreeMap, BTreeSet};

use calibration::Timestamp;
use nalgebra::Point2;
use perception::{Class, Track};
use rsu::radio::RadioFrame;
use v2x_msgs::{MessageKind, Profile};

use crate::actor::{ActorId, Body};
use crate::figures::{Histogram, Seconds};
use crate::judge::knowledge::Sights;
use crate::scenario::expect::Silent;
use crate::world::Actor;

/// Changes of fitness, lost neighbours, keys: so many are kept, more only counted.
const KEPT: usize = 1000;
/// Rates are counted from here on, seconds: a unit first has to learn its clock and sensors.
pub const SETTLE_S: f64 = 2.0;
/// A sensor that sees somebody again within this time has never lost them, seconds.
const GLIMPSE_S: f64 = 0.25;

/// Messages of one type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// Of these, after [`SETTLE_S`].
    pub settled: u64,
    /// Bytes of all.
    pub bytes: u64,
}

/// What is kept of one unit.
#[derive(Clone, Debug)]
pub struct UnitRecord {
    /// Name.
    pub name: String,
    /// Message set that it speaks.
    pub profile: Profile,
    /// Messages by type.
    pub messages: BTreeMap<MessageKind, Tally>,
    /// Age at the antenna, ms.
    pub ages: Histogram,
    /// The same over time.
    pub ages_s: Seconds,
    /// For each participant told: distance to the nearest road user, metres.
    pub strays: Histogram,
    /// When a participant was farthest from everybody: (metres, seconds after the start).
    pub farthest: (f64, f64),
    /// Difference of their speeds, m/s.
    pub speed_errors: Histogram,
    /// Difference of their directions, of those that move, degrees.
    pub heading_errors: Histogram,
    /// Who came into plain view and when it was tracked.
    pub sights: Sights,
    /// For each second: states of signal groups said, and those that were true.
    pub signals: BTreeMap<u32, (u64, u64)>,
    /// Distance between tracks and road users, metres.
    pub errors: Histogram,
    /// The same over time.
    pub errors_s: Seconds,
    /// GOSPA, metres.
    pub gospas: Histogram,
    /// The largest GOSPA and when.
    pub worst_gospa: (f64, f64),
    /// For each class: road users that had to be known, and those that were.
    pub recalls: BTreeMap<Class, (u64, u64)>,
    /// Changes of fitness: seconds after the start, reasons.
    pub fitness: Vec<(f64, Vec<String>)>,
    /// Neighbours that it missed: seconds after the start, name.
    pub lost: Vec<(f64, String)>,
    /// Hand-overs.
    pub handovers: u64,
    /// Warnings raised.
    pub warnings: u64,
    /// Messages to neighbours.
    pub shared: u64,
    /// Things dropped by full queues.
    pub dropped: u64,
    /// Messages that did not fit the wire.
    pub not_encoded: u64,
    /// Messages that nobody could decode.
    pub undecodable: u64,
    sight: BTreeMap<ActorId, (Timestamp, Timestamp)>,
}

impl UnitRecord {
    /// Nothing yet.
    #[must_use]
    pub fn new(name: &str, profile: Profile) -> Self {
        Self {
            name: name.to_owned(),
            profile,
            messages: BTreeMap::new(),
            ages: Histogram::new(0.1, 2000.0),
            ages_s: Seconds::default(),
            strays: Histogram::new(0.05, 50.0),
            farthest: (0.0, 0.0),
            speed_errors: Histogram::new(0.01, 30.0),
            heading_errors: Histogram::new(0.1, 180.0),
            sights: Sights::default(),
            signals: BTreeMap::new(),
            errors: Histogram::new(0.01, 10.0),
            errors_s: Seconds::default(),
            gospas: Histogram::new(0.01, 40.0),
            worst_gospa: (0.0, 0.0),
            recalls: BTreeMap::new(),
            fitness: Vec::new(),
            lost: Vec::new(),
            handovers: 0,
            warnings: 0,
            shared: 0,
            dropped: 0,
            not_encoded: 0,
            undecodable: 0,
            sight: BTreeMap::new(),
        }
    }

    pub(super) fn saw(&mut self, actor: ActorId, tov: Timestamp) {
        let sight = self.sight.entry(actor).or_insert((tov, tov));
        if tov.seconds_since(sight.1) > GLIMPSE_S {
            sight.0 = tov;
        }
        sight.1 = sight.1.max(tov);
    }

    /// Somebody is in plain view.
    pub(super) fn sees(&self, actor: ActorId, now: Timestamp) -> bool {
        self.sight.get(&actor).is_some_and(|(_, last)| now.seconds_since(*last) < GLIMPSE_S)
    }

    pub(super) fn signal(&mut self, at_s: f64, right: bool) {
        let second = self.signals.entry(at_s.max(0.0) as u32).or_default();
        second.0 += 1;
        second.1 += u64::from(right);
    }

    pub(super) fn motion(&mut self, (speed_mps, heading_deg): (f64, Option<f64>)) {
        self.speed_errors.add(speed_mps);
        heading_deg.into_iter().for_each(|deg| self.heading_errors.add(deg));
    }

    /// Somebody has been in plain view for so long that the unit has to know of it.
    pub(super) fn must_know(&mut self, actor: ActorId, now: Timestamp, seen_s: f64) -> bool {
        self.sight.retain(|_, (_, last)| now.seconds_since(*last) < 5.0);
        self.sight
            .get(&actor)
            .is_some_and(|(since, last)| now.seconds_since(*last) < GLIMPSE_S && last.seconds_since(*since) >= seen_s)
    }

    pub(super) fn sent(&mut self, frame: &RadioFrame, at: Timestamp, at_s: f64) {
        let tally = self.messages.entry(frame.kind).or_default();
        tally.count += 1;
        tally.settled += u64::from(at_s >= SETTLE_S);
        tally.bytes += frame.bytes.len() as u64;
        if let Some(tov) = frame.tov {
            let age_ms = at.millis_since(tov).max(0.0);
            self.ages.add(age_ms);
            self.ages_s.add(at_s, age_ms);
        }
    }

    pub(super) fn participant(&mut self, distance_m: f64, at_s: f64) {
        let distance_m = distance_m.min(1e6);
        self.strays.add(distance_m);
        if distance_m > self.farthest.0 {
            self.farthest = (distance_m, at_s);
        }
    }

    pub(super) fn recall(&mut self, class: Class, known: bool) {
        let count = self.recalls.entry(class).or_insert((0, 0));
        count.0 += 1;
        count.1 += u64::from(known);
    }

    pub(super) fn error(&mut self, error_m: f64, at_s: f64) {
        self.errors.add(error_m);
        self.errors_s.add(at_s, error_m);
    }

    pub(super) fn gospa(&mut self, gospa_m: f64, at_s: f64) {
        self.gospas.add(gospa_m);
        if gospa_m > self.worst_gospa.0 {
            self.worst_gospa = (gospa_m, at_s);
        }
    }

    pub(super) fn fitness(&mut self, at_s: f64, reasons: Vec<String>) {
        if self.fitness.len() < KEPT {
            self.fitness.push((at_s, reasons));
        }
    }

    pub(super) fn neighbour_lost(&mut self, at_s: f64, unit: &str) {
        if self.lost.len() < KEPT {
            self.lost.push((at_s, unit.to_owned()));
        }
    }
}

/// What is kept of one road user with a name.
#[derive(Clone, Debug)]
pub struct ActorRecord {
    /// Distance between it and its tracks, metres.
    pub errors: Histogram,
    /// Difference of the speeds, m/s.
    pub speed_errors: Histogram,
    /// Difference of the directions while it moves, degrees.
    pub heading_errors: Histogram,
    /// Keys under which units knew it: first seen, units.
    pub keys: BTreeMap<String, (f64, BTreeSet<String>)>,
}

impl Default for ActorRecord {
    fn default() -> Self {
        Self {
            errors: Histogram::new(0.01, 10.0),
            speed_errors: Histogram::new(0.01, 30.0),
            heading_errors: Histogram::new(0.1, 180.0),
            keys: BTreeMap::new(),
        }
    }
}

impl ActorRecord {
    pub(super) fn motion(&mut self, (speed_mps, heading_deg): (f64, Option<f64>)) {
        self.speed_errors.add(speed_mps);
        heading_deg.into_iter().for_each(|deg| self.heading_errors.add(deg));
    }

    pub(super) fn known(&mut self, unit: &str, key: &str, at_s: f64) {
        if self.keys.len() < KEPT || self.keys.contains_key(key) {
            self.keys.entry(key.to_owned()).or_insert((at_s, BTreeSet::new())).1.insert(unit.to_owned());
        }
    }
}

/// A warning that a vehicle heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Lead {
    /// When, seconds after the start.
    pub at_s: f64,
    /// Seconds to the danger, when it is in the way already, else to where the two ways cross, at the speeds of that
    /// moment; none: neither, or it is behind.
    pub lead_s: Option<f64>,
}

/// Beside each other with less than this between them is in each other's way, metres.
const CLEAR_M: f64 = 0.3;

impl Lead {
    pub(super) fn new(at_s: f64, ego: &Actor, about: &Actor) -> Self {
        Self { at_s, lead_s: in_the_way(ego, about).or_else(|| to_the_crossing(ego, about)) }
    }
}

fn in_the_way(ego: &Actor, about: &Actor) -> Option<f64> {
    let (mine, front_m) = ego.way()?;
    let (me, them) = (ego.body(), about.body());
    let beside = mine.beside_all(them.place());
    if beside.left_m.abs() > 0.5 * (me.size.width_m + them.size.width_m) + CLEAR_M {
        return None;
    }
    let yaw = mine.at(beside.along_m).yaw;
    let length_m = them.size.length_m * (them.yaw - yaw).cos().abs() + them.size.width_m * (them.yaw - yaw).sin().abs();
    let left_m = beside.along_m - 0.5 * length_m - front_m;
    let along_mps = them.velocity.x * yaw.cos() + them.velocity.y * yaw.sin();
    (left_m > 0.0).then(|| left_m / (me.velocity.norm() - along_mps).max(0.1))
}

fn to_the_crossing(ego: &Actor, about: &Actor) -> Option<f64> {
    let ((mine, front_m), (theirs, _)) = ego.way().zip(about.way())?;
    let (cross_m, _) = mine.crossing(theirs)?;
    (cross_m > front_m).then(|| (cross_m - front_m) / ego.body().velocity.norm().max(0.1))
}

/// What became of an expected silence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SilentRecord {
    /// Messages within it.
    pub messages: u64,
    /// The last of them, seconds after the start.
    pub last_s: f64,
    /// When the unit first gave the expected reason, seconds after the start.
    pub reason_s: Option<f64>,
    /// Reasons given within it.
    pub reasons: BTreeSet<String>,
}

impl SilentRecord {
    pub(super) fn spoke(&mut self, at_s: f64) {
        self.messages += 1;
        self.last_s = at_s;
    }

    pub(super) fn heard_reasons(&mut self, expected: &Silent, at_s: f64, words: &[String]) {
        let over = expected.until_s.is_some_and(|until| at_s >= until);
        if over {
            return;
        }
        self.reasons.extend(words.iter().cloned());
        if words.contains(&expected.reason) && self.reason_s.is_none() {
            self.reason_s = Some(at_s);
        }
    }
}

/// A road user or track in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Corners of its footprint.
    pub corners: [Point2<f64>; 4],
    /// Class.
    pub class: Class,
}

/// One moment, for the picture in the report.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Seconds after the start.
    pub at_s: f64,
    /// The largest position error of that moment, metres.
    pub error_m: f64,
    /// Whose.
    pub who: String,
    /// As which unit saw it.
    pub unit: String,
    /// The truth.
    pub truth: Vec<Shown>,
    /// What the unit believed.
    pub tracks: Vec<Shown>,
}

impl Snapshot {
    pub(super) fn new(
        at_s: f64,
        error_m: f64,
        who: String,
        unit: &str,
        truth: &[Body],
        tracks: &[Track],
        places: &[Point2<f64>],
    ) -> Self {
        let shown = |body: &Body, class| Shown { corners: body.corners(), class };
        let tracked = tracks.iter().zip(places).map(|(track, place)| {
            let body = Body {
                id: 0,
                kind: crate::actor::Kind::Car,
                size: track.size,
                position: nalgebra::Vector3::new(place.x, place.y, 0.0),
                yaw: track.yaw,
                velocity: track.velocity,
                yaw_rate: 0.0,
            };
            shown(&body, track.class)
        });
        Self {
            at_s,
            error_m,
            who,
            unit: unit.to_owned(),
            truth: truth.iter().map(|b| shown(b, b.kind.class())).collect(),
            tracks: tracked.collect(),
        }
    }
}
