//! Our own pairs of JSON and bytes, one of each kind of message at least. `tests/tests/messages_rasn.rs` has an independent
//! codec read the bytes.
//!
//! After a wanted change: `UPDATE_GOLDEN=1 cargo test -p v2x-msgs --test golden`, then look at the difference.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use v2x_msgs::{MessageKind, Profile, decode, encode, hex, json};

const PROFILE: Profile = Profile::Csae53_2020;

/// The JSON files of each message set, in the order of their names.
fn golden() -> Vec<(PathBuf, Profile)> {
    let mut all = Vec::new();
    let sets =
        [("golden/csae", PROFILE), ("golden/csae157", Profile::Csae157_2020), ("golden/sae", Profile::J2735_2024)];
    for (folder, profile) in sets {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|e| e == "json")).collect();
        files.sort();
        all.extend(files.into_iter().map(|file| (file, profile)));
    }
    all
}

#[test]
fn our_json_is_our_bytes_and_our_bytes_are_our_json() {
    let mut kinds = BTreeSet::new();
    for (file, profile) in golden() {
        let name = file.display();
        let message = json::from_text(&fs::read_to_string(&file).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let bytes = encode(&message, profile).unwrap_or_else(|e| panic!("{name}: {e}"));
        let pair = file.with_extension("hex");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&pair, hex::to_hex(&bytes) + "\n").unwrap();
        }
        let expected = hex::from_hex(&fs::read_to_string(&pair).unwrap()).unwrap();
        assert_eq!(hex::to_hex(&bytes), hex::to_hex(&expected), "{name}");
        assert_eq!(decode(&expected, profile).unwrap(), message, "{name}");
        kinds.insert(message.kind());
    }
    assert_eq!(kinds.len(), MessageKind::ALL.len());
}

#[test]
fn bad_json_is_refused_with_the_way_to_it() {
    let good = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/csae/rsm_crossing.json")).unwrap();
    for (from, to, words) in [
        (r#""ptc_id": 17"#, r#""ptc_id": 70000"#, "participants[1].ptc_id: invalid value"),
        (r#""ptc_id": 17"#, r#""ptc_idd": 17"#, "participants[1].ptc_idd: unknown field"),
        (r#""ptc_id": 17, "#, "", "participants[1]: missing field `ptc_id`"),
        (r#""speed_mps": 1.3"#, r#""speed_mps": "fast""#, "participants[1].speed_mps: invalid type"),
        (r#""speed_mps": 1.3"#, r#""speed_mps": 1e999"#, "number out of range at line 17"),
        (r#""speed_mps": 1.3"#, r#""speed_mps": NaN"#, "no JSON: expected value at line 17"),
        (r#""pedestrian""#, r#""dragon""#, "participants[1].ptc_type: unknown variant `dragon`"),
        (r#""7830310000000000""#, r#""783031""#, "id: an id has 16 hexadecimal digits"),
        (r#""v2x.rsm/1""#, r#""v2x.rsm/9""#, "schema: \"v2x.rsm/9\" is not known; there are v2x.bsm/1"),
    ] {
        assert!(good.contains(from));
        let error = json::from_text(&good.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(words), "{error} does not say {words}");
    }
}

#[test]
fn values_that_do_not_fit_are_refused_with_the_field() {
    let good = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/csae/rsm_crossing.json")).unwrap();
    for (from, to, words) in [
        (r#""msg_cnt": 84"#, r#""msg_cnt": 128"#, "msg_cnt: 128 is out of range"),
        (r#""lat_deg": 31.284201"#, r#""lat_deg": 131.284201"#, "participants[1].lat_deg: 131.284201"),
        (r#", "lon_deg": 121.503355"#, "", "participants[1].lon_deg: nothing"),
        (r#""speed_mps": 1.3"#, r#""speed_mps": -1.3"#, "participants[1].speed_mps: -1.3"),
        (r#""sec_mark_ms": 31650"#, r#""sec_mark_ms": 61000"#, "participants[3].sec_mark_ms: 61000"),
        (r#""fuel_type": 0"#, r#""fuel_type": 16"#, "participants[3].vehicle_class.fuel_type: 16"),
    ] {
        assert!(good.contains(from));
        let message = json::from_text(&good.replacen(from, to, 1)).unwrap();
        let error = encode(&message, PROFILE).unwrap_err().to_string();
        assert!(error.starts_with(words), "{error} does not begin with {words}");
    }
}

#[test]
fn numbers_that_are_none_never_become_json_or_bytes() {
    use v2x_msgs::model::{Message, Participant, Rsm};
    for bad in [f64::NAN, f64::INFINITY] {
        let odd = Participant { heading_deg: Some(bad), ..Participant::default() };
        let rsm = Message::Rsm(Rsm { participants: vec![Participant::default(), odd], ..Rsm::default() });
        let json = json::to_json(&rsm).unwrap_err().to_string();
        assert_eq!(json, "participants[1].heading_deg: the number is not finite");
        let bytes = encode(&rsm, PROFILE).unwrap_err().to_string();
        assert!(bytes.starts_with("participants[1].heading_deg: the number is not finite"), "{bytes}");
    }
}

#[test]
fn lists_of_a_wrong_length_are_refused() {
    use v2x_msgs::model::{Message, Participant, Rsm};
    for count in [0, 17] {
        let rsm = Message::Rsm(Rsm { participants: vec![Participant::default(); count], ..Rsm::default() });
        let error = encode(&rsm, PROFILE).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("rsmFrame.participants: {count} of them, the wire holds 1 to 16; split the message or drop some")
        );
    }
}
