//! Traffic that comes, goes and surrounds: sources, sinks, swarms, areas, and what stops them.

use std::sync::Arc;

use super::Global;
use crate::openscenario::entity::Entity;
use crate::openscenario::limits;
use crate::openscenario::reader::{Need, Reader};
use crate::openscenario::traffic::{Cursor, Order, TrafficOrder, Where};
use crate::openscenario::xml::Element;

impl Reader {
    /// Reads a `TrafficAction`.
    pub(super) fn read_traffic(&mut self, e: &Element) -> Option<Global> {
        let name = self.optional(e, "trafficName").filter(|n| !n.is_empty());
        let Some(inner) = e.children.first() else {
            self.complain(e, "does nothing", "add TrafficSourceAction or another");
            return None;
        };
        let order = match inner.name.as_str() {
            "TrafficSourceAction" => self.read_source(inner)?,
            "TrafficSinkAction" => {
                let (radius, rate) = (self.positive(inner, "radius"), self.rate(inner));
                let at = Box::new(self.child_position(inner, "Position")?);
                Order::Sink { at, radius, rate, only: self.read_fleet(inner).map(Arc::new) }
            }
            "TrafficSwarmAction" => self.read_swarm(inner)?,
            "TrafficAreaAction" => self.read_area(inner)?,
            _ => {
                if name.is_none() {
                    self.complain(e, "stops nothing: it has no trafficName", "name the traffic action to be stopped");
                }
                Order::Stop
            }
        };
        if let (Some(name), true) = (&name, !matches!(order, Order::Stop)) {
            self.traffic_names.insert(name.clone());
        } else if let Some(name) = &name {
            self.stopped.push((
                e.complain(format!("no traffic action is called {name:?}"), "give one this trafficName"),
                name.clone(),
            ));
        }
        Some(Global::Traffic(Arc::new(TrafficOrder { name, order })))
    }

    fn rate(&mut self, e: &Element) -> Option<f64> {
        let rate = self.optional_number(e, "rate")?;
        if rate < 0.0 {
            self.complain(e, format!("rate={rate} is negative"), "give vehicles per second, 0 or more");
        }
        Some(rate.max(0.0))
    }

    fn read_source(&mut self, e: &Element) -> Option<Order> {
        let radius = self.positive(e, "radius");
        let rate = self.rate(e).unwrap_or(0.0);
        if e.raw("rate").is_none() {
            self.complain(e, "attribute rate is missing", "add rate");
        }
        // Called velocity up to 1.1.
        let speed = self.optional_number(e, "speed").or_else(|| self.optional_number(e, "velocity"));
        let fleet = match self.read_fleet(e) {
            Some(fleet) => fleet,
            None => self.usual_fleet(e, None),
        };
        let at = Box::new(self.child_position(e, "Position")?);
        Some(Order::Source { at, radius, rate, speed, fleet: Arc::new(fleet) })
    }

    fn read_swarm(&mut self, e: &Element) -> Option<Order> {
        let centre = self.entity(e.child("CentralObject").unwrap_or(e), "entityRef");
        let mut positive = |name| self.positive(e, name);
        let (inner, half) = (positive("innerRadius"), [positive("semiMajorAxis"), positive("semiMinorAxis")]);
        if half.iter().any(|h| *h <= inner) {
            self.complain(e, "has an inner circle that leaves no room in the ellipse", "give longer axes");
        }
        let number = self.count(e, "numberOfVehicles");
        let offset = self.optional_number(e, "offset").unwrap_or(0.0);
        let range = ["InitialSpeedRange", "SpeedRange"].iter().find_map(|n| e.child(n));
        let speed = match (range, self.optional_number(e, "velocity")) {
            (Some(r), _) => Some([self.number(r, "lowerLimit"), self.number(r, "upperLimit")]),
            (None, velocity) => velocity.map(|v| [v, v]),
        };
        let directions = match e.child("DirectionOfTravelDistribution") {
            Some(d) => [self.positive(d, "same"), self.positive(d, "opposite")],
            None => [1.0, 1.0],
        };
        let fleet = match self.read_fleet(e) {
            Some(fleet) => fleet,
            None => {
                let like = centre.and_then(|id| self.objects.get(id).cloned());
                self.usual_fleet(e, like.as_ref())
            }
        };
        Some(Order::Swarm { centre: centre?, inner, half, offset, number, speed, directions, fleet: Arc::new(fleet) })
    }

    fn count(&mut self, e: &Element, name: &str) -> usize {
        let count = self.integer(e, name);
        if !(0..=limits::ENTITIES as i64).contains(&count) {
            self.complain(e, format!("{name}={count} is below 0 or above {}", limits::ENTITIES), "give fewer");
        }
        count.clamp(0, limits::ENTITIES as i64) as usize
    }

    fn read_area(&mut self, e: &Element) -> Option<Order> {
        let number = self.count(e, "numberOfEntities");
        let continuous = self.optional_boolean(e, "continuous").unwrap_or(false);
        let Some(area) = e.child("TrafficArea") else {
            self.complain(e, "has no TrafficArea", "add one");
            return None;
        };
        let mut wheres = Vec::new();
        for part in &area.children {
            match part.name.as_str() {
                "Polygon" => {
                    let corners: Vec<_> = part.all("Position").filter_map(|p| self.read_position(p)).collect();
                    if corners.len() < 3 {
                        self.complain(part, "has fewer than three corners", "add positions");
                    }
                    wheres.push(Where::Polygon(corners));
                }
                _ => wheres.push(self.read_range(part)),
            }
        }
        if wheres.is_empty() {
            self.complain(area, "is empty", "add a Polygon or a RoadRange");
        }
        let fleet = match self.read_fleet(e) {
            Some(fleet) => fleet,
            None => self.usual_fleet(e, None),
        };
        Some(Order::Area { wheres, number, continuous, fleet: Arc::new(fleet) })
    }

    fn read_range(&mut self, e: &Element) -> Where {
        let mut cursors = Vec::new();
        for cursor in e.all("RoadCursor") {
            let (road, s) = (self.text(cursor, "roadId"), self.optional_number(cursor, "s"));
            let lanes: Vec<_> = cursor.all("Lane").map(|l| self.integer(l, "id") as i32).collect();
            self.need(cursor, Need::Road { road: road.clone(), s: s.unwrap_or(0.0), lane: lanes.first().copied() });
            cursors.push(Cursor { road, s, lanes });
        }
        if cursors.is_empty() {
            self.complain(e, "has no RoadCursor", "add one");
        }
        Where::Range { length: self.optional_number(e, "length"), cursors }
    }

    /// Every `TrafficStopAction` must mean a traffic action that is there.
    pub(in crate::openscenario) fn check_stops(&mut self) {
        for (complaint, name) in std::mem::take(&mut self.stopped) {
            if !self.traffic_names.contains(&name) {
                self.keep(complaint);
            }
        }
    }

    /// Remembers what everybody is, for traffic like it.
    pub(in crate::openscenario) fn remember(&mut self, entities: &[Entity]) {
        self.objects = entities.iter().map(|e| e.object.clone()).collect();
    }
}
