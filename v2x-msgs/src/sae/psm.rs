//! PSM between model and wire.

use asn1rs::prelude::BitVec;

use super::frame::{from_temporary, to_count, to_temporary};
use super::motion::{from_acceleration, from_heading, from_speed, to_acceleration, to_heading, to_speed};
use super::path::{from_history, from_prediction, to_history, to_prediction};
use super::place::{from_accuracy, from_position3d, paired, to_accuracy, to_position3d};
use super::propulsion::{from_propulsion, to_propulsion};
use super::time::{from_second, to_second};
use crate::csae::named::{from_bits, from_enumerated, to_bits, to_enumerated};
use crate::csae::part;
use crate::csae::quantity::Steps;
use crate::error::{DecodeError, EncodeError};
use crate::model::{Psm, WorkerType};
use crate::wire::j2735 as wire;

/// DE_PersonalClusterRadius: 1 m.
const CLUSTER: Steps = Steps::new(1.0, 0, 100);
/// DE_AttachmentRadius: 0.1 m.
const ATTACHED: Steps = Steps::new(10.0, 0, 200);

pub(super) fn to_wire(psm: &Psm) -> Result<wire::PersonalSafetyMessage, EncodeError> {
    let here = paired(psm.lat_deg, psm.lon_deg, psm.elevation_m)?;
    let history = part("path_history", psm.path_history.as_ref(), |path| to_history(path, here.as_ref()))?;
    let radius = |field, steps: Steps, m: Option<f64>| m.map(|m| steps.saturate_above(field, m)).transpose();
    let cluster_radius = radius("cluster_radius_m", CLUSTER, psm.cluster_radius_m)?;
    let attachment_radius = radius("attachment_radius_m", ATTACHED, psm.attachment_radius_m)?;
    Ok(wire::PersonalSafetyMessage {
        basic_type: to_enumerated("basic_type", psm.basic_type)?,
        sec_mark: to_second("sec_mark_ms", psm.sec_mark_ms)?,
        msg_cnt: to_count(psm.msg_cnt)?,
        id: to_temporary(&psm.id),
        position: to_position3d(here.as_ref())?,
        accuracy: to_accuracy(psm.pos_accuracy.as_ref()).map_err(|e| e.under("pos_accuracy"))?,
        speed: wire::Velocity(to_speed("speed_mps", psm.speed_mps)?),
        heading: to_heading(psm.heading_deg)?,
        accel_set: part("accel_set", psm.accel_set.as_ref(), to_acceleration)?,
        path_history: history.flatten(),
        path_prediction: part("path_prediction", psm.path_prediction.as_ref(), to_prediction)?,
        propulsion: psm.propulsion.map(to_propulsion).transpose()?,
        cross_request: psm.cross_request.map(wire::PersonalCrossingRequest),
        cross_state: psm.cross_state.map(wire::PersonalCrossingInProgress),
        cluster_size: psm.cluster_size.map(|size| to_enumerated("cluster_size", size)).transpose()?,
        cluster_radius: cluster_radius.map(|steps| wire::PersonalClusterRadius(steps as u8)),
        attachment: psm.attachment.map(|what| to_enumerated("attachment", what)).transpose()?,
        attachment_radius: attachment_radius.map(|steps| wire::AttachmentRadius(steps as u8)),
        use_state: psm.use_state.as_ref().map(to_bits).map(wire::PersonalDeviceUsageState),
        assist_type: psm.assist_type.as_ref().map(to_bits).map(wire::PersonalAssistive),
        activity_type: psm.activity_type.as_ref().map(to_bits).map(wire::PublicSafetyAndRoadWorkerActivity),
        activity_sub_type: psm.worker_type.and_then(to_directing),
        event_responder_type: psm.worker_type.and_then(to_responder),
        ..wire::PersonalSafetyMessage::default()
    })
}

