//! `rsu-sim compare`: what changed between two results, beyond a tolerance.

use std::path::PathBuf;
use std::process::ExitCode;

use rsu::cmd::{VERDICT, print, print_json};
use serde::Serialize;

use crate::cli::Global;
use crate::compare::events::News;
use crate::compare::outcomes::{Turn, Turns};
use crate::compare::tracks::Ways;
use crate::compare::{Comparison, LISTED, Result, Tolerance, table};

/// Arguments of `compare`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  rsu-sim compare before after                      two sweeps, or two folders of --report\n  \
                  rsu-sim compare a.parquet b.csv --absolute 0.1    two runs, step by step\n  \
                  rsu-sim compare before.json after.json            two outputs of `rsu-sim --json run`"
)]
pub struct Args {
    /// Result of before: folder of a sweep or of reports; steps, trajectory, events or verdicts of a run
    #[arg(value_name = "A")]
    before: PathBuf,
    /// Result of now
    #[arg(value_name = "B")]
    after: PathBuf,
    /// Figures may differ by this share
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    relative: f64,
    /// Figures may differ by this much, each in its unit: places in metres, events in seconds
    #[arg(long, value_name = "X", default_value_t = 0.0)]
    absolute: f64,
}

#[derive(Serialize)]
struct Document<'a, T: Serialize> {
    schema: &'static str,
    same: bool,
    #[serde(flatten)]
    comparison: &'a T,
}

/// Runs the command. Exit code 4: something changed.
///
/// # Errors
/// When a file cannot be read.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let tolerance = Tolerance { absolute: args.absolute, relative: args.relative };
    anyhow::ensure!(args.relative >= 0.0 && args.absolute >= 0.0, "a tolerance is a number from 0 on");
    let same = match (Result::read(&args.before)?, Result::read(&args.after)?) {
        (Result::Sweep(a), Result::Sweep(b)) => {
            let found = table::compare(&a, &b, tolerance);
            told(global, "rsu-sim.compare/1", found.is_same(), &found, tell_sweep)
        }
        (Result::Tracks(a), Result::Tracks(b)) => {
            let found = a.compare(&b, args.absolute);
            told(global, "rsu-sim.compare-steps/1", found.is_same(), &found, tell_ways)
        }
        (Result::Events(a), Result::Events(b)) => {
            let found = a.compare(&b, args.absolute);
            told(global, "rsu-sim.compare-events/1", found.is_same(), &found, tell_news)
        }
        (Result::Outcomes(a), Result::Outcomes(b)) => {
            let found = a.compare(&b, tolerance);
            told(global, "rsu-sim.compare-verdicts/1", found.is_same(), &found, tell_turns)
        }
        (a, b) => {
            let (one, other) = (args.before.display(), args.after.display());
            anyhow::bail!("{one} holds {}, {other} {}; give two of one kind", a.what(), b.what())
        }
    }?;
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(VERDICT) })
}

fn told<T: Serialize>(
    global: &Global,
    schema: &'static str,
    same: bool,
    comparison: &T,
    tell: impl Fn(&T) -> std::io::Result<()>,
) -> anyhow::Result<bool> {
    if global.json {
        print_json(&Document { schema, same, comparison })?;
    } else {
        tell(comparison)?;
    }
    Ok(same)
}

fn tell_ways(found: &Ways) -> std::io::Result<()> {
    match &found.first {
        Some((at_s, name)) => print(format_args!("the runs first differ at {at_s:.3} s: {name}"))?,
        None if found.is_same() => print(format_args!("{} road users, the same everywhere", found.both.len()))?,
        None => {}
    }
    if !found.both.is_empty() {
        print(format_args!(
            "  {:<24} {:>10} {:>10} {:>8} {:>10}",
            "road user", "rms m", "largest m", "at s", "speed m/s"
        ))?;
    }
    for way in found.both.iter().take(LISTED) {
        let (most, at_s) = way.largest_m;
        let spans = way
            .spans_s
            .map_or_else(String::new, |[a, b]| format!("   there {:.2}–{:.2} s and {:.2}–{:.2} s", a.0, a.1, b.0, b.1));
        print(format_args!(
            "  {:<24} {:>10.4} {most:>10.4} {at_s:>8.2} {:>10.4}{spans}",
            way.name, way.rms_m, way.speed_mps
        ))?;
    }
    for (list, which) in [(&found.only_before, "first"), (&found.only_after, "second")] {
        if !list.is_empty() {
            print(format_args!("only in the {which}: {}", list.join(", ")))?;
        }
    }
    Ok(())
}

fn tell_news(found: &News) -> std::io::Result<()> {
    print(format_args!("{} events in both, {} differences", found.both, found.total))?;
    for (what, before, after) in &found.moved {
        print(format_args!("  {what}: {before:.3} s to {after:.3} s"))?;
    }
    for (list, which) in [(&found.only_before, "first"), (&found.only_after, "second")] {
        for line in list {
            print(format_args!("  only in the {which}: {:.3} s {}", line.t_s, line.what.join(" ")))?;
        }
    }
    Ok(())
}

fn tell_turns(found: &Turns) -> std::io::Result<()> {
    print(format_args!("{} runs, {} differences", found.runs, found.turns.len()))?;
    let word = |held: &Option<bool>| match held {
        Some(true) => "PASS",
        Some(false) => "FAIL",
        None => "not there",
    };
    let number = |v: &Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{v}"));
    for turn in found.turns.iter().take(LISTED) {
        match turn {
            Turn::Missing { scenario, before } => {
                let which = if *before { "first" } else { "second" };
                print(format_args!("  {scenario}: only in the {which}"))?;
            }
            Turn::Verdict { scenario, that, before, after, measured } => {
                print(format_args!("  {scenario}: {that}: {} to {} ({measured})", word(before), word(after)))?;
            }
            Turn::Figure { scenario, name, before, after } => {
                print(format_args!("  {scenario}: {name}: {} to {}", number(before), number(after)))?;
            }
            Turn::Bits { scenario, what } => print(format_args!("  {scenario}: {what} differ"))?,
        }
    }
    if found.turns.len() > LISTED {
        print(format_args!("  and {} more", found.turns.len() - LISTED))?;
    }
    Ok(())
}

fn tell_sweep(found: &Comparison) -> std::io::Result<()> {
    if found.is_same() {
        return print(format_args!("{} runs, nothing changed", found.runs));
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
