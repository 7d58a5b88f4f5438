//! Gates and docks: papers are checked one vehicle after the other, and each is sent to a dock that is free.

use std::collections::VecDeque;
use std::sync::Arc;

use nalgebra::Point2;

use super::{Actor, Mind};
use crate::actor::pace::Stop;
use crate::actor::{ActorId, Script};
use crate::scenario::Scenario;

/// Gates and docks of a scenario.
#[derive(Clone, Debug, Default)]
pub(super) struct Yard {
    gates: Vec<Gate>,
    docks: Vec<Dock>,
    since_s: f64,
}

#[derive(Clone, Debug)]
struct Gate {
    id: Arc<str>,
    check_s: f64,
    opens_s: f64,
    docks: Vec<usize>,
    queue: VecDeque<ActorId>,
    /// Seconds for which the first has been checked.
    checked_s: f64,
}

#[derive(Clone, Debug)]
struct Dock {
    way: Vec<Point2<f64>>,
    out: Vec<Point2<f64>>,
    for_s: f64,
    /// Who is on the way to it or at it, and where on its path it stands there, metres.
    holder: Option<(ActorId, f64)>,
}

impl Yard {
    /// The yard of a scenario; its time starts `warm_s` before that of the scenario.
    pub fn new(scenario: &Scenario) -> Self {
        let line = |points: &[[f64; 2]]| points.iter().map(|p| Point2::new(p[0], p[1])).collect();
        let docks = scenario.dock.iter().map(|d| d.as_ref());
        let number = |id: &String| docks.clone().position(|d| d.id == *id);
        let gates = scenario.gate.iter().map(|g| g.as_ref()).map(|gate| Gate {
            id: gate.id.as_str().into(),
            check_s: gate.check_s,
            opens_s: gate.opens_s,
            docks: gate.docks.iter().filter_map(number).collect(),
            queue: VecDeque::new(),
            checked_s: 0.0,
        });
        let docks = docks.clone().map(|dock| Dock {
            way: line(&dock.way),
            out: line(&dock.out),
            for_s: dock.for_s,
            holder: None,
        });
        Self { gates: gates.collect(), docks: docks.collect(), since_s: -scenario.warm_s }
    }

    /// Gates and docks do their work for `dt` seconds.
    pub fn step(&mut self, actors: &mut [Actor], dt: f64) {
        self.since_s += dt;
        for dock in &mut self.docks {
            dock.holder =
                dock.holder.filter(|(id, at_m)| script(actors, *id).is_some_and(|s| s.at_m() < at_m + CLEAR_M));
        }
        for gate in &mut self.gates {
            gate.line_up(actors);
            let Some(&first) = gate.queue.front() else { continue };
            if self.since_s < gate.opens_s {
                continue;
            }
            gate.checked_s += dt;
            let free = gate.docks.iter().copied().find(|&d| self.docks[d].holder.is_none());
            if gate.checked_s + 1e-9 < gate.check_s || (free.is_none() && !gate.docks.is_empty()) {
                continue;
            }
            if let Some(script) = script(actors, first) {
                if let Some(dock) = free {
                    self.docks[dock].take(first, script);
                }
                script.let_through(&gate.id);
            }
            gate.queue.pop_front();
            gate.checked_s = 0.0;
        }
    }
}

/// A dock is free when the vehicle is so far out of it, metres.
const CLEAR_M: f64 = 18.0;

impl Gate {
    /// Who stands at the gate joins the queue; who is gone leaves it.
    fn line_up(&mut self, actors: &mut [Actor]) {
        let waits = |script: &Script| script.stands_at().is_some_and(|stop| stop.gate.as_deref() == Some(&*self.id));
        let there = |actor: &Actor| matches!(&actor.mind, Mind::Script(s) if waits(s)).then_some(actor.id);
        let here: Vec<_> = actors.iter().filter_map(there).collect();
        self.queue.retain(|id| here.contains(id));
        self.queue.extend(here.into_iter().filter(|id| !self.queue.contains(id)).collect::<Vec<_>>());
    }
}

impl Dock {
    fn take(&mut self, who: ActorId, script: &mut Script) {
        let at_m = script.go_on(&self.way);
        script.add_stop(Stop::at(at_m, self.for_s));
        script.go_on(&self.out);
        self.holder = Some((who, at_m));
    }
}

fn script(actors: &mut [Actor], id: ActorId) -> Option<&mut Script> {
    match actors.iter_mut().find(|a| a.id == id).map(|a| &mut a.mind) {
        Some(Mind::Script(script)) => Some(script),
        _ => None,
    }
}
