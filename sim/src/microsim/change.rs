//! Lane changes: for the route when it must be, else for one's own gain weighed against the others' loss (MOBIL, Kesting,
//! Treiber, Helbing 2007).

use super::following::acceleration;
use super::network::{LaneId, NONE};
use super::style::Style;
use super::traffic::{SHADOW, Traffic};
use super::vehicle::{Held, Vehicle};

/// No lane change sooner after the last one, seconds.
const REST_S: f64 = 3.0;
/// Hardest braking that a change may ask of the one behind, m/s².
const SAFE_DECEL: f64 = 3.0;
/// The same when the lane ends soon.
const URGENT_DECEL: f64 = 6.0;
/// From here on the lane that the route needs counts more than speed, metres for every lane to cross.
const MUST_WITHIN_M: f64 = 180.0;
/// How long somebody is let in before the next look, seconds.
const COURTESY_S: f64 = 1.5;
/// Gain that the lane counts which also suits the edge after the next, m/s².
const FARSIGHT: f64 = 0.3;
/// A lane change takes at least so many metres of road.
const SLIDE_M: f64 = 10.0;
/// Sideways speed of who goes back to the middle of the lane, m/s.
const BACK_MPS: f64 = 0.8;

/// Who is where in the lane beside.
struct Beside {
    rank: usize,
    ahead: Option<u32>,
    behind: Option<u32>,
}

impl Traffic {
    /// Lane changes of those whose turn it is to look, one after the other.
    pub(super) fn change_lanes(&mut self) {
        let turns = ((self.settings.look_s / self.settings.dt).round() as u64).max(1);
        let step = self.step_number();
        self.hear_sirens();
        for slot in 0..self.vehicles.len() {
            let v = &self.vehicles[slot];
            if !v.here {
                continue;
            }
            if v.slid < 1.0 || (v.left != 0.0 && v.makes_way <= 0.0) {
                self.drift(slot);
            }
            let v = &self.vehicles[slot];
            if (step + slot as u64).is_multiple_of(turns)
                && v.changed > 1.0
                && !self.network.lanes[v.lane as usize].is_inner()
            {
                self.look_beside(slot);
            }
        }
    }

    /// Slides over to the middle of the lane.
    fn drift(&mut self, slot: usize) {
        let (whole, step) = (self.settings.change_s, BACK_MPS * self.settings.dt);
        let v = &mut self.vehicles[slot];
        if v.slid >= 1.0 {
            v.left -= v.left.clamp(-step, step);
            return;
        }
        // A wheel must roll to go sideways.
        let rolled = v.speed * self.settings.dt / SLIDE_M;
        v.slid = (v.slid + (self.settings.dt / whole).min(rolled)).min(1.0);
        v.left = v.change_from * (1.0 - v.slid * v.slid * (3.0 - 2.0 * v.slid));
        if v.slid >= 0.7 {
            self.drop_shadow(slot as u32);
        }
        if self.vehicles[slot].slid >= 1.0 {
            self.vehicles[slot].left = 0.0;
        }
    }

    fn look_beside(&mut self, slot: usize) {
        let v = &self.vehicles[slot];
        let lane = &self.network.lanes[v.lane as usize];
        let edge = &self.network.edges[lane.edge as usize];
        if edge.count < 2 || v.is_changing() || v.rear() < 0.5 {
            return;
        }
        let slides = if self.settings.change_s > 0.0 { (self.settings.change_s * v.speed).max(SLIDE_M) } else { 0.0 };
        if lane.length - v.pos < slides {
            return;
        }
        let (index, count) = (lane.index, edge.count);
        let route = &self.routes[v.route as usize];
        let (must, wish) = (route.must[v.leg as usize], route.wish[v.leg as usize]);
        let last = v.leg as usize + 1 == route.edges.len();
        if !last && must & (1 << index.min(31)) == 0 {
            self.change_for_the_route(slot, must, count);
            return;
        }
        if v.changed < REST_S {
            return;
        }
        let to_go = lane.length - v.pos;
        let mut best: Option<(f64, LaneId)> = None;
        for side in [-1i64, 1] {
            let Some(to) = i64::from(index).checked_add(side).filter(|&i| i >= 0 && i < i64::from(count)) else {
                continue;
            };
            let bit = 1u32 << to.min(31);
            let fits = last || must & bit != 0 || to_go > 2.0 * MUST_WITHIN_M;
            if !fits {
                continue;
            }
            let target = edge.first + to as u32;
            let near = to_go < 2.0 * MUST_WITHIN_M && !last;
            let suits = |bit: u32| if near && wish & bit != 0 { FARSIGHT } else { 0.0 };
            let bias = suits(bit) - suits(1 << index.min(31));
            if let Some(gain) = self.gain(slot, target, bias)
                && best.is_none_or(|(other, _)| gain > other)
            {
                best = Some((gain, target));
            }
        }
        if let Some((_, target)) = best {
            self.change(slot, target);
        }
    }

