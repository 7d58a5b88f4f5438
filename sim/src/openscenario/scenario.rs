//! A scenario file as a whole: read, checked, ready to run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::complaint::Complaint;
use super::condition::{Test, Trigger, WorldTest};
use super::entity::{Entity, relative};
use super::geo::Earth;
use super::reader::{Need, Reader};
use super::signal::SignalController;
use super::storyboard::{Kind, Storyboard};
use super::xml::{self, Element};
use super::{limits, standard};
use crate::opendrive::Network;

/// A scenario that the engine can run.
#[derive(Clone)]
pub struct Scenario {
    /// Name: the file without its folder and ending.
    pub name: String,
    /// Words of its header.
    pub description: String,
    /// The roads.
    pub network: Arc<Network>,
    /// Who takes part, in the order of the file.
    pub entities: Vec<Entity>,
    /// What happens.
    pub storyboard: Storyboard,
    /// Controllers of signals.
    pub signals: Vec<SignalController>,
    /// Parameters and variables of the whole file.
    pub values: BTreeMap<String, String>,
    /// Version 1.x of the file.
    pub minor: u32,
    /// Remarks that do not stop the run.
    pub notes: Vec<Complaint>,
    /// What is played otherwise than the file says.
    pub deviations: Vec<Complaint>,
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// Everything in it that is wrong or not supported, with file, line, element and remedy.
    pub fn read(path: &Path) -> Result<Self, Vec<Complaint>> {
        Self::read_with(path, &BTreeMap::new())
    }

    /// Reads a scenario with other values for parameters of the whole file.
    ///
    /// # Errors
    /// As [`Scenario::read`].
    pub fn read_with(path: &Path, given: &BTreeMap<String, String>) -> Result<Self, Vec<Complaint>> {
        let root = xml::read(path).map_err(|c| vec![c])?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let name = path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        Self::of(&root, &name, folder, given)
    }

    /// Makes a scenario of a tree; paths in it are relative to `folder`.
    ///
    /// # Errors
    /// As [`Scenario::read`].
    pub fn of(
        root: &Element,
        name: &str,
        folder: PathBuf,
        given: &BTreeMap<String, String>,
    ) -> Result<Self, Vec<Complaint>> {
        let mut reader = Reader::new(folder, given.clone());
        if root.name != "OpenSCENARIO" && root.name != "OpenScenario" {
            let what = "is no OpenSCENARIO XML";
            return Err(vec![root.complain(what, "give an .xosc file whose root element is OpenSCENARIO")]);
        }
        if let Some(other) = ["Catalog", "ParameterValueDistribution"].iter().find(|n| root.child(n).is_some()) {
            let what = format!("is a {other}, not a scenario");
            return Err(vec![root.complain(what, "run a scenario that refers to it, or sweep the distribution")]);
        }
        standard::check(root, "OpenScenario", &mut reader.complaints);
        reader.minor = reader.version(root);
        reader.declare(root);
        let left: Vec<_> = std::mem::take(&mut reader.given).into_keys().collect();
        for name in left {
            reader.complain(
                root,
                format!("no parameter is called {name:?}"),
                "give a parameter that the file declares",
            );
        }
        let values = reader.values(root);
        reader.locate_catalogs(root);
        let entities = reader.read_entities(root);
        reader.remember(&entities);
        reader.read_signal_controllers(root);
        let storyboard = reader.read_storyboard(root);
        reader.check_references(&storyboard);
        reader.check_stops();
        let network = reader.read_network(root);
        reader.check_needs(network.as_ref());
        let mut complaints = std::mem::take(&mut reader.complaints);
        complaints.sort();
        complaints.dedup();
        complaints.truncate(limits::COMPLAINTS);
        let Some(network) = network.filter(|_| complaints.is_empty()) else { return Err(complaints) };
        let description = root.child("FileHeader").and_then(|h| h.raw("description")).unwrap_or_default().to_owned();
        let scenario = Self {
            name: name.to_owned(),
            description,
            network: Arc::new(network),
            entities,
            storyboard,
            signals: std::mem::take(&mut reader.signals),
            values,
            minor: reader.minor,
            notes: reader.notes,
            deviations: reader.deviations,
        };
        Ok(scenario)
    }
}

impl Reader {
    fn version(&mut self, root: &Element) -> u32 {
        let Some(header) = root.child("FileHeader") else {
            self.complain(root, "has no FileHeader", "add one with revMajor=\"1\" and revMinor");
            return 0;
        };
        let (major, minor) = (self.integer(header, "revMajor"), self.integer(header, "revMinor"));
        if major != 1 || !(0..=3).contains(&minor) {
            let what = format!("is version {major}.{minor}");
            self.complain(header, what, "this engine reads 1.0 to 1.3: migrate the file");
        }
        minor.clamp(0, 3) as u32
    }

