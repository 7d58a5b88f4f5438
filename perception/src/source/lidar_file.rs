//! Lidar sweeps from files: `.pcd`, and `.bin` with rows of x, y, z, intensity in float32 or float64.

use std::path::{Path, PathBuf};

use super::folder::{files_in, has_extension};
use super::{Opening, Source, SourceError, pcd};
use crate::frame::{Frame, Payload, Point, PointCloud};
use crate::limits;

/// A file or a folder of files as frames.
pub(super) struct Sweeps {
    files: std::vec::IntoIter<PathBuf>,
    opening: Opening,
    seq: u64,
}

fn is_sweep(path: &Path) -> bool {
    has_extension(path, &["pcd", "bin"])
}

impl Sweeps {
    pub(super) fn open(path: &Path, opening: &Opening) -> Result<Self, SourceError> {
        let files = if path.is_dir() {
            files_in(path, is_sweep, "lidar files (.pcd, .bin)")?
        } else if is_sweep(path) {
            vec![path.to_owned()]
        } else {
            return Err(SourceError::unreadable(path, "not a lidar file; .pcap, .pcd and .bin are read"));
        };
        Ok(Self { files: files.into_iter(), opening: opening.clone(), seq: 0 })
    }
}

impl Source for Sweeps {
    fn next(&mut self) -> Result<Option<Frame>, SourceError> {
        let Some(file) = self.files.next() else { return Ok(None) };
        let seq = self.seq;
        self.seq += 1;
        let cloud = read(&file)?;
        let tov = self.opening.moment(seq);
        Ok(Some(Frame { sensor: self.opening.sensor.clone(), tov, seq, payload: Payload::Cloud(cloud) }))
    }

    fn health(&self) -> Option<String> {
        None
    }
}

fn read(path: &Path) -> Result<PointCloud, SourceError> {
    let wrong = |why: String| SourceError::unreadable(path, why);
    let bytes = limits::read_bounded(path, limits::CLOUD_BYTES).map_err(|e| wrong(e.to_string()))?;
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("pcd")) {
        return pcd::read(&bytes).map_err(wrong);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let wide = if name.ends_with(".f64.bin") {
        true
    } else if name.ends_with(".f32.bin") {
        false
    } else {
        looks_like_f64(&bytes)
    };
    let rows =
        if wide { rows::<8>(&bytes, f64::from_le_bytes) } else { rows::<4>(&bytes, |b| f32::from_le_bytes(b).into()) };
    rows.map(|points| PointCloud { points, beams: None }).map_err(wrong)
}

/// Rows of four numbers of `N` bytes.
fn rows<const N: usize>(bytes: &[u8], number: fn([u8; N]) -> f64) -> Result<Vec<Point>, String> {
    let (numbers, rest) = bytes.as_chunks::<N>();
    if bytes.is_empty() || !rest.is_empty() || numbers.len() % 4 != 0 {
        return Err(format!(
            "{} bytes are no rows of x, y, z, intensity in float{}: a row has {}",
            bytes.len(),
            N * 8,
            N * 4
        ));
    }
    if numbers.len() / 4 > limits::SWEEP_POINTS {
        return Err(format!("more than {} points", limits::SWEEP_POINTS));
    }
    let value = |i: usize| number(numbers[i]) as f32;
    Ok((0..numbers.len())
        .step_by(4)
        .map(|i| Point { x: value(i), y: value(i + 1), z: value(i + 2), intensity: value(i + 3), ..Point::default() })
        .collect())
}

/// Whether the bytes are more like float64 than float32 rows: the wrong reading gives numbers no lidar measures.
fn looks_like_f64(bytes: &[u8]) -> bool {
    if !bytes.len().is_multiple_of(32) {
        return false;
    }
    let likely = |v: f64| v == 0.0 || (1e-6..1e5).contains(&v.abs());
    let share = |hits: usize, all: usize| hits as f64 / all.max(1) as f64;
    let (wide, _) = bytes.as_chunks::<8>();
    let (narrow, _) = bytes.as_chunks::<4>();
    let sample = 40_000;
    let wide_hits = wide.iter().take(sample).filter(|b| likely(f64::from_le_bytes(**b))).count();
    let narrow_hits = narrow.iter().take(sample).filter(|b| likely(f32::from_le_bytes(**b).into())).count();
    share(wide_hits, wide.len().min(sample)) > share(narrow_hits, narrow.len().min(sample))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud() -> Vec<[f64; 4]> {
        (0..200)
            .map(|i| [f64::from(i) * 0.37 - 30.0, (f64::from(i) * 0.7).sin() * 20.0, -1.8, f64::from(i % 255)])
            .collect()
    }

    fn write(name: &str, bytes: &[u8]) -> Result<PointCloud, SourceError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        read(&path)
    }

    #[test]
    fn both_widths_are_told_apart_without_being_told() {
        let wide: Vec<u8> = cloud().iter().flatten().flat_map(|v| v.to_le_bytes()).collect();
        let narrow: Vec<u8> = cloud().iter().flatten().flat_map(|v| (*v as f32).to_le_bytes()).collect();
        for (name, bytes) in [("a.bin", &wide), ("b.bin", &narrow), ("c.f64.bin", &wide), ("d.f32.bin", &narrow)] {
            let read = write(name, bytes).unwrap();
            assert_eq!(read.points.len(), 200, "{name}");
            assert!((read.points[7].x - (7.0 * 0.37 - 30.0)).abs() < 1e-4, "{name}");
        }
    }

    #[test]
    fn wrong_sizes_and_empty_files_are_refused() {
        assert!(write("a.bin", &[]).is_err());
        assert!(write("a.bin", &[0; 15]).unwrap_err().to_string().contains("15 bytes"));
        assert!(write("a.f64.bin", &[0; 16]).unwrap_err().to_string().contains("float64"));
        assert!(write("a.pcd", &[]).is_err());
    }

    #[test]
    fn numbers_that_are_none_are_kept_for_the_detector_to_drop() {
        let bytes: Vec<u8> = [f32::NAN, f32::INFINITY, 1e30, 0.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        assert!(write("a.f32.bin", &bytes).unwrap().points[0].x.is_nan());
    }
}
