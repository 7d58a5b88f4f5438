//! The forms of time that most messages need, from Unix time in milliseconds; all of time is in [`crate::time`].

use crate::time::Moment;

/// One moment in the forms of the messages.
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
    let moment = Moment::from_unix_ms(unix_ms);
    let (sec_mark_ms, minute_of_year) = (moment.sec_mark_ms(), moment.minute_of_year());
    WireTime { sec_mark_ms, minute_of_year, hour_ms: moment.hour_ms() }
}

/// The Unix time in milliseconds that a second mark means, nearest to `near_unix_ms`; see [`Moment::unix_ms_near`].
#[must_use]
pub fn unix_ms_near(sec_mark_ms: u16, near_unix_ms: i64) -> Option<i64> {
    Moment::from_unix_ms(near_unix_ms).unix_ms_near(sec_mark_ms)
}

/// The Unix time in milliseconds of a minute of the year and a second mark, in the year nearest to `near_unix_ms`; see
/// [`Moment::unix_ms_of`].
#[must_use]
pub fn unix_ms_of(minute_of_year: u32, sec_mark_ms: u16, near_unix_ms: i64) -> Option<i64> {
    Moment::from_unix_ms(near_unix_ms).unix_ms_of(minute_of_year, sec_mark_ms)
}

/// A moment as a mark in the UTC hour, seconds; see [`Moment::mark_s`].
#[must_use]
pub fn utc_mark_s(event_unix_ms: i64, message_unix_ms: i64) -> f64 {
    Moment::from_unix_ms(message_unix_ms).mark_s(event_unix_ms)
}

/// The moment that a mark in the UTC hour means, Unix time in milliseconds; see [`Moment::unix_ms_of_mark`].
#[must_use]
pub fn unix_ms_of_mark(mark_s: f64, message_unix_ms: i64) -> Option<i64> {
    Moment::from_unix_ms(message_unix_ms).unix_ms_of_mark(mark_s)
}

/// The next message count, 0..127.
#[must_use]
pub fn next_count(msg_cnt: u8) -> u8 {
    msg_cnt.wrapping_add(1) % 128
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW_YEAR_2027: i64 = 1_798_761_600_000;
    const MS_A_DAY: i64 = 86_400_000;
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
