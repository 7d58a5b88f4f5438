//! A fixed-time plan that gives priority: it holds a green for who comes, or ends the others' greens early.
//!
//! The plan's own clock is stopped, or set to where the wanted green begins. Two groups conflict when the plan never shows
//! both green; whoever ends early keeps its yellow, and between it and a conflicting green lies the clearance that
//! [`Grants`] asks for. So no plan becomes unsafe by a request, whatever is asked and whenever.

use std::collections::BTreeMap;

use calibration::Timestamp;
use rsu::config::{SignalGroupPlan, SignalPlan};
use rsu::signal;
use rsu::world::{Light, SignalGroup};
use v2x_msgs::model::StationId;

use crate::scenario::{Grants, Priority};

/// A request not repeated for so long is over, seconds.
const FORGET_S: f64 = 1.6;
/// A green is held when it would end less than this after the arrival, seconds.
const SPARE_S: f64 = 3.0;
/// Requests at once.
const ASKS: usize = 32;
const DAY_MS: i64 = 86_400_000;

/// Somebody asks for a green.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Who.
    pub who: StationId,
    /// For which signal group.
    pub group: u8,
    /// Why.
    pub kind: Priority,
    /// When the unit heard it.
    pub heard: Timestamp,
    /// When it will be at the stop line.
    pub arrives: Timestamp,
}

/// What the plan's clock does.
#[derive(Clone, Debug, PartialEq)]
enum Clock {
    /// It runs.
    Runs,
    /// It stands at this moment of the plan, since when and for whom.
    Stands { at: Timestamp, since: Timestamp, who: StationId },
    /// It will be set to this moment of the plan at `ends`; until then what ends early clears the crossing.
    Changes { from: BTreeMap<u8, Light>, began: Timestamp, ends: Timestamp, to: Timestamp },
}

/// A plan with priority.
#[derive(Clone, Debug)]
pub struct Granter {
    plan: signal::Signals,
    groups: Vec<SignalGroupPlan>,
    cycle_s: f64,
    offset_s: f64,
    grants: Grants,
    clock: Clock,
    /// The plan's clock is so far behind the true one, seconds.
    behind_s: f64,
    asks: Vec<Ask>,
    /// What every group shows, and since when.
    shown: BTreeMap<u8, (Light, Timestamp)>,
    /// Whose green was held for as long as may be.
    served: Vec<StationId>,
    /// The clock did something since it was asked last.
    news: bool,
}

impl Granter {
    /// A controller that runs `plan`.
    #[must_use]
    pub fn new(plan: signal::Signals, config: &SignalPlan, grants: Grants) -> Self {
        Self {
            plan,
            groups: config.group.clone(),
            cycle_s: config.cycle_s,
            offset_s: config.offset_s,
            grants,
            clock: Clock::Runs,
            behind_s: 0.0,
            asks: Vec::new(),
            shown: BTreeMap::new(),
            served: Vec::new(),
            news: false,
        }
    }

    /// Hears a request, or that it goes on.
    pub fn ask(&mut self, ask: Ask) {
        self.asks.retain(|a| a.who != ask.who);
        if self.asks.len() < ASKS {
            self.asks.push(ask);
        }
    }

