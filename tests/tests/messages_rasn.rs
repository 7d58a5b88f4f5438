//! What an independent codec reads in the bytes of our messages.

use std::collections::BTreeSet;
use std::fs;

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use tests::{oracle, root, vectors};
use v2x_msgs::{Profile, hex, wire_json};

const PROFILE: Profile = Profile::Csae53_2020;

fn digits(vector: &Value) -> &str {
    vector["hex"].as_str().expect("digits")
}

#[test]
fn an_independent_codec_reads_the_same_in_random_messages_and_makes_the_same_bytes() {
    let mut rng = ChaCha8Rng::seed_from_u64(53);
    let mut kinds = BTreeSet::new();
    for number in 0..1_500 {
        let value = wire_json::sample(PROFILE, &mut || rng.next_u64());
        let bytes = wire_json::encode(&value, PROFILE).expect("a sample is valid");
        let read = oracle::agrees(&bytes).unwrap_or_else(|e| panic!("sample {number}, {}: {e}", hex::to_hex(&bytes)));
        assert_eq!(read, value);
        kinds.insert(value["choice"].to_string());
    }
    assert_eq!(kinds.len(), 5);
}

#[test]
fn an_independent_codec_reads_the_same_in_the_public_vectors() {
    let Some(vectors) = vectors() else { return };
    for vector in vectors {
        let bytes = hex::from_hex(digits(&vector)).expect("digits");
        let read = oracle::agrees(&bytes).unwrap_or_else(|e| panic!("{e}: {vector}"));
        assert_eq!(read, vector["expected"]);
    }
}

#[test]
fn an_independent_codec_reads_the_same_in_our_golden_bytes() {
    let mut read = 0;
    for entry in fs::read_dir(root().join("v2x-msgs/golden/csae")).expect("our golden pairs") {
        let file = entry.expect("an entry").path();
        if file.extension().is_some_and(|e| e == "hex") {
            let bytes = hex::from_hex(&fs::read_to_string(&file).expect("readable")).expect("digits");
            oracle::agrees(&bytes).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            read += 1;
        }
    }
    assert!(read >= 5, "{read} golden pairs");
}

/// The oracle must be able to disagree, or its word is worth nothing.
#[test]
fn the_independent_codec_notices_a_difference() {
    let value = serde_json::json!({"choice": "rsiFrame", "value": {"msgCnt": 1, "bits": {"bits": "0110"}, "id": {"hex": "0a"}}});
    let theirs = serde_json::json!({"rsiFrame": {"msgCnt": 1, "bits": {"value": "60", "length": 4}, "id": "0A"}});
    assert_eq!(oracle::same(&value, &theirs, ""), Ok(()));
    for (from, to) in [("1", "2"), ("60", "70"), ("0A", "0B"), ("rsiFrame", "rsmFrame"), ("4", "5")] {
        let other = serde_json::from_str(&theirs.to_string().replacen(from, to, 1)).expect("JSON");
        assert!(oracle::same(&value, &other, "").is_err(), "{other}");
    }
}
