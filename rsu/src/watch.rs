//! Looks for dangers among the road users: a person on the carriageway, a vehicle that stands where it should not, a vehicle
//! against the direction of its lane. Each is raised after it has lasted, and cleared after it has been gone, for a while.

use std::collections::BTreeMap;

use calibration::Timestamp;
use perception::{Class, Track, TrackKey};

use crate::event::{Event, Warning, WarningKind};
use crate::limits;
use crate::site_map::lane_index::Way;
use crate::site_map::{LaneIndex, LaneKind, OnLane, SiteMap};
use crate::world::World;

/// A person this far inside a motor lane is on the carriageway, metres: sensors are not sharper at the kerb.
const INSIDE_M: f64 = 0.3;
/// Crosswalks are this much larger than painted, metres.
const CROSSWALK_MARGIN_M: f64 = 0.75;
/// Who entered a crosswalk on green may finish, seconds.
const FINISH_S: f64 = 25.0;
/// Slower than this a vehicle stands, m/s.
const STANDS_MPS: f64 = 0.5;
/// A vehicle that stands this near to a stop line waits for the signal, metres from the line to its centre.
const STOP_LINE_M: f64 = 15.0;
/// A vehicle this near behind another one waits for it, metres between centres.
const QUEUE_M: f64 = 20.0;
/// Against the lane: more than this between the directions, radians.
const AGAINST_RAD: f64 = 120.0 * std::f64::consts::PI / 180.0;
/// Against the lane: only above this speed, m/s.
const AGAINST_MPS: f64 = 2.0;

/// How long a danger must last before it is said, seconds.
fn raise_s(kind: WarningKind) -> f64 {
    match kind {
        WarningKind::PedestrianOnRoad => 0.2,
        WarningKind::StoppedVehicle => 10.0,
        WarningKind::WrongWay => 1.0,
    }
}

/// Cosine of the largest angle at which a body still counts as lying along a lane.
const ALONG_COS: f64 = 0.7;
/// How long a danger must be gone before it is cleared, seconds.
const CLEAR_S: f64 = 1.0;

/// The watch over one site.
#[derive(Debug)]
pub struct Watch {
    lanes: Option<LaneIndex>,
    kinds: Vec<WarningKind>,
    suspects: BTreeMap<(TrackKey, WarningKind), Suspect>,
    crossing: BTreeMap<TrackKey, Crossing>,
    last_id: u32,
}

/// A danger that lasts, raised or not yet.
#[derive(Debug)]
struct Suspect {
    since: Timestamp,
    seen: Timestamp,
    raised: bool,
}

/// A person on a crosswalk.
#[derive(Debug)]
struct Crossing {
    crosswalk: String,
    since: Timestamp,
    entered_on_green: bool,
}

impl Watch {
    /// Looks for the named kinds of danger; without a map for none.
    #[must_use]
    pub fn new(kinds: &[String], map: Option<&SiteMap>) -> Self {
        let all = [
            ("pedestrian-on-road", WarningKind::PedestrianOnRoad),
            ("stopped-vehicle", WarningKind::StoppedVehicle),
            ("wrong-way", WarningKind::WrongWay),
        ];
        Self {
            lanes: map.map(LaneIndex::new),
            kinds: all.into_iter().filter(|(name, _)| kinds.iter().any(|k| k == name)).map(|(_, kind)| kind).collect(),
            suspects: BTreeMap::new(),
            crossing: BTreeMap::new(),
            last_id: 0,
        }
    }

    /// Turns vehicles that were never seen to move to face the way their lane leads: a box shows an axis, not a front.
    pub fn face_the_lane(&self, tracks: &mut [Track]) {
        let Some(lanes) = &self.lanes else { return };
        for track in tracks.iter_mut().filter(|track| is_motor(track.class) && !track.front_known) {
            let ways: Vec<f64> = lanes
                .at(track.position.xy())
                .filter(|on| on.kind == LaneKind::Vehicle)
                .map(|on| (track.yaw - on.yaw).cos())
                .collect();
            if !ways.is_empty() && ways.iter().all(|along| *along < -ALONG_COS) {
                track.yaw = calibration::geodesy::Yaw::from_rad(track.yaw + std::f64::consts::PI).rad();
            }
        }
    }

