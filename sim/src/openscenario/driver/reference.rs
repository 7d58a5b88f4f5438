//! The competent and careful human driver of UN R157 (amendment 1, Annex 3 "Guidance on traffic disturbance critical
//! scenarios for ALKS", performance model 1) with the figures given there: a vehicle that leaves the middle of its lane by
//! more than 0.375 m is perceived as cutting in, its risk is evaluated for 0.4 s, braking begins 0.75 s later, rises within
//! 0.6 s to 0.774 g; with full overlap an emergency brake goes to 0.85 g. A situation is critical below 2.0 s to collision.
//! Otherwise it cruises, by the law and with the properties of esmini's `ALKS_R157SM_Controller`.

use crate::openscenario::entity::Controller;
use crate::openscenario::neighbour::{INTRUSION_M, Neighbours};
use crate::openscenario::reader::EntityId;
use crate::openscenario::word::{ObjectKind, SMALL};
use crate::openscenario::world::World;

/// m/s².
const G: f64 = 9.80665;
/// Leaving the middle of the lane by more is no wandering, metres.
const WANDERING_M: f64 = 0.375;
/// Time to evaluate a risk, seconds.
const RISK_S: f64 = 0.4;
/// Time from there to the brake, seconds.
const DELAY_S: f64 = 0.75;
/// Time until the brake is fully pressed, seconds.
const PRESS_S: f64 = 0.6;
/// Below this time to collision a situation is critical, seconds.
const CRITICAL_S: f64 = 2.0;
/// Deceleration of the one ahead from which on it is a risk, m/s².
const HARD_BRAKE: f64 = 5.0;
/// Looks so far, metres.
const LOOK_M: f64 = 250.0;
/// Sideways slower is keeping the lane, m/s.
const SIDEWAYS_MPS: f64 = 0.05;

/// Of the regulation itself: deceleration, m/s², and time that are trusted to the system when it is asked whether a cut-in
/// must be survived, and a margin (UN R157, 5.2.5.2: `TTC > v_rel / (2 · 6 m/s²) + 0.35 s`).
const REGULATION: (f64, f64, f64) = (6.0, 0.35, 0.1);
/// Acceleration towards the set speed, and at most behind somebody, up and down, m/s².
const COMFORT: f64 = 2.0;
const STRONGEST: (f64, f64) = (3.0, 4.0);
/// How far somebody ahead is heeded, by the regulation's model and by the driver, metres.
const RANGE_M: (f64, f64) = (46.0, 100.0);
/// Wheels of the front axle are so far along the way from the origin to the front.
const FRONT_AXLE: f64 = 0.75;

/// How far it has got with braking.
#[derive(Copy, Clone, Debug, PartialEq)]
enum Phase {
    /// Cruises.
    Cruise,
    /// Has perceived a risk, seconds ago.
    Perceive(f64),
    /// Brakes, since so many seconds.
    Brake(f64),
    /// The emergency brake brakes, since so many seconds.
    Emergency(f64),
}

/// A reference driver.
#[derive(Clone, Debug)]
pub struct Reference {
    cruises: bool,
    brake: f64,
    emergency: f64,
    emergency_s: f64,
    walker_s: f64,
    full_stop: bool,
    overlap_m: f64,
    /// Not the driver but the bound of the regulation: it brakes at once when that is broken.
    regulation: bool,
    phase: Phase,
    set_speed: f64,
}

/// Somebody who may be in the way.
#[derive(Copy, Clone, Debug)]
struct Threat {
    gap: f64,
    closing: f64,
    /// Overlaps the own front.
    wraps: bool,
    /// Brakes hard.
    brakes: bool,
    walks: bool,
}

impl Threat {
    /// Time to collision, seconds.
    fn ttc(&self) -> f64 {
        if self.gap <= 0.0 {
            0.0
        } else if self.closing > 1e-6 {
            self.gap / self.closing
        } else {
            f64::INFINITY
        }
    }
}

impl Reference {
    /// With the properties `model` (`ReferenceDriver` or `Regulation`), `driverDeceleration`, `aebDeceleration`, `aebTTC`, `aebAvailable`, `fullStop`, `cruise`,
    /// `overlapTolerance` and `pedestrianRiskEvaluationTime`.
    #[must_use]
    pub fn new(controller: &Controller) -> Self {
        let text = |name: &str| controller.properties.get(name).map(|v| v.trim().to_lowercase());
        let number = |name: &str, default: f64| {
            let given = text(name).and_then(|v| v.parse::<f64>().ok()).filter(|v| v.is_finite());
            given.map_or(default, f64::abs)
        };
        let off = |name: &str| text(name).as_deref() == Some("false");
        Self {
            cruises: !off("cruise"),
            brake: number("driverDeceleration", 0.774 * G),
            emergency: if off("aebAvailable") { 0.0 } else { number("aebDeceleration", 0.85 * G) },
            emergency_s: number("aebTTC", 1.4),
            walker_s: number("pedestrianRiskEvaluationTime", RISK_S),
            full_stop: text("fullStop").as_deref() == Some("true"),
            overlap_m: number("overlapTolerance", 0.1),
            regulation: text("model").as_deref() == Some("regulation"),
            phase: Phase::Cruise,
            set_speed: 0.0,
        }
    }

