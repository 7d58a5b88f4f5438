//! The traffic itself: the rows of vehicles on their lanes, and one step after the other.

use std::collections::BTreeMap;

use super::collide::{Collision, Contacts};
use super::demand::{Demand, Departure, Flow};
use super::following::Now;
use super::network::{LaneId, LinkId, NONE, Network};
use super::plan::Plan;
use super::priority::Approaches;
use super::route::Route;
use super::signal::Shown;
use super::style::Style;
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
    pub(super) plans: Vec<Plan>,
    pub(super) unused: Vec<u32>,
    phases: Vec<usize>,
    links_of_program: Vec<Vec<LinkId>>,
    stems: Vec<String>,
    stem_of: BTreeMap<String, u32>,
    pub(super) step: u64,
    pub(super) next_id: u32,
    pub(super) counts: Counts,
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
    pub(super) fn normal(&self, id: u32) -> f64 {
        (2..14).map(|purpose| self.chance(id, purpose)).sum::<f64>() - 6.0
    }

    /// Ranks of a row.
    pub(super) fn number(&mut self, lane: LaneId) {
        for (rank, &entry) in self.rows[lane as usize].iter().enumerate() {
            let v = &mut self.vehicles[(entry & !SHADOW) as usize];
            *(if entry & SHADOW == 0 { &mut v.rank } else { &mut v.shadow_rank }) = rank as u32;
        }
    }

    /// Counts a lane change.
    pub(super) fn count_change(&mut self) {
        self.counts.changes += 1;
    }
}