    /// Looks at the world, keeps its list of warnings, and says what began and what ended.
    pub fn look(&mut self, world: &mut World) -> Vec<Event> {
        let dangers = self.dangers(world);
        for (danger, _) in &dangers {
            let suspect = Suspect { since: world.at, seen: world.at, raised: false };
            self.suspects.entry(danger.clone()).or_insert(suspect).seen = world.at;
        }
        let mut news = Vec::new();
        let now = world.at;
        self.suspects.retain(|(key, kind), suspect| {
            let gone_s = now.seconds_since(suspect.seen);
            // One that was not raised is forgotten at the first sight of its end, but a lost look is not an end.
            let stays = gone_s <= if suspect.raised { CLEAR_S } else { 0.25 };
            if !stays && suspect.raised {
                let over = |w: &Warning| w.key == *key && w.kind == *kind;
                news.extend(world.warnings.iter().filter(|w| over(w)).map(|w| Event::WarningCleared { id: w.id }));
                world.warnings.retain(|w| !over(w));
            }
            stays
        });
        for ((key, kind), lane) in dangers {
            let Some(track) = world.tracks.iter().find(|t| t.key == key) else {
                continue;
            };
            let position = [track.position.x, track.position.y];
            if let Some(warning) = world.warnings.iter_mut().find(|w| w.key == key && w.kind == kind) {
                (warning.position, warning.lane) = (position, lane);
                continue;
            }
            let Some(suspect) = self.suspects.get_mut(&(key.clone(), kind)) else {
                continue;
            };
            if now.seconds_since(suspect.since) >= raise_s(kind) && world.warnings.len() < limits::WARNINGS {
                suspect.raised = true;
                self.last_id = self.last_id.wrapping_add(1);
                let warning = Warning { id: self.last_id, kind, key, position, since: suspect.since, lane };
                news.push(Event::WarningRaised { warning: warning.clone() });
                world.warnings.push(warning);
            }
        }
        news
    }

    /// Ends every warning: the unit may not speak, and what it saw last is no longer true.
    pub fn clear(&mut self, world: &mut World) -> Vec<Event> {
        self.suspects.clear();
        self.crossing.clear();
        std::mem::take(&mut world.warnings).into_iter().map(|w| Event::WarningCleared { id: w.id }).collect()
    }

    /// A track has a new key.
    pub fn rename(&mut self, was: &TrackKey, key: &TrackKey) {
        for kind in self.kinds.clone() {
            if let Some(suspect) = self.suspects.remove(&(was.clone(), kind)) {
                self.suspects.insert((key.clone(), kind), suspect);
            }
        }
        if let Some(crossing) = self.crossing.remove(was) {
            self.crossing.insert(key.clone(), crossing);
        }
    }

    /// Every danger there is at this moment, with its lane.
    fn dangers(&mut self, world: &World) -> Vec<((TrackKey, WarningKind), Option<String>)> {
        let Some(lanes) = self.lanes.take() else {
            return Vec::new();
        };
        let mut dangers = Vec::new();
        let mut found = |track: &Track, kind: WarningKind, on: Option<OnLane>| {
            dangers.push(((track.key.clone(), kind), on.map(|on| on.label())));
        };
        self.crossing.retain(|key, _| world.tracks.iter().any(|t| t.key == *key));
        for track in &world.tracks {
            if track.class == Class::Pedestrian
                && self.kinds.contains(&WarningKind::PedestrianOnRoad)
                && let Some(on) = self.on_carriageway(&lanes, track, world)
            {
                found(track, WarningKind::PedestrianOnRoad, Some(on));
            }
            if self.kinds.contains(&WarningKind::WrongWay)
                && let Some(on) = against_the_lane(&lanes, track)
            {
                found(track, WarningKind::WrongWay, Some(on));
            }
        }
        if self.kinds.contains(&WarningKind::StoppedVehicle) {
            for (track, on) in standing(&lanes, world) {
                found(track, WarningKind::StoppedVehicle, Some(on));
            }
        }
        self.lanes = Some(lanes);
        dangers
    }

