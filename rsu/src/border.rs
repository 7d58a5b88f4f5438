//! The common border with other units: what is told to them, what they tell, and whose road user is whose.
//!
//! A unit tells what it tracks within `share_m` of a neighbour's region (a disc of the own `region_m` around the neighbour's
//! origin). Of a neighbour that has not spoken yet nothing is known: then everything in the outer `share_m` of the own
//! region is told. Without a track to tell it still says once a second that it is there and where.

use std::collections::BTreeMap;

use calibration::Timestamp;
use calibration::geodesy::{EnuFrame, Wgs84};
use nalgebra::{Isometry3, Matrix2, Matrix4, Vector3, Vector4};
use perception::{Class, Track, TrackKey, UnitId};

use crate::config::Config;
use crate::event::Event;
use crate::limits;
use crate::outbox::Outbox;
use crate::services::Pace;
use crate::station::{BorderTracks, Output};
use crate::world::World;

/// Border tracks are told this often, hertz.
const SHARE_HZ: f64 = 10.0;
/// A neighbour's track may be carried forward for this long to find it again, seconds: the gap between two fields of view.
pub const CARRY_S: f64 = 5.0;
/// An own track is compared with the neighbours' for this long after its birth, seconds.
const YOUNG_S: f64 = 3.0;
/// How hard road users brake, speed up and turn, 1 σ, m/s²: what a carried track becomes unsure by.
const MANOEUVRE_MPS2: f64 = 1.0;
/// What two units' surveys may differ by, 1 σ, metres.
const SURVEY_M: f64 = 0.3;
/// Gate on the squared Mahalanobis distance of (east, north, v_east, v_north): 99.9 % of χ² with 4 degrees of freedom.
const GATE: f64 = 18.47;
/// Neighbours farther away than this are none of ours, metres.
const REACH_M: f64 = 5_000.0;

/// What is known about the neighbours.
#[derive(Debug)]
pub struct Border {
    unit: UnitId,
    frame: EnuFrame,
    share_m: f64,
    region_m: f64,
    lease_s: f64,
    neighbours: BTreeMap<UnitId, Neighbour>,
    pace: Pace,
    shared: Option<Timestamp>,
}

#[derive(Debug)]
struct Neighbour {
    /// Its liveliness token is there.
    token: bool,
    /// When it last told its tracks.
    heard: Option<Timestamp>,
    since: Timestamp,
    /// Its origin in the own `enu`.
    place: Option<Vector3<f64>>,
    /// Its tracks in the own `enu`.
    tracks: BTreeMap<TrackKey, Track>,
}

/// An own track that a neighbour knew first.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognised {
    /// The own track.
    pub mine: TrackKey,
    /// The key it shall have.
    pub key: TrackKey,
    /// The neighbour that knows it.
    pub from: UnitId,
}

/// Why a neighbour's tracks were refused.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BorderError {
    /// Not a place, too far away, or from a unit of our own name.
    #[error("malformed")]
    Malformed,
    /// More neighbours than fit.
    #[error("too-many")]
    TooMany,
}

impl Border {
    /// Nobody known yet.
    #[must_use]
    pub fn new(config: &Config, frame: EnuFrame, now: Timestamp) -> Self {
        Self {
            unit: config.site.id.clone(),
            frame,
            share_m: config.corridor_link.share_m,
            region_m: config.tracking.region_m,
            lease_s: f64::from(config.corridor_link.lease_ms) * 1e-3,
            neighbours: BTreeMap::new(),
            pace: Pace::new(if config.corridor_link.mode == "off" { 0.0 } else { SHARE_HZ }, now),
            shared: None,
        }
    }

