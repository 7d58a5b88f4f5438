//! `rsu demo`: starts the program `rsu-sim` that lies beside this one. The edge box carries no simulator.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::cli::Global;
use crate::cmd::{self, Exit, span};

/// Arguments of `rsu demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu demo
  rsu demo --scenario yard_truck_agv --for 30s")]
pub struct Args {
    /// Scenario: a file, or the name of one that comes with the program
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Units: 1 stands at a crossing, up to 3 along a corridor
    #[arg(long, value_name = "N")]
    pub units: Option<u8>,
    /// Port of the page; the next units take the next ones, 0 takes free ones
    #[arg(long, value_name = "P", default_value_t = 8080)]
    pub port: u16,
    /// End after this time, such as 20s
    #[arg(long = "for", value_name = "TIME")]
    pub run_for: Option<String>,
    /// Everything random comes from it
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Where the first unit listens for zenoh consumers, such as tcp/127.0.0.1:7447
    #[arg(long, value_name = "ENDPOINT")]
    zenoh: Option<String>,
    /// Do not open the page in a browser
    #[arg(long)]
    pub no_open: bool,
}

/// Becomes the demo.
///
/// # Errors
/// When the simulator is not there.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    if let Some(time) = &args.run_for {
        span::parse(time).map_err(|e| Exit::new(cmd::USAGE, e))?;
    }
    let program = beside()?;
    let error = Command::new(&program).args(arguments(&args, global)).exec();
    Err(Exit::new(cmd::FAILED, format!("cannot start {}: {error}", program.display())).into())
}

fn beside() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name("rsu-sim");
    if program.is_file() {
        return Ok(program);
    }
    let what = format!("the simulator is not here: {} does not exist", program.display());
    Err(Exit::new(cmd::FAILED, what).help("build it with `cargo build --workspace --bins`, or run `make demo`").into())
}

fn arguments(args: &Args, global: &Global) -> Vec<String> {
    let mut all = vec!["demo".to_owned(), format!("--port={}", args.port)];
    all.extend(args.scenario.as_ref().map(|name| format!("--scenario={name}")));
    all.extend(args.units.map(|units| format!("--units={units}")));
    all.extend(args.run_for.as_ref().map(|time| format!("--for={time}")));
    all.extend(args.zenoh.as_ref().map(|endpoint| format!("--zenoh={endpoint}")));
    all.extend(args.seed.map(|seed| format!("--seed={seed}")));
    let switches = [(args.no_open, "--no-open"), (global.json, "--json"), (global.quiet, "--quiet")];
    all.extend(switches.iter().filter(|(set, _)| *set).map(|(_, name)| (*name).to_owned()));
    all
}
