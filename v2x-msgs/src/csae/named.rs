//! Enumerations and bit strings: the model's names and the wire's indexes, in the same order.

mod american;
mod day2;

use std::collections::BTreeSet;
use std::fmt::Debug;

use asn1rs::prelude::BitVec;
use asn1rs::syn::enumerated;

use crate::error::EncodeError;
use crate::model::flags::{self, Flag};
use crate::model::{
    AnimalPropulsion, Attachment, ClusterSize, EventSource, HumanPropulsion, Light, LightbarUse, MotorPropulsion,
    ParticipantType, PersonType, ResponseType, SirenUse, Source, SpeedLimitType, SwitchState, Transmission, WorkerType,
};

/// An enumeration of the model: its values in the order of the wire, and the wire's index of the first one (1 where the
/// wire's 0 means "not available", which is `None` in the model).
pub(crate) trait Named: Copy + PartialEq + Debug + 'static {
    const ALL: &'static [Self];
    const FIRST: u64;
}

impl Named for Light {
    const ALL: &'static [Light] = &[
        Light::Unavailable,
        Light::Dark,
        Light::FlashingRed,
        Light::Red,
        Light::FlashingGreen,
        Light::PermissiveGreen,
        Light::ProtectedGreen,
        Light::Yellow,
        Light::FlashingYellow,
    ];
    const FIRST: u64 = 0;
}

impl Named for ParticipantType {
    const ALL: &'static [ParticipantType] = &[
        ParticipantType::Unknown,
        ParticipantType::Motor,
        ParticipantType::NonMotor,
        ParticipantType::Pedestrian,
        ParticipantType::Rsu,
    ];
    const FIRST: u64 = 0;
}

impl Named for Source {
    const ALL: &'static [Source] = &[
        Source::Unknown,
        Source::Selfinfo,
        Source::V2x,
        Source::Video,
        Source::MicrowaveRadar,
        Source::Loop,
        Source::Lidar,
        Source::Integrated,
    ];
    const FIRST: u64 = 0;
}

impl Named for EventSource {
    const ALL: &'static [EventSource] = &[
        EventSource::Unknown,
        EventSource::Police,
        EventSource::Government,
        EventSource::Meteorological,
        EventSource::Internet,
        EventSource::Detection,
    ];
    const FIRST: u64 = 0;
}

impl Named for SpeedLimitType {
    const ALL: &'static [SpeedLimitType] = &[
        SpeedLimitType::Unknown,
        SpeedLimitType::MaxSpeedInSchoolZone,
        SpeedLimitType::MaxSpeedInSchoolZoneWhenChildrenArePresent,
        SpeedLimitType::MaxSpeedInConstructionZone,
        SpeedLimitType::VehicleMinSpeed,
        SpeedLimitType::VehicleMaxSpeed,
        SpeedLimitType::VehicleNightMaxSpeed,
        SpeedLimitType::TruckMinSpeed,
        SpeedLimitType::TruckMaxSpeed,
        SpeedLimitType::TruckNightMaxSpeed,
        SpeedLimitType::VehiclesWithTrailersMinSpeed,
        SpeedLimitType::VehiclesWithTrailersMaxSpeed,
        SpeedLimitType::VehiclesWithTrailersNightMaxSpeed,
    ];
    const FIRST: u64 = 0;
}

impl Named for Transmission {
    // 7 is "not available".
    const ALL: &'static [Transmission] = &[
        Transmission::Neutral,
        Transmission::Park,
        Transmission::ForwardGears,
        Transmission::ReverseGears,
        Transmission::Reserved1,
        Transmission::Reserved2,
        Transmission::Reserved3,
    ];
    const FIRST: u64 = 0;
}

impl Named for SwitchState {
    const ALL: &'static [SwitchState] = &[SwitchState::Off, SwitchState::On, SwitchState::Engaged];
    const FIRST: u64 = 1;
}

impl Named for ResponseType {
    const ALL: &'static [ResponseType] = &[
        ResponseType::NotInUseOrNotEquipped,
        ResponseType::Emergency,
        ResponseType::NonEmergency,
        ResponseType::Pursuit,
        ResponseType::Stationary,
        ResponseType::SlowMoving,
        ResponseType::StopAndGoMovement,
    ];
    const FIRST: u64 = 0;
}

impl Named for SirenUse {
    const ALL: &'static [SirenUse] = &[SirenUse::NotInUse, SirenUse::InUse, SirenUse::Reserved];
    const FIRST: u64 = 1;
}

