//! A message of T/CSAE 53-2020 is never taken for another one of YD/T 3709-2020, nor the other way.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use v2x_msgs::wire_json::{self, FRAME, WireType};
use v2x_msgs::{Profile, decode, hex};

/// Random maps of each edition.
const MAPS: u64 = 3_000;

const EDITIONS: [(Profile, Profile); 4] = [
    (Profile::Csae53_2020, Profile::Ydt3709_2020),
    (Profile::Csae157_2020, Profile::Ydt3709_2020),
    (Profile::Ydt3709_2020, Profile::Csae53_2020),
    (Profile::Ydt3709_2020, Profile::Csae157_2020),
];

/// Random numbers from a seed (SplitMix64, Steele et al. 2014).
fn drawing(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The bytes of a random map, made without asking what else they are.
fn random_map(profile: Profile, seed: u64) -> Vec<u8> {
    let map = WireType::named("MapData", profile).unwrap().sample(&mut drawing(seed));
    let frame = json!({ "choice": "mapFrame", "value": map });
    WireType::named(FRAME, profile).unwrap().encode(&frame).unwrap()
}

fn is_refused(bytes: &[u8], other: Profile) {
    assert!(wire_json::decode(bytes, other).is_err(), "{other} takes {}", hex::to_hex(bytes));
    assert!(decode(bytes, other).is_err(), "{other} takes {}", hex::to_hex(bytes));
}

fn read(bytes: &[u8], profile: Profile) -> Option<Value> {
    WireType::named(FRAME, profile).unwrap().decode(bytes).ok()
}

fn has_roads(frame: &Value) -> bool {
    frame["value"]["nodes"].as_array().unwrap().iter().any(|node| !node["inLinks"].is_null())
}

#[test]
fn no_random_map_with_a_road_is_accepted_in_another_edition() {
    for (profile, other) in EDITIONS {
        let (mut with_roads, mut two_meanings) = (0, 0);
        for seed in 0..MAPS {
            let bytes = random_map(profile, seed);
            if has_roads(&read(&bytes, profile).unwrap()) {
                with_roads += 1;
                is_refused(&bytes, other);
            } else if let Some(theirs) = read(&bytes, other) {
                // One node and nothing else: T/CSAE 53 is what it is taken for.
                two_meanings += 1;
                assert!(!has_roads(&theirs));
                assert!(wire_json::decode(&bytes, Profile::Csae53_2020).is_ok());
                is_refused(&bytes, Profile::Ydt3709_2020);
            }
        }
        println!(
            "{profile} read as {other}: {two_meanings} of {MAPS} have both meanings, none of {with_roads} with roads"
        );
        assert!(with_roads * 3 > MAPS, "{with_roads}");
        assert!(two_meanings * 50 < MAPS, "{two_meanings}");
    }
}

#[test]
fn no_map_of_ours_or_of_others_is_accepted_in_another_edition() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    for (profile, other) in EDITIONS {
        let text = fs::read_to_string(golden.join(profile.name()).join("MapData.hex")).unwrap();
        is_refused(&hex::from_hex(text.trim()).unwrap(), other);
    }
    let Ok(text) = fs::read_to_string(golden.join("../../../shared/vectors/v2x_open.jsonl")) else {
        println!("skipped: no ../shared");
        return;
    };
    let vectors = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    for vector in vectors.filter(|v| v["standard"] == "T/CSAE 53" && v["message"] == "MAP") {
        let bytes = hex::from_hex(vector["hex"].as_str().unwrap()).unwrap();
        if has_roads(&vector["expected"]) {
            is_refused(&bytes, Profile::Ydt3709_2020);
        }
        assert!(wire_json::decode(&bytes, Profile::Csae53_2020).is_ok());
    }
}

#[test]
fn a_map_with_two_meanings_is_neither_taken_nor_made_in_yd_t_3709() {
    let two = |bytes: &Vec<u8>| read(bytes, Profile::Csae53_2020).is_some();
    let bytes = (0..2_000).map(|seed| random_map(Profile::Ydt3709_2020, seed)).find(two).unwrap();
    let value = read(&bytes, Profile::Ydt3709_2020).unwrap();
    let error = wire_json::decode(&bytes, Profile::Ydt3709_2020).unwrap_err().to_string();
    assert!(error.contains("mapFrame: the bits are a MAP of csae53-2020 too"), "{error}");
    let error = wire_json::encode(&value, Profile::Ydt3709_2020).unwrap_err().to_string();
    assert!(error.contains("mapFrame: a receiver could take the bytes for a message of csae53-2020"), "{error}");
}

/// RSI with paths, and BSM with the start of a path history: accepted in another edition only when they mean the same there.
#[test]
fn no_random_rsi_or_bsm_is_accepted_in_another_edition_with_another_meaning() {
    for (kind, alternative) in [("RoadSideInformation", "rsiFrame"), ("BasicSafetyMessage", "bsmFrame")] {
        for (profile, other) in EDITIONS {
            let (mut same, mut doubtful) = (0, 0);
            for seed in 0..MAPS {
                let value = WireType::named(kind, profile).unwrap().sample(&mut drawing(seed));
                let frame = json!({ "choice": alternative, "value": value });
                let bytes = WireType::named(FRAME, profile).unwrap().encode(&frame).unwrap();
                match read(&bytes, other) {
                    Some(theirs) if theirs == frame => {
                        same += 1;
                        assert_eq!(wire_json::decode(&bytes, profile).unwrap(), frame);
                    }
                    Some(_) => {
                        doubtful += 1;
                        is_refused(&bytes, other);
                        is_refused(&bytes, profile);
                        let error = wire_json::encode(&frame, profile).unwrap_err().to_string();
                        assert!(error.contains(alternative) && error.contains("a receiver could take"), "{error}");
                    }
                    None => assert_eq!(wire_json::decode(&bytes, profile).unwrap(), frame),
                }
            }
            println!("{kind} of {profile} read as {other}: {same} of {MAPS} the same, {doubtful} another one");
            assert!(same > 0 && doubtful * 50 < MAPS, "{kind}: {same} the same, {doubtful} another one");
        }
    }
}

#[test]
fn messages_without_the_seven_types_are_the_same_in_both() {
    for kind in ["RoadsideSafetyMessage", "SPAT"] {
        let alternative = if kind == "SPAT" { "spatFrame" } else { "rsmFrame" };
        for seed in 0..500 {
            let value = WireType::named(kind, Profile::Csae53_2020).unwrap().sample(&mut drawing(seed));
            let frame = json!({ "choice": alternative, "value": value });
            let bytes = wire_json::encode(&frame, Profile::Csae53_2020).unwrap();
            assert_eq!(wire_json::decode(&bytes, Profile::Ydt3709_2020).unwrap(), frame);
        }
    }
}
