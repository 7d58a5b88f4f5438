//! How a driver chooses the next speed: the one ahead, the lanes to come, lights, and those to give way to.

use super::following::{Now, follow, free, slow_for, stop};
use super::network::{LaneId, LinkId, NONE};
use super::priority::Answer;
use super::style::{Class, Style};
use super::traffic::{SHADOW, Traffic};
use super::vehicle::{Held, Vehicle};

/// Lanes that a driver looks along at most.
const LOOK_LANES: usize = 12;
/// Hardest braking for the sake of somebody who is let in, m/s².
const COURTESY_MPS2: f64 = 2.0;

/// Share of the wanted speed below which nobody goes only to come behind somebody else.
const SLOWEST_BESIDE: f64 = 0.25;

/// What a driver decided for this step.
#[derive(Copy, Clone, Debug, Default)]
pub struct Plan {
    /// Next speed, m/s.
    pub speed: f64,
    /// What holds it.
    pub held: Held,
    /// Step in which it was carried out, plus one.
    pub done: u64,
}

impl Plan {
    pub(super) fn limit(&mut self, speed: f64) {
        self.speed = self.speed.min(speed);
    }
}

/// How far ahead what happens there matters, metres.
fn horizon(style: &Style, speed: f64) -> f64 {
    15.0 + 2.0 * speed + 0.6 * speed * speed / (style.accel * style.decel).sqrt().min(style.decel)
}

impl Traffic {
    /// The next speed of a vehicle, from the picture of this step.
    pub(super) fn plan(&self, slot: usize) -> Plan {
        let v = &self.vehicles[slot];
        let style = &self.styles[v.style as usize];
        let lane = &self.network.lanes[v.lane as usize];
        let now = self.now(v, (lane.speed * v.factor).min(style.max_speed_mps));
        let mut plan = Plan { speed: free(style, now), held: Held::No, done: 0 };
        let mut led = self.follow_in_row(v.lane, v.rank, v, style, now, &mut plan);
        if v.is_changing() {
            let aside = self.follow_in_row(v.shadow, v.shadow_rank, v, style, now, &mut plan);
            let over = if aside { None } else { self.beyond(v.shadow).filter(|(rear, _)| *rear < 0.0) };
            if let Some((rear, speed)) = over {
                plan.limit(follow(style, now, lane.length - v.pos + rear, speed));
            }
        }
        if v.lets_in.1 > 0.0 {
            self.let_somebody_in(v, style, now, &mut plan);
        }
        if v.falls_behind.1 > 0.0 {
            self.fall_behind(v, now, &mut plan);
        }
        if v.makes_way > 0.0 && style.class != Class::Emergency {
            plan.limit((0.5 * now.wanted).max(v.speed - COURTESY_MPS2 * now.dt));
        }
        if lane.is_inner() {
            led |= self.mind_the_junction(slot, v, style, now, &mut plan);
        }
        self.look_ahead(slot, v, style, now, led, &mut plan);
        plan
    }

    /// Follows the next one in a row; `true`: there is one.
    fn follow_in_row(&self, lane: LaneId, rank: u32, v: &Vehicle, style: &Style, now: Now, plan: &mut Plan) -> bool {
        let row = &self.rows[lane as usize];
        for &entry in row[..(rank as usize).min(row.len())].iter().rev() {
            let ahead = &self.vehicles[(entry & !SHADOW) as usize];
            if self.passes_by(v, ahead, entry & SHADOW != 0) {
                continue;
            }
            plan.limit(follow(style, now, ahead.rear() - v.pos, ahead.speed));
            return true;
        }
        false
    }

    /// An emergency vehicle and one that made way do not stand in each other's way.
    fn passes_by(&self, v: &Vehicle, ahead: &Vehicle, shadow: bool) -> bool {
        if shadow || (v.left == 0.0 && ahead.left == 0.0) {
            return false;
        }
        let siren = |v: &Vehicle| self.style(v).class == Class::Emergency;
        let width = 0.5 * (self.style(v).size.width_m + self.style(ahead).size.width_m);
        (siren(v) || siren(ahead)) && (v.left - ahead.left).abs() > width + 0.1
    }

    fn let_somebody_in(&self, v: &Vehicle, style: &Style, now: Now, plan: &mut Plan) {
        let Some(guest) = self.vehicles.get(v.lets_in.0 as usize).filter(|g| g.here) else { return };
        let edge = |lane: LaneId| self.network.lanes[lane as usize].edge;
        let gap = guest.rear() - v.pos;
        if guest.lane != v.lane && edge(guest.lane) == edge(v.lane) && gap > 0.0 {
            plan.limit(follow(style, now, gap, guest.speed).max(v.speed - COURTESY_MPS2 * now.dt).max(0.0));
        }
    }

