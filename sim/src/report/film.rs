//! The worst moment as a strip of small pictures, north up: two seconds before it, at it, and a second after.

use std::fmt::Write as _;

use super::ground::Ground;
use super::{draw, text};
use crate::actor::{ActorId, Body};
use crate::metrics::Metrics;
use crate::recorder::film::{Peril, Picture, Scene};

/// Half the side of a picture, metres: at least, at most, and round the two whom it is about.
const REACH_M: (f64, f64) = (18.0, 60.0);
const MARGIN_M: f64 = 8.0;

/// The strip with its heading.
#[must_use]
pub fn strip(ground: &Ground, scene: &Scene, metrics: &Metrics) -> String {
    let [a, b] = scene.who.map(|id| text(&metrics.name(id)));
    let why = match scene.peril {
        Peril::Collision(mps) => format!("{a} and {b} collide at {:.0} km/h", mps * 3.6),
        Peril::Ttc(s) => format!("{a} and {b}, {s:.2} s to contact"),
        Peril::Distance(m) => format!("{a} and {b}, {m:.2} m apart"),
    };
    let mut h = format!("<h2>The worst moment: {:.1} s, {why}</h2><div class=\"strip\">", scene.at_s);
    let reach_m = reach_m(scene);
    let reach = nalgebra::Vector2::new(reach_m, reach_m);
    for picture in &scene.pictures {
        let off = picture.at_s - scene.at_s;
        let here = off.abs() < 0.05;
        let mut under = String::new();
        ground.draw(&mut under, [picture.place - reach, picture.place + reach]);
        let _ = write!(
            h,
            "<figure><svg viewBox=\"{:.1} {:.1} {side} {side}\" style=\"background:#23282f;border:2px solid {}\" role=\"img\" \
             aria-label=\"{:.1} s\">{under}",
            picture.place.x - reach_m,
            -picture.place.y - reach_m,
            if here { "#ff6369" } else { "#23282f" },
            picture.at_s,
            side = 2.0 * reach_m,
        );
        for body in &picture.bodies {
            shape(&mut h, body, scene.who.contains(&body.id), &metrics.name(body.id));
        }
        labels(&mut h, &picture.bodies, scene.who, metrics, reach_m);
        let _ = write!(h, "</svg><figcaption>{:.1} s ({off:+.1} s)</figcaption></figure>", picture.at_s);
    }
    let wide = 2.0 * reach_m;
    let note =
        format!("North up, {wide:.0} m wide, the two in the middle. A line ahead is the way of the next second.");
    h + &format!("</div><p class=\"note\">{note}</p>")
}

/// The two are in every picture, if that is possible at all.
fn reach_m(scene: &Scene) -> f64 {
    let about = |p: &Picture| {
        let off = p.bodies.iter().filter(|b| scene.who.contains(&b.id)).map(|b| (b.place() - p.place).amax());
        off.fold(0.0, f64::max) + MARGIN_M
    };
    scene.pictures.iter().map(about).fold(REACH_M.0, f64::max).min(REACH_M.1)
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
}

/// Names of the two over everything else: above the one in the north, below the other.
fn labels(h: &mut String, bodies: &[Body], who: [ActorId; 2], metrics: &Metrics, reach_m: f64) {
    let find = |id| bodies.iter().find(|b| b.id == id);
    let [a, b] = who.map(find);
    let a_is_north = a.zip(b).is_none_or(|(a, b)| a.place().y >= b.place().y);
    for (body, above) in [(a, a_is_north), (b, !a_is_north)] {
        let Some(body) = body else { continue };
        let norths = body.corners().map(|c| c.y);
        let y = match above {
            true => -norths.iter().fold(f64::MIN, |m, y| m.max(*y)) - 0.04 * reach_m,
            false => -norths.iter().fold(f64::MAX, |m, y| m.min(*y)) + 0.1 * reach_m,
        };
        let _ = write!(
            h,
            "<text x=\"{:.2}\" y=\"{y:.2}\" font-size=\"{:.1}\" text-anchor=\"middle\" fill=\"#f5f3ee\">{}</text>",
            body.place().x,
            0.085 * reach_m,
            text(&metrics.name(body.id))
        );
    }
}
