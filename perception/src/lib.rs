//! From one sensor frame to tracked road users with covariance.
//!
//! ```text
//! Source ─ Frame ─▶ Detector ─ Detections ─▶ place ─ Placed ─▶ associate ─▶ filter ─▶ Track
//! ```
//!
//! Read [`object`] first: it holds the nouns. Nothing here reads a clock; every value carries its time of validity.

pub mod associate;
pub mod belief;
pub mod contact;
#[cfg(feature = "opencv")]
mod cv;
pub mod detect;
pub mod filter;
pub mod frame;
pub mod free_space;
mod fuse;
pub mod gaussian;
pub mod limits;
pub mod motion;
pub mod object;
pub mod predict;
pub mod score;
pub mod source;
mod target;
pub mod tracker;

pub use detect::{DetectError, Detector};
pub use frame::{Frame, Image, Payload, PointCloud};
pub use free_space::FreeSpace;
pub use object::{
    Box2d, Box3d, Class, Detection, Detections, Placed, Sensing, SensorId, Shape, Size, Track, TrackKey, UnitId,
};
pub use predict::predict;
pub use source::{Source, SourceError};
pub use tracker::{AdoptError, DropReason, Happening, Tracker, TrackerConfig};
