//! Who comes onto the road, with a trailer or without one; and who is told of a bay.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Actor, Mind, World};
use crate::actor::{ActorId, TRAILER, Towed};

impl World {
    /// Lets somebody in who makes room for itself.
    pub(super) fn let_in(&mut self, dt: f64) {
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
        wide.size.length_m += new.trailer.map_or(0.0, |size| 2.0 * Towed::adds_m(size));
        wide.size.width_m += 0.2;
        self.actors.retain(|actor| actor.name.is_some() || !actor.body().touches(&wide));
    }

    /// Lets somebody in, with a trailer if there is one.
    pub(super) fn admit(&mut self, actor: Actor) {
        let trailer = actor.trailer;
        let (kind, name, body) = (actor.kind, actor.name.clone(), actor.body());
        let id = self.admit_as(actor, None);
        if let Some(size) = trailer {
            let tractor = crate::actor::Body { id, ..body };
            let mut trailer = Actor::new(kind, Mind::Towed(Box::new(Towed::behind(&tractor, size))));
            trailer.name = name.map(|name| format!("{name}+").into());
            self.admit_as(trailer, Some(id));
        }
    }

    /// Lets somebody in, as the trailer of another one or on its own; its number.
    pub(super) fn admit_as(&mut self, mut actor: Actor, towed_by: Option<ActorId>) -> ActorId {
        actor.id = match towed_by {
            Some(tractor) => tractor | TRAILER,
            None => {
                self.next_id += 1;
                self.next_id - 1
            }
        };
        let id = actor.id;
        // In the order of their numbers; those of trailers are the largest.
        let place = self.actors.partition_point(|a| a.id < id);
        self.actors.insert(place, actor);
        id
    }

    /// Trailers follow their tractors, and leave with them.
    pub(super) fn tow(&mut self) {
        let first = self.actors.partition_point(|a| a.id & TRAILER == 0);
        let (tractors, trailers) = self.actors.split_at_mut(first);
        let mut alone = Vec::new();
        for trailer in trailers {
            let Mind::Towed(towed) = &mut trailer.mind else { continue };
            match tractors.binary_search_by_key(&towed.by, |a| a.id) {
                Ok(i) => towed.follow(&tractors[i].body()),
                Err(_) => alone.push(trailer.id),
            }
        }
        self.actors.retain(|a| !alone.contains(&a.id));
    }

    /// A unit tells those who want to park which bays are free. Nobody is sent to a bay that another one has chosen.
    pub fn tell_bays(&mut self, unit: &str, mut free: BTreeSet<Arc<str>>) {
        let chosen: Vec<_> = self.parkers().filter_map(|p| p.bay().cloned()).collect();
        free.retain(|bay| !chosen.contains(bay));
        for parker in self.parkers_mut().filter(|p| *p.unit == *unit) {
            parker.told(&free);
            if let Some(bay) = parker.bay() {
                free.remove(bay);
            }
        }
    }

    /// Somebody on the road parks.
    #[must_use]
    pub fn has_parkers(&self) -> bool {
        self.parkers().next().is_some()
    }

    fn parkers(&self) -> impl Iterator<Item = &crate::actor::Parker> {
        self.actors.iter().filter_map(|a| if let Mind::Parker(parker) = &a.mind { Some(&**parker) } else { None })
    }

    fn parkers_mut(&mut self) -> impl Iterator<Item = &mut crate::actor::Parker> {
        self.actors
            .iter_mut()
            .filter_map(|a| if let Mind::Parker(parker) = &mut a.mind { Some(&mut **parker) } else { None })
    }
}
