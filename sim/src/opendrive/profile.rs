//! A value along the road: cubics that each hold from their own `s` to the next one's.

use super::line::Cubic;

/// Value along the road; 0 without records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    records: Vec<(f64, Cubic)>,
}

impl Profile {
    /// From records in any order; of two at the same place the later one holds.
    #[must_use]
    pub fn new(mut records: Vec<(f64, Cubic)>) -> Self {
        records.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self { records }
    }

    /// There are no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// It is the same everywhere.
    #[must_use]
    pub fn is_level(&self) -> bool {
        let first = self.records.first().map_or(0.0, |(_, cubic)| cubic.abcd[0]);
        self.records.iter().all(|(_, cubic)| cubic.abcd == [first, 0.0, 0.0, 0.0])
    }

    /// The value at `s`; before the first record its first value.
    #[must_use]
    pub fn at(&self, s: f64) -> f64 {
        self.record(s).map_or(0.0, |(start, cubic)| cubic.at((s - start).max(0.0)))
    }

    /// The slope at `s`.
    #[must_use]
    pub fn slope(&self, s: f64) -> f64 {
        self.record(s).map_or(0.0, |(start, cubic)| cubic.slope((s - start).max(0.0)))
    }

    fn record(&self, s: f64) -> Option<&(f64, Cubic)> {
        // Most profiles have one record.
        let after = if self.records.len() < 2 { 0 } else { self.records.partition_point(|(start, _)| *start <= s) };
        self.records.get(after.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_record_holds_until_the_next() {
        let profile = Profile::new(vec![
            (10.0, Cubic { abcd: [5.0, 1.0, 0.0, 0.0] }),
            (0.0, Cubic { abcd: [1.0, 0.0, 0.01, 0.0] }),
        ]);
        assert_eq!(profile.at(-3.0), 1.0);
        assert!((profile.at(9.0) - 1.81).abs() < 1e-12 && (profile.slope(9.0) - 0.18).abs() < 1e-12);
        assert_eq!((profile.at(12.0), profile.slope(12.0)), (7.0, 1.0));
        assert_eq!(Profile::default().at(5.0), 0.0);
    }
}
