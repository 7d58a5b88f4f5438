//! Who may enter a junction: lights, room behind it, and gaps in the traffic that goes first.

use super::conflict::Conflict;
use super::following::{Now, follow, stop};
use super::network::{LinkId, NONE, Rule};
use super::plan::Plan;
use super::signal::Shown;
use super::style::{Class, Style};
use super::traffic::{SHADOW, STANDS_MPS, Traffic};
use super::vehicle::{Held, Vehicle};

/// Vehicles kept for each link that come up to it.
const KEPT: usize = 4;
/// Vehicles of a lane that announce themselves.
const ANNOUNCED: usize = 6;
/// Whoever is within so many seconds of a junction announces itself.
const ANNOUNCE_S: f64 = 8.0;
/// Time between one's own traffic and the other's at the place where they meet, seconds.
const MARGIN_S: f64 = 1.0;
/// The same where both go on in one lane.
const MERGE_MARGIN_S: f64 = 1.7;
/// Traffic behind the junction that is slower than this may stand on it, m/s.
const CREEPS_MPS: f64 = 2.0;
/// How long one stands at a stop sign, seconds.
const STOP_SIGN_S: f64 = 1.0;
/// After so long at the line the one who came first goes first, seconds.
const TURN_AFTER_S: f64 = 2.0;
/// After so long one goes before those who have the right of way but stand, seconds.
const KEPT_AFTER_S: f64 = 20.0;
/// After so long inside a junction one of two that wait for each other goes, seconds.
const UNTIE_AFTER_S: f64 = 8.0;
/// Who has been kept from entering by others inside for so long does not count as coming, seconds.
const BLOCKED_S: f64 = 5.0;
/// How far an emergency vehicle is heard, seconds before it is there.
const SIREN_S: f64 = 12.0;

/// May one go?
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Go,
    /// No, for this reason.
    Wait(Held),
}

#[derive(Copy, Clone, Debug)]
struct Coming {
    slot: u32,
    /// Metres to the start of the link.
    distance: f64,
}

/// For each link the vehicles that come up to it.
#[derive(Clone, Debug)]
pub struct Approaches {
    kept: Vec<[Coming; KEPT]>,
    count: Vec<u8>,
    touched: Vec<LinkId>,
}

impl Approaches {
    /// Nobody comes to any of so many links.
    #[must_use]
    pub fn new(links: usize) -> Self {
        let none = Coming { slot: NONE, distance: 0.0 };
        Self { kept: vec![[none; KEPT]; links], count: vec![0; links], touched: Vec::with_capacity(links) }
    }

    fn clear(&mut self) {
        for &link in &self.touched {
            self.count[link as usize] = 0;
        }
        self.touched.clear();
    }

    fn add(&mut self, link: LinkId, coming: Coming) {
        let count = &mut self.count[link as usize];
        if *count == 0 {
            self.touched.push(link);
        }
        if usize::from(*count) < KEPT {
            self.kept[link as usize][usize::from(*count)] = coming;
            *count += 1;
        }
    }

    fn of(&self, link: LinkId) -> &[Coming] {
        &self.kept[link as usize][..usize::from(self.count[link as usize])]
    }
}

/// Seconds until `distance` metres are driven, with speed `v`, acceleration `a` and no faster than `top`.
fn time_to(distance: f64, v: f64, a: f64, top: f64) -> f64 {
    if distance <= 0.0 {
        return 0.0;
    }
    let top = top.max(0.5);
    if v >= top {
        return distance / v;
    }
    let until_top = (top * top - v * v) / (2.0 * a);
    if distance <= until_top {
        ((v * v + 2.0 * a * distance).sqrt() - v) / a
    } else {
        (top - v) / a + (distance - until_top) / top
    }
}

/// One vehicle on its way over a link.
struct Mover<'a> {
    v: &'a Vehicle,
    style: &'a Style,
    /// Front along the link, metres; negative before it.
    at: f64,
    top: f64,
}

impl Mover<'_> {
    /// Seconds until the front is at the start of the stretch and the rear behind its end.
    fn window(&self, [start, end]: [f64; 2]) -> [f64; 2] {
        let to = |x: f64| time_to(x - self.at, self.v.speed, self.style.accel, self.top);
        [to(start), to(end + self.v.length)]
    }
}

