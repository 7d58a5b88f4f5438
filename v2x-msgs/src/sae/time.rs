//! Marks of time on the wire.

use crate::csae::quantity::{LAST_SECOND, MARK, NO_MINUTE, NO_SECOND, Steps, at_most};
use crate::error::EncodeError;
use crate::model::DateTime;
use crate::wire::j2735 as wire;

/// "Not known" since the edition of 2020; 36001 before. Both are read as "not known".
pub(super) const NO_MARK: u16 = 36_111;
/// DTimeOffset: minutes.
const OFFSET: Steps = Steps::new(1.0, -840, 840);

/// DE_DSecond, mandatory.
pub(super) fn to_second(field: &'static str, ms: Option<u16>) -> Result<wire::DSecond, EncodeError> {
    Ok(to_second_or_none(field, ms)?.unwrap_or(wire::DSecond(NO_SECOND)))
}

/// DE_DSecond, OPTIONAL.
pub(super) fn to_second_or_none(field: &'static str, ms: Option<u16>) -> Result<Option<wire::DSecond>, EncodeError> {
    ms.map(|ms| at_most(field, ms, LAST_SECOND).map(wire::DSecond)).transpose()
}

/// 61000..65534 are reserved: they say nothing.
pub(super) fn from_second(second: &wire::DSecond) -> Option<u16> {
    Some(second.0).filter(|ms| *ms <= LAST_SECOND)
}

/// DE_MinuteOfTheYear, OPTIONAL.
pub(super) fn to_minute(
    field: &'static str,
    minute: Option<u32>,
) -> Result<Option<wire::MinuteOfTheYear>, EncodeError> {
    minute.map(|minute| at_most(field, minute, NO_MINUTE - 1).map(wire::MinuteOfTheYear)).transpose()
}

pub(super) fn from_minute(minute: Option<&wire::MinuteOfTheYear>) -> Option<u32> {
    minute.map(|minute| minute.0).filter(|minute| *minute < NO_MINUTE)
}

/// DE_TimeMark, OPTIONAL.
pub(super) fn to_mark(field: &'static str, seconds: Option<f64>) -> Result<Option<wire::TimeMark>, EncodeError> {
    seconds.map(|s| MARK.saturate_above(field, s).map(|steps| wire::TimeMark(steps as u16))).transpose()
}

/// 36000: "in a later hour", 3600 s in the model. Above: nothing that is known.
pub(super) fn from_mark(mark: &wire::TimeMark) -> Option<f64> {
    MARK.known(i64::from(mark.0))
}

pub(super) fn to_date(date: &DateTime) -> Result<wire::DDateTime, EncodeError> {
    let offset = date.offset_min.map(|minutes| OFFSET.strict("offset_min", f64::from(minutes))).transpose()?;
    Ok(wire::DDateTime {
        year: date.year.map(|year| at_most("year", year, 4_095).map(wire::DYear)).transpose()?,
        month: date.month.map(|month| at_most("month", month, 12).map(wire::DMonth)).transpose()?,
        day: date.day.map(|day| at_most("day", day, 31).map(wire::DDay)).transpose()?,
        hour: date.hour.map(|hour| at_most("hour", hour, 31).map(wire::DHour)).transpose()?,
        minute: date.minute.map(|minute| at_most("minute", minute, 60).map(wire::DMinute)).transpose()?,
        second: to_second_or_none("second_ms", date.second_ms)?,
        offset: offset.map(|minutes| wire::DOffset(minutes as i16)),
    })
}

/// 31 for the hour, 60 for the minute and 0 for the others mean "not known".
pub(super) fn from_date(date: &wire::DDateTime) -> DateTime {
    DateTime {
        year: date.year.as_ref().map(|year| year.0).filter(|year| *year > 0),
        month: date.month.as_ref().map(|month| month.0).filter(|month| *month > 0),
        day: date.day.as_ref().map(|day| day.0).filter(|day| *day > 0),
        hour: date.hour.as_ref().map(|hour| hour.0).filter(|hour| *hour < 31),
        minute: date.minute.as_ref().map(|minute| minute.0).filter(|minute| *minute < 60),
        second_ms: date.second.as_ref().and_then(from_second),
        offset_min: date.offset.as_ref().map(|minutes| minutes.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mark_above_36000_is_encoded_but_for_not_known() {
        for seconds in [0.0, 3_599.96, 3_600.0, 3_601.0, 1e9] {
            assert!(to_mark("likely_time", Some(seconds)).unwrap().is_some_and(|mark| mark.0 <= 36_000));
        }
        assert!(to_mark("likely_time", Some(-0.1)).is_err());
    }

    #[test]
    fn a_mark_that_is_not_known_is_understood_in_every_edition() {
        assert_eq!(from_mark(&wire::TimeMark(36_001)), None);
        assert_eq!(from_mark(&wire::TimeMark(36_111)), None);
        assert_eq!(from_mark(&wire::TimeMark(36_000)), Some(3600.0));
        assert_eq!(from_mark(&wire::TimeMark(35_999)), Some(3599.9));
    }

    #[test]
    fn parts_of_a_date_that_are_not_known_are_none() {
        let unknown = wire::DDateTime {
            year: Some(wire::DYear(0)),
            month: Some(wire::DMonth(0)),
            day: Some(wire::DDay(0)),
            hour: Some(wire::DHour(31)),
            minute: Some(wire::DMinute(60)),
            second: Some(wire::DSecond(65_535)),
            offset: None,
        };
        assert_eq!(from_date(&unknown), DateTime::default());
    }
}
