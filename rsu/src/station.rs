//! A roadside unit as a value: it eats inputs with a time stamp and yields outputs. It reads no clock, opens no socket,
//! spawns no task and holds no lock, so the simulator runs the very code that is deployed.
//!
//! Start reading at [`Station::handle`]. The order of a step: fuse what was seen, look at the world, judge the own fitness,
//! look for dangers, speak.

mod contract;
#[cfg(test)]
mod tests;

use std::time::Duration;

use calibration::Timestamp;
use perception::contact;
use perception::tracker::{Happening, Tracker, TrackerConfig};
use perception::{Detections, SensorId, UnitId};

use crate::border::Border;
use crate::config::Config;
use crate::event::{Event, Stamp};
use crate::health::Health;
use crate::limits;
use crate::outbox::Outbox;
use crate::services::{Site, map::MapService, rsi::RsiService, rsm::RsmService, spat::SpatService};
use crate::signal::Signals;
use crate::watch::Watch;
use crate::world::World;

pub use contract::{BorderTracks, ClockState, Input, Output, Setup, SignalState};

/// A unit looks at itself at least this often.
pub const HEARTBEAT: Duration = Duration::from_millis(100);
/// A clock that goes back by more than this was set, seconds; by less it only trembles.
const CLOCK_SET_S: f64 = 1.0;

/// A roadside unit.
#[derive(Debug)]
pub struct Station {
    setup: Setup,
    health: Health,
    tracker: Tracker,
    signals: Signals,
    border: Border,
    watch: Watch,
    rsm: RsmService,
    spat: SpatService,
    map: MapService,
    rsi: RsiService,
    world: World,
    outbox: Outbox,
    stepped: Timestamp,
}

impl Station {
    /// A unit that has seen nothing yet, and is silent until it knows its clock and its sensors.
    #[must_use]
    pub fn new(setup: Setup, now: Timestamp) -> Self {
        let site = Site::new(&setup);
        let services = &setup.config.services;
        Self {
            health: Health::new(&setup.config, &setup.rig),
            tracker: tracker(&setup.config),
            signals: Signals::new(&setup.config.signal, setup.map.as_ref()),
            border: Border::new(&setup.config, setup.rig.frame, now),
            watch: Watch::new(&services.rsi.events, setup.map.as_ref()),
            rsm: RsmService::new(&site, services.rsm.rate_hz),
            spat: SpatService::new(&site, services.spat.rate_hz, now),
            map: MapService::new(&site, setup.map.as_ref(), services.map.rate_hz, now),
            rsi: RsiService::new(&site, setup.map.as_ref(), &services.rsi),
            world: World::empty(now),
            outbox: Outbox::new(setup.config.site.dialect),
            stepped: now,
            setup,
        }
    }

