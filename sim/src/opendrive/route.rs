//! Ways from lane to lane: Dijkstra's search over the lanes of all sections, by length.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::wiring::{Onward, Stretch};
use super::{LaneKind, LanePosition, Network, RoadIndex};

/// A lane change counts as this many metres.
const LANE_CHANGE_M: f64 = 20.0;

/// A stretch of one lane that a route follows.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct RouteLeg {
    /// The road.
    pub road: RoadIndex,
    /// The lane, in the lane section of this stretch.
    pub lane: i32,
    /// Where it is entered, metres along the road.
    pub from: f64,
    /// Where it is left, metres along the road; less than `from` when driven against `s`.
    pub to: f64,
    /// Reached by changing lanes from the leg before, not by driving on. The change may take place anywhere on this leg.
    pub changed_lane: bool,
}

/// A stretch; the flag tells that the journey begins in this section, so that its first part is not driven.
type Spot = (Stretch, bool);

/// The search so far.
#[derive(Default)]
struct Search {
    /// Least cost found, and where from.
    best: BTreeMap<Spot, (f64, Option<Spot>)>,
    open: BinaryHeap<Reverse<(Cost, Spot)>>,
}

/// A cost that can be ordered.
#[derive(Copy, Clone, PartialEq)]
struct Cost(f64);

impl Eq for Cost {}

impl PartialOrd for Cost {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cost {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Search {
    fn reach(&mut self, spot: Spot, cost: f64, from: Option<Spot>) {
        if self.best.get(&spot).is_none_or(|(best, _)| cost < *best) {
            self.best.insert(spot, (cost, from));
            self.open.push(Reverse((Cost(cost), spot)));
        }
    }
}

impl Network {
    /// The shortest way in direction of traffic, lane changes at a cost of 20 m; `None`: there is none. Motor vehicles use
    /// all lanes that are [driven](LaneKind::is_driven), others lanes of the kind they start on.
    #[must_use]
    pub fn route(&self, from: LanePosition, to: LanePosition) -> Option<Vec<RouteLeg>> {
        let kind = self.lane_kind(from.road, from.lane, from.s)?;
        let goal = self.stretch(&to)?;
        let start = (self.stretch(&from)?, true);
        let mut search = Search::default();
        search.reach(start, 0.0, None);
        let mut found: Option<(f64, Spot)> = None;
        while let Some(Reverse((Cost(cost), spot))) = search.open.pop() {
            if search.best.get(&spot).is_some_and(|(best, _)| cost > *best) {
                continue;
            }
            if found.is_some_and(|(best, _)| cost >= best) {
                break;
            }
            let entry = self.entry(spot, &from);
            if spot.0 == goal && ahead(spot.0, entry, to.s) >= 0.0 {
                let total = cost + ahead(spot.0, entry, to.s);
                if found.is_none_or(|(best, _)| total < best) {
                    found = Some((total, spot));
                }
            }
            let rest = ahead(spot.0, entry, self.exit(spot.0)).max(0.0);
            match self.onward(spot.0) {
                Onward::One(next) => self.try_reach(&mut search, kind, next, cost + rest, spot),
                Onward::Several(_, ways) => {
                    ways.into_iter().for_each(|way| self.try_reach(&mut search, kind, way, cost + rest, spot));
                }
                Onward::Unlinked(_) | Onward::Nothing => {}
            }
            for beside in self.beside(spot.0, kind) {
                search.reach((beside, spot.1), cost + LANE_CHANGE_M, Some(spot));
            }
        }
        let (_, last) = found?;
        Some(self.legs(&search, last, &from, &to))
    }

    fn try_reach(&self, search: &mut Search, kind: LaneKind, next: Stretch, cost: f64, from: Spot) {
        if self.may_use(next, kind) {
            search.reach((next, false), cost, Some(from));
        }
    }

    fn stretch(&self, at: &LanePosition) -> Option<Stretch> {
        let road = self.roads.get(at.road)?;
        let section = road.section_at(at.s);
        road.sections[section].lane(at.lane)?;
        Some(Stretch { road: at.road, section, lane: at.lane, forward: road.runs_forward(at.lane) })
    }

    fn may_use(&self, at: Stretch, kind: LaneKind) -> bool {
        let lane = self.roads[at.road].sections[at.section].lane(at.lane);
        let fits = lane.is_some_and(|l| if kind.is_driven() { l.kind.is_driven() } else { l.kind == kind });
        fits && self.roads[at.road].runs_forward(at.lane) == at.forward
    }

