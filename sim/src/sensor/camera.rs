//! A camera with a detector behind it: boxes in pixels, through the real lens model of the calibration file.

use calibration::camera::Camera;
use calibration::rig::Mounted;
use nalgebra::{Point3, Vector2, Vector3};
use perception::{Box2d, Shape};

use super::{Seen, occlusion::Outlook};
use crate::actor::Body;
use crate::random::Luck;
use crate::scenario::Sensing;

/// Below this height nothing is detected, pixels.
const MIN_HEIGHT_PX: f64 = 10.0;
/// When less than this share of a body shows, it is not detected.
const MIN_SHARE: f64 = 0.35;
/// From this share on a detector draws the whole box, hidden parts included.
const WHOLE_SHARE: f64 = 0.75;

/// Every body that the camera can see.
pub(super) fn see(
    mounted: &Mounted,
    camera: &Camera,
    sensing: &Sensing,
    bodies: &[Body],
    luck: &mut Luck,
) -> Vec<Seen> {
    let eye = Point3::from(mounted.position());
    let outlook = Outlook::new(eye, bodies);
    let mut seen = Vec::new();
    for (i, body) in bodies.iter().enumerate() {
        if (body.position - eye.coords).norm() > sensing.range_m {
            continue;
        }
        let Some(whole) = boxed(mounted, &corners(body)) else { continue };
        let Some(mut shown) = clipped(&whole, camera) else { continue };
        let in_picture = area(&shown) / area(&whole);
        let (points, all) = outlook.visible(i);
        let share = in_picture * points.len() as f64 / all as f64;
        if share < MIN_SHARE || shown.y2 - shown.y1 < MIN_HEIGHT_PX {
            continue;
        }
        if (points.len() as f64) < WHOLE_SHARE * all as f64 {
            let Some(part) = boxed(mounted, &points).and_then(|b| clipped(&b, camera)) else { continue };
            shown = part;
        }
        let height = shown.y2 - shown.y1;
        let small = ((25.0 - height) / 25.0).clamp(0.0, 0.6);
        let harder = (small + 0.6 * (1.0 - share)).clamp(0.0, 0.9);
        let sigma = sensing.noise.hypot(0.01 * height);
        let noisy = Box2d {
            x1: shown.x1 + luck.normal(sigma),
            y1: shown.y1 + luck.normal(sigma),
            x2: shown.x2 + luck.normal(sigma),
            y2: shown.y2 + luck.normal(sigma),
        };
        let Some(noisy) = clipped(&noisy, camera) else { continue };
        seen.push(Seen { actor: body.id, class: body.kind.class(), shape: Shape::Image(noisy), harder });
    }
    seen
}

/// A detection of nothing.
pub(super) fn clutter(camera: &Camera, luck: &mut Luck) -> Shape {
    let (width, height) = (f64::from(camera.width()), f64::from(camera.height()));
    let x1 = luck.between(0.0, 0.9 * width);
    let y1 = luck.between(0.1 * height, 0.9 * height);
    let (w, h) = (luck.between(15.0, 0.1 * width), luck.between(15.0, 0.1 * height));
    Shape::Image(Box2d { x1, y1, x2: (x1 + w).min(width - 1.0), y2: (y1 + h).min(height - 1.0) })
}

fn corners(body: &Body) -> Vec<Point3<f64>> {
    let up = [0.0, body.size.height_m];
    let lift = |c: nalgebra::Point2<f64>, z: f64| Point3::new(c.x, c.y, body.position.z + z);
    body.corners().into_iter().flat_map(|c| up.map(|z| lift(c, z))).collect()
}

/// The box round the pixels of all points; none when one is behind the camera.
fn boxed(mounted: &Mounted, points: &[Point3<f64>]) -> Option<Box2d> {
    let mut pixels: Vec<Vector2<f64>> = Vec::with_capacity(points.len());
    for point in points {
        pixels.push(mounted.project(&Vector3::new(point.x, point.y, point.z))?);
    }
    let first = pixels.first()?;
    let start = Box2d { x1: first.x, y1: first.y, x2: first.x, y2: first.y };
    Some(pixels.iter().fold(start, |b, p| Box2d {
        x1: b.x1.min(p.x),
        y1: b.y1.min(p.y),
        x2: b.x2.max(p.x),
        y2: b.y2.max(p.y),
    }))
}

fn clipped(b: &Box2d, camera: &Camera) -> Option<Box2d> {
    let (right, bottom) = (f64::from(camera.width()) - 1.0, f64::from(camera.height()) - 1.0);
    let cut = Box2d { x1: b.x1.max(0.0), y1: b.y1.max(0.0), x2: b.x2.min(right), y2: b.y2.min(bottom) };
    (cut.x2 - cut.x1 > 1.0 && cut.y2 - cut.y1 > 1.0).then_some(cut)
}

fn area(b: &Box2d) -> f64 {
    (b.x2 - b.x1) * (b.y2 - b.y1)
}

#[cfg(test)]
mod tests {
    use super::super::tests::mast;
    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    #[test]
    fn a_box_lies_where_the_lens_model_puts_the_body() {
        let mounted = mast(true);
        let camera = mounted.camera.unwrap();
        let car = body(1, Kind::Car, 2.0, 40.0, 0.0);
        let mut sensing = Sensing::camera();
        sensing.noise = 0.0;
        let seen = see(&mounted, &camera, &sensing, std::slice::from_ref(&car), &mut Luck::new(1, "x"));
        let Shape::Image(b) = seen[0].shape else { panic!("a camera sees pictures") };
        let pixel = |x, y, z| mounted.project(&Vector3::new(x, y, z)).unwrap();
        let slack = 0.05 * (b.y2 - b.y1);
        assert!((b.x1 - pixel(-0.3, 39.1, 0.0).x).abs() < slack, "{b:?}");
        assert!((b.y2 - pixel(2.0, 39.1, 0.0).y).abs() < slack, "{b:?}");
        assert!((b.y1 - pixel(2.0, 40.9, 1.5).y).abs() < slack, "{b:?}");
    }

    #[test]
    fn what_is_behind_beyond_or_outside_is_not_seen() {
        let mounted = mast(true);
        let camera = mounted.camera.unwrap();
        let bodies = [
            body(1, Kind::Car, 0.0, -30.0, 0.0),
            body(2, Kind::Car, 0.0, 200.0, 0.0),
            body(3, Kind::Car, 60.0, 20.0, 0.0),
            body(4, Kind::Car, 0.0, 0.5, 0.0),
        ];
        assert!(see(&mounted, &camera, &Sensing::camera(), &bodies, &mut Luck::new(1, "x")).is_empty());
    }
}
