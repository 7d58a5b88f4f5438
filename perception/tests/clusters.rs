//! Lidar clustering on real sweeps, on a scene made with rays, and on hostile clouds.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::path::{Path, PathBuf};

use calibration::Timestamp;
use perception::frame::Point;
use perception::source::{self, Opening};
use perception::{Box3d, Class, Detection, Detector, Frame, Payload, PointCloud, SensorId, Shape, detect};

fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no ../shared");
    None
}

fn frame(points: Vec<Point>, seq: u64) -> Frame {
    let tov = Timestamp::from_millis(1_700_000_000_000 + 100 * seq as i64);
    Frame { sensor: SensorId("l".into()), tov, seq, payload: Payload::Cloud(PointCloud { points, beams: None }) }
}

fn read(path: &Path) -> Frame {
    let opening = Opening::recording(SensorId("l".into()), Timestamp::from_millis(0));
    source::lidar_file(path, "vlp16", &opening).unwrap().next().unwrap().unwrap()
}

fn look(detector: &mut dyn Detector, frame: &Frame) -> Vec<(Detection, Box3d)> {
    let list = detector.detect(frame).unwrap().list;
    list.into_iter()
        .map(|d| match d.shape {
            Shape::Space(shape) => (d, shape),
            Shape::Image(_) => panic!("a lidar sees boxes in space"),
        })
        .collect()
}

fn print(what: &str, seen: &[(Detection, Box3d)]) {
    println!("{what}: {} road users", seen.len());
    for (d, b) in seen {
        println!(
            "  {:10} {:.2}  at {:7.2} {:7.2} {:5.2}  {:.2} x {:.2} x {:.2}  yaw {:?}",
            d.class.name(),
            d.score,
            b.centre.x,
            b.centre.y,
            b.centre.z,
            b.size.length_m,
            b.size.width_m,
            b.size.height_m,
            b.yaw.map(|y| y.to_degrees().round())
        );
    }
}

/// Whether something of these classes stands within `reach` of a place.
fn is_at(seen: &[(Detection, Box3d)], classes: &[Class], x: f64, y: f64, reach: f64) -> bool {
    seen.iter().any(|(d, b)| classes.contains(&d.class) && (b.centre.x - x).hypot(b.centre.y - y) < reach)
}

#[test]
fn the_vehicle_on_the_far_arm_of_a_real_crossing_is_found_in_a_single_sweep() {
    let Some(shared) = shared() else { return };
    let frame = read(&shared.join("data/lidar/openv2x_rs32_0.f64.bin"));
    let seen = look(&mut *detect::clustering(), &frame);
    print("openv2x", &seen);
    // The one shape in this sweep that is plainly a car: two sides at a right angle, 4.7 m and 1.5 m, 1.1 m above the road.
    assert!(is_at(&seen, &[Class::Car], 29.8, -52.0, 1.0));
    // Two upright things as wide as persons on the refuge of the crossing.
    let vru = [Class::Pedestrian, Class::Bicycle];
    assert!(is_at(&seen, &vru, 45.0, -9.6, 1.0) && is_at(&seen, &vru, 46.7, -12.5, 1.0));
    // Trees along the western road, the fence and the walls of the underpass are no road users.
    for (x, y) in [(-8.5, 0.3), (-14.0, 0.0), (-20.0, -0.5), (-7.0, 5.0), (-13.0, 4.0), (-7.0, -16.5), (-13.0, -17.0)] {
        let all = [Class::Car, Class::Truck, Class::Bus, Class::Pedestrian, Class::Bicycle];
        assert!(!is_at(&seen, &all, x, y, 1.0), "tree at {x} {y}");
    }
    assert!(seen.len() <= 14, "{} of which most are not there", seen.len());
}

