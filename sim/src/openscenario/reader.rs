//! Reads attributes of elements as values: parameters and expressions are put in, everything wrong is kept as a complaint
//! and reading goes on, so that one run of `check` tells all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::catalog::Catalogs;
use super::complaint::Complaint;
use super::entity::Object;
use super::expression::{self, Value};
use super::limits;
use super::signal::SignalController;
use super::word::Words;
use super::xml::Element;

/// Number of an entity: its place in the scenario, from 0.
pub type EntityId = usize;

/// Value of a parameter whose own value is broken.
const BROKEN: &str = "\u{fffd}broken";

/// Numbers beyond this are a mistake: no road, time or speed is that large.
const LARGEST: f64 = 1e12;

/// Something that the road network must have.
#[derive(Clone, Debug)]
pub(super) enum Need {
    /// A road, so long; and a lane there.
    Road { road: String, s: f64, lane: Option<i32> },
    /// A signal.
    Signal(String),
    /// A projection from the earth.
    Earth,
}

/// What a reader knows while it reads.
pub struct Reader {
    /// Everything that makes the file unfit.
    pub complaints: Vec<Complaint>,
    /// Everything worth a word that does not make it unfit.
    pub notes: Vec<Complaint>,
    /// What is played otherwise than the file says.
    pub deviations: Vec<Complaint>,
    /// Folder of the scenario: paths are relative to it.
    pub folder: PathBuf,
    /// Where catalogs are, and those read.
    pub catalogs: Catalogs,
    /// Entities by name.
    pub entities: BTreeMap<String, EntityId>,
    /// Groups of entities by name.
    pub selections: BTreeMap<String, Vec<EntityId>>,
    /// Values given from outside, before those of the file.
    pub given: BTreeMap<String, String>,
    /// Minor version of the file.
    pub minor: u32,
    /// Controllers of traffic signals.
    pub signals: Vec<SignalController>,
    pub(super) changeables: BTreeSet<String>,
    /// What entities are, by number.
    pub(super) objects: Vec<Object>,
    pub(super) traffic_names: BTreeSet<String>,
    /// Traffic actions that are to be stopped, with what to say when they are not there.
    pub(super) stopped: Vec<(Complaint, String)>,
    /// Places and signals that the road network must have.
    pub(super) needs: Vec<(Complaint, Need)>,
    layers: Vec<BTreeMap<String, String>>,
}

impl Reader {
    /// A reader of a scenario in this folder, with parameter values from outside.
    #[must_use]
    pub fn new(folder: PathBuf, given: BTreeMap<String, String>) -> Self {
        Self {
            complaints: Vec::new(),
            notes: Vec::new(),
            deviations: Vec::new(),
            folder,
            catalogs: Catalogs::default(),
            entities: BTreeMap::new(),
            selections: BTreeMap::new(),
            given,
            minor: 0,
            signals: Vec::new(),
            changeables: BTreeSet::new(),
            objects: Vec::new(),
            traffic_names: BTreeSet::new(),
            stopped: Vec::new(),
            needs: Vec::new(),
            layers: vec![BTreeMap::new()],
        }
    }

    /// Keeps a complaint about an element.
    pub fn complain(&mut self, element: &Element, what: impl Into<String>, remedy: impl Into<String>) {
        self.keep(element.complain(what, remedy));
    }

    /// Keeps a complaint.
    pub fn keep(&mut self, complaint: Complaint) {
        if self.complaints.len() <= limits::COMPLAINTS && !self.complaints.contains(&complaint) {
            self.complaints.push(complaint);
        }
    }

