//! SPAT between model and wire. The wire knows marks in the UTC hour only: times that the model counts from the message are
//! turned into marks with the message's own time.

use super::frame::to_count;
use super::map::{from_id, to_id};
use super::time::{NO_MARK, from_mark, from_minute, from_second, to_mark, to_minute, to_second_or_none};
use crate::csae::named::{from_bits, to_bits};
use crate::csae::quantity::finite;
use crate::csae::{each, part};
use crate::error::EncodeError;
use crate::model::{Counting, IntersectionState, Light, Phase, PhaseState, Spat, Timing, UtcTiming};
use crate::wire::j2735 as wire;

/// DE_TimeIntervalConfidence: what each of its 16 values says.
const CONFIDENCE: [f64; 16] =
    [0.21, 0.36, 0.47, 0.56, 0.62, 0.68, 0.73, 0.77, 0.81, 0.85, 0.88, 0.91, 0.94, 0.96, 0.98, 1.0];
/// Slack for numbers that were rounded, as 0.21 was.
const ROUNDING: f64 = 1e-9;

pub(super) fn to_wire(spat: &Spat) -> Result<wire::Spat, EncodeError> {
    let turn = |state: &IntersectionState| to_intersection(state, spat);
    Ok(wire::Spat {
        time_stamp: to_minute("moy", spat.moy)?,
        name: spat.name.clone().map(wire::DescriptiveName),
        intersections: wire::IntersectionStateList(each("intersections", &spat.intersections, turn)?),
        regional: None,
    })
}

/// The wire counts per crossing: the first one's count is the message's.
pub(super) fn from_wire(spat: &wire::Spat) -> Spat {
    let first = spat.intersections.0.first();
    Spat {
        msg_cnt: first.map_or(0, |state| state.revision.0),
        moy: from_minute(spat.time_stamp.as_ref()),
        time_stamp_ms: None,
        name: spat.name.as_ref().map(|name| name.0.clone()),
        intersections: spat.intersections.0.iter().map(from_intersection).collect(),
    }
}

fn to_intersection(state: &IntersectionState, spat: &Spat) -> Result<wire::IntersectionState, EncodeError> {
    let (moy, time_stamp_ms) = (state.moy.or(spat.moy), state.time_stamp_ms.or(spat.time_stamp_ms));
    // The message's time in the hour, seconds.
    let at_s = moy.zip(time_stamp_ms).map(|(moy, ms)| f64::from(moy % 60) * 60.0 + f64::from(ms) / 1000.0);
    Ok(wire::IntersectionState {
        name: None,
        id: to_id(&state.intersection_id),
        revision: to_count(spat.msg_cnt)?,
        status: wire::IntersectionStatusObject(to_bits(&state.status)),
        moy: to_minute("moy", state.moy)?,
        time_stamp: to_second_or_none("time_stamp_ms", time_stamp_ms)?,
        enabled_lanes: None,
        states: wire::MovementList(each("phases", &state.phases, |phase| to_phase(phase, at_s))?),
        maneuver_assist_list: None,
        regional: None,
        road_authority_id: None,
    })
}

fn from_intersection(state: &wire::IntersectionState) -> IntersectionState {
    IntersectionState {
        intersection_id: from_id(&state.id),
        status: from_bits(&state.status.0),
        moy: from_minute(state.moy.as_ref()),
        time_stamp_ms: state.time_stamp.as_ref().and_then(from_second),
        time_confidence_s: None,
        phases: state.states.0.iter().map(from_phase).collect(),
    }
}

fn to_phase(phase: &Phase, at_s: Option<f64>) -> Result<wire::MovementState, EncodeError> {
    let events = each("phase_states", &phase.phase_states, |state| to_event(state, at_s))?;
    Ok(wire::MovementState {
        movement_name: None,
        signal_group: wire::SignalGroupId(phase.id),
        state_time_speed: wire::MovementEventList(events),
        maneuver_assist_list: None,
        regional: None,
    })
}

fn from_phase(phase: &wire::MovementState) -> Phase {
    Phase { id: phase.signal_group.0, phase_states: phase.state_time_speed.0.iter().map(from_event).collect() }
}

fn to_event(state: &PhaseState, at_s: Option<f64>) -> Result<wire::MovementEvent, EncodeError> {
    Ok(wire::MovementEvent {
        event_state: to_light(state.light),
        timing: part("timing", state.timing.as_ref(), |timing| to_timing(timing, at_s))?,
        speeds: None,
        regional: None,
    })
}

fn from_event(event: &wire::MovementEvent) -> PhaseState {
    PhaseState { light: from_light(&event.event_state), timing: event.timing.as_ref().map(from_timing) }
}

/// A flashing green is a green that ends soon. No value here says so; "permissive" promises least.
fn to_light(light: Light) -> wire::MovementPhaseState {
    use wire::MovementPhaseState as State;
    match light {
        Light::Unavailable => State::Unavailable,
        Light::Dark => State::Dark,
        Light::FlashingRed => State::StopThenProceed,
        Light::Red => State::StopAndRemain,
        Light::RedYellow => State::PreMovement,
        Light::PermissiveGreen | Light::FlashingGreen => State::PermissiveMovementAllowed,
        Light::ProtectedGreen => State::ProtectedMovementAllowed,
        Light::PermissiveYellow => State::PermissiveClearance,
        Light::Yellow => State::ProtectedClearance,
        Light::FlashingYellow => State::CautionConflictingTraffic,
    }
}

