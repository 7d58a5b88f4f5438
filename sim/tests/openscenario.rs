//! OpenSCENARIO: the reference scenarios, features that they do not touch with values found by pencil, hostile files.
#![allow(clippy::unwrap_used)]

#[path = "openscenario/traffic.rs"]
mod traffic;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use sim::openscenario::xml::Element;
use sim::openscenario::{Complaint, Engine, EventKind, Options, Scenario, csv, standard};
use sim::random::Luck;

fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/xosc").join(name)
}

/// Our own files.
const FILES: [&str; 10] = [
    "speeds",
    "lanes",
    "events",
    "conditions",
    "trajectories",
    "together",
    "details",
    "source",
    "swarm",
    "controllers",
];

fn read(path: &Path) -> Scenario {
    Scenario::read(path).unwrap_or_else(|complaints| panic!("{}: {complaints:#?}", path.display()))
}

/// Where everybody was at every step, and the engine at its end.
struct Played {
    rows: BTreeMap<(u32, String), Row>,
    engine: Engine,
    text: String,
}

/// One row of the trajectory file.
#[derive(Clone, Copy, Debug)]
struct Row {
    x: f64,
    y: f64,
    z: f64,
    heading: f64,
    speed: f64,
}

fn rows(text: &str) -> BTreeMap<(u32, String), Row> {
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<_> = line.split(',').collect();
            let number = |i: usize| cells[i].parse::<f64>().unwrap();
            let row = Row { x: number(2), y: number(3), z: number(4), heading: number(5), speed: number(7) };
            (((number(0) * 1000.0).round() as u32, cells[1].to_owned()), row)
        })
        .collect()
}

fn play(scenario: &Scenario) -> Played {
    let mut engine = Engine::new(scenario, Options::default());
    let mut text = csv::TRAJECTORY.to_owned() + &csv::rows(&engine);
    while engine.step() {
        text += &csv::rows(&engine);
    }
    Played { rows: rows(&text), engine, text }
}

impl Played {
    fn at(&self, t: f64, who: &str) -> Row {
        let key = ((t * 1000.0).round() as u32, who.to_owned());
        *self.rows.get(&key).unwrap_or_else(|| panic!("{who} is not there at {t}"))
    }

    #[track_caller]
    fn speed(&self, t: f64, who: &str, wanted: f64, tolerance: f64) {
        let speed = self.at(t, who).speed;
        assert!((speed - wanted).abs() <= tolerance, "{who} at {t}: {speed} m/s, not {wanted}");
    }

    #[track_caller]
    fn place(&self, t: f64, who: &str, x: f64, y: f64, tolerance: f64) {
        let row = self.at(t, who);
        assert!((row.x - x).hypot(row.y - y) <= tolerance, "{who} at {t}: {row:?}, not {x}, {y}");
    }

    /// When an element started.
    fn starts(&self, element: &str) -> Vec<f64> {
        self.moments(element, "startTransition>runningState")
    }

    fn moments(&self, element: &str, detail: &str) -> Vec<f64> {
        let all = self.engine.events().iter();
        all.filter(|e| e.kind == EventKind::State && e.element == element && e.detail == detail).map(|e| e.t).collect()
    }

    #[track_caller]
    fn starts_at(&self, element: &str, t: f64) {
        let starts = self.starts(element);
        assert!(starts.first().is_some_and(|s| (s - t).abs() < 1e-6), "{element} starts at {starts:?}, not {t}");
    }
}

