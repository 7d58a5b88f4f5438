//! Road messages as honest Rust values, to and from UPER bytes and JSON.

use serde::{Deserialize, Serialize};

/// The messages of T/CSAE 53-2020.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageKind {
    /// Basic safety message of a vehicle.
    Bsm,
    /// Map.
    Map,
    /// Roadside safety message: road users seen by a unit.
    Rsm,
    /// Signal phase and timing.
    Spat,
    /// Roadside information: events and signs.
    Rsi,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [MessageKind; 5] =
        [MessageKind::Bsm, MessageKind::Map, MessageKind::Rsm, MessageKind::Spat, MessageKind::Rsi];

    /// Lower-case name, as in keys, files and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            MessageKind::Bsm => "bsm",
            MessageKind::Map => "map",
            MessageKind::Rsm => "rsm",
            MessageKind::Spat => "spat",
            MessageKind::Rsi => "rsi",
        }
    }
}
