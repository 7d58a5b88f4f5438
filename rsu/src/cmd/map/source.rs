//! Where a map comes from: every form in which one is handed on.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, bail};
use calibration::geodesy::{EnuFrame, Wgs84};
use serde_json::Value;
use v2x_msgs::model::{Map, Message, Phase, Spat, StationId};
use v2x_msgs::{Profile, decode, hex, json, map, wire_json};

use crate::cli::Global;
use crate::cmd::msg::profile::Choice;
use crate::cmd::{self, Exit};
use crate::config::layers::read_bounded;
use crate::services::{self, Site};
use crate::site_map::opendrive::{self, FILE_BYTES};
use crate::site_map::{self, SiteMap};

/// What to do when a file is none of the forms.
const FORMS: &str = "give a site map (JSON), an OpenDRIVE file, or MAP messages as digits, raw octets or JSON";

/// The map, and how to read it.
#[derive(Debug, clap::Args)]
pub(super) struct From {
    /// Message set of MAP messages in FILE, or `auto`
    #[arg(long, value_name = "PROFILE", default_value_t = Choice::Auto)]
    from: Choice,
    /// Origin of a site map or OpenDRIVE file, degrees and metres [default: its geoReference, or that of --config]
    #[arg(long, value_name = "LAT,LON[,ALT]", allow_hyphen_values = true)]
    origin: Option<Origin>,
    /// Junction of an OpenDRIVE file, by id or name, when there are several
    #[arg(long, value_name = "JUNCTION")]
    junction: Option<String>,
    /// The map, `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// A place in degrees and metres.
#[derive(Copy, Clone, Debug, PartialEq)]
struct Origin(Wgs84);

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Origin, String> {
        let numbers: Option<Vec<f64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
        let place = match numbers.as_deref() {
            Some([lat_deg, lon_deg]) => Wgs84 { lat_deg: *lat_deg, lon_deg: *lon_deg, alt_m: 0.0 },
            Some([lat_deg, lon_deg, alt_m]) => Wgs84 { lat_deg: *lat_deg, lon_deg: *lon_deg, alt_m: *alt_m },
            _ => return Err("expected LAT,LON or LAT,LON,ALT, such as 31.2841560,121.5032100,4.2".to_owned()),
        };
        let good = place.lat_deg.abs() <= 90.0 && place.lon_deg.abs() <= 180.0 && place.alt_m.abs() <= 9_000.0;
        if good {
            Ok(Origin(place))
        } else {
            Err("expected at most 90° of latitude, 180° of longitude and 9000 m".to_owned())
        }
    }
}

/// A file as it was understood.
enum Input {
    Drawn { map: SiteMap, place: Option<Wgs84> },
    Messages(Vec<Map>),
}

impl From {
    pub(super) fn choice(&self) -> Choice {
        self.from
    }

    pub(super) fn name(&self) -> String {
        name(&self.file)
    }

    /// An error about the file.
    pub(super) fn wrong(&self, what: impl std::fmt::Display) -> Exit {
        Exit::new(cmd::FAILED, format!("{}: {what}", self.name()))
    }

    /// The map. A drawing needs to be told where its origin is.
    pub(super) fn map(&self, global: &Global) -> anyhow::Result<Map> {
        self.map_at(global, || {
            let help = "say where its origin is: `--origin LAT,LON[,ALT]`, or `--config` with the unit's configuration";
            Err(self.wrong("a drawing in metres has no place on earth").help(help).into())
        })
    }

    /// The map, wherever on earth it is: for questions to which the place does not matter.
    pub(super) fn map_anywhere(&self, global: &Global) -> anyhow::Result<Map> {
        self.map_at(global, || Ok(Wgs84 { lat_deg: 0.0, lon_deg: 0.0, alt_m: 0.0 }))
    }

