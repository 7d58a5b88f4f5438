//! The simulated world: who is on the road and where, one fixed step after the other. It is the truth that sensors see
//! badly and verdicts know well.

pub mod cast;
mod platoon;
pub mod story;

use std::collections::BTreeMap;
use std::sync::Arc;

use calibration::Timestamp;

use crate::actor::driver::Danger;
use crate::actor::{ActorId, Body, Driver, Follower, Kind, Script, Walker};
use crate::road::{Line, Road, RoadError};
use crate::scenario;
use crate::scene::{Grid, Lights, Scene};
use crate::traffic::Stream;
use story::Told;

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
    /// Is where an OpenSCENARIO storyboard puts it: its place in that file, and its state.
    Told(usize, Box<Body>),
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
    /// What moves it.
    pub mind: Mind,
    /// Enters after this many seconds.
    wait_s: f64,
}

impl Actor {
    /// A nameless road user that enters at once.
    #[must_use]
    pub fn new(kind: Kind, mind: Mind) -> Self {
        Self { id: 0, name: None, kind, obu: false, reaction_s: 1.0, mind, wait_s: 0.0 }
    }

    /// The true state.
    #[must_use]
    pub fn body(&self) -> Body {
        match &self.mind {
            Mind::Driver(driver) => driver.body(self.id, self.kind),
            Mind::Walker(walker) => walker.body(self.id, self.kind),
            Mind::Script(script) => script.body(self.id, self.kind),
            Mind::Follower(follower) => follower.body(self.id, self.kind),
            Mind::Told(_, body) => Body { id: self.id, kind: self.kind, ..Body::clone(body) },
        }
    }

    /// The line it follows, and how far along its front is.
    #[must_use]
    pub fn way(&self) -> Option<(&Line, f64)> {
        match &self.mind {
            Mind::Driver(driver) => Some((&driver.route.line, driver.front_m)),
            Mind::Script(script) => script.path().map(|line| (line, line.beside_all(self.body().place()).along_m)),
            Mind::Follower(follower) => Some(follower.way()),
            Mind::Walker(_) | Mind::Told(..) => None,
        }
    }

