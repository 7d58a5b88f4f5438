//! A site map out of an OpenDRIVE file: one junction with its arms, or one plain road.
//!
//! Read: reference lines of all shapes, lane sections, lane offset, widths and borders, lane links, junction connections,
//! elevation, crosswalk objects, signals with controllers. Not read: superelevation, lateral shape, other objects. The middle
//! of the crossing becomes the `enu` origin; a `geoReference` ([`place`]) tells where it is, and the way to true north.

mod export;
mod groups;
pub mod line;
pub mod place;
pub mod road;
mod station;
mod trace;

use std::collections::BTreeMap;

use calibration::geodesy::Wgs84;
use nalgebra::Vector3;
use roxmltree::{Document, Node};

pub use self::export::export;
use self::groups::Groups;
use self::place::Ground;
use self::road::{End, Joined, Road, attribute, children, contact, number};
use self::station::waypoint;
use self::trace::{Drawn, forth_through, lane_towards, path_through};
use super::{Connection, Crosswalk, Lane, Link, MapError, NodeId, SCHEMA, SiteMap, Turn, Waypoint};
use crate::limits;

/// Bytes of an OpenDRIVE file.
pub const FILE_BYTES: usize = 64 << 20;
/// Roads are followed this far from the crossing, metres.
pub const REACH_M: f64 = 300.0;
/// A plain road without a junction is cut in the middle, and this much is left between the halves, metres.
const CUT_M: f64 = 4.0;
/// Speed limit where the file has none, m/s: 50 km/h.
const SPEED_LIMIT_MPS: f64 = 50.0 / 3.6;

/// Why an OpenDRIVE file cannot become a site map. The text says what to do.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ImportError {
    /// Too large.
    #[error("the file has {0} bytes, at most {FILE_BYTES} are read; cut out the crossing")]
    TooLarge(usize),
    /// Not XML.
    #[error("not an XML file: {0}")]
    Xml(String),
    /// Not OpenDRIVE.
    #[error("the root element is `{0}`, expected `OpenDRIVE`")]
    NotOpenDrive(String),
    /// An attribute is missing.
    #[error("line {line}: element `{element}` has no attribute `{attribute}`")]
    Missing {
        /// Element.
        element: String,
        /// Attribute.
        attribute: &'static str,
        /// Line, from 1.
        line: u32,
    },
    /// An attribute is no number.
    #[error("line {line}: `{attribute}` of `{element}` is `{value}`, expected a number")]
    Number {
        /// Element.
        element: String,
        /// Attribute.
        attribute: &'static str,
        /// What stands there.
        value: String,
        /// Line, from 1.
        line: u32,
    },
    /// A geometry without a known shape.
    #[error("line {line}: the geometry is none of line, arc, spiral, poly3, paramPoly3")]
    Shape {
        /// Line, from 1.
        line: u32,
    },
    /// Several junctions, or none of the wanted name.
    #[error("name one junction; the file has: {}", .0.join(", "))]
    WhichJunction(Vec<String>),
    /// Neither a junction nor a single road.
    #[error("the file has no junction and {0} roads; a site map needs one junction, or one plain road")]
    NoJunction(usize),
    /// The junction has no usable lane.
    #[error("no lane for vehicles, bicycles or people leads into junction {0}")]
    NoLanes(String),
    /// What came out breaks a rule of site maps.
    #[error("the imported map is not usable: {0}")]
    Map(#[from] MapError),
}

/// What came out of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The map; the middle of the crossing is its origin.
    pub map: SiteMap,
    /// Where that origin is in the file's own coordinates, metres.
    pub origin: [f64; 2],
    /// Where that origin is on earth, when the file has a `geoReference` that is understood; its height is not known and 0.
    pub place: Option<Wgs84>,
    /// What was left out and why, in words.
    pub notes: Vec<String>,
}

/// Imports the only junction of a file (or its only road).
///
/// # Errors
/// As [`import_junction`]; with several junctions it asks for one.
pub fn import(xml: &str) -> Result<SiteMap, ImportError> {
    import_junction(xml, None).map(|import| import.map)
}

