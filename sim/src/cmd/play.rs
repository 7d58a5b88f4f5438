//! `rsu-sim play`: runs a scenario and shows it in the page, to play, step, seek and jump.

use std::process::ExitCode;

use super::asked::{Asked, Story};
use super::record::Files;
use super::xosc::{self, Wish};
use crate::cli::Global;
use crate::player::{Film, Player};
use crate::run::{Options, Run};
use crate::scenario::Loaded;

/// Arguments of `play`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  rsu-sim play pedestrian_occluded\n  rsu-sim play cut-in.xosc\n  rsu-sim play fault_clock_lost --seed 11 --from 7.5"
)]
pub struct Args {
    /// Scenario: a TOML or OpenSCENARIO file, or a name that `list` shows
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    /// Everything random comes from it, instead of the scenario's own seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Start to play here, seconds after the start
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    from: f64,
    /// Port of the first unit's page; the next ones follow. 0: free ones
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    port: u16,
    #[command(flatten)]
    story: Story,
}

/// Runs the command; it ends with Ctrl-C.
///
/// # Errors
/// When the scenario cannot be run or the page not be served.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    show(&args.scenario, &args.story, args.seed, (args.from, args.port), global)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs a scenario with a film and shows it from a moment on, at a port, until Ctrl-C.
pub(super) fn show(
    scenario: &str,
    story: &Story,
    seed: Option<u64>,
    (from_s, port): (f64, u16),
    global: &Global,
) -> anyhow::Result<()> {
    let film = match story.find(scenario, global)? {
        Asked::Units(loaded) => filmed(&loaded, seed, global)?,
        Asked::Storyboard { path, side } => {
            let files = Files::default();
            let side = side.as_deref();
            xosc::film(&path, &Wish { asked: scenario, story, side, seed, files: &files, measures: false, global })?
        }
    };
    if film.is_full() {
        super::note(global, format_args!("note: the film ends at {:.0} s, then its memory is full", film.length_s()));
    }
    let player = Player::new(film, from_s)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let stop = async {
        // Without a signal handler the program ends by the signal itself.
        let _ = tokio::signal::ctrl_c().await;
    };
    runtime.block_on(player.serve(port, stop, |pages| {
        for (unit, address) in pages {
            super::say(format_args!("page  http://{address}/  {unit}"));
        }
    }))?;
    Ok(())
}

fn filmed(loaded: &Loaded, seed: Option<u64>, global: &Global) -> anyhow::Result<Film> {
    let mut run = Run::new(loaded, &Options { seed, ..Options::default() }, None)?;
    run.film(loaded);
    let bar = super::progress(global, &loaded.name, false);
    while run.step()? {
        bar.set_position((run.progress() * 1000.0) as u64);
    }
    bar.finish_and_clear();
    run.finish()?.film.ok_or_else(|| anyhow::anyhow!("the run was not filmed"))
}
