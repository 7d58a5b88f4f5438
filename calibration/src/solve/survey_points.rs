//! A camera's place from surveyed points: what `rsu calibrate extrinsics` does.
//!
//! Start values come from triples of points ([`super::p3p`]), so that points on a plane road are no special case and a
//! blunder spoils only its own triples. Then a robust fit in which a point counts by its pixel's error *and* by its survey's
//! error as seen from the camera, then points that do not fit are set aside by name, and the rest is fitted once more.

use nalgebra::{
    Isometry3, Matrix2, Matrix3, Matrix6, SMatrix, Translation3, Unit, UnitQuaternion, Vector2, Vector3, Vector6,
};

use super::lm::{Found, Loss, Term, descend};
use super::p3p;
use crate::camera::Camera;
use crate::ground::point_by_pose;
use crate::rig::Mounted;

/// Fewest points: three leave up to four poses.
pub const MIN_POINTS: usize = 4;
/// Most points.
pub const MAX_POINTS: usize = 10_000;
/// A result that knows the direction worse than this is refused (one standard deviation), degrees.
pub const MAX_ROTATION_SIGMA_DEG: f64 = 1.0;
/// A result that knows the place worse than this is refused (one standard deviation), metres.
pub const MAX_POSITION_SIGMA_M: f64 = 2.0;
/// Triples tried for a start value.
const MAX_TRIPLES: usize = 600;
/// Start values that are descended from.
const STARTS: usize = 8;
/// A good point is within this many standard deviations (99.9 % of a plane normal distribution).
const GOOD_SIGMAS: f64 = 3.72;
/// A residual that stands for "not in front of the camera", standard deviations.
const UNSEEN: f64 = 1e4;

/// One point that is both in the picture and in the survey.
#[derive(Clone, Debug, PartialEq)]
pub struct SurveyPoint {
    /// Its name.
    pub id: String,
    /// Where it is in the picture.
    pub pixel: Vector2<f64>,
    /// Where it is on the site, `enu`, metres.
    pub enu: Vector3<f64>,
    /// Standard deviation of each pixel coordinate.
    pub sigma_px: f64,
    /// Standard deviation of each site coordinate, metres.
    pub sigma_m: f64,
}

/// How one point fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Residual {
    /// Its name.
    pub id: String,
    /// Projected less picked, pixels; `None` when it would lie behind the camera.
    pub error_px: Option<Vector2<f64>>,
    /// The same in standard deviations (pixel and survey together).
    pub sigmas: f64,
    /// Error of this point, in pixels, in a fit without it.
    pub left_out_px: Option<f64>,
    /// It counted; else it was set aside as a blunder.
    pub used: bool,
}

/// Where the camera is, how well that is known, and how each point fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The camera in its place.
    pub mounted: Mounted,
    /// Every point, in the order given.
    pub residuals: Vec<Residual>,
    /// Root mean square length of the used points' errors, pixels.
    pub rms_px: f64,
    /// The same with each point left out of its own fit, pixels; `None` when too few points remain.
    pub leave_one_out_px: Option<f64>,
    /// Longest error among the used points, pixels.
    pub max_px: f64,
    /// How many times larger the errors are than their stated standard deviations (at least 1); the covariance counts it.
    pub excess: f64,
}

