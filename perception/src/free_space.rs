//! Where a lidar sees bare ground: the one witness that can say "nobody stands there".
//!
//! A detection list tells what was found; that nothing was found may also mean a wall, a hidden place or a dark coat. A beam
//! that comes back from the ground tells more: nothing solid was in its way there. So a lidar's detector may hand over, with
//! its boxes, a polar grid around the sensor: in which cells ground was hit, and in which something rises.

use calibration::rig::Mounted;
use nalgebra::{Isometry3, Matrix2, Point3, Vector2, Vector3};
use serde::{Deserialize, Serialize};

/// Directions of the grid, counter-clockwise from straight behind the sensor (−x), 3° each.
pub const DIRECTIONS: usize = 120;
/// Rings of the grid, one bit each.
pub const RINGS: usize = 32;
/// Depth of a ring, metres; the grid reaches 80 m.
pub const RING_M: f64 = 2.5;
/// Of the cells that a road user may stand in, so many must show ground before they are called empty. Far away the beams
/// lie so far apart that cells between them show nothing.
const SHARE: f64 = 0.75;
/// Points looked at from the middle of such a place to its edge, at most.
const STEPS: f64 = 12.0;

/// The free space of one frame, in the sensor's own frame seen from above.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeSpace {
    /// For each direction the rings in which ground was seen, the nearest in the lowest bit.
    ground: Vec<u32>,
    /// For each direction the rings in which something rises from the ground.
    raised: Vec<u32>,
}

impl Default for FreeSpace {
    fn default() -> Self {
        Self { ground: vec![0; DIRECTIONS], raised: vec![0; DIRECTIONS] }
    }
}

impl FreeSpace {
    /// Ground was seen at this place (sensor frame, metres). Places outside the grid are left out.
    pub fn see_ground(&mut self, x: f64, y: f64) {
        if let Some((direction, bit)) = cell(x, y) {
            set(&mut self.ground, direction, bit);
        }
    }

    /// Something stands at this place (sensor frame, metres).
    pub fn see_raised(&mut self, x: f64, y: f64) {
        if let Some((direction, bit)) = cell(x, y) {
            set(&mut self.raised, direction, bit);
        }
    }

    /// Ground is seen all round from `from_m` to `to_m`.
    pub fn see_ground_between(&mut self, from_m: f64, to_m: f64) {
        let rings = rings(from_m, to_m, true);
        self.ground.iter_mut().for_each(|direction| *direction |= rings);
    }

    /// A body seen between the directions `bearing` ± `half` (radians, sensor frame) stands from `near_m` to `far_m` and
    /// hides the ground up to `hidden_m`.
    pub fn see_body(&mut self, bearing: f64, half: f64, near_m: f64, far_m: f64, hidden_m: f64) {
        let (body, shadow) = (rings(near_m, far_m, false), rings(near_m, hidden_m, false));
        let step = std::f64::consts::TAU / DIRECTIONS as f64;
        let first = ((bearing - half + std::f64::consts::PI) / step).floor();
        let last = ((bearing + half + std::f64::consts::PI) / step).floor();
        if !(first.is_finite() && last.is_finite()) {
            return;
        }
        let many = (last - first).clamp(0.0, DIRECTIONS as f64 - 1.0) as usize;
        for k in 0..=many {
            let direction = (first + k as f64).rem_euclid(DIRECTIONS as f64) as usize;
            if let (Some(ground), Some(raised)) = (self.ground.get_mut(direction), self.raised.get_mut(direction)) {
                *raised |= body;
                *ground &= !shadow;
            }
        }
    }

    /// As seen from where the sensor is mounted.
    #[must_use]
    pub fn from_mounted(&self, mounted: &Mounted) -> PlacedFreeSpace {
        PlacedFreeSpace { space: self.clone(), sensor_from_enu: mounted.enu_from_sensor.inverse() }
    }

    fn at(&self, x: f64, y: f64) -> Ground {
        let bit_of = |cells: &[u32], direction: usize, bit: u32| cells.get(direction).is_some_and(|c| c & bit != 0);
        match cell(x, y) {
            Some((direction, bit)) if bit_of(&self.raised, direction, bit) => Ground::Taken,
            Some((direction, bit)) if bit_of(&self.ground, direction, bit) => Ground::Bare,
            _ => Ground::Unknown,
        }
    }
}

/// What one cell shows.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Ground {
    Bare,
    Taken,
    Unknown,
}

/// The free space of one frame, to be asked in `enu`.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedFreeSpace {
    space: FreeSpace,
    sensor_from_enu: Isometry3<f64>,
}

impl PlacedFreeSpace {
    /// Nobody stands in the ellipse `shape` (square of its half axes, m²) around `place` (`enu`, metres; `up` is the height of
    /// the ground there): bare ground nearly everywhere, in the middle too, and nothing that rises.
    #[must_use]
    pub fn is_empty_around(&self, place: &Vector2<f64>, up: f64, shape: &Matrix2<f64>) -> bool {
        let at = |off: Vector2<f64>| {
            let seen = self.sensor_from_enu * Point3::from(Vector3::new(place.x + off.x, place.y + off.y, up));
            self.space.at(seen.x, seen.y)
        };
        if at(Vector2::zeros()) != Ground::Bare {
            return false;
        }
        let Some(root) = shape.cholesky() else { return false };
        // A grid of points over the unit circle, drawn out to the ellipse: no farther apart than half a ring.
        let steps = (shape.trace().sqrt() / (0.5 * RING_M)).ceil().clamp(1.0, STEPS) as i32;
        let (mut bare, mut all) = (0, 0);
        for (i, k) in (-steps..=steps).flat_map(|i| (-steps..=steps).map(move |k| (i, k))) {
            let on_disc = Vector2::new(f64::from(i), f64::from(k)) / f64::from(steps);
            if on_disc.norm() > 1.0 {
                continue;
            }
            all += 1;
            match at(root.l() * on_disc) {
                Ground::Taken => return false,
                Ground::Bare => bare += 1,
                Ground::Unknown => {}
            }
        }
        f64::from(bare) >= SHARE * f64::from(all)
    }
}

