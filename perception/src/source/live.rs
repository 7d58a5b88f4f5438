//! What a reader thread of a live sensor and its [`Source`](super::Source) share: the newest frame. An unread frame is
//! replaced, because an old one is of no use, so a slow detector never works on a growing backlog.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::SourceError;
use crate::frame::Frame;

/// Place for one frame.
#[derive(Debug, Default)]
pub(super) struct Slot {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    frame: Option<Frame>,
    stopped: bool,
    trouble: Option<String>,
    bad_packets: u64,
    silent_s: f64,
}

impl Slot {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The reader has a frame.
    pub(super) fn put(&self, frame: Frame) {
        let mut state = self.state();
        state.frame = Some(frame);
        state.trouble = None;
        self.changed.notify_all();
    }

    /// The reader has trouble; cleared by the next frame.
    pub(super) fn trouble(&self, why: String) {
        self.state().trouble = Some(why);
    }

    /// The reader dropped packets, so many in all.
    pub(super) fn bad_packets(&self, count: u64) {
        self.state().bad_packets = count;
    }

    /// The reader waits before it tries again; false when it must end.
    pub(super) fn pause(&self, pause: Duration) -> bool {
        let state = self.state();
        let (state, _) =
            self.changed.wait_timeout_while(state, pause, |s| !s.stopped).unwrap_or_else(PoisonError::into_inner);
        !state.stopped
    }

    /// Whether the reader must end.
    pub(super) fn stopped(&self) -> bool {
        self.state().stopped
    }

    /// The source is closed: the reader shall end.
    pub(super) fn stop(&self) {
        self.state().stopped = true;
        self.changed.notify_all();
    }

    /// Waits for the next frame of `what`, at most `patience`.
    pub(super) fn take(&self, what: &str, patience: Duration) -> Result<Frame, SourceError> {
        let state = self.state();
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, patience, |s| s.frame.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        match state.frame.take() {
            Some(frame) => {
                state.silent_s = 0.0;
                Ok(frame)
            }
            None => {
                state.silent_s += patience.as_secs_f64();
                Err(SourceError::Silent { what: what.to_owned(), seconds: state.silent_s })
            }
        }
    }

    /// What is wrong: silence with its reason, or nothing.
    pub(super) fn fault(&self) -> Option<String> {
        let state = self.state();
        if state.silent_s == 0.0 {
            return None;
        }
        let silence = format!("no data for {:.1} s", state.silent_s);
        Some(match (&state.trouble, state.bad_packets) {
            (Some(why), _) => format!("{silence}: {why}"),
            (None, 0) => silence,
            (None, bad) => format!("{silence}, {bad} packets of another kind"),
        })
    }
}
