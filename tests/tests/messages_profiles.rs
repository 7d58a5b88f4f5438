//! `rsu msg` in every profile, against the public messages of third parties.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use tests::terminal::{rsu_msg, text};
use tests::{shared, skipped};

/// The public vectors of the standards that we read, by the profile that a user names; none when there is no `../shared`.
fn vectors() -> Option<BTreeMap<&'static str, Vec<Value>>> {
    let Some(shared) = shared() else {
        skipped("no ../shared");
        return None;
    };
    let all = fs::read_to_string(shared.join("vectors/v2x_open.jsonl")).expect("the vectors");
    let mut found: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for vector in all.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")) {
        let profile = match vector["standard"].as_str() {
            Some("T/CSAE 53") => "csae53-2020",
            Some("SAE J2735") => "j2735-2024",
            Some("SAE J3224") => "j3224",
            Some("SAE J2945/4") => "j2945-4",
            _ => continue,
        };
        found.entry(profile).or_default().push(vector);
    }
    Some(found)
}

fn is_malformed(vector: &Value) -> bool {
    vector["category"] == "malformed"
}

fn digits(vector: &Value) -> &str {
    vector["hex"].as_str().expect("digits")
}

#[test]
fn every_message_of_every_standard_is_printed_as_expected_and_made_again() {
    let Some(vectors) = vectors() else { return };
    let mut seen = 0;
    for (profile, vectors) in vectors {
        let good: Vec<&Value> = vectors.iter().filter(|v| !is_malformed(v)).collect();
        let lines: String = good.iter().map(|v| format!("{}\n", digits(v))).collect();
        let decoded = rsu_msg(&["decode", "--profile", profile, "--wire", "--json", "-"], lines.as_bytes());
        assert!(decoded.status.success(), "{profile}: {}", text(&decoded.stderr));
        let printed: Vec<Value> =
            text(&decoded.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(printed.len(), good.len());
        for (value, vector) in printed.iter().zip(&good) {
            assert_eq!(value, &vector["expected"], "{profile} {}", digits(vector));
        }
        let encoded = rsu_msg(&["encode", "--profile", profile, "--wire", "-"], &decoded.stdout);
        assert!(encoded.status.success(), "{profile}: {}", text(&encoded.stderr));
        for (made, vector) in text(&encoded.stdout).lines().zip(&good) {
            if vector["category"] != "unknown_extension" {
                assert_eq!(made, digits(vector), "{profile}");
            }
        }
        let first = good[0];
        let one = rsu_msg(&["decode", "--profile", profile, "--wire", "--json", "--hex", digits(first)], b"");
        assert_eq!(serde_json::from_slice::<Value>(&one.stdout).expect("JSON"), first["expected"]);
        seen += good.len();
    }
    assert!(seen >= 200, "{seen}");
}

#[test]
fn malformed_messages_are_refused_with_field_and_bit() {
    let Some(vectors) = vectors() else { return };
    let mut seen = 0;
    for (profile, vectors) in vectors {
        for vector in vectors.iter().filter(|v| is_malformed(v)) {
            let type_name = vector["type"].as_str().expect("a type");
            let args =
                ["decode", "--profile", profile, "--type", type_name, "--wire", "--json", "--hex", digits(vector)];
            let refused = rsu_msg(&args, b"");
            let said = text(&refused.stderr);
            assert_eq!(refused.status.code(), Some(1), "{said}");
            assert!(refused.stdout.is_empty());
            assert!(said.contains(" bit ") && !said.contains("panic"), "{said}");
            // A part that is longer than its type is wrong as a whole, everything else in one of its fields.
            assert!(type_name != "MessageFrame" || said.contains("inside value."), "{said}");
            seen += 1;
        }
    }
    assert!(seen >= 13, "{seen}");
}

#[test]
fn the_profile_of_every_message_is_detected_or_not_told_at_all() {
    let Some(vectors) = vectors() else { return };
    for (profile, vectors) in vectors {
        let good: Vec<&Value> =
            vectors.iter().filter(|v| !is_malformed(v) && v["category"] != "unknown_extension").collect();
        let lines: String = good.iter().map(|v| format!("{}\n", digits(v))).collect();
        let decoded = rsu_msg(&["decode", "--profile", "auto", "--wire", "--json", "-"], lines.as_bytes());
        let printed: Vec<Value> =
            text(&decoded.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let expected: Vec<&Value> = good.iter().map(|v| &v["expected"]).collect();
        for found in &printed {
            assert_eq!(found["schema"], "rsu.msg.found/1");
            assert!(expected.contains(&&found["message"]), "{profile}: {found}");
            assert!(found["why"].as_str().is_some_and(|why| why.contains(found["profile"].as_str().expect("a name"))));
        }
        // What is not told has its reasons on stderr.
        assert!(printed.len() * 10 >= good.len() * 9, "{profile}: {} of {}", printed.len(), good.len());
    }
}

/// A map of one node with a link and three points, as JSON on the level of the wire.
fn map() -> Value {
    let id = |id: u16| serde_json::json!({"region": 1, "id": id});
    let position = serde_json::json!({"lat": 312_841_560, "long": 1_215_032_100});
    let lane = serde_json::json!({"laneID": 1});
    let link = serde_json::json!({"upstreamNodeId": id(2), "linkWidth": 1400, "lanes": [lane]});
    let node = serde_json::json!({"id": id(1), "refPos": position, "inLinks": [link]});
    serde_json::json!({"choice": "mapFrame", "value": {"msgCnt": 3, "nodes": [node]}})
}

#[test]
fn a_map_of_one_edition_is_never_taken_for_one_of_the_other() {
    let document = map().to_string();
    let made = |profile: &str| {
        let encoded = rsu_msg(&["encode", "--profile", profile, "--wire", "-"], document.as_bytes());
        assert!(encoded.status.success(), "{}", text(&encoded.stderr));
        text(&encoded.stdout).trim().to_owned()
    };
    let (csae, ydt) = (made("csae53-2020"), made("ydt3709-2020"));
    assert_ne!(csae, ydt);
    for (profile, foreign) in [("csae53-2020", &ydt), ("ydt3709-2020", &csae)] {
        let refused = rsu_msg(&["decode", "--profile", profile, "--wire", "--json", "--hex", foreign], b"");
        assert_eq!(refused.status.code(), Some(1), "{profile} took {foreign}: {}", text(&refused.stdout));
    }
    for (profile, own) in [("csae53-2020", &csae), ("ydt3709-2020", &ydt)] {
        let found = rsu_msg(&["decode", "--profile", "auto", "--wire", "--json", "--hex", own], b"");
        if found.status.success() {
            let found: Value = serde_json::from_slice(&found.stdout).expect("JSON");
            assert_eq!((&found["profile"], &found["message"]), (&Value::from(profile), &map()));
        } else {
            let said = text(&found.stderr);
            assert!(said.contains("csae53-2020") && said.contains("ydt3709-2020"), "{said}");
        }
    }
}

#[test]
fn the_bits_of_open_types_are_drawn_too() {
    let Some(vectors) = vectors() else { return };
    let bsm = vectors["j2735-2024"].iter().find(|v| v["expected"]["messageId"] == 20).expect("a BSM");
    let args = ["decode", "--profile", "j2735-2024", "--bits", "--json", "--hex", digits(bsm)];
    let drawn = rsu_msg(&args, b"");
    let report: Value = serde_json::from_slice(&drawn.stdout).expect("JSON");
    assert_eq!(
        (&report["schema"], &report["message"]),
        (&Value::from("rsu.msg.bits/1"), &Value::from("BasicSafetyMessage"))
    );
    let fields = report["fields"].as_array().expect("a list");
    let count =
        fields.iter().find(|f| f["path"].as_str().is_some_and(|p| p.ends_with("coreData.msgCnt"))).expect("msgCnt");
    assert_eq!(count["value"], bsm["expected"]["value"]["value"]["coreData"]["msgCnt"].to_string());
    // The bits at the place that it tells are the value.
    let bit = count["bit"].as_u64().expect("a number") as usize;
    let octets = v2x_msgs::hex::from_hex(digits(bsm)).expect("digits");
    let read = (bit..bit + 7).fold(0_u64, |n, at| n << 1 | u64::from(octets[at / 8] >> (7 - at % 8) & 1));
    assert_eq!(count["value"], read.to_string());
    let size = rsu_msg(&["size", "--profile", "j2735-2024", "--hex", digits(bsm)], b"");
    assert!(text(&size.stdout).starts_with("BasicSafetyMessage: "), "{}", text(&size.stdout));
    assert!(text(&size.stdout).contains("coreData"), "{}", text(&size.stdout));
}
