//! Checks of road users: flows, actors, and the yard that some of them are in.

use std::ops::Range;

use crate::actor::Kind;
use crate::scenario::{Actor, Flow, Scenario};

pub(super) type Because = (String, String);

pub(super) fn flow(flow: &Flow) -> Result<(), Because> {
    let ways = [flow.link.is_some(), flow.crosswalk.is_some(), flow.path.is_some()].into_iter().filter(|x| *x).count();
    if ways != 1 {
        return Err(("a flow needs one way".into(), "give exactly one of link, crosswalk and path".into()));
    }
    if !(0.0..=20_000.0).contains(&flow.per_hour) {
        return Err((format!("per_hour = {} is no flow", flow.per_hour), "give 0 to 20000".into()));
    }
    let t = &flow.turns;
    let shares = flow.mix.values().copied().chain([t.straight, t.left, t.right]);
    if shares.into_iter().any(|s| !(s >= 0.0 && s.is_finite())) {
        return Err(("a share is negative".into(), "shares of kinds and turns are numbers from 0 on".into()));
    }
    path(flow.path.as_deref(), 2)?;
    speed(flow.speed_mps)
}

pub(super) fn actor(actor: &Actor) -> Result<(), Because> {
    if actor.lane.is_some() == actor.path.is_some() {
        let title =
            format!("actor `{}` has {} way", actor.id, if actor.lane.is_some() { "more than one" } else { "no" });
        return Err((title, "give either lane = \"link/number\" or path = [[east, north], …]".into()));
    }
    path(actor.path.as_deref(), if actor.rounds { 3 } else { 1 })?;
    speed(actor.speed_mps)?;
    let paced = actor.has_pace();
    if paced && (actor.path.as_ref().is_none_or(|p| p.len() < 2) || actor.rounds) {
        let title = format!("actor `{}` has a pace but no path to hold it on", actor.id);
        let help =
            "stops, pace, accel_mps2, heeds, lag_s and park go with `path` of two or more points, without `rounds`";
        return Err((title, help.into()));
    }
    by_lane(actor)?;
    if actor.behind.is_some() {
        let path = actor.path.as_ref().is_some_and(|p| p.len() > 1) && !actor.rounds;
        if paced || !path || !actor.obu || actor.start_s != 0.0 {
            let title = format!("actor `{}` cannot follow in a platoon", actor.id);
            let help = "`behind` needs `path` of two or more points and `obu = true`, and goes without rounds, start_s, \
                        stops, pace and accel_mps2";
            return Err((title, help.into()));
        }
    }
    if actor.gap_s.is_some_and(|gap| actor.behind.is_none() || !(0.2..=5.0).contains(&gap)) {
        return Err((format!("gap_s of actor `{}` is no gap", actor.id), "give 0.2 to 5 s, with `behind`".into()));
    }
    let good = |x: f64| x.is_finite() && x >= 0.0;
    let pace = actor.pace.iter().all(|c| good(c.at_s) && (0.0..=90.0).contains(&c.speed_mps));
    let accels = actor.pace.iter().filter_map(|c| c.accel_mps2).chain(actor.accel_mps2);
    let accels = accels.into_iter().all(|a| (0.05..=20.0).contains(&a));
    if !(pace && accels && actor.stops.iter().all(|s| good(s.at_m) && good(s.for_s))) {
        let title = format!("the pace of actor `{}` has a figure out of range", actor.id);
        return Err((title, "times and places from 0 on, speeds to 90 m/s, accelerations 0.05 to 20 m/s²".into()));
    }
    if !(0.0..=2.0).contains(&actor.lag_s) || !(0.05..=20.0).contains(&actor.across_mps2) {
        let title = format!("actor `{}` answers or turns as no vehicle does", actor.id);
        return Err((title, "give lag_s from 0 to 2 s, across_mps2 from 0.05 to 20 m/s²".into()));
    }
    let times = [actor.start_s, actor.start_m, actor.heading_deg, actor.reaction_s];
    let trailer = actor.trailer.map(|t| [t.length_m, t.width_m, t.height_m].map(Some)).unwrap_or_default();
    let sizes = [[actor.length_m, actor.width_m, actor.height_m], trailer].concat();
    if times.iter().any(|t| !t.is_finite()) || sizes.iter().flatten().any(|s| !(0.1..=60.0).contains(s)) {
        let title = format!("actor `{}` has a figure that cannot be", actor.id);
        return Err((title, "sizes are 0.1 to 60 m, times and places finite numbers".into()));
    }
    Ok(())
}

fn path(points: Option<&[[f64; 2]]>, least: usize) -> Result<(), Because> {
    let Some(points) = points else { return Ok(()) };
    if points.len() < least || points.iter().flatten().any(|c| !(c.is_finite() && c.abs() < 100_000.0)) {
        return Err((
            "this path cannot be followed".into(),
            format!("give at least {least} points [east, north] in metres"),
        ));
    }
    Ok(())
}

