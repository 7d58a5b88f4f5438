//! The tracker on small seeded worlds.

use std::f64::consts::PI;

use calibration::Timestamp;
use nalgebra::{Matrix2, Vector2, Vector3};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::*;
use crate::object::{Sensing, Size};
use crate::score::MotScore;

/// A place and a direction of travel at a time.
pub(super) type Path = Box<dyn Fn(f64) -> (Vector2<f64>, f64)>;

/// How one sensor of a small world sees.
#[derive(Clone)]
pub(super) struct Eye {
    pub(super) name: &'static str,
    pub(super) sigma: f64,
    pub(super) bias: Vector2<f64>,
    pub(super) period_ms: i64,
    pub(super) phase_ms: i64,
    pub(super) delay_ms: i64,
    pub(super) detects: f64,
    /// Sigma it claims, as part of its true one.
    pub(super) claims: f64,
    pub(super) yaw: bool,
}

pub(super) fn lidar() -> Eye {
    Eye {
        name: "lidar",
        sigma: 0.2,
        bias: Vector2::zeros(),
        period_ms: 100,
        phase_ms: 0,
        delay_ms: 30,
        detects: 1.0,
        claims: 1.0,
        yaw: true,
    }
}

pub(super) fn camera() -> Eye {
    Eye { name: "cam", sigma: 0.5, phase_ms: 40, delay_ms: 90, yaw: false, ..lidar() }
}

/// One frame as it reaches the tracker.
pub(super) struct Delivery {
    pub(super) arrives: Timestamp,
    pub(super) tov: Timestamp,
    pub(super) sensor: SensorId,
    pub(super) placed: Vec<Placed>,
}

pub(super) fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + ms)
}

pub(super) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

pub(super) fn placed(class: Class, place: Vector2<f64>, sigma: f64) -> Placed {
    Placed {
        class,
        score: 0.8,
        position: Vector3::new(place.x, place.y, 0.0),
        covariance: Matrix2::identity() * sigma * sigma,
        yaw: None,
        yaw_is_axis: true,
        velocity: None,
        size: None,
        sensing: Sensing::Camera,
    }
}

/// Everything the eyes see of the road users up to `until_ms`, in the order of arrival.
pub(super) fn watch(
    seed: u64,
    users: &[(Class, Path)],
    eyes: &[Eye],
    until_ms: i64,
    hidden: &dyn Fn(usize, i64) -> bool,
) -> Vec<Delivery> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut all = Vec::new();
    for eye in eyes {
        let mut ms = eye.phase_ms;
        while ms < until_ms {
            let mut list = Vec::new();
            for (i, (class, path)) in users.iter().enumerate() {
                if hidden(i, ms) || !rng.random_bool(eye.detects) {
                    continue;
                }
                let (place, yaw) = path(ms as f64 * 1e-3);
                let noise = Vector2::new(normal(&mut rng), normal(&mut rng)) * eye.sigma;
                let mut one = placed(*class, place + eye.bias + noise, eye.sigma * eye.claims);
                if eye.yaw && *class != Class::Pedestrian {
                    let turned = if rng.random_bool(0.5) { PI } else { 0.0 };
                    one.yaw = Some((yaw + 0.1 * normal(&mut rng) + turned, 0.01));
                    one.size = Some(Size { length_m: 4.5, width_m: 1.8, height_m: 1.5 });
                    one.sensing = Sensing::Lidar;
                }
                list.push(one);
            }
            all.push(Delivery {
                arrives: moment(ms + eye.delay_ms),
                tov: moment(ms),
                sensor: SensorId(eye.name.into()),
                placed: list,
            });
            ms += eye.period_ms;
        }
    }
    all.sort_by_key(|delivery| (delivery.arrives, delivery.tov));
    all
}

pub(super) fn never(_: usize, _: i64) -> bool {
    false
}

pub(super) fn tracker() -> Tracker {
    Tracker::new(UnitId("x01".into()), TrackerConfig::default())
}

pub(super) fn feed(tracker: &mut Tracker, delivery: &Delivery) {
    tracker.update(delivery.tov, delivery.arrives, &delivery.sensor, &delivery.placed).unwrap();
    tracker.retire(delivery.arrives);
}

pub(super) fn confirmed(tracker: &Tracker, at: Timestamp) -> Vec<Track> {
    tracker.tracks_at(at).into_iter().filter(|track| track.confirmed).collect()
}

