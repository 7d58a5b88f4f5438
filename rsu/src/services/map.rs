//! MAP: the roads that meet at the crossing, from the site map.

use std::collections::{BTreeMap, BTreeSet};

use calibration::Timestamp;
use nalgebra::{Vector2, Vector3};
use v2x_msgs::model::flags::Maneuver;
use v2x_msgs::model::{
    ConnectingLane, Connection, Lane, LaneAttributes, LaneType, Link, Map, Message, Movement, Node, NodeId, Position,
    SpeedLimit, SpeedLimitType,
};
use v2x_msgs::{Profile, units};

use super::{Pace, Site, node};
use crate::limits;
use crate::outbox::Outbox;
use crate::site_map::thin::thinned;
use crate::site_map::{self, LaneKind, SiteMap, Turn, Waypoint};
use crate::world::World;

/// Points of a line on air (T/CSAE 53-2020, DF_PointList: 2..31).
pub const POINTS: usize = 31;
/// A line on air may differ from the drawn one by this much, metres, as long as the number of points allows.
const SHAPE_M: f64 = 0.05;

/// Says what the crossing looks like: in one message, or in slices that each fit the radio. They are made once; only count
/// and time change.
#[derive(Debug)]
pub struct MapService {
    pace: Pace,
    slices: Vec<Map>,
    msg_cnt: u8,
}

impl MapService {
    /// `rate_hz` times a second; without a site map never.
    #[must_use]
    pub fn new(site: &Site, map: Option<&SiteMap>, rate_hz: f64, now: Timestamp) -> Self {
        let slices = map.map(|map| slices(message(site, map), site.profile)).unwrap_or_default();
        Self { pace: Pace::new(if slices.is_empty() { 0.0 } else { rate_hz }, now), slices, msg_cnt: 0 }
    }

    /// When it wants to speak next.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.pace.due()
    }

    /// Speaks when it is due.
    pub fn step(&mut self, world: &World, out: &mut Outbox) {
        if !self.pace.timer(world.at) {
            return;
        }
        let time_stamp_min = Some(units::wire_time(world.at.as_millis()).minute_of_year);
        for slice in &self.slices {
            let items = slice.nodes.iter().map(|node| node.in_links.len()).sum();
            let map = Map { msg_cnt: self.msg_cnt, time_stamp_min, nodes: slice.nodes.clone() };
            self.msg_cnt = units::next_count(self.msg_cnt);
            out.send(world, &Message::Map(map), None, items);
        }
    }
}

/// A map in messages that a radio takes. One that does not fit the wire at all goes on as it is, and sending it says why.
fn slices(whole: Map, profile: Profile) -> Vec<Map> {
    // The time is not known yet and takes its place later.
    let timed = Map { time_stamp_min: Some(0), ..whole };
    v2x_msgs::map::slice(&timed, profile, limits::RADIO_BYTES).unwrap_or_else(|_| vec![timed])
}

/// The crossing with the links that lead in; and each node that a link leads away to, with that link, because a
/// connection's lane is a lane of it.
#[must_use]
pub fn message(site: &Site, map: &SiteMap) -> Map {
    let centre = centre(map);
    let crossing = Node {
        name: ia5(&map.name),
        id: node(map.node),
        ref_pos: Some(site.position(Vector3::new(centre.x, centre.y, 0.0))),
        in_links: map.inbound().map(|link| in_link(site, map, link)).collect(),
    };
    let mut away: BTreeMap<NodeId, Node> = BTreeMap::new();
    for link in map.links.iter().filter(|link| link.from == map.node) {
        let Some(end) = link.lanes.first().and_then(|lane| lane.centreline.last()) else {
            continue;
        };
        let at = site.position(Vector3::new(end[0], end[1], end.get(2).copied().unwrap_or(0.0)));
        let fresh = Node { name: None, id: node(link.to), ref_pos: Some(at), in_links: Vec::new() };
        away.entry(node(link.to)).or_insert(fresh).in_links.push(in_link(site, map, link));
    }
    Map { msg_cnt: 0, time_stamp_min: None, nodes: std::iter::once(crossing).chain(away.into_values()).collect() }
}

fn ia5(name: &str) -> Option<String> {
    (!name.is_empty() && name.is_ascii() && name.len() <= 63).then(|| name.to_owned())
}

