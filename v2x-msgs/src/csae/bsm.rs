//! BSM between model and wire.

use super::frame::{from_id, to_count};
use super::motion::{
    from_acceleration, from_class, from_heading, from_motion_cfd, from_size, from_speed, from_steering,
    from_transmission, to_acceleration, to_class, to_heading, to_heading_or_none, to_motion_cfd, to_size, to_speed,
    to_speed_or_none, to_steering, to_transmission,
};
use super::place::{
    Place, from_accuracy, from_confidence, from_point, from_position3d, paired, position, reference, to_accuracy,
    to_confidence, to_point, to_position3d,
};
use super::time::{from_second, to_second, to_second_or_none};
use super::{LAST_HOUR, OFFSET_MIN, accuracy, put_accuracy, wire};
use crate::csae::confidence::{TIME_S, from_step, to_step};
use crate::csae::named::{from_bits, from_enumerated, to_bits, to_optional};
use crate::csae::quantity::{COARSE_HEADING, CONFIDENCE, CURVE, NO_TIME_OFFSET, STRAIGHT, TIME_OFFSET, at_most};
use crate::csae::{each, list, part};
use crate::error::{DecodeError, EncodeError};
use crate::model::{
    Brakes, Bsm, DateTime, EmergencyExt, FullPosition, PathHistory, PathHistoryPoint, PathPrediction, SafetyExt,
};

pub(super) fn to_wire(bsm: &Bsm) -> Result<wire::BasicSafetyMessage, EncodeError> {
    let here = paired(bsm.lat_deg, bsm.lon_deg, bsm.elevation_m)?;
    Ok(wire::BasicSafetyMessage {
        msg_cnt: to_count(bsm.msg_cnt)?,
        id: bsm.id.0.to_vec(),
        sec_mark: to_second("sec_mark_ms", bsm.sec_mark_ms)?,
        time_confidence: to_step("time_confidence_s", &TIME_S, bsm.time_confidence_s)?,
        pos: to_position3d(here),
        pos_accuracy: part("pos_accuracy", bsm.pos_accuracy.as_ref(), to_accuracy)?,
        pos_confidence: part("pos_confidence", bsm.pos_confidence.as_ref(), to_confidence)?,
        transmission: to_transmission(bsm.transmission)?,
        speed: to_speed("speed_mps", bsm.speed_mps)?,
        heading: to_heading(bsm.heading_deg)?,
        angle: to_steering(bsm.angle_deg)?,
        motion_cfd: part("motion_cfd", bsm.motion_cfd.as_ref(), to_motion_cfd)?,
        accel_set: to_acceleration(&bsm.accel_set).map_err(|e| e.under("accel_set"))?,
        brakes: to_brakes(&bsm.brakes).map_err(|e| e.under("brakes"))?,
        size: to_size(&bsm.size).map_err(|e| e.under("size"))?,
        vehicle_class: to_class(&bsm.vehicle_class).map_err(|e| e.under("vehicle_class"))?,
        safety_ext: part("safety_ext", bsm.safety_ext.as_ref(), |ext| to_safety(ext, here))?,
        emergency_ext: part("emergency_ext", bsm.emergency_ext.as_ref(), to_emergency)?,
    })
}

pub(super) fn from_wire(bsm: &wire::BasicSafetyMessage) -> Result<Bsm, DecodeError> {
    let here = from_position3d(&bsm.pos);
    let place = position(here);
    let safety = bsm.safety_ext.as_ref().map(|ext| from_safety(ext, here)).transpose();
    Ok(Bsm {
        msg_cnt: bsm.msg_cnt.0,
        id: from_id(&bsm.id),
        sec_mark_ms: from_second(&bsm.sec_mark),
        time_confidence_s: bsm.time_confidence.as_ref().and_then(|step| from_step(&TIME_S, step)),
        lat_deg: place.map(|place| place.lat_deg),
        lon_deg: place.map(|place| place.lon_deg),
        elevation_m: place.and_then(|place| place.elevation_m),
        pos_accuracy: bsm.pos_accuracy.as_ref().map(from_accuracy),
        pos_confidence: bsm.pos_confidence.as_ref().map(from_confidence),
        transmission: from_transmission(&bsm.transmission),
        speed_mps: from_speed(&bsm.speed),
        heading_deg: from_heading(&bsm.heading),
        angle_deg: from_steering(bsm.angle.as_ref()),
        motion_cfd: bsm.motion_cfd.as_ref().map(from_motion_cfd),
        accel_set: from_acceleration(&bsm.accel_set),
        brakes: from_brakes(&bsm.brakes),
        size: from_size(&bsm.size),
        vehicle_class: from_class(&bsm.vehicle_class),
        safety_ext: safety.map_err(|e| e.under("safety_ext"))?,
        emergency_ext: bsm.emergency_ext.as_ref().map(from_emergency),
    })
}

