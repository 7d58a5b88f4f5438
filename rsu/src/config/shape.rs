//! Level *parse*: is every key known, is every value of the right kind and in its range? What is wrong is left out of the
//! tree, so that the rules can look at the rest.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::diagnose::{Complaint, nearest};
use super::schema::{self, Kind};
use super::tree::{Node, Place, Source, Value};

/// Collects complaints while it walks the tree.
pub struct Shape<'a> {
    /// Texts that the tree was read from.
    pub sources: &'a [Source],
    /// What is wrong.
    pub complaints: Vec<Complaint>,
}

impl Shape<'_> {
    /// The part of `node` that is as `schema` asks; `None` when nothing of it can be used. `name` is its key.
    pub fn keep(&mut self, schema: &Json, node: &Node, name: &str) -> Option<Node> {
        let value = match (schema::kind(schema), &node.value) {
            (Kind::Table { keys, entries }, Value::Table(found)) => {
                return self.table(schema, node, name, keys, entries, found);
            }
            (Kind::List(items), Value::List(found)) => self.list(schema, node, name, items, found)?,
            (Kind::Text, Value::Text(text)) => self.text(schema, node.at, name, text)?,
            (Kind::Flag, Value::Flag(b)) => Value::Flag(*b),
            (Kind::Whole, Value::Whole(n)) => self.number(schema, node, name, *n as f64)?,
            (Kind::Number, Value::Whole(n)) => self.number(schema, node, name, *n as f64)?,
            (Kind::Number, Value::Number(x)) => self.number(schema, node, name, *x)?,
            (wanted, found) => {
                self.wrong_kind(wanted, found, node, name);
                return None;
            }
        };
        Some(Node { value, ..*node })
    }

    fn say(&mut self, code: &'static str, title: String, at: Place, label: impl Into<String>, help: impl Into<String>) {
        self.complaints.push(Complaint::at(code, title, self.sources, at).label(label).help(help));
    }

    fn table(
        &mut self,
        schema: &Json,
        node: &Node,
        name: &str,
        keys: Option<&serde_json::Map<String, Json>>,
        entries: Option<&Json>,
        found: &BTreeMap<String, Node>,
    ) -> Option<Node> {
        let mut kept = BTreeMap::new();
        for (key, value) in found {
            let known = keys.and_then(|keys| keys.get(key));
            if known.is_none() && entries.is_some() && !is_id(key) {
                self.bad_id(value.key, "name of a table", key);
                continue;
            }
            match known.or(entries) {
                Some(known) => kept.extend(self.keep(known, value, key).map(|value| (key.clone(), value))),
                None => self.unknown(value.key, key, keys, name),
            }
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
        for key in required.clone().filter(|key| !found.contains_key(*key)) {
            self.missing(&schema["properties"][key], node, name, key);
        }
        // The one table that must be there is kept even so: the rest of it is worth a look.
        let whole = required.into_iter().all(|key| kept.contains_key(key)) || matches!(name, "" | "site");
        whole.then_some(Node { value: Value::Table(kept), ..*node })
    }

    fn list(&mut self, schema: &Json, node: &Node, name: &str, items: &Json, found: &[Node]) -> Option<Value> {
        let (least, most) = (schema["minItems"].as_u64().unwrap_or(0), schema["maxItems"].as_u64().unwrap_or(1024));
        let count = found.len() as u64;
        if count < least || count > most {
            let bound = if count < least { format!("at least {least}") } else { format!("at most {most}") };
            let at = if count > most { found[most as usize].at } else { node.at };
            let title = format!("`{name}` has {count} entries, expected {bound}");
            self.say("config::length", title, at, bound, meaning(schema));
            return None;
        }
        Some(Value::List(found.iter().filter_map(|item| self.keep(items, item, name)).collect()))
    }

    fn text(&mut self, schema: &Json, at: Place, name: &str, text: &str) -> Option<Value> {
        let words = schema::words(schema);
        if schema["format"] == "id" && !is_id(text) {
            self.bad_id(at, &format!("`{name}`"), text);
            return None;
        }
        if !words.is_empty() && !words.contains(&text) {
            let title = format!("`{name}` is `{}`, expected {}", short(text), one_of(&words));
            let near = nearest(text, words.iter().copied());
            let label = near.map_or("not one of these".into(), |word| format!("did you mean `{word}`?"));
            let help = match near {
                Some(word) => format!("write `{name} = \"{word}\"`: {}", meaning(schema)),
                None => format!("write {}: {}", one_of(&words), meaning(schema)),
            };
            self.say("config::value", title, at, label, help);
            return None;
        }
        let most = schema["maxLength"].as_u64().unwrap_or(4096) as usize;
        if text.chars().count() > most {
            let title = format!("`{name}` has {} characters, expected at most {most}", text.chars().count());
            self.say("config::length", title, at, "too long", format!("make it shorter: {}", meaning(schema)));
            return None;
        }
        Some(Value::Text(text.to_owned()))
    }

    fn number(&mut self, schema: &Json, node: &Node, name: &str, x: f64) -> Option<Value> {
        let low = schema["minimum"].as_f64().unwrap_or(f64::NEG_INFINITY);
        let high = schema["maximum"].as_f64().unwrap_or(f64::INFINITY);
        if x >= low && x <= high && x.is_finite() {
            return Some(node.value.clone());
        }
        let title = match (low.is_finite(), high.is_finite()) {
            (true, true) => format!("`{name}` is {x}, expected {low} to {high}"),
            (true, false) => format!("`{name}` is {x}, expected {low} or more"),
            _ => format!("`{name}` is {x}, expected a number"),
        };
        let label = if x < low {
            format!("at least {low}")
        } else if x > high {
            format!("at most {high}")
        } else {
            "not a number".into()
        };
        let edge = match (x < low, x > high) {
            (true, _) => format!("`{name} = {low}` or more"),
            (_, true) => format!("`{name} = {high}` or less"),
            _ => "a number".into(),
        };
        let mut help = format!("write {edge}: {}", meaning(schema));
        if name == "lat_deg" && x.abs() <= 180.0 {
            help = "are latitude and longitude swapped? `lat_deg` is degrees north, `lon_deg` degrees east".into();
        }
        self.say("config::range", title, node.at, label, help);
        None
    }

    fn wrong_kind(&mut self, wanted: Kind<'_>, found: &Value, node: &Node, name: &str) {
        let what = match wanted {
            Kind::Table { .. } => "a table",
            Kind::List(items) if items["type"] == "object" => "a list of tables",
            Kind::List(_) => "a list",
            Kind::Text => "a string",
            Kind::Whole => "a whole number",
            Kind::Number => "a number",
            Kind::Flag => "true or false",
        };
        let help = match (wanted, found) {
            (Kind::List(items), Value::Table(_)) if items["type"] == "object" => {
                format!("write `[[{name}]]` with two brackets: there may be more than one")
            }
            (Kind::List(_), Value::Text(text)) => format!("put it in brackets: `{name} = [\"{}\"]`", short(text)),
            (Kind::Table { .. }, Value::List(_)) => format!("write `[{name}]` with one bracket: there is only one"),
            (Kind::Text, Value::Whole(n)) => format!("put it in quotes: `{name} = \"{n}\"`"),
            (Kind::Text, Value::Number(x)) => format!("put it in quotes: `{name} = \"{x}\"`"),
            (Kind::Number | Kind::Whole, Value::Text(text)) if text.trim().parse::<f64>().is_ok() => {
                format!("write it without quotes: `{name} = {}`", text.trim())
            }
            (Kind::Number | Kind::Whole, Value::Text(text)) => match leading_number(text) {
                Some(number) => format!("the unit is in the key's name, write only the number: `{name} = {number}`"),
                None => format!("write a number without quotes, such as `{name} = 10`"),
            },
            (Kind::Whole, Value::Number(x)) => format!("write a whole number, such as `{name} = {}`", x.round()),
            (Kind::Flag, _) => format!("write `{name} = true` or `{name} = false`"),
            _ => "`rsu config schema` lists every key with its kind and unit".into(),
        };
        let title = format!("`{name}` is {}, expected {what}", found.kind());
        self.say("config::type", title, node.at, format!("expected {what}"), help);
    }

    fn unknown(&mut self, at: Place, key: &str, keys: Option<&serde_json::Map<String, Json>>, table: &str) {
        let known: Vec<&str> = keys.into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        let place = if table.is_empty() { "at the top".to_owned() } else { format!("in `{table}`") };
        let label =
            nearest(key, known.iter().copied()).map_or("not known here".into(), |k| format!("did you mean `{k}`?"));
        let title = format!("unknown key `{}` {place}, expected {}", short(key), one_of(&known));
        self.say("config::unknown", title, at, label, "`rsu config schema` lists every key with its kind and unit");
    }

    fn missing(&mut self, schema: &Json, node: &Node, table: &str, key: &str) {
        let meaning = meaning(schema);
        let example = match &schema["examples"][0] {
            Json::Null => "…".to_owned(),
            example => example.as_str().map_or(example.to_string(), |text| match schema::kind(schema) {
                Kind::Text => format!("\"{text}\""),
                _ => text.to_owned(),
            }),
        };
        let (title, help) = if table.is_empty() {
            (
                format!("the table `[{key}]` is missing"),
                "add `[site]` with `id` and `origin`; `rsu init` writes a commented file".into(),
            )
        } else {
            (format!("`{table}` has no `{key}`"), format!("add `{key} = {example}`: {meaning}"))
        };
        self.say("config::missing", title, node.at, format!("`{key}` is needed here"), help);
    }

    fn bad_id(&mut self, at: Place, what: &str, text: &str) {
        let mended: String = text
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' })
            .take(16)
            .collect();
        let mended = mended.trim_matches('-');
        let mended = if mended.is_empty() { "north-1" } else { mended };
        let title = format!("{what} is `{}`, expected 1 to 16 of a-z, 0-9 and -", short(text));
        let label = "not an id";
        self.say(
            "config::id",
            title,
            at,
            label,
            format!("write for example `{mended}`; it names keys, metrics and files"),
        );
    }
}

/// Whether `text` is an id: `[a-z0-9-]{1,16}`.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// What the schema says about itself, as a part of a sentence.
fn meaning(schema: &Json) -> String {
    let text = schema::description(schema);
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

/// The number at the start of `10 Hz`.
fn leading_number(text: &str) -> Option<&str> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    text[..end].parse::<f64>().is_ok().then(|| &text[..end])
}

fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [only] => only.clone(),
        _ => format!("one of {}", quoted.join(", ")),
    }
}

/// At most 40 characters of what was written, without line breaks.
fn short(text: &str) -> String {
    let mut line: String = text.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > 40 {
        line.push('…');
    }
    line
}
