//! Where a road user was and will be: path history and path prediction. BSM and PSM share them.

use super::motion::{from_heading, from_speed, from_transmission, to_heading, to_speed, to_transmission};
use super::place::{from_accuracy, from_confidence, place, raised, raw, to_accuracy, to_confidence};
use super::time::{from_date, to_date};
use crate::csae::confidence::{HEADING_DEG, SPEED_MPS, TIME_S, from_step, to_step, to_step_or_unavailable};
use crate::csae::named::{from_bits, to_bits};
use crate::csae::quantity::{
    COARSE_HEADING, CONFIDENCE, CURVE, ELEVATION, LATITUDE, LONGITUDE, NO_ELEVATION, NO_TIME_OFFSET, STRAIGHT, Steps,
    TIME_OFFSET,
};
use crate::csae::{list, part};
use crate::error::{DecodeError, EncodeError};
use crate::model::{FullPosition, MotionConfidence, PathHistory, PathHistoryPoint, PathPrediction, Position};
use crate::wire::j2735 as wire;

/// OffsetLL-B18: 1e-7°; the least number is "not available".
const OFFSET: Steps = Steps::new(1e7, -131_071, 131_071);
/// VertOffset-B12: 0.1 m; the least number is "not available".
const UP: Steps = Steps::new(10.0, -2_047, 2_047);
const NO_UP: i64 = -2_048;

/// Points are offsets from the start of the path, or from the road user's own position when it has none. Points farther
/// away than the wire can say, some 1.4 km, are left out, and so is a path without any point left.
pub(super) fn to_history(
    path: &PathHistory,
    here: Option<&Position>,
) -> Result<Option<wire::PathHistory>, EncodeError> {
    let start = path.initial_position.as_ref().and_then(|start| start.pos.as_ref());
    let from = if path.initial_position.is_some() { start } else { here };
    let Some(from) = from else {
        return if path.crumb_data.is_empty() {
            Ok(None)
        } else {
            Err(EncodeError::missing("crumb_data", "a position that the points are offsets from"))
        };
    };
    let mut crumbs = Vec::with_capacity(path.crumb_data.len());
    for (i, point) in path.crumb_data.iter().enumerate() {
        crumbs.extend(to_crumb(point, from).map_err(|e| e.under(&format!("crumb_data[{i}]")))?);
    }
    if crumbs.is_empty() {
        return Ok(None);
    }
    Ok(Some(wire::PathHistory {
        initial_position: part("initial_position", path.initial_position.as_ref(), to_full)?,
        curr_gns_sstatus: path.curr_gnss_status.as_ref().map(to_bits).map(wire::GnsSstatus),
        crumb_data: wire::PathHistoryPointList(crumbs),
    }))
}

pub(super) fn from_history(
    path: &wire::PathHistory,
    here: Option<&Position>,
) -> Result<Option<PathHistory>, DecodeError> {
    let initial_position = path.initial_position.as_ref().map(from_full);
    let start = initial_position.as_ref().and_then(|start| start.pos);
    let from = if initial_position.is_some() { start.as_ref() } else { here };
    // Offsets from nowhere say nothing.
    let Some(from) = from else { return Ok(None) };
    let crumbs = list("crumb_data", &path.crumb_data.0, |crumb| from_crumb(crumb, from))?;
    let crumb_data: Vec<PathHistoryPoint> = crumbs.into_iter().flatten().collect();
    let curr_gnss_status = path.curr_gns_sstatus.as_ref().map(|bits| from_bits(&bits.0));
    Ok((!crumb_data.is_empty()).then_some(PathHistory { initial_position, curr_gnss_status, crumb_data }))
}

fn to_crumb(point: &PathHistoryPoint, from: &Position) -> Result<Option<wire::PathHistoryPoint>, EncodeError> {
    let (lat, lon, elevation) = raw(Some(&point.pos)).map_err(|e| e.under("pos"))?;
    let (lat0, lon0, elevation0) = raw(Some(from))?;
    let (lat, lon) = (i64::from(lat - lat0), i64::from(lon) - i64::from(lon0));
    let (Some(_), Some(_)) = (OFFSET.known(lat), OFFSET.known(lon)) else { return Ok(None) };
    let known = elevation != NO_ELEVATION && elevation0 != NO_ELEVATION;
    let up = if known { i64::from(elevation - elevation0).clamp(UP.least, UP.most) } else { NO_UP };
    let ago = point.time_offset_s.map(|s| TIME_OFFSET.saturate_above("time_offset_s", s)).transpose()?;
    let heading = point.heading_deg.map(|deg| COARSE_HEADING.around("heading_deg", deg)).transpose()?;
    Ok(Some(wire::PathHistoryPoint {
        lat_offset: wire::OffsetLlB18(lat as i32),
        lon_offset: wire::OffsetLlB18(lon as i32),
        elevation_offset: wire::VertOffsetB12(up as i16),
        time_offset: wire::TimeOffset(ago.map_or(NO_TIME_OFFSET, |steps| steps as u16)),
        speed: point.speed_mps.map(|mps| to_speed("speed_mps", Some(mps)).map(wire::Speed)).transpose()?,
        pos_accuracy: None,
        heading: heading.map(|steps| wire::CoarseHeading(steps as u8)),
    }))
}

