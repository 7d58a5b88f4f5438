//! What is written is read back; what is wrong is refused at its line.

use super::*;
use crate::geodesy::Heading;
use crate::ground::Ground;
use crate::rig::{Rig, enu_from_camera_looking};
use nalgebra::{Vector2, Vector3};

fn mounted() -> Mounted {
    let camera =
        Camera::new((1920, 1080), (1400.0, 1402.0), (959.5, 530.0), Lens::BrownConrady([-0.3, 0.1, 1e-4, 0.0, -0.01]));
    let spread = Matrix6::from_fn(|r, c| if r == c { 1e-4 * (r + 1) as f64 } else { 1e-6 });
    Mounted {
        enu_from_sensor: enu_from_camera_looking(Vector3::new(-3.0, 12.5, 8.1), Heading::from_deg(200.0), 0.2),
        covariance: spread,
        camera: Some(camera.unwrap()),
    }
}

fn file() -> CalibrationFile {
    let mut file = CalibrationFile::new("north", "hand", &mounted());
    file.date = "2026-03-01T12:00:00Z".into();
    file.input_hash = Some("sha256:00ff".into());
    file.origin = Some(Wgs84 { lat_deg: 31.284156, lon_deg: 121.50321, alt_m: 4.2 });
    file.residuals = Some(Residuals { points: 9, used: 8, rms_px: 0.7, leave_one_out_px: Some(1.1), max_px: 1.5 });
    file
}

#[test]
fn what_is_written_is_read_back() {
    let text = file().to_toml();
    let back = CalibrationFile::parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(back, file(), "{text}");
    let found = back.mounted(&EnuFrame::new(file().origin.unwrap())).unwrap();
    assert!((found.enu_from_sensor.inverse() * mounted().enu_from_sensor).translation.vector.norm() < 1e-9);
    assert_eq!(found.camera, mounted().camera);
    assert!((found.covariance - mounted().covariance).norm() < 1e-15);
}

#[test]
fn a_file_made_at_another_origin_is_carried_over() {
    let made = EnuFrame::new(file().origin.unwrap());
    let used = EnuFrame::new(Wgs84 { lat_deg: 31.2851, lon_deg: 121.5040, alt_m: 2.0 });
    let (here, there) = (file().mounted(&made).unwrap(), file().mounted(&used).unwrap());
    let place = Vector3::new(-6.0, -10.0, 0.2);
    let same_place = used.enu_from_wgs84(made.wgs84_from_enu(place));
    let apart = here.project(&place).unwrap() - there.project(&same_place).unwrap();
    assert!(apart.norm() < 1e-5, "{apart}");
}

#[test]
fn a_rig_takes_the_file_of_the_right_sensor_only() {
    let frame = EnuFrame::new(file().origin.unwrap());
    let mut rig = Rig::new(frame, Ground::default());
    rig.add("north", &file()).unwrap();
    let pixel = rig.sensors["north"].project(&Vector3::new(-6.0, -10.0, 0.0)).unwrap();
    let point = rig.sensors["north"].ground_point(&rig.ground, &pixel, &nalgebra::Matrix2::identity()).unwrap();
    assert!((point.position - Vector3::new(-6.0, -10.0, 0.0)).norm() < 1e-6);
    let error = rig.add("south", &file()).unwrap_err().to_string();
    assert!(error.contains("north") && error.contains("south"), "{error}");
    let lidar = Mounted { camera: None, ..mounted() };
    rig.add("mast", &CalibrationFile::new("mast", "hand", &lidar)).unwrap();
    assert!(rig.sensors["mast"].ground_point(&rig.ground, &Vector2::zeros(), &nalgebra::Matrix2::zeros()).is_err());
}

