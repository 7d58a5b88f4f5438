//! How good the simulated sensors of a unit are.

use serde::Deserialize;

/// How faithfully sensors are simulated.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fidelity {
    /// Objects with noise, occlusion, misses and clutter.
    #[default]
    Oracle,
}

/// How good a kind of sensor is, detector included.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Sensing {
    /// Nothing is seen beyond this, metres.
    pub range_m: f64,
    /// Chance that something in plain view is not detected, 0..1; it grows when little of it shows.
    pub miss: f64,
    /// False detections a frame, on average.
    pub clutter: f64,
    /// Noise: pixels for a camera, metres for a lidar (one sigma).
    pub noise: f64,
    /// Chance of a wrong class.
    pub confuse: f64,
    /// From light on the sensor to detections at the station, ms: shortest and longest.
    pub latency_ms: [f64; 2],
    /// Chance that a frame is late by another 100 ms, so that it comes out of order.
    pub late: f64,
}

/// How sensors differ from usual ones; see [`Sensing`] for the figures.
#[derive(Copy, Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs)]
pub struct Better {
    pub range_m: Option<f64>,
    pub miss: Option<f64>,
    pub clutter: Option<f64>,
    pub noise: Option<f64>,
    pub confuse: Option<f64>,
    pub latency_ms: Option<[f64; 2]>,
    pub late: Option<f64>,
}

impl Better {
    /// A usual sensor with these differences.
    #[must_use]
    pub fn than(&self, usual: Sensing) -> Sensing {
        Sensing {
            range_m: self.range_m.unwrap_or(usual.range_m),
            miss: self.miss.unwrap_or(usual.miss),
            clutter: self.clutter.unwrap_or(usual.clutter),
            noise: self.noise.unwrap_or(usual.noise),
            confuse: self.confuse.unwrap_or(usual.confuse),
            latency_ms: self.latency_ms.unwrap_or(usual.latency_ms),
            late: self.late.unwrap_or(usual.late),
        }
    }
}

impl Sensing {
    /// A usual camera with a small network behind it.
    #[must_use]
    pub fn camera() -> Self {
        Self {
            range_m: 110.0,
            miss: 0.03,
            clutter: 0.01,
            noise: 1.5,
            confuse: 0.02,
            latency_ms: [35.0, 60.0],
            late: 0.005,
        }
    }

    /// A usual spinning lidar with a clustering detector behind it.
    #[must_use]
    pub fn lidar() -> Self {
        Self {
            range_m: 100.0,
            miss: 0.02,
            clutter: 0.01,
            noise: 0.08,
            confuse: 0.01,
            latency_ms: [40.0, 65.0],
            late: 0.005,
        }
    }
}
