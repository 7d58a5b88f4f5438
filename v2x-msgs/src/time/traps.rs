//! The traps of time in road messages, one test each, named after it: what the tables of units warn of, and what was seen to
//! go wrong in the field.

use super::*;

const NEW_YEAR_2027: i64 = 1_798_761_600_000;
const NEW_YEAR_2024: i64 = 1_704_067_200_000;
/// 2026-11-21T12:40:05.250Z.
const NOW: i64 = 1_795_264_805_250;

fn at(unix_ms: i64) -> Moment {
    Moment::from_unix_ms(unix_ms)
}

// DE_DSecond

#[test]
fn a_second_mark_runs_through_the_whole_minute_and_does_not_wrap_at_1000() {
    let start = NOW - NOW.rem_euclid(60_000);
    let marks: Vec<u16> = (0..60_000).step_by(100).map(|ms| at(start + ms).sec_mark_ms()).collect();
    assert!(marks.windows(2).all(|two| two[0] + 100 == two[1]));
    assert_eq!(marks.last(), Some(&59_900));
    assert_eq!(at(start + 60_000).sec_mark_ms(), 0);
}

#[test]
fn a_second_mark_is_found_across_the_turn_of_the_minute() {
    let now = at(NEW_YEAR_2027 + 200);
    assert_eq!(now.unix_ms_near(59_900), Some(NEW_YEAR_2027 - 100));
    assert_eq!(at(NEW_YEAR_2027 - 100).unix_ms_near(100), Some(NEW_YEAR_2027 + 100));
}

#[test]
fn second_marks_from_61000_on_mean_nothing() {
    for mark in [61_000, 65_534, 65_535] {
        assert_eq!(at(NOW).unix_ms_near(mark), None);
        assert_eq!(at(NOW).unix_ms_of(5, mark), None);
    }
}

// Leap second

#[test]
fn a_leap_second_has_the_marks_60000_to_60999_of_the_old_minute() {
    let last = NEW_YEAR_2027 - 250;
    let leap = Moment::from_unix_ms_in_leap_second(last);
    assert_eq!((leap.sec_mark_ms(), leap.minute_of_year()), (60_750, 525_599));
    assert_eq!(leap.hour_ms(), 3_600_750);
    assert!(at(last) < leap && leap < at(NEW_YEAR_2027));
}

#[test]
fn a_received_leap_second_is_the_first_second_of_the_next_minute() {
    assert_eq!(at(NEW_YEAR_2027 + 200).unix_ms_near(60_000), Some(NEW_YEAR_2027));
    assert_eq!(at(NEW_YEAR_2027).unix_ms_of(525_599, 60_999), Some(NEW_YEAR_2027 + 999));
}

// DE_MinuteOfTheYear

#[test]
fn the_minute_is_utc_and_not_local_time() {
    // 2027-01-01T07:30 in Shanghai is still 2026 in UTC.
    let there = at(NEW_YEAR_2027 - 30 * 60_000);
    assert_eq!(there.minute_of_year(), 525_570);
    let date = DateTime { hour: Some(7), day: Some(1), month: Some(1), year: Some(2027), ..there.date_time() };
    let local = DateTime { offset_min: Some(480), ..date };
    assert_eq!(Moment::from_date_time(&local), Some(there));
}

#[test]
fn the_minute_is_utc_and_not_gps_time() {
    // 2023-12-31T23:59:50Z, when GPS time already shows 2024-01-01T00:00:08.
    let utc = at(NEW_YEAR_2024 - 10_000);
    assert_eq!(Moment::from_gps(2_295, 86_408_000), utc);
    assert_eq!((utc.minute_of_year(), utc.sec_mark_ms()), (525_599, 50_000));
}

#[test]
fn minute_and_second_come_from_one_reading() {
    // Read at two instants, minute 999 with second 0.000, or minute 1000 with second 59.999, would be a minute wrong.
    for ms in -300..300 {
        let now = at(NEW_YEAR_2027 + 60_000_000 + ms);
        let (minute, second) = (now.minute_of_year(), now.sec_mark_ms());
        assert_eq!(i64::from(minute) * 60_000 + i64::from(second), 60_000_000 + ms);
        assert_eq!(now.unix_ms_of(minute, second), Some(now.unix_ms()));
    }
}

