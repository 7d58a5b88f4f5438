//! Tests of the world as a whole.

use rsu::world::Light;

use super::*;
use crate::road::tests::four_arm;
use crate::scenario::Loaded;

/// The plan of the four-arm crossing as in `maps/README.md`: group, green from, green for, yellow for.
const PLAN: [(u8, f64, f64, f64); 8] = [
    (1, 0.0, 28.0, 3.0),
    (2, 33.0, 10.0, 3.0),
    (3, 48.0, 25.0, 3.0),
    (4, 78.0, 7.0, 3.0),
    (5, 48.0, 12.0, 0.0),
    (6, 0.0, 14.0, 0.0),
    (7, 48.0, 12.0, 0.0),
    (8, 0.0, 14.0, 0.0),
];

pub(crate) fn lights(now: Timestamp) -> Lights {
    let t = now.as_secs_f64().rem_euclid(90.0);
    let light = |&(id, from, green, yellow): &(u8, f64, f64, f64)| {
        let at = |s: f64| Some(now.offset_secs(s - t));
        let shown = if (from..from + green).contains(&t) {
            (Light::ProtectedGreen, at(from + green))
        } else if (from + green..from + green + yellow).contains(&t) {
            (Light::Yellow, at(from + green + yellow))
        } else {
            (Light::Red, None)
        };
        (id, shown)
    };
    PLAN.iter().map(light).collect()
}

pub(crate) fn busy(more: &str) -> scenario::Scenario {
    let mut text = "title = \"busy\"\nfor_s = 60\n".to_owned();
    text += "[[unit]]\nconfig = \"x\"\n[[expect]]\nthat = \"x\"\nno_collision = {}\n";
    for arm in ["north", "east", "south", "west"] {
        text += &format!("[[flow]]\nlink = \"{arm}-in\"\nper_hour = 900\n");
        text += &format!("[[flow]]\nlink = \"{arm}-in\"\nper_hour = 100\nmix = {{ bicycle = 1.0 }}\n");
        text += &format!("[[flow]]\ncrosswalk = \"{arm}-walk\"\nper_hour = 240\n");
    }
    Loaded::parse(std::path::Path::new("busy.toml"), &(text + more)).unwrap().scenario
}

#[test]
fn busy_traffic_flows_and_nobody_runs_into_anybody() {
    for seed in 1..=3 {
        let mut world = World::new(&busy(""), four_arm(), seed, Timestamp::from_millis(0)).unwrap();
        let mut left = 0;
        let mut most = 0;
        for _ in 0..(300 * 20) {
            let before = world.actors().len();
            let lights = lights(world.now());
            world.step(0.05, &lights);
            left += before.saturating_sub(world.actors().len());
            most = most.max(world.actors().len());
        }
        assert!(world.collisions().is_empty(), "seed {seed}: {:#?}", world.collisions());
        assert!(left > 100, "seed {seed}: only {left} came through, {most} on the road");
        assert!(most > 40, "seed {seed}: {most}");
    }
}

