//! What happened in a run, in order.

use serde::Serialize;

use super::limits;

/// Kind of an event.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// A storyboard element went through a transition.
    State,
    /// A condition became true.
    Condition,
    /// Two boxes touch, or no longer.
    Collision,
    /// Something else worth a line: a monitor, a controller.
    Note,
}

impl EventKind {
    /// The word of it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            EventKind::State => "state",
            EventKind::Condition => "condition",
            EventKind::Collision => "collision",
            EventKind::Note => "note",
        }
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// Simulated seconds.
    pub t: f64,
    /// Kind.
    pub kind: EventKind,
    /// Whose: element, condition, or both entities.
    pub element: String,
    /// What.
    pub detail: String,
}

/// Events of a run, bounded: what comes beyond is counted.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The events.
    pub events: Vec<Event>,
    /// Events that found no room.
    pub lost: u64,
}

impl Log {
    /// Keeps an event.
    pub fn put(&mut self, t: f64, kind: EventKind, element: impl Into<String>, detail: impl Into<String>) {
        if self.events.len() < limits::EVENTS {
            self.events.push(Event { t, kind, element: element.into(), detail: detail.into() });
        } else {
            self.lost += 1;
        }
    }
}
