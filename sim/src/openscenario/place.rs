//! Where an entity is: in the world and on the road, and how it moves from place to place.

use std::f64::consts::{FRAC_PI_2, PI};

use super::position::Orientation;
use super::word::SMALL;
use crate::opendrive::{Choice, Halt, LaneKind, LanePosition, Network, Pose, RoadIndex, RoadPosition, RouteLeg, wrap};

/// A place in the world, on the road where there is one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// On which lane; none: there is no road.
    pub lane: Option<LanePosition>,
    /// To the left of the reference line, metres.
    pub t: f64,
    /// Origin of the entity and its direction.
    pub pose: Pose,
    /// The road there, looking along `s`.
    pub road: Pose,
    /// Heading against the road's, radians in (-π, π].
    pub relative: f64,
    /// The last move came to the end of a road or lane.
    pub halted: bool,
    /// Metres above the road.
    pub lift: f64,
    /// It goes on pavements, too: they count as its lane.
    pub walks: bool,
}

/// The lane that counts for somebody at `t`: the one it is on, else the one whose middle is nearest, among those that it may
/// use; any lane where there is none of them.
#[must_use]
pub fn snap(net: &Network, road: RoadIndex, s: f64, t: f64, walks: bool) -> Option<(i32, f64)> {
    let mut best: Option<(i32, f64)> = None;
    for lane in net.lanes(road, s) {
        let kind = net.lane_kind(road, lane, s);
        if !kind.is_some_and(|k| k.is_driven() || walks && k == LaneKind::Walking) {
            continue;
        }
        let Some(middle) = net.road_position(&LanePosition { road, lane, s, offset: 0.0 }) else { continue };
        let offset = t - middle.t;
        let half = 0.5 * net.lane_width(road, lane, s).unwrap_or(0.0);
        if half < SMALL {
            continue;
        }
        if offset.abs() < half {
            return Some((lane, offset));
        }
        if best.is_none_or(|(_, o)| offset.abs() < o.abs()) {
            best = Some((lane, offset));
        }
    }
    best.or_else(|| net.lane_at(road, s, t))
}

/// An angle points forward.
#[must_use]
pub fn is_forward(angle: f64) -> bool {
    wrap(angle).abs() <= FRAC_PI_2
}

impl Place {
    /// On a lane, looking `relative` radians against the road; `None`: there is no such road or lane.
    #[must_use]
    pub fn on_lane(net: &Network, at: LanePosition, relative: f64) -> Option<Self> {
        let length = net.road_length(at.road)?;
        let at = LanePosition { s: at.s.clamp(0.0, length), ..at };
        let road = net.pose_at_lane(&at)?;
        let t = net.road_position(&at)?.t;
        let pose = road.turned(relative, 0.0, 0.0);
        Some(Self { lane: Some(at), t, pose, road, relative: wrap(relative), ..Self::default() })
    }

    /// On a road, `t` metres to the left of its reference line, looking `relative` radians against it.
    #[must_use]
    pub fn on_road(net: &Network, at: RoadPosition, relative: f64) -> Option<Self> {
        let length = net.road_length(at.road)?;
        let at = RoadPosition { s: at.s.clamp(0.0, length), ..at };
        let (lane, offset) = net.lane_at(at.road, at.s, at.t)?;
        let road = net.pose_at_road(&at)?;
        let lane = LanePosition { road: at.road, lane, s: at.s, offset };
        let pose = road.turned(relative, 0.0, 0.0);
        Some(Self { lane: Some(lane), t: at.t, pose, road, relative: wrap(relative), ..Self::default() })
    }

    /// Anywhere in the world; its height, pitch and roll are those of the road there where they are not given.
    #[must_use]
    pub fn in_world(
        net: &Network,
        [x, y]: [f64; 2],
        z: Option<f64>,
        o: Orientation,
        hint: Option<RoadPosition>,
        walks: bool,
    ) -> Self {
        let yaw = wrap(o.h.unwrap_or(0.0));
        let found = net.locate(x, y, hint).and_then(|at| {
            let (lane, offset) = snap(net, at.road.road, at.road.s, at.road.t, walks)?;
            let lane = LanePosition { lane, offset, ..at.lane };
            let road = net.pose_at_lane(&lane).or_else(|| net.pose_at_road(&at.road))?;
            Some((lane, at.road.t, road))
        });
        let Some((lane, t, road)) = found else {
            let (pitch, roll) = (o.p.unwrap_or(0.0), o.r.unwrap_or(0.0));
            let pose = Pose { x, y, z: z.unwrap_or(0.0), yaw, pitch, roll, curvature: 0.0 };
            return Self { pose, relative: yaw, walks, ..Self::default() };
        };
        let relative = wrap(yaw - road.yaw);
        let on_road = road.turned(relative, 0.0, 0.0);
        let pose = Pose {
            x,
            y,
            z: z.unwrap_or(road.z),
            yaw,
            pitch: o.p.unwrap_or(on_road.pitch),
            roll: o.r.unwrap_or(on_road.roll),
            curvature: road.curvature,
        };
        Self { lane: Some(lane), t, pose, road, relative, walks, ..Self::default() }
    }

    /// So many metres above the road.
    #[must_use]
    pub fn lifted(mut self, lift: f64) -> Self {
        self.pose.z += lift - self.lift;
        self.lift = lift;
        self
    }

    /// Place on the road in road coordinates.
    #[must_use]
    pub fn road_position(&self) -> Option<RoadPosition> {
        self.lane.map(|l| RoadPosition { road: l.road, s: l.s, t: self.t })
    }

