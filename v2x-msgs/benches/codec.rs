//! How long a BSM and an RSM of 16 participants take, each way: median of rounds, nanoseconds a message.
//!
//! `cargo bench -p v2x-msgs --bench codec` (in `make bench`: the development profile, as everything else).
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use v2x_msgs::model::{
    Acceleration, Bsm, Message, MotionConfidence, Participant, ParticipantType, PathHistory, PathHistoryPoint,
    Position, PositionConfidence, Rsm, SafetyExt, Source, StationId, Transmission, VehicleClass, VehicleSize,
};
use v2x_msgs::{Profile, decode, encode, json, wire_json};

const PROFILE: Profile = Profile::Csae53_2020;
const ROUNDS: usize = 15;
const MESSAGES_A_ROUND: u32 = 400;

fn main() {
    println!(
        "{:<24} {:>6} {:>10} {:>10} {:>12} {:>12}",
        "message", "octets", "decode ns", "encode ns", "to JSON ns", "wire JSON ns"
    );
    for (name, message) in [("BSM", bsm()), ("RSM, 16 participants", rsm())] {
        let bytes = encode(&message, PROFILE).unwrap();
        let decoding = median_ns(|| drop(black_box(decode(black_box(&bytes), PROFILE).unwrap())));
        let encoding = median_ns(|| drop(black_box(encode(black_box(&message), PROFILE).unwrap())));
        let telling = median_ns(|| drop(black_box(json::to_json(black_box(&message)).unwrap())));
        let wire = median_ns(|| drop(black_box(wire_json::decode(black_box(&bytes), PROFILE).unwrap())));
        println!("{name:<24} {:>6} {decoding:>10.0} {encoding:>10.0} {telling:>12.0} {wire:>12.0}", bytes.len());
    }
}

fn median_ns(mut work: impl FnMut()) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..MESSAGES_A_ROUND).for_each(|_| work());
            start.elapsed().as_nanos() as f64 / f64::from(MESSAGES_A_ROUND)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn here(number: u16) -> Position {
    let metres = f64::from(number) * 7.0;
    Position::with_elevation(31.284_156 + metres * 9e-6, 121.503_21 - metres * 1e-5, 4.2)
}

fn bsm() -> Message {
    let point =
        |n| PathHistoryPoint { pos: here(n), time_offset_s: Some(f64::from(n) * 0.5), ..PathHistoryPoint::default() };
    let path = PathHistory { crumb_data: (1..6).map(point).collect(), ..PathHistory::default() };
    let bsm = Bsm {
        msg_cnt: 84,
        id: StationId([1, 2, 3, 4, 5, 6, 7, 8]),
        sec_mark_ms: Some(31_700),
        transmission: Some(Transmission::ForwardGears),
        speed_mps: Some(11.8),
        heading_deg: Some(87.5),
        angle_deg: Some(3.0),
        accel_set: Acceleration { long_mps2: Some(0.4), lat_mps2: Some(-0.1), vert_mps2: None, yaw_dps: 1.2 },
        size: VehicleSize { width_m: Some(1.8), length_m: Some(4.6), height_m: Some(1.5) },
        vehicle_class: VehicleClass { classification: VehicleClass::PASSENGER, fuel_type: None },
        safety_ext: Some(SafetyExt { path_history: Some(path), ..SafetyExt::default() }),
        ..Bsm::default()
    };
    Message::Bsm(bsm.at(here(0)))
}

fn rsm() -> Message {
    let participant = |ptc_id| {
        let seen = Participant {
            ptc_type: ParticipantType::Motor,
            ptc_id,
            source: Source::Integrated,
            sec_mark_ms: Some(31_700),
            pos_confidence: PositionConfidence { pos_m: Some(0.4), elevation_m: None },
            speed_mps: Some(f64::from(ptc_id) * 1.1),
            heading_deg: Some(f64::from(ptc_id) * 20.0),
            motion_cfd: Some(MotionConfidence { speed_mps: Some(0.3), heading_deg: Some(2.0), steer_deg: None }),
            accel_set: Some(Acceleration { long_mps2: Some(0.4), lat_mps2: None, vert_mps2: None, yaw_dps: 0.0 }),
            size: VehicleSize { width_m: Some(1.8), length_m: Some(4.6), height_m: Some(1.5) },
            vehicle_class: Some(VehicleClass { classification: VehicleClass::PASSENGER, fuel_type: None }),
            ..Participant::default()
        };
        seen.at(here(ptc_id))
    };
    let id = StationId::from_name("x01").unwrap();
    Message::Rsm(Rsm { msg_cnt: 84, id, ref_pos: Some(here(0)), participants: (1..=16).map(participant).collect() })
}
