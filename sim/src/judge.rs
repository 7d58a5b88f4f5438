//! The judge watches a run: it knows the truth, sees what every unit believes and says, and keeps figures in bounded memory.

pub mod matching;
pub mod record;

use std::collections::{BTreeMap, VecDeque};

use calibration::Timestamp;
use calibration::geodesy::{EnuFrame, Wgs84};
use nalgebra::{Point2, Vector2};
use perception::{Track, score};
use rsu::event::Event;
use rsu::radio::RadioFrame;
use rsu::station::Output;
use v2x_msgs::MessageKind;
use v2x_msgs::model::{Message, Participant};

use crate::actor::{ActorId, Body};
use crate::obu::Obu;
use crate::scenario::expect::{Silent, Warning};
use crate::scenario::{Check, Scenario};
use crate::unit::{Step, Unit};
use crate::world::World;
pub use matching::{distance_to, matched};
pub use record::{ActorRecord, Lead, SilentRecord, Snapshot, UnitRecord};

/// A track farther than this from a road user is not of it, metres.
pub const GATE_M: f64 = 4.0;
/// GOSPA: cut-off and order.
const GOSPA: (f64, f64) = (4.0, 2.0);
/// Who left the road this long ago may still be spoken of, seconds: a tracker coasts.
const GHOST_S: f64 = 1.2;
/// Somebody must have been visible this long before a unit has to know of it, seconds.
const SEEN_S: f64 = 1.0;

/// The judge of one run.
#[derive(Debug)]
pub struct Judge {
    start: Timestamp,
    frame: EnuFrame,
    /// Units, in the order of the scenario.
    pub units: Vec<UnitRecord>,
    /// Road users with a name.
    pub actors: BTreeMap<String, ActorRecord>,
    /// Warnings that are expected, with what came of them.
    pub leads: Vec<(Warning, Option<Lead>)>,
    /// Silences that are expected, with what came of them.
    pub silences: Vec<(Silent, SilentRecord)>,
    /// The moment worth a picture.
    pub worst: Option<Snapshot>,
    /// Most road users at once.
    pub most_users: usize,
    ghosts: VecDeque<(Timestamp, Body)>,
    last_bodies: BTreeMap<ActorId, Body>,
    next_sample: Timestamp,
    named: BTreeMap<ActorId, String>,
}

impl Judge {
    /// The judge of a scenario that begins at `start`, in the frame of its world.
    #[must_use]
    pub fn new(scenario: &Scenario, units: &[Unit], frame: EnuFrame, start: Timestamp) -> Self {
        let checks: Vec<_> = scenario.expect.iter().flat_map(|e| e.as_ref().checks()).collect();
        let leads =
            checks.iter().filter_map(|c| if let Check::Warning(w) = c { Some(((*w).clone(), None)) } else { None });
        let silences = checks.iter().filter_map(|c| match c {
            Check::Silent(s) => Some(((*s).clone(), SilentRecord::default())),
            _ => None,
        });
        Self {
            start,
            frame,
            units: units.iter().map(|u| UnitRecord::new(&u.name, u.setup.config.site.dialect)).collect(),
            actors: BTreeMap::new(),
            leads: leads.collect(),
            silences: silences.collect(),
            worst: None,
            most_users: 0,
            ghosts: VecDeque::new(),
            last_bodies: BTreeMap::new(),
            next_sample: start,
            named: BTreeMap::new(),
        }
    }

    /// Seconds since the start.
    #[must_use]
    pub fn seconds(&self, at: Timestamp) -> f64 {
        at.seconds_since(self.start)
    }

    /// Notes who is on the road before a step.
    pub fn watch_road(&mut self, world: &World) {
        let now = world.now();
        self.most_users = self.most_users.max(world.bodies().len());
        let bodies: BTreeMap<_, _> = world.bodies().iter().map(|b| (b.id, b.clone())).collect();
        for (id, body) in &self.last_bodies {
            if !bodies.contains_key(id) {
                self.ghosts.push_back((now, body.clone()));
            }
        }
        while self.ghosts.front().is_some_and(|(left, _)| now.seconds_since(*left) > GHOST_S) {
            self.ghosts.pop_front();
        }
        self.last_bodies = bodies;
        for actor in world.actors() {
            if let Some(name) = &actor.name {
                self.named.entry(actor.id).or_insert_with(|| name.to_string());
            }
        }
    }