impl Traffic {
    /// Everybody who comes up to a junction announces itself to those who may have to wait.
    pub(super) fn announce(&mut self) {
        let mut approaches = std::mem::replace(&mut self.approaches, Approaches::new(0));
        approaches.clear();
        for (lane, row) in self.rows.iter().enumerate() {
            if row.is_empty() || self.network.lanes[lane].is_inner() {
                continue;
            }
            for &entry in row.iter().take(ANNOUNCED).filter(|&&e| e & SHADOW == 0) {
                if !self.announce_one(entry, &mut approaches) {
                    break;
                }
            }
        }
        self.approaches = approaches;
    }

    /// `false`: it is still too far away.
    fn announce_one(&self, slot: u32, approaches: &mut Approaches) -> bool {
        let v = &self.vehicles[slot as usize];
        let siren = self.style(v).class == Class::Emergency;
        let reach = 15.0 + v.speed * if siren { SIREN_S } else { ANNOUNCE_S };
        let mut distance = self.network.lanes[v.lane as usize].length - v.pos;
        if distance > reach {
            return siren;
        }
        let (mut link, mut leg) = (v.link, v.leg);
        while let Some(way) = self.network.links.get(link as usize).filter(|_| distance <= reach) {
            if matches!(self.shown[link as usize], Some(Shown::Red)) && !siren {
                return true;
            }
            // Who stands because there is no room beyond will not come.
            let blocked =
                matches!(v.held, Held::Room | Held::NoWay) || (v.held == Held::Crossed && v.waited > BLOCKED_S);
            if v.speed < STANDS_MPS && (blocked || v.rank > 0) {
                // Nor do those behind.
                return false;
            }
            if !way.conflicts.is_empty() {
                approaches.add(link, Coming { slot, distance });
            }
            distance += way.length + self.network.lanes[way.to as usize].length;
            leg += 1;
            link = self.link_on(v.route, leg, way.to);
        }
        true
    }

    fn mover<'a>(&'a self, v: &'a Vehicle, link: LinkId, at: f64) -> Mover<'a> {
        let way = &self.network.links[link as usize];
        let lane = if way.inner[0] == NONE { way.to } else { way.inner[0] };
        let style = self.style(v);
        let top = (self.network.lanes[lane as usize].speed * v.factor).min(style.max_speed_mps);
        Mover { v, style, at, top }
    }

    /// May a vehicle cross the line `distance` metres ahead?
    pub(super) fn may_enter(&self, slot: usize, link: LinkId, distance: f64) -> Answer {
        let v = &self.vehicles[slot];
        let style = self.style(v);
        let siren = style.class == Class::Emergency;
        let braking = v.speed * v.speed / (2.0 * style.decel);
        let shown = self.shown[link as usize];
        match shown {
            // Only who cannot physically stop goes on.
            Some(Shown::Red) if !siren && v.speed * v.speed < 2.0 * style.emergency_decel * distance => {
                return Answer::Wait(Held::Signal);
            }
            Some(Shown::Yellow) if !siren && braking <= distance => return Answer::Wait(Held::Signal),
            _ => {}
        }
        let way = &self.network.links[link as usize];
        if way.conflicts.is_empty() || distance > 8.0 + v.speed + 1.5 * braking {
            return Answer::Go;
        }
        let gives_way = match shown {
            Some(Shown::Green | Shown::Yellow) => false,
            Some(Shown::Permissive | Shown::Stop) => true,
            Some(Shown::Red) => siren,
            Some(Shown::Off) | None => way.rule != Rule::Major,
        };
        let stops = shown == Some(Shown::Stop) || (way.rule == Rule::Stop && matches!(shown, None | Some(Shown::Off)));
        if stops && v.waited < STOP_SIGN_S && v.held != Held::No && !siren {
            return Answer::Wait(Held::Yield);
        }
        if stops && v.held == Held::No && v.speed > 1.0 && !siren {
            return Answer::Wait(Held::Yield);
        }
        if !siren && !self.has_room(v, link, style) {
            return Answer::Wait(Held::Room);
        }
        // Who may wait inside gives way there; on red an emergency vehicle gives way to all.
        let gives_way = gives_way && way.wait_at.is_none();
        let me = self.mover(v, link, -distance);
        let all = siren && shown == Some(Shown::Red);
        let crosses = way.conflicts.iter().filter(|c| !c.diverges && way.wait_at.is_none_or(|at| c.mine[0] < at));
        self.gap_in(slot, &me, crosses, gives_way, all)
    }

