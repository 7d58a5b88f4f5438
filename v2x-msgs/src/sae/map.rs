//! MAP between model and wire. The wire draws a crossing with the lanes that lead in and the lanes that lead away, numbered
//! together, grouped by approach. The model has directed links: those that lead in are the crossing's own, one an approach;
//! those that lead away belong to the node at their far end. Where the wire names no such node, the approach stands for it:
//! see [`APPROACHES`].

use super::frame::to_count;
use super::lane::{Drawn, from_lane, from_limits, to_lane, to_limits};
use super::place::{from_anchor, to_anchor, to_position3d};
use super::time::{from_minute, to_minute};
use crate::csae::list;
use crate::csae::quantity::LANE_WIDTH;
use crate::error::{DecodeError, EncodeError};
use crate::model::{Connection, Lane, LaneType, Link, Map, Movement, Node, NodeId};
use crate::wire::j2735 as wire;

/// Region of the nodes that stand for approaches: number 16 · (crossing's place in the message) + approach. The wire says
/// nothing of the node at the far end of an approach.
pub(crate) const APPROACHES: u16 = 65_535;
const APPROACHES_A_CROSSING: u16 = 16;
/// Lane numbers a crossing has (DE_LaneID).
const LANES: usize = 255;

pub(super) fn to_id(id: &NodeId) -> wire::IntersectionReferenceId {
    wire::IntersectionReferenceId { region: id.region.map(wire::RoadRegulatorId), id: wire::IntersectionId(id.id) }
}

pub(super) fn from_id(id: &wire::IntersectionReferenceId) -> NodeId {
    // A region of its own stands for approaches, see above.
    NodeId { region: id.region.as_ref().map(|region| region.0).filter(|region| *region != APPROACHES), id: id.id.0 }
}

pub(super) fn to_wire(map: &Map) -> Result<wire::MapData, EncodeError> {
    let mut intersections = Vec::new();
    for (i, node) in map.nodes.iter().enumerate().filter(|(_, node)| is_crossing(map, node)) {
        intersections.push(to_intersection(map, node).map_err(|e| e.under(&format!("nodes[{i}]")))?);
    }
    Ok(wire::MapData {
        time_stamp: to_minute("time_stamp_min", map.time_stamp_min)?,
        msg_issue_revision: to_count(map.msg_cnt)?,
        layer_type: Some(wire::LayerType::IntersectionData),
        intersections: (!intersections.is_empty()).then_some(wire::IntersectionGeometryList(intersections)),
        ..wire::MapData::default()
    })
}

pub(super) fn from_wire(map: &wire::MapData) -> Result<Map, DecodeError> {
    let crossings = map.intersections.iter().flat_map(|list| &list.0).enumerate();
    let nodes = list("intersections", crossings, |(place, crossing)| from_intersection(place as u16, crossing))?;
    let mut ids = std::collections::BTreeSet::new();
    if let Some(twice) = nodes.iter().flatten().find(|node| !ids.insert(node.id)) {
        let what = format!("the crossing {} is there twice", twice.id.id);
        return Err(DecodeError::Implausible { field: "intersections".to_owned(), what });
    }
    Ok(Map {
        msg_cnt: map.msg_issue_revision.0,
        time_stamp_min: from_minute(map.time_stamp.as_ref()),
        nodes: nodes.into_iter().flatten().collect(),
    })
}

/// A node that is the far end of an approach and no crossing.
pub(crate) fn stands_for_approach(id: NodeId) -> bool {
    id.region == Some(APPROACHES)
}

/// A map with the numbers that its lanes have on this wire, and the connections that its receivers see.
pub(crate) fn numbered(map: &Map) -> Result<Map, EncodeError> {
    from_wire(&to_wire(map)?).map_err(|e| EncodeError::out_of_range("nodes", e, "places on the earth"))
}

/// A node with roads that meet: not the far end of roads that lead away from another node of the message and end there.
fn is_crossing(map: &Map, node: &Node) -> bool {
    let leads_on =
        |link: &Link| !link.movements.is_empty() || link.lanes.iter().any(|lane| !lane.connects_to.is_empty());
    let from_here = |link: &Link| map.nodes.iter().any(|other| other.id == link.upstream_node_id);
    let has_in = node
        .in_links
        .iter()
        .any(|link| leads_on(link) || !from_here(link) || stands_for_approach(link.upstream_node_id));
    !stands_for_approach(node.id) && (has_in || (node.in_links.is_empty() && links_away(map, node).next().is_some()))
}

/// Links that lead away from a node, with the node at their end.
fn links_away<'a>(map: &'a Map, node: &'a Node) -> impl Iterator<Item = (&'a Node, &'a Link)> {
    let ends = map.nodes.iter().filter(|end| end.id != node.id);
    let links = ends.flat_map(|end| end.in_links.iter().map(move |link| (end, link)));
    links.filter(|(_, link)| link.upstream_node_id == node.id)
}