    /// Judges what one unit did between `from` and its end; the road is that of `from`.
    pub fn hear(&mut self, index: usize, step: &Step, from: Timestamp) {
        let record = &mut self.units[index];
        record.dropped += step.dropped;
        for &(tov, actor) in &step.visible {
            record.saw(actor, tov);
        }
        for (at, output) in &step.said {
            match output {
                Output::Send(frame) => self.on_message(index, *at, frame, from),
                Output::Event(stamp) => self.on_event(index, &stamp.event, *at),
                Output::Share(_) => self.units[index].shared += 1,
            }
        }
    }

    fn on_message(&mut self, index: usize, at: Timestamp, frame: &RadioFrame, from: Timestamp) {
        let at_s = self.seconds(at);
        let name = self.units[index].name.clone();
        for (expected, record) in &mut self.silences {
            let within = at_s >= expected.from_s && expected.until_s.is_none_or(|until| at_s < until);
            if expected.unit == name && within {
                record.spoke(at_s);
            }
        }
        let record = &mut self.units[index];
        record.sent(frame, at, at_s);
        if frame.kind != MessageKind::Rsm {
            return;
        }
        match v2x_msgs::decode(&frame.bytes, self.units[index].profile) {
            Ok(Message::Rsm(rsm)) => {
                let age_s = at.seconds_since(from);
                for participant in rsm.participants.iter().filter(|p| p.ptc_id != Participant::SELF_ID) {
                    let Some(place) = self.place(participant) else { continue };
                    let distance = self.distance_to_nearest(place, age_s, at);
                    self.units[index].participant(distance, at_s);
                }
            }
            _ => self.units[index].undecodable += 1,
        }
    }

    fn place(&self, participant: &Participant) -> Option<Point2<f64>> {
        let p = participant.position()?;
        let alt_m = p.elevation_m.unwrap_or(self.frame.origin().alt_m);
        let enu = self.frame.enu_from_wgs84(Wgs84 { lat_deg: p.lat_deg, lon_deg: p.lon_deg, alt_m });
        Some(Point2::new(enu.x, enu.y))
    }

    /// Distance from a place to the nearest road user, on the road or just gone.
    fn distance_to_nearest(&self, place: Point2<f64>, age_s: f64, at: Timestamp) -> f64 {
        let here = self.last_bodies.values().map(|b| (b, age_s));
        let gone = self.ghosts.iter().map(|(left, b)| (b, at.seconds_since(*left)));
        here.chain(gone).fold(f64::INFINITY, |nearest, (body, secs)| {
            // Most are ruled out by the circle round them.
            let off = place - body.place() - body.velocity * secs;
            let reach = nearest + body.radius();
            if off.norm_squared() > reach * reach {
                nearest
            } else {
                nearest.min(distance_to(&body.after(secs), place))
            }
        })
    }

    fn on_event(&mut self, index: usize, event: &Event, at: Timestamp) {
        let at_s = self.seconds(at);
        let record = &mut self.units[index];
        match event {
            Event::Fitness { reasons } => {
                let words: Vec<_> = reasons.iter().map(|r| r.word().to_owned()).collect();
                let name = record.name.clone();
                record.fitness(at_s, words.clone());
                for (expected, silent) in self.silences.iter_mut().filter(|(e, _)| e.unit == name) {
                    silent.heard_reasons(expected, at_s, &words);
                }
            }
            Event::NeighbourLost { unit } => record.neighbour_lost(at_s, &unit.0),
            Event::HandedOver { .. } => record.handovers += 1,
            Event::WarningRaised { .. } => record.warnings += 1,
            Event::Dropped { count, .. } => record.dropped += count,
            Event::NotEncoded { .. } => record.not_encoded += 1,
            _ => {}
        }
    }

