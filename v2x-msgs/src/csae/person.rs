//! What a person is, has and does, in PSM and SSM.

use super::propulsion::{from_propulsion, to_propulsion};
use super::wire;
use crate::csae::named::{from_bits, from_enumerated, to_bits, to_enumerated, to_optional};
use crate::csae::quantity::Steps;
use crate::error::EncodeError;
use crate::model::NonMotor;

/// `overallRadius`: 0.1 m; 0 is sent when it is not known.
const OVERALL: Steps = Steps::new(10.0, 1, 200);

pub(super) fn to_person(person: &NonMotor) -> Result<wire::NonMotorDataExtension, EncodeError> {
    let radius = person.overall_radius_m.map_or(Ok(0), |m| OVERALL.saturate_above("overall_radius_m", m))?;
    let device = wire::PersonalExtensions {
        use_state: person.use_state.as_ref().map(to_bits).map(wire::PersonalDeviceUsageState),
        assist_type: person.assist_type.as_ref().map(to_bits).map(wire::PersonalAssistive),
    };
    let work = wire::RoadWorkerExtensions {
        worker_type: to_optional("worker_type", person.worker_type)?,
        activity_type: person.activity_type.as_ref().map(to_bits).map(wire::RoadWorkerActivityType),
    };
    let crossing = to_crossing(person);
    let non_motor_data = wire::NonMotorData {
        basic_type: to_enumerated("basic_type", person.basic_type)?,
        propulsion: person.propulsion.map(to_propulsion).transpose()?,
        cluster_size: to_optional("cluster_size", person.cluster_size)?,
        attachment: to_optional("attachment", person.attachment)?,
        personal_ext: Some(device).filter(|device| *device != wire::PersonalExtensions::default()),
        road_worker_ext: Some(work).filter(|work| *work != wire::RoadWorkerExtensions::default()),
        personal_req: crossing.map(|crossing| wire::PersonalRequest { crossing: Some(crossing) }),
    };
    Ok(wire::NonMotorDataExtension { overall_radius: radius as u8, non_motor_data })
}

pub(super) fn from_person(overall_radius: u8, person: &wire::NonMotorData) -> NonMotor {
    let device = person.personal_ext.as_ref();
    let work = person.road_worker_ext.as_ref();
    let crossing = person.personal_req.as_ref().and_then(|request| request.crossing.as_ref());
    NonMotor {
        overall_radius_m: OVERALL.known(i64::from(overall_radius)),
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
    }
}

/// One word for both: who crosses asks no longer.
fn to_crossing(person: &NonMotor) -> Option<wire::PersonalCrossing> {
    match (person.cross_state, person.cross_request) {
        (Some(true), _) => Some(wire::PersonalCrossing::Crossing),
        (_, Some(true)) => Some(wire::PersonalCrossing::Request),
        (Some(false), _) => Some(wire::PersonalCrossing::Finish),
        (None, _) => None,
    }
}
