//! The JSON Schemas, held against a validator that knows nothing of us: what the codec takes they take, what it refuses
//! they refuse.
//!
//! After a wanted change of a message in SI units: `UPDATE_GOLDEN=1 cargo test -p v2x-msgs --features schema --test
//! json_schema`.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;
use v2x_msgs::wire_json::{self, MessageType, WireType};
use v2x_msgs::{Profile, decode, json};

/// Random messages of each type.
const SAMPLES: u64 = 200;

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The schema in a file of the repository, made ready.
fn schema(name: &str) -> Validator {
    let text = fs::read_to_string(here().join("schema").join(name).with_extension("json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::meta::validate(&schema).unwrap_or_else(|e| panic!("{name}: {e}"));
    jsonschema::validator_for(&schema).unwrap()
}

fn golden(profile: Profile, message: &MessageType) -> Value {
    let file = here().join("golden").join(profile.name()).join(message.name).with_extension("json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Random numbers from a seed (SplitMix64, Steele et al. 2014).
fn drawing(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A random message of a type, in its frame.
fn sampled(seed: u64, profile: Profile, message: &MessageType) -> Value {
    let content = WireType::named(message.name, profile).unwrap().sample(&mut drawing(seed));
    let numbered =
        serde_json::json!({ "messageId": message.number, "value": { "choice": message.name, "value": content } });
    match message.alternative {
        Some(alternative) => serde_json::json!({ "choice": alternative, "value": content }),
        None if profile == Profile::J2735_2024 => numbered,
        None => serde_json::json!({ "choice": "msgFrameExt", "value": numbered }),
    }
}

fn assert_valid(schema: &Validator, value: &Value, what: &str) {
    let faults: Vec<String> =
        schema.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{what}: {}\n{value:#}", faults.join("; "));
}

/// Every document that is one change away: a part of a wrong type, a number out of every range, an unknown key, a
/// missing key.
fn changed(value: &Value) -> Vec<(String, Value)> {
    // The reader of SI units takes a list for an object, as serde does: its parts in their order.
    let mut all = match value {
        Value::Object(_) | Value::Array(_) => vec![(" is a word".to_owned(), serde_json::json!("dragon"))],
        _ => vec![(" is a list of lists".to_owned(), serde_json::json!([[]]))],
    };
    match value {
        Value::Object(object) => {
            let mut more = object.clone();
            more.insert("dragon".to_owned(), serde_json::json!(1));
            all.push((" has an unknown key".to_owned(), Value::Object(more)));
            for (key, part) in object {
                let mut fewer = object.clone();
                fewer.remove(key);
                all.push((format!(" lacks {key}"), Value::Object(fewer)));
                for (what, part) in changed(part) {
                    let mut other = object.clone();
                    other.insert(key.clone(), part);
                    all.push((format!(".{key}{what}"), Value::Object(other)));
                }
            }
        }
        Value::Array(list) => {
            for (index, part) in list.iter().enumerate() {
                for (what, part) in changed(part) {
                    let mut other = list.clone();
                    other[index] = part;
                    all.push((format!("[{index}]{what}"), Value::Array(other)));
                }
            }
        }
        Value::Number(_) => {
            all.extend([i64::MIN, i64::MAX].map(|far| (format!(" is {far}"), serde_json::json!(far))));
            all.extend([serde_json::json!(1.5), serde_json::json!("1")].map(|other| (format!(" is {other}"), other)));
        }
        Value::String(_) => all.push((" is another word".to_owned(), serde_json::json!("dragon \u{9f8d}"))),
        Value::Bool(_) | Value::Null => all.push((" is a number".to_owned(), serde_json::json!(1))),
    }
    all
}

#[test]
fn the_schemas_take_every_golden_message_and_200_random_ones_of_each_type() {
    for profile in Profile::ALL {
        let schema = schema(profile.name());
        for message in wire_json::messages(profile) {
            let what = format!("{} of {profile}", message.name);
            assert_valid(&schema, &golden(profile, &message), &what);
            for seed in 0..SAMPLES {
                assert_valid(&schema, &sampled(seed, profile, &message), &format!("{what}, seed {seed}"));
            }
        }
    }
}

#[test]
fn the_schemas_refuse_what_the_codec_refuses_and_nothing_else() {
    for profile in Profile::ALL {
        let schema = schema(profile.name());
        for message in wire_json::messages(profile) {
            let mut refused = 0;
            for (what, value) in changed(&golden(profile, &message)) {
                let encoded = wire_json::encode(&value, profile);
                let takes = schema.is_valid(&value);
                assert_eq!(takes, encoded.is_ok(), "{} of {profile}{what}: {encoded:?}", message.name);
                refused += usize::from(!takes);
            }
            assert!(refused >= 8, "{} of {profile}: {refused}", message.name);
        }
    }
}

/// The golden messages in SI units.
fn golden_si() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for folder in ["csae", "csae157", "sae"].map(|name| here().join("golden").join(name)).iter().filter(|f| f.exists())
    {
        for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if file.extension().is_some_and(|e| e == "json") {
                let value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
                all.push((file.display().to_string(), value));
            }
        }
    }
    assert!(all.len() >= 15);
    all
}

#[test]
fn the_si_schema_takes_every_golden_message_and_the_random_ones_that_the_model_knows() {
    let schema = schema("si");
    for (file, value) in golden_si() {
        assert_valid(&schema, &value, &file);
    }
    let mut kinds = std::collections::BTreeSet::new();
    for profile in Profile::ALL {
        for message in wire_json::messages(profile) {
            for seed in 0..SAMPLES {
                let Ok(bytes) = wire_json::encode(&sampled(seed, profile, &message), profile) else { continue };
                let Ok(known) = decode(&bytes, profile) else { break };
                kinds.insert(known.kind());
                let what = format!("{} of {profile}, seed {seed}", message.name);
                assert_valid(&schema, &json::to_json(&known).unwrap(), &what);
            }
        }
    }
    assert!(kinds.len() >= 5, "{kinds:?}");
}

#[test]
fn the_si_schema_refuses_what_the_reader_refuses_and_nothing_else() {
    let schema = schema("si");
    for (file, value) in golden_si() {
        let mut refused = 0;
        for (what, value) in changed(&value) {
            let read = json::from_json(&value);
            let takes = schema.is_valid(&value);
            assert_eq!(takes, read.is_ok(), "{file}{what}: {read:?}");
            refused += usize::from(!takes);
        }
        assert!(refused >= 8, "{file}: {refused}");
    }
}

#[cfg(feature = "schema")]
#[test]
fn the_si_schema_in_the_repository_is_that_of_the_code() {
    let file = here().join("schema/si.json");
    let text = serde_json::to_string_pretty(&v2x_msgs::schema::si()).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, &text).unwrap();
    }
    assert!(fs::read_to_string(&file).unwrap() == text, "{} is not current", file.display());
}
