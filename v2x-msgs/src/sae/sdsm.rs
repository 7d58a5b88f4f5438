//! RSM of the model as SDSM (SAE J3224): the road users that a unit sees, as offsets in decimetres and milliseconds from the
//! message's own place and time.

use super::frame::{from_temporary, to_count, to_temporary};
use super::motion::{
    from_acceleration, from_heading, from_height, from_size, from_speed, to_acceleration, to_heading, to_height,
    to_size, to_speed,
};
use super::place::{
    Plane, from_anchor, from_confidence, on_earth, paired, to_accuracy, to_anchor, to_confidence, to_position3d,
};
use super::time::{from_date, to_date};
use crate::csae::confidence::{HEADING_DEG, SPEED_MPS, from_step, to_step_or_unavailable};
use crate::csae::list;
use crate::csae::quantity::{ELEVATION, Steps};
use crate::error::{DecodeError, EncodeError};
use crate::model::{
    DateTime, MotionConfidence, Participant, ParticipantType, Position, Rsm, Source, VehicleClass, VehicleSize,
};
use crate::wire::j2735 as wire;

/// DE_ObjectDistance: 0.1 m.
const DISTANCE: Steps = Steps::new(10.0, -32_767, 32_767);
/// DE_MeasurementTimeOffset: 1 ms.
const AGE_MS: i64 = 1_500;
const MINUTE_MS: i64 = 60_000;
/// DE_ClassificationConfidence: not available.
const NO_CLASS_CONFIDENCE: u8 = 101;
/// DE_SizeValue: 0.1 m.
const SIDE: Steps = Steps::new(10.0, 0, 1_023);

pub(super) fn to_wire(rsm: &Rsm) -> Result<wire::SensorDataSharingMessage, EncodeError> {
    let anchor = to_anchor(rsm.ref_pos.as_ref())?;
    let newest = rsm.participants.iter().find_map(|p| p.sec_mark_ms);
    let time = rsm.utc_time.unwrap_or(DateTime { second_ms: newest, ..DateTime::default() });
    let mut objects = Vec::with_capacity(rsm.participants.len());
    // The unit itself is no object that it sees, and an object is somewhere.
    let itself = |p: &Participant| p.ptc_id == Participant::SELF_ID && p.ptc_type == ParticipantType::Rsu;
    let seen = |p: &&Participant| !itself(p) && (p.lat_deg.is_some() || p.lon_deg.is_some());
    for (i, participant) in rsm.participants.iter().enumerate().filter(|(_, p)| seen(p)) {
        objects.push(to_object(participant, anchor, &time).map_err(|e| e.under(&format!("participants[{i}]")))?);
    }
    Ok(wire::SensorDataSharingMessage {
        msg_cnt: to_count(rsm.msg_cnt)?,
        source_id: to_temporary(&rsm.id),
        equipment_type: wire::EquipmentType::Rsu,
        s_dsm_time_stamp: to_date(&time).map_err(|e| e.under("utc_time"))?,
        ref_pos: to_position3d(Some(anchor)).map_err(|e| e.under("ref_pos"))?,
        ref_pos_xy_conf: to_accuracy(None)?,
        ref_pos_el_conf: None,
        objects: wire::DetectedObjectList(objects),
    })
}

pub(super) fn from_wire(sdsm: &wire::SensorDataSharingMessage) -> Result<Rsm, DecodeError> {
    let time = from_date(&sdsm.s_dsm_time_stamp);
    let anchor = from_anchor("refPos", &sdsm.ref_pos)?;
    Ok(Rsm {
        msg_cnt: sdsm.msg_cnt.0,
        id: from_temporary(&sdsm.source_id),
        utc_time: Some(time),
        ref_pos: Some(anchor),
        participants: list("objects", &sdsm.objects.0, |object| from_object(object, &anchor, &time))?,
    })
}

fn to_object(p: &Participant, anchor: &Position, time: &DateTime) -> Result<wire::DetectedObjectData, EncodeError> {
    let at = paired(p.lat_deg, p.lon_deg, p.elevation_m)?;
    let at = at.ok_or_else(|| EncodeError::missing("lat_deg", "a position: an object is somewhere"))?;
    let cfd = p.motion_cfd.unwrap_or_default();
    let common = wire::DetectedObjectCommonData {
        obj_type: to_kind(p.ptc_type),
        obj_type_cfd: wire::ClassificationConfidence(NO_CLASS_CONFIDENCE),
        object_id: wire::ObjectId(p.ptc_id),
        measurement_time: wire::MeasurementTimeOffset(to_age(p.sec_mark_ms, time.second_ms)?),
        time_confidence: wire::TimeConfidence::Unavailable,
        pos: to_offset(anchor, &at)?,
        pos_confidence: to_confidence(&p.pos_confidence).map_err(|e| e.under("pos_confidence"))?,
        speed: wire::Speed(to_speed("speed_mps", p.speed_mps)?),
        speed_confidence: to_step_or_unavailable("motion_cfd.speed_mps", &SPEED_MPS, cfd.speed_mps)?,
        heading: to_heading(p.heading_deg)?,
        heading_conf: to_step_or_unavailable("motion_cfd.heading_deg", &HEADING_DEG, cfd.heading_deg)?,
        accel4way: p.accel_set.as_ref().map(to_acceleration).transpose().map_err(|e| e.under("accel_set"))?,
        ..wire::DetectedObjectCommonData::default()
    };
    Ok(wire::DetectedObjectData { det_obj_common: common, det_obj_opt_data: to_details(p)? })
}

