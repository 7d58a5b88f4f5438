//! Routes: places to pass, one after the other.

use std::sync::Arc;

use super::position::Position;
use super::reader::Reader;
use super::word::Words;
use super::xml::Element;

/// A route as written.
#[derive(Clone, Debug)]
pub struct Route {
    /// Name.
    pub name: String,
    /// Begins again at its end.
    pub closed: bool,
    /// Places to pass.
    pub waypoints: Vec<Waypoint>,
}

/// A place to pass.
#[derive(Clone, Debug)]
pub struct Waypoint {
    /// Where.
    pub position: Position,
    /// How to get here from the one before.
    pub strategy: Strategy,
}

/// How to choose among ways (standard: RouteStrategy).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Least metres.
    Shortest,
    /// Least seconds at the speed limits.
    Fastest,
    /// Fewest junctions.
    LeastIntersections,
    /// Any, by the seed.
    Random,
}

const STRATEGIES: Words<Strategy> = &[
    ("shortest", Strategy::Shortest),
    ("fastest", Strategy::Fastest),
    ("leastIntersections", Strategy::LeastIntersections),
    ("random", Strategy::Random),
];

impl Reader {
    /// Reads the `Route`, or the reference to one, inside an element.
    pub fn read_route_of(&mut self, element: &Element) -> Option<Arc<Route>> {
        let route = match element.child("Route") {
            Some(inline) => self.within(inline, |r| r.read_route(inline)),
            None => match element.child("CatalogReference") {
                Some(reference) => self.refer(reference, &["Route"], |r, e| r.read_route(e))?,
                None => {
                    self.complain(element, "has no Route", "add a Route or a CatalogReference");
                    return None;
                }
            },
        };
        Some(Arc::new(route))
    }

    fn read_route(&mut self, e: &Element) -> Route {
        let mut waypoints = Vec::new();
        for waypoint in e.all("Waypoint") {
            let strategy = self.word(waypoint, "routeStrategy", STRATEGIES).unwrap_or(Strategy::Shortest);
            if strategy != Strategy::Shortest {
                self.deviate(waypoint, format!("strategy {strategy:?} is driven as shortest"), "name more waypoints");
            }
            if let Some(position) = self.child_position(waypoint, "Position") {
                waypoints.push(Waypoint { position, strategy });
            }
        }
        if waypoints.len() < 2 {
            self.complain(e, "has fewer than two waypoints", "add waypoints");
        }
        Route { name: self.text(e, "name"), closed: self.optional_boolean(e, "closed").unwrap_or(false), waypoints }
    }
}
