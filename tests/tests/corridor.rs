//! Three units of a corridor, joined by real zenoh sessions: a vehicle keeps its key from one to the next, and the
//! operator's screen shows who is there.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use tests::{Running, program};

#[test]
fn a_vehicle_keeps_its_key_along_three_units_and_the_screen_shows_the_neighbours() {
    let corridor =
        Running::start_units("rsu-sim", &["demo", "--units", "3", "--port", "0", "--no-open", "--for", "90s"], 3);
    let page_of = |id: &str| {
        let is_it = |page: &&String| corridor.get_from(page, "/api/status")["unit"] == id;
        corridor.pages.iter().find(is_it).unwrap().clone()
    };
    let (second, third) = (page_of("c02"), page_of("c03"));

    // A vehicle that the first unit named is known to the third under that name. Cars need about 15 s from one end to the
    // other; the demo ends by itself, and then the request below fails.
    let adopted = |page: &str, from: &str| {
        let world = corridor.get_from(page, "/api/world");
        world["tracks"].as_array().unwrap().iter().any(|track| track["key"]["unit"] == from)
    };
    while !adopted(&third, "c01") {
        std::thread::park_timeout(std::time::Duration::from_millis(200));
    }

    let at = second.trim_start_matches("http://");
    let mut screen = Command::new(program("rsu"))
        .args(["status", "--watch", "--color", "never", "--at", at])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(screen.stdout.take().unwrap()).lines().map_while(Result::ok);
    let corridor_lines: Vec<String> = lines.filter(|line| line.starts_with("corridor")).take(2).collect();
    let _ = screen.kill();
    let _ = screen.wait();
    assert_eq!(corridor_lines.len(), 2, "it shows the screen again every second");
    for line in corridor_lines {
        assert!(line.contains("c01") && line.contains("c03"), "{line}");
    }
}
