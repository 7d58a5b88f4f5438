//! Level *files*: are map, calibrations, models and secrets there and readable? Paths start at the folder of the
//! configuration file.

use std::path::{Path, PathBuf};

use calibration::geodesy::{EnuFrame, Wgs84};
use calibration::ground::Ground;
use calibration::rig::{CalibrationError, CalibrationFile, Rig};
use perception::detect::DetectError;
use perception::detect::descriptor::Descriptor;
use toml::de::DeTable;

use super::Config;
use super::diagnose::Complaint;
use super::layers::read_bounded;
use super::tree::{Node, Place, Source, Value};
use crate::limits;
use crate::site_map::{MapError, SiteMap};

/// Reads what a configuration names, and collects complaints.
pub struct Files<'a> {
    folder: &'a Path,
    tree: &'a Node,
    sources: &'a [Source],
    /// What is wrong.
    pub complaints: Vec<Complaint>,
}

impl<'a> Files<'a> {
    /// Files named by the configuration in `folder`.
    #[must_use]
    pub fn new(folder: &'a Path, tree: &'a Node, sources: &'a [Source]) -> Self {
        Self { folder, tree, sources, complaints: Vec::new() }
    }

    /// The text of a file that the value at `key` names.
    fn text(&mut self, code: &'static str, key: &[&str], file: &Path, most: u64) -> Option<(String, String)> {
        let path = self.folder.join(file);
        let read = read_bounded(&path, most)
            .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "this file is not text (UTF-8)".to_owned()));
        match read {
            Ok(text) => Some((path.display().to_string(), text)),
            Err(problem) => {
                self.absent(code, key, file, &problem);
                None
            }
        }
    }

    fn absent(&mut self, code: &'static str, key: &[&str], file: &Path, problem: &str) {
        let path = self.folder.join(file);
        let help = if file.is_absolute() {
            "correct the path, or bring the file".into()
        } else {
            format!("paths start at the folder of the configuration file; looked for `{}`", path.display())
        };
        let title = format!("`{}`: {problem}", file.display());
        let complaint = Complaint::at(code, title, self.sources, self.tree.place(key));
        self.complaints.push(complaint.label("named here").help(help));
    }

    /// The site map.
    pub fn map(&mut self, config: &Config) -> Option<SiteMap> {
        let file = config.site.map.as_ref()?;
        let (name, text) = self.text("map::file", &["site", "map"], file, limits::SITE_MAP_BYTES as u64)?;
        match SiteMap::parse(&text) {
            Ok(map) => Some(map),
            Err(error) => {
                self.complaints.push(of_map(&error, &name, &text));
                None
            }
        }
    }

    /// All sensors that have a good calibration, in their places.
    pub fn rig(&mut self, config: &Config) -> Rig {
        let origin = config.site.origin;
        let ground = config.site.ground;
        let frame = EnuFrame::new(Wgs84 { lat_deg: origin.lat_deg, lon_deg: origin.lon_deg, alt_m: origin.alt_m });
        let ground =
            Ground { height_m: ground.height_m, slope_east: ground.slope_east, slope_north: ground.slope_north };
        let mut rig = Rig::new(frame, ground);
        let cameras = config.camera.iter().enumerate().map(|(n, c)| ("camera", n, &c.id, &c.calibration));
        let lidars = config.lidar.iter().enumerate().map(|(n, l)| ("lidar", n, &l.id, &l.calibration));
        for (table, n, id, file) in cameras.chain(lidars) {
            let (Some(file), number) = (file, n.to_string()) else { continue };
            let key = [table, &number, "calibration"];
            let Some((name, text)) = self.text("calibration::file", &key, file, calibration::file::MAX_BYTES) else {
                continue;
            };
            let added = CalibrationFile::parse(&text).and_then(|file| {
                rig.add(&id.0, &file)?;
                Ok(file.camera.is_some())
            });
            match added {
                Ok(lens) => self.lens_fits(table, &key, &id.0, lens),
                Err(error) => self.complaints.push(of_calibration(&error, &name, &text)),
            }
        }
        rig
    }

    fn lens_fits(&mut self, table: &str, key: &[&str], id: &str, lens: bool) {
        let (title, help) = match (table, lens) {
            ("camera", false) => (
                format!("the calibration of the camera `{id}` has no lens"),
                "add a table `[camera]` to the calibration file: width, height, fx, fy, cx, cy",
            ),
            ("lidar", true) => (
                format!("the calibration of the lidar `{id}` has a lens"),
                "this is a camera's calibration; name the lidar's, without a table `[camera]`",
            ),
            _ => return,
        };
        let complaint = Complaint::at("calibration::lens", title, self.sources, self.tree.place(key));
        self.complaints.push(complaint.label("named here").help(help));
    }

    /// Everything that is opened later: recordings, models, angles, secrets. It must be there now.
    pub fn others(&mut self, config: &Config) {
        for (n, camera) in config.camera.iter().enumerate() {
            let number = n.to_string();
            if is_path(&camera.url) {
                self.there("sensor::file", &["camera", &number, "url"], Path::new(&camera.url));
            }
            self.secret(&["camera", &number, "secret"], camera.secret.as_deref());
        }
        for (n, lidar) in config.lidar.iter().enumerate() {
            let number = n.to_string();
            if let Some(url) = lidar.url.as_deref().filter(|url| is_path(url)) {
                self.there("sensor::file", &["lidar", &number, "url"], Path::new(url));
            }
            if let Some(angles) = &lidar.angles {
                self.there("sensor::file", &["lidar", &number, "angles"], angles);
            }
        }
        for (name, detector) in &config.detector {
            if let Some(model) = &detector.model {
                self.model(&["detector", name, "model"], model);
            }
        }
        self.secret(&["web", "token"], config.web.token.as_deref());
    }

    fn there(&mut self, code: &'static str, key: &[&str], file: &Path) -> bool {
        let there = self.folder.join(file).exists();
        if !there {
            self.absent(code, key, file, "this file does not exist");
        }
        there
    }

    /// A model descriptor, and the network that it names.
    fn model(&mut self, key: &[&str], file: &Path) {
        if !self.there("model::file", key, file) {
            return;
        }
        let path = self.folder.join(file);
        let found = Descriptor::read(&path).and_then(|descriptor| descriptor.model_file());
        match found {
            Ok(_) => {}
            Err(DetectError::Descriptor { why, .. }) => self.complaints.push(of_descriptor(&path, &why)),
            Err(DetectError::NoModel { model, .. }) => {
                let title = format!("the network `{}` of this descriptor was not found", model.display());
                let complaint = Complaint::at("model::network", title, self.sources, self.tree.place(key));
                let help = "put it beside the descriptor, or set RSU_MODELS to the folder where it lies";
                self.complaints.push(complaint.label("names the network").help(help));
            }
            Err(error) => {
                let complaint = Complaint::at("model::file", error.to_string(), self.sources, self.tree.place(key));
                self.complaints.push(complaint.label("named here").help("correct the descriptor"));
            }
        }
    }

    fn secret(&mut self, key: &[&str], reference: Option<&str>) {
        let Some(reference) = reference else { return };
        if let Some(file) = reference.strip_prefix("file:") {
            let Some((_, text)) = self.text("secret::file", key, Path::new(file), 4096) else { return };
            if text.trim().is_empty() {
                self.absent("secret::file", key, Path::new(file), "this file is empty");
            }
        }
    }
}