    /// It changed its mind since this was asked last: what was foretold no longer holds.
    pub fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    /// What all groups show at `now`.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Vec<SignalGroup> {
        match &self.clock {
            Clock::Runs => {
                let mut groups = self.plan.at(now.offset_secs(-self.behind_s));
                groups.iter_mut().for_each(|g| g.until = g.until.map(|until| until.offset_secs(self.behind_s)));
                groups
            }
            Clock::Stands { at, .. } => {
                let mut groups = self.plan.at(*at);
                // Nobody knows when it goes on.
                groups.iter_mut().for_each(|g| (g.until, g.next) = (None, Vec::new()));
                groups
            }
            Clock::Changes { from, began, ends, to } => {
                let target = self.plan.at(*to);
                target.into_iter().map(|g| self.changing(g, from, *began, *ends, *to, now)).collect()
            }
        }
    }

    /// A group between two moments of the plan; `group` is what it will show.
    fn changing(
        &self,
        mut group: SignalGroup,
        from: &BTreeMap<u8, Light>,
        began: Timestamp,
        ends: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> SignalGroup {
        let (was, will) = (from.get(&group.id).copied().unwrap_or(Light::Red), group.light);
        let lasts_s = group.until.map(|until| until.seconds_since(to));
        let (light, until, next) = match (goes(was), goes(will)) {
            (true, true) => (was, None, Vec::new()),
            (true, false) => {
                let red_at = began.offset_secs(self.group(group.id).map_or(0.0, |g| g.yellow_s));
                if now < red_at {
                    (Light::Yellow, Some(red_at), vec![(Light::Red, ends.seconds_since(red_at).max(0.1))])
                } else {
                    (Light::Red, None, Vec::new())
                }
            }
            (false, true) => (Light::Red, Some(ends), vec![(will, lasts_s.unwrap_or(0.0))]),
            (false, false) => (Light::Red, None, Vec::new()),
        };
        (group.light, group.until, group.next) = (light, until, next);
        group
    }

    fn group(&self, id: u8) -> Option<&SignalGroupPlan> {
        self.groups.iter().find(|g| g.id == id)
    }

    /// Decides what to do at `now`.
    pub fn step(&mut self, now: Timestamp) {
        // What the plan itself has just changed counts too.
        self.note(now);
        self.asks.retain(|a| now.seconds_since(a.heard) <= FORGET_S);
        let asks = &self.asks;
        self.served.retain(|who| asks.iter().any(|a| a.who == *who));
        match self.clock.clone() {
            Clock::Changes { ends, to, .. } if now >= ends => {
                self.behind_s = ends.seconds_since(to);
                self.set(Clock::Runs);
            }
            Clock::Stands { at, since, who } => self.go_on(at, since, who, now),
            Clock::Runs => self.serve(now),
            Clock::Changes { .. } => {}
        }
        self.note(now);
    }

    /// Keeps since when every group shows what it shows.
    fn note(&mut self, now: Timestamp) {
        for group in self.at(now) {
            let same = self.shown.get(&group.id).is_some_and(|(light, _)| *light == group.light);
            if !same {
                self.shown.insert(group.id, (group.light, now));
            }
        }
    }

    fn set(&mut self, clock: Clock) {
        self.clock = clock;
        self.news = true;
    }

    /// The clock goes on when nobody asks any more, or after as long as may be.
    fn go_on(&mut self, at: Timestamp, since: Timestamp, who: StationId, now: Timestamp) {
        let ask = self.asks.iter().find(|a| a.who == who);
        let most_s = ask.map_or(0.0, |a| self.most_s(a.kind));
        if ask.is_none() || now.seconds_since(since) >= most_s {
            self.served.extend(ask.map(|a| a.who));
            self.behind_s = now.seconds_since(at);
            self.set(Clock::Runs);
        }
    }

    fn most_s(&self, kind: Priority) -> f64 {
        match kind {
            Priority::Emergency => self.grants.emergency_s,
            Priority::Bus => self.grants.bus_s,
        }
    }

    /// Looks after the most urgent request.
    fn serve(&mut self, now: Timestamp) {
        let open = self.asks.iter().filter(|a| !self.served.contains(&a.who) && self.group(a.group).is_some());
        let urgent = open.min_by_key(|a| (a.kind == Priority::Bus, a.arrives, a.who));
        let Some(ask) = urgent.cloned() else { return };
        let groups = self.at(now);
        let Some(mine) = groups.iter().find(|g| g.id == ask.group) else { return };
        let needed_s = ask.arrives.seconds_since(now).max(0.0) + SPARE_S;
        let left_s = mine.until.map_or(f64::INFINITY, |until| until.seconds_since(now));
        if goes(mine.light) {
            // A green that would end too soon stands; for a bus only when that helps.
            if left_s < needed_s
                && (left_s + self.most_s(ask.kind) >= needed_s || ask.kind == Priority::Emergency)
                && left_s < 1.0
            {
                let at = now.offset_secs(-self.behind_s);
                self.set(Clock::Stands { at, since: now, who: ask.who });
            }
            return;
        }
        self.end_early(&ask, &groups, now);
    }

    /// Ends the greens that stand against a request, when they have lasted long enough.
    fn end_early(&mut self, ask: &Ask, groups: &[SignalGroup], now: Timestamp) {
        let young = |g: &&SignalGroup| {
            let age_s = self.shown.get(&g.id).map_or(0.0, |(_, since)| now.seconds_since(*since));
            goes(g.light) && self.group(g.id).is_some_and(|p| p.yellow_s > 0.0) && age_s < self.grants.min_green_s
        };
        if groups.iter().any(|g| g.light == Light::Yellow) || groups.iter().filter(young).count() > 0 {
            return;
        }
        let plan_now = now.offset_secs(-self.behind_s);
        let Some(to) = self.target(ask, groups, plan_now) else { return };
        let from: BTreeMap<u8, Light> = groups.iter().map(|g| (g.id, g.light)).collect();
        let ends = now.offset_secs(self.clearance_s(&from, to, now));
        // The plan itself is as quick.
        if ends.seconds_since(now) >= to.seconds_since(plan_now) {
            return;
        }
        self.set(Clock::Changes { from, began: now, ends, to });
    }

    /// The moment of the plan to go to: the wanted green at once, or, for a bus, the next stage.
    fn target(&self, ask: &Ask, groups: &[SignalGroup], plan_now: Timestamp) -> Option<Timestamp> {
        let day_s = plan_now.as_millis().rem_euclid(DAY_MS) as f64 * 1e-3;
        let position = (day_s - self.offset_s).rem_euclid(self.cycle_s);
        let ahead = |from_s: f64| (from_s - position).rem_euclid(self.cycle_s);
        let ahead_s = match ask.kind {
            Priority::Emergency => ahead(self.group(ask.group)?.green_from_s),
            Priority::Bus => {
                // Between two stages there is nothing to end early.
                let vehicles = || self.groups.iter().filter(|g| g.yellow_s > 0.0);
                let any = vehicles().any(|v| groups.iter().any(|g| g.id == v.id && goes(g.light)));
                let next = vehicles().map(|g| ahead(g.green_from_s)).filter(|s| *s > 0.0).min_by(f64::total_cmp);
                next.filter(|_| any)?
            }
        };
        // Whole milliseconds, as the plan has.
        Some(plan_now.offset_secs((ahead_s * 1e3).round() * 1e-3))
    }

    /// Seconds from now until every group that `to` shows green is free of those that conflict with it.
    fn clearance_s(&self, from: &BTreeMap<u8, Light>, to: Timestamp, now: Timestamp) -> f64 {
        let target = self.plan.at(to);
        let greens: Vec<u8> = target.iter().filter(|g| goes(g.light)).map(|g| g.id).collect();
        let new: Vec<u8> = greens.iter().copied().filter(|id| !from.get(id).is_some_and(|l| goes(*l))).collect();
        let mut needed_s: f64 = 0.5;
        for group in self.groups.iter().filter(|g| !greens.contains(&g.id)) {
            if !new.iter().any(|id| self.conflict(group, *id)) {
                continue;
            }
            let walk = group.yellow_s <= 0.0;
            let after_s = if walk { self.grants.walk_clear_s } else { self.grants.clear_s };
            let light = from.get(&group.id).copied().unwrap_or(Light::Red);
            let red_s = self.shown.get(&group.id).map_or(f64::INFINITY, |(_, since)| now.seconds_since(*since));
            needed_s = needed_s.max(if goes(light) { group.yellow_s + after_s } else { after_s - red_s });
        }
        needed_s
    }

    /// The plan never shows both green.
    fn conflict(&self, a: &SignalGroupPlan, b: u8) -> bool {
        let Some(b) = self.group(b).filter(|b| b.id != a.id) else { return false };
        let within = |s: f64, g: &SignalGroupPlan| (s - g.green_from_s).rem_euclid(self.cycle_s) < g.green_s;
        !within(a.green_from_s, b) && !within(b.green_from_s, a)
    }
}

