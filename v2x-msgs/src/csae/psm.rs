//! PSM of T/CSAE 157 between model and wire. What a group or an attachment adds to the radius is in one number here, and
//! there is no predicted curve: these fields of SAE J2735 are left out.

use super::mapping::bsm::{from_history, to_history};
use super::mapping::frame::{from_id, to_count};
use super::mapping::motion::{from_acceleration, from_heading, from_speed, to_acceleration, to_heading, to_speed};
use super::mapping::place::{from_accuracy, from_position3d, paired, position, to_accuracy, to_position3d};
use super::mapping::time::{from_second, to_second};
use super::planning::{from_path, to_path};
use super::propulsion::{from_propulsion, to_propulsion};
use super::wire;
use crate::csae::confidence::{TIME_S, from_step, to_step};
use crate::csae::named::{from_bits, from_enumerated, to_bits, to_enumerated, to_optional};
use crate::csae::part;
use crate::csae::quantity::Steps;
use crate::error::{DecodeError, EncodeError};
use crate::model::{PositionAccuracy, Psm};

/// `overallRadius`: 0.1 m; 0 is sent when it is not known.
const OVERALL: Steps = Steps::new(10.0, 1, 200);

pub(super) fn to_wire(psm: &Psm) -> Result<wire::PersonalSafetyMessage, EncodeError> {
    let here = paired(psm.lat_deg, psm.lon_deg, psm.elevation_m)?;
    let radius = psm.overall_radius_m.map_or(Ok(0), |m| OVERALL.saturate_above("overall_radius_m", m))?;
    let accuracy = psm.pos_accuracy.unwrap_or_default();
    Ok(wire::PersonalSafetyMessage {
        msg_cnt: to_count(psm.msg_cnt)?,
        id: psm.id.0.to_vec(),
        sec_mark: to_second("sec_mark_ms", psm.sec_mark_ms)?,
        time_confidence: to_step("time_confidence_s", &TIME_S, psm.time_confidence_s)?,
        pos: to_position3d(here),
        pos_accuracy: to_accuracy(&accuracy).map_err(|e| e.under("pos_accuracy"))?,
        speed: to_speed("speed_mps", psm.speed_mps)?,
        heading: to_heading(psm.heading_deg)?,
        accel_set: part("accel_set", psm.accel_set.as_ref(), to_acceleration)?,
        path_history: part("path_history", psm.path_history.as_ref(), |path| to_history(path, here))?,
        path_planning: to_path("path_planning", &psm.path_planning, here)?,
        overall_radius: radius as u8,
        non_motor_data: to_non_motor(psm)?,
    })
}

pub(super) fn from_wire(psm: &wire::PersonalSafetyMessage) -> Result<Psm, DecodeError> {
    let here = from_position3d(&psm.pos);
    let place = position(here);
    let history = psm.path_history.as_ref().map(|path| from_history(path, here)).transpose();
    Ok(Psm {
        msg_cnt: psm.msg_cnt.0,
        id: from_id(&psm.id),
        sec_mark_ms: from_second(&psm.sec_mark),
        time_confidence_s: psm.time_confidence.as_ref().and_then(|step| from_step(&TIME_S, step)),
        lat_deg: place.map(|place| place.lat_deg),
        lon_deg: place.map(|place| place.lon_deg),
        elevation_m: place.and_then(|place| place.elevation_m),
        pos_accuracy: Some(from_accuracy(&psm.pos_accuracy)).filter(|known| *known != PositionAccuracy::default()),
        speed_mps: from_speed(&psm.speed),
        heading_deg: from_heading(&psm.heading),
        accel_set: psm.accel_set.as_ref().map(from_acceleration),
        path_history: history.map_err(|e| e.under("path_history"))?,
        path_planning: from_path("path_planning", psm.path_planning.as_ref(), here)?,
        overall_radius_m: OVERALL.known(i64::from(psm.overall_radius)),
        ..from_non_motor(&psm.non_motor_data)
    })
}

