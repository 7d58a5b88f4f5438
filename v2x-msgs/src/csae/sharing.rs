//! SSM between model and wire.

use super::detected::{
    from_extension, from_planning, from_size, from_size_confidence, to_extension, to_planning, to_size,
    to_size_confidence,
};
use super::mapping::bsm::{from_history, to_history};
use super::mapping::frame::{from_id, to_count};
use super::mapping::motion::{
    from_acceleration, from_heading, from_speed, to_acceleration, to_heading, to_speed, to_speed_or_none,
};
use super::mapping::place::{
    Place, from_confidence, from_offset, from_point, from_position3d, paired, position, to_confidence, to_offset,
    to_point, to_position3d,
};
use super::mapping::rsi::{from_rtes, to_rtes};
use super::mapping::rsm::{from_participant, to_participant};
use super::mapping::time::{from_second, to_second};
use super::planning::{
    from_acceleration_confidence, from_seconds, from_share, to_acceleration_confidence, to_seconds, to_share,
};
use super::wire;
use crate::csae::confidence::{HEADING_DEG, SPEED_MPS, from_step, to_step};
use crate::csae::named::{from_enumerated, to_enumerated, to_optional};
use crate::csae::{each, each_or_none, list, part};
use crate::error::{DecodeError, EncodeError};
use crate::model::{DetectedParticipant, Obstacle, Position, Ssm};

pub(super) fn to_wire(ssm: &Ssm) -> Result<wire::SensorSharingMsg, EncodeError> {
    let from = part("sensor_pos", ssm.sensor_pos.as_ref(), Place::of)?;
    let region = |corners: &Vec<Position>| each("", corners, |corner| to_point(corner, from)).map(wire::Polygon);
    let participants = each_or_none("participants", &ssm.participants, |seen| to_detected(seen, from))?;
    let obstacles = each_or_none("obstacles", &ssm.obstacles, |thing| to_obstacle(thing, from))?;
    Ok(wire::SensorSharingMsg {
        msg_cnt: to_count(ssm.msg_cnt)?,
        id: ssm.id.0.to_vec(),
        equipment_type: to_enumerated("equipment_type", ssm.equipment_type)?,
        sec_mark: to_second("sec_mark_ms", ssm.sec_mark_ms)?,
        sensor_pos: to_position3d(from),
        detected_region: each_or_none("detected_region", &ssm.detected_region, region)?.map(wire::DetectedRegion),
        participants: participants.map(wire::DetectedPtcList),
        obstacles: obstacles.map(wire::DetectedObstacleList),
        rtes: to_rtes(&ssm.rtes, from)?,
    })
}

pub(super) fn from_wire(ssm: &wire::SensorSharingMsg) -> Result<Ssm, DecodeError> {
    let from = from_position3d(&ssm.sensor_pos);
    let regions = ssm.detected_region.iter().flat_map(|regions| &regions.0);
    let participants = ssm.participants.iter().flat_map(|seen| &seen.0);
    let obstacles = ssm.obstacles.iter().flat_map(|things| &things.0);
    Ok(Ssm {
        msg_cnt: ssm.msg_cnt.0,
        id: from_id(&ssm.id),
        equipment_type: from_enumerated(&ssm.equipment_type).unwrap_or_default(),
        sec_mark_ms: from_second(&ssm.sec_mark),
        sensor_pos: position(from),
        detected_region: list("detected_region", regions, |region| from_polygon("", Some(region), from))?,
        participants: list("participants", participants, |seen| from_detected(seen, from))?,
        obstacles: list("obstacles", obstacles, |thing| from_obstacle(thing, from))?,
        rtes: from_rtes(ssm.rtes.as_ref(), from)?,
    })
}

fn to_polygon(corners: &[Position], from: Option<Place>) -> Result<Option<wire::Polygon>, EncodeError> {
    Ok(each_or_none("polygon", corners, |corner| to_point(corner, from))?.map(wire::Polygon))
}

fn from_polygon(
    field: &'static str,
    polygon: Option<&wire::Polygon>,
    from: Option<Place>,
) -> Result<Vec<Position>, DecodeError> {
    list(field, polygon.iter().flat_map(|polygon| &polygon.0), |corner| from_point("", corner, from))
}

fn to_detected(seen: &DetectedParticipant, from: Option<Place>) -> Result<wire::DetectedPtcData, EncodeError> {
    let ptc = &seen.ptc;
    // Its history is seen from where it is, as in a BSM.
    let here = paired(ptc.lat_deg, ptc.lon_deg, ptc.elevation_m).map_err(|e| e.under("ptc"))?;
    let planning = each_or_none("planning", &seen.planning, |plan| to_planning(plan, from))?;
    Ok(wire::DetectedPtcData {
        ptc: to_participant(ptc, from).map_err(|e| e.under("ptc"))?,
        obj_size_confidence: part("size_confidence", seen.size_confidence.as_ref(), to_size_confidence)?,
        detected_ptc_type: to_optional("detected_type", seen.detected_type)?,
        type_confidence: to_share("type_confidence", seen.type_confidence)?,
        acc4way_confidence: part("accel_confidence", seen.accel_confidence.as_ref(), to_acceleration_confidence)?,
        status_duration: to_seconds("status_duration_s", seen.status_duration_s)?,
        path_history: part("path_history", seen.path_history.as_ref(), |path| to_history(path, here))?,
        planning: planning.map(wire::PlanningList),
        tracking: to_tracking(seen.tracking_s)?,
        polygon: to_polygon(&seen.polygon, from)?,
        type_related_ext: part("extension", seen.extension.as_ref(), to_extension)?,
    })
}

