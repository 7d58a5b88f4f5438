//! The questions of conditions, asked of the world.

use super::condition::{Bound, EntityTest, Other, Ruler, WorldTest};
use super::place::Place;
use super::position::{Orientation, Position};
use super::reader::{EntityId, compare};
use super::word::{Angle, Axis, Frame, Measure, SMALL};
use super::world::World;
use crate::opendrive::wrap;

/// Answer of a question about entities.
pub struct Asked {
    /// The condition holds.
    pub holds: bool,
    /// Who made it hold.
    pub who: Vec<EntityId>,
    /// The value that decided.
    pub detail: String,
}

/// Asks about entities: any or all of them.
pub fn entities(test: &EntityTest, who: &[EntityId], all: bool, world: &World) -> Asked {
    let mut asked = Asked { holds: false, who: Vec::new(), detail: String::new() };
    let mut active = who.iter().copied().filter(|&id| world.actors[id].active).peekable();
    if active.peek().is_none() {
        return asked;
    }
    asked.holds = all;
    for id in active {
        let (holds, detail) = one(test, id, world);
        asked.detail = detail;
        if holds {
            asked.who.push(id);
        }
        if holds != all {
            asked.holds = holds;
            break;
        }
    }
    asked
}

fn bounded(name: &str, value: f64, bound: Bound) -> (bool, String) {
    (bound.rule.holds(value, bound.value), format!("{name}: {value:.2} {} {:.2}", bound.rule.sign(), bound.value))
}

fn lasting(name: &str, since: Option<f64>, duration: f64, world: &World) -> (bool, String) {
    let lasted = since.map_or(0.0, |t| world.time - t);
    let holds = since.is_some() && lasted > duration - SMALL;
    (holds, format!("{name} duration: {lasted:.2} >= {duration:.2}"))
}

fn one(test: &EntityTest, id: EntityId, world: &World) -> (bool, String) {
    let me = &world.actors[id];
    match test {
        EntityTest::EndOfRoad(duration) => lasting("end_of_road", me.end_of_road_since, *duration, world),
        EntityTest::Offroad(duration) => lasting("off road", me.offroad_since, *duration, world),
        EntityTest::StandStill(duration) => lasting("stand_still", me.standing_since, *duration, world),
        EntityTest::TraveledDistance(value) => {
            (me.odometer >= *value, format!("traveled_dist: {:.2} >= {value:.2}", me.odometer))
        }
        EntityTest::Collision(entity, kind) => {
            let hit = me.touches.iter().find(|&&other| {
                *entity == Some(other) || kind.is_some_and(|k| world.actors[other].entity.object.kind == k)
            });
            let name = |other: &EntityId| &world.actors[*other].entity.name;
            (
                hit.is_some(),
                hit.map_or(String::new(), |o| format!("1 collision(s): {} and {}", me.entity.name, name(o))),
            )
        }
        EntityTest::TimeHeadway { other, ruler, bound } => headway(id, *other, *ruler, *bound, world),
        EntityTest::TimeToCollision { other, ruler, bound } => to_collision(id, other, *ruler, *bound, world),
        EntityTest::Acceleration(axis, bound) => {
            let [x, y, z] = me.acceleration;
            let value = along(*axis, me.local(me.acceleration), z, x.hypot(y));
            bounded("acceleration", value, *bound)
        }
        EntityTest::Speed(axis, bound) => {
            let value = along(*axis, me.local(me.velocity), me.velocity[2], me.speed);
            bounded("speed", value, *bound)
        }
        EntityTest::RelativeSpeed { other, axis, bound } => {
            let other = &world.actors[*other];
            let mine: [f64; 3] = std::array::from_fn(|i| me.velocity[i] - other.velocity[i]);
            // Along the axes of the other.
            let value = along(*axis, other.local(mine), mine[2], me.speed - other.speed);
            bounded("relative_speed", value, *bound)
        }
        EntityTest::ReachPosition(position, tolerance) => {
            let Some(place) = world.resolve(position, None) else { return (false, String::new()) };
            // The heading that a WorldPosition carries is no condition; an Orientation is one (as in esmini).
            let o = match **position {
                Position::World { .. } => Orientation::default(),
                _ => position.orientation(),
            };
            reach(&me.place, &place, o, *tolerance)
        }
        EntityTest::Distance { position, ruler, bound } => {
            let place = world.resolve(position, None);
            let distance = place.and_then(|p| world.distance_to(id, &p, *ruler)).map(f64::abs);
            bounded("dist", distance.unwrap_or(f64::MAX), *bound)
        }
        EntityTest::RelativeDistance { other, ruler, bound } => {
            if !world.actors[*other].active {
                return (false, String::new());
            }
            let distance = world.distance(id, *other, *ruler).map(f64::abs);
            bounded("rel_dist", distance.unwrap_or(f64::MAX), *bound)
        }
        EntityTest::RelativeClearance { .. } => clearance(test, id, world),
        EntityTest::Angle { kind, angle, tolerance, frame } => {
            let value = my_angle(id, *kind, *frame, world);
            near(value, *angle, *tolerance)
        }
        EntityTest::RelativeAngle { other, kind, angle, tolerance, frame } => {
            // In the frame of the other entity, or both against road or lane.
            let frame = if *frame == Frame::Entity { Frame::World } else { *frame };
            let value = my_angle(id, *kind, frame, world) - my_angle(*other, *kind, frame, world);
            near(value, *angle, *tolerance)
        }
    }
}

