//! One vehicle of the traffic: where it is, where it goes, and what holds it.

use super::demand::Departure;
use super::network::{LaneId, LinkId, NONE};

/// Why a vehicle does not go on.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default)]
pub enum Held {
    /// It goes on, or follows somebody.
    #[default]
    No,
    /// A red or yellow light.
    Signal,
    /// It gives way.
    Yield,
    /// No room behind the junction.
    Room,
    /// Somebody is across its way inside the junction.
    Crossed,
    /// Its lane does not lead where it wants to go.
    NoWay,
}

/// Name of a vehicle: a stem, and for those of a flow a number.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Number of the stem.
    pub stem: u32,
    /// Running number in its flow.
    pub serial: Option<u32>,
}

/// A vehicle on the road.
#[derive(Clone, Debug)]
pub struct Vehicle {
    /// Running number over the whole run, from 1.
    pub id: u32,
    /// Name.
    pub name: Name,
    /// On the road.
    pub here: bool,
    /// Number of its style.
    pub style: u32,
    /// Number of its route, and of the edge of it on which it is or which it left last.
    pub route: u32,
    /// See `route`.
    pub leg: u32,
    /// Lane of its front.
    pub lane: LaneId,
    /// Place in the lane's row, 0 = foremost.
    pub rank: u32,
    /// Link that it takes next, or on which it is.
    pub link: LinkId,
    /// Link over which its front came to this lane.
    pub came_by: LinkId,
    /// Front on its lane, metres.
    pub pos: f64,
    /// Speed, m/s.
    pub speed: f64,
    /// Acceleration of the last step, m/s².
    pub accel: f64,
    /// Length, metres.
    pub length: f64,
    /// Share of the speed limit it drives.
    pub factor: f64,
    /// Seconds it has stood.
    pub waited: f64,
    /// What holds it.
    pub held: Held,
    /// Offset to the left of its lane's middle, metres: it is changing lanes, or makes way.
    pub left: f64,
    /// The lane it leaves while it changes.
    pub shadow: LaneId,
    /// Place in the row of that lane.
    pub shadow_rank: u32,
    /// Seconds since its last lane change.
    pub changed: f64,
    /// Offset at the start of the change, and the share of the change that is done.
    pub change_from: f64,
    /// See `change_from`.
    pub slid: f64,
    /// Whom it lets in, and for how long, seconds.
    pub lets_in: (u32, f64),
    /// Behind whom it falls to get into that lane, and for how long, seconds.
    pub falls_behind: (u32, f64),
    /// Makes way for an emergency vehicle for so long, seconds.
    pub makes_way: f64,
    /// Edges driven, metres: the odometer.
    pub driven: f64,
    /// When it entered, seconds.
    pub entered: f64,
}

impl Vehicle {
    /// A vehicle that enters on `lane`, and stands at its start.
    #[must_use]
    pub fn new(id: u32, departure: &Departure, lane: LaneId, length: f64) -> Self {
        Self {
            id,
            name: departure.name,
            here: true,
            style: departure.style,
            route: departure.route,
            leg: 0,
            lane,
            rank: 0,
            link: NONE,
            came_by: NONE,
            pos: 0.0,
            speed: 0.0,
            accel: 0.0,
            length,
            factor: 1.0,
            waited: 0.0,
            held: Held::No,
            left: 0.0,
            shadow: NONE,
            shadow_rank: 0,
            // Long ago.
            changed: 1e9,
            change_from: 0.0,
            slid: 1.0,
            lets_in: (NONE, 0.0),
            falls_behind: (NONE, 0.0),
            makes_way: 0.0,
            driven: 0.0,
            entered: 0.0,
        }
    }

    /// Rear on its lane, metres; negative when it is still on the lane before.
    #[must_use]
    pub fn rear(&self) -> f64 {
        self.pos - self.length
    }

    /// Leaves its old lane at the moment.
    #[must_use]
    pub fn is_changing(&self) -> bool {
        self.shadow != NONE
    }
}
