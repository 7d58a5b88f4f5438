//! Traffic lights with a fixed programme: a list of phases, each with one letter per link, repeated for ever.

/// What a light shows to one link.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Stop.
    Red,
    /// Stop if you can.
    Yellow,
    /// Go, nobody crosses.
    Green,
    /// Go after giving way.
    Permissive,
    /// Stop, look, then go.
    Stop,
    /// Out of order: the signs count.
    Off,
}

impl Shown {
    /// The letter of SUMO's signal states.
    #[must_use]
    pub fn from_letter(letter: char) -> Option<Self> {
        Some(match letter {
            'r' | 'u' => Self::Red,
            'y' | 'Y' => Self::Yellow,
            'G' => Self::Green,
            'g' => Self::Permissive,
            's' => Self::Stop,
            'o' | 'O' => Self::Off,
            _ => return None,
        })
    }
}

/// One phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// How long it lasts, seconds.
    pub duration_s: f64,
    /// What every link is shown.
    pub shown: Vec<Shown>,
}

/// A programme with a fixed cycle.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// Name of the light.
    pub name: String,
    /// Start of the cycle is so much later, seconds.
    pub offset_s: f64,
    /// Phases in their order.
    pub phases: Vec<Phase>,
}

impl Program {
    /// Number of the phase at `time` seconds.
    #[must_use]
    pub fn phase_at(&self, time: f64) -> usize {
        let cycle: f64 = self.phases.iter().map(|p| p.duration_s).sum();
        if cycle <= 0.0 {
            return 0;
        }
        // Steps of a run are not exact in binary: 42 s of 0.1 s each must be 42 s.
        let mut left = (time - self.offset_s + 1e-6).rem_euclid(cycle);
        for (i, phase) in self.phases.iter().enumerate() {
            if left < phase.duration_s {
                return i;
            }
            left -= phase.duration_s;
        }
        self.phases.len().saturating_sub(1)
    }

    /// What the link at `index` is shown at `time` seconds.
    #[must_use]
    pub fn shown(&self, time: f64, index: u32) -> Shown {
        let phase = self.phases.get(self.phase_at(time));
        phase.and_then(|p| p.shown.get(index as usize)).copied().unwrap_or(Shown::Off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_programme_repeats_and_starts_later_by_its_offset() {
        let phase = |duration_s, letters: &str| Phase {
            duration_s,
            shown: letters.chars().filter_map(Shown::from_letter).collect(),
        };
        let program = Program {
            name: "A".into(),
            offset_s: 10.0,
            phases: vec![phase(42.0, "Gr"), phase(3.0, "yr"), phase(42.0, "rG"), phase(3.0, "ry")],
        };
        assert_eq!(program.shown(10.0, 0), Shown::Green);
        assert_eq!(program.shown(51.999, 0), Shown::Green);
        assert_eq!(program.shown(52.0, 0), Shown::Yellow);
        assert_eq!(program.shown(55.0, 1), Shown::Green);
        assert_eq!(program.shown(9.0, 1), Shown::Yellow, "before the offset the cycle before runs");
        assert_eq!(program.shown(10.0 + 90.0 * 7.0, 0), Shown::Green);
        assert_eq!(program.shown(10.0, 7), Shown::Off, "a link that the programme forgets");
    }
}
