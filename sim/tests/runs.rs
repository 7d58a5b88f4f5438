//! Whole runs: shipped scenarios hold, the same seed gives the same bytes, faults are noticed.

use std::path::Path;

use sim::report::{Outcome, junit};
use sim::run::{Options, Run};
use sim::scenario::{Loaded, find};
use sim::verdict;

fn load(name: &str) -> Loaded {
    Loaded::read(&find::find(name).expect("a shipped scenario")).expect("a good scenario")
}

fn run(loaded: &Loaded, seed: Option<u64>, threads: usize) -> (Outcome, Vec<u8>) {
    let mut log = Vec::new();
    let done = Run::new(loaded, &Options { seed, threads }, Some(&mut log)).expect("a stage").finish().expect("a run");
    let verdicts = verdict::judge(loaded, &done);
    let repeat = format!("rsu-sim run {} --seed {}", loaded.name, done.seed);
    (Outcome::new(loaded, repeat, &done, verdicts), log)
}

fn holds(name: &str, seeds: impl IntoIterator<Item = u64>) {
    let loaded = load(name);
    for seed in seeds {
        let (outcome, _) = run(&loaded, Some(seed), 1);
        assert!(outcome.pass, "{name} seed {seed}: {:#?}", outcome.verdicts);
    }
}

/// The scenario with some of its text replaced.
fn changed(name: &str, from: &str, to: &str) -> Loaded {
    let path = find::find(name).expect("a shipped scenario");
    let text = std::fs::read_to_string(&path).expect("its text");
    assert!(text.contains(from), "{name} no longer says {from}");
    Loaded::parse(&path, &text.replace(from, to)).expect("a good scenario")
}

#[test]
fn crossing_day_holds() {
    holds("crossing_day", [7, 11]);
}

#[test]
fn pedestrian_occluded_holds() {
    holds("pedestrian_occluded", [7, 1, 2, 3, 4, 5]);
}

#[test]
fn a_driver_who_does_not_heed_the_warning_hits_the_child() {
    let loaded = changed("pedestrian_occluded", "obu       = true", "obu       = true\nreaction_s = 60");
    let (outcome, _) = run(&loaded, None, 1);
    let hit = outcome.verdicts.iter().find(|v| v.that.contains("hit the child")).unwrap();
    assert!(!hit.pass && hit.measured.contains("child"), "the warning is what saves the child: {hit:?}");
}

#[test]
fn corridor_handover_holds() {
    holds("corridor_handover", [7, 1, 2, 3, 4, 5]);
}

#[test]
fn yard_truck_agv_holds() {
    holds("yard_truck_agv", [7, 1, 2]);
}

#[test]
fn a_lost_clock_silences_the_unit_within_one_step() {
    holds("fault_clock_lost", [7, 1, 2]);
}

#[test]
fn a_frozen_camera_silences_the_unit_within_one_step() {
    holds("fault_camera_frozen", [7, 1, 2]);
}

#[test]
fn a_missing_calibration_silences_the_unit_from_the_start() {
    holds("fault_calibration_missing", [7, 1, 2]);
}

#[test]
fn a_killed_unit_is_noticed_within_one_lease_and_its_neighbours_go_on() {
    holds("fault_unit_killed", [7, 1, 2]);
}

#[test]
fn silence_is_measured_and_not_assumed() {
    // The very scenario without its fault must fail: the unit goes on speaking.
    let mut loaded = load("fault_clock_lost");
    loaded.scenario.fault.clear();
    let (outcome, _) = run(&loaded, None, 1);
    assert!(!outcome.verdicts[0].pass, "{:#?}", outcome.verdicts);
}

#[test]
fn the_same_seed_gives_the_same_bytes_with_any_number_of_threads() {
    let mut loaded = load("corridor_handover");
    loaded.set_for_s(12.0);
    let (first, first_log) = run(&loaded, Some(3), 1);
    assert!(first_log.len() > 10_000);
    for threads in [1, 2, 3] {
        let (again, again_log) = run(&loaded, Some(3), threads);
        assert!(first_log == again_log, "messages differ with {threads} threads");
        assert!(first.html == again.html, "the report differs with {threads} threads");
        assert_eq!(junit(&[Ok(again)]), junit(&[Ok(run(&loaded, Some(3), 1).0)]));
    }
    let (other, other_log) = run(&loaded, Some(4), 1);
    assert!(first_log != other_log && first.messages_fnv1a != other.messages_fnv1a);
}

#[test]
fn a_failed_expectation_is_a_failure_and_a_broken_scenario_an_error() {
    let loaded = changed("fault_calibration_missing", "reason = \"pose\"", "reason = \"clock\"");
    let (outcome, _) = run(&loaded, None, 1);
    assert!(!outcome.pass);
    assert!(outcome.html.contains("rsu-sim run fault_calibration_missing --seed 7"));
    assert!(outcome.html.contains("FAIL") && outcome.html.contains("Repeat"));
    let xml = junit(&[Ok(outcome), Err(("broken".into(), "line 3".into()))]);
    assert_eq!(xml.matches("<failure").count(), 1, "{xml}");
    assert_eq!(xml.matches("<error").count(), 1, "{xml}");
    assert!(xml.contains("tests=\"2\" skipped=\"0\" failures=\"1\" errors=\"1\""), "{xml}");
}

