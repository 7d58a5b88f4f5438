//! Why an OpenDRIVE file cannot be used.

use std::fmt;

/// What is wrong with an OpenDRIVE file, where, and what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenDriveError {
    /// Name of the file.
    pub file: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: u32,
    /// Element it is about, empty when the whole file is meant.
    pub element: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl std::error::Error for OpenDriveError {}

impl fmt::Display for OpenDriveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": ")?;
        if !self.element.is_empty() {
            write!(f, "element `{}`: ", self.element)?;
        }
        write!(f, "{}; {}", self.problem, self.remedy)
    }
}
