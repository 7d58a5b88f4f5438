//! The Gaussian filter of one road user: an extended Kalman filter in `enu`.
//!
//! State `x = (e, n, v_e, v_n, ω, ψ)`: place (m), velocity over ground (m/s), turn rate (rad/s) and body yaw (rad). The
//! velocity is Cartesian, so nothing is singular for somebody who stands or whose heading is not known yet. With `ω = 0`
//! it is the constant-velocity model; with `ω` estimated it is the coordinated turn (Bar-Shalom, Li, Kirubarajan,
//! *Estimation with Applications to Tracking and Navigation*, 2001, eq. 11.7.1-4). Updates are in Joseph form (ibid.,
//! eq. 5.2.3-18), so the covariance stays symmetric positive definite whatever the gain.

use std::f64::consts::{FRAC_PI_2, PI};

use nalgebra::{Matrix2, Matrix6, Matrix6x2, Vector2, Vector6};

use crate::gaussian::{Gaussian2, MAX_PLACE_M, MAX_SPEED_MPS, VARIANCE};
use crate::motion::Motion;

/// Index of the turn rate in the state.
const OMEGA: usize = 4;
/// Index of the body yaw in the state.
const PSI: usize = 5;
/// Longest step predicted at once, seconds.
const MAX_STEP_S: f64 = 10.0;
/// Speed at which a body turns as its path does; a standing body does not turn, m/s.
const ROLLING_MPS: f64 = 0.5;
/// Time over which slip and body motion stay alike; makes the pseudo measurement independent of the frame rate, s.
const SLIP_MEMORY_S: f64 = 0.4;

/// `angle` moved by whole turns into −π..π.
#[must_use]
pub fn wrap(angle: f64) -> f64 {
    if (-PI..=PI).contains(&angle) { angle } else { (angle + PI).rem_euclid(2.0 * PI) - PI }
}

/// Mean and covariance of one road user's state.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    x: Vector6<f64>,
    p: Matrix6<f64>,
}

impl Filter {
    /// Somebody seen for the first time at `place`, with unknown velocity and yaw.
    #[must_use]
    pub fn new(place: &Gaussian2, motion: &Motion) -> Self {
        let mut p = Matrix6::zeros();
        p.fixed_view_mut::<2, 2>(0, 0).copy_from(&place.covariance);
        let speed = motion.first_speed * motion.first_speed;
        p[(2, 2)] = speed;
        p[(3, 3)] = speed;
        p[(OMEGA, OMEGA)] = turn_variance(motion);
        p[(PSI, PSI)] = PI * PI;
        Self { x: Vector6::new(place.mean.x, place.mean.y, 0.0, 0.0, 0.0, 0.0), p }
    }

    /// Centre of the footprint, (east, north), m.
    #[must_use]
    pub fn place(&self) -> Vector2<f64> {
        Vector2::new(self.x[0], self.x[1])
    }

    /// Velocity over ground, (east, north), m/s.
    #[must_use]
    pub fn velocity(&self) -> Vector2<f64> {
        Vector2::new(self.x[2], self.x[3])
    }

    /// Turn rate of the path, rad/s.
    #[must_use]
    pub fn turn_rate(&self) -> f64 {
        self.x[OMEGA]
    }

    /// Body yaw, −π..π.
    #[must_use]
    pub fn yaw(&self) -> f64 {
        self.x[PSI]
    }

    /// Variance of the body yaw, rad²; about π² when nothing is known.
    #[must_use]
    pub fn yaw_variance(&self) -> f64 {
        self.p[(PSI, PSI)]
    }

    /// State `(e, n, v_e, v_n, ω, ψ)`.
    #[must_use]
    pub fn mean(&self) -> &Vector6<f64> {
        &self.x
    }

    /// Covariance of the state.
    #[must_use]
    pub fn covariance(&self) -> &Matrix6<f64> {
        &self.p
    }

    /// Takes a state from outside, for instance a published track; not-finite values make it `None`.
    #[must_use]
    pub fn from_parts(x: Vector6<f64>, p: Matrix6<f64>) -> Option<Self> {
        if !x.iter().chain(p.iter()).all(|v| v.is_finite()) || x.fixed_rows::<2>(0).amax() > MAX_PLACE_M {
            return None;
        }
        let mut filter = Self { x, p };
        filter.tidy();
        Some(filter)
    }

    /// Turns the body by half a turn: front and back were taken for each other.
    pub fn flip(&mut self) {
        self.x[PSI] = wrap(self.x[PSI] + PI);
    }

