//! The on-board unit of a simulated vehicle: it says its BSM, hears the units, and tells its driver of dangers ahead.

use std::collections::VecDeque;
use std::sync::Arc;

use calibration::Timestamp;
use calibration::geodesy::{EnuFrame, Heading, Wgs84, Yaw};
use nalgebra::{Point2, Vector3};
use rsu::config::RsiCodes;
use rsu::event::WarningKind;
use v2x_msgs::model::{Bsm, Message, Position, StationId, VehicleSize};
use v2x_msgs::units;

use crate::actor::driver::Danger;
use crate::actor::{ActorId, Body};
use crate::channel::Flight;

/// Dangers heard and kept.
const HEARD: usize = 4096;
/// A danger not repeated for this long is over, seconds.
const FORGET_S: f64 = 2.5;
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
    /// Dangers that the driver knows of.
    known: Vec<Known>,
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
            known: Vec::new(),
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
            let (Message::Rsi(rsi), Some(unit)) = (message, flight.unit) else { continue };
            for event in rsi.rtes {
                let (Some(kind), Some(place)) = (kind_of(event.event_type), event.event_pos) else { continue };
                let alt_m = place.elevation_m.unwrap_or(frame.origin().alt_m);
                let enu = frame.enu_from_wgs84(Wgs84 { lat_deg: place.lat_deg, lon_deg: place.lon_deg, alt_m });
                self.notice(Heard { at: flight.arrives, unit, kind, place: Point2::new(enu.x, enu.y) });
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
