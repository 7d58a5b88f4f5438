//! Who sets off when, where and how fast: single vehicles and flows.

use std::collections::{BTreeMap, VecDeque};

use super::network::EdgeId;
use super::vehicle::Name;
use crate::random::Luck;

/// Vehicles of one flow that may wait for room to enter; later ones are counted and dropped.
pub const WAITING: usize = 10_000;

/// Lane on which a vehicle enters.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum DepartLane {
    /// This one, 0 = rightmost.
    Index(u32),
    /// The emptiest of those that lead along the route.
    Best,
    /// The emptiest.
    Free,
    /// Any.
    Random,
}

/// Speed with which a vehicle enters.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum DepartSpeed {
    /// This one, m/s.
    Mps(f64),
    /// As fast as is safe.
    Max,
}

/// A vehicle that sets off.
#[derive(Clone, Debug, PartialEq)]
pub struct Departure {
    /// When, seconds.
    pub time: f64,
    /// Name.
    pub name: Name,
    /// Number of its style.
    pub style: u32,
    /// Number of its route.
    pub route: u32,
    /// Lane.
    pub lane: DepartLane,
    /// Speed.
    pub speed: DepartSpeed,
    /// Front on the lane, metres; none: the vehicle's rear is at the start of the lane.
    pub pos: Option<f64>,
}

/// Distance in time between the vehicles of a flow.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Pace {
    /// Always the same, seconds.
    Even(f64),
    /// A Poisson process with so many a second.
    Poisson(f64),
}

/// A stream of vehicles.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Stem of the names.
    pub stem: u32,
    /// From and until when, seconds.
    pub time: [f64; 2],
    /// How often.
    pub pace: Pace,
    /// At most so many.
    pub limit: u32,
    /// Styles with the number of a route for each and their weights.
    pub mix: Vec<(u32, u32, f64)>,
    /// Lane.
    pub lane: DepartLane,
    /// Speed.
    pub speed: DepartSpeed,
    /// Front on the lane, metres.
    pub pos: Option<f64>,
}

#[derive(Clone, Debug)]
struct Running {
    flow: Flow,
    next: f64,
    sent: u32,
    luck: Luck,
}

impl Running {
    fn advance(&mut self) {
        self.next += match self.flow.pace {
            Pace::Even(seconds) => seconds,
            Pace::Poisson(rate) => self.luck.gap_s(rate),
        };
    }
}

/// All departures of a run.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    flows: Vec<Running>,
    single: VecDeque<(EdgeId, Departure)>,
    waiting: BTreeMap<EdgeId, VecDeque<Departure>>,
    /// Departures that found no room to wait.
    pub dropped: u64,
}

impl Demand {
    /// Adds a single vehicle that enters on `edge`.
    pub fn add(&mut self, edge: EdgeId, departure: Departure) {
        let at = self.single.partition_point(|(_, other)| other.time <= departure.time);
        self.single.insert(at, (edge, departure));
    }

    /// Adds a flow; its chance comes from the seed and its own number.
    pub fn add_flow(&mut self, flow: Flow, seed: u64) {
        let luck = Luck::new(seed, &format!("microsim flow {}", self.flows.len()));
        let mut running = Running { next: flow.time[0], sent: 0, flow, luck };
        if matches!(running.flow.pace, Pace::Poisson(_)) {
            running.advance();
        }
        self.flows.push(running);
    }

    /// Moves those whose time has come to the entries of their edges.
    pub fn gather(&mut self, now: f64, edge_of: impl Fn(u32) -> EdgeId) {
        while self.single.front().is_some_and(|(_, d)| d.time <= now + 1e-9) {
            if let Some((edge, departure)) = self.single.pop_front() {
                self.waiting.entry(edge).or_default().push_back(departure);
            }
        }
        for running in &mut self.flows {
            while running.next <= now + 1e-9 && running.next < running.flow.time[1] && running.sent < running.flow.limit
            {
                let flow = &running.flow;
                let weights: Vec<f64> = flow.mix.iter().map(|(_, _, weight)| *weight).collect();
                let Some(&(style, route, _)) = flow.mix.get(running.luck.pick(&weights)) else { break };
                let departure = Departure {
                    time: running.next,
                    name: Name { stem: flow.stem, serial: Some(running.sent) },
                    style,
                    route,
                    lane: flow.lane,
                    speed: flow.speed,
                    pos: flow.pos,
                };
                let queue = self.waiting.entry(edge_of(route)).or_default();
                if queue.len() < WAITING {
                    queue.push_back(departure);
                } else {
                    self.dropped += 1;
                }
                running.sent += 1;
                running.advance();
            }
        }
    }

    /// The edges with somebody who waits to enter, and their queues.
    pub fn entries(&mut self) -> impl Iterator<Item = (EdgeId, &mut VecDeque<Departure>)> {
        self.waiting.iter_mut().filter(|(_, queue)| !queue.is_empty()).map(|(edge, queue)| (*edge, queue))
    }

    /// Vehicles that wait to enter.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.values().map(VecDeque::len).sum()
    }

    /// Nobody waits and nobody will come any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let open = |r: &Running| r.next < r.flow.time[1] && r.sent < r.flow.limit;
        self.waiting() == 0 && self.single.is_empty() && !self.flows.iter().any(open)
    }
}
