//! What is wrong with a file, said so that its author can mend it: file, line, element, what, remedy.

use serde::Serialize;

/// One thing in a file that the engine does not take.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, thiserror::Error)]
#[error("{file}:{line}: {element}: {what}; {remedy}")]
pub struct Complaint {
    /// File as it was asked for.
    pub file: String,
    /// Line, from 1; 0 when the file could not be read.
    pub line: u32,
    /// Element of the standard.
    pub element: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl Complaint {
    /// A complaint about a whole file.
    pub(crate) fn file(file: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { file: file.into(), line: 0, element: "file".into(), what: what.into(), remedy: remedy.into() }
    }
}
