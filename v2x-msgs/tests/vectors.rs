//! The public vectors of `../shared/vectors`: real messages of third parties, synthetic ones on which five codecs agree,
//! ones with extension additions that we do not know, and malformed ones.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use v2x_msgs::wire_json::WireType;
use v2x_msgs::{DecodeError, Profile, decode, encode, hex, wire_json};

const PROFILE: Profile = Profile::Csae53_2020;

/// The vectors; none when there is no `../shared` beside the checkout.
fn vectors() -> Option<Vec<Value>> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/v2x_open.jsonl");
    let Ok(text) = fs::read_to_string(file) else {
        println!("skipped: no ../shared");
        return None;
    };
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn is_ours(vector: &Value) -> bool {
    vector["standard"] == "T/CSAE 53"
}

fn bytes_of(vector: &Value) -> Vec<u8> {
    hex::from_hex(vector["hex"].as_str().unwrap()).unwrap()
}

fn is_of_a_newer_edition(vector: &Value) -> bool {
    vector["category"] == "unknown_extension"
}

/// The type that the bytes of a vector are of; none for standards that we do not have.
fn type_of(vector: &Value) -> Option<WireType> {
    let profile = match vector["standard"].as_str().unwrap() {
        "T/CSAE 53" => Profile::Csae53_2020,
        "SAE J2735" | "SAE J3224" | "SAE J2945/4" => Profile::J2735_2024,
        _ => return None,
    };
    Some(WireType::named(vector["type"].as_str().unwrap(), profile).unwrap())
}

#[test]
fn every_vector_of_our_standards_decodes_to_its_values_and_encodes_to_its_bytes() {
    let Some(vectors) = vectors() else { return };
    let (mut same_edition, mut newer) = (0, 0);
    for vector in vectors.iter().filter(|v| v["category"] != "malformed") {
        let Some(wire) = type_of(vector) else { continue };
        let bytes = bytes_of(vector);
        let value = wire.decode(&bytes).unwrap_or_else(|e| panic!("{e}: {vector}"));
        assert_eq!(value, vector["expected"], "{vector}");
        let again = wire.encode(&value).unwrap();
        if is_of_a_newer_edition(vector) {
            newer += 1;
            // What we do not know is left out: shorter, and the same values.
            assert!(again.len() < bytes.len());
            assert_eq!(wire.decode(&again).unwrap(), value);
        } else {
            same_edition += 1;
            assert_eq!(hex::to_hex(&again), hex::to_hex(&bytes));
        }
    }
    assert!(same_edition >= 194 && newer >= 10, "{same_edition} of our edition, {newer} of newer ones");
}

#[test]
fn every_malformed_vector_is_refused_with_the_way_to_its_field() {
    let Some(vectors) = vectors() else { return };
    let mut refused = 0;
    for vector in vectors.iter().filter(|v| v["category"] == "malformed") {
        let Some(wire) = type_of(vector) else { continue };
        let error = wire.decode(&bytes_of(vector)).expect_err("it is malformed");
        let field = match &error {
            DecodeError::Truncated { field, .. } | DecodeError::Malformed { field, .. } => field,
            other => panic!("{other}: {vector}"),
        };
        assert!(field.contains('.') || vector["type"] != "MessageFrame", "{error}: {vector}");
        refused += 1;
    }
    assert!(refused >= 13, "{refused}");
}

#[test]
fn every_vector_of_our_standard_goes_through_the_model_and_settles() {
    let Some(vectors) = vectors() else { return };
    for vector in vectors.iter().filter(|v| is_ours(v) && v["category"] != "malformed") {
        let bytes = bytes_of(vector);
        // Random synthetic values may put a point beyond a pole, which the model refuses; real ones do not.
        let message = match decode(&bytes, PROFILE) {
            Ok(message) => message,
            Err(error) => {
                assert!(vector["synthetic"] == true && error.to_string().contains("position"), "{error}: {vector}");
                continue;
            }
        };
        let again = encode(&message, PROFILE).unwrap_or_else(|e| panic!("{e}: {vector}"));
        assert_eq!(decode(&again, PROFILE).as_ref(), Ok(&message), "{vector}");
        let json = v2x_msgs::json::to_json(&message).unwrap();
        assert_eq!(v2x_msgs::json::from_json(&json).as_ref(), Ok(&message), "{vector}");
    }
}

/// Vectors of other standards and malformed ones are foreign bytes to us: any answer but a panic, and what is accepted
/// must encode again.
#[test]
fn foreign_and_malformed_vectors_are_refused_or_understood_but_never_fatal() {
    let Some(vectors) = vectors() else { return };
    let mut refused = 0;
    for vector in vectors.iter().filter(|v| !is_ours(v) || v["category"] == "malformed") {
        match wire_json::decode(&bytes_of(vector), PROFILE) {
            Err(_) => refused += 1,
            Ok(value) => {
                let again = wire_json::encode(&value, PROFILE).unwrap();
                assert_eq!(wire_json::decode(&again, PROFILE).unwrap(), value);
            }
        }
    }
    assert!(refused > 150, "{refused}");
}

#[test]
fn a_message_cut_anywhere_is_refused() {
    let Some(vectors) = vectors() else { return };
    for vector in vectors.iter().filter(|v| is_ours(v) && v["category"] != "malformed") {
        let bytes = bytes_of(vector);
        for length in 0..bytes.len() {
            assert!(wire_json::decode(&bytes[..length], PROFILE).is_err(), "{length} octets of {vector}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(wire_json::decode(&longer, PROFILE).is_err(), "one octet more than {vector}");
    }
}

#[test]
fn spans_cover_a_message_in_order_and_tell_its_values() {
    let Some(vectors) = vectors() else { return };
    for vector in vectors.iter().filter(|v| is_ours(v) && v["category"] != "malformed") {
        let bytes = bytes_of(vector);
        let spans = wire_json::spans(&bytes, PROFILE).unwrap();
        let whole = &spans[0];
        assert!(spans.iter().all(|span| span.bit >= whole.bit && span.bit + span.bits <= bytes.len() * 8));
        assert!(spans.windows(2).all(|two| two[0].bit <= two[1].bit));
        let count = spans.iter().find(|span| span.path.ends_with(".msgCnt")).unwrap();
        let kind = vector["expected"]["choice"].as_str().unwrap();
        assert_eq!(count.path, format!("{kind}.msgCnt"));
        assert_eq!(count.bits, 7);
        assert_eq!(count.value.as_deref(), Some(vector["expected"]["value"]["msgCnt"].to_string().as_str()));
    }
}

/// What this edition does not know is not lost to whoever looks at the bits.
#[test]
fn unknown_additions_are_among_the_spans_with_their_octets() {
    let Some(vectors) = vectors() else { return };
    let mut found = 0;
    for vector in vectors.iter().filter(|v| is_of_a_newer_edition(v)) {
        let Some(wire) = type_of(vector) else { continue };
        let bytes = hex::from_hex(vector["hex"].as_str().unwrap()).unwrap();
        let spans = wire.spans(&bytes).unwrap();
        for span in spans.iter().filter(|span| span.path.contains("._unk_")) {
            let octets = hex::from_hex(span.value.as_ref().unwrap()).unwrap();
            // A length of one or two octets stands in front.
            assert!([8, 16].contains(&(span.bits - 8 * octets.len())), "{span:?}");
            found += 1;
        }
    }
    assert!(found >= 10, "{found} unknown additions");
}
