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
            if track.class == Class::Pedestrian && self.kinds.contains(&WarningKind::PedestrianOnRoad) {
                if let Some(on) = self.on_carriageway(&lanes, track, world) {
                    found(track, WarningKind::PedestrianOnRoad, Some(on));
                }
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
