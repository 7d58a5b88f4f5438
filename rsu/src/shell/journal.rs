//! What the log says. The station logs nothing: it emits events, and this file alone turns them into lines. What happens
//! many times a second is counted elsewhere and told here once a minute.

use std::collections::BTreeMap;

use calibration::Timestamp;

use crate::event::{Event, Stamp};
use crate::limits;

/// How often something that keeps happening is told, seconds.
const FOLD_S: f64 = 60.0;

/// The journal of one unit.
#[derive(Debug, Default)]
pub struct Journal {
    folded: BTreeMap<String, Fold>,
}

#[derive(Debug)]
struct Fold {
    told: Timestamp,
    since: u64,
}

impl Journal {
    /// Writes what happened.
    pub fn write(&mut self, stamp: &Stamp) {
        match &stamp.event {
            Event::Fitness { reasons } if reasons.is_empty() => tracing::info!("speaking"),
            Event::Fitness { reasons } => {
                for reason in reasons {
                    tracing::warn!(reason = reason.word(), "silent: {reason}");
                }
            }
            Event::TrackConfirmed { key, class } => {
                tracing::debug!(track = %key, class = class.name(), "track confirmed")
            }
            Event::TrackEnded { key } => tracing::debug!(track = %key, "track ended"),
            Event::WarningRaised { warning } => {
                tracing::info!(track = %warning.key, lane = warning.lane, "warning raised: {:?}", warning.kind);
            }
            Event::WarningCleared { id } => tracing::info!(warning = id, "warning cleared"),
            Event::NeighbourUp { unit } => tracing::info!(neighbour = %unit, "neighbour is up"),
            Event::NeighbourLost { unit } => tracing::warn!(neighbour = %unit, "neighbour lost"),
            Event::Radio { radio, fault: Some(fault) } => tracing::warn!(radio, "radio failed: {fault}"),
            Event::Radio { radio, fault: None } => tracing::info!(radio, "radio is well again"),
            Event::Link { fault: Some(fault) } => tracing::warn!("corridor link failed: {fault}"),
            Event::Link { fault: None } => tracing::info!("corridor link is open"),
            Event::Recording { fault } => tracing::error!("recording: {fault}"),
            Event::Rejected { reason } => self.fold(stamp.at, format!("messages refused: {reason}"), 1),
            Event::Dropped { queue, count } => self.fold(stamp.at, format!("queue {queue} was full, dropped"), *count),
            Event::FrameDropped { sensor, reason } => {
                self.fold(stamp.at, format!("frames of {sensor} dropped: {reason}"), 1)
            }
            other => tracing::debug!("{other:?}"),
        }
    }

    /// Tells the first at once, then how many there were, once a minute.
    fn fold(&mut self, at: Timestamp, what: String, count: u64) {
        if let Some(fold) = self.due(at, &what, count) {
            tracing::warn!(count = fold, "{what}");
        }
    }

    fn due(&mut self, at: Timestamp, what: &str, count: u64) -> Option<u64> {
        match self.folded.get_mut(what) {
            Some(fold) => {
                fold.since += count;
                if at.seconds_since(fold.told) < FOLD_S {
                    return None;
                }
                fold.told = at;
                Some(std::mem::take(&mut fold.since))
            }
            None => {
                if self.folded.len() >= limits::WORDS {
                    self.folded.clear();
                }
                self.folded.insert(what.to_owned(), Fold { told: at, since: 0 });
                Some(count)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_happening_is_told_at_once_and_then_once_a_minute() {
        let mut journal = Journal::default();
        let told: Vec<_> =
            (0..200).filter_map(|s| journal.due(Timestamp::from_millis(s * 1000), "rejected", 2)).collect();
        assert_eq!(told, [2, 120, 120, 120]);
    }
}
