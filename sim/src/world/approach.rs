//! What a driver has ahead at a signal, and what an on-board unit makes of it.

use super::{Mind, World};
use crate::actor::ActorId;

/// A signal ahead of a driver.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Approach {
    /// Its group.
    pub group: u8,
    /// From the front to the stop line, metres.
    pub distance_m: f64,
    /// Speed, m/s.
    pub speed_mps: f64,
    /// Speed that the driver would like, m/s.
    pub limit_mps: f64,
    /// The driver does not look at it.
    pub distracted: bool,
}

/// What a driver is told about the signal ahead.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Aid {
    /// It will be red.
    pub red: bool,
    /// Speed to arrive on green, and no faster than the limit that is told, m/s.
    pub advised_mps: Option<f64>,
}

impl World {
    /// The signal ahead of a driver that has not passed its stop line.
    #[must_use]
    pub fn approach(&self, id: ActorId) -> Option<Approach> {
        let actor = self.actors.iter().find(|a| a.id == id)?;
        let Mind::Driver(driver) = &actor.mind else { return None };
        let stop = driver.route.stops.iter().find(|stop| stop.at_m > driver.front_m)?;
        let limit = driver.route.limit_at(driver.front_m, driver.style.brake_mps2);
        Some(Approach {
            group: self.road.ways[stop.way].group?,
            distance_m: stop.at_m - driver.front_m,
            speed_mps: driver.speed_mps,
            limit_mps: (limit * driver.style.speed_share).min(driver.style.top_mps),
            distracted: driver.distracted,
        })
    }

    /// The link on which a driver is; none in a crossing or off the lanes.
    #[must_use]
    pub fn link(&self, id: ActorId) -> Option<&str> {
        let actor = self.actors.iter().find(|a| a.id == id)?;
        let Mind::Driver(driver) = &actor.mind else { return None };
        let on = |(_, from, to): &&(usize, f64, f64)| (*from..*to).contains(&driver.front_m);
        Some(&self.road.lanes[driver.route.lanes.iter().find(on)?.0].link)
    }

    /// A driver heeds its on-board unit: it looks up when the light will be red, and keeps the speed advised.
    pub fn heed(&mut self, id: ActorId, aid: Aid) {
        if let Some(Mind::Driver(driver)) = self.actors.iter_mut().find(|a| a.id == id).map(|a| &mut a.mind) {
            driver.distracted &= !aid.red;
            driver.advised_mps = aid.advised_mps;
        }
    }
}
