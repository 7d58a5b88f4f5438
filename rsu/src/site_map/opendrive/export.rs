//! A site map as OpenDRIVE (ASAM OpenDRIVE 1.6), for simulators and editors. Every link is a road of its own that runs in the
//! direction of travel, every connection a connecting road of the junction; the centre of a link's longest lane is the
//! road's reference line, and the widths of the others follow their centre lines.

use std::fmt::Write as _;

use calibration::geodesy::Wgs84;
use nalgebra::Vector2;

use super::place;
use super::station::{distance, height, length, offset, stations};
use crate::site_map::{Connection, Crosswalk, Lane, LaneKind, Link, SiteMap, Waypoint};

/// A gap between lanes narrower than this is none, metres.
const GAP_M: f64 = 0.001;

/// The text of a map, with the place of its origin when that is known. Link names stand in `name` of each road; height is
/// that of the reference lines.
///
/// ```
/// # use rsu::site_map::{SiteMap, opendrive};
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/scenarios/maps/four_arm.json");
/// let map = SiteMap::load(path.as_ref()).unwrap();
/// let xml = opendrive::export(&map, None);
/// assert_eq!(opendrive::import(&xml).unwrap().links.len(), map.links.len());
/// ```
#[must_use]
pub fn export(map: &SiteMap, origin: Option<Wgs84>) -> String {
    let junction = map.node.id.max(1);
    let mut roads: Vec<Drawn> = map.links.iter().zip(1..).map(|(link, id)| Drawn::link(link, id)).collect();
    let mut connections = String::new();
    for (from, link) in map.links.iter().enumerate().filter(|(_, link)| link.to == map.node) {
        for lane in &link.lanes {
            for connection in &lane.connections {
                let Some(to) = map.links.iter().position(|l| l.name == connection.to_link) else { continue };
                let Some(road) = Drawn::connection([from, to], lane, connection, map, &roads) else { continue };
                let (number, lane) = (roads.len() - map.links.len(), roads[from].number_of(lane.id));
                let _ = writeln!(
                    connections,
                    "    <connection id=\"{number}\" incomingRoad=\"{}\" connectingRoad=\"{}\" contactPoint=\"start\">\
                     <laneLink from=\"{lane}\" to=\"-1\"/></connection>",
                    roads[from].id, road.id
                );
                roads.push(road);
            }
        }
    }
    for (number, walk) in map.crosswalks.iter().enumerate() {
        draw_crosswalk(&mut roads, number, walk);
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OpenDRIVE>\n");
    let _ = writeln!(out, "  <header revMajor=\"1\" revMinor=\"6\" name=\"{}\">", escaped(&map.name));
    if let Some(origin) = origin {
        let _ = writeln!(out, "    <geoReference><![CDATA[{}]]></geoReference>", place::at(origin));
    }
    out.push_str("  </header>\n");
    roads.iter().for_each(|road| road.write(&mut out, map, junction));
    for group in map.signal_groups() {
        let lamps = roads.iter().flat_map(|road| &road.lamps).filter(|lamp| lamp.group == group);
        let controls = lamps.map(|lamp| format!("<control signalId=\"{}\"/>", lamp.id)).collect::<String>();
        let _ = writeln!(
            out,
            "  <controller id=\"{group}\" name=\"group {group}\">{controls}\
             <userData code=\"{GROUP}\" value=\"{group}\"/></controller>"
        );
    }
    let _ = writeln!(
        out,
        "  <junction id=\"{junction}\" name=\"{}\">\n{connections}  </junction>\n</OpenDRIVE>",
        escaped(&map.name)
    );
    out
}

/// `userData` of a controller: the number of its signal group.
pub(super) const GROUP: &str = "rsu.signal-group";

/// A road on its way into the file.
struct Drawn {
    id: usize,
    name: String,
    /// Reference line with heights.
    line: Vec<Waypoint>,
    speed_mps: f64,
    /// Half the width of the lane in whose middle the reference line lies, on the left of which the road begins.
    left_m: f64,
    /// From left to right; gaps are lanes that nobody uses.
    lanes: Vec<Strip>,
    /// Links that a connecting road joins, and the lanes there.
    joins: Option<([usize; 2], [i32; 2])>,
    lamps: Vec<Lamp>,
    walks: Vec<String>,
}

/// A lane, or a gap between lanes, with its width at stations along the road.
struct Strip {
    /// Number in the link.
    lane: Option<(u8, LaneKind)>,
    widths: Vec<(f64, f64)>,
}

struct Lamp {
    id: String,
    group: u8,
    s: f64,
    kind: u32,
}

impl Drawn {
    fn link(link: &Link, id: usize) -> Self {
        let longest = |a: &&Lane, b: &&Lane| length(&a.centreline).total_cmp(&length(&b.centreline));
        let reference = link.lanes.iter().max_by(longest);
        let line = reference.map(|lane| lane.centreline.clone()).unwrap_or_default();
        let stations = stations(&line);
        // How far right of the reference line the middle of each lane lies at each station.
        let middles: Vec<Vec<f64>> =
            link.lanes.iter().map(|lane| stations.iter().map(|at| -offset(at, &lane.centreline)).collect()).collect();
        let edge =
            |lane: &Lane, middles: &[f64]| middles.iter().map(|m| m - lane.width_m / 2.0).fold(f64::INFINITY, f64::min);
        let first = link.lanes.first().zip(middles.first());
        let left_m = first.map_or(0.0, |(lane, middles)| -edge(lane, middles));
        let mut inner: Vec<f64> = vec![-left_m; stations.len()];
        let mut lanes = Vec::new();
        for (lane, middles) in link.lanes.iter().zip(&middles) {
            let gaps: Vec<f64> = middles
                .iter()
                .zip(&inner)
                .map(|(middle, inner)| (middle - lane.width_m / 2.0 - inner).max(0.0))
                .collect();
            if gaps.iter().any(|gap| *gap > GAP_M) {
                inner.iter_mut().zip(&gaps).for_each(|(inner, gap)| *inner += gap);
                lanes.push(Strip { lane: None, widths: stations.iter().map(|at| at.s).zip(gaps).collect() });
            }
            // Where lanes overlap this one is narrower, and its middle stays where it is.
            let widths: Vec<f64> = middles.iter().zip(&inner).map(|(m, inner)| (2.0 * (m - inner)).max(0.1)).collect();
            inner.iter_mut().zip(&widths).for_each(|(inner, width)| *inner += width);
            let widths = stations.iter().map(|at| at.s).zip(widths).collect();
            lanes.push(Strip { lane: Some((lane.id, lane.kind)), widths });
        }
        Self {
            id,
            name: link.name.clone(),
            line,
            speed_mps: link.speed_limit_mps,
            left_m,
            lanes,
            joins: None,
            lamps: Vec::new(),
            walks: Vec::new(),
        }
    }

    fn connection(
        [from, to]: [usize; 2],
        lane: &Lane,
        connection: &Connection,
        map: &SiteMap,
        roads: &[Drawn],
    ) -> Option<Self> {
        let target = map.links[to].lanes.iter().find(|l| l.id == connection.to_lane)?;
        let drawn = connection.path.len() >= 2;
        let smooth = || map.path(lane, connection).iter().map(|p| vec![p.x, p.y]).collect();
        let line: Vec<Waypoint> = if drawn { connection.path.clone() } else { smooth() };
        if line.len() < 2 {
            return None; // the lanes touch
        }
        let id = roads.len() + 1;
        let lamp = connection.signal_group.map(|group| Lamp { id: format!("{id:06}"), group, s: 0.0, kind: 1_000_001 });
        let width_m = lane.width_m;
        Some(Self {
            id,
            name: format!("{} to {}", map.links[from].name, connection.to_link),
            speed_mps: map.links[from].speed_limit_mps,
            left_m: width_m / 2.0,
            lanes: vec![Strip { lane: Some((1, lane.kind)), widths: vec![(0.0, width_m)] }],
            joins: Some(([from, to], [roads[from].number_of(lane.id), roads[to].number_of(target.id)])),
            lamps: lamp.into_iter().collect(),
            walks: Vec::new(),
            line,
        })
    }

    /// Number of a lane in the file.
    fn number_of(&self, id: u8) -> i32 {
        let at = self.lanes.iter().position(|strip| strip.lane.is_some_and(|(lane, _)| lane == id));
        -(at.unwrap_or_default() as i32) - 1
    }

    fn write(&self, out: &mut String, map: &SiteMap, junction: u16) {
        let total = length(&self.line);
        let belongs = if self.joins.is_some() { i32::from(junction) } else { -1 };
        let _ = writeln!(
            out,
            "  <road id=\"{}\" name=\"{}\" length=\"{total}\" junction=\"{belongs}\" rule=\"RHT\">",
            self.id,
            escaped(&self.name)
        );
        self.write_link(out, map, junction);
        let _ =
            writeln!(out, "    <type s=\"0\" type=\"town\"><speed max=\"{}\" unit=\"m/s\"/></type>", self.speed_mps);
        let (mut plan, mut heights) = (String::new(), String::new());
        for (at, two) in stations(&self.line).iter().zip(self.line.windows(2)) {
            let (run, up) = (distance(&two[0], &two[1]), [height(&two[0]), height(&two[1])]);
            let _ = writeln!(
                plan,
                "      <geometry s=\"{}\" x=\"{}\" y=\"{}\" hdg=\"{}\" length=\"{run}\"><line/></geometry>",
                at.s, two[0][0], two[0][1], at.heading
            );
            let slope = (up[1] - up[0]) / run.max(1e-9);
            let _ =
                writeln!(heights, "      <elevation s=\"{}\" a=\"{}\" b=\"{slope}\" c=\"0\" d=\"0\"/>", at.s, up[0]);
        }
        let _ = writeln!(out, "    <planView>\n{plan}    </planView>");
        if self.line.iter().any(|p| height(p) != 0.0) {
            let _ = writeln!(out, "    <elevationProfile>\n{heights}    </elevationProfile>");
        }
        self.write_lanes(out);
        if !self.walks.is_empty() {
            let _ = writeln!(out, "    <objects>{}</objects>", self.walks.concat());
        }
        if !self.lamps.is_empty() {
            out.push_str("    <signals>");
            for Lamp { id, s, kind, .. } in &self.lamps {
                let _ = write!(
                    out,
                    "<signal id=\"{id}\" s=\"{s}\" t=\"0\" dynamic=\"yes\" orientation=\"+\" zOffset=\"5\" \
                     country=\"OpenDRIVE\" type=\"{kind}\" subtype=\"-1\" value=\"-1\"/>"
                );
            }
            out.push_str("</signals>\n");
        }
        out.push_str("  </road>\n");
    }

    fn write_link(&self, out: &mut String, map: &SiteMap, junction: u16) {
        let junction = format!("elementType=\"junction\" elementId=\"{junction}\"");
        let road =
            |id: usize, contact: &str| format!("elementType=\"road\" elementId=\"{id}\" contactPoint=\"{contact}\"");
        let (before, after) = match self.joins {
            Some(([from, to], _)) => (Some(road(from + 1, "end")), Some(road(to + 1, "start"))),
            None if map.links[self.id - 1].to == map.node => (None, Some(junction)),
            None => (Some(junction), None),
        };
        let element = |name: &str, to: Option<String>| to.map_or(String::new(), |to| format!("<{name} {to}/>"));
        let _ = writeln!(out, "    <link>{}{}</link>", element("predecessor", before), element("successor", after));
    }

    fn write_lanes(&self, out: &mut String) {
        let _ = writeln!(
            out,
            "    <lanes>\n      <laneOffset s=\"0\" a=\"{}\" b=\"0\" c=\"0\" d=\"0\"/>\n      <laneSection s=\"0\">\n        \
             <center><lane id=\"0\" type=\"none\" level=\"false\"/></center>\n        <right>",
            self.left_m
        );
        for (strip, number) in self.lanes.iter().zip(1..) {
            let kind = match strip.lane {
                Some((_, LaneKind::Vehicle)) => "driving",
                Some((_, LaneKind::Bicycle)) => "biking",
                Some((_, LaneKind::Sidewalk)) => "sidewalk",
                None => "none",
            };
            let _ = write!(out, "          <lane id=\"-{number}\" type=\"{kind}\" level=\"false\">");
            if let Some((_, [before, after])) = self.joins {
                let _ = write!(out, "<link><predecessor id=\"{before}\"/><successor id=\"{after}\"/></link>");
            }
            for (i, (s, width)) in strip.widths.iter().enumerate() {
                let next = strip.widths.get(i + 1);
                let slope = next.map_or(0.0, |(after, wide)| (wide - width) / (after - s).max(1e-9));
                // The last station is the road's end.
                if next.is_some() || i == 0 {
                    let _ = write!(out, "<width sOffset=\"{s}\" a=\"{width}\" b=\"{slope}\" c=\"0\" d=\"0\"/>");
                }
            }
            out.push_str("</lane>\n");
        }
        out.push_str("        </right>\n      </laneSection>\n    </lanes>\n");
    }
}

/// A crosswalk is an object of the road that passes it nearest, with lights of its own.
fn draw_crosswalk(roads: &mut [Drawn], number: usize, walk: &Crosswalk) {
    let (Some(a), Some(b)) = (walk.centreline.first(), walk.centreline.last()) else { return };
    let middle = Vector2::new((a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0);
    let mut best: Option<(usize, f64, f64, f64)> = None;
    for (index, road) in roads.iter().enumerate() {
        for (at, two) in stations(&road.line).iter().zip(road.line.windows(2)) {
            let off = middle - at.at;
            let along = off.x * at.heading.cos() + off.y * at.heading.sin();
            let left = off.y * at.heading.cos() - off.x * at.heading.sin();
            let nearer = best.is_none_or(|(_, _, t, _)| left.abs() < t.abs());
            if (0.0..=distance(&two[0], &two[1])).contains(&along) && nearer {
                best = Some((index, at.s + along, left, at.heading));
            }
        }
    }
    let Some((index, s, t, heading)) = best else { return };
    let turn = (b[1] - a[1]).atan2(b[0] - a[0]) - heading;
    let (length, width) = (distance(a, b), walk.width_m);
    roads[index].walks.push(format!(
        "<object id=\"{}\" name=\"{}\" type=\"crosswalk\" s=\"{s}\" t=\"{t}\" zOffset=\"0\" hdg=\"{turn}\" \
         length=\"{length}\" width=\"{width}\" orientation=\"none\"/>",
        number + 1,
        escaped(&walk.name)
    ));
    let lamp = walk.signal_group.map(|group| Lamp { id: format!("walk-{}", number + 1), group, s, kind: 1_000_002 });
    roads[index].lamps.extend(lamp);
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
