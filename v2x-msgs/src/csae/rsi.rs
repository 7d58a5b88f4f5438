//! RSI between model and wire.

use std::collections::BTreeSet;

use asn1rs::prelude::BitVec;

use super::frame::{from_id, to_count};
use super::map::{from_node_id, to_node_id};
use super::place::{
    Place, from_offset, from_point, from_position3d, position, reference, to_offset, to_point, to_position3d,
};
use super::time::{from_minute, to_minute};
use super::wire;
use crate::csae::confidence::{TIME_S, from_step, to_step};
use crate::csae::named::{from_enumerated, to_enumerated};
use crate::csae::quantity::{CONFIDENCE, RADIUS, at_most};
use crate::csae::{each, each_or_none, list, part};
use crate::error::{DecodeError, EncodeError};
use crate::model::{Description, Position, ReferenceLink, ReferencePath, Rsi, Rte, Rts, TimeDetails};

pub(super) fn to_wire(rsi: &Rsi) -> Result<wire::RoadSideInformation, EncodeError> {
    let from = reference(rsi.ref_pos.as_ref())?;
    Ok(wire::RoadSideInformation {
        msg_cnt: to_count(rsi.msg_cnt)?,
        moy: to_minute("moy", rsi.moy)?,
        id: rsi.id.0.to_vec(),
        ref_pos: to_position3d(from),
        rtes: to_rtes(&rsi.rtes, from)?,
        rtss: each_or_none("rtss", &rsi.rtss, |rts| to_rts(rts, from))?.map(wire::RtsList),
    })
}

pub(super) fn from_wire(rsi: &wire::RoadSideInformation) -> Result<Rsi, DecodeError> {
    let from = from_position3d(&rsi.ref_pos);
    Ok(Rsi {
        msg_cnt: rsi.msg_cnt.0,
        moy: from_minute(rsi.moy.as_ref()),
        id: from_id(&rsi.id),
        ref_pos: position(from),
        rtes: from_rtes(rsi.rtes.as_ref(), from)?,
        rtss: list("rtss", rsi.rtss.iter().flat_map(|list| &list.0), |rts| from_rts(rts, from))?,
    })
}

pub(crate) fn to_rtes(rtes: &[Rte], from: Option<Place>) -> Result<Option<wire::RteList>, EncodeError> {
    Ok(each_or_none("rtes", rtes, |rte| to_rte(rte, from))?.map(wire::RteList))
}

pub(crate) fn from_rtes(rtes: Option<&wire::RteList>, from: Option<Place>) -> Result<Vec<Rte>, DecodeError> {
    list("rtes", rtes.iter().flat_map(|list| &list.0), |rte| from_rte(rte, from))
}

fn to_rte(rte: &Rte, from: Option<Place>) -> Result<wire::RteData, EncodeError> {
    let radius = rte.event_radius_m.map(|m| RADIUS.saturate_above("event_radius_m", m)).transpose()?;
    let confidence = rte.event_confidence.map(|c| CONFIDENCE.strict("event_confidence", c)).transpose()?;
    Ok(wire::RteData {
        rte_id: rte.rte_id,
        event_type: wire::EventType(rte.event_type),
        event_source: to_enumerated("event_source", rte.event_source)?,
        event_pos: to_place("event_pos", rte.event_pos.as_ref(), from)?,
        event_radius: radius.map(|steps| wire::Radius(steps as u16)),
        description: rte.description.as_ref().map(to_description),
        time_details: part("time_details", rte.time_details.as_ref(), to_time_details)?,
        priority: to_priority(rte.priority)?,
        reference_paths: to_paths(&rte.reference_paths, from)?,
        reference_links: to_links(&rte.reference_links)?,
        event_confidence: confidence.map(|steps| wire::Confidence(steps as u8)),
    })
}