/// Whether a sensor's `url` is a file or folder.
fn is_path(url: &str) -> bool {
    !url.trim().is_empty() && !url.starts_with("sim:") && !url.contains(":/")
}

fn of_map(error: &MapError, name: &str, text: &str) -> Complaint {
    match error {
        MapError::Io { reason, .. } => Complaint::error("map::file", reason, name).help("correct the path"),
        MapError::Json { line, column, message } => {
            let start = offset(text, *line, *column);
            let title = format!("not a site map: {message}");
            let help = "docs/configuration.md tells every key of a site map";
            Complaint::error("map::syntax", title, name).mark(text, start, start + 1).label("here").help(help)
        }
        MapError::Element { element, problem, advice } => {
            let complaint = Complaint::error("map::element", format!("{element}: {problem}"), name).help(advice);
            // The element is named as a person would: link "north-in", lane 2. Its name stands in the file.
            let named =
                element.split('"').nth(1).and_then(|name| text.find(&format!("\"{name}\"")).map(|at| (at, name)));
            match named {
                Some((at, name)) => complaint.mark(text, at, at + name.len() + 2).label("this one"),
                None => complaint,
            }
        }
    }
}

fn of_calibration(error: &CalibrationError, name: &str, text: &str) -> Complaint {
    let complaint = Complaint::error("calibration::value", &error.what, name).help(&error.help);
    let keyed = error.key.and_then(|key| find_key(text, key));
    match (keyed, error.line, error.column) {
        (Some(at), ..) => complaint.mark(text, at.start, at.end).label("here"),
        (None, Some(line), Some(column)) => {
            let start = offset(text, line, column);
            complaint.mark(text, start, start + 1).label("here")
        }
        _ => complaint,
    }
}