/// Imports one junction of a file, by its id or name; `None`: the only one.
///
/// # Errors
/// When the file is not OpenDRIVE, is incomplete, or holds no such junction; the text names the line.
pub fn import_junction(xml: &str, wanted: Option<&str>) -> Result<Import, ImportError> {
    if xml.len() > FILE_BYTES {
        return Err(ImportError::TooLarge(xml.len()));
    }
    let document = Document::parse(xml).map_err(|error| ImportError::Xml(error.to_string()))?;
    let root = document.root_element();
    if !root.has_tag_name("OpenDRIVE") {
        return Err(ImportError::NotOpenDrive(root.tag_name().name().to_owned()));
    }
    let mut roads = BTreeMap::new();
    for node in children(root, "road") {
        let road = Road::read(node)?;
        roads.insert(road.id.clone(), road);
    }
    let mut drawing = Drawing { roads, links: Vec::new(), walks: Vec::new(), notes: Vec::new() };
    let junctions: Vec<Node> = children(root, "junction").collect();
    let node = match (junction(&junctions, wanted)?, drawing.roads.len()) {
        (Some(junction), _) => drawing.junction(root, junction)?,
        (None, 1) => drawing.plain_road(),
        (None, count) => return Err(ImportError::NoJunction(count)),
    };
    drawing.finish(root, node)
}

fn junction<'a, 'i>(junctions: &[Node<'a, 'i>], wanted: Option<&str>) -> Result<Option<Node<'a, 'i>>, ImportError> {
    let is = |j: &&Node, text: &str| j.attribute("id") == Some(text) || j.attribute("name") == Some(text);
    let found = match wanted {
        Some(text) => junctions.iter().find(|j| is(j, text)),
        None if junctions.len() <= 1 => return Ok(junctions.first().copied()),
        None => None,
    };
    let names = || junctions.iter().filter_map(|j| j.attribute("id")).map(str::to_owned).collect();
    found.copied().map(Some).ok_or_else(|| ImportError::WhichJunction(names()))
}

/// A map in the making.
struct Drawing {
    roads: BTreeMap<String, Road>,
    links: Vec<(Link, Vec<LaneOfRoad>)>,
    walks: Vec<Crosswalk>,
    notes: Vec<String>,
}

/// Which lane of which road's end a lane of the map is.
type LaneOfRoad = (String, End, i32, u8);

/// An arm of the crossing.
struct Arm<'a> {
    road: &'a Road,
    end: End,
    name: String,
    far: NodeId,
}

impl Drawing {
    fn junction(&mut self, root: Node, junction: Node) -> Result<NodeId, ImportError> {
        let id = attribute(junction, "id")?.to_owned();
        let node = NodeId { region: 1, id: id.parse().ok().filter(|n| *n < 10_000).unwrap_or(9_999) };
        let roads = std::mem::take(&mut self.roads);
        for arm in arms(&roads, &id, node) {
            self.arm(&arm, node);
        }
        let groups = Groups::new(root, &roads);
        for connection in children(junction, "connection") {
            self.connection(&roads, &groups, connection)?;
        }
        for road in roads.values().filter(|road| touches(road, &id)) {
            for ([a, b], width_m) in &road.crosswalks {
                let name = format!("walk-{}", self.walks.len() + 1);
                let signal_group = groups.people(road, (a + b) / 2.0);
                let centreline = vec![vec![a.x, a.y], vec![b.x, b.y]];
                self.walks.push(Crosswalk { name, width_m: *width_m, centreline, signal_group });
            }
        }
        self.walks.truncate(limits::CROSSWALKS);
        self.roads = roads;
        if self.links.iter().all(|(link, _)| link.to != node) {
            return Err(ImportError::NoLanes(id));
        }
        Ok(node)
    }

    /// The links of one arm: lanes that lead in, lanes that lead away.
    fn arm(&mut self, arm: &Arm, node: NodeId) {
        let section = arm.road.section_at(arm.end);
        let Some(lanes) = arm.road.sections.get(section).map(|section| &section.lanes) else {
            return;
        };
        for inbound in [true, false] {
            let mut drawn: Vec<(i32, Drawn)> = lanes
                .iter()
                .filter(|(id, lane)| lane.kind.is_some() && arm.road.leads_to(**id, arm.end) == inbound)
                .filter_map(|(id, lane)| Some((*id, lane_towards(arm.road, arm.end, *id, lane.kind?, inbound)?)))
                .collect();
            // Numbered from the centre of the road.
            drawn.sort_by_key(|(id, _)| id.abs());
            drawn.truncate(limits::LANES_A_LINK - 1);
            if drawn.is_empty() {
                continue;
            }
            let (from, to) = if inbound { (arm.far, node) } else { (node, arm.far) };
            let name = format!("{}-{}", arm.name, if inbound { "in" } else { "out" });
            let speed_limit_mps = arm.road.speed_limit_mps.unwrap_or(SPEED_LIMIT_MPS);
            let mut list = Vec::new();
            let mut lanes = Vec::new();
            for (number, (id, drawn)) in (1..).zip(drawn) {
                list.push((arm.road.id.clone(), arm.end, id, number));
                let centreline = drawn.line.iter().map(waypoint).collect();
                let connections = Vec::new();
                lanes.push(Lane { id: number, kind: drawn.kind, width_m: drawn.width_m, centreline, connections });
            }
            self.links.push((Link { name, from, to, speed_limit_mps, lanes }, list));
        }
    }

