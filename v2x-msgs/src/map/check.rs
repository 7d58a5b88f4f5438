//! Is a MAP sound, and do MAP and SPAT speak of the same signals? Findings are plain sentences with the way to what is wrong.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::{Connection, Lane, LaneType, Link, Map, Node, NodeId, Position, Spat};
use crate::sae::Plane;

/// A lane narrower or wider than this is a slip of the pen, metres.
const WIDTH_M: std::ops::RangeInclusive<f64> = 0.5..=30.0;
/// Points of one line farther apart than this are a jump, metres.
const JUMP_M: f64 = 1_000.0;
/// Points nearer than this are one point, metres.
const SAME_M: f64 = 0.01;
/// The end of a lane and the start of the lane that it leads to are at most so far apart, metres.
const CROSSING_M: f64 = 200.0;
/// A place farther than this from its node's reference position, metres.
const REACH_M: f64 = 5_000.0;

/// Something that is wrong, or strange.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Receivers will be misled; else it is only strange.
    pub error: bool,
    /// The way to it: `nodes[0].in_links[1].lanes[2].connects_to[0]`.
    pub path: String,
    /// What is wrong, and what to do.
    pub what: String,
}

/// Everything that is wrong with a map, and with a map and a SPAT together, in the order of the map.
///
/// ```
/// use v2x_msgs::{map::check, model::Map};
/// let findings = check(&Map::default(), None);
/// assert_eq!(findings[0].what, "there is no node; a map has at least one");
/// ```
#[must_use]
pub fn check(map: &Map, spat: Option<&Spat>) -> Vec<Finding> {
    let mut check = Check { map, findings: Vec::new() };
    check.nodes();
    if let Some(spat) = spat {
        check.signals(spat);
    }
    check.findings
}