    /// Where a person stands on a motor lane without being allowed to.
    fn on_carriageway<'a>(&mut self, lanes: &'a LaneIndex, track: &Track, world: &World) -> Option<OnLane<'a>> {
        let point = track.position.xy();
        let Some(walk) = lanes.crosswalk_at(point, CROSSWALK_MARGIN_M) else {
            self.crossing.remove(&track.key);
            return motor_lane(lanes, track);
        };
        // Without a signal, or without word of it, a crosswalk is free.
        let light = walk.signal_group.map(|group| world.light(group));
        let green = light.is_none_or(|light| light.is_green() || light == crate::world::Light::Unknown);
        let fresh = Crossing { crosswalk: walk.name.clone(), since: world.at, entered_on_green: green };
        let crossing = self.crossing.entry(track.key.clone()).or_insert(fresh);
        if crossing.crosswalk != walk.name || (green && !crossing.entered_on_green) {
            *crossing = Crossing { crosswalk: walk.name.clone(), since: world.at, entered_on_green: green };
        }
        if green {
            crossing.since = world.at;
        }
        let may = green || (crossing.entered_on_green && world.at.seconds_since(crossing.since) <= FINISH_S);
        if may { None } else { motor_lane(lanes, track) }
    }
}

/// The motor lane (or the way of one through the crossing) that a person is on.
fn motor_lane<'a>(lanes: &'a LaneIndex, track: &Track) -> Option<OnLane<'a>> {
    let on = |on: &OnLane| on.kind == LaneKind::Vehicle && on.inside_m >= INSIDE_M;
    lanes.at(track.position.xy()).filter(on).min_by(|a, b| {
        (a.way == Way::Through).cmp(&(b.way == Way::Through)).then(a.offset_m.abs().total_cmp(&b.offset_m.abs()))
    })
}

/// Any motor vehicle; what is not known may be one.
fn is_motor(class: Class) -> bool {
    matches!(class, Class::Car | Class::Truck | Class::Bus | Class::Motorcycle)
}

/// The lane that a vehicle drives against: every motor lane under it leads the other way.
fn against_the_lane<'a>(lanes: &'a LaneIndex, track: &Track) -> Option<OnLane<'a>> {
    if !is_motor(track.class) || track.speed_mps() < AGAINST_MPS {
        return None;
    }
    let course = track.velocity.y.atan2(track.velocity.x);
    let mut worst: Option<OnLane> = None;
    for on in lanes.at(track.position.xy()).filter(|on| on.kind == LaneKind::Vehicle) {
        let between = calibration::geodesy::Yaw::from_rad(course - on.yaw).rad().abs();
        if on.way == Way::Through || between <= AGAINST_RAD {
            return None;
        }
        worst = Some(on);
    }
    worst
}

/// Vehicles that stand where nothing makes them wait.
fn standing<'w, 'a>(lanes: &'a LaneIndex, world: &'w World) -> Vec<(&'w Track, OnLane<'a>)> {
    let mut queues: BTreeMap<usize, Vec<(&Track, OnLane)>> = BTreeMap::new();
    for track in world.tracks.iter().filter(|t| is_motor(t.class)) {
        if let Some(on) = lanes.lane_at(track.position.xy()).filter(|on| on.kind == LaneKind::Vehicle) {
            queues.entry(on.strip).or_default().push((track, on));
        }
    }
    let mut out = Vec::new();
    for queue in queues.values_mut() {
        queue.sort_by(|a, b| a.1.to_end_m.total_cmp(&b.1.to_end_m));
        let mut ahead: Option<(f64, bool)> = None;
        for (track, on) in queue.iter() {
            let stands = track.speed_mps() < STANDS_MPS;
            let behind = ahead.is_some_and(|(to_end_m, may)| may && on.to_end_m - to_end_m <= QUEUE_M);
            let may = !stands || behind || waits_for_signal(on, world);
            if !may {
                out.push((*track, *on));
            }
            ahead = Some((on.to_end_m, may));
        }
    }
    out
}

/// At a stop line whose signal is not green for all that may be wanted.
fn waits_for_signal(on: &OnLane, world: &World) -> bool {
    on.way == Way::In
        && on.to_end_m <= STOP_LINE_M
        && on.signal_groups.iter().any(|group| !world.light(*group).is_green())
}

#[cfg(test)]
mod tests {
    use nalgebra::{Matrix4, Vector2, Vector3};
    use perception::{Size, UnitId};

    use super::*;
    use crate::world::{Light, SignalGroup};

