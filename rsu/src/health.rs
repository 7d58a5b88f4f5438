//! Fitness to speak. Wrong is worse than none: a unit with a bad clock, an unknown pose or no fresh sensor is silent and
//! says why.

use std::collections::{BTreeMap, VecDeque};

use calibration::Timestamp;
use calibration::rig::Rig;
use perception::SensorId;

use crate::config::Config;
use crate::event::Unfit;
use crate::limits;
use crate::station::ClockState;
use crate::world::SensorState;

/// A statement about the clock holds for this long, seconds; the shell makes one each second.
pub const CLOCK_FRESH_S: f64 = 10.0;
/// A sensor is fresh when its last frame is at most this old, seconds, or three of its periods when that is longer.
pub const SENSOR_FRESH_S: f64 = 1.0;
/// A frame may be this far ahead of the unit's clock, seconds: what two synchronised clocks may differ.
pub const AHEAD_S: f64 = 0.05;
/// A frame older than this is of no use, seconds.
pub const OLD_S: f64 = 2.0;

/// What the unit knows about its own state.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    clock_source: String,
    max_offset_ms: f64,
    clock: Option<(Timestamp, ClockState)>,
    sensors: BTreeMap<SensorId, Sensor>,
}

#[derive(Clone, Debug, PartialEq)]
struct Sensor {
    fresh_s: f64,
    calibrated: bool,
    last_tov: Option<Timestamp>,
    age_ms: Option<f64>,
    fault: Option<String>,
    frames: VecDeque<Timestamp>,
}

/// Why a frame is not taken.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The configuration names no such sensor.
    #[error("unknown-sensor")]
    UnknownSensor,
    /// Its time of validity lies ahead.
    #[error("from-the-future")]
    FromTheFuture,
    /// Its time of validity lies far back.
    #[error("late")]
    Late,
    /// It holds more detections than fit.
    #[error("too-many")]
    TooMany,
}

impl Health {
    /// Every sensor of the configuration, none seen yet, and no word about the clock.
    #[must_use]
    pub fn new(config: &Config, rig: &Rig) -> Self {
        let cameras = config.camera.iter().map(|c| (&c.id, c.rate_hz));
        let lidars = config.lidar.iter().map(|l| (&l.id, l.rate_hz));
        let sensors = cameras.chain(lidars).map(|(id, rate_hz)| {
            let period_s = if rate_hz > 0.0 { 1.0 / rate_hz } else { 0.0 };
            let sensor = Sensor {
                fresh_s: (3.0 * period_s).clamp(SENSOR_FRESH_S, 60.0),
                calibrated: rig.sensors.contains_key(&id.0),
                last_tov: None,
                age_ms: None,
                fault: None,
                frames: VecDeque::new(),
            };
            (id.clone(), sensor)
        });
        Self {
            clock_source: config.time.source.clone(),
            max_offset_ms: config.time.max_offset_ms,
            clock: None,
            sensors: sensors.collect(),
        }
    }

    /// Takes a statement about the clock.
    pub fn on_clock(&mut self, now: Timestamp, state: ClockState) {
        self.clock = Some((now, state));
    }

    /// Takes what a source says about itself. `false`: there is no such sensor.
    pub fn on_sensor(&mut self, id: &SensorId, fault: Option<String>) -> bool {
        let Some(sensor) = self.sensors.get_mut(id) else {
            return false;
        };
        sensor.fault = fault.map(|text| text.chars().take(limits::FAULT_TEXT).collect());
        true
    }

    /// Judges a frame before it is fused.
    ///
    /// # Errors
    /// When the frame must be dropped.
    pub fn admit(&self, now: Timestamp, id: &SensorId, tov: Timestamp, detections: usize) -> Result<(), FrameError> {
        if !self.sensors.contains_key(id) {
            return Err(FrameError::UnknownSensor);
        }
        let age_s = now.seconds_since(tov);
        match () {
            () if age_s < -AHEAD_S => Err(FrameError::FromTheFuture),
            () if age_s > OLD_S => Err(FrameError::Late),
            () if detections > limits::DETECTIONS_A_FRAME => Err(FrameError::TooMany),
            () => Ok(()),
        }
    }

    /// Counts a frame that was fused.
    pub fn on_frame(&mut self, now: Timestamp, id: &SensorId, tov: Timestamp) {
        let Some(sensor) = self.sensors.get_mut(id) else {
            return;
        };
        sensor.last_tov = sensor.last_tov.max(Some(tov));
        sensor.age_ms = Some(now.millis_since(tov));
        sensor.frames.push_back(tov);
        if sensor.frames.len() > limits::FRAME_TIMES {
            sensor.frames.pop_front();
        }
    }

    /// Why the unit must be silent at `now`; empty when it may speak.
    #[must_use]
    pub fn unfit(&self, now: Timestamp) -> Vec<Unfit> {
        let mut reasons: Vec<Unfit> = self.clock_fault(now).map(|detail| Unfit::Clock { detail }).into_iter().collect();
        for (id, _) in self.sensors.iter().filter(|(_, s)| !s.calibrated) {
            let detail = "no calibration: where it looks is unknown; run rsu calibrate extrinsics".to_owned();
            reasons.push(Unfit::Pose { sensor: id.clone(), detail });
        }
        let faults: Vec<_> = self.sensors.iter().map(|(id, s)| (id, s.fault(now))).collect();
        if !faults.is_empty() && faults.iter().all(|(_, fault)| fault.is_some()) {
            let detail = faults.iter().map(|(id, fault)| format!("{id}: {}", fault.as_deref().unwrap_or_default()));
            reasons.push(Unfit::Sensors { detail: detail.collect::<Vec<_>>().join("; ") });
        }
        reasons
    }

