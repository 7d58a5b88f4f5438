//! Regions of SAE J2945/4: a reference point, and the area or the ways from which something ahead is approached.

use serde::{Deserialize, Serialize};

use super::place::Position;

/// A region (DF_RegionInfo). How sure its place is, is left out.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoadRegion {
    /// Where it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_point: Option<Position>,
    /// What that point is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_point_type: Option<ReferencePointType>,
    /// For people; ASCII, 1..63 characters; else refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Steps of offsets are 2^scale of the smallest, 0..15. Above: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u8>,
    /// From where one comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approach: Option<RegionArea>,
}

/// What a reference point is (DE_ReferencePointType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReferencePointType {
    /// The event begins there.
    StartOfEvent,
    /// Any point.
    Arbitrary,
}

/// From where one comes (DF_AreaType).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RegionArea {
    /// Everywhere inside, on a heading (DF_BroadRegion with DF_RSMPolygon).
    Polygon(RegionPolygon),
    /// Everywhere inside, on a heading (DF_BroadRegion with DF_Circle).
    Circle(RegionCircle),
    /// Along paths, one at least, usually at most 10 (DF_PathList).
    Paths(Vec<RegionPath>),
}

/// Inside of a polygon.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RegionPolygon {
    /// Heading, degrees clockwise from true north, 0..359. Above: refused.
    pub heading_deg: u16,
    /// How far off it may be, degrees, 0..180. Above: refused.
    pub tolerance_deg: u8,
    /// Corners, 3..63; else refused.
    pub corners: Vec<RegionPoint>,
}

/// Inside of a circle.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RegionCircle {
    /// Heading, degrees clockwise from true north, 0..359. Above: refused.
    pub heading_deg: u16,
    /// How far off it may be, degrees, 0..180. Above: refused.
    pub tolerance_deg: u8,
    /// Middle.
    pub center: Position,
    /// Radius, metres, up to 6553.5, steps of 0.1 and from 409.5 of 1, rounded up. Above: saturates; negative: refused.
    pub radius_m: f64,
}

/// A path (DF_Path).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RegionPath {
    /// Width, 0..1000, in steps of the wire, which no public source tells. Above: refused.
    pub width_steps: u16,
    /// Its points, 2 at least, usually at most 63; fewer: refused.
    pub points: Vec<RegionPoint>,
}

/// A point of a region (DF_NodePointLLE).
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RegionPoint {
    /// A place.
    Absolute(Position),
    /// An offset, as it was sent; public samples make sense when it is one from the reference point.
    Offset(RegionOffset),
}

/// An offset (DF_Offset3D) in steps of the wire; their size, 2^scale of the smallest, no public source tells for sure.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RegionOffset {
    /// North, −16384..16383. Beyond: refused.
    pub north_steps: i16,
    /// East, likewise.
    pub east_steps: i16,
    /// Upwards, −4096..4095. Beyond: refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_steps: Option<i16>,
}
