//! The storyboard as written: stories, acts, groups of manoeuvres, manoeuvres, events.

use super::action::{Action, What};
use super::condition::Trigger;
use super::limits;
use super::reader::{EntityId, Reader};
use super::word::{PRIORITIES, Priority, Words};
use super::xml::Element;

/// Kind of a storyboard element.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The whole.
    Board,
    /// Story.
    Story,
    /// Act.
    Act,
    /// Group of manoeuvres with its actors.
    Group,
    /// Manoeuvre.
    Maneuver,
    /// Event.
    Event,
    /// Action.
    Action,
}

/// Words of [`Kind`].
pub const KINDS: Words<Kind> = &[
    ("story", Kind::Story),
    ("act", Kind::Act),
    ("maneuverGroup", Kind::Group),
    ("maneuver", Kind::Maneuver),
    ("event", Kind::Event),
    ("action", Kind::Action),
];

/// What happens before time runs.
#[derive(Clone, Debug)]
pub struct InitAction {
    /// Element of the standard, for names in the events.
    pub element: &'static str,
    /// Who is told, if it is not the world.
    pub entity: Option<EntityId>,
    /// What.
    pub what: What,
}

/// The storyboard.
#[derive(Clone, Debug, Default)]
pub struct Storyboard {
    /// Before time runs.
    pub init: Vec<InitAction>,
    /// The stories.
    pub stories: Vec<Story>,
    /// Ends the scenario.
    pub stop: Option<Trigger>,
}

/// A story.
#[derive(Clone, Debug)]
pub struct Story {
    /// Name.
    pub name: String,
    /// Its acts.
    pub acts: Vec<Act>,
}

/// An act.
#[derive(Clone, Debug)]
pub struct Act {
    /// Name.
    pub name: String,
    /// Its groups.
    pub groups: Vec<Group>,
    /// Starts it; at once when there is none.
    pub start: Option<Trigger>,
    /// Stops it.
    pub stop: Option<Trigger>,
}

/// A group of manoeuvres and who plays in it.
#[derive(Clone, Debug)]
pub struct Group {
    /// Name.
    pub name: String,
    /// Runs so often.
    pub executions: Option<u32>,
    /// Who.
    pub actors: Vec<EntityId>,
    /// Whoever made the event's condition true plays, too.
    pub triggering: bool,
    /// Its manoeuvres.
    pub maneuvers: Vec<Maneuver>,
}

/// A manoeuvre.
#[derive(Clone, Debug)]
pub struct Maneuver {
    /// Name.
    pub name: String,
    /// Its events.
    pub events: Vec<Event>,
}

/// An event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Name.
    pub name: String,
    /// What it does to its brothers.
    pub priority: Priority,
    /// Runs so often.
    pub executions: Option<u32>,
    /// What happens.
    pub actions: Vec<Action>,
    /// Starts it; at once when there is none.
    pub start: Option<Trigger>,
}

impl Reader {
    /// Reads `Storyboard`.
    pub fn read_storyboard(&mut self, root: &Element) -> Storyboard {
        let Some(e) = root.child("Storyboard") else {
            self.complain(root, "has no Storyboard", "add one");
            return Storyboard::default();
        };
        let init = e.child("Init").and_then(|i| i.child("Actions")).map(|a| self.read_init(a));
        let stories = e.all("Story").map(|s| self.within(s, |r| r.read_story(s))).collect();
        Storyboard { init: init.unwrap_or_default(), stories, stop: self.read_trigger(e, "StopTrigger") }
    }

    fn read_init(&mut self, e: &Element) -> Vec<InitAction> {
        let mut actions = Vec::new();
        for child in &e.children {
            if child.name == "GlobalAction" {
                let read = self.read_global(child);
                actions.extend(read.map(|(g, element)| InitAction { element, entity: None, what: What::Global(g) }));
            } else if child.name == "Private" {
                let actors = self.actors(child, "entityRef");
                for action in child.all("PrivateAction") {
                    let Some(what @ What::Private(_, element)) = self.read_private(action) else { continue };
                    actions.extend(actors.iter().map(|&entity| InitAction {
                        element,
                        entity: Some(entity),
                        what: what.clone(),
                    }));
                }
            }
        }
        // The world first, then the entities (as the elements of the standard are listed).
        actions.sort_by_key(|a| a.entity.is_some());
        actions
    }

