//! Thrown dice with fixed seeds, the refusals, and one real road.

use super::*;
use crate::camera::Lens;
use crate::geodesy::Heading;
use crate::ground::Ground;
use crate::rig::enu_from_camera_looking;
use crate::solve::accuracy::{best_next_point, ground_error_95};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

fn camera() -> Camera {
    Camera::new((1920, 1080), (1400.0, 1400.0), (959.5, 539.5), Lens::Pinhole).unwrap()
}

fn pole() -> Isometry3<f64> {
    enu_from_camera_looking(Vector3::new(3.0, -2.0, 8.0), Heading::from_deg(40.0), 0.16)
}

/// Ground points in the picture, 12 to 90 m away, picked with 1 px and surveyed with 2.5 cm.
fn survey(dice: &mut ChaCha8Rng, count: usize) -> Vec<SurveyPoint> {
    let mut points = Vec::new();
    let normal = |dice: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(dice) };
    while points.len() < count {
        let (far, side) = (dice.random_range(12.0..90.0), dice.random_range(-0.6..0.6));
        let ahead = Heading::from_deg(40.0f64 + f64::to_degrees(side));
        let (sin, cos) = ahead.deg().to_radians().sin_cos();
        let place = Vector3::new(3.0 + far * sin, -2.0 + far * cos, 0.2 * normal(dice));
        let Some(pixel) = camera().project(&pole().inverse_transform_point(&place.into()).coords) else { continue };
        let picked = pixel + Vector2::new(normal(dice), normal(dice));
        if camera().sees(&picked) {
            let enu = place + Vector3::from_fn(|_, _| 0.025 * normal(dice));
            points.push(SurveyPoint {
                id: format!("p{}", points.len()),
                pixel: picked,
                enu,
                sigma_px: 1.0,
                sigma_m: 0.025,
            });
        }
    }
    points
}

struct Spread {
    rotation_deg: f64,
    position_m: f64,
    ground_60_m: f64,
    inside_95: f64,
    blunders_named: f64,
}

/// 95th percentiles over `runs` surveys of `count` points of which `blunders` were picked 40 px off.
fn monte_carlo(count: usize, blunders: usize, runs: u64) -> Spread {
    let (mut rotation, mut position, mut ground) = (Vec::new(), Vec::new(), Vec::new());
    let (mut inside, mut named) = (0.0, 0.0);
    for seed in 0..runs {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let mut points = survey(&mut dice, count);
        for point in points.iter_mut().take(blunders) {
            let around = dice.random_range(0.0..std::f64::consts::TAU);
            let off = Vector2::new(around.cos(), around.sin()) * 40.0;
            point.pixel = if camera().sees(&(point.pixel + off)) { point.pixel + off } else { point.pixel - off };
        }
        let found = solve(&camera(), &points).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        let pose = found.mounted.enu_from_sensor;
        let turn = (pose.rotation * pole().rotation.inverse()).scaled_axis();
        let shift = pose.translation.vector - pole().translation.vector;
        rotation.push(turn.norm().to_degrees());
        position.push(shift.norm());
        let (sin, cos) = 40f64.to_radians().sin_cos();
        let place = Vector3::new(3.0 + 60.0 * sin, -2.0 + 60.0 * cos, 0.0);
        let pixel = camera().project(&pole().inverse_transform_point(&place.into()).coords).unwrap();
        let seen = found.mounted.ground_point(&Ground::default(), &pixel, &Matrix2::identity()).unwrap();
        ground.push((seen.position - place).norm());
        let step = Vector6::new(shift.x, shift.y, shift.z, turn.x, turn.y, turn.z);
        // 95 % of a normal distribution in six dimensions.
        let distance = (step.transpose() * found.mounted.covariance.try_inverse().unwrap() * step)[0];
        inside += f64::from(u8::from(distance < 12.592)) / runs as f64;
        named += found.residuals.iter().take(blunders).filter(|r| !r.used).count() as f64;
    }
    let p95 = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() * 95 / 100]
    };
    Spread {
        rotation_deg: p95(&mut rotation),
        position_m: p95(&mut position),
        ground_60_m: p95(&mut ground),
        inside_95: inside,
        blunders_named: if blunders == 0 { 1.0 } else { named / (blunders as u64 * runs) as f64 },
    }
}