/// Why the points give no camera, and what to add or correct.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SurveyError {
    /// Not enough points.
    #[error("{0} points are not enough; give at least 4, better 10, spread over the picture from near to far")]
    TooFew(usize),
    /// More points than can be meant.
    #[error("{0} points are too many; give at most {MAX_POINTS}")]
    TooMany(usize),
    /// A number that is none, or a standard deviation that is not positive.
    #[error("point `{id}`: {what}")]
    BadPoint {
        /// Which.
        id: String,
        /// What is wrong, and what to do.
        what: String,
    },
    /// The points determine nothing.
    #[error("all points lie {where_}; add at least two points well beside that line, at different distances")]
    Collinear {
        /// On a line of the site or of the picture.
        where_: &'static str,
    },
    /// The points lie too close together.
    #[error("the points are spread over only {0:.3} m; survey points metres apart (are the coordinates in metres?)")]
    TooClose(f64),
    /// No pose brings the points to their pixels.
    #[error(
        "no camera place explains these points: the best is off by {rms_px:.0} px. Check that u is right and v is down, that \
         each id is the same point in picture and survey, east and north are not swapped, and the lens is that of this camera"
    )]
    NoFit {
        /// Median error, pixels.
        rms_px: f64,
    },
    /// Too many blunders to say which half is right.
    #[error(
        "{} of {of} points contradict the others ({}); check these in picture and survey, or add points", ids.len(), ids.join(", ")
    )]
    Contradiction {
        /// Names of the points that do not fit.
        ids: Vec<String>,
        /// Points given.
        of: usize,
    },
    /// The points fit, but leave the pose open.
    #[error(
        "the points leave the camera's place open: ± {position_m:.1} m, ± {rotation_deg:.1}° (one standard deviation); {add}"
    )]
    Weak {
        /// Worst direction, metres.
        position_m: f64,
        /// Worst axis, degrees.
        rotation_deg: f64,
        /// What to add.
        add: String,
    },
    /// The only pose that fits is below the road.
    #[error(
        "the points fit only a camera {0:.1} m below them: the picture is mirrored. Check that v counts downwards and that \
         east and north are not swapped"
    )]
    Below(f64),
}

/// Finds where the camera is.
///
/// # Errors
/// The points do not determine the camera: too few, on a line, contradicting each other, or leaving the pose open. The text
/// says what to add or correct.
pub fn solve(camera: &Camera, points: &[SurveyPoint]) -> Result<Solution, SurveyError> {
    let rays = check(camera, points)?;
    check_spread(points)?;
    let (rough, scale) = best_start(camera, points, &rays)?;
    let (found, used) = settle(camera, points, rough, scale)?;
    let above = found.state.translation.vector.z - points.iter().map(|p| p.enu.z).fold(f64::MAX, f64::min);
    if above < 0.0 {
        return Err(SurveyError::Below(-above));
    }
    let excess = excess(&found, used.iter().filter(|u| **u).count());
    let covariance = found.information.try_inverse().map(|c| 0.5 * (c + c.transpose()) * excess.powi(2));
    let covariance = covariance.filter(|c| c.iter().all(|v| v.is_finite())).unwrap_or(Matrix6::repeat(f64::INFINITY));
    refuse_weak(camera, points, &covariance)?;
    let residuals = residuals(camera, points, &found.state, &used);
    let of = |value: fn(&Residual) -> Option<f64>| {
        let squares: Vec<f64> = residuals.iter().filter(|r| r.used).filter_map(value).map(|v| v * v).collect();
        (!squares.is_empty()).then(|| (squares.iter().sum::<f64>() / squares.len() as f64).sqrt())
    };
    let length = |r: &Residual| r.error_px.map(|e| e.norm());
    Ok(Solution {
        rms_px: of(length).unwrap_or(f64::INFINITY),
        leave_one_out_px: of(|r| r.left_out_px),
        max_px: residuals.iter().filter(|r| r.used).filter_map(length).fold(0.0, f64::max),
        mounted: Mounted { enu_from_sensor: found.state, covariance, camera: Some(*camera) },
        residuals,
        excess,
    })
}

/// Refuses numbers that cannot be meant; gives the ray of each point.
fn check(camera: &Camera, points: &[SurveyPoint]) -> Result<Vec<Unit<Vector3<f64>>>, SurveyError> {
    match points.len() {
        n if n < MIN_POINTS => return Err(SurveyError::TooFew(n)),
        n if n > MAX_POINTS => return Err(SurveyError::TooMany(n)),
        _ => {}
    }
    let ray = |p: &SurveyPoint| {
        let bad = |what: &str| SurveyError::BadPoint { id: p.id.clone(), what: what.into() };
        if !p.enu.iter().all(|v| v.abs() < 1e5) {
            return Err(bad("is no place within 100 km of the origin; give metres east, north and up"));
        }
        if !(p.sigma_px > 0.0 && p.sigma_px < 1e4 && p.sigma_m >= 0.0 && p.sigma_m < 1e3) {
            return Err(bad("sigma_px must be positive and sigma_m 0 or more"));
        }
        if !camera.sees(&p.pixel) {
            let size = format!("{} x {}", camera.width(), camera.height());
            return Err(bad(&format!(
                "({}, {}) is outside the picture of {size} pixels; u counts from the left, v from the top, in the full picture",
                p.pixel.x, p.pixel.y
            )));
        }
        camera
            .ray(&p.pixel)
            .ok_or_else(|| bad("the lens model gives no direction for this pixel; check its coefficients"))
    };
    points.iter().map(ray).collect()
}

