//! The main job on real input: a camera video becomes tracked cars, and RSM bytes on UDP that an independent codec reads.
#![allow(clippy::unwrap_used)]

use std::net::UdpSocket;
use std::process::Command;
use std::time::Duration;
use std::{fs, thread};

use serde_json::Value;
use tests::{oracle, program, root, shared};

/// Runs the street example for a while, its radio aimed at `port`; gives its summary.
fn run(port: u16, recording: &std::path::Path) -> Value {
    let done = Command::new(program("rsu"))
        .current_dir(root())
        .args(["run", "-c", "examples/street/rsu.toml", "--for", "8s", "--port", "0", "--json", "--record"])
        .arg(recording)
        .args(["--set", &format!("radio=[{{id=\"lab\",kind=\"udp\",address=\"127.0.0.1:{port}\"}}]")])
        .args(["--set", "corridor_link.mode=off"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{:?}: {said}", done.status);
    let text = String::from_utf8(done.stdout).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn a_street_video_becomes_rsm_that_an_independent_codec_reads_to_the_same_values() {
    let Some(_) = shared() else {
        tests::skipped("no ../shared");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("street.mcap");
    let ear = UdpSocket::bind("127.0.0.1:0").unwrap();
    ear.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let port = ear.local_addr().unwrap().port();
    let unit = thread::spawn({
        let recording = recording.clone();
        move || run(port, &recording)
    });
    let mut heard = Vec::new();
    let mut datagram = [0; 4096];
    while !unit.is_finished() {
        if let Ok((size, _)) = ear.recv_from(&mut datagram) {
            heard.push(datagram[..size].to_vec());
        }
    }
    let summary = unit.join().unwrap();

    // Cars are tracked through the queue, and are told.
    assert!(summary["tracks"].as_u64().unwrap() >= 4, "{summary}");
    assert!(summary["participants"].as_u64().unwrap() >= 50, "{summary}");
    assert!(heard.len() >= 10, "{} messages on UDP", heard.len());
    let mut motor = 0;
    for bytes in &heard {
        let wire = oracle::agrees(bytes).expect("rasn reads the same");
        let participants = wire["value"]["participants"].as_array().expect("an RSM").clone();
        motor += participants.iter().filter(|p| p["ptcType"] == "motor").count();
    }
    assert!(motor >= 50, "{motor} motor vehicles in {} messages", heard.len());

    // The recording opens with the public reader and holds the very bytes.
    let file = fs::read(&recording).unwrap();
    let mut kept = 0;
    let mut topics = std::collections::BTreeSet::new();
    for message in mcap::MessageStream::new(&file).unwrap() {
        let message = message.unwrap();
        topics.insert(message.channel.topic.clone());
        kept += usize::from(heard.iter().any(|bytes| message.data.ends_with(bytes)));
    }
    assert!(topics.contains("/tracks") && topics.contains("/events"), "{topics:?}");
    assert!(kept >= heard.len() / 2, "{kept} of {} messages are in the recording; topics {topics:?}", heard.len());
}