    /// Keeps a remark that does not stop the run.
    pub fn note(&mut self, element: &Element, what: impl Into<String>, remedy: impl Into<String>) {
        let note = element.complain(what, remedy);
        if self.notes.len() <= limits::COMPLAINTS && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Keeps what is played otherwise than the file says; it does not stop the run either, and is told before it.
    pub fn deviate(&mut self, element: &Element, what: impl Into<String>, instead: impl Into<String>) {
        let deviation = element.complain(what, instead);
        if self.deviations.len() <= limits::COMPLAINTS && !self.deviations.contains(&deviation) {
            self.deviations.push(deviation);
        }
    }

    /// Remembers what the road network must have.
    pub(super) fn need(&mut self, element: &Element, need: Need) {
        self.needs.push((element.complain("", ""), need));
    }

    /// Reads something with the parameters declared in `declarations` known.
    pub fn within<T>(&mut self, element: &Element, read: impl FnOnce(&mut Self) -> T) -> T {
        self.layers.push(BTreeMap::new());
        self.declare(element);
        let given = std::mem::take(&mut self.given);
        let value = read(self);
        self.given = given;
        self.layers.pop();
        value
    }

    /// Reads something of a catalog: its own parameters and those of the whole file are known, with the values assigned by the reference.
    pub fn apart<T>(&mut self, assigned: BTreeMap<String, String>, read: impl FnOnce(&mut Self) -> T) -> T {
        // Parameters of the whole file stay known: many catalogs count on them.
        let whole = self.layers[0].clone();
        let layers = std::mem::replace(&mut self.layers, vec![whole]);
        let given = std::mem::replace(&mut self.given, assigned);
        let value = read(self);
        // Assignments that the entry does not declare are allowed to be left over (standard: they are ignored).
        (self.layers, self.given) = (layers, given);
        value
    }

    /// Learns the parameters that an element declares.
    pub fn declare(&mut self, element: &Element) {
        let mut given = std::mem::take(&mut self.given);
        let declarations = element.child("ParameterDeclarations");
        for declared in declarations.iter().flat_map(|d| d.all("ParameterDeclaration")) {
            let name = declared.raw("name").unwrap_or_default().trim_start_matches('$').to_owned();
            if name.is_empty() {
                self.complain(declared, "a parameter without a name", "give it a name");
                continue;
            }
            let before = self.complaints.len();
            let own = self.text(declared, "value");
            let value = given.remove(&name).unwrap_or(own);
            if self.complaints.len() > before || self.uses_broken(declared) {
                // Said once: whatever uses it is as broken, but need not be told again.
                self.insert(name, BROKEN.into());
                continue;
            }
            let kind = self.text(declared, "parameterType");
            if !fits(&kind, &value) {
                // Where a number is needed, it will be complained about there.
                let what = format!("parameter {name} is {value:?}, which is no {kind}");
                self.note(declared, what, "give a value of its type");
            }
            self.constrain(declared, &name, &value);
            self.insert(name, value);
        }
        self.given = given;
    }

    fn uses_broken(&self, declared: &Element) -> bool {
        let raw = declared.raw("value").unwrap_or_default();
        raw.starts_with('$')
            && raw.split(|c: char| !c.is_alphanumeric() && !"_$".contains(c)).any(|word| {
                word.strip_prefix('$').and_then(|name| self.parameter(name)).is_some_and(|value| value == BROKEN)
            })
    }

    fn insert(&mut self, name: String, value: String) {
        if let Some(layer) = self.layers.last_mut() {
            layer.insert(name, value);
        }
    }

    /// Constraint groups: one group must hold, in it every constraint (1.1, ConstraintGroup).
    fn constrain(&mut self, declared: &Element, name: &str, value: &str) {
        let groups: Vec<_> = declared.all("ConstraintGroup").collect();
        let mut kept = groups.is_empty();
        for group in &groups {
            let mut all = true;
            for constraint in group.all("ValueConstraint") {
                let rule = self.word(constraint, "rule", super::word::RULES);
                let bound = self.text(constraint, "value");
                all &= rule.is_some_and(|rule| compare(value, &bound).is_some_and(|order| rule.orders(order)));
            }
            kept |= all;
        }
        if !kept {
            let what = format!("parameter {name} = {value} breaks its constraints");
            self.complain(declared, what, "give a value that one of its ConstraintGroups allows");
        }
    }

    /// Value of a parameter here.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.layers.iter().rev().find_map(|layer| layer.get(name)).cloned()
    }

    /// The parameters of the whole file.
    #[must_use]
    pub fn parameters(&self) -> &BTreeMap<String, String> {
        &self.layers[0]
    }

    /// An attribute with its parameters put in; `None` when it is not there.
    pub fn optional(&mut self, element: &Element, name: &str) -> Option<String> {
        let raw = element.raw(name)?;
        let resolved = match raw.strip_prefix("${").and_then(|r| r.strip_suffix('}')) {
            Some(text) => expression::evaluate(text, &|n| self.parameter(n)).map(|v| v.text()).or_else(|wrong| {
                // Not in the standard, but in files of esmini: texts are joined.
                expression::joined(text, &|n| self.parameter(n)).ok_or(wrong)
            }),
            None => match raw.strip_prefix('$') {
                Some(parameter) if !parameter.is_empty() => {
                    self.parameter(parameter).ok_or_else(|| format!("no parameter is called ${parameter} here"))
                }
                _ => Ok(raw.to_owned()),
            },
        };
        match resolved {
            Ok(text) if text == BROKEN => None,
            Ok(text) => Some(text),
            // A parameter that is broken itself has been complained about.
            Err(what) if what.contains(BROKEN) => None,
            Err(what) => {
                let what = format!("{name}={raw:?}: {what}");
                self.complain(element, what, "declare the parameter before its first use, or repair the expression");
                None
            }
        }
    }

