//! `rsu check`: reads configurations and everything that they name, and says what is wrong.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use crate::cli::Global;
use crate::cmd;
use crate::config::load::Loaded;
use crate::config::{Complaint, Overrides, Severity, inspect};

/// Arguments of `rsu check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu check
  rsu check --deny-warnings units/x01.toml units/x02.toml

Exit code: 0 good, 3 warnings (1 with --deny-warnings), 78 invalid.")]
pub struct Args {
    /// Configuration files [default: that of --config]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Fail on warnings too
    #[arg(long)]
    pub deny_warnings: bool,
}

/// Checks each file.
///
/// # Errors
/// When stdout is closed.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    let files = if args.files.is_empty() { vec![global.config.clone()] } else { args.files };
    let over = Overrides::of_process(&global.set);
    let checked: Vec<(PathBuf, Loaded)> = files.into_iter().map(|f| (f.clone(), inspect(&f, &over))).collect();
    let errors = checked.iter().map(|(_, found)| found.errors()).sum();
    let warnings = checked.iter().map(|(_, found)| found.complaints.len() - found.errors()).sum();
    if global.json {
        cmd::print_json(&report(&checked, errors, warnings))?;
    } else {
        for (file, found) in &checked {
            print_text(file, found, global)?;
        }
        cmd::print(format!("{}, {}.", count(errors, "error"), count(warnings, "warning")))?;
    }
    Ok(ExitCode::from(match (errors, warnings) {
        (0, 0) => 0,
        (0, _) if args.deny_warnings => cmd::FAILED,
        (0, _) => cmd::LOSS,
        _ => cmd::CONFIG,
    }))
}

/// `rsu.check/1`.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    errors: usize,
    warnings: usize,
    files: Vec<FileReport<'a>>,
}

#[derive(Serialize)]
struct FileReport<'a> {
    file: String,
    valid: bool,
    parts: Vec<Row>,
    complaints: &'a [Complaint],
}

fn report(checked: &[(PathBuf, Loaded)], errors: usize, warnings: usize) -> Report<'_> {
    let file =
        |(file, found): &'_ (PathBuf, Loaded)| (file.display().to_string(), found.errors() == 0, rows(file, found));
    let files = checked
        .iter()
        .map(|one| {
            let (file, valid, parts) = file(one);
            FileReport { file, valid, parts, complaints: &one.1.complaints }
        })
        .collect();
    Report { schema: "rsu.check/1", errors, warnings, files }
}

fn print_text(file: &Path, found: &Loaded, global: &Global) -> std::io::Result<()> {
    for complaint in &found.complaints {
        cmd::print(format!("{}\n", complaint.render()))?;
    }
    let rows = if global.quiet { Vec::new() } else { rows(file, found) };
    for row in rows {
        let state = match row.state {
            "ok" => "\x1b[32mok  \x1b[0m",
            "warn" => "\x1b[33mwarn\x1b[0m",
            _ => "\x1b[31mFAIL\x1b[0m",
        };
        cmd::print(format!("  {state}  {:<28}  {}", row.part, row.detail))?;
    }
    Ok(())
}

/// One line of the table.
#[derive(Serialize)]
struct Row {
    state: &'static str,
    part: String,
    detail: String,
}

/// What was looked at: each file that was read, and what it holds.
fn rows(file: &Path, found: &Loaded) -> Vec<Row> {
    let mut rows: Vec<Row> = found
        .sources
        .iter()
        .map(|s| row(found, &s.name, if s.file { lines(&s.text) } else { s.text.clone() }))
        .collect();
    if found.sources.is_empty() {
        rows.push(row(found, &file.display().to_string(), String::new()));
    }
    if let Some(map) = &found.map {
        let groups = map.signal_groups().len();
        let lanes: usize = map.links.iter().map(|link| link.lanes.len()).sum();
        let (approaches, lanes) = (count(map.inbound().count(), "approach"), count(lanes, "lane"));
        let detail = format!("{approaches}, {lanes}, {}", count(groups, "signal group"));
        rows.push(Row { state: "ok", part: "map".into(), detail });
    }
    for (id, sensor) in found.rig.iter().flat_map(|rig| &rig.sensors) {
        let at = sensor.position();
        let sigma = |n: usize| sensor.covariance[(n, n)].max(0.0).sqrt();
        let (place, turn) = (sigma(0).max(sigma(1)).max(sigma(2)), sigma(3).max(sigma(4)).max(sigma(5)).to_degrees());
        let detail = format!("{:.1} m east, {:.1} m north, {:.1} m up, ± {place:.2} m, ± {turn:.2}°", at.x, at.y, at.z);
        rows.push(Row { state: "ok", part: format!("calibration {id}"), detail });
    }
    let named = |row: &Row| found.sources.iter().any(|s| s.name == row.part);
    let listed: Vec<String> = rows.iter().filter(|row| named(row)).map(|row| row.part.clone()).collect();
    let mut others: Vec<&str> = found.complaints.iter().map(|c| c.file.as_str()).collect();
    others.dedup();
    let fresh = |file: &&str| !found.sources.is_empty() && !listed.iter().any(|known| known == file);
    rows.extend(others.into_iter().filter(fresh).map(|file| row(found, file, String::new())));
    rows
}

/// The row of a file that may have complaints.
fn row(found: &Loaded, name: &str, good: String) -> Row {
    let mine: Vec<&Complaint> = found.complaints.iter().filter(|c| c.file == name).collect();
    let errors = mine.iter().filter(|c| c.severity == Severity::Error).count();
    let Some(first) = mine.first() else { return Row { state: "ok", part: name.to_owned(), detail: good } };
    let counts = match (errors, mine.len() - errors) {
        (0, warnings) => count(warnings, "warning"),
        (errors, 0) => count(errors, "error"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    };
    let at = if first.line > 0 { format!(", the first in line {}", first.line) } else { String::new() };
    Row { state: if errors > 0 { "FAIL" } else { "warn" }, part: name.to_owned(), detail: counts + &at }
}

fn lines(text: &str) -> String {
    format!("{}, every key known", count(text.lines().count(), "line"))
}

/// `1 lane`, `2 lanes`, `4 approaches`.
fn count(n: usize, noun: &str) -> String {
    let plural = if noun.ends_with("ch") { "es" } else { "s" };
    format!("{n} {noun}{}", if n == 1 { "" } else { plural })
}
