//! Properties that hold for every message and for any bytes.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;
use v2x_msgs::model::Message;
use v2x_msgs::wire_json::WireType;
use v2x_msgs::{Profile, decode, encode, json, split, wire_json};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 1024,
        rng_seed: RngSeed::Fixed(53_2020),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
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

fn sampled(seed: u64, profile: Profile) -> Value {
    wire_json::sample(profile, &mut drawing(seed))
}

fn any_profile() -> impl Strategy<Value = Profile> {
    prop::sample::select(&Profile::ALL[..])
}

/// A message of the model, from a random message of the wire; none when that has points that are no places.
fn modelled(seed: u64, profile: Profile) -> Option<Message> {
    decode(&wire_json::encode(&sampled(seed, profile), profile).unwrap(), profile).ok()
}

/// What must hold for any bytes: refused, or understood so well that they can be made again.
fn refused_or_understood(bytes: &[u8], profile: Profile) {
    if let Ok(value) = wire_json::decode(bytes, profile) {
        let again = wire_json::encode(&value, profile).unwrap();
        assert_eq!(wire_json::decode(&again, profile).unwrap(), value);
        assert!(wire_json::spans(bytes, profile).is_ok());
    }
    if let Ok(message) = decode(bytes, profile) {
        let again = encode(&message, profile).unwrap();
        assert_eq!(decode(&again, profile).unwrap(), message);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn fields_come_back_from_their_bytes(seed: u64, profile in any_profile()) {
        let value = sampled(seed, profile);
        let bytes = wire_json::encode(&value, profile).unwrap();
        prop_assert_eq!(wire_json::decode(&bytes, profile).unwrap(), value);
    }

    #[test]
    fn a_value_of_any_type_comes_back_from_its_bytes(
        seed: u64,
        profile in any_profile(),
        which in any::<prop::sample::Index>(),
    ) {
        let names: Vec<&str> = WireType::names(profile).collect();
        let name = names[which.index(names.len())];
        let of = WireType::named(name, profile).unwrap();
        let value = of.sample(&mut drawing(seed));
        let bytes = of.encode(&value).unwrap();
        prop_assert_eq!(of.decode(&bytes).unwrap(), value, "{} of {}", name, profile);
    }

    #[test]
    fn messages_come_back_from_their_bytes_and_from_their_json(seed: u64, profile in any_profile()) {
        let Some(message) = modelled(seed, profile) else { return Ok(()) };
        let bytes = encode(&message, profile).unwrap();
        prop_assert_eq!(&decode(&bytes, profile).unwrap(), &message);
        let text = json::to_json(&message).unwrap().to_string();
        prop_assert_eq!(&json::from_text(&text).unwrap(), &message);
    }

    #[test]
    fn flipped_bits_and_cut_or_grown_messages_are_refused_or_understood(
        seed: u64,
        profile in any_profile(),
        flips in proptest::collection::vec(any::<prop::sample::Index>(), 1..6),
        length in any::<prop::sample::Index>(),
        how in 0..3,
    ) {
        let mut bytes = wire_json::encode(&sampled(seed, profile), profile).unwrap();
        match how {
            0 => flips.iter().for_each(|at| { let bit = at.index(bytes.len() * 8); bytes[bit / 8] ^= 0x80 >> (bit % 8); }),
            1 => bytes.truncate(length.index(bytes.len())),
            _ => flips.iter().for_each(|at| { let i = at.index(bytes.len()); bytes.insert(i, length.index(256) as u8); }),
        }
        refused_or_understood(&bytes, profile);
    }

    #[test]
    fn any_bytes_are_refused_or_understood(bytes in proptest::collection::vec(any::<u8>(), 0..300), profile in any_profile()) {
        refused_or_understood(&bytes, profile);
    }

    #[test]
    fn parts_of_a_long_list_carry_everybody(count in 0_u16..400, msg_cnt in 0_u8..128) {
        let participants: Vec<_> = (1..=count)
            .map(|ptc_id| v2x_msgs::model::Participant { ptc_id, ..Default::default() })
            .collect();
        let parts = split::rsm(v2x_msgs::model::Rsm { msg_cnt, participants, ..Default::default() });
        let mut ids = Vec::new();
        for part in parts {
            let bytes = encode(&Message::Rsm(part), Profile::Csae53_2020).unwrap();
            let Message::Rsm(heard) = decode(&bytes, Profile::Csae53_2020).unwrap() else { panic!("an RSM") };
            ids.extend(heard.participants.iter().map(|p| p.ptc_id));
        }
        prop_assert_eq!(ids, (1..=count).collect::<Vec<_>>());
    }
}

/// All five kinds come up, and most of them go through the model: the properties above are about something.
#[test]
fn the_samples_are_of_every_kind() {
    let mut kinds = std::collections::BTreeMap::<String, (u32, u32)>::new();
    for seed in 0..400 {
        let kind = kinds.entry(sampled(seed, Profile::Csae53_2020)["choice"].as_str().unwrap().to_owned()).or_default();
        kind.0 += 1;
        kind.1 += u32::from(modelled(seed, Profile::Csae53_2020).is_some());
    }
    assert_eq!(kinds.len(), 5, "{kinds:?}");
    assert!(kinds.values().all(|(drawn, modelled)| modelled * 10 >= *drawn), "{kinds:?}");
    assert!(kinds["bsmFrame"].1 * 2 >= kinds["bsmFrame"].0, "{kinds:?}");
}

/// The messages that SAE alone has, each of them, as Day II below.
#[test]
fn american_messages_come_back_from_their_bytes_and_from_their_json() {
    let profile = Profile::J2735_2024;
    let known = [
        (21, "CommonSafetyRequest", 512),
        (22, "EmergencyVehicleAlert", 512),
        (23, "IntersectionCollision", 256),
        (28, "RTCMcorrections", 512),
        (29, "SignalRequestMessage", 512),
        (30, "SignalStatusMessage", 512),
        (33, "RoadSafetyMessage", 128),
    ];
    for (number, name, least) in known {
        let content = WireType::named(name, profile).unwrap();
        let mut modelled = 0;
        for seed in 0..512 {
            let value = serde_json::json!({ "choice": name, "value": content.sample(&mut drawing(seed)) });
            let frame = serde_json::json!({ "messageId": number, "value": value });
            let bytes = wire_json::encode(&frame, profile).unwrap();
            let Ok(message) = decode(&bytes, profile) else { continue };
            modelled += 1;
            assert_eq!(decode(&encode(&message, profile).unwrap(), profile).unwrap(), message, "{name}, seed {seed}");
            let text = json::to_json(&message).unwrap().to_string();
            assert_eq!(json::from_text(&text).unwrap(), message, "{name}, seed {seed}");
            assert!(encode(&message, Profile::Csae53_2020).unwrap_err().to_string().contains("csae53-2020"));
        }
        assert!(modelled >= least, "{name}: {modelled} of 512");
    }
}

/// Day II by the messages that the model knows: every one comes back, and enough of them get through to say so.
#[test]
fn day_2_messages_come_back_from_their_bytes_and_from_their_json() {
    let profile = Profile::Csae157_2020;
    let known = [
        // The least that must get through: a random point seldom is a place, and some have many points.
        (10, "RTCMcorrections", 1024),
        (11, "RoadsideCoordination", 256),
        (12, "SensorSharingMsg", 128),
        (13, "VehIntentionAndRequest", 128),
        (14, "PAMData", 128),
        (15, "PersonalSafetyMessage", 256),
        (16, "CLPMM", 1024),
    ];
    for (number, name, least) in known {
        let content = WireType::named(name, profile).unwrap();
        let mut modelled = 0;
        for seed in 0..1024 {
            let ext = serde_json::json!({ "choice": name, "value": content.sample(&mut drawing(seed)) });
            let frame = serde_json::json!({ "messageId": number, "value": ext });
            let value = serde_json::json!({ "choice": "msgFrameExt", "value": frame });
            let bytes = wire_json::encode(&value, profile).unwrap();
            let Ok(message) = decode(&bytes, profile) else { continue };
            modelled += 1;
            assert_eq!(decode(&encode(&message, profile).unwrap(), profile).unwrap(), message, "{name}, seed {seed}");
            let text = json::to_json(&message).unwrap().to_string();
            assert_eq!(json::from_text(&text).unwrap(), message, "{name}, seed {seed}");
            assert!(encode(&message, Profile::Csae53_2020).unwrap_err().to_string().contains("csae53-2020"));
        }
        assert!(modelled >= least, "{name}: {modelled} of 1024");
    }
}
