//! The report of a sweep: what held, and for each plot of the plan a heat map and small multiples. One HTML page, no script,
//! nothing from outside.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::plan::Plot;
use crate::output::parquet::{Column, Table};
use crate::report::{STYLE, text};

/// Pieces of an axis that is drawn evenly.
const PIECES: usize = 8;
/// Failed runs listed.
const LISTED: usize = 10;

/// One axis in pieces: each with its lower edge (or its value) as a label.
struct Axis {
    name: String,
    /// Values of a grid, or edges of even pieces.
    steps: Vec<f64>,
    grid: bool,
}

impl Axis {
    fn new(name: &str, values: &[Option<f64>]) -> Option<Self> {
        let mut all: Vec<f64> = values.iter().flatten().copied().filter(|v| v.is_finite()).collect();
        all.sort_by(f64::total_cmp);
        all.dedup();
        let (low, high) = (*all.first()?, *all.last()?);
        let grid = all.len() <= 12;
        let steps =
            if grid { all } else { (0..PIECES).map(|i| low + (high - low) * i as f64 / PIECES as f64).collect() };
        Some(Self { name: name.to_owned(), steps, grid })
    }

    fn piece(&self, value: f64) -> usize {
        self.steps.partition_point(|s| *s <= value).max(1) - 1
    }

    fn label(&self, i: usize) -> String {
        let wide = self.steps.iter().fold(0.0_f64, |w, v| w.max(v.abs()));
        let short = |v: f64| {
            let digits = if wide >= 100.0 {
                0
            } else if wide >= 2.0 {
                1
            } else {
                3
            };
            let text = format!("{v:.digits$}");
            if digits == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
        };
        match (self.grid, self.steps.get(i + 1)) {
            (false, Some(next)) => format!("{}–{}", short(self.steps[i]), short(*next)),
            (false, None) => format!("{}–", short(self.steps[i])),
            _ => short(self.steps[i]),
        }
    }

    /// The last part of the key.
    fn short(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or_default()
    }
}

/// The page of a table of results.
#[must_use]
pub fn page(table: &Table, plots: &BTreeMap<String, Plot>) -> String {
    let mut h = String::new();
    let pass = bools(table, "pass");
    let held = pass.iter().filter(|p| **p).count();
    let failed = pass.len() - held;
    let word = if failed == 0 { "<span class=\"p\">PASS</span>" } else { "<span class=\"f\">FAIL</span>" };
    let _ = write!(h, "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sweep</title>");
    let _ = write!(h, "<meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style>");
    let _ = write!(h, "<h1>Sweep of {} runs — {word}</h1><p>{held} held, {failed} failed.</p>", pass.len());
    expectations(&mut h, table);
    for (name, plot) in plots {
        let _ = write!(h, "<h2>{}: {} over {}</h2>", text(name), text(&plot.y), text(&plot.x));
        match figure(table, plot) {
            Ok(svg) => h += &svg,
            Err(why) => {
                let _ = write!(h, "<p>{}</p>", text(&why));
            }
        }
    }
    failures(&mut h, table, &pass);
    if let Some(plan) = table.notes.get("plan") {
        let _ = write!(h, "<h2>Plan</h2><pre>{}</pre>", text(plan));
    }
    h + "</html>\n"
}

fn bools(table: &Table, name: &str) -> Vec<bool> {
    match table.column(name) {
        Some(Column::Bool(values)) => values.clone(),
        _ => Vec::new(),
    }
}

/// A column of numbers.
fn floats<'a>(table: &'a Table, name: &str) -> Result<&'a [Option<f64>], String> {
    match table.column(name) {
        Some(Column::Float(values)) => Ok(values),
        _ => {
            let numbers = table.columns.iter().filter(|(_, c)| matches!(c, Column::Float(_)));
            let names: Vec<_> = numbers.map(|(n, _)| n.as_str()).filter(|n| !n.starts_with("holds")).collect();
            Err(format!("There is no column of numbers `{name}`; there are {}.", names.join(", ")))
        }
    }
}

fn expectations(h: &mut String, table: &Table) {
    h.push_str("<h2>Expectations</h2><table><tr><th>Held<th>Of<th>Share<th>Expectation");
    for (name, column) in &table.columns {
        let (Some(that), Column::Float(values)) = (name.strip_prefix("holds: "), column) else { continue };
        let (held, all) = values.iter().flatten().fold((0.0, 0.0), |(h, a), v| (h + v, a + 1.0));
        let class = if held == all { "p" } else { "f" };
        let share = 100.0 * held / f64::max(all, 1.0);
        let _ = write!(h, "<tr><td class=\"{class}\">{held}<td>{all}<td>{share:.1} %<td>{}", text(that));
    }
    h.push_str("</table>");
}