#[test]
fn the_minute_527040_is_no_minute() {
    assert_eq!(at(NEW_YEAR_2027).unix_ms_of(527_040, 0), None);
    let last = at(NEW_YEAR_2024 + 366 * MS_A_DAY - 1);
    assert_eq!((last.minute_of_year(), last.sec_mark_ms(), last.hour_ms()), (527_039, 59_999, 3_599_999));
    assert_eq!(at(-1).minute_of_year(), 525_599);
}

#[test]
fn a_minute_of_the_last_day_of_a_leap_year_belongs_to_a_leap_year() {
    let told = at(NEW_YEAR_2024 + 366 * MS_A_DAY - 60_000);
    let heard = at(NEW_YEAR_2024 + 367 * MS_A_DAY);
    assert_eq!(heard.unix_ms_of(told.minute_of_year(), told.sec_mark_ms()), Some(told.unix_ms()));
    assert_eq!(at(NOW).unix_ms_of(527_000, 0), None, "neither 2025 nor 2026 nor 2027 has such a minute");
}

#[test]
fn a_minute_of_the_year_is_found_across_new_year() {
    let told = at(NEW_YEAR_2027 - 1_000);
    let heard = at(NEW_YEAR_2027 + 5_000);
    assert_eq!(heard.unix_ms_of(told.minute_of_year(), told.sec_mark_ms()), Some(told.unix_ms()));
    assert_eq!(at(NEW_YEAR_2027 - 60_000).unix_ms_of(0, 3), Some(NEW_YEAR_2027 + 3));
}

// DE_TimeMark

#[test]
fn a_mark_in_the_hour_is_found_across_the_turn_of_the_hour() {
    let message = at(NEW_YEAR_2027 - 2_000);
    let mark = message.mark_s(NEW_YEAR_2027 + 10_500);
    assert_eq!(mark, 10.5);
    assert_eq!(message.unix_ms_of_mark(mark), Some(NEW_YEAR_2027 + 10_500));
    let began = NEW_YEAR_2027 - 22_000;
    assert_eq!(message.unix_ms_of_mark(message.mark_s(began)), Some(began));
}

#[test]
fn a_mark_is_anchored_on_the_message_and_not_on_the_receivers_clock() {
    let message = at(NEW_YEAR_2027 - 100);
    let mark = message.mark_s(NEW_YEAR_2027 + 4_000);
    // A receiver that hears it a moment later, in the next hour, and one whose clock is 40 minutes off, agree.
    assert_eq!(message.unix_ms_of_mark(mark), Some(NEW_YEAR_2027 + 4_000));
    assert_ne!(
        at(NEW_YEAR_2027 - 40 * 60_000).unix_ms_of_mark(3_599.9),
        at(NEW_YEAR_2027).unix_ms_of_mark(3_599.9 - 1.0)
    );
}

#[test]
fn a_mark_at_the_turn_of_the_year_is_in_the_new_year() {
    let message = at(NEW_YEAR_2027 - 5_000);
    assert_eq!(message.minute_of_year(), 525_599);
    let end = message.unix_ms_of_mark(message.mark_s(NEW_YEAR_2027 + 25_000)).unwrap();
    assert_eq!((end, at(end).minute_of_year()), (NEW_YEAR_2027 + 25_000, 0));
}

#[test]
fn an_end_that_is_smaller_than_its_start_is_in_the_next_hour() {
    let message = at(NEW_YEAR_2027 - 10_000);
    let start = message.unix_ms_of_mark(3_595.0).unwrap();
    assert_eq!(unix_ms_of_mark_from(20.0, start), Some(NEW_YEAR_2027 + 20_000));
    assert_eq!(unix_ms_of_mark_from(3_595.0, start), Some(start));
}

