//! Wrong configurations, one a file in `config_errors/`: the first line of each says which complaint is right, and where.
//! What a user reads stands beside it in `.expected`; `RSU_BLESS=1` writes those anew, for a person to review.

use std::path::{Path, PathBuf};

use rsu::config::{Complaint, Overrides, inspect};

fn wrong_configurations() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir("config_errors")
        .expect("the folder beside the test")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

fn complaints(file: &Path) -> Vec<Complaint> {
    inspect(file, &Overrides::default()).complaints
}

/// `code line:column` of each complaint; with the file before it when it is another one.
fn places(file: &Path, complaints: &[Complaint]) -> Vec<String> {
    let folder = file.parent().expect("in a folder");
    let place = |c: &Complaint| {
        let other = Path::new(&c.file).strip_prefix(folder).expect("beside the file");
        let other = if Path::new(&c.file) == file { String::new() } else { format!("{}:", other.display()) };
        format!("{} {other}{}:{}", c.code, c.line, c.column)
    };
    complaints.iter().map(place).collect()
}

#[test]
fn every_wrong_configuration_gets_the_right_complaint_at_the_right_place() {
    let files = wrong_configurations();
    assert!(files.len() >= 40, "only {} wrong configurations", files.len());
    for file in &files {
        let text = std::fs::read_to_string(file).expect("readable");
        let first = text.lines().next().and_then(|line| line.strip_prefix("# expects: ")).expect("an expectation");
        let expected: Vec<&str> = first.split(", ").collect();
        let found = complaints(file);
        let told: String = found.iter().map(|c| c.plain() + "\n").collect();
        assert_eq!(places(file, &found), expected, "{}\n{told}", file.display());
    }
}

#[test]
fn every_complaint_says_what_to_do_and_is_drawn_as_reviewed() {
    for file in wrong_configurations() {
        let mut drawn = String::new();
        for complaint in complaints(&file) {
            assert!(!complaint.help.is_empty() && !complaint.title.is_empty(), "{}: {complaint:?}", file.display());
            assert!(!complaint.title.ends_with('.') && !complaint.help.ends_with('.'), "{complaint:?}");
            assert!(complaint.code.contains("::"), "{complaint:?}");
            drawn.push_str(&complaint.plain());
            drawn.push_str("\n\n");
        }
        assert!(drawn.contains("help: "), "{}\n{drawn}", file.display());
        let reviewed = file.with_extension("expected");
        if std::env::var_os("RSU_BLESS").is_some() {
            std::fs::write(&reviewed, &drawn).expect("written");
        }
        let expected = std::fs::read_to_string(&reviewed).unwrap_or_default();
        assert!(drawn == expected, "{}: drawn anew:\n{drawn}", file.display());
    }
}

#[test]
fn every_code_is_in_the_documentation() {
    fn codes(folder: &Path, found: &mut std::collections::BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder of ours") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                codes(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("readable");
            let quoted = text.split('"').filter(|word| {
                let areas = ["config", "map", "calibration", "model", "sensor", "secret"];
                word.split_once("::").is_some_and(|(area, word)| {
                    areas.contains(&area) && word.len() > 2 && word.bytes().all(|b| b.is_ascii_lowercase())
                })
            });
            found.extend(quoted.map(str::to_owned));
        }
    }
    let mut found = std::collections::BTreeSet::new();
    codes(&tests::root().join("rsu/src/config"), &mut found);
    assert!(found.len() > 30, "only {found:?}");
    let documented = std::fs::read_to_string(tests::root().join("docs/configuration.md")).expect("readable");
    let missing: Vec<_> = found.iter().filter(|code| !documented.contains(&format!("`{code}`"))).collect();
    assert!(missing.is_empty(), "not in docs/configuration.md: {missing:?}");
}
