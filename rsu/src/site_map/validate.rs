//! The rules a site map keeps. Each broken rule names the element and what to do.

use std::collections::BTreeSet;

use super::{Connection, Crosswalk, Lane, Link, MapError, SCHEMA, SiteMap, Waypoint};
use crate::limits;

/// Farthest point from the origin, metres: beyond it the offsets of T/CSAE 53-2020 and the flat `enu` plane end.
const REACH_M: f64 = 5_000.0;

fn wrong(element: &str, problem: impl Into<String>, advice: impl Into<String>) -> MapError {
    MapError::Element { element: element.to_owned(), problem: problem.into(), advice: advice.into() }
}

/// Checks all rules.
pub(super) fn site_map(map: &SiteMap) -> Result<(), MapError> {
    if map.schema != SCHEMA {
        return Err(wrong("schema", format!("`{}` is not known", map.schema), format!("write \"{SCHEMA}\"")));
    }
    at_most("links", map.links.len(), limits::LINKS)?;
    at_most("links that lead in", map.inbound().count(), limits::LINKS_IN)?;
    at_most("crosswalks", map.crosswalks.len(), limits::CROSSWALKS)?;
    if map.links.is_empty() {
        return Err(wrong("links", "none", "draw at least one road"));
    }
    let mut names = BTreeSet::new();
    for link in &map.links {
        check_link(map, link)?;
        if !names.insert(link.name.as_str()) {
            return Err(wrong(&name_of(link), "the name is used twice", "rename one of the links"));
        }
    }
    let mut names = BTreeSet::new();
    for walk in &map.crosswalks {
        check_crosswalk(walk)?;
        if !names.insert(walk.name.as_str()) {
            let element = format!("crosswalk \"{}\"", walk.name);
            return Err(wrong(&element, "the name is used twice", "rename one of the crosswalks"));
        }
    }
    Ok(())
}

fn name_of(link: &Link) -> String {
    format!("link \"{}\"", link.name)
}

fn at_most(element: &str, count: usize, bound: usize) -> Result<(), MapError> {
    if count > bound {
        return Err(wrong(element, format!("{count} of them, at most {bound} fit"), "split the map"));
    }
    Ok(())
}

fn check_link(map: &SiteMap, link: &Link) -> Result<(), MapError> {
    let element = name_of(link);
    if link.name.is_empty() || link.name.len() > 63 || !link.name.is_ascii() {
        // T/CSAE 53-2020, DE_DescriptiveName: IA5String, 1..63.
        return Err(wrong(&element, "a name has 1 to 63 ASCII letters", "choose a short name"));
    }
    if link.from == link.to || (link.from != map.node && link.to != map.node) {
        let advice = format!("one of `from` and `to` must be the crossing's node {}/{}", map.node.region, map.node.id);
        return Err(wrong(&element, "the link does not touch the crossing at one end", advice));
    }
    within(&element, "speed_limit_mps", link.speed_limit_mps, 0.1, 100.0)?;
    at_most(&format!("{element}, lanes"), link.lanes.len(), limits::LANES_A_LINK)?;
    if link.lanes.is_empty() {
        return Err(wrong(&element, "no lanes", "draw at least one lane"));
    }
    let mut ids = BTreeSet::new();
    for lane in &link.lanes {
        let element = format!("{element}, lane {}", lane.id);
        check_lane(map, link, lane, &element)?;
        if !ids.insert(lane.id) {
            return Err(wrong(&element, "the number is used twice in the link", "number lanes 1, 2, … from the left"));
        }
    }
    Ok(())
}

fn check_lane(map: &SiteMap, link: &Link, lane: &Lane, element: &str) -> Result<(), MapError> {
    if !(1..=31).contains(&lane.id) {
        return Err(wrong(element, "lane numbers go from 1 to 31", "number lanes 1, 2, … from the left"));
    }
    within(element, "width_m", lane.width_m, 0.5, 30.0)?;
    line(&format!("{element}, centreline"), &lane.centreline)?;
    at_most(&format!("{element}, connections"), lane.connections.len(), limits::CONNECTIONS_A_LANE)?;
    for connection in &lane.connections {
        let element = format!("{element}, connection to {}/{}", connection.to_link, connection.to_lane);
        if link.to != map.node {
            return Err(wrong(&element, "only links that lead into the crossing connect", "remove it"));
        }
        check_connection(map, connection, &element)?;
    }
    Ok(())
}

fn check_connection(map: &SiteMap, connection: &Connection, element: &str) -> Result<(), MapError> {
    let Some(target) = map.link(&connection.to_link) else {
        let known: Vec<_> = map.links.iter().filter(|l| l.from == map.node).map(|l| l.name.as_str()).collect();
        return Err(wrong(element, "there is no such link", format!("links that leave: {}", known.join(", "))));
    };
    if target.from != map.node {
        return Err(wrong(
            element,
            "that link does not leave the crossing",
            "connect to a link whose `from` is the node",
        ));
    }
    if !target.lanes.iter().any(|l| l.id == connection.to_lane) {
        let known: Vec<_> = target.lanes.iter().map(|l| l.id.to_string()).collect();
        return Err(wrong(element, "the link has no such lane", format!("it has {}", known.join(", "))));
    }
    check_group(element, connection.signal_group)?;
    if connection.path.is_empty() { Ok(()) } else { line(&format!("{element}, path"), &connection.path) }
}

