//! XML elements with complaints that name file, line, element and remedy.

use std::collections::BTreeMap;
use std::path::Path;

use nalgebra::Point2;
use roxmltree::Node;

use crate::microsim::shape::Shape;

/// Largest file that is read whole, bytes.
pub const FILE_BYTES: u64 = 1 << 30;
/// Numbers are smaller than this; larger ones are mistakes.
const MOST: f64 = 1e9;

/// A file of SUMO that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: <{element}>: {problem}; {remedy}")]
pub struct SumoError {
    /// File.
    pub file: String,
    /// Line, from 1; 0: the whole file.
    pub line: u32,
    /// Element.
    pub element: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// What was read but not understood, with how often and in which line first.
pub type Notes = BTreeMap<String, (usize, u32)>;

/// Notes something that is left out.
pub fn note(notes: &mut Notes, node: Node<'_, '_>, what: impl Into<String>) {
    notes.entry(what.into()).or_insert((0, line(node))).0 += 1;
}

/// Line of an element, from 1.
#[must_use]
pub fn line(node: Node<'_, '_>) -> u32 {
    node.document().text_pos_at(node.range().start).row
}

/// The text of a file that is not too large.
///
/// # Errors
/// When it cannot be read.
pub fn text(path: &Path) -> Result<String, SumoError> {
    let whole = |problem: String, remedy: &str| SumoError {
        file: path.display().to_string(),
        line: 0,
        element: "file".into(),
        problem,
        remedy: remedy.into(),
    };
    let size = std::fs::metadata(path).map_err(|e| whole(e.to_string(), "give a file that is there"))?.len();
    if size > FILE_BYTES {
        return Err(whole(format!("{size} bytes"), "cut it to less than 1 GiB (netconvert --keep-edges.in-boundary)"));
    }
    std::fs::read_to_string(path).map_err(|e| whole(e.to_string(), "give a readable XML file in UTF-8, unpacked"))
}

/// Elements of one file.
#[derive(Copy, Clone, Debug)]
pub struct Reader<'a> {
    /// Name for complaints.
    pub file: &'a str,
}

impl<'a> Reader<'a> {
    /// Parses a document whose root is `root`.
    ///
    /// # Errors
    /// When it is no such XML. Document types and entities are refused.
    pub fn parse<'t>(&self, text: &'t str, root: &str) -> Result<roxmltree::Document<'t>, SumoError> {
        let document = roxmltree::Document::parse(text).map_err(|e| SumoError {
            file: self.file.into(),
            line: e.pos().row,
            element: root.into(),
            problem: format!("no well-formed XML: {e}"),
            remedy: "write it anew with SUMO's tools".into(),
        })?;
        let element = document.root_element();
        if element.tag_name().name() != root {
            let found = element.tag_name().name();
            return Err(self.error(
                element,
                format!("the file begins with <{found}>"),
                format!("give one with <{root}>"),
            ));
        }
        Ok(document)
    }

    /// A complaint about an element.
    #[must_use]
    pub fn error(&self, node: Node<'_, '_>, problem: impl Into<String>, remedy: impl Into<String>) -> SumoError {
        SumoError {
            file: self.file.into(),
            line: line(node),
            element: node.tag_name().name().into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// An attribute that must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn need<'n>(&self, node: Node<'n, '_>, name: &str) -> Result<&'n str, SumoError> {
        node.attribute(name).ok_or_else(|| self.error(node, format!("no attribute `{name}`"), "add it"))
    }

    /// A number.
    ///
    /// # Errors
    /// When it is none, or not finite, or absurdly large.
    pub fn number(&self, node: Node<'_, '_>, name: &str) -> Result<Option<f64>, SumoError> {
        node.attribute(name).map(|text| self.as_number(node, name, text)).transpose()
    }

    /// A number that must be there.
    ///
    /// # Errors
    /// As [`Reader::number`].
    pub fn need_number(&self, node: Node<'_, '_>, name: &str) -> Result<f64, SumoError> {
        self.as_number(node, name, self.need(node, name)?)
    }

    /// A number that must not be negative.
    ///
    /// # Errors
    /// As [`Reader::number`].
    pub fn positive(&self, node: Node<'_, '_>, name: &str) -> Result<f64, SumoError> {
        let value = self.need_number(node, name)?;
        if value < 0.0 {
            return Err(self.error(node, format!("{name}=\"{value}\" is negative"), "give 0 or more"));
        }
        Ok(value)
    }

    /// Reads the number in `text`.
    ///
    /// # Errors
    /// As [`Reader::number`].
    pub fn as_number(&self, node: Node<'_, '_>, name: &str, text: &str) -> Result<f64, SumoError> {
        let value: Option<f64> = text.trim().parse().ok();
        value
            .filter(|v| v.is_finite() && v.abs() < MOST)
            .ok_or_else(|| self.error(node, format!("{name}=\"{text}\" is no number"), "give a finite number"))
    }

    /// A polyline `x,y[,z] x,y[,z] …`.
    ///
    /// # Errors
    /// When it has fewer than two different points or no numbers.
    pub fn shape(&self, node: Node<'_, '_>, name: &str) -> Result<Shape, SumoError> {
        let text = self.need(node, name)?;
        let mut points = Vec::new();
        for pair in text.split_whitespace() {
            let mut parts = pair.split(',');
            let (Some(x), Some(y)) = (parts.next(), parts.next()) else {
                return Err(self.error(node, format!("`{pair}` in {name} is no point"), "write x,y"));
            };
            points.push(Point2::new(self.as_number(node, name, x)?, self.as_number(node, name, y)?));
        }
        if points.is_empty() {
            return Err(self.error(node, format!("{name} has no point"), "give at least two"));
        }
        Ok(Shape::new(points))
    }
}
