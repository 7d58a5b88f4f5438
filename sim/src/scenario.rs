//! A scenario: one TOML file that says what is on the road, which units watch it, and what is expected of them.

pub mod check;
pub mod expect;
pub mod fault;
pub mod find;
pub mod measure;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use calibration::Timestamp;
use rsu::site_map::Turn;
use serde::Deserialize;
use toml::Spanned;

use crate::actor::Kind;
use crate::actor::pace::{Change, Stop};
pub use check::Refused;
pub use expect::{Check, Expect};
pub use fault::{Fault, FaultKind};

/// A scenario, as written. Unknown keys are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// For people.
    pub title: String,
    /// Everything random comes from it.
    #[serde(default = "one")]
    pub seed: u64,
    /// Simulated seconds.
    pub for_s: Spanned<f64>,
    /// Traffic runs this long before the units are switched on, so that the road is not empty.
    #[serde(default)]
    pub warm_s: f64,
    /// Simulated moment at which the units are switched on.
    #[serde(default = "noon")]
    pub start: Timestamp,
    /// Site map to drive on, relative to this file; none: the map of the first unit.
    #[serde(default)]
    pub map: Option<Spanned<PathBuf>>,
    /// Units; only the side file of an OpenSCENARIO file may have none.
    #[serde(default)]
    pub unit: Vec<Unit>,
    /// An OpenSCENARIO file whose road users take part.
    #[serde(default)]
    pub openscenario: Option<Openscenario>,
    /// Streams of road users.
    #[serde(default)]
    pub flow: Vec<Spanned<Flow>>,
    /// Single road users.
    #[serde(default)]
    pub actor: Vec<Spanned<Actor>>,
    /// The air between antennas.
    #[serde(default)]
    pub channel: Channel,
    /// The network between units.
    #[serde(default)]
    pub link: Link,
    /// What breaks, and when.
    #[serde(default)]
    pub fault: Vec<Spanned<Fault>>,
    /// What must hold.
    #[serde(default)]
    pub expect: Vec<Spanned<Expect>>,
}

fn one() -> u64 {
    1
}

/// The simulated moment at which a run starts that says no other.
#[must_use]
pub fn noon() -> Timestamp {
    Timestamp::from_millis(1_772_510_400_000) // 2026-03-03T04:00:00Z, noon in Shanghai
}

/// An OpenSCENARIO file in a scenario of ours: its side file, with units, channel, faults and expectations.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Openscenario {
    /// The file, relative to this one.
    pub file: Spanned<PathBuf>,
    /// Where its origin lies in the frame of the scenario, metres.
    #[serde(default)]
    pub at_m: [f64; 2],
    /// Entities that carry an on-board unit.
    #[serde(default)]
    pub obu: Vec<String>,
    /// Other values for parameters of the file.
    #[serde(default)]
    pub values: BTreeMap<String, toml::Value>,
}

impl Openscenario {
    /// The values as the file would write them.
    #[must_use]
    pub fn values(&self) -> BTreeMap<String, String> {
        let word = |value: &toml::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.values.iter().map(|(name, value)| (name.trim_start_matches('$').to_owned(), word(value))).collect()
    }
}

/// One roadside unit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Its real configuration file, relative to the scenario.
    pub config: Spanned<PathBuf>,
    /// Fidelity of its sensors; `oracle`: objects with noise, occlusion and misses.
    #[serde(default)]
    pub sensors: Fidelity,
    /// How its cameras differ from usual ones ([`Sensing::camera`]).
    #[serde(default)]
    pub camera: Better,
    /// How its lidars differ from usual ones ([`Sensing::lidar`]).
    #[serde(default)]
    pub lidar: Better,
}

/// How faithfully sensors are simulated.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fidelity {
    /// Objects with noise, occlusion, misses and clutter.
    #[default]
    Oracle,
}

