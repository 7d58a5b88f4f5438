//! A lidar with a detector behind it: upright boxes in the sensor's own frame.

use calibration::rig::Mounted;
use nalgebra::{Point3, Vector3};
use perception::free_space::{FreeSpace, RING_M};
use perception::{Box3d, Class, Shape, Size};

use super::{Seen, occlusion::Outlook};
use crate::actor::Body;
use crate::random::Luck;
use crate::scenario::Sensing;

/// Lowest and highest beam, radians above the horizon of the sensor.
const BEAMS: (f64, f64) = (-55.0 * std::f64::consts::PI / 180.0, 10.0 * std::f64::consts::PI / 180.0);
/// One beam step up, radians.
const STEP_UP: f64 = 0.4 * std::f64::consts::PI / 180.0;
/// Solid angle of one beam step, sr: 0.2° across, 0.4° up.
const STEP_SR: f64 = 0.2 * std::f64::consts::PI / 180.0 * STEP_UP;
/// Fewer returns make no cluster.
const MIN_RETURNS: f64 = 5.0;

/// Every body that the lidar can see.
pub(super) fn see(mounted: &Mounted, sensing: &Sensing, bodies: &[Body], luck: &mut Luck) -> Vec<Seen> {
    let eye = Point3::from(mounted.position());
    let sensor_from_enu = mounted.enu_from_sensor.inverse();
    let outlook = Outlook::new(eye, bodies);
    let mut seen = Vec::new();
    for (i, body) in bodies.iter().enumerate() {
        let range = (body.position - eye.coords).norm();
        if range > sensing.range_m {
            continue;
        }
        let (points, all) = outlook.visible(i);
        let in_beams = points.iter().filter(|p| {
            let q = sensor_from_enu * **p;
            (BEAMS.0..BEAMS.1).contains(&q.z.atan2(q.x.hypot(q.y)))
        });
        let share = in_beams.count() as f64 / all as f64;
        let across = 0.7 * (body.size.length_m + body.size.width_m) * body.size.height_m;
        let returns = share * across / (range * range * STEP_SR);
        if share < 0.15 || returns < MIN_RETURNS {
            continue;
        }
        let harder = (0.5 * (1.0 - share) + 0.4 * (1.0 - returns / (4.0 * MIN_RETURNS)).max(0.0)).clamp(0.0, 0.9);
        seen.push(Seen {
            actor: body.id,
            class: body.kind.class(),
            shape: Shape::Space(measured(mounted, sensing, body, share, luck)),
            harder,
        });
    }
    seen
}

/// Where the beams come back from the ground: from the lowest beam as far as two beams hit it within one ring, except where
/// bodies stand and behind them.
pub(super) fn free_space(mounted: &Mounted, sensing: &Sensing, bodies: &[Body]) -> FreeSpace {
    let eye = mounted.position();
    let sensor_from_enu = mounted.enu_from_sensor.inverse();
    let mut free = FreeSpace::default();
    let dense_m = (RING_M * eye.z.max(0.0) / STEP_UP).sqrt();
    free.see_ground_between(eye.z / -BEAMS.0.tan(), dense_m.min(sensing.range_m));
    for body in bodies {
        let place = sensor_from_enu * Point3::from(body.position);
        let (range, radius) = (place.x.hypot(place.y), body.radius());
        let half = if range > radius { (radius / range).asin() } else { std::f64::consts::PI };
        let over = eye.z - body.position.z - body.size.height_m;
        let far = range + radius;
        let hidden = if over > 0.1 { far * (1.0 + body.size.height_m / over) } else { f64::INFINITY };
        free.see_body(place.y.atan2(place.x), half, range - radius, far, hidden);
    }
    free
}