struct Check<'a> {
    map: &'a Map,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn error(&mut self, path: &str, what: impl Into<String>) {
        self.findings.push(Finding { error: true, path: path.to_owned(), what: what.into() });
    }

    fn strange(&mut self, path: &str, what: impl Into<String>) {
        self.findings.push(Finding { error: false, path: path.to_owned(), what: what.into() });
    }

    fn nodes(&mut self) {
        if self.map.nodes.is_empty() {
            self.error("nodes", "there is no node; a map has at least one");
        }
        let mut seen = BTreeSet::new();
        for (i, node) in self.map.nodes.iter().enumerate() {
            let path = format!("nodes[{i}]");
            if !seen.insert(node.id) {
                self.error(
                    &format!("{path}.id"),
                    format!("node {} is there twice; give each node its own number", name(node.id)),
                );
            }
            if node.ref_pos.is_none() {
                self.error(
                    &format!("{path}.ref_pos"),
                    "the node has no reference position; its lanes cannot be placed",
                );
            }
            self.links(node, &path);
        }
    }

    fn links(&mut self, node: &Node, path: &str) {
        let mut seen = BTreeSet::new();
        for (i, link) in node.in_links.iter().enumerate() {
            let path = format!("{path}.in_links[{i}]");
            if !seen.insert(link.upstream_node_id) {
                let from = name(link.upstream_node_id);
                self.error(
                    &path,
                    format!("there are two links from node {from}; receivers cannot tell them apart, join their lanes"),
                );
            }
            if link.upstream_node_id == node.id {
                self.error(&path, "the link leads from its own node; name the node it comes from");
            }
            self.width(&format!("{path}.link_width_m"), link.link_width_m, 100.0);
            self.limits(&path, link.speed_limits.iter().map(|limit| limit.speed_mps));
            if !link.points.is_empty() {
                self.line(&format!("{path}.points"), &link.points, node);
            }
            self.movements(node, link, &path);
            self.lanes(node, link, &path);
        }
    }

    fn movements(&mut self, node: &Node, link: &Link, path: &str) {
        for (i, movement) in link.movements.iter().enumerate() {
            let path = format!("{path}.movements[{i}]");
            let there = link.lanes.iter().flat_map(|lane| &lane.connects_to);
            let there: Vec<&Connection> =
                there.filter(|c| c.remote_intersection == movement.remote_intersection).collect();
            if there.is_empty() && link.lanes.iter().any(|lane| !lane.connects_to.is_empty()) {
                let to = name(movement.remote_intersection);
                self.strange(&path, format!("no lane of the link connects to node {to}, where this movement leads"));
            }
            if !there.is_empty() && !there.iter().any(|c| c.phase_id == movement.phase_id) {
                self.error(
                    &path,
                    format!("its phase {} is not the one of the connections that lead there", phase(movement.phase_id)),
                );
            }
            if movement.remote_intersection == node.id {
                self.strange(&path, "the movement leads to its own node");
            }
        }
    }

    fn lanes(&mut self, node: &Node, link: &Link, path: &str) {
        if link.lanes.is_empty() {
            self.error(&format!("{path}.lanes"), "the link has no lane; draw at least one");
        }
        let mut seen = BTreeSet::new();
        for (i, lane) in link.lanes.iter().enumerate() {
            let path = format!("{path}.lanes[{i}]");
            if lane.lane_id == 0 || lane.lane_id == 255 {
                self.error(
                    &format!("{path}.lane_id"),
                    format!("{} is no number of a lane; use 1 to 254", lane.lane_id),
                );
            } else if !seen.insert(lane.lane_id) {
                self.error(
                    &format!("{path}.lane_id"),
                    format!("lane {} is there twice in its link; number lanes from the left", lane.lane_id),
                );
            }
            self.width(&format!("{path}.lane_width_m"), lane.lane_width_m, *WIDTH_M.end());
            self.limits(&path, lane.speed_limits.iter().map(|limit| limit.speed_mps));
            match (lane.points.len(), link.points.len()) {
                (0, 0) => {
                    self.error(&format!("{path}.points"), "neither the lane nor its link has a line; draw one of them")
                }
                (0, _) => {}
                _ => self.line(&format!("{path}.points"), &lane.points, node),
            }
            for (k, connection) in lane.connects_to.iter().enumerate() {
                self.connection(node, lane, connection, &format!("{path}.connects_to[{k}]"));
            }
        }
    }

    fn width(&mut self, path: &str, width_m: Option<f64>, most: f64) {
        if let Some(width) = width_m.filter(|m| !(*WIDTH_M.start()..=most).contains(m)) {
            self.error(
                path,
                format!("a width of {width} m is none; give {} to {most} m or leave it out", WIDTH_M.start()),
            );
        }
    }

    fn limits(&mut self, path: &str, limits: impl Iterator<Item = Option<f64>>) {
        for (i, limit) in limits.enumerate() {
            if limit.is_some_and(|mps| !(0.5..=100.0).contains(&mps)) {
                self.strange(&format!("{path}.speed_limits[{i}]"), "a speed limit below 0.5 or above 100 m/s");
            }
        }
    }

    fn line(&mut self, path: &str, points: &[Position], node: &Node) {
        if points.len() < 2 {
            self.error(path, "one point is no line; draw at least two");
        }
        let apart = |a: &Position, b: &Position| distance(a, b);
        for (i, two) in points.windows(2).enumerate() {
            let [a, b] = two else { continue };
            let gap = apart(a, b);
            let path = format!("{path}[{}]", i + 1);
            if !gap.is_finite() {
                self.error(&path, "the place is no number");
            } else if gap < SAME_M {
                self.strange(&path, "the point lies on the one before; leave it out");
            } else if gap > JUMP_M {
                self.error(
                    &path,
                    format!("a jump of {gap:.0} m from the point before; look for a slip in its degrees"),
                );
            }
        }
        let far = |from: &Position| points.iter().map(|p| apart(from, p)).fold(0.0, f64::max);
        if let Some(most) = node.ref_pos.as_ref().map(far).filter(|m| *m > REACH_M) {
            self.error(path, format!("it lies {most:.0} m from the node's reference position; one of them is wrong"));
        }
    }

    fn connection(&mut self, node: &Node, lane: &Lane, connection: &Connection, path: &str) {
        let remote = connection.remote_intersection;
        let crosswalk = matches!(lane.lane_attributes.as_ref().map(|a| &a.lane_type), Some(LaneType::Crosswalk(_)));
        if remote == node.id {
            if !crosswalk {
                self.error(path, "it leads to its own node; name the node behind the crossing");
            }
            return;
        }
        let Some(end) = self.map.nodes.iter().find(|other| other.id == remote) else {
            self.strange(path, format!("node {} is not in the map; receivers cannot draw the way there", name(remote)));
            return;
        };
        let Some(onto) = end.in_links.iter().find(|link| link.upstream_node_id == node.id) else {
            self.error(path, format!("node {} has no link from here; draw it, or correct the node", name(remote)));
            return;
        };
        let Some(wanted) = connection.connecting_lane.as_ref().map(|lane| lane.lane) else { return };
        let Some(target) = onto.lanes.iter().find(|lane| lane.lane_id == wanted) else {
            let there: Vec<String> = onto.lanes.iter().map(|lane| lane.lane_id.to_string()).collect();
            self.error(
                path,
                format!("the link to node {} has no lane {wanted}; it has {}", name(remote), there.join(", ")),
            );
            return;
        };
        if let (Some(from), Some(to)) = (lane.points.last(), target.points.first()) {
            let gap = distance(from, to);
            if gap > CROSSING_M {
                self.strange(path, format!("it crosses {gap:.0} m to the start of the next lane; is one of them drawn against its direction?"));
            }
        }
    }

    /// Phases of the SPAT that no movement obeys, and movements whose phase the SPAT does not tell.
    fn signals(&mut self, spat: &Spat) {
        let mut states: BTreeMap<NodeId, BTreeSet<u8>> = BTreeMap::new();
        for (i, state) in spat.intersections.iter().enumerate() {
            let path = format!("spat.intersections[{i}]");
            let phases = states.entry(state.intersection_id).or_default();
            let twice: Vec<u8> = state.phases.iter().map(|p| p.id).filter(|id| !phases.insert(*id)).collect();
            for id in twice {
                self.error(&path, format!("phase {id} is told twice"));
            }
            if !self.map.nodes.iter().any(|node| node.id == state.intersection_id) {
                self.error(&path, format!("node {} is not in the map", name(state.intersection_id)));
            }
        }
        let nodes: Vec<(String, NodeId, BTreeMap<u8, String>)> = self
            .map
            .nodes
            .iter()
            .enumerate()
            .map(|(i, node)| (format!("nodes[{i}]"), node.id, phases_of(node, i)))
            .collect();
        for (path, id, used) in nodes {
            let Some(told) = states.get(&id) else {
                if !used.is_empty() {
                    self.error(
                        &path,
                        format!("its movements obey phases, but the SPAT does not speak of node {}", name(id)),
                    );
                }
                continue;
            };
            for (phase, place) in used.iter().filter(|(phase, _)| !told.contains(phase)) {
                self.error(
                    place,
                    format!("phase {phase} is not in the SPAT; correct the number or the controller's plan"),
                );
            }
            for phase in told.iter().filter(|phase| **phase != 0 && !used.contains_key(phase)) {
                self.strange(&path, format!("no movement obeys phase {phase} of the SPAT"));
            }
        }
    }
}