fn check_crosswalk(walk: &Crosswalk) -> Result<(), MapError> {
    let element = format!("crosswalk \"{}\"", walk.name);
    within(&element, "width_m", walk.width_m, 0.5, 30.0)?;
    check_group(&element, walk.signal_group)?;
    line(&format!("{element}, centreline"), &walk.centreline)
}

fn check_group(element: &str, group: Option<u8>) -> Result<(), MapError> {
    if group == Some(0) {
        // T/CSAE 53-2020, DE_PhaseID: 0 means none.
        return Err(wrong(element, "signal group 0 means none", "leave `signal_group` out, or use 1 to 255"));
    }
    Ok(())
}

fn within(element: &str, what: &str, value: f64, low: f64, high: f64) -> Result<(), MapError> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(wrong(element, format!("{what} is {value}"), format!("it must be between {low} and {high}")))
}

fn line(element: &str, points: &[Waypoint]) -> Result<(), MapError> {
    at_most(element, points.len(), limits::WAYPOINTS)?;
    if points.len() < 2 {
        return Err(wrong(element, format!("{} point(s)", points.len()), "a line needs at least two"));
    }
    for (i, point) in points.iter().enumerate() {
        if !(2..=3).contains(&point.len()) {
            return Err(wrong(element, format!("point {i} has {} numbers", point.len()), "write [east, north]"));
        }
        if let Some(far) = point.iter().find(|c| !c.is_finite() || c.abs() > REACH_M) {
            let advice = format!("points are metres from the origin, at most {REACH_M}");
            return Err(wrong(element, format!("point {i} holds {far}"), advice));
        }
    }
    let mut length = 0.0;
    for (i, pair) in points.windows(2).enumerate() {
        let step = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        length += step;
        if step < 1e-3 {
            let problem = format!("points {i} and {} are the same", i + 1);
            return Err(wrong(element, problem, "remove one of them"));
        }
    }
    if length > REACH_M {
        return Err(wrong(element, format!("{length:.0} m long"), format!("keep it below {REACH_M} m")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::four_arm;
    use super::*;

    fn refused(change: impl FnOnce(&mut SiteMap)) -> String {
        let mut map = four_arm();
        change(&mut map);
        map.validate().expect_err("must be refused").to_string()
    }

    #[test]
    fn each_broken_rule_is_named_with_its_element() {
        type Change = Box<dyn FnOnce(&mut SiteMap)>;
        let cases: Vec<(Change, &str)> = vec![
            (Box::new(|m| m.schema = "x/1".into()), "schema"),
            (Box::new(|m| m.links.clear()), "links"),
            (Box::new(|m| m.links[1].name = m.links[0].name.clone()), "used twice"),
            (Box::new(|m| m.links[0].from = m.node), "does not touch"),
            (Box::new(|m| m.links[0].speed_limit_mps = f64::NAN), "speed_limit_mps"),
            (Box::new(|m| m.links[0].lanes.clear()), "no lanes"),
            (Box::new(|m| m.links[0].lanes[1].id = 1), "used twice in the link"),
            (Box::new(|m| m.links[0].lanes[0].id = 32), "1 to 31"),
            (Box::new(|m| m.links[0].lanes[0].width_m = 0.0), "width_m"),
            (Box::new(|m| m.links[0].lanes[0].centreline.truncate(1)), "at least two"),
            (Box::new(|m| m.links[0].lanes[0].centreline[0] = vec![f64::INFINITY, 0.0]), "point 0 holds inf"),
            (Box::new(|m| m.links[0].lanes[0].centreline[0] = vec![1.0]), "[east, north]"),
            (Box::new(|m| m.links[0].lanes[0].centreline[0] = m.links[0].lanes[0].centreline[1].clone()), "the same"),
            (
                Box::new(|m| m.links[0].lanes[0].connections[0].to_link = "nowhere".into()),
                "links that leave: north-out",
            ),
            (Box::new(|m| m.links[0].lanes[0].connections[0].to_link = "south-in".into()), "does not leave"),
            (Box::new(|m| m.links[0].lanes[0].connections[0].to_lane = 9), "it has 1, 2, 3"),
            (Box::new(|m| m.links[0].lanes[0].connections[0].signal_group = Some(0)), "signal group 0"),
            (Box::new(|m| m.links[1].lanes[0].connections = m.links[0].lanes[0].connections.clone()), "only links"),
            (Box::new(|m| m.crosswalks[0].width_m = -1.0), "crosswalk \"north-walk\""),
            (Box::new(|m| m.crosswalks[1].name = "north-walk".into()), "used twice"),
            (Box::new(|m| m.links = vec![m.links[0].clone(); 65]), "at most 64"),
        ];
        for (change, expected) in cases {
            let text = refused(change);
            assert!(text.contains(expected), "expected `{expected}` in `{text}`");
        }
    }
}
