//! What the unit says.

use super::*;

#[test]
fn same_inputs_same_bytes() {
    let run = || {
        let mut stage = Stage::new(setup(&["roof", "mast"], true, PLAN));
        stage.run(0, 5000, &["roof", "mast"], |t| {
            let x = t as f64 * 0.012;
            vec![
                thing(Class::Car, -40.0 + x, -1.75),
                thing(Class::Pedestrian, 3.0, 20.0 - x * 0.1),
                thing(Class::Car, 1.75, x),
            ]
        });
        stage.out
    };
    let (a, b) = (run(), run());
    assert!(a.len() > 100);
    assert_eq!(a, b);
}

#[test]
fn an_rsm_says_what_the_world_knows() {
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    stage.run(0, 2000, &["roof"], |t| {
        vec![thing(Class::Car, -40.0 + t as f64 * 0.012, -1.75), thing(Class::Pedestrian, 9.0, 20.0)]
    });
    stage.clear();
    stage.feed(
        ms(2020),
        frame("roof", ms(2000), vec![thing(Class::Car, -16.0, -1.75), thing(Class::Pedestrian, 9.0, 20.0)]),
    );
    let world = stage.station.world().clone();
    let participants = stage.participants();
    assert_eq!((world.tracks.len(), participants.len()), (2, 2));
    let enu = EnuFrame::new(Wgs84 { lat_deg: 31.284, lon_deg: 121.503, alt_m: 4.0 });
    for (track, participant) in world.tracks.iter().zip(&participants) {
        let place = participant.position().unwrap();
        let place = Wgs84 { lat_deg: place.lat_deg, lon_deg: place.lon_deg, alt_m: place.elevation_m.unwrap() };
        assert!((enu.enu_from_wgs84(place) - track.position).xy().norm() < 0.02, "1e-7 degrees");
        assert!((participant.speed_mps.unwrap() - track.speed_mps()).abs() <= 0.011);
        assert_eq!(participant.sec_mark_ms, Some(2020), "the state is that of the send time");
        let sigma = track.covariance[(0, 0)].max(track.covariance[(1, 1)]).sqrt();
        assert!(participant.pos_confidence.pos_m.unwrap() >= sigma);
        assert!((participant.size.length_m.unwrap() - track.size.length_m).abs() <= 0.011);
    }
    let car = world.tracks.iter().position(|t| t.class == Class::Car).unwrap();
    assert!((world.tracks[car].position.x - (-16.0 + 0.24)).abs() < 0.3, "predicted over its age");
    assert!((participants[car].heading_deg.unwrap() - 90.0).abs() < 3.0);
    let Output::Send(frame) = stage.out.iter().find(|o| matches!(o, Output::Send(_))).unwrap() else { unreachable!() };
    assert_eq!(frame.tov, Some(ms(2000)));
    let age = |e: &Event| matches!(e, Event::Sent { kind: MessageKind::Rsm, age_ms: Some(age), items: 2, .. } if *age == 20.0);
    assert!(stage.events().iter().any(age));
}

#[test]
fn an_empty_road_is_said_with_the_unit_itself() {
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    stage.run(0, 1000, &["roof"], |_| Vec::new());
    let participants = stage.participants();
    assert!((8..=11).contains(&participants.len()), "{}", participants.len());
    assert!(participants.iter().all(|p| p.ptc_id == 0));
}

#[test]
fn a_crowd_is_split_and_every_participant_keeps_its_number() {
    let crowd =
        |_| (0..40).map(|i| thing(Class::Pedestrian, f64::from(i % 8) * 4.0, f64::from(i / 8) * 4.0 + 20.0)).collect();
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    stage.run(0, 3000, &["roof"], crowd);
    let mut places: BTreeMap<u16, Vec<(f64, f64)>> = BTreeMap::new();
    let mut counts = Vec::new();
    for message in stage.said(MessageKind::Rsm) {
        let Message::Rsm(rsm) = message else { unreachable!() };
        assert!(rsm.participants.len() <= 16);
        counts.push(rsm.msg_cnt);
        for p in rsm.participants.iter().filter(|p| p.ptc_id != 0) {
            places.entry(p.ptc_id).or_default().push((p.lat_deg.unwrap(), p.lon_deg.unwrap()));
        }
    }
    assert_eq!(places.len(), 40);
    for seen in places.values() {
        let near = |p: &(f64, f64)| (p.0 - seen[0].0).abs() < 1e-5 && (p.1 - seen[0].1).abs() < 1e-5;
        assert!(seen.len() > 20 && seen.iter().all(near));
    }
    assert!(counts.windows(2).all(|w| w[1] == (w[0] + 1) % 128), "{counts:?}");
}

#[test]
fn every_message_decodes_and_rates_are_kept() {
    let mut stage = Stage::new(setup(&["roof", "mast"], true, PLAN));
    stage.run(0, 10_000, &["roof", "mast"], |t| vec![thing(Class::Pedestrian, -3.0, 60.0 + t as f64 * 0.001)]);
    let mut counts = BTreeMap::new();
    for (kind, bytes) in stage.sent() {
        let message = v2x_msgs::decode(&bytes, Profile::Csae53_2020).unwrap();
        assert_eq!(message.kind(), kind);
        *counts.entry(kind).or_insert(0) += 1;
    }
    assert!((98..=101).contains(&counts[&MessageKind::Rsm]), "{counts:?}");
    assert!((98..=101).contains(&counts[&MessageKind::Spat]), "{counts:?}");
    assert!((9..=11).contains(&counts[&MessageKind::Map]), "{counts:?}");
    assert!((8..=11).contains(&counts[&MessageKind::Rsi]), "{counts:?}");
}

