//! Traffic under way: sources, sinks, swarms and areas, each with its own stream of chance. Whom they make is an entity like
//! any other: named, with a body, driven by a car-following model; it goes at a sink, at the end of the road, or outside the
//! swarm or area. Nobody is made where somebody is, nor so near that one of the two could not brake.

mod order;

use std::sync::Arc;

pub use order::{Cursor, Order, TrafficOrder, Where};

use super::actor::Actor;
use super::driver::follower::{Follower, USUAL_MPS};
use super::driver::{Driver, Mind};
use super::entity::Entity;
use super::event::EventKind;
use super::fleet::{Fleet, Template};
use super::limits;
use super::neighbour::Neighbours;
use super::place::Place;
use super::position::Position;
use super::reader::EntityId;
use super::region::{Ellipse, Region, Stretch};
use super::run::Ruled;
use super::word::ObjectKind;
use super::world::World;
use crate::microsim::following::safe_speed;
use crate::opendrive::LanePosition;
use crate::random::Luck;

/// Least distance to others when one is made, metres.
const MARGIN_M: f64 = 2.5;
/// Looks so far for those who come from behind or are ahead, metres.
const REACH_M: f64 = 120.0;
/// Deceleration and time to react that the others are trusted with, m/s² and seconds.
const TRUSTED: (f64, f64) = (3.0, 1.0);
/// Places tried for each one that lacks, and in one step at most.
const TRIALS: (usize, usize) = (20, 600);
/// Where no place was found, the next look is so much later, seconds.
const PATIENCE_S: f64 = 0.5;
/// Walking speed, m/s.
const WALK_MPS: f64 = 1.4;

/// A traffic action under way.
#[derive(Clone, Debug)]
pub struct Flow {
    node: usize,
    number: usize,
    order: Arc<TrafficOrder>,
    regions: Vec<Region>,
    luck: Luck,
    next: f64,
    waiting: usize,
    filled: bool,
    counter: usize,
}

/// Starts an action; `node` tells who asks.
pub fn start(order: &Arc<TrafficOrder>, node: usize, world: &mut World) {
    if let Order::Stop = order.order {
        world.flows.retain(|flow| flow.order.name != order.name);
        return;
    }
    let number = world.flows_begun;
    world.flows_begun += 1;
    let mut luck = Luck::new(world.seed, &format!("traffic {number}"));
    let next = match &order.order {
        Order::Source { rate, .. } => world.time + luck.gap_s(*rate),
        _ => world.time,
    };
    let regions = regions(&order.order, world);
    if regions.is_empty() && !matches!(order.order, Order::Swarm { .. }) {
        let what = "traffic action at a place that is on no road: it makes nobody";
        world.log.put(world.time, EventKind::Note, order.name.clone().unwrap_or_default(), what);
    }
    let order = Arc::clone(order);
    world.flows.push(Flow { node, number, order, regions, luck, next, waiting: 0, filled: false, counter: 0 });
}

/// It has not been stopped.
#[must_use]
pub fn runs(node: usize, world: &World) -> bool {
    world.flows.iter().any(|flow| flow.node == node)
}

/// Ends what an action does.
pub fn end(node: usize, world: &mut World) {
    world.flows.retain(|flow| flow.node != node);
}

/// One step of all traffic.
pub fn step(world: &mut World) {
    for id in 0..world.actors.len() {
        let actor = &world.actors[id];
        if actor.made_by.is_some() && actor.active && (actor.place.halted || actor.place.lane.is_none()) {
            remove(id, world);
        }
    }
    let mut flows = std::mem::take(&mut world.flows);
    flows.iter_mut().for_each(|flow| flow.step(world));
    world.flows = flows;
}

fn remove(id: EntityId, world: &mut World) {
    let mut next = Some(id);
    while let Some(id) = next {
        let actor = &mut world.actors[id];
        (actor.active, actor.speed, actor.towed_by) = (false, 0.0, None);
        next = actor.trailer.take();
    }
}

