//! The reference line of an OpenDRIVE road: line, arc, spiral, cubic and parametric cubic pieces, each followed exactly
//! (ASAM OpenDRIVE 1.8, clause 9).

use nalgebra::{Rotation2, Vector2};

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
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Piece {
    /// Where it starts on the road, metres.
    pub s: f64,
    /// Length, metres.
    pub length: f64,
    /// Where it starts on the ground.
    pub start: Pose,
    /// Its shape.
    pub shape: Shape,
}

impl Piece {
    /// The pose `s` metres after the start of the piece.
    #[must_use]
    pub fn at(&self, s: f64) -> Pose {
        let (local, turn) = match self.shape {
            Shape::Spiral { from, to } => spiral(from, (to - from) / self.length.max(1e-9), s),
            Shape::Poly3(v) => {
                let u = parameter(s, self.length, |u| (1.0 + v.slope(u).powi(2)).sqrt());
                (Vector2::new(u, v.at(u)), v.slope(u).atan())
            }
            Shape::ParamPoly3 { u, v, end } => {
                // The parameter runs evenly with s (ASAM OpenDRIVE 1.8, 9.6.2): the curve is given by arc length.
                let p = end * s / self.length.max(1e-9);
                (Vector2::new(u.at(p), v.at(p)), v.slope(p).atan2(u.slope(p)))
            }
        };
        Pose { at: self.start.at + Rotation2::new(self.start.heading) * local, heading: self.start.heading + turn }
    }
}

/// End of a clothoid that starts with `curvature`, which grows by `rate` a metre, after `s` metres: place and turn.
fn spiral(curvature: f64, rate: f64, s: f64) -> (Vector2<f64>, f64) {
    let turn = |x: f64| x * (curvature + rate * x / 2.0);
    if rate.abs() < 1e-12 {
        if curvature.abs() < 1e-12 {
            return (Vector2::new(s, 0.0), 0.0);
        }
        let a = curvature * s;
        return (Vector2::new(a.sin(), 1.0 - a.cos()) / curvature, a);
    }
    // Gauss and Legendre with five points a step; a step turns by at most a tenth of a radian, so that the error is below
    // the rounding of the file.
    let most = (curvature.abs().max((curvature + rate * s).abs()) * s.abs()).min(1e4);
    let steps = (most / 0.1).ceil().max(1.0) as usize;
    let step = s / steps as f64;
    const NODES: [(f64, f64); 5] = [
        (0.0, 0.568_888_888_888_888_9),
        (-0.538_469_310_105_683_1, 0.478_628_670_499_366_47),
        (0.538_469_310_105_683_1, 0.478_628_670_499_366_47),
        (-0.906_179_845_938_664, 0.236_926_885_056_189_08),
        (0.906_179_845_938_664, 0.236_926_885_056_189_08),
    ];
    let mut end = Vector2::zeros();
    for i in 0..steps {
        let middle = (i as f64 + 0.5) * step;
        for (node, weight) in NODES {
            let (sin, cos) = turn(middle + node * step / 2.0).sin_cos();
            end += Vector2::new(cos, sin) * (weight * step / 2.0);
        }
    }
    (end, turn(s))
}

/// The parameter at which a curve with the given speed has run `s` metres.
fn parameter(s: f64, length: f64, speed: impl Fn(f64) -> f64) -> f64 {
    let steps = (length / 0.5).ceil().clamp(16.0, 4096.0) as usize;
    let step = length / steps as f64;
    let (mut run, mut u) = (0.0, 0.0);
    for _ in 0..steps * 2 {
        // Simpson on each step.
        let piece = step / 6.0 * (speed(u) + 4.0 * speed(u + step / 2.0) + speed(u + step));
        if run + piece >= s || piece <= 0.0 {
            return if piece > 0.0 { u + step * (s - run) / piece } else { u };
        }
        (run, u) = (run + piece, u + step);
    }
    u
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_PI_2, PI};

    use super::*;

    fn piece(shape: Shape, length: f64) -> Piece {
        let start = Pose { at: Vector2::new(10.0, 20.0), heading: FRAC_PI_2 };
        Piece { s: 0.0, length, start, shape }
    }

    #[test]
    fn a_line_and_an_arc_end_where_they_must() {
        let end = piece(Shape::Spiral { from: 0.0, to: 0.0 }, 7.0).at(7.0);
        assert!((end.at - Vector2::new(10.0, 27.0)).norm() < 1e-12);
        // A quarter circle of 5 m to the left, from north to west.
        let end = piece(Shape::Spiral { from: 0.2, to: 0.2 }, 5.0 * FRAC_PI_2).at(5.0 * FRAC_PI_2);
        assert!((end.at - Vector2::new(5.0, 25.0)).norm() < 1e-9);
        assert!((end.heading - PI).abs() < 1e-12);
    }

    #[test]
    fn a_clothoid_meets_the_fresnel_integrals() {
        // θ(s) = π s²/2 has its ends at C(1), S(1) = 0.7798934, 0.4382591 (Abramowitz and Stegun, table 7.7).
        let end = Piece {
            start: Pose { at: Vector2::zeros(), heading: 0.0 },
            ..piece(Shape::Spiral { from: 0.0, to: PI }, 1.0)
        };
        let end = end.at(1.0);
        assert!((end.at - Vector2::new(0.779_893_400_4, 0.438_259_147_4)).norm() < 1e-9, "{end:?}");
        assert!((end.heading - FRAC_PI_2).abs() < 1e-12);
    }

    #[test]
    fn cubics_are_followed_by_arc_length() {
        // v = 0.75 u is a line of slope 3/4: 5 m of it are 4 m of u.
        let v = Cubic { abcd: [0.0, 0.75, 0.0, 0.0] };
        let flat = Pose { at: Vector2::zeros(), heading: 0.0 };
        let end = Piece { start: flat, ..piece(Shape::Poly3(v), 5.0) }.at(5.0);
        assert!((end.at - Vector2::new(4.0, 3.0)).norm() < 1e-9, "{end:?}");
        let shape = Shape::ParamPoly3 {
            u: Cubic { abcd: [0.0, 8.0, 0.0, 0.0] },
            v: Cubic { abcd: [0.0, 6.0, 0.0, 0.0] },
            end: 1.0,
        };
        let end = Piece { start: flat, ..piece(shape, 10.0) }.at(5.0);
        assert!((end.at - Vector2::new(4.0, 3.0)).norm() < 1e-12);
        assert!((end.heading - 0.75_f64.atan()).abs() < 1e-12);
    }
}
