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

    /// The value that comes back after a journey over the wire.
    pub(crate) fn held(self, value: f64) -> f64 {
        self.value(((value * self.whole / self.part).round() as i64).clamp(self.least, self.most))
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

/// DE_Speed: not available.
pub(crate) const NO_SPEED: u16 = 8_191;
/// DE_Heading: 0.0125°.
pub(crate) const HEADING: Steps = Steps::new(80.0, 0, 28_799);
/// DE_Heading: not available.
pub(crate) const NO_HEADING: u16 = 28_800;
/// DE_SteeringWheelAngle: 1.5°.
pub(crate) const STEERING: Steps = Steps::of(3.0, 2.0, -126, 126);
/// DE_Acceleration: 0.01 m/s².
pub(crate) const ACCELERATION: Steps = Steps::new(100.0, -2_000, 2_000);
/// DE_Acceleration: not available.
pub(crate) const NO_ACCELERATION: i64 = 2_001;
/// 0.02 g, with the standard gravity of 9.80665 m/s².
pub(crate) const VERTICAL: Steps = Steps::of(196_133.0, 1e6, -126, 127);
/// DE_VerticalAcceleration: not available.
pub(crate) const NO_VERTICAL: i64 = -127;
/// DE_YawRate: 0.01 °/s.
pub(crate) const YAW_RATE: Steps = Steps::new(100.0, -32_767, 32_767);
/// DE_VehicleWidth: 0.01 m; 0 is "not available".
pub(crate) const WIDTH: Steps = Steps::new(100.0, 1, 1_023);
/// DE_VehicleLength: 0.01 m; 0 is "not available".
pub(crate) const LENGTH: Steps = Steps::new(100.0, 1, 4_095);
/// DE_VehicleHeight: 0.05 m; 0 is "not available".
pub(crate) const HEIGHT: Steps = Steps::new(20.0, 1, 127);
/// DE_Latitude: 1e-7°.
pub(crate) const LATITUDE: Steps = Steps::new(1e7, -900_000_000, 900_000_000);
/// −180° itself is not on the wire; it is 180°.
pub(crate) const LONGITUDE: Steps = Steps::new(1e7, -1_799_999_999, 1_800_000_000);
/// DE_Elevation: 0.1 m.
pub(crate) const ELEVATION: Steps = Steps::new(10.0, -4_095, 61_439);
/// DE_SemiMajorAxisAccuracy: 0.05 m.
pub(crate) const AXIS: Steps = Steps::new(20.0, 0, 254);
/// DE_SemiMajorAxisOrientation: 360/65535°.
pub(crate) const ORIENTATION: Steps = Steps::of(360.0, 65_535.0, 0, 65_534);
/// DE_Latitude: not available.
pub(crate) const NO_LATITUDE: i32 = 900_000_001;
/// DE_Longitude: not available.
pub(crate) const NO_LONGITUDE: i32 = 1_800_000_001;
/// DE_Elevation: not available.
pub(crate) const NO_ELEVATION: i32 = -4_096;
/// All around the earth, in steps of DE_Longitude.
pub(crate) const FULL_TURN: i64 = 3_600_000_000;
/// DE_TimeOffset: 0.01 s, and 65535 for "not available".
pub(crate) const TIME_OFFSET: Steps = Steps::new(100.0, 1, 65_534);
/// DE_TimeOffset: not available.
pub(crate) const NO_TIME_OFFSET: u16 = 65_535;
/// DE_CoarseHeading: 1.5°, and 240 for "not available".
pub(crate) const COARSE_HEADING: Steps = Steps::of(3.0, 2.0, 0, 239);
/// DE_RadiusOfCurvature: 0.1 m, and 32767 for "straight".
pub(crate) const CURVE: Steps = Steps::new(10.0, -32_767, 32_766);
/// DE_RadiusOfCurvature: straight on.
pub(crate) const STRAIGHT: i16 = 32_767;
/// DE_DSecond: not available.
pub(crate) const NO_SECOND: u16 = 65_535;
/// DE_DSecond: the last one that means something; from 60000 on a leap second.
pub(crate) const LAST_SECOND: u16 = 60_999;
/// DE_MinuteOfTheYear: not available.
pub(crate) const NO_MINUTE: u32 = 527_040;
/// 36000 is "beyond the hour", which the model has as 3600 s.
pub(crate) const MARK: Steps = Steps::new(10.0, 0, 36_000);

#[cfg(test)]
mod tests {
    use super::*;

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
