//! The bit strings of the messages as sets of named flags. A flag's place in its list is its bit on the wire, the first
//! bit first. Bits without a name are not kept here; the wire-level JSON has them.

mod driving;
mod lane;
mod parking;
mod person;
mod service;
mod signal;
mod vehicle;

use std::collections::BTreeSet;

pub use driving::{CoordinationInfo, DriveBehavior};
pub use lane::{
    BarrierAttribute, BikeLaneAttribute, CrosswalkAttribute, LaneSharing, Maneuver, ParkingAttribute,
    SidewalkAttribute, StripingAttribute, TrackedVehicleAttribute, VehicleLaneAttribute,
};
pub use parking::{ParkingNodeAttribute, ParkingRequest, ParkingType};
pub use person::{Assistance, DeviceUse, WorkActivity};
pub use service::{PrivilegedEvent, TransitStatus};
pub use signal::IntersectionStatus;
pub use vehicle::{ExteriorLight, GnssStatus, VehicleEvent, Wheel};

/// A named bit of a bit string.
pub trait Flag: Copy + Ord + 'static {
    /// Every flag, in the order of the bits.
    const ALL: &'static [Self];
    /// Bits on the wire.
    const BITS: u64;
}

/// The bits of a set, most significant bit of the first octet first.
pub(crate) fn to_octets<F: Flag>(set: &BTreeSet<F>) -> Vec<u8> {
    let mut octets = vec![0_u8; F::BITS.div_ceil(8) as usize];
    for (bit, _) in F::ALL.iter().enumerate().filter(|(_, flag)| set.contains(flag)) {
        if let Some(octet) = octets.get_mut(bit / 8) {
            *octet |= 0x80 >> (bit % 8);
        }
    }
    octets
}

/// The set of the bits that have a name.
pub(crate) fn from_octets<F: Flag>(octets: &[u8]) -> BTreeSet<F> {
    let set = |bit: usize| octets.get(bit / 8).is_some_and(|octet| octet & (0x80 >> (bit % 8)) != 0);
    F::ALL.iter().enumerate().filter(|(bit, _)| set(*bit)).map(|(_, flag)| *flag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_flag_is_the_first_bit() {
        let set = BTreeSet::from([Maneuver::Straight, Maneuver::YieldAlwaysRequired]);
        assert_eq!(to_octets(&set), [0x80, 0x80]);
        assert_eq!(from_octets::<Maneuver>(&[0x80, 0x80]), set);
    }

    #[test]
    fn bits_without_a_name_and_missing_octets_are_no_flags() {
        assert_eq!(from_octets::<SidewalkAttribute>(&[0x0f, 0xff]), BTreeSet::new());
        assert_eq!(from_octets::<IntersectionStatus>(&[]), BTreeSet::new());
    }
}
