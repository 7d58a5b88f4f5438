//! A stranger on the air: it has an antenna and no certificate. It says what is not true, or says again what it heard.

use std::collections::{BTreeMap, VecDeque};

use calibration::Timestamp;
use calibration::geodesy::EnuFrame;
use nalgebra::{Vector2, Vector3};
use rsu::config::RsiCodes;
use v2x_msgs::Profile;
use v2x_msgs::model::{Bsm, Message, Participant, ParticipantType, Position, Rsi, Rsm, Rte, StationId, VehicleSize};
use v2x_msgs::units;

use crate::actor::Kind;
use crate::scenario::fault::{Fault, FaultKind, Lie};

/// Height of a stranger's antenna, metres.
const ANTENNA_M: f64 = 2.0;
/// Messages that a stranger keeps to say again.
const KEPT: usize = 4096;
/// Participants in one false RSM (T/CSAE 53-2020, DF_ParticipantList: at most 16).
const PARTICIPANTS: usize = 16;

/// Something that a stranger says.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// When.
    pub at: Timestamp,
    /// When it was first sent; a lie: now. A certificate's signature holds this moment, so it cannot be changed.
    pub first: Timestamp,
    /// Whose signature it carries, by the number among the units; a lie has none.
    pub signed: Option<usize>,
    /// Message set.
    pub profile: Profile,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// One stranger.
#[derive(Debug)]
pub struct Stranger {
    fault: Fault,
    start: Timestamp,
    next: Timestamp,
    msg_cnt: u8,
    heard: VecDeque<Said>,
}