fn from_light(state: &wire::MovementPhaseState) -> Light {
    use wire::MovementPhaseState as State;
    match state {
        State::Unavailable => Light::Unavailable,
        State::Dark => Light::Dark,
        State::StopThenProceed => Light::FlashingRed,
        State::StopAndRemain => Light::Red,
        State::PreMovement => Light::RedYellow,
        State::PermissiveMovementAllowed => Light::PermissiveGreen,
        State::ProtectedMovementAllowed => Light::ProtectedGreen,
        State::PermissiveClearance => Light::PermissiveYellow,
        State::ProtectedClearance => Light::Yellow,
        State::CautionConflictingTraffic => Light::FlashingYellow,
    }
}

fn to_timing(timing: &Timing, at_s: Option<f64>) -> Result<wire::TimeChangeDetails, EncodeError> {
    let marks = match timing {
        Timing::UtcTiming(marks) => *marks,
        Timing::Counting(count) => {
            let at_s =
                at_s.ok_or_else(|| EncodeError::missing("counting", "the message's minute and second, to count from"))?;
            counted(count, at_s)?
        }
    };
    Ok(wire::TimeChangeDetails {
        start_time: to_mark("start_utc_time_s", marks.start_utc_time_s)?,
        min_end_time: to_mark("min_end_utc_time_s", marks.min_end_utc_time_s)?.unwrap_or(wire::TimeMark(NO_MARK)),
        max_end_time: to_mark("max_end_utc_time_s", marks.max_end_utc_time_s)?,
        likely_time: to_mark("likely_end_utc_time_s", marks.likely_end_utc_time_s)?,
        confidence: marks.time_confidence.map(to_confidence).transpose()?.flatten(),
        next_time: to_mark("next_start_utc_time_s", marks.next_start_utc_time_s)?,
    })
}

fn from_timing(timing: &wire::TimeChangeDetails) -> Timing {
    let mark = |mark: Option<&wire::TimeMark>| mark.and_then(from_mark);
    Timing::UtcTiming(UtcTiming {
        start_utc_time_s: mark(timing.start_time.as_ref()),
        min_end_utc_time_s: from_mark(&timing.min_end_time),
        max_end_utc_time_s: mark(timing.max_end_time.as_ref()),
        likely_end_utc_time_s: mark(timing.likely_time.as_ref()),
        time_confidence: timing.confidence.as_ref().and_then(|c| CONFIDENCE.get(usize::from(c.0)).copied()),
        next_start_utc_time_s: mark(timing.next_time.as_ref()),
        next_end_utc_time_s: None,
    })
}

/// Times counted from the message as marks in the hour. An hour or more away: 3600, "in a later hour".
fn counted(count: &Counting, at_s: f64) -> Result<UtcTiming, EncodeError> {
    let mark = |field: &'static str, seconds: Option<f64>| -> Result<Option<f64>, EncodeError> {
        let Some(seconds) = seconds else { return Ok(None) };
        let seconds = finite(field, seconds)?;
        if seconds < 0.0 {
            return Err(EncodeError::out_of_range(field, seconds, "0 and more"));
        }
        let tenths = ((at_s + seconds) * 10.0).round().rem_euclid(36_000.0);
        Ok(Some(if seconds >= 3600.0 { 3600.0 } else { tenths / 10.0 }))
    };
    Ok(UtcTiming {
        start_utc_time_s: mark("start_time_s", count.start_time_s)?,
        min_end_utc_time_s: mark("min_end_time_s", count.min_end_time_s)?,
        max_end_utc_time_s: mark("max_end_time_s", count.max_end_time_s)?,
        likely_end_utc_time_s: mark("likely_end_time_s", count.likely_end_time_s)?,
        time_confidence: count.time_confidence,
        next_start_utc_time_s: mark("next_start_time_s", count.next_start_time_s)?,
        next_end_utc_time_s: None,
    })
}

/// The surest value that is no surer than what is known; below 21 % the wire has none.
fn to_confidence(confidence: f64) -> Result<Option<wire::TimeIntervalConfidence>, EncodeError> {
    let confidence = finite("time_confidence", confidence)?;
    if !(0.0..=1.0).contains(&confidence) {
        return Err(EncodeError::out_of_range("time_confidence", confidence, "0 to 1"));
    }
    let index = CONFIDENCE.iter().rposition(|step| *step <= confidence + ROUNDING);
    Ok(index.map(|index| wire::TimeIntervalConfidence(index as u8)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_becomes_a_mark_in_the_hour_across_its_turn() {
        let count = Counting { min_end_time_s: Some(12.5), max_end_time_s: Some(3_600.0), ..Counting::default() };
        let marks = counted(&count, 3_590.0).unwrap();
        assert_eq!((marks.min_end_utc_time_s, marks.max_end_utc_time_s), (Some(2.5), Some(3600.0)));
        assert!(to_timing(&Timing::Counting(count), None).is_err(), "nothing to count from");
    }

    #[test]
    fn a_unit_is_never_surer_of_a_time_than_it_is() {
        let sent = |c| to_confidence(c).unwrap().map(|c| c.0);
        assert_eq!((sent(0.2), sent(0.21), sent(0.99), sent(1.0)), (None, Some(0), Some(14), Some(15)));
        assert!(to_confidence(1.1).is_err() && to_confidence(f64::NAN).is_err());
    }

    #[test]
    fn every_light_of_the_wire_comes_back() {
        for index in 0..10 {
            let state = <wire::MovementPhaseState as asn1rs::syn::enumerated::Constraint>::from_choice_index(index);
            let state = state.unwrap();
            assert_eq!(to_light(from_light(&state)), state);
        }
    }
}
