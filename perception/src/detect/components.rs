//! Groups points that lie together, seen from above: connected components on a grid.

/// Side of a cell, metres.
const CELL_M: f32 = 0.25;
/// Half the side of the grid, metres.
const REACH_M: f32 = 120.0;
const SIDE: usize = (2.0 * REACH_M / CELL_M) as usize;
const EMPTY: u32 = u32::MAX;

/// The grid, kept between sweeps; only cells that were used are cleared.
pub(super) struct Grid {
    /// First point of each cell.
    first: Vec<u32>,
    /// Next point of the same cell.
    next: Vec<u32>,
    used: Vec<u32>,
    queue: Vec<u32>,
}

impl Grid {
    pub(super) fn new() -> Self {
        Self { first: vec![EMPTY; SIDE * SIDE], next: Vec::new(), used: Vec::new(), queue: Vec::new() }
    }

    /// The groups, as numbers of points, in the order of their first points.
    pub(super) fn groups(&mut self, points: &[[f32; 2]]) -> Vec<Vec<u32>> {
        self.fill(points);
        let mut groups = Vec::new();
        for i in 0..self.used.len() {
            let seed = self.used[i];
            if self.first[seed as usize] == EMPTY {
                continue;
            }
            let mut group = Vec::new();
            self.queue.push(seed);
            self.empty_into(seed, &mut group);
            while let Some(cell) = self.queue.pop() {
                self.visit_around(cell, &mut group);
            }
            group.sort_unstable();
            groups.push(group);
        }
        groups
    }

    fn fill(&mut self, points: &[[f32; 2]]) {
        for cell in self.used.drain(..) {
            self.first[cell as usize] = EMPTY;
        }
        self.next.clear();
        self.next.resize(points.len(), EMPTY);
        for (i, p) in points.iter().enumerate() {
            let (x, y) = ((p[0] + REACH_M) / CELL_M, (p[1] + REACH_M) / CELL_M);
            // A margin as wide as the widest step keeps neighbours inside the grid.
            let inside = 8.0..(SIDE - 8) as f32;
            if !inside.contains(&x) || !inside.contains(&y) {
                continue;
            }
            let cell = y as usize * SIDE + x as usize;
            if self.first[cell] == EMPTY {
                self.used.push(cell as u32);
            }
            self.next[i] = self.first[cell];
            self.first[cell] = i as u32;
        }
    }

    fn empty_into(&mut self, cell: u32, group: &mut Vec<u32>) {
        let mut at = std::mem::replace(&mut self.first[cell as usize], EMPTY);
        while at != EMPTY {
            group.push(at);
            at = self.next[at as usize];
        }
    }

    fn visit_around(&mut self, cell: u32, group: &mut Vec<u32>) {
        let (x, y) = (cell as usize % SIDE, cell as usize / SIDE);
        let metres = |v: usize| v as f32 * CELL_M - REACH_M;
        let step = step(metres(x).hypot(metres(y)));
        for ny in y.saturating_sub(step)..=(y + step).min(SIDE - 1) {
            for nx in x.saturating_sub(step)..=(x + step).min(SIDE - 1) {
                let neighbour = ny * SIDE + nx;
                if self.first[neighbour] != EMPTY {
                    self.empty_into(neighbour as u32, group);
                    self.queue.push(neighbour as u32);
                }
            }
        }
    }
}

/// Cells bridged at a range: neighbouring rays of one surface lie farther apart with range.
fn step(range: f32) -> usize {
    match range {
        r if r < 30.0 => 2,
        r if r < 60.0 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_half_a_metre_apart_are_one_group_and_farther_ones_are_two() {
        let row = |x0: f32| (0..5).map(move |i| [x0 + i as f32 * 0.4, 5.0]);
        let points: Vec<[f32; 2]> = row(0.0).chain(row(4.0)).collect();
        let mut grid = Grid::new();
        let groups = grid.groups(&points);
        assert_eq!(groups, vec![vec![0, 1, 2, 3, 4], vec![5, 6, 7, 8, 9]]);
        assert_eq!(grid.groups(&points), groups, "the grid is clean for the next sweep");
        assert!(grid.groups(&[]).is_empty());
    }

    #[test]
    fn points_outside_the_grid_are_left_out() {
        let mut grid = Grid::new();
        assert!(grid.groups(&[[500.0, 0.0], [f32::NAN, 0.0], [0.0, f32::INFINITY], [-120.0, -120.0]]).is_empty());
    }
}
