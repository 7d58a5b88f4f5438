//! Emergency vehicles: everybody ahead draws aside and slows down, and the emergency vehicle drives through the corridor
//! between the leftmost lane and the next one.

use super::network::{EdgeId, LaneId, NONE};
use super::style::Class;
use super::traffic::{SHADOW, Traffic};

/// Vehicles so far ahead make way, metres.
pub const SIREN_M: f64 = 80.0;
/// How long one makes way after the emergency vehicle was last near, seconds.
const MAKE_WAY_S: f64 = 2.0;
/// Sideways speed of who draws aside, m/s.
const ASIDE_MPS: f64 = 0.8;
/// Sideways speed of the emergency vehicle, m/s.
const SIREN_ASIDE_MPS: f64 = 1.0;
/// Traffic ahead that is slower than this is a jam to an emergency vehicle, m/s.
const JAM_MPS: f64 = 8.0;
/// So near ahead, metres.
const JAM_M: f64 = 40.0;

/// How far to the left of its lane's middle a vehicle stands that makes way: at the outer edge of its lane, and half a metre
/// beyond it, on the hard strip or the kerb's edge.
#[must_use]
pub fn aside(lane_width: f64, width: f64, to_the_left: bool) -> f64 {
    let room = (0.5 * (lane_width - width) + 0.5).max(0.0);
    if to_the_left { room } else { -room }
}

impl Traffic {
    /// Those ahead of an emergency vehicle make way: they leave its lane, or draw aside within theirs.
    pub(super) fn hear_sirens(&mut self) {
        for i in 0..self.sirens.len() {
            let siren = self.sirens[i] as usize;
            let (lane, pos) = (self.vehicles[siren].lane, self.vehicles[siren].pos);
            if lane == NONE || self.network.lanes[lane as usize].is_inner() {
                continue;
            }
            let edge = self.network.lanes[lane as usize].edge;
            for beside in self.network.lanes_of(edge) {
                for k in 0..self.rows[beside as usize].len() {
                    let entry = self.rows[beside as usize][k];
                    let other = &self.vehicles[(entry & !SHADOW) as usize];
                    let near = (-other.length - 10.0..SIREN_M).contains(&(other.pos - pos));
                    if entry & SHADOW == 0 && near && self.style(other).class != Class::Emergency {
                        self.draw_aside(entry as usize, beside);
                    }
                }
            }
            self.take_the_corridor(siren, edge);
        }
    }

    /// Into the corridor's side of one's own lane: leftmost lane to the left, the others to the right (StVO § 11).
    fn draw_aside(&mut self, slot: usize, lane: LaneId) {
        let (road, style) = (&self.network.lanes[lane as usize], self.style(&self.vehicles[slot]));
        let count = self.network.edges[road.edge as usize].count;
        let leftmost = count > 1 && road.index + 1 == count;
        let goal = aside(road.width, style.size.width_m, leftmost);
        let step = ASIDE_MPS * self.settings.dt;
        let v = &mut self.vehicles[slot];
        if v.slid >= 1.0 {
            v.left += (goal - v.left).clamp(-step, step);
            v.change_from = v.left;
            v.changed = v.changed.max(0.0);
        }
        v.makes_way = MAKE_WAY_S;
    }

    /// The emergency vehicle drives between the leftmost lane and the next one.
    fn take_the_corridor(&mut self, slot: usize, edge: EdgeId) {
        let edge = &self.network.edges[edge as usize];
        let (first, count) = (edge.first, edge.count);
        if count < 2 {
            return;
        }
        let lane = self.vehicles[slot].lane;
        let index = lane - first;
        let half = 0.5 * self.network.lanes[lane as usize].width;
        let jammed = self.rows[lane as usize][..self.vehicles[slot].rank as usize].last().is_some_and(|&e| {
            let ahead = &self.vehicles[(e & !SHADOW) as usize];
            ahead.speed < JAM_MPS && ahead.rear() - self.vehicles[slot].pos < JAM_M
        });
        let goal = match index + 2 {
            _ if !jammed => 0.0,
            i if i == count + 1 => -half,
            i if i == count => half,
            _ => 0.0,
        };
        let step = SIREN_ASIDE_MPS * self.settings.dt;
        let v = &mut self.vehicles[slot];
        if v.slid >= 1.0 {
            v.left += (goal - v.left).clamp(-step, step);
            v.change_from = v.left;
            v.makes_way = MAKE_WAY_S;
        }
    }
}
