//! The worst moment as a strip of small pictures, north up: two seconds before it, at it, and a second after.

use std::fmt::Write as _;

use super::{draw, text};
use crate::actor::Body;
use crate::metrics::Metrics;
use crate::recorder::film::{Peril, Scene};
use crate::road::Road;

/// Half the side of a picture, metres.
const REACH_M: f64 = 22.0;

/// The strip with its heading.
#[must_use]
pub fn strip(road: &Road, scene: &Scene, metrics: &Metrics) -> String {
    let [a, b] = scene.who.map(|id| text(&metrics.name(id)));
    let why = match scene.peril {
        Peril::Collision(mps) => format!("{a} and {b} collide at {:.0} km/h", mps * 3.6),
        Peril::Ttc(s) => format!("{a} and {b}, {s:.2} s to contact"),
        Peril::Distance(m) => format!("{a} and {b}, {m:.2} m apart"),
    };
    let mut h = format!(
        "<h2>The worst moment: {:.1} s, {why}</h2><div style=\"display:flex;flex-wrap:wrap;gap:6px\">",
        scene.at_s
    );
    let mut ground = String::new();
    draw::ground(&mut ground, road);
    for picture in &scene.pictures {
        let off = picture.at_s - scene.at_s;
        let here = off.abs() < 0.05;
        let _ = write!(
            h,
            "<figure style=\"margin:0\"><svg viewBox=\"{:.1} {:.1} {side} {side}\" width=\"325\" \
             style=\"background:#23282f;border:2px solid {}\" role=\"img\" aria-label=\"{:.1} s\">{ground}",
            scene.place.x - REACH_M,
            -scene.place.y - REACH_M,
            if here { "#ff6369" } else { "#23282f" },
            picture.at_s,
            side = 2.0 * REACH_M,
        );
        for body in &picture.bodies {
            shape(&mut h, body, scene.who.contains(&body.id), &metrics.name(body.id));
        }
        let _ = write!(h, "</svg><figcaption>{:.1} s ({off:+.1} s)</figcaption></figure>", picture.at_s);
    }
    h + "</div>"
}

/// A footprint with an arrow as long as one second of travel; the two it is about have a red edge.
fn shape(h: &mut String, body: &Body, about: bool, name: &str) {
    let points: String = body.corners().iter().map(|c| format!("{:.2},{:.2} ", c.x, -c.y)).collect();
    let edge = if about { " stroke=\"#ff6369\" stroke-width=\"0.35\"" } else { "" };
    let colour = draw::colour(body.kind.class());
    let _ = write!(h, "<polygon points=\"{points}\" fill=\"{colour}\"{edge}><title>{}</title></polygon>", text(name));
    let (from, to) = (body.place(), body.place() + body.velocity);
    if body.velocity.norm() > 0.3 {
        let _ = write!(
            h,
            "<line x1=\"{:.2}\" y1=\"{:.2}\" x2=\"{:.2}\" y2=\"{:.2}\" stroke=\"#f5f3ee\" stroke-width=\"0.2\"/>",
            from.x, -from.y, to.x, -to.y
        );
    }
    if about {
        let _ = write!(
            h,
            "<text x=\"{:.2}\" y=\"{:.2}\" font-size=\"1.8\" fill=\"#f5f3ee\" font-family=\"system-ui,sans-serif\">{}</text>",
            from.x + 2.0,
            -from.y - 2.0,
            text(name)
        );
    }
}