fn goes(light: Light) -> bool {
    matches!(light, Light::ProtectedGreen | Light::PermissiveGreen | Light::FlashingGreen)
}

#[cfg(test)]
mod tests {
    use rsu::config::{Signal, SignalProtocol};

    use super::*;

    const STEP_S: f64 = 0.1;

    fn granter() -> Granter {
        let group = |id, green_from_s, green_s, yellow_s| SignalGroupPlan { id, green_from_s, green_s, yellow_s };
        let group = vec![
            group(1, 0.0, 28.0, 3.0),
            group(2, 33.0, 10.0, 3.0),
            group(3, 48.0, 25.0, 3.0),
            group(4, 78.0, 7.0, 3.0),
            group(5, 48.0, 12.0, 0.0),
            group(6, 0.0, 14.0, 0.0),
        ];
        let plan = SignalPlan { cycle_s: 90.0, offset_s: 0.0, group };
        let signal = Signal { protocol: SignalProtocol::Plan, plan: Some(plan.clone()) };
        Granter::new(signal::Signals::new(&signal, None), &plan, Grants::default())
    }

    /// Runs from second `from` of the cycle; `asks` while the second is in the span. All lights every 0.1 s.
    fn run(from: f64, for_s: f64, group: u8, kind: Priority, asks: [f64; 2]) -> Vec<(f64, BTreeMap<u8, Light>)> {
        let mut granter = granter();
        let midnight = Timestamp::from_millis(1_772_496_000_000);
        let mut told = Vec::new();
        let mut t = from - 30.0;
        while t < from + for_s {
            let now = midnight.offset_secs(t);
            if (asks[0]..asks[1]).contains(&t) {
                let arrives = midnight.offset_secs(asks[1]);
                granter.ask(Ask { who: StationId::from_name("bus").unwrap(), group, kind, heard: now, arrives });
            }
            granter.step(now);
            told.push((t, granter.at(now).iter().map(|g| (g.id, g.light)).collect()));
            t += STEP_S;
        }
        told
    }

