//! The command line of `rsu-sim`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use rsu::cli::Color;

use crate::cmd;

#[derive(Debug, Parser)]
#[command(
    name = "rsu-sim",
    version,
    about = "Simulates crossings that feed real roadside units, and judges what they say",
    after_help = "Examples:\n  rsu-sim demo --for 20s\n  rsu-sim run crossing_day --report out"
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, clap::Args)]
pub struct Global {
    /// Print JSON instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Colour on a terminal
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Only results and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a simulated crossing in real time, with a page, zenoh and a radio
    Demo(cmd::demo::Args),
    /// Run scenarios in virtual time and judge them
    Run(cmd::run::Args),
    /// Say everything that is wrong with scenario files, before they run
    Check(cmd::check::Args),
    /// Run a scenario for long and watch the memory
    Soak(cmd::soak::Args),
    /// Show what an OpenDRIVE map holds, and what is wrong with it
    Map(cmd::map::Args),
    /// Show the scenarios that are there
    List(cmd::list::Args),
    /// Run SUMO's networks and demand, or replay floating car data
    Traffic(cmd::traffic::Args),
    /// Measure how fast traffic, reacting actors and a crossing run
    Bench(cmd::bench::Args),
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // clap knows where help and complaints belong; a closed pipe is no error of ours.
            let _ = e.print();
            return if e.use_stderr() { ExitCode::from(rsu::cmd::USAGE) } else { ExitCode::SUCCESS };
        }
    };
    match cli.global.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let done = match cli.command {
        Command::Demo(args) => cmd::demo::run(&args, &cli.global),
        Command::Run(args) => cmd::run::run(&args, &cli.global),
        Command::Check(args) => cmd::check::run(&args, &cli.global),
        Command::Soak(args) => cmd::soak::run(&args, &cli.global),
        Command::Map(args) => cmd::map::run(&args, &cli.global),
        Command::List(args) => cmd::list::run(&args, &cli.global),
        Command::Traffic(args) => cmd::traffic::run(&args, &cli.global),
        Command::Bench(args) => cmd::bench::run(&args, &cli.global),
    };
    done.unwrap_or_else(|e| rsu::cmd::explain(&e))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound_and_every_help_is_short() {
        let mut command = Cli::command();
        command.clone().debug_assert();
        assert!(command.render_help().to_string().lines().count() <= 40);
        for sub in command.get_subcommands_mut() {
            let help = sub.render_help().to_string();
            assert!(help.lines().count() <= 40, "{help}");
        }
    }
}
