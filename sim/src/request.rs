//! Vehicles and signals over the air: asking for a green (VIR of T/CSAE 157), and what SPAT is worth to a driver: the speed to
//! arrive on green, and a word when the light will be red.

use calibration::Timestamp;
use v2x_msgs::Profile;
use v2x_msgs::model::{
    DriveRequest, Light as AirLight, Message, NodeId, Phase, RequestInfo, RequestStatus, RequiredMovement,
    SignalPriority, StationId, Timing, Vir,
};
use v2x_msgs::units;

use crate::scenario::Priority;
use crate::signals::priority::Ask;
use crate::world::approach::Approach;

/// A vehicle asks so often, seconds.
pub const EVERY_S: f64 = 0.5;
/// It begins to ask so long before the stop line, seconds, and so far, metres.
const BEFORE: (f64, f64) = (20.0, 200.0);
/// Priority in the message from which the request is that of an emergency vehicle; a bus has less (0..7).
const EMERGENCY: u8 = 6;
/// See [`EMERGENCY`].
const BUS: u8 = 4;
/// A light is green for so long when one arrives, seconds.
const SPARE_S: f64 = 1.5;
/// Advised at least, m/s.
const SLOWEST_MPS: f64 = 3.0;
/// A driver is told of a red light so long before it, seconds.
const RED_S: f64 = 6.0;

/// The request of a vehicle, when it is near enough; for units that speak T/CSAE 157.
#[must_use]
pub fn write(
    id: StationId,
    msg_cnt: u8,
    kind: Priority,
    ahead: &Approach,
    node: rsu::site_map::NodeId,
    now: Timestamp,
) -> Option<Vec<u8>> {
    let arrives_s = ahead.distance_m / ahead.speed_mps.max(3.0);
    if arrives_s > BEFORE.0 || ahead.distance_m > BEFORE.1 {
        return None;
    }
    let node = NodeId { region: Some(node.region), id: node.id };
    let movement = RequiredMovement { remote_intersection: node, phase_id: Some(ahead.group), turn_direction: None };
    let priority = SignalPriority {
        intersection_id: node,
        required_movement: movement,
        estimated_arrival_time_s: Some(arrives_s),
        distance_to_intersection_m: Some(ahead.distance_m),
    };
    let request = DriveRequest {
        req_id: 1,
        status: RequestStatus::Request,
        priority: Some(if kind == Priority::Emergency { EMERGENCY + 1 } else { BUS }),
        info: Some(RequestInfo::SignalPriority(priority)),
        ..DriveRequest::default()
    };
    let vir = Vir {
        msg_cnt,
        id,
        sec_mark_ms: Some(units::wire_time(now.as_millis()).sec_mark_ms),
        requests: vec![request],
        ..Vir::default()
    };
    v2x_msgs::encode(&Message::Vir(vir), Profile::Csae157_2020).ok()
}

/// What a controller makes of a request that its unit heard at `heard`; none: it is none.
#[must_use]
pub fn read(bytes: &[u8], heard: Timestamp) -> Option<Ask> {
    let Ok(Message::Vir(vir)) = v2x_msgs::decode(bytes, Profile::Csae157_2020) else { return None };
    vir.requests.iter().find_map(|request| {
        let Some(RequestInfo::SignalPriority(wish)) = &request.info else { return None };
        let emergency = request.priority.is_some_and(|p| p >= EMERGENCY);
        Some(Ask {
            who: vir.id,
            group: wish.required_movement.phase_id?,
            kind: if emergency { Priority::Emergency } else { Priority::Bus },
            heard,
            arrives: heard.offset_secs(wish.estimated_arrival_time_s.unwrap_or(0.0)),
        })
    })
}

/// What SPAT said of one signal group.
#[derive(Clone, Debug, PartialEq)]
pub struct Phases {
    /// When it was said.
    pub at: Timestamp,
    light: AirLight,
    until: Option<Timestamp>,
    /// Greens to come, the one that is now included: from and until.
    greens: Vec<(Timestamp, Timestamp)>,
}

impl Phases {
    /// Reads a phase of a SPAT of the moment `at`.
    #[must_use]
    pub fn of(phase: &Phase, at: Timestamp) -> Self {
        let times = phase.phase_states.iter().map(|s| match &s.timing {
            Some(Timing::Counting(c)) => (s.light, c.start_time_s.unwrap_or(0.0), c.likely_end_time_s),
            _ => (s.light, 0.0, None),
        });
        let greens = times.clone().filter(|(light, ..)| is_green(*light));
        let greens = greens.filter_map(|(_, from, end)| Some((at.offset_secs(from), at.offset_secs(end?))));
        let first = times.clone().next();
        Self {
            at,
            light: first.map_or(AirLight::Unavailable, |(light, ..)| light),
            until: first.and_then(|(_, _, end)| end).map(|end| at.offset_secs(end)),
            greens: greens.collect(),
        }
    }

