//! Signal groups whose greens must not meet: what a conflict monitor beside a signal controller watches (DIN EN 12675,
//! NEMA TS 2), derived from the ways that the site map draws.
//!
//! Two ways conflict when they cross inside the junction. Straight ways that cross each other, and a straight way that
//! crosses a pedestrian crossing, are never green together. Where one of them turns, drivers may have to give way instead,
//! so there only two greens that promise a free way ("protected") contradict each other. Ways that merely end in one lane
//! merge and do not count. What the unit's own plan shows together was allowed by whoever wrote the plan.

use std::collections::BTreeSet;

use nalgebra::Vector2;

use crate::site_map::{LaneKind, SiteMap, Turn, Waypoint};
use crate::world::{Light, SignalGroup};

/// Pairs of groups, the smaller number first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conflicts {
    /// Never green together in any way.
    green: BTreeSet<(u8, u8)>,
    /// Never both green with a promised free way.
    protected: BTreeSet<(u8, u8)>,
}

/// A way through the junction, or a pedestrian crossing.
struct Way {
    group: u8,
    /// Lane that it leaves and lane that it enters; none for a pedestrian crossing.
    lanes: Option<[(String, u8); 2]>,
    turns: bool,
    line: Vec<Vector2<f64>>,
}

impl Conflicts {
    /// Of a site map; `together` tells which pairs the plan shows green at one time.
    #[must_use]
    pub fn of(map: &SiteMap, together: impl Fn(u8, u8) -> bool) -> Self {
        let ways: Vec<Way> = ways(map).chain(crosswalks(map)).collect();
        let mut all = Self::default();
        for (n, a) in ways.iter().enumerate() {
            for b in &ways[n + 1..] {
                let pair = (a.group.min(b.group), a.group.max(b.group));
                if a.group == b.group || together(a.group, b.group) || !a.crosses(b) {
                    continue;
                }
                let walk = a.lanes.is_none() || b.lanes.is_none();
                match (a.turns || b.turns, walk) {
                    (false, _) => all.green.insert(pair),
                    (true, false) => all.protected.insert(pair),
                    // Who turns gives way to people on foot.
                    (true, true) => false,
                };
            }
        }
        all
    }

    /// The first two groups that show what they must not show together.
    #[must_use]
    pub fn between(&self, groups: &[SignalGroup]) -> Option<(u8, u8)> {
        let light = |id: u8| groups.iter().find(|group| group.id == id).map(|group| group.light);
        let green = |id: u8| light(id).is_some_and(Light::is_green);
        let free = |id: u8| light(id) == Some(Light::ProtectedGreen);
        let first = self.green.iter().find(|(a, b)| green(*a) && green(*b));
        first.or_else(|| self.protected.iter().find(|(a, b)| free(*a) && free(*b))).copied()
    }
}

impl Way {
    /// The lines cross, and the two do not start or end together.
    fn crosses(&self, other: &Self) -> bool {
        if let (Some(a), Some(b)) = (&self.lanes, &other.lanes)
            && (a[0] == b[0] || a[1] == b[1])
        {
            return false;
        }
        let pieces = |line: &'_ [Vector2<f64>]| line.windows(2).map(|w| [w[0], w[1]]).collect::<Vec<_>>();
        let theirs = pieces(&other.line);
        pieces(&self.line).iter().any(|a| theirs.iter().any(|b| cross(a, b)))
    }
}

/// Two stretches cross inside both of them.
fn cross(a: &[Vector2<f64>; 2], b: &[Vector2<f64>; 2]) -> bool {
    let side = |line: &[Vector2<f64>; 2], point: &Vector2<f64>| (line[1] - line[0]).perp(&(point - line[0]));
    side(a, &b[0]) * side(a, &b[1]) < 0.0 && side(b, &a[0]) * side(b, &a[1]) < 0.0
}

fn ways(map: &SiteMap) -> impl Iterator<Item = Way> {
    map.links.iter().flat_map(move |link| {
        let lanes = link.lanes.iter().filter(|lane| lane.kind != LaneKind::Sidewalk);
        lanes.flat_map(move |lane| {
            lane.connections.iter().filter_map(move |way| {
                let to = map.links.iter().find(|other| other.name == way.to_link)?;
                let to = to.lanes.iter().find(|other| other.id == way.to_lane)?;
                let line = lane.centreline.last().into_iter().chain(&way.path).chain(to.centreline.first());
                Some(Way {
                    group: way.signal_group?,
                    lanes: Some([(link.name.clone(), lane.id), (way.to_link.clone(), way.to_lane)]),
                    turns: way.turn != Turn::Straight,
                    line: line.filter_map(point).collect(),
                })
            })
        })
    })
}

