//! The road safety message of SAE J2945/4 between model and wire.

use super::frame::{from_temporary, to_count, to_temporary};
use super::groups::{RESPONDERS, VEHICLES};
use super::motion::{from_speed, to_speed};
use super::place::{from_position3d, to_position3d};
use super::region::{from_region, to_region};
use super::time::{from_date, to_date};
use super::wire;
use crate::csae::named::{from_enumerated, to_enumerated};
use crate::csae::quantity::{NO_SECOND, RADIUS, Steps};
use crate::csae::{each, each_or_none, list, part};
use crate::error::{DecodeError, EncodeError};
use crate::model::{
    Curve, DateTime, DynamicInfo, Incident, LaneClosure, LaneState, Obstruction, Recurrence, ReducedSpeed,
    RoadAuthority, RoadContent, RoadRegion, RoadSafety, Situation, SpeedLimit, Weekday,
};

/// DE_SpeedAdvice: 0.1 m/s; 500 is "not available".
const ADVICE: Steps = Steps::new(10.0, 0, 499);
const NO_ADVICE: u16 = 500;
/// DE_ObstacleDistance: 1 m.
const AHEAD: Steps = Steps::new(1.0, 0, 32_767);
/// NTCIP essVisibility: 0.1 m; 1000001 is "not available".
const VISIBILITY: Steps = Steps::new(10.0, 0, 1_000_000);

pub(super) fn to_wire(message: &RoadSafety) -> Result<wire::RoadSafetyMessage, EncodeError> {
    let phrases = |phrase: &u16| VEHICLES.enumerator("", Some(*phrase)).map(Option::unwrap_or_default);
    let event_info = wire::EventInfo {
        event_id: wire::EventIdentifier {
            operator_id: to_authority(&message.authority),
            unique_id: to_temporary(&message.event_id),
        },
        event_update: to_count(message.msg_cnt)?,
        event_cancellation: wire::Activity(message.cancelled),
        start_date_time: to_date(&message.start).map_err(|e| e.under("start"))?,
        end_date_time: part("end", message.end.as_ref(), to_date)?,
        event_recurrence: each_or_none("recurrence", &message.recurrence, to_recurrence)?,
        cause_code: wire::ItiSgroups(message.cause_code),
        sub_cause_code: message.sub_cause_code.map(wire::ItiScodes),
        affected_vehicles: each_or_none("affected_vehicles", &message.affected_vehicles, phrases)?,
    };
    let region_info = each("regions", &message.regions, to_region)?;
    Ok(wire::RoadSafetyMessage {
        common_container: wire::CommonContainer { event_info, region_info, cross_linking: None },
        content: each("content", &message.content, to_content)?,
    })
}

pub(super) fn from_wire(message: &wire::RoadSafetyMessage) -> Result<RoadSafety, DecodeError> {
    let common = &message.common_container;
    let event = &common.event_info;
    let vehicles = event.affected_vehicles.iter().flatten();
    Ok(RoadSafety {
        msg_cnt: event.event_update.0,
        authority: from_authority(&event.event_id.operator_id),
        event_id: from_temporary(&event.event_id.unique_id),
        cancelled: event.event_cancellation.0,
        start: from_date(&event.start_date_time),
        end: event.end_date_time.as_ref().map(from_date),
        recurrence: event.event_recurrence.iter().flatten().map(from_recurrence).collect(),
        cause_code: event.cause_code.0,
        sub_cause_code: event.sub_cause_code.as_ref().map(|phrase| phrase.0),
        affected_vehicles: vehicles.filter_map(|group| VEHICLES.phrase(group)).collect(),
        regions: list("regions", &common.region_info, from_region)?,
        content: list("content", &message.content, from_content)?,
    })
}

fn to_authority(authority: &RoadAuthority) -> wire::RoadAuthorityId {
    use wire::RoadAuthorityId as Id;
    match authority {
        RoadAuthority::Full(octets) => Id::FullRdAuthId(wire::FullRoadAuthorityId(octets.clone())),
        RoadAuthority::Relative(octets) => Id::RelRdAuthId(wire::RelativeRoadAuthorityId(octets.clone())),
    }
}

