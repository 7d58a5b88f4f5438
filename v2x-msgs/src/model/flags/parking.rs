//! Flags of parking (T/CSAE 157).

use serde::{Deserialize, Serialize};

use super::Flag;

/// What a vehicle wants at a car park (DE_ParkingRequest).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ParkingRequest {
    /// To enter.
    Enter,
    /// To leave.
    Exit,
    /// To park.
    Park,
    /// To pay.
    Pay,
    /// To let somebody out.
    UnloadPassenger,
    /// To let somebody in.
    PickupPassenger,
    /// To unload.
    UnloadCargo,
    /// To load.
    LoadCargo,
    /// Reserved bit 8.
    Reserved1,
    /// Reserved bit 9.
    Reserved2,
    /// Reserved bit 10.
    Reserved3,
    /// Reserved bit 11.
    Reserved4,
}

impl Flag for ParkingRequest {
    const ALL: &'static [ParkingRequest] = &[
        ParkingRequest::Enter,
        ParkingRequest::Exit,
        ParkingRequest::Park,
        ParkingRequest::Pay,
        ParkingRequest::UnloadPassenger,
        ParkingRequest::PickupPassenger,
        ParkingRequest::UnloadCargo,
        ParkingRequest::LoadCargo,
        ParkingRequest::Reserved1,
        ParkingRequest::Reserved2,
        ParkingRequest::Reserved3,
        ParkingRequest::Reserved4,
    ];
    const BITS: u64 = 12;
}

/// What kind of place to park it is (DE_ParkingType).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ParkingType {
    /// Not known.
    Unknown,
    /// For everybody.
    Ordinary,
    /// For disabled people.
    Disabled,
    /// For small cars.
    Mini,
    /// Reached over another one only.
    Attached,
    /// With a charger.
    Charging,
    /// On a lift.
    Stereo,
    /// For women.
    Lady,
    /// Longer or wider.
    Extended,
    /// Private.
    Private,
}

impl Flag for ParkingType {
    const ALL: &'static [ParkingType] = &[
        ParkingType::Unknown,
        ParkingType::Ordinary,
        ParkingType::Disabled,
        ParkingType::Mini,
        ParkingType::Attached,
        ParkingType::Charging,
        ParkingType::Stereo,
        ParkingType::Lady,
        ParkingType::Extended,
        ParkingType::Private,
    ];
    const BITS: u64 = 10;
}

/// What a node of a car park is (DE_PAMNodeAttributes).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ParkingNodeAttribute {
    /// Way in.
    Entrance,
    /// Way out.
    Exit,
    /// Up to the next floor.
    ToUpstair,
    /// Down to the next floor.
    ToDownstair,
    /// Toll is taken electronically.
    Etc,
    /// Toll is taken by hand.
    Mtc,
    /// Passed after paying.
    PassAfterPayment,
    /// Blocked.
    Blocked,
}

impl Flag for ParkingNodeAttribute {
    const ALL: &'static [ParkingNodeAttribute] = &[
        ParkingNodeAttribute::Entrance,
        ParkingNodeAttribute::Exit,
        ParkingNodeAttribute::ToUpstair,
        ParkingNodeAttribute::ToDownstair,
        ParkingNodeAttribute::Etc,
        ParkingNodeAttribute::Mtc,
        ParkingNodeAttribute::PassAfterPayment,
        ParkingNodeAttribute::Blocked,
    ];
    const BITS: u64 = 8;
}
