//! The upright rectangle that fits what a lidar sees of a vehicle: mostly two sides, an "L".
//!
//! The direction is searched over a quarter turn for the rectangle whose nearest sides the points are closest to (Zhang et
//! al., "Efficient L-shape fitting for vehicle detection using laser scanners", IV 2017, closeness criterion).

/// A rectangle in the plane.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Rectangle {
    pub centre: [f32; 2],
    /// The longer side.
    pub length: f32,
    pub width: f32,
    /// Direction of the longer side, radians.
    pub yaw: f32,
    /// Mean distance of the points from the nearest side.
    pub off: f32,
}

/// More points are thinned out: the sides are known well enough.
const MOST_POINTS: usize = 160;
/// Points nearer to a side than this count alike: below is noise.
const NOISE_M: f32 = 0.05;

/// Fits a rectangle; `None` for no points.
pub(super) fn fit(points: &[[f32; 2]]) -> Option<Rectangle> {
    let first = points.first()?;
    let step = points.len().div_ceil(MOST_POINTS);
    let thin: Vec<[f32; 2]> = points.iter().step_by(step).map(|p| [p[0] - first[0], p[1] - first[1]]).collect();
    let degrees = |d: i32| (d as f32).to_radians();
    let best = |range: &mut dyn Iterator<Item = i32>| {
        range.map(|d| (d, closeness(&thin, degrees(d)).0)).max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(d, _)| d)
    };
    let coarse = best(&mut (0..90).step_by(6));
    let angle = degrees(best(&mut (coarse - 5..=coarse + 5)));
    let (_, off) = closeness(&thin, angle);
    // The sides themselves come from all points.
    let (sin, cos) = angle.sin_cos();
    let along = |p: &[f32; 2]| p[0] * cos + p[1] * sin;
    let across = |p: &[f32; 2]| p[1] * cos - p[0] * sin;
    let (a0, a1) = bounds(points.iter().map(along));
    let (b0, b1) = bounds(points.iter().map(across));
    let (a, b) = ((a0 + a1) / 2.0, (b0 + b1) / 2.0);
    let (mut length, mut width, mut yaw) = (a1 - a0, b1 - b0, angle);
    if width > length {
        (length, width, yaw) = (width, length, angle + std::f32::consts::FRAC_PI_2);
    }
    Some(Rectangle { centre: [a * cos - b * sin, a * sin + b * cos], length, width, yaw, off })
}

fn bounds(values: impl Iterator<Item = f32>) -> (f32, f32) {
    values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

/// Score of a direction, and the mean distance from the nearest side.
fn closeness(points: &[[f32; 2]], angle: f32) -> (f32, f32) {
    let (sin, cos) = angle.sin_cos();
    let along = |p: &[f32; 2]| p[0] * cos + p[1] * sin;
    let across = |p: &[f32; 2]| p[1] * cos - p[0] * sin;
    let (a0, a1) = bounds(points.iter().map(along));
    let (b0, b1) = bounds(points.iter().map(across));
    let (mut score, mut off) = (0.0, 0.0);
    for p in points {
        let (a, b) = (along(p), across(p));
        let d = (a - a0).min(a1 - a).min(b - b0).min(b1 - b);
        score += 1.0 / d.max(NOISE_M);
        off += d;
    }
    (score, off / points.len().max(1) as f32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two visible sides of a car, 4.4 m by 1.8 m.
    fn corner(yaw: f32, at: [f32; 2]) -> Vec<[f32; 2]> {
        let (sin, cos) = yaw.sin_cos();
        let place = |a: f32, b: f32| [at[0] + a * cos - b * sin, at[1] + a * sin + b * cos];
        let long = (0..=22).map(|i| place(i as f32 * 0.2 - 2.2, -0.9));
        let short = (0..=9).map(|i| place(-2.2, i as f32 * 0.2 - 0.9));
        long.chain(short).collect()
    }

    proptest! {
        #[test]
        fn two_sides_of_a_car_give_its_rectangle(yaw in -3.1f32..3.1, x in -50f32..50.0, y in -50f32..50.0) {
            let r = fit(&corner(yaw, [x, y])).unwrap();
            prop_assert!((r.length - 4.4).abs() < 0.12 && (r.width - 1.8).abs() < 0.12, "{r:?}");
            prop_assert!((r.centre[0] - x).abs() < 0.1 && (r.centre[1] - y).abs() < 0.1, "{r:?}");
            let turn = (r.yaw - yaw).rem_euclid(std::f32::consts::PI);
            prop_assert!(turn.min(std::f32::consts::PI - turn) < 0.03, "{r:?}");
        }
    }

    #[test]
    fn one_point_is_a_rectangle_without_area() {
        let r = fit(&[[3.0, 4.0]]).unwrap();
        assert!(r.length.abs() < 1e-5 && (r.centre[0] - 3.0).abs() < 1e-4);
        assert!(fit(&[]).is_none());
    }
}
