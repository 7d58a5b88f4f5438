//! `rsu init`: writes a commented `rsu.toml` that `rsu check` accepts.

use std::fs::OpenOptions;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use calibration::geodesy::Wgs84;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;
use v2x_msgs::Profile;

use crate::cli::Global;
use crate::cmd::{self, Exit};
use crate::config::layers::read_bounded;
use crate::config::{Overrides, inspect, is_id};
use crate::site_map::opendrive;

/// The file with its gaps.
const TEMPLATE: &str = include_str!("init.toml");

/// Arguments of `rsu init`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu init --yes
  rsu init --yes --id x02 --origin 31.2841560,121.5032100,4.2 --force")]
pub struct Args {
    /// File to write [default: that of --config]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Ask nothing
    #[arg(short, long)]
    pub yes: bool,
    /// Overwrite a file that is there
    #[arg(long)]
    pub force: bool,
    /// Message dialect
    #[arg(long, value_name = "DIALECT", default_value_t = Profile::default(), value_parser = dialects())]
    pub dialect: Profile,
    /// Make the site map from an OpenDRIVE file
    #[arg(long, value_name = "FILE")]
    pub from_opendrive: Option<PathBuf>,
    /// Its junction, by id or name, when there are several
    #[arg(long, value_name = "JUNCTION", requires = "from_opendrive")]
    pub junction: Option<String>,
    /// Id of the unit
    #[arg(long, value_name = "ID", value_parser = parse_id)]
    pub id: Option<String>,
    /// Name of the crossing, for people
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// Corridor of neighbouring units
    #[arg(long, value_name = "ID", value_parser = parse_id)]
    pub corridor: Option<String>,
    /// Centre of the crossing, degrees and metres
    #[arg(long, value_name = "LAT,LON[,ALT]", value_parser = parse_origin, allow_hyphen_values = true)]
    pub origin: Option<Origin>,
    /// First camera: an rtsp:// address or a video file
    #[arg(long, value_name = "URL")]
    pub camera: Option<String>,
    /// Radio, as host:port
    #[arg(long, value_name = "ADDRESS")]
    pub radio: Option<String>,
}

/// Latitude and longitude in degrees, height in metres, as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String, String, String);

/// A stand-in, on a campus in Shanghai, until the site is surveyed.
fn stand_in() -> Origin {
    Origin("31.2841560".into(), "121.5032100".into(), "4.2".into())
}

/// Message sets by name, listed in the help.
fn dialects() -> impl TypedValueParser<Value = Profile> {
    PossibleValuesParser::new(Profile::ALL.map(Profile::name)).try_map(|name| name.parse::<Profile>())
}

fn parse_id(text: &str) -> Result<String, String> {
    if is_id(text) { Ok(text.into()) } else { Err("an id has 1 to 16 of a-z, 0-9 and -".into()) }
}

fn parse_origin(text: &str) -> Result<Origin, String> {
    let expected = || "expected LAT,LON or LAT,LON,ALT, such as 31.2841560,121.5032100,4.2".to_owned();
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let number = |n: usize, most: f64| {
        let part = parts.get(n).copied().unwrap_or("0.0");
        let good = part.parse::<f64>().is_ok_and(|x| x.abs() <= most)
            && part.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
        // TOML wants digits on both sides of the point.
        let whole = if part.contains('.') { part.to_owned() } else { format!("{part}.0") };
        if good && whole.split('.').all(|side| side.ends_with(|c: char| c.is_ascii_digit())) {
            Ok(whole)
        } else {
            Err(expected())
        }
    };
    if !(2..=3).contains(&parts.len()) {
        return Err(expected());
    }
    Ok(Origin(number(0, 90.0)?, number(1, 180.0)?, number(2, 9000.0)?))
}

