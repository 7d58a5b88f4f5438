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
mod shape;
pub mod tree;

use std::collections::BTreeMap;
use std::path::PathBuf;

use perception::{SensorId, UnitId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use v2x_msgs::Profile;

pub use diagnose::{Complaint, Severity};
pub use layers::Overrides;
pub use load::{inspect, load, load_with};
pub use shape::is_id;

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

/// One camera.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    /// Name.
    #[schemars(with = "String", extend("format" = "id"))]
    #[schemars(extend("examples" = ["north"]))]
    pub id: SensorId,
    /// `rtsp://…`, a video file, a folder of pictures, or `sim:` (fed by the simulator).
    #[schemars(extend("examples" = ["rtsp://10.20.1.11/stream1"]))]
    pub url: String,
    /// `user:password` of the camera: `file:PATH` or `env:NAME`.
    #[serde(default)]
    pub secret: Option<String>,
    /// Calibration file. Without one the camera's detections cannot be placed and the unit stays silent.
    #[serde(default)]
    pub calibration: Option<PathBuf>,
    /// Name of a `[detector.NAME]` table.
    #[serde(default)]
    pub detector: Option<String>,
    /// Frames used per second.
    #[serde(default = "default_rate_hz")]
    #[schemars(range(min = 0.1, max = 120.0))]
    pub rate_hz: f64,
}

/// One lidar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lidar {
    /// Name.
    #[schemars(with = "String", extend("format" = "id"))]
    #[schemars(extend("examples" = ["mast"]))]
    pub id: SensorId,
    /// UDP address to listen on; or give `url`.
    #[serde(default)]
    pub listen: Option<String>,
    /// A file (.pcap, .pcd, .bin), a folder of them, or `sim:`; or give `listen`.
    #[serde(default)]
    pub url: Option<String>,
    /// Packet format: `vlp16`.
    #[serde(default = "default_lidar_model")]
    #[schemars(extend("enum" = ["vlp16"]))]
    pub model: String,
    /// Vertical and azimuth corrections of the lasers.
    #[serde(default)]
    pub angles: Option<PathBuf>,
    /// Calibration file.
    #[serde(default)]
    pub calibration: Option<PathBuf>,
    /// Name of a `[detector.NAME]` table; without one the built-in clustering is used.
    #[serde(default)]
    pub detector: Option<String>,
    /// Sweeps per second.
    #[serde(default = "default_rate_hz")]
    #[schemars(range(min = 0.1, max = 120.0))]
    pub rate_hz: f64,
}

fn default_rate_hz() -> f64 {
    10.0
}

fn default_lidar_model() -> String {
    "vlp16".into()
}

/// A detector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Detector {
    /// Model descriptor (`perception/models/*.toml`); absent for clustering.
    #[serde(default)]
    pub model: Option<PathBuf>,
    /// `auto` (ONNX Runtime, else rten), `ort` or `rten`.
    #[serde(default = "default_engine")]
    #[schemars(extend("enum" = ["auto", "ort", "rten"]))]
    pub engine: String,
    /// Overrides the descriptor's score threshold.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_score: Option<f32>,
}

fn default_engine() -> String {
    "auto".into()
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

/// Where signal states come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Signal {
    /// `none` or `plan`.
    pub protocol: SignalProtocol,
    /// The fixed-time plan of `protocol = "plan"`.
    pub plan: Option<SignalPlan>,
}

/// Source of signal states.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SignalProtocol {
    /// No signals here.
    #[default]
    None,
    /// A fixed-time plan given in this file, in step with UTC.
    Plan,
}

/// A fixed-time plan: cycles start at UTC midnight plus `offset_s`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalPlan {
    /// Length of the cycle.
    #[schemars(range(min = 5.0, max = 600.0))]
    #[schemars(extend("examples" = [90]))]
    pub cycle_s: f64,
    /// Start of the cycle after UTC midnight.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 86400.0))]
    pub offset_s: f64,
    /// One line a signal group.
    #[schemars(length(min = 1, max = 64))]
    #[schemars(extend("examples" = ["[{ id = 1, green_from_s = 0, green_s = 30 }]"]))]
    pub group: Vec<SignalGroupPlan>,
}

/// One signal group in a plan: red unless said otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalGroupPlan {
    /// Signal group (phase id) of the site map, 1..255.
    #[schemars(range(min = 1, max = 255))]
    #[schemars(extend("examples" = [1]))]
    pub id: u8,
    /// Green begins this long after the start of the cycle.
    #[schemars(range(min = 0.0, max = 600.0))]
    #[schemars(extend("examples" = [0]))]
    pub green_from_s: f64,
    /// Length of green.
    #[schemars(range(min = 0.1, max = 600.0))]
    #[schemars(extend("examples" = [30]))]
    pub green_s: f64,
    /// Length of yellow after green; 0 for pedestrian groups.
    #[serde(default = "default_yellow_s")]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub yellow_s: f64,
}

fn default_yellow_s() -> f64 {
    3.0
}

/// What the unit says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Services {
    /// Road users.
    pub rsm: Rate,
    /// Signals.
    pub spat: Rate,
    /// The map.
    pub map: Rate,
    /// Warnings.
    pub rsi: Rsi,
}

impl Default for Services {
    fn default() -> Self {
        Self {
            rsm: Rate { rate_hz: 10.0 },
            spat: Rate { rate_hz: 10.0 },
            map: Rate { rate_hz: 1.0 },
            rsi: Rsi::default(),
        }
    }
}

/// How often a message is sent; 0 switches it off.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Messages per second.
    #[schemars(range(min = 0.0, max = 50.0))]
    #[schemars(extend("examples" = [10]))]
    pub rate_hz: f64,
}

/// Warnings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rsi {
    /// Repetitions per second while a warning is active.
    #[schemars(range(min = 0.0, max = 50.0))]
    pub rate_hz: f64,
    /// Which: `pedestrian-on-road`, `stopped-vehicle`, `wrong-way`.
    #[schemars(extend("items" = {"type": "string", "enum": ["pedestrian-on-road", "stopped-vehicle", "wrong-way"]}))]
    pub events: Vec<String>,
    /// The number that each event has on the wire.
    pub codes: RsiCodes,
}

impl Default for Rsi {
    fn default() -> Self {
        let events = ["pedestrian-on-road", "stopped-vehicle", "wrong-way"].map(String::from).to_vec();
        Self { rate_hz: 1.0, events, codes: RsiCodes::default() }
    }
}

/// Event numbers of RSI. GB/T 29100-2012 codes traffic events; its text was not at hand, so the defaults are those used in
/// the field: compare them with what the vehicles of your site expect.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RsiCodes {
    /// People on the carriageway.
    #[schemars(range(min = 0, max = 65535))]
    pub pedestrian_on_road: u16,
    /// A vehicle stands where none should.
    #[schemars(range(min = 0, max = 65535))]
    pub stopped_vehicle: u16,
    /// A vehicle drives against the direction of travel.
    #[schemars(range(min = 0, max = 65535))]
    pub wrong_way: u16,
}

impl Default for RsiCodes {
    fn default() -> Self {
        Self { pedestrian_on_road: 405, stopped_vehicle: 412, wrong_way: 904 }
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
