//! What every signal group shows now and next: from the fixed-time plan of the configuration, or from a controller's own
//! words while they are fresh.

mod conflict;

use std::collections::BTreeMap;

use calibration::Timestamp;

use crate::config::{Signal, SignalGroupPlan, SignalPlan, SignalProtocol};
use crate::limits;
use crate::site_map::SiteMap;
use crate::world::{Light, SignalGroup};

pub use conflict::Conflicts;

/// A controller's words count as fresh for this long, seconds. Controllers speak at 1 Hz at least (GA/T 1743: each second).
pub const FRESH_S: f64 = 3.0;
/// A controller's words from farther ahead than this are refused, seconds.
const AHEAD_S: f64 = 1.0;
const DAY_MS: i64 = 86_400_000;

/// Where the unit knows its signals from.
#[derive(Clone, Debug, PartialEq)]
pub struct Signals {
    plan: Option<Plan>,
    conflicts: Conflicts,
    heard: Option<(Timestamp, BTreeMap<u8, SignalGroup>)>,
}

/// Why a controller's words were refused.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignalError {
    /// Older than they may be.
    #[error("stale")]
    Stale,
    /// From the future: the controller's clock and ours differ.
    #[error("from-the-future")]
    FromTheFuture,
    /// A group number 0, or twice the same.
    #[error("malformed")]
    Malformed,
    /// Two groups are green whose ways cross: what the lamps show is not known, all groups are told as unknown.
    #[error("conflicting-greens")]
    ConflictingGreens,
}

impl Signals {
    /// From the configuration; the map tells which greens must not meet.
    #[must_use]
    pub fn new(config: &Signal, map: Option<&SiteMap>) -> Self {
        let plan = match config.protocol {
            SignalProtocol::Plan => config.plan.as_ref().and_then(Plan::new),
            SignalProtocol::None => None,
        };
        let together = |a: u8, b: u8| plan.as_ref().is_some_and(|plan| plan.are_green_together(a, b));
        let conflicts = map.map(|map| Conflicts::of(map, together)).unwrap_or_default();
        Self { plan, conflicts, heard: None }
    }

    /// Takes what a controller said. It overrides the plan while it is fresh.
    ///
    /// # Errors
    /// When it is stale, from the future, or names a group twice: the former state stays. When crossing ways are green at
    /// once: a controller in that state cannot be believed about any lamp, so all its groups are unknown until it speaks
    /// sense again or falls silent.
    pub fn hear(&mut self, now: Timestamp, tov: Timestamp, groups: &[SignalGroup]) -> Result<(), SignalError> {
        let age_s = now.seconds_since(tov);
        if age_s > FRESH_S || self.heard.as_ref().is_some_and(|(at, _)| tov < *at) {
            return Err(SignalError::Stale);
        }
        if age_s < -AHEAD_S {
            return Err(SignalError::FromTheFuture);
        }
        let mut heard = BTreeMap::new();
        for group in groups {
            if group.id == 0 || heard.insert(group.id, trimmed(group)).is_some() {
                return Err(SignalError::Malformed);
            }
        }
        self.heard = Some((tov, heard));
        let shown = self.said_at(now).unwrap_or_default();
        self.conflicts.between(&shown).map_or(Ok(()), |_| Err(SignalError::ConflictingGreens))
    }

    /// All signal groups as they show at `now`, in the order of their numbers.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Vec<SignalGroup> {
        match self.said_at(now) {
            Some(groups) if self.conflicts.between(&groups).is_some() => groups.iter().map(unknown).collect(),
            Some(groups) => groups,
            None => self.plan.as_ref().map(|plan| plan.at(now)).unwrap_or_default(),
        }
    }

    /// The controller's words carried on to `now`; none when they are not fresh.
    fn said_at(&self, now: Timestamp) -> Option<Vec<SignalGroup>> {
        let (tov, groups) = self.heard.as_ref()?;
        let fresh = now.seconds_since(*tov) <= FRESH_S;
        fresh.then(|| groups.values().map(|group| advanced(group.clone(), now)).collect())
    }

    /// Forgets what was heard; for a clock that was set back.
    pub fn forget(&mut self) {
        self.heard = None;
    }
}

