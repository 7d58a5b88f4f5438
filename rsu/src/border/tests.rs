use nalgebra::Vector2;
use perception::Size;

use super::*;

fn config() -> Config {
    let text = "[site]\nid = \"x02\"\norigin = { lat_deg = 31.284, lon_deg = 121.503 }\n[tracking]\nregion_m = 100\n";
    toml::from_str(text).unwrap()
}

const ORIGIN: Wgs84 = Wgs84 { lat_deg: 31.284, lon_deg: 121.503, alt_m: 0.0 };

fn ms(n: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + n)
}

fn border() -> Border {
    Border::new(&config(), EnuFrame::new(ORIGIN), ms(0))
}

fn track(unit: &str, serial: u64, born: i64, at: i64, x: f64, vx: f64) -> Track {
    Track {
        key: TrackKey { unit: UnitId(unit.into()), serial },
        class: Class::Car,
        class_belief: [0.0; 7],
        at: ms(at),
        last_seen: ms(at),
        born: ms(born),
        position: Vector3::new(x, -1.75, 0.0),
        velocity: Vector2::new(vx, 0.0),
        yaw: 0.0,
        yaw_rate: 0.0,
        covariance: Matrix4::from_diagonal(&[0.1, 0.1, 0.3, 0.3].into()),
        front_known: true,
        yaw_sigma: 0.1,
        size: Size { length_m: 4.5, width_m: 1.8, height_m: 1.5 },
        existence: 1.0,
        confirmed: true,
        sensing: Vec::new(),
    }
}

/// What a neighbour `east_m` east of us says; its tracks are given in its own `enu`.
fn said(unit: &str, east_m: f64, tracks: Vec<Track>) -> BorderTracks {
    let place = EnuFrame::new(ORIGIN).wgs84_from_enu(Vector3::new(east_m, 0.0, 0.0));
    BorderTracks { unit: UnitId(unit.into()), origin: [place.lat_deg, place.lon_deg, place.alt_m], tracks }
}

fn keys(found: &[Recognised]) -> Vec<(u64, String)> {
    found.iter().map(|f| (f.mine.serial, f.key.to_string())).collect()
}

#[test]
fn a_neighbours_track_is_found_again_after_a_gap_in_view() {
    let mut border = border();
    // 200 m east of us a unit sees a car go west; two seconds later it is 70 m nearer, and here.
    let there = Track { yaw: std::f64::consts::PI, ..track("x03", 7, -5000, 0, -130.0, -15.0) };
    border.hear(ms(10), said("x03", 200.0, vec![there])).unwrap();
    let here = Track { velocity: Vector2::new(-15.5, 0.0), ..track("x02", 1, 1900, 2000, 39.4, 0.0) };
    let found = border.recognise(ms(2000), &[here]);
    assert_eq!(keys(&found), [(1, "x03/7".into())]);
    assert_eq!(found[0].from.0, "x03");
}

#[test]
fn another_place_course_or_kind_is_another_road_user() {
    let mut border = border();
    border.hear(ms(0), said("x03", 200.0, vec![track("x03", 7, -5000, 0, -150.0, 10.0)])).unwrap();
    let here = |x: f64, vx: f64, class| Track { class, ..track("x02", 1, 400, 500, x, vx) };
    assert_eq!(border.recognise(ms(500), &[here(55.0, 10.0, Class::Car)]).len(), 1);
    assert_eq!(border.recognise(ms(500), &[here(55.0, 10.0, Class::Unknown)]).len(), 1);
    assert!(border.recognise(ms(500), &[here(61.0, 10.0, Class::Car)]).is_empty(), "6 m ahead");
    assert!(border.recognise(ms(500), &[here(55.0, -10.0, Class::Car)]).is_empty(), "the other way");
    assert!(border.recognise(ms(500), &[here(55.0, 10.0, Class::Pedestrian)]).is_empty(), "a person");
}

