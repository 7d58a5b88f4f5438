//! SRM and SSM, requests for priority at signals and their answers, between model and wire.

use asn1rs::syn::enumerated;

use super::frame::{from_temporary, to_count, to_temporary};
use super::map::{from_id, to_id};
use super::motion::{from_speed, from_transmission, to_speed, to_transmission};
use super::place::{from_position3d, to_position3d};
use super::time::{from_minute, from_second, to_minute, to_second, to_second_or_none};
use super::wire;
use crate::csae::named::{from_bits, from_enumerated, to_bits, to_enumerated, to_optional};
use crate::csae::quantity::{HEADING, Steps, at_most};
use crate::csae::{each, each_or_none, part};
use crate::error::EncodeError;
use crate::model::{
    AccessPoint, CrossingStatus, RequestState, Requester, Requestor, RequestorId, RequestorKind, RequestorPosition,
    SignalRequest, SignalStatus, Srm,
};

/// DE_DSecond as a duration: 1 ms; 65535 is "not available".
const DURATION: Steps = Steps::new(1_000.0, 0, 65_534);
/// DE_DeltaTime: 10 s; −122 is "not available".
const SCHEDULE: Steps = Steps::of(10.0, 1.0, -121, 121);

pub(super) fn to_request(srm: &Srm) -> Result<wire::SignalRequestMessage, EncodeError> {
    Ok(wire::SignalRequestMessage {
        time_stamp: to_minute("moy", srm.moy)?,
        second: to_second("sec_mark_ms", srm.sec_mark_ms)?,
        sequence_number: Some(to_count(srm.msg_cnt)?),
        requests: each_or_none("requests", &srm.requests, to_package)?.map(wire::SignalRequestList),
        requestor: to_requestor(&srm.requestor).map_err(|e| e.under("requestor"))?,
        regional: None,
    })
}

pub(super) fn from_request(srm: &wire::SignalRequestMessage) -> Srm {
    Srm {
        msg_cnt: srm.sequence_number.as_ref().map_or(0, |count| count.0),
        moy: from_minute(srm.time_stamp.as_ref()),
        sec_mark_ms: from_second(&srm.second),
        requests: srm.requests.iter().flat_map(|list| &list.0).map(from_package).collect(),
        requestor: from_requestor(&srm.requestor),
    }
}

pub(super) fn to_status(ssm: &SignalStatus) -> Result<wire::SignalStatusMessage, EncodeError> {
    Ok(wire::SignalStatusMessage {
        time_stamp: to_minute("moy", ssm.moy)?,
        second: to_second("sec_mark_ms", ssm.sec_mark_ms)?,
        sequence_number: Some(to_count(ssm.msg_cnt)?),
        status: wire::SignalStatusList(each("status", &ssm.status, to_crossing)?),
        regional: None,
    })
}

pub(super) fn from_status(ssm: &wire::SignalStatusMessage) -> SignalStatus {
    SignalStatus {
        msg_cnt: ssm.sequence_number.as_ref().map_or(0, |count| count.0),
        moy: from_minute(ssm.time_stamp.as_ref()),
        sec_mark_ms: from_second(&ssm.second),
        status: ssm.status.0.iter().map(from_crossing).collect(),
    }
}

fn to_package(request: &SignalRequest) -> Result<wire::SignalRequestPackage, EncodeError> {
    Ok(wire::SignalRequestPackage {
        request: wire::SignalRequest {
            id: to_id(&request.intersection_id),
            request_id: wire::RequestId(request.request_id),
            request_type: to_enumerated("request_type", request.request_type)?,
            in_bound_lane: to_access("inbound", request.inbound)?,
            out_bound_lane: request.outbound.map(|way| to_access("outbound", way)).transpose()?,
            regional: None,
        },
        minute: to_minute("minute", request.minute)?,
        second: to_second_or_none("second_ms", request.second_ms)?,
        duration: to_duration(request.duration_s)?,
        regional: None,
    })
}

fn from_package(package: &wire::SignalRequestPackage) -> SignalRequest {
    let request = &package.request;
    SignalRequest {
        intersection_id: from_id(&request.id),
        request_id: request.request_id.0,
        request_type: from_enumerated(&request.request_type).unwrap_or_default(),
        inbound: from_access(&request.in_bound_lane),
        outbound: request.out_bound_lane.as_ref().map(from_access),
        minute: from_minute(package.minute.as_ref()),
        second_ms: package.second.as_ref().and_then(from_second),
        duration_s: from_duration(package.duration.as_ref()),
    }
}

fn to_crossing(crossing: &CrossingStatus) -> Result<wire::SignalStatus, EncodeError> {
    Ok(wire::SignalStatus {
        sequence_number: wire::MsgCount(at_most("sequence", crossing.sequence, 127)?),
        id: to_id(&crossing.intersection_id),
        sig_status: wire::SignalStatusPackageList(each("requests", &crossing.requests, to_state)?),
        regional: None,
    })
}

