//! Places as the standard writes them, not yet on a road network.

use std::sync::Arc;

use super::reader::{EntityId, Need, Reader};
use super::route::Route;
use super::trajectory::Trajectory;
use super::word::Words;
use super::xml::Element;

/// Direction of an entity; what is not given comes from the road or is 0.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Orientation {
    /// Heading, radians counter-clockwise.
    pub h: Option<f64>,
    /// Pitch, radians, down is positive.
    pub p: Option<f64>,
    /// Roll, radians.
    pub r: Option<f64>,
    /// Counted from the road, lane or entity instead of the inertial frame.
    pub relative: bool,
}

/// A place.
#[derive(Clone, Debug)]
pub enum Position {
    /// In the inertial frame, metres.
    World {
        /// Metres.
        x: f64,
        /// Metres.
        y: f64,
        /// Metres; on the road when not given.
        z: Option<f64>,
        /// Direction.
        orientation: Orientation,
    },
    /// From an entity, along the axes of the inertial frame.
    RelativeWorld {
        /// Whose.
        entity: EntityId,
        /// Metres along x, y, z.
        by: [f64; 3],
        /// Direction.
        orientation: Orientation,
    },
    /// From an entity, along its own axes.
    RelativeObject {
        /// Whose.
        entity: EntityId,
        /// Metres along x, y, z.
        by: [f64; 3],
        /// Direction.
        orientation: Orientation,
    },
    /// On a road.
    Road {
        /// Id of the road.
        road: String,
        /// Metres along it.
        s: f64,
        /// Metres to the left of it.
        t: f64,
        /// Direction.
        orientation: Orientation,
    },
    /// From an entity along the road.
    RelativeRoad {
        /// Whose.
        entity: EntityId,
        /// Metres along it.
        ds: f64,
        /// Metres to the left.
        dt: f64,
        /// Direction.
        orientation: Orientation,
    },
    /// On a lane.
    Lane {
        /// Id of the road.
        road: String,
        /// Lane, or lanes to the left.
        lane: i32,
        /// Metres along it.
        s: f64,
        /// Metres from the middle of the lane, to the left.
        offset: f64,
        /// Direction.
        orientation: Orientation,
    },
    /// From an entity by lanes and along the road or lane.
    RelativeLane {
        /// Whose.
        entity: EntityId,
        /// Lanes to the left.
        lanes: i32,
        /// Metres along it.
        ds: f64,
        /// `ds` is along the lane, in direction of traffic.
        along_lane: bool,
        /// Metres from the middle of the lane, to the left.
        offset: f64,
        /// Direction.
        orientation: Orientation,
    },
    /// On a route.
    Route {
        /// Which route.
        route: Arc<Route>,
        /// Where on it.
        on: OnRoute,
        /// Direction.
        orientation: Orientation,
    },
    /// On the earth, degrees and metres.
    Geo {
        /// Degrees.
        latitude: f64,
        /// Degrees.
        longitude: f64,
        /// Metres.
        height: Option<f64>,
        /// Direction.
        orientation: Orientation,
    },
    /// On a trajectory.
    Trajectory {
        /// Which trajectory.
        trajectory: Arc<Trajectory>,
        /// Metres along it.
        s: f64,
        /// Metres to the left of it.
        t: f64,
        /// Direction.
        orientation: Orientation,
    },
}

/// A place along a route.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum OnRoute {
    /// Where this entity is.
    Entity(EntityId),
    /// So far along it, so far to the left of the reference line.
    Road {
        /// Metres along it.
        s: f64,
        /// Metres to the left of it.
        t: f64,
    },
    /// So far along it, on this lane.
    Lane {
        /// Metres along it.
        s: f64,
        /// Lane, or lanes to the left.
        lane: i32,
        /// Metres from the middle of the lane, to the left.
        offset: f64,
    },
}

impl Position {
    /// Its orientation.
    #[must_use]
    pub fn orientation(&self) -> Orientation {
        match self {
            Position::World { orientation, .. }
            | Position::RelativeWorld { orientation, .. }
            | Position::RelativeObject { orientation, .. }
            | Position::Road { orientation, .. }
            | Position::RelativeRoad { orientation, .. }
            | Position::Lane { orientation, .. }
            | Position::RelativeLane { orientation, .. }
            | Position::Route { orientation, .. }
            | Position::Geo { orientation, .. }
            | Position::Trajectory { orientation, .. } => *orientation,
        }
    }
}

const CONTEXTS: Words<bool> = &[("relative", true), ("absolute", false)];

impl Reader {
    /// Reads the `Position` that is a child of this name.
    pub fn child_position(&mut self, element: &Element, name: &str) -> Option<Position> {
        match element.child(name) {
            Some(child) => self.read_position(child),
            None => {
                self.complain(element, format!("has no {name}"), format!("add {name}"));
                None
            }
        }
    }

