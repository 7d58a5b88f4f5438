//! Configuration values that remember where they were written: file, environment variable or flag, and the place in it.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// A text that configuration values were read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// As shown to people: the file as it was named, or the environment variable, or the flag.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Whether it is a file, with lines; else it is a variable or a flag.
    pub file: bool,
}

/// A place in a source: bytes `start..end`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which source.
    pub source: usize,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A value, where it stands and where its key stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What was written.
    pub value: Value,
    /// Where the value is; of a table or list of tables: its header.
    pub at: Place,
    /// Where the key is.
    pub key: Place,
}

/// What was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A table, inline or with a header.
    Table(BTreeMap<String, Node>),
    /// A list.
    List(Vec<Node>),
    /// A string.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A number with a fraction; may be `inf` or `nan`.
    Number(f64),
    /// `true` or `false`.
    Flag(bool),
    /// A date or a whole number beyond 64 bit: nothing of ours takes one.
    Odd(String, &'static str),
}

impl Value {
    /// What it is, for people.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Table(_) => "a table",
            Self::List(_) => "a list",
            Self::Text(_) => "a string",
            Self::Whole(_) => "a whole number",
            Self::Number(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::Odd(_, kind) => kind,
        }
    }
}

impl Node {
    /// The tree of a parsed document.
    #[must_use]
    pub fn from_document(source: usize, document: &toml::Spanned<DeTable<'_>>) -> Self {
        let at = Place { source, start: 0, end: 0 };
        Self { value: table(source, document.get_ref()), at, key: at }
    }

    /// The entries, if it is a table.
    #[must_use]
    pub fn table(&self) -> Option<&BTreeMap<String, Self>> {
        if let Value::Table(entries) = &self.value { Some(entries) } else { None }
    }

    /// The items, if it is a list.
    #[must_use]
    pub fn list(&self) -> Option<&[Self]> {
        if let Value::List(items) = &self.value { Some(items) } else { None }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// The node at `path`; an item of a list is named by its number.
    #[must_use]
    pub fn find(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, step| match &node.value {
            Value::Table(entries) => entries.get(*step),
            Value::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The place of the value at `path`; when it is not written, of the nearest table around it.
    #[must_use]
    pub fn place(&self, path: &[&str]) -> Place {
        (0..=path.len()).rev().find_map(|n| self.find(&path[..n])).map_or(self.at, |node| node.at)
    }

    /// Lays `over` on top: tables are merged, lists of tables with an `id` are merged by it, all else is replaced.
    pub fn lay(&mut self, over: Self) {
        match (&mut self.value, over.value) {
            (Value::Table(mine), Value::Table(theirs)) => {
                for (key, node) in theirs {
                    match mine.get_mut(&key) {
                        Some(known) => known.lay(node),
                        None => drop(mine.insert(key, node)),
                    }
                }
            }
            (Value::List(mine), Value::List(theirs)) if mine.iter().chain(&theirs).all(|n| n.id().is_some()) => {
                for node in theirs {
                    match mine.iter_mut().find(|known| known.id() == node.id()) {
                        Some(known) => known.lay(node),
                        None => mine.push(node),
                    }
                }
            }
            (value, theirs) => {
                *value = theirs;
                (self.at, self.key) = (over.at, over.key);
            }
        }
    }

    fn id(&self) -> Option<&str> {
        self.table()?.get("id")?.text()
    }

    /// As JSON, to be read by serde. `inf`, `nan` and odd values become null.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        match &self.value {
            Value::Table(entries) => {
                serde_json::Value::Object(entries.iter().map(|(k, n)| (k.clone(), n.json())).collect())
            }
            Value::List(items) => items.iter().map(Self::json).collect(),
            Value::Text(text) => text.as_str().into(),
            Value::Whole(n) => (*n).into(),
            Value::Number(x) => (*x).into(),
            Value::Flag(b) => (*b).into(),
            Value::Odd(..) => serde_json::Value::Null,
        }
    }
}

fn place(source: usize, span: Range<usize>) -> Place {
    Place { source, start: span.start, end: span.end }
}

fn table(source: usize, entries: &DeTable<'_>) -> Value {
    let node = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| Node {
        value: Value::from_toml(source, value.get_ref()),
        at: place(source, value.span()),
        key: place(source, key.span()),
    };
    Value::Table(entries.iter().map(|(key, value)| (key.get_ref().to_string(), node((key, value)))).collect())
}

impl Value {
    /// The value of a parsed one.
    #[must_use]
    pub fn from_toml(source: usize, value: &DeValue<'_>) -> Self {
        match value {
            DeValue::Table(entries) => table(source, entries),
            DeValue::Array(items) => Value::List(
                items
                    .iter()
                    .map(|item| {
                        let at = place(source, item.span());
                        Node { value: Value::from_toml(source, item.get_ref()), at, key: at }
                    })
                    .collect(),
            ),
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix())
                .map_or_else(|_| Value::Odd(n.to_string(), "a number beyond 64 bit"), Value::Whole),
            DeValue::Float(x) => Value::Number(x.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(b) => Value::Flag(*b),
            DeValue::Datetime(t) => Value::Odd(t.to_string(), "a date"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(source: usize, text: &str) -> Node {
        Node::from_document(source, &DeTable::parse(text).expect("TOML"))
    }

    #[test]
    fn a_value_knows_its_place_and_a_missing_one_the_header() {
        let text = "[site]\nid = \"x01\"\n\n[[camera]]\nid = \"north\"\n";
        let tree = tree(0, text);
        let at = |path: &[&str]| {
            let place = tree.place(path);
            &text[place.start..place.end]
        };
        assert_eq!(at(&["site", "id"]), "\"x01\"");
        assert_eq!(at(&["camera", "0", "url"]), "[[camera]]");
        assert_eq!(at(&["web", "listen"]), "");
    }

    #[test]
    fn lists_of_tables_merge_by_id_and_other_lists_are_replaced() {
        let mut mine = tree(0, "a = [1, 2]\n[[camera]]\nid = \"n\"\nurl = \"u\"\n");
        mine.lay(tree(1, "a = [3]\n[[camera]]\nid = \"n\"\nrate_hz = 5\n[[camera]]\nid = \"s\"\n"));
        assert_eq!(mine.json().to_string(), r#"{"a":[3],"camera":[{"id":"n","rate_hz":5,"url":"u"},{"id":"s"}]}"#);
        assert_eq!(mine.find(&["camera", "0", "rate_hz"]).map(|n| n.at.source), Some(1));
        assert_eq!(mine.find(&["camera", "0", "url"]).map(|n| n.at.source), Some(0));
    }
}
