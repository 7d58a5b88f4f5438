//! Against esmini's own answers (trajectories in both world and road coordinates) and on the maps they were driven on;
//! skipped where these are not there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::pose::wrap;
use super::{Choice, LanePosition, Network, Pose, RoadPosition};

/// Reference runs and their maps.
pub const RUNS: [(&str, &str); 12] = [
    ("cut-in", "esmini/xodr/e6mini.xodr"),
    ("slow-lead-vehicle", "esmini/xodr/straight_500m_signs.xodr"),
    ("speed-profile", "esmini/xodr/straight_500m.xodr"),
    ("lane_change_crest", "esmini/xodr/crest-curve.xodr"),
    ("synch_with_steady_state", "esmini/xodr/multi_intersections.xodr"),
    ("pedestrian_collision", "esmini/xodr/fabriksgatan.xodr"),
    ("traffic_lights", "esmini/xodr/fabriksgatan_traffic_lights.xodr"),
    ("long_dist_action_with_jerk", "esmini/xodr/straight_500m.xodr"),
    ("ALKS_4.1_2_SwervingLeadVehicle", "alks/Scenarios/ALKS_Road_straight.xodr"),
    ("ALKS_4.4_1_CutInNoCollision", "alks/Scenarios/ALKS_Road_straight.xodr"),
    ("NCAP_CCFtap_2023", "ncap/OpenDRIVE/NCAP/X-Intersection_NCAP.xodr"),
    ("NCAP_CPNCO_2023", "ncap/OpenDRIVE/NCAP/StraightRoad_NCAP_noRoadmarks.xodr"),
];

/// The folder of the shared scenarios.
pub fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/scenarios");
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no ../shared");
    None
}

/// All shared maps by name.
pub fn maps() -> BTreeMap<&'static str, Network> {
    let Some(shared) = shared() else { return BTreeMap::new() };
    let read = |(_, map): &(&str, &'static str)| (*map, Network::read(&shared.join(map)).unwrap());
    RUNS.iter().map(read).collect()
}

/// One row of a trajectory.
struct Row {
    entity: String,
    cells: BTreeMap<String, f64>,
}

impl Row {
    fn get(&self, name: &str) -> f64 {
        self.cells[name]
    }

    fn lane(&self, road: usize) -> LanePosition {
        LanePosition { road, lane: self.get("lane") as i32, s: self.get("s"), offset: self.get("lane_offset") }
    }

    /// The road (the file does not name it) where its place and its lane are.
    fn road(&self, network: &Network) -> (usize, [f64; 2]) {
        let miss = |road: usize| {
            let at = RoadPosition { road, s: self.get("s"), t: self.get("t_road") };
            let pose = network.pose_at_lane(&self.lane(road)).filter(|_| at.s <= network.roads()[road].length + 1e-3);
            let (pose, by_t) = (pose?, network.pose_at_road(&at)?);
            Some((road, [self.miss(&by_t), self.miss(&pose)].map(|[along, across]| along.hypot(across))))
        };
        let all = (0..network.roads().len()).filter_map(miss);
        all.min_by(|a, b| (a.1[0] + a.1[1]).total_cmp(&(b.1[0] + b.1[1]))).unwrap()
    }

    /// How far esmini's place lies from ours: along the road, and across or up.
    fn miss(&self, ours: &Pose) -> [f64; 2] {
        let (dx, dy) = (self.get("x") - ours.x, self.get("y") - ours.y);
        let (sin, cos) = ours.yaw.sin_cos();
        [(dx * cos + dy * sin).abs(), (dy * cos - dx * sin).hypot(self.get("z") - ours.z)]
    }
}

fn rows(path: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let numbers =
            names.iter().zip(&cells).filter_map(|(name, cell)| Some(((*name).to_owned(), cell.parse().ok()?)));
        Row { entity: cells[1].to_owned(), cells: numbers.collect() }
    };
    lines.map(row).collect()
}

/// esmini takes `s` from a polyline of the road (points some metres apart) while an entity changes lanes or follows a
/// trajectory: its `s` is then some millimetres off its own x and y. Both maps bend there; across the road nothing differs.
const FROM_POLYLINE: [(&str, &str); 2] = [("cut-in", "OverTaker"), ("pedestrian_collision", "pedestrian_adult")];