/// Where an action that does not move with anybody works.
fn regions(order: &Order, world: &World) -> Vec<Region> {
    let place = |at: &Position| world.resolve(at, None).map(|p| [p.pose.x, p.pose.y]);
    match order {
        Order::Source { at, radius, .. } | Order::Sink { at, radius, .. } => {
            place(at).map(|centre| Region::disk(centre, *radius)).into_iter().collect()
        }
        Order::Area { wheres, .. } => wheres.iter().filter_map(|w| region(w, world)).collect(),
        Order::Swarm { .. } | Order::Stop => Vec::new(),
    }
}

fn region(part: &Where, world: &World) -> Option<Region> {
    match part {
        Where::Polygon(corners) => {
            let corners = corners.iter().map(|p| world.resolve(p, None).map(|p| [p.pose.x, p.pose.y]));
            corners.collect::<Option<Vec<_>>>().map(Region::Polygon)
        }
        Where::Range { length, cursors } => {
            let mut all = Vec::new();
            for (i, cursor) in cursors.iter().enumerate() {
                let road = world.net.road_index(&cursor.road)?;
                let end = world.net.road_length(road)?;
                let from = cursor.s.unwrap_or(0.0).clamp(0.0, end);
                let before = i.checked_sub(1).map(|j| &cursors[j]);
                let next = cursors.get(i + 1);
                let s = match (before, next, length) {
                    (_, None, Some(length)) if i == 0 => [from, (from + length).min(end)],
                    (_, Some(next), _) if next.road == cursor.road => [from, next.s.unwrap_or(end).clamp(0.0, end)],
                    (Some(before), None, _) if before.road == cursor.road => continue,
                    (Some(_), None, _) => [0.0, cursor.s.unwrap_or(end).clamp(0.0, end)],
                    _ => [from, end],
                };
                all.push(Stretch { road, s: [s[0].min(s[1]), s[0].max(s[1])], lanes: cursor.lanes.clone() });
            }
            Some(Region::Stretches(all))
        }
    }
}

impl Flow {
    fn step(&mut self, world: &mut World) {
        let order = Arc::clone(&self.order);
        match &order.order {
            Order::Source { at, radius, rate, speed, fleet } => self.pour(world, (at, *radius, *rate), *speed, fleet),
            Order::Sink { rate, only, .. } => self.drain(world, *rate, only.as_deref()),
            Order::Swarm { centre, inner, half, offset, number, speed, directions, fleet } => {
                let centre = &world.actors[*centre];
                if !centre.active {
                    return;
                }
                let pose = centre.place.pose;
                let middle = pose.offset(*offset, 0.0, 0.0);
                let outer = Ellipse { centre: [middle[0], middle[1]], yaw: pose.yaw, half: half.map(|h| h.max(1e-3)) };
                self.regions = vec![Region::Ring { inner: *inner, outer }];
                self.clear(world);
                self.fill(world, *number, *speed, fleet, Some((pose.yaw, *directions)));
            }
            Order::Area { number, continuous, fleet, .. } => {
                self.clear(world);
                if *continuous || !self.filled {
                    self.fill(world, *number, None, fleet, None);
                }
                self.filled = true;
            }
            Order::Stop => {}
        }
    }

    /// Vehicles arrive as a Poisson process; those for whom there is no room wait.
    fn pour(
        &mut self,
        world: &mut World,
        (at, radius, rate): (&Position, f64, f64),
        speed: Option<f64>,
        fleet: &Fleet,
    ) {
        while self.next <= world.time && self.waiting < limits::TRAFFIC_WAITING {
            self.waiting += 1;
            self.next += self.luck.gap_s(rate);
        }
        let mut near = None;
        while self.waiting > 0 {
            let place = if radius > 0.0 {
                self.regions.first().and_then(|r| r.draw(&world.net, &mut self.luck))
            } else {
                world.resolve(at, None).and_then(|p| p.lane).map(|lane| LanePosition { offset: 0.0, ..lane })
            };
            let made = place.is_some_and(|place| self.make(world, &mut near, place, speed, fleet));
            if !made {
                return;
            }
            self.waiting -= 1;
        }
    }

