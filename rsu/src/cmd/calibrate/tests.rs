//! The whole command, on a survey made from a known camera.

use calibration::geodesy::Heading;
use calibration::rig::enu_from_camera_looking;
use nalgebra::{Vector2, Vector3};

use super::*;

const LENS: &str = "[camera]\nwidth = 1920\nheight = 1080\nfx = 1400.0\nfy = 1400.0\ncx = 959.5\ncy = 539.5\n";

/// A folder with a lens and a survey of twelve points seen from an 8 m pole; `blunder` is picked 60 px off.
fn site(blunder: Option<usize>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let lens: toml::Table = LENS.parse().unwrap();
    let camera = lens["camera"].clone().try_into::<CameraTable>().unwrap().camera().unwrap();
    let pose = enu_from_camera_looking(Vector3::new(1.0, -2.0, 8.0), Heading::from_deg(30.0), 0.17);
    let mut survey = String::from("id,u_px,v_px,east_m,north_m,up_m\n");
    for i in 0..12usize {
        let (far, side) = (16.0 + 6.0 * i as f64, [-0.3, 0.25, 0.02][i % 3]);
        let (sin, cos) = (30f64.to_radians() + side).sin_cos();
        let place = Vector3::new(1.0 + far * sin, -2.0 + far * cos, 0.05 * (i % 4) as f64);
        let mut pixel = camera.project(&pose.inverse_transform_point(&place.into()).coords).unwrap();
        if Some(i) == blunder {
            pixel += Vector2::new(60.0, 0.0);
        }
        survey.push_str(&format!("p{i},{:.2},{:.2},{:.3},{:.3},{:.3}\n", pixel.x, pixel.y, place.x, place.y, place.z));
    }
    std::fs::write(folder.path().join("survey.csv"), survey).unwrap();
    std::fs::write(folder.path().join("lens.toml"), LENS).unwrap();
    folder
}

fn calibrate(folder: &Path, more: impl FnOnce(&mut ExtrinsicsArgs)) -> anyhow::Result<report::Report> {
    let mut args = ExtrinsicsArgs {
        camera: "north".into(),
        points: folder.join("survey.csv"),
        intrinsics: Some(folder.join("lens.toml")),
        origin: None,
        output: Some(folder.join("calib/north.toml")),
    };
    more(&mut args);
    extrinsics(args, &folder.join("rsu.toml"))
}

#[test]
fn a_survey_becomes_a_calibration_file_that_a_rig_takes() {
    let folder = site(None);
    let report = calibrate(folder.path(), |_| {}).unwrap();
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    let file = CalibrationFile::read(&folder.path().join("calib/north.toml")).unwrap();
    let [east, north, up] = file.pose.translation_m;
    assert!((Vector3::new(east, north, up) - Vector3::new(1.0, -2.0, 8.0)).norm() < 0.02, "{:?}", file.pose);
    assert_eq!((file.method.as_str(), file.child.as_str()), ("survey-points", "north"));
    assert!(file.input_hash.as_ref().unwrap().starts_with("sha256:"));
    assert_eq!(file.residuals.as_ref().unwrap().used, 12);
    let mut rig = calibration::rig::Rig::new(
        EnuFrame::new(Wgs84 { lat_deg: 31.0, lon_deg: 121.0, alt_m: 0.0 }),
        calibration::ground::Ground::default(),
    );
    rig.add("north", &file).unwrap();
}

#[test]
fn an_old_file_is_kept_beside_the_new_one() {
    let folder = site(None);
    for _ in 0..3 {
        calibrate(folder.path(), |_| {}).unwrap();
    }
    std::fs::write(folder.path().join("calib/north.toml"), "not a calibration").unwrap();
    calibrate(folder.path(), |_| {}).unwrap();
    let mut names: Vec<String> = std::fs::read_dir(folder.path().join("calib"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let today = clock::now().to_string()[..10].to_owned();
    let want =
        [format!("north.{today}-2.toml"), format!("north.{today}.toml"), "north.old.toml".into(), "north.toml".into()];
    assert_eq!(names, want);
    assert_eq!(std::fs::read_to_string(folder.path().join("calib/north.old.toml")).unwrap(), "not a calibration");
}

#[test]
fn a_blunder_is_set_aside_and_told() {
    let folder = site(Some(4));
    let report = calibrate(folder.path(), |_| {}).unwrap();
    assert!(report.warnings[0].contains("p4"), "{:?}", report.warnings);
    let file = CalibrationFile::read(&folder.path().join("calib/north.toml")).unwrap();
    assert_eq!(file.residuals.unwrap().used, 11);
    let text = report.text();
    assert!(text.lines().nth(1).unwrap().starts_with("p4 ") && text.contains("SET ASIDE"), "{text}");
    assert!(text.contains("At 60 m a place on the road is good to"), "{text}");
}

#[test]
fn lens_and_origin_come_from_the_configuration() {
    let folder = site(None);
    let config = "[site]\nid = \"x01\"\norigin = { lat_deg = 31.2, lon_deg = 121.5, alt_m = 4.0 }\n\
                  [[camera]]\nid = \"north\"\nurl = \"sim:\"\ncalibration = \"lens.toml\"\n";
    std::fs::write(folder.path().join("rsu.toml"), config).unwrap();
    calibrate(folder.path(), |args| args.intrinsics = None).unwrap();
    let file = CalibrationFile::read(&folder.path().join("calib/north.toml")).unwrap();
    assert_eq!(file.origin.unwrap().lat_deg, 31.2);
    let error = calibrate(folder.path(), |args| {
        args.intrinsics = None;
        args.camera = "south".into();
    });
    let error = error.err().unwrap().downcast::<Exit>().unwrap();
    assert!(error.help.unwrap().contains("--intrinsics"));
}

#[test]
fn a_survey_that_determines_nothing_is_refused_and_nothing_is_written() {
    let folder = site(None);
    let text = std::fs::read_to_string(folder.path().join("survey.csv")).unwrap();
    let three: Vec<&str> = text.lines().take(4).collect();
    std::fs::write(folder.path().join("survey.csv"), three.join("\n")).unwrap();
    let error = calibrate(folder.path(), |_| {}).err().unwrap().downcast::<Exit>().unwrap();
    assert_eq!(error.code, cmd::FAILED);
    assert!(error.help.as_ref().unwrap().contains("at least 4"), "{error:?}");
    assert!(!folder.path().join("calib").exists());
    std::fs::write(folder.path().join("survey.csv"), text.replace("p3,", "p3,left of ")).unwrap();
    let error = calibrate(folder.path(), |_| {}).err().unwrap().to_string();
    assert!(error.contains("survey.csv:5:4"), "{error}");
    assert!(calibrate(folder.path(), |args| args.points = "/nowhere.csv".into()).is_err());
}

#[test]
fn an_origin_is_three_numbers_on_earth() {
    assert_eq!(origin("31.284156,121.503210,4.2").unwrap().lon_deg, 121.50321);
    assert!(origin("-31.2, -58.1, 10").is_ok());
    for text in ["", "31.2,121.5", "121.5,31.2,4", "a,b,c", "1,2,3,4"] {
        assert!(origin(text).is_err(), "{text}");
    }
    assert!(name("north-2").is_ok() && name("North").is_err() && name("../x").is_err() && name("").is_err());
}
