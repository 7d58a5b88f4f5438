//! FollowTrajectoryAction: along a laid-out trajectory, with its own times or with the speed of the entity.

use std::f64::consts::{FRAC_PI_2, PI};
use std::sync::Arc;

use super::sign;
use crate::opendrive::wrap;
use crate::openscenario::action::Timing;
use crate::openscenario::actor::OnTrack;
use crate::openscenario::place::Place;
use crate::openscenario::position::Orientation;
use crate::openscenario::reader::EntityId;
use crate::openscenario::track::Track;
use crate::openscenario::trajectory::Trajectory;
use crate::openscenario::word::{Following, SMALL};
use crate::openscenario::world::World;

/// A trajectory under way.
#[derive(Clone, Debug)]
pub struct TrajectoryRun {
    track: Arc<Track>,
    timing: Option<Timing>,
    time: f64,
    /// The body looks against the course.
    backwards: bool,
    explicit: bool,
}

/// The angle between is more than a right one.
fn against(a: f64, b: f64) -> bool {
    wrap(a - b).abs() > FRAC_PI_2 + SMALL
}

impl TrajectoryRun {
    pub(super) fn start(
        trajectory: &Trajectory,
        from: f64,
        timing: Option<Timing>,
        following: Following,
        who: EntityId,
        world: &mut World,
    ) -> Option<Self> {
        let speed = world.actors[who].speed;
        let track = Arc::new(world.lay(trajectory, following, speed, Some(who))?);
        // Without times there is nothing to time.
        let timing = timing.filter(|_| track.end_time() - track.start_time() >= SMALL);
        let ignores = world.actors[who].entity.object.flag("ignoreHeadingForTrajMotion");
        let p = track.at(from);
        let forwards = match timing {
            None => speed >= 0.0,
            Some(_) => !p.explicit || !against(p.yaw, p.along),
        };
        let yaw = if p.explicit || forwards { if p.explicit { p.yaw } else { p.along } } else { wrap(p.along + PI) };
        // esmini's property of an object whose motion does not heed where it looks.
        let backwards = against(yaw, p.along) && !(p.explicit && ignores);
        let mut run = Self { time: p.time, backwards, explicit: p.explicit, track, timing };
        run.place(who, world, from);
        world.actors[who].place.turn_to(yaw);
        if let Some(timing) = timing {
            let at = run.track.at(run.track.s_at(run.time));
            let scale = if timing.relative { timing.scale } else { 1.0 };
            world.actors[who].speed = if forwards { at.speed * scale } else { -at.speed * scale };
        }
        Some(run)
    }

    /// Puts the entity onto the trajectory.
    fn place(&mut self, who: EntityId, world: &mut World, s: f64) {
        let p = self.track.at(s);
        if self.explicit && !p.explicit {
            // From here on it looks where it goes.
            self.backwards = false;
        }
        self.explicit = p.explicit;
        let yaw = if !p.explicit && self.backwards { p.yaw + PI } else { p.yaw };
        // In the air it looks up and down along the trajectory; down is positive.
        let o = Orientation { h: Some(yaw), p: p.z.map(|_| -p.slope.atan()), ..Orientation::default() };
        let net = world.net.clone();
        let actor = &mut world.actors[who];
        actor.place = Place::in_world(&net, [p.x, p.y], p.z, o, actor.place.road_position(), actor.place.walks);
        if let (Some(z), Some(_)) = (p.z, actor.place.lane) {
            // Whoever flies when the trajectory ends flies on as high above the road.
            actor.place.lift = z - actor.place.road.z;
        }
        actor.on_track = Some(OnTrack { track: self.track.clone(), s });
        actor.moved = true;
    }

    pub(super) fn step(&mut self, who: EntityId, world: &mut World) -> bool {
        let dt = world.dt;
        let Some(old) = world.actors[who].on_track.as_ref().map(|t| t.s) else { return true };
        let speed = world.actors[who].speed;
        let (length, end) = (self.track.length(), self.track.end_time());
        let Some(timing) = self.timing else {
            let way = sign(speed) * if self.backwards { -1.0 } else { 1.0 };
            let s = old + way * speed.abs() * dt;
            let s = if self.track.closed { s } else { s.clamp(0.0, length) };
            self.place(who, world, s);
            let over = way * speed.abs();
            let done = !self.track.closed && dt > 0.0 && (over > 0.0 && s > length - SMALL || over < 0.0 && s < SMALL);
            if done && over > 0.0 {
                self.leave(who, world, speed.abs() * dt - (s - old).abs());
            } else if done {
                world.actors[who].on_track = None;
            }
            return done;
        };
        self.time = if timing.relative { self.time + timing.scale * dt } else { (world.time + dt) * timing.scale };
        let at = self.time + timing.offset;
        let s = self.track.s_at(at);
        self.place(who, world, s);
        if dt > SMALL && at < end + SMALL {
            let way = if self.backwards && !self.track.at(s).explicit { -1.0 } else { 1.0 };
            world.actors[who].speed = sign(s - old) * way * (s - old).abs() / dt;
        }
        let done = at > end - SMALL;
        if done {
            let rest = (at - end) * world.actors[who].speed;
            self.leave(who, world, rest);
        }
        done
    }

    /// What is left of the step is driven straight on.
    fn leave(&self, who: EntityId, world: &mut World, rest: f64) {
        let net = world.net.clone();
        let yaw = self.track.points.last().map_or(0.0, |p| p.yaw);
        let place = &mut world.actors[who].place;
        let (x, y) = (place.pose.x + rest * yaw.cos(), place.pose.y + rest * yaw.sin());
        let heading = place.pose.yaw;
        place.set_world(&net, x, y, heading);
        world.actors[who].on_track = None;
    }
}
