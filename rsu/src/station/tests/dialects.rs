//! A unit says the same in every message set, as far as the set has words for it.

use v2x_msgs::model::{Lane, Map, Rsi, Rsm, Spat, UtcTiming};

use super::*;

/// What a unit with a crossing, signals, a car and a person on the road says within three seconds.
fn said_in(profile: Profile) -> Vec<Message> {
    let mut setup = setup(&["roof"], true, PLAN);
    setup.config.site.dialect = profile;
    let mut stage = Stage::new(setup);
    stage.run(0, 3000, &["roof"], |t| {
        let x = t as f64 * 0.012;
        vec![thing(Class::Car, -60.0 + x, -1.75), thing(Class::Pedestrian, -3.0, 60.0 + t as f64 * 0.001)]
    });
    let refused = stage.events().into_iter().find(|e| matches!(e, Event::NotEncoded { .. }));
    assert_eq!(refused, None, "{profile}");
    let sent = stage.sent();
    assert!(sent.iter().all(|(_, bytes)| bytes.len() <= limits::RADIO_BYTES), "{profile}");
    let kinds = [MessageKind::Rsm, MessageKind::Spat, MessageKind::Map, MessageKind::Rsi];
    let messages: Vec<Message> = kinds.into_iter().flat_map(|kind| stage.said(kind)).collect();
    assert_eq!(messages.len(), sent.len());
    assert!(kinds.iter().all(|kind| messages.iter().any(|m| m.kind() == *kind)), "{profile}");
    messages
}

macro_rules! of {
    ($kind:ident, $messages:expr) => {
        $messages.iter().filter_map(|m| if let Message::$kind(m) = m { Some(m) } else { None }).collect::<Vec<_>>()
    };
}

#[test]
fn the_chinese_sets_carry_the_same_values() {
    let usual = said_in(Profile::Csae53_2020);
    for profile in [Profile::Ydt3709_2020, Profile::Csae157_2020] {
        assert_eq!(said_in(profile), usual, "{profile}");
    }
}

#[test]
fn the_north_american_set_carries_the_same_road_users_signals_roads_and_warnings() {
    let (ours, theirs) = (said_in(Profile::Csae53_2020), said_in(Profile::J2735_2024));
    // Before the first road user is confirmed only T/CSAE 53 has a word for the empty road.
    let seen = |rsm: &&&Rsm| rsm.participants.iter().all(|p| p.ptc_id != Participant::SELF_ID);
    let (users, objects) = (of!(Rsm, ours), of!(Rsm, theirs));
    let users: Vec<&&Rsm> = users.iter().filter(seen).collect();
    assert_eq!((users.len(), users.len() > 20), (objects.len(), true));
    users.iter().zip(&objects).for_each(|(ours, theirs)| same_road_users(ours, theirs));
    let (lights, states) = (of!(Spat, ours), of!(Spat, theirs));
    assert_eq!((lights.len(), lights.len() > 20), (states.len(), true));
    lights.iter().zip(&states).for_each(|(ours, theirs)| same_lights(ours, theirs));
    let (events, frames) = (of!(Rsi, ours), of!(Rsi, theirs));
    assert_eq!((events.len(), events.is_empty()), (frames.len(), false));
    events.iter().zip(&frames).for_each(|(ours, theirs)| same_warnings(ours, theirs));
    let whole = |maps: Vec<&Map>| v2x_msgs::map::merge(&maps.into_iter().cloned().collect::<Vec<_>>());
    same_roads(&whole(of!(Map, ours)), &whole(of!(Map, theirs)));
}

fn same_road_users(ours: &Rsm, theirs: &Rsm) {
    assert_eq!(theirs.utc_time.unwrap().second_ms, theirs.participants[0].sec_mark_ms, "T/CSAE 53 has marks only");
    assert_eq!(ours.participants.len(), theirs.participants.len());
    for (user, object) in ours.participants.iter().zip(&theirs.participants) {
        assert_eq!((user.ptc_id, user.ptc_type), (object.ptc_id, object.ptc_type));
        assert_eq!(user.sec_mark_ms, object.sec_mark_ms);
        assert_eq!((user.speed_mps, user.heading_deg), (object.speed_mps, object.heading_deg));
        let (a, b) = (user.position().unwrap(), object.position().unwrap());
        // Offsets of an SDSM are in steps of 0.1 m.
        assert!((a.lat_deg - b.lat_deg).abs() < 6e-7 && (a.lon_deg - b.lon_deg).abs() < 7e-7, "{a:?} {b:?}");
    }
}

