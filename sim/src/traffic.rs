//! Streams of road users that come in at the edges of the map with random gaps.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use nalgebra::Point2;
use rsu::site_map::LaneKind;

use crate::actor::{Body, Driver, Kind, Walker, driver::Style};
use crate::random::Luck;
use crate::road::{LaneId, Line, Road, Route, WalkId};
use crate::scenario::{Flow, Turns};
use crate::world::{Actor, Mind, WorldError};

/// Road users that wait outside a full road; more are turned away.
const WAITING: usize = 20;

/// One stream.
#[derive(Debug)]
pub struct Stream {
    way: Entry,
    per_second: f64,
    mix: Vec<(Kind, f64)>,
    speed_mps: Option<f64>,
    luck: Luck,
    next_s: f64,
    waiting: VecDeque<Kind>,
}

#[derive(Debug)]
enum Entry {
    Link { motor: Vec<LaneId>, bicycle: Vec<LaneId>, turns: Turns },
    Crosswalk(WalkId),
    Path(Line),
}

impl Stream {
    /// The stream of one `[[flow]]`; `name` names its luck.
    ///
    /// # Errors
    /// When the map has no such link or crosswalk.
    pub fn new(flow: &Flow, road: &Road, seed: u64, name: &str) -> Result<Self, WorldError> {
        let (way, usual) = if let Some(link) = &flow.link {
            let motor = road.lanes_of(link, LaneKind::Vehicle);
            let bicycle = road.lanes_of(link, LaneKind::Bicycle);
            if motor.is_empty() && bicycle.is_empty() {
                road.lane(link)?;
            }
            (
                Entry::Link { motor, bicycle, turns: flow.turns },
                vec![(Kind::Car, 0.82), (Kind::Truck, 0.12), (Kind::Bus, 0.06)],
            )
        } else if let Some(asked) = &flow.crosswalk {
            let known = || road.walks.iter().map(|w| w.name.as_str()).collect::<Vec<_>>().join(", ");
            let walk = road
                .walks
                .iter()
                .position(|w| &w.name == asked)
                .ok_or_else(|| WorldError::NoCrosswalk { asked: asked.clone(), known: known() })?;
            (Entry::Crosswalk(walk), vec![(Kind::Pedestrian, 0.9), (Kind::Child, 0.1)])
        } else {
            let points = flow.path.iter().flatten().map(|p| Point2::new(p[0], p[1]));
            let line = Line::new(points).ok_or_else(|| WorldError::NoPath { who: "a flow".into() })?;
            (Entry::Path(line), vec![(Kind::Pedestrian, 1.0)])
        };
        let given: BTreeMap<Kind, f64> = flow.mix.clone();
        let mix = if given.is_empty() { usual } else { given.into_iter().collect() };
        let mut luck = Luck::new(seed, name);
        let per_second = flow.per_hour / 3600.0;
        let next_s = luck.gap_s(per_second);
        Ok(Self { way, per_second, mix, speed_mps: flow.speed_mps, luck, next_s, waiting: VecDeque::new() })
    }

    /// Road users that come in within the next `dt` seconds. At most one a step, and only when there is room.
    pub fn step(&mut self, road: &Road, bodies: &[Body], dt: f64) -> Option<Actor> {
        self.next_s -= dt;
        while self.next_s <= 0.0 {
            self.next_s += self.luck.gap_s(self.per_second).max(1e-3);
            let weights: Vec<_> = self.mix.iter().map(|(_, w)| *w).collect();
            let kind = self.mix[self.luck.pick(&weights)].0;
            if self.waiting.len() < WAITING {
                self.waiting.push_back(kind);
            }
        }
        let kind = *self.waiting.front()?;
        let mind = self.enter(kind, road, bodies)?;
        self.waiting.pop_front();
        Some(Actor::new(kind, mind))
    }

    fn enter(&mut self, kind: Kind, road: &Road, bodies: &[Body]) -> Option<Mind> {
        match &self.way {
            Entry::Link { motor, bicycle, turns } => {
                let lanes = if kind == Kind::Bicycle && !bicycle.is_empty() { bicycle } else { motor };
                let choices: Vec<_> = lanes
                    .iter()
                    .flat_map(|&lane| road.lanes[lane].ways.iter().map(move |&way| (lane, way)))
                    .map(|(lane, way)| (lane, way, turns.share(road.ways[way].turn)))
                    .collect();
                let (lane, way) = if choices.is_empty() {
                    (*lanes.first()?, None)
                } else {
                    let weights: Vec<_> = choices.iter().map(|c| c.2).collect();
                    let (lane, way, _) = choices[self.luck.pick(&weights)];
                    (lane, Some(way))
                };
                let luck = &mut self.luck;
                let route = Route::new(road, lane, |ways| match way {
                    Some(way) if ways.contains(&way) => way,
                    _ => ways[luck.pick(&vec![1.0; ways.len()])],
                });
                let limit = route.limit_at(0.0, 2.0);
                enter_driver(Arc::new(route), kind, limit, &mut self.luck, bodies)
            }
            Entry::Crosswalk(walk) => {
                let back = self.luck.chance(0.5);
                let pace = self.speed_mps.unwrap_or_else(|| self.luck.between(1.0, 1.6));
                let half = 0.5 * road.walks[*walk].width_m - 0.4;
                let right = self.luck.between(0.0, half.max(0.0));
                Walker::new(*walk, &road.walks[*walk], back, pace, right).map(Mind::Walker)
            }
            Entry::Path(line) => {
                let speed = self.speed_mps.unwrap_or(if kind.walks() { 1.3 } else { 5.0 });
                let speed = speed * self.luck.between(0.85, 1.15);
                enter_driver(Arc::new(Route::along(line.clone(), speed)), kind, speed, &mut self.luck, bodies)
            }
        }
    }
}

/// A driver at the start of a route, when there is room for it.
fn enter_driver(route: Arc<Route>, kind: Kind, limit: f64, luck: &mut Luck, bodies: &[Body]) -> Option<Mind> {
    let mut style = Style::of(kind);
    let share = luck.between(0.88, 1.05);
    style.speed_share = if kind.walks() { 1.0 } else { share };
    if kind.walks() {
        (style.standing_m, style.headway_s) = (0.6, 0.3);
    }
    let size = kind.size();
    let wanted = (limit * style.speed_share).min(style.top_mps);
    let mut room = f64::INFINITY;
    let mut ahead_mps = wanted;
    for body in bodies {
        let beside = route.line.beside(body.place(), 0.0, 80.0);
        let rear = beside.along_m - body.radius();
        if beside.left_m.abs() < 0.5 * (size.width_m + body.size.width_m) + 0.3 && beside.along_m > -30.0 && rear < room
        {
            room = rear;
            ahead_mps = body.velocity.norm();
        }
    }
    let front_m = size.length_m.min(2.0);
    let gap = room - front_m - style.standing_m - 1.0;
    if gap < 0.0 {
        return None;
    }
    // So slow that braking at 2 m/s² keeps the gap.
    let speed = wanted.min((ahead_mps.powi(2) + 2.0 * 2.0 * gap).sqrt().min(gap / style.headway_s + 0.3 * ahead_mps));
    Some(Mind::Driver(Driver::new(route, style, size, front_m, speed)))
}