    /// Moves the state `dt` seconds ahead. Steps that are not positive do nothing, longer ones than ten seconds are cut.
    pub fn predict(&mut self, dt: f64, motion: &Motion) {
        if dt.is_nan() || dt <= 0.0 {
            return;
        }
        let dt = dt.min(MAX_STEP_S);
        let noise = self.process_noise(dt, motion);
        let f = self.step(dt, motion);
        self.p = f * self.p * f.transpose() + noise;
        if !motion.turns {
            self.forget_turn(motion);
        }
        self.tidy();
    }

    /// Moves the mean and returns the Jacobian of that move.
    fn step(&mut self, dt: f64, motion: &Motion) -> Matrix6<f64> {
        let (ve, vn) = (self.x[2], self.x[3]);
        let omega = if motion.turns { self.x[OMEGA] } else { 0.0 };
        let angle = omega * dt;
        let (sin, cos) = angle.sin_cos();
        // a = sin(ωT)/ω and b = (1 − cos(ωT))/ω with their derivatives by ω; series near ω = 0.
        let (a, b, da, db) = if angle.abs() < 1e-4 {
            (dt, 0.5 * omega * dt * dt, -omega * dt * dt * dt / 3.0, 0.5 * dt * dt)
        } else {
            let (a, b) = (sin / omega, (1.0 - cos) / omega);
            (a, b, (dt * cos - a) / omega, (dt * sin - b) / omega)
        };
        let keep = if motion.turns { (-dt / motion.turn_memory_s).exp() } else { 0.0 };
        let rolling = ve * ve + vn * vn;
        let rolling = if motion.turns { rolling / (rolling + ROLLING_MPS * ROLLING_MPS) } else { 0.0 };

        let mut f: Matrix6<f64> = Matrix6::identity();
        f[(0, 2)] = a;
        f[(0, 3)] = -b;
        f[(0, OMEGA)] = da * ve - db * vn;
        f[(1, 2)] = b;
        f[(1, 3)] = a;
        f[(1, OMEGA)] = db * ve + da * vn;
        f[(2, 2)] = cos;
        f[(2, 3)] = -sin;
        f[(2, OMEGA)] = -dt * (sin * ve + cos * vn);
        f[(3, 2)] = sin;
        f[(3, 3)] = cos;
        f[(3, OMEGA)] = dt * (cos * ve - sin * vn);
        f[(OMEGA, OMEGA)] = keep;
        f[(PSI, OMEGA)] = dt * rolling;

        self.x[0] += a * ve - b * vn;
        self.x[1] += b * ve + a * vn;
        self.x[2] = cos * ve - sin * vn;
        self.x[3] = sin * ve + cos * vn;
        self.x[PSI] = wrap(self.x[PSI] + angle * rolling);
        self.x[OMEGA] = omega * keep;
        f
    }

    /// Continuous white noise of acceleration, stronger along the body than across it, of turn rate and of yaw.
    fn process_noise(&self, dt: f64, motion: &Motion) -> Matrix6<f64> {
        let speed = self.velocity().norm();
        // Which way is along: the velocity when it moves, else unknown and alike in all directions.
        let certain = speed * speed / (speed * speed + self.p[(2, 2)] + self.p[(3, 3)] + 1e-9);
        let across = certain * motion.across + (1.0 - certain) * motion.along;
        let (sin, cos) = if speed > 1e-6 { (self.x[3] / speed, self.x[2] / speed) } else { (0.0, 1.0) };
        let ee = motion.along * cos * cos + across * sin * sin;
        let en = (motion.along - across) * sin * cos;
        let nn = motion.along * sin * sin + across * cos * cos;
        let (d1, d2, d3) = (dt, dt * dt / 2.0, dt * dt * dt / 3.0);
        let mut q = Matrix6::zeros();
        for (row, col, value) in [(0, 0, ee), (0, 1, en), (1, 0, en), (1, 1, nn)] {
            q[(row, col)] = value * d3;
            q[(row + 2, col)] = value * d2;
            q[(row, col + 2)] = value * d2;
            q[(row + 2, col + 2)] = value * d1;
        }
        // Ornstein-Uhlenbeck: in the long run the turn rate has variance σ², so it cannot run away while unobserved.
        let keep = (-dt / motion.turn_memory_s).exp();
        q[(OMEGA, OMEGA)] = turn_variance(motion) * (1.0 - keep * keep);
        q[(PSI, PSI)] = motion.yaw * dt;
        q
    }

