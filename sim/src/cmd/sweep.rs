//! `rsu-sim sweep`: one scenario many times, on all cores, to be ended and gone on with at any moment.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use rsu::cmd::{FAILED, VERDICT, print, print_json};
use rsu::shell::clock::StopWatch;
use serde::Serialize;

use super::{note, say};
use crate::cli::Global;
use crate::recital::recite;
use crate::recorder::Recorder;
use crate::report::Outcome;
use crate::run::{Options, Run};
use crate::scenario::Loaded;
use crate::sweep::{self, Plan, Row, Shard, Store};

/// Between two lines of progress where there is no terminal, seconds.
const LINE_S: f64 = 10.0;

/// Arguments of `sweep`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  rsu-sim sweep plan.toml --out results\n  rsu-sim sweep plan.toml --out part2 --shard 2/4 --resume"
)]
pub struct Args {
    /// The plan: what is varied, how often
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Folder for rows, results.parquet and report.html
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,
    /// Runs at the same time; as many as there are cores without it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Only this part of the runs, as 2/4
    #[arg(long, value_name = "I/N", value_parser = Shard::parse)]
    shard: Option<Shard>,
    /// Go on where an earlier sweep into the same folder ended
    #[arg(long)]
    resume: bool,
    /// Repeat one run of the plan with its report, and write no results
    #[arg(long, value_name = "RUN", conflicts_with_all = ["shard", "resume", "jobs"])]
    only: Option<u64>,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    pass: bool,
    runs: usize,
    failed: usize,
    errors: usize,
    results: PathBuf,
    report: PathBuf,
}

/// Runs the command. Exit code 4: an expectation failed in some run; 1: a run could not be made.
///
/// # Errors
/// When the plan is bad or the results cannot be written.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let plan = Plan::read(&args.plan)?;
    if let Some(run) = args.only {
        return only(args, &plan, run, global);
    }
    let mut store = Store::open(&args.out, &plan, args.shard.unwrap_or(Shard::WHOLE), args.resume)?;
    let todo = store.todo();
    let jobs = args.jobs.map_or_else(cores, usize::from);
    if !store.rows.is_empty() {
        note(global, format_args!("{} runs are there, {} to go", store.rows.len(), todo.len()));
    }
    let bar = bar(todo.len(), global);
    let (watch, mut said_s) = (StopWatch::start(), 0.0);
    let (mut done, total) = (0_usize, todo.len());
    sweep::sweep(&plan, &todo, jobs, |row: Row| {
        store.add(row)?;
        done += 1;
        bar.inc(1);
        let now_s = watch.elapsed().as_secs_f64();
        if bar.is_hidden() && now_s - said_s >= LINE_S {
            said_s = now_s;
            let rate = done as f64 / now_s;
            let left_s = (total - done) as f64 / rate;
            note(global, format_args!("{done} of {total} runs, {rate:.1} a second, {left_s:.0} s left"));
        }
        Ok::<_, sweep::StoreError>(())
    })?;
    bar.finish_and_clear();
    store.finish(&plan)?;
    tell(args, &store, global)
}

fn tell(args: &Args, store: &Store, global: &Global) -> anyhow::Result<ExitCode> {
    let failed = store.rows.values().filter(|r| !r.pass).count();
    let broken: Vec<_> = store.rows.values().filter(|r| !r.error.is_empty()).collect();
    let document = Document {
        schema: "rsu-sim.sweep/1",
        pass: failed == 0,
        runs: store.rows.len(),
        failed,
        errors: broken.len(),
        results: args.out.join("results.parquet"),
        report: args.out.join("report.html"),
    };
    if let Some(row) = broken.first() {
        say(format_args!("error: run {} could not be made: {}", row.run, row.error));
    }
    if global.json {
        print_json(&document)?;
    } else {
        print(format_args!("{} runs, {} held, {failed} failed", document.runs, document.runs - failed))?;
        let first = store.rows.values().filter(|r| !r.pass).take(3);
        for row in first {
            let broken = row.holds.iter().filter(|(_, holds)| !**holds).map(|(that, _)| that.as_str());
            let plan = args.plan.display();
            print(format_args!(
                "  FAIL  run {} seed {}: {}\n        rsu-sim sweep {plan} --only {}",
                row.run,
                row.seed,
                broken.collect::<Vec<_>>().join("; "),
                row.run
            ))?;
        }
        print(format_args!("results  {}\nreport   {}", document.results.display(), document.report.display()))?;
    }
    Ok(match (broken.is_empty(), failed) {
        (false, _) => ExitCode::from(FAILED),
        (true, 0) => ExitCode::SUCCESS,
        (true, _) => ExitCode::from(VERDICT),
    })
}

/// One run of the plan again, told as `rsu-sim run` tells it.
fn only(args: &Args, plan: &Plan, run: u64, global: &Global) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(run < plan.total, "the plan has runs 0 to {}", plan.total - 1);
    let point = plan.point(run);
    let loaded = plan.scenario_at(&point)?;
    let repeat = format!("rsu-sim sweep {} --only {run}", args.plan.display());
    let outcome = outcome(&loaded, point.seed, repeat)?;
    if global.json {
        print_json(&outcome)?;
    } else {
        for v in &outcome.verdicts {
            print(format_args!("{}  {}: {}", if v.pass { "PASS" } else { "FAIL" }, v.that, v.measured))?;
        }
    }
    let path = args.out.join(format!("run_{run}")).join("report.html");
    sweep::store::write(&path, outcome.html.as_bytes())?;
    note(global, format_args!("report  {}", path.display()));
    Ok(if outcome.pass { ExitCode::SUCCESS } else { ExitCode::from(VERDICT) })
}

/// Runs a scenario with this seed, with units or as a storyboard alone.
fn outcome(loaded: &Loaded, seed: u64, repeat: String) -> anyhow::Result<Outcome> {
    if loaded.scenario.unit.is_empty() {
        let (scenario, recited, verdicts) = recite(loaded, seed)?;
        let values = loaded.scenario.openscenario.as_ref().map(|o| o.values()).unwrap_or_default();
        return Ok(Outcome::of_recital(&scenario, &loaded.scenario.title, repeat, values, &recited, verdicts));
    }
    let mut under_way = Run::new(loaded, &Options { seed: Some(seed), threads: 1 }, None)?;
    under_way.record(Recorder::default());
    let done = under_way.finish()?;
    let verdicts = crate::verdict::judge(loaded, &done);
    Ok(Outcome::new(loaded, repeat, &done, verdicts))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn bar(runs: usize, global: &Global) -> ProgressBar {
    let shows = !global.quiet && std::io::stderr().is_terminal();
    let bar = if shows { ProgressBar::new(runs as u64) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{pos}/{len} {wide_bar} {per_sec}  {eta}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}