fn from_object(
    object: &wire::DetectedObjectData,
    anchor: &Position,
    time: &DateTime,
) -> Result<Participant, DecodeError> {
    let common = &object.det_obj_common;
    let at = from_offset(anchor, &common.pos)?;
    let cfd = MotionConfidence {
        speed_mps: from_step(&SPEED_MPS, &common.speed_confidence),
        heading_deg: from_step(&HEADING_DEG, &common.heading_conf),
        steer_deg: None,
    };
    let details = from_details(object.det_obj_opt_data.as_ref());
    let seen = Participant {
        ptc_type: details.ptc_type.unwrap_or_else(|| from_kind(&common.obj_type)),
        ptc_id: common.object_id.0,
        source: Source::Unknown,
        sec_mark_ms: from_age(common.measurement_time.0, time.second_ms),
        pos_confidence: from_confidence(&common.pos_confidence),
        speed_mps: from_speed(common.speed.0),
        heading_deg: from_heading(&common.heading),
        motion_cfd: (cfd != MotionConfidence::default()).then_some(cfd),
        accel_set: common.accel4way.as_ref().map(from_acceleration),
        size: details.size,
        vehicle_class: details.class,
        ..Participant::default()
    };
    Ok(seen.at(at))
}

/// A cyclist is a vulnerable road user here; which one is told in the details.
fn to_kind(kind: ParticipantType) -> wire::ObjectType {
    match kind {
        ParticipantType::Motor => wire::ObjectType::Vehicle,
        ParticipantType::NonMotor | ParticipantType::Pedestrian => wire::ObjectType::Vru,
        ParticipantType::Unknown | ParticipantType::Rsu => wire::ObjectType::Unknown,
    }
}

fn from_kind(kind: &wire::ObjectType) -> ParticipantType {
    match kind {
        wire::ObjectType::Vehicle => ParticipantType::Motor,
        wire::ObjectType::Vru => ParticipantType::Pedestrian,
        wire::ObjectType::Unknown | wire::ObjectType::Animal => ParticipantType::Unknown,
    }
}

fn to_details(p: &Participant) -> Result<Option<wire::DetectedObjectOptionalData>, EncodeError> {
    use wire::DetectedObjectOptionalData as Details;
    use wire::PersonalDeviceUserType as User;
    let VehicleSize { width_m, length_m, height_m } = p.size;
    let sized = width_m.is_some() || length_m.is_some();
    let extended = sized || height_m.is_some();
    let vru =
        |basic_type| Details::DetVru(wire::DetectedVruData { basic_type: Some(basic_type), ..Default::default() });
    Ok(match p.ptc_type {
        ParticipantType::Pedestrian => Some(vru(User::Apedestrian)),
        ParticipantType::NonMotor => Some(vru(User::Apedalcyclist)),
        ParticipantType::Motor => {
            let class = p.vehicle_class.map(|class| wire::BasicVehicleClass(class.classification));
            let size = sized.then(|| to_size(width_m, length_m)).transpose().map_err(|e| e.under("size"))?;
            let height = to_height(height_m).map_err(|e| e.under("size"))?;
            let vehicle = wire::DetectedVehicleData { size, height, vehicle_class: class, ..Default::default() };
            (vehicle != wire::DetectedVehicleData::default()).then_some(Details::DetVeh(vehicle))
        }
        ParticipantType::Unknown | ParticipantType::Rsu if extended => {
            let side = |field, m: Option<f64>| SIDE.saturate_above(field, m.unwrap_or(0.0));
            let value = |steps: i64| wire::SizeValue(steps as u16);
            let height = height_m.map(|m| side("size.height_m", Some(m)).map(value)).transpose()?;
            let (width, length) = (side("size.width_m", width_m)?, side("size.length_m", length_m)?);
            let obst_size = wire::ObstacleSize { width: value(width), length: value(length), height };
            Some(Details::DetObst(wire::DetectedObstacleData { obst_size, ..Default::default() }))
        }
        ParticipantType::Unknown | ParticipantType::Rsu => None,
    })
}

#[derive(Default)]
struct Details {
    ptc_type: Option<ParticipantType>,
    size: VehicleSize,
    class: Option<VehicleClass>,
}

