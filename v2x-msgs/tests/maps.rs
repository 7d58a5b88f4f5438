//! Maps checked, sliced, drawn and exchanged.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use v2x_msgs::map::{self, SliceError, check, geojson, merge, platform, slice};
use v2x_msgs::model::{
    ConnectingLane, Connection, IntersectionState, Lane, Link, Map, Movement, Node, NodeId, Phase, PhaseState,
    Position, Spat,
};
use v2x_msgs::{Message, Profile, decode, encode, hex};

const CROSSING: NodeId = NodeId { region: Some(1), id: 7 };

fn at(east_m: f64, north_m: f64) -> Position {
    let raw = |deg: f64| (deg * 1e7).round() / 1e7;
    Position::new(raw(31.284_156 + north_m / 110_900.0), raw(121.503_21 + east_m / 95_200.0))
}

/// A crossing of `arms` roads of three lanes in and two out, each lane with `points` points.
fn crossing(arms: u16, points: u32) -> Map {
    let side = |arm: u16| f64::from(arm) * std::f64::consts::TAU / f64::from(arms);
    let line = |arm: u16, lane: u8, away: bool| -> Vec<Position> {
        let (sin, cos) = side(arm).sin_cos();
        let (lane, towards) = (f64::from(lane) * 3.5, if away { -1.0 } else { 1.0 });
        let point = |i: u32| {
            let r = 20.0 + 200.0 * f64::from(if away { i } else { points - 1 - i }) / f64::from(points - 1);
            at(cos * r - sin * lane * towards, sin * r + cos * lane * towards)
        };
        (0..points).map(point).collect()
    };
    let far = |arm: u16| NodeId::new(1, 100 + arm);
    let inbound = |arm: u16| {
        let lane = |lane_id: u8| {
            let to = (arm + u16::from(lane_id)) % arms;
            let connecting_lane = Some(ConnectingLane { lane: lane_id.min(2), maneuver: None });
            let connection =
                Connection { remote_intersection: far(to), connecting_lane, phase_id: Some(arm as u8 * 4 + lane_id) };
            Lane {
                lane_id,
                lane_width_m: Some(3.5),
                connects_to: vec![connection],
                points: line(arm, lane_id, false),
                ..Lane::default()
            }
        };
        let lanes: Vec<Lane> = (1..=3).map(lane).collect();
        let movement = |c: &Connection| Movement { remote_intersection: c.remote_intersection, phase_id: c.phase_id };
        let movements = lanes.iter().flat_map(|lane| &lane.connects_to).map(movement).collect();
        Link { upstream_node_id: far(arm), movements, lanes, ..Link::default() }
    };
    let outbound = |arm: u16| {
        let lane =
            |lane_id| Lane { lane_id, lane_width_m: Some(3.5), points: line(arm, lane_id, true), ..Lane::default() };
        let link = Link { upstream_node_id: CROSSING, lanes: (1..=2).map(lane).collect(), ..Link::default() };
        let (sin, cos) = side(arm).sin_cos();
        Node { id: far(arm), ref_pos: Some(at(cos * 220.0, sin * 220.0)), in_links: vec![link], name: None }
    };
    let own = Node {
        name: Some("Museum Rd".into()),
        id: CROSSING,
        ref_pos: Some(at(0.0, 0.0)),
        in_links: (0..arms).map(inbound).collect(),
    };
    let nodes = std::iter::once(own).chain((0..arms).map(outbound)).collect();
    Map { msg_cnt: 126, time_stamp_min: Some(7), nodes }
}

fn signals(map: &Map) -> Spat {
    let links = map.nodes[0].in_links.iter();
    let ids = links.flat_map(|link| &link.lanes).flat_map(|lane| &lane.connects_to).filter_map(|c| c.phase_id);
    let phases = ids.map(|id| Phase { id, phase_states: vec![PhaseState::default()] }).collect();
    let state = IntersectionState { intersection_id: CROSSING, phases, ..IntersectionState::default() };
    Spat { intersections: vec![state], ..Spat::default() }
}

