//! `rsu-sim bench`: how fast traffic, reacting actors and a full crossing run, with SUMO beside when it is asked for.

mod peer;

use std::path::PathBuf;
use std::process::ExitCode;

use rsu::cmd::{print, print_json};
use rsu::shell::clock::StopWatch;
use serde::Serialize;

use crate::cli::Global;
use crate::cputime::user_s;
use crate::microsim::following::Model;
use crate::microsim::grid::{Trip, city, fill, trips};
use crate::microsim::sumo::net;
use crate::microsim::{Class, Network, Settings, Style, Traffic};
use crate::run::{Options, Run};
use crate::scenario::{Loaded, find};

/// Crossings along a side of the grid, and their distance, metres.
const GRID: (u32, f64) = (20, 200.0);
/// Edges of a trip for every second of the run: more than anybody drives.
const EDGES_PER_S: f64 = 0.08;
/// Vehicle updates of one figure: enough for the hundredths of a second in which processor time is told.
const UPDATES: u64 = 3_000_000;
/// The traffic spreads for so long before it is timed, seconds.
const WARM_S: f64 = 60.0;
/// SUMO 1.28.0 on one AMD EPYC vCPU, vehicle updates a second for 100, 1000 and 5000 vehicles; quoted where it is not
/// run beside: Krauss at steps of 1.0 and 0.1 s, then IDM.
const SUMO: [[[f64; 2]; 2]; 3] =
    [[[135e3, 214e3], [132e3, 221e3]], [[115e3, 143e3], [129e3, 121e3]], [[108e3, 94e3], [88e3, 100e3]]];
/// Scenario of the full crossing.
const CROSSING: &str = "crossing_day";

/// Arguments of `bench`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  rsu-sim bench\n  rsu-sim bench --peer ~/.cache/rsu-sim/sumo\n  rsu-sim bench --quick --json"
)]
pub struct Args {
    /// Run SUMO beside; its wheel is fetched from PyPI into FOLDER unless it is there
    #[arg(long, value_name = "FOLDER")]
    peer: Option<PathBuf>,
    /// Shorter runs: figures within some 10 %
    #[arg(long)]
    quick: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    what: String,
    vehicles: usize,
    dt_s: f64,
    steps_per_s: f64,
    updates_per_s: f64,
    times_real_time: f64,
    /// Where the peer's figure comes from: `measured`, or `quoted`.
    peer: &'static str,
    peer_updates_per_s: Option<f64>,
    goal: Option<String>,
    pass: Option<bool>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    profile: &'static str,
    clock: &'static str,
    pass: bool,
    rows: &'a [Row],
}

/// Seconds of this process: of the processor where the system tells, else of the wall.
struct Meter {
    user: Option<f64>,
    wall: StopWatch,
}

impl Meter {
    fn start() -> Self {
        Self { user: user_s().map(|[own, _]| own), wall: StopWatch::start() }
    }

    fn seconds(&self) -> f64 {
        let user = self.user.and_then(|before| Some(user_s()?[0] - before));
        user.unwrap_or_else(|| self.wall.elapsed().as_secs_f64()).max(0.005)
    }
}

/// Runs the command. Exit code 4: a goal was missed.
///
/// # Errors
/// When the peer cannot be fetched or a scenario is missing.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let peer = args.peer.as_deref().map(peer::Peer::install).transpose()?;
    let net = peer.as_ref().map(|p| p.grid(GRID.0, GRID.1)).transpose()?;
    let network = match &net {
        Some(file) => net::read(file)?.0,
        None => city(GRID.0, GRID.1),
    };
    if !global.json {
        let whose = if net.is_some() { "SUMO's" } else { "our own" };
        print(format_args!("{} profile, processor time of one thread; 20 x 20 grid: {whose}", profile()))?;
        print(HEAD)?;
    }
    let mut rows = Vec::new();
    let mut told = |row: Row| -> anyhow::Result<()> {
        if !global.json {
            print(line(&row))?;
        }
        rows.push(row);
        Ok(())
    };
    for (i, count) in [100, 1000, 5000].into_iter().enumerate() {
        let trips = trips(&network, 1, count, edges(count));
        for (k, dt) in [1.0, 0.1].into_iter().enumerate() {
            for (m, model) in [Model::Krauss { sigma: 0.5 }, Model::Idm].into_iter().enumerate() {
                let mut row = grid_row(&network, &trips, model, dt, args.quick);
                row.peer_updates_per_s = Some(SUMO[i][m][k]);
                if let (Some(peer), Some(net)) = (&peer, &net) {
                    let until = WARM_S + if dt < 0.5 { 20.0 } else { 100.0 };
                    let demand = peer::Demand { trips: &trips, model, dt };
                    let seconds = peer.time(net, &network, &demand, WARM_S, until)?;
                    row.peer = "measured";
                    row.peer_updates_per_s = Some(f64::from(count) * (until - WARM_S) / dt / seconds);
                }
                told(row)?;
            }
        }
    }
    told(actors_row(&network, args.quick))?;
    told(crossing_row()?)?;
    let pass = rows.iter().all(|r| r.pass != Some(false));
    if global.json {
        let clock = if user_s().is_some() { "user" } else { "wall" };
        print_json(&Document { schema: "rsu-sim.bench/1", profile: profile(), clock, pass, rows: &rows })?;
    }
    Ok(if pass { ExitCode::SUCCESS } else { ExitCode::from(rsu::cmd::VERDICT) })
}

