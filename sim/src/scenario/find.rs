//! Finds scenario files: as given, below `./sim/scenarios`, or beside the program.

use std::path::{Path, PathBuf};

use super::Refused;

/// Folders that hold scenarios, best first.
#[must_use]
pub fn folders() -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("sim/scenarios")];
    if let Ok(program) = std::env::current_exe() {
        // Installed: <prefix>/bin/rsu-sim and <prefix>/share/rsu/scenarios. Built: target/debug/rsu-sim in the workspace.
        for up in program.ancestors().skip(1).take(5) {
            found.push(up.join("share/rsu/scenarios"));
            found.push(up.join("sim/scenarios"));
        }
    }
    // Where this program was built: a target folder may lie anywhere.
    found.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"));
    found.retain(|folder| folder.is_dir());
    found
}

/// The scenario file that somebody means by `asked`: a path, or the name of one that is shipped.
///
/// # Errors
/// When there is none; the text lists those that are there.
pub fn find(asked: &str) -> Result<PathBuf, Refused> {
    let given = Path::new(asked);
    if given.is_file() {
        return Ok(given.to_owned());
    }
    let plain_name = given.components().count() == 1;
    let file = if asked.ends_with(".toml") { asked.to_owned() } else { format!("{asked}.toml") };
    let shipped = folders().into_iter().map(|folder| folder.join(&file)).find(|path| path.is_file());
    match shipped {
        Some(path) if plain_name => Ok(path),
        _ => {
            let names = list().into_iter().filter_map(|p| p.file_stem().map(|s| s.to_string_lossy().into_owned()));
            let known = names.collect::<Vec<_>>().join(", ");
            Err(Refused::file(
                given,
                format!("there is no scenario `{asked}`"),
                format!("give a file, or one of: {known}"),
            ))
        }
    }
}

/// Every scenario that is shipped, in the order of their names.
#[must_use]
pub fn list() -> Vec<PathBuf> {
    let Some(folder) = folders().into_iter().next() else { return Vec::new() };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<_> =
        entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "toml")).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_found_by_name_from_any_folder() {
        let path = find("crossing_day").unwrap();
        assert!(path.ends_with("crossing_day.toml"));
        assert_eq!(find(&path.to_string_lossy()).unwrap(), path);
    }

    #[test]
    fn an_unknown_name_lists_those_that_are_there() {
        let refused = find("nonsense").unwrap_err();
        assert!(refused.help.contains("crossing_day"), "{refused}");
        assert!(find("../scenarios/nonsense").is_err());
    }
}
