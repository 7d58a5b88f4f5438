//! A lane of a crossing: what it is, and its nodes. The wire draws every lane from the crossing outwards, in offsets of whole
//! centimetres from node to node; the model draws it in the direction of travel.

use super::lane_kind::{from_type, to_type};
use super::place::{Plane, on_earth, raised, raw};
use crate::csae::each_or_none;
use crate::csae::named::{from_bits, from_enumerated, to_bits, to_enumerated};
use crate::csae::quantity::{ELEVATION, LANE_WIDTH, LATITUDE, LONGITUDE, SPEED};
use crate::error::{DecodeError, EncodeError};
use crate::model::{ConnectingLane, Connection, Lane, LaneAttributes, LaneType, NodeId, Position, SpeedLimit};
use crate::wire::j2735 as wire;

use super::motion::to_speed;

/// Offset-B10.
const B10: std::ops::RangeInclusive<i64> = -512..=511;
/// Offset-B16, the widest.
const B16: std::ops::RangeInclusive<i64> = -32_768..=32_767;

/// A lane on its way to the wire.
pub(super) struct Drawn<'a> {
    /// Number in the crossing.
    pub(super) number: u8,
    /// Approach; 0: none.
    pub(super) approach: u8,
    /// It leads in.
    pub(super) ingress: bool,
    pub(super) lane: &'a Lane,
    /// Its line, or its link's.
    pub(super) points: &'a [Position],
    /// Limits that are its own.
    pub(super) limits: &'a [SpeedLimit],
}

/// What is said of a lane without attributes: vehicles use it.
fn plain() -> LaneAttributes {
    LaneAttributes { share_with: None, lane_type: LaneType::Vehicle([].into()) }
}

pub(super) fn to_lane(
    drawn: &Drawn,
    connections: Vec<wire::Connection>,
    anchor: &Position,
    width_cm: Option<i64>,
) -> Result<wire::GenericLane, EncodeError> {
    let plain = plain();
    let attributes = drawn.lane.lane_attributes.as_ref().unwrap_or(&plain);
    let both = matches!(attributes.lane_type, LaneType::Crosswalk(_) | LaneType::Sidewalk(_));
    let approach = (drawn.approach > 0).then_some(wire::ApproachId(drawn.approach));
    let mut uses = asn1rs::prelude::BitVec::with_len(2);
    if drawn.ingress {
        uses.set_bit(0);
    }
    if !drawn.ingress || both {
        uses.set_bit(1);
    }
    Ok(wire::GenericLane {
        lane_id: wire::LaneId(drawn.number),
        ingress_approach: approach.clone().filter(|_| drawn.ingress),
        egress_approach: approach.filter(|_| !drawn.ingress),
        lane_attributes: wire::LaneAttributes {
            directional_use: wire::LaneDirection(uses),
            shared_with: wire::LaneSharing(to_bits(&attributes.share_with.clone().unwrap_or_default())),
            lane_type: to_type(&attributes.lane_type),
            regional: None,
        },
        maneuvers: drawn.lane.maneuvers.as_ref().map(to_bits).map(wire::AllowedManeuvers),
        node_list: to_nodes(drawn, anchor, width_cm)?,
        connects_to: (!connections.is_empty()).then_some(wire::ConnectsToList(connections)),
        ..wire::GenericLane::default()
    })
}

/// `end_of` tells the node that a lane of this crossing leads to.
pub(super) fn from_lane(
    lane: &wire::GenericLane,
    anchor: &Position,
    width_cm: Option<u16>,
    crossing: NodeId,
    end_of: impl Fn(u8) -> Option<NodeId>,
) -> Result<Lane, DecodeError> {
    let points = from_nodes(lane, anchor)?;
    let first = match &lane.node_list {
        wire::NodeListXy::Nodes(nodes) => nodes.0.first().and_then(|node| node.attributes.as_ref()),
        wire::NodeListXy::Computed(_) => None,
    };
    let wider = first.and_then(|set| set.d_width.as_ref()).map_or(0, |cm| i64::from(cm.0));
    let data = first.and_then(|set| set.data.as_ref()).into_iter().flat_map(|list| &list.0);
    let limits = data.filter_map(|data| match data {
        wire::LaneDataAttribute::SpeedLimits(limits) => Some(from_limits(Some(limits))),
        _ => None,
    });
    let shared = from_bits(&lane.lane_attributes.shared_with.0);
    let connections = lane.connects_to.iter().flat_map(|list| &list.0);
    Ok(Lane {
        lane_id: lane.lane_id.0,
        lane_width_m: width_cm.map(|cm| LANE_WIDTH.value((i64::from(cm) + wider).clamp(0, LANE_WIDTH.most))),
        lane_attributes: Some(LaneAttributes {
            share_with: (!shared.is_empty()).then_some(shared),
            lane_type: from_type(&lane.lane_attributes.lane_type),
        }),
        maneuvers: lane.maneuvers.as_ref().map(|bits| from_bits(&bits.0)),
        connects_to: connections.map(|connection| from_connection(connection, crossing, &end_of)).collect(),
        speed_limits: limits.flatten().take(9).collect(),
        points,
    })
}

