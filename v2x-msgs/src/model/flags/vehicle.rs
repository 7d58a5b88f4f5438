//! Flags of vehicles.

use serde::{Deserialize, Serialize};

use super::Flag;

/// What happens to a vehicle (DE_VehicleEventFlags).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VehicleEvent {
    /// Hazard lights on.
    HazardLights,
    /// Went over a stop line.
    StopLineViolation,
    /// Anti-lock brakes at work.
    AbsActivated,
    /// Wheels spin.
    TractionControlLoss,
    /// Stability control at work.
    StabilityControlActivated,
    /// Carries hazardous goods.
    HazardousMaterials,
    /// Reserved bit 6.
    Reserved1,
    /// Brakes harder than 0.4 g.
    HardBraking,
    /// Lights were switched.
    LightsChanged,
    /// Wipers were switched.
    WipersChanged,
    /// Flat tyre.
    FlatTire,
    /// Broken down.
    DisabledVehicle,
    /// An air bag went off.
    AirBagDeployment,
}

impl Flag for VehicleEvent {
    const ALL: &'static [VehicleEvent] = &[
        VehicleEvent::HazardLights,
        VehicleEvent::StopLineViolation,
        VehicleEvent::AbsActivated,
        VehicleEvent::TractionControlLoss,
        VehicleEvent::StabilityControlActivated,
        VehicleEvent::HazardousMaterials,
        VehicleEvent::Reserved1,
        VehicleEvent::HardBraking,
        VehicleEvent::LightsChanged,
        VehicleEvent::WipersChanged,
        VehicleEvent::FlatTire,
        VehicleEvent::DisabledVehicle,
        VehicleEvent::AirBagDeployment,
    ];
    const BITS: u64 = 13;
}

/// A light that is on (DE_ExteriorLights).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExteriorLight {
    /// Low beam.
    LowBeamHeadlights,
    /// High beam.
    HighBeamHeadlights,
    /// Left indicator.
    LeftTurnSignal,
    /// Right indicator.
    RightTurnSignal,
    /// Hazard lights.
    HazardSignal,
    /// Automatic light control.
    AutomaticLightControl,
    /// Daytime running lights.
    DaytimeRunningLights,
    /// Fog light.
    FogLight,
    /// Parking lights.
    ParkingLights,
}

impl Flag for ExteriorLight {
    const ALL: &'static [ExteriorLight] = &[
        ExteriorLight::LowBeamHeadlights,
        ExteriorLight::HighBeamHeadlights,
        ExteriorLight::LeftTurnSignal,
        ExteriorLight::RightTurnSignal,
        ExteriorLight::HazardSignal,
        ExteriorLight::AutomaticLightControl,
        ExteriorLight::DaytimeRunningLights,
        ExteriorLight::FogLight,
        ExteriorLight::ParkingLights,
    ];
    const BITS: u64 = 9;
}

/// A wheel that is braked (DE_BrakeAppliedStatus).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Wheel {
    /// The states are not known.
    Unavailable,
    /// Left front.
    LeftFront,
    /// Left rear.
    LeftRear,
    /// Right front.
    RightFront,
    /// Right rear.
    RightRear,
}

impl Flag for Wheel {
    const ALL: &'static [Wheel] =
        &[Wheel::Unavailable, Wheel::LeftFront, Wheel::LeftRear, Wheel::RightFront, Wheel::RightRear];
    const BITS: u64 = 5;
}

/// State of a satellite receiver (DE_GNSSstatus).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GnssStatus {
    /// Not equipped or not known.
    Unavailable,
    /// Healthy.
    IsHealthy,
    /// Monitored.
    IsMonitored,
    /// A base station.
    BaseStationType,
    /// Dilution of precision under 5.
    PdopUnder5,
    /// Fewer than 5 satellites in view.
    InViewUnder5,
    /// Local corrections in use.
    LocalCorrectionsPresent,
    /// Network corrections in use.
    NetworkCorrectionsPresent,
}

impl Flag for GnssStatus {
    const ALL: &'static [GnssStatus] = &[
        GnssStatus::Unavailable,
        GnssStatus::IsHealthy,
        GnssStatus::IsMonitored,
        GnssStatus::BaseStationType,
        GnssStatus::PdopUnder5,
        GnssStatus::InViewUnder5,
        GnssStatus::LocalCorrectionsPresent,
        GnssStatus::NetworkCorrectionsPresent,
    ];
    const BITS: u64 = 8;
}