    /// One `connection` of the junction: from lanes of the incoming road, over the connecting road, to lanes beyond.
    fn connection(&mut self, roads: &BTreeMap<String, Road>, groups: &Groups, node: Node) -> Result<(), ImportError> {
        let (Some(incoming), Some(over)) = (
            node.attribute("incomingRoad").and_then(|id| roads.get(id)),
            node.attribute("connectingRoad").and_then(|id| roads.get(id)),
        ) else {
            self.notes.push(format!("connection {}: a road is missing", node.attribute("id").unwrap_or("?")));
            return Ok(());
        };
        let entry = contact(node);
        for link in children(node, "laneLink") {
            let (from, first) = (number(link, "from")? as i32, number(link, "to")? as i32);
            let Some((line, last)) = path_through(over, entry, first) else {
                self.notes.push(format!("road {}: lane {first} does not lead through", over.id));
                continue;
            };
            let exit = if entry == End::Start { End::Finish } else { End::Start };
            let Some(Joined::Road(beyond, end)) = over.joined.get(&exit) else {
                self.notes.push(format!("road {}: leads nowhere", over.id));
                continue;
            };
            let leaving = self.lane_of(beyond, *end, forth_through(over, exit, last), false);
            let entering = self.lane_of(&incoming.id, end_at(incoming, over, entry), from, true);
            let (Some((out_link, to_lane)), Some((in_link, lane))) = (leaving, entering) else {
                continue; // borders, shoulders and the like are linked too
            };
            let connection = Connection {
                to_link: self.links[out_link].0.name.clone(),
                to_lane,
                turn: turn(&line),
                signal_group: groups.vehicles(incoming, from, over, first),
                path: line.iter().map(waypoint).collect(),
            };
            let lane = self.links[in_link].0.lanes.iter_mut().find(|l| l.id == lane);
            if let Some(lane) = lane.filter(|l| l.connections.len() < limits::CONNECTIONS_A_LANE) {
                lane.connections.push(connection);
            }
        }
        Ok(())
    }

    fn lane_of(&self, road: &str, end: End, lane: i32, inbound: bool) -> Option<(usize, u8)> {
        self.links.iter().enumerate().find_map(|(number, (link, lanes))| {
            let found = lanes.iter().find(|(r, e, l, _)| r == road && *e == end && *l == lane)?;
            (link.name.ends_with("-in") == inbound).then_some((number, found.3))
        })
    }

    /// A road without a junction is cut in its middle; the cut is the node.
    fn plain_road(&mut self) -> NodeId {
        let node = NodeId { region: 1, id: 1 };
        let Some(road) = self.roads.values().next().cloned() else {
            return node;
        };
        let middle = road.length / 2.0;
        for (name, end, far) in [("start", End::Start, 2), ("end", End::Finish, 3)] {
            let (from, to) =
                if end == End::Start { (0.0, middle - CUT_M / 2.0) } else { (middle + CUT_M / 2.0, road.length) };
            let half = trace::cut(&road, from, to);
            let inner = if end == End::Start { End::Finish } else { End::Start };
            self.arm(&Arm { road: &half, end: inner, name: name.into(), far: NodeId { region: 1, id: far } }, node);
        }
        let straight: Vec<(usize, u8, usize, u8)> = self
            .links
            .iter()
            .enumerate()
            .filter(|(_, (link, _))| link.to == node)
            .flat_map(|(i, (link, _))| {
                let onto = if link.name == "start-in" { "end-out" } else { "start-out" };
                let beyond = self.links.iter().position(|(l, _)| l.name == onto);
                let pairs = link.lanes.iter().filter_map(move |lane| Some((i, lane.id, beyond?, lane.id)));
                pairs.collect::<Vec<_>>()
            })
            .collect();
        for (link, lane, onto, to_lane) in straight {
            let to_link = self.links[onto].0.name.clone();
            if self.links[onto].0.lanes.iter().any(|l| l.id == to_lane) {
                let connection =
                    Connection { to_link, to_lane, turn: Turn::Straight, signal_group: None, path: Vec::new() };
                let found = self.links[link].0.lanes.iter_mut().find(|l| l.id == lane);
                found.into_iter().for_each(|l| l.connections.push(connection.clone()));
            }
        }
        node
    }