/// Runs a world and scores it from `from_ms` on, at the newest frame after each arrival.
pub(super) fn judge(users: &[(Class, Path)], deliveries: &[Delivery], from_ms: i64) -> (Tracker, MotScore) {
    let (mut tracker, mut score) = (tracker(), MotScore::default());
    for delivery in deliveries {
        feed(&mut tracker, delivery);
        if delivery.tov < moment(from_ms) {
            continue;
        }
        let newest = tracker.newest_tov().unwrap();
        let seconds = newest.seconds_since(moment(0));
        let truth: Vec<_> = users.iter().enumerate().map(|(i, user)| (i as u64, user.1(seconds).0)).collect();
        let tracks: Vec<_> =
            confirmed(&tracker, delivery.tov).into_iter().map(|track| (track.key, track.position.xy())).collect();
        score.step(&truth, &tracks);
    }
    (tracker, score)
}

pub(super) fn straight(from: (f64, f64), velocity: (f64, f64)) -> Path {
    Box::new(move |t| {
        let v = Vector2::new(velocity.0, velocity.1);
        (Vector2::new(from.0, from.1) + v * t, v.y.atan2(v.x))
    })
}

/// East at 10 m/s, after two seconds a left turn of radius 12 m, then north.
pub(super) fn left_turn(t: f64) -> (Vector2<f64>, f64) {
    let (speed, radius, begin) = (10.0, 12.0, 2.0);
    let end = begin + radius * PI / 2.0 / speed;
    if t < begin {
        (Vector2::new(speed * (t - begin), 0.0), 0.0)
    } else if t < end {
        let angle = (t - begin) * speed / radius;
        (Vector2::new(radius * angle.sin(), radius * (1.0 - angle.cos())), angle)
    } else {
        (Vector2::new(radius, radius + speed * (t - end)), PI / 2.0)
    }
}

#[test]
fn hidden_for_400_ms_is_still_the_same() {
    for seed in 0..20 {
        let users: Vec<(Class, Path)> = vec![
            (Class::Car, straight((-30.0, 0.0), (12.0, 0.0))),
            (Class::Pedestrian, straight((0.0, 9.0), (0.0, 1.3))),
        ];
        let seen = watch(seed, &users, &[lidar(), camera()], 5_000, &|_, ms| (2_000..2_400).contains(&ms));
        let (_, score) = judge(&users, &seen, 1_000);
        let summary = score.summary();
        assert_eq!((summary.switches, summary.misses), (0, 0), "seed {seed}: {summary:?}");
    }
}

#[test]
fn existence_falls_while_hidden_and_the_track_ends_after_coast_ms() {
    let users: Vec<(Class, Path)> = vec![(Class::Car, straight((-30.0, 0.0), (12.0, 0.0)))];
    let mut tracker = tracker();
    for delivery in watch(1, &users, &[lidar()], 3_000, &|_, ms| ms > 2_000) {
        feed(&mut tracker, &delivery);
        if delivery.tov == moment(2_000) {
            assert!(confirmed(&tracker, delivery.tov)[0].existence > 0.99);
        }
        if delivery.tov == moment(2_500) {
            let track = &confirmed(&tracker, delivery.tov)[0];
            assert!(track.existence < 0.99, "{}", track.existence);
            // It goes on moving meanwhile: 2.5 s at 12 m/s.
            assert!((track.position.x - 0.0).abs() < 1.5, "{}", track.position);
        }
    }
    assert!(tracker.tracks_at(moment(3_000)).is_empty());
    let told = tracker.happenings();
    assert!(matches!(told.as_slice(), [Happening::Confirmed { .. }, Happening::Ended { .. }]), "{told:?}");
}

#[test]
fn frames_out_of_order_give_the_tracks_of_frames_in_order() {
    let users: Vec<(Class, Path)> = vec![
        (Class::Car, Box::new(left_turn)),
        (Class::Car, straight((-30.0, 30.0), (8.0, 0.0))),
        (Class::Pedestrian, straight((5.0, -8.0), (0.0, 1.2))),
    ];
    let late_camera = Eye { delay_ms: 190, ..camera() };
    let seen = watch(4, &users, &[lidar(), late_camera], 5_000, &never);
    let mut ordered: Vec<&Delivery> = seen.iter().collect();
    ordered.sort_by_key(|delivery| delivery.tov);
    let (mut by_arrival, mut by_time) = (tracker(), tracker());
    seen.iter().for_each(|delivery| feed(&mut by_arrival, delivery));
    ordered.into_iter().for_each(|delivery| {
        feed(
            &mut by_time,
            &Delivery {
                arrives: delivery.tov,
                sensor: delivery.sensor.clone(),
                placed: delivery.placed.clone(),
                ..*delivery
            },
        )
    });
    let (a, b) = (confirmed(&by_arrival, moment(5_000)), confirmed(&by_time, moment(5_000)));
    assert_eq!((a.len(), b.len()), (3, 3));
    for one in &a {
        let other = b.iter().find(|two| (two.position - one.position).norm() < 1e-9);
        assert!(other.is_some_and(|two| (two.covariance - one.covariance).amax() < 1e-9), "{one:?}");
    }
}