/// A reference: name, file, and who is not compared.
const REFERENCES: [(&str, &str, &[&str]); 12] = [
    ("slow-lead-vehicle", "esmini/xosc/slow-lead-vehicle.xosc", &[]),
    ("cut-in", "esmini/xosc/cut-in.xosc", &[]),
    ("speed-profile", "esmini/xosc/speed-profile.xosc", &[]),
    ("lane_change_crest", "esmini/xosc/lane_change_crest.xosc", &[]),
    ("synch_with_steady_state", "esmini/xosc/synch_with_steady_state.xosc", &[]),
    ("pedestrian_collision", "esmini/xosc/pedestrian_collision.xosc", &[]),
    ("traffic_lights", "esmini/xosc/traffic_lights.xosc", &[]),
    ("long_dist_action_with_jerk", "esmini/xosc/long_dist_action_with_jerk.xosc", &[]),
    ("ALKS_4.1_2_SwervingLeadVehicle", "alks/Scenarios/ALKS_Scenario_4.1_2_SwervingLeadVehicle_TEMPLATE.xosc", &[]),
    ("ALKS_4.4_1_CutInNoCollision", "alks/Scenarios/ALKS_Scenario_4.4_1_CutInNoCollision_TEMPLATE.xosc", &[]),
    ("NCAP_CCFtap_2023", "ncap/OpenSCENARIO/NCAP/AEB_C2C_2023/NCAP_AEB_C2C_CCFtap_2023.xosc", &[]),
    ("NCAP_CPNCO_2023", "ncap/OpenSCENARIO/NCAP/AEB_VRU_2023/NCAP_AEB_VRU_CPNCO_2023.xosc", &[]),
];

/// One step, with room for rounding in the files.
const STEP: f64 = 0.0501;

type Occurrences = BTreeMap<(String, String), Vec<f64>>;

/// Events by what happened, without the values that decided.
fn occurrences<'a>(events: impl Iterator<Item = (f64, &'a str, &'a str, &'a str)>) -> Occurrences {
    let mut all = Occurrences::new();
    for (t, kind, element, detail) in events.filter(|e| e.1 != "note") {
        let what = if kind == "condition" { kind.to_owned() } else { format!("{kind} {detail}") };
        all.entry((what, element.to_owned())).or_default().push(t);
    }
    all
}

fn reference_events(text: &str) -> Occurrences {
    let lines = text.lines().skip(1).map(|line| {
        let mut cells = line.splitn(4, ',');
        let mut next = || cells.next().unwrap_or_default();
        let t: f64 = next().parse().unwrap();
        (t, next(), next(), next())
    });
    occurrences(lines)
}

/// What is wrong between our events and those of the reference, in words.
fn differences(ours: &Occurrences, theirs: &Occurrences, without: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    let counted = |(_, element): &(String, String)| !without.iter().any(|w| element.split('|').any(|e| e == *w));
    for (key, times) in theirs.iter().filter(|(k, _)| counted(k)) {
        let mine = ours.get(key).cloned().unwrap_or_default();
        // Collisions may begin two steps apart.
        let room = if key.0.starts_with("collision") { 2.0 * STEP } else { STEP };
        let far = times.iter().zip(&mine).any(|(a, b)| (a - b).abs() > room);
        if mine.len() != times.len() || far {
            wrong.push(format!("{} {}: {mine:?}, not {times:?}", key.1, key.0));
        }
    }
    let extra = ours.iter().filter(|(k, _)| counted(k) && !theirs.contains_key(*k));
    wrong.extend(extra.map(|(k, times)| format!("{} {}: {times:?}, not at all", k.1, k.0)));
    wrong
}

