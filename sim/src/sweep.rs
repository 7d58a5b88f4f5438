//! Sweeps: one scenario many times, with figures varied and luck drawn anew; the rows are the same however the work is cut.
//!
//! ```text
//! plan.toml ─▶ Plan ─▶ one(index) ─▶ Row ─▶ rows.jsonl (append only) ─▶ results.parquet, report.html
//!                └ --shard i/n takes every n-th run ─▶ merge
//! ```

pub mod merge;
pub mod plan;
pub mod report;
pub mod row;
pub mod store;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

pub use plan::{Plan, PlanError};
pub use row::Row;
pub use store::{Store, StoreError};

use crate::recital::recite;
use crate::run::{Options, Run};
use crate::scenario::Loaded;
use crate::verdict;

/// Which part of a sweep is done here: every `of`-th run.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Number of this part, from 1.
    pub number: u64,
    /// Parts in all.
    pub of: u64,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// A part written as `2/4`.
    ///
    /// # Errors
    /// In words, when it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no shard; write 1/4 for the first of four");
        let (number, of) = text.split_once('/').ok_or_else(bad)?;
        let (number, of) = (number.parse().map_err(|_| bad())?, of.parse().map_err(|_| bad())?);
        if number == 0 || number > of {
            return Err(bad());
        }
        Ok(Self { number, of })
    }

    /// The run is in this part.
    #[must_use]
    pub fn holds(self, run: u64) -> bool {
        run % self.of == self.number - 1
    }
}

/// Does the `todo` runs of a plan on so many threads; every row goes to `done` as soon as it is there, in any order.
///
/// # Errors
/// What `done` returns ends the sweep.
pub fn sweep<E>(plan: &Plan, todo: &[u64], jobs: usize, mut done: impl FnMut(Row) -> Result<(), E>) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let (send, receive) = mpsc::sync_channel::<Row>(2 * jobs.max(1));
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            let (send, next, stop) = (send.clone(), &next, &stop);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let Some(&run) = todo.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
                    if send.send(one(plan, run)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        for row in &receive {
            if let Err(error) = done(row) {
                stop.store(true, Ordering::Relaxed);
                // The threads stop at their next row, for nobody takes it any more.
                drop(receive);
                return Err(error);
            }
        }
        Ok(())
    })
}

/// One run of a plan, judged. What cannot be run is a row with the reason.
#[must_use]
pub fn one(plan: &Plan, run: u64) -> Row {
    let point = plan.point(run);
    let judged = || -> Result<Row, String> {
        let loaded: Loaded = plan.scenario_at(&point).map_err(|e| e.to_string())?;
        if loaded.scenario.unit.is_empty() {
            let (_, recited, verdicts) = recite(&loaded, point.seed).map_err(|e| e.to_string())?;
            return Ok(Row::of_recital(run, &point, &recited, &verdicts));
        }
        let options = Options { seed: Some(point.seed), threads: 1 };
        let mut under_way = Run::new(&loaded, &options, None).map_err(|e| e.to_string())?;
        under_way.record(crate::recorder::Recorder::default());
        let done = under_way.finish().map_err(|e| e.to_string())?;
        let verdicts = verdict::judge(&loaded, &done);
        Ok(Row::of(run, &point, &done, &verdicts))
    };
    judged().unwrap_or_else(|why| Row::failed(run, &point, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_part_the_runs() {
        let shards: Vec<_> = ["1/3", "2/3", "3/3"].map(|t| Shard::parse(t).unwrap()).to_vec();
        for run in 0..20 {
            assert_eq!(shards.iter().filter(|s| s.holds(run)).count(), 1);
        }
        assert!(Shard::WHOLE.holds(17));
        for bad in ["", "1", "0/3", "4/3", "a/b", "1/0", "-1/3"] {
            assert!(Shard::parse(bad).is_err(), "{bad}");
        }
    }
}
