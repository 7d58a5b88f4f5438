//! Time as messages carry it: second marks, minutes of the year, marks in the hour, dates, and the clock of certificates.
//! All forms of one moment come from **one** reading of a clock, a [`Moment`], so that a minute and a second never belong to
//! different minutes.
//!
//! ```
//! use v2x_msgs::time::Moment;
//! // 2026-11-21T12:40:05.250Z
//! let now = Moment::from_unix_ms(1_795_264_805_250);
//! assert_eq!((now.sec_mark_ms(), now.minute_of_year()), (5_250, 324 * 1440 + 12 * 60 + 40));
//! // A signal changes 20 minutes and 3 s later, in the next UTC hour: its mark is small, and is read back from the
//! // message's own time, never from the receiver's clock.
//! let change = now.unix_ms() + 1_203_000;
//! assert_eq!(now.mark_s(change), 8.2);
//! assert_eq!(now.unix_ms_of_mark(8.2), Some(1_795_266_008_200));
//! ```

mod calendar;
#[cfg(test)]
mod traps;

use crate::model::DateTime;

use calendar::{MS_A_DAY, day_of, days_before, year_and_day};

/// Milliseconds in a minute, an hour.
const MS_A_MINUTE: i64 = 60_000;
const MS_A_HOUR: i64 = 3_600_000;
/// The last second mark that means a moment: 60000..60999 are a leap second (DE_DSecond).
pub const LAST_SECOND_MARK_MS: u16 = 60_999;
/// The last minute of a year (DE_MinuteOfTheYear).
pub const LAST_MINUTE: u32 = 527_039;
/// The mark that means "an hour or more away" (DE_TimeMark 36000), seconds.
pub const LATER_HOUR_S: f64 = 3600.0;
/// A mark is looked for from this long before the message: a state that shows now began in the past.
const LOOK_BACK_MS: i64 = 1_800_000;
/// 2004-01-01T00:00:00Z, the zero of IEEE 1609.2 time, Unix time.
const EPOCH_2004_MS: i64 = 1_072_915_200_000;
/// 1980-01-06T00:00:00Z, the zero of GPS time, Unix time.
const EPOCH_GPS_MS: i64 = 315_964_800_000;
/// TAI − UTC since 2017-01-01, seconds; no leap second has been announced since.
pub const TAI_OFFSET_S: i64 = 37;
/// TAI − UTC at the zero of IEEE 1609.2 time, and TAI − GPS time, seconds.
const TAI_OFFSET_2004_S: i64 = 32;
const TAI_MINUS_GPS_S: i64 = 19;
/// Leap seconds since 1980 as the first Unix second after each (IERS Bulletin C), the last one first.
const LEAPS_S: [i64; 18] = [
    1_483_228_800,
    1_435_708_800,
    1_341_100_800,
    1_230_768_000,
    1_136_073_600,
    915_148_800,
    867_715_200,
    820_454_400,
    773_020_800,
    741_484_800,
    709_948_800,
    662_688_000,
    631_152_000,
    567_993_600,
    489_024_000,
    425_865_600,
    394_329_600,
    362_793_600,
];

/// One moment of UTC, as one reading of a clock gives it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Minutes since 1970-01-01T00:00Z.
    minute: i64,
    /// Milliseconds in the minute, to 60999 in a leap second.
    second_ms: u16,
}

impl Moment {
    /// From Unix time in milliseconds.
    #[must_use]
    pub fn from_unix_ms(unix_ms: i64) -> Moment {
        let second_ms = unix_ms.rem_euclid(MS_A_MINUTE) as u16;
        Moment { minute: unix_ms.div_euclid(MS_A_MINUTE), second_ms }
    }

    /// From Unix time in milliseconds, read while the system says that an inserted leap second is in progress (Linux:
    /// `TIME_OOP` of `adjtimex`, second 59 shows a second time): marks 60000 to 60999.
    #[must_use]
    pub fn from_unix_ms_in_leap_second(unix_ms: i64) -> Moment {
        let plain = Moment::from_unix_ms(unix_ms);
        let second_ms = if plain.second_ms >= 59_000 { plain.second_ms + 1_000 } else { plain.second_ms };
        Moment { second_ms, ..plain }
    }