    /// May a vehicle leave the waiting place inside the junction, `distance` metres ahead?
    pub(super) fn may_go_on(&self, slot: usize, link: LinkId, distance: f64) -> Answer {
        let v = &self.vehicles[slot];
        let style = self.style(v);
        if distance > 5.0 + v.speed + v.speed * v.speed / style.decel {
            return Answer::Go;
        }
        let way = &self.network.links[link as usize];
        let at = way.wait_at.unwrap_or(way.length);
        let gives_way = match self.shown[link as usize] {
            // The light has changed since: who waits inside clears the junction before the others come.
            Some(Shown::Green | Shown::Yellow | Shown::Red) => false,
            Some(Shown::Permissive | Shown::Stop) => true,
            Some(Shown::Off) | None => way.rule != Rule::Major,
        };
        let me = self.mover(v, link, at - distance);
        self.gap_in(slot, &me, way.conflicts.iter().filter(|c| !c.diverges && c.mine[1] > at), gives_way, false)
    }

    /// Is there a gap in everything that meets one's way?
    fn gap_in<'a>(
        &self,
        slot: usize,
        me: &Mover<'_>,
        conflicts: impl Iterator<Item = &'a Conflict>,
        gives_way: bool,
        to_all: bool,
    ) -> Answer {
        for conflict in conflicts {
            let mine = me.window(conflict.mine);
            if self.inside(conflict, |other| clashes(conflict, mine, me, other)) {
                return Answer::Wait(Held::Crossed);
            }
            for coming in self.approaches.of(conflict.link).iter().filter(|c| c.slot as usize != slot) {
                let v = &self.vehicles[coming.slot as usize];
                let first = to_all || (gives_way && conflict.yields) || self.style(v).class == Class::Emergency;
                if !first || self.is_my_turn(me.v, slot, v, coming.slot) {
                    continue;
                }
                let margin = if self.merges(conflict) { MERGE_MARGIN_S } else { MARGIN_S };
                let theirs = self.mover(v, conflict.link, -coming.distance).window(conflict.theirs);
                if mine[0] < theirs[1] + margin && theirs[0] < mine[1] + margin {
                    return Answer::Wait(Held::Yield);
                }
            }
        }
        Answer::Go
    }

    fn merges(&self, conflict: &Conflict) -> bool {
        conflict.theirs[1] >= self.network.links[conflict.link as usize].length - 0.6
    }

    /// Both stand and wait for each other: the one who has waited longer goes.
    fn is_my_turn(&self, me: &Vehicle, slot: usize, other: &Vehicle, other_slot: u32) -> bool {
        if me.speed >= STANDS_MPS || other.speed >= STANDS_MPS {
            return false;
        }
        // Who stands for another reason than giving way will not come before that ends.
        let kept = other.held != Held::Yield && me.waited > KEPT_AFTER_S;
        let longer = me.waited > other.waited || (me.waited == other.waited && slot < other_slot as usize);
        kept || (other.held == Held::Yield && me.waited > TURN_AFTER_S && longer)
    }

    /// Somebody on the other link, inside the junction or with the rear still in it, for whom `test` holds.
    fn inside(&self, conflict: &Conflict, mut test: impl FnMut(&Mover<'_>) -> bool) -> bool {
        let way = &self.network.links[conflict.link as usize];
        for lane in way.inner.into_iter().filter(|&l| l != NONE) {
            let start = self.network.lanes[lane as usize].link_start;
            for &entry in &self.rows[lane as usize] {
                let v = &self.vehicles[(entry & !SHADOW) as usize];
                if test(&self.mover(v, conflict.link, start + v.pos)) {
                    return true;
                }
            }
        }
        for &entry in self.rows[way.to as usize].iter().rev() {
            let v = &self.vehicles[(entry & !SHADOW) as usize];
            if v.pos > 30.0 {
                break;
            }
            if v.came_by == conflict.link && v.rear() < 0.0 && test(&self.mover(v, conflict.link, way.length + v.pos)) {
                return true;
            }
        }
        false
    }

    /// The vehicle fits behind the junction, with those who are still inside.
    fn has_room(&self, v: &Vehicle, link: LinkId, style: &Style) -> bool {
        let way = &self.network.links[link as usize];
        let Some(&entry) = self.rows[way.to as usize].last() else { return true };
        let last = &self.vehicles[(entry & !SHADOW) as usize];
        if last.speed > CREEPS_MPS {
            return true;
        }
        let mut needed = v.length + style.min_gap_m;
        for lane in way.inner.into_iter().filter(|&l| l != NONE) {
            for &entry in &self.rows[lane as usize] {
                let other = &self.vehicles[(entry & !SHADOW) as usize];
                needed += other.length + self.style(other).min_gap_m;
            }
        }
        last.rear() >= needed
    }

    /// Inside the junction: follows who left the same lane, and stops before who is across; `true`: somebody is ahead.
    pub(super) fn mind_the_junction(&self, slot: usize, v: &Vehicle, style: &Style, now: Now, plan: &mut Plan) -> bool {
        let lane = &self.network.lanes[v.lane as usize];
        let way = &self.network.links[lane.inner_of as usize];
        let at = lane.link_start + v.pos;
        let me = self.mover(v, lane.inner_of, at);
        let mut led = false;
        for conflict in &way.conflicts {
            if conflict.diverges {
                let tail = self.tail_on(conflict.link);
                if let Some((rear, speed)) = tail.filter(|(rear, _)| (at - 0.5..conflict.theirs[1]).contains(rear)) {
                    plan.limit(follow(style, now, rear - at, speed));
                    led = true;
                }
                continue;
            }
            if conflict.mine[0] <= at {
                continue;
            }
            let distance = conflict.mine[0] - at;
            if distance > 5.0 + v.speed + v.speed * v.speed / style.decel {
                continue;
            }
            let untie = v.waited > UNTIE_AFTER_S;
            let crossed = self.inside(conflict, |other| {
                if untie && other.v.waited > UNTIE_AFTER_S && v.id < other.v.id {
                    return false;
                }
                self.goes_first(slot, &me, other, conflict)
            });
            if crossed {
                plan.limit(stop(style, now, distance));
                plan.held = Held::Crossed;
            }
        }
        led
    }

    /// The other is across my way, or will be there before me.
    fn goes_first(&self, slot: usize, me: &Mover<'_>, other: &Mover<'_>, conflict: &Conflict) -> bool {
        let rear = other.at - other.v.length;
        if rear >= conflict.theirs[1] {
            return false;
        }
        if other.at > conflict.theirs[0] {
            // In the stretch: it may leave before I come.
            return other.window(conflict.theirs)[1] > me.window(conflict.mine)[0] || other.v.speed < CREEPS_MPS;
        }
        let waits = other.v.held != Held::No && other.v.speed < STANDS_MPS;
        let (mine, theirs) = (me.window(conflict.mine), other.window(conflict.theirs));
        !waits
            && (theirs[0] < mine[0] || (theirs[0] == mine[0] && other.v.id < self.vehicles[slot].id))
            && theirs[1] > mine[0]
    }
}

/// Somebody inside is, or will be, on the stretch while I am.
fn clashes(conflict: &Conflict, mine: [f64; 2], me: &Mover<'_>, other: &Mover<'_>) -> bool {
    if other.at - other.v.length >= conflict.theirs[1] {
        return false;
    }
    let there = other.at > conflict.theirs[0];
    if there && other.v.speed < CREEPS_MPS {
        // It may stay: only who has time to see it leave comes nearer.
        return mine[0] < 6.0 || me.v.speed < CREEPS_MPS;
    }
    let waits = other.v.held != Held::No && other.v.speed < STANDS_MPS;
    let theirs = other.window(conflict.theirs);
    (there || !waits) && mine[0] < theirs[1] + 0.5 && theirs[0] < mine[1] + 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_a_place_counts_the_acceleration_up_to_the_limit() {
        assert_eq!(time_to(-1.0, 3.0, 2.0, 10.0), 0.0);
        assert!((time_to(25.0, 0.0, 2.0, 10.0) - 5.0).abs() < 1e-12);
        assert!((time_to(45.0, 0.0, 2.0, 10.0) - 7.0).abs() < 1e-12);
        assert!((time_to(20.0, 10.0, 2.0, 10.0) - 2.0).abs() < 1e-12);
    }
}
