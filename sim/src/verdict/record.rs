//! Expectations over the true states of everybody. No unit is needed, so scenarios of every engine are judged here.

use super::{Found, found};
use crate::chronicle::Part;
use crate::chronicle::telling::WHOLE;
use crate::metrics::cut_in::avoidable_above_s;
use crate::metrics::pair::Extreme;
use crate::metrics::{EVERY_S, Metrics, Pair, platoon};
use crate::scenario::Check;
use crate::scenario::expect::NoCollision;
use crate::scenario::measure::{
    Bound, CutInAvoided, Delay, Figure, StandsAt, Stops, Storyboard, StringStable, Throughput, TopSpeed, Turn,
};

/// Judges one expectation; those that are not about the record do not hold.
pub(crate) fn judge(check: Check<'_>, metrics: &Metrics) -> Found {
    match check {
        Check::Bound(figure, c) => bound(figure, c, metrics),
        Check::CutIn(c) => cut_in(c, metrics),
        Check::StringStable(c) => string_stable(c, metrics),
        Check::StandsAt(c) => stands_at(c, metrics),
        Check::Delay(c) => delay(c, metrics),
        Check::Stops(c) => stops(c, metrics),
        Check::TopSpeed(c) => top_speed(c, metrics),
        Check::Throughput(c) => throughput(c, metrics),
        Check::NoCollision(c) => no_collision(c, metrics),
        _ => found(false, "this is not measured on the record"),
    }
}

/// A part of the storyboard began or ended in time.
pub(crate) fn storyboard(c: &Storyboard, parts: &[Part]) -> Found {
    let name = c.element.as_deref().unwrap_or(WHOLE);
    let Some(part) = parts.iter().find(|p| p.name == name) else {
        return found(false, format!("the storyboard has no {name}"));
    };
    let moments = part.ran.iter().filter_map(|(from, to)| match c.does {
        Turn::Begin => Some(*from),
        Turn::End => *to,
    });
    let word = if c.does == Turn::Begin { "began" } else { "ended" };
    let needed = [c.from_s.map(|s| format!("from {s} s on")), c.until_s.map(|s| format!("by {s} s"))];
    let needed = needed.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let needed = if needed.is_empty() { String::new() } else { format!(" (needed {needed})") };
    let all: Vec<_> = moments.collect();
    // A step ends a little after what was written.
    let fits = |s: &&f64| c.from_s.is_none_or(|f| **s >= f - 1e-6) && c.until_s.is_none_or(|u| **s <= u + 1e-6);
    match all.iter().find(fits).or(all.first()) {
        Some(at_s) => found(fits(&at_s), format!("{word} at {at_s:.2} s{needed}")),
        None if part.ran.is_empty() => found(false, format!("never began{needed}")),
        None => found(false, format!("never {word}{needed}")),
    }
}

/// Name and unit of a figure, and whether its smallest value is the worst.
fn about(figure: Figure) -> (&'static str, &'static str, bool) {
    match figure {
        Figure::Ttc => ("time to collision", "s", true),
        Figure::Ttc2d => ("time to contact", "s", true),
        Figure::ExposedTtc => ("time exposed to a time to contact below 3 s", "s", false),
        Figure::Pet => ("post-encroachment time", "s", true),
        Figure::Thw => ("time headway", "s", true),
        Figure::TimeGap => ("time gap", "s", true),
        Figure::Drac => ("deceleration needed", "m/s²", false),
        Figure::Mdrac => ("deceleration needed after the reaction", "m/s²", false),
        Figure::Distance => ("distance", "m", true),
    }
}

fn extreme(figure: Figure, pair: &Pair) -> Extreme {
    match figure {
        Figure::Ttc => pair.ttc_s,
        Figure::Ttc2d => pair.ttc_2d_s,
        Figure::Pet => pair.pet_s,
        Figure::Thw => pair.thw_s,
        Figure::TimeGap => pair.time_gap_s,
        Figure::Drac => pair.drac_mps2,
        Figure::Mdrac => pair.mdrac_mps2,
        Figure::Distance => pair.distance_m,
        Figure::ExposedTtc => {
            let mut sum = Extreme::default();
            sum.raise(pair.exposed_s, pair.ttc_2d_s.found().map_or(0.0, |(_, at)| at));
            sum
        }
    }
}