#[test]
fn a_late_frame_does_not_change_who_is_who() {
    let users: Vec<(Class, Path)> =
        vec![(Class::Car, straight((-30.0, 0.0), (9.0, 0.0))), (Class::Car, straight((30.0, 4.0), (-9.0, 0.0)))];
    for seed in 0..10 {
        let late_camera = Eye { delay_ms: 260, ..camera() };
        let seen = watch(
            seed,
            &users,
            &[lidar(), late_camera, Eye { name: "cam-2", phase_ms: 70, ..camera() }],
            4_000,
            &never,
        );
        let (mut tracker, _) = judge(&users, &seen, 1_000);
        let told = tracker.happenings();
        let confirmed = told.iter().filter(|one| matches!(one, Happening::Confirmed { .. })).count();
        assert_eq!((confirmed, told.len()), (2, 2), "seed {seed}: {told:?}");
    }
}

#[test]
fn a_frame_that_may_not_enter_changes_nothing() {
    let users: Vec<(Class, Path)> = vec![(Class::Car, straight((-30.0, 0.0), (12.0, 0.0)))];
    let mut tracker = tracker();
    for delivery in watch(1, &users, &[lidar()], 2_000, &never) {
        feed(&mut tracker, &delivery);
    }
    let (now, lidar) = (moment(2_000), SensorId("lidar".into()));
    let before = tracker.tracks_at(now);
    let one = vec![placed(Class::Car, Vector2::new(1.0, 1.0), 0.3)];
    let many = vec![one[0].clone(); DETECTIONS + 1];
    let cases = [
        (tracker.update(moment(1_500), now, &SensorId("cam".into()), &one), DropReason::Late),
        (tracker.update(moment(1_900), now, &lidar, &one), DropReason::Duplicate),
        (tracker.update(moment(2_100), now, &lidar, &one), DropReason::FromTheFuture),
        (tracker.update(moment(1_950), now, &lidar, &many), DropReason::TooMany),
        (tracker.update(Timestamp::from_nanos(i64::MIN), now, &lidar, &one), DropReason::Late),
        (tracker.update(Timestamp::from_nanos(i64::MAX), now, &lidar, &one), DropReason::FromTheFuture),
    ];
    for (result, reason) in cases {
        assert_eq!(result, Err(reason));
    }
    assert_eq!(tracker.tracks_at(now), before);
}

#[test]
fn numbers_that_are_not_finite_never_enter() {
    let mut tracker = tracker();
    let good = placed(Class::Car, Vector2::new(5.0, 5.0), 0.3);
    let mut count = 0;
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        let list = vec![
            Placed { position: Vector3::new(bad, 0.0, 0.0), ..good.clone() },
            Placed { position: Vector3::new(0.0, 0.0, bad), ..good.clone() },
            Placed { covariance: Matrix2::new(bad, 0.0, 0.0, 1.0), ..good.clone() },
            Placed { yaw: Some((bad, 0.1)), ..good.clone() },
            Placed { yaw: Some((0.1, bad)), ..good.clone() },
            Placed { velocity: Some((Vector2::new(0.0, bad), Matrix2::identity())), ..good.clone() },
            Placed { score: bad as f32, ..good.clone() },
        ];
        count += list.len() as u64;
        tracker.update(moment(count as i64), moment(count as i64), &SensorId("cam".into()), &list).unwrap();
    }
    assert!(tracker.tracks_at(moment(100)).is_empty());
    assert_eq!(tracker.refused(), count);
}

