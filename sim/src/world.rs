//! The simulated world: who is on the road and where, one fixed step after the other. It is the truth that sensors see
//! badly and verdicts know well.

pub mod approach;
mod carried;
pub mod cast;
mod entry;
mod mind;
mod platoon;
pub mod story;
mod yard;

use std::collections::BTreeMap;

use calibration::Timestamp;

use crate::actor::driver::{Danger, Siren};
use crate::actor::{ActorId, Body, Driver, is_one_vehicle};
use crate::road::{Road, RoadError};
use crate::scenario;
use crate::scene::{Grid, Lights, Scene};
use crate::traffic::Stream;
pub use carried::Carrier;
pub use mind::{Actor, Mind};
use story::Told;
use yard::Yard;

/// Road users at once; streams are held back above it.
pub const ACTORS: usize = 2000;
/// Collisions remembered.
const COLLISIONS: usize = 1000;

/// A scenario's road users do not fit its map.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WorldError {
    /// The road itself.
    #[error(transparent)]
    Road(#[from] RoadError),
    /// A crosswalk that is not there.
    #[error("there is no crosswalk `{asked}`; the map has {known}")]
    NoCrosswalk {
        /// What was asked.
        asked: String,
        /// What is there.
        known: String,
    },
    /// A path of equal points.
    #[error("the path of {who} has no length; give at least two different points")]
    NoPath {
        /// Whose.
        who: String,
    },
    /// A bay that cannot be reached.
    #[error("actor `{who}` cannot park in bay `{bay}`: {why}; move the bay or the path, or correct heading_deg")]
    NoWayIn {
        /// Who.
        who: String,
        /// Which bay.
        bay: String,
        /// Why.
        why: String,
    },
    /// A start beyond the lane.
    #[error("actor `{who}` starts at {start_m} m, but lane `{lane}` is {length_m} m long")]
    BeyondLane {
        /// Who.
        who: String,
        /// Lane.
        lane: String,
        /// Where.
        start_m: String,
        /// Its length.
        length_m: String,
    },
}

/// Two road users that ran into each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Collision {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: [ActorId; 2],
    /// In words.
    pub names: [String; 2],
    /// Speed of one as seen from the other, m/s.
    pub relative_mps: f64,
}

/// The world.
#[derive(Debug)]
pub struct World {
    /// The road.
    pub road: Road,
    now: Timestamp,
    /// On the road, in the order of their numbers.
    actors: Vec<Actor>,
    /// Not there yet.
    coming: Vec<Actor>,
    streams: Vec<Stream>,
    bodies: Vec<Body>,
    next_id: ActorId,
    touching: BTreeMap<(ActorId, ActorId), ()>,
    collisions: Vec<Collision>,
    story: Option<Told>,
    carrier: Option<Carrier>,
    yard: Yard,
    /// Accelerations of those who lead a platoon, m/s².
    felt: BTreeMap<ActorId, f64>,
}

impl World {
    /// The world of a scenario on `road` at `now`, with its streams still empty.
    ///
    /// # Errors
    /// When a road user does not fit the map.
    pub fn new(scenario: &scenario::Scenario, road: Road, seed: u64, now: Timestamp) -> Result<Self, WorldError> {
        let mut streams = Vec::new();
        for (i, flow) in scenario.flow.iter().enumerate() {
            streams.push(Stream::new(flow.as_ref(), &road, seed, &format!("flow {i}"))?);
        }
        let mut coming = Vec::new();
        for plan in &scenario.actor {
            let mut actor = cast::single(plan.as_ref(), scenario, &road)?;
            // Single road users keep the scenario's time: they wait while the traffic warms up.
            actor.wait_s += scenario.warm_s;
            coming.push(actor);
        }
        let mut world = Self {
            road,
            now,
            actors: Vec::new(),
            coming,
            streams,
            bodies: Vec::new(),
            next_id: 1,
            touching: BTreeMap::new(),
            collisions: Vec::new(),
            story: None,
            carrier: None,
            yard: Yard::new(scenario),
            felt: BTreeMap::new(),
        };
        world.let_in(0.0);
        world.bodies = world.actors.iter().map(Actor::body).collect();
        Ok(world)
    }

