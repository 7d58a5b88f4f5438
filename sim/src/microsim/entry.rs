//! How vehicles come onto the road: on which lane, how fast, and only where nobody has to brake hard for them.

use super::demand::{DepartLane, DepartSpeed, Departure};
use super::following::safe_speed;
use super::network::{LaneId, NONE};
use super::plan::Plan;
use super::style::{Class, Style};
use super::traffic::{SHADOW, Traffic, VEHICLES};
use super::vehicle::Vehicle;

impl Traffic {
    /// Lets waiting vehicles in where there is room.
    pub(super) fn enter(&mut self) {
        let now = self.time();
        let mut demand = std::mem::take(&mut self.demand);
        demand.gather(now, |route| self.routes[route as usize].edges[0]);
        for (_, queue) in demand.entries() {
            while let Some(departure) = queue.front() {
                if self.vehicles.len() - self.unused.len() >= VEHICLES || !self.let_in(departure) {
                    break;
                }
                queue.pop_front();
            }
        }
        self.demand = demand;
    }

    fn let_in(&mut self, departure: &Departure) -> bool {
        let style = &self.styles[departure.style as usize];
        let Some(lane) = self.entry_lane(departure, style) else { return false };
        let road = &self.network.lanes[lane as usize];
        let place = |p: f64| if p < 0.0 { road.length + p } else { p };
        let pos = departure.pos.map_or(style.size.length_m, place).clamp(0.1, road.length);
        let factor = (style.speed_factor[0] + style.speed_factor[1] * self.normal(self.next_id)).clamp(0.2, 2.0);
        let limit = (road.speed * factor).min(style.max_speed_mps);
        let Some(safe) = self.entry_speed(lane, pos, style) else { return false };
        let speed = match departure.speed {
            DepartSpeed::Max => limit.min(safe),
            DepartSpeed::Mps(speed) if speed <= safe => speed.min(style.max_speed_mps),
            DepartSpeed::Mps(_) => return false,
        };
        let mut vehicle = Vehicle::new(self.next_id, departure, lane, style.size.length_m);
        (vehicle.pos, vehicle.speed, vehicle.factor, vehicle.entered) = (pos, speed, factor, self.time());
        self.place(lane, vehicle);
        true
    }

    fn entry_lane(&self, departure: &Departure, style: &Style) -> Option<LaneId> {
        let route = &self.routes[departure.route as usize];
        let edge = &self.network.edges[route.edges[0] as usize];
        let open = |lane: LaneId| self.network.lanes[lane as usize].open_to.has(style.class);
        let room = |lane: LaneId| {
            self.rows[lane as usize].last().map_or(f64::MAX, |&e| self.vehicles[(e & !SHADOW) as usize].rear())
        };
        let emptiest = |mask: u32| {
            let lanes = (0..edge.count).filter(|i| mask & (1 << i.min(&31)) != 0).map(|i| edge.first + i);
            lanes.filter(|&l| open(l)).max_by(|&a, &b| room(a).total_cmp(&room(b)).then(b.cmp(&a)))
        };
        let nth = |index: u32| Some(edge.first + index.min(edge.count - 1));
        match departure.lane {
            DepartLane::Index(index) => nth(index),
            DepartLane::Random => nth((self.chance(self.next_id, 1) * f64::from(edge.count)) as u32),
            DepartLane::Best => emptiest(route.wish[0]).or_else(|| emptiest(u32::MAX)),
            DepartLane::Free => emptiest(u32::MAX),
        }
    }

    /// Speed that is safe at `pos`; none when there is no room, or when somebody behind would have to brake hard.
    fn entry_speed(&self, lane: LaneId, pos: f64, style: &Style) -> Option<f64> {
        let row = &self.rows[lane as usize];
        let at = row.partition_point(|&e| self.vehicles[(e & !SHADOW) as usize].pos > pos);
        if let Some(&behind) = row.get(at) {
            let other = &self.vehicles[(behind & !SHADOW) as usize];
            let gap = pos - style.size.length_m - other.pos;
            let brakes = self.style(other);
            if gap < brakes.min_gap_m || safe_speed(gap, 0.0, brakes.decel, brakes.headway_s) < other.speed {
                return None;
            }
        } else if self.arrives_before(lane, pos - style.size.length_m) {
            return None;
        }
        let ahead = at.checked_sub(1).and_then(|i| row.get(i)).map(|&e| &self.vehicles[(e & !SHADOW) as usize]);
        let length = self.network.lanes[lane as usize].length;
        let ahead = ahead.map(|other| (other.rear(), other.speed));
        let Some((rear, speed)) = ahead.or_else(|| self.beyond(lane).map(|(rear, speed)| (length + rear, speed)))
        else {
            return Some(f64::MAX);
        };
        let gap = rear - pos - style.min_gap_m;
        (gap >= 0.0).then(|| safe_speed(gap, speed, style.decel, style.headway_s.max(self.settings.dt)))
    }

    /// Somebody comes out of a junction onto the lane who could not stop before `pos`.
    fn arrives_before(&self, lane: LaneId, pos: f64) -> bool {
        self.network.lanes[lane as usize].arrivals.iter().any(|&id| {
            let link = &self.network.links[id as usize];
            let mut behind = pos;
            let [first, second] = link.inner;
            for lane in [second, first, link.from].into_iter().filter(|&l| l != NONE) {
                behind += if lane == link.from { 0.0 } else { self.network.lanes[lane as usize].length };
                let Some(&entry) = self.rows[lane as usize].first() else { continue };
                let v = &self.vehicles[(entry & !SHADOW) as usize];
                let before = if lane == link.from { self.network.lanes[lane as usize].length - v.pos } else { -v.pos };
                let style = self.style(v);
                let safe = safe_speed(behind + before - style.min_gap_m, 0.0, style.decel, style.headway_s);
                return v.link == id && v.speed > safe;
            }
            false
        })
    }

    fn place(&mut self, lane: LaneId, vehicle: Vehicle) {
        self.next_id += 1;
        self.counts.entered += 1;
        let slot = self.unused.pop().unwrap_or_else(|| {
            self.vehicles.push(vehicle.clone());
            self.plans.push(Plan::default());
            (self.vehicles.len() - 1) as u32
        });
        let pos = vehicle.pos;
        if self.styles[vehicle.style as usize].class == Class::Emergency {
            self.sirens.push(slot);
        }
        self.vehicles[slot as usize] = vehicle;
        let row = &mut self.rows[lane as usize];
        let at = row.partition_point(|&e| self.vehicles[(e & !SHADOW) as usize].pos > pos);
        row.insert(at, slot);
        self.number(lane);
        self.vehicles[slot as usize].link = self.next_link(slot as usize);
    }
}