/// How good a kind of sensor is, detector included.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Sensing {
    /// Nothing is seen beyond this, metres.
    pub range_m: f64,
    /// Chance that something in plain view is not detected, 0..1; it grows when little of it shows.
    pub miss: f64,
    /// False detections a frame, on average.
    pub clutter: f64,
    /// Noise: pixels for a camera, metres for a lidar (one sigma).
    pub noise: f64,
    /// Chance of a wrong class.
    pub confuse: f64,
    /// From light on the sensor to detections at the station, ms: shortest and longest.
    pub latency_ms: [f64; 2],
    /// Chance that a frame is late by another 100 ms, so that it comes out of order.
    pub late: f64,
}

/// How sensors differ from usual ones; see [`Sensing`] for the figures.
#[derive(Copy, Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs)]
pub struct Better {
    pub range_m: Option<f64>,
    pub miss: Option<f64>,
    pub clutter: Option<f64>,
    pub noise: Option<f64>,
    pub confuse: Option<f64>,
    pub latency_ms: Option<[f64; 2]>,
    pub late: Option<f64>,
}

impl Better {
    /// A usual sensor with these differences.
    #[must_use]
    pub fn than(&self, usual: Sensing) -> Sensing {
        Sensing {
            range_m: self.range_m.unwrap_or(usual.range_m),
            miss: self.miss.unwrap_or(usual.miss),
            clutter: self.clutter.unwrap_or(usual.clutter),
            noise: self.noise.unwrap_or(usual.noise),
            confuse: self.confuse.unwrap_or(usual.confuse),
            latency_ms: self.latency_ms.unwrap_or(usual.latency_ms),
            late: self.late.unwrap_or(usual.late),
        }
    }
}

impl Sensing {
    /// A usual camera with a small network behind it.
    #[must_use]
    pub fn camera() -> Self {
        Self {
            range_m: 110.0,
            miss: 0.03,
            clutter: 0.01,
            noise: 1.5,
            confuse: 0.02,
            latency_ms: [35.0, 60.0],
            late: 0.005,
        }
    }

    /// A usual spinning lidar with a clustering detector behind it.
    #[must_use]
    pub fn lidar() -> Self {
        Self {
            range_m: 100.0,
            miss: 0.02,
            clutter: 0.01,
            noise: 0.08,
            confuse: 0.01,
            latency_ms: [40.0, 65.0],
            late: 0.005,
        }
    }
}

/// A stream of road users with random gaps (Poisson).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// They come in on this link of the map …
    #[serde(default)]
    pub link: Option<String>,
    /// … or cross here on foot, from both sides …
    #[serde(default)]
    pub crosswalk: Option<String>,
    /// … or follow this path.
    #[serde(default)]
    pub path: Option<Vec<[f64; 2]>>,
    /// How many an hour.
    pub per_hour: f64,
    /// Shares of kinds.
    #[serde(default)]
    pub mix: BTreeMap<Kind, f64>,
    /// Shares of turns.
    #[serde(default)]
    pub turns: Turns,
    /// Speed of those on a path or on foot.
    #[serde(default)]
    pub speed_mps: Option<f64>,
}

/// Shares of turns at a crossing.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Turns {
    /// Straight on.
    pub straight: f64,
    /// Left.
    pub left: f64,
    /// Right.
    pub right: f64,
}

impl Default for Turns {
    fn default() -> Self {
        Self { straight: 0.6, left: 0.2, right: 0.2 }
    }
}

impl Turns {
    /// Share of one turn.
    #[must_use]
    pub fn share(&self, turn: Turn) -> f64 {
        match turn {
            Turn::Straight => self.straight,
            Turn::Left => self.left,
            Turn::Right => self.right,
            Turn::UTurn => 0.0,
        }
    }
}

