//! What is ahead of somebody on a line: the nearest body in the band that the own one sweeps.

use nalgebra::Vector2;

use super::{ActorId, Body};
use crate::road::{Beside, Line, wrap};
use crate::scene::Scene;

/// The band that a vehicle sweeps along its line.
#[derive(Copy, Clone, Debug)]
pub struct Swept<'a> {
    /// The line.
    pub line: &'a Line,
    /// Rear of the vehicle, metres along the line.
    pub rear_m: f64,
    /// Its front.
    pub front_m: f64,
    /// Its middle, metres to the left of the line.
    pub left_m: f64,
    /// Half the width of the band, metres.
    pub half_m: f64,
}

impl Swept<'_> {
    /// The nearest thing within `look_m` ahead: the gap to it, metres, and its speed along the line, m/s.
    #[must_use]
    pub fn nearest(&self, me: ActorId, look_m: f64, scene: &Scene<'_>) -> Option<(f64, f64)> {
        let to = self.front_m + look_m;
        let here = self.line.at(self.front_m + 0.5 * look_m).position;
        let mut nearest: Option<(f64, f64)> = None;
        for i in scene.grid.near(here, 0.5 * look_m + 10.0) {
            let other = &scene.bodies[i];
            let reach = other.radius();
            // A line bends: nothing on it lies farther from its middle than half its length and a little.
            let far = 0.5 * look_m + reach + self.half_m + self.left_m.abs() + 1.0;
            let own = other.id == me || super::is_one_vehicle(other.id, me);
            if own || (other.place() - here).norm_squared() > far * far {
                continue;
            }
            let mut centre = self.line.beside(other.place(), self.rear_m, to);
            centre.left_m -= self.left_m;
            if centre.left_m.abs() > self.half_m + reach
                || centre.along_m + reach < self.front_m
                || centre.along_m - reach > to
            {
                continue;
            }
            let Some(gap) = self.gap_to(other, centre, to) else { continue };
            let yaw = self.line.at(self.front_m + gap.max(0.0)).yaw;
            let speed = other.velocity.dot(&Vector2::new(yaw.cos(), yaw.sin()));
            if nearest.is_none_or(|(g, _)| gap < g) {
                nearest = Some((gap, speed));
            }
        }
        nearest
    }

    /// Gap to a body whose centre lies at `centre` beside the band's middle; none when it leaves the band free.
    fn gap_to(&self, other: &Body, centre: Beside, to: f64) -> Option<f64> {
        let course = self.line.at(centre.along_m).yaw;
        if centre.left_m.abs() < self.half_m && wrap(other.yaw - course).abs() < 0.1 {
            let gap = centre.along_m - 0.5 * other.size.length_m - self.front_m;
            return (gap > -0.5 * other.size.length_m).then_some(gap);
        }
        let ahead = other.outline().into_iter().filter_map(|p| {
            let beside = self.line.beside(p, self.rear_m, to);
            let gap = beside.along_m - self.front_m;
            ((beside.left_m - self.left_m).abs() < self.half_m && gap > -0.3).then_some(gap)
        });
        ahead.min_by(f64::total_cmp)
    }
}
