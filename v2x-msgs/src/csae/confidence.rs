//! Ladders of accuracy: the wire names steps ("within 20 cm"), the model has the number. The next coarser step is sent,
//! so that a unit never claims more than it knows; coarser than the coarsest step is "not available", index 0.

use asn1rs::syn::enumerated;

use super::quantity::finite;
use crate::error::EncodeError;

/// DE_PositionConfidence and DE_ElevationConfidence, metres; index 1 first.
pub(crate) const POSITION_M: [f64; 15] =
    [500.0, 200.0, 100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
/// DE_SpeedConfidence, m/s.
pub(crate) const SPEED_MPS: [f64; 7] = [100.0, 10.0, 5.0, 1.0, 0.1, 0.05, 0.01];
/// DE_HeadingConfidence, degrees; the last two stand in this order in the standard.
pub(crate) const HEADING_DEG: [f64; 7] = [10.0, 5.0, 1.0, 0.1, 0.05, 0.01, 0.0125];
/// DE_AccConfidence, m/s², and DE_AngularVConfidence, degrees per second.
pub(crate) const RATE: [f64; 7] = [100.0, 10.0, 5.0, 1.0, 0.1, 0.05, 0.01];
/// DE_SizeValueConfidence, metres.
pub(crate) const SIZE_M: [f64; 13] = [100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
/// DE_SteeringWheelAngleConfidence, degrees.
pub(crate) const STEER_DEG: [f64; 3] = [2.0, 1.0, 0.02];
/// DE_TimeConfidence, seconds.
pub(crate) const TIME_S: [f64; 39] = [
    100.0, 50.0, 20.0, 10.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 5e-4, 2e-4, 1e-4, 5e-5,
    2e-5, 1e-5, 5e-6, 2e-6, 1e-6, 5e-7, 2e-7, 1e-7, 5e-8, 2e-8, 1e-8, 5e-9, 2e-9, 1e-9, 5e-10, 2e-10, 1e-10, 5e-11,
    2e-11, 1e-11,
];

/// The number of a step; `None` for "not available".
pub(crate) fn from_step<C: enumerated::Constraint>(ladder: &[f64], step: &C) -> Option<f64> {
    let index = step.to_choice_index().checked_sub(1)?;
    ladder.get(index as usize).copied()
}

/// The finest step that is no finer than a number; `None` when the number is coarser than all, or is not known.
pub(crate) fn to_step<C: enumerated::Constraint>(
    field: &'static str,
    ladder: &[f64],
    value: Option<f64>,
) -> Result<Option<C>, EncodeError> {
    let Some(value) = value else { return Ok(None) };
    let value = finite(field, value)?;
    if value < 0.0 {
        let allowed = "0 and more".to_owned();
        return Err(EncodeError::OutOfRange { field: field.to_owned(), value: value.to_string(), allowed });
    }
    let steps = ladder.iter().enumerate().filter(|(_, step)| **step >= value);
    let best = steps.min_by(|(_, a), (_, b)| a.total_cmp(b));
    Ok(best.and_then(|(index, _)| C::from_choice_index(index as u64 + 1)))
}

/// As [`to_step`], where the wire has no other way to say "not available" than its first enumerator.
pub(crate) fn to_step_or_unavailable<C: enumerated::Constraint + Default>(
    field: &'static str,
    ladder: &[f64],
    value: Option<f64>,
) -> Result<C, EncodeError> {
    Ok(to_step(field, ladder, value)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::csae53::{HeadingConfidence, PositionConfidence, TimeConfidence};

    #[test]
    fn a_unit_never_claims_more_than_it_knows() {
        let step = |m| to_step::<PositionConfidence>("pos", &POSITION_M, Some(m)).unwrap();
        assert_eq!(step(0.11), Some(PositionConfidence::A20cm));
        assert_eq!(step(0.2), Some(PositionConfidence::A20cm));
        assert_eq!(step(0.0), Some(PositionConfidence::A1cm));
        assert_eq!(step(501.0), None);
        assert!(to_step::<PositionConfidence>("pos", &POSITION_M, Some(-1.0)).is_err());
        assert!(to_step::<PositionConfidence>("pos", &POSITION_M, Some(f64::NAN)).is_err());
    }

    #[test]
    fn every_step_comes_back_in_the_standards_odd_order_too() {
        for index in 1..8 {
            let step = <HeadingConfidence as enumerated::Constraint>::from_choice_index(index).unwrap();
            let value = from_step(&HEADING_DEG, &step);
            assert_eq!(to_step::<HeadingConfidence>("heading", &HEADING_DEG, value).unwrap(), Some(step));
        }
        for index in 1..40 {
            let step = <TimeConfidence as enumerated::Constraint>::from_choice_index(index).unwrap();
            let value = from_step(&TIME_S, &step);
            assert_eq!(to_step::<TimeConfidence>("time", &TIME_S, value).unwrap(), Some(step));
        }
        assert_eq!(from_step(&TIME_S, &TimeConfidence::Unavailable), None);
    }
}