/// Writes the file.
///
/// # Errors
/// The file is there already, or cannot be written.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    let file = args.file.clone().unwrap_or_else(|| global.config.clone());
    if file.exists() && !args.force {
        let help = "look at it with `rsu check`, name another file, or overwrite it with `--force`";
        return Err(Exit::new(cmd::FAILED, format!("`{}` is there already", file.display())).help(help).into());
    }
    let asks = !args.yes && !global.json && io::stdin().is_terminal() && io::stderr().is_terminal();
    let mut args = if asks { ask(args)? } else { args };
    let map = match &args.from_opendrive {
        Some(source) => Some(import(source, &args, &file, global)?),
        None => None,
    };
    let (map, place) = map.unzip();
    if let (None, Some(Wgs84 { lat_deg, lon_deg, .. })) = (&args.origin, place.flatten()) {
        args.origin = Some(Origin(format!("{lat_deg:.7}"), format!("{lon_deg:.7}"), "0.0".into()));
        cmd::note(global, "origin is that of the OpenDRIVE file; its height is not known: put it into `[site] origin`");
    }
    if args.origin.is_none() {
        cmd::note(global, "origin is a stand-in: put the centre of your crossing into `[site] origin`");
    }
    args.origin.get_or_insert_with(stand_in);
    write(&file, &text(&args, map.as_deref()), args.force)?;
    let found = inspect(&file, &Overrides::default());
    for complaint in &found.complaints {
        cmd::note(global, format_args!("{}\n", complaint.render()));
    }
    if global.json {
        let map = map.map(|map| map.display().to_string());
        cmd::print_json(&json!({
            "schema": "rsu.init/1", "file": file.display().to_string(), "map": map,
            "errors": found.errors(), "warnings": found.complaints.len() - found.errors(),
        }))?;
    } else {
        cmd::print(format!("wrote {}", file.display()))?;
        cmd::note(global, "next: `rsu check`, then `rsu run`");
    }
    Ok(ExitCode::from(if found.errors() > 0 { cmd::CONFIG } else { 0 }))
}

/// Makes `map/ID.json` beside the configuration; gives its path as the configuration names it.
fn import(source: &Path, args: &Args, file: &Path, global: &Global) -> anyhow::Result<(PathBuf, Option<Wgs84>)> {
    let wrong =
        |problem: String, help: &str| Exit::new(cmd::FAILED, format!("{}: {problem}", source.display())).help(help);
    let help = "give an OpenDRIVE file (.xodr) of one crossing";
    let bytes = read_bounded(source, opendrive::FILE_BYTES as u64).map_err(|problem| wrong(problem, help))?;
    let xml = String::from_utf8(bytes).map_err(|_| wrong("this file is not text (UTF-8)".into(), help))?;
    let import = opendrive::import_junction(&xml, args.junction.as_deref())
        .map_err(|error| wrong(error.to_string(), "`--junction` chooses one of several"))?;
    for note in &import.notes {
        cmd::note(global, format_args!("left out: {note}"));
    }
    let name = Path::new("map").join(format!("{}.json", args.id.as_deref().unwrap_or("x01")));
    let path = file.with_file_name(&name);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| wrong(e.to_string(), "choose a folder that you may write to"))?;
    }
    write(&path, &import.map.to_json(), args.force)?;
    let [east, north] = import.origin;
    cmd::note(
        global,
        format_args!("wrote {}; its origin is at ({east:.2}, {north:.2}) m of the OpenDRIVE file", path.display()),
    );
    Ok((name, import.place))
}

/// Six questions; an empty answer takes what stands in brackets.
fn ask(mut args: Args) -> anyhow::Result<Args> {
    let mut input = io::stdin().lock();
    let mut question = |text: &str, default: &str, good: &dyn Fn(&str) -> Result<(), String>| -> io::Result<String> {
        loop {
            let mut out = anstream::stderr();
            write!(out, "{text} [{default}] ")?;
            out.flush()?;
            let mut line = String::new();
            let ended = input.read_line(&mut line)? == 0;
            let answer = if line.trim().is_empty() { default } else { line.trim() };
            match good(answer) {
                Ok(()) => return Ok(answer.to_owned()),
                Err(_) if ended => return Ok(default.to_owned()),
                Err(problem) => writeln!(out, "  {problem}")?,
            }
        }
    };
    let any = |_: &str| Ok(());
    let id = |text: &str| parse_id(text).map(drop);
    if args.id.is_none() {
        args.id = Some(question("Id of the unit, on air and in names?", "x01", &id)?);
    }
    if args.name.is_none() {
        args.name = Some(question("Name of the crossing?", "", &any)?);
    }
    if args.corridor.is_none() {
        args.corridor = Some(question("Corridor that it belongs to?", "local", &id)?);
    }
    if args.origin.is_none() {
        let Origin(lat, lon, alt) = stand_in();
        let default = format!("{lat},{lon},{alt}");
        let answer = question("Its centre, as LAT,LON,ALT?", &default, &|text| parse_origin(text).map(drop))?;
        args.origin = parse_origin(&answer).ok().filter(|_| answer != default);
    }
    if args.camera.is_none() {
        let answer = question("First camera, as rtsp:// address or video file?", "none", &any)?;
        args.camera = Some(answer).filter(|answer| answer != "none");
    }
    if args.radio.is_none() {
        args.radio = Some(question("Radio, as host:port?", "127.0.0.1:47200", &any)?);
    }
    Ok(args)
}

