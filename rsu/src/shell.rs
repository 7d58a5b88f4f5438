//! The shell: everything around the pure [`crate::station`] that touches the world. One task owns the station and turns
//! it ([`crate::run::serve`]); sensors, radios, zenoh, the page and the recorder hang on bounded queues and on the
//! [`view`], so that none of them can hold the unit up.

pub mod age;
pub mod clock;
pub mod corridor;
pub mod journal;
pub mod pump;
pub mod queue;
pub mod radio_task;
pub mod status;
pub mod timekeeper;
pub mod view;
pub mod workers;
