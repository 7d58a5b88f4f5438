//! SPAT: what every signal group shows, for how long, and what comes next.

use std::collections::BTreeSet;

use calibration::Timestamp;
use v2x_msgs::model::flags::IntersectionStatus;
use v2x_msgs::model::{Counting, IntersectionState, Light as AirLight, Message, Phase, PhaseState, Spat, Timing};
use v2x_msgs::units;

use super::{Pace, Site};
use crate::outbox::Outbox;
use crate::world::{Light, SignalGroup, World};

/// Signal groups of one intersection in a message (T/CSAE 53-2020, DF_PhaseList: at most 16).
pub const PHASES: usize = 16;
/// Longest time a count holds, seconds (T/CSAE 53-2020, DE_TimeMark: 0..36000 tenths).
const LONGEST_S: f64 = 3600.0;

/// Says what the signals show, on the grid of its period.
#[derive(Debug)]
pub struct SpatService {
    site: Site,
    pace: Pace,
    msg_cnt: u8,
}

impl SpatService {
    /// `rate_hz` times a second.
    #[must_use]
    pub fn new(site: &Site, rate_hz: f64, now: Timestamp) -> Self {
        Self { site: site.clone(), pace: Pace::new(rate_hz, now), msg_cnt: 0 }
    }

    /// When it wants to speak next.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.pace.due()
    }

    /// Speaks when it is due and somebody knows the signals. More groups than one message holds go into several.
    pub fn step(&mut self, world: &World, out: &mut Outbox) {
        if !self.pace.timer(world.at) || world.signals.is_empty() {
            return;
        }
        for groups in world.signals.chunks(PHASES) {
            let spat = self.spat(world.at, groups);
            self.msg_cnt = units::next_count(self.msg_cnt);
            // The signals are known now: their age is none.
            out.send(world, &Message::Spat(spat), Some(world.at), groups.len());
        }
    }

    fn spat(&self, now: Timestamp, groups: &[SignalGroup]) -> Spat {
        let time = units::wire_time(now.as_millis());
        let intersection = IntersectionState {
            intersection_id: self.site.node.unwrap_or_default(),
            status: BTreeSet::from([status(groups)]),
            moy: Some(time.minute_of_year),
            time_stamp_ms: Some(time.sec_mark_ms),
            time_confidence_s: None,
            phases: groups.iter().map(|group| phase(group, now)).collect(),
        };
        Spat {
            msg_cnt: self.msg_cnt,
            moy: Some(time.minute_of_year),
            time_stamp_ms: Some(time.sec_mark_ms),
            name: self.site.name.clone(),
            intersections: vec![intersection],
        }
    }
}

/// A controller of which no group is known has failed.
fn status(groups: &[SignalGroup]) -> IntersectionStatus {
    let known = groups.iter().any(|group| group.light != Light::Unknown);
    if known { IntersectionStatus::FixedTimeOperation } else { IntersectionStatus::FailureMode }
}

/// The current light and the coming ones, in order, counted in seconds from the message's own time.
fn phase(group: &SignalGroup, now: Timestamp) -> Phase {
    let mut phase_states = Vec::with_capacity(1 + group.next.len());
    let mut at_s = group.until.map(|until| until.seconds_since(now).max(0.0));
    phase_states.push(state(group.light, Some(0.0), at_s));
    for (light, seconds) in &group.next {
        let end_s = at_s.map(|at| at + seconds);
        phase_states.push(state(*light, at_s, end_s));
        at_s = end_s;
    }
    Phase { id: group.id, phase_states }
}

fn state(light: Light, start_s: Option<f64>, end_s: Option<f64>) -> PhaseState {
    let holds = |s: f64| (s < LONGEST_S).then_some(s);
    let (start, end) = (start_s.and_then(holds), end_s.and_then(holds));
    let timing = end.map(|end| {
        Timing::Counting(Counting {
            start_time_s: start,
            // A plan ends when it says: the earliest, the latest and the likely end are one.
            min_end_time_s: Some(end),
            max_end_time_s: Some(end),
            likely_end_time_s: Some(end),
            ..Counting::default()
        })
    });
    PhaseState { light: air_light(light), timing }
}

fn air_light(light: Light) -> AirLight {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_counted_from_the_message() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let group = SignalGroup {
            id: 3,
            light: Light::Red,
            until: Some(now.offset_secs(12.3)),
            next: vec![(Light::ProtectedGreen, 20.0), (Light::Yellow, 3.0)],
        };
        let phase = phase(&group, now);
        let ends: Vec<_> = phase
            .phase_states
            .iter()
            .map(|s| match s.timing {
                Some(Timing::Counting(c)) => (c.start_time_s.unwrap(), c.likely_end_time_s.unwrap()),
                _ => panic!("no count"),
            })
            .collect();
        let expected = [(0.0, 12.3), (12.3, 32.3), (32.3, 35.3)];
        for (got, want) in ends.iter().zip(expected) {
            assert!((got.0 - want.0).abs() < 1e-6 && (got.1 - want.1).abs() < 1e-6, "{ends:?}");
        }
        assert_eq!(ends.len(), 3);
    }

    #[test]
    fn a_light_without_a_known_end_has_no_time() {
        let group = SignalGroup { id: 1, light: Light::FlashingYellow, until: None, next: Vec::new() };
        let phase = phase(&group, Timestamp::from_millis(5));
        assert_eq!(phase.phase_states, [PhaseState { light: AirLight::FlashingYellow, timing: None }]);
    }
}
