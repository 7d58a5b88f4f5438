//! Elements and attributes of the file, with complaints that name file, line, element and remedy, and a list of what was
//! not understood.

use std::collections::BTreeMap;

use roxmltree::Node;

use super::OpenDriveError;
use super::line::Cubic;
use super::profile::Profile;

/// Numbers in the file are smaller than this; larger ones are mistakes.
const MOST: f64 = 1e12;

/// Kinds of notes that are kept.
const NOTES: usize = 200;

/// What the reader carries along.
pub struct Reader<'a> {
    /// Name of the file.
    pub file: &'a str,
    notes: BTreeMap<String, Note>,
}

/// Something in the file that is not understood and left out.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Note {
    /// What, in words.
    pub what: String,
    /// How often.
    pub count: usize,
    /// Line where it stands first, from 1.
    pub line: u32,
}

impl<'a> Reader<'a> {
    /// For a file of this name.
    pub fn new(file: &'a str) -> Self {
        Self { file, notes: BTreeMap::new() }
    }

    /// A complaint about an element.
    pub fn error(&self, node: Node, problem: impl Into<String>, remedy: impl Into<String>) -> OpenDriveError {
        OpenDriveError {
            file: self.file.to_owned(),
            line: line(node),
            element: node.tag_name().name().to_owned(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// Notes something that is left out.
    pub fn note(&mut self, node: Node, what: impl Into<String>) {
        let what = what.into();
        if let Some(note) = self.notes.get_mut(&what) {
            note.count += 1;
        } else if self.notes.len() < NOTES {
            self.notes.insert(what.clone(), Note { what, count: 1, line: line(node) });
        }
    }

    /// Notes the children of an element that are not in the list.
    pub fn expect(&mut self, node: Node, known: &[&str]) {
        for child in node.children().filter(Node::is_element) {
            let name = child.tag_name().name();
            if !known.contains(&name) && !matches!(name, "userData" | "dataQuality") {
                self.note(child, format!("`{name}` in `{}`", node.tag_name().name()));
            }
        }
    }

    /// The notes, by the line where each stands first.
    pub fn finish(self) -> Vec<Note> {
        let mut notes: Vec<Note> = self.notes.into_values().collect();
        notes.sort_by_key(|note| note.line);
        notes
    }

    /// An attribute that must be there.
    pub fn text<'n>(&self, node: Node<'n, '_>, name: &str) -> Result<&'n str, OpenDriveError> {
        let missing = || self.error(node, format!("has no attribute `{name}`"), "add it");
        node.attribute(name).map(str::trim).ok_or_else(missing)
    }

    /// A finite number that must be there.
    pub fn number(&self, node: Node, name: &str) -> Result<f64, OpenDriveError> {
        let text = self.text(node, name)?;
        let value = text.parse::<f64>().ok().filter(|value| value.abs() < MOST);
        value.ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            self.error(node, format!("`{name}` is `{shown}`"), format!("write a number between -{MOST:e} and {MOST:e}"))
        })
    }

    /// A finite number, or a default where the attribute is missing or empty.
    pub fn number_or(&self, node: Node, name: &str, default: f64) -> Result<f64, OpenDriveError> {
        match node.attribute(name) {
            None => Ok(default),
            Some(text) if text.trim().is_empty() => Ok(default),
            Some(_) => self.number(node, name),
        }
    }

    /// A number that is there or not.
    pub fn number_if(&self, node: Node, name: &str) -> Result<Option<f64>, OpenDriveError> {
        if node.attribute(name).is_none_or(|text| text.trim().is_empty()) {
            return Ok(None);
        }
        self.number(node, name).map(Some)
    }

    /// A whole number.
    pub fn integer(&self, node: Node, name: &str) -> Result<i32, OpenDriveError> {
        let text = self.text(node, name)?;
        let shown: String = text.chars().take(40).collect();
        text.parse().map_err(|_| self.error(node, format!("`{name}` is `{shown}`"), "write a whole number"))
    }

    /// The four coefficients with these names.
    pub fn cubic(&self, node: Node, names: [&str; 4]) -> Result<Cubic, OpenDriveError> {
        let [a, b, c, d] = names;
        let abcd = [self.number(node, a)?, self.number(node, b)?, self.number(node, c)?, self.number(node, d)?];
        Ok(Cubic { abcd })
    }

    /// Cubics `a b c d` of the children with a name, each from its `at`.
    pub fn profile(&self, node: Option<Node>, name: &str, at: &str) -> Result<Profile, OpenDriveError> {
        let mut records = Vec::new();
        for record in node.into_iter().flat_map(|node| children(node, name)) {
            records.push((self.number(record, at)?, self.cubic(record, ["a", "b", "c", "d"])?));
        }
        Ok(Profile::new(records))
    }
}

/// Line of an element, from 1.
fn line(node: Node) -> u32 {
    node.document().text_pos_at(node.range().start).row
}

/// Children with a local name, in any name space.
pub fn children<'n, 'i>(node: Node<'n, 'i>, name: &str) -> impl Iterator<Item = Node<'n, 'i>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// The first child with a name.
pub fn child<'n, 'i>(node: Node<'n, 'i>, name: &str) -> Option<Node<'n, 'i>> {
    children(node, name).next()
}

/// `true`, `yes` or `1`.
pub fn yes(node: Node, name: &str) -> bool {
    matches!(node.attribute(name), Some("true" | "yes" | "1"))
}
