//! `rsu-sim list`: the scenarios that are there.

use std::process::ExitCode;

use rsu::cmd::{print, print_json};
use serde::Serialize;

use crate::cli::Global;
use crate::scenario::{Loaded, find};

/// Arguments of `list`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  rsu-sim list\n  rsu-sim list --tag \"GB/T 41798 6.3\"\n  rsu-sim list --tag day-1 --json"
)]
pub struct Args {
    /// Only those with a tag that contains this, in any case
    #[arg(long, value_name = "TEXT")]
    tag: Option<String>,
}

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
    tags: Vec<String>,
    for_s: f64,
    units: usize,
    expectations: usize,
    file: String,
}

/// Runs the command.
///
/// # Errors
/// When stdout is closed, a scenario cannot be read, or none has the tag.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let mut scenarios = Vec::new();
    for path in find::list() {
        let loaded = Loaded::read(&path)?;
        if args.tag.as_ref().is_some_and(|tag| !loaded.scenario.is_tagged(tag)) {
            continue;
        }
        scenarios.push(Line {
            name: loaded.name.clone(),
            category: category(&loaded.name),
            title: loaded.scenario.title.clone(),
            tags: loaded.scenario.tags.clone(),
            for_s: *loaded.scenario.for_s.as_ref(),
            units: loaded.scenario.unit.len(),
            expectations: loaded.scenario.expect.len(),
            file: path.display().to_string(),
        });
    }
    if let Some(tag) = args.tag.as_ref().filter(|_| scenarios.is_empty()) {
        anyhow::bail!("no scenario has the tag `{tag}`; `rsu-sim list` shows all tags");
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
        if !s.tags.is_empty() {
            print(format_args!("  {:<26}[{}]", "", s.tags.join(", ")))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What a scenario is about, by the first word of its name.
fn category(name: &str) -> &'static str {
    match name.split('_').next().unwrap_or_default() {
        "fault" => "faults",
        "yard" | "port" | "platoon" | "dock" | "delivery" | "parking" | "convoy" | "gate" | "loading" | "precise"
        | "truck" => "logistics",
        "emergency" | "bus" => "priority",
        "corridor" => "corridor",
        "soak" => "load",
        _ => "crossing",
    }
}
