//! The command line: one program, its global options, one line a command. Results go to stdout, everything else to
//! stderr; a closed pipe is not an error.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::cmd;

/// Roadside unit: sees road users, tells vehicles
#[derive(Debug, Parser)]
#[command(
    name = "rsu",
    version,
    subcommand_required = true,
    disable_help_subcommand = true,
    infer_long_args = false,
    after_help = "Start here:  rsu demo      a simulated crossing at http://127.0.0.1:8080\n             \
                  rsu init      write a commented rsu.toml"
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Configuration file
    #[arg(short, long, value_name = "FILE", global = true, env = "RSU_CONFIG", default_value = "rsu.toml")]
    pub config: PathBuf,
    /// Lay a value over the file: site.id=x02
    #[arg(long, value_name = "KEY=VALUE", global = true)]
    pub set: Vec<String>,
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Colour on a terminal
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    pub color: Color,
    /// More detail on stderr (-v, -vv)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Only errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
}

/// When to use colour.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands, in the order of the help. One value exists, for a moment: its size does not matter.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant)]
pub enum Command {
    /// Run a simulated crossing with no sensors and no radio
    Demo(cmd::demo::Args),
    /// Write a commented rsu.toml for this site
    Init(cmd::init::Args),
    /// Run the roadside unit
    Run(cmd::run::Args),
    /// Check the configuration and the files it names
    Check(cmd::check::Args),
    /// One screen: sensors, radio, neighbours, age
    Status(cmd::status::Args),
    /// Print messages as they are sent and received
    Watch(cmd::watch::Args),
    /// Run the station on a recording, and compare what it says
    Replay(cmd::replay::Args),
    /// Show defaults, schema and the effective configuration
    Config(cmd::config::Args),
}

impl Command {
    fn run(self, global: &Global) -> anyhow::Result<ExitCode> {
        match self {
            Self::Demo(args) => cmd::demo::run(args, global),
            Self::Init(args) => cmd::init::run(args, global),
            Self::Run(args) => cmd::run::run(args, global),
            Self::Check(args) => cmd::check::run(args, global),
            Self::Status(args) => cmd::status::run(args, global),
            Self::Watch(args) => cmd::watch::run(args, global),
            Self::Replay(args) => cmd::replay::run(args, global),
            Self::Config(args) => cmd::config::run(args, global),
        }
    }
}

/// Runs the program: parses the arguments, runs the command, turns an error into a sentence and an exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            // A closed pipe while printing help is not an error either.
            let _ = usage.print();
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(cmd::USAGE));
        }
    };
    match cli.global.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    match cli.command.run(&cli.global) {
        Ok(code) => code,
        Err(error) => cmd::explain(&error),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_fits_forty_lines() {
        fn walk(command: &mut clap::Command, path: &str) {
            let help = command.render_help().to_string();
            assert!(help.lines().count() <= 40, "{path}: {} lines", help.lines().count());
            for sub in command.get_subcommands_mut() {
                let path = format!("{path} {}", sub.get_name());
                walk(sub, &path);
            }
        }
        let mut root = Cli::command();
        root.build();
        walk(&mut root, "rsu");
    }
}
