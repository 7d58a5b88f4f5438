//! How everybody moves on: along the lane, over its end into the next one, off the road, or another way than was planned.

use super::network::{LaneId, NONE};
use super::route::{Route, quickest};
use super::traffic::{SHADOW, STANDS_MPS, Traffic};
use super::vehicle::{Held, Vehicle};

impl Traffic {
    /// Moves everybody, over the ends of their lanes too.
    pub(super) fn travel(&mut self) {
        let dt = self.settings.dt;
        for lane in 0..self.rows.len() {
            let mut i = 0;
            while i < self.rows[lane].len() {
                let entry = self.rows[lane][i];
                if entry & SHADOW != 0 || self.plans[entry as usize].done == self.step + 1 {
                    i += 1;
                    continue;
                }
                let slot = entry as usize;
                self.advance(slot, dt);
                let v = &self.vehicles[slot];
                if v.held == Held::NoWay && v.waited > self.settings.turn_elsewhere_after_s {
                    self.turn_elsewhere(slot);
                }
                if self.vehicles[slot].pos > self.network.lanes[lane].length {
                    self.rows[lane].remove(i);
                    self.pass_on(slot as u32);
                } else {
                    i += 1;
                }
            }
        }
    }

    fn advance(&mut self, slot: usize, dt: f64) {
        let plan = &mut self.plans[slot];
        plan.done = self.step + 1;
        let v = &mut self.vehicles[slot];
        v.accel = (plan.speed - v.speed) / dt;
        v.speed = plan.speed;
        v.held = plan.held;
        v.pos += v.speed * dt;
        v.driven += v.speed * dt;
        v.waited = if v.speed < STANDS_MPS { v.waited + dt } else { 0.0 };
        v.changed += dt;
        v.lets_in.1 -= dt;
        v.falls_behind.1 -= dt;
        v.makes_way -= dt;
        self.counts.updates += 1;
    }

    /// Brings a vehicle that left its lane onto the one where its front is now, or off the road.
    fn pass_on(&mut self, slot: u32) {
        self.drop_shadow(slot);
        loop {
            let v = &self.vehicles[slot as usize];
            let over = v.pos - self.network.lanes[v.lane as usize].length;
            let Some(next) = self.lane_after(v) else {
                let last = v.leg as usize + 1 == self.routes[v.route as usize].edges.len();
                if !last {
                    // It could not stop before the end of a wrong lane: it stands there.
                    let (lane, length) = (v.lane, self.network.lanes[v.lane as usize].length);
                    let v = &mut self.vehicles[slot as usize];
                    (v.pos, v.speed) = (length, 0.0);
                    self.rows[lane as usize].insert(0, slot);
                    return;
                }
                self.counts.arrived += 1;
                self.remove(slot);
                return;
            };
            let inner = self.network.lanes[next as usize].is_inner();
            let v = &mut self.vehicles[slot as usize];
            (v.lane, v.pos, v.came_by) = (next, over, v.link);
            if !inner {
                v.leg += 1;
                v.changed = v.changed.min(1e9);
                self.vehicles[slot as usize].link = self.next_link(slot as usize);
            }
            if over <= self.network.lanes[next as usize].length {
                self.rows[next as usize].push(slot);
                return;
            }
        }
    }

    fn lane_after(&self, v: &Vehicle) -> Option<LaneId> {
        let link = self.network.links.get(v.link as usize)?;
        let [first, second] = link.inner;
        Some(match v.lane {
            lane if lane == first && second != NONE => second,
            lane if lane == first || lane == second => link.to,
            _ if first != NONE => first,
            _ => link.to,
        })
    }

    fn remove(&mut self, slot: u32) {
        self.vehicles[slot as usize].here = false;
        self.vehicles[slot as usize].lane = NONE;
        self.unused.push(slot);
        self.sirens.retain(|&s| s != slot);
    }

    /// Takes a vehicle out of the row of the lane that it was leaving.
    pub(super) fn drop_shadow(&mut self, slot: u32) {
        let shadow = std::mem::replace(&mut self.vehicles[slot as usize].shadow, NONE);
        if shadow != NONE {
            self.rows[shadow as usize].retain(|&e| e != slot | SHADOW);
            self.number(shadow);
        }
    }

    /// Whoever has stood at the end of a wrong lane for long enough goes where the lane leads, and comes back to its route.
    fn turn_elsewhere(&mut self, slot: usize) {
        let v = &self.vehicles[slot];
        let (route, leg, class) = (&self.routes[v.route as usize], v.leg as usize, self.style(v).class);
        let Some(&back_to) = route.edges.get(leg + 1) else { return };
        let ends = self.network.lanes[v.lane as usize].links.iter().map(|&l| self.network.links[l as usize].to);
        let open = ends.map(|to| &self.network.lanes[to as usize]).filter(|lane| lane.open_to.has(class));
        let detours = open.filter_map(|lane| quickest(&self.network, lane.edge, back_to, class).ok());
        let Some(detour) = detours.min_by_key(Vec::len) else { return };
        let edges = route.edges[leg..=leg].iter().chain(&detour).chain(&route.edges[leg + 2..]).copied().collect();
        if let Ok(route) = Route::new(&self.network, edges, class) {
            let route = self.add_route(route);
            let v = &mut self.vehicles[slot];
            (v.route, v.leg) = (route, 0);
            self.vehicles[slot].link = self.next_link(slot);
            self.counts.detours += 1;
        }
    }

    /// Rows by place, and everybody's rank in them.
    pub(super) fn order(&mut self) {
        if self.settings.remove_stuck {
            self.remove_stuck();
        }
        for lane in 0..self.rows.len() {
            if self.rows[lane].is_empty() {
                continue;
            }
            let (row, vehicles) = (&mut self.rows[lane], &self.vehicles);
            let pos = |e: u32| vehicles[(e & !SHADOW) as usize].pos;
            for i in 1..row.len() {
                let mut j = i;
                while j > 0 && pos(row[j - 1]) < pos(row[j]) {
                    row.swap(j - 1, j);
                    j -= 1;
                }
            }
            self.number(lane as LaneId);
        }
    }

    fn remove_stuck(&mut self) {
        for slot in 0..self.vehicles.len() {
            let v = &self.vehicles[slot];
            if v.here && v.waited > self.settings.stuck_after_s {
                self.drop_shadow(slot as u32);
                let lane = self.vehicles[slot].lane as usize;
                self.rows[lane].retain(|&e| e != slot as u32);
                self.counts.removed += 1;
                self.remove(slot as u32);
            }
        }
    }
}
