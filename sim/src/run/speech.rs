//! Who says what to whom within one step: units to vehicles and to each other, controllers, strangers, vehicles.

use std::collections::BTreeMap;

use calibration::Timestamp;
use rsu::radio::RadioFrame;
use rsu::station::{BorderTracks, Input};
use v2x_msgs::Profile;

use super::{Run, RunError};
use crate::actor::follower::Said;
use crate::channel::{Flight, send_to};
use crate::guide;
use crate::obu;
use crate::request;
use crate::signals::SPEAKS_S;

/// A unit says so often which bays are free, seconds.
const GUIDES_S: f64 = 1.0;

impl Run<'_> {
    /// A unit's message goes on air.
    pub(super) fn broadcast(
        &mut self,
        index: usize,
        at: Timestamp,
        frame: RadioFrame,
        to: Timestamp,
    ) -> Result<(), RunError> {
        self.messages += 1;
        let unit = &self.units[index];
        let hex: String = frame.bytes.iter().map(|b| format!("{b:02x}")).collect();
        let kind = frame.kind.name();
        let line = format!("{{\"at\":\"{at}\",\"unit\":\"{}\",\"type\":\"{kind}\",\"hex\":\"{hex}\"}}\n", unit.name);
        self.hash = line.bytes().fold(self.hash, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        if let Some(log) = self.log.as_mut() {
            log.write_all(line.as_bytes())?;
        }
        let (antenna, profile) = (unit.antenna(), unit.setup.config.site.dialect);
        for stranger in &mut self.air.strangers {
            stranger.hear(at, Some(index), profile, &frame.bytes);
        }
        let sent = Flight { arrives: at, unit: Some(index), signed: at, profile, bytes: frame.bytes };
        for obu in &mut self.obus {
            let Some(body) = self.world.bodies().iter().find(|b| b.id == obu.actor) else { continue };
            for arrives in self.air.carry(at, &antenna, &obu::antenna(body), to, &[&unit.name]) {
                send_to(&mut obu.queue, Flight { arrives, ..sent.clone() });
            }
        }
        Ok(())
    }

    /// A unit's word to its neighbours.
    pub(super) fn share(&mut self, index: usize, at: Timestamp, border: &BorderTracks, to: Timestamp) {
        let name = self.units[index].name.clone();
        for other in (0..self.units.len()).filter(|&j| j != index) {
            let unit = &mut self.units[other];
            for arrives in self.air.link(at, to, [&name, &unit.name]) {
                unit.hand(arrives, Input::Neighbour(border.clone()));
            }
        }
    }

    /// Signal controllers tell their units what they show: each second, and at once when one changes its mind.
    pub(super) fn tell_signals(&mut self, from: Timestamp, to: Timestamp) {
        let due = self.next_told < to;
        if due {
            self.next_told = from.offset_secs(SPEAKS_S);
        }
        for unit in &mut self.units {
            if !(self.signals.take_news(&unit.name) || due) {
                continue;
            }
            if let Some(mut state) = self.signals.told(&unit.name, from) {
                // A controller and its unit share a clock.
                state.tov = from.offset_secs(unit.skew_s(from));
                unit.hand(from, Input::Signal(state));
            }
        }
    }

    /// Strangers say what is not true, to units and vehicles alike.
    pub(super) fn deceive(&mut self, to: Timestamp) {
        let profiles: Vec<Profile> = self.units.iter().map(|u| u.setup.config.site.dialect).collect();
        for i in 0..self.air.strangers.len() {
            let stranger = &mut self.air.strangers[i];
            let antenna = stranger.antenna();
            for said in stranger.speak(to, &self.frame, &profiles) {
                for unit in self.units.iter_mut().filter(|u| u.setup.config.site.dialect == said.profile) {
                    for arrives in self.air.carry(said.at, &antenna, &unit.antenna(), to, &[&unit.name]) {
                        unit.hand(arrives, Input::Received(said.bytes.clone()));
                    }
                }
                let flight = Flight {
                    arrives: to,
                    unit: said.signed,
                    signed: said.first,
                    profile: said.profile,
                    bytes: said.bytes,
                };
                for obu in &mut self.obus {
                    let Some(body) = self.world.bodies().iter().find(|b| b.id == obu.actor) else { continue };
                    for arrives in self.air.carry(said.at, &antenna, &obu::antenna(body), to, &[]) {
                        send_to(&mut obu.queue, Flight { arrives, ..flight.clone() });
                    }
                }
            }
        }
    }

    /// Vehicles hear, their drivers heed, and they say their own BSM.
    pub(super) fn drive(&mut self, from: Timestamp, to: Timestamp) {
        for obu in &mut self.obus {
            obu.listen(&self.frame, to);
            let Some(body) = self.world.bodies().iter().find(|b| b.id == obu.actor).cloned() else { continue };
            let dangers = obu.dangers(to);
            self.world.warn(obu.actor, &dangers);
            let here = body.after(to.seconds_since(from));
            let ahead = self.world.approach(obu.actor);
            let aid = obu.aid(ahead.as_ref(), self.world.link(obu.actor), to);
            self.world.heed(obu.actor, aid);
            if let Some(ahead) = ahead {
                for unit in self.units.iter_mut().filter(|u| u.setup.config.site.dialect == Profile::Csae157_2020) {
                    let Some(bytes) = obu.request(&ahead, unit.setup.map.as_ref(), to) else { continue };
                    for arrives in self.air.carry(to, &obu::antenna(&body), &unit.antenna(), to, &[&unit.name]) {
                        if let Some(ask) = request::read(&bytes, arrives) {
                            self.signals.ask(&unit.name, ask);
                        }
                        unit.hand(arrives, Input::Received(bytes.clone()));
                    }
                }
                obu.requested(to);
            }
            let Some((at, bsm)) = obu.speak(&here, &self.frame, to) else { continue };
            let accel = self.world.command_of(obu.actor);
            for follower in self.world.followers_of(&obu.name) {
                for arrives in self.air.carry(at, &obu::antenna(&body), &obu::antenna(&follower), to, &[]) {
                    self.world.tell_follower(follower.id, Said { at, arrives, accel });
                }
            }
            // A vehicle speaks what the unit in reach understands.
            let mut said: BTreeMap<Profile, Option<Vec<u8>>> = BTreeMap::new();
            for unit in &mut self.units {
                for arrives in self.air.carry(at, &obu::antenna(&body), &unit.antenna(), to, &[&unit.name]) {
                    let profile = unit.setup.config.site.dialect;
                    let bytes = said.entry(profile).or_insert_with(|| v2x_msgs::encode(&bsm, profile).ok());
                    if let Some(bytes) = bytes {
                        unit.hand(arrives, Input::Received(bytes.clone()));
                    }
                }
            }
            for (profile, bytes) in said.iter().filter_map(|(p, b)| Some((*p, b.as_ref()?))) {
                for stranger in &mut self.air.strangers {
                    stranger.hear(at, None, profile, bytes);
                }
            }
        }
        let there: Vec<_> = self.world.bodies().iter().map(|b| b.id).collect();
        for obu in self.obus.iter_mut().filter(|o| !there.contains(&o.actor)) {
            obu.queue.clear();
        }
    }

    /// Units that see parking bays tell those who want to park which are free: those in which they see nobody.
    pub(super) fn guide(&mut self, now: Timestamp) {
        if self.bays.is_empty() || now < self.next_guided || !self.world.has_parkers() {
            return;
        }
        self.next_guided = now.offset_secs(GUIDES_S);
        for unit in &self.units {
            let Some(station) = unit.station().filter(|s| s.world().unfit.is_empty()) else { continue };
            let tracks = station.world().tracks.iter();
            let seen: Vec<_> = tracks.map(|t| unit.world_from_unit.transform_point(&t.position.into()).xy()).collect();
            self.world.tell_bays(&unit.name, guide::free(&self.bays, &seen));
        }
    }
}