fn from_authority(authority: &wire::RoadAuthorityId) -> RoadAuthority {
    use wire::RoadAuthorityId as Id;
    match authority {
        Id::FullRdAuthId(octets) => RoadAuthority::Full(octets.0.clone()),
        Id::RelRdAuthId(octets) => RoadAuthority::Relative(octets.0.clone()),
    }
}

/// Days in the order of the wire.
const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

fn to_recurrence(again: &Recurrence) -> Result<wire::EventRecurrence, EncodeError> {
    let (start_date, start_time) = to_day_and_hour(again.start.as_ref()).map_err(|e| e.under("start"))?;
    let (end_date, end_time) = to_day_and_hour(again.end.as_ref()).map_err(|e| e.under("end"))?;
    let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = WEEK.map(|day| again.days.contains(&day));
    Ok(wire::EventRecurrence {
        start_time,
        end_time,
        start_date,
        end_date,
        monday,
        tuesday,
        wednesday,
        thursday,
        friday,
        saturday,
        sunday,
        exclusion: again.exclusion,
    })
}

fn from_recurrence(again: &wire::EventRecurrence) -> Recurrence {
    let on = [again.monday, again.tuesday, again.wednesday, again.thursday, again.friday, again.saturday, again.sunday];
    Recurrence {
        start: from_day_and_hour(again.start_date.as_ref(), again.start_time.as_ref()),
        end: from_day_and_hour(again.end_date.as_ref(), again.end_time.as_ref()),
        days: WEEK.into_iter().zip(on).filter(|(_, on)| *on).map(|(day, _)| day).collect(),
        exclusion: again.exclusion,
    }
}

/// Day and hour are apart here, each whole or not there; what is not known of one has the wire's number for that.
fn to_day_and_hour(at: Option<&DateTime>) -> Result<(Option<wire::DDate>, Option<wire::DTime>), EncodeError> {
    let Some(at) = at else { return Ok((None, None)) };
    let known = to_date(at)?;
    let date = at.year.is_some() || at.month.is_some() || at.day.is_some();
    let time = at.hour.is_some() || at.minute.is_some() || at.second_ms.is_some() || at.offset_min.is_some();
    let date = date.then(|| wire::DDate {
        year: known.year.unwrap_or_default(),
        month: known.month.unwrap_or_default(),
        day: known.day.unwrap_or_default(),
    });
    let time = time.then(|| wire::DTime {
        hour: known.hour.unwrap_or(wire::DHour(31)),
        minute: known.minute.unwrap_or(wire::DMinute(60)),
        second: known.second.unwrap_or(wire::DSecond(NO_SECOND)),
        offset: known.offset,
    });
    Ok((date, time))
}

fn from_day_and_hour(date: Option<&wire::DDate>, time: Option<&wire::DTime>) -> Option<DateTime> {
    let found = from_date(&wire::DDateTime {
        year: date.map(|date| date.year.clone()),
        month: date.map(|date| date.month.clone()),
        day: date.map(|date| date.day.clone()),
        hour: time.map(|time| time.hour.clone()),
        minute: time.map(|time| time.minute.clone()),
        second: time.map(|time| time.second.clone()),
        offset: time.and_then(|time| time.offset.clone()),
    });
    (found != DateTime::default()).then_some(found)
}

fn to_content(content: &RoadContent) -> Result<wire::ContentContainer, EncodeError> {
    use wire::ContentContainer as Content;
    Ok(match content {
        RoadContent::ReducedSpeed(zone) => {
            let speed = to_speed("speed_limit.speed_mps", zone.speed_limit.speed_mps)?;
            let type_ = to_enumerated("speed_limit.type", zone.speed_limit.kind)?;
            let speed_limit = wire::RegulatorySpeedLimit { type_, speed: wire::Velocity(speed) };
            Content::RszContainer(wire::ReducedSpeedZoneContainer { speed_limit, rsz_region: region(&zone.region)? })
        }
        RoadContent::LaneClosure(closure) => Content::LaneClosureContainer(wire::LaneClosureContainer {
            lane_status: each_or_none("lanes", &closure.lanes, to_lane)?,
            lane_status_varies: closure.varies.map(wire::Activity),
            closure_region: region(&closure.region)?,
        }),
        RoadContent::Curve(curve) => Content::CurveContainer(to_curve(curve)?),
        RoadContent::DynamicInfo(info) => Content::DynamicInfoContainer(wire::DynamicInfoContainer {
            priority: to_enumerated("priority", info.priority)?,
            dms_sign_string: info.lines.iter().cloned().map(wire::ShortString).collect(),
            applicable_region: region(&info.region)?,
        }),
        RoadContent::Incident(incident) => {
            let phrases = |phrase: &u16| RESPONDERS.enumerator("", Some(*phrase)).map(Option::unwrap_or_default);
            Content::IncidentsContainer(wire::IncidentsContainer {
                responder_type: each_or_none("responders", &incident.responders, phrases)?,
                incident_location: region(&incident.region)?,
            })
        }
        RoadContent::Situation(situation) => Content::SituationalContainer(to_situation(situation)?),
    })
}

