//! The style guide as a test: it reads the tree.

use std::fs;
use std::path::{Path, PathBuf};

/// Every Rust source of ours, relative to the workspace.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    let mut todo: Vec<PathBuf> = ["calibration", "perception", "v2x-msgs", "rsu", "sim", "tests"]
        .into_iter()
        .flat_map(|krate| ["src", "tests", "benches"].map(|dir| root.join(krate).join(dir)))
        .collect();
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(fs::read_dir(&path).expect("a folder of ours").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/");
            found.push((name, fs::read_to_string(&path).expect("readable")));
        }
    }
    found.sort();
    assert!(found.len() > 50, "the walk found only {} files", found.len());
    found
}

/// Lines before the unit tests at the bottom, without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .map(|(i, line)| (i + 1, line.split("//").next().unwrap_or("")))
}

fn offenders(allowed: &[&str], words: &[&str]) -> Vec<String> {
    sources()
        .iter()
        .filter(|(name, _)| name.contains("/src/") && !allowed.iter().any(|prefix| name.starts_with(prefix)))
        .flat_map(|(name, text)| {
            code(text)
                .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
                .map(|(i, line)| format!("{name}:{i}: {}", line.trim()))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn one_noun_a_file_and_no_file_beyond_700_lines() {
    let long: Vec<_> =
        sources().into_iter().filter(|(_, text)| text.lines().count() > 700).map(|(name, _)| name).collect();
    assert!(long.is_empty(), "split these: {long:?}");
}

#[test]
fn clocks_and_sleeps_live_in_the_shell_alone() {
    let clocks = ["Instant::now", "SystemTime::now", "Timestamp::now", "thread::sleep", "rand::rng()", "thread_rng"];
    let mut found = offenders(&["rsu/src/run", "rsu/src/shell/"], &clocks);
    // A deadline of a command (`--for`, `-t`, `--watch`) is a timer of the asynchronous shell, and reads no clock.
    let shell = ["rsu/src/run", "rsu/src/shell/", "rsu/src/cmd/", "sim/src/demo"];
    found.extend(offenders(&shell, &["time::sleep"]));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn async_lives_in_the_shell_alone() {
    let allowed = [
        "rsu/src/run",
        "rsu/src/shell/",
        "rsu/src/web",
        "rsu/src/cmd/",
        "sim/src/demo",
        "sim/src/cmd/",
        "sim/src/player/server",
        "tests/src/",
    ];
    let found = offenders(&allowed, &["async fn", "async move", ".await"]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_file_is_named_after_nothing() {
    let vague = ["utils", "util", "common", "manager", "helper", "helpers", "misc", "base"];
    let found: Vec<_> = sources()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.split('/').any(|part| vague.contains(&part.trim_end_matches(".rs"))))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn generated_types_never_leave_the_wire_module() {
    let found: Vec<_> = sources()
        .iter()
        .filter(|(name, _)| !name.starts_with("v2x-msgs/") && name != "tests/tests/tree.rs")
        .flat_map(|(name, text)| {
            code(text)
                .filter(|(_, l)| l.contains("v2x_msgs::wire::"))
                .map(|(i, _)| format!("{name}:{i}"))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_crates_know_each_other_only_along_the_arrows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let ours = ["calibration", "perception", "v2x-msgs", "rsu", "sim", "tests"];
    let allowed: &[(&str, &[&str])] = &[
        ("calibration", &[]),
        ("perception", &["calibration"]),
        ("v2x-msgs", &[]),
        ("rsu", &["calibration", "perception", "v2x-msgs"]),
        ("sim", &["calibration", "perception", "v2x-msgs", "rsu"]),
    ];
    for (krate, may) in allowed {
        let text = fs::read_to_string(root.join(krate).join("Cargo.toml")).expect("a manifest");
        let manifest: toml::Table = text.parse().expect("TOML");
        let known: Vec<_> = ["dependencies", "dev-dependencies", "build-dependencies"]
            .iter()
            .filter_map(|section| manifest.get(*section)?.as_table())
            .flat_map(|table| table.keys().cloned())
            .filter(|name| ours.contains(&name.as_str()))
            .collect();
        for name in known {
            assert!(may.contains(&name.as_str()), "{krate} must not know {name}");
        }
    }
}
