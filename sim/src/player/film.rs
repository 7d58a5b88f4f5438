//! A film of a run: what every unit believed and said, what happened, and the truth, ten times a second.

use std::collections::BTreeMap;
use std::sync::Arc;

use calibration::Timestamp;
use nalgebra::{Isometry3, Vector3};
use rsu::config::Config;
use rsu::event::{Event, Stamp};
use rsu::radio::RadioFrame;
use rsu::site_map::SiteMap;
use rsu::station::Output;
use rsu::world::World as Belief;
use serde::Serialize;

use crate::actor::{ActorId, Body, Kind};
use crate::chronicle::Mark;
use crate::scenario::Loaded;
use crate::unit::{Step, Unit};
use crate::world::World;

/// Pictures are taken this often, seconds.
pub const EVERY_S: f64 = 0.1;
/// A film holds about so much; the rest of a longer run is not filmed, bytes.
const ROOM: usize = 1 << 30;
/// Memory of one track, covariance included, bytes (measured as `size_of` plus its lists, rounded up).
const TRACK_BYTES: usize = 512;
/// Memory of one body or of a message beside its bytes.
const SMALL_BYTES: usize = 160;

/// One true road user in one picture, in the frame of the unit that looks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ghost {
    /// Number.
    pub id: ActorId,
    /// Name, of those that the scenario names.
    pub name: Option<String>,
    /// Kind.
    pub kind: Kind,
    /// Centre of the footprint, `enu` of the unit, metres.
    pub position: [f64; 2],
    /// Direction, radians counter-clockwise from east.
    pub yaw: f64,
    /// Speed, m/s.
    pub speed: f64,
    /// Length and width, metres.
    pub size: [f64; 2],
}

/// What one unit believed and said.
#[derive(Debug)]
pub struct UnitFilm {
    /// Name.
    pub name: String,
    /// Configuration it ran with.
    pub config: Config,
    /// Its map.
    pub map: Option<SiteMap>,
    /// What it believed, one a picture; none while it had no power.
    pub worlds: Vec<Option<Belief>>,
    /// What it said, in order.
    pub said: Vec<(Timestamp, RadioFrame)>,
    /// What happened to it, in order.
    pub events: Vec<Stamp>,
    pub(super) unit_from_world: Isometry3<f64>,
}

/// A film of one run.
#[derive(Debug)]
pub struct Film {
    /// Name of the scenario.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// Seed of the run.
    pub seed: u64,
    /// Simulated moment of its first picture.
    pub start: Timestamp,
    /// Units, in the order of the scenario.
    pub units: Vec<UnitFilm>,
    /// Moments worth jumping to, in order.
    pub marks: Vec<Mark>,
    /// There is no unit: what is shown as known is the truth.
    pub bare: bool,
    names: BTreeMap<ActorId, Arc<str>>,
    truth: Vec<Vec<Body>>,
    bytes: usize,
}

impl Film {
    /// An empty film of a run of `loaded` that begins at `start`.
    #[must_use]
    pub fn new(loaded: &Loaded, units: &[Unit], seed: u64, start: Timestamp) -> Self {
        let units = units.iter().map(UnitFilm::new).collect();
        Self::of(&loaded.name, &loaded.scenario.title, units, seed, start)
    }

    /// An empty film with these units.
    pub(super) fn of(name: &str, title: &str, units: Vec<UnitFilm>, seed: u64, start: Timestamp) -> Self {
        Self {
            scenario: name.to_owned(),
            title: title.to_owned(),
            seed,
            start,
            units,
            marks: Vec::new(),
            bare: false,
            names: BTreeMap::new(),
            truth: Vec::new(),
            bytes: 0,
        }
    }