    /// Parameters and variables that actions may change and conditions may ask for.
    fn values(&mut self, root: &Element) -> BTreeMap<String, String> {
        let mut values = self.parameters().clone();
        for list in root.all("VariableDeclarations") {
            for declared in list.all("VariableDeclaration") {
                let (name, value) = (self.text(declared, "name"), self.text(declared, "value"));
                values.insert(name, value);
            }
        }
        self.changeables = values.keys().cloned().collect();
        values
    }

    /// A parameter or variable of the whole file.
    #[must_use]
    pub fn changeable(&self, name: &str) -> bool {
        self.changeables.contains(name)
    }

    fn read_network(&mut self, root: &Element) -> Option<Network> {
        let logic = root.child("RoadNetwork").and_then(|n| n.child("LogicFile"));
        let Some(logic) = logic else {
            // A scenario in the plane, without roads, is allowed by the standard.
            return Some(Network::default());
        };
        let path = self.text(logic, "filepath");
        if path.is_empty() {
            return Some(Network::default());
        }
        let file = relative(&self.folder, &path);
        match Network::read(&file) {
            Ok(network) => Some(network),
            Err(e) => {
                let element = if e.element.is_empty() { "OpenDRIVE".into() } else { e.element };
                let (what, remedy) = (e.problem, e.remedy);
                self.keep(Complaint { file: e.file, line: e.line, element, what, remedy });
                self.complain(logic, format!("the road network {path} cannot be used"), "repair it or name another");
                None
            }
        }
    }

    /// Places and signals must be in the road network.
    fn check_needs(&mut self, network: Option<&Network>) {
        let Some(network) = network else { return };
        for (at, need) in std::mem::take(&mut self.needs) {
            let wrong = match need {
                Need::Signal(id) => network.signal(&id).is_none().then(|| {
                    (format!("the road network has no signal {id:?}"), "name a signal of the OpenDRIVE file".to_owned())
                }),
                Need::Earth => Earth::of(network).err().map(|e| {
                    (format!("the road network cannot be found on the earth: {e}"), "give a WorldPosition".to_owned())
                }),
                Need::Road { road, s, lane } => missing(network, &road, s, lane),
            };
            if let Some((what, remedy)) = wrong {
                self.keep(Complaint { what, remedy, ..at });
            }
        }
    }

    /// Every `StoryboardElementStateCondition` must mean an element that is there.
    fn check_references(&mut self, board: &Storyboard) {
        let mut paths: Vec<(Kind, String)> = Vec::new();
        let mut triggers: Vec<&Trigger> = board.stop.iter().collect();
        for story in &board.stories {
            let path = story.name.clone();
            paths.push((Kind::Story, path.clone()));
            for act in &story.acts {
                triggers.extend(act.start.iter().chain(&act.stop));
                let path = format!("{path}::{}", act.name);
                paths.push((Kind::Act, path.clone()));
                for group in &act.groups {
                    let path = format!("{path}::{}", group.name);
                    paths.push((Kind::Group, path.clone()));
                    for maneuver in &group.maneuvers {
                        let path = format!("{path}::{}", maneuver.name);
                        paths.push((Kind::Maneuver, path.clone()));
                        for event in &maneuver.events {
                            triggers.extend(&event.start);
                            let path = format!("{path}::{}", event.name);
                            let actions = event.actions.iter().map(|a| (Kind::Action, format!("{path}::{}", a.name)));
                            paths.extend(actions);
                            paths.push((Kind::Event, path));
                        }
                    }
                }
            }
        }
        for condition in triggers.iter().flat_map(|t| &t.groups).flatten() {
            let Test::World(WorldTest::Element { kind, name, at, .. }) = &condition.test else { continue };
            if !paths.iter().any(|(k, path)| k == kind && means(path, name)) {
                let what = format!("no {kind:?} is called {name:?}").to_lowercase();
                self.keep(Complaint { what, ..at.clone() });
            }
        }
    }
}

/// What the road network lacks for a place on it.
fn missing(network: &Network, road: &str, s: f64, lane: Option<i32>) -> Option<(String, String)> {
    let Some(index) = network.road_index(road) else {
        return Some((format!("the road network has no road {road:?}"), "name a road of the OpenDRIVE file".into()));
    };
    let length = network.road_length(index).unwrap_or(0.0);
    let lane = lane.filter(|lane| *lane != 0)?;
    let lanes = network.lanes(index, s.clamp(0.0, length));
    (!lanes.contains(&lane)).then(|| {
        let there: Vec<_> = lanes.iter().map(ToString::to_string).collect();
        (format!("road {road} has no lane {lane} at {s} m"), format!("it has {}", there.join(", ")))
    })
}

/// A reference means an element when it is its name, or its name after those of its parents.
#[must_use]
pub fn means(path: &str, reference: &str) -> bool {
    path == reference || path.strip_suffix(reference).is_some_and(|rest| rest.ends_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_means_the_end_of_a_path() {
        assert!(means("a::b::c", "c") && means("a::b::c", "b::c") && means("a::b::c", "a::b::c"));
        assert!(!means("a::b::xc", "c") && !means("a::b", "a"));
    }
}
