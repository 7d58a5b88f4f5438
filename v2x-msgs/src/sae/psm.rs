//! PSM between model and wire.

use super::frame::{from_temporary, to_count, to_temporary};
use super::motion::{from_acceleration, from_heading, from_speed, to_acceleration, to_heading, to_speed};
use super::path::{from_history, from_prediction, to_history, to_prediction};
use super::place::{from_accuracy, from_position3d, paired, to_accuracy, to_position3d};
use super::propulsion::{from_propulsion, to_propulsion};
use super::time::{from_second, to_second};
use crate::csae::named::{from_enumerated, to_enumerated};
use crate::csae::part;
use crate::csae::quantity::Steps;
use crate::error::{DecodeError, EncodeError};
use crate::model::Psm;
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
        ..Psm::default()
    })
}
