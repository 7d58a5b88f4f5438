//! The network as a whole: on the shared maps, on small roads made for the purpose, and on hostile files.

use std::f64::consts::PI;

use proptest::prelude::*;

use super::esmini::maps;
use super::sketch::{Sketch, crossing, file, lane, network, section, two_lanes};
use super::{Choice, LaneKind, LanePosition, Network, OpenDriveError, RoadPosition};

#[test]
fn every_place_on_every_shared_map_is_found_again() {
    for (name, network) in maps() {
        let (mut places, mut worst) = (0, 0.0_f64);
        for (number, road) in network.roads().iter().enumerate() {
            for part in 0..=60 {
                let s = road.length * f64::from(part) / 60.0;
                for lane in network.lanes(number, s) {
                    let at = LanePosition { road: number, lane, s, offset: 0.3 };
                    worst = worst.max(round_trip(&network, at));
                    places += 1;
                    let pose = network.pose_at_lane(&at).unwrap();
                    // And with the whole map to search, some road is there.
                    let any = network.locate(pose.x, pose.y, None).unwrap();
                    let width = network.lane_width(number, lane, s).unwrap();
                    assert!(any.distance <= 1e-6 || width < 0.7, "{name} {at:?} {any:?}");
                }
            }
        }
        println!("{name}: {places} places, worst {worst:e} m");
        assert!(worst < 1e-6, "{name}: {worst}");
    }
}

/// How far a place is from itself after the way to the world and back, metres.
fn round_trip(network: &Network, at: LanePosition) -> f64 {
    let pose = network.pose_at_lane(&at).unwrap();
    let there = network.road_position(&at).unwrap();
    let found = network.locate_on(at.road, there.s + 3.0, [pose.x, pose.y]).unwrap();
    let back = network.pose_at_road(&found.road).unwrap();
    let miss = (back.x - pose.x).hypot(back.y - pose.y);
    miss.max((found.road.s - there.s).abs()).max((found.road.t - there.t).abs())
}

#[test]
fn linked_lanes_of_the_shared_maps_meet() {
    for (name, network) in maps() {
        let gaps: Vec<(String, i32)> = network.gaps(0.0501, 9.0).into_iter().map(|gap| (gap.from, gap.lane)).collect();
        // A sidewalk linked across the road: a fault of that map.
        let known = if name.contains("multi_intersections") { vec![("284".to_owned(), 4)] } else { Vec::new() };
        assert_eq!(gaps, known, "{name}");
        assert!(network.notes().is_empty(), "{name}: {:?}", network.notes());
    }
}

#[test]
fn banked_climbing_roads_with_shape_and_raised_lanes_lead_back_to_themselves() {
    let raised = "<lane id='-2' type='sidewalk'><width sOffset='0' a='2' b='0.01' c='0' d='0'/>\
        <height sOffset='0' inner='0.1' outer='0.15'/></lane>";
    let road = Sketch {
        pieces: vec![(0.01, 60.0), (-0.02, 80.0)],
        lanes: format!(
            "<laneOffset s='0' a='0.5' b='0.01' c='0' d='0'/>{}",
            section(0.0, &lane(1, None, None), &(lane(-1, None, None) + raised))
        ),
        more: "<elevationProfile><elevation s='0' a='5' b='0.06' c='0.0002' d='0'/></elevationProfile>\
            <lateralProfile><superelevation s='0' a='0.02' b='0.001' c='0' d='0'/>\
            <shape s='0' t='-8' a='0.1' b='-0.0125' c='0' d='0'/><shape s='0' t='0' a='0' b='0.01' c='0.001' d='0'/>\
            </lateralProfile>"
            .into(),
        ..Sketch::default()
    };
    let network = network(&[road], "");
    for part in 0..50 {
        for lane in [1, -1, -2] {
            let at = LanePosition { road: 0, lane, s: f64::from(part) * 2.8, offset: 0.2 };
            assert!(round_trip(&network, at) < 1e-8, "{at:?}: {}", round_trip(&network, at));
        }
    }
    // The frame of the pose is that of the surface: a metre to the left is a metre of t.
    let pose = network.pose_at_road(&RoadPosition { road: 0, s: 40.0, t: 0.0 }).unwrap();
    assert!((pose.roll - 0.06).abs() < 1e-12 && (pose.pitch + (0.06_f64 + 0.016).atan()).abs() < 1e-12);
    assert!((pose.z - (5.0 + 2.4 + 0.32)).abs() < 1e-12);
}

