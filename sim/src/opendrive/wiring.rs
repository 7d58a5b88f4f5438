//! How roads and lanes hang together: links resolved to numbers, ways through junctions, and the lane after a lane.

use std::collections::BTreeMap;

use super::RoadIndex;
use super::junction::{Connection, Junction};
use super::road::{End, Joined, Road};

/// What stands at the ends of all roads.
#[derive(Clone, Debug, Default)]
pub struct Wiring {
    /// By road and end.
    links: Vec<[Link; 2]>,
    /// Ends of other roads that one can drive on to from each end, with traffic or against it.
    joins: Vec<[Vec<(RoadIndex, End)>; 2]>,
}

/// What an end of a road is joined to.
#[derive(Clone, Debug, Default, PartialEq)]
enum Link {
    /// Nothing.
    #[default]
    None,
    /// An end of a road.
    Road(RoadIndex, End),
    /// A junction, and the ways that lead on from here: number of the connection, road, end at which it is entered.
    Junction(usize, Vec<(usize, RoadIndex, End)>),
}

/// A lane of a section, and the direction in which it is driven.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// The road.
    pub road: RoadIndex,
    /// Number of its lane section.
    pub section: usize,
    /// The lane.
    pub lane: i32,
    /// Driven in direction of `s`.
    pub forward: bool,
}

/// What comes after the end of a lane.
#[derive(Clone, Debug, PartialEq)]
pub enum Onward {
    /// This lane.
    One(Stretch),
    /// One of several, at this junction (a number).
    Several(usize, Vec<Stretch>),
    /// Another stretch of road, but no lane of it is linked to this one: its section, and whether it is driven along `s`.
    Unlinked(Stretch),
    /// The road ends.
    Nothing,
}

impl Wiring {
    /// Resolves ids; `note` is told what does not fit, with the number of the road.
    pub fn of(
        roads: &[Road],
        by_id: &BTreeMap<String, RoadIndex>,
        junctions: &[Junction],
        note: &mut dyn FnMut(RoadIndex, String),
    ) -> Self {
        let mut places = BTreeMap::new();
        for (number, junction) in junctions.iter().enumerate() {
            places.insert(junction.id.as_str(), number);
        }
        let mut links: Vec<[Link; 2]> = Vec::with_capacity(roads.len());
        for (number, road) in roads.iter().enumerate() {
            links.push([0, 1].map(|end| match &road.joined[end] {
                None => Link::None,
                Some(Joined::Road(id, at)) => by_id.get(id).map_or_else(
                    || {
                        note(number, format!("a link to road `{}`, which is not there", short(id)));
                        Link::None
                    },
                    |other| Link::Road(*other, *at),
                ),
                Some(Joined::Junction(id)) => places.get(id.as_str()).map_or_else(
                    || {
                        note(number, format!("a link to junction `{}`, which is not there", short(id)));
                        Link::None
                    },
                    |junction| Link::Junction(*junction, Vec::new()),
                ),
            }));
        }
        let mut wiring = Self { joins: vec![[Vec::new(), Vec::new()]; roads.len()], links };
        for (place, junction) in junctions.iter().enumerate().filter(|(_, junction)| junction.is_driven()) {
            for (number, connection) in junction.connections.iter().enumerate() {
                wiring.connect(place, number, connection, by_id);
            }
        }
        wiring.join();
        wiring
    }

    fn connect(&mut self, place: usize, number: usize, connection: &Connection, by_id: &BTreeMap<String, RoadIndex>) {
        let (Some(&incoming), Some(&over)) = (by_id.get(&connection.incoming), by_id.get(&connection.connecting))
        else {
            return;
        };
        // The connecting road tells at which end of the incoming road it begins; matters where both end here.
        let told = match &self.links[over][connection.contact as usize] {
            Link::Road(road, end) if *road == incoming => Some(*end),
            _ => None,
        };
        for end in End::BOTH {
            if told.is_none_or(|told| told == end)
                && let Link::Junction(here, ways) = &mut self.links[incoming][end as usize]
                && *here == place
            {
                ways.push((number, over, connection.contact));
            }
        }
    }

    /// Fills in which ends of roads touch, both ways.
    fn join(&mut self) {
        let mut pairs = Vec::new();
        for (road, links) in self.links.iter().enumerate() {
            for end in End::BOTH {
                match &links[end as usize] {
                    Link::None => {}
                    Link::Road(other, at) => pairs.push(((road, end), (*other, *at))),
                    Link::Junction(_, ways) => {
                        pairs.extend(ways.iter().map(|(_, over, at)| ((road, end), (*over, *at))));
                    }
                }
            }
        }
        for (a, b) in pairs {
            for ((road, end), to) in [(a, b), (b, a)] {
                let list = &mut self.joins[road][end as usize];
                if !list.contains(&to) {
                    list.push(to);
                }
            }
        }
    }

    /// Ends of roads that touch an end of a road.
    #[must_use]
    pub fn touching(&self, road: RoadIndex, end: End) -> &[(RoadIndex, End)] {
        self.joins.get(road).map_or(&[], |ends| &ends[end as usize])
    }

    /// What comes after the end of a stretch.
    #[must_use]
    pub fn onward(&self, roads: &[Road], junctions: &[Junction], at: Stretch) -> Onward {
        let Some(road) = roads.get(at.road) else { return Onward::Nothing };
        let Some(lane) = road.sections.get(at.section).and_then(|section| section.lane(at.lane)) else {
            return Onward::Nothing;
        };
        let (linked, last) = if at.forward {
            (&lane.successors, at.section + 1 == road.sections.len())
        } else {
            (&lane.predecessors, at.section == 0)
        };
        if !last {
            let section = if at.forward { at.section + 1 } else { at.section - 1 };
            let there = |lane: &i32| road.sections[section].lane(*lane).is_some();
            // Without a link, or with a broken one, the number tells.
            let lane = linked.iter().copied().find(there).or(Some(at.lane).filter(there));
            let next = Stretch { section, lane: lane.unwrap_or(0), ..at };
            return if lane.is_some() { Onward::One(next) } else { Onward::Unlinked(next) };
        }
        let end = if at.forward { End::Finish } else { End::Start };
        match &self.links[at.road][end as usize] {
            Link::None => Onward::Nothing,
            Link::Road(other, contact) => {
                let next = enter(&roads[*other], *other, *contact, 0);
                let there = |lane: &i32| roads[*other].sections[next.section].lane(*lane).is_some();
                match linked.iter().copied().find(there) {
                    Some(lane) => Onward::One(Stretch { lane, ..next }),
                    None => Onward::Unlinked(next),
                }
            }
            Link::Junction(place, ways) => {
                let mut next = Vec::new();
                for (number, over, contact) in ways {
                    for lane in junctions[*place].connections[*number].onto(at.lane) {
                        let way = enter(&roads[*over], *over, *contact, lane);
                        if roads[*over].sections[way.section].lane(lane).is_some() && !next.contains(&way) {
                            next.push(way);
                        }
                    }
                }
                match next[..] {
                    [] => Onward::Nothing,
                    [only] => Onward::One(only),
                    _ => Onward::Several(*place, next),
                }
            }
        }
    }
}

/// The stretch of a road that begins at one of its ends.
fn enter(road: &Road, number: RoadIndex, at: End, lane: i32) -> Stretch {
    Stretch { road: number, section: road.section_at_end(at), lane, forward: at == End::Start }
}

fn short(id: &str) -> String {
    id.chars().take(40).collect()
}