fn measured(mounted: &Mounted, sensing: &Sensing, body: &Body, share: f64, luck: &mut Luck) -> Box3d {
    let sigma = sensing.noise * (1.0 + 2.0 * (1.0 - share));
    let middle = body.position + Vector3::new(0.0, 0.0, 0.5 * body.size.height_m);
    let noise = Vector3::new(luck.normal(sigma), luck.normal(sigma), luck.normal(0.5 * sigma));
    let centre = mounted.enu_from_sensor.inverse() * Point3::from(middle + noise);
    let axis = mounted.enu_from_sensor.rotation.inverse() * Vector3::new(body.yaw.cos(), body.yaw.sin(), 0.0);
    let yaw = axis.y.atan2(axis.x) + luck.normal(0.04);
    let mut scaled = |length: f64| (length + luck.normal(0.5 * sigma)).max(0.2);
    let size = Size {
        length_m: scaled(body.size.length_m),
        width_m: scaled(body.size.width_m),
        height_m: scaled(body.size.height_m),
    };
    Box3d { centre, size, yaw: (body.kind.class() != Class::Pedestrian).then_some(yaw) }
}

/// A detection of nothing.
pub(super) fn clutter(mounted: &Mounted, sensing: &Sensing, luck: &mut Luck) -> Shape {
    let range = sensing.range_m * luck.between(0.01, 1.0).sqrt();
    let bearing = luck.between(-std::f64::consts::PI, std::f64::consts::PI);
    let place = mounted.position() + Vector3::new(range * bearing.cos(), range * bearing.sin(), 0.0);
    let size =
        Size { length_m: luck.between(0.4, 4.0), width_m: luck.between(0.4, 1.8), height_m: luck.between(0.5, 1.8) };
    let centre = mounted.enu_from_sensor.inverse() * Point3::new(place.x, place.y, 0.5 * size.height_m);
    Shape::Space(Box3d { centre, size, yaw: None })
}

#[cfg(test)]
mod tests {
    use calibration::geodesy::{EnuFrame, Wgs84};
    use calibration::ground::Ground;
    use calibration::rig::Rig;
    use perception::{Detection, Detections, SensorId};

    use super::super::tests::mast;
    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    #[test]
    fn a_box_put_on_the_road_by_the_unit_lies_where_the_body_is() {
        let mut mounted = mast(false);
        mounted.enu_from_sensor = calibration::rig::enu_from_lidar_looking(
            Vector3::new(12.0, -9.0, 7.0),
            calibration::geodesy::Heading::from_deg(215.0),
            0.05,
        );
        let truck = body(1, Kind::Truck, -20.0, 15.0, 0.7);
        let mut sensing = Sensing::lidar();
        sensing.noise = 0.0;
        let seen = see(&mounted, &sensing, std::slice::from_ref(&truck), &mut Luck::new(1, "x"));
        let frame = EnuFrame::new(Wgs84 { lat_deg: 31.0, lon_deg: 121.0, alt_m: 0.0 });
        let mut rig = Rig::new(frame, Ground::default());
        rig.sensors.insert("mast".into(), mounted);
        let list = vec![Detection { class: Class::Truck, score: 0.9, shape: seen[0].shape }];
        let detections =
            Detections { sensor: SensorId("mast".into()), tov: calibration::Timestamp::default(), list, free: None };
        let placed = perception::contact::place(&rig, &detections).unwrap();
        assert!((placed[0].position - truck.position).norm() < 0.01, "{placed:?}");
        let (yaw, _) = placed[0].yaw.unwrap();
        assert!((yaw - 0.7).abs() < 0.2, "{yaw}");
    }

    #[test]
    fn few_returns_make_no_detection() {
        let mounted = mast(false);
        let sees = |kind, north| {
            !see(&mounted, &Sensing::lidar(), &[body(1, kind, 0.0, north, 0.0)], &mut Luck::new(1, "x")).is_empty()
        };
        assert!(sees(Kind::Car, 90.0));
        assert!(!sees(Kind::Child, 99.0));
        assert!(!sees(Kind::Car, 120.0));
        assert!(!sees(Kind::Child, 1.0), "below the lowest beam");
    }
}
