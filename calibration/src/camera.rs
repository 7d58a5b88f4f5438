//! Lens models: from a point in front of the camera to a pixel, and from a pixel back to a ray.
//!
//! The point is in `camera_optical` (x right, y down, z forward, metres). Pixels are OpenCV's: x right, y down, and the
//! *centre* of the first pixel is (0, 0). Every model knows the cone in which it is one-to-one ([`Camera::reach`]); outside it a
//! polynomial folds the world back into the picture, so nothing is projected there.

use nalgebra::{Matrix2, Matrix2x3, Unit, Vector2, Vector3};

/// How a lens bends light away from the pinhole.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Lens {
    /// Not at all.
    Pinhole,
    /// Brown-Conrady, `[k1, k2, p1, p2, k3]` in OpenCV's order.
    BrownConrady([f64; 5]),
    /// Rational Brown-Conrady, `[k1, k2, p1, p2, k3, k4, k5, k6]` in OpenCV's order.
    Rational([f64; 8]),
    /// Kannala-Brandt fisheye, `[k1, k2, k3, k4]` (OpenCV `fisheye`), equidistant when all are 0.
    KannalaBrandt([f64; 4]),
}

/// A camera that cannot exist.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CameraError {
    /// No pixels.
    #[error("the picture is {0} x {1} pixels; give the size of the pictures the calibration was made with")]
    Size(u32, u32),
    /// A focal length that is not a positive number.
    #[error("focal length {name} = {value} px; it must be a positive number of pixels")]
    FocalLength {
        /// `fx` or `fy`.
        name: &'static str,
        /// As given.
        value: f64,
    },
    /// A principal point that is far outside the picture or no number.
    #[error("principal point {name} = {value} px lies outside the picture; it is near the middle in every real camera")]
    PrincipalPoint {
        /// `cx` or `cy`.
        name: &'static str,
        /// As given.
        value: f64,
    },
    /// A distortion coefficient is NaN or infinite.
    #[error("lens coefficient {0} (counted from 1) is not a number")]
    Coefficient(usize),
}

/// A calibrated camera: picture size, focal lengths, principal point and lens. Units are pixels.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Camera {
    width: u32,
    height: u32,
    focal: Vector2<f64>,
    centre: Vector2<f64>,
    lens: Lens,
    reach: f64,
}

impl Camera {
    /// A camera with picture size `(width, height)`, focal lengths `(fx, fy)` and principal point `(cx, cy)`, in pixels.
    ///
    /// ```
    /// use calibration::camera::{Camera, Lens};
    /// use nalgebra::Vector3;
    /// let camera = Camera::new((1920, 1080), (1400.0, 1400.0), (959.5, 539.5), Lens::Pinhole).unwrap();
    /// let pixel = camera.project(&Vector3::new(1.0, 0.0, 10.0)).unwrap();
    /// assert_eq!((pixel.x, pixel.y), (1099.5, 539.5));
    /// assert!(camera.project(&Vector3::new(1.0, 0.0, -10.0)).is_none());
    /// ```
    ///
    /// # Errors
    /// What is wrong with the numbers.
    pub fn new(size: (u32, u32), focal: (f64, f64), centre: (f64, f64), lens: Lens) -> Result<Self, CameraError> {
        if size.0 == 0 || size.1 == 0 || size.0 > 65_535 || size.1 > 65_535 {
            return Err(CameraError::Size(size.0, size.1));
        }
        for (name, value) in [("fx", focal.0), ("fy", focal.1)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(CameraError::FocalLength { name, value });
            }
        }
        for (name, value, size) in [("cx", centre.0, size.0), ("cy", centre.1, size.1)] {
            if !(-f64::from(size)..2.0 * f64::from(size)).contains(&value) {
                return Err(CameraError::PrincipalPoint { name, value });
            }
        }
        if let Some(bad) = lens.coefficients().iter().position(|k| !k.is_finite()) {
            return Err(CameraError::Coefficient(bad + 1));
        }
        let (focal, centre) = (Vector2::new(focal.0, focal.1), Vector2::new(centre.0, centre.1));
        Ok(Self { width: size.0, height: size.1, focal, centre, lens, reach: lens.reach() })
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Focal lengths `(fx, fy)`, pixels.
    #[must_use]
    pub fn focal(&self) -> Vector2<f64> {
        self.focal
    }

