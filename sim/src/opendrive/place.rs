//! From road and lane coordinates to the world.

use super::pose::wrap;
use super::road::Road;
use super::signal::{Orientation, Signal};
use super::{LaneKind, LanePosition, Network, Object, Pose, RoadIndex, RoadPosition};

impl Network {
    /// The world pose of a place in road coordinates, oriented as the road (along `s`); `None`: no such road. An `s` beyond
    /// an end is taken as that end.
    #[must_use]
    pub fn pose_at_road(&self, at: &RoadPosition) -> Option<Pose> {
        let road = self.roads.get(at.road)?;
        let s = at.s.clamp(0.0, road.length);
        let (lane, _) = road.section(s).lane_at(at.t - road.lane_offset.at(s), s);
        Some(road.pose(s, at.t, lane))
    }

    /// The world pose of a place in lane coordinates, oriented as the lane there (along `s`; a lane that widens or shifts
    /// turns against the road by the slope of its middle); `None`: no such road or lane.
    #[must_use]
    pub fn pose_at_lane(&self, at: &LanePosition) -> Option<Pose> {
        let road = self.roads.get(at.road)?;
        let s = at.s.clamp(0.0, road.length);
        let (middle, slope) = road.middle(road.section_at(s), at.lane, s)?;
        let pose = road.pose(s, middle + at.offset, at.lane);
        Some(if slope == 0.0 { pose } else { pose.turned(slope.atan(), 0.0, 0.0) })
    }

    /// Lane to road coordinates; `None`: no such road or lane.
    #[must_use]
    pub fn road_position(&self, at: &LanePosition) -> Option<RoadPosition> {
        let road = self.roads.get(at.road)?;
        let s = at.s.clamp(0.0, road.length);
        let (middle, _) = road.middle(road.section_at(s), at.lane, s)?;
        Some(RoadPosition { road: at.road, s, t: middle + at.offset })
    }

    /// Road to lane coordinates, on the lane there or the nearest; `None`: no such road.
    #[must_use]
    pub fn lane_position(&self, at: &RoadPosition) -> Option<LanePosition> {
        let (lane, offset) = self.lane_at(at.road, at.s, at.t)?;
        Some(LanePosition { road: at.road, lane, s: at.s, offset })
    }

    /// The lane at `t` and the offset from its middle; the outermost when beside the road, 0 where there are no lanes;
    /// `None`: no such road.
    #[must_use]
    pub fn lane_at(&self, road: RoadIndex, s: f64, t: f64) -> Option<(i32, f64)> {
        let road = self.roads.get(road)?;
        let s = s.clamp(0.0, road.length);
        Some(road.section(s).lane_at(t - road.lane_offset.at(s), s))
    }

    /// The lane among those of wanted kinds at or nearest to `t`, and the offset from its middle.
    #[must_use]
    pub fn nearest_lane(
        &self,
        road: RoadIndex,
        s: f64,
        t: f64,
        wanted: impl Fn(LaneKind) -> bool,
    ) -> Option<(i32, f64)> {
        let road = self.roads.get(road)?;
        let s = s.clamp(0.0, road.length);
        road.section(s).pick(t - road.lane_offset.at(s), s, |lane| wanted(lane.kind))
    }

    /// Lanes at `s` from left to right, the centre lane 0 left out.
    #[must_use]
    pub fn lanes(&self, road: RoadIndex, s: f64) -> Vec<i32> {
        let road = self.roads.get(road);
        road.map(|road| road.section(s).lanes().map(|lane| lane.id).collect()).unwrap_or_default()
    }

    /// Width of a lane, metres.
    #[must_use]
    pub fn lane_width(&self, road: RoadIndex, lane: i32, s: f64) -> Option<f64> {
        let [inner, outer] = self.roads.get(road)?.section(s).edges(lane, s)?;
        Some(outer.at - inner.at)
    }

    /// What a lane is for.
    #[must_use]
    pub fn lane_kind(&self, road: RoadIndex, lane: i32, s: f64) -> Option<LaneKind> {
        self.roads.get(road)?.section(s).lane(lane).map(|lane| lane.kind)
    }

    /// Traffic on this lane runs in direction of `s`: right lanes where traffic keeps right, left lanes where it keeps left.
    #[must_use]
    pub fn runs_forward(&self, road: RoadIndex, lane: i32) -> bool {
        self.roads.get(road).is_none_or(|road| road.runs_forward(lane))
    }

    /// Speed limit of the lane, else of the road, m/s; `None`: the file has none there.
    #[must_use]
    pub fn speed_limit(&self, road: RoadIndex, lane: i32, s: f64) -> Option<f64> {
        let road = self.roads.get(road)?;
        let own = road.section(s).lane(lane).and_then(|lane| lane.speed_limit(s));
        own.unwrap_or_else(|| road.speed_limit(s))
    }

    /// Where an object stands and how it is turned; `forward` of its body and `u` of its outline run along the yaw.
    #[must_use]
    pub fn object_pose(&self, road: RoadIndex, object: &Object) -> Option<Pose> {
        let pose = self.pose_at_road(&RoadPosition { road, s: object.s, t: object.t })?;
        let ([x, y, z], [yaw, pitch, roll]) = (pose.offset(0.0, 0.0, object.z_offset), object.turned);
        Some(Pose { x, y, z, ..pose }.turned(yaw, pitch, roll))
    }

    /// Where a signal stands and which way it looks: against the traffic that it holds for.
    #[must_use]
    pub fn signal_pose(&self, road: RoadIndex, signal: &Signal) -> Option<Pose> {
        if let Some([x, y, z, yaw]) = signal.stands_at {
            return Some(Pose { x, y, z, yaw: wrap(yaw), ..Pose::default() });
        }
        let pose = self.pose_at_road(&RoadPosition { road, s: signal.s, t: signal.t })?;
        let [x, y, z] = pose.offset(0.0, 0.0, signal.z_offset);
        let about = if signal.orientation == Orientation::Backward { 0.0 } else { std::f64::consts::PI };
        Some(Pose { x, y, z, ..pose }.turned(about + signal.h_offset, 0.0, 0.0))
    }
}

impl Road {
    /// The pose at `s` (inside the road) and `t`, on the surface of a lane.
    pub(super) fn pose(&self, s: f64, t: f64, lane: i32) -> Pose {
        let (line, curvature) = self.line_and_curvature(s);
        let (pitch, roll) = (-self.elevation.slope(s).atan(), self.lateral.superelevation.at(s));
        let up = if self.relief { self.height(s, lane, t) } else { 0.0 };
        let (sin, cos) = line.heading.sin_cos();
        // The place (0, t, up), rolled, pitched, turned.
        let (left, above) = (t * roll.cos() - up * roll.sin(), t * roll.sin() + up * roll.cos());
        let ahead = above * pitch.sin();
        Pose {
            x: line.at.x + ahead * cos - left * sin,
            y: line.at.y + ahead * sin + left * cos,
            z: self.elevation.at(s) + above * pitch.cos(),
            yaw: wrap(line.heading),
            pitch,
            roll,
            curvature,
        }
    }
}
