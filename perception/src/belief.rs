//! What kind of road user, and how large: beliefs that grow slowly out of many frames.

use crate::object::{Class, Size};

/// P(detector says column | it is row), both in the order of [`Class::ALL`]; the first column, "unknown", says nothing.
/// The figures are those of COCO-trained detectors on road scenes, rounded and made a little humbler.
const CONFUSION: [[f64; 7]; 7] = [
    [1.0, 0.1667, 0.1667, 0.1667, 0.1667, 0.1667, 0.1667],
    [1.0, 0.86, 0.08, 0.03, 0.01, 0.01, 0.01],
    [1.0, 0.15, 0.70, 0.12, 0.01, 0.01, 0.01],
    [1.0, 0.05, 0.15, 0.77, 0.01, 0.01, 0.01],
    [1.0, 0.03, 0.01, 0.01, 0.70, 0.15, 0.10],
    [1.0, 0.01, 0.005, 0.005, 0.12, 0.66, 0.20],
    [1.0, 0.01, 0.005, 0.005, 0.03, 0.10, 0.85],
];
/// Belief before anything was seen.
const PRIOR: [f64; 7] = [0.04, 0.16, 0.16, 0.16, 0.16, 0.16, 0.16];
/// Errors of a detector repeat from frame to frame, so each frame counts only as this part of an independent witness.
const WITNESS: f64 = 0.5;
/// Part of the belief that is spread again with each frame, so that no class is ever ruled out for good.
const FORGET: f64 = 0.01;

/// Belief in each class.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct ClassBelief([f64; 7]);

impl Default for ClassBelief {
    fn default() -> Self {
        Self(PRIOR)
    }
}

impl ClassBelief {
    /// The probabilities, in the order of [`Class::ALL`]; they sum to 1.
    #[must_use]
    pub fn probabilities(&self) -> [f64; 7] {
        self.0
    }

    /// The most believed class; on a tie the first of [`Class::ALL`].
    #[must_use]
    pub fn best(&self) -> Class {
        let mut best = 0;
        for i in 1..7 {
            if self.0[i] > self.0[best] {
                best = i;
            }
        }
        Class::ALL[best]
    }

    /// Bayes: multiplies with the likelihood of what the detector said, tempered by its score.
    pub fn learn(&mut self, said: Class, score: f32) {
        let weight = WITNESS * f64::from(score.clamp(0.0, 1.0));
        let column = said as usize;
        let mut sum = 0.0;
        for (belief, row) in self.0.iter_mut().zip(&CONFUSION) {
            *belief = (*belief * (1.0 - FORGET) + FORGET / 7.0) * row[column].powf(weight);
            sum += *belief;
        }
        self.0.iter_mut().for_each(|belief| *belief /= sum);
    }

    /// How well what a detector says fits: P(said | this belief) / P(said | nothing known), logarithm. About 0.5..1.5 for
    /// a fit, −3 for a truck that is called a pedestrian.
    #[must_use]
    pub fn fit(&self, said: Class) -> f64 {
        let column = said as usize;
        let (mut here, mut anywhere) = (0.0, 0.0);
        for ((belief, prior), row) in self.0.iter().zip(&PRIOR).zip(&CONFUSION) {
            here += belief * row[column];
            anywhere += prior * row[column];
        }
        (here / anywhere).ln()
    }

    /// How far two beliefs overlap (Bhattacharyya coefficient), 0..1.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> f64 {
        self.0.iter().zip(&other.0).map(|(a, b)| (a * b).sqrt()).sum()
    }
}

/// Belief about the size.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct SizeBelief {
    size: Size,
    seen: u16,
}

impl SizeBelief {
    /// Nothing measured yet: the usual size of a class.
    #[must_use]
    pub fn usual(class: Class) -> Self {
        Self { size: usual_size(class), seen: 0 }
    }

