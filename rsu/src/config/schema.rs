//! The JSON Schema of the configuration, made from the structs. It drives the first level of checks, the reference in
//! `docs/configuration.md`, `rsu config defaults` and the completion of editors.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Config;

/// The schema of `rsu.toml`, with every subschema in its place.
#[must_use]
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<Config>().to_value();
    plain(&mut schema);
    schema["title"] = "rsu.toml".into();
    schema
}

/// Takes `null` out, which TOML does not have, and the bounds that only say which Rust type is behind a number.
fn plain(schema: &mut Value) {
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|t| t != "null");
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
    if let Some(Value::Array(mut choices)) = schema.get("anyOf").cloned() {
        choices.retain(|choice| choice["type"] != "null");
        if let ([Value::Object(only)], Some(entries)) = (choices.as_slice(), schema.as_object_mut()) {
            entries.remove("anyOf");
            for (key, value) in only {
                entries.entry(key).or_insert_with(|| value.clone());
            }
        }
    }
    if let Some(entries) = schema.as_object_mut() {
        if entries.get("default").is_some_and(Value::is_null) {
            entries.remove("default");
        }
        for value in entries.values_mut() {
            plain(value);
        }
    }
    if let Some(items) = schema.as_array_mut() {
        items.iter_mut().for_each(plain);
    }
}

/// What a schema asks for.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'a> {
    /// A table with known keys, or (`entries`) with names of the user's choice.
    Table {
        /// The known keys.
        keys: Option<&'a serde_json::Map<String, Value>>,
        /// What is behind a name of the user's choice.
        entries: Option<&'a Value>,
    },
    /// A list.
    List(&'a Value),
    /// A string.
    Text,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
}

/// What `schema` asks for.
#[must_use]
pub fn kind(schema: &Value) -> Kind<'_> {
    match schema["type"].as_str() {
        Some("object") => Kind::Table {
            keys: schema["properties"].as_object(),
            entries: schema.get("additionalProperties").filter(|entries| entries.is_object()),
        },
        Some("array") => Kind::List(&schema["items"]),
        Some("integer") => Kind::Whole,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::Flag,
        _ => Kind::Text,
    }
}

/// The words that a string may be, if it may not be any.
#[must_use]
pub fn words(schema: &Value) -> Vec<&str> {
    let listed = schema["enum"].as_array().into_iter().flatten();
    let described = schema["oneOf"].as_array().into_iter().flatten().flat_map(|choice| {
        choice["const"]
            .as_str()
            .map(|_| &choice["const"])
            .into_iter()
            .chain(choice["enum"].as_array().into_iter().flatten())
    });
    listed.chain(described).filter_map(Value::as_str).collect()
}

/// What the schema says about itself, on one line.
#[must_use]
pub fn description(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The schema of the value at `path`; names of the user's choice and numbers of list items are skipped over.
#[must_use]
pub fn find<'a>(schema: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(schema, |schema, step| match kind(schema) {
        Kind::Table { keys, entries } => keys.and_then(|keys| keys.get(*step)).or(entries),
        Kind::List(items) => Some(items),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_says_what_it_means_and_what_it_is() {
        fn walk(schema: &Value, path: &str, seen: &mut usize) {
            assert!(!description(schema).is_empty(), "{path} has no description");
            assert!(schema.get("$ref").is_none() && schema.get("anyOf").is_none(), "{path}: {schema}");
            *seen += 1;
            match kind(schema) {
                Kind::Table { keys, entries } => {
                    for (key, sub) in keys.into_iter().flatten() {
                        walk(sub, &format!("{path}.{key}"), seen);
                    }
                    if let Some(entries) = entries {
                        walk(entries, &format!("{path}.NAME"), seen);
                    }
                }
                Kind::List(items) if items["type"] == "object" => walk(items, &format!("{path}[]"), seen),
                Kind::Text => assert!(schema["type"] == "string" || !words(schema).is_empty(), "{path}: {schema}"),
                _ => {}
            }
        }
        let mut seen = 0;
        walk(&document(), "", &mut seen);
        assert!(seen > 60, "only {seen} keys");
    }

    #[test]
    fn words_are_found_in_both_forms_of_the_schema() {
        let schema = document();
        let at = |path: &[&str]| words(find(&schema, path).expect("there"));
        assert_eq!(at(&["log", "level"]), ["error", "warn", "info", "debug"]);
        assert_eq!(at(&["radio", "0", "kind"]), ["udp", "dsmp", "immediate-forward"]);
        assert_eq!(at(&["services", "rsi", "events", "0"]).len(), 3);
    }
}
