//! Where values come from, the later over the earlier: the file, the drop-ins beside it (`rsu.toml` → `rsu.d/*.toml` in the
//! order of their names), the environment (`RSU_SITE__ID=x02`), flags (`--set site.id=x02`). Defaults lie below them all.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};

use super::diagnose::Complaint;
use super::schema::{self, Kind};
use super::tree::{Node, Place, Source, Value};
use crate::limits;

/// What lies over the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Environment variables, any: those that begin with `RSU_` and have a `__` in them count.
    pub environment: Vec<(String, String)>,
    /// `--set KEY=VALUE` as written.
    pub flags: Vec<String>,
}

impl Overrides {
    /// The environment of this process, and flags.
    #[must_use]
    pub fn of_process(flags: &[String]) -> Self {
        let text = |(key, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((key.into_string().ok()?, value.to_string_lossy().into_owned()))
        };
        let mut environment: Vec<_> = std::env::vars_os().filter_map(text).collect();
        environment.sort();
        Self { environment, flags: flags.to_vec() }
    }
}

/// All layers, one over the other.
#[derive(Debug, Default)]
pub struct Layers {
    /// Every text that was read.
    pub sources: Vec<Source>,
    /// What is written in them; `None` when one cannot be read or is not TOML.
    pub tree: Option<Node>,
    /// Why.
    pub complaints: Vec<Complaint>,
}

impl Layers {
    /// Reads the file, its drop-ins and what lies over them.
    #[must_use]
    pub fn read(path: &Path, over: &Overrides, schema: &Json) -> Self {
        let mut layers = Self::default();
        for (number, file) in std::iter::once(path.to_owned()).chain(drop_ins(path)).enumerate() {
            if number > limits::DROP_INS {
                let title = format!("more than {} drop-ins beside this file", limits::DROP_INS);
                layers.complain(
                    Complaint::error("config::file", title, path.to_string_lossy()).help("join some of them"),
                );
                break;
            }
            match read_text(&file) {
                Ok(text) => layers.document(file.to_string_lossy().into_owned(), text),
                Err(complaint) => layers.complain(*complaint),
            }
        }
        for (key, value) in &over.environment {
            if let Some(path) = key.strip_prefix("RSU_").filter(|path| path.contains("__")) {
                let path = path.to_lowercase();
                layers.value(format!("environment variable {key}"), format!("{key}={value}"), path.split("__"), schema);
            }
        }
        for flag in &over.flags {
            let path = flag.split_once('=').map_or(flag.as_str(), |(path, _)| path);
            layers.value(format!("flag --set {path}"), flag.clone(), path.trim().split('.'), schema);
        }
        if !layers.complaints.is_empty() {
            layers.tree = None;
        }
        layers
    }

    fn complain(&mut self, complaint: Complaint) {
        self.complaints.push(complaint);
    }

    fn lay(&mut self, node: Node) {
        match &mut self.tree {
            Some(tree) => tree.lay(node),
            None => self.tree = Some(node),
        }
    }

    /// One file.
    fn document(&mut self, name: String, text: String) {
        let number = self.sources.len();
        self.sources.push(Source { name, text, file: true });
        let text = &self.sources[number].text;
        let (document, errors) = DeTable::parse_recoverable(text);
        let node = Node::from_document(number, &document);
        let mut last_line = 0;
        for error in errors {
            let complaint = syntax(&error, &self.sources, number);
            // What follows on the same line is an echo of the first error.
            if complaint.line != last_line {
                last_line = complaint.line;
                self.complaints.push(complaint);
            }
        }
        self.lay(node);
    }

    /// One value, written as `KEY=VALUE`.
    fn value<'p>(&mut self, name: String, text: String, path: impl Iterator<Item = &'p str>, schema: &Json) {
        let number = self.sources.len();
        let start = text.find('=').map_or(text.len(), |i| i + 1);
        let key = Place { source: number, start: 0, end: start.saturating_sub(1).max(1) };
        let at = Place { source: number, start, end: text.len() };
        let written = text[start..].to_owned();
        self.sources.push(Source { name, text, file: false });
        let Some(tree) = &self.tree else { return };
        let path = resolve(tree, schema, path);
        let steps: Vec<&str> = path.iter().map(String::as_str).collect();
        let value = read_value(&written, schema::find(schema, &steps));
        let leaf = Node { value, at, key };
        // A list of tables is reached by the id of its item, so that laying over merges the right one.
        let mut node = leaf;
        for n in (0..path.len()).rev() {
            let item = tree.find(&steps[..=n]).filter(|_| steps[n].parse::<usize>().is_ok());
            let value = match item.and_then(|item| item.table()?.get("id").cloned()) {
                Some(id) => {
                    if let Value::Table(entries) = &mut node.value {
                        entries.entry("id".into()).or_insert(id);
                    }
                    Value::List(vec![node])
                }
                None => Value::Table([(path[n].clone(), node)].into()),
            };
            node = Node { value, at: key, key };
        }
        self.lay(node);
    }
}

