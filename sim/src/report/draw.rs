//! Drawings of the report, as inline SVG: the crossing from above, and curves over time.

use std::fmt::Write as _;

use nalgebra::Point2;
use perception::Class;

use super::ground::Ground;
use crate::figures::Seconds;
use crate::judge::{Snapshot, record::Shown};

/// Metres shown round the middle of what there is to see, at most.
const REACH_M: f64 = 70.0;

pub(super) fn colour(class: Class) -> &'static str {
    match class {
        Class::Car => "#4c9be8",
        Class::Truck | Class::Bus => "#8a7ff0",
        Class::Motorcycle | Class::Bicycle => "#2fb67c",
        Class::Pedestrian => "#f2a33a",
        Class::Unknown => "#9aa4ad",
    }
}

fn polygon(svg: &mut String, shown: &Shown, style: &str) {
    svg.push_str("<polygon points=\"");
    for c in &shown.corners {
        let _ = write!(svg, "{:.2},{:.2} ", c.x, -c.y);
    }
    let _ = write!(svg, "\" {style}><title>{}</title></polygon>", shown.class.name());
}

/// The road, the truth and the tracks of one moment, north up.
#[must_use]
pub fn top_view(ground: &Ground, moment: &Snapshot) -> String {
    let middle = |shown: &Shown| nalgebra::center(&shown.corners[0], &shown.corners[2]);
    let near: Vec<Point2<f64>> = moment.truth.iter().map(middle).filter(|p| p.coords.norm() < 1000.0).collect();
    let centre = near.iter().map(|p| p.coords).sum::<nalgebra::Vector2<f64>>() / near.len().max(1) as f64;
    let reach = near.iter().map(|p| (p.coords - centre).amax()).fold(25.0, f64::max).min(REACH_M) + 5.0;
    let mut svg = format!(
        "<svg viewBox=\"{:.1} {:.1} {:.1} {:.1}\" width=\"720\" style=\"background:#23282f\" role=\"img\" aria-label=\"top view\">",
        centre.x - reach,
        -centre.y - reach,
        2.0 * reach,
        2.0 * reach
    );
    let corner = nalgebra::Vector2::new(reach, reach);
    let centre = Point2::from(centre);
    ground.draw(&mut svg, [centre - corner, centre + corner]);
    for shown in &moment.truth {
        polygon(&mut svg, shown, &format!("fill=\"{}\"", colour(shown.class)));
    }
    for shown in &moment.tracks {
        polygon(&mut svg, shown, "fill=\"none\" stroke=\"#f5f3ee\" stroke-width=\"0.25\"");
    }
    svg + "</svg>"
}

/// Mean and largest value of each second.
#[must_use]
pub fn curves(title: &str, seconds: &Seconds) -> String {
    let (means, largest) = (seconds.means(), seconds.largest());
    let Some(&(last_s, _)) = largest.last() else { return String::new() };
    let top = largest.iter().map(|(_, v)| *v).fold(1e-9, f64::max) * 1.1;
    let (width, height, left, bottom) = (720.0, 180.0, 46.0, 24.0);
    let x = |s: f64| left + (width - left - 8.0) * s / last_s.max(1.0);
    let y = |v: f64| (height - bottom) - (height - bottom - 24.0) * v / top;
    let mut svg = format!(
        "<svg class=\"plot\" viewBox=\"0 0 {width} {height}\" role=\"img\" font-size=\"11\">\
         <text x=\"{left}\" y=\"14\" fill=\"currentColor\">{title}</text>"
    );
    for part in 0..=4 {
        let v = top * f64::from(part) / 4.0;
        let _ = write!(
            svg,
            "<line x1=\"{left}\" x2=\"{:.0}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#8884\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"currentColor\">{}</text>",
            width - 8.0,
            left - 4.0,
            y(v) + 4.0,
            if top < 10.0 { format!("{v:.2}") } else { format!("{v:.0}") },
            y = y(v),
        );
    }
    for part in 0..=6 {
        let s = last_s * f64::from(part) / 6.0;
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.0}\" text-anchor=\"middle\" fill=\"currentColor\">{s:.0} s</text>",
            x(s),
            height - 6.0
        );
    }
    for (points, colour) in [(&largest, "#f2a33a"), (&means, "#4c9be8")] {
        let path: String = points.iter().map(|(s, v)| format!("{:.1},{:.1} ", x(*s), y(*v))).collect();
        let _ = write!(svg, "<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>");
    }
    svg + "</svg>"
}
