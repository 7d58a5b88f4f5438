//! From detections to places on the road: where a box's wheels or feet touch the ground, in `enu`, with covariance.
//!
//! A picture shows the near edge of a road user; its footprint's centre lies behind that edge by half its depth. How deep it
//! is follows from the class's usual size and from how wide the box is: a car seen from its side is wide and shallow, one
//! seen from behind narrow and deep. What that leaves open goes into the covariance.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_6};

use calibration::ground::{Ground, point_by_pose};
use calibration::rig::{Mounted, Rig};
use nalgebra::{Matrix2, Vector2, Vector3};

use crate::object::{Box2d, Box3d, Detection, Detections, Placed, Sensing, Shape, Size};

/// A box whose lower edge is this near to the picture's lower edge is cut off by it, pixels.
const CUT_PX: f64 = 1.5;
/// Standard deviation of a box edge: this many pixels, and …
const EDGE_PX: f64 = 1.0;
/// … this share of the box's height (detectors err in proportion to what they look at).
const EDGE_SHARE: f64 = 0.04;
/// A box whose lower edge another box, nearer to the camera, covers by this share of its width does not show its feet.
const HIDDEN_SHARE: f64 = 0.3;
/// How much members of one class differ in length and width (one standard deviation).
const SIZE_SHARE: f64 = 0.15;
/// Standard deviation of the centre of a lidar box near the sensor, metres.
const LIDAR_SIGMA_M: f64 = 0.15;
/// Growth of that with range: points thin out, metres a metre.
const LIDAR_SIGMA_PER_M: f64 = 0.005;
/// Standard deviation of the length axis of a lidar box near the sensor, radians.
const LIDAR_YAW_SIGMA: f64 = 0.08;

/// Puts the detections of one frame on the road. `None`: the sensor is not in the rig, so nothing of it can be placed.
///
/// A detection that cannot be placed is left out: a box cut by the picture's lower edge (its feet are not seen), at or above
/// the horizon, too far away, or not a number. How many these were is `seen.list.len()` less the length of the answer.
#[must_use]
pub fn place(rig: &Rig, seen: &Detections) -> Option<Vec<Placed>> {
    let mounted = rig.sensors.get(&seen.sensor.0)?;
    Some(seen.list.iter().filter_map(|detection| place_one(&rig.ground, mounted, detection, seen)).collect())
}

fn place_one(ground: &Ground, mounted: &Mounted, detection: &Detection, seen: &Detections) -> Option<Placed> {
    let placed = match (&detection.shape, &mounted.camera) {
        (Shape::Image(image), Some(_)) => {
            let below = hidden_below(image, seen);
            place_image(ground, mounted, detection, image, below)?
        }
        (Shape::Space(space), None) => place_space(ground, mounted, detection, space)?,
        _ => return None,
    };
    let fine = placed.position.iter().chain(placed.covariance.iter()).all(|v| v.is_finite());
    fine.then_some(placed)
}

/// How far below its lower edge a box may go on behind others, pixels: down to the feet of those that stand before it.
fn hidden_below(image: &Box2d, seen: &Detections) -> f64 {
    let others = seen.list.iter().filter_map(|other| match &other.shape {
        Shape::Image(other) => Some(other),
        Shape::Space(_) => None,
    });
    let before = others.filter(|other| {
        let shared = image.x2.min(other.x2) - image.x1.max(other.x1);
        other.y1 < image.y2 && other.y2 > image.y2 && shared > HIDDEN_SHARE * (image.x2 - image.x1)
    });
    before.map(|other| other.y2 - image.y2).fold(0.0, f64::max)
}

