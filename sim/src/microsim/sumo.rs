//! SUMO's files: networks, demand and configurations in, floating car data in and out.
//!
//! Conventions that differ from ours: FCD tells the middle of the *front bumper* and an angle in degrees *clockwise from
//! north*; `pos` is the front's place on its lane. What is not understood is told in [`Notes`], and what cannot be ignored
//! without changing the traffic is refused.

pub mod config;
pub mod demand;
pub mod fcd;
pub mod net;
pub mod tags;
pub mod types;
pub mod xml;

pub use config::Scenario;
pub use xml::{Notes, SumoError};