    /// Principal point `(cx, cy)`, pixels.
    #[must_use]
    pub fn centre(&self) -> Vector2<f64> {
        self.centre
    }

    /// The lens.
    #[must_use]
    pub fn lens(&self) -> Lens {
        self.lens
    }

    /// Largest angle from the optical axis at which the model is one-to-one, radians.
    #[must_use]
    pub fn reach(&self) -> f64 {
        self.reach
    }

    /// Is the pixel inside the picture?
    #[must_use]
    pub fn sees(&self, pixel: &Vector2<f64>) -> bool {
        (-0.5..f64::from(self.width) - 0.5).contains(&pixel.x)
            && (-0.5..f64::from(self.height) - 0.5).contains(&pixel.y)
    }

    /// The same camera for pictures scaled to another size (a sub-stream), pixel centres kept right.
    ///
    /// # Errors
    /// The new size is empty.
    pub fn scaled(&self, width: u32, height: u32) -> Result<Self, CameraError> {
        let sx = f64::from(width) / f64::from(self.width);
        let sy = f64::from(height) / f64::from(self.height);
        let centre = ((self.centre.x + 0.5) * sx - 0.5, (self.centre.y + 0.5) * sy - 0.5);
        Self::new((width, height), (self.focal.x * sx, self.focal.y * sy), centre, self.lens)
    }

    /// The pixel of a point in `camera_optical` (metres; may lie outside the picture, see [`Camera::sees`]); `None`
    /// behind the camera or outside the cone in which the lens model is one-to-one.
    #[must_use]
    pub fn project(&self, point: &Vector3<f64>) -> Option<Vector2<f64>> {
        self.project_with_jacobian(point).map(|(pixel, _)| pixel)
    }

    /// [`Camera::project`] with its derivative: pixels a metre.
    #[must_use]
    pub fn project_with_jacobian(&self, point: &Vector3<f64>) -> Option<(Vector2<f64>, Matrix2x3<f64>)> {
        let across = point.x.hypot(point.y);
        let in_cone = across.atan2(point.z) < self.reach && point.norm_squared() > 1e-18;
        if !in_cone {
            return None;
        }
        let (bent, bent_by_point) = match self.lens {
            Lens::KannalaBrandt(k) => fisheye(point, &k),
            _ => {
                let (x, y, iz) = (point.x / point.z, point.y / point.z, 1.0 / point.z);
                let (bent, by_flat) = self.lens.bend(&Vector2::new(x, y));
                let flat_by_point = Matrix2x3::new(iz, 0.0, -x * iz, 0.0, iz, -y * iz);
                (bent, by_flat * flat_by_point)
            }
        };
        let scale = Matrix2::from_diagonal(&self.focal);
        Some((self.focal.component_mul(&bent) + self.centre, scale * bent_by_point))
    }

    /// The direction in `camera_optical` from which a pixel's light came; `None` when no direction inside the model's cone
    /// gives this pixel.
    #[must_use]
    pub fn ray(&self, pixel: &Vector2<f64>) -> Option<Unit<Vector3<f64>>> {
        let bent = (pixel - self.centre).component_div(&self.focal);
        if !(bent.x.is_finite() && bent.y.is_finite()) {
            return None;
        }
        let direction = match self.lens {
            Lens::Pinhole => Vector3::new(bent.x, bent.y, 1.0),
            Lens::KannalaBrandt(k) => unfish(&bent, &k, self.reach)?,
            _ => {
                let flat = self.lens.unbend(&bent)?;
                Vector3::new(flat.x, flat.y, 1.0)
            }
        };
        let ray = Unit::new_normalize(direction);
        // The answer must be the branch that `project` uses, not a fold of the polynomial.
        (self.project(&ray)? - pixel).norm().le(&1e-6).then_some(ray)
    }
}

