//! What entities and the world are told to do: the model of actions.

mod global;
mod lateral;
mod lights;
mod longitudinal;
mod routing;
mod traffic;

use std::sync::Arc;

use super::entity::Controller;
use super::position::Position;
use super::reader::{EntityId, Reader};
use super::route::Route;
use super::traffic::TrafficOrder;
use super::trajectory::Trajectory;
use super::word::{Dimension, Following, Frame, Shape};
use super::xml::Element;

/// How a value changes.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Dynamics {
    /// Shape over time or distance.
    pub shape: Shape,
    /// What `value` measures.
    pub dimension: Dimension,
    /// Rate, seconds or metres.
    pub value: f64,
}

/// A speed to reach.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum SpeedTarget {
    /// m/s.
    Absolute(f64),
    /// Against the speed of an entity.
    Relative {
        /// Whose speed.
        entity: EntityId,
        /// m/s more, or times its speed.
        value: f64,
        /// `value` is a factor.
        factor: bool,
        /// Goes on for ever.
        continuous: bool,
    },
}

/// Limits of an action, SI units; infinite when there are none.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Constraints {
    /// m/s.
    pub max_speed: f64,
    /// m/s².
    pub max_acceleration: f64,
    /// m/s², positive.
    pub max_deceleration: f64,
    /// m/s³.
    pub max_acceleration_rate: f64,
    /// m/s³, positive.
    pub max_deceleration_rate: f64,
}

impl Constraints {
    /// No limits.
    pub const NONE: Self = Self {
        max_speed: f64::INFINITY,
        max_acceleration: f64::INFINITY,
        max_deceleration: f64::INFINITY,
        max_acceleration_rate: f64::INFINITY,
        max_deceleration_rate: f64::INFINITY,
    };
}

/// A point of a speed profile.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct ProfilePoint {
    /// Seconds since the point before; as fast as allowed when not given.
    pub time: Option<f64>,
    /// m/s.
    pub speed: f64,
}

/// Which side of the other.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// As it is when the action starts.
    Any,
    /// Behind it, or to its left.
    TrailingOrLeft,
    /// Before it, or to its right.
    LeadingOrRight,
}

/// A distance to keep.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Gap {
    /// From whom.
    pub entity: EntityId,
    /// Metres, or seconds when `is_time`.
    pub value: f64,
    /// The value is a time gap.
    pub is_time: bool,
    /// Between the boxes, not the origins.
    pub freespace: bool,
    /// Goes on for ever.
    pub continuous: bool,
    /// Which side.
    pub side: Side,
    /// Where it is measured.
    pub frame: Frame,
    /// Limits.
    pub constraints: Constraints,
}

/// A final speed of a synchronisation.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct FinalSpeed {
    /// The speed.
    pub target: FinalTarget,
    /// The last stretch at that speed.
    pub steady: Option<Steady>,
}

/// The speed of [`FinalSpeed`].
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum FinalTarget {
    /// m/s.
    Absolute(f64),
    /// m/s more than the master, or times its speed.
    Relative {
        /// The value.
        value: f64,
        /// The value is a factor.
        factor: bool,
    },
}

/// A steady stretch.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Steady {
    /// Metres.
    Distance(f64),
    /// Seconds.
    Time(f64),
}

/// A value to set or change.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Becomes this.
    Set(String),
    /// Plus.
    Add(f64),
    /// Times.
    Multiply(f64),
}

