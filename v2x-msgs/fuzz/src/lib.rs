//! What must hold for any bytes, one function a target. The fuzzer calls them with its inputs, `tests/corpus.rs` with the
//! seeds and with changes of them, on any toolchain.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::Value;
use v2x_msgs::net::{carried, dsmp, forward, spdu, wsmp};
use v2x_msgs::wire_json::WireJsonError;
use v2x_msgs::{DecodeError, EncodeError, Profile, decode, encode, json as si_json, wire_json};

/// A name, and what takes any octets.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name.
pub const TARGETS: [Target; 7] = [
    ("csae53", csae53),
    ("ydt3709", ydt3709),
    ("csae157", csae157),
    ("j2735", j2735),
    ("json", json),
    ("net", net),
    ("capture", capture),
];

/// Bytes as a message of T/CSAE 53-2020.
pub fn csae53(bytes: &[u8]) {
    message(bytes, Profile::Csae53_2020);
}

/// Bytes as a message of YD/T 3709-2020.
pub fn ydt3709(bytes: &[u8]) {
    message(bytes, Profile::Ydt3709_2020);
}

/// Bytes as a message of T/CSAE 157-2020.
pub fn csae157(bytes: &[u8]) {
    message(bytes, Profile::Csae157_2020);
}

/// Bytes as a message of SAE J2735.
pub fn j2735(bytes: &[u8]) {
    message(bytes, Profile::J2735_2024);
}

/// Refused, or understood so well that it can be made again: the same fields come back.
pub fn message(bytes: &[u8], profile: Profile) {
    let read = wire_json::decode(bytes, profile);
    if read.as_ref().is_err_and(|error| matches!(error, DecodeError::Ambiguous { .. })) {
        // Bits that two editions read with different meanings are refused along the shapes; the generated types know one
        // edition each.
        return;
    }
    let fields = read.ok();
    let written = fields.as_ref().map(|fields| wire_json::encode(fields, profile));
    if let Some(Err(WireJsonError::Encode(EncodeError::Ambiguous { .. }))) = written {
        // Without what a newer edition added, a MAP can read as one of another edition as well: such a one is not made.
        return;
    }
    let written = fields.as_ref().zip(written).map(|(fields, written)| {
        let written = written.expect("what was read can be written");
        assert_eq!(wire_json::decode(&written, profile).as_ref(), Ok(fields));
        assert!(wire_json::spans(bytes, profile).is_ok());
        written
    });
    generated(bytes, profile, written.as_deref());
    if let Ok(message) = decode(bytes, profile) {
        let written = match encode(&message, profile) {
            // As above: the values of the model are fewer than those of the wire.
            Err(EncodeError::Ambiguous { .. }) => return,
            written => written.expect("what was understood can be said"),
        };
        assert_eq!(decode(&written, profile).as_ref(), Ok(&message));
        let told = si_json::to_json(&message).expect("what was understood can be told");
        assert_eq!(si_json::from_json(&told).as_ref(), Ok(&message));
    }
}

/// The generated types have a runtime of their own: both must understand the same and write the same.
#[cfg(feature = "probe")]
fn generated(bytes: &[u8], profile: Profile, written: Option<&[u8]>) {
    let again = v2x_msgs::probe::again(bytes, profile).map(|again| again.expect("what was read can be written"));
    // The generated types keep the octets of open types; along the shapes they are gone into, so that they may be refused,
    // and lose what they do not know.
    let with_open_types = matches!(profile, Profile::Csae157_2020 | Profile::J2735_2024);
    match (written, again) {
        (Some(written), Ok(again)) if with_open_types => {
            assert_eq!(wire_json::decode(&again, profile), wire_json::decode(written, profile));
        }
        (Some(written), Ok(again)) => assert_eq!(again, written),
        (Some(_), Err(error)) => panic!("refused by the generated types alone: {error}"),
        (None, Ok(again)) => {
            assert!(with_open_types, "refused along the shapes alone");
            let once_more = v2x_msgs::probe::again(&again, profile).expect("what was written can be read");
            assert_eq!(once_more.as_ref(), Ok(&again));
        }
        (None, Err(_)) => {}
    }
}

#[cfg(not(feature = "probe"))]
fn generated(_: &[u8], _: Profile, _: Option<&[u8]>) {}

/// Text as JSON of either form: refused, or made into bytes that are a message.
pub fn json(bytes: &[u8]) {
    let Some((first, text)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let profile = Profile::ALL[usize::from(*first) % Profile::ALL.len()];
    if let Ok(value) = serde_json::from_str::<Value>(text)
        && let Ok(written) = wire_json::encode(&value, profile)
    {
        let fields = wire_json::decode(&written, profile).expect("what was written can be read");
        assert_eq!(wire_json::encode(&fields, profile).as_ref(), Ok(&written));
    }
    if let Ok(message) = si_json::from_text(text)
        && let Ok(written) = encode(&message, profile)
    {
        let heard = decode(&written, profile).expect("what was said can be understood");
        assert!(matches!(encode(&heard, profile), Ok(_) | Err(EncodeError::Ambiguous { .. })));
    }
}

/// Bytes as frames of the layers below.
pub fn net(bytes: &[u8]) {
    if let Ok(dsm) = dsmp::Dsm::decode(bytes, dsmp::MOST_DATA) {
        let written = dsm.encode(dsmp::MOST_DATA).expect("what was read can be written");
        assert_eq!(dsmp::Dsm::decode(&written, dsmp::MOST_DATA).as_ref(), Ok(&dsm));
    }
    if let Ok(wsm) = wsmp::Wsm::decode(bytes, wsmp::MOST_DATA) {
        let written = wsm.encode(wsmp::MOST_DATA).expect("what was read can be written");
        assert_eq!(wsmp::Wsm::decode(&written, wsmp::MOST_DATA).as_ref(), Ok(&wsm));
    }
    if let Ok(block) = forward::Block::parse(bytes) {
        assert_eq!(forward::Block::parse(block.text().as_bytes()).as_ref(), Ok(&block));
    }
    let _ = spdu::open(bytes).map(|opened| opened.payload.len());
    for carried in carried::of_datagram(bytes).into_iter().chain(carried::behind_unknown(bytes)) {
        let _ = (carried.network(), carried.application(), carried.payload.len());
    }
}

/// Bytes as a packet capture.
#[cfg(feature = "capture")]
pub fn capture(bytes: &[u8]) {
    use v2x_msgs::net::{capture::Capture, link};
    let Ok(frames) = Capture::open(bytes) else { return };
    for frame in frames.map_while(Result::ok) {
        if let Ok(found) = link::found(&frame) {
            std::hint::black_box(&found);
        }
    }
}

/// Without packet captures there is nothing to read.
#[cfg(not(feature = "capture"))]
pub fn capture(_: &[u8]) {}
