//! Verdicts: each expectation of a scenario against what was measured, as a sentence with numbers.

mod knowledge;
mod record;

use serde::Serialize;

use crate::chronicle::Part;
use crate::figures::Histogram;
use crate::judge::{ActorRecord, Judge, UnitRecord, record::SETTLE_S};
use crate::metrics::Metrics;
use crate::run::{Done, STEP};
use crate::scenario::expect::{
    Bounded, NeighbourLost, NoCollision, NoFalse, OneKey, Percentile, Rate, Recall, Silent, Warning,
};
use crate::scenario::{Check, Expect, FaultKind, Loaded};

/// One expectation, judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The sentence of the scenario.
    pub that: String,
    /// It holds.
    pub pass: bool,
    /// What was measured, and what was needed.
    pub measured: String,
}

/// What was measured for one expectation.
struct Found {
    pass: bool,
    text: String,
}

fn found(pass: bool, text: impl Into<String>) -> Found {
    Found { pass, text: text.into() }
}

/// Judges every expectation of a scenario that was run.
#[must_use]
pub fn judge(loaded: &Loaded, done: &Done) -> Vec<Verdict> {
    let expects = loaded.scenario.expect.iter().map(|e| e.as_ref());
    expects
        .map(|expect| {
            let all: Vec<_> = expect.checks().into_iter().map(|check| one(check, loaded, done)).collect();
            verdict(expect, all)
        })
        .collect()
}

/// Judges expectations on the true states and the storyboard alone, for engines without units. One that asks about a unit
/// does not hold.
#[must_use]
pub fn on_record<'a>(
    expects: impl IntoIterator<Item = &'a Expect>,
    metrics: &Metrics,
    storyboard: &[Part],
) -> Vec<Verdict> {
    let one = |check: Check<'_>| match check {
        Check::Storyboard(c) => record::storyboard(c, storyboard),
        check => record::judge(check, metrics),
    };
    let judged = |expect: &Expect| verdict(expect, expect.checks().into_iter().map(one).collect());
    expects.into_iter().map(judged).collect()
}

fn verdict(expect: &Expect, all: Vec<Found>) -> Verdict {
    Verdict {
        that: expect.that.clone(),
        pass: !all.is_empty() && all.iter().all(|f| f.pass),
        measured: all.into_iter().map(|f| f.text).collect::<Vec<_>>().join("; "),
    }
}

fn one(check: Check<'_>, loaded: &Loaded, done: &Done) -> Found {
    let judge = &done.judge;
    match check {
        Check::Warning(c) => warning(c, judge),
        Check::NoFalse(c) => no_false(c, judge),
        Check::Gospa(c) => {
            let worst = units(judge, c.unit.as_deref()).map(|u| u.worst_gospa).max_by(|a, b| a.0.total_cmp(&b.0));
            let at = worst.map_or(String::new(), |(m, at_s)| format!(", worst {m:.2} m at {at_s:.1} s"));
            let all = merged(units(judge, c.unit.as_deref()).map(|u| &u.gospas));
            percentile(c, all.as_ref(), "of GOSPA", "m", 2, &at)
        }
        Check::PositionError(c) => {
            let all = actor_or_units(c, judge, |u| &u.errors, |a| &a.errors);
            percentile(c, all.as_ref(), "of position errors", "m", 2, "")
        }
        Check::Age(c) => {
            let all = merged(units(judge, c.unit.as_deref()).map(|u| &u.ages));
            percentile(c, all.as_ref(), "of ages", "ms", 0, "")
        }
        Check::Recall(c) => recall(c, judge),
        Check::OneKey(c) => one_key(c, judge),
        Check::NeighbourLost(c) => neighbour_lost(c, loaded, judge),
        Check::Silent(c) => silent(c, judge),
        Check::Rate(c) => rate(c, judge, *loaded.scenario.for_s.as_ref()),
        Check::NoCollision(c) => no_collision(c, done),
        Check::Bounded(c) => bounded(c, judge),
        Check::SpeedError(c) => {
            let all = actor_or_units(c, judge, |u| &u.speed_errors, |a| &a.speed_errors);
            percentile(c, all.as_ref(), "of speed errors", "m/s", 2, "")
        }
        Check::HeadingError(c) => {
            let all = actor_or_units(c, judge, |u| &u.heading_errors, |a| &a.heading_errors);
            percentile(c, all.as_ref(), "of heading errors", "°", 1, "")
        }
        Check::Detected(c) => knowledge::detected(c, judge),
        Check::Known(c) => knowledge::known(c, judge),
        Check::Information(c) => knowledge::information(c, judge),
        Check::SpatTrue(c) => knowledge::spat_true(c, judge),
        Check::NoConflict(c) => knowledge::no_conflict(c, judge),
        Check::Speaks(c) => knowledge::speaks(c, judge),
        Check::Storyboard(c) => record::storyboard(c, &done.storyboard),
        Check::Bound(..)
        | Check::CutIn(_)
        | Check::StringStable(_)
        | Check::StandsAt(_)
        | Check::Delay(_)
        | Check::Stops(_)
        | Check::TopSpeed(_)
        | Check::Throughput(_) => match &done.recorded {
            Some(recorded) => record::judge(check, &recorded.metrics),
            None => found(false, "no record was kept"),
        },
    }
}

