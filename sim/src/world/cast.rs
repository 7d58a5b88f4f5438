//! The road users that a scenario names, one by one: on a lane by the rules, or along a drawn path.

use std::sync::Arc;

use calibration::geodesy::{Heading, Yaw};
use nalgebra::Point2;
use perception::Size;
use rsu::site_map::Turn;

use super::{Actor, Mind, WorldError};
use crate::actor::driver::Style;
use crate::actor::platoon::Settings;
use crate::actor::{Driver, Follower, Pace, Script};
use crate::road::{Line, Road, Route};
use crate::scenario;

/// The road user of one `[[actor]]`.
///
/// # Errors
/// When the map has no such lane, or the path has no length.
pub(super) fn single(plan: &scenario::Actor, road: &Road, for_s: f64) -> Result<Actor, WorldError> {
    let mut size = plan.kind.size();
    size.length_m = plan.length_m.unwrap_or(size.length_m);
    size.height_m = plan.height_m.unwrap_or(size.height_m);
    let (mind, wait_s) = match &plan.lane {
        Some(lane) => (on_lane(plan, lane, road, size)?, plan.start_s),
        None => (on_path(plan, size, for_s)?, 0.0),
    };
    let mut actor = Actor::new(plan.kind, mind);
    actor.name = Some(plan.id.as_str().into());
    actor.obu = plan.obu;
    actor.reaction_s = plan.reaction_s;
    actor.wait_s = wait_s;
    Ok(actor)
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
    Ok(Mind::Driver(Driver::new(Arc::new(route), style, size, plan.start_m, speed)))
}

fn on_path(plan: &scenario::Actor, size: Size, for_s: f64) -> Result<Mind, WorldError> {
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
    if !plan.rounds {
        let script = Script::along(Line::new(points).ok_or_else(no_path)?, speed, plan.start_s, size);
        let smooth = plan.accel_mps2.is_some() || !plan.stops.is_empty() || !plan.pace.is_empty();
        let accel = plan.accel_mps2.unwrap_or(Style::of(plan.kind).accel_mps2);
        let pace = smooth.then(|| Pace::new(speed, accel, plan.stops.clone(), plan.pace.clone()));
        let script = match pace {
            Some(pace) => script.at_pace(pace),
            None => script,
        };
        return Ok(Mind::Script(if plan.leaves { script.leaving() } else { script }));
    }
    let round = Line::new(points.iter().copied().chain(points.first().copied())).ok_or_else(no_path)?;
    let rounds = (speed * for_s / round.length()).ceil().clamp(1.0, 200.0) as usize + 1;
    let line = Line::new((0..rounds).flat_map(|_| points.iter().copied())).ok_or_else(no_path)?;
    let style = Style { standing_m: 3.0, ..Style::of(plan.kind) };
    Ok(Mind::Driver(Driver::new(Arc::new(Route::along(line, speed)), style, size, size.length_m, speed)))
}
