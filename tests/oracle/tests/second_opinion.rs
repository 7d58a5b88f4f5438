//! What `rasn` reads in messages of every profile: random ones, golden ones, third parties'. Random ones come from our own
//! sampler and encoder; so `rasn` judges our encoder, and what it reads judges our decoder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use v2x_msgs::wire_json::{self, FRAME, WireType};
use v2x_msgs::{Profile, hex};

/// Random messages of each profile.
const MESSAGES: u64 = 10_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
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

/// `rasn` 0.30 loses the length of a SEQUENCE OF that is itself an extension addition. Two components of all schemas are
/// like that: `trailers` of the J2735 SupplementalVehicleExtensions and `inLinks-ex` of the Day II Node (asn1tools reads our
/// bytes of both as we do). Takes them out; whether one was there.
fn without_what_rasn_loses(value: &mut Value) -> bool {
    match value {
        Value::Object(object) => {
            let supplemental = object.get("choice").is_some_and(|choice| choice == "SupplementalVehicleExtensions");
            let mut found = object.remove("inLinks-ex").is_some();
            if let (true, Some(Value::Object(content))) = (supplemental, object.get_mut("value")) {
                found |= content.remove("trailers").is_some();
            }
            object.values_mut().fold(found, |found, part| without_what_rasn_loses(part) | found)
        }
        Value::Array(list) => list.iter_mut().fold(false, |found, part| without_what_rasn_loses(part) | found),
        _ => false,
    }
}

/// As [`both_agree`]; when they part, it must be `rasn`'s own fault: without those components they agree. Whether it was.
fn both_agree_but_for_rasns_fault(profile: Profile, mut value: Value, name: &str) -> bool {
    let Err(error) = both_agree(profile, &value) else { return false };
    assert!(without_what_rasn_loses(&mut value), "{profile}, {name}: {error}");
    both_agree(profile, &value).unwrap_or_else(|e| panic!("{profile}, {name}: {e}"));
    true
}

/// Both read the same values and make the same bytes.
fn both_agree(profile: Profile, value: &Value) -> Result<(), String> {
    let bytes = wire_json::encode(value, profile).map_err(|e| e.to_string())?;
    let read = wire_json::decode(&bytes, profile).map_err(|e| e.to_string())?;
    if read != *value {
        return Err("we read something else than we wrote".to_owned());
    }
    oracle::agrees(profile.name(), FRAME, &bytes, value).map_err(|e| format!("{e}: {}", hex::to_hex(&bytes)))
}

fn random_messages_of(profile: Profile) {
    let (mut kinds, mut lost) = (BTreeMap::<String, u32>::new(), 0);
    for seed in 0..MESSAGES {
        let value = wire_json::sample(profile, &mut drawing(seed));
        let choice = value["choice"].as_str().or(value["value"]["choice"].as_str()).unwrap_or("?");
        *kinds.entry(choice.to_owned()).or_default() += 1;
        lost += u64::from(both_agree_but_for_rasns_fault(profile, value, &format!("seed {seed}")));
    }
    let messages = wire_json::messages(profile).len();
    let least = if profile == Profile::J2735_2024 { messages } else { 5 };
    assert!(kinds.len() >= least, "{profile}: {kinds:?}");
    assert!(lost == 0 || matches!(profile, Profile::J2735_2024 | Profile::Csae157_2020), "{profile}: {lost}");
    assert!(lost < MESSAGES / 4, "{profile}: {lost}");
}

#[test]
fn random_messages_of_t_csae_53_are_the_same_for_both() {
    random_messages_of(Profile::Csae53_2020);
}

#[test]
fn random_messages_of_yd_t_3709_are_the_same_for_both() {
    random_messages_of(Profile::Ydt3709_2020);
}

#[test]
fn random_messages_of_t_csae_157_are_the_same_for_both() {
    random_messages_of(Profile::Csae157_2020);
}

#[test]
fn random_messages_of_sae_are_the_same_for_both_but_for_one_component_that_rasn_loses() {
    random_messages_of(Profile::J2735_2024);
}

#[test]
fn golden_bytes_are_the_same_for_both() {
    let mut read = 0;
    for profile in Profile::ALL {
        for message in wire_json::messages(profile) {
            let file = root().join("v2x-msgs/golden").join(profile.name()).join(message.name).with_extension("hex");
            let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            let bytes = hex::from_hex(text.trim()).expect("digits");
            let value = wire_json::decode(&bytes, profile).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            both_agree_but_for_rasns_fault(profile, value, message.name);
            read += 1;
        }
    }
    assert_eq!(read, Profile::ALL.iter().map(|profile| wire_json::messages(*profile).len()).sum::<usize>());
}

/// The pairs in SI units: what the mapping of the model makes, not only what the sampler draws.
#[test]
fn golden_bytes_of_the_model_are_the_same_for_both() {
    let folders = [("csae", Profile::Csae53_2020), ("csae157", Profile::Csae157_2020), ("sae", Profile::J2735_2024)];
    for (folder, profile) in folders {
        let mut read = 0;
        for entry in fs::read_dir(root().join("v2x-msgs/golden").join(folder)).expect("our golden pairs") {
            let file = entry.expect("an entry").path();
            if file.extension().is_none_or(|extension| extension != "hex") {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            let bytes = hex::from_hex(text.trim()).expect("digits");
            let value = wire_json::decode(&bytes, profile).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            both_agree_but_for_rasns_fault(profile, value, folder);
            read += 1;
        }
        assert!(read >= 7, "{folder}: {read}");
    }
}

#[test]
#[allow(clippy::print_stdout)]
fn third_parties_messages_are_the_same_for_both() {
    let Ok(text) = fs::read_to_string(root().join("../shared/vectors/v2x_open.jsonl")) else {
        println!("skipped: no ../shared");
        return;
    };
    let mut read = 0;
    for vector in text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")) {
        let profile = match vector["standard"].as_str() {
            Some("T/CSAE 53") => Profile::Csae53_2020,
            Some("SAE J2735" | "SAE J3224" | "SAE J2945/4") => Profile::J2735_2024,
            _ => continue,
        };
        if !vector["category"].is_null() {
            continue;
        }
        let bytes = hex::from_hex(vector["hex"].as_str().expect("digits")).expect("digits");
        let wire = WireType::named(FRAME, profile).expect("a frame");
        let ours = wire.decode(&bytes).expect("it is well formed");
        oracle::agrees(profile.name(), FRAME, &bytes, &ours).unwrap_or_else(|e| panic!("{e}: {vector}"));
        read += 1;
    }
    assert!(read >= 190, "{read}");
}