/// The middle of the ends of all lanes that lead in.
fn centre(map: &SiteMap) -> Vector2<f64> {
    let ends = map.inbound().flat_map(|link| &link.lanes).filter_map(|lane| lane.centreline.last());
    let (sum, count) = ends.fold((Vector2::zeros(), 0.0), |(sum, n), p| (sum + Vector2::new(p[0], p[1]), n + 1.0));
    if count > 0.0 { sum / count } else { Vector2::zeros() }
}

fn in_link(site: &Site, map: &SiteMap, link: &site_map::Link) -> Link {
    let mut lanes: Vec<Lane> = link.lanes.iter().map(|drawn| lane(site, map, drawn)).collect();
    let free = link.lanes.iter().map(|lane| lane.id).max().unwrap_or(0) + 1;
    lanes.extend(crosswalks_of(map, link).zip(free..).map(|(walk, id)| crosswalk(site, map, walk, id)));
    let middle = &link.lanes[link.lanes.len() / 2];
    let movements: BTreeSet<(NodeId, Option<u8>)> = link
        .lanes
        .iter()
        .flat_map(|lane| &lane.connections)
        .filter_map(|c| Some((node(map.link(&c.to_link)?.to), c.signal_group)))
        .collect();
    let movement = |(remote_intersection, phase_id)| Movement { remote_intersection, phase_id };
    Link {
        name: ia5(&link.name),
        upstream_node_id: node(link.from),
        speed_limits: vec![SpeedLimit { kind: SpeedLimitType::VehicleMaxSpeed, speed_mps: Some(link.speed_limit_mps) }],
        link_width_m: Some(link.lanes.iter().map(|lane| lane.width_m).sum()),
        points: points(site, &middle.centreline),
        movements: movements.into_iter().map(movement).collect(),
        lanes,
    }
}

fn lane(site: &Site, map: &SiteMap, lane: &site_map::Lane) -> Lane {
    let connect = |c: &site_map::Connection| {
        Some(Connection {
            remote_intersection: node(map.link(&c.to_link)?.to),
            connecting_lane: Some(ConnectingLane { lane: c.to_lane, maneuver: Some([maneuver(c.turn)].into()) }),
            phase_id: c.signal_group,
        })
    };
    let maneuvers: BTreeSet<Maneuver> = lane.connections.iter().map(|c| maneuver(c.turn)).collect();
    let lane_type = match lane.kind {
        LaneKind::Vehicle => LaneType::Vehicle(BTreeSet::new()),
        LaneKind::Bicycle => LaneType::BikeLane(BTreeSet::new()),
        LaneKind::Sidewalk => LaneType::Sidewalk(BTreeSet::new()),
    };
    Lane {
        lane_id: lane.id,
        lane_width_m: Some(lane.width_m),
        lane_attributes: Some(LaneAttributes { share_with: None, lane_type }),
        maneuvers: (!maneuvers.is_empty()).then_some(maneuvers),
        connects_to: lane.connections.iter().filter_map(connect).collect(),
        speed_limits: Vec::new(),
        points: points(site, &lane.centreline),
    }
}

fn maneuver(turn: Turn) -> Maneuver {
    match turn {
        Turn::Straight => Maneuver::Straight,
        Turn::Left => Maneuver::Left,
        Turn::Right => Maneuver::Right,
        Turn::UTurn => Maneuver::UTurn,
    }
}

