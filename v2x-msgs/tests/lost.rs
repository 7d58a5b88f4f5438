//! What is lost between the message sets, by name: found by sending messages through the model, and kept in
//! `docs/messages.md`. After a wanted change: `UPDATE_DOCS=1 cargo test -p v2x-msgs --test lost`, then read the difference.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use v2x_msgs::{Message, Profile, decode, encode, json, wire_json};

const CSAE: Profile = Profile::Csae53_2020;
const SAE: Profile = Profile::J2735_2024;
/// Random messages that are drawn.
const DRAWN: u64 = 4_000;
/// Two numbers nearer than this part of the larger one are the same but for their steps on the wire.
const STEP: f64 = 0.03;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The next of a row of numbers that look like chance (splitmix64).
fn chance(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Ways to what `before` has and `after` lacks or has otherwise; numbers of list items are left out, and what lies below
/// something lost.
fn lost(before: &Value, after: Option<&Value>, path: &str, found: &mut BTreeSet<String>) {
    let way = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (before, after) {
        (_, None) => drop(found.insert(path.to_owned())),
        (Value::Object(parts), Some(Value::Object(others))) => {
            for (name, part) in parts {
                lost(part, others.get(name), &way(name), found);
            }
        }
        (Value::Array(items), Some(Value::Array(others))) => {
            let path = format!("{path}[]");
            if items.len() > others.len() {
                found.insert(format!("{path} (some)"));
            }
            // Road users keep their number; other items keep their place.
            let same = |item: &Value| others.iter().find(|other| other["ptc_id"] == item["ptc_id"]);
            for (i, item) in items.iter().enumerate() {
                let other = if item.get("ptc_id").is_some() { same(item) } else { others.get(i) };
                other.into_iter().for_each(|other| lost(item, Some(other), &path, found));
            }
        }
        (Value::Number(a), Some(Value::Number(b))) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            if (a - b).abs() > STEP * a.abs().max(b.abs()) {
                found.insert(format!("{path} (changed)"));
            }
        }
        (a, Some(b)) if a != b => drop(found.insert(format!("{path} (changed)"))),
        _ => {}
    }
}

/// Fields of SAE J2735 that are on the wire before and not after a journey through the model, by message.
fn lost_in_the_model() -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::<String, BTreeSet<String>>::new();
    for seed in 0..DRAWN {
        let mut state = seed;
        let value = wire_json::sample(SAE, &mut || chance(&mut state));
        let Ok(octets) = wire_json::encode(&value, SAE) else { continue };
        let Ok(message) = decode(&octets, SAE) else { continue };
        let after = wire_json::decode(&encode(&message, SAE).unwrap(), SAE).unwrap();
        let name = value["value"]["choice"].as_str().unwrap().to_owned();
        if value["value"]["choice"] == after["value"]["choice"] {
            let mut found = BTreeSet::new();
            names_gone(&value["value"]["value"], &after["value"]["value"], "", &mut found);
            all.entry(name).or_default().extend(found);
        }
    }
    all
}

/// Names of components that `before` has and `after` has nowhere in the same place.
fn names_gone(before: &Value, after: &Value, path: &str, found: &mut BTreeSet<String>) {
    match (before, after) {
        (Value::Object(parts), Value::Object(others)) => {
            // Another alternative of a choice says the same in its own words.
            if parts.get("choice") != others.get("choice") {
                return;
            }
            for (name, part) in parts.iter().filter(|(name, _)| *name != "choice" && *name != "bits" && *name != "hex")
            {
                let bare = name == "value" && parts.contains_key("choice");
                let way = if bare {
                    path.to_owned()
                } else if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                match others.get(name) {
                    Some(other) => names_gone(part, other, &way, found),
                    None => drop(found.insert(way)),
                }
            }
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            items.iter().zip(others).for_each(|(item, other)| names_gone(item, other, &format!("{path}[]"), found));
        }
        _ => {}
    }
}

/// Fields of the model that our own messages of one set lose on a journey over the other set and back, by message.
fn lost_on_the_way(folder: &str, own: Profile, over: Profile) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::<String, BTreeSet<String>>::new();
    let files = fs::read_dir(root().join("golden").join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    for file in files {
        let message = json::from_text(&fs::read_to_string(&file).unwrap()).unwrap();
        let found = all.entry(message.kind().name().to_uppercase()).or_default();
        match there_and_back(&message, own, over) {
            Ok(after) => {
                let (before, after) = (json::to_json(&message).unwrap(), json::to_json(&after).unwrap());
                lost(&before, Some(&after), "", found);
            }
            Err(refused) => drop(found.insert(format!("refused: {refused}"))),
        }
    }
    all
}

fn there_and_back(message: &Message, own: Profile, over: Profile) -> Result<Message, String> {
    let there = encode(message, over).map_err(|e| e.to_string())?;
    let there = decode(&there, over).map_err(|e| e.to_string())?;
    let back = encode(&there, own).map_err(|e| e.to_string())?;
    decode(&back, own).map_err(|e| e.to_string())
}

fn section() -> String {
    let mut text = String::new();
    let mut table = |title: &str, lost: BTreeMap<String, BTreeSet<String>>| {
        writeln!(text, "\n### {title}\n").unwrap();
        for (message, names) in lost {
            let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
            let names = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            writeln!(text, "* **{message}**: {names}").unwrap();
        }
    };
    table("SAE J2735 fields that the model does not carry", lost_in_the_model());
    table("T/CSAE 53 over SAE J2735 and back", lost_on_the_way("csae", CSAE, SAE));
    table("SAE J2735 over T/CSAE 53 and back", lost_on_the_way("sae", SAE, CSAE));
    text
}

const BEGIN: &str = "<!-- lost: written by v2x-msgs/tests/lost.rs -->\n";
const END: &str = "\n<!-- lost: end -->";

#[test]
fn what_is_lost_is_what_the_documentation_says() {
    let file = root().join("../docs/messages.md");
    let page = fs::read_to_string(&file).unwrap();
    let from = page.find(BEGIN).expect("the mark of the section") + BEGIN.len();
    let to = page.find(END).expect("the mark of its end");
    let section = section();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, format!("{}{section}{}", &page[..from], &page[to..])).unwrap();
        return;
    }
    assert!(
        page[from..to] == section,
        "docs/messages.md is stale: UPDATE_DOCS=1 cargo test -p v2x-msgs --test lost\n{section}"
    );
}

/// What a driver lives by is not lost.
#[test]
fn what_matters_most_is_never_lost() {
    let lost = lost_on_the_way("csae", CSAE, SAE);
    for (message, kept) in [
        ("BSM", ["lat_deg", "speed_mps", "heading_deg", "sec_mark_ms"]),
        (
            "RSM",
            ["participants[].lat_deg", "participants[].speed_mps", "participants[].ptc_type", "participants[].ptc_id"],
        ),
        (
            "SPAT",
            [
                "intersections[].phases[].id",
                "intersections[].intersection_id.id",
                "intersections",
                "intersections[].phases",
            ],
        ),
        ("RSI", ["rtes[].event_pos", "rtes[].event_radius_m", "rtes[].priority", "rtes[].time_details"]),
    ] {
        let names = &lost[message];
        assert!(!names.iter().any(|name| name.starts_with("refused")), "{message}: {names:?}");
        for name in kept {
            assert!(
                !names.contains(name) && !names.contains(&format!("{name} (changed)")),
                "{message} loses {name}: {names:?}"
            );
        }
    }
}