#[test]
fn the_reference_scenarios_go_as_esmini_drives_them() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/scenarios");
    let Ok(index) = std::fs::read_to_string(shared.join("reference/index.json")) else {
        println!("skipped: no ../shared");
        return;
    };
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    let mut table = String::from("scenario                        bar m   RMS m   worst m  events differ\n");
    let mut failed = Vec::new();
    for (name, file, without) in REFERENCES {
        let entry = index.as_array().unwrap().iter().find(|e| e["name"] == name).unwrap();
        let bar = entry["dt_sensitivity"]["rms_pos_m"].as_f64().unwrap().max(0.10);
        let text = |kind| std::fs::read_to_string(shared.join(format!("reference/{name}.{kind}.csv"))).unwrap();
        let played = play(&read(&shared.join(file)));
        let mut by_entity: BTreeMap<String, (f64, usize)> = BTreeMap::new();
        let mut worst = 0.0_f64;
        for ((t, who), theirs) in rows(&text("trajectory")).iter().filter(|((_, w), _)| !without.contains(&w.as_str()))
        {
            let Some(ours) = played.rows.get(&(*t, who.clone())) else { continue };
            let squared = (ours.x - theirs.x).powi(2) + (ours.y - theirs.y).powi(2) + (ours.z - theirs.z).powi(2);
            let sum = by_entity.entry(who.clone()).or_default();
            (sum.0, sum.1) = (sum.0 + squared, sum.1 + 1);
            worst = worst.max(squared.sqrt());
        }
        let rms = by_entity.values().map(|(sum, n)| (sum / *n as f64).sqrt()).fold(0.0, f64::max);
        let events = played.engine.events().iter();
        let ours = occurrences(events.map(|e| (e.t, e.kind.word(), e.element.as_str(), e.detail.as_str())));
        let wrong = differences(&ours, &reference_events(&text("events")), without);
        let ended = entry["t_end"].as_f64().unwrap();
        let at_end = (played.engine.time() - ended).abs() < STEP;
        writeln!(table, "{name:<30} {bar:>6.3}  {rms:>6.4}  {worst:>7.4}  {}", wrong.len()).unwrap();
        if rms > bar || !wrong.is_empty() || !at_end || by_entity.is_empty() {
            failed.push(format!("{name}: RMS {rms}, ends {} of {ended}, {wrong:#?}", played.engine.time()));
        }
    }
    println!("{table}");
    assert!(failed.is_empty(), "{table}\n{failed:#?}");
}

#[test]
fn speeds_follow_their_shapes_within_what_the_car_can_do() {
    let played = play(&read(&own("speeds.xosc")));
    // Actions start at 1.05 s: the first step after 1 s.
    played.speed(3.55, "linear", 15.0, 1e-3);
    played.speed(6.05, "linear", 20.0, 1e-3);
    // At most 3 m/s² as a cubic: 1.5 * 10 / 3 = 5 s; a quarter of it is 10 * (3 / 16 - 2 / 64) more.
    played.speed(2.30, "cubic", 11.5625, 1e-3);
    played.speed(3.55, "cubic", 15.0, 1e-3);
    played.speed(2.05, "sine", 10.0 - 5.0 * (1.0 - std::f64::consts::FRAC_1_SQRT_2), 1e-3);
    played.speed(3.05, "sine", 5.0, 1e-3);
    // 50 m from 10 m/s to standing take 10 s; speed before place makes the way half a step of 10 m/s shorter.
    played.speed(6.05, "way", 5.0, 1e-3);
    played.place(11.5, "way", 10.5 + 50.0 - 0.25, -5.25, 1e-2);
    played.speed(12.0, "factor", 10.0, 1e-3);
    // 100 m/s are asked for in 1 s: it goes to its 60 m/s at its 10 m/s².
    played.speed(2.05, "limited", 20.0, 1e-2);
    played.speed(11.0, "limited", 60.0, 1e-3);
    // A continuous one never ends of itself.
    assert!(played.moments("factor", "endTransition>completeState").iter().all(|t| *t > 12.0));
}

#[test]
fn lanes_are_changed_in_time_by_metres_and_seen_from_others() {
    let played = play(&read(&own("lanes.xosc")));
    let across = |t, who| played.at(t, who).y;
    let close = |a: f64, b: f64| assert!((a - b).abs() < 2e-2, "{a}, not {b}");
    close(across(3.05, "absolute"), -3.5);
    close(across(5.05, "absolute"), -1.75);
    // One lane to the left of a car in lane 1 that looks the other way is lane -1.
    close(across(3.05, "relative"), -3.5);
    close(across(6.0, "relative"), -1.75);
    // From -1.75 to -4.75 within 40 m along the road.
    close(across(2.05, "metres"), -1.75 - 3.0 * 0.5);
    close(across(4.0, "metres"), -4.75);
    // 1.2 m at 0.8 m/s² as a cubic take sqrt(6 * 1.2 / 0.8) = 3 s; the first step only looks.
    close(across(2.60, "offset"), -5.25 + 0.6);
    close(across(5.0, "offset"), -5.25 + 1.2);
    // To the right of somebody who looks against the road is away from its middle.
    close(across(5.10, "oncoming"), 5.25);
    played.speed(5.0, "absolute", 20.0, 1e-9);
    assert!((played.at(2.05, "absolute").heading - (1.5 * 3.5 / 4.0 * 0.75 / 20.0_f64).asin()).abs() < 5e-3);
}