#[test]
fn the_lane_of_a_widening_road_turns_away_from_it() {
    let wide = "<lane id='-1' type='driving'><width sOffset='0' a='3' b='0.1' c='0' d='0'/></lane>";
    let road = Sketch { lanes: section(0.0, "", wide), ..Sketch::default() };
    let network = network(&[road], "");
    let at = |s: f64| network.pose_at_lane(&LanePosition { road: 0, lane: -1, s, offset: 0.0 }).unwrap();
    let (a, b) = (at(10.0), at(10.001));
    assert!((a.yaw - (b.y - a.y).atan2(b.x - a.x)).abs() < 1e-9 && (a.y + 2.0).abs() < 1e-12);
}

#[test]
fn the_road_knows_its_lanes_kinds_limits_and_side() {
    let slow = "<lane id='-1' type='biking'><width sOffset='0' a='2' b='0' c='0' d='0'/><speed sOffset='50' max='20' \
        unit='km/h'/></lane>";
    let road = |id, attributes| Sketch {
        id,
        attributes,
        lanes: section(0.0, &lane(1, None, None), slow),
        more: "<type s='0' type='town'><speed max='50' unit='km/h'/></type>".into(),
        ..Sketch::default()
    };
    let network = network(&[road("a", "rule='RHT'"), road("b", "rule='LHT'")], "");
    assert_eq!((network.road_index("b"), network.road_id(0)), (Some(1), Some("a")));
    assert_eq!(network.lanes(0, 5.0), [1, -1]);
    assert_eq!(network.lane_kind(0, -1, 5.0), Some(LaneKind::Biking));
    let limit = |s| network.speed_limit(0, -1, s).unwrap() * 3.6;
    assert!((limit(20.0) - 50.0).abs() < 1e-9 && (limit(60.0) - 20.0).abs() < 1e-9);
    assert!(network.runs_forward(0, -1) && !network.runs_forward(0, 1));
    assert!(!network.runs_forward(1, -1) && network.runs_forward(1, 1));
    assert_eq!(network.lane_at(0, 5.0, 1.0), Some((1, -0.75)));
    assert_eq!(network.nearest_lane(0, 5.0, -1.0, LaneKind::is_driven), Some((1, -2.75)));
    assert_eq!(network.lane_position(&RoadPosition { road: 0, s: 5.0, t: -1.0 }).unwrap().offset, 0.0);
}

#[test]
fn where_roads_lie_on_each_other_the_hint_decides() {
    let network = crossing();
    let road = |id| network.road_index(id).unwrap();
    let at = |id| RoadPosition { road: road(id), s: 1.0, t: -1.5 };
    for id in ["straight", "left", "right"] {
        assert_eq!(network.locate(101.0, -1.5, Some(at(id))).unwrap().road.road, road(id));
    }
    let all: Vec<_> = network.locate_all(101.0, -1.5).iter().map(|found| found.road.road).collect();
    assert_eq!(all, [road("straight"), road("left"), road("right")]);
    // Far away from all roads the nearest end is found, and how far it is.
    let far = network.locate(-300.0, 400.0, None).unwrap();
    assert_eq!((far.road.road, far.road.s), (road("in"), 0.0));
    assert!((far.distance - 300.0_f64.hypot(400.0 - 3.5)).abs() < 1e-6);
    assert_eq!(network.locate(f64::NAN, 0.0, None), None);
}

