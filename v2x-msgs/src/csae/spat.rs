//! SPAT between model and wire.

use super::frame::to_count;
use super::map::{from_node_id, to_node_id};
use super::time::{from_mark, from_minute, from_second, to_mark, to_mark_or_none, to_minute, to_second_or_none};
use super::wire;
use crate::csae::confidence::{TIME_S, from_step, to_step};
use crate::csae::named::{from_bits, from_enumerated, to_bits, to_enumerated};
use crate::csae::quantity::CONFIDENCE;
use crate::csae::{each, part};
use crate::error::EncodeError;
use crate::model::{Counting, IntersectionState, Light, Phase, PhaseState, Spat, Timing, UtcTiming};

pub(super) fn to_wire(spat: &Spat) -> Result<wire::Spat, EncodeError> {
    Ok(wire::Spat {
        msg_cnt: to_count(spat.msg_cnt)?,
        moy: to_minute("moy", spat.moy)?,
        time_stamp: to_second_or_none("time_stamp_ms", spat.time_stamp_ms)?,
        name: spat.name.clone().map(wire::DescriptiveName),
        intersections: wire::IntersectionStateList(each("intersections", &spat.intersections, to_intersection)?),
    })
}

pub(super) fn from_wire(spat: &wire::Spat) -> Spat {
    Spat {
        msg_cnt: spat.msg_cnt.0,
        moy: from_minute(spat.moy.as_ref()),
        time_stamp_ms: spat.time_stamp.as_ref().and_then(from_second),
        name: spat.name.as_ref().map(|name| name.0.clone()),
        intersections: spat.intersections.0.iter().map(from_intersection).collect(),
    }
}

fn to_intersection(state: &IntersectionState) -> Result<wire::IntersectionState, EncodeError> {
    Ok(wire::IntersectionState {
        intersection_id: to_node_id(&state.intersection_id),
        status: wire::IntersectionStatusObject(to_bits(&state.status)),
        moy: to_minute("moy", state.moy)?,
        time_stamp: to_second_or_none("time_stamp_ms", state.time_stamp_ms)?,
        time_confidence: to_step("time_confidence_s", &TIME_S, state.time_confidence_s)?,
        phases: wire::PhaseList(each("phases", &state.phases, to_phase)?),
    })
}

fn from_intersection(state: &wire::IntersectionState) -> IntersectionState {
    IntersectionState {
        intersection_id: from_node_id(&state.intersection_id),
        status: from_bits(&state.status.0),
        moy: from_minute(state.moy.as_ref()),
        time_stamp_ms: state.time_stamp.as_ref().and_then(from_second),
        time_confidence_s: state.time_confidence.as_ref().and_then(|step| from_step(&TIME_S, step)),
        phases: state.phases.0.iter().map(from_phase).collect(),
    }
}

fn to_phase(phase: &Phase) -> Result<wire::Phase, EncodeError> {
    Ok(wire::Phase {
        id: wire::PhaseId(phase.id),
        phase_states: wire::PhaseStateList(each("phase_states", &phase.phase_states, to_state)?),
    })
}

fn from_phase(phase: &wire::Phase) -> Phase {
    Phase { id: phase.id.0, phase_states: phase.phase_states.0.iter().map(from_state).collect() }
}

fn to_state(state: &PhaseState) -> Result<wire::PhaseState, EncodeError> {
    Ok(wire::PhaseState {
        light: to_enumerated("light", plain(state.light))?,
        timing: part("timing", state.timing.as_ref(), to_timing)?,
    })
}

/// Lights that this set has no value for, as the ones that ask the same of a driver.
fn plain(light: Light) -> Light {
    match light {
        Light::RedYellow => Light::Red,
        Light::PermissiveYellow => Light::Yellow,
        known => known,
    }
}

fn from_state(state: &wire::PhaseState) -> PhaseState {
    PhaseState {
        light: from_enumerated(&state.light).unwrap_or_default(),
        timing: state.timing.as_ref().map(from_timing),
    }
}

fn to_timing(timing: &Timing) -> Result<wire::TimeChangeDetails, EncodeError> {
    Ok(match timing {
        Timing::Counting(c) => wire::TimeChangeDetails::Counting(wire::TimeCountingDown {
            start_time: to_mark("start_time_s", c.start_time_s)?,
            min_end_time: to_mark_or_none("min_end_time_s", c.min_end_time_s)?,
            max_end_time: to_mark_or_none("max_end_time_s", c.max_end_time_s)?,
            likely_end_time: to_mark("likely_end_time_s", c.likely_end_time_s)?,
            time_confidence: to_confidence(c.time_confidence)?,
            next_start_time: to_mark_or_none("next_start_time_s", c.next_start_time_s)?,
            next_duration: to_mark_or_none("next_duration_s", c.next_duration_s)?,
        }),
        Timing::UtcTiming(u) => wire::TimeChangeDetails::UtcTiming(wire::UtcTiming {
            start_utc_time: to_mark("start_utc_time_s", u.start_utc_time_s)?,
            min_end_utc_time: to_mark_or_none("min_end_utc_time_s", u.min_end_utc_time_s)?,
            max_end_utc_time: to_mark_or_none("max_end_utc_time_s", u.max_end_utc_time_s)?,
            likely_end_utc_time: to_mark("likely_end_utc_time_s", u.likely_end_utc_time_s)?,
            time_confidence: to_confidence(u.time_confidence)?,
            next_start_utc_time: to_mark_or_none("next_start_utc_time_s", u.next_start_utc_time_s)?,
            next_end_utc_time: to_mark_or_none("next_end_utc_time_s", u.next_end_utc_time_s)?,
        }),
    })
}

fn from_timing(timing: &wire::TimeChangeDetails) -> Timing {
    match timing {
        wire::TimeChangeDetails::Counting(c) => Timing::Counting(Counting {
            start_time_s: from_mark(&c.start_time),
            min_end_time_s: c.min_end_time.as_ref().and_then(from_mark),
            max_end_time_s: c.max_end_time.as_ref().and_then(from_mark),
            likely_end_time_s: from_mark(&c.likely_end_time),
            time_confidence: from_confidence(c.time_confidence.as_ref()),
            next_start_time_s: c.next_start_time.as_ref().and_then(from_mark),
            next_duration_s: c.next_duration.as_ref().and_then(from_mark),
        }),
        wire::TimeChangeDetails::UtcTiming(u) => Timing::UtcTiming(UtcTiming {
            start_utc_time_s: from_mark(&u.start_utc_time),
            min_end_utc_time_s: u.min_end_utc_time.as_ref().and_then(from_mark),
            max_end_utc_time_s: u.max_end_utc_time.as_ref().and_then(from_mark),
            likely_end_utc_time_s: from_mark(&u.likely_end_utc_time),
            time_confidence: from_confidence(u.time_confidence.as_ref()),
            next_start_utc_time_s: u.next_start_utc_time.as_ref().and_then(from_mark),
            next_end_utc_time_s: u.next_end_utc_time.as_ref().and_then(from_mark),
        }),
    }
}

fn to_confidence(confidence: Option<f64>) -> Result<Option<wire::Confidence>, EncodeError> {
    confidence.map(|c| CONFIDENCE.strict("time_confidence", c).map(|steps| wire::Confidence(steps as u8))).transpose()
}

fn from_confidence(confidence: Option<&wire::Confidence>) -> Option<f64> {
    confidence.map(|c| CONFIDENCE.value(i64::from(c.0)))
}