#[test]
fn nobody_passes_a_red_light() {
    let mut world = World::new(&busy(""), four_arm(), 5, Timestamp::from_millis(0)).unwrap();
    for _ in 0..(180 * 20) {
        let lights = lights(world.now());
        let fronts: Vec<_> = world.actors.iter().filter_map(driver).map(|d| d.front_m).collect();
        let ids: Vec<_> = world.actors.iter().filter(|a| driver(a).is_some()).map(|a| a.id).collect();
        world.step(0.05, &lights);
        for (id, front) in ids.into_iter().zip(fronts) {
            let Some(driver) = world.actors.iter().find(|a| a.id == id).and_then(driver) else { continue };
            let Some(stop) = driver.route.stops.first() else { continue };
            if front < stop.at_m && driver.front_m >= stop.at_m {
                let group = world.road.ways[stop.way].group.unwrap();
                assert_ne!(lights[&group].0, Light::Red, "actor {id} at {}", world.now());
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_world() {
    let run = |seed| {
        let mut world = World::new(&busy(""), four_arm(), seed, Timestamp::from_millis(0)).unwrap();
        for _ in 0..1200 {
            let lights = lights(world.now());
            world.step(0.05, &lights);
        }
        world.bodies
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}

#[test]
fn a_driver_stops_behind_a_parked_van_and_a_script_goes_its_way() {
    let more = "[[actor]]\nid = \"van\"\nkind = \"van\"\npath = [[-5.25, 80]]\nheading_deg = 180\n\
                [[actor]]\nid = \"car\"\nkind = \"car\"\nlane = \"north-in/2\"\n\
                [[actor]]\nid = \"child\"\nkind = \"child\"\npath = [[20, 20], [20, 30]]\nstart_s = 2\nspeed_mps = 2\n";
    let mut scenario = busy(more);
    scenario.flow.clear();
    let mut world = World::new(&scenario, four_arm(), 1, Timestamp::from_millis(0)).unwrap();
    for _ in 0..(30 * 20) {
        let lights = lights(world.now());
        world.step(0.05, &lights);
    }
    let car = world.actor("car").unwrap().body();
    assert!(car.velocity.norm() < 0.2 && (84.0..90.0).contains(&car.position.y), "{car:?}");
    assert!((world.actor("child").unwrap().body().position.y - 30.0).abs() < 1e-9);
    assert!(world.collisions().is_empty());
}

#[test]
fn a_trailer_cuts_the_corner_behind_its_tractor_and_leaves_with_it() {
    let more = "[[actor]]\nid = \"truck\"\nkind = \"truck\"\ntrailer = {}\nlane = \"south-in/2\"\nturn = \"right\"\nspeed_mps = 8\n";
    let mut scenario = busy(more);
    scenario.flow.clear();
    let mut world = World::new(&scenario, four_arm(), 1, Timestamp::from_millis(0)).unwrap();
    let path = world.actor("truck").unwrap().way().unwrap().0.clone();
    let mut inside: f64 = 0.0;
    let mut steps = 0;
    while let Some(truck) = world.actor("truck").map(Actor::body) {
        let trailer = world.actor("truck+").expect("a trailer").body();
        // Kingpin 4.3 m behind the tractor's middle, 5.2 m before the trailer's.
        let apart = (truck.place() - trailer.place()).norm();
        assert!((4.5..10.0).contains(&apart) && !truck.touches(&trailer), "{apart}");
        inside = inside.min(path.beside_all(trailer.place()).left_m);
        let lights = lights(world.now());
        world.step(0.05, &lights);
        steps += 1;
        assert!(steps < 4000);
    }
    assert!(inside < -0.8, "the middle of the trailer runs to the right of the path: {inside}");
    assert!(world.actor("truck+").is_none() && world.collisions().is_empty());
}

#[test]
fn who_hears_a_siren_draws_aside_and_comes_back() {
    let more = "[[actor]]\nid = \"car\"\nkind = \"car\"\nlane = \"south-in/2\"\nstart_m = 70\nspeed_mps = 3\n\
                [[actor]]\nid = \"fire\"\nkind = \"truck\"\nlane = \"south-in/1\"\nsiren = true\nspeed_mps = 14\n";
    let mut scenario = busy(more);
    scenario.flow.clear();
    let mut world = World::new(&scenario, four_arm(), 1, Timestamp::from_millis(0)).unwrap();
    let (mut farthest, mut last) = (0.0_f64, 0.0);
    for _ in 0..(25 * 20) {
        let lights = lights(world.now());
        world.step(0.05, &lights);
        if let Some(car) = world.actor("car").map(Actor::body) {
            // The lane's middle is 5.25 m east.
            last = car.position.x - 5.25;
            farthest = farthest.max(last);
        }
    }
    assert!((1.2..1.5).contains(&farthest), "half a lane less half a car, and half a metre: {farthest}");
    assert!(last.abs() < 0.1 && world.collisions().is_empty(), "{last}");
}
