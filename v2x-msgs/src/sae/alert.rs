//! EVA, ICA and CSR between model and wire.

use asn1rs::prelude::BitVec;

use super::bsm::{from_core, to_core};
use super::frame::{from_temporary, to_count, to_temporary};
use super::groups::{EQUIPMENT, RESPONDERS, VEHICLES};
use super::map::{from_id, to_id};
use super::motion::or_unavailable;
use super::path::{from_full, from_history, from_prediction, to_full, to_history, to_prediction};
use super::time::{from_minute, to_minute};
use super::wire;
use crate::csae::named::{from_bits, from_enumerated, to_bits, to_enumerated, to_optional};
use crate::csae::quantity::{at_most, finite};
use crate::csae::{each, part};
use crate::error::{DecodeError, EncodeError};
use crate::model::{AccessPoint, Csr, EmergencyDetails, Eva, Ica, RoadAlert};

/// DE_VehicleMass: more than the last step.
const HEAVIER: u8 = 254;

pub(super) fn to_emergency(eva: &Eva) -> Result<wire::EmergencyVehicleAlert, EncodeError> {
    Ok(wire::EmergencyVehicleAlert {
        time_stamp: to_minute("moy", eva.moy)?,
        id: eva.id.as_ref().map(to_temporary),
        rsa_msg: to_alert(eva.msg_cnt, &eva.alert)?,
        response_type: to_optional("response_type", eva.response_type)?,
        details: part("details", eva.details.as_ref(), to_details)?,
        mass: eva.mass_kg.map(to_mass).transpose()?.map(wire::VehicleMass),
        basic_type: to_optional("basic_type", eva.basic_type)?,
        vehicle_type: VEHICLES.enumerator("vehicle_group", eva.vehicle_group)?,
        response_equip: EQUIPMENT.enumerator("response_equipment", eva.response_equipment)?,
        responder_type: RESPONDERS.enumerator("responder_group", eva.responder_group)?,
        regional: None,
    })
}

pub(super) fn from_emergency(eva: &wire::EmergencyVehicleAlert) -> Eva {
    Eva {
        msg_cnt: eva.rsa_msg.msg_cnt.0,
        moy: from_minute(eva.time_stamp.as_ref()),
        id: eva.id.as_ref().map(from_temporary),
        alert: from_alert(&eva.rsa_msg),
        response_type: eva.response_type.as_ref().and_then(from_enumerated),
        details: eva.details.as_ref().map(from_details),
        mass_kg: eva.mass.as_ref().and_then(|mass| from_mass(mass.0)),
        basic_type: eva.basic_type.as_ref().and_then(from_enumerated),
        vehicle_group: eva.vehicle_type.as_ref().and_then(|group| VEHICLES.phrase(group)),
        response_equipment: eva.response_equip.as_ref().and_then(|group| EQUIPMENT.phrase(group)),
        responder_group: eva.responder_type.as_ref().and_then(|group| RESPONDERS.phrase(group)),
    }
}

fn to_alert(msg_cnt: u8, alert: &RoadAlert) -> Result<wire::RoadSideAlert, EncodeError> {
    let priority = alert.priority.map(|p| at_most("alert.priority", p, 7)).transpose()?;
    let phrases: Vec<wire::ItiScodes> = alert.description.iter().copied().map(wire::ItiScodes).collect();
    let mut slices = BitVec::with_len(16);
    for slice in alert.heading_slices.iter().flatten() {
        slices.set_bit(u64::from(at_most("alert.heading_slices", *slice, 15)?));
    }
    Ok(wire::RoadSideAlert {
        msg_cnt: to_count(msg_cnt)?,
        time_stamp: to_minute("alert.moy", alert.moy)?,
        type_event: wire::ItiScodes(alert.type_event),
        description: (!phrases.is_empty()).then_some(phrases),
        // As DE_RSIPriority: the top three bits of the octet.
        priority: priority.map(|p| wire::Priority(vec![p << 5])),
        heading: alert.heading_slices.is_some().then_some(wire::HeadingSlice(slices)),
        extent: to_optional("alert.extent", alert.extent)?,
        position: part("alert.position", alert.position.as_ref(), to_full)?,
        further_info_id: alert.further_info_id.map(|id| wire::FurtherInfoId(id.to_be_bytes().to_vec())),
        regional: None,
    })
}