/// The drop-ins of a file, in the order of their names.
fn drop_ins(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(path.with_extension("d"))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .take(2 * limits::DROP_INS)
        .collect();
    found.sort();
    found
}

/// The text of a configuration file: bounded, UTF-8.
fn read_text(path: &Path) -> Result<String, Box<Complaint>> {
    let name = path.to_string_lossy();
    let bytes = read_bounded(path, limits::CONFIG_BYTES).map_err(|problem| {
        let help = "give the file with `--config FILE`, or write one: `rsu init`";
        Box::new(Complaint::error("config::file", problem, name.clone()).help(help))
    })?;
    String::from_utf8(bytes).map_err(|e| {
        let start = e.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(e.as_bytes());
        let complaint =
            Complaint::error("config::encoding", "this byte is not UTF-8", name).mark(&text, start, start + 1);
        Box::new(complaint.label("not UTF-8").help("save the file as UTF-8; your editor calls it so"))
    })
}

/// The bytes of a regular file that is not larger than `most`, or what is wrong.
///
/// # Errors
/// A sentence: the file is not there, may not be read, is no file, or is too large.
pub fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    use std::io::ErrorKind;
    let problem = |e: std::io::Error| match e.kind() {
        ErrorKind::NotFound => "this file does not exist".to_owned(),
        ErrorKind::PermissionDenied => "this file may not be read by this user".to_owned(),
        ErrorKind::IsADirectory => "this is a folder, expected a file".to_owned(),
        _ => format!("this file cannot be read: {e}"),
    };
    // Asked before it is opened: opening a pipe that nobody writes to would wait for ever.
    let kind = std::fs::metadata(path).map_err(problem)?;
    if kind.is_dir() {
        return Err("this is a folder, expected a file".to_owned());
    }
    if !kind.is_file() {
        return Err("this is a device or a pipe, expected a file".to_owned());
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(problem)?.take(most + 1).read_to_end(&mut bytes).map_err(problem)?;
    if bytes.len() as u64 > most {
        return Err(format!("this file is larger than {} kB, expected a file written by hand", most / 1024));
    }
    Ok(bytes)
}

fn syntax(error: &toml::de::Error, sources: &[Source], number: usize) -> Complaint {
    let text = &sources[number].text;
    let span = error.span().unwrap_or(text.len()..text.len());
    let message = error.message();
    let (code, label, help) = if message.contains("duplicate key") {
        ("config::duplicate", "written a second time", "keep one of the two")
    } else if message.contains("must be quoted") {
        ("config::syntax", "no quotes", "put strings in quotes: `key = \"value\"`")
    } else if message.contains("invalid basic string") || message.contains("invalid literal string") {
        ("config::syntax", "not closed", "end a string with the quote it began with, on the same line")
    } else if message.contains("unclosed") {
        ("config::syntax", "not closed", "each `[` needs its `]`, each `{` its `}`")
    } else if message.contains("recursion") {
        ("config::syntax", "too deep", "no key of a configuration lies so deep; `rsu config schema` lists them all")
    } else {
        (
            "config::syntax",
            "here",
            "a line is `key = value`, a table `[name]`, a list of tables `[[name]]`, a remark `# text`",
        )
    };
    let place = Place { source: number, start: span.start, end: span.end };
    Complaint::at(code, format!("not TOML: {message}"), sources, place).label(label).help(help)
}

