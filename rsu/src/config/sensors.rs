//! Sensors and the detectors behind them.

use std::path::PathBuf;

use perception::SensorId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One camera.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    /// Name.
    #[schemars(with = "String", extend("format" = "id"))]
    #[schemars(extend("examples" = ["north"]))]
    pub id: SensorId,
    /// `rtsp://…`, a video file, a folder of pictures, or `sim:` (fed by the simulator).
    #[schemars(extend("examples" = ["rtsp://10.20.1.11/stream1"]))]
    pub url: String,
    /// `user:password` of the camera: `file:PATH` or `env:NAME`.
    #[serde(default)]
    pub secret: Option<String>,
    /// Calibration file. Without one the camera's detections cannot be placed and the unit stays silent.
    #[serde(default)]
    pub calibration: Option<PathBuf>,
    /// Name of a `[detector.NAME]` table.
    #[serde(default)]
    pub detector: Option<String>,
    /// Frames used per second.
    #[serde(default = "default_rate_hz")]
    #[schemars(range(min = 0.1, max = 120.0))]
    pub rate_hz: f64,
}

/// One lidar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lidar {
    /// Name.
    #[schemars(with = "String", extend("format" = "id"))]
    #[schemars(extend("examples" = ["mast"]))]
    pub id: SensorId,
    /// UDP address to listen on; or give `url`.
    #[serde(default)]
    pub listen: Option<String>,
    /// A file (.pcap, .pcd, .bin), a folder of them, or `sim:`; or give `listen`.
    #[serde(default)]
    pub url: Option<String>,
    /// Packet format: `vlp16`.
    #[serde(default = "default_lidar_model")]
    #[schemars(extend("enum" = ["vlp16"]))]
    pub model: String,
    /// Vertical and azimuth corrections of the lasers.
    #[serde(default)]
    pub angles: Option<PathBuf>,
    /// Calibration file.
    #[serde(default)]
    pub calibration: Option<PathBuf>,
    /// Name of a `[detector.NAME]` table; without one the built-in clustering is used.
    #[serde(default)]
    pub detector: Option<String>,
    /// Sweeps per second.
    #[serde(default = "default_rate_hz")]
    #[schemars(range(min = 0.1, max = 120.0))]
    pub rate_hz: f64,
}

fn default_rate_hz() -> f64 {
    10.0
}

fn default_lidar_model() -> String {
    "vlp16".into()
}

/// A detector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Detector {
    /// Model descriptor (`perception/models/*.toml`); absent for clustering.
    #[serde(default)]
    pub model: Option<PathBuf>,
    /// `auto` (ONNX Runtime, else rten), `ort` or `rten`.
    #[serde(default = "default_engine")]
    #[schemars(extend("enum" = ["auto", "ort", "rten"]))]
    pub engine: String,
    /// Overrides the descriptor's score threshold.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_score: Option<f32>,
}

fn default_engine() -> String {
    "auto".into()
}
