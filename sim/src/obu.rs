//! The on-board unit of a simulated vehicle: it says its BSM, hears the units, and tells its driver of dangers ahead.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use calibration::Timestamp;
use calibration::geodesy::{EnuFrame, Heading, Wgs84, Yaw};
use nalgebra::{Point2, Vector2, Vector3};
use rsu::config::RsiCodes;
use rsu::event::WarningKind;
use rsu::site_map::SiteMap;
use v2x_msgs::model::{Bsm, Message, Participant, Position, StationId, VehicleSize};
use v2x_msgs::units;

use crate::actor::driver::Danger;
use crate::actor::{ActorId, Body};
use crate::channel::Flight;
use crate::request::{self, Phases};
use crate::scenario::Priority;
use crate::world::approach::{Aid, Approach};

/// Dangers heard and kept.
const HEARD: usize = 4096;
/// A danger not repeated for this long is over, seconds.
const FORGET_S: f64 = 2.5;
/// A message is taken for so long after it was signed, seconds: longer than any queue, shorter than a lie is worth.
const FRESH_S: f64 = 1.0;
/// Antenna above the road, metres.
pub const ANTENNA_M: f64 = 1.6;

/// One danger heard, once for each message.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// When the vehicle heard it.
    pub at: Timestamp,
    /// Which unit said it.
    pub unit: usize,
    /// What.
    pub kind: WarningKind,
    /// Where, in the scenario's frame.
    pub place: Point2<f64>,
}

/// An on-board unit.
#[derive(Debug)]
pub struct Obu {
    /// The vehicle.
    pub actor: ActorId,
    /// Its name in the scenario.
    pub name: Arc<str>,
    id: StationId,
    msg_cnt: u8,
    reaction_s: f64,
    next_bsm: Timestamp,
    /// Messages on their way to it.
    pub queue: VecDeque<Flight>,
    /// Dangers heard.
    pub heard: Vec<Heard>,
    /// Messages heard and understood.
    pub understood: u64,
    /// Messages heard and not understood.
    pub garbled: u64,
    /// Messages refused: nobody vouches for them, or they are said again later.
    pub refused: u64,
    /// Road users it was told of, by unit and number there.
    pub told: BTreeMap<(usize, u16), Told>,
    /// Dangers that the driver knows of.
    known: Vec<Known>,
    /// Signal groups that it was told of.
    pub signals: BTreeMap<u8, Phases>,
    /// Speed limits of the links in the MAPs it heard, m/s.
    limits: BTreeMap<String, f64>,
    limit_mps: Option<f64>,
    asks: Option<Priority>,
    advice: bool,
    next_request: Timestamp,
    /// Since when it has seen that the light ahead will be red.
    red_since: Option<Timestamp>,
}

/// A road user that a vehicle was told of.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Told {
    /// Where, in the scenario's frame.
    pub place: Point2<f64>,
    /// Velocity (east, north), m/s.
    pub velocity: Vector2<f64>,
    /// The moment for which it holds.
    pub at: Timestamp,
}

/// A danger that the driver knows of.
#[derive(Clone, Debug)]
struct Known {
    kind: WarningKind,
    place: Point2<f64>,
    first: Timestamp,
    last: Timestamp,
}

impl Obu {
    /// The on-board unit of a vehicle.
    #[must_use]
    pub fn new(actor: ActorId, name: Arc<str>, reaction_s: f64, now: Timestamp) -> Self {
        // Temporary ids are eight octets; a vehicle's number among the actors makes a fine one.
        let id = StationId::from_name(&format!("v{actor:07}")).unwrap_or_default();
        Self {
            actor,
            name,
            id,
            msg_cnt: 0,
            reaction_s,
            next_bsm: now,
            queue: VecDeque::new(),
            heard: Vec::new(),
            understood: 0,
            garbled: 0,
            refused: 0,
            told: BTreeMap::new(),
            known: Vec::new(),
            signals: BTreeMap::new(),
            limits: BTreeMap::new(),
            limit_mps: None,
            asks: None,
            advice: false,
            next_request: now,
            red_since: None,
        }
    }

    /// The same for a vehicle that asks signals for priority, or whose driver is advised a speed.
    #[must_use]
    pub fn asking(self, asks: Option<Priority>, advice: bool) -> Self {
        Self { asks, advice, ..self }
    }