    /// Reads a `Position`: its one child says which kind.
    pub fn read_position(&mut self, position: &Element) -> Option<Position> {
        let Some(e) = position.children.first() else {
            self.complain(position, "is empty", "add WorldPosition, LanePosition or another");
            return None;
        };
        let orientation = self.read_orientation(e);
        let before = self.complaints.len();
        let read = match e.name.as_str() {
            "WorldPosition" => Position::World {
                x: self.number(e, "x"),
                y: self.number(e, "y"),
                z: self.optional_number(e, "z"),
                orientation: Orientation {
                    h: self.optional_number(e, "h"),
                    p: self.optional_number(e, "p"),
                    r: self.optional_number(e, "r"),
                    relative: false,
                },
            },
            "RelativeWorldPosition" => {
                Position::RelativeWorld { entity: self.entity(e, "entityRef")?, by: self.three(e), orientation }
            }
            "RelativeObjectPosition" => {
                Position::RelativeObject { entity: self.entity(e, "entityRef")?, by: self.three(e), orientation }
            }
            "RoadPosition" => Position::Road {
                road: self.text(e, "roadId"),
                s: self.number(e, "s"),
                t: self.number(e, "t"),
                orientation,
            },
            "RelativeRoadPosition" => Position::RelativeRoad {
                entity: self.entity(e, "entityRef")?,
                ds: self.number(e, "ds"),
                dt: self.number(e, "dt"),
                orientation,
            },
            "LanePosition" => Position::Lane {
                road: self.text(e, "roadId"),
                lane: self.integer(e, "laneId") as i32,
                s: self.number(e, "s"),
                offset: self.optional_number(e, "offset").unwrap_or(0.0),
                orientation,
            },
            "RelativeLanePosition" => {
                let along_lane = e.raw("dsLane").is_some() && e.raw("ds").is_none();
                Position::RelativeLane {
                    entity: self.entity(e, "entityRef")?,
                    lanes: self.integer(e, "dLane") as i32,
                    ds: self.optional_number(e, if along_lane { "dsLane" } else { "ds" }).unwrap_or(0.0),
                    along_lane,
                    offset: self.optional_number(e, "offset").unwrap_or(0.0),
                    orientation,
                }
            }
            "RoutePosition" => return self.read_route_position(e, orientation),
            "GeoPosition" => self.read_geo(e, orientation),
            "TrajectoryPosition" => {
                let trajectory = e.child("TrajectoryRef").and_then(|t| self.read_trajectory_of(t));
                let Some(trajectory) = trajectory else {
                    self.complain(e, "has no trajectory", "add TrajectoryRef");
                    return None;
                };
                let t = self.optional_number(e, "t").unwrap_or(0.0);
                Position::Trajectory { trajectory, s: self.number(e, "s"), t, orientation }
            }
            _ => return None,
        };
        match &read {
            Position::Geo { .. } => self.need(e, Need::Earth),
            Position::Lane { road, lane, s, .. } => {
                self.need(e, Need::Road { road: road.clone(), s: *s, lane: Some(*lane) });
            }
            Position::Road { road, s, .. } => self.need(e, Need::Road { road: road.clone(), s: *s, lane: None }),
            _ => {}
        }
        (self.complaints.len() == before).then_some(read)
    }

    fn three(&mut self, e: &Element) -> [f64; 3] {
        [self.number(e, "dx"), self.number(e, "dy"), self.optional_number(e, "dz").unwrap_or(0.0)]
    }

    fn read_orientation(&mut self, e: &Element) -> Orientation {
        let Some(o) = e.child("Orientation") else { return Orientation::default() };
        Orientation {
            h: self.optional_number(o, "h"),
            p: self.optional_number(o, "p"),
            r: self.optional_number(o, "r"),
            relative: self.optional_word(o, "type", CONTEXTS).unwrap_or(false),
        }
    }

    fn read_geo(&mut self, e: &Element, orientation: Orientation) -> Position {
        let mut degrees = |new: &str, old: &str| match e.raw(new) {
            Some(_) => self.number(e, new),
            // 1.1 wrote radians.
            None => self.number(e, old).to_degrees(),
        };
        let (latitude, longitude) = (degrees("latitudeDeg", "latitude"), degrees("longitudeDeg", "longitude"));
        if latitude.abs() > 90.0 || longitude.abs() > 180.0 {
            self.complain(e, format!("{latitude}, {longitude} is not on the earth"), "give degrees");
        }
        let height = self.optional_number(e, "altitude").or_else(|| self.optional_number(e, "height"));
        Position::Geo { latitude, longitude, height, orientation }
    }

    fn read_route_position(&mut self, e: &Element, orientation: Orientation) -> Option<Position> {
        let orientation =
            Orientation { relative: orientation.relative || e.child("Orientation").is_none(), ..orientation };
        let route = e.child("RouteRef").and_then(|r| self.read_route_of(r));
        let Some(route) = route else {
            self.complain(e, "has no route", "add RouteRef with a Route or a CatalogReference");
            return None;
        };
        let Some(place) = e.child("InRoutePosition").and_then(|p| p.children.first()) else {
            self.complain(e, "has no InRoutePosition", "add InRoutePosition");
            return None;
        };
        let on = match place.name.as_str() {
            "FromCurrentEntity" => OnRoute::Entity(self.entity(place, "entityRef")?),
            "FromRoadCoordinates" => OnRoute::Road { s: self.number(place, "pathS"), t: self.number(place, "t") },
            _ => OnRoute::Lane {
                s: self.number(place, "pathS"),
                lane: self.integer(place, "laneId") as i32,
                offset: self.optional_number(place, "laneOffset").unwrap_or(0.0),
            },
        };
        Some(Position::Route { route, on, orientation })
    }
}