#[test]
fn twenty_points_give_a_tenth_of_a_degree() {
    for (count, rotation_deg, position_m, ground_60_m) in
        [(6, 0.32, 0.23, 0.56), (10, 0.17, 0.14, 0.30), (20, 0.105, 0.085, 0.23), (40, 0.069, 0.059, 0.15)]
    {
        let found = monte_carlo(count, 0, 200);
        println!(
            "{count} points, p95: {:.3}° {:.3} m, {:.3} m at 60 m, {:.1} % inside the 95 % covariance",
            found.rotation_deg,
            found.position_m,
            found.ground_60_m,
            found.inside_95 * 100.0
        );
        assert!(found.rotation_deg < 1.3 * rotation_deg, "{count} points: {}°", found.rotation_deg);
        assert!(found.position_m < 1.3 * position_m, "{count} points: {} m", found.position_m);
        assert!(found.ground_60_m < 1.3 * ground_60_m, "{count} points: {} m at 60 m", found.ground_60_m);
        assert!((0.90..=1.0).contains(&found.inside_95), "{count} points: {} inside", found.inside_95);
    }
}

#[test]
fn two_blunders_of_twenty_are_named_and_do_no_harm() {
    let found = monte_carlo(20, 2, 200);
    println!(
        "20 points, 2 blunders, p95: {:.3}° {:.3} m, {:.3} m at 60 m, {:.1} % of blunders named",
        found.rotation_deg,
        found.position_m,
        found.ground_60_m,
        found.blunders_named * 100.0
    );
    assert!(found.rotation_deg < 0.13 && found.position_m < 0.11, "{}° {} m", found.rotation_deg, found.position_m);
    assert!(found.blunders_named > 0.98, "{}", found.blunders_named);
}

#[test]
fn exact_points_give_the_exact_pose_from_four_up() {
    for count in [4, 5, 6, 12] {
        for seed in 0..20 {
            let mut points = survey(&mut ChaCha8Rng::seed_from_u64(100 + seed), count);
            for point in &mut points {
                point.enu.z = 0.0;
                point.pixel = camera().project(&pole().inverse_transform_point(&point.enu.into()).coords).unwrap();
            }
            let Ok(found) = solve(&camera(), &points) else { continue };
            let off = (found.mounted.position() - pole().translation.vector).norm();
            assert!(off < 1e-4, "{count} points, seed {seed}: {off} m, rms {}", found.rms_px);
        }
    }
}

#[test]
fn points_that_determine_nothing_are_refused_with_advice() {
    let mut points = survey(&mut ChaCha8Rng::seed_from_u64(7), 8);
    let said = |points: &[SurveyPoint]| solve(&camera(), points).expect_err("must be refused").to_string();
    assert!(said(&points[..3]).contains("at least 4"));
    assert!(said(&[]).contains("at least 4"));
    let on_line: Vec<SurveyPoint> = (0..8)
        .map(|i| {
            let enu = Vector3::new(12.0 + 4.0 * f64::from(i), 14.0 + 5.0 * f64::from(i), 0.0);
            let pixel = camera().project(&pole().inverse_transform_point(&enu.into()).coords).unwrap();
            SurveyPoint { id: i.to_string(), pixel, enu, sigma_px: 1.0, sigma_m: 0.02 }
        })
        .collect();
    assert!(said(&on_line).contains("line") && said(&on_line).contains("add"), "{}", said(&on_line));
    let mut millimetres = points.clone();
    millimetres.iter_mut().for_each(|p| p.enu *= 1e-3);
    assert!(said(&millimetres).contains("metres"), "{}", said(&millimetres));
    let mut swapped = points.clone();
    swapped.iter_mut().for_each(|p| p.enu.swap_rows(0, 1));
    let word = said(&swapped);
    assert!(word.contains("east and north"), "{word}");
    points[2].enu.x = f64::NAN;
    assert!(said(&points).contains("p2"));
    points[2].enu.x = 20.0;
    points[3].pixel.y = 4000.0;
    assert!(said(&points).contains("outside the picture"));
}