#[test]
fn ten_thousand_random_frames_stay_within_bounds() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut tracker =
        Tracker::new(UnitId("x01".into()), TrackerConfig { birth_score: 0.0, ..TrackerConfig::default() });
    let odd = [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e-300, 1e300, 1e9];
    for frame in 0..10_000_i64 {
        let now = moment(frame * 7);
        let tov = moment(frame * 7 - rng.random_range(-50..500));
        let sensor = SensorId(format!("s{}", rng.random_range(0..5)));
        // Now and then a frame near the bound.
        let size = if frame % 1000 == 0 { DETECTIONS } else { rng.random_range(0..6) };
        let mut list = Vec::new();
        for _ in 0..size {
            let mut number = |scale: f64| {
                if rng.random_bool(0.02) {
                    odd[rng.random_range(0..odd.len())]
                } else {
                    rng.random_range(-scale..scale)
                }
            };
            let (a, b, c) = (number(5.0), number(5.0), number(3.0));
            let mut one = placed(Class::ALL[frame as usize % 7], Vector2::new(number(200.0), number(200.0)), 0.3);
            one.covariance = Matrix2::new(a.abs(), c, c, b.abs());
            one.yaw = Some((number(7.0), number(1.0).abs()));
            one.velocity = (frame % 3 == 0).then(|| (Vector2::new(number(30.0), number(30.0)), one.covariance));
            one.size = Some(Size { length_m: number(9.0), width_m: number(3.0), height_m: number(3.0) });
            one.score = number(1.0).abs() as f32;
            list.push(one);
        }
        let _ = tracker.update(tov, now, &sensor, &list);
        tracker.retire(now);
        let tracks = tracker.tracks_at(now);
        assert!(tracks.len() <= TRACKS && tracker.history.len() <= HISTORY, "frame {frame}");
        for track in tracks {
            assert!(track.covariance.cholesky().is_some(), "frame {frame}: {track:?}");
            assert!(track.position.iter().chain(track.velocity.iter()).all(|v| v.is_finite()), "frame {frame}");
            assert!((0.0..=1.0).contains(&track.existence) && track.yaw.abs() <= PI + 1e-9, "frame {frame}: {track:?}");
        }
    }
    assert!(tracker.refused() > 0);
}

#[test]
fn above_the_bound_the_weakest_go_and_are_counted() {
    let mut tracker = tracker();
    let (sensor, mut dropped) = (SensorId("cam".into()), 0);
    for frame in 0..3_i64 {
        let list: Vec<Placed> = (0..DETECTIONS)
            .map(|i| {
                let place = Vector2::new((i % 32) as f64 * 10.0 - 155.0, (i / 32) as f64 * 10.0 - 75.0);
                placed(Class::Pedestrian, place + Vector2::new(0.0, 3.0 * frame as f64), 0.2)
            })
            .collect();
        let name = SensorId(format!("{sensor}-{frame}"));
        tracker.update(moment(frame), moment(frame), &name, &list).unwrap();
        assert!(tracker.tracks_at(moment(frame)).len() <= TRACKS);
        for told in tracker.happenings() {
            if let Happening::Dropped { count } = told {
                dropped += count;
            }
        }
    }
    assert_eq!(dropped, (3 * DETECTIONS - TRACKS) as u64);
}

#[test]
fn two_sensors_that_disagree_make_one_track() {
    for seed in 0..20 {
        let users: Vec<(Class, Path)> = vec![
            (Class::Car, straight((-30.0, 0.0), (10.0, 0.0))),
            (Class::Pedestrian, straight((0.0, 9.0), (0.0, 1.3))),
        ];
        let off = Eye { bias: Vector2::new(0.35, -0.35), sigma: 0.3, ..camera() };
        let seen = watch(seed, &users, &[lidar(), off], 6_000, &never);
        let (mut tracker, score) = judge(&users, &seen, 1_000);
        let summary = score.summary();
        assert_eq!((summary.switches, summary.false_tracks, summary.misses), (0, 0, 0), "seed {seed}: {summary:?}");
        let tracks = confirmed(&tracker, moment(6_000));
        assert!(tracks.iter().any(|track| track.sensing == vec![Sensing::Camera, Sensing::Lidar]), "{tracks:?}");
        let told = tracker.happenings().iter().filter(|one| matches!(one, Happening::Confirmed { .. })).count();
        assert_eq!(told, 2, "seed {seed}");
    }
}

