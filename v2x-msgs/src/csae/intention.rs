//! VIR between model and wire.

use super::mapping::bsm::{from_date, to_date};
use super::mapping::frame::{from_id, to_count};
use super::mapping::map::{from_node_id, to_node_id};
use super::mapping::motion::{from_class, to_class};
use super::mapping::place::{Place, from_position3d, position, reference, to_position3d};
use super::mapping::rsi::{from_path, to_path};
use super::mapping::time::{from_second, to_second};
use super::planning::{from_path as from_plan, from_planned, from_seconds, to_path as to_plan, to_planned, to_seconds};
use super::wire;
use crate::csae::named::{from_bits, from_enumerated, to_bits, to_enumerated, to_optional};
use crate::csae::quantity::{Steps, at_most};
use crate::csae::{each, each_or_none, list, part};
use crate::error::{DecodeError, EncodeError};
use crate::model::{
    ClearTheWay, DriveRequest, LaneChange, ParkingAreaRequest, RequestInfo, RequiredMovement, SensorRequest,
    SignalPriority, Vir,
};

/// `distance2Intersection`: 0.1 m.
const DISTANCE: Steps = Steps::new(10.0, 0, 10_000);

pub(super) fn to_wire(vir: &Vir) -> Result<wire::VehIntentionAndRequest, EncodeError> {
    let from = reference(vir.ref_pos.as_ref())?;
    let int_and_req = wire::IarData {
        current_pos: part("current_pos", vir.current_pos.as_ref(), |point| to_planned(point, from))?,
        path_planning: to_plan("path_planning", &vir.path_planning, from)?,
        current_behavior: vir.current_behavior.as_ref().map(to_bits).map(wire::DriveBehavior),
        reqs: each_or_none("requests", &vir.requests, |request| to_request(request, from))?,
    };
    Ok(wire::VehIntentionAndRequest {
        msg_cnt: to_count(vir.msg_cnt)?,
        id: vir.id.0.to_vec(),
        sec_mark: to_second("sec_mark_ms", vir.sec_mark_ms)?,
        ref_pos: to_position3d(from),
        int_and_req,
    })
}

pub(super) fn from_wire(vir: &wire::VehIntentionAndRequest) -> Result<Vir, DecodeError> {
    let from = from_position3d(&vir.ref_pos);
    let data = &vir.int_and_req;
    let current = data.current_pos.as_ref().map(|point| from_planned(point, from)).transpose();
    Ok(Vir {
        msg_cnt: vir.msg_cnt.0,
        id: from_id(&vir.id),
        sec_mark_ms: from_second(&vir.sec_mark),
        ref_pos: position(from),
        current_pos: current.map_err(|e| e.under("current_pos"))?,
        path_planning: from_plan("path_planning", data.path_planning.as_ref(), from)?,
        current_behavior: data.current_behavior.as_ref().map(|bits| from_bits(&bits.0)),
        requests: list("requests", data.reqs.iter().flatten(), |request| from_request(request, from))?,
    })
}

fn to_request(request: &DriveRequest, from: Option<Place>) -> Result<wire::DriveRequest, EncodeError> {
    let priority = request.priority.map(|p| at_most("priority", p, 7)).transpose()?;
    Ok(wire::DriveRequest {
        req_id: request.req_id,
        status: to_enumerated("status", request.status)?,
        // As DE_RSIPriority: the top three bits of the octet.
        req_priority: priority.map(|p| vec![p << 5]),
        target_veh: request.target_veh.map(|id| id.0.to_vec()),
        target_rsu: request.target_rsu.map(|id| id.0.to_vec()),
        info: part("info", request.info.as_ref(), |info| to_info(info, from))?,
        life_time: to_seconds("life_time_s", request.life_time_s)?,
    })
}

fn from_request(request: &wire::DriveRequest, from: Option<Place>) -> Result<DriveRequest, DecodeError> {
    let info = request.info.as_ref().map(|info| from_info(info, from)).transpose();
    Ok(DriveRequest {
        req_id: request.req_id,
        status: from_enumerated(&request.status).unwrap_or_default(),
        priority: request.req_priority.as_ref().and_then(|octets| octets.first()).map(|octet| octet >> 5),
        target_veh: request.target_veh.as_deref().map(from_id),
        target_rsu: request.target_rsu.as_deref().map(from_id),
        info: info.map_err(|e| e.under("info"))?,
        life_time_s: from_seconds(request.life_time.as_ref()),
    })
}

