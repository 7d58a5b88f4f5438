//! Trailers: pulled at the hitch, they turn towards it.

use super::reader::EntityId;
use super::world::World;

/// Distance of the hitch behind the origin when the vehicle does not say, metres.
const HITCH_M: f64 = -1.0;
/// Distance of the coupler before the origin when the trailer does not say, metres.
const COUPLER_M: f64 = 3.0;

/// Couples a trailer; one already there is let go.
pub fn connect(world: &mut World, towing: EntityId, trailer: EntityId) {
    if towing == trailer || world.actors[towing].trailer == Some(trailer) || chain(world, trailer).contains(&towing) {
        return;
    }
    disconnect(world, towing);
    if let Some(before) = world.actors[trailer].towed_by {
        disconnect(world, before);
    }
    world.actors[towing].trailer = Some(trailer);
    world.actors[trailer].towed_by = Some(towing);
    align(world, towing);
}

/// Lets the trailer go; it stands.
pub fn disconnect(world: &mut World, towing: EntityId) {
    if let Some(trailer) = world.actors[towing].trailer.take() {
        world.actors[trailer].towed_by = None;
        world.actors[trailer].speed = 0.0;
    }
}

/// A vehicle and what it pulls, first to last.
fn chain(world: &World, first: EntityId) -> Vec<EntityId> {
    let mut chain = vec![first];
    while let Some(next) = chain.last().and_then(|&id| world.actors[id].trailer).filter(|id| !chain.contains(id)) {
        chain.push(next);
    }
    chain
}

/// Puts all trailers of a vehicle straight behind it.
pub fn align(world: &mut World, first: EntityId) {
    for pair in chain(world, first).windows(2) {
        let yaw = world.actors[pair[0]].place.pose.yaw;
        put(world, pair[0], pair[1], |_, _| yaw);
        world.actors[pair[1]].teleported = true;
    }
}

/// Pulls all trailers after their vehicles have moved.
pub fn pull(world: &mut World) {
    for first in 0..world.actors.len() {
        if world.actors[first].towed_by.is_some() || world.actors[first].trailer.is_none() {
            continue;
        }
        for pair in chain(world, first).windows(2) {
            let from = world.actors[pair[1]].place.pose;
            // The origin of the trailer runs after the hitch: it looks from where it was to the hitch.
            put(world, pair[0], pair[1], |x, y| (y - from.y).atan2(x - from.x));
        }
    }
}

fn put(world: &mut World, towing: EntityId, trailer: EntityId, yaw: impl Fn(f64, f64) -> f64) {
    let net = world.net.clone();
    let (front, speed) = (world.actors[towing].place.pose, world.actors[towing].speed);
    let hitch = world.actors[towing].entity.object.hitch.unwrap_or(HITCH_M);
    let coupler = world.actors[trailer].entity.object.coupler.unwrap_or(COUPLER_M);
    let (x, y) = (front.x + hitch * front.yaw.cos(), front.y + hitch * front.yaw.sin());
    let yaw = yaw(x, y);
    let actor = &mut world.actors[trailer];
    actor.place.set_world(&net, x - coupler * yaw.cos(), y - coupler * yaw.sin(), yaw);
    actor.speed = speed;
}
