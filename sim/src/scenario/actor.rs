//! Single road users of a scenario, and the yard that some of them are in: gates, docks and parking bays.

use rsu::site_map::Turn;
use serde::Deserialize;

use crate::actor::Kind;
use crate::actor::pace::{Change, Stop};

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
    /// Brakes on the drawn path for whoever is in its way, and before bends.
    #[serde(default)]
    pub heeds: bool,
    /// Sideways acceleration that it likes in the bends of the drawn path, m/s²; with `heeds`.
    #[serde(default = "across")]
    pub across_mps2: f64,
    /// Drive and brakes answer so late on the drawn path, seconds.
    #[serde(default)]
    pub lag_s: f64,
    /// Parks in one of these bays beside the drawn path.
    #[serde(default)]
    pub park: Option<Park>,
    /// Drives with siren and lights: others on lanes make way.
    #[serde(default)]
    pub siren: bool,
    /// Asks the signals on its way for priority, by its on-board unit.
    #[serde(default)]
    pub asks: Option<Priority>,
    /// Does not look at the road; an on-board unit warns it of red lights.
    #[serde(default)]
    pub distracted: bool,
    /// Its on-board unit advises a speed to arrive on green.
    #[serde(default)]
    pub advice: bool,
    /// Gone once it is at the end of the drawn path; else it stays there.
    #[serde(default)]
    pub leaves: bool,
    /// How it speeds up and brakes on the drawn path, m/s²; none, and no stops or changes: always at full speed.
    #[serde(default)]
    pub accel_mps2: Option<f64>,
    /// Length, when not the usual one of its kind.
    #[serde(default)]
    pub length_m: Option<f64>,
    /// Width, when not the usual one of its kind.
    #[serde(default)]
    pub width_m: Option<f64>,
    /// Height, when not the usual one of its kind.
    #[serde(default)]
    pub height_m: Option<f64>,
    /// Tows a trailer, which is called as its tractor with a `+`.
    #[serde(default)]
    pub trailer: Option<Trailer>,
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

impl Actor {
    /// It changes its speed on the drawn path.
    #[must_use]
    pub fn has_pace(&self) -> bool {
        let paced = self.accel_mps2.is_some() || !self.stops.is_empty() || !self.pace.is_empty();
        paced || self.heeds || self.lag_s > 0.0 || self.park.is_some()
    }
}

fn across() -> f64 {
    0.8
}

/// A trailer.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trailer {
    /// Length, metres.
    pub length_m: f64,
    /// Width, metres.
    pub width_m: f64,
    /// Height, metres.
    pub height_m: f64,
}

impl Default for Trailer {
    fn default() -> Self {
        Self { length_m: 13.6, width_m: 2.55, height_m: 4.0 }
    }
}

/// Where a car parks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Park {
    /// Bays that it would take, best first.
    pub bays: Vec<String>,
    /// The unit that tells it which of them are free.
    pub unit: String,
    /// From here on along its path it must know a bay, metres.
    #[serde(default)]
    pub ask_m: f64,
}

/// What somebody asks the signals for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Green as soon as may be: an emergency vehicle.
    Emergency,
    /// Green a little longer or a little sooner: a bus.
    Bus,
}

/// A gate: lets one vehicle through after the other.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Its name, for `stops`.
    pub id: String,
    /// Papers take so long, seconds.
    #[serde(default)]
    pub check_s: f64,
    /// Closed until then, seconds.
    #[serde(default)]
    pub opens_s: f64,
    /// Lets in only whom one of these docks is free for, and sends it there.
    #[serde(default)]
    pub docks: Vec<String>,
}

/// A dock: where a vehicle stands to be loaded.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dock {
    /// Its name.
    pub id: String,
    /// The way from the gate to it; at its end the middle of the vehicle stands.
    pub way: Vec<[f64; 2]>,
    /// The way from it off the yard.
    #[serde(default)]
    pub out: Vec<[f64; 2]>,
    /// Loading takes so long, seconds.
    pub for_s: f64,
}

/// A parking bay.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bay {
    /// Its name.
    pub id: String,
    /// Where the middle of a parked car is, `[east, north]`, metres.
    pub at: [f64; 2],
    /// Where it looks: along the way beside it, or straight out; degrees clockwise from north.
    pub heading_deg: f64,
}