/// A box in a picture: its lower edge is where the near edge of the footprint touches the ground, unless that is hidden up
/// to `below` pixels lower.
fn place_image(ground: &Ground, mounted: &Mounted, detection: &Detection, image: &Box2d, below: f64) -> Option<Placed> {
    let camera = mounted.camera.as_ref()?;
    let (width, height) = (image.x2 - image.x1, image.y2 - image.y1);
    let last = Vector2::new(f64::from(camera.width()) - 1.0, f64::from(camera.height()) - 1.0);
    if !(width > 0.0 && height > 0.0) || image.y2 > last.y - CUT_PX || image.y2 < 0.0 {
        return None;
    }
    let (left, right) = (image.x1.max(0.0), image.x2.min(last.x));
    let cut_at_side = image.x1 < CUT_PX || image.x2 > last.x - CUT_PX;
    let missing = missing_height(ground, mounted, detection, image).min(below);
    // Bodies of one class differ in height, and a detector may be wrong about the class.
    let foot_sigma = EDGE_PX.hypot(EDGE_SHARE * height).hypot(missing / 12.0_f64.sqrt());
    let sigma = Vector2::new(EDGE_PX.hypot(EDGE_SHARE * width / 2.0), foot_sigma);
    let foot = Vector2::new(0.5 * (left + right), image.y2 + missing);
    let pixel_covariance = Matrix2::from_diagonal(&sigma.component_mul(&sigma));
    let contact = mounted.ground_point(ground, &foot, &pixel_covariance).ok()?;

    let view = View::of(ground, mounted, &contact.position)?;
    let span = if cut_at_side { None } else { view.angle_between(mounted, ground, left, right, foot.y) };
    let size = detection.class.usual_size();
    let depth = view.half_depth(&size, span);
    let centre = view.behind(depth.mean);
    let mut covariance = contact.covariance + view.ray * view.ray.transpose() * depth.variance;
    let across = Vector2::new(-view.ray.y, view.ray.x);
    let side_sigma = if cut_at_side { 0.5 * size.length_m } else { SIZE_SHARE * 0.5 * size.width_m };
    covariance += across * across.transpose() * side_sigma.powi(2);
    Some(Placed {
        class: detection.class,
        score: detection.score,
        position: ground.under(&Vector3::new(centre.x, centre.y, 0.0)),
        covariance,
        yaw: None,
        yaw_is_axis: false,
        velocity: None,
        size: None,
        sensing: Sensing::Camera,
    })
}

/// By how many pixels the class's usual body reaches below a box whose upper edge is that of the body.
fn missing_height(ground: &Ground, mounted: &Mounted, detection: &Detection, image: &Box2d) -> f64 {
    let usual = detection.class.usual_size();
    let top = |foot: f64| {
        let pixel = Vector2::new(0.5 * (image.x1 + image.x2), foot);
        let contact = mounted.ground_point(ground, &pixel, &Matrix2::zeros()).ok()?.position;
        let view = View::of(ground, mounted, &contact)?;
        let far = contact + Vector3::new(view.ray.x, view.ray.y, 0.0) * (0.5 * (usual.length_m + usual.width_m));
        Some(mounted.project(&Vector3::new(far.x, far.y, far.z + usual.height_m))?.y)
    };
    // Lower feet are nearer, and nearer bodies are higher: a few steps settle it.
    (0..4)
        .fold(0.0, |missing: f64, _| top(image.y2 + missing).map_or(missing, |top| (missing + image.y1 - top).max(0.0)))
}

/// A contact point as the camera looks at it, seen from above.
struct View {
    /// The ground under the camera.
    foot: Vector2<f64>,
    /// From there to the contact point, unit length.
    ray: Vector2<f64>,
    /// Distance over ground, metres.
    range: f64,
    /// Angle of the ray from the camera's own direction, radians.
    bearing: f64,
}

/// Half the extent of a footprint away from the camera, metres.
struct Depth {
    mean: f64,
    variance: f64,
}

impl View {
    fn of(ground: &Ground, mounted: &Mounted, contact: &Vector3<f64>) -> Option<Self> {
        let foot = ground.under(&mounted.position()).xy();
        let range = (contact.xy() - foot).norm();
        let ray = (contact.xy() - foot).try_normalize(1e-6)?;
        // A camera that looks straight down has no direction over ground; there the ray itself is as good.
        let ahead = (mounted.enu_from_sensor.rotation * Vector3::z()).xy().try_normalize(1e-3).unwrap_or(ray);
        Some(Self { foot, ray, range, bearing: ahead.perp(&ray).atan2(ahead.dot(&ray)) })
    }

    /// Angle over ground between the two lower corners of the box.
    fn angle_between(&self, mounted: &Mounted, ground: &Ground, left: f64, right: f64, bottom: f64) -> Option<f64> {
        let over_ground = |x: f64| {
            let point = mounted.ground_point(ground, &Vector2::new(x, bottom), &Matrix2::zeros()).ok()?;
            (point.position.xy() - self.foot).try_normalize(1e-6)
        };
        let (a, b) = (over_ground(left)?, over_ground(right)?);
        Some(a.perp(&b).atan2(a.dot(&b)).abs())
    }