fn profile() -> &'static str {
    if cfg!(debug_assertions) { "dev" } else { "release" }
}

const HEAD: &str =
    "what                          vehicles  step s    steps/s   updates/s  x real time   SUMO updates/s  goal";

fn line(row: &Row) -> String {
    let peer = row.peer_updates_per_s.map_or_else(String::new, |u| format!("{u:.0} {}", row.peer));
    let goal = match (&row.goal, row.pass) {
        (Some(goal), Some(pass)) => format!("{goal}: {}", if pass { "reached" } else { "missed" }),
        _ => String::new(),
    };
    format!(
        "{:<30}{:>8}{:>8}{:>11.0}{:>12.0}{:>13.1}{:>17}  {goal}",
        row.what, row.vehicles, row.dt_s, row.steps_per_s, row.updates_per_s, row.times_real_time, peer
    )
}

/// Longest run with so many vehicles, seconds.
fn longest_s(count: u32) -> f64 {
    (UPDATES as f64 / f64::from(count)).min(10_000.0)
}

fn edges(count: u32) -> usize {
    ((longest_s(count) + WARM_S) * EDGES_PER_S) as usize + 20
}

/// Steps `traffic` for as long as it takes to make so many updates.
fn timed(traffic: &mut Traffic, updates: u64) -> (u64, u64, f64) {
    while traffic.time() < WARM_S {
        traffic.step();
    }
    let before = traffic.counts().updates;
    let mut steps = 0;
    let meter = Meter::start();
    while traffic.counts().updates - before < updates {
        traffic.step();
        steps += 1;
    }
    (steps, traffic.counts().updates - before, meter.seconds())
}

fn row(what: &str, traffic: &Traffic, (steps, updates, seconds): (u64, u64, f64)) -> Row {
    let dt = traffic.settings.dt;
    Row {
        what: what.into(),
        vehicles: traffic.vehicles().count(),
        dt_s: dt,
        steps_per_s: steps as f64 / seconds,
        updates_per_s: updates as f64 / seconds,
        times_real_time: steps as f64 * dt / seconds,
        peer: "quoted",
        peer_updates_per_s: None,
        goal: None,
        pass: None,
    }
}

/// The signalised grid with lane changes.
fn grid_row(network: &Network, trips: &[Trip], model: Model, dt: f64, quick: bool) -> Row {
    let mut traffic = Traffic::new(network.clone(), Settings { dt, ..Settings::default() });
    fill(&mut traffic, &Style::of(Class::Car).with_model(model), trips);
    let most = trips.len() as u64 * (longest_s(trips.len() as u32) / dt) as u64;
    let done = timed(&mut traffic, most.min(if quick { UPDATES / 5 } else { UPDATES }));
    let name = if model == Model::Idm { "grid, IDM" } else { "grid, Krauss" };
    let mut row = row(name, &traffic, done);
    if model == Model::Idm {
        row.goal = Some("1 M updates/s".into());
        row.pass = Some(row.updates_per_s >= 1e6);
    }
    row
}

/// Reacting actors with smooth lane changes and collision checks.
fn actors_row(network: &Network, quick: bool) -> Row {
    let settings = Settings { dt: 0.05, change_s: 3.0, collisions: true, ..Settings::default() };
    let mut traffic = Traffic::new(network.clone(), settings);
    fill(&mut traffic, &Style::of(Class::Car), &trips(network, 1, 1000, edges(1000)));
    let done = timed(&mut traffic, if quick { UPDATES / 5 } else { UPDATES });
    let mut row = row("1,000 actors, collision check", &traffic, done);
    row.goal = Some("10 x real time".into());
    row.pass = Some(row.times_real_time >= 10.0);
    row
}

/// A crossing with sixty road users and a unit whose sensors are oracles.
fn crossing_row() -> anyhow::Result<Row> {
    let mut loaded = Loaded::read(&find::find(CROSSING)?)?;
    loaded.set_for_s(60.0);
    let mut run = Run::new(&loaded, &Options { seed: None, threads: 1 }, None)?;
    let meter = Meter::start();
    let (mut steps, mut users) = (0u64, 0usize);
    while run.step()? {
        steps += 1;
        users += run.road_users();
    }
    let (seconds, simulated) = (meter.seconds(), run.simulated_s());
    let ratio = simulated / seconds;
    Ok(Row {
        what: "crossing, 1 unit".into(),
        vehicles: users / steps.max(1) as usize,
        dt_s: crate::run::STEP.as_secs_f64(),
        steps_per_s: steps as f64 / seconds,
        updates_per_s: users as f64 / seconds,
        times_real_time: ratio,
        peer: "quoted",
        peer_updates_per_s: None,
        goal: Some("50 x real time".into()),
        pass: Some(ratio >= 50.0),
    })
}
