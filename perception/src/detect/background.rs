//! What a fixed lidar sees when nobody is there: the farthest stable range in each direction.
//!
//! A direction is a cell of azimuth and elevation. Its background is the farthest range that comes again and again. A
//! point is foreground when it is clearly nearer, or where nothing ever came back before. A nearer range becomes
//! background only after [`ABSORB`] sweeps without a change, so that a queue at a red light does not burn in; a farther one
//! after a few, because what one can look through was never background.

use crate::frame::Point;

/// Cell size, radians.
const AZIMUTH_BIN: f32 = 0.4 * DEG;
const ELEVATION_BIN: f32 = 0.5 * DEG;
const DEG: f32 = std::f32::consts::PI / 180.0;
const COLUMNS: usize = 900;
/// Elevations from -45° to +45°.
const ROWS: usize = 180;
/// Sweeps after which the background is used.
pub(super) const LEARN: u32 = 15;
/// Hits after which a farther range replaces the background.
const FARTHER: u16 = 3;
/// Sweeps after which a nearer, unchanged range is background: two minutes at 10 Hz.
pub(super) const ABSORB: u16 = 1200;
/// How fast the mean and the spread follow.
const FOLLOW: f32 = 0.05;
/// Nearer by less than this is noise.
const MARGIN_M: f32 = 0.3;

/// Range statistics of one direction.
#[derive(Copy, Clone, Default)]
struct Cell {
    /// Background range, metres; 0 when none was seen.
    range: f32,
    /// Mean absolute deviation from it.
    spread: f32,
    /// A range that might become the background.
    candidate: f32,
    hits: u16,
    candidate_hits: u16,
}

/// The background of one lidar.
pub(super) struct Background {
    cells: Vec<Cell>,
    sweeps: u32,
}

impl Background {
    pub(super) fn new() -> Self {
        Self { cells: vec![Cell::default(); COLUMNS * ROWS], sweeps: 0 }
    }

    /// Whether enough sweeps were seen.
    pub(super) fn is_learned(&self) -> bool {
        self.sweeps >= LEARN
    }

    /// Learns from a sweep and tells for each point whether it is foreground, as known before this sweep. `origin` is where
    /// the rays start. All points are finite.
    pub(super) fn look(&mut self, points: &[Point], origin: [f32; 3], foreground: &mut Vec<bool>) {
        foreground.clear();
        let learned = self.is_learned();
        for p in points {
            let (x, y, z) = (p.x - origin[0], p.y - origin[1], p.z - origin[2]);
            let level = x.hypot(y);
            let range = level.hypot(z);
            let row = (z.atan2(level) / ELEVATION_BIN) + ROWS as f32 / 2.0;
            let column = (y.atan2(x) + std::f32::consts::PI) / AZIMUTH_BIN;
            if !(0.0..ROWS as f32).contains(&row) {
                foreground.push(false);
                continue;
            }
            let (row, column) = (row as usize, column as usize % COLUMNS);
            foreground.push(learned && self.is_foreground(row, column, range));
            self.cells[row * COLUMNS + column].learn(range, learned);
        }
        self.sweeps = self.sweeps.saturating_add(1);
    }

    /// Nearer than all that the directions around show.
    fn is_foreground(&self, row: usize, column: usize, range: f32) -> bool {
        for r in row.saturating_sub(1)..=(row + 1).min(ROWS - 1) {
            for c in [(column + COLUMNS - 1) % COLUMNS, column, (column + 1) % COLUMNS] {
                let cell = &self.cells[r * COLUMNS + c];
                if cell.hits > 1 && range > cell.range - cell.margin() && (r, c) == (row, column) {
                    return false;
                }
                // At an edge of the background a ray may hit what its neighbour hits.
                if cell.hits > 2 && (range - cell.range).abs() < cell.margin() {
                    return false;
                }
            }
        }
        true
    }
}

impl Cell {
    fn margin(&self) -> f32 {
        MARGIN_M.max(3.0 * self.spread).min(3.0)
    }

    fn learn(&mut self, range: f32, learned: bool) {
        if self.hits == 0 && !learned {
            *self = Self { range, hits: 1, ..Self::default() };
            return;
        }
        if self.hits > 0 && (range - self.range).abs() < self.margin() {
            self.range += FOLLOW * (range - self.range);
            self.spread += FOLLOW * ((range - self.range).abs() - self.spread);
            self.hits = self.hits.saturating_add(1);
            if self.candidate < self.range {
                self.candidate_hits = self.candidate_hits.saturating_sub(1);
            }
            return;
        }
        if (range - self.candidate).abs() < MARGIN_M {
            self.candidate += 0.2 * (range - self.candidate);
            self.candidate_hits = self.candidate_hits.saturating_add(1);
        } else {
            (self.candidate, self.candidate_hits) = (range, 1);
        }
        let farther = self.hits > 0 && self.candidate > self.range;
        if self.candidate_hits >= if farther { FARTHER } else { ABSORB } {
            *self = Self { range: self.candidate, hits: self.candidate_hits, ..Self::default() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: [f32; 3] = [0.0; 3];

    /// A wall 20 m away seen in 100 directions, with a car 10 m away in front of some of them.
    fn sweep(sweep: u32, car: std::ops::Range<usize>) -> Vec<Point> {
        (0..100)
            .map(|i| {
                let azimuth = (i as f32 * 0.4 + 0.2) * DEG;
                let noise = 0.02 * ((sweep as usize * 31 + i * 17) % 7) as f32 / 7.0;
                let range = if car.contains(&i) { 10.0 } else { 20.0 } + noise;
                Point { x: range * azimuth.cos(), y: range * azimuth.sin(), z: -0.01, ..Point::default() }
            })
            .collect()
    }

    fn run(background: &mut Background, sweeps: std::ops::Range<u32>, car: std::ops::Range<usize>) -> usize {
        let mut foreground = Vec::new();
        for i in sweeps {
            background.look(&sweep(i, car.clone()), ORIGIN, &mut foreground);
        }
        foreground.iter().filter(|f| **f).count()
    }

    #[test]
    fn a_car_before_a_known_wall_is_foreground_and_the_wall_is_not() {
        let mut background = Background::new();
        assert_eq!(run(&mut background, 0..LEARN, 0..0), 0, "nothing is foreground while it learns");
        assert_eq!(run(&mut background, 20..30, 0..0), 0);
        assert_eq!(run(&mut background, 30..31, 40..60), 20);
        assert_eq!(run(&mut background, 31..32, 0..0), 0);
    }

    #[test]
    fn a_queue_of_a_minute_does_not_burn_in_and_a_parked_car_does() {
        let mut background = Background::new();
        run(&mut background, 0..30, 0..0);
        assert_eq!(run(&mut background, 30..630, 40..60), 20);
        assert_eq!(run(&mut background, 630..1500, 40..60), 0);
    }

    #[test]
    fn a_car_that_stood_there_from_the_start_leaves_no_ghost() {
        let mut background = Background::new();
        run(&mut background, 0..30, 40..60);
        assert_eq!(run(&mut background, 30..40, 0..0), 0, "the wall behind it is background at once");
        assert_eq!(run(&mut background, 40..41, 40..60), 20, "and the next car there is foreground");
    }

    #[test]
    fn something_where_nothing_ever_came_back_is_foreground() {
        let mut background = Background::new();
        run(&mut background, 0..30, 0..0);
        let bird = Point { x: -30.0, y: 0.0, z: 1.0, ..Point::default() };
        let mut foreground = Vec::new();
        background.look(&[bird], ORIGIN, &mut foreground);
        assert_eq!(foreground, [true]);
    }
}