    /// Feeds one input and moves time to `now`. Never reads a clock, never blocks, never does I/O, never panics.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        let now = self.moved_to(now);
        match input {
            Input::Detections(seen) => self.on_detections(now, &seen),
            Input::Sensor { sensor, fault } => self.on_sensor(now, &sensor, fault),
            Input::Clock(state) => self.on_clock(now, state),
            Input::Signal(state) => self.on_signal(now, &state),
            Input::Received(bytes) => self.on_received(now, &bytes),
            Input::Neighbour(tracks) => self.on_neighbour(now, tracks),
            Input::NeighbourAlive { unit, alive } => self.on_neighbour_alive(now, unit, alive),
            Input::Tick => self.step(now, false),
        }
    }

    /// Takes the next thing to do. Call until `None`.
    pub fn poll(&mut self) -> Option<Output> {
        self.outbox.pop()
    }

    /// When the station next wants a [`Input::Tick`] if nothing else happens. Always later than the last step.
    #[must_use]
    pub fn next_due(&self) -> Timestamp {
        let heartbeat = self.stepped + HEARTBEAT;
        let due = [self.spat.due(), self.map.due(), self.rsi.due(), self.border.due()];
        let due = due.into_iter().flatten().min().unwrap_or(heartbeat).min(heartbeat);
        if self.world.unfit.is_empty() && due > self.stepped { due } else { heartbeat }
    }

    /// What the unit believes, as of the last step.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What the unit is made of.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    fn on_detections(&mut self, now: Timestamp, seen: &Detections) {
        match self.fuse(now, seen) {
            Ok(()) => {
                self.health.on_frame(now, &seen.sensor, seen.tov);
                self.take_over_keys(now);
                self.step(now, true);
            }
            Err(reason) => {
                self.say(now, Event::FrameDropped { sensor: seen.sensor.clone(), reason });
                self.step(now, false);
            }
        }
    }

    /// Sensor frame → `enu` → tracks.
    fn fuse(&mut self, now: Timestamp, seen: &Detections) -> Result<(), String> {
        self.health.admit(now, &seen.sensor, seen.tov, seen.list.len()).map_err(|e| e.to_string())?;
        let placed = contact::place(&self.setup.rig, seen).ok_or("no-calibration")?;
        let mounted = self.setup.rig.sensors.get(&seen.sensor.0);
        let space = seen.free.as_ref().zip(mounted).map(|(free, mounted)| free.from_mounted(mounted));
        let fused = self.tracker.update_with_free_space(seen.tov, now, &seen.sensor, &placed, space);
        fused.map_err(|e| e.word().to_owned())
    }

    /// A road user that a neighbour knew first keeps the neighbour's key.
    fn take_over_keys(&mut self, now: Timestamp) {
        for found in self.border.recognise(now, &self.tracker.tracks_at(now)) {
            if self.tracker.adopt(&found.mine, found.key.clone()).is_ok() {
                self.rsm.rename(&found.mine, &found.key);
                self.watch.rename(&found.mine, &found.key);
                self.say(now, Event::HandedOver { key: found.key, from: found.from, was: found.mine });
            }
        }
    }

    fn on_sensor(&mut self, now: Timestamp, sensor: &SensorId, fault: Option<String>) {
        if self.health.on_sensor(sensor, fault) {
            self.step(now, false);
        } else {
            self.say(now, Event::FrameDropped { sensor: sensor.clone(), reason: "unknown-sensor".into() });
        }
    }

    fn on_clock(&mut self, now: Timestamp, state: ClockState) {
        self.health.on_clock(now, state);
        self.step(now, false);
    }

    fn on_signal(&mut self, now: Timestamp, state: &SignalState) {
        match self.signals.hear(now, state.tov, &state.groups) {
            Ok(()) => self.step(now, false),
            Err(error) => self.say(now, Event::Rejected { reason: error.to_string() }),
        }
    }

    fn on_received(&mut self, now: Timestamp, bytes: &[u8]) {
        let heard = if bytes.len() > limits::HEARD_BYTES {
            Err("too-long")
        } else {
            v2x_msgs::decode(bytes, self.setup.config.site.dialect).map_err(|error| error.word())
        };
        self.say(
            now,
            match heard {
                Ok(message) => Event::Heard { kind: message.kind() },
                Err(reason) => Event::Rejected { reason: reason.into() },
            },
        );
    }

    fn on_neighbour(&mut self, now: Timestamp, tracks: BorderTracks) {
        match self.border.hear(now, tracks) {
            Ok(news) => news.into_iter().for_each(|event| self.say(now, event)),
            Err(reason) => self.say(now, Event::Rejected { reason: reason.to_string() }),
        }
    }

    fn on_neighbour_alive(&mut self, now: Timestamp, unit: UnitId, alive: bool) {
        if let Some(event) = self.border.on_alive(now, unit, alive) {
            self.say(now, event);
        }
    }

    /// One look at the world, and what is to be said about it.
    fn step(&mut self, now: Timestamp, fused: bool) {
        self.stepped = now;
        self.tracker.retire(now);
        self.border.retire(now).into_iter().for_each(|event| self.say(now, event));
        self.tell_happenings(now);
        let seen = self.view(now);
        let before = std::mem::replace(&mut self.world, seen);
        if before.unfit != self.world.unfit {
            self.say(now, Event::Fitness { reasons: self.world.unfit.clone() });
        }
        self.look_for_dangers(now, before);
        if self.world.unfit.is_empty() {
            self.speak(fused);
        }
    }

    fn view(&self, now: Timestamp) -> World {
        let mut tracks = self.tracker.tracks_at(now);
        tracks.retain(|track| track.confirmed);
        self.watch.face_the_lane(&mut tracks);
        World {
            at: now,
            tov: self.tracker.newest_tov(),
            tracks,
            signals: self.signals.at(now),
            warnings: Vec::new(),
            unfit: self.health.unfit(now),
            sensors: self.health.sensors(now),
            neighbours: self.border.alive(),
        }
    }

    /// One line a service: the list is the registry.
    fn speak(&mut self, fused: bool) {
        let (world, out) = (&self.world, &mut self.outbox);
        self.rsm.step(world, fused, out);
        self.spat.step(world, out);
        self.map.step(world, out);
        self.rsi.step(world, out);
        self.border.step(world, out);
    }

    /// A unit that may not speak knows of no dangers either: what it saw last is no longer true.
    fn look_for_dangers(&mut self, now: Timestamp, before: World) {
        self.world.warnings = before.warnings;
        let news = if self.world.unfit.is_empty() {
            self.watch.look(&mut self.world)
        } else {
            self.watch.clear(&mut self.world)
        };
        news.into_iter().for_each(|event| self.say(now, event));
    }

    fn tell_happenings(&mut self, now: Timestamp) {
        for happening in self.tracker.happenings() {
            let event = match happening {
                Happening::Confirmed { key, class } => Event::TrackConfirmed { key, class },
                Happening::Ended { key } | Happening::Merged { gone: key, .. } => Event::TrackEnded { key },
                Happening::Dropped { count } => Event::Dropped { queue: "TRACKS".into(), count },
            };
            self.say(now, event);
        }
    }

    fn say(&mut self, at: Timestamp, event: Event) {
        self.outbox.push(at, Output::Event(Stamp { at, event }));
    }

    /// Time goes forward. A clock that trembles is held; one that was set back makes every remembered moment wrong, so the
    /// unit starts anew with what it sees now.
    fn moved_to(&mut self, now: Timestamp) -> Timestamp {
        let back_s = self.stepped.seconds_since(now);
        if back_s <= 0.0 {
            return now;
        }
        if back_s <= CLOCK_SET_S {
            return self.stepped;
        }
        let mut anew = Self::new(self.setup.clone(), now);
        std::mem::swap(&mut anew.outbox, &mut self.outbox);
        std::mem::swap(&mut anew.rsm, &mut self.rsm);
        std::mem::swap(&mut anew.health, &mut self.health);
        anew.rsm.forget();
        anew.health.forget();
        *self = anew;
        self.say(now, Event::ClockSetBack { seconds: back_s });
        now
    }
}

fn tracker(config: &Config) -> Tracker {
    let tracking = &config.tracking;
    let tracking = TrackerConfig {
        confirm_hits: tracking.confirm_hits,
        coast_ms: tracking.coast_ms,
        reorder_ms: tracking.reorder_ms,
        region_m: tracking.region_m,
        ..TrackerConfig::default()
    };
    Tracker::new(config.site.id.clone(), tracking)
}
