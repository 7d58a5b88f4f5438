//! Trajectories and events as CSV, in the columns of the reference files.

use std::fmt::Write;

use super::engine::Engine;
use super::event::Event;

/// Header of the trajectory file.
pub const TRAJECTORY: &str =
    "t,entity,x,y,z,heading,pitch,speed,vx,vy,ax,ay,s,t_road,lane,lane_offset,collides_with_id\n";
/// Header of the event file.
pub const EVENTS: &str = "t,kind,element,detail\n";

/// A number with at most four decimals and no needless zeros.
pub(crate) fn number(value: f64) -> String {
    let mut text = format!("{value:.4}");
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    if text == "-0" { "0".into() } else { text }
}

/// A text, quoted where it must be.
pub(crate) fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.into() }
}

/// One row for everybody who is there now.
#[must_use]
pub fn rows(engine: &Engine) -> String {
    let mut text = String::new();
    for actor in engine.actors().iter().filter(|a| a.active) {
        let (pose, place) = (actor.place.pose, &actor.place);
        let heading = pose.yaw.rem_euclid(std::f64::consts::TAU);
        let pitch = if pose.pitch < 0.0 { pose.pitch + std::f64::consts::TAU } else { pose.pitch };
        let (s, lane, offset) = place.lane.map_or((0.0, 0, 0.0), |l| (l.s, l.lane, l.offset));
        let touches: Vec<_> = actor.touches.iter().map(ToString::to_string).collect();
        let [vx, vy, _] = actor.velocity;
        let [ax, ay, _] = actor.acceleration;
        let values = [pose.x, pose.y, pose.z, heading, pitch, actor.speed, vx, vy, ax, ay, s, place.t];
        let values: Vec<_> = values.into_iter().map(number).collect();
        let _ = writeln!(
            text,
            "{:.2},{},{},{lane},{},{}",
            engine.time(),
            field(&actor.entity.name),
            values.join(","),
            number(offset),
            touches.join(" ")
        );
    }
    text
}

/// One row.
#[must_use]
pub fn row(event: &Event) -> String {
    format!("{:.3},{},{},{}\n", event.t, event.kind.word(), field(&event.element), field(&event.detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_texts_are_quoted() {
        assert_eq!((number(5.0), number(-0.00001), number(16.66666)), ("5".into(), "0".into(), "16.6667".into()));
        assert_eq!(field("a, \"b\""), "\"a, \"\"b\"\"\"");
    }
}
