//! The storyboard while it runs: states and transitions of its elements (standard: "Storyboard element states and
//! transitions"), in the order in which esmini goes through them.

use super::action::{Action, Global, Private, What};
use super::condition::WorldTest;
use super::event::EventKind;
use super::reader::EntityId;
use super::run::{self, Run};
use super::scenario::{Scenario, means};
use super::state::{Changes, State, Transition};
use super::storyboard::{Kind, Storyboard};
use super::traffic;
use super::trigger::TriggerRun;
use super::word::Priority;
use super::world::World;

struct Node {
    kind: Kind,
    name: String,
    path: String,
    parent: Option<usize>,
    children: Vec<usize>,
    state: State,
    executions: u32,
    most: Option<u32>,
    start: Option<TriggerRun>,
    stop: Option<TriggerRun>,
    priority: Priority,
    actors: Vec<EntityId>,
    triggering: bool,
    what: Option<What>,
    runs: Vec<(EntityId, Run)>,
}

/// The storyboard of a run.
pub struct Board {
    nodes: Vec<Node>,
    changes: Vec<Changes>,
    init: Vec<usize>,
    root: usize,
    endless: bool,
}

impl Board {
    /// The storyboard before it starts.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let mut board = Self {
            nodes: Vec::new(),
            changes: Vec::new(),
            init: Vec::new(),
            root: 0,
            endless: scenario.storyboard.stop.is_some(),
        };
        board.root = board.add(Kind::Board, "storyBoard", None);
        board.add_stories(&scenario.storyboard);
        for action in &scenario.storyboard.init {
            let name = match action.entity {
                Some(entity) => format!("Init {} {}", scenario.entities[entity].name, action.element),
                None => format!("Init {}", action.element),
            };
            let node = board.add(Kind::Action, &name, None);
            board.nodes[node].what = Some(action.what.clone());
            board.nodes[node].actors = action.entity.into_iter().collect();
            board.init.push(node);
        }
        board.add_triggers(&scenario.storyboard);
        board
    }

    fn add(&mut self, kind: Kind, name: &str, parent: Option<usize>) -> usize {
        let id = self.nodes.len();
        let path = match parent.filter(|_| kind > Kind::Story) {
            Some(parent) => format!("{}::{name}", self.nodes[parent].path),
            None => name.to_owned(),
        };
        self.nodes.push(Node {
            kind,
            name: name.into(),
            path,
            parent,
            children: Vec::new(),
            state: State::Init,
            executions: 0,
            most: Some(1),
            start: None,
            stop: None,
            priority: Priority::Parallel,
            actors: Vec::new(),
            triggering: false,
            what: None,
            runs: Vec::new(),
        });
        self.changes.push(Changes::default());
        if let Some(parent) = parent {
            self.nodes[parent].children.push(id);
        }
        id
    }

    fn add_stories(&mut self, board: &Storyboard) {
        for story in &board.stories {
            let s = self.add(Kind::Story, &story.name, Some(self.root));
            for act in &story.acts {
                let a = self.add(Kind::Act, &act.name, Some(s));
                for group in &act.groups {
                    let g = self.add(Kind::Group, &group.name, Some(a));
                    self.nodes[g].most = group.executions;
                    for maneuver in &group.maneuvers {
                        let m = self.add(Kind::Maneuver, &maneuver.name, Some(g));
                        for event in &maneuver.events {
                            let e = self.add(Kind::Event, &event.name, Some(m));
                            self.nodes[e].most = event.executions;
                            self.nodes[e].priority = event.priority;
                            event.actions.iter().for_each(|action| self.add_action(action, e, group));
                        }
                    }
                }
            }
        }
    }

    fn add_action(&mut self, action: &Action, event: usize, group: &super::storyboard::Group) {
        let node = self.add(Kind::Action, &action.name, Some(event));
        self.nodes[node].what = Some(action.what.clone());
        self.nodes[node].actors = group.actors.clone();
        self.nodes[node].triggering = group.triggering;
    }

    /// Triggers, in the order of the elements: they may mean any of them, so that all must be there.
    fn add_triggers(&mut self, board: &Storyboard) {
        let named: Vec<(Kind, String)> = self.nodes.iter().map(|n| (n.kind, n.path.clone())).collect();
        let find = |test: &WorldTest| {
            let WorldTest::Element { kind, name, .. } = test else { return Vec::new() };
            let all = named.iter().enumerate().filter(|(_, (k, path))| k == kind && means(path, name));
            all.map(|(i, _)| i).collect()
        };
        let run = |t: &Option<super::condition::Trigger>, starts| t.as_ref().map(|t| TriggerRun::new(t, starts, &find));
        self.nodes[self.root].stop = run(&board.stop, false);
        let acts: Vec<_> = board.stories.iter().flat_map(|s| &s.acts).collect();
        let events: Vec<_> = acts
            .iter()
            .flat_map(|a| &a.groups)
            .flat_map(|g| &g.maneuvers)
            .flat_map(|m| &m.events)
            .map(|e| run(&e.start, true).or_else(|| Some(TriggerRun::at_once())))
            .collect();
        let of = |kind| self.nodes.iter().enumerate().filter(move |(_, n)| n.kind == kind).map(|(i, _)| i);
        let (act_nodes, event_nodes): (Vec<_>, Vec<_>) = (of(Kind::Act).collect(), of(Kind::Event).collect());
        for (node, act) in act_nodes.into_iter().zip(acts) {
            (self.nodes[node].start, self.nodes[node].stop) = (run(&act.start, true), run(&act.stop, false));
        }
        for (node, start) in event_nodes.into_iter().zip(events) {
            self.nodes[node].start = start;
        }
    }

    /// It runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.nodes[self.root].state == State::Running
    }

    /// Elements with their states now, by path.
    pub fn states(&self) -> impl Iterator<Item = (&str, State)> {
        self.nodes.iter().map(|n| (n.path.as_str(), n.state))
    }

    /// Starts it: first what is to be before time runs.
    pub fn start(&mut self, world: &mut World) {
        for node in self.init.clone() {
            if !self.asks_nobody(node, world) {
                self.start_node(node, world);
            }
        }
        self.start_node(self.root, world);
    }

    /// It is to switch on a controller of somebody who has none: nothing starts (as in esmini), which is noted.
    fn asks_nobody(&self, node: usize, world: &mut World) -> bool {
        let n = &self.nodes[node];
        let switches = matches!(n.what, Some(What::Private(Private::ActivateController { .. }, _)));
        let none = switches && n.actors.iter().all(|&who| world.actors[who].drivers.is_empty());
        if none {
            world.log.put(world.time, EventKind::Note, n.name.as_str(), "no controller is assigned");
        }
        none
    }

    /// One step: triggers, then actions.
    pub fn step(&mut self, world: &mut World) {
        self.evaluate(self.root, world);
        for node in self.init.clone() {
            self.step_action(node, world);
        }
        if self.runs() {
            self.step_node(self.root, world);
        }
        // Without a stop trigger the end of all stories is the end; without stories everybody drives on.
        let stories = &self.nodes[self.root].children;
        if !self.endless
            && !stories.is_empty()
            && self.runs()
            && stories.iter().all(|&s| self.nodes[s].state == State::Complete)
        {
            self.set(self.root, State::Complete, Transition::End, world);
        }
    }

    fn set(&mut self, node: usize, state: State, transition: Transition, world: &mut World) {
        if self.nodes[node].state == state {
            return;
        }
        self.nodes[node].state = state;
        self.changes[node].0.push((state, transition));
        self.tell(node, state, transition, 1, world);
    }

    /// Writes a transition so many times: an action of several actors is told once for each of them (as esmini does).
    fn tell(&self, node: usize, state: State, transition: Transition, times: usize, world: &mut World) {
        for _ in 0..times {
            let detail = format!("{}>{}", transition.word(), state.word());
            world.log.put(world.time, EventKind::State, self.nodes[node].name.as_str(), detail);
        }
    }

    fn start_node(&mut self, node: usize, world: &mut World) {
        let waits = self.nodes[node].start.is_some() && self.nodes[node].state == State::Init;
        if waits {
            return self.set(node, State::Standby, Transition::ToStandby, world);
        }
        match self.nodes[node].kind {
            Kind::Event => self.start_event(node, world),
            Kind::Action => self.start_action(node, world),
            _ => {
                self.set(node, State::Running, Transition::Start, world);
                self.nodes[node].executions += 1;
                for child in self.nodes[node].children.clone() {
                    self.start_node(child, world);
                }
            }
        }
    }

    fn start_event(&mut self, node: usize, world: &mut World) {
        if self.nodes[node].state == State::Running {
            return;
        }
        let brothers = self.nodes[node].parent.map(|p| self.nodes[p].children.clone()).unwrap_or_default();
        let running: Vec<_> =
            brothers.into_iter().filter(|&b| b != node && self.nodes[b].state == State::Running).collect();
        match self.nodes[node].priority {
            Priority::Override => running.into_iter().for_each(|b| self.end(b, world)),
            Priority::Skip if !running.is_empty() => {
                self.changes[node].0.push((State::Standby, Transition::Skip));
                return;
            }
            _ => {}
        }
        self.set(node, State::Running, Transition::Start, world);
        self.nodes[node].executions += 1;
        if self.nodes[node].children.is_empty() {
            return self.end(node, world);
        }
        let triggering = self.nodes[node].start.as_ref().map(|t| t.triggering.clone()).unwrap_or_default();
        for action in self.nodes[node].children.clone() {
            if self.nodes[action].triggering {
                let new = triggering.iter().filter(|t| !self.nodes[action].actors.contains(t));
                let new: Vec<_> = new.copied().collect();
                let kept = self.nodes[action].actors.clone();
                self.nodes[action].actors.extend(new);
                self.start_action(action, world);
                self.nodes[action].actors = kept;
            } else {
                self.start_action(action, world);
            }
        }
    }

    fn start_action(&mut self, node: usize, world: &mut World) {
        let Some(what) = self.nodes[node].what.clone() else { return };
        let actors: Vec<_> = self.nodes[node].actors.iter().copied().filter(|&a| world.actors[a].active).collect();
        if let What::Private(private, _) = &what {
            for &who in &actors {
                self.end_clashing(node, private, who, world);
            }
        }
        self.set(node, State::Running, Transition::Start, world);
        match &what {
            What::Global(Global::Traffic(order)) => traffic::start(order, node, world),
            What::Global(global) => run::globally(global, world),
            What::Private(private, _) => {
                self.tell(node, State::Running, Transition::Start, actors.len().saturating_sub(1), world);
                self.nodes[node].runs = actors.iter().map(|&who| (who, Run::start(private, who, world))).collect();
            }
        }
    }

    /// Ends what another action does to the same entity over the same thing.
    fn end_clashing(&mut self, node: usize, action: &Private, who: EntityId, world: &mut World) {
        let clashing: Vec<_> = (0..self.nodes.len())
            .filter(|&other| other != node && self.nodes[other].state == State::Running)
            .filter(|&other| matches!(&self.nodes[other].what, Some(What::Private(p, _)) if run::clash(p, action)))
            .filter(|&other| self.nodes[other].runs.iter().any(|(actor, _)| *actor == who))
            .collect();
        for other in clashing {
            let runs = std::mem::take(&mut self.nodes[other].runs);
            let (gone, kept): (Vec<_>, Vec<_>) = runs.into_iter().partition(|(actor, _)| *actor == who);
            gone.iter().for_each(|(actor, run)| run.end(*actor, world));
            self.nodes[other].runs = kept;
            if self.nodes[other].runs.is_empty() {
                self.end(other, world);
            }
        }
    }

    fn step_node(&mut self, node: usize, world: &mut World) {
        if self.nodes[node].state != State::Running {
            return;
        }
        for child in self.nodes[node].children.clone() {
            if self.nodes[child].kind == Kind::Action {
                self.step_action(child, world);
            } else {
                self.step_node(child, world);
            }
        }
    }

    fn step_action(&mut self, node: usize, world: &mut World) {
        if self.nodes[node].state != State::Running {
            return;
        }
        // Traffic goes on until it is stopped.
        if matches!(self.nodes[node].what, Some(What::Global(Global::Traffic(_)))) && traffic::runs(node, world) {
            return;
        }
        if matches!(self.nodes[node].what, Some(What::Global(_))) {
            // What the world is told is over at once (esmini logs it as stopped).
            self.set(node, State::Complete, Transition::Stop, world);
            return self.propagate(node, world);
        }
        let mut runs = std::mem::take(&mut self.nodes[node].runs);
        let before = runs.len();
        runs.retain_mut(|(who, run)| {
            let over = !world.actors[*who].active || run.step(*who, world);
            if over {
                run.end(*who, world);
            }
            !over
        });
        let ended = before - runs.len();
        self.nodes[node].runs = runs;
        if self.nodes[node].runs.is_empty() {
            self.tell(node, State::Complete, Transition::End, ended.saturating_sub(1), world);
            self.end(node, world);
        } else {
            self.tell(node, State::Complete, Transition::End, ended, world);
        }
    }

    fn evaluate(&mut self, node: usize, world: &mut World) {
        if self.nodes[node].state == State::Running && self.asks(node, true, world) == Some(true) {
            self.stop(node, world);
        }
        if self.nodes[node].state == State::Standby && self.asks(node, false, world) != Some(false) {
            self.start_node(node, world);
        }
        if self.nodes[node].state == State::Running {
            for child in self.nodes[node].children.clone() {
                if self.nodes[child].kind != Kind::Action {
                    self.evaluate(child, world);
                }
            }
        }
    }

    /// Asks a trigger; `None`: there is none.
    fn asks(&mut self, node: usize, stop: bool, world: &mut World) -> Option<bool> {
        let slot = |n: &mut Node| if stop { std::mem::take(&mut n.stop) } else { std::mem::take(&mut n.start) };
        let mut trigger = slot(&mut self.nodes[node])?;
        let fires = trigger.fires(world, &self.changes);
        let n = &mut self.nodes[node];
        *(if stop { &mut n.stop } else { &mut n.start }) = Some(trigger);
        Some(fires)
    }

    fn stop(&mut self, node: usize, world: &mut World) {
        for child in self.nodes[node].children.clone() {
            self.stop(child, world);
        }
        if matches!(self.nodes[node].state, State::Standby | State::Running) {
            let more = self.nodes[node].runs.len().saturating_sub(1);
            self.leave(node, world);
            self.tell(node, State::Complete, Transition::Stop, more, world);
            self.set(node, State::Complete, Transition::Stop, world);
            self.propagate(node, world);
        }
    }

    fn end(&mut self, node: usize, world: &mut World) {
        if self.nodes[node].state == State::Complete {
            return;
        }
        for child in self.nodes[node].children.clone() {
            if self.nodes[child].state == State::Running {
                self.end(child, world);
            }
        }
        if !matches!(self.nodes[node].state, State::Standby | State::Running) {
            return;
        }
        self.leave(node, world);
        let n = &self.nodes[node];
        let again = matches!(n.kind, Kind::Group | Kind::Event) && n.most.is_none_or(|most| n.executions < most);
        if again {
            if n.state == State::Standby {
                return;
            }
            self.set(node, State::Standby, Transition::End, world);
            self.nodes[node].start.iter_mut().for_each(TriggerRun::reset);
            for child in self.nodes[node].children.clone() {
                self.reset(child);
            }
        } else {
            self.set(node, State::Complete, Transition::End, world);
        }
        self.propagate(node, world);
    }

    /// Leaves what an action was doing.
    fn leave(&mut self, node: usize, world: &mut World) {
        traffic::end(node, world);
        for (who, run) in std::mem::take(&mut self.nodes[node].runs) {
            run.end(who, world);
        }
    }

    fn reset(&mut self, node: usize) {
        for child in self.nodes[node].children.clone() {
            self.reset(child);
        }
        let n = &mut self.nodes[node];
        n.state = State::Init;
        if n.kind != Kind::Event || n.parent.is_some() {
            n.start.iter_mut().chain(&mut n.stop).for_each(TriggerRun::reset);
        }
        n.executions = 0;
    }

    /// A parent ends when all its children are done.
    fn propagate(&mut self, node: usize, world: &mut World) {
        let Some(parent) = self.nodes[node].parent else { return };
        let p = &self.nodes[parent];
        let done = p.children.iter().all(|&c| self.nodes[c].state == State::Complete);
        if p.kind != Kind::Board && p.state != State::Complete && done {
            self.end(parent, world);
        }
    }
}