/// The path that is meant by the words of a variable or flag: items of a list are named by their `id` or number, and `_`
/// stands for `-` in names of the user's choice. Unknown words stay as they are, and are complained about later.
fn resolve<'p>(tree: &Node, schema: &Json, words: impl Iterator<Item = &'p str>) -> Vec<String> {
    let mut path: Vec<String> = Vec::new();
    for word in words {
        let steps: Vec<&str> = path.iter().map(String::as_str).collect();
        let same = |name: &str| name == word || name.replace('-', "_") == word;
        let node = tree.find(&steps);
        let step = match schema::find(schema, &steps).map(schema::kind) {
            Some(Kind::List(_)) => node
                .and_then(Node::list)
                .and_then(|items| {
                    items.iter().position(|item| item.find(&["id"]).and_then(Node::text).is_some_and(same))
                })
                .map(|n| n.to_string()),
            Some(Kind::Table { entries: Some(_), .. }) => {
                node.and_then(Node::table).and_then(|entries| entries.keys().find(|name| same(name)).cloned())
            }
            _ => None,
        };
        path.push(step.unwrap_or_else(|| word.to_owned()));
    }
    path
}

/// What a variable or flag says: a string where one is wanted, else TOML; a list of strings may be separated by commas.
fn read_value(written: &str, schema: Option<&Json>) -> Value {
    let source = 0;
    let text = || Value::Text(written.to_owned());
    match schema.map(schema::kind) {
        Some(Kind::Text) => text(),
        Some(Kind::List(items)) if items["type"] == "string" && !written.trim_start().starts_with('[') => {
            let at = Place { source, start: 0, end: 0 };
            let item = |word: &str| Node { value: Value::Text(word.trim().to_owned()), at, key: at };
            Value::List(written.split(',').filter(|word| !word.trim().is_empty()).map(item).collect())
        }
        _ => DeValue::parse(written).map_or_else(|_| text(), |value| Value::from_toml(source, value.get_ref())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[site]\nid = \"x01\"\n[[camera]]\nid = \"north-1\"\nurl = \"a.mp4\"\n[[camera]]\nid = \"south\"\nurl = \"b.mp4\"\n[detector.my-net]\n";

    fn read(environment: &[(&str, &str)], flags: &[&str]) -> Layers {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("rsu.toml");
        std::fs::write(&path, FILE).expect("written");
        let over = Overrides {
            environment: environment.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
            flags: flags.iter().map(|f| (*f).into()).collect(),
        };
        Layers::read(&path, &over, &schema::document())
    }

    #[test]
    fn the_environment_lies_over_the_file_and_flags_over_the_environment() {
        let layers = read(
            &[("RSU_SITE__ID", "7"), ("RSU_SITE__CORRIDOR", "ring"), ("RSU_CONFIG", "no"), ("HOME__X", "no")],
            &["site.id=8"],
        );
        let tree = layers.tree.expect("a tree");
        assert_eq!(tree.find(&["site", "id"]).map(|n| &n.value), Some(&Value::Text("8".into())));
        assert_eq!(tree.find(&["site", "corridor"]).and_then(Node::text), Some("ring"));
        assert_eq!(layers.sources.len(), 4);
    }

    #[test]
    fn an_item_of_a_list_is_reached_by_its_id() {
        let layers = read(
            &[("RSU_CAMERA__NORTH_1__RATE_HZ", "5.5"), ("RSU_DETECTOR__MY_NET__MIN_SCORE", "0.5")],
            &["camera.south.url=c.mp4", "corridor_link.connect=tcp/a:1, tcp/b:2"],
        );
        let tree = layers.tree.expect("a tree").json();
        assert_eq!(tree["camera"][0]["rate_hz"], 5.5);
        assert_eq!(tree["camera"][1]["url"], "c.mp4");
        assert_eq!(tree["camera"].as_array().map(Vec::len), Some(2));
        assert_eq!(tree["detector"]["my-net"]["min_score"], 0.5);
        assert_eq!(tree["corridor_link"]["connect"][1], "tcp/b:2");
    }

    #[test]
    fn a_hostile_file_is_refused_with_a_sentence() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("rsu.toml");
        let schema = schema::document();
        let large = vec![b'#'; limits::CONFIG_BYTES as usize + 1];
        let deep = format!("a = {}", "[".repeat(100_000));
        let keys = "a.".repeat(100_000) + "b = 1";
        let cases: [&[u8]; 5] = [&large, deep.as_bytes(), keys.as_bytes(), b"id = \"\xff\"", b"\0\0\0"];
        for bytes in cases {
            std::fs::write(&path, bytes).expect("written");
            let layers = Layers::read(&path, &Overrides::default(), &schema);
            assert!(layers.tree.is_none() && !layers.complaints.is_empty());
        }
        let layers = Layers::read(dir.path(), &Overrides::default(), &schema);
        assert_eq!(layers.complaints[0].title, "this is a folder, expected a file");
    }
}
