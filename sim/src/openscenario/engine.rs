//! The engine: steps a scenario in virtual time.
//!
//! One step is: triggers, actions (which set speeds first and then places), then everybody whom no action has moved drives on,
//! then trailers, then who touches whom. The same scenario, step and seed give the same bits.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::actor::Actor;
use super::board::Board;
use super::collision;
use super::driver;
use super::event::{Event, EventKind, Log};
use super::limits;
use super::run::Ruled;
use super::scenario::Scenario;
use super::signal::SignalStates;
use super::state::State;
use super::word::{ObjectKind, SMALL};
use super::world::World;
use super::{traffic, trailer};
use crate::actor::{Body, Kind};
use crate::opendrive::{LaneKind, LanePosition};
use crate::random::Luck;

/// Over speed alone.
const LONGITUDINAL: Ruled = Ruled { longitudinal: true, lateral: false };

/// How to run.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Options {
    /// Step, seconds.
    pub dt: f64,
    /// Everything random comes from it.
    pub seed: u64,
    /// Ends at the latest after so many simulated seconds.
    pub longest_s: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { dt: 0.05, seed: 1, longest_s: limits::LONGEST_S }
    }
}

/// A run under way.
pub struct Engine {
    world: World,
    board: Board,
    dt: f64,
    longest_s: f64,
    steps: u64,
}

impl Engine {
    /// A run at time 0: everything of `Init` is done.
    #[must_use]
    pub fn new(scenario: &Scenario, options: Options) -> Self {
        let actors: Vec<_> = scenario.entities.iter().map(Actor::new).collect();
        let mut world = World {
            net: Arc::clone(&scenario.network),
            earth: super::geo::Earth::of(&scenario.network).ok(),
            actors,
            time: 0.0,
            dt: 0.0,
            values: scenario.values.clone(),
            controllers: scenario.signals.clone(),
            signals: SignalStates::new(&scenario.signals),
            minor: scenario.minor,
            time_of_day: None,
            flows: Vec::new(),
            flows_begun: 0,
            traffic_made: 0,
            seed: options.seed,
            luck: Luck::new(options.seed, "openscenario"),
            log: Log::default(),
        };
        for (towing, entity) in scenario.entities.iter().enumerate() {
            if let Some(trailer) = entity.trailer {
                trailer::connect(&mut world, towing, trailer);
            }
        }
        // An entity that is added by an action is not there before.
        for entity in super::storyboard::added_later(&scenario.storyboard) {
            world.actors[entity].active = false;
        }
        let mut board = Board::new(scenario);
        board.start(&mut world);
        let mut engine = Self { world, board, dt: options.dt, longest_s: options.longest_s, steps: 0 };
        engine.turn(0.0);
        engine
    }

    /// Makes one step; `false`: the scenario is over and nothing has moved.
    pub fn step(&mut self) -> bool {
        if !self.board.runs() {
            return false;
        }
        if self.world.time >= self.longest_s - SMALL {
            let what = format!("ended after {} s: no stop trigger fired", self.longest_s);
            self.world.log.put(self.world.time, EventKind::Note, "storyBoard", what);
            return false;
        }
        self.turn(self.dt);
        self.board.runs()
    }

    fn turn(&mut self, dt: f64) {
        let world = &mut self.world;
        world.dt = dt;
        let controllers = std::mem::take(&mut world.controllers);
        world.signals.step(&controllers, world.time);
        world.controllers = controllers;
        self.board.step(world);
        if !self.board.runs() {
            return;
        }
        if dt > 0.0 {
            self.steps += 1;
            // Steps are counted, so that time does not drift.
            world.time = self.steps as f64 * dt;
        }
        for who in 0..world.actors.len() {
            let actor = &world.actors[who];
            let driven = actor.moved || actor.overridden(LONGITUDINAL);
            if actor.active && !driven && actor.towed_by.is_none() && actor.speed.abs() > SMALL && dt > 0.0 {
                let distance = actor.speed * dt;
                world.drive(who, distance, true);
                let actor = &mut world.actors[who];
                // Without a road there is no lane to keep: only trajectories and teleports move anybody.
                if actor.place.lane.is_none() {
                    actor.speed = 0.0;
                }
                if actor.place.halted && actor.velocity.iter().all(|v| v.abs() < SMALL) {
                    actor.speed = 0.0;
                }
            }
        }
        driver::step(world);
        trailer::pull(world);
        traffic::step(world);
        for who in 0..world.actors.len() {
            let offroad = offroad(world, who);
            let now = world.time;
            world.actors[who].note(now, offroad);
            world.actors[who].settle(dt);
        }
        touch(world);
    }

