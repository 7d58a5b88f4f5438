//! Lidar clustering on real sweeps, on a scene made with rays, and on hostile clouds.

use std::path::{Path, PathBuf};

use calibration::Timestamp;
use perception::frame::Point;
use perception::source::{self, Opening};
use perception::{Box3d, Class, Detection, Detector, Frame, Payload, PointCloud, SensorId, Shape, detect};

fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no ../shared");
    None
}

fn frame(points: Vec<Point>, seq: u64) -> Frame {
    let tov = Timestamp::from_millis(1_700_000_000_000 + 100 * seq as i64);
    Frame { sensor: SensorId("l".into()), tov, seq, payload: Payload::Cloud(PointCloud { points, beams: None }) }
}

fn read(path: &Path) -> Frame {
    let opening = Opening::recording(SensorId("l".into()), Timestamp::from_millis(0));
    source::lidar_file(path, "vlp16", &opening).unwrap().next().unwrap().unwrap()
}

fn look(detector: &mut dyn Detector, frame: &Frame) -> Vec<(Detection, Box3d)> {
    let list = detector.detect(frame).unwrap().list;
    list.into_iter()
        .map(|d| match d.shape {
            Shape::Space(shape) => (d, shape),
            Shape::Image(_) => panic!("a lidar sees boxes in space"),
        })
        .collect()
}

fn print(what: &str, seen: &[(Detection, Box3d)]) {
    println!("{what}: {} road users", seen.len());
    for (d, b) in seen {
        println!(
            "  {:10} {:.2}  at {:7.2} {:7.2} {:5.2}  {:.2} x {:.2} x {:.2}  yaw {:?}",
            d.class.name(),
            d.score,
            b.centre.x,
            b.centre.y,
            b.centre.z,
            b.size.length_m,
            b.size.width_m,
            b.size.height_m,
            b.yaw.map(|y| y.to_degrees().round())
        );
    }
}

#[test]
fn a_real_sweep_of_an_almost_empty_crossing_gives_few_road_users() {
    let Some(shared) = shared() else { return };
    let frame = read(&shared.join("data/lidar/openv2x_rs32_0.f64.bin"));
    let seen = look(&mut *detect::clustering(), &frame);
    print("openv2x", &seen);
}

#[test]
fn hand_made_foreground_gives_its_cars() {
    let Some(shared) = shared() else { return };
    for name in ["albany_200_fg_gt.bin", "albany_600_fg_gt.bin"] {
        let frame = read(&shared.join("data/lidar").join(name));
        let seen = look(&mut *detect::clustering(), &frame);
        print(name, &seen);
        let text = std::fs::read_to_string(shared.join("data/lidar/expected_lidar_bev_proto.json")).unwrap();
        let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
        for car in expected[name]["isolated_cars"].as_array().unwrap() {
            let (x, y) = (car[0].as_f64().unwrap(), car[1].as_f64().unwrap());
            let near = seen.iter().map(|(_, b)| (b.centre.x - x).hypot(b.centre.y - y)).fold(f64::INFINITY, f64::min);
            println!("  car at {x} {y}: nearest {near:.2} m");
        }
    }
}
