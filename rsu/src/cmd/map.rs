//! `rsu map`: maps checked, cut to the size of a radio message, drawn, and turned into what other programs read. A map may be
//! a site map, an OpenDRIVE file, or MAP messages.

mod check;
mod source;

use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;
use v2x_msgs::model::{Map, Message};
use v2x_msgs::{Profile, hex, map};

use self::source::From;
use crate::cli::Global;
use crate::cmd::{self, Exit};
use crate::limits::RADIO_BYTES;
use crate::site_map::opendrive;

/// `schema` of what `--json` prints.
const SCHEMA: &str = "rsu.map/1";

/// Arguments of `rsu map`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "FILE is a site map (JSON), an OpenDRIVE file, or MAP messages: hexadecimal digits, one a line (slices
of one map are put together), raw octets, or JSON as of `rsu msg decode --json` or of OpenV2X platforms.

Examples:
  rsu map check map/x01.json
  rsu map slice --origin 31.2841560,121.5032100 --profile ydt3709-2020 map/x01.json
  rsu map geojson heard.hex > heard.geojson"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Find what would mislead receivers
    Check(check::Check),
    /// Cut into MAP messages that a radio takes
    Slice(Slice),
    /// Draw as GeoJSON
    Geojson(Geojson),
    /// Write as the JSON of OpenV2X platforms
    Json(Platform),
    /// Write as OpenDRIVE 1.6
    Opendrive(Opendrive),
}

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "One line of hexadecimal digits a message. Every slice holds whole lanes and is a MAP of its own.

Examples:
  rsu map slice --bytes 1000 map/x01.json
  rsu map slice --profile j2735-2024 crossing.xodr --origin 31.2841560,121.5032100
  rsu map slice heard.hex | rsu msg decode -"
)]
struct Slice {
    /// Most octets of a message
    #[arg(long, value_name = "NUMBER", default_value_t = RADIO_BYTES)]
    bytes: usize,
    /// Message set and edition to write
    #[arg(long, value_name = "PROFILE", default_value_t = Profile::default())]
    profile: Profile,
    #[command(flatten)]
    from: From,
}

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "RFC 7946, WGS-84: nodes, links, lanes and connections, with `properties.kind`.

Examples:
  rsu map geojson map/x01.json > crossing.geojson
  rsu map geojson --from j2735-2024 heard.hex")]
struct Geojson {
    #[command(flatten)]
    from: From,
}

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "The MAP of T/CSAE 53-2020 with its own names, numbers as text. `rsu map` reads it, too.

Examples:
  rsu map json map/x01.json > platform.json
  rsu map json heard.hex | rsu map check -")]
struct Platform {
    #[command(flatten)]
    from: From,
}

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "From a site map or an OpenDRIVE file. With an origin the file has a geoReference.

Examples:
  rsu map opendrive map/x01.json > crossing.xodr
  rsu map opendrive --origin 31.2841560,121.5032100 map/x01.json")]
struct Opendrive {
    #[command(flatten)]
    from: From,
}

/// One slice in `rsu.map/1`.
#[derive(Serialize)]
struct Part {
    lanes: usize,
    octets: usize,
    hex: String,
}

/// Runs one of them.
///
/// # Errors
/// When the input cannot be read or is no map, or stdout is closed.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Check(args) => check::run(&args, global),
        Command::Slice(args) => slice(&args, global),
        Command::Geojson(args) => {
            cmd::print_json(&map::geojson::from_map(&args.from.map(global)?))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Opendrive(args) => {
            let (map, origin) = args.from.drawing(global)?;
            cmd::print(opendrive::export(&map, origin).trim_end())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Json(args) => {
            let map = args.from.map(global)?;
            let help = "what T/CSAE 53-2020 cannot say has no platform JSON: mend the field, or draw it with `rsu map geojson`";
            let platform = map::platform::from_map(&map).map_err(|e| args.from.wrong(e).help(help))?;
            cmd::print_json(&platform)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn slice(args: &Slice, global: &Global) -> anyhow::Result<ExitCode> {
    let map = args.from.map(global)?;
    let refused = |error: &dyn std::fmt::Display| -> Exit {
        args.from
            .wrong(error)
            .help("`rsu map check` finds most of what a message cannot say; `--bytes` gives more room")
    };
    let slices = map::slice(&map, args.profile, args.bytes).map_err(|e| refused(&e))?;
    let mut parts = Vec::new();
    for slice in slices {
        let lanes = lanes(&slice);
        let octets = v2x_msgs::encode(&Message::Map(slice), args.profile).map_err(|e| refused(&e))?;
        parts.push(Part { lanes, octets: octets.len(), hex: hex::to_hex(&octets) });
    }
    if global.json {
        let profile = args.profile.name();
        cmd::print_json(&json!({ "schema": SCHEMA, "profile": profile, "most": args.bytes, "slices": parts }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for part in parts {
        cmd::print(part.hex)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn lanes(map: &Map) -> usize {
    map.nodes.iter().flat_map(|node| &node.in_links).map(|link| link.lanes.len()).sum()
}