fn from_content(content: &wire::ContentContainer) -> Result<RoadContent, DecodeError> {
    use wire::ContentContainer as Content;
    Ok(match content {
        Content::RszContainer(zone) => RoadContent::ReducedSpeed(ReducedSpeed {
            speed_limit: SpeedLimit {
                kind: from_enumerated(&zone.speed_limit.type_).unwrap_or_default(),
                speed_mps: from_speed(zone.speed_limit.speed.0),
            },
            region: from_region(&zone.rsz_region).map_err(|e| e.under("region"))?,
        }),
        Content::LaneClosureContainer(closure) => RoadContent::LaneClosure(LaneClosure {
            lanes: closure.lane_status.iter().flatten().map(from_lane).collect(),
            varies: closure.lane_status_varies.as_ref().map(|varies| varies.0),
            region: from_region(&closure.closure_region).map_err(|e| e.under("region"))?,
        }),
        Content::CurveContainer(curve) => RoadContent::Curve(from_curve(curve)?),
        Content::DynamicInfoContainer(info) => RoadContent::DynamicInfo(DynamicInfo {
            priority: from_enumerated(&info.priority).unwrap_or_default(),
            lines: info.dms_sign_string.iter().map(|line| line.0.clone()).collect(),
            region: from_region(&info.applicable_region).map_err(|e| e.under("region"))?,
        }),
        Content::IncidentsContainer(incident) => {
            let responders = incident.responder_type.iter().flatten();
            RoadContent::Incident(Incident {
                responders: responders.filter_map(|group| RESPONDERS.phrase(group)).collect(),
                region: from_region(&incident.incident_location).map_err(|e| e.under("region"))?,
            })
        }
        Content::SituationalContainer(situation) => RoadContent::Situation(from_situation(situation)?),
    })
}

fn region(region: &RoadRegion) -> Result<wire::RegionInfo, EncodeError> {
    to_region(region).map_err(|e| e.under("region"))
}

fn to_lane(lane: &LaneState) -> Result<wire::LaneInfo, EncodeError> {
    if !(1..=32).contains(&lane.position) {
        return Err(EncodeError::out_of_range("position", lane.position, "1 to 32"));
    }
    let ahead = lane.close_offset_m.map(|m| AHEAD.saturate_above("close_offset_m", m)).transpose()?;
    Ok(wire::LaneInfo {
        lane_position: wire::RsmLanePosition(lane.position),
        lane_closed: wire::LaneClosed(lane.closed),
        lane_close_offset: ahead.map(|steps| wire::ObstacleDistance(steps as u16)),
    })
}

fn from_lane(lane: &wire::LaneInfo) -> LaneState {
    LaneState {
        position: lane.lane_position.0,
        closed: lane.lane_closed.0,
        close_offset_m: lane.lane_close_offset.as_ref().map(|steps| AHEAD.value(i64::from(steps.0))),
    }
}

