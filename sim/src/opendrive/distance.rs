//! How far two places are apart along the roads.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use super::road::End;
use super::{LanePosition, Network, RoadIndex};

/// An end of a road on the way, nearest first.
#[derive(Copy, Clone, PartialEq)]
struct Open {
    distance: f64,
    /// The road and the end at which it is entered.
    at: (RoadIndex, End),
    /// The way began in direction of `s`.
    ahead: bool,
}

impl Eq for Open {}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        other.distance.total_cmp(&self.distance).then_with(|| (other.at, other.ahead).cmp(&(self.at, self.ahead)))
    }
}

impl Network {
    /// How far `to` lies from `from` along the reference lines, metres: positive in direction of `s` of `from`'s road,
    /// negative against it; the shorter of both ways, over road ends and through junctions, with traffic or against it.
    /// `None`: not within `bound` metres.
    #[must_use]
    pub fn distance(&self, from: LanePosition, to: LanePosition, bound: f64) -> Option<f64> {
        let (road, _) = (self.roads.get(from.road)?, self.roads.get(to.road)?);
        let mut best = (from.road == to.road).then_some(to.s - from.s).filter(|d| d.abs() <= bound);
        let mut seen: BTreeMap<(RoadIndex, End), f64> = BTreeMap::new();
        let mut open = BinaryHeap::new();
        for end in End::BOTH {
            let distance = (road.s_of(end) - from.s).abs();
            for at in self.wiring.touching(from.road, end) {
                open.push(Open { distance, at: *at, ahead: end == End::Finish });
            }
        }
        while let Some(Open { distance, at, ahead }) = open.pop() {
            if distance > bound || best.is_some_and(|best| distance >= best.abs()) {
                break;
            }
            if seen.get(&at).is_some_and(|known| *known <= distance) {
                continue;
            }
            seen.insert(at, distance);
            let (number, entered) = at;
            let road = &self.roads[number];
            if number == to.road {
                let there = distance + (to.s - road.s_of(entered)).abs();
                if there <= bound && best.is_none_or(|best| there < best.abs()) {
                    best = Some(if ahead { there } else { -there });
                }
            }
            let distance = distance + road.length;
            for next in self.wiring.touching(number, entered.other()) {
                open.push(Open { distance, at: *next, ahead });
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::super::sketch::crossing;
    use super::*;

    #[test]
    fn places_ahead_are_positive_those_behind_negative_and_far_ones_are_none() {
        let network = crossing();
        let at = |road: &str, s| LanePosition { road: network.road_index(road).unwrap(), lane: -1, s, offset: 0.0 };
        assert_eq!(network.distance(at("in", 30.0), at("in", 10.0), 1e3), Some(-20.0));
        assert_eq!(network.distance(at("in", 30.0), at("east", 10.0), 1e3), Some(100.0));
        // Against traffic as well, and where the other road was drawn towards us.
        assert_eq!(network.distance(at("east", 10.0), at("in", 30.0), 1e3), Some(-100.0));
        let south = network.distance(at("in", 30.0), at("south", 80.0), 1e3).unwrap();
        assert!((south - (90.0 + std::f64::consts::FRAC_PI_2 * 10.0)).abs() < 1e-9);
        assert_eq!(network.distance(at("in", 30.0), at("east", 10.0), 99.0), None);
    }
}
