//! Plots of a run, as inline SVG that reads in light and dark: speeds over time, places on the road, and the storyboard as
//! bars. What happened stands as thin lines over the time.

use std::fmt::Write as _;

use nalgebra::Point2;

use super::ground::Ground;
use super::text;
use crate::chronicle::{Mark, MarkKind, Part};
use crate::metrics::Metrics;
use crate::recorder::Traces;

/// Width of every plot, and where its axis begins and ends, pixels.
const WIDTH: f64 = 960.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 20.0;
/// Bars of the storyboard shown; the rest is counted.
const BARS: usize = 60;
/// Height of the places from above at most, pixels.
const TALLEST: f64 = 560.0;
/// Road around the places that is shown at least, metres.
const MARGIN_M: f64 = 12.0;

/// One colour for each trace, told apart on white and on black.
pub const COLOURS: [&str; 12] = [
    "#3b8eea", "#e8823a", "#2fa86a", "#c65bcf", "#c99a00", "#e0524d", "#17a2b8", "#8a7ff0", "#9b7a5b", "#7d8a97",
    "#6aa121", "#d16ba5",
];

/// Numbers for an axis from `low` to `high`: five or so, round.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let raw = (high - low).max(1e-9) / 5.0;
    let scale = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].iter().map(|m| m * scale).find(|s| *s >= raw).unwrap_or(raw);
    let first = (low / step - 1e-9).ceil() as i64;
    (first..).map(|i| i as f64 * step).take_while(|v| *v <= high + 1e-9 * step).take(12).collect()
}

fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn open(height: f64, label: &str) -> String {
    format!(
        "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-label=\"{}\" font-size=\"12\" \
         fill=\"currentColor\">",
        text(label)
    )
}

/// Seconds along the bottom; gives the place of a moment.
fn time_axis(svg: &mut String, length_s: f64, top: f64, bottom: f64) -> impl Fn(f64) -> f64 + use<> {
    let length_s = length_s.max(0.1);
    let x = move |s: f64| LEFT + (WIDTH - LEFT - RIGHT) * (s / length_s).clamp(0.0, 1.0);
    for s in ticks(0.0, length_s) {
        let _ = write!(
            svg,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"#8883\"/>\
             <text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{} s</text>",
            bottom + 16.0,
            number(s),
            x = x(s)
        );
    }
    x
}

/// Thin lines where something happened.
fn moments(svg: &mut String, marks: &[Mark], x: impl Fn(f64) -> f64, top: f64, bottom: f64) {
    for mark in marks.iter().filter(|m| m.kind != MarkKind::Note).take(200) {
        let (colour, dash) = match mark.kind {
            MarkKind::Collision => ("#e0524d", ""),
            MarkKind::Warning => ("#e8a33a", ""),
            _ => ("#8889", " stroke-dasharray=\"3 3\""),
        };
        let _ = write!(
            svg,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"{colour}\" stroke-width=\"1.5\"{dash}>\
             <title>{:.2} s {}</title></line>",
            mark.at_s,
            text(&mark.text),
            x = x(mark.at_s)
        );
    }
}

/// Names with their colours.
fn legend(traces: &Traces, metrics: &Metrics) -> String {
    let mut h = String::from("<p class=\"legend\">");
    for ((id, _), colour) in traces.all().zip(COLOURS) {
        let _ = write!(h, "<span><i style=\"background:{colour}\"></i>{}</span> ", text(&metrics.name(id)));
    }
    if traces.more > 0 {
        let _ = write!(h, "<span>and {} more</span>", traces.more);
    }
    h + "</p>"
}

/// Speeds and places of those that the scenario names; nothing when it names nobody.
#[must_use]
pub fn journeys(ground: &Ground, traces: &Traces, metrics: &Metrics, marks: &[Mark], length_s: f64) -> String {
    if traces.all().next().is_none() {
        return String::new();
    }
    let mut h = String::from("<h2>Speeds and places</h2>");
    h += &legend(traces, metrics);
    h += &speeds(traces, metrics, marks, length_s);
    h += "<p class=\"note\">Where they went: a dot at the start, a bar at the end, north up. Thin lines above: what happened.</p>";
    h + &places(ground, traces, metrics)
}