    /// No two conflicting groups go at once, every yellow is whole, and clearances are kept.
    fn is_safe(told: &[(f64, BTreeMap<u8, Light>)]) {
        let granter = granter();
        let mut ended: BTreeMap<u8, f64> = BTreeMap::new();
        for pair in told.windows(2) {
            let (t, now) = &pair[1];
            for (id, light) in now {
                let before = pair[0].1[id];
                if goes(before) && !goes(*light) {
                    ended.insert(*id, *t);
                    let vehicle = granter.group(*id).unwrap().yellow_s > 0.0;
                    assert!(!vehicle || *light == Light::Yellow, "group {id} at {t:.1}: no yellow");
                }
                if !goes(before) && goes(*light) {
                    for (other, at) in &ended {
                        let plan = granter.group(*other).unwrap();
                        if !granter.conflict(plan, *id) {
                            continue;
                        }
                        let least = if plan.yellow_s > 0.0 { plan.yellow_s + 2.0 } else { 14.0 };
                        assert!(t - at >= least - 0.15, "{id} green at {t:.1}, {other} ended at {at:.1}");
                    }
                    for (other, light) in now {
                        let clash = granter.conflict(granter.group(*other).unwrap(), *id);
                        assert!(!(clash && (goes(*light) || *light == Light::Yellow)), "{id} and {other} at {t:.1}");
                    }
                }
            }
        }
    }

    fn green_at(told: &[(f64, BTreeMap<u8, Light>)], group: u8, after: f64) -> f64 {
        told.iter().find(|(t, lights)| *t >= after && goes(lights[&group])).unwrap().0
    }

    #[test]
    fn an_emergency_gets_its_green_early_and_safely_from_every_second_of_the_cycle() {
        for second in 0..90 {
            for group in [1, 2, 3, 4] {
                let from = 900.0 + f64::from(second);
                let told = run(from, 60.0, group, Priority::Emergency, [from, from + 30.0]);
                is_safe(&told);
                let waited = green_at(&told, group, from) - from;
                // The longest: a green that just began, its yellow, and people on the crosswalk.
                assert!(waited <= 6.0 + 3.0 + 14.0 + 1.0, "group {group} at {second}: {waited:.1} s");
            }
        }
    }

    #[test]
    fn a_green_is_held_for_who_comes_and_not_for_ever() {
        let held = |kind, until: f64| {
            let told = run(915.0, 110.0, 1, kind, [920.0, until]);
            is_safe(&told);
            told.iter().find(|(t, l)| *t > 915.0 && !goes(l[&1])).unwrap().0
        };
        // Group 1 is green from 900 to 928 s.
        assert!((held(Priority::Emergency, 950.0) - 950.0).abs() < 3.0, "{}", held(Priority::Emergency, 950.0));
        assert!((held(Priority::Bus, 934.0) - 934.0).abs() < 3.0, "{}", held(Priority::Bus, 934.0));
        assert!(held(Priority::Bus, 960.0) < 930.0, "a bus that comes too late holds nothing");
    }

    #[test]
    fn a_bus_shortens_the_stages_before_its_own_and_skips_none() {
        let told = run(952.0, 60.0, 1, Priority::Bus, [952.0, 980.0]);
        is_safe(&told);
        let (third, fourth) = (green_at(&told, 4, 952.0), green_at(&told, 1, 952.0));
        assert!(third < fourth && fourth < 985.0, "{third} {fourth}: the plan itself has 978 and 990");
    }

    #[test]
    fn what_is_foretold_during_a_change_comes_true() {
        let mut granter = granter();
        let midnight = Timestamp::from_millis(1_772_496_000_000);
        let mut foretold: Option<(Timestamp, Light)> = None;
        for i in 0..400 {
            let now = midnight.offset_secs(950.0 + 0.1 * f64::from(i));
            if i > 10 {
                let who = StationId::from_name("fire").unwrap();
                let arrives = now.offset_secs(10.0);
                granter.ask(Ask { who, group: 1, kind: Priority::Emergency, heard: now, arrives });
            }
            granter.step(now);
            let news = granter.take_news();
            let group = granter.at(now).into_iter().find(|g| g.id == 1).unwrap();
            if let Some((at, light)) = foretold.filter(|(at, _)| now >= *at && !news) {
                assert_eq!(group.light, light, "{i}: foretold for {at}");
            }
            foretold = group.until.zip(group.next.first()).map(|(at, (light, _))| (at, *light));
        }
        assert!(goes(granter.shown[&1].0));
    }
}
