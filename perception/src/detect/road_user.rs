//! Is a group of lidar points a road user, and which? Judged by size, height over the ground and smoothness.

use nalgebra::{Matrix3, Point3, Vector3};

use super::rectangle::{self, Rectangle};
use crate::object::{Box3d, Class, Size};

/// One point with its height over the ground.
#[derive(Copy, Clone, Debug)]
pub(super) struct Raised {
    pub at: [f32; 3],
    pub height: f32,
}

/// What is known about the points of a sweep.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Scene {
    /// The background is taken away: whatever is left came there.
    Foreground,
    /// Houses, hedges and trees are among the points.
    Everything,
}

/// A judged group.
#[derive(Clone, Debug)]
pub(super) struct RoadUser {
    pub class: Class,
    pub score: f32,
    pub shape: Box3d,
}

impl RoadUser {
    /// Car, truck or bus.
    pub(super) fn is_vehicle(&self) -> bool {
        matches!(self.class, Class::Car | Class::Truck | Class::Bus)
    }

    /// A car that is not larger than cars are.
    pub(super) fn is_one_car(&self) -> bool {
        self.class == Class::Car && self.shape.size.length_m < 5.2 && self.shape.size.width_m < 2.2
    }

    /// Whether the other may be a part of this.
    pub(super) fn is_near(&self, other: &Self) -> bool {
        let d = other.shape.centre - self.shape.centre;
        d.x.hypot(d.y) < 6.0_f64.max(self.shape.size.length_m / 2.0 + 0.5)
    }

    /// Whether the other's centre lies in this box.
    pub(super) fn holds(&self, other: &Self) -> bool {
        let (sin, cos) = self.shape.yaw.unwrap_or(0.0).sin_cos();
        let d = other.shape.centre - self.shape.centre;
        let (along, across) = (d.x * cos + d.y * sin, d.y * cos - d.x * sin);
        along.abs() < self.shape.size.length_m / 2.0 + 0.3 && across.abs() < self.shape.size.width_m / 2.0 + 0.3
    }
}

/// Voxels for smoothness.
const VOXEL_M: f32 = 0.5;
/// Points of a car's or a truck's skin lie this near to a plane; leaves do not.
const SMOOTH_M: f32 = 0.075;
/// Typical car, for what cannot be seen of one.
const CAR: (f32, f32) = (4.4, 1.8);

/// Judges one group; `tall` is the share of its footprint under something higher than any vehicle.
pub(super) fn judge(points: &[Raised], tall: f32, scene: Scene) -> Option<RoadUser> {
    let least = if scene == Scene::Foreground { 4 } else { 6 };
    if points.len() < least {
        return None;
    }
    let bottom = points.iter().map(|p| p.height).fold(f32::INFINITY, f32::min);
    let top = points.iter().map(|p| p.height).fold(f32::NEG_INFINITY, f32::max);
    let flat: Vec<[f32; 2]> = points.iter().map(|p| [p.at[0], p.at[1]]).collect();
    let spread = extent(&flat);
    // Crowns of trees hang in the air; walls and rows of houses go on.
    if bottom > 1.4 || top < 0.45 || spread > 27.0 {
        return None;
    }
    let seen = rectangle::fit(&flat)?;
    let class = classify(&seen, top, scene)?;
    if scene == Scene::Everything && !like_a_road_user(points, &seen, class, top, tall) {
        return None;
    }
    let whole = complete(seen, class, (bottom, top));
    let ground = points.iter().map(|p| p.at[2] - p.height).sum::<f32>() / points.len() as f32;
    Some(RoadUser {
        class,
        score: score(class, points.len(), &seen, scene),
        shape: upright(&whole, class, top, ground),
    })
}

fn extent(points: &[[f32; 2]]) -> f32 {
    let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    for p in points {
        for k in 0..2 {
            low[k] = low[k].min(p[k]);
            high[k] = high[k].max(p[k]);
        }
    }
    (high[0] - low[0]).hypot(high[1] - low[1])
}

/// Class by size. What is seen may be a part: one side, or the rear only.
fn classify(r: &Rectangle, top: f32, scene: Scene) -> Option<Class> {
    let (l, w) = (r.length, r.width);
    let unknown = (scene == Scene::Foreground && l < 8.0 && top < 4.5).then_some(Class::Unknown);
    if l < 1.2 && w < 1.1 {
        return if (0.9..2.2).contains(&top) { Some(Class::Pedestrian) } else { unknown };
    }
    if l < 2.2 && w < 0.95 && (0.9..2.2).contains(&top) && !is_car_end(r, top) {
        return Some(Class::Bicycle);
    }
    if l < 6.2 && w < 2.7 && (0.8..2.4).contains(&top) && l > 1.4 {
        return Some(Class::Car);
    }
    // A long low thing is a wall or a guard rail.
    let deep = l.max(2.0) / w.max(0.3) < 40.0;
    if (2.0..4.4).contains(&top) && w < 3.8 && deep {
        return match l {
            l if l < 2.0 => unknown,
            l if (9.5..13.5).contains(&l) && (2.7..3.6).contains(&top) && w > 2.0 => Some(Class::Bus),
            // A semi-trailer with its tractor; among houses anything that long is a wall.
            l if l < 20.0 || (l < 25.0 && scene == Scene::Foreground) => Some(Class::Truck),
            _ => None,
        };
    }
    unknown
}