impl Lens {
    /// The coefficients in OpenCV's order; none for a pinhole.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        match self {
            Lens::Pinhole => &[],
            Lens::BrownConrady(k) => k,
            Lens::Rational(k) => k,
            Lens::KannalaBrandt(k) => k,
        }
    }

    /// Name in calibration files: `pinhole`, `brown-conrady` (5 or 8 coefficients) or `kannala-brandt`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Lens::Pinhole => "pinhole",
            Lens::BrownConrady(_) | Lens::Rational(_) => "brown-conrady",
            Lens::KannalaBrandt(_) => "kannala-brandt",
        }
    }

    /// `[k1, k2, p1, p2, k3, k4, k5, k6]` of the pinhole family.
    fn rational(&self) -> [f64; 8] {
        match *self {
            Lens::BrownConrady([k1, k2, p1, p2, k3]) => [k1, k2, p1, p2, k3, 0.0, 0.0, 0.0],
            Lens::Rational(k) => k,
            _ => [0.0; 8],
        }
    }

    /// Radial factor and its derivative by r².
    fn radial(k: &[f64; 8], r2: f64) -> (f64, f64) {
        let up = 1.0 + r2 * (k[0] + r2 * (k[1] + r2 * k[4]));
        let down = 1.0 + r2 * (k[5] + r2 * (k[6] + r2 * k[7]));
        let up_by = k[0] + r2 * (2.0 * k[1] + 3.0 * r2 * k[4]);
        let down_by = k[5] + r2 * (2.0 * k[6] + 3.0 * r2 * k[7]);
        (up / down, (up_by * down - up * down_by) / (down * down))
    }

    /// Brown-Conrady on the plane z = 1, with its derivative (OpenCV `calib3d`, camera model).
    fn bend(&self, flat: &Vector2<f64>) -> (Vector2<f64>, Matrix2<f64>) {
        let k = self.rational();
        let (x, y) = (flat.x, flat.y);
        let r2 = x * x + y * y;
        let (radial, by_r2) = Self::radial(&k, r2);
        let (p1, p2) = (k[2], k[3]);
        let bent = Vector2::new(
            x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x),
            y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y,
        );
        let cross = 2.0 * x * y * by_r2 + 2.0 * p1 * x + 2.0 * p2 * y;
        let by_flat = Matrix2::new(
            radial + 2.0 * x * x * by_r2 + 2.0 * p1 * y + 6.0 * p2 * x,
            cross,
            cross,
            radial + 2.0 * y * y * by_r2 + 6.0 * p1 * y + 2.0 * p2 * x,
        );
        (bent, by_flat)
    }

    /// Inverse of [`Lens::bend`] by damped Newton steps.
    fn unbend(&self, bent: &Vector2<f64>) -> Option<Vector2<f64>> {
        let mut flat = *bent;
        let mut miss = self.bend(&flat).0 - bent;
        for _ in 0..50 {
            if miss.norm() < 1e-13 {
                break;
            }
            let step = self.bend(&flat).1.try_inverse()? * miss;
            let mut share = 1.0;
            loop {
                let next = flat - step * share;
                let next_miss = self.bend(&next).0 - bent;
                if next_miss.norm() < miss.norm() {
                    (flat, miss) = (next, next_miss);
                    break;
                }
                share *= 0.5;
                if share < 1e-6 {
                    return (miss.norm() < 1e-11).then_some(flat);
                }
            }
        }
        (miss.norm() < 1e-9).then_some(flat)
    }

    /// First angle from the axis at which the radial curve stops rising, radians.
    fn reach(&self) -> f64 {
        const STEPS: u32 = 2000;
        let k = self.rational();
        let widest = match self {
            // No fisheye made sees farther back than this (115°).
            Lens::KannalaBrandt(_) => 2.0,
            _ => std::f64::consts::FRAC_PI_2,
        };
        let rises = |angle: f64| match self {
            Lens::Pinhole => true,
            Lens::KannalaBrandt(k) => fisheye_radius(angle, k).1 > 0.0,
            _ => {
                let r2 = angle.tan().powi(2);
                let (radial, by_r2) = Self::radial(&k, r2);
                radial > 0.0 && radial + 2.0 * r2 * by_r2 > 0.0
            }
        };
        let angle = |step: u32| widest * f64::from(step) / f64::from(STEPS);
        (1..STEPS).map(angle).find(|a| !rises(*a)).unwrap_or(widest)
    }
}

/// Distorted angle of the Kannala-Brandt model and its derivative by the angle (OpenCV `fisheye`).
fn fisheye_radius(angle: f64, k: &[f64; 4]) -> (f64, f64) {
    let a2 = angle * angle;
    let radius = angle * (1.0 + a2 * (k[0] + a2 * (k[1] + a2 * (k[2] + a2 * k[3]))));
    let slope = 1.0 + a2 * (3.0 * k[0] + a2 * (5.0 * k[1] + a2 * (7.0 * k[2] + a2 * 9.0 * k[3])));
    (radius, slope)
}

