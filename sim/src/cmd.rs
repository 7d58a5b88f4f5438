//! The commands of `rsu-sim`.

mod asked;
pub mod bench;
pub mod check;
pub mod compare;
pub mod demo;
pub mod list;
pub mod map;
pub mod merge;
pub mod new;
pub mod play;
mod record;
pub mod run;
pub mod soak;
pub mod sweep;
pub mod traffic;
mod xosc;

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Tells something on stderr.
pub fn say(text: impl std::fmt::Display) {
    // Nobody reads stderr: nothing to do about it.
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Tells something on stderr unless `--quiet`.
pub fn note(global: &crate::cli::Global, text: impl std::fmt::Display) {
    if !global.quiet {
        say(text);
    }
}

/// A bar of a thousand steps on stderr; hidden when asked, when quiet and when nobody looks.
#[must_use]
pub fn progress(global: &crate::cli::Global, name: &str, hidden: bool) -> ProgressBar {
    let shows = !hidden && !global.quiet && std::io::stderr().is_terminal();
    let bar = if shows { ProgressBar::new(1000) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent} %  {eta}") {
        bar.set_style(style);
    }
    bar.set_message(name.to_owned());
    bar
}

/// A duration such as `20s`, `1.5m`, `500ms`, `2h`, or plain seconds.
///
/// # Errors
/// In words, when it is none of these.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let scale = match &text[digits.len()..] {
        "ms" => 1e-3,
        "s" | "" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        unit => return Err(format!("`{unit}` is no unit of time; write 500ms, 20s, 5m or 1h")),
    };
    let value: f64 = digits.parse().map_err(|_| format!("`{text}` is no time; write 500ms, 20s, 5m or 1h"))?;
    let seconds = value * scale;
    if !(seconds > 0.0 && seconds <= 1e7) {
        return Err(format!("`{text}` is no time to run; give more than 0"));
    }
    Ok(Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_unit() {
        assert_eq!(duration("20s"), Ok(Duration::from_secs(20)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("7"), Ok(Duration::from_secs(7)));
        for bad in ["", "s", "-3s", "0", "5 days", "1e99h", "nans"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
