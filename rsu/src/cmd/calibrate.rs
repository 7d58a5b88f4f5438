//! `rsu calibrate`: where a camera stands, from surveyed points. Writes a calibration file and keeps the old one beside it.

mod report;
mod survey;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use calibration::file::{CalibrationFile, CameraTable, Residuals};
use calibration::geodesy::{EnuFrame, Wgs84};
use calibration::solve::survey_points::{Solution, SurveyPoint, solve};
use clap::Subcommand;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::cli::Global;
use crate::cmd::{self, Exit};
use crate::limits;
use crate::shell::clock;

/// Arguments of `rsu calibrate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu calibrate extrinsics --camera north --points survey.csv
  rsu calibrate extrinsics --camera north --points survey.csv --intrinsics lens.toml -o calib/north.toml")]
pub struct Args {
    #[command(subcommand)]
    command: Calibrate,
}

#[derive(Debug, Subcommand)]
enum Calibrate {
    /// Find a camera's place and direction from at least four surveyed points
    Extrinsics(ExtrinsicsArgs),
}

/// Arguments of `rsu calibrate extrinsics`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The survey has the columns id, u_px, v_px, and either east_m, north_m, up_m or lat_deg, lon_deg, alt_m;
optionally sigma_m and sigma_px. Give 10 points or more, from near to far and from left to right.

Examples:
  rsu calibrate extrinsics --camera north --points survey.csv
  rsu calibrate extrinsics --camera north --points survey.csv --intrinsics lens.toml -o calib/north.toml

Exit code: 0 done, 1 refused, 3 done but points were set aside or fit badly."
)]
struct ExtrinsicsArgs {
    /// Name of the camera in the configuration
    #[arg(long, value_name = "NAME", value_parser = name)]
    camera: String,
    /// Surveyed points
    #[arg(long, value_name = "FILE")]
    points: PathBuf,
    /// File with a [camera] table (the lens) [default: the camera's calibration in the configuration]
    #[arg(long, value_name = "FILE")]
    intrinsics: Option<PathBuf>,
    /// WGS-84 zero of the site [default: that of the configuration]
    #[arg(long, value_name = "LAT,LON,ALT", value_parser = origin, allow_hyphen_values = true)]
    origin: Option<Wgs84>,
    /// File to write [default: calib/NAME.toml]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn name(text: &str) -> Result<String, String> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = (1..=16).contains(&text.len()) && text.chars().all(good);
    fits.then(|| text.to_owned()).ok_or_else(|| "a sensor's name is 1 to 16 of a-z, 0-9 and -".into())
}

fn origin(text: &str) -> Result<Wgs84, String> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse::<f64>()).collect();
    let Ok(&[lat_deg, lon_deg, alt_m]) = numbers.as_deref() else {
        return Err("write it as 31.284156,121.503210,4.2".into());
    };
    let origin = Wgs84 { lat_deg, lon_deg, alt_m };
    origin.check().map_err(|e| e.to_string()).map(|()| origin)
}

/// Runs the command.
///
/// # Errors
/// The survey or the lens cannot be used, or the points do not determine the camera.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    let Calibrate::Extrinsics(args) = args.command;
    let report = extrinsics(args, &global.config)?;
    if global.json {
        cmd::print_json(&report)?
    } else {
        cmd::print(report.text())?
    }
    Ok(ExitCode::from(if report.warnings.is_empty() { 0 } else { cmd::LOSS }))
}

/// Solves and writes; what is said about it is the answer.
fn extrinsics(args: ExtrinsicsArgs, config: &Path) -> anyhow::Result<report::Report> {
    let site = Sketch::read(config)?;
    let origin = args.origin.or(site.as_ref().map(|site| site.site.origin));
    let lens = lens(&args, site.as_ref(), config)?;
    let text = read(&args.points, "the survey")?;
    let points = points(&text, &args.points, origin)?;
    let camera = lens.camera().map_err(|e| Exit::new(cmd::FAILED, e.what).help(e.help))?;
    let solution = solve(&camera, &points).map_err(|e| refusal(&e.to_string()))?;

    let file = calibration_file(&args.camera, &solution, lens, origin, &text);
    let output = args.output.unwrap_or_else(|| PathBuf::from(format!("calib/{}.toml", args.camera)));
    let kept = write_beside(&output, &file.to_toml())?;
    Ok(report::Report::new(&args.camera, &solution, &points, &output, kept.as_deref()))
}

/// A solver's sentence as an error: what is wrong, and after the first semicolon or full stop, what to do.
fn refusal(sentence: &str) -> Exit {
    match sentence.split_once("; ").or_else(|| sentence.split_once(". ")) {
        Some((what, help)) => Exit::new(cmd::FAILED, what).help(help),
        None => Exit::new(cmd::FAILED, sentence).help("see docs/calibration.md"),
    }
}

/// What this command needs of a configuration; the rest may be wrong or missing.
#[derive(Deserialize)]
struct Sketch {
    site: SketchSite,
    #[serde(default)]
    camera: Vec<SketchCamera>,
}

#[derive(Deserialize)]
struct SketchSite {
    origin: Wgs84,
}

#[derive(Deserialize)]
struct SketchCamera {
    id: String,
    calibration: Option<PathBuf>,
}

impl Sketch {
    /// `None` when there is no such file: a first calibration may come before the first configuration.
    fn read(path: &Path) -> anyhow::Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let text = read(path, "the configuration")?;
        let sketch: Self = toml::from_str(&text).map_err(|e| {
            let what = format!("`{}` has no usable site and cameras: {}", path.display(), e.message());
            Exit::new(cmd::CONFIG, what).help("look at it with `rsu check`")
        })?;
        let what = |e| format!("`{}`: {e}", path.display());
        sketch.site.origin.check().map_err(|e| Exit::new(cmd::CONFIG, what(e)).help("correct [site] origin"))?;
        Ok(Some(sketch))
    }
}

