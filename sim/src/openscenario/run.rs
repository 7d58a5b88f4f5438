//! Actions under way: each is started once, then stepped until it is done.

mod distance;
mod lateral;
mod profile;
mod sideways;
mod speed;
mod synchronize;
mod trajectory;

use std::sync::Arc;

use super::action::{Change, Global, Private};
use super::event::EventKind;
use super::expression::Value;
use super::reader::EntityId;
use super::word::SMALL;
use super::world::World;

/// What an action rules over: two that share one cannot run on one entity at once.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// Speed.
    pub longitudinal: bool,
    /// Steering.
    pub lateral: bool,
}

impl Ruled {
    /// Over nothing.
    pub const NOTHING: Self = Self { longitudinal: false, lateral: false };

    /// What is left without this.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self { longitudinal: self.longitudinal && !other.longitudinal, lateral: self.lateral && !other.lateral }
    }

    /// Both rule over something in common.
    #[must_use]
    pub fn clashes(self, other: Self) -> bool {
        self.longitudinal && other.longitudinal || self.lateral && other.lateral
    }
}

/// What a private action rules over.
#[must_use]
pub fn rules(action: &Private) -> Ruled {
    let (longitudinal, lateral) = match action {
        Private::Speed { .. }
        | Private::SpeedProfile { .. }
        | Private::LongitudinalDistance(_)
        | Private::Synchronize { .. } => (true, false),
        Private::LaneChange { .. } | Private::LaneOffset { .. } => (false, true),
        Private::LateralDistance(_) => (true, true),
        Private::FollowTrajectory { timing, .. } => (timing.is_some(), true),
        _ => (false, false),
    };
    Ruled { longitudinal, lateral }
}

/// Two actions that cannot run on one entity at once: they rule over something in common, or the same lights.
#[must_use]
pub fn clash(a: &Private, b: &Private) -> bool {
    let warning = |one: &str, other: &str| one == "warningLights" && other.starts_with("indicator");
    match (a, b) {
        (Private::Lights { kind: a, .. }, Private::Lights { kind: b, .. }) => a == b || warning(a, b) || warning(b, a),
        _ => rules(a).clashes(rules(b)),
    }
}

/// A private action under way.
#[derive(Clone, Debug)]
pub enum Run {
    /// Speed.
    Speed(speed::SpeedRun),
    /// Speed profile.
    Profile(profile::ProfileRun),
    /// Lane change.
    LaneChange(lateral::LaneChangeRun),
    /// Lane offset.
    LaneOffset(lateral::LaneOffsetRun),
    /// Distance along the way.
    Distance(distance::DistanceRun),
    /// Distance across the way.
    Sideways(sideways::SidewaysRun),
    /// Synchronisation.
    Synchronize(Box<synchronize::SynchronizeRun>),
    /// Trajectory.
    Trajectory(trajectory::TrajectoryRun),
    /// Lights: seconds left; none: until told otherwise.
    Lights(Option<f64>),
    /// Nothing more to do.
    Done,
}

impl Run {
    /// Starts what an entity is told.
    #[must_use]
    pub fn start(action: &Private, who: EntityId, world: &mut World) -> Self {
        if world.actors[who].overridden(rules(action)) {
            return Run::Done;
        }
        match action {
            Private::Speed { dynamics, target } => Run::Speed(speed::SpeedRun::start(*dynamics, *target, who, world)),
            Private::SpeedProfile { points, constraints, following, entity } => {
                Run::Profile(profile::ProfileRun::start(points, *constraints, *following, *entity, who, world))
            }
            Private::LaneChange { dynamics, relative_to, lane, offset } => {
                lateral::LaneChangeRun::start(*dynamics, *relative_to, *lane, *offset, who, world)
                    .map_or(Run::Done, Run::LaneChange)
            }
            Private::LaneOffset { shape, max_acceleration, relative_to, value, continuous } => {
                lateral::LaneOffsetRun::start(
                    (*shape, *max_acceleration),
                    (*relative_to, *value),
                    *continuous,
                    who,
                    world,
                )
                .map_or(Run::Done, Run::LaneOffset)
            }
            Private::LongitudinalDistance(gap) => Run::Distance(distance::DistanceRun::start(*gap, who, world)),
            Private::LateralDistance(gap) => Run::Sideways(sideways::SidewaysRun::start(*gap, who, world)),
            Private::Synchronize { .. } => synchronize::SynchronizeRun::start(action, who, world)
                .map_or(Run::Done, |r| Run::Synchronize(Box::new(r))),
            Private::FollowTrajectory { trajectory, from, timing, following } => {
                trajectory::TrajectoryRun::start(trajectory, *from, *timing, *following, who, world)
                    .map_or(Run::Done, Run::Trajectory)
            }
            Private::Lights { transition, flashing, .. } => Run::Lights((!flashing).then_some(*transition)),
            other => {
                at_once(other, who, world);
                Run::Done
            }
        }
    }

    /// Makes one step; `true`: it is done.
    pub fn step(&mut self, who: EntityId, world: &mut World) -> bool {
        if world.actors[who].overridden(self.rules()) {
            return true;
        }
        match self {
            Run::Speed(run) => run.step(who, world),
            Run::Profile(run) => run.step(who, world),
            Run::LaneChange(run) => run.step(who, world),
            Run::LaneOffset(run) => run.step(who, world),
            Run::Distance(run) => run.step(who, world),
            Run::Sideways(run) => run.step(who, world),
            Run::Synchronize(run) => run.step(who, world),
            Run::Trajectory(run) => run.step(who, world),
            Run::Lights(left) => match left {
                Some(left) if *left < SMALL => true,
                Some(left) => {
                    *left -= world.dt;
                    false
                }
                None => false,
            },
            Run::Done => true,
        }
    }

