//! How long a BSM and an RSM of 16 participants take, each way, and how often they allocate.
//!
//! `cargo bench -p v2x-msgs --features peers --bench codec` prints two tables: the generated types by our runtime, by the
//! one that comes with asn1rs and by rasn, in one run on the same bytes; and messages of the model in SI units. Without the
//! feature only the second one. The figure is the fastest of the rounds, whose codecs take turns: what else runs on the
//! machine can only make a round slower.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use v2x_msgs::model::{
    Acceleration, Bsm, Message, MotionConfidence, Participant, ParticipantType, PathHistory, PathHistoryPoint,
    Position, PositionConfidence, Rsm, SafetyExt, Source, StationId, Transmission, VehicleClass, VehicleSize,
};
use v2x_msgs::{Profile, decode, encode, json, wire_json};

const PROFILE: Profile = Profile::Csae53_2020;
const ROUNDS: usize = 400;
const MESSAGES_A_ROUND: u32 = 50;

/// What is measured: its name, and the work on one message.
type Work<'a> = (&'static str, Box<dyn FnMut() + 'a>);

fn main() {
    let messages = [("BSM", bsm()), ("RSM, 16 participants", rsm())];
    #[cfg(feature = "peers")]
    peers::table(&messages);
    println!("{:<28} {:>6} {:>16} {:>10} {:>12}", "messages of the model", "octets", "", "ns", "allocations");
    for (name, message) in &messages {
        let bytes = encode(message, PROFILE).unwrap();
        let works: [Work; 4] = [
            ("decode", Box::new(|| drop(black_box(decode(black_box(&bytes), PROFILE).unwrap())))),
            ("encode", Box::new(|| drop(black_box(encode(black_box(message), PROFILE).unwrap())))),
            ("to SI JSON", Box::new(|| drop(black_box(json::to_json(black_box(message)).unwrap())))),
            ("to wire JSON", Box::new(|| drop(black_box(wire_json::decode(black_box(&bytes), PROFILE).unwrap())))),
        ];
        for (what, ns, allocations) in measured(works) {
            println!("{name:<28} {:>6} {what:>16} {ns:>10.0} {allocations:>12}", bytes.len());
        }
    }
}

/// Nanoseconds in the fastest round, and allocations, of each.
fn measured<const N: usize>(mut works: [Work; N]) -> [(&'static str, f64, u64); N] {
    let mut fastest = [f64::INFINITY; N];
    for _ in 0..ROUNDS {
        for ((_, work), fastest) in works.iter_mut().zip(&mut fastest) {
            let start = Instant::now();
            (0..MESSAGES_A_ROUND).for_each(|_| work());
            *fastest = fastest.min(start.elapsed().as_nanos() as f64 / f64::from(MESSAGES_A_ROUND));
        }
    }
    let mut fastest = fastest.into_iter();
    works.map(|(name, work)| (name, fastest.next().unwrap(), allocation_counter::measure(work).count_total))
}

/// Our runtime beside those of others, on the types of one schema.
#[cfg(feature = "peers")]
mod peers {
    use super::{Message, PROFILE, Work, black_box, encode, measured};
    use v2x_msgs::probe::Frame;

    #[allow(missing_docs, unused, clippy::all, non_camel_case_types)]
    mod rasn_types {
        include!(concat!(env!("OUT_DIR"), "/csae53_rasn.rs"));
    }
    use rasn_types::csae53::MessageFrame as RasnFrame;

    pub(super) fn table(messages: &[(&str, Message)]) {
        println!(
            "{:<28} {:>6} {:>16} {:>10} {:>12} {:>8}",
            "generated types", "octets", "", "ns", "allocations", "times"
        );
        for (name, message) in messages {
            let bytes = encode(message, PROFILE).unwrap();
            let ours = Frame::decode(&bytes).unwrap();
            let theirs: RasnFrame = rasn::uper::decode(&bytes).unwrap();
            assert_eq!(ours.encode().unwrap(), bytes);
            assert_eq!(Frame::decode_stock(&bytes).unwrap(), ours);
            assert_eq!(ours.encode_stock().unwrap(), bytes);
            assert_eq!(rasn::uper::encode(&theirs).unwrap(), bytes);
            let reading: [Work; 3] = [
                ("decode, ours", Box::new(|| drop(black_box(Frame::decode(black_box(&bytes)).unwrap())))),
                ("decode, asn1rs", Box::new(|| drop(black_box(Frame::decode_stock(black_box(&bytes)).unwrap())))),
                (
                    "decode, rasn",
                    Box::new(|| drop(black_box(rasn::uper::decode::<RasnFrame>(black_box(&bytes)).unwrap()))),
                ),
            ];
            let writing: [Work; 3] = [
                ("encode, ours", Box::new(|| drop(black_box(black_box(&ours).encode().unwrap())))),
                ("encode, asn1rs", Box::new(|| drop(black_box(black_box(&ours).encode_stock().unwrap())))),
                ("encode, rasn", Box::new(|| drop(black_box(rasn::uper::encode(black_box(&theirs)).unwrap())))),
            ];
            for works in [reading, writing] {
                let rows = measured(works);
                for (what, ns, allocations) in rows {
                    let times = ns / rows[0].1;
                    println!("{name:<28} {:>6} {what:>16} {ns:>10.0} {allocations:>12} {times:>8.1}", bytes.len());
                }
            }
        }
        println!(
            "asn1c -O2, another run on a machine of this kind: BSM of 86 octets 3034 and 1806, RSM of 474 octets 25037 and 15784\n"
        );
    }
}

fn here(number: u16) -> Position {
    let metres = f64::from(number) * 7.0;
    Position::with_elevation(31.284_156 + metres * 9e-6, 121.503_21 - metres * 1e-5, 4.2)
}

fn bsm() -> Message {
    let point =
        |n| PathHistoryPoint { pos: here(n), time_offset_s: Some(f64::from(n) * 0.5), ..PathHistoryPoint::default() };
    let path = PathHistory { crumb_data: (1..7).map(point).collect(), ..PathHistory::default() };
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
    Message::Rsm(Rsm {
        msg_cnt: 84,
        id,
        ref_pos: Some(here(0)),
        participants: (1..=16).map(participant).collect(),
        ..Rsm::default()
    })
}