fn refused(text: &str) -> OpenDriveError {
    Network::parse(text, "map.xodr").unwrap_err()
}

#[test]
fn hostile_files_are_refused_with_line_element_and_remedy() {
    let entities =
        "<?xml version='1.0'?>\n<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>\n<OpenDRIVE>&b;</OpenDRIVE>";
    let error = refused(entities);
    assert!(error.line == 2 && error.to_string().contains("DOCTYPE"), "{error}");
    for (from, to, element) in [
        ("length='100'", "length='NaN'", "road"),
        ("length='100'>", "length='inf'>", "geometry"),
        ("curvature='0'", "curvature='1e300'", "arc"),
        ("curvature='0'", "curvature='1e6'", "arc"),
        ("<arc curvature='0'/>", "", "geometry"),
        ("x='0'", "x='-inf'", "geometry"),
        ("a='3.5'", "a='wide'", "width"),
        ("lane id='1'", "lane id='one'", "lane"),
        ("revMajor='1'", "revMajor='2'", "header"),
    ] {
        let good = file(&[Sketch::default()], "");
        let error = refused(&good.replacen(from, to, 1));
        assert_eq!(error.element, element, "{from} → {to}: {error}");
        assert!(error.line > 0 && !error.remedy.is_empty() && error.to_string().starts_with("map.xodr:"), "{error}");
    }
    let twice = file(&[Sketch::default(), Sketch::default()], "");
    assert!(refused(&twice).to_string().contains("that of another road"));
    for text in ["", "<a/>", "<OpenDRIVE/>", "<OpenDRIVE><header revMajor='1'/></OpenDRIVE>", "<OpenDRIVE", "\u{0}"] {
        refused(text);
    }
    let missing = Network::read("/nowhere/map.xodr".as_ref()).unwrap_err();
    assert!(missing.to_string().contains("/nowhere/map.xodr"), "{missing}");
}

#[test]
fn what_is_not_understood_is_noted_with_its_line() {
    let road = Sketch { joined: ["road 77 end", ""], more: "\n<railroad/>".into(), ..Sketch::default() };
    let network = network(&[road], "<junction id='1' type='virtual'/>");
    let notes: Vec<String> = network.notes().iter().map(|note| format!("{} {}", note.line, note.what)).collect();
    assert!(notes.iter().any(|note| note.contains("3 `railroad` in `road`")), "{notes:?}");
    assert!(notes.iter().any(|note| note.contains("road `77`")) && notes.iter().any(|note| note.contains("virtual")));
}