#[test]
fn events_heed_priorities_executions_edges_and_delays() {
    let played = play(&read(&own("events.xosc")));
    played.starts_at("long", 1.05);
    played.starts_at("beside", 1.55);
    assert!(played.starts("skipped").is_empty(), "skipped ran while another did");
    played.starts_at("over", 2.55);
    assert_eq!(played.moments("long", "endTransition>completeState")[0], played.starts("over")[0]);
    assert_eq!(played.starts("thrice").len(), 3);
    assert_eq!((played.engine.value("count"), played.engine.value("product")), (Some("6"), Some("27")));
    played.starts_at("delayed", 2.55);
    played.starts_at("falling", 3.0);
    played.starts_at("after", 2.60);
    played.starts_at("by value", 1.15);
    for name in ["late", "fell", "after", "seen"] {
        assert_eq!(played.engine.value(name), Some("true"), "{name}");
    }
}

#[test]
fn every_condition_becomes_true_when_a_pencil_says_so() {
    let scenario = read(&own("conditions.xosc"));
    assert_eq!(scenario.notes.len(), 1, "a value from outside is worth a note: {:?}", scenario.notes);
    let played = play(&scenario);
    // The car: 10 m/s, from 1.05 s on 2 m/s² more up to 20 m/s at 6.05 s, n steps later at
    // 10.5 + 0.5 n + 0.0025 n (n + 1); the lead: 100 m ahead, 10 m/s.
    for (element, t) in [
        ("sideways speed", 0.0),
        ("angle", 0.0),
        ("relative angle", 0.0),
        ("clear", 0.0),
        ("parameter", 0.0),
        ("off road", 1.0),
        ("light", 1.05),
        ("acceleration", 1.10),
        ("stand still", 2.0),
        ("clock", 3.0),
        ("speed", 3.55),
        ("end of road", 4.0),
        ("phase", 4.0),
        ("travelled", 4.10),
        ("relative speed", 5.10),
        ("headway", 5.80),
        ("reach", 6.70),
        ("near free", 7.05),
        ("near", 7.55),
        ("ttc", 7.55),
        ("distance", 9.80),
        ("collision", 13.05),
        ("collision of kind", 13.05),
    ] {
        played.starts_at(element, t);
    }
    assert!(played.starts("outside").is_empty());
    let mut engine = Engine::new(&scenario, Options::default());
    engine.set_value("told", "now");
    engine.step();
    assert!(engine.events().iter().any(|e| e.element == "outside" && e.detail.starts_with("startTransition")));
}

#[test]
fn trajectories_are_driven_with_their_times_or_with_the_cars_speed() {
    let played = play(&read(&own("trajectories.xosc")));
    played.place(2.05, "timed", 20.0, 50.0, 1e-3);
    played.place(3.05, "timed", 40.0, 50.0, 1e-3);
    played.place(4.05, "timed", 40.0, 70.0, 1e-3);
    played.speed(4.05, "timed", 20.0, 1e-3);
    played.place(3.0, "absolute", 20.0, 60.0, 1e-3);
    played.place(4.05, "own", 30.5, 80.0, 1e-3);
    // An arc of 20 m radius: 30 m are 1.5 rad.
    let (sin, cos) = 1.5_f64.sin_cos();
    played.place(4.05, "arc", 10.5 + 20.0 * sin, 100.0 + 20.0 * (1.0 - cos), 1e-2);
    assert!((played.at(4.05, "arc").heading - 1.5).abs() < 1e-2);
    // From where the car is: 10 m straight, then 10 m of an arc of 10 m radius.
    let (sin, cos) = 1.0_f64.sin_cos();
    played.place(3.05, "spline", 20.5 + 10.0 * sin, 150.0 + 10.0 * (1.0 - cos), 1e-2);
    // A quarter circle of 20 m radius about (80, 200).
    played.place(3.05, "nurbs", 80.0 + 20.0 * cos, 200.0 + 20.0 * sin, 1e-2);
}

