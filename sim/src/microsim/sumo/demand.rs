//! `rou.xml`: types, routes, vehicles, trips and flows.

use std::collections::BTreeMap;
use std::path::Path;

use roxmltree::Node;

use super::types::{default_style, style};
use super::xml::{Notes, Reader, SumoError, note, text};
use crate::microsim::demand::{DepartLane, DepartSpeed, Departure, Flow, Pace};
use crate::microsim::network::EdgeId;
use crate::microsim::route::{Route, quickest};
use crate::microsim::style::{Class, Style};
use crate::microsim::traffic::Traffic;
use crate::microsim::vehicle::Name;

/// Type of vehicles that name none.
const DEFAULT_TYPE: &str = "DEFAULT_VEHTYPE";

/// Adds the demand of a file to `traffic`.
///
/// # Errors
/// When the file is no demand of SUMO or does not fit the network.
pub fn read(path: &Path, traffic: &mut Traffic, notes: &mut Notes) -> Result<(), SumoError> {
    parse(&path.display().to_string(), &text(path)?, traffic, notes)
}

/// Adds the demand in the text of the file called `file`.
///
/// # Errors
/// As [`read`].
pub fn parse(file: &str, text: &str, traffic: &mut Traffic, notes: &mut Notes) -> Result<(), SumoError> {
    let reader = Reader { file };
    // `additional` files hold types and routes too.
    let root = if text.contains("<additional") { "additional" } else { "routes" };
    let document = reader.parse(text, root)?;
    let mut known = Known::default();
    for node in document.root_element().children().filter(Node::is_element) {
        known.element(&reader, node, traffic, notes)?;
    }
    Ok(())
}

#[derive(Default)]
struct Known {
    /// Styles with weights, by the name of a type or a distribution.
    types: BTreeMap<String, Vec<(Style, f64)>>,
    routes: BTreeMap<String, Vec<EdgeId>>,
    /// Routes already made for a class.
    made: BTreeMap<(Vec<EdgeId>, Class), u32>,
}

impl Known {
    fn element(
        &mut self,
        reader: &Reader<'_>,
        node: Node<'_, '_>,
        traffic: &mut Traffic,
        notes: &mut Notes,
    ) -> Result<(), SumoError> {
        match node.tag_name().name() {
            "vType" => {
                let style = style(reader, node)?;
                self.types.insert(style.name.clone(), vec![(style, 1.0)]);
            }
            "vTypeDistribution" => self.distribution(reader, node)?,
            "route" => {
                let edges = edges(reader, node, traffic)?;
                self.routes.insert(reader.need(node, "id")?.to_owned(), edges);
            }
            "vehicle" | "trip" => self.vehicle(reader, node, traffic, notes)?,
            "flow" => self.flow(reader, node, traffic, notes)?,
            name @ ("person" | "personFlow" | "container" | "containerFlow" | "busStop" | "param") => {
                note(notes, node, format!("<{name}>: not part of this traffic"));
            }
            name => {
                let problem = format!("<{name}> is not understood here");
                return Err(reader.error(node, problem, "use vType, vTypeDistribution, route, vehicle, trip or flow"));
            }
        }
        Ok(())
    }

    fn distribution(&mut self, reader: &Reader<'_>, node: Node<'_, '_>) -> Result<(), SumoError> {
        let mut mix = Vec::new();
        for inner in node.children().filter(|n| n.has_tag_name("vType")) {
            mix.push((style(reader, inner)?, reader.number(inner, "probability")?.unwrap_or(1.0)));
        }
        let names: Vec<_> = node.attribute("vTypes").unwrap_or("").split_whitespace().collect();
        let weights: Vec<_> = node.attribute("probabilities").unwrap_or("").split_whitespace().collect();
        for (i, name) in names.into_iter().enumerate() {
            let weight = weights.get(i).map_or(Ok(1.0), |w| reader.as_number(node, "probabilities", w))?;
            let Some(found) = self.types.get(name) else {
                return Err(reader.error(
                    node,
                    format!("there is no vType `{name}`"),
                    "define it before the distribution",
                ));
            };
            mix.extend(found.iter().map(|(style, share)| (style.clone(), share * weight)));
        }
        if mix.is_empty() {
            return Err(reader.error(node, "no type in it", "name some in vTypes or put them inside"));
        }
        self.types.insert(reader.need(node, "id")?.to_owned(), mix);
        Ok(())
    }

