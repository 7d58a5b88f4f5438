//! PSM of T/CSAE 157 between model and wire. How far a group or an attachment reaches is in one number here, and there is no
//! predicted curve: this field of SAE J2735 is left out.

use super::mapping::bsm::{from_history, to_history};
use super::mapping::frame::{from_id, to_count};
use super::mapping::motion::{from_acceleration, from_heading, from_speed, to_acceleration, to_heading, to_speed};
use super::mapping::place::{from_accuracy, from_position3d, paired, position, to_accuracy, to_position3d};
use super::mapping::time::{from_second, to_second};
use super::person::{from_person, to_person};
use super::planning::{from_path, to_path};
use super::wire;
use crate::csae::confidence::{TIME_S, from_step, to_step};
use crate::csae::part;
use crate::error::{DecodeError, EncodeError};
use crate::model::{NonMotor, PositionAccuracy, Psm};

pub(super) fn to_wire(psm: &Psm) -> Result<wire::PersonalSafetyMessage, EncodeError> {
    let here = paired(psm.lat_deg, psm.lon_deg, psm.elevation_m)?;
    let person = to_person(&person(psm))?;
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
        overall_radius: person.overall_radius,
        non_motor_data: person.non_motor_data,
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
        ..of_person(from_person(psm.overall_radius, &psm.non_motor_data))
    })
}

/// What the message says of the person.
fn person(psm: &Psm) -> NonMotor {
    let radii = [psm.cluster_radius_m, psm.attachment_radius_m];
    let reach = radii.into_iter().flatten().max_by(f64::total_cmp);
    NonMotor {
        overall_radius_m: psm.overall_radius_m.or(reach),
        basic_type: psm.basic_type,
        propulsion: psm.propulsion,
        cluster_size: psm.cluster_size,
        attachment: psm.attachment,
        use_state: psm.use_state.clone(),
        assist_type: psm.assist_type.clone(),
        worker_type: psm.worker_type,
        activity_type: psm.activity_type.clone(),
        cross_request: psm.cross_request,
        cross_state: psm.cross_state,
    }
}

fn of_person(person: NonMotor) -> Psm {
    Psm {
        overall_radius_m: person.overall_radius_m,
        basic_type: person.basic_type,
        propulsion: person.propulsion,
        cluster_size: person.cluster_size,
        attachment: person.attachment,
        use_state: person.use_state,
        assist_type: person.assist_type,
        worker_type: person.worker_type,
        activity_type: person.activity_type,
        cross_request: person.cross_request,
        cross_state: person.cross_state,
        ..Psm::default()
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
    fn the_larger_one_of_the_radii_of_group_and_attachment_is_the_overall_one_when_that_is_not_said() {
        let group = Psm { cluster_radius_m: Some(4.0), attachment_radius_m: Some(1.2), ..Psm::default() };
        assert_eq!(to_wire(&group).unwrap().overall_radius, 40);
        assert_eq!(to_wire(&Psm { overall_radius_m: Some(5.5), ..group }).unwrap().overall_radius, 55);
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
