//! The station's promises, each as a test: what goes in is written down, what comes out is decoded again.

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
    Input::Detections(Detections { sensor: SensorId(sensor.into()), tov, list })
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
            (*k == kind).then(|| v2x_msgs::decode(bytes, Profile::Csae53_2020).unwrap())
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

#[test]
fn a_unit_that_knows_nothing_yet_is_silent_and_says_why() {
    let mut stage = Stage::new(setup(&["roof"], true, PLAN));
    stage.feed(ms(0), Input::Tick);
    assert_eq!(stage.words(), ["clock", "sensors"]);
    stage.feed(ms(1), good_clock());
    assert_eq!(stage.words(), ["sensors"]);
    assert!(stage.sent().is_empty());
    stage.feed(ms(30), frame("roof", ms(10), Vec::new()));
    assert!(stage.words().is_empty());
    let kinds: BTreeSet<_> = stage.sent().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [MessageKind::Rsm, MessageKind::Spat, MessageKind::Map].into());
    let fitness: Vec<_> = stage.events().into_iter().filter(|e| matches!(e, Event::Fitness { .. })).collect();
    assert_eq!(fitness.len(), 3, "one a change: {fitness:?}");
}

#[test]
fn a_lost_clock_silences_the_unit() {
    let off = |synchronised, offset_ms| Input::Clock(ClockState { synchronised, offset_ms });
    for lost in [off(false, 0.0), off(true, 5.1), off(true, -7.0), off(true, f64::NAN), off(true, f64::INFINITY)] {
        let mut stage = Stage::new(setup(&["roof"], true, PLAN));
        stage.run(0, 1500, &["roof"], one_car);
        assert!(!stage.sent().is_empty());
        stage.clear();
        stage.feed(ms(1500), lost.clone());
        assert_eq!(stage.words(), ["clock"], "{lost:?}");
        for t in 1501..1990 {
            stage.feed(ms(t), Input::Tick);
            stage.feed(ms(t), frame("roof", ms(t - 1), one_car(t)));
        }
        assert!(stage.out.iter().all(|o| matches!(o, Output::Event(_))), "nothing is sent or shared");
        stage.clear();
        stage.run(2000, 2200, &["roof"], one_car);
        assert!(stage.words().is_empty() && !stage.sent().is_empty(), "healed");
    }
}

#[test]
fn a_clock_of_which_nothing_is_heard_any_more_silences_the_unit() {
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    stage.feed(ms(0), good_clock());
    for t in (0..10_900).step_by(100) {
        stage.feed(ms(t + 20), frame("roof", ms(t), Vec::new()));
    }
    assert_eq!(stage.words(), ["clock"]);
}

#[test]
fn a_missing_calibration_silences_the_unit() {
    let mut setup = setup(&["roof", "mast"], true, PLAN);
    setup.rig.sensors.remove("mast");
    let mut stage = Stage::new(setup);
    stage.run(0, 2000, &["roof", "mast"], one_car);
    assert_eq!(stage.station.world().unfit[0].word(), "pose");
    assert!(stage.station.world().unfit[0].to_string().contains("mast"));
    assert!(stage.sent().is_empty());
    assert!(
        stage.events().iter().any(|e| matches!(e, Event::FrameDropped { reason, .. } if reason == "no-calibration"))
    );
}

#[test]
fn a_frozen_camera_silences_the_unit() {
    let mut setup = setup(&[], true, &format!("[[camera]]\nid = \"east\"\nurl = \"sim:\"\n{PLAN}"));
    setup.rig.sensors.insert("east".into(), mounted(Vector3::new(0.0, 0.0, HEIGHT_M)));
    let mut stage = Stage::new(setup);
    let fault = |text: Option<&str>| Input::Sensor { sensor: SensorId("east".into()), fault: text.map(String::from) };
    stage.run(0, 1000, &["east"], |_| Vec::new());
    assert!(!stage.sent().is_empty());
    stage.clear();
    stage.feed(ms(1000), fault(Some("picture frozen")));
    assert_eq!(stage.words(), ["sensors"]);
    assert!(stage.station.world().unfit[0].to_string().contains("east: picture frozen"));
    stage.run(1001, 2500, &["east"], |_| Vec::new());
    assert!(stage.sent().is_empty(), "frames of a frozen camera are no news");
    stage.feed(ms(2500), fault(None));
    stage.run(2501, 2700, &["east"], |_| Vec::new());
    assert!(!stage.sent().is_empty());
}

