//! Numbers with a unit: steps on the wire, SI in the model. Values on the wire are whole steps; here is one function for
//! each way in which a value that does not fit is treated, as the model's fields promise.

use crate::error::EncodeError;

/// How a number lies on the wire: whole steps of a size, from `least` to `most`. The size is a fraction of whole numbers,
/// so that a value is the double next to its short decimal form (11.8, not 11.799999999999999).
#[derive(Copy, Clone)]
pub(crate) struct Steps {
    /// A step is `part` / `whole` of the unit.
    pub part: f64,
    /// See `part`.
    pub whole: f64,
    /// Smallest number of steps that is a value.
    pub least: i64,
    /// Largest number of steps that is a value.
    pub most: i64,
}

impl Steps {
    /// So many steps in one unit.
    pub(crate) const fn new(per_unit: f64, least: i64, most: i64) -> Steps {
        Steps { part: 1.0, whole: per_unit, least, most }
    }

    /// Steps of `part` / `whole` of a unit.
    pub(crate) const fn of(part: f64, whole: f64, least: i64, most: i64) -> Steps {
        Steps { part, whole, least, most }
    }

    /// Unit from steps.
    pub(crate) fn value(self, steps: i64) -> f64 {
        steps as f64 * self.part / self.whole
    }

    /// Unit from steps; `None` outside the range of values.
    pub(crate) fn known(self, steps: i64) -> Option<f64> {
        (self.least..=self.most).contains(&steps).then(|| self.value(steps))
    }

    /// Steps from unit, the nearest that fits.
    pub(crate) fn saturate(self, field: &'static str, value: f64) -> Result<i64, EncodeError> {
        let steps = (finite(field, value)? * self.whole / self.part).round();
        Ok((steps as i64).clamp(self.least, self.most))
    }

    /// Steps from unit, the nearest that fits; negative values are refused.
    pub(crate) fn saturate_above(self, field: &'static str, value: f64) -> Result<i64, EncodeError> {
        if value < 0.0 {
            return Err(self.out_of_range(field, value));
        }
        self.saturate(field, value)
    }

    /// Steps from unit; values that do not fit are refused.
    pub(crate) fn strict(self, field: &'static str, value: f64) -> Result<i64, EncodeError> {
        let steps = (finite(field, value)? * self.whole / self.part).round();
        if (self.least as f64..=self.most as f64).contains(&steps) {
            Ok(steps as i64)
        } else {
            Err(self.out_of_range(field, value))
        }
    }

    /// Steps from an angle in degrees, modulo a full turn of `most` + 1 steps.
    pub(crate) fn around(self, field: &'static str, degrees: f64) -> Result<i64, EncodeError> {
        let steps = (finite(field, degrees)?.rem_euclid(360.0) * self.whole / self.part).round() as i64;
        Ok(if steps > self.most { 0 } else { steps })
    }

    fn out_of_range(self, field: &'static str, value: f64) -> EncodeError {
        EncodeError::OutOfRange {
            field: field.to_owned(),
            value: value.to_string(),
            allowed: format!("{} to {}", self.value(self.least), self.value(self.most)),
        }
    }
}

/// A number that is one.
pub(crate) fn finite(field: &'static str, value: f64) -> Result<f64, EncodeError> {
    if value.is_finite() { Ok(value) } else { Err(EncodeError::NotFinite { field: field.to_owned() }) }
}

/// A whole number up to a limit.
pub(crate) fn at_most<T: PartialOrd + std::fmt::Display + Copy>(
    field: &'static str,
    value: T,
    most: T,
) -> Result<T, EncodeError> {
    if value <= most {
        Ok(value)
    } else {
        Err(EncodeError::OutOfRange {
            field: field.to_owned(),
            value: value.to_string(),
            allowed: format!("up to {most}"),
        })
    }
}

/// DE_Confidence: 0.5 %; a fraction in the model.
pub(crate) const CONFIDENCE: Steps = Steps::new(200.0, 0, 200);
/// DE_LaneWidth: 0.01 m.
pub(crate) const LANE_WIDTH: Steps = Steps::new(100.0, 0, 32_767);
/// DE_Radius: 0.1 m.
pub(crate) const RADIUS: Steps = Steps::new(10.0, 0, 65_535);
/// DE_Speed: 0.02 m/s.
pub(crate) const SPEED: Steps = Steps::new(50.0, 0, 8_190);

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: Steps = Steps::new(80.0, 0, 28_799);

    #[test]
    fn every_step_comes_back() {
        for steps in 0..=8_190 {
            assert_eq!(SPEED.saturate_above("speed", SPEED.value(steps)), Ok(steps));
        }
        for steps in 0..=28_799 {
            assert_eq!(HEADING.around("heading", HEADING.value(steps)), Ok(steps));
        }
    }

    #[test]
    fn values_beyond_the_wire_are_held_or_refused_as_promised() {
        assert_eq!(SPEED.saturate_above("speed", 500.0), Ok(8_190));
        assert!(SPEED.saturate_above("speed", -0.02).is_err());
        assert_eq!(CONFIDENCE.strict("confidence", 1.0), Ok(200));
        assert!(CONFIDENCE.strict("confidence", 1.01).is_err());
        assert_eq!(SPEED.known(8_191), None);
        assert_eq!(HEADING.around("heading", -0.001), Ok(0));
        assert_eq!(HEADING.around("heading", 725.0), Ok(400));
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(SPEED.saturate("speed", bad).is_err());
            assert!(SPEED.saturate_above("speed", bad).is_err());
            assert!(SPEED.strict("speed", bad).is_err());
            assert!(HEADING.around("heading", bad).is_err());
        }
    }
}
