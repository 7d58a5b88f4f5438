//! Anything at all goes in: nothing breaks.

use super::*;

fn any_f64() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -200.0..200.0, Just(f64::NAN), Just(f64::INFINITY), Just(0.0)]
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![(0..5_000_i64).prop_map(ms), any::<i64>().prop_map(Timestamp::from_nanos)]
}

fn any_class() -> impl Strategy<Value = Class> {
    (0..Class::ALL.len()).prop_map(|i| Class::ALL[i])
}

fn any_track() -> impl Strategy<Value = perception::Track> {
    (any_time(), any_time(), proptest::collection::vec(any_f64(), 26), any_class(), any::<u64>()).prop_map(
        |(at, born, v, class, serial)| perception::Track {
            key: TrackKey { unit: UnitId("x02".into()), serial },
            class,
            class_belief: [v[0]; 7],
            at,
            last_seen: at,
            born,
            position: Vector3::new(v[1], v[2], v[3]),
            velocity: nalgebra::Vector2::new(v[4], v[5]),
            yaw: v[6],
            yaw_rate: v[7],
            covariance: nalgebra::Matrix4::from_iterator(v[8..24].iter().copied()),
            front_known: true,
            yaw_sigma: v[24],
            size: Size { length_m: v[25], width_m: v[24], height_m: v[1] },
            existence: v[0],
            confirmed: true,
            sensing: Vec::new(),
        },
    )
}

fn any_input() -> impl Strategy<Value = Input> {
    let sensor = || prop_oneof![Just("roof"), Just("mast"), Just("")].prop_map(|s| SensorId(s.into()));
    let detection = (any_class(), any::<f32>(), any_f64(), any_f64(), any_f64(), any_f64(), any::<bool>()).prop_map(
        |(class, score, x, y, z, yaw, image)| {
            let size = Size { length_m: x, width_m: y, height_m: z };
            let shape = if image {
                Shape::Image(perception::Box2d { x1: x, y1: y, x2: z, y2: yaw })
            } else {
                Shape::Space(Box3d { centre: Point3::new(x, y, z), size, yaw: Some(yaw) })
            };
            Detection { class, score, shape }
        },
    );
    let group = (any::<u8>(), any_time(), any_f64()).prop_map(|(id, until, s)| SignalGroup {
        id,
        light: Light::Red,
        until: Some(until),
        next: vec![(Light::ProtectedGreen, s), (Light::Yellow, 3.0)],
    });
    let origin = || prop_oneof![Just([31.284, 121.503, 4.0]), proptest::array::uniform3(any_f64())];
    prop_oneof![
        4 => (sensor(), any_time(), proptest::collection::vec(detection, 0..6))
            .prop_map(|(sensor, tov, list)| Input::Detections(Detections { sensor, tov, list, free: None })),
        1 => (sensor(), proptest::option::of(".{0,300}")).prop_map(|(sensor, fault)| Input::Sensor { sensor, fault }),
        1 => (any::<bool>(), any_f64()).prop_map(|(synchronised, offset_ms)| Input::Clock(ClockState { synchronised, offset_ms })),
        1 => (any_time(), proptest::collection::vec(group, 0..4)).prop_map(|(tov, groups)| Input::Signal(SignalState { tov, groups })),
        2 => proptest::collection::vec(any::<u8>(), 0..200).prop_map(Input::Received),
        2 => (origin(), proptest::collection::vec(any_track(), 0..4))
            .prop_map(|(origin, tracks)| Input::Neighbour(BorderTracks { unit: UnitId("x02".into()), origin, tracks })),
        1 => ("[a-z]{0,20}", any::<bool>()).prop_map(|(unit, alive)| Input::NeighbourAlive { unit: UnitId(unit), alive }),
        2 => Just(good_clock()),
        2 => Just(Input::Tick),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes in, at whatever time: no panic, the next tick lies ahead, and what is sent decodes.
    #[test]
    fn garbage_of_every_kind_never_stops_the_unit(inputs in proptest::collection::vec((any_time(), any_input()), 1..40)) {
        let mut station = Station::new(setup(&["roof", "mast"], true, PLAN), start());
        for (now, input) in inputs {
            station.handle(now, input);
            prop_assert!(station.next_due() > station.world().at || station.world().at.as_nanos() > i64::MAX - 1_000_000_000);
            while let Some(output) = station.poll() {
                if let Output::Send(frame) = output {
                    prop_assert!(v2x_msgs::decode(&frame.bytes, Profile::Csae53_2020).is_ok());
                }
            }
        }
    }
}