/// A group of which only the number is known.
fn unknown(group: &SignalGroup) -> SignalGroup {
    SignalGroup { id: group.id, light: Light::Unknown, until: None, next: Vec::new() }
}

/// Keeps what is usable of a group's coming states.
fn trimmed(group: &SignalGroup) -> SignalGroup {
    let usable = |(_, seconds): &&(Light, f64)| (0.0..=3600.0).contains(seconds);
    let next = group.next.iter().take_while(usable).take(limits::SIGNAL_STATES).copied().collect();
    SignalGroup { next, ..group.clone() }
}

/// Walks a group over the changes that came due since it was heard.
fn advanced(mut group: SignalGroup, now: Timestamp) -> SignalGroup {
    while let Some(until) = group.until.filter(|until| *until <= now) {
        if group.next.is_empty() {
            group.until = None;
            break;
        }
        let (light, seconds) = group.next.remove(0);
        group.light = light;
        group.until = Some(until.offset_secs(seconds));
        if seconds <= 0.0 && group.next.is_empty() {
            group.until = None;
        }
    }
    group
}

/// A fixed-time plan in whole milliseconds.
#[derive(Clone, Debug, PartialEq)]
struct Plan {
    cycle_ms: i64,
    offset_ms: i64,
    /// For each group the pieces of the cycle in order, starting at 0: (light, start, end).
    groups: BTreeMap<u8, Vec<(Light, i64, i64)>>,
}

impl Plan {
    /// `None` for a plan without a usable cycle.
    fn new(plan: &SignalPlan) -> Option<Self> {
        let cycle_ms = millis(plan.cycle_s)?;
        if !(1_000..=DAY_MS).contains(&cycle_ms) {
            return None;
        }
        let groups = plan.group.iter().take(limits::SIGNAL_GROUPS).filter(|g| g.id > 0);
        let groups = groups.filter_map(|g| Some((g.id, pieces(g, cycle_ms)?))).collect();
        Some(Self { cycle_ms, offset_ms: millis(plan.offset_s)?.rem_euclid(DAY_MS), groups })
    }

    /// Both are green at some moment of the cycle.
    fn are_green_together(&self, a: u8, b: u8) -> bool {
        let greens = |id: u8| {
            let pieces = self.groups.get(&id).into_iter().flatten();
            pieces.filter(|(light, ..)| light.is_green()).map(|(_, start, end)| (*start, *end)).collect::<Vec<_>>()
        };
        let others = greens(b);
        greens(a).iter().any(|(start, end)| others.iter().any(|(from, to)| start < to && from < end))
    }

    fn at(&self, now: Timestamp) -> Vec<SignalGroup> {
        let now_ms = now.as_millis();
        // Cycles start at UTC midnight plus the offset, and start anew there each day: a cycle that does not divide the
        // day ends early, once.
        let since_start = (now_ms - self.offset_ms).rem_euclid(DAY_MS);
        let restart_in = DAY_MS - since_start;
        let position = since_start.rem_euclid(self.cycle_ms);
        let groups = self.groups.iter();
        groups.map(|(id, pieces)| self.group(*id, pieces, now_ms, position, restart_in)).collect()
    }

    fn group(&self, id: u8, pieces: &[(Light, i64, i64)], now_ms: i64, position: i64, restart_in: i64) -> SignalGroup {
        // The coming lights as (light, ms from now at which it begins), one round and a bit, cut and begun anew at the restart.
        let mut coming: Vec<(Light, i64)> = Vec::new();
        let mut begin = -position;
        let mut restarted = false;
        'rounds: for _ in 0..4 {
            for (light, start, end) in pieces {
                if !restarted && begin + start >= restart_in {
                    begin = restart_in;
                    restarted = true;
                    continue 'rounds;
                }
                if begin + end > 0 && coming.last().is_none_or(|(last, _)| last != light) {
                    coming.push((*light, begin + start));
                }
            }
            begin = if !restarted && begin + self.cycle_ms >= restart_in {
                restarted = true;
                restart_in
            } else {
                begin + self.cycle_ms
            };
        }
        let until = coming.get(1).map(|(_, at)| Timestamp::from_millis(now_ms.saturating_add(*at)));
        let next = coming.windows(2).skip(1).map(|w| (w[0].0, (w[1].1 - w[0].1) as f64 * 1e-3));
        // One round is enough: the states until the group shows again what it shows now, that one included.
        let round = coming.iter().skip(1).position(|(light, _)| *light == coming[0].0).map_or(0, |n| n + 1);
        let next = next.take(round.min(limits::SIGNAL_STATES)).collect();
        SignalGroup { id, light: coming.first().map_or(Light::Unknown, |(light, _)| *light), until, next }
    }
}