    fn mix(&self, reader: &Reader<'_>, node: Node<'_, '_>) -> Result<Vec<(Style, f64)>, SumoError> {
        let name = node.attribute("type").unwrap_or(DEFAULT_TYPE);
        match self.types.get(name) {
            Some(mix) => Ok(mix.clone()),
            None if name == DEFAULT_TYPE => Ok(vec![(default_style(name), 1.0)]),
            None => Err(reader.error(node, format!("there is no vType `{name}`"), "define it before it is used")),
        }
    }

    /// The edges over which a vehicle of `class` goes.
    fn way(
        &self,
        reader: &Reader<'_>,
        node: Node<'_, '_>,
        class: Class,
        traffic: &Traffic,
    ) -> Result<Vec<EdgeId>, SumoError> {
        if let Some(name) = node.attribute("route") {
            let Some(edges) = self.routes.get(name) else {
                return Err(reader.error(node, format!("there is no route `{name}`"), "define it before it is used"));
            };
            return Ok(edges.clone());
        }
        if let Some(inner) = node.children().find(|n| n.has_tag_name("route")) {
            return edges(reader, inner, traffic);
        }
        let mut stops = vec![edge(reader, node, reader.need(node, "from")?, traffic)?];
        for name in node.attribute("via").unwrap_or("").split_whitespace() {
            stops.push(edge(reader, node, name, traffic)?);
        }
        stops.push(edge(reader, node, reader.need(node, "to")?, traffic)?);
        let mut way = vec![stops[0]];
        for pair in stops.windows(2) {
            let part = quickest(&traffic.network, pair[0], pair[1], class)
                .map_err(|e| reader.error(node, e.to_string(), "connect the edges or give others"))?;
            way.extend(&part[1..]);
        }
        Ok(way)
    }

    /// Number of the route for this class.
    fn route(
        &mut self,
        reader: &Reader<'_>,
        node: Node<'_, '_>,
        class: Class,
        traffic: &mut Traffic,
    ) -> Result<u32, SumoError> {
        let key = (self.way(reader, node, class, traffic)?, class);
        if let Some(&made) = self.made.get(&key) {
            return Ok(made);
        }
        let route = Route::new(&traffic.network, key.0.clone(), class)
            .map_err(|e| reader.error(node, e.to_string(), "correct the edges of the route"))?;
        let made = traffic.add_route(route);
        self.made.insert(key, made);
        Ok(made)
    }

    fn vehicle(
        &mut self,
        reader: &Reader<'_>,
        node: Node<'_, '_>,
        traffic: &mut Traffic,
        notes: &mut Notes,
    ) -> Result<(), SumoError> {
        let id = reader.need(node, "id")?;
        let mix = self.mix(reader, node)?;
        let chosen = if mix.len() == 1 {
            0
        } else {
            let weights: Vec<f64> = mix.iter().map(|(_, weight)| *weight).collect();
            crate::random::Luck::new(traffic.settings.seed, &format!("type of {id}")).pick(&weights)
        };
        let style = &mix[chosen].0;
        let route = self.route(reader, node, style.class, traffic)?;
        let (lane, speed, pos) = start(reader, node, notes)?;
        let name = Name { stem: traffic.stem(id), serial: None };
        let style = traffic.add_style(style.clone());
        let time = seconds(reader, node, "depart")?.unwrap_or(0.0);
        no_stops(node, notes);
        traffic.add(Departure { time, name, style, route, lane, speed, pos });
        Ok(())
    }