    fn watch() -> Watch {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/scenarios/maps/four_arm.json");
        let kinds = ["pedestrian-on-road", "stopped-vehicle", "wrong-way"].map(String::from);
        Watch::new(&kinds, Some(&SiteMap::load(path.as_ref()).unwrap()))
    }

    fn track(serial: u64, class: Class, x: f64, y: f64, vx: f64, vy: f64) -> Track {
        Track {
            key: TrackKey { unit: UnitId("x01".into()), serial },
            class,
            class_belief: [0.0; 7],
            at: Timestamp::default(),
            last_seen: Timestamp::default(),
            born: Timestamp::default(),
            position: Vector3::new(x, y, 0.0),
            velocity: Vector2::new(vx, vy),
            yaw: vy.atan2(vx),
            yaw_rate: 0.0,
            covariance: Matrix4::identity() * 0.04,
            front_known: true,
            yaw_sigma: 0.1,
            size: Size { length_m: 4.5, width_m: 1.8, height_m: 1.5 },
            existence: 1.0,
            confirmed: true,
            sensing: Vec::new(),
        }
    }

    /// Looks ten times a second; `scene` gives the tracks and which groups are green at a second. Says what began and ended,
    /// with the second.
    fn story(seconds: f64, scene: impl Fn(f64) -> (Vec<Track>, Vec<u8>)) -> Vec<(f64, Option<WarningKind>)> {
        let mut watch = watch();
        let mut world = World::empty(Timestamp::default());
        let mut out = Vec::new();
        for step in 0..(seconds * 10.0) as i64 {
            let s = step as f64 / 10.0;
            let (tracks, green) = scene(s);
            let light = |id| if green.contains(&id) { Light::ProtectedGreen } else { Light::Red };
            world.at = Timestamp::from_millis(step * 100);
            world.tracks = tracks;
            world.signals =
                (1..=8).map(|id| SignalGroup { id, light: light(id), until: None, next: Vec::new() }).collect();
            for event in watch.look(&mut world) {
                out.push(match event {
                    Event::WarningRaised { warning } => (s, Some(warning.kind)),
                    _ => (s, None),
                });
            }
        }
        out
    }

    #[test]
    fn a_person_on_the_carriageway_is_a_danger_until_a_second_after_leaving_it() {
        // Across the north arm 40 m out, from the west kerb to the east one, at 1.5 m/s.
        let walk = |s: f64| (vec![track(1, Class::Pedestrian, -9.0 + 1.5 * s, 40.0, 1.5, 0.0)], vec![1]);
        let story = story(20.0, walk);
        let [(began, Some(WarningKind::PedestrianOnRoad)), (ended, None)] = story[..] else { panic!("{story:?}") };
        // The motor lanes lie between −7 m and 7 m.
        assert!((1.6..=2.0).contains(&began), "{began}");
        assert!((11.4..=11.8).contains(&ended), "{ended}");
    }

    #[test]
    fn a_person_beside_the_road_or_in_the_bicycle_lane_is_none() {
        for x in [-12.0, -8.5, -7.1, 9.0] {
            let stand = |_| (vec![track(1, Class::Pedestrian, x, 40.0, 0.0, 0.0)], vec![]);
            assert_eq!(story(5.0, stand), [], "{x}");
        }
    }

    #[test]
    fn on_a_crosswalk_green_is_safe_and_who_began_on_green_may_finish() {
        // The crosswalk over the north arm is group 5, green until second 6; the walk lasts 13 s.
        let green = |s: f64| if s < 6.0 { vec![5] } else { vec![] };
        let began_on_green = |s: f64| (vec![track(1, Class::Pedestrian, -9.5 + 1.5 * s, 13.5, 1.5, 0.0)], green(s));
        assert_eq!(story(13.0, began_on_green), []);
        let began_on_red = |s: f64| (vec![track(1, Class::Pedestrian, -9.5 + 1.5 * s, 13.5, 1.5, 0.0)], vec![1]);
        let story = story(14.0, began_on_red);
        assert_eq!(
            story.iter().map(|(_, kind)| *kind).collect::<Vec<_>>(),
            [Some(WarningKind::PedestrianOnRoad), None]
        );
    }

