//! `rsu msg size`: what takes how many bits.

use std::process::ExitCode;

use super::bits;
use super::read::From;
use crate::cli::Global;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu msg size --hex 44d8815db93d34cfe14a9dcec2a2b5f664914e80a0
  rsu msg size heard.hex

Exit code: 0 good, 1 when a message was refused.")]
pub(super) struct Size {
    #[command(flatten)]
    from: From,
}

/// Runs it.
pub(super) fn run(args: &Size, global: &Global) -> anyhow::Result<ExitCode> {
    args.from.each(global, |message| bits::size(message, global.json))
}