fn from_crossing(crossing: &wire::SignalStatus) -> CrossingStatus {
    CrossingStatus {
        sequence: crossing.sequence_number.0,
        intersection_id: from_id(&crossing.id),
        requests: crossing.sig_status.0.iter().map(from_state).collect(),
    }
}

fn to_state(state: &RequestState) -> Result<wire::SignalStatusPackage, EncodeError> {
    Ok(wire::SignalStatusPackage {
        requester: part("requester", state.requester.as_ref(), to_requester)?,
        inbound_on: to_access("inbound", state.inbound)?,
        outbound_on: state.outbound.map(|way| to_access("outbound", way)).transpose()?,
        minute: to_minute("minute", state.minute)?,
        second: to_second_or_none("second_ms", state.second_ms)?,
        duration: to_duration(state.duration_s)?,
        status: to_enumerated("status", state.status)?,
        regional: None,
    })
}

fn from_state(state: &wire::SignalStatusPackage) -> RequestState {
    RequestState {
        requester: state.requester.as_ref().map(from_requester),
        inbound: from_access(&state.inbound_on),
        outbound: state.outbound_on.as_ref().map(from_access),
        minute: from_minute(state.minute.as_ref()),
        second_ms: state.second.as_ref().and_then(from_second),
        duration_s: from_duration(state.duration.as_ref()),
        status: from_enumerated(&state.status).unwrap_or_default(),
    }
}

fn to_requester(requester: &Requester) -> Result<wire::SignalRequesterInfo, EncodeError> {
    Ok(wire::SignalRequesterInfo {
        id: to_requestor_id(requester.id),
        request: wire::RequestId(requester.request_id),
        sequence_number: wire::MsgCount(at_most("sequence", requester.sequence, 127)?),
        role: to_optional("role", requester.role)?,
        type_data: part("kind", requester.kind.as_ref(), to_kind)?,
    })
}

fn from_requester(requester: &wire::SignalRequesterInfo) -> Requester {
    Requester {
        id: from_requestor_id(&requester.id),
        request_id: requester.request.0,
        sequence: requester.sequence_number.0,
        role: requester.role.as_ref().and_then(from_enumerated),
        kind: requester.type_data.as_ref().map(from_kind),
    }
}

fn to_requestor(requestor: &Requestor) -> Result<wire::RequestorDescription, EncodeError> {
    let late = requestor.schedule_s.map(|s| SCHEDULE.saturate("schedule_s", s)).transpose()?;
    Ok(wire::RequestorDescription {
        id: to_requestor_id(requestor.id),
        type_: part("kind", requestor.kind.as_ref(), to_kind)?,
        position: part("position", requestor.position.as_ref(), to_position)?,
        name: requestor.name.clone().map(wire::DescriptiveName),
        route_name: requestor.route_name.clone().map(wire::DescriptiveName),
        transit_status: requestor.transit_status.as_ref().map(to_bits).map(wire::TransitVehicleStatus),
        transit_occupancy: to_optional("occupancy", requestor.occupancy)?,
        transit_schedule: late.map(|steps| wire::DeltaTime(steps as i8)),
        regional: None,
    })
}

fn from_requestor(requestor: &wire::RequestorDescription) -> Requestor {
    Requestor {
        id: from_requestor_id(&requestor.id),
        kind: requestor.type_.as_ref().map(from_kind),
        position: requestor.position.as_ref().map(from_position),
        name: requestor.name.as_ref().map(|name| name.0.clone()),
        route_name: requestor.route_name.as_ref().map(|name| name.0.clone()),
        transit_status: requestor.transit_status.as_ref().map(|bits| from_bits(&bits.0)),
        occupancy: requestor.transit_occupancy.as_ref().and_then(from_enumerated),
        schedule_s: requestor.transit_schedule.as_ref().and_then(|late| SCHEDULE.known(i64::from(late.0))),
    }
}

fn to_kind(kind: &RequestorKind) -> Result<wire::RequestorType, EncodeError> {
    let iso3883 = kind.iso3833.map(|number| at_most("iso3833", number, 100)).transpose()?;
    Ok(wire::RequestorType {
        role: to_enumerated("role", kind.role)?,
        subrole: to_number("subrole", kind.subrole)?,
        request: to_number("importance", kind.importance)?,
        iso3883: iso3883.map(wire::Iso3833VehicleType),
        hpms_type: to_optional("hpms", kind.hpms)?,
        regional: None,
    })
}

fn from_kind(kind: &wire::RequestorType) -> RequestorKind {
    RequestorKind {
        role: from_enumerated(&kind.role).unwrap_or_default(),
        subrole: kind.subrole.as_ref().and_then(from_number),
        importance: kind.request.as_ref().and_then(from_number),
        iso3833: kind.iso3883.as_ref().map(|number| number.0),
        hpms: kind.hpms_type.as_ref().and_then(from_enumerated),
    }
}

