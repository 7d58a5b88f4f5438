//! Places on the road and in the world, and how orientations add up.

use nalgebra::{Rotation3, Vector3};

/// Number of a road in [`Network::roads`](super::Network::roads), in order of the file.
pub type RoadIndex = usize;

/// A place in road coordinates (ASAM OpenDRIVE 1.8, clause 8.3).
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct RoadPosition {
    /// The road.
    pub road: RoadIndex,
    /// Along its reference line, metres.
    pub s: f64,
    /// To the left of the reference line, metres.
    pub t: f64,
}

/// A place in lane coordinates.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct LanePosition {
    /// The road.
    pub road: RoadIndex,
    /// Number of the lane in the lane section at `s`: positive on the left, negative on the right.
    pub lane: i32,
    /// Along the reference line, metres.
    pub s: f64,
    /// From the middle of the lane, metres, positive in direction of `t` (left, seen along `s`).
    pub offset: f64,
}

/// A place in the world with the orientation of the road there: x east, y north, z up; turned first by yaw, then pitch, then
/// roll (ISO 8855).
#[derive(Copy, Clone, Debug, PartialEq, Default)]
pub struct Pose {
    /// Metres.
    pub x: f64,
    /// Metres.
    pub y: f64,
    /// Metres.
    pub z: f64,
    /// Radians, 0 = along x, counter-clockwise, in (-π, π].
    pub yaw: f64,
    /// Radians, positive nose down.
    pub pitch: f64,
    /// Radians, positive left side up.
    pub roll: f64,
    /// Curvature of the reference line there, 1/m, positive to the left.
    pub curvature: f64,
}

impl Pose {
    /// The same place with an orientation relative to this one: a body that stands `yaw`, `pitch`, `roll` (radians) relative
    /// to the road. A body against the road (`yaw` = π) on a climb looks down.
    ///
    /// ```
    /// use sim::opendrive::Pose;
    /// let climb = Pose { pitch: -0.1, ..Pose::default() };
    /// assert!((climb.turned(std::f64::consts::PI, 0.0, 0.0).pitch - 0.1).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn turned(&self, yaw: f64, pitch: f64, roll: f64) -> Self {
        if self.pitch == 0.0 && self.roll == 0.0 {
            return Self { yaw: wrap(self.yaw + yaw), pitch, roll, ..*self };
        }
        let body = self.rotation() * Rotation3::from_euler_angles(roll, pitch, yaw);
        let (roll, pitch, yaw) = body.euler_angles();
        Self { yaw, pitch, roll, ..*self }
    }

    /// The rotation from the frame of the road (or body) to the world.
    #[must_use]
    pub fn rotation(&self) -> Rotation3<f64> {
        Rotation3::from_euler_angles(self.roll, self.pitch, self.yaw)
    }

    /// The place `forward`, `left`, `up` metres from this one, in its own frame.
    #[must_use]
    pub fn offset(&self, forward: f64, left: f64, up: f64) -> [f64; 3] {
        let moved = self.rotation() * Vector3::new(forward, left, up);
        [self.x + moved.x, self.y + moved.y, self.z + moved.z]
    }
}

/// An angle in (-π, π].
#[must_use]
pub fn wrap(angle: f64) -> f64 {
    use std::f64::consts::{PI, TAU};
    if angle > -PI && angle <= PI {
        return angle;
    }
    let turned = angle.rem_euclid(TAU);
    if turned > PI { turned - TAU } else { turned }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_PI_2, PI};

    use super::*;

    #[test]
    fn angles_are_wrapped_to_one_turn() {
        assert_eq!(wrap(0.5), 0.5);
        assert!((wrap(3.0 * PI) - PI).abs() < 1e-12);
        assert!((wrap(-PI) - PI).abs() < 1e-12);
        assert!((wrap(-FRAC_PI_2 - 2.0 * PI) + FRAC_PI_2).abs() < 1e-12);
    }

    #[test]
    fn a_body_across_a_climb_rolls() {
        // Nose to the left of a climbing road: its right side is uphill.
        let climb = Pose { pitch: -0.2, ..Pose::default() };
        let across = climb.turned(FRAC_PI_2, 0.0, 0.0);
        assert!(across.pitch.abs() < 1e-12 && (across.roll + 0.2).abs() < 1e-12, "{across:?}");
    }

    #[test]
    fn a_place_left_of_a_banked_road_is_higher() {
        let banked = Pose { roll: 0.1, ..Pose::default() };
        let [x, y, z] = banked.offset(0.0, 10.0, 0.0);
        assert!(
            x.abs() < 1e-12 && (y - 10.0 * 0.1_f64.cos()).abs() < 1e-12 && (z - 10.0 * 0.1_f64.sin()).abs() < 1e-12
        );
    }
}