fn to_brakes(brakes: &Brakes) -> Result<wire::BrakeSystemStatus, EncodeError> {
    Ok(wire::BrakeSystemStatus {
        brake_padel: to_optional("brake_pedal", brakes.brake_pedal)?,
        wheel_brakes: brakes.wheel_brakes.as_ref().map(to_bits).map(wire::BrakeAppliedStatus),
        traction: to_optional("traction", brakes.traction)?,
        abs: to_optional("abs", brakes.abs)?,
        scs: to_optional("scs", brakes.scs)?,
        brake_boost: to_optional("brake_boost", brakes.brake_boost)?,
        aux_brakes: to_optional("aux_brakes", brakes.aux_brakes)?,
    })
}

fn from_brakes(brakes: &wire::BrakeSystemStatus) -> Brakes {
    Brakes {
        brake_pedal: brakes.brake_padel.as_ref().and_then(from_enumerated),
        wheel_brakes: brakes.wheel_brakes.as_ref().map(|bits| from_bits(&bits.0)),
        traction: brakes.traction.as_ref().and_then(from_enumerated),
        abs: brakes.abs.as_ref().and_then(from_enumerated),
        scs: brakes.scs.as_ref().and_then(from_enumerated),
        brake_boost: brakes.brake_boost.as_ref().and_then(from_enumerated),
        aux_brakes: brakes.aux_brakes.as_ref().and_then(from_enumerated),
    }
}

fn to_safety(ext: &SafetyExt, here: Option<Place>) -> Result<wire::VehicleSafetyExtensions, EncodeError> {
    Ok(wire::VehicleSafetyExtensions {
        events: ext.events.as_ref().map(to_bits).map(wire::VehicleEventFlags),
        path_history: part("path_history", ext.path_history.as_ref(), |path| to_history(path, here))?,
        path_prediction: part("path_prediction", ext.path_prediction.as_ref(), to_prediction)?,
        lights: ext.lights.as_ref().map(to_bits).map(wire::ExteriorLights),
    })
}

fn from_safety(ext: &wire::VehicleSafetyExtensions, here: Option<Place>) -> Result<SafetyExt, DecodeError> {
    let history = ext.path_history.as_ref().map(|path| from_history(path, here)).transpose();
    Ok(SafetyExt {
        events: ext.events.as_ref().map(|bits| from_bits(&bits.0)),
        path_history: history.map_err(|e| e.under("path_history"))?,
        path_prediction: ext.path_prediction.as_ref().map(from_prediction),
        lights: ext.lights.as_ref().map(|bits| from_bits(&bits.0)),
    })
}

/// Points are offsets from the start of the path, or from the BSM's own position when it has none.
pub(crate) fn to_history(path: &PathHistory, here: Option<Place>) -> Result<wire::PathHistory, EncodeError> {
    let start = path.initial_position.as_ref().and_then(|start| start.pos.as_ref());
    let from = if path.initial_position.is_some() { reference(start)? } else { here };
    Ok(wire::PathHistory {
        initial_position: part("initial_position", path.initial_position.as_ref(), |start| to_full(start, from))?,
        curr_gns_sstatus: path.curr_gnss_status.as_ref().map(to_bits).map(wire::GnsSstatus),
        crumb_data: wire::PathHistoryPointList(each("crumb_data", &path.crumb_data, |p| to_crumb(p, from))?),
    })
}

pub(crate) fn from_history(path: &wire::PathHistory, here: Option<Place>) -> Result<PathHistory, DecodeError> {
    let from = path.initial_position.as_ref().map_or(here, |start| from_position3d(&start.pos));
    Ok(PathHistory {
        initial_position: path.initial_position.as_ref().map(from_full),
        curr_gnss_status: path.curr_gns_sstatus.as_ref().map(|bits| from_bits(&bits.0)),
        crumb_data: list("crumb_data", &path.crumb_data.0, |p| from_crumb(p, from))?,
    })
}

fn to_crumb(point: &PathHistoryPoint, from: Option<Place>) -> Result<wire::PathHistoryPoint, EncodeError> {
    let ago = point.time_offset_s.map(|s| TIME_OFFSET.saturate_above("time_offset_s", s)).transpose()?;
    let heading = point.heading_deg.map(|deg| COARSE_HEADING.around("heading_deg", deg)).transpose()?;
    Ok(wire::PathHistoryPoint {
        llv_offset: to_point(&point.pos, from).map_err(|e| e.under("pos"))?,
        time_offset: wire::TimeOffset(ago.map_or(NO_TIME_OFFSET, |steps| steps as u16)),
        speed: to_speed_or_none("speed_mps", point.speed_mps)?,
        pos_accuracy: part("pos_confidence", point.pos_confidence.as_ref(), to_confidence)?,
        heading: heading.map(|steps| wire::CoarseHeading(steps as u8)),
    })
}

fn from_crumb(point: &wire::PathHistoryPoint, from: Option<Place>) -> Result<PathHistoryPoint, DecodeError> {
    Ok(PathHistoryPoint {
        pos: from_point("pos", &point.llv_offset, from)?,
        time_offset_s: TIME_OFFSET.known(i64::from(point.time_offset.0)),
        speed_mps: point.speed.as_ref().and_then(from_speed),
        pos_confidence: point.pos_accuracy.as_ref().map(from_confidence),
        heading_deg: point.heading.as_ref().and_then(|heading| COARSE_HEADING.known(i64::from(heading.0))),
    })
}