    /// From a clock that shows TAI and from the offset to UTC that the system has set, seconds. `None` when that offset
    /// is no real one: an unsynchronised Linux has 0 and its `CLOCK_TAI` shows UTC.
    #[must_use]
    pub fn from_tai_ms(tai_ms: i64, offset_s: i64) -> Option<Moment> {
        (offset_s >= TAI_OFFSET_S).then(|| Moment::from_unix_ms(tai_ms.saturating_sub(offset_s * 1_000)))
    }

    /// From GPS time: full weeks since 1980-01-06 and milliseconds in the week. GPS time has no leap seconds: it is ahead
    /// of UTC, by 18 s since 2017.
    #[must_use]
    pub fn from_gps(week: u16, week_ms: u32) -> Moment {
        let gps_ms = EPOCH_GPS_MS + i64::from(week) * 7 * MS_A_DAY + i64::from(week_ms);
        let leaps = |unix_ms: i64| (tai_offset_s(unix_ms) - TAI_MINUS_GPS_S) * 1_000;
        // The offset holds at UTC; one step finds it, since it changes by one second only.
        let near = gps_ms - leaps(gps_ms);
        Moment::from_unix_ms(gps_ms - leaps(near))
    }

    /// Unix time in milliseconds. A leap second is the first second of the next minute, as Unix time has it.
    #[must_use]
    pub fn unix_ms(self) -> i64 {
        self.minute.saturating_mul(MS_A_MINUTE).saturating_add(i64::from(self.second_ms))
    }

    /// Milliseconds in the UTC minute, 0..60999 (DE_DSecond).
    #[must_use]
    pub fn sec_mark_ms(self) -> u16 {
        self.second_ms
    }

    /// Minutes since 1 January 00:00 UTC, 0..527039 (DE_MinuteOfTheYear).
    #[must_use]
    pub fn minute_of_year(self) -> u32 {
        let (_, day) = year_and_day(self.minute.div_euclid(1_440));
        (day * 1_440 + self.minute.rem_euclid(1_440)) as u32
    }

    /// Milliseconds in the UTC hour.
    #[must_use]
    pub fn hour_ms(self) -> u32 {
        self.minute.rem_euclid(60) as u32 * MS_A_MINUTE as u32 + u32::from(self.second_ms)
    }

    /// The date and time in UTC (DDateTime), all parts there, no offset.
    #[must_use]
    pub fn date_time(self) -> DateTime {
        let (year, month, day) = calendar::date(self.minute.div_euclid(1_440));
        let in_day = self.minute.rem_euclid(1_440);
        DateTime {
            year: u16::try_from(year).ok(),
            month: Some(month),
            day: Some(day),
            hour: Some((in_day / 60) as u8),
            minute: Some((in_day % 60) as u8),
            second_ms: Some(self.second_ms),
            offset_min: None,
        }
    }

    /// The moment of a date. With an offset (DTimeOffset: local time minus UTC, minutes) the other parts are local time.
    /// `None` when a part is missing, or there is no such date.
    #[must_use]
    pub fn from_date_time(date: &DateTime) -> Option<Moment> {
        let day = day_of(i64::from(date.year?), date.month?, date.day?)?;
        let (hour, minute) = (date.hour.filter(|h| *h < 24)?, date.minute.filter(|m| *m < 60)?);
        let second_ms = date.second_ms.filter(|ms| *ms <= LAST_SECOND_MARK_MS)?;
        let local = day * 1_440 + i64::from(hour) * 60 + i64::from(minute);
        Some(Moment { minute: local - i64::from(date.offset_min.unwrap_or(0)), second_ms })
    }

    /// Microseconds of TAI since 2004-01-01 (IEEE 1609.2, Time64); `None` before.
    #[must_use]
    pub fn time64_us(self) -> Option<u64> {
        let leaps = tai_offset_s(self.minute * MS_A_MINUTE) - TAI_OFFSET_2004_S;
        let ms = self.unix_ms() - EPOCH_2004_MS + leaps * 1_000;
        u64::try_from(ms).ok()?.checked_mul(1_000)
    }

    /// Seconds of TAI since 2004-01-01 (IEEE 1609.2, Time32); `None` before and from 2140 on.
    #[must_use]
    pub fn time32_s(self) -> Option<u32> {
        u32::try_from(self.time64_us()? / 1_000_000).ok()
    }