    /// The size, or the usual one of `class` while nothing was measured.
    #[must_use]
    pub fn size(&self, class: Class) -> Size {
        if self.seen == 0 { usual_size(class) } else { self.size }
    }

    /// Blends in a measured size. A sensor sees a part of the body or all of it, never more, so growing is quicker than
    /// shrinking. Sizes that are not positive and finite are left out.
    pub fn learn(&mut self, measured: &Size) {
        let sane = |value: f64| value.is_finite() && value > 0.05;
        if !(sane(measured.length_m) && sane(measured.width_m) && sane(measured.height_m)) {
            return;
        }
        let slow = (1.0 / f64::from(self.seen + 1)).max(0.05);
        let blend = |old: &mut f64, new: f64, most: f64| {
            let new = new.min(most);
            let gain = if new > *old { slow.max(0.15) } else { slow };
            *old += gain * (new - *old);
        };
        blend(&mut self.size.length_m, measured.length_m, 30.0);
        blend(&mut self.size.width_m, measured.width_m, 5.0);
        blend(&mut self.size.height_m, measured.height_m, 6.0);
        self.seen = self.seen.saturating_add(1).min(1000);
    }
}

/// Usual size of a class.
#[must_use]
pub fn usual_size(class: Class) -> Size {
    let (length_m, width_m, height_m) = match class {
        Class::Unknown => (1.0, 1.0, 1.5),
        Class::Car => (4.5, 1.8, 1.5),
        Class::Truck => (9.0, 2.5, 3.3),
        Class::Bus => (12.0, 2.55, 3.2),
        Class::Motorcycle => (2.1, 0.8, 1.5),
        Class::Bicycle => (1.8, 0.6, 1.7),
        Class::Pedestrian => (0.5, 0.5, 1.7),
    };
    Size { length_m, width_m, height_m }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_word_does_not_turn_a_car_into_a_pedestrian() {
        let mut belief = ClassBelief::default();
        for _ in 0..5 {
            belief.learn(Class::Car, 0.9);
        }
        belief.learn(Class::Pedestrian, 0.9);
        assert_eq!(belief.best(), Class::Car);
    }

    #[test]
    fn a_belief_can_always_be_corrected() {
        let mut belief = ClassBelief::default();
        for _ in 0..1000 {
            belief.learn(Class::Car, 1.0);
        }
        for _ in 0..15 {
            belief.learn(Class::Truck, 1.0);
        }
        assert_eq!(belief.best(), Class::Truck);
        assert!((belief.probabilities().iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn unknown_is_no_evidence() {
        let mut belief = ClassBelief::default();
        belief.learn(Class::Bus, 0.8);
        let before = belief.best();
        for _ in 0..50 {
            belief.learn(Class::Unknown, 1.0);
        }
        assert_eq!(belief.best(), before);
        assert!(belief.fit(Class::Unknown).abs() < 1e-12);
    }

    #[test]
    fn a_size_grows_quicker_than_it_shrinks() {
        let car = Size { length_m: 4.5, width_m: 1.8, height_m: 1.5 };
        let part = Size { length_m: 1.0, ..car };
        let mut belief = SizeBelief::usual(Class::Car);
        for _ in 0..40 {
            belief.learn(&part);
        }
        for _ in 0..10 {
            belief.learn(&car);
        }
        let grown = belief.size(Class::Car).length_m;
        for _ in 0..10 {
            belief.learn(&part);
        }
        assert!(grown > 3.5, "{grown}");
        assert!(grown - belief.size(Class::Car).length_m < 0.5 * (grown - 1.0));
    }

    #[test]
    fn a_size_of_nan_or_nothing_is_left_out() {
        let mut belief = SizeBelief::usual(Class::Car);
        for bad in [f64::NAN, f64::INFINITY, 0.0, -3.0] {
            belief.learn(&Size { length_m: bad, width_m: 1.0, height_m: 1.0 });
        }
        assert_eq!(belief, SizeBelief::usual(Class::Car));
    }
}