    fn map_at(&self, global: &Global, unknown: impl Fn() -> anyhow::Result<Wgs84>) -> anyhow::Result<Map> {
        match self.input(global)? {
            Input::Drawn { map, place } => {
                let origin = self.origin(place, global)?;
                Ok(message(&map, origin.map_or_else(unknown, Ok)?))
            }
            // One message is taken as it is: what it says twice is for the check to find.
            Input::Messages(maps) if maps.len() == 1 => Ok(maps.into_iter().next().unwrap_or_default()),
            Input::Messages(maps) => Ok(map::merge(&maps)),
        }
    }

    /// The drawing, and where its origin is when that is known.
    pub(super) fn drawing(&self, global: &Global) -> anyhow::Result<(SiteMap, Option<Wgs84>)> {
        match self.input(global)? {
            Input::Drawn { map, place } => Ok((map, self.origin(place, global)?)),
            Input::Messages(_) => {
                let help = "give a site map (JSON) or an OpenDRIVE file; `rsu map geojson` draws messages";
                Err(self.wrong("MAP messages do not say enough to draw roads").help(help).into())
            }
        }
    }

    /// What the command says, then what the file says, then the configuration.
    fn origin(&self, place: Option<Wgs84>, global: &Global) -> anyhow::Result<Option<Wgs84>> {
        match self.origin.map(|origin| origin.0).or(place) {
            None if global.config.exists() => Ok(Some(cmd::setup(global)?.rig.frame.origin())),
            told => Ok(told),
        }
    }

    fn input(&self, global: &Global) -> anyhow::Result<Input> {
        let octets = read(&self.file)?;
        let text = std::str::from_utf8(&octets).unwrap_or_default().trim_start_matches('\u{feff}').trim_start();
        if text.starts_with('<') {
            let import = opendrive::import_junction(text, self.junction.as_deref()).map_err(|e| {
                self.wrong(e).help("give an OpenDRIVE file of one crossing; `--junction` chooses one of several")
            })?;
            import.notes.iter().for_each(|note| cmd::note(global, format_args!("left out: {note}")));
            return Ok(Input::Drawn { map: import.map, place: import.place });
        }
        if text.starts_with('{') && schema_of(text).is_some_and(|schema| schema.starts_with("rsu.site-map/")) {
            let help = "mend the element; `rsu init --from-opendrive` draws a site map anew";
            let map = SiteMap::parse(text).map_err(|e| self.wrong(e).help(help))?;
            return Ok(Input::Drawn { map, place: None });
        }
        let messages = messages(&octets, self.from).map_err(|e| self.wrong(format_args!("{e:#}")).help(FORMS))?;
        let maps: Vec<Map> = messages.into_iter().filter_map(as_map).collect();
        if maps.is_empty() {
            return Err(self.wrong("there is no MAP in it").help(FORMS).into());
        }
        Ok(Input::Messages(maps))
    }
}

/// The SPAT messages of a file, as one.
pub(super) fn spat(file: &Path, from: Choice) -> anyhow::Result<Spat> {
    let wrong = |what: String| {
        Exit::new(cmd::FAILED, format!("{}: {what}", name(file))).help("give a SPAT as digits, raw octets or JSON")
    };
    let found = messages(&read(file)?, from).map_err(|e| wrong(format!("{e:#}")))?;
    let mut spats = found.into_iter().filter_map(|message| match message {
        Message::Spat(spat) => Some(spat),
        _ => None,
    });
    let Some(mut first) = spats.next() else { return Err(wrong("there is no SPAT in it".to_owned()).into()) };
    // More phases than one message holds come in several; one that is known already is only told again.
    for state in spats.flat_map(|spat| spat.intersections) {
        match first.intersections.iter_mut().find(|known| known.intersection_id == state.intersection_id) {
            None => first.intersections.push(state),
            Some(known) => {
                let fresh = |phase: &Phase| !known.phases.iter().any(|have| have.id == phase.id);
                let phases: Vec<Phase> = state.phases.into_iter().filter(fresh).collect();
                known.phases.extend(phases);
            }
        }
    }
    Ok(first)
}

