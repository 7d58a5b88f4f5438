//! The air between antennas: range, loss and delay, by chance that is seeded.

use std::collections::VecDeque;

use calibration::Timestamp;
use nalgebra::Vector3;
use v2x_msgs::Profile;

use crate::actor::Body;
use crate::random::Luck;
use crate::scenario;

/// Messages on their way to one receiver; more are lost.
pub const IN_THE_AIR: usize = 512;

/// Lower bodies shadow nobody, metres: antennas are on roofs and masts.
const HIGH_M: f64 = 2.4;

/// A message on its way to one receiver.
#[derive(Clone, Debug, PartialEq)]
pub struct Flight {
    /// When it arrives.
    pub arrives: Timestamp,
    /// Whose certificate signed it, by the number among the units; vehicles and strangers have none.
    pub unit: Option<usize>,
    /// The moment that is signed with it.
    pub signed: Timestamp,
    /// Message set that the sender speaks.
    pub profile: Profile,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// The air.
#[derive(Debug)]
pub struct Channel {
    plan: scenario::Channel,
    luck: Luck,
    /// Bodies that can stand between two antennas.
    high: Vec<Body>,
    /// Messages that reached nobody's antenna by chance.
    pub lost: u64,
}

impl Channel {
    /// The air of a scenario.
    #[must_use]
    pub fn new(plan: scenario::Channel, seed: u64) -> Self {
        Self { plan, luck: Luck::new(seed, "channel"), high: Vec::new(), lost: 0 }
    }

    /// Who is on the road now: what is high enough shadows what is behind it.
    pub fn watch(&mut self, bodies: &[Body]) {
        if self.plan.shadow > 0.0 {
            self.high = bodies.iter().filter(|b| b.size.height_m >= HIGH_M).cloned().collect();
        }
    }

    /// A body stands in the straight way between two antennas, and is higher than it there (3GPP TR 37.885: NLOSv).
    fn is_shadowed(&self, from: &Vector3<f64>, to: &Vector3<f64>) -> bool {
        self.high.iter().any(|body| {
            let local = |p: &Vector3<f64>| {
                let (sin, cos) = body.yaw.sin_cos();
                let off = p - body.position;
                Vector3::new(cos * off.x + sin * off.y, cos * off.y - sin * off.x, off.z)
            };
            let half = [0.5 * body.size.length_m, 0.5 * body.size.width_m];
            let (a, b) = (local(from), local(to));
            // An antenna on the vehicle itself is no blocker of its own.
            let on = |p: &Vector3<f64>| p.x.abs() <= half[0] && p.y.abs() <= half[1];
            if on(&a) || on(&b) {
                return false;
            }
            let (mut enters, mut leaves) = (0.0_f64, 1.0_f64);
            for (axis, half) in half.iter().enumerate() {
                let (start, way) = (a[axis], b[axis] - a[axis]);
                if way.abs() < 1e-9 {
                    if start.abs() > *half {
                        return false;
                    }
                    continue;
                }
                let (one, other) = ((-half - start) / way, (half - start) / way);
                (enters, leaves) = (enters.max(one.min(other)), leaves.min(one.max(other)));
            }
            let lowest = |t: f64| a.z + (b.z - a.z) * t;
            enters < leaves && lowest(enters).min(lowest(leaves)) < body.size.height_m
        })
    }

    /// Carries a message sent at `at` from one place to another: when it arrives, or not at all. Nothing arrives before
    /// `earliest`.
    pub fn carry(
        &mut self,
        at: Timestamp,
        from: &Vector3<f64>,
        to: &Vector3<f64>,
        earliest: Timestamp,
    ) -> Option<Timestamp> {
        if (from - to).norm() > self.plan.range_m {
            return None;
        }
        if self.luck.chance(self.plan.loss) {
            self.lost += 1;
            return None;
        }
        // Without shadows no chance is drawn, so that they change nothing for others.
        if self.plan.shadow > 0.0 && self.is_shadowed(from, to) && self.luck.chance(self.plan.shadow) {
            self.lost += 1;
            return None;
        }
        let [low, high] = self.plan.delay_ms;
        Some(at.offset_secs(self.luck.between(low, high) * 1e-3).max(earliest))
    }
}

/// Puts a message into a receiver's queue, which stays in the order of arrival and bounded.
pub fn send_to(queue: &mut VecDeque<Flight>, flight: Flight) {
    let place = queue.partition_point(|f| f.arrives <= flight.arrives);
    queue.insert(place, flight);
    if queue.len() > IN_THE_AIR {
        queue.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(plan: scenario::Channel, distance_m: f64) -> Vec<Option<Timestamp>> {
        let mut channel = Channel::new(plan, 5);
        let (here, there) = (Vector3::zeros(), Vector3::new(distance_m, 0.0, 0.0));
        let at = Timestamp::from_millis(1000);
        (0..1000).map(|_| channel.carry(at, &here, &there, at)).collect()
    }

    #[test]
    fn loss_delay_and_range_are_as_asked() {
        let plan = scenario::Channel { range_m: 300.0, loss: 0.2, delay_ms: [5.0, 25.0], ..Default::default() };
        let near = carried(plan, 100.0);
        let lost = near.iter().filter(|a| a.is_none()).count();
        assert!((150..250).contains(&lost), "{lost}");
        for arrives in near.into_iter().flatten() {
            assert!((1005..=1025).contains(&arrives.as_millis()));
        }
        assert!(carried(plan, 301.0).iter().all(Option::is_none));
    }

    #[test]
    fn a_truck_between_two_antennas_shadows_and_one_beside_or_below_does_not() {
        let plan = scenario::Channel { loss: 0.0, shadow: 1.0, ..Default::default() };
        let truck = |east: f64, north: f64| crate::actor::tests::body(1, crate::actor::Kind::Truck, east, north, 0.0);
        let heard = |bodies: &[Body], mast_m: f64| {
            let mut channel = Channel::new(plan, 1);
            channel.watch(bodies);
            let (from, to) = (Vector3::new(0.0, 0.0, mast_m), Vector3::new(60.0, 0.0, 1.6));
            channel.carry(Timestamp::from_millis(0), &from, &to, Timestamp::from_millis(0)).is_some()
        };
        assert!(heard(&[], 6.0) && heard(&[truck(40.0, 4.0)], 6.0), "beside the way");
        assert!(!heard(&[truck(45.0, 0.0)], 6.0), "at 45 m the way is 2.7 m above the road, the truck 3.6 m high");
        assert!(heard(&[truck(20.0, 0.0)], 6.0), "at 20 m it passes above the truck");
        assert!(heard(&[truck(58.0, 0.0)], 6.0), "the truck that carries the antenna");
    }

    #[test]
    fn a_queue_keeps_the_order_of_arrival_and_its_bound() {
        let mut queue = VecDeque::new();
        for i in 0..2000 {
            let arrives = Timestamp::from_millis(i * 7919 % 2003);
            send_to(
                &mut queue,
                Flight { arrives, unit: None, signed: arrives, profile: Profile::default(), bytes: Vec::new() },
            );
        }
        assert_eq!(queue.len(), IN_THE_AIR);
        assert!(queue.iter().zip(queue.iter().skip(1)).all(|(a, b)| a.arrives <= b.arrives));
    }
}