    /// Squared Mahalanobis distance of a measured place and the logarithm of the innovation covariance's determinant;
    /// `extra` (m²) is added to both variances, for systematic errors between sensors.
    #[must_use]
    pub fn distance(&self, seen: &Gaussian2, extra: f64) -> (f64, f64) {
        distance2(seen.mean - self.place(), self.block(0) + seen.covariance + Matrix2::identity() * extra)
    }

    /// The same for a measured velocity.
    #[must_use]
    pub fn velocity_distance(&self, seen: &Gaussian2) -> (f64, f64) {
        distance2(seen.mean - self.velocity(), self.block(2) + seen.covariance)
    }

    /// Corrects the state with a measured place.
    pub fn update_place(&mut self, seen: &Gaussian2) {
        self.update_pair(0, seen);
    }

    /// Corrects the state with a measured velocity.
    pub fn update_velocity(&mut self, seen: &Gaussian2) {
        self.update_pair(2, seen);
    }

    fn block(&self, first: usize) -> Matrix2<f64> {
        self.p.fixed_view::<2, 2>(first, first).into_owned()
    }

    fn update_pair(&mut self, first: usize, seen: &Gaussian2) {
        let Some(inverse) = (self.block(first) + seen.covariance).try_inverse() else { return };
        let gain: Matrix6x2<f64> = self.p.fixed_view::<6, 2>(0, first) * inverse;
        let innovation = seen.mean - Vector2::new(self.x[first], self.x[first + 1]);
        self.x += gain * innovation;
        self.x[PSI] = wrap(self.x[PSI]);
        // Joseph form (I − KH) P (I − KH)ᵀ + K R Kᵀ; H picks two columns, so the products are thin.
        let left = self.p - gain * self.p.fixed_view::<2, 6>(first, 0);
        self.p =
            left - left.fixed_view::<6, 2>(0, first) * gain.transpose() + gain * seen.covariance * gain.transpose();
        self.tidy();
    }

    /// Corrects the body yaw with a measured one (radians, variance rad²). With `axis` the measurement may be half a turn
    /// off and the nearer end counts. Measurements beyond three sigma are left out, unless the yaw is not known yet.
    /// Returns whether the measurement was used.
    pub fn update_yaw(&mut self, yaw: f64, variance: f64, axis: bool) -> bool {
        if !yaw.is_finite() || !variance.is_finite() || variance < 0.0 {
            return false;
        }
        let variance = variance.clamp(1e-4, PI * PI);
        if self.yaw_variance() > FRAC_PI_2 {
            self.learn_yaw(wrap(yaw), variance);
            return true;
        }
        let mut innovation = wrap(yaw - self.x[PSI]);
        if axis && innovation.abs() > FRAC_PI_2 {
            innovation = wrap(innovation + PI);
        }
        let s = self.p[(PSI, PSI)] + variance;
        if innovation * innovation > 9.0 * s {
            return false;
        }
        let mut h = Vector6::zeros();
        h[PSI] = 1.0;
        self.update_scalar(&h, innovation, variance);
        true
    }

    /// A first yaw out of nothing: replaces the old belief.
    fn learn_yaw(&mut self, yaw: f64, variance: f64) {
        self.x[PSI] = yaw;
        self.p.row_mut(PSI).fill(0.0);
        self.p.column_mut(PSI).fill(0.0);
        self.p[(PSI, PSI)] = variance;
    }

    /// Standard deviation of the direction of travel, radians; large when it stands.
    #[must_use]
    pub fn course_sigma(&self) -> f64 {
        let (speed2, v) = (self.velocity().norm_squared(), self.velocity());
        if speed2 < 1e-6 {
            return PI;
        }
        let across = Vector2::new(-v.y, v.x) / speed2;
        (across.dot(&(self.block(2) * across))).max(0.0).sqrt().min(PI)
    }

    /// Uses that a body does not move sideways: `−v_e sin ψ + v_n cos ψ = 0` up to slip. So a measured yaw tells the
    /// direction of travel, the direction of travel tells the yaw, and noise does not push a standing car aside.
    /// `dt`: seconds since this was last used.
    pub fn hold_to_body(&mut self, dt: f64, motion: &Motion) {
        if dt.is_nan() || dt <= 0.0 {
            return;
        }
        let v = self.velocity();
        if self.yaw_variance() > 0.3 {
            if self.course_sigma() < 0.35 && v.norm() > 2.0 * motion.slip {
                self.learn_yaw_from_course(motion);
            }
            return;
        }
        let (sin, cos) = self.x[PSI].sin_cos();
        let sideways = -v.x * sin + v.y * cos;
        let mut h = Vector6::zeros();
        h[2] = -sin;
        h[3] = cos;
        h[PSI] = -(v.x * cos + v.y * sin);
        let sigma = motion.slip + 0.05 * v.norm();
        self.update_scalar(&h, -sideways, sigma * sigma * (SLIP_MEMORY_S / dt).max(1.0));
    }

