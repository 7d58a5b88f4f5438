//! The seeds of the fuzz targets, and changes of them, through the same checks: what was found once stays found.
//! `UPDATE_SEEDS=1 cargo test -p v2x-msgs --test corpus` writes the seeds that come from our own messages anew; a find of
//! the fuzzer is a file beside them.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use v2x_msgs::net::{aid::Aid, dsmp::Dsm, wsmp::Wsm};
use v2x_msgs::{Profile, hex, wire_json};

#[path = "../fuzz/src/lib.rs"]
mod targets;

/// Random messages among the seeds, of every profile.
const SAMPLES: u64 = 12;
/// Changed copies of every seed that are tried.
const CHANGES: u64 = 40;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .map(|file| (file.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&file).unwrap()))
        .collect();
    files.sort();
    files
}

/// Random numbers from a seed (SplitMix64, Steele et al. 2014).
fn drawing(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Seeds of our own messages, by target and name.
fn seeds() -> BTreeMap<(String, String), Vec<u8>> {
    let mut seeds = BTreeMap::new();
    for (number, (target, profile)) in
        ["csae53", "ydt3709", "csae157", "j2735"].into_iter().zip(Profile::ALL).enumerate()
    {
        for seed in 0..SAMPLES {
            let fields = wire_json::sample(profile, &mut drawing(seed));
            let bytes = wire_json::encode(&fields, profile).unwrap();
            seeds.insert((target.to_owned(), format!("sample_{seed}")), bytes);
            if seed < 3 {
                let text = [vec![number as u8], fields.to_string().into_bytes()].concat();
                seeds.insert(("json".to_owned(), format!("{target}_{seed}")), text);
            }
        }
    }
    for (name, text) in files(&root().join("golden/csae")) {
        if let Some(name) = name.strip_suffix(".hex") {
            let bytes = hex::from_hex(std::str::from_utf8(&text).unwrap().trim()).unwrap();
            let dsm = Dsm::new(Aid::new(3623).unwrap(), &bytes).encode(1400).unwrap();
            let wsm = Wsm::new(Aid::new(32).unwrap(), &bytes).encode(1400).unwrap();
            seeds.insert(("net".to_owned(), format!("dsmp_{name}")), dsm);
            seeds.insert(("net".to_owned(), format!("wsmp_{name}")), wsm);
            seeds.insert(("csae53".to_owned(), name.to_owned()), bytes);
        } else if let Some(name) = name.strip_suffix(".json") {
            seeds.insert(("json".to_owned(), name.to_owned()), [&[0], text.as_slice()].concat());
        }
    }
    for (folder, target, number) in [("csae157", "csae157", 2_u8), ("sae", "j2735", 3)] {
        for (name, text) in files(&root().join("golden").join(folder)) {
            if let Some(name) = name.strip_suffix(".hex") {
                let bytes = hex::from_hex(std::str::from_utf8(&text).unwrap().trim()).unwrap();
                seeds.insert((target.to_owned(), name.to_owned()), bytes);
            } else if let Some(name) = name.strip_suffix(".json") {
                let text = [&[number], text.as_slice()].concat();
                seeds.insert(("json".to_owned(), format!("{target}_{name}")), text);
            }
        }
    }
    let frame = &seeds[&("net".to_owned(), "dsmp_rsm_crossing".to_owned())];
    seeds.insert(("capture".to_owned(), "pcap".to_owned()), captured(frame));
    seeds
}

/// A capture of one frame on Ethernet, with the EtherType of DSMP, in the classic format.
fn captured(frame: &[u8]) -> Vec<u8> {
    let mut octets = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
    let length = (frame.len() as u32 + 14).to_le_bytes();
    octets.extend([[0; 4], [0; 4], length, length].concat());
    octets.extend([0xff; 6].iter().chain(&[2, 0, 0, 0, 0, 1]).chain(&[0x88, 0xdc]));
    octets.extend(frame);
    octets
}

#[test]
fn every_seed_is_refused_or_understood_and_so_are_changes_of_it() {
    if std::env::var_os("UPDATE_SEEDS").is_some() {
        for ((target, name), bytes) in seeds() {
            let file = root().join("fuzz/seeds").join(target).join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &bytes).unwrap();
        }
    }
    for (name, target) in targets::TARGETS {
        let seeds = files(&root().join("fuzz/seeds").join(name));
        assert!(!seeds.is_empty(), "{name}");
        let mut draw = drawing(seeds.len() as u64);
        for (file, bytes) in seeds {
            println!("{name}/{file}");
            target(&bytes);
            for _ in 0..CHANGES {
                target(&changed(bytes.clone(), &mut draw));
            }
        }
    }
}

/// Some bits flipped, or octets put in, or the end cut off.
fn changed(mut bytes: Vec<u8>, draw: &mut impl FnMut() -> u64) -> Vec<u8> {
    for _ in 0..=draw() % 3 {
        let at = draw() as usize % bytes.len().max(1);
        match (draw() % 4, bytes.get_mut(at)) {
            (0 | 1, Some(octet)) => *octet ^= 1 << (draw() % 8),
            (2, _) => bytes.insert(at, draw() as u8),
            _ => bytes.truncate(at),
        }
    }
    bytes
}
