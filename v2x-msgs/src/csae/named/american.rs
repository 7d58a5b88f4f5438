//! The enumerations that only SAE J2735 and J2945/4 have.

use super::Named;
use crate::model::{
    Extent, HpmsType, InfoPriority, MultiVehicle, Occupancy, PriorityRequestType, PriorityStatus, ReferencePointType,
    RequestedItem, VehicleRole,
};

impl Named for Extent {
    const ALL: &'static [Extent] = &[
        Extent::UseInstantlyOnly,
        Extent::UseFor3meters,
        Extent::UseFor10meters,
        Extent::UseFor50meters,
        Extent::UseFor100meters,
        Extent::UseFor500meters,
        Extent::UseFor1000meters,
        Extent::UseFor5000meters,
        Extent::UseFor10000meters,
        Extent::UseFor50000meters,
        Extent::UseFor100000meters,
        Extent::UseFor500000meters,
        Extent::UseFor1000000meters,
        Extent::UseFor5000000meters,
        Extent::UseFor10000000meters,
        Extent::Forever,
    ];
    const FIRST: u64 = 0;
}

impl Named for MultiVehicle {
    const ALL: &'static [MultiVehicle] =
        &[MultiVehicle::SingleVehicle, MultiVehicle::MultiVehicle, MultiVehicle::Reserved];
    const FIRST: u64 = 1;
}

impl Named for RequestedItem {
    const ALL: &'static [RequestedItem] = &[
        RequestedItem::Reserved,
        RequestedItem::A,
        RequestedItem::B,
        RequestedItem::C,
        RequestedItem::D,
        RequestedItem::E,
        RequestedItem::F,
        RequestedItem::G,
        RequestedItem::I,
        RequestedItem::J,
        RequestedItem::K,
        RequestedItem::L,
        RequestedItem::M,
        RequestedItem::N,
        RequestedItem::O,
        RequestedItem::P,
        RequestedItem::Q,
    ];
    const FIRST: u64 = 0;
}

impl Named for PriorityRequestType {
    const ALL: &'static [PriorityRequestType] = &[
        PriorityRequestType::Reserved,
        PriorityRequestType::Request,
        PriorityRequestType::Update,
        PriorityRequestType::Cancellation,
    ];
    const FIRST: u64 = 0;
}

impl Named for VehicleRole {
    const ALL: &'static [VehicleRole] = &[
        VehicleRole::BasicVehicle,
        VehicleRole::PublicTransport,
        VehicleRole::SpecialTransport,
        VehicleRole::DangerousGoods,
        VehicleRole::RoadWork,
        VehicleRole::RoadRescue,
        VehicleRole::Emergency,
        VehicleRole::SafetyCar,
        VehicleRole::NoneUnknown,
        VehicleRole::Truck,
        VehicleRole::Motorcycle,
        VehicleRole::RoadSideSource,
        VehicleRole::Police,
        VehicleRole::Fire,
        VehicleRole::Ambulance,
        VehicleRole::Dot,
        VehicleRole::Transit,
        VehicleRole::SlowMoving,
        VehicleRole::StopNgo,
        VehicleRole::Cyclist,
        VehicleRole::Pedestrian,
        VehicleRole::NonMotorized,
        VehicleRole::Military,
    ];
    const FIRST: u64 = 0;
}

impl Named for HpmsType {
    const ALL: &'static [HpmsType] = &[
        HpmsType::None,
        HpmsType::Unknown,
        HpmsType::Special,
        HpmsType::Moto,
        HpmsType::Car,
        HpmsType::CarOther,
        HpmsType::Bus,
        HpmsType::AxleCnt2,
        HpmsType::AxleCnt3,
        HpmsType::AxleCnt4,
        HpmsType::AxleCnt4Trailer,
        HpmsType::AxleCnt5Trailer,
        HpmsType::AxleCnt6Trailer,
        HpmsType::AxleCnt5MultiTrailer,
        HpmsType::AxleCnt6MultiTrailer,
        HpmsType::AxleCnt7MultiTrailer,
    ];
    const FIRST: u64 = 0;
}

impl Named for Occupancy {
    const ALL: &'static [Occupancy] = &[
        Occupancy::Empty,
        Occupancy::VeryLow,
        Occupancy::Low,
        Occupancy::Med,
        Occupancy::High,
        Occupancy::NearlyFull,
        Occupancy::Full,
    ];
    const FIRST: u64 = 1;
}

impl Named for PriorityStatus {
    const ALL: &'static [PriorityStatus] = &[
        PriorityStatus::Unknown,
        PriorityStatus::Requested,
        PriorityStatus::Processing,
        PriorityStatus::WatchOtherTraffic,
        PriorityStatus::Granted,
        PriorityStatus::Rejected,
        PriorityStatus::MaxPresence,
        PriorityStatus::ReserviceLocked,
    ];
    const FIRST: u64 = 0;
}

impl Named for ReferencePointType {
    const ALL: &'static [ReferencePointType] = &[ReferencePointType::StartOfEvent, ReferencePointType::Arbitrary];
    const FIRST: u64 = 0;
}

impl Named for InfoPriority {
    const ALL: &'static [InfoPriority] =
        &[InfoPriority::LowPriority, InfoPriority::MediumPriority, InfoPriority::HighPriority, InfoPriority::Critical];
    const FIRST: u64 = 0;
}

#[cfg(test)]
mod tests {
    use super::super::tests::{same_bits, same_names_of};
    use super::*;
    use crate::model::flags;
    use crate::wire::{J2735, J2735_SHAPES, j2735};

    #[test]
    fn the_models_names_stand_in_the_order_of_the_standard() {
        same_names_of::<j2735::Extent, Extent>(&J2735);
        same_names_of::<j2735::MultiVehicleResponse, MultiVehicle>(&J2735);
        same_names_of::<j2735::RequestedItem, RequestedItem>(&J2735);
        same_names_of::<j2735::PriorityRequestType, PriorityRequestType>(&J2735);
        same_names_of::<j2735::BasicVehicleRole, VehicleRole>(&J2735);
        same_names_of::<j2735::VehicleType, HpmsType>(&J2735);
        same_names_of::<j2735::TransitVehicleOccupancy, Occupancy>(&J2735);
        same_names_of::<j2735::PrioritizationResponseStatus, PriorityStatus>(&J2735);
        same_names_of::<j2735::ReferencePointType, ReferencePointType>(&J2735);
        same_names_of::<j2735::DynamicInfoContainerPriority, InfoPriority>(&J2735);
    }

    #[test]
    fn the_models_flags_have_the_bits_of_the_standard() {
        same_bits::<flags::TransitStatus>(&J2735_SHAPES, "TransitVehicleStatus");
        same_bits::<flags::PrivilegedEvent>(&J2735_SHAPES, "PrivilegedEventFlags");
    }
}