fn from_details(details: Option<&wire::DetectedObjectOptionalData>) -> Details {
    use wire::DetectedObjectOptionalData as Kind;
    use wire::PersonalDeviceUserType as User;
    match details {
        None => Details::default(),
        Some(Kind::DetVeh(vehicle)) => {
            let (width_m, length_m) = vehicle.size.as_ref().map_or((None, None), from_size);
            let class = vehicle.vehicle_class.as_ref();
            Details {
                ptc_type: Some(ParticipantType::Motor),
                size: VehicleSize { width_m, length_m, height_m: from_height(vehicle.height.as_ref()) },
                class: class.map(|class| VehicleClass { classification: class.0, fuel_type: None }),
            }
        }
        Some(Kind::DetVru(vru)) => {
            let ptc_type = match &vru.basic_type {
                Some(User::Apedalcyclist) => ParticipantType::NonMotor,
                Some(User::AnAnimal) => ParticipantType::Unknown,
                _ => ParticipantType::Pedestrian,
            };
            Details { ptc_type: Some(ptc_type), ..Details::default() }
        }
        Some(Kind::DetObst(obstacle)) => {
            let side = |value: &wire::SizeValue| Some(SIDE.value(i64::from(value.0))).filter(|m| *m > 0.0);
            let size = &obstacle.obst_size;
            let height_m = size.height.as_ref().and_then(side);
            let size = VehicleSize { width_m: side(&size.width), length_m: side(&size.length), height_m };
            Details { ptc_type: Some(ParticipantType::Unknown), size, class: None }
        }
    }
}

fn to_offset(anchor: &Position, at: &Position) -> Result<wire::PositionOffsetXyz, EncodeError> {
    let [east, north] = Plane::at(anchor.lat_deg).offset(anchor, at);
    let up = at.elevation_m.zip(anchor.elevation_m).map(|(at, anchor)| at - anchor);
    let far =
        |metres| DISTANCE.strict("the distance from ref_pos", metres).map(|steps| wire::ObjectDistance(steps as i16));
    Ok(wire::PositionOffsetXyz {
        offset_x: far(east)?,
        offset_y: far(north)?,
        offset_z: up
            .map(|up| DISTANCE.saturate("elevation_m", up))
            .transpose()?
            .map(|z| wire::ObjectDistance(z as i16)),
    })
}

fn from_offset(anchor: &Position, offset: &wire::PositionOffsetXyz) -> Result<Position, DecodeError> {
    let metres = |distance: &wire::ObjectDistance| DISTANCE.value(i64::from(distance.0));
    let moved = Plane::at(anchor.lat_deg).moved(anchor, [metres(&offset.offset_x), metres(&offset.offset_y)]);
    let up = offset.offset_z.as_ref().map(metres).zip(anchor.elevation_m);
    let elevation_m = up.map(|(up, anchor)| ELEVATION.held(up + anchor));
    on_earth("pos", Position { elevation_m, ..moved })
}

/// Milliseconds from the message's second to the measurement's, the short way round the minute.
fn to_age(mark: Option<u16>, message: Option<u16>) -> Result<i16, EncodeError> {
    let (Some(mark), Some(message)) = (mark, message) else { return Ok(0) };
    let age = i64::from(mark) - i64::from(message);
    let age = (age + MINUTE_MS / 2).rem_euclid(MINUTE_MS) - MINUTE_MS / 2;
    if age.abs() > AGE_MS {
        return Err(EncodeError::out_of_range("sec_mark_ms", mark, "1.5 s around the message's own second"));
    }
    Ok(age as i16)
}

fn from_age(age: i16, message: Option<u16>) -> Option<u16> {
    let mark = i64::from(message?) + i64::from(age);
    Some(if age == 0 { message? } else { mark.rem_euclid(MINUTE_MS) as u16 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_of_a_measurement_is_counted_across_the_turn_of_the_minute() {
        assert_eq!(to_age(Some(59_900), Some(100)), Ok(-200));
        assert_eq!(from_age(-200, Some(100)), Some(59_900));
        assert_eq!(to_age(Some(100), Some(59_900)), Ok(200));
        assert!(to_age(Some(2_000), Some(100)).is_err(), "1.9 s");
        assert_eq!(from_age(3, None), None);
    }

    #[test]
    fn a_participant_without_a_place_is_no_object() {
        let here = Position::new(31.0, 121.0);
        let nowhere = Participant { ptc_id: 1, ..Participant::default() };
        let somewhere = Participant { ptc_id: 2, ..Participant::default() }.at(here);
        let rsm = Rsm { ref_pos: Some(here), participants: vec![nowhere, somewhere], ..Rsm::default() };
        let ids: Vec<u16> = to_wire(&rsm).unwrap().objects.0.iter().map(|o| o.det_obj_common.object_id.0).collect();
        assert_eq!(ids, [2]);
        assert!(to_wire(&Rsm::default()).unwrap_err().to_string().starts_with("ref_pos"));
    }
}
