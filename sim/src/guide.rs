//! Parking guidance: which bays are free, as far as a unit sees.

use std::collections::BTreeSet;
use std::sync::Arc;

use calibration::geodesy::{Heading, Yaw};
use nalgebra::{Point2, Vector2};

use crate::scenario::Scenario;

/// Half the length and the width of a bay, metres.
const HALF_M: [f64; 2] = [2.6, 1.25];

/// A bay on the ground.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    id: Arc<str>,
    middle: Point2<f64>,
    way: Vector2<f64>,
}

/// The bays of a scenario.
#[must_use]
pub fn spots(scenario: &Scenario) -> Vec<Spot> {
    let spot = |bay: &crate::scenario::Bay| {
        let yaw = Yaw::from(Heading::from_deg(bay.heading_deg)).rad();
        let way = Vector2::new(yaw.cos(), yaw.sin());
        Spot { id: bay.id.as_str().into(), middle: Point2::new(bay.at[0], bay.at[1]), way }
    };
    scenario.bay.iter().map(|b| spot(b.as_ref())).collect()
}

/// Those in which nobody is seen.
#[must_use]
pub fn free(spots: &[Spot], seen: &[Point2<f64>]) -> BTreeSet<Arc<str>> {
    let within = |spot: &Spot, place: &Point2<f64>| {
        let off = place - spot.middle;
        off.dot(&spot.way).abs() < HALF_M[0] && off.perp(&spot.way).abs() < HALF_M[1]
    };
    spots.iter().filter(|spot| !seen.iter().any(|p| within(spot, p))).map(|spot| spot.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bay_is_free_when_nobody_is_seen_in_it() {
        let bay = |id: &str, east: f64| Spot { id: id.into(), middle: Point2::new(east, 0.0), way: Vector2::y() };
        let spots = [bay("a", 0.0), bay("b", 2.6), bay("c", 5.2)];
        // Somebody a metre off the middle of b, and somebody on the way past c.
        let seen = [Point2::new(3.1, 0.9), Point2::new(5.2, 4.0)];
        let free: Vec<_> = free(&spots, &seen).iter().map(|id| id.to_string()).collect();
        assert_eq!(free, ["a", "c"]);
    }
}