impl Named for LightbarUse {
    const ALL: &'static [LightbarUse] = &[
        LightbarUse::NotInUse,
        LightbarUse::InUse,
        LightbarUse::YellowCautionLights,
        LightbarUse::SchoolBusLights,
        LightbarUse::ArrowSignsActive,
        LightbarUse::SlowMovingVehicle,
        LightbarUse::FreqStops,
    ];
    const FIRST: u64 = 1;
}

impl Named for PersonType {
    const ALL: &'static [PersonType] = &[
        PersonType::Unavailable,
        PersonType::Pedestrian,
        PersonType::Pedalcyclist,
        PersonType::RoadWorker,
        PersonType::Animal,
    ];
    const FIRST: u64 = 0;
}

impl Named for HumanPropulsion {
    const ALL: &'static [HumanPropulsion] = &[
        HumanPropulsion::Unavailable,
        HumanPropulsion::OtherTypes,
        HumanPropulsion::OnFoot,
        HumanPropulsion::Skateboard,
        HumanPropulsion::PushOrKickScooter,
        HumanPropulsion::Wheelchair,
    ];
    const FIRST: u64 = 0;
}

impl Named for AnimalPropulsion {
    const ALL: &'static [AnimalPropulsion] = &[
        AnimalPropulsion::Unavailable,
        AnimalPropulsion::OtherTypes,
        AnimalPropulsion::AnimalMounted,
        AnimalPropulsion::AnimalDrawnCarriage,
    ];
    const FIRST: u64 = 0;
}

impl Named for MotorPropulsion {
    const ALL: &'static [MotorPropulsion] = &[
        MotorPropulsion::Unavailable,
        MotorPropulsion::OtherTypes,
        MotorPropulsion::WheelChair,
        MotorPropulsion::Bicycle,
        MotorPropulsion::Scooter,
        MotorPropulsion::SelfBalancingDevice,
    ];
    const FIRST: u64 = 0;
}

impl Named for ClusterSize {
    const ALL: &'static [ClusterSize] =
        &[ClusterSize::Unavailable, ClusterSize::Small, ClusterSize::Medium, ClusterSize::Large];
    const FIRST: u64 = 0;
}

impl Named for Attachment {
    const ALL: &'static [Attachment] = &[
        Attachment::Unavailable,
        Attachment::Stroller,
        Attachment::BicycleTrailer,
        Attachment::Cart,
        Attachment::Wheelchair,
        Attachment::OtherWalkAssistAttachments,
        Attachment::Pet,
    ];
    const FIRST: u64 = 0;
}

impl Named for WorkerType {
    const ALL: &'static [WorkerType] = &[
        WorkerType::TrafficPolice,
        WorkerType::ConstructionPersonnel,
        WorkerType::PoliceOfficers,
        WorkerType::TrafficControlPersons,
        WorkerType::RailroadCrossingGuards,
        WorkerType::EmergencyOrganizationPersonnel,
    ];
    const FIRST: u64 = 1;
}

/// The model's value; `None` for "not available".
pub(crate) fn from_enumerated<C: enumerated::Constraint, M: Named>(wire: &C) -> Option<M> {
    M::ALL.get(wire.to_choice_index().checked_sub(M::FIRST)? as usize).copied()
}

