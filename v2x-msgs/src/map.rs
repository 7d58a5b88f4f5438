//! What one does with a MAP besides sending it: check it, slice it for the radio, draw it as GeoJSON, and exchange it with
//! platforms as JSON. Pure values in, pure values out.

pub mod check;
pub mod geojson;
pub mod platform;
pub mod slice;

pub use check::{Finding, check};
pub use slice::{SliceError, merge, slice};
