//! How much memory this program holds, and whether that stays flat.

/// Resident memory of this process, MiB; none where the system does not tell.
#[must_use]
pub fn resident_mib() -> Option<f64> {
    // proc(5): the second figure of statm is the resident set in pages; pages are 4 KiB on the machines we build for.
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096.0 / f64::from(1 << 20))
}

/// Growth of a series after its first third: mean of the last third less mean of the middle third.
#[must_use]
pub fn growth(series: &[f64]) -> Option<f64> {
    let third = series.len() / 3;
    if third == 0 {
        return None;
    }
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    Some(mean(&series[series.len() - third..]) - mean(&series[third..2 * third]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_this_process_is_known_and_a_leak_shows() {
        assert!(resident_mib().is_some_and(|mib| mib > 1.0));
        let leak: Vec<f64> = (0..30).map(|i| 100.0 + f64::from(i)).collect();
        assert_eq!(growth(&leak), Some(10.0));
        assert_eq!(growth(&[5.0, 50.0, 50.0, 50.0, 50.0, 50.0]), Some(0.0));
        assert_eq!(growth(&[1.0]), None);
    }
}
