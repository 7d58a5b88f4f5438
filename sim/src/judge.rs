//! The judge watches a run: it knows the truth, sees what every unit believes and says, and keeps figures in bounded memory.

pub mod knowledge;
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
use rsu::world::Light;
use v2x_msgs::MessageKind;
use v2x_msgs::model::{Light as AirLight, Message, Participant};

use crate::actor::{ActorId, Body};
use crate::obu::Obu;
use crate::scenario::expect::{Silent, Warning};
use crate::scenario::measure::{NoConflict, Speaks};
use crate::scenario::{Check, Scenario};
use crate::scene::Lights;
use crate::unit::{Step, Unit};
use crate::world::World;
pub use knowledge::VehicleRecord;
pub use matching::{distance_to, matched};
pub use record::{ActorRecord, Lead, SilentRecord, Snapshot, UnitRecord};

/// A track farther than this from a road user is not of it, metres.
pub const GATE_M: f64 = 4.0;
/// GOSPA: cut-off and order.
const GOSPA: (f64, f64) = (4.0, 2.0);
/// Who left the road this long ago may still be spoken of, seconds: a tracker coasts.
const GHOST_S: f64 = 1.2;
/// Slower than this nobody has a direction of travel, m/s.
const MOVES_MPS: f64 = 1.0;
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
    /// Conflicting greens that must not be said, with how often they were and when first.
    pub conflicts: Vec<(NoConflict, u64, Option<f64>)>,
    /// Spans in which units must speak, with the messages in them.
    pub spans: Vec<(Speaks, u64)>,
    /// What vehicles know, of those that an expectation names.
    pub vehicles: BTreeMap<String, VehicleRecord>,
    /// SPAT is decoded only when an expectation asks.
    reads_spat: bool,
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
        let conflicts = checks.iter().filter_map(|c| match c {
            Check::NoConflict(n) => Some(((*n).clone(), 0, None)),
            _ => None,
        });
        let spans = checks.iter().filter_map(|c| if let Check::Speaks(s) = c { Some(((*s).clone(), 0)) } else { None });
        let vehicles = checks.iter().filter_map(|c| match c {
            Check::Known(k) => Some((k.vehicle.clone(), VehicleRecord::default())),
            Check::Information(i) => Some((i.vehicle.clone(), VehicleRecord::default())),
            _ => None,
        });
        Self {
            start,
            frame,
            conflicts: conflicts.collect(),
            spans: spans.collect(),
            vehicles: vehicles.collect(),
            reads_spat: checks.iter().any(|c| matches!(c, Check::SpatTrue(_) | Check::NoConflict(_))),
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
    pub fn hear(&mut self, index: usize, step: &Step, from: Timestamp, lights: &Lights) {
        let record = &mut self.units[index];
        record.dropped += step.dropped;
        for &(tov, actor) in &step.visible {
            record.saw(actor, tov);
        }
        for (at, output) in &step.said {
            match output {
                Output::Send(frame) => {
                    self.on_message(index, *at, frame, from);
                    if frame.kind == MessageKind::Spat && self.reads_spat {
                        self.on_spat(index, *at, frame, lights);
                    }
                }
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
        for (expected, count) in self.spans.iter_mut().filter(|(e, _)| e.unit == name) {
            *count += u64::from((expected.from_s..expected.until_s).contains(&at_s));
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

    /// Compares what is said about signals with what they show.
    fn on_spat(&mut self, index: usize, at: Timestamp, frame: &RadioFrame, lights: &Lights) {
        let at_s = self.seconds(at);
        let Ok(Message::Spat(spat)) = v2x_msgs::decode(&frame.bytes, self.units[index].profile) else { return };
        let phases = spat.intersections.iter().flat_map(|i| &i.phases);
        let said: BTreeMap<u8, _> = phases.filter_map(|p| Some((p.id, p.phase_states.first()?.light))).collect();
        for (group, light) in &said {
            let shown = lights.get(group).map(|(light, _)| spoken(*light));
            // Between two steps of the world a light may change: the truth is known to one step only.
            self.units[index].signal(at_s, shown == Some(*light));
        }
        let name = &self.units[index].name;
        for (expected, count, first) in self.conflicts.iter_mut().filter(|(e, ..)| e.unit == *name) {
            let go = |g: &&u8| said.get(g).is_some_and(|light| goes(*light));
            if expected.groups.iter().filter(go).count() > 1 {
                *count += 1;
                first.get_or_insert(at_s);
            }
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
    pub fn sample(&mut self, units: &[Unit], obus: &[Obu], world: &World) {
        if world.now() < self.next_sample {
            return;
        }
        self.next_sample = world.now().offset_secs(0.1);
        for (index, unit) in units.iter().enumerate() {
            let Some(station) = unit.station().filter(|s| s.world().unfit.is_empty()) else { continue };
            let belief = station.world();
            let at = belief.at.offset_secs(-unit.skew_s(world.now()));
            let later = at.seconds_since(world.now());
            let truth: Vec<_> = world.bodies().iter().map(|b| b.after(later)).collect();
            self.compare(index, unit, &belief.tracks, &truth, at);
        }
        self.ask_vehicles(obus, world);
    }

    /// What vehicles know of those around them whom some unit sees plainly.
    fn ask_vehicles(&mut self, obus: &[Obu], world: &World) {
        let now = world.now();
        for obu in obus {
            let Some(record) = self.vehicles.get_mut(&*obu.name) else { continue };
            let Some(me) = world.bodies().iter().find(|b| b.id == obu.actor) else { continue };
            let near = |b: &&Body| b.id != me.id && (b.place() - me.place()).norm() < knowledge::AROUND_M;
            let units = &mut self.units;
            let mut seen = |b: &&Body| units.iter_mut().any(|u| u.must_know(b.id, now, SEEN_S));
            let around: Vec<&Body> = world.bodies().iter().filter(near).filter(|b| seen(b)).collect();
            record.compare(obu.told.values(), &around, now);
        }
    }

    fn compare(&mut self, index: usize, unit: &Unit, tracks: &[Track], truth: &[Body], at: Timestamp) {
        let at_s = self.seconds(at);
        let place = |t: &Track| unit.world_from_unit.transform_point(&t.position.into()).xy();
        let places: Vec<_> = tracks.iter().map(place).collect();
        let pairs = matched(truth, &places, GATE_M);
        let region = unit.setup.config.tracking.region_m;
        let turn = unit.world_from_unit.rotation.euler_angles().2;
        let record = &mut self.units[index];
        let mut known = Vec::new();
        let mut worst: Option<(f64, ActorId)> = None;
        for (i, body) in truth.iter().enumerate() {
            let due = record.must_know(body.id, at, SEEN_S);
            let own = unit.world_from_unit.inverse_transform_point(&body.position.into());
            let mine = pairs.get(&i);
            if own.coords.xy().norm() <= region - 10.0 && record.sees(body.id, at) {
                record.sights.see(body.id, self.named.get(&body.id), at, due);
            }
            if mine.is_some() {
                record.sights.track(body.id, at);
            }
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
                let motion = motion_error(&tracks[j], body, turn);
                record.motion(motion);
                if let Some(name) = self.named.get(&body.id) {
                    let actor = self.actors.entry(name.clone()).or_default();
                    actor.errors.add(error);
                    actor.motion(motion);
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

/// How wrong a track is about speed (m/s) and, of those that move, about direction (degrees). `turn` leads from the unit's
/// frame to the scenario's.
fn motion_error(track: &Track, body: &Body, turn: f64) -> (f64, Option<f64>) {
    let speed = (track.velocity.norm() - body.velocity.norm()).abs();
    let moves = body.velocity.norm() > MOVES_MPS;
    let course = body.velocity.y.atan2(body.velocity.x);
    let off = (track.yaw + turn - course).rem_euclid(std::f64::consts::TAU);
    (speed, moves.then(|| off.min(std::f64::consts::TAU - off).to_degrees()))
}

/// A light as SPAT says it.
fn spoken(light: Light) -> AirLight {
    match light {
        Light::Unknown => AirLight::Unavailable,
        Light::Dark => AirLight::Dark,
        Light::Red => AirLight::Red,
        Light::FlashingRed => AirLight::FlashingRed,
        Light::PermissiveGreen => AirLight::PermissiveGreen,
        Light::ProtectedGreen => AirLight::ProtectedGreen,
        Light::FlashingGreen => AirLight::FlashingGreen,
        Light::Yellow => AirLight::Yellow,
        Light::FlashingYellow => AirLight::FlashingYellow,
    }
}

/// Vehicles go at this light.
fn goes(light: AirLight) -> bool {
    matches!(light, AirLight::ProtectedGreen | AirLight::PermissiveGreen | AirLight::FlashingGreen | AirLight::Yellow)
}
