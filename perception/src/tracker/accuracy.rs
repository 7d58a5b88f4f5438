//! How well the tracker does on seeded worlds, in the figures of the trade. `--nocapture` prints them.

use std::f64::consts::PI;

use nalgebra::Vector2;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::tests::*;
use super::*;
use crate::motion::Motion;
use crate::score::gospa;

#[test]
fn the_covariance_is_honest() {
    // Normalised estimation error squared over 200 runs; with four degrees of freedom the mean is 4. The road user moves
    // as the filter believes: acceleration is white noise.
    for class in [Class::Pedestrian, Class::Car] {
        let Motion { along, across, .. } = Motion::of(class);
        let mut rng = ChaCha8Rng::seed_from_u64(21);
        let (mut sum, mut count, mut outside) = (0.0, 0.0, 0.0);
        for _ in 0..200 {
            let mut tracker = tracker();
            let direction: f64 = rng.random_range(-PI..PI);
            let speed = if class == Class::Car { 10.0 } else { 1.3 };
            let mut velocity = Vector2::new(direction.cos(), direction.sin()) * speed;
            let mut place = Vector2::new(normal(&mut rng), normal(&mut rng));
            for i in 0..40_i64 {
                let ahead = velocity.normalize();
                let side = Vector2::new(-ahead.y, ahead.x);
                let kick = ahead * normal(&mut rng) * f64::sqrt(along * 0.1)
                    + side * normal(&mut rng) * f64::sqrt(across * 0.1);
                place += velocity * 0.1 + kick * 0.05;
                velocity += kick;
                let noise = Vector2::new(normal(&mut rng), normal(&mut rng)) * 0.3;
                let list = [placed(class, place + noise, 0.3)];
                tracker.update(moment(i * 100), moment(i * 100), &SensorId("lidar".into()), &list).unwrap();
                if i < 10 {
                    continue;
                }
                let track = &tracker.tracks_at(moment(i * 100))[0];
                let (dp, dv) = (track.position.xy() - place, track.velocity - velocity);
                let error = nalgebra::Vector4::new(dp.x, dp.y, dv.x, dv.y);
                let nees = error.dot(&(track.covariance.try_inverse().unwrap() * error));
                sum += nees;
                count += 1.0;
                // 99 % of χ² with four degrees of freedom.
                outside += f64::from(u8::from(nees > 13.28));
            }
        }
        let mean = sum / count;
        println!("{class:?}: mean NEES {mean:.2} (4 is right), beyond 99 %: {:.3}", outside / count);
        assert!((2.4..5.0).contains(&mean), "{class:?}: {mean}");
        assert!(outside / count < 0.03, "{class:?}: {}", outside / count);
    }
}

#[test]
fn a_turning_car_is_followed_within_half_a_metre() {
    let (mut squared, mut count) = (0.0, 0.0);
    for seed in 0..30 {
        let users: Vec<(Class, Path)> = vec![(Class::Car, Box::new(left_turn))];
        let eye = Eye { sigma: 0.3, yaw: false, ..lidar() };
        let mut tracker = tracker();
        for delivery in watch(seed, &users, &[eye], 6_000, &never) {
            feed(&mut tracker, &delivery);
            if delivery.tov >= moment(1_000) {
                let truth = left_turn(delivery.tov.seconds_since(moment(0))).0;
                let track = &confirmed(&tracker, delivery.tov)[0];
                squared += (track.position.xy() - truth).norm_squared();
                count += 1.0;
            }
        }
    }
    let rms = f64::sqrt(squared / count);
    println!("turning car: RMS {rms:.3} m at 0.3 m noise in each axis");
    assert!(rms < 0.42, "{rms}");
}

#[test]
fn clutter_does_not_become_road_users() {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let mut tracker = tracker();
    let (mut shown, mut frames, mut existence) = (0, 0, 0.0_f64);
    for i in 0..1_000_i64 {
        // Five false detections a frame on 200 m × 200 m.
        let list: Vec<Placed> = (0..5)
            .map(|_| {
                let place = Vector2::new(rng.random_range(-100.0..100.0), rng.random_range(-100.0..100.0));
                Placed { score: 0.5, ..placed(Class::Car, place, 0.3) }
            })
            .collect();
        tracker.update(moment(i * 100), moment(i * 100), &SensorId("cam".into()), &list).unwrap();
        tracker.retire(moment(i * 100));
        let tracks = tracker.tracks_at(moment(i * 100));
        existence = existence.max(tracks.iter().filter(|t| !t.confirmed).map(|t| t.existence).fold(0.0, f64::max));
        shown += tracks.iter().filter(|track| track.confirmed).count();
        frames += 1;
    }
    println!("clutter: {shown} confirmed in {frames} frames, highest tentative existence {existence:.2}");
    assert!(shown < frames / 20, "{shown}");
}