/// Kannala-Brandt: point to bent plane with derivative.
fn fisheye(point: &Vector3<f64>, k: &[f64; 4]) -> (Vector2<f64>, Matrix2x3<f64>) {
    let across = point.x.hypot(point.y);
    let norm2 = point.norm_squared();
    if across < 1e-9 * point.z {
        let iz = 1.0 / point.z;
        let by_point = Matrix2x3::new(iz, 0.0, -point.x * iz * iz, 0.0, iz, -point.y * iz * iz);
        return (Vector2::new(point.x * iz, point.y * iz), by_point);
    }
    let (radius, slope) = fisheye_radius(across.atan2(point.z), k);
    let out = Vector2::new(point.x, point.y) / across;
    // d angle = (z (out · dxy) − across dz) / |p|²; the direction `out` turns with dxy across it.
    let side = Vector2::new(-out.y, out.x);
    let along = slope * point.z / norm2;
    let by_xy = out * out.transpose() * along + side * side.transpose() * (radius / across);
    let by_z = -out * (slope * across / norm2);
    (out * radius, Matrix2x3::new(by_xy[(0, 0)], by_xy[(0, 1)], by_z.x, by_xy[(1, 0)], by_xy[(1, 1)], by_z.y))
}

/// Inverse of [`fisheye`]: bisection on the rising branch, to the last bit.
fn unfish(bent: &Vector2<f64>, k: &[f64; 4], reach: f64) -> Option<Vector3<f64>> {
    let radius = bent.norm();
    if radius < 1e-12 {
        return Some(Vector3::new(bent.x, bent.y, 1.0));
    }
    let (mut low, mut high) = (0.0, reach);
    if radius > fisheye_radius(high, k).0 {
        return None;
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if fisheye_radius(middle, k).0 < radius { low = middle } else { high = middle }
    }
    let (sin, cos) = (0.5 * (low + high)).sin_cos();
    Some(Vector3::new(bent.x / radius * sin, bent.y / radius * sin, cos))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn camera(lens: Lens) -> Camera {
        Camera::new((1920, 1080), (1000.0, 1010.0), (960.0, 540.0), lens).unwrap()
    }

    fn lenses() -> [Lens; 5] {
        [
            Lens::Pinhole,
            // OpenCV's sample chessboard camera, and a GoPro-like rational model.
            Lens::BrownConrady([-0.28, 0.08, 0.0011, -0.0007, 0.02]),
            Lens::Rational([0.8, 0.12, 0.0003, -0.0002, 0.004, 1.15, 0.3, 0.02]),
            Lens::KannalaBrandt([0.02, -0.006, 0.002, -0.0004]),
            Lens::KannalaBrandt([0.0; 4]),
        ]
    }

    #[test]
    fn projections_agree_with_opencv() {
        // cv2.projectPoints and cv2.fisheye.projectPoints (5.0.0) of this point with the cameras above.
        let point = Vector3::new(1.5, -0.8, 4.0);
        let want = [
            (1335.0, 338.0),
            (1316.5690214276124, 348.0607204993262),
            (1313.5550636674309, 349.5869424128106),
            (1315.6844786773057, 348.40462748043797),
            (1314.5917477415792, 348.9932452165359),
        ];
        for (lens, (u, v)) in lenses().into_iter().zip(want) {
            let pixel = camera(lens).project(&point).unwrap();
            assert!((pixel - Vector2::new(u, v)).norm() < 1e-6, "{lens:?}: {pixel} {u} {v}");
        }
    }

    #[test]
    fn nothing_is_projected_from_behind_or_from_beyond_the_fold() {
        let barrel = camera(Lens::BrownConrady([-0.4, 0.0, 0.0, 0.0, 0.0]));
        // r (1 − 0.4 r²) turns at r = 0.913, which is 42.4°.
        assert!((barrel.reach().to_degrees() - 42.4).abs() < 0.1, "{}", barrel.reach().to_degrees());
        assert!(barrel.project(&Vector3::new(0.90, 0.0, 1.0)).is_some());
        assert!(barrel.project(&Vector3::new(0.95, 0.0, 1.0)).is_none());
        assert!(barrel.ray(&Vector2::new(960.0 + 700.0, 540.0)).is_none(), "no direction gives this pixel");
        for lens in lenses() {
            assert!(camera(lens).project(&Vector3::new(0.1, 0.1, -5.0)).is_none(), "{lens:?}");
            assert!(camera(lens).project(&Vector3::zeros()).is_none(), "{lens:?}");
            assert!(camera(lens).project(&Vector3::new(f64::NAN, 0.0, 1.0)).is_none(), "{lens:?}");
            assert!(camera(lens).ray(&Vector2::new(f64::NAN, 0.0)).is_none(), "{lens:?}");
        }
    }

    #[test]
    fn a_fisheye_sees_beyond_ninety_degrees() {
        let fisheye = camera(Lens::KannalaBrandt([0.0; 4]));
        let side = Vector3::new(1.0, 0.0, -0.2);
        let pixel = fisheye.project(&side).unwrap();
        assert!((fisheye.ray(&pixel).unwrap().into_inner() - side.normalize()).norm() < 1e-9);
    }

    #[test]
    fn impossible_cameras_are_refused_by_name() {
        let make = |focal, centre, lens| Camera::new((640, 480), focal, centre, lens).unwrap_err().to_string();
        assert!(make((0.0, 500.0), (320.0, 240.0), Lens::Pinhole).contains("fx"));
        assert!(make((500.0, -3.0), (320.0, 240.0), Lens::Pinhole).contains("fy"));
        assert!(make((f64::NAN, 1.0), (320.0, 240.0), Lens::Pinhole).contains("fx"));
        assert!(make((500.0, 500.0), (320.0, 9000.0), Lens::Pinhole).contains("cy"));
        assert!(make((500.0, 500.0), (320.0, 240.0), Lens::KannalaBrandt([0.0, f64::NAN, 0.0, 0.0])).contains('2'));
        assert!(Camera::new((0, 480), (500.0, 500.0), (0.0, 0.0), Lens::Pinhole).is_err());
    }

    #[test]
    fn a_scaled_camera_sees_the_same_at_scaled_pixels() {
        let full = camera(lenses()[1]);
        let half = full.scaled(960, 540).unwrap();
        let point = Vector3::new(0.7, 0.4, 3.0);
        let (a, b) = (full.project(&point).unwrap(), half.project(&point).unwrap());
        assert!(((a + Vector2::repeat(0.5)) * 0.5 - Vector2::repeat(0.5) - b).norm() < 1e-9);
    }

    proptest! {
        #[test]
        fn pixel_and_ray_are_there_and_back(
            which in 0..5usize, angle in 0.0..0.98f64, around in -3.2..3.2f64, far in 0.5..200.0f64,
        ) {
            let camera = camera(lenses()[which]);
            let angle = angle * camera.reach().min(1.2);
            let direction = Vector3::new(angle.sin() * around.cos(), angle.sin() * around.sin(), angle.cos());
            let pixel = camera.project(&(direction * far)).unwrap();
            let ray = camera.ray(&pixel);
            prop_assert!(ray.is_some(), "no ray at {} of reach {}", angle, camera.reach());
            prop_assert!((ray.unwrap().into_inner() - direction).norm() < 1e-7);
        }

        #[test]
        fn the_derivative_is_that_of_the_projection(
            which in 0..5usize, x in -0.6..0.6f64, y in -0.5..0.5f64, far in 2.0..80.0f64,
        ) {
            let camera = camera(lenses()[which]);
            let point = Vector3::new(x * far, y * far, far);
            let (_, analytic) = camera.project_with_jacobian(&point).unwrap();
            let step = 1e-5 * far;
            for axis in 0..3 {
                let mut d = Vector3::zeros();
                d[axis] = step;
                let slope = (camera.project(&(point + d)).unwrap() - camera.project(&(point - d)).unwrap()) / (2.0 * step);
                prop_assert!((analytic.column(axis) - slope).norm() < 1e-4 * (1.0 + slope.norm()), "{analytic} {slope}");
            }
        }

        #[test]
        fn no_number_makes_it_panic(k in prop::array::uniform8(-1e3..1e3f64), p in prop::array::uniform3(prop::num::f64::ANY)) {
            for lens in [Lens::Rational(k), Lens::KannalaBrandt([k[0], k[1], k[2], k[3]])] {
                let camera = camera(lens);
                let _ = camera.project(&p.into());
                let _ = camera.ray(&Vector2::new(p[0], p[1]));
            }
        }
    }
}
