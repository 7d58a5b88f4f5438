//! The lane graph: edges of parallel lanes, the lanes inside junctions, the links between them, and who gives way to whom.
//!
//! Everything is a number into a dense array. A *link* leads from a lane into a junction, over one or two inner lanes, to
//! a lane behind it; places inside the junction are metres along the link.

use std::collections::BTreeMap;

use super::conflict::Conflict;
use super::shape::Shape;
use super::signal::Program;

/// Number of a lane.
pub type LaneId = u32;
/// Number of an edge.
pub type EdgeId = u32;
/// Number of a link.
pub type LinkId = u32;
/// No lane, edge or link.
pub const NONE: u32 = u32::MAX;

/// Classes of road users that a lane is open to, one bit each.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Classes(pub u8);

impl Classes {
    /// Open to everybody on wheels.
    pub const ALL: Self = Self(0xff);

    /// Open to this class.
    #[must_use]
    pub fn has(self, class: super::style::Class) -> bool {
        self.0 & class.bit() != 0
    }
}

/// One lane.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Name, `edge_index`.
    pub name: String,
    /// Its edge.
    pub edge: EdgeId,
    /// Number within the edge, 0 = rightmost.
    pub index: u32,
    /// Length that traffic counts with, metres.
    pub length: f64,
    /// Speed limit, m/s.
    pub speed: f64,
    /// Width, metres.
    pub width: f64,
    /// Classes that may use it.
    pub open_to: Classes,
    /// Middle line.
    pub shape: Shape,
    /// Links that leave it.
    pub links: Vec<LinkId>,
    /// Links that arrive.
    pub arrivals: Vec<LinkId>,
    /// Of an inner lane: its link.
    pub inner_of: LinkId,
    /// Of an inner lane: metres along the link at its start.
    pub link_start: f64,
}

impl Lane {
    /// Metres of the shape at `pos` metres of traffic: both need not be of one length.
    #[must_use]
    pub fn along_shape(&self, pos: f64) -> f64 {
        let drawn = self.shape.length();
        if (drawn - self.length).abs() < 1e-9 || self.length <= 0.0 { pos } else { pos * drawn / self.length }
    }

    /// Inside a junction.
    #[must_use]
    pub fn is_inner(&self) -> bool {
        self.inner_of != NONE
    }
}

/// Parallel lanes between two junctions.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Name.
    pub name: String,
    /// First lane (the rightmost); the others follow it.
    pub first: LaneId,
    /// Number of lanes.
    pub count: u32,
    /// Junction at its start and at its end.
    pub ends: [String; 2],
    /// Inside a junction.
    pub inner: bool,
}

/// What a link asks of its traffic where no signal does.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Has the right of way.
    Major,
    /// Gives way.
    Minor,
    /// Stops first, then gives way.
    Stop,
}

/// A way through a junction.
#[derive(Clone, Debug)]
pub struct Link {
    /// Lane it leaves.
    pub from: LaneId,
    /// Lane it reaches.
    pub to: LaneId,
    /// Lanes inside the junction, one after the other; [`NONE`] where there is none.
    pub inner: [LaneId; 2],
    /// Length inside the junction, metres.
    pub length: f64,
    /// Where traffic may wait inside the junction, metres along the link.
    pub wait_at: Option<f64>,
    /// Right of way without a signal.
    pub rule: Rule,
    /// Signal program and place in its state.
    pub signal: Option<(u32, u32)>,
    /// Links that meet this one.
    pub conflicts: Vec<Conflict>,
}

/// The lane graph.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Lanes.
    pub lanes: Vec<Lane>,
    /// Edges.
    pub edges: Vec<Edge>,
    /// Links.
    pub links: Vec<Link>,
    /// Signal programs.
    pub programs: Vec<Program>,
    by_edge: BTreeMap<String, EdgeId>,
    by_lane: BTreeMap<String, LaneId>,
}