    /// What the driver is told about the signal ahead and the speed limit of the link.
    pub fn aid(&mut self, ahead: Option<&Approach>, link: Option<&str>, now: Timestamp) -> Aid {
        if let Some(limit) = link.and_then(|link| self.limits.get(link)) {
            self.limit_mps = Some(*limit);
        }
        let phases = ahead.and_then(|ahead| Some((ahead, self.signals.get(&ahead.group)?)));
        let phases = phases.filter(|(_, p)| now.seconds_since(p.at) <= FORGET_S);
        let red = phases.is_some_and(|(ahead, p)| p.will_be_red(ahead, now));
        self.red_since = self.red_since.filter(|_| red).or(red.then_some(now));
        let noticed = self.red_since.is_some_and(|since| now.seconds_since(since) >= self.reaction_s);
        let green = phases.and_then(|(ahead, p)| p.advise(ahead, now));
        let advised = green.into_iter().chain(self.limit_mps).min_by(f64::total_cmp);
        Aid { red: noticed, advised_mps: advised.filter(|_| self.advice) }
    }

    /// The request for priority that is due, for the crossing of `map`.
    #[must_use]
    pub fn request(&self, ahead: &Approach, map: Option<&SiteMap>, now: Timestamp) -> Option<Vec<u8>> {
        let kind = self.asks.filter(|_| now >= self.next_request)?;
        request::write(self.id, self.msg_cnt, kind, ahead, map?.node, now)
    }

    /// Requests that were due have been said.
    pub fn requested(&mut self, now: Timestamp) {
        if now >= self.next_request {
            self.next_request = now.offset_secs(request::EVERY_S);
        }
    }

    /// The BSM that is due before `to`, if any, with its moment.
    pub fn speak(&mut self, body: &Body, frame: &EnuFrame, to: Timestamp) -> Option<(Timestamp, Message)> {
        if self.next_bsm >= to {
            return None;
        }
        let at = self.next_bsm;
        self.next_bsm = at.offset_secs(0.1);
        let now = body.after(at.seconds_since(to));
        let place = frame.wgs84_from_enu(now.position);
        let bsm = Bsm {
            msg_cnt: self.msg_cnt,
            id: self.id,
            sec_mark_ms: Some(units::wire_time(at.as_millis()).sec_mark_ms),
            speed_mps: Some(now.velocity.norm()),
            heading_deg: Some(Heading::from(Yaw::from_rad(now.yaw)).deg()),
            size: VehicleSize {
                length_m: Some(now.size.length_m),
                width_m: Some(now.size.width_m),
                height_m: Some(now.size.height_m),
            },
            ..Bsm::default()
        };
        self.msg_cnt = units::next_count(self.msg_cnt);
        let here = Position { lat_deg: place.lat_deg, lon_deg: place.lon_deg, elevation_m: Some(place.alt_m) };
        Some((at, Message::Bsm(bsm.at(here))))
    }

    /// Hears what arrives before `to`.
    pub fn listen(&mut self, frame: &EnuFrame, to: Timestamp) {
        while self.queue.front().is_some_and(|f| f.arrives < to) {
            let Some(flight) = self.queue.pop_front() else { return };
            let Ok(message) = v2x_msgs::decode(&flight.bytes, flight.profile) else {
                self.garbled += 1;
                continue;
            };
            self.understood += 1;
            // A certificate signs message and moment (GB/T 37374, IEEE 1609.2): a stranger has none, and what is said
            // again carries its old moment.
            let fresh = flight.arrives.seconds_since(flight.signed) <= FRESH_S;
            let Some(unit) = flight.unit.filter(|_| fresh) else {
                self.refused += 1;
                continue;
            };
            let rsi = match message {
                Message::Rsi(rsi) => rsi,
                Message::Rsm(rsm) => {
                    self.learn(unit, &rsm.participants, frame, flight.arrives);
                    continue;
                }
                Message::Map(map) => {
                    for link in map.nodes.iter().flat_map(|node| &node.in_links) {
                        let limit = link.speed_limits.iter().find_map(|limit| limit.speed_mps);
                        if let (Some(name), Some(limit)) = (&link.name, limit) {
                            self.limits.insert(name.clone(), limit);
                        }
                    }
                    continue;
                }
                Message::Spat(spat) => {
                    for phase in spat.intersections.iter().flat_map(|i| &i.phases) {
                        self.signals.insert(phase.id, Phases::of(phase, flight.signed));
                    }
                    continue;
                }
                _ => continue,
            };
            for event in rsi.rtes {
                let (Some(kind), Some(place)) = (kind_of(event.event_type), event.event_pos) else { continue };
                let alt_m = place.elevation_m.unwrap_or(frame.origin().alt_m);
                let enu = frame.enu_from_wgs84(Wgs84 { lat_deg: place.lat_deg, lon_deg: place.lon_deg, alt_m });
                self.notice(Heard { at: flight.arrives, unit, kind, place: Point2::new(enu.x, enu.y) });
            }
        }
    }