fn bound(figure: Figure, c: &Bound, metrics: &Metrics) -> Found {
    let (name, unit, least) = about(figure);
    let needed = [c.min.map(|m| format!("at least {m}")), c.max.map(|m| format!("at most {m}"))];
    let needed = needed.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if let Some(absent) = [&c.actor, &c.with].into_iter().flatten().find(|n| metrics.id(n).is_none()) {
        return found(false, format!("{absent} was never on the road (needed: {name} {needed} {unit})"));
    }
    let worst = metrics.extreme(c.actor.as_deref(), c.with.as_deref(), least, |pair| extreme(figure, pair));
    let Some((value, at_s, [a, b])) = worst else {
        // Nobody ever came near: no smallest value, which is better than any bound from below.
        return found(c.min.is_none_or(|_| least), format!("never came to one (needed {needed} {unit})"));
    };
    let pass = c.min.is_none_or(|min| value >= min) && c.max.is_none_or(|max| value <= max);
    let word = if least { "smallest" } else { "largest" };
    found(pass, format!("{word} {name} {value:.2} {unit} at {at_s:.1} s, {a} and {b} (needed {needed} {unit})"))
}

fn no_collision(c: &NoCollision, metrics: &Metrics) -> Found {
    let pairs = metrics.pairs_of(c.actor.as_deref(), None);
    let mut hits: Vec<_> =
        pairs.flat_map(|(names, pair)| pair.collisions.iter().map(move |h| (*h, names.clone()))).collect();
    hits.sort_by(|a, b| a.0.at_s.total_cmp(&b.0.at_s));
    match hits.first() {
        None => found(true, "0 collisions"),
        Some((hit, [a, b])) => {
            let text = format!(
                "{} in all, the first at {:.2} s: {a} and {b} at {:.1} m/s",
                hits.len(),
                hit.at_s,
                hit.relative_mps
            );
            found(false, text)
        }
    }
}

fn cut_in(c: &CutInAvoided, metrics: &Metrics) -> Found {
    let Some((_, pair)) = metrics.pairs_of(Some(&c.actor), Some(&c.by)).next() else {
        return found(false, format!("{} never came near {}", c.by, c.actor));
    };
    let Some(cut) = metrics.id(&c.by).and_then(|who| pair.cut_in_by(who)) else {
        return found(false, format!("{} never cut in before {}", c.by, c.actor));
    };
    let above = avoidable_above_s(cut.closing_mps, c.standing);
    let ttc = cut.ttc_s.map_or_else(|| "the gap did not close".to_owned(), |s| format!("time to collision {s:.2} s"));
    let story = format!(
        "cut in at {:.1} s, gap {:.1} m, {:.0} km/h faster, {ttc} (avoidable above {above:.2} s)",
        cut.at_s,
        cut.gap_m,
        cut.closing_mps * 3.6
    );
    match pair.collisions.iter().find(|hit| hit.at_s >= cut.at_s) {
        None => found(true, format!("{story}, no collision")),
        Some(hit) => {
            let word = if cut.is_avoidable(c.standing) { "had to be avoided" } else { "could not be avoided" };
            let text = format!("{story}, collision at {:.1} s with {:.1} m/s {word}", hit.at_s, hit.relative_mps);
            found(!cut.is_avoidable(c.standing), text)
        }
    }
}

