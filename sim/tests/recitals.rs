//! OpenSCENARIO files on the command line: judged, recorded and reported like any other scenario, alone or with a side file.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rsu-sim");

/// Exit code, stdout and stderr.
fn sim(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let out = Command::new(PROGRAM).args(args).current_dir(folder).output().expect("rsu-sim");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (out.status.code(), text(&out.stdout), text(&out.stderr))
}

fn json(folder: &Path, args: &[&str]) -> (Option<i32>, Value) {
    let (code, out, err) = sim(folder, &[&["--json", "-q", "run"], args].concat());
    (code, serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out} {err}")))
}

/// A folder with our small OpenSCENARIO files.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/xosc");
    std::fs::create_dir(folder.path().join("catalogs")).unwrap();
    for file in ["speeds.xosc", "events.xosc", "straight.xodr", "catalogs/Vehicles.xosc"] {
        std::fs::copy(from.join(file), folder.path().join(file)).unwrap();
    }
    folder
}

fn write(folder: &Path, file: &str, text: &str) {
    std::fs::write(folder.join(file), text).unwrap();
}

/// Expectations of a side file: `ttc_s` as given, and the end of the storyboard.
fn side(file: &str, least_m: f64, more: &str) -> String {
    format!(
        "title = \"side\"\nseed = 3\nfor_s = 60\n{more}\n[openscenario]\nfile = \"{file}\"\n\
         [[expect]]\nthat = \"they keep their distance\"\ndistance_m = {{ min = {least_m} }}\n\
         [[expect]]\nthat = \"it ends\"\nstoryboard = {{ until_s = 60 }}\n"
    )
}

