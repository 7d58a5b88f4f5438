//! All roads of a file.

use std::collections::BTreeMap;
use std::path::Path;

use roxmltree::{Document, Node, ParsingOptions};

use super::index::Index;
use super::junction::Junction;
use super::road::Road;
use super::signal::{Controller, Signal};
use super::wiring::Wiring;
use super::xml::{Note, Reader, child, children};
use super::{OpenDriveError, RoadIndex};

/// Bytes of a file at most.
pub const FILE_BYTES: usize = 256 << 20;
/// Elements, attributes and texts of a file at most.
const NODES: u32 = 16_000_000;
/// Length of all roads of a file at most, metres.
const ROADS_M: f64 = 1e8;

/// The roads of one OpenDRIVE file.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// What the file says about itself.
    pub header: Header,
    pub(super) roads: Vec<Road>,
    pub(super) by_id: BTreeMap<String, RoadIndex>,
    pub(super) junctions: Vec<Junction>,
    controllers: Vec<Controller>,
    notes: Vec<Note>,
    pub(super) wiring: Wiring,
    pub(super) index: Index,
}

/// What a file says about itself.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Header {
    /// Version of OpenDRIVE, major and minor.
    pub version: [u16; 2],
    /// Its name.
    pub name: String,
    /// Where it is on earth, as a PROJ string, if it says so.
    pub geo_reference: Option<String>,
    /// What must be added to its coordinates to get those of the `geoReference` (`offset`): x, y, z in metres, heading in
    /// radians.
    pub offset: [f64; 4],
}