    /// How much of the run is filmed, seconds.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        self.truth.len().saturating_sub(1) as f64 * EVERY_S
    }

    /// There is no room for more pictures: what follows is not in the film.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes >= ROOM
    }

    /// What unit `index` did in one step.
    pub fn hear(&mut self, index: usize, step: &Step) {
        if self.is_full() {
            return;
        }
        for (at, output) in &step.said {
            let unit = &mut self.units[index];
            match output {
                Output::Send(frame) => {
                    self.bytes += frame.bytes.len() + SMALL_BYTES;
                    unit.said.push((*at, frame.clone()));
                }
                // What is told a hundred times a second is in the messages already.
                Output::Event(stamp) if !matches!(stamp.event, Event::Sent { .. } | Event::Heard { .. }) => {
                    self.bytes += SMALL_BYTES;
                    unit.events.push(stamp.clone());
                }
                Output::Event(_) => {}
                Output::Share(_) => {}
            }
        }
    }

    /// Whom a page without a unit follows at first: the key of the first road user.
    #[must_use]
    pub fn focus(&self) -> Option<String> {
        let first = self.units.first().filter(|_| self.bare)?.worlds.first()?.as_ref()?;
        first.tracks.first().map(|track| track.key.to_string())
    }

    /// A picture is due at `now`, and there is room for it.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        !self.is_full() && now >= self.start.offset_secs(self.truth.len() as f64 * EVERY_S)
    }

    /// Takes a picture when one is due at `now`.
    pub fn watch(&mut self, units: &[Unit], world: &World, now: Timestamp) {
        if !self.is_due(now) {
            return;
        }
        let beliefs = units.iter().map(|unit| unit.station().map(|station| station.world().clone())).collect();
        let names = world.actors().iter().filter_map(|a| Some((a.id, a.name.clone()?)));
        self.keep(beliefs, world.bodies().to_vec(), names);
    }

    /// One more picture: what each unit believed, and the truth.
    pub(super) fn keep(
        &mut self,
        beliefs: Vec<Option<Belief>>,
        truth: Vec<Body>,
        names: impl IntoIterator<Item = (ActorId, Arc<str>)>,
    ) {
        for (film, belief) in self.units.iter_mut().zip(beliefs) {
            self.bytes += belief.as_ref().map_or(0, |w| (w.tracks.len() + 1) * TRACK_BYTES);
            film.worlds.push(belief);
        }
        self.bytes += truth.len() * SMALL_BYTES;
        self.truth.push(truth);
        for (id, name) in names {
            self.names.entry(id).or_insert(name);
        }
    }

    /// Number of the picture that holds at `at_s` seconds after the start.
    #[must_use]
    pub fn picture(&self, at_s: f64) -> usize {
        ((at_s / EVERY_S + 1e-6) as usize).min(self.truth.len().saturating_sub(1))
    }

    /// The truth `at_s` seconds after the start, as unit `index` would draw it; between two pictures everybody moves on
    /// with their own velocity.
    #[must_use]
    pub fn truth(&self, index: usize, at_s: f64) -> Vec<Ghost> {
        let (Some(unit), Some(bodies)) = (self.units.get(index), self.truth.get(self.picture(at_s))) else {
            return Vec::new();
        };
        let ahead_s = (at_s - self.picture(at_s) as f64 * EVERY_S).clamp(0.0, EVERY_S);
        bodies.iter().map(|body| unit.ghost(&body.after(ahead_s), self.names.get(&body.id))).collect()
    }
}

impl UnitFilm {
    fn new(unit: &Unit) -> Self {
        Self {
            name: unit.name.clone(),
            config: unit.setup.config.clone(),
            map: unit.setup.map.clone(),
            worlds: Vec::new(),
            said: Vec::new(),
            events: Vec::new(),
            unit_from_world: unit.world_from_unit.inverse(),
        }
    }

    fn ghost(&self, body: &Body, name: Option<&Arc<str>>) -> Ghost {
        let position = self.unit_from_world * nalgebra::Point3::from(body.position);
        let ahead = self.unit_from_world.rotation * Vector3::new(body.yaw.cos(), body.yaw.sin(), 0.0);
        Ghost {
            id: body.id,
            name: name.map(ToString::to_string),
            kind: body.kind,
            position: [position.x, position.y],
            yaw: ahead.y.atan2(ahead.x),
            speed: body.velocity.norm(),
            size: [body.size.length_m, body.size.width_m],
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::chronicle::MarkKind;
    use crate::run::{Options, Run};
    use crate::scenario::{Loaded, find};

    use super::*;

    fn filmed() -> Film {
        let mut loaded = Loaded::read(&find::find("pedestrian_occluded").unwrap()).unwrap();
        loaded.set_for_s(14.0);
        let mut run = Run::new(&loaded, &Options::default(), None).unwrap();
        run.film(&loaded);
        run.finish().unwrap().film.unwrap()
    }

    #[test]
    fn a_film_holds_every_tenth_of_a_second_of_truth_belief_and_speech() {
        let film = filmed();
        assert!((film.length_s() - 14.0).abs() < 0.15, "{}", film.length_s());
        assert_eq!(film.units[0].worlds.len(), film.truth.len());
        assert!(film.units[0].said.len() > 100);
        assert!(film.marks.iter().any(|m| m.kind == MarkKind::Warning), "{:?}", film.marks);
        assert!(film.marks.is_sorted_by(|a, b| a.at_s <= b.at_s));
        let child = |at_s| film.truth(0, at_s).into_iter().find(|g| g.kind == Kind::Child).unwrap();
        let (a, b) = (child(8.0), child(8.05));
        // 1.8 m/s to the east; between two pictures it goes on.
        assert!((b.position[0] - a.position[0] - 0.09).abs() < 1e-3, "{a:?} {b:?}");
        assert!(film.truth(9, 1.0).is_empty());
        assert_eq!(film.picture(1e9), film.truth.len() - 1);
    }
}
