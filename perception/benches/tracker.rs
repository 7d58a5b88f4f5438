//! How long one frame takes the tracker: 200 road users, four sensors at 10 Hz. Run with
//! `cargo bench -p perception --bench tracker --profile dev` (the profile that is deployed in demo and tests).
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)]

use std::time::Instant;

use calibration::Timestamp;
use nalgebra::{Matrix2, Vector2, Vector3};
use perception::{Class, Placed, Sensing, SensorId, Size, Tracker, TrackerConfig, UnitId};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const ROAD_USERS: usize = 200;
const SENSORS: usize = 4;
const FRAMES: i64 = 2_000;

/// One frame on its way to the tracker.
struct Delivery {
    arrives: i64,
    tov: i64,
    sensor: usize,
    placed: Vec<Placed>,
}

fn place(user: usize, ms: i64) -> (Vector2<f64>, f64) {
    // Rings of road users, 8 m from each other, half of them clockwise.
    let (ring, seat) = (user / 40, user % 40);
    let radius = 50.0 + 12.0 * ring as f64;
    let sense = if ring.is_multiple_of(2) { 1.0 } else { -1.0 };
    let angle = seat as f64 / 40.0 * std::f64::consts::TAU + sense * 10.0 / radius * ms as f64 * 1e-3;
    (Vector2::new(angle.cos(), angle.sin()) * radius, angle + sense * std::f64::consts::FRAC_PI_2)
}

fn frames(late_ms: i64) -> Vec<Delivery> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut all = Vec::new();
    for i in 0..FRAMES {
        let (tov, sensor) = (i * 25, i as usize % SENSORS);
        let mut placed = Vec::new();
        for user in (0..ROAD_USERS).filter(|_| rng.random_bool(0.95)).collect::<Vec<_>>() {
            let (at, yaw) = place(user, tov);
            let noise = Vector2::new(rng.random_range(-0.5..0.5), rng.random_range(-0.5..0.5));
            let lidar = sensor < 2;
            placed.push(Placed {
                class: Class::Car,
                score: 0.8,
                position: Vector3::new(at.x + noise.x, at.y + noise.y, 0.0),
                covariance: Matrix2::identity() * 0.09,
                yaw: lidar.then_some((yaw, 0.01)),
                yaw_is_axis: true,
                velocity: None,
                size: lidar.then_some(Size { length_m: 4.5, width_m: 1.8, height_m: 1.5 }),
                sensing: if lidar { Sensing::Lidar } else { Sensing::Camera },
            });
        }
        let delay = if sensor == SENSORS - 1 { late_ms } else { 0 };
        all.push(Delivery { arrives: tov + delay, tov, sensor, placed });
    }
    all.sort_by_key(|one| (one.arrives, one.tov));
    all
}

/// Microseconds of each update and each view, the first 200 frames left out. With `late_ms`, only updates of the late sensor.
fn run(late_ms: i64) -> (Vec<f64>, Vec<f64>, usize) {
    let mut tracker = Tracker::new(UnitId("x01".into()), TrackerConfig::default());
    let (mut updates, mut views) = (Vec::new(), Vec::new());
    for one in frames(late_ms) {
        let sensor = SensorId(format!("s{}", one.sensor));
        let (tov, now) = (Timestamp::from_millis(one.tov), Timestamp::from_millis(one.arrives));
        let start = Instant::now();
        tracker.update(tov, now, &sensor, &one.placed).unwrap();
        tracker.retire(now);
        if late_ms == 0 || one.sensor == SENSORS - 1 {
            updates.push(start.elapsed().as_secs_f64() * 1e6);
        }
        let start = Instant::now();
        let tracks = tracker.tracks_at(now);
        views.push(start.elapsed().as_secs_f64() * 1e6);
        drop(tracks);
        tracker.happenings();
    }
    let alive = tracker.tracks_at(Timestamp::from_millis(FRAMES * 25)).len();
    (updates.split_off(50), views.split_off(200), alive)
}

fn main() {
    println!("| what | median µs | p99 µs | tracks |");
    println!("|---|---|---|---|");
    let row = |what: &str, mut values: Vec<f64>, alive: usize| {
        values.sort_by(f64::total_cmp);
        let (median, p99) = (values[values.len() / 2], values[values.len() * 99 / 100]);
        println!("| {what} | {median:.0} | {p99:.0} | {alive} |");
    };
    let (updates, views, alive) = run(0);
    row("update, 200 road users, 4 sensors in order", updates, alive);
    row("tracks_at, 200 tracks", views, alive);
    let (updates, _, alive) = run(100);
    row("update with a frame 100 ms late (5 frames applied)", updates, alive);
}
