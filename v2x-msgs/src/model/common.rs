//! What several messages share: identity, position, accuracy, motion confidence, vehicle size and class.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Identity on air, always 8 octets (T/CSAE 53-2020: `id`): a unit's id or a vehicle's temporary id.
/// In JSON and in text: 16 hexadecimal digits.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StationId(pub [u8; 8]);

impl StationId {
    /// The id of a unit named in ASCII, filled up with zero octets; `None` when the name is empty, longer than 8 octets
    /// or not ASCII.
    ///
    /// ```
    /// let id = v2x_msgs::model::StationId::from_name("x01").unwrap();
    /// assert_eq!(id.to_string(), "7830310000000000");
    /// assert_eq!(id.name(), Some("x01"));
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<StationId> {
        if name.is_empty() || name.len() > 8 || !name.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let mut id = [0; 8];
        for (octet, byte) in id.iter_mut().zip(name.bytes()) {
            *octet = byte;
        }
        Some(StationId(id))
    }

    /// The name in it, when it reads as an ASCII name filled up with zero octets.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let end = self.0.iter().position(|b| *b == 0).unwrap_or(8);
        let (name, rest) = self.0.split_at(end);
        let readable = !name.is_empty() && name.iter().all(u8::is_ascii_graphic) && rest.iter().all(|b| *b == 0);
        readable.then(|| std::str::from_utf8(name).ok()).flatten()
    }
}

impl fmt::Display for StationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for StationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StationId({self})")
    }
}

impl From<StationId> for String {
    fn from(id: StationId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for StationId {
    type Error = String;

    fn try_from(text: String) -> Result<StationId, String> {
        let octets = crate::hex::from_hex(&text).map_err(|e| e.to_string())?;
        let id = <[u8; 8]>::try_from(octets.as_slice())
            .map_err(|_| format!("an id has 16 hexadecimal digits, this has {}", text.len()))?;
        Ok(StationId(id))
    }
}

/// A place, WGS-84.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Latitude, degrees, ±90, steps of 1e-7. Out of range: refused.
    pub lat_deg: f64,
    /// Longitude, degrees, −180 (excluded) to 180, steps of 1e-7. Out of range: refused.
    pub lon_deg: f64,
    /// Height above the ellipsoid, metres, −409.5..6143.9, steps of 0.1. Saturates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elevation_m: Option<f64>,
}

impl Position {
    /// A place without height.
    #[must_use]
    pub fn new(lat_deg: f64, lon_deg: f64) -> Position {
        Position { lat_deg, lon_deg, elevation_m: None }
    }

    /// A place with height above the ellipsoid, metres.
    #[must_use]
    pub fn with_elevation(lat_deg: f64, lon_deg: f64, elevation_m: f64) -> Position {
        Position { lat_deg, lon_deg, elevation_m: Some(elevation_m) }
    }
}

/// How sure a position is: half-width of the interval that holds the true place in 95 % of cases. The wire knows steps
/// (500 m … 1 cm); the next coarser step is sent; beyond 500 m: not available.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionConfidence {
    /// Horizontal, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos_m: Option<f64>,
    /// Vertical, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elevation_m: Option<f64>,
}

/// Error ellipse of a position.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionAccuracy {
    /// Semi-major axis, one standard deviation, metres, steps of 0.05. Saturates at 12.7 ("or worse").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub semi_major_m: Option<f64>,
    /// Semi-minor axis, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub semi_minor_m: Option<f64>,
    /// Direction of the semi-major axis, degrees clockwise from north. Taken modulo 360.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orientation_deg: Option<f64>,
}

/// How sure motion values are. Each is the next coarser step the wire knows; coarser than the coarsest: not available.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
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

/// A node of the road network (DF_NodeReferenceID).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeId {
    /// Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<u16>,
    /// Number in the region.
    pub id: u16,
}

impl NodeId {
    /// A node in a region.
    #[must_use]
    pub fn new(region: u16, id: u16) -> NodeId {
        NodeId { region: Some(region), id }
    }
}

/// Words for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Description {
    /// ASCII text, 1..512 characters; else refused.
    TextString(String),
    /// GB 2312 octets, 2..512 of them, in JSON as hexadecimal digits; else refused.
    #[serde(rename = "text_gb2312")]
    TextGb2312(#[serde(with = "crate::hex::as_text")] Vec<u8>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_nine_letters_is_no_station_id() {
        assert_eq!(StationId::from_name("crossing9"), None);
        assert_eq!(StationId::from_name(""), None);
        assert_eq!(StationId::from_name("kreuz\u{fc}"), None);
        assert_eq!(
            StationId::from_name("crossing").and_then(|id| id.name().map(str::to_owned)),
            Some("crossing".into())
        );
    }

    #[test]
    fn a_station_id_reads_back_from_its_text() {
        let id = StationId([1, 2, 3, 0xfe, 0, 0, 7, 8]);
        assert_eq!(StationId::try_from(id.to_string()), Ok(id));
        assert_eq!(id.name(), None);
        assert!(StationId::try_from("0102".to_owned()).is_err());
        assert!(StationId::try_from("zz02030405060708".to_owned()).is_err());
    }
}
