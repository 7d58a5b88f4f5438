//! The page of one run.

use std::fmt::Write as _;

use super::outcome::{Evidence, Outcome};
use super::{STYLE, draw, film, plot, text};
use crate::chronicle::{Mark, MarkKind};
use crate::judge::{Judge, UnitRecord};
use crate::metrics::cut_in::avoidable_above_s;
use crate::metrics::{Metrics, Pair};
use crate::sweep::row;

/// Lines of what happened that are shown; and those shown without opening the list.
const EVENTS: usize = 500;
const OPEN: usize = 25;
/// Pairs of road users shown, the most critical ones.
const PAIRS: usize = 12;

/// The page.
pub(super) fn page(outcome: &Outcome, evidence: &Evidence<'_>) -> String {
    let mut h = head(outcome);
    expectations(&mut h, outcome);
    if let Some(recorded) = evidence.recorded {
        if let Some(scene) = &recorded.film.worst {
            h += &film::strip(&evidence.ground, scene, &recorded.metrics);
        }
        let (traces, metrics) = (&recorded.traces, &recorded.metrics);
        h += &plot::journeys(&evidence.ground, traces, metrics, evidence.marks, outcome.for_s);
    }
    happened(&mut h, evidence);
    h += &plot::storyboard(evidence.storyboard, outcome.for_s);
    if let Some(recorded) = evidence.recorded {
        figures(&mut h, outcome);
        pairs(&mut h, &recorded.metrics);
        cut_ins(&mut h, &recorded.metrics);
    }
    if let Some(worst) = evidence.judge.and_then(|judge| judge.worst.as_ref()) {
        let _ = write!(
            h,
            "<h2>The largest position error: {:.1} s, {} {:.2} m off as {} saw it</h2>",
            worst.at_s,
            text(&worst.who),
            worst.error_m,
            text(&worst.unit)
        );
        h += "<p class=\"note\">Filled: the truth. Outlined: the tracks.</p>";
        h += &draw::top_view(&evidence.ground, worst);
    }
    if let Some(judge) = evidence.judge {
        judge.units.iter().for_each(|unit| unit_section(&mut h, unit));
        vehicles(&mut h, judge);
    }
    h += "</html>\n";
    h
}