    /// Vehicles inside go, so many per second at most.
    fn drain(&mut self, world: &mut World, rate: Option<f64>, only: Option<&Fleet>) {
        let Some(region) = self.regions.first() else { return };
        for id in 0..world.actors.len() {
            let actor = &world.actors[id];
            let object = &actor.entity.object;
            let meant = actor.active && actor.towed_by.is_none() && object.kind == ObjectKind::Vehicle;
            if !meant || only.is_some_and(|fleet| !fleet.has(object)) || !region.holds(&actor.place) {
                continue;
            }
            match rate {
                None => remove(id, world),
                Some(rate) if rate > 0.0 && self.next <= world.time => {
                    remove(id, world);
                    self.next = world.time + 1.0 / rate;
                }
                Some(_) => return,
            }
        }
    }

    fn members<'a>(&self, world: &'a World) -> impl Iterator<Item = EntityId> + 'a {
        let mine = Some(self.number);
        world.actors.iter().enumerate().filter(move |(_, a)| a.active && a.made_by == mine).map(|(id, _)| id)
    }

    /// Those who have left go.
    fn clear(&self, world: &mut World) {
        let left: Vec<_> =
            self.members(world).filter(|&id| !self.regions.iter().any(|r| r.holds(&world.actors[id].place))).collect();
        left.into_iter().for_each(|id| remove(id, world));
    }

    /// Those who lack are made. `directions`: heading of the centre, weights of the same and the other way.
    fn fill(
        &mut self,
        world: &mut World,
        number: usize,
        speed: Option<[f64; 2]>,
        fleet: &Fleet,
        directions: Option<(f64, [f64; 2])>,
    ) {
        let lack = number.saturating_sub(self.members(world).count());
        if self.next > world.time {
            return;
        }
        let (mut made, mut near) = (0, None);
        for _ in 0..(TRIALS.0 * lack).min(TRIALS.1) {
            if made == lack {
                return;
            }
            let region = self.luck.pick(&vec![1.0; self.regions.len()]);
            let drawn = self.regions.get(region).and_then(|r| r.draw(&world.net, &mut self.luck));
            let Some(at) = drawn else { continue };
            if let Some((yaw, weights)) = directions {
                let same = self.luck.pick(&weights) == 0;
                let looks = placed(world, at).is_some_and(|p| super::place::is_forward(p.pose.yaw - yaw));
                if looks != same {
                    continue;
                }
            }
            let speed = speed.map(|[low, high]| self.luck.between(low, high));
            made += usize::from(self.make(world, &mut near, at, speed, fleet));
        }
        if lack > 0 && made == 0 {
            // There is no room: to look on at every step would cost much and bring little.
            self.next = world.time + PATIENCE_S;
        }
    }

    /// Makes one on a lane, if there is room for it.
    fn make(
        &mut self,
        world: &mut World,
        near: &mut Option<Neighbours>,
        at: LanePosition,
        speed: Option<f64>,
        fleet: &Fleet,
    ) -> bool {
        if world.traffic_made >= limits::TRAFFIC_MADE {
            if world.traffic_made == limits::TRAFFIC_MADE {
                let what = format!("no more than {} are made by traffic actions", limits::TRAFFIC_MADE);
                world.log.put(world.time, EventKind::Note, self.prefix(), what);
                world.traffic_made += 1;
            }
            return false;
        }
        let Some(template) = fleet.draw(&mut self.luck) else { return false };
        let Some(place) = placed(world, at) else { return false };
        let mut actor = self.actor(template, place, speed, world);
        let near = near.get_or_insert_with(|| Neighbours::of(&world.net, &world.actors));
        let Some(speed) = room(&actor, near, world) else { return false };
        actor.entity.name = self.name(world);
        actor.speed = speed;
        actor.bound_for = Some(self.luck.between(-std::f64::consts::PI, std::f64::consts::PI));
        world.actors.push(actor);
        world.traffic_made += 1;
        *near = Neighbours::of(&world.net, &world.actors);
        true
    }

    /// A name that nobody has.
    fn name(&mut self, world: &World) -> String {
        loop {
            let name = format!("{}_{}", self.prefix(), self.counter);
            self.counter += 1;
            if world.actors.iter().all(|a| a.entity.name != name) {
                return name;
            }
        }
    }

    fn prefix(&self) -> String {
        let kind = match self.order.order {
            Order::Source { .. } => "source",
            Order::Swarm { .. } => "swarm",
            _ => "area",
        };
        self.order.name.clone().unwrap_or_else(|| format!("{kind}{}", self.number))
    }

    fn actor(&self, template: Template, place: Place, speed: Option<f64>, world: &World) -> Actor {
        let Template { object, controllers } = template;
        let follower = Follower::new(&object, speed);
        let entity = Entity { name: String::new(), object, controllers, trailer: None };
        let mut actor = Actor::new(&entity);
        let limit = place.lane.and_then(|l| world.net.speed_limit(l.road, l.lane, l.s));
        actor.speed = match entity.object.kind {
            ObjectKind::Vehicle => speed.or(limit).unwrap_or(USUAL_MPS).min(entity.object.performance.max_speed),
            ObjectKind::Pedestrian => speed.unwrap_or(WALK_MPS).min(entity.object.performance.max_speed),
            _ => 0.0,
        };
        (actor.place, actor.teleported, actor.made_by) = (place, true, Some(self.number));
        let drives = entity.object.kind == ObjectKind::Vehicle;
        match actor.drivers.iter_mut().rfind(|d| !matches!(d.mind, Mind::Unknown)) {
            Some(driver) => driver.take_over(Ruled { longitudinal: true, lateral: true }, actor.speed),
            None if drives => actor.drivers.push(Driver::follower(follower)),
            None => {}
        }
        actor
    }
}