fn from_alert(alert: &wire::RoadSideAlert) -> RoadAlert {
    let slices = |bits: &BitVec| (0..16_u8).filter(|slice| bits.is_bit_set(u64::from(*slice))).collect();
    let number = |octets: &[u8]| <[u8; 2]>::try_from(octets).ok().map(u16::from_be_bytes);
    RoadAlert {
        moy: from_minute(alert.time_stamp.as_ref()),
        type_event: alert.type_event.0,
        description: alert.description.iter().flatten().map(|phrase| phrase.0).collect(),
        priority: alert.priority.as_ref().and_then(|octets| octets.0.first()).map(|octet| octet >> 5),
        heading_slices: alert.heading.as_ref().map(|bits| slices(&bits.0)),
        extent: alert.extent.as_ref().and_then(from_enumerated),
        position: alert.position.as_ref().map(from_full),
        further_info_id: alert.further_info_id.as_ref().and_then(|id| number(&id.0)),
    }
}

fn to_details(details: &EmergencyDetails) -> Result<wire::EmergencyDetails, EncodeError> {
    let events = details.events.as_ref().map(|events| wire::PrivilegedEvents {
        do_not_use: wire::SsPindex(0),
        event: wire::PrivilegedEventFlags(to_bits(events)),
    });
    Ok(wire::EmergencyDetails {
        do_not_use: wire::SsPindex(0),
        siren_use: or_unavailable("siren_use", details.siren_use)?,
        lights_use: or_unavailable("lights_use", details.lights_use)?,
        multi: or_unavailable("multi", details.multi)?,
        events,
        response_type: to_optional("response_type", details.response_type)?,
    })
}

fn from_details(details: &wire::EmergencyDetails) -> EmergencyDetails {
    EmergencyDetails {
        siren_use: from_enumerated(&details.siren_use),
        lights_use: from_enumerated(&details.lights_use),
        multi: from_enumerated(&details.multi),
        events: details.events.as_ref().map(|events| from_bits(&events.event.0)),
        response_type: details.response_type.as_ref().and_then(from_enumerated),
    }
}

/// DE_VehicleMass: 0 to 80 in steps of 50 kg, then to 200 in steps of 500 kg, then to 253 in steps of 2000 kg; 254: more.
fn from_mass(steps: u8) -> Option<f64> {
    let steps = f64::from(steps);
    match steps {
        ..=80.0 => Some(steps * 50.0),
        ..=200.0 => Some(4_000.0 + (steps - 80.0) * 500.0),
        ..=254.0 => Some(64_000.0 + (steps - 200.0) * 2_000.0),
        _ => None,
    }
}

/// The step nearest to a mass.
fn to_mass(kg: f64) -> Result<u8, EncodeError> {
    let kg = finite("mass_kg", kg)?;
    if kg < 0.0 {
        return Err(EncodeError::out_of_range("mass_kg", kg, "0 and more"));
    }
    let away = |steps: u8| from_mass(steps).map_or(f64::INFINITY, |known| (known - kg).abs());
    let nearest = (0..=HEAVIER).min_by(|a, b| away(*a).total_cmp(&away(*b)));
    Ok(nearest.unwrap_or(HEAVIER))
}

pub(super) fn to_collision(ica: &Ica) -> Result<wire::IntersectionCollision, EncodeError> {
    let here = ica.part_one.as_ref().and_then(|vehicle| vehicle.position());
    let path = part("path", ica.path.as_ref(), |path| to_history(path, here.as_ref()))?;
    Ok(wire::IntersectionCollision {
        msg_cnt: to_count(ica.msg_cnt)?,
        id: to_temporary(&ica.id),
        time_stamp: to_minute("moy", ica.moy)?,
        part_one: part("part_one", ica.part_one.as_deref(), to_core)?,
        path: path.flatten(),
        path_prediction: part("path_prediction", ica.path_prediction.as_ref(), to_prediction)?,
        intersection_id: to_id(&ica.intersection_id),
        lane_number: to_lane(ica.lane)?,
        event_flag: wire::VehicleEventFlags(to_bits(&ica.events)),
        regional: None,
    })
}

