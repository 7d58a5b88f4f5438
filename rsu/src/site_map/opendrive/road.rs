//! One OpenDRIVE road: its reference line, lanes, links and signals, read from XML.

use std::collections::BTreeMap;

use nalgebra::{Vector2, Vector3};
use roxmltree::Node;

use super::ImportError;
use super::line::{Cubic, Piece, Pose, Shape};
use crate::site_map::LaneKind;

/// Pieces, sections or records of one road.
const RECORDS: usize = 20_000;

/// An end of a road.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// s = 0.
    Start,
    /// s = length.
    Finish,
}

/// What a road's end is joined to.
#[derive(Clone, Debug, PartialEq)]
pub enum Joined {
    /// An end of another road.
    Road(String, End),
    /// A junction.
    Junction(String),
}

/// One road.
#[derive(Clone, Debug)]
pub struct Road {
    /// Number in the file.
    pub id: String,
    /// Junction it belongs to, for connecting roads.
    pub junction: Option<String>,
    /// Where it begins, metres of the reference line; not 0 for a road that was cut.
    pub start: f64,
    /// Where it ends, metres of the reference line.
    pub length: f64,
    /// Vehicles keep left.
    pub left_hand: bool,
    /// Speed limit, m/s, when the file tells.
    pub speed_limit_mps: Option<f64>,
    /// What its ends are joined to.
    pub joined: BTreeMap<End, Joined>,
    /// Lane sections by increasing s.
    pub sections: Vec<Section>,
    /// Signals on it, references to signals of other roads included.
    pub signals: Vec<Signal>,
    /// Crosswalks drawn on it: centre line from kerb to kerb and width.
    pub crosswalks: Vec<DrawnCrosswalk>,
    pub(super) pieces: Vec<Piece>,
    offset: Vec<(f64, Cubic)>,
    elevation: Vec<(f64, Cubic)>,
}

/// Centre line from kerb to kerb, and width, metres.
pub type DrawnCrosswalk = ([Vector2<f64>; 2], f64);

/// A stretch of a road with the same lanes.
#[derive(Clone, Debug)]
pub struct Section {
    /// Where it begins, metres.
    pub s: f64,
    /// Lanes by their number: positive on the left, negative on the right.
    pub lanes: BTreeMap<i32, Lane>,
}

/// A lane of a section.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Who uses it; `None`: nobody (border, shoulder, …).
    pub kind: Option<LaneKind>,
    /// Lane it continues in the section before (or on the road joined there).
    pub predecessor: Option<i32>,
    /// Lane it continues in the section after (or on the road joined there).
    pub successor: Option<i32>,
    widths: Vec<(f64, Cubic)>,
    borders: Vec<(f64, Cubic)>,
}

/// A signal, as far as it matters here.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Number in the file.
    pub id: String,
    /// Where on the road, metres.
    pub s: f64,
    /// It has lamps that change.
    pub dynamic: bool,
    /// OpenDRIVE type, such as 1000001.
    pub kind: String,
    /// For traffic in direction of s, against it, or both.
    pub orientation: char,
    /// Lanes it is valid for, as ranges; none: all.
    pub lanes: Vec<(i32, i32)>,
}

/// An attribute, or an error that names element and line.
pub fn attribute<'a>(node: Node<'a, '_>, name: &'static str) -> Result<&'a str, ImportError> {
    node.attribute(name).ok_or_else(|| ImportError::Missing {
        element: node.tag_name().name().to_owned(),
        attribute: name,
        line: node.document().text_pos_at(node.range().start).row,
    })
}

/// A finite number, or an error that names element and line.
pub fn number(node: Node, name: &'static str) -> Result<f64, ImportError> {
    let text = attribute(node, name)?;
    text.trim().parse().ok().filter(|v: &f64| v.is_finite()).ok_or_else(|| ImportError::Number {
        element: node.tag_name().name().to_owned(),
        attribute: name,
        value: text.chars().take(40).collect(),
        line: node.document().text_pos_at(node.range().start).row,
    })
}

