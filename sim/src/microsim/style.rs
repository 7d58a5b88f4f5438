//! How a kind of vehicle drives: size, class, and the parameters of its following and lane-change models.

use perception::Size;

use super::following::Model;
use crate::actor::Kind;

/// Class of a road user, for the permissions of lanes and for the right of way.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Passenger car or van.
    Car,
    /// Truck without trailer.
    Truck,
    /// Tractor with semi-trailer.
    Trailer,
    /// Bus.
    Bus,
    /// Ambulance, fire engine, police on duty: everybody makes way.
    Emergency,
    /// Motorcycle.
    Motorcycle,
    /// Bicycle.
    Bicycle,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 7] =
        [Self::Car, Self::Truck, Self::Trailer, Self::Bus, Self::Emergency, Self::Motorcycle, Self::Bicycle];

    /// Its bit in [`super::network::Classes`].
    #[must_use]
    pub fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The kind that bodies of this class have.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Car => Kind::Car,
            Self::Emergency => Kind::Van,
            Self::Truck | Self::Trailer => Kind::Truck,
            Self::Bus => Kind::Bus,
            Self::Motorcycle => Kind::Motorcycle,
            Self::Bicycle => Kind::Bicycle,
        }
    }
}

/// A type of vehicle.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    /// Name.
    pub name: String,
    /// Class.
    pub class: Class,
    /// Length with trailer, width and height, metres.
    pub size: Size,
    /// Part of the length that the trailer takes, behind the kingpin; 0 without one, metres.
    pub trailer_m: f64,
    /// Free space before it when it stands, metres.
    pub min_gap_m: f64,
    /// Highest speed, m/s.
    pub max_speed_mps: f64,
    /// Mean and deviation of the wanted share of the speed limit.
    pub speed_factor: [f64; 2],
    /// Acceleration it uses, m/s².
    pub accel: f64,
    /// Deceleration it likes, m/s².
    pub decel: f64,
    /// Deceleration it can, m/s².
    pub emergency_decel: f64,
    /// Time it keeps to the one ahead, seconds.
    pub headway_s: f64,
    /// How it follows.
    pub model: Model,
    /// How much the others' loss counts in a lane change, 0..1 (MOBIL).
    pub politeness: f64,
    /// Gain that is worth a lane change, m/s² (MOBIL).
    pub change_gain: f64,
    /// Time a vehicle may stand at a place that gives way before it is called stuck, seconds.
    pub patience_s: f64,
}

impl Style {
    /// A usual vehicle of the class; the figures are SUMO's defaults for the matching class, so that both can be compared.
    #[must_use]
    pub fn of(class: Class) -> Self {
        let (length_m, width_m, height_m, trailer_m) = match class {
            Class::Car => (5.0, 1.8, 1.5, 0.0),
            Class::Truck => (7.1, 2.4, 2.4, 0.0),
            Class::Trailer => (16.5, 2.55, 4.0, 12.3),
            Class::Bus => (12.0, 2.5, 3.4, 0.0),
            Class::Emergency => (6.5, 2.16, 2.86, 0.0),
            Class::Motorcycle => (2.2, 0.9, 1.5, 0.0),
            Class::Bicycle => (1.6, 0.65, 1.7, 0.0),
        };
        let (accel, decel, emergency_decel, max_speed_mps) = match class {
            Class::Car | Class::Emergency => (2.6, 4.5, 9.0, 55.6),
            Class::Truck => (1.3, 4.0, 7.0, 36.1),
            Class::Trailer => (1.0, 4.0, 7.0, 36.1),
            Class::Bus => (1.2, 4.0, 7.0, 23.6),
            Class::Motorcycle => (6.0, 10.0, 10.0, 55.6),
            Class::Bicycle => (1.2, 3.0, 7.0, 5.6),
        };
        Self {
            name: format!("{class:?}").to_lowercase(),
            class,
            size: Size { length_m, width_m, height_m },
            trailer_m,
            min_gap_m: if class == Class::Bicycle { 0.5 } else { 2.5 },
            max_speed_mps,
            speed_factor: [1.0, 0.1],
            accel,
            decel,
            emergency_decel,
            headway_s: 1.0,
            model: Model::Idm,
            politeness: 0.3,
            change_gain: 0.2,
            patience_s: 300.0,
        }
    }

    /// The same with another way of following.
    #[must_use]
    pub fn with_model(mut self, model: Model) -> Self {
        self.model = model;
        self
    }
}
