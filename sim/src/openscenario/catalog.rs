//! Catalogs: files of vehicles, manoeuvres, routes and more, found by folder, referred to by name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::complaint::Complaint;
use super::entity::Object;
use super::reader::Reader;
use super::xml::{self, Element};
use super::{limits, standard};

/// Folders of catalogs and the catalogs in them.
#[derive(Default)]
pub struct Catalogs {
    folders: Vec<PathBuf>,
    read: Vec<(String, String, Arc<Element>)>,
    files: std::collections::BTreeSet<PathBuf>,
    taken: usize,
    inside: Vec<(String, String)>,
}

impl Reader {
    /// Learns where catalogs are.
    pub fn locate_catalogs(&mut self, root: &Element) {
        let Some(locations) = root.child("CatalogLocations") else { return };
        for location in &locations.children {
            let Some(directory) = location.child("Directory") else {
                self.complain(location, "has no Directory", "add Directory with the path of its catalogs");
                continue;
            };
            let path = self.text(directory, "path");
            let folder = self.folder.join(path.replace('\\', "/"));
            // Files often name folders of catalogs that they do not use: a missing one matters when it is referred to.
            if !folder.is_dir() {
                self.note(directory, format!("there is no folder {}", folder.display()), "needed only if referred to");
            } else if !self.catalogs.folders.contains(&folder) {
                self.catalogs.folders.push(folder);
            }
        }
    }

    /// Reads the entry that a `CatalogReference` names, with its parameters assigned; it must be one of `kinds`.
    pub fn refer<T>(
        &mut self,
        reference: &Element,
        kinds: &[&str],
        read: impl FnOnce(&mut Self, &Element) -> T,
    ) -> Option<T> {
        let (catalog, entry) = (self.text(reference, "catalogName"), self.text(reference, "entryName"));
        let key = (catalog.clone(), entry.clone());
        self.catalogs.taken += 1;
        if self.catalogs.inside.contains(&key) || self.catalogs.taken > limits::CATALOG_READS {
            let what = format!("catalog entry {catalog}/{entry} leads back to itself or is one of too many");
            self.complain(reference, what, "let no entry refer to one that refers to it");
            return None;
        }
        let root = match self.catalog(reference, &catalog) {
            Ok(root) => root,
            Err(complaint) => {
                self.keep(complaint);
                return None;
            }
        };
        let found =
            root.child("Catalog").and_then(|c| c.children.iter().find(|e| e.raw("name") == Some(entry.as_str())));
        let Some(found) = found else {
            let what = format!("catalog {catalog} in {} has no entry {entry:?}", root.file);
            self.complain(reference, what, "name an entry of it");
            return None;
        };
        if !kinds.contains(&found.name.as_str()) {
            let what = format!("catalog entry {entry} is a {}, not a {}", found.name, kinds.join(" or "));
            self.complain(reference, what, "refer to an entry of the right kind");
            return None;
        }
        let mut wrong = Vec::new();
        standard::check(found, &found.name, &mut wrong);
        wrong.into_iter().for_each(|c| self.keep(c));
        let mut assigned = BTreeMap::new();
        for assignment in reference.child("ParameterAssignments").iter().flat_map(|a| a.all("ParameterAssignment")) {
            let name = self.reference(assignment, "parameterRef");
            assigned.insert(name, self.text(assignment, "value"));
        }
        self.catalogs.inside.push(key);
        let value = self.apart(assigned, |reader| reader.within(found, |reader| read(reader, found)));
        self.catalogs.inside.pop();
        Some(value)
    }

    /// All vehicles of all catalogs that drive of themselves; those that cannot be read are left out.
    pub fn catalog_vehicles(&mut self, e: &Element) -> Vec<Object> {
        if let Err(complaint) = self.read_catalogs(e, "") {
            self.keep(complaint);
        }
        let entries: Vec<_> = self
            .catalogs
            .read
            .iter()
            .filter_map(|(.., root)| root.child("Catalog"))
            .flat_map(|catalog| catalog.all("Vehicle").cloned())
            .take(limits::ENTITIES)
            .collect();
        let mut found = Vec::new();
        for entry in entries {
            let (complaints, notes, deviations) = (self.complaints.len(), self.notes.len(), self.deviations.len());
            let object = self.apart(BTreeMap::new(), |r| r.within(&entry, |r| r.read_object(&entry, &mut None)));
            if self.complaints.len() == complaints && super::fleet::drives(&object) {
                found.push(object);
            }
            self.complaints.truncate(complaints);
            self.notes.truncate(notes);
            self.deviations.truncate(deviations);
        }
        found
    }

    /// The catalog of this name: the file that is called so, else the file whose `Catalog` is.
    fn catalog(&mut self, reference: &Element, name: &str) -> Result<Arc<Element>, Complaint> {
        self.read_catalogs(reference, name)?;
        let read = &self.catalogs.read;
        let found =
            read.iter().find(|(stem, ..)| stem == name).or_else(|| read.iter().find(|(_, title, _)| title == name));
        if let Some((.., root)) = found {
            return Ok(root.clone());
        }
        let folders: Vec<_> = self.catalogs.folders.iter().map(|f| f.display().to_string()).collect();
        let folders = if folders.is_empty() { "CatalogLocations".into() } else { folders.join(", ") };
        let what = format!("no catalog is called {name:?} in {folders}");
        Err(reference.complain(what, "add the catalog, or its folder to CatalogLocations"))
    }

    /// Reads all catalogs that have not been read yet; only what is wrong with the one of this name is told.
    fn read_catalogs(&mut self, reference: &Element, name: &str) -> Result<(), Complaint> {
        for path in self.catalog_files(reference)? {
            let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            // A file that is no catalog, or broken but not referred to, is none of our business.
            let root = xml::read(&path);
            if let (Err(complaint), true) = (&root, stem == name) {
                self.keep(complaint.clone());
            }
            self.catalogs.files.insert(path);
            if let Ok(root) = root {
                let title = root.child("Catalog").and_then(|c| c.raw("name")).unwrap_or_default().to_owned();
                self.catalogs.read.push((stem, title, Arc::new(root)));
            }
        }
        Ok(())
    }

    /// Catalog files not read yet, in the order of folders and names.
    fn catalog_files(&self, reference: &Element) -> Result<Vec<PathBuf>, Complaint> {
        let mut files = Vec::new();
        for folder in &self.catalogs.folders {
            let mut here: Vec<_> = std::fs::read_dir(folder)
                .map_err(|e| {
                    reference.complain(format!("{} cannot be read: {e}", folder.display()), "check the folder")
                })?
                .flatten()
                .map(|entry| entry.path())
                .filter(|p| p.extension().is_some_and(|e| e == "xosc"))
                .collect();
            here.sort();
            files.append(&mut here);
        }
        let known = |path: &Path| self.catalogs.files.contains(path);
        files.retain(|p| !known(p));
        let read = self.catalogs.files.len();
        if files.len() + read > limits::FILES {
            let what = format!("the catalog folders hold more than {} files", limits::FILES);
            return Err(reference.complain(what, "name folders with fewer catalogs"));
        }
        Ok(files)
    }
}
