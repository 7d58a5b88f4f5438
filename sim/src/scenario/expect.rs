//! What a scenario expects: the sentence that is printed, and one thing to measure.

use perception::Class;
use rsu::event::WarningKind;
use serde::Deserialize;
use v2x_msgs::MessageKind;

use super::measure::{
    Bound, CutInAvoided, Delay, Detected, Figure, Information, Known, NoConflict, SpatTrue, Speaks, StandsAt, Stops,
    Storyboard, StringStable, Throughput, TopSpeed,
};

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
    /// Bound on the time to collision, s.
    #[serde(default)]
    pub ttc_s: Option<Bound>,
    /// Bound on the time to contact on the plane, s.
    #[serde(default)]
    pub ttc_2d_s: Option<Bound>,
    /// Bound on the time exposed to a short time to contact, s.
    #[serde(default)]
    pub exposed_ttc_s: Option<Bound>,
    /// Bound on the post-encroachment time, s.
    #[serde(default)]
    pub pet_s: Option<Bound>,
    /// Bound on the time headway, s.
    #[serde(default)]
    pub thw_s: Option<Bound>,
    /// Bound on the time gap, s.
    #[serde(default)]
    pub time_gap_s: Option<Bound>,
    /// Bound on the deceleration to avoid a crash, m/s².
    #[serde(default)]
    pub drac_mps2: Option<Bound>,
    /// The same with the driver's reaction, m/s².
    #[serde(default)]
    pub mdrac_mps2: Option<Bound>,
    /// Bound on the distance between footprints, m.
    #[serde(default)]
    pub distance_m: Option<Bound>,
    /// A cut-in is survived as UN R157 asks.
    #[serde(default)]
    pub cut_in: Option<CutInAvoided>,
    /// A string of vehicles damps disturbances.
    #[serde(default)]
    pub string_stable: Option<StringStable>,
    /// Somebody stops at a place.
    #[serde(default)]
    pub stands_at: Option<StandsAt>,
    /// Time lost on the way.
    #[serde(default)]
    pub delay_s: Option<Delay>,
    /// How often somebody stops.
    #[serde(default)]
    pub stops: Option<Stops>,
    /// Top speed of somebody, m/s.
    #[serde(default)]
    pub speed_mps: Option<TopSpeed>,
    /// Vehicles an hour.
    #[serde(default)]
    pub throughput_per_h: Option<Throughput>,
    /// Who comes into view is tracked soon.
    #[serde(default)]
    pub detected: Option<Detected>,
    /// A vehicle knows of those around it.
    #[serde(default)]
    pub known: Option<Known>,
    /// Age of what a vehicle knows.
    #[serde(default)]
    pub age_of_information_ms: Option<Information>,
    /// Error of the speed of tracks, m/s.
    #[serde(default)]
    pub speed_error_mps: Option<Percentile>,
    /// Error of the direction of tracks that move, degrees.
    #[serde(default)]
    pub heading_error_deg: Option<Percentile>,
    /// What is said about signals is true.
    #[serde(default)]
    pub spat_true: Option<SpatTrue>,
    /// No conflicting greens are said.
    #[serde(default)]
    pub no_conflicting_green: Option<NoConflict>,
    /// A unit speaks in a span of time.
    #[serde(default)]
    pub speaks: Option<Speaks>,
    /// A storyboard, or an act or event of it, begins or ends in time.
    #[serde(default)]
    pub storyboard: Option<Storyboard>,
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
    /// See [`Expect::ttc_s`] and those after it.
    Bound(Figure, &'a Bound),
    /// See [`Expect::cut_in`].
    CutIn(&'a CutInAvoided),
    /// See [`Expect::string_stable`].
    StringStable(&'a StringStable),
    /// See [`Expect::stands_at`].
    StandsAt(&'a StandsAt),
    /// See [`Expect::delay_s`].
    Delay(&'a Delay),
    /// See [`Expect::stops`].
    Stops(&'a Stops),
    /// See [`Expect::speed_mps`].
    TopSpeed(&'a TopSpeed),
    /// See [`Expect::throughput_per_h`].
    Throughput(&'a Throughput),
    /// See [`Expect::detected`].
    Detected(&'a Detected),
    /// See [`Expect::known`].
    Known(&'a Known),
    /// See [`Expect::age_of_information_ms`].
    Information(&'a Information),
    /// See [`Expect::speed_error_mps`].
    SpeedError(&'a Percentile),
    /// See [`Expect::heading_error_deg`].
    HeadingError(&'a Percentile),
    /// See [`Expect::spat_true`].
    SpatTrue(&'a SpatTrue),
    /// See [`Expect::no_conflicting_green`].
    NoConflict(&'a NoConflict),
    /// See [`Expect::speaks`].
    Speaks(&'a Speaks),
    /// See [`Expect::storyboard`].
    Storyboard(&'a Storyboard),
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
            self.ttc_s.as_ref().map(|b| Check::Bound(Figure::Ttc, b)),
            self.ttc_2d_s.as_ref().map(|b| Check::Bound(Figure::Ttc2d, b)),
            self.exposed_ttc_s.as_ref().map(|b| Check::Bound(Figure::ExposedTtc, b)),
            self.pet_s.as_ref().map(|b| Check::Bound(Figure::Pet, b)),
            self.thw_s.as_ref().map(|b| Check::Bound(Figure::Thw, b)),
            self.time_gap_s.as_ref().map(|b| Check::Bound(Figure::TimeGap, b)),
            self.drac_mps2.as_ref().map(|b| Check::Bound(Figure::Drac, b)),
            self.mdrac_mps2.as_ref().map(|b| Check::Bound(Figure::Mdrac, b)),
            self.distance_m.as_ref().map(|b| Check::Bound(Figure::Distance, b)),
            self.cut_in.as_ref().map(Check::CutIn),
            self.string_stable.as_ref().map(Check::StringStable),
            self.stands_at.as_ref().map(Check::StandsAt),
            self.delay_s.as_ref().map(Check::Delay),
            self.stops.as_ref().map(Check::Stops),
            self.speed_mps.as_ref().map(Check::TopSpeed),
            self.throughput_per_h.as_ref().map(Check::Throughput),
            self.detected.as_ref().map(Check::Detected),
            self.known.as_ref().map(Check::Known),
            self.age_of_information_ms.as_ref().map(Check::Information),
            self.speed_error_mps.as_ref().map(Check::SpeedError),
            self.heading_error_deg.as_ref().map(Check::HeadingError),
            self.spat_true.as_ref().map(Check::SpatTrue),
            self.no_conflicting_green.as_ref().map(Check::NoConflict),
            self.speaks.as_ref().map(Check::Speaks),
            self.storyboard.as_ref().map(Check::Storyboard),
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
                Check::SpeedError(c) | Check::HeadingError(c) => units.extend(c.unit.as_deref()),
                Check::Detected(c) => units.extend(c.unit.as_deref()),
                Check::SpatTrue(c) => units.extend(c.unit.as_deref()),
                Check::NoConflict(c) => units.push(c.unit.as_str()),
                Check::Speaks(c) => units.push(c.unit.as_str()),
                Check::NoCollision(_)
                | Check::Bounded(_)
                | Check::Bound(..)
                | Check::CutIn(_)
                | Check::StringStable(_)
                | Check::StandsAt(_)
                | Check::Delay(_)
                | Check::Stops(_)
                | Check::TopSpeed(_)
                | Check::Throughput(_)
                | Check::Known(_)
                | Check::Storyboard(_)
                | Check::Information(_) => {}
            }
        }
        units
    }

    /// Actors that the expectation names.
    #[must_use]
    pub fn actors(&self) -> Vec<&str> {
        let mut actors: Vec<&str> = Vec::new();
        for check in self.checks() {
            match check {
                Check::Warning(w) => actors.extend([w.to.as_str(), &w.about]),
                Check::OneKey(k) => actors.push(&k.actor),
                Check::NoCollision(c) => actors.extend(c.actor.as_deref()),
                Check::PositionError(p) | Check::SpeedError(p) | Check::HeadingError(p) => {
                    actors.extend(p.actor.as_deref());
                }
                Check::Bound(_, b) => actors.extend(b.actor.iter().chain(&b.with).map(String::as_str)),
                Check::CutIn(c) => actors.extend([c.actor.as_str(), &c.by]),
                Check::StandsAt(c) => actors.push(&c.actor),
                Check::StringStable(c) => actors.extend(c.string.iter().map(String::as_str)),
                Check::Delay(c) => actors.extend(c.actor.as_deref()),
                Check::Stops(c) => actors.push(&c.actor),
                Check::TopSpeed(c) => actors.push(&c.actor),
                Check::Detected(c) => actors.extend(c.actor.as_deref()),
                Check::Known(c) => actors.push(&c.vehicle),
                Check::Information(c) => actors.push(&c.vehicle),
                _ => {}
            }
        }
        actors
    }

    /// Actors that must carry an on-board unit for the expectation to be measured.
    #[must_use]
    pub fn hearers(&self) -> Vec<&str> {
        let hearer = |check| match check {
            Check::Warning(w) => Some(w.to.as_str()),
            Check::Known(c) => Some(c.vehicle.as_str()),
            Check::Information(c) => Some(c.vehicle.as_str()),
            _ => None,
        };
        self.checks().into_iter().filter_map(hearer).collect()
    }

    /// It can be measured without any unit.
    #[must_use]
    pub fn needs_no_unit(&self) -> bool {
        let free = |check: &Check<'_>| matches!(check, Check::NoCollision(_) | Check::Storyboard(_));
        self.needs_record() || self.checks().iter().all(free)
    }

    /// It is measured on the record of the true states.
    #[must_use]
    pub fn needs_record(&self) -> bool {
        self.checks().iter().any(|check| {
            matches!(
                check,
                Check::Bound(..)
                    | Check::CutIn(_)
                    | Check::StringStable(_)
                    | Check::StandsAt(_)
                    | Check::Delay(_)
                    | Check::Stops(_)
                    | Check::TopSpeed(_)
                    | Check::Throughput(_)
            )
        })
    }
}

/// Names of the measurements, for messages.
pub const CHECKS: &str = "warning, no_false_participant, gospa_m, position_error_m, recall, one_key, neighbour_lost, \
                          silent, age_ms, rate, no_collision, bounded, ttc_s, ttc_2d_s, exposed_ttc_s, pet_s, thw_s, \
                          time_gap_s, drac_mps2, mdrac_mps2, distance_m, cut_in, string_stable, stands_at, delay_s, stops, speed_mps, \
                          throughput_per_h, detected, known, age_of_information_ms, speed_error_mps, \
                          heading_error_deg, spat_true, no_conflicting_green, speaks, storyboard";

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