    /// An attribute that must be there.
    pub fn text(&mut self, element: &Element, name: &str) -> String {
        if element.raw(name).is_none() {
            self.complain(element, format!("attribute {name} is missing"), format!("add {name}"));
        }
        self.optional(element, name).unwrap_or_default()
    }

    /// A number that may be infinite; `None` when it is not there.
    pub fn limit(&mut self, element: &Element, name: &str) -> Option<f64> {
        let text = self.optional(element, name)?;
        let value = match text.trim() {
            "INF" | "+INF" => Some(f64::INFINITY),
            "-INF" => Some(f64::NEG_INFINITY),
            t => t.parse::<f64>().ok().filter(|v| v.is_finite() && v.abs() <= LARGEST),
        };
        if value.is_none() {
            self.complain(element, format!("{name}={text:?} is no number of use"), "give a finite number");
        }
        value
    }

    /// The name that a reference means, with or without its `$`.
    pub fn reference(&mut self, element: &Element, name: &str) -> String {
        if element.raw(name).is_none() {
            self.complain(element, format!("attribute {name} is missing"), format!("add {name}"));
        }
        element.raw(name).unwrap_or_default().trim_start_matches('$').to_owned()
    }

    /// A finite number; `None` when it is not there.
    pub fn optional_number(&mut self, element: &Element, name: &str) -> Option<f64> {
        let value = self.limit(element, name)?;
        if !value.is_finite() {
            self.complain(element, format!("{name} is infinite"), "give a finite number");
            return None;
        }
        Some(value)
    }

    /// A finite number that must be there.
    pub fn number(&mut self, element: &Element, name: &str) -> f64 {
        if element.raw(name).is_none() {
            self.complain(element, format!("attribute {name} is missing"), format!("add {name}"));
        }
        self.optional_number(element, name).unwrap_or_default()
    }

    /// A number that must not be negative.
    pub fn positive(&mut self, element: &Element, name: &str) -> f64 {
        let value = self.number(element, name);
        if value < 0.0 {
            self.complain(element, format!("{name}={value} is negative"), "give 0 or more");
        }
        value.max(0.0)
    }

    /// A whole number that must be there.
    pub fn integer(&mut self, element: &Element, name: &str) -> i64 {
        let value = self.number(element, name);
        if value.fract() != 0.0 {
            self.complain(element, format!("{name}={value} is no whole number"), "give a whole number");
        }
        value as i64
    }

    /// `true` or `false`; `None` when it is not there.
    pub fn optional_boolean(&mut self, element: &Element, name: &str) -> Option<bool> {
        let text = self.optional(element, name)?;
        match text.trim() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => {
                self.complain(element, format!("{name}={text:?} is neither true nor false"), "write true or false");
                None
            }
        }
    }

    /// One of the words of an enumeration; a complaint and `None` for any other word.
    pub fn optional_word<T: Copy>(&mut self, element: &Element, name: &str, words: Words<T>) -> Option<T> {
        let text = self.optional(element, name)?;
        let found = words.iter().find(|(word, _)| *word == text.trim()).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.complain(element, format!("{name}={text:?} is not known"), format!("write {}", known.join(", ")));
        }
        found
    }

    /// One of the words, which must be there.
    pub fn word<T: Copy>(&mut self, element: &Element, name: &str, words: Words<T>) -> Option<T> {
        if element.raw(name).is_none() {
            self.complain(element, format!("attribute {name} is missing"), format!("add {name}"));
        }
        self.optional_word(element, name, words)
    }

    /// The entity that an attribute names.
    pub fn entity(&mut self, element: &Element, name: &str) -> Option<EntityId> {
        let text = self.text(element, name);
        let found = self.entities.get(&text).copied();
        if found.is_none() && !text.is_empty() {
            self.complain(element, format!("no entity is called {text:?}"), "name a ScenarioObject of Entities");
        }
        found
    }

    /// The entity, or all of the selection, that an attribute names.
    pub fn actors(&mut self, element: &Element, name: &str) -> Vec<EntityId> {
        let text = self.text(element, name);
        if let Some(members) = self.selections.get(&text) {
            return members.clone();
        }
        self.entity(element, name).into_iter().collect()
    }
}