    /// When it wants to share next.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.pace.due()
    }

    /// Neighbours that are there.
    #[must_use]
    pub fn alive(&self) -> Vec<UnitId> {
        self.neighbours.keys().cloned().collect()
    }

    /// A liveliness token came or went.
    pub fn on_alive(&mut self, now: Timestamp, unit: UnitId, alive: bool) -> Option<Event> {
        if unit == self.unit {
            return None;
        }
        if !alive {
            return self.neighbours.remove(&unit).map(|_| Event::NeighbourLost { unit });
        }
        if let Some(neighbour) = self.neighbours.get_mut(&unit) {
            neighbour.token = true;
            return None;
        }
        if self.neighbours.len() >= limits::NEIGHBOURS {
            return None;
        }
        self.neighbours.insert(unit.clone(), Neighbour { token: true, ..Neighbour::new(now) });
        Some(Event::NeighbourUp { unit })
    }

    /// A neighbour told its tracks.
    ///
    /// # Errors
    /// When what it says cannot be, or there are more neighbours than fit.
    pub fn hear(&mut self, now: Timestamp, said: BorderTracks) -> Result<Option<Event>, BorderError> {
        let [lat_deg, lon_deg, alt_m] = said.origin;
        let origin = Wgs84 { lat_deg, lon_deg, alt_m };
        if said.unit == self.unit || said.unit.0.len() > 64 || origin.check().is_err() {
            return Err(BorderError::Malformed);
        }
        let ours_from_theirs = self.frame.self_from(&EnuFrame::new(origin));
        let place = ours_from_theirs.translation.vector;
        if !place.norm().is_finite() || place.norm() > REACH_M {
            return Err(BorderError::Malformed);
        }
        let known = self.neighbours.contains_key(&said.unit);
        if !known && self.neighbours.len() >= limits::NEIGHBOURS {
            return Err(BorderError::TooMany);
        }
        let neighbour = self.neighbours.entry(said.unit.clone()).or_insert_with(|| Neighbour::new(now));
        neighbour.heard = Some(now);
        neighbour.place = Some(place);
        for track in said.tracks.into_iter().take(limits::BORDER_TRACKS) {
            let age_s = now.seconds_since(track.at);
            if plausible(&track) && (-1.0..=CARRY_S).contains(&age_s) {
                neighbour.tracks.insert(track.key.clone(), moved(track, &ours_from_theirs));
            }
        }
        neighbour.trim();
        Ok((!known).then_some(Event::NeighbourUp { unit: said.unit }))
    }

    /// Forgets what is too old, and says who was lost. A token says that a unit is there even while it is silent; without
    /// one a unit counts as lost when it was not heard for a lease.
    pub fn retire(&mut self, now: Timestamp) -> Vec<Event> {
        for neighbour in self.neighbours.values_mut() {
            neighbour.tracks.retain(|_, track| now.seconds_since(track.at) <= CARRY_S);
        }
        let lease_s = self.lease_s;
        let lost = |n: &Neighbour| !n.token && now.seconds_since(n.heard.unwrap_or(n.since)) > lease_s;
        let gone: Vec<UnitId> = self.neighbours.iter().filter(|(_, n)| lost(n)).map(|(unit, _)| unit.clone()).collect();
        gone.into_iter()
            .map(|unit| {
                self.neighbours.remove(&unit);
                Event::NeighbourLost { unit }
            })
            .collect()
    }

    /// Finds own young tracks that a neighbour knew before. The pairs that fit best come first; nobody is taken twice.
    #[must_use]
    pub fn recognise(&self, now: Timestamp, tracks: &[Track]) -> Vec<Recognised> {
        let mut pairs = Vec::new();
        let young = |t: &&Track| t.key.unit == self.unit && now.seconds_since(t.born) <= YOUNG_S;
        for mine in tracks.iter().filter(young) {
            for (unit, neighbour) in &self.neighbours {
                for theirs in neighbour.tracks.values() {
                    // Both sides look: only the one that saw it later takes the other's key.
                    let earlier = (theirs.born, &theirs.key) < (mine.born, &mine.key);
                    let free = || tracks.iter().all(|t| t.key != theirs.key);
                    if earlier && alike(mine.class, theirs.class) && free() {
                        pairs.push((distance2(mine, theirs), &mine.key, &theirs.key, unit));
                    }
                }
            }
        }
        pairs.retain(|(d2, ..)| *d2 <= GATE);
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| (a.1, a.2, a.3).cmp(&(b.1, b.2, b.3))));
        let mut found: Vec<Recognised> = Vec::new();
        for (_, mine, key, from) in pairs {
            if found.iter().all(|f| f.mine != *mine && f.key != *key) {
                found.push(Recognised { mine: mine.clone(), key: key.clone(), from: from.clone() });
            }
        }
        found
    }

    /// Tells the neighbours what is near the border.
    pub fn step(&mut self, world: &World, out: &mut Outbox) {
        if !self.pace.timer(world.at) {
            return;
        }
        let mut near: Vec<(f64, &Track)> =
            world.tracks.iter().map(|track| (self.beyond(track), track)).filter(|(d, _)| *d <= self.share_m).collect();
        let rested = self.shared.is_none_or(|at| world.at.seconds_since(at) >= 1.0);
        if near.is_empty() && !rested {
            return;
        }
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.key.cmp(&b.1.key)));
        let tracks = near.into_iter().take(limits::BORDER_TRACKS).map(|(_, track)| track.clone()).collect();
        let origin = self.frame.origin();
        let origin = [origin.lat_deg, origin.lon_deg, origin.alt_m];
        self.shared = Some(world.at);
        out.push(world.at, Output::Share(BorderTracks { unit: self.unit.clone(), origin, tracks }));
    }

    /// How far a track is from where a neighbour sees it, metres; 0 inside its region.
    fn beyond(&self, track: &Track) -> f64 {
        let places = self.neighbours.values().filter_map(|n| n.place);
        let to_region = |place: Vector3<f64>| (track.position - place).xy().norm() - self.region_m;
        let nearest = places.map(to_region).fold(f64::INFINITY, f64::min);
        let to_edge = if nearest.is_finite() { nearest } else { self.region_m - track.position.xy().norm() };
        to_edge.max(0.0)
    }
}

