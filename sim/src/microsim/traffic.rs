//! The traffic itself: the rows of vehicles on their lanes, and one step after the other.

use std::collections::BTreeMap;

use super::collide::{Collision, Contacts};
use super::demand::{Demand, DepartLane, DepartSpeed, Departure, Flow};
use super::following::{Now, safe_speed};
use super::network::{LaneId, LinkId, NONE, Network};
use super::plan::Plan;
use super::priority::Approaches;
use super::route::{Route, quickest};
use super::signal::Shown;
use super::style::{Class, Style};
use super::vehicle::{Held, Name, Vehicle};

/// Vehicles on the road at once; departures wait above it.
pub const VEHICLES: usize = 200_000;
/// Marks a vehicle in the row of the lane that it is leaving.
pub const SHADOW: u32 = 1 << 31;
/// Stands when slower, m/s.
pub const STANDS_MPS: f64 = 0.1;

/// How the traffic runs.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Settings {
    /// Step, seconds.
    pub dt: f64,
    /// Everything random comes from it.
    pub seed: u64,
    /// Threads that choose speeds; they change no result.
    pub threads: usize,
    /// Duration of a lane change, seconds; 0: at once, as SUMO does unless told otherwise.
    pub change_s: f64,
    /// Drivers look for a better lane so often, seconds.
    pub look_s: f64,
    /// Who stands at the end of a wrong lane for so long takes another way, seconds; infinite: never.
    pub turn_elsewhere_after_s: f64,
    /// A vehicle that stands for so long is told as stuck, seconds.
    pub stuck_after_s: f64,
    /// Takes stuck vehicles off the road. Off: a jam that a fault made must stay visible.
    pub remove_stuck: bool,
    /// Looks for collisions in every step.
    pub collisions: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dt: 0.1,
            seed: 1,
            threads: 1,
            change_s: 0.0,
            look_s: 0.5,
            turn_elsewhere_after_s: 15.0,
            stuck_after_s: 300.0,
            remove_stuck: false,
            collisions: false,
        }
    }
}

/// What happened so far.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Vehicles that entered.
    pub entered: u64,
    /// Vehicles that arrived.
    pub arrived: u64,
    /// Lane changes.
    pub changes: u64,
    /// Vehicle updates: vehicles on the road, summed over the steps.
    pub updates: u64,
    /// Collisions that began.
    pub collisions: u64,
    /// Vehicles that missed their lane and took another way.
    pub detours: u64,
    /// Stuck vehicles taken off the road.
    pub removed: u64,
}

/// A vehicle that has stood for too long.
#[derive(Clone, Debug, PartialEq)]
pub struct Stuck {
    /// Name.
    pub vehicle: String,
    /// Lane.
    pub lane: String,
    /// Front on it, metres.
    pub pos: f64,
    /// For so long, seconds.
    pub waited_s: f64,
    /// Why.
    pub held: Held,
}

/// The traffic.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// The roads.
    pub network: Network,
    /// Kinds of vehicles.
    pub styles: Vec<Style>,
    /// Routes.
    pub routes: Vec<Route>,
    /// Who comes.
    pub demand: Demand,
    /// Settings.
    pub settings: Settings,
    pub(super) vehicles: Vec<Vehicle>,
    pub(super) rows: Vec<Vec<u32>>,
    pub(super) shown: Vec<Option<Shown>>,
    pub(super) approaches: Approaches,
    pub(super) sirens: Vec<u32>,
    plans: Vec<Plan>,
    unused: Vec<u32>,
    phases: Vec<usize>,
    links_of_program: Vec<Vec<LinkId>>,
    stems: Vec<String>,
    stem_of: BTreeMap<String, u32>,
    step: u64,
    next_id: u32,
    counts: Counts,
    pub(super) contacts: Contacts,
}

impl Traffic {
    /// Empty traffic on `network`.
    #[must_use]
    pub fn new(network: Network, settings: Settings) -> Self {
        let mut links_of_program = vec![Vec::new(); network.programs.len()];
        for (id, link) in network.links.iter().enumerate() {
            if let Some((program, _)) = link.signal {
                links_of_program[program as usize].push(id as LinkId);
            }
        }
        // A row never grows beyond what fits on its lane, so that steps allocate nothing.
        let rows = network.lanes.iter().map(|lane| Vec::with_capacity((lane.length / 3.0) as usize + 4)).collect();
        Self {
            rows,
            shown: vec![None; network.links.len()],
            approaches: Approaches::new(network.links.len()),
            phases: vec![usize::MAX; network.programs.len()],
            links_of_program,
            network,
            styles: Vec::new(),
            routes: Vec::new(),
            demand: Demand::default(),
            settings,
            vehicles: Vec::new(),
            sirens: Vec::new(),
            plans: Vec::new(),
            unused: Vec::new(),
            stems: Vec::new(),
            stem_of: BTreeMap::new(),
            step: 0,
            next_id: 1,
            counts: Counts::default(),
            contacts: Contacts::default(),
        }
    }

