//! One road: reference line, profiles, lane sections, links, and what stands on it.

use nalgebra::Vector2;
use roxmltree::Node;

use super::OpenDriveError;
use super::lane::{Lane, speed};
use super::lateral::Lateral;
use super::line::{MOST_TURN, Piece, Pose, Shape};
use super::object::Object;
use super::profile::Profile;
use super::section::Section;
use super::signal::{Signal, SignalReference};
use super::xml::{Reader, child, children};

/// An end of a road.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum End {
    /// `s` = 0.
    Start,
    /// `s` = length.
    Finish,
}

impl End {
    /// Start and finish.
    pub const BOTH: [Self; 2] = [Self::Start, Self::Finish];

    /// The end across.
    #[must_use]
    pub fn other(self) -> Self {
        if self == Self::Start { Self::Finish } else { Self::Start }
    }
}

/// What an end of a road is joined to, by ids of the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Joined {
    /// An end of another road.
    Road(String, End),
    /// A junction.
    Junction(String),
}

/// On which side traffic keeps.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub enum Rule {
    /// Right-hand traffic.
    #[default]
    #[serde(rename = "RHT")]
    Right,
    /// Left-hand traffic.
    #[serde(rename = "LHT")]
    Left,
}

/// What kind of road it is from a place on.
#[derive(Clone, Debug, PartialEq)]
pub struct RoadType {
    /// From here on, metres.
    pub s: f64,
    /// Name in the file: `motorway`, `rural`, `town`, …
    pub kind: String,
    /// Speed limit, m/s.
    pub speed: Option<f64>,
}

/// One road.
#[derive(Clone, Debug)]
pub struct Road {
    /// Id in the file.
    pub id: String,
    /// Name in the file, often empty.
    pub name: String,
    /// Length of the reference line, metres.
    pub length: f64,
    /// Id of the junction that it leads through.
    pub junction: Option<String>,
    /// On which side traffic keeps.
    pub rule: Rule,
    /// What its start and its finish are joined to.
    pub joined: [Option<Joined>; 2],
    /// Kinds of road by increasing `s`.
    pub types: Vec<RoadType>,
    /// Height of the reference line.
    pub elevation: Profile,
    /// Banking and shape of the surface.
    pub lateral: Lateral,
    /// How far lane 0 lies to the left of the reference line.
    pub lane_offset: Profile,
    /// Lane sections by increasing `s`, at least one.
    pub sections: Vec<Section>,
    /// Signals.
    pub signals: Vec<Signal>,
    /// Signals of other roads that hold here too.
    pub signal_references: Vec<SignalReference>,
    /// Objects.
    pub objects: Vec<Object>,
    pieces: Vec<Piece>,
    /// Lanes or shapes make the surface other than a plane.
    pub(super) relief: bool,
}

impl Road {
    pub(super) fn read(reader: &mut Reader, node: Node) -> Result<Self, OpenDriveError> {
        reader.expect(
            node,
            &[
                "link",
                "type",
                "planView",
                "elevationProfile",
                "lateralProfile",
                "lanes",
                "objects",
                "signals",
                "surface",
            ],
        );
        let lanes = child(node, "lanes");
        let pieces = pieces(reader, node)?;
        let length = length(reader, node, &pieces)?;
        let rule = match node.attribute("rule") {
            Some("LHT") => Rule::Left,
            None | Some("RHT" | "") => Rule::Right,
            Some(other) => return Err(reader.error(node, format!("`rule` is `{other}`"), "write RHT or LHT")),
        };
        let signals = child(node, "signals");
        let lateral = Lateral::read(reader, child(node, "lateralProfile"))?;
        let sections = sections(reader, node, lanes, length)?;
        let relief = !lateral.is_flat() || sections.iter().flat_map(Section::lanes).any(Lane::has_heights);
        Ok(Self {
            id: reader.text(node, "id")?.to_owned(),
            name: node.attribute("name").unwrap_or_default().to_owned(),
            length,
            junction: node.attribute("junction").filter(|j| !matches!(*j, "-1" | "")).map(str::to_owned),
            rule,
            joined: joined(reader, node)?,
            types: types(reader, node)?,
            elevation: reader.profile(child(node, "elevationProfile"), "elevation", "s")?,
            lateral,
            lane_offset: reader.profile(lanes, "laneOffset", "s")?,
            sections,
            signals: Signal::read_all(reader, signals)?,
            signal_references: SignalReference::read_all(reader, signals)?,
            objects: Object::read_all(reader, child(node, "objects"))?,
            pieces,
            relief,
        })
    }

    /// The reference line at `s` in the plane.
    #[must_use]
    pub fn line(&self, s: f64) -> Pose {
        let (piece, along) = self.piece(s);
        piece.at(along)
    }