    /// An event as a mark in the UTC hour, seconds, for a message sent at this moment: 3600 when the event is an hour or
    /// more after it, or before it by more than half an hour. Never above 3600, which no receiver would understand.
    #[must_use]
    pub fn mark_s(self, event_unix_ms: i64) -> f64 {
        let ahead = event_unix_ms.saturating_sub(self.unix_ms());
        if !(-LOOK_BACK_MS..MS_A_HOUR).contains(&ahead) {
            return LATER_HOUR_S;
        }
        (event_unix_ms.rem_euclid(MS_A_HOUR) / 100) as f64 / 10.0
    }

    /// The moment that a mark in the UTC hour means in a message sent at this moment, Unix time in milliseconds: the first
    /// such moment after half an hour before the message, so that the turn of the hour is right. `None` for 3600 ("in a
    /// later hour") and beyond.
    #[must_use]
    pub fn unix_ms_of_mark(self, mark_s: f64) -> Option<i64> {
        unix_ms_of_mark_from(mark_s, self.unix_ms().checked_sub(LOOK_BACK_MS)?)
    }

    /// Milliseconds from this moment (a message's) to another (a measurement's), if they are at most `most_ms` apart
    /// either way (SAE J3224, MeasurementTimeOffset: 1500).
    #[must_use]
    pub fn offset_ms(self, other_unix_ms: i64, most_ms: i64) -> Option<i64> {
        Some(other_unix_ms.checked_sub(self.unix_ms())?).filter(|ms| (-most_ms..=most_ms).contains(ms))
    }

    /// The moment that a second mark means, nearest to this one: a mark says nothing of its minute. `None` for values that
    /// mean nothing (61000 and above).
    #[must_use]
    pub fn unix_ms_near(self, sec_mark_ms: u16) -> Option<i64> {
        if sec_mark_ms > LAST_SECOND_MARK_MS {
            return None;
        }
        let near = self.unix_ms();
        let here = near.div_euclid(MS_A_MINUTE).checked_mul(MS_A_MINUTE)?.checked_add(i64::from(sec_mark_ms))?;
        [here.checked_sub(MS_A_MINUTE)?, here, here.checked_add(MS_A_MINUTE)?]
            .into_iter()
            .min_by_key(|moment| moment.abs_diff(near))
    }

    /// The moment of a minute of the year and a second mark, in the year that brings it nearest to this one. `None` for
    /// values that mean nothing.
    #[must_use]
    pub fn unix_ms_of(self, minute_of_year: u32, sec_mark_ms: u16) -> Option<i64> {
        if minute_of_year > LAST_MINUTE || sec_mark_ms > LAST_SECOND_MARK_MS {
            return None;
        }
        let near = self.unix_ms();
        let (year, _) = year_and_day(self.minute.div_euclid(1_440));
        let in_year = i64::from(minute_of_year) * MS_A_MINUTE + i64::from(sec_mark_ms);
        (year - 1..=year + 1)
            // The last day of a leap year is no day of another one.
            .filter(|y| i64::from(minute_of_year) < (days_before(y + 1) - days_before(*y)) * 1_440)
            .map(|y| days_before(y) * MS_A_DAY + in_year)
            .min_by_key(|moment| moment.abs_diff(near))
    }
}

/// The first moment at or after `from_unix_ms` that a mark in the UTC hour means: of an end that is smaller than its start,
/// the one in the next hour. `None` for 3600 ("in a later hour") and beyond.
#[must_use]
pub fn unix_ms_of_mark_from(mark_s: f64, from_unix_ms: i64) -> Option<i64> {
    if !(0.0..LATER_HOUR_S).contains(&mark_s) {
        return None;
    }
    let mark = (mark_s * 10.0).round() as i64 * 100;
    from_unix_ms.checked_add((mark - from_unix_ms.rem_euclid(MS_A_HOUR)).rem_euclid(MS_A_HOUR))
}

/// TAI − UTC at a Unix time, seconds; before 1981: 19.
fn tai_offset_s(unix_ms: i64) -> i64 {
    let after = LEAPS_S.iter().filter(|leap| unix_ms >= **leap * 1_000).count();
    TAI_MINUS_GPS_S + after as i64
}