    /// The moment of the last step.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Sets the clock without moving anybody: the traffic has warmed up, or the machine slept.
    pub fn set_now(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// True states, in the order of their numbers.
    #[must_use]
    pub fn bodies(&self) -> &[Body] {
        &self.bodies
    }

    /// Road users, in the order of their numbers.
    #[must_use]
    pub fn actors(&self) -> &[Actor] {
        &self.actors
    }

    /// The road user with this name.
    #[must_use]
    pub fn actor(&self, name: &str) -> Option<&Actor> {
        self.actors.iter().find(|a| a.name.as_deref() == Some(name))
    }

    /// Collisions so far.
    #[must_use]
    pub fn collisions(&self) -> &[Collision] {
        &self.collisions
    }

    /// Tells the driver of an on-board unit of the dangers it heard of; an empty list: there are none any more.
    pub fn warn(&mut self, id: ActorId, dangers: &[Danger]) {
        if let Some(Mind::Driver(driver)) = self.actors.iter_mut().find(|a| a.id == id).map(|a| &mut a.mind) {
            driver.warn(dangers);
        }
    }

    /// Moves everybody on by `dt` seconds.
    pub fn step(&mut self, dt: f64, lights: &Lights) {
        let bodies = std::mem::take(&mut self.bodies);
        let mut actors = std::mem::take(&mut self.actors);
        let mut scene = snapshot(self.now, &self.road, &bodies, &actors, lights);
        let sirens: Vec<_> =
            actors.iter().filter(|a| driver(a).is_some_and(|d| d.siren)).map(|a| Siren::of(&a.body())).collect();
        for actor in &mut actors {
            if let Mind::Driver(driver) = &mut actor.mind {
                if !sirens.is_empty() {
                    driver.make_way(actor.id, &sirens, &scene);
                }
                driver.decide(actor.id, &mut scene);
            }
        }
        self.yard.step(&mut actors, dt);
        scene.passing = actors.iter().filter_map(|a| driver(a)).flat_map(|d| d.passing(&self.road)).collect();
        let leaders = platoon::leaders(&actors);
        for actor in &mut actors {
            match &mut actor.mind {
                Mind::Driver(driver) => {
                    let accel = driver.acceleration(actor.id, &scene);
                    driver.advance(accel, dt);
                }
                Mind::Walker(walker) => {
                    let group = self.road.walks[walker.walk()].group;
                    walker.advance(group, &scene, dt);
                }
                Mind::Script(script) => script.advance(actor.id, actor.kind, &scene, dt),
                Mind::Parker(parker) => parker.advance(actor.id, actor.kind, &scene, dt),
                Mind::Follower(follower) => {
                    let leader = leaders.get(&follower.behind).copied();
                    follower.advance(actor.id, leader, &bodies, self.now, dt);
                }
                Mind::Towed(_) | Mind::Told(..) | Mind::Carried(..) => {}
            }
        }
        actors.retain(|actor| !actor.is_done());
        self.actors = actors;
        self.tow();
        self.now = self.now.offset_secs(dt);
        self.enter(&bodies, dt);
        self.tell(dt);
        self.carry(dt);
        self.bodies = self.actors.iter().map(Actor::body).collect();
        self.feel(&leaders, &bodies, dt);
        self.find_collisions();
    }

    fn enter(&mut self, bodies: &[Body], dt: f64) {
        self.let_in(dt);
        if self.actors.len() >= ACTORS {
            return;
        }
        let road = &self.road;
        let new: Vec<_> = self.streams.iter_mut().filter_map(|stream| stream.step(road, bodies, dt)).collect();
        for actor in new {
            self.admit(actor);
        }
    }

    /// A name for messages.
    #[must_use]
    pub fn name_of(&self, id: ActorId) -> String {
        let actor = self.actors.iter().find(|a| a.id == id);
        match actor.and_then(|a| a.name.as_deref()) {
            Some(name) => name.to_owned(),
            None => format!("{} {id}", actor.map_or("actor", |a| a.kind.class().name())),
        }
    }

    fn find_collisions(&mut self) {
        let grid = Grid::new(&self.bodies);
        let mut touching = BTreeMap::new();
        for (i, a) in self.bodies.iter().enumerate() {
            for j in grid.near(a.place(), a.radius() + 9.0).filter(|&j| j > i) {
                let b = &self.bodies[j];
                // People on foot walk through each other: a crowd is no accident.
                let both_walk = a.kind.walks() && b.kind.walks();
                if !both_walk && !is_one_vehicle(a.id, b.id) && a.touches(b) {
                    touching.insert((a.id, b.id), ());
                    if !self.touching.contains_key(&(a.id, b.id)) && self.collisions.len() < COLLISIONS {
                        self.collisions.push(Collision {
                            at: self.now,
                            who: [a.id, b.id],
                            names: [self.name_of(a.id), self.name_of(b.id)],
                            relative_mps: (a.velocity - b.velocity).norm(),
                        });
                    }
                }
            }
        }
        self.touching = touching;
    }
}

/// What everybody sees in this step.
fn snapshot<'a>(now: Timestamp, road: &'a Road, bodies: &'a [Body], actors: &[Actor], lights: &'a Lights) -> Scene<'a> {
    let mut scene = Scene {
        now,
        road,
        bodies,
        grid: Grid::new(bodies),
        lights,
        claims: Vec::new(),
        approaches: Vec::new(),
        on_walk: Vec::new(),
        passing: Vec::new(),
    };
    for actor in actors {
        match &actor.mind {
            Mind::Driver(driver) => {
                let light = scene.light(driver.next_way().and_then(|way| road.ways[way].group));
                scene.claims.extend(driver.claim(actor.id));
                scene.approaches.extend(driver.approach(actor.id, light));
            }
            Mind::Walker(walker) => scene.on_walk.extend(walker.on_walk()),
            _ => {}
        }
    }
    scene
}

fn driver(actor: &Actor) -> Option<&Driver> {
    match &actor.mind {
        Mind::Driver(driver) => Some(driver),
        _ => None,
    }
}

#[cfg(test)]
#[path = "world/tests.rs"]
pub(crate) mod tests;