#[test]
fn entities_meet_keep_gaps_pull_trailers_come_and_go() {
    let played = play(&read(&own("together.xosc")));
    // The master is within 0.5 m of 300 m after 14.975 s.
    let met = played.moments("meet", "endTransition>completeState")[0];
    assert!((met - 14.95).abs() < 0.051, "{met}");
    let slave = played.at(15.0, "slave");
    assert!((slave.x - 450.0).abs() < 1.5 && (slave.speed - 8.0).abs() < 1e-6, "{slave:?}");
    let gap = played.at(18.0, "lead").x - played.at(18.0, "behind").x;
    assert!((gap - 40.0).abs() < 0.5, "{gap}");
    // 2 m between two cars of 2 m: 4 m between their middles.
    assert!((played.at(3.0, "beside").y - -1.25).abs() < 2e-2, "{:?}", played.at(3.0, "beside"));
    let (tug, cart) = (played.at(4.0, "tug"), played.at(4.0, "cart"));
    assert!((cart.x - tug.x - 5.0).abs() < 1e-6 && (cart.y - tug.y).abs() < 1e-6, "{tug:?} {cart:?}");
    assert!((played.at(10.0, "cart").x - played.at(6.0, "cart").x).abs() < 1e-9, "let go, it stands");
    let there: BTreeSet<_> = played.rows.keys().filter(|(_, who)| who == "late").map(|(t, _)| *t).collect();
    assert_eq!((there.first(), there.last()), (Some(&2100), Some(&4050)));
    played.place(2.10, "late", 700.0, -5.25, 1e-9);
    // Where the others were when the action started, one step before.
    played.place(1.10, "jumper", 115.75 + 50.0, -1.75 + 0.5, 1e-3);
    played.place(2.10, "jumper", 879.5 - 30.0, 5.25 - 2.0, 1e-3);
    played.place(3.10, "jumper", 869.5 + 30.0, 5.25 - 4.0, 1e-3);
    played.place(4.10, "jumper", 160.75 + 20.0, -5.25 + 1.0, 1e-3);
    played.place(5.10, "jumper", 350.0, -1.75 + 0.25, 1e-3);
    played.place(6.10, "jumper", 333.0, 2.0, 1e-3);
    assert!((played.at(6.10, "jumper").heading - 3.0).abs() < 1e-4);
}

#[test]
fn several_actors_are_told_each_guests_come_back_and_lights_end_each_other() {
    let played = play(&read(&own("details.xosc")));
    // Two actors, one action: told for each.
    assert_eq!(played.starts("both it").len(), 2);
    assert_eq!(played.moments("both it", "endTransition>completeState").len(), 2);
    // The guest comes back with the speed it had; a second coming finds it there.
    played.speed(3.50, "guest", 10.0, 1e-9);
    played.place(4.0, "guest", 309.5, -5.25, 1e-6);
    assert!(played.at(5.0, "guest").x < 400.0, "it was put elsewhere though it was there");
    // It flashes until the same lights are told otherwise, which takes half a second.
    assert!((played.moments("blink it", "endTransition>completeState")[0] - 3.05).abs() < 1e-6);
    assert_eq!(played.starts("lampdark").len(), 1, "texts are joined by plus");
    assert!((played.moments("lampdark", "endTransition>completeState")[0] - 3.55).abs() < 1e-6);
    // 2 m to the left of y = -1.75, at once and on along the other's direction.
    played.place(1.10, "beside", 460.5, 0.25, 1e-6);
    played.place(3.0, "beside", 479.5, 0.25, 1e-6);
    // 2 m to the right on the road, driving on at its speed.
    played.place(3.0, "rigid", 490.0, -3.75, 1e-6);
    // Without times the speed drives: 10 m/s, then 20 m/s.
    played.place(2.05, "untimed", 100.0, 60.0, 1e-3);
    played.speed(4.50, "untimed", 20.0, 1e-6);
    // It is there at 2.05 s; where it looks does not matter.
    played.starts_at("arrive", 2.05);
}

