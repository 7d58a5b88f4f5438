//! What a sensor says about two numbers that belong together, checked once so that the filter need not.

use nalgebra::{Matrix2, Vector2};

/// Measured variances are held inside this range: a sensor better than 1 cm or worse than 1 km is a mistake, and the
/// range keeps the arithmetic well-conditioned.
pub(crate) const VARIANCE: (f64, f64) = (1e-4, 1e6);
/// Places beyond this are not on this site, metres.
pub(crate) const MAX_PLACE_M: f64 = 1e5;
/// Nothing on a road is faster, m/s.
pub(crate) const MAX_SPEED_MPS: f64 = 150.0;

/// What a sensor says about place, checked.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Gaussian2 {
    /// Mean.
    pub mean: Vector2<f64>,
    /// Covariance, symmetric, its eigenvalues held inside a sane range.
    pub covariance: Matrix2<f64>,
}

impl Gaussian2 {
    /// A place in `enu`, metres; `None` when a number is not finite, far off the site, or the covariance is not one.
    #[must_use]
    pub fn place(mean: Vector2<f64>, covariance: Matrix2<f64>) -> Option<Self> {
        mean.iter().all(|v| v.abs() <= MAX_PLACE_M).then_some(())?;
        Some(Self { mean, covariance: sane_covariance(covariance)? })
    }

    /// A velocity over ground, m/s; `None` as for [`Gaussian2::place`].
    #[must_use]
    pub fn velocity(mean: Vector2<f64>, covariance: Matrix2<f64>) -> Option<Self> {
        mean.iter().all(|v| v.abs() <= MAX_SPEED_MPS).then_some(())?;
        Some(Self { mean, covariance: sane_covariance(covariance)? })
    }
}

/// Symmetric part with eigenvalues inside [`VARIANCE`]; `None` when a number is not finite or the diagonal is negative.
fn sane_covariance(raw: Matrix2<f64>) -> Option<Matrix2<f64>> {
    let finite = raw.iter().all(|v| v.is_finite() && v.abs() <= 1e12);
    if !finite || raw[(0, 0)] < 0.0 || raw[(1, 1)] < 0.0 {
        return None;
    }
    let b = 0.5 * (raw[(0, 1)] + raw[(1, 0)]);
    let (half_sum, half_difference) = (0.5 * (raw[(0, 0)] + raw[(1, 1)]), 0.5 * (raw[(0, 0)] - raw[(1, 1)]));
    let radius = half_difference.hypot(b);
    let (large, small) = (half_sum + radius, half_sum - radius);
    if small >= VARIANCE.0 && large <= VARIANCE.1 {
        return Some(Matrix2::new(raw[(0, 0)], b, b, raw[(1, 1)]));
    }
    let (large, small) = (large.clamp(VARIANCE.0, VARIANCE.1), small.clamp(VARIANCE.0, VARIANCE.1));
    let (sin, cos) = if radius > 0.0 { (0.5 * b.atan2(half_difference)).sin_cos() } else { (0.0, 1.0) };
    let mixed = (large - small) * sin * cos;
    Some(Matrix2::new(large * cos * cos + small * sin * sin, mixed, mixed, large * sin * sin + small * cos * cos))
}