    /// Number of a style, added if it is new.
    pub fn add_style(&mut self, style: Style) -> u32 {
        if let Some(i) = self.styles.iter().position(|s| *s == style) {
            return i as u32;
        }
        self.styles.push(style);
        (self.styles.len() - 1) as u32
    }

    /// Number of a new route.
    pub fn add_route(&mut self, route: Route) -> u32 {
        self.routes.push(route);
        (self.routes.len() - 1) as u32
    }

    /// Number of a stem of names.
    pub fn stem(&mut self, name: &str) -> u32 {
        if let Some(&stem) = self.stem_of.get(name) {
            return stem;
        }
        let stem = self.stems.len() as u32;
        self.stem_of.insert(name.to_owned(), stem);
        self.stems.push(name.to_owned());
        stem
    }

    /// Adds a single vehicle.
    pub fn add(&mut self, departure: Departure) {
        let edge = self.routes[departure.route as usize].edges[0];
        self.demand.add(edge, departure);
    }

    /// Adds a flow.
    pub fn add_flow(&mut self, flow: Flow) {
        self.demand.add_flow(flow, self.settings.seed);
    }

    /// Seconds since the start.
    #[must_use]
    pub fn time(&self) -> f64 {
        self.step as f64 * self.settings.dt
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Vehicles on the road, in the order of their places in memory.
    pub fn vehicles(&self) -> impl Iterator<Item = &Vehicle> {
        self.vehicles.iter().filter(|v| v.here)
    }

    /// Collisions that last, as of the last step.
    #[must_use]
    pub fn collisions(&self) -> &[Collision] {
        self.contacts.found()
    }

    /// Name of a vehicle.
    #[must_use]
    pub fn name(&self, name: Name) -> String {
        let stem = self.stems.get(name.stem as usize).map_or("", String::as_str);
        name.serial.map_or_else(|| stem.to_owned(), |serial| format!("{stem}.{serial}"))
    }

    /// Style of a vehicle.
    #[must_use]
    pub fn style(&self, vehicle: &Vehicle) -> &Style {
        &self.styles[vehicle.style as usize]
    }

    /// Vehicles that have stood for longer than the settings allow.
    #[must_use]
    pub fn stuck(&self) -> Vec<Stuck> {
        let stuck = self.vehicles().filter(|v| v.waited > self.settings.stuck_after_s);
        let told = stuck.map(|v| Stuck {
            vehicle: self.name(v.name),
            lane: self.network.lanes[v.lane as usize].name.clone(),
            pos: v.pos,
            waited_s: v.waited,
            held: v.held,
        });
        told.collect()
    }

    /// One step.
    pub fn step(&mut self) {
        self.switch_lights();
        self.enter();
        self.announce();
        self.choose();
        self.travel();
        self.order();
        self.change_lanes();
        if self.settings.collisions {
            self.counts.collisions += self.find_collisions();
        }
        self.step += 1;
    }

    /// Number of this step, for chance and turns.
    pub(super) fn step_number(&self) -> u64 {
        self.step
    }

    fn switch_lights(&mut self) {
        let time = self.time();
        for (i, program) in self.network.programs.iter().enumerate() {
            let phase = program.phase_at(time);
            if phase != self.phases[i] {
                self.phases[i] = phase;
                for &link in &self.links_of_program[i] {
                    let index = self.network.links[link as usize].signal.map_or(0, |(_, index)| index);
                    self.shown[link as usize] = Some(program.shown(time, index));
                }
            }
        }
    }

    /// Lets waiting vehicles in where there is room.
    fn enter(&mut self) {
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
        let route = &self.routes[departure.route as usize];
        let edge = route.edges[0];
        let chance = self.chance(self.next_id, 1);
        let open = |lane: LaneId| self.network.lanes[lane as usize].open_to.has(style.class);
        let all: u32 = u32::MAX;
        let (mask, lanes) = (route.wish.first().copied().unwrap_or(all), self.network.edges[edge as usize].count);
        let first = self.network.edges[edge as usize].first;
        let room = |lane: LaneId| {
            self.rows[lane as usize].last().map_or(f64::MAX, |&e| self.vehicles[(e & !SHADOW) as usize].rear())
        };
        let emptiest = |mask: u32| {
            let lanes = (0..lanes).filter(|i| mask & (1 << i.min(&31)) != 0).map(|i| first + i).filter(|&l| open(l));
            lanes.max_by(|&a, &b| room(a).total_cmp(&room(b)).then(b.cmp(&a)))
        };
        let lane = match departure.lane {
            DepartLane::Index(index) => Some(first + index.min(lanes - 1)),
            DepartLane::Random => Some(first + ((chance * f64::from(lanes)) as u32).min(lanes - 1)),
            DepartLane::Best => emptiest(mask).or_else(|| emptiest(all)),
            DepartLane::Free => emptiest(all),
        };
        let Some(lane) = lane else { return false };
        let length = self.network.lanes[lane as usize].length;
        let pos =
            departure.pos.map_or(style.size.length_m, |p| if p < 0.0 { length + p } else { p }).clamp(0.1, length);
        let factor = (style.speed_factor[0] + style.speed_factor[1] * self.normal(self.next_id)).clamp(0.2, 2.0);
        let limit = (self.network.lanes[lane as usize].speed * factor).min(style.max_speed_mps);
        let Some(safe) = self.entry_speed(lane, pos, style) else { return false };
        let speed = match departure.speed {
            DepartSpeed::Max => limit.min(safe),
            DepartSpeed::Mps(speed) if speed <= safe => speed.min(style.max_speed_mps),
            DepartSpeed::Mps(_) => return false,
        };
        let (length, style) = (style.size.length_m, departure.style);
        self.place(
            lane,
            Vehicle {
                id: self.next_id,
                name: departure.name,
                here: true,
                style,
                route: departure.route,
                leg: 0,
                lane,
                rank: 0,
                link: NONE,
                came_by: NONE,
                pos,
                speed,
                accel: 0.0,
                length,
                factor,
                waited: 0.0,
                held: Held::No,
                left: 0.0,
                shadow: NONE,
                shadow_rank: 0,
                changed: 1e9,
                change_from: 0.0,
                slid: 1.0,
                lets_in: (NONE, 0.0),
                falls_behind: (NONE, 0.0),
                makes_way: 0.0,
                driven: 0.0,
                entered: self.time(),
            },
        );
        true
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

    /// The link that a vehicle takes from its lane; none at the end of its route or on a lane that leads elsewhere.
    pub(super) fn next_link(&self, slot: usize) -> LinkId {
        let v = &self.vehicles[slot];
        self.link_on(v.route, v.leg, v.lane)
    }

    /// The link from `lane`, the edge of `leg`, along the route.
    pub(super) fn link_on(&self, route: u32, leg: u32, lane: LaneId) -> LinkId {
        let route = &self.routes[route as usize];
        let Some(&next) = route.edges.get(leg as usize + 1) else { return NONE };
        let prefer = route.wish[leg as usize + 1];
        self.network.link_to(lane, next, prefer).unwrap_or(NONE)
    }

    /// Everybody chooses the next speed from the same picture.
    fn choose(&mut self) {
        let mut plans = std::mem::take(&mut self.plans);
        let threads = self.settings.threads.max(1);
        let this = &*self;
        if threads == 1 || plans.len() < 64 {
            this.choose_part(0, &mut plans);
        } else {
            let share = plans.len().div_ceil(threads);
            std::thread::scope(|scope| {
                for (i, part) in plans.chunks_mut(share).enumerate() {
                    scope.spawn(move || this.choose_part(i * share, part));
                }
            });
        }
        self.plans = plans;
    }

    fn choose_part(&self, first: usize, plans: &mut [Plan]) {
        for (i, plan) in plans.iter_mut().enumerate() {
            if self.vehicles[first + i].here {
                *plan = self.plan(first + i);
            }
        }
    }

    /// What a driver knows of itself.
    pub(super) fn now(&self, v: &Vehicle, wanted: f64) -> Now {
        Now { speed: v.speed, wanted, dt: self.settings.dt, chance: self.chance(v.id, 0) }
    }

    /// A number in 0..1 for a vehicle in this step: a hash, so that no thread takes another one's chance.
    pub(super) fn chance(&self, id: u32, purpose: u64) -> f64 {
        let mut x = self.settings.seed
            ^ (u64::from(id) << 32)
            ^ self.step.wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ (purpose << 56);
        // The mixer of SplitMix64 (Steele, Lea, Flood 2014), twice: neighbours in the key must not be neighbours in chance.
        for _ in 0..2 {
            x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
            x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            x ^= x >> 31;
        }
        (x >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Standard normal (sum of twelve), for what a vehicle is born with.
    fn normal(&self, id: u32) -> f64 {
        (2..14).map(|purpose| self.chance(id, purpose)).sum::<f64>() - 6.0
    }

    /// Moves everybody, over the ends of their lanes too.
    fn travel(&mut self) {
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
    fn order(&mut self) {
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

    /// Ranks of a row.
    pub(super) fn number(&mut self, lane: LaneId) {
        for (rank, &entry) in self.rows[lane as usize].iter().enumerate() {
            let v = &mut self.vehicles[(entry & !SHADOW) as usize];
            *(if entry & SHADOW == 0 { &mut v.rank } else { &mut v.shadow_rank }) = rank as u32;
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

    /// Counts a lane change.
    pub(super) fn count_change(&mut self) {
        self.counts.changes += 1;
    }
}
