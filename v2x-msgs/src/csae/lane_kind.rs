//! What a lane is, in the MAP of every message set. Compiled for the types of each.

use super::wire;
use crate::csae::named::{from_bits, to_bits};
use crate::model::LaneType;

pub(super) fn to_type(kind: &LaneType) -> wire::LaneTypeAttributes {
    use wire::LaneTypeAttributes as Kind;
    match kind {
        LaneType::Vehicle(set) => Kind::Vehicle(wire::LaneAttributesVehicle(to_bits(set))),
        LaneType::Crosswalk(set) => Kind::Crosswalk(wire::LaneAttributesCrosswalk(to_bits(set))),
        LaneType::BikeLane(set) => Kind::BikeLane(wire::LaneAttributesBike(to_bits(set))),
        LaneType::Sidewalk(set) => Kind::Sidewalk(wire::LaneAttributesSidewalk(to_bits(set))),
        LaneType::Median(set) => Kind::Median(wire::LaneAttributesBarrier(to_bits(set))),
        LaneType::Striping(set) => Kind::Striping(wire::LaneAttributesStriping(to_bits(set))),
        LaneType::TrackedVehicle(set) => Kind::TrackedVehicle(wire::LaneAttributesTrackedVehicle(to_bits(set))),
        LaneType::Parking(set) => Kind::Parking(wire::LaneAttributesParking(to_bits(set))),
    }
}

pub(super) fn from_type(kind: &wire::LaneTypeAttributes) -> LaneType {
    use wire::LaneTypeAttributes as Kind;
    match kind {
        Kind::Vehicle(bits) => LaneType::Vehicle(from_bits(&bits.0)),
        Kind::Crosswalk(bits) => LaneType::Crosswalk(from_bits(&bits.0)),
        Kind::BikeLane(bits) => LaneType::BikeLane(from_bits(&bits.0)),
        Kind::Sidewalk(bits) => LaneType::Sidewalk(from_bits(&bits.0)),
        Kind::Median(bits) => LaneType::Median(from_bits(&bits.0)),
        Kind::Striping(bits) => LaneType::Striping(from_bits(&bits.0)),
        Kind::TrackedVehicle(bits) => LaneType::TrackedVehicle(from_bits(&bits.0)),
        Kind::Parking(bits) => LaneType::Parking(from_bits(&bits.0)),
    }
}