fn from_detected(seen: &wire::DetectedPtcData, from: Option<Place>) -> Result<DetectedParticipant, DecodeError> {
    let ptc = from_participant(&seen.ptc, from).map_err(|e| e.under("ptc"))?;
    let here = from_offset("pos", &seen.ptc.pos, from)?;
    let history = seen.path_history.as_ref().map(|path| from_history(path, here)).transpose();
    let planning = seen.planning.iter().flat_map(|plans| &plans.0);
    Ok(DetectedParticipant {
        ptc,
        size_confidence: seen.obj_size_confidence.as_ref().map(from_size_confidence),
        detected_type: seen.detected_ptc_type.as_ref().and_then(from_enumerated),
        type_confidence: from_share(seen.type_confidence.as_ref()),
        accel_confidence: seen.acc4way_confidence.as_ref().map(from_acceleration_confidence),
        status_duration_s: from_seconds(seen.status_duration.as_ref()),
        path_history: history.map_err(|e| e.under("path_history"))?,
        planning: list("planning", planning, |plan| from_planning(plan, from))?,
        tracking_s: seen.tracking,
        polygon: from_polygon("polygon", seen.polygon.as_ref(), from)?,
        extension: seen.type_related_ext.as_ref().map(from_extension),
    })
}

fn to_tracking(seconds: Option<u16>) -> Result<Option<u16>, EncodeError> {
    match seconds {
        Some(0) => Err(EncodeError::out_of_range("tracking_s", 0, "1 to 65535")),
        other => Ok(other),
    }
}

fn to_obstacle(thing: &Obstacle, from: Option<Place>) -> Result<wire::DetectedObstacleData, EncodeError> {
    let place = part("pos", thing.pos.as_ref(), Place::of)?;
    Ok(wire::DetectedObstacleData {
        obs_type: to_enumerated("obs_type", thing.obs_type)?,
        obj_type_confidence: to_share("type_confidence", thing.type_confidence)?,
        obs_id: thing.obs_id,
        source: to_enumerated("source", thing.source)?,
        sec_mark: to_second("sec_mark_ms", thing.sec_mark_ms)?,
        pos: to_offset(place, from),
        pos_confidence: to_confidence(&thing.pos_confidence).map_err(|e| e.under("pos_confidence"))?,
        speed: to_speed("speed_mps", thing.speed_mps)?,
        speed_cfd: to_step("speed_confidence_mps", &SPEED_MPS, thing.speed_confidence_mps)?,
        heading: to_heading(thing.heading_deg)?,
        heading_cfd: to_step("heading_confidence_deg", &HEADING_DEG, thing.heading_confidence_deg)?,
        ver_speed: to_speed_or_none("vertical_speed_mps", thing.vertical_speed_mps)?,
        ver_speed_confidence: to_step(
            "vertical_speed_confidence_mps",
            &SPEED_MPS,
            thing.vertical_speed_confidence_mps,
        )?,
        accel_set: part("accel_set", thing.accel_set.as_ref(), to_acceleration)?,
        size: to_size(&thing.size).map_err(|e| e.under("size"))?,
        obj_size_confidence: part("size_confidence", thing.size_confidence.as_ref(), to_size_confidence)?,
        tracking: to_tracking(thing.tracking_s)?,
        polygon: to_polygon(&thing.polygon, from)?,
    })
}

fn from_obstacle(thing: &wire::DetectedObstacleData, from: Option<Place>) -> Result<Obstacle, DecodeError> {
    let up_sure = thing.ver_speed_confidence.as_ref();
    Ok(Obstacle {
        obs_type: from_enumerated(&thing.obs_type).unwrap_or_default(),
        type_confidence: from_share(thing.obj_type_confidence.as_ref()),
        obs_id: thing.obs_id,
        source: from_enumerated(&thing.source).unwrap_or_default(),
        sec_mark_ms: from_second(&thing.sec_mark),
        pos: position(from_offset("pos", &thing.pos, from)?),
        pos_confidence: from_confidence(&thing.pos_confidence),
        speed_mps: from_speed(&thing.speed),
        speed_confidence_mps: thing.speed_cfd.as_ref().and_then(|step| from_step(&SPEED_MPS, step)),
        heading_deg: from_heading(&thing.heading),
        heading_confidence_deg: thing.heading_cfd.as_ref().and_then(|step| from_step(&HEADING_DEG, step)),
        vertical_speed_mps: thing.ver_speed.as_ref().and_then(from_speed),
        vertical_speed_confidence_mps: up_sure.and_then(|step| from_step(&SPEED_MPS, step)),
        accel_set: thing.accel_set.as_ref().map(from_acceleration),
        size: from_size(&thing.size),
        size_confidence: thing.obj_size_confidence.as_ref().map(from_size_confidence),
        tracking_s: thing.tracking,
        polygon: from_polygon("polygon", thing.polygon.as_ref(), from)?,
    })
}
