//! Distances between entities and places, along and across roads, entities and trajectories.

use nalgebra::{Point2, Vector2};

use super::actor::Actor;
use super::condition::Ruler;
use super::place::Place;
use super::reader::EntityId;
use super::word::{Frame, Measure};
use super::world::World;
use crate::footprint::Footprint;
use crate::opendrive::{Choice, LanePosition};

/// Farther along roads is not looked for, metres.
const REACH_M: f64 = 50_000.0;

/// How a place lies from another along the road.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Delta {
    /// Ahead of it, metres; negative behind.
    pub ds: f64,
    /// To the left along `s`, metres.
    pub dt: f64,
    /// Lanes to the left.
    pub lanes: i32,
    /// On the other side of the reference line.
    pub opposite: bool,
    /// Looks the same way along the road.
    pub same_way: bool,
}

impl World {
    /// How `b` lies from `a` along the roads; `None`: no way between them.
    #[must_use]
    pub fn delta(&self, a: &Place, b: &Place) -> Option<Delta> {
        let (from, to) = (a.lane?, b.lane?);
        let sign = if a.forward() { 1.0 } else { -1.0 };
        if from.road == to.road {
            let (lanes, opposite) = lanes_between(from.lane, to.lane);
            let same_way = a.forward() == b.forward();
            return Some(Delta { ds: sign * (to.s - from.s), dt: b.t - a.t, lanes, opposite, same_way });
        }
        let ds = self.net.distance(from, to, REACH_M)?;
        // The lane that its own leads to there, where it leads there.
        let legs = self.net.route(from, to).unwrap_or_default();
        let way = if legs.is_empty() { Choice::Straightest } else { Choice::Route(&legs) };
        let there = self.net.advance(from, ds, &way);
        let reached = if there.at.road == to.road { there.at } else { LanePosition { lane: from.lane, ..to } };
        let (lanes, opposite) = lanes_between(reached.lane, to.lane);
        let dt = if there.reversed { b.t + a.t } else { b.t - a.t };
        let same_way = (a.forward() == b.forward()) != there.reversed;
        Some(Delta { ds: sign * ds, dt, lanes, opposite, same_way })
    }

    /// Distance from an entity to another, signed: ahead and to the left are positive. `None`: there is none.
    #[must_use]
    pub fn distance(&self, who: EntityId, other: EntityId, ruler: Ruler) -> Option<f64> {
        let (a, b) = (&self.actors[who], &self.actors[other]);
        if !ruler.freespace {
            return self.distance_to(who, &b.place, ruler);
        }
        match (ruler.measure, ruler.frame) {
            (Measure::Euclidean, _) | (_, Frame::Entity | Frame::World | Frame::Trajectory) => {
                Some(free(a, &b.footprint(), ruler.measure))
            }
            (measure, _) => self.free_along_road(a, &b.footprint(), measure),
        }
    }

    /// Distance from an entity to a place.
    #[must_use]
    pub fn distance_to(&self, who: EntityId, place: &Place, ruler: Ruler) -> Option<f64> {
        let a = &self.actors[who];
        let (x, y) = (place.pose.x, place.pose.y);
        if ruler.freespace {
            let point = Footprint::new(Point2::new(x, y), 0.0, 0.0, 0.0);
            return match (ruler.measure, ruler.frame) {
                (Measure::Euclidean, _) | (_, Frame::Entity | Frame::World | Frame::Trajectory) => {
                    Some(free(a, &point, ruler.measure))
                }
                (measure, _) => self.free_along_road(a, &point, measure),
            };
        }
        let [ahead, left] = a.place.local(x, y);
        Some(match (ruler.measure, ruler.frame) {
            (Measure::Euclidean, _) => {
                if ahead > 0.0 {
                    ahead.hypot(left)
                } else {
                    -ahead.hypot(left)
                }
            }
            (Measure::Longitudinal, Frame::Entity | Frame::World) => ahead,
            (Measure::Lateral, Frame::Entity | Frame::World) => left,
            (measure, Frame::Trajectory) => match &a.on_track {
                Some(on) => {
                    let (s, t) = on.track.nearest(x, y);
                    if measure == Measure::Longitudinal { s - on.s } else { t }
                }
                None if measure == Measure::Longitudinal => ahead,
                None => left,
            },
            (measure, _) => {
                let delta = self.delta(&a.place, place)?;
                if measure == Measure::Longitudinal { delta.ds } else { delta.dt }
            }
        })
    }

    /// Between boxes along the road: the nearest corners; 0 where they are beside each other.
    fn free_along_road(&self, a: &Actor, other: &Footprint, measure: Measure) -> Option<f64> {
        let hint = a.place.road_position();
        let place = |p: Point2<f64>| {
            let o = super::position::Orientation { h: Some(a.place.pose.yaw), ..Default::default() };
            Place::in_world(&self.net, [p.x, p.y], None, o, hint, a.place.walks)
        };
        let (mine, theirs) = (a.footprint().corners().map(place), other.corners().map(place));
        let mut best: Option<f64> = None;
        let mut signs = (false, false);
        for m in &mine {
            for t in &theirs {
                let delta = self.delta(m, t)?;
                let d = if measure == Measure::Longitudinal { delta.ds } else { delta.dt };
                signs = (signs.0 | (d < 0.0), signs.1 | (d >= 0.0));
                if best.is_none_or(|b| d.abs() < b.abs()) {
                    best = Some(d);
                }
            }
        }
        if signs.0 && signs.1 { Some(0.0) } else { best }
    }
}

fn lanes_between(from: i32, to: i32) -> (i32, bool) {
    let lanes = to - from;
    let opposite = (from < 0) != (to < 0);
    (if opposite { lanes - lanes.signum() } else { lanes }, opposite)
}

/// Between a box and another (a point is one without size), as the crow flies or along the axes of the first.
#[must_use]
pub fn free(a: &Actor, other: &Footprint, measure: Measure) -> f64 {
    let mine = a.footprint();
    let gap = |axis: Vector2<f64>| {
        let span = |of: &Footprint| {
            let (middle, reach) = ((of.centre - mine.centre).dot(&axis), of.reach(&axis));
            (middle - reach, middle + reach)
        };
        let ((a_low, a_high), (b_low, b_high)) = (span(&mine), span(other));
        if b_low > a_high {
            b_low - a_high
        } else if b_high < a_low {
            b_high - a_low
        } else {
            0.0
        }
    };
    match measure {
        Measure::Longitudinal => gap(mine.way),
        Measure::Lateral => gap(mine.left()),
        Measure::Euclidean => {
            let distance = mine.distance(other);
            if gap(mine.way) < 0.0 { -distance } else { distance }
        }
    }
}
