//! Time as the messages carry it, all from one reading of UTC in milliseconds since 1970 (Unix time, which has no leap
//! seconds: a leap second shows as second 59 or 0 twice, so 60000..60999 is never made here, but is understood).

/// One moment in the forms of T/CSAE 53-2020.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct WireTime {
    /// Milliseconds in the UTC minute, 0..59999 (DE_DSecond).
    pub sec_mark_ms: u16,
    /// Minutes since 1 January 00:00 UTC, 0..527039 (DE_MinuteOfTheYear).
    pub minute_of_year: u32,
    /// Milliseconds in the UTC hour.
    pub hour_ms: u32,
}

/// The forms of one moment, given as Unix time in milliseconds.
///
/// ```
/// // 2026-11-21T12:40:05.250Z
/// let time = v2x_msgs::units::wire_time(1_795_264_805_250);
/// assert_eq!((time.sec_mark_ms, time.minute_of_year), (5_250, 324 * 1440 + 12 * 60 + 40));
/// ```
#[must_use]
pub fn wire_time(unix_ms: i64) -> WireTime {
    let days = unix_ms.div_euclid(MS_A_DAY);
    let in_day = unix_ms.rem_euclid(MS_A_DAY);
    let (year, _) = year_and_day(days);
    let minute_of_year = (days - days_before(year)) * 1440 + in_day / 60_000;
    WireTime {
        sec_mark_ms: (in_day % 60_000) as u16,
        minute_of_year: minute_of_year as u32,
        hour_ms: (in_day % 3_600_000) as u32,
    }
}

const MS_A_DAY: i64 = 86_400_000;

/// The Unix time in milliseconds that a second mark means, nearest to `near_unix_ms` (a mark says nothing of its
/// minute). `None` for values that mean nothing (61000 and above). A mark in the leap second, 60000..60999, means the
/// first second of the next minute, as Unix time has it.
#[must_use]
pub fn unix_ms_near(sec_mark_ms: u16, near_unix_ms: i64) -> Option<i64> {
    if sec_mark_ms > 60_999 {
        return None;
    }
    let minute = near_unix_ms.div_euclid(60_000) * 60_000;
    let candidate = minute.checked_add(i64::from(sec_mark_ms))?;
    [candidate.checked_sub(60_000)?, candidate, candidate.checked_add(60_000)?]
        .into_iter()
        .min_by_key(|c| (c - near_unix_ms).abs())
}

/// The Unix time in milliseconds of a minute of the year and a second mark, in the year nearest to `near_unix_ms`.
/// `None` for values that mean nothing.
#[must_use]
pub fn unix_ms_of(minute_of_year: u32, sec_mark_ms: u16, near_unix_ms: i64) -> Option<i64> {
    if minute_of_year >= 527_040 || sec_mark_ms > 60_999 {
        return None;
    }
    let (year, _) = year_and_day(near_unix_ms.div_euclid(MS_A_DAY));
    [year - 1, year, year + 1]
        .into_iter()
        .map(|y| days_before(y) * MS_A_DAY + i64::from(minute_of_year) * 60_000 + i64::from(sec_mark_ms))
        .min_by_key(|c| (c - near_unix_ms).abs())
}

/// A moment as a mark in the UTC hour, seconds, for [`crate::model::UtcTiming`]: 3600 when it is an hour or more after
/// `message_unix_ms` or lies before it by more than half an hour.
#[must_use]
pub fn utc_mark_s(event_unix_ms: i64, message_unix_ms: i64) -> f64 {
    let ahead = event_unix_ms.saturating_sub(message_unix_ms);
    if !(-1_800_000..3_600_000).contains(&ahead) {
        return 3600.0;
    }
    (event_unix_ms.rem_euclid(3_600_000) / 100) as f64 / 10.0
}