#[test]
fn a_sound_map_has_no_findings() {
    let map = crossing(4, 5);
    assert_eq!(check(&map, Some(&signals(&map))), []);
}

/// One slip in a sound map, and what is said of it.
#[test]
fn every_slip_is_found_with_its_place() {
    type Slip = (fn(&mut Map), &'static str, &'static str);
    let slips: [Slip; 13] = [
        (|m| m.nodes[2].id = m.nodes[1].id, "nodes[2].id", "is there twice"),
        (|m| m.nodes[0].ref_pos = None, "nodes[0].ref_pos", "no reference position"),
        (
            |m| m.nodes[0].in_links[1].upstream_node_id = NodeId::new(1, 100),
            "nodes[0].in_links[1]",
            "two links from node 1/100",
        ),
        (|m| m.nodes[0].in_links[0].lanes.clear(), "nodes[0].in_links[0].lanes", "no lane"),
        (
            |m| m.nodes[0].in_links[0].lanes[1].lane_id = 1,
            "nodes[0].in_links[0].lanes[1].lane_id",
            "lane 1 is there twice",
        ),
        (|m| m.nodes[0].in_links[0].lanes[1].lane_id = 0, "nodes[0].in_links[0].lanes[1].lane_id", "no number"),
        (
            |m| m.nodes[0].in_links[0].lanes[0].lane_width_m = Some(0.0),
            "nodes[0].in_links[0].lanes[0].lane_width_m",
            "a width of 0 m",
        ),
        (
            |m| m.nodes[0].in_links[0].lanes[0].points.truncate(1),
            "nodes[0].in_links[0].lanes[0].points",
            "one point is no line",
        ),
        (
            |m| m.nodes[0].in_links[0].lanes[0].points[2].lat_deg += 1.0,
            "nodes[0].in_links[0].lanes[0].points[2]",
            "a jump of",
        ),
        (
            |m| m.nodes[0].in_links[0].lanes[0].points.clear(),
            "nodes[0].in_links[0].lanes[0].points",
            "neither the lane nor its link",
        ),
        (
            |m| {
                m.nodes[0].in_links[0].lanes[0].connects_to[0].connecting_lane =
                    Some(ConnectingLane { lane: 9, maneuver: None })
            },
            "nodes[0].in_links[0].lanes[0].connects_to[0]",
            "has no lane 9; it has 1, 2",
        ),
        (
            |m| m.nodes[0].in_links[0].lanes[0].connects_to[0].remote_intersection = NodeId::new(9, 9),
            "nodes[0].in_links[0].lanes[0].connects_to[0]",
            "node 9/9 is not in the map",
        ),
        (
            |m| m.nodes[1].in_links[0].upstream_node_id = NodeId::new(1, 102),
            "nodes[0].in_links[1].lanes[2].connects_to[0]",
            "node 1/100 has no link from here",
        ),
    ];
    for (slip, path, words) in slips {
        let mut map = crossing(4, 5);
        slip(&mut map);
        let findings = check(&map, None);
        let found = findings.iter().any(|f| f.path == path && f.what.contains(words));
        assert!(found, "{path}: {words}: {findings:#?}");
    }
}

#[test]
fn phases_that_only_one_side_knows_are_found() {
    let map = crossing(4, 5);
    let mut spat = signals(&map);
    spat.intersections[0].phases.retain(|phase| phase.id != 2);
    spat.intersections[0].phases.push(Phase { id: 200, phase_states: vec![PhaseState::default()] });
    let findings = check(&map, Some(&spat));
    assert!(findings.iter().any(|f| f.error && f.what.contains("phase 2 is not in the SPAT")), "{findings:#?}");
    assert!(findings.iter().any(|f| !f.error && f.what.contains("no movement obeys phase 200")), "{findings:#?}");
    spat.intersections[0].intersection_id = NodeId::new(1, 8);
    let findings = check(&map, Some(&spat));
    assert!(findings.iter().any(|f| f.what.contains("node 1/8 is not in the map")), "{findings:#?}");
    assert!(findings.iter().any(|f| f.what.contains("does not speak of node 1/7")), "{findings:#?}");
}

