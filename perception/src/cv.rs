//! The one place that calls OpenCV: pictures and video. Everything it gives is 8-bit BGR.

use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use opencv::core::{Mat, Vector};
use opencv::imgcodecs::{self, IMREAD_COLOR};
use opencv::prelude::*;
use opencv::videoio::{
    CAP_FFMPEG, CAP_PROP_BUFFERSIZE, CAP_PROP_FPS, CAP_PROP_OPEN_TIMEOUT_MSEC, CAP_PROP_POS_MSEC,
    CAP_PROP_READ_TIMEOUT_MSEC, VideoCapture,
};

use crate::frame::Image;
use crate::limits::PICTURE_PIXELS;

/// A video being read.
pub(crate) struct Video {
    capture: VideoCapture,
    buffer: Mat,
}

/// OpenCV reports trouble on the terminal by itself; ours comes out as errors.
fn quiet() {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let _ = opencv::core::set_log_level(opencv::core::LogLevel::LOG_LEVEL_SILENT);
    });
}

impl Video {
    /// Opens a file.
    pub(crate) fn file(path: &Path) -> Result<Self, String> {
        quiet();
        let capture = VideoCapture::from_file(path, CAP_FFMPEG).map_err(|e| e.message)?;
        Self::opened(capture)
    }

    /// Opens a network stream; neither opening nor reading takes longer than `patience`.
    pub(crate) fn stream(url: &str, patience: Duration) -> Result<Self, String> {
        quiet();
        let ms = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX);
        let params =
            Vector::from_slice(&[CAP_PROP_OPEN_TIMEOUT_MSEC, ms.max(1), CAP_PROP_READ_TIMEOUT_MSEC, ms.max(1)]);
        let mut capture = VideoCapture::from_file_with_params(url, CAP_FFMPEG, &params).map_err(|e| e.message)?;
        // Old pictures are of no use; not every back end knows the property.
        let _ = capture.set(CAP_PROP_BUFFERSIZE, 1.0);
        Self::opened(capture)
    }

    fn opened(capture: VideoCapture) -> Result<Self, String> {
        match capture.is_opened() {
            Ok(true) => Ok(Self { capture, buffer: Mat::default() }),
            Ok(false) => Err("it holds no video that FFmpeg can decode".to_owned()),
            Err(e) => Err(e.message),
        }
    }

    /// The next picture and its place in the stream in seconds, if the stream says so; `None` at the end.
    pub(crate) fn read(&mut self) -> Result<Option<(Image, Option<f64>)>, String> {
        if !self.capture.read(&mut self.buffer).map_err(|e| e.message)? {
            return Ok(None);
        }
        let at = self.capture.get(CAP_PROP_POS_MSEC).ok().filter(|ms| ms.is_finite()).map(|ms| ms * 1e-3);
        Ok(Some((image(&self.buffer)?, at)))
    }

    /// Pictures a second, if the stream says so.
    pub(crate) fn rate_hz(&self) -> Option<f64> {
        self.capture.get(CAP_PROP_FPS).ok().filter(|r| r.is_finite() && (0.1..=1000.0).contains(r))
    }
}

/// Decodes a picture file.
pub(crate) fn decode(bytes: &[u8]) -> Result<Image, String> {
    quiet();
    if bytes.is_empty() {
        return Err("it is empty".to_owned());
    }
    let input = Mat::from_slice(bytes).map_err(|e| e.message)?;
    let decoded = imgcodecs::imdecode(&input, IMREAD_COLOR).map_err(|e| e.message)?;
    image(&decoded)
}

fn image(mat: &Mat) -> Result<Image, String> {
    let (width, height) = (mat.cols().max(0) as usize, mat.rows().max(0) as usize);
    if width == 0 || height == 0 {
        return Err("it cannot be decoded".to_owned());
    }
    if width * height > PICTURE_PIXELS {
        return Err(format!("{width} x {height} pixels are more than the {PICTURE_PIXELS} that are read"));
    }
    if mat.typ() != opencv::core::CV_8UC3 {
        return Err("it is not an 8-bit colour picture".to_owned());
    }
    let data = mat.data_bytes().map_err(|e| e.message)?.to_vec();
    Ok(Image { width, height, data })
}
