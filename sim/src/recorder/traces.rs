//! Where those with a name went and how fast, for the plots of the report, in bounded memory.

use std::collections::BTreeMap;

use nalgebra::Point2;

use crate::actor::{ActorId, Body};
use crate::metrics::Metrics;

/// Road users whose traces are kept; more are counted.
pub const MEMBERS: usize = 12;
/// Samples of one trace: when one is full, every second sample of all is dropped and only every second look is taken.
const SAMPLES: usize = 1200;

/// One road user at one moment.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Sample {
    /// Seconds after the start.
    pub at_s: f64,
    /// Middle of the footprint, metres.
    pub place: Point2<f64>,
    /// Speed along its direction, m/s; negative: backwards.
    pub speed_mps: f64,
}

/// The traces of those that the scenario names, by their numbers.
#[derive(Clone, Debug)]
pub struct Traces {
    of: BTreeMap<ActorId, Vec<Sample>>,
    looks: u64,
    every: u64,
    /// Named road users that found no room.
    pub more: usize,
}

impl Default for Traces {
    fn default() -> Self {
        Self { of: BTreeMap::new(), looks: 0, every: 1, more: 0 }
    }
}

impl Traces {
    /// Takes one moment.
    pub fn moment(&mut self, at_s: f64, bodies: &[Body], metrics: &Metrics) {
        let due = self.looks.is_multiple_of(self.every);
        self.looks += 1;
        if !due {
            return;
        }
        let mut left_out = 0;
        for body in bodies.iter().filter(|b| metrics.is_cast(b.id)) {
            if self.of.len() >= MEMBERS && !self.of.contains_key(&body.id) {
                left_out += 1;
                continue;
            }
            let sample = Sample { at_s, place: body.place(), speed_mps: super::speed(body) };
            self.of.entry(body.id).or_default().push(sample);
        }
        self.more = self.more.max(left_out);
        if self.of.values().any(|trace| trace.len() >= SAMPLES) {
            self.every *= 2;
            for trace in self.of.values_mut() {
                let mut number = 0;
                trace.retain(|_| {
                    number += 1;
                    number % 2 == 1
                });
            }
        }
    }

    /// The traces, in the order of the road users' numbers.
    pub fn all(&self) -> impl Iterator<Item = (ActorId, &[Sample])> {
        self.of.iter().map(|(id, trace)| (*id, trace.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    #[test]
    fn a_long_run_is_kept_from_end_to_end_in_bounded_memory() {
        let mut metrics = Metrics::default();
        (0..20).for_each(|id| metrics.call(id, &format!("n{id}"), id != 3));
        let mut traces = Traces::default();
        for i in 0..30_000_u32 {
            let bodies: Vec<_> =
                (0..20).map(|id| body(id, Kind::Car, f64::from(i), 10.0 * f64::from(id), 0.0)).collect();
            traces.moment(f64::from(i) * 0.1, &bodies, &metrics);
        }
        assert_eq!(traces.more, 19 - MEMBERS);
        assert!(traces.all().all(|(id, _)| id != 3), "who has no name of its own leaves no trace");
        for (_, trace) in traces.all() {
            assert!(trace.len() > SAMPLES / 3 && trace.len() < SAMPLES, "{}", trace.len());
            assert_eq!(trace[0].at_s, 0.0);
            assert!(trace[trace.len() - 1].at_s > 2950.0);
            let steps: Vec<_> = trace.windows(2).map(|two| two[1].place.x - two[0].place.x).collect();
            assert!(steps.iter().all(|s| *s == steps[0]), "even steps");
        }
    }
}