#[test]
fn a_sensor_without_frames_silences_the_unit_and_one_of_two_only_shows() {
    let mut stage = Stage::new(setup(&["roof", "mast"], false, ""));
    stage.run(0, 1000, &["roof", "mast"], one_car);
    stage.run(1000, 3000, &["roof"], one_car);
    assert!(stage.words().is_empty());
    let faults: Vec<_> = stage.station.world().sensors.iter().filter(|s| s.fault.is_some()).map(|s| &s.id.0).collect();
    assert_eq!(faults, ["mast"]);
    let rates: Vec<_> = stage.station.world().sensors.iter().map(|s| s.rate_hz.round()).collect();
    assert_eq!(rates, [0.0, 10.0]);
    stage.run(3000, 4200, &[], one_car);
    assert_eq!(stage.words(), ["sensors"]);
}

#[test]
fn same_inputs_same_bytes() {
    let run = || {
        let mut stage = Stage::new(setup(&["roof", "mast"], true, PLAN));
        stage.run(0, 5000, &["roof", "mast"], |t| {
            let x = t as f64 * 0.012;
            vec![
                thing(Class::Car, -40.0 + x, -1.75),
                thing(Class::Pedestrian, 3.0, 20.0 - x * 0.1),
                thing(Class::Car, 1.75, x),
            ]
        });
        stage.out
    };
    let (a, b) = (run(), run());
    assert!(a.len() > 100);
    assert_eq!(a, b);
}

#[test]
fn an_rsm_says_what_the_world_knows() {
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    stage.run(0, 2000, &["roof"], |t| {
        vec![thing(Class::Car, -40.0 + t as f64 * 0.012, -1.75), thing(Class::Pedestrian, 9.0, 20.0)]
    });
    stage.clear();
    stage.feed(
        ms(2020),
        frame("roof", ms(2000), vec![thing(Class::Car, -16.0, -1.75), thing(Class::Pedestrian, 9.0, 20.0)]),
    );
    let world = stage.station.world().clone();
    let participants = stage.participants();
    assert_eq!((world.tracks.len(), participants.len()), (2, 2));
    let enu = EnuFrame::new(Wgs84 { lat_deg: 31.284, lon_deg: 121.503, alt_m: 4.0 });
    for (track, participant) in world.tracks.iter().zip(&participants) {
        let place = participant.position().unwrap();
        let place = Wgs84 { lat_deg: place.lat_deg, lon_deg: place.lon_deg, alt_m: place.elevation_m.unwrap() };
        assert!((enu.enu_from_wgs84(place) - track.position).xy().norm() < 0.02, "1e-7 degrees");
        assert!((participant.speed_mps.unwrap() - track.speed_mps()).abs() <= 0.011);
        assert_eq!(participant.sec_mark_ms, Some(2020), "the state is that of the send time");
        let sigma = track.covariance[(0, 0)].max(track.covariance[(1, 1)]).sqrt();
        assert!(participant.pos_confidence.pos_m.unwrap() >= sigma);
        assert!((participant.size.length_m.unwrap() - track.size.length_m).abs() <= 0.011);
    }
    let car = world.tracks.iter().position(|t| t.class == Class::Car).unwrap();
    assert!((world.tracks[car].position.x - (-16.0 + 0.24)).abs() < 0.3, "predicted over its age");
    assert!((participants[car].heading_deg.unwrap() - 90.0).abs() < 3.0);
    let Output::Send(frame) = stage.out.iter().find(|o| matches!(o, Output::Send(_))).unwrap() else { unreachable!() };
    assert_eq!(frame.tov, Some(ms(2000)));
    let age = |e: &Event| matches!(e, Event::Sent { kind: MessageKind::Rsm, age_ms: Some(age), items: 2, .. } if *age == 20.0);
    assert!(stage.events().iter().any(age));
}

#[test]
fn an_empty_road_is_said_with_the_unit_itself() {
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    stage.run(0, 1000, &["roof"], |_| Vec::new());
    let participants = stage.participants();
    assert!((8..=11).contains(&participants.len()), "{}", participants.len());
    assert!(participants.iter().all(|p| p.ptc_id == 0));
}