#[test]
fn a_storyboard_alone_is_judged_and_writes_every_file_the_same_again() {
    let folder = folder();
    let run = |out: &str| {
        let at = |name: &str| format!("{out}/{name}");
        let names = ["s.parquet", "t.mcap", "t.csv", "e.csv", "j.xml"].map(&at);
        let (osi, report) = (at("osi"), at("rep"));
        let [parquet, mcap, trajectory, events, junit] = &names;
        let args = ["run", "events.xosc", "--parquet", parquet, "--mcap", mcap, "--osi", &osi, "--report", &report];
        let args = [&args[..], &["--trajectory", trajectory, "--events", events, "--junit", junit]].concat();
        let (code, told, _) = sim(folder.path(), &args);
        assert_eq!(code, Some(0), "{told}");
        assert!(
            told.contains("PASS\u{1b}[0m  the storyboard runs to its end") || told.contains("PASS  the storyboard"),
            "{told}"
        );
        let osi = std::fs::read_dir(folder.path().join(osi)).unwrap().next().unwrap().unwrap().path();
        let report = folder.path().join(report).join("events/report.html");
        let files = names.iter().map(|n| folder.path().join(n)).chain([osi, report]);
        files.map(|f| std::fs::read(f).unwrap()).collect::<Vec<_>>()
    };
    let (first, again) = (run("a"), run("b"));
    for (number, (one, other)) in first.iter().zip(&again).enumerate() {
        assert!(one == other && one.len() > 300, "file {number}: {} and {} bytes", one.len(), other.len());
    }
    let html = String::from_utf8_lossy(&first[6]);
    for word in [
        "the storyboard runs to its end",
        "rsu-sim run events.xosc --seed 1",
        "Speeds and places",
        "What happened",
        "Storyboard",
        "The worst moment",
        "Safety and traffic",
    ] {
        assert!(html.contains(word), "{word}");
    }
    for outside in ["http", "src=", "href=", "@import", "url(", "<script", "NaN"] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[test]
fn the_side_file_of_the_same_name_is_taken_and_either_name_gives_the_same() {
    let folder = folder();
    write(folder.path(), "events.toml", &side("events.xosc", 1000.0, ""));
    let (_, _, told) = sim(folder.path(), &["run", "events.xosc"]);
    assert!(told.contains("side    events.toml (0 units, 2 expectations)"), "{told}");
    let (code, by_board) = json(folder.path(), &["events.xosc"]);
    assert_eq!(code, Some(4), "they come nearer than a kilometre: {by_board}");
    let (_, by_side) = json(folder.path(), &["events.toml"]);
    let (a, b) = (&by_board["scenarios"][0], &by_side["scenarios"][0]);
    for key in ["verdicts", "figures", "openscenario", "seed", "for_s", "title"] {
        assert_eq!(a[key], b[key], "{key}");
    }
    assert_eq!((a["seed"].as_u64(), a["verdicts"].as_array().map(Vec::len)), (Some(3), Some(2)));
    assert_eq!(a["repeat"], "rsu-sim run events.xosc --seed 3");
    // Left alone, only the end of the storyboard is expected; another side file expects less.
    let (code, alone) = json(folder.path(), &["events.xosc", "--no-side"]);
    assert_eq!((code, alone["scenarios"][0]["verdicts"].as_array().map(Vec::len)), (Some(0), Some(1)));
    write(folder.path(), "mild.toml", &side("events.xosc", 0.0, ""));
    let (code, mild) = json(folder.path(), &["events.xosc", "--side", "mild.toml"]);
    assert_eq!(code, Some(0), "{mild}");
    assert_eq!(mild["scenarios"][0]["repeat"], "rsu-sim run events.xosc --seed 3 --side mild.toml");
}

#[test]
fn a_side_file_with_a_unit_runs_with_it_by_either_name() {
    let folder = folder();
    let unit = sim::scenario::find::folders()[0].join("units/x01.toml").canonicalize().unwrap();
    let more = format!("[[unit]]\nconfig = \"{}\"", unit.display());
    write(
        folder.path(),
        "speeds.toml",
        &side("speeds.xosc", 0.0, "")
            .replace("for_s = 60", "for_s = 4")
            .replace("[openscenario]", &format!("{more}\n[openscenario]"))
            .replace("until_s = 60", "does = \"begin\""),
    );
    let (code, by_board) = json(folder.path(), &["speeds.xosc", "--events", "a.csv"]);
    let (_, by_side) = json(folder.path(), &["speeds.toml", "--events", "b.csv", "--trajectory", "t.csv"]);
    assert_eq!(code, Some(0), "{by_board}");
    let (a, b) = (&by_board["scenarios"][0], &by_side["scenarios"][0]);
    assert!(a["messages"].as_u64().unwrap() > 50, "{a}");
    for key in ["verdicts", "figures", "messages_fnv1a", "seed", "for_s"] {
        assert_eq!(a[key], b[key], "{key}");
    }
    let events = std::fs::read_to_string(folder.path().join("a.csv")).unwrap();
    assert!(events.starts_with("t,kind,element,detail\n") && events.contains(",storyboard,"), "{events}");
    assert_eq!(events, std::fs::read_to_string(folder.path().join("b.csv")).unwrap());
    let rows = std::fs::read_to_string(folder.path().join("t.csv")).unwrap();
    assert!(rows.lines().count() > 200, "every step of a run with units has its rows");
    let (code, _, told) = sim(folder.path(), &["run", "speeds.xosc", "--dt", "0.1"]);
    assert!(code == Some(2) && told.contains("--dt"), "{told}");
}

#[test]
fn what_is_no_side_file_is_refused_with_the_remedy_and_as_an_error() {
    let folder = folder();
    let run = |text: &str| {
        write(folder.path(), "events.toml", text);
        let (code, _, told) = sim(folder.path(), &["run", "events.xosc", "--junit", "j.xml"]);
        assert_eq!(code, Some(1), "{told}");
        let junit = std::fs::read_to_string(folder.path().join("j.xml")).unwrap();
        assert!(junit.contains("tests=\"1\"") && junit.contains("failures=\"0\" errors=\"1\""), "{junit}");
        told
    };
    let other = run(&side("speeds.xosc", 1.0, ""));
    assert!(other.contains("its [openscenario] names speeds.xosc") && other.contains("--no-side"), "{other}");
    let none =
        run("title = \"x\"\nfor_s = 1\n[[unit]]\nconfig = \"u.toml\"\n[[expect]]\nthat = \"x\"\nno_collision = {}\n");
    assert!(none.contains("it has no [openscenario]") && none.contains("--side"), "{none}");
    let flow = run(&side("events.xosc", 1.0, "[[flow]]\nlink = \"x\"\nper_hour = 1"));
    assert!(flow.contains("[[flow]] needs a unit"), "{flow}");
    let deaf =
        run(&side("events.xosc", 1.0, "[[expect]]\nthat = \"it speaks\"\nrate = { message = \"rsm\", min_hz = 1 }"));
    assert!(deaf.contains("`it speaks` is measured on a unit"), "{deaf}");
    let typo = run(&side("events.xosc", 1.0, "").replace("until_s", "element = \"nonsense\", until_s"));
    assert!(typo.contains("`nonsense` of the storyboard; its acts and events are"), "{typo}");
    let who = run(&side("events.xosc", 1.0, "").replace("{ min", "{ actor = \"Nobody\", min"));
    assert!(who.contains("`Nobody`"), "{who}");
}

#[test]
fn failures_errors_and_passes_are_counted_apart() {
    let folder = folder();
    write(folder.path(), "speeds.toml", &side("speeds.xosc", 1e4, ""));
    write(folder.path(), "broken.xosc", "<OpenSCENARIO><FileHeader revMajor=\"1\" revMinor=\"1\"/></OpenSCENARIO>");
    let args = ["run", "events.xosc", "speeds.xosc", "broken.xosc", "--junit", "j.xml"];
    let (code, ..) = sim(folder.path(), &args);
    assert_eq!(code, Some(1), "one cannot be run");
    let junit = std::fs::read_to_string(folder.path().join("j.xml")).unwrap();
    assert!(junit.contains("tests=\"4\" skipped=\"0\" failures=\"1\" errors=\"1\""), "{junit}");
    assert!(junit.contains("repeat: rsu-sim run speeds.xosc --seed 3"), "{junit}");
}

#[test]
fn a_storyboard_without_an_end_fails_unless_somebody_says_how_long() {
    let folder = folder();
    let text = std::fs::read_to_string(folder.path().join("events.xosc")).unwrap();
    let (from, to) = (text.rfind("<StopTrigger>").unwrap(), text.rfind("</StopTrigger>").unwrap());
    let never = "<ConditionGroup><Condition name=\"never\" delay=\"0\" conditionEdge=\"none\"><ByValueCondition>\
                 <SimulationTimeCondition value=\"1e9\" rule=\"greaterThan\"/></ByValueCondition></Condition></ConditionGroup>";
    write(folder.path(), "endless.xosc", &format!("{}<StopTrigger>{never}{}", &text[..from], &text[to..]));
    let (code, endless) = json(folder.path(), &["endless.xosc", "--dt", "0.5"]);
    assert_eq!(code, Some(4), "{endless}");
    let verdict = &endless["scenarios"][0]["verdicts"][0];
    assert!(verdict["measured"].as_str().unwrap().contains("--for"), "{verdict}");
    let (code, asked) = json(folder.path(), &["endless.xosc", "--dt", "0.5", "--for", "5s"]);
    assert_eq!((code, asked["scenarios"][0]["for_s"].as_f64()), (Some(0), Some(5.0)), "{asked}");
}

/// `speeds.xosc` with its first speed as the parameter `Top`.
fn with_parameter(folder: &Path) {
    let text = std::fs::read_to_string(folder.join("speeds.xosc")).unwrap();
    let declared = "<ParameterDeclaration name=\"Top\" parameterType=\"double\" value=\"20\"/></ParameterDeclarations>";
    let text = text.replacen("</ParameterDeclarations>", declared, 1);
    let text = text.replacen("<AbsoluteTargetSpeed value=\"20\"/>", "<AbsoluteTargetSpeed value=\"$Top\"/>", 1);
    write(folder, "speeds.xosc", &text);
}

#[test]
fn a_sweep_varies_the_parameters_of_a_storyboard_without_units() {
    let folder = folder();
    with_parameter(folder.path());
    write(folder.path(), "speeds.toml", &side("speeds.xosc", 0.0, ""));
    let plan = "scenario = \"speeds.toml\"\nruns = 1\n[vary]\nopenscenario.values.Top = [8.0, 12.0]\n";
    write(folder.path(), "plan.toml", plan);
    let (code, told, err) = sim(folder.path(), &["sweep", "plan.toml", "--out", "out", "-q"]);
    assert_eq!(code, Some(0), "{told} {err}");
    let rows = std::fs::read_to_string(folder.path().join("out/rows.jsonl")).unwrap();
    let rows: Vec<Value> =
        rows.lines().filter_map(|l| serde_json::from_str(l).ok()).filter(|v: &Value| v["run"].is_u64()).collect();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_ne!(rows[0]["messages_fnv1a"], rows[1]["messages_fnv1a"], "they go another way");
    let (code, told, _) = sim(folder.path(), &["sweep", "plan.toml", "--only", "1", "--out", "again"]);
    assert!(code == Some(0) && told.contains("it ends"), "{told}");
    // The OpenSCENARIO file may be named itself: with its side file, or without one.
    for (side, expected) in [(true, "it ends"), (false, "the storyboard runs to its end")] {
        if !side {
            std::fs::remove_file(folder.path().join("speeds.toml")).unwrap();
        }
        write(folder.path(), "plan.toml", &plan.replace("speeds.toml", "speeds.xosc"));
        let (code, told, err) = sim(folder.path(), &["sweep", "plan.toml", "--only", "0", "--out", "again"]);
        assert!(code == Some(0) && told.contains(expected), "{told} {err}");
    }
}

#[test]
fn one_run_of_a_distribution_is_repeated_by_its_command() {
    let folder = folder();
    with_parameter(folder.path());
    write(
        folder.path(),
        "many.xosc",
        "<OpenSCENARIO><FileHeader author=\"\" date=\"2026-01-01T00:00:00\" description=\"\" revMajor=\"1\" revMinor=\"1\"/>\
             <ParameterValueDistribution><ScenarioFile filepath=\"speeds.xosc\"/><Deterministic>\
             <DeterministicSingleParameterDistribution parameterName=\"Top\"><DistributionSet><Element value=\"8\"/>\
             <Element value=\"12\"/></DistributionSet></DeterministicSingleParameterDistribution></Deterministic>\
             </ParameterValueDistribution></OpenSCENARIO>",
    );
    let (_, all) = json(folder.path(), &["many.xosc"]);
    let runs = all["scenarios"].as_array().unwrap();
    assert_eq!(runs.len(), 2, "{all}");
    assert_eq!(runs[1]["scenario"], "many.1");
    assert_ne!(runs[0]["openscenario"]["trajectory_fnv1a"], runs[1]["openscenario"]["trajectory_fnv1a"]);
    let repeat = runs[1]["repeat"].as_str().unwrap().strip_prefix("rsu-sim run ").unwrap();
    let (_, again) = json(folder.path(), &repeat.split(' ').collect::<Vec<_>>());
    assert_eq!(again["scenarios"][0], runs[1]);
}

#[test]
fn two_runs_are_compared_step_by_step_event_by_event_and_verdict_by_verdict() {
    let folder = folder();
    let run = |name: &str, more: &[&str]| {
        let files =
            [format!("{name}.parquet"), format!("{name}.csv"), format!("{name}-events.csv"), format!("{name}-rep")];
        let args =
            ["run", "events.xosc", "-q", "--parquet", &files[0], "--trajectory", &files[1], "--events", &files[2]];
        let (code, told, err) = sim(folder.path(), &[&args[..], &["--report", &files[3]], more].concat());
        assert!(code == Some(0) || code == Some(4), "{told} {err}");
    };
    run("a", &[]);
    run("b", &[]);
    run("c", &["--dt", "0.01"]);
    write(folder.path(), "events.toml", &side("events.xosc", 0.0, "").replace("until_s = 60", "until_s = 0.5"));
    run("d", &[]);
    let compare = |a: &str, b: &str, more: &[&str]| sim(folder.path(), &[&["compare", a, b], more].concat());
    for kind in [".parquet", ".csv", "-events.csv", "-rep"] {
        let (code, told, err) = compare(&format!("a{kind}"), &format!("b{kind}"), &[]);
        assert_eq!(code, Some(0), "{kind}: {told} {err}");
    }
    let (code, told, _) = compare("a.parquet", "c.parquet", &[]);
    assert!(code == Some(4) && told.contains("first differ at"), "{told}");
    let (code, ..) = compare("a.parquet", "c.parquet", &["--absolute", "20"]);
    assert_eq!(code, Some(0));
    let (code, told, _) = compare("a-rep", "d-rep", &[]);
    assert!(code == Some(4) && told.contains("events: it ends: not there to FAIL"), "{told}");
    let (code, _, err) = compare("a.parquet", "a-events.csv", &[]);
    assert!(code == Some(1) && err.contains("steps of a run") && err.contains("events of a run"), "{err}");
    let (_, told, _) = sim(folder.path(), &["--json", "compare", "a.csv", "c.csv"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["schema"], told["same"].as_bool()), (&Value::from("rsu-sim.compare-steps/1"), Some(false)));
    assert!(told["both"][0]["rms_m"].as_f64().unwrap() > 0.0, "{told}");
}

#[test]
fn every_expectation_is_told_in_the_docs() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/simulation.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    for name in sim::scenario::expect::CHECKS.split(", ") {
        assert!(docs.contains(&format!("`{name} ")) || docs.contains(&format!("`{name}`")), "{name}");
    }
}
