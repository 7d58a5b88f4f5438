//! The road, out of a site map: lanes, ways through the crossing with their conflicts, and crosswalks. The very file that
//! the unit sends as its MAP is what the simulated traffic drives on.

pub mod line;
pub mod route;

use rsu::site_map::{self, LaneKind, SiteMap, Turn};

pub use line::{Beside, Line, Spot, wrap};
pub use route::{Mark, Route};

/// Number of a lane in [`Road::lanes`].
pub type LaneId = usize;
/// Number of a way in [`Road::ways`].
pub type WayId = usize;
/// Number of a crosswalk in [`Road::walks`].
pub type WalkId = usize;

/// Two ways closer than this conflict, metres: the widest vehicle and a hand's breadth.
const CLEARANCE_M: f64 = 2.8;

/// The road of one site map.
#[derive(Clone, Debug, PartialEq)]
pub struct Road {
    /// Lanes of all links.
    pub lanes: Vec<Lane>,
    /// Ways from lane to lane.
    pub ways: Vec<Way>,
    /// Crosswalks.
    pub walks: Vec<Walk>,
}

/// One lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Its link.
    pub link: String,
    /// Number in the link.
    pub id: u8,
    /// Who may use it.
    pub kind: LaneKind,
    /// Width, metres.
    pub width_m: f64,
    /// Speed limit, m/s.
    pub limit_mps: f64,
    /// Centre line in the direction of travel.
    pub line: Line,
    /// Ways that begin at its end.
    pub ways: Vec<WayId>,
}

/// A way through the crossing.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// Lane it begins at.
    pub from: LaneId,
    /// Lane it leads to.
    pub to: LaneId,
    /// Turn.
    pub turn: Turn,
    /// Signal group that rules it.
    pub group: Option<u8>,
    /// Its path.
    pub line: Line,
    /// Other ways that come too close, other than those that begin at the same lane.
    pub conflicts: Vec<Conflict>,
}

/// Where two ways come too close to each other.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The other way.
    pub other: WayId,
    /// Stretch of this way, metres from its start.
    pub mine: (f64, f64),
    /// Stretch of the other way, metres from its start.
    pub theirs: (f64, f64),
}

/// A crosswalk.
#[derive(Clone, Debug, PartialEq)]
pub struct Walk {
    /// Its name.
    pub name: String,
    /// Width, metres.
    pub width_m: f64,
    /// From kerb to kerb.
    pub line: Line,
    /// Signal group that rules it.
    pub group: Option<u8>,
}

/// The site map cannot be driven on.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RoadError {
    /// A line has too few points.
    #[error("{what} has no line: give at least two points [east, north] in metres")]
    NoLine {
        /// Which thing.
        what: String,
    },
    /// A connection leads nowhere.
    #[error("{from} leads to `{to}`, which is not in the map; correct `to_link` and `to_lane`")]
    NoTarget {
        /// Lane with the connection.
        from: String,
        /// What it names.
        to: String,
    },
    /// The lane that somebody asked for is not there.
    #[error("there is no lane `{asked}`; the map has {known}")]
    NoLane {
        /// What was asked.
        asked: String,
        /// What is there.
        known: String,
    },
}

impl Road {
    /// Builds the road of `map`.
    ///
    /// # Errors
    /// When a line has less than two points or a connection leads nowhere.
    pub fn new(map: &SiteMap) -> Result<Self, RoadError> {
        let mut road = Self { lanes: Vec::new(), ways: Vec::new(), walks: Vec::new() };
        for link in &map.links {
            for lane in &link.lanes {
                let what = || RoadError::NoLine { what: format!("lane {}/{}", link.name, lane.id) };
                road.lanes.push(Lane {
                    link: link.name.clone(),
                    id: lane.id,
                    kind: lane.kind,
                    width_m: lane.width_m,
                    limit_mps: link.speed_limit_mps,
                    line: Line::from_waypoints(&lane.centreline).ok_or_else(what)?,
                    ways: Vec::new(),
                });
            }
        }
        let connections = map.links.iter().flat_map(|link| &link.lanes).map(|lane| &lane.connections).enumerate();
        for (from, list) in connections {
            for connection in list {
                road.add_way(from, connection)?;
            }
        }
        for walk in &map.crosswalks {
            let what = || RoadError::NoLine { what: format!("crosswalk {}", walk.name) };
            road.walks.push(Walk {
                name: walk.name.clone(),
                width_m: walk.width_m,
                line: Line::from_waypoints(&walk.centreline).ok_or_else(what)?,
                group: walk.signal_group,
            });
        }
        road.find_conflicts();
        Ok(road)
    }

