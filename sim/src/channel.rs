//! The air between antennas: range, loss and delay, by chance that is seeded.

use std::collections::VecDeque;

use calibration::Timestamp;
use nalgebra::Vector3;
use v2x_msgs::Profile;

use crate::random::Luck;
use crate::scenario;

/// Messages on their way to one receiver; more are lost.
pub const IN_THE_AIR: usize = 512;

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
    /// Messages that reached nobody's antenna by chance.
    pub lost: u64,
}

impl Channel {
    /// The air of a scenario.
    #[must_use]
    pub fn new(plan: scenario::Channel, seed: u64) -> Self {
        Self { plan, luck: Luck::new(seed, "channel"), lost: 0 }
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
        let plan = scenario::Channel { range_m: 300.0, loss: 0.2, delay_ms: [5.0, 25.0] };
        let near = carried(plan, 100.0);
        let lost = near.iter().filter(|a| a.is_none()).count();
        assert!((150..250).contains(&lost), "{lost}");
        for arrives in near.into_iter().flatten() {
            assert!((1005..=1025).contains(&arrives.as_millis()));
        }
        assert!(carried(plan, 301.0).iter().all(Option::is_none));
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
