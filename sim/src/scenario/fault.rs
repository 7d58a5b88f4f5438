//! What breaks in a scenario, and when: one line each, from a sensor that freezes to a stranger who lies on the air.

use calibration::Timestamp;
use serde::Deserialize;

use crate::actor::Kind;

/// Something breaks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// When, seconds after the start.
    pub at_s: f64,
    /// For how long; none: for good.
    #[serde(default)]
    pub for_s: Option<f64>,
    /// What.
    pub kind: FaultKind,
    /// Which unit; messages: only those it sends or gets, none: all.
    #[serde(default)]
    pub unit: Option<String>,
    /// Which sensor.
    #[serde(default)]
    pub sensor: Option<String>,
    /// Where messages are hurt.
    #[serde(default)]
    pub on: Medium,
    /// Chance that it hits a message, 0..1.
    #[serde(default)]
    pub chance: Option<f64>,
    /// A burst comes after so many good seconds on average …
    #[serde(default)]
    pub every_s: Option<f64>,
    /// … and lasts so many on average.
    #[serde(default)]
    pub lasts_s: Option<f64>,
    /// Shortest and longest further delay of a message, ms.
    #[serde(default)]
    pub delay_ms: Option<[f64; 2]>,
    /// The clock jumps by this, ms; positive: it shows a later time.
    #[serde(default)]
    pub offset_ms: Option<f64>,
    /// The clock runs fast by so many parts in a million.
    #[serde(default)]
    pub ppm: Option<f64>,
    /// The time source says how far the clock is off; `false`: nobody tells the unit.
    #[serde(default = "yes")]
    pub told: bool,
    /// Places of things that are not there, `[east, north]`, metres.
    #[serde(default)]
    pub at: Vec<[f64; 2]>,
    /// What they look like.
    #[serde(default)]
    pub object: Option<Kind>,
    /// How fast they go …
    #[serde(default)]
    pub speed_mps: f64,
    /// … and where to, degrees clockwise from north.
    #[serde(default)]
    pub heading_deg: f64,
    /// What a stranger says.
    #[serde(default)]
    pub message: Option<Lie>,
    /// How often a stranger says it.
    #[serde(default)]
    pub rate_hz: Option<f64>,
    /// Where the stranger's antenna is, `[east, north]`, metres.
    #[serde(default)]
    pub from: Option<[f64; 2]>,
    /// Signal groups that are green at once.
    #[serde(default)]
    pub groups: Vec<u8>,
}

fn yes() -> bool {
    true
}

/// Where messages are hurt.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Medium {
    /// Between antennas.
    #[default]
    Air,
    /// Between units.
    Link,
}

/// What a stranger without a certificate says.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lie {
    /// BSM of vehicles that are not there.
    Bsm,
    /// RSM about road users that are not there.
    Rsm,
    /// RSI of dangers that are not there.
    Rsi,
}

/// What can break.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The clock is no longer synchronised.
    ClockLost,
    /// The clock jumps.
    ClockStep,
    /// The clock runs fast or slow.
    ClockDrift,
    /// The sensor's picture stands still, and its source notices.
    SensorFrozen,
    /// The sensor's packets stop, and nobody says so.
    SensorSilent,
    /// The sensor sees things that are not there, as in a mirror.
    GhostObjects,
    /// The unit starts without the calibration of a sensor.
    CalibrationMissing,
    /// The unit's power fails.
    UnitKilled,
    /// The unit's link to its neighbours is cut.
    LinkCut,
    /// Messages are lost, each with a chance.
    Loss,
    /// Messages are lost in bursts (Gilbert 1960, Elliott 1963).
    Burst,
    /// Messages come later.
    Delay,
    /// Messages come twice.
    Duplicate,
    /// Messages overtake each other.
    Reorder,
    /// A stranger says what is not true.
    Spoofed,
    /// A stranger says again what it heard.
    Replayed,
    /// The signal heads and their controller stay as they are.
    SignalStuck,
    /// The controller says that conflicting groups are green; the heads keep their plan.
    SignalConflict,
}