fn from_connection(
    connection: &wire::Connection,
    crossing: NodeId,
    end_of: &impl Fn(u8) -> Option<NodeId>,
) -> Connection {
    let lane = &connection.connecting_lane;
    // Only another crossing is remote.
    let remote = connection.remote_intersection.as_ref().map(super::map::from_id);
    let remote = remote.filter(|id| *id != crossing && *id != NodeId::default());
    let known = lane.lane.0 > 0;
    Connection {
        remote_intersection: remote.or_else(|| end_of(lane.lane.0).filter(|_| known)).unwrap_or_default(),
        connecting_lane: known.then(|| ConnectingLane {
            lane: lane.lane.0,
            maneuver: lane.maneuver.as_ref().map(|bits| from_bits(&bits.0)),
        }),
        phase_id: connection.signal_group.as_ref().map(|group| group.0),
    }
}

/// Offsets are taken from where the receiver will be, so that rounding does not add up along the lane.
fn to_nodes(drawn: &Drawn, anchor: &Position, width_cm: Option<i64>) -> Result<wire::NodeListXy, EncodeError> {
    if drawn.points.len() < 2 {
        return Err(EncodeError::Count { field: "points".to_owned(), count: drawn.points.len(), least: 2, most: 63 });
    }
    let plane = Plane::at(anchor.lat_deg);
    let mut here = *anchor;
    let mut nodes = Vec::with_capacity(drawn.points.len());
    let outwards: Vec<&Position> =
        if drawn.ingress { drawn.points.iter().rev().collect() } else { drawn.points.iter().collect() };
    for (i, point) in outwards.into_iter().enumerate() {
        let (delta, reached) = to_delta(plane, &here, point).map_err(|e| e.under(&format!("points[{i}]")))?;
        let up = point.elevation_m.zip(here.elevation_m).map_or(0.0, |(to, from)| (to - from) * 10.0);
        let up = (up.round() as i64).clamp(*B10.start(), *B10.end());
        here = raised(Position { elevation_m: here.elevation_m, ..reached }, up as f64 / 10.0);
        let d_elevation = (up != 0).then_some(wire::OffsetB10(up as i16));
        let mut set = wire::NodeAttributeSetXy { d_elevation, ..Default::default() };
        if i == 0 {
            let own = drawn.lane.lane_width_m.map(|m| LANE_WIDTH.saturate_above("lane_width_m", m)).transpose()?;
            let wider = own.zip(width_cm).map_or(0, |(own, all)| own - all);
            let wider = wider.clamp(*B10.start(), *B10.end());
            set.d_width = (wider != 0).then_some(wire::OffsetB10(wider as i16));
            let limits = to_limits(drawn.limits)?;
            set.data =
                limits.map(|limits| wire::LaneDataAttributeList(vec![wire::LaneDataAttribute::SpeedLimits(limits)]));
        }
        let said = set != wire::NodeAttributeSetXy::default();
        nodes.push(wire::NodeXy { delta, attributes: said.then_some(set) });
    }
    Ok(wire::NodeListXy::Nodes(wire::NodeSetXy(nodes)))
}

/// The smallest form that holds an offset in whole centimetres, and where it leads.
pub(super) fn to_delta(
    plane: Plane,
    from: &Position,
    to: &Position,
) -> Result<(wire::NodeOffsetPointXy, Position), EncodeError> {
    use wire::NodeOffsetPointXy as Delta;
    let (lat, lon, _) = raw(Some(to))?;
    let [x, y] = plane.offset(from, to).map(|metres| (metres * 100.0).round() as i64);
    let reached = plane.moved(from, [x as f64 / 100.0, y as f64 / 100.0]);
    let bits = |value: i64| 65 - if value < 0 { value.leading_ones() } else { value.leading_zeros() };
    let delta = match bits(x).max(bits(y)) {
        ..=10 => Delta::NodeXy1(wire::NodeXy20b { x: wire::OffsetB10(x as i16), y: wire::OffsetB10(y as i16) }),
        11 => Delta::NodeXy2(wire::NodeXy22b { x: wire::OffsetB11(x as i16), y: wire::OffsetB11(y as i16) }),
        12 => Delta::NodeXy3(wire::NodeXy24b { x: wire::OffsetB12(x as i16), y: wire::OffsetB12(y as i16) }),
        13 => Delta::NodeXy4(wire::NodeXy26b { x: wire::OffsetB13(x as i16), y: wire::OffsetB13(y as i16) }),
        14 => Delta::NodeXy5(wire::NodeXy28b { x: wire::OffsetB14(x as i16), y: wire::OffsetB14(y as i16) }),
        15..=16 => Delta::NodeXy6(wire::NodeXy32b { x: wire::OffsetB16(x as i16), y: wire::OffsetB16(y as i16) }),
        _ => {
            let at = wire::NodeLLmD64b { lon: wire::Longitude(lon), lat: wire::Latitude(lat) };
            let known = |steps: i32, unit: crate::csae::quantity::Steps| unit.value(i64::from(steps));
            let reached = Position { lat_deg: known(lat, LATITUDE), lon_deg: known(lon, LONGITUDE), ..*from };
            return Ok((Delta::NodeLatLon(at), reached));
        }
    };
    Ok((delta, reached))
}

