//! The worst moment as a strip of pictures: what was there before it, at it and after it.

use std::collections::VecDeque;

use nalgebra::Point2;

use crate::actor::{ActorId, Body};
use crate::metrics::Metrics;

/// Moments of the strip, seconds from the worst one.
pub const OFFSETS_S: [f64; 6] = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0];
/// Road users shown, those nearest to the place.
const SHOWN: usize = 60;
/// Farther away than this nobody is shown, metres.
const REACH_M: f64 = 40.0;
/// Moments kept to look back: 2 s and a bit at ten a second.
const BACK: usize = 24;

/// One picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Seconds after the start.
    pub at_s: f64,
    /// Half-way between the two whom it is about.
    pub place: Point2<f64>,
    /// Everybody near the place.
    pub bodies: Vec<Body>,
}

/// Why a moment is the worst.
#[derive(Copy, Clone, Debug, PartialEq, PartialOrd)]
pub enum Peril {
    /// Two touched, at this relative speed, m/s.
    Collision(f64),
    /// Smallest time to contact, seconds.
    Ttc(f64),
    /// Smallest distance, metres.
    Distance(f64),
}

impl Peril {
    /// Worse than another: a collision before a time, a time before a distance.
    fn is_worse_than(self, other: Self) -> bool {
        match (self, other) {
            (Peril::Collision(a), Peril::Collision(b)) => a > b,
            (Peril::Ttc(a), Peril::Ttc(b)) | (Peril::Distance(a), Peril::Distance(b)) => a < b,
            (Peril::Collision(_), _) | (Peril::Ttc(_), Peril::Distance(_)) => true,
            _ => false,
        }
    }
}

/// The worst moment so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Seconds after the start.
    pub at_s: f64,
    /// Why.
    pub peril: Peril,
    /// Who.
    pub who: [ActorId; 2],
    /// Where, half-way between the two.
    pub place: Point2<f64>,
    /// The strip, in order.
    pub pictures: Vec<Picture>,
}

/// Watches for the worst moment.
#[derive(Clone, Debug, Default)]
pub struct Film {
    back: VecDeque<(f64, Vec<Body>)>,
    /// The worst moment; none while nobody came near anybody.
    pub worst: Option<Scene>,
    /// Offsets of the strip that still lie ahead.
    to_come: Vec<f64>,
}

impl Film {
    /// Takes one moment after the metrics have taken it.
    pub fn moment(&mut self, t_s: f64, bodies: &[Body], metrics: &Metrics) {
        self.back.push_back((t_s, bodies.to_vec()));
        if self.back.len() > BACK {
            self.back.pop_front();
        }
        if let Some(scene) = &mut self.worst {
            while self.to_come.first().is_some_and(|offset| t_s + 1e-6 >= scene.at_s + offset) {
                self.to_come.remove(0);
                scene.pictures.push(picture(t_s, bodies, scene.who, scene.place));
            }
        }
        let Some((peril, who)) = worst_now(t_s, metrics) else { return };
        if self.worst.as_ref().is_none_or(|scene| peril.is_worse_than(scene.peril)) {
            let find = |id| bodies.iter().find(|b| b.id == id);
            let (Some(a), Some(b)) = (find(who[0]), find(who[1])) else { return };
            let place = nalgebra::center(&a.place(), &b.place());
            self.worst = Some(Scene { at_s: t_s, peril, who, place, pictures: self.look_back(t_s, who, place) });
            self.to_come = OFFSETS_S.into_iter().filter(|o| *o > 0.0).collect();
        }
    }

    fn look_back(&self, t_s: f64, who: [ActorId; 2], place: Point2<f64>) -> Vec<Picture> {
        let mut pictures: Vec<Picture> = Vec::new();
        for offset in OFFSETS_S.into_iter().filter(|o| *o <= 0.0) {
            let found = self.back.iter().find(|(at_s, _)| at_s + 1e-6 >= t_s + offset);
            let new = found.filter(|(at_s, _)| pictures.last().is_none_or(|last| last.at_s < *at_s));
            pictures.extend(new.map(|(at_s, bodies)| picture(*at_s, bodies, who, place)));
        }
        pictures
    }
}