fn head(outcome: &Outcome) -> String {
    let mut h = String::new();
    let _ = write!(
        h,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{}</title>",
        text(&outcome.scenario)
    );
    let _ = write!(h, "<meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style>");
    let word = if outcome.pass { "<span class=\"p\">PASS</span>" } else { "<span class=\"f\">FAIL</span>" };
    let _ = write!(h, "<h1>{} — {word}</h1><p>{}</p>", text(&outcome.scenario), text(&outcome.title));
    h += "<ul class=\"facts\">";
    let mut fact = |name: &str, value: String| {
        let _ = write!(h, "<li><span>{name}</span> <b>{value}</b></li>");
    };
    fact("seed", outcome.seed.to_string());
    fact("simulated", format!("{} s", trimmed(outcome.for_s)));
    if let Some(played) = &outcome.openscenario {
        fact("step", format!("{} s", trimmed(played.dt_s)));
        fact("road users", played.entities.to_string());
        fact("trajectory", format!("<code>{}</code>", played.trajectory_fnv1a));
        for (name, value) in &played.values {
            fact(&format!("${}", text(name)), text(value));
        }
    } else {
        fact("messages", outcome.messages.to_string());
        fact("their hash", format!("<code>{}</code>", outcome.messages_fnv1a));
    }
    if let Some(hits) = outcome.figures.get("collisions") {
        fact("collisions", format!("{hits}"));
    }
    let _ = write!(h, "</ul><p>Repeat it:</p><code class=\"repeat\">{}</code>", text(&outcome.repeat));
    h
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn expectations(h: &mut String, outcome: &Outcome) {
    h.push_str("<h2>Expectations</h2><div class=\"wide\"><table><tr><th>Verdict<th>Expectation<th>Measured");
    for v in &outcome.verdicts {
        let (class, word) = if v.pass { ("p", "PASS") } else { ("f", "FAIL") };
        let _ = write!(h, "<tr><td class=\"{class}\">{word}<td>{}<td>{}", text(&v.that), text(&v.measured));
        if !v.pass {
            let _ = write!(h, "<br>Repeat: <code>{}</code>", text(&outcome.repeat));
        }
    }
    h.push_str("</table></div>");
}

fn happened(h: &mut String, evidence: &Evidence<'_>) {
    if evidence.marks.is_empty() {
        return;
    }
    h.push_str("<h2>What happened</h2>");
    let (open, more) = evidence.marks.split_at(evidence.marks.len().min(OPEN));
    lines(h, open);
    let shown = more.len().min(EVENTS - OPEN);
    if shown > 0 {
        let _ = write!(h, "<details><summary>{shown} more</summary>");
        lines(h, &more[..shown]);
        h.push_str("</details>");
    }
    let left = (more.len() - shown) as u64 + evidence.lost;
    if left > 0 {
        let _ = write!(h, "<p class=\"note\">And {left} that are not listed.</p>");
    }
}

fn lines(h: &mut String, marks: &[Mark]) {
    h.push_str("<div class=\"wide\"><table><tr><th class=\"n\">Time<th>Kind<th class=\"full\">What");
    for mark in marks {
        let class = if mark.kind == MarkKind::Collision { " class=\"f\"" } else { "" };
        let _ =
            write!(h, "<tr><td class=\"n\">{:.2} s<td{class}>{}<td>{}", mark.at_s, mark.kind.word(), text(&mark.text));
    }
    h.push_str("</table></div>");
}

fn figures(h: &mut String, outcome: &Outcome) {
    h.push_str("<h2>Safety and traffic</h2><div class=\"wide\"><table><tr><th>Figure<th class=\"n\">Value<th class=\"full\">What it is");
    for (name, what) in row::FIGURES {
        if let Some(value) = outcome.figures.get(name) {
            let _ = write!(h, "<tr><td>{name}<td class=\"n\">{}<td>{what}", trimmed(*value));
        }
    }
    h.push_str("</table></div>");
}

/// The pairs that came nearest to a crash: those that touched, then by the time left, then by the distance.
fn pairs(h: &mut String, metrics: &Metrics) {
    let order = |p: &Pair| {
        let least = |v: Option<f64>| v.unwrap_or(f64::INFINITY);
        (p.collisions.is_empty(), least(p.ttc_2d_s.value()), least(p.distance_m.value()))
    };
    let mut all: Vec<_> = metrics.pairs_of(None, None).collect();
    all.sort_by(|(_, a), (_, b)| order(a).partial_cmp(&order(b)).unwrap_or(std::cmp::Ordering::Equal));
    if all.is_empty() {
        return;
    }
    let _ = write!(h, "<h2>Pairs of road users</h2><div class=\"wide\"><table><tr><th>Who");
    let columns = ["Contacts", "Distance, m", "TTC, s", "2D TTC, s", "PET, s", "THW, s", "Gap, s", "DRAC, m/s²"];
    for name in columns {
        let _ = write!(h, "<th class=\"n\">{name}");
    }
    for ([a, b], p) in all.iter().take(PAIRS) {
        let class = if p.collisions.is_empty() { "" } else { " class=\"f\"" };
        let _ = write!(h, "<tr><td{class}>{} and {}<td class=\"n\">{}", text(a), text(b), p.collisions.len());
        for figure in [p.distance_m, p.ttc_s, p.ttc_2d_s, p.pet_s, p.thw_s, p.time_gap_s, p.drac_mps2] {
            let cell = match figure.found() {
                Some((v, at)) if v.is_finite() => format!("<span title=\"at {at:.1} s\">{v:.2}</span>"),
                Some(_) => "∞".to_owned(),
                None => "–".to_owned(),
            };
            let _ = write!(h, "<td class=\"n\">{cell}");
        }
    }
    let more = all.len().saturating_sub(PAIRS);
    let note = if more > 0 { format!(" {more} more pairs came near each other.") } else { String::new() };
    let _ = write!(
        h,
        "</table></div><p class=\"note\">The worst of each pair, the most critical first; – : it never came to one.{note}</p>"
    );
}

/// Every cut-in, held against the table of UN R157.
fn cut_ins(h: &mut String, metrics: &Metrics) {
    let pairs =
        metrics.pairs().iter().flat_map(|(ids, pair)| pair.cut_ins.iter().flatten().map(move |c| (ids, pair, c)));
    let mut all: Vec<_> = pairs.collect();
    all.sort_by(|a, b| a.2.1.at_s.total_cmp(&b.2.1.at_s));
    if all.is_empty() {
        return;
    }
    h.push_str("<h2>Cut-ins</h2><div class=\"wide\"><table><tr><th class=\"n\">Time<th>Who cut in<th>Before whom");
    for name in ["Gap, m", "Closing, km/h", "TTC, s", "Avoidable above, s"] {
        let _ = write!(h, "<th class=\"n\">{name}");
    }
    h.push_str("<th>Outcome");
    for (ids, pair, (by, cut)) in all.into_iter().take(PAIRS) {
        let other = if ids.0 == *by { ids.1 } else { ids.0 };
        let hit = pair.collisions.iter().any(|c| c.at_s >= cut.at_s);
        let outcome = match (hit, cut.is_avoidable(false)) {
            (false, _) => "<span class=\"p\">no collision</span>",
            (true, true) => "<span class=\"f\">collision, had to be avoided</span>",
            (true, false) => "collision, could not be avoided",
        };
        let _ = write!(
            h,
            "<tr><td class=\"n\">{:.1} s<td>{}<td>{}<td class=\"n\">{:.1}<td class=\"n\">{:.0}<td class=\"n\">{}\
             <td class=\"n\">{:.2}<td>{outcome}",
            cut.at_s,
            text(&metrics.name(*by)),
            text(&metrics.name(other)),
            cut.gap_m,
            cut.closing_mps * 3.6,
            cut.ttc_s.map_or_else(|| "–".to_owned(), |s| format!("{s:.2}")),
            avoidable_above_s(cut.closing_mps, false)
        );
    }
    h.push_str(
        "</table></div><p class=\"note\">UN R157: a collision must be avoided when the time to collision at the \
                intrusion into the lane is above the table's value for the closing speed (occupants seated).</p>",
    );
}

/// What vehicles with an on-board unit knew of those around them, of those that an expectation names.
fn vehicles(h: &mut String, judge: &Judge) {
    if judge.vehicles.is_empty() {
        return;
    }
    h.push_str("<h2>What vehicles knew</h2><div class=\"wide\"><table><tr><th>Vehicle");
    for name in ["Looks", "Within 100 ms", "Within 300 ms", "Within 1 s", "Median age", "95 %", "Not at all"] {
        let _ = write!(h, "<th class=\"n\">{name}");
    }
    for (name, record) in &judge.vehicles {
        let looks = record.ages.total();
        let _ = write!(h, "<tr><td>{}<td class=\"n\">{looks}", text(name));
        for ms in [100.0, 300.0, 1000.0] {
            let share = record.known_within(ms).map_or_else(|| "–".to_owned(), |s| format!("{:.1} %", 100.0 * s));
            let _ = write!(h, "<td class=\"n\">{share}");
        }
        for percent in [50.0, 95.0] {
            let age = record.ages.percentile(percent).map_or_else(|| "–".to_owned(), |ms| format!("{ms:.0} ms"));
            let _ = write!(h, "<td class=\"n\">{age}");
        }
        let _ = write!(h, "<td class=\"n\">{}", record.unknown);
    }
    h.push_str("</table></div><p class=\"note\">Ten looks a second at each road user within 100 m whom a unit has seen plainly \
                for a second: how old the newest word about it is.</p>");
}

fn unit_section(h: &mut String, unit: &UnitRecord) {
    let _ =
        write!(h, "<h2>Unit {}</h2><table><tr><th>Message<th class=\"n\">Count<th class=\"n\">Bytes", text(&unit.name));
    for (kind, tally) in &unit.messages {
        let _ = write!(h, "<tr><td>{}<td class=\"n\">{}<td class=\"n\">{}", kind.name(), tally.count, tally.bytes);
    }
    h.push_str("</table><table><tr><th>Class<th class=\"n\">In plain view<th class=\"n\">Tracked");
    for (class, (all, known)) in &unit.recalls {
        let share = 100.0 * *known as f64 / (*all).max(1) as f64;
        let _ = write!(h, "<tr><td>{}<td class=\"n\">{all}<td class=\"n\">{share:.2} %", class.name());
    }
    h.push_str("</table>");
    let figure = |v: Option<f64>, digits: usize| v.map_or_else(|| "–".to_owned(), |v| format!("{v:.digits$}"));
    let detected = unit.sights.percentile(95.0);
    let _ = write!(
        h,
        "<p>Position error: median {} m, 95 % {} m. Speed error: 95 % {} m/s. Heading error: 95 % {}°. Time to detection: \
         95 % {} s. Age from light to antenna: median {} ms, 99 % {} ms. Hand-overs {}, warnings {}.</p>",
        figure(unit.errors.percentile(50.0), 2),
        figure(unit.errors.percentile(95.0), 2),
        figure(unit.speed_errors.percentile(95.0), 2),
        figure(unit.heading_errors.percentile(95.0), 1),
        figure(detected, 2),
        figure(unit.ages.percentile(50.0), 0),
        figure(unit.ages.percentile(99.0), 0),
        unit.handovers,
        unit.warnings
    );
    h.push_str(&draw::curves("Position error, m (mean and largest of each second)", &unit.errors_s));
    h.push_str(&draw::curves("Age, ms (mean and largest of each second)", &unit.ages_s));
}
