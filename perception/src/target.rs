//! One road user while it is followed: filter, beliefs, existence and which sensors see it. [`crate::Track`] is how it is
//! shown to the outside.

use std::f64::consts::PI;

use calibration::Timestamp;
use nalgebra::{Matrix2, Matrix4, Vector2, Vector3};

use crate::belief::{ClassBelief, SizeBelief};
use crate::filter::{Filter, wrap};
use crate::free_space::PlacedFreeSpace;
use crate::gaussian::Gaussian2;
use crate::motion::Motion;
use crate::object::{Class, Placed, Sensing, Size, Track, TrackKey};

/// Sensors remembered per target; the one that saw it longest ago is forgotten first.
const SIGHTS: usize = 8;
/// Frames of one sensor in which two targets must not both have been seen if they are to be one.
const CO_SIGHT_FRAMES: u32 = 0xffff;
/// Weight of the newest frame in the belief that a sensor sees a target.
const SEEN_GAIN: f32 = 0.25;
/// Highest factor by which a sensor's claimed variance is widened.
const NOISE: f32 = 9.0;
/// Weight of one innovation in that factor.
const NOISE_GAIN: f32 = 0.08;
/// A sensor counts as one that sees the target for this long, s.
const SENSING_S: f64 = 1.0;
/// Existence never gets nearer to 0 or 1 than this.
const DOUBT: f64 = 1e-4;
/// Road users leave the world by themselves (into a house, a garage) once in this many seconds.
const SURVIVAL_S: f64 = 60.0;
/// False detections and new road users per m² and frame, taken as even over the region (the λ of JIPDA).
const CLUTTER: f64 = 2e-4;
/// So many frames that show bare ground where it should stand unmake a confirmed target.
const DENIED: u8 = 5;
/// A frame that showed bare ground counts for so long, s.
const DENIED_S: f64 = 0.5;
/// Existence of a target that was unmade, at most.
const DENIED_EXISTENCE: f64 = 0.3;
/// A place known worse than this cannot be shown to be empty, metres.
const DENIED_REACH_M: f64 = 8.0;

/// A detection that was checked and may be used.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub place: Gaussian2,
    pub up: f64,
    pub velocity: Option<Gaussian2>,
    pub yaw: Option<(f64, f64)>,
    pub yaw_is_axis: bool,
    pub class: Class,
    pub score: f32,
    pub size: Option<Size>,
    pub sensing: Sensing,
}

impl Seen {
    /// `None` when a number is not finite or makes no sense, or the place is outside the region.
    pub fn check(placed: &Placed, region_m: f64) -> Option<Self> {
        let place = Gaussian2::place(placed.position.xy(), placed.covariance)?;
        let inside = place.mean.norm() <= region_m && placed.position.z.abs() <= 1e4;
        let velocity = match &placed.velocity {
            Some((mean, covariance)) => Some(Gaussian2::velocity(*mean, *covariance)?),
            None => None,
        };
        let yaw_is_sane = placed.yaw.is_none_or(|(yaw, variance)| yaw.abs() < 1e3 && (0.0..1e6).contains(&variance));
        let size_is_finite =
            placed.size.is_none_or(|s| s.length_m.is_finite() && s.width_m.is_finite() && s.height_m.is_finite());
        let score_is_sane = (0.0..=1.0).contains(&placed.score);
        (inside && yaw_is_sane && size_is_finite && score_is_sane).then(|| Self {
            place,
            up: placed.position.z,
            velocity,
            yaw: placed.yaw,
            yaw_is_axis: placed.yaw_is_axis,
            class: placed.class,
            score: placed.score,
            size: placed.size,
            sensing: placed.sensing,
        })
    }
}

/// How one sensor sees one target.
#[derive(Copy, Clone, Debug)]
struct Sight {
    sensor: u8,
    sensing: Sensing,
    /// How likely this sensor has it in view, 0..1: fades with every miss, so a hidden target is not taken for dead.
    seen: f32,
    /// Variance of this sensor's errors on this target, as a multiple of what it claims; learned from innovations.
    noise: f32,
    /// Bit i: seen in this sensor's i-th newest frame.
    frames: u32,
    last: Timestamp,
}

/// One frame as a target sees it.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Look {
    /// Which sensor, as numbered by the tracker.
    pub sensor: u8,
    /// Running number of the frame in this tracker.
    pub frame: u64,
    pub tov: Timestamp,
    /// Detection probability of what is in view.
    pub detection_probability: f64,
}

