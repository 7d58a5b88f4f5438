//! Everything that actions change and conditions ask for.

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::Arc;

use super::action::TimeOfDay;
use super::actor::Actor;
use super::event::Log;
use super::geo::Earth;
use super::place::{Course, Place};
use super::position::{OnRoute, Orientation, Position};
use super::reader::EntityId;
use super::route::Route;
use super::signal::{SignalController, SignalStates};
use super::track::Resolved;
use super::traffic::Flow;
use crate::opendrive::{Choice, Fork, LanePosition, Network, RoadPosition};
use crate::random::Luck;

/// The world of a scenario.
pub struct World {
    /// Roads.
    pub net: Arc<Network>,
    /// Where the roads are on the earth, if that is known.
    pub earth: Option<Earth>,
    /// Entities, in the order of the file.
    pub actors: Vec<Actor>,
    /// Simulated seconds.
    pub time: f64,
    /// Length of this step, seconds.
    pub dt: f64,
    /// Parameters, variables and values from outside.
    pub values: BTreeMap<String, String>,
    /// Controllers of signals.
    pub controllers: Vec<SignalController>,
    /// What signals show.
    pub signals: SignalStates,
    /// Version 1.x of the file.
    pub minor: u32,
    /// Time of day and when it was set.
    pub time_of_day: Option<(TimeOfDay, f64)>,
    /// Traffic actions under way.
    pub flows: Vec<Flow>,
    /// How many have begun.
    pub flows_begun: usize,
    /// How many road users they have made.
    pub traffic_made: usize,
    /// Everything random comes from it.
    pub seed: u64,
    /// Chance.
    pub luck: Luck,
    /// What happened.
    pub log: Log,
}

impl World {
    /// Where a position is. `who`: whose action it is, for its route.
    #[must_use]
    pub fn resolve(&self, position: &Position, who: Option<EntityId>) -> Option<Place> {
        let walks = who.is_some_and(|id| self.actors[id].entity.object.kind == super::word::ObjectKind::Pedestrian);
        let place = self.resolved(position, who, walks)?;
        Some(Place { walks, ..place })
    }

    fn resolved(&self, position: &Position, who: Option<EntityId>, walks: bool) -> Option<Place> {
        let net = &*self.net;
        let o = position.orientation();
        match position {
            Position::World { x, y, z, .. } => Some(Place::in_world(net, [*x, *y], *z, o, None, walks)),
            Position::RelativeWorld { entity, by, .. } => {
                let from = &self.actors[*entity].place;
                let at = [from.pose.x + by[0], from.pose.y + by[1], from.pose.z + by[2]];
                Some(beside_entity(net, from, at, by[2], o, walks))
            }
            Position::RelativeObject { entity, by, .. } => {
                let from = &self.actors[*entity].place;
                Some(beside_entity(net, from, from.pose.offset(by[0], by[1], by[2]), by[2], o, walks))
            }
            Position::Road { road, s, t, .. } => {
                let at = RoadPosition { road: net.road_index(road)?, s: *s, t: *t };
                Some(oriented(Place::on_road(net, at, 0.0)?, o, 0.0))
            }
            Position::RelativeRoad { entity, ds, dt, .. } => {
                let from = self.along(*entity, who, *ds)?;
                let at = RoadPosition { t: from.t + dt, ..from.road_position()? };
                Some(oriented(Place::on_road(net, at, 0.0)?, o, 0.0))
            }
            Position::Lane { road, lane, s, offset, .. } => {
                let at = LanePosition { road: net.road_index(road)?, lane: *lane, s: *s, offset: *offset };
                Some(oriented(Place::on_lane(net, at, 0.0)?, o, driving(net, at)))
            }
            Position::RelativeLane { entity, lanes, ds, along_lane, offset, .. } => {
                self.relative_lane(*entity, who, *lanes, *ds, *along_lane, *offset, o)
            }
            Position::Route { route, on, .. } => self.on_route(route, *on, o, who),
            Position::Geo { latitude, longitude, height, .. } => {
                let at = self.earth?.place(*latitude, *longitude);
                Some(Place::in_world(net, at, *height, o, None, walks))
            }
            Position::Trajectory { trajectory, s, t, .. } => {
                let track = self.lay(trajectory, super::word::Following::Position, 0.0, who)?;
                let p = track.at(*s);
                let (sin, cos) = p.yaw.sin_cos();
                let h = if o.relative { p.yaw + o.h.unwrap_or(0.0) } else { o.h.unwrap_or(p.yaw) };
                let o = Orientation { h: Some(h), p: None, r: None, relative: false };
                Some(Place::in_world(net, [p.x - sin * t, p.y + cos * t], p.z, o, None, walks))
            }
        }
    }

