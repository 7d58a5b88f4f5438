//! `rsu-sim soak`: a long run whose memory must stay flat.

use std::process::ExitCode;
use std::time::Duration;

use rsu::cmd::{VERDICT, print, print_json};
use rsu::shell::clock::StopWatch;
use serde::Serialize;

use super::duration;
use crate::cli::Global;
use crate::memory::{growth, resident_mib};
use crate::run::{Options, Run};
use crate::scenario::{Loaded, find};
use crate::verdict::{self, Verdict};

/// Memory may grow by so much between the middle and the last third of a run, MiB.
const GROWTH_MIB: f64 = 4.0;

/// Arguments of `soak`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Scenario: a file, or the name of one that `list` shows
    #[arg(value_name = "SCENARIO", default_value = "soak")]
    scenario: String,
    /// Simulated time, instead of the scenario's own
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    run_for: Option<Duration>,
    /// Print a line each so much simulated time
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s")]
    every: Duration,
    /// Everything random comes from it
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Line {
    simulated_s: f64,
    times_real_time: f64,
    road_users: usize,
    tracks: usize,
    messages: u64,
    resident_mib: Option<f64>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    scenario: &'a str,
    pass: bool,
    growth_mib: Option<f64>,
    lines: &'a [Line],
    verdicts: &'a [Verdict],
}

/// Runs the command. Exit code 4: the memory grew or a verdict failed.
///
/// # Errors
/// When the scenario cannot be run.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let mut loaded = Loaded::read(&find::find(&args.scenario)?)?;
    if let Some(time) = args.run_for {
        loaded.set_for_s(time.as_secs_f64());
    }
    let mut run = Run::new(&loaded, &Options { seed: args.seed, threads: 1 }, None)?;
    let watch = StopWatch::start();
    let mut lines: Vec<Line> = Vec::new();
    let mut last_s = 0.0;
    while run.step()? {
        if run.simulated_s() - last_s < args.every.as_secs_f64() - 1e-6 {
            continue;
        }
        last_s = run.simulated_s();
        let line = Line {
            simulated_s: last_s,
            times_real_time: last_s / watch.elapsed().as_secs_f64().max(1e-3),
            road_users: run.road_users(),
            tracks: run.tracks(),
            messages: run.messages(),
            resident_mib: resident_mib(),
        };
        if !global.json {
            print(told(&line))?;
        }
        lines.push(line);
    }
    let done = run.finish()?;
    let verdicts = verdict::judge(&loaded, &done);
    let grown = growth(&lines.iter().filter_map(|l| l.resident_mib).collect::<Vec<_>>());
    let pass = verdicts.iter().all(|v| v.pass) && grown.is_none_or(|mib| mib <= GROWTH_MIB);
    if global.json {
        let schema = "rsu-sim.soak/1";
        let document =
            Document { schema, scenario: &loaded.name, pass, growth_mib: grown, lines: &lines, verdicts: &verdicts };
        print_json(&document)?;
    } else {
        let word = |pass: bool| if pass { "PASS" } else { "FAIL" };
        for v in &verdicts {
            print(format_args!("{}  {}: {}", word(v.pass), v.that, v.measured))?;
        }
        match grown {
            Some(mib) => print(format_args!(
                "{}  memory is flat: {mib:+.1} MiB from the middle to the last third (allowed {GROWTH_MIB})",
                word(mib <= GROWTH_MIB)
            ))?,
            None => print("memory was not measured: the run is too short, or /proc is not there")?,
        }
    }
    Ok(if pass { ExitCode::SUCCESS } else { ExitCode::from(VERDICT) })
}

fn told(line: &Line) -> String {
    format!(
        "{:>6.0} s  {:>4.0}x  {:>4} road users  {:>4} tracks  {:>7} messages  {}",
        line.simulated_s,
        line.times_real_time,
        line.road_users,
        line.tracks,
        line.messages,
        line.resident_mib.map_or_else(String::new, |mib| format!("{mib:.1} MiB"))
    )
}