    /// Lanes beside, of the same direction, to which one may change.
    fn beside(&self, at: Stretch, kind: LaneKind) -> impl Iterator<Item = Stretch> {
        let section = &self.roads[at.road].sections[at.section];
        let middle = f64::midpoint(section.s, section.end);
        [at.lane - 1, at.lane + 1]
            .into_iter()
            .filter(move |lane| lane.signum() == at.lane.signum())
            .map(move |lane| Stretch { lane, ..at })
            .filter(move |next| self.may_use(*next, kind))
            .filter(move |next| section.edges(next.lane, middle).is_some_and(|[a, b]| b.at > a.at))
    }

    /// `s` at which a section is entered.
    fn entry(&self, (at, starts): Spot, from: &LanePosition) -> f64 {
        let section = &self.roads[at.road].sections[at.section];
        if starts {
            from.s
        } else if at.forward {
            section.s
        } else {
            section.end
        }
    }

    /// `s` at which it is left.
    fn exit(&self, at: Stretch) -> f64 {
        let section = &self.roads[at.road].sections[at.section];
        if at.forward { section.end } else { section.s }
    }

    fn legs(&self, search: &Search, last: Spot, from: &LanePosition, to: &LanePosition) -> Vec<RouteLeg> {
        let mut spots = vec![last];
        while let Some((_, Some(before))) = spots.last().and_then(|spot| search.best.get(spot)) {
            spots.push(*before);
        }
        spots.reverse();
        let mut legs: Vec<RouteLeg> = Vec::new();
        for (i, spot) in spots.iter().enumerate() {
            let (at, next) = (spot.0, spots.get(i + 1).map(|next| next.0));
            let changes = |a: Stretch, b: Stretch| (a.road, a.section) == (b.road, b.section) && a.lane != b.lane;
            let entry = self.entry(*spot, from);
            let exit = match next {
                None => to.s,
                Some(next) if changes(at, next) => entry,
                Some(_) => self.exit(at),
            };
            let changed_lane = i > 0 && changes(spots[i - 1].0, at);
            // A leg that is left at once for another lane is not driven; the first one tells where the journey begins.
            if exit != entry || i == 0 || next.is_none() {
                legs.push(RouteLeg { road: at.road, lane: at.lane, from: entry, to: exit, changed_lane });
            }
        }
        legs
    }
}

/// How far `s` lies ahead of `from` on a stretch.
fn ahead(at: Stretch, from: f64, s: f64) -> f64 {
    if at.forward { s - from } else { from - s }
}

#[cfg(test)]
mod tests {
    use super::super::sketch::{Sketch, crossing, lane, network, section};
    use super::*;

    fn at(network: &Network, road: &str, lane: i32, s: f64) -> LanePosition {
        LanePosition { road: network.road_index(road).unwrap(), lane, s, offset: 0.0 }
    }

    #[test]
    fn the_way_through_a_crossing_is_found_and_none_against_traffic() {
        let network = crossing();
        let (from, to) = (at(&network, "in", -1, 30.0), at(&network, "south", 1, 60.0));
        let legs = network.route(from, to).unwrap();
        let roads: Vec<_> = legs.iter().map(|leg| network.road_id(leg.road).unwrap()).collect();
        assert_eq!(roads, ["in", "right", "south"]);
        assert_eq!((legs[0].from, legs[0].to, legs[2].from, legs[2].to), (30.0, 100.0, 100.0, 60.0));
        assert!(legs.iter().all(|leg| !leg.changed_lane));
        assert_eq!(network.route(to, from), None);
        assert_eq!(network.route(from, at(&network, "south", -1, 60.0)), None);
        assert_eq!(network.route(at(&network, "in", -1, 50.0), from), None);
    }

    #[test]
    fn lanes_are_changed_where_only_one_leads_on() {
        let one = |id, joined, at, lanes| Sketch { id, joined, at, lanes, ..Sketch::default() };
        let two = section(0.0, "", &(lane(-1, None, Some(-1)) + &lane(-2, None, None)));
        let network = network(
            &[
                one("a", ["", "road b start"], [0.0; 3], two),
                one("b", ["road a end", ""], [100.0, 0.0, 0.0], section(0.0, "", &lane(-1, Some(-1), None))),
            ],
            "",
        );
        let legs = network.route(at(&network, "a", -2, 10.0), at(&network, "b", -1, 10.0)).unwrap();
        let told: Vec<_> = legs.iter().map(|leg| (leg.road, leg.lane, leg.changed_lane)).collect();
        assert_eq!(told, [(0, -2, false), (0, -1, true), (1, -1, false)]);
    }
}