#[test]
fn hand_made_foreground_gives_its_cars() {
    let Some(shared) = shared() else { return };
    let text = std::fs::read_to_string(shared.join("data/lidar/expected_lidar_bev_proto.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (mut found, mut all) = (0, 0);
    for name in ["albany_200_fg_gt.bin", "albany_600_fg_gt.bin"] {
        let frame = read(&shared.join("data/lidar").join(name));
        let seen = look(&mut *detect::clustering(), &frame);
        print(name, &seen);
        for car in expected[name]["isolated_cars"].as_array().unwrap() {
            let (x, y) = (car[0].as_f64().unwrap(), car[1].as_f64().unwrap());
            all += 1;
            found += usize::from(is_at(&seen, &[Class::Car], x, y, 1.5));
        }
    }
    println!("{found} of {all} isolated cars within 1.5 m");
    assert!(all >= 20 && found * 100 >= all * 90, "{found} of {all}");
}

/// A box that stands on the ground: centre, yaw, size.
#[derive(Clone, Copy)]
struct Solid {
    at: [f32; 2],
    yaw: f32,
    size: [f32; 3],
}

/// One sweep of 32 beams and 900 azimuths from a mast of 5 m over these boxes, with 2 cm of noise.
fn sweep(solids: &[Solid], seed: u32) -> Vec<Point> {
    let mut state = seed.wrapping_mul(747_796_405).wrapping_add(1);
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        0.04 * ((state >> 8) as f32 / (1 << 24) as f32 - 0.5)
    };
    let mut points = Vec::new();
    for column in 0..900u16 {
        for beam in 0..32u16 {
            let azimuth = f32::from(column) * 0.4f32.to_radians() + 1e-4;
            let elevation = (-25.0 + f32::from(beam) * 0.85f32).to_radians();
            let ray = [azimuth.cos() * elevation.cos(), azimuth.sin() * elevation.cos(), elevation.sin()];
            let ground = if ray[2] < 0.0 { -5.0 / ray[2] } else { f32::INFINITY };
            let range = solids.iter().filter_map(|s| hit(s, &ray)).fold(ground, f32::min) + noise();
            if range < 110.0 {
                let [x, y, z] = ray.map(|v| v * range);
                points.push(Point { x, y, z, beam, ..Point::default() });
            }
        }
    }
    points
}

/// Range at which a ray from the mast enters a box.
fn hit(s: &Solid, ray: &[f32; 3]) -> Option<f32> {
    let (sin, cos) = s.yaw.sin_cos();
    let turn = |x: f32, y: f32| [x * cos + y * sin, y * cos - x * sin];
    let from = turn(-s.at[0], -s.at[1]);
    let to = turn(ray[0], ray[1]);
    let slab = |o: f32, d: f32, low: f32, high: f32| {
        let (a, b) = ((low - o) / d, (high - o) / d);
        (a.min(b), a.max(b))
    };
    let x = slab(from[0], to[0], -s.size[0] / 2.0, s.size[0] / 2.0);
    let y = slab(from[1], to[1], -s.size[1] / 2.0, s.size[1] / 2.0);
    let z = slab(0.0, ray[2], -5.0, -5.0 + s.size[2]);
    let (near, far) = (x.0.max(y.0).max(z.0), x.1.min(y.1).min(z.1));
    (near < far && near > 0.5).then_some(near)
}

/// Houses, a hedge and poles around a crossing, which stay.
fn street() -> Vec<Solid> {
    let mut all = vec![
        Solid { at: [30.0, 30.0], yaw: 0.0, size: [20.0, 16.0, 12.0] },
        Solid { at: [-35.0, 28.0], yaw: 0.1, size: [18.0, 14.0, 9.0] },
        Solid { at: [0.0, -30.0], yaw: 0.0, size: [50.0, 1.0, 1.4] },
    ];
    all.extend((0..6).map(|i| Solid { at: [-25.0 + 10.0 * i as f32, 12.0], yaw: 0.0, size: [0.3, 0.3, 7.0] }));
    all
}

const CAR: [f32; 3] = [4.4, 1.8, 1.5];

#[test]
fn once_the_background_is_known_only_what_moves_is_seen() {
    let mut detector = detect::clustering();
    for i in 0..30 {
        look(&mut *detector, &frame(sweep(&street(), i), u64::from(i)));
    }
    let empty = look(&mut *detector, &frame(sweep(&street(), 100), 100));
    assert!(empty.is_empty(), "nothing moves in {empty:?}");
    let (mut cars, mut persons, mut others) = (0, 0, 0);
    for i in 0..40 {
        let t = i as f32 * 0.1;
        let car = Solid { at: [-30.0 + 12.0 * t, -8.0], yaw: 0.0, size: CAR };
        let turning = Solid { at: [12.0, 18.0 - 3.0 * t], yaw: 1.4 + 0.2 * t, size: CAR };
        let person = Solid { at: [9.0 + 1.4 * t, -14.0], yaw: 0.3, size: [0.5, 0.5, 1.75] };
        let mut scene = street();
        scene.extend([car, turning, person]);
        let seen = look(&mut *detector, &frame(sweep(&scene, 200 + i), 200 + u64::from(i)));
        for s in [car, turning] {
            let there = is_at(&seen, &[Class::Car], f64::from(s.at[0]), f64::from(s.at[1]), 0.6);
            cars += usize::from(there);
        }
        persons +=
            usize::from(is_at(&seen, &[Class::Pedestrian], f64::from(person.at[0]), f64::from(person.at[1]), 0.4));
        let extra = seen.len().saturating_sub(3);
        if extra > 0 {
            print(&format!("sweep {i}, with {extra} too many"), &seen);
        }
        others += extra;
    }
    println!("cars {cars} of 80, person {persons} of 40, others {others}");
    assert!(cars >= 76 && persons >= 38 && others <= 2);
}

#[test]
fn the_box_of_a_passing_car_is_the_cars() {
    let mut detector = detect::clustering();
    for i in 0..30 {
        look(&mut *detector, &frame(sweep(&street(), i), u64::from(i)));
    }
    for (n, yaw) in [(0u32, 0.0f32), (1, 0.6), (2, 1.2), (3, 2.2)] {
        let car = Solid { at: [14.0, -10.0], yaw, size: CAR };
        let mut scene = street();
        scene.push(car);
        let seen = look(&mut *detector, &frame(sweep(&scene, 50 + n), 50 + u64::from(n)));
        let (_, b) = &seen[0];
        let turn = (b.yaw.unwrap() - f64::from(yaw)).rem_euclid(std::f64::consts::PI);
        assert!(turn.min(std::f64::consts::PI - turn) < 0.1, "yaw {yaw}: {b:?}");
        assert!((b.centre.x - 14.0).hypot(b.centre.y + 10.0) < 0.4, "{b:?}");
        assert!((b.size.length_m - 4.4).abs() < 0.4 && (b.size.width_m - 1.8).abs() < 0.4, "{b:?}");
        assert!((b.size.height_m - 1.5).abs() < 0.25 && (b.centre.z - (-5.0 + 0.75)).abs() < 0.2, "{b:?}");
    }
}

#[test]
fn the_same_sweeps_give_the_same_road_users() {
    let run = || {
        let mut detector = detect::clustering();
        (0..20).map(|i| detector.detect(&frame(sweep(&street(), i), u64::from(i))).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}

#[test]
fn hostile_clouds_are_looked_at_without_harm() {
    let mut detector = detect::clustering();
    let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e38, -1e38, 0.0, 1e-40, 119.99, -119.99];
    let mut points = Vec::new();
    for x in odd {
        for y in odd {
            for z in odd {
                points.push(Point { x, y, z, dt_s: x, ..Point::default() });
            }
        }
    }
    let same = vec![Point { x: 5.0, y: 5.0, z: 1.0, ..Point::default() }; 10_000];
    for cloud in [points, same, Vec::new(), vec![Point::default(); 1000]] {
        for i in 0..20 {
            let seen = detector.detect(&frame(cloud.clone(), i)).unwrap();
            assert!(seen.list.iter().all(|d| match d.shape {
                Shape::Space(b) => b.centre.iter().all(|v| v.is_finite()) && b.size.length_m.is_finite(),
                Shape::Image(_) => false,
            }));
        }
    }
    let image = perception::Image { width: 1, height: 1, data: vec![0; 3] };
    let picture = Frame { payload: Payload::Image(image), ..frame(Vec::new(), 0) };
    assert!(detector.detect(&picture).is_err());
}

#[test]
fn a_sweep_is_stamped_in_its_middle() {
    let mut points = sweep(&street(), 1);
    let n = points.len() as f32;
    for (i, p) in points.iter_mut().enumerate() {
        p.dt_s = 0.1 * i as f32 / n;
    }
    let frame = frame(points, 0);
    let seen = detect::clustering().detect(&frame).unwrap();
    assert!((seen.tov.seconds_since(frame.tov) - 0.05).abs() < 1e-3);
}
