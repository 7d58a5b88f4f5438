//! `rsu-sim play`: runs a scenario and shows it in the page, to play, step, seek and jump.

use std::process::ExitCode;

use crate::cli::Global;
use crate::player::Player;
use crate::run::{Options, Run};
use crate::scenario::{Loaded, find};

/// Arguments of `play`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  rsu-sim play pedestrian_occluded\n  rsu-sim play fault_clock_lost --seed 11 --from 7.5"
)]
pub struct Args {
    /// Scenario: a file, or a name that `list` shows
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
}

/// Runs the command; it ends with Ctrl-C.
///
/// # Errors
/// When the scenario cannot be run or the page not be served.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    show(&args.scenario, args.seed, args.from, args.port, global)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs a scenario with a film and shows it until Ctrl-C.
pub(super) fn show(scenario: &str, seed: Option<u64>, from_s: f64, port: u16, global: &Global) -> anyhow::Result<()> {
    let loaded = Loaded::read(&find::find(scenario)?)?;
    let mut run = Run::new(&loaded, &Options { seed, ..Options::default() }, None)?;
    run.film(&loaded);
    let bar = super::progress(global, &loaded.name, false);
    while run.step()? {
        bar.set_position((run.progress() * 1000.0) as u64);
    }
    bar.finish_and_clear();
    let Some(film) = run.finish()?.film else { anyhow::bail!("the run was not filmed") };
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
