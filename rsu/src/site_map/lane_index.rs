//! Which lane is this point on? A site map laid out as strips (lanes, and ways through the crossing) in a grid, so that
//! a look-up among thousands of points takes about a microsecond.

use std::collections::BTreeMap;

use nalgebra::Vector2;

use super::{Connection, Lane, LaneKind, Link, SiteMap, Waypoint};

/// Edge of a grid cell, metres.
const CELL_M: f64 = 10.0;

/// Where a strip lies with respect to the crossing.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// A lane that leads in and ends at the stop line.
    In,
    /// A lane that leads away.
    Out,
    /// A way through the crossing, from a stop line to the start of a lane.
    Through,
}

/// A point on a lane.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct OnLane<'a> {
    /// The link; on a way through the crossing, the one it comes from.
    pub link: &'a str,
    /// The lane's number; on a way through the crossing, the lane it comes from.
    pub lane: u8,
    /// Who may use it.
    pub kind: LaneKind,
    /// Where the strip lies.
    pub way: Way,
    /// Number of the strip, for grouping: equal exactly for points on one strip.
    pub strip: usize,
    /// Distance from the start, metres.
    pub along_m: f64,
    /// Distance to the end (the stop line, on a lane that leads in), metres.
    pub to_end_m: f64,
    /// Distance from the centre line, metres, left positive.
    pub offset_m: f64,
    /// Distance to the nearer edge, metres; positive inside.
    pub inside_m: f64,
    /// Direction of travel here, radians, 0 = east, counter-clockwise.
    pub yaw: f64,
    /// Signal groups that rule the end of the lane.
    pub signal_groups: &'a [u8],
}

impl OnLane<'_> {
    /// `link/lane`, as in warnings.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}/{}", self.link, self.lane)
    }
}

/// A crosswalk as an area.
#[derive(Clone, Debug, PartialEq)]
pub struct CrosswalkArea {
    /// Name.
    pub name: String,
    /// Signal group that rules it.
    pub signal_group: Option<u8>,
    line: Vec<Vector2<f64>>,
    half_width_m: f64,
}

#[derive(Clone, Debug, PartialEq)]
struct Strip {
    link: String,
    lane: u8,
    kind: LaneKind,
    way: Way,
    half_width_m: f64,
    line: Vec<Vector2<f64>>,
    along_m: Vec<f64>,
    signal_groups: Vec<u8>,
}

/// Look-up from a point to lanes and crosswalks.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LaneIndex {
    strips: Vec<Strip>,
    walks: Vec<CrosswalkArea>,
    cells: BTreeMap<(i32, i32), Vec<usize>>,
}

impl LaneIndex {
    /// Lays out a valid map.
    #[must_use]
    pub fn new(map: &SiteMap) -> Self {
        let mut index = Self::default();
        for link in &map.links {
            let way = if link.to == map.node { Way::In } else { Way::Out };
            for lane in &link.lanes {
                let groups = lane.connections.iter().filter_map(|c| c.signal_group).collect();
                index.lay(link, lane, way, flat(&lane.centreline), groups);
                for connection in &lane.connections {
                    let groups = connection.signal_group.into_iter().collect();
                    index.lay(link, lane, Way::Through, map.path(lane, connection), groups);
                }
            }
        }
        index.walks = map
            .crosswalks
            .iter()
            .map(|w| CrosswalkArea {
                name: w.name.clone(),
                signal_group: w.signal_group,
                line: flat(&w.centreline),
                half_width_m: w.width_m / 2.0,
            })
            .collect();
        index
    }

    fn lay(&mut self, link: &Link, lane: &Lane, way: Way, line: Vec<Vector2<f64>>, mut signal_groups: Vec<u8>) {
        if line.len() < 2 {
            return;
        }
        signal_groups.sort_unstable();
        signal_groups.dedup();
        let half_width_m = lane.width_m / 2.0;
        let number = self.strips.len();
        let mut along_m = Vec::with_capacity(line.len());
        let mut length = 0.0;
        for (i, point) in line.iter().enumerate() {
            length += if i == 0 { 0.0 } else { (point - line[i - 1]).norm() };
            along_m.push(length);
        }
        for pair in line.windows(2) {
            let pieces = ((pair[1] - pair[0]).norm() / CELL_M).ceil().max(1.0) as usize;
            for piece in 0..pieces {
                let a = pair[0].lerp(&pair[1], piece as f64 / pieces as f64);
                let b = pair[0].lerp(&pair[1], (piece + 1) as f64 / pieces as f64);
                self.mark(number, a.inf(&b), a.sup(&b), half_width_m);
            }
        }
        let strip = Strip {
            link: link.name.clone(),
            lane: lane.id,
            kind: lane.kind,
            way,
            half_width_m,
            line,
            along_m,
            signal_groups,
        };
        self.strips.push(strip);
    }