#[test]
fn the_union_of_the_slices_is_the_map_and_each_fits() {
    for most in [200, 400, 700, 1_400] {
        let map = crossing(8, 20);
        let slices = slice(&map, Profile::Csae53_2020, most).unwrap();
        assert!(slices.len() > 1);
        for (i, part) in slices.iter().enumerate() {
            let octets = encode(&Message::Map(part.clone()), Profile::Csae53_2020).unwrap();
            assert!(octets.len() <= most, "{} of {most}", octets.len());
            assert_eq!(decode(&octets, Profile::Csae53_2020).unwrap(), Message::Map(part.clone()));
            assert_eq!(usize::from(part.msg_cnt), (126 + i) % 128);
        }
        assert_eq!(merge(&slices), map);
    }
}

#[test]
fn slices_of_the_other_set_keep_the_numbers_of_their_lanes() {
    let map = crossing(8, 20);
    let whole = slice(&map, Profile::J2735_2024, usize::MAX).unwrap();
    assert_eq!(whole.len(), 1);
    let slices = slice(&map, Profile::J2735_2024, 700).unwrap();
    assert!(slices.len() > 3);
    let mut heard = Vec::new();
    for part in &slices {
        let octets = encode(&Message::Map(part.clone()), Profile::J2735_2024).unwrap();
        assert!(octets.len() <= 700);
        let Message::Map(map) = decode(&octets, Profile::J2735_2024).unwrap() else { panic!("a MAP") };
        heard.push(map);
    }
    let lanes = |map: &Map| {
        let links = map.nodes.iter().flat_map(|node| node.in_links.iter().map(move |link| (node.id, link)));
        let lanes = links.flat_map(|(id, link)| {
            link.lanes.iter().map(move |lane| (id, link.upstream_node_id, lane.lane_id, lane.points.clone()))
        });
        let mut lanes: Vec<_> = lanes.collect();
        lanes.sort_by_key(|(_, _, number, _)| *number);
        lanes
    };
    assert_eq!(lanes(&merge(&heard)), lanes(&whole[0]));
    assert_eq!(lanes(&whole[0]).len(), 8 * 5);
}

#[test]
fn a_lane_that_fits_no_message_is_named() {
    let error = slice(&crossing(4, 30), Profile::Csae53_2020, 100).unwrap_err();
    assert!(
        matches!(&error, SliceError::TooLarge { path, most: 100, .. } if path == "nodes[0].in_links[0].lanes[0]"),
        "{error}"
    );
}

