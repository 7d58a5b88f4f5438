//! What everybody on the road can see of everybody else in one step: a snapshot, so that no actor sees another half moved.

use std::collections::BTreeMap;

use calibration::Timestamp;
use nalgebra::Point2;
use rsu::world::Light;

use crate::actor::{ActorId, Body};
use crate::road::{Road, WalkId, WayId};

/// What the signal groups show, and until when.
pub type Lights = BTreeMap<u8, (Light, Option<Timestamp>)>;

/// A vehicle that has decided to drive through a crossing.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Claim {
    /// Who.
    pub actor: ActorId,
    /// Which way.
    pub way: WayId,
    /// Its rear, metres along the way; negative before the stop line.
    pub rear_m: f64,
}

/// A vehicle on its way to a stop line that it may pass.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Approach {
    /// Who.
    pub actor: ActorId,
    /// Which way.
    pub way: WayId,
    /// From its front to the stop line, metres.
    pub distance_m: f64,
    /// Speed, m/s.
    pub speed_mps: f64,
}

/// Somebody on a crosswalk.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct OnWalk {
    /// Which crosswalk.
    pub walk: WalkId,
    /// Where on it, metres along its line.
    pub at_m: f64,
    /// Speed along its line, m/s.
    pub speed_mps: f64,
}

/// A vehicle near a crosswalk, as people on foot see it.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Passing {
    /// Which crosswalk.
    pub walk: WalkId,
    /// The stretch of the crosswalk that it sweeps, metres along its line.
    pub band_m: (f64, f64),
    /// From its front to the crosswalk, metres; negative when it is on it.
    pub distance_m: f64,
    /// Speed, m/s.
    pub speed_mps: f64,
    /// It will not stop any more.
    pub committed: bool,
}

/// One step's snapshot.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The moment.
    pub now: Timestamp,
    /// The road.
    pub road: &'a Road,
    /// All bodies, in the order of their numbers.
    pub bodies: &'a [Body],
    /// Index over them.
    pub grid: Grid,
    /// Signals.
    pub lights: &'a Lights,
    /// Vehicles in or entering the crossing; grows while the step is decided.
    pub claims: Vec<Claim>,
    /// Vehicles that could come.
    pub approaches: Vec<Approach>,
    /// People on crosswalks.
    pub on_walk: Vec<OnWalk>,
    /// Vehicles near crosswalks.
    pub passing: Vec<Passing>,
}

impl Scene<'_> {
    /// What a signal group shows; no group: unknown.
    #[must_use]
    pub fn light(&self, group: Option<u8>) -> Light {
        group.and_then(|g| self.lights.get(&g)).map_or(Light::Unknown, |(light, _)| *light)
    }
}

const CELL_M: f64 = 10.0;

/// Bodies by squares of 10 m: sorted by column, row and number, so that a column's rows lie side by side in memory.
#[derive(Debug, Default)]
pub struct Grid(Vec<((i32, i32), usize)>);

impl Grid {
    /// Indexes `bodies`.
    #[must_use]
    pub fn new(bodies: &[Body]) -> Self {
        let mut cells: Vec<_> = bodies.iter().enumerate().map(|(i, body)| (cell(body.place()), i)).collect();
        cells.sort_unstable();
        Self(cells)
    }

    /// Indices of the bodies whose square is within `radius_m` of `point`; some are a little farther.
    pub fn near(&self, point: Point2<f64>, radius_m: f64) -> impl Iterator<Item = usize> + '_ {
        let (low, high) = (
            cell(Point2::new(point.x - radius_m, point.y - radius_m)),
            cell(Point2::new(point.x + radius_m, point.y + radius_m)),
        );
        let mut rest = self.0.as_slice();
        (low.0..=high.0).flat_map(move |x| {
            rest = &rest[rest.partition_point(|(at, _)| *at < (x, low.1))..];
            let (column, later) = rest.split_at(rest.partition_point(|(at, _)| *at <= (x, high.1)));
            rest = later;
            column.iter().map(|&(_, body)| body)
        })
    }
}

fn cell(point: Point2<f64>) -> (i32, i32) {
    ((point.x / CELL_M).floor() as i32, (point.y / CELL_M).floor() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    #[test]
    fn the_grid_finds_everybody_within_the_radius() {
        let bodies: Vec<_> = (0..200u32)
            .map(|i| body(i, Kind::Car, f64::from(i * 37 % 301) - 150.0, f64::from(i * 71 % 293) - 150.0, 0.0))
            .collect();
        let grid = Grid::new(&bodies);
        let here = Point2::new(-13.0, 22.0);
        let found: Vec<_> = grid.near(here, 50.0).collect();
        for (i, body) in bodies.iter().enumerate() {
            assert!((body.place() - here).norm() > 50.0 || found.contains(&i), "body {i}");
        }
        assert!(found.len() < bodies.len());
    }
}
