//! What the unit says on air. One file a message; each service looks at the [`World`](crate::world::World) and speaks when
//! it is due.

pub mod map;
pub mod numbers;
pub mod rsi;
pub mod rsm;
pub mod spat;

use calibration::Timestamp;
use calibration::geodesy::{EnuFrame, Wgs84};
use nalgebra::Vector3;
use perception::UnitId;
use v2x_msgs::Profile;
use v2x_msgs::model::{NodeId, Position, StationId};

use crate::site_map;
use crate::station::Setup;

/// Who speaks, and from where.
#[derive(Clone, Debug)]
pub struct Site {
    /// Id on air.
    pub id: StationId,
    /// The site frame.
    pub frame: EnuFrame,
    /// The crossing's node, when there is a map.
    pub node: Option<NodeId>,
    /// For people.
    pub name: Option<String>,
    /// Message set that it speaks.
    pub profile: Profile,
}

impl Site {
    /// From the configuration.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let name = &setup.config.site.name;
        Self {
            id: air_id(&setup.config.site.id),
            frame: setup.rig.frame,
            node: setup.map.as_ref().map(|map| node(map.node)),
            // T/CSAE 53-2020, DE_DescriptiveName: IA5String, 1..63.
            name: (!name.is_empty() && name.is_ascii() && name.len() <= 63).then(|| name.clone()),
            profile: setup.config.site.dialect,
        }
    }

    /// Where the `enu` origin is.
    #[must_use]
    pub fn ref_pos(&self) -> Position {
        position(self.frame.origin())
    }

    /// A point of `enu` as messages say it.
    #[must_use]
    pub fn position(&self, enu: Vector3<f64>) -> Position {
        position(self.frame.wgs84_from_enu(enu))
    }
}

fn position(place: Wgs84) -> Position {
    Position::with_elevation(place.lat_deg, place.lon_deg, place.alt_m)
}

/// A node as messages say it.
fn node(id: site_map::NodeId) -> NodeId {
    NodeId::new(id.region, id.id)
}

/// Eight octets for a unit's name: the name itself when it fits, else a hash of it (FNV-1a, 64 bit) with the top bit set,
/// so that it is no ASCII name.
#[must_use]
pub fn air_id(unit: &UnitId) -> StationId {
    StationId::from_name(&unit.0).unwrap_or_else(|| {
        let hash = unit
            .0
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        StationId((hash | 1 << 63).to_be_bytes())
    })
}

/// When a message is due. Timers stand on the UTC grid of their period, so that a restart does not move them.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    period_ns: Option<i64>,
    due: Timestamp,
}

impl Pace {
    /// `rate_hz` messages a second, the first one at once; 0 or a senseless rate: never.
    #[must_use]
    pub fn new(rate_hz: f64, now: Timestamp) -> Self {
        let usable = (0.001..=1000.0).contains(&rate_hz);
        Self { period_ns: usable.then(|| (1e9 / rate_hz).round() as i64), due: now }
    }

    /// The next moment, if there is one.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.period_ns.map(|_| self.due)
    }

    /// A timer: is it time at `now`? If so the next time is the next point of the grid.
    pub fn timer(&mut self, now: Timestamp) -> bool {
        let Some(period) = self.period_ns.filter(|_| now >= self.due) else {
            return false;
        };
        let next = now.as_nanos().div_euclid(period).saturating_add(1).saturating_mul(period);
        self.due = Timestamp::from_nanos(next);
        true
    }

    /// A rate that follows something else: may it go at `now`? A fifth of a period early is in time, so that sensors which
    /// tremble are followed; over time the rate is kept all the same.
    pub fn follows(&mut self, now: Timestamp) -> bool {
        let Some(period) = self.period_ns else {
            return false;
        };
        let late = now.as_nanos().saturating_sub(self.due.as_nanos());
        if late < -period / 5 {
            return false;
        }
        let from = if late > period { now } else { self.due };
        self.due = Timestamp::from_nanos(from.as_nanos().saturating_add(period));
        true
    }

    /// Begins a new period now, for a message that could not wait.
    pub fn restart(&mut self, now: Timestamp) {
        if let Some(period) = self.period_ns {
            self.due = Timestamp::from_nanos(now.as_nanos().saturating_add(period));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + n)
    }

    #[test]
    fn a_timer_stands_on_the_grid_whatever_the_steps() {
        let mut pace = Pace::new(10.0, ms(37));
        let fired: Vec<i64> = (37..1037).step_by(7).filter(|n| pace.timer(ms(*n))).collect();
        assert_eq!(fired.len(), 11, "{fired:?}");
        assert_eq!(pace.due(), Some(ms(1100)));
        assert!(!Pace::new(0.0, ms(0)).timer(ms(1)) && !Pace::new(f64::NAN, ms(0)).timer(ms(1)));
    }

    #[test]
    fn a_followed_rate_is_kept_over_time_though_frames_tremble() {
        let mut pace = Pace::new(10.0, ms(0));
        let sent = (0..1000).filter(|n| pace.follows(ms(n * 100 + [0, 9, -8, 4][*n as usize % 4]))).count();
        assert_eq!(sent, 1000);
        let mut pace = Pace::new(10.0, ms(0));
        let sent = (0..4000).filter(|n| pace.follows(ms(n * 25))).count();
        assert!((990..=1010).contains(&sent), "{sent}");
    }

    #[test]
    fn two_units_with_long_names_have_two_ids() {
        let a = air_id(&UnitId("crossing-north-01".into()));
        let b = air_id(&UnitId("crossing-north-02".into()));
        assert!(a != b && a.name().is_none());
        assert_eq!(air_id(&UnitId("x01".into())).name(), Some("x01"));
    }
}
