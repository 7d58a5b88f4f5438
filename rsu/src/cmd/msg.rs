//! `rsu msg`: messages as people and programs read them, to and from the bytes that go on air.

mod bits;
mod captured;
mod decode;
mod diff;
mod documents;
mod dump;
mod encode;
mod input;
mod line;
pub(super) mod profile;
mod read;
mod size;
mod tree;

use std::process::ExitCode;

use crate::cli::Global;

/// Arguments of `rsu msg`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu msg decode --hex 44d8815db93d34cfe14a9dcec2a2b5f664914e80a0
  rsu msg decode captured.pcap
  rsu msg encode rsm.json
  rsu msg diff before.json after.json")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show what is in messages
    Decode(decode::Decode),
    /// Make the bytes of messages
    Encode(encode::Encode),
    /// Show what takes how many bits
    Size(size::Size),
    /// Show which fields of two messages differ
    Diff(diff::Diff),
}

/// Runs one of them.
///
/// # Errors
/// When the input cannot be read, or stdout is closed.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Decode(args) => decode::run(&args, global),
        Command::Encode(args) => encode::run(&args, global),
        Command::Size(args) => size::run(&args, global),
        Command::Diff(args) => diff::run(&args, global),
    }
}
