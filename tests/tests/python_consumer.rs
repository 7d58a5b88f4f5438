//! A vehicle's eight lines of Python print participants from zenoh.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use tests::{Running, root};

#[test]
fn eight_lines_of_python_print_participants() {
    let python = root().join(".venv/bin/python");
    let ready = Command::new(&python).args(["-c", "import zenoh"]).stderr(Stdio::null()).status();
    if !ready.is_ok_and(|status| status.success()) {
        tests::skipped("no .venv with eclipse-zenoh (scripts/setup test makes it)");
        return;
    }
    let script = root().join("examples/consumer/participants.py");
    let lines = std::fs::read_to_string(&script).unwrap();
    assert!(lines.lines().filter(|line| !line.trim().is_empty()).count() <= 8, "eight lines are promised");

    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let endpoint = format!("tcp/127.0.0.1:{port}");
    let _unit = Running::start("rsu-sim", &["demo", "--port", "0", "--no-open", "--zenoh", &endpoint]);
    let mut consumer = Command::new(&python)
        .arg(&script)
        .arg(&endpoint)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(consumer.stdout.take().unwrap()).lines();
    let mut seen = Vec::new();
    while seen.len() < 20 {
        let Some(line) = told.next() else { break };
        seen.push(line.unwrap());
    }
    let _ = consumer.kill();
    let last_words = std::io::read_to_string(consumer.stderr.take().unwrap()).unwrap_or_default();
    let _ = consumer.wait();
    assert_eq!(seen.len(), 20, "it printed {seen:?} and said {last_words}");
    for line in seen {
        let words: Vec<_> = line.split_whitespace().collect();
        let [_, kind, lat, lon, _] = words[..] else { panic!("five words: {line}") };
        assert!(["motor", "non_motor", "pedestrian", "unknown", "rsu"].contains(&kind), "{line}");
        let (lat, lon): (f64, f64) = (lat.parse().unwrap(), lon.parse().unwrap());
        assert!((lat - 31.284).abs() < 0.01 && (lon - 121.503).abs() < 0.01, "near the crossing: {line}");
    }
}
