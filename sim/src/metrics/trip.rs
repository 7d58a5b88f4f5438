//! Journeys: delay, stops and throughput.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::actor::{ActorId, Body, TRAILER};
use crate::figures::Histogram;

/// Slower than this it stands, m/s (SUMO's halting speed).
pub const HALT_MPS: f64 = 0.1;
/// It must have been this fast since its last stop for a new one to count, m/s.
const MOVES_MPS: f64 = 1.0;
/// Ended journeys kept one by one; all are in the sums.
const ENDED: usize = 10_000;

/// One journey so far.
#[derive(Copy, Clone, Debug, PartialEq, Serialize)]
pub struct Trip {
    /// When it began, seconds after the start.
    pub from_s: f64,
    /// When it was last seen, seconds after the start.
    pub to_s: f64,
    /// Distance covered, metres.
    pub way_m: f64,
    /// Largest speed, m/s.
    pub fastest_mps: f64,
    /// Times it came to a halt.
    pub stops: u32,
    halted: bool,
    walks: bool,
}

impl Trip {
    fn begin(at_s: f64, body: &Body) -> Self {
        let speed = body.velocity.norm();
        let halted = speed < HALT_MPS;
        Self { from_s: at_s, to_s: at_s, way_m: 0.0, fastest_mps: speed, stops: 0, halted, walks: body.kind.walks() }
    }

    fn step(&mut self, at_s: f64, body: &Body) {
        let speed = body.velocity.norm();
        self.way_m += speed * (at_s - self.to_s);
        self.to_s = at_s;
        self.fastest_mps = self.fastest_mps.max(speed);
        if speed < HALT_MPS && !self.halted {
            self.stops += 1;
            self.halted = true;
        } else if speed > MOVES_MPS {
            self.halted = false;
        }
    }

    /// Time lost against going all the way at its own largest speed, seconds; none for one that never moved.
    #[must_use]
    pub fn delay_s(&self) -> Option<f64> {
        (self.fastest_mps > MOVES_MPS).then(|| (self.to_s - self.from_s - self.way_m / self.fastest_mps).max(0.0))
    }
}

/// All journeys.
#[derive(Clone, Debug)]
pub struct Trips {
    under_way: BTreeMap<ActorId, Trip>,
    ended: BTreeMap<ActorId, Trip>,
    /// Road users, people on foot left out, that left the road.
    pub arrived: u64,
    /// Delays of those, seconds.
    pub delays: Histogram,
    /// Their stops.
    pub stops: u64,
    now_s: f64,
}

impl Default for Trips {
    fn default() -> Self {
        Self {
            under_way: BTreeMap::new(),
            ended: BTreeMap::new(),
            arrived: 0,
            delays: Histogram::new(0.1, 3600.0),
            stops: 0,
            now_s: 0.0,
        }
    }
}

impl Trips {
    /// Takes everybody at one moment.
    pub fn step(&mut self, now_s: f64, bodies: &[Body]) {
        self.now_s = now_s;
        // A trailer makes no journey of its own.
        for body in bodies.iter().filter(|b| b.id & TRAILER == 0) {
            self.under_way.entry(body.id).or_insert_with(|| Trip::begin(now_s, body)).step(now_s, body);
        }
        let (delays, arrived, stops) = (&mut self.delays, &mut self.arrived, &mut self.stops);
        let ended = &mut self.ended;
        self.under_way.retain(|id, trip| {
            let here = trip.to_s == now_s;
            if !here && ended.len() < ENDED {
                ended.insert(*id, *trip);
            }
            if !here && !trip.walks {
                *arrived += 1;
                *stops += u64::from(trip.stops);
                trip.delay_s().into_iter().for_each(|s| delays.add(s));
            }
            here
        });
    }

    /// The journey of somebody who is on the road.
    #[must_use]
    pub fn of(&self, id: ActorId) -> Option<&Trip> {
        self.under_way.get(&id)
    }

    /// The journey of somebody who left the road.
    #[must_use]
    pub fn done(&self, id: ActorId) -> Option<&Trip> {
        self.ended.get(&id)
    }

    /// Vehicles that left the road, per hour.
    #[must_use]
    pub fn throughput_per_h(&self) -> f64 {
        if self.now_s > 0.0 { self.arrived as f64 * 3600.0 / self.now_s } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::Vector2;

    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    #[test]
    fn a_stop_of_ten_seconds_is_a_delay_of_ten_seconds() {
        let mut trips = Trips::default();
        for i in 0..=300 {
            let t = f64::from(i) * 0.1;
            let mut car = body(1, Kind::Car, 0.0, 0.0, 0.0);
            let stands = t > 10.05 && t < 20.05;
            car.velocity = Vector2::new(if stands { 0.0 } else { 10.0 }, 0.0);
            trips.step(t, &[car]);
        }
        // 301 moments, 300 steps of 0.1 s; in 100 of them it stood.
        let trip = trips.of(1).unwrap();
        assert!((trip.way_m - 200.0).abs() < 1e-6 && trip.stops == 1, "{trip:?}");
        assert!((trip.delay_s().unwrap() - 10.0).abs() < 1e-6);
        trips.step(36.0, &[]);
        assert_eq!((trips.arrived, trips.stops), (1, 1));
        assert!((trips.throughput_per_h() - 100.0).abs() < 1e-9);
        assert!((trips.delays.percentile(50.0).unwrap() - 10.0).abs() < 0.11);
    }

    #[test]
    fn people_on_foot_are_no_throughput() {
        let mut trips = Trips::default();
        trips.step(0.0, &[body(1, Kind::Child, 0.0, 0.0, 0.0)]);
        trips.step(1.0, &[]);
        assert_eq!(trips.arrived, 0);
        assert_eq!(trips.throughput_per_h(), 0.0);
    }
}