fn failures(h: &mut String, table: &Table, pass: &[bool]) {
    let Some(Column::Int(runs)) = table.column("run") else { return };
    let Some(Column::Int(seeds)) = table.column("seed") else { return };
    let failed: Vec<_> = (0..pass.len()).filter(|i| !pass[*i]).collect();
    if failed.is_empty() {
        return;
    }
    let _ = write!(h, "<h2>Failed runs</h2><p>The first {} of {}.</p>", failed.len().min(LISTED), failed.len());
    let plan = text(table.notes.get("plan_file").map_or("PLAN", String::as_str));
    h.push_str("<table><tr><th>Run<th>Seed<th>What failed<th>Repeat");
    for &i in failed.iter().take(LISTED) {
        let broken = table.columns.iter().filter_map(|(name, column)| match column {
            Column::Float(v) if v[i] == Some(0.0) => name.strip_prefix("holds: "),
            _ => None,
        });
        let mut what = broken.collect::<Vec<_>>().join("; ");
        if let Some(Column::Text(errors)) = table.column("error") {
            what += errors[i].lines().next().unwrap_or_default();
        }
        let _ = write!(
            h,
            "<tr><td>{}<td>{}<td>{}<td><code>rsu-sim sweep {plan} --only {}</code>",
            runs[i],
            seeds[i],
            text(&what),
            runs[i]
        );
    }
    h.push_str("</table>");
}

/// Heat map and small multiples of one plot.
fn figure(table: &Table, plot: &Plot) -> Result<String, String> {
    let (xs, ys) = (floats(table, &plot.x)?, floats(table, &plot.y)?);
    let none = || format!("Nothing was measured of {}.", plot.y);
    let x = Axis::new(&plot.x, xs).ok_or_else(none)?;
    let (groups, group) = match &plot.group {
        Some(name) => {
            let values = floats(table, name)?;
            (values.to_vec(), Axis::new(name, values).ok_or_else(none)?)
        }
        None => (vec![Some(0.0); xs.len()], Axis { name: String::new(), steps: vec![0.0], grid: true }),
    };
    let mut cells: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    let mut points: BTreeMap<usize, Vec<(f64, f64)>> = BTreeMap::new();
    for ((a, b), g) in xs.iter().zip(ys).zip(&groups) {
        if let (Some(a), Some(b), Some(g)) = (a, b, g) {
            cells.entry((x.piece(*a), group.piece(*g))).or_default().push(*b);
            points.entry(group.piece(*g)).or_default().push((*a, *b));
        }
    }
    let missing = ys.iter().filter(|y| y.is_none()).count();
    if cells.is_empty() {
        return Err(none());
    }
    let note = format!("<p>Mean of each cell. {missing} of {} runs have no {}.</p>", ys.len(), text(&plot.y));
    Ok(note + &heat_map(&x, &group, &cells) + &multiples(&x, &group, &points))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if high > low { (low, high) } else { (low - 0.5, low + 0.5) }
}

/// From blue over grey to orange, as far as `part` of the way.
fn shade(part: f64) -> String {
    let stops = [[36.0, 76.0, 130.0], [120.0, 160.0, 180.0], [242.0, 163.0, 58.0]];
    let at = part.clamp(0.0, 1.0) * 2.0;
    let i = (at as usize).min(1);
    let mix = |c: usize| (stops[i][c] + (stops[i + 1][c] - stops[i][c]) * (at - i as f64)).round() as u8;
    format!("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2))
}

fn heat_map(x: &Axis, group: &Axis, cells: &BTreeMap<(usize, usize), Vec<f64>>) -> String {
    let (w, row, left, top) = (640.0 / x.steps.len() as f64, 30.0, 150.0, 24.0);
    let height = top + row * group.steps.len() as f64 + 44.0;
    let (low, high) = bounds(cells.values().map(|v| mean(v)));
    let mut svg = format!(
        "<svg viewBox=\"0 0 810 {height:.0}\" width=\"810\" role=\"img\" aria-label=\"heat map\" \
         font-family=\"system-ui,sans-serif\" font-size=\"11\" fill=\"currentColor\"><text x=\"4\" y=\"14\">{}</text>",
        text(&group.name)
    );
    for (j, _) in group.steps.iter().enumerate() {
        // Large values are up.
        let y = top + row * (group.steps.len() - 1 - j) as f64;
        let label = if group.name.is_empty() { String::new() } else { group.label(j) };
        let _ = write!(svg, "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", left - 6.0, y + 19.0);
        for (i, _) in x.steps.iter().enumerate() {
            let Some(values) = cells.get(&(i, j)) else { continue };
            let value = mean(values);
            let part = (value - low) / (high - low);
            let (colour, ink) = (shade(part), if part < 0.25 { "#fff" } else { "#10151a" });
            let _ = write!(
                svg,
                "<rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{colour}\"><title>{value:.3}, {} runs</title></rect>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"{ink}\">{value:.2}</text>",
                left + w * i as f64,
                w - 2.0,
                row - 2.0,
                values.len(),
                left + w * (i as f64 + 0.5),
                y + 19.0
            );
        }
    }
    for (i, _) in x.steps.iter().enumerate() {
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            left + w * (i as f64 + 0.5),
            height - 26.0,
            x.label(i)
        );
    }
    let _ = write!(
        svg,
        "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>",
        left + 320.0,
        height - 8.0,
        text(&x.name)
    );
    svg + "</svg>"
}