impl Network {
    /// A network without lanes, to be filled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an edge with its lanes, rightmost first.
    pub fn add_edge(&mut self, name: &str, ends: [&str; 2], inner: bool, lanes: Vec<LanePlan>) -> EdgeId {
        let (edge, first) = (self.edges.len() as EdgeId, self.lanes.len() as LaneId);
        let count = lanes.len() as u32;
        for (index, plan) in lanes.into_iter().enumerate() {
            self.by_lane.insert(plan.name.clone(), self.lanes.len() as LaneId);
            self.lanes.push(Lane {
                name: plan.name,
                edge,
                index: index as u32,
                length: plan.length,
                speed: plan.speed,
                width: plan.width,
                open_to: plan.open_to,
                shape: plan.shape,
                links: Vec::new(),
                arrivals: Vec::new(),
                inner_of: NONE,
                link_start: 0.0,
            });
        }
        self.by_edge.insert(name.to_owned(), edge);
        self.edges.push(Edge { name: name.to_owned(), first, count, ends: ends.map(str::to_owned), inner });
        edge
    }

    /// Adds a link between two lanes over its inner lanes.
    pub fn add_link(&mut self, from: LaneId, to: LaneId, inner: [LaneId; 2], rule: Rule) -> LinkId {
        let id = self.links.len() as LinkId;
        let mut length = 0.0;
        for lane in inner.into_iter().filter(|&l| l != NONE) {
            let lane = &mut self.lanes[lane as usize];
            lane.inner_of = id;
            lane.link_start = length;
            length += lane.length;
        }
        let wait_at = (inner[1] != NONE).then(|| self.lanes[inner[1] as usize].link_start);
        self.lanes[from as usize].links.push(id);
        self.lanes[to as usize].arrivals.push(id);
        self.links.push(Link { from, to, inner, length, wait_at, rule, signal: None, conflicts: Vec::new() });
        id
    }

    /// The edge of this name.
    #[must_use]
    pub fn edge(&self, name: &str) -> Option<EdgeId> {
        self.by_edge.get(name).copied()
    }

    /// The lane of this name.
    #[must_use]
    pub fn lane(&self, name: &str) -> Option<LaneId> {
        self.by_lane.get(name).copied()
    }

    /// Lanes of an edge, rightmost first.
    pub fn lanes_of(&self, edge: EdgeId) -> impl DoubleEndedIterator<Item = LaneId> + use<> {
        let edge = &self.edges[edge as usize];
        edge.first..edge.first + edge.count
    }

    /// The link from `lane` to `edge`; of several the one whose end lies on `prefer` lanes (a mask by index), or the first.
    #[must_use]
    pub fn link_to(&self, lane: LaneId, edge: EdgeId, prefer: u32) -> Option<LinkId> {
        let mut found = None;
        for &id in &self.lanes[lane as usize].links {
            let to = &self.lanes[self.links[id as usize].to as usize];
            if to.edge == edge {
                if prefer & (1 << to.index.min(31)) != 0 {
                    return Some(id);
                }
                found = found.or(Some(id));
            }
        }
        found
    }

    /// Middle line of a link inside its junction; a straight line when it has no inner lane.
    #[must_use]
    pub fn link_shape(&self, link: LinkId) -> Shape {
        let link = &self.links[link as usize];
        let inner = link.inner.into_iter().filter(|&l| l != NONE).map(|l| &self.lanes[l as usize].shape);
        let shape = inner.fold(Shape::default(), |all, next| all.then(next));
        if shape.points().len() >= 2 {
            return shape;
        }
        let (from, to) = (&self.lanes[link.from as usize].shape, &self.lanes[link.to as usize].shape);
        Shape::new(from.points().last().into_iter().chain(to.points().first()).copied())
    }
}

/// A lane to be added.
#[derive(Clone, Debug)]
pub struct LanePlan {
    /// Name.
    pub name: String,
    /// Length, metres.
    pub length: f64,
    /// Speed limit, m/s.
    pub speed: f64,
    /// Width, metres.
    pub width: f64,
    /// Classes that may use it.
    pub open_to: Classes,
    /// Middle line.
    pub shape: Shape,
}
