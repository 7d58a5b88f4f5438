//! `net.xml`: edges with their lanes, the lanes inside junctions, connections, right of way and signal programmes.

use std::collections::BTreeMap;
use std::path::Path;

use roxmltree::Node;

use super::types::class_of;
use super::xml::{Notes, Reader, SumoError, note, text};
use crate::microsim::conflict;
use crate::microsim::network::{Classes, LaneId, LanePlan, LinkId, NONE, Network, Rule};
use crate::microsim::signal::{Phase, Program, Shown};
use crate::microsim::style::Class;

/// Width of a lane that gives none, metres.
const LANE_M: f64 = 3.2;

/// Reads a network.
///
/// # Errors
/// When the file is no network of SUMO, or parts of it do not fit together.
pub fn read(path: &Path) -> Result<(Network, Notes), SumoError> {
    parse(&path.display().to_string(), &text(path)?)
}

/// Reads a network from the text of the file called `file`.
///
/// # Errors
/// As [`read`].
pub fn parse(file: &str, text: &str) -> Result<(Network, Notes), SumoError> {
    let reader = Reader { file };
    let document = reader.parse(text, "net")?;
    let root = document.root_element();
    let mut notes = Notes::new();
    let mut network = Network::new();
    for edge in elements(root, "edge") {
        add_edge(&reader, edge, &mut network, &mut notes)?;
    }
    let programs = add_programs(&reader, root, &mut network, &mut notes)?;
    add_links(&reader, root, &mut network, &programs)?;
    add_priorities(&reader, root, &mut network)?;
    if network.edges.iter().all(|e| e.inner) {
        return Err(reader.error(root, "no edge for vehicles", "give a network with at least one road"));
    }
    Ok((network, notes))
}

fn elements<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |n| n.has_tag_name(name))
}

fn add_edge(
    reader: &Reader<'_>,
    edge: Node<'_, '_>,
    network: &mut Network,
    notes: &mut Notes,
) -> Result<(), SumoError> {
    let function = edge.attribute("function").unwrap_or("normal");
    if matches!(function, "crossing" | "walkingarea") {
        note(notes, edge, format!("edges with function=\"{function}\": people on foot are not part of this traffic"));
        return Ok(());
    }
    let name = reader.need(edge, "id")?;
    if network.edge(name).is_some() {
        return Err(reader.error(edge, format!("edge `{name}` is there twice"), "name every edge once"));
    }
    let mut lanes = Vec::new();
    for (i, lane) in elements(edge, "lane").enumerate() {
        let index = reader.need_number(lane, "index")?;
        if index != i as f64 {
            return Err(reader.error(
                lane,
                format!("index=\"{index}\" where {i} should follow"),
                "sort lanes by index from 0",
            ));
        }
        lanes.push(LanePlan {
            name: reader.need(lane, "id")?.to_owned(),
            length: reader.positive(lane, "length")?.max(0.1),
            speed: reader.positive(lane, "speed")?.max(0.1),
            width: reader.number(lane, "width")?.filter(|w| *w > 0.0).unwrap_or(LANE_M),
            open_to: open_to(lane),
            shape: reader.shape(lane, "shape")?,
        });
    }
    if lanes.is_empty() || lanes.len() > 32 {
        let found = lanes.len();
        return Err(reader.error(edge, format!("edge `{name}` has {found} lanes"), "give it 1 to 32"));
    }
    let ends = [edge.attribute("from").unwrap_or(""), edge.attribute("to").unwrap_or("")];
    network.add_edge(name, ends, function == "internal", lanes);
    Ok(())
}

fn open_to(lane: Node<'_, '_>) -> Classes {
    let mask = |names: &str| {
        if names.trim() == "all" {
            return Classes::ALL.0;
        }
        names.split_whitespace().filter_map(class_of).fold(0, |mask, class| mask | class.bit())
    };
    match (lane.attribute("allow"), lane.attribute("disallow")) {
        (Some(allow), _) => Classes(mask(allow)),
        (None, Some(disallow)) => Classes(!mask(disallow)),
        (None, None) => Classes(Class::ALL.iter().fold(0, |mask, class| mask | class.bit())),
    }
}

