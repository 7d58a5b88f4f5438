//! The whole way of one vehicle through the road: one line, and on it the stop lines, crosswalks and speed limits.

use super::{LaneId, Line, Road, WalkId, WayId};

/// A route from a lane to the end of the road.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The line, from the start of the first lane.
    pub line: Line,
    /// Stop lines, in the order in which they come.
    pub stops: Vec<Mark>,
    /// Crosswalks, in the order in which they come.
    pub walks: Vec<WalkMark>,
    /// Speed limits: (from, to, m/s).
    pub limits: Vec<(f64, f64, f64)>,
    /// Lanes and where they begin and end on the line.
    pub lanes: Vec<(LaneId, f64, f64)>,
}

/// A way through a crossing on a route.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Mark {
    /// Stop line: where the way begins, metres along the route.
    pub at_m: f64,
    /// Where the way ends.
    pub end_m: f64,
    /// Which way.
    pub way: WayId,
}

/// A crosswalk on a route.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct WalkMark {
    /// Which crosswalk.
    pub walk: WalkId,
    /// Where its area begins, metres along the route.
    pub from_m: f64,
    /// Where its area ends.
    pub to_m: f64,
    /// Where the route crosses it, metres along the crosswalk.
    pub across_m: f64,
}

/// Sideways acceleration that drivers like in a turn, m/s².
const TURN_MPS2: f64 = 2.0;

impl Route {
    /// A route that begins at `lane`; `choose` picks one of the ways at the end of a lane.
    pub fn new(road: &Road, lane: LaneId, mut choose: impl FnMut(&[WayId]) -> WayId) -> Self {
        let first = &road.lanes[lane];
        let mut route = Self {
            line: first.line.clone(),
            stops: Vec::new(),
            walks: Vec::new(),
            limits: vec![(0.0, first.line.length(), first.limit_mps)],
            lanes: vec![(lane, 0.0, first.line.length())],
        };
        let mut here = lane;
        // A road may lead in circles: a route ends after a bounded number of crossings.
        while !road.lanes[here].ways.is_empty() && route.stops.len() < 32 {
            let id = choose(&road.lanes[here].ways);
            let way = &road.ways[id];
            let at_m = route.line.length();
            route.line.append(&way.line);
            let end_m = route.line.length();
            let turn = (TURN_MPS2 * route.line.tightest_radius(at_m, end_m)).sqrt();
            route.limits.push((at_m, end_m, road.lanes[here].limit_mps.min(turn)));
            route.stops.push(Mark { at_m, end_m, way: id });
            here = way.to;
            let lane = &road.lanes[here];
            route.line.append(&lane.line);
            route.limits.push((end_m, route.line.length(), lane.limit_mps));
            route.lanes.push((here, end_m, route.line.length()));
        }
        route.find_walks(road);
        route
    }

    /// A route along a line of its own, off the lanes.
    #[must_use]
    pub fn along(line: Line, limit_mps: f64) -> Self {
        let mut limits = Vec::new();
        let mut s = 0.0;
        while s < line.length() {
            let to = (s + 5.0).min(line.length());
            limits.push((s, to, limit_mps.min((TURN_MPS2 * line.tightest_radius(s - 2.0, to + 2.0)).sqrt()).max(0.5)));
            s = to;
        }
        Self { line, stops: Vec::new(), walks: Vec::new(), limits, lanes: Vec::new() }
    }

    fn find_walks(&mut self, road: &Road) {
        for (id, walk) in road.walks.iter().enumerate() {
            if let Some((here, across_m)) = self.line.crossing(&walk.line) {
                let half = 0.5 * walk.width_m;
                self.walks.push(WalkMark { walk: id, from_m: here - half, to_m: here + half, across_m });
            }
        }
        self.walks.sort_by(|a, b| a.from_m.total_cmp(&b.from_m));
    }

    /// The speed at which one may be at `along_m` so as to keep every limit ahead when braking with `brake_mps2`.
    #[must_use]
    pub fn limit_at(&self, along_m: f64, brake_mps2: f64) -> f64 {
        let mut allowed = f64::INFINITY;
        for &(from, to, limit) in &self.limits {
            if to <= along_m {
                continue;
            }
            let ahead = (from - along_m).max(0.0);
            allowed = allowed.min((limit * limit + 2.0 * brake_mps2 * ahead).sqrt());
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::four_arm;
    use super::*;

    #[test]
    fn a_route_has_one_stop_line_two_crosswalks_and_a_slow_turn() {
        let road = four_arm();
        let lane = road.lane("north-in/1").unwrap();
        let route = Route::new(&road, lane, |ways| ways[0]);
        assert_eq!(route.stops.len(), 1);
        assert!((route.stops[0].at_m - 133.0).abs() < 1e-6);
        assert_eq!(route.walks.len(), 2, "its own arm's and that of the arm it turns into");
        assert!(route.walks[0].from_m > route.stops[0].at_m, "one stops before the crosswalk");
        let turning = route.limit_at(route.stops[0].at_m + 5.0, 2.0);
        assert!((3.0..9.0).contains(&turning), "{turning}");
        assert!(route.limit_at(0.0, 2.0) > 13.0);
    }
}