fn actor_or_units<'a>(
    c: &'a Percentile,
    judge: &'a Judge,
    of_unit: impl Fn(&'a UnitRecord) -> &'a Histogram,
    of_actor: impl Fn(&'a ActorRecord) -> &'a Histogram,
) -> Option<Histogram> {
    match &c.actor {
        Some(name) => judge.actors.get(name).map(|a| of_actor(a).clone()),
        None => merged(units(judge, c.unit.as_deref()).map(of_unit)),
    }
}

fn units<'a>(judge: &'a Judge, only: Option<&'a str>) -> impl Iterator<Item = &'a UnitRecord> {
    judge.units.iter().filter(move |u| only.is_none_or(|name| u.name == name))
}

fn merged<'a>(mut all: impl Iterator<Item = &'a Histogram>) -> Option<Histogram> {
    let mut sum = all.next()?.clone();
    all.for_each(|h| sum.merge(h));
    Some(sum)
}

fn percentile(c: &Percentile, all: Option<&Histogram>, what: &str, unit: &str, digits: usize, more: &str) -> Found {
    let value = all.and_then(|h| h.percentile(c.percentile));
    let Some((value, count)) = value.zip(all.map(Histogram::total)) else {
        return found(
            false,
            format!("nothing was measured (needed: {} % {what} at most {} {unit})", c.percentile, c.max),
        );
    };
    let text = format!(
        "{} % of {count} {} at most {value:.digits$} {unit} (needed {} {unit}){more}",
        c.percentile,
        what.trim_start_matches("of "),
        c.max
    );
    found(value <= c.max, text)
}

fn warning(c: &Warning, judge: &Judge) -> Found {
    let needed = c.before.time_to_collision_s;
    let lead =
        judge.leads.iter().find(|(w, _)| w.unit == c.unit && w.to == c.to && w.about == c.about && w.event == c.event);
    match lead.and_then(|(_, lead)| lead.as_ref()) {
        None => found(false, format!("{} never heard {} warn about {}", c.to, c.unit, c.about)),
        Some(lead) => match lead.lead_s {
            None => found(false, format!("heard at {:.2} s, when {} was already past", lead.at_s, c.to)),
            Some(s) => {
                let text =
                    format!("{} heard it at {:.2} s, {s:.2} s before contact (needed {needed} s)", c.to, lead.at_s);
                found(s >= needed, text)
            }
        },
    }
}

fn no_false(c: &NoFalse, judge: &Judge) -> Found {
    let Some(strays) = merged(units(judge, c.unit.as_deref()).map(|u| &u.strays)).filter(|s| s.total() > 0) else {
        return found(false, "no participant was told at all");
    };
    let (wrong, total) = (strays.above(c.within_m), strays.total());
    let share = wrong as f64 / total as f64;
    let farthest = units(judge, c.unit.as_deref()).map(|u| u.farthest).max_by(|a, b| a.0.total_cmp(&b.0));
    let (far_m, at_s) = farthest.unwrap_or_default();
    let text = format!(
        "{wrong} of {total} participants farther than {} m from everybody (allowed {:.2} %), farthest {far_m:.1} m at {at_s:.1} s",
        c.within_m,
        100.0 * c.max_share
    );
    found(share <= c.max_share, text)
}

fn recall(c: &Recall, judge: &Judge) -> Found {
    let counts = units(judge, c.unit.as_deref())
        .flat_map(|u| &u.recalls)
        .filter(|(class, _)| c.class.is_none_or(|k| k == **class));
    let (all, known) = counts.fold((0, 0), |(a, k), (_, (all, known))| (a + all, k + known));
    if all == 0 {
        return found(false, "nobody was in plain view");
    }
    let share = known as f64 / all as f64;
    found(
        share >= c.min,
        format!("{:.2} % of what was in plain view was tracked (needed {:.2} %)", 100.0 * share, 100.0 * c.min),
    )
}