/// Crosswalks in front of a link's stop lines: each belongs to the inbound link whose stop lines are nearest.
fn crosswalks_of<'a>(map: &'a SiteMap, link: &'a site_map::Link) -> impl Iterator<Item = &'a site_map::Crosswalk> {
    map.crosswalks.iter().filter(move |walk| {
        let (Some(a), Some(b)) = (walk.centreline.first(), walk.centreline.last()) else {
            return false;
        };
        let middle = Vector2::new((a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0);
        let distance = |link: &site_map::Link| {
            let ends = link.lanes.iter().filter_map(|lane| lane.centreline.last());
            ends.map(|p| (Vector2::new(p[0], p[1]) - middle).norm()).fold(f64::INFINITY, f64::min)
        };
        let nearest = map.inbound().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        nearest.is_some_and(|nearest| nearest.name == link.name)
    })
}

/// T/CSAE 53-2020 knows a crosswalk as a lane type. It leads nowhere but over the road: its connection names the crossing
/// itself, and carries the phase that people obey.
fn crosswalk(site: &Site, map: &SiteMap, walk: &site_map::Crosswalk, lane_id: u8) -> Lane {
    let connection =
        Connection { remote_intersection: node(map.node), connecting_lane: None, phase_id: walk.signal_group };
    Lane {
        lane_id,
        lane_width_m: Some(walk.width_m),
        lane_attributes: Some(LaneAttributes { share_with: None, lane_type: LaneType::Crosswalk(BTreeSet::new()) }),
        maneuvers: None,
        connects_to: vec![connection],
        speed_limits: Vec::new(),
        points: points(site, &walk.centreline),
    }
}

/// A line with no more points than fit on air and than its shape needs.
fn points(site: &Site, line: &[Waypoint]) -> Vec<Position> {
    let line: Vec<Vector3<f64>> =
        line.iter().map(|p| Vector3::new(p[0], p[1], p.get(2).copied().unwrap_or(0.0))).collect();
    let mut tolerance = SHAPE_M;
    let mut kept = thinned(&line, tolerance);
    while kept.len() > POINTS {
        tolerance *= 1.5;
        kept = thinned(&line, tolerance);
    }
    kept.into_iter().map(|p| site.position(p)).collect()
}

#[cfg(test)]
mod tests {
    use calibration::geodesy::{EnuFrame, Wgs84};
    use v2x_msgs::model::StationId;

    use super::*;

    fn site() -> Site {
        let frame = EnuFrame::new(Wgs84 { lat_deg: 31.284, lon_deg: 121.503, alt_m: 4.0 });
        Site { id: StationId::default(), frame, node: None, name: None, profile: Profile::default() }
    }

    fn four_arm() -> SiteMap {
        SiteMap::load(concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/scenarios/maps/four_arm.json").as_ref()).unwrap()
    }

    #[test]
    fn the_map_carries_every_lane_connection_and_signal_group() {
        let map = message(&site(), &four_arm());
        assert_eq!(map.nodes.len(), 5);
        let crossing = &map.nodes[0];
        assert_eq!(crossing.in_links.len(), 4);
        let lanes: Vec<u8> = crossing.in_links[0].lanes.iter().map(|l| l.lane_id).collect();
        assert_eq!(lanes, [1, 2, 3, 4], "three lanes and the crosswalk");
        let phases: BTreeSet<u8> = crossing
            .in_links
            .iter()
            .flat_map(|l| &l.lanes)
            .flat_map(|l| &l.connects_to)
            .filter_map(|c| c.phase_id)
            .collect();
        assert_eq!(phases, (1..=8).collect());
        assert_eq!(crossing.in_links[0].movements.len(), 3);
        assert!(map.nodes[1..].iter().all(|n| n.in_links.len() == 1 && n.in_links[0].lanes.len() == 3));
    }

    #[test]
    fn a_map_beyond_the_radio_goes_out_in_slices_that_hold_every_lane() {
        let whole = message(&site(), &four_arm());
        assert_eq!(slices(whole.clone(), Profile::default()).len(), 1, "a plain crossing is one message");
        let mut large = whole.clone();
        // The crossing itself is in region 1.
        for i in 2..7 {
            let copy = whole.nodes.iter().map(|node| Node { id: NodeId::new(i, node.id.id), ..node.clone() });
            large.nodes.extend(copy);
        }
        let parts = slices(large.clone(), Profile::default());
        assert!(parts.len() > 1);
        let octets = |part: &Map| v2x_msgs::encode(&Message::Map(part.clone()), Profile::Csae53_2020).unwrap().len();
        assert!(parts.iter().all(|part| octets(part) <= limits::RADIO_BYTES));
        assert_eq!(v2x_msgs::map::merge(&parts).nodes, large.nodes);
    }

    #[test]
    fn a_line_with_many_bends_is_thinned_to_what_fits_on_air() {
        let waypoints: Vec<Waypoint> = (0..900).map(|i| vec![f64::from(i), f64::from(i % 2) * 3.0]).collect();
        let on_air = points(&site(), &waypoints).len();
        assert!((2..=POINTS).contains(&on_air), "{on_air}");
    }
}
