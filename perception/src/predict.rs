//! A track moved to another moment, for instance to the moment at which a message leaves.

use calibration::Timestamp;
use nalgebra::{Matrix4, Matrix6, Vector6};

use crate::filter::Filter;
use crate::motion::Motion;
use crate::object::Track;

/// `track` as it is believed to be at `to`: along its arc when it turns, straight when it does not, with the covariance
/// grown by what its class may do meanwhile. Backwards works too, and the covariance grows then as well. Moves longer than
/// ten seconds are cut to ten seconds; a track with numbers that are not finite stays where it is.
///
/// `existence`, `last_seen` and everything that is not motion stay as they are.
#[must_use]
pub fn predict(track: &Track, to: Timestamp) -> Track {
    let moved = Track { at: to, ..track.clone() };
    let dt = to.seconds_since(track.at);
    if dt == 0.0 {
        return moved;
    }
    let motion = Motion::of(track.class);
    let turn_rate = if motion.turns { track.yaw_rate } else { 0.0 };
    let mut x =
        Vector6::new(track.position.x, track.position.y, track.velocity.x, track.velocity.y, turn_rate, track.yaw);
    let mut p = Matrix6::zeros();
    p.fixed_view_mut::<4, 4>(0, 0).copy_from(&track.covariance);
    // A track does not tell how well its turn rate is known: half of what the class may do.
    p[(4, 4)] = if motion.turns { (0.5 * motion.turn_sigma).powi(2) } else { 1e-4 };
    p[(5, 5)] = track.yaw_sigma * track.yaw_sigma;
    // The past is the future of somebody who moves the other way.
    let backwards = dt < 0.0;
    if backwards {
        reverse(&mut x, &mut p);
    }
    let Some(mut filter) = Filter::from_parts(x, p) else { return moved };
    filter.predict(dt.abs(), &motion);
    let (mut x, mut p) = (*filter.mean(), *filter.covariance());
    if backwards {
        reverse(&mut x, &mut p);
    }
    let mut moved = moved;
    moved.position.x = x[0];
    moved.position.y = x[1];
    moved.velocity.x = x[2];
    moved.velocity.y = x[3];
    moved.yaw_rate = x[4];
    moved.yaw = x[5];
    moved.covariance = Matrix4::from_fn(|row, column| p[(row, column)]);
    moved.yaw_sigma = p[(5, 5)].sqrt();
    moved
}

/// Turns time round: velocity and turn rate change sign, and so do their correlations with place and yaw.
fn reverse(x: &mut Vector6<f64>, p: &mut Matrix6<f64>) {
    for i in 2..5 {
        x[i] = -x[i];
        for k in 0..6 {
            p[(i, k)] = -p[(i, k)];
        }
        for k in 0..6 {
            p[(k, i)] = -p[(k, i)];
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::object::{Class, Size, TrackKey, UnitId};
    use nalgebra::{Vector2, Vector3};

    pub(crate) fn car() -> Track {
        Track {
            key: TrackKey { unit: UnitId("x01".into()), serial: 1 },
            class: Class::Car,
            class_belief: [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            at: Timestamp::from_millis(10_000),
            last_seen: Timestamp::from_millis(10_000),
            born: Timestamp::from_millis(9_000),
            position: Vector3::new(10.0, 0.0, 0.2),
            velocity: Vector2::new(10.0, 0.0),
            yaw: 0.0,
            yaw_rate: 0.0,
            covariance: Matrix4::identity() * 0.1,
            front_known: true,
            yaw_sigma: 0.05,
            size: Size { length_m: 4.5, width_m: 1.8, height_m: 1.5 },
            existence: 0.99,
            confirmed: true,
            sensing: Vec::new(),
        }
    }

    #[test]
    fn a_car_goes_on_straight_and_gets_less_certain() {
        let later = predict(&car(), Timestamp::from_millis(10_500));
        assert!((later.position - Vector3::new(15.0, 0.0, 0.2)).norm() < 1e-9);
        assert!(later.covariance[(0, 0)] > car().covariance[(0, 0)]);
        assert_eq!(later.at, Timestamp::from_millis(10_500));
    }

    #[test]
    fn a_turning_car_stays_on_its_arc() {
        let turning = Track { yaw_rate: 0.5, ..car() };
        let later = predict(&turning, Timestamp::from_millis(11_000));
        // Radius 20 m, half a radian.
        let arc = Vector2::new(10.0 + 20.0 * 0.5_f64.sin(), 20.0 * (1.0 - 0.5_f64.cos()));
        assert!((later.position.xy() - arc).norm() < 1e-6, "{:?}", later.position);
        assert!((later.velocity.norm() - 10.0).abs() < 1e-9);
        assert!((later.yaw - 0.5).abs() < 0.01, "{}", later.yaw);
    }

    #[test]
    fn backwards_is_the_way_it_came_and_less_certain_too() {
        let turning = Track { yaw_rate: -0.3, ..car() };
        let later = predict(&turning, Timestamp::from_millis(10_100));
        let back = predict(&Track { yaw_rate: -0.3, ..later }, Timestamp::from_millis(10_000));
        assert!((back.position - turning.position).norm() < 1e-6);
        assert!(back.covariance[(0, 0)] > turning.covariance[(0, 0)]);
        assert!(back.covariance.cholesky().is_some());
    }

    #[test]
    fn numbers_that_are_not_finite_stay_put_and_do_not_panic() {
        let mut broken = car();
        broken.position.x = f64::NAN;
        assert!(predict(&broken, Timestamp::from_millis(11_000)).position.x.is_nan());
        let far = predict(&car(), Timestamp::from_nanos(i64::MAX));
        assert!(far.position.iter().all(|v| v.is_finite()) && far.covariance.cholesky().is_some());
    }
}