/// A text file of bounded size.
fn read(path: &Path, what: &str) -> anyhow::Result<String> {
    let fail = |why: String| Exit::new(cmd::FAILED, format!("{what} `{}` cannot be read: {why}", path.display()));
    let size = std::fs::metadata(path).map_err(|e| fail(e.to_string()))?.len();
    if size > limits::SURVEY_BYTES {
        return Err(fail(format!("it has {size} bytes, at most {} are read", limits::SURVEY_BYTES)).into());
    }
    Ok(std::fs::read_to_string(path).map_err(|e| fail(e.to_string()))?)
}

/// The lens: from `--intrinsics`, or from the camera's calibration in the configuration, or from the file to be replaced.
fn lens(args: &ExtrinsicsArgs, site: Option<&Sketch>, config: &Path) -> anyhow::Result<CameraTable> {
    #[derive(Deserialize)]
    struct LensFile {
        camera: CameraTable,
    }
    let configured = || {
        let camera = site?.camera.iter().find(|camera| camera.id == args.camera)?;
        Some(config.parent().unwrap_or(Path::new("")).join(camera.calibration.as_ref()?))
    };
    let help =
        "give a lens with --intrinsics FILE: a table [camera] with width, height, fx, fy, cx, cy, lens, coefficients";
    let Some(path) = args.intrinsics.clone().or_else(configured) else {
        let what = format!("the lens of the camera `{}` is not known", args.camera);
        return Err(Exit::new(cmd::USAGE, what).help(help).into());
    };
    let text = read(&path, "the lens").map_err(|e| Exit::new(cmd::FAILED, e.to_string()).help(help))?;
    let wrong = |what: &str| Exit::new(cmd::FAILED, format!("the lens `{}`: {what}", path.display())).help(help);
    let file: LensFile = toml::from_str(&text).map_err(|e| wrong(e.message()))?;
    file.camera.camera().map_err(|e| wrong(&e.to_string()))?;
    Ok(file.camera)
}

fn points(text: &str, path: &Path, origin: Option<Wgs84>) -> anyhow::Result<Vec<SurveyPoint>> {
    let frame = origin.map(EnuFrame::new);
    survey::parse(text, &path.display().to_string(), frame.as_ref()).map_err(|complaints| {
        let drawn: Vec<String> = complaints.iter().map(|c| format!("{}\n", c.render())).collect();
        Exit::new(cmd::FAILED, format!("`{}` is not a usable survey\n\n{}", path.display(), drawn.join("\n")))
            .help("mend what is said above; docs/calibration.md shows a survey")
            .into()
    })
}

fn calibration_file(
    camera: &str,
    solution: &Solution,
    lens: CameraTable,
    origin: Option<Wgs84>,
    survey: &str,
) -> CalibrationFile {
    let used = solution.residuals.iter().filter(|r| r.used).count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let short = |v: f64| (v * 1e4).round() / 1e4;
    let hash: String = Sha256::digest(survey.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    CalibrationFile {
        date: clock::now().to_string(),
        input_hash: Some(format!("sha256:{hash}")),
        origin,
        camera: Some(lens),
        residuals: Some(Residuals {
            points: count(solution.residuals.len()),
            used: count(used),
            rms_px: short(solution.rms_px),
            leave_one_out_px: solution.leave_one_out_px.map(short),
            max_px: short(solution.max_px),
        }),
        ..CalibrationFile::new(camera, "survey-points", &solution.mounted)
    }
}

/// Writes a file whole or not at all. One that is there already is kept beside it, with its date in the name; its new name is
/// the answer.
fn write_beside(output: &Path, text: &str) -> anyhow::Result<Option<PathBuf>> {
    let fail = |what: &str, e: std::io::Error| {
        Exit::new(cmd::FAILED, format!("`{}` cannot be {what}: {e}", output.display()))
            .help("nothing was changed; choose another file with -o")
    };
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder).map_err(|e| fail("written", e))?;
    }
    let fresh = output.with_extension("toml.new");
    std::fs::write(&fresh, text).map_err(|e| fail("written", e))?;
    let kept = if output.exists() {
        let kept = name_for_old(output);
        std::fs::rename(output, &kept).map_err(|e| fail("moved aside", e))?;
        Some(kept)
    } else {
        None
    };
    std::fs::rename(&fresh, output).map_err(|e| fail("written", e))?;
    Ok(kept)
}

/// `north.toml` → `north.2026-03-01.toml`, with a number when that name is taken; `old` when the file says no date.
fn name_for_old(output: &Path) -> PathBuf {
    let date = CalibrationFile::read(output).ok().map(|file| file.date.chars().take(10).collect::<String>());
    let good = |date: &String| date.len() == 10 && date.chars().all(|c| c.is_ascii_digit() || c == '-');
    let date = date.filter(good).unwrap_or_else(|| "old".into());
    let stem = output.file_stem().map_or_else(|| "calibration".into(), |stem| stem.to_string_lossy().into_owned());
    let named = |number: String| output.with_file_name(format!("{stem}.{date}{number}.toml"));
    let mut kept = named(String::new());
    let mut number = 2;
    while kept.exists() {
        kept = named(format!("-{number}"));
        number += 1;
    }
    kept
}

#[cfg(test)]
mod tests;