#[test]
fn every_row_of_esmini_lies_where_its_road_coordinates_say() {
    let Some(shared) = shared() else { return };
    let maps = maps();
    for (name, map) in RUNS {
        let network = &maps[map];
        let (mut worst, mut loose, mut elsewhere) = ([0.0_f64; 4], 0, 0);
        let rows = rows(&shared.join(format!("reference/{name}.trajectory.csv")));
        for row in &rows {
            let (road, _) = row.road(network);
            let ours = network.pose_at_lane(&row.lane(road)).unwrap();
            let [along, across] = row.miss(&ours);
            let text = format!("{name} {} at {} s: {along} along, {across} across", row.entity, row.get("t"));
            assert!(across < 1e-3, "{text}");
            if along >= 1e-3 {
                assert!(FROM_POLYLINE.contains(&(name, &row.entity)) && along < 5e-3, "{text}");
                loose += 1;
                continue;
            }
            let t = network.road_position(&row.lane(road)).unwrap().t;
            let hint = RoadPosition { road, s: row.get("s"), t };
            let found = network.locate(row.get("x"), row.get("y"), Some(hint)).unwrap();
            let back = [found.road.s - row.get("s"), found.road.t - row.get("t_road")].map(f64::abs);
            if found.road.road != road {
                // Beside the lanes of its own road, on those of another one.
                assert!(
                    network.locate_on(road, hint.s, [row.get("x"), row.get("y")]).unwrap().distance > 0.0,
                    "{text}"
                );
                elsewhere += 1;
                continue;
            }
            assert!(back[0] < 1e-3 && back[1] < 1e-3, "{text}: {found:?}");
            worst = [worst[0].max(along), worst[1].max(across), worst[2].max(back[0]), worst[3].max(back[1])];
        }
        println!(
            "{name}: {} rows, {loose} from polylines, {elsewhere} on another road's lanes, worst {worst:?}",
            rows.len()
        );
        assert!(loose < rows.len() / 2 && elsewhere < rows.len() / 10);
    }
}

#[test]
fn cars_that_keep_their_lane_point_as_esmini_says() {
    let Some(shared) = shared() else { return };
    let maps = maps();
    for (name, map) in RUNS {
        let network = &maps[map];
        let rows = rows(&shared.join(format!("reference/{name}.trajectory.csv")));
        let mut by_entity: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        rows.iter().for_each(|row| by_entity.entry(&row.entity).or_default().push(row));
        let (mut checked, mut worst) = (0, [0.0_f64; 2]);
        for rows in by_entity.values() {
            for three in rows.windows(3) {
                let offset = |i: usize| three[i].get("lane_offset");
                let row = three[1];
                // While it changes lanes or swerves its heading is its own, and so is that of people on foot.
                let keeps = offset(0) == offset(1)
                    && offset(1) == offset(2)
                    && row.get("speed") > 1.0
                    && !row.entity.to_lowercase().contains("pedestrian");
                let (road, miss) = row.road(network);
                if !keeps || miss[1] > 1e-3 {
                    continue;
                }
                let lane = network.pose_at_lane(&row.lane(road)).unwrap();
                let forward = wrap(row.get("heading") - lane.yaw).abs() < 1.0;
                let ours = lane.turned(if forward { 0.0 } else { std::f64::consts::PI }, 0.0, 0.0);
                let off = [wrap(ours.yaw - row.get("heading")).abs(), wrap(ours.pitch - row.get("pitch")).abs()];
                assert!(off[0] < 1e-3 && off[1] < 1e-3, "{name} {} at {} s: {off:?}", row.entity, row.get("t"));
                worst = [worst[0].max(off[0]), worst[1].max(off[1])];
                checked += 1;
            }
        }
        assert!(checked > 50, "{name}: {checked}");
        println!("{name}: {checked} rows, worst yaw and pitch {worst:?}");
    }
}

#[test]
fn cars_that_keep_their_lane_drive_on_as_in_esmini() {
    let Some(shared) = shared() else { return };
    let maps = maps();
    let (mut all, mut crossed, mut elsewhere) = (0, 0, 0);
    for (name, map) in RUNS {
        let network = &maps[map];
        let rows = rows(&shared.join(format!("reference/{name}.trajectory.csv")));
        let mut by_entity: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        rows.iter().for_each(|row| by_entity.entry(&row.entity).or_default().push(row));
        let mut worst = 0.0_f64;
        for two in by_entity.values().flat_map(|rows| rows.windows(2)) {
            let (before, after) = (two[0], two[1]);
            // At changing speed a step is driven at the new one by some controllers and at the mean by others.
            let keeps = before.get("lane_offset").abs() == after.get("lane_offset").abs()
                && before.get("speed") == after.get("speed");
            let (road, miss) = before.road(network);
            if !keeps || miss[1] > 5e-4 || after.get("speed") < 1.0 || after.road(network).1[1] > 5e-4 {
                continue;
            }
            let at = before.lane(road);
            let lane = network.pose_at_lane(&at).unwrap();
            let off = wrap(before.get("heading") - lane.yaw);
            if off.abs() > 0.02 && off.abs() < 3.12 {
                continue; // under way to somewhere else
            }
            let metres = after.get("speed") * 0.05 * if off.abs() < 1.0 { 1.0 } else { -1.0 };
            let there = network.advance_distance(at, metres, &Choice::Straightest);
            let pose = network.pose_at_lane(&there.at).unwrap();
            let [along, across] = after.miss(&pose);
            if there.at.road != after.road(network).0 {
                // Where roads begin on each other the files do not tell which one it is, and a route may turn off.
                elsewhere += 1;
                continue;
            }
            assert!(there.halt.is_none() && along < 1e-3 && across < 1e-3, "{name} {}: {there:?}", after.entity);
            worst = worst.max(along.max(across));
            all += 1;
            crossed += usize::from(there.at.road != road);
        }
        println!("{name}: worst {worst}");
    }
    println!("{all} steps, {crossed} of them onto another road, {elsewhere} unclear");
    assert!(all > 4000 && crossed >= 5 && elsewhere <= 12);
}
