//! What faults do to messages on their way: some are lost, some come later, twice, or out of order.

use calibration::Timestamp;

use crate::random::Luck;
use crate::scenario::fault::{Fault, FaultKind, Medium};

/// Copies of one message at most.
const COPIES: usize = 8;

/// The faults of one medium.
#[derive(Debug)]
pub struct Troubles {
    start: Timestamp,
    list: Vec<Trouble>,
    /// Messages that were lost, delayed or doubled by a fault.
    pub hurt: u64,
}

#[derive(Debug)]
struct Trouble {
    fault: Fault,
    luck: Luck,
    /// A burst: it is bad until here, then good until there, and so on.
    burst: Option<Burst>,
}

#[derive(Debug)]
struct Burst {
    bad: bool,
    until: Timestamp,
}

impl Troubles {
    /// The faults of `medium` among those of a scenario that starts at `start`.
    #[must_use]
    pub fn new<'a>(faults: impl IntoIterator<Item = &'a Fault>, medium: Medium, seed: u64, start: Timestamp) -> Self {
        let numbered = faults.into_iter().enumerate();
        let mine = numbered.filter(|(_, f)| f.kind.hurts_messages() && f.on == medium);
        let list = mine.map(|(i, fault)| Trouble {
            luck: Luck::new(seed, &format!("fault {i}")),
            burst: (fault.kind == FaultKind::Burst).then(|| Burst { bad: false, until: fault.begins(start) }),
            fault: fault.clone(),
        });
        Self { start, list: list.collect(), hurt: 0 }
    }

    /// When the copies of a message arrive that was sent at `sent` and would arrive at `arrives`; none: it is lost.
    /// `units` are those that send or get it.
    pub fn pass(&mut self, sent: Timestamp, arrives: Timestamp, units: &[&str]) -> Vec<Timestamp> {
        let mut copies = vec![arrives];
        for trouble in &mut self.list {
            let mine = trouble.fault.unit.as_deref().is_none_or(|u| units.contains(&u));
            if mine && trouble.fault.is_on(self.start, sent) {
                trouble.hurt(sent, &mut copies);
            }
        }
        self.hurt += u64::from(copies != [arrives]);
        copies
    }
}

impl Trouble {
    fn hurt(&mut self, sent: Timestamp, copies: &mut Vec<Timestamp>) {
        let chance = self.fault.chance.unwrap_or(1.0);
        let [low, high] = self.fault.delay_ms.unwrap_or([0.0, 20.0]);
        match self.fault.kind {
            FaultKind::Loss => copies.retain(|_| !self.luck.chance(chance)),
            FaultKind::Burst => {
                let bad = self.is_bad(sent);
                copies.retain(|_| !(bad && self.luck.chance(chance)));
            }
            FaultKind::Delay => {
                copies.iter_mut().for_each(|at| *at = at.offset_secs(self.luck.between(low, high) * 1e-3));
            }
            FaultKind::Reorder => {
                for at in copies {
                    if self.luck.chance(chance) {
                        *at = at.offset_secs(self.luck.between(low, high) * 1e-3);
                    }
                }
            }
            FaultKind::Duplicate => {
                for i in 0..copies.len() {
                    if copies.len() < COPIES && self.luck.chance(chance) {
                        copies.push(copies[i].offset_secs(self.luck.between(low, high) * 1e-3));
                    }
                }
            }
            _ => {}
        }
    }

    /// Gilbert and Elliott's two states, with exponential times in each: interference hits everybody at once.
    fn is_bad(&mut self, now: Timestamp) -> bool {
        let (every_s, lasts_s) = (self.fault.every_s.unwrap_or(1.0), self.fault.lasts_s.unwrap_or(1.0));
        let Some(burst) = &mut self.burst else { return false };
        while burst.until <= now {
            burst.bad = !burst.bad;
            let mean_s = if burst.bad { lasts_s } else { every_s };
            // A state lasts a millisecond at least, so the walk over them ends.
            burst.until = burst.until.offset_secs(self.luck.gap_s(1.0 / mean_s).clamp(1e-3, 1e6));
        }
        burst.bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn troubles(text: &str) -> Troubles {
        let fault: Fault = toml::from_str(text).unwrap();
        fault.check().unwrap();
        Troubles::new([&fault], Medium::Air, 3, Timestamp::from_millis(0))
    }

    /// A message each 10 ms for 100 s.
    fn sent(troubles: &mut Troubles) -> Vec<(Timestamp, Vec<Timestamp>)> {
        let at = |i: i64| Timestamp::from_millis(10 * i);
        (0..10_000).map(|i| (at(i), troubles.pass(at(i), at(i), &["x01"]))).collect()
    }

    fn lost(all: &[(Timestamp, Vec<Timestamp>)]) -> Vec<bool> {
        all.iter().map(|(_, copies)| copies.is_empty()).collect()
    }

    #[test]
    fn loss_begins_and_ends_and_is_as_often_as_asked() {
        let lost = lost(&sent(&mut troubles("at_s = 20\nfor_s = 50\nkind = \"loss\"\nchance = 0.3")));
        assert!(!lost[..2000].iter().chain(&lost[7000..]).any(|l| *l));
        let count = lost.iter().filter(|l| **l).count();
        assert!((1350..1650).contains(&count), "{count} of 5000");
    }

    #[test]
    fn bursts_have_the_mean_lengths_asked() {
        let lost = lost(&sent(&mut troubles("at_s = 0\nkind = \"burst\"\nevery_s = 0.9\nlasts_s = 0.1")));
        let bursts = lost.windows(2).filter(|w| !w[0] && w[1]).count();
        let share = lost.iter().filter(|l| **l).count() as f64 / lost.len() as f64;
        // 100 s hold about 100 bursts of 10 messages; single losses of the same share would make 900 runs.
        assert!((70..130).contains(&bursts), "{bursts} bursts");
        assert!((0.06..0.14).contains(&share), "{share}");
    }

    #[test]
    fn delay_duplicates_and_reordering_are_as_asked() {
        for (at, copies) in sent(&mut troubles("at_s = 0\nkind = \"delay\"\ndelay_ms = [50, 60]")) {
            assert!((50.0..=60.0).contains(&copies[0].millis_since(at)) && copies.len() == 1);
        }
        let twice = sent(&mut troubles("at_s = 0\nkind = \"duplicate\"\nchance = 0.5"));
        let extra: usize = twice.iter().map(|(_, c)| c.len() - 1).sum();
        assert!((4700..5300).contains(&extra), "{extra}");
        let mixed = sent(&mut troubles("at_s = 0\nkind = \"reorder\"\nchance = 0.2\ndelay_ms = [15, 30]"));
        let overtaken = mixed.windows(2).filter(|w| w[1].1[0] < w[0].1[0]).count();
        assert!((1200..2000).contains(&overtaken), "{overtaken}");
    }

    #[test]
    fn a_fault_of_one_unit_or_medium_is_none_of_another() {
        let mut one = troubles("at_s = 0\nkind = \"loss\"\nchance = 1\nunit = \"x01\"");
        let at = Timestamp::from_millis(5);
        assert!(one.pass(at, at, &["x01"]).is_empty());
        assert_eq!(one.pass(at, at, &["x02"]), [at]);
        let link: Fault = toml::from_str("at_s = 0\nkind = \"loss\"\nchance = 1\non = \"link\"").unwrap();
        assert_eq!(Troubles::new([&link], Medium::Air, 1, at).pass(at, at, &[]), [at]);
    }
}