/// One road user while it is followed.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub id: u64,
    pub filter: Filter,
    pub at: Timestamp,
    pub born: Timestamp,
    pub last_seen: Timestamp,
    /// Frame and detection of the last measurement; tells who is who after frames were applied again.
    pub last_hit: (u64, usize),
    pub existence: f64,
    pub hits: u32,
    pub confirmed: bool,
    pub belief: ClassBelief,
    class: Class,
    motion: Motion,
    size: SizeBelief,
    up: f64,
    /// It was seen to move forward, so front and back are not mixed up.
    front_known: bool,
    /// Frames that contradict the believed front, while that is not known from motion.
    contradictions: u8,
    /// Frames that showed bare ground where it should stand, one soon after the other, and the last of them.
    denied: u8,
    denied_at: Timestamp,
    sights: [Option<Sight>; SIGHTS],
}

impl Target {
    pub fn new(id: u64, seen: &Seen, detection: usize, look: &Look) -> Self {
        let mut belief = ClassBelief::default();
        belief.learn(seen.class, seen.score);
        let class = belief.best();
        let motion = Motion::of(class);
        let mut target = Self {
            id,
            filter: Filter::new(&seen.place, &motion),
            at: look.tov,
            born: look.tov,
            last_seen: look.tov,
            last_hit: (look.frame, detection),
            existence: (0.5 * f64::from(seen.score)).max(0.1),
            hits: 1,
            confirmed: false,
            belief,
            class,
            motion,
            size: SizeBelief::usual(class),
            up: seen.up,
            front_known: false,
            contradictions: 0,
            denied: 0,
            denied_at: look.tov,
            sights: [None; SIGHTS],
        };
        if let Some(velocity) = &seen.velocity {
            target.filter.update_velocity(velocity);
        }
        target.learn_body(seen, 0.1);
        target.note_sight(look, seen.sensing);
        target
    }

    pub fn class(&self) -> Class {
        self.class
    }

    pub fn size(&self) -> Size {
        self.size.size(self.class)
    }

    /// Moves state and existence to `to`; never back.
    pub fn predict(&mut self, to: Timestamp) {
        let dt = to.seconds_since(self.at);
        if dt > 0.0 {
            self.filter.predict(dt, &self.motion);
            self.existence *= (-dt / SURVIVAL_S).exp();
            self.at = to;
        }
    }

    /// A detection was assigned to it. `distance` is the squared Mahalanobis distance and the log-determinant.
    pub fn hit(&mut self, seen: &Seen, detection: usize, look: &Look, distance: (f64, f64)) {
        let dt = look.tov.seconds_since(self.last_seen);
        let mut place = seen.place;
        place.covariance *= self.noise_of(look.sensor);
        self.learn_noise(look.sensor, self.filter.distance(&place, 0.0).0);
        self.filter.update_place(&place);
        if let Some(velocity) = &seen.velocity
            && self.filter.velocity_distance(velocity).0 < 20.0
        {
            self.filter.update_velocity(velocity);
        }
        self.learn_body(seen, dt);
        self.belief.learn(seen.class, seen.score);
        let class = self.belief.best();
        if class != self.class {
            self.class = class;
            self.motion = Motion::of(class);
        }
        self.up += 0.3 * (seen.up - self.up);
        self.last_seen = look.tov;
        self.last_hit = (look.frame, detection);
        self.hits = self.hits.saturating_add(1);
        if seen.sensing == Sensing::Lidar {
            self.denied = 0;
        }
        self.raise_existence(look, distance);
        self.note_sight(look, seen.sensing);
    }

    /// How much larger the variance of a sensor's errors on this target is than it claims, 1…[`NOISE`].
    pub fn noise_of(&self, sensor: u8) -> f64 {
        let sight = self.sights.iter().flatten().find(|sight| sight.sensor == sensor);
        sight.map_or(1.0, |sight| f64::from(sight.noise))
    }

    /// A squared Mahalanobis distance is 2 on average when covariances are right (two degrees of freedom). Sensors that
    /// claim too much are believed less; those that claim too little are taken at their word.
    fn learn_noise(&mut self, sensor: u8, squared: f64) {
        if let Some(sight) = self.sights.iter_mut().flatten().find(|sight| sight.sensor == sensor) {
            let surprise = (squared / 2.0).min(5.0) - 1.0;
            sight.noise = (sight.noise * (1.0 + NOISE_GAIN * surprise as f32)).clamp(1.0, NOISE);
        }
    }

