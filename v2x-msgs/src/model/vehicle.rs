//! What a vehicle or road user is, and how surely its motion is known.

use serde::{Deserialize, Serialize};

/// How sure motion values are. Each is the next coarser step the wire knows; coarser than the coarsest: not available.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MotionConfidence {
    /// Speed, m/s: 100, 10, 5, 1, 0.1, 0.05, 0.01.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f64>,
    /// Heading, degrees: 10, 5, 1, 0.1, 0.05, 0.0125, 0.01.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f64>,
    /// Steering wheel angle, degrees: 2, 1, 0.02.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steer_deg: Option<f64>,
}

/// Gear.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Transmission {
    /// Neutral.
    Neutral,
    /// Parked.
    Park,
    /// Forward.
    ForwardGears,
    /// Reverse.
    ReverseGears,
    /// Reserved value 4.
    Reserved1,
    /// Reserved value 5.
    Reserved2,
    /// Reserved value 6.
    Reserved3,
}

/// State of an aid in the vehicle.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SwitchState {
    /// Off.
    Off,
    /// On.
    On,
    /// At work right now (for auxiliary brakes: reserved value 3).
    Engaged,
}

/// Size of a vehicle or road user. A size beyond the wire's range saturates.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VehicleSize {
    /// Width, metres, up to 10.23, steps of 0.01.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width_m: Option<f64>,
    /// Length, metres, up to 40.95, steps of 0.01.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_m: Option<f64>,
    /// Height, metres, up to 6.35, steps of 0.05.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_m: Option<f64>,
}

/// What kind of vehicle it is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VehicleClass {
    /// DE_BasicVehicleClass: 0 unknown, 1 special, 10 passenger car, 20 light truck, 25 truck, 40 motorcycle,
    /// 50 transit, 60 emergency, 80 other road user; see the constants.
    pub classification: u8,
    /// DE_FuelType: 0 unknown, 1 gasoline, 2 ethanol, 3 diesel, 4 electric, 5 hybrid, 6 hydrogen, 7..9 gas. Above 15:
    /// refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fuel_type: Option<u8>,
}

impl VehicleClass {
    /// Passenger car of unknown type.
    pub const PASSENGER: u8 = 10;
    /// Light truck of unknown type.
    pub const LIGHT_TRUCK: u8 = 20;
    /// Truck of unknown type.
    pub const TRUCK: u8 = 25;
    /// Motorcycle of unknown type.
    pub const MOTORCYCLE: u8 = 40;
    /// Bus or coach of unknown type.
    pub const TRANSIT: u8 = 50;
    /// Emergency vehicle of unknown type.
    pub const EMERGENCY: u8 = 60;
    /// Other road user of unknown type.
    pub const OTHER_TRAVELER: u8 = 80;
}