fn fits(kind: &str, value: &str) -> bool {
    match kind {
        "boolean" | "bool" => matches!(value, "true" | "false" | "1" | "0"),
        "double" => matches!(value, "INF" | "-INF") || value.trim().parse::<f64>().is_ok_and(|v| !v.is_nan()),
        // Authors round by parameterType: 12.0 is an integer to them.
        "integer" | "int" | "unsignedInt" | "unsignedShort" => {
            value.trim().parse::<f64>().is_ok_and(|v| v.fract() == 0.0 && (!kind.starts_with('u') || v >= 0.0))
        }
        _ => true,
    }
}

/// Orders two values: as numbers when both are, else as texts.
#[must_use]
pub fn compare(a: &str, b: &str) -> Option<std::cmp::Ordering> {
    match (Value::of(a), Value::of(b)) {
        (Value::Number(a), Value::Number(b)) if (a - b).abs() < super::word::SMALL => Some(std::cmp::Ordering::Equal),
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(&b),
        (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(&b)),
        _ => Some(a.cmp(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openscenario::xml;

    fn reader() -> Reader {
        Reader::new(PathBuf::new(), BTreeMap::new())
    }

    #[test]
    fn parameters_are_known_after_their_declaration_and_in_their_scope_only() {
        let text = "<S><ParameterDeclarations>
            <ParameterDeclaration name='a' parameterType='double' value='2'/>
            <ParameterDeclaration name='b' parameterType='double' value='${$a * 3}'/>
            </ParameterDeclarations><P x='$b' y='${$b + 0.5}'/></S>";
        let root = xml::parse(text, "p.xosc").unwrap();
        let mut reader = reader();
        let (x, y) = reader.within(&root, |r| (r.number(&root.children[1], "x"), r.number(&root.children[1], "y")));
        assert_eq!((x, y), (6.0, 6.5));
        assert!(reader.complaints.is_empty(), "{:?}", reader.complaints);
        reader.number(&root.children[1], "x");
        assert!(reader.complaints[0].what.contains("$b"), "{:?}", reader.complaints);
    }

    #[test]
    fn parameters_that_need_each_other_are_refused() {
        let text = "<S><ParameterDeclarations>
            <ParameterDeclaration name='a' parameterType='double' value='$b'/>
            <ParameterDeclaration name='b' parameterType='double' value='$a'/>
            </ParameterDeclarations></S>";
        let mut reader = reader();
        reader.declare(&xml::parse(text, "cycle.xosc").unwrap());
        assert_eq!(reader.complaints[0].line, 2);
        assert!(reader.complaints[0].what.contains("no parameter is called $b"), "{:?}", reader.complaints);
    }

    #[test]
    fn a_value_outside_its_constraints_is_refused() {
        let text = "<S><ParameterDeclarations>
            <ParameterDeclaration name='v' parameterType='double' value='9'>
            <ConstraintGroup><ValueConstraint rule='greaterThan' value='0'/><ValueConstraint rule='lessThan' value='5'/>
            </ConstraintGroup><ConstraintGroup><ValueConstraint rule='equalTo' value='W'/></ConstraintGroup>
            </ParameterDeclaration></ParameterDeclarations></S>";
        let root = xml::parse(&text.replace('W', "9.0"), "c.xosc").unwrap();
        let mut reader = reader();
        reader.declare(&root);
        assert!(reader.complaints.is_empty(), "{:?}", reader.complaints);
        reader.declare(&xml::parse(&text.replace('W', "8"), "c.xosc").unwrap());
        assert!(reader.complaints[0].what.contains("breaks its constraints"));
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        let root = xml::parse("<P a='NaN' b='1e300' c='INF' d='x' e='-1'/>", "n.xosc").unwrap();
        for name in ["a", "b", "c", "d", "missing"] {
            let mut reader = reader();
            reader.number(&root, name);
            assert_eq!(reader.complaints.len(), 1, "{name}");
        }
        let mut reader = reader();
        assert_eq!(reader.limit(&root, "c"), Some(f64::INFINITY));
        reader.positive(&root, "e");
        assert!(reader.complaints[0].what.contains("negative"));
    }
}
