//! Sweeps with real processes: ended half way and gone on with, in parts and merged, the results are the same bytes.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use sim::output::parquet::{Column, Table};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rsu-sim");
const RUNS: u64 = 60;
const PLAN: &str = "scenario = \"pedestrian_occluded\"\nruns = 20\nfor_s = 3\n[vary]\nchannel.loss = [0.0, 0.3, 0.6]\n\
                    actor.ego.speed_mps = \"8..20\"\n[report.nearest]\nx = \"channel.loss\"\ny = \"min_distance_m\"\n";

fn sim(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let out = Command::new(PROGRAM).args(args).current_dir(folder).output().expect("rsu-sim");
    let text = [out.stdout, out.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).concat();
    (out.status.code(), text)
}

/// A folder with the plan. No warning comes within its three seconds, so every run of it fails.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("plan.toml"), PLAN).expect("a plan");
    folder
}

fn rows(folder: &Path, out: &str) -> usize {
    std::fs::read_to_string(folder.join(out).join("rows.jsonl")).map_or(0, |t| t.lines().count().saturating_sub(1))
}

/// Starts a sweep and kills it when some rows are there; then half a line is left, as a dying machine leaves it.
fn killed(folder: &Path, args: &[&str], out: &str) -> usize {
    let mut child = Command::new(PROGRAM)
        .args(args)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while rows(folder, out) < 5 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be killed");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let mut file = OpenOptions::new().append(true).open(folder.join(out).join("rows.jsonl")).unwrap();
    file.write_all(b"{\"run\":17,\"seed\":").unwrap();
    rows(folder, out)
}

fn bytes(folder: &Path, out: &str) -> Vec<u8> {
    std::fs::read(folder.join(out).join("results.parquet")).unwrap_or_else(|e| panic!("{out}: {e}"))
}

#[test]
fn ended_half_way_or_in_parts_the_results_are_the_same_bytes() {
    let folder = folder();
    let folder = folder.path();
    let (code, text) = sim(folder, &["sweep", "plan.toml", "--out", "whole", "--jobs", "1", "-q"]);
    assert_eq!(code, Some(4), "{text}");
    let table = Table::read(&folder.join("whole/results.parquet")).unwrap();
    assert_eq!(table.column("run"), Some(&Column::Int((0..RUNS as i64).collect())));

    let sweep = ["sweep", "plan.toml", "--out", "ended", "--jobs", "2", "-q"];
    let there = killed(folder, &sweep, "ended");
    assert!((5..RUNS as usize).contains(&there), "it was killed with {there} rows");
    let (code, text) = sim(folder, &sweep);
    assert_eq!(code, Some(1), "without --resume nothing is overwritten: {text}");
    assert!(text.contains("--resume"), "{text}");
    sim(folder, &[&sweep[..], &["--resume"]].concat());
    assert!(bytes(folder, "whole") == bytes(folder, "ended"), "resumed is not whole");

    for part in 1..=4 {
        let (shard, out) = (format!("{part}/4"), format!("part{part}"));
        let args = ["sweep", "plan.toml", "--out", &out, "--shard", &shard, "-q"];
        if part == 2 {
            killed(folder, &args, &out);
            sim(folder, &[&args[..], &["--resume"]].concat());
        } else {
            sim(folder, &args);
        }
    }
    let (code, text) = sim(folder, &["merge", "all", "part4", "part2", "part1", "part3"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(bytes(folder, "whole") == bytes(folder, "all"), "merged is not whole");
    let report = |out: &str| std::fs::read(folder.join(out).join("report.html")).unwrap();
    assert!(report("whole") == report("all"), "the report of the merged parts is another");
    let (code, text) = sim(folder, &["merge", "less", "part1", "part2"]);
    assert_eq!(code, Some(3), "parts are missing: {text}");
    assert!(text.contains("30 runs"), "{text}");
}

#[test]
fn a_comparison_tells_what_moved() {
    let folder = folder();
    let folder = folder.path();
    let small = PLAN.replace("runs = 20", "runs = 2");
    std::fs::write(folder.join("plan.toml"), &small).unwrap();
    std::fs::write(folder.join("other.toml"), small.replace("0.6]", "0.9]")).unwrap();
    sim(folder, &["sweep", "plan.toml", "--out", "a", "-q"]);
    sim(folder, &["sweep", "plan.toml", "--out", "b", "-q"]);
    sim(folder, &["sweep", "other.toml", "--out", "c", "-q"]);
    let (code, text) = sim(folder, &["compare", "a", "b"]);
    assert_eq!((code, text.trim()), (Some(0), "6 runs, nothing changed"));
    let (code, text) = sim(folder, &["compare", "a", "c"]);
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("channel.loss: 0.6 to 0.9"), "{text}");
    let (code, _) = sim(folder, &["compare", "a", "nowhere"]);
    assert_eq!(code, Some(1));
}

#[test]
fn one_run_of_a_plan_is_repeated_by_the_command_that_is_told() {
    let folder = folder();
    let folder = folder.path();
    std::fs::write(folder.join("plan.toml"), PLAN.replace("runs = 20", "runs = 1")).unwrap();
    let (_, told) = sim(folder, &["sweep", "plan.toml", "--out", "a"]);
    let command = told.lines().find_map(|l| l.trim().strip_prefix("rsu-sim ")).expect("a command that repeats it");
    let words: Vec<_> = command.split_whitespace().chain(["--json", "-q"]).collect();
    let (code, text) = sim(folder, &words);
    assert_eq!(code, Some(4), "{text}");
    let again: serde_json::Value = serde_json::from_str(&text).unwrap();
    let table = Table::read(&folder.join("a/results.parquet")).unwrap();
    let Some(Column::Text(hashes)) = table.column("messages_fnv1a") else { panic!() };
    assert!(hashes.iter().any(|h| again["messages_fnv1a"] == *h), "the repeated run says the same bytes");
}