#[test]
fn of_two_units_only_the_one_that_saw_it_later_takes_the_others_key() {
    let mut border = border();
    border.hear(ms(0), said("x03", 0.0, vec![track("x03", 7, 300, 500, 20.0, 10.0)])).unwrap();
    assert!(border.recognise(ms(500), &[track("x02", 1, 200, 500, 20.0, 10.0)]).is_empty(), "ours is older");
    assert_eq!(border.recognise(ms(500), &[track("x02", 1, 400, 500, 20.0, 10.0)]).len(), 1);
    // Seen at one instant by both: one of the two rules, and both units find the same one.
    assert!(border.recognise(ms(500), &[track("x02", 1, 300, 500, 20.0, 10.0)]).is_empty());
}

#[test]
fn two_cars_side_by_side_each_get_their_own_key() {
    let mut border = border();
    let theirs = [(1, 20.0), (2, 26.0)].map(|(serial, x)| track("x03", serial, -900, 0, x, 10.0)).to_vec();
    border.hear(ms(0), said("x03", 0.0, theirs)).unwrap();
    let mine = [(5, 27.2), (6, 21.2)].map(|(serial, x)| track("x02", serial, 50, 100, x, 10.0));
    let mut found = keys(&border.recognise(ms(100), &mine));
    found.sort();
    assert_eq!(found, [(5, "x03/2".into()), (6, "x03/1".into())]);
    // A key that an own track has already is not given again.
    let mine = [track("x03", 1, -100, 100, 21.2, 10.0), track("x02", 6, 50, 100, 21.0, 10.0)];
    assert!(border.recognise(ms(100), &mine).iter().all(|f| f.key.serial != 1));
}

fn shared(border: &mut Border, at: i64, tracks: Vec<Track>) -> Option<Vec<u64>> {
    let mut out = Outbox::default();
    let world = World { tracks, ..World::empty(ms(at)) };
    border.step(&world, &mut out);
    match out.pop() {
        Some(Output::Share(share)) => Some(share.tracks.iter().map(|t| t.key.serial).collect()),
        _ => None,
    }
}

#[test]
fn only_what_is_near_a_neighbour_is_told() {
    let mut border = border();
    let road = || (0..10).map(|i| track("x02", i, 0, 0, -90.0 + i as f64 * 20.0, 0.0)).collect::<Vec<_>>();
    // Nobody known: the outer 80 m of the 100 m around us, the nearest to the edge first.
    assert_eq!(shared(&mut border, 0, road()), Some(vec![0, 9, 1, 8, 2, 7, 3, 6]));
    // A neighbour some 250 m to the east, whose region reaches 100 m towards us: up to 80 m off it, that is from 70 m on.
    border.hear(ms(50), said("x03", 249.9, Vec::new())).unwrap();
    assert_eq!(shared(&mut border, 200, road()), Some(vec![9, 8]));
    // Nothing to tell: once a second all the same, so that the neighbours know where we are.
    assert_eq!(shared(&mut border, 300, Vec::new()), None);
    assert_eq!(shared(&mut border, 1300, Vec::new()), Some(vec![]));
}

#[test]
fn nonsense_from_a_neighbour_is_refused_and_what_is_kept_is_bounded() {
    let mut border = border();
    for bad in [
        said("x02", 100.0, Vec::new()),
        said(&"x".repeat(65), 100.0, Vec::new()),
        said("x03", 50_000.0, Vec::new()),
        BorderTracks { origin: [f64::NAN, 0.0, 0.0], ..said("x03", 100.0, Vec::new()) },
        BorderTracks { origin: [121.5, 31.2, 0.0], ..said("x03", 100.0, Vec::new()) },
    ] {
        assert_eq!(border.hear(ms(0), bad), Err(BorderError::Malformed));
    }
    let many = |base: u64| (0..500).map(|i| track("x03", base + i, 0, 0, 0.0, 0.0)).collect();
    for n in 0..20 {
        border.hear(ms(0), said("x03", 100.0, many(n * 1000))).unwrap();
    }
    assert!(border.neighbours[&UnitId("x03".into())].tracks.len() <= limits::BORDER_TRACKS);
    for n in 0..200 {
        let _ = border.hear(ms(0), said(&format!("u{n}"), 100.0, Vec::new()));
        let _ = border.on_alive(ms(0), UnitId(format!("v{n}")), true);
    }
    assert_eq!(border.alive().len(), limits::NEIGHBOURS);
    border.retire(ms(10_000));
    assert!(border.neighbours.values().all(|n| n.tracks.is_empty()));
}
