//! All sensors of a site: where each stands, how well that is known, and the lens of each camera.
//!
//! **Convention of every 6×6 covariance in this workspace**: the order is `[x, y, z, rx, ry, rz]` in metres and radians; the
//! true pose is `t + δt` and `Exp(δθ) · R`, with both `δt` and `δθ` along the axes of the *parent* frame (`enu` here). This is
//! ROS `PoseWithCovariance`: rotation is about the sensor's own place, so a pole that leans shows up as both.

use std::collections::BTreeMap;

use nalgebra::{Isometry3, Matrix2, Matrix3, Matrix6, Rotation3, Translation3, UnitQuaternion, Vector2, Vector3};

use crate::camera::Camera;
pub use crate::file::{CalibrationError, CalibrationFile};
use crate::geodesy::{EnuFrame, Heading, Yaw};
use crate::ground::{Ground, GroundPoint, Miss};

/// All calibrated sensors of a site. A sensor without a calibration is not in here.
#[derive(Clone, Debug, PartialEq)]
pub struct Rig {
    /// The site frame.
    pub frame: EnuFrame,
    /// The road.
    pub ground: Ground,
    /// Every calibrated sensor, by the name it has in the configuration.
    pub sensors: BTreeMap<String, Mounted>,
}

/// One sensor in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Mounted {
    /// Takes a point of the sensor's frame (`camera_optical`, or x forward, y left, z up) to `enu`.
    pub enu_from_sensor: Isometry3<f64>,
    /// How well that is known: `[x, y, z, rx, ry, rz]`, m and rad, along `enu` (see the module).
    pub covariance: Matrix6<f64>,
    /// The camera, when the sensor is one.
    pub camera: Option<Camera>,
}

impl Rig {
    /// A site without sensors.
    #[must_use]
    pub fn new(frame: EnuFrame, ground: Ground) -> Self {
        Self { frame, ground, sensors: BTreeMap::new() }
    }

    /// Puts a sensor in its place as its calibration file says. A file made for another ENU origin is carried over
    /// exactly.
    ///
    /// # Errors
    /// The file is for another sensor, or its numbers describe no sensor.
    pub fn add(&mut self, sensor: &str, file: &CalibrationFile) -> Result<(), CalibrationError> {
        if file.child != sensor {
            return Err(CalibrationError::other_sensor(sensor, &file.child));
        }
        let mounted = file.mounted(&self.frame)?;
        self.sensors.insert(sensor.to_owned(), mounted);
        Ok(())
    }
}

impl Mounted {
    /// Where the sensor stands, `enu`, metres.
    #[must_use]
    pub fn position(&self) -> Vector3<f64> {
        self.enu_from_sensor.translation.vector
    }

    /// The pixel of a point in `enu`; `None` for a sensor that is no camera, or when the camera cannot see it (see
    /// [`Camera::project`]; the pixel may lie outside the picture).
    #[must_use]
    pub fn project(&self, enu: &Vector3<f64>) -> Option<Vector2<f64>> {
        let point = self.enu_from_sensor.inverse_transform_point(&(*enu).into());
        self.camera.as_ref()?.project(&point.coords)
    }

    /// The place on the ground that the camera sees at a pixel (see [`Ground::seen`]).
    ///
    /// # Errors
    /// The pixel shows no place on the ground, or the sensor is no camera.
    pub fn ground_point(
        &self,
        ground: &Ground,
        pixel: &Vector2<f64>,
        pixel_covariance: &Matrix2<f64>,
    ) -> Result<GroundPoint, Miss> {
        let camera = self.camera.as_ref().ok_or(Miss::NoRay)?;
        ground.seen(camera, &self.enu_from_sensor, &self.covariance, pixel, pixel_covariance)
    }
}

/// Pose of a camera at `position` (`enu`) that looks towards `heading`, tilted `down_rad` below the horizon, held level.
///
/// ```
/// use calibration::{geodesy::Heading, rig::enu_from_camera_looking};
/// use nalgebra::{Vector3, Point3};
/// let pose = enu_from_camera_looking(Vector3::new(0.0, 0.0, 8.0), Heading::from_deg(90.0), 0.2);
/// let ahead = pose * Point3::new(0.0, 0.0, 10.0);      // 10 m along the optical axis: east, and down
/// assert!(ahead.x > 9.7 && ahead.y.abs() < 1e-9 && ahead.z < 8.0);
/// ```
#[must_use]
pub fn enu_from_camera_looking(position: Vector3<f64>, heading: Heading, down_rad: f64) -> Isometry3<f64> {
    let (sin_yaw, cos_yaw) = Yaw::from(heading).rad().sin_cos();
    let (sin_down, cos_down) = down_rad.sin_cos();
    let forward = Vector3::new(cos_yaw * cos_down, sin_yaw * cos_down, -sin_down);
    let right = Vector3::new(sin_yaw, -cos_yaw, 0.0);
    let down = forward.cross(&right);
    let rotation = Rotation3::from_matrix_unchecked(Matrix3::from_columns(&[right, down, forward]));
    Isometry3::from_parts(Translation3::from(position), UnitQuaternion::from_rotation_matrix(&rotation))
}

/// Pose of a sensor with x forward, y left, z up (lidar, radar) at `position` (`enu`) that looks towards `heading`, tilted
/// `down_rad` below the horizon, held level.
#[must_use]
pub fn enu_from_lidar_looking(position: Vector3<f64>, heading: Heading, down_rad: f64) -> Isometry3<f64> {
    let turn = UnitQuaternion::from_euler_angles(0.0, down_rad, Yaw::from(heading).rad());
    Isometry3::from_parts(Translation3::from(position), turn)
}
