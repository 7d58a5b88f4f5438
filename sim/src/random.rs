//! Chance, reproducible: every source of it has a stream of its own, named after what it decides, so that one more actor
//! or thread changes nobody else's luck.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp, Normal, Poisson};

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Luck(ChaCha8Rng);

impl Luck {
    /// The stream called `name` of a run with this seed.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // FNV-1a: the same name gives the same stream on every machine.
        rng.set_stream(
            name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)),
        );
        Self(rng)
    }

    /// Happens with this chance.
    pub fn chance(&mut self, p: f64) -> bool {
        self.0.random::<f64>() < p
    }

    /// Between `low` and `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.random::<f64>()
    }

    /// Normal with mean 0.
    pub fn normal(&mut self, sigma: f64) -> f64 {
        Normal::new(0.0, sigma).map_or(0.0, |n| n.sample(&mut self.0))
    }

    /// Time to the next event of a Poisson process, seconds.
    pub fn gap_s(&mut self, per_second: f64) -> f64 {
        Exp::new(per_second).map_or(f64::INFINITY, |e| e.sample(&mut self.0))
    }

    /// Number of events, `mean` on average.
    pub fn count(&mut self, mean: f64) -> usize {
        Poisson::new(mean).map_or(0, |p| p.sample(&mut self.0) as usize)
    }

    /// Index of one of the weights; 0 when all are 0.
    pub fn pick(&mut self, weights: &[f64]) -> usize {
        let mut x = self.0.random::<f64>() * weights.iter().sum::<f64>();
        for (i, w) in weights.iter().enumerate() {
            if x < *w {
                return i;
            }
            x -= w;
        }
        weights.iter().rposition(|w| *w > 0.0).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_do_not_depend_on_each_other() {
        let draw = |seed, name| Luck::new(seed, name).between(0.0, 1.0);
        assert_eq!(draw(7, "a"), draw(7, "a"));
        assert_ne!(draw(7, "a"), draw(7, "b"));
        assert_ne!(draw(7, "a"), draw(8, "a"));
    }

    #[test]
    fn picks_follow_their_weights() {
        let mut luck = Luck::new(1, "pick");
        let hits = (0..1000).filter(|_| luck.pick(&[0.0, 3.0, 1.0]) == 1).count();
        assert!((700..800).contains(&hits), "{hits}");
        assert_eq!(luck.pick(&[0.0, 0.0]), 0);
    }
}
