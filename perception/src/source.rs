//! Where frames come from: video files, network cameras, folders of pictures, lidar files, packet captures and UDP.
//!
//! Every [`Frame`] carries its time of validity, taken from the stream. A recorded stream starts at
//! [`Opening::start`]; a live one is put on the clock that the caller hands in, because nothing in this crate reads one.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use calibration::Timestamp;

use crate::frame::Frame;
use crate::object::SensorId;

/// A stream of frames of one sensor.
pub trait Source: Send {
    /// The next frame; `None` at the end of a recording. [`SourceError::Silent`] from a live source means "not now":
    /// call again, it reconnects by itself.
    ///
    /// # Errors
    /// The stream cannot be read on, or a live sensor is silent.
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
    /// A camera that shows the very same picture for so many frames is called frozen.
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
}

/// Opens a camera: `rtsp://…`, a video file, a picture, or a folder of pictures (in the order of their names).
///
/// # Errors
/// Nothing is there, it is of another type, or this build has no feature `opencv`.
pub fn camera(url: &str, opening: &Opening) -> Result<Box<dyn Source>, SourceError> {
    let _ = opening;
    Err(SourceError::Missing { what: url.to_owned() })
}

/// Opens recorded lidar data: `.pcap` of packets, `.pcd`, `.bin` (float32 or float64), or a folder of `.pcd`/`.bin`.
///
/// # Errors
/// Nothing is there, or it is of another type.
pub fn lidar_file(path: &std::path::Path, model: &str, opening: &Opening) -> Result<Box<dyn Source>, SourceError> {
    let _ = (model, opening);
    Err(SourceError::Missing { what: path.display().to_string() })
}

/// Listens to a lidar's UDP packets on `listen` (`address:port`). `model`: `vlp16`.
///
/// # Errors
/// The address cannot be bound, the model is unknown, or the opening has no clock.
pub fn lidar_udp(listen: &str, model: &str, opening: &Opening) -> Result<Box<dyn Source>, SourceError> {
    let _ = (model, opening);
    Err(SourceError::Missing { what: listen.to_owned() })
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
    /// A live sensor gives nothing just now; call again.
    #[error("no data from {what} for {seconds:.1} s; look at its power, its cable and its address")]
    Silent {
        /// The address.
        what: String,
        /// For how long.
        seconds: f64,
    },
}
