//! `rsu map`, as a user of the shell sees it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tests::terminal::{rsu_msg, text};

const ORIGIN: &str = "--origin=31.284156,121.50321,4.2";

fn rsu_map(args: &[&str]) -> Output {
    // A folder without a configuration.
    Command::new(tests::program("rsu")).arg("map").args(args).current_dir("/").output().expect("our own program starts")
}

fn shipped(name: &str) -> String {
    tests::root().join("sim/scenarios/maps").join(name).display().to_string()
}

fn small_crossing() -> String {
    tests::root().join("rsu/src/site_map/opendrive/small_crossing.xodr").display().to_string()
}

fn file(folder: &tempfile::TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a writable folder");
    path
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn json(output: &Output) -> Value {
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A SPAT that tells some phases of the crossing that ships.
fn spat(phases: &[u8]) -> Vec<u8> {
    let lights = phases.iter().map(|id| serde_json::json!({ "id": id, "phase_states": [{ "light": "red" }] }));
    let node = serde_json::json!({ "region": 1, "id": 100 });
    let state = serde_json::json!({ "intersection_id": node, "status": [], "phases": lights.collect::<Vec<_>>() });
    serde_json::json!({ "schema": "v2x.spat/1", "msg_cnt": 0, "intersections": [state] }).to_string().into_bytes()
}

#[test]
fn every_form_of_a_crossing_is_the_same_map() {
    let folder = tempfile::tempdir().expect("a folder");
    let slices = rsu_map(&["slice", ORIGIN, &shipped("four_arm.json")]);
    assert!(slices.status.success(), "{}", text(&slices.stderr));
    let drawn = json(&rsu_map(&["geojson", ORIGIN, &shipped("four_arm.json")]));
    let lanes = drawn["features"].as_array().expect("features").iter();
    assert!(lanes.filter(|feature| feature["properties"]["kind"] == "lane").count() > 20);

    let digits = file(&folder, "map.hex", &slices.stdout);
    let on_air = json(&rsu_map(&["geojson", path(&digits)]));
    assert_eq!(on_air["features"].as_array().map(Vec::len), drawn["features"].as_array().map(Vec::len));
    let raw = v2x_msgs::hex::from_hex(text(&slices.stdout).trim()).expect("one slice");
    let platform = rsu_map(&["json", path(&digits)]);
    let decoded = rsu_msg(&["decode", "--json", path(&digits)], b"");
    let found = rsu_msg(&["decode", "--json", "--profile", "auto", path(&digits)], b"");
    let wire = rsu_msg(&["decode", "--json", "--wire", path(&digits)], b"");
    let forms = [("raw", &raw), ("si", &decoded.stdout), ("found", &found.stdout), ("platform", &platform.stdout)];
    for (name, content) in forms {
        let form = file(&folder, name, content);
        assert_eq!(json(&rsu_map(&["geojson", path(&form)])), on_air, "{name}");
    }
    let wire = file(&folder, "wire", &wire.stdout);
    assert_eq!(json(&rsu_map(&["geojson", "--from", "csae53-2020", path(&wire)])), on_air);
    let untold = rsu_map(&["geojson", path(&wire)]);
    assert_eq!(untold.status.code(), Some(1));
    assert!(text(&untold.stderr).contains("--from PROFILE"), "{}", text(&untold.stderr));
}

#[test]
fn slices_keep_the_size_in_every_profile_and_hold_every_lane() {
    let folder = tempfile::tempdir().expect("a folder");
    for profile in v2x_msgs::Profile::ALL {
        let name = profile.name();
        let args = ["slice", ORIGIN, "--bytes", "400", "--profile", name, &shipped("four_arm.json")];
        let output = rsu_map(&args);
        let lines: Vec<&str> = text(&output.stdout).lines().collect();
        assert!(lines.len() > 1, "{name}: {}", text(&output.stderr));
        assert!(lines.iter().all(|line| line.len() <= 800), "{name}");
        let told = json(&rsu_map(&[&args[..], &["--json"]].concat()));
        assert_eq!((&told["schema"], &told["profile"]), (&Value::from("rsu.map/1"), &Value::from(name)));
        let hexes: Vec<&str> =
            told["slices"].as_array().expect("a list").iter().filter_map(|s| s["hex"].as_str()).collect();
        assert_eq!(hexes, lines, "{name}");
        let digits = file(&folder, name, &output.stdout);
        let whole = json(&rsu_map(&["check", "--json", "--from", name, path(&digits)]));
        let drawn = json(&rsu_map(&["check", "--json", &shipped("four_arm.json")]));
        assert_eq!((&whole["lanes"], &whole["errors"]), (&drawn["lanes"], &Value::from(0)), "{name}: {whole}");
    }
}

#[test]
fn a_sound_map_is_clean_and_the_phases_of_its_signals_are_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let clean = rsu_map(&["check", &shipped("four_arm.json")]);
    assert_eq!(clean.status.code(), Some(0), "{}", text(&clean.stdout));
    assert!(text(&clean.stdout).ends_with("0 errors, 0 warnings.\n"), "{}", text(&clean.stdout));
    let all = file(&folder, "all.json", &spat(&[1, 2, 3, 4, 5, 6, 7, 8]));
    let agreed = rsu_map(&["check", "--spat", path(&all), &shipped("four_arm.json")]);
    assert_eq!(agreed.status.code(), Some(0), "{}{}", text(&agreed.stdout), text(&agreed.stderr));
    let halves = [spat(&[1, 2, 3, 4]), b"\n".to_vec(), spat(&[3, 4, 5, 6, 7, 8])].concat();
    let halves = file(&folder, "halves.json", &halves);
    let agreed = rsu_map(&["check", "--spat", path(&halves), &shipped("four_arm.json")]);
    assert_eq!(agreed.status.code(), Some(0), "{}{}", text(&agreed.stdout), text(&agreed.stderr));
    let few = file(&folder, "few.json", &spat(&[1, 2, 3, 4, 5, 6, 8, 9]));
    let found = rsu_map(&["check", "--json", "--spat", path(&few), &shipped("four_arm.json")]);
    assert_eq!(found.status.code(), Some(1));
    let report = json(&found);
    assert_eq!(report["schema"], "rsu.map/1");
    assert_eq!((&report["errors"], &report["warnings"]), (&Value::from(1), &Value::from(1)), "{report}");
    let what = report["findings"].as_array().expect("a list").iter().filter_map(|f| f["what"].as_str());
    assert!(what.clone().any(|what| what.starts_with("phase 7 is not in the SPAT")), "{report}");
    assert!(what.clone().any(|what| what.contains("no movement obeys phase 9")), "{report}");
}

#[test]
fn an_opendrive_file_is_checked_and_sliced() {
    let checked = rsu_map(&["check", &small_crossing()]);
    assert_eq!(checked.status.code(), Some(0), "{}{}", text(&checked.stdout), text(&checked.stderr));
    let sliced = rsu_map(&["slice", ORIGIN, &small_crossing()]);
    assert!(sliced.status.success(), "{}", text(&sliced.stderr));
}

#[test]
fn a_map_goes_out_as_opendrive_and_comes_back_to_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let drawn = rsu_map(&["opendrive", ORIGIN, &shipped("four_arm.json")]);
    assert!(drawn.status.success(), "{}", text(&drawn.stderr));
    let xodr = file(&folder, "crossing.xodr", &drawn.stdout);
    let checked = rsu_map(&["check", path(&xodr)]);
    assert_eq!(text(&checked.stdout), "5 nodes, 28 lanes: 0 errors, 0 warnings.\n", "{}", text(&checked.stderr));
    // No --origin: the file says where it is.
    let nodes = |map: &Value| -> Vec<(f64, f64)> {
        let all = map["features"].as_array().expect("features").iter();
        let points = all.filter(|feature| feature["properties"]["kind"] == "node");
        points
            .map(|n| &n["geometry"]["coordinates"])
            .map(|c| (c[0].as_f64().unwrap(), c[1].as_f64().unwrap()))
            .collect()
    };
    let ours = nodes(&json(&rsu_map(&["geojson", ORIGIN, &shipped("four_arm.json")])));
    let theirs = nodes(&json(&rsu_map(&["geojson", path(&xodr)])));
    assert_eq!(ours.len(), 5);
    for (lon, lat) in ours {
        let same = theirs.iter().any(|(x, y)| (x - lon).abs() < 2e-7 && (y - lat).abs() < 2e-7);
        assert!(same, "{lon} {lat} in {theirs:?}");
    }
    let hex = file(&folder, "map.hex", &rsu_map(&["slice", path(&xodr)]).stdout);
    let refused = rsu_map(&["opendrive", path(&hex)]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("map.hex: MAP messages do not say enough"), "{}", text(&refused.stderr));
}

