//! `rsu-sim merge`: the shards of a sweep into one table of results with its report.

use std::path::PathBuf;
use std::process::ExitCode;

use rsu::cmd::{print, print_json};
use serde::Serialize;

use super::say;
use crate::cli::Global;
use crate::sweep::{merge, report, store};

/// Done, but something is missing.
const WITH_LOSS: u8 = 3;

/// Arguments of `merge`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  rsu-sim merge all part1 part2 part3 part4\n  rsu-sim merge all.parquet part*/results.parquet"
)]
pub struct Args {
    /// A folder for results.parquet and report.html, or a .parquet file
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Shards: folders of sweeps, or their results.parquet
    #[arg(required = true, value_name = "SHARD")]
    shards: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    runs: usize,
    missing: u64,
    results: PathBuf,
}

/// Runs the command. Exit code 3: runs of the plan are missing.
///
/// # Errors
/// When the shards do not belong together or cannot be read.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let merged = merge::merge(&args.shards)?;
    let file = args.out.extension().is_some_and(|e| e == "parquet");
    let results = if file { args.out.clone() } else { args.out.join("results.parquet") };
    store::write(&results, &merged.table.to_bytes()?)?;
    if !file {
        // The plots are in the plan, which every shard carries.
        let plan = merged.table.notes.get("plan").map_or("", String::as_str);
        let page = report::page(&merged.table, &crate::sweep::plan::plots(plan));
        store::write(&args.out.join("report.html"), page.as_bytes())?;
    }
    let document = Document { schema: "rsu-sim.merge/1", runs: merged.table.rows(), missing: merged.missing, results };
    if global.json {
        print_json(&document)?;
    } else {
        print(format_args!("{} runs  {}", document.runs, document.results.display()))?;
    }
    if document.missing > 0 {
        say(format_args!("warn: {} runs of the plan are in none of the shards", document.missing));
        return Ok(ExitCode::from(WITH_LOSS));
    }
    Ok(ExitCode::SUCCESS)
}
