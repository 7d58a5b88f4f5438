//! The road as a plane, and where a pixel's ray meets it.
//!
//! A pixel becomes a place only together with how well we know it: the covariance counts the pixel's own error and the error
//! of the camera's pose, of which pitch is by far the costliest (0.1° from an 8 m pole is 0.8 m at 60 m).

use nalgebra::{Isometry3, Matrix2, Matrix3, Matrix3x2, Matrix6, SMatrix, Vector2, Vector3};
use serde::{Deserialize, Serialize};

use crate::camera::Camera;

/// A ray that meets the ground farther away than this is refused, metres.
pub const MAX_RANGE_M: f64 = 300.0;

/// Ground height over the site: `z = height_m + slope_east · e + slope_north · n`, in `enu`; flat at 0 by default.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ground {
    /// Height at the origin, metres.
    pub height_m: f64,
    /// Rise towards east, metres a metre.
    pub slope_east: f64,
    /// Rise towards north, metres a metre.
    pub slope_north: f64,
}

/// Why a ray is not a place on the road.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Miss {
    /// The lens model gives no ray for this pixel.
    #[error("the pixel lies outside the part of the picture that the lens model describes")]
    NoRay,
    /// The ray does not come down to the ground.
    #[error("the ray points at or above the horizon")]
    Horizon,
    /// The ray comes down too far away.
    #[error("the ray meets the ground farther than {MAX_RANGE_M} m away")]
    TooFar,
}

/// A place on the road and how well it is known.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct GroundPoint {
    /// `enu`, metres.
    pub position: Vector3<f64>,
    /// Covariance of (east, north), m².
    pub covariance: Matrix2<f64>,
}

impl Ground {
    /// Height of the ground, metres.
    #[must_use]
    pub fn z(&self, east: f64, north: f64) -> f64 {
        self.height_m + self.slope_east * east + self.slope_north * north
    }

    /// The point of the ground above or below a place.
    #[must_use]
    pub fn under(&self, point: &Vector3<f64>) -> Vector3<f64> {
        Vector3::new(point.x, point.y, self.z(point.x, point.y))
    }

    /// Where a ray from `origin` along `direction` (any length, `enu`) comes down to the ground.
    ///
    /// # Errors
    /// The ray does not come down, or farther away than [`MAX_RANGE_M`].
    pub fn meet(&self, origin: &Vector3<f64>, direction: &Vector3<f64>) -> Result<Vector3<f64>, Miss> {
        let above = origin.z - self.z(origin.x, origin.y);
        let sinks = self.slope_east * direction.x + self.slope_north * direction.y - direction.z;
        if !(above > 0.0 && sinks > 1e-9 * direction.norm()) {
            return Err(Miss::Horizon);
        }
        let point = origin + direction * (above / sinks);
        if (point - origin).norm() > MAX_RANGE_M { Err(Miss::TooFar) } else { Ok(point) }
    }

    /// The place on the ground that a camera sees at `pixel`, with the covariance that `pixel_covariance` (px²) and the
    /// covariance of the camera's pose (see [`crate::rig`]) leave.
    ///
    /// # Errors
    /// The pixel shows no place on the ground within [`MAX_RANGE_M`].
    pub fn seen(
        &self,
        camera: &Camera,
        enu_from_camera: &Isometry3<f64>,
        pose_covariance: &Matrix6<f64>,
        pixel: &Vector2<f64>,
        pixel_covariance: &Matrix2<f64>,
    ) -> Result<GroundPoint, Miss> {
        let ray = camera.ray(pixel).ok_or(Miss::NoRay)?;
        let origin = enu_from_camera.translation.vector;
        let position = self.meet(&origin, &(enu_from_camera.rotation * ray.into_inner()))?;
        let (_, by_camera) = camera
            .project_with_jacobian(&enu_from_camera.inverse_transform_point(&position.into()).coords)
            .ok_or(Miss::NoRay)?;
        let camera_from_enu = enu_from_camera.rotation.inverse().to_rotation_matrix();
        let by_enu = by_camera * camera_from_enu.matrix();
        let along_ground = Matrix3x2::new(1.0, 0.0, 0.0, 1.0, self.slope_east, self.slope_north);
        let ground_by_pixel = (by_enu * along_ground).try_inverse().ok_or(Miss::Horizon)?;
        // pixel(ground, pose) = given: d ground = ground_by_pixel · (d pixel − pixel_by_pose · d pose).
        let ground_by_pose = ground_by_pixel * by_enu * point_by_pose(&(position - origin));
        let covariance = ground_by_pixel * pixel_covariance * ground_by_pixel.transpose()
            + ground_by_pose * pose_covariance * ground_by_pose.transpose();
        Ok(GroundPoint { position, covariance: 0.5 * (covariance + covariance.transpose()) })
    }
}

/// How a point fixed in the world, at `lever` (parent axes) from the sensor, seems to move (parent axes) when the sensor's
/// pose is off by `[translation, rotation]` (the convention of [`crate::rig`]).
#[must_use]
pub fn point_by_pose(lever: &Vector3<f64>) -> SMatrix<f64, 3, 6> {
    let mut by_pose = SMatrix::<f64, 3, 6>::zeros();
    by_pose.fixed_view_mut::<3, 3>(0, 0).copy_from(&-Matrix3::identity());
    by_pose.fixed_view_mut::<3, 3>(0, 3).copy_from(&lever.cross_matrix());
    by_pose
}
