//! The library for C and everything that calls C, as a shared and a static library: see `include/v2x_msgs.h`.
//!
//! Cargo builds an example into libraries when asked to, and leaves the crate itself an ordinary Rust library, so that
//! nobody else waits for it.

pub use v2x_msgs::capi::*;
