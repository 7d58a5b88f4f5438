//! SpeedProfileAction: speeds at times, in straight lines or with limited jerk.

use crate::openscenario::action::{Constraints, ProfilePoint};
use crate::openscenario::reader::EntityId;
use crate::openscenario::word::{Following, SMALL};
use crate::openscenario::world::World;

/// Acceleration where neither the action nor the vehicle limits it, m/s².
const USUAL: f64 = 10.0;

/// A piece of the profile: speed `v` at `t`, then slope `k` and jerk `j`.
#[derive(Copy, Clone, Debug, PartialEq)]
struct Piece {
    t: f64,
    v: f64,
    k: f64,
    j: f64,
}

/// A corner of the profile: speed `v` at `t`, slope `k` to the next.
#[derive(Copy, Clone, Debug, PartialEq)]
struct Corner {
    t: f64,
    v: f64,
    k: f64,
}

/// A profile under way.
#[derive(Clone, Debug)]
pub struct ProfileRun {
    pieces: Vec<Piece>,
    at: usize,
}

impl ProfileRun {
    pub(super) fn start(
        points: &[ProfilePoint],
        constraints: Constraints,
        following: Following,
        entity: Option<EntityId>,
        who: EntityId,
        world: &mut World,
    ) -> Self {
        let actor = &world.actors[who];
        let performance = actor.entity.object.performance;
        let usual = |limit: f64, own: f64| if limit.min(own).is_finite() { limit.min(own) } else { USUAL };
        let limits = Constraints {
            max_acceleration: usual(constraints.max_acceleration, performance.max_acceleration),
            max_deceleration: usual(constraints.max_deceleration, performance.max_deceleration),
            ..constraints
        };
        let offset = entity.map_or(0.0, |e| world.actors[e].speed);
        let points: Vec<_> = points.iter().map(|p| ProfilePoint { speed: p.speed + offset, ..*p }).collect();
        let slope = actor.local(actor.acceleration)[0];
        let corners = corners(&points, limits, following, world.time, actor.speed, slope);
        let smooth = (following == Following::Follow).then(|| smooth(&corners, limits, slope)).flatten();
        let pieces =
            smooth.unwrap_or_else(|| corners.iter().map(|c| Piece { t: c.t, v: c.v, k: c.k, j: 0.0 }).collect());
        Self { pieces, at: 0 }
    }

    pub(super) fn step(&mut self, who: EntityId, world: &mut World) -> bool {
        let now = world.time + world.dt;
        while self.at + 1 < self.pieces.len() && now > self.pieces[self.at + 1].t - SMALL {
            self.at += 1;
        }
        let (piece, last) = (self.pieces[self.at], self.pieces[self.pieces.len() - 1]);
        let dt = now - piece.t;
        let mut speed = piece.v + piece.k * dt + 0.5 * piece.j * dt * dt;
        let done = self.at + 1 == self.pieces.len() && (speed - last.v).abs() < SMALL;
        if done {
            speed = last.v;
        }
        world.actors[who].speed = if speed.abs() < SMALL { 0.0 } else { speed };
        done
    }
}

/// Corners of the profile in absolute time; what is too steep takes longer.
fn corners(
    points: &[ProfilePoint],
    limits: Constraints,
    following: Following,
    now: f64,
    speed: f64,
    slope: f64,
) -> Vec<Corner> {
    let first = points[0];
    let mut skip = 0;
    let mut start = speed;
    if first.time.is_some_and(|t| t < SMALL) {
        if following == Following::Follow {
            skip = 1;
        } else {
            start = first.speed;
        }
    }
    let mut corners = vec![Corner { t: now, v: start, k: 0.0 }];
    let mut time = now;
    for (i, point) in points.iter().enumerate().skip(skip) {
        let Some(last) = corners.last().copied() else { break };
        let dv = point.speed - last.v;
        let mut k = point.time.map_or(f64::INFINITY, |t| dv / t);
        if !(k >= -limits.max_deceleration && k <= limits.max_acceleration) {
            if dv.abs() < SMALL {
                continue;
            }
            k = if dv < 0.0 { -limits.max_deceleration } else { limits.max_acceleration };
            time += dv / k;
        } else {
            time += point.time.unwrap_or(0.0);
        }
        let n = corners.len();
        if i + 1 < points.len() && point.time.is_some_and(|t| t < SMALL) {
            corners[n - 1] = Corner { t: time, v: point.speed, k: 0.0 };
            continue;
        }
        corners[n - 1].k = k;
        let before = if i > 1 && n > 1 { corners[n - 2].k } else { slope };
        if (k - before).abs() < SMALL && i > 1 && n > 1 {
            // On the same line as the piece before: one piece.
            let p = corners[n - 2];
            corners[n - 2].k = (point.speed - p.v) / (time - p.t);
            corners[n - 1] = Corner { t: time, v: point.speed, k: 0.0 };
            continue;
        }
        corners.push(Corner { t: time, v: point.speed, k: 0.0 });
    }
    corners
}

