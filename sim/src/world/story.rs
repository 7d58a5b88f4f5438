//! Road users that an OpenSCENARIO file moves, among those of our own scenario: one world, one clock.
//!
//! The file's world frame is laid on the scenario's frame at `[openscenario] at_m`; nothing is turned. The engine keeps its
//! own steps of 20 ms; what it moves heeds the storyboard, not the warnings of a unit.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use nalgebra::Vector3;

use super::{Actor, Mind, World};
use crate::actor::Body;
use crate::chronicle::{Chronicle, Part, Telling};
use crate::openscenario::{Complaint, Engine, Options, Scenario};

/// Step of the engine, seconds: that of a run.
const STEP_S: f64 = 0.02;

/// A storyboard under way.
pub struct Story {
    engine: Engine,
    telling: Telling,
    shift: Vector3<f64>,
    /// Warm-up before it starts, seconds.
    wait_s: f64,
    /// Time that the engine has not been stepped through yet, seconds.
    behind_s: f64,
}

impl Story {
    /// Reads the file with these values for its parameters; it starts after `wait_s` seconds.
    ///
    /// # Errors
    /// Everything in the file that is wrong or not supported.
    pub fn read(
        path: &Path,
        values: &BTreeMap<String, String>,
        at_m: [f64; 2],
        wait_s: f64,
        seed: u64,
    ) -> Result<Self, Vec<Complaint>> {
        let scenario = Scenario::read_with(path, values)?;
        let engine = Engine::new(&scenario, Options { dt: STEP_S, seed, ..Options::default() });
        let telling = Telling::new(&scenario.storyboard);
        Ok(Self { engine, telling, shift: Vector3::new(at_m[0], at_m[1], 0.0), wait_s, behind_s: 0.0 })
    }

    /// Names of everybody in the file, in its order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.engine.actors().iter().map(|actor| &*actor.entity.name)
    }

    /// Its acts and events with their times, seconds after its start.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        self.telling.parts()
    }

    /// Time goes on by `dt` seconds; a storyboard that has ended leaves everybody where they are.
    pub fn step(&mut self, dt: f64) {
        let waits = self.wait_s.min(dt);
        self.wait_s -= waits;
        self.behind_s += dt - waits;
        while self.behind_s >= STEP_S - 1e-9 {
            self.behind_s -= STEP_S;
            self.engine.step();
        }
    }

    /// Who is there, with their place in the file, from 0; nobody while it waits.
    #[must_use]
    pub fn cast(&self) -> Vec<(usize, Body)> {
        if self.wait_s > 1e-9 {
            return Vec::new();
        }
        let moved = |mut body: Body| {
            body.position += self.shift;
            (body.id as usize - 1, body)
        };
        self.engine.entities().into_iter().map(moved).collect()
    }
}

impl std::fmt::Debug for Story {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Story").field("time", &self.engine.time()).finish_non_exhaustive()
    }
}

/// A storyboard with the names of its road users.
#[derive(Debug)]
pub(super) struct Told {
    story: Story,
    names: Vec<Arc<str>>,
    obu: Vec<String>,
}

impl World {
    /// Everybody of the storyboard is put where it says; `obu`: those with an on-board unit.
    pub fn play(&mut self, story: Story, obu: Vec<String>) {
        let names = story.names().map(Into::into).collect();
        self.story = Some(Told { story, names, obu });
        self.tell(0.0);
        self.bodies = self.actors.iter().map(Actor::body).collect();
    }

    /// Acts and events of the storyboard with their times, seconds after its start; none without one.
    #[must_use]
    pub fn storyboard(&self) -> &[Part] {
        self.story.as_ref().map_or(&[], |told| told.story.parts())
    }

    /// What the storyboard did since it was last asked goes on the list of what happened. It starts when the run does.
    pub fn follow_story(&mut self, chronicle: &mut Chronicle) {
        if let Some(told) = &mut self.story {
            told.story.telling.follow(told.story.engine.events(), 0.0, chronicle);
        }
    }

    pub(super) fn tell(&mut self, dt: f64) {
        let Some(told) = &mut self.story else { return };
        told.story.step(dt);
        let cast = told.story.cast();
        let there: BTreeMap<_, _> = cast.iter().map(|(number, body)| (*number, body)).collect();
        self.actors.retain(|a| !matches!(a.mind, Mind::Told(number, _) if !there.contains_key(&number)));
        let mut new = Vec::new();
        for (number, body) in cast {
            let same = |a: &&mut Actor| matches!(a.mind, Mind::Told(n, _) if n == number);
            if let Some(actor) = self.actors.iter_mut().find(same) {
                actor.mind = Mind::Told(number, Box::new(body));
            } else {
                let name = told.names.get(number).cloned();
                let mut actor = Actor::new(body.kind, Mind::Told(number, Box::new(body)));
                actor.obu = name.as_deref().is_some_and(|name| told.obu.iter().any(|o| o == name));
                actor.name = name;
                new.push(actor);
            }
        }
        for actor in new {
            self.admit(actor);
        }
    }
}
