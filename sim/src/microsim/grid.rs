//! A city of squares: signalised crossings at equal distances, two lanes each way. The bench and the tests drive in it.

use nalgebra::{Point2, Vector2};

use super::conflict;
use super::demand::{DepartLane, DepartSpeed, Departure};
use super::network::{Classes, EdgeId, LaneId, LanePlan, LinkId, NONE, Network, Rule};
use super::route::Route;
use super::shape::Shape;
use super::signal::{Phase, Program, Shown};
use super::style::Style;
use super::traffic::Traffic;
use super::vehicle::Name;
use crate::random::Luck;

/// Lane width, metres.
const LANE_M: f64 = 3.2;
/// From the middle of a crossing to its stop lines, metres.
const STOP_LINE_M: f64 = 10.4;
/// Speed limit, m/s.
const LIMIT_MPS: f64 = 13.89;
/// Sideways acceleration of who turns, m/s².
const TURN_MPS2: f64 = 5.5;
/// Where left turns wait inside the crossing, metres from the stop line.
const WAIT_M: f64 = 3.0;
/// Green and yellow, seconds.
const GREEN_S: f64 = 42.0;
const YELLOW_S: f64 = 3.0;

/// East, north, west, south.
const ARMS: [(i64, i64); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];

fn node(x: i64, y: i64) -> String {
    let letter = |i: i64| char::from(b'A' + (i % 26) as u8);
    let column = if x >= 26 { format!("{}{}", letter(x / 26 - 1), letter(x)) } else { letter(x).to_string() };
    format!("{column}{y}")
}

fn way(arm: usize) -> Vector2<f64> {
    let (x, y) = ARMS[arm];
    Vector2::new(x as f64, y as f64)
}

/// `count` by `count` crossings, `spacing` metres apart, with two lanes each way; those with three or four arms have signals.
#[must_use]
pub fn city(count: u32, spacing: f64) -> Network {
    let mut network = Network::new();
    let n = i64::from(count);
    let inside = |x: i64, y: i64| (0..n).contains(&x) && (0..n).contains(&y);
    let nodes = || (0..n).flat_map(move |x| (0..n).map(move |y| (x, y)));
    for (x, y) in nodes() {
        for (arm, (dx, dy)) in ARMS.into_iter().enumerate().filter(|(_, (dx, dy))| inside(x + dx, y + dy)) {
            add_road(&mut network, (x, y), (x + dx, y + dy), way(arm), spacing);
        }
    }
    for (x, y) in nodes() {
        let here = |arm: usize| inside(x + ARMS[arm].0, y + ARMS[arm].1);
        let arms: Vec<usize> = (0..4).filter(|&a| here(a)).collect();
        add_crossing(&mut network, (x, y), &arms);
    }
    network
}

fn add_road(network: &mut Network, from: (i64, i64), to: (i64, i64), way: Vector2<f64>, spacing: f64) {
    let at = |(x, y): (i64, i64)| Point2::new(x as f64 * spacing, y as f64 * spacing);
    let right = Vector2::new(way.y, -way.x);
    let (a, b) = (node(from.0, from.1), node(to.0, to.1));
    let lanes = (0..2).map(|i| {
        let aside = right * (1.5 - f64::from(i)) * LANE_M;
        let shape = Shape::new([at(from) + way * STOP_LINE_M + aside, at(to) - way * STOP_LINE_M + aside]);
        LanePlan {
            name: format!("{a}{b}_{i}"),
            length: shape.length(),
            speed: LIMIT_MPS,
            width: LANE_M,
            open_to: Classes::ALL,
            shape,
        }
    });
    network.add_edge(&format!("{a}{b}"), [&a, &b], false, lanes.collect());
}

/// One way through a crossing: whence, whither, which lane.
struct Turn {
    arm: usize,
    to: usize,
    lane: u32,
    link: LinkId,
}

