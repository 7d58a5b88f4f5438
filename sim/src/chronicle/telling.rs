//! What a storyboard does while it runs, for people: when its acts and events began and ended.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Chronicle, MarkKind};
use crate::openscenario::storyboard::Storyboard;
use crate::openscenario::{Event, EventKind};

/// What the engine calls the whole.
pub const WHOLE: &str = "storyBoard";
/// Times that one part runs, of those that are kept.
const RUNS: usize = 100;

/// An act, an event, or the whole storyboard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// Name in the file.
    pub name: String,
    /// Depth: 0 the whole, 1 an act, 2 an event.
    pub depth: u8,
    /// When it ran, seconds after the start; no end: it still ran when the run ended.
    pub ran: Vec<(f64, Option<f64>)>,
}

/// Reads the engine's log as it grows.
#[derive(Clone, Debug, Default)]
pub struct Telling {
    parts: Vec<Part>,
    by_name: BTreeMap<String, usize>,
    read: usize,
}

impl Telling {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(board: &Storyboard) -> Self {
        let mut telling = Self::default();
        telling.add(WHOLE, 0);
        for act in board.stories.iter().flat_map(|s| &s.acts) {
            telling.add(&act.name, 1);
            let maneuvers = act.groups.iter().flat_map(|g| &g.maneuvers);
            maneuvers.flat_map(|m| &m.events).for_each(|event| telling.add(&event.name, 2));
        }
        telling
    }

    fn add(&mut self, name: &str, depth: u8) {
        // The log knows names only: two of one name are one part.
        if !self.by_name.contains_key(name) {
            self.by_name.insert(name.to_owned(), self.parts.len());
            self.parts.push(Part { name: name.to_owned(), depth, ran: Vec::new() });
        }
    }

    /// The parts, in the order of the file.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The storyboard has come to its end.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.parts.first().is_some_and(|whole| whole.ran.last().is_some_and(|(_, end)| end.is_some()))
    }

    /// Takes what is new in the engine's log; `shift_s` is the engine's start, seconds after that of the run.
    pub fn follow(&mut self, events: &[Event], shift_s: f64, chronicle: &mut Chronicle) {
        for event in events.get(self.read..).unwrap_or_default() {
            let at_s = event.t + shift_s;
            match event.kind {
                EventKind::State => self.state(event, at_s, chronicle),
                EventKind::Note => {
                    chronicle.put(
                        at_s,
                        MarkKind::Note,
                        &*event.element,
                        format!("{}: {}", event.element, event.detail),
                    );
                }
                // Collisions are told by who sees the speeds.
                EventKind::Condition | EventKind::Collision => {}
            }
        }
        self.read = events.len();
    }

    fn state(&mut self, event: &Event, at_s: f64, chronicle: &mut Chronicle) {
        let Some(part) = self.by_name.get(&event.element).and_then(|i| self.parts.get_mut(*i)) else { return };
        let begins = event.detail.starts_with("startTransition");
        let ends = event.detail.ends_with(">completeState") || event.detail.ends_with(">standbyState");
        let runs = part.ran.last().is_some_and(|(_, end)| end.is_none());
        if begins && part.ran.len() < RUNS {
            part.ran.push((at_s, None));
            // The whole begins when the run does: that is no news.
            if part.depth > 0 {
                chronicle.put(at_s, MarkKind::Storyboard, &*part.name, format!("{} begins", part.name));
            }
        } else if ends && runs {
            if let Some((_, end)) = part.ran.last_mut() {
                *end = Some(at_s);
            }
            let name = if part.depth == 0 { "the storyboard" } else { &part.name };
            chronicle.put(at_s, MarkKind::Storyboard, &*part.name, format!("{name} ends"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(t: f64, element: &str, detail: &str) -> Event {
        Event { t, kind: EventKind::State, element: element.into(), detail: detail.into() }
    }

    #[test]
    fn parts_run_from_their_start_to_their_end_and_the_rest_is_left_out() {
        let mut telling = Telling::default();
        telling.add(WHOLE, 0);
        telling.add("brake", 2);
        let mut chronicle = Chronicle::default();
        let mut log = vec![
            event(0.0, WHOLE, "startTransition>runningState"),
            event(0.0, "brake", "initToStandbyTransition>standbyState"),
            event(1.5, "brake", "startTransition>runningState"),
            event(1.5, "brakeAction", "startTransition>runningState"),
        ];
        telling.follow(&log, 0.5, &mut chronicle);
        assert!(!telling.is_over());
        assert_eq!(telling.parts()[1].ran, [(2.0, None)]);
        log.push(event(3.0, "brake", "endTransition>standbyState"));
        log.push(event(4.0, WHOLE, "stopTransition>completeState"));
        telling.follow(&log, 0.5, &mut chronicle);
        assert_eq!(telling.parts()[1].ran, [(2.0, Some(3.5))]);
        assert!(telling.is_over());
        let told: Vec<_> = chronicle.marks().iter().map(|m| m.text.as_str()).collect();
        assert_eq!(told, ["brake begins", "brake ends", "the storyboard ends"]);
    }
}
