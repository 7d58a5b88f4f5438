//! A small world that feeds real stations in virtual time and judges what they say.
//!
//! ```text
//! World ─ Body ─▶ sensor ─ Detections ─▶ rsu::Station ─ Send ─▶ Channel ─▶ on-board units ─▶ verdict
//!   ▲ road users                            └ Share ─▶ other stations            │ warnings
//!   └───────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! The stations are the very code that is deployed. Time is virtual, chance is seeded: the same scenario and seed give the
//! same bytes.

pub mod actor;
pub mod air;
pub mod channel;
pub mod chronicle;
pub mod cli;
pub mod cmd;
pub mod compare;
pub mod cputime;
pub mod demo;
pub mod eyes;
pub mod figures;
pub mod footprint;
pub mod guide;
pub mod hostile;
pub mod judge;
pub mod medium;
pub mod memory;
pub mod metrics;
pub mod microsim;
pub mod obu;
pub mod opendrive;
pub mod openscenario;
pub mod output;
pub mod player;
pub mod random;
pub mod recital;
pub mod recorder;
pub mod report;
pub mod request;
pub mod road;
pub mod run;
pub mod scenario;
pub mod scene;
pub mod sensor;
pub mod signals;
pub mod stage;
pub mod sweep;
pub mod traffic;
pub mod unit;
pub mod verdict;
pub mod world;