fn to_curve(curve: &Curve) -> Result<wire::CurveContainer, EncodeError> {
    let advice = curve.advisory_speed_mps.map(|mps| ADVICE.saturate_above("advisory_speed_mps", mps)).transpose()?;
    let radius = curve.min_radius_m.map(|m| RADIUS.saturate_above("min_radius_m", m)).transpose()?;
    if let Some(bank) = curve.bank_angle_steps.filter(|bank| !(-512..=512).contains(bank)) {
        return Err(EncodeError::out_of_range("bank_angle_steps", bank, "-512 to 512"));
    }
    Ok(wire::CurveContainer {
        advisory_speed: wire::SpeedAdvice(advice.map_or(NO_ADVICE, |steps| steps as u16)),
        surface_condition: None,
        min_radius: radius.map(|steps| wire::Radius(steps as u16)),
        bank_angle: curve.bank_angle_steps.map(wire::BankAngle),
        curve_region: part("region", curve.region.as_ref(), to_region)?,
    })
}

fn from_curve(curve: &wire::CurveContainer) -> Result<Curve, DecodeError> {
    let region = curve.curve_region.as_ref().map(from_region).transpose();
    Ok(Curve {
        advisory_speed_mps: ADVICE.known(i64::from(curve.advisory_speed.0)),
        min_radius_m: curve.min_radius.as_ref().map(|steps| RADIUS.value(i64::from(steps.0))),
        bank_angle_steps: curve.bank_angle.as_ref().map(|bank| bank.0),
        region: region.map_err(|e| e.under("region"))?,
    })
}

fn to_situation(situation: &Situation) -> Result<wire::SituationalContainer, EncodeError> {
    let far = situation.visibility_m.map(|m| VISIBILITY.saturate_above("visibility_m", m)).transpose()?;
    let obstructions = part("obstruction", situation.obstruction.as_ref(), |thing| {
        Ok(wire::Obstructions {
            location: to_position3d(thing.pos.as_ref()).map_err(|e| e.under("pos"))?,
            description: thing.description.map(wire::ItiScodes),
        })
    })?;
    Ok(wire::SituationalContainer {
        obstructions,
        visibility: far.map(|steps| wire::NtcipEssVisibility(steps as u32)),
        people_present: situation.people_present.map(wire::Activity),
        anomalous_traffic: situation.anomalous_traffic.map(wire::Activity),
        applicable_region: region(&situation.region)?,
    })
}

fn from_situation(situation: &wire::SituationalContainer) -> Result<Situation, DecodeError> {
    Ok(Situation {
        obstruction: situation.obstructions.as_ref().map(|thing| Obstruction {
            pos: from_position3d(&thing.location),
            description: thing.description.as_ref().map(|phrase| phrase.0),
        }),
        visibility_m: situation.visibility.as_ref().and_then(|steps| VISIBILITY.known(i64::from(steps.0))),
        people_present: situation.people_present.as_ref().map(|people| people.0),
        anomalous_traffic: situation.anomalous_traffic.as_ref().map(|odd| odd.0),
        region: from_region(&situation.applicable_region).map_err(|e| e.under("region"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_and_hour_come_back_alone_and_together_and_nothing_is_nothing() {
        let day = DateTime { year: Some(2026), month: Some(6), day: Some(14), ..DateTime::default() };
        let hour = DateTime { hour: Some(9), minute: Some(0), offset_min: Some(-240), ..DateTime::default() };
        let both = DateTime { hour: hour.hour, ..day };
        for at in [Some(day), Some(hour), Some(both), None] {
            let again = Recurrence { start: at, days: [Weekday::Monday].into(), ..Recurrence::default() };
            assert_eq!(from_recurrence(&to_recurrence(&again).unwrap()), again);
        }
        let (date, time) = to_day_and_hour(Some(&hour)).unwrap();
        assert_eq!((date, time.map(|time| time.second.0)), (None, Some(65_535)));
    }

    #[test]
    fn lanes_and_banks_beyond_the_wire_are_refused_with_the_way_to_them() {
        let closure = LaneClosure { lanes: vec![LaneState::default()], ..LaneClosure::default() };
        let curve = Curve { bank_angle_steps: Some(513), ..Curve::default() };
        let content = vec![RoadContent::LaneClosure(closure)];
        let error = to_wire(&RoadSafety { content, ..RoadSafety::default() }).unwrap_err().to_string();
        assert!(error.starts_with("content[0].lanes[0].position: 0 is out of range"), "{error}");
        let error = to_content(&RoadContent::Curve(curve)).unwrap_err().to_string();
        assert!(error.starts_with("bank_angle_steps: 513 is out of range"), "{error}");
    }
}
