//! `rsu-sim check`: everything that is wrong with scenario files, before they run.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use rsu::cmd::{FAILED, print, print_json};
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
#[derive(Serialize)]
struct Checked {
    file: String,
    runs: bool,
    complaints: Vec<Complaint>,
    notes: Vec<Complaint>,
}

/// Runs the command. Exit code 1: at least one file would not run.
///
/// # Errors
/// When stdout is closed.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let files: Vec<_> = args.files.iter().map(|f| check(f)).collect();
    let pass = files.iter().all(|f| f.runs);
    if global.json {
        print_json(&Document { schema: "rsu-sim.check/1", pass, files })?;
    } else {
        for file in &files {
            told(file)?;
        }
    }
    Ok(if pass { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

fn told(file: &Checked) -> std::io::Result<()> {
    for note in &file.notes {
        print(format_args!("note   {note}"))?;
    }
    for complaint in &file.complaints {
        print(format_args!("error  {complaint}"))?;
    }
    match file.complaints.len() {
        0 => print(format_args!("ok     {}", file.file)),
        n => print(format_args!("refused  {}: {n} complaint{}", file.file, if n == 1 { "" } else { "s" })),
    }
}

fn check(asked: &str) -> Checked {
    let (complaints, notes) =
        if is_openscenario(asked) { openscenario(Path::new(asked)) } else { (toml(asked), Vec::new()) };
    Checked { file: asked.into(), runs: complaints.is_empty(), complaints, notes }
}

/// The file is OpenSCENARIO XML, by its name.
#[must_use]
pub fn is_openscenario(asked: &str) -> bool {
    Path::new(asked).extension().is_some_and(|e| e.eq_ignore_ascii_case("xosc"))
}

fn openscenario(path: &Path) -> (Vec<Complaint>, Vec<Complaint>) {
    let root = match xml::read(path) {
        Ok(root) => root,
        Err(complaint) => return (vec![complaint], Vec::new()),
    };
    if !distribution::is_distribution(&root) {
        return match Scenario::read(path) {
            Ok(scenario) => (Vec::new(), scenario.notes),
            Err(complaints) => (complaints, Vec::new()),
        };
    }
    match Distribution::read(path, 1) {
        Ok(drawn) => match Scenario::read_with(&drawn.scenario, drawn.runs.first().unwrap_or(&BTreeMap::new())) {
            Ok(scenario) => (Vec::new(), scenario.notes),
            Err(complaints) => (complaints, Vec::new()),
        },
        Err(complaints) => (complaints, Vec::new()),
    }
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