    fn add_way(&mut self, from: LaneId, connection: &site_map::Connection) -> Result<(), RoadError> {
        let name = |lane: &Lane| format!("lane {}/{}", lane.link, lane.id);
        let target = |l: &Lane| l.link == connection.to_link && l.id == connection.to_lane;
        let to = self.lanes.iter().position(target).ok_or_else(|| RoadError::NoTarget {
            from: name(&self.lanes[from]),
            to: format!("{}/{}", connection.to_link, connection.to_lane),
        })?;
        let (begin, end) = (self.lanes[from].line.end(), self.lanes[to].line.at(0.0));
        let line = match Line::from_waypoints(&connection.path).or_else(|| Line::smooth(begin, end)) {
            Some(line) => line,
            // The lanes touch: a way of no length would have no direction.
            None => Line::new([begin.position, self.lanes[to].line.at(0.01).position])
                .ok_or_else(|| RoadError::NoLine { what: format!("the connection of {}", name(&self.lanes[from])) })?,
        };
        let id = self.ways.len();
        self.ways.push(Way {
            from,
            to,
            turn: connection.turn,
            group: connection.signal_group,
            line,
            conflicts: Vec::new(),
        });
        self.lanes[from].ways.push(id);
        Ok(())
    }

    fn find_conflicts(&mut self) {
        for a in 0..self.ways.len() {
            for b in 0..self.ways.len() {
                if self.ways[a].from == self.ways[b].from {
                    continue;
                }
                let (mine, theirs) =
                    (near(&self.ways[a].line, &self.ways[b].line), near(&self.ways[b].line, &self.ways[a].line));
                if let (Some(mine), Some(theirs)) = (mine, theirs) {
                    self.ways[a].conflicts.push(Conflict { other: b, mine, theirs });
                }
            }
        }
    }

    /// The lane called `link/number`, or `link` for its lane 1.
    ///
    /// # Errors
    /// When there is none; the text lists those that are there.
    pub fn lane(&self, name: &str) -> Result<LaneId, RoadError> {
        let (link, number) = name.split_once('/').unwrap_or((name, "1"));
        self.lanes.iter().position(|l| l.link == link && l.id.to_string() == number).ok_or_else(|| RoadError::NoLane {
            asked: name.to_owned(),
            known: self.lanes.iter().map(|l| format!("{}/{}", l.link, l.id)).collect::<Vec<_>>().join(", "),
        })
    }

    /// The motor or bicycle lanes of a link.
    #[must_use]
    pub fn lanes_of(&self, link: &str, kind: LaneKind) -> Vec<LaneId> {
        (0..self.lanes.len()).filter(|&i| self.lanes[i].link == link && self.lanes[i].kind == kind).collect()
    }
}

/// The stretch of `a` that is closer than [`CLEARANCE_M`] to `b`.
fn near(a: &Line, b: &Line) -> Option<(f64, f64)> {
    let mut stretch: Option<(f64, f64)> = None;
    let mut s = 0.0;
    while s <= a.length() {
        let here = a.at(s).position;
        let beside = b.beside_all(here);
        if beside.left_m.abs() < CLEARANCE_M && (0.0..=b.length()).contains(&beside.along_m) {
            stretch = Some((stretch.map_or(s, |(from, _)| from), s));
        }
        s += 0.5;
    }
    stretch
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn four_arm() -> Road {
        Road::new(&map("four_arm")).expect("a road")
    }

    pub(crate) fn map(name: &str) -> SiteMap {
        let path = format!("{}/scenarios/maps/{name}.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(path).expect("a map")).expect("a site map")
    }

    #[test]
    fn every_shipped_map_makes_a_road() {
        for name in ["four_arm", "corridor_1", "corridor_2", "corridor_3", "corridor_road", "yard"] {
            let road = Road::new(&map(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(!road.ways.is_empty(), "{name}");
        }
    }

    #[test]
    fn straight_ways_of_crossing_roads_conflict_and_opposite_ones_do_not() {
        let road = four_arm();
        let straight = |link: &str| {
            let from = road.lane(&format!("{link}/2")).unwrap();
            road.ways.iter().position(|w| w.from == from && w.turn == Turn::Straight).unwrap()
        };
        let (north, east, south) = (straight("north-in"), straight("east-in"), straight("south-in"));
        let conflict = |a: WayId, b: WayId| road.ways[a].conflicts.iter().any(|c| c.other == b);
        assert!(conflict(north, east) && conflict(east, north));
        assert!(!conflict(north, south));
    }

    #[test]
    fn a_missing_target_is_named() {
        let mut broken = map("four_arm");
        broken.links[0].lanes[0].connections[0].to_link = "nowhere".into();
        let error = Road::new(&broken).unwrap_err().to_string();
        assert!(error.contains("north-in/1") && error.contains("nowhere/1"), "{error}");
        let error = four_arm().lane("north-in/9").unwrap_err().to_string();
        assert!(error.contains("north-in/2"), "{error}");
    }
}