fn speeds(traces: &Traces, metrics: &Metrics, marks: &[Mark], length_s: f64) -> String {
    let (height, top, bottom) = (240.0, 18.0, 212.0);
    let all = || traces.all().flat_map(|(_, t)| t).map(|s| s.speed_mps);
    let high = all().fold(1.0, f64::max) * 1.05;
    let low = all().fold(0.0, f64::min) * 1.05;
    let y = |v: f64| bottom - (bottom - top) * (v - low) / (high - low);
    let mut svg = open(height, "speeds over time");
    let _ = write!(svg, "<text x=\"{LEFT}\" y=\"12\">Speed, m/s</text>");
    for v in ticks(low, high) {
        let _ = write!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{:.0}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#8883\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            y(v) + 4.0,
            number(v),
            y = y(v)
        );
    }
    let x = time_axis(&mut svg, length_s, top, bottom);
    moments(&mut svg, marks, &x, top, bottom);
    for ((id, trace), colour) in traces.all().zip(COLOURS) {
        let line: String = trace.iter().map(|s| format!("{:.1},{:.1} ", x(s.at_s), y(s.speed_mps))).collect();
        let _ = write!(
            svg,
            "<polyline points=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"><title>{}</title></polyline>",
            text(&metrics.name(id))
        );
    }
    svg + "</svg>"
}

fn places(ground: &Ground, traces: &Traces, metrics: &Metrics) -> String {
    let all = || traces.all().flat_map(|(_, t)| t).map(|s| s.place);
    let Some(first) = all().next() else { return String::new() };
    let (low, high) = all().fold((first, first), |(l, h), p| (l.inf(&p), h.sup(&p)));
    let middle = nalgebra::center(&low, &high);
    let wide = (high.x - low.x + 2.0 * MARGIN_M).max(40.0);
    // A straight road is a strip, a crossing a square; neither is narrower than a third nor taller than a screen.
    let tall = high.y - low.y + 2.0 * MARGIN_M;
    let (wide, tall) = (wide.max(tall / 3.0), tall.max(0.12 * wide));
    let px_a_metre = (WIDTH / wide).min(TALLEST / tall);
    let (width, height) = (wide * px_a_metre, tall * px_a_metre);
    let half = nalgebra::Vector2::new(0.5 * wide, 0.5 * tall);
    let (low, high) = (middle - half, middle + half);
    let mut svg = format!(
        "<svg viewBox=\"{:.2} {:.2} {wide:.2} {tall:.2}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         style=\"background:#23282f\" role=\"img\" aria-label=\"places from above\">",
        low.x, -high.y
    );
    ground.draw(&mut svg, [low, high]);
    let metre_px = 1.0 / px_a_metre;
    for ((id, trace), colour) in traces.all().zip(COLOURS) {
        let line: String = trace.iter().map(|s| format!("{:.2},{:.2} ", s.place.x, -s.place.y)).collect();
        let name = text(&metrics.name(id));
        let _ = write!(
            svg,
            "<polyline points=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{:.2}\" \
             stroke-linejoin=\"round\"><title>{name}</title></polyline>",
            2.5 * metre_px
        );
        if let (Some(from), Some(to)) = (trace.first(), trace.last()) {
            dot(&mut svg, from.place, colour, 5.0 * metre_px, true);
            dot(&mut svg, to.place, colour, 5.0 * metre_px, false);
        }
    }
    scale_bar(&mut svg, low, wide, metre_px);
    svg + "</svg>"
}

fn dot(svg: &mut String, at: Point2<f64>, colour: &str, r: f64, round: bool) {
    let (x, y) = (at.x, -at.y);
    let _ = if round {
        write!(svg, "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{r:.2}\" fill=\"{colour}\"/>")
    } else {
        let side = 1.7 * r;
        write!(
            svg,
            "<rect x=\"{:.2}\" y=\"{:.2}\" width=\"{side:.2}\" height=\"{side:.2}\" fill=\"{colour}\" stroke=\"#f5f3ee\" \
             stroke-width=\"{:.2}\"/>",
            x - 0.5 * side,
            y - 0.5 * side,
            0.2 * r
        )
    };
}

fn scale_bar(svg: &mut String, low: Point2<f64>, wide: f64, metre_px: f64) {
    let long = ticks(0.0, wide / 3.0).last().copied().unwrap_or(1.0);
    let (x, y) = (low.x + 14.0 * metre_px, -low.y - 14.0 * metre_px);
    let _ = write!(
        svg,
        "<path d=\"M{x:.2} {:.2}V{y:.2}H{:.2}V{:.2}\" fill=\"none\" stroke=\"#aab2ba\" stroke-width=\"{:.3}\"/>\
         <text x=\"{:.2}\" y=\"{:.2}\" font-size=\"{:.3}\" fill=\"#aab2ba\">{} m</text>",
        y - 6.0 * metre_px,
        x + long,
        y - 6.0 * metre_px,
        1.5 * metre_px,
        x + 5.0 * metre_px,
        y - 5.0 * metre_px,
        12.0 * metre_px,
        number(long)
    );
}

