use std::path::{Path, PathBuf};

use calibration::geodesy::EnuFrame;
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

/// Shortest distance from a point to a line, metres.
fn off(point: &Waypoint, line: &[Waypoint]) -> f64 {
    let at = Vector2::new(point[0], point[1]);
    let pieces = line.windows(2).map(|two| {
        let (a, b) = (Vector2::new(two[0][0], two[0][1]), Vector2::new(two[1][0], two[1][1]));
        let along = ((at - a).dot(&(b - a)) / (b - a).norm_squared().max(1e-12)).clamp(0.0, 1.0);
        (at - a - (b - a) * along).norm()
    });
    pieces.fold(f64::INFINITY, f64::min)
}

/// The map of an exported file in the coordinates of the map that was exported.
fn read_back(xml: &str) -> SiteMap {
    let Import { mut map, origin, notes, .. } = import_junction(xml, None).unwrap();
    assert_eq!(notes, Vec::<String>::new());
    let lines =
        map.links.iter_mut().flat_map(|l| &mut l.lanes).flat_map(|lane| {
            std::iter::once(&mut lane.centreline).chain(lane.connections.iter_mut().map(|c| &mut c.path))
        });
    let lines = lines.chain(map.crosswalks.iter_mut().map(|w| &mut w.centreline));
    lines.flatten().for_each(|p| (0..2).for_each(|axis| p[axis] += origin[axis]));
    map
}

fn same_within(name: &str, ours: &SiteMap, theirs: &SiteMap, metres: f64) {
    let near = |a: &[Waypoint], b: &[Waypoint], what: &str| {
        let run = |p: &&Waypoint| (p[0] - ours_end(a)[0]).hypot(p[1] - ours_end(a)[1]) < REACH_M - 1.0;
        let worst = a.iter().filter(run).map(|p| off(p, b)).chain(b.iter().map(|p| off(p, a))).fold(0.0, f64::max);
        assert!(worst <= metres, "{name}, {what}: {worst} m off");
    };
    assert_eq!(ours.links.len(), theirs.links.len(), "{name}");
    for (number, link) in (1..).zip(&ours.links) {
        let way = if link.to == ours.node { "in" } else { "out" };
        let other = theirs.link(&format!("road-{number}-{way}")).unwrap_or_else(|| panic!("{name}: {}", link.name));
        assert_eq!(link.lanes.len(), other.lanes.len(), "{name} {}", link.name);
        assert!((link.speed_limit_mps - other.speed_limit_mps).abs() < 1e-9);
        for (a, b) in link.lanes.iter().zip(&other.lanes) {
            let what = format!("{}, lane {}", link.name, a.id);
            near(&a.centreline, &b.centreline, &what);
            assert_eq!((a.kind, a.connections.len()), (b.kind, b.connections.len()), "{name}, {what}");
            assert!((a.width_m - b.width_m).abs() <= metres, "{name}, {what}: {} {}", a.width_m, b.width_m);
            for (c, d) in a.connections.iter().zip(&b.connections) {
                assert_eq!((c.to_lane, c.turn, c.signal_group), (d.to_lane, d.turn, d.signal_group), "{name}, {what}");
                if c.path.len() >= 2 {
                    near(&c.path, &d.path, &what);
                }
            }
        }
    }
    assert_eq!(ours.crosswalks.len(), theirs.crosswalks.len(), "{name}");
    for walk in &ours.crosswalks {
        let same = theirs.crosswalks.iter().find(|other| {
            let ends = [&other.centreline[0], &other.centreline[1]];
            walk.centreline.iter().all(|p| ends.iter().any(|q| (p[0] - q[0]).hypot(p[1] - q[1]) <= metres))
        });
        assert_eq!(same.map(|s| s.signal_group), Some(walk.signal_group), "{name} {}", walk.name);
    }
}

/// The end of a line that lies at the crossing is at most the reach away from what is kept of it.
fn ours_end(line: &[Waypoint]) -> &Waypoint {
    let middle = |p: &Waypoint| p[0].hypot(p[1]);
    let (first, last) = (&line[0], &line[line.len() - 1]);
    if middle(first) < middle(last) { first } else { last }
}

#[test]
fn an_exported_map_reads_back_to_the_same_lanes_within_centimetres() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim/scenarios/maps");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "json") {
            let map = SiteMap::load(&path).unwrap();
            same_within(&path.display().to_string(), &map, &read_back(&export(&map, None)), 0.03);
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen}");
    let small = import(SMALL).unwrap();
    same_within("small", &small, &read_back(&export(&small, None)), 0.03);
}

#[test]
fn the_place_on_earth_goes_out_and_comes_back() {
    let map = import(SMALL).unwrap();
    let origin = Wgs84 { lat_deg: 31.284156, lon_deg: 121.50321, alt_m: 0.0 };
    let back = import_junction(&export(&map, Some(origin)), None).unwrap();
    let (ours, theirs) = (EnuFrame::new(origin), EnuFrame::new(back.place.unwrap()));
    let turned = ours.self_from(&theirs);
    let mut moved = back.map.clone();
    for p in moved.links.iter_mut().flat_map(|l| &mut l.lanes).flat_map(|l| &mut l.centreline) {
        let at = turned * nalgebra::Point3::new(p[0], p[1], 0.0);
        (p[0], p[1]) = (at.x, at.y);
    }
    for (number, link) in (1..).zip(&map.links) {
        let other = moved.links.iter().find(|l| l.name.starts_with(&format!("road-{number}-"))).unwrap();
        for (a, b) in link.lanes.iter().zip(&other.lanes) {
            assert!(a.centreline.iter().all(|p| off(p, &b.centreline) < 0.02), "{} {}", link.name, a.id);
        }
    }
}

#[test]
fn a_map_in_utm_is_turned_to_true_north_and_other_projections_are_named() {
    let put = |text: &str| {
        let header = format!(
            "name=\"x\"><offset x=\"300000\" y=\"3460000\" z=\"0\" hdg=\"0\"/><geoReference><![CDATA[{text}]]></geoReference></header>"
        );
        SMALL.replacen("name=\"small crossing\"/>", &header, 1)
    };
    let import = import_junction(&put("+proj=utm +zone=51 +ellps=WGS84"), None).unwrap();
    let place = import.place.unwrap();
    assert!((place.lat_deg - 31.2569).abs() < 0.02 && (place.lon_deg - 120.899).abs() < 0.02, "{place:?}");
    // Two degrees west of the zone's meridian the grid points a degree west of north there: the road from the west is turned.
    let line = &import.map.link("road-1-in").unwrap().lanes[0].centreline;
    let turn = (line[1][1] - line[0][1]).atan2(line[1][0] - line[0][0]).to_degrees();
    let expected = -(2.1_f64 * 31.2569_f64.to_radians().sin());
    assert!((turn.abs() - expected.abs()).abs() < 0.05, "{turn}° for {expected}°");
    let run = (line[1][0] - line[0][0]).hypot(line[1][1] - line[0][1]);
    assert!((run - 90.0).abs() < 0.06 && (run - 90.0).abs() > 0.0005, "the grid's scale is taken out: {run}");
    let other = import_junction(&put("+proj=merc +lon_0=8"), None).unwrap();
    assert_eq!((other.place, other.notes.len()), (None, 1));
    assert!(other.notes[0].contains("`merc`"), "{:?}", other.notes);
}