/// Replaces one line of a good file and expects the complaint at that line to say `word`.
fn refused(old: &str, new: &str, word: &str) {
    let text = file().to_toml();
    let wrong = text.replacen(old, new, 1);
    assert_ne!(text, wrong, "`{old}` is not in the file:\n{text}");
    let error = CalibrationFile::parse(&wrong).expect_err(new);
    let said = error.to_string();
    assert!(said.contains(word), "`{new}`: {said}");
    assert!(error.line.is_some() && error.column.is_some(), "`{new}` has no place: {error:?}");
    let line = wrong.lines().nth(error.line.unwrap() - 1).unwrap();
    assert!(line.contains(new.split(['=', '\n']).next().unwrap().trim()), "`{new}` is blamed on `{line}`");
}

#[test]
fn every_wrong_number_is_refused_at_its_line() {
    refused("fx = 1400.0", "fx = -1400.0", "focal length");
    refused("fx = 1400.0", "fx = nan", "focal length");
    refused("cy = 530.0", "cy = 53000.0", "principal point");
    refused("width  = 1920", "width = 0", "picture");
    refused("lens = \"brown-conrady\"", "lens = \"magic\"", "magic");
    refused("cx = 959.5", "fancy = 1\ncx = 959.5", "unknown field");
    refused("lat_deg = 31.284156", "lat_deg = 131.284156", "latitude");
    refused("schema        = \"rsu.calibration/1\"", "schema = \"rsu.calibration/9\"", "rsu.calibration/1");
    refused("parent        = \"enu\"", "parent = \"car\"", "enu");
}

#[test]
fn rotations_and_covariances_that_are_none_are_refused() {
    let wrong = |change: &dyn Fn(&mut CalibrationFile)| {
        let mut file = file();
        change(&mut file);
        CalibrationFile::parse(&file.to_toml()).expect_err("must be refused").to_string()
    };
    assert!(wrong(&|f| f.pose.rotation_wxyz = [1.0, 1.0, 0.0, 0.0]).contains("length 1.4142"));
    assert!(wrong(&|f| f.pose.rotation_wxyz = [f64::NAN, 0.0, 0.0, 0.0]).contains("rotation_wxyz"));
    assert!(wrong(&|f| f.pose.rotation_wxyz = [0.0; 4]).contains("unit quaternion"));
    assert!(wrong(&|f| f.pose.translation_m[1] = f64::INFINITY).contains("translation_m"));
    assert!(wrong(&|f| f.pose.covariance.as_mut().unwrap()[2][2] = -1e-4).contains("negative variance"));
    assert!(wrong(&|f| f.pose.covariance.as_mut().unwrap()[0][1] = 0.5).contains("symmetric"));
    assert!(
        wrong(&|f| {
            let rows = f.pose.covariance.as_mut().unwrap();
            (rows[0][1], rows[1][0]) = (1.0, 1.0);
        })
        .contains("positive")
    );
    assert!(wrong(&|f| f.pose.covariance.as_mut().unwrap()[4][4] = f64::NAN).contains("not a number"));
    assert!(wrong(&|f| f.pose.covariance = None).contains("how well it is known"));
    assert!(wrong(&|f| f.pose.sigma = Some(Sigma { position_m: 0.1, rotation_deg: 0.1 })).contains("both"));
    assert!(wrong(&|f| f.camera.as_mut().unwrap().coefficients.truncate(3)).contains("has 3 coefficients"));
}

#[test]
fn rubbish_is_an_error_with_a_place() {
    for text in ["", "schema = ", "\u{0}\u{1}", "[pose", "schema = 3\n", "pose = []"] {
        assert!(CalibrationFile::parse(text).is_err(), "{text:?}");
    }
    let error = CalibrationFile::parse("schema = \"rsu.calibration/1\"\nparent = 3\n").unwrap_err();
    assert_eq!((error.line, error.column), (Some(2), Some(10)), "{error:?}");
    assert!(
        CalibrationFile::read(Path::new("/nowhere/calib.toml")).unwrap_err().to_string().contains("cannot be read")
    );
}