/// What the person is, has and does; SSM has the same.
fn to_non_motor(psm: &Psm) -> Result<wire::NonMotorData, EncodeError> {
    let device = wire::PersonalExtensions {
        use_state: psm.use_state.as_ref().map(to_bits).map(wire::PersonalDeviceUsageState),
        assist_type: psm.assist_type.as_ref().map(to_bits).map(wire::PersonalAssistive),
    };
    let work = wire::RoadWorkerExtensions {
        worker_type: to_optional("worker_type", psm.worker_type)?,
        activity_type: psm.activity_type.as_ref().map(to_bits).map(wire::RoadWorkerActivityType),
    };
    let crossing = to_crossing(psm);
    Ok(wire::NonMotorData {
        basic_type: to_enumerated("basic_type", psm.basic_type)?,
        propulsion: psm.propulsion.map(to_propulsion).transpose()?,
        cluster_size: to_optional("cluster_size", psm.cluster_size)?,
        attachment: to_optional("attachment", psm.attachment)?,
        personal_ext: Some(device).filter(|device| *device != wire::PersonalExtensions::default()),
        road_worker_ext: Some(work).filter(|work| *work != wire::RoadWorkerExtensions::default()),
        personal_req: crossing.map(|crossing| wire::PersonalRequest { crossing: Some(crossing) }),
    })
}

fn from_non_motor(person: &wire::NonMotorData) -> Psm {
    let device = person.personal_ext.as_ref();
    let work = person.road_worker_ext.as_ref();
    let crossing = person.personal_req.as_ref().and_then(|request| request.crossing.as_ref());
    Psm {
        basic_type: from_enumerated(&person.basic_type).unwrap_or_default(),
        propulsion: person.propulsion.as_ref().map(from_propulsion),
        cluster_size: person.cluster_size.as_ref().and_then(from_enumerated),
        attachment: person.attachment.as_ref().and_then(from_enumerated),
        use_state: device.and_then(|device| device.use_state.as_ref()).map(|bits| from_bits(&bits.0)),
        assist_type: device.and_then(|device| device.assist_type.as_ref()).map(|bits| from_bits(&bits.0)),
        worker_type: work.and_then(|work| work.worker_type.as_ref()).and_then(from_enumerated),
        activity_type: work.and_then(|work| work.activity_type.as_ref()).map(|bits| from_bits(&bits.0)),
        cross_request: crossing.filter(|state| **state == wire::PersonalCrossing::Request).map(|_| true),
        cross_state: match crossing {
            Some(wire::PersonalCrossing::Crossing) => Some(true),
            Some(wire::PersonalCrossing::Finish) => Some(false),
            _ => None,
        },
        ..Psm::default()
    }
}

/// One word for both: who crosses asks no longer.
fn to_crossing(psm: &Psm) -> Option<wire::PersonalCrossing> {
    match (psm.cross_state, psm.cross_request) {
        (Some(true), _) => Some(wire::PersonalCrossing::Crossing),
        (_, Some(true)) => Some(wire::PersonalCrossing::Request),
        (Some(false), _) => Some(wire::PersonalCrossing::Finish),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_crosses_asks_no_longer_and_the_rest_comes_back() {
        for (request, state, after) in [
            (Some(true), None, (Some(true), None)),
            (Some(true), Some(true), (None, Some(true))),
            (None, Some(false), (None, Some(false))),
            (Some(false), None, (None, None)),
        ] {
            let psm = Psm { cross_request: request, cross_state: state, ..Psm::default() };
            let heard = from_wire(&to_wire(&psm).unwrap()).unwrap();
            assert_eq!((heard.cross_request, heard.cross_state), after);
        }
    }

    #[test]
    fn a_radius_that_is_not_known_is_none_and_a_small_one_is_not_none() {
        let sent = |m| to_wire(&Psm { overall_radius_m: m, ..Psm::default() }).map(|wire| wire.overall_radius);
        assert_eq!(sent(None), Ok(0));
        assert_eq!(sent(Some(0.01)), Ok(1));
        assert_eq!(sent(Some(99.0)), Ok(200));
        assert!(sent(Some(-1.0)).is_err());
        assert_eq!(from_wire(&to_wire(&Psm::default()).unwrap()), Ok(Psm::default()));
    }
}