/// Rounds the corners with the jerk allowed; `None`: it cannot be done.
fn smooth(corners: &[Corner], limits: Constraints, slope: f64) -> Option<Vec<Piece>> {
    if limits.max_acceleration_rate.is_infinite() || limits.max_deceleration_rate.is_infinite() {
        return None;
    }
    let pieces = match corners {
        [one] => vec![Piece { t: one.t, v: one.v, k: 0.0, j: 0.0 }],
        [from, to] => single(*from, *to, limits, slope)?,
        _ => several(corners, limits, slope)?,
    };
    let sound = pieces.iter().all(|p| {
        [p.t, p.v, p.k, p.j].iter().all(|x| x.is_finite())
            && p.k <= limits.max_acceleration + SMALL
            && p.k >= -limits.max_deceleration - SMALL
            && p.v.abs() <= limits.max_speed + SMALL
    });
    (sound && pieces.windows(2).all(|w| w[1].t >= w[0].t - SMALL)).then_some(pieces)
}

/// One target speed: jerk to a slope, hold it, jerk back to none.
fn single(from: Corner, to: Corner, limits: Constraints, k0: f64) -> Option<Vec<Piece>> {
    let (t0, v0, v3) = (from.t, from.v, to.v);
    let j0 = if from.k - k0 < 0.0 { -limits.max_deceleration_rate } else { limits.max_acceleration_rate };
    let j1 = if from.k < 0.0 { limits.max_acceleration_rate } else { -limits.max_deceleration_rate };
    if (j1 - j0).abs() < SMALL {
        return None;
    }
    let mut pieces = vec![Piece { t: t0, v: v0, k: k0, j: j0 }];
    let span = to.t - t0;
    let spare = j0
        * j1
        * (2.0 * v0 * (j1 - j0) + k0 * k0 + 2.0 * k0 * j1 * span + j0 * j1 * span * span + 2.0 * v3 * (j0 - j1));
    // Peak slope: with a held slope where there is time to spare, else without.
    let (mut peak, mut t1, mut t2, mut t3);
    if spare < 0.0 {
        // v3 - v0 = (k1² - k0²) / 2 j0 - k1² / 2 j1
        let squared = (v3 - v0 + k0 * k0 / (2.0 * j0)) / (1.0 / (2.0 * j0) - 1.0 / (2.0 * j1));
        peak = squared.max(0.0).sqrt().copysign(from.k);
        t1 = t0 + (peak - k0) / j0;
        t2 = t1;
        t3 = t2 - peak / j1;
    } else {
        t1 = (-spare.sqrt() - j0 * (k0 + to.t * j1) + t0 * j0 * j0) / (j0 * (j0 - j1));
        peak = k0 + j0 * (t1 - t0);
        t2 = peak / j1 + to.t;
        t3 = to.t;
    }
    let held = peak;
    peak = peak.clamp(-limits.max_deceleration, limits.max_acceleration);
    let v1 = |t: f64| v0 + k0 * (t - t0) + 0.5 * j0 * (t - t0) * (t - t0);
    if (peak - held).abs() > SMALL {
        // Too steep: held longer.
        t1 = t0 + (peak - k0) / j0;
        t2 = (v3 - v1(t1)) / peak + t1 + peak / (2.0 * j1);
        t3 = t2 - peak / j1;
    }
    if t2 > t1 + SMALL {
        pieces.push(Piece { t: t1, v: v1(t1), k: peak, j: 0.0 });
    }
    pieces.push(Piece { t: t2, v: v1(t1) + peak * (t2 - t1), k: peak, j: j1 });
    pieces.push(Piece { t: t3, v: v3, k: 0.0, j: 0.0 });
    Some(pieces)
}