    /// Simulated seconds.
    #[must_use]
    pub fn time(&self) -> f64 {
        self.world.time
    }

    /// Everybody, in the order of the file, then those whom traffic actions have made.
    #[must_use]
    pub fn actors(&self) -> &[Actor] {
        &self.world.actors
    }

    /// What happened so far, in order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.world.log.events
    }

    /// Storyboard elements and their states, by path.
    pub fn states(&self) -> impl Iterator<Item = (&str, State)> {
        self.board.states()
    }

    /// Parameters, variables and values from outside.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.world.values.get(name).map(String::as_str)
    }

    /// Sets a variable or a value that user-defined conditions ask for.
    pub fn set_value(&mut self, name: &str, value: &str) {
        self.world.values.insert(name.into(), value.into());
    }

    /// What a signal shows.
    #[must_use]
    pub fn signal(&self, id: &str) -> Option<&str> {
        self.world.signals.state(id)
    }

    /// Everybody who is there, as true bodies: number = place in the file + 1.
    #[must_use]
    pub fn entities(&self) -> Vec<Body> {
        let there = self.world.actors.iter().enumerate().filter(|(_, a)| a.active);
        there.map(|(id, actor)| body(id, actor)).collect()
    }
}

fn body(id: usize, actor: &Actor) -> Body {
    let bounds = actor.entity.object.bounds;
    let pose = actor.place.pose;
    let (sin, cos) = pose.yaw.sin_cos();
    let [cx, cy, _] = bounds.center;
    let arm = [cos * cx - sin * cy, sin * cx + cos * cy];
    Body {
        id: id as u32 + 1,
        kind: kind(actor),
        size: perception::Size { length_m: bounds.size[0], width_m: bounds.size[1], height_m: bounds.size[2] },
        position: nalgebra::Vector3::new(pose.x + arm[0], pose.y + arm[1], pose.z),
        yaw: pose.yaw,
        // The middle swings about the origin when the body turns.
        velocity: nalgebra::Vector2::new(
            actor.velocity[0] - actor.yaw_rate * arm[1],
            actor.velocity[1] + actor.yaw_rate * arm[0],
        ),
        yaw_rate: actor.yaw_rate,
    }
}

fn kind(actor: &Actor) -> Kind {
    let object = &actor.entity.object;
    match (object.kind, object.category.as_str()) {
        (ObjectKind::Vehicle, "bicycle") => Kind::Bicycle,
        (ObjectKind::Vehicle, "motorbike") => Kind::Motorcycle,
        (ObjectKind::Vehicle, "bus" | "tram" | "train") => Kind::Bus,
        (ObjectKind::Vehicle, "truck" | "semitrailer" | "trailer") => Kind::Truck,
        (ObjectKind::Vehicle, "van") => Kind::Van,
        (ObjectKind::Vehicle, _) => Kind::Car,
        (ObjectKind::Pedestrian, _) if object.bounds.size[2] < 1.4 => Kind::Child,
        (ObjectKind::Pedestrian, _) => Kind::Pedestrian,
        (ObjectKind::Misc, _) => Kind::Van,
    }
}

/// The origin is beside all lanes of its road.
fn offroad(world: &World, who: usize) -> bool {
    let place = &world.actors[who].place;
    let Some(LanePosition { road, s, .. }) = place.lane else { return false };
    let near = world.net.nearest_lane(road, s, place.t, |kind| kind != LaneKind::None);
    let outside = |(lane, offset): (i32, f64)| {
        world.net.lane_width(road, lane, s).is_some_and(|width| offset.abs() > 0.5 * width + SMALL)
    };
    near.is_none_or(outside)
}

fn touch(world: &mut World) {
    let mut now = vec![BTreeSet::new(); world.actors.len()];
    for (a, b) in collision::pairs(&world.actors) {
        now[a].insert(b);
        now[b].insert(a);
    }
    let mut told = Vec::new();
    for (a, (actor, now)) in world.actors.iter_mut().zip(now).enumerate() {
        if actor.touches != now {
            told.extend(actor.touches.symmetric_difference(&now).filter(|b| **b > a).map(|b| (a, *b, now.contains(b))));
            actor.touches = now;
        }
    }
    for (a, b, begins) in told {
        let names = format!("{}|{}", world.actors[a].entity.name, world.actors[b].entity.name);
        world.log.put(world.time, EventKind::Collision, names, if begins { "begin" } else { "end" });
    }
}