/// The rear or front of a car, seen along its length: as wide as a car and across the line of sight.
fn is_car_end(r: &Rectangle, top: f32) -> bool {
    let sight = r.centre[1].atan2(r.centre[0]);
    let across = (r.yaw - sight).sin().abs() > 0.8;
    across && (1.4..2.2).contains(&r.length) && top < 1.6
}

/// Among everything: not under a crown, not made of leaves, not a fence, not a sign on a post.
fn like_a_road_user(points: &[Raised], r: &Rectangle, class: Class, top: f32, tall: f32) -> bool {
    let low = points.iter().filter(|p| p.height < 1.6).count() as f32 / points.len() as f32;
    if tall > 0.25 || low < 0.2 || is_along_sight(r) {
        return false;
    }
    // A sensor on a mast sees the roof of what is near, so that a low thing near by is a hedge.
    let near = r.centre[0].hypot(r.centre[1]) < 35.0;
    let size_fits = match class {
        Class::Unknown => false,
        Class::Car => top > if near { 1.15 } else { 1.0 },
        Class::Truck | Class::Bus => r.width > 1.6 && r.width < 3.2,
        _ => true,
    };
    let smooth = match roughness(points) {
        Some(rough) if class.is_vru() => rough < 2.0 * SMOOTH_M,
        Some(rough) => rough < SMOOTH_M,
        // Too few points to tell: a vehicle that near would show more.
        None => points.len() < 40 && top < 2.5,
    };
    size_fits && smooth
}

/// A thin thing along the line of sight: a vehicle there would show its end.
fn is_along_sight(r: &Rectangle) -> bool {
    let sight = r.centre[1].atan2(r.centre[0]);
    r.width < 0.35 && r.length > 1.4 && (r.yaw - sight).cos().abs() > 0.85
}

/// Mean distance of points from the plane through their neighbourhood, metres.
fn roughness(points: &[Raised]) -> Option<f32> {
    let key = |p: &Raised| p.at.map(|v| (v / VOXEL_M).floor() as i32);
    let mut sorted: Vec<&Raised> = points.iter().collect();
    sorted.sort_unstable_by_key(|p| key(p));
    let (mut sum, mut weight) = (0.0, 0.0);
    for voxel in sorted.chunk_by(|a, b| key(a) == key(b)).filter(|v| v.len() >= 8) {
        let n = voxel.len() as f32;
        let mean = voxel.iter().map(|p| Vector3::from(p.at)).sum::<Vector3<f32>>() / n;
        let mut covariance = Matrix3::zeros();
        for p in voxel {
            let d = Vector3::from(p.at) - mean;
            covariance += d * d.transpose();
        }
        let least = (covariance / n).symmetric_eigenvalues().min().max(0.0);
        sum += n * least.sqrt();
        weight += n;
    }
    (weight > 0.0).then(|| sum / weight)
}

/// Adds what is hidden: a car of which only the side or the end is seen goes on behind it, away from the sensor.
///
/// Of a car seen from the end far away, a line on the roof may be all there is beside the end: the car lies before it.
fn complete(r: Rectangle, class: Class, (bottom, top): (f32, f32)) -> Rectangle {
    if class != Class::Car {
        return r;
    }
    let mut whole = r;
    if is_car_end(&r, top) || (r.length < 2.2 && r.width < 1.0) {
        whole.yaw += std::f32::consts::FRAC_PI_2;
        (whole.length, whole.width) = (r.width.max(CAR.0), r.length.max(1.6));
        let grown = if bottom > 1.0 { r.width - whole.length } else { whole.length - r.width };
        return push_away(whole, grown, whole.yaw);
    }
    if r.width < CAR.1 && r.length > 2.2 {
        whole.width = CAR.1;
        whole = push_away(whole, whole.width - r.width, whole.yaw + std::f32::consts::FRAC_PI_2);
    }
    if r.length < CAR.0 - 0.8 {
        whole.length = CAR.0 - 0.4;
        whole = push_away(whole, whole.length - r.length, whole.yaw);
    }
    whole
}

/// Moves the centre so that the side nearest to the sensor stays when an extent along `direction` has grown; the farthest
/// side when `grown` is negative.
fn push_away(mut r: Rectangle, grown: f32, direction: f32) -> Rectangle {
    let (sin, cos) = direction.sin_cos();
    let outward = if r.centre[0] * cos + r.centre[1] * sin < 0.0 { -1.0 } else { 1.0 };
    let shift = outward * grown / 2.0;
    r.centre = [r.centre[0] + shift * cos, r.centre[1] + shift * sin];
    r
}

