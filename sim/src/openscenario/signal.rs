//! Traffic signals: what each shows, and the controllers that run through phases.

use std::collections::BTreeMap;

use super::reader::{Need, Reader};
use super::xml::Element;

/// A controller of signals as written.
#[derive(Clone, Debug)]
pub struct SignalController {
    /// Name.
    pub name: String,
    /// Starts so many seconds after the phase of the controller it refers to.
    pub delay: f64,
    /// Controller it waits for.
    pub reference: Option<usize>,
    /// Its phases, in order, again and again.
    pub phases: Vec<Phase>,
}

/// A phase.
#[derive(Clone, Debug)]
pub struct Phase {
    /// Name.
    pub name: String,
    /// Seconds.
    pub duration: f64,
    /// Signals and what they show.
    pub states: Vec<(String, String)>,
}

impl Reader {
    /// Reads `TrafficSignals`.
    pub fn read_signal_controllers(&mut self, root: &Element) {
        let list = root.child("RoadNetwork").and_then(|n| n.child("TrafficSignals"));
        let controllers: Vec<_> = list.iter().flat_map(|l| l.all("TrafficSignalController")).collect();
        for e in &controllers {
            let phases = e.all("Phase").map(|p| self.read_phase(p)).collect::<Vec<_>>();
            let name = self.text(e, "name");
            if phases.is_empty() || phases.iter().map(|p| p.duration).sum::<f64>() <= 0.0 {
                self.complain(e, format!("controller {name} has no phase that lasts"), "add Phase with a duration");
            }
            let delay = self.optional_number(e, "delay").unwrap_or(0.0);
            self.signals.push(SignalController { name, delay, reference: None, phases });
        }
        for (i, e) in controllers.iter().enumerate() {
            let Some(name) = self.optional(e, "reference").filter(|n| !n.is_empty()) else { continue };
            match self.signals.iter().position(|c| c.name == name).filter(|&other| other != i) {
                Some(other) => self.signals[i].reference = Some(other),
                None => self.complain(e, format!("no other controller is called {name:?}"), "name a controller"),
            }
        }
    }

    fn read_phase(&mut self, e: &Element) -> Phase {
        let states = e.all("TrafficSignalState");
        let states = states.map(|s| (self.signal_id(s, "trafficSignalId"), self.text(s, "state"))).collect();
        Phase { name: self.text(e, "name"), duration: self.positive(e, "duration"), states }
    }

    /// The signal that an attribute names; the road network must have it.
    pub fn signal_id(&mut self, e: &Element, attribute: &str) -> String {
        let id = self.text(e, attribute);
        self.need(e, Need::Signal(id.clone()));
        id
    }

    /// The controller and phase that an element names.
    pub fn signal_phase(&mut self, e: &Element) -> Option<(usize, usize)> {
        let (name, phase) = (self.text(e, "trafficSignalControllerRef"), self.text(e, "phase"));
        let Some(controller) = self.signals.iter().position(|c| c.name == name) else {
            self.complain(e, format!("no signal controller is called {name:?}"), "name one of TrafficSignals");
            return None;
        };
        let found = self.signals[controller].phases.iter().position(|p| p.name == phase);
        if found.is_none() {
            self.complain(e, format!("controller {name} has no phase {phase:?}"), "name one of its phases");
        }
        Some((controller, found?))
    }
}

/// What the signals show now.
#[derive(Clone, Debug, Default)]
pub struct SignalStates {
    shown: BTreeMap<String, String>,
    running: Vec<Running>,
}

#[derive(Copy, Clone, Debug)]
struct Running {
    phase: usize,
    since: f64,
}

