//! What an enumerator that a newer edition added is read as.
//!
//! | type | read as |
//! |---|---|
//! | any with an enumerator `unknown` or `unavailable` | that one: the receiver knows as much about it |
//! | `BasicVehicleRole` | `none-unknown`, as it calls that |
//! | any other | none: an OPTIONAL field is absent, a mandatory one makes the message an error |
//!
//! `none`, `other` and `reserved` do not stand in: they say something that the sender did not say.

/// Enumerators that stand in for what is not known, in whichever type has them.
const STAND_INS: [&str; 3] = ["unknown", "unavailable", "none-unknown"];

/// Index of the enumerator that stands in for an unknown one, among those of its type.
#[cold]
pub(crate) fn stand_in(enumerators: &[&str]) -> Option<usize> {
    enumerators.iter().position(|name| STAND_INS.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{CSAE53, J2735};

    #[test]
    fn only_what_says_unknown_stands_in() {
        assert_eq!(stand_in(CSAE53.parts_of("ParticipantType")), Some(0));
        assert_eq!(stand_in(CSAE53.parts_of("LightState")), Some(0));
        assert_eq!(stand_in(J2735.parts_of("VehicleType")), Some(1));
        assert_eq!(stand_in(J2735.parts_of("BasicVehicleRole")), Some(8));
        assert_eq!(stand_in(CSAE53.parts_of("ResponseType")), None);
        assert_eq!(stand_in(&[]), None);
    }
}
