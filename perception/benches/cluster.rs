//! Lidar clustering: how long the real sweep of 57,600 points takes, before and after the background is known.
//!
//! `cargo bench -p perception --bench cluster` (or `make bench`). Needs `../shared`. The aim is 10 ms.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)]

use std::path::Path;
use std::time::Instant;

use calibration::Timestamp;
use perception::source::{self, Opening};
use perception::{Frame, Payload, SensorId, detect};

const SWEEPS: usize = 40;

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/lidar/openv2x_rs32_0.f64.bin");
    if !path.is_file() {
        println!("skipped: no ../shared");
        return;
    }
    let opening = Opening::recording(SensorId("l".into()), Timestamp::from_millis(0));
    let frame = source::lidar_file(&path, "vlp16", &opening).unwrap().next().unwrap().unwrap();
    let Payload::Cloud(cloud) = &frame.payload else { return };
    let points = cloud.points.len();
    let mut detector = detect::clustering();
    let mut times = Vec::new();
    for seq in 0..SWEEPS {
        let frame = Frame { seq: seq as u64, ..frame.clone() };
        let start = Instant::now();
        std::hint::black_box(detector.detect(&frame).unwrap());
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let median = |times: &[f64]| {
        let mut sorted = times.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    println!("| clustering of {points} points | ms a sweep |");
    println!("|---|---|");
    println!("| background unknown (single sweep) | {:.2} |", median(&times[1..10]));
    println!("| background known | {:.2} |", median(&times[20..]));
}
