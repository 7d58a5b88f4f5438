//! Two tables of results side by side: which runs changed their verdict, and which figures moved beyond the tolerance.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::output::parquet::{Column, Table};

/// Changes listed one by one; the rest is counted.
pub const LISTED: usize = 100;

/// How much figures may differ.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Tolerance {
    /// By so much, in the unit of the figure …
    pub absolute: f64,
    /// … or by this share of the larger.
    pub relative: f64,
}

impl Tolerance {
    /// Nothing may differ.
    pub const NONE: Self = Self { absolute: 0.0, relative: 0.0 };

    pub(super) fn allows(self, a: f64, b: f64) -> bool {
        let off = (a - b).abs();
        off <= self.absolute || off <= self.relative * a.abs().max(b.abs())
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The run; none: of the table as a whole.
    pub run: Option<i64>,
    /// The column.
    pub column: String,
    /// Value in the first table.
    pub before: String,
    /// Value in the second table.
    pub after: String,
}

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// Runs in both.
    pub runs: usize,
    /// Runs that held and hold no more.
    pub broken: Vec<i64>,
    /// Runs that hold now and did not.
    pub mended: Vec<i64>,
    /// Differences, the first of them.
    pub changes: Vec<Change>,
    /// Differences in all.
    pub total: usize,
    /// For each figure: mean before and after, and how many runs moved beyond the tolerance.
    pub figures: BTreeMap<String, Moved>,
}

/// How one figure moved.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Moved {
    /// Mean in the first table.
    pub before: f64,
    /// Mean in the second table.
    pub after: f64,
    /// Runs beyond the tolerance.
    pub runs: usize,
}

impl Comparison {
    /// Nothing moved beyond the tolerance.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.total == 0
    }

    fn note(&mut self, run: Option<i64>, column: &str, before: String, after: String) {
        self.total += 1;
        if self.changes.len() < LISTED {
            self.changes.push(Change { run, column: column.to_owned(), before, after });
        }
    }
}

/// Compares two tables, run by run.
#[must_use]
pub fn compare(before: &Table, after: &Table, tolerance: Tolerance) -> Comparison {
    let mut found = Comparison::default();
    let rows = |table: &Table| -> BTreeMap<i64, usize> {
        match table.column("run") {
            Some(Column::Int(runs)) => runs.iter().enumerate().map(|(i, run)| (*run, i)).collect(),
            _ => BTreeMap::new(),
        }
    };
    let (mine, theirs) = (rows(before), rows(after));
    for run in mine.keys().filter(|r| !theirs.contains_key(r)) {
        found.note(Some(*run), "run", "there".into(), "missing".into());
    }
    for run in theirs.keys().filter(|r| !mine.contains_key(r)) {
        found.note(Some(*run), "run", "missing".into(), "there".into());
    }
    let both: Vec<_> = mine.iter().filter_map(|(run, i)| Some((*run, *i, *theirs.get(run)?))).collect();
    found.runs = both.len();
    for (name, column) in &before.columns {
        match after.column(name) {
            None => found.note(None, name, "a column".into(), "missing".into()),
            Some(other) => compare_column(&mut found, name, column, other, &both, tolerance),
        }
    }
    for (name, _) in after.columns.iter().filter(|(name, _)| before.column(name).is_none()) {
        found.note(None, name, "missing".into(), "a column".into());
    }
    found
}

fn compare_column(
    found: &mut Comparison,
    name: &str,
    before: &Column,
    after: &Column,
    both: &[(i64, usize, usize)],
    tolerance: Tolerance,
) {
    let mut moved = Moved::default();
    let mut counts = (0_usize, 0_usize);
    for &(run, i, j) in both {
        let text = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{v}"));
        let pair = match (before, after) {
            (Column::Float(a), Column::Float(b)) => {
                a[i].iter().for_each(|v| (moved.before, counts.0) = (moved.before + v, counts.0 + 1));
                b[j].iter().for_each(|v| (moved.after, counts.1) = (moved.after + v, counts.1 + 1));
                let same = match (a[i], b[j]) {
                    (Some(x), Some(y)) => tolerance.allows(x, y),
                    (x, y) => x == y,
                };
                (!same).then(|| (text(a[i]), text(b[j])))
            }
            (Column::Int(a), Column::Int(b)) => (a[i] != b[j]).then(|| (a[i].to_string(), b[j].to_string())),
            (Column::Bool(a), Column::Bool(b)) => {
                if name == "pass" && a[i] != b[j] {
                    if a[i] { found.broken.push(run) } else { found.mended.push(run) }
                }
                (a[i] != b[j]).then(|| (a[i].to_string(), b[j].to_string()))
            }
            // Other bytes on air are no change by themselves: within a tolerance they may well differ.
            (Column::Text(_), Column::Text(_)) if name == "messages_fnv1a" && tolerance.relative > 0.0 => None,
            (Column::Text(a), Column::Text(b)) => (a[i] != b[j]).then(|| (a[i].clone(), b[j].clone())),
            _ => Some(("one type".into(), "another type".into())),
        };
        if let Some((a, b)) = pair {
            moved.runs += 1;
            found.note(Some(run), name, a, b);
        }
    }
    if matches!(before, Column::Float(_)) && moved.runs > 0 {
        moved.before /= counts.0.max(1) as f64;
        moved.after /= counts.1.max(1) as f64;
        found.figures.insert(name.to_owned(), moved);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(pass: [bool; 3], lead: [Option<f64>; 3]) -> Table {
        Table::new(vec![
            ("run".into(), Column::Int(vec![0, 1, 2])),
            ("pass".into(), Column::Bool(pass.to_vec())),
            ("lead_s".into(), Column::Float(lead.to_vec())),
        ])
        .unwrap()
    }

    const NONE: Tolerance = Tolerance::NONE;

    #[test]
    fn verdicts_that_change_and_figures_that_move_are_told() {
        let before = table([true, true, false], [Some(1.0), Some(2.0), None]);
        assert!(compare(&before, &before, NONE).is_same());
        let after = table([true, false, true], [Some(1.01), Some(2.0), Some(3.0)]);
        let found = compare(&before, &after, NONE);
        assert_eq!((found.broken.as_slice(), found.mended.as_slice()), (&[1][..], &[2][..]));
        assert_eq!(found.total, 4, "{found:?}");
        let loose = compare(&before, &after, Tolerance { absolute: 0.0, relative: 0.02 });
        assert_eq!(loose.total, 3);
        assert_eq!(loose.figures["lead_s"].runs, 1, "a figure that was missing is a change in any case");
        assert!((loose.figures["lead_s"].before - 1.5).abs() < 1e-9);
    }

    #[test]
    fn missing_runs_and_columns_are_told() {
        let before = table([true; 3], [None; 3]);
        let mut after = before.clone();
        after.columns.pop();
        after.columns[0].1 = Column::Int(vec![0, 1, 9]);
        let found = compare(&before, &after, NONE);
        let words: Vec<_> = found.changes.iter().map(|c| (c.run, c.column.as_str())).collect();
        assert_eq!(words, [(Some(2), "run"), (Some(9), "run"), (None, "lead_s")]);
        assert_eq!(found.runs, 2);
    }
}
