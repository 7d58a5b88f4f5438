//! Everything between senders and receivers in a run: the air with its range and loss, the link between units, the faults
//! of both, and strangers who speak.

use calibration::Timestamp;
use nalgebra::Vector3;

use crate::actor::Body;
use crate::channel::Channel;
use crate::hostile::Stranger;
use crate::medium::Troubles;
use crate::random::Luck;
use crate::scenario::fault::Medium;
use crate::scenario::{Fault, FaultKind, Link, Scenario};

/// The air and the link of one run.
#[derive(Debug)]
pub struct Air {
    channel: Channel,
    on_air: Troubles,
    link: Link,
    link_luck: Luck,
    on_link: Troubles,
    cuts: Vec<Fault>,
    start: Timestamp,
    /// Who speaks without a right to.
    pub strangers: Vec<Stranger>,
}

impl Air {
    /// The air of a scenario that starts at `start`.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64, start: Timestamp) -> Self {
        let faults = || scenario.fault.iter().map(|f| f.as_ref());
        Self {
            channel: Channel::new(scenario.channel, seed),
            on_air: Troubles::new(faults(), Medium::Air, seed, start),
            link: scenario.link,
            link_luck: Luck::new(seed, "link"),
            on_link: Troubles::new(faults(), Medium::Link, seed, start),
            cuts: faults().filter(|f| f.kind == FaultKind::LinkCut).cloned().collect(),
            start,
            strangers: Stranger::all(faults(), start),
        }
    }

    /// Who is on the road now, between antennas.
    pub fn watch(&mut self, bodies: &[Body]) {
        self.channel.watch(bodies);
    }

    /// When the copies of a message that was sent at `at` arrive at another antenna; nothing arrives before `earliest`.
    /// `units` are those that send or get it.
    pub fn carry(
        &mut self,
        at: Timestamp,
        from: &Vector3<f64>,
        to: &Vector3<f64>,
        earliest: Timestamp,
        units: &[&str],
    ) -> Vec<Timestamp> {
        match self.channel.carry(at, from, to, earliest) {
            Some(arrives) => self.on_air.pass(at, arrives, units),
            None => Vec::new(),
        }
    }

    /// Messages that faults lost, delayed or doubled, on air and between units.
    #[must_use]
    pub fn hurt(&self) -> u64 {
        self.on_air.hurt + self.on_link.hurt
    }

    /// When the copies of what a unit told another one at `at` arrive there; nothing arrives before `earliest`.
    pub fn link(&mut self, at: Timestamp, earliest: Timestamp, units: [&str; 2]) -> Vec<Timestamp> {
        let [low, high] = self.link.delay_ms;
        let arrives = at.offset_secs(self.link_luck.between(low, high) * 1e-3).max(earliest);
        if self.cuts.iter().any(|cut| units.iter().any(|u| cut.is_of(u)) && cut.is_on(self.start, at)) {
            return Vec::new();
        }
        self.on_link.pass(at, arrives, &units)
    }
}

/// When the neighbours of `unit` learn that it is gone and back: liveliness, one lease late.
#[must_use]
pub fn liveliness(faults: &[Fault], unit: &str, lease_s: f64, start: Timestamp) -> Vec<(Timestamp, bool)> {
    let mut news = vec![(start.offset_secs(0.1), true)];
    let gone = |f: &&Fault| f.is_of(unit) && matches!(f.kind, FaultKind::UnitKilled | FaultKind::LinkCut);
    for fault in faults.iter().filter(gone) {
        news.push((fault.begins(start).offset_secs(lease_s), false));
        if fault.for_s.is_some() {
            news.push((fault.ends(start).offset_secs(0.1), true));
        }
    }
    news
}