    /// Curvature of the reference line at `s`, 1/m.
    #[must_use]
    pub fn curvature(&self, s: f64) -> f64 {
        let (piece, along) = self.piece(s);
        piece.curvature(along)
    }

    /// Both at once.
    pub(super) fn line_and_curvature(&self, s: f64) -> (Pose, f64) {
        let (piece, along) = self.piece(s);
        (piece.at(along), piece.curvature(along))
    }

    /// Pieces of the reference line.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    fn piece(&self, s: f64) -> (&Piece, f64) {
        let s = s.clamp(0.0, self.length);
        let after = self.pieces.partition_point(|piece| piece.s <= s);
        let piece = &self.pieces[after.saturating_sub(1)];
        (piece, (s - piece.s).clamp(0.0, piece.length))
    }

    /// Number of the lane section at `s`.
    #[must_use]
    pub fn section_at(&self, s: f64) -> usize {
        self.sections.partition_point(|section| section.s <= s).saturating_sub(1)
    }

    /// The lane section at `s`.
    #[must_use]
    pub fn section(&self, s: f64) -> &Section {
        &self.sections[self.section_at(s)]
    }

    /// Number of the lane section at an end.
    #[must_use]
    pub fn section_at_end(&self, end: End) -> usize {
        if end == End::Start { 0 } else { self.sections.len() - 1 }
    }

    /// `s` of an end.
    #[must_use]
    pub fn s_of(&self, end: End) -> f64 {
        if end == End::Start { 0.0 } else { self.length }
    }

    /// The middle of a lane of a section: `t` and its slope along `s`.
    #[must_use]
    pub fn middle(&self, section: usize, lane: i32, s: f64) -> Option<(f64, f64)> {
        let [inner, outer] = self.sections.get(section)?.edges(lane, s)?;
        let side = f64::from(lane.signum());
        let half = |a: f64, b: f64| side * f64::midpoint(a, b);
        let at = self.lane_offset.at(s) + half(inner.at, outer.at);
        Some((at, self.lane_offset.slope(s) + half(inner.slope, outer.slope)))
    }

    /// Height of the surface above the banked plane of the road, lane heights included.
    #[must_use]
    pub fn height(&self, s: f64, lane: i32, t: f64) -> f64 {
        let shape = if self.lateral.is_flat() { 0.0 } else { self.lateral.height(s, t) };
        let section = self.section(s);
        let Some(drawn) = section.lane(lane).filter(|lane| lane.has_heights()) else { return shape };
        let Some([inner, outer]) = section.edges(lane, s) else { return shape };
        let out = (t - self.lane_offset.at(s)) * f64::from(lane.signum());
        let width = outer.at - inner.at;
        shape + drawn.height(s, if width > 0.0 { (out - inner.at) / width } else { 0.0 })
    }

    /// Traffic on a lane runs in direction of `s`.
    #[must_use]
    pub fn runs_forward(&self, lane: i32) -> bool {
        (lane < 0) == (self.rule == Rule::Right)
    }

    /// Speed limit of the road at `s`, m/s.
    #[must_use]
    pub fn speed_limit(&self, s: f64) -> Option<f64> {
        let after = self.types.partition_point(|kind| kind.s <= s);
        self.types.get(after.checked_sub(1)?)?.speed
    }

    /// Largest distance of a lane's edge from the reference line, metres, from samples.
    pub(super) fn half_width(&self) -> f64 {
        let mut most: f64 = 0.0;
        for section in &self.sections {
            for part in 0..=8 {
                let s = section.s + (section.end - section.s) * f64::from(part) / 8.0;
                let offset = self.lane_offset.at(s);
                let [left, right] = section.reach(s);
                most = most.max((left + offset).abs()).max((right - offset).abs());
            }
        }
        most
    }
}

fn pieces(reader: &mut Reader, road: Node) -> Result<Vec<Piece>, OpenDriveError> {
    let mut out: Vec<Piece> = Vec::new();
    for node in child(road, "planView").into_iter().flat_map(|plan| children(plan, "geometry")) {
        let at = Vector2::new(reader.number(node, "x")?, reader.number(node, "y")?);
        let start = Pose { at, heading: reader.number(node, "hdg")? };
        let (s, length) = (reader.number(node, "s")?, reader.number(node, "length")?);
        if length < 0.0 {
            return Err(reader.error(node, format!("`length` is {length}"), "write a length of at least 0"));
        }
        let Some(shape) = shape(reader, node, length)? else {
            let known = "line, arc, spiral, poly3, paramPoly3";
            return Err(reader.error(node, "has no shape", format!("put one of {known} into it")));
        };
        if length == 0.0 {
            reader.note(node, "a `geometry` of length 0");
            continue;
        }
        out.push(Piece::new(s, length, start, shape));
    }
    out.sort_by(|a, b| a.s.total_cmp(&b.s));
    if out.is_empty() {
        return Err(reader.error(road, "has no geometry", "give its `planView` a `geometry` with a length above 0"));
    }
    Ok(out)
}

