//! Two boxes on the plane: how far apart they are, and when they touch if both go on as they do.

use crate::actor::Body;

/// Shortest distance between two footprints, metres; 0 when they touch.
#[must_use]
pub fn distance_m(a: &Body, b: &Body) -> f64 {
    a.footprint().distance(&b.footprint())
}

/// Time until the two footprints touch at constant velocities and directions, seconds; 0 when they do, none when never.
/// Exact: the moving separating axis theorem (both boxes keep their directions, so an axis is closed for one interval).
#[must_use]
pub fn ttc_2d_s(a: &Body, b: &Body) -> Option<f64> {
    let relative = b.velocity - a.velocity;
    let off = b.place() - a.place();
    let (mut enter, mut leave) = (0.0_f64, f64::INFINITY);
    let (mine, theirs) = (a.footprint(), b.footprint());
    for axis in [mine.way, mine.left(), theirs.way, theirs.left()] {
        let reach = mine.reach(&axis) + theirs.reach(&axis);
        let (gap, speed) = (off.dot(&axis), relative.dot(&axis));
        if speed.abs() < 1e-12 {
            if gap.abs() >= reach {
                return None;
            }
            continue;
        }
        let (one, other) = ((-reach - gap) / speed, (reach - gap) / speed);
        enter = enter.max(one.min(other));
        leave = leave.min(one.max(other));
    }
    (enter <= leave && leave >= 0.0).then_some(enter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    fn moving(x: f64, y: f64, yaw: f64, v: f64) -> Body {
        let mut car = body(1, Kind::Car, x, y, yaw);
        car.velocity = car.footprint().way * v;
        car
    }

    const NORTH: f64 = std::f64::consts::FRAC_PI_2;

    #[test]
    fn a_crossing_pair_meets_when_computed_by_hand() {
        // A goes east from -32.3 at 10 m/s: its front reaches x = -0.9 (left side of B) after (32.3-2.3-0.9)/10 = 2.91 s.
        // B goes north from -40 at 10 m/s: its front is at y = -0.9 (right side of A) after (40-2.3-0.9)/10 = 3.68 s, and
        // its rear passes y = +0.9 long after; A's rear passes x = 0.9 after (32.3+2.3+0.9)/10 = 3.55 s: A is through first.
        let a = moving(-32.3, 0.0, 0.0, 10.0);
        assert_eq!(ttc_2d_s(&a, &moving(0.0, -40.0, NORTH, 10.0)), None);
        // From -38 B arrives at 3.48 s, while A is still there.
        let t = ttc_2d_s(&a, &moving(0.0, -38.0, NORTH, 10.0)).unwrap();
        assert!((t - 3.48).abs() < 1e-9, "{t}");
        assert_eq!(ttc_2d_s(&moving(0.0, -38.0, NORTH, 10.0), &a), Some(t));
    }

    #[test]
    fn in_one_lane_it_is_the_plain_time_to_collision() {
        let t = ttc_2d_s(&moving(0.0, 0.0, 0.0, 20.0), &moving(34.6, 0.5, 0.0, 10.0)).unwrap();
        assert!((t - 3.0).abs() < 1e-9, "{t}");
        // Head on: 95.4 m of gap, 20 m/s.
        let t = ttc_2d_s(&moving(0.0, 0.0, 0.0, 10.0), &moving(100.0, 0.0, 2.0 * NORTH, 10.0)).unwrap();
        assert!((t - 4.77).abs() < 1e-9, "{t}");
        assert_eq!(ttc_2d_s(&moving(0.0, 0.0, 0.0, 10.0), &moving(20.0, 2.0, 0.0, 5.0)), None, "the next lane");
        assert_eq!(ttc_2d_s(&moving(0.0, 0.0, 0.0, 5.0), &moving(20.0, 0.0, 0.0, 10.0)), None, "it opens");
        assert_eq!(ttc_2d_s(&moving(0.0, 0.0, 0.0, 5.0), &moving(2.0, 0.5, 0.3, 5.0)), Some(0.0), "they touch");
    }

    #[test]
    fn the_distance_is_that_of_the_boxes() {
        let a = moving(0.0, 0.0, 0.0, 0.0);
        assert!((distance_m(&a, &moving(10.0, 0.0, 0.0, 0.0)) - 5.4).abs() < 1e-9);
        assert!((distance_m(&a, &moving(0.0, 3.0, 0.0, 0.0)) - 1.2).abs() < 1e-9);
        // Corner to corner: 3 m on and 4 m aside of the sums of the halves.
        assert!((distance_m(&a, &moving(7.6, 5.8, 0.0, 0.0)) - 5.0).abs() < 1e-9);
        assert!((distance_m(&a, &moving(8.2, 0.0, NORTH, 0.0)) - 5.0).abs() < 1e-9);
        assert_eq!(distance_m(&a, &moving(1.0, 0.0, NORTH, 0.0)), 0.0);
    }
}
