//! Platoons in the world: who follows whom, and what those ahead would say.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Actor, Mind, World};
use crate::actor::follower::Said;
use crate::actor::{ActorId, Body};

/// Those whom somebody follows.
pub(super) fn leaders(actors: &[Actor]) -> BTreeMap<Arc<str>, ActorId> {
    let followed = actors.iter().filter_map(|a| if let Mind::Follower(f) = &a.mind { Some(&f.behind) } else { None });
    let id_of = |name: &Arc<str>| actors.iter().find(|a| a.name.as_ref() == Some(name)).map(|a| a.id);
    followed.filter_map(|name| Some((name.clone(), id_of(name)?))).collect()
}

impl World {
    /// Keeps the accelerations of those who lead a platoon; `before`: everybody a step ago.
    pub(super) fn feel(&mut self, leaders: &BTreeMap<Arc<str>, ActorId>, before: &[Body], dt: f64) {
        for &id in leaders.values() {
            let speed = |bodies: &[Body]| bodies.iter().find(|b| b.id == id).map(|b| b.velocity.norm());
            if let (Some(now), Some(then)) = (speed(&self.bodies), speed(before)) {
                self.felt.insert(id, (now - then) / dt);
            }
        }
    }

    /// What somebody would tell those behind it: the acceleration commanded, or else that of the last step, m/s².
    #[must_use]
    pub fn command_of(&self, id: ActorId) -> f64 {
        let actor = self.actors.iter().find(|a| a.id == id);
        match actor.map(|a| &a.mind) {
            Some(Mind::Follower(follower)) => follower.member.command,
            _ => self.felt.get(&id).copied().unwrap_or_default(),
        }
    }

    /// Those who follow somebody, with the places of their antennas' vehicles.
    #[must_use]
    pub fn followers_of(&self, name: &str) -> Vec<Body> {
        let follows = |a: &&Actor| matches!(&a.mind, Mind::Follower(f) if &*f.behind == name);
        self.actors.iter().filter(follows).map(Actor::body).collect()
    }

    /// Somebody in a platoon hears the one ahead.
    pub fn tell_follower(&mut self, id: ActorId, said: Said) {
        if let Some(Mind::Follower(follower)) = self.actors.iter_mut().find(|a| a.id == id).map(|a| &mut a.mind) {
            follower.hear(said);
        }
    }
}