    fn clock_fault(&self, now: Timestamp) -> Option<String> {
        let Some((said, state)) = &self.clock else {
            return Some(format!("nothing known yet about the clock ({})", self.clock_source));
        };
        if now.seconds_since(*said) > CLOCK_FRESH_S {
            return Some(format!("nothing known about the clock for more than {CLOCK_FRESH_S} s"));
        }
        if !state.synchronised {
            return Some(format!("not synchronised to {}", self.clock_source));
        }
        if !state.offset_ms.is_finite() || state.offset_ms.abs() > self.max_offset_ms {
            return Some(format!("off by {:.1} ms, allowed are {} ms", state.offset_ms, self.max_offset_ms));
        }
        None
    }

    /// Every sensor as the station sees it.
    #[must_use]
    pub fn sensors(&self, now: Timestamp) -> Vec<SensorState> {
        let state = |(id, s): (&SensorId, &Sensor)| SensorState {
            id: id.clone(),
            last_tov: s.last_tov,
            rate_hz: s.rate_hz(now),
            age_ms: s.age_ms,
            fault: s.fault(now),
        };
        self.sensors.iter().map(state).collect()
    }

    /// Forgets every time stamp; for a clock that was set back.
    pub fn forget(&mut self) {
        self.clock = None;
        for sensor in self.sensors.values_mut() {
            sensor.last_tov = None;
            sensor.frames.clear();
        }
    }
}

impl Sensor {
    /// What is wrong with it, in words that do not change while the fault lasts.
    fn fault(&self, now: Timestamp) -> Option<String> {
        match (self.calibrated, &self.fault, self.last_tov) {
            (false, _, _) => Some("no calibration".into()),
            (_, Some(fault), _) => Some(fault.clone()),
            (_, None, None) => Some("no frame yet".into()),
            (_, None, Some(tov)) if now.seconds_since(tov) > self.fresh_s => {
                Some(format!("no frame for more than {:.1} s", self.fresh_s))
            }
            _ => None,
        }
    }

    fn rate_hz(&self, now: Timestamp) -> f64 {
        if self.last_tov.is_none_or(|tov| now.seconds_since(tov) > self.fresh_s) {
            return 0.0;
        }
        let fresh = || self.frames.iter().filter(|tov| now.seconds_since(**tov) <= self.fresh_s * 3.0);
        let (Some(first), Some(last)) = (fresh().min(), fresh().max()) else {
            return 0.0;
        };
        let span_s = last.seconds_since(*first);
        if span_s > 0.0 { (fresh().count() - 1) as f64 / span_s } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use calibration::geodesy::{EnuFrame, Wgs84};
    use calibration::ground::Ground;

    use super::*;

    fn health() -> Health {
        let text = "[site]\nid = \"x01\"\norigin = { lat_deg = 31.0, lon_deg = 121.0 }\n\
                    [[lidar]]\nid = \"roof\"\nurl = \"sim:\"\n[[lidar]]\nid = \"slow\"\nurl = \"sim:\"\nrate_hz = 0.5\n";
        let rig = Rig::new(EnuFrame::new(Wgs84 { lat_deg: 31.0, lon_deg: 121.0, alt_m: 0.0 }), Ground::default());
        Health::new(&toml::from_str(text).unwrap(), &rig)
    }

    #[test]
    fn every_reason_names_what_is_wrong_and_all_are_told() {
        let health = health();
        let words: Vec<_> = health.unfit(Timestamp::default()).iter().map(Unfit::word).collect();
        assert_eq!(words, ["clock", "pose", "pose", "sensors"]);
        let Unfit::Sensors { detail } = &health.unfit(Timestamp::default())[3] else { panic!() };
        assert_eq!(detail, "roof: no calibration; slow: no calibration");
    }

    #[test]
    fn a_slow_sensor_has_three_of_its_periods() {
        let mut health = health();
        health.sensors.values_mut().for_each(|s| s.calibrated = true);
        let ms = Timestamp::from_millis;
        for id in ["roof", "slow"] {
            health.on_frame(ms(100), &SensorId(id.into()), ms(0));
        }
        let faults = |health: &Health, at| {
            let ids = health.sensors(ms(at)).into_iter().filter(|s| s.fault.is_some()).map(|s| s.id.0);
            ids.collect::<Vec<_>>()
        };
        assert!(faults(&health, 1000).is_empty());
        assert_eq!(faults(&health, 1001), ["roof"]);
        assert_eq!(faults(&health, 6000), ["roof"]);
        assert_eq!(faults(&health, 6001), ["roof", "slow"]);
        assert!(health.unfit(ms(6000)).iter().all(|r| r.word() != "sensors"), "one fresh sensor is enough");
    }

    #[test]
    fn a_long_fault_text_is_cut() {
        let mut health = health();
        assert!(health.on_sensor(&SensorId("roof".into()), Some("ä".repeat(10_000))));
        let fault = health.sensors[&SensorId("roof".into())].fault.clone().unwrap();
        assert_eq!(fault.chars().count(), limits::FAULT_TEXT);
        assert!(!health.on_sensor(&SensorId("attic".into()), None));
    }
}
