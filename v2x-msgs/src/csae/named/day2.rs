//! The enumerations of the messages of Day II (T/CSAE 157).

use super::Named;
use crate::model::{
    AvpType, DetectedType, EquipmentType, ObstacleType, PlatoonRole, PlatoonStatus, RequestStatus, RtcmRevision,
    SlotAngle, SlotLock, SlotStatus, Turn,
};

impl Named for RequestStatus {
    const ALL: &'static [RequestStatus] = &[
        RequestStatus::Unknown,
        RequestStatus::Request,
        RequestStatus::Confirmed,
        RequestStatus::Cancel,
        RequestStatus::Complete,
    ];
    const FIRST: u64 = 0;
}

impl Named for Turn {
    const ALL: &'static [Turn] = &[Turn::Straight, Turn::LeftTurn, Turn::RightTurn, Turn::UTurn];
    const FIRST: u64 = 0;
}

impl Named for AvpType {
    const ALL: &'static [AvpType] = &[AvpType::P0, AvpType::P1, AvpType::P2, AvpType::P3, AvpType::P4, AvpType::P5];
    const FIRST: u64 = 0;
}

impl Named for SlotStatus {
    const ALL: &'static [SlotStatus] =
        &[SlotStatus::Unknown, SlotStatus::Available, SlotStatus::Occupied, SlotStatus::Reserved];
    const FIRST: u64 = 0;
}

impl Named for SlotAngle {
    const ALL: &'static [SlotAngle] = &[SlotAngle::Unknown, SlotAngle::Vertical, SlotAngle::Side, SlotAngle::Oblique];
    const FIRST: u64 = 0;
}

impl Named for SlotLock {
    const ALL: &'static [SlotLock] = &[SlotLock::Unknown, SlotLock::Nolock, SlotLock::Locked, SlotLock::Unlocked];
    const FIRST: u64 = 0;
}

impl Named for PlatoonRole {
    const ALL: &'static [PlatoonRole] =
        &[PlatoonRole::Leader, PlatoonRole::Follower, PlatoonRole::Tail, PlatoonRole::FreeVehicle];
    const FIRST: u64 = 0;
}

impl Named for PlatoonStatus {
    const ALL: &'static [PlatoonStatus] = &[
        PlatoonStatus::Navigating,
        PlatoonStatus::BeginToDismiss,
        PlatoonStatus::AskForJoining,
        PlatoonStatus::Joining,
        PlatoonStatus::Following,
        PlatoonStatus::AskForLeaving,
        PlatoonStatus::Leaving,
    ];
    const FIRST: u64 = 0;
}

impl Named for RtcmRevision {
    const ALL: &'static [RtcmRevision] = &[
        RtcmRevision::Unknown,
        RtcmRevision::Reserved,
        RtcmRevision::Cmr,
        RtcmRevision::CmrPlus,
        RtcmRevision::Sapos,
        RtcmRevision::SaposAdv,
        RtcmRevision::Rtca,
        RtcmRevision::Raw,
        RtcmRevision::Rinex,
        RtcmRevision::Sp3,
        RtcmRevision::Binex,
        RtcmRevision::Rev2X,
        RtcmRevision::Rev2_0,
        RtcmRevision::Rev2_1,
        RtcmRevision::Rev2_3,
        RtcmRevision::Rev3_0,
        RtcmRevision::Rev3_1,
        RtcmRevision::Rev3_2,
    ];
    const FIRST: u64 = 0;
}

impl Named for EquipmentType {
    const ALL: &'static [EquipmentType] =
        &[EquipmentType::Unknown, EquipmentType::Rsu, EquipmentType::Obu, EquipmentType::Vru];
    const FIRST: u64 = 0;
}

impl Named for DetectedType {
    const ALL: &'static [DetectedType] = &[
        DetectedType::Unknown,
        DetectedType::UnknownMovable,
        DetectedType::UnknownUnmovable,
        DetectedType::Car,
        DetectedType::Van,
        DetectedType::Truck,
        DetectedType::Bus,
        DetectedType::Cyclist,
        DetectedType::Motorcyclist,
        DetectedType::Tricyclist,
        DetectedType::Pedestrian,
    ];
    const FIRST: u64 = 0;
}

impl Named for ObstacleType {
    const ALL: &'static [ObstacleType] = &[
        ObstacleType::Unknown,
        ObstacleType::Rockfall,
        ObstacleType::Landslide,
        ObstacleType::AnimalIntrusion,
        ObstacleType::LiquidSpill,
        ObstacleType::GoodsScattered,
        ObstacleType::Trafficcone,
        ObstacleType::SafetyTriangle,
        ObstacleType::TrafficRoadblock,
        ObstacleType::InspectionShaftWithoutCover,
        ObstacleType::UnknownFragments,
        ObstacleType::UnknownHardObject,
        ObstacleType::UnknownSoftObject,
    ];
    const FIRST: u64 = 0;
}

#[cfg(test)]
mod tests {
    use super::super::tests::{same_bits, same_names_of};
    use super::*;
    use crate::model::flags;
    use crate::wire::{CSAE157, CSAE157_SHAPES, csae157};

    #[test]
    fn the_models_names_stand_in_the_order_of_the_standard() {
        same_names_of::<csae157::ReqStatus, RequestStatus>(&CSAE157);
        same_names_of::<csae157::Maneuver, Turn>(&CSAE157);
        same_names_of::<csae157::AvpType, AvpType>(&CSAE157);
        same_names_of::<csae157::SlotStatus, SlotStatus>(&CSAE157);
        same_names_of::<csae157::ParkingSpaceTheta, SlotAngle>(&CSAE157);
        same_names_of::<csae157::ParkingLock, SlotLock>(&CSAE157);
        same_names_of::<csae157::RoleInPlatooning, PlatoonRole>(&CSAE157);
        same_names_of::<csae157::StatusInPlatooning, PlatoonStatus>(&CSAE157);
        same_names_of::<csae157::RtcmRevision, RtcmRevision>(&CSAE157);
        same_names_of::<csae157::EquipmentType, EquipmentType>(&CSAE157);
        same_names_of::<csae157::DetectedPtcType, DetectedType>(&CSAE157);
        same_names_of::<csae157::ObstacleType, ObstacleType>(&CSAE157);
    }

    #[test]
    fn the_models_flags_have_the_bits_of_the_standard() {
        same_bits::<flags::DriveBehavior>(&CSAE157_SHAPES, "DriveBehavior");
        same_bits::<flags::CoordinationInfo>(&CSAE157_SHAPES, "CoordinationInfo");
        same_bits::<flags::ParkingRequest>(&CSAE157_SHAPES, "ParkingRequest");
        same_bits::<flags::ParkingType>(&CSAE157_SHAPES, "ParkingType");
        same_bits::<flags::ParkingNodeAttribute>(&CSAE157_SHAPES, "PAMNodeAttributes");
    }
}
