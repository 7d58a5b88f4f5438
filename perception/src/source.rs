//! Where frames come from: video files, network cameras, folders of pictures, lidar files, packet captures and UDP.
//!
//! Every [`Frame`] carries its time of validity, taken from the stream. A recorded stream starts at
//! [`Opening::start`]; a live one is put on the clock that the caller hands in, because nothing in this crate reads one.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use calibration::Timestamp;

use crate::frame::Frame;
use crate::object::SensorId;

mod folder;
#[cfg(feature = "opencv")]
mod freeze;
#[cfg(feature = "opencv")]
mod images;
mod lidar_file;
pub mod lidar_udp;
mod live;
mod pcap;
pub mod pcd;
mod stamp;
mod udp;
#[cfg(feature = "opencv")]
mod video;

/// A stream of frames of one sensor.
pub trait Source: Send {
    /// The next frame; `None` at the end of a recording.
    ///
    /// [`SourceError::Silent`] from a live source means "not now": call again, it reconnects by itself. After another
    /// error a recording goes on behind the damage, or ends.
    ///
    /// # Errors
    /// A frame cannot be read, or a live sensor is silent.
    fn next(&mut self) -> Result<Option<Frame>, SourceError>;

    /// What is wrong with the sensor (frozen picture, no packets, …), `None` when it is well.
    fn health(&self) -> Option<String>;
}

/// A clock of the caller's.
#[derive(Clone)]
pub struct Clock(pub Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// How a source is opened.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Name of the sensor, written into each frame.
    pub sensor: SensorId,
    /// Time of validity of the first frame of a recording whose frames carry no time of their own.
    pub start: Timestamp,
    /// Frames a second of a recording that does not say so (folders of pictures or sweeps).
    pub rate_hz: f64,
    /// The clock on which a live source is put; a live source cannot be opened without one.
    pub clock: Option<Clock>,
    /// A camera that shows the very same picture so many times in a row is called frozen.
    pub frozen_after: u32,
    /// A live source without a frame for so long is called silent.
    pub silent_after: Duration,
    /// Angles file of the lidar's lasers (YAML); `None`: the maker's nominal angles.
    pub angles: Option<PathBuf>,
}

impl Opening {
    /// A recording of `sensor` that starts at `start`, everything else as usual.
    #[must_use]
    pub fn recording(sensor: SensorId, start: Timestamp) -> Self {
        Self {
            sensor,
            start,
            rate_hz: 10.0,
            clock: None,
            frozen_after: 10,
            silent_after: Duration::from_secs(1),
            angles: None,
        }
    }

    /// A live `sensor`, put on `clock`.
    #[must_use]
    pub fn live(sensor: SensorId, clock: Clock) -> Self {
        let start = (clock.0)();
        Self { clock: Some(clock), ..Self::recording(sensor, start) }
    }

    fn clock(&self, what: &str) -> Result<Clock, SourceError> {
        self.clock.clone().ok_or_else(|| SourceError::NoClock { what: what.to_owned() })
    }

    /// Moment of frame `seq` of a recording without times of its own.
    fn moment(&self, seq: u64) -> Timestamp {
        self.start.offset_secs(seq as f64 / if self.rate_hz > 0.0 { self.rate_hz } else { 10.0 })
    }
}

/// Whether `url` names a live camera rather than a file.
#[must_use]
pub fn is_stream(url: &str) -> bool {
    ["rtsp://", "rtsps://", "http://", "https://", "rtp://", "udp://"].iter().any(|scheme| url.starts_with(scheme))
}

/// Opens a camera: `rtsp://…` (or another live address), a video file, a picture, or a folder of pictures in the order of
/// their names.
///
/// # Errors
/// Nothing is there, it is of another type, or this build has no feature `opencv`.
#[cfg(feature = "opencv")]
pub fn camera(url: &str, opening: &Opening) -> Result<Box<dyn Source>, SourceError> {
    if is_stream(url) {
        return Ok(Box::new(video::LiveVideo::open(url, opening)?));
    }
    let path = Path::new(url);
    if !path.exists() {
        return Err(SourceError::Missing { what: url.to_owned() });
    }
    if path.is_dir() || images::is_picture(path) {
        return Ok(Box::new(images::Pictures::open(path, opening)?));
    }
    Ok(Box::new(video::VideoFile::open(path, opening)?))
}

/// Opens a camera; this build cannot.
///
/// # Errors
/// Always: the feature `opencv` is missing.
#[cfg(not(feature = "opencv"))]
pub fn camera(url: &str, _opening: &Opening) -> Result<Box<dyn Source>, SourceError> {
    Err(SourceError::NotBuilt { what: url.to_owned() })
}

/// Opens recorded lidar data: `.pcap` of packets, `.pcd`, `.bin` (float32 or float64), or a folder of `.pcd`/`.bin`.
///
/// # Errors
/// Nothing is there, it is of another type, or `model` is not known.
pub fn lidar_file(path: &Path, model: &str, opening: &Opening) -> Result<Box<dyn Source>, SourceError> {
    if !path.exists() {
        return Err(SourceError::Missing { what: path.display().to_string() });
    }
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
    if matches!(extension.as_str(), "pcap" | "pcapng" | "cap") {
        return Ok(Box::new(pcap::Capture::open(path, model, opening)?));
    }
    Ok(Box::new(lidar_file::Sweeps::open(path, opening)?))
}

/// Listens to a lidar's UDP packets on `listen` (`address:port`). `model`: `vlp16`.
///
/// # Errors
/// The address cannot be bound, the model is unknown, or the opening has no clock.
pub fn lidar_udp(listen: &str, model: &str, opening: &Opening) -> Result<Box<dyn Source>, SourceError> {
    Ok(Box::new(udp::Listener::open(listen, model, opening)?))
}

/// Why there is no frame.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nothing is there.
    #[error("`{what}` does not exist; give a file, a folder or an rtsp:// address that is there")]
    Missing {
        /// The path or address.
        what: String,
    },
    /// It is there, but cannot be used.
    #[error("{what}: {why}")]
    Unreadable {
        /// The path or address.
        what: String,
        /// What is wrong.
        why: String,
    },
    /// A live sensor gives nothing just now; call again.
    #[error("no data from {what} for {seconds:.1} s; look at its power, its cable and its address")]
    Silent {
        /// The address.
        what: String,
        /// For how long.
        seconds: f64,
    },
    /// The lidar model is not known.
    #[error("lidar model `{model}` is not known; known: vlp16")]
    Model {
        /// The name.
        model: String,
    },
    /// A live source was opened without a clock.
    #[error("{what} is live and needs a clock: set `Opening::clock`")]
    NoClock {
        /// The address.
        what: String,
    },
    /// The build reads no pictures.
    #[error("{what}: this build reads no pictures and no video; build with `--features opencv`")]
    NotBuilt {
        /// The path or address.
        what: String,
    },
}

impl SourceError {
    fn unreadable(path: &Path, why: impl fmt::Display) -> Self {
        Self::Unreadable { what: path.display().to_string(), why: why.to_string() }
    }
}