#[test]
fn a_crowd_is_split_and_every_participant_keeps_its_number() {
    let crowd =
        |_| (0..40).map(|i| thing(Class::Pedestrian, f64::from(i % 8) * 4.0, f64::from(i / 8) * 4.0 + 20.0)).collect();
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    stage.run(0, 3000, &["roof"], crowd);
    let mut places: BTreeMap<u16, Vec<(f64, f64)>> = BTreeMap::new();
    let mut counts = Vec::new();
    for message in stage.said(MessageKind::Rsm) {
        let Message::Rsm(rsm) = message else { unreachable!() };
        assert!(rsm.participants.len() <= 16);
        counts.push(rsm.msg_cnt);
        for p in rsm.participants.iter().filter(|p| p.ptc_id != 0) {
            places.entry(p.ptc_id).or_default().push((p.lat_deg.unwrap(), p.lon_deg.unwrap()));
        }
    }
    assert_eq!(places.len(), 40);
    for seen in places.values() {
        let near = |p: &(f64, f64)| (p.0 - seen[0].0).abs() < 1e-5 && (p.1 - seen[0].1).abs() < 1e-5;
        assert!(seen.len() > 20 && seen.iter().all(near));
    }
    assert!(counts.windows(2).all(|w| w[1] == (w[0] + 1) % 128), "{counts:?}");
}

#[test]
fn every_message_decodes_and_rates_are_kept() {
    let mut stage = Stage::new(setup(&["roof", "mast"], true, PLAN));
    stage.run(0, 10_000, &["roof", "mast"], |t| vec![thing(Class::Pedestrian, -3.0, 60.0 + t as f64 * 0.001)]);
    let mut counts = BTreeMap::new();
    for (kind, bytes) in stage.sent() {
        let message = v2x_msgs::decode(&bytes, Profile::Csae53_2020).unwrap();
        assert_eq!(message.kind(), kind);
        *counts.entry(kind).or_insert(0) += 1;
    }
    assert!((98..=101).contains(&counts[&MessageKind::Rsm]), "{counts:?}");
    assert!((98..=101).contains(&counts[&MessageKind::Spat]), "{counts:?}");
    assert!((9..=11).contains(&counts[&MessageKind::Map]), "{counts:?}");
    assert!((8..=11).contains(&counts[&MessageKind::Rsi]), "{counts:?}");
}