impl Network {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read or is not OpenDRIVE; names file, line, element and remedy.
    pub fn read(path: &Path) -> Result<Self, OpenDriveError> {
        let name = path.display().to_string();
        let size = std::fs::metadata(path).map_err(|e| whole(&name, e.to_string(), "check the path"))?.len();
        if size > FILE_BYTES as u64 {
            return Err(too_large(&name, size));
        }
        let bytes =
            std::fs::read(path).map_err(|e| whole(&name, e.to_string(), "check the path and its permissions"))?;
        let text = String::from_utf8(bytes).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            let line = e.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            let problem = "is not UTF-8".to_owned();
            OpenDriveError {
                line: line as u32,
                ..whole(&name, problem, "convert it, for instance with iconv -t UTF-8")
            }
        })?;
        Self::parse(&text, &name)
    }

    /// Reads a text; `name` stands in complaints.
    ///
    /// # Errors
    /// As [`Network::read`].
    pub fn parse(text: &str, name: &str) -> Result<Self, OpenDriveError> {
        if text.len() > FILE_BYTES {
            return Err(too_large(name, text.len() as u64));
        }
        let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES, ..ParsingOptions::default() };
        let document = Document::parse_with_options(text, options).map_err(|error| xml_error(name, text, &error))?;
        let root = document.root_element();
        let mut reader = Reader::new(name);
        if root.tag_name().name() != "OpenDRIVE" {
            return Err(reader.error(root, "is the root", "give a file whose root is `OpenDRIVE`"));
        }
        reader.expect(root, &["header", "road", "junction", "controller", "junctionGroup", "station"]);
        let mut network = Self { header: Header::read(&mut reader, root)?, ..Self::default() };
        let roads: Vec<Node> = children(root, "road").collect();
        let mut total = 0.0;
        for node in &roads {
            let road = Road::read(&mut reader, *node)?;
            total += road.length;
            if let Some(twice) = network.by_id.insert(road.id.clone(), network.roads.len()) {
                let problem = format!("`id` {} is that of another road (number {})", road.id, twice + 1);
                return Err(reader.error(*node, problem, "give each road an id of its own"));
            }
            network.roads.push(road);
        }
        if network.roads.is_empty() {
            return Err(reader.error(root, "has no road", "give a file with at least one `road`"));
        }
        if total > ROADS_M {
            return Err(reader.error(root, format!("{total:.0} m of road"), format!("at most {ROADS_M:e} m are read")));
        }
        for node in children(root, "junction") {
            network.junctions.push(Junction::read(&mut reader, node)?);
        }
        for node in children(root, "controller") {
            network.controllers.push(Controller::read(&mut reader, node)?);
        }
        network.wiring = Wiring::of(&network.roads, &network.by_id, &network.junctions, &mut |road, what| {
            reader.note(roads[road], what);
        });
        network.index = Index::of(&network.roads, total);
        network.notes = reader.finish();
        Ok(network)
    }

    /// All roads, in order of the file.
    #[must_use]
    pub fn roads(&self) -> &[Road] {
        &self.roads
    }

    /// A road by its number.
    #[must_use]
    pub fn road(&self, road: RoadIndex) -> Option<&Road> {
        self.roads.get(road)
    }

    /// Number of a road by its id in the file.
    #[must_use]
    pub fn road_index(&self, id: &str) -> Option<RoadIndex> {
        self.by_id.get(id).copied()
    }

    /// Id of a road in the file.
    #[must_use]
    pub fn road_id(&self, road: RoadIndex) -> Option<&str> {
        self.roads.get(road).map(|road| road.id.as_str())
    }

    /// Length of a road's reference line, metres.
    #[must_use]
    pub fn road_length(&self, road: RoadIndex) -> Option<f64> {
        self.roads.get(road).map(|road| road.length)
    }

    /// All junctions, in order of the file.
    #[must_use]
    pub fn junctions(&self) -> &[Junction] {
        &self.junctions
    }

    /// All signals, with the number of their road.
    pub fn signals(&self) -> impl Iterator<Item = (RoadIndex, &Signal)> {
        self.roads.iter().enumerate().flat_map(|(number, road)| road.signals.iter().map(move |signal| (number, signal)))
    }

    /// A signal by its id in the file, with the number of its road.
    #[must_use]
    pub fn signal(&self, id: &str) -> Option<(RoadIndex, &Signal)> {
        self.signals().find(|(_, signal)| signal.id == id)
    }

    /// Controllers of signals.
    #[must_use]
    pub fn controllers(&self) -> &[Controller] {
        &self.controllers
    }

    /// What of the file was not understood and is left out.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl Header {
    fn read(reader: &mut Reader, root: Node) -> Result<Self, OpenDriveError> {
        let Some(node) = child(root, "header") else {
            return Err(reader.error(root, "has no `header`", "add one with `revMajor` and `revMinor`"));
        };
        reader.expect(node, &["geoReference", "offset", "license", "defaultRegulations"]);
        let version = |name| node.attribute(name).and_then(|text| text.trim().parse().ok());
        let Some(major) = version("revMajor").filter(|major| *major == 1) else {
            return Err(reader.error(node, "is not of version 1", "give a file of OpenDRIVE 1.4 to 1.8"));
        };
        let mut offset = [0.0; 4];
        if let Some(node) = child(node, "offset") {
            for (name, to) in ["x", "y", "z", "hdg"].into_iter().zip(&mut offset) {
                *to = reader.number_or(node, name, 0.0)?;
            }
        }
        let place = child(node, "geoReference").and_then(|node| node.text()).map(|text| text.trim().to_owned());
        Ok(Self {
            version: [major, version("revMinor").unwrap_or_default()],
            name: node.attribute("name").unwrap_or_default().to_owned(),
            geo_reference: place.filter(|text| !text.is_empty()),
            offset,
        })
    }
}

fn whole(file: &str, problem: String, remedy: &str) -> OpenDriveError {
    OpenDriveError { file: file.into(), line: 0, element: String::new(), problem, remedy: remedy.into() }
}

fn too_large(file: &str, size: u64) -> OpenDriveError {
    whole(file, format!("has {size} bytes"), "cut out the part that is needed; at most 256 MiB are read")
}

fn xml_error(file: &str, text: &str, error: &roxmltree::Error) -> OpenDriveError {
    // roxmltree does not say where the DOCTYPE is.
    let doctype =
        || text.find("<!DOCTYPE").map_or(0, |at| text[..at].bytes().filter(|byte| *byte == b'\n').count() + 1);
    let dtd = matches!(error, roxmltree::Error::DtdDetected);
    let line = if dtd { doctype() as u32 } else { error.pos().row };
    let remedy = match error {
        roxmltree::Error::DtdDetected => "take the DOCTYPE out; entities are not expanded",
        roxmltree::Error::NodesLimitReached => "cut out the part that is needed",
        _ => "mend the XML",
    };
    OpenDriveError { line, ..whole(file, error.to_string(), remedy) }
}