fn add_crossing(network: &mut Network, at: (i64, i64), arms: &[usize]) {
    let name = node(at.0, at.1);
    let edge = |network: &Network, arm: usize, outward: bool| -> Option<EdgeId> {
        let other = node(at.0 + ARMS[arm].0, at.1 + ARMS[arm].1);
        network.edge(&if outward { format!("{name}{other}") } else { format!("{other}{name}") })
    };
    let mut turns: Vec<Turn> = Vec::new();
    for &arm in arms {
        // As seen by who comes from this arm: right, straight, left.
        let [right, straight, left] =
            [(arm + 1) % 4, (arm + 2) % 4, (arm + 3) % 4].map(|a| arms.contains(&a).then_some(a));
        let ways = match (right, straight, left) {
            (Some(only), None, None) | (None, None, Some(only)) => vec![(only, 0), (only, 1)],
            _ => [right.map(|a| (a, 0)), straight.map(|a| (a, 0)), straight.map(|a| (a, 1)), left.map(|a| (a, 1))]
                .into_iter()
                .flatten()
                .collect(),
        };
        for (to, lane) in ways {
            let (Some(from_edge), Some(to_edge)) = (edge(network, arm, false), edge(network, to, true)) else {
                continue;
            };
            let (from, end) =
                (network.edges[from_edge as usize].first + lane, network.edges[to_edge as usize].first + lane);
            let waits = arms.len() > 2 && (arm + 3) % 4 == to;
            let link = add_turn(network, &format!(":{name}_{}", turns.len()), from, end, waits);
            turns.push(Turn { arm, to, lane, link });
        }
    }
    let pairs = turns.iter().enumerate().flat_map(|(i, a)| turns[i + 1..].iter().map(move |b| (a, b)));
    let pairs: Vec<_> = pairs.filter(|(a, b)| a.arm != b.arm || a.lane == b.lane).collect();
    let known = pairs.into_iter().map(|(a, b)| ([a.link, b.link], [yields(a, b), yields(b, a)])).collect::<Vec<_>>();
    conflict::find(network, known);
    if arms.len() > 2 {
        add_signal(network, &name, &turns);
    }
}

/// Opposite: who turns left waits. From beside: the one from the right goes first.
fn yields(a: &Turn, b: &Turn) -> bool {
    let left = |t: &Turn| (t.arm + 3) % 4 == t.to;
    if (a.arm + 2) % 4 == b.arm { left(a) && !left(b) } else { (a.arm + 1) % 4 == b.arm }
}

fn add_turn(network: &mut Network, name: &str, from: LaneId, to: LaneId, waits: bool) -> LinkId {
    let (a, b) = (&network.lanes[from as usize].shape, &network.lanes[to as usize].shape);
    let (start, yaw) = a.at(a.length());
    let (end, end_yaw) = b.at(0.0);
    let (points, speed) = bend(start, yaw, end, end_yaw);
    let whole = Shape::new(points);
    let cut = |from: f64, to: f64| {
        let steps = 8;
        Shape::new((0..=steps).map(|i| whole.point(from + (to - from) * f64::from(i) / f64::from(steps))))
    };
    let parts = if waits { vec![cut(0.0, WAIT_M), cut(WAIT_M, whole.length())] } else { vec![whole] };
    let mut inner = [NONE; 2];
    for (i, shape) in parts.into_iter().enumerate() {
        let part = format!("{name}{}", if i == 0 { "" } else { "w" });
        let plan = LanePlan {
            name: format!("{part}_0"),
            length: shape.length(),
            speed,
            width: LANE_M,
            open_to: Classes::ALL,
            shape,
        };
        let edge = network.add_edge(&part, [name, name], true, vec![plan]);
        inner[i] = network.edges[edge as usize].first;
    }
    network.add_link(from, to, inner, Rule::Minor)
}