#[test]
fn spat_follows_the_plan_across_midnight() {
    let midnight: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
    let from = midnight.offset_secs(-30.0);
    let mut station = Station::new(setup(&["roof"], true, PLAN), from);
    let plan = Signals::new(&station.setup().config.signal);
    let mut seen = 0;
    for tick in 0..600 {
        let now = from.offset_secs(f64::from(tick) * 0.1);
        station.handle(now, good_clock());
        station.handle(now, frame("roof", now, Vec::new()));
        while let Some(output) = station.poll() {
            let Output::Send(frame) = output else { continue };
            let Ok(Message::Spat(spat)) = v2x_msgs::decode(&frame.bytes, Profile::Csae53_2020) else { continue };
            let sent = spat.time_stamp_ms.unwrap();
            assert_eq!(i64::from(sent), now.as_millis().rem_euclid(60_000));
            for phase in &spat.intersections[0].phases {
                // What is foretold for half a second later must then be what the plan shows.
                let then = |s: f64| plan.at(now.offset_secs(s)).into_iter().find(|g| g.id == phase.id).unwrap().light;
                for state in &phase.phase_states {
                    let Some(Timing::Counting(c)) = state.timing else { panic!("a plan knows its times") };
                    let middle = (c.start_time_s.unwrap() + c.likely_end_time_s.unwrap()) / 2.0;
                    assert_eq!(format!("{:?}", state.light), format!("{:?}", then(middle)), "{now} group {}", phase.id);
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 1000, "{seen}");
}

#[test]
fn a_controller_is_believed_while_it_speaks() {
    let mut stage = Stage::new(setup(&["roof"], true, PLAN));
    stage.run(0, 500, &["roof"], |_| Vec::new());
    let groups = vec![SignalGroup { id: 9, light: Light::FlashingYellow, until: None, next: Vec::new() }];
    stage.feed(ms(500), Input::Signal(SignalState { tov: ms(500), groups: groups.clone() }));
    assert_eq!(stage.station.world().signals, groups);
    stage.run(501, 5000, &["roof"], |_| Vec::new());
    assert_eq!(stage.station.world().signals.len(), 2, "the plan again");
    stage.feed(ms(5000), Input::Signal(SignalState { tov: ms(0), groups }));
    assert!(stage.events().contains(&Event::Rejected { reason: "stale".into() }));
}

#[test]
fn what_is_heard_on_air_is_counted() {
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    stage.run(0, 300, &["roof"], |_| Vec::new());
    let rsm = stage.sent().remove(0).1;
    stage.feed(ms(300), Input::Received(rsm.clone()));
    stage.feed(ms(300), Input::Received(rsm[..rsm.len() / 2].to_vec()));
    stage.feed(ms(300), Input::Received(vec![0xff; 40]));
    stage.feed(ms(300), Input::Received(vec![0; limits::HEARD_BYTES + 1]));
    let events = stage.events();
    assert!(events.contains(&Event::Heard { kind: MessageKind::Rsm }));
    assert!(events.contains(&Event::Rejected { reason: "truncated".into() }));
    assert!(events.contains(&Event::Rejected { reason: "too-long".into() }));
    assert_eq!(events.iter().filter(|e| matches!(e, Event::Rejected { .. })).count(), 3);
}

#[test]
fn frames_from_the_future_or_of_yesterday_are_dropped_and_counted() {
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    stage.run(0, 300, &["roof"], |_| Vec::new());
    for (sensor, tov, list) in [
        ("roof", ms(900), Vec::new()),
        ("roof", ms(-86_400_000), Vec::new()),
        ("attic", ms(300), Vec::new()),
        ("roof", ms(299), vec![thing(Class::Car, 0.0, 0.0); limits::DETECTIONS_A_FRAME + 1]),
        ("roof", ms(200), Vec::new()),
    ] {
        stage.feed(ms(300), frame(sensor, tov, list));
    }
    let reasons: Vec<_> = stage
        .events()
        .into_iter()
        .filter_map(|e| match e {
            Event::FrameDropped { reason, .. } => Some(reason),
            _ => None,
        })
        .collect();
    assert_eq!(reasons, ["from-the-future", "late", "unknown-sensor", "too-many", "duplicate"]);
}

#[test]
fn a_clock_that_was_set_back_starts_the_unit_anew() {
    let mut stage = Stage::new(setup(&["roof"], true, PLAN));
    stage.run(0, 3000, &["roof"], one_car);
    let numbers: BTreeSet<u16> = stage.participants().iter().map(|p| p.ptc_id).collect();
    stage.clear();
    stage.feed(ms(-60_000), Input::Tick);
    assert_eq!(stage.words(), ["clock", "sensors"]);
    assert!(
        stage.events().iter().any(|e| matches!(e, Event::ClockSetBack { seconds } if (62.0..63.1).contains(seconds)))
    );
    assert!(stage.sent().is_empty());
    stage.run(-59_000, -56_000, &["roof"], |t| one_car(t + 59_000));
    let again: BTreeSet<u16> = stage.participants().iter().map(|p| p.ptc_id).filter(|id| *id != 0).collect();
    assert!(!again.is_empty() && again.is_disjoint(&numbers), "{again:?} {numbers:?}");
}

#[test]
fn a_unit_that_nobody_reads_stays_bounded() {
    let mut station = Station::new(setup(&["roof"], true, PLAN), start());
    for t in 0..40_000 {
        station.handle(ms(t * 10), good_clock());
        station.handle(ms(t * 10), frame("roof", ms(t * 10), Vec::new()));
    }
    let mut count = 0;
    let mut dropped = false;
    while let Some(output) = station.poll() {
        count += 1;
        dropped |=
            matches!(output, Output::Event(Stamp { event: Event::Dropped { ref queue, .. }, .. }) if queue == "OUTBOX");
    }
    assert_eq!(count, limits::OUTBOX);
    assert!(dropped);
}

/// Three units 60 m apart along a road, each with its own origin, joined as zenoh joins them. Each sees 35 m to both sides:
/// 10 m of overlap. One car drives through all of them.
#[test]
fn one_vehicle_three_units_one_key() {
    for (reach, speed) in [(35.0, 15.0), (32.0, 22.0), (27.0, 12.0)] {
        let world = EnuFrame::new(Wgs84 { lat_deg: 31.284, lon_deg: 121.503, alt_m: 4.0 });
        let mut units: Vec<(f64, Stage)> = (0..3)
            .map(|k| {
                let x = f64::from(k) * 60.0;
                let mut setup = setup(&["roof"], false, "");
                let origin = world.wgs84_from_enu(Vector3::new(x, 0.0, 0.0));
                setup.config.site.id = UnitId(format!("x0{}", k + 1));
                setup.rig.frame = EnuFrame::new(origin);
                setup.config.tracking.region_m = 40.0;
                (x, Stage::new(setup))
            })
            .collect();
        let mut keys: BTreeMap<usize, BTreeSet<TrackKey>> = BTreeMap::new();
        let end_ms = (200.0 / speed * 1000.0) as i64;
        for t in 0..end_ms {
            let car = -30.0 + speed * (t - 20) as f64 * 1e-3;
            for (k, (x, stage)) in units.iter_mut().enumerate() {
                let see = |_: i64| {
                    let seen = (car - *x).abs() < reach;
                    if seen { vec![thing(Class::Car, car - *x, -1.75)] } else { Vec::new() }
                };
                // Units do not look at the same instant.
                if t % 100 == 20 + k as i64 * 30 {
                    stage.feed(ms(t), frame("roof", ms(t - 20), see(t)));
                }
                if t % 1000 == 0 {
                    stage.feed(ms(t), good_clock());
                }
                if stage.station.next_due() <= ms(t) {
                    stage.feed(ms(t), Input::Tick);
                }
                let tracks = stage.station.world().tracks.iter().map(|t| t.key.clone());
                keys.entry(k).or_default().extend(tracks);
            }
            for k in 0..3 {
                let shares: Vec<BorderTracks> = units[k]
                    .1
                    .out
                    .iter()
                    .filter_map(|o| match o {
                        Output::Share(tracks) => Some(tracks.clone()),
                        _ => None,
                    })
                    .collect();
                units[k].1.clear_shares();
                for share in shares {
                    for (other, (_, stage)) in units.iter_mut().enumerate() {
                        if other != k {
                            stage.feed(ms(t + 1), Input::Neighbour(share.clone()));
                        }
                    }
                }
            }
        }
        let first = keys[&0].iter().next().unwrap().clone();
        assert_eq!(first.unit.0, "x01");
        for (k, seen) in &keys {
            assert_eq!(seen.iter().collect::<Vec<_>>(), [&first], "unit {k}, reach {reach}, speed {speed}");
        }
        let handed: Vec<_> =
            units[2].1.events().into_iter().filter(|e| matches!(e, Event::HandedOver { .. })).collect();
        assert_eq!(handed.len(), 1);
    }
}

impl Stage {
    fn clear_shares(&mut self) {
        self.out.retain(|o| !matches!(o, Output::Share(_)));
    }
}

#[test]
fn a_neighbour_lost_is_noticed_within_its_lease() {
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    let x02 = || UnitId("x02".into());
    let share = || BorderTracks { unit: x02(), origin: [31.286, 121.503, 4.0], tracks: Vec::new() };
    stage.run(0, 500, &["roof"], one_car);
    stage.feed(ms(500), Input::Neighbour(share()));
    assert_eq!(stage.station.setup().config.corridor_link.lease_ms, 2000);
    stage.run(501, 2400, &["roof"], one_car);
    assert_eq!(stage.station.world().neighbours, [x02()]);
    stage.run(2400, 2700, &["roof"], one_car);
    assert!(stage.station.world().neighbours.is_empty());
    // With its liveliness token a silent neighbour is there until the token goes.
    stage.feed(ms(2700), Input::NeighbourAlive { unit: x02(), alive: true });
    stage.run(2701, 9000, &["roof"], one_car);
    assert_eq!(stage.station.world().neighbours, [x02()]);
    stage.feed(ms(9000), Input::NeighbourAlive { unit: x02(), alive: false });
    stage.run(9000, 9200, &["roof"], one_car);
    assert!(stage.station.world().neighbours.is_empty());
    let (up, lost) = (Event::NeighbourUp { unit: x02() }, Event::NeighbourLost { unit: x02() });
    let story: Vec<_> = stage.events().into_iter().filter(|e| *e == up || *e == lost).collect();
    assert_eq!(story, [up.clone(), lost.clone(), up, lost]);
    assert!(!stage.sent().is_empty(), "the unit goes on");
}

fn any_f64() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -200.0..200.0, Just(f64::NAN), Just(f64::INFINITY), Just(0.0)]
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![(0..5_000_i64).prop_map(ms), any::<i64>().prop_map(Timestamp::from_nanos)]
}

fn any_class() -> impl Strategy<Value = Class> {
    (0..Class::ALL.len()).prop_map(|i| Class::ALL[i])
}

fn any_track() -> impl Strategy<Value = perception::Track> {
    (any_time(), any_time(), proptest::collection::vec(any_f64(), 26), any_class(), any::<u64>()).prop_map(
        |(at, born, v, class, serial)| perception::Track {
            key: TrackKey { unit: UnitId("x02".into()), serial },
            class,
            class_belief: [v[0]; 7],
            at,
            last_seen: at,
            born,
            position: Vector3::new(v[1], v[2], v[3]),
            velocity: nalgebra::Vector2::new(v[4], v[5]),
            yaw: v[6],
            yaw_rate: v[7],
            covariance: nalgebra::Matrix4::from_iterator(v[8..24].iter().copied()),
            yaw_sigma: v[24],
            size: Size { length_m: v[25], width_m: v[24], height_m: v[1] },
            existence: v[0],
            confirmed: true,
            sensing: Vec::new(),
        },
    )
}

fn any_input() -> impl Strategy<Value = Input> {
    let sensor = || prop_oneof![Just("roof"), Just("mast"), Just("")].prop_map(|s| SensorId(s.into()));
    let detection = (any_class(), any::<f32>(), any_f64(), any_f64(), any_f64(), any_f64(), any::<bool>()).prop_map(
        |(class, score, x, y, z, yaw, image)| {
            let size = Size { length_m: x, width_m: y, height_m: z };
            let shape = if image {
                Shape::Image(perception::Box2d { x1: x, y1: y, x2: z, y2: yaw })
            } else {
                Shape::Space(Box3d { centre: Point3::new(x, y, z), size, yaw: Some(yaw) })
            };
            Detection { class, score, shape }
        },
    );
    let group = (any::<u8>(), any_time(), any_f64()).prop_map(|(id, until, s)| SignalGroup {
        id,
        light: Light::Red,
        until: Some(until),
        next: vec![(Light::ProtectedGreen, s), (Light::Yellow, 3.0)],
    });
    let origin = || prop_oneof![Just([31.284, 121.503, 4.0]), proptest::array::uniform3(any_f64())];
    prop_oneof![
        4 => (sensor(), any_time(), proptest::collection::vec(detection, 0..6))
            .prop_map(|(sensor, tov, list)| Input::Detections(Detections { sensor, tov, list })),
        1 => (sensor(), proptest::option::of(".{0,300}")).prop_map(|(sensor, fault)| Input::Sensor { sensor, fault }),
        1 => (any::<bool>(), any_f64()).prop_map(|(synchronised, offset_ms)| Input::Clock(ClockState { synchronised, offset_ms })),
        1 => (any_time(), proptest::collection::vec(group, 0..4)).prop_map(|(tov, groups)| Input::Signal(SignalState { tov, groups })),
        2 => proptest::collection::vec(any::<u8>(), 0..200).prop_map(Input::Received),
        2 => (origin(), proptest::collection::vec(any_track(), 0..4))
            .prop_map(|(origin, tracks)| Input::Neighbour(BorderTracks { unit: UnitId("x02".into()), origin, tracks })),
        1 => ("[a-z]{0,20}", any::<bool>()).prop_map(|(unit, alive)| Input::NeighbourAlive { unit: UnitId(unit), alive }),
        2 => Just(good_clock()),
        2 => Just(Input::Tick),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes in, at whatever time: no panic, the next tick lies ahead, and what is sent decodes.
    #[test]
    fn garbage_of_every_kind_never_stops_the_unit(inputs in proptest::collection::vec((any_time(), any_input()), 1..40)) {
        let mut station = Station::new(setup(&["roof", "mast"], true, PLAN), start());
        for (now, input) in inputs {
            station.handle(now, input);
            prop_assert!(station.next_due() > station.world().at || station.world().at.as_nanos() > i64::MAX - 1_000_000_000);
            while let Some(output) = station.poll() {
                if let Output::Send(frame) = output {
                    prop_assert!(v2x_msgs::decode(&frame.bytes, Profile::Csae53_2020).is_ok());
                }
            }
        }
    }
}