/// Numbers as they stand in files, and worse.
fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![-100.0..100.0, -1e6..1e6, prop::num::f64::ANY, Just(0.0)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_numbers_make_the_reader_or_its_questions_fail(
        numbers in prop::collection::vec(wild(), 12), shape in 0..4, s in wild(), t in wild(), x in wild(), y in wild(),
    ) {
        let n = |i: usize| numbers[i];
        let shape = match shape {
            0 => format!("<spiral curvStart='{}' curvEnd='{}'/>", n(0), n(1)),
            1 => format!("<poly3 a='{}' b='{}' c='{}' d='{}'/>", n(0), n(1), n(2), n(3)),
            2 => format!(
                "<paramPoly3 pRange='normalized' aU='{}' bU='{}' cU='{}' dU='{}' aV='{}' bV='{}' cV='0' dV='0'/>",
                n(0), n(1), n(2), n(3), n(4), n(5)
            ),
            _ => format!("<arc curvature='{}'/>", n(0) * 1e-3),
        };
        let text = file(&[Sketch {
            lanes: format!("<laneOffset s='0' a='{}' b='{}' c='0' d='0'/>{}", n(8), n(9), two_lanes()),
            more: format!("<elevationProfile><elevation s='{}' a='0' b='{}' c='0' d='0'/></elevationProfile>\
                <lateralProfile><superelevation s='0' a='{}' b='0' c='0' d='0'/></lateralProfile>", n(10), n(11), n(6)),
            ..Sketch::default()
        }], "").replacen("<arc curvature='0'/>", &shape, 1);
        if let Ok(network) = Network::parse(&text, "wild") {
            let at = LanePosition { road: 0, lane: -1, s, offset: t };
            let _ = network.pose_at_lane(&at);
            let _ = network.pose_at_road(&RoadPosition { road: 0, s, t });
            let _ = network.locate(x, y, None);
            let _ = network.advance_distance(at, t, &Choice::Straightest);
            let _ = (network.route(at, at), network.distance(at, at, 1e3), network.gaps(0.1, 0.1));
        }
    }

    #[test]
    fn places_on_a_road_of_any_bend_lead_back_to_themselves(
        bends in prop::collection::vec((-0.03..0.03, 10.0..80.0), 1..6), part in 0.0..1.0, offset in -1.7..1.7,
    ) {
        let total: f64 = bends.iter().map(|(_, length): &(f64, f64)| length).sum();
        let network = network(&[Sketch { pieces: bends, ..Sketch::default() }], "");
        for lane in [1, -1] {
            let miss = round_trip(&network, LanePosition { road: 0, lane, s: total * part, offset });
            prop_assert!(miss < 1e-6, "{miss}");
        }
    }

    #[test]
    fn the_nearest_road_is_what_asking_each_road_in_turn_finds(x in -50.0..250.0, y in -150.0..150.0) {
        let network = crossing();
        let found = network.locate(x, y, None).unwrap();
        for road in 0..network.roads().len() {
            for guess in 0..=20 {
                let length = network.roads()[road].length;
                let each = network.locate_on(road, length * f64::from(guess) / 20.0, [x, y]).unwrap();
                prop_assert!(each.distance > found.distance - 1e-5, "{each:?} {found:?}");
            }
        }
    }
}

#[test]
fn a_ring_of_arcs_closes() {
    let quarter = |id, joined, x: f64, y: f64, hdg| Sketch {
        id,
        joined,
        at: [x, y, hdg],
        pieces: vec![(0.05, 10.0 * PI)],
        ..Sketch::default()
    };
    let ring = network(
        &[
            quarter("a", ["road d end", "road b start"], 20.0, 0.0, PI / 2.0),
            quarter("b", ["road a end", "road c start"], 0.0, 20.0, PI),
            quarter("c", ["road b end", "road d start"], -20.0, 0.0, -PI / 2.0),
            quarter("d", ["road c end", "road a start"], 0.0, -20.0, 0.0),
        ],
        "",
    );
    assert!(ring.gaps(1e-9, 1e-9).is_empty(), "{:?}", ring.gaps(1e-9, 1e-9));
    let from = LanePosition { road: 0, lane: -1, s: 3.0, offset: 0.4 };
    for (ds, lane) in [(40.0 * PI, -1), (-40.0 * PI, -1), (80.0 * PI, 1)] {
        let from = LanePosition { lane, ..from };
        let there = ring.advance(from, ds, &Choice::Straightest);
        assert!(there.halt.is_none() && there.at.road == 0 && (there.at.s - 3.0).abs() < 1e-9, "{there:?}");
        assert_eq!((there.at.lane, there.at.offset), (lane, 0.4));
    }
    // The outer lane is longer: 40 π m of it are less than a round.
    let outer = ring.advance_distance(from, 10.0 * PI, &Choice::Straightest);
    let run = 10.0 * PI / (1.0 + 0.05 * 1.35);
    assert!(outer.at.road == 1 && (outer.at.s - (3.0 + run - 10.0 * PI)).abs() < 1e-9, "{outer:?}");
    assert_eq!(ring.distance(from, LanePosition { road: 3, s: 10.0 * PI - 1.0, ..from }, 500.0), Some(-4.0));
}
