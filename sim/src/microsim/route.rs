//! Routes over the edges, which lanes lead along them, and the quickest way between two edges.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::network::{EdgeId, Network};
use super::style::Class;

/// A route of one class of vehicles.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Edges in their order.
    pub edges: Vec<EdgeId>,
    /// For every edge the lanes (bits by index) that lead to the next one.
    pub must: Vec<u32>,
    /// For every edge the lanes that also lead on from there without a change.
    pub wish: Vec<u32>,
}

/// A route that cannot be driven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// No edge at all.
    #[error("the route has no edge; name at least one")]
    Empty,
    /// Two edges without a link for this class.
    #[error(
        "edge `{from}` does not lead to edge `{to}` for a {class}; add the edges between, or give a trip with from and to"
    )]
    NotLinked {
        /// One.
        from: String,
        /// The other.
        to: String,
        /// Class of the vehicle.
        class: String,
    },
    /// No way from here to there.
    #[error("there is no way from edge `{from}` to edge `{to}` for a {class}")]
    NoWay {
        /// Start.
        from: String,
        /// End.
        to: String,
        /// Class of the vehicle.
        class: String,
    },
}

/// The bit of a lane in a mask; a road has no more than 32 lanes.
fn bit(index: u32) -> u32 {
    1 << index.min(31)
}

fn lower(class: Class) -> String {
    format!("{class:?}").to_lowercase()
}

impl Route {
    /// A route over `edges` for vehicles of `class`.
    ///
    /// # Errors
    /// When two edges are not linked.
    pub fn new(network: &Network, edges: Vec<EdgeId>, class: Class) -> Result<Self, RouteError> {
        let open = |edge: EdgeId| {
            let lanes = network.lanes_of(edge).map(|l| &network.lanes[l as usize]).filter(|l| l.open_to.has(class));
            lanes.fold(0u32, |mask, lane| mask | bit(lane.index))
        };
        let Some(&last) = edges.last() else { return Err(RouteError::Empty) };
        let (mut must, mut wish) = (vec![open(last)], vec![open(last)]);
        for pair in edges.windows(2).rev() {
            let lanes = open(pair[0]);
            let leads = |to: u32| {
                network.lanes_of(pair[0]).map(|l| &network.lanes[l as usize]).fold(0u32, |mask, lane| {
                    let ends = lane.links.iter().map(|&id| &network.lanes[network.links[id as usize].to as usize]);
                    let reaches = ends.filter(|end| end.edge == pair[1]).any(|end| to & bit(end.index) != 0);
                    if reaches { mask | bit(lane.index) } else { mask }
                })
            };
            let next = must.last().copied().unwrap_or(0);
            let (all, good) = (lanes & leads(open(pair[1])), lanes & leads(next));
            if all == 0 {
                let name = |edge: EdgeId| network.edges[edge as usize].name.clone();
                return Err(RouteError::NotLinked { from: name(pair[0]), to: name(pair[1]), class: lower(class) });
            }
            must.push(all);
            wish.push(if good == 0 { all } else { good });
        }
        must.reverse();
        wish.reverse();
        Ok(Self { edges, must, wish })
    }
}

#[derive(PartialEq)]
struct Open {
    seconds: f64,
    edge: EdgeId,
}

impl Eq for Open {}

impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        other.seconds.total_cmp(&self.seconds).then(other.edge.cmp(&self.edge))
    }
}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The quickest way over the edges at free speed (Dijkstra).
///
/// # Errors
/// When there is none.
pub fn quickest(network: &Network, from: EdgeId, to: EdgeId, class: Class) -> Result<Vec<EdgeId>, RouteError> {
    let mut best: Vec<(f64, EdgeId)> = vec![(f64::INFINITY, super::network::NONE); network.edges.len()];
    let mut open = BinaryHeap::from([Open { seconds: 0.0, edge: from }]);
    best[from as usize].0 = 0.0;
    while let Some(Open { seconds, edge }) = open.pop() {
        if edge == to {
            break;
        }
        if seconds > best[edge as usize].0 {
            continue;
        }
        for lane in network.lanes_of(edge).map(|l| &network.lanes[l as usize]).filter(|l| l.open_to.has(class)) {
            for link in lane.links.iter().map(|&id| &network.links[id as usize]) {
                let end = &network.lanes[link.to as usize];
                let later = seconds + lane.length / lane.speed.max(0.1) + link.length / end.speed.max(0.1);
                if end.open_to.has(class) && later < best[end.edge as usize].0 {
                    best[end.edge as usize] = (later, edge);
                    open.push(Open { seconds: later, edge: end.edge });
                }
            }
        }
    }
    if best[to as usize].0.is_infinite() {
        let name = |edge: EdgeId| network.edges[edge as usize].name.clone();
        return Err(RouteError::NoWay { from: name(from), to: name(to), class: lower(class) });
    }
    let mut way = vec![to];
    let mut at = to;
    while at != from {
        at = best[at as usize].1;
        way.push(at);
    }
    way.reverse();
    Ok(way)
}