/// Where a node lies; `None` for a regional form, which nobody else can read.
pub(super) fn from_delta(
    plane: Plane,
    from: &Position,
    delta: &wire::NodeOffsetPointXy,
) -> Result<Option<Position>, DecodeError> {
    use wire::NodeOffsetPointXy as Delta;
    let (x, y) = match delta {
        Delta::NodeXy1(p) => (p.x.0, p.y.0),
        Delta::NodeXy2(p) => (p.x.0, p.y.0),
        Delta::NodeXy3(p) => (p.x.0, p.y.0),
        Delta::NodeXy4(p) => (p.x.0, p.y.0),
        Delta::NodeXy5(p) => (p.x.0, p.y.0),
        Delta::NodeXy6(p) => (p.x.0, p.y.0),
        Delta::Regional(_) => return Ok(None),
        Delta::NodeLatLon(at) => {
            let Some(there) = super::place::place(at.lat.0, at.lon.0, None) else { return Ok(None) };
            // One that a chain of centimetres would reach is put on the chain, where it will be after encoding again.
            let [x, y] = plane.offset(from, &there).map(|metres| (metres * 100.0).round() as i64);
            if !(B16.contains(&x) && B16.contains(&y)) {
                return Ok(Some(Position { elevation_m: from.elevation_m, ..there }));
            }
            (x as i16, y as i16)
        }
    };
    let moved = plane.moved(from, [f64::from(x) / 100.0, f64::from(y) / 100.0]);
    on_earth("delta", moved).map(Some)
}

fn from_nodes(lane: &wire::GenericLane, anchor: &Position) -> Result<Vec<Position>, DecodeError> {
    let nodes = match &lane.node_list {
        wire::NodeListXy::Nodes(nodes) => &nodes.0,
        wire::NodeListXy::Computed(_) => {
            let what = "a computed lane, which is not understood; ask the sender to draw its nodes".to_owned();
            return Err(DecodeError::Implausible { field: "nodeList".to_owned(), what });
        }
    };
    let plane = Plane::at(anchor.lat_deg);
    let mut here = *anchor;
    let mut points = Vec::with_capacity(nodes.len());
    for (i, node) in nodes.iter().enumerate() {
        let reached = from_delta(plane, &here, &node.delta).map_err(|e| e.under(&format!("nodeList[{i}]")))?;
        let up = node.attributes.as_ref().and_then(|set| set.d_elevation.as_ref()).map_or(0, |up| up.0);
        let Some(reached) = reached else { continue };
        here = raised(reached, f64::from(up) / 10.0);
        here.elevation_m = here.elevation_m.map(|m| ELEVATION.held(m));
        points.push(here);
    }
    if points.len() < 2 {
        let what = "fewer than two points of it can be read".to_owned();
        return Err(DecodeError::Implausible { field: "nodeList".to_owned(), what });
    }
    let uses = &lane.lane_attributes.directional_use.0;
    if !uses.is_bit_set(1) || uses.is_bit_set(0) {
        points.reverse();
    }
    Ok(points)
}

pub(super) fn to_limits(limits: &[SpeedLimit]) -> Result<Option<wire::SpeedLimitList>, EncodeError> {
    let turn = |limit: &SpeedLimit| {
        let speed = wire::Velocity(to_speed("speed_mps", limit.speed_mps)?);
        Ok(wire::RegulatorySpeedLimit { type_: to_enumerated("type", limit.kind)?, speed })
    };
    Ok(each_or_none("speed_limits", limits, turn)?.map(wire::SpeedLimitList))
}

pub(super) fn from_limits(limits: Option<&wire::SpeedLimitList>) -> Vec<SpeedLimit> {
    let turn = |limit: &wire::RegulatorySpeedLimit| SpeedLimit {
        kind: from_enumerated(&limit.type_).unwrap_or_default(),
        speed_mps: SPEED.known(i64::from(limit.speed.0)),
    };
    limits.iter().flat_map(|list| &list.0).map(turn).collect()
}