fn shape(reader: &mut Reader, geometry: Node, length: f64) -> Result<Option<Shape>, OpenDriveError> {
    for node in geometry.children().filter(Node::is_element) {
        let bend = |curvature: f64| {
            if curvature.abs() * length <= MOST_TURN {
                return Ok(curvature);
            }
            let remedy = "write curvature in 1/m; a piece may turn a thousand times at most";
            Err(reader.error(node, format!("curvature {curvature} over {length} m"), remedy))
        };
        return Ok(Some(match node.tag_name().name() {
            "line" => Shape::Spiral { from: 0.0, to: 0.0 },
            "arc" => {
                let curvature = bend(reader.number(node, "curvature")?)?;
                Shape::Spiral { from: curvature, to: curvature }
            }
            "spiral" => Shape::Spiral {
                from: bend(reader.number(node, "curvStart")?)?,
                to: bend(reader.number(node, "curvEnd")?)?,
            },
            "poly3" => Shape::Poly3(reader.cubic(node, ["a", "b", "c", "d"])?),
            "paramPoly3" => Shape::ParamPoly3 {
                u: reader.cubic(node, ["aU", "bU", "cU", "dU"])?,
                v: reader.cubic(node, ["aV", "bV", "cV", "dV"])?,
                end: match node.attribute("pRange") {
                    Some("arcLength") => length,
                    None | Some("normalized" | "") => 1.0,
                    Some(range) => {
                        let remedy = "write arcLength or normalized";
                        return Err(reader.error(node, format!("`pRange` is `{range}`"), remedy));
                    }
                },
            },
            _ => continue,
        }));
    }
    Ok(None)
}

/// The length of the reference line; a note where the file's own differs from its pieces.
fn length(reader: &mut Reader, node: Node, pieces: &[Piece]) -> Result<f64, OpenDriveError> {
    let length = reader.number(node, "length")?;
    if length <= 0.0 {
        return Err(reader.error(node, format!("`length` is {length}"), "write a length above 0"));
    }
    let end = pieces.last().map_or(0.0, |piece| piece.s + piece.length);
    if (end - length).abs() > 0.01 {
        reader.note(node, "`length` differs from the end of the reference line by more than 1 cm");
    }
    Ok(length)
}

fn joined(reader: &mut Reader, road: Node) -> Result<[Option<Joined>; 2], OpenDriveError> {
    let mut out = [None, None];
    let Some(link) = child(road, "link") else { return Ok(out) };
    reader.expect(link, &["predecessor", "successor"]);
    for (name, to) in ["predecessor", "successor"].into_iter().zip(&mut out) {
        let Some(node) = child(link, name) else { continue };
        let id = reader.text(node, "elementId")?.to_owned();
        *to = Some(match node.attribute("elementType") {
            Some("junction") => Joined::Junction(id),
            _ => Joined::Road(id, contact(node)),
        });
        if node.has_attribute("elementS") {
            reader.note(node, "a link into the middle of a road (`elementS`, virtual junction)");
        }
    }
    Ok(out)
}

/// `contactPoint`; the start when it is not said.
pub(super) fn contact(node: Node) -> End {
    if node.attribute("contactPoint") == Some("end") { End::Finish } else { End::Start }
}

fn types(reader: &mut Reader, road: Node) -> Result<Vec<RoadType>, OpenDriveError> {
    let mut out = Vec::new();
    for node in children(road, "type") {
        let limit = child(node, "speed").map(|node| speed(reader, node)).transpose()?.flatten();
        let kind = node.attribute("type").unwrap_or_default().to_owned();
        out.push(RoadType { s: reader.number(node, "s")?, kind, speed: limit });
    }
    out.sort_by(|a, b| a.s.total_cmp(&b.s));
    Ok(out)
}

fn sections(reader: &mut Reader, road: Node, lanes: Option<Node>, length: f64) -> Result<Vec<Section>, OpenDriveError> {
    let mut out: Vec<Section> = Vec::new();
    for node in lanes.into_iter().flat_map(|lanes| children(lanes, "laneSection")) {
        let section = Section::read(reader, node, out.last())?;
        if out.last().is_some_and(|before| before.s >= section.s) {
            return Err(reader.error(node, format!("`s` is {}", section.s), "order lane sections by increasing s"));
        }
        if let Some(before) = out.last_mut() {
            before.end = section.s;
        }
        out.push(section);
    }
    match out.last_mut() {
        Some(last) => last.end = length,
        None => {
            reader.note(road, "a `road` without lane sections");
            out.push(Section { s: 0.0, end: length, left: Vec::new(), right: Vec::new() });
        }
    }
    Ok(out)
}
