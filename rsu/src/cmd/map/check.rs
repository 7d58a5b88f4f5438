//! `rsu map check`: what is wrong with a map, and with a map and the signals that go with it.

use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;
use v2x_msgs::map::{self, Finding};

use super::source::{From, spat};
use super::{SCHEMA, lanes};
use crate::cli::Global;
use crate::cmd;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Errors mislead receivers; what is only strange is a warning. With --spat the phases are compared, too.

Examples:
  rsu map check map/x01.json
  rsu map check --spat spat.hex --from j2735-2024 map.hex
  rsu map check --json crossing.xodr

Exit code: 0 no error, 1 an error was found, or the file is no map."
)]
pub(super) struct Check {
    /// SPAT of the same crossing: hexadecimal digits, raw octets, or JSON
    #[arg(long, value_name = "FILE")]
    spat: Option<PathBuf>,
    #[command(flatten)]
    from: From,
}

/// `rsu.map/1`.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    file: String,
    nodes: usize,
    lanes: usize,
    errors: usize,
    warnings: usize,
    findings: &'a [Finding],
}

pub(super) fn run(args: &Check, global: &Global) -> anyhow::Result<ExitCode> {
    let drawn = args.from.map_anywhere(global)?;
    let signals = args.spat.as_ref().map(|file| spat(file, args.from.choice())).transpose()?;
    let findings = map::check(&drawn, signals.as_ref());
    let errors = findings.iter().filter(|finding| finding.error).count();
    let report = Report {
        schema: SCHEMA,
        file: args.from.name(),
        nodes: drawn.nodes.len(),
        lanes: lanes(&drawn),
        errors,
        warnings: findings.len() - errors,
        findings: &findings,
    };
    if global.json {
        cmd::print_json(&report)?;
    } else {
        for Finding { error, path, what } in &findings {
            let level = if *error { "\x1b[1;31merror\x1b[0m" } else { "\x1b[1;33mwarning\x1b[0m" };
            cmd::print(format!("{level}: {path}: {what}"))?;
        }
        let count = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
        let (nodes, lanes) = (count(report.nodes, "node"), count(report.lanes, "lane"));
        let (errors, warnings) = (count(errors, "error"), count(report.warnings, "warning"));
        cmd::print(format!("{nodes}, {lanes}: {errors}, {warnings}."))?;
    }
    Ok(ExitCode::from(if errors > 0 { cmd::FAILED } else { 0 }))
}