/// A picture round the two whom it is about; round `place` when one is not there.
fn picture(at_s: f64, bodies: &[Body], who: [ActorId; 2], place: Point2<f64>) -> Picture {
    let find = |id| bodies.iter().find(|b| b.id == id).map(Body::place);
    let place = find(who[0]).zip(find(who[1])).map_or(place, |(a, b)| nalgebra::center(&a, &b));
    Picture { at_s, place, bodies: near(bodies, place) }
}

/// The worst that happened to any pair at this very moment.
fn worst_now(t_s: f64, metrics: &Metrics) -> Option<(Peril, [ActorId; 2])> {
    let mut worst: Option<(Peril, [ActorId; 2])> = None;
    for ((a, b), pair) in metrics.looked() {
        // A contact between two looks belongs to this one.
        let recent = |at_s: f64| t_s - at_s < crate::metrics::EVERY_S - 1e-6;
        let hit = pair.collisions.iter().find(|c| recent(c.at_s)).map(|c| Peril::Collision(c.relative_mps));
        let ttc = || pair.ttc_2d_s.found().filter(|(_, at)| *at == t_s).map(|(s, _)| Peril::Ttc(s));
        let distance = || pair.distance_m.found().filter(|(_, at)| *at == t_s).map(|(m, _)| Peril::Distance(m));
        let Some(peril) = hit.or_else(ttc).or_else(distance) else { continue };
        if worst.is_none_or(|(w, _)| peril.is_worse_than(w)) {
            worst = Some((peril, [a, b]));
        }
    }
    worst
}

fn near(bodies: &[Body], place: Point2<f64>) -> Vec<Body> {
    let mut near: Vec<_> = bodies.iter().filter(|b| (b.place() - place).norm() < REACH_M + b.radius()).collect();
    near.sort_by(|a, b| (a.place() - place).norm_squared().total_cmp(&(b.place() - place).norm_squared()));
    near.into_iter().take(SHOWN).cloned().collect()
}

#[cfg(test)]
mod tests {
    use nalgebra::Vector2;

    use crate::actor::Kind;
    use crate::actor::tests::body;
    use crate::recorder::Recorder;

    use super::*;

    /// A car goes east at 10 m/s past a parked van, 1 m beside it, or into it.
    fn filmed(beside_m: f64) -> Scene {
        let mut recorder = Recorder::default();
        for i in 0..100 {
            let t = f64::from(i) * 0.1;
            let mut car = body(1, Kind::Car, 10.0 * t, 0.0, 0.0);
            car.velocity = Vector2::new(10.0, 0.0);
            let van = body(2, Kind::Van, 50.0, 1.9 + beside_m, 0.0);
            recorder.moment(t, &[car, van], &|id| (format!("{id}"), true)).unwrap();
        }
        recorder.finish().unwrap().film.worst.unwrap()
    }

    #[test]
    fn a_pass_is_worst_where_the_two_are_nearest() {
        let scene = filmed(1.0);
        let Peril::Distance(m) = scene.peril else { panic!("{:?}", scene.peril) };
        // The half lengths add up to 5.1 m: from 4.5 s on they are side by side.
        assert!((m - 1.0).abs() < 1e-9 && (scene.at_s - 4.5).abs() < 1e-9, "{scene:?}");
        let moments: Vec<_> = scene.pictures.iter().map(|p| (10.0 * p.at_s).round()).collect();
        assert_eq!(moments, [25.0, 35.0, 40.0, 45.0, 50.0, 55.0]);
        assert!(scene.pictures.iter().all(|p| p.bodies.len() == 2));
        let places: Vec<_> = scene.pictures.iter().map(|p| (2.0 * p.place.x).round()).collect();
        assert_eq!(places, [75.0, 85.0, 90.0, 95.0, 100.0, 105.0], "each picture is round the two of its moment");
    }

    #[test]
    fn a_collision_is_worse_than_anything() {
        let scene = filmed(-0.5);
        assert_eq!(scene.peril, Peril::Collision(10.0));
        assert!((scene.at_s - 4.5).abs() < 0.11, "{scene:?}");
        assert_eq!(scene.who, [1, 2]);
        assert!(Peril::Ttc(0.5).is_worse_than(Peril::Distance(0.0)));
        assert!(!Peril::Distance(0.0).is_worse_than(Peril::Collision(0.1)));
    }
}
