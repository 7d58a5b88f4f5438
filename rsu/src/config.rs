//! `rsu.toml` as plain values, each default and each limit beside its field. Units are in the names. Unknown keys are errors.
//!
//! [`load()`] reads the file in three levels: *parse* (is it TOML, are keys, types and ranges known?), *rules* (do the values
//! fit together?), *files* (are map, calibrations and models there and readable?). Every complaint names file, line and
//! column. The JSON Schema of these very structs drives the first level, the reference in `docs/` and editors.

mod check;
pub mod diagnose;
mod files;
pub mod layers;
pub mod load;
pub mod reference;
pub mod schema;
pub mod secret;
mod sensors;
mod services;
mod shape;
mod signal;
pub mod tree;

use std::collections::BTreeMap;
use std::path::PathBuf;

use perception::UnitId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use v2x_msgs::Profile;

pub use diagnose::{Complaint, Severity};
pub use layers::Overrides;
pub use load::{inspect, load, load_with};
pub use sensors::{Camera, Detector, Lidar};
pub use services::{Rate, Rsi, RsiCodes, Services};
pub use shape::is_id;
pub use signal::{Signal, SignalGroupPlan, SignalPlan, SignalProtocol};

/// One roadside unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where and who.
    pub site: Site,
    /// The unit's clock.
    #[serde(default)]
    pub time: Time,
    /// Cameras.
    #[serde(default)]
    #[schemars(length(max = 16))]
    pub camera: Vec<Camera>,
    /// Lidars.
    #[serde(default)]
    #[schemars(length(max = 8))]
    pub lidar: Vec<Lidar>,
    /// Detectors by name.
    #[serde(default)]
    pub detector: BTreeMap<String, Detector>,
    /// Tracking.
    #[serde(default)]
    pub tracking: Tracking,
    /// Where signal states come from.
    #[serde(default)]
    pub signal: Signal,
    /// What the unit says, how often.
    #[serde(default)]
    pub services: Services,
    /// Radios.
    #[serde(default)]
    #[schemars(length(max = 8))]
    pub radio: Vec<Radio>,
    /// zenoh.
    #[serde(default)]
    pub corridor_link: CorridorLink,
    /// Latency budget, photon to antenna.
    #[serde(default)]
    pub budget: Budget,
    /// Recording.
    #[serde(default)]
    pub record: Record,
    /// The page.
    #[serde(default)]
    pub web: Web,
    /// Log.
    #[serde(default)]
    pub log: Log,
}

impl Config {
    /// A unit with a name and a place and nothing else: every default, no sensor, no radio.
    #[must_use]
    pub fn bare(id: UnitId, origin: Origin) -> Self {
        Self {
            site: Site {
                id,
                origin,
                name: String::new(),
                corridor: default_corridor(),
                dialect: Profile::default(),
                map: None,
                ground: Ground::default(),
            },
            time: Time::default(),
            camera: Vec::new(),
            lidar: Vec::new(),
            detector: BTreeMap::new(),
            tracking: Tracking::default(),
            signal: Signal::default(),
            services: Services::default(),
            radio: Vec::new(),
            corridor_link: CorridorLink::default(),
            budget: Budget::default(),
            record: Record::default(),
            web: Web::default(),
            log: Log::default(),
        }
    }
}

/// Where and who the unit is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Unique in the corridor, `[a-z0-9-]{1,16}`; goes on air as the unit's id.
    #[schemars(with = "String", extend("format" = "id"))]
    #[schemars(extend("examples" = ["x01"]))]
    pub id: UnitId,
    /// For people.
    #[serde(default)]
    #[schemars(length(max = 63))]
    pub name: String,
    /// Name of the corridor, `[a-z0-9-]{1,16}`.
    #[serde(default = "default_corridor")]
    #[schemars(extend("format" = "id"))]
    pub corridor: String,
    /// WGS-84 origin of the `enu` frame.
    #[schemars(extend("examples" = ["{ lat_deg = 31.2841560, lon_deg = 121.5032100, alt_m = 4.2 }"]))]
    pub origin: Origin,
    /// Message set and edition on air.
    #[serde(default)]
    #[schemars(with = "String", extend("enum" = ["csae53-2020", "ydt3709-2020", "csae157-2020", "j2735-2024"]))]
    pub dialect: Profile,
    /// Site map file (see [`crate::site_map`]), relative to this file.
    #[serde(default)]
    pub map: Option<PathBuf>,
    /// The road as a plane: where pixels of cameras meet it.
    #[serde(default)]
    pub ground: Ground,
}

/// Height of the road: `height_m + slope_east * east + slope_north * north`, in `enu`.
#[derive(Copy, Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ground {
    /// Height at the origin, metres.
    #[schemars(range(min = -100.0, max = 100.0))]
    pub height_m: f64,
    /// Rise towards east, metres a metre.
    #[schemars(range(min = -0.2, max = 0.2))]
    pub slope_east: f64,
    /// Rise towards north, metres a metre.
    #[schemars(range(min = -0.2, max = 0.2))]
    pub slope_north: f64,
}

fn default_corridor() -> String {
    "local".into()
}

/// WGS-84 point.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Latitude, degrees north.
    #[schemars(range(min = -90.0, max = 90.0))]
    #[schemars(extend("examples" = [31.2841560]))]
    pub lat_deg: f64,
    /// Longitude, degrees east.
    #[schemars(range(min = -180.0, max = 180.0))]
    #[schemars(extend("examples" = [121.5032100]))]
    pub lon_deg: f64,
    /// Height above the ellipsoid, metres.
    #[serde(default)]
    #[schemars(range(min = -500.0, max = 9000.0))]
    pub alt_m: f64,
}