    /// Takes over at this speed, m/s.
    pub fn activate(&mut self, speed: f64) {
        self.set_speed = speed;
        self.phase = Phase::Cruise;
    }

    /// Chooses the speed of the next step.
    pub fn step(&mut self, who: EntityId, near: &Neighbours, world: &mut World) {
        let (dt, speed) = (world.dt, world.actors[who].speed);
        if dt <= 0.0 {
            return;
        }
        if self.set_speed < SMALL {
            // Switched on while it stood: what it is told first is wanted.
            self.set_speed = speed;
        }
        if self.regulation {
            return self.obey(who, near, world);
        }
        let worst = self.worst(who, near, world);
        let ttc = worst.map_or(f64::INFINITY, |t| t.ttc());
        let (wraps, walks) = worst.map_or((false, false), |t| (t.wraps, t.walks));
        let risk = ttc < CRITICAL_S || worst.is_some_and(|t| t.brakes && t.closing > 0.0);
        self.phase = match self.phase {
            Phase::Emergency(since) => Phase::Emergency(since + dt),
            // A brake that is pressed already stays so.
            Phase::Brake(since) if self.emergency > 0.0 && wraps && ttc < self.emergency_s => {
                Phase::Emergency(since + dt)
            }
            _ if self.emergency > 0.0 && wraps && ttc < self.emergency_s => Phase::Emergency(dt),
            Phase::Cruise if risk => Phase::Perceive(dt),
            Phase::Perceive(since) if since + 1e-9 >= DELAY_S + if walks { self.walker_s } else { RISK_S } => {
                Phase::Brake(dt)
            }
            Phase::Perceive(since) => Phase::Perceive(since + dt),
            Phase::Brake(since) => Phase::Brake(since + dt),
            Phase::Cruise => Phase::Cruise,
        };
        let press = |since: f64, most: f64| (since / PRESS_S).min(1.0) * most;
        let braked = match self.phase {
            Phase::Brake(since) => press(since, self.brake),
            Phase::Emergency(since) => press(since, self.emergency),
            Phase::Cruise | Phase::Perceive(_) => {
                let next = self.next(who, near, world);
                return self.cruise(next, 2.0 + 2.0 * speed, who, world);
            }
        };
        let next = (speed - braked * dt).max(0.0);
        world.actors[who].speed = next;
        let safe = !risk && worst.is_none_or(|t| t.closing <= 0.0);
        if !self.full_stop && (next <= 0.0 || safe) {
            // The danger is over: it cruises on from here, to the speed it had.
            self.phase = Phase::Cruise;
        }
    }

    /// Cruises: towards the set speed, or behind the next one at least `least` metres away.
    fn cruise(&self, next: Option<(f64, f64)>, least: f64, who: EntityId, world: &mut World) {
        let speed = world.actors[who].speed;
        let acceleration = match next {
            _ if !self.cruises => return,
            None if (speed - self.set_speed).abs() < SMALL => 0.0,
            None => {
                if speed > self.set_speed {
                    -COMFORT
                } else {
                    COMFORT
                }
            }
            Some((gap, closing)) => {
                let ttc = if closing > 0.0 { gap / closing } else { f64::INFINITY };
                let (decel, reaction, _) = REGULATION;
                if gap <= 0.0 || ttc <= closing / (2.0 * decel) + reaction || speed < SMALL {
                    return;
                }
                (gap - least - 2.0 * closing).clamp(-STRONGEST.1, STRONGEST.0)
            }
        };
        world.actors[who].speed = (speed + acceleration * world.dt).clamp(0.0, self.set_speed.max(0.0));
    }

