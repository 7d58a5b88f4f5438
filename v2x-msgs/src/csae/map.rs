//! MAP between model and wire.

use super::frame::to_count;
use super::lane_kind::{from_type, to_type};
use super::motion::{from_speed, to_speed};
use super::place::{Place, from_point, from_position3d, position, reference, to_point, to_position3d};
use super::time::{from_minute, to_minute};
use super::{link_width, to_link_width, wire};
use crate::csae::named::{from_bits, from_enumerated, to_bits, to_enumerated};
use crate::csae::quantity::LANE_WIDTH;
use crate::csae::{each, each_or_none, list, part};
use crate::error::{DecodeError, EncodeError};
use crate::model::{
    ConnectingLane, Connection, Lane, LaneAttributes, Link, Map, Movement, Node, NodeId, Position, SpeedLimit,
};

pub(super) fn to_wire(map: &Map) -> Result<wire::MapData, EncodeError> {
    Ok(wire::MapData {
        msg_cnt: to_count(map.msg_cnt)?,
        time_stamp: to_minute("time_stamp_min", map.time_stamp_min)?,
        nodes: wire::NodeList(each("nodes", &map.nodes, to_node)?),
    })
}

pub(super) fn from_wire(map: &wire::MapData) -> Result<Map, DecodeError> {
    Ok(Map {
        msg_cnt: map.msg_cnt.0,
        time_stamp_min: from_minute(map.time_stamp.as_ref()),
        nodes: list("nodes", &map.nodes.0, from_node)?,
    })
}

pub(crate) fn to_node_id(id: &NodeId) -> wire::NodeReferenceId {
    wire::NodeReferenceId { region: id.region.map(wire::RoadRegulatorId), id: wire::NodeId(id.id) }
}

pub(crate) fn from_node_id(id: &wire::NodeReferenceId) -> NodeId {
    NodeId { region: id.region.as_ref().map(|region| region.0), id: id.id.0 }
}

#[allow(clippy::needless_update)]
fn to_node(node: &Node) -> Result<wire::Node, EncodeError> {
    let from = reference(node.ref_pos.as_ref())?;
    Ok(wire::Node {
        name: node.name.clone().map(wire::DescriptiveName),
        id: to_node_id(&node.id),
        ref_pos: to_position3d(from),
        in_links: each_or_none("in_links", &node.in_links, |link| to_link(link, from))?.map(wire::LinkList),
        // Day II has more.
        ..wire::Node::default()
    })
}

fn from_node(node: &wire::Node) -> Result<Node, DecodeError> {
    let from = from_position3d(&node.ref_pos);
    let links = node.in_links.iter().flat_map(|links| &links.0);
    Ok(Node {
        name: node.name.as_ref().map(|name| name.0.clone()),
        id: from_node_id(&node.id),
        ref_pos: position(from),
        in_links: list("in_links", links, |link| from_link(link, from))?,
    })
}

fn to_link(link: &Link, from: Option<Place>) -> Result<wire::Link, EncodeError> {
    Ok(wire::Link {
        name: link.name.clone().map(wire::DescriptiveName),
        upstream_node_id: to_node_id(&link.upstream_node_id),
        speed_limits: to_limits(&link.speed_limits)?,
        link_width: to_link_width(to_width("link_width_m", link.link_width_m)?)?,
        points: to_points(&link.points, from)?,
        movements: each_or_none("movements", &link.movements, to_movement)?.map(wire::MovementList),
        lanes: wire::LaneList(each("lanes", &link.lanes, |lane| to_lane(lane, from))?),
    })
}

fn from_link(link: &wire::Link, from: Option<Place>) -> Result<Link, DecodeError> {
    Ok(Link {
        name: link.name.as_ref().map(|name| name.0.clone()),
        upstream_node_id: from_node_id(&link.upstream_node_id),
        speed_limits: from_limits(link.speed_limits.as_ref()),
        link_width_m: from_width(link_width(link)),
        points: from_points(link.points.as_ref(), from)?,
        movements: link.movements.iter().flat_map(|list| &list.0).map(from_movement).collect(),
        lanes: list("lanes", &link.lanes.0, |lane| from_lane(lane, from))?,
    })
}

fn to_movement(movement: &Movement) -> Result<wire::Movement, EncodeError> {
    Ok(wire::Movement {
        remote_intersection: to_node_id(&movement.remote_intersection),
        phase_id: movement.phase_id.map(wire::PhaseId),
    })
}

fn from_movement(movement: &wire::Movement) -> Movement {
    Movement {
        remote_intersection: from_node_id(&movement.remote_intersection),
        phase_id: movement.phase_id.as_ref().map(|phase| phase.0),
    }
}

