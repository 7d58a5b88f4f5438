//! Where the lasers of a lidar look: the maker's nominal angles, or the angles file of one sensor.
//!
//! The file is the YAML that Velodyne tools write: a list `lasers:` of maps with `laser_id`, `vert_correction`,
//! `rot_correction` (radians) and offsets in metres. Only this shape is read, so no YAML library is needed.

use std::collections::BTreeMap;
use std::path::Path;

use crate::limits;
use crate::source::SourceError;

const LASERS: usize = 16;
/// Elevation of the VLP-16's lasers in their firing order, degrees (User Manual 63-9243, table 9-1).
const NOMINAL_DEG: [f32; LASERS] =
    [-15.0, 1.0, -13.0, 3.0, -11.0, 5.0, -9.0, 7.0, -7.0, 9.0, -5.0, 11.0, -3.0, 13.0, -1.0, 15.0];

/// Directions and offsets of all lasers.
#[derive(Clone, Debug, PartialEq)]
pub struct Angles {
    lasers: [Laser; LASERS],
}

#[derive(Copy, Clone, Debug, Default, PartialEq)]
struct Laser {
    elevation: f32,
    sin: f32,
    cos: f32,
    azimuth_correction: f32,
    distance_correction: f32,
    up: f32,
    aside: f32,
    /// Its place from the bottom.
    channel: u16,
}

/// A return put into the sensor frame.
pub(super) struct Placed {
    pub point: [f32; 3],
    pub azimuth: f32,
    pub elevation: f32,
    pub distance: f32,
    pub channel: u16,
}

impl Angles {
    /// The maker's nominal angles.
    #[must_use]
    pub fn nominal() -> Self {
        let lasers = NOMINAL_DEG.map(|deg| Laser { elevation: deg.to_radians(), ..Laser::default() });
        Self::finish(lasers)
    }

    /// Reads an angles file.
    ///
    /// # Errors
    /// It is not there, or is not a list of 16 lasers with finite angles.
    pub fn read(path: &Path) -> Result<Self, SourceError> {
        let bytes =
            limits::read_bounded(path, limits::DESCRIPTOR_BYTES).map_err(|e| SourceError::unreadable(path, e))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| SourceError::unreadable(path, "not a text file"))?;
        Self::parse(text).map_err(|why| SourceError::unreadable(path, why))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut found: BTreeMap<usize, Laser> = BTreeMap::new();
        for (line, values) in entries(text) {
            let get = |key: &str| values.get(key).copied().unwrap_or(0.0);
            let id = values.get("laser_id").ok_or(format!("line {line}: a laser without `laser_id`"))?;
            let elevation =
                *values.get("vert_correction").ok_or(format!("line {line}: a laser without `vert_correction`"))?;
            if *id < 0.0 || *id >= LASERS as f32 || id.fract() != 0.0 {
                return Err(format!("line {line}: laser_id {id} is not one of 0..15"));
            }
            if elevation.abs() >= std::f32::consts::FRAC_PI_2 {
                return Err(format!(
                    "line {line}: vert_correction {elevation} is no angle in radians between -π/2 and π/2"
                ));
            }
            let laser = Laser {
                elevation,
                azimuth_correction: get("rot_correction"),
                distance_correction: get("dist_correction"),
                up: get("vert_offset_correction"),
                aside: get("horiz_offset_correction"),
                ..Laser::default()
            };
            if found.insert(*id as usize, laser).is_some() {
                return Err(format!("line {line}: laser_id {id} comes twice"));
            }
        }
        let lasers: Vec<Laser> = found.into_values().collect();
        let lasers: [Laser; LASERS] = lasers.try_into().map_err(|l: Vec<_>| {
            format!("{} lasers instead of {LASERS}; is it an angles file of this model?", l.len())
        })?;
        Ok(Self::finish(lasers))
    }

    fn finish(mut lasers: [Laser; LASERS]) -> Self {
        let mut order: [usize; LASERS] = std::array::from_fn(|i| i);
        order.sort_by(|a, b| lasers[*a].elevation.total_cmp(&lasers[*b].elevation));
        for (channel, laser) in order.into_iter().enumerate() {
            lasers[laser].channel = channel as u16;
        }
        for laser in &mut lasers {
            (laser.sin, laser.cos) = laser.elevation.sin_cos();
        }
        Self { lasers }
    }

    /// Puts a return of `laser` (below 16) at `azimuth` (radians clockwise from forward) into the sensor frame.
    pub(super) fn place(&self, laser: usize, azimuth: f32, distance: f32) -> Placed {
        let l = &self.lasers[laser];
        let azimuth = (azimuth - l.azimuth_correction).rem_euclid(std::f32::consts::TAU);
        let (sin, cos) = azimuth.sin_cos();
        let distance = distance + l.distance_correction;
        let level = distance * l.cos - l.up * l.sin;
        let x = level * cos + l.aside * sin;
        let y = -(level * sin - l.aside * cos);
        let z = distance * l.sin + l.up * l.cos;
        Placed { point: [x, y, z], azimuth, elevation: l.elevation, distance, channel: l.channel }
    }
}