fn string_stable(c: &StringStable, metrics: &Metrics) -> Found {
    let speeds: Option<Vec<_>> = c.string.iter().map(|n| metrics.id(n).map(|id| metrics.speeds.of(id))).collect();
    let Some(speeds) = speeds.filter(|s| s.len() >= 2) else {
        return found(false, "the string was never on the road as a whole");
    };
    let gains = platoon::gains(&speeds);
    if gains.iter().all(Option::is_none) {
        return found(false, "nothing disturbed the string");
    }
    let words = gains.iter().zip(c.string.windows(2));
    let told: Vec<_> = words
        .map(|(gain, pair)| format!("{} {}", pair[1], gain.map_or_else(|| "–".to_owned(), |g| format!("{g:.2}"))))
        .collect();
    let pass = gains.iter().flatten().all(|g| *g <= c.max_gain);
    found(pass, format!("gain over the one before: {} (needed at most {})", told.join(", "), c.max_gain))
}

fn stands_at(c: &StandsAt, metrics: &Metrics) -> Found {
    let place = nalgebra::Point2::from(c.at);
    match metrics.id(&c.actor).and_then(|id| metrics.stands.nearest_m(id, place)) {
        Some(off_m) => {
            let text = format!("{} stood {:.3} m from there (needed within {} m)", c.actor, off_m, c.within_m);
            found(off_m <= c.within_m, text)
        }
        None => found(false, format!("{} never stood", c.actor)),
    }
}

fn delay(c: &Delay, metrics: &Metrics) -> Found {
    if let Some(name) = &c.actor {
        let trip = metrics.id(name).and_then(|id| metrics.trips.of(id).or_else(|| metrics.trips.done(id)));
        let Some((delay, trip)) = trip.and_then(|t| Some((t.delay_s()?, t))) else {
            return found(false, format!("{name} never moved"));
        };
        let text = format!("{name} lost {delay:.1} s in {} stops (needed at most {} s)", trip.stops, c.max);
        return found(delay <= c.max, text);
    }
    let delays = &metrics.trips.delays;
    let Some(value) = delays.percentile(c.percentile) else {
        return found(false, format!("nobody left the road (needed: {} % lose at most {} s)", c.percentile, c.max));
    };
    let text = format!(
        "{} % of {} lost at most {value:.1} s (needed {} s), {:.1} stops each",
        c.percentile,
        delays.total(),
        c.max,
        metrics.trips.stops as f64 / metrics.trips.arrived.max(1) as f64
    );
    found(value <= c.max, text)
}

fn stops(c: &Stops, metrics: &Metrics) -> Found {
    let trip = metrics.id(&c.actor).and_then(|id| metrics.trips.of(id).or_else(|| metrics.trips.done(id)));
    let Some(trip) = trip.filter(|trip| trip.way_m > 1.0) else {
        return found(false, format!("{} never moved", c.actor));
    };
    found(trip.stops <= c.max, format!("{} stopped {} times (needed at most {})", c.actor, trip.stops, c.max))
}

fn top_speed(c: &TopSpeed, metrics: &Metrics) -> Found {
    let speeds = metrics.id(&c.actor).map_or(&[][..], |id| metrics.speeds.of(id));
    let from = (c.after_s / EVERY_S).ceil() as usize;
    let Some(top) = speeds.iter().skip(from).copied().max_by(f64::total_cmp) else {
        return found(false, format!("{} was not on the road for {} s", c.actor, c.after_s));
    };
    let text = format!("{} went {top:.1} m/s at most from {} s on (needed {} m/s)", c.actor, c.after_s, c.max);
    found(top <= c.max, text)
}

fn throughput(c: &Throughput, metrics: &Metrics) -> Found {
    let per_h = metrics.trips.throughput_per_h();
    let text = format!("{per_h:.0} vehicles an hour, {} in all (needed {})", metrics.trips.arrived, c.min);
    found(per_h >= c.min, text)
}

#[cfg(test)]
mod tests {
    use nalgebra::Vector2;

    use super::*;
    use crate::actor::tests::body;
    use crate::actor::{Body, Kind};
    use crate::scenario::Expect;

