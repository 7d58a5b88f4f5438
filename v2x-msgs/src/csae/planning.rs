//! Planned paths between model and wire.

use super::mapping::motion::{
    from_acceleration, from_heading, from_speed, to_acceleration, to_heading_or_none, to_speed_or_none,
};
use super::mapping::place::{Place, from_confidence, from_point, to_confidence, to_point};
use super::mapping::rsi::{from_link, to_link};
use super::wire;
use crate::csae::confidence::{HEADING_DEG, RATE, SPEED_MPS, from_step, to_step, to_step_or_unavailable};
use crate::csae::quantity::{CONFIDENCE, TIME_OFFSET};
use crate::csae::{each_or_none, list, part};
use crate::error::{DecodeError, EncodeError};
use crate::model::{AccelerationConfidence, PlannedPoint};

/// Points are offsets from the place of the message.
pub(super) fn to_path(
    field: &'static str,
    path: &[PlannedPoint],
    from: Option<Place>,
) -> Result<Option<wire::PathPlanning>, EncodeError> {
    Ok(each_or_none(field, path, |point| to_planned(point, from))?.map(wire::PathPlanning))
}

pub(super) fn from_path(
    field: &'static str,
    path: Option<&wire::PathPlanning>,
    from: Option<Place>,
) -> Result<Vec<PlannedPoint>, DecodeError> {
    list(field, path.iter().flat_map(|path| &path.0), |point| from_planned(point, from))
}

pub(super) fn to_planned(point: &PlannedPoint, from: Option<Place>) -> Result<wire::PathPlanningPoint, EncodeError> {
    Ok(wire::PathPlanningPoint {
        pos_in_map: part("pos_in_map", point.pos_in_map.as_ref(), to_link)?,
        pos: to_point(&point.pos, from).map_err(|e| e.under("pos"))?,
        pos_accuracy: part("pos_confidence", point.pos_confidence.as_ref(), to_confidence)?,
        speed: to_speed_or_none("speed_mps", point.speed_mps)?,
        speed_cfd: to_step("speed_confidence_mps", &SPEED_MPS, point.speed_confidence_mps)?,
        heading: to_heading_or_none(point.heading_deg)?,
        heading_cfd: to_step("heading_confidence_deg", &HEADING_DEG, point.heading_confidence_deg)?,
        accel_set: part("accel_set", point.accel_set.as_ref(), to_acceleration)?,
        acc4way_confidence: part("accel_confidence", point.accel_confidence.as_ref(), to_acceleration_confidence)?,
        estimated_time: to_seconds("estimated_time_s", point.estimated_time_s)?,
        time_confidence: to_share("time_confidence", point.time_confidence)?,
    })
}

pub(super) fn from_planned(point: &wire::PathPlanningPoint, from: Option<Place>) -> Result<PlannedPoint, DecodeError> {
    Ok(PlannedPoint {
        pos_in_map: point.pos_in_map.as_ref().map(from_link),
        pos: from_point("pos", &point.pos, from)?,
        pos_confidence: point.pos_accuracy.as_ref().map(from_confidence),
        speed_mps: point.speed.as_ref().and_then(from_speed),
        speed_confidence_mps: point.speed_cfd.as_ref().and_then(|step| from_step(&SPEED_MPS, step)),
        heading_deg: point.heading.as_ref().and_then(from_heading),
        heading_confidence_deg: point.heading_cfd.as_ref().and_then(|step| from_step(&HEADING_DEG, step)),
        accel_set: point.accel_set.as_ref().map(from_acceleration),
        accel_confidence: point.acc4way_confidence.as_ref().map(from_acceleration_confidence),
        estimated_time_s: from_seconds(point.estimated_time.as_ref()),
        time_confidence: from_share(point.time_confidence.as_ref()),
    })
}

/// DE_TimeOffset, OPTIONAL.
pub(super) fn to_seconds(field: &'static str, seconds: Option<f64>) -> Result<Option<wire::TimeOffset>, EncodeError> {
    seconds.map(|s| TIME_OFFSET.saturate_above(field, s).map(|steps| wire::TimeOffset(steps as u16))).transpose()
}

pub(super) fn from_seconds(time: Option<&wire::TimeOffset>) -> Option<f64> {
    time.and_then(|time| TIME_OFFSET.known(i64::from(time.0)))
}

/// DE_Confidence, OPTIONAL.
pub(super) fn to_share(field: &'static str, share: Option<f64>) -> Result<Option<wire::Confidence>, EncodeError> {
    share.map(|share| CONFIDENCE.strict(field, share).map(|steps| wire::Confidence(steps as u8))).transpose()
}

pub(super) fn from_share(sure: Option<&wire::Confidence>) -> Option<f64> {
    sure.map(|sure| CONFIDENCE.value(i64::from(sure.0)))
}

pub(super) fn to_acceleration_confidence(
    sure: &AccelerationConfidence,
) -> Result<wire::AccSet4WayConfidence, EncodeError> {
    Ok(wire::AccSet4WayConfidence {
        lon_acc_confidence: to_step_or_unavailable("long_mps2", &RATE, sure.long_mps2)?,
        lat_acc_confidence: to_step_or_unavailable("lat_mps2", &RATE, sure.lat_mps2)?,
        vert_acc_confidence: to_step_or_unavailable("vert_mps2", &RATE, sure.vert_mps2)?,
        yaw_rate_con: to_step_or_unavailable("yaw_dps", &RATE, sure.yaw_dps)?,
    })
}

pub(super) fn from_acceleration_confidence(sure: &wire::AccSet4WayConfidence) -> AccelerationConfidence {
    AccelerationConfidence {
        long_mps2: from_step(&RATE, &sure.lon_acc_confidence),
        lat_mps2: from_step(&RATE, &sure.lat_acc_confidence),
        vert_mps2: from_step(&RATE, &sure.vert_acc_confidence),
        yaw_dps: from_step(&RATE, &sure.yaw_rate_con),
    }
}