#[test]
fn two_runs_are_equal_to_the_bit() {
    for name in FILES {
        let scenario = read(&own(&format!("{name}.xosc")));
        let (a, b) = (play(&scenario), play(&scenario));
        assert_eq!(a.text, b.text, "{name}");
        assert_eq!(a.engine.events(), b.engine.events(), "{name}");
        let bits = |p: &Played| -> Vec<u64> {
            let poses = p.engine.actors().iter().map(|a| a.place.pose);
            poses.flat_map(|q| [q.x, q.y, q.z, q.yaw, q.pitch, q.roll]).map(f64::to_bits).collect()
        };
        assert_eq!(bits(&a), bits(&b), "{name}");
    }
}

/// A small scenario with something of it replaced.
fn broken(from: &str, to: &str) -> Vec<Complaint> {
    let text = std::fs::read_to_string(own("speeds.xosc")).unwrap();
    assert!(text.contains(from), "speeds.xosc no longer says {from}");
    let root = match sim::openscenario::xml::parse(&text.replacen(from, to, 1), "broken.xosc") {
        Ok(root) => root,
        Err(complaint) => return vec![complaint],
    };
    let folder = own("speeds.xosc").parent().unwrap().to_owned();
    match Scenario::of(&root, "broken", folder, &BTreeMap::new()) {
        Ok(_) => panic!("{to} was taken"),
        Err(complaints) => complaints,
    }
}

#[test]
fn broken_and_hostile_files_end_with_file_line_element_and_remedy() {
    let many: String = (0..20_000)
        .map(|i| format!("<ScenarioObject name=\"e{i}\"><CatalogReference catalogName=\"Vehicles\" entryName=\"car\"/></ScenarioObject>"))
        .collect();
    let cycle = "<ParameterDeclarations><ParameterDeclaration name=\"a\" parameterType=\"double\" value=\"$b\"/>\
                 <ParameterDeclaration name=\"b\" parameterType=\"double\" value=\"$a\"/></ParameterDeclarations>";
    let cases: [(&str, String, &str); 14] = [
        ("<Directory path=\"catalogs\"/>", "<Directory path=\"nowhere\"/>".into(), "no catalog is called"),
        ("straight.xodr", "missing.xodr".into(), "missing.xodr"),
        ("<ParameterDeclarations></ParameterDeclarations>", cycle.into(), "no parameter is called $b"),
        ("<Entities>", format!("<Entities>{many}"), "more than 10000"),
        ("s=\"0\" offset=\"0\"", "s=\"NaN\" offset=\"0\"".into(), "no number of use"),
        ("s=\"0\" offset=\"0\"", "s=\"1e308\" offset=\"0\"".into(), "no number of use"),
        ("entityRef=\"linear\"", "entityRef=\"nobody\"".into(), "no entity is called"),
        ("entryName=\"car\"", "entryName=\"tank\"".into(), "no entry"),
        ("<SpeedAction>", "<HoverAction/><SpeedAction>".into(), "the standard has no HoverAction"),
        ("dynamicsShape=\"step\"", "dynamicsShape=\"jump\"".into(), "not known"),
        ("name=\"cubic\"", "name=\"linear\"".into(), "taken"),
        ("revMinor=\"3\"", "revMinor=\"9\"".into(), "1.9"),
        ("value=\"10\"", "value=\"${1/0}\"".into(), "division"),
        ("</OpenSCENARIO>", "</OpenSCENARI>".into(), "well-formed"),
    ];
    for (from, to, said) in cases {
        let complaints = broken(from, &to);
        let told = complaints.iter().find(|c| c.to_string().contains(said));
        let told = told.unwrap_or_else(|| panic!("{said}: {complaints:#?}"));
        assert!(!told.file.is_empty() && !told.element.is_empty() && !told.remedy.is_empty(), "{told:?}");
        assert!(told.line > 0 || told.file.ends_with("missing.xodr"), "{told:?}");
        assert!(complaints.len() <= 201, "{said}: {}", complaints.len());
    }
    let refused = broken("<SpeedAction>", "<SpeedAction fast=\"yes\">");
    assert!(refused[0].what.contains("no attribute fast"), "{refused:?}");
}

