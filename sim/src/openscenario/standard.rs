//! The element types of the standard and what this engine does with each: the one table from which a file is checked and
//! `docs/openscenario.md` is written.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::OnceLock;

use super::complaint::Complaint;
use super::limits;
use super::xml::Element;

/// What the engine does with an element.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Support {
    /// Does what the standard says.
    Yes,
    /// Reads it; it moves nobody.
    NoEffect,
    /// Refuses the file.
    Refused,
}

/// One type of the standard.
#[derive(Debug)]
pub struct Type {
    /// First and last version that has it.
    pub versions: &'static str,
    /// What the engine does with it.
    pub support: Support,
    attributes: Vec<&'static str>,
    children: BTreeMap<&'static str, &'static str>,
    free: bool,
    /// Why, or what instead.
    pub remark: &'static str,
}

/// The table.
pub fn types() -> &'static BTreeMap<&'static str, Type> {
    static TYPES: OnceLock<BTreeMap<&'static str, Type>> = OnceLock::new();
    TYPES.get_or_init(|| {
        let lines = include_str!("standard.txt").lines().filter(|l| !l.starts_with('#'));
        lines.filter_map(line).collect()
    })
}

fn line(line: &'static str) -> Option<(&'static str, Type)> {
    let mut cells = line.split('|').map(str::trim);
    let (name, versions) = (cells.next()?, cells.next()?);
    let support = match cells.next()? {
        "yes" => Support::Yes,
        "no effect" => Support::NoEffect,
        _ => Support::Refused,
    };
    let attributes = cells.next()?.split_whitespace().map(|a| a.trim_end_matches('!')).collect();
    let words = cells.next()?;
    let children = words.split_whitespace().map(|c| c.split_once(':').unwrap_or((c, c))).collect();
    let remark = cells.next().unwrap_or_default();
    Some((name, Type { versions, support, attributes, children, free: words == "*", remark }))
}

/// Attributes outside the standard that other tools write and that change nothing here.
const HARMLESS: &[(&str, &str)] = &[("OpenScenario", "schemaLocation"), ("OpenScenario", "noNamespaceSchemaLocation")];

/// Complains about every element and attribute below `root` that the standard does not know or the engine refuses.
pub fn check(root: &Element, as_type: &str, complaints: &mut Vec<Complaint>) {
    let Some(t) = types().get(as_type) else { return };
    if t.support == Support::Refused {
        complaints.push(root.complain(format!("is not supported: {}", reason(as_type)), "take it out or replace it"));
        return;
    }
    for (name, _) in &root.attributes {
        if !t.attributes.contains(&name.as_str()) && !HARMLESS.contains(&(as_type, name)) {
            let known = t.attributes.join(", ");
            let what = format!("the standard has no attribute {name} here");
            let remedy = if known.is_empty() { "take it out".into() } else { format!("it has {known}") };
            complaints.push(root.complain(what, remedy));
        }
    }
    if t.free {
        return;
    }
    for child in &root.children {
        if complaints.len() > limits::COMPLAINTS {
            return;
        }
        match t.children.get(child.name.as_str()) {
            Some(child_type) => check(child, child_type, complaints),
            None => {
                let known: Vec<_> = t.children.keys().copied().collect();
                let what = format!("the standard has no {} in {}", child.name, root.name);
                complaints.push(child.complain(what, format!("it has {}", known.join(", "))));
            }
        }
    }
}

fn reason(name: &str) -> &'static str {
    let remark = types().get(name).map_or("", |t| t.remark);
    match remark.strip_prefix("see ") {
        Some(other) => types().get(other).map_or("", |t| t.remark),
        None => remark,
    }
}

/// The coverage table as Markdown.
#[must_use]
pub fn table() -> String {
    let count = |s| types().values().filter(|t| t.support == s).count();
    let mut text = format!(
        "| type of the standard | versions | supported | remark |\n| --- | --- | --- | --- |\n\
         | all {} types | 1.0-1.3 | {} yes, {} read without effect on motion, {} refused | |\n",
        types().len(),
        count(Support::Yes),
        count(Support::NoEffect),
        count(Support::Refused)
    );
    for (name, t) in types() {
        let support = match t.support {
            Support::Yes => "yes",
            Support::NoEffect => "no effect on motion",
            Support::Refused => "refused",
        };
        let _ = writeln!(text, "| {name} | {} | {support} | {} |", t.versions, t.remark);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openscenario::xml;

    #[test]
    fn every_child_of_the_table_is_in_the_table() {
        assert!(types().len() > 280, "{}", types().len());
        for (name, t) in types().iter().filter(|(_, t)| !t.free) {
            for child in t.children.values() {
                assert!(types().contains_key(child), "{name} has {child}");
            }
            if let Some(other) = t.remark.strip_prefix("see ") {
                assert!(types().contains_key(other), "{name}: {}", t.remark);
            }
        }
    }

    #[test]
    fn unknown_and_refused_elements_are_named_with_their_lines() {
        let text =
            "<PrivateAction>\n<LongitudinalAction><SpeedAction fast='1'/></LongitudinalAction>\n<Fly/></PrivateAction>";
        let mut complaints = Vec::new();
        check(&xml::parse(text, "a.xosc").unwrap(), "PrivateAction", &mut complaints);
        let told: Vec<_> = complaints.iter().map(|c| (c.line, c.element.as_str())).collect();
        assert_eq!(told, [(2, "SpeedAction"), (3, "Fly")], "{complaints:?}");
    }
}