/// Milliseconds of a number of seconds that a day can hold.
fn millis(seconds: f64) -> Option<i64> {
    (seconds.is_finite() && seconds.abs() <= 86_400.0).then(|| (seconds * 1e3).round() as i64)
}

/// The cycle of one group as pieces from 0 to the cycle's end: red unless said otherwise.
fn pieces(group: &SignalGroupPlan, cycle_ms: i64) -> Option<Vec<(Light, i64, i64)>> {
    let from = millis(group.green_from_s)?.rem_euclid(cycle_ms);
    let green = millis(group.green_s)?.clamp(0, cycle_ms);
    let yellow = millis(group.yellow_s)?.clamp(0, cycle_ms - green);
    let mut out = Vec::new();
    // From the start of green; then turned so that the list starts with the cycle.
    let parts = [
        (Light::ProtectedGreen, from, from + green),
        (Light::Yellow, from + green, from + green + yellow),
        (Light::Red, from + green + yellow, from + cycle_ms),
    ];
    for (light, start, end) in parts {
        for shift in [0, cycle_ms] {
            let (start, end) = ((start - shift).max(0), (end - shift).min(cycle_ms));
            if start < end {
                out.push((light, start, end));
            }
        }
    }
    out.sort_by_key(|(_, start, _)| *start);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(cycle_s: f64, offset_s: f64, groups: &[(u8, f64, f64, f64)]) -> Signals {
        let group = groups
            .iter()
            .map(|&(id, green_from_s, green_s, yellow_s)| SignalGroupPlan { id, green_from_s, green_s, yellow_s })
            .collect();
        Signals::new(
            &Signal { protocol: SignalProtocol::Plan, plan: Some(SignalPlan { cycle_s, offset_s, group }) },
            None,
        )
    }

    fn t(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_group_goes_green_yellow_red_in_step_with_utc() {
        let signals = plan(60.0, 0.0, &[(1, 10.0, 20.0, 3.0)]);
        let show = |text: &str| {
            let group = &signals.at(t(text))[0];
            (group.light, group.until.unwrap().millis_since(t(text)).round(), group.next.clone())
        };
        let (light, left, next) = show("2026-03-01T12:00:15Z");
        assert_eq!((light, left), (Light::ProtectedGreen, 15_000.0));
        assert_eq!(next, [(Light::Yellow, 3.0), (Light::Red, 37.0), (Light::ProtectedGreen, 20.0)]);
        assert_eq!(show("2026-03-01T12:00:30Z").0, Light::Yellow);
        assert_eq!(
            show("2026-03-01T12:00:33Z"),
            (Light::Red, 37_000.0, [(Light::ProtectedGreen, 20.0), (Light::Yellow, 3.0), (Light::Red, 37.0)].into())
        );
        assert_eq!(show("2026-03-01T12:00:09.999Z").0, Light::Red);
        assert_eq!(show("2026-03-01T12:00:10Z").0, Light::ProtectedGreen);
    }

    #[test]
    fn green_over_the_end_of_the_cycle_is_one_green() {
        let signals = plan(60.0, 0.0, &[(1, 50.0, 20.0, 3.0)]);
        let group = &signals.at(t("2026-03-01T12:00:55Z"))[0];
        assert_eq!(group.light, Light::ProtectedGreen);
        assert_eq!(group.until, Some(t("2026-03-01T12:01:10Z")));
        assert_eq!(group.next[..2], [(Light::Yellow, 3.0), (Light::Red, 37.0)]);
    }

    #[test]
    fn the_plan_goes_on_across_midnight() {
        // 86400 / 90 is whole: nobody notices midnight.
        let signals = plan(90.0, 0.0, &[(1, 0.0, 28.0, 3.0)]);
        let before = &signals.at(t("2026-03-01T23:59:59Z"))[0];
        assert_eq!((before.light, before.until), (Light::Red, Some(t("2026-03-02T00:00:00Z"))));
        let after = &signals.at(t("2026-03-02T00:00:00Z"))[0];
        assert_eq!((after.light, after.until), (Light::ProtectedGreen, Some(t("2026-03-02T00:00:28Z"))));
    }

    #[test]
    fn what_is_foretold_comes_true_even_over_a_short_last_cycle() {
        // 86400 / 70 is not whole: the last cycle before 00:00:05 ends after 20 s. Every second, what was foretold a
        // moment ago must hold.
        let signals = plan(70.0, 5.0, &[(1, 0.0, 30.0, 3.0), (2, 35.0, 25.0, 0.0), (3, 60.0, 25.0, 3.0)]);
        let start = t("2026-03-01T23:57:00Z");
        for second in 0..400 {
            let now = start.offset_secs(f64::from(second));
            for group in signals.at(now) {
                let mut at = group.until.unwrap();
                for (light, seconds) in &group.next {
                    let shown = &signals.at(at)[usize::from(group.id) - 1];
                    assert_eq!(shown.light, *light, "group {} foretold at {now} for {at}", group.id);
                    assert_eq!(shown.until, Some(at.offset_secs(*seconds)), "group {} at {at}", group.id);
                    at = at.offset_secs(*seconds);
                }
            }
        }
    }

    #[test]
    fn a_group_that_is_always_green_has_no_change_to_tell() {
        let signals = plan(60.0, 0.0, &[(1, 0.0, 60.0, 3.0), (2, 0.0, 0.0, 0.0)]);
        let groups = signals.at(t("2026-03-01T12:00:15Z"));
        assert_eq!((groups[0].light, groups[0].until, groups[0].next.len()), (Light::ProtectedGreen, None, 0));
        assert_eq!((groups[1].light, groups[1].until), (Light::Red, None));
    }

    #[test]
    fn a_controller_overrides_the_plan_while_it_is_fresh() {
        let mut signals = plan(60.0, 0.0, &[(1, 0.0, 30.0, 3.0)]);
        let now = t("2026-03-01T12:00:10Z");
        let said = SignalGroup {
            id: 1,
            light: Light::Red,
            until: Some(now.offset_secs(1.0)),
            next: vec![(Light::ProtectedGreen, 1.0), (Light::Yellow, 3.0)],
        };
        signals.hear(now, now, std::slice::from_ref(&said)).unwrap();
        assert_eq!(signals.at(now), std::slice::from_ref(&said));
        let later = &signals.at(now.offset_secs(2.5))[0];
        assert_eq!((later.light, later.until), (Light::Yellow, Some(now.offset_secs(5.0))));
        assert_eq!(signals.at(now.offset_secs(FRESH_S + 0.1))[0].light, Light::ProtectedGreen);
        assert_eq!(signals.hear(now.offset_secs(9.0), now, &[]), Err(SignalError::Stale));
        assert_eq!(signals.hear(now.offset_secs(-9.0), now, &[]), Err(SignalError::FromTheFuture));
        assert_eq!(signals.hear(now, now, &[said.clone(), said]), Err(SignalError::Malformed));
    }

    #[test]
    fn a_senseless_plan_shows_nothing_and_does_not_panic() {
        for cycle in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-9, 1e300] {
            assert!(plan(cycle, 0.0, &[(1, 0.0, 30.0, 3.0)]).at(t("2026-03-01T12:00:10Z")).is_empty(), "{cycle}");
        }
        let odd = plan(
            60.0,
            -7.0,
            &[(0, 1.0, 1.0, 1.0), (1, f64::NAN, 3.0, 3.0), (2, -500.0, 500.0, 500.0), (3, 70.0, 5.0, -3.0)],
        );
        for ns in [i64::MIN, -1, 0, i64::MAX] {
            let shown: Vec<u8> = odd.at(Timestamp::from_nanos(ns)).iter().map(|g| g.id).collect();
            assert_eq!(shown, [2, 3]);
        }
    }
}