/// A lane of a crossing on its way to the wire.
struct Numbered<'a> {
    number: u8,
    approach: u16,
    ingress: bool,
    /// Node at the other end.
    far: NodeId,
    link: &'a Link,
    lane: &'a Lane,
}

fn lanes_of<'a>(map: &'a Map, node: &'a Node) -> Result<Vec<Numbered<'a>>, EncodeError> {
    let into = node.in_links.iter().map(|link| (link.upstream_node_id, link, true));
    let away = links_away(map, node).map(|(end, link)| (end.id, link, false));
    let mut lanes = Vec::new();
    for (place, (far, link, ingress)) in (1..).zip(into.chain(away)) {
        // Numbers beyond 15 do not exist: such an approach has none.
        let fresh = if place < APPROACHES_A_CROSSING { place } else { 0 };
        let approach = if stands_for_approach(far) { far.id % APPROACHES_A_CROSSING } else { fresh };
        lanes.extend(link.lanes.iter().map(|lane| Numbered {
            number: lane.lane_id,
            approach,
            ingress,
            far,
            link,
            lane,
        }));
    }
    if lanes.len() > LANES {
        return Err(EncodeError::Count { field: "lanes".to_owned(), count: lanes.len(), least: 1, most: LANES as u64 });
    }
    let mut numbers: Vec<u8> = lanes.iter().map(|lane| lane.number).filter(|number| *number > 0).collect();
    numbers.sort_unstable();
    numbers.dedup();
    // What came from this wire keeps its numbers, right or wrong.
    let foreign = lanes.iter().any(|lane| !stands_for_approach(lane.far));
    if numbers.len() < lanes.len() && foreign {
        lanes.iter_mut().zip(1..).for_each(|(lane, number)| lane.number = number);
    }
    Ok(lanes)
}

fn to_intersection(map: &Map, node: &Node) -> Result<wire::IntersectionGeometry, EncodeError> {
    let anchor = to_anchor(node.ref_pos.as_ref())?;
    let lanes = lanes_of(map, node)?;
    let width_cm = shared_width(&lanes)?;
    // Limits that all roads share are the crossing's; others stand at their lanes.
    let shared = lanes.first().map(|lane| &lane.link.speed_limits);
    let shared = shared.filter(|limits| lanes.iter().all(|lane| lane.link.speed_limits == **limits));
    let mut lane_set = Vec::with_capacity(lanes.len());
    for lane in &lanes {
        let own = if lane.lane.speed_limits.is_empty() && shared.is_none() {
            &lane.link.speed_limits
        } else {
            &lane.lane.speed_limits
        };
        let points = if lane.lane.points.is_empty() { &lane.link.points } else { &lane.lane.points };
        let connects = lane.lane.connects_to.iter().map(|c| to_connection(node, lane, &lanes, c)).collect();
        let drawn = Drawn {
            number: lane.number,
            approach: lane.approach as u8,
            ingress: lane.ingress,
            lane: lane.lane,
            points,
            limits: own,
        };
        let field = |e: EncodeError| e.under(&format!("lane {}", lane.lane.lane_id));
        lane_set.push(to_lane(&drawn, connects, anchor, width_cm).map_err(field)?);
    }
    Ok(wire::IntersectionGeometry {
        name: node.name.clone().map(wire::DescriptiveName),
        id: to_id(&node.id),
        revision: to_count(map.msg_cnt)?,
        ref_point: to_position3d(Some(anchor)).map_err(|e| e.under("ref_pos"))?,
        lane_width: width_cm.map(|cm| wire::LaneWidth(cm as u16)),
        speed_limits: shared.map(|limits| to_limits(limits)).transpose()?.flatten(),
        lane_set: wire::LaneList(lane_set),
        ..wire::IntersectionGeometry::default()
    })
}

/// The width that all others are told from, centimetres: the first lane's, moved so far that the others are in reach.
fn shared_width(lanes: &[Numbered]) -> Result<Option<i64>, EncodeError> {
    let widths = lanes.iter().filter_map(|lane| lane.lane.lane_width_m);
    let widths: Vec<i64> = widths.map(|m| LANE_WIDTH.saturate_above("lane_width_m", m)).collect::<Result<_, _>>()?;
    let (Some(first), Some(least), Some(most)) = (widths.first(), widths.iter().min(), widths.iter().max()) else {
        return Ok(None);
    };
    let (low, high) = ((most - 511).max(0), (least + 512).min(LANE_WIDTH.most));
    Ok(Some(if low <= high { (*first).clamp(low, high) } else { *first }))
}

