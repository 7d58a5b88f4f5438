//! What a calibration is worth on the road, and which point would help most.

use nalgebra::{Matrix2, Matrix6, Vector2, Vector3};

use crate::ground::{Ground, point_by_pose};
use crate::rig::Mounted;

/// Square of the radius, in standard deviations, that holds 95 % of a plane normal distribution.
const CHI2_95: f64 = 5.991;

/// How well a place on the ground is known from the pose alone: longest half axis of the 95 % ellipse, metres, at `range_m`
/// ahead of the camera. `None` when the picture does not show that place.
#[must_use]
pub fn ground_error_95(mounted: &Mounted, ground: &Ground, range_m: f64) -> Option<f64> {
    let pixel = ahead(mounted, ground, range_m)?;
    let point = mounted.ground_point(ground, &pixel, &Matrix2::zeros()).ok()?;
    Some((point.covariance.symmetric_eigenvalues().max().max(0.0) * CHI2_95).sqrt())
}

/// Pixel of the place on the ground `range_m` from the camera's foot, in the middle of the picture's width or as near to it
/// as the picture shows that distance.
fn ahead(mounted: &Mounted, ground: &Ground, range_m: f64) -> Option<Vector2<f64>> {
    let camera = mounted.camera.as_ref()?;
    let foot = ground.under(&mounted.position());
    let ahead = (mounted.enu_from_sensor.rotation * Vector3::z()).xy().try_normalize(1e-6)? * range_m;
    let place = ground.under(&(foot + Vector3::new(ahead.x, ahead.y, 0.0)));
    mounted.project(&place).filter(|pixel| camera.sees(pixel))
}

/// A place where one more point would help most.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct NextPoint {
    /// Where in the picture.
    pub pixel: Vector2<f64>,
    /// How far over ground from the camera, metres.
    pub range_m: f64,
    /// [`ground_error_95`] with that point, metres.
    pub error_with_it_m: f64,
}

/// The place in the picture where one more ground point (`sigma_px`, `sigma_m`) would improve the ground error at `range_m`
/// most.
#[must_use]
pub fn best_next_point(
    mounted: &Mounted,
    ground: &Ground,
    range_m: f64,
    sigma_px: f64,
    sigma_m: f64,
) -> Option<NextPoint> {
    let camera = mounted.camera.as_ref()?;
    let information = mounted.covariance.try_inverse()?;
    let mut best: Option<NextPoint> = None;
    for step in 0..54 {
        let (column, row) = (f64::from(step % 9), f64::from(step / 9));
        let share = Vector2::new((column + 0.5) / 9.0, (row + 0.5) / 6.0);
        let pixel = share.component_mul(&Vector2::new(f64::from(camera.width()), f64::from(camera.height())));
        let Ok(point) = mounted.ground_point(ground, &pixel, &Matrix2::zeros()) else { continue };
        let Some(more) = information_of(mounted, &point.position, sigma_px, sigma_m) else { continue };
        let Some(covariance) = (information + more).try_inverse() else { continue };
        let with_it = Mounted { covariance, ..mounted.clone() };
        let Some(error_with_it_m) = ground_error_95(&with_it, ground, range_m) else { continue };
        if best.is_none_or(|b| error_with_it_m < b.error_with_it_m) {
            let range_m = (point.position - mounted.position()).xy().norm();
            best = Some(NextPoint { pixel, range_m, error_with_it_m });
        }
    }
    best
}

/// What a point at `place` would tell about the pose.
fn information_of(mounted: &Mounted, place: &Vector3<f64>, sigma_px: f64, sigma_m: f64) -> Option<Matrix6<f64>> {
    let in_camera = mounted.enu_from_sensor.inverse_transform_point(&(*place).into()).coords;
    let (_, by_camera) = mounted.camera.as_ref()?.project_with_jacobian(&in_camera)?;
    let by_enu = by_camera * mounted.enu_from_sensor.rotation.inverse().to_rotation_matrix().matrix();
    let covariance = Matrix2::identity() * sigma_px.powi(2) + by_enu * by_enu.transpose() * sigma_m.powi(2);
    let by_pose = by_enu * point_by_pose(&(place - mounted.position()));
    Some(by_pose.transpose() * covariance.try_inverse()? * by_pose)
}