fn from_crumb(crumb: &wire::PathHistoryPoint, from: &Position) -> Result<Option<PathHistoryPoint>, DecodeError> {
    let (lat, lon) = (i64::from(crumb.lat_offset.0), i64::from(crumb.lon_offset.0));
    let (Some(_), Some(_)) = (OFFSET.known(lat), OFFSET.known(lon)) else { return Ok(None) };
    let steps = |steps: Steps, deg: f64| (deg * steps.whole).round() as i64;
    let (lat, lon) = (steps(LATITUDE, from.lat_deg) + lat, steps(LONGITUDE, from.lon_deg) + lon);
    let outside = || DecodeError::Implausible { field: String::new(), what: "the offset leads off the map".to_owned() };
    let pos = Position {
        lat_deg: LATITUDE.known(lat).ok_or_else(outside)?,
        lon_deg: LONGITUDE.known(lon).ok_or_else(outside)?,
        elevation_m: None,
    };
    let up = UP.known(i64::from(crumb.elevation_offset.0));
    let elevation_m = up.and_then(|up| raised(*from, up).elevation_m).map(|m| ELEVATION.held(m));
    Ok(Some(PathHistoryPoint {
        pos: Position { elevation_m, ..pos },
        time_offset_s: TIME_OFFSET.known(i64::from(crumb.time_offset.0)),
        speed_mps: crumb.speed.as_ref().and_then(|speed| from_speed(speed.0)),
        pos_confidence: None,
        heading_deg: crumb.heading.as_ref().and_then(|heading| COARSE_HEADING.known(i64::from(heading.0))),
    }))
}

pub(super) fn to_full(start: &FullPosition) -> Result<wire::FullPositionVector, EncodeError> {
    let (lat, long, elevation) = raw(start.pos.as_ref())?;
    let moves = start.transmission.is_some() || start.speed_mps.is_some();
    let speed = |()| -> Result<_, EncodeError> {
        let transmisson = to_transmission(start.transmission)?;
        Ok(wire::TransmissionAndSpeed { transmisson, speed: wire::Velocity(to_speed("speed_mps", start.speed_mps)?) })
    };
    let cfd = start.motion_cfd.as_ref().filter(|cfd| cfd.speed_mps.is_some() || cfd.heading_deg.is_some());
    Ok(wire::FullPositionVector {
        utc_time: part("utc_time", start.utc_time.as_ref(), to_date)?,
        long: wire::Longitude(long),
        lat: wire::Latitude(lat),
        elevation: (elevation != NO_ELEVATION).then_some(wire::Elevation(elevation)),
        heading: start.heading_deg.map(|deg| to_heading(Some(deg))).transpose()?,
        speed: moves.then_some(()).map(speed).transpose()?,
        pos_accuracy: start.pos_accuracy.as_ref().map(|a| to_accuracy(Some(a))).transpose()?,
        time_confidence: to_step("time_confidence_s", &TIME_S, start.time_confidence_s)?,
        pos_confidence: part("pos_confidence", start.pos_confidence.as_ref(), to_confidence)?,
        speed_confidence: cfd.map(to_motion_cfd).transpose()?,
    })
}

pub(super) fn from_full(start: &wire::FullPositionVector) -> FullPosition {
    let moves = start.speed.as_ref();
    FullPosition {
        utc_time: start.utc_time.as_ref().map(from_date),
        pos: place(start.lat.0, start.long.0, start.elevation.as_ref().map(|e| e.0)),
        heading_deg: start.heading.as_ref().and_then(from_heading),
        transmission: moves.and_then(|moves| from_transmission(&moves.transmisson)),
        speed_mps: moves.and_then(|moves| from_speed(moves.speed.0)),
        pos_accuracy: start.pos_accuracy.as_ref().and_then(from_accuracy),
        pos_confidence: start.pos_confidence.as_ref().map(from_confidence),
        time_confidence_s: start.time_confidence.as_ref().and_then(|step| from_step(&TIME_S, step)),
        motion_cfd: start.speed_confidence.as_ref().and_then(from_motion_cfd),
    }
}

fn to_motion_cfd(cfd: &MotionConfidence) -> Result<wire::SpeedandHeadingandThrottleConfidence, EncodeError> {
    Ok(wire::SpeedandHeadingandThrottleConfidence {
        heading: to_step_or_unavailable("heading_deg", &HEADING_DEG, cfd.heading_deg)?,
        speed: to_step_or_unavailable("speed_mps", &SPEED_MPS, cfd.speed_mps)?,
        throttle: wire::ThrottleConfidence::Unavailable,
    })
}

fn from_motion_cfd(cfd: &wire::SpeedandHeadingandThrottleConfidence) -> Option<MotionConfidence> {
    let found = MotionConfidence {
        speed_mps: from_step(&SPEED_MPS, &cfd.speed),
        heading_deg: from_step(&HEADING_DEG, &cfd.heading),
        steer_deg: None,
    };
    (found != MotionConfidence::default()).then_some(found)
}

pub(super) fn to_prediction(path: &PathPrediction) -> Result<wire::PathPrediction, EncodeError> {
    let radius = path.radius_of_curve_m.map(|m| CURVE.saturate("radius_of_curve_m", m)).transpose()?;
    Ok(wire::PathPrediction {
        radius_of_curve: wire::RadiusOfCurvature(radius.map_or(STRAIGHT, |steps| steps as i16)),
        confidence: wire::Confidence(CONFIDENCE.strict("confidence", path.confidence)? as u8),
    })
}

pub(super) fn from_prediction(path: &wire::PathPrediction) -> PathPrediction {
    PathPrediction {
        radius_of_curve_m: CURVE.known(i64::from(path.radius_of_curve.0)),
        confidence: CONFIDENCE.value(i64::from(path.confidence.0)),
    }
}