fn to_info(info: &RequestInfo, from: Option<Place>) -> Result<wire::ReqInfo, EncodeError> {
    Ok(match info {
        RequestInfo::LaneChange(change) => wire::ReqInfo::LaneChange(wire::ReqLaneChange {
            upstream_node: to_node_id(&change.upstream_node),
            downstream_node: to_node_id(&change.downstream_node),
            target_lane: wire::LaneId(change.target_lane),
        }),
        RequestInfo::ClearTheWay(way) => wire::ReqInfo::ClearTheWay(wire::ReqClearTheWay {
            upstream_node: to_node_id(&way.upstream_node),
            downstream_node: to_node_id(&way.downstream_node),
            target_lane: wire::LaneId(way.target_lane),
            related_path: part("related_path", way.related_path.as_ref(), |path| to_path(path, from))?,
            t_begin: part("begin", way.begin.as_ref(), to_date)?,
            t_end: part("end", way.end.as_ref(), to_date)?,
        }),
        RequestInfo::SignalPriority(priority) => wire::ReqInfo::SignalPriority(to_priority(priority)?),
        RequestInfo::SensorSharing(request) => wire::ReqInfo::SensorSharing(wire::ReqSensorSharing {
            detect_area: wire::ReferencePathList(each("detect_area", &request.detect_area, |p| to_path(p, from))?),
        }),
        RequestInfo::Parking(request) => wire::ReqInfo::Parking(wire::ReqParkingArea {
            vehicle_class: to_class(&request.vehicle_class).map_err(|e| e.under("vehicle_class"))?,
            req: wire::ParkingRequest(to_bits(&request.request)),
            parking_type: request.parking_type.as_ref().map(to_bits).map(wire::ParkingType),
            expected_parking_slot_id: request.expected_slot,
        }),
    })
}

fn from_info(info: &wire::ReqInfo, from: Option<Place>) -> Result<RequestInfo, DecodeError> {
    Ok(match info {
        wire::ReqInfo::LaneChange(change) => RequestInfo::LaneChange(LaneChange {
            upstream_node: from_node_id(&change.upstream_node),
            downstream_node: from_node_id(&change.downstream_node),
            target_lane: change.target_lane.0,
        }),
        wire::ReqInfo::ClearTheWay(way) => {
            let path = way.related_path.as_ref().map(|path| from_path(path, from)).transpose();
            RequestInfo::ClearTheWay(Box::new(ClearTheWay {
                upstream_node: from_node_id(&way.upstream_node),
                downstream_node: from_node_id(&way.downstream_node),
                target_lane: way.target_lane.0,
                related_path: path.map_err(|e| e.under("related_path"))?,
                begin: way.t_begin.as_ref().map(from_date),
                end: way.t_end.as_ref().map(from_date),
            }))
        }
        wire::ReqInfo::SignalPriority(priority) => RequestInfo::SignalPriority(from_priority(priority)),
        wire::ReqInfo::SensorSharing(request) => RequestInfo::SensorSharing(SensorRequest {
            detect_area: list("detect_area", &request.detect_area.0, |path| from_path(path, from))?,
        }),
        wire::ReqInfo::Parking(request) => RequestInfo::Parking(ParkingAreaRequest {
            vehicle_class: from_class(&request.vehicle_class),
            request: from_bits(&request.req.0),
            parking_type: request.parking_type.as_ref().map(|bits| from_bits(&bits.0)),
            expected_slot: request.expected_parking_slot_id,
        }),
    })
}

fn to_priority(priority: &SignalPriority) -> Result<wire::ReqSignalPriority, EncodeError> {
    let way = &priority.required_movement;
    let distance = priority.distance_to_intersection_m;
    let distance = distance.map(|m| DISTANCE.saturate_above("distance_to_intersection_m", m)).transpose()?;
    Ok(wire::ReqSignalPriority {
        intersection_id: to_node_id(&priority.intersection_id),
        required_mov: wire::MovementEx {
            remote_intersection: to_node_id(&way.remote_intersection),
            phase_id: way.phase_id.map(wire::PhaseId),
            turn_direction: to_optional("required_movement.turn_direction", way.turn_direction)?,
        },
        estimated_arrival_time: to_seconds("estimated_arrival_time_s", priority.estimated_arrival_time_s)?,
        distance2intersection: distance.map(|steps| steps as u16),
    })
}

fn from_priority(priority: &wire::ReqSignalPriority) -> SignalPriority {
    let way = &priority.required_mov;
    SignalPriority {
        intersection_id: from_node_id(&priority.intersection_id),
        required_movement: RequiredMovement {
            remote_intersection: from_node_id(&way.remote_intersection),
            phase_id: way.phase_id.as_ref().map(|phase| phase.0),
            turn_direction: way.turn_direction.as_ref().and_then(from_enumerated),
        },
        estimated_arrival_time_s: from_seconds(priority.estimated_arrival_time.as_ref()),
        distance_to_intersection_m: priority.distance2intersection.map(|steps| DISTANCE.value(i64::from(steps))),
    }
}
