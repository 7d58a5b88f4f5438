//! Flags of people on the road (T/CSAE 157).

use serde::{Deserialize, Serialize};

use super::Flag;

/// What a person does with its device (DE_PersonalDeviceUsageState).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeviceUse {
    /// Not known.
    Unavailable,
    /// Something else.
    Other,
    /// Nothing.
    Idle,
    /// Listens.
    ListeningToAudio,
    /// Types.
    Typing,
    /// Speaks.
    Calling,
    /// Plays.
    PlayingGames,
    /// Reads.
    Reading,
    /// Watches.
    Viewing,
}

impl Flag for DeviceUse {
    const ALL: &'static [DeviceUse] = &[
        DeviceUse::Unavailable,
        DeviceUse::Other,
        DeviceUse::Idle,
        DeviceUse::ListeningToAudio,
        DeviceUse::Typing,
        DeviceUse::Calling,
        DeviceUse::PlayingGames,
        DeviceUse::Reading,
        DeviceUse::Viewing,
    ];
    const BITS: u64 = 9;
}

/// With what a person needs help (DE_PersonalAssistive).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Assistance {
    /// Not known.
    Unavailable,
    /// Something else.
    OtherType,
    /// Seeing.
    Vision,
    /// Hearing.
    Hearing,
    /// Moving.
    Movement,
    /// Understanding.
    Cognition,
}

impl Flag for Assistance {
    const ALL: &'static [Assistance] = &[
        Assistance::Unavailable,
        Assistance::OtherType,
        Assistance::Vision,
        Assistance::Hearing,
        Assistance::Movement,
        Assistance::Cognition,
    ];
    const BITS: u64 = 6;
}

/// What somebody at work on the road does (DE_RoadWorkerActivityType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WorkActivity {
    /// Not known.
    Unavailable,
    /// Works on the road.
    WorkingOnRoad,
    /// Closes something.
    SettingUpClosures,
    /// Came because something happened.
    RespondingToEvents,
    /// Directs the traffic.
    DirectingTraffic,
    /// Something else.
    OtherActivities,
}

impl Flag for WorkActivity {
    const ALL: &'static [WorkActivity] = &[
        WorkActivity::Unavailable,
        WorkActivity::WorkingOnRoad,
        WorkActivity::SettingUpClosures,
        WorkActivity::RespondingToEvents,
        WorkActivity::DirectingTraffic,
        WorkActivity::OtherActivities,
    ];
    const BITS: u64 = 6;
}
