//! Shards into one: the rows of several tables of results, in the order of their numbers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::output::parquet::{Column, ParquetError, Table};

/// Shards that cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A file cannot be read.
    #[error("{path}: {why}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        why: ParquetError,
    },
    /// Two plans.
    #[error("{path} is of another plan than {first}; merge shards of one plan", path = path.display(), first = first.display())]
    OtherPlan {
        /// The file.
        path: PathBuf,
        /// The first file.
        first: PathBuf,
    },
    /// No `run` column.
    #[error("{path} is no table of results: it has no column `run`; give the results.parquet of a sweep", path = path.display())]
    NoRuns {
        /// The file.
        path: PathBuf,
    },
    /// One run with two results.
    #[error("run {run} is in two shards with different results ({path}); the shards were made by different programs", path = path.display())]
    Differs {
        /// The run.
        run: i64,
        /// The second file.
        path: PathBuf,
    },
    /// Nothing to merge.
    #[error("there is no shard to merge")]
    Nothing,
}

/// A merged table.
#[derive(Debug)]
pub struct Merged {
    /// All rows.
    pub table: Table,
    /// Runs of the plan that no shard holds.
    pub missing: u64,
}

/// The table of results that somebody means: a file, or the folder of a sweep.
#[must_use]
pub fn results(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("results.parquet") } else { path.to_owned() }
}

/// Merges shards.
///
/// # Errors
/// When one cannot be read, or they do not belong together.
pub fn merge(paths: &[PathBuf]) -> Result<Merged, MergeError> {
    let mut tables = Vec::new();
    for path in paths {
        let path = results(path);
        let table = Table::read(&path).map_err(|why| MergeError::Read { path: path.clone(), why })?;
        tables.push((path, table));
    }
    let (first, notes) = match tables.first() {
        Some((path, table)) => (path.clone(), table.notes.clone()),
        None => return Err(MergeError::Nothing),
    };
    let mut names: Vec<String> = Vec::new();
    let mut rows: BTreeMap<i64, (usize, usize)> = BTreeMap::new();
    for (number, (path, table)) in tables.iter().enumerate() {
        if table.notes.get("plan_fnv1a") != notes.get("plan_fnv1a") {
            return Err(MergeError::OtherPlan { path: path.clone(), first });
        }
        // A shard lacks a column when none of its runs had it; the order is that of the fullest.
        let mine: Vec<_> = table.columns.iter().map(|(name, _)| name.clone()).collect();
        if mine.len() > names.len() {
            names = mine;
        }
        let Some(Column::Int(runs)) = table.column("run") else {
            return Err(MergeError::NoRuns { path: path.clone() });
        };
        for (at, &run) in runs.iter().enumerate() {
            if let Some(&(other, there)) = rows.get(&run) {
                if !same(&tables[other].1, there, table, at) {
                    return Err(MergeError::Differs { run, path: path.clone() });
                }
            } else {
                rows.insert(run, (number, at));
            }
        }
    }
    let kind = |name: &str| tables.iter().find_map(|(_, t)| t.column(name));
    let columns = names.iter().filter_map(|name| {
        let cells = rows.values().map(|&(table, at)| (tables[table].1.column(name), at));
        Some((name.clone(), gather(kind(name)?, cells)))
    });
    let mut table = Table::new(columns.collect()).map_err(|why| MergeError::Read { path: first, why })?;
    let total: u64 = notes.get("runs").and_then(|n| n.parse().ok()).unwrap_or(rows.len() as u64);
    table.notes = notes;
    Ok(Merged { missing: total.saturating_sub(rows.len() as u64), table })
}

fn gather<'a>(kind: &Column, cells: impl Iterator<Item = (Option<&'a Column>, usize)>) -> Column {
    match kind {
        Column::Bool(_) => Column::Bool(cells.map(|(c, i)| matches!(c, Some(Column::Bool(v)) if v[i])).collect()),
        Column::Int(_) => {
            Column::Int(cells.map(|(c, i)| if let Some(Column::Int(v)) = c { v[i] } else { 0 }).collect())
        }
        Column::Float(_) => {
            Column::Float(cells.map(|(c, i)| if let Some(Column::Float(v)) = c { v[i] } else { None }).collect())
        }
        Column::Text(_) => Column::Text(
            cells.map(|(c, i)| if let Some(Column::Text(v)) = c { v[i].clone() } else { String::new() }).collect(),
        ),
    }
}

fn same(a: &Table, i: usize, b: &Table, j: usize) -> bool {
    a.columns.iter().all(|(name, mine)| match (mine, b.column(name)) {
        (Column::Bool(x), Some(Column::Bool(y))) => x[i] == y[j],
        (Column::Int(x), Some(Column::Int(y))) => x[i] == y[j],
        (Column::Float(x), Some(Column::Float(y))) => x[i] == y[j],
        (Column::Text(x), Some(Column::Text(y))) => x[i] == y[j],
        (Column::Float(x), None) => x[i].is_none(),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(folder: &Path, name: &str, plan: &str, rows: &[(i64, f64)]) -> PathBuf {
        let runs = Column::Int(rows.iter().map(|(r, _)| *r).collect());
        let leads = Column::Float(rows.iter().map(|(_, v)| Some(*v)).collect());
        let mut table = Table::new(vec![("run".into(), runs), ("lead_s".into(), leads)]).unwrap();
        table.notes = [("plan_fnv1a", plan), ("runs", "5")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let path = folder.join(name);
        std::fs::write(&path, table.to_bytes().unwrap()).unwrap();
        path
    }

    #[test]
    fn rows_come_in_the_order_of_their_numbers_and_gaps_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let a = shard(folder.path(), "a", "p", &[(0, 1.0), (4, 5.0)]);
        let b = shard(folder.path(), "b", "p", &[(1, 2.0), (3, 4.0), (4, 5.0)]);
        let merged = merge(&[b, a]).unwrap();
        assert_eq!(merged.table.column("run"), Some(&Column::Int(vec![0, 1, 3, 4])));
        assert_eq!(merged.missing, 1);
    }

    #[test]
    fn shards_that_do_not_belong_together_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let a = shard(folder.path(), "a", "p", &[(0, 1.0)]);
        let other = shard(folder.path(), "b", "q", &[(1, 1.0)]);
        let differs = shard(folder.path(), "c", "p", &[(0, 1.5)]);
        assert!(matches!(merge(&[a.clone(), other]), Err(MergeError::OtherPlan { .. })));
        assert!(matches!(merge(&[a.clone(), differs]), Err(MergeError::Differs { run: 0, .. })));
        assert!(matches!(merge(&[a, folder.path().join("none")]), Err(MergeError::Read { .. })));
        assert!(matches!(merge(&[]), Err(MergeError::Nothing)));
    }
}