pub(super) fn from_collision(ica: &wire::IntersectionCollision) -> Result<Ica, DecodeError> {
    let part_one = ica.part_one.as_ref().map(from_core);
    let here = part_one.as_ref().and_then(|vehicle| vehicle.position());
    let path = ica.path.as_ref().map(|path| from_history(path, here.as_ref())).transpose();
    Ok(Ica {
        msg_cnt: ica.msg_cnt.0,
        id: from_temporary(&ica.id),
        moy: from_minute(ica.time_stamp.as_ref()),
        part_one: part_one.map(Box::new),
        path: path.map_err(|e| e.under("path"))?.flatten(),
        path_prediction: ica.path_prediction.as_ref().map(from_prediction),
        intersection_id: from_id(&ica.intersection_id),
        lane: match &ica.lane_number {
            wire::ApproachOrLane::Approach(number) => AccessPoint::Approach(number.0),
            wire::ApproachOrLane::Lane(lane) => AccessPoint::Lane(lane.0),
        },
        events: from_bits(&ica.event_flag.0),
    })
}

fn to_lane(lane: AccessPoint) -> Result<wire::ApproachOrLane, EncodeError> {
    match lane {
        AccessPoint::Lane(lane) => Ok(wire::ApproachOrLane::Lane(wire::LaneId(lane))),
        AccessPoint::Approach(number) => {
            at_most("lane.approach", number, 15).map(wire::ApproachId).map(wire::ApproachOrLane::Approach)
        }
        AccessPoint::Connection(number) => {
            Err(EncodeError::out_of_range("lane", format!("connection {number}"), "a lane or an approach"))
        }
    }
}

pub(super) fn to_common(csr: &Csr) -> Result<wire::CommonSafetyRequest, EncodeError> {
    Ok(wire::CommonSafetyRequest {
        time_stamp: to_minute("moy", csr.moy)?,
        msg_cnt: Some(to_count(csr.msg_cnt)?),
        id: csr.id.as_ref().map(to_temporary),
        requests: wire::RequestedItemList(each("requests", &csr.requests, |item| to_enumerated("", *item))?),
        regional: None,
    })
}

pub(super) fn from_common(csr: &wire::CommonSafetyRequest) -> Csr {
    Csr {
        msg_cnt: csr.msg_cnt.as_ref().map_or(0, |count| count.0),
        moy: from_minute(csr.time_stamp.as_ref()),
        id: csr.id.as_ref().map(from_temporary),
        requests: csr.requests.0.iter().filter_map(from_enumerated).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_a_mass_comes_back_with_the_steps_of_the_standard() {
        for steps in 0..=HEAVIER {
            assert_eq!(from_mass(steps).map(to_mass), Some(Ok(steps)));
        }
        for (steps, kg) in [(80, 4_000.0), (81, 4_500.0), (181, 54_500.0), (200, 64_000.0), (253, 170_000.0)] {
            assert_eq!(from_mass(steps), Some(kg));
        }
        assert_eq!(from_mass(255), None);
        assert_eq!(to_mass(1e9), Ok(HEAVIER));
        assert!(to_mass(-1.0).is_err() && to_mass(f64::NAN).is_err());
    }

    #[test]
    fn a_connection_is_no_lane_of_a_collision() {
        assert!(to_lane(AccessPoint::Connection(3)).unwrap_err().to_string().starts_with("lane: connection 3"));
        assert!(to_lane(AccessPoint::Approach(16)).is_err());
        assert_eq!(to_lane(AccessPoint::Lane(7)), Ok(wire::ApproachOrLane::Lane(wire::LaneId(7))));
    }
}