fn add_programs(
    reader: &Reader<'_>,
    root: Node<'_, '_>,
    network: &mut Network,
    notes: &mut Notes,
) -> Result<BTreeMap<String, u32>, SumoError> {
    let mut programs = BTreeMap::new();
    for logic in elements(root, "tlLogic") {
        let name = reader.need(logic, "id")?.to_owned();
        if programs.contains_key(&name) {
            note(notes, logic, "further programmes of a light: the first one runs");
            continue;
        }
        if logic.attribute("type").is_some_and(|kind| kind != "static") {
            note(notes, logic, "actuated programmes: their phases run with fixed times");
        }
        let mut phases = Vec::new();
        for phase in elements(logic, "phase") {
            let state = reader.need(phase, "state")?;
            let shown = state.chars().map(|letter| {
                Shown::from_letter(letter).ok_or_else(|| {
                    reader.error(phase, format!("`{letter}` is no signal"), "use r, y, g, G, s, u, o or O")
                })
            });
            phases.push(Phase {
                duration_s: reader.positive(phase, "duration")?,
                shown: shown.collect::<Result<_, _>>()?,
            });
        }
        if phases.is_empty() {
            return Err(reader.error(logic, format!("light `{name}` has no phase"), "give it at least one"));
        }
        let offset_s = reader.number(logic, "offset")?.unwrap_or(0.0);
        programs.insert(name.clone(), network.programs.len() as u32);
        network.programs.push(Program { name, offset_s, phases });
    }
    Ok(programs)
}

/// A lane of an edge.
fn lane_of(network: &Network, edge: &str, index: f64) -> Option<LaneId> {
    let edge = &network.edges[network.edge(edge)? as usize];
    (index >= 0.0 && index < f64::from(edge.count)).then(|| edge.first + index as u32)
}

fn add_links(
    reader: &Reader<'_>,
    root: Node<'_, '_>,
    network: &mut Network,
    programs: &BTreeMap<String, u32>,
) -> Result<(), SumoError> {
    // From an inner lane to the one that follows it inside the same junction.
    let mut next_inner: BTreeMap<LaneId, LaneId> = BTreeMap::new();
    let connections = || elements(root, "connection");
    for c in connections().filter(|c| c.attribute("from").is_some_and(|from| from.starts_with(':'))) {
        let from = lane_of(network, reader.need(c, "from")?, reader.positive(c, "fromLane")?);
        if let (Some(from), Some(via)) = (from, c.attribute("via").and_then(|via| network.lane(via))) {
            next_inner.insert(from, via);
        }
    }
    for c in connections() {
        let (from, to) = (reader.need(c, "from")?, reader.need(c, "to")?);
        let known = |edge: &str| network.edge(edge).is_some_and(|e| !network.edges[e as usize].inner);
        if !known(from) || !known(to) {
            // Of an inner lane, or of a crossing for people on foot.
            if from.starts_with(':') || to.starts_with(':') {
                continue;
            }
            return Err(reader.error(
                c,
                format!("there is no edge `{}`", if known(from) { to } else { from }),
                "name edges of this file",
            ));
        }
        let (a, b) = (reader.positive(c, "fromLane")?, reader.positive(c, "toLane")?);
        let (Some(a), Some(b)) = (lane_of(network, from, a), lane_of(network, to, b)) else {
            return Err(reader.error(
                c,
                format!("lane {a} of `{from}` or lane {b} of `{to}` is not there"),
                "correct the lane numbers",
            ));
        };
        let first = match c.attribute("via") {
            Some(via) => network.lane(via).ok_or_else(|| {
                reader.error(c, format!("there is no lane `{via}`"), "convert the network with its internal lanes")
            })?,
            None => NONE,
        };
        let second = next_inner.get(&first).copied().unwrap_or(NONE);
        let rule = match c.attribute("state") {
            Some("M" | "O") => Rule::Major,
            Some("s" | "w") => Rule::Stop,
            _ => Rule::Minor,
        };
        let link = network.add_link(a, b, [first, second], rule);
        if let Some(light) = c.attribute("tl") {
            let Some(&program) = programs.get(light) else {
                return Err(reader.error(c, format!("there is no tlLogic `{light}`"), "add its programme to the file"));
            };
            network.links[link as usize].signal = Some((program, reader.positive(c, "linkIndex")? as u32));
        }
    }
    Ok(())
}