fn along(axis: Option<Axis>, [forward, left]: [f64; 2], up: f64, total: f64) -> f64 {
    match axis {
        None => total,
        Some(Axis::Longitudinal) => forward,
        Some(Axis::Lateral) => left,
        Some(Axis::Vertical) => up,
    }
}

fn near(value: f64, angle: f64, tolerance: f64) -> (bool, String) {
    let value = wrap(value);
    let holds = wrap(value - angle).abs() < tolerance + SMALL;
    (holds, format!("angle: {value:.2} ({:.2} <= {value:.2} <= {:.2})", angle - tolerance, angle + tolerance))
}

fn my_angle(id: EntityId, kind: Angle, frame: Frame, world: &World) -> f64 {
    let me = &world.actors[id];
    let pick = |p: &crate::opendrive::Pose| match kind {
        Angle::Heading => p.yaw,
        Angle::Pitch => p.pitch,
        Angle::Roll => p.roll,
    };
    let own = pick(&me.place.pose);
    match frame {
        Frame::World => own,
        Frame::Entity => 0.0,
        Frame::Road => own - pick(&me.place.road),
        Frame::Lane => {
            let forward = me.place.lane.is_none_or(|l| l.lane == 0 || world.net.runs_forward(l.road, l.lane));
            own - pick(&me.place.road.turned(if forward { 0.0 } else { std::f64::consts::PI }, 0.0, 0.0))
        }
        Frame::Trajectory => match &me.on_track {
            Some(on) if kind == Angle::Heading => own - on.track.at(on.s).along,
            _ => own - pick(&me.place.road),
        },
    }
}

fn reach(me: &Place, there: &Place, o: Orientation, tolerance: f64) -> (bool, String) {
    /// Headings differ by less to be the same, radians.
    const SAME_RAD: f64 = 0.05;
    let distance = (me.pose.x - there.pose.x).hypot(me.pose.y - there.pose.y);
    let turned = o.h.is_none() || wrap(me.pose.yaw - there.pose.yaw).abs() < SAME_RAD;
    (distance < tolerance && turned, format!("distance {distance:.2} < tolerance ({tolerance:.2})"))
}

fn headway(id: EntityId, other: EntityId, ruler: Ruler, bound: Bound, world: &World) -> (bool, String) {
    let me = &world.actors[id];
    if !world.actors[other].active {
        return (false, String::new());
    }
    let distance = world.distance(id, other, ruler).unwrap_or(f64::MAX);
    // Behind, or standing: there is no headway.
    if distance < 0.0 || me.speed < SMALL {
        return (false, "HWT: none".into());
    }
    bounded("HWT", distance / me.speed, bound)
}

