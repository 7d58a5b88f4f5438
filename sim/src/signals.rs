//! What the signal heads show, out of the very plans that the units announce in their SPAT, what a controller makes of
//! requests for priority, and what one with a fault makes of all that.

pub mod priority;

use std::collections::BTreeMap;

use calibration::Timestamp;
use rsu::signal;
use rsu::station::{Setup, SignalState};
use rsu::world::{Light, SignalGroup};

use crate::scenario::{Fault, FaultKind, Grants};
use crate::scene::Lights;
use priority::{Ask, Granter};

/// A controller speaks so often, seconds (GA/T 1743: each second).
pub const SPEAKS_S: f64 = 1.0;

/// The signal controllers of all units.
#[derive(Debug)]
pub struct Signals(Vec<Controller>);

#[derive(Debug)]
struct Controller {
    unit: String,
    plan: signal::Signals,
    granter: Option<Granter>,
    faults: Vec<Fault>,
    start: Timestamp,
}

impl Signals {
    /// The controllers of these units, each with how it grants priority; `faults` begin after `start`.
    pub fn new<'a>(
        setups: &[Setup],
        grants: &[Option<Grants>],
        faults: impl IntoIterator<Item = &'a Fault>,
        start: Timestamp,
    ) -> Self {
        let kinds = [FaultKind::SignalStuck, FaultKind::SignalConflict];
        let faults: Vec<_> = faults.into_iter().filter(|f| kinds.contains(&f.kind)).collect();
        let controller = |(setup, grants): (&Setup, &Option<Grants>)| {
            let unit = setup.config.site.id.0.clone();
            let faults = faults.iter().filter(|f| f.is_of(&unit)).map(|f| (*f).clone()).collect();
            let plan = signal::Signals::new(&setup.config.signal, setup.map.as_ref());
            let granter = grants.zip(setup.config.signal.plan.as_ref());
            let granter = granter.map(|(grants, config)| Granter::new(plan.clone(), config, grants));
            Controller { plan, granter, unit, faults, start }
        };
        Self(setups.iter().zip(grants).map(controller).collect())
    }

    /// What every group shows at `now`.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Lights {
        self.0.iter().flat_map(|c| c.shown(now)).map(|group| (group.id, (group.light, group.until))).collect()
    }

    /// A vehicle asked `unit`, which passes it on to its controller.
    pub fn ask(&mut self, unit: &str, ask: Ask) {
        let controller = self.0.iter_mut().find(|c| c.unit == unit);
        if let Some(granter) = controller.and_then(|c| c.granter.as_mut()) {
            granter.ask(ask);
        }
    }

    /// Controllers that grant priority decide what to do.
    pub fn step(&mut self, now: Timestamp) {
        self.0.iter_mut().filter_map(|c| c.granter.as_mut()).for_each(|granter| granter.step(now));
    }

    /// The controller of `unit` changed its mind since this was asked last.
    pub fn take_news(&mut self, unit: &str) -> bool {
        let controller = self.0.iter_mut().find(|c| c.unit == unit);
        controller.and_then(|c| c.granter.as_mut()).is_some_and(Granter::take_news)
    }

    /// What the controller of `unit` says at `now`; none: the unit has only the plan. A controller speaks to its unit when
    /// the scenario has a fault of it, or lets it grant priority.
    #[must_use]
    pub fn told(&self, unit: &str, now: Timestamp) -> Option<SignalState> {
        let speaks = |c: &&Controller| c.unit == unit && (!c.faults.is_empty() || c.granter.is_some());
        let controller = self.0.iter().find(speaks)?;
        Some(SignalState { tov: now, groups: controller.said(now) })
    }
}

impl Controller {
    fn fault(&self, kind: FaultKind, now: Timestamp) -> Option<&Fault> {
        self.faults.iter().find(|f| f.kind == kind && f.is_on(self.start, now))
    }

    fn runs(&self, now: Timestamp) -> Vec<SignalGroup> {
        self.granter.as_ref().map_or_else(|| self.plan.at(now), |granter| granter.at(now))
    }

    fn shown(&self, now: Timestamp) -> Vec<SignalGroup> {
        match self.fault(FaultKind::SignalStuck, now) {
            None => self.runs(now),
            Some(fault) => {
                let mut groups = self.plan.at(fault.begins(self.start));
                // It counts down to a change that never comes: nobody knows any more when it will.
                groups.iter_mut().for_each(|g| (g.until, g.next) = (None, Vec::new()));
                groups
            }
        }
    }

    fn said(&self, now: Timestamp) -> Vec<SignalGroup> {
        let mut groups = self.shown(now);
        if let Some(fault) = self.fault(FaultKind::SignalConflict, now) {
            for group in groups.iter_mut().filter(|g| fault.groups.contains(&g.id)) {
                (group.light, group.until, group.next) = (Light::ProtectedGreen, None, Vec::new());
            }
        }
        groups
    }
}

/// The lights of a list of groups.
#[must_use]
pub fn lights(groups: &[SignalGroup]) -> BTreeMap<u8, Light> {
    groups.iter().map(|g| (g.id, g.light)).collect()
}
