//! `rsu-sim new`: a scenario with comments that runs as it is.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use rsu::cmd::{print, print_json};
use serde::Serialize;

use crate::cli::Global;
use crate::scenario::find;

const TEXT: &str = include_str!("new.toml");

/// Arguments of `new`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  rsu-sim new left_turn\n  rsu-sim run left_turn.toml")]
pub struct Args {
    /// Name of the scenario; the file is NAME.toml in this folder
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    file: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// When the file is there already, or cannot be written.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let name = args.name.strip_suffix(".toml").unwrap_or(&args.name);
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
    anyhow::ensure!(!name.is_empty() && name.chars().all(good), "`{name}` is no name; use letters, digits, _ and -");
    let unit = find::folders().into_iter().map(|f| f.join("units/x01.toml")).find(|p| p.is_file());
    let unit = unit.context("the unit that a new scenario uses is not installed; run from the source folder")?;
    let unit = unit.canonicalize().unwrap_or(unit);
    let file = PathBuf::from(format!("{name}.toml"));
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&file)
        .with_context(|| format!("{} is there already or cannot be written; take another name", file.display()))?;
    out.write_all(skeleton(name, &unit).as_bytes())?;
    if global.json {
        print_json(&Document { schema: "rsu-sim.new/1", file })?;
    } else {
        print(format_args!("{}\nrun it: rsu-sim run {}", file.display(), file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn skeleton(name: &str, unit: &Path) -> String {
    let title = Path::new(name).file_name().map_or_else(String::new, |n| n.to_string_lossy().replace(['_', '-'], " "));
    TEXT.replace("{title}", &title).replace("{unit}", &unit.display().to_string().replace('\\', "/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Options, Run};
    use crate::scenario::Loaded;
    use crate::verdict;

    #[test]
    fn a_new_scenario_runs_as_it_is() {
        let unit = find::folders()[0].join("units/x01.toml").canonicalize().unwrap();
        let loaded = Loaded::parse(Path::new("new.toml"), &skeleton("left_turn", &unit)).unwrap();
        assert_eq!(loaded.scenario.title, "left turn");
        let done = Run::new(&loaded, &Options::default(), None).unwrap().finish().unwrap();
        let verdicts = verdict::judge(&loaded, &done);
        assert!(verdicts.iter().all(|v| v.pass), "{verdicts:#?}");
    }
}
