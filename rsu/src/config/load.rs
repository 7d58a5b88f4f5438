//! From files to a [`Setup`], level by level.

use std::path::Path;

use calibration::rig::Rig;
use serde_json::{Value as Json, json};

use super::diagnose::{Complaint, Severity};
use super::layers::{Layers, Overrides};
use super::shape::Shape;
use super::tree::{Node, Source};
use super::{Config, check, files, schema};
use crate::limits;
use crate::site_map::SiteMap;
use crate::station::Setup;

/// All that was found out about a configuration.
#[derive(Debug)]
pub struct Loaded {
    /// The unit, unless there is an error.
    pub setup: Option<Setup>,
    /// What is wrong, in the order of the files.
    pub complaints: Vec<Complaint>,
    /// Every text that was read: the file first.
    pub sources: Vec<Source>,
    /// What is written in them; `None` when one cannot be read or is not TOML.
    pub tree: Option<Node>,
    /// The map, if there is one and it is good, even when something else is wrong.
    pub map: Option<SiteMap>,
    /// The good calibrations.
    pub rig: Option<Rig>,
}

impl Loaded {
    /// In the order of the files, and not more than a person reads.
    fn sort_and_bound(&mut self) {
        let order = |c: &Complaint| {
            let file = self.sources.iter().position(|s| s.name == c.file).unwrap_or(usize::MAX);
            (file, c.file.clone(), c.line, c.column)
        };
        self.complaints.sort_by_cached_key(order);
        let more = self.complaints.len().saturating_sub(limits::COMPLAINTS);
        if more > 0 {
            let severity = self.complaints.iter().skip(limits::COMPLAINTS).map(|c| c.severity).min();
            self.complaints.truncate(limits::COMPLAINTS);
            let file = self.sources.first().map_or("", |s| s.name.as_str());
            let last = Complaint::error("config::more", format!("and {more} more"), file).help("mend these first");
            self.complaints.push(Complaint { severity: severity.unwrap_or(Severity::Error), ..last });
        }
    }

    /// How many complaints are errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.complaints.iter().filter(|c| c.severity == Severity::Error).count()
    }
}

/// Reads a configuration file and all that it names: the unit and the warnings, or every complaint.
///
/// # Errors
/// Every complaint, in the order of the file, when at least one is an error.
pub fn load(path: &Path) -> Result<(Setup, Vec<Complaint>), Vec<Complaint>> {
    load_with(path, &Overrides::default())
}

/// As [`load`], with the environment and flags over the files.
///
/// # Errors
/// As [`load`].
pub fn load_with(path: &Path, over: &Overrides) -> Result<(Setup, Vec<Complaint>), Vec<Complaint>> {
    let loaded = inspect(path, over);
    match loaded.setup {
        Some(setup) => Ok((setup, loaded.complaints)),
        None => Err(loaded.complaints),
    }
}

/// Reads a configuration and keeps all that was found out.
#[must_use]
pub fn inspect(path: &Path, over: &Overrides) -> Loaded {
    let schema = schema::document();
    let Layers { sources, tree, complaints } = Layers::read(path, over, &schema);
    let mut loaded = Loaded { setup: None, complaints, sources, tree, map: None, rig: None };
    let parsed = loaded.tree.take().and_then(|tree| parse(&mut loaded, &schema, &tree));
    if let Some((config, tree)) = parsed {
        let shaped = loaded.complaints.is_empty();
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut found = files::Files::new(folder, &tree, &loaded.sources);
        (loaded.map, loaded.rig) = (found.map(&config), Some(found.rig(&config)));
        found.others(&config);
        let mut complaints = check::check(&config, loaded.map.as_ref(), &tree, &loaded.sources);
        complaints.append(&mut found.complaints);
        // With something left out, "nobody uses this" would be guessing.
        loaded.complaints.extend(complaints.into_iter().filter(|c| shaped || c.severity == Severity::Error));
        if loaded.errors() == 0 {
            let setup = |rig| Setup { config: files::rooted(config, folder), map: loaded.map.clone(), rig };
            loaded.setup = loaded.rig.clone().map(setup);
        }
        loaded.tree = Some(tree);
    }
    loaded.sort_and_bound();
    loaded
}

/// Level *parse*: the configuration as far as it can be used, and where its values stand.
fn parse(loaded: &mut Loaded, schema: &Json, tree: &Node) -> Option<(Config, Node)> {
    let mut shape = Shape { sources: &loaded.sources, complaints: Vec::new() };
    let kept = shape.keep(schema, tree, "")?;
    let complaints = shape.complaints;
    let mut values = kept.json();
    if !complaints.is_empty() {
        // So that the rules can look at the rest. Nothing runs on it: there are errors.
        stand_in(&mut values);
    }
    let config = serde_json::from_value::<Config>(values);
    if let (Err(e), true) = (&config, complaints.is_empty()) {
        // The schema is made from the same structs, so this would be a gap in our own checks; say it nonetheless.
        let title = format!("the values do not make a configuration: {e}");
        let help = "`rsu config schema` lists every key with its kind and unit";
        loaded.complaints.push(Complaint::error("config::value", title, &loaded.sources[0].name).help(help));
    }
    loaded.complaints.extend(complaints);
    Some((config.ok()?, kept))
}

/// Puts something in the place of the keys that every configuration needs.
fn stand_in(values: &mut Json) {
    if values.get("site").is_none() {
        values["site"] = json!({});
    }
    for (key, value) in [("id", json!("x")), ("origin", json!({ "lat_deg": 1.0, "lon_deg": 1.0 }))] {
        if values["site"].get(key).is_none() {
            values["site"][key] = value;
        }
    }
}