#[test]
fn two_tracks_of_one_car_are_merged_and_it_is_told() {
    let mut tracker = tracker();
    let path = straight((0.0, 0.0), (8.0, 0.0));
    // For half a second the camera is four metres off; then its error is gone.
    for i in 0..20_i64 {
        for (name, phase, off) in [("lidar", 0, 0.0), ("cam", 50, if i < 5 { 4.0 } else { 0.0 })] {
            let ms = i * 100 + phase;
            let place = path(ms as f64 * 1e-3).0 + Vector2::new(0.0, off);
            let list = [placed(Class::Car, place, 0.2)];
            tracker.update(moment(ms), moment(ms), &SensorId(name.into()), &list).unwrap();
            tracker.retire(moment(ms));
        }
    }
    assert_eq!(tracker.tracks_at(moment(2_000)).len(), 1);
    let told = tracker.happenings();
    let ended = told.iter().filter(|one| matches!(one, Happening::Ended { .. })).count();
    assert_eq!(ended, 1, "{told:?}");
}

#[test]
fn a_car_that_stops_keeps_its_yaw() {
    let path = |t: f64| (Vector2::new(if t < 3.0 { 6.0 * t - t * t } else { 9.0 }, 0.0), 0.0);
    let users: Vec<(Class, Path)> = vec![(Class::Car, Box::new(path))];
    let mut tracker = tracker();
    for delivery in watch(2, &users, &[lidar()], 20_000, &never) {
        feed(&mut tracker, &delivery);
        if delivery.tov > moment(2_000) {
            let track = &confirmed(&tracker, delivery.tov)[0];
            assert!(track.yaw.abs() < 0.35, "{} at {}", track.yaw, delivery.tov);
        }
    }
}

#[test]
fn an_adopted_key_stays_and_a_used_one_is_refused() {
    let users: Vec<(Class, Path)> =
        vec![(Class::Car, straight((-30.0, 0.0), (9.0, 0.0))), (Class::Car, straight((30.0, 8.0), (-9.0, 0.0)))];
    let mut tracker = tracker();
    let theirs = TrackKey { unit: UnitId("x02".into()), serial: 42 };
    for delivery in watch(1, &users, &[lidar()], 3_000, &never) {
        feed(&mut tracker, &delivery);
        if delivery.tov == moment(1_000) {
            let keys: Vec<TrackKey> = tracker.tracks_at(delivery.tov).into_iter().map(|track| track.key).collect();
            assert_eq!(tracker.adopt(&keys[0], theirs.clone()), Ok(()));
            assert_eq!(tracker.adopt(&keys[1], theirs.clone()), Err(AdoptError::KeyInUse(theirs.clone())));
            assert_eq!(tracker.adopt(&keys[0], keys[1].clone()), Err(AdoptError::NoSuchTrack(keys[0].clone())));
        }
    }
    assert!(tracker.tracks_at(moment(3_000)).iter().any(|track| track.key == theirs));
    tracker.retire(moment(9_000));
    assert!(tracker.happenings().contains(&Happening::Ended { key: theirs }));
}

#[test]
fn a_restarted_unit_does_not_give_a_key_twice() {
    let mut tracker = tracker();
    let sensor = SensorId("lidar".into());
    // Before the restart this unit called somebody number 3; the neighbour still does.
    let old = TrackKey { unit: UnitId("x01".into()), serial: 3 };
    for i in 0..6_i64 {
        let list: Vec<Placed> = (0..=i).map(|k| placed(Class::Car, Vector2::new(20.0 * k as f64, 0.0), 0.2)).collect();
        tracker.update(moment(i * 50), moment(i * 50), &sensor, &list).unwrap();
        if i == 0 {
            let mine = tracker.tracks_at(moment(0))[0].key.clone();
            tracker.adopt(&mine, old.clone()).unwrap();
        }
    }
    let keys: Vec<TrackKey> = tracker.tracks_at(moment(300)).into_iter().map(|track| track.key).collect();
    let unique: BTreeSet<&TrackKey> = keys.iter().collect();
    assert_eq!((keys.len(), unique.len()), (6, 6), "{keys:?}");
}

#[test]
fn the_same_frames_give_the_same_tracks() {
    let run = || {
        let users: Vec<(Class, Path)> =
            vec![(Class::Car, Box::new(left_turn)), (Class::Pedestrian, straight((5.0, -8.0), (0.0, 1.2)))];
        let mut tracker = tracker();
        watch(8, &users, &[lidar(), camera()], 4_000, &never).iter().for_each(|one| feed(&mut tracker, one));
        tracker.tracks_at(moment(4_000))
    };
    assert_eq!(run(), run());
}
