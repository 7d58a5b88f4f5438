//! Where a sweep keeps its rows: a file that only grows, one row a line. A run that was under way when the machine died
//! leaves half a line at most; it is cut off, and the run is made again.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use super::row::{self, Row};
use super::{Shard, report};
use crate::output::parquet::{ParquetError, Table};

/// Rows are forced to the disk each so many: a dead machine costs no more than these.
const SYNC: usize = 64;

/// A store that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Not readable or writable.
    #[error("{path}: {why}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// There are rows already.
    #[error("{path} holds rows of a sweep already; go on with --resume, or give another --out", path = path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// They are of another plan.
    #[error("{path} holds rows of another plan or shard; give the plan it was made with, or another --out", path = path.display())]
    OtherPlan {
        /// The folder.
        path: PathBuf,
    },
    /// A line in the middle is damaged.
    #[error("{path}:{line}: this is no row; the file was changed by something else", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// The table cannot be made.
    #[error(transparent)]
    Table(#[from] ParquetError),
}

/// Whose rows these are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    schema: String,
    plan_fnv1a: String,
    shard: [u64; 2],
    total: u64,
}

/// The rows of a sweep in a folder.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    file: File,
    head: Head,
    plan: String,
    plan_file: String,
    /// Rows by their number.
    pub rows: BTreeMap<u64, Row>,
    unsynced: usize,
}

impl Store {
    /// Opens the store of a plan's shard in `folder`; with `resume` it goes on where it ended.
    ///
    /// # Errors
    /// When there are rows and nobody asked to go on, or they are of another plan.
    pub fn open(folder: &Path, plan: &Plan, shard: Shard, resume: bool) -> Result<Self, StoreError> {
        let path = folder.join("rows.jsonl");
        let io = |why: io::Error| StoreError::Io { path: path.clone(), why };
        let head = Head {
            schema: "rsu-sim.sweep/1".into(),
            plan_fnv1a: plan.fingerprint(),
            shard: [shard.number, shard.of],
            total: plan.total,
        };
        std::fs::create_dir_all(folder).map_err(io)?;
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(&path).map_err(io)?;
        let text = std::fs::read_to_string(&path).map_err(io)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = text[..whole].lines();
        let mut rows = BTreeMap::new();
        match lines.next() {
            None => {
                // Nothing, or half a first line.
                file.set_len(0).map_err(io)?;
                let line = serde_json::to_string(&head).map_err(|e| io(e.into()))?;
                file.write_all(format!("{line}\n").as_bytes()).map_err(io)?;
                file.sync_data().map_err(io)?;
            }
            Some(first) => {
                if serde_json::from_str::<Head>(first).ok().as_ref() != Some(&head) {
                    return Err(StoreError::OtherPlan { path: folder.to_owned() });
                }
                if !resume {
                    return Err(StoreError::NotEmpty { path: folder.to_owned() });
                }
                for (i, line) in lines.enumerate() {
                    let row: Row = serde_json::from_str(line)
                        .map_err(|_| StoreError::Damaged { path: path.clone(), line: i + 2 })?;
                    rows.insert(row.run, row);
                }
                file.set_len(whole as u64).map_err(io)?;
                file.seek(SeekFrom::End(0)).map_err(io)?;
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            file,
            head,
            plan: plan.text[0].clone(),
            plan_file: plan.file_name(),
            rows,
            unsynced: 0,
        })
    }