    fn is_done(&self) -> bool {
        match &self.mind {
            Mind::Driver(driver) => driver.is_done(),
            Mind::Walker(walker) => walker.is_done(),
            Mind::Script(script) => script.is_done(),
            Mind::Follower(follower) => follower.is_done(),
            Mind::Told(..) => false,
        }
    }
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
            let mut actor = cast::single(plan.as_ref(), &road, *scenario.for_s.as_ref())?;
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
        for actor in &mut actors {
            if let Mind::Driver(driver) = &mut actor.mind {
                driver.decide(actor.id, &mut scene);
            }
        }
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
                Mind::Script(script) => script.advance(dt),
                Mind::Follower(follower) => {
                    let leader = leaders.get(&follower.behind).copied();
                    follower.advance(actor.id, leader, &bodies, self.now, dt);
                }
                Mind::Told(..) => {}
            }
        }
        actors.retain(|actor| !actor.is_done());
        self.actors = actors;
        self.now = self.now.offset_secs(dt);
        self.enter(&bodies, dt);
        self.tell(dt);
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

    fn let_in(&mut self, dt: f64) {
        for actor in &mut self.coming {
            actor.wait_s -= dt;
        }
        let (now, later): (Vec<_>, Vec<_>) = self.coming.drain(..).partition(|a| a.wait_s <= 1e-9);
        self.coming = later;
        for actor in now {
            self.make_room(&actor);
            self.admit(actor);
        }
    }

    /// Who is named in the scenario starts where it says: traffic of the streams that is in the way never came.
    fn make_room(&mut self, new: &Actor) {
        let mut wide = new.body();
        wide.size.length_m += if matches!(new.mind, Mind::Driver(_)) { 24.0 } else { 1.0 };
        wide.size.width_m += 0.2;
        self.actors.retain(|actor| actor.name.is_some() || !actor.body().touches(&wide));
    }

    fn admit(&mut self, mut actor: Actor) {
        actor.id = self.next_id;
        self.next_id += 1;
        self.actors.push(actor);
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
                if !both_walk && a.touches(b) {
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
            Mind::Script(_) | Mind::Follower(_) | Mind::Told(..) => {}
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
pub(crate) mod tests {
    use rsu::world::Light;

    use super::*;
    use crate::road::tests::four_arm;
    use crate::scenario::Loaded;

    /// The plan of the four-arm crossing as in `maps/README.md`: group, green from, green for, yellow for.
    const PLAN: [(u8, f64, f64, f64); 8] = [
        (1, 0.0, 28.0, 3.0),
        (2, 33.0, 10.0, 3.0),
        (3, 48.0, 25.0, 3.0),
        (4, 78.0, 7.0, 3.0),
        (5, 48.0, 12.0, 0.0),
        (6, 0.0, 14.0, 0.0),
        (7, 48.0, 12.0, 0.0),
        (8, 0.0, 14.0, 0.0),
    ];

    pub(crate) fn lights(now: Timestamp) -> Lights {
        let t = now.as_secs_f64().rem_euclid(90.0);
        let light = |&(id, from, green, yellow): &(u8, f64, f64, f64)| {
            let at = |s: f64| Some(now.offset_secs(s - t));
            let shown = if (from..from + green).contains(&t) {
                (Light::ProtectedGreen, at(from + green))
            } else if (from + green..from + green + yellow).contains(&t) {
                (Light::Yellow, at(from + green + yellow))
            } else {
                (Light::Red, None)
            };
            (id, shown)
        };
        PLAN.iter().map(light).collect()
    }

    pub(crate) fn busy(more: &str) -> scenario::Scenario {
        let mut text = "title = \"busy\"\nfor_s = 60\n".to_owned();
        text += "[[unit]]\nconfig = \"x\"\n[[expect]]\nthat = \"x\"\nno_collision = {}\n";
        for arm in ["north", "east", "south", "west"] {
            text += &format!("[[flow]]\nlink = \"{arm}-in\"\nper_hour = 900\n");
            text += &format!("[[flow]]\nlink = \"{arm}-in\"\nper_hour = 100\nmix = {{ bicycle = 1.0 }}\n");
            text += &format!("[[flow]]\ncrosswalk = \"{arm}-walk\"\nper_hour = 240\n");
        }
        Loaded::parse(std::path::Path::new("busy.toml"), &(text + more)).unwrap().scenario
    }

    #[test]
    fn busy_traffic_flows_and_nobody_runs_into_anybody() {
        for seed in 1..=3 {
            let mut world = World::new(&busy(""), four_arm(), seed, Timestamp::from_millis(0)).unwrap();
            let mut left = 0;
            let mut most = 0;
            for _ in 0..(300 * 20) {
                let before = world.actors().len();
                let lights = lights(world.now());
                world.step(0.05, &lights);
                left += before.saturating_sub(world.actors().len());
                most = most.max(world.actors().len());
            }
            assert!(world.collisions().is_empty(), "seed {seed}: {:#?}", world.collisions());
            assert!(left > 100, "seed {seed}: only {left} came through, {most} on the road");
            assert!(most > 40, "seed {seed}: {most}");
        }
    }

    #[test]
    fn nobody_passes_a_red_light() {
        let mut world = World::new(&busy(""), four_arm(), 5, Timestamp::from_millis(0)).unwrap();
        for _ in 0..(180 * 20) {
            let lights = lights(world.now());
            let fronts: Vec<_> = world.actors.iter().filter_map(driver).map(|d| d.front_m).collect();
            let ids: Vec<_> = world.actors.iter().filter(|a| driver(a).is_some()).map(|a| a.id).collect();
            world.step(0.05, &lights);
            for (id, front) in ids.into_iter().zip(fronts) {
                let Some(driver) = world.actors.iter().find(|a| a.id == id).and_then(driver) else { continue };
                let Some(stop) = driver.route.stops.first() else { continue };
                if front < stop.at_m && driver.front_m >= stop.at_m {
                    let group = world.road.ways[stop.way].group.unwrap();
                    assert_ne!(lights[&group].0, Light::Red, "actor {id} at {}", world.now());
                }
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_world() {
        let run = |seed| {
            let mut world = World::new(&busy(""), four_arm(), seed, Timestamp::from_millis(0)).unwrap();
            for _ in 0..1200 {
                let lights = lights(world.now());
                world.step(0.05, &lights);
            }
            world.bodies
        };
        assert_eq!(run(3), run(3));
        assert_ne!(run(3), run(4));
    }

    #[test]
    fn a_driver_stops_behind_a_parked_van_and_a_script_goes_its_way() {
        let more = "[[actor]]\nid = \"van\"\nkind = \"van\"\npath = [[-5.25, 80]]\nheading_deg = 180\n\
                    [[actor]]\nid = \"car\"\nkind = \"car\"\nlane = \"north-in/2\"\n\
                    [[actor]]\nid = \"child\"\nkind = \"child\"\npath = [[20, 20], [20, 30]]\nstart_s = 2\nspeed_mps = 2\n";
        let mut scenario = busy(more);
        scenario.flow.clear();
        let mut world = World::new(&scenario, four_arm(), 1, Timestamp::from_millis(0)).unwrap();
        for _ in 0..(30 * 20) {
            let lights = lights(world.now());
            world.step(0.05, &lights);
        }
        let car = world.actor("car").unwrap().body();
        assert!(car.velocity.norm() < 0.2 && (84.0..90.0).contains(&car.position.y), "{car:?}");
        assert!((world.actor("child").unwrap().body().position.y - 30.0).abs() < 1e-9);
        assert!(world.collisions().is_empty());
    }
}
