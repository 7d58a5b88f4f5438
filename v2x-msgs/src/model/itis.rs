//! What an event or sign says, in the phrases of SAE J2540 (ITIS), and what they are in GB/T 29100.

use serde::{Deserialize, Serialize};

/// A phrase, or words of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Itis {
    /// Number of a phrase (SAE J2540-2).
    Code(u16),
    /// ASCII text, 1..500 characters; else refused.
    Text(String),
}

/// Events that have a code in both lists: GB/T 29100 as sent in the field (unverified: the text of the standard was not at
/// hand), and SAE J2540-2.
pub const EVENTS: [(u16, u16); 3] = [
    (405, 1286), // people on the roadway
    (412, 535),  // disabled vehicle: the nearest phrase to one that stands where none should
    (904, 1793), // vehicle travelling the wrong way
];

/// The phrase of an event of GB/T 29100.
#[must_use]
pub fn of_event(event_type: u16) -> Option<u16> {
    EVENTS.iter().find(|(event, _)| *event == event_type).map(|(_, itis)| *itis)
}

/// The event of GB/T 29100 that a list of phrases tells; the first one that has one.
#[must_use]
pub fn event_of(phrases: &[Itis]) -> Option<u16> {
    let event = |phrase: &Itis| match phrase {
        Itis::Code(code) => EVENTS.iter().find(|(_, itis)| itis == code).map(|(event, _)| *event),
        Itis::Text(_) => None,
    };
    phrases.iter().find_map(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_comes_back_from_its_phrase() {
        for (event, itis) in EVENTS {
            assert_eq!(of_event(event), Some(itis));
            assert_eq!(event_of(&[Itis::Text("near".into()), Itis::Code(7), Itis::Code(itis)]), Some(event));
        }
        assert_eq!(of_event(1), None);
    }
}
