//! Who touches whom among thousands of boxes: neighbours by squares of the plane, then the exact test.

use nalgebra::{Point2, Vector2};

use crate::footprint::Footprint;

/// Side of a square, metres; longer than any box, so that only neighbouring squares can touch.
const CELL_M: f64 = 24.0;

/// The box of a vehicle.
#[derive(Copy, Clone, Debug)]
pub struct Outline {
    /// Number.
    pub id: u32,
    /// What it covers.
    pub footprint: Footprint,
    /// Velocity, m/s.
    pub velocity: Vector2<f64>,
}

/// Two boxes that touch.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Collision {
    /// Numbers, the smaller first.
    pub who: [u32; 2],
    /// Speed of one as seen from the other, m/s.
    pub relative_mps: f64,
    /// Where.
    pub at: Point2<f64>,
}

/// Boxes of one step, and who touched in the step before; its buffers are kept from step to step.
#[derive(Clone, Debug, Default)]
pub struct Contacts {
    boxes: Vec<Outline>,
    cells: Vec<(u64, u32)>,
    found: Vec<Collision>,
    before: Vec<[u32; 2]>,
}

fn key(column: i64, row: i64) -> u64 {
    // Columns and rows around 2^31, so that order by key is order by column, then row.
    (((column + (1 << 31)) as u64) << 32) | (row + (1 << 31)) as u64
}

fn cell(point: &Point2<f64>) -> (i64, i64) {
    ((point.x / CELL_M).floor() as i64, (point.y / CELL_M).floor() as i64)
}

impl Contacts {
    /// Forgets the boxes, but not who touched.
    pub fn clear(&mut self) {
        self.boxes.clear();
    }

    /// Adds a box.
    pub fn add(&mut self, outline: Outline) {
        self.boxes.push(outline);
    }

    /// What was found last.
    #[must_use]
    pub fn found(&self) -> &[Collision] {
        &self.found
    }

    /// Finds all pairs that touch, but those that belong together; the number of those that did not touch before.
    pub fn find(&mut self, together: impl Fn(u32, u32) -> bool) -> u64 {
        let mut before = std::mem::take(&mut self.before);
        before.clear();
        before.extend(self.found.iter().map(|c| c.who));
        self.found.clear();
        self.cells.clear();
        self.cells.extend(self.boxes.iter().enumerate().map(|(i, b)| {
            let (column, row) = cell(&b.footprint.centre);
            (key(column, row), i as u32)
        }));
        self.cells.sort_unstable();
        for i in 0..self.cells.len() {
            let (_, a) = self.cells[i];
            let (column, row) = cell(&self.boxes[a as usize].footprint.centre);
            // The rest of the own square and the one above it lie side by side; then the three of the next column.
            let above = self.cells[i + 1..].iter().take_while(|(k, _)| *k <= key(column, row + 1));
            let first = key(column + 1, row - 1);
            let start = i + 1 + self.cells[i + 1..].partition_point(|(k, _)| *k < first);
            let beside = self.cells[start..].iter().take_while(|(k, _)| *k <= key(column + 1, row + 1));
            for &(_, b) in above.chain(beside) {
                let (a, b) = (&self.boxes[a as usize], &self.boxes[b as usize]);
                if a.footprint.touches(&b.footprint) && !together(a.id, b.id) {
                    let who = [a.id.min(b.id), a.id.max(b.id)];
                    let at = nalgebra::center(&a.footprint.centre, &b.footprint.centre);
                    self.found.push(Collision { who, relative_mps: (a.velocity - b.velocity).norm(), at });
                }
            }
        }
        self.found.sort_unstable_by_key(|c| c.who);
        let new = self.found.iter().filter(|c| before.binary_search(&c.who).is_err()).count();
        self.before = before;
        new as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Luck;

    fn outline(id: u32, x: f64, y: f64, yaw: f64, length: f64, width: f64) -> Outline {
        let footprint = Footprint::new(Point2::new(x, y), yaw, length, width);
        Outline { id, footprint, velocity: footprint.way }
    }

    #[test]
    fn the_squares_find_exactly_the_pairs_that_touch() {
        let mut luck = Luck::new(3, "boxes");
        let mut contacts = Contacts::default();
        let boxes: Vec<_> = (0..800)
            .map(|i| {
                let (x, y) = (luck.between(-300.0, 300.0), luck.between(-300.0, 300.0));
                outline(i, x, y, luck.between(-4.0, 4.0), luck.between(0.5, 18.0), luck.between(0.5, 3.0))
            })
            .collect();
        boxes.iter().for_each(|b| contacts.add(*b));
        let new = contacts.find(|_, _| false);
        let mut expected = Vec::new();
        for (i, a) in boxes.iter().enumerate() {
            expected.extend(boxes[i + 1..].iter().filter(|b| a.footprint.touches(&b.footprint)).map(|b| [a.id, b.id]));
        }
        let found: Vec<_> = contacts.found().iter().map(|c| c.who).collect();
        assert!(expected.len() > 50, "{}", expected.len());
        assert_eq!(found, expected);
        assert_eq!(new as usize, expected.len());
        contacts.clear();
        boxes.iter().for_each(|b| contacts.add(*b));
        assert_eq!(contacts.find(|_, _| false), 0, "they touched before");
    }
}
