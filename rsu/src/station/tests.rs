//! The station's promises, each as a test: what goes in is written down, what comes out is decoded again.

mod anything;
mod corridor;
mod dialects;
mod fitness;
mod inputs;
mod messages;

use std::collections::{BTreeMap, BTreeSet};

use calibration::Timestamp;
use calibration::geodesy::{EnuFrame, Heading, Wgs84};
use calibration::ground::Ground;
use calibration::rig::{Mounted, Rig, enu_from_lidar_looking};
use nalgebra::{Matrix6, Point3, Vector3};
use perception::{Box3d, Class, Detection, Detections, SensorId, Shape, Size, TrackKey, UnitId};
use proptest::prelude::*;
use v2x_msgs::model::{Message, Participant, Timing};
use v2x_msgs::{MessageKind, Profile};

use super::*;
use crate::config::Config;
use crate::event::Unfit;
use crate::limits;
use crate::site_map::SiteMap;
use crate::world::{Light, SignalGroup};

const HEIGHT_M: f64 = 6.0;

fn start() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn ms(n: i64) -> Timestamp {
    Timestamp::from_millis(start().as_millis() + n)
}

fn mounted(position: Vector3<f64>) -> Mounted {
    let enu_from_sensor = enu_from_lidar_looking(position, Heading::from_deg(90.0), 0.0);
    Mounted { enu_from_sensor, covariance: Matrix6::identity() * 1e-6, camera: None }
}

/// A unit with the named lidars, all at the origin, and the four-arm crossing when asked for.
fn setup(lidars: &[&str], crossing: bool, more: &str) -> Setup {
    let sensors: String = lidars.iter().map(|id| format!("[[lidar]]\nid = \"{id}\"\nurl = \"sim:\"\n")).collect();
    let text = format!(
        "[site]\nid = \"x01\"\norigin = {{ lat_deg = 31.284, lon_deg = 121.503, alt_m = 4.0 }}\n{sensors}{more}"
    );
    let config: Config = toml::from_str(&text).unwrap();
    let origin = Wgs84 { lat_deg: 31.284, lon_deg: 121.503, alt_m: 4.0 };
    let mut rig = Rig::new(EnuFrame::new(origin), Ground::default());
    for id in lidars {
        rig.sensors.insert((*id).to_owned(), mounted(Vector3::new(0.0, 0.0, HEIGHT_M)));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/scenarios/maps/four_arm.json");
    let map = crossing.then(|| SiteMap::load(path.as_ref()).unwrap());
    Setup { config, map, rig }
}

const PLAN: &str = r#"
[signal]
protocol = "plan"
[signal.plan]
cycle_s = 70
group = [{ id = 1, green_from_s = 0, green_s = 30 }, { id = 2, green_from_s = 35, green_s = 10 }]
"#;

fn good_clock() -> Input {
    Input::Clock(ClockState { synchronised: true, offset_ms: 0.4 })
}

/// A box that a lidar sees, given by its place in `enu`.
fn thing(class: Class, x: f64, y: f64) -> Detection {
    let (length_m, width_m, height_m) = if class == Class::Pedestrian { (0.6, 0.6, 1.7) } else { (4.5, 1.8, 1.5) };
    let centre = Point3::new(x, y, height_m / 2.0 - HEIGHT_M);
    let shape = Shape::Space(Box3d { centre, size: Size { length_m, width_m, height_m }, yaw: Some(0.0) });
    Detection { class, score: 0.9, shape }
}

fn frame(sensor: &str, tov: Timestamp, list: Vec<Detection>) -> Input {
    Input::Detections(Detections { sensor: SensorId(sensor.into()), tov, list, free: None })
}

/// A station and all that came out of it.
struct Stage {
    station: Station,
    out: Vec<Output>,
}

impl Stage {
    fn new(setup: Setup) -> Self {
        Self { station: Station::new(setup, start()), out: Vec::new() }
    }

    fn feed(&mut self, now: Timestamp, input: Input) {
        self.station.handle(now, input);
        self.out.extend(std::iter::from_fn(|| self.station.poll()));
    }

    /// Runs `from..to` ms: ticks whenever due, the clock each second, a frame of each sensor each 100 ms with 20 ms of age.
    fn run(&mut self, from: i64, to: i64, sensors: &[&str], mut see: impl FnMut(i64) -> Vec<Detection>) {
        for t in from..to {
            if t.rem_euclid(1000) == 0 {
                self.feed(ms(t), good_clock());
            }
            if t.rem_euclid(100) == 20 {
                sensors.iter().for_each(|sensor| self.feed(ms(t), frame(sensor, ms(t - 20), see(t - 20))));
            }
            if self.station.next_due() <= ms(t) {
                self.feed(ms(t), Input::Tick);
            }
        }
    }

    fn sent(&self) -> Vec<(MessageKind, Vec<u8>)> {
        let sent = |o: &Output| match o {
            Output::Send(frame) => Some((frame.kind, frame.bytes.clone())),
            _ => None,
        };
        self.out.iter().filter_map(sent).collect()
    }

    fn said(&self, kind: MessageKind) -> Vec<Message> {
        let of_kind = |(k, bytes): &(MessageKind, Vec<u8>)| {
            (*k == kind).then(|| v2x_msgs::decode(bytes, self.station.setup().config.site.dialect).unwrap())
        };
        self.sent().iter().filter_map(of_kind).collect()
    }

    fn participants(&self) -> Vec<Participant> {
        let list = |m: Message| match m {
            Message::Rsm(rsm) => rsm.participants,
            _ => Vec::new(),
        };
        self.said(MessageKind::Rsm).into_iter().flat_map(list).collect()
    }

    fn events(&self) -> Vec<Event> {
        let event = |o: &Output| match o {
            Output::Event(stamp) => Some(stamp.event.clone()),
            _ => None,
        };
        self.out.iter().filter_map(event).collect()
    }

    fn clear(&mut self) {
        self.out.clear();
    }

    fn words(&self) -> Vec<&'static str> {
        self.station.world().unfit.iter().map(Unfit::word).collect()
    }
}

fn one_car(t: i64) -> Vec<Detection> {
    vec![thing(Class::Car, -40.0 + t as f64 * 0.01, -1.75)]
}