/// The file's text.
fn text(args: &Args, map: Option<&Path>) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let or = |value: &Option<String>, default: &str| quoted(value.as_deref().unwrap_or(default));
    let Origin(lat, lon, alt) = args.origin.clone().unwrap_or_else(stand_in);
    let address = args.radio.clone().unwrap_or_else(|| "127.0.0.1:47200".into());
    let kind = if address.ends_with(":1516") { "immediate-forward" } else { "udp" };
    let map = match map {
        Some(map) => format!("map      = {}", quoted(&map.to_string_lossy())),
        None => "#map     = \"map/x01.json\"                     # lanes, stop lines, signal groups".into(),
    };
    let off = if args.camera.is_some() { "" } else { "#" };
    let url = or(&args.camera, "rtsp://10.20.1.11/stream1");
    let camera = format!(
        "{off}[[camera]]\n{off}id          = \"north\"\n{off}url         = {url}   # passwords: secret = \"file:north.secret\"\n\
         #calibration = \"calib/north.toml\"              # made by `rsu calibrate extrinsics`\n\
         #detector    = \"yolox\""
    );
    let detector =
        "#[detector.yolox]\n#model = \"models/yolox_nano_416.toml\"           # descriptor of a camera network";
    let gaps = [
        ("{id}", or(&args.id, "x01")),
        ("{name}", or(&args.name, "")),
        ("{corridor}", or(&args.corridor, "local")),
        ("{origin}", format!("{{ lat_deg = {lat}, lon_deg = {lon}, alt_m = {alt} }}")),
        ("{dialect}", quoted(args.dialect.name())),
        ("{map}", map),
        ("{camera}", camera),
        ("{detector}", detector.to_owned()),
        ("{kind}", quoted(kind)),
        ("{address}", quoted(&address)),
    ];
    // Line by line and gap by gap, so that an answer with braces in it is never taken for a gap.
    let fill = |line: &str| match gaps.iter().find(|(gap, _)| line.contains(gap)) {
        Some((gap, value)) => line.replacen(gap, value, 1),
        None => line.to_owned(),
    };
    TEMPLATE.lines().map(fill).collect::<Vec<_>>().join("\n") + "\n"
}

/// Writes a file; without `force` never over another.
fn write(file: &Path, text: &str, force: bool) -> anyhow::Result<()> {
    let problem = |e: io::Error| {
        Exit::new(cmd::FAILED, format!("cannot write `{}`: {e}", file.display()))
            .help("choose a folder that you may write to")
    };
    let mut options = OpenOptions::new();
    let options = if force { options.create(true).truncate(true) } else { options.create_new(true) };
    options.write(true).open(file).and_then(|mut out| out.write_all(text.as_bytes())).map_err(problem)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args() -> Args {
        Args {
            file: None,
            yes: true,
            force: false,
            from_opendrive: None,
            junction: None,
            dialect: Profile::default(),
            id: None,
            name: None,
            corridor: None,
            origin: None,
            camera: None,
            radio: None,
        }
    }

    #[test]
    fn whatever_is_answered_the_file_is_a_valid_configuration() {
        let dir = tempfile::tempdir().expect("a folder");
        let cases = [
            args(),
            Args { name: Some("\"Ring\" {id} \\ 人民路\n".into()), ..args() },
            Args { camera: Some("rtsp://10.0.0.1/a".into()), radio: Some("10.20.1.50:1516".into()), ..args() },
            Args { origin: parse_origin("-31,121.5").ok(), ..args() },
            Args { dialect: Profile::Ydt3709_2020, ..args() },
            Args { dialect: Profile::Csae157_2020, ..args() },
            Args { dialect: Profile::J2735_2024, ..args() },
        ];
        for (n, args) in cases.iter().enumerate() {
            let file = dir.path().join(format!("{n}.toml"));
            write(&file, &text(args, None), false).expect("written");
            let found = inspect(&file, &Overrides::default());
            let config = found.setup.as_ref().map(|setup| &setup.config);
            assert!(config.is_some(), "{:#?}\n{}", found.complaints, text(args, None));
            assert_eq!(config.map(|c| c.site.name.as_str()), Some(args.name.as_deref().unwrap_or("")));
            assert_eq!(config.map(|c| c.site.dialect), Some(args.dialect));
        }
    }

    #[test]
    fn an_origin_is_two_or_three_numbers() {
        assert_eq!(parse_origin("31.5, 121"), Ok(Origin("31.5".into(), "121.0".into(), "0.0".into())));
        for bad in ["", "31", "91,0", "0,181", "a,b", "1,2,3,4", "nan,1", "1e1,2", "31.,1", ".5,1", "-.5,1", "+1,2"] {
            assert!(parse_origin(bad).is_err(), "{bad}");
        }
    }
}
