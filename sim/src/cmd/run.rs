//! `rsu-sim run`: scenarios in virtual time, judged.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use rsu::cmd::{VERDICT, print, print_json};
use rsu::shell::clock::StopWatch;
use serde::Serialize;

use super::check::is_openscenario;
use super::record::Files;
use super::xosc::{self, Played, Wish};
use crate::cli::Global;
use crate::report::{self, Outcome};
use crate::run::{Options, Run};
use crate::scenario::{Loaded, find};
use crate::verdict;

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Scenarios: TOML or OpenSCENARIO files, or names that `list` shows
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// Everything random comes from it, instead of the scenario's own seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Threads for the units; the result is the same for any number
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: u16,
    /// Write SCENARIO/report.html below this folder
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Write JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write every message that was sent, as JSON lines
    #[arg(long, value_name = "FILE")]
    messages: Option<PathBuf>,
    #[command(flatten)]
    files: Files,
    /// Then show the run in a page: play, step, seek, jump from event to event; needs one scenario with units
    #[arg(long)]
    web: bool,
    /// With --web: start to play here, seconds after the start
    #[arg(long, value_name = "SECONDS", requires = "web", default_value_t = 0.0)]
    from: f64,
    /// With --web: port of the first unit's page; the next ones follow
    #[arg(long, value_name = "PORT", requires = "web", default_value_t = 8080)]
    port: u16,
    /// No progress bar
    #[arg(long)]
    headless: bool,
    /// OpenSCENARIO: step, seconds
    #[arg(long, value_name = "S", default_value_t = 0.05, value_parser = step)]
    dt: f64,
    /// OpenSCENARIO: end at the latest after this simulated time, such as 90s or 2h
    #[arg(long = "for", value_name = "TIME", default_value = "1h", value_parser = super::duration)]
    longest: std::time::Duration,
    /// OpenSCENARIO: write where everybody is, as CSV
    #[arg(long, value_name = "CSV")]
    trajectory: Option<PathBuf>,
    /// OpenSCENARIO: write what happens, as CSV
    #[arg(long, value_name = "CSV")]
    events: Option<PathBuf>,
    /// OpenSCENARIO: another value for a parameter
    #[arg(long = "value", value_name = "NAME=VALUE")]
    values: Vec<String>,
}

fn step(text: &str) -> Result<f64, String> {
    let dt: f64 = text.parse().map_err(|_| format!("`{text}` is no number of seconds"))?;
    if (1e-4..=1.0).contains(&dt) { Ok(dt) } else { Err("give a step between 0.0001 and 1 s".into()) }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    pass: bool,
    scenarios: Vec<&'a Outcome>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    openscenario: Vec<Played>,
    errors: Vec<&'a (String, String)>,
}