impl FaultKind {
    /// As in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FaultKind::ClockLost => "clock-lost",
            FaultKind::ClockStep => "clock-step",
            FaultKind::ClockDrift => "clock-drift",
            FaultKind::SensorFrozen => "sensor-frozen",
            FaultKind::SensorSilent => "sensor-silent",
            FaultKind::GhostObjects => "ghost-objects",
            FaultKind::CalibrationMissing => "calibration-missing",
            FaultKind::UnitKilled => "unit-killed",
            FaultKind::LinkCut => "link-cut",
            FaultKind::Loss => "loss",
            FaultKind::Burst => "burst",
            FaultKind::Delay => "delay",
            FaultKind::Duplicate => "duplicate",
            FaultKind::Reorder => "reorder",
            FaultKind::Spoofed => "spoofed",
            FaultKind::Replayed => "replayed",
            FaultKind::SignalStuck => "signal-stuck",
            FaultKind::SignalConflict => "signal-conflict",
        }
    }

    /// It hurts messages on their way.
    #[must_use]
    pub fn hurts_messages(self) -> bool {
        matches!(
            self,
            FaultKind::Loss | FaultKind::Burst | FaultKind::Delay | FaultKind::Duplicate | FaultKind::Reorder
        )
    }

    /// It comes from a stranger's transmitter.
    #[must_use]
    pub fn is_hostile(self) -> bool {
        matches!(self, FaultKind::Spoofed | FaultKind::Replayed)
    }
}

impl Fault {
    /// It is a fault of this unit.
    #[must_use]
    pub fn is_of(&self, unit: &str) -> bool {
        self.unit.as_deref() == Some(unit)
    }

    /// When it begins in a run that starts at `start`.
    #[must_use]
    pub fn begins(&self, start: Timestamp) -> Timestamp {
        start.offset_secs(self.at_s)
    }

    /// When it ends.
    #[must_use]
    pub fn ends(&self, start: Timestamp) -> Timestamp {
        self.for_s.map_or(Timestamp::from_nanos(i64::MAX), |for_s| start.offset_secs(self.at_s + for_s))
    }

    /// It is there at `now`.
    #[must_use]
    pub fn is_on(&self, start: Timestamp, now: Timestamp) -> bool {
        self.begins(start) <= now && now < self.ends(start)
    }

    /// What is wrong with it as it is written, and what to do.
    ///
    /// # Errors
    /// Both, in words.
    pub fn check(&self) -> Result<(), (String, String)> {
        use FaultKind as K;
        let kind = self.kind;
        let lacks = |what: &str, example: &str| {
            Err((format!("`{}` does not say {what}", kind.name()), format!("add `{example}`")))
        };
        if !(self.at_s >= 0.0 && self.at_s.is_finite() && self.for_s.is_none_or(|t| t > 0.0 && t.is_finite())) {
            return Err(("a fault needs times from 0 s on".into(), "correct at_s and for_s".into()));
        }
        let of_sensor = matches!(kind, K::SensorFrozen | K::SensorSilent | K::CalibrationMissing | K::GhostObjects);
        if of_sensor && self.sensor.is_none() {
            return lacks("which sensor", "sensor = \"…\"`, as named in the unit's configuration, `");
        }
        if !(kind.hurts_messages() || kind.is_hostile()) && self.unit.is_none() {
            return lacks("which unit", "unit = \"…\"");
        }
        let figures = [self.chance, self.every_s, self.lasts_s, self.offset_ms, self.ppm, self.rate_hz];
        let places = self.at.iter().chain(&self.from).flatten();
        let all = figures.into_iter().flatten().chain(places.copied()).chain(self.delay_ms.into_iter().flatten());
        if all.chain([self.speed_mps, self.heading_deg]).any(|v| !(v.is_finite() && v.abs() <= 1e6)) {
            return Err((format!("`{}` has a figure that cannot be", kind.name()), "give finite numbers".into()));
        }
        if self.chance.is_some_and(|c| !(0.0..=1.0).contains(&c)) {
            return Err(("the chance of a fault is none".into(), "give a number from 0 to 1".into()));
        }
        if self.delay_ms.is_some_and(|[low, high]| !(0.0 <= low && low <= high && high <= 60_000.0)) {
            return Err(("delay_ms of a fault is no range".into(), "give [shortest, longest], at most 60000".into()));
        }
        match kind {
            K::Loss | K::Duplicate | K::Reorder if self.chance.is_none() => lacks("how often", "chance = 0.2"),
            K::Delay | K::Reorder | K::Replayed if self.delay_ms.is_none() => {
                lacks("by how much", "delay_ms = [50, 200]")
            }
            K::Burst if !(self.every_s.is_some_and(|s| s > 0.0) && self.lasts_s.is_some_and(|s| s > 0.0)) => {
                lacks("how long bursts are and how long the time between them", "every_s = 5` and `lasts_s = 0.5")
            }
            K::ClockStep if self.offset_ms.is_none() => lacks("by how much", "offset_ms = 250"),
            K::ClockDrift if self.ppm.is_none() => lacks("how fast", "ppm = 50"),
            K::GhostObjects | K::Spoofed if self.at.is_empty() || self.at.len() > GHOSTS => {
                lacks("where, or too often", "at = [[10.0, 20.0]]`, at most 64 places, `")
            }
            K::Spoofed if self.message.is_none() => lacks("what is said", "message = \"bsm\"`, `rsm` or `rsi"),
            K::Spoofed | K::Replayed if self.from.is_none() => lacks("where the stranger is", "from = [30.0, -30.0]"),
            K::Spoofed if !self.rate_hz.is_none_or(|hz| hz > 0.0 && hz <= RATE_HZ) => {
                lacks("a rate up to 1000", "rate_hz = 10")
            }
            K::SignalConflict if self.groups.len() < 2 => lacks("which groups", "groups = [1, 3]"),
            _ => Ok(()),
        }
    }
}

