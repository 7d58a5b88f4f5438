//! A member of a platoon on a drawn path: it follows somebody with a name, by what its own sensors see of whoever is ahead
//! and by what that somebody says over the air.

use std::sync::Arc;

use calibration::Timestamp;
use nalgebra::{Vector2, Vector3};
use perception::Size;

use super::platoon::{Ahead, Member, Settings, Word};
use super::{ActorId, Body, Kind};
use crate::road::Line;

/// Its sensors see so far ahead, metres.
const SEES_M: f64 = 150.0;
/// Whoever is within this of the path is ahead of it, metres from the middle of the lane.
const HALF_LANE_M: f64 = 1.6;
/// Words on their way.
const WORDS: usize = 64;

/// What the one ahead said, on its way.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Said {
    /// When it was said.
    pub at: Timestamp,
    /// When it arrives.
    pub arrives: Timestamp,
    /// Acceleration that was commanded, m/s².
    pub accel: f64,
}

/// A member of a platoon.
#[derive(Clone, Debug)]
pub struct Follower {
    /// Whom it follows.
    pub behind: Arc<str>,
    /// How it drives.
    pub member: Member,
    path: Line,
    /// Its middle, metres along the path.
    at_m: f64,
    size: Size,
    words: Vec<Said>,
    last: Option<Said>,
}

impl Follower {
    /// Behind `behind` on `path`, at its start, with `speed_mps`.
    #[must_use]
    pub fn new(path: Line, behind: Arc<str>, settings: Settings, speed_mps: f64, size: Size) -> Self {
        let member = Member::new(settings, speed_mps);
        Self { behind, member, path, at_m: 0.0, size, words: Vec::new(), last: None }
    }

    /// It is at the end of its path, and leaves the road.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.at_m >= self.path.length()
    }

    /// The path, and how far along it its front is.
    #[must_use]
    pub fn way(&self) -> (&Line, f64) {
        (&self.path, self.at_m + 0.5 * self.size.length_m)
    }

    /// The one ahead said something.
    pub fn hear(&mut self, said: Said) {
        if self.words.len() < WORDS {
            self.words.push(said);
        }
    }

    /// Drives on by `dt` seconds; `bodies` are the true states at `now`, `leader` the number of whom it follows.
    pub fn advance(&mut self, me: ActorId, leader: Option<ActorId>, bodies: &[Body], now: Timestamp, dt: f64) {
        let (arrived, later): (Vec<_>, Vec<_>) = self.words.drain(..).partition(|w| w.arrives <= now);
        self.words = later;
        self.last = self.last.into_iter().chain(arrived).max_by_key(|said| said.at);
        let ahead = self.nearest(me, bodies);
        // Whoever has cut in says nothing: what the one before it does comes too late and too hard.
        // A leader's trailer is the leader.
        let is_leader = |id| leader.is_some_and(|leader| leader == id || super::is_one_vehicle(leader, id));
        let word = self.last.filter(|_| ahead.is_some_and(|(id, _)| is_leader(id)));
        let word = word.map(|said| Word { accel: said.accel, age_s: now.seconds_since(said.at) });
        self.at_m += self.member.step(ahead.map(|(_, ahead)| ahead), word, dt);
    }

    /// The nearest one on its path.
    fn nearest(&self, me: ActorId, bodies: &[Body]) -> Option<(ActorId, Ahead)> {
        let front_m = self.at_m + 0.5 * self.size.length_m;
        let seen = bodies.iter().filter(|b| b.id != me).filter_map(|body| {
            let beside = self.path.beside(body.place(), self.at_m, front_m + SEES_M);
            let yaw = self.path.at(beside.along_m).yaw;
            let (sin, cos) = (body.yaw - yaw).sin_cos();
            let half_width_m = 0.5 * (body.size.width_m * cos.abs() + body.size.length_m * sin.abs());
            let gap_m = beside.along_m - 0.5 * body.size.length_m * cos.abs() - front_m;
            let mine = beside.left_m.abs() - half_width_m < HALF_LANE_M && beside.along_m > self.at_m + 0.1;
            let speed_mps = (body.velocity.x * yaw.cos() + body.velocity.y * yaw.sin()).max(0.0);
            mine.then_some((body.id, Ahead { gap_m, speed_mps }))
        });
        seen.min_by(|a, b| a.1.gap_m.total_cmp(&b.1.gap_m))
    }

    /// The true state.
    #[must_use]
    pub fn body(&self, id: ActorId, kind: Kind) -> Body {
        let spot = self.path.at(self.at_m);
        Body {
            id,
            kind,
            size: self.size,
            position: Vector3::new(spot.position.x, spot.position.y, 0.0),
            yaw: spot.yaw,
            velocity: Vector2::new(spot.yaw.cos(), spot.yaw.sin()) * self.member.speed_mps,
            yaw_rate: 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::Point2;

    use super::*;

    fn leader(x: f64, speed: f64) -> Body {
        Body {
            id: 1,
            kind: Kind::Truck,
            size: Kind::Truck.size(),
            position: Vector3::new(x, 0.0, 0.0),
            yaw: 0.0,
            velocity: Vector2::new(speed, 0.0),
            yaw_rate: 0.0,
        }
    }

    /// The gap after two minutes at 15 m/s, when words come or do not.
    fn gap_m(words: bool, between: Option<f64>) -> f64 {
        let path = Line::new([Point2::new(0.0, 0.0), Point2::new(5000.0, 0.0)]).unwrap();
        let settings = Settings { max_speed_mps: 18.0, ..Settings::default() };
        let mut truck = Follower::new(path, "lead".into(), settings, 15.0, Kind::Truck.size());
        let (mut x, dt) = (25.0, 0.02);
        let mut gap = 0.0;
        for i in 0..6000 {
            let now = Timestamp::from_millis(20 * i);
            if words && i % 5 == 0 {
                truck.hear(Said { at: now, arrives: now, accel: 0.0 });
            }
            let mut bodies = vec![leader(x, 15.0)];
            bodies.extend(between.map(|y| Body { id: 9, position: Vector3::new(x - 13.0, y, 0.0), ..leader(x, 15.0) }));
            truck.advance(2, Some(1), &bodies, now, dt);
            x += 15.0 * dt;
            gap = x - 6.0 - truck.way().1;
        }
        gap
    }

    #[test]
    fn the_gap_is_short_with_words_and_long_without() {
        // 3 m + 0.6 s · 15 m/s, and 3 m + 1.5 s · 15 m/s.
        assert!((gap_m(true, None) - 12.0).abs() < 0.5, "{}", gap_m(true, None));
        assert!((gap_m(false, None) - 25.5).abs() < 0.5, "{}", gap_m(false, None));
    }

    #[test]
    fn whoever_cuts_in_is_kept_away_from_without_words() {
        let gap = gap_m(true, Some(0.3));
        assert!((gap - 25.5 - 13.0).abs() < 0.6, "behind the one that cut in: {gap}");
        assert!((gap_m(true, Some(3.6)) - 12.0).abs() < 0.5, "the other lane does not matter");
    }
}
