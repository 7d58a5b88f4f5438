//! The pose of a camera from three points: start values for everything else.
//!
//! Three rays to three known points leave at most four poses (Grunert 1841; the quartic in the form of Haralick et al.,
//! IJCV 13(3), 1994). Points in a plane, as on a road, are no special case here, and a blunder spoils only the triples it
//! is in.

use nalgebra::{Isometry3, Matrix3, Matrix4, Rotation3, Translation3, Unit, UnitQuaternion, Vector3};

/// All poses `world_from_camera` at which the three `rays` (camera frame) meet the three `points` (world frame).
#[must_use]
pub fn poses(rays: &[Unit<Vector3<f64>>; 3], points: &[Vector3<f64>; 3]) -> Vec<Isometry3<f64>> {
    let (a, b, c) = ((points[1] - points[2]).norm(), (points[0] - points[2]).norm(), (points[0] - points[1]).norm());
    let flat = (points[1] - points[0]).cross(&(points[2] - points[0])).norm() < 1e-6 * b * c;
    if flat || a.min(b).min(c) < 1e-9 {
        return Vec::new();
    }
    let cos = [rays[1].dot(&rays[2]), rays[0].dot(&rays[2]), rays[0].dot(&rays[1])];
    distances([a * a, b * b, c * c], cos)
        .into_iter()
        .filter_map(|far| align(&std::array::from_fn(|i| rays[i].into_inner() * far[i]), points))
        .collect()
}

/// Distances along the three rays, from the squared sides of the triangle and the cosines between the rays, both opposite
/// to their point.
fn distances([a2, b2, c2]: [f64; 3], [cos_a, cos_b, cos_c]: [f64; 3]) -> Vec<[f64; 3]> {
    // With s2 = u s1 and s3 = v s1, Haralick (9): a quartic in v.
    let minus = (a2 - c2) / b2;
    let plus = (a2 + c2) / b2;
    let (ca2, cb2, cc2) = (cos_a * cos_a, cos_b * cos_b, cos_c * cos_c);
    let quartic = [
        (1.0 + minus).powi(2) - 4.0 * a2 / b2 * cc2,
        4.0 * (-minus * (1.0 + minus) * cos_b + 2.0 * a2 / b2 * cc2 * cos_b - (1.0 - plus) * cos_a * cos_c),
        2.0 * (minus * minus - 1.0 + 2.0 * minus * minus * cb2 + 2.0 * (b2 - c2) / b2 * ca2
            - 4.0 * plus * cos_a * cos_b * cos_c
            + 2.0 * (b2 - a2) / b2 * cc2),
        4.0 * (minus * (1.0 - minus) * cos_b - (1.0 - plus) * cos_a * cos_c + 2.0 * c2 / b2 * ca2 * cos_b),
        (minus - 1.0).powi(2) - 4.0 * c2 / b2 * ca2,
    ];
    let mut found = Vec::new();
    for v in real_roots(&quartic) {
        let below = 1.0 + v * v - 2.0 * v * cos_b;
        let bend = 2.0 * (cos_c - v * cos_a);
        if v <= 0.0 || below <= 1e-12 || bend.abs() < 1e-12 {
            continue;
        }
        let u = ((minus - 1.0) * v * v - 2.0 * minus * cos_b * v + 1.0 + minus) / bend;
        let s1 = (b2 / below).sqrt();
        if u > 0.0 && s1.is_finite() {
            found.push([s1, u * s1, v * s1]);
        }
    }
    found
}

/// Real roots of a quartic, highest power last, each polished by Newton.
fn real_roots(k: &[f64; 5]) -> Vec<f64> {
    let largest = k.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let is_quartic = k[4].abs() > 1e-12 * largest;
    if !is_quartic {
        return Vec::new();
    }
    let mut companion = Matrix4::zeros();
    for row in 0..4 {
        companion[(row, 3)] = -k[row] / k[4];
        if row > 0 {
            companion[(row, row - 1)] = 1.0;
        }
    }
    if !companion.iter().all(|v| v.is_finite()) {
        return Vec::new();
    }
    let polish = |mut x: f64| {
        for _ in 0..8 {
            let value = k.iter().rev().fold(0.0, |sum, c| sum * x + c);
            let slope = 4.0 * k[4] * x.powi(3) + 3.0 * k[3] * x * x + 2.0 * k[2] * x + k[1];
            if slope.abs() > 1e-14 {
                x -= value / slope;
            }
        }
        x
    };
    // Noise splits a double root into a close complex pair: its real part is still a good start value.
    let near = |z: &nalgebra::Complex<f64>| z.im.abs() < 0.05 * (1.0 + z.re.abs());
    companion
        .complex_eigenvalues()
        .iter()
        .filter(|z| near(z))
        .map(|z| if z.im.abs() < 1e-9 { polish(z.re) } else { z.re })
        .collect()
}

/// The rotation and shift that take `from` to `to` with least squares (Kabsch 1976).
fn align(from: &[Vector3<f64>; 3], to: &[Vector3<f64>; 3]) -> Option<Isometry3<f64>> {
    let (mean_from, mean_to) = (from.iter().sum::<Vector3<f64>>() / 3.0, to.iter().sum::<Vector3<f64>>() / 3.0);
    let spread: Matrix3<f64> = from.iter().zip(to).map(|(f, t)| (t - mean_to) * (f - mean_from).transpose()).sum();
    let svd = spread.try_svd(true, true, 1e-14, 200)?;
    let (u, v_t) = (svd.u?, svd.v_t?);
    let mirror = Matrix3::from_diagonal(&Vector3::new(1.0, 1.0, (u * v_t).determinant().signum()));
    let rotation = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(u * mirror * v_t));
    Some(Isometry3::from_parts(Translation3::from(mean_to - rotation * mean_from), rotation))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_of_the_poses_is_the_true_one(
            turn in prop::array::uniform3(-3.0..3.0f64),
            at in prop::array::uniform3(-20.0..20.0f64),
            seen in prop::array::uniform3((-0.6..0.6f64, -0.4..0.4f64, 5.0..80.0f64)),
        ) {
            let truth = Isometry3::new(Vector3::from(at), Vector3::from(turn));
            let camera = seen.map(|(x, y, z)| Vector3::new(x * z, y * z, z));
            let points = camera.map(|p| (truth * nalgebra::Point3::from(p)).coords);
            let area = (camera[1] - camera[0]).cross(&(camera[2] - camera[0])).norm();
            let apart = |i: usize, j: usize| camera[i].angle(&camera[j]);
            prop_assume!(area > 5.0 && apart(0, 1).min(apart(1, 2)).min(apart(0, 2)) > 0.02);
            let best = poses(&camera.map(Unit::new_normalize), &points)
                .iter()
                .map(|p| (p.translation.vector - truth.translation.vector).norm() + 10.0 * p.rotation.angle_to(&truth.rotation))
                .fold(f64::MAX, f64::min);
            prop_assert!(best < 1.0, "nearest pose is off by {best}");
        }
    }

    #[test]
    fn points_on_a_line_give_no_pose() {
        let points = [0.0, 1.0, 2.0].map(|x| Vector3::new(x, 0.0, 10.0));
        assert!(poses(&points.map(Unit::new_normalize), &points).is_empty());
    }
}
