//! The reference line of a road in the plane: line, arc, clothoid, cubic and parametric cubic pieces, each followed exactly
//! (ASAM OpenDRIVE 1.8, clause 9).
//!
//! A clothoid is integrated by Gauss and Legendre with eight points for each radian it turns: no division by curvature or
//! its rate, so that nearly straight, nearly circular and inflecting ones are as good as any. Cubics are followed by their
//! true arc length, whatever their parameter is.

use nalgebra::Vector2;

/// A place on a line with its direction.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Pose {
    /// East, north, metres.
    pub at: Vector2<f64>,
    /// Direction, radians, 0 = east, counter-clockwise.
    pub heading: f64,
}

impl Pose {
    /// The place `t` metres to the left.
    #[must_use]
    pub fn left(&self, t: f64) -> Vector2<f64> {
        self.at + Vector2::new(-self.heading.sin(), self.heading.cos()) * t
    }
}

/// `a + b·x + c·x² + d·x³`.
#[derive(Copy, Clone, Debug, PartialEq, Default)]
pub struct Cubic {
    /// Coefficients a, b, c, d.
    pub abcd: [f64; 4],
}

impl Cubic {
    /// The value at `x`.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        let [a, b, c, d] = self.abcd;
        a + x * (b + x * (c + x * d))
    }

    /// The slope at `x`.
    #[must_use]
    pub fn slope(&self, x: f64) -> f64 {
        let [_, b, c, d] = self.abcd;
        b + x * (2.0 * c + x * 3.0 * d)
    }

    /// The second derivative at `x`.
    #[must_use]
    pub fn bend(&self, x: f64) -> f64 {
        let [_, _, c, d] = self.abcd;
        2.0 * c + x * 6.0 * d
    }
}

/// Shape of a piece, in its own frame: it starts at 0 in direction of u.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Shape {
    /// Curvature that goes evenly from one value to another, 1/m; a line and an arc are special cases.
    Spiral {
        /// At the start.
        from: f64,
        /// At the end.
        to: f64,
    },
    /// v as a cubic of u.
    Poly3(Cubic),
    /// u and v as cubics of a parameter that is 0 at the start and `end` at the end of the piece.
    ParamPoly3 {
        /// u.
        u: Cubic,
        /// v.
        v: Cubic,
        /// Parameter at the end.
        end: f64,
    },
}

/// One piece of the reference line.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Where it starts on the road, metres.
    pub s: f64,
    /// Length, metres.
    pub length: f64,
    /// Where it starts on the ground.
    pub start: Pose,
    /// Its shape.
    pub shape: Shape,
    /// Arc length at evenly spaced parameters, for cubics.
    arcs: Option<Arcs>,
    /// The start's direction as a vector.
    ahead: Vector2<f64>,
}

impl Piece {
    /// A piece that begins at `s` of its road.
    #[must_use]
    pub fn new(s: f64, length: f64, start: Pose, shape: Shape) -> Self {
        let flat = Cubic { abcd: [0.0, 1.0, 0.0, 0.0] };
        let arcs = match shape {
            Shape::Spiral { .. } => None,
            Shape::Poly3(v) => Some(Arcs::new(flat, v, length, None)),
            // The length in the file rules where the curve's own differs, as in esmini.
            Shape::ParamPoly3 { u, v, end } => Some(Arcs::new(u, v, end, Some(length))),
        };
        let (sin, cos) = start.heading.sin_cos();
        Self { s, length, start, shape, arcs, ahead: Vector2::new(cos, sin) }
    }

    /// The pose `s` metres after the start of the piece.
    #[must_use]
    pub fn at(&self, s: f64) -> Pose {
        let (local, turn) = match (&self.shape, &self.arcs) {
            (Shape::Spiral { from, to }, _) => spiral(*from, self.rate(*from, *to), s),
            (_, Some(arcs)) => arcs.at(arcs.parameter(s)),
            (_, None) => (Vector2::new(s, 0.0), 0.0),
        };
        let (ahead, left) = (self.ahead, Vector2::new(-self.ahead.y, self.ahead.x));
        Pose { at: self.start.at + ahead * local.x + left * local.y, heading: self.start.heading + turn }
    }

