//! The one place where clocks are read.
#![allow(clippy::disallowed_methods)]

use std::time::{Duration, Instant, SystemTime};

use calibration::Timestamp;

/// The wall clock, UTC.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// A running stop-watch on the monotonic clock, for durations that must not see steps of the wall clock.
#[derive(Copy, Clone, Debug)]
pub struct StopWatch(Instant);

impl StopWatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Sends the calling thread to sleep; only the shell's own threads may.
pub fn rest(span: Duration) {
    std::thread::sleep(span);
}
