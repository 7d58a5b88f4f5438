//! `rsu-sim compare`: what changed between two tables of results, beyond a tolerance.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use rsu::cmd::{VERDICT, print, print_json};
use serde::Serialize;

use crate::cli::Global;
use crate::output::parquet::Table;
use crate::sweep::compare::{Comparison, LISTED, Tolerance, compare};
use crate::sweep::merge::results;

/// Arguments of `compare`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  rsu-sim compare before after\n  rsu-sim compare before/results.parquet after/results.parquet --relative 0.05"
)]
pub struct Args {
    /// Results of before: a folder of a sweep, or a .parquet file
    #[arg(value_name = "A")]
    before: PathBuf,
    /// Results of now
    #[arg(value_name = "B")]
    after: PathBuf,
    /// Figures may differ by this share
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    relative: f64,
    /// Figures may differ by this much, each in its unit
    #[arg(long, value_name = "X", default_value_t = 0.0)]
    absolute: f64,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    same: bool,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// Runs the command. Exit code 4: something changed.
///
/// # Errors
/// When a file cannot be read.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let tolerance = Tolerance { absolute: args.absolute, relative: args.relative };
    anyhow::ensure!(args.relative >= 0.0 && args.absolute >= 0.0, "a tolerance is a number from 0 on");
    let found = compare(&read(&args.before)?, &read(&args.after)?, tolerance);
    if global.json {
        print_json(&Document { schema: "rsu-sim.compare/1", same: found.is_same(), comparison: &found })?;
    } else {
        tell(&found)?;
    }
    Ok(if found.is_same() { ExitCode::SUCCESS } else { ExitCode::from(VERDICT) })
}

fn read(path: &Path) -> anyhow::Result<Table> {
    let path = results(path);
    Table::read(&path).with_context(|| format!("{} cannot be compared", path.display()))
}

fn tell(found: &Comparison) -> anyhow::Result<()> {
    if found.is_same() {
        print(format_args!("{} runs, nothing changed", found.runs))?;
        return Ok(());
    }
    print(format_args!(
        "{} runs, {} differences, {} runs hold no more, {} hold now",
        found.runs,
        found.total,
        found.broken.len(),
        found.mended.len()
    ))?;
    for (name, moved) in &found.figures {
        let (before, after) = (moved.before, moved.after);
        print(format_args!("  {name:<24} mean {before:.4} to {after:.4} in {} runs", moved.runs))?;
    }
    for change in &found.changes {
        let run = change.run.map_or_else(String::new, |r| format!("run {r}  "));
        print(format_args!("  {run}{}: {} to {}", change.column, change.before, change.after))?;
    }
    if found.total > LISTED {
        print(format_args!("  and {} more", found.total - LISTED))?;
    }
    Ok(())
}
