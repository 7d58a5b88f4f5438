//! What there is to configure, written out from the schema: a file with every default, and the tables of
//! `docs/configuration.md`.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use super::schema::{self, Kind, description};

/// A configuration file with every key: defaults as they are, needed and optional keys as remarks.
#[must_use]
pub fn defaults() -> String {
    let mut text =
        String::from("# Every key of rsu.toml with its default. Keys behind `#` are needed, or have no default.\n");
    for table in tables(&schema::document()) {
        let off = if table.optional { "# " } else { "" };
        let (open, close) = if table.list { ("[[", "]]") } else { ("[", "]") };
        let _ = write!(text, "\n{}{off}{open}{}{close}\n", remark(&table.meaning), table.name);
        for key in &table.keys {
            text.push_str(&remark(&key.meaning));
            let state = if key.needed { "   # needed" } else { "" };
            let off = if off.is_empty() && key.default.is_none() { "# " } else { off };
            let value = key.default.as_deref().or(key.example.as_deref()).unwrap_or("\"\"");
            let _ = writeln!(text, "{off}{} = {value}{state}", key.name);
        }
    }
    text
}

/// A table a section in Markdown, with a row a key.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::new();
    for table in tables(&schema::document()) {
        let (open, close) = if table.list { ("[[", "]]") } else { ("[", "]") };
        let _ = write!(text, "### `{open}{}{close}`\n\n{}\n\n", table.name, table.meaning);
        text.push_str("| key | kind | default | meaning |\n|---|---|---|---|\n");
        for key in &table.keys {
            let default = match (&key.default, key.needed) {
                (Some(default), _) => format!("`{default}`"),
                (None, true) => "*needed*".into(),
                (None, false) => "—".into(),
            };
            let meaning = key.meaning.replace('|', "\\|");
            let _ = writeln!(text, "| `{}` | {} | {default} | {meaning} |", key.name, key.kind);
        }
        text.push('\n');
    }
    text
}

/// The tables in the order in which people think of a unit; a new one comes last until it is given its place.
const ORDER: [&str; 13] = [
    "site",
    "time",
    "camera",
    "lidar",
    "detector",
    "tracking",
    "signal",
    "services",
    "radio",
    "corridor_link",
    "budget",
    "record",
    "web",
];

struct Table {
    name: String,
    list: bool,
    /// There may be none of it.
    optional: bool,
    meaning: String,
    keys: Vec<Key>,
}

struct Key {
    name: String,
    kind: String,
    needed: bool,
    default: Option<String>,
    example: Option<String>,
    meaning: String,
}

fn tables(schema: &Json) -> Vec<Table> {
    let mut found = Vec::new();
    collect(schema, "", false, false, schema, &mut found);
    let rank = |name: &str| ORDER.iter().position(|known| name.split('.').next() == Some(known));
    found.sort_by_key(|table| rank(&table.name).unwrap_or(ORDER.len()));
    for table in &mut found {
        table.keys.sort_by_key(|key| !key.needed);
    }
    found
}

/// Collects the table `schema` and the tables in it.
fn collect(schema: &Json, name: &str, list: bool, optional: bool, property: &Json, found: &mut Vec<Table>) {
    let Kind::Table { keys: Some(keys), .. } = schema::kind(schema) else { return };
    let needed: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let mut table = Table { name: name.to_owned(), list, optional, meaning: description(property), keys: Vec::new() };
    let mut below = Vec::new();
    for (key, sub) in keys {
        let path = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
        let wanted = needed.contains(&key.as_str());
        let absent = optional || (!wanted && sub.get("default").is_none());
        match schema::kind(sub) {
            Kind::List(items) if items["type"] == "object" => collect(items, &path, true, true, sub, &mut below),
            Kind::Table { entries: Some(entries), .. } => {
                collect(entries, &format!("{path}.NAME"), false, true, sub, &mut below);
            }
            Kind::Table { .. } if !is_inline(sub) => collect(sub, &path, false, absent, sub, &mut below),
            _ => table.keys.push(describe(key, sub, property["default"].get(key).filter(|d| !d.is_null()), wanted)),
        }
    }
    if !table.keys.is_empty() {
        found.push(table);
    }
    found.append(&mut below);
}

