//! `rsu-sim demo`: a simulated crossing in real time.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::Context;
use rsu::cmd::{print, print_json};
use rsu::run::Summary;
use serde::Serialize;

use super::duration;
use crate::cli::Global;
use crate::demo::{self, Heard, Place, Plan};
use crate::scenario::{Loaded, find};

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Scenario: a file, or the name of one that `list` shows
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Units: 1 stands at a crossing, up to 3 along a corridor
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=3))]
    units: Option<u8>,
    /// Port of the page; the next units take the next ones, 0 takes free ones
    #[arg(long, value_name = "P", default_value_t = 8080)]
    port: u16,
    /// End after this time, such as 20s
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    run_for: Option<Duration>,
    /// Everything random comes from it
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Where the first unit listens for zenoh consumers, such as tcp/127.0.0.1:7447
    #[arg(long, value_name = "ENDPOINT")]
    zenoh: Option<String>,
    /// Do not open the page in a browser
    #[arg(long)]
    no_open: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    scenario: &'a str,
    units: &'a [Summary],
    heard: &'a BTreeMap<String, Heard>,
}

/// Runs the command.
///
/// # Errors
/// When the scenario does not work or a unit cannot be run.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let name = args.scenario.as_deref().unwrap_or(match args.units {
        Some(2..) => "corridor_handover",
        _ => "crossing_day",
    });
    let loaded = Loaded::read(&find::find(name)?)?;
    let plan = Plan {
        port: args.port,
        run_for: args.run_for,
        seed: args.seed,
        units: args.units.map(usize::from),
        zenoh: args.zenoh.clone(),
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    let opens = !args.no_open && !global.json && std::io::stdout().is_terminal();
    let ended = runtime.block_on(demo::run(&loaded, &plan, interrupted(), |places| {
        say_where(&loaded, places, global);
        if let (true, Some(first)) = (opens, places.first()) {
            open(&first.page);
        }
    }))?;
    runtime.shutdown_timeout(Duration::from_secs(2));
    if global.json {
        print_json(&Document {
            schema: "rsu-sim.demo/1",
            scenario: &loaded.name,
            units: &ended.summaries,
            heard: &ended.heard,
        })?;
    } else {
        for summary in &ended.summaries {
            print(told(summary, ended.heard.get(&summary.status.unit)))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without signals only --for or the terminal's end stops the demo.
        std::future::pending::<()>().await;
    }
}

fn say_where(loaded: &Loaded, places: &[Place], global: &Global) {
    if global.quiet || global.json {
        return;
    }
    let mut text = format!("{}\n", loaded.scenario.title);
    for place in places {
        text += &format!("  {:<8} {}", place.unit, place.page);
        text += &format!("   radio udp {}", place.radio.join(", "));
        text += &format!("   zenoh rsu/{}/{}/**\n", place.corridor, place.unit);
    }
    text += "  Ctrl-C ends it";
    super::say(text);
}

/// Opens the page where there is a desktop; elsewhere nothing happens.
fn open(page: &str) {
    let desktop = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if desktop {
        let quiet = Command::new("xdg-open").arg(page).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        // No browser is no error: the address is on the screen.
        drop(quiet);
    }
}

/// What a unit saw and said, for people.
fn told(summary: &Summary, heard: Option<&Heard>) -> String {
    let status = &summary.status;
    let mut text = format!("{}  {}\n", status.unit, if status.fit { "SPEAKING" } else { "SILENT" });
    text +=
        &format!("  seen   {} road users tracked, {} participants told in RSM\n", summary.tracks, summary.participants);
    text += "  said  ";
    for (kind, tally) in &status.air.sent {
        text += &format!(" {kind} {} ({} kB)", tally.count, tally.bytes.div_ceil(1000));
    }
    if let Some(heard) = heard {
        text += &format!("\n  heard  {} messages understood by a vehicle at the radio's address", heard.understood);
        if heard.garbled > 0 {
            text += &format!(", {} garbled", heard.garbled);
        }
    }
    let age = &status.age.all;
    text += &format!("\n  age    light to antenna p50 {} p99 {}", ms(age.p50_ms), ms(age.p99_ms));
    text += &format!("  budget {:.0} ms", status.age.budget_ms);
    for problem in &status.problems {
        text += &format!("\n  problem  {problem}");
    }
    text
}

fn ms(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |v| format!("{v:.0} ms"))
}
