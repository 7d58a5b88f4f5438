//! Triggers while the scenario runs: edges, delays, and who made them true.

use std::collections::VecDeque;

use super::condition::{Condition, ElementState, Test, Trigger, WorldTest};
use super::event::EventKind;
use super::reader::EntityId;
use super::state::{Changes, State, Transition};
use super::word::{Edge, SMALL};
use super::world::World;

/// A trigger with the memory of its conditions.
#[derive(Clone, Debug, Default)]
pub struct TriggerRun {
    groups: Vec<Vec<ConditionRun>>,
    /// What a trigger without any condition says.
    empty: bool,
    /// Entities that made the conditions true when it last fired.
    pub triggering: Vec<EntityId>,
}

#[derive(Clone, Debug)]
struct ConditionRun {
    condition: Condition,
    /// Result of the step before.
    last: bool,
    /// There was a step before.
    seen: bool,
    /// Changes that the delay still holds back.
    waiting: VecDeque<(f64, bool)>,
    /// What was last put into `waiting`.
    registered: Option<bool>,
    /// What the delay has let through.
    current: bool,
    /// The storyboard elements it asks about, and how many of their changes it has seen.
    elements: Vec<(usize, usize)>,
    triggering: Vec<EntityId>,
}

impl TriggerRun {
    /// A trigger that has never been asked; `empty`: what it says without any condition (a start yes, a stop no); `find`
    /// knows the storyboard elements.
    #[must_use]
    pub fn new(trigger: &Trigger, empty: bool, find: &dyn Fn(&WorldTest) -> Vec<usize>) -> Self {
        let run = |c: &Condition| ConditionRun {
            condition: c.clone(),
            last: false,
            seen: false,
            waiting: VecDeque::new(),
            registered: None,
            current: false,
            elements: match &c.test {
                Test::World(test @ WorldTest::Element { .. }) => find(test).into_iter().map(|i| (i, 0)).collect(),
                _ => Vec::new(),
            },
            triggering: Vec::new(),
        };
        let groups = trigger.groups.iter().map(|g| g.iter().map(run).collect()).collect();
        Self { groups, empty, triggering: Vec::new() }
    }

    /// A start trigger that fires at once.
    #[must_use]
    pub fn at_once() -> Self {
        Self { empty: true, ..Self::default() }
    }

    /// Fires now.
    pub fn fires(&mut self, world: &mut World, changes: &[Changes]) -> bool {
        let mut fired = self.groups.is_empty() && self.empty;
        for group in &mut self.groups {
            let mut all = !group.is_empty();
            for condition in group {
                // Once one is false only delays need to know how the others go.
                if all || condition.condition.delay > 0.0 {
                    all &= condition.evaluate(world, changes);
                }
            }
            fired |= all;
        }
        if fired {
            let conditions = || self.groups.iter().flatten();
            self.triggering = conditions().flat_map(|c| c.triggering.iter().copied()).collect();
            self.triggering.sort_unstable();
            self.triggering.dedup();
            self.groups.iter_mut().flatten().for_each(|c| c.seen = false);
        }
        fired
    }

    /// Forgets what was, for another execution.
    pub fn reset(&mut self) {
        for condition in self.groups.iter_mut().flatten() {
            condition.waiting.clear();
            condition.registered = None;
            condition.current = false;
        }
    }
}

impl ConditionRun {
    fn evaluate(&mut self, world: &mut World, changes: &[Changes]) -> bool {
        let (result, detail) = match &self.condition.test {
            Test::Entities { who, all, what } => {
                let asked = super::ask::entities(what, who, *all, world);
                self.triggering = asked.who;
                (asked.holds, asked.detail)
            }
            Test::World(WorldTest::Element { state, name, .. }) => {
                let holds = elements(&mut self.elements, *state, changes);
                (holds, format!("{name} == {state:?}"))
            }
            Test::World(test) => super::ask::world(test, world),
        };
        let edge = match self.condition.edge {
            Edge::None => result,
            Edge::Rising => self.seen && result && !self.last,
            Edge::Falling => self.seen && !result && self.last,
            Edge::Both => self.seen && result != self.last,
        };
        (self.last, self.seen) = (result, true);
        let now = world.time;
        if self.registered != Some(edge) {
            self.registered = Some(edge);
            self.waiting.push_back((now, edge));
            if edge {
                let detail = format!("{detail}, edge: {}", self.condition.edge.word());
                world.log.put(now, EventKind::Condition, self.condition.name.as_str(), detail);
            }
        }
        let mut passed = None;
        while let Some(&(_, value)) = self.waiting.front().filter(|w| w.0 < now - self.condition.delay + SMALL) {
            self.waiting.pop_front();
            self.current = value;
            passed = Some(passed.unwrap_or(false) | value);
        }
        passed.unwrap_or(self.current)
    }
}

/// Any of the elements is in the state, or has gone through the transition since last asked.
fn elements(elements: &mut [(usize, usize)], wanted: ElementState, changes: &[Changes]) -> bool {
    let mut holds = false;
    for (element, seen) in elements {
        let all = &changes[*element].0;
        let new = &all[(*seen).min(all.len())..];
        *seen = all.len();
        let matches = |state: State, transition: Option<Transition>| match wanted {
            ElementState::Standby => state == State::Standby,
            ElementState::Running => state == State::Running,
            ElementState::Complete => state == State::Complete,
            ElementState::Start => transition == Some(Transition::Start),
            ElementState::End => transition == Some(Transition::End),
            ElementState::Stop => transition == Some(Transition::Stop),
            ElementState::Skip => transition == Some(Transition::Skip),
        };
        holds |= match new {
            // A transition counts in one step only, a state as long as it lasts.
            [] => all.last().is_some_and(|(state, _)| matches(*state, None)),
            new => new.iter().any(|(state, transition)| matches(*state, Some(*transition))),
        };
    }
    holds
}