    /// The nearest lane that leads along the route.
    fn change_for_the_route(&mut self, slot: usize, must: u32, count: u32) {
        let v = &self.vehicles[slot];
        let lane = &self.network.lanes[v.lane as usize];
        let Some(goal) = (0..count).filter(|i| must & (1 << i.min(&31)) != 0).min_by_key(|i| i.abs_diff(lane.index))
        else {
            return;
        };
        let lanes = goal.abs_diff(lane.index);
        let target = if goal > lane.index { v.lane + 1 } else { v.lane - 1 };
        let to_go = lane.length - v.pos;
        let urgency = (1.0 - to_go / (MUST_WITHIN_M * f64::from(lanes))).clamp(0.0, 1.0);
        if urgency <= 0.0 && v.changed < REST_S {
            return;
        }
        let beside = self.beside(slot, target);
        let allowed = SAFE_DECEL + (URGENT_DECEL - SAFE_DECEL) * urgency;
        if self.fits(slot, target, &beside, allowed, 1.0 - 0.6 * urgency) {
            self.change(slot, target);
        } else if urgency > 0.0 {
            if let Some(host) = beside.behind {
                self.vehicles[host as usize].lets_in = (slot as u32, COURTESY_S);
            }
            if let Some(ahead) = beside.ahead {
                self.vehicles[slot].falls_behind = (ahead, COURTESY_S);
            }
        }
    }

    fn beside(&self, slot: usize, target: LaneId) -> Beside {
        let row = &self.rows[target as usize];
        let pos = self.vehicles[slot].pos;
        let rank = row.partition_point(|&e| self.vehicles[(e & !SHADOW) as usize].pos > pos);
        let at = |i: usize| row.get(i).map(|&e| e & !SHADOW);
        Beside { rank, ahead: rank.checked_sub(1).and_then(at), behind: at(rank) }
    }

    /// There is room beside, nobody behind must brake harder than `decel`, and oneself neither; gaps may shrink to `share`.
    fn fits(&self, slot: usize, target: LaneId, beside: &Beside, decel: f64, share: f64) -> bool {
        let v = &self.vehicles[slot];
        let style = self.style(v);
        let lane = &self.network.lanes[target as usize];
        if !lane.open_to.has(style.class) || self.comes_from_behind(v, target, beside) {
            return false;
        }
        if let Some(ahead) = beside.ahead.map(|i| &self.vehicles[i as usize]) {
            let gap = ahead.rear() - v.pos;
            if gap < share * style.min_gap_m || self.accel_of(v, style, target, Some(ahead), gap) < -decel {
                return false;
            }
        } else if let Some((rear, speed)) = self.beyond(target) {
            let gap = lane.length - v.pos + rear;
            if gap < share * style.min_gap_m || acceleration(style, v.speed, lane.speed, Some((gap, speed))) < -decel {
                return false;
            }
        }
        if let Some(behind) = beside.behind.map(|i| &self.vehicles[i as usize]) {
            let theirs = self.style(behind);
            let gap = v.rear() - behind.pos;
            if gap < share * theirs.min_gap_m || self.accel_of(behind, theirs, target, Some(v), gap) < -decel {
                return false;
            }
        }
        true
    }

