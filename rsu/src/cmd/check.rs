//! `rsu check`: reads configuration files and says what is wrong with them.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::Global;
use crate::cmd::{self, Exit};
use crate::config::Config;

/// Arguments of `rsu check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Configuration files [default: the one of --config]
    pub files: Vec<PathBuf>,
}

/// Checks each file.
///
/// # Errors
/// When a file is not a valid configuration.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    let files = if args.files.is_empty() { vec![global.config.clone()] } else { args.files };
    for file in &files {
        let text = std::fs::read_to_string(file)
            .map_err(|e| Exit::new(cmd::CONFIG, format!("cannot read {}: {e}", file.display())))?;
        toml::from_str::<Config>(&text).map_err(|e| Exit::new(cmd::CONFIG, e.to_string()))?;
        cmd::print(format!("ok    {}", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