pub(super) fn from_wire(psm: &wire::PersonalSafetyMessage) -> Result<Psm, DecodeError> {
    let here = from_position3d(&psm.position);
    let history = psm.path_history.as_ref().map(|path| from_history(path, here.as_ref())).transpose();
    Ok(Psm {
        msg_cnt: psm.msg_cnt.0,
        id: from_temporary(&psm.id),
        basic_type: from_enumerated(&psm.basic_type).unwrap_or_default(),
        sec_mark_ms: from_second(&psm.sec_mark),
        lat_deg: here.map(|here| here.lat_deg),
        lon_deg: here.map(|here| here.lon_deg),
        elevation_m: here.and_then(|here| here.elevation_m),
        pos_accuracy: from_accuracy(&psm.accuracy),
        speed_mps: from_speed(psm.speed.0),
        heading_deg: from_heading(&psm.heading),
        accel_set: psm.accel_set.as_ref().map(from_acceleration),
        path_history: history.map_err(|e| e.under("path_history"))?.flatten(),
        path_prediction: psm.path_prediction.as_ref().map(from_prediction),
        propulsion: psm.propulsion.as_ref().map(from_propulsion),
        cluster_size: psm.cluster_size.as_ref().and_then(from_enumerated),
        cluster_radius_m: psm.cluster_radius.as_ref().map(|radius| CLUSTER.value(i64::from(radius.0))),
        attachment: psm.attachment.as_ref().and_then(from_enumerated),
        attachment_radius_m: psm.attachment_radius.as_ref().map(|radius| ATTACHED.value(i64::from(radius.0))),
        cross_request: psm.cross_request.as_ref().map(|asks| asks.0),
        cross_state: psm.cross_state.as_ref().map(|crosses| crosses.0),
        use_state: psm.use_state.as_ref().map(|bits| from_bits(&bits.0)),
        assist_type: psm.assist_type.as_ref().map(|bits| from_bits(&bits.0)),
        activity_type: psm.activity_type.as_ref().map(|bits| from_bits(&bits.0)),
        worker_type: from_worker(psm),
        ..Psm::default()
    })
}

/// Bits of DE_PublicSafetyDirectingTrafficSubType that say what T/CSAE 157 has a word for.
const DIRECTING: [(u64, WorkerType); 4] = [
    (1, WorkerType::TrafficPolice),
    (2, WorkerType::TrafficControlPersons),
    (3, WorkerType::RailroadCrossingGuards),
    (5, WorkerType::EmergencyOrganizationPersonnel),
];
/// DE_PublicSafetyDirectingTrafficSubType: bits of the root.
const DIRECTING_BITS: u64 = 7;

fn to_directing(worker: WorkerType) -> Option<wire::PublicSafetyDirectingTrafficSubType> {
    let (bit, _) = DIRECTING.into_iter().find(|(_, known)| *known == worker)?;
    let mut bits = BitVec::with_len(DIRECTING_BITS);
    bits.set_bit(bit);
    Some(wire::PublicSafetyDirectingTrafficSubType(bits))
}

fn to_responder(worker: WorkerType) -> Option<wire::PublicSafetyEventResponderWorkerType> {
    match worker {
        WorkerType::ConstructionPersonnel => Some(wire::PublicSafetyEventResponderWorkerType::AdotWorker),
        WorkerType::PoliceOfficers => Some(wire::PublicSafetyEventResponderWorkerType::LawEnforcement),
        _ => None,
    }
}

/// Who directs the traffic is that; several at once are none of them.
fn from_worker(psm: &wire::PersonalSafetyMessage) -> Option<WorkerType> {
    let set = |bit: u64| psm.activity_sub_type.as_ref().is_some_and(|b| bit < b.0.bit_len() && b.0.is_bit_set(bit));
    let mut said = DIRECTING.into_iter().filter(|(bit, _)| set(*bit));
    match (said.next(), said.next()) {
        (Some((_, worker)), None) => return Some(worker),
        (Some(_), Some(_)) => return None,
        _ => {}
    }
    match psm.event_responder_type.as_ref()? {
        wire::PublicSafetyEventResponderWorkerType::AdotWorker => Some(WorkerType::ConstructionPersonnel),
        wire::PublicSafetyEventResponderWorkerType::LawEnforcement => Some(WorkerType::PoliceOfficers),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csae::named::Named;

    #[test]
    fn every_kind_of_worker_comes_back_and_several_at_once_are_none() {
        for worker in WorkerType::ALL {
            let psm = Psm { worker_type: Some(*worker), ..Psm::default() };
            assert_eq!(from_wire(&to_wire(&psm).unwrap()).unwrap().worker_type, Some(*worker));
        }
        let mut wire = to_wire(&Psm::default()).unwrap();
        let mut bits = BitVec::with_len(DIRECTING_BITS);
        bits.set_bit(1);
        bits.set_bit(2);
        wire.activity_sub_type = Some(wire::PublicSafetyDirectingTrafficSubType(bits));
        assert_eq!(from_wire(&wire).unwrap().worker_type, None);
        wire.activity_sub_type = Some(wire::PublicSafetyDirectingTrafficSubType(BitVec::with_len(1)));
        assert_eq!(from_wire(&wire).unwrap().worker_type, None);
    }
}