    /// Somebody is about to come out of the junction behind into the lane.
    fn comes_from_behind(&self, v: &Vehicle, target: LaneId, beside: &Beside) -> bool {
        if beside.behind.is_some() || v.rear() > 25.0 {
            return false;
        }
        self.network.lanes[target as usize].arrivals.iter().any(|&link| {
            let way = &self.network.links[link as usize];
            way.inner.iter().filter(|&&l| l != NONE).any(|&l| {
                let first = self.rows[l as usize].first().map(|&e| &self.vehicles[(e & !SHADOW) as usize]);
                let start = self.network.lanes[l as usize].link_start;
                first.is_some_and(|f| v.rear() + way.length - start - f.pos < 2.0 + f.speed)
            })
        })
    }

    fn accel_of(&self, v: &Vehicle, style: &Style, lane: LaneId, ahead: Option<&Vehicle>, gap: f64) -> f64 {
        let wanted = (self.network.lanes[lane as usize].speed * v.factor).min(style.max_speed_mps);
        acceleration(style, v.speed, wanted, ahead.map(|other| (gap, other.speed)))
    }

    /// What a change is worth (MOBIL, eq. 4), m/s²; none when it is not safe or not worth it.
    fn gain(&self, slot: usize, target: LaneId, bias: f64) -> Option<f64> {
        let v = &self.vehicles[slot];
        let style = self.style(v);
        let at = |i: u32| &self.vehicles[i as usize];
        let row = &self.rows[v.lane as usize];
        let in_row = |i: usize| row.get(i).map(|&e| e & !SHADOW);
        let rank = v.rank as usize;
        let (ahead, behind) = (rank.checked_sub(1).and_then(in_row), in_row(rank + 1));
        let pull = |who: &Vehicle, lane: LaneId, ahead: Option<u32>| {
            let gap = ahead.map_or(0.0, |i| at(i).rear() - who.pos);
            self.accel_of(who, self.style(who), lane, ahead.map(at), gap)
        };
        let own_now = pull(v, v.lane, ahead);
        // Nobody ahead and nothing to gain beside: the usual case, and a cheap one.
        if ahead.is_none() && bias <= style.change_gain {
            return None;
        }
        let beside = self.beside(slot, target);
        if !self.fits(slot, target, &beside, SAFE_DECEL, 1.0) {
            return None;
        }
        let own = pull(v, target, beside.ahead) - own_now;
        let follower = |who: Option<u32>, lane: LaneId, before: Option<u32>, after: Option<u32>| {
            who.map_or(0.0, |i| pull(at(i), lane, after) - pull(at(i), lane, before))
        };
        let me = Some(slot as u32);
        let others = follower(beside.behind, target, beside.ahead, me) + follower(behind, v.lane, me, ahead);
        let gain = own + style.politeness * others + bias;
        (gain > style.change_gain).then_some(gain)
    }

    /// Moves a vehicle to the lane beside.
    pub(super) fn change(&mut self, slot: usize, target: LaneId) {
        let (from, rank) = (self.vehicles[slot].lane, self.vehicles[slot].rank as usize);
        let width = 0.5 * (self.network.lanes[from as usize].width + self.network.lanes[target as usize].width);
        let at = self.beside(slot, target).rank;
        if self.settings.change_s > 0.0 {
            self.rows[from as usize][rank] = slot as u32 | SHADOW;
            self.vehicles[slot].shadow = from;
            self.vehicles[slot].shadow_rank = rank as u32;
            self.vehicles[slot].left = if target > from { -width } else { width };
        } else {
            self.rows[from as usize].remove(rank);
            self.vehicles[slot].left = 0.0;
        }
        self.rows[target as usize].insert(at, slot as u32);
        let v = &mut self.vehicles[slot];
        (v.lane, v.changed, v.held) = (target, 0.0, Held::No);
        v.change_from = v.left;
        v.slid = if v.shadow == NONE { 1.0 } else { 0.0 };
        self.number(from);
        self.number(target);
        self.vehicles[slot].link = self.next_link(slot);
        self.count_change();
    }
}