/// Phases that movements and connections of a node obey, each with the first place; 0 is none.
fn phases_of(node: &Node, at: usize) -> BTreeMap<u8, String> {
    let mut used = BTreeMap::new();
    for (i, link) in node.in_links.iter().enumerate() {
        let path = format!("nodes[{at}].in_links[{i}]");
        for (k, movement) in link.movements.iter().enumerate() {
            let place = movement.phase_id.map(|phase| (phase, format!("{path}.movements[{k}]")));
            if let Some((phase, place)) = place {
                used.entry(phase).or_insert(place);
            }
        }
        for (k, lane) in link.lanes.iter().enumerate() {
            for (m, connection) in lane.connects_to.iter().enumerate() {
                let place = connection.phase_id.map(|phase| (phase, format!("{path}.lanes[{k}].connects_to[{m}]")));
                if let Some((phase, place)) = place {
                    used.entry(phase).or_insert(place);
                }
            }
        }
    }
    used.remove(&0);
    used
}

fn name(id: NodeId) -> String {
    id.region.map_or_else(|| id.id.to_string(), |region| format!("{region}/{}", id.id))
}

fn phase(id: Option<u8>) -> String {
    id.map_or_else(|| "none".to_owned(), |id| id.to_string())
}

fn distance(a: &Position, b: &Position) -> f64 {
    let [east, north] = Plane::at(a.lat_deg).offset(a, b);
    east.hypot(north)
}
