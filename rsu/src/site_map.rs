//! The site map: lanes, connections, stop lines and signal groups of one crossing, in `enu`. One JSON file serves the MAP
//! message, the warnings, the page and the simulator's roads.

use serde::{Deserialize, Serialize};

/// A point in `enu`: `[east, north]` or `[east, north, up]`, metres.
pub type Waypoint = Vec<f64>;

/// A site map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteMap {
    /// `rsu.site-map/1`.
    pub schema: String,
    /// For people.
    #[serde(default)]
    pub name: String,
    /// The crossing's node.
    pub node: NodeId,
    /// Roads leading into the crossing, and roads leaving it.
    pub links: Vec<Link>,
    /// Pedestrian crossings.
    #[serde(default)]
    pub crosswalks: Vec<Crosswalk>,
}

/// A node of the road network (T/CSAE 53-2020, DF_NodeReferenceID).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeId {
    /// Region, 0..65535.
    pub region: u16,
    /// Number in the region, 0..65535.
    pub id: u16,
}

/// A directed road: it leads into the crossing (`to` is this node) or away from it (`from` is this node).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Name, unique in the file.
    pub name: String,
    /// Node at its upstream end.
    pub from: NodeId,
    /// Node at its downstream end.
    pub to: NodeId,
    /// Speed limit, m/s.
    pub speed_limit_mps: f64,
    /// Lanes, numbered from the left (the centre of the road) starting with 1.
    pub lanes: Vec<Lane>,
}

/// One lane, drawn in the direction of travel; on a link that leads in, it ends at the stop line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Number in the link, 1..31.
    pub id: u8,
    /// Who may use it.
    #[serde(default)]
    pub kind: LaneKind,
    /// Width, metres.
    pub width_m: f64,
    /// Centre line in the direction of travel.
    pub centreline: Vec<Waypoint>,
    /// Where one may go at the end.
    #[serde(default)]
    pub connections: Vec<Connection>,
}

/// Who may use a lane.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum LaneKind {
    /// Motor vehicles.
    #[default]
    Vehicle,
    /// Bicycles.
    Bicycle,
    /// People on foot.
    Sidewalk,
}

/// A way through the crossing, from the end of a lane to the start of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Link that it leads to.
    pub to_link: String,
    /// Lane of that link.
    pub to_lane: u8,
    /// Turn.
    pub turn: Turn,
    /// Signal group (phase) that rules it; none: no signal.
    #[serde(default)]
    pub signal_group: Option<u8>,
    /// Path through the crossing, from the stop line to the start of the lane; may be empty: a smooth curve is used.
    #[serde(default)]
    pub path: Vec<Waypoint>,
}

/// Turn at a crossing.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Straight on.
    Straight,
    /// Left.
    Left,
    /// Right.
    Right,
    /// U-turn.
    UTurn,
}

/// A pedestrian crossing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crosswalk {
    /// Name, unique in the file.
    pub name: String,
    /// Width, metres.
    pub width_m: f64,
    /// Centre line from kerb to kerb.
    pub centreline: Vec<Waypoint>,
    /// Signal group that rules it.
    #[serde(default)]
    pub signal_group: Option<u8>,
}