#[test]
fn points_in_one_corner_are_refused_or_honest() {
    // All within a few metres, 70 m away: the pose must be refused, not printed with a small error.
    let mut dice = ChaCha8Rng::seed_from_u64(3);
    let points: Vec<SurveyPoint> = (0..8)
        .map(|i| {
            let enu = Vector3::new(50.0 + dice.random_range(-2.0..2.0), 52.0 + dice.random_range(-2.0..2.0), 0.0);
            let pixel = camera().project(&pole().inverse_transform_point(&enu.into()).coords).unwrap();
            SurveyPoint { id: format!("{i}"), pixel, enu, sigma_px: 1.0, sigma_m: 0.02 }
        })
        .collect();
    let error = solve(&camera(), &points).expect_err("must be refused").to_string();
    assert!(error.contains("add points"), "{error}");
}

#[test]
fn the_advice_names_a_point_that_helps() {
    let points = survey(&mut ChaCha8Rng::seed_from_u64(11), 6);
    let found = solve(&camera(), &points).unwrap();
    let ground = Ground::default();
    let now = ground_error_95(&found.mounted, &ground, 60.0).unwrap();
    let next = best_next_point(&found.mounted, &ground, 60.0, 1.0, 0.03).unwrap();
    assert!(next.error_with_it_m < 0.9 * now, "{now} m now, {next:?}");
    assert!(camera().sees(&next.pixel) && next.range_m > 5.0);
    assert!(ground_error_95(&found.mounted, &ground, 2.0).is_none(), "the picture does not show the pole's foot");
}

/// 24 hand-picked ground points of a real road out to 51 m (OpenCalib, Apache-2.0).
#[test]
fn a_real_road_is_fitted_as_well_as_by_opencv() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/calibration/camera_world/opencalib_gcp");
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}"));
    let (Ok(points), Ok(lens)) = (read("center_camera-homography.json"), read("center_camera-intrinsic.json")) else {
        println!("skipped: no ../shared");
        return;
    };
    let (k, d) = lens.split_once("cam_dist").unwrap();
    let (k, d) = (numbers(k.split_once("cam_K").unwrap().1, "data"), numbers(d, "data"));
    let lens = Lens::BrownConrady(std::array::from_fn(|i| d.get(i).copied().unwrap_or(0.0)));
    let camera = Camera::new((1920, 1200), (k[0], k[4]), (k[2], k[5]), lens).unwrap();
    let (pixels, places) = points.split_once("dst_quad").unwrap();
    let (pixels, places) = (numbers(pixels, "src_quad"), numbers(places, ""));
    let points: Vec<SurveyPoint> = pixels
        .chunks(2)
        .zip(places.chunks(2))
        .enumerate()
        .map(|(i, (pixel, place))| SurveyPoint {
            id: i.to_string(),
            pixel: Vector2::new(pixel[0], pixel[1]),
            enu: Vector3::new(place[0], place[1], 0.0),
            // All alike, as OpenCV counts them.
            sigma_px: 4.0,
            sigma_m: 0.0,
        })
        .collect();
    assert_eq!(points.len(), 24);
    let found = solve(&camera, &points).unwrap();
    println!("rms {} loo {:?} max {} excess {}", found.rms_px, found.leave_one_out_px, found.max_px, found.excess);
    // cv2.solvePnP: rms 4.97 px, leave-one-out 6.1 px.
    assert!(found.rms_px < 5.0, "{}", found.rms_px);
    assert!(found.leave_one_out_px.unwrap() < 6.2, "{:?}", found.leave_one_out_px);
    assert!(found.residuals.iter().filter(|r| r.used).count() >= 20);
    let height = found.mounted.position().z;
    assert!((1.0..3.0).contains(&height), "a camera on a car's roof, not {height} m up");
}

/// Every number after `key`, in order.
fn numbers(text: &str, key: &str) -> Vec<f64> {
    let after = text.split_once(key).map_or(text, |(_, after)| after);
    after
        .split(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c)))
        .filter(|word| word.contains(|c: char| c.is_ascii_digit()))
        .filter_map(|word| word.parse().ok())
        .collect()
}