impl Neighbour {
    fn new(now: Timestamp) -> Self {
        Self { token: false, heard: None, since: now, place: None, tracks: BTreeMap::new() }
    }

    /// Keeps the youngest within the bound.
    fn trim(&mut self) {
        while self.tracks.len() > limits::BORDER_TRACKS {
            let oldest = self.tracks.values().min_by_key(|t| (t.at, t.key.clone())).map(|t| t.key.clone());
            oldest.iter().for_each(|key| {
                self.tracks.remove(key);
            });
        }
    }
}

/// Numbers that a road user can have.
fn plausible(track: &Track) -> bool {
    let finite =
        track.position.iter().chain(track.velocity.iter()).chain(track.covariance.iter()).all(|v| v.is_finite());
    let near = track.position.norm() <= REACH_M && track.velocity.norm() <= 100.0;
    let spread = (0..4).all(|i| track.covariance[(i, i)] >= 0.0);
    finite && near && spread && track.yaw.is_finite() && track.key.unit.0.len() <= 64
}

/// A track of another unit's `enu` in the own one.
fn moved(mut track: Track, ours_from_theirs: &Isometry3<f64>) -> Track {
    // Of two upright frames only the turn about the vertical counts for directions: within a corridor it is far below a
    // degree, and the tilt is the same size.
    let turn = ours_from_theirs.rotation.euler_angles().2;
    let rotation = nalgebra::Rotation2::new(turn);
    let mut both = Matrix4::zeros();
    both.fixed_view_mut::<2, 2>(0, 0).copy_from(rotation.matrix());
    both.fixed_view_mut::<2, 2>(2, 2).copy_from(rotation.matrix());
    track.position = ours_from_theirs.transform_point(&track.position.into()).coords;
    track.velocity = rotation * track.velocity;
    track.yaw = calibration::geodesy::Yaw::from_rad(track.yaw + turn).rad();
    track.covariance = both * track.covariance * both.transpose();
    track
}

/// The same thing can look like both: a wheeled thing is mistaken for another, a person for a rider.
fn alike(a: Class, b: Class) -> bool {
    let kind = |class| match class {
        Class::Unknown => 0,
        Class::Car | Class::Truck | Class::Bus => 1,
        Class::Motorcycle | Class::Bicycle | Class::Pedestrian => 2,
    };
    kind(a) == 0 || kind(b) == 0 || kind(a) == kind(b)
}

/// Squared Mahalanobis distance of two tracks after the neighbour's one was carried to the moment of the own.
fn distance2(mine: &Track, theirs: &Track) -> f64 {
    let dt = mine.at.seconds_since(theirs.at);
    let identity = Matrix2::identity();
    let mut carry = Matrix4::identity();
    carry.fixed_view_mut::<2, 2>(0, 2).copy_from(&(identity * dt));
    let q = MANOEUVRE_MPS2 * MANOEUVRE_MPS2;
    let mut noise = Matrix4::zeros();
    noise.fixed_view_mut::<2, 2>(0, 0).copy_from(&(identity * (q * dt.powi(4) / 4.0 + SURVEY_M * SURVEY_M)));
    noise.fixed_view_mut::<2, 2>(0, 2).copy_from(&(identity * (q * dt.powi(3) / 2.0)));
    noise.fixed_view_mut::<2, 2>(2, 0).copy_from(&(identity * (q * dt.powi(3) / 2.0)));
    noise.fixed_view_mut::<2, 2>(2, 2).copy_from(&(identity * (q * dt * dt)));
    let state = |t: &Track| Vector4::new(t.position.x, t.position.y, t.velocity.x, t.velocity.y);
    let gap = state(mine) - carry * state(theirs);
    let covariance = mine.covariance + carry * theirs.covariance * carry.transpose() + noise;
    covariance.cholesky().map_or(f64::INFINITY, |c| gap.dot(&c.solve(&gap)))
}

#[cfg(test)]
mod tests;
