//! What a scenario expects: the sentence that is printed, and one thing to measure.

use perception::Class;
use rsu::event::WarningKind;
use serde::Deserialize;
use v2x_msgs::MessageKind;

/// One expectation: a sentence and exactly one measurement.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The sentence printed with PASS or FAIL.
    pub that: String,
    /// A vehicle hears a warning in time.
    #[serde(default)]
    pub warning: Option<Warning>,
    /// Nobody is reported who is not there.
    #[serde(default)]
    pub no_false_participant: Option<NoFalse>,
    /// GOSPA of the unit's tracks against the truth.
    #[serde(default)]
    pub gospa_m: Option<Percentile>,
    /// Distance between tracks and the truth.
    #[serde(default)]
    pub position_error_m: Option<Percentile>,
    /// Share of what can be seen that is tracked.
    #[serde(default)]
    pub recall: Option<Recall>,
    /// One road user keeps one key across units.
    #[serde(default)]
    pub one_key: Option<OneKey>,
    /// A unit that died is noticed.
    #[serde(default)]
    pub neighbour_lost: Option<NeighbourLost>,
    /// A unit falls silent and says why.
    #[serde(default)]
    pub silent: Option<Silent>,
    /// Age of what is sent, from light to antenna.
    #[serde(default)]
    pub age_ms: Option<Percentile>,
    /// Messages a second.
    #[serde(default)]
    pub rate: Option<Rate>,
    /// Nobody runs into anybody.
    #[serde(default)]
    pub no_collision: Option<NoCollision>,
    /// Queues stay within their bounds.
    #[serde(default)]
    pub bounded: Option<Bounded>,
}

/// One measurement out of an [`Expect`].
#[derive(Copy, Clone, Debug)]
pub enum Check<'a> {
    /// See [`Expect::warning`].
    Warning(&'a Warning),
    /// See [`Expect::no_false_participant`].
    NoFalse(&'a NoFalse),
    /// See [`Expect::gospa_m`].
    Gospa(&'a Percentile),
    /// See [`Expect::position_error_m`].
    PositionError(&'a Percentile),
    /// See [`Expect::recall`].
    Recall(&'a Recall),
    /// See [`Expect::one_key`].
    OneKey(&'a OneKey),
    /// See [`Expect::neighbour_lost`].
    NeighbourLost(&'a NeighbourLost),
    /// See [`Expect::silent`].
    Silent(&'a Silent),
    /// See [`Expect::age_ms`].
    Age(&'a Percentile),
    /// See [`Expect::rate`].
    Rate(&'a Rate),
    /// See [`Expect::no_collision`].
    NoCollision(&'a NoCollision),
    /// See [`Expect::bounded`].
    Bounded(&'a Bounded),
}

impl Expect {
    /// The measurements given; a good expectation has exactly one.
    #[must_use]
    pub fn checks(&self) -> Vec<Check<'_>> {
        [
            self.warning.as_ref().map(Check::Warning),
            self.no_false_participant.as_ref().map(Check::NoFalse),
            self.gospa_m.as_ref().map(Check::Gospa),
            self.position_error_m.as_ref().map(Check::PositionError),
            self.recall.as_ref().map(Check::Recall),
            self.one_key.as_ref().map(Check::OneKey),
            self.neighbour_lost.as_ref().map(Check::NeighbourLost),
            self.silent.as_ref().map(Check::Silent),
            self.age_ms.as_ref().map(Check::Age),
            self.rate.as_ref().map(Check::Rate),
            self.no_collision.as_ref().map(Check::NoCollision),
            self.bounded.as_ref().map(Check::Bounded),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Expect {
    /// Units that the expectation names.
    #[must_use]
    pub fn units(&self) -> Vec<&str> {
        let mut units = Vec::new();
        for check in self.checks() {
            match check {
                Check::Warning(c) => units.push(c.unit.as_str()),
                Check::NoFalse(c) => units.extend(c.unit.as_deref()),
                Check::Gospa(c) | Check::PositionError(c) | Check::Age(c) => units.extend(c.unit.as_deref()),
                Check::Recall(c) => units.extend(c.unit.as_deref()),
                Check::OneKey(c) => units.extend(c.units.iter().map(String::as_str)),
                Check::NeighbourLost(c) => units.extend(c.by.iter().chain([&c.unit]).map(String::as_str)),
                Check::Silent(c) => units.push(c.unit.as_str()),
                Check::Rate(c) => units.extend(c.unit.as_deref()),
                Check::NoCollision(_) | Check::Bounded(_) => {}
            }
        }
        units
    }
}

/// Names of the measurements, for messages.
pub const CHECKS: &str = "warning, no_false_participant, gospa_m, position_error_m, recall, one_key, neighbour_lost, \
                          silent, age_ms, rate, no_collision, bounded";

/// A vehicle hears a warning in time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// The unit that warns.
    pub unit: String,
    /// The actor that hears it; it needs `obu = true`.
    pub to: String,
    /// The actor that the warning is about.
    pub about: String,
    /// Kind of warning.
    pub event: WarningKind,
    /// How early.
    pub before: Before,
}

/// How early a warning must come.
#[derive(Copy, Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// Seconds that the vehicle, at its speed of that moment, would take to where its way crosses that of the other.
    pub time_to_collision_s: f64,
}

/// Nobody is reported who is not there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFalse {
    /// Only what this unit says; none: all units.
    #[serde(default)]
    pub unit: Option<String>,
    /// A participant farther than this from every road user is false, metres.
    #[serde(default = "within_m")]
    pub within_m: f64,
    /// Share of participants that may be false.
    #[serde(default)]
    pub max_share: f64,
}

fn within_m() -> f64 {
    3.0
}

/// A percentile of a figure stays below a bound.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Percentile {
    /// Bound.
    pub max: f64,
    /// Which percentile, 0..100.
    pub percentile: f64,
    /// Only this unit.
    #[serde(default)]
    pub unit: Option<String>,
    /// Only this actor (position error).
    #[serde(default)]
    pub actor: Option<String>,
}

/// Share of what can be seen that is tracked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recall {
    /// Least share, 0..1.
    pub min: f64,
    /// Only this class.
    #[serde(default)]
    pub class: Option<Class>,
    /// Only this unit.
    #[serde(default)]
    pub unit: Option<String>,
}

/// One road user keeps one key across units.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneKey {
    /// Which actor.
    pub actor: String,
    /// Units that must have seen it.
    pub units: Vec<String>,
}

/// A unit that died is noticed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeighbourLost {
    /// The unit that died.
    pub unit: String,
    /// Those that must notice.
    pub by: Vec<String>,
    /// Within this many seconds.
    pub within_s: f64,
}

/// A unit falls silent and says why.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silent {
    /// Which unit.
    pub unit: String,
    /// Silent from here …
    pub from_s: f64,
    /// … to here; none: the end.
    #[serde(default)]
    pub until_s: Option<f64>,
    /// The reason given: `clock`, `pose`, `sensors` or `config`.
    pub reason: String,
}

/// Messages a second.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Which message.
    pub message: MessageKind,
    /// Only this unit.
    #[serde(default)]
    pub unit: Option<String>,
    /// At least.
    pub min_hz: f64,
    /// At most.
    #[serde(default)]
    pub max_hz: Option<f64>,
}

/// Nobody runs into anybody.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoCollision {
    /// Only collisions of this actor.
    #[serde(default)]
    pub actor: Option<String>,
}

/// Queues stay within their bounds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounded {
    /// Road users that must have been on the road at once at some time.
    #[serde(default)]
    pub road_users: usize,
}
