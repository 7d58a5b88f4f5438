//! Flags of buses and of emergency vehicles (SAE J2735).

use serde::{Deserialize, Serialize};

use super::Flag;

/// What a bus or tram is doing (DE_TransitVehicleStatus).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TransitStatus {
    /// Lets people in.
    Loading,
    /// Lets in somebody who needs help.
    AnAdaUse,
    /// Takes a bicycle.
    ABikeLoad,
    /// Its doors are open.
    DoorOpen,
    /// Charges.
    Charging,
    /// Stands at the stop line.
    AtStopLine,
}

impl Flag for TransitStatus {
    const ALL: &'static [TransitStatus] = &[
        TransitStatus::Loading,
        TransitStatus::AnAdaUse,
        TransitStatus::ABikeLoad,
        TransitStatus::DoorOpen,
        TransitStatus::Charging,
        TransitStatus::AtStopLine,
    ];
    const BITS: u64 = 8;
}

/// What an emergency vehicle has on (DE_PrivilegedEventFlags).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PrivilegedEvent {
    /// Not known.
    Unavailable,
    /// It is on an emergency.
    EmergencyResponse,
    /// Emergency lights.
    EmergencyLightsActive,
    /// Emergency siren.
    EmergencySoundActive,
    /// Other lights.
    NonEmergencyLightsActive,
    /// Other sounds.
    NonEmergencySoundActive,
}

impl Flag for PrivilegedEvent {
    const ALL: &'static [PrivilegedEvent] = &[
        PrivilegedEvent::Unavailable,
        PrivilegedEvent::EmergencyResponse,
        PrivilegedEvent::EmergencyLightsActive,
        PrivilegedEvent::EmergencySoundActive,
        PrivilegedEvent::NonEmergencyLightsActive,
        PrivilegedEvent::NonEmergencySoundActive,
    ];
    const BITS: u64 = 16;
}
