//! RSM: the road users the unit sees, as they are at the moment of sending.

use calibration::Timestamp;
use calibration::geodesy::{Heading, Yaw};
use nalgebra::Matrix2;
use perception::{Class, Sensing, Track, TrackKey};
use v2x_msgs::model::{
    Message, MotionConfidence, Participant, ParticipantType, PositionConfidence, Rsm, Source, VehicleClass, VehicleSize,
};
use v2x_msgs::time::Moment;
use v2x_msgs::{Profile, split, units};

use super::numbers::Numbers;
use super::{Pace, Site};
use crate::outbox::Outbox;
use crate::world::World;

/// Slower than this a direction of travel is not measured but remembered, m/s.
const MOVES_MPS: f64 = 0.5;

/// Says who is on the road, right after a frame was fused, so that the picture is as young as can be.
#[derive(Debug)]
pub struct RsmService {
    site: Site,
    pace: Pace,
    msg_cnt: u8,
    numbers: Numbers,
}

impl RsmService {
    /// At most `rate_hz` times a second.
    #[must_use]
    pub fn new(site: &Site, rate_hz: f64) -> Self {
        Self {
            site: site.clone(),
            pace: Pace::new(rate_hz, Timestamp::default()),
            msg_cnt: 0,
            numbers: Numbers::default(),
        }
    }

    /// Speaks when a frame was `fused` and the rate allows it.
    pub fn step(&mut self, world: &World, fused: bool, out: &mut Outbox) {
        if !fused || !self.pace.follows(world.at) {
            return;
        }
        self.numbers.retire(world.at);
        let mut participants: Vec<Participant> =
            world.tracks.iter().map(|track| self.participant(track, world.at)).collect();
        if participants.is_empty() {
            // An SDSM (SAE J3224) has one object at least, and the unit is none that it sees: there an empty road is silence.
            if self.site.profile == Profile::J2735_2024 {
                return;
            }
            participants.push(self.itself(world.at));
        }
        let whole = Rsm {
            msg_cnt: self.msg_cnt,
            id: self.site.id,
            utc_time: Some(Moment::from_unix_ms(world.at.as_millis()).date_time()),
            ref_pos: Some(self.site.ref_pos()),
            participants,
        };
        for part in split::rsm(whole) {
            self.msg_cnt = units::next_count(part.msg_cnt);
            let items = part.participants.len();
            out.send(world, &Message::Rsm(part), world.tov, items);
        }
    }

    /// A track has a new key.
    pub fn rename(&mut self, was: &TrackKey, key: &TrackKey) {
        self.numbers.rename(was, key);
    }

    /// Forgets all tracks; for a clock that was set back.
    pub fn forget(&mut self) {
        self.numbers.forget();
        self.pace.restart(Timestamp::default());
    }

    fn participant(&mut self, track: &Track, now: Timestamp) -> Participant {
        let known = |metres: f64| (metres > 0.0).then_some(metres);
        let speed_mps = track.speed_mps();
        Participant {
            ptc_type: participant_type(track.class),
            ptc_id: self.numbers.of(&track.key, now),
            source: source(&track.sensing),
            sec_mark_ms: Some(units::wire_time(now.as_millis()).sec_mark_ms),
            pos_confidence: PositionConfidence {
                pos_m: Some(radius_95(&track.covariance.fixed_view::<2, 2>(0, 0).into_owned())),
                elevation_m: None,
            },
            speed_mps: Some(speed_mps),
            heading_deg: Some(Heading::from(Yaw::from_rad(track.yaw)).deg()),
            motion_cfd: Some(MotionConfidence {
                speed_mps: Some(1.96 * speed_sigma(track)),
                heading_deg: (speed_mps >= MOVES_MPS).then(|| (1.96 * track.yaw_sigma).to_degrees()),
                steer_deg: None,
            }),
            size: VehicleSize {
                width_m: known(track.size.width_m),
                length_m: known(track.size.length_m),
                height_m: known(track.size.height_m),
            },
            vehicle_class: vehicle_class(track.class),
            ..Participant::default()
        }
        .at(self.site.position(track.position))
    }

    /// Nobody is on the road, and the unit sees that: participant 0 is the unit itself (T/CSAE 53-2020, DF_ParticipantData).
    /// Silence would mean that it cannot see.
    fn itself(&self, now: Timestamp) -> Participant {
        Participant {
            ptc_type: ParticipantType::Rsu,
            ptc_id: Participant::SELF_ID,
            source: Source::Selfinfo,
            sec_mark_ms: Some(units::wire_time(now.as_millis()).sec_mark_ms),
            speed_mps: Some(0.0),
            ..Participant::default()
        }
        .at(self.site.ref_pos())
    }
}

fn participant_type(class: Class) -> ParticipantType {
    match class {
        Class::Unknown => ParticipantType::Unknown,
        Class::Car | Class::Truck | Class::Bus | Class::Motorcycle => ParticipantType::Motor,
        Class::Bicycle => ParticipantType::NonMotor,
        Class::Pedestrian => ParticipantType::Pedestrian,
    }
}

fn vehicle_class(class: Class) -> Option<VehicleClass> {
    let classification = match class {
        Class::Car => VehicleClass::PASSENGER,
        Class::Truck => VehicleClass::TRUCK,
        Class::Bus => VehicleClass::TRANSIT,
        Class::Motorcycle => VehicleClass::MOTORCYCLE,
        Class::Bicycle | Class::Pedestrian | Class::Unknown => return None,
    };
    Some(VehicleClass { classification, fuel_type: None })
}

fn source(sensing: &[Sensing]) -> Source {
    match sensing {
        [] => Source::Unknown,
        [Sensing::Camera] => Source::Video,
        [Sensing::Lidar] => Source::Lidar,
        [Sensing::Radar] => Source::MicrowaveRadar,
        [Sensing::V2x] => Source::V2x,
        _ => Source::Integrated,
    }
}

/// Radius that holds the place with 95 % (T/CSAE 53-2020, DE_PositionConfidence): 1.96 σ along the worst direction would be
/// one-dimensional; in the plane the factor is √5.991.
fn radius_95(covariance: &Matrix2<f64>) -> f64 {
    let half_trace = covariance.trace() / 2.0;
    let root = (half_trace * half_trace - covariance.determinant()).max(0.0).sqrt();
    (5.991 * (half_trace + root).max(0.0)).sqrt()
}

/// Standard deviation of the speed: that of the velocity along the direction of travel.
fn speed_sigma(track: &Track) -> f64 {
    let covariance = track.covariance.fixed_view::<2, 2>(2, 2);
    let along = track.velocity.try_normalize(1e-6).unwrap_or_else(|| [track.yaw.cos(), track.yaw.sin()].into());
    along.dot(&(covariance * along)).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_confidence_radius_is_that_of_the_worst_direction() {
        let r = radius_95(&Matrix2::new(4.0, 0.0, 0.0, 1.0));
        assert!((r - 2.0 * 5.991_f64.sqrt()).abs() < 1e-9);
        let turned = radius_95(&Matrix2::new(2.5, 1.5, 1.5, 2.5));
        assert!((turned - r).abs() < 1e-9);
    }

    #[test]
    fn what_several_kinds_of_sensor_see_is_integrated() {
        assert_eq!(source(&[Sensing::Lidar]), Source::Lidar);
        assert_eq!(source(&[Sensing::Camera, Sensing::Lidar]), Source::Integrated);
        assert_eq!(source(&[]), Source::Unknown);
    }
}
