//! `rsu config`: the effective configuration and where each value comes from, every default, the schema.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Map, Value as Json, json};

use crate::cli::Global;
use crate::cmd::{self, Exit};
use crate::config::load::Loaded;
use crate::config::tree::Node;
use crate::config::{Complaint, Config, Overrides, inspect, reference, schema};

/// Arguments of `rsu config`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu config defaults
  rsu config schema > rsu.schema.json")]
pub struct Args {
    /// What to show.
    #[command(subcommand)]
    pub what: What,
}

/// What to show.
#[derive(Debug, Subcommand)]
pub enum What {
    /// The effective configuration: defaults, file, drop-ins, environment, flags
    #[command(after_help = "Examples:
  rsu config show --config examples/crossing/rsu.toml
  rsu config show --config examples/crossing/rsu.toml --origin")]
    Show {
        /// One line a value, with the place it comes from
        #[arg(long)]
        origin: bool,
    },
    /// Every key with its default, as a file
    #[command(after_help = "Examples:
  rsu config defaults
  rsu config defaults --json")]
    Defaults,
    /// The JSON Schema, for editors
    #[command(after_help = "Examples:
  rsu config schema > rsu.schema.json
  rsu config schema --markdown")]
    Schema {
        /// The tables of the documentation instead
        #[arg(long)]
        markdown: bool,
    },
}

/// Shows it.
///
/// # Errors
/// When the configuration to show is not valid, or stdout is closed.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    match args.what {
        What::Show { origin } => show(global, origin)?,
        What::Defaults if global.json => cmd::print(serde_json::to_string_pretty(&schema_defaults())?)?,
        What::Defaults => cmd::print(reference::defaults().trim_end())?,
        What::Schema { markdown: true } => cmd::print(reference::markdown().trim_end())?,
        What::Schema { markdown: false } => cmd::print(serde_json::to_string_pretty(&schema::document())?)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn show(global: &Global, origin: bool) -> anyhow::Result<()> {
    let found = inspect(&global.config, &Overrides::of_process(&global.set));
    for complaint in &found.complaints {
        cmd::note(global, format_args!("{}\n", complaint.render()));
    }
    let (Some(tree), 0) = (&found.tree, found.errors()) else {
        let what = format!("`{}` is not a valid configuration", global.config.display());
        return Err(Exit::new(cmd::CONFIG, what)
            .help("mend what is said above, then look again with `rsu check`")
            .into());
    };
    let config: Config = serde_json::from_value(tree.json())?;
    let mut values = serde_json::to_value(&config)?;
    mask(&mut values);
    if origin {
        let mut lines = Vec::new();
        leaves(&values, &mut Vec::new(), &mut String::new(), &mut lines);
        let origins = lines.into_iter().map(|(path, name, value)| (name, value, place(&found, tree, &path)));
        if global.json {
            let list: Vec<Json> =
                origins.map(|(key, value, from)| json!({ "key": key, "value": value, "from": from })).collect();
            cmd::print_json(&json!({ "schema": "rsu.config-origin/1", "values": list }))?;
        } else {
            let lines: Vec<(String, String)> =
                origins.map(|(key, value, from)| (format!("{key} = {}", reference::value(&value)), from)).collect();
            let width = lines.iter().map(|(text, _)| text.chars().count()).max().unwrap_or(0).min(60);
            for (text, from) in lines {
                cmd::print(format!("{text:<width$}   # {from}"))?;
            }
        }
    } else if global.json {
        cmd::print_json(&json!({ "schema": "rsu.config/1", "config": values }))?;
    } else {
        cmd::print(toml::to_string_pretty(&values)?.trim_end())?;
    }
    Ok(())
}

/// Nobody needs to know where a secret lies; absent values are taken out.
fn mask(values: &mut Json) {
    match values {
        Json::Object(entries) => {
            entries.retain(|_, value| !value.is_null());
            for (key, value) in entries {
                if matches!(key.as_str(), "token" | "secret") {
                    *value = "***".into();
                }
                mask(value);
            }
        }
        Json::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

/// Every single value: its path, its name (items of lists by their id), itself.
fn leaves(values: &Json, path: &mut Vec<String>, name: &mut String, found: &mut Vec<(Vec<String>, String, Json)>) {
    let mut enter = |step: String, shown: &str, value: &Json| {
        let length = name.len();
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(shown);
        path.push(step);
        leaves(value, path, name, found);
        path.pop();
        name.truncate(length);
    };
    match values {
        Json::Object(entries) => entries.iter().for_each(|(key, value)| enter(key.clone(), key, value)),
        Json::Array(items) if items.iter().any(Json::is_object) => {
            for (n, item) in items.iter().enumerate() {
                let id = item["id"].as_str().map_or_else(|| item["id"].to_string(), str::to_owned);
                enter(n.to_string(), &id, item);
            }
        }
        _ => found.push((path.clone(), name.clone(), values.clone())),
    }
}

/// `rsu.toml:5`, `environment variable …`, or `default`.
fn place(found: &Loaded, tree: &Node, path: &[String]) -> String {
    let steps: Vec<&str> = path.iter().map(String::as_str).collect();
    let Some(node) = tree.find(&steps) else { return "default".into() };
    let at = Complaint::at("", "", &found.sources, node.at);
    let file = found.sources.get(node.at.source).is_some_and(|source| source.file);
    if file { format!("{}:{}", at.file, at.line) } else { at.file }
}

/// Every default, as JSON.
fn schema_defaults() -> Json {
    let mut defaults = Map::new();
    for (key, sub) in schema::document()["properties"].as_object().into_iter().flatten() {
        if let Some(default) = sub.get("default") {
            defaults.insert(key.clone(), default.clone());
        }
    }
    json!({ "schema": "rsu.config-defaults/1", "defaults": defaults })
}
