use std::path::{Path, PathBuf};

use nalgebra::Vector2;

use super::*;
use crate::site_map::{LaneIndex, LaneKind};

const SMALL: &str = include_str!("small_crossing.xodr");

#[test]
fn a_small_crossing_becomes_exactly_this_map() {
    let import = import_junction(SMALL, None).unwrap();
    assert_eq!(import.notes, Vec::<String>::new());
    let map = import.map;
    let names: Vec<&str> = map.links.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["road-1-in", "road-1-out", "road-2-in", "road-2-out", "road-3-in", "road-3-out"]);
    // Road 1 comes from the west; its right lane ends 10 m west of the middle, 1.75 m south of the centre line.
    let west = map.link("road-1-in").unwrap();
    assert_eq!(west.lanes.len(), 2, "a motor lane and a bicycle lane; the border is left out");
    assert_eq!((west.lanes[0].kind, west.lanes[1].kind), (LaneKind::Vehicle, LaneKind::Bicycle));
    assert_eq!((west.lanes[0].width_m, west.lanes[1].width_m), (3.5, 1.5));
    assert!((west.speed_limit_mps - 30.0 / 3.6).abs() < 1e-9);
    let [ox, oy] = import.origin;
    let in_file = |p: &Waypoint| [p[0] + ox, p[1] + oy];
    assert_eq!(west.lanes[0].centreline.iter().map(in_file).collect::<Vec<_>>(), [[-100.0, -1.75], [-10.0, -1.75]]);
    assert_eq!(west.lanes[1].centreline.iter().map(in_file).collect::<Vec<_>>(), [[-100.0, -4.25], [-10.0, -4.25]]);
    let ways: Vec<_> = west.lanes[0].connections.iter().map(|c| (c.to_link.as_str(), c.turn, c.signal_group)).collect();
    assert_eq!(ways, [("road-2-out", Turn::Straight, Some(1)), ("road-3-out", Turn::Left, Some(1))]);
    let north = map.link("road-3-in").unwrap();
    assert_eq!(north.lanes[0].connections[0].turn, Turn::Right);
    assert_eq!(north.lanes[0].connections[0].signal_group, Some(2));
    // The left turn is an arc: its middle lies 11.75 m · (1 − cos 45°) off the corner of the tangents.
    let path = &west.lanes[0].connections[1].path;
    let centre = Vector2::new(-10.0, 10.0);
    for point in path.iter().map(in_file) {
        let r = (Vector2::new(point[0], point[1]) - centre).norm();
        assert!((r - 11.75).abs() < 0.002, "{point:?} is {r} m from the centre of the arc");
    }
    assert_eq!(map.crosswalks.len(), 1);
    assert_eq!(map.crosswalks[0].signal_group, Some(3));
    assert_eq!(map.crosswalks[0].centreline.iter().map(in_file).collect::<Vec<_>>(), [[-14.0, -5.0], [-14.0, 5.0]]);
}

#[test]
fn each_fault_is_named_with_its_line() {
    let faults = [
        (SMALL.replace("curvature=\"", "curvature=\"x"), "`curvature` of `arc`"),
        (SMALL.replacen(" length=\"90\"", "", 1), "`road` has no attribute `length`"),
        (SMALL.replacen("hdg=\"0\"", "hdg=\"NaN\"", 1), "expected a number"),
        (SMALL.replacen("<line/>", "<helix/>", 1), "none of line, arc"),
        ("<a/>".into(), "expected `OpenDRIVE`"),
        ("<OpenDRIVE".into(), "not an XML file"),
        ("<OpenDRIVE/>".into(), "no junction and 0 roads"),
        (SMALL.replace("type=\"driving\"", "type=\"none\"").replace("biking", "none"), "no lane"),
    ];
    for (text, expected) in faults {
        let error = import(&text).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    }
    let error = import_junction(SMALL, Some("nowhere")).unwrap_err().to_string();
    assert!(error.contains("the file has: 9"), "{error}");
}

#[test]
fn cutting_the_file_anywhere_never_panics() {
    for end in (0..SMALL.len()).step_by(7) {
        let _ = import(&SMALL[..end]);
    }
    for needle in ["=\"1\"", "=\"0\"", "=\"-1\"", "=\"90\""] {
        for value in ["1e300", "-1e300", "-5", "99999999999999999999", "", "0"] {
            let _ = import(&SMALL.replace(needle, &format!("=\"{value}\"")));
        }
    }
}

/// Every OpenDRIVE file beside the checkout, if there are any.
fn shared() -> Vec<PathBuf> {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/scenarios")];
    let mut out = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "xodr") {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

#[test]
fn real_files_import_or_say_why_not() {
    let files = shared();
    if files.is_empty() {
        eprintln!("skipped: no ../shared");
        return;
    }
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        match import_junction(&text, None) {
            Ok(import) => fits_together(&name, &import.map),
            Err(ImportError::WhichJunction(junctions)) => {
                assert_eq!(name, "multi_intersections.xodr");
                for junction in junctions {
                    fits_together(&format!("{name} {junction}"), &import_junction(&text, Some(&junction)).unwrap().map);
                }
            }
            Err(error) => panic!("{name}: {error}"),
        }
    }
}

/// Lanes end where their connections begin, and connections end where lanes begin.
fn fits_together(name: &str, map: &SiteMap) {
    let mut connections = 0;
    for lane in map.inbound().flat_map(|l| &l.lanes) {
        for connection in lane.connections.iter().filter(|c| !c.path.is_empty()) {
            let target = map.link(&connection.to_link).unwrap();
            let target = target.lanes.iter().find(|l| l.id == connection.to_lane).unwrap();
            let gap = |a: &Waypoint, b: &Waypoint| (a[0] - b[0]).hypot(a[1] - b[1]);
            let into = gap(lane.centreline.last().unwrap(), &connection.path[0]);
            let out = gap(connection.path.last().unwrap(), &target.centreline[0]);
            assert!(into < 0.5 && out < 0.5, "{name}: {} gap in {into}, gap out {out}", connection.to_link);
            connections += 1;
        }
    }
    let index = LaneIndex::new(map);
    for link in map.inbound() {
        for lane in link.lanes.iter().filter(|l| l.kind == LaneKind::Vehicle) {
            let middle = &lane.centreline[lane.centreline.len() / 2 - usize::from(lane.centreline.len() == 2)];
            let point = Vector2::new(middle[0], middle[1]);
            assert!(index.lane_at(point).is_some(), "{name} {} {}", link.name, lane.id);
        }
    }
    let all: usize = map.inbound().flat_map(|l| &l.lanes).map(|l| l.connections.len()).sum();
    assert!(all > 0, "{name}: nothing connects");
    eprintln!(
        "{name}: {} links, {all} connections, {connections} drawn, groups {:?}",
        map.links.len(),
        map.signal_groups()
    );
}
