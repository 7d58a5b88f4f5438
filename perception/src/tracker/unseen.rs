//! Who is not there, and who is there but hidden.

use nalgebra::{Vector2, Vector3};

use super::tests::*;
use super::*;

/// A lidar 6 m up at the origin that sees bare ground from 5 m to 50 m but for `body` (bearing, range) and its shadow.
fn bare_ground(body: Option<(f64, f64)>) -> PlacedFreeSpace {
    let mut free = crate::FreeSpace::default();
    free.see_ground_between(5.0, 50.0);
    if let Some((bearing, range)) = body {
        free.see_body(bearing, 1.0 / range, range - 1.0, range + 1.0, range * 1.4);
    }
    let east = calibration::geodesy::Heading::from_deg(90.0);
    let enu_from_sensor = calibration::rig::enu_from_lidar_looking(Vector3::new(0.0, 0.0, 6.0), east, 0.0);
    let covariance = nalgebra::Matrix6::zeros();
    free.from_mounted(&calibration::rig::Mounted { enu_from_sensor, covariance, camera: None })
}

/// What the tracker tells when cameras see a car at (20, 6) and the lidar none, `space(frame)` being what it says of the
/// ground. Answers how many frames the car was shown after, of 30, and the tracker.
fn seen_by_cameras(cameras: &[&str], space: impl Fn(i64) -> Option<PlacedFreeSpace>) -> (usize, Tracker) {
    let mut tracker = tracker();
    let mut shown = 0;
    for i in 0..30_i64 {
        let at = moment(i * 100);
        for camera in cameras {
            let list = [placed(Class::Car, Vector2::new(20.0, 6.0), 0.4)];
            tracker.update(at, at, &SensorId((*camera).into()), &list).unwrap();
        }
        let at = moment(i * 100 + 50);
        tracker.update_with_free_space(at, at, &SensorId("lidar".into()), &[], space(i)).unwrap();
        shown += confirmed(&tracker, at).len();
    }
    (shown, tracker)
}

#[test]
fn what_one_camera_sees_on_ground_that_the_lidar_sees_bare_is_not_shown() {
    assert_eq!(seen_by_cameras(&["cam"], |_| Some(bare_ground(None))).0, 0);
    assert!(seen_by_cameras(&["cam"], |_| None).0 > 25, "a lidar that does not tell");
    let beside = Some((6.0_f64.atan2(20.0), 20.9));
    assert!(seen_by_cameras(&["cam"], |_| Some(bare_ground(beside))).0 > 25, "something stands there");
    let before = Some((6.0_f64.atan2(20.0), 16.0));
    assert!(seen_by_cameras(&["cam"], |_| Some(bare_ground(before))).0 > 25, "hidden from the lidar");
    assert!(seen_by_cameras(&["cam", "other"], |_| Some(bare_ground(None))).0 > 25, "two witnesses");
}

#[test]
fn a_shown_track_is_unmade_by_half_a_second_of_bare_ground_and_it_is_told() {
    let (shown, mut tracker) = seen_by_cameras(&["cam"], |i| (i >= 10).then(|| bare_ground(None)));
    assert!((12..=15).contains(&shown), "{shown}");
    let told = tracker.happenings();
    assert_eq!(told.iter().filter(|one| matches!(one, Happening::Ended { .. })).count(), 1, "{told:?}");
    let brief = |i: i64| (i % 10 < 3).then(|| bare_ground(None));
    assert!(seen_by_cameras(&["cam"], brief).0 > 20, "a few frames unmake nothing");
}

/// Keys shown of cars on `paths`, seen by a lidar except while `hidden(car, t)`, in the order of their first being shown.
fn keys_of(paths: &[Path], hidden: impl Fn(usize, f64) -> bool) -> Vec<(TrackKey, f64)> {
    let mut tracker = tracker();
    let mut keys: Vec<(TrackKey, f64)> = Vec::new();
    for i in 0..80_i64 {
        let (at, t) = (moment(i * 100), i as f64 * 0.1);
        let seen = paths.iter().enumerate().filter(|(car, _)| !hidden(*car, t));
        let list: Vec<Placed> = seen.map(|(_, path)| placed(Class::Car, path(t).0, 0.2)).collect();
        tracker.update(at, at, &SensorId("lidar".into()), &list).unwrap();
        tracker.retire(at);
        for track in confirmed(&tracker, at) {
            if !keys.iter().any(|(key, _)| *key == track.key) {
                keys.push((track.key, t));
            }
        }
    }
    keys
}

#[test]
fn who_comes_out_from_behind_a_truck_has_the_key_it_had_before() {
    let one = || vec![straight((-30.0, 0.0), (9.0, 0.0))];
    assert_eq!(keys_of(&one(), |_, t| (3.0..4.5).contains(&t)).len(), 1);
    assert_eq!(keys_of(&one(), |_, t| (3.0..6.5).contains(&t)).len(), 2, "too long: it may be anybody");
    // While it is hidden it is not shown, and it is told that it is gone and back.
    let mut tracker = tracker();
    for i in 0..60_i64 {
        let at = moment(i * 100);
        let list = [placed(Class::Car, Vector2::new(0.9 * i as f64, 0.0), 0.2)];
        let list = if (30..45).contains(&i) { &list[..0] } else { &list[..] };
        tracker.update(at, at, &SensorId("lidar".into()), list).unwrap();
        tracker.retire(at);
        // 600 ms after the last measurement it is on the edge.
        assert!(i == 35 || tracker.tracks_at(at).is_empty() == (36..45).contains(&i), "{i}");
    }
    let told: Vec<_> = tracker.happenings().iter().map(|h| matches!(h, Happening::Confirmed { .. })).collect();
    assert_eq!(told, [true, false, true]);
}

#[test]
fn a_hidden_car_takes_no_key_from_one_that_is_seen() {
    // The second car follows at the same speed; the first is hidden for good, and the second overtakes its guessed place.
    let slow = straight((-20.0, 0.0), (8.0, 0.0));
    let quick = straight((-38.0, 3.2), (13.0, 0.0));
    let keys = keys_of(&[slow, quick], |car, t| car == 0 && t > 2.0);
    assert_eq!(keys.len(), 2, "{keys:?}");
}