/// A curve between two directions and the speed for it.
fn bend(start: Point2<f64>, yaw: f64, end: Point2<f64>, end_yaw: f64) -> (Vec<Point2<f64>>, f64) {
    let (a, b) = (Vector2::new(yaw.cos(), yaw.sin()), Vector2::new(end_yaw.cos(), end_yaw.sin()));
    let turn = a.perp(&b);
    if turn.abs() < 1e-6 {
        return (vec![start, end], LIMIT_MPS);
    }
    let reach = (end - start).perp(&b) / turn;
    let corner = start + a * reach;
    let points = (0..=12).map(|i| {
        let t = f64::from(i) / 12.0;
        let (p, q) = (start + (corner - start) * t, corner + (end - corner) * t);
        p + (q - p) * t
    });
    (points.collect(), (TURN_MPS2 * reach.abs()).sqrt().min(LIMIT_MPS))
}

fn add_signal(network: &mut Network, name: &str, turns: &[Turn]) {
    let program = network.programs.len() as u32;
    for (i, turn) in turns.iter().enumerate() {
        network.links[turn.link as usize].signal = Some((program, i as u32));
    }
    let phase = |axis: usize, yellow: bool| {
        let show = |turn: &Turn| match (turn.arm % 2 == axis, yellow) {
            (false, _) => Shown::Red,
            (true, true) => Shown::Yellow,
            (true, false) if (turn.arm + 3) % 4 == turn.to => Shown::Permissive,
            (true, false) => Shown::Green,
        };
        Phase { duration_s: if yellow { YELLOW_S } else { GREEN_S }, shown: turns.iter().map(show).collect() }
    };
    let phases = vec![phase(1, false), phase(1, true), phase(0, false), phase(0, true)];
    network.programs.push(Program { name: name.to_owned(), offset_s: 0.0, phases });
}

/// A route that turns by chance at every junction, never back.
#[must_use]
pub fn wander(network: &Network, luck: &mut Luck, start: EdgeId, edges: usize) -> Vec<EdgeId> {
    let mut route = vec![start];
    while route.len() < edges {
        let here = &network.edges[route[route.len() - 1] as usize];
        let mut next: Vec<EdgeId> = Vec::new();
        for lane in here.first..here.first + here.count {
            for &link in &network.lanes[lane as usize].links {
                let to = network.lanes[network.links[link as usize].to as usize].edge;
                if network.edges[to as usize].ends[1] != here.ends[0] && !next.contains(&to) {
                    next.push(to);
                }
            }
        }
        if next.is_empty() {
            break;
        }
        let i = (luck.between(0.0, next.len() as f64) as usize).min(next.len() - 1);
        route.push(next[i]);
    }
    route
}

/// Where a vehicle starts, and where it wanders.
#[derive(Clone, Debug, PartialEq)]
pub struct Trip {
    /// Edges.
    pub edges: Vec<EdgeId>,
    /// Front on the first edge, metres.
    pub pos: f64,
}

/// `count` wandering trips of `edges` edges that start all over the network.
#[must_use]
pub fn trips(network: &Network, seed: u64, count: u32, edges: usize) -> Vec<Trip> {
    let mut luck = Luck::new(seed, "wander");
    let starts: Vec<EdgeId> =
        (0..network.edges.len() as EdgeId).filter(|&e| !network.edges[e as usize].inner).collect();
    let trip = |_| {
        let start = starts[(luck.between(0.0, starts.len() as f64) as usize).min(starts.len() - 1)];
        let way = wander(network, &mut luck, start, edges);
        let length = network.lanes[network.edges[start as usize].first as usize].length;
        let pos = luck.between(10.0f64.min(length), (length - 10.0).max(10.0f64.min(length)));
        Trip { edges: way, pos }
    };
    (0..count).map(trip).collect()
}

