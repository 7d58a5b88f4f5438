//! The roadside unit. Start reading at [`station`]: a unit is a value that eats inputs with a time stamp and yields
//! outputs. Everything that touches the world (sensors, radios, zenoh, the page, the disk) is the shell around it.

pub mod border;
pub mod cli;
pub mod cmd;
pub mod config;
pub mod event;
pub mod health;
pub mod keys;
pub mod limits;
pub mod metrics;
pub mod outbox;
pub mod radio;
pub mod record;
pub mod run;
pub mod services;
pub mod shell;
pub mod signal;
pub mod site_map;
pub mod station;
pub mod watch;
pub mod web;
pub mod world;