/// Refuses points on a line, on the site or in the picture, and points that are all one.
fn check_spread(points: &[SurveyPoint]) -> Result<(), SurveyError> {
    let n = points.len() as f64;
    let site_mean = points.iter().map(|p| p.enu).sum::<Vector3<f64>>() / n;
    let site: Matrix3<f64> = points.iter().map(|p| (p.enu - site_mean) * (p.enu - site_mean).transpose() / n).sum();
    let picture_mean = points.iter().map(|p| p.pixel).sum::<Vector2<f64>>() / n;
    let off = |p: &SurveyPoint| p.pixel - picture_mean;
    let picture: Matrix2<f64> = points.iter().map(|p| off(p) * off(p).transpose() / n).sum();
    let spread = |squares: &mut [f64]| {
        squares.sort_by(|a, b| b.total_cmp(a));
        (squares[0].max(0.0).sqrt(), squares[1].max(0.0).sqrt())
    };
    let (long, wide) = spread(site.symmetric_eigenvalues().as_mut_slice());
    let sigma_m = points.iter().map(|p| p.sigma_m).fold(0.0, f64::max);
    if long < 0.5 {
        return Err(SurveyError::TooClose(long));
    }
    if wide < (0.005 * long).max(1.5 * sigma_m).max(0.05) {
        return Err(SurveyError::Collinear { where_: "on one line of the site" });
    }
    let (_, wide) = spread(picture.symmetric_eigenvalues().as_mut_slice());
    let sigma_px = points.iter().map(|p| p.sigma_px).fold(0.0, f64::max);
    if wide < 1.5 * sigma_px {
        return Err(SurveyError::Collinear { where_: "on one line of the picture" });
    }
    Ok(())
}

/// Triples of points, the same ones every time, spread over all of them.
fn triples(n: usize) -> Vec<[usize; 3]> {
    let all = n * (n - 1) * (n - 2) / 6;
    let stride = all.div_ceil(MAX_TRIPLES).max(1);
    if n <= 60 {
        let every = (0..n).flat_map(move |i| (i + 1..n).flat_map(move |j| (j + 1..n).map(move |k| [i, j, k])));
        // A stride that shares no factor with n does not keep to a few first points.
        return every.step_by(stride | 1).collect();
    }
    (0..MAX_TRIPLES)
        .map(|t| [t % n, (t * 7 + n / 3) % n, (t * 31 + 2 * n / 3) % n])
        .filter(|[a, b, c]| a != b && b != c && a != c)
        .collect()
}

/// The best pose after a robust descent from the most promising triples, and the scale of its residuals.
fn best_start(
    camera: &Camera,
    points: &[SurveyPoint],
    rays: &[Unit<Vector3<f64>>],
) -> Result<(Isometry3<f64>, f64), SurveyError> {
    const FORGIVING_PX: f64 = 10.0;
    let blame = |pose: &Isometry3<f64>| -> f64 {
        let error = |p: &SurveyPoint| error_px(camera, pose, p).map_or(1e6, |e| e.norm_squared());
        points.iter().map(|p| (error(p) / FORGIVING_PX.powi(2)).ln_1p()).sum()
    };
    let mut starts: Vec<(f64, Isometry3<f64>)> = triples(points.len())
        .into_iter()
        .flat_map(|triple| p3p::poses(&triple.map(|i| rays[i]), &triple.map(|i| points[i].enu)))
        .map(|pose| (blame(&pose), pose))
        .filter(|(blame, _)| blame.is_finite())
        .collect();
    starts.sort_by(|a, b| a.0.total_cmp(&b.0));
    starts.truncate(STARTS);
    let all = vec![true; points.len()];
    let mut best: Option<(f64, Isometry3<f64>)> = None;
    for (_, start) in starts {
        let Some(wide) = fit(camera, points, &all, start, Loss::Cauchy(3.0 * scale_of(camera, points, &all, &start)))
        else {
            continue;
        };
        // Compare all ends with one yardstick.
        let cost = blame(&wide.state);
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, wide.state));
        }
    }
    let (_, pose) = best.ok_or(SurveyError::NoFit { rms_px: f64::INFINITY })?;
    let scale = scale_of(camera, points, &all, &pose);
    let tight = fit(camera, points, &all, pose, Loss::Cauchy(2.4 * scale)).map_or(pose, |found| found.state);
    let mut lengths: Vec<f64> = points.iter().map(|p| error_px(camera, &tight, p).map_or(1e6, |e| e.norm())).collect();
    lengths.sort_by(f64::total_cmp);
    let typical = lengths[lengths.len() / 2];
    let bound = 0.03 * f64::from(camera.width().max(camera.height()));
    if typical > bound {
        Err(SurveyError::NoFit { rms_px: typical })
    } else {
        Ok((tight, scale_of(camera, points, &all, &tight)))
    }
}