fn name(file: &Path) -> String {
    if file.as_os_str() == "-" { "standard input".to_owned() } else { file.display().to_string() }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let wrong = |what: String| Exit::new(cmd::FAILED, format!("{}: {what}", name(file))).help(FORMS);
    if file.as_os_str() != "-" {
        return Ok(read_bounded(file, FILE_BYTES as u64).map_err(wrong)?);
    }
    let mut octets = Vec::new();
    io::stdin().lock().take(FILE_BYTES as u64 + 1).read_to_end(&mut octets).map_err(|e| wrong(e.to_string()))?;
    if octets.len() > FILE_BYTES {
        return Err(wrong(format!("more than {FILE_BYTES} bytes")).into());
    }
    Ok(octets)
}

/// A drawing as the unit at `origin` would say it.
fn message(drawn: &SiteMap, origin: Wgs84) -> Map {
    // The model is one for all message sets.
    let profile = Profile::default();
    let site = Site { id: StationId::default(), frame: EnuFrame::new(origin), node: None, name: None, profile };
    services::map::message(&site, drawn)
}

fn as_map(message: Message) -> Option<Map> {
    match message {
        Message::Map(map) => Some(map),
        _ => None,
    }
}

fn schema_of(text: &str) -> Option<String> {
    let first = serde_json::Deserializer::from_str(text).into_iter::<Value>().next()?.ok();
    match first {
        Some(value) => value.get("schema")?.as_str().map(str::to_owned),
        // Broken JSON: the reader of site maps says where, when that is what it wants to be.
        None => text.contains(site_map::SCHEMA).then(|| site_map::SCHEMA.to_owned()),
    }
}

/// Every message of some digits, JSON documents, or raw octets.
fn messages(octets: &[u8], from: Choice) -> anyhow::Result<Vec<Message>> {
    let is_text = octets.iter().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace());
    let start = octets.iter().find(|b| !b.is_ascii_whitespace());
    if start == Some(&b'{') {
        let documents = serde_json::Deserializer::from_slice(octets).into_iter::<Value>();
        return documents
            .enumerate()
            .map(|(i, document)| {
                let value = document.context("not JSON")?;
                of_json(&value, from).with_context(|| format!("document {}", i + 1))
            })
            .collect();
    }
    if !is_text {
        return Ok(vec![of_octets(octets, from)?]);
    }
    let text = String::from_utf8_lossy(octets);
    let lines = text.lines().enumerate().map(|(i, line)| (i + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            let octets = hex::from_hex(line).map_err(anyhow::Error::from);
            octets.and_then(|octets| of_octets(&octets, from)).with_context(|| format!("line {number}"))
        })
        .collect()
}

fn of_octets(octets: &[u8], from: Choice) -> anyhow::Result<Message> {
    let profile = Choice::of(Some(from), octets, None)?.profile;
    Ok(decode(octets, profile)?)
}

/// A message in one of the forms of JSON: SI units, what `rsu msg decode` found, the standard's own fields, platform JSON.
fn of_json(value: &Value, from: Choice) -> anyhow::Result<Message> {
    if let Some(inner) = value.get("message").filter(|_| value["schema"] == "rsu.msg.found/1") {
        let told = value["profile"].as_str().and_then(|name| name.parse().ok());
        return of_json(inner, told.map_or(from, Choice::Is));
    }
    if value.get("schema").is_some() {
        return Ok(json::from_json(value)?);
    }
    if value.get("choice").is_some() || value.get("messageId").is_some() {
        let Choice::Is(profile) = from else {
            bail!("of which message set its fields are has to be told: `--from PROFILE`")
        };
        return Ok(decode(&wire_json::encode(value, profile)?, profile)?);
    }
    Ok(Message::Map(map::platform::to_map(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_place_on_earth() {
        assert_eq!("31.5, 121".parse(), Ok(Origin(Wgs84 { lat_deg: 31.5, lon_deg: 121.0, alt_m: 0.0 })));
        assert_eq!("-31.5,121,4.2".parse::<Origin>().map(|o| o.0.alt_m), Ok(4.2));
        for bad in ["", "31", "91,0", "0,181", "a,b", "1,2,3,4", "nan,1", "1,2,1e9"] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }
}