    /// It will be red when one arrives, and one is near.
    #[must_use]
    pub fn will_be_red(&self, ahead: &Approach, now: Timestamp) -> bool {
        let arrives_s = ahead.distance_m / ahead.speed_mps.max(1.0);
        if arrives_s > RED_S {
            return false;
        }
        let arrives = now.offset_secs(arrives_s);
        let changes = self.until.is_some_and(|until| until <= arrives);
        let green_then = self.greens.iter().any(|(from, until)| *from <= arrives && arrives < *until);
        match self.light {
            light if is_green(light) => changes && !green_then,
            AirLight::Red | AirLight::Yellow => !green_then,
            _ => false,
        }
    }

    /// The speed to arrive on green; none: as fast as one likes, or nobody knows.
    #[must_use]
    pub fn advise(&self, ahead: &Approach, now: Timestamp) -> Option<f64> {
        let soonest = now.offset_secs(ahead.distance_m / ahead.limit_mps.max(1.0));
        let (from, _) = *self.greens.iter().find(|(_, until)| until.seconds_since(soonest) > SPARE_S)?;
        let at = from.offset_secs(SPARE_S);
        let arrive_s = at.seconds_since(now);
        (at > soonest && arrive_s > 0.1).then(|| (ahead.distance_m / arrive_s).max(SLOWEST_MPS))
    }
}

fn is_green(light: AirLight) -> bool {
    matches!(light, AirLight::ProtectedGreen | AirLight::PermissiveGreen | AirLight::FlashingGreen)
}

#[cfg(test)]
mod tests {
    use v2x_msgs::model::{Counting, PhaseState};

    use super::*;

    fn ahead(distance_m: f64, speed_mps: f64) -> Approach {
        Approach { group: 3, distance_m, speed_mps, limit_mps: 14.0, distracted: false }
    }

    #[test]
    fn a_request_comes_through_the_air_as_it_was_meant() {
        let (id, now) = (StationId::from_name("v0000007").unwrap(), Timestamp::from_millis(1_772_510_400_000));
        let node = rsu::site_map::NodeId { region: 1, id: 100 };
        for kind in [Priority::Emergency, Priority::Bus] {
            let bytes = write(id, 5, kind, &ahead(120.0, 10.0), node, now).expect("it is near");
            let ask = read(&bytes, now).expect("a request");
            assert_eq!((ask.who, ask.group, ask.kind), (id, 3, kind));
            assert!((ask.arrives.seconds_since(now) - 12.0).abs() < 0.02, "{ask:?}");
        }
        assert!(write(id, 5, Priority::Bus, &ahead(250.0, 14.0), node, now).is_none(), "too far");
        assert!(read(b"no message", now).is_none());
    }

    /// Red for 20 s, green for 10 s, yellow, red.
    fn phases(now: Timestamp) -> Phases {
        let state = |light, from, end| PhaseState {
            light,
            timing: Some(Timing::Counting(Counting {
                start_time_s: Some(from),
                likely_end_time_s: Some(end),
                ..Counting::default()
            })),
        };
        let states = vec![
            state(AirLight::Red, 0.0, 20.0),
            state(AirLight::ProtectedGreen, 20.0, 30.0),
            state(AirLight::Yellow, 30.0, 33.0),
        ];
        Phases::of(&Phase { id: 3, phase_states: states }, now)
    }

    #[test]
    fn the_advised_speed_arrives_just_after_green_begins() {
        let now = Timestamp::from_millis(0);
        let advised = phases(now).advise(&ahead(200.0, 14.0), now).expect("advice");
        assert!((advised - 200.0 / 21.5).abs() < 1e-6, "{advised}");
        // At 14 m/s it takes 27.9 s: nothing to advise. And 400 m are too far for this green.
        assert_eq!(phases(now).advise(&ahead(390.0, 14.0), now), None);
        assert_eq!(phases(now).advise(&ahead(450.0, 14.0), now), None);
        assert_eq!(phases(now).advise(&ahead(20.0, 14.0), now), Some(SLOWEST_MPS));
    }

    #[test]
    fn a_driver_is_told_when_the_light_will_be_red() {
        let now = Timestamp::from_millis(0);
        let at = |s: f64, distance: f64| phases(now).will_be_red(&ahead(distance, 10.0), now.offset_secs(s));
        assert!(at(0.0, 50.0), "red now and then");
        assert!(!at(0.0, 100.0), "too far away to matter");
        assert!(!at(18.0, 40.0), "green by then");
    }
}