fn one_key(c: &OneKey, judge: &Judge) -> Found {
    let Some(record) = judge.actors.get(&c.actor) else {
        return found(false, format!("no unit ever tracked {}", c.actor));
    };
    let keys: Vec<_> = record.keys.iter().map(|(key, (at_s, _))| format!("{key} from {at_s:.1} s")).collect();
    let missing: Vec<_> = c
        .units
        .iter()
        .filter(|u| !record.keys.values().any(|(_, units)| units.contains(*u)))
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        return found(false, format!("{} never tracked {}", missing.join(", "), c.actor));
    }
    found(keys.len() == 1, format!("{} key{}: {}", keys.len(), if keys.len() == 1 { "" } else { "s" }, keys.join(", ")))
}

fn neighbour_lost(c: &NeighbourLost, loaded: &Loaded, judge: &Judge) -> Found {
    use FaultKind as K;
    let faults = loaded.scenario.fault.iter().map(|f| f.as_ref());
    let Some(died_s) =
        faults.filter(|f| f.is_of(&c.unit) && matches!(f.kind, K::UnitKilled | K::LinkCut)).map(|f| f.at_s).next()
    else {
        return found(false, format!("no fault kills {} or cuts its link", c.unit));
    };
    let mut texts = Vec::new();
    let mut pass = !c.by.is_empty();
    for name in &c.by {
        let lost = units(judge, Some(name)).flat_map(|u| &u.lost).find(|(at, who)| *at >= died_s && *who == c.unit);
        match lost {
            Some((at, _)) => {
                pass &= at - died_s <= c.within_s;
                texts.push(format!("{name} noticed after {:.2} s", at - died_s));
            }
            None => {
                pass = false;
                texts.push(format!("{name} never noticed"));
            }
        }
    }
    found(pass, format!("{} (needed {} s)", texts.join(", "), c.within_s))
}

fn silent(c: &Silent, judge: &Judge) -> Found {
    let Some((_, record)) = judge.silences.iter().find(|(s, _)| s.unit == c.unit && s.from_s == c.from_s) else {
        return found(false, "was not watched");
    };
    let step_s = STEP.as_secs_f64();
    // Within one step the unit may still say what it was just saying.
    let late = record.messages > 0 && record.last_s >= c.from_s + step_s;
    let reason = record.reason_s.map(|at| (at - c.from_s).max(0.0));
    let said: Vec<_> = record.reasons.iter().map(String::as_str).collect();
    let text = match reason {
        Some(after) => format!(
            "{} message{} after the fault, reason `{}` after {:.0} ms",
            record.messages,
            if record.messages == 1 { "" } else { "s" },
            c.reason,
            after * 1e3
        ),
        None => format!("{} messages, reason `{}` never given (given: {})", record.messages, c.reason, said.join(", ")),
    };
    found(!late && reason.is_some_and(|after| after <= step_s), text)
}

fn rate(c: &Rate, judge: &Judge, for_s: f64) -> Found {
    let seconds = (for_s - SETTLE_S).max(0.1);
    let rates: Vec<_> = units(judge, c.unit.as_deref())
        .map(|u| (u.name.as_str(), u.messages.get(&c.message).map_or(0, |t| t.settled) as f64 / seconds))
        .collect();
    let pass =
        !rates.is_empty() && rates.iter().all(|(_, hz)| *hz >= c.min_hz && c.max_hz.is_none_or(|max| *hz <= max));
    let all: Vec<_> = rates.iter().map(|(name, hz)| format!("{name} {hz:.2}")).collect();
    let most = c.max_hz.map_or(String::new(), |max| format!(" to {max}"));
    found(pass, format!("{} {} a second (needed {}{most})", all.join(", "), c.message.name(), c.min_hz))
}

fn no_collision(c: &NoCollision, done: &Done) -> Found {
    let mine = |names: &[String; 2]| c.actor.as_ref().is_none_or(|a| names.contains(a));
    let hits: Vec<_> = done.world.collisions().iter().filter(|hit| mine(&hit.names)).collect();
    match hits.first() {
        None => found(true, format!("0 collisions, up to {} road users at once", done.judge.most_users)),
        Some(hit) => found(
            false,
            format!(
                "{} collision{}, the first at {:.2} s: {} and {} at {:.1} m/s",
                hits.len(),
                if hits.len() == 1 { "" } else { "s" },
                done.judge.seconds(hit.at),
                hit.names[0],
                hit.names[1],
                hit.relative_mps
            ),
        ),
    }
}

fn bounded(c: &Bounded, judge: &Judge) -> Found {
    let dropped: u64 = judge.units.iter().map(|u| u.dropped + u.not_encoded + u.undecodable).sum();
    let text = format!(
        "{dropped} dropped by queues or not sent, up to {} road users at once (needed {})",
        judge.most_users, c.road_users
    );
    found(dropped == 0 && judge.most_users >= c.road_users, text)
}