    /// Yaw := direction of travel, with its correlations, which keeps the covariance positive definite.
    fn learn_yaw_from_course(&mut self, motion: &Motion) {
        let v = self.velocity();
        let speed2 = v.norm_squared();
        let row = (self.p.row(2) * -v.y + self.p.row(3) * v.x) / speed2;
        let own = (row[3] * v.x - row[2] * v.y) / speed2;
        let slip = motion.slip / speed2.sqrt();
        self.learn_yaw(v.y.atan2(v.x), own + slip * slip + 1e-4);
        for col in 0..PSI {
            self.p[(PSI, col)] = row[col];
            self.p[(col, PSI)] = row[col];
        }
        self.tidy();
    }

    fn update_scalar(&mut self, h: &Vector6<f64>, innovation: f64, variance: f64) {
        let ph = self.p * h;
        let s = h.dot(&ph) + variance;
        if s.is_nan() || s <= 0.0 {
            return;
        }
        let gain = ph / s;
        self.x += gain * innovation;
        self.x[PSI] = wrap(self.x[PSI]);
        // Joseph form, as in `update_pair`; `ph` is also the row hᵀP, since P is symmetric.
        let left: Matrix6<f64> = self.p - gain * ph.transpose();
        self.p = left - (left * h) * gain.transpose() + gain * variance * gain.transpose();
        self.tidy();
    }

    /// The turn rate of somebody who does not turn as a vehicle does is zero and tells nothing.
    fn forget_turn(&mut self, motion: &Motion) {
        self.x[OMEGA] = 0.0;
        self.p.row_mut(OMEGA).fill(0.0);
        self.p.column_mut(OMEGA).fill(0.0);
        self.p[(OMEGA, OMEGA)] = turn_variance(motion);
    }

    /// Removes what rounding does to symmetry, and starts over with a vague belief when variances have grown past any
    /// meaning or rounding has eaten the definiteness (neither happens to a track that is ever measured).
    fn tidy(&mut self) {
        self.p = (self.p + self.p.transpose()) * 0.5;
        for i in 0..6 {
            self.p[(i, i)] += 1e-12;
        }
        // A yaw less certain than any direction is just unknown.
        if self.p[(PSI, PSI)] > PI * PI {
            self.learn_yaw(self.x[PSI], PI * PI);
        }
        let vague = (0..4).any(|i| self.p[(i, i)] > VARIANCE.1);
        if vague || self.p.cholesky().is_none() {
            let spread = |i: usize| {
                if i < 4 {
                    VARIANCE.1
                } else if i == OMEGA {
                    1.0
                } else {
                    PI * PI
                }
            };
            self.p = Matrix6::from_diagonal(&Vector6::from_fn(|i, _| spread(i).min(self.p[(i, i)].max(1e-4))));
        }
        let speed = self.velocity().norm();
        if speed > MAX_SPEED_MPS {
            self.x[2] *= MAX_SPEED_MPS / speed;
            self.x[3] *= MAX_SPEED_MPS / speed;
        }
        self.x[OMEGA] = self.x[OMEGA].clamp(-3.0, 3.0);
    }
}

/// Long-run variance of the turn rate; small where turns are not modelled.
fn turn_variance(motion: &Motion) -> f64 {
    if motion.turns { motion.turn_sigma * motion.turn_sigma } else { 1e-4 }
}

fn distance2(gap: Vector2<f64>, s: Matrix2<f64>) -> (f64, f64) {
    let determinant = s[(0, 0)] * s[(1, 1)] - s[(0, 1)] * s[(1, 0)];
    if determinant.is_nan() || determinant <= 0.0 {
        return (f64::INFINITY, 0.0);
    }
    let squared = s[(1, 1)] * gap.x * gap.x - (s[(0, 1)] + s[(1, 0)]) * gap.x * gap.y + s[(0, 0)] * gap.y * gap.y;
    (squared / determinant, determinant.ln())
}

#[cfg(test)]
mod tests;