    /// How deep a road user of this size stands behind its near edge, over all directions of its body that would look as
    /// wide as it does (`span`, an angle), or over all directions when its width is not seen.
    fn half_depth(&self, size: &Size, span: Option<f64>) -> Depth {
        let (length, width) = (size.length_m, size.width_m);
        let deep = |from_ray: f64| {
            let (sin, cos) = (from_ray + self.bearing).sin_cos();
            0.5 * (length * cos.abs() + width * sin.abs())
        };
        let mut directions = [-2.0, -1.0, 0.0, 1.0, 2.0, 3.0].map(|step| step * FRAC_PI_6).to_vec();
        if let Some(span) = span {
            let mut depth = 0.25 * (length + width);
            for _ in 0..3 {
                let extent = 2.0 * (self.range + depth) * (0.5 * span).tan();
                directions = directions_this_wide(length, width, extent);
                depth = mean(directions.iter().map(|d| deep(*d)));
            }
        }
        let middle = mean(directions.iter().map(|d| deep(*d)));
        let spread = mean(directions.iter().map(|d| (deep(*d) - middle).powi(2)));
        Depth { mean: middle, variance: spread + (SIZE_SHARE * middle).powi(2) }
    }

    /// The point on the ray that lies `depth` behind the contact point, counted along the camera's own direction (that is
    /// how rows of the picture count it).
    fn behind(&self, depth: f64) -> Vector2<f64> {
        self.foot + self.ray * (self.range + depth / self.bearing.cos().abs().max(0.3))
    }
}