/// Children with a name, bounded.
pub fn children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |n| n.has_tag_name(name)).take(RECORDS)
}

fn cubic(node: Node, names: [&'static str; 4]) -> Result<Cubic, ImportError> {
    let [a, b, c, d] = names;
    Ok(Cubic { abcd: [number(node, a)?, number(node, b)?, number(node, c)?, number(node, d)?] })
}

/// Records that each hold from their s to the next one's.
fn records(node: Option<Node>, name: &'static str, at: &'static str) -> Result<Vec<(f64, Cubic)>, ImportError> {
    let mut out = Vec::new();
    for record in node.into_iter().flat_map(|node| children(node, name)) {
        out.push((number(record, at)?, cubic(record, ["a", "b", "c", "d"])?));
    }
    out.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(out)
}

fn value(records: &[(f64, Cubic)], s: f64) -> f64 {
    let after = records.partition_point(|(start, _)| *start <= s);
    let record = records.get(after.saturating_sub(1));
    record.map_or(0.0, |(start, cubic)| cubic.at((s - start).max(0.0)))
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> Option<Node<'a, 'i>> {
    children(node, name).next()
}

impl Road {
    /// Reads a `road` element.
    ///
    /// # Errors
    /// When an attribute is missing or no number, or a piece has no shape.
    pub fn read(node: Node) -> Result<Self, ImportError> {
        let junction = node.attribute("junction").filter(|j| *j != "-1" && !j.is_empty()).map(str::to_owned);
        let lanes = child(node, "lanes");
        let mut sections = Vec::new();
        for section in lanes.into_iter().flat_map(|lanes| children(lanes, "laneSection")) {
            sections.push(Section::read(section)?);
        }
        sections.sort_by(|a, b| a.s.total_cmp(&b.s));
        let mut road = Self {
            id: attribute(node, "id")?.to_owned(),
            junction,
            start: 0.0,
            length: number(node, "length")?,
            left_hand: node.attribute("rule") == Some("LHT"),
            speed_limit_mps: speed_limit(node)?,
            joined: joined(node)?,
            sections,
            signals: Vec::new(),
            crosswalks: Vec::new(),
            pieces: pieces(node)?,
            offset: records(lanes, "laneOffset", "s")?,
            elevation: records(child(node, "elevationProfile"), "elevation", "s")?,
        };
        road.signals = signals(node)?;
        road.crosswalks = road.read_crosswalks(node)?;
        Ok(road)
    }

    /// The pose of the reference line.
    #[must_use]
    pub fn pose(&self, s: f64) -> Option<Pose> {
        let after = self.pieces.partition_point(|piece| piece.s <= s);
        let piece = self.pieces.get(after.saturating_sub(1))?;
        Some(piece.at((s - piece.s).clamp(0.0, piece.length)))
    }

    /// Number of the section at an end.
    #[must_use]
    pub fn section_at(&self, end: End) -> usize {
        if end == End::Start { 0 } else { self.sections.len().saturating_sub(1) }
    }

    /// Where a section begins and ends.
    #[must_use]
    pub fn span(&self, section: usize) -> (f64, f64) {
        let from = self.sections.get(section).map_or(self.start, |section| section.s);
        let to = self.sections.get(section + 1).map_or(self.length, |next| next.s);
        (from.max(self.start).min(self.length), to.max(self.start).min(self.length))
    }

    /// Middle of a lane and its width, metres.
    #[must_use]
    pub fn lane_at(&self, section: usize, lane: i32, s: f64) -> Option<(Vector3<f64>, f64)> {
        let lanes = &self.sections.get(section)?.lanes;
        let along = s - self.sections[section].s;
        let side = f64::from(lane.signum());
        let mut inner = 0.0;
        let mut id = lane.signum();
        loop {
            let outer = lanes.get(&id)?.outer(inner, side, along);
            if id == lane {
                let t = value(&self.offset, s) + side * f64::midpoint(inner, outer);
                let at = self.pose(s)?.left(t);
                return Some((Vector3::new(at.x, at.y, value(&self.elevation, s)), outer - inner));
            }
            inner = outer;
            id += lane.signum();
        }
    }

    /// A lane of this number leads towards an end.
    #[must_use]
    pub fn leads_to(&self, lane: i32, end: End) -> bool {
        // Right lanes run along s where traffic keeps right.
        ((lane < 0) != self.left_hand) == (end == End::Finish)
    }

    fn read_crosswalks(&self, node: Node) -> Result<Vec<DrawnCrosswalk>, ImportError> {
        let mut out = Vec::new();
        let objects = child(node, "objects");
        let drawn = objects.into_iter().flat_map(|o| children(o, "object"));
        for object in drawn.filter(|o| o.attribute("type") == Some("crosswalk")) {
            let Some(pose) = self.pose(number(object, "s")?) else {
                continue;
            };
            let middle = pose.left(number(object, "t")?);
            let turn = if object.has_attribute("hdg") { number(object, "hdg")? } else { 0.0 };
            let (Ok(length), Ok(width)) = (number(object, "length"), number(object, "width")) else {
                continue;
            };
            // People walk along the longer side.
            let (length, width, turn) = if length >= width {
                (length, width, turn)
            } else {
                (width, length, turn + std::f64::consts::FRAC_PI_2)
            };
            let half = Vector2::new((pose.heading + turn).cos(), (pose.heading + turn).sin()) * (length / 2.0);
            out.push(([middle - half, middle + half], width));
        }
        Ok(out)
    }
}

impl Section {
    fn read(node: Node) -> Result<Self, ImportError> {
        let mut lanes = BTreeMap::new();
        for side in ["left", "right"] {
            for lane in child(node, side).into_iter().flat_map(|side| children(side, "lane")) {
                let id = number(lane, "id")?;
                if id.fract() == 0.0 && id != 0.0 && id.abs() < 1000.0 {
                    lanes.insert(id as i32, Lane::read(lane)?);
                }
            }
        }
        Ok(Self { s: number(node, "s")?, lanes })
    }
}

impl Lane {
    fn read(node: Node) -> Result<Self, ImportError> {
        let kind = match node.attribute("type").unwrap_or_default() {
            "driving" | "bidirectional" | "entry" | "exit" | "onRamp" | "offRamp" | "connectingRamp" | "slipLane"
            | "bus" | "taxi" | "HOV" | "mwyEntry" | "mwyExit" => Some(LaneKind::Vehicle),
            "biking" => Some(LaneKind::Bicycle),
            "sidewalk" | "walking" => Some(LaneKind::Sidewalk),
            _ => None,
        };
        let link = child(node, "link");
        let to =
            |name| link.and_then(|l| child(l, name)).and_then(|l| l.attribute("id")).and_then(|id| id.parse().ok());
        Ok(Self {
            kind,
            predecessor: to("predecessor"),
            successor: to("successor"),
            widths: records(Some(node), "width", "sOffset")?,
            borders: records(Some(node), "border", "sOffset")?,
        })
    }

    /// Distance of the outer edge from the centre lane, given that of the inner edge.
    fn outer(&self, inner: f64, side: f64, along: f64) -> f64 {
        if self.widths.is_empty() && !self.borders.is_empty() {
            return (value(&self.borders, along) * side).max(inner);
        }
        inner + value(&self.widths, along).max(0.0)
    }
}

fn pieces(road: Node) -> Result<Vec<Piece>, ImportError> {
    let mut out = Vec::new();
    for node in child(road, "planView").into_iter().flat_map(|plan| children(plan, "geometry")) {
        let start = Pose { at: Vector2::new(number(node, "x")?, number(node, "y")?), heading: number(node, "hdg")? };
        let length = number(node, "length")?;
        let shape = node.children().find_map(|n| shape(n, length).transpose()).transpose()?;
        let shape =
            shape.ok_or_else(|| ImportError::Shape { line: node.document().text_pos_at(node.range().start).row })?;
        if length > 0.0 {
            out.push(Piece::new(number(node, "s")?, length, start, shape));
        }
    }
    out.sort_by(|a, b| a.s.total_cmp(&b.s));
    Ok(out)
}

fn shape(node: Node, length: f64) -> Result<Option<Shape>, ImportError> {
    Ok(Some(match node.tag_name().name() {
        "line" => Shape::Spiral { from: 0.0, to: 0.0 },
        "arc" => {
            let curvature = number(node, "curvature")?;
            Shape::Spiral { from: curvature, to: curvature }
        }
        "spiral" => Shape::Spiral { from: number(node, "curvStart")?, to: number(node, "curvEnd")? },
        "poly3" => Shape::Poly3(cubic(node, ["a", "b", "c", "d"])?),
        "paramPoly3" => Shape::ParamPoly3 {
            u: cubic(node, ["aU", "bU", "cU", "dU"])?,
            v: cubic(node, ["aV", "bV", "cV", "dV"])?,
            end: if node.attribute("pRange") == Some("arcLength") { length } else { 1.0 },
        },
        _ => return Ok(None),
    }))
}

fn joined(road: Node) -> Result<BTreeMap<End, Joined>, ImportError> {
    let mut out = BTreeMap::new();
    let link = child(road, "link");
    for (name, end) in [("predecessor", End::Start), ("successor", End::Finish)] {
        let Some(node) = link.and_then(|link| child(link, name)) else {
            continue;
        };
        let id = attribute(node, "elementId")?.to_owned();
        let joined = match node.attribute("elementType") {
            Some("junction") => Joined::Junction(id),
            _ => Joined::Road(id, contact(node)),
        };
        out.insert(end, joined);
    }
    Ok(out)
}

/// `contactPoint`, the start when it is not said.
pub fn contact(node: Node) -> End {
    if node.attribute("contactPoint") == Some("end") { End::Finish } else { End::Start }
}

fn speed_limit(road: Node) -> Result<Option<f64>, ImportError> {
    let Some(node) = children(road, "type").find_map(|kind| child(kind, "speed")) else {
        return Ok(None);
    };
    if node.attribute("max").is_none_or(|max| max.trim().parse::<f64>().is_err()) {
        return Ok(None); // "no limit", "undefined"
    }
    let factor = match node.attribute("unit") {
        Some("km/h") => 1.0 / 3.6,
        Some("mph") => 0.447_04,
        _ => 1.0,
    };
    Ok(Some(number(node, "max")? * factor).filter(|v| (0.1..=100.0).contains(v)))
}

fn signals(road: Node) -> Result<Vec<Signal>, ImportError> {
    let mut out = Vec::new();
    let Some(list) = child(road, "signals") else {
        return Ok(out);
    };
    for node in list.children().filter(|n| n.has_tag_name("signal") || n.has_tag_name("signalReference")).take(RECORDS)
    {
        let mut lanes = Vec::new();
        for validity in children(node, "validity") {
            let (a, b) = (number(validity, "fromLane")? as i32, number(validity, "toLane")? as i32);
            lanes.push((a.min(b), a.max(b)));
        }
        out.push(Signal {
            id: attribute(node, "id")?.to_owned(),
            s: number(node, "s")?,
            // A reference has neither; the signal it names tells.
            dynamic: node.attribute("dynamic") == Some("yes"),
            kind: node.attribute("type").unwrap_or_default().to_owned(),
            orientation: node.attribute("orientation").and_then(|o| o.chars().next()).unwrap_or('n'),
            lanes,
        });
    }
    Ok(out)
}