#[test]
fn spat_follows_the_plan_across_midnight() {
    let midnight: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
    let from = midnight.offset_secs(-30.0);
    let mut station = Station::new(setup(&["roof"], true, PLAN), from);
    let plan = Signals::new(&station.setup().config.signal, None);
    let mut seen = 0;
    for tick in 0..600 {
        let now = from.offset_secs(f64::from(tick) * 0.1);
        station.handle(now, good_clock());
        station.handle(now, frame("roof", now, Vec::new()));
        while let Some(output) = station.poll() {
            let Output::Send(frame) = output else { continue };
            let Ok(Message::Spat(spat)) = v2x_msgs::decode(&frame.bytes, Profile::Csae53_2020) else { continue };
            let sent = spat.time_stamp_ms.unwrap();
            assert_eq!(i64::from(sent), now.as_millis().rem_euclid(60_000));
            for phase in &spat.intersections[0].phases {
                // What is foretold for half a second later must then be what the plan shows.
                let then = |s: f64| plan.at(now.offset_secs(s)).into_iter().find(|g| g.id == phase.id).unwrap().light;
                for state in &phase.phase_states {
                    let Some(Timing::Counting(c)) = state.timing else { panic!("a plan knows its times") };
                    let middle = (c.start_time_s.unwrap() + c.likely_end_time_s.unwrap()) / 2.0;
                    assert_eq!(format!("{:?}", state.light), format!("{:?}", then(middle)), "{now} group {}", phase.id);
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 1000, "{seen}");
}

#[test]
fn a_controller_is_believed_while_it_speaks() {
    let mut stage = Stage::new(setup(&["roof"], true, PLAN));
    stage.run(0, 500, &["roof"], |_| Vec::new());
    let groups = vec![SignalGroup { id: 9, light: Light::FlashingYellow, until: None, next: Vec::new() }];
    stage.feed(ms(500), Input::Signal(SignalState { tov: ms(500), groups: groups.clone() }));
    assert_eq!(stage.station.world().signals, groups);
    stage.run(501, 5000, &["roof"], |_| Vec::new());
    assert_eq!(stage.station.world().signals.len(), 2, "the plan again");
    stage.feed(ms(5000), Input::Signal(SignalState { tov: ms(0), groups }));
    assert!(stage.events().contains(&Event::Rejected { reason: "stale".into() }));
}

#[test]
fn crossing_greens_are_never_told_and_the_controller_is_believed_again_when_it_speaks_sense() {
    let mut stage = Stage::new(setup(&["roof"], true, PLAN));
    stage.run(0, 1000, &["roof"], |_| Vec::new());
    let group = |id: u8, light: Light| SignalGroup { id, light, until: None, next: Vec::new() };
    let say = |stage: &mut Stage, t: i64, groups: &[SignalGroup]| {
        stage.feed(ms(t), Input::Signal(SignalState { tov: ms(t), groups: groups.to_vec() }));
    };
    // 1 is north-south and 3 east-west.
    stage.clear();
    say(&mut stage, 1000, &[group(1, Light::ProtectedGreen), group(3, Light::PermissiveGreen), group(6, Light::Red)]);
    stage.run(1001, 2000, &["roof"], |_| Vec::new());
    assert!(stage.events().contains(&Event::Rejected { reason: "conflicting-greens".into() }));
    assert!(stage.station.world().signals.iter().all(|group| group.light == Light::Unknown));
    let told = stage.said(MessageKind::Spat);
    assert!(told.len() > 5, "it goes on speaking, and says that it does not know");
    for message in told {
        let Message::Spat(spat) = message else { unreachable!() };
        let state = &spat.intersections[0];
        assert!(state.status.contains(&v2x_msgs::model::flags::IntersectionStatus::FailureMode));
        let lights = state.phases.iter().flat_map(|phase| &phase.phase_states).map(|state| state.light);
        assert!(lights.into_iter().all(|light| light == v2x_msgs::model::Light::Unavailable));
    }
    let sense = [group(1, Light::ProtectedGreen), group(3, Light::Red)];
    say(&mut stage, 2000, &sense);
    assert_eq!(stage.station.world().signals, sense);
    // A green that is foretold to begin before the other one ends contradicts it when it comes.
    let until = |mut g: SignalGroup, t: i64, next: Light| {
        (g.until, g.next) = (Some(ms(t)), vec![(next, 9.0)]);
        g
    };
    let sense = [
        until(group(1, Light::ProtectedGreen), 4000, Light::Red),
        until(group(3, Light::Red), 3000, Light::ProtectedGreen),
    ];
    say(&mut stage, 2500, &sense);
    stage.run(2501, 3500, &["roof"], |_| Vec::new());
    assert_eq!(stage.station.world().light(1), Light::Unknown);
    stage.run(3500, 4200, &["roof"], |_| Vec::new());
    assert_eq!(stage.station.world().light(3), Light::ProtectedGreen);
}