fn multiples(x: &Axis, group: &Axis, points: &BTreeMap<usize, Vec<(f64, f64)>>) -> String {
    let all = || points.values().flatten();
    let ((x0, x1), (y0, y1)) = (bounds(all().map(|p| p.0)), bounds(all().map(|p| p.1)));
    let (width, height) = (198.0, 130.0);
    let mut out = String::from("<div style=\"display:flex;flex-wrap:wrap;gap:8px\">");
    for (j, mine) in points {
        let px = |v: f64| 34.0 + (width - 42.0) * (v - x0) / (x1 - x0);
        let py = |v: f64| height - 22.0 - (height - 44.0) * (v - y0) / (y1 - y0);
        let title =
            if group.name.is_empty() { String::new() } else { format!("{} {}", text(group.short()), group.label(*j)) };
        let _ = write!(
            out,
            "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" role=\"img\" aria-label=\"{title}\" \
             font-family=\"system-ui,sans-serif\" font-size=\"10\" fill=\"currentColor\"><text x=\"34\" y=\"11\">{title}</text>"
        );
        for (value, y) in [(y0, height - 22.0), (y1, 22.0)] {
            let _ = write!(
                out,
                "<line x1=\"34\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\" stroke=\"#8886\"/><text x=\"30\" y=\"{}\" text-anchor=\"end\">{value:.1}</text>",
                width - 8.0,
                y + 3.0
            );
        }
        for (value, anchor) in [(x0, "start"), (x1, "end")] {
            let _ = write!(
                out,
                "<text x=\"{:.0}\" y=\"{}\" text-anchor=\"{anchor}\">{value:.2}</text>",
                px(value),
                height - 8.0
            );
        }
        let mut by_piece: BTreeMap<usize, Vec<(f64, f64)>> = BTreeMap::new();
        for (a, b) in mine.iter().take(400) {
            let _ = write!(
                out,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"1.6\" fill=\"#4c9be8\" fill-opacity=\".45\"/>",
                px(*a),
                py(*b)
            );
        }
        mine.iter().for_each(|p| by_piece.entry(x.piece(p.0)).or_default().push(*p));
        let line: String = by_piece
            .values()
            .map(|ps| {
                let (a, b): (Vec<f64>, Vec<f64>) = ps.iter().copied().unzip();
                format!("{:.1},{:.1} ", px(mean(&a)), py(mean(&b)))
            })
            .collect();
        let _ =
            write!(out, "<polyline points=\"{line}\" fill=\"none\" stroke=\"#f2a33a\" stroke-width=\"1.8\"/></svg>");
    }
    out + "</div>"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let n = 60_u32;
        let loss = (0..n).map(|i| Some(f64::from(i % 3) * 0.2)).collect();
        let speed = (0..n).map(|i| Some(8.0 + f64::from(i) * 0.2)).collect();
        let lead = (0..n).map(|i| (i % 10 != 0).then_some(4.0 - f64::from(i % 3))).collect();
        Table::new(vec![
            ("run".into(), Column::Int((0..i64::from(n)).collect())),
            ("seed".into(), Column::Int((0..i64::from(n)).collect())),
            ("loss".into(), Column::Float(loss)),
            ("speed".into(), Column::Float(speed)),
            ("pass".into(), Column::Bool((0..n).map(|i| i != 7).collect())),
            ("error".into(), Column::Text(vec![String::new(); n as usize])),
            ("lead_s".into(), Column::Float(lead)),
            ("holds: it <warns>".into(), Column::Float((0..n).map(|i| Some(f64::from(u8::from(i != 7)))).collect())),
        ])
        .unwrap()
    }

    fn plot(y: &str) -> BTreeMap<String, Plot> {
        BTreeMap::from([("lead".into(), Plot { x: "loss".into(), y: y.into(), group: Some("speed".into()) })])
    }

    #[test]
    fn the_page_stands_alone_and_shows_the_means() {
        let html = page(&table(), &plot("lead_s"));
        assert!(html.contains("Sweep of 60 runs") && html.contains("59 held, 1 failed"));
        for value in ["4.00", "3.00", "2.00"] {
            assert!(html.contains(&format!(">{value}</text>")), "{value}");
        }
        assert_eq!(html.matches("aria-label=\"heat map\"").count(), 1);
        assert_eq!(html.matches("<polyline").count(), PIECES, "one small picture for each piece of speed");
        assert!(html.contains("it &lt;warns&gt;") && html.contains("6 of 60 runs have no lead_s"));
        assert!(html.contains("--only 7"));
        for bad in ["http", "src=", "href=", "NaN", "inf\"", "<script"] {
            assert!(!html.contains(bad), "{bad}");
        }
    }

    #[test]
    fn a_column_that_is_not_there_is_told_with_those_that_are() {
        let html = page(&table(), &plot("led_s"));
        assert!(html.contains("no column of numbers `led_s`; there are loss, speed, lead_s."));
    }
}
