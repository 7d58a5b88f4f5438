//! The table of what is covered, in `docs/messages.md`: made of what the code does with the golden pairs, not of what
//! somebody believes.
//!
//! After a wanted change: `UPDATE_GOLDEN=1 cargo test -p v2x-msgs --test coverage`.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use v2x_msgs::{Profile, decode, hex, wire_json};

const BEGIN: &str = "<!-- coverage: written by v2x-msgs/tests/coverage.rs -->\n";
const END: &str = "<!-- end of coverage -->\n";

/// Whole messages made by somebody else that are tests here (`tests/vectors.rs`), by profile and message; of CLPMM there is
/// one, which is public but not among them. Every other type is judged by our own bytes alone, which `rasn` reads as we do.
const THIRD_PARTIES: [(&str, &str, u64); 15] = [
    ("csae53-2020", "BasicSafetyMessage", 3),
    ("csae53-2020", "RoadsideSafetyMessage", 1),
    ("csae53-2020", "SPAT", 3),
    ("csae157-2020", "CLPMM", 1),
    ("j2735-2024", "BasicSafetyMessage", 100),
    ("j2735-2024", "MapData", 16),
    ("j2735-2024", "PersonalSafetyMessage", 1),
    ("j2735-2024", "ProbeDataConfigMessage", 1),
    ("j2735-2024", "RTCMcorrections", 1),
    ("j2735-2024", "RoadSafetyMessage", 4),
    ("j2735-2024", "SPAT", 15),
    ("j2735-2024", "SensorDataSharingMessage", 5),
    ("j2735-2024", "SignalRequestMessage", 2),
    ("j2735-2024", "SignalStatusMessage", 5),
    ("j2735-2024", "TravelerInformation", 7),
];

fn third_parties(profile: Profile, name: &str) -> u64 {
    let found = THIRD_PARTIES.iter().find(|(of, message, _)| *of == profile.name() && *message == name);
    found.map_or(0, |(_, _, count)| *count)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// One line a message: what each part of the crate makes of its golden pair.
fn table() -> String {
    let mut table = String::from(
        "| profile | message | number | wire JSON | model | second codec | third-party messages | status |\n",
    );
    table.push_str("|---|---|---|---|---|---|---|---|\n");
    for profile in Profile::ALL {
        for message in wire_json::messages(profile) {
            let folder = root().join("v2x-msgs/golden").join(profile.name());
            let bytes = fs::read_to_string(folder.join(message.name).with_extension("hex")).unwrap();
            let bytes = hex::from_hex(bytes.trim()).unwrap();
            let wire = if wire_json::decode(&bytes, profile).is_ok() { "both ways" } else { "no" };
            let model = match decode(&bytes, profile) {
                Ok(message) => message.kind().name().to_uppercase(),
                Err(_) => "–".to_owned(),
            };
            let number = message.alternative.map_or_else(|| message.number.to_string(), str::to_owned);
            let status = if message.experimental { "experimental: not seen on air" } else { "" };
            let name = message.name;
            let seen = match third_parties(profile, name) {
                0 => "–".to_owned(),
                count => count.to_string(),
            };
            writeln!(table, "| {profile} | {name} | {number} | {wire} | {model} | rasn | {seen} | {status} |").unwrap();
        }
    }
    table
}

#[test]
fn the_table_in_the_documentation_is_what_the_code_does() {
    let file = root().join("docs/messages.md");
    let text = fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let current = format!("{before}{BEGIN}{}{END}{after}", table());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, &current).unwrap();
    } else {
        assert!(text == current, "docs/messages.md is stale: UPDATE_GOLDEN=1 cargo test -p v2x-msgs --test coverage");
    }
}

#[test]
#[allow(clippy::print_stdout)]
fn the_third_parties_messages_of_the_table_are_those_of_the_tests() {
    let Ok(text) = fs::read_to_string(root().join("../shared/vectors/v2x_open.jsonl")) else {
        println!("skipped: no ../shared");
        return;
    };
    let mut counts = BTreeMap::<(&str, String), u64>::new();
    for vector in text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let whole = vector["type"] == "MessageFrame" && vector["category"].is_null();
        if !whole || vector["synthetic"] != false {
            continue;
        }
        let frame = &vector["expected"];
        let (profile, alternative) = match vector["standard"].as_str() {
            Some("T/CSAE 53") => (Profile::Csae53_2020, &frame["choice"]),
            Some("SAE J2735" | "SAE J3224" | "SAE J2945/4") => (Profile::J2735_2024, &frame["value"]["choice"]),
            _ => continue,
        };
        let alternative = alternative.as_str().unwrap();
        let mut known = wire_json::messages(profile).into_iter();
        let message = known.find(|message| message.alternative == Some(alternative) || message.name == alternative);
        *counts.entry((profile.name(), message.unwrap().name.to_owned())).or_default() += 1;
    }
    let said = THIRD_PARTIES.iter().filter(|(_, name, _)| *name != "CLPMM");
    let said: BTreeMap<(&str, String), u64> =
        said.map(|(profile, name, count)| ((*profile, (*name).to_owned()), *count)).collect();
    assert_eq!(counts, said);
}