/// Sets points aside that do not fit and fits the rest, until both agree.
fn settle(
    camera: &Camera,
    points: &[SurveyPoint],
    start: Isometry3<f64>,
    mut scale: f64,
) -> Result<(Found<Isometry3<f64>, 6>, Vec<bool>), SurveyError> {
    let mut pose = start;
    let mut used = vec![true; points.len()];
    for _ in 0..10 {
        let good = |p: &SurveyPoint| whitened(camera, &pose, p).residual.norm() < GOOD_SIGMAS * scale;
        let next: Vec<bool> = points.iter().map(|p| points.len() <= MIN_POINTS || good(p)).collect();
        let aside = next.iter().filter(|good| !**good).count();
        if aside > (points.len() - MIN_POINTS) / 2 {
            let ids = points.iter().zip(&next).filter(|(_, good)| !**good).map(|(p, _)| p.id.clone()).collect();
            return Err(SurveyError::Contradiction { ids, of: points.len() });
        }
        let found =
            fit(camera, points, &next, pose, Loss::Squared).ok_or(SurveyError::NoFit { rms_px: f64::INFINITY })?;
        let settled = next == used && (found.state.translation.vector - pose.translation.vector).norm() < 1e-6;
        (pose, used) = (found.state, next);
        scale = scale_of(camera, points, &used, &pose);
        if settled {
            break;
        }
    }
    let found = fit(camera, points, &used, pose, Loss::Squared).ok_or(SurveyError::NoFit { rms_px: f64::INFINITY })?;
    Ok((found, used))
}

/// Descends over the used points.
fn fit(
    camera: &Camera,
    points: &[SurveyPoint],
    used: &[bool],
    start: Isometry3<f64>,
    loss: Loss,
) -> Option<Found<Isometry3<f64>, 6>> {
    let kept: Vec<&SurveyPoint> = points.iter().zip(used).filter(|(_, used)| **used).map(|(p, _)| p).collect();
    descend(start, loss, |pose| Some(kept.iter().map(|p| whitened(camera, pose, p)).collect()), moved)
}

/// A pose after a small step, in the convention of [`crate::rig`].
#[must_use]
pub fn moved(pose: &Isometry3<f64>, step: &Vector6<f64>) -> Isometry3<f64> {
    let turn = UnitQuaternion::from_scaled_axis(step.fixed_rows::<3>(3).into_owned());
    let mut rotation = turn * pose.rotation;
    rotation.renormalize();
    Isometry3::from_parts(Translation3::from(pose.translation.vector + step.fixed_rows::<3>(0)), rotation)
}

/// Projected less picked, pixels.
fn error_px(camera: &Camera, pose: &Isometry3<f64>, point: &SurveyPoint) -> Option<Vector2<f64>> {
    Some(camera.project(&pose.inverse_transform_point(&point.enu.into()).coords)? - point.pixel)
}

