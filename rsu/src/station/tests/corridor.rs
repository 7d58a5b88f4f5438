//! Several units beside one another.

use super::*;

/// Three units 60 m apart along a road, each with its own origin, joined as zenoh joins them. Each sees 35 m to both sides:
/// 10 m of overlap. One car drives through all of them.
#[test]
fn one_vehicle_three_units_one_key() {
    for (reach, speed) in [(35.0, 15.0), (32.0, 22.0), (27.0, 12.0)] {
        let world = EnuFrame::new(Wgs84 { lat_deg: 31.284, lon_deg: 121.503, alt_m: 4.0 });
        let mut units: Vec<(f64, Stage)> = (0..3)
            .map(|k| {
                let x = f64::from(k) * 60.0;
                let mut setup = setup(&["roof"], false, "");
                let origin = world.wgs84_from_enu(Vector3::new(x, 0.0, 0.0));
                setup.config.site.id = UnitId(format!("x0{}", k + 1));
                setup.rig.frame = EnuFrame::new(origin);
                setup.config.tracking.region_m = 40.0;
                (x, Stage::new(setup))
            })
            .collect();
        let mut keys: BTreeMap<usize, BTreeSet<TrackKey>> = BTreeMap::new();
        let end_ms = (200.0 / speed * 1000.0) as i64;
        for t in 0..end_ms {
            let car = -30.0 + speed * (t - 20) as f64 * 1e-3;
            for (k, (x, stage)) in units.iter_mut().enumerate() {
                let see = |_: i64| {
                    let seen = (car - *x).abs() < reach;
                    if seen { vec![thing(Class::Car, car - *x, -1.75)] } else { Vec::new() }
                };
                // Units do not look at the same instant.
                if t % 100 == 20 + k as i64 * 30 {
                    stage.feed(ms(t), frame("roof", ms(t - 20), see(t)));
                }
                if t % 1000 == 0 {
                    stage.feed(ms(t), good_clock());
                }
                if stage.station.next_due() <= ms(t) {
                    stage.feed(ms(t), Input::Tick);
                }
                let tracks = stage.station.world().tracks.iter().map(|t| t.key.clone());
                keys.entry(k).or_default().extend(tracks);
            }
            for k in 0..3 {
                let shares: Vec<BorderTracks> = units[k]
                    .1
                    .out
                    .iter()
                    .filter_map(|o| match o {
                        Output::Share(tracks) => Some(tracks.clone()),
                        _ => None,
                    })
                    .collect();
                units[k].1.clear_shares();
                for share in shares {
                    for (other, (_, stage)) in units.iter_mut().enumerate() {
                        if other != k {
                            stage.feed(ms(t + 1), Input::Neighbour(share.clone()));
                        }
                    }
                }
            }
        }
        let first = keys[&0].iter().next().unwrap().clone();
        assert_eq!(first.unit.0, "x01");
        for (k, seen) in &keys {
            assert_eq!(seen.iter().collect::<Vec<_>>(), [&first], "unit {k}, reach {reach}, speed {speed}");
        }
        let handed: Vec<_> =
            units[2].1.events().into_iter().filter(|e| matches!(e, Event::HandedOver { .. })).collect();
        assert_eq!(handed.len(), 1);
    }
}

impl Stage {
    fn clear_shares(&mut self) {
        self.out.retain(|o| !matches!(o, Output::Share(_)));
    }
}

#[test]
fn a_neighbour_lost_is_noticed_within_its_lease() {
    let mut stage = Stage::new(setup(&["roof"], false, ""));
    let x02 = || UnitId("x02".into());
    let share = || BorderTracks { unit: x02(), origin: [31.286, 121.503, 4.0], tracks: Vec::new() };
    stage.run(0, 500, &["roof"], one_car);
    stage.feed(ms(500), Input::Neighbour(share()));
    assert_eq!(stage.station.setup().config.corridor_link.lease_ms, 2000);
    stage.run(501, 2400, &["roof"], one_car);
    assert_eq!(stage.station.world().neighbours, [x02()]);
    stage.run(2400, 2700, &["roof"], one_car);
    assert!(stage.station.world().neighbours.is_empty());
    // With its liveliness token a silent neighbour is there until the token goes.
    stage.feed(ms(2700), Input::NeighbourAlive { unit: x02(), alive: true });
    stage.run(2701, 9000, &["roof"], one_car);
    assert_eq!(stage.station.world().neighbours, [x02()]);
    stage.feed(ms(9000), Input::NeighbourAlive { unit: x02(), alive: false });
    stage.run(9000, 9200, &["roof"], one_car);
    assert!(stage.station.world().neighbours.is_empty());
    let (up, lost) = (Event::NeighbourUp { unit: x02() }, Event::NeighbourLost { unit: x02() });
    let story: Vec<_> = stage.events().into_iter().filter(|e| *e == up || *e == lost).collect();
    assert_eq!(story, [up.clone(), lost.clone(), up, lost]);
    assert!(!stage.sent().is_empty(), "the unit goes on");
}