/// The maps under `lasers:` with their first line, `key: number` pairs only.
fn entries(text: &str) -> Vec<(usize, BTreeMap<String, f32>)> {
    let mut all: Vec<(usize, BTreeMap<String, f32>)> = Vec::new();
    let mut inside = false;
    for (i, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("");
        let indented = line.starts_with([' ', '\t', '-']);
        if !indented && line.contains(':') {
            inside = line.trim_start().starts_with("lasers");
        }
        if !inside || all.len() > 1024 {
            continue;
        }
        if line.trim_start().starts_with('-') {
            all.push((i + 1, BTreeMap::new()));
        }
        let Some((_, values)) = all.last_mut() else { continue };
        for pair in line.trim_start().trim_start_matches('-').split(['{', '}', ',']) {
            let Some((key, value)) = pair.split_once(':') else { continue };
            if let Some(number) = value.trim().parse::<f32>().ok().filter(|n| n.is_finite()) {
                values.insert(key.trim().to_owned(), number);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(lasers: usize) -> String {
        let mut text = String::from("lasers:\n");
        for i in 0..lasers {
            let angle = NOMINAL_DEG[i % LASERS].to_radians();
            text += &format!("- {{laser_id: {i}, rot_correction: 0.0,\n   vert_correction: {angle}}}\n");
        }
        text + "num_lasers: 16\ndistance_resolution: 0.002\n"
    }

    #[test]
    fn a_written_file_gives_the_nominal_angles() {
        assert_eq!(Angles::parse(&file(16)).unwrap(), Angles::nominal());
    }

    #[test]
    fn one_key_a_line_is_read_too() {
        let text = file(16).replace("- {", "    - {\n        ").replace(", ", ",\n        ");
        assert_eq!(Angles::parse(&text).unwrap(), Angles::nominal());
    }

    #[test]
    fn a_wrong_file_is_refused_with_its_line() {
        assert!(Angles::parse("").unwrap_err().contains("0 lasers"));
        assert!(Angles::parse(&file(15)).unwrap_err().contains("15 lasers"));
        assert!(Angles::parse(&file(17)).unwrap_err().contains("laser_id 16"));
        assert!(Angles::parse(&file(16).replace("laser_id: 5", "laser_id: 4")).unwrap_err().contains("line 12"));
        assert!(Angles::parse(&file(16).replace("vert_correction: 0.017", "vert_correction: 90.017")).is_err());
    }

    #[test]
    fn a_return_is_put_forward_left_and_up() {
        let angles = Angles::nominal();
        let ahead = angles.place(1, 0.0, 10.0);
        assert!((ahead.point[0] - 10.0 * 1f32.to_radians().cos()).abs() < 1e-5 && ahead.point[1].abs() < 1e-5);
        assert!(ahead.point[2] > 0.0);
        let right = angles.place(0, std::f32::consts::FRAC_PI_2, 10.0);
        assert!(right.point[1] < -9.0, "the sensor counts clockwise, y is left");
        assert_eq!(angles.place(0, 0.0, 1.0).channel, 0);
        assert_eq!(angles.place(15, 0.0, 1.0).channel, 15);
    }
}