fn crosswalks(map: &SiteMap) -> impl Iterator<Item = Way> {
    map.crosswalks.iter().filter_map(|walk| {
        let line = walk.centreline.iter().filter_map(point).collect();
        Some(Way { group: walk.signal_group?, lanes: None, turns: false, line })
    })
}

fn point(waypoint: &Waypoint) -> Option<Vector2<f64>> {
    Some(Vector2::new(*waypoint.first()?, *waypoint.get(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four arms along the axes: one lane in and one out on each, groups 1 north-south, 2 its left turns, 3 east-west,
    /// 4 its left turns, 5 the crossing for people over the north arm.
    fn four_arms() -> SiteMap {
        let arms = [("n", 0.0_f64), ("e", -90.0), ("s", 180.0), ("w", 90.0)];
        let turned = |degrees: f64, x: f64, y: f64| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            format!("[{}, {}]", x * cos - y * sin, x * sin + y * cos)
        };
        let link = |(n, (name, degrees)): (usize, &(&str, f64))| {
            let group = if n % 2 == 0 { 1 } else { 3 };
            let (ahead, left) = (arms[(n + 2) % 4].0, arms[(n + 1) % 4].0);
            let at = |x: f64, y: f64| turned(*degrees, x, y);
            format!(
                r#"{{"name":"{name}-in","from":{{"region":1,"id":2}},"to":{{"region":1,"id":1}},"speed_limit_mps":14,"lanes":[
                {{"id":1,"width_m":3.5,"centreline":[{far},{stop}],"connections":[
                {{"to_link":"{ahead}-out","to_lane":1,"turn":"straight","signal_group":{group}}},
                {{"to_link":"{left}-out","to_lane":1,"turn":"left","signal_group":{turn},"path":[{mid}]}}]}}]}},
                {{"name":"{name}-out","from":{{"region":1,"id":1}},"to":{{"region":1,"id":2}},"speed_limit_mps":14,"lanes":[
                {{"id":1,"width_m":3.5,"centreline":[{out},{gone}]}}]}}"#,
                far = at(-2.0, 60.0),
                stop = at(-2.0, 12.0),
                mid = at(1.0, -1.0),
                turn = group + 1,
                out = at(2.0, 12.0),
                gone = at(2.0, 60.0),
            )
        };
        let links: Vec<String> = arms.iter().enumerate().map(link).collect();
        let text = format!(
            r#"{{"schema":"rsu.site-map/1","node":{{"region":1,"id":1}},"links":[{}],
            "crosswalks":[{{"name":"over-n","width_m":4,"centreline":[[-6,9],[6,9]],"signal_group":5}}]}}"#,
            links.join(",")
        );
        serde_json::from_str(&text).unwrap()
    }

    fn shown(lights: &[(u8, Light)]) -> Vec<SignalGroup> {
        lights.iter().map(|&(id, light)| SignalGroup { id, light, until: None, next: Vec::new() }).collect()
    }

    #[test]
    fn crossing_roads_are_never_green_together_and_opposite_ones_may_be() {
        use Light::{PermissiveGreen as Permissive, ProtectedGreen as Protected, Red};
        let conflicts = Conflicts::of(&four_arms(), |_, _| false);
        let between = |lights: &[(u8, Light)]| conflicts.between(&shown(lights));
        assert_eq!(between(&[(1, Permissive), (3, Light::FlashingGreen)]), Some((1, 3)));
        assert_eq!(between(&[(1, Protected), (3, Red), (5, Red)]), None);
        assert_eq!(between(&[(3, Protected), (5, Protected)]), None, "people walk beside the traffic");
        assert_eq!(between(&[(1, Protected), (5, Protected)]), Some((1, 5)), "and never before it");
        assert_eq!(between(&[(1, Protected), (2, Permissive)]), None, "who turns left gives way");
        assert_eq!(between(&[(1, Protected), (2, Protected)]), Some((1, 2)), "two that are promised a free way");
        assert_eq!(between(&[(9, Protected), (10, Protected)]), None, "groups the map does not know");
    }

    #[test]
    fn what_the_plan_shows_together_is_allowed() {
        let conflicts = Conflicts::of(&four_arms(), |a, b| (a.min(b), a.max(b)) == (1, 2));
        let both = |a: u8, b: u8| shown(&[(a, Light::ProtectedGreen), (b, Light::ProtectedGreen)]);
        assert_eq!(conflicts.between(&both(1, 2)), None);
        assert_eq!(conflicts.between(&both(3, 4)), Some((3, 4)));
    }
}
