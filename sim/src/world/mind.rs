//! A road user of the world, and what moves it.

use std::sync::Arc;

use perception::Size;

use crate::actor::{ActorId, Body, Driver, Follower, Kind, Parker, Script, Towed, Walker};
use crate::road::Line;
use crate::scenario;

/// What moves a road user.
#[derive(Clone, Debug)]
pub enum Mind {
    /// Drives by the rules.
    Driver(Driver),
    /// Crosses at a crosswalk.
    Walker(Walker),
    /// Does as drawn.
    Script(Script),
    /// Follows somebody in a platoon.
    Follower(Box<Follower>),
    /// Parks in a bay.
    Parker(Box<Parker>),
    /// Is towed by another.
    Towed(Box<Towed>),
    /// Is where an OpenSCENARIO storyboard puts it: its place in that file, and its state.
    Told(usize, Box<Body>),
    /// Is where the traffic of a lane network carries it: its number there, and its state.
    Carried(ActorId, Box<Body>),
}

/// One road user.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Number, given when it enters.
    pub id: ActorId,
    /// Name, for those of the scenario.
    pub name: Option<Arc<str>>,
    /// Kind.
    pub kind: Kind,
    /// Has an on-board unit.
    pub obu: bool,
    /// Seconds from warning to brake.
    pub reaction_s: f64,
    /// What it asks signals for.
    pub asks: Option<scenario::Priority>,
    /// Its on-board unit advises a speed to arrive on green.
    pub advice: bool,
    /// Size of the trailer that it brings along.
    pub(super) trailer: Option<Size>,
    /// What moves it.
    pub mind: Mind,
    /// Enters after this many seconds.
    pub(super) wait_s: f64,
}

impl Actor {
    /// A nameless road user that enters at once.
    #[must_use]
    pub fn new(kind: Kind, mind: Mind) -> Self {
        Self {
            id: 0,
            name: None,
            kind,
            obu: false,
            reaction_s: 1.0,
            asks: None,
            advice: false,
            trailer: None,
            mind,
            wait_s: 0.0,
        }
    }

    /// The true state.
    #[must_use]
    pub fn body(&self) -> Body {
        match &self.mind {
            Mind::Driver(driver) => driver.body(self.id, self.kind),
            Mind::Walker(walker) => walker.body(self.id, self.kind),
            Mind::Script(script) => script.body(self.id, self.kind),
            Mind::Follower(follower) => follower.body(self.id, self.kind),
            Mind::Parker(parker) => parker.body(self.id, self.kind),
            Mind::Towed(towed) => towed.body(),
            Mind::Told(_, body) | Mind::Carried(_, body) => Body { id: self.id, kind: self.kind, ..Body::clone(body) },
        }
    }

    /// The line it follows, and how far along its front is.
    #[must_use]
    pub fn way(&self) -> Option<(&Line, f64)> {
        match &self.mind {
            Mind::Driver(driver) => Some((&driver.route.line, driver.front_m)),
            Mind::Script(script) => script.path().map(|line| (line, line.beside_all(self.body().place()).along_m)),
            Mind::Follower(follower) => Some(follower.way()),
            Mind::Parker(parker) => {
                parker.script().path().map(|line| (line, line.beside_all(self.body().place()).along_m))
            }
            Mind::Walker(_) | Mind::Towed(_) | Mind::Told(..) | Mind::Carried(..) => None,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        match &self.mind {
            Mind::Driver(driver) => driver.is_done(),
            Mind::Walker(walker) => walker.is_done(),
            Mind::Script(script) => script.is_done(),
            Mind::Follower(follower) => follower.is_done(),
            // A trailer goes with its tractor.
            Mind::Parker(_) | Mind::Towed(_) | Mind::Told(..) | Mind::Carried(..) => false,
        }
    }
}
