//! RSC between model and wire.

use super::mapping::bsm::{from_date, to_date};
use super::mapping::frame::{from_id, to_count};
use super::mapping::motion::{from_speed, to_speed_or_none};
use super::mapping::place::{Place, from_position3d, position, reference, to_position3d};
use super::mapping::rsi::{from_description, from_link, from_path, to_description, to_link, to_path};
use super::mapping::time::{from_second, to_second};
use super::planning::{from_path as from_plan, from_seconds, to_path as to_plan, to_seconds};
use super::wire;
use crate::csae::named::{from_bits, to_bits};
use crate::csae::{each_or_none, list, part};
use crate::error::{DecodeError, EncodeError};
use crate::model::{DriveSuggestion, LaneCoordination, Rsc, VehicleCoordination};

pub(super) fn to_wire(rsc: &Rsc) -> Result<wire::RoadsideCoordination, EncodeError> {
    let from = reference(rsc.ref_pos.as_ref())?;
    Ok(wire::RoadsideCoordination {
        msg_cnt: to_count(rsc.msg_cnt)?,
        id: rsc.id.0.to_vec(),
        sec_mark: to_second("sec_mark_ms", rsc.sec_mark_ms)?,
        ref_pos: to_position3d(from),
        coordinates: each_or_none("coordinates", &rsc.coordinates, |vehicle| to_vehicle(vehicle, from))?,
        lane_coordinates: each_or_none("lane_coordinates", &rsc.lane_coordinates, |lane| to_lane(lane, from))?,
    })
}

pub(super) fn from_wire(rsc: &wire::RoadsideCoordination) -> Result<Rsc, DecodeError> {
    let from = from_position3d(&rsc.ref_pos);
    Ok(Rsc {
        msg_cnt: rsc.msg_cnt.0,
        id: from_id(&rsc.id),
        sec_mark_ms: from_second(&rsc.sec_mark),
        ref_pos: position(from),
        coordinates: list("coordinates", rsc.coordinates.iter().flatten(), |vehicle| from_vehicle(vehicle, from))?,
        lane_coordinates: list("lane_coordinates", rsc.lane_coordinates.iter().flatten(), |l| from_lane(l, from))?,
    })
}

fn to_vehicle(vehicle: &VehicleCoordination, from: Option<Place>) -> Result<wire::VehicleCoordination, EncodeError> {
    let suggestion = vehicle.drive_suggestion.as_ref();
    Ok(wire::VehicleCoordination {
        veh_id: vehicle.veh_id.0.to_vec(),
        drive_suggestion: part("drive_suggestion", suggestion, |drive| to_suggestion(drive, from))?,
        path_guidance: to_plan("path_guidance", &vehicle.path_guidance, from)?,
        info: vehicle.info.as_ref().map(to_bits).map(wire::CoordinationInfo),
    })
}

fn from_vehicle(vehicle: &wire::VehicleCoordination, from: Option<Place>) -> Result<VehicleCoordination, DecodeError> {
    let suggestion = vehicle.drive_suggestion.as_ref().map(|drive| from_suggestion(drive, from)).transpose();
    Ok(VehicleCoordination {
        veh_id: from_id(&vehicle.veh_id),
        drive_suggestion: suggestion.map_err(|e| e.under("drive_suggestion"))?,
        path_guidance: from_plan("path_guidance", vehicle.path_guidance.as_ref(), from)?,
        info: vehicle.info.as_ref().map(|bits| from_bits(&bits.0)),
    })
}

fn to_suggestion(drive: &DriveSuggestion, from: Option<Place>) -> Result<wire::DriveSuggestion, EncodeError> {
    Ok(wire::DriveSuggestion {
        suggestion: wire::DriveBehavior(to_bits(&drive.suggestion)),
        life_time: to_seconds("life_time_s", drive.life_time_s)?,
        related_link: part("related_link", drive.related_link.as_ref(), to_link)?,
        related_path: part("related_path", drive.related_path.as_ref(), |path| to_path(path, from))?,
    })
}

fn from_suggestion(drive: &wire::DriveSuggestion, from: Option<Place>) -> Result<DriveSuggestion, DecodeError> {
    let path = drive.related_path.as_ref().map(|path| from_path(path, from)).transpose();
    Ok(DriveSuggestion {
        suggestion: from_bits(&drive.suggestion.0),
        life_time_s: from_seconds(drive.life_time.as_ref()),
        related_link: drive.related_link.as_ref().map(from_link),
        related_path: path.map_err(|e| e.under("related_path"))?,
    })
}

fn to_lane(lane: &LaneCoordination, from: Option<Place>) -> Result<wire::LaneCoordination, EncodeError> {
    Ok(wire::LaneCoordination {
        target_lane: to_link(&lane.target_lane).map_err(|e| e.under("target_lane"))?,
        related_path: part("related_path", lane.related_path.as_ref(), |path| to_path(path, from))?,
        t_begin: part("begin", lane.begin.as_ref(), to_date)?,
        t_end: part("end", lane.end.as_ref(), to_date)?,
        recommended_speed: to_speed_or_none("recommended_speed_mps", lane.recommended_speed_mps)?,
        recommended_behavior: lane.recommended_behavior.as_ref().map(to_bits).map(wire::DriveBehavior),
        info: lane.info.as_ref().map(to_bits).map(wire::CoordinationInfo),
        description: lane.description.as_ref().map(to_description),
    })
}

fn from_lane(lane: &wire::LaneCoordination, from: Option<Place>) -> Result<LaneCoordination, DecodeError> {
    let path = lane.related_path.as_ref().map(|path| from_path(path, from)).transpose();
    Ok(LaneCoordination {
        target_lane: from_link(&lane.target_lane),
        related_path: path.map_err(|e| e.under("related_path"))?,
        begin: lane.t_begin.as_ref().map(from_date),
        end: lane.t_end.as_ref().map(from_date),
        recommended_speed_mps: lane.recommended_speed.as_ref().and_then(from_speed),
        recommended_behavior: lane.recommended_behavior.as_ref().map(|bits| from_bits(&bits.0)),
        info: lane.info.as_ref().map(|bits| from_bits(&bits.0)),
        description: lane.description.as_ref().map(from_description),
    })
}