    /// A trajectory laid out, from where `who` is.
    #[must_use]
    pub fn lay(
        &self,
        trajectory: &super::trajectory::Trajectory,
        following: super::word::Following,
        speed: f64,
        who: Option<EntityId>,
    ) -> Option<super::track::Track> {
        let pose = who.map(|i| self.actors[i].place.pose).unwrap_or_default();
        let here: Resolved = ([pose.x, pose.y, pose.z], None, None, pose.yaw);
        let mut resolve = |p: &Position| {
            let place = self.resolve(p, who)?;
            let z = match p {
                Position::World { z, .. } => *z,
                Position::RelativeObject { by, .. } | Position::RelativeWorld { by, .. } if by[2] != 0.0 => {
                    Some(place.pose.z)
                }
                _ => None,
            };
            let given = p.orientation().h.map(|_| place.pose.yaw);
            Some(([place.pose.x, place.pose.y, place.pose.z], z, given, place.pose.yaw))
        };
        super::track::Track::lay(trajectory, following, speed, here, &mut resolve)
    }

    /// `ds` metres along `s` of the road from an entity, on its lane; over the end of the road by the route of `who`.
    fn along(&self, entity: EntityId, who: Option<EntityId>, ds: f64) -> Option<Place> {
        let mut place = self.actors[entity].place.clone();
        place.lane?;
        let course = who.and_then(|w| self.actors[w].course.as_ref()).or(self.actors[entity].course.as_ref());
        let way = course.map_or(Choice::Straightest, |c| Choice::Route(&c.legs));
        place.turn(0.0);
        place.drive(&self.net, ds, &way, false);
        Some(place)
    }

    #[allow(clippy::too_many_arguments)]
    fn relative_lane(
        &self,
        entity: EntityId,
        who: Option<EntityId>,
        lanes: i32,
        ds: f64,
        along_lane: bool,
        offset: f64,
        o: Orientation,
    ) -> Option<Place> {
        let from = self.actors[entity].place.lane?;
        let against = along_lane && !self.net.runs_forward(from.road, from.lane);
        let sign = if against { -1.0 } else { 1.0 };
        let there = self.along(entity, who, sign * ds)?;
        let at = there.lane?;
        let lane = beside(at.lane, if against { -lanes } else { lanes });
        let at = LanePosition { lane, offset: sign * offset, ..at };
        let turn = if along_lane { driving(&self.net, at) } else { 0.0 };
        Some(oriented(Place::on_lane(&self.net, at, 0.0)?, o, turn))
    }

    /// A route as a way over lanes.
    #[must_use]
    pub fn course(&self, route: &Route, who: Option<EntityId>) -> Option<Course> {
        let places: Option<Vec<_>> =
            route.waypoints.iter().map(|w| self.resolve(&w.position, who).and_then(|p| p.lane)).collect();
        let mut places = places?;
        if route.closed {
            places.extend(places.first().copied());
        }
        Course::through(&self.net, &places)
    }

    fn on_route(&self, route: &Route, on: OnRoute, o: Orientation, who: Option<EntityId>) -> Option<Place> {
        let course = self.course(route, who)?;
        let (s, lane, offset, t) = match on {
            OnRoute::Entity(entity) => return Some(self.actors[entity].place.clone()),
            OnRoute::Road { s, t } => (s, None, 0.0, t),
            OnRoute::Lane { s, lane, offset } => (s, Some(lane), offset, 0.0),
        };
        let (leg, at) = course.at(s)?;
        let forward = leg.to >= leg.from;
        // Without a heading it looks along the route; a relative one counts from the s of the road, or from the direction of
        // the lane (RoutePosition.orientation).
        let turn = if forward { 0.0 } else { PI };
        let Some(lane) = lane else {
            let turn = if o.h.is_some() { 0.0 } else { turn };
            let t = if forward { t } else { -t };
            return Some(oriented(Place::on_road(&self.net, RoadPosition { road: leg.road, s: at, t }, 0.0)?, o, turn));
        };
        // Lanes of a route position are counted as the route is driven: where it runs against `s`, lane 1 is lane -1.
        let flipped = self.net.runs_forward(leg.road, lane) != forward;
        let (lane, offset) = if flipped { (-lane, -offset) } else { (lane, offset) };
        let at = LanePosition { road: leg.road, lane, s: at, offset };
        let turn = if o.h.is_some() { driving(&self.net, at) } else { turn };
        Some(oriented(Place::on_lane(&self.net, at, 0.0)?, o, turn))
    }

