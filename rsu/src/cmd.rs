//! The commands. Each file has `Args` (what clap reads) and `run`. A command prints its result with [`print()`] and its
//! progress with [`note`]; an error that ends with its own exit code is an [`Exit`].
#![allow(clippy::print_stdout)]

pub mod calibrate;
pub mod check;
pub mod config;
pub mod demo;
pub mod detect;
pub mod init;
pub mod map;
pub mod msg;
pub mod points;
pub mod progress;
pub mod replay;
pub mod run;
pub mod span;
pub mod status;
pub mod watch;

use std::io::{self, Write};
use std::process::ExitCode;

use crate::cli::Global;
use crate::config::{Overrides, load_with};
use crate::station::Setup;

/// Exit code: failed.
pub const FAILED: u8 = 1;
/// Exit code: wrong usage.
pub const USAGE: u8 = 2;
/// Exit code: done, with loss or warnings.
pub const LOSS: u8 = 3;
/// Exit code: a verdict or comparison failed.
pub const VERDICT: u8 = 4;
/// Exit code: no unit reachable.
pub const NO_UNIT: u8 = 5;
/// Exit code: configuration invalid (sysexits `EX_CONFIG`).
pub const CONFIG: u8 = 78;

/// An error with its own exit code and, if there is one, the remedy.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Exit {
    /// Exit code.
    pub code: u8,
    /// What is wrong: lower case, no full stop.
    pub what: String,
    /// What to do.
    pub help: Option<String>,
}

impl Exit {
    /// An error that ends with `code`.
    pub fn new(code: u8, what: impl Into<String>) -> Self {
        Self { code, what: what.into(), help: None }
    }

    /// Adds the `help:` line.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Prints a result to stdout, with colours taken away where they do not belong. A line break is added.
///
/// # Errors
/// When stdout is closed; pass it on with `?`, a closed pipe ends the program quietly.
pub fn print(text: impl std::fmt::Display) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Prints a document as JSON to stdout, on one line.
///
/// # Errors
/// As [`print()`].
pub fn print_json(document: &impl serde::Serialize) -> io::Result<()> {
    print(serde_json::to_string(document)?)
}

/// Tells something on stderr unless `--quiet`.
pub fn note(global: &Global, text: impl std::fmt::Display) {
    if !global.quiet {
        // Nobody reads stderr: nothing to do about it.
        let _ = writeln!(anstream::stderr(), "{text}");
    }
}

/// The unit that `--config`, the environment and `--set` describe. Warnings go to stderr.
///
/// # Errors
/// An [`Exit`] with code 78 when the configuration is not valid; all complaints are then on stderr.
pub fn setup(global: &Global) -> anyhow::Result<Setup> {
    let file = global.config.display();
    match load_with(&global.config, &Overrides::of_process(&global.set)) {
        Ok((setup, warnings)) => {
            warnings.iter().for_each(|warning| note(global, format_args!("{}\n", warning.render())));
            Ok(setup)
        }
        Err(complaints) => {
            for complaint in &complaints {
                let _ = writeln!(anstream::stderr(), "{}\n", complaint.render());
            }
            let help = "mend what is said above, then look again with `rsu check`; `rsu demo` needs no configuration";
            Err(Exit::new(CONFIG, format!("`{file}` is not a valid configuration")).help(help).into())
        }
    }
}

/// Prints the error that ends the program, and gives its exit code.
#[must_use]
pub fn explain(error: &anyhow::Error) -> ExitCode {
    let closed = |e: &(dyn std::error::Error + 'static)| {
        e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(closed) {
        return ExitCode::SUCCESS;
    }
    let exit = error.downcast_ref::<Exit>();
    let mut text = format!("\x1b[1;31merror\x1b[0m: {error:#}");
    if let Some(help) = exit.and_then(|e| e.help.as_ref()) {
        text.push_str(&format!("\n\x1b[1;36mhelp\x1b[0m: {help}"));
    }
    let _ = writeln!(anstream::stderr(), "{text}");
    ExitCode::from(exit.map_or(FAILED, |e| e.code))
}