    /// Yaw, size, and what both say about the direction of travel.
    fn learn_body(&mut self, seen: &Seen, dt: f64) {
        if let Some((yaw, variance)) = seen.yaw {
            self.weigh_front(yaw, seen.yaw_is_axis);
            let axis = seen.yaw_is_axis || self.filter.yaw_variance() < 0.5;
            self.filter.update_yaw(yaw, variance, axis);
        }
        self.find_front();
        self.filter.hold_to_body(dt, &self.motion);
        if let Some(size) = &seen.size {
            self.size.learn(size);
        }
    }

    /// A sensor that tells front from back may be wrong now and then: the believed front turns round only after three
    /// frames that say so, and never once the target was seen to move.
    fn weigh_front(&mut self, yaw: f64, is_axis: bool) {
        if is_axis || self.front_known || self.filter.yaw_variance() > 0.5 {
            return;
        }
        if wrap(yaw - self.filter.yaw()).abs() < PI / 2.0 {
            self.contradictions = self.contradictions.saturating_sub(1);
        } else {
            self.contradictions += 1;
        }
        if self.contradictions >= 3 {
            self.contradictions = 0;
            self.filter.flip();
        }
    }

    /// Motion tells which end is the front. One that is known to drive backwards slowly keeps its front.
    fn find_front(&mut self) {
        let velocity = self.filter.velocity();
        let (speed, course_sigma) = (velocity.norm(), self.filter.course_sigma());
        if speed < 0.8 || course_sigma > 0.4 || self.filter.yaw_variance() > 0.5 {
            return;
        }
        let along = (self.filter.yaw() - velocity.y.atan2(velocity.x)).cos();
        if along > 0.5 {
            self.front_known = self.front_known || speed > 1.5;
        } else if along < -0.5 && (!self.front_known || speed > 3.0) {
            self.filter.flip();
        }
    }

    /// Existence after a detection: odds times `P_D · p(z) / λ` (Musicki and Evans 2004, JIPDA, for one measurement), held
    /// so that one lucky detection is no proof and a poor one no argument against.
    fn raise_existence(&mut self, look: &Look, (squared, log_determinant): (f64, f64)) {
        let density = (-0.5 * (squared + log_determinant)).exp() / (2.0 * PI);
        let ratio = (look.detection_probability * density / CLUTTER).clamp(2.0, 20.0);
        let odds = ratio * self.existence / (1.0 - self.existence);
        self.existence = (odds / (1.0 + odds)).clamp(DOUBT, 1.0 - DOUBT);
    }

    /// A frame of `look.sensor` did not show it. A sensor that never saw it has nothing to say.
    pub fn miss(&mut self, look: &Look) {
        let Some(sight) = self.sights.iter_mut().flatten().find(|sight| sight.sensor == look.sensor) else { return };
        let detectable = look.detection_probability * f64::from(sight.seen);
        sight.seen *= 1.0 - SEEN_GAIN;
        sight.frames <<= 1;
        // Bayes with the probability of a miss: 1 − P_D if it exists, 1 if it does not.
        let r = self.existence;
        self.existence = (r * (1.0 - detectable) / (1.0 - r * detectable)).clamp(DOUBT, 1.0 - DOUBT);
    }

    /// A frame that does not show it shows where nobody stands. What one sensor alone sees, and another sees bare ground in
    /// its place, is a reflection or a mistake; what two see is believed.
    pub fn weigh_free_space(&mut self, space: &PlacedFreeSpace) {
        let recent = |sight: &&Sight| self.at.seconds_since(sight.last) <= SENSING_S;
        let alone = self.sights.iter().flatten().filter(recent).count() <= 1;
        let p = self.filter.covariance();
        // Two sigma of its place, and half of its body.
        let body = Matrix2::identity() * (0.25 * self.size().length_m).powi(2);
        let reach = p.fixed_view::<2, 2>(0, 0) * 4.0 + body;
        let known = reach.diagonal().max() <= DENIED_REACH_M.powi(2);
        let empty = alone && known && space.is_empty_around(&self.filter.place(), self.up, &reach);
        let before = if self.is_undenied() { 0 } else { self.denied };
        self.denied = if empty { (before + 1).min(DENIED) } else { before.saturating_sub(1) };
        self.denied_at = if empty { self.at } else { self.denied_at };
        if self.denied == DENIED {
            self.confirmed = false;
            self.existence = self.existence.min(DENIED_EXISTENCE);
        }
    }

    /// Nothing speaks against it.
    pub fn is_undenied(&self) -> bool {
        self.denied == 0 || self.at.seconds_since(self.denied_at) > DENIED_S
    }