/// Small tables are written in one line: `origin = { lat_deg = …, lon_deg = … }`.
fn is_inline(schema: &Json) -> bool {
    let keys = schema["properties"].as_object();
    keys.is_some_and(|keys| keys.len() == 3 && keys.values().all(|sub| sub["type"] == "number"))
}

fn describe(name: &str, schema: &Json, inherited: Option<&Json>, needed: bool) -> Key {
    // The default of a table, written beside it, goes before those of its keys.
    let default = inherited.or(schema.get("default"));
    let inline = schema["properties"].as_object();
    let meaning = inline.map_or(description(schema), |keys| {
        let parts: Vec<String> = keys.iter().map(|(key, sub)| format!("`{key}`: {}", description(sub))).collect();
        format!("{} {}", description(schema), parts.join(" "))
    });
    Key {
        name: name.to_owned(),
        kind: kind_of(schema),
        needed: needed && default.is_none(),
        default: default.map(value),
        example: schema["examples"].get(0).map(|example| match (example.as_str(), schema::kind(schema)) {
            (Some(text), Kind::Table { .. } | Kind::List(_)) => text.to_owned(),
            _ => value(example),
        }),
        meaning,
    }
}

fn kind_of(schema: &Json) -> String {
    let words = schema::words(schema);
    if !words.is_empty() {
        return words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    }
    let range = match (schema["minimum"].as_f64(), schema["maximum"].as_f64()) {
        (Some(low), Some(high)) => format!(" {low} to {high}"),
        (Some(low), None) => format!(" from {low}"),
        _ => String::new(),
    };
    match schema::kind(schema) {
        Kind::Table { .. } => "inline table".into(),
        Kind::List(items) => format!("list of {}", kind_of(items)),
        Kind::Text if schema["format"] == "id" => "id".into(),
        Kind::Text => "string".into(),
        Kind::Whole => format!("whole number{range}"),
        Kind::Number => format!("number{range}"),
        Kind::Flag => "`true`, `false`".into(),
    }
}

/// A JSON value as TOML on one line.
#[must_use]
pub fn value(json: &Json) -> String {
    match json {
        Json::Object(entries) => inline(entries),
        Json::Array(items) => format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", ")),
        _ => json.to_string(),
    }
}

fn inline(entries: &Map<String, Json>) -> String {
    let parts: Vec<String> = entries.iter().map(|(key, json)| format!("{key} = {}", value(json))).collect();
    format!("{{ {} }}", parts.join(", "))
}

/// A text as remark lines of at most 110 characters.
fn remark(text: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if lines[last].len() + word.len() > 110 {
            lines.push(format!("# {word}"));
        } else {
            lines[last].push_str(&format!(" {word}"));
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::layers::{Layers, Overrides};
    use crate::config::shape::Shape;

    #[test]
    fn the_defaults_are_a_configuration_that_only_lacks_what_is_needed() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("rsu.toml");
        let text = defaults();
        std::fs::write(&path, &text).expect("written");
        let schema = schema::document();
        let layers = Layers::read(&path, &Overrides::default(), &schema);
        let mut shape = Shape { sources: &layers.sources, complaints: Vec::new() };
        shape.keep(&schema, layers.tree.as_ref().unwrap_or_else(|| panic!("{:#?}\n{text}", layers.complaints)), "");
        let codes: Vec<_> = shape.complaints.iter().map(|c| (c.code, c.title.as_str())).collect();
        assert_eq!(codes, [("config::missing", "`site` has no `id`"), ("config::missing", "`site` has no `origin`")]);
    }

    #[test]
    fn the_reference_in_the_documentation_is_the_one_of_the_schema() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
        let text = std::fs::read_to_string(&path).expect("docs/configuration.md");
        let (begin, end) = ("<!-- keys: begin -->\n", "<!-- keys: end -->\n");
        let (before, rest) = text.split_once(begin).expect("a begin mark");
        let (found, after) = rest.split_once(end).expect("an end mark");
        let wanted = format!("\n{}", markdown());
        if found != wanted && std::env::var_os("RSU_BLESS").is_some() {
            std::fs::write(&path, [before, begin, &wanted, end, after].concat()).expect("written");
            return;
        }
        assert!(found == wanted, "docs/configuration.md is behind the code; run this test with RSU_BLESS=1");
    }
}
