//! Traffic that the engine makes, and controllers that it plays.

use std::collections::{BTreeMap, BTreeSet};

use sim::openscenario::{Engine, EventKind, Options};

use super::{Played, own, play, read, rows};

fn seeded(name: &str, seed: u64) -> Played {
    let scenario = read(&own(name));
    let mut engine = Engine::new(&scenario, Options { seed, ..Options::default() });
    let mut text = sim::openscenario::csv::TRAJECTORY.to_owned() + &sim::openscenario::csv::rows(&engine);
    while engine.step() {
        text += &sim::openscenario::csv::rows(&engine);
    }
    Played { rows: rows(&text), engine, text }
}

/// Who is there at each step, of those whose name begins like this.
fn there<'a>(played: &'a Played, prefix: &str) -> BTreeMap<u32, Vec<&'a str>> {
    let mut all: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for (t, who) in played.rows.keys().filter(|(_, who)| who.starts_with(prefix)) {
        all.entry(*t).or_default().push(who);
    }
    all
}

fn collisions(played: &Played) -> Vec<String> {
    let all = played.engine.events().iter().filter(|e| e.kind == EventKind::Collision);
    all.map(|e| format!("{} {} {}", e.t, e.element, e.detail)).collect()
}

#[test]
fn a_source_holds_its_rate_until_it_is_stopped_and_a_sink_takes_everybody() {
    let mut made = Vec::new();
    for seed in 1..=3 {
        let played = seeded("source.xosc", seed);
        let all = there(&played, "in_");
        let who: BTreeSet<_> = all.values().flatten().collect();
        made.push(who.len());
        assert!(
            played.rows.iter().all(|((_, who), row)| !who.starts_with("in_") || row.x < 791.0),
            "one passed the sink"
        );
        assert!(collisions(&played).is_empty(), "{:?}", collisions(&played));
        let born = |who: &str| played.rows.keys().filter(|(_, w)| w == who).map(|(t, _)| *t).min().unwrap();
        assert!(who.iter().all(|w| born(w) < 400_200), "made after the stop");
        assert!(all.keys().all(|t| *t < 480_000), "600 m at 15 m/s take 52 s: all are gone");
        assert!(who.iter().any(|w| played.at(f64::from(born(w)) / 1000.0, w).speed > 14.0));
        let trucks = played.engine.actors().iter().filter(|a| a.entity.object.category == "truck").count();
        assert!((who.len() / 8..who.len() / 2).contains(&trucks), "{trucks} trucks of {}", who.len());
    }
    // 400 s at 0.25/s are 100 each; three standard deviations of 300 are 52.
    let sum: usize = made.iter().sum();
    assert!((248..=352).contains(&sum), "{made:?}");
}

#[test]
fn a_swarm_keeps_its_number_inside_its_ring_and_repeats_with_its_seed() {
    let (a, b, other) = (seeded("swarm.xosc", 1), seeded("swarm.xosc", 1), seeded("swarm.xosc", 2));
    assert_eq!(a.text, b.text);
    assert_ne!(a.text, other.text);
    for played in [&a, &other] {
        let all = there(played, "bees_");
        assert!(all.values().all(|who| who.len() <= 12));
        let mean = all.values().map(Vec::len).sum::<usize>() as f64
            / played.rows.keys().map(|k| k.0).collect::<BTreeSet<_>>().len() as f64;
        assert!(mean > 11.0, "{mean} on average");
        for ((t, who), row) in played.rows.iter().filter(|((_, who), _)| who.starts_with("bees_")) {
            let hub = played.at(f64::from(*t) / 1000.0, "hub");
            let (dx, dy) = ((row.x - hub.x - 20.0) / 250.0, (row.y - hub.y) / 100.0);
            assert!(dx * dx + dy * dy <= 1.02, "{who} at {t} is outside: {row:?}");
        }
        let ways = |west: bool| {
            played.rows.iter().filter(|((_, w), r)| w.starts_with("bees_") && (r.heading > 1.0) == west).count()
        };
        assert!(ways(true) > 500 && ways(false) > 500);
        let yard: BTreeSet<_> = there(played, "yard_").into_values().flatten().collect();
        assert_eq!(yard.len(), 3, "an area that is not continuous is filled once");
        // The hub heeds nobody: only it may be run into.
        let made = collisions(played).into_iter().filter(|c| !c.contains("hub")).collect::<Vec<_>>();
        assert!(made.is_empty(), "{made:?}");
    }
}

#[test]
fn controllers_that_are_played_react_and_others_are_told() {
    let scenario = read(&own("controllers.xosc"));
    let notes: Vec<_> = scenario.deviations.iter().map(ToString::to_string).collect();
    assert!(notes.len() == 1 && notes[0].contains("Hmi"), "{notes:?}");
    let played = play(&scenario);
    // Behind 10 m/s the law is at rest with a gap of 3 m + 1.5 s * 10 m/s = 18 m between bodies of 5 m.
    played.speed(24.0, "cruiser", 10.0, 0.2);
    let gap = played.at(24.0, "lead").x - played.at(24.0, "cruiser").x - 5.0;
    assert!((gap - 18.0).abs() < 1.5, "{gap}");
    played.speed(34.0, "cruiser", 0.0, 0.2);
    let gap = played.at(34.0, "lead").x - played.at(34.0, "cruiser").x - 5.0;
    assert!(gap > 1.0 && gap < 5.0, "{gap}");
    // Switched off it does what it is told, and does not look.
    played.speed(37.5, "cruiser", 5.0, 1e-2);
    // The careful one brakes for the one that cuts in, and no harder than 0.85 g.
    let careful: Vec<_> =
        played.rows.iter().filter(|((_, who), _)| who == "careful").map(|(_, row)| row.speed).collect();
    assert!(careful.windows(2).all(|w| w[0] - w[1] <= 0.85 * 9.80665 * 0.05 + 1e-3));
    assert!(careful.iter().any(|v| *v < 9.0), "it did not brake");
    let hit = collisions(&played)
        .into_iter()
        .filter(|c| c.contains("careful") || c.contains("begin") && !c.contains("lead|cruiser"))
        .collect::<Vec<_>>();
    assert!(hit.is_empty(), "{hit:?}");
}

#[test]
fn traffic_that_cannot_be_is_refused() {
    let text = std::fs::read_to_string(own("source.xosc")).unwrap();
    for (from, to, said) in [
        ("rate=\"0.25\"", "rate=\"-1\"", "negative"),
        (
            "weight=\"3\"/><VehicleCategoryDistributionEntry category=\"truck\" weight=\"1\"",
            "weight=\"0\"",
            "all weights are 0",
        ),
        ("category=\"truck\"", "category=\"spaceship\"", "not known"),
        (
            "<TrafficAction trafficName=\"in\"><TrafficStop",
            "<TrafficAction trafficName=\"inn\"><TrafficStop",
            "no traffic action is called",
        ),
        ("<TrafficAction trafficName=\"in\"><TrafficStop", "<TrafficAction><TrafficStop", "stops nothing"),
    ] {
        assert!(text.contains(from), "{from}");
        let root = sim::openscenario::xml::parse(&text.replacen(from, to, 1), "broken.xosc").unwrap();
        let folder = own("source.xosc").parent().unwrap().to_owned();
        let refused = sim::openscenario::Scenario::of(&root, "broken", folder, &BTreeMap::new()).err();
        let refused = refused.unwrap_or_else(|| panic!("{to} was taken"));
        assert!(refused.iter().any(|c| c.to_string().contains(said) && c.line > 0), "{said}: {refused:?}");
    }
}