/// The moment that a mark in the UTC hour means, Unix time in milliseconds: the first such moment after half an hour
/// before the message's own time. Anchored on the message, never on the receiver's clock, so that the turn of the hour
/// is right. `None` for 3600 ("in a later hour") and beyond.
#[must_use]
pub fn unix_ms_of_mark(mark_s: f64, message_unix_ms: i64) -> Option<i64> {
    if !(0.0..3600.0).contains(&mark_s) {
        return None;
    }
    let mark = (mark_s * 10.0).round() as i64 * 100;
    let from = message_unix_ms.checked_sub(1_800_000)?;
    from.checked_add((mark - from.rem_euclid(3_600_000)).rem_euclid(3_600_000))
}

/// The next message count, 0..127.
#[must_use]
pub fn next_count(msg_cnt: u8) -> u8 {
    msg_cnt.wrapping_add(1) % 128
}

/// Days from 1970-01-01 to 1 January of a year (proleptic Gregorian calendar).
fn days_before(year: i64) -> i64 {
    let y = year - 1;
    y * 365 + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) - 719_162
}

/// Year, and day in it from 0, of a day counted from 1970-01-01.
fn year_and_day(days: i64) -> (i64, i64) {
    let mut year = 1970 + days.div_euclid(366);
    while days_before(year + 1) <= days {
        year += 1;
    }
    (year, days - days_before(year))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW_YEAR_2027: i64 = 1_798_761_600_000;
    const NEW_YEAR_2024: i64 = 1_704_067_200_000;

    #[test]
    fn the_year_begins_with_minute_zero_and_a_leap_year_ends_with_its_last() {
        assert_eq!(wire_time(NEW_YEAR_2027), WireTime { sec_mark_ms: 0, minute_of_year: 0, hour_ms: 0 });
        let last = wire_time(NEW_YEAR_2024 + 366 * MS_A_DAY - 1);
        assert_eq!(last, WireTime { sec_mark_ms: 59_999, minute_of_year: 527_039, hour_ms: 3_599_999 });
        assert_eq!(wire_time(0), WireTime { sec_mark_ms: 0, minute_of_year: 0, hour_ms: 0 });
        assert_eq!(wire_time(-1).minute_of_year, 525_599);
    }

    #[test]
    fn a_second_mark_is_found_across_the_turn_of_the_minute() {
        let now = NEW_YEAR_2027 + 200;
        assert_eq!(unix_ms_near(59_900, now), Some(NEW_YEAR_2027 - 100));
        assert_eq!(unix_ms_near(100, NEW_YEAR_2027 - 100), Some(NEW_YEAR_2027 + 100));
        assert_eq!(unix_ms_near(60_000, now), Some(NEW_YEAR_2027));
        assert_eq!(unix_ms_near(61_000, now), None);
        assert_eq!(unix_ms_near(65_535, now), None);
    }

    #[test]
    fn a_minute_of_the_year_is_found_across_new_year() {
        let time = wire_time(NEW_YEAR_2027 - 1_000);
        let found = unix_ms_of(time.minute_of_year, time.sec_mark_ms, NEW_YEAR_2027 + 5_000);
        assert_eq!(found, Some(NEW_YEAR_2027 - 1_000));
        assert_eq!(unix_ms_of(0, 3, NEW_YEAR_2027 - 60_000), Some(NEW_YEAR_2027 + 3));
        assert_eq!(unix_ms_of(527_040, 0, NEW_YEAR_2027), None);
    }

    #[test]
    fn a_mark_in_the_hour_is_found_across_the_turn_of_the_hour() {
        let message = NEW_YEAR_2027 - 2_000;
        let event = NEW_YEAR_2027 + 10_500;
        let mark = utc_mark_s(event, message);
        assert_eq!(mark, 10.5);
        assert_eq!(unix_ms_of_mark(mark, message), Some(event));
        let began = message - 20_000;
        assert_eq!(unix_ms_of_mark(utc_mark_s(began, message), message), Some(began));
        assert_eq!(utc_mark_s(message + 3_600_000, message), 3600.0);
        assert_eq!(unix_ms_of_mark(3600.0, message), None);
        assert_eq!(unix_ms_of_mark(f64::NAN, message), None);
    }

    #[test]
    fn the_message_count_wraps_at_128() {
        assert_eq!(next_count(126), 127);
        assert_eq!(next_count(127), 0);
        assert_eq!(next_count(255), 0);
    }
}
