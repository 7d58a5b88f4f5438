//! Progress of long work on stderr: a line that moves on a terminal after half a second, else a line every ten seconds.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::Global;
use crate::cmd;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);
/// Without a terminal there is a line this often.
const EVERY: Duration = Duration::from_secs(10);

/// Progress over frames.
pub struct Progress<'a> {
    bar: ProgressBar,
    global: &'a Global,
    terminal: bool,
    shown: bool,
    told: u32,
}

impl<'a> Progress<'a> {
    /// Starts counting.
    #[must_use]
    pub fn new(global: &'a Global) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} frames, {per_sec}, {elapsed}") {
            bar.set_style(style);
        }
        Self { bar, global, terminal: std::io::stderr().is_terminal(), shown: false, told: 0 }
    }

    /// One more frame is done.
    pub fn step(&mut self) {
        self.bar.inc(1);
        if self.global.quiet {
            return;
        }
        let elapsed = self.bar.elapsed();
        if self.terminal {
            if !self.shown && elapsed > PATIENCE {
                self.shown = true;
                self.bar.set_draw_target(ProgressDrawTarget::stderr());
            }
        } else if elapsed >= EVERY * (self.told + 1) {
            self.told += 1;
            let frames = self.bar.position();
            let rate = frames as f64 / elapsed.as_secs_f64();
            cmd::note(self.global, format_args!("{frames} frames, {rate:.1} a second"));
        }
    }

    /// Prints a line of the result without tearing the moving one.
    ///
    /// # Errors
    /// When stdout is closed.
    pub fn print(&self, line: impl std::fmt::Display) -> std::io::Result<()> {
        if self.shown { self.bar.suspend(|| cmd::print(line)) } else { cmd::print(line) }
    }

    /// Takes the moving line away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
