//! Times on the command line: `18s`, `200ms`, `5m`, `1h`.

use std::time::Duration;

/// Reads a time.
///
/// # Errors
/// What is expected instead.
pub fn parse(text: &str) -> Result<Duration, String> {
    let expected = || format!("`{text}` is not a time; write it as 18s, 200ms, 5m or 1h");
    let split = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(expected)?;
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().map_err(|_| expected())?;
    let seconds = match unit {
        "ms" => number * 1e-3,
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(expected()),
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| expected())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit_and_nothing_else() {
        assert_eq!(parse("18s"), Ok(Duration::from_secs(18)));
        assert_eq!(parse("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(parse("1.5m"), Ok(Duration::from_secs(90)));
        for wrong in ["", "18", "s", "18 s", "-1s", "infs", "18sec", "1e400s", "NaNs"] {
            assert!(parse(wrong).is_err_and(|e| e.contains("18s, 200ms")), "{wrong}");
        }
    }
}