/// The storyboard as bars over time; nothing without one.
#[must_use]
pub fn storyboard(parts: &[Part], length_s: f64) -> String {
    if parts.len() < 2 {
        return String::new();
    }
    let (row, names) = (22.0, 250.0);
    let shown = &parts[1..parts.len().min(BARS + 1)];
    let bottom = row * shown.len() as f64 + 6.0;
    let mut svg = open(bottom + 24.0, "storyboard");
    let scale = (WIDTH - names - RIGHT) / length_s.max(0.1);
    for s in ticks(0.0, length_s.max(0.1)) {
        let x = names + s * scale;
        let _ = write!(
            svg,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"0\" y2=\"{bottom}\" stroke=\"#8883\"/>\
             <text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{} s</text>",
            bottom + 16.0,
            number(s)
        );
    }
    for (i, part) in shown.iter().enumerate() {
        let y = row * i as f64 + 3.0;
        let indent = 14.0 * f64::from(part.depth.saturating_sub(1));
        let never = part.ran.is_empty();
        let _ = write!(
            svg,
            "<text x=\"{indent:.0}\" y=\"{:.1}\"{}>{}{}</text>",
            y + 13.0,
            if never { " opacity=\".6\"" } else { "" },
            text(&short(&part.name, (30.0 - indent / 7.0) as usize)),
            if never { " (never began)" } else { "" }
        );
        for (from, to) in &part.ran {
            let end = to.unwrap_or(length_s);
            let _ = write!(
                svg,
                "<rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.0}\" rx=\"3\" fill=\"{}\"><title>{}: {from:.2} s \
                 to {}</title></rect>",
                names + from * scale,
                ((end - from) * scale).max(2.0),
                row - 6.0,
                if part.depth == 1 { "#7d8a97" } else { "#3b8eea" },
                text(&part.name),
                to.map_or_else(|| "the end".to_owned(), |t| format!("{t:.2} s"))
            );
        }
    }
    let more = parts.len() - 1 - shown.len();
    let note = if more > 0 { format!("<p class=\"note\">And {more} more.</p>") } else { String::new() };
    format!("<h2>Storyboard</h2>{svg}</svg>{note}")
}

fn short(name: &str, most: usize) -> String {
    if name.chars().count() <= most { name.to_owned() } else { name.chars().take(most - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(ticks(0.0, 10.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(-3.0, 22.0), [0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!((number(2.0), number(0.25), number(100.0)), ("2".into(), "0.25".into(), "100".into()));
    }

    #[test]
    fn a_strip_of_road_stays_a_strip_and_everything_is_finite() {
        let mut metrics = Metrics::default();
        metrics.call(1, "Ego <1>", true);
        let mut traces = Traces::default();
        for i in 0..100 {
            traces.moment(f64::from(i) * 0.1, &[body(1, Kind::Car, f64::from(i) * 5.0, 0.0, 0.0)], &metrics);
        }
        let html = journeys(&Ground::default(), &traces, &metrics, &[], 10.0);
        assert!(html.contains("Ego &lt;1&gt;") && html.matches("<polyline").count() == 2, "{html}");
        assert!(html.contains("width=\"960\" height=\"115\""), "{html}");
        assert!(!html.contains("NaN") && !html.contains("inf"));
        assert_eq!(journeys(&Ground::default(), &Traces::default(), &metrics, &[], 10.0), "");
    }

    #[test]
    fn parts_that_never_began_are_named_as_such() {
        let part = |name: &str, depth, ran| Part { name: name.into(), depth, ran };
        let parts = [
            part("storyBoard", 0, vec![(0.0, None)]),
            part("act", 1, vec![(0.0, Some(9.0))]),
            part("an event with a name that goes on and on", 2, vec![]),
        ];
        let svg = storyboard(&parts, 10.0);
        assert!(svg.contains("an event with a name that g… (never began)"), "{svg}");
        assert_eq!(svg.matches("<rect").count(), 1);
        assert_eq!(storyboard(&parts[..1], 10.0), "");
    }
}
