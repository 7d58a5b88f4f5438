//! Two results side by side: tables of sweeps, runs step by step, event lists, or verdicts. What they are is seen from the
//! files themselves.

pub mod events;
pub mod outcomes;
pub mod table;
pub mod tracks;

use std::path::{Path, PathBuf};

use crate::output::parquet::{ParquetError, Table};
pub use events::Events;
pub use outcomes::Outcomes;
pub use table::{Comparison, LISTED, Tolerance};
pub use tracks::Tracks;

/// Largest text file that is read, bytes.
const TEXT_BYTES: u64 = 1 << 30;

/// Something that can be compared.
#[derive(Clone, Debug)]
pub enum Result {
    /// Runs of a sweep.
    Sweep(Table),
    /// Where everybody was at every step.
    Tracks(Tracks),
    /// What happened.
    Events(Events),
    /// Verdicts and figures.
    Outcomes(Outcomes),
}

/// A file that cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum ResultError {
    /// Not readable.
    #[error("{path} cannot be read: {why}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Readable, but nothing that is known.
    #[error(
        "{path} {why}; give results.parquet or the folder of a sweep, --parquet, --trajectory or --events of a run, its --json \
         output, or the folder of its --report",
        path = path.display()
    )]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl Result {
    /// Reads a file or folder.
    ///
    /// # Errors
    /// When it cannot be read or is nothing that can be compared.
    pub fn read(path: &Path) -> std::result::Result<Self, ResultError> {
        let unknown = |why: &str| ResultError::Unknown { path: path.to_owned(), why: why.to_owned() };
        if path.is_dir() {
            let results = path.join("results.parquet");
            return if results.is_file() {
                Self::read(&results)
            } else {
                Outcomes::of_folder(path).map(Self::Outcomes)
            };
        }
        match path.extension().and_then(|e| e.to_str()) {
            Some("parquet") => {
                let table = Table::read(path).map_err(|e| match e {
                    ParquetError::Io(why) => ResultError::Read { path: path.to_owned(), why: why.to_string() },
                    broken => unknown(&format!("is refused: {broken}")),
                })?;
                match (table.column("run"), table.column("t_s")) {
                    (Some(_), _) => Ok(Self::Sweep(table)),
                    (None, Some(_)) => Tracks::of_table(&table).map(Self::Tracks).map_err(|why| unknown(&why)),
                    (None, None) => Err(unknown("has neither runs nor steps")),
                }
            }
            Some("csv") => {
                let text = text(path)?;
                if text.starts_with("t,kind,element,detail") {
                    Events::parse(&text).map(Self::Events).map_err(|why| unknown(&why))
                } else {
                    Tracks::parse(&text).map(Self::Tracks).map_err(|why| unknown(&why))
                }
            }
            Some("json") => Outcomes::parse(&text(path)?).map(Self::Outcomes).map_err(|why| unknown(&why)),
            _ => Err(unknown("is no .parquet, .csv, .json or folder")),
        }
    }

    /// What it is, in words.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match self {
            Result::Sweep(_) => "a sweep",
            Result::Tracks(_) => "steps of a run",
            Result::Events(_) => "events of a run",
            Result::Outcomes(_) => "verdicts of runs",
        }
    }
}

/// A text file of bounded size.
fn text(path: &Path) -> std::result::Result<String, ResultError> {
    let bad = |why: String| ResultError::Read { path: path.to_owned(), why };
    let size = std::fs::metadata(path).map_err(|e| bad(e.to_string()))?.len();
    if size > TEXT_BYTES {
        return Err(bad(format!("it has {size} bytes, more than {TEXT_BYTES}")));
    }
    std::fs::read_to_string(path).map_err(|e| bad(e.to_string()))
}

/// The fields of one line of CSV; a quoted field holds no line break.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let (mut quoted, mut chars) = (false, line.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                if let Some(field) = fields.last_mut() {
                    field.push('"');
                }
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => {
                if let Some(field) = fields.last_mut() {
                    field.push(c);
                }
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_may_hold_commas_and_quotes() {
        assert_eq!(fields("1,\"a, \"\"b\"\"\",,2"), ["1", "a, \"b\"", "", "2"]);
        assert_eq!(fields(""), [""]);
    }

    #[test]
    fn what_cannot_be_compared_is_refused_with_what_can() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in
            [("a.csv", "x,y\n1,2\n"), ("a.json", "{}"), ("a.txt", "x"), ("a.parquet", "PAR1"), ("e.csv", "")]
        {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let why = Result::read(&path).expect_err(name).to_string();
            assert!(why.contains(name) && why.contains("--trajectory"), "{why}");
        }
        assert!(Result::read(&folder.path().join("nowhere.csv")).unwrap_err().to_string().contains("cannot be read"));
        assert!(
            Result::read(&folder.path().join("nowhere.parquet")).unwrap_err().to_string().contains("cannot be read")
        );
    }
}
