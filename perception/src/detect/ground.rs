//! The ground under a lidar: a plane found by sampling, refined cell by cell where ground points are seen.

use crate::frame::Point;

/// Side of a cell, metres.
const CELL_M: f32 = 2.0;
/// Half the side of the grid, metres.
pub(super) const REACH_M: f32 = 120.0;
const SIDE: usize = (2.0 * REACH_M / CELL_M) as usize;
/// Roads are not steeper.
const LARGEST_SLOPE: f32 = 0.12;
/// A cell this near to the plane is ground.
const NEAR_PLANE_M: f32 = 0.25;
/// The plane is found within this; farther away few cells see the ground.
const PLANE_REACH_M: f32 = 60.0;
const TRIALS: usize = 150;

/// Height of the ground: `a x + b y + c`, plus what each cell adds.
#[derive(Clone, Debug)]
pub(super) struct GroundModel {
    plane: [f32; 3],
    /// Lowest point of each cell above the plane, NaN where no ground is seen.
    above: Vec<f32>,
}

impl GroundModel {
    /// Finds the ground of one cloud; `None` when there are too few points for a plane.
    pub(super) fn find(points: &[Point]) -> Option<Self> {
        let lowest = lowest(points);
        let cells: Vec<[f32; 3]> = lowest
            .iter()
            .enumerate()
            .filter(|(_, z)| z.is_finite())
            .map(|(i, z)| {
                let centre = |k: usize| (k as f32 + 0.5) * CELL_M - REACH_M;
                [centre(i % SIDE), centre(i / SIDE), *z]
            })
            .filter(|c| c[0].hypot(c[1]) < PLANE_REACH_M)
            .collect();
        let plane = refine(best_plane(&cells)?, &cells);
        let mut model = Self { plane, above: vec![f32::NAN; SIDE * SIDE] };
        for (i, z) in lowest.iter().enumerate() {
            let x = ((i % SIDE) as f32 + 0.5) * CELL_M - REACH_M;
            let y = ((i / SIDE) as f32 + 0.5) * CELL_M - REACH_M;
            let above = z - model.level(x, y);
            // Far away the plane may be off by a little slope more.
            if above.abs() < NEAR_PLANE_M + 0.012 * x.hypot(y) {
                model.above[i] = above;
            }
        }
        model.smooth();
        Some(model)
    }

    /// Height of the plane.
    fn level(&self, x: f32, y: f32) -> f32 {
        self.plane[0] * x + self.plane[1] * y + self.plane[2]
    }

    /// Height of the ground at a place.
    pub(super) fn height(&self, x: f32, y: f32) -> f32 {
        let above = cell(x, y).map_or(f32::NAN, |i| self.above[i]);
        self.level(x, y) + if above.is_finite() { above } else { 0.0 }
    }

    /// A cell without ground of its own takes the mean of its neighbours', one step.
    fn smooth(&mut self) {
        let old = self.above.clone();
        for y in 1..SIDE - 1 {
            for x in 1..SIDE - 1 {
                let i = y * SIDE + x;
                let around = [i - SIDE - 1, i - SIDE, i - SIDE + 1, i - 1, i + 1, i + SIDE - 1, i + SIDE, i + SIDE + 1];
                let (mut sum, mut n) = (0.0, 0.0);
                for v in around.into_iter().map(|j| old[j]).filter(|v| v.is_finite()) {
                    sum += v;
                    n += 1.0;
                }
                if n == 0.0 {
                    continue;
                }
                // A cell full of a parked car is higher than all its neighbours: ground does not jump.
                self.above[i] = if old[i].is_finite() { old[i].min(sum / n + 0.1) } else { sum / n };
            }
        }
    }
}

fn cell(x: f32, y: f32) -> Option<usize> {
    let column = (x + REACH_M) / CELL_M;
    let row = (y + REACH_M) / CELL_M;
    let inside = (0.0..SIDE as f32).contains(&column) && (0.0..SIDE as f32).contains(&row);
    inside.then(|| row as usize * SIDE + column as usize)
}

/// Lowest point of each cell. Mirrored returns lie below the ground, so the lowest few points of a full cell do not count.
fn lowest(points: &[Point]) -> Vec<f32> {
    let mut first = vec![f32::INFINITY; SIDE * SIDE];
    let mut second = vec![f32::INFINITY; SIDE * SIDE];
    for p in points {
        let Some(i) = cell(p.x, p.y) else { continue };
        if p.z < first[i] {
            second[i] = first[i];
            first[i] = p.z;
        } else if p.z < second[i] {
            second[i] = p.z;
        }
    }
    first.iter().zip(&second).map(|(a, b)| if *b - *a > 0.3 && b.is_finite() { *b } else { *a }).collect()
}

