//! When the unit is silent, and why.

use super::*;

#[test]
fn a_unit_that_knows_nothing_yet_is_silent_and_says_why() {
    let mut stage = Stage::new(setup(&["roof"], true, PLAN));
    stage.feed(ms(0), Input::Tick);
    assert_eq!(stage.words(), ["clock", "sensors"]);
    stage.feed(ms(1), good_clock());
    assert_eq!(stage.words(), ["sensors"]);
    assert!(stage.sent().is_empty());
    stage.feed(ms(30), frame("roof", ms(10), Vec::new()));
    assert!(stage.words().is_empty());
    let kinds: BTreeSet<_> = stage.sent().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [MessageKind::Rsm, MessageKind::Spat, MessageKind::Map].into());
    let fitness: Vec<_> = stage.events().into_iter().filter(|e| matches!(e, Event::Fitness { .. })).collect();
    assert_eq!(fitness.len(), 3, "one a change: {fitness:?}");
}

#[test]
fn a_lost_clock_silences_the_unit() {
    let off = |synchronised, offset_ms| Input::Clock(ClockState { synchronised, offset_ms });
    for lost in [off(false, 0.0), off(true, 5.1), off(true, -7.0), off(true, f64::NAN), off(true, f64::INFINITY)] {
        let mut stage = Stage::new(setup(&["roof"], true, PLAN));
        stage.run(0, 1500, &["roof"], one_car);
        assert!(!stage.sent().is_empty());
        stage.clear();
        stage.feed(ms(1500), lost.clone());
        assert_eq!(stage.words(), ["clock"], "{lost:?}");
        for t in 1501..1990 {
            stage.feed(ms(t), Input::Tick);
            stage.feed(ms(t), frame("roof", ms(t - 1), one_car(t)));
        }
        assert!(stage.out.iter().all(|o| matches!(o, Output::Event(_))), "nothing is sent or shared");
        stage.clear();
        stage.run(2000, 2200, &["roof"], one_car);
        assert!(stage.words().is_empty() && !stage.sent().is_empty(), "healed");
    }
}

#[test]
fn a_clock_of_which_nothing_is_heard_any_more_silences_the_unit() {
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    stage.feed(ms(0), good_clock());
    for t in (0..10_900).step_by(100) {
        stage.feed(ms(t + 20), frame("roof", ms(t), Vec::new()));
    }
    assert_eq!(stage.words(), ["clock"]);
}

#[test]
fn a_missing_calibration_silences_the_unit() {
    let mut setup = setup(&["roof", "mast"], true, PLAN);
    setup.rig.sensors.remove("mast");
    let mut stage = Stage::new(setup);
    stage.run(0, 2000, &["roof", "mast"], one_car);
    assert_eq!(stage.station.world().unfit[0].word(), "pose");
    assert!(stage.station.world().unfit[0].to_string().contains("mast"));
    assert!(stage.sent().is_empty());
    assert!(
        stage.events().iter().any(|e| matches!(e, Event::FrameDropped { reason, .. } if reason == "no-calibration"))
    );
}

#[test]
fn a_frozen_camera_silences_the_unit() {
    let mut setup = setup(&[], true, &format!("[[camera]]\nid = \"east\"\nurl = \"sim:\"\n{PLAN}"));
    setup.rig.sensors.insert("east".into(), mounted(Vector3::new(0.0, 0.0, HEIGHT_M)));
    let mut stage = Stage::new(setup);
    let fault = |text: Option<&str>| Input::Sensor { sensor: SensorId("east".into()), fault: text.map(String::from) };
    stage.run(0, 1000, &["east"], |_| Vec::new());
    assert!(!stage.sent().is_empty());
    stage.clear();
    stage.feed(ms(1000), fault(Some("picture frozen")));
    assert_eq!(stage.words(), ["sensors"]);
    assert!(stage.station.world().unfit[0].to_string().contains("east: picture frozen"));
    stage.run(1001, 2500, &["east"], |_| Vec::new());
    assert!(stage.sent().is_empty(), "frames of a frozen camera are no news");
    stage.feed(ms(2500), fault(None));
    stage.run(2501, 2700, &["east"], |_| Vec::new());
    assert!(!stage.sent().is_empty());
}

#[test]
fn a_sensor_without_frames_silences_the_unit_and_one_of_two_only_shows() {
    let mut stage = Stage::new(setup(&["roof", "mast"], false, ""));
    stage.run(0, 1000, &["roof", "mast"], one_car);
    stage.run(1000, 3000, &["roof"], one_car);
    assert!(stage.words().is_empty());
    let faults: Vec<_> = stage.station.world().sensors.iter().filter(|s| s.fault.is_some()).map(|s| &s.id.0).collect();
    assert_eq!(faults, ["mast"]);
    let rates: Vec<_> = stage.station.world().sensors.iter().map(|s| s.rate_hz.round()).collect();
    assert_eq!(rates, [0.0, 10.0]);
    stage.run(3000, 4200, &[], one_car);
    assert_eq!(stage.words(), ["sensors"]);
}