/// The unit's clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Time {
    /// `gnss-pps`, `ptp`, `ntp` or `system`.
    #[schemars(extend("enum" = ["gnss-pps", "ptp", "ntp", "system"]))]
    pub source: String,
    /// Above this offset the unit is silent.
    #[schemars(range(min = 0.1, max = 1000.0))]
    pub max_offset_ms: f64,
}

impl Default for Time {
    fn default() -> Self {
        Self { source: "system".into(), max_offset_ms: 5.0 }
    }
}

/// Tracking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tracking {
    /// Hits before a track is shown.
    #[schemars(range(min = 1, max = 20))]
    pub confirm_hits: u32,
    /// A track not seen for this long dies.
    #[schemars(range(min = 50, max = 10000))]
    pub coast_ms: u32,
    /// Frames up to this late are re-applied in order; later ones are counted and dropped.
    #[schemars(range(min = 0, max = 2000))]
    pub reorder_ms: u32,
    /// Tracks farther than this from the origin are dropped.
    #[schemars(range(min = 10.0, max = 2000.0))]
    pub region_m: f64,
}

impl Default for Tracking {
    fn default() -> Self {
        Self { confirm_hits: 3, coast_ms: 600, reorder_ms: 300, region_m: 250.0 }
    }
}

/// One radio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Radio {
    /// Name.
    #[schemars(extend("format" = "id"))]
    #[schemars(extend("examples" = ["pc5"]))]
    pub id: String,
    /// How to reach it.
    #[schemars(extend("examples" = ["immediate-forward"]))]
    pub kind: RadioKind,
    /// `host:port`.
    #[schemars(extend("examples" = ["10.20.1.50:1516"]))]
    pub address: String,
    /// Listen here for what the radio hears (`host:port`); none: send only.
    #[serde(default)]
    pub listen: Option<String>,
    /// Which messages go out here.
    #[serde(default = "default_radio_messages")]
    #[schemars(extend("items" = {"type": "string", "enum": ["rsm", "spat", "map", "rsi"]}))]
    pub messages: Vec<String>,
}

fn default_radio_messages() -> Vec<String> {
    ["rsm", "spat", "map", "rsi"].map(String::from).to_vec()
}

/// Kind of radio.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RadioKind {
    /// Bare UPER bytes, one message a UDP datagram.
    Udp,
    /// DSMP frames of YD/T 3707-2020, one a UDP datagram: what a PC5 radio takes as a non-IP unit.
    Dsmp,
    /// RSU 4.1 immediate forward: a text block with the bytes in hex, over UDP.
    ImmediateForward,
}

/// zenoh.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CorridorLink {
    /// `peer`, `client` or `off`.
    #[schemars(extend("enum" = ["peer", "client", "off"]))]
    pub mode: String,
    /// Endpoints to connect to, such as `tcp/10.20.0.1:7447`.
    #[schemars(length(max = 64))]
    pub connect: Vec<String>,
    /// Endpoints to listen on.
    #[schemars(length(max = 16))]
    pub listen: Vec<String>,
    /// Find neighbours by multicast on the local network.
    pub scouting: bool,
    /// Tracks this near a neighbour's region are shared.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub share_m: f64,
    /// A unit not heard for this long is lost.
    #[schemars(range(min = 200, max = 60000))]
    pub lease_ms: u32,
}

impl Default for CorridorLink {
    fn default() -> Self {
        Self {
            mode: "peer".into(),
            connect: Vec::new(),
            listen: Vec::new(),
            scouting: false,
            share_m: 80.0,
            lease_ms: 2000,
        }
    }
}

/// Latency budget, photon to antenna; a miss is counted and shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// Light to frame in memory.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub capture_ms: f64,
    /// Frame to detections.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub detect_ms: f64,
    /// Detections to world.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub fuse_ms: f64,
    /// World to bytes.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub encode_ms: f64,
    /// Bytes to antenna.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub send_ms: f64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { capture_ms: 40.0, detect_ms: 45.0, fuse_ms: 5.0, encode_ms: 5.0, send_ms: 5.0 }
    }
}

impl Budget {
    /// The whole budget.
    #[must_use]
    pub fn total_ms(&self) -> f64 {
        self.capture_ms + self.detect_ms + self.fuse_ms + self.encode_ms + self.send_ms
    }
}

/// Recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Record {
    /// Folder for recordings.
    pub dir: PathBuf,
    /// `always` or `off`.
    #[schemars(extend("enum" = ["always", "off"]))]
    pub trigger: String,
    /// Oldest recordings are deleted above this.
    #[schemars(range(min = 10, max = 10000000))]
    pub max_mb: u64,
}

impl Default for Record {
    fn default() -> Self {
        Self { dir: "out/rec".into(), trigger: "off".into(), max_mb: 2000 }
    }
}

/// The page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Web {
    /// Where the page, the API and the metrics are served; anything but loopback needs `token`.
    pub listen: String,
    /// `file:PATH` or `env:NAME`.
    pub token: Option<String>,
}

impl Default for Web {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8080".into(), token: None }
    }
}

/// Log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`.
    #[schemars(extend("enum" = ["error", "warn", "info", "debug"]))]
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into() }
    }
}
