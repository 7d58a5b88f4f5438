//! `rsu-sim run`: scenarios in virtual time, judged.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use rsu::cmd::{Exit, USAGE, VERDICT, print, print_json};
use rsu::shell::clock::StopWatch;
use serde::Serialize;

use super::asked::{Asked, Story};
use super::record::Files;
use super::xosc::{self, Wish};
use crate::cli::Global;
use crate::output::trajectory;
use crate::report::{self, Outcome};
use crate::run::{Options, Run};
use crate::scenario::Loaded;
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
    /// Write SCENARIO/report.html and report.json below this folder
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
    /// Then show the run in a page: play, step, seek, jump from event to event
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
    #[command(flatten)]
    story: Story,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    pass: bool,
    scenarios: Vec<&'a Outcome>,
    errors: Vec<&'a (String, String)>,
}

/// Runs the command. Exit code 4: a verdict failed; 1: a scenario could not be run.
///
/// # Errors
/// When a file cannot be written.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let several = args.scenarios.len() > 1;
    if let Some(option) = args.files.of_one_run().filter(|_| several) {
        anyhow::bail!("{option} holds one run; give one scenario, or run them one by one");
    }
    anyhow::ensure!(!(args.web && several), "--web shows one scenario; give one");
    anyhow::ensure!(!(args.story.side.is_some() && several), "--side is of one OpenSCENARIO file; give one scenario");
    let mut log = match &args.messages {
        Some(path) => Some(BufWriter::new(create(path)?)),
        None => None,
    };
    let mut results: Vec<report::Result> = Vec::new();
    for asked in &args.scenarios {
        let log = log.as_mut().map(|l| l as &mut dyn Write);
        if let Err(e) = one(asked, args, global, log, &mut results) {
            // Wrong usage is wrong for every scenario.
            let exit = e.downcast_ref::<Exit>();
            if exit.is_some_and(|exit| exit.code == USAGE) {
                return Err(e);
            }
            let help = exit.and_then(|exit| exit.help.as_ref()).map_or_else(String::new, |h| format!("\nhelp: {h}"));
            let why = format!("{e:#}{help}");
            super::say(format_args!("error: {why}"));
            results.push(Err((asked.clone(), why)));
        }
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
        print_json(&Document { schema: "rsu-sim.run/1", pass, scenarios, errors })?;
    }
    if args.web && errors_free {
        let quiet = Global { quiet: true, ..global.clone() };
        super::play::show(&args.scenarios[0], &args.story, args.seed, (args.from, args.port), &quiet)?;
    }
    Ok(code)
}

/// Runs what was asked for and tells what became of it; an OpenSCENARIO distribution is many runs.
fn one(
    asked: &str,
    args: &Args,
    global: &Global,
    log: Option<&mut dyn Write>,
    results: &mut Vec<report::Result>,
) -> anyhow::Result<()> {
    let mut watch = StopWatch::start();
    let mut done = |outcome: Outcome| -> anyhow::Result<()> {
        if !global.json {
            print(told(&outcome, watch.elapsed().as_secs_f64()))?;
        }
        if let Some(folder) = &args.report {
            let path = folder.join(&outcome.scenario).join("report.html");
            create(&path)?.write_all(outcome.html.as_bytes()).context("the report cannot be written")?;
            let json = serde_json::to_vec_pretty(&outcome).context("the outcome is no JSON")?;
            create(&path.with_extension("json"))?.write_all(&json).context("the report cannot be written")?;
            super::note(global, format_args!("report  {}", path.display()));
        }
        results.push(Ok(outcome));
        watch = StopWatch::start();
        Ok(())
    };
    match args.story.find(asked, global)? {
        Asked::Units(loaded) => done(with_units(&loaded, asked, args, global, log)?),
        Asked::Storyboard { path, side } => {
            let wish = Wish {
                asked,
                story: &args.story,
                side: side.as_deref(),
                seed: args.seed,
                files: &args.files,
                measures: global.json || args.files.any() || args.report.is_some() || side.is_some(),
                global,
            };
            xosc::play(&path, &wish, done)
        }
    }
}

fn with_units(
    loaded: &Loaded,
    asked: &str,
    args: &Args,
    global: &Global,
    log: Option<&mut dyn Write>,
) -> anyhow::Result<Outcome> {
    let options = Options { seed: args.seed, threads: usize::from(args.threads) };
    let mut run = Run::new(loaded, &options, log)?;
    let seed = args.seed.unwrap_or(loaded.scenario.seed);
    run.record(args.files.recorder_with_rows(&loaded.name, seed, loaded.scenario.start, run.origin())?);
    let bar = super::progress(global, &loaded.name, args.headless);
    while run.step()? {
        bar.set_position((run.progress() * 1000.0) as u64);
    }
    bar.finish_and_clear();
    let done = run.finish()?;
    if let Some(path) = &args.files.events {
        let rows = trajectory::events(done.chronicle.marks());
        create(path)?.write_all(rows.as_bytes()).context("the events cannot be written")?;
    }
    let verdicts = verdict::judge(loaded, &done);
    Ok(Outcome::new(loaded, args.story.repeat(asked, done.seed, None), &done, verdicts))
}

pub(super) fn create(path: &Path) -> anyhow::Result<File> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

fn told(outcome: &Outcome, took_s: f64) -> String {
    let speed = outcome.for_s / took_s.max(1e-3);
    let what = match &outcome.openscenario {
        Some(p) => format!("{} entities, {} events, trajectory {}", p.entities, p.events, p.trajectory_fnv1a),
        None => format!("{} messages {}", outcome.messages, outcome.messages_fnv1a),
    };
    let mut text = format!(
        "{}  seed {}   {:.1} s simulated in {took_s:.1} s   {speed:.0}x   {what}",
        outcome.scenario, outcome.seed, outcome.for_s
    );
    for v in &outcome.verdicts {
        let word = if v.pass { "\x1b[32mPASS\x1b[0m" } else { "\x1b[1;31mFAIL\x1b[0m" };
        text += &format!("\n  {word}  {}: {}", v.that, v.measured);
    }
    // With units a collision that matters is in an expectation; a storyboard may be about one.
    for hit in outcome.collisions.iter().filter(|_| outcome.openscenario.is_some()) {
        text += &format!("\n  collision  {hit}");
    }
    if !outcome.pass {
        text += &format!("\nrepeat  {}", outcome.repeat);
    }
    text
}