    /// Judges what vehicles heard.
    pub fn listen(&mut self, obus: &[Obu], units: &[Unit], world: &World) {
        for (expected, lead) in self.leads.iter_mut().filter(|(_, lead)| lead.is_none()) {
            let Some(obu) = obus.iter().find(|o| *o.name == *expected.to) else { continue };
            let (Some(ego), Some(about)) = (world.actor(&expected.to), world.actor(&expected.about)) else { continue };
            let near = about.body().place();
            let fits = obu.heard.iter().rev().take(32).find(|h| {
                units.get(h.unit).is_some_and(|u| u.name == expected.unit)
                    && h.kind == expected.event
                    && (h.place - near).norm() < 8.0
                    && world.now().seconds_since(h.at).abs() < 0.2
            });
            if let Some(heard) = fits {
                *lead = Some(Lead::new(heard.at.seconds_since(self.start), ego, about));
            }
        }
    }

    /// Ten times a second: compares what the units believe with the truth.
    pub fn sample(&mut self, units: &[Unit], world: &World) {
        if world.now() < self.next_sample {
            return;
        }
        self.next_sample = world.now().offset_secs(0.1);
        for (index, unit) in units.iter().enumerate() {
            let Some(station) = unit.station().filter(|s| s.world().unfit.is_empty()) else { continue };
            let belief = station.world();
            let later = belief.at.seconds_since(world.now());
            let truth: Vec<_> = world.bodies().iter().map(|b| b.after(later)).collect();
            self.compare(index, unit, &belief.tracks, &truth, belief.at);
        }
    }

    fn compare(&mut self, index: usize, unit: &Unit, tracks: &[Track], truth: &[Body], at: Timestamp) {
        let at_s = self.seconds(at);
        let place = |t: &Track| unit.world_from_unit.transform_point(&t.position.into()).xy();
        let places: Vec<_> = tracks.iter().map(place).collect();
        let pairs = matched(truth, &places, GATE_M);
        let region = unit.setup.config.tracking.region_m;
        let record = &mut self.units[index];
        let mut known = Vec::new();
        let mut worst: Option<(f64, ActorId)> = None;
        for (i, body) in truth.iter().enumerate() {
            let due = record.must_know(body.id, at, SEEN_S);
            let own = unit.world_from_unit.inverse_transform_point(&body.position.into());
            let mine = pairs.get(&i);
            if let (Some(&j), Some(name)) = (mine, self.named.get(&body.id)) {
                let actor = self.actors.entry(name.clone()).or_default();
                actor.known(&record.name, &tracks[j].key.to_string(), at_s);
            }
            if !due || own.coords.xy().norm() > region - 10.0 {
                continue;
            }
            known.push(i);
            record.recall(body.kind.class(), mine.is_some());
            if let Some(&j) = mine {
                let error = (places[j] - body.place()).norm();
                record.error(error, at_s);
                if let Some(name) = self.named.get(&body.id) {
                    self.actors.entry(name.clone()).or_default().errors.add(error);
                }
                if worst.is_none_or(|(e, _)| error > e) {
                    worst = Some((error, body.id));
                }
            }
        }
        // A track of somebody who need not be known is no fault.
        let excused = |j: usize| {
            pairs.iter().any(|(i, &t)| t == j && !known.contains(i))
                || self.ghosts.iter().any(|(_, b)| (b.place() - places[j]).norm() < GATE_M + 6.0)
        };
        let said: Vec<Vector2<f64>> = (0..places.len()).filter(|&j| !excused(j)).map(|j| places[j].coords).collect();
        let due: Vec<Vector2<f64>> = known.iter().map(|&i| truth[i].place().coords).collect();
        record.gospa(score::gospa(&due, &said, GOSPA.0, GOSPA.1).total, at_s);
        if let Some((error, who)) = worst.filter(|(e, _)| self.worst.as_ref().is_none_or(|w| *e > w.error_m)) {
            let who = self.named.get(&who).cloned().unwrap_or_else(|| format!("road user {who}"));
            self.worst = Some(Snapshot::new(at_s, error, who, &record.name, truth, tracks, &places));
        }
    }
}
