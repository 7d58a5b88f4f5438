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
    disable_help_flag = true,
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
    /// Print help
    #[arg(short, long, global = true, action = clap::ArgAction::HelpShort)]
    pub help: Option<bool>,
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
    /// Decode, encode, measure messages
    Msg(cmd::msg::Args),
    /// Check, slice and convert maps
    Map(cmd::map::Args),
    /// Run the station on a recording, and compare what it says
    Replay(cmd::replay::Args),
    /// Calibrate cameras against surveyed points
    Calibrate(cmd::calibrate::Args),
    /// See what a detector finds in pictures, videos or lidar recordings
    Detect(cmd::detect::Args),
    /// Turn lidar packets into a point cloud file
    Points(cmd::points::Args),
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
            Self::Msg(args) => cmd::msg::run(args, global),
            Self::Map(args) => cmd::map::run(args, global),
            Self::Replay(args) => cmd::replay::run(args, global),
            Self::Calibrate(args) => cmd::calibrate::run(args, global),
            Self::Detect(args) => cmd::detect::run(args, global),
            Self::Points(args) => cmd::points::run(args, global),
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

    /// Calls `look` with every command: its path, such as `rsu config show`, and itself.
    fn every_command(look: &mut dyn FnMut(&str, &mut clap::Command)) {
        fn walk(command: &mut clap::Command, path: &str, look: &mut dyn FnMut(&str, &mut clap::Command)) {
            look(path, command);
            for sub in command.get_subcommands_mut() {
                let path = format!("{path} {}", sub.get_name());
                walk(sub, &path, look);
            }
        }
        let mut root = Cli::command();
        root.build();
        walk(&mut root, "rsu", look);
    }

    #[test]
    fn every_help_fits_forty_lines() {
        every_command(&mut |path, command| {
            let lines = command.render_help().to_string().lines().count();
            assert!(lines <= 40, "{path}: {lines} lines");
        });
    }

    #[test]
    fn every_help_ends_with_two_examples_that_the_program_understands() {
        every_command(&mut |path, command| {
            if path == "rsu" {
                return; // ends with where to start
            }
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples: Vec<&str> = after.lines().map(str::trim).filter(|line| line.starts_with("rsu ")).collect();
            assert!(examples.len() >= 2, "{path} has {} examples", examples.len());
            for example in examples {
                let words = words(example.split(['>', '|']).next().unwrap_or(example));
                let parsed = Cli::try_parse_from(&words);
                assert!(
                    parsed.is_ok(),
                    "{path}: `{example}`: {}",
                    parsed.err().map_or(String::new(), |e| e.to_string())
                );
            }
        });
    }

    /// The words of a command line; quotes hold words together.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut quote = None;
        for c in line.trim().chars() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, ' ') => words.push(String::new()),
                _ => words.last_mut().expect("one word").push(c),
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }
}