/// The rules of RFC 7946 that a drawing could break.
fn is_geojson(value: &Value) {
    assert_eq!(value["type"], "FeatureCollection");
    assert!(value.get("crs").is_none());
    let position = |p: &Value| {
        let p: Vec<f64> = p.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
        assert!(p.len() == 2 || p.len() == 3, "{p:?}");
        assert!((-180.0..=180.0).contains(&p[0]) && (-90.0..=90.0).contains(&p[1]), "longitude first: {p:?}");
    };
    for feature in value["features"].as_array().unwrap() {
        assert_eq!(feature["type"], "Feature");
        assert!(feature["properties"].is_object());
        let geometry = &feature["geometry"];
        match geometry["type"].as_str().unwrap() {
            "Point" => position(&geometry["coordinates"]),
            "LineString" => {
                let line = geometry["coordinates"].as_array().unwrap();
                assert!(line.len() >= 2);
                line.iter().for_each(position);
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_map_is_drawn_as_geojson_with_every_lane_and_connection() {
    let drawing = geojson::from_map(&crossing(4, 5));
    is_geojson(&drawing);
    let count =
        |kind: &str| drawing["features"].as_array().unwrap().iter().filter(|f| f["properties"]["kind"] == kind).count();
    assert_eq!((count("node"), count("lane"), count("connection"), count("link")), (5, 20, 12, 0));
    is_geojson(&geojson::from_map(&Map::default()));
}

#[test]
fn platform_json_is_read_as_platforms_write_it() {
    let map = crossing(4, 5);
    let value = platform::from_map(&map).unwrap();
    assert_eq!(value["msgCnt"], "126");
    assert_eq!(value["nodes"]["Node"][0]["id"], json!({ "region": "1", "id": "7" }));
    assert_eq!(value["nodes"]["Node"][0]["inLinks"]["Link"][0]["lanes"]["Lane"][0]["laneWidth"], "350");
    assert_eq!(platform::to_map(&value).unwrap(), map);
    // A single element without brackets, numbers as numbers, and an absolute place, as such files have them.
    let written = json!({
        "msgCnt": 3,
        "nodes": { "Node": {
            "name": "west gate",
            "id": { "region": "10", "id": "19" },
            "refPos": { "lat": "397870006", "long": "1165119042", "elevation": "0" },
            "inLinks": { "Link": {
                "upstreamNodeId": { "region": 10, "id": 18 },
                "speedLimits": { "RegulatorySpeedLimit": { "type": { "vehicleMaxSpeed": null }, "speed": "833" } },
                "lanes": { "Lane": [{
                    "laneID": "1",
                    "laneAttributes": { "shareWith": "0000000000", "laneType": { "vehicle": "00000000" } },
                    "maneuvers": "110000000000",
                    "points": { "RoadPoint": [
                        { "posOffset": { "offsetLL": { "position-LatLon": { "lon": "1165142774", "lat": "397841165" } } } },
                        { "posOffset": { "offsetLL": { "position-LatLon": { "lon": "1165120283", "lat": "397868872" } } } },
                    ] },
                }] },
            } },
        } },
    });
    let map = platform::to_map(&written).unwrap();
    let link = &map.nodes[0].in_links[0];
    assert_eq!(link.upstream_node_id, NodeId::new(10, 18));
    assert_eq!(link.speed_limits[0].speed_mps, Some(16.66));
    assert_eq!(link.lanes[0].points[0], Position::new(39.784_116_5, 116.514_277_4));
    assert_eq!(platform::to_map(&platform::from_map(&map).unwrap()).unwrap(), map);
    for (broken, words) in [
        (json!({ "msgCnt": "x", "nodes": [] }), "msgCnt: expected a whole number"),
        (json!({ "msgCnt": "1" }), "nodes"),
        (json!({ "msgCnt": "1", "nodes": { "Node": [{ "id": { "id": "99999999" } }] } }), "nodes[0]"),
        (json!(null), "map"),
    ] {
        let error = platform::to_map(&broken).unwrap_err().to_string();
        assert!(error.contains(words), "{error} does not say {words}");
    }
}

/// Real maps of both sets: findings are findings, and nothing panics.
#[test]
fn real_maps_are_checked_sliced_and_drawn() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/v2x_open.jsonl");
    let Ok(text) = fs::read_to_string::<&Path>(&file) else {
        println!("skipped: no ../shared");
        return;
    };
    let mut seen = 0;
    for vector in text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let profile = if vector["standard"] == "T/CSAE 53" { Profile::Csae53_2020 } else { Profile::J2735_2024 };
        let octets = hex::from_hex(vector["hex"].as_str().unwrap()).unwrap();
        let (true, Ok(Message::Map(map))) = (vector["message"] == "MAP", decode(&octets, profile)) else { continue };
        seen += 1;
        let _ = map::check(&map, None);
        is_geojson(&geojson::from_map(&map));
        if let Ok(slices) = slice(&map, profile, 300) {
            assert_eq!(merge(&slices).nodes.len(), map.nodes.len(), "{vector}");
        }
    }
    assert!(seen >= 18, "{seen}");
}
