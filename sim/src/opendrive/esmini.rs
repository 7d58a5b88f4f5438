//! Against esmini's own answers and on the shared maps; skipped where these are not there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::pose::wrap;
use super::{Choice, End, LanePosition, Network, RoadPosition};

/// Reference runs and their maps.
const RUNS: [(&str, &str); 12] = [
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

fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/scenarios");
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no ../shared");
    None
}

fn maps() -> BTreeMap<&'static str, Network> {
    let Some(shared) = shared() else { return BTreeMap::new() };
    let read = |(_, map): &(&str, &'static str)| (*map, Network::read(&shared.join(map)).unwrap());
    RUNS.iter().map(read).collect()
}

/// One row of a trajectory.
struct Row {
    entity: String,
    v: BTreeMap<String, f64>,
}

fn rows(path: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let v = names.iter().zip(&cells).filter_map(|(name, cell)| Some(((*name).to_owned(), cell.parse().ok()?)));
            Row { entity: cells[1].to_owned(), v: v.collect() }
        })
        .collect()
}

#[test]
fn world_and_road_coordinates_agree_with_esmini_in_every_row() {
    let Some(shared) = shared() else { return };
    let maps = maps();
    for (name, map) in RUNS {
        let network = &maps[map];
        let rows = rows(&shared.join(format!("reference/{name}.trajectory.csv")));
        let mut worst = [0.0_f64; 4];
        let mut lost = Vec::new();
        for row in &rows {
            let get = |key: &str| row.v[key];
            let (x, y) = (get("x"), get("y"));
            let lane = get("lane") as i32;
            // The files do not name the road: it is the one where this place and this lane are.
            let candidates = (0..network.roads().len()).filter_map(|road| {
                let at = RoadPosition { road, s: get("s"), t: get("t_road") };
                let in_lane = LanePosition { road, lane, s: at.s, offset: get("lane_offset") };
                let (by_t, by_lane) = (network.pose_at_road(&at)?, network.pose_at_lane(&in_lane)?);
                let off = (by_t.x - x).hypot(by_t.y - y);
                Some((off, (by_lane.x - x).hypot(by_lane.y - y), by_lane, road))
            });
            let Some((by_t, by_lane, pose, road)) = candidates.min_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
            if by_t > 1e-3 {
                lost.push((get("t"), row.entity.clone(), by_t, by_lane, road));
                continue;
            }
            worst[0] = worst[0].max(by_t);
            worst[1] = worst[1].max(by_lane);
            worst[2] = worst[2].max((pose.z - get("z")).abs());
            let found = network.locate(x, y, Some(RoadPosition { road, s: get("s"), t: 0.0 })).unwrap();
            worst[3] = worst[3].max((found.road.s - get("s")).abs().max((found.road.t - get("t_road")).abs()));
        }
        println!("{name}: {} rows, worst {worst:?}, off the road {}", rows.len(), lost.len());
        for l in lost.iter().take(3) {
            println!("  {l:?}");
        }
    }
}
