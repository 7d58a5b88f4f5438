//! A picture, or a folder of pictures in the order of their names.

use std::path::{Path, PathBuf};

use super::folder::{files_in, has_extension};
use super::freeze::Freeze;
use super::{Opening, Source, SourceError};
use crate::cv;
use crate::frame::{Frame, Image, Payload};
use crate::limits;

/// Pictures as frames.
pub(super) struct Pictures {
    files: std::vec::IntoIter<PathBuf>,
    opening: Opening,
    seq: u64,
    freeze: Freeze,
}

/// Whether the name is that of a picture file.
pub(super) fn is_picture(path: &Path) -> bool {
    has_extension(path, &["png", "jpg", "jpeg", "bmp"])
}

impl Pictures {
    pub(super) fn open(path: &Path, opening: &Opening) -> Result<Self, SourceError> {
        let files = if path.is_dir() {
            files_in(path, is_picture, "pictures (.png, .jpg, .bmp)")?
        } else {
            vec![path.to_owned()]
        };
        Ok(Self {
            files: files.into_iter(),
            opening: opening.clone(),
            seq: 0,
            freeze: Freeze::new(opening.frozen_after),
        })
    }
}

fn read(path: &Path) -> Result<Image, SourceError> {
    let bytes = limits::read_bounded(path, limits::PICTURE_BYTES).map_err(|e| SourceError::unreadable(path, e))?;
    // Looked at before decoding: a small file can claim a picture that fills the memory.
    if claimed_pixels(&bytes).is_some_and(|n| n > limits::PICTURE_PIXELS as u64) {
        return Err(SourceError::unreadable(path, format!("more than {} pixels", limits::PICTURE_PIXELS)));
    }
    cv::decode(&bytes).map_err(|why| SourceError::unreadable(path, format!("not a picture that can be read: {why}")))
}

/// Pixels that the header of a PNG or JPEG file claims.
fn claimed_pixels(bytes: &[u8]) -> Option<u64> {
    let be =
        |at: usize, n: usize| bytes.get(at..at + n).map(|b| b.iter().fold(0u64, |sum, v| sum << 8 | u64::from(*v)));
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return be(16, 4)?.checked_mul(be(20, 4)?);
    }
    if !bytes.starts_with(&[0xFF, 0xD8]) {
        return None;
    }
    let mut at = 2;
    loop {
        let (marker, length) = (be(at, 2)?, be(at + 2, 2)?);
        // SOF0..SOF15, without DHT, JPG and DAC.
        if (0xFFC0..=0xFFCF).contains(&marker) && ![0xFFC4, 0xFFC8, 0xFFCC].contains(&marker) {
            return be(at + 5, 2)?.checked_mul(be(at + 7, 2)?);
        }
        at += 2 + usize::try_from(length.max(2)).ok()?;
    }
}

impl Source for Pictures {
    fn next(&mut self) -> Result<Option<Frame>, SourceError> {
        let Some(file) = self.files.next() else { return Ok(None) };
        let seq = self.seq;
        self.seq += 1;
        let image = read(&file)?;
        self.freeze.look(&image);
        let tov = self.opening.moment(seq);
        Ok(Some(Frame { sensor: self.opening.sensor.clone(), tov, seq, payload: Payload::Image(image) }))
    }

    fn health(&self) -> Option<String> {
        self.freeze.fault()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_that_claims_a_huge_picture_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bomb.png");
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend([0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 8, 2, 0, 0, 0]);
        std::fs::write(&path, bytes).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("pixels"));
    }

    #[test]
    fn the_size_in_a_jpeg_header_is_found_behind_other_segments() {
        let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 9, 9];
        bytes.extend([0xFF, 0xC0, 0, 17, 8, 0x01, 0x00, 0x02, 0x00, 3]);
        assert_eq!(claimed_pixels(&bytes), Some(256 * 512));
        assert_eq!(claimed_pixels(&[0xFF, 0xD8]), None);
        assert_eq!(claimed_pixels(&[]), None);
    }
}
