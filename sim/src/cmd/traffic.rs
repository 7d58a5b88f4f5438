//! `rsu-sim traffic`: runs SUMO's networks and demand in our traffic, or replays floating car data, and writes floating car
//! data.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use rsu::cmd::{VERDICT, print, print_json};
use serde::Serialize;

use super::{duration, note};
use crate::actor::Kind;
use crate::cli::Global;
use crate::microsim::Settings;
use crate::microsim::sumo::Scenario;
use crate::microsim::sumo::fcd::{Record, Replay, Timestep, Writer, timestep};

/// Time that is run when neither the files nor the command line say.
const RUN_S: f64 = 600.0;

/// Arguments of `traffic`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  rsu-sim traffic city.sumocfg --fcd out.fcd.xml\n  rsu-sim traffic city.net.xml --routes city.rou.xml --for 10min --dt 0.1 --collisions\n  rsu-sim traffic --replay sumo.fcd.xml --fcd ours.fcd.xml"
)]
pub struct Args {
    /// A .sumocfg, or a .net.xml together with --routes
    #[arg(value_name = "FILE", required_unless_present = "replay")]
    file: Option<PathBuf>,
    /// Types, routes, vehicles and flows
    #[arg(long, value_name = "FILE")]
    routes: Vec<PathBuf>,
    /// Replay these floating car data through our bodies instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "routes"])]
    replay: Option<PathBuf>,
    /// Write floating car data
    #[arg(long, value_name = "FILE")]
    fcd: Option<PathBuf>,
    /// Simulated time, instead of the configuration's own
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    run_for: Option<Duration>,
    /// Step, seconds, instead of the configuration's own
    #[arg(long, value_name = "SECONDS")]
    dt: Option<f64>,
    /// Everything random comes from it
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Threads; they change no result
    #[arg(long, value_name = "N", default_value_t = 1)]
    threads: usize,
    /// Duration of a lane change, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    change_s: f64,
    /// Look for collisions in every step; exit code 4 when there is one
    #[arg(long)]
    collisions: bool,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    simulated_s: f64,
    entered: u64,
    arrived: u64,
    on_the_road: usize,
    lane_changes: u64,
    detours: u64,
    collisions: Option<u64>,
    stuck: Vec<String>,
    left_out: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// When a file cannot be read or written.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    if let Some(file) = &args.replay {
        return replay(file, args, global);
    }
    let Some(file) = &args.file else { anyhow::bail!("name a .sumocfg or a .net.xml") };
    let config = file.extension().is_some_and(|e| e == "sumocfg");
    let mut scenario = if config { Scenario::read(file)? } else { Scenario::of(file.clone(), Vec::new()) };
    scenario.routes.extend(args.routes.iter().cloned());
    scenario.step_s = args.dt.or(scenario.step_s);
    scenario.seed = args.seed.or(scenario.seed);
    if let Some(dt) = scenario.step_s.filter(|dt| !(1e-3..=2.0).contains(dt)) {
        anyhow::bail!("a step of {dt} s; give 0.001 to 2");
    }
    let settings = Settings {
        threads: args.threads,
        change_s: args.change_s.clamp(0.0, 30.0),
        collisions: args.collisions,
        ..Settings::default()
    };
    let (mut traffic, notes) = scenario.traffic(settings)?;
    let left_out: Vec<_> =
        notes.iter().map(|(what, (n, line))| format!("{what} ({n} times, first in line {line})")).collect();
    left_out.iter().for_each(|what| note(global, format_args!("left out: {what}")));
    let end = args.run_for.map(|t| t.as_secs_f64()).or(scenario.end_s).unwrap_or(RUN_S);
    let mut writer = args.fcd.as_ref().map(writer).transpose()?;
    while traffic.time() < end - 1e-9 {
        traffic.step();
        if let Some(writer) = &mut writer {
            writer.write(&timestep(&traffic))?;
        }
    }
    if let Some(writer) = writer {
        writer.finish()?;
    }
    let counts = traffic.counts();
    let stuck = traffic.stuck();
    let document = Document {
        schema: "rsu-sim.traffic/1",
        simulated_s: traffic.time(),
        entered: counts.entered,
        arrived: counts.arrived,
        on_the_road: traffic.vehicles().count(),
        lane_changes: counts.changes,
        detours: counts.detours,
        collisions: args.collisions.then_some(counts.collisions),
        stuck: stuck
            .iter()
            .map(|s| format!("{} on {} for {:.0} s ({:?})", s.vehicle, s.lane, s.waited_s, s.held))
            .collect(),
        left_out,
    };
    tell(&document, global)?;
    Ok(if args.collisions && counts.collisions > 0 { ExitCode::from(VERDICT) } else { ExitCode::SUCCESS })
}

fn tell(done: &Document, global: &Global) -> anyhow::Result<()> {
    if global.json {
        return Ok(print_json(done)?);
    }
    print(format_args!(
        "{:.1} s: {} entered, {} arrived, {} on the road, {} lane changes, {} detours{}",
        done.simulated_s,
        done.entered,
        done.arrived,
        done.on_the_road,
        done.lane_changes,
        done.detours,
        done.collisions.map_or_else(String::new, |n| format!(", {n} collisions"))
    ))?;
    for stuck in &done.stuck {
        print(format_args!("stuck: {stuck}"))?;
    }
    Ok(())
}

fn writer(path: &PathBuf) -> anyhow::Result<Writer<BufWriter<File>>> {
    let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(Writer::new(BufWriter::new(file))?)
}

/// From floating car data to bodies, and back.
fn replay(file: &PathBuf, args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let input = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut replay = Replay::new(file.display().to_string(), BufReader::new(input));
    let mut writer = args.fcd.as_ref().map(writer).transpose()?;
    let (mut steps, mut vehicles) = (0, 0);
    while let Some(step) = replay.next_step()? {
        steps += 1;
        vehicles += step.vehicles.len();
        let Some(writer) = &mut writer else { continue };
        let records = step.vehicles.iter().zip(0..).map(|(v, i)| {
            let body = v.body(i, Kind::Car, Kind::Car.size());
            Record {
                pos: v.pos,
                lane: v.lane.clone(),
                slope: v.slope,
                ..Record::of(&body, v.id.clone(), v.kind.clone())
            }
        });
        writer.write(&Timestep { time: step.time, vehicles: records.collect() })?;
    }
    if let Some(writer) = writer {
        writer.finish()?;
    }
    if global.json {
        print_json(&serde_json::json!({ "schema": "rsu-sim.replay/1", "steps": steps, "vehicle_steps": vehicles }))?;
    } else {
        print(format_args!("{steps} steps, {vehicles} places of vehicles"))?;
    }
    Ok(ExitCode::SUCCESS)
}
