//! Post-encroachment time: how long after one road user has left a place another one comes there on another way
//! (Allen 1978). The plane is a grid; whoever covers the centre of a cell is there.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use nalgebra::Point2;

use crate::actor::{ActorId, Body};

/// Side of a cell, metres: the place is known to half of it.
const CELL_M: f64 = 0.5;
/// Longer ago than this is no conflict, seconds.
pub const LONGEST_S: f64 = 5.0;
/// Two that go in about the same direction follow each other, which is headway and no crossing, radians.
const SAME_WAY_RAD: f64 = 0.35;
/// Cells kept; more than two thousand trucks cover.
const CELLS: usize = 1 << 18;
/// Forgotten cells are swept out this often, seconds.
const SWEEP_S: f64 = 1.0;

#[derive(Copy, Clone, Debug)]
struct Last {
    who: ActorId,
    yaw: f64,
    walks: bool,
    at_s: f64,
}

/// One road user came where another one had been.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Encroached {
    /// Who was there first.
    pub first: ActorId,
    /// Who came then.
    pub second: ActorId,
    /// Time between, seconds.
    pub pet_s: f64,
}

/// Mixes the two numbers of a cell. Cells come from simulated places, not from strangers, so nobody makes them collide; the
/// usual hasher takes most of the time of a step.
#[derive(Default)]
struct CellHasher(u64);

impl Hasher for CellHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.write_i32(i32::from(*b)));
    }

    fn write_i32(&mut self, number: i32) {
        // Fibonacci hashing (Knuth, vol. 3, 6.4).
        self.0 = (self.0.rotate_left(5) ^ u64::from(number as u32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// Who was where last.
#[derive(Debug, Default)]
pub struct Encroachment {
    cells: HashMap<(i32, i32), Last, BuildHasherDefault<CellHasher>>,
    swept_s: f64,
}

impl Encroachment {
    /// Takes the places of everybody at `now_s`; `tell` gets each one who came where somebody else had been.
    pub fn step(&mut self, now_s: f64, bodies: &[Body], mut tell: impl FnMut(Encroached)) {
        if now_s - self.swept_s >= SWEEP_S {
            self.cells.retain(|_, last| now_s - last.at_s <= LONGEST_S);
            self.swept_s = now_s;
        }
        for body in bodies {
            let me = Last { who: body.id, yaw: body.yaw, walks: body.kind.walks(), at_s: now_s };
            for_cells(body, |cell| {
                let room = self.cells.len() < CELLS;
                let before = match self.cells.get_mut(&cell) {
                    Some(last) => std::mem::replace(last, me),
                    None if room => {
                        self.cells.insert(cell, me);
                        return;
                    }
                    None => return,
                };
                // Nearly every cell is one's own, from the moment before.
                if before.who == me.who || (before.walks && me.walks) {
                    return;
                }
                let pet_s = now_s - before.at_s;
                let crosses = (before.yaw - me.yaw).cos() < SAME_WAY_RAD.cos();
                if crosses && pet_s <= LONGEST_S {
                    tell(Encroached { first: before.who, second: me.who, pet_s });
                }
            });
        }
    }
}

/// Every cell whose centre lies in the footprint.
fn for_cells(body: &Body, mut tell: impl FnMut((i32, i32))) {
    let corners = body.corners();
    let bounds = |pick: fn(&Point2<f64>) -> f64| {
        let values = corners.iter().map(pick);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v: f64| (lo.min(v), hi.max(v)));
        ((low / CELL_M).floor() as i32, (high / CELL_M).floor() as i32)
    };
    let ((x0, x1), (y0, y1)) = (bounds(|c| c.x), bounds(|c| c.y));
    let (sin, cos) = body.yaw.sin_cos();
    let (l, w) = (0.5 * body.size.length_m, 0.5 * body.size.width_m);
    for x in x0..=x1 {
        for y in y0..=y1 {
            let off = Point2::new((f64::from(x) + 0.5) * CELL_M, (f64::from(y) + 0.5) * CELL_M) - body.place();
            if (cos * off.x + sin * off.y).abs() <= l && (cos * off.y - sin * off.x).abs() <= w {
                tell((x, y));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::Vector2;

    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    /// `a` and `b` at constant velocity in steps of 0.02 s; the shortest time between them.
    fn shortest(a: (f64, f64, f64, f64), b: (f64, f64, f64, f64)) -> Option<f64> {
        let mut grid = Encroachment::default();
        let mut found: Option<f64> = None;
        for i in 0..500 {
            let t = f64::from(i) * 0.02;
            let at = |id, (x, y, yaw, v): (f64, f64, f64, f64)| {
                let way = Vector2::new(yaw.cos(), yaw.sin()) * v * t;
                body(id, Kind::Car, x + way.x, y + way.y, yaw)
            };
            grid.step(t, &[at(1, a), at(2, b)], |e| found = Some(found.map_or(e.pet_s, |f| f.min(e.pet_s))));
        }
        found
    }

    const NORTH: f64 = std::f64::consts::FRAC_PI_2;

    #[test]
    fn the_time_between_two_that_cross_is_that_computed_by_hand() {
        // A's rear leaves the square (x up to 0.9) after (30+2.3+0.9)/10 = 3.32 s; B's front comes in (y from -0.9) after
        // (50-2.3-0.9)/10 = 4.68 s. The shared cells lie between -0.9 and 0.9, their centres up to 0.75: A leaves the last
        // at 3.305 s, B comes to the first at 4.695 s: 1.36 s to 1.42 s.
        let pet = shortest((-30.0, 0.0, 0.0, 10.0), (0.0, -50.0, NORTH, 10.0)).unwrap();
        assert!((1.36..=1.46).contains(&pet), "{pet}");
    }

    #[test]
    fn a_follower_encroaches_on_nobody() {
        assert_eq!(shortest((0.0, 0.0, 0.0, 10.0), (-15.0, 0.0, 0.0, 10.0)), None);
        assert_eq!(shortest((0.0, 0.0, 0.0, 10.0), (-200.0, 5.0, NORTH, 10.0)), None);
    }

    #[test]
    fn after_five_seconds_it_is_no_conflict() {
        assert_eq!(shortest((-2.0, 0.0, 0.0, 10.0), (0.0, -65.0, NORTH, 10.0)), None);
    }
}
