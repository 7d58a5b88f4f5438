//! What happened in a run, in order: the marks on the player's time line, the events of the report, the lines of the event
//! file. One list for runs with units and for storyboards without.

pub mod telling;

use serde::Serialize;

use rsu::event::{Event, WarningKind};

use crate::scenario::Fault;
pub use telling::{Part, Telling};

/// Marks kept; more are counted.
const MARKS: usize = 2000;

/// What a mark stands for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkKind {
    /// A unit warned.
    Warning,
    /// Two road users ran into each other.
    Collision,
    /// Something broke, or was mended.
    Fault,
    /// A unit became silent, or spoke again.
    Fitness,
    /// A neighbour was lost or came back.
    Neighbour,
    /// An act or event of an OpenSCENARIO storyboard began or ended.
    Storyboard,
    /// The OpenSCENARIO engine has something to say.
    Note,
}

impl MarkKind {
    /// The word of it in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            MarkKind::Warning => "warning",
            MarkKind::Collision => "collision",
            MarkKind::Fault => "fault",
            MarkKind::Fitness => "fitness",
            MarkKind::Neighbour => "neighbour",
            MarkKind::Storyboard => "storyboard",
            MarkKind::Note => "note",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mark {
    /// Seconds after the start.
    pub at_s: f64,
    /// What it stands for.
    pub kind: MarkKind,
    /// Who or what it is about: a unit, an element, two road users with `|` between them.
    pub who: String,
    /// In words.
    pub text: String,
}

/// What happened, in order of time and, at one time, of telling.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chronicle {
    marks: Vec<Mark>,
    /// Marks that found no room.
    pub lost: u64,
}

impl Chronicle {
    /// The faults that a scenario plans.
    #[must_use]
    pub fn of_faults<'a>(faults: impl IntoIterator<Item = &'a Fault>) -> Self {
        let mut chronicle = Self::default();
        for fault in faults {
            let text = match &fault.unit {
                Some(unit) => format!("{} at {unit}", fault.kind.name()),
                None => fault.kind.name().to_owned(),
            };
            chronicle.put(fault.at_s, MarkKind::Fault, fault.unit.clone().unwrap_or_default(), text);
        }
        chronicle
    }

    /// What happened so far, in order.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Adds what happened `at_s` seconds after the start.
    pub fn put(&mut self, at_s: f64, kind: MarkKind, who: impl Into<String>, text: impl Into<String>) {
        if self.marks.len() < MARKS {
            let place = self.marks.partition_point(|mark| mark.at_s <= at_s);
            self.marks.insert(place, Mark { at_s, kind, who: who.into(), text: text.into() });
        } else {
            self.lost += 1;
        }
    }

    /// Two road users touch.
    pub fn hit(&mut self, at_s: f64, [a, b]: [&str; 2], relative_mps: f64) {
        let text = format!("{a} and {b} collide at {:.1} m/s", relative_mps);
        self.put(at_s, MarkKind::Collision, format!("{a}|{b}"), text);
    }

    /// Adds an event of `unit`, if it deserves a mark.
    pub fn heard(&mut self, at_s: f64, unit: &str, event: &Event) {
        let (kind, text) = match event {
            Event::WarningRaised { warning } => {
                let what = match warning.kind {
                    WarningKind::PedestrianOnRoad => "pedestrian on the road",
                    WarningKind::StoppedVehicle => "stopped vehicle",
                    WarningKind::WrongWay => "wrong way",
                };
                (MarkKind::Warning, format!("{unit} warns: {what}"))
            }
            Event::Fitness { reasons } if reasons.is_empty() => (MarkKind::Fitness, format!("{unit} speaks")),
            Event::Fitness { reasons } => {
                let why: Vec<_> = reasons.iter().map(ToString::to_string).collect();
                (MarkKind::Fitness, format!("{unit} is silent: {}", why.join(", ")))
            }
            Event::NeighbourUp { unit: other } => (MarkKind::Neighbour, format!("{unit} sees {other}")),
            Event::NeighbourLost { unit: other } => (MarkKind::Neighbour, format!("{unit} lost {other}")),
            _ => return,
        };
        self.put(at_s, kind, unit, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_late_is_put_in_its_place_and_what_is_too_much_is_counted() {
        let mut chronicle = Chronicle::default();
        for at_s in [2.0, 1.0, 2.0, 0.5] {
            let text = chronicle.marks().len().to_string();
            chronicle.put(at_s, MarkKind::Note, "", text);
        }
        let order: Vec<_> = chronicle.marks().iter().map(|m| m.text.as_str()).collect();
        assert_eq!(order, ["3", "1", "0", "2"]);
        (0..MARKS).for_each(|_| chronicle.hit(9.0, ["a", "b"], 3.0));
        assert_eq!((chronicle.marks().len(), chronicle.lost), (MARKS, 4));
        assert_eq!(chronicle.marks()[4].text, "a and b collide at 3.0 m/s");
    }
}
