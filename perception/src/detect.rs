//! From one frame to what is seen in it: camera networks (ONNX) and lidar clustering.

use std::path::{Path, PathBuf};

use crate::frame::Frame;
use crate::object::Detections;

mod background;
#[cfg(feature = "onnx")]
mod boxes;
#[cfg(feature = "onnx")]
pub mod camera;
pub mod cluster;
mod components;
pub mod descriptor;
mod ground;
#[cfg(feature = "onnx")]
mod onnx;
mod rectangle;
#[cfg(feature = "onnx")]
mod resample;
mod road_user;

/// Finds road users in frames of one sensor. Detectors may keep state (a lidar's background), so each sensor has its own.
pub trait Detector: Send {
    /// What this frame shows.
    ///
    /// # Errors
    /// The frame is of another kind than this detector needs, or the network failed.
    fn detect(&mut self, frame: &Frame) -> Result<Detections, DetectError>;

    /// What computes the answer: `onnxruntime`, `rten` or `cluster`; shown in metrics.
    fn provider(&self) -> &'static str;

    /// Something the user should know about this detector, such as a slower engine than wanted.
    fn note(&self) -> Option<&str> {
        None
    }
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
/// The descriptor or the model file is missing or wrong, no engine can run it, or this build has no feature `onnx`.
pub fn camera(descriptor: &Path, loading: &Loading) -> Result<Box<dyn Detector>, DetectError> {
    #[cfg(feature = "onnx")]
    return Ok(Box::new(camera::CameraDetector::load(descriptor, loading)?));
    #[cfg(not(feature = "onnx"))]
    {
        let _ = loading;
        descriptor::Descriptor::read(descriptor)?;
        Err(DetectError::NotBuilt)
    }
}

/// Lidar clustering with a background that it learns by itself.
#[must_use]
pub fn clustering() -> Box<dyn Detector> {
    Box::new(cluster::ClusterDetector::new())
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
    /// The ONNX file is nowhere.
    #[error(
        "the network {model} was not found; put it beside its descriptor, set RSU_MODELS to its folder, or give its \
         absolute path as `model`. Looked at: {looked}",
        model = model.display(),
        looked = looked.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NoModel {
        /// The file as the descriptor names it.
        model: PathBuf,
        /// Where it was looked for.
        looked: Vec<PathBuf>,
    },
    /// No engine takes the network.
    #[error("{engine} cannot run {model}: {why}", model = model.display())]
    Engine {
        /// Which engine.
        engine: &'static str,
        /// The ONNX file.
        model: PathBuf,
        /// What it says.
        why: String,
    },
    /// The network failed on a frame.
    #[error("{engine} failed on a frame: {why}")]
    Run {
        /// Which engine.
        engine: &'static str,
        /// What it says.
        why: String,
    },
    /// The frame cannot be used.
    #[error("{why}")]
    Frame {
        /// What is wrong.
        why: String,
    },
    /// The build has no networks.
    #[error("this build runs no networks; build with `--features onnx`")]
    NotBuilt,
}