    fn note_sight(&mut self, look: &Look, sensing: Sensing) {
        if let Some(sight) = self.sights.iter_mut().flatten().find(|sight| sight.sensor == look.sensor) {
            sight.seen += SEEN_GAIN * (1.0 - sight.seen);
            sight.frames = sight.frames << 1 | 1;
            sight.last = look.tov;
            return;
        }
        let fresh = Sight { sensor: look.sensor, sensing, seen: 0.8, noise: 1.0, frames: 1, last: look.tov };
        // `None` sorts before every time.
        if let Some(slot) = self.sights.iter_mut().min_by_key(|slot| slot.map(|sight| sight.last)) {
            *slot = Some(fresh);
        }
    }

    /// One sensor saw both in one frame, so they are two.
    pub fn seen_beside(&self, other: &Self) -> bool {
        self.sights.iter().flatten().any(|mine| {
            let both =
                |theirs: &Sight| theirs.sensor == mine.sensor && theirs.frames & mine.frames & CO_SIGHT_FRAMES != 0;
            other.sights.iter().flatten().any(both)
        })
    }

    /// Takes over what a target that turned out to be the same road user knows.
    pub fn absorb(&mut self, other: Self) {
        let spread = |target: &Self| target.filter.covariance().fixed_view::<4, 4>(0, 0).trace();
        if spread(&other) < spread(self) {
            self.filter = other.filter;
            self.front_known = other.front_known;
            self.motion = other.motion;
            self.class = other.class;
            self.belief = other.belief;
        }
        for theirs in other.sights.into_iter().flatten() {
            let known = self.sights.iter_mut().flatten().find(|mine| mine.sensor == theirs.sensor);
            match known {
                Some(mine) if mine.last < theirs.last => *mine = theirs,
                Some(_) => {}
                None => {
                    if let Some(free) = self.sights.iter_mut().find(|slot| slot.is_none()) {
                        *free = Some(theirs);
                    }
                }
            }
        }
        self.last_hit = if other.last_seen > self.last_seen { other.last_hit } else { self.last_hit };
        self.last_seen = self.last_seen.max(other.last_seen);
        self.born = self.born.min(other.born);
        self.hits = self.hits.max(other.hits);
        self.existence = self.existence.max(other.existence);
        self.confirmed |= other.confirmed;
        self.denied = self.denied.min(other.denied);
    }

    /// A place is inside the footprint, made larger by `margin_m` all round.
    pub fn covers(&self, place: &Vector2<f64>, margin_m: f64) -> bool {
        let gap = place - self.filter.place();
        let size = self.size();
        if self.filter.yaw_variance() > 0.3 {
            return gap.norm() < 0.5 * size.width_m + margin_m;
        }
        let (sin, cos) = self.filter.yaw().sin_cos();
        let (along, across) = (gap.x * cos + gap.y * sin, gap.y * cos - gap.x * sin);
        along.abs() < 0.5 * size.length_m + margin_m && across.abs() < 0.5 * size.width_m + margin_m
    }

    /// As the outside sees it.
    pub fn to_track(&self, key: TrackKey) -> Track {
        let place = self.filter.place();
        let p = self.filter.covariance();
        let velocity = self.filter.velocity();
        let yaw_sigma = self.filter.yaw_variance().sqrt();
        // While the body is not known, the direction of travel is the better guess.
        let course_is_better = yaw_sigma > 1.0 && velocity.norm() > 0.3;
        let yaw = if course_is_better { velocity.y.atan2(velocity.x) } else { self.filter.yaw() };
        let mut sensing: Vec<Sensing> = self
            .sights
            .iter()
            .flatten()
            .filter(|sight| self.at.seconds_since(sight.last) <= SENSING_S)
            .map(|sight| sight.sensing)
            .collect();
        sensing.sort_unstable();
        sensing.dedup();
        Track {
            key,
            class: self.class,
            class_belief: self.belief.probabilities(),
            at: self.at,
            last_seen: self.last_seen,
            born: self.born,
            position: Vector3::new(place.x, place.y, self.up),
            velocity,
            yaw,
            front_known: self.front_known,
            yaw_rate: if self.motion.turns { self.filter.turn_rate() } else { 0.0 },
            covariance: Matrix4::from_fn(|row, column| p[(row, column)]),
            yaw_sigma: if course_is_better { self.filter.course_sigma() } else { yaw_sigma },
            size: self.size(),
            existence: self.existence,
            confirmed: self.confirmed,
            sensing,
        }
    }
}
