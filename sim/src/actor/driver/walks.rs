//! Drivers and the people on crosswalks: whom one stops for, and what people see of a vehicle.

use super::{Driver, Scene};
use crate::actor::Kind;
use crate::road::Road;
use crate::scene::Passing;

impl Driver {
    /// The vehicle as people at the crosswalks near it see it.
    pub fn passing<'a>(&'a self, road: &'a Road) -> impl Iterator<Item = Passing> + 'a {
        let walks = self.route.walks.iter().zip(&self.walk_committed).zip(&self.walk_sweep);
        walks.filter_map(move |((mark, &committed), sweep)| {
            let half = 0.5 * self.size.width_m + 0.6 + sweep;
            let distance_m = mark.from_m - self.front_m;
            if distance_m > 60.0 || self.rear_m() > mark.to_m {
                return None;
            }
            let mut band_m = (mark.across_m - half, mark.across_m + half);
            if distance_m < 1.0 {
                // A long vehicle in a turn cuts the corner: its body, not its path, is in the way.
                let walk = &road.walks[mark.walk];
                for point in self.body(0, Kind::Car).outline() {
                    let beside = walk.line.beside_all(point);
                    if beside.left_m.abs() < 0.5 * walk.width_m + 1.0 {
                        band_m = (band_m.0.min(beside.along_m - 0.6), band_m.1.max(beside.along_m + 0.6));
                    }
                }
            }
            Some(Passing { walk: mark.walk, band_m, distance_m, speed_mps: self.speed_mps, committed })
        })
    }

    pub(super) fn decide_walks(&mut self, scene: &Scene<'_>) {
        for (i, mark) in self.route.walks.iter().enumerate() {
            let distance = mark.from_m - self.front_m;
            if self.rear_m() > mark.to_m || distance > 60.0 {
                continue;
            }
            let clear_s = self.seconds_to(mark.to_m + self.length_m() - self.front_m);
            let half = 0.5 * self.size.width_m + 0.9 + self.walk_sweep[i];
            let somebody = scene.on_walk.iter().filter(|p| p.walk == mark.walk).any(|p| {
                let gap = mark.across_m - p.at_m;
                gap.abs() < half || (gap * p.speed_mps > 0.0 && (gap.abs() - half) / p.speed_mps.abs() < clear_s + 0.5)
            });
            if somebody {
                self.walk_committed[i] &= distance < self.speed_mps.powi(2) / (2.0 * 3.5);
            } else if distance < self.decide_at() {
                self.walk_committed[i] = true;
            }
        }
    }
}