/// The plane that most cells lie on and few lie below, found by sampling triples of cells.
fn best_plane(cells: &[[f32; 3]]) -> Option<[f32; 3]> {
    if cells.len() < 3 {
        return None;
    }
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut pick = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        cells[(state >> 33) as usize % cells.len()]
    };
    let mut best: Option<(f32, [f32; 3])> = None;
    for _ in 0..TRIALS {
        let Some(plane) = through([pick(), pick(), pick()]) else { continue };
        let mut votes = 0.0;
        for c in cells {
            let above = c[2] - (plane[0] * c[0] + plane[1] * c[1] + plane[2]);
            if above.abs() < 0.15 {
                votes += 1.0;
            } else if (-3.0..-0.3).contains(&above) {
                votes -= 1.0;
            }
        }
        if best.is_none_or(|(most, _)| votes > most) {
            best = Some((votes, plane));
        }
    }
    let level = || {
        let mut heights: Vec<f32> = cells.iter().map(|c| c[2]).collect();
        heights.sort_by(f32::total_cmp);
        [0.0, 0.0, heights[heights.len() / 5]]
    };
    Some(best.map_or_else(level, |(_, plane)| plane))
}

/// The plane through three points, if it could be a road.
fn through([p, q, r]: [[f32; 3]; 3]) -> Option<[f32; 3]> {
    let (ux, uy, uz) = (q[0] - p[0], q[1] - p[1], q[2] - p[2]);
    let (vx, vy, vz) = (r[0] - p[0], r[1] - p[1], r[2] - p[2]);
    let det = ux * vy - uy * vx;
    if det.abs() < 4.0 {
        return None;
    }
    let a = (uz * vy - uy * vz) / det;
    let b = (ux * vz - uz * vx) / det;
    (a.hypot(b) < LARGEST_SLOPE).then_some([a, b, p[2] - a * p[0] - b * p[1]])
}

/// Least squares over the cells near the plane, three times.
fn refine(mut plane: [f32; 3], cells: &[[f32; 3]]) -> [f32; 3] {
    use nalgebra::{Matrix3, Vector3};
    for _ in 0..3 {
        let mut left = Matrix3::<f64>::zeros();
        let mut right = Vector3::<f64>::zeros();
        let mut n = 0;
        for c in cells {
            let above = c[2] - (plane[0] * c[0] + plane[1] * c[1] + plane[2]);
            if above.abs() < 0.25 {
                let row = Vector3::new(f64::from(c[0]), f64::from(c[1]), 1.0);
                left += row * row.transpose();
                right += row * f64::from(c[2]);
                n += 1;
            }
        }
        if n < 10 {
            break;
        }
        let Some(solved) = left.lu().solve(&right) else { break };
        let next = [solved[0] as f32, solved[1] as f32, solved[2] as f32];
        if !next.iter().all(|v| v.is_finite()) || next[0].hypot(next[1]) > LARGEST_SLOPE {
            break;
        }
        plane = next;
    }
    plane
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f32, y: f32, z: f32) -> Point {
        Point { x, y, z, ..Point::default() }
    }

    #[test]
    fn a_sloped_road_is_found_under_houses_and_mirror_points() {
        let slope = |x: f32, y: f32| 0.03 * x - 0.02 * y - 4.7;
        let mut points = Vec::new();
        for i in -60..60 {
            for j in -60..60 {
                let (x, y) = (i as f32 * 0.8, j as f32 * 0.8);
                let house = x > 20.0;
                points.push(point(x, y, slope(x, y) + if house { 3.0 } else { 0.0 }));
                if i % 7 == 0 && j % 9 == 0 {
                    points.push(point(x, y, slope(x, y) - 2.0));
                }
            }
        }
        let ground = GroundModel::find(&points).unwrap();
        for (x, y) in [(0.0, 0.0), (10.0, -30.0), (-40.0, 20.0)] {
            assert!((ground.height(x, y) - slope(x, y)).abs() < 0.12, "at {x} {y}: {}", ground.height(x, y));
        }
        assert!((ground.height(30.0, 0.0) - slope(30.0, 0.0)).abs() < 0.3, "under the house the plane goes on");
    }

    #[test]
    fn too_few_points_have_no_ground() {
        assert!(GroundModel::find(&[]).is_none());
        assert!(GroundModel::find(&[point(1.0, 1.0, 0.0); 100]).is_none());
    }
}