    fn mark(&mut self, strip: usize, low: Vector2<f64>, high: Vector2<f64>, margin: f64) {
        let (x0, y0) = cell(low - Vector2::repeat(margin));
        let (x1, y1) = cell(high + Vector2::repeat(margin));
        for x in x0..=x1 {
            for y in y0..=y1 {
                let list = self.cells.entry((x, y)).or_default();
                if list.last() != Some(&strip) {
                    list.push(strip);
                }
            }
        }
    }

    /// Everything the point lies on: a lane, or inside the crossing several ways. Order is that of the map.
    pub fn at(&self, point: Vector2<f64>) -> impl Iterator<Item = OnLane<'_>> {
        let strips = self.cells.get(&cell(point)).map_or(&[][..], Vec::as_slice);
        strips.iter().filter_map(move |number| self.on_strip(*number, point))
    }

    /// The one lane the point lies on most: a lane before a way through the crossing, then the nearest centre line.
    #[must_use]
    pub fn lane_at(&self, point: Vector2<f64>) -> Option<OnLane<'_>> {
        self.at(point).min_by(|a, b| {
            let rank = |o: &OnLane| (o.way == Way::Through, o.offset_m.abs());
            let (a, b) = (rank(a), rank(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        })
    }

    /// The crosswalk the point is on, its area widened by `margin_m` on all sides.
    #[must_use]
    pub fn crosswalk_at(&self, point: Vector2<f64>, margin_m: f64) -> Option<&CrosswalkArea> {
        self.walks.iter().find(|w| {
            foot(&w.line, point).is_some_and(|f| f.distance <= w.half_width_m + margin_m && f.beyond <= margin_m)
        })
    }

    fn on_strip(&self, number: usize, point: Vector2<f64>) -> Option<OnLane<'_>> {
        let strip = self.strips.get(number)?;
        let foot = foot(&strip.line, point)?;
        if foot.distance > strip.half_width_m || foot.beyond > 0.0 {
            return None;
        }
        let along_m = strip.along_m[foot.segment] + foot.along;
        Some(OnLane {
            link: &strip.link,
            lane: strip.lane,
            kind: strip.kind,
            way: strip.way,
            strip: number,
            along_m,
            to_end_m: strip.along_m.last()? - along_m,
            offset_m: foot.distance.copysign(foot.side),
            inside_m: strip.half_width_m - foot.distance,
            yaw: foot.yaw,
            signal_groups: &strip.signal_groups,
        })
    }
}

/// Nearest point of a line.
struct Foot {
    segment: usize,
    along: f64,
    distance: f64,
    side: f64,
    yaw: f64,
    /// How far the point lies before the start or after the end, metres; 0 beside the line.
    beyond: f64,
}

fn foot(line: &[Vector2<f64>], point: Vector2<f64>) -> Option<Foot> {
    let mut best: Option<Foot> = None;
    for (segment, pair) in line.windows(2).enumerate() {
        let step = pair[1] - pair[0];
        let length = step.norm();
        if !length.is_finite() || length <= 0.0 {
            continue;
        }
        let unit = step / length;
        let raw = unit.dot(&(point - pair[0]));
        let along = raw.clamp(0.0, length);
        let away = point - (pair[0] + unit * along);
        let distance = away.norm();
        if best.as_ref().is_none_or(|b| distance < b.distance) {
            let before = if segment == 0 { -raw } else { 0.0 };
            let after = if segment + 2 == line.len() { raw - length } else { 0.0 };
            let beyond = before.max(after).max(0.0);
            // Past an end the distance counts across the line only; `beyond` says how far past it is.
            let side = unit.perp(&(point - pair[0]));
            let distance_across = if beyond > 0.0 { side.abs() } else { distance };
            best = Some(Foot { segment, along, distance: distance_across, side, yaw: unit.y.atan2(unit.x), beyond });
        }
    }
    best.filter(|f| f.distance.is_finite())
}

fn cell(point: Vector2<f64>) -> (i32, i32) {
    // A cast saturates, and NaN becomes cell 0, where the distance test refuses it.
    ((point.x / CELL_M).floor() as i32, (point.y / CELL_M).floor() as i32)
}

/// Waypoints as plane points.
fn flat(line: &[Waypoint]) -> Vec<Vector2<f64>> {
    line.iter().filter(|p| p.len() >= 2).map(|p| Vector2::new(p[0], p[1])).collect()
}

