//! The site map: lanes, connections, stop lines and signal groups of one crossing, in `enu`. One JSON file serves the MAP
//! message, the warnings, the page and the simulator's roads.

pub mod lane_index;
pub mod opendrive;
pub mod thin;
mod validate;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use lane_index::{LaneIndex, OnLane};

/// The one schema of a site map file.
pub const SCHEMA: &str = "rsu.site-map/1";

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

/// Why a site map file is refused. The text says what to do.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MapError {
    /// The file cannot be read.
    #[error("the site map {path} cannot be read: {reason}")]
    Io {
        /// Which file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// Not the JSON of a site map.
    #[error("not a site map: {message}, at line {line}, column {column}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What was found and what was expected.
        message: String,
    },
    /// An element is wrong.
    #[error("{element}: {problem}; {advice}")]
    Element {
        /// Which element, as a person would point at it: `link "north-in", lane 2`.
        element: String,
        /// What is wrong.
        problem: String,
        /// What to do.
        advice: String,
    },
}

impl SiteMap {
    /// Reads and validates the text of a site map file.
    ///
    /// # Errors
    /// When the text is not JSON of a site map, or when an element is wrong (see [`SiteMap::validate`]).
    pub fn parse(text: &str) -> Result<Self, MapError> {
        if text.len() > crate::limits::SITE_MAP_BYTES {
            return Err(MapError::Element {
                element: "the file".into(),
                problem: format!("{} bytes, more than {}", text.len(), crate::limits::SITE_MAP_BYTES),
                advice: "keep one crossing a file".into(),
            });
        }
        let map: Self = serde_json::from_str(text).map_err(|e| MapError::Json {
            line: e.line(),
            column: e.column(),
            // serde_json ends its text with the place, which has fields of its own here.
            message: e.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
        })?;
        map.validate()?;
        Ok(map)
    }

    /// Reads and validates a site map file.
    ///
    /// # Errors
    /// When the file cannot be read, or as [`SiteMap::parse`].
    pub fn load(path: &Path) -> Result<Self, MapError> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| MapError::Io { path: path.display().to_string(), reason: e.to_string() })?;
        Self::parse(&text)
    }

    /// The file's text: JSON that a person can read, points on one line each.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Holds the map to the rules that everything else relies on: names and lane numbers unique, connections that lead
    /// somewhere, finite numbers, sizes in bounds.
    ///
    /// # Errors
    /// The first element that breaks a rule, with what to do.
    pub fn validate(&self) -> Result<(), MapError> {
        validate::site_map(self)
    }

    /// A link by name.
    #[must_use]
    pub fn link(&self, name: &str) -> Option<&Link> {
        self.links.iter().find(|l| l.name == name)
    }

    /// Links that lead into the crossing.
    pub fn inbound(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(|l| l.to == self.node)
    }

    /// Every signal group the map names, in order, each once.
    #[must_use]
    pub fn signal_groups(&self) -> Vec<u8> {
        let lanes =
            self.links.iter().flat_map(|l| &l.lanes).flat_map(|l| &l.connections).filter_map(|c| c.signal_group);
        let walks = self.crosswalks.iter().filter_map(|c| c.signal_group);
        let all: std::collections::BTreeSet<u8> = lanes.chain(walks).collect();
        all.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_map_that_ships_is_valid() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/scenarios/maps");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "json") {
                let map = SiteMap::load(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                assert!(!map.links.is_empty());
                seen += 1;
            }
        }
        assert!(seen >= 6, "{seen}");
    }

    #[test]
    fn a_map_survives_its_own_text() {
        let map = four_arm();
        assert_eq!(SiteMap::parse(&map.to_json()).unwrap(), map);
        assert_eq!(map.signal_groups(), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(map.inbound().count(), 4);
    }

    #[test]
    fn a_wrong_file_names_the_place() {
        let error = SiteMap::parse("{\n  \"schema\": 1\n}").unwrap_err();
        assert!(matches!(error, MapError::Json { line: 2, .. }), "{error}");
        let error = SiteMap::load(Path::new("/nowhere/map.json")).unwrap_err();
        assert!(error.to_string().contains("/nowhere/map.json"), "{error}");
    }

    /// The crossing that ships with the simulator.
    pub(crate) fn four_arm() -> SiteMap {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/scenarios/maps/four_arm.json");
        SiteMap::load(Path::new(path)).unwrap()
    }
}