fn from_rte(rte: &wire::RteData, from: Option<Place>) -> Result<Rte, DecodeError> {
    Ok(Rte {
        rte_id: rte.rte_id,
        event_type: rte.event_type.0,
        event_source: from_enumerated(&rte.event_source).unwrap_or_default(),
        event_pos: from_place("event_pos", rte.event_pos.as_ref(), from)?,
        event_radius_m: rte.event_radius.as_ref().map(|radius| RADIUS.value(i64::from(radius.0))),
        description: rte.description.as_ref().map(from_description),
        time_details: rte.time_details.as_ref().map(from_time_details),
        priority: from_priority(rte.priority.as_ref()),
        reference_paths: from_paths(rte.reference_paths.as_ref(), from)?,
        reference_links: from_links(rte.reference_links.as_ref()),
        event_confidence: rte.event_confidence.as_ref().map(|c| CONFIDENCE.value(i64::from(c.0))),
        itis: Vec::new(),
    })
}

fn to_rts(rts: &Rts, from: Option<Place>) -> Result<wire::RtsData, EncodeError> {
    Ok(wire::RtsData {
        rts_id: rts.rts_id,
        sign_type: wire::SignType(rts.sign_type),
        sign_pos: to_place("sign_pos", rts.sign_pos.as_ref(), from)?,
        description: rts.description.as_ref().map(to_description),
        time_details: part("time_details", rts.time_details.as_ref(), to_time_details)?,
        priority: to_priority(rts.priority)?,
        reference_paths: to_paths(&rts.reference_paths, from)?,
        reference_links: to_links(&rts.reference_links)?,
    })
}

fn from_rts(rts: &wire::RtsData, from: Option<Place>) -> Result<Rts, DecodeError> {
    Ok(Rts {
        rts_id: rts.rts_id,
        sign_type: rts.sign_type.0,
        sign_pos: from_place("sign_pos", rts.sign_pos.as_ref(), from)?,
        description: rts.description.as_ref().map(from_description),
        time_details: rts.time_details.as_ref().map(from_time_details),
        priority: from_priority(rts.priority.as_ref()),
        reference_paths: from_paths(rts.reference_paths.as_ref(), from)?,
        reference_links: from_links(rts.reference_links.as_ref()),
        itis: Vec::new(),
    })
}

fn to_place(
    field: &'static str,
    place: Option<&Position>,
    from: Option<Place>,
) -> Result<Option<wire::PositionOffsetLlv>, EncodeError> {
    part(field, place, |place| Ok(to_offset(Some(Place::of(place)?), from)))
}

fn from_place(
    field: &'static str,
    offset: Option<&wire::PositionOffsetLlv>,
    from: Option<Place>,
) -> Result<Option<Position>, DecodeError> {
    let place = offset.map(|offset| from_offset(field, offset, from)).transpose()?;
    Ok(position(place.flatten()))
}

pub(crate) fn to_description(description: &Description) -> wire::Description {
    match description {
        Description::TextString(text) => wire::Description::TextString(text.clone()),
        Description::TextGb2312(octets) => wire::Description::TextGb2312(octets.clone()),
    }
}

pub(crate) fn from_description(description: &wire::Description) -> Description {
    match description {
        wire::Description::TextString(text) => Description::TextString(text.clone()),
        wire::Description::TextGb2312(octets) => Description::TextGb2312(octets.clone()),
    }
}

fn to_time_details(details: &TimeDetails) -> Result<wire::RsiTimeDetails, EncodeError> {
    Ok(wire::RsiTimeDetails {
        start_time: to_minute("start_time_min", details.start_time_min)?,
        end_time: to_minute("end_time_min", details.end_time_min)?,
        end_time_confidence: to_step("end_time_confidence_s", &TIME_S, details.end_time_confidence_s)?,
    })
}

fn from_time_details(details: &wire::RsiTimeDetails) -> TimeDetails {
    TimeDetails {
        start_time_min: from_minute(details.start_time.as_ref()),
        end_time_min: from_minute(details.end_time.as_ref()),
        end_time_confidence_s: details.end_time_confidence.as_ref().and_then(|step| from_step(&TIME_S, step)),
    }
}

