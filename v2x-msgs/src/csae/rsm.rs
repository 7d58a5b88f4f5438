//! RSM between model and wire.

use super::frame::{from_id, to_count};
use super::motion::{
    from_acceleration, from_class, from_heading, from_motion_cfd, from_size, from_speed, from_steering,
    from_transmission, to_acceleration, to_class, to_heading, to_motion_cfd, to_size, to_speed, to_steering,
    to_transmission,
};
use super::place::{
    Place, from_confidence, from_offset, from_position3d, paired, position, reference, to_confidence, to_offset,
    to_position3d,
};
use super::time::{from_second, to_second};
use super::wire;
use crate::csae::named::{from_enumerated, to_enumerated};
use crate::csae::{each, list, part};
use crate::error::{DecodeError, EncodeError};
use crate::model::{Participant, Rsm};

pub(super) fn to_wire(rsm: &Rsm) -> Result<wire::RoadsideSafetyMessage, EncodeError> {
    let from = reference(rsm.ref_pos.as_ref())?;
    Ok(wire::RoadsideSafetyMessage {
        msg_cnt: to_count(rsm.msg_cnt)?,
        id: rsm.id.0.to_vec(),
        ref_pos: to_position3d(from),
        participants: wire::ParticipantList(each("participants", &rsm.participants, |p| to_participant(p, from))?),
    })
}

pub(super) fn from_wire(rsm: &wire::RoadsideSafetyMessage) -> Result<Rsm, DecodeError> {
    let from = from_position3d(&rsm.ref_pos);
    Ok(Rsm {
        msg_cnt: rsm.msg_cnt.0,
        id: from_id(&rsm.id),
        utc_time: None,
        ref_pos: position(from),
        participants: list("participants", &rsm.participants.0, |p| from_participant(p, from))?,
    })
}

pub(crate) fn to_participant(p: &Participant, from: Option<Place>) -> Result<wire::ParticipantData, EncodeError> {
    Ok(wire::ParticipantData {
        ptc_type: to_enumerated("ptc_type", p.ptc_type)?,
        ptc_id: p.ptc_id,
        source: to_enumerated("source", p.source)?,
        id: p.id.map(|id| id.0.to_vec()),
        sec_mark: to_second("sec_mark_ms", p.sec_mark_ms)?,
        pos: to_offset(paired(p.lat_deg, p.lon_deg, p.elevation_m)?, from),
        pos_confidence: to_confidence(&p.pos_confidence).map_err(|e| e.under("pos_confidence"))?,
        transmission: p.transmission.map(|gear| to_transmission(Some(gear))).transpose()?,
        speed: to_speed("speed_mps", p.speed_mps)?,
        heading: to_heading(p.heading_deg)?,
        angle: to_steering(p.angle_deg)?,
        motion_cfd: part("motion_cfd", p.motion_cfd.as_ref(), to_motion_cfd)?,
        accel_set: part("accel_set", p.accel_set.as_ref(), to_acceleration)?,
        size: to_size(&p.size).map_err(|e| e.under("size"))?,
        vehicle_class: part("vehicle_class", p.vehicle_class.as_ref(), to_class)?,
    })
}

pub(crate) fn from_participant(p: &wire::ParticipantData, from: Option<Place>) -> Result<Participant, DecodeError> {
    let place = position(from_offset("pos", &p.pos, from)?);
    Ok(Participant {
        ptc_type: from_enumerated(&p.ptc_type).unwrap_or_default(),
        ptc_id: p.ptc_id,
        source: from_enumerated(&p.source).unwrap_or_default(),
        id: p.id.as_deref().map(from_id),
        sec_mark_ms: from_second(&p.sec_mark),
        lat_deg: place.map(|place| place.lat_deg),
        lon_deg: place.map(|place| place.lon_deg),
        elevation_m: place.and_then(|place| place.elevation_m),
        pos_confidence: from_confidence(&p.pos_confidence),
        transmission: p.transmission.as_ref().and_then(from_transmission),
        speed_mps: from_speed(&p.speed),
        heading_deg: from_heading(&p.heading),
        angle_deg: from_steering(p.angle.as_ref()),
        motion_cfd: p.motion_cfd.as_ref().map(from_motion_cfd),
        accel_set: p.accel_set.as_ref().map(from_acceleration),
        size: from_size(&p.size),
        vehicle_class: p.vehicle_class.as_ref().map(from_class),
    })
}
