//! Fast traffic on a lane graph: thousands of vehicles that follow, change lanes, give way and obey signals, in plain arrays.
//!
//! ```text
//! sumo::net ─▶ Network ─┐
//! sumo::demand ─▶ Demand ─┴▶ Traffic ── step(dt) ──▶ Vehicle ──▶ Body ──▶ sensors, metrics, sumo::fcd
//! ```
//!
//! [`Traffic`] owns the vehicles. Every step all of them choose their next speed from the same picture of the road, so the
//! order in which they do it and the number of threads change nothing; then they move, and change lanes one after the other
//! in the order of their numbers. Chance comes from a hash of seed, vehicle and step: same seed, same bytes.

pub mod change;
pub mod collide;
pub mod conflict;
pub mod corridor;
pub mod demand;
pub mod entry;
pub mod following;
pub mod grid;
pub mod network;
pub mod outline;
pub mod plan;
pub mod priority;
pub mod route;
pub mod shape;
pub mod signal;
pub mod style;
pub mod sumo;
pub mod traffic;
pub mod travel;
pub mod vehicle;

pub use network::Network;
pub use style::{Class, Style};
pub use traffic::{Settings, Traffic};
pub use vehicle::Vehicle;