/// Things that are not there, at most, for each fault.
pub const GHOSTS: usize = 64;
/// A stranger speaks at most so often.
const RATE_HZ: f64 = 1000.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Fault {
        toml::from_str(text).unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn every_kind_says_what_it_lacks() {
        let lacking = [
            ("clock-lost", "", "which unit"),
            ("sensor-silent", "unit = \"x\"", "which sensor"),
            ("ghost-objects", "unit = \"x\"\nsensor = \"s\"", "where"),
            ("loss", "", "how often"),
            ("burst", "every_s = 3", "how long"),
            ("delay", "", "by how much"),
            ("reorder", "chance = 0.2", "by how much"),
            ("clock-step", "unit = \"x\"", "by how much"),
            ("clock-drift", "unit = \"x\"", "how fast"),
            ("spoofed", "at = [[1, 2]]\nfrom = [0, 0]", "what is said"),
            ("spoofed", "at = [[1, 2]]\nmessage = \"bsm\"", "where the stranger"),
            ("replayed", "from = [0, 0]", "by how much"),
            ("signal-conflict", "unit = \"x\"\ngroups = [1]", "which groups"),
            ("loss", "chance = 2", "chance"),
            ("delay", "delay_ms = [5, 1]", "delay_ms"),
            ("clock-step", "unit = \"x\"\noffset_ms = nan", "figure"),
        ];
        for (kind, more, word) in lacking {
            let (title, help) = read(&format!("at_s = 1\nkind = \"{kind}\"\n{more}")).check().expect_err(kind);
            assert!(title.contains(word) && !help.is_empty(), "{kind}: {title}");
        }
        let good = read("at_s = 1\nfor_s = 2\nkind = \"loss\"\nchance = 0.2\non = \"link\"");
        assert!(good.check().is_ok() && good.on == Medium::Link);
        let start = Timestamp::from_millis(0);
        let on: Vec<_> = [999, 1000, 2999, 3000].map(|ms| good.is_on(start, Timestamp::from_millis(ms))).to_vec();
        assert_eq!(on, [false, true, true, false]);
    }

    #[test]
    fn every_kind_is_read_by_its_name() {
        for kind in [
            FaultKind::ClockLost,
            FaultKind::ClockStep,
            FaultKind::ClockDrift,
            FaultKind::SensorFrozen,
            FaultKind::SensorSilent,
            FaultKind::GhostObjects,
            FaultKind::CalibrationMissing,
            FaultKind::UnitKilled,
            FaultKind::LinkCut,
            FaultKind::Loss,
            FaultKind::Burst,
            FaultKind::Delay,
            FaultKind::Duplicate,
            FaultKind::Reorder,
            FaultKind::Spoofed,
            FaultKind::Replayed,
            FaultKind::SignalStuck,
            FaultKind::SignalConflict,
        ] {
            assert_eq!(read(&format!("at_s = 0\nkind = \"{}\"", kind.name())).kind, kind);
        }
    }
}
