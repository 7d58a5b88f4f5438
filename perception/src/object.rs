//! The nouns of perception: what one frame shows ([`Detection`]), where that is ([`Placed`]), and one road user over time
//! ([`Track`]).

use std::fmt;

use calibration::Timestamp;
use nalgebra::{Matrix2, Matrix4, Point3, Vector2, Vector3};
use serde::{Deserialize, Serialize};

use crate::free_space::FreeSpace;

/// Name of a sensor: `[a-z0-9-]{1,16}`, the same in configuration, metrics, recording and page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SensorId(pub String);

/// Name of a roadside unit: `[a-z0-9-]{1,16}`, unique in its corridor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitId(pub String);

impl fmt::Display for SensorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of road user.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Not known.
    #[default]
    Unknown,
    /// Passenger car or van.
    Car,
    /// Truck, container truck, yard AGV.
    Truck,
    /// Bus.
    Bus,
    /// Motorcycle or moped.
    Motorcycle,
    /// Bicycle or e-bike with its rider.
    Bicycle,
    /// Person on foot.
    Pedestrian,
}

impl Class {
    /// Every class, in the order of their discriminants.
    pub const ALL: [Class; 7] =
        [Class::Unknown, Class::Car, Class::Truck, Class::Bus, Class::Motorcycle, Class::Bicycle, Class::Pedestrian];

    /// Vulnerable road user: on foot or on two wheels.
    #[must_use]
    pub fn is_vru(self) -> bool {
        matches!(self, Class::Motorcycle | Class::Bicycle | Class::Pedestrian)
    }

    /// Size of an ordinary member of the class, for when a sensor cannot measure it.
    #[must_use]
    pub fn usual_size(self) -> Size {
        let (length_m, width_m, height_m) = match self {
            Class::Unknown => (2.0, 1.5, 1.5),
            Class::Car => (4.6, 1.85, 1.55),
            Class::Truck => (9.0, 2.5, 3.3),
            Class::Bus => (11.5, 2.55, 3.1),
            Class::Motorcycle => (2.0, 0.8, 1.6),
            Class::Bicycle => (1.8, 0.6, 1.7),
            Class::Pedestrian => (0.5, 0.5, 1.7),
        };
        Size { length_m, width_m, height_m }
    }

    /// Lower-case name, as in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Class::Unknown => "unknown",
            Class::Car => "car",
            Class::Truck => "truck",
            Class::Bus => "bus",
            Class::Motorcycle => "motorcycle",
            Class::Bicycle => "bicycle",
            Class::Pedestrian => "pedestrian",
        }
    }
}

/// How something was seen.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sensing {
    /// Camera.
    Camera,
    /// Lidar.
    Lidar,
    /// Radar.
    Radar,
    /// The road user said so itself (BSM), or a neighbouring unit did.
    V2x,
}

/// Length, width, height in metres.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Size {
    /// Along the heading.
    pub length_m: f64,
    /// Across.
    pub width_m: f64,
    /// Up.
    pub height_m: f64,
}

/// A box in picture pixels, x right, y down.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Box2d {
    /// Left.
    pub x1: f64,
    /// Top.
    pub y1: f64,
    /// Right.
    pub x2: f64,
    /// Bottom.
    pub y2: f64,
}

/// An upright box in the sensor frame (x forward, y left, z up), metres.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Box3d {
    /// Centre of the box.
    pub centre: Point3<f64>,
    /// Size.
    pub size: Size,
    /// Direction of the length axis about z, radians; `None` when the shape does not tell.
    pub yaw: Option<f64>,
}

/// Geometry of a detection, in sensor terms.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Seen in a picture.
    Image(Box2d),
    /// Seen in space.
    Space(Box3d),
}

/// One thing in one frame, in sensor terms (ISO 23150 detection level).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// What it looks like.
    pub class: Class,
    /// How sure the detector is, 0..1.
    pub score: f32,
    /// Where in the frame.
    pub shape: Shape,
}

/// All detections of one frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detections {
    /// Which sensor saw them.
    pub sensor: SensorId,
    /// Time of validity of the frame.
    pub tov: Timestamp,
    /// What was seen; may be empty, which is a statement too.
    pub list: Vec<Detection>,
    /// Where bare ground was seen; sensors that cannot tell say nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free: Option<FreeSpace>,
}

/// One detection put on the road: a measurement in `enu` with covariance.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// What it looks like.
    pub class: Class,
    /// How sure the detector is, 0..1.
    pub score: f32,
    /// Centre of the footprint, on the ground, `enu`, metres.
    pub position: Vector3<f64>,
    /// Covariance of (east, north), m².
    pub covariance: Matrix2<f64>,
    /// Yaw in `enu` (radians, 0 = east, counter-clockwise) and its variance; modulo π when `yaw_is_axis`.
    pub yaw: Option<(f64, f64)>,
    /// The yaw is that of the length axis: front and back cannot be told apart.
    pub yaw_is_axis: bool,
    /// Velocity over ground (east, north), m/s, with covariance, when the sensor measures it.
    pub velocity: Option<(Vector2<f64>, Matrix2<f64>)>,
    /// Size, when the sensor sees it.
    pub size: Option<Size>,
    /// How it was seen.
    pub sensing: Sensing,
}

/// Identity of a road user through a whole corridor: the unit that saw it first, and that unit's running number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrackKey {
    /// The unit that gave birth to the track.
    pub unit: UnitId,
    /// Running number at that unit, from 1.
    pub serial: u64,
}

impl fmt::Display for TrackKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.unit, self.serial)
    }
}

/// One road user over time, in `enu`, with covariance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Identity.
    pub key: TrackKey,
    /// Most believed class.
    pub class: Class,
    /// Belief in each class, in the order of [`Class::ALL`], sums to 1.
    pub class_belief: [f64; 7],
    /// The moment for which the state below holds.
    pub at: Timestamp,
    /// Time of validity of the last measurement.
    pub last_seen: Timestamp,
    /// Time of validity of the first measurement.
    pub born: Timestamp,
    /// Centre of the footprint on the ground, `enu`, metres.
    pub position: Vector3<f64>,
    /// Velocity over ground (east, north), m/s.
    pub velocity: Vector2<f64>,
    /// Direction of travel (or of the body when it stands), radians, 0 = east, counter-clockwise.
    pub yaw: f64,
    /// It was seen to move forwards, so which end is the front is known; until then `yaw` may be half a turn off.
    #[serde(default)]
    pub front_known: bool,
    /// Turn rate, rad/s, counter-clockwise.
    pub yaw_rate: f64,
    /// Covariance of (east, north, v_east, v_north).
    pub covariance: Matrix4<f64>,
    /// Standard deviation of `yaw`, radians.
    pub yaw_sigma: f64,
    /// Estimated size.
    pub size: Size,
    /// Probability that it exists, 0..1.
    pub existence: f64,
    /// Confirmed: shown to the outside.
    pub confirmed: bool,
    /// What kinds of sensor have seen it during the last second.
    pub sensing: Vec<Sensing>,
}

impl Track {
    /// Speed over ground, m/s.
    #[must_use]
    pub fn speed_mps(&self) -> f64 {
        self.velocity.norm()
    }
}