fn same_lights(ours: &Spat, theirs: &Spat) {
    let (a, b) = (&ours.intersections[0], &theirs.intersections[0]);
    assert_eq!((a.intersection_id, a.moy, a.time_stamp_ms), (b.intersection_id, b.moy, b.time_stamp_ms));
    let at_s = f64::from(a.moy.unwrap() % 60) * 60.0 + f64::from(a.time_stamp_ms.unwrap()) / 1000.0;
    assert_eq!(a.phases.len(), b.phases.len());
    for (a, b) in a.phases.iter().zip(&b.phases) {
        assert_eq!((a.id, a.phase_states.len()), (b.id, b.phase_states.len()));
        for (a, b) in a.phase_states.iter().zip(&b.phase_states) {
            assert_eq!(a.light, b.light);
            let Some(Timing::Counting(counting)) = a.timing else { panic!("{a:?}") };
            let Some(Timing::UtcTiming(UtcTiming { likely_end_utc_time_s: Some(mark), .. })) = b.timing else {
                panic!("{b:?}")
            };
            let ends = (at_s + counting.likely_end_time_s.unwrap()).rem_euclid(3600.0);
            assert!((ends - mark).abs() < 0.11, "{ends} {mark}");
        }
    }
}

fn same_warnings(ours: &Rsi, theirs: &Rsi) {
    assert_eq!((ours.id, ours.moy, ours.rtes.len()), (theirs.id, theirs.moy, theirs.rtes.len()));
    for (a, b) in ours.rtes.iter().zip(&theirs.rtes) {
        assert_eq!((a.event_type, a.priority, &a.time_details), (b.event_type, b.priority, &b.time_details));
        assert_eq!((&a.description, a.event_radius_m), (&b.description, b.event_radius_m));
        let (a, b) = (a.event_pos.unwrap(), b.event_pos.unwrap());
        assert!((a.lat_deg - b.lat_deg).abs() < 1e-6 && (a.lon_deg - b.lon_deg).abs() < 1e-6, "{a:?} {b:?}");
    }
}

/// Lanes lie where they lay and obey the same signals; their numbers and nodes are those of the other set.
fn same_roads(ours: &Map, theirs: &Map) {
    assert_eq!(v2x_msgs::map::check(theirs, None), []);
    assert_eq!(ours.nodes[0].id, theirs.nodes[0].id);
    let lanes = |map: &Map| -> Vec<Lane> {
        let links = map.nodes.iter().flat_map(|node| &node.in_links);
        links.flat_map(|link| &link.lanes).cloned().collect()
    };
    let (ours, theirs) = (lanes(ours), lanes(theirs));
    assert_eq!((ours.len(), ours.len() > 20), (theirs.len(), true));
    for lane in &ours {
        let (first, last) = (lane.points[0], lane.points[lane.points.len() - 1]);
        let near = |a: &v2x_msgs::model::Position, b: &v2x_msgs::model::Position| {
            (a.lat_deg - b.lat_deg).abs() < 1e-6 && (a.lon_deg - b.lon_deg).abs() < 1e-6
        };
        let same = theirs.iter().find(|t| near(&t.points[0], &first) && near(&t.points[t.points.len() - 1], &last));
        let same = same.unwrap_or_else(|| panic!("lane {} is missing", lane.lane_id));
        let phases = |lane: &Lane| lane.connects_to.iter().map(|c| c.phase_id).collect::<BTreeSet<_>>();
        assert_eq!((lane.lane_width_m, phases(lane)), (same.lane_width_m, phases(same)));
    }
}

#[test]
fn an_empty_road_is_silence_where_a_message_needs_an_object() {
    let mut setup = setup(&["roof"], true, PLAN);
    setup.config.site.dialect = Profile::J2735_2024;
    let mut stage = Stage::new(setup);
    stage.run(0, 2000, &["roof"], |_| Vec::new());
    assert!(stage.said(MessageKind::Rsm).is_empty());
    assert!(stage.said(MessageKind::Spat).len() > 15, "the unit speaks all the same");
    assert!(!stage.events().iter().any(|e| matches!(e, Event::NotEncoded { .. })));
}

#[test]
fn a_unit_hears_messages_of_its_own_set() {
    let bsm = v2x_msgs::model::Bsm { speed_mps: Some(5.0), ..Default::default() };
    let bsm = Message::Bsm(bsm.at(v2x_msgs::model::Position::with_elevation(31.284, 121.503, 4.0)));
    for profile in Profile::ALL {
        let mut setup = setup(&["roof"], false, "");
        setup.config.site.dialect = profile;
        let mut stage = Stage::new(setup);
        stage.feed(ms(0), Input::Received(v2x_msgs::encode(&bsm, profile).unwrap()));
        assert!(stage.events().contains(&Event::Heard { kind: MessageKind::Bsm }), "{profile}");
    }
}