    fn read_story(&mut self, e: &Element) -> Story {
        Story { name: self.text(e, "name"), acts: e.all("Act").map(|a| self.read_act(a)).collect() }
    }

    fn read_act(&mut self, e: &Element) -> Act {
        let name = self.text(e, "name");
        let groups: Vec<_> = e.all("ManeuverGroup").map(|g| self.read_group(g)).collect();
        if groups.is_empty() {
            self.complain(e, "has no ManeuverGroup", "add one");
        }
        Act { name, groups, start: self.read_trigger(e, "StartTrigger"), stop: self.read_trigger(e, "StopTrigger") }
    }

    fn read_group(&mut self, e: &Element) -> Group {
        let name = self.text(e, "name");
        let (mut actors, mut triggering) = (Vec::new(), false);
        if let Some(list) = e.child("Actors") {
            triggering = self.optional_boolean(list, "selectTriggeringEntities").unwrap_or(false);
            actors = list.all("EntityRef").flat_map(|r| self.actors(r, "entityRef")).collect();
        }
        let mut maneuvers = Vec::new();
        for child in &e.children {
            match child.name.as_str() {
                "CatalogReference" => {
                    maneuvers.extend(self.refer(child, &["Maneuver"], |r, m| r.read_maneuver(m)));
                }
                "Maneuver" => maneuvers.push(self.within(child, |r| r.read_maneuver(child))),
                _ => {}
            }
        }
        let group = Group { name, executions: self.executions(e), actors, triggering, maneuvers };
        self.check_actors(e, &group);
        group
    }

    fn check_actors(&mut self, e: &Element, group: &Group) {
        let told = group.maneuvers.iter().flat_map(|m| &m.events).flat_map(|v| &v.actions);
        let asks = told.filter(|a| matches!(a.what, What::Private(..))).count() > 0;
        if asks && group.actors.is_empty() && !group.triggering {
            self.complain(e, "has private actions and no actors", "add EntityRef to Actors");
        }
    }

    fn executions(&mut self, e: &Element) -> Option<u32> {
        e.raw("maximumExecutionCount")?;
        let count = self.integer(e, "maximumExecutionCount");
        if count < 0 {
            self.complain(e, format!("maximumExecutionCount={count} is negative"), "give 0 or more");
        }
        Some(u32::try_from(count).unwrap_or(u32::MAX))
    }

    fn read_maneuver(&mut self, e: &Element) -> Maneuver {
        let events: Vec<_> = e.all("Event").map(|v| self.read_event(v)).collect();
        if events.is_empty() {
            self.complain(e, "has no Event", "add one");
        }
        Maneuver { name: self.text(e, "name"), events }
    }

    fn read_event(&mut self, e: &Element) -> Event {
        let actions: Vec<_> = e.all("Action").take(limits::ENTITIES).filter_map(|a| self.read_action(a)).collect();
        Event {
            name: self.text(e, "name"),
            priority: self.word(e, "priority", PRIORITIES).unwrap_or(Priority::Parallel),
            executions: self.executions(e).or(Some(1)),
            actions,
            start: self.read_trigger(e, "StartTrigger"),
        }
    }
}

/// Entities that an action of an event adds: they are not there before.
#[must_use]
pub fn added_later(board: &Storyboard) -> Vec<EntityId> {
    let events = board.stories.iter().flat_map(|s| &s.acts).flat_map(|a| &a.groups).flat_map(|g| &g.maneuvers);
    let actions = events.flat_map(|m| &m.events).flat_map(|e| &e.actions);
    let added = actions.filter_map(|a| match &a.what {
        What::Global(super::action::Global::AddEntity(entity, _)) => Some(*entity),
        _ => None,
    });
    // One that Init places is there, and comes back when it is added after it was deleted.
    let placed = |entity: &EntityId| board.init.iter().any(|i| i.entity == Some(*entity));
    added.filter(|e| !placed(e)).collect()
}
