//! Figures of a run in bounded memory: histograms for percentiles, one value a second for plots.

use std::collections::BTreeMap;

/// Counts of values in bins of equal width; values beyond the last bin count as the last.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    bin: f64,
    counts: Vec<u64>,
    total: u64,
    sum: f64,
    max: f64,
}

impl Histogram {
    /// Bins of width `bin` up to `top`.
    #[must_use]
    pub fn new(bin: f64, top: f64) -> Self {
        Self { bin, counts: vec![0; (top / bin).ceil() as usize + 1], total: 0, sum: 0.0, max: 0.0 }
    }

    /// Counts a value from 0 on.
    pub fn add(&mut self, value: f64) {
        let last = self.counts.len() - 1;
        self.counts[((value / self.bin) as usize).min(last)] += 1;
        self.total += 1;
        self.sum += value;
        self.max = self.max.max(value);
    }

    /// Takes over the counts of another with the same bins.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }

    /// How many values.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many values are above `bound`, to the width of a bin.
    #[must_use]
    pub fn above(&self, bound: f64) -> u64 {
        self.counts.iter().skip((bound / self.bin) as usize + 1).sum()
    }

    /// Mean; none without values.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.total > 0).then(|| self.sum / self.total as f64)
    }

    /// The value that `percent` of all values do not exceed, to the width of a bin (upper edge); none without values.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        if self.total == 0 {
            return None;
        }
        let wanted = ((percent / 100.0 * self.total as f64).ceil() as u64).clamp(1, self.total);
        let mut seen = 0;
        for (i, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Some(((i + 1) as f64 * self.bin).min(self.max.max(self.bin)));
            }
        }
        Some(self.max)
    }

    /// Share of values in each of `n` equal pieces of the range up to `top`.
    #[must_use]
    pub fn shares(&self, n: usize, top: f64) -> Vec<f64> {
        let mut shares = vec![0.0; n];
        for (i, count) in self.counts.iter().enumerate() {
            let piece = ((i as f64 * self.bin / top * n as f64) as usize).min(n - 1);
            shares[piece] += *count as f64 / self.total.max(1) as f64;
        }
        shares
    }
}

/// The largest and the mean value of each second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seconds(BTreeMap<u32, (f64, f64, u32)>);

impl Seconds {
    /// Adds a value at `at_s` seconds after the start.
    pub fn add(&mut self, at_s: f64, value: f64) {
        let second = self.0.entry(at_s.max(0.0) as u32).or_insert((0.0, 0.0, 0));
        second.0 = second.0.max(value);
        second.1 += value;
        second.2 += 1;
    }

    /// Largest value of each second.
    #[must_use]
    pub fn largest(&self) -> Vec<(f64, f64)> {
        self.0.iter().map(|(s, (max, _, _))| (f64::from(*s), *max)).collect()
    }

    /// Mean of each second.
    #[must_use]
    pub fn means(&self) -> Vec<(f64, f64)> {
        self.0.iter().map(|(s, (_, sum, n))| (f64::from(*s), sum / f64::from(*n))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_right_to_a_bin() {
        let mut h = Histogram::new(0.01, 10.0);
        (1..=1000).for_each(|i| h.add(f64::from(i) * 0.005));
        assert!((h.percentile(50.0).unwrap() - 2.5).abs() < 0.011);
        assert!((h.percentile(99.0).unwrap() - 4.95).abs() < 0.011);
        assert_eq!(h.percentile(100.0), Some(5.0));
        assert!((h.mean().unwrap() - 2.5025).abs() < 1e-9);
        assert!(h.above(4.0).abs_diff(200) <= 2);
        assert_eq!(Histogram::new(1.0, 5.0).percentile(50.0), None);
        h.add(1e9);
        assert_eq!(h.total(), 1001);
    }
}