    /// Loses a little speed to come behind somebody in the lane beside.
    fn fall_behind(&self, v: &Vehicle, now: Now, plan: &mut Plan) {
        let Some(ahead) = self.vehicles.get(v.falls_behind.0 as usize).filter(|a| a.here) else { return };
        let edge = |lane: LaneId| self.network.lanes[lane as usize].edge;
        let gap = ahead.rear() - v.pos;
        if ahead.lane != v.lane && edge(ahead.lane) == edge(v.lane) && gap < self.style(v).min_gap_m + 0.3 * v.speed {
            let slower = (ahead.speed - COURTESY_MPS2).max(SLOWEST_BESIDE * now.wanted);
            plan.limit(slower.max(v.speed - COURTESY_MPS2 * now.dt));
        }
    }

    /// Along the route, lane after lane, as far as it matters.
    fn look_ahead(&self, slot: usize, v: &Vehicle, style: &Style, now: Now, mut led: bool, plan: &mut Plan) {
        let reach = horizon(style, v.speed);
        let (mut lane, mut link, mut leg) = (v.lane, v.link, v.leg);
        let mut distance = self.network.lanes[lane as usize].length - v.pos;
        if !led && distance < reach && !self.network.lanes[lane as usize].is_inner() {
            // Whoever has its front over the line and its rear before it.
            if let Some((rear, speed)) = self.beyond(lane).filter(|(rear, _)| *rear < 0.0) {
                plan.limit(follow(style, now, distance + rear, speed));
                led = true;
            }
        }
        for _ in 0..LOOK_LANES {
            if distance >= reach {
                return;
            }
            let Some(way) = self.network.links.get(link as usize) else {
                if leg as usize + 1 < self.routes[v.route as usize].edges.len() {
                    plan.limit(stop(style, now, distance));
                    plan.held = Held::NoWay;
                }
                return;
            };
            let here = &self.network.lanes[lane as usize];
            let answer = if !here.is_inner() {
                self.may_enter(slot, link, distance)
            } else if lane == way.inner[0] && way.inner[1] != NONE {
                self.may_go_on(slot, link, distance)
            } else {
                Answer::Go
            };
            if let Answer::Wait(held) = answer {
                plan.limit(stop(style, now, distance));
                plan.held = held;
                return;
            }
            let next = match here.is_inner() {
                false if way.inner[0] != NONE => way.inner[0],
                true if lane == way.inner[0] && way.inner[1] != NONE => way.inner[1],
                _ => way.to,
            };
            if !here.is_inner() {
                led |= self.follow_siblings(v, link, distance, style, now, plan);
            }
            let to = &self.network.lanes[next as usize];
            let limit = to.speed * v.factor;
            if limit < v.speed.max(plan.speed) {
                plan.limit(slow_for(style, now, distance, limit));
            }
            if !led && let Some(&entry) = self.rows[next as usize].last() {
                let ahead = &self.vehicles[(entry & !SHADOW) as usize];
                plan.limit(follow(style, now, distance + ahead.rear(), ahead.speed));
                led = true;
            }
            distance += to.length;
            if !to.is_inner() {
                leg += 1;
                link = self.link_on(v.route, leg, next);
            }
            lane = next;
        }
    }

    /// Those who left the same lane for another link may still have their rear in the way; `true`: somebody has.
    fn follow_siblings(
        &self,
        v: &Vehicle,
        link: LinkId,
        distance: f64,
        style: &Style,
        now: Now,
        plan: &mut Plan,
    ) -> bool {
        let mut led = false;
        for meeting in self.network.links[link as usize].conflicts.iter().filter(|c| c.diverges) {
            if let Some((rear, speed)) = self.tail_on(meeting.link)
                && rear < meeting.theirs[1]
            {
                plan.limit(follow(style, now, distance + rear, speed));
                led |= distance + rear > -v.length;
            }
        }
        led
    }

    /// The hindmost vehicle on a link: its rear in metres along the link, and its speed.
    pub(super) fn tail_on(&self, link: LinkId) -> Option<(f64, f64)> {
        let way = &self.network.links[link as usize];
        for lane in way.inner.into_iter().filter(|&l| l != NONE) {
            if let Some(&entry) = self.rows[lane as usize].last() {
                let v = &self.vehicles[(entry & !SHADOW) as usize];
                return Some((self.network.lanes[lane as usize].link_start + v.rear(), v.speed));
            }
        }
        let &entry = self.rows[way.to as usize].last()?;
        let v = &self.vehicles[(entry & !SHADOW) as usize];
        (v.came_by == link && v.rear() < 0.0).then(|| (way.length + v.rear(), v.speed))
    }

    /// The nearest vehicle whose front has left `lane`: its rear in metres behind the lane's end, and its speed.
    pub(super) fn beyond(&self, lane: LaneId) -> Option<(f64, f64)> {
        let tails = self.network.lanes[lane as usize].links.iter().filter_map(|&link| self.tail_on(link));
        tails.min_by(|a, b| a.0.total_cmp(&b.0))
    }
}