/// On a lane in direction of its traffic.
fn placed(world: &World, at: LanePosition) -> Option<Place> {
    let turn = if world.net.runs_forward(at.road, at.lane) { 0.0 } else { std::f64::consts::PI };
    Place::on_lane(&world.net, at, turn)
}

/// The speed at which somebody new may start where it is; `None`: there is no room.
fn room(new: &Actor, near: &Neighbours, world: &World) -> Option<f64> {
    let (x, y) = (new.place.pose.x, new.place.pose.y);
    let mut larger = new.clone();
    for side in &mut larger.entity.object.bounds.size[..2] {
        *side += MARGIN_M;
    }
    let footprint = larger.footprint();
    let reach = new.entity.object.bounds.size[0] + 40.0;
    let taken = |id: &EntityId| footprint.touches(&world.actors[*id].footprint());
    if near.around(x, y, reach).iter().any(taken) {
        return None;
    }
    let (decel, tau) = TRUSTED;
    let way = crate::opendrive::Choice::Straightest;
    let mut speed = new.speed;
    for ahead in near.ahead(&world.net, &new.place, &way, REACH_M) {
        let other = &world.actors[ahead.id];
        let gap = ahead.ds - new.front() - other.rear().max(other.front()) - MARGIN_M;
        if gap <= 0.0 {
            return None;
        }
        speed = speed.min(safe_speed(gap, other.speed.max(0.0), decel, tau));
    }
    let mut back = new.place.clone();
    back.turn(back.relative + std::f64::consts::PI);
    for behind in near.ahead(&world.net, &back, &way, REACH_M) {
        let other = &world.actors[behind.id];
        let gap = behind.ds - new.rear() - other.front().max(other.rear()) - MARGIN_M;
        if gap <= 0.0 || other.speed > safe_speed(gap, speed, decel, tau) {
            return None;
        }
    }
    Some(speed)
}
