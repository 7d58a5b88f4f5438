//! What is left of a run for people and machines: one self-contained HTML page, and JUnit XML. No clock time is in either,
//! so the same seed gives the same bytes.

pub mod draw;
pub mod film;
pub mod ground;
mod junit;
mod outcome;
mod page;
pub mod plot;

pub use junit::junit;
pub use outcome::{Evidence, Outcome, Played};

/// What became of one scenario: judged, or it could not be run.
pub type Result = std::result::Result<Outcome, (String, String)>;

/// Looks of every page: no script, nothing from outside, light and dark.
pub const STYLE: &str = include_str!("report/style.css");

/// Text that is safe inside HTML.
pub(crate) fn text(raw: &str) -> String {
    raw.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