    /// The next one ahead in the own lane or with a wheel in it.
    fn next(&self, who: EntityId, near: &Neighbours, world: &World) -> Option<(f64, f64)> {
        let pose = world.actors[who].place.pose;
        let range = if self.regulation { RANGE_M.0 } else { RANGE_M.1 };
        let around = near.around(pose.x, pose.y, range).into_iter().filter(|id| *id != who);
        let found = around.filter_map(|id| self.intruder(id, who, world));
        found.filter(|(gap, _)| *gap < range).min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Brakes while the bound of the regulation is broken.
    fn obey(&mut self, who: EntityId, near: &Neighbours, world: &mut World) {
        let (decel, reaction, margin) = REGULATION;
        let next = self.next(who, near, world);
        let broken = |(gap, closing): (f64, f64)| {
            gap > 0.0 && closing > 0.0 && gap / closing < closing / (2.0 * decel) + reaction + margin
        };
        let speed = world.actors[who].speed;
        if matches!(self.phase, Phase::Brake(_)) && self.full_stop || next.is_some_and(broken) {
            self.phase = Phase::Brake(0.0);
            world.actors[who].speed = (speed - decel * world.dt).max(0.0);
            return;
        }
        self.phase = Phase::Cruise;
        self.cruise(next, least_m(speed), who, world);
    }

    /// Free distance to somebody ahead in the own lane or with a wheel in it, and how fast it shrinks.
    fn intruder(&self, id: EntityId, who: EntityId, world: &World) -> Option<(f64, f64)> {
        let (me, other) = (&world.actors[who], &world.actors[id]);
        let delta = world.delta(&me.place, &other.place)?;
        let gap = delta.ds - me.front() - other.rear();
        if delta.ds <= 0.0 || !delta.same_way || delta.lanes.abs() > 1 {
            return None;
        }
        if delta.lanes != 0 {
            let at = other.place.lane?;
            let towards = -f64::from(delta.lanes.signum());
            let (x, y) = (FRONT_AXLE * other.front(), 0.5 * towards * other.entity.object.bounds.size[1]);
            let (sin, cos) = other.place.relative.sin_cos();
            let wheel = towards * (at.offset + sin * x + cos * y);
            let half = 0.5 * world.net.lane_width(at.road, at.lane, at.s)?;
            if wheel <= half + INTRUSION_M {
                return None;
            }
        }
        let along = other.speed * (other.place.pose.yaw - me.place.pose.yaw).cos();
        Some((gap, me.speed - along))
    }

    /// The one with the least time to collision among those who are in the way or come there.
    fn worst(&self, who: EntityId, near: &Neighbours, world: &World) -> Option<Threat> {
        let me = &world.actors[who];
        let look = LOOK_M.min(20.0 + 6.0 * me.speed);
        let (x, y) = (me.place.pose.x, me.place.pose.y);
        let around = near.around(x, y, look).into_iter().filter(|id| *id != who);
        let threats = around.filter_map(|id| self.threat(&world.actors[id], who, world));
        threats.min_by(|a, b| a.ttc().total_cmp(&b.ttc()))
    }

    fn threat(&self, other: &crate::openscenario::actor::Actor, who: EntityId, world: &World) -> Option<Threat> {
        let me = &world.actors[who];
        let delta = world.delta(&me.place, &other.place)?;
        let gap = delta.ds - me.front() - if delta.same_way { other.rear() } else { other.front() };
        if delta.ds <= 0.0 {
            return None;
        }
        // Across the road, to the left of the own way.
        let sign = if me.place.forward() { 1.0 } else { -1.0 };
        let left = sign * delta.dt;
        let along = other.speed * (other.place.pose.yaw - me.place.pose.yaw).cos();
        let sideways = sign * other.along_road()[1];
        let half = 0.5 * (me.entity.object.bounds.size[1] + other.entity.object.bounds.size[1]);
        let wraps = left.abs() < half - self.overlap_m;
        let comes = sideways * left < 0.0 && sideways.abs() > SIDEWAYS_MPS;
        let walks = other.entity.object.kind == ObjectKind::Pedestrian;
        let offset = other.place.lane.map_or(0.0, |l| l.offset.abs());
        let cuts_in = comes && (walks && left.abs() < half + 3.0 || delta.lanes.abs() == 1 && offset > WANDERING_M);
        if !wraps && !cuts_in {
            return None;
        }
        let [ahead, _] = other.local(other.acceleration);
        let brakes = wraps && delta.same_way && ahead < -HARD_BRAKE;
        Some(Threat { gap, closing: me.speed - along, wraps, brakes, walks })
    }
}

/// Following distance at a speed (UN R157, 5.2.3.3), metres.
fn least_m(speed: f64) -> f64 {
    let kmh = 3.6 * speed;
    let time_gap = if kmh < 10.0 { 1.0 + (speed.max(2.0) - 2.0) / 7.8 } else { 1.0 + kmh / 100.0 };
    (speed * time_gap).max(2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threat_that_goes_away_never_collides() {
        let threat = Threat { gap: 10.0, closing: -1.0, wraps: true, brakes: false, walks: false };
        assert_eq!(threat.ttc(), f64::INFINITY);
        assert_eq!(Threat { closing: 5.0, ..threat }.ttc(), 2.0);
        assert_eq!(Threat { gap: -0.1, ..threat }.ttc(), 0.0);
    }

    #[test]
    fn the_following_distance_is_that_of_the_regulation() {
        // 7.2 km/h: 1.0 s; 60 km/h: 1.6 s; never below 2 m.
        assert!((least_m(2.0) - 2.0).abs() < 1e-12 && (least_m(60.0 / 3.6) - 1.6 * 60.0 / 3.6).abs() < 1e-9);
        assert_eq!(least_m(0.0), 2.0);
    }
}