/// An enumeration whose enumerators are numbers; 0 is "not known".
fn to_number<C: enumerated::Constraint>(field: &'static str, number: Option<u8>) -> Result<Option<C>, EncodeError> {
    let Some(number) = number else { return Ok(None) };
    match C::from_choice_index(u64::from(number)) {
        Some(named) if number > 0 => Ok(Some(named)),
        _ => Err(EncodeError::out_of_range(field, number, "1 to 15")),
    }
}

fn from_number<C: enumerated::Constraint>(named: &C) -> Option<u8> {
    u8::try_from(named.to_choice_index()).ok().filter(|number| *number > 0)
}

fn to_position(at: &RequestorPosition) -> Result<wire::RequestorPositionVector, EncodeError> {
    let moves = at.transmission.is_some() || at.speed_mps.is_some();
    let speed = |()| -> Result<_, EncodeError> {
        let speed = wire::Velocity(to_speed("speed_mps", at.speed_mps)?);
        Ok(wire::TransmissionAndSpeed { transmisson: to_transmission(at.transmission)?, speed })
    };
    let heading = at.heading_deg.map(|deg| HEADING.around("heading_deg", deg)).transpose()?;
    Ok(wire::RequestorPositionVector {
        position: to_position3d(at.pos.as_ref()).map_err(|e| e.under("pos"))?,
        heading: heading.map(|steps| wire::Angle(steps as u16)),
        speed: moves.then_some(()).map(speed).transpose()?,
    })
}

fn from_position(at: &wire::RequestorPositionVector) -> RequestorPosition {
    RequestorPosition {
        pos: from_position3d(&at.position),
        heading_deg: at.heading.as_ref().and_then(|heading| HEADING.known(i64::from(heading.0))),
        transmission: at.speed.as_ref().and_then(|moves| from_transmission(&moves.transmisson)),
        speed_mps: at.speed.as_ref().and_then(|moves| from_speed(moves.speed.0)),
    }
}

fn to_requestor_id(id: RequestorId) -> wire::VehicleId {
    match id {
        RequestorId::Entity(id) => wire::VehicleId::EntityId(to_temporary(&id)),
        RequestorId::Station(number) => wire::VehicleId::StationId(wire::StationId(number)),
    }
}

fn from_requestor_id(id: &wire::VehicleId) -> RequestorId {
    match id {
        wire::VehicleId::EntityId(id) => RequestorId::Entity(from_temporary(id)),
        wire::VehicleId::StationId(number) => RequestorId::Station(number.0),
    }
}

fn to_access(field: &'static str, way: AccessPoint) -> Result<wire::IntersectionAccessPoint, EncodeError> {
    use wire::IntersectionAccessPoint as Way;
    Ok(match way {
        AccessPoint::Lane(lane) => Way::Lane(wire::LaneId(lane)),
        AccessPoint::Approach(number) => Way::Approach(wire::ApproachId(at_most(field, number, 15)?)),
        AccessPoint::Connection(number) => Way::Connection(wire::LaneConnectionId(number)),
    })
}

fn from_access(way: &wire::IntersectionAccessPoint) -> AccessPoint {
    use wire::IntersectionAccessPoint as Way;
    match way {
        Way::Lane(lane) => AccessPoint::Lane(lane.0),
        Way::Approach(number) => AccessPoint::Approach(number.0),
        Way::Connection(number) => AccessPoint::Connection(number.0),
    }
}

fn to_duration(seconds: Option<f64>) -> Result<Option<wire::DSecond>, EncodeError> {
    seconds.map(|s| DURATION.saturate_above("duration_s", s).map(|steps| wire::DSecond(steps as u16))).transpose()
}

fn from_duration(duration: Option<&wire::DSecond>) -> Option<f64> {
    duration.and_then(|steps| DURATION.known(i64::from(steps.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_that_is_very_late_is_more_than_20_minutes_late_and_one_that_does_not_know_says_nothing() {
        let sent = |schedule_s| to_requestor(&Requestor { schedule_s, ..Requestor::default() }).unwrap();
        assert_eq!(sent(Some(9_999.0)).transit_schedule, Some(wire::DeltaTime(121)));
        assert_eq!(sent(Some(-44.0)).transit_schedule, Some(wire::DeltaTime(-4)));
        assert_eq!(sent(None).transit_schedule, None);
        let unknown = wire::RequestorDescription {
            transit_schedule: Some(wire::DeltaTime(-122)),
            ..wire::RequestorDescription::default()
        };
        assert_eq!(from_requestor(&unknown).schedule_s, None);
    }

    #[test]
    fn numbers_of_importance_come_back_and_0_and_16_are_refused() {
        for importance in 1..=15 {
            let kind = RequestorKind { importance: Some(importance), ..RequestorKind::default() };
            assert_eq!(from_kind(&to_kind(&kind).unwrap()), kind);
        }
        for importance in [0, 16] {
            let kind = RequestorKind { importance: Some(importance), ..RequestorKind::default() };
            let error = to_kind(&kind).unwrap_err().to_string();
            assert!(error.starts_with(&format!("importance: {importance} is out of range")), "{error}");
        }
    }
}
