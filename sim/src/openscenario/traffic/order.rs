//! What traffic actions ask for: the model of sources, sinks, swarms and areas.

use std::sync::Arc;

use crate::openscenario::fleet::Fleet;
use crate::openscenario::position::Position;
use crate::openscenario::reader::EntityId;

/// A place on a road network, of a `RoadRange`.
#[derive(Clone, Debug)]
pub struct Cursor {
    /// Road.
    pub road: String,
    /// Metres along it.
    pub s: Option<f64>,
    /// Lanes; all when empty.
    pub lanes: Vec<i32>,
}

/// A part of an area.
#[derive(Clone, Debug)]
pub enum Where {
    /// Inside corners.
    Polygon(Vec<Position>),
    /// Along roads.
    Range {
        /// Metres from the first cursor.
        length: Option<f64>,
        /// From cursor to cursor.
        cursors: Vec<Cursor>,
    },
}

/// What a traffic action asks for.
#[derive(Clone, Debug)]
pub enum Order {
    /// Vehicles appear.
    Source {
        /// About this place.
        at: Box<Position>,
        /// Metres.
        radius: f64,
        /// Vehicles per second on average.
        rate: f64,
        /// m/s.
        speed: Option<f64>,
        /// From what.
        fleet: Arc<Fleet>,
    },
    /// Vehicles disappear.
    Sink {
        /// About this place.
        at: Box<Position>,
        /// Metres.
        radius: f64,
        /// Vehicles per second at most.
        rate: Option<f64>,
        /// Only the likes of these.
        only: Option<Arc<Fleet>>,
    },
    /// Vehicles surround an entity.
    Swarm {
        /// Whom.
        centre: EntityId,
        /// Radius of the circle in which nobody appears, metres.
        inner: f64,
        /// Half axes of the ellipse in which they are, metres.
        half: [f64; 2],
        /// Its middle is so far ahead of the entity, metres.
        offset: f64,
        /// How many.
        number: usize,
        /// Between, m/s.
        speed: Option<[f64; 2]>,
        /// Weights of those that drive the same way and the other way.
        directions: [f64; 2],
        /// From what.
        fleet: Arc<Fleet>,
    },
    /// Entities populate an area.
    Area {
        /// Its parts.
        wheres: Vec<Where>,
        /// How many.
        number: usize,
        /// Those who leave are replaced.
        continuous: bool,
        /// From what.
        fleet: Arc<Fleet>,
    },
    /// Ends the action of this name.
    Stop,
}

/// A traffic action and the name by which it can be stopped.
#[derive(Clone, Debug)]
pub struct TrafficOrder {
    /// Name.
    pub name: Option<String>,
    /// What it asks for.
    pub order: Order,
}