fn speed(speed: Option<f64>) -> Result<(), Because> {
    if speed.is_some_and(|v| !(v > 0.0 && v <= 60.0)) {
        return Err(("speed_mps is out of range".into(), "give more than 0 and at most 60 m/s".into()));
    }
    Ok(())
}

/// What only goes with `lane`, where one drives by the rules, or only on wheels.
fn by_lane(actor: &Actor) -> Result<(), Because> {
    let only = [("siren", actor.siren), ("asks", actor.asks.is_some()), ("distracted", actor.distracted)];
    let only = only.into_iter().chain([("advice", actor.advice)]);
    if let Some((key, _)) = only.into_iter().find(|(_, given)| *given && actor.lane.is_none()) {
        let title = format!("actor `{}` has `{key}` but is on no lane", actor.id);
        return Err((title, format!("`{key}` goes with `lane`, where one drives by the rules")));
    }
    if (actor.asks.is_some() || actor.advice) && !actor.obu {
        return Err((
            format!("actor `{}` asks or is advised without an on-board unit", actor.id),
            "add `obu = true`".into(),
        ));
    }
    let tows = matches!(actor.kind, Kind::Car | Kind::Van | Kind::Truck | Kind::Agv);
    if actor.trailer.is_some() && (!tows || actor.path.as_ref().is_some_and(|p| p.len() < 2)) {
        let title = format!("actor `{}` can tow no trailer", actor.id);
        return Err((title, "a trailer goes with a car, van, truck or agv that has a lane or a path to drive".into()));
    }
    Ok(())
}

/// Gates, docks and bays, and who speaks of them.
pub(super) fn yard(s: &Scenario) -> Result<(), (Range<usize>, Because)> {
    let gates: Vec<_> = s.gate.iter().map(|g| g.as_ref().id.as_str()).collect();
    let docks: Vec<_> = s.dock.iter().map(|d| d.as_ref().id.as_str()).collect();
    let bays: Vec<_> = s.bay.iter().map(|b| b.as_ref().id.as_str()).collect();
    let ok = |t: f64| (0.0..=86_400.0).contains(&t);
    for (i, gate) in s.gate.iter().enumerate() {
        let g = gate.as_ref();
        let refuse = |title: String, help: &str| Err((gate.span(), (title, help.to_owned())));
        if gates[..i].contains(&g.id.as_str()) {
            return refuse(format!("there are two gates `{}`", g.id), "give each its own id");
        }
        if let Some(none) = g.docks.iter().find(|d| !docks.contains(&d.as_str())) {
            return refuse(
                format!("gate `{}` sends to dock `{none}`, which is not there", g.id),
                "name a [[dock]] by its id",
            );
        }
        if !(ok(g.check_s) && ok(g.opens_s)) {
            return refuse(format!("gate `{}` has a time that cannot be", g.id), "give seconds from 0 on");
        }
    }
    for (i, dock) in s.dock.iter().enumerate() {
        let d = dock.as_ref();
        let refuse = |title: String, help: &str| Err((dock.span(), (title, help.to_owned())));
        if docks[..i].contains(&d.id.as_str()) {
            return refuse(format!("there are two docks `{}`", d.id), "give each its own id");
        }
        if !ok(d.for_s) || path(Some(&d.way), 1).is_err() || path(Some(&d.out), 0).is_err() {
            return refuse(
                format!("dock `{}` cannot be reached or left", d.id),
                "give `way` at least one point [east, north], `out` any number, for_s from 0 on",
            );
        }
        let served = s.gate.iter().filter(|g| g.as_ref().docks.contains(&d.id)).count();
        if served != 1 {
            return refuse(
                format!("{served} gates send to dock `{}`", d.id),
                "name it in `docks` of exactly one [[gate]]",
            );
        }
    }
    for (i, bay) in s.bay.iter().enumerate() {
        let b = bay.as_ref();
        if bays[..i].contains(&b.id.as_str()) || path(Some(&[b.at]), 1).is_err() || !b.heading_deg.is_finite() {
            let title = format!("bay `{}` is there twice, or nowhere", b.id);
            return Err((bay.span(), (title, "give each its own id, `at` in metres and heading_deg".into())));
        }
    }
    for actor in &s.actor {
        let a = actor.as_ref();
        let gate = a.stops.iter().filter_map(|s| s.gate.as_deref()).find(|g| !gates.contains(g));
        let bay = a.park.iter().flat_map(|p| &p.bays).find(|b| !bays.contains(&b.as_str()));
        let missing = gate.map(|g| ("gate", g, "gate")).or(bay.map(|b| ("bay", b.as_str(), "bay")));
        if let Some((what, name, table)) = missing {
            let title = format!("actor `{}` speaks of {what} `{name}`, which is not there", a.id);
            return Err((actor.span(), (title, format!("name a [[{table}]] by its id"))));
        }
        if a.park.as_ref().is_some_and(|p| p.bays.is_empty() || !ok(p.ask_m) || a.kind.size().length_m > 6.0) {
            let title = format!("actor `{}` cannot park so", a.id);
            return Err((actor.span(), (title, "give a car at least one bay, and ask_m from 0 on".into())));
        }
    }
    Ok(())
}
