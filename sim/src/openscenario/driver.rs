//! Drivers: controllers of the file that this engine plays, over what they rule now, and their turn in each step.
//!
//! A driver chooses a speed after everybody has moved; it shows in the motion of the next step (as esmini's additive
//! controllers do). The lane is kept by the default controller. A driver in mode `override` shuts out actions on speed.

pub mod acc;
pub mod follower;
pub mod reference;

use super::action::Domains;
use super::entity::Controller;
use super::event::EventKind;
use super::neighbour::Neighbours;
use super::reader::EntityId;
use super::run::Ruled;
use super::world::World;

/// How a driver thinks.
#[derive(Clone, Debug)]
pub enum Mind {
    /// Adaptive cruise control.
    Acc(acc::Acc),
    /// The reference driver of UN R157.
    Reference(Box<reference::Reference>),
    /// Traffic made by the engine.
    Follower(follower::Follower),
    /// Code outside the standard: the default controller drives.
    Unknown,
}

/// A controller of an entity.
#[derive(Clone, Debug)]
pub struct Driver {
    /// Name by which actions call it.
    pub name: String,
    /// Actions on what it rules over are shut out.
    pub overrides: bool,
    /// What it rules over now.
    pub active: Ruled,
    /// How it thinks.
    pub mind: Mind,
}

impl Mind {
    /// What a controller of this class is, if the engine plays it. The class is the property `esminiController`, else the
    /// name of the controller.
    #[must_use]
    pub fn of(controller: &Controller) -> Self {
        match controller.class() {
            "ACCController" | "ALKSController" => Mind::Acc(acc::Acc::new(controller)),
            "ALKS_R157SM_Controller" | "ECE_ALKS_RefDriverController" => {
                Mind::Reference(Box::new(reference::Reference::new(controller)))
            }
            _ => Mind::Unknown,
        }
    }
}

impl Driver {
    /// A controller that rules over nothing yet.
    #[must_use]
    pub fn new(controller: &Controller) -> Self {
        let mind = Mind::of(controller);
        let mode = controller.properties.get("mode").map(String::as_str);
        // A cruise control adds to what actions do unless it is told to override them.
        let overrides = !matches!(mind, Mind::Unknown) && mode == Some("override");
        Self { name: controller.name.clone(), overrides, active: Ruled::NOTHING, mind }
    }

    /// The driver of traffic that the engine makes.
    #[must_use]
    pub fn follower(follower: follower::Follower) -> Self {
        let active = Ruled { longitudinal: true, lateral: true };
        Self { name: "traffic".into(), overrides: false, active, mind: Mind::Follower(follower) }
    }

    /// Rules over this from now on, at a speed in m/s.
    pub fn take_over(&mut self, active: Ruled, speed: f64) {
        self.active = active;
        match &mut self.mind {
            Mind::Acc(acc) => acc.activate(speed, self.overrides),
            Mind::Reference(reference) => reference.activate(speed),
            Mind::Follower(_) | Mind::Unknown => {}
        }
    }

    fn step(&mut self, who: EntityId, near: &Neighbours, world: &mut World) {
        if !self.active.longitudinal {
            return;
        }
        match &mut self.mind {
            Mind::Acc(acc) => acc.step(who, near, world),
            Mind::Reference(reference) => reference.step(who, near, world),
            Mind::Follower(follower) => follower.step(who, near, world),
            Mind::Unknown => return,
        }
        if self.overrides && world.dt > 0.0 {
            let distance = world.actors[who].speed * world.dt;
            world.drive(who, distance, true);
        }
    }
}

/// Gives an entity one more controller.
pub fn assign(controller: &Controller, activate: Domains, who: EntityId, world: &mut World) {
    let driver = Driver::new(controller);
    let drivers = &mut world.actors[who].drivers;
    drivers.retain(|d| d.name != driver.name);
    drivers.push(driver);
    if activate != Domains::default() {
        self::activate(Some(&controller.name), activate, who, world);
    }
}

/// Lets a controller rule, or not; without a name the one assigned last.
pub fn activate(name: Option<&str>, domains: Domains, who: EntityId, world: &mut World) {
    let drivers = &world.actors[who].drivers;
    let chosen = match name {
        Some(name) => drivers.iter().rposition(|d| d.name == name),
        None => drivers.len().checked_sub(1),
    };
    let Some(chosen) = chosen else {
        let what =
            name.map_or_else(|| "no controller is assigned".into(), |n| format!("no controller {n} is assigned"));
        let (time, name) = (world.time, world.actors[who].entity.name.clone());
        return world.log.put(time, EventKind::Note, name, what);
    };
    let (speed, minor) = (world.actors[who].speed, world.minor);
    let on = Ruled { longitudinal: domains.longitudinal == Some(true), lateral: domains.lateral == Some(true) };
    let drivers = &mut world.actors[who].drivers;
    for (_, other) in drivers.iter_mut().enumerate().filter(|(i, _)| *i != chosen) {
        if !other.active.clashes(on) {
            continue;
        }
        // Up to 1.2 one controller rules at a time; since 1.3 one for each domain.
        other.active = if minor < 3 { Ruled::NOTHING } else { other.active.without(on) };
    }
    let driver = &mut drivers[chosen];
    let ruled = Ruled {
        longitudinal: domains.longitudinal.unwrap_or(driver.active.longitudinal),
        lateral: domains.lateral.unwrap_or(driver.active.lateral),
    };
    driver.take_over(ruled, speed);
}

/// Everybody's drivers choose their speeds.
pub fn step(world: &mut World) {
    let thinks = |d: &Driver| d.active.longitudinal && !matches!(d.mind, Mind::Unknown);
    if !world.actors.iter().any(|a| a.active && a.drivers.iter().any(thinks)) {
        return;
    }
    let near = Neighbours::of(&world.net, &world.actors);
    for who in 0..world.actors.len() {
        if !world.actors[who].active || world.actors[who].towed_by.is_some() || world.actors[who].drivers.is_empty() {
            continue;
        }
        let mut drivers = std::mem::take(&mut world.actors[who].drivers);
        drivers.iter_mut().for_each(|driver| driver.step(who, &near, world));
        world.actors[who].drivers = drivers;
    }
}
