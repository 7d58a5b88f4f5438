//! Dates and times of day as ISO 8601 text.

/// Seconds since 1970-01-01T00:00:00 on the same clock; a zone, if any, is taken off.
#[must_use]
pub fn seconds(text: &str) -> Option<f64> {
    let (date, clock) = text.trim().split_once('T')?;
    let mut parts = date.split('-').map(|p| p.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let (clock, zone) = match clock.find(['Z', '+', '-']) {
        Some(at) => (&clock[..at], zone(&clock[at..])?),
        None => (clock, 0.0),
    };
    let mut parts = clock.split(':').map(|p| p.parse::<f64>().ok().filter(|v| v.is_finite()));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0.0))?);
    let sound = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0.0..25.0).contains(&hour)
        && (0.0..60.0).contains(&minute)
        && (0.0..61.0).contains(&second);
    sound.then(|| days(year, month, day) as f64 * 86_400.0 + hour * 3_600.0 + minute * 60.0 + second - zone)
}

fn zone(text: &str) -> Option<f64> {
    if text == "Z" {
        return Some(0.0);
    }
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let (hours, minutes) = text[1..].split_once(':').or_else(|| text[1..].split_at_checked(2))?;
    Some(sign * (hours.parse::<f64>().ok()? * 3_600.0 + minutes.parse::<f64>().ok()? * 60.0))
}

/// Days since 1970-01-01 in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years are counted from March, so that the leap day is the last of its year.
    let shifted = year - i64::from(month <= 2);
    let since_march = (month + 9) % 12;
    365 * shifted + shifted.div_euclid(4) - shifted.div_euclid(100)
        + shifted.div_euclid(400)
        + (153 * since_march + 2) / 5
        + day
        - 1
        - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_become_seconds() {
        assert_eq!(seconds("1970-01-01T00:00:00"), Some(0.0));
        assert_eq!(seconds("2000-03-01T00:00:00Z"), Some(951_868_800.0));
        assert_eq!(seconds("2020-02-29T12:00:00.5+01:00"), Some(1_582_974_000.5));
        for bad in ["", "2020-01-01", "2020-13-01T00:00:00", "x-1-1T0:0:0", "2020-01-01T25:00:00"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