impl Stranger {
    /// The strangers of a scenario that starts at `start`.
    pub fn all<'a>(faults: impl IntoIterator<Item = &'a Fault>, start: Timestamp) -> Vec<Self> {
        let hostile = faults.into_iter().filter(|f| f.kind.is_hostile()).cloned();
        hostile
            .map(|fault| {
                let next = fault.begins(start);
                Self { fault, start, next, msg_cnt: 0, heard: VecDeque::new() }
            })
            .collect()
    }

    /// Where its antenna is.
    #[must_use]
    pub fn antenna(&self) -> Vector3<f64> {
        let [x, y] = self.fault.from.unwrap_or_default();
        Vector3::new(x, y, ANTENNA_M)
    }

    /// Hears a message that somebody sent at `at`.
    pub fn hear(&mut self, at: Timestamp, signed: Option<usize>, profile: Profile, bytes: &[u8]) {
        if self.fault.kind != FaultKind::Replayed || !self.fault.is_on(self.start, at) {
            return;
        }
        let later_s = self.fault.delay_ms.map_or(1.0, |[low, _]| low * 1e-3);
        if self.heard.len() < KEPT {
            let said = Said { at: at.offset_secs(later_s), first: at, signed, profile, bytes: bytes.to_vec() };
            self.heard.push_back(said);
        }
    }

    /// What it says before `to`, in all message sets that are spoken here.
    pub fn speak(&mut self, to: Timestamp, frame: &EnuFrame, profiles: &[Profile]) -> Vec<Said> {
        let mut said = Vec::new();
        while self.heard.front().is_some_and(|s| s.at < to) {
            said.extend(self.heard.pop_front());
        }
        let Some(lie) = self.fault.message.filter(|_| self.fault.kind == FaultKind::Spoofed) else { return said };
        while self.next < to && self.next < self.fault.ends(self.start) {
            let at = self.next;
            self.next = at.offset_secs(1.0 / self.fault.rate_hz.unwrap_or(10.0));
            for message in self.lies(lie, at, frame) {
                let mut sets: BTreeMap<Profile, Vec<u8>> = BTreeMap::new();
                for &profile in profiles {
                    if let (false, Ok(bytes)) = (sets.contains_key(&profile), v2x_msgs::encode(&message, profile)) {
                        sets.insert(profile, bytes);
                    }
                }
                let spoken = sets.into_iter();
                said.extend(spoken.map(|(profile, bytes)| Said { at, first: at, signed: None, profile, bytes }));
            }
        }
        said
    }

    fn lies(&mut self, lie: Lie, at: Timestamp, frame: &EnuFrame) -> Vec<Message> {
        self.msg_cnt = units::next_count(self.msg_cnt);
        let gone_s = at.seconds_since(self.fault.begins(self.start));
        let bearing = self.fault.heading_deg.to_radians();
        let moved = Vector2::new(bearing.sin(), bearing.cos()) * self.fault.speed_mps * gone_s;
        let places: Vec<Position> = (self.fault.at.iter())
            .map(|[x, y]| {
                let p = frame.wgs84_from_enu(Vector3::new(x + moved.x, y + moved.y, 0.0));
                Position { lat_deg: p.lat_deg, lon_deg: p.lon_deg, elevation_m: Some(p.alt_m) }
            })
            .collect();
        match lie {
            Lie::Bsm => places.into_iter().enumerate().map(|(i, place)| self.bsm(i, at, place)).collect(),
            Lie::Rsm => places.chunks(PARTICIPANTS).map(|part| self.rsm(at, part)).collect(),
            Lie::Rsi => places.chunks(8).map(|part| self.rsi(at, part)).collect(),
        }
    }

    fn bsm(&self, i: usize, at: Timestamp, place: Position) -> Message {
        let size = self.fault.object.unwrap_or(Kind::Car).size();
        let bsm = Bsm {
            msg_cnt: self.msg_cnt,
            id: StationId::from_name(&format!("ghost{i:03}")).unwrap_or_default(),
            sec_mark_ms: Some(units::wire_time(at.as_millis()).sec_mark_ms),
            speed_mps: Some(self.fault.speed_mps),
            heading_deg: Some(self.fault.heading_deg),
            size: VehicleSize {
                length_m: Some(size.length_m),
                width_m: Some(size.width_m),
                height_m: Some(size.height_m),
            },
            ..Bsm::default()
        };
        Message::Bsm(bsm.at(place))
    }

    fn rsm(&self, at: Timestamp, places: &[Position]) -> Message {
        let kind = match self.fault.object.unwrap_or(Kind::Car).class() {
            perception::Class::Pedestrian => ParticipantType::Pedestrian,
            perception::Class::Bicycle => ParticipantType::NonMotor,
            _ => ParticipantType::Motor,
        };
        let participants = places.iter().zip(1..).map(|(place, id)| Participant {
            ptc_type: kind,
            ptc_id: id,
            sec_mark_ms: Some(units::wire_time(at.as_millis()).sec_mark_ms),
            lat_deg: Some(place.lat_deg),
            lon_deg: Some(place.lon_deg),
            elevation_m: place.elevation_m,
            speed_mps: Some(self.fault.speed_mps),
            heading_deg: Some(self.fault.heading_deg),
            ..Participant::default()
        });
        let id = StationId::from_name("stranger").unwrap_or_default();
        Message::Rsm(Rsm {
            msg_cnt: self.msg_cnt,
            id,
            ref_pos: places.first().copied(),
            participants: participants.collect(),
            ..Rsm::default()
        })
    }

    fn rsi(&self, at: Timestamp, places: &[Position]) -> Message {
        let event_type = RsiCodes::default().pedestrian_on_road;
        let rtes = places.iter().zip(1..).map(|(place, id)| Rte {
            rte_id: id,
            event_type,
            event_pos: Some(*place),
            ..Rte::default()
        });
        Message::Rsi(Rsi {
            msg_cnt: self.msg_cnt,
            moy: Some(units::wire_time(at.as_millis()).minute_of_year),
            id: StationId::from_name("stranger").unwrap_or_default(),
            ref_pos: places.first().copied(),
            rtes: rtes.collect(),
            ..Rsi::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use calibration::geodesy::Wgs84;

    use super::*;

    fn stranger(text: &str) -> Stranger {
        let fault: Fault = toml::from_str(text).unwrap();
        fault.check().unwrap();
        Stranger::all([&fault], Timestamp::from_millis(0)).remove(0)
    }

    #[test]
    fn every_lie_is_a_good_message_in_every_set() {
        let frame = EnuFrame::new(Wgs84 { lat_deg: 31.28, lon_deg: 121.5, alt_m: 4.0 });
        for message in ["bsm", "rsm", "rsi"] {
            let mut stranger = stranger(&format!(
                "at_s = 1\nfor_s = 1\nkind = \"spoofed\"\nmessage = \"{message}\"\nfrom = [5, 5]\nat = [[1, 2], [3, 4]]\nspeed_mps = 5"
            ));
            let said = stranger.speak(Timestamp::from_millis(5000), &frame, &[Profile::default()]);
            assert_eq!(said.len(), if message == "bsm" { 20 } else { 10 });
            for s in &said {
                assert!((1000..2000).contains(&s.at.as_millis()) && s.signed.is_none());
                v2x_msgs::decode(&s.bytes, s.profile).unwrap();
            }
        }
    }

    #[test]
    fn what_was_heard_is_said_again_with_its_old_moment() {
        let frame = EnuFrame::new(Wgs84 { lat_deg: 31.28, lon_deg: 121.5, alt_m: 4.0 });
        let mut stranger = stranger("at_s = 1\nfor_s = 1\nkind = \"replayed\"\nfrom = [5, 5]\ndelay_ms = [3000, 3000]");
        for ms in [500, 1500, 2500] {
            stranger.hear(Timestamp::from_millis(ms), Some(0), Profile::default(), &[1, 2]);
        }
        assert!(stranger.speak(Timestamp::from_millis(4500), &frame, &[]).is_empty());
        let said = stranger.speak(Timestamp::from_millis(4501), &frame, &[]);
        assert_eq!(said.len(), 1);
        assert_eq!((said[0].at.as_millis(), said[0].first.as_millis(), said[0].signed), (4500, 1500, Some(0)));
    }
}
