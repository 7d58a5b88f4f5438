//! What the world is told to do.

use super::{Change, Global, TimeOfDay};
use crate::openscenario::reader::Reader;
use crate::openscenario::time;
use crate::openscenario::xml::Element;

impl Reader {
    /// Reads a `GlobalAction`; the second word is its element.
    pub fn read_global(&mut self, e: &Element) -> Option<(Global, &'static str)> {
        let Some(inner) = e.children.first() else {
            self.complain(e, "does nothing", "add an action");
            return None;
        };
        Some(match inner.name.as_str() {
            "EnvironmentAction" => (self.read_environment(inner)?, "EnvironmentAction"),
            "EntityAction" => (self.read_entity_action(inner)?, "EntityAction"),
            "ParameterAction" => (self.read_change(inner, "parameterRef")?, "ParameterAction"),
            "VariableAction" => (self.read_change(inner, "variableRef")?, "VariableAction"),
            "InfrastructureAction" => (self.read_signal_action(inner)?, "InfrastructureAction"),
            "TrafficAction" => (self.read_traffic(inner)?, "TrafficAction"),
            "SetMonitorAction" => {
                let (name, value) = (self.text(inner, "monitorRef"), self.text(inner, "value"));
                (Global::Monitor { name, value }, "SetMonitorAction")
            }
            // Refused by the table of the standard already.
            _ => return None,
        })
    }

    fn read_environment(&mut self, e: &Element) -> Option<Global> {
        let read = |r: &mut Self, environment: &Element| match environment.child("TimeOfDay") {
            Some(t) => {
                let text = r.text(t, "dateTime");
                let seconds = time::seconds(&text);
                if seconds.is_none() {
                    r.complain(t, format!("dateTime={text:?} is no date and time"), "write 2026-05-01T08:00:00");
                }
                let runs = r.optional_boolean(t, "animation").unwrap_or(false);
                seconds.map(|seconds| TimeOfDay { seconds, runs })
            }
            None => None,
        };
        let time_of_day = match e.child("Environment") {
            Some(inline) => self.within(inline, |r| read(r, inline)),
            None => self.refer(e.child("CatalogReference")?, &["Environment"], read)?,
        };
        Some(Global::Environment { time_of_day })
    }

    fn read_entity_action(&mut self, e: &Element) -> Option<Global> {
        let entity = self.entity(e, "entityRef");
        match e.child("AddEntityAction") {
            Some(add) => {
                let position = self.child_position(add, "Position")?;
                Some(Global::AddEntity(entity?, Box::new(position)))
            }
            None => Some(Global::DeleteEntity(entity?)),
        }
    }

    fn read_change(&mut self, e: &Element, attribute: &str) -> Option<Global> {
        let name = self.reference(e, attribute);
        if !self.changeable(&name) {
            self.complain(e, format!("no parameter or variable is called {name:?}"), "declare it for the whole file");
            return None;
        }
        let change = if let Some(set) = e.child("SetAction") {
            Change::Set(self.text(set, "value"))
        } else {
            let rule = e.child("ModifyAction").and_then(|m| m.child("Rule")).and_then(|r| r.children.first());
            let Some(rule) = rule else {
                self.complain(e, "neither sets nor modifies", "add SetAction or ModifyAction");
                return None;
            };
            let value = self.number(rule, "value");
            if rule.name == "AddValue" { Change::Add(value) } else { Change::Multiply(value) }
        };
        Some(Global::SetValue { name, change })
    }

    fn read_signal_action(&mut self, e: &Element) -> Option<Global> {
        let inner = e.child("TrafficSignalAction").and_then(|t| t.children.first());
        let Some(inner) = inner else {
            self.complain(e, "does nothing", "add TrafficSignalStateAction or TrafficSignalControllerAction");
            return None;
        };
        if inner.name == "TrafficSignalStateAction" {
            let (signal, state) = (self.signal_id(inner, "name"), self.text(inner, "state"));
            return Some(Global::SignalState { signal, state });
        }
        let (controller, phase) = self.signal_phase(inner)?;
        Some(Global::SignalPhase { controller, phase })
    }
}
