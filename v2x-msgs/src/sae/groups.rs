//! Groups of ITIS phrases that SAE J2735 has as enumerations: the phrase is the number of the enumerator.

use asn1rs::syn::enumerated;

use crate::error::EncodeError;

/// VehicleGroupAffected: every phrase from the first to the last.
pub(super) const VEHICLES: Group = Group::Row { first: 9_217, last: 9_251 };
/// ResponderGroupAffected: every phrase from the first to the last.
pub(super) const RESPONDERS: Group = Group::Row { first: 9_729, last: 9_742 };
/// IncidentResponseEquipment, in the order of the wire.
pub(super) const EQUIPMENT: Group = Group::List(&[
    9_985, 9_986, 9_988, 9_989, 9_990, 9_991, 9_993, 9_994, 9_995, 9_996, 9_997, 9_998, 10_000, 10_001, 10_004, 10_005,
    10_006, 10_008, 10_024, 10_025, 10_026, 10_027, 10_034, 10_035, 10_036, 10_044, 10_045, 10_046, 10_054, 10_055,
    10_056, 10_057, 10_058, 10_059, 10_060, 10_075, 10_076, 10_077, 10_078, 10_079, 10_083, 10_084, 10_085, 10_086,
    10_087, 10_088, 10_089, 10_090, 10_091, 10_092, 10_093, 10_094, 10_095, 10_096, 10_097, 10_098, 10_099, 10_100,
    10_101, 10_102, 10_103, 10_104, 10_105, 10_106, 10_107, 10_108, 10_109, 10_110, 10_111, 10_112, 10_113, 10_114,
]);

/// The phrases of an enumeration, in the order of the wire.
#[derive(Copy, Clone)]
pub(super) enum Group {
    /// Without a gap.
    Row { first: u16, last: u16 },
    /// With gaps.
    List(&'static [u16]),
}

impl Group {
    /// The enumerator of a phrase.
    pub(super) fn enumerator<C: enumerated::Constraint>(
        self,
        field: &'static str,
        phrase: Option<u16>,
    ) -> Result<Option<C>, EncodeError> {
        let Some(phrase) = phrase else { return Ok(None) };
        let (index, allowed) = match self {
            Group::Row { first, last } => {
                let index = (first..=last).contains(&phrase).then(|| u64::from(phrase - first));
                (index, format!("{first} to {last}"))
            }
            Group::List(phrases) => {
                let index = phrases.iter().position(|known| *known == phrase).map(|at| at as u64);
                (index, "the phrases of IncidentResponseEquipment, 9985 to 10114".to_owned())
            }
        };
        match index.and_then(C::from_choice_index) {
            Some(named) => Ok(Some(named)),
            None => Err(EncodeError::out_of_range(field, phrase, &allowed)),
        }
    }

    /// The phrase of an enumerator.
    pub(super) fn phrase<C: enumerated::Constraint>(self, named: &C) -> Option<u16> {
        let index = usize::try_from(named.to_choice_index()).ok()?;
        match self {
            Group::Row { first, .. } => u16::try_from(index).ok()?.checked_add(first),
            Group::List(phrases) => phrases.get(index).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::j2735 as wire;

    /// Every enumerator has a phrase, and every phrase an enumerator.
    fn covers<C: enumerated::Constraint + PartialEq + std::fmt::Debug>(group: Group) {
        for index in 0..C::STD_VARIANT_COUNT {
            let named = C::from_choice_index(index).unwrap();
            let phrase = group.phrase(&named);
            assert!(phrase.is_some());
            assert_eq!(group.enumerator("group", phrase), Ok(Some(named)));
        }
        let count = match group {
            Group::Row { first, last } => u64::from(last - first) + 1,
            Group::List(phrases) => phrases.len() as u64,
        };
        assert_eq!(count, C::STD_VARIANT_COUNT);
    }

    #[test]
    fn every_phrase_of_the_groups_comes_back_and_others_are_refused() {
        covers::<wire::VehicleGroupAffected>(VEHICLES);
        covers::<wire::ResponderGroupAffected>(RESPONDERS);
        covers::<wire::IncidentResponseEquipment>(EQUIPMENT);
        let error = VEHICLES.enumerator::<wire::VehicleGroupAffected>("vehicle_group", Some(9_252)).unwrap_err();
        assert!(error.to_string().starts_with("vehicle_group: 9252 is out of range, the wire holds 9217 to 9251"));
        assert!(EQUIPMENT.enumerator::<wire::IncidentResponseEquipment>("response_equipment", Some(9_987)).is_err());
    }
}