/// Direction and bit of a place.
fn cell(x: f64, y: f64) -> Option<(usize, u32)> {
    let ring = x.hypot(y) / RING_M;
    if !(0.0..RINGS as f64).contains(&ring) {
        return None;
    }
    let turn = (y.atan2(x) + std::f64::consts::PI) / std::f64::consts::TAU;
    Some(((turn * DIRECTIONS as f64) as usize % DIRECTIONS, 1 << ring as u32))
}

fn set(cells: &mut [u32], direction: usize, bit: u32) {
    if let Some(cell) = cells.get_mut(direction) {
        *cell |= bit;
    }
}

/// The rings from one distance to another: only those wholly inside, or all that are touched.
fn rings(from_m: f64, to_m: f64, whole: bool) -> u32 {
    let (from, to) = (from_m / RING_M, to_m / RING_M);
    let (first, end) = if whole { (from.ceil(), to.floor()) } else { (from.floor(), to.floor() + 1.0) };
    let bits = |n: f64| if n >= RINGS as f64 { u32::MAX } else { (1_u32 << n.max(0.0) as u32) - 1 };
    bits(end) & !bits(first)
}

#[cfg(test)]
mod tests {
    use calibration::geodesy::Heading;
    use calibration::rig::enu_from_lidar_looking;
    use nalgebra::Matrix6;

    use super::*;

    fn mast() -> Mounted {
        let enu_from_sensor = enu_from_lidar_looking(Vector3::new(5.0, -3.0, 6.0), Heading::from_deg(30.0), 0.02);
        Mounted { enu_from_sensor, covariance: Matrix6::zeros(), camera: None }
    }

    fn circle(radius_m: f64) -> Matrix2<f64> {
        Matrix2::identity() * radius_m.powi(2)
    }

    #[test]
    fn bare_ground_is_empty_and_what_is_not_seen_is_not() {
        let mut space = FreeSpace::default();
        let empty = |space: &FreeSpace, x, y| {
            space.from_mounted(&mast()).is_empty_around(&Vector2::new(x, y), 0.0, &circle(2.0))
        };
        assert!(!empty(&space, 20.0, 10.0), "nothing was seen");
        space.see_ground_between(5.0, 60.0);
        assert!(empty(&space, 20.0, 10.0) && empty(&space, -30.0, -30.0));
        assert!(!empty(&space, 90.0, 10.0), "beyond the grid");
        assert!(!empty(&space, 6.0, -3.0), "under the mast");
    }

    #[test]
    fn a_body_takes_its_place_and_hides_what_is_behind_it() {
        let mut space = FreeSpace::default();
        space.see_ground_between(5.0, 70.0);
        let mounted = mast();
        let at = |range: f64, bearing: f64| {
            let (sin, cos) = bearing.sin_cos();
            (mounted.enu_from_sensor * Point3::new(range * cos, range * sin, -6.0)).xy().coords
        };
        space.see_body(1.0, 0.05, 20.0, 24.0, 40.0);
        let placed = space.from_mounted(&mounted);
        let empty = |range, bearing| placed.is_empty_around(&at(range, bearing), 0.0, &circle(1.5));
        assert!(!empty(22.0, 1.0) && !empty(35.0, 1.0), "taken, hidden");
        assert!(empty(15.0, 1.0) && empty(50.0, 1.0) && empty(22.0, 1.4), "before, behind, beside");
        assert!(!empty(22.0, 1.12), "so near beside it that it may be the same");
        // Narrow across the line of sight, long along it: what stands beside it is not in it.
        let along = (at(22.0, 1.15) - mounted.position().xy()).normalize();
        let thin = along * along.transpose() * 16.0 + circle(0.3);
        assert!(placed.is_empty_around(&at(22.0, 1.15), 0.0, &thin));
        assert!(!placed.is_empty_around(&at(22.0, 1.15), 0.0, &circle(4.0)));
    }

    #[test]
    fn bodies_all_round_the_wrap_and_senseless_numbers_do_no_harm() {
        let mut space = FreeSpace::default();
        space.see_ground_between(0.0, f64::INFINITY);
        space.see_body(std::f64::consts::PI, 0.2, 10.0, 12.0, f64::INFINITY);
        assert_eq!(space.at(-11.0, 0.5), Ground::Taken);
        assert_eq!(space.at(-11.0, -0.5), Ground::Taken);
        assert_eq!(space.at(-40.0, 0.0), Ground::Unknown);
        assert_eq!(space.at(40.0, 0.0), Ground::Bare);
        for bad in [f64::NAN, f64::INFINITY, -1e300] {
            space.see_ground(bad, 1.0);
            space.see_raised(1.0, bad);
            space.see_body(bad, bad, bad, bad, bad);
            space.see_ground_between(bad, bad);
            assert_eq!(space.at(bad, bad), Ground::Unknown);
        }
        let short = FreeSpace { ground: vec![u32::MAX; 3], raised: Vec::new() };
        assert_eq!(short.at(5.0, 5.0), Ground::Unknown);
        assert!(!short.from_mounted(&mast()).is_empty_around(&Vector2::new(f64::NAN, 0.0), 0.0, &circle(f64::NAN)));
    }
}