/// One road user. Either `lane` (it drives by the rules) or `path` (it does as drawn).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Unique name.
    pub id: String,
    /// Kind.
    pub kind: Kind,
    /// Lane to start on, `link/number`.
    #[serde(default)]
    pub lane: Option<String>,
    /// Metres along that lane.
    #[serde(default)]
    pub start_m: f64,
    /// Turn at the crossing.
    #[serde(default)]
    pub turn: Option<Turn>,
    /// Drawn path, `[east, north]` in metres; one point: it stands there.
    #[serde(default)]
    pub path: Option<Vec<[f64; 2]>>,
    /// Where a standing one looks, degrees clockwise from north.
    #[serde(default)]
    pub heading_deg: f64,
    /// Repeats the path for ever, braking for whatever is in its way.
    #[serde(default)]
    pub rounds: bool,
    /// Sets off after this.
    #[serde(default)]
    pub start_s: f64,
    /// Speed: wanted on a lane, held on a path.
    #[serde(default)]
    pub speed_mps: Option<f64>,
    /// Stops on the drawn path; the end of the path is one too.
    #[serde(default)]
    pub stops: Vec<Stop>,
    /// Changes of speed on the drawn path.
    #[serde(default)]
    pub pace: Vec<Change>,
    /// In a platoon behind this actor, on the drawn path: keeps a gap by what it sees, and a shorter one by what that actor
    /// says over the air; both need an on-board unit.
    #[serde(default)]
    pub behind: Option<String>,
    /// Time gap in the platoon while the one ahead is heard, seconds.
    #[serde(default)]
    pub gap_s: Option<f64>,
    /// Gone once it is at the end of the drawn path; else it stays there.
    #[serde(default)]
    pub leaves: bool,
    /// How it speeds up and brakes on the drawn path, m/s²; none, and no stops or changes: always at full speed.
    #[serde(default)]
    pub accel_mps2: Option<f64>,
    /// Length, when not the usual one of its kind.
    #[serde(default)]
    pub length_m: Option<f64>,
    /// Height, when not the usual one of its kind.
    #[serde(default)]
    pub height_m: Option<f64>,
    /// Carries an on-board unit: hears the units, says its BSM, and its driver heeds warnings.
    #[serde(default)]
    pub obu: bool,
    /// From warning to brake; only with `obu`.
    #[serde(default = "second")]
    pub reaction_s: f64,
}

fn second() -> f64 {
    1.0
}

/// The air between antennas.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Channel {
    /// Nothing is heard beyond this, metres.
    pub range_m: f64,
    /// Chance that a message is lost, 0..1.
    pub loss: f64,
    /// From antenna to antenna, ms: shortest and longest.
    pub delay_ms: [f64; 2],
}

impl Default for Channel {
    fn default() -> Self {
        Self { range_m: 400.0, loss: 0.02, delay_ms: [5.0, 20.0] }
    }
}

/// The network between units.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Link {
    /// From unit to unit, ms: shortest and longest.
    pub delay_ms: [f64; 2],
}

impl Default for Link {
    fn default() -> Self {
        Self { delay_ms: [1.0, 8.0] }
    }
}

/// A scenario that was read and checked, with where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The file.
    pub path: PathBuf,
    /// Name: the file's stem.
    pub name: String,
    /// What it says.
    pub scenario: Scenario,
}

impl Loaded {
    /// Reads and checks a scenario file.
    ///
    /// # Errors
    /// What is wrong, with line, column and remedy.
    pub fn read(path: &Path) -> Result<Self, Refused> {
        let text = check::read(path)?;
        Self::parse(path, &text)
    }

    /// Checks the text of a scenario file; `path` is for messages and for the files it names.
    ///
    /// # Errors
    /// What is wrong, with line, column and remedy.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Refused> {
        let scenario = check::parse(path, text)?;
        let name = path.file_stem().map_or_else(|| "scenario".to_owned(), |stem| stem.to_string_lossy().into_owned());
        Ok(Self { path: path.to_owned(), name, scenario })
    }

    /// Simulates another time than the file says.
    pub fn set_for_s(&mut self, for_s: f64) {
        let span = self.scenario.for_s.span();
        self.scenario.for_s = Spanned::new(span, for_s.max(0.02));
    }

    /// A file named in the scenario.
    #[must_use]
    pub fn file(&self, relative: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new(".")).join(relative)
    }
}
