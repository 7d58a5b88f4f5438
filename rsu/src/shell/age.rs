//! Ages of the last messages and what they say: median, 99th percentile, share over the budget.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::limits;

/// A window of ages, milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Ages {
    window: VecDeque<f32>,
    count: u64,
    missed: u64,
}

/// What a window of ages says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgeSummary {
    /// How many ages since the start.
    pub count: u64,
    /// Median of the last ones, ms; `None` before the first.
    pub p50_ms: Option<f64>,
    /// 99th percentile of the last ones, ms.
    pub p99_ms: Option<f64>,
    /// Ages over the budget since the start.
    pub missed: u64,
}

impl Ages {
    /// Adds one age; `budget_ms` is what it may be.
    pub fn push(&mut self, age_ms: f64, budget_ms: f64) {
        if self.window.len() == limits::AGES {
            self.window.pop_front();
        }
        self.window.push_back(age_ms as f32);
        self.count += 1;
        if age_ms > budget_ms {
            self.missed += 1;
        }
    }

    /// Median, 99th percentile, misses.
    #[must_use]
    pub fn summary(&self) -> AgeSummary {
        let mut sorted: Vec<f32> = self.window.iter().copied().collect();
        sorted.sort_by(f32::total_cmp);
        let at = |share: f64| {
            // Nearest rank: the smallest age that at least `share` of all do not exceed.
            let rank = (share * sorted.len() as f64).ceil() as usize;
            sorted.get(rank.saturating_sub(1)).map(|age| f64::from(*age))
        };
        AgeSummary { count: self.count, p50_ms: at(0.5), p99_ms: at(0.99), missed: self.missed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_nearest_rank_and_misses_are_counted() {
        let mut ages = Ages::default();
        assert_eq!(ages.summary().p50_ms, None);
        for age in 1..=100 {
            ages.push(f64::from(age), 90.0);
        }
        let summary = ages.summary();
        assert_eq!((summary.p50_ms, summary.p99_ms), (Some(50.0), Some(99.0)));
        assert_eq!((summary.count, summary.missed), (100, 10));
    }

    #[test]
    fn the_window_is_bounded_and_forgets_the_oldest() {
        let mut ages = Ages::default();
        for _ in 0..limits::AGES {
            ages.push(500.0, 90.0);
        }
        for _ in 0..limits::AGES {
            ages.push(1.0, 90.0);
        }
        assert_eq!(ages.window.len(), limits::AGES);
        assert_eq!(ages.summary().p99_ms, Some(1.0));
        assert_eq!(ages.summary().missed, limits::AGES as u64);
    }
}
