//! `rsu-sim check`: everything that is wrong with scenario files, before they run.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use rsu::cmd::{FAILED, LOSS, print, print_json};
use serde::Serialize;

use crate::cli::Global;
use crate::openscenario::{Complaint, Distribution, Scenario, distribution, xml};
use crate::scenario::{Loaded, Refused, find};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  rsu-sim check cut-in.xosc\n  rsu-sim --json check crossing_day speeds.xosc")]
pub struct Args {
    /// Scenarios: OpenSCENARIO files, scenario TOML, or names that `list` shows
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    pass: bool,
    files: Vec<Checked>,
}

/// What was found in one file.
#[derive(Default, Serialize)]
struct Checked {
    file: String,
    runs: bool,
    complaints: Vec<Complaint>,
    /// What is played otherwise than the file says.
    deviations: Vec<Complaint>,
    notes: Vec<Complaint>,
}

/// Runs the command. Exit code 1: at least one file would not run; 3: all would, with something played otherwise.
///
/// # Errors
/// When stdout is closed.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let files: Vec<_> = args.files.iter().map(|f| check(f)).collect();
    let pass = files.iter().all(|f| f.runs);
    let whole = files.iter().all(|f| f.deviations.is_empty());
    if global.json {
        print_json(&Document { schema: "rsu-sim.check/1", pass, files })?;
    } else {
        for file in &files {
            told(file)?;
        }
    }
    Ok(match (pass, whole) {
        (false, _) => ExitCode::from(FAILED),
        (true, false) => ExitCode::from(LOSS),
        (true, true) => ExitCode::SUCCESS,
    })
}

fn told(file: &Checked) -> std::io::Result<()> {
    for note in &file.notes {
        print(format_args!("note   {note}"))?;
    }
    for deviation in &file.deviations {
        print(format_args!("otherwise  {deviation}"))?;
    }
    for complaint in &file.complaints {
        print(format_args!("error  {complaint}"))?;
    }
    match file.complaints.len() {
        0 if file.deviations.is_empty() => print(format_args!("ok     {}", file.file)),
        0 => print(format_args!("otherwise  {}: it runs, with something played otherwise than it says", file.file)),
        n => print(format_args!("refused  {}: {n} complaint{}", file.file, if n == 1 { "" } else { "s" })),
    }
}

fn check(asked: &str) -> Checked {
    let mut checked = Checked { file: asked.into(), ..Checked::default() };
    if is_openscenario(asked) {
        match openscenario(Path::new(asked)) {
            Ok(scenario) => (checked.deviations, checked.notes) = (scenario.deviations, scenario.notes),
            Err(complaints) => checked.complaints = complaints,
        }
    } else {
        checked.complaints = toml(asked);
    }
    checked.runs = checked.complaints.is_empty();
    checked
}

/// The file is OpenSCENARIO XML, by its name.
#[must_use]
pub fn is_openscenario(asked: &str) -> bool {
    Path::new(asked).extension().is_some_and(|e| e.eq_ignore_ascii_case("xosc"))
}

/// The scenario of a file; of a distribution, that of its first run.
fn openscenario(path: &Path) -> Result<Scenario, Vec<Complaint>> {
    let root = xml::read(path).map_err(|complaint| vec![complaint])?;
    if !distribution::is_distribution(&root) {
        return Scenario::read(path);
    }
    let drawn = Distribution::read(path, 1)?;
    Scenario::read_with(&drawn.scenario, drawn.runs.first().unwrap_or(&BTreeMap::new()))
}

fn toml(asked: &str) -> Vec<Complaint> {
    let refused = match find::find(asked) {
        Ok(path) => Loaded::read(&path).err(),
        Err(refused) => Some(refused),
    };
    refused.map(complained).into_iter().collect()
}

/// What a scenario of ours is refused for; the key or table of the line stands for the element.
fn complained(refused: Refused) -> Complaint {
    let key = refused.source.split('=').next().unwrap_or_default().trim();
    Complaint {
        file: refused.file.display().to_string(),
        line: u32::try_from(refused.line).unwrap_or(u32::MAX),
        element: if key.is_empty() { "scenario".into() } else { key.into() },
        what: refused.title,
        remedy: refused.help,
    }
}