    #[test]
    fn a_vehicle_that_stands_on_a_free_lane_is_a_danger_after_ten_seconds() {
        let stand = |s: f64| {
            let speed = if s > 15.0 { -10.0 } else { 0.0 };
            (vec![track(1, Class::Car, -5.25, 80.0, 0.0, speed)], vec![1])
        };
        let story = story(20.0, stand);
        let [(began, Some(WarningKind::StoppedVehicle)), (ended, None)] = story[..] else { panic!("{story:?}") };
        assert!((10.0..=10.2).contains(&began), "{began}");
        assert!((16.0..=16.3).contains(&ended), "{ended}");
    }

    #[test]
    fn a_queue_at_a_red_light_is_none_but_a_wreck_at_a_green_one_is() {
        let queue = || (0..4).map(|i| track(i, Class::Car, -5.25, 20.0 + i as f64 * 8.0, 0.0, 0.0)).collect::<Vec<_>>();
        assert_eq!(story(30.0, |_| (queue(), vec![])), []);
        let raised = story(30.0, |_| (queue(), vec![1])).len();
        assert_eq!(raised, 4, "nobody goes though the light is green");
        // A broken car 40 m before a red light is not in its queue.
        let alone = story(30.0, |_| (vec![track(1, Class::Car, -5.25, 60.0, 0.0, 0.0)], vec![]));
        assert_eq!(alone.len(), 1);
    }

    #[test]
    fn a_vehicle_against_its_lane_is_a_danger_after_a_second() {
        // Northward in the southbound lanes of the north arm.
        let wrong = |s: f64| (vec![track(1, Class::Car, -5.25, 30.0 + 8.0 * s, 0.0, 8.0)], vec![1]);
        let story_wrong = story(6.0, wrong);
        assert_eq!(story_wrong.len(), 1);
        assert!((1.0..=1.2).contains(&story_wrong[0].0) && story_wrong[0].1 == Some(WarningKind::WrongWay));
        let right = |s: f64| (vec![track(1, Class::Car, -5.25, 120.0 - 8.0 * s, 0.0, -8.0)], vec![1]);
        assert_eq!(story(6.0, right), []);
        let turning = |_| (vec![track(1, Class::Car, 0.0, 0.0, -6.0, 6.0)], vec![1]);
        assert_eq!(story(6.0, turning), [], "inside the crossing every direction is somebody's");
        let reversing = |_| (vec![track(1, Class::Car, -5.25, 60.0, 0.0, 1.5)], vec![1]);
        assert!(story(6.0, reversing).is_empty(), "slowly back is parking");
    }

    #[test]
    fn a_vehicle_never_seen_to_move_faces_the_way_its_lane_leads() {
        // Southbound lane of the north arm; the box says "along the lane", but the wrong way round.
        let stands = |front_known, yaw| Track { yaw, front_known, ..track(1, Class::Car, -5.25, 60.0, 0.0, 0.0) };
        let faced = |one: Track| {
            let mut tracks = [one];
            watch().face_the_lane(&mut tracks);
            tracks[0].yaw
        };
        let (north, south) = (std::f64::consts::FRAC_PI_2, -std::f64::consts::FRAC_PI_2);
        assert!((faced(stands(false, north)) - south).abs() < 1e-9);
        assert!((faced(stands(false, south)) - south).abs() < 1e-9);
        assert!((faced(stands(true, north)) - north).abs() < 1e-9, "seen to move: it stands the wrong way round");
        assert!(faced(stands(false, 0.1)).abs() < 0.11, "across the lane: nothing is known");
        let off = Track { front_known: false, yaw: north, ..track(1, Class::Car, -60.0, 60.0, 0.0, 0.0) };
        assert!((faced(off) - north).abs() < 1e-9, "beside the road");
    }

    #[test]
    fn a_flicker_of_the_tracker_neither_ends_nor_doubles_a_warning() {
        let flicker = |s: f64| {
            let there = (s * 10.0) as i64 % 5 != 4;
            (if there { vec![track(1, Class::Pedestrian, -3.0, 40.0, 0.0, 0.0)] } else { vec![] }, vec![])
        };
        assert_eq!(story(10.0, flicker).len(), 1);
    }

    #[test]
    fn many_dangers_stay_bounded() {
        let crowd = |_| {
            ((0..200).map(|i| track(i, Class::Pedestrian, -3.0, 20.0 + i as f64 * 0.5, 0.0, 0.0)).collect(), vec![])
        };
        assert_eq!(story(2.0, crowd).len(), limits::WARNINGS);
    }
}
