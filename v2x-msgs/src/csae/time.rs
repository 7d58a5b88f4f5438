//! Marks of time on the wire.

use super::wire;
use crate::csae::quantity::{LAST_SECOND, MARK, NO_MINUTE, NO_SECOND, at_most};
use crate::error::EncodeError;

const NO_MARK: u16 = 36_001;

/// DE_DSecond, mandatory.
pub(crate) fn to_second(field: &'static str, ms: Option<u16>) -> Result<wire::DSecond, EncodeError> {
    Ok(to_second_or_none(field, ms)?.unwrap_or(wire::DSecond(NO_SECOND)))
}

/// DE_DSecond, OPTIONAL.
pub(crate) fn to_second_or_none(field: &'static str, ms: Option<u16>) -> Result<Option<wire::DSecond>, EncodeError> {
    ms.map(|ms| at_most(field, ms, LAST_SECOND).map(wire::DSecond)).transpose()
}

/// 61000..65534 are reserved: they say nothing.
pub(crate) fn from_second(second: &wire::DSecond) -> Option<u16> {
    Some(second.0).filter(|ms| *ms <= LAST_SECOND)
}

/// DE_MinuteOfTheYear, OPTIONAL.
pub(crate) fn to_minute(
    field: &'static str,
    minute: Option<u32>,
) -> Result<Option<wire::MinuteOfTheYear>, EncodeError> {
    minute.map(|minute| at_most(field, minute, NO_MINUTE - 1).map(wire::MinuteOfTheYear)).transpose()
}

pub(crate) fn from_minute(minute: Option<&wire::MinuteOfTheYear>) -> Option<u32> {
    minute.map(|minute| minute.0).filter(|minute| *minute < NO_MINUTE)
}

/// DE_TimeMark, mandatory.
pub(crate) fn to_mark(field: &'static str, seconds: Option<f64>) -> Result<wire::TimeMark, EncodeError> {
    Ok(to_mark_or_none(field, seconds)?.unwrap_or(wire::TimeMark(NO_MARK)))
}

/// DE_TimeMark, OPTIONAL.
pub(crate) fn to_mark_or_none(
    field: &'static str,
    seconds: Option<f64>,
) -> Result<Option<wire::TimeMark>, EncodeError> {
    seconds.map(|s| MARK.saturate_above(field, s).map(|steps| wire::TimeMark(steps as u16))).transpose()
}

pub(crate) fn from_mark(mark: &wire::TimeMark) -> Option<f64> {
    MARK.known(i64::from(mark.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_and_missing_times_are_none() {
        assert_eq!(from_second(&wire::DSecond(60_999)), Some(60_999));
        assert_eq!(from_second(&wire::DSecond(61_000)), None);
        assert_eq!(from_second(&wire::DSecond(65_535)), None);
        assert_eq!(to_second("sec_mark_ms", None), Ok(wire::DSecond(65_535)));
        assert!(to_second("sec_mark_ms", Some(61_000)).is_err());
        assert_eq!(from_minute(Some(&wire::MinuteOfTheYear(527_040))), None);
        assert!(to_minute("moy", Some(527_040)).is_err());
    }

    #[test]
    fn beyond_the_hour_is_3600_seconds() {
        assert_eq!(from_mark(&wire::TimeMark(36_000)), Some(3600.0));
        assert_eq!(from_mark(&wire::TimeMark(36_001)), None);
        assert_eq!(to_mark("start_time_s", Some(9_999.0)), Ok(wire::TimeMark(36_000)));
        assert!(to_mark("start_time_s", Some(-0.1)).is_err());
    }
}
