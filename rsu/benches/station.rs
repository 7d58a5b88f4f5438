//! How long one step of a station takes: 200 road users, four sensors at 10 Hz, the four-arm crossing, all services. Run
//! with `cargo bench -p rsu --bench station --profile dev` (the profile that is deployed in demo and tests).
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)]

use std::time::Instant;

use calibration::Timestamp;
use calibration::geodesy::{EnuFrame, Heading, Wgs84};
use calibration::ground::Ground;
use calibration::rig::{Mounted, Rig, enu_from_lidar_looking};
use nalgebra::{Matrix6, Point3, Vector3};
use perception::{Box3d, Class, Detection, Detections, SensorId, Shape, Size};
use rsu::site_map::SiteMap;
use rsu::station::{ClockState, Input, Output, Setup, Station};

const ROAD_USERS: usize = 200;
const SENSORS: [&str; 4] = ["north", "east", "south", "west"];
const SECONDS: i64 = 60;
const HEIGHT_M: f64 = 6.0;

fn setup() -> Setup {
    let lidars: String = SENSORS.iter().map(|id| format!("[[lidar]]\nid = \"{id}\"\nurl = \"sim:\"\n")).collect();
    let plan = "[signal]\nprotocol = \"plan\"\n[signal.plan]\ncycle_s = 90\n\
                group = [{ id = 1, green_from_s = 0, green_s = 28 }, { id = 3, green_from_s = 48, green_s = 25 }]\n";
    let site = "[site]\nid = \"x01\"\norigin = { lat_deg = 31.284, lon_deg = 121.503, alt_m = 4.0 }\n";
    let mut rig = Rig::new(EnuFrame::new(Wgs84 { lat_deg: 31.284, lon_deg: 121.503, alt_m: 4.0 }), Ground::default());
    for id in SENSORS {
        let enu_from_sensor = enu_from_lidar_looking(Vector3::new(0.0, 0.0, HEIGHT_M), Heading::from_deg(90.0), 0.0);
        rig.sensors
            .insert(id.into(), Mounted { enu_from_sensor, covariance: Matrix6::identity() * 1e-6, camera: None });
    }
    let map = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/scenarios/maps/four_arm.json");
    let config = toml::from_str(&format!("{site}{lidars}{plan}")).unwrap();
    Setup { config, map: Some(SiteMap::load(map.as_ref()).unwrap()), rig }
}

/// Road users in ten rows, 8 m from each other, every second row against the others; people among them.
fn scene(ms: i64) -> Vec<Detection> {
    let user = |i: usize| {
        let (row, seat) = ((i / 20) as f64, (i % 20) as f64);
        let way = if (i / 20).is_multiple_of(2) { 1.0 } else { -1.0 };
        let x = way * ((seat * 8.0 + ms as f64 * 0.005).rem_euclid(160.0) - 80.0);
        let class = if i.is_multiple_of(5) { Class::Pedestrian } else { Class::Car };
        let size = Size { length_m: 4.5, width_m: 1.8, height_m: 1.5 };
        let wobble = ((i * 7919 + ms as usize * 31) % 97) as f64 / 97.0 - 0.5;
        let centre = Point3::new(x + 0.3 * wobble, row * 8.0 - 36.0 - 0.2 * wobble, 0.75 - HEIGHT_M);
        let yaw = Some(if way > 0.0 { 0.0 } else { std::f64::consts::PI });
        Detection { class, score: 0.9, shape: Shape::Space(Box3d { centre, size, yaw }) }
    };
    (0..ROAD_USERS).map(user).collect()
}

fn main() {
    let start = 1_772_366_400_000;
    let at = |ms: i64| Timestamp::from_millis(start + ms);
    let mut station = Station::new(setup(), at(0));
    let mut steps: Vec<(&str, f64)> = Vec::new();
    let (mut messages, mut bytes) = (0, 0);
    let mut measure = |station: &mut Station, now: i64, name: &'static str, input: Input| {
        let begin = Instant::now();
        station.handle(at(now), input);
        while let Some(output) = station.poll() {
            if let Output::Send(frame) = output {
                messages += 1;
                bytes += frame.bytes.len();
            }
        }
        steps.push((name, begin.elapsed().as_secs_f64() * 1e3));
    };
    for ms in 0..SECONDS * 1000 {
        if ms % 1000 == 0 {
            let clock = ClockState { synchronised: true, offset_ms: 0.2 };
            measure(&mut station, ms, "clock", Input::Clock(clock));
        }
        if ms % 25 == 20 {
            let sensor = SensorId(SENSORS[(ms / 25 % 4) as usize].into());
            let seen = Detections { sensor, tov: at(ms - 20), list: scene(ms - 20), free: None };
            measure(&mut station, ms, "frame", Input::Detections(seen));
        }
        if station.next_due() <= at(ms) {
            measure(&mut station, ms, "tick", Input::Tick);
        }
    }
    let tracks = station.world().tracks.len();
    println!(
        "station step, {tracks} tracks, {} sensors, {messages} messages of {bytes} bytes in {SECONDS} s",
        SENSORS.len()
    );
    for name in ["frame", "tick"] {
        // The first seconds are warm-up: tracks are born.
        let mut ms: Vec<f64> = steps.iter().filter(|(n, _)| *n == name).map(|(_, ms)| *ms).skip(100).collect();
        ms.sort_by(f64::total_cmp);
        let quantile = |q: f64| ms[((ms.len() - 1) as f64 * q) as usize];
        println!(
            "  {name:<6} n {:>5}  median {:.3} ms  p99 {:.3} ms  max {:.3} ms",
            ms.len(),
            quantile(0.5),
            quantile(0.99),
            quantile(1.0)
        );
    }
}