/// The lane that a connection leads to has its number in this crossing, or in the remote one when it is not drawn here.
fn to_connection(node: &Node, from: &Numbered, lanes: &[Numbered], connection: &Connection) -> wire::Connection {
    let remote = connection.remote_intersection;
    let wanted = connection.connecting_lane.as_ref().map(|lane| lane.lane);
    let within = |own: bool| lanes.iter().filter(move |lane| lane.ingress == own);
    let here = if remote == node.id {
        let of_link = within(true).filter(|lane| std::ptr::eq(lane.link, from.link));
        let found = of_link.chain(within(true)).find(|lane| Some(lane.lane.lane_id) == wanted);
        // A crosswalk leads over the road and nowhere else.
        Some(found.map(|lane| lane.number).or(wanted).unwrap_or(from.number))
    } else {
        let found = within(false).find(|lane| lane.far == remote && Some(lane.lane.lane_id) == wanted);
        found.map(|lane| lane.number)
    };
    let elsewhere = here.is_none() && remote != NodeId::default() && !stands_for_approach(remote);
    let maneuver = connection.connecting_lane.as_ref().and_then(|lane| lane.maneuver.as_ref());
    wire::Connection {
        connecting_lane: wire::ConnectingLane {
            lane: wire::LaneId(here.or(wanted).unwrap_or(0)),
            maneuver: maneuver.map(crate::csae::named::to_bits).map(wire::AllowedManeuvers),
        },
        remote_intersection: elsewhere.then(|| to_id(&remote)),
        signal_group: connection.phase_id.map(wire::SignalGroupId),
        user_class: None,
        connection_id: None,
    }
}

/// The crossing, and a node for every approach that leads away.
fn from_intersection(place: u16, crossing: &wire::IntersectionGeometry) -> Result<Vec<Node>, DecodeError> {
    let anchor = from_anchor("refPoint", &crossing.ref_point)?;
    let id = from_id(&crossing.id);
    let far = |approach: u8| NodeId::new(APPROACHES, place * APPROACHES_A_CROSSING + u16::from(approach));
    let limits = from_limits(crossing.speed_limits.as_ref());
    let width_cm = crossing.lane_width.as_ref().map(|width| width.0);
    let link = |upstream_node_id| Link { upstream_node_id, speed_limits: limits.clone(), ..Link::default() };
    let mut own = Node {
        name: crossing.name.as_ref().map(|name| name.0.clone()),
        id,
        ref_pos: Some(anchor),
        in_links: Vec::new(),
    };
    let mut ends: Vec<Node> = Vec::new();
    for (i, lane) in crossing.lane_set.0.iter().enumerate() {
        let ends_of = |wanted: u8| end_of(crossing, wanted).map(|away| away.map_or(id, far));
        let found = from_lane(lane, &anchor, width_cm, id, ends_of).map_err(|e| e.under(&format!("laneSet[{i}]")))?;
        let (node, upstream) = match away(lane) {
            None => {
                (&mut own, far(lane.ingress_approach.as_ref().or(lane.egress_approach.as_ref()).map_or(0, |a| a.0)))
            }
            Some(approach) => {
                let end = far(approach);
                let at = ends.iter().position(|node| node.id == end).unwrap_or(ends.len());
                if at == ends.len() {
                    ends.push(Node { name: None, id: end, ref_pos: Some(anchor), in_links: Vec::new() });
                }
                (&mut ends[at], id)
            }
        };
        let at = node.in_links.iter().position(|link| link.upstream_node_id == upstream).unwrap_or(node.in_links.len());
        if at == node.in_links.len() {
            node.in_links.push(link(upstream));
        }
        node.in_links[at].lanes.push(found);
    }
    own.in_links.iter_mut().for_each(|link| link.movements = movements(link));
    Ok(std::iter::once(own).chain(ends).collect())
}

/// The approach of a lane that leads away; `None` for one that leads in, and for one that people cross on.
fn away(lane: &wire::GenericLane) -> Option<u8> {
    let uses = &lane.lane_attributes.directional_use.0;
    let only_away = uses.is_bit_set(1) && !uses.is_bit_set(0);
    only_away.then(|| lane.egress_approach.as_ref().map_or(0, |approach| approach.0))
}

/// Where a lane of this crossing leads: `Some(Some(approach))` away over it, `Some(None)` it stays here, `None` no such lane.
fn end_of(crossing: &wire::IntersectionGeometry, wanted: u8) -> Option<Option<u8>> {
    let mut lanes = crossing.lane_set.0.iter().filter(|lane| lane.lane_id.0 == wanted);
    lanes.next().map(away)
}

/// The ways from a link to other nodes, from what its lanes for vehicles connect to.
fn movements(link: &Link) -> Vec<Movement> {
    let drives = |lane: &&Lane| {
        !matches!(
            lane.lane_attributes.as_ref().map(|a| &a.lane_type),
            Some(LaneType::Crosswalk(_) | LaneType::Sidewalk(_))
        )
    };
    let ways = link.lanes.iter().filter(drives).flat_map(|lane| &lane.connects_to);
    let ways: std::collections::BTreeSet<_> = ways.map(|c| (c.remote_intersection, c.phase_id)).collect();
    ways.into_iter().map(|(remote_intersection, phase_id)| Movement { remote_intersection, phase_id }).collect()
}
