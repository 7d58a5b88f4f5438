//! Every fault scenario holds, and every fault bites.
#![allow(clippy::unwrap_used)]

use sim::run::{Done, Options, Run};
use sim::scenario::{Loaded, find};
use sim::verdict::{self, Verdict};

fn load(name: &str) -> Loaded {
    Loaded::read(&find::find(name).expect("a shipped scenario")).expect("a good scenario")
}

fn run(loaded: &Loaded, seed: u64) -> (Done, Vec<Verdict>) {
    let options = Options { seed: Some(seed), threads: 1 };
    let done = Run::new(loaded, &options, None).expect("a stage").finish().expect("a run");
    let verdicts = verdict::judge(loaded, &done);
    (done, verdicts)
}

fn faults() -> Vec<String> {
    let names = find::list().into_iter().filter_map(|p| Some(p.file_stem()?.to_str()?.to_owned()));
    names.filter(|n| n.starts_with("fault_")).collect()
}

#[test]
fn every_fault_scenario_holds() {
    let names = faults();
    assert!(names.len() >= 19, "{names:?}");
    for name in &names {
        let loaded = load(name);
        for seed in [7, 1, 2] {
            for v in run(&loaded, seed).1 {
                assert!(v.pass, "{name} seed {seed}: {}: {}", v.that, v.measured);
            }
        }
    }
}

#[test]
fn every_kind_of_fault_has_a_scenario() {
    let kinds: std::collections::BTreeSet<_> = faults()
        .iter()
        .flat_map(|name| load(name).scenario.fault.into_iter().map(|f| f.into_inner().kind.name()).collect::<Vec<_>>())
        .collect();
    for kind in [
        "clock-lost",
        "clock-step",
        "clock-drift",
        "sensor-frozen",
        "ghost-objects",
        "calibration-missing",
        "unit-killed",
        "link-cut",
        "loss",
        "burst",
        "delay",
        "duplicate",
        "reorder",
        "spoofed",
        "replayed",
        "signal-stuck",
        "signal-conflict",
    ] {
        assert!(kinds.contains(kind), "no scenario has {kind}");
    }
}

#[test]
fn without_its_fault_a_scenario_says_something_else() {
    // A fault that changes nothing would make its scenario hold for nothing: a unit says something else, vehicles hear
    // something else, or messages were hurt. BSM of strangers change no word by design; that they are heard is seen below.
    for name in faults() {
        let mut loaded = load(&name);
        let heard = |done: &Done| done.obus.iter().map(|o| (o.understood, o.refused)).collect::<Vec<_>>();
        let with = run(&loaded, 7).0;
        loaded.scenario.fault.clear();
        let without = run(&loaded, 7).0;
        let bites = with.hash != without.hash || heard(&with) != heard(&without) || with.hurt > 100;
        assert!(bites || name == "fault_spoofed_bsm", "{name} changes nothing");
        assert_eq!(without.hurt, 0);
    }
}

#[test]
fn lies_are_heard_and_refused() {
    for name in ["fault_spoofed_rsm", "fault_replayed"] {
        let done = run(&load(name), 7).0;
        assert!(done.obus.iter().any(|o| o.refused > 50), "{name}: nobody heard the stranger");
    }
}

#[test]
fn a_silent_signal_lie_is_seen_by_the_judge() {
    // The controller is stuck, the unit is told the plan: its SPAT is wrong, and the judge must see it.
    let mut loaded = load("fault_signal_stuck");
    loaded.scenario.fault.clear();
    let text = std::fs::read_to_string(find::find("fault_signal_stuck").unwrap()).unwrap();
    assert!(run(&loaded, 7).1.iter().all(|v| v.pass), "without a fault SPAT is true");
    let conflict = text.replace("kind  = \"signal-stuck\"", "kind  = \"signal-conflict\"\ngroups = [1, 3]");
    let wrong = Loaded::parse(&find::find("fault_signal_stuck").unwrap(), &conflict).unwrap();
    assert!(!run(&wrong, 7).1[0].pass, "what the unit says is not what the heads show");
}