    fn learn(&mut self, unit: usize, participants: &[Participant], frame: &EnuFrame, arrives: Timestamp) {
        self.told.retain(|_, told| arrives.seconds_since(told.at) <= FORGET_S);
        for p in participants.iter().filter(|p| p.ptc_id != Participant::SELF_ID) {
            let moment = p.sec_mark_ms.and_then(|mark| units::unix_ms_near(mark, arrives.as_millis()));
            let (Some(place), Some(at_ms)) = (p.position(), moment) else { continue };
            let alt_m = place.elevation_m.unwrap_or(frame.origin().alt_m);
            let enu = frame.enu_from_wgs84(Wgs84 { lat_deg: place.lat_deg, lon_deg: place.lon_deg, alt_m });
            let bearing = p.heading_deg.unwrap_or(0.0).to_radians();
            let velocity = Vector2::new(bearing.sin(), bearing.cos()) * p.speed_mps.unwrap_or(0.0);
            let told = Told { place: Point2::new(enu.x, enu.y), velocity, at: Timestamp::from_millis(at_ms) };
            let key = (unit, p.ptc_id);
            // What comes late does not replace what is newer.
            let newer = self.told.get(&key).is_none_or(|known| known.at < told.at);
            if newer && (self.told.len() < HEARD || self.told.contains_key(&key)) {
                self.told.insert(key, told);
            }
        }
    }

    fn notice(&mut self, heard: Heard) {
        let room = self.known.len() < 64;
        let same = |k: &&mut Known| k.kind == heard.kind && (k.place - heard.place).norm() < 12.0;
        match self.known.iter_mut().find(same) {
            Some(known) => (known.place, known.last) = (heard.place, heard.at),
            None if room => {
                self.known.push(Known { kind: heard.kind, place: heard.place, first: heard.at, last: heard.at });
            }
            None => {}
        }
        if self.heard.len() < HEARD {
            self.heard.push(heard);
        }
    }

    /// Dangers that the driver has had time to understand.
    pub fn dangers(&mut self, now: Timestamp) -> Vec<Danger> {
        self.known.retain(|known| now.seconds_since(known.last) <= FORGET_S);
        let told = self.known.iter().filter(|known| now.seconds_since(known.first) >= self.reaction_s);
        // People walk, so they matter before they are in one's lane; vehicles that stand do not come nearer.
        let reach_m = |kind| match kind {
            WarningKind::PedestrianOnRoad => 12.0,
            WarningKind::StoppedVehicle => 2.0,
            WarningKind::WrongWay => 4.0,
        };
        told.map(|known| Danger { place: known.place, reach_m: reach_m(known.kind) }).collect()
    }
}

/// Antenna of a vehicle.
#[must_use]
pub fn antenna(body: &Body) -> Vector3<f64> {
    body.position + Vector3::new(0.0, 0.0, ANTENNA_M)
}

/// The kind of danger behind a code on the wire, as vehicles know it.
fn kind_of(event_type: u16) -> Option<WarningKind> {
    let known = RsiCodes::default();
    let kinds = [
        (known.pedestrian_on_road, WarningKind::PedestrianOnRoad),
        (known.stopped_vehicle, WarningKind::StoppedVehicle),
        (known.wrong_way, WarningKind::WrongWay),
    ];
    kinds.into_iter().find(|(code, _)| *code == event_type).map(|(_, kind)| kind)
}
