//! Parking backwards into a bay: perpendicular in one arc, parallel to the kerb in two.

use nalgebra::{Point2, Vector2, Vector3};
use perception::Size;

use super::{ActorId, Body, Kind};

/// A place and a direction: of the middle of the rear axle.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Pose {
    /// Place.
    pub place: Point2<f64>,
    /// Radians counter-clockwise from east.
    pub yaw: f64,
}

/// A piece of the way: so many metres (negative: backwards) on a circle of this curvature (1/m, positive to the left).
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Piece {
    /// Length, metres.
    pub length_m: f64,
    /// Curvature, 1/m.
    pub curvature: f64,
}

impl Pose {
    /// The pose after `length` metres of a circle.
    #[must_use]
    pub fn after(self, length: f64, curvature: f64) -> Self {
        let turn = length * curvature;
        let chord = if turn.abs() < 1e-9 { length } else { 2.0 * (0.5 * turn).sin() / curvature };
        let way = self.yaw + 0.5 * turn;
        Self { place: self.place + Vector2::new(way.cos(), way.sin()) * chord, yaw: self.yaw + turn }
    }
}

/// A car as far as parking cares.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Car {
    /// Size.
    pub size: Size,
    /// Rear axle to the rear bumper, metres.
    pub overhang_m: f64,
    /// Smallest radius of the rear axle's middle, metres.
    pub radius_m: f64,
}

impl Default for Car {
    fn default() -> Self {
        Self { size: Kind::Car.size(), overhang_m: 0.9, radius_m: 4.5 }
    }
}

impl Car {
    /// The box at a pose.
    #[must_use]
    pub fn body(&self, id: ActorId, pose: Pose, speed: f64, curvature: f64) -> Body {
        let way = Vector2::new(pose.yaw.cos(), pose.yaw.sin());
        let centre = pose.place + way * (0.5 * self.size.length_m - self.overhang_m);
        Body {
            id,
            kind: Kind::Car,
            size: self.size,
            position: Vector3::new(centre.x, centre.y, 0.0),
            yaw: pose.yaw,
            velocity: way * speed,
            yaw_rate: speed * curvature,
        }
    }
}

/// A way into a bay: from where to begin, and its pieces.
#[derive(Clone, Debug, PartialEq)]
pub struct Manoeuvre {
    /// Where the car must stop first.
    pub start: Pose,
    /// Pieces in their order.
    pub pieces: Vec<Piece>,
}

/// The bay on the right-hand side of the way, or on the left.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// Right.
    Right,
    /// Left.
    Left,
}

impl Side {
    fn sign(self) -> f64 {
        if self == Self::Right { -1.0 } else { 1.0 }
    }
}

/// Backwards into a bay that stands across the way: straight out of the bay, then a quarter of a circle. `goal` is the
/// parked pose (nose out), `straight_m` how far the car leaves the bay before it turns.
#[must_use]
pub fn perpendicular(car: &Car, goal: Pose, side: Side, straight_m: f64) -> Manoeuvre {
    let quarter = std::f64::consts::FRAC_PI_2 * car.radius_m;
    // The way in is the way out, driven backwards: nose first out of the bay, then into the direction of the way.
    let curvature = side.sign() / car.radius_m;
    let start = goal.after(straight_m, 0.0).after(quarter, curvature);
    let pieces = vec![Piece { length_m: -quarter, curvature }, Piece { length_m: -straight_m, curvature: 0.0 }];
    Manoeuvre { start, pieces }
}

/// Backwards into a bay along the way: two equal arcs that bring the car `aside_m` over, then forward to the middle of the
/// bay. `goal` is the parked pose.
///
/// Both arcs turn by φ with aside = 2·R·(1 − cos φ).
#[must_use]
pub fn parallel(car: &Car, goal: Pose, side: Side, aside_m: f64, forward_m: f64) -> Manoeuvre {
    let turn = (1.0 - aside_m / (2.0 * car.radius_m)).clamp(-1.0, 1.0).acos();
    let arc = turn * car.radius_m;
    let bend = side.sign() / car.radius_m;
    // In time: the tail swings to the kerb, then the nose.
    let pieces = vec![
        Piece { length_m: -arc, curvature: bend },
        Piece { length_m: -arc, curvature: -bend },
        Piece { length_m: forward_m, curvature: 0.0 },
    ];
    let start = pieces.iter().rev().fold(goal, |pose, piece| pose.after(-piece.length_m, piece.curvature));
    Manoeuvre { start, pieces }
}