/// Several targets: the slopes are kept, the corners rounded on the inside.
fn several(corners: &[Corner], limits: Constraints, slope: f64) -> Option<Vec<Piece>> {
    let first = corners[0];
    let jerk = |change: f64| if change < 0.0 { -limits.max_deceleration_rate } else { limits.max_acceleration_rate };
    let mut pieces = Vec::new();
    let (mut t, mut v, mut k) = (first.t, first.v, first.k);
    if first.k.abs() > SMALL {
        let j = jerk(first.k - slope);
        pieces.push(Piece { t, v, k: slope, j });
        let span = (first.k - slope) / j;
        t += span;
        v += slope * span + 0.5 * j * span * span;
    }
    pieces.push(Piece { t, v, k, j: 0.0 });
    for w in corners.windows(2) {
        let next = w[1];
        let j = jerk(next.k - k);
        if (next.k - k).abs() < SMALL {
            continue;
        }
        // Leave the line v + k (τ - t) so that the jerk ends on the line through the next corner.
        let (m0, m1) = (v - k * t, next.v - next.k * next.t);
        let span = (next.k - k) / j;
        let leave = ((k - next.k).powi(2) - 2.0 * j * (m0 - m1)) / (2.0 * j * (k - next.k));
        if leave < t - SMALL {
            return None;
        }
        let v1 = v + k * (leave - t);
        pieces.push(Piece { t: leave, v: v1, k, j });
        v = v1 + k * span + 0.5 * j * span * span;
        t = leave + span;
        k = next.k;
        pieces.push(Piece { t, v, k, j: 0.0 });
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Constraints {
        Constraints {
            max_speed: 100.0,
            max_acceleration: 5.0,
            max_deceleration: 10.0,
            max_acceleration_rate: 2.0,
            max_deceleration_rate: 4.0,
        }
    }

    fn at(pieces: &[Piece], t: f64) -> f64 {
        let i = pieces.partition_point(|p| p.t <= t).max(1) - 1;
        let p = pieces[i];
        p.v + p.k * (t - p.t) + 0.5 * p.j * (t - p.t).powi(2)
    }

    #[test]
    fn a_profile_in_straight_lines_goes_through_its_points() {
        let points = [(2.0, 4.0), (1.0, 4.0), (2.0, 0.0)].map(|(t, speed)| ProfilePoint { time: Some(t), speed });
        let c = corners(&points, limits(), Following::Position, 10.0, 0.0, 0.0);
        let told: Vec<_> = c.iter().map(|c| (c.t, c.v, c.k)).collect();
        assert_eq!(told, [(10.0, 0.0, 2.0), (12.0, 4.0, 0.0), (13.0, 4.0, -2.0), (15.0, 0.0, 0.0)]);
    }

    #[test]
    fn one_target_is_reached_with_the_jerk_allowed_and_without_a_jump() {
        for (to, time) in [(10.0, 8.0), (10.0, 3.0), (30.0, 4.0)] {
            let points = [ProfilePoint { time: Some(time), speed: to }];
            let c = corners(&points, limits(), Following::Follow, 0.0, 0.0, 0.0);
            let pieces = smooth(&c, limits(), 0.0).unwrap();
            for w in pieces.windows(2) {
                assert!((at(&w[..1], w[1].t) - w[1].v).abs() < 1e-6, "{to} in {time}: {pieces:?}");
            }
            assert!((pieces.last().unwrap().v - to).abs() < 1e-9);
        }
    }

    #[test]
    fn rounded_corners_join() {
        let points = [(4.0, 8.0), (4.0, 8.0), (6.0, 0.0)].map(|(t, speed)| ProfilePoint { time: Some(t), speed });
        let c = corners(&points, limits(), Following::Follow, 0.0, 0.0, 0.0);
        let pieces = smooth(&c, limits(), 0.0).unwrap();
        for w in pieces.windows(2) {
            assert!((at(&w[..1], w[1].t) - w[1].v).abs() < 1e-6, "{pieces:?}");
        }
    }
}
