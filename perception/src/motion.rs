//! What is assumed about how each kind of road user moves.

use crate::object::Class;

/// How a kind of road user moves.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Motion {
    /// Turn rate is estimated (coordinated turn); else it is zero (constant velocity).
    pub turns: bool,
    /// White noise of acceleration along the body, m²/s³.
    pub along: f64,
    /// White noise of acceleration across the body, m²/s³.
    pub across: f64,
    /// Spread of turn rates in the long run, rad/s.
    pub turn_sigma: f64,
    /// Time after which a turn is forgotten, s.
    pub turn_memory_s: f64,
    /// White noise of body yaw, rad²/s.
    pub yaw: f64,
    /// Standard deviation of the speed across the body, m/s, at standstill; it grows by 5 % of the speed.
    pub slip: f64,
    /// Standard deviation of each velocity component of somebody seen for the first time, m/s.
    pub first_speed: f64,
}

impl Motion {
    /// What is assumed of a class.
    #[must_use]
    pub fn of(class: Class) -> Self {
        let vehicle = Self {
            turns: true,
            along: 1.5,
            across: 0.3,
            turn_sigma: 0.35,
            turn_memory_s: 2.0,
            yaw: 2e-3,
            slip: 0.3,
            first_speed: 9.0,
        };
        match class {
            Class::Car => vehicle,
            Class::Truck | Class::Bus => Self { along: 1.0, turn_sigma: 0.25, ..vehicle },
            Class::Motorcycle => Self { along: 4.0, across: 0.5, yaw: 1e-2, ..vehicle },
            Class::Bicycle => Self { along: 1.0, across: 0.3, turn_sigma: 0.5, yaw: 2e-2, first_speed: 4.0, ..vehicle },
            Class::Pedestrian => {
                Self { turns: false, along: 0.3, across: 0.3, yaw: 0.2, slip: 0.5, first_speed: 1.5, ..vehicle }
            }
            Class::Unknown => Self { turns: false, along: 3.0, across: 3.0, yaw: 0.1, slip: 1.0, ..vehicle },
        }
    }
}
