//! Where somebody came to a stand: at the dock, the gate, the stop line.

use std::collections::BTreeMap;

use nalgebra::Point2;

use crate::actor::{ActorId, Body};

/// Slower is standing, m/s.
const STANDS_MPS: f64 = 0.005;
/// A stand this near the one before is the same, metres.
const SAME_M: f64 = 0.5;
/// Road users, and stands kept of each.
const MEMBERS: usize = 256;
const KEPT: usize = 100;

/// Places where those with a name stood.
#[derive(Clone, Debug, Default)]
pub struct Stands(BTreeMap<ActorId, Vec<Point2<f64>>>);

impl Stands {
    /// Takes the state of one road user at one moment; a stand is where it was last seen standing.
    pub fn add(&mut self, body: &Body) {
        let room = self.0.len() < MEMBERS || self.0.contains_key(&body.id);
        if !room || body.velocity.norm() > STANDS_MPS {
            return;
        }
        let stands = self.0.entry(body.id).or_default();
        let full = stands.len() >= KEPT;
        match stands.last_mut() {
            Some(last) if (*last - body.place()).norm() < SAME_M => *last = body.place(),
            _ if full => {}
            _ => stands.push(body.place()),
        }
    }

    /// Distance from `place` to the nearest place where this one stood, metres.
    #[must_use]
    pub fn nearest_m(&self, id: ActorId, place: Point2<f64>) -> Option<f64> {
        let stands = self.0.get(&id)?;
        stands.iter().map(|stand| (stand - place).norm()).min_by(f64::total_cmp)
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::{Vector2, Vector3};

    use super::*;
    use crate::actor::Kind;

    #[test]
    fn a_stand_is_a_place_without_speed() {
        let body = |x: f64, speed: f64| Body {
            id: 1,
            kind: Kind::Agv,
            size: Kind::Agv.size(),
            position: Vector3::new(x, 2.0, 0.0),
            yaw: 0.0,
            velocity: Vector2::new(speed, 0.0),
            yaw_rate: 0.0,
        };
        let mut stands = Stands::default();
        for (x, speed) in [(0.0, 3.0), (10.0, 0.0), (10.02, 0.0), (15.0, 2.0), (20.0, 0.0)] {
            stands.add(&body(x, speed));
        }
        let from = |x: f64| stands.nearest_m(1, Point2::new(x, 2.0)).expect("it stood");
        assert!((from(10.0) - 0.02).abs() < 1e-9 && from(20.0) < 1e-9 && (from(15.0) - 4.98).abs() < 1e-9);
        assert_eq!(stands.nearest_m(2, Point2::origin()), None);
    }
}