    /// How somebody who has decided already passes junctions.
    #[must_use]
    pub fn way(&self, who: EntityId) -> Choice<'_> {
        let actor = &self.actors[who];
        match (&actor.course, actor.bound_for) {
            (Some(course), _) => Choice::Route(&course.legs),
            (None, Some(angle)) => Choice::Angle(angle),
            (None, None) => Choice::Straightest,
        }
    }

    /// Drives an entity so far in its direction, on its route.
    pub fn drive(&mut self, who: EntityId, distance: f64, exact: bool) {
        let net = self.net.clone();
        let actor = &mut self.actors[who];
        let course = actor.course.clone();
        let draw = std::cell::RefCell::new(&mut self.luck);
        let any = |fork: &Fork| draw.borrow_mut().pick(&vec![1.0; fork.ways.len()]);
        let way = match (&course, actor.bound_for) {
            (Some(course), _) => Choice::Route(&course.legs),
            (None, Some(angle)) => Choice::Angle(angle),
            (None, None) if actor.wanders => Choice::Pick(&any),
            (None, None) => Choice::Straightest,
        };
        let chose = actor.place.drive(&net, distance, &way, exact);
        if chose && actor.bound_for.is_some() {
            actor.bound_for = Some(self.luck.between(-PI, PI));
        }
    }

    /// Seconds of the clock of the day.
    #[must_use]
    pub fn clock(&self) -> Option<f64> {
        let (time, since) = self.time_of_day?;
        Some(if time.runs { time.seconds + self.time - since } else { time.seconds })
    }
}

/// Heading of traffic on a lane against `s`.
fn driving(net: &Network, at: LanePosition) -> f64 {
    if at.lane == 0 || net.runs_forward(at.road, at.lane) { 0.0 } else { PI }
}

/// The lane so many lanes to the left; there is no lane 0.
#[must_use]
pub fn beside(lane: i32, by: i32) -> i32 {
    let there = lane.saturating_add(by);
    if there == 0 || (there < 0) != (lane < 0) {
        if there > lane || there == lane && by > 0 { there.max(0) + 1 } else { there.min(0) - 1 }
    } else {
        there
    }
}

fn oriented(mut place: Place, o: Orientation, natural: f64) -> Place {
    match o.h {
        None => place.turn(natural),
        Some(h) if o.relative => place.turn(natural + h),
        Some(h) => place.turn_to(h),
    }
    let turn = |own: f64, given: Option<f64>| match given {
        None => own,
        Some(v) if o.relative => own + v,
        Some(v) => v,
    };
    (place.pose.pitch, place.pose.roll) = (turn(place.pose.pitch, o.p), turn(place.pose.roll, o.r));
    place
}

/// A place given from an entity: on the road, or in the air where a height is given. Without an orientation it looks as the
/// entity does.
fn beside_entity(net: &Network, from: &Place, at: [f64; 3], height: f64, o: Orientation, walks: bool) -> Place {
    let turned = |own: f64, given: Option<f64>| match given {
        Some(v) if !o.relative => v,
        v => own + v.unwrap_or(0.0),
    };
    let h = Some(turned(from.pose.yaw, o.h));
    let tilt = |own: f64, given: Option<f64>| given.map(|_| turned(own, given));
    let o = Orientation { h, p: tilt(from.pose.pitch, o.p), r: tilt(from.pose.roll, o.r), relative: false };
    let place = Place::in_world(net, [at[0], at[1]], None, o, from.road_position(), walks);
    if height == 0.0 {
        return place;
    }
    let lift = at[2] - place.pose.z;
    place.lifted(lift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_lane_zero() {
        assert_eq!((beside(-2, 1), beside(-1, 1), beside(-1, 2), beside(1, -1), beside(2, -3)), (-1, 1, 2, -1, -2));
        assert_eq!((beside(-1, -1), beside(1, 0)), (-2, 1));
    }
}
