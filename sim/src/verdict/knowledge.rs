//! Expectations about what units and vehicles know and say.

use super::{Found, found, units};
use crate::judge::Judge;
use crate::judge::knowledge::nearest_rank;
use crate::scenario::measure::{Detected, Information, Known, NoConflict, SpatTrue, Speaks};

pub(super) fn detected(c: &Detected, judge: &Judge) -> Found {
    let mut delays: Vec<f64> =
        units(judge, c.unit.as_deref()).flat_map(|u| u.sights.delays(c.actor.as_deref())).collect();
    delays.sort_by(f64::total_cmp);
    let Some(value) = nearest_rank(&delays, c.percentile) else {
        return found(false, "nobody came into plain view");
    };
    let never = delays.iter().filter(|d| d.is_infinite()).count();
    let said = if value.is_finite() { format!("after {value:.1} s") } else { "never".to_owned() };
    let text = format!(
        "{} % of {} were tracked {said} of plain view or sooner, {never} never (needed {} s)",
        c.percentile,
        delays.len(),
        c.within_s
    );
    found(value <= c.within_s + 1e-9, text)
}

pub(super) fn known(c: &Known, judge: &Judge) -> Found {
    let Some((record, share)) = judge.vehicles.get(&c.vehicle).and_then(|v| Some((v, v.known_within(c.within_ms)?)))
    else {
        return found(false, format!("{} was never near anybody whom a unit sees", c.vehicle));
    };
    let text = format!(
        "{} knew {:.1} % of those around it from at most {} ms ago (needed {:.1} %), {} of {} not at all",
        c.vehicle,
        100.0 * share,
        c.within_ms,
        100.0 * c.min,
        record.unknown,
        record.ages.total()
    );
    found(share >= c.min, text)
}

pub(super) fn information(c: &Information, judge: &Judge) -> Found {
    let Some(value) = judge.vehicles.get(&c.vehicle).and_then(|v| v.ages.percentile(c.percentile)) else {
        return found(false, format!("{} was never near anybody whom a unit sees", c.vehicle));
    };
    let text = format!(
        "{} % of what {} needs to know was at most {value:.0} ms old (needed {} ms)",
        c.percentile, c.vehicle, c.max
    );
    found(value <= c.max, text)
}

pub(super) fn spat_true(c: &SpatTrue, judge: &Judge) -> Found {
    let seconds = units(judge, c.unit.as_deref()).flat_map(|u| &u.signals).filter(|(s, _)| f64::from(**s) >= c.from_s);
    let (all, right, first) = seconds.fold((0, 0, None), |(all, right, first), (s, (n, r))| {
        (all + n, right + r, if r < n { first.or(Some(*s)) } else { first })
    });
    if all == 0 {
        return found(false, "nothing was said about signals");
    }
    let share = right as f64 / all as f64;
    let wrong = first.map_or(String::new(), |s| format!(", the first wrong one at {s} s"));
    let text = format!(
        "{:.2} % of {all} states of signal groups were true (needed {:.2} %){wrong}",
        100.0 * share,
        100.0 * c.min
    );
    found(share >= c.min, text)
}

pub(super) fn no_conflict(c: &NoConflict, judge: &Judge) -> Found {
    let Some((_, count, first)) = judge.conflicts.iter().find(|(e, ..)| e.unit == c.unit && e.groups == c.groups)
    else {
        return found(false, "was not watched");
    };
    let groups = c.groups.iter().map(u8::to_string).collect::<Vec<_>>().join(" and ");
    match first {
        None => found(true, format!("groups {groups} were never said to be green at once")),
        Some(at_s) => found(
            false,
            format!("{} said {count} times that groups {groups} are green at once, first at {at_s:.1} s", c.unit),
        ),
    }
}

pub(super) fn speaks(c: &Speaks, judge: &Judge) -> Found {
    let same = |e: &Speaks| e.unit == c.unit && e.from_s == c.from_s && e.until_s == c.until_s;
    let Some((_, count)) = judge.spans.iter().find(|(e, _)| same(e)) else {
        return found(false, "was not watched");
    };
    let hz = *count as f64 / (c.until_s - c.from_s).max(1e-9);
    let text = format!(
        "{} said {hz:.1} messages a second from {} s to {} s (needed {})",
        c.unit, c.from_s, c.until_s, c.min_hz
    );
    found(hz >= c.min_hz, text)
}