    /// Moves the middle of the crossing to the origin and checks the map.
    fn finish(mut self, root: Node, node: NodeId) -> Result<Import, ImportError> {
        let ends: Vec<&Waypoint> = self
            .links
            .iter()
            .filter(|(link, _)| link.to == node)
            .flat_map(|(link, _)| link.lanes.iter().filter_map(|lane| lane.centreline.last()))
            .collect();
        let count = ends.len().max(1) as f64;
        let origin = [0, 1].map(|axis| (ends.iter().map(|p| p[axis]).sum::<f64>() / count).round());
        let mut links: Vec<Link> = self.links.drain(..).map(|(link, _)| link).collect();
        let lines = links.iter_mut().flat_map(|l| &mut l.lanes).flat_map(|lane| {
            std::iter::once(&mut lane.centreline).chain(lane.connections.iter_mut().map(|c| &mut c.path))
        });
        let lines = lines.chain(self.walks.iter_mut().map(|w| &mut w.centreline));
        let ground = Ground::of(root, origin, &mut self.notes);
        for point in lines.flatten() {
            let at = ground.enu([point[0], point[1]]).map(|metres| (metres * 1000.0).round() / 1000.0);
            point[..2].copy_from_slice(&at);
        }
        let name = children(root, "header").next().and_then(|h| h.attribute("name")).unwrap_or_default();
        let name: String = name.chars().filter(char::is_ascii).take(63).collect();
        let map = SiteMap { schema: SCHEMA.into(), name, node, links, crosswalks: self.walks };
        map.validate()?;
        Ok(Import { map, origin, place: ground.place(), notes: self.notes })
    }
}

/// Every road end that the junction joins, with a name of its own.
fn arms<'a>(roads: &'a BTreeMap<String, Road>, junction: &str, node: NodeId) -> Vec<Arm<'a>> {
    let mut out = Vec::new();
    for (number, road) in (0_u16..).zip(roads.values().filter(|road| road.junction.is_none())) {
        let here = |end: &End| matches!(road.joined.get(end), Some(Joined::Junction(id)) if id == junction);
        let ends: Vec<End> = [End::Start, End::Finish].into_iter().filter(here).collect();
        for end in &ends {
            let other = if *end == End::Start { End::Finish } else { End::Start };
            let far = match road.joined.get(&other) {
                Some(Joined::Junction(id)) if id != junction => {
                    id.parse().ok().filter(|n| *n < 10_000 && *n != node.id)
                }
                _ => None,
            };
            let both = if ends.len() < 2 { "" } else { ["s", "e"][usize::from(*end == End::Finish)] };
            let ascii: String = road.id.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
            let far = far.unwrap_or_else(|| 10_000_u16.saturating_add(number * 2 + u16::from(*end == End::Finish)));
            out.push(Arm { road, end: *end, name: format!("road-{ascii}{both}"), far: NodeId { region: 1, id: far } });
        }
    }
    out
}

fn touches(road: &Road, junction: &str) -> bool {
    road.junction.as_deref() == Some(junction)
        || road.joined.values().any(|joined| matches!(joined, Joined::Junction(id) if id == junction))
}

/// The end of the incoming road at which the connecting road begins.
fn end_at(incoming: &Road, over: &Road, entry: End) -> End {
    match over.joined.get(&entry) {
        Some(Joined::Road(id, end)) if *id == incoming.id => *end,
        _ => match incoming.joined.get(&End::Start) {
            Some(Joined::Junction(id)) if Some(id) == over.junction.as_ref() => End::Start,
            _ => End::Finish,
        },
    }
}

fn turn(line: &[Vector3<f64>]) -> Turn {
    let direction = |a: &Vector3<f64>, b: &Vector3<f64>| (b.y - a.y).atan2(b.x - a.x);
    let [first, second, ..] = line else { return Turn::Straight };
    let [.., before, last] = line else { return Turn::Straight };
    let by = calibration::geodesy::Yaw::from_rad(direction(before, last) - direction(first, second)).rad();
    match by.to_degrees() {
        by if by.abs() <= 40.0 => Turn::Straight,
        by if by.abs() >= 150.0 => Turn::UTurn,
        by if by > 0.0 => Turn::Left,
        _ => Turn::Right,
    }
}

#[cfg(test)]
mod tests;