/// DE_RSIPriority: the top three bits of one octet, 0x00 lowest, 0xE0 highest; the others are zero.
fn to_priority(priority: Option<u8>) -> Result<Option<wire::RsiPriority>, EncodeError> {
    priority.map(|p| at_most("priority", p, 7).map(|p| wire::RsiPriority(vec![p << 5]))).transpose()
}

fn from_priority(priority: Option<&wire::RsiPriority>) -> Option<u8> {
    priority.and_then(|octets| octets.0.first()).map(|octet| octet >> 5)
}

fn to_paths(paths: &[ReferencePath], from: Option<Place>) -> Result<Option<wire::ReferencePathList>, EncodeError> {
    Ok(each_or_none("reference_paths", paths, |path| to_path(path, from))?.map(wire::ReferencePathList))
}

fn from_paths(paths: Option<&wire::ReferencePathList>, from: Option<Place>) -> Result<Vec<ReferencePath>, DecodeError> {
    list("reference_paths", paths.iter().flat_map(|list| &list.0), |path| from_path(path, from))
}

pub(crate) fn to_path(path: &ReferencePath, from: Option<Place>) -> Result<wire::ReferencePath, EncodeError> {
    let points = each("active_path", &path.active_path, |point| to_point(point, from))?;
    let radius = RADIUS.saturate_above("path_radius_m", path.path_radius_m)?;
    Ok(wire::ReferencePath { active_path: wire::PathPointList(points), path_radius: wire::Radius(radius as u16) })
}

pub(crate) fn from_path(path: &wire::ReferencePath, from: Option<Place>) -> Result<ReferencePath, DecodeError> {
    Ok(ReferencePath {
        active_path: list("active_path", &path.active_path.0, |point| from_point("", point, from))?,
        path_radius_m: RADIUS.value(i64::from(path.path_radius.0)),
    })
}

fn to_links(links: &[ReferenceLink]) -> Result<Option<wire::ReferenceLinkList>, EncodeError> {
    Ok(each_or_none("reference_links", links, to_link)?.map(wire::ReferenceLinkList))
}

pub(crate) fn to_link(link: &ReferenceLink) -> Result<wire::ReferenceLink, EncodeError> {
    Ok(wire::ReferenceLink {
        upstream_node_id: to_node_id(&link.upstream_node_id),
        downstream_node_id: to_node_id(&link.downstream_node_id),
        reference_lanes: link.reference_lanes.as_ref().map(to_lanes).transpose()?,
    })
}

fn from_links(links: Option<&wire::ReferenceLinkList>) -> Vec<ReferenceLink> {
    links.iter().flat_map(|list| &list.0).map(from_link).collect()
}

pub(crate) fn from_link(link: &wire::ReferenceLink) -> ReferenceLink {
    ReferenceLink {
        upstream_node_id: from_node_id(&link.upstream_node_id),
        downstream_node_id: from_node_id(&link.downstream_node_id),
        reference_lanes: link.reference_lanes.as_ref().map(from_lanes),
    }
}

/// DE_ReferenceLanes: bit k is lane k of the link; bit 0 is reserved.
fn to_lanes(lanes: &BTreeSet<u8>) -> Result<wire::ReferenceLanes, EncodeError> {
    let mut bits = BitVec::with_len(16);
    for lane in lanes {
        if *lane == 0 {
            let (field, value, allowed) = ("reference_lanes".to_owned(), "0".to_owned(), "lanes 1 to 15".to_owned());
            return Err(EncodeError::OutOfRange { field, value, allowed });
        }
        bits.set_bit(u64::from(at_most("reference_lanes", *lane, 15)?));
    }
    Ok(wire::ReferenceLanes(bits))
}

fn from_lanes(lanes: &wire::ReferenceLanes) -> BTreeSet<u8> {
    (1..16).filter(|lane| lanes.0.is_bit_set(u64::from(*lane))).collect()
}
