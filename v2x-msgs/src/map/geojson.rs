//! A MAP as GeoJSON (RFC 7946): nodes as points, lanes, links and connections as lines, WGS-84, longitude first.

use serde_json::{Map as Object, Value, json};

use crate::model::{Connection, Lane, LaneType, Link, Map, Node, NodeId, Position};

/// The map as a `FeatureCollection`. Every feature has `properties.kind`: `node`, `link`, `lane` or `connection`.
///
/// ```
/// use v2x_msgs::{map::geojson::from_map, model::{Map, Node, NodeId, Position}};
/// let node = Node { id: NodeId::new(1, 7), ref_pos: Some(Position::new(31.5, 121.25)), ..Node::default() };
/// let drawing = from_map(&Map { nodes: vec![node], ..Map::default() });
/// assert_eq!(drawing["features"][0]["geometry"]["coordinates"], serde_json::json!([121.25, 31.5]));
/// ```
#[must_use]
pub fn from_map(map: &Map) -> Value {
    let mut features = Vec::new();
    for node in &map.nodes {
        if let Some(at) = &node.ref_pos {
            let properties = json!({ "kind": "node", "id": id(node.id), "name": node.name });
            features.push(feature("Point", position(at), properties));
        }
        for link in &node.in_links {
            features
                .extend(line(&link.points).map(|points| feature("LineString", points, link_properties(node, link))));
            for lane in &link.lanes {
                features.extend(
                    line(&lane.points).map(|points| feature("LineString", points, lane_properties(node, link, lane))),
                );
                features
                    .extend(lane.connects_to.iter().filter_map(|connection| way(map, node, link, lane, connection)));
            }
        }
    }
    json!({ "type": "FeatureCollection", "features": features })
}

fn feature(kind: &str, coordinates: Value, properties: Value) -> Value {
    let mut bare = Object::new();
    if let Value::Object(all) = properties {
        bare.extend(all.into_iter().filter(|(_, value)| !value.is_null()));
    }
    json!({ "type": "Feature", "geometry": { "type": kind, "coordinates": coordinates }, "properties": bare })
}

fn position(at: &Position) -> Value {
    match at.elevation_m {
        Some(up) => json!([at.lon_deg, at.lat_deg, up]),
        None => json!([at.lon_deg, at.lat_deg]),
    }
}

/// A line has two positions at least.
fn line(points: &[Position]) -> Option<Value> {
    (points.len() >= 2).then(|| points.iter().map(position).collect())
}

fn id(id: NodeId) -> String {
    id.region.map_or_else(|| id.id.to_string(), |region| format!("{region}/{}", id.id))
}

fn link_properties(node: &Node, link: &Link) -> Value {
    json!({
        "kind": "link",
        "from": id(link.upstream_node_id),
        "to": id(node.id),
        "name": link.name,
        "width_m": link.link_width_m,
        "speed_limits": serde_json::to_value(&link.speed_limits).unwrap_or_default(),
    })
}

fn lane_properties(node: &Node, link: &Link, lane: &Lane) -> Value {
    let kind = lane.lane_attributes.as_ref().map(|attributes| match attributes.lane_type {
        LaneType::Vehicle(_) => "vehicle",
        LaneType::Crosswalk(_) => "crosswalk",
        LaneType::BikeLane(_) => "bike_lane",
        LaneType::Sidewalk(_) => "sidewalk",
        LaneType::Median(_) => "median",
        LaneType::Striping(_) => "striping",
        LaneType::TrackedVehicle(_) => "tracked_vehicle",
        LaneType::Parking(_) => "parking",
    });
    json!({
        "kind": "lane",
        "lane": lane.lane_id,
        "from": id(link.upstream_node_id),
        "to": id(node.id),
        "lane_type": kind,
        "width_m": lane.lane_width_m,
        "maneuvers": lane.maneuvers,
    })
}

/// The way from the end of a lane to the start of the one that it leads to, when both are drawn.
fn way(map: &Map, node: &Node, link: &Link, lane: &Lane, connection: &Connection) -> Option<Value> {
    let end = map.nodes.iter().find(|end| end.id == connection.remote_intersection)?;
    let onto = end.in_links.iter().find(|onto| onto.upstream_node_id == node.id)?;
    let wanted = connection.connecting_lane.as_ref()?;
    let target = onto.lanes.iter().find(|target| target.lane_id == wanted.lane)?;
    let points = [*lane.points.last()?, *target.points.first()?];
    let properties = json!({
        "kind": "connection",
        "from": id(link.upstream_node_id),
        "at": id(node.id),
        "to": id(end.id),
        "from_lane": lane.lane_id,
        "to_lane": wanted.lane,
        "phase": connection.phase_id,
        "maneuver": wanted.maneuver,
    });
    Some(feature("LineString", line(&points)?, properties))
}