/// Lets the vehicles of these trips in at the start.
pub fn fill(traffic: &mut Traffic, style: &Style, trips: &[Trip]) {
    let class = style.class;
    let style = traffic.add_style(style.clone());
    let stem = traffic.stem("car");
    for (serial, trip) in (0..).zip(trips) {
        let Ok(route) = Route::new(&traffic.network, trip.edges.clone(), class) else { continue };
        let route = traffic.add_route(route);
        traffic.add(Departure {
            time: 0.0,
            name: Name { stem, serial: Some(serial) },
            style,
            route,
            lane: DepartLane::Random,
            speed: DepartSpeed::Max,
            pos: Some(trip.pos),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::following::Model;
    use super::super::style::Class;
    use super::super::traffic::Settings;
    use super::*;

    fn busy(model: Model, count: u32, settings: Settings) -> Traffic {
        let mut traffic = Traffic::new(city(4, 200.0), settings);
        let trips = trips(&traffic.network, settings.seed, count, 60);
        fill(&mut traffic, &Style::of(Class::Car).with_model(model), &trips);
        traffic
    }

    #[test]
    fn the_city_has_the_lanes_and_lights_that_it_should() {
        let net = city(4, 200.0);
        assert_eq!(net.edges.iter().filter(|e| !e.inner).count(), 48);
        assert_eq!(net.programs.len(), 12, "all but the corners");
        let straight = net.link_to(net.lane("A1B1_0").unwrap(), net.edge("B1C1").unwrap(), 1).unwrap();
        assert_eq!(net.lanes[net.links[straight as usize].to as usize].name, "B1C1_0");
        assert!((net.links[straight as usize].length - 20.8).abs() < 1e-9);
    }

    #[test]
    fn nobody_touches_anybody_in_a_busy_city_at_any_step_size() {
        for (model, dt, change_s) in [
            (Model::Idm, 0.1, 0.0),
            (Model::Idm, 0.05, 3.0),
            (Model::Idm, 1.0, 0.0),
            (Model::Krauss { sigma: 0.5 }, 0.1, 0.0),
            (Model::Krauss { sigma: 0.5 }, 1.0, 0.0),
        ] {
            let settings = Settings { dt, change_s, collisions: true, ..Settings::default() };
            let mut traffic = busy(model, 400, settings);
            while traffic.time() < 300.0 {
                traffic.step();
                if let Some(hit) = traffic.collisions().first() {
                    let told: Vec<_> = traffic
                        .vehicles()
                        .filter(|v| hit.who.contains(&(v.id)))
                        .map(|v| {
                            let lane = &traffic.network.lanes[v.lane as usize];
                            let link = traffic.network.links.get(v.link as usize);
                            let to = link.map(|l| traffic.network.lanes[l.to as usize].name.as_str());
                            (v.id, lane.name.as_str(), lane.length, v.pos, v.speed, v.accel, v.held, v.changed, to)
                        })
                        .collect();
                    panic!("{model:?} {dt} at {}: {hit:?} {told:#?}", traffic.time());
                }
            }
            let counts = traffic.counts();
            let on_road = traffic.vehicles().count();
            let mean: f64 =
                traffic.vehicles().map(|v| v.driven / (traffic.time() - v.entered)).sum::<f64>() / on_road as f64;
            println!("{model:?} {dt}: {counts:?}, {on_road} on the road, mean {mean:.2} m/s");
            assert!(counts.entered == 400 && counts.changes > 200, "{counts:?}");
            assert!(mean > 3.0, "{mean}");
            assert!(traffic.stuck().is_empty(), "{:?}", traffic.stuck());
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        let run = |threads: usize| {
            let settings = Settings { threads, seed: 7, ..Settings::default() };
            let mut traffic = busy(Model::Krauss { sigma: 0.5 }, 300, settings);
            (0..600).for_each(|_| traffic.step());
            traffic.vehicles().map(|v| (v.id, v.lane, v.pos.to_bits(), v.speed.to_bits())).collect::<Vec<_>>()
        };
        let alone = run(1);
        assert_eq!(alone.len(), 300);
        assert_eq!(alone, run(1));
        assert_eq!(alone, run(2));
    }
}
