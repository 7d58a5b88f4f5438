//! Pairs of wire-level JSON and bytes, one of every message of every profile: `golden/PROFILE/TYPE.json` and `.hex`.
//! `tests/tests/messages_rasn.rs` has an independent codec read the bytes.
//!
//! After a wanted change: `UPDATE_GOLDEN=1 cargo test -p v2x-msgs --test golden_wire`, then look at the difference.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use v2x_msgs::wire_json::{self, MessageType};
use v2x_msgs::{Profile, hex, schema};

fn folder(profile: Profile) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(profile.name())
}

fn updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

/// The type of the content of a message, from its JSON.
fn is_a(value: &Value, message: &MessageType) -> bool {
    match message.alternative {
        Some(alternative) => value["choice"] == alternative,
        None => {
            let ext = if value["choice"] == "msgFrameExt" { &value["value"] } else { value };
            ext["messageId"] == message.number && ext["value"]["choice"] == message.name
        }
    }
}

#[test]
fn every_message_of_every_profile_has_a_pair_that_agrees() {
    for profile in Profile::ALL {
        for message in wire_json::messages(profile) {
            let file = folder(profile).join(message.name).with_extension("json");
            let name = file.display();
            let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
            let value: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(is_a(&value, &message), "{name} is another message");
            let bytes = wire_json::encode(&value, profile).unwrap_or_else(|e| panic!("{name}: {e}"));
            let pair = file.with_extension("hex");
            if updating() {
                fs::write(&pair, hex::to_hex(&bytes) + "\n").unwrap();
            }
            assert_eq!(hex::to_hex(&bytes) + "\n", fs::read_to_string(&pair).unwrap(), "{name}");
            assert_eq!(wire_json::decode(&bytes, profile).unwrap(), value, "{name}");
        }
    }
}

#[test]
fn a_pair_cut_anywhere_is_refused() {
    for profile in Profile::ALL {
        for message in wire_json::messages(profile) {
            let file = folder(profile).join(message.name).with_extension("hex");
            let bytes = hex::from_hex(fs::read_to_string(&file).unwrap().trim()).unwrap();
            for length in 0..bytes.len() {
                assert!(wire_json::decode(&bytes[..length], profile).is_err(), "{length} octets of {}", file.display());
            }
        }
    }
}

/// After a wanted change: `UPDATE_GOLDEN=1 cargo test -p v2x-msgs --test golden_wire`.
#[test]
fn the_json_schemas_in_the_repository_are_those_of_the_code() {
    for profile in Profile::ALL {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(format!("{profile}.json"));
        let text = serde_json::to_string_pretty(&schema::wire(profile)).unwrap() + "\n";
        if updating() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &text).unwrap();
        }
        assert!(fs::read_to_string(&file).unwrap() == text, "{} is not current", file.display());
    }
}
