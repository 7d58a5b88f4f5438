//! A scenario: one TOML file that says what is on the road, which units watch it, and what is expected of them.

pub mod actor;
pub mod check;
pub mod expect;
pub mod fault;
pub mod find;
pub mod measure;
pub mod sensing;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use calibration::Timestamp;
use rsu::site_map::Turn;
use serde::Deserialize;
use toml::Spanned;

use crate::actor::Kind;
pub use actor::{Actor, Bay, Dock, Gate, Park, Priority, Trailer};
pub use check::Refused;
pub use expect::{Check, Expect};
pub use fault::{Fault, FaultKind};
pub use sensing::{Better, Fidelity, Sensing};

/// A scenario, as written. Unknown keys are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// For people.
    pub title: String,
    /// What it belongs to, for `rsu-sim list --tag`: clauses of standards, applications, topics.
    #[serde(default)]
    pub tags: Vec<String>,
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
    /// Traffic on a lane network of SUMO.
    #[serde(default)]
    pub traffic: Option<Traffic>,
    /// Gates.
    #[serde(default)]
    pub gate: Vec<Spanned<Gate>>,
    /// Docks.
    #[serde(default)]
    pub dock: Vec<Spanned<Dock>>,
    /// Parking bays.
    #[serde(default)]
    pub bay: Vec<Spanned<Bay>>,
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

impl Scenario {
    /// One of its tags contains `text`, in any case.
    #[must_use]
    pub fn is_tagged(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.tags.iter().any(|tag| tag.to_lowercase().contains(&text))
    }
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

/// Traffic on a lane network: it follows, changes lanes and gives way there, and is seen by the units like everybody else.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// SUMO's network, relative to this file.
    pub net: Spanned<PathBuf>,
    /// SUMO's demand.
    pub routes: Vec<PathBuf>,
    /// Where the network's origin lies in the frame of the scenario, metres.
    #[serde(default)]
    pub at_m: [f64; 2],
    /// Duration of a lane change, seconds.
    #[serde(default = "change_s")]
    pub change_s: f64,
    /// Vehicles, as named in the demand, that carry an on-board unit.
    #[serde(default)]
    pub obu: Vec<String>,
}

fn change_s() -> f64 {
    3.0
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
    /// Its signal controller grants priority to who asks for it.
    #[serde(default)]
    pub priority: Option<Grants>,
}

/// How a signal controller grants priority.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Grants {
    /// Every green lasts at least so long, seconds.
    pub min_green_s: f64,
    /// From yellow's end to a conflicting green, seconds.
    pub clear_s: f64,
    /// The same after the green of a crosswalk.
    pub walk_clear_s: f64,
    /// A green is held for a bus at most so long, seconds.
    pub bus_s: f64,
    /// A green is held for an emergency vehicle at most so long, seconds.
    pub emergency_s: f64,
}

impl Default for Grants {
    fn default() -> Self {
        Self { min_green_s: 6.0, clear_s: 2.0, walk_clear_s: 14.0, bus_s: 12.0, emergency_s: 60.0 }
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

/// The air between antennas.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Channel {
    /// Nothing is heard beyond this, metres.
    pub range_m: f64,
    /// Chance that a message is lost, 0..1.
    pub loss: f64,
    /// Chance that a message is lost behind a vehicle that stands higher than the way between the antennas, 0..1.
    pub shadow: f64,
    /// From antenna to antenna, ms: shortest and longest.
    pub delay_ms: [f64; 2],
}

impl Default for Channel {
    fn default() -> Self {
        Self { range_m: 400.0, loss: 0.02, shadow: 0.0, delay_ms: [5.0, 20.0] }
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
