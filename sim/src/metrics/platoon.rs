//! String stability: does a disturbance of the first vehicle grow from one follower to the next?

use std::collections::BTreeMap;

use crate::actor::{ActorId, Body};

/// Members of all strings together, and moments kept of each: an hour at 10 Hz.
const MEMBERS: usize = 256;
const MOMENTS: usize = 36_000;

/// Speeds over time of the vehicles that have a name.
#[derive(Clone, Debug, Default)]
pub struct Speeds(BTreeMap<ActorId, Vec<f64>>);

impl Speeds {
    /// Takes the speed of one vehicle at one moment.
    pub fn add(&mut self, body: &Body) {
        if self.0.len() >= MEMBERS && !self.0.contains_key(&body.id) {
            return;
        }
        let speeds = self.0.entry(body.id).or_default();
        if speeds.len() < MOMENTS {
            speeds.push(body.velocity.norm());
        }
    }

    /// The speeds of one vehicle.
    #[must_use]
    pub fn of(&self, id: ActorId) -> &[f64] {
        self.0.get(&id).map_or(&[], Vec::as_slice)
    }
}

/// Gain from each vehicle to the one behind it: the L2 norm of the follower's deviations from its first speed over that of
/// its predecessor (L2 string stability, Ploeg 2014: stable when no gain exceeds 1). None for a predecessor that never
/// deviated.
#[must_use]
pub fn gains(string: &[&[f64]]) -> Vec<Option<f64>> {
    let energy = |speeds: &[f64]| {
        let first = speeds.first().copied().unwrap_or_default();
        speeds.iter().map(|v| (v - first) * (v - first)).sum::<f64>().sqrt()
    };
    string
        .windows(2)
        .map(|pair| {
            let before = energy(pair[0]);
            (before > 1e-6 && !pair[1].is_empty()).then(|| energy(pair[1]) / before)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_is_the_ratio_of_the_deviations() {
        // Deviations: 3 and 4 → 5; 6 and 8 → 10; 2.5 → 2.5.
        let lead = [20.0, 17.0, 16.0, 20.0];
        let second = [20.0, 20.0, 14.0, 12.0];
        let third = [18.0, 18.0, 20.5, 18.0];
        assert_eq!(gains(&[&lead, &second, &third]), [Some(2.0), Some(0.25)]);
    }

    #[test]
    fn a_leader_that_never_deviates_has_no_gain() {
        assert_eq!(gains(&[&[20.0, 20.0], &[20.0, 19.0]]), [None]);
        assert!(gains(&[&[20.0]]).is_empty());
        assert_eq!(gains(&[&[20.0, 10.0], &[]]), [None]);
    }
}
