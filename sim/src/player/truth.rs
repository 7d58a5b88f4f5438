//! A film of a storyboard that no unit watches: its one page shows the truth, drawn as a unit draws what it knows.

use std::collections::BTreeMap;
use std::sync::Arc;

use calibration::Timestamp;
use nalgebra::{Isometry3, Matrix4, Translation3, Vector3};
use perception::{Class, Track, TrackKey, UnitId};
use rsu::config::{Config, Origin};
use rsu::site_map::{Lane, LaneKind, Link, NodeId, SCHEMA, SiteMap, Waypoint};
use rsu::world::World as Belief;

use super::film::{Film, UnitFilm};
use crate::actor::{ActorId, Body};
use crate::opendrive::{LaneKind as Use, LaneLine, Network};

/// Drawn lanes lie this near to the true ones, metres.
const TOLERANCE_M: f64 = 0.05;
/// Points of all lanes on the page, so that a city does not choke it.
const POINTS: usize = 200_000;

impl Film {
    /// An empty film of a storyboard on `network`; `first` is who is there at the start, and the page's frame has its origin
    /// in their midst.
    #[must_use]
    pub fn of_storyboard(
        (name, title): (&str, &str),
        network: &Network,
        first: &[Body],
        seed: u64,
        start: Timestamp,
    ) -> Self {
        let count = first.len().max(1) as f64;
        let middle = first.iter().fold(Vector3::zeros(), |sum, b| sum + b.position) / count;
        let origin = Origin { lat_deg: 0.0, lon_deg: 0.0, alt_m: 0.0 };
        let mut config = Config::bare(UnitId(name.to_owned()), origin);
        title.clone_into(&mut config.site.name);
        let unit = UnitFilm {
            name: name.to_owned(),
            config,
            map: Some(site_map(name, network, middle)),
            worlds: Vec::new(),
            said: Vec::new(),
            events: Vec::new(),
            unit_from_world: Isometry3::from(Translation3::from(-middle)),
        };
        let mut film = Self::of(name, title, vec![unit], seed, start);
        film.bare = true;
        film
    }

    /// Takes a picture of the truth when one is due at `now`.
    pub fn watch_truth(&mut self, bodies: &[Body], names: &BTreeMap<ActorId, Arc<str>>, now: Timestamp) {
        if !self.is_due(now) {
            return;
        }
        let Some(frame) = self.units.first().map(|unit| unit.unit_from_world) else { return };
        let named = bodies.iter().filter_map(|b| Some((b.id, Arc::clone(names.get(&b.id)?))));
        let tracks = bodies.iter().map(|b| track(b, names.get(&b.id), &frame, now)).collect();
        let belief = Belief { tov: Some(now), tracks, ..Belief::empty(now) };
        self.keep(vec![Some(belief)], bodies.to_vec(), named);
    }
}

/// A body as somebody would know it who errs in nothing.
fn track(body: &Body, name: Option<&Arc<str>>, frame: &Isometry3<f64>, now: Timestamp) -> Track {
    let class = body.kind.class();
    let class_belief = Class::ALL.map(|c| f64::from(u8::from(c == class)));
    let unit = name.map_or_else(|| "road-user".to_owned(), ToString::to_string);
    Track {
        key: TrackKey { unit: UnitId(unit), serial: u64::from(body.id) },
        class,
        class_belief,
        at: now,
        last_seen: now,
        born: now,
        position: (frame * nalgebra::Point3::from(body.position)).coords,
        velocity: body.velocity,
        yaw: body.yaw,
        front_known: true,
        yaw_rate: body.yaw_rate,
        covariance: Matrix4::zeros(),
        yaw_sigma: 0.0,
        size: body.size,
        existence: 1.0,
        confirmed: true,
        sensing: Vec::new(),
    }
}

/// The lanes of a network as lines for the page, with `middle` at their origin. It is for drawing only: nobody drives on it.
fn site_map(name: &str, network: &Network, middle: Vector3<f64>) -> SiteMap {
    let node = NodeId { region: 0, id: 0 };
    let mut links: Vec<Link> = Vec::new();
    let mut points = 0;
    for line in network.lane_lines(TOLERANCE_M) {
        let Some(lane) = drawn(&line, middle) else { continue };
        points += lane.centreline.len();
        if points > POINTS {
            break;
        }
        let road = network.road_id(line.road).unwrap_or_default().to_owned();
        match links.last_mut().filter(|link| link.name == road) {
            Some(link) => link.lanes.push(lane),
            None => links.push(Link { name: road, from: node, to: node, speed_limit_mps: 0.0, lanes: vec![lane] }),
        }
    }
    SiteMap { schema: SCHEMA.to_owned(), name: name.to_owned(), node, links, crosswalks: Vec::new() }
}

fn drawn(line: &LaneLine, middle: Vector3<f64>) -> Option<Lane> {
    let kind = match line.kind {
        Use::Biking => LaneKind::Bicycle,
        Use::Walking => LaneKind::Sidewalk,
        kind if kind.is_driven() => LaneKind::Vehicle,
        _ => return None,
    };
    let width = |(l, r): (&[f64; 3], &[f64; 3])| (l[0] - r[0]).hypot(l[1] - r[1]);
    let ends = [line.left.first().zip(line.right.first()), line.left.last().zip(line.right.last())];
    let widths: Vec<_> = ends.into_iter().flatten().map(width).collect();
    let width_m = widths.iter().sum::<f64>() / widths.len().max(1) as f64;
    let place = |p: &[f64; 3]| -> Waypoint { vec![p[0] - middle.x, p[1] - middle.y] };
    // A lane that begins or ends with no width is drawn by those beside it.
    (width_m > 0.1 && line.middle.len() > 1).then(|| Lane {
        id: line.lane.unsigned_abs().min(31) as u8,
        kind,
        width_m,
        centreline: line.middle.iter().map(place).collect(),
        connections: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use nalgebra::Vector2;

    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;
    use crate::opendrive::Network;

    #[test]
    fn the_page_shows_the_truth_round_those_who_start() {
        let names = BTreeMap::from([(1, Arc::from("Ego"))]);
        let place = |t: f64| {
            let mut car = body(1, Kind::Car, 1000.0 + 10.0 * t, 500.0, 0.0);
            car.velocity = Vector2::new(10.0, 0.0);
            [car, body(2, Kind::Child, 1020.0, 500.0, 0.0)]
        };
        let start = Timestamp::from_millis(0);
        let mut film = Film::of_storyboard(("s", "t"), &Network::default(), &place(0.0), 1, start);
        for i in 0..=20 {
            let t = f64::from(i) * 0.05;
            film.watch_truth(&place(t), &names, start.offset_secs(t));
        }
        assert!(film.bare && (film.length_s() - 1.0).abs() < 1e-9, "{}", film.length_s());
        let ghosts = film.truth(0, 0.55);
        assert_eq!((ghosts[0].name.as_deref(), ghosts[1].name.as_deref()), (Some("Ego"), None));
        assert!((ghosts[0].position[0] - (-10.0 + 5.5)).abs() < 1e-9, "{ghosts:?}");
        let belief = film.units[0].worlds[5].as_ref().unwrap();
        assert!((belief.tracks[0].position.x - (-10.0 + 5.0)).abs() < 1e-9);
        assert_eq!(film.focus().as_deref(), Some("Ego/1"));
    }
}
