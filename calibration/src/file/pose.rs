//! The pose in a calibration file: where the sensor is, and how well that is known.

use std::fmt::Write as _;

use nalgebra::{Isometry3, Matrix6, Quaternion, Translation3, UnitQuaternion, Vector6};
use serde::{Deserialize, Serialize};

use super::{CalibrationError, numbers};

/// `parent_from_child`, and how well it is known: either `covariance` or `sigma`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pose {
    /// Place of the sensor in the parent frame, metres.
    pub translation_m: [f64; 3],
    /// Unit quaternion, scalar first: `p_parent = q p_child q* + t`.
    pub rotation_wxyz: [f64; 4],
    /// `[x, y, z, rx, ry, rz]`, m and rad, along the parent's axes (see [`crate::rig`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covariance: Option<[[f64; 6]; 6]>,
    /// Short form of a covariance, for a pose written by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sigma: Option<Sigma>,
}

/// Standard deviations that are the same along all axes.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sigma {
    /// Of the place, metres.
    pub position_m: f64,
    /// Of the direction, degrees.
    pub rotation_deg: f64,
}

impl Pose {
    /// The pose as a file holds it.
    #[must_use]
    pub fn of(pose: &Isometry3<f64>, covariance: &Matrix6<f64>) -> Self {
        let t = pose.translation.vector;
        let sign = if pose.rotation.w < 0.0 { -1.0 } else { 1.0 };
        let q = pose.rotation.quaternion().coords * sign;
        let row = |r: usize| std::array::from_fn(|c| 0.5 * (covariance[(r, c)] + covariance[(c, r)]));
        Self {
            translation_m: [t.x, t.y, t.z],
            rotation_wxyz: [q.w, q.x, q.y, q.z],
            covariance: Some(std::array::from_fn(row)),
            sigma: None,
        }
    }

    /// The pose as a transform.
    ///
    /// # Errors
    /// NaN, a place that is no place near a site, or a quaternion that is not of unit length.
    pub fn isometry(&self) -> Result<Isometry3<f64>, CalibrationError> {
        let t = self.translation_m;
        if !t.iter().all(|v| v.abs() < 1e5) {
            let what = format!("translation_m = {t:?} is no place within 100 km of the origin");
            return Err(CalibrationError::new(
                "translation_m",
                what,
                "give metres east, north and up of the site origin",
            ));
        }
        let [w, x, y, z] = self.rotation_wxyz;
        let q = Quaternion::new(w, x, y, z);
        let is_unit = (q.norm() - 1.0).abs() < 1e-3;
        if !is_unit {
            let what =
                format!("rotation_wxyz = {:?} has length {:.4}, a rotation has length 1", self.rotation_wxyz, q.norm());
            let help = "give a unit quaternion with the scalar first, not angles";
            return Err(CalibrationError::new("rotation_wxyz", what, help));
        }
        Ok(Isometry3::from_parts(Translation3::new(t[0], t[1], t[2]), UnitQuaternion::from_quaternion(q)))
    }

    /// The covariance, from whichever form the file has.
    ///
    /// # Errors
    /// Neither or both forms, NaN, not symmetric, or not positive semi-definite.
    pub fn covariance_matrix(&self) -> Result<Matrix6<f64>, CalibrationError> {
        match (&self.covariance, &self.sigma) {
            (Some(rows), None) => covariance_of(rows),
            (None, Some(sigma)) => sigma.covariance(),
            (found, _) => {
                let what = if found.is_some() {
                    "the pose has both `covariance` and `sigma`"
                } else {
                    "the pose does not say how well it is known"
                };
                let help = "give either covariance (6 x 6) or sigma = { position_m = 0.02, rotation_deg = 0.1 }";
                Err(CalibrationError::new("pose", what, help))
            }
        }
    }

    pub(super) fn to_toml(&self) -> String {
        let mut out = format!(
            "\n[pose]  # p_parent = q p_child q* + t\ntranslation_m = {}\nrotation_wxyz = {}\n",
            numbers(&self.translation_m),
            numbers(&self.rotation_wxyz)
        );
        if let Some(rows) = &self.covariance {
            out.push_str("covariance = [  # x y z rx ry rz along the parent's axes, m and rad\n");
            for row in rows {
                let _ = writeln!(out, "  {},", numbers(row));
            }
            out.push_str("]\n");
        }
        if let Some(s) = &self.sigma {
            let _ = writeln!(out, "sigma = {{ position_m = {:?}, rotation_deg = {:?} }}", s.position_m, s.rotation_deg);
        }
        out
    }
}

fn covariance_of(rows: &[[f64; 6]; 6]) -> Result<Matrix6<f64>, CalibrationError> {
    let matrix = Matrix6::from_fn(|r, c| rows[r][c]);
    let help = "a covariance is symmetric, in m² and rad², order x y z rx ry rz; or write sigma = { position_m = …, rotation_deg = … }";
    if !matrix.iter().all(|v| v.is_finite()) {
        return Err(CalibrationError::new("covariance", "covariance holds something that is not a number", help));
    }
    let scale = matrix.diagonal().map(|v| v.abs().sqrt());
    let bound = |r: usize, c: usize| 1e-6 * (scale[r] * scale[c]).max(1e-12);
    let skew = matrix - matrix.transpose();
    if (0..36).any(|i| skew[(i / 6, i % 6)].abs() > bound(i / 6, i % 6)) {
        return Err(CalibrationError::new("covariance", "covariance is not symmetric", help));
    }
    let even = 0.5 * (matrix + matrix.transpose());
    let unit = Matrix6::from_fn(|r, c| even[(r, c)] / (scale[r] * scale[c]).max(1e-12));
    if even.diagonal().min() < 0.0 || unit.symmetric_eigenvalues().min() < -1e-6 {
        return Err(CalibrationError::new(
            "covariance",
            "covariance is not positive: some direction has a negative variance",
            help,
        ));
    }
    Ok(even)
}

impl Sigma {
    fn covariance(self) -> Result<Matrix6<f64>, CalibrationError> {
        let (p, r) = (self.position_m, self.rotation_deg.to_radians());
        if !(p >= 0.0 && r >= 0.0 && p.is_finite() && r.is_finite()) {
            let what = format!("sigma has position_m = {p}, rotation_deg = {}", self.rotation_deg);
            return Err(CalibrationError::new("sigma", what, "give standard deviations, 0 or more"));
        }
        Ok(Matrix6::from_diagonal(&Vector6::new(p, p, p, r, r, r).map(|s| s * s)))
    }
}