/// An element somewhere in the tree, by its number from the root.
fn nth<'a>(root: &'a mut Element, n: &mut usize) -> Option<&'a mut Element> {
    if *n == 0 {
        return Some(root);
    }
    *n -= 1;
    root.children.iter_mut().find_map(|child| nth(child, n))
}

#[test]
fn damaged_files_are_refused_or_run_but_never_panic_or_lose_anybody() {
    let values = ["-1", "0", "1e9", "-1e9", "1e-9", "INF", "NaN", "", "$x", "${1/0}", "word", "true", "2"];
    let mut luck = Luck::new(5, "damage");
    let mut draw = |n: usize| luck.pick(&vec![1.0; n.max(1)]);
    let (mut ran, mut refused) = (0, 0);
    for round in 0..300 {
        let name = FILES[draw(FILES.len())];
        let path = own(&format!("{name}.xosc"));
        let mut root = sim::openscenario::xml::read(&path).unwrap();
        for _ in 0..=draw(3) {
            let Some(element) = nth(&mut root, &mut draw(400)) else { continue };
            let (attributes, children) = (element.attributes.len(), element.children.len());
            match draw(4) {
                0 | 1 if attributes > 0 => element.attributes[draw(attributes)].1 = values[draw(values.len())].into(),
                2 if children > 0 => drop(element.children.remove(draw(children))),
                _ if children > 1 => element.children.swap(draw(children), draw(children)),
                _ => {}
            }
        }
        let Ok(scenario) = Scenario::of(&root, name, path.parent().unwrap().into(), &BTreeMap::new()) else {
            refused += 1;
            continue;
        };
        ran += 1;
        let mut engine = Engine::new(&scenario, Options::default());
        let _ = (0..100).take_while(|_| engine.step()).count();
        for actor in engine.actors() {
            let pose = actor.place.pose;
            assert!([pose.x, pose.y, pose.yaw, actor.speed].iter().all(|v| v.is_finite()), "round {round}: {pose:?}");
        }
    }
    assert!(ran > 30 && refused > 30, "{ran} ran, {refused} were refused");
}

#[test]
fn what_is_not_supported_is_refused_with_its_place() {
    let swarm = "<Actions>\n<GlobalAction><UserDefinedAction><CustomCommandAction type=\"x\">y</CustomCommandAction></UserDefinedAction></GlobalAction>";
    let complaints = broken("<Actions>", swarm);
    assert!(complaints.iter().any(|c| c.element == "UserDefinedAction" && c.line > 0), "{complaints:?}");
    let traffic = "<Actions><GlobalAction><TrafficAction trafficName=\"t\"><TrafficSinkAction radius=\"5\"/></TrafficAction></GlobalAction>";
    let complaints = broken("<Actions>", traffic);
    assert!(complaints.iter().any(|c| c.element == "TrafficSinkAction"), "{complaints:?}");
}

#[test]
fn the_coverage_table_of_the_docs_is_the_one_in_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openscenario.md");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let marker = "<!-- table -->\n";
    let (before, _) = text.split_once(marker).expect("docs/openscenario.md has its marker");
    let wanted = format!("{before}{marker}{}", standard::table());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    } else {
        assert_eq!(text, wanted, "write it with UPDATE_DOCS=1");
    }
}
