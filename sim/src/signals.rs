//! What the signal heads show, out of the very plans that the units announce in their SPAT, and what a controller with a
//! fault makes of them.

use std::collections::BTreeMap;

use calibration::Timestamp;
use rsu::signal;
use rsu::station::{Setup, SignalState};
use rsu::world::{Light, SignalGroup};

use crate::scenario::{Fault, FaultKind};
use crate::scene::Lights;

/// A controller speaks so often, seconds (GA/T 1743: each second).
pub const SPEAKS_S: f64 = 1.0;

/// The signal controllers of all units.
#[derive(Debug)]
pub struct Signals(Vec<Controller>);

#[derive(Debug)]
struct Controller {
    unit: String,
    plan: signal::Signals,
    faults: Vec<Fault>,
    start: Timestamp,
}

impl Signals {
    /// The controllers of these units; `faults` begin after `start`.
    pub fn new<'a>(setups: &[Setup], faults: impl IntoIterator<Item = &'a Fault>, start: Timestamp) -> Self {
        let kinds = [FaultKind::SignalStuck, FaultKind::SignalConflict];
        let faults: Vec<_> = faults.into_iter().filter(|f| kinds.contains(&f.kind)).collect();
        let controller = |setup: &Setup| {
            let unit = setup.config.site.id.0.clone();
            let faults = faults.iter().filter(|f| f.is_of(&unit)).map(|f| (*f).clone()).collect();
            Controller { plan: signal::Signals::new(&setup.config.signal, setup.map.as_ref()), unit, faults, start }
        };
        Self(setups.iter().map(controller).collect())
    }

    /// What every group shows at `now`.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Lights {
        self.0.iter().flat_map(|c| c.shown(now)).map(|group| (group.id, (group.light, group.until))).collect()
    }

    /// What the controller of `unit` says at `now`; none: the unit has only the plan. A controller speaks to its unit when
    /// the scenario has a fault of it.
    #[must_use]
    pub fn told(&self, unit: &str, now: Timestamp) -> Option<SignalState> {
        let controller = self.0.iter().find(|c| c.unit == unit && !c.faults.is_empty())?;
        Some(SignalState { tov: now, groups: controller.said(now) })
    }
}

impl Controller {
    fn fault(&self, kind: FaultKind, now: Timestamp) -> Option<&Fault> {
        self.faults.iter().find(|f| f.kind == kind && f.is_on(self.start, now))
    }

    fn shown(&self, now: Timestamp) -> Vec<SignalGroup> {
        match self.fault(FaultKind::SignalStuck, now) {
            None => self.plan.at(now),
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