/// Directions of a rectangle's length axis from the line of sight at which it spans `extent` across that line.
fn directions_this_wide(length: f64, width: f64, extent: f64) -> Vec<f64> {
    // length · sin a + width · cos a = diagonal · sin(a + tilt), for 0 ≤ a ≤ 90°.
    let tilt = width.atan2(length);
    let turn = (extent / length.hypot(width)).clamp(0.0, 1.0).asin();
    let rising = (turn - tilt).clamp(0.0, FRAC_PI_2);
    let falling = std::f64::consts::PI - turn - tilt;
    let mut directions = vec![rising, -rising];
    if falling <= FRAC_PI_2 {
        directions.extend([falling, -falling]);
    }
    directions
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

/// A box in space: its centre is measured, its length axis perhaps.
fn place_space(ground: &Ground, mounted: &Mounted, detection: &Detection, space: &Box3d) -> Option<Placed> {
    let turn = mounted.enu_from_sensor.rotation;
    let lever = turn * space.centre.coords;
    let range = lever.norm();
    let Size { length_m, width_m, height_m } = space.size;
    if !(range < calibration::ground::MAX_RANGE_M && length_m > 0.0 && width_m > 0.0 && height_m > 0.0) {
        return None;
    }
    let by_pose = -point_by_pose(&lever);
    let by_pose = by_pose.fixed_rows::<2>(0);
    let own = LIDAR_SIGMA_M + LIDAR_SIGMA_PER_M * range;
    let covariance = by_pose * mounted.covariance * by_pose.transpose() + Matrix2::identity() * own.powi(2);
    let yaw = space.yaw.filter(|yaw| yaw.is_finite()).map(|yaw| {
        let axis = turn * Vector3::new(yaw.cos(), yaw.sin(), 0.0);
        // A short box shows its axis badly, a far one too.
        let sigma = LIDAR_YAW_SIGMA * (1.0 + range / 40.0) * (4.0 / length_m).max(0.5) + 1e-3;
        (axis.y.atan2(axis.x), sigma.min(1.0).powi(2) + mounted.covariance[(5, 5)])
    });
    Some(Placed {
        class: detection.class,
        score: detection.score,
        position: ground.under(&(mounted.position() + lever)),
        covariance,
        yaw,
        yaw_is_axis: yaw.is_some(),
        velocity: None,
        size: Some(space.size),
        sensing: Sensing::Lidar,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{Class, SensorId};
    use calibration::Timestamp;
    use calibration::camera::{Camera, Lens};
    use calibration::geodesy::{EnuFrame, Heading, Wgs84};
    use calibration::rig::{enu_from_camera_looking, enu_from_lidar_looking};
    use nalgebra::{Matrix6, Point3, Vector6};

    /// A camera 8 m up that looks east, and a lidar 5 m up that looks north.
    fn rig() -> Rig {
        let mut rig = Rig::new(EnuFrame::new(Wgs84 { lat_deg: 31.0, lon_deg: 121.0, alt_m: 4.0 }), Ground::default());
        let camera = Camera::new((1920, 1080), (1400.0, 1400.0), (959.5, 539.5), Lens::Pinhole).unwrap();
        let sigma = Vector6::new(0.05, 0.05, 0.05, 0.001, 0.001, 0.001);
        let covariance = Matrix6::from_diagonal(&sigma.component_mul(&sigma));
        let east = Heading::from_deg(90.0);
        let enu_from_sensor = enu_from_camera_looking(Vector3::new(2.0, 1.0, 8.0), east, 0.2);
        rig.sensors.insert("north".into(), Mounted { enu_from_sensor, covariance, camera: Some(camera) });
        let enu_from_sensor = enu_from_lidar_looking(Vector3::new(-3.0, 4.0, 5.0), Heading::from_deg(0.0), 0.05);
        rig.sensors.insert("mast".into(), Mounted { enu_from_sensor, covariance, camera: None });
        rig
    }

    fn seen(sensor: &str, class: Class, shape: Shape) -> Detections {
        let list = vec![Detection { class, score: 0.9, shape }];
        Detections { sensor: SensorId(sensor.into()), tov: Timestamp::default(), list, free: None }
    }

    /// The box in the picture around an upright body on the ground; `None` when it is not wholly in the picture.
    fn pictured(rig: &Rig, east: f64, north: f64, yaw: f64, size: Size) -> Option<Box2d> {
        let mounted = &rig.sensors["north"];
        let mut image = Box2d { x1: f64::MAX, y1: f64::MAX, x2: f64::MIN, y2: f64::MIN };
        for corner in 0..8 {
            let half = |bit: i32, full: f64| if corner & bit == 0 { -0.5 * full } else { 0.5 * full };
            let (along, across) = (half(1, size.length_m), half(2, size.width_m));
            let up = 0.5 * size.height_m + half(4, size.height_m);
            let (sin, cos) = yaw.sin_cos();
            let point = Vector3::new(east + along * cos - across * sin, north + along * sin + across * cos, up);
            let pixel = mounted.project(&point).filter(|pixel| mounted.camera.unwrap().sees(pixel))?;
            image.x1 = image.x1.min(pixel.x);
            image.x2 = image.x2.max(pixel.x);
            image.y1 = image.y1.min(pixel.y);
            image.y2 = image.y2.max(pixel.y);
        }
        Some(image)
    }

    #[test]
    fn a_body_in_any_direction_is_placed_at_its_centre() {
        let rig = rig();
        for (class, worst_m) in
            [(Class::Car, 1.0), (Class::Pedestrian, 0.15), (Class::Bicycle, 0.5), (Class::Truck, 2.1)]
        {
            let (mut count, mut squares, mut normed) = (0.0, 0.0, 0.0);
            for (range, side, turn) in (0..240).map(|i| (18 + 7 * (i % 10), i / 10 % 4, i / 40)) {
                let (east, north) = (2.0 + f64::from(range), 1.0 + 0.12 * f64::from(range * (side - 2)));
                let yaw = f64::from(turn) * FRAC_PI_6;
                let Some(image) = pictured(&rig, east, north, yaw, class.usual_size()) else { continue };
                let placed = place(&rig, &seen("north", class, Shape::Image(image))).unwrap();
                let [placed] = &placed[..] else { panic!("{class:?} at {range} m is not placed") };
                let off = (placed.position - Vector3::new(east, north, 0.0)).xy();
                assert!(off.norm() < worst_m, "{class:?} at {east:.0}, {north:.0}, yaw {yaw:.2}: off by {off}");
                count += 1.0;
                squares += off.norm_squared();
                normed += (off.transpose() * placed.covariance.try_inverse().unwrap() * off)[0];
                assert_eq!(placed.position.z, 0.0);
            }
            println!("{class:?}: {count} placed, rms {:.2} m, normed {:.2}", (squares / count).sqrt(), normed / count);
            assert!(count > 100.0);
            assert!(normed / count < 2.0, "{class:?}: the covariance claims too much, {}", normed / count);
        }
    }

    #[test]
    fn what_touches_no_visible_ground_is_left_out() {
        let rig = rig();
        let fine = Box2d { x1: 900.0, y1: 500.0, x2: 1000.0, y2: 600.0 };
        let placed = |image: Box2d| place(&rig, &seen("north", Class::Car, Shape::Image(image))).unwrap().len();
        assert_eq!(placed(fine), 1);
        assert_eq!(placed(Box2d { y2: 1079.0, ..fine }), 0, "feet below the picture");
        assert_eq!(placed(Box2d { y1: 10.0, y2: 200.0, ..fine }), 0, "in the sky");
        assert_eq!(placed(Box2d { y1: 240.0, y2: 258.0, ..fine }), 0, "near the horizon, beyond the range");
        assert_eq!(placed(Box2d { x2: 800.0, ..fine }), 0, "inside out");
        assert_eq!(placed(Box2d { x1: f64::NAN, ..fine }), 0);
        assert_eq!(placed(Box2d { y2: f64::INFINITY, ..fine }), 0);
        let space = Box3d { centre: Point3::new(9.0, 0.0, -4.0), size: Class::Car.usual_size(), yaw: None };
        assert!(place(&rig, &seen("north", Class::Car, Shape::Space(space))).unwrap().is_empty());
        assert!(place(&rig, &seen("mast", Class::Car, Shape::Image(fine))).unwrap().is_empty());
        assert!(place(&rig, &seen("south", Class::Car, Shape::Image(fine))).is_none(), "not calibrated");
    }

    #[test]
    fn a_box_cut_at_the_side_is_known_less_well() {
        let rig = rig();
        let whole = Box2d { x1: 300.0, y1: 450.0, x2: 420.0, y2: 520.0 };
        let cut = Box2d { x1: 0.0, x2: 120.0, ..whole };
        let spread = |image: Box2d| {
            place(&rig, &seen("north", Class::Car, Shape::Image(image))).unwrap()[0]
                .covariance
                .symmetric_eigenvalues()
                .min()
        };
        assert!(spread(cut) > 4.0 * spread(whole), "{} {}", spread(cut), spread(whole));
    }

    #[test]
    fn feet_behind_another_box_are_looked_for_below_the_edge() {
        let rig = rig();
        let car = pictured(&rig, 42.0, 1.0, 0.0, Class::Car.usual_size()).unwrap();
        let half = Box2d { y2: car.y2 - 0.5 * (car.y2 - car.y1), ..car };
        let before = Box2d { y1: half.y2 - 5.0, y2: car.y2 + 90.0, ..car };
        let in_frame = |boxes: &[Box2d]| {
            let mut seen = seen("north", Class::Car, Shape::Image(boxes[0]));
            let first = seen.list[0].clone();
            seen.list.extend(boxes[1..].iter().map(|b| Detection { shape: Shape::Image(*b), ..first.clone() }));
            place(&rig, &seen).unwrap().remove(0)
        };
        let truth = Vector3::new(42.0, 1.0, 0.0);
        let (alone, hidden) = (in_frame(&[half]), in_frame(&[half, before]));
        assert!((alone.position - truth).norm() > 2.0 * (hidden.position - truth).norm(), "{}", hidden.position);
        let off = (hidden.position - truth).xy();
        assert!((off.transpose() * hidden.covariance.try_inverse().unwrap() * off)[0] < 4.0);
        assert_eq!(in_frame(&[car, before]).position, in_frame(&[car]).position, "whole: nothing is missing");
    }

    #[test]
    fn farther_boxes_are_known_less_well() {
        let rig = rig();
        let along = |range: f64| {
            let image = pictured(&rig, 2.0 + range, 1.0, 0.0, Class::Car.usual_size()).unwrap();
            place(&rig, &seen("north", Class::Car, Shape::Image(image))).unwrap()[0].covariance[(0, 0)].sqrt()
        };
        assert!(along(20.0) < 0.6 && along(40.0) > along(20.0) && along(80.0) > 2.0 * along(40.0));
    }

    #[test]
    fn a_lidar_box_keeps_its_place_its_axis_and_its_size() {
        let rig = rig();
        let size = Class::Car.usual_size();
        // 20 m ahead and 3 m left of a lidar that looks north: 3 m west of it, 20 m north; its x axis points north.
        let space = Box3d { centre: Point3::new(20.0, 3.0, -3.2), size, yaw: Some(0.1) };
        let placed = place(&rig, &seen("mast", Class::Car, Shape::Space(space))).unwrap().remove(0);
        assert!((placed.position.xy() - Vector2::new(-6.0, 24.0)).norm() < 0.25, "{}", placed.position);
        assert_eq!((placed.position.z, placed.size, placed.sensing), (0.0, Some(size), Sensing::Lidar));
        let (yaw, variance) = placed.yaw.unwrap();
        assert!((yaw - FRAC_PI_2 - 0.1).abs() < 0.01 && placed.yaw_is_axis && variance > 0.0);
        let spread = |x: f64| {
            let far = Box3d { centre: Point3::new(x, 0.0, -3.0), ..space };
            place(&rig, &seen("mast", Class::Car, Shape::Space(far))).unwrap()[0].covariance.trace()
        };
        assert!(spread(60.0) > 1.5 * spread(10.0));
        let nowhere = Box3d { centre: Point3::new(f64::NAN, 0.0, 0.0), ..space };
        assert!(place(&rig, &seen("mast", Class::Car, Shape::Space(nowhere))).unwrap().is_empty());
        let flat = Box3d { size: Size { height_m: 0.0, ..size }, ..space };
        assert!(place(&rig, &seen("mast", Class::Car, Shape::Space(flat))).unwrap().is_empty());
    }
}
