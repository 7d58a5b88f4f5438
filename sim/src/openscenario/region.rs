//! Places in which traffic is made or taken away: a disk, a ring about an entity, a polygon, stretches of roads.

use std::f64::consts::TAU;

use super::place::Place;
use crate::opendrive::{LanePosition, Network, RoadIndex};
use crate::random::Luck;

/// Points drawn until one is on a lane of the region.
const TRIALS: usize = 12;

/// An ellipse, its major axis along its heading.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Ellipse {
    /// Middle, metres.
    pub centre: [f64; 2],
    /// Direction of the major axis, radians.
    pub yaw: f64,
    /// Half axes, metres.
    pub half: [f64; 2],
}

impl Ellipse {
    /// A point is in it.
    #[must_use]
    pub fn holds(&self, [x, y]: [f64; 2]) -> bool {
        let (sin, cos) = self.yaw.sin_cos();
        let (dx, dy) = (x - self.centre[0], y - self.centre[1]);
        let (a, b) = ((cos * dx + sin * dy) / self.half[0], (cos * dy - sin * dx) / self.half[1]);
        a * a + b * b <= 1.0
    }

    /// The point at an angle and share of the way from the middle to the edge.
    fn at(&self, angle: f64, share: f64) -> [f64; 2] {
        let (a, b) = (self.half[0] * share * angle.cos(), self.half[1] * share * angle.sin());
        let (sin, cos) = self.yaw.sin_cos();
        [self.centre[0] + cos * a - sin * b, self.centre[1] + sin * a + cos * b]
    }
}

/// A stretch of a road and its lanes.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// The road.
    pub road: RoadIndex,
    /// From and to, metres along it.
    pub s: [f64; 2],
    /// Lanes; all of them when empty.
    pub lanes: Vec<i32>,
}

/// Where traffic is.
#[derive(Clone, Debug, PartialEq)]
pub enum Region {
    /// Between a circle and an ellipse about the same middle.
    Ring {
        /// Outside this circle, metres.
        inner: f64,
        /// Inside this ellipse.
        outer: Ellipse,
    },
    /// Inside these corners.
    Polygon(Vec<[f64; 2]>),
    /// On these.
    Stretches(Vec<Stretch>),
}

impl Region {
    /// A disk.
    #[must_use]
    pub fn disk(centre: [f64; 2], radius: f64) -> Self {
        Region::Ring { inner: 0.0, outer: Ellipse { centre, yaw: 0.0, half: [radius.max(1e-3); 2] } }
    }

    /// Somebody is in it; those within the circle of a ring have not left it.
    #[must_use]
    pub fn holds(&self, place: &Place) -> bool {
        let at = [place.pose.x, place.pose.y];
        match self {
            Region::Ring { outer, .. } => outer.holds(at),
            Region::Polygon(corners) => inside(corners, at),
            Region::Stretches(all) => place.lane.is_some_and(|l| all.iter().any(|s| s.holds(&l))),
        }
    }

    /// Draws a place on a driving lane in it, in the middle of the lane; `None`: none was found this time.
    pub fn draw(&self, net: &Network, luck: &mut Luck) -> Option<LanePosition> {
        (0..TRIALS).find_map(|_| self.try_draw(net, luck))
    }

    fn try_draw(&self, net: &Network, luck: &mut Luck) -> Option<LanePosition> {
        let at = match self {
            Region::Ring { inner, outer } => {
                let least = outer.half[0].min(outer.half[1]).max(1e-3);
                // Even over the area of a circle.
                let from = (inner / least).min(1.0);
                let share = luck.between(from * from, 1.0).sqrt();
                outer.at(luck.between(0.0, TAU), share)
            }
            Region::Polygon(corners) => {
                let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
                for c in corners {
                    for i in 0..2 {
                        (low[i], high[i]) = (low[i].min(c[i]), high[i].max(c[i]));
                    }
                }
                [luck.between(low[0], high[0]), luck.between(low[1], high[1])]
            }
            Region::Stretches(all) => return Stretch::draw(all, net, luck),
        };
        let found = net.locate(at[0], at[1], None)?;
        let (road, s) = (found.road.road, found.road.s);
        let lane = any(&driving(net, road, s), luck)?;
        let position = LanePosition { road, lane, s, offset: 0.0 };
        let pose = net.pose_at_lane(&position)?;
        let there = [pose.x, pose.y];
        let fits = match self {
            Region::Ring { inner, outer } => {
                let [dx, dy] = [there[0] - outer.centre[0], there[1] - outer.centre[1]];
                outer.holds(there) && dx.hypot(dy) >= *inner
            }
            Region::Polygon(corners) => inside(corners, there),
            Region::Stretches(_) => true,
        };
        fits.then_some(position)
    }
}

impl Stretch {
    fn holds(&self, at: &LanePosition) -> bool {
        let here = at.road == self.road && (self.s[0]..=self.s[1]).contains(&at.s);
        here && (self.lanes.is_empty() || self.lanes.contains(&at.lane))
    }

    fn draw(all: &[Self], net: &Network, luck: &mut Luck) -> Option<LanePosition> {
        let lengths: Vec<_> = all.iter().map(|s| s.s[1] - s.s[0]).collect();
        let chosen = all.get(luck.pick(&lengths))?;
        let s = luck.between(chosen.s[0], chosen.s[1]);
        let mut lanes = driving(net, chosen.road, s);
        lanes.retain(|lane| chosen.lanes.is_empty() || chosen.lanes.contains(lane));
        Some(LanePosition { road: chosen.road, lane: any(&lanes, luck)?, s, offset: 0.0 })
    }
}

fn any(lanes: &[i32], luck: &mut Luck) -> Option<i32> {
    lanes.get(luck.pick(&vec![1.0; lanes.len()])).copied()
}

/// The lanes for motor vehicles at a place of a road.
fn driving(net: &Network, road: RoadIndex, s: f64) -> Vec<i32> {
    let mut lanes = net.lanes(road, s);
    let wide = |lane: i32| net.lane_width(road, lane, s).is_some_and(|w| w > 1.5);
    lanes.retain(|&lane| net.lane_kind(road, lane, s).is_some_and(|k| k.is_driven()) && wide(lane));
    lanes
}

/// Even-odd rule.
fn inside(corners: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let mut odd = false;
    for (i, b) in corners.iter().enumerate() {
        let a = corners[(i + corners.len() - 1) % corners.len()];
        if (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) {
            odd = !odd;
        }
    }
    odd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ellipse_is_long_along_its_heading() {
        let e = Ellipse { centre: [10.0, 0.0], yaw: std::f64::consts::FRAC_PI_2, half: [20.0, 5.0] };
        assert!(e.holds([10.0, 19.0]) && !e.holds([10.0, 21.0]) && e.holds([14.0, 0.0]) && !e.holds([16.0, 0.0]));
        let [x, y] = e.at(0.0, 1.0);
        assert!((x - 10.0).abs() < 1e-9 && (y - 20.0).abs() < 1e-9);
    }

    #[test]
    fn a_polygon_holds_what_is_inside_its_corners() {
        let l = [[0.0, 0.0], [10.0, 0.0], [10.0, 4.0], [4.0, 4.0], [4.0, 10.0], [0.0, 10.0]];
        assert!(
            inside(&l, [2.0, 8.0]) && inside(&l, [8.0, 2.0]) && !inside(&l, [8.0, 8.0]) && !inside(&l, [-1.0, 1.0])
        );
    }
}
