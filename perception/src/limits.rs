//! Bounds of what comes in from files and sensors.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes of a model descriptor or an angles file.
pub const DESCRIPTOR_BYTES: u64 = 1 << 20;
/// Bytes of a picture file.
pub const PICTURE_BYTES: u64 = 64 << 20;
/// Pixels of a picture.
pub const PICTURE_PIXELS: usize = 64_000_000;
/// Bytes of a lidar file.
pub const CLOUD_BYTES: u64 = 256 << 20;
/// Points of one sweep.
pub const SWEEP_POINTS: usize = 4_000_000;
/// Files of a folder.
pub const FOLDER_FILES: usize = 1_000_000;
/// Detections of one frame.
pub const DETECTIONS_A_FRAME: usize = 512;

/// Reads a whole file of at most `most` bytes.
///
/// # Errors
/// It is not there, no plain file, or too large.
pub fn read_bounded(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "is not a plain file"));
    }
    if size > most {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("has {size} bytes, more than the {most} that are read"),
        ));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.by_ref().take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