/// What one entity is told to do.
#[derive(Clone, Debug)]
pub enum Private {
    /// Change speed.
    Speed {
        /// How it changes.
        dynamics: Dynamics,
        /// To what.
        target: SpeedTarget,
    },
    /// Follow a profile of speeds.
    SpeedProfile {
        /// Its points.
        points: Vec<ProfilePoint>,
        /// Limits.
        constraints: Constraints,
        /// How exactly.
        following: Following,
        /// Whose.
        entity: Option<EntityId>,
    },
    /// Keep a distance along the way.
    LongitudinalDistance(Gap),
    /// Change lane.
    LaneChange {
        /// How it changes.
        dynamics: Dynamics,
        /// Counted from this one, else absolute.
        relative_to: Option<EntityId>,
        /// Lane, or lanes to the left.
        lane: i32,
        /// Metres from the middle of the lane, to the left.
        offset: f64,
    },
    /// Move within the lane.
    LaneOffset {
        /// Shape of the change.
        shape: Shape,
        /// Lateral acceleration at most, m/s².
        max_acceleration: f64,
        /// Counted from this one, else absolute.
        relative_to: Option<EntityId>,
        /// The value.
        value: f64,
        /// Goes on for ever.
        continuous: bool,
    },
    /// Keep a distance across the way.
    LateralDistance(Gap),
    /// Arrive together.
    Synchronize {
        /// With whom.
        master: EntityId,
        /// Where the master arrives.
        master_at: Box<Position>,
        /// Where this entity arrives.
        at: Box<Position>,
        /// How near is there, for the master.
        master_tolerance: f64,
        /// How near is there.
        tolerance: f64,
        /// At which speed.
        final_speed: Option<FinalSpeed>,
    },
    /// Be elsewhere at once.
    Teleport(Box<Position>),
    /// Follow a route.
    AssignRoute(Arc<Route>),
    /// Follow a trajectory.
    FollowTrajectory {
        /// Which.
        trajectory: Arc<Trajectory>,
        /// Metres along it to start from.
        from: f64,
        /// When times of the trajectory count.
        timing: Option<Timing>,
        /// How exactly.
        following: Following,
    },
    /// Drive there.
    AcquirePosition(Box<Position>),
    /// Choose any way at junctions.
    RandomRoute,
    /// Be seen.
    Visibility {
        /// In pictures.
        graphics: bool,
        /// By sensors.
        sensors: bool,
        /// By other traffic.
        traffic: bool,
    },
    /// Take another driver.
    AssignController {
        /// Which controller.
        controller: Controller,
        /// What it rules over.
        activate: Domains,
    },
    /// Let a driver drive, or not.
    ActivateController {
        /// Name.
        name: Option<String>,
        /// What it rules over.
        activate: Domains,
    },
    /// Pull a trailer.
    ConnectTrailer(EntityId),
    /// Let the trailer go.
    DisconnectTrailer,
    /// Lights change: moves nobody, but lasts.
    Lights {
        /// Seconds until they are as told.
        transition: f64,
        /// They flash until they are told otherwise.
        flashing: bool,
        /// Which lights.
        kind: String,
    },
    /// Does not move anybody.
    NoEffect,
}

/// Over what a controller rules; `None`: as before.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Domains {
    /// Steering.
    pub lateral: Option<bool>,
    /// Speed.
    pub longitudinal: Option<bool>,
}

/// Times of a trajectory.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Timing {
    /// Counted from the start of the action, not of the scenario.
    pub relative: bool,
    /// Times are multiplied by it.
    pub scale: f64,
    /// Seconds added.
    pub offset: f64,
}

/// What the world is told to do.
#[derive(Clone, Debug)]
pub enum Global {
    /// Weather, road and time of day; only the time of day is asked for by conditions.
    Environment {
        /// Time of day, if it is set.
        time_of_day: Option<TimeOfDay>,
    },
    /// An entity comes.
    AddEntity(EntityId, Box<Position>),
    /// An entity goes.
    DeleteEntity(EntityId),
    /// A parameter or variable changes.
    SetValue {
        /// Name.
        name: String,
        /// What becomes of it.
        change: Change,
    },
    /// A signal shows this.
    SignalState {
        /// Which signal.
        signal: String,
        /// What it shows.
        state: String,
    },
    /// A controller of signals goes to this phase.
    SignalPhase {
        /// Which controller.
        controller: usize,
        /// Which phase.
        phase: usize,
    },
    /// Traffic comes, goes, or stops coming.
    Traffic(Arc<TrafficOrder>),
    /// A monitor tells this.
    Monitor {
        /// Name.
        name: String,
        /// The value.
        value: String,
    },
}

/// A time of day and whether it runs.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct TimeOfDay {
    /// Seconds since 1970-01-01 of its own clock.
    pub seconds: f64,
    /// Runs with the simulation.
    pub runs: bool,
}

/// An action with its name.
#[derive(Clone, Debug)]
pub struct Action {
    /// Name; in `Init` the standard gives none.
    pub name: String,
    /// What to do.
    pub what: What,
}

