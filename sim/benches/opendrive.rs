//! How long reading a map takes, and one question to it: `cargo bench -p sim --bench opendrive`. A generated map of 2,000
//! winding roads and, where it is there, the map of many crossings among the shared scenarios. The figure is the fastest of
//! many short rounds: what else runs on the machine can only make a round slower.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use sim::opendrive::{Choice, LanePosition, Network};

const CHAINS: usize = 100;
const ROADS_A_CHAIN: usize = 20;
const ASKED: usize = 2_000;
const ROUNDS: usize = 100;

fn main() {
    let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/scenarios/esmini/xodr/multi_intersections.xodr");
    println!("{:<28} {:>8} {:>10}  unit", "map, question", "", "fastest");
    match std::fs::read_to_string(shared) {
        Ok(text) => measure("multi_intersections", &text),
        Err(_) => println!("skipped: no ../shared"),
    }
    measure("2,000 generated roads", &generated());
}

fn measure(name: &str, text: &str) {
    let tell = |what: &str, value: f64, unit: &str| println!("{name:<28} {what:>24} {value:>10.2}  {unit}");
    tell("read", fastest(|| drop(black_box(Network::parse(text, name).unwrap()))) * 1e3, "ms");
    let network = Network::parse(text, name).unwrap();
    let places = places(&network);
    let points: Vec<_> = places.iter().map(|at| network.pose_at_lane(at).unwrap()).collect();
    let each = |seconds: f64| seconds / ASKED as f64 * 1e9;
    let poses = || {
        for at in &places {
            black_box(network.pose_at_lane(at));
        }
    };
    tell("pose of a lane position", each(fastest(poses)), "ns");
    let find = |off: [f64; 2]| {
        for p in &points {
            black_box(network.locate(p.x + off[0], p.y + off[1], None));
        }
    };
    tell("locate", each(fastest(|| find([0.0, 0.0]))), "ns");
    tell("locate 50 m from there", each(fastest(|| find([40.0, -30.0]))), "ns");
    let hinted = || {
        for (p, at) in points.iter().zip(&places) {
            black_box(network.locate(p.x, p.y, network.road_position(at)));
        }
    };
    tell("locate with a hint", each(fastest(hinted)), "ns");
    let drive = || {
        for at in &places {
            black_box(network.advance_distance(*at, 0.7, &Choice::Straightest));
        }
    };
    tell("advance by 0.7 m", each(fastest(drive)), "ns");
    let pairs = || {
        for two in places.chunks(2).take(10) {
            black_box(network.route(two[0], two[1]));
        }
    };
    tell("route", fastest(pairs) / 10.0 * 1e6, "µs");
    let apart = || {
        for two in places.chunks(2).take(100) {
            black_box(network.distance(two[0], two[1], 500.0));
        }
    };
    tell("distance within 500 m", fastest(apart) / 100.0 * 1e6, "µs");
}

/// Seconds of the fastest of some rounds.
fn fastest(mut work: impl FnMut()) -> f64 {
    let round = |_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

/// Places all over the map, in no order.
fn places(network: &Network) -> Vec<LanePosition> {
    let mut state = 1_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    let mut out = Vec::with_capacity(ASKED);
    while out.len() < ASKED {
        let road = (random() * network.roads().len() as f64) as usize;
        let s = random() * network.roads()[road].length;
        let lanes = network.lanes(road, s);
        let lane = lanes[(random() * lanes.len() as f64) as usize];
        out.push(LanePosition { road, lane, s, offset: 0.2 });
    }
    out
}

/// Chains of roads that wind: clothoid, arc and clothoid to the left, then to the right.
fn generated() -> String {
    let mut out = String::from("<OpenDRIVE><header revMajor='1' revMinor='6'/>");
    let lane = |id: i32, from: f64| {
        format!(
            "<lane id='{id}' type='driving'><link><predecessor id='{id}'/><successor id='{id}'/></link>\
             <width sOffset='0' a='{from}' b='0' c='0' d='0'/></lane>"
        )
    };
    let lanes = format!(
        "<lanes><laneSection s='0'><left>{}{}</left><right>{}{}</right></laneSection></lanes>",
        lane(2, 2.0),
        lane(1, 3.5),
        lane(-1, 3.5),
        lane(-2, 3.25)
    );
    for chain in 0..CHAINS {
        let (mut x, mut y, mut hdg) = (0.0, chain as f64 * 150.0, 0.0);
        for number in 0..ROADS_A_CHAIN {
            let id = chain * ROADS_A_CHAIN + number;
            let bend: f64 = if number % 2 == 0 { 0.01 } else { -0.01 };
            let mut link = String::new();
            if number > 0 {
                let _ = write!(link, "<predecessor elementType='road' elementId='{}' contactPoint='end'/>", id - 1);
            }
            if number + 1 < ROADS_A_CHAIN {
                let _ = write!(link, "<successor elementType='road' elementId='{}' contactPoint='start'/>", id + 1);
            }
            let _ = write!(out, "<road id='{id}' length='180' junction='-1'><link>{link}</link><planView>");
            let mut s = 0.0;
            for (from, to, length) in [(0.0, bend, 60.0), (bend, bend, 60.0), (bend, 0.0, 60.0)] {
                let _ = write!(
                    out,
                    "<geometry s='{s}' x='{x}' y='{y}' hdg='{hdg}' length='{length}'><spiral curvStart='{from}' curvEnd='{to}'/>\
                     </geometry>"
                );
                // The midpoint rule will do: the next piece tells its own start.
                for i in 0..100 {
                    let step = length / 100.0;
                    let turn = hdg
                        + from * (f64::from(i) + 0.5) * step
                        + (to - from) / length * ((f64::from(i) + 0.5) * step).powi(2) / 2.0;
                    (x, y) = (x + step * turn.cos(), y + step * turn.sin());
                }
                (hdg, s) = (hdg + f64::midpoint(from, to) * length, s + length);
            }
            let _ = write!(out, "</planView>{lanes}</road>");
        }
    }
    out + "</OpenDRIVE>"
}
