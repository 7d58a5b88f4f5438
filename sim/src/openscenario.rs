//! OpenSCENARIO XML 1.0 to 1.3: read, checked, run.
//!
//! [`Scenario::read`] takes a file with its catalogs and road network, or says everything that is wrong with it: file, line,
//! element, remedy. Nothing is skipped in silence: what the engine does not support makes the file refused, before the run.
//! [`Engine`] then steps it in virtual time.
//!
//! ```text
//! xml ─▶ standard (known? supported?) ─▶ reader (parameters, catalogs) ─▶ model ─▶ Engine
//!                                                                                  ├─ board: states, triggers
//!                                                                                  ├─ run: actions under way
//!                                                                                  └─ world: actors on roads
//! ```

pub mod action;
pub mod actor;
pub mod ask;
pub mod board;
pub mod catalog;
pub mod collision;
pub mod complaint;
pub mod condition;
pub mod csv;
pub mod distribution;
pub mod driver;
pub mod engine;
pub mod entity;
pub mod event;
pub mod expression;
pub mod fleet;
pub mod geo;
pub mod limits;
pub mod measure;
pub mod neighbour;
pub mod nurbs;
pub mod place;
pub mod position;
pub mod reader;
pub mod region;
pub mod route;
pub mod run;
pub mod scenario;
pub mod signal;
pub mod standard;
pub mod state;
pub mod storyboard;
pub mod time;
pub mod track;
pub mod traffic;
pub mod trailer;
pub mod trajectory;
pub mod transition;
pub mod trigger;
pub mod word;
pub mod world;
pub mod xml;

pub use complaint::Complaint;
pub use distribution::Distribution;
pub use engine::{Engine, Options};
pub use event::{Event, EventKind};
pub use scenario::Scenario;