    /// Runs of this shard that have no row yet.
    #[must_use]
    pub fn todo(&self) -> Vec<u64> {
        let shard = Shard { number: self.head.shard[0], of: self.head.shard[1] };
        (0..self.head.total).filter(|run| shard.holds(*run) && !self.rows.contains_key(run)).collect()
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn add(&mut self, row: Row) -> Result<(), StoreError> {
        let io = |why: io::Error| StoreError::Io { path: self.folder.join("rows.jsonl"), why };
        let line = serde_json::to_string(&row).map_err(|e| io(e.into()))?;
        // One write for the whole line: whoever dies leaves a whole line or half of the last one.
        self.file.write_all(format!("{line}\n").as_bytes()).map_err(io)?;
        self.unsynced += 1;
        if self.unsynced >= SYNC {
            self.file.sync_data().map_err(io)?;
            self.unsynced = 0;
        }
        // What a later session would read is what is kept: a number may lose its last bit on the way through JSON.
        let row: Row = serde_json::from_str(&line).map_err(|e| io(e.into()))?;
        self.rows.insert(row.run, row);
        Ok(())
    }

    /// Writes `results.parquet` and `report.html` beside the rows.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn finish(&self, plan: &Plan) -> Result<Table, StoreError> {
        let mut table = row::table(&self.rows)?;
        table.notes = notes(&self.head.plan_fnv1a, &self.plan, &self.plan_file, self.head.total);
        write(&self.folder.join("results.parquet"), &table.to_bytes().map_err(ParquetError::from)?)?;
        write(&self.folder.join("report.html"), report::page(&table, &plan.plots).as_bytes())?;
        Ok(table)
    }
}

/// What the footer of a table of results says.
fn notes(fingerprint: &str, plan: &str, file: &str, total: u64) -> BTreeMap<String, String> {
    let notes = [
        ("schema", "rsu-sim.sweep/1".to_owned()),
        ("plan_fnv1a", fingerprint.to_owned()),
        ("plan", plan.to_owned()),
        ("plan_file", file.to_owned()),
        ("runs", total.to_string()),
    ];
    notes.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
}

/// Replaces a file as a whole: nobody ever sees half of it.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let io = |why: io::Error| StoreError::Io { path: path.to_owned(), why };
    let half = path.with_extension("part");
    crate::output::create(&half).and_then(|mut f| f.write_all(bytes).and_then(|()| f.sync_all())).map_err(io)?;
    std::fs::rename(&half, path).map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::plan::tests::plan;

    const PLAN: &str = "scenario = \"pedestrian_occluded\"\nruns = 6\n";

    #[test]
    fn half_a_line_is_cut_off_and_the_run_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let plan = plan(folder.path(), PLAN).unwrap();
        let mut store = Store::open(&out, &plan, Shard::WHOLE, false).unwrap();
        for run in [3, 0] {
            store.add(Row::failed(run, &plan.point(run), "x".into())).unwrap();
        }
        let mut file = OpenOptions::new().append(true).open(out.join("rows.jsonl")).unwrap();
        file.write_all(b"{\"run\":4,\"se").unwrap();
        let mut store = Store::open(&out, &plan, Shard::WHOLE, true).unwrap();
        assert_eq!(store.todo(), [1, 2, 4, 5]);
        store.add(Row::failed(4, &plan.point(4), "y".into())).unwrap();
        let again = Store::open(&out, &plan, Shard::WHOLE, true).unwrap();
        assert_eq!((again.todo(), again.rows[&4].error.as_str()), (vec![1, 2, 5], "y"));
    }

    #[test]
    fn rows_are_not_overwritten_nor_mixed() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let first = plan(folder.path(), PLAN).unwrap();
        Store::open(&out, &first, Shard::WHOLE, false).unwrap();
        assert!(matches!(Store::open(&out, &first, Shard::WHOLE, false), Err(StoreError::NotEmpty { .. })));
        let half = Shard { number: 1, of: 2 };
        assert!(matches!(Store::open(&out, &first, half, true), Err(StoreError::OtherPlan { .. })));
        let other = plan(folder.path(), "scenario = \"pedestrian_occluded\"\nruns = 7\n").unwrap();
        assert!(matches!(Store::open(&out, &other, Shard::WHOLE, true), Err(StoreError::OtherPlan { .. })));
        let mut file = OpenOptions::new().append(true).open(out.join("rows.jsonl")).unwrap();
        file.write_all(b"garbage\n").unwrap();
        assert!(matches!(Store::open(&out, &first, Shard::WHOLE, true), Err(StoreError::Damaged { line: 2, .. })));
    }
}
