//! What the unit hears, and what it makes of odd input.

use super::*;

#[test]
fn what_is_heard_on_air_is_counted() {
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    stage.run(0, 300, &["roof"], |_| Vec::new());
    let rsm = stage.sent().remove(0).1;
    stage.feed(ms(300), Input::Received(rsm.clone()));
    stage.feed(ms(300), Input::Received(rsm[..rsm.len() / 2].to_vec()));
    stage.feed(ms(300), Input::Received(vec![0xff; 40]));
    stage.feed(ms(300), Input::Received(vec![0; limits::HEARD_BYTES + 1]));
    let events = stage.events();
    assert!(events.contains(&Event::Heard { kind: MessageKind::Rsm }));
    assert!(events.contains(&Event::Rejected { reason: "truncated".into() }));
    assert!(events.contains(&Event::Rejected { reason: "too-long".into() }));
    assert_eq!(events.iter().filter(|e| matches!(e, Event::Rejected { .. })).count(), 3);
}

#[test]
fn frames_from_the_future_or_of_yesterday_are_dropped_and_counted() {
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    stage.run(0, 300, &["roof"], |_| Vec::new());
    for (sensor, tov, list) in [
        ("roof", ms(900), Vec::new()),
        ("roof", ms(-86_400_000), Vec::new()),
        ("attic", ms(300), Vec::new()),
        ("roof", ms(299), vec![thing(Class::Car, 0.0, 0.0); limits::DETECTIONS_A_FRAME + 1]),
        ("roof", ms(200), Vec::new()),
    ] {
        stage.feed(ms(300), frame(sensor, tov, list));
    }
    let reasons: Vec<_> = stage
        .events()
        .into_iter()
        .filter_map(|e| match e {
            Event::FrameDropped { reason, .. } => Some(reason),
            _ => None,
        })
        .collect();
    assert_eq!(reasons, ["from-the-future", "late", "unknown-sensor", "too-many", "duplicate"]);
}

#[test]
fn a_clock_that_was_set_back_starts_the_unit_anew() {
    let mut stage = Stage::new(setup(&["roof"], true, PLAN));
    stage.run(0, 3000, &["roof"], one_car);
    let numbers: BTreeSet<u16> = stage.participants().iter().map(|p| p.ptc_id).collect();
    stage.clear();
    stage.feed(ms(-60_000), Input::Tick);
    assert_eq!(stage.words(), ["clock", "sensors"]);
    assert!(
        stage.events().iter().any(|e| matches!(e, Event::ClockSetBack { seconds } if (62.0..63.1).contains(seconds)))
    );
    assert!(stage.sent().is_empty());
    stage.run(-59_000, -56_000, &["roof"], |t| one_car(t + 59_000));
    let again: BTreeSet<u16> = stage.participants().iter().map(|p| p.ptc_id).filter(|id| *id != 0).collect();
    assert!(!again.is_empty() && again.is_disjoint(&numbers), "{again:?} {numbers:?}");
}

#[test]
fn a_unit_that_nobody_reads_stays_bounded() {
    let mut station = Station::new(setup(&["roof"], true, PLAN), start());
    for t in 0..40_000 {
        station.handle(ms(t * 10), good_clock());
        station.handle(ms(t * 10), frame("roof", ms(t * 10), Vec::new()));
    }
    let mut count = 0;
    let mut dropped = false;
    while let Some(output) = station.poll() {
        count += 1;
        dropped |=
            matches!(output, Output::Event(Stamp { event: Event::Dropped { ref queue, .. }, .. }) if queue == "OUTBOX");
    }
    assert_eq!(count, limits::OUTBOX);
    assert!(dropped);
}
