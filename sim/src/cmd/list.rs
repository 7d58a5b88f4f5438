//! `rsu-sim list`: the scenarios that are there.

use std::process::ExitCode;

use rsu::cmd::{print, print_json};
use serde::Serialize;

use crate::cli::Global;
use crate::scenario::{Loaded, find};

/// Arguments of `list`.
#[derive(Debug, clap::Args)]
pub struct Args {}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    scenarios: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    name: String,
    category: &'static str,
    title: String,
    for_s: f64,
    units: usize,
    expectations: usize,
    file: String,
}

/// Runs the command.
///
/// # Errors
/// When stdout is closed.
pub fn run(_: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let mut scenarios = Vec::new();
    for path in find::list() {
        let loaded = Loaded::read(&path)?;
        scenarios.push(Line {
            name: loaded.name.clone(),
            category: category(&loaded.name),
            title: loaded.scenario.title.clone(),
            for_s: *loaded.scenario.for_s.as_ref(),
            units: loaded.scenario.unit.len(),
            expectations: loaded.scenario.expect.len(),
            file: path.display().to_string(),
        });
    }
    if global.json {
        print_json(&Document { schema: "rsu-sim.list/1", scenarios })?;
        return Ok(ExitCode::SUCCESS);
    }
    scenarios.sort_by_key(|s| (s.category, s.name.clone()));
    let mut last = "";
    for s in scenarios {
        if s.category != last {
            print(s.category)?;
            last = s.category;
        }
        let units = if s.units == 1 { "1 unit ".to_owned() } else { format!("{} units", s.units) };
        print(format_args!("  {:<26}{:>5} s  {units}  {}", s.name, s.for_s, s.title))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What a scenario is about, by the first word of its name.
fn category(name: &str) -> &'static str {
    match name.split('_').next().unwrap_or_default() {
        "fault" => "faults",
        "yard" | "port" | "platoon" | "dock" | "delivery" | "parking" | "convoy" => "logistics",
        "corridor" => "corridor",
        "soak" => "load",
        "gbt41798" => "GB/T 41798",
        _ => "crossing",
    }
}