/// Who is told to do what.
#[derive(Clone, Debug)]
pub enum What {
    /// The world.
    Global(Global),
    /// The actor of the manoeuvre group, or the entity of `Init`; the second word is the element of the standard.
    Private(Private, &'static str),
}

/// The elements below `PrivateAction`.
const PRIVATE: [&str; 10] = [
    "LongitudinalAction",
    "LateralAction",
    "VisibilityAction",
    "SynchronizeAction",
    "ActivateControllerAction",
    "ControllerAction",
    "TeleportAction",
    "RoutingAction",
    "AppearanceAction",
    "TrailerAction",
];

impl Reader {
    /// Reads an `Action` of an event.
    pub fn read_action(&mut self, e: &Element) -> Option<Action> {
        let name = self.text(e, "name");
        let Some(inner) = e.children.first() else {
            self.complain(e, "does nothing", "add a PrivateAction or a GlobalAction");
            return None;
        };
        let what = match inner.name.as_str() {
            "PrivateAction" => self.read_private(inner)?,
            "GlobalAction" => What::Global(self.read_global(inner)?.0),
            _ => return None,
        };
        Some(Action { name, what })
    }

    /// Reads a `PrivateAction`.
    pub fn read_private(&mut self, e: &Element) -> Option<What> {
        let Some(inner) = e.children.first() else {
            self.complain(e, "does nothing", "add an action");
            return None;
        };
        let element = PRIVATE.into_iter().find(|n| *n == inner.name)?;
        let private = match element {
            "LongitudinalAction" => self.read_longitudinal(inner)?,
            "LateralAction" => self.read_lateral(inner)?,
            "VisibilityAction" => {
                let mut flag = |name: &str| self.optional_boolean(inner, name).unwrap_or(true);
                Private::Visibility { graphics: flag("graphics"), sensors: flag("sensors"), traffic: flag("traffic") }
            }
            "SynchronizeAction" => self.read_synchronize(inner)?,
            "ActivateControllerAction" => self.read_activate(inner),
            "ControllerAction" => self.read_controller_action(inner)?,
            "TeleportAction" => Private::Teleport(Box::new(self.child_position(inner, "Position")?)),
            "RoutingAction" => self.read_routing(inner)?,
            "AppearanceAction" => self.read_appearance(inner),
            "TrailerAction" => match inner.child("ConnectTrailerAction") {
                Some(connect) => Private::ConnectTrailer(self.entity(connect, "trailerRef")?),
                None => Private::DisconnectTrailer,
            },
            _ => Private::NoEffect,
        };
        Some(What::Private(private, element))
    }

    fn read_activate(&mut self, e: &Element) -> Private {
        let name = self.optional(e, "objectControllerRef").or_else(|| self.optional(e, "controllerRef"));
        let activate = Domains {
            lateral: self.optional_boolean(e, "lateral"),
            longitudinal: self.optional_boolean(e, "longitudinal"),
        };
        Private::ActivateController { name: name.filter(|n| !n.is_empty()), activate }
    }

    fn read_controller_action(&mut self, e: &Element) -> Option<Private> {
        if let Some(assign) = e.child("AssignControllerAction") {
            let inside = assign.child("ObjectController").unwrap_or(assign);
            let controller = self.read_controller(inside)?;
            let activate = Domains {
                lateral: self.optional_boolean(assign, "activateLateral"),
                longitudinal: self.optional_boolean(assign, "activateLongitudinal"),
            };
            return Some(Private::AssignController { controller, activate });
        }
        match e.child("ActivateControllerAction") {
            Some(activate) => Some(self.read_activate(activate)),
            None => Some(Private::NoEffect),
        }
    }

    /// Reads a child with `dynamicsShape`, `dynamicsDimension` and `value`.
    pub(super) fn read_dynamics(&mut self, e: &Element, name: &str) -> Option<Dynamics> {
        let Some(child) = e.child(name) else {
            self.complain(e, format!("has no {name}"), format!("add {name}"));
            return None;
        };
        if self.optional_word(child, "followingMode", super::word::FOLLOWINGS) == Some(Following::Follow) {
            self.note(child, "followingMode follow is driven as position", "the shape is kept exactly");
        }
        Some(Dynamics {
            shape: self.word(child, "dynamicsShape", super::word::SHAPES)?,
            dimension: self.word(child, "dynamicsDimension", super::word::DIMENSIONS)?,
            value: self.number(child, "value"),
        })
    }

    /// Reads `DynamicConstraints`; a limit that is not given is none.
    pub(super) fn read_constraints(&mut self, e: &Element) -> Constraints {
        let Some(c) = e.child("DynamicConstraints") else { return Constraints::NONE };
        let mut bound = |name| self.limit(c, name).map_or(f64::INFINITY, f64::abs);
        Constraints {
            max_speed: bound("maxSpeed"),
            max_acceleration: bound("maxAcceleration"),
            max_deceleration: bound("maxDeceleration"),
            max_acceleration_rate: bound("maxAccelerationRate"),
            max_deceleration_rate: bound("maxDecelerationRate"),
        }
    }
}