#[test]
fn what_is_no_map_is_refused_with_its_name_and_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let rsi = "44d8815db93d34cfe14a9dcec2a2b5f664914e80a0";
    let cases: [(&str, &[u8], &str); 8] = [
        ("empty", b"", "there is no MAP in it"),
        ("other.hex", rsi.as_bytes(), "there is no MAP in it"),
        ("odd.hex", b"# slices\n44zz\n", "line 2: "),
        ("noise", &[0, 1, 2, 3], "no profile fits"),
        ("cut.json", b"{\"schema\": \"rsu.site-map/1\",\n \"name\"", "not a site map"),
        ("half.json", b"{\"schema\": \"rsu.site-map/1\"}", "missing field"),
        ("model.json", b"{\"schema\": \"v2x.map/1\", \"nodes\": 3}", "document 1: "),
        ("page.xodr", b"<html></html>", "expected `OpenDRIVE`"),
    ];
    for (name, content, said) in cases {
        let wrong = file(&folder, name, content);
        for command in ["check", "slice", "geojson", "json", "opendrive"] {
            let output = rsu_map(&[command, path(&wrong)]);
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{command} {name}: {told}");
            assert!(told.contains(name) && told.contains(said) && told.contains("help: "), "{command} {name}: {told}");
            assert!(output.stdout.is_empty(), "{command} {name}");
        }
    }
    let missing = rsu_map(&["check", "/nowhere/map.json"]);
    assert!(text(&missing.stderr).contains("/nowhere/map.json: this file does not exist"), "{}", text(&missing.stderr));
    let nowhere = rsu_map(&["slice", &shipped("four_arm.json")]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(text(&nowhere.stderr).contains("--origin LAT,LON"), "{}", text(&nowhere.stderr));
    let small = rsu_map(&["slice", ORIGIN, "--bytes", "40", &shipped("four_arm.json")]);
    assert_eq!(small.status.code(), Some(1));
    assert!(text(&small.stderr).contains("alone it takes"), "{}", text(&small.stderr));
}