    fn rules(&self) -> Ruled {
        let longitudinal = matches!(self, Run::Speed(_) | Run::Profile(_) | Run::Distance(_) | Run::Synchronize(_));
        let lateral = matches!(self, Run::LaneChange(_) | Run::LaneOffset(_) | Run::Trajectory(_));
        let both = matches!(self, Run::Sideways(_));
        Ruled { longitudinal: longitudinal || both, lateral: lateral || both }
    }

    /// Ends it before or when it is done.
    pub fn end(&self, who: EntityId, world: &mut World) {
        if let Run::Trajectory(_) = self {
            world.actors[who].on_track = None;
        }
    }
}

/// Actions that are done as soon as they start.
fn at_once(action: &Private, who: EntityId, world: &mut World) {
    match action {
        Private::Teleport(position) => {
            let there = world.resolve(position, Some(who));
            let time = world.time;
            match there {
                Some(place) if world.actors[who].towed_by.is_none() => {
                    let actor = &mut world.actors[who];
                    actor.place = place;
                    (actor.moved, actor.teleported) = (true, true);
                    super::trailer::align(world, who);
                }
                Some(_) => {}
                None => {
                    let name = world.actors[who].entity.name.clone();
                    world.log.put(time, EventKind::Note, name, "teleported to a place that is on no road: it stays");
                }
            }
        }
        Private::AssignRoute(route) => {
            let course = world.course(route, Some(who)).map(Arc::new);
            if course.is_none() {
                let (time, name) = (world.time, world.actors[who].entity.name.clone());
                world.log.put(
                    time,
                    EventKind::Note,
                    name,
                    format!("route {}: no way in direction of traffic", route.name),
                );
            }
            world.actors[who].course = course;
        }
        Private::AcquirePosition(position) => {
            let from = world.actors[who].place.lane;
            let to = world.resolve(position, Some(who)).and_then(|p| p.lane);
            let net = world.net.clone();
            let course = from.zip(to).and_then(|(a, b)| super::place::Course::through(&net, &[a, b]));
            world.actors[who].course = course.map(Arc::new);
        }
        Private::RandomRoute => {
            (world.actors[who].course, world.actors[who].wanders) = (None, true);
        }
        Private::Visibility { graphics, sensors, traffic } => {
            world.actors[who].visible = [*graphics, *sensors, *traffic];
        }
        Private::ConnectTrailer(trailer) => super::trailer::connect(world, who, *trailer),
        Private::DisconnectTrailer => super::trailer::disconnect(world, who),
        Private::AssignController { controller, activate } => {
            super::driver::assign(controller, *activate, who, world);
        }
        Private::ActivateController { name, activate } => {
            super::driver::activate(name.as_deref(), *activate, who, world);
        }
        _ => {}
    }
}

/// What the world is told is done at once.
pub fn globally(action: &Global, world: &mut World) {
    let time = world.time;
    match action {
        Global::Environment { time_of_day } => {
            if let Some(given) = time_of_day {
                world.time_of_day = Some((*given, time));
            }
        }
        Global::AddEntity(entity, _) if world.actors[*entity].active => {
            let name = world.actors[*entity].entity.name.clone();
            world.log.put(time, EventKind::Note, name, "is there already and is not added");
        }
        Global::AddEntity(entity, position) => {
            if let Some(place) = world.resolve(position, None) {
                let actor = &mut world.actors[*entity];
                actor.place = place;
                (actor.active, actor.teleported) = (true, true);
            }
        }
        Global::DeleteEntity(entity) => {
            // It keeps its speed for when it is added again (as esmini does).
            world.actors[*entity].active = false;
        }
        Global::SetValue { name, change } => {
            let old = world.values.get(name).map(|v| Value::of(v));
            let new = match (change, old) {
                (Change::Set(text), _) => text.clone(),
                (Change::Add(by), Some(Value::Number(n))) => (n + by).to_string(),
                (Change::Multiply(by), Some(Value::Number(n))) => (n * by).to_string(),
                _ => return world.log.put(time, EventKind::Note, name.as_str(), "is no number and cannot be modified"),
            };
            world.values.insert(name.clone(), new);
        }
        Global::SignalState { signal, state } => world.signals.set(signal, state),
        Global::SignalPhase { controller, phase } => {
            let controllers = std::mem::take(&mut world.controllers);
            world.signals.go(&controllers, *controller, *phase, time);
            world.controllers = controllers;
        }
        // The storyboard starts traffic itself: it goes on.
        Global::Traffic(_) => {}
        Global::Monitor { name, value } => world.log.put(time, EventKind::Note, name.as_str(), value.as_str()),
    }
}

/// At most this far from 0, keeping the sign.
fn bounded(value: f64, most: f64) -> f64 {
    value.clamp(-most.abs(), most.abs())
}

/// -1 below 0, else 1.
fn sign(value: f64) -> f64 {
    if value < 0.0 { -1.0 } else { 1.0 }
}
