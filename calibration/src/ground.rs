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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::Lens;
    use crate::geodesy::Heading;
    use crate::rig::enu_from_camera_looking;
    use crate::solve::survey_points::moved;
    use nalgebra::Vector6;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    const SLOPED: Ground = Ground { height_m: 0.3, slope_east: 0.02, slope_north: -0.01 };

    fn camera() -> Camera {
        Camera::new((1920, 1080), (1400.0, 1400.0), (960.0, 540.0), Lens::BrownConrady([-0.1, 0.02, 0.0, 0.0, 0.0]))
            .unwrap()
    }

    fn pole() -> Isometry3<f64> {
        enu_from_camera_looking(Vector3::new(1.0, 2.0, 8.0), Heading::from_deg(70.0), 0.2)
    }

    #[test]
    fn a_pixel_is_the_ground_point_it_came_from() {
        for far in [15.0, 40.0, 80.0] {
            let place = SLOPED.under(&Vector3::new(1.0 + far, 2.0 + 0.3 * far, 0.0));
            let pixel = camera().project(&pole().inverse_transform_point(&place.into()).coords).unwrap();
            let seen = SLOPED.seen(&camera(), &pole(), &Matrix6::zeros(), &pixel, &Matrix2::identity()).unwrap();
            assert!((seen.position - place).norm() < 1e-6, "{far}: {}", seen.position);
        }
    }

    #[test]
    fn the_sky_and_the_far_end_are_no_places() {
        let flat = Ground::default();
        let eye = Vector3::new(0.0, 0.0, 8.0);
        assert_eq!(flat.meet(&eye, &Vector3::new(1.0, 0.0, 0.0)), Err(Miss::Horizon));
        assert_eq!(flat.meet(&eye, &Vector3::new(1.0, 0.0, 0.3)), Err(Miss::Horizon));
        assert_eq!(flat.meet(&eye, &Vector3::new(1.0, 0.0, -0.02)), Err(Miss::TooFar));
        assert_eq!(flat.meet(&-eye, &Vector3::new(1.0, 0.0, -0.5)), Err(Miss::Horizon), "a camera below the road");
        assert_eq!(flat.meet(&eye, &Vector3::repeat(f64::NAN)), Err(Miss::Horizon));
        let above = Vector2::new(960.0, 100.0);
        let seen = flat.seen(&camera(), &pole(), &Matrix6::zeros(), &above, &Matrix2::identity());
        assert_eq!(seen, Err(Miss::Horizon));
    }

    #[test]
    fn the_covariance_is_that_of_thrown_dice() {
        let mut dice = ChaCha8Rng::seed_from_u64(1);
        let mut normal = || -> f64 { StandardNormal.sample(&mut dice) };
        let sigma = Vector6::new(0.05, 0.04, 0.06, 0.0010, 0.0015, 0.0012);
        let pose_covariance = Matrix6::from_diagonal(&sigma.component_mul(&sigma));
        let pixel_covariance = Matrix2::new(4.0, 1.0, 1.0, 2.25);
        let spread = pixel_covariance.cholesky().unwrap().l();
        let place = SLOPED.under(&Vector3::new(41.0, 12.0, 0.0));
        let pixel = camera().project(&pole().inverse_transform_point(&place.into()).coords).unwrap();
        let stated = SLOPED.seen(&camera(), &pole(), &pose_covariance, &pixel, &pixel_covariance).unwrap().covariance;
        let mut found = Matrix2::zeros();
        const THROWS: usize = 20_000;
        for _ in 0..THROWS {
            let step = Vector6::from_fn(|i, _| sigma[i] * normal());
            let shaken = pixel + spread * Vector2::new(normal(), normal());
            let seen = SLOPED.seen(&camera(), &moved(&pole(), &step), &Matrix6::zeros(), &shaken, &Matrix2::zeros());
            let off = (seen.unwrap().position - place).xy();
            found += off * off.transpose() / THROWS as f64;
        }
        let ratio = stated.try_inverse().unwrap() * found;
        assert!((ratio - Matrix2::identity()).norm() < 0.1, "stated {stated} found {found}");
    }

    #[test]
    fn a_tenth_of_a_degree_of_pitch_costs_what_the_lever_arm_says() {
        // Lever arm of pitch from an 8 m pole: 0.21 m at 30 m and 0.80 m at 60 m.
        let pose = enu_from_camera_looking(Vector3::new(0.0, 0.0, 8.0), Heading::from_deg(90.0), 0.15);
        let pitch = Matrix6::from_diagonal(&Vector6::new(0.0, 0.0, 0.0, 0.0, 0.1f64.to_radians().powi(2), 0.0));
        for (far, costs) in [(30.0, 0.21), (60.0, 0.80)] {
            let pixel =
                camera().project(&pose.inverse_transform_point(&Vector3::new(far, 0.0, 0.0).into()).coords).unwrap();
            let seen = Ground::default().seen(&camera(), &pose, &pitch, &pixel, &Matrix2::zeros()).unwrap();
            assert!((seen.covariance[(0, 0)].sqrt() - costs).abs() < 0.01, "{}", seen.covariance[(0, 0)].sqrt());
        }
    }
}