fn to_collision(id: EntityId, other: &Other, ruler: Ruler, bound: Bound, world: &World) -> (bool, String) {
    let me = &world.actors[id];
    let (distance, closing) = match other {
        Other::Entity(other) => {
            let target = &world.actors[*other];
            if !target.active {
                return (false, String::new());
            }
            let [vx, vy, _] = target.velocity;
            let fast = vx.hypot(vy);
            let closing = if vx.abs() < SMALL && vy.abs() < SMALL {
                me.speed
            } else {
                // Own velocity along that of the target, less its speed.
                let mine = (me.velocity[0] * vx + me.velocity[1] * vy) / fast;
                let sign = |v: f64| if v < 0.0 { -1.0 } else { 1.0 };
                sign(me.speed) * sign(mine) * (mine - target.speed.abs())
            };
            (world.distance(id, *other, ruler), closing)
        }
        Other::Position(position) => {
            let place = world.resolve(position, None);
            (place.and_then(|p| world.distance_to(id, &p, ruler)), me.speed)
        }
    };
    let distance = distance.unwrap_or(f64::MAX);
    let ttc = distance / closing;
    if distance.abs() < SMALL || closing.abs() < SMALL || ttc < 0.0 {
        return (false, "TTC: none".into());
    }
    bounded("TTC", ttc, bound)
}

fn clearance(test: &EntityTest, id: EntityId, world: &World) -> (bool, String) {
    let EntityTest::RelativeClearance { others, lanes, ahead, behind, freespace, opposite } = test else {
        return (false, String::new());
    };
    let me = &world.actors[id];
    let Some(here) = me.place.lane else { return (false, String::new()) };
    let looks = if me.place.forward() { 1 } else { -1 };
    let inside = |lane: i32| lanes.is_empty() || lanes.iter().any(|(from, to)| (*from..=*to).contains(&(looks * lane)));
    for (other, actor) in world.actors.iter().enumerate() {
        if other == id || !actor.active || !others.is_empty() && !others.contains(&other) {
            continue;
        }
        let Some(delta) = world.delta(&me.place, &actor.place) else { continue };
        let ds = if *freespace {
            let ruler = Ruler { frame: Frame::Road, measure: Measure::Longitudinal, freespace: true };
            world.distance(id, other, ruler).unwrap_or(delta.ds)
        } else {
            delta.ds
        };
        let opposed = delta.opposite && !opposite;
        if ds >= -behind && ds <= *ahead && inside(delta.lanes) && !opposed {
            return (false, format!("{} is there", actor.entity.name));
        }
    }
    // Nobody is there; the lanes must be, too.
    let there = world.net.lanes(here.road, here.s).into_iter().any(|lane| {
        let across = (lane < 0) != (here.lane < 0);
        let by = if across { lane - here.lane - (lane - here.lane).signum() } else { lane - here.lane };
        let driven = world.net.lane_kind(here.road, lane, here.s).is_some_and(|k| k.is_driven());
        driven && inside(by) && (*opposite || !across)
    });
    (there, "clear".into())
}

/// Asks about the world.
pub fn world(test: &WorldTest, world: &World) -> (bool, String) {
    match test {
        WorldTest::SimulationTime(bound) => {
            let t = world.time;
            (bound.rule.holds(t, bound.value), format!("{t:.4} {} {:.4}", bound.rule.sign(), bound.value))
        }
        WorldTest::TimeOfDay(bound) => match world.clock() {
            Some(clock) => {
                (bound.rule.holds(clock, bound.value), format!("{clock:.0} {} {:.0}", bound.rule.sign(), bound.value))
            }
            None => (false, "no time of day".into()),
        },
        WorldTest::Value { name, rule, value, .. } => match world.values.get(name) {
            Some(now) => {
                let holds = compare(now, value).is_some_and(|order| rule.orders(order));
                (holds, format!("variable {name} {now} {} {value}", rule.sign()))
            }
            None => (false, format!("variable {name} has no value")),
        },
        WorldTest::Signal { signal, state } => {
            let holds = world.signals.state(signal) == Some(state.as_str());
            (holds, format!("TrafficSignal signalName={signal} signalState={state}"))
        }
        WorldTest::SignalPhase { controller, phase } => {
            let holds = world.signals.phase(*controller) == *phase;
            (holds, format!("controller {} in phase {phase}", world.controllers[*controller].name))
        }
        WorldTest::Element { .. } => (false, String::new()),
    }
}