    /// Curvature `s` metres after the start of the piece, 1/m, positive to the left.
    #[must_use]
    pub fn curvature(&self, s: f64) -> f64 {
        match (&self.shape, &self.arcs) {
            (Shape::Spiral { from, to }, _) => from + self.rate(*from, *to) * s,
            (_, Some(arcs)) => arcs.curvature(arcs.parameter(s)),
            (_, None) => 0.0,
        }
    }

    fn rate(&self, from: f64, to: f64) -> f64 {
        if self.length > 0.0 { (to - from) / self.length } else { 0.0 }
    }
}

/// Points in the positive half and weights of Gauss and Legendre, eight points (Abramowitz and Stegun, table 25.4).
const NODES: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// ∫ f over `[from, from + width]` with eight points.
fn gauss<T>(from: f64, width: f64, f: impl Fn(f64) -> T) -> T
where
    T: std::ops::Add<Output = T> + std::ops::Mul<f64, Output = T> + std::iter::Sum,
{
    let (middle, half) = (from + width / 2.0, width / 2.0);
    NODES.iter().map(|(node, weight)| (f(middle - node * half) + f(middle + node * half)) * (weight * half)).sum()
}

/// End of a clothoid that starts with `curvature`, which grows by `rate` a metre, after `s` metres: place and turn.
fn spiral(curvature: f64, rate: f64, s: f64) -> (Vector2<f64>, f64) {
    let turn = |x: f64| x * (curvature + rate * x / 2.0);
    if rate == 0.0 {
        if curvature == 0.0 {
            return (Vector2::new(s, 0.0), 0.0);
        }
        // A chord of length s·sin(a/2)/(a/2) at half the angle.
        let half = curvature * s / 2.0;
        let chord = if half.abs() < 1e-4 { s * (1.0 - half * half / 6.0) } else { s * half.sin() / half };
        return (Vector2::new(half.cos(), half.sin()) * chord, 2.0 * half);
    }
    let most = curvature.abs().max((curvature + rate * s).abs()) * s.abs();
    let steps = most.ceil().clamp(1.0, MOST_TURN) as usize;
    let step = s / steps as f64;
    let direction = |x: f64| {
        let (sin, cos) = turn(x).sin_cos();
        Vector2::new(cos, sin)
    };
    ((0..steps).map(|i| gauss(i as f64 * step, step, direction)).sum(), turn(s))
}

/// A piece may turn by this much at most, radians: a thousand times around.
pub const MOST_TURN: f64 = 6_284.0;

/// Stretches of the parameter between which arc lengths are kept.
const STRETCHES: usize = 32;

/// A parametric cubic and its arc length.
#[derive(Clone, Debug, PartialEq)]
struct Arcs {
    u: Cubic,
    v: Cubic,
    end: f64,
    /// Arc length from 0 to the end of each stretch.
    sums: [f64; STRETCHES],
    /// True metres for a metre of the file.
    scale: f64,
}

impl Arcs {
    fn new(u: Cubic, v: Cubic, end: f64, length: Option<f64>) -> Self {
        let mut arcs = Self { u, v, end, sums: [0.0; STRETCHES], scale: 1.0 };
        let width = end / STRETCHES as f64;
        let mut sum = 0.0;
        for i in 0..STRETCHES {
            sum += gauss(i as f64 * width, width, |p| arcs.speed(p));
            arcs.sums[i] = sum;
        }
        if let Some(length) = length.filter(|length| *length > 0.0) {
            arcs.scale = sum / length;
        }
        arcs
    }

    fn speed(&self, p: f64) -> f64 {
        self.u.slope(p).hypot(self.v.slope(p))
    }

    /// The parameter at which the curve has run `s` metres.
    fn parameter(&self, s: f64) -> f64 {
        let target = s * self.scale;
        let width = self.end / STRETCHES as f64;
        let stretch = self.sums.partition_point(|sum| *sum < target).min(STRETCHES - 1);
        let before = if stretch == 0 { 0.0 } else { self.sums[stretch - 1] };
        let (begin, whole) = (stretch as f64 * width, self.sums[stretch] - before);
        if !(whole > 0.0 && whole.is_finite() && target.is_finite()) {
            return begin; // the curve stands still
        }
        let aim = target - before;
        let mut p = width * aim / whole;
        for _ in 0..8 {
            let speed = self.speed(begin + p);
            let miss = aim - gauss(begin, p, |x| self.speed(x));
            if miss.abs() < 1e-12 || speed <= 0.0 {
                break;
            }
            p = (p + miss / speed).clamp(0.0, 2.0 * width);
        }
        begin + p
    }