impl SignalStates {
    /// At the start of a run: every controller in its first phase, shifted by its delay against the one it refers to.
    #[must_use]
    pub fn new(controllers: &[SignalController]) -> Self {
        let running = controllers
            .iter()
            .map(|c| {
                let cycle: f64 = c.phases.iter().map(|p| p.duration).sum();
                // It starts `delay` later, so now it is that much before its start: in the last part of its cycle.
                let mut at = if c.reference.is_some() && cycle > 0.0 { (-c.delay).rem_euclid(cycle) } else { 0.0 };
                let mut phase = 0;
                while phase + 1 < c.phases.len() && at >= c.phases[phase].duration {
                    at -= c.phases[phase].duration;
                    phase += 1;
                }
                Running { phase, since: -at }
            })
            .collect();
        let mut states = Self { shown: BTreeMap::new(), running };
        for i in 0..controllers.len() {
            states.show(controllers, i);
        }
        states
    }

    fn show(&mut self, controllers: &[SignalController], i: usize) {
        let Some(phase) = controllers[i].phases.get(self.running[i].phase) else { return };
        self.shown.extend(phase.states.iter().cloned());
    }

    /// Moves time on.
    pub fn step(&mut self, controllers: &[SignalController], now: f64) {
        for (i, controller) in controllers.iter().enumerate() {
            while let Some(phase) = controller.phases.get(self.running[i].phase) {
                if phase.duration <= 0.0 && controller.phases.iter().all(|p| p.duration <= 0.0) {
                    break;
                }
                let end = self.running[i].since + phase.duration;
                if now < end - super::word::SMALL {
                    break;
                }
                self.running[i] = Running { phase: (self.running[i].phase + 1) % controller.phases.len(), since: end };
                self.show(controllers, i);
            }
        }
    }

    /// Sends a controller to a phase.
    pub fn go(&mut self, controllers: &[SignalController], controller: usize, phase: usize, now: f64) {
        self.running[controller] = Running { phase, since: now };
        self.show(controllers, controller);
    }

    /// Lets a signal show this.
    pub fn set(&mut self, signal: &str, state: &str) {
        self.shown.insert(signal.into(), state.into());
    }

    /// What a signal shows.
    #[must_use]
    pub fn state(&self, signal: &str) -> Option<&str> {
        self.shown.get(signal).map(String::as_str)
    }

    /// The phase of a controller.
    #[must_use]
    pub fn phase(&self, controller: usize) -> usize {
        self.running[controller].phase
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn controllers() -> Vec<SignalController> {
        let phase = |name: &str, duration, state: &str, id: &str| Phase {
            name: name.into(),
            duration,
            states: vec![(id.into(), state.into())],
        };
        let phases = |id: &str| vec![phase("go", 3.0, "green", id), phase("stop", 2.0, "red", id)];
        vec![
            SignalController { name: "a".into(), delay: 0.0, reference: None, phases: phases("1") },
            SignalController { name: "b".into(), delay: 1.0, reference: Some(0), phases: phases("2") },
        ]
    }

    #[test]
    fn phases_follow_each_other_and_a_controller_lags_the_one_it_refers_to() {
        let controllers = controllers();
        let mut states = SignalStates::new(&controllers);
        let mut seen = Vec::new();
        for second in 0..6 {
            states.step(&controllers, f64::from(second));
            seen.push((states.state("1").unwrap().to_owned(), states.state("2").unwrap().to_owned()));
        }
        let one: Vec<_> = seen.iter().map(|s| s.0.as_str()).collect();
        let two: Vec<_> = seen.iter().map(|s| s.1.as_str()).collect();
        assert_eq!(one, ["green", "green", "green", "red", "red", "green"]);
        assert_eq!(two, ["red", "green", "green", "green", "red", "red"]);
    }

    #[test]
    fn a_controller_goes_where_it_is_sent() {
        let controllers = controllers();
        let mut states = SignalStates::new(&controllers);
        states.go(&controllers, 0, 1, 0.5);
        assert_eq!((states.state("1"), states.phase(0)), (Some("red"), 1));
        states.step(&controllers, 2.5);
        assert_eq!(states.phase(0), 0);
    }
}
