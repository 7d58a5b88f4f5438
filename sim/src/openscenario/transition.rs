//! A value that goes from here to there in a given shape (standard: TransitionDynamics).

use std::f64::consts::{FRAC_PI_2, PI};

use super::action::Dynamics;
use super::word::{Dimension, SMALL, Shape};

/// A transition under way.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Transition {
    /// Shape.
    pub shape: Shape,
    /// What the parameter is: seconds, or metres for [`Dimension::Distance`].
    pub dimension: Dimension,
    /// From.
    pub start: f64,
    /// To.
    pub target: f64,
    /// How far it is, in seconds or metres.
    pub done: f64,
    /// How far it goes.
    pub range: f64,
    /// The largest slope allowed makes it so many times longer.
    pub stretch: f64,
}

impl Transition {
    /// From `start` to `target` as told.
    #[must_use]
    pub fn new(dynamics: Dynamics, start: f64, target: f64) -> Self {
        let mut new = Self {
            shape: dynamics.shape,
            dimension: dynamics.dimension,
            start,
            target,
            done: 0.0,
            range: if dynamics.shape == Shape::Step { 0.0 } else { dynamics.value.abs() },
            stretch: 1.0,
        };
        if dynamics.dimension == Dimension::Rate {
            new.range = new.range_of_slope(dynamics.value.abs());
        }
        new
    }

    fn delta(&self) -> f64 {
        self.target - self.start
    }

    /// Nothing lies between here and there.
    #[must_use]
    pub fn is_step(&self) -> bool {
        self.shape == Shape::Step || self.range < SMALL && self.dimension != Dimension::Rate
    }

    /// The range in which the steepest slope is this.
    #[must_use]
    pub fn range_of_slope(&self, slope: f64) -> f64 {
        let ease = match self.shape {
            Shape::Step => return 0.0,
            Shape::Linear => 1.0,
            Shape::Sinusoidal => FRAC_PI_2,
            Shape::Cubic => 1.5,
        };
        if self.delta().abs() < SMALL {
            SMALL
        } else if slope < SMALL {
            f64::INFINITY
        } else {
            (ease * self.delta().abs() / slope).max(SMALL)
        }
    }

    /// The range in which the largest second derivative is this.
    #[must_use]
    pub fn range_of_bend(&self, bend: f64) -> f64 {
        let delta = self.delta().abs();
        match self.shape {
            Shape::Step => 0.0,
            // A straight line bends without bound at its ends: taken as the cubic.
            Shape::Linear | Shape::Cubic => (6.0 * delta / bend).sqrt(),
            Shape::Sinusoidal => PI * (delta / (2.0 * bend)).sqrt(),
        }
    }

    /// Makes it longer so that its slope is at most this.
    pub fn limit_slope(&mut self, most: f64) {
        if self.is_step() {
            self.stretch = 1.0;
            return;
        }
        let ease = match self.shape {
            Shape::Sinusoidal => FRAC_PI_2,
            Shape::Cubic => 1.5,
            _ => 1.0,
        };
        let peak = ease * self.delta().abs() / self.range.max(SMALL);
        self.stretch = if peak > most.abs() { peak / most.abs().max(SMALL) } else { 1.0 };
    }

    /// Goes on.
    pub fn step(&mut self, by: f64) {
        self.done = (self.done + by / self.stretch).clamp(0.0, self.range.max(0.0));
    }

    /// The end of the range is reached.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.done > self.range - SMALL
    }

    /// The value now.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value_as(self.shape)
    }

    /// The value now, were its shape this one.
    #[must_use]
    pub fn value_as(&self, shape: Shape) -> f64 {
        if self.is_step() {
            return self.target;
        }
        let x = self.done / self.range.max(SMALL);
        self.start
            + self.delta()
                * match shape {
                    Shape::Step => 1.0,
                    Shape::Linear => x,
                    Shape::Sinusoidal => 0.5 * (1.0 - (PI * x).cos()),
                    Shape::Cubic => x * x * (3.0 - 2.0 * x),
                }
    }

    /// The slope now, per second or metre; infinite for a step.
    #[must_use]
    pub fn slope(&self) -> f64 {
        if self.is_step() {
            return if self.delta() < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
        }
        let range = self.range.max(SMALL);
        let x = self.done / range;
        let unit = match self.shape {
            Shape::Step | Shape::Linear => 1.0,
            Shape::Sinusoidal => FRAC_PI_2 * (PI * x).sin(),
            Shape::Cubic => 6.0 * x * (1.0 - x),
        };
        unit * self.delta() / range / self.stretch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(dimension: Dimension, value: f64) -> Vec<Transition> {
        [Shape::Linear, Shape::Cubic, Shape::Sinusoidal]
            .map(|shape| Transition::new(Dynamics { shape, dimension, value }, 2.0, 6.0))
            .to_vec()
    }

    #[test]
    fn every_shape_starts_and_ends_where_it_should_and_is_half_way_at_half_time() {
        for mut t in all(Dimension::Time, 4.0) {
            assert!((t.value() - 2.0).abs() < 1e-12, "{t:?}");
            t.step(2.0);
            assert!((t.value() - 4.0).abs() < 1e-12 && !t.is_done(), "{t:?}");
            t.step(2.0);
            assert!((t.value() - 6.0).abs() < 1e-12 && t.is_done(), "{t:?}");
        }
    }

    #[test]
    fn a_rate_is_the_steepest_slope() {
        for mut t in all(Dimension::Rate, 2.0) {
            t.step(t.range / 2.0);
            assert!((t.slope() - 2.0).abs() < 1e-9, "{t:?}");
        }
        // 4 at 2 per second: 2 s in a straight line, 1.5 times that as a cubic, pi/2 times as a cosine.
        let ranges: Vec<_> = all(Dimension::Rate, 2.0).iter().map(|t| t.range).collect();
        assert!((ranges[0] - 2.0).abs() < 1e-12 && (ranges[1] - 3.0).abs() < 1e-12 && (ranges[2] - PI).abs() < 1e-12);
    }

    #[test]
    fn a_limit_stretches_it() {
        let mut t =
            Transition::new(Dynamics { shape: Shape::Linear, dimension: Dimension::Time, value: 1.0 }, 0.0, 8.0);
        t.limit_slope(4.0);
        t.step(1.0);
        assert!((t.value() - 4.0).abs() < 1e-12, "{t:?}");
    }

    #[test]
    fn a_step_is_there_at_once() {
        let t = Transition::new(Dynamics { shape: Shape::Step, dimension: Dimension::Time, value: 1.0 }, 0.0, 8.0);
        assert!(t.is_step() && (t.value() - 8.0).abs() < 1e-12 && t.is_done());
    }
}