    fn measured(seconds: f64, place: impl Fn(f64) -> Vec<Body>) -> Metrics {
        let mut metrics = Metrics::default();
        ["ego", "lead", "third"].iter().zip(1..).for_each(|(name, id)| metrics.call(id, name, true));
        let mut i = 0;
        while f64::from(i) * 0.02 <= seconds {
            metrics.step(f64::from(i) * 0.02, &place(f64::from(i) * 0.02));
            i += 1;
        }
        metrics
    }

    fn car(id: u32, x: f64, y: f64, v: f64) -> Body {
        let mut car = body(id, Kind::Car, x, y, 0.0);
        car.velocity = Vector2::new(v, 0.0);
        car
    }

    fn bounds(min: f64) -> Bound {
        Bound { min: Some(min), max: None, actor: Some("ego".into()), with: Some("lead".into()) }
    }

    #[test]
    fn a_bound_says_what_was_worst_when_and_who() {
        let m = measured(2.0, |t| vec![car(1, 20.0 * t, 0.0, 20.0), car(2, 34.6 + 10.0 * t, 0.0, 10.0)]);
        let it = judge(Check::Bound(Figure::Ttc, &bounds(0.9)), &m);
        assert!(
            it.pass && it.text == "smallest time to collision 1.00 s at 2.0 s, ego and lead (needed at least 0.9 s)",
            "{}",
            it.text
        );
        assert!(!judge(Check::Bound(Figure::Ttc, &bounds(1.1)), &m).pass);
        let most = Bound { max: Some(4.9), ..Bound::default() };
        let it = judge(Check::Bound(Figure::Drac, &most), &m);
        assert!(!it.pass && it.text.contains("largest deceleration needed 5.00 m/s²"), "{}", it.text);
        let exposed = Bound { max: Some(2.01), ..Bound::default() };
        assert!(judge(Check::Bound(Figure::ExposedTtc, &exposed), &m).pass);
        // PET never occurred: that is no failure of a bound from below. Somebody who never came is one.
        assert!(judge(Check::Bound(Figure::Pet, &bounds(2.0)), &m).pass);
        let nobody = Bound { with: Some("nobody".into()), ..bounds(0.1) };
        assert!(!judge(Check::Bound(Figure::Ttc, &nobody), &m).pass);
    }

    /// `lead` changes at `t` = 1 s into the lane of `ego`, who does nothing, with this gap and 10 m/s less.
    fn cut_in_at(gap_m: f64) -> Found {
        let m = measured(6.0, |t| {
            let aside = if t < 1.0 { 3.5 } else { (3.5 - (t - 1.0) * 3.5).max(0.0) };
            vec![car(1, 20.0 * t, 0.0, 20.0), car(2, 10.0 + gap_m + 4.6 + 10.0 * t, aside, 10.0)]
        });
        let check = CutInAvoided { actor: "ego".into(), by: "lead".into(), standing: false };
        judge(Check::CutIn(&check), &m)
    }

    #[test]
    fn a_cut_in_is_judged_by_the_time_left_at_the_intrusion() {
        // Intrusion begins when the side is at 1.45 m: 1.15 m aside of 3.5, 0.34 s after the change began, seen at 1.4 s.
        let early = cut_in_at(20.0);
        assert!(!early.pass && early.text.contains("had to be avoided"), "{}", early.text);
        let late = cut_in_at(10.0);
        assert!(late.pass && late.text.contains("could not be avoided"), "{}", late.text);
        let m = measured(1.0, |t| vec![car(1, t, 0.0, 1.0), car(2, 30.0, 0.0, 0.0)]);
        let check = CutInAvoided { actor: "ego".into(), by: "lead".into(), standing: false };
        assert!(!judge(Check::CutIn(&check), &m).pass, "who was there from the start did not cut in");
    }

