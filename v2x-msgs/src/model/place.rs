//! Where something is, and how surely.

use serde::{Deserialize, Serialize};

/// A place, WGS-84.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Latitude, degrees, ±90, steps of 1e-7. Out of range: refused.
    pub lat_deg: f64,
    /// Longitude, degrees, −180 (excluded) to 180, steps of 1e-7. Out of range: refused.
    pub lon_deg: f64,
    /// Height above the ellipsoid, metres, −409.5..6143.9, steps of 0.1. Saturates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elevation_m: Option<f64>,
}

impl Position {
    /// A place without height.
    #[must_use]
    pub fn new(lat_deg: f64, lon_deg: f64) -> Position {
        Position { lat_deg, lon_deg, elevation_m: None }
    }

    /// A place with height above the ellipsoid, metres.
    #[must_use]
    pub fn with_elevation(lat_deg: f64, lon_deg: f64, elevation_m: f64) -> Position {
        Position { lat_deg, lon_deg, elevation_m: Some(elevation_m) }
    }
}

/// How sure a position is: half-width of the interval that holds the true place in 95 % of cases. The wire knows steps
/// (500 m … 1 cm); the next coarser step is sent; beyond 500 m: not available.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PositionConfidence {
    /// Horizontal, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos_m: Option<f64>,
    /// Vertical, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elevation_m: Option<f64>,
}

/// Error ellipse of a position.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PositionAccuracy {
    /// Semi-major axis, one standard deviation, metres, steps of 0.05. Saturates at 12.7 ("or worse").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub semi_major_m: Option<f64>,
    /// Semi-minor axis, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub semi_minor_m: Option<f64>,
    /// Direction of the semi-major axis, degrees clockwise from north. Taken modulo 360.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orientation_deg: Option<f64>,
}