#[test]
fn a_busy_crossing_scores_well() {
    // Sixteen cars in four streams and eight pedestrians, misses and noise, a lidar and two cameras.
    let (mut mota, mut idf1, mut switches, mut cost, mut moments) = (0.0, 0.0, 0, 0.0, 0.0);
    for seed in 0..5 {
        let mut users: Vec<(Class, Path)> = Vec::new();
        for i in 0..16 {
            let (lane, gap) = (f64::from(i % 4), f64::from(i / 4) * 14.0);
            let along = -60.0 - gap;
            users.push((
                Class::Car,
                match i % 4 {
                    0 => straight((along, -1.75), (9.0, 0.0)),
                    1 => straight((-along, 1.75), (-9.0 - 0.2 * lane, 0.0)),
                    2 => straight((along, -5.25), (7.0, 0.0)),
                    _ => straight((-along, 5.25), (-8.0, 0.0)),
                },
            ));
        }
        for i in 0..8 {
            let x = f64::from(i) * 1.2;
            let back = if i % 2 == 0 { 1.3 } else { -1.2 };
            users.push((Class::Pedestrian, straight((12.0 + x, 9.0 - 6.0 * back), (0.0, back))));
        }
        let eyes = [
            Eye { detects: 0.92, ..lidar() },
            Eye { detects: 0.85, ..camera() },
            Eye { name: "cam-2", detects: 0.85, phase_ms: 75, delay_ms: 120, bias: Vector2::new(0.2, 0.1), ..camera() },
        ];
        let seen = watch(seed, &users, &eyes, 12_000, &never);
        let (tracker, score) = judge(&users, &seen, 1_500);
        let summary = score.summary();
        mota += summary.mota / 5.0;
        idf1 += summary.idf1 / 5.0;
        switches += summary.switches;
        let truth: Vec<_> = users.iter().map(|user| user.1(11.975).0).collect();
        let tracks: Vec<_> = confirmed(&tracker, moment(11_975)).iter().map(|track| track.position.xy()).collect();
        cost += gospa(&truth, &tracks, 3.0, 2.0).total;
        moments += 1.0;
    }
    println!("busy crossing: MOTA {mota:.3}, IDF1 {idf1:.3}, {switches} switches, GOSPA {:.2} m", cost / moments);
    assert!(mota > 0.95 && idf1 > 0.95 && switches <= 5, "{mota} {idf1} {switches}");
}

#[test]
fn two_that_cross_keep_their_keys() {
    for seed in 0..20 {
        let users: Vec<(Class, Path)> = vec![
            (Class::Pedestrian, straight((-6.0, 0.0), (1.4, 0.0))),
            (Class::Pedestrian, straight((-6.6, 6.0), (1.4, -1.4))),
            (Class::Car, straight((-40.0, 20.0), (9.0, 0.0))),
            (Class::Car, straight((40.0, 23.0), (-9.0, 0.0))),
        ];
        let seen = watch(seed, &users, &[lidar(), camera()], 8_000, &never);
        let (_, score) = judge(&users, &seen, 1_000);
        let summary = score.summary();
        assert!(summary.switches == 0 && summary.mota > 0.95, "seed {seed}: {summary:?}");
    }
}

/// Root mean squares and consistency of one manoeuvre over seeds.
fn measure(class: Class, path: fn(f64) -> (Vector2<f64>, f64), eyes: &[Eye], until_ms: i64) -> [f64; 4] {
    let (mut sums, mut count) = ([0.0; 4], 0.0);
    for seed in 0..30 {
        let users: Vec<(Class, Path)> = vec![(class, Box::new(path))];
        let mut tracker = tracker();
        for delivery in watch(seed, &users, eyes, until_ms, &never) {
            feed(&mut tracker, &delivery);
            if delivery.tov < moment(1_000) {
                continue;
            }
            let newest = tracker.newest_tov().unwrap();
            let t = newest.seconds_since(moment(0));
            let (place, yaw) = path(t);
            let velocity = (path(t + 0.01).0 - path(t - 0.01).0) / 0.02;
            let tracks = confirmed(&tracker, newest);
            let Some(track) = tracks.first() else { continue };
            let (dp, dv) = (track.position.xy() - place, track.velocity - velocity);
            let error = nalgebra::Vector4::new(dp.x, dp.y, dv.x, dv.y);
            let dyaw = crate::filter::wrap(track.yaw - yaw);
            let nees = error.dot(&(track.covariance.try_inverse().unwrap() * error));
            for (sum, value) in sums.iter_mut().zip([dp.norm_squared(), dv.norm_squared(), dyaw * dyaw, nees]) {
                *sum += value;
            }
            count += 1.0;
        }
    }
    let rms = |i: usize| f64::sqrt(sums[i] / count);
    [rms(0), rms(1), rms(2).to_degrees(), sums[3] / count]
}

