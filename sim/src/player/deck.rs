//! Where the playhead is. A value: time comes in as an argument.

use serde::{Deserialize, Serialize};

use super::film::EVERY_S;
use crate::chronicle::Mark;

/// Slowest and fastest.
pub const SPEEDS: (f64, f64) = (0.05, 32.0);
/// A jump to the previous mark goes past one that was just reached, seconds.
const JUST_S: f64 = 0.5;

/// What a viewer asks for.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Plays on; from the start when it stands at the end.
    Play,
    /// Stands still.
    Pause,
    /// Stands so many seconds after the start.
    Seek {
        /// Where.
        at_s: f64,
    },
    /// Stands still, so many pictures on (or back).
    Step {
        /// How many.
        by: i32,
    },
    /// Plays so many times as fast as real time.
    Speed {
        /// How fast.
        times: f64,
    },
    /// Jumps to the next mark …
    Next,
    /// … or the one before.
    Previous,
}

/// The playhead.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Deck {
    /// Seconds after the start.
    pub at_s: f64,
    /// Where the film ends.
    pub end_s: f64,
    /// Times real time.
    pub speed: f64,
    /// Moves.
    pub playing: bool,
    /// How often it jumped: what was shown before does not lead to what is shown now.
    pub jumps: u64,
}

impl Deck {
    /// Plays a film of `end_s` seconds from `at_s` on.
    #[must_use]
    pub fn new(end_s: f64, at_s: f64) -> Self {
        Self { at_s: at_s.clamp(0.0, end_s), end_s, speed: 1.0, playing: true, jumps: 0 }
    }

    /// Real time goes on by `dt` seconds.
    pub fn advance(&mut self, dt: f64) {
        if self.playing {
            self.at_s = (self.at_s + dt.max(0.0) * self.speed).min(self.end_s);
            self.playing = self.at_s < self.end_s;
        }
    }

    /// Does as asked; what makes no sense is left.
    pub fn obey(&mut self, command: Command, marks: &[Mark]) {
        match command {
            Command::Play if self.at_s >= self.end_s => {
                self.jump(0.0);
                self.playing = true;
            }
            Command::Play => self.playing = true,
            Command::Pause => self.playing = false,
            Command::Seek { at_s } if at_s.is_finite() => self.jump(at_s),
            Command::Seek { .. } => {}
            Command::Step { by } => {
                self.playing = false;
                self.jump((self.at_s / EVERY_S).round() * EVERY_S + f64::from(by) * EVERY_S);
            }
            Command::Speed { times } if times.is_finite() => self.speed = times.clamp(SPEEDS.0, SPEEDS.1),
            Command::Speed { .. } => {}
            Command::Next => {
                if let Some(mark) = marks.iter().find(|m| m.at_s > self.at_s + 1e-3) {
                    self.jump(mark.at_s);
                }
            }
            Command::Previous => {
                let before = marks.iter().rev().find(|m| m.at_s < self.at_s - JUST_S);
                self.jump(before.map_or(0.0, |m| m.at_s));
            }
        }
    }

    fn jump(&mut self, at_s: f64) {
        self.at_s = at_s.clamp(0.0, self.end_s);
        self.jumps += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chronicle::MarkKind;

    fn marks() -> Vec<Mark> {
        [2.0, 5.0].map(|at_s| Mark { at_s, kind: MarkKind::Warning, who: String::new(), text: String::new() }).to_vec()
    }

    #[test]
    fn it_plays_to_the_end_and_starts_again() {
        let mut deck = Deck::new(10.0, 0.0);
        deck.obey(Command::Speed { times: 4.0 }, &[]);
        deck.advance(1.0);
        assert_eq!((deck.at_s, deck.playing, deck.jumps), (4.0, true, 0));
        deck.advance(9.0);
        assert_eq!((deck.at_s, deck.playing), (10.0, false));
        deck.obey(Command::Play, &[]);
        assert_eq!((deck.at_s, deck.playing, deck.jumps), (0.0, true, 1));
    }

    #[test]
    fn it_jumps_from_mark_to_mark_and_steps_picture_by_picture() {
        let mut deck = Deck::new(10.0, 0.0);
        for (command, at_s) in [
            (Command::Next, 2.0),
            (Command::Next, 5.0),
            (Command::Next, 5.0),
            (Command::Previous, 2.0),
            (Command::Previous, 0.0),
            (Command::Seek { at_s: 3.04 }, 3.04),
            (Command::Step { by: 1 }, 3.1),
            (Command::Step { by: -2 }, 2.9),
            (Command::Seek { at_s: f64::NAN }, 2.9),
            (Command::Seek { at_s: -7.0 }, 0.0),
            (Command::Seek { at_s: 1e12 }, 10.0),
        ] {
            deck.obey(command, &marks());
            assert!((deck.at_s - at_s).abs() < 1e-9, "{command:?}: {deck:?}");
        }
        deck.obey(Command::Speed { times: f64::INFINITY }, &[]);
        deck.obey(Command::Speed { times: 1e9 }, &[]);
        assert_eq!(deck.speed, SPEEDS.1);
    }
}