/// Runs the command. Exit code 4: a verdict failed; 1: a scenario could not be run.
///
/// # Errors
/// When a file cannot be written.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    if args.scenarios.len() > 1 && (args.files.parquet.is_some() || args.files.mcap.is_some()) {
        anyhow::bail!("--parquet and --mcap hold one run; give one scenario, or run them one by one");
    }
    if args.web && (args.scenarios.len() > 1 || is_openscenario(&args.scenarios[0])) {
        anyhow::bail!(
            "--web shows what units see in one scenario; give one TOML file (an OpenSCENARIO file goes into its [openscenario])"
        );
    }
    let mut log = match &args.messages {
        Some(path) => Some(BufWriter::new(create(path)?)),
        None => None,
    };
    let mut results: Vec<report::Result> = Vec::new();
    let mut played: Vec<Played> = Vec::new();
    for asked in &args.scenarios {
        let watch = StopWatch::start();
        if is_openscenario(asked) {
            match xosc::play(Path::new(asked), &args.wish(global)) {
                Ok(runs) => {
                    let each_s = watch.elapsed().as_secs_f64() / runs.len().max(1) as f64;
                    for run in runs.iter().filter(|_| !global.json) {
                        print(run.told(each_s))?;
                    }
                    played.extend(runs);
                }
                Err(e) => {
                    super::say(format_args!("error: {e:#}"));
                    results.push(Err((asked.clone(), format!("{e:#}"))));
                }
            }
            continue;
        }
        let result = one(asked, args, global, log.as_mut().map(|l| l as &mut dyn Write));
        if let (Ok(outcome), false) = (&result, global.json) {
            print(told(outcome, watch.elapsed().as_secs_f64()))?;
        }
        if let (Ok(outcome), Some(folder)) = (&result, &args.report) {
            let path = folder.join(&outcome.scenario).join("report.html");
            create(&path)?.write_all(outcome.html.as_bytes()).context("the report cannot be written")?;
            super::note(global, format_args!("report  {}", path.display()));
        }
        if let Err(e) = &result {
            super::say(format_args!("error: {e:#}"));
        }
        results.push(result.map_err(|e| (asked.clone(), format!("{e:#}"))));
    }
    if let Some(path) = &args.junit {
        create(path)?.write_all(report::junit(&results).as_bytes()).context("the JUnit file cannot be written")?;
    }
    let errors: Vec<_> = results.iter().filter_map(|r| r.as_ref().err()).collect();
    let scenarios: Vec<_> = results.iter().flatten().collect();
    let pass = errors.is_empty() && scenarios.iter().all(|s| s.pass);
    let errors_free = errors.is_empty();
    let code = match (errors_free, pass) {
        (false, _) => ExitCode::from(rsu::cmd::FAILED),
        (true, false) => ExitCode::from(VERDICT),
        (true, true) => ExitCode::SUCCESS,
    };
    if global.json {
        print_json(&Document { schema: "rsu-sim.run/1", pass, scenarios, openscenario: played, errors })?;
    }
    if args.web && errors_free {
        super::play::show(&args.scenarios[0], args.seed, args.from, args.port, global)?;
    }
    Ok(code)
}

impl Args {
    fn wish(&self, global: &Global) -> Wish<'_> {
        Wish {
            dt: self.dt,
            longest_s: self.longest.as_secs_f64(),
            seed: self.seed.unwrap_or(1),
            values: &self.values,
            trajectory: self.trajectory.as_deref(),
            events: self.events.as_deref(),
            files: &self.files,
            measures: global.json || self.files.any(),
        }
    }
}

fn one(asked: &str, args: &Args, global: &Global, log: Option<&mut dyn Write>) -> anyhow::Result<Outcome> {
    let loaded = Loaded::read(&find::find(asked)?)?;
    let options = Options { seed: args.seed, threads: usize::from(args.threads) };
    let mut run = Run::new(&loaded, &options, log)?;
    let seed = args.seed.unwrap_or(loaded.scenario.seed);
    run.record(args.files.recorder(&loaded.name, seed, loaded.scenario.start, Some(run.origin()))?);
    let bar = super::progress(global, &loaded.name, args.headless);
    while run.step()? {
        bar.set_position((run.progress() * 1000.0) as u64);
    }
    bar.finish_and_clear();
    let done = run.finish()?;
    let verdicts = verdict::judge(&loaded, &done);
    Ok(Outcome::new(&loaded, asked, &done, verdicts))
}

pub(super) fn create(path: &Path) -> anyhow::Result<File> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

fn told(outcome: &Outcome, took_s: f64) -> String {
    let speed = outcome.for_s / took_s.max(1e-3);
    let mut text = format!(
        "{}  seed {}   {:.1} s simulated in {took_s:.1} s   {speed:.0}x   {} messages {}",
        outcome.scenario, outcome.seed, outcome.for_s, outcome.messages, outcome.messages_fnv1a
    );
    for v in &outcome.verdicts {
        let word = if v.pass { "\x1b[32mPASS\x1b[0m" } else { "\x1b[1;31mFAIL\x1b[0m" };
        text += &format!("\n  {word}  {}: {}", v.that, v.measured);
    }
    if !outcome.pass {
        text += &format!("\nrepeat  {}", outcome.repeat);
    }
    text
}