    fn at(&self, p: f64) -> (Vector2<f64>, f64) {
        (Vector2::new(self.u.at(p), self.v.at(p)), self.v.slope(p).atan2(self.u.slope(p)))
    }

    fn curvature(&self, p: f64) -> f64 {
        let speed = self.speed(p);
        let cross = self.u.slope(p) * self.v.bend(p) - self.v.slope(p) * self.u.bend(p);
        if speed > 1e-9 { cross / speed.powi(3) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_PI_2, PI, TAU};

    use super::*;

    fn piece(shape: Shape, length: f64) -> Piece {
        let start = Pose { at: Vector2::new(10.0, 20.0), heading: FRAC_PI_2 };
        Piece::new(0.0, length, start, shape)
    }

    fn flat(shape: Shape, length: f64) -> Piece {
        Piece::new(0.0, length, Pose { at: Vector2::zeros(), heading: 0.0 }, shape)
    }

    /// A curve with this heading, by Simpson's rule on very many small steps.
    fn integrated(heading: impl Fn(f64) -> f64, s: f64) -> Vector2<f64> {
        let steps = 200_000;
        let step = s / f64::from(steps);
        let direction = |x: f64| Vector2::new(heading(x).cos(), heading(x).sin());
        let simpson = |i: i32| {
            let x = f64::from(i) * step;
            (direction(x) + direction(x + step / 2.0) * 4.0 + direction(x + step)) * (step / 6.0)
        };
        (0..steps).map(simpson).sum()
    }

    #[test]
    fn a_line_and_an_arc_end_where_they_must() {
        let end = piece(Shape::Spiral { from: 0.0, to: 0.0 }, 7.0).at(7.0);
        assert!((end.at - Vector2::new(10.0, 27.0)).norm() < 1e-12);
        // A quarter circle of 5 m to the left, from north to west.
        let end = piece(Shape::Spiral { from: 0.2, to: 0.2 }, 5.0 * FRAC_PI_2).at(5.0 * FRAC_PI_2);
        assert!((end.at - Vector2::new(5.0, 25.0)).norm() < 1e-12);
        assert!((end.heading - PI).abs() < 1e-12);
    }

    #[test]
    fn a_full_circle_closes_and_a_nearly_straight_arc_is_well_conditioned() {
        for radius in [3.0, 50.0, 1e4] {
            let circle = flat(Shape::Spiral { from: -1.0 / radius, to: -1.0 / radius }, TAU * radius);
            assert!(circle.at(TAU * radius).at.norm() < 1e-11 * radius, "{radius}");
        }
        for k in [1e-7, 1e-10, 1e-14, 1e-300] {
            let end = flat(Shape::Spiral { from: k, to: k }, 1000.0).at(1000.0).at;
            assert!((end.y - k * 1e6 / 2.0).abs() < 1e-9 && (end.x - 1000.0).abs() < 1e-5, "{k} {end:?}");
        }
    }

    #[test]
    fn a_clothoid_meets_the_fresnel_integrals() {
        // θ(s) = π s²/2 has its ends at C(1), S(1) = 0.7798934, 0.4382591 (Abramowitz and Stegun, table 7.7).
        let end = flat(Shape::Spiral { from: 0.0, to: PI }, 1.0).at(1.0);
        assert!((end.at - Vector2::new(0.779_893_400_4, 0.438_259_147_4)).norm() < 1e-9, "{end:?}");
        assert!((end.heading - FRAC_PI_2).abs() < 1e-12);
        // C(5), S(5) = 0.5636312, 0.4991914 after nearly 40 radians.
        let end = flat(Shape::Spiral { from: 0.0, to: 5.0 * PI }, 5.0).at(5.0);
        assert!((end.at - Vector2::new(0.563_631_188_7, 0.499_191_381_9)).norm() < 1e-9, "{end:?}");
    }

    #[test]
    fn clothoids_meet_numeric_integration_to_a_nanometre() {
        let cases = [
            (0.0, 0.02, 100.0),
            (0.01, -0.03, 120.0), // through an inflection
            (0.05, 0.05 + 1e-13, 80.0),
            (1e-12, 2e-12, 500.0),
            (-0.2, 0.25, 30.0),
        ];
        for (from, to, length) in cases {
            let spiral = flat(Shape::Spiral { from, to }, length);
            for part in [0.3, 1.0] {
                let s = part * length;
                let want = integrated(|x| from * x + (to - from) / length * x * x / 2.0, s);
                let off = (spiral.at(s).at - want).norm();
                assert!(off < 1e-9, "{from} {to} {length}: {off}");
            }
        }
    }

    #[test]
    fn a_clothoid_driven_back_ends_where_it_began() {
        let there = flat(Shape::Spiral { from: 0.01, to: -0.04 }, 90.0);
        let back = Piece::new(
            0.0,
            90.0,
            Pose { heading: there.at(90.0).heading + PI, ..there.at(90.0) },
            Shape::Spiral { from: 0.04, to: -0.01 },
        );
        assert!(back.at(90.0).at.norm() < 1e-12);
    }

    #[test]
    fn cubics_are_followed_by_arc_length() {
        // v = 0.75 u is a line of slope 3/4: 5 m of it are 4 m of u.
        let v = Cubic { abcd: [0.0, 0.75, 0.0, 0.0] };
        let end = flat(Shape::Poly3(v), 5.0).at(5.0);
        assert!((end.at - Vector2::new(4.0, 3.0)).norm() < 1e-12, "{end:?}");
        let u = Cubic { abcd: [0.0, 8.0, 0.0, 0.0] };
        let v = Cubic { abcd: [0.0, 6.0, 0.0, 0.0] };
        let end = flat(Shape::ParamPoly3 { u, v, end: 1.0 }, 10.0).at(5.0);
        assert!((end.at - Vector2::new(4.0, 3.0)).norm() < 1e-12);
        assert!((end.heading - 0.75_f64.atan()).abs() < 1e-12);
    }

    #[test]
    fn a_parametric_cubic_is_run_at_even_speed_though_its_parameter_is_not() {
        // A Bézier arc whose parameter runs slowly at first.
        let u = Cubic { abcd: [0.0, 3.0, 40.0, -10.0] };
        let v = Cubic { abcd: [0.0, 0.0, 5.0, 12.0] };
        let length = gauss_sum(u, v);
        let curve = flat(Shape::ParamPoly3 { u, v, end: 1.0 }, length);
        let steps = 20_000;
        let chord = length / f64::from(steps);
        for i in 0..steps {
            let (a, b) = (curve.at(f64::from(i) * chord), curve.at(f64::from(i + 1) * chord));
            assert!(((b.at - a.at).norm() - chord).abs() < 1e-7, "{i}");
        }
        let (a, b) = (curve.at(7.0), curve.at(7.0 + 1e-5));
        assert!((curve.curvature(7.0) - (b.heading - a.heading) / 1e-5).abs() < 1e-5);
    }

    fn gauss_sum(u: Cubic, v: Cubic) -> f64 {
        let steps = 1_000_000;
        let at = |i: i32| Vector2::new(u.at(f64::from(i) / 1e6), v.at(f64::from(i) / 1e6));
        (0..steps).map(|i| (at(i + 1) - at(i)).norm()).sum()
    }

    #[test]
    fn a_curve_that_stands_still_or_overflows_does_no_harm() {
        let nothing = Cubic::default();
        let still = flat(Shape::ParamPoly3 { u: nothing, v: nothing, end: 1.0 }, 10.0);
        assert!(still.at(5.0).at.norm() == 0.0 && still.curvature(5.0) == 0.0);
        let huge = Cubic { abcd: [1e308; 4] };
        let _ = flat(Shape::ParamPoly3 { u: huge, v: huge, end: 1e308 }, 1e308).at(1e300);
        let _ = flat(Shape::Spiral { from: 1e300, to: -1e300 }, 1e-3).at(1e-3);
    }
}
