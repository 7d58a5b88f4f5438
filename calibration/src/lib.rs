//! Where every sensor is, how a pixel or a point becomes a place on the road, and how well we know it.
//!
//! Frames and transforms follow REP-103: `enu` is the site frame (x east, y north, z up, metres), `camera_optical` looks
//! along z with x right and y down, lidars and radars look along x with y left and z up. A transform is named
//! `to_from_from`: `enu_from_lidar * lidar_from_camera` chains, and a wrong product looks wrong.
//!
//! Start at [`rig`]: it holds all sensors of a site. A [`rig::Rig`] is filled from calibration files ([`mod@file`]), which
//! `rsu calibrate` writes with the solvers in [`solve`].

pub mod camera;
pub mod file;
pub mod geodesy;
pub mod ground;
pub mod rig;
pub mod solve;
pub mod time;

pub use time::{Stamped, Timestamp};