/// 12 m/s, from 2 s on braking with 3 m/s² to a stop at 6 s, standing until 9 s, then off with 2 m/s².
fn stop_and_go(t: f64) -> (Vector2<f64>, f64) {
    let east = if t < 2.0 {
        12.0 * t
    } else if t < 6.0 {
        24.0 + 12.0 * (t - 2.0) - 1.5 * (t - 2.0) * (t - 2.0)
    } else if t < 9.0 {
        48.0
    } else {
        48.0 + (t - 9.0) * (t - 9.0)
    };
    (Vector2::new(east - 40.0, 0.0), 0.0)
}

/// 1.4 m/s, a right angle on the spot after 3 s.
fn corner(t: f64) -> (Vector2<f64>, f64) {
    if t < 3.0 { (Vector2::new(1.4 * t, 0.0), 0.0) } else { (Vector2::new(4.2, 1.4 * (t - 3.0)), PI / 2.0) }
}

/// 11 m/s, one lane of 3.5 m to the left within 3 s.
fn lane_change(t: f64) -> (Vector2<f64>, f64) {
    let (speed, part) = (11.0, ((t - 2.0) / 3.0).clamp(0.0, 1.0));
    let side = 3.5 * (0.5 - 0.5 * (PI * part).cos());
    let slope = if part > 0.0 && part < 1.0 { 3.5 * 0.5 * PI / 3.0 * (PI * part).sin() } else { 0.0 };
    (Vector2::new(speed * t - 30.0, side), slope.atan2(speed))
}

#[test]
fn manoeuvres_are_followed() {
    type Case = (&'static str, Class, fn(f64) -> (Vector2<f64>, f64), i64, [f64; 4]);
    let cases: [Case; 4] = [
        ("left turn", Class::Car, left_turn, 6_000, [0.5, 2.0, 12.0, 8.0]),
        ("stop and go", Class::Car, stop_and_go, 12_000, [0.5, 2.0, 12.0, 8.0]),
        ("lane change", Class::Car, lane_change, 7_000, [0.5, 2.0, 12.0, 8.0]),
        ("corner", Class::Pedestrian, corner, 6_000, [0.4, 1.0, 60.0, 10.0]),
    ];
    println!("| manoeuvre | sensors | place m | velocity m/s | yaw deg | NEES |");
    println!("|---|---|---|---|---|---|");
    for (name, class, path, until_ms, most) in cases {
        for (sensors, eyes) in [("camera", vec![camera()]), ("lidar", vec![lidar()]), ("both", vec![lidar(), camera()])]
        {
            let got = measure(class, path, &eyes, until_ms);
            println!("| {name} | {sensors} | {:.2} | {:.2} | {:.1} | {:.1} |", got[0], got[1], got[2], got[3]);
            if sensors != "camera" {
                assert!(got.iter().zip(most).all(|(got, most)| *got < most), "{name}, {sensors}: {got:?}");
            }
        }
    }
}

/// Cars in a queue, 7 m from each other, that creep on and stop; the lane beside flows.
fn queue() -> Vec<(Class, Path)> {
    let mut users: Vec<(Class, Path)> = Vec::new();
    for i in 0..10 {
        let back = f64::from(i) * 7.0;
        let creep = move |t: f64| {
            let phase = (t - f64::from(i) * 0.6).max(0.0) % 8.0;
            let rounds = ((t - f64::from(i) * 0.6).max(0.0) / 8.0).floor();
            let part = (phase / 4.0).min(1.0);
            (Vector2::new(-back + 6.0 * (rounds + 0.5 - 0.5 * (PI * part).cos()), 0.0), 0.0)
        };
        users.push((Class::Car, Box::new(creep)));
    }
    for i in 0..6 {
        users.push((Class::Car, straight((-f64::from(i) * 18.0 - 40.0, 3.2), (8.0, 0.0))));
    }
    users
}

#[test]
fn a_queue_seen_by_one_poor_camera_keeps_its_keys() {
    println!("| claimed / true sigma | detects | MOTA | IDF1 | switches |");
    println!("|---|---|---|---|---|");
    for (claims, detects) in [(1.0, 0.9), (0.5, 0.9), (0.5, 0.7)] {
        let (mut mota, mut idf1, mut switches) = (0.0, 0.0, 0);
        for seed in 0..5 {
            let users = queue();
            let eye = Eye { sigma: 0.6, claims, detects, ..camera() };
            let (_, score) = judge(&users, &watch(seed, &users, &[eye], 20_000, &never), 1_500);
            let summary = score.summary();
            mota += summary.mota / 5.0;
            idf1 += summary.idf1 / 5.0;
            switches += summary.switches;
        }
        println!("| {claims} | {detects} | {mota:.3} | {idf1:.3} | {switches} |");
        let most = if detects < 0.8 { 40 } else { 8 };
        assert!(mota > 0.95 && switches <= most, "{claims} {detects}: {mota} {switches}");
    }
}
