//! `rsu-sim map`: what an OpenDRIVE map holds, what of it is not understood, and where linked roads do not meet.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use rsu::cmd::{LOSS, print, print_json};
use serde::Serialize;

use crate::cli::Global;
use crate::opendrive::{Network, Summary};

/// Gaps that are shown as text.
const SHOWN: usize = 20;

/// Arguments of `map`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit code 0: all understood and joined; 3: something left out or not joined; 1: no such map\n\n\
    Example:\n  rsu-sim map crossing.xodr --json"
)]
pub struct Args {
    /// The map, an .xodr file of ASAM OpenDRIVE 1.4 to 1.8
    file: PathBuf,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    file: String,
    #[serde(flatten)]
    summary: Summary,
}

/// Runs the command.
///
/// # Errors
/// When the map cannot be read, or stdout is closed.
pub fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let summary = Network::read(&args.file)?.summary();
    let clean = summary.not_understood.is_empty() && summary.gaps.is_empty();
    if global.json {
        print_json(&Document { schema: "rsu-sim.map/1", file: args.file.display().to_string(), summary })?;
    } else {
        print(told(&summary).trim_end())?;
    }
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::from(LOSS) })
}

fn told(map: &Summary) -> String {
    let mut out = String::new();
    let mut line = |name: &str, text: String| {
        let _ = writeln!(out, "{name:<16}{text}");
    };
    let [major, minor] = map.header.version;
    line("version", format!("{major}.{minor}  {}", map.header.name).trim_end().to_owned());
    line("place", map.header.geo_reference.clone().unwrap_or_else(|| "not said".into()));
    let sides = if map.left_hand_roads > 0 {
        format!(", {} with left-hand traffic", map.left_hand_roads)
    } else {
        String::new()
    };
    line("roads", format!("{}, {} of them through junctions{sides}", map.roads, map.connecting_roads));
    line("length", format!("{:.1} km", map.length_m / 1000.0));
    line("pieces", counted(map.pieces.iter()));
    line("relief", format!("{} roads climb, {} are banked", map.climbing_roads, map.banked_roads));
    let lanes = map
        .lanes_m
        .iter()
        .map(|(kind, metres)| (format!("{kind:?}").to_lowercase(), format!("{:.1} km", metres / 1000.0)));
    line("lanes", counted(lanes));
    line("junctions", format!("{} with {} connections", map.junctions, map.connections));
    line(
        "signals",
        format!("{}, {} of them traffic lights, {} controllers", map.signals, map.traffic_lights, map.controllers),
    );
    line("objects", counted(map.objects.iter()));
    for note in &map.not_understood {
        line("not understood", format!("line {}: {} ({} times)", note.line, note.what, note.count));
    }
    for gap in map.gaps.iter().take(SHOWN) {
        let what =
            format!("road {} lane {} at {:.2} m to road {} lane {}", gap.from, gap.lane, gap.s, gap.to, gap.to_lane);
        line("gap", format!("{what}: {:.3} m, {:.3} rad", gap.distance, gap.turn));
    }
    if map.gaps.len() > SHOWN {
        line("gap", format!("and {} more; --json shows all", map.gaps.len() - SHOWN));
    }
    out
}

fn counted(items: impl Iterator<Item = (impl std::fmt::Display, impl std::fmt::Display)>) -> String {
    let all: Vec<String> = items.map(|(name, count)| format!("{name} {count}")).collect();
    if all.is_empty() { "none".into() } else { all.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_told_with_what_is_wrong_with_it() {
        let road = |id: &str, y: f64, link: &str| {
            format!(
                "<road id='{id}' length='10' junction='-1'><link>{link}</link><planView><geometry s='0' x='0' y='{y}' hdg='0' \
                 length='10'><line/></geometry></planView><lanes><laneSection s='0'><right><lane id='-1' type='driving'><link>\
                 <successor id='-1'/></link><width sOffset='0' a='3' b='0' c='0' d='0'/></lane></right></laneSection></lanes>\
                 <tunnelx/></road>"
            )
        };
        let text = format!(
            "<OpenDRIVE><header revMajor='1' revMinor='7' name='two'/>{}{}</OpenDRIVE>",
            road("1", 0.0, "<successor elementType='road' elementId='2' contactPoint='start'/>"),
            road("2", 0.0, "")
        );
        let told = told(&Network::parse(&text, "two").unwrap().summary());
        for line in [
            "version         1.7  two",
            "pieces          line 2",
            "lanes           driving 0.0 km",
            "not understood  line 1: `tunnelx` in `road` (2 times)",
            "gap             road 1 lane -1 at 10.00 m to road 2 lane -1: 10.000 m, 0.000 rad",
        ] {
            assert!(told.lines().any(|l| l == line), "{line}\n{told}");
        }
    }
}
