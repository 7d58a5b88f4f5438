//! Where signal states come from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
