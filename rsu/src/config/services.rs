//! What the unit says, and how often.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
