//! A MAP that is larger than the radio takes goes out in slices: each a MAP of its own, with whole lanes, the same numbers of
//! nodes, links and lanes, and a count of its own. A receiver puts them together with [`merge`].

use thiserror::Error;

use crate::error::EncodeError;
use crate::model::{Lane, Link, Map, Node};
use crate::units::next_count;
use crate::{Message, Profile, encode, sae};

/// Why a map cannot be sliced.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SliceError {
    /// The map does not fit the wire, whatever its size.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// One lane alone is larger than a message may be.
    #[error(
        "{path}: alone it takes {octets} octets of the {most} that one message may have; draw it with fewer points"
    )]
    TooLarge {
        /// The lane, or the node without lanes.
        path: String,
        /// What it takes.
        octets: usize,
        /// What there is.
        most: usize,
    },
}

/// Slices of at most `most_octets` each, encoded in `profile`, in the order of the map; one when it fits as a whole. Cut
/// between approaches where possible, between lanes where not; what a slice says of a node or a link is repeated, so that each
/// can be understood alone. Counts go on from the map's.
///
/// SAE J2735 numbers the lanes of a crossing together: there the map is numbered before it is cut, so that numbers and
/// connections mean the same in every slice.
///
/// # Errors
/// When the map does not fit the wire, or a single lane does not fit the limit.
pub fn slice(map: &Map, profile: Profile, most_octets: usize) -> Result<Vec<Map>, SliceError> {
    let whole = if profile == Profile::J2735_2024 { sae::numbered(map)? } else { map.clone() };
    let size = |map: &Map| encode(&Message::Map(map.clone()), profile).map(|octets| octets.len());
    if size(&whole)? <= most_octets {
        return Ok(vec![whole]);
    }
    let mut slices = Slices { whole: &whole, size: &size, most: most_octets, done: Vec::new(), open: bare(&whole) };
    for (i, node) in whole.nodes.iter().enumerate() {
        let path = format!("nodes[{i}]");
        if node.in_links.is_empty() {
            slices.add(&Node { in_links: Vec::new(), ..node.clone() }, &path)?;
        }
        for (k, link) in node.in_links.iter().enumerate() {
            slices.link(node, link, &format!("{path}.in_links[{k}]"))?;
        }
    }
    let Slices { mut done, open, .. } = slices;
    done.push(open);
    for i in 1..done.len() {
        done[i].msg_cnt = next_count(done[i - 1].msg_cnt);
    }
    Ok(done)
}

/// A map with no node.
fn bare(map: &Map) -> Map {
    Map { nodes: Vec::new(), ..map.clone() }
}

struct Slices<'a> {
    whole: &'a Map,
    size: &'a dyn Fn(&Map) -> Result<usize, EncodeError>,
    most: usize,
    done: Vec<Map>,
    open: Map,
}

impl Slices<'_> {
    /// A link as a whole; when it does not fit a message of its own, lane by lane.
    fn link(&mut self, node: &Node, link: &Link, path: &str) -> Result<(), SliceError> {
        let alone = Node { in_links: vec![link.clone()], ..node.clone() };
        if (self.size)(&self.with(&bare(self.whole), &alone))? <= self.most {
            return self.add(&alone, path);
        }
        for (i, lane) in link.lanes.iter().enumerate() {
            let part = Link { lanes: vec![lane.clone()], ..link.clone() };
            self.add(&Node { in_links: vec![part], ..node.clone() }, &format!("{path}.lanes[{i}]"))?;
        }
        Ok(())
    }

    /// Puts a part into the open slice, or into a new one.
    fn add(&mut self, part: &Node, path: &str) -> Result<(), SliceError> {
        let grown = self.with(&self.open, part);
        if (self.size)(&grown)? <= self.most {
            self.open = grown;
            return Ok(());
        }
        let fresh = self.with(&bare(self.whole), part);
        let octets = (self.size)(&fresh)?;
        if octets > self.most {
            return Err(SliceError::TooLarge { path: path.to_owned(), octets, most: self.most });
        }
        let full = std::mem::replace(&mut self.open, fresh);
        self.done.push(full);
        Ok(())
    }

    /// A map and one part more. A lane that leads away from a crossing of the map comes with that crossing's place and number,
    /// which SAE J2735 draws it from.
    fn with(&self, map: &Map, part: &Node) -> Map {
        let mut grown = map.clone();
        let from = part.in_links.iter().map(|link| link.upstream_node_id);
        let crossings = from.filter_map(|id| self.whole.nodes.iter().find(|node| node.id == id));
        for crossing in crossings.filter(|_| sae::stands_for_approach(part.id)) {
            join(&mut grown, &Node { in_links: Vec::new(), ..crossing.clone() });
        }
        join(&mut grown, part);
        grown
    }
}

/// The map of some slices: nodes, links and lanes with the same numbers are one. Count and time are the first slice's.
#[must_use]
pub fn merge(slices: &[Map]) -> Map {
    let mut whole = slices.first().map(bare).unwrap_or_default();
    slices.iter().flat_map(|slice| &slice.nodes).for_each(|node| join(&mut whole, node));
    whole
}

fn join(map: &mut Map, part: &Node) {
    let Some(node) = map.nodes.iter_mut().find(|node| node.id == part.id) else {
        map.nodes.push(part.clone());
        return;
    };
    for link in &part.in_links {
        match node.in_links.iter_mut().find(|known| known.upstream_node_id == link.upstream_node_id) {
            None => node.in_links.push(link.clone()),
            Some(known) => {
                let fresh = |lane: &&Lane| !known.lanes.iter().any(|have| have.lane_id == lane.lane_id);
                let lanes: Vec<Lane> = link.lanes.iter().filter(fresh).cloned().collect();
                known.lanes.extend(lanes);
            }
        }
    }
}
