//! Robust least squares: Levenberg-Marquardt with iteratively re-weighted whitened terms.
//!
//! A term is a two-dimensional residual divided by its own standard deviation, so that a good one has length about 1 and one
//! loss fits pixels of all qualities. The unknowns live on a manifold: the caller says how a small step changes the state.

use nalgebra::{Const, SMatrix, SVector, Vector2};

/// How a residual's length (in standard deviations) counts.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Loss {
    /// Squared: every term counts in full.
    Squared,
    /// Linear beyond this length (Huber 1964).
    Huber(f64),
    /// Logarithmic beyond this length: a blunder ends up with no say at all.
    Cauchy(f64),
}

impl Loss {
    /// Cost of a term of squared length `square`, and the weight its normal equations get.
    fn cost_and_weight(self, square: f64) -> (f64, f64) {
        match self {
            Loss::Squared => (square, 1.0),
            Loss::Huber(k) if square <= k * k => (square, 1.0),
            Loss::Huber(k) => (2.0 * k * square.sqrt() - k * k, k / square.sqrt()),
            Loss::Cauchy(k) => (k * k * (square / (k * k)).ln_1p(), 1.0 / (1.0 + square / (k * k))),
        }
    }
}

/// One whitened residual and its derivative by the unknowns.
#[derive(Copy, Clone, Debug)]
pub struct Term<const N: usize> {
    /// Residual over standard deviation.
    pub residual: Vector2<f64>,
    /// Its derivative by a small step.
    pub jacobian: SMatrix<f64, 2, N>,
}

/// Where a descent ended.
#[derive(Clone, Debug)]
pub struct Found<S, const N: usize> {
    /// The state of least cost that was reached.
    pub state: S,
    /// Its cost.
    pub cost: f64,
    /// Weighted normal matrix there: the inverse of the step's covariance.
    pub information: SMatrix<f64, N, N>,
    /// Steps tried.
    pub steps: usize,
    /// The last step was too small to matter.
    pub converged: bool,
}

/// Steps after which a descent gives up.
const MAX_STEPS: usize = 60;

/// Descends from `start`. `terms` gives the residuals of a state (`None`: the state is impossible), `moved` the state after
/// a small step. Returns `None` only when `start` itself is impossible.
pub fn descend<S: Clone, const N: usize>(
    start: S,
    loss: Loss,
    terms: impl Fn(&S) -> Option<Vec<Term<N>>>,
    moved: impl Fn(&S, &SVector<f64, N>) -> S,
) -> Option<Found<S, N>> {
    let mut here = normal_equations(&terms(&start)?, loss);
    let mut state = start;
    let (mut damping, mut steps, mut converged) = (1e-4, 0, false);
    while steps < MAX_STEPS && !converged {
        steps += 1;
        let Some(step) = damped_step(&here, damping) else {
            damping *= 10.0;
            continue;
        };
        let next = moved(&state, &step);
        match terms(&next).map(|terms| normal_equations(&terms, loss)) {
            Some(there) if there.cost <= here.cost => {
                converged = here.cost - there.cost <= 1e-10 * here.cost + 1e-14 && damping <= 1.0;
                (state, here) = (next, there);
                damping = (damping * 0.2).max(1e-12);
            }
            _ => {
                damping *= 6.0;
                converged = damping > 1e12;
            }
        }
    }
    Some(Found { state, cost: here.cost, information: here.matrix, steps, converged })
}

struct Normal<const N: usize> {
    matrix: SMatrix<f64, N, N>,
    downhill: SVector<f64, N>,
    cost: f64,
}

fn normal_equations<const N: usize>(terms: &[Term<N>], loss: Loss) -> Normal<N> {
    let mut normal = Normal { matrix: SMatrix::zeros(), downhill: SVector::zeros(), cost: 0.0 };
    for term in terms {
        let (cost, weight) = loss.cost_and_weight(term.residual.norm_squared());
        normal.cost += cost;
        normal.matrix += term.jacobian.transpose() * term.jacobian * weight;
        normal.downhill -= term.jacobian.transpose() * term.residual * weight;
    }
    normal
}

/// Marquardt's step: the diagonal scales the damping, so that metres and radians need no common unit.
fn damped_step<const N: usize>(normal: &Normal<N>, damping: f64) -> Option<SVector<f64, N>> {
    let mut matrix = normal.matrix;
    for i in 0..N {
        matrix[(i, i)] += damping * normal.matrix[(i, i)].max(1e-12);
    }
    let factor = nalgebra::linalg::Cholesky::<f64, Const<N>>::new(matrix)?;
    Some(factor.solve(&normal.downhill)).filter(|step| step.iter().all(|v| v.is_finite()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Vector2 as State;

    /// Fits a constant to points of which one is far off.
    fn centre(loss: Loss) -> State<f64> {
        let points = [[0.1, 0.0], [-0.1, 0.1], [0.0, -0.1], [0.0, 0.05], [50.0, 50.0]].map(State::from);
        let terms = |at: &State<f64>| {
            Some(points.iter().map(|p| Term { residual: at - p, jacobian: SMatrix::identity() }).collect())
        };
        let found = descend(State::new(5.0, -5.0), loss, terms, |at, step| at + step).unwrap();
        assert!(found.converged, "{loss:?}");
        found.state
    }

    #[test]
    fn a_blunder_pulls_least_squares_but_not_a_robust_fit() {
        assert!(centre(Loss::Squared).norm() > 10.0);
        assert!(centre(Loss::Huber(1.5)).norm() < 1.0);
        assert!(centre(Loss::Cauchy(1.5)).norm() < 0.05);
    }

    #[test]
    fn rosenbrocks_valley_is_descended_to_its_end() {
        let terms = |at: &State<f64>| {
            let residual = State::new(1.0 - at.x, 10.0 * (at.y - at.x * at.x));
            Some(vec![Term { residual, jacobian: SMatrix::<f64, 2, 2>::new(-1.0, 0.0, -20.0 * at.x, 10.0) }])
        };
        let found = descend(State::new(-1.2, 1.0), Loss::Squared, terms, |at, step| at + step).unwrap();
        assert!((found.state - State::new(1.0, 1.0)).norm() < 1e-6, "{found:?}");
    }

    #[test]
    fn an_impossible_start_is_no_result() {
        let none = |_: &State<f64>| None::<Vec<Term<2>>>;
        assert!(descend(State::zeros(), Loss::Squared, none, |at, step| at + step).is_none());
    }
}
