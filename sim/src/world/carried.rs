//! Road users that the traffic of a lane network carries, among those of our own scenario: one world, one clock.
//!
//! The network is laid on the scenario's frame at `[traffic] at_m`; nothing is turned. The traffic keeps its own steps of
//! 20 ms. Its vehicles see each other, our drivers see all of them; our own road users they do not see.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use nalgebra::Vector3;

use super::{Actor, Mind, World};
use crate::actor::{ActorId, Body, TRAILER};
use crate::microsim::sumo::{self, SumoError};
use crate::microsim::{Settings, Traffic};
use crate::road::wrap;

/// Step of the traffic, seconds: that of a run.
const STEP_S: f64 = 0.02;

/// The traffic of a lane network under way.
pub struct Carrier {
    traffic: Traffic,
    shift: Vector3<f64>,
    obu: Vec<String>,
    /// Time that the traffic has not been stepped through yet, seconds.
    behind_s: f64,
}

impl Carrier {
    /// Reads network and demand. `Ok(Err(…))`: what in them is not understood, and would be left out.
    ///
    /// # Errors
    /// When a file cannot be used.
    pub fn read(
        net: PathBuf,
        routes: Vec<PathBuf>,
        at_m: [f64; 2],
        obu: Vec<String>,
        settings: Settings,
    ) -> Result<Result<Self, Vec<String>>, SumoError> {
        let settings = Settings { dt: STEP_S, ..settings };
        let (traffic, notes) = sumo::Scenario::of(net, routes).traffic(settings)?;
        if !notes.is_empty() {
            return Ok(Err(notes.iter().map(|(what, (_, line))| format!("{what}, first in line {line}")).collect()));
        }
        Ok(Ok(Self { traffic, shift: Vector3::new(at_m[0], at_m[1], 0.0), obu, behind_s: 0.0 }))
    }

    fn step(&mut self, dt: f64) {
        self.behind_s += dt;
        while self.behind_s >= STEP_S - 1e-9 {
            self.behind_s -= STEP_S;
            self.traffic.step();
        }
    }

    /// Bodies of all vehicles, with their names; a trailer follows its tractor.
    fn bodies(&self) -> Vec<(Body, Arc<str>)> {
        let names: BTreeMap<ActorId, String> =
            self.traffic.vehicles().map(|v| (v.id, self.traffic.name(v.name))).collect();
        let mut bodies = Vec::new();
        self.traffic.bodies(&mut bodies);
        let named = bodies.into_iter().filter_map(|mut body| {
            let name = names.get(&(body.id & !TRAILER))?;
            body.position += self.shift;
            Some(if body.id & TRAILER == 0 { (body, name.as_str().into()) } else { (body, format!("{name}+").into()) })
        });
        named.collect()
    }
}

impl std::fmt::Debug for Carrier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Carrier").field("time", &self.traffic.time()).finish_non_exhaustive()
    }
}

impl World {
    /// The traffic of a lane network takes part from now on.
    pub fn join(&mut self, carrier: Carrier) {
        self.carrier = Some(carrier);
        self.carry(0.0);
        self.bodies = self.actors.iter().map(Actor::body).collect();
    }

    pub(super) fn carry(&mut self, dt: f64) {
        let Some(carrier) = &mut self.carrier else { return };
        carrier.step(dt);
        let order: Vec<_> = carrier.bodies();
        let obu = carrier.obu.clone();
        let mut there: BTreeMap<ActorId, &Body> = order.iter().map(|(body, _)| (body.id, body)).collect();
        self.actors.retain(|a| !matches!(a.mind, Mind::Carried(key, _) if !there.contains_key(&key)));
        let mut known = BTreeMap::new();
        for actor in &mut self.actors {
            let Mind::Carried(key, body) = &mut actor.mind else { continue };
            known.insert(*key, actor.id);
            let Some(new) = there.remove(key) else { continue };
            let turned = wrap(new.yaw - body.yaw);
            **body = Body { yaw_rate: if dt > 0.0 { turned / dt } else { 0.0 }, ..new.clone() };
        }
        for (body, name) in order.iter().filter(|(body, _)| !known.contains_key(&body.id)).cloned().collect::<Vec<_>>()
        {
            let key = body.id;
            let mut actor = Actor::new(body.kind, Mind::Carried(key, Box::new(body)));
            actor.obu = obu.iter().any(|o| **o == *name);
            actor.name = Some(name);
            let id = self.admit_as(actor, known.get(&(key & !TRAILER)).filter(|_| key & TRAILER != 0).copied());
            known.insert(key, id);
        }
    }
}