fn to_lane(lane: &Lane, from: Option<Place>) -> Result<wire::Lane, EncodeError> {
    Ok(wire::Lane {
        lane_id: wire::LaneId(lane.lane_id),
        lane_width: to_width("lane_width_m", lane.lane_width_m)?,
        lane_attributes: part("lane_attributes", lane.lane_attributes.as_ref(), to_attributes)?,
        maneuvers: lane.maneuvers.as_ref().map(to_bits).map(wire::AllowedManeuvers),
        connects_to: each_or_none("connects_to", &lane.connects_to, to_connection)?.map(wire::ConnectsToList),
        speed_limits: to_limits(&lane.speed_limits)?,
        points: to_points(&lane.points, from)?,
    })
}

fn from_lane(lane: &wire::Lane, from: Option<Place>) -> Result<Lane, DecodeError> {
    Ok(Lane {
        lane_id: lane.lane_id.0,
        lane_width_m: from_width(lane.lane_width.as_ref()),
        lane_attributes: lane.lane_attributes.as_ref().map(from_attributes),
        maneuvers: lane.maneuvers.as_ref().map(|bits| from_bits(&bits.0)),
        connects_to: lane.connects_to.iter().flat_map(|list| &list.0).map(from_connection).collect(),
        speed_limits: from_limits(lane.speed_limits.as_ref()),
        points: from_points(lane.points.as_ref(), from)?,
    })
}

fn to_connection(connection: &Connection) -> Result<wire::Connection, EncodeError> {
    let lane = connection.connecting_lane.as_ref().map(|lane| wire::ConnectingLane {
        lane: wire::LaneId(lane.lane),
        maneuver: lane.maneuver.as_ref().map(to_bits).map(wire::AllowedManeuvers),
    });
    Ok(wire::Connection {
        remote_intersection: to_node_id(&connection.remote_intersection),
        connecting_lane: lane,
        phase_id: connection.phase_id.map(wire::PhaseId),
    })
}

fn from_connection(connection: &wire::Connection) -> Connection {
    let lane = connection.connecting_lane.as_ref().map(|lane| ConnectingLane {
        lane: lane.lane.0,
        maneuver: lane.maneuver.as_ref().map(|bits| from_bits(&bits.0)),
    });
    Connection {
        remote_intersection: from_node_id(&connection.remote_intersection),
        connecting_lane: lane,
        phase_id: connection.phase_id.as_ref().map(|phase| phase.0),
    }
}

fn to_attributes(attributes: &LaneAttributes) -> Result<wire::LaneAttributes, EncodeError> {
    let lane_type = to_type(&attributes.lane_type);
    let share_with = attributes.share_with.as_ref().map(to_bits).map(wire::LaneSharing);
    Ok(wire::LaneAttributes { share_with, lane_type })
}

fn from_attributes(attributes: &wire::LaneAttributes) -> LaneAttributes {
    let lane_type = from_type(&attributes.lane_type);
    LaneAttributes { share_with: attributes.share_with.as_ref().map(|bits| from_bits(&bits.0)), lane_type }
}

fn to_limits(limits: &[SpeedLimit]) -> Result<Option<wire::SpeedLimitList>, EncodeError> {
    let turn = |limit: &SpeedLimit| {
        Ok(wire::RegulatorySpeedLimit {
            type_: to_enumerated("type", limit.kind)?,
            speed: to_speed("speed_mps", limit.speed_mps)?,
        })
    };
    Ok(each_or_none("speed_limits", limits, turn)?.map(wire::SpeedLimitList))
}

fn from_limits(limits: Option<&wire::SpeedLimitList>) -> Vec<SpeedLimit> {
    let turn = |limit: &wire::RegulatorySpeedLimit| SpeedLimit {
        kind: from_enumerated(&limit.type_).unwrap_or_default(),
        speed_mps: from_speed(&limit.speed),
    };
    limits.iter().flat_map(|list| &list.0).map(turn).collect()
}

pub(crate) fn to_points(points: &[Position], from: Option<Place>) -> Result<Option<wire::PointList>, EncodeError> {
    let turn = |point: &Position| Ok(wire::RoadPoint { pos_offset: to_point(point, from)? });
    Ok(each_or_none("points", points, turn)?.map(wire::PointList))
}

pub(crate) fn from_points(points: Option<&wire::PointList>, from: Option<Place>) -> Result<Vec<Position>, DecodeError> {
    let points = points.iter().flat_map(|list| &list.0);
    list("points", points, |point| from_point("", &point.pos_offset, from))
}

pub(crate) fn to_width(field: &'static str, width: Option<f64>) -> Result<Option<wire::LaneWidth>, EncodeError> {
    width.map(|m| LANE_WIDTH.saturate_above(field, m).map(|steps| wire::LaneWidth(steps as u16))).transpose()
}

pub(crate) fn from_width(width: Option<&wire::LaneWidth>) -> Option<f64> {
    width.map(|width| LANE_WIDTH.value(i64::from(width.0)))
}