/// Right of way and conflicts from the `request` elements of the junctions.
fn add_priorities(reader: &Reader<'_>, root: Node<'_, '_>, network: &mut Network) -> Result<(), SumoError> {
    for junction in elements(root, "junction").filter(|j| j.attribute("type") != Some("internal")) {
        let links = links_of(junction, network);
        let mut response = vec![Vec::new(); links.len()];
        let mut foes = vec![Vec::new(); links.len()];
        for request in elements(junction, "request") {
            let index = reader.positive(request, "index")? as usize;
            let bits = |name| -> Result<Vec<bool>, SumoError> {
                Ok(reader.need(request, name)?.chars().rev().map(|bit| bit == '1').collect())
            };
            // Networks for people on foot have further requests behind those of the vehicles.
            if index < links.len() {
                (response[index], foes[index]) = (bits("response")?, bits("foes")?);
            }
        }
        let bit = |of: &[Vec<bool>], a: usize, b: usize| of[a].get(b).copied().unwrap_or(false);
        let mut pairs = Vec::new();
        for (i, a) in links.iter().enumerate() {
            for (j, b) in links.iter().enumerate().skip(i + 1) {
                let (Some(a), Some(b)) = (*a, *b) else { continue };
                let diverge = network.links[a as usize].from == network.links[b as usize].from;
                let yields = [bit(&response, i, j), bit(&response, j, i)];
                if diverge || bit(&foes, i, j) || bit(&foes, j, i) || yields[0] || yields[1] {
                    pairs.push(([a, b], yields));
                }
            }
        }
        conflict::find(network, pairs);
    }
    Ok(())
}

/// Links of a junction in the order of its requests.
fn links_of(junction: Node<'_, '_>, network: &Network) -> Vec<Option<LinkId>> {
    let lanes = |name: &str| -> Vec<Option<LaneId>> {
        junction.attribute(name).unwrap_or("").split_whitespace().map(|lane| network.lane(lane)).collect()
    };
    let inner = lanes("intLanes");
    if !inner.is_empty() {
        let link = |lane: Option<LaneId>| lane.map(|l| network.lanes[l as usize].inner_of).filter(|&l| l != NONE);
        return inner.into_iter().map(link).collect();
    }
    let arrivals = lanes("incLanes").into_iter().flatten().filter(|&l| !network.lanes[l as usize].is_inner());
    arrivals.flat_map(|lane| network.lanes[lane as usize].links.iter().map(|&l| Some(l))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossing() -> String {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sumo/crossing.net.xml");
        std::fs::read_to_string(file).unwrap()
    }

    #[test]
    fn lanes_links_lights_and_right_of_way_are_read() {
        let (network, notes) = parse("crossing.net.xml", &crossing()).unwrap();
        assert!(notes.is_empty(), "{notes:?}");
        assert_eq!(network.edges.iter().filter(|e| !e.inner).count(), 8);
        assert_eq!(network.links.len(), 16);
        assert!(network.links.iter().all(|l| l.signal.is_some() && l.length > 1.0));
        let left = network.link_to(network.lane("s-in_1").unwrap(), network.edge("w-out").unwrap(), u32::MAX).unwrap();
        let left = &network.links[left as usize];
        assert!(left.wait_at.is_some(), "who turns left waits inside");
        let straight =
            network.link_to(network.lane("n-in_0").unwrap(), network.edge("s-out").unwrap(), u32::MAX).unwrap();
        let meeting = left.conflicts.iter().find(|c| c.link == straight).unwrap();
        assert!(meeting.yields && meeting.mine[0] >= left.wait_at.unwrap() - 1.0, "{meeting:?} {left:?}");
        let back = network.links[straight as usize]
            .conflicts
            .iter()
            .find(|c| network.links[c.link as usize].from == left.from);
        assert!(back.is_some_and(|c| !c.yields));
    }

    #[test]
    fn a_broken_network_is_refused_with_line_and_remedy() {
        let good = crossing();
        for (from, to, part) in [
            ("length=\"", "length=\"nan", "no number"),
            ("shape=\"", "shape=\"7 ", "no point"),
            ("id=\"c\" type=\"static\"", "id=\"d\" type=\"static\"", "there is no tlLogic `c`"),
            ("via=\":c_0_0\"", "via=\":c_99_0\"", "there is no lane `:c_99_0`"),
            ("<net ", "<network ", "no well-formed XML"),
            ("index=\"1\" speed", "index=\"5\" speed", "should follow"),
        ] {
            assert!(good.contains(from), "{from}");
            let error = parse("n.xml", &good.replacen(from, to, 1)).unwrap_err();
            assert!(error.problem.contains(part), "{from}: {error}");
            assert!(error.line > 0 && !error.remedy.is_empty());
        }
        let bomb = "<!DOCTYPE net [<!ENTITY a \"aaaa\">]><net>&a;</net>";
        assert!(parse("n.xml", bomb).unwrap_err().problem.contains("no well-formed XML"));
    }
}
