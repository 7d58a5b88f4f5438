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
    after_help = "Examples:\n  rsu-sim demo --for 20s\n  rsu-sim run crossing_day --report out\n  rsu-sim sweep plan.toml --out results"
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
    /// Run a scenario and look at it in a page: play, step, seek, jump from event to event
    Play(cmd::play::Args),
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
    /// Write a new scenario with comments, ready to run
    New(cmd::new::Args),
    /// Run one scenario many times with figures varied, on all cores
    Sweep(cmd::sweep::Args),
    /// Merge the shards of a sweep
    Merge(cmd::merge::Args),
    /// Compare two results: exit code 4 when something moved
    Compare(cmd::compare::Args),
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
        Command::Play(args) => cmd::play::run(&args, &cli.global),
        Command::Soak(args) => cmd::soak::run(&args, &cli.global),
        Command::Map(args) => cmd::map::run(&args, &cli.global),
        Command::List(args) => cmd::list::run(&args, &cli.global),
        Command::Traffic(args) => cmd::traffic::run(&args, &cli.global),
        Command::Bench(args) => cmd::bench::run(&args, &cli.global),
        Command::New(args) => cmd::new::run(&args, &cli.global),
        Command::Sweep(args) => cmd::sweep::run(&args, &cli.global),
        Command::Merge(args) => cmd::merge::run(&args, &cli.global),
        Command::Compare(args) => cmd::compare::run(&args, &cli.global),
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

    /// The `rsu-sim` commands of an example file, each as one line; what the batch engine fills in is filled in.
    fn commands(file: &str) -> Vec<String> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(file);
        let text = std::fs::read_to_string(path).unwrap().replace("\\\n", " ");
        let lines = text.lines().filter(|l| !l.trim_start().starts_with('#'));
        let starts = lines.filter_map(|l| l.find("rsu-sim ").map(|at| l[at..].to_owned()));
        starts.filter(|l| !l.contains("image:")).collect()
    }

    #[test]
    fn the_commands_of_the_example_jobs_parse() {
        for (file, least) in [("sweep.k8s.yaml", 2), ("sweep.slurm.sh", 2)] {
            let commands = commands(file);
            assert!(commands.len() >= least, "{file}: {commands:?}");
            for command in commands {
                let filled = command
                    .replace("$((JOB_COMPLETION_INDEX + 1))", "3")
                    .replace("${SLURM_ARRAY_TASK_ID}", "3")
                    .replace("${SLURM_CPUS_PER_TASK}", "4")
                    .replace('"', "");
                let words = filled.split_whitespace();
                if let Err(e) = Cli::try_parse_from(words) {
                    panic!("{file}: {filled}\n{e}");
                }
            }
        }
    }
}