#[test]
fn no_mark_above_3600_is_ever_made() {
    for ahead_ms in [-9_000_000_i64, -1_800_001, -1, 0, 3_599_999, 3_600_000, 86_400_000, i64::MAX - NOW] {
        let mark = at(NOW).mark_s(NOW + ahead_ms);
        assert!((0.0..=3600.0).contains(&mark), "{ahead_ms}: {mark}");
    }
    assert_eq!(at(NOW).mark_s(NOW + 3_600_000), 3600.0);
    let leap = Moment::from_unix_ms_in_leap_second(NEW_YEAR_2027 - 1);
    assert!(leap.mark_s(leap.unix_ms()) < 3600.0);
}

#[test]
fn a_mark_of_36000_says_later_and_one_of_36001_says_nothing() {
    for mark_s in [3_600.0, 3_600.1, 3_611.1, -0.1, f64::NAN] {
        assert_eq!(at(NOW).unix_ms_of_mark(mark_s), None);
        assert_eq!(unix_ms_of_mark_from(mark_s, NOW), None);
    }
}

// SAE J3224

#[test]
fn a_measurement_more_than_1500_ms_away_has_no_offset() {
    assert_eq!(at(NOW).offset_ms(NOW - 1_500, 1_500), Some(-1_500));
    assert_eq!(at(NOW).offset_ms(NOW + 1_501, 1_500), None);
    assert_eq!(at(NEW_YEAR_2027 + 20).offset_ms(NEW_YEAR_2027 - 80, 1_500), Some(-100), "across new year");
}

// DDateTime

#[test]
fn a_date_comes_back_and_one_with_a_missing_part_is_none() {
    let date = at(NOW).date_time();
    assert_eq!((date.year, date.month, date.day), (Some(2026), Some(11), Some(21)));
    assert_eq!((date.hour, date.minute, date.second_ms), (Some(12), Some(40), Some(5_250)));
    assert_eq!(Moment::from_date_time(&date), Some(at(NOW)));
    for broken in [
        DateTime { year: None, ..date },
        DateTime { hour: Some(24), ..date },
        DateTime { minute: Some(60), ..date },
        DateTime { second_ms: None, ..date },
        DateTime { day: Some(31), ..date },
    ] {
        assert_eq!(Moment::from_date_time(&broken), None, "{broken:?}");
    }
}

// IEEE 1609.2

#[test]
fn time_of_certificates_is_tai_since_2004() {
    assert_eq!(at(EPOCH_2004_MS).time64_us(), Some(0));
    assert_eq!(at(EPOCH_2004_MS - 1).time64_us(), None);
    // Five leap seconds were inserted between 2004 and 2017.
    assert_eq!(at(NEW_YEAR_2024).time32_s(), Some(((NEW_YEAR_2024 - EPOCH_2004_MS) / 1_000) as u32 + 5));
    // Through the leap second at the end of 2016 it runs evenly, though UTC shows second 60.
    let end = 1_483_228_800_000;
    let seconds =
        [at(end - 1_000), Moment::from_unix_ms_in_leap_second(end - 1_000), at(end)].map(|m| m.time32_s().unwrap());
    assert_eq!([seconds[1] - seconds[0], seconds[2] - seconds[1]], [1, 1]);
}

#[test]
fn a_tai_clock_without_its_offset_is_not_believed() {
    assert_eq!(Moment::from_tai_ms(NOW, 0), None);
    assert_eq!(Moment::from_tai_ms(NOW + 37_000, 37), Some(at(NOW)));
}

#[test]
fn any_number_is_taken_without_a_panic() {
    for unix_ms in [i64::MIN, -1, 0, NOW, i64::MAX] {
        let moment = at(unix_ms);
        let _ = (moment.unix_ms(), moment.unix_ms_near(59_999), moment.mark_s(i64::MAX), moment.unix_ms_of_mark(7.0));
        let _ = (moment.offset_ms(i64::MIN, 1_500), moment.hour_ms());
    }
}