impl SiteMap {
    /// The way of a connection from the end of `lane` to the start of the lane it leads to: the drawn path, else a smooth
    /// curve (cubic Bézier along both lanes' directions).
    #[must_use]
    pub fn path(&self, lane: &Lane, connection: &Connection) -> Vec<Vector2<f64>> {
        if connection.path.len() >= 2 {
            return flat(&connection.path);
        }
        let target = self.link(&connection.to_link).and_then(|l| l.lanes.iter().find(|l| l.id == connection.to_lane));
        let (from, to) = (flat(&lane.centreline), target.map(|l| flat(&l.centreline)).unwrap_or_default());
        let ([.., a, p0], [p1, b, ..]) = (from.as_slice(), to.as_slice()) else {
            return Vec::new();
        };
        let reach = (p1 - p0).norm();
        if reach < 1e-3 {
            return Vec::new();
        }
        // A third of the chord to 0.39 of it gives an even curve; 0.39 is that of a quarter circle.
        let c0 = p0 + (p0 - a).normalize() * reach * 0.39;
        let c1 = p1 - (b - p1).normalize() * reach * 0.39;
        (0..=12)
            .map(|i| {
                let t = f64::from(i) / 12.0;
                let u = 1.0 - t;
                p0 * (u * u * u) + c0 * (3.0 * t * u * u) + c1 * (3.0 * t * t * u) + p1 * (t * t * t)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_PI_2, PI};

    use super::super::tests::four_arm;
    use super::*;

    fn index() -> LaneIndex {
        LaneIndex::new(&four_arm())
    }

    #[test]
    fn a_point_on_a_lane_knows_its_lane_distance_and_direction() {
        let index = index();
        let on = index.lane_at(Vector2::new(-1.25, 57.0)).unwrap();
        assert_eq!(on.label(), "north-in/1");
        assert_eq!((on.way, on.kind), (Way::In, LaneKind::Vehicle));
        assert!((on.to_end_m - 40.0).abs() < 1e-9 && (on.along_m - 93.0).abs() < 1e-9);
        // The lane leads south; the point is east of its centre line, on the left of a driver.
        assert!((on.offset_m - 0.5).abs() < 1e-9 && (on.inside_m - 1.25).abs() < 1e-9);
        assert!((on.yaw + FRAC_PI_2).abs() < 1e-9);
        assert_eq!(on.signal_groups, [2]);
        assert_eq!(index.lane_at(Vector2::new(60.0, 8.5)).unwrap().label(), "east-in/3");
        assert!((index.lane_at(Vector2::new(-60.0, 1.75)).unwrap().yaw.abs() - PI).abs() < 1e-9);
    }

    #[test]
    fn beside_the_road_and_past_its_end_there_is_no_lane() {
        let index = index();
        for (x, y) in [(-11.0, 60.0), (-1.75, 151.0), (400.0, 400.0), (f64::NAN, 0.0), (f64::INFINITY, 1.0)] {
            assert!(index.lane_at(Vector2::new(x, y)).is_none(), "{x} {y}");
        }
    }

    #[test]
    fn inside_the_crossing_there_are_ways_through() {
        let index = index();
        let ways: Vec<_> = index.at(Vector2::new(-5.25, 0.0)).collect();
        assert!(ways.iter().any(|w| w.label() == "north-in/2" && w.way == Way::Through));
        assert!(ways.iter().all(|w| w.way == Way::Through));
    }

    #[test]
    fn crosswalks_are_areas_with_a_margin() {
        let index = index();
        assert_eq!(index.crosswalk_at(Vector2::new(0.0, 14.0), 0.0).unwrap().name, "north-walk");
        assert_eq!(index.crosswalk_at(Vector2::new(0.0, 14.0), 0.0).unwrap().signal_group, Some(5));
        assert!(index.crosswalk_at(Vector2::new(0.0, 15.8), 0.0).is_none());
        assert!(index.crosswalk_at(Vector2::new(0.0, 15.8), 0.5).is_some());
        assert!(index.crosswalk_at(Vector2::new(9.9, 13.5), 0.0).is_none());
        assert!(index.crosswalk_at(Vector2::new(9.9, 13.5), 0.5).is_some());
    }

    #[test]
    fn an_undrawn_path_is_a_smooth_curve_between_the_lanes() {
        let mut map = four_arm();
        map.links[0].lanes[0].connections[0].path.clear();
        let lane = &map.links[0].lanes[0];
        let path = map.path(lane, &lane.connections[0]);
        assert_eq!(path[0], Vector2::new(-1.75, 17.0));
        assert_eq!(path[path.len() - 1], Vector2::new(17.0, -1.75));
        let drawn = four_arm();
        let drawn = drawn.path(&drawn.links[0].lanes[0], &drawn.links[0].lanes[0].connections[0]);
        for (a, b) in path.iter().zip(&drawn) {
            assert!((a - b).norm() < 0.3, "{a} {b}");
        }
    }
}
