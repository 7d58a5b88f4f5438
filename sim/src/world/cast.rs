//! The road users that a scenario names, one by one: on a lane by the rules, or along a drawn path.

use std::sync::Arc;

use calibration::geodesy::{Heading, Yaw};
use nalgebra::Point2;
use perception::Size;
use rsu::site_map::Turn;

use super::{Actor, Mind, WorldError};
use crate::actor::driver::Style;
use crate::actor::parker::Bay;
use crate::actor::parking::Car;
use crate::actor::platoon::Settings;
use crate::actor::{Driver, Follower, Pace, Parker, Script, Towed};
use crate::road::{Line, Road, Route};
use crate::scenario::{self, Scenario};

/// Length of a tractor's own box when it tows a trailer, metres.
const TRACTOR_M: f64 = 4.2;

/// The road user of one `[[actor]]`.
///
/// # Errors
/// When the map has no such lane, the path has no length, or a bay cannot be reached.
pub(super) fn single(plan: &scenario::Actor, scenario: &Scenario, road: &Road) -> Result<Actor, WorldError> {
    let size = size(plan);
    let (mind, wait_s) = match &plan.lane {
        Some(lane) => (on_lane(plan, lane, road, size)?, plan.start_s),
        None => (on_path(plan, size, scenario)?, 0.0),
    };
    let mut actor = Actor::new(plan.kind, mind);
    actor.name = Some(plan.id.as_str().into());
    actor.obu = plan.obu;
    actor.reaction_s = plan.reaction_s;
    actor.asks = plan.asks;
    actor.advice = plan.advice;
    actor.trailer = plan.trailer.map(trailer);
    actor.wait_s = wait_s;
    Ok(actor)
}

fn size(plan: &scenario::Actor) -> Size {
    let mut size = plan.kind.size();
    if plan.trailer.is_some() {
        size.length_m = TRACTOR_M;
    }
    size.length_m = plan.length_m.unwrap_or(size.length_m);
    size.width_m = plan.width_m.unwrap_or(size.width_m);
    size.height_m = plan.height_m.unwrap_or(size.height_m);
    size
}

fn trailer(plan: scenario::Trailer) -> Size {
    Size { length_m: plan.length_m, width_m: plan.width_m, height_m: plan.height_m }
}

fn on_lane(plan: &scenario::Actor, name: &str, road: &Road, size: Size) -> Result<Mind, WorldError> {
    let lane = road.lane(name)?;
    let length = road.lanes[lane].line.length();
    if !(0.0..=length).contains(&plan.start_m) {
        return Err(WorldError::BeyondLane {
            who: plan.id.clone(),
            lane: name.to_owned(),
            start_m: plan.start_m.to_string(),
            length_m: format!("{length:.0}"),
        });
    }
    let wanted = plan.turn.unwrap_or(Turn::Straight);
    let route =
        Route::new(road, lane, |ways| ways.iter().copied().find(|&w| road.ways[w].turn == wanted).unwrap_or(ways[0]));
    let limit = route.limit_at(plan.start_m, 2.0);
    let mut style = Style::of(plan.kind);
    if let Some(speed) = plan.speed_mps {
        style.top_mps = speed;
        style.speed_share = (speed / road.lanes[lane].limit_mps).max(0.01);
    }
    let speed = (limit * style.speed_share).min(style.top_mps);
    let mut driver = Driver::new(Arc::new(route), style, size, plan.start_m, speed);
    if let Some(plan) = plan.trailer {
        driver = driver.towing(Towed::adds_m(trailer(plan)));
    }
    (driver.siren, driver.distracted) = (plan.siren, plan.distracted);
    Ok(Mind::Driver(driver))
}

fn on_path(plan: &scenario::Actor, size: Size, scenario: &Scenario) -> Result<Mind, WorldError> {
    let points: Vec<_> = plan.path.iter().flatten().map(|p| Point2::new(p[0], p[1])).collect();
    if let [place] = points[..] {
        return Ok(Mind::Script(Script::parked(place, Yaw::from(Heading::from_deg(plan.heading_deg)).rad(), size)));
    }
    let no_path = || WorldError::NoPath { who: format!("actor `{}`", plan.id) };
    let speed = plan.speed_mps.unwrap_or(if plan.kind.walks() { 1.4 } else { 5.0 });
    if let Some(behind) = &plan.behind {
        let path = Line::new(points).ok_or_else(no_path)?;
        let usual = Settings::default();
        let settings = Settings { gap_s: plan.gap_s.unwrap_or(usual.gap_s), max_speed_mps: 1.25 * speed, ..usual };
        return Ok(Mind::Follower(Box::new(Follower::new(path, behind.as_str().into(), settings, speed, size))));
    }
    if plan.rounds {
        return rounds(plan, &points, speed, size, *scenario.for_s.as_ref());
    }
    let line = Line::new(points).ok_or_else(no_path)?;
    let script = scripted(plan, line.clone(), speed, size);
    let Some(park) = &plan.park else { return Ok(Mind::Script(script)) };
    let car = Car { size, ..Car::default() };
    let bays = park.bays.iter().map(|id| bay(plan, id, scenario, &line, &car)).collect::<Result<Vec<_>, _>>()?;
    Ok(Mind::Parker(Box::new(Parker::new(script, size, bays, park.unit.as_str().into(), park.ask_m))))
}

fn scripted(plan: &scenario::Actor, line: Line, speed: f64, size: Size) -> Script {
    let script = Script::along(line, speed, plan.start_s, size);
    let script = if plan.has_pace() {
        let accel = plan.accel_mps2.unwrap_or(Style::of(plan.kind).accel_mps2);
        script.at_pace(Pace::new(speed, accel, plan.stops.clone(), plan.pace.clone()).late(plan.lag_s))
    } else {
        script
    };
    let script = if plan.heeds || plan.park.is_some() { script.heeding(plan.across_mps2) } else { script };
    if plan.leaves { script.leaving() } else { script }
}

fn bay(plan: &scenario::Actor, id: &str, scenario: &Scenario, line: &Line, car: &Car) -> Result<Bay, WorldError> {
    let refuse = |why: String| WorldError::NoWayIn { who: plan.id.clone(), bay: id.to_owned(), why };
    let bay = scenario.bay.iter().map(|b| b.as_ref()).find(|b| b.id == id);
    let bay = bay.ok_or_else(|| refuse("there is no such [[bay]]".into()))?;
    let yaw = Yaw::from(Heading::from_deg(bay.heading_deg)).rad();
    Bay::beside(id, line, Point2::new(bay.at[0], bay.at[1]), yaw, car).map_err(refuse)
}

/// The path again and again, by the rules of the road.
fn rounds(
    plan: &scenario::Actor,
    points: &[Point2<f64>],
    speed: f64,
    size: Size,
    for_s: f64,
) -> Result<Mind, WorldError> {
    let no_path = || WorldError::NoPath { who: format!("actor `{}`", plan.id) };
    let round = Line::new(points.iter().copied().chain(points.first().copied())).ok_or_else(no_path)?;
    let rounds = (speed * for_s / round.length()).ceil().clamp(1.0, 200.0) as usize + 1;
    let line = Line::new((0..rounds).flat_map(|_| points.iter().copied())).ok_or_else(no_path)?;
    let style = Style { standing_m: 3.0, ..Style::of(plan.kind) };
    Ok(Mind::Driver(Driver::new(Arc::new(Route::along(line, speed)), style, size, size.length_m, speed)))
}