    fn flow(
        &mut self,
        reader: &Reader<'_>,
        node: Node<'_, '_>,
        traffic: &mut Traffic,
        notes: &mut Notes,
    ) -> Result<(), SumoError> {
        let mut mix = Vec::new();
        for (style, weight) in self.mix(reader, node)? {
            let route = self.route(reader, node, style.class, traffic)?;
            mix.push((traffic.add_style(style), route, weight));
        }
        let begin = seconds(reader, node, "begin")?.unwrap_or(0.0);
        let end = seconds(reader, node, "end")?.unwrap_or(86_400.0);
        let number = reader.number(node, "number")?;
        let (lane, speed, pos) = start(reader, node, notes)?;
        let per_hour = reader.number(node, "vehsPerHour")?.map(|n| Pace::Even(3600.0 / n.max(1e-6)));
        let by_chance = reader.number(node, "probability")?.map(Pace::Poisson);
        let pace = match node.attribute("period") {
            Some(text) => Some(match text.strip_prefix("exp(").and_then(|t| t.strip_suffix(')')) {
                Some(rate) => Pace::Poisson(reader.as_number(node, "period", rate)?),
                None => Pace::Even(reader.as_number(node, "period", text)?),
            }),
            None => per_hour.or(by_chance).or(number.map(|n| Pace::Even((end - begin) / n.max(1.0)))),
        };
        let Some(pace) = pace.filter(|p| matches!(p, Pace::Even(s) | Pace::Poisson(s) if *s > 0.0)) else {
            return Err(reader.error(
                node,
                "it is not said how often",
                "give period, vehsPerHour, probability or number",
            ));
        };
        no_stops(node, notes);
        let stem = traffic.stem(reader.need(node, "id")?);
        let limit = number.map_or(u32::MAX, |n| n as u32);
        traffic.add_flow(Flow { stem, time: [begin, end], pace, limit, mix, lane, speed, pos });
        Ok(())
    }
}

fn no_stops(node: Node<'_, '_>, notes: &mut Notes) {
    for stop in node.children().filter(|n| n.has_tag_name("stop")) {
        note(notes, stop, "<stop>: vehicles drive on");
    }
}

fn edge(reader: &Reader<'_>, node: Node<'_, '_>, name: &str, traffic: &Traffic) -> Result<EdgeId, SumoError> {
    traffic
        .network
        .edge(name)
        .ok_or_else(|| reader.error(node, format!("there is no edge `{name}`"), "name edges of the network"))
}

fn edges(reader: &Reader<'_>, node: Node<'_, '_>, traffic: &Traffic) -> Result<Vec<EdgeId>, SumoError> {
    let names = reader.need(node, "edges")?.split_whitespace();
    let edges: Vec<_> = names.map(|name| edge(reader, node, name, traffic)).collect::<Result<_, _>>()?;
    if edges.is_empty() {
        return Err(reader.error(node, "the route has no edge", "name at least one"));
    }
    Ok(edges)
}

/// Seconds, or `hours:minutes:seconds`.
fn seconds(reader: &Reader<'_>, node: Node<'_, '_>, name: &str) -> Result<Option<f64>, SumoError> {
    let Some(text) = node.attribute(name) else { return Ok(None) };
    let mut total = 0.0;
    for part in text.split(':') {
        total = total * 60.0 + reader.as_number(node, name, part)?;
    }
    Ok(Some(total))
}

/// Lane, speed and place of the departure.
fn start(
    reader: &Reader<'_>,
    node: Node<'_, '_>,
    notes: &mut Notes,
) -> Result<(DepartLane, DepartSpeed, Option<f64>), SumoError> {
    let lane = match node.attribute("departLane") {
        None | Some("first") => DepartLane::Index(0),
        Some("best" | "best_prob") => DepartLane::Best,
        Some("free" | "allowed") => DepartLane::Free,
        Some("random") => DepartLane::Random,
        Some(text) => DepartLane::Index(reader.as_number(node, "departLane", text)?.max(0.0) as u32),
    };
    let speed = match node.attribute("departSpeed") {
        None => DepartSpeed::Mps(0.0),
        Some("max" | "desired" | "speedLimit" | "avg" | "last") => DepartSpeed::Max,
        Some("random") => {
            note(notes, node, "departSpeed=\"random\": as fast as is safe");
            DepartSpeed::Max
        }
        Some(text) => DepartSpeed::Mps(reader.as_number(node, "departSpeed", text)?.max(0.0)),
    };
    let pos = match node.attribute("departPos") {
        None | Some("base") => None,
        Some(word @ ("random" | "free" | "random_free" | "last" | "stop")) => {
            note(notes, node, format!("departPos=\"{word}\": at the start of the lane"));
            None
        }
        Some(text) => Some(reader.as_number(node, "departPos", text)?),
    };
    Ok((lane, speed, pos))
}