/// A point's error over its standard deviation: that of the pixel and that of the survey as the camera sees it.
fn whitened(camera: &Camera, pose: &Isometry3<f64>, point: &SurveyPoint) -> Term<6> {
    let unseen = Term { residual: Vector2::new(UNSEEN, 0.0), jacobian: SMatrix::zeros() };
    let in_camera = pose.inverse_transform_point(&point.enu.into()).coords;
    let Some((pixel, by_camera)) = camera.project_with_jacobian(&in_camera) else { return unseen };
    let by_enu = by_camera * pose.rotation.inverse().to_rotation_matrix().matrix();
    let covariance = Matrix2::identity() * point.sigma_px.powi(2) + by_enu * by_enu.transpose() * point.sigma_m.powi(2);
    let Some(whiten) = covariance.cholesky().and_then(|factor| factor.l().try_inverse()) else { return unseen };
    let by_pose = by_enu * point_by_pose(&(point.enu - pose.translation.vector));
    Term { residual: whiten * (pixel - point.pixel), jacobian: whiten * by_pose }
}

/// How many standard deviations the better half of the used points is off, at least 1: stated errors are often optimistic.
fn scale_of(camera: &Camera, points: &[SurveyPoint], used: &[bool], pose: &Isometry3<f64>) -> f64 {
    let kept = points.iter().zip(used).filter(|(_, used)| **used);
    let mut squares: Vec<f64> = kept.map(|(p, _)| whitened(camera, pose, p).residual.norm_squared()).collect();
    squares.sort_by(f64::total_cmp);
    let n = squares.len();
    // Half of a plane unit normal lies within 2 ln 2; six unknowns take their share of 2 n numbers.
    let freedom = (1.0 - 3.0 / n as f64).max(0.1);
    (squares[n / 2] / (2.0 * std::f64::consts::LN_2) / freedom).sqrt().max(1.0)
}

/// By how much the fitted points are worse than stated.
fn excess(found: &Found<Isometry3<f64>, 6>, used: usize) -> f64 {
    let freedom = 2.0 * used as f64 - 6.0;
    (found.cost / freedom.max(1.0)).sqrt().max(1.0)
}

fn refuse_weak(camera: &Camera, points: &[SurveyPoint], covariance: &Matrix6<f64>) -> Result<(), SurveyError> {
    let worst = |first: usize| {
        let block = covariance.fixed_view::<3, 3>(first, first).into_owned();
        if block.iter().all(|v| v.is_finite()) {
            block.symmetric_eigenvalues().max().max(0.0).sqrt()
        } else {
            f64::INFINITY
        }
    };
    let (position_m, rotation_deg) = (worst(0), worst(3).to_degrees());
    if position_m <= MAX_POSITION_SIGMA_M && rotation_deg <= MAX_ROTATION_SIGMA_DEG {
        return Ok(());
    }
    let share = |of: fn(&SurveyPoint) -> f64, size: u32| {
        let values = points.iter().map(of);
        (values.clone().fold(f64::MIN, f64::max) - values.fold(f64::MAX, f64::min)) / f64::from(size)
    };
    let (across, down) = (share(|p| p.pixel.x, camera.width()), share(|p| p.pixel.y, camera.height()));
    let add = if across < down {
        format!("they cover only {:.0} % of the picture's width: add points far to the left and right", across * 100.0)
    } else {
        format!("they cover only {:.0} % of the picture's height: add points nearer and farther away", down * 100.0)
    };
    Err(SurveyError::Weak { position_m, rotation_deg, add })
}

/// How each point fits, with its error in a fit without it when enough others remain.
fn residuals(camera: &Camera, points: &[SurveyPoint], pose: &Isometry3<f64>, used: &[bool]) -> Vec<Residual> {
    let spare = used.iter().filter(|used| **used).count() > MIN_POINTS;
    let left_out = |index: usize| {
        let mut others = used.to_vec();
        others[index] = false;
        let found = fit(camera, points, &others, *pose, Loss::Squared)?;
        error_px(camera, &found.state, &points[index]).map(|e| e.norm())
    };
    let one = |(index, point): (usize, &SurveyPoint)| Residual {
        id: point.id.clone(),
        error_px: error_px(camera, pose, point),
        sigmas: whitened(camera, pose, point).residual.norm(),
        left_out_px: if used[index] && spare { left_out(index) } else { None },
        used: used[index],
    };
    points.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests;