fn score(class: Class, n: usize, seen: &Rectangle, scene: Scene) -> f32 {
    let evidence = (n as f32 / 60.0).min(1.0);
    let base = match (scene, class) {
        (_, Class::Unknown) => 0.3,
        (Scene::Foreground, _) => 0.65,
        (Scene::Everything, _) => 0.45,
    };
    let whole = class == Class::Car && seen.length > 3.2 && seen.width > 1.3;
    base + 0.2 * evidence + if whole { 0.1 } else { 0.0 }
}

fn upright(r: &Rectangle, class: Class, top: f32, ground: f32) -> Box3d {
    let round = class == Class::Pedestrian || r.length < 1.3 * r.width;
    let yaw = f64::from(r.yaw).rem_euclid(std::f64::consts::PI);
    Box3d {
        centre: Point3::new(f64::from(r.centre[0]), f64::from(r.centre[1]), f64::from(ground + top / 2.0)),
        size: Size {
            length_m: f64::from(r.length.max(0.2)),
            width_m: f64::from(r.width.max(0.2)),
            height_m: f64::from(top),
        },
        yaw: (!round).then_some(yaw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The skin of a box standing on the ground at (x, y), sides and roof, 0.2 m apart.
    fn skin(x: f32, y: f32, (l, w, h): (f32, f32, f32), rough: f32) -> Vec<Raised> {
        let mut points = Vec::new();
        let mut jitter = 7u32;
        let mut shake = || {
            jitter = jitter.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            rough * ((jitter >> 8) as f32 / (1 << 24) as f32 - 0.5)
        };
        let mut add = |a: f32, b: f32, height: f32| {
            let at = [x + a + shake(), y + b + shake(), height - 4.7 + shake()];
            points.push(Raised { at, height: at[2] + 4.7 });
        };
        let steps = |length: f32| (0..=(length / 0.15) as i32).map(|i| i as f32 * 0.15);
        for z in steps(h).skip(2) {
            steps(l).for_each(|a| add(a - l / 2.0, -w / 2.0, z));
            steps(w).for_each(|b| add(-l / 2.0, b - w / 2.0, z));
        }
        for a in steps(l) {
            steps(w).for_each(|b| add(a - l / 2.0, b - w / 2.0, h));
        }
        points
    }

    #[test]
    fn boxes_of_the_size_of_road_users_are_named() {
        for (size, class) in [
            ((4.4, 1.8, 1.5), Class::Car),
            ((0.5, 0.5, 1.7), Class::Pedestrian),
            ((1.8, 0.6, 1.7), Class::Bicycle),
            ((8.0, 2.5, 3.4), Class::Truck),
            ((11.8, 2.5, 3.1), Class::Bus),
            ((16.0, 2.5, 4.0), Class::Truck),
        ] {
            for scene in [Scene::Foreground, Scene::Everything] {
                let user = judge(&skin(20.0, 5.0, size, 0.02), 0.0, scene).unwrap();
                assert_eq!(user.class, class, "{size:?} {scene:?}");
                assert!((user.shape.centre.x - 20.0).abs() < 0.3 && (user.shape.centre.y - 5.0).abs() < 0.3);
            }
        }
    }

    #[test]
    fn walls_leaves_crowns_and_curbs_are_no_road_users() {
        let wall = skin(20.0, 5.0, (30.0, 0.3, 3.0), 0.02);
        let rail = skin(20.0, 5.0, (9.0, 0.3, 0.9), 0.02);
        let curb = skin(20.0, 5.0, (3.0, 0.3, 0.2), 0.02);
        let bush = skin(20.0, 5.0, (2.5, 2.0, 1.4), 0.8);
        let house = skin(20.0, 5.0, (8.0, 8.0, 4.0), 0.02);
        for (name, points) in [("wall", wall), ("rail", rail), ("curb", curb), ("bush", bush), ("house", house)] {
            assert!(judge(&points, 0.0, Scene::Everything).is_none(), "{name}");
        }
        assert!(judge(&skin(20.0, 5.0, (4.4, 1.8, 1.5), 0.02), 0.6, Scene::Everything).is_none(), "under a crown");
        assert!(judge(&[], 0.0, Scene::Foreground).is_none());
    }

    #[test]
    fn the_rear_of_a_car_gets_a_car_behind_it() {
        let rear: Vec<Raised> =
            skin(30.0, 0.0, (4.4, 1.8, 1.4), 0.02).into_iter().filter(|p| p.at[0] < 27.95).collect();
        let user = judge(&rear, 0.0, Scene::Foreground).unwrap();
        assert_eq!(user.class, Class::Car);
        assert!((user.shape.centre.x - 30.0).abs() < 0.4, "{:?}", user.shape);
        assert!(user.shape.size.length_m > 4.0);
        assert!(user.shape.yaw.unwrap().sin().abs() < 0.1, "along the line of sight");
    }
}