    #[test]
    fn a_collision_is_judged_without_a_unit() {
        let m = measured(4.0, |t| vec![car(1, 20.0 * t, 0.0, 20.0), car(2, 34.6 + 10.0 * t, 0.0, 10.0)]);
        let expect: Expect = toml::from_str("that = \"nobody is hit\"\nno_collision = {}").unwrap();
        let verdicts = crate::verdict::on_record([&expect], &m, &[]);
        assert!(!verdicts[0].pass && verdicts[0].measured.contains("ego and lead at 10.0 m/s"), "{verdicts:?}");
        let unit: Expect = toml::from_str("that = \"it speaks\"\nrate = { message = \"rsm\", min_hz = 1 }").unwrap();
        assert!(!crate::verdict::on_record([&unit], &m, &[])[0].pass, "a unit is needed for that");
    }

    #[test]
    fn a_part_of_the_storyboard_is_judged_by_when_it_began_and_ended() {
        let part = |name: &str, ran: &[(f64, Option<f64>)]| Part { name: name.into(), depth: 2, ran: ran.to_vec() };
        let parts = [part(WHOLE, &[(0.0, None)]), part("cut in", &[(2.0, Some(3.0)), (8.0, None)]), part("brake", &[])];
        let judge = |text: &str| {
            let expect: Expect = toml::from_str(&format!("that = \"x\"\nstoryboard = {{ {text} }}")).unwrap();
            crate::verdict::on_record([&expect], &Metrics::default(), &parts).remove(0)
        };
        let cases = [
            ("element = \"cut in\", until_s = 3", true, "ended at 3.00 s (needed by 3 s)"),
            ("element = \"cut in\", until_s = 2.9", false, "ended at 3.00 s (needed by 2.9 s)"),
            ("element = \"cut in\", does = \"begin\", from_s = 7", true, "began at 8.00 s (needed from 7 s on)"),
            ("element = \"brake\"", false, "never began"),
            ("", false, "never ended"),
        ];
        for (text, pass, measured) in cases {
            let verdict = judge(text);
            assert_eq!((verdict.pass, verdict.measured.as_str()), (pass, measured), "{text}");
        }
    }

    #[test]
    fn a_string_that_amplifies_is_not_stable() {
        let wave = |t: f64, a: f64| 20.0 + if t > 1.0 { -a } else { 0.0 };
        let run = |gain: f64| {
            measured(3.0, |t| {
                vec![
                    car(1, 100.0, 0.0, wave(t, 2.0)),
                    car(2, 60.0, 0.0, wave(t, 2.0 * gain)),
                    car(3, 20.0, 0.0, wave(t, gain * gain * 2.0)),
                ]
            })
        };
        let check = StringStable { string: ["ego", "lead", "third"].map(String::from).to_vec(), max_gain: 1.0 };
        assert!(judge(Check::StringStable(&check), &run(0.9)).pass);
        let it = judge(Check::StringStable(&check), &run(1.1));
        assert!(!it.pass && it.text.contains("lead 1.10, third 1.10"), "{}", it.text);
        let quiet = measured(3.0, |_| vec![car(1, 100.0, 0.0, 20.0), car(2, 60.0, 0.0, 20.0), car(3, 20.0, 0.0, 20.0)]);
        assert!(!judge(Check::StringStable(&check), &quiet).pass, "nothing disturbed it");
    }

    #[test]
    fn delay_and_throughput_count_those_who_left() {
        let m = measured(36.0, |t| {
            if t < 20.0 { vec![car(1, 10.0 * t, 0.0, if t < 10.0 { 10.0 } else { 0.0 })] } else { vec![] }
        });
        let check = |max| Delay { max, percentile: 100.0, actor: None };
        assert!(judge(Check::Delay(&check(10.3)), &m).pass, "{}", judge(Check::Delay(&check(10.3)), &m).text);
        assert!(!judge(Check::Delay(&check(9.5)), &m).pass);
        let own = Delay { actor: Some("ego".into()), ..check(10.3) };
        assert!(judge(Check::Delay(&own), &m).pass, "{}", judge(Check::Delay(&own), &m).text);
        assert!(judge(Check::Throughput(&Throughput { min: 99.0 }), &m).pass);
        assert!(!judge(Check::Throughput(&Throughput { min: 101.0 }), &m).pass);
    }
}
