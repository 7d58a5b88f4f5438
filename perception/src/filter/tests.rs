//! The filter alone: soundness for any input, and what it does with yaw.

use super::*;
use crate::object::Class;
use nalgebra::Matrix2;
use proptest::prelude::*;

fn gaussian(x: f64, y: f64, variance: f64) -> Gaussian2 {
    Gaussian2::place(Vector2::new(x, y), Matrix2::identity() * variance).unwrap()
}

fn is_sound(filter: &Filter) -> bool {
    let p = filter.covariance();
    let finite = filter.mean().iter().chain(p.iter()).all(|v| v.is_finite());
    let symmetric = (p - p.transpose()).amax() <= 1e-9 * p.amax();
    finite && symmetric && p.cholesky().is_some() && filter.yaw().abs() <= PI + 1e-9
}

/// One thing that can be done to a filter.
#[derive(Clone, Debug)]
enum Act {
    Predict(f64),
    Place(f64, f64, [f64; 4]),
    Velocity(f64, f64, [f64; 4]),
    Yaw(f64, f64, bool),
    Hold(f64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let any = || prop_oneof![4 => -100.0..100.0, 1 => any::<f64>(), 1 => Just(0.0)];
    let matrix = move || {
        let free = prop::array::uniform4(any());
        let covariance = (1e-9..1e7_f64, 1e-9..1e7_f64, -1.0..1.0_f64)
            .prop_map(|(a, b, r)| [a, r * (a * b).sqrt(), r * (a * b).sqrt(), b]);
        prop_oneof![1 => free, 3 => covariance]
    };
    let act = prop_oneof![
        prop_oneof![0.0..1.0, any()].prop_map(Act::Predict),
        (any(), any(), matrix()).prop_map(|(x, y, p)| Act::Place(x, y, p)),
        (any(), any(), matrix()).prop_map(|(x, y, p)| Act::Velocity(x, y, p)),
        (any(), any(), prop::bool::ANY).prop_map(|(a, b, c)| Act::Yaw(a, b, c)),
        any().prop_map(Act::Hold),
    ];
    prop::collection::vec(act, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn the_covariance_stays_positive_definite_for_any_input(
        class in 0_usize..7, variance in 1e-3..1e4_f64, acts in acts()
    ) {
        let motion = Motion::of(Class::ALL[class]);
        let mut filter = Filter::new(&gaussian(3.0, -4.0, variance), &motion);
        for act in acts {
            match act {
                Act::Predict(dt) => filter.predict(dt, &motion),
                Act::Place(x, y, p) => {
                    let seen = Gaussian2::place(Vector2::new(x, y), Matrix2::from_row_slice(&p));
                    seen.iter().for_each(|seen| filter.update_place(seen));
                }
                Act::Velocity(x, y, p) => {
                    let seen = Gaussian2::velocity(Vector2::new(x, y), Matrix2::from_row_slice(&p));
                    seen.iter().for_each(|seen| filter.update_velocity(seen));
                }
                Act::Yaw(yaw, variance, axis) => {
                    filter.update_yaw(yaw, variance, axis);
                }
                Act::Hold(dt) => filter.hold_to_body(dt, &motion),
            }
            prop_assert!(is_sound(&filter), "{filter:?}");
        }
    }
}

#[test]
fn what_is_not_finite_is_refused() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(Gaussian2::place(Vector2::new(bad, 0.0), Matrix2::identity()).is_none());
        assert!(Gaussian2::place(Vector2::new(0.0, bad), Matrix2::identity()).is_none());
        assert!(Gaussian2::place(Vector2::zeros(), Matrix2::new(1.0, bad, 0.0, 1.0)).is_none());
        assert!(Gaussian2::velocity(Vector2::new(bad, 0.0), Matrix2::identity()).is_none());
    }
    assert!(Gaussian2::place(Vector2::zeros(), Matrix2::new(-1.0, 0.0, 0.0, 1.0)).is_none());
}

#[test]
fn a_covariance_that_is_none_is_made_one() {
    let seen = Gaussian2::place(Vector2::zeros(), Matrix2::new(1.0, 5.0, 5.0, 1.0)).unwrap();
    assert!(seen.covariance.cholesky().is_some());
    // The large axis is kept.
    assert!((seen.covariance.symmetric_eigenvalues().max() - 6.0).abs() < 1e-9);
}

#[test]
fn the_jacobian_is_the_slope_of_the_move() {
    let motion = Motion::of(Class::Car);
    for omega in [0.0, 1e-6, 0.3, -0.8] {
        let start = Filter { x: Vector6::new(1.0, 2.0, 8.0, -3.0, omega, 0.2), p: Matrix6::identity() * 0.1 };
        let mut moved = start.clone();
        let f = moved.step(0.2, &motion);
        for i in 0..5 {
            let mut near = start.clone();
            near.x[i] += 1e-5;
            near.step(0.2, &motion);
            let slope = (near.x - moved.x) / 1e-5;
            for k in 0..5 {
                assert!((slope[k] - f[(k, i)]).abs() < 1e-3, "ω {omega}, d{k}/d{i}: {} {}", slope[k], f[(k, i)]);
            }
        }
    }
}

#[test]
fn angles_are_wrapped() {
    assert!((wrap(3.0 * PI).abs() - PI).abs() < 1e-9);
    assert!((wrap(-PI - 0.1) - (PI - 0.1)).abs() < 1e-12);
    let motion = Motion::of(Class::Car);
    let mut filter = Filter::new(&gaussian(0.0, 0.0, 0.1), &motion);
    filter.update_yaw(PI - 0.01, 0.01, false);
    filter.update_yaw(-PI + 0.01, 0.01, false);
    assert!(filter.yaw().abs() > 3.0, "{}", filter.yaw());
}

#[test]
fn an_axis_does_not_turn_the_body_round() {
    let motion = Motion::of(Class::Car);
    let mut filter = Filter::new(&gaussian(0.0, 0.0, 0.1), &motion);
    filter.update_yaw(0.1, 0.01, true);
    filter.update_yaw(0.1 - PI, 0.01, true);
    assert!((filter.yaw() - 0.1).abs() < 1e-9);
}

#[test]
fn noise_does_not_turn_or_push_a_standing_car() {
    let motion = Motion::of(Class::Car);
    let mut filter = Filter::new(&gaussian(0.0, 0.0, 0.04), &motion);
    filter.update_yaw(0.0, 0.01, true);
    for i in 0..100 {
        let side = if i % 2 == 0 { 0.2 } else { -0.2 };
        filter.predict(0.1, &motion);
        filter.update_place(&gaussian(-side, side, 0.04));
        filter.hold_to_body(0.1, &motion);
    }
    assert!(filter.yaw().abs() < 0.2, "{}", filter.yaw());
    assert!(filter.velocity().y.abs() < 0.2, "{}", filter.velocity());
}