#[test]
fn the_report_stands_alone_and_holds_no_clock_time() {
    let mut loaded = load("crossing_day");
    loaded.set_for_s(6.0);
    let (outcome, _) = run(&loaded, None, 1);
    let html = &outcome.html;
    assert!(html.starts_with("<!doctype html>") && html.contains("<svg"));
    for outside in ["http://", "https://", "src=", "href=", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(!html.contains("NaN") && !html.contains("inf"), "a figure is no number");
}

#[test]
fn names_that_are_not_there_are_refused_with_those_that_are() {
    let refused = |from: &str, to: &str| {
        let loaded = changed("fault_camera_frozen", from, to);
        match Run::new(&loaded, &Options::default(), None) {
            Ok(_) => panic!("{to} was taken"),
            Err(error) => error.to_string(),
        }
    };
    let unit = refused("unit   = \"x01\"", "unit   = \"x09\"");
    assert!(unit.contains("x09") && unit.contains("x01"), "{unit}");
    let sensor = refused("sensor = \"cam-ne\"", "sensor = \"cam-no\"");
    assert!(sensor.contains("cam-no") && sensor.contains("cam-ne"), "{sensor}");
    let link = refused("\"north-in\"", "\"north-inn\"");
    assert!(link.contains("north-inn") && link.contains("north-in/1"), "{link}");
    let config = refused("units/x01_camera.toml", "units/nobody.toml");
    assert!(config.contains("nobody.toml"), "{config}");
}

#[test]
fn a_busy_minute_stays_within_all_bounds() {
    let mut loaded = load("soak");
    loaded.set_for_s(20.0);
    // Queues take some minutes to build up.
    loaded.scenario.warm_s = 360.0;
    let (outcome, _) = run(&loaded, None, 1);
    assert!(outcome.pass, "{:#?}", outcome.verdicts);
}

#[test]
fn every_shipped_scenario_holds() {
    let mut failed = Vec::new();
    for path in find::list() {
        let loaded = Loaded::read(&path).expect("a good scenario");
        // The soak has a test of its own (ten minutes of it are for `rsu-sim soak`), and so have the faults.
        if loaded.name == "soak" || loaded.name.starts_with("fault_") {
            continue;
        }
        for seed in [7, 1, 2] {
            let (outcome, _) = run(&loaded, Some(seed), 1);
            if !outcome.pass {
                failed.push(format!("{} seed {seed}: {:#?}", loaded.name, outcome.verdicts));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// The changed scenario does not hold, in the very expectation that speaks of this.
fn fails(name: &str, from: &str, to: &str, that: &str) {
    let (outcome, _) = run(&changed(name, from, to), None, 1);
    let told = outcome.verdicts.iter().find(|v| v.that.contains(that));
    assert!(told.is_some_and(|v| !v.pass), "{name} without `{from}`: {:#?}", outcome.verdicts);
}

#[test]
fn the_yard_does_not_work_without_what_it_tests() {
    fails("gate_and_docks", "[\"south\", \"middle\"]", "[\"middle\", \"south\"]", "first truck");
    fails("gate_and_docks", "heeds     = true\n", "", "nobody runs");
    fails("port_yard", "at_m = 100,", "at_m = 100.05,", "three centimetres");
    fails("port_yard", "start_s   = 34", "start_s   = 48", "nobody runs");
    let blind = "units/p01.toml\"\nlidar = { miss = 1 }\ncamera = { miss = 1 }";
    fails("parking_guidance", "units/p01.toml\"", blind, "no parked car");
    fails("precise_stop", "at_m = 60,", "at_m = 60.05,", "first stop");
}

#[test]
fn emergency_vehicles_and_buses_lose_time_without_a_corridor_and_priority() {
    fails("emergency_corridor", "siren     = true\n", "", "loses little time");
    fails("emergency_preemption", "asks      = \"emergency\"\n", "", "does not stop");
    fails("bus_priority", "asks      = \"bus\"\n", "", "first bus");
    fails("bus_priority", "priority = { bus_s = 12 }", "priority = { bus_s = 2 }", "first bus");
}

#[test]
fn trucks_with_trailers_need_their_room_and_their_drivers_the_warning() {
    // Both do as drawn: the cyclist does not fall back, the truck does not wait.
    let path = find::find("truck_trailer_turn").expect("a shipped scenario");
    let text = std::fs::read_to_string(&path).expect("its text");
    let truck = "lane      = \"south-in/2\"\nturn      = \"right\"\nstart_m   = 62\n";
    let turn = "path = [[5.25, -88], [5.25, -17], [6.1, -12.6], [8.7, -8.7], [12.6, -6.1], [17, -5.25], [90, -5.25]]\n";
    let cyclist = "lane      = \"south-in/3\"\nstart_m   = 80\n";
    assert!(text.contains(truck) && text.contains(cyclist));
    let drawn = text.replace(truck, turn).replace(cyclist, "path = [[8.5, -70], [8.5, 100]]\n");
    let (outcome, _) = run(&Loaded::parse(&path, &drawn).expect("a good scenario"), None, 1);
    let hit = outcome.verdicts.iter().find(|v| v.that.contains("nobody is touched")).unwrap();
    assert!(!hit.pass && hit.measured.contains("truck+"), "the trailer, not the tractor, hits the cyclist: {hit:?}");
    fails("truck_hides_pedestrian", "obu       = true", "obu       = true\nreaction_s = 60", "does not hit");
    fails(
        "minimal_risk_stop",
        "pace      = [{ at_s = 3, speed_mps = 0, accel_mps2 = 1.2 }]\n",
        "",
        "warned of the trailer",
    );
}

#[test]
fn what_a_vehicle_does_with_signals_and_neighbours_it_does_because_it_is_told() {
    fails("red_light_warning", "obu        = true", "obu        = false", "not in the way");
    fails("green_light_speed", "advice    = true\n", "", "does not stop");
    fails("speed_limit", "advice    = true\n", "", "no faster");
    let blind = "units/x01.toml\"\nlidar = { range_m = 5 }\ncamera = { range_m = 5 }";
    fails("left_turn_assist", "units/x01.toml\"", blind, "ego knows");
    fails("hard_braking", "units/x01.toml\"", blind, "ego knows");
}

#[test]
fn lane_traffic_is_seen_by_units_and_refused_with_its_file_when_it_is_broken() {
    fails("corridor_lane_traffic", "range_m = 140", "range_m = 20", "one key");
    let refused =
        |from: &str, to: &str| match Run::new(&changed("corridor_lane_traffic", from, to), &Options::default(), None) {
            Ok(_) => panic!("{to} was taken"),
            Err(error) => error.to_string(),
        };
    assert!(refused("maps/corridor.net.xml", "maps/none.net.xml").contains("none.net.xml"));
    assert!(refused("maps/corridor.rou.xml", "maps/corridor.net.xml").contains("corridor.net.xml"));
}

#[test]
fn every_family_that_a_unit_can_see_has_a_scenario() {
    let all: Vec<Loaded> = find::list().iter().map(|path| Loaded::read(path).expect("a good scenario")).collect();
    let tagged = |tag: &str| all.iter().filter(|l| l.scenario.is_tagged(tag)).count();
    // Takeover (6.7) happens between a vehicle and its driver; no unit sees it.
    for family in ["6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "6.8"] {
        assert!(tagged(&format!("GB/T 41798 {family}")) > 0, "{family}");
    }
    for application in [
        "intersection collision",
        "left turn assist",
        "hazardous location",
        "signal violation",
        "vulnerable road user",
        "green light optimal speed",
        "traffic jam",
        "emergency vehicle",
        "speed limit",
        "abnormal vehicle",
    ] {
        assert!(
            all.iter().any(|l| l.scenario.is_tagged("day-1") && l.scenario.is_tagged(application)),
            "{application}"
        );
    }
}

#[test]
fn an_openscenario_file_takes_part_with_units_and_expectations() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/scenarios/esmini/xosc");
    let Ok(file) = shared.join("pedestrian_collision.xosc").canonicalize() else {
        println!("skipped: no ../shared");
        return;
    };
    let text = |expect: &str| {
        format!(
            "title = \"t\"\nfor_s = 9\n[openscenario]\nfile = {file:?}\nobu = [\"Ego\"]\n[[unit]]\nconfig = \"units/x01.toml\"\n\
             [[expect]]\nthat = \"x\"\n{expect}\n"
        )
    };
    let folder = find::find("crossing_day").expect("a shipped scenario");
    let loaded = Loaded::parse(&folder, &text("no_collision = { actor = \"Ego\" }")).expect("a good scenario");
    let (outcome, log) = run(&loaded, None, 1);
    // The reference engine has them touch at 5.45 s.
    let hit = &outcome.verdicts[0];
    assert!(!hit.pass && hit.measured.contains("5.4") && hit.measured.contains("pedestrian_adult"), "{hit:?}");
    assert!(log.len() > 10_000, "the unit speaks of what it sees");
    let stranger = Loaded::parse(&folder, &text("no_collision = { actor = \"Nobody\" }")).expect("read later");
    match Run::new(&stranger, &Options::default(), None) {
        Ok(_) => panic!("a name that is nowhere was taken"),
        Err(error) => assert!(error.to_string().contains("Nobody") && error.to_string().contains("Ego"), "{error}"),
    }
}

#[test]
fn every_shipped_scenario_is_listed() {
    let names: Vec<_> = find::list().iter().filter_map(|p| p.file_stem()?.to_str().map(String::from)).collect();
    for name in ["crossing_day", "pedestrian_occluded", "corridor_handover", "yard_truck_agv", "soak"] {
        assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
    }
    assert!(find::folders().iter().all(|f| f.is_dir()));
    assert!(Loaded::read(Path::new("no/such.toml")).is_err());
}