    /// Looks along `s`.
    #[must_use]
    pub fn forward(&self) -> bool {
        is_forward(self.relative)
    }

    /// Distance and direction to a point: forward, left, metres.
    #[must_use]
    pub fn local(&self, x: f64, y: f64) -> [f64; 2] {
        let (sin, cos) = self.pose.yaw.sin_cos();
        let (dx, dy) = (x - self.pose.x, y - self.pose.y);
        [cos * dx + sin * dy, cos * dy - sin * dx]
    }

    /// Moves onto a lane, keeping the heading against the road.
    pub fn set_lane(&mut self, net: &Network, at: LanePosition) {
        if let Some(there) = Self::on_lane(net, at, self.relative) {
            *self = Self { halted: self.halted, walks: self.walks, ..there }.lifted(self.lift);
        }
    }

    /// Moves to a point with an absolute heading.
    pub fn set_world(&mut self, net: &Network, x: f64, y: f64, yaw: f64) {
        let o = Orientation { h: Some(yaw), ..Orientation::default() };
        *self = Self::in_world(net, [x, y], None, o, self.road_position(), self.walks).lifted(self.lift);
    }

    /// Turns to an absolute heading.
    pub fn turn_to(&mut self, yaw: f64) {
        self.turn(wrap(yaw - self.road.yaw));
    }

    /// Turns to a heading against the road.
    pub fn turn(&mut self, relative: f64) {
        self.relative = wrap(relative);
        if self.lane.is_some() {
            let turned = self.road.turned(self.relative, 0.0, 0.0);
            self.pose = Pose { yaw: turned.yaw, pitch: turned.pitch, roll: turned.roll, ..self.pose };
        } else {
            self.pose.yaw = self.relative;
        }
    }

    /// Turns to a heading against the direction in which it drives, along `s` or against it.
    pub fn turn_from_driving(&mut self, angle: f64) {
        self.turn(if self.forward() { angle } else { angle + PI });
    }

    /// Drives `distance` metres in its direction, keeping lane and offset; `legs`: the route it follows. With `exact` the
    /// distance is driven on the lane, without it along the reference line. `true`: it has entered a junction and chosen.
    pub fn drive(&mut self, net: &Network, distance: f64, way: &Choice<'_>, exact: bool) -> bool {
        let Some(lane) = self.lane else { return false };
        let ds = if self.forward() { distance } else { -distance };
        let done = if exact { net.advance_distance(lane, ds, way) } else { net.advance(lane, ds, way) };
        let relative = if done.reversed { self.relative + PI } else { self.relative };
        if let Some(there) = Self::on_lane(net, done.at, relative) {
            *self = Self { walks: self.walks, ..there }.lifted(self.lift);
        }
        let ended = |halt: Option<Halt>| matches!(halt, Some(Halt::EndOfRoad | Halt::EndOfLane));
        // To stand exactly at the end of a road that leads nowhere is to have come to it.
        let at = done.at;
        let length = net.road_length(at.road).unwrap_or(0.0);
        let edge = if at.s > length - SMALL { SMALL } else { -SMALL };
        let on_edge = at.s > length - SMALL || at.s < SMALL;
        self.halted = ended(done.halt) || on_edge && ended(net.advance(at, 2.0 * edge, way).halt);
        done.chose
    }

    /// Metres along the reference line that a step of so many metres on this lane is.
    #[must_use]
    pub fn along_reference(&self, distance: f64) -> f64 {
        let scale = 1.0 - self.road.curvature * self.t;
        if self.lane.is_none() || scale < SMALL { distance } else { distance / scale }
    }
}

/// A route that is followed: stretches of lanes, and where each begins along it.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// The stretches.
    pub legs: Vec<RouteLeg>,
    /// Where each begins, metres; one more for the end.
    pub starts: Vec<f64>,
}

impl Course {
    /// A way through these places, each reached from the one before.
    #[must_use]
    pub fn through(net: &Network, places: &[LanePosition]) -> Option<Self> {
        let mut legs: Vec<RouteLeg> = Vec::new();
        for pair in places.windows(2) {
            legs.extend(net.route(pair[0], pair[1])?);
        }
        let mut starts = vec![0.0];
        for leg in &legs {
            let length = if leg.changed_lane { 0.0 } else { (leg.to - leg.from).abs() };
            starts.push(starts.last().copied().unwrap_or(0.0) + length);
        }
        (!legs.is_empty()).then_some(Self { legs, starts })
    }

    /// The leg and `s` so far along the route.
    #[must_use]
    pub fn at(&self, s: f64) -> Option<(RouteLeg, f64)> {
        let i = self.starts.partition_point(|&start| start <= s).clamp(1, self.legs.len()) - 1;
        let leg = self.legs[i];
        let sign = if leg.to >= leg.from { 1.0 } else { -1.0 };
        Some((leg, leg.from + sign * (s - self.starts[i])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_road_a_place_is_only_in_the_world() {
        let net = Network::default();
        let o = Orientation { h: Some(FRAC_PI_2), ..Orientation::default() };
        let mut place = Place::in_world(&net, [1.0, 2.0], None, o, None, false);
        place.drive(&net, 3.0, &Choice::default(), true);
        assert!((place.pose.x - 1.0).abs() < 1e-12 && (place.pose.y - 2.0).abs() < 1e-12);
        let [ahead, left] = place.local(0.0, 2.0);
        assert!(ahead.abs() < 1e-12 && (left - 1.0).abs() < 1e-12);
        place.turn(-FRAC_PI_2);
        assert!(place.forward() && !is_forward(PI));
    }
}
