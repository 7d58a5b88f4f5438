//! What a station has to hand out, in order and in bounds.

use std::collections::VecDeque;

use calibration::Timestamp;
use v2x_msgs::{Message, Profile};

use crate::event::{Event, Stamp};
use crate::limits;
use crate::radio::RadioFrame;
use crate::station::Output;
use crate::world::World;

/// How often an overflow is said, seconds.
const SAY_S: f64 = 60.0;

/// A bounded queue of outputs. When nobody takes them the oldest go first.
#[derive(Debug, Default)]
pub struct Outbox {
    profile: Profile,
    queue: VecDeque<Output>,
    dropped: u64,
    said: Option<Timestamp>,
}

impl Outbox {
    /// For messages of one set.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { profile, ..Self::default() }
    }

    /// Puts an output at the end.
    pub fn push(&mut self, now: Timestamp, output: Output) {
        self.put(output);
        let due = self.said.is_none_or(|said| now.seconds_since(said).abs() >= SAY_S);
        if self.dropped > 0 && due {
            let event = Event::Dropped { queue: "OUTBOX".into(), count: std::mem::take(&mut self.dropped) };
            self.said = Some(now);
            self.put(Output::Event(Stamp { at: now, event }));
        }
    }

    fn put(&mut self, output: Output) {
        if self.queue.len() >= limits::OUTBOX {
            self.queue.pop_front();
            self.dropped += 1;
        }
        self.queue.push_back(output);
    }

    /// Encodes a message for the air. What does not fit the wire is said and not sent.
    pub fn send(&mut self, world: &World, message: &Message, tov: Option<Timestamp>, items: usize) {
        let (at, kind) = (world.at, message.kind());
        match v2x_msgs::encode(message, self.profile) {
            Ok(bytes) => {
                let age_ms = tov.map(|tov| at.millis_since(tov));
                let event = Event::Sent { kind, bytes: bytes.len(), items, age_ms };
                self.push(at, Output::Send(RadioFrame { kind, bytes, tov }));
                self.push(at, Output::Event(Stamp { at, event }));
            }
            Err(error) => {
                let event = Event::NotEncoded { kind, reason: error.to_string() };
                self.push(at, Output::Event(Stamp { at, event }));
            }
        }
    }

    /// Takes the oldest output.
    pub fn pop(&mut self) -> Option<Output> {
        self.queue.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up(n: usize) -> Output {
        let unit = perception::UnitId(format!("x{n}"));
        Output::Event(Stamp { at: Timestamp::default(), event: Event::NeighbourUp { unit } })
    }

    #[test]
    fn the_oldest_outputs_go_first_and_the_loss_is_said_once_a_minute() {
        let mut outbox = Outbox::default();
        for n in 0..limits::OUTBOX * 2 {
            outbox.push(Timestamp::from_millis(n as i64), up(n));
        }
        let mut left: Vec<Output> = Vec::new();
        while let Some(output) = outbox.pop() {
            left.push(output);
        }
        assert_eq!(left.len(), limits::OUTBOX);
        assert_eq!(left.last(), Some(&up(limits::OUTBOX * 2 - 1)));
        let said = |o: &Output| matches!(o, Output::Event(Stamp { event: Event::Dropped { queue, .. }, .. }) if queue == "OUTBOX");
        assert!(left.iter().filter(|o| said(o)).count() <= 1);
        outbox.push(Timestamp::from_millis(120_000), up(1));
        let said_later = std::iter::from_fn(|| outbox.pop()).any(|o| said(&o));
        assert!(said_later, "the rest of the loss is said later");
    }
}
