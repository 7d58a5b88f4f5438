//! Which signal group rules which lane: from the file's signals and controllers.

use std::collections::BTreeMap;

use nalgebra::Vector2;
use roxmltree::Node;

use super::export::GROUP;
use super::road::{Road, Signal, children};

/// Signals of a controller change together: they are one signal group. A signal without controller is a group of its own.
pub struct Groups {
    by_signal: BTreeMap<String, u8>,
    signals: BTreeMap<String, Signal>,
}

/// A light for people on foot (ASAM OpenDRIVE signal catalogue: 1000002).
const PEOPLE: &str = "1000002";

impl Groups {
    /// Numbers the groups 1, 2, … in the order of the file, unless it says their numbers ([`GROUP`]).
    pub fn new(root: Node, roads: &BTreeMap<String, Road>) -> Self {
        let (mut controller, mut told) = (BTreeMap::new(), BTreeMap::new());
        for node in children(root, "controller") {
            let named = children(node, "userData").find(|data| data.attribute("code") == Some(GROUP));
            let number = named.and_then(|data| data.attribute("value")?.parse::<u8>().ok());
            if let (Some(number), Some(id)) = (number, node.attribute("id")) {
                told.insert(id.to_owned(), number);
            }
            for control in children(node, "control") {
                if let (Some(signal), Some(id)) = (control.attribute("signalId"), node.attribute("id")) {
                    controller.insert(signal.to_owned(), id.to_owned());
                }
            }
        }
        let lamps = roads.values().flat_map(|road| &road.signals).filter(|signal| signal.dynamic);
        let signals: BTreeMap<String, Signal> = lamps.map(|signal| (signal.id.clone(), signal.clone())).collect();
        let mut numbers: BTreeMap<String, u8> = BTreeMap::new();
        let mut by_signal = BTreeMap::new();
        for id in signals.keys() {
            let key = controller.get(id).map_or_else(|| format!("signal {id}"), |c| format!("controller {c}"));
            let next = u8::try_from(numbers.len() + 1).unwrap_or(u8::MAX);
            // Our own files say which number a controller has.
            if let Some(number) = controller.get(id).and_then(|c: &String| told.get(c)) {
                by_signal.insert(id.clone(), *number);
                continue;
            }
            by_signal.insert(id.clone(), *numbers.entry(key).or_insert(next));
        }
        Self { by_signal, signals }
    }

    /// The group that rules the way from a lane of the incoming road over a lane of the connecting road.
    pub fn vehicles(&self, incoming: &Road, from: i32, over: &Road, first: i32) -> Option<u8> {
        self.on(over, first).or_else(|| self.on(incoming, from))
    }

    fn on(&self, road: &Road, lane: i32) -> Option<u8> {
        let along = (lane < 0) != road.left_hand;
        road.signals.iter().find_map(|there| {
            let lamp = self.signals.get(&there.id)?;
            let facing = match there.orientation {
                '+' => along,
                '-' => !along,
                _ => true,
            };
            let valid = there.lanes.is_empty() || there.lanes.iter().any(|(a, b)| (*a..=*b).contains(&lane));
            (facing && valid && lamp.kind != PEOPLE).then(|| self.by_signal[&there.id])
        })
    }

    /// The group of the lights for people nearest to a crosswalk of a road.
    pub fn people(&self, road: &Road, middle: Vector2<f64>) -> Option<u8> {
        let lamps = road.signals.iter().filter(|s| self.signals.get(&s.id).is_some_and(|lamp| lamp.kind == PEOPLE));
        let far = |s: &Signal| road.pose(s.s).map_or(f64::INFINITY, |pose| (pose.at - middle).norm());
        let nearest = lamps.min_by(|a, b| far(a).total_cmp(&far(b)))?;
        (far(nearest) < 30.0).then(|| self.by_signal[&nearest.id])
    }
}