/// The wire's value.
pub(crate) fn to_enumerated<C: enumerated::Constraint, M: Named>(
    field: &'static str,
    value: M,
) -> Result<C, EncodeError> {
    let index = M::ALL.iter().position(|known| *known == value).map(|at| at as u64 + M::FIRST);
    index.and_then(C::from_choice_index).ok_or_else(|| EncodeError::OutOfRange {
        field: field.to_owned(),
        value: format!("{value:?}"),
        allowed: M::ALL
            .iter()
            .take(C::STD_VARIANT_COUNT.saturating_sub(M::FIRST) as usize)
            .map(|known| format!("{known:?}"))
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// As [`to_enumerated`], for an optional value.
pub(crate) fn to_optional<C: enumerated::Constraint, M: Named>(
    field: &'static str,
    value: Option<M>,
) -> Result<Option<C>, EncodeError> {
    value.map(|value| to_enumerated(field, value)).transpose()
}

/// The bits of a set of flags.
pub(crate) fn to_bits<F: Flag>(set: &BTreeSet<F>) -> BitVec {
    BitVec::from_bytes(flags::to_octets(set), F::BITS)
}

/// The set of flags of some bits.
pub(crate) fn from_bits<F: Flag>(bits: &BitVec) -> BTreeSet<F> {
    flags::from_octets(bits.as_byte_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::flags::{ExteriorLight, IntersectionStatus, LaneSharing, Maneuver, VehicleEvent};
    use crate::shape::{Schema, Shape};
    use crate::wire::{CSAE157, Names, csae53, csae157};

    /// A name as it is compared. Three are misspelt in the standards.
    fn bare(text: &str) -> String {
        let text = text.replace(['-', '_'], "").to_lowercase();
        text.replace("schoold", "school").replace("dissmiss", "dismiss").replace("comfirmed", "confirmed")
    }

    /// The model's names, spelt as Rust spells the wire's; the wire may say once more what it is about.
    pub(in crate::csae::named) fn same_names_of<C: enumerated::Constraint, M: Named>(names: &Names) {
        let parts = names.parts_of(C::NAME);
        for (offset, value) in M::ALL.iter().enumerate() {
            let name = parts.get(offset + M::FIRST as usize).unwrap();
            let (wire, model) = (bare(name), bare(&format!("{value:?}")));
            assert!(wire.ends_with(&model), "{wire} is not {model}");
        }
    }

    /// Day II has all names of Day I.
    fn same_names<C: enumerated::Constraint, M: Named>() {
        same_names_of::<C, M>(&CSAE157);
        for (offset, value) in M::ALL.iter().enumerate() {
            let name = CSAE157.parts_of(C::NAME).get(offset + M::FIRST as usize).unwrap();
            assert_eq!(bare(name), bare(&format!("{value:?}")));
        }
    }

    /// The model's flags, spelt as the bits of the wire and as many.
    pub(in crate::csae::named) fn same_bits<F: Flag + Debug>(schema: &Schema, name: &str) {
        let named = schema.types.iter().find(|named| named.name == name).unwrap();
        let Shape::Bits { names, size } = &named.shape else { panic!("{name} is no bit string") };
        let model: Vec<String> = F::ALL.iter().map(|flag| bare(&format!("{flag:?}"))).collect();
        let wire: Vec<String> = names.iter().map(|(name, _)| bare(name)).collect();
        assert_eq!(model.len(), wire.len());
        assert!(wire.iter().zip(&model).all(|(wire, model)| wire.ends_with(model)), "{wire:?} is not {model:?}");
        assert_eq!(F::BITS, size.least);
    }

    #[test]
    fn the_models_names_stand_in_the_order_of_the_standard() {
        same_names::<csae53::LightState, Light>();
        same_names::<csae53::ParticipantType, ParticipantType>();
        same_names::<csae53::SourceType, Source>();
        same_names::<csae53::EventSource, EventSource>();
        same_names::<csae53::SpeedLimitType, SpeedLimitType>();
        same_names::<csae53::TransmissionState, Transmission>();
        same_names::<csae53::TractionControlStatus, SwitchState>();
        same_names::<csae53::ResponseType, ResponseType>();
        same_names::<csae53::SirenInUse, SirenUse>();
        same_names::<csae53::LightbarInUse, LightbarUse>();
        same_names::<csae157::RoadWorkerType, WorkerType>();
    }

    #[test]
    fn an_engaged_brake_pedal_is_refused_with_what_is_possible() {
        let error = to_enumerated::<csae53::BrakePedalStatus, _>("brake_pedal", SwitchState::Engaged).unwrap_err();
        assert_eq!(
            error.to_string(),
            "brake_pedal: Engaged is out of range, the wire holds Off, On; correct the value or leave it out"
        );
    }

    #[test]
    fn flags_have_the_bits_of_the_standard() {
        assert_eq!(to_bits(&BTreeSet::from([VehicleEvent::HardBraking])).as_byte_slice(), [0x01, 0x00]);
        assert_eq!(to_bits(&BTreeSet::from([ExteriorLight::ParkingLights])).as_byte_slice(), [0x00, 0x80]);
        assert_eq!(to_bits(&BTreeSet::from([Maneuver::UTurn])).bit_len(), 12);
        assert_eq!(to_bits(&BTreeSet::from([LaneSharing::BusVehicleTraffic])).as_byte_slice(), [0x08, 0x00]);
        assert_eq!(to_bits(&BTreeSet::from([IntersectionStatus::FixedTimeOperation])).as_byte_slice(), [0x04, 0x00]);
    }
}
