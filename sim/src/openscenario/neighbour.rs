//! Who is near: on the lanes ahead and around, found with an index, so that a thousand drivers that look cost little.

use std::collections::BTreeMap;

use super::actor::Actor;
use super::place::Place;
use super::reader::EntityId;
use super::word::SMALL;
use crate::opendrive::{Choice, LanePosition, Network, RoadIndex};

/// Side of a cell, metres.
const CELL_M: f64 = 25.0;
/// A body that reaches farther than this over the marking counts on that lane, too, metres (UN R157, 5.2.5: intrusion of a
/// cut-in by more than 0.30 m).
pub const INTRUSION_M: f64 = 0.30;
/// Lane sections and roads looked through ahead at most.
const PIECES: usize = 64;

/// Somebody on a lane.
#[derive(Copy, Clone, Debug, PartialEq)]
struct Spot {
    s: f64,
    id: EntityId,
    /// Its origin is on this lane; else it only reaches over the marking.
    main: bool,
}

/// Somebody ahead.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Ahead {
    /// Who.
    pub id: EntityId,
    /// Metres from origin to origin along the reference lines.
    pub ds: f64,
    /// Its origin is on the lane; else it only reaches over the marking.
    pub main: bool,
}

/// Where everybody is at one moment.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    lanes: BTreeMap<(RoadIndex, i32), Vec<Spot>>,
    cells: BTreeMap<(i64, i64), Vec<EntityId>>,
}

impl Neighbours {
    /// The index of everybody who is there.
    #[must_use]
    pub fn of(net: &Network, actors: &[Actor]) -> Self {
        let mut index = Self::default();
        for (id, actor) in actors.iter().enumerate().filter(|(_, a)| a.active) {
            let pose = actor.place.pose;
            index.cells.entry(cell(pose.x, pose.y)).or_default().push(id);
            let Some(at) = actor.place.lane else { continue };
            index.lanes.entry((at.road, at.lane)).or_default().push(Spot { s: at.s, id, main: true });
            if let Some(lane) = reaches_over(net, actor, at) {
                index.lanes.entry((at.road, lane)).or_default().push(Spot { s: at.s, id, main: false });
            }
        }
        for spots in index.lanes.values_mut() {
            spots.sort_by(|a, b| a.s.total_cmp(&b.s).then(a.id.cmp(&b.id)));
        }
        index
    }

    /// Everybody on the lanes ahead of a place, nearest first, up to `reach` metres; `way` says how junctions are passed.
    #[must_use]
    pub fn ahead(&self, net: &Network, from: &Place, way: &Choice<'_>, reach: f64) -> Vec<Ahead> {
        let mut found = Vec::new();
        let (Some(mut at), mut forward) = (from.lane, from.forward()) else { return found };
        let mut driven = 0.0;
        for _ in 0..PIECES {
            let Some(road) = net.road(at.road) else { break };
            // Where two sections meet belongs to the later one: going against `s` the earlier one is meant.
            let section = road.section(if forward { at.s } else { at.s - SMALL });
            let end = if forward { section.end } else { section.s };
            let rest = (end - at.s).abs();
            self.on_lane(at, forward, end, driven, reach, &mut found);
            driven += rest;
            if driven >= reach {
                break;
            }
            let step = rest + 2.0 * SMALL;
            let next = net.advance(at, if forward { step } else { -step }, way);
            if next.halt.is_some() {
                break;
            }
            forward ^= next.reversed;
            at = next.at;
        }
        found
    }

    fn on_lane(&self, at: LanePosition, forward: bool, end: f64, driven: f64, reach: f64, found: &mut Vec<Ahead>) {
        let Some(spots) = self.lanes.get(&(at.road, at.lane)) else { return };
        let mut put = |spot: &Spot| {
            let ds = driven + (spot.s - at.s).abs();
            if ds <= reach {
                found.push(Ahead { id: spot.id, ds, main: spot.main });
            }
        };
        let first = spots.partition_point(|spot| spot.s < at.s.min(end));
        let last = spots.partition_point(|spot| spot.s <= at.s.max(end));
        let range = &spots[first.min(last)..last];
        if forward {
            range.iter().for_each(&mut put);
        } else {
            range.iter().rev().for_each(&mut put);
        }
    }

    /// Everybody whose origin is in the cells within `radius` metres of a point, by number.
    #[must_use]
    pub fn around(&self, x: f64, y: f64, radius: f64) -> Vec<EntityId> {
        let ((x0, y0), (x1, y1)) = (cell(x - radius, y - radius), cell(x + radius, y + radius));
        let mut found: Vec<_> = (x0..=x1)
            .flat_map(|i| self.cells.range((i, y0)..=(i, y1)))
            .flat_map(|(_, ids)| ids.iter().copied())
            .collect();
        found.sort_unstable();
        found
    }
}

fn cell(x: f64, y: f64) -> (i64, i64) {
    ((x / CELL_M).floor() as i64, (y / CELL_M).floor() as i64)
}

/// The lane beside its own into which somebody reaches.
fn reaches_over(net: &Network, actor: &Actor, at: LanePosition) -> Option<i32> {
    let half = 0.5 * actor.entity.object.bounds.size[1];
    let width = net.lane_width(at.road, at.lane, at.s)?;
    if at.offset.abs() + half < 0.5 * width + INTRUSION_M {
        return None;
    }
    Some(super::world::beside(at.lane, if at.offset > 0.0 { 1 } else { -1 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openscenario::entity::Entity;

    /// A straight road of 200 m with two lane sections and one lane to the right.
    fn road() -> Network {
        let section = |s: f64| {
            format!(
                "<laneSection s='{s}'><center><lane id='0'/></center><right><lane id='-1' type='driving'><link>\
                 <predecessor id='-1'/><successor id='-1'/></link><width sOffset='0' a='3.5' b='0' c='0' d='0'/>\
                 </lane></right></laneSection>"
            )
        };
        let text = format!(
            "<OpenDRIVE><header revMajor='1' revMinor='6'/><road id='1' length='200' junction='-1'><planView>\
             <geometry s='0' x='0' y='0' hdg='0' length='200'><line/></geometry></planView><lanes>{}{}</lanes>\
             </road></OpenDRIVE>",
            section(0.0),
            section(50.0)
        );
        Network::parse(&text, "road").unwrap()
    }

    fn on(net: &Network, s: f64, offset: f64) -> Actor {
        let mut actor = Actor::new(&Entity::generic("a", "car"));
        actor.place = Place::on_lane(net, LanePosition { road: 0, lane: -1, s, offset }, 0.0).unwrap();
        actor
    }

    #[test]
    fn those_ahead_are_found_nearest_first_also_in_the_next_section() {
        let net = road();
        let actors = [on(&net, 90.0, 0.0), on(&net, 40.0, 0.0), on(&net, 10.0, 0.0), on(&net, 150.0, 0.0)];
        let near = Neighbours::of(&net, &actors);
        let from = on(&net, 20.0, 0.0).place;
        let found = near.ahead(&net, &from, &Choice::Straightest, 100.0);
        assert_eq!(found.iter().map(|f| f.id).collect::<Vec<_>>(), [1, 0]);
        assert!((found[0].ds - 20.0).abs() < 1e-9 && (found[1].ds - 70.0).abs() < 1e-4, "{found:?}");
        assert_eq!(near.around(90.0, -1.75, 1.0), [0]);
    }
}
