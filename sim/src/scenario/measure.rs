//! Expectations over the true states of everybody and over what vehicles know: bounds on the figures of
//! [`crate::metrics`] and [`crate::judge`].

use serde::Deserialize;

/// Which figure over pairs of road users is meant.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Time to collision behind each other, s.
    Ttc,
    /// Time to contact on the plane, s.
    Ttc2d,
    /// Time with a time to contact below 3 s, s.
    ExposedTtc,
    /// Post-encroachment time, s.
    Pet,
    /// Time headway, s.
    Thw,
    /// Time gap, s.
    TimeGap,
    /// Deceleration to avoid the crash, m/s².
    Drac,
    /// The same with the driver's reaction, m/s².
    Mdrac,
    /// Distance between footprints, m.
    Distance,
}

/// A bound on the worst of a figure over pairs of road users.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// It never falls below.
    #[serde(default)]
    pub min: Option<f64>,
    /// It never rises above.
    #[serde(default)]
    pub max: Option<f64>,
    /// Only pairs with this actor.
    #[serde(default)]
    pub actor: Option<String>,
    /// Only pairs of it with this one.
    #[serde(default)]
    pub with: Option<String>,
}

/// UN R157: a collision after a cut-in is avoided when the table says that it can be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutInAvoided {
    /// Who must avoid it.
    pub actor: String,
    /// Who cuts in.
    pub by: String,
    /// Its occupants stand, so it may brake only gently.
    #[serde(default)]
    pub standing: bool,
}

/// Somebody comes to a stand at a place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandsAt {
    /// Who.
    pub actor: String,
    /// Where its middle must stand, `[east, north]`, metres.
    pub at: [f64; 2],
    /// How near, metres.
    pub within_m: f64,
}

/// A string of vehicles damps what its first does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StringStable {
    /// The vehicles, first to last.
    pub string: Vec<String>,
    /// No follower deviates more than this times its predecessor.
    #[serde(default = "one")]
    pub max_gain: f64,
}

fn one() -> f64 {
    1.0
}

/// Vehicles lose little time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    /// Bound, seconds.
    pub max: f64,
    /// Which percentile of those that left the road, 0..100; not with `actor`.
    #[serde(default = "most")]
    pub percentile: f64,
    /// Only this actor, who is still on the road at the end or left it.
    #[serde(default)]
    pub actor: Option<String>,
}

fn most() -> f64 {
    95.0
}

/// Somebody hardly ever stops.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stops {
    /// Who.
    pub actor: String,
    /// So often at most.
    pub max: u32,
}

/// Somebody goes no faster.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopSpeed {
    /// Who.
    pub actor: String,
    /// Than so, m/s.
    pub max: f64,
    /// From so long after it came onto the road, seconds.
    #[serde(default)]
    pub after_s: f64,
}

/// Vehicles get through.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throughput {
    /// At least so many an hour leave the road.
    pub min: f64,
}

/// Somebody who comes into plain view is tracked soon.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detected {
    /// Seconds from plain view to a track.
    pub within_s: f64,
    /// Share of road users for whom it holds, 0..100 (of those with a name: the one given).
    #[serde(default = "most")]
    pub percentile: f64,
    /// Only this actor.
    #[serde(default)]
    pub actor: Option<String>,
    /// Only this unit.
    #[serde(default)]
    pub unit: Option<String>,
}

/// A vehicle knows of those around it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The vehicle; it needs `obu = true`.
    pub vehicle: String,
    /// What it heard about somebody may be this old, ms.
    pub within_ms: f64,
    /// Least share of the moments and road users, 0..1.
    pub min: f64,
}

/// What a vehicle heard about somebody is fresh.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Information {
    /// The vehicle; it needs `obu = true`.
    pub vehicle: String,
    /// Bound, ms.
    pub max: f64,
    /// Which percentile, 0..100.
    pub percentile: f64,
}

/// What a unit says about signals is what they show.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpatTrue {
    /// Only this unit.
    #[serde(default)]
    pub unit: Option<String>,
    /// Share of the group states said that must be what the heads show, 0..1.
    #[serde(default = "one")]
    pub min: f64,
    /// From here on, seconds.
    #[serde(default)]
    pub from_s: f64,
}

/// A unit says no conflicting greens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoConflict {
    /// The unit.
    pub unit: String,
    /// Signal groups of which at most one may be green or yellow at a time.
    pub groups: Vec<u8>,
}

/// A unit speaks while something is wrong around it, and again after it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speaks {
    /// The unit.
    pub unit: String,
    /// From here …
    pub from_s: f64,
    /// … to here, seconds.
    pub until_s: f64,
    /// Messages of all kinds a second, at least.
    pub min_hz: f64,
}

/// An OpenSCENARIO storyboard does as it should.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Storyboard {
    /// An act or event; none: the whole storyboard.
    pub element: Option<String>,
    /// It begins, or it ends.
    pub does: Turn,
    /// Not before, seconds.
    pub from_s: Option<f64>,
    /// At the latest, seconds.
    pub until_s: Option<f64>,
}

/// What a part of a storyboard does.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// Starts.
    Begin,
    /// Is complete.
    #[default]
    End,
}