/// A car on its manoeuvre.
#[derive(Clone, Debug, PartialEq)]
pub struct Parking {
    car: Car,
    manoeuvre: Manoeuvre,
    /// Pace, m/s.
    speed_mps: f64,
    pose: Pose,
    piece: usize,
    along_m: f64,
    /// Time left to change direction or steering, seconds.
    pause_s: f64,
}

/// Turning the wheels on the spot takes so long, seconds.
const STEER_S: f64 = 1.5;

impl Parking {
    /// Begins where the manoeuvre begins.
    #[must_use]
    pub fn new(car: Car, manoeuvre: Manoeuvre, speed_mps: f64) -> Self {
        let pose = manoeuvre.start;
        Self { car, manoeuvre, speed_mps, pose, piece: 0, along_m: 0.0, pause_s: STEER_S }
    }

    /// Parked.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.piece == self.manoeuvre.pieces.len()
    }

    /// Where the rear axle is.
    #[must_use]
    pub fn pose(&self) -> Pose {
        self.pose
    }

    /// Moves on by `dt` seconds.
    pub fn step(&mut self, dt: f64) {
        if self.pause_s > 0.0 {
            self.pause_s -= dt;
            return;
        }
        let Some(piece) = self.manoeuvre.pieces.get(self.piece) else { return };
        let left = piece.length_m.abs() - self.along_m;
        let step = (self.speed_mps * dt).min(left);
        self.pose = self.pose.after(step * piece.length_m.signum(), piece.curvature);
        self.along_m += step;
        if left - step <= 1e-12 {
            (self.piece, self.along_m, self.pause_s) = (self.piece + 1, 0.0, STEER_S);
        }
    }

    /// The true state.
    #[must_use]
    pub fn body(&self, id: ActorId) -> Body {
        let piece = self.manoeuvre.pieces.get(self.piece).filter(|_| self.pause_s <= 0.0);
        let (speed, curvature) = piece.map_or((0.0, 0.0), |p| (self.speed_mps * p.length_m.signum(), p.curvature));
        self.car.body(id, self.pose, speed, curvature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parked(pose: Pose) -> Body {
        Car::default().body(9, pose, 0.0, 0.0)
    }

    fn park(manoeuvre: &Manoeuvre, goal: Pose, others: &[Body]) {
        let mut parking = Parking::new(Car::default(), manoeuvre.clone(), 1.0);
        let mut steps = 0;
        while !parking.is_done() {
            parking.step(0.05);
            steps += 1;
            let body = parking.body(1);
            for other in others {
                assert!(!body.touches(other), "step {steps}: {:?} {other:?}", parking.pose());
            }
            assert!(steps < 2000);
        }
        let end = parking.pose();
        let turn = end.yaw - goal.yaw;
        assert!(
            (end.place - goal.place).norm() < 1e-9 && turn.sin().abs() < 1e-9 && turn.cos() > 0.0,
            "{end:?} {goal:?}"
        );
    }

    #[test]
    fn backwards_into_a_bay_between_two_cars() {
        for side in [Side::Right, Side::Left] {
            // The way leads east; the bays are south of it (right) or north (left), and cars look out to the way.
            let out = if side == Side::Right { std::f64::consts::FRAC_PI_2 } else { -std::f64::consts::FRAC_PI_2 };
            let at = |x: f64| Pose { place: Point2::new(x, 0.0), yaw: out };
            let manoeuvre = perpendicular(&Car::default(), at(0.0), side, 3.0);
            let east = manoeuvre.start.yaw.sin().abs() < 1e-9 && manoeuvre.start.yaw.cos() > 0.0;
            assert!(east, "it starts along the way: {:?}", manoeuvre.start);
            park(&manoeuvre, at(0.0), &[parked(at(-2.5)), parked(at(2.5))]);
        }
    }

    #[test]
    fn backwards_to_the_kerb_between_two_cars() {
        for side in [Side::Right, Side::Left] {
            let at = |x: f64| Pose { place: Point2::new(x, 0.0), yaw: 0.0 };
            let manoeuvre = parallel(&Car::default(), at(0.0), side, 2.4, 0.7);
            let aside = manoeuvre.start.place.y * -side.sign();
            assert!((aside - 2.4).abs() < 1e-9 && manoeuvre.start.yaw.abs() < 1e-9, "{:?}", manoeuvre.start);
            assert!(manoeuvre.pieces.iter().all(|p| p.curvature.abs() <= 1.0 / 4.5 + 1e-12));
            // A bay of one and a half cars.
            park(&manoeuvre, at(0.0), &[parked(at(-5.75)), parked(at(6.1))]);
        }
    }
}
