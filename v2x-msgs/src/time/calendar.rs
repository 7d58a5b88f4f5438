//! The proleptic Gregorian calendar, in days counted from 1970-01-01.

pub(super) const MS_A_DAY: i64 = 86_400_000;

/// Days from 1970-01-01 to 1 January of a year.
pub(super) fn days_before(year: i64) -> i64 {
    let y = year - 1;
    y * 365 + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) - 719_162
}

/// Year, and day in it from 0, of a day.
pub(super) fn year_and_day(days: i64) -> (i64, i64) {
    // 146097 days are 400 years: at most one year too early.
    let mut year = 1970 + (days * 400).div_euclid(146_097) - 1;
    while days_before(year + 1) <= days {
        year += 1;
    }
    (year, days - days_before(year))
}

/// Year, month and day of the month of a day.
pub(super) fn date(days: i64) -> (i64, u8, u8) {
    let (year, mut day) = year_and_day(days);
    for month in 1..12 {
        let length = days_in(year, month);
        if day < length {
            return (year, month, day as u8 + 1);
        }
        day -= length;
    }
    (year, 12, day as u8 + 1)
}

/// The day of a date; `None` when there is no such date.
pub(super) fn day_of(year: i64, month: u8, day: u8) -> Option<i64> {
    let there = (1..=12).contains(&month) && day >= 1 && i64::from(day) <= days_in(year, month);
    there.then(|| days_before(year) + (1..month).map(|m| days_in(year, m)).sum::<i64>() + i64::from(day) - 1)
}

fn days_in(year: i64, month: u8) -> i64 {
    match month {
        2 => 28 + i64::from(days_before(year + 1) - days_before(year) == 366),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_eight_centuries_comes_back_and_follows_the_one_before() {
        let mut before = date(-150_000);
        for day in -149_999..150_000 {
            let (year, month, of_month) = date(day);
            assert_eq!(day_of(year, month, of_month), Some(day));
            assert!((year, month, of_month) > before, "{day}");
            before = (year, month, of_month);
        }
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(20_778), (2026, 11, 21));
    }

    #[test]
    fn dates_that_are_none_are_refused() {
        for (year, month, day) in
            [(2026, 2, 29), (2026, 13, 1), (2026, 0, 1), (2026, 4, 31), (2026, 1, 0), (1900, 2, 29)]
        {
            assert_eq!(day_of(year, month, day), None, "{year}-{month}-{day}");
        }
        assert!(day_of(2024, 2, 29).is_some() && day_of(2000, 2, 29).is_some());
    }
}