fn of_descriptor(path: &Path, why: &str) -> Complaint {
    let name = path.display().to_string();
    let help = "compare it with the descriptors that come with the unit, perception/models/*.toml";
    // Of a value that cannot be read it says `line 7: …`.
    let numbered = why.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
    let located = numbered.and_then(|(line, what)| Some((line.parse::<usize>().ok()?, what)));
    let text = read_bounded(path, limits::CONFIG_BYTES).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    match (located, text) {
        (Some((line, what)), Ok(text)) if line > 0 => {
            let start = offset(&text, line, 1);
            let end = start + text[start..].lines().next().unwrap_or_default().trim_end().len();
            Complaint::error("model::descriptor", what, name).mark(&text, start, end).label("this line").help(help)
        }
        _ => Complaint::error("model::descriptor", why, name).help(help),
    }
}

/// Where the value of `key` stands, in whichever table.
fn find_key(text: &str, key: &str) -> Option<Place> {
    fn search(node: &Node, key: &str) -> Option<Place> {
        let Value::Table(entries) = &node.value else { return None };
        entries.get(key).map(|node| node.at).or_else(|| entries.values().find_map(|node| search(node, key)))
    }
    search(&Node::from_document(0, &DeTable::parse(text).ok()?), key)
}

/// The byte at a line and column (both from 1).
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text[start..].lines().next().unwrap_or_default();
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(i, _)| i)
}

/// The configuration with paths that lead from the working directory.
#[must_use]
pub fn rooted(mut config: Config, folder: &Path) -> Config {
    let join = |path: &mut Option<PathBuf>| {
        if let Some(path) = path {
            *path = folder.join(&*path);
        }
    };
    let join_url = |url: &mut String| {
        if is_path(url) {
            *url = folder.join(&*url).to_string_lossy().into_owned();
        }
    };
    let join_secret = |secret: &mut Option<String>| {
        if let Some(file) = secret.as_deref().and_then(|s| s.strip_prefix("file:")) {
            *secret = Some(format!("file:{}", folder.join(file).display()));
        }
    };
    join(&mut config.site.map);
    for camera in &mut config.camera {
        join_url(&mut camera.url);
        join(&mut camera.calibration);
        join_secret(&mut camera.secret);
    }
    for lidar in &mut config.lidar {
        lidar.url.iter_mut().for_each(join_url);
        join(&mut lidar.calibration);
        join(&mut lidar.angles);
    }
    for detector in config.detector.values_mut() {
        join(&mut detector.model);
    }
    config.record.dir = folder.join(&config.record.dir);
    join_secret(&mut config.web.token);
    config
}