fn to_full(start: &FullPosition, place: Option<Place>) -> Result<wire::FullPositionVector, EncodeError> {
    let mut full = wire::FullPositionVector {
        utc_time: part("utc_time", start.utc_time.as_ref(), to_date)?,
        pos: to_position3d(place),
        heading: to_heading_or_none(start.heading_deg)?,
        transmission: start.transmission.map(|gear| to_transmission(Some(gear))).transpose()?,
        speed: to_speed_or_none("speed_mps", start.speed_mps)?,
        time_confidence: to_step("time_confidence_s", &TIME_S, start.time_confidence_s)?,
        motion_cfd: part("motion_cfd", start.motion_cfd.as_ref(), to_motion_cfd)?,
        ..wire::FullPositionVector::default()
    };
    let ellipse = part("pos_accuracy", start.pos_accuracy.as_ref(), to_accuracy)?;
    let steps = part("pos_confidence", start.pos_confidence.as_ref(), to_confidence)?;
    put_accuracy(&mut full, ellipse, steps)?;
    Ok(full)
}

fn from_full(start: &wire::FullPositionVector) -> FullPosition {
    let (ellipse, steps) = accuracy(start);
    FullPosition {
        utc_time: start.utc_time.as_ref().map(from_date),
        pos: position(from_position3d(&start.pos)),
        heading_deg: start.heading.as_ref().and_then(from_heading),
        transmission: start.transmission.as_ref().and_then(from_transmission),
        speed_mps: start.speed.as_ref().and_then(from_speed),
        pos_accuracy: ellipse.map(from_accuracy),
        pos_confidence: steps.map(from_confidence),
        time_confidence_s: start.time_confidence.as_ref().and_then(|step| from_step(&TIME_S, step)),
        motion_cfd: start.motion_cfd.as_ref().map(from_motion_cfd),
    }
}

pub(crate) fn to_date(date: &DateTime) -> Result<wire::DDateTime, EncodeError> {
    let offset = date.offset_min.map(|minutes| OFFSET_MIN.strict("offset_min", f64::from(minutes)));
    Ok(wire::DDateTime {
        year: date.year.map(|year| at_most("year", year, 4_095).map(wire::DYear)).transpose()?,
        month: date.month.map(|month| at_most("month", month, 12).map(wire::DMonth)).transpose()?,
        day: date.day.map(|day| at_most("day", day, 31).map(wire::DDay)).transpose()?,
        hour: date.hour.map(|hour| at_most("hour", hour, LAST_HOUR).map(wire::DHour)).transpose()?,
        minute: date.minute.map(|minute| at_most("minute", minute, 60).map(wire::DMinute)).transpose()?,
        second: to_second_or_none("second_ms", date.second_ms)?,
        offset: offset.transpose()?.map(|minutes| wire::DTimeOffset(minutes as i16)),
    })
}

pub(crate) fn from_date(date: &wire::DDateTime) -> DateTime {
    DateTime {
        year: date.year.as_ref().map(|year| year.0),
        month: date.month.as_ref().map(|month| month.0),
        day: date.day.as_ref().map(|day| day.0),
        hour: date.hour.as_ref().map(|hour| hour.0),
        minute: date.minute.as_ref().map(|minute| minute.0),
        second_ms: date.second.as_ref().and_then(from_second),
        offset_min: date.offset.as_ref().map(|minutes| minutes.0),
    }
}

fn to_prediction(path: &PathPrediction) -> Result<wire::PathPrediction, EncodeError> {
    let radius = path.radius_of_curve_m.map(|m| CURVE.saturate("radius_of_curve_m", m)).transpose()?;
    Ok(wire::PathPrediction {
        radius_of_curve: wire::RadiusOfCurvature(radius.map_or(STRAIGHT, |steps| steps as i16)),
        confidence: wire::Confidence(CONFIDENCE.strict("confidence", path.confidence)? as u8),
    })
}

fn from_prediction(path: &wire::PathPrediction) -> PathPrediction {
    PathPrediction {
        radius_of_curve_m: CURVE.known(i64::from(path.radius_of_curve.0)),
        confidence: CONFIDENCE.value(i64::from(path.confidence.0)),
    }
}

fn to_emergency(ext: &EmergencyExt) -> Result<wire::VehicleEmergencyExtensions, EncodeError> {
    Ok(wire::VehicleEmergencyExtensions {
        response_type: to_optional("response_type", ext.response_type)?,
        siren_use: to_optional("siren_use", ext.siren_use)?,
        lights_use: to_optional("lights_use", ext.lights_use)?,
    })
}

fn from_emergency(ext: &wire::VehicleEmergencyExtensions) -> EmergencyExt {
    EmergencyExt {
        response_type: ext.response_type.as_ref().and_then(from_enumerated),
        siren_use: ext.siren_use.as_ref().and_then(from_enumerated),
        lights_use: ext.lights_use.as_ref().and_then(from_enumerated),
    }
}
