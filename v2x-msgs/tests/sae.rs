//! SAE J2735 and J3224 through the model: real messages of third parties settle, our own come back.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use v2x_msgs::{Message, Profile, decode, encode, hex, json, wire_json};

const SAE: Profile = Profile::J2735_2024;

/// Whole messages of the set that the model knows; none when there is no `../shared` beside the checkout.
fn vectors() -> Option<Vec<Value>> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/v2x_open.jsonl");
    let Ok(text) = fs::read_to_string(file) else {
        println!("skipped: no ../shared");
        return None;
    };
    let vectors = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let known = ["BSM", "MAP", "SPAT", "SDSM", "PSM", "TIM", "RTCM", "SRM", "SSM", "EVA", "ICA", "CSR", "RSM"];
    let ours = |v: &Value| {
        v["type"] == "MessageFrame"
            && ["SAE J2735", "SAE J3224", "SAE J2945/4"].iter().any(|s| v["standard"] == *s)
            && known.iter().any(|name| v["message"] == *name)
            && v["category"] != "malformed"
    };
    Some(vectors.filter(ours).collect())
}

fn bytes_of(vector: &Value) -> Vec<u8> {
    hex::from_hex(vector["hex"].as_str().unwrap()).unwrap()
}

#[test]
fn every_vector_goes_through_the_model_and_settles() {
    let Some(vectors) = vectors() else { return };
    let mut settled = BTreeMap::<&str, u32>::new();
    for vector in &vectors {
        let bytes = bytes_of(vector);
        let message = decode(&bytes, SAE).unwrap_or_else(|e| panic!("{e}: {vector}"));
        let again = encode(&message, SAE).unwrap_or_else(|e| panic!("{e}: {vector}"));
        wire_json::decode(&again, SAE).unwrap_or_else(|e| panic!("{e}: {vector}"));
        assert_eq!(decode(&again, SAE).as_ref(), Ok(&message), "{vector}");
        let value = json::to_json(&message).unwrap();
        assert_eq!(json::from_json(&value).as_ref(), Ok(&message), "{vector}");
        *settled.entry(message.kind().name()).or_default() += 1;
    }
    let enough = [("bsm", 20), ("map", 16), ("spat", 15), ("rsm", 5), ("psm", 1), ("rsi", 7)];
    for (kind, least) in enough {
        assert!(settled.get(kind).is_some_and(|count| *count >= least), "{settled:?}");
    }
}

/// What the model says is what the vector says, in the fields that tell most.
#[test]
fn the_model_has_the_values_of_the_vectors() {
    let Some(vectors) = vectors() else { return };
    let near = |a: Option<f64>, raw: &Value, scale: f64| {
        let raw = raw.as_f64().unwrap() * scale;
        a.is_none_or(|a| (a - raw).abs() < 1e-9)
    };
    for vector in &vectors {
        let wire = &vector["expected"]["value"]["value"];
        match decode(&bytes_of(vector), SAE).unwrap() {
            Message::Bsm(bsm) => {
                let core = &wire["coreData"];
                assert_eq!(bsm.msg_cnt, core["msgCnt"].as_u64().unwrap() as u8);
                assert!(near(bsm.lat_deg, &core["lat"], 1e-7) && near(bsm.lon_deg, &core["long"], 1e-7));
                assert!(near(bsm.speed_mps, &core["speed"], 0.02) && near(bsm.heading_deg, &core["heading"], 0.0125));
            }
            Message::Map(map) => {
                let crossings = wire["intersections"].as_array().map_or(0, Vec::len);
                let lanes: usize = wire["intersections"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|crossing| crossing["laneSet"].as_array().unwrap().len())
                    .sum();
                let drawn: usize = map.nodes.iter().flat_map(|n| &n.in_links).map(|link| link.lanes.len()).sum();
                assert_eq!(drawn, lanes);
                assert!(map.nodes.len() >= crossings);
            }
            Message::Spat(spat) => {
                let states = wire["intersections"].as_array().unwrap();
                assert_eq!(spat.intersections.len(), states.len());
                for (state, wire) in spat.intersections.iter().zip(states) {
                    assert_eq!(state.phases.len(), wire["states"].as_array().unwrap().len());
                }
            }
            Message::Rsm(rsm) => assert_eq!(rsm.participants.len(), wire["objects"].as_array().unwrap().len()),
            Message::Psm(psm) => assert!(near(psm.speed_mps, &wire["speed"], 0.02)),
            Message::Rsi(rsi) => {
                assert_eq!(rsi.rtes.len() + rsi.rtss.len(), wire["dataFrames"].as_array().unwrap().len());
                assert!(rsi.rtes.iter().all(|rte| !rte.itis.is_empty()));
            }
            Message::Rtcm(rtcm) => assert_eq!(rtcm.corrections.len(), wire["msgs"].as_array().unwrap().len()),
            Message::Srm(srm) => {
                let requests = wire["requests"].as_array().map_or(0, Vec::len);
                assert_eq!(srm.requests.len(), requests);
                assert_eq!(srm.sec_mark_ms, wire["second"].as_u64().map(|ms| ms as u16).filter(|ms| *ms < 61_000));
            }
            Message::SignalStatus(ssm) => assert_eq!(ssm.status.len(), wire["status"].as_array().unwrap().len()),
            Message::RoadSafety(rsm) => {
                let event = &wire["commonContainer"]["eventInfo"];
                assert_eq!(u64::from(rsm.cause_code), event["causeCode"].as_u64().unwrap());
                assert_eq!(rsm.start.year.map(u64::from), event["startDateTime"]["year"].as_u64());
                assert_eq!(rsm.content.len(), wire["content"].as_array().unwrap().len());
            }
            other => panic!("no such vector was known: {other:?}"),
        }
    }
}

#[test]
fn a_message_cut_anywhere_or_with_an_octet_more_is_refused() {
    let Some(vectors) = vectors() else { return };
    for vector in vectors.iter().step_by(7) {
        let bytes = bytes_of(vector);
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length], SAE).is_err(), "{length} octets of {vector}");
        }
        assert!(decode(&[bytes.as_slice(), &[0]].concat(), SAE).is_err());
    }
}

/// The next of a row of numbers that look like chance (splitmix64).
fn chance(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[test]
fn whatever_the_reader_takes_the_writer_makes_again_and_it_settles() {
    let (mut taken, mut refused) = (0, 0);
    for seed in 0..3_000_u64 {
        let mut state = seed;
        let value = wire_json::sample(SAE, &mut || chance(&mut state));
        let Ok(bytes) = wire_json::encode(&value, SAE) else { continue };
        let Ok(message) = decode(&bytes, SAE) else {
            refused += 1;
            continue;
        };
        taken += 1;
        let again = encode(&message, SAE).unwrap_or_else(|e| panic!("seed {seed}: {e}: {message:?}"));
        let settled = decode(&again, SAE).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        assert_eq!(settled, message, "seed {seed}");
    }
    assert!(taken > 50, "{taken} taken, {refused} refused");
}
