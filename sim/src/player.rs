//! The player: a run that was filmed, shown in the page of the live unit, with a deck to play, step, seek and jump.
//!
//! ```text
//! Run ─ Film ─▶ Deck (where the playhead is) ─▶ rsu::shell::View ─▶ the unit's own page
//!                                          └──▶ /api/player: truth, marks, and the commands of the deck
//! ```
//!
//! A storyboard without units has one page, which shows the truth.
//!
//! The run is over before it is played, so looking at it changes nothing: headless or with the page, same bytes.

pub mod deck;
pub mod film;
pub mod server;
mod truth;

pub use deck::{Command, Deck};
pub use film::Film;
pub use server::{Player, PlayerError};
